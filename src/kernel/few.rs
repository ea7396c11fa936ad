//! A list that is short nearly always: its first items lie in place, and only a longer one asks
//! for memory.

use std::ops::Deref;

/// A list of items of which up to `N` lie in place.
#[derive(Clone, Debug)]
pub struct Few<T, const N: usize> {
    /// How many lie in place; none of them counts once the list has moved out.
    held: u32,
    near: [T; N],
    /// The whole list, once it has been longer than `N`.
    #[expect(
        clippy::box_collection,
        reason = "nearly always none, and then one word to move and to drop"
    )]
    far: Option<Box<Vec<T>>>,
}

impl<T: Copy + Default, const N: usize> Default for Few<T, N> {
    #[inline]
    fn default() -> Self {
        Few {
            held: 0,
            near: [T::default(); N],
            far: None,
        }
    }
}

impl<T: Copy + Default, const N: usize> Few<T, N> {
    /// An empty list.
    #[must_use]
    #[inline]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an item at the end.
    #[inline]
    pub fn push(&mut self, item: T) {
        if self.far.is_none() && (self.held as usize) < N {
            self.near[self.held as usize] = item;
            self.held += 1;
        } else {
            self.push_far(item);
        }
    }

    #[cold]
    fn push_far(&mut self, item: T) {
        let near = &self.near[..self.held as usize];
        self.far.get_or_insert_with(|| Box::new(near.to_vec())).push(item);
    }

    /// Takes out the item at `at`; the last one takes its place.
    ///
    /// # Panics
    /// When there is none.
    #[inline]
    pub fn swap_remove(&mut self, at: usize) {
        if let Some(far) = &mut self.far {
            far.swap_remove(at);
        } else {
            assert!(at < self.held as usize, "an item stands at {at}");
            self.near[at] = self.near[self.held as usize - 1];
            self.held -= 1;
        }
    }

    /// The items, to change them.
    #[inline]
    pub fn as_mut_slice(&mut self) -> &mut [T] {
        match &mut self.far {
            None => &mut self.near[..self.held as usize],
            Some(far) => far,
        }
    }
}

impl<T, const N: usize> Deref for Few<T, N> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        match &self.far {
            None => &self.near[..self.held as usize],
            Some(far) => far,
        }
    }
}

impl<T: PartialEq, const N: usize> PartialEq for Few<T, N> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Eq, const N: usize> Eq for Few<T, N> {}

impl<T: Copy + Default, const N: usize> FromIterator<T> for Few<T, N> {
    #[inline]
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut few = Few::new();
        items.into_iter().for_each(|item| few.push(item));
        few
    }
}

impl<'a, T, const N: usize> IntoIterator for &'a Few<T, N> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn agrees_with_a_vector(steps in prop::collection::vec((0u8..5, any::<u32>()), 0..40)) {
            let (mut few, mut shadow) = (Few::<u32, 3>::new(), Vec::new());
            for (step, item) in steps {
                match step {
                    0..=2 => {
                        few.push(item);
                        shadow.push(item);
                    }
                    _ if !shadow.is_empty() => {
                        few.swap_remove(item as usize % shadow.len());
                        shadow.swap_remove(item as usize % shadow.len());
                    }
                    _ => {}
                }
                few.as_mut_slice().iter_mut().for_each(|one| *one ^= item);
                shadow.iter_mut().for_each(|one| *one ^= item);
                prop_assert_eq!(&*few, &shadow[..]);
                prop_assert_eq!(&few, &shadow.iter().copied().collect::<Few<u32, 3>>());
            }
        }
    }
}
