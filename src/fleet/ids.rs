//! The numbers of those who are on nodes. What they are is known above; who is on which node is known here.

use std::fmt;

/// A request, by its place in the order in which requests begin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct RequestId(pub u32);

/// A window of maintenance, by its place in the order in which windows opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct WindowId(pub u32);

impl RequestId {
    /// The number as an index.
    #[must_use]
    #[inline]
    pub fn at(self) -> usize {
        self.0 as usize
    }
}

impl WindowId {
    /// The number as an index.
    #[must_use]
    #[inline]
    pub fn at(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for WindowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
