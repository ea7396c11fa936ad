//! Ironic's power sync and the check for nodes whose power is back: when they look at a node.

use super::Upkeep;
use crate::fleet::NodeId;
use crate::fleet::ironic::PowerSync;
use crate::world::plane::Plane;
use crate::world::{Event, Observer};

impl Upkeep<'_> {
    /// The power sync has something to find: its next tick is put onto the agenda. While it finds
    /// nothing new it costs no events.
    pub fn sync_power<O: Observer>(&mut self, plane: &mut Plane<'_, O>, node: NodeId) {
        if self.desks[node].sync.is_some() {
            return;
        }
        self.desks[node].sync = Some(PowerSync::new());
        match plane.inputs.settings.ironic.power_detection {
            Some(span) if plane.powerless(node) => plane.after(span, Event::PowerSync(node)),
            _ => self.next_sync(plane, node),
        }
    }

    pub fn next_sync<O: Observer>(&self, plane: &mut Plane<'_, O>, node: NodeId) {
        let phase = plane.phase(node, PowerSync::INTERVAL);
        let next = PowerSync::next_tick(plane.now, phase, PowerSync::INTERVAL);
        plane.at(next, Event::PowerSync(node));
    }

    /// The hardware is mended: the next recovery check will see it.
    pub fn await_recovery<O: Observer>(&self, plane: &mut Plane<'_, O>, node: NodeId) {
        let period = plane.inputs.settings.ironic.power_recovery;
        let at = PowerSync::next_tick(plane.now, plane.phase(node, period), period);
        plane.at(at, Event::PowerRecovery(node));
    }
}
