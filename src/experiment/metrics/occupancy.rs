//! Tenants' sojourns on nodes, booked from claims and releases, as the other side of Little's law.

use crate::fleet::NodeId;
use crate::kernel::Time;

#[derive(Debug)]
pub struct Occupancy {
    warm_up: Time,
    /// Per node: the request whose instance is on it, and since when (the warm-up at the earliest).
    holders: Vec<Option<(u32, Time)>>,
    /// The sum of the sojourns, clipped to the measured time.
    sojourns_ms: u64,
    /// Instances that were there at the end.
    open: u64,
}

impl Occupancy {
    pub fn new(nodes: usize, warm_up: Time) -> Occupancy {
        Occupancy {
            warm_up,
            holders: vec![None; nodes],
            sojourns_ms: 0,
            open: 0,
        }
    }

    /// A claim on a node that has a holder is about to be lost: it takes nothing.
    pub fn claimed(&mut self, at: Time, node: NodeId, request: u32) {
        let holder = &mut self.holders[node.at()];
        *holder = holder.or(Some((request, at.max(self.warm_up))));
    }

    /// The request's instance left the node, or its claim was lost at once. Nothing is booked
    /// where it was not the holder.
    pub fn left(&mut self, at: Time, node: NodeId, request: u32) {
        if let Some((_, since)) = self.holders[node.at()].take_if(|(holder, _)| *holder == request) {
            self.sojourns_ms += (at - since).0;
        }
    }

    pub fn end(&mut self, at: Time) {
        for (_, since) in self.holders.iter_mut().filter_map(Option::take) {
            self.sojourns_ms += (at - since).0;
            self.open += 1;
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
