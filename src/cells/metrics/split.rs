//! Something that is kept of the whole and of each part of some dimensions.

use crate::cells::columns::Dimension;

/// The part that a figure is of, by dimension and number; none: of the whole.
pub type SplitPart = Option<(Dimension, u16)>;

/// A `T` of the whole and one of each part.
#[derive(Debug)]
pub struct Split<T> {
    /// Of the whole.
    pub all: T,
    /// Of the parts, by dimension and number; empty for dimensions that are not kept.
    by: [Vec<T>; Dimension::ALL.len()],
}

impl<T: Default> Split<T> {
    /// With so many parts of these dimensions.
    pub fn new(parts: &[(Dimension, usize)]) -> Split<T> {
        let mut by: [Vec<T>; Dimension::ALL.len()] = Default::default();
        for &(dimension, n) in parts {
            by[dimension as usize].resize_with(n, T::default);
        }
        Split { all: T::default(), by }
    }

    /// Books what concerns the whole and these parts.
    #[inline(always)]
    pub fn book(&mut self, parts: &[(Dimension, u16)], book: impl Fn(&mut T)) {
        book(&mut self.all);
        for &(dimension, number) in parts {
            if let Some(it) = self.by[dimension as usize].get_mut(usize::from(number)) {
                book(it);
            }
        }
    }

    /// What is kept of a part; none where its dimension is not kept.
    pub fn of(&self, part: SplitPart) -> Option<&T> {
        match part {
            None => Some(&self.all),
            Some((dimension, number)) => self.by[dimension as usize].get(usize::from(number)),
        }
    }
}
