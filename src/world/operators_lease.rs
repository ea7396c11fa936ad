//! The operators' lease of a node: its beginning, for which the entry waits, and its end.

use super::state::World;
use super::upkeep::Phase;
use super::{Event, Fact, Observer};
use crate::fleet::{Mark, NodeId};

impl<O: Observer> World<'_, O> {
    /// The operators want to lease the node: whether the lease begins now. Else the entry waits for it.
    pub fn lease_begins(&mut self, node: NodeId) -> bool {
        let Some(from) = self.plane.lease_begins(node) else {
            return true;
        };
        let desk = &mut self.upkeep.desks[node];
        desk.lease_waits = true;
        self.plane.at(from, Event::Step { node, turn: desk.turn });
        false
    }

    /// The occupant left before its planned end: the operators' lease may begin now.
    pub fn lease_may_begin(&mut self, node: NodeId) {
        let desk = self.upkeep.desks.written(node);
        if desk.is_some_and(|desk| std::mem::take(&mut desk.lease_waits)) {
            self.upkeep.desks[node].turn += 1;
            if self.lease_begins(node) {
                self.next_step(node);
            }
        }
    }

    /// The operators' lease of a node ends, whether or not the work is done. It takes its image along; for what is left to
    /// be done they ask for another one. One that they forgot to give back is given back by that.
    pub fn lease_ends(&mut self, node: NodeId) {
        if !self.plane.truth.calendar.ends(node, self.plane.now) {
            return;
        }
        let windows = self.upkeep.desks[node].windows.clone();
        if let Some(&window) = windows.first() {
            self.plane.tell(Fact::LeaseExpired { window, node });
        }
        self.plane.truth.calendar.give_back(node);
        let it = self.plane.node_mut(node);
        it.marks = it.marks.without(Mark::OperatorsLease);
        self.plane.mark_by_api(node);
        for &window in &windows {
            // What is done but for a flag that somebody is about to clear needs no lease.
            if self.upkeep.windows[window].phase == Phase::InHand {
                self.cut_errand(window);
                self.next_task(window);
            }
        }
        if let Some(&window) = self.upkeep.desks[node].windows.first() {
            self.upkeep.desks[node].call_off();
            // The operators know when their lease ends and renew it then. Were the steps to take their time again, a lease
            // shorter than they are would start over for good.
            self.enter_by(window, true);
        } else if self.upkeep.desks[node].lease_is_over() {
            self.plane.tell(Fact::Returned { node });
        }
        self.upkeep.settle(&mut self.plane, node);
    }
}
