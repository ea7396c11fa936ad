//! Ironic's power sync and its recovery check, as they set and clear the flag.

use super::Observer;
use super::state::World;
use crate::fleet::ironic::PowerSync;
use crate::fleet::{Fault, NodeId, Power};

impl<O: Observer> World<'_, O> {
    /// A tick of the power sync. Nodes in maintenance are left out of it; it begins anew when their
    /// flag is cleared.
    pub fn power_synced(&mut self, node: NodeId) {
        let Some(mut sync) = self.upkeep.desks[node].sync.take() else {
            return;
        };
        if self.plane.node(node).flag() {
            return;
        }
        if self.plane.powerless(node) && self.plane.waits_for_agent(node) {
            self.upkeep.desks[node].sync = Some(sync);
            self.upkeep.next_sync(&mut self.plane, node);
            return;
        }
        if !self.plane.powerless(node) {
            self.plane.node_mut(node).power = Power::On;
            self.upkeep.settle(&mut self.plane, node);
            self.node_came_free(node);
            return;
        }
        let at_once = self.plane.inputs.settings.ironic.power_detection.is_some();
        if !sync.fails() && !at_once {
            self.upkeep.desks[node].sync = Some(sync);
            self.upkeep.next_sync(&mut self.plane, node);
            return;
        }
        let it = self.plane.node_mut(node);
        it.raise_flag(PowerSync::gives_up(it.flag()));
        it.power = Power::Unknown;
        if let Some(place) = self.upkeep.desks[node].fault {
            self.fault_noticed(place);
        }
        self.upkeep.settle(&mut self.plane, node);
    }

    /// The recovery check looks at the node: it clears the flag that a power failure has set, and
    /// no other.
    pub fn power_recovers(&mut self, node: NodeId) {
        let it = self.plane.node(node);
        if !PowerSync::recovery_clears(it.flag(), it.fault()) {
            return;
        }
        if self.plane.powerless(node) {
            // It has failed again, under a flag that keeps the sync away: the operators see that it stays.
            if let Some(place) = self.upkeep.desks[node].fault {
                self.fault_noticed(place);
            }
            return;
        }
        self.plane.node_mut(node).power = Power::On;
        self.clear_flag(node, Some(Fault::PowerFailure));
        self.bared_by_ironic(node);
    }
}
