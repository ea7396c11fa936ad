//! Tenants' sojourns on nodes, booked from claims and their ends, as the other side of Little's law.

use super::sums::Stretches;
use crate::kernel::Time;

/// Every claim has one end (a law of the audit's), so that nothing need be kept of a node or a request.
#[derive(Debug)]
pub struct Occupancy {
    warm_up: Time,
    /// The sojourns, clipped to the measured time.
    sojourns: Stretches,
    end: Time,
}

impl Occupancy {
    pub fn new(warm_up: Time) -> Occupancy {
        Occupancy {
            warm_up,
            sojourns: Stretches::default(),
            end: warm_up,
        }
    }

    /// A claim takes a node.
    #[inline(always)]
    pub fn claimed(&mut self, at: Time) {
        self.sojourns.begin(at.max(self.warm_up));
    }

    /// A claim has ended: its instance left the node, or it was lost at once.
    #[inline(always)]
    pub fn left(&mut self, at: Time) {
        self.sojourns.end(at.max(self.warm_up));
    }

    pub fn end(&mut self, at: Time) {
        self.end = at.max(self.warm_up);
    }

    /// Instances that had not ended at the end.
    pub fn open(&self) -> u64 {
        self.sojourns.open
    }

    /// |L - λW| / L, given the integral of occupied nodes: L is that integral and λW the sum of
    /// the sojourns, both over the measured time.
    pub fn gap(&self, occupied_ms: u64) -> Option<f64> {
        let off = occupied_ms.abs_diff(self.sojourns.up_to(self.end));
        Some(off as f64 / occupied_ms.max(1) as f64)
    }
}
