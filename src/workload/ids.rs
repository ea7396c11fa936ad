//! The numbers of what is to be done on nodes.

use std::fmt;

/// A job of maintenance on a node, by its place on the tape; the jobs of failed cleans, which are made during the run,
/// follow those of the tape.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct JobId(pub u32);

/// An errand of a window, by its place among the errands of the window's job.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct ErrandId(pub u16);

impl JobId {
    /// The number as an index.
    #[must_use]
    #[inline]
    pub fn at(self) -> usize {
        self.0 as usize
    }
}

impl ErrandId {
    /// The number as an index.
    #[must_use]
    #[inline]
    pub fn at(self) -> usize {
        usize::from(self.0)
    }

    /// The window's next errand.
    #[must_use]
    #[inline]
    pub fn next(self) -> ErrandId {
        ErrandId(self.0 + 1)
    }
}

impl fmt::Display for ErrandId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
