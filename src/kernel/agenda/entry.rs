//! An event as the agenda keeps it.

use crate::kernel::time::Time;

/// An event that knows its rank among simultaneous ones, and fits into nine bytes.
pub trait Ranked: Copy {
    /// The rank of this event among those of the same instant: the lower goes first, and equal ranks
    /// go in the order in which they were scheduled.
    fn rank(&self) -> u8;

    /// The event as the agenda keeps it.
    fn pack(&self) -> Packed;

    /// The event that was packed like this.
    fn unpack(packed: Packed) -> Self;
}

/// An event in nine bytes; all that tells it from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packed {
    /// Which kind of event.
    pub kind: u8,
    /// What it says.
    pub word: u64,
}

/// An event with its key.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub time: u64,
    /// Rank, sequence number and kind.
    pub order: u64,
    pub word: u64,
}

impl Entry {
    #[inline]
    pub fn key(&self) -> u128 {
        u128::from(self.time) << 64 | u128::from(self.order)
    }

    #[inline]
    pub fn event(&self) -> (Time, Packed) {
        let kind = self.order as u8;
        (Time(self.time), Packed { kind, word: self.word })
    }
}

/// No event: later than all.
pub(super) const NONE: Entry = Entry {
    time: u64::MAX,
    order: u64::MAX,
    word: 0,
};
