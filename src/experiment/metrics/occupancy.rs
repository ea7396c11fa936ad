//! Tenants' sojourns on nodes, booked from claims and releases, as the other side of Little's law.

use crate::fleet::NodeId;
use crate::kernel::Time;

#[derive(Debug)]
pub struct Occupancy {
    warm_up: Time,
    /// Per node: since when its instance is on it, never where there is none.
    since: Vec<Time>,
    /// The sum of the sojourns, clipped to the measured time.
    sojourns_ms: u64,
}

impl Occupancy {
    pub fn new(nodes: usize, warm_up: Time) -> Occupancy {
        Occupancy {
            warm_up,
            since: vec![Time::NEVER; nodes],
            sojourns_ms: 0,
        }
    }

    pub fn claimed(&mut self, at: Time, node: NodeId) {
        self.since[node.at()] = at.max(self.warm_up);
    }

    /// The instance left; nothing is booked where none is known (the audit catches that).
    pub fn left(&mut self, at: Time, node: NodeId) {
        self.sojourns_ms += (at - self.since[node.at()]).0;
        self.since[node.at()] = Time::NEVER;
    }

    pub fn end(&mut self, at: Time) {
        for node in 0..self.since.len() {
            self.left(at, NodeId(node as u32));
        }
    }

    /// |L - λW| / L, given the integral of occupied nodes: L is that integral and λW the sum of
    /// the sojourns, both over the measured time.
    pub fn gap(&self, occupied_ms: u64) -> Option<f64> {
        let off = occupied_ms.abs_diff(self.sojourns_ms);
        Some(off as f64 / occupied_ms.max(1) as f64)
    }
}
