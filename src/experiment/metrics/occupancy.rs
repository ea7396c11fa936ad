//! Tenants' sojourns on nodes, booked from claims and releases, as the other side of Little's law.

use crate::fleet::NodeId;
use crate::kernel::Time;

/// No request: there are fewer than this.
const NOBODY: u32 = u32::MAX;

#[derive(Debug)]
pub struct Occupancy {
    warm_up: Time,
    /// Per node: the request whose instance is on it.
    holders: Vec<u32>,
    /// The sum of the sojourns, clipped to the measured time: of the instants at which they ended, less
    /// those at which they began. It wraps while some are under way.
    sojourns_ms: u64,
    /// Instances under way, or that were at the end.
    open: u64,
}

impl Occupancy {
    pub fn new(nodes: usize, warm_up: Time) -> Occupancy {
        Occupancy {
            warm_up,
            holders: vec![NOBODY; nodes],
            sojourns_ms: 0,
            open: 0,
        }
    }

    /// A claim on a node that has a holder is about to be lost: it takes nothing.
    #[inline(always)]
    pub fn claimed(&mut self, at: Time, node: NodeId, request: u32) {
        let holder = &mut self.holders[node.at()];
        if *holder == NOBODY {
            *holder = request;
            self.open += 1;
            self.sojourns_ms = self.sojourns_ms.wrapping_sub(at.max(self.warm_up).0);
        }
    }

    /// The request's instance left the node, or its claim was lost at once. Nothing is booked
    /// where it was not the holder.
    #[inline(always)]
    pub fn left(&mut self, at: Time, node: NodeId, request: u32) {
        let holder = &mut self.holders[node.at()];
        if *holder == request {
            *holder = NOBODY;
            self.open -= 1;
            self.sojourns_ms = self.sojourns_ms.wrapping_add(at.max(self.warm_up).0);
        }
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
