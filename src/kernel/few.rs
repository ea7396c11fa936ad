//! A list that is short nearly always: its first items lie in place, and only a longer one asks
//! for memory.

use std::ops::Deref;

/// A list of items of which up to `N` lie in place.
#[derive(Clone, Debug)]
pub struct Few<T, const N: usize> {
    /// How many lie in place; none of them counts once the list has moved out.
    held: usize,
    near: [T; N],
    /// The whole list, once it is longer than `N`.
    far: Vec<T>,
}

impl<T: Copy + Default, const N: usize> Default for Few<T, N> {
    #[inline]
    fn default() -> Self {
        Few {
            held: 0,
            near: [T::default(); N],
            far: Vec::new(),
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
        if self.far.is_empty() && self.held < N {
            self.near[self.held] = item;
            self.held += 1;
            return;
        }
        if self.far.is_empty() {
            self.far.extend_from_slice(&self.near[..self.held]);
            self.held = 0;
        }
        self.far.push(item);
    }

    /// Takes the first item, if there is one; the others move up.
    #[inline]
    pub fn take_first(&mut self) -> Option<T> {
        let first = self.first().copied()?;
        if self.far.is_empty() {
            self.near.copy_within(1..self.held, 0);
            self.held -= 1;
        } else {
            self.far.remove(0);
        }
        Some(first)
    }

    /// Takes out the item at `at`; the last one takes its place.
    ///
    /// # Panics
    /// When there is none.
    #[inline]
    pub fn swap_remove(&mut self, at: usize) {
        if self.far.is_empty() {
            assert!(at < self.held, "an item stands at {at}");
            self.near[at] = self.near[self.held - 1];
            self.held -= 1;
        } else {
            self.far.swap_remove(at);
        }
    }

    /// Keeps the items for which `keep` holds, in their order.
    pub fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        if !self.far.is_empty() {
            self.far.retain(keep);
            return;
        }
        let mut kept = 0;
        for at in 0..self.held {
            if keep(&self.near[at]) {
                self.near[kept] = self.near[at];
                kept += 1;
            }
        }
        self.held = kept;
    }

    /// The items, to change them.
    #[inline]
    pub fn as_mut_slice(&mut self) -> &mut [T] {
        if self.far.is_empty() {
            &mut self.near[..self.held]
        } else {
            &mut self.far
        }
    }
}

impl<T, const N: usize> Deref for Few<T, N> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        if self.far.is_empty() {
            &self.near[..self.held]
        } else {
            &self.far
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
        fn agrees_with_a_vector(steps in prop::collection::vec((0u8..6, any::<u32>()), 0..40)) {
            let (mut few, mut shadow) = (Few::<u32, 3>::new(), Vec::new());
            for (step, item) in steps {
                match step {
                    0..=2 => {
                        few.push(item);
                        shadow.push(item);
                    }
                    3 => {
                        let first = if shadow.is_empty() { None } else { Some(shadow.remove(0)) };
                        prop_assert_eq!(few.take_first(), first);
                    }
                    4 if !shadow.is_empty() => {
                        few.swap_remove(item as usize % shadow.len());
                        shadow.swap_remove(item as usize % shadow.len());
                    }
                    _ => {
                        few.retain(|kept| kept % 3 != item % 3);
                        shadow.retain(|kept| kept % 3 != item % 3);
                    }
                }
                few.as_mut_slice().iter_mut().for_each(|one| *one ^= item);
                shadow.iter_mut().for_each(|one| *one ^= item);
                prop_assert_eq!(&*few, &shadow[..]);
                prop_assert_eq!(&few, &shadow.iter().copied().collect::<Few<u32, 3>>());
            }
        }
    }
}
