//! Tenants' sojourns on nodes, booked from claims and releases, as the other side of Little's law.

use crate::fleet::NodeId;
use crate::kernel::Time;

/// No request: there are fewer than this.
const NOBODY: u32 = u32::MAX;

#[derive(Debug)]
pub struct Occupancy {
    warm_up: Time,
    /// Per node: the request whose instance is on it, or `NOBODY`, and since when (the warm-up at the earliest).
    holders: Vec<(u32, Time)>,
    /// The sum of the sojourns, clipped to the measured time.
    sojourns_ms: u64,
    /// Instances that were there at the end.
    open: u64,
}

impl Occupancy {
    pub fn new(nodes: usize, warm_up: Time) -> Occupancy {
        Occupancy {
            warm_up,
            holders: vec![(NOBODY, Time::ZERO); nodes],
            sojourns_ms: 0,
            open: 0,
        }
    }

    /// A claim on a node that has a holder is about to be lost: it takes nothing.
    #[inline(always)]
    pub fn claimed(&mut self, at: Time, node: NodeId, request: u32) {
        let holder = &mut self.holders[node.at()];
        if holder.0 == NOBODY {
            *holder = (request, at.max(self.warm_up));
        }
    }

    /// The request's instance left the node, or its claim was lost at once. Nothing is booked
    /// where it was not the holder.
    #[inline(always)]
    pub fn left(&mut self, at: Time, node: NodeId, request: u32) {
        let (holder, since) = &mut self.holders[node.at()];
        if *holder == request {
            *holder = NOBODY;
            self.sojourns_ms += (at - *since).0;
        }
    }

    pub fn end(&mut self, at: Time) {
        for (holder, since) in &mut self.holders {
            if std::mem::replace(holder, NOBODY) != NOBODY {
                self.sojourns_ms += (at - *since).0;
                self.open += 1;
            }
        }
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
