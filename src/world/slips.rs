//! Flags and marks that are taken off too early: a human who has ended his own work sees that others are still at the
//! node and leaves flag or mark on, but for a slip. One rule for the flag and for every strategy's mark.

use super::desk::Course;
use super::event::Event;
use super::fact::{Deed, Fact, Observer};
use super::state::World;
use crate::fleet::{NodeId, TenantId};
use crate::kernel::Agenda;
use crate::strategy::Actor;
use crate::workload::draw::luck;
use crate::workload::tape::chance;

impl<O: Observer> World<'_, O> {
    /// A job is over on a node on which others are still open.
    pub fn slip_of_the_flag(&mut self, node: NodeId, job: u32, agenda: &mut Agenda<Event>) {
        let slip = self.inputs.settings.operators.slip_flag;
        let desk = &self.desks[node.at()];
        if slip <= 0.0 || desk.windows.is_empty() || desk.course != Course::Hidden {
            return;
        }
        if chance(self.job(job).luck, luck::SLIP_FLAG) >= slip {
            return;
        }
        let steps = self.inputs.strategy.back(self.sight.fleet.node(node));
        if !steps.iter().any(|step| step.by == Actor::Human) {
            return;
        }
        self.tell(Fact::Slipped { node });
        let desk = &mut self.desks[node.at()];
        (desk.course, desk.bared) = (Course::Open, true);
        desk.turn += 1;
        for step in &steps {
            let human = step.by == Actor::Human;
            let deed = Deed::Return;
            self.tell(Fact::Action { node, human, deed });
            self.act(node, step, agenda);
        }
        self.sight.calendar.give_back(node);
        self.slipped.push(node);
        self.schedule_audit(agenda);
    }

    /// Ironic has cleared the one flag that there is, a human's with its own: where it alone kept tenants off and work is
    /// still open, the node is bare until an audit finds that.
    pub fn bared_by_ironic(&mut self, node: NodeId, agenda: &mut Agenda<Event>) {
        let it = self.sight.fleet.node(node);
        let covered = it.flag() || !it.marks.is_empty() || it.owner() == Some(TenantId::OPERATORS);
        let steps = self.inputs.strategy.back(it);
        let desk = &mut self.desks[node.at()];
        if covered || desk.windows.is_empty() || desk.course != Course::Hidden {
            return;
        }
        if steps.iter().any(|step| step.by == Actor::Human) {
            (desk.course, desk.bared) = (Course::Open, true);
            desk.turn += 1;
            self.slipped.push(node);
            self.schedule_audit(agenda);
        }
    }

    /// An audit finds a node bare on which work goes on: it is hidden anew.
    pub fn hide_again(&mut self, node: NodeId, agenda: &mut Agenda<Event>) -> bool {
        let desk = &mut self.desks[node.at()];
        if !std::mem::take(&mut desk.bared) || desk.course != Course::Open {
            return false;
        }
        let Some(&window) = desk.windows.first() else {
            return false;
        };
        self.tell(Fact::Audited { node });
        let (job, recorded) = (
            self.windows[window as usize].job,
            self.windows[window as usize].recorded,
        );
        self.enter(node, job, recorded, agenda);
        true
    }

    /// The last work on a node is over whose flag or mark is gone already.
    pub fn back_already(&mut self, node: NodeId) {
        let desk = &mut self.desks[node.at()];
        if desk.course == Course::Open && std::mem::take(&mut desk.bared) {
            self.tell(Fact::Returned { node });
        }
    }
}
