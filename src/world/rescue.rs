//! Case A: a tenant rescues its own broken instance by Ironic's rescue interface. The node stays
//! the tenant's. Rescue and unrescue are refused under Ironic's maintenance flag
//! (ironic 39.0 conductor/manager.py:701, 811). Nova has agreed by then: the instance is in ERROR until its tenant reboots it.

use super::desk::RescueStage;
use super::event::Event;
use super::fact::{Fact, Observer};
use super::state::World;
use crate::fleet::ironic::Operation;
use crate::fleet::{NodeId, Party, Provision};
use crate::kernel::Agenda;
use crate::workload::draw::luck;
use crate::workload::tape::span_by;

impl<O: Observer> World<'_, O> {
    /// An instance became active: its rescue, if the tape has one, is put onto the agenda.
    #[inline]
    pub fn schedule_rescue(&mut self, request: u32, node: NodeId, agenda: &mut Agenda<Event>) {
        if let Some(need) = self.sight.requests.rescue(request) {
            let epoch = self.sight.fleet.node(node).epoch;
            agenda.push(self.now + need.after, Event::Rescue { node, epoch });
        }
    }

    /// The next move of a rescue.
    pub fn rescue_moves(&mut self, node: NodeId, epoch: u32, agenda: &mut Agenda<Event>) {
        let it = self.sight.fleet.node(node);
        let Some(Party::Tenant(request)) = it.party() else {
            return;
        };
        if it.epoch != epoch {
            return;
        }
        let Some(need) = self.sight.requests.rescue(request) else {
            return;
        };
        let boot = span_by(
            &self.inputs.settings.ironic.rescue,
            self.request(request).luck,
            luck::RESCUE_LENGTH << 8,
        );
        let again = Event::Rescue { node, epoch };
        match self.desks[node.at()].rescue {
            RescueStage::Ahead if self.verb(node, Operation::Rescue).is_err() => {
                self.tell(Fact::RescueRefused { request, node });
                self.tell(Fact::RescueErrored { request, node });
            }
            RescueStage::Ahead => {
                self.tell(Fact::RescueBegan { request, node });
                self.move_rescue(node, RescueStage::Booting, Provision::Rescuing);
                agenda.push(self.now + boot, again);
            }
            RescueStage::Booting if self.waits_for_the_flag(node) => {
                // The agent's call is not heard in maintenance.
                self.desks[node.at()].stalled = true;
            }
            RescueStage::Booting if self.flag_refuses(node) && self.inputs.settings.ironic.agent => {
                // Rescue failed, out of which the same verbs lead as out of a rescue.
                self.tell(Fact::RescueRefused { request, node });
                self.move_rescue(node, RescueStage::Working, Provision::Rescue);
                agenda.push(self.now, again);
            }
            RescueStage::Booting => {
                self.move_rescue(node, RescueStage::Working, Provision::Rescue);
                agenda.push(self.now + need.length, again);
            }
            RescueStage::Working if self.verb(node, Operation::Unrescue).is_err() => {
                // Unrescue is refused too; the tenant tries again when the flag is cleared.
                self.tell(Fact::RescueRefused { request, node });
                self.tell(Fact::RescueErrored { request, node });
                self.desks[node.at()].stalled = true;
            }
            RescueStage::Working => {
                self.move_rescue(node, RescueStage::Back, Provision::Unrescuing);
                agenda.push(self.now + boot, again);
            }
            RescueStage::Back => {
                self.move_rescue(node, RescueStage::Ahead, Provision::Active);
                self.tell(Fact::RescueEnded { request, node });
            }
        }
        self.lock_is_free(node, agenda);
        self.settle(node, agenda);
    }

    fn move_rescue(&mut self, node: NodeId, stage: RescueStage, provision: Provision) {
        self.desks[node.at()].rescue = stage;
        self.sight.fleet.node_mut(node).become_state(provision);
    }
}
