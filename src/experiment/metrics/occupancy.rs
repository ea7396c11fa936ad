//! Tenants' sojourns on nodes, booked from claims and their ends, as the other side of Little's law.

use crate::kernel::Time;

/// Every claim has one end (a law of the audit's), so that nothing need be kept of a node or a request.
#[derive(Debug)]
pub struct Occupancy {
    warm_up: Time,
    /// The sum of the sojourns, clipped to the measured time: of the instants at which they ended, less
    /// those at which they began. It wraps while some are under way.
    sojourns_ms: u64,
    /// Instances under way, or that were at the end.
    open: u64,
}

impl Occupancy {
    pub fn new(warm_up: Time) -> Occupancy {
        Occupancy {
            warm_up,
            sojourns_ms: 0,
            open: 0,
        }
    }

    /// A claim takes a node.
    #[inline(always)]
    pub fn claimed(&mut self, at: Time) {
        self.open = self.open.wrapping_add(1);
        self.sojourns_ms = self.sojourns_ms.wrapping_sub(at.max(self.warm_up).0);
    }

    /// A claim has ended: its instance left the node, or it was lost at once.
    #[inline(always)]
    pub fn left(&mut self, at: Time) {
        self.open = self.open.wrapping_sub(1);
        self.sojourns_ms = self.sojourns_ms.wrapping_add(at.max(self.warm_up).0);
    }

    pub fn end(&mut self, at: Time) {
        let under_way = self.open.wrapping_mul(at.max(self.warm_up).0);
        self.sojourns_ms = self.sojourns_ms.wrapping_add(under_way);
    }

    /// Instances that had not ended at the end.
    pub fn open(&self) -> u64 {
        self.open
    }

    /// |L - λW| / L, given the integral of occupied nodes: L is that integral and λW the sum of
    /// the sojourns, both over the measured time.
    pub fn gap(&self, occupied_ms: u64) -> Option<f64> {
        let off = occupied_ms.abs_diff(self.sojourns_ms);
        Some(off as f64 / occupied_ms.max(1) as f64)
    }
}
