//! A node's way out of the fleet. It leaves when no tenant is on it, in maintenance or not: Ironic lets a node
//! in maintenance be deleted. Whatever the operators still had to do on it ends.

use super::desk::{Course, Hands, Phase};
use super::event::Event;
use super::fact::{Fact, Observer};
use super::state::World;
use crate::fleet::{Marks, NodeId, Party, Provision};
use crate::kernel::Agenda;

impl<O: Observer> World<'_, O> {
    /// A node that is to leave does, unless a tenant is on it: then it waits for the tenant. An image of the
    /// operators' is taken off, and the node leaves when it has been cleaned.
    pub fn depart(&mut self, node: NodeId, agenda: &mut Agenda<Event>) {
        if matches!(self.sight.fleet.node(node).party(), Some(Party::Tenant(_))) {
            return;
        }
        self.end_maintenance(node, agenda);
        if let Some(Party::Errand(_)) = self.sight.fleet.node(node).party() {
            // Another node's, by mistake.
            self.lose_image(node, agenda);
        }
        let it = self.sight.fleet.node(node);
        let stalls = self.waits_in_clean(node);
        let at_rest = matches!(
            it.provision,
            Provision::Available | Provision::Manageable | Provision::CleanFailed
        );
        if it.is_empty() && (at_rest || stalls) {
            self.leave(node);
        }
        self.settle(node, agenda);
    }

    /// All windows of a node end, and nothing of them stays on it.
    fn end_maintenance(&mut self, node: NodeId, agenda: &mut Agenda<Event>) {
        let desk = &mut self.desks[node.at()];
        let windows = std::mem::take(&mut desk.windows);
        let was_out = !windows.is_empty() || desk.course != Course::Open || !desk.forgotten.is_empty();
        desk.course = Course::Open;
        desk.steps.clear();
        desk.forgotten.clear();
        desk.turn += 1;
        (desk.lease_waits, desk.locked, desk.fault, desk.sync) = (false, false, None, None);
        // Without the flag nothing hangs that is taken off the node now.
        let home = self.inputs.fleet.node(node).owner();
        let it = self.sight.fleet.node_mut(node);
        it.clear_flag();
        it.give_to(home);
        it.marks = Marks::default();
        self.mark_by_api(node);
        for window in windows {
            self.end_window(window, agenda);
        }
        self.sight.calendar.give_back(node);
        if was_out {
            self.tell(Fact::Returned { node });
        }
    }

    fn end_window(&mut self, window: u32, agenda: &mut Agenda<Event>) {
        let it = &mut self.windows[window as usize];
        let node = it.node;
        it.phase = Phase::Closed;
        let hands = std::mem::replace(&mut it.hands, Hands::Idle);
        if hands == Hands::Working {
            self.hands_free(window);
            self.tell(Fact::WorkCut { window, node });
        }
        self.cut_errand(window, agenda);
        self.let_go(window);
        if let Some(round) = self.windows[window as usize].campaign {
            self.campaign_window_closed(round, node, agenda);
        }
        if hands == Hands::Working {
            self.serve_queue(agenda);
        }
    }
}
