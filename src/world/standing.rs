//! Where a node stands, in the terms of the metrics: all that observers integrate, in one word.

use std::fmt;

use crate::fleet::Provision;
use crate::fleet::provision::STATES;

/// The number of provision states.
pub const PROVISIONS: usize = STATES.len();

/// Where a node stands. One word of 32 bits, which is compared, kept and digested as it is: the flags in the
/// lowest byte, Ironic's provision state in the next, the node's class above.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Standing(u32);

const FLAG_BITS: u32 = 7;

impl Standing {
    /// At least one hold.
    pub const HELD: u32 = 1;
    /// Broken, noticed or not.
    pub const BROKEN: u32 = 1 << 1;
    /// A tenant's instance is on it.
    pub const TENANT: u32 = 1 << 2;
    /// An operators' image is on it.
    pub const ERRAND: u32 = 1 << 3;
    /// The view offers it to automatic requests right now: free, unreserved, and no mark keeps
    /// ordinary requests off.
    pub const OFFERED: u32 = 1 << 4;
    /// Flag, marks or another hide keep ordinary requests off it, as the view has it, whether or
    /// not it is free.
    pub const HIDDEN: u32 = 1 << 5;
    /// Retired: it serves nobody once more.
    pub const RETIRED: u32 = 1 << 6;

    /// How many standings there are, but for the class.
    pub const PLACES: usize = PROVISIONS << FLAG_BITS;

    /// A node of this class in this state, with no flags.
    #[must_use]
    #[inline]
    pub const fn new(provision: Provision, class: u16) -> Standing {
        Standing((provision as u32) << 8 | (class as u32) << 16)
    }

    /// The same with these flags.
    #[must_use]
    #[inline]
    pub const fn with(self, flags: u32) -> Standing {
        Standing(self.0 | flags)
    }

    /// The same with these flags where `so` holds.
    #[must_use]
    #[inline]
    pub fn when(self, so: bool, flags: u32) -> Standing {
        Standing(self.0 | if so { flags } else { 0 })
    }

    /// Whether one of these flags is set.
    #[must_use]
    #[inline]
    pub const fn is(self, flags: u32) -> bool {
        self.0 & flags != 0
    }

    /// Ironic's provision state.
    #[must_use]
    #[inline]
    pub fn provision(self) -> Provision {
        STATES[self.state()]
    }

    /// The same as a number.
    #[must_use]
    #[inline]
    pub fn state(self) -> usize {
        (self.0 >> 8 & 0xff) as usize
    }

    /// The node's class, for figures per class.
    #[must_use]
    #[inline]
    pub fn class(self) -> u16 {
        (self.0 >> 16) as u16
    }

    /// Its index among all standings but for the class, below `PLACES`.
    #[must_use]
    #[inline]
    pub fn index(self) -> usize {
        (self.0 & ((1 << FLAG_BITS) - 1)) as usize | self.state() << FLAG_BITS
    }

    /// The standing at a place, of class 0.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn at(index: usize) -> Standing {
        assert!(index < Standing::PLACES, "a standing has the index {index}");
        Standing::new(STATES[index >> FLAG_BITS], 0).with(index as u32 & ((1 << FLAG_BITS) - 1))
    }

    /// Whether the node is part of the fleet.
    #[must_use]
    #[inline]
    pub fn installed(self) -> bool {
        self.0 & 0xff00 != (Provision::Enroll as u32) << 8
    }

    /// Whether ordinary requests could use the node, now or when its tenant leaves.
    #[must_use]
    pub fn schedulable(self) -> bool {
        self.installed()
            && !self.is(Standing::HIDDEN | Standing::RETIRED)
            && !matches!(
                self.provision(),
                Provision::CleanFailed | Provision::Manageable | Provision::Error
            )
    }

    /// Healthy, nothing to be done, free, and not offered for a reason that is nobody's any more.
    #[must_use]
    pub fn stranded(self) -> bool {
        let busy = Standing::HELD | Standing::BROKEN | Standing::TENANT | Standing::ERRAND | Standing::RETIRED;
        self.installed() && self.is(Standing::HIDDEN) && !self.is(busy)
    }

    /// Broken or in maintenance, and offered.
    #[must_use]
    pub fn exposed(self) -> bool {
        self.is(Standing::OFFERED) && self.is(Standing::HELD | Standing::BROKEN)
    }

    /// The standing as one word.
    #[must_use]
    #[inline]
    pub fn word(self) -> u32 {
        self.0
    }
}

impl fmt::Debug for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of class {}", self.provision().name(), self.class())?;
        let flags = ["held", "broken", "tenant", "errand", "offered", "hidden", "retired"];
        let set = flags.iter().enumerate().filter(|(bit, _)| self.is(1 << bit));
        set.map(|(_, name)| name).try_for_each(|name| write!(f, ", {name}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_standing_has_a_place_and_is_found_there() {
        for index in 0..Standing::PLACES {
            assert_eq!(Standing::at(index).index(), index);
        }
        let standing = Standing::new(Provision::Error, 9).with(Standing::HELD | Standing::HIDDEN);
        assert_eq!((standing.provision(), standing.class()), (Provision::Error, 9));
        assert_eq!(
            Standing::at(standing.index()),
            Standing::new(Provision::Error, 0).with(Standing::HELD | Standing::HIDDEN)
        );
        assert_eq!(format!("{standing:?}"), "error of class 9, held, hidden");
        assert_eq!(standing.word(), 0x0009_0c21);
    }
}
