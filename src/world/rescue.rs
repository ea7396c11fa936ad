//! Case A: a tenant rescues its own broken instance by Ironic's rescue interface. The node stays
//! the tenant's. Rescue and unrescue are refused under Ironic's maintenance flag
//! (ironic 39.0 conductor/manager.py:701, 811). Nova has agreed by then: the instance is in ERROR until its tenant reboots it.

use super::state::World;
use super::upkeep::RescueStage;
use super::{Event, Fact, Observer};
use crate::fleet::ironic::Operation;
use crate::fleet::{NodeId, Party, Provision};
use crate::workload::draw::luck;
use crate::workload::tape::span_by;

impl<O: Observer> World<'_, O> {
    /// The next move of a rescue.
    pub fn rescue_moves(&mut self, node: NodeId, epoch: u32) {
        let it = self.plane.node(node);
        let Some(Party::Tenant(request)) = it.party() else {
            return;
        };
        if it.epoch != epoch {
            return;
        }
        let Some(need) = self.plane.truth.requests.rescue(request) else {
            return;
        };
        let boot = span_by(
            &self.plane.inputs.settings.ironic.rescue,
            self.plane.request(request).luck,
            luck::RESCUE_LENGTH << 8,
        );
        let again = Event::Rescue { node, epoch };
        match self.upkeep.desks[node].rescue {
            RescueStage::Ahead if self.plane.verb(node, Operation::Rescue).is_err() => {
                self.plane.tell(Fact::RescueRefused { request, node });
                self.plane.tell(Fact::RescueErrored { request, node });
            }
            RescueStage::Ahead => {
                self.plane.tell(Fact::RescueBegan { request, node });
                self.move_rescue(node, RescueStage::Booting, Provision::Rescuing);
                self.plane.after(boot, again);
            }
            RescueStage::Booting if self.plane.waits_for_the_flag(node) => {
                // The agent's call is not heard in maintenance.
                self.upkeep.desks[node].stalled = true;
            }
            RescueStage::Booting if self.plane.flag_refuses(node) && self.plane.inputs.settings.ironic.agent => {
                // Rescue failed, out of which the same verbs lead as out of a rescue.
                self.plane.tell(Fact::RescueRefused { request, node });
                self.move_rescue(node, RescueStage::Working, Provision::Rescue);
                self.plane.at(self.plane.now, again);
            }
            RescueStage::Booting => {
                self.move_rescue(node, RescueStage::Working, Provision::Rescue);
                self.plane.after(need.length, again);
            }
            RescueStage::Working if self.plane.verb(node, Operation::Unrescue).is_err() => {
                // Unrescue is refused too; the tenant tries again when the flag is cleared.
                self.plane.tell(Fact::RescueRefused { request, node });
                self.plane.tell(Fact::RescueErrored { request, node });
                self.upkeep.desks[node].stalled = true;
            }
            RescueStage::Working => {
                self.move_rescue(node, RescueStage::Back, Provision::Unrescuing);
                self.plane.after(boot, again);
            }
            RescueStage::Back => {
                self.move_rescue(node, RescueStage::Ahead, Provision::Active);
                self.plane.tell(Fact::RescueEnded { request, node });
            }
        }
        self.lock_is_free(node);
        self.upkeep.settle(&mut self.plane, node);
    }

    fn move_rescue(&mut self, node: NodeId, stage: RescueStage, provision: Provision) {
        self.upkeep.desks[node].rescue_goes(stage);
        self.plane.node_mut(node).become_state(provision);
    }
}
