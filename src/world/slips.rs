//! What humans forget, and the audits that find it.

use super::state::World;
use super::upkeep::{Course, ErrandStage};
use super::{Deed, Fact, Observer};
use crate::fleet::{NodeId, WindowId};
use crate::strategy::{Act, Actor};
use crate::workload::JobId;
use crate::workload::draw::luck;
use crate::workload::tape::chance;

impl<O: Observer> World<'_, O> {
    /// A job is over on a node on which others are still open.
    pub fn slip_of_the_flag(&mut self, node: NodeId, job: JobId) {
        let slip = self.plane.inputs.settings.operators.slip_flag;
        let desk = &self.upkeep.desks[node];
        if slip <= 0.0 || desk.windows.is_empty() || desk.course != Course::Hidden {
            return;
        }
        if chance(self.upkeep.jobs[job].luck, luck::SLIP_FLAG) >= slip {
            return;
        }
        let mut steps = self.plane.inputs.strategy.back(self.plane.node(node));
        // Where each reason is a hold of its own, who ends his work releases that one, and no flag of the others.
        let typed = self.plane.inputs.settings.ironic.typed_holds;
        steps.retain(|step| !typed || step.acts.iter().any(|act| *act != Act::ClearFlag));
        let clears = steps.iter().any(|step| step.acts.contains(&Act::ClearFlag));
        if !steps.iter().any(|step| step.by == Actor::Human) {
            return;
        }
        self.plane.tell(Fact::Slipped { node });
        // A flag that stays keeps tenants off, and is taken off with the last window.
        let bare = clears || !self.plane.node(node).flag();
        if bare {
            self.upkeep.desks[node].bare();
        }
        for step in &steps {
            let human = step.by == Actor::Human;
            let deed = Deed::Return;
            self.plane.tell(Fact::Action { node, human, deed });
            self.act(node, step);
        }
        if bare {
            self.upkeep.slips.note(&mut self.plane, node);
        }
    }

    /// A window is over whose boot was cut off, and others are open: where the flag was lifted for that boot alone, an
    /// operator of theirs sets it again.
    pub fn cover_for_the_others(&mut self, node: NodeId) {
        let windows = &self.upkeep.desks[node].windows;
        let boots = |&window: &WindowId| self.upkeep.windows[window].stage != ErrandStage::Idle;
        let Some(&window) = windows.first() else {
            return;
        };
        if windows.iter().any(boots) || self.is_booted(node) || !self.upkeep.is_exposed(&self.plane, node) {
            return;
        }
        self.upkeep.desks[node].call_off();
        self.enter(window);
    }

    /// Ironic has cleared the one flag that there is, a human's with its own: where it alone kept tenants off and work is
    /// still open, the node is bare until an audit finds that.
    pub fn bared_by_ironic(&mut self, node: NodeId) {
        let covered = self.plane.node(node).flag() || self.plane.is_covered(node);
        let (it, desk) = (self.plane.node(node), &mut self.upkeep.desks[node]);
        if covered || desk.windows.is_empty() || desk.course != Course::Hidden {
            return;
        }
        let steps = self.plane.inputs.strategy.back(it);
        if steps.iter().any(|step| step.by == Actor::Human) {
            desk.bare();
            self.upkeep.slips.note(&mut self.plane, node);
        }
    }

    /// An operator who is to set a flag again that he lifted for a boot finds the node bare: he hides it with all that
    /// belongs to it, or nothing would take the flag off again.
    pub fn hide_bare(&mut self, window: WindowId) -> bool {
        let node = self.upkeep.windows[window].node;
        if !self.upkeep.desks[node].bared {
            return false;
        }
        // The flag is due now, and the steps with it.
        self.enter_by(window, true);
        true
    }

    /// Who comes to work on a node, or to boot it, and finds it bare hides it anew.
    pub fn hide_if_bare(&mut self, window: WindowId) -> bool {
        let node = self.upkeep.windows[window].node;
        let bare = self.upkeep.desks[node].bared && self.is_empty_at_rest(node);
        if bare {
            self.enter(window);
        }
        bare
    }

    /// The operators look for what was forgotten, and do it.
    pub fn audit(&mut self) {
        for node in self.upkeep.slips.audit() {
            if self.hide_again(node) {
                continue;
            }
            // On its way back more may be forgotten: the next audit finds all of it.
            if self.upkeep.desks[node].course != Course::Open {
                continue;
            }
            let steps = std::mem::take(&mut self.upkeep.desks[node].forgotten);
            if steps.is_empty() {
                continue;
            }
            for step in &steps {
                self.act(node, step);
                self.plane.human_act(node, Deed::Return);
                self.plane.tell(Fact::Audited { node });
            }
            self.plane.tell(Fact::Returned { node });
        }
    }

    /// An audit finds a node bare on which work goes on: it is hidden anew.
    fn hide_again(&mut self, node: NodeId) -> bool {
        let desk = &self.upkeep.desks[node];
        let (true, Some(&window)) = (desk.bared, desk.windows.first()) else {
            return false;
        };
        self.plane.tell(Fact::Audited { node });
        self.enter(window);
        true
    }
}
