//! A node's course through maintenance: hiding, draining, hands-on work, and the way back. Its state machines are drawn in
//! `upkeep::desk`.

use super::state::World;
use super::turnover::By;
use super::upkeep::{Course, ErrandStage, Hands, Phase, Window};
use super::{BuildError, Event, Fact, Observer};
use crate::fleet::{Hold, Marks, NodeId, Occupant, Party, Provision, WindowId};
use crate::kernel::Span;
use crate::workload::{Drain, JobId, Origin, SpellUse};

impl<O: Observer> World<'_, O> {
    /// Somebody wants a node for maintenance: its hold is set and its entry begins.
    pub fn open(&mut self, job: JobId, node: NodeId, hold: Hold, drain: Drain, campaign: Option<u32>) -> WindowId {
        let recorded = matches!(self.upkeep.jobs[job].origin, Origin::Spell(_))
            && self.plane.inputs.maintenance.spell_use == SpellUse::AsRecorded;
        let boots = self.upkeep.jobs[job].errands.len() as u64;
        self.plane.asked.note(self.plane.now, 1 + boots);
        let index = self.upkeep.windows.open(Window {
            recorded,
            campaign,
            work_done: recorded,
            ..Window::open(job, node, hold, drain)
        });
        self.plane.node_mut(node).holds.add(hold);
        self.plane.tell(Fact::WindowOpened {
            window: index,
            node,
            job,
        });
        if self.upkeep.desks[node].windows.is_empty() {
            self.plane.truth.calendar.begins_anew(node);
        }
        self.upkeep.desks[node].windows.push(index);
        if let Drain::Deadline(after) = drain {
            self.plane.after(after, Event::Deadline(index));
        }
        match self.upkeep.desks[node].course {
            Course::Open | Course::Returning(_) => self.enter(index),
            Course::Entering(_) => {}
            Course::Hidden => self.proceed(index),
        }
        self.upkeep.settle(&mut self.plane, node);
        index
    }

    /// Whether an image of the operators' is on the node, or on its way there.
    pub fn is_booted(&self, node: NodeId) -> bool {
        matches!(self.plane.node(node).party(), Some(Party::Errand(_)))
    }

    /// A recorded window ends when the trace says.
    pub fn spell_ends(&mut self, window: WindowId) {
        if self.upkeep.windows[window].phase != Phase::Closed {
            self.close(window);
        }
    }

    /// The hours of a window's campaign have come.
    pub fn work_hour(&mut self, window: WindowId) {
        if self.upkeep.windows[window].hands == Hands::Shut {
            self.queue_again(window);
        }
    }

    /// A shift of technicians begins.
    pub fn shift_begins(&mut self) {
        self.upkeep.next_shift(&mut self.plane);
        self.serve_queue();
    }

    /// Free technicians take what waits.
    pub fn serve_queue(&mut self) {
        let mut ticket = 0;
        while let Some((node, next)) = self.upkeep.serve_queue(&mut self.plane, ticket) {
            ticket = next;
            self.end_instance(node, By::Operator);
        }
    }

    /// A window's hands-on work is due again.
    pub fn queue_again(&mut self, window: WindowId) {
        self.upkeep.queue_again(window, self.plane.now);
        self.serve_queue();
    }

    /// A window goes on if its node is hidden and nobody is on it; else it evicts or waits.
    pub fn proceed(&mut self, window: WindowId) {
        let it = &self.upkeep.windows[window];
        let node = it.node;
        if it.phase == Phase::InHand {
            self.go_on_in_hand(window);
            return;
        }
        if it.phase != Phase::Draining || self.hide_if_bare(window) || self.upkeep.desks[node].course != Course::Hidden
        {
            return;
        }
        let it = &self.upkeep.windows[window];
        let occupied = matches!(
            self.plane.node(node).occupant(),
            Some(Occupant {
                party: Party::Tenant(_),
                ..
            })
        );
        if occupied {
            // A deploy that hangs under the flag hangs until the window is over: it is in the way of boots, and of
            // nothing else.
            let (recorded, drain) = (it.recorded, it.drain);
            let hangs = self.upkeep.build_hangs(&self.plane, node);
            if drain == Drain::AtOnce || self.build_is_in_the_way(window) {
                self.end_instance(node, By::Operator);
            } else if hangs && !recorded {
                // Hands can be on a machine whose agent waits; it goes on when the flag goes.
                self.take_in_hand(window);
            }
            return;
        }
        if self.upkeep.is_retired_for_good(&self.plane, node) {
            self.abandon(window);
            return;
        }
        if self.is_empty_at_rest(node) {
            self.take_in_hand(window);
        }
    }

    /// Whether nothing is on a node, and nothing goes on there.
    pub fn is_empty_at_rest(&self, node: NodeId) -> bool {
        let it = self.plane.node(node);
        let rests = matches!(it.provision, Provision::Available | Provision::CleanFailed);
        it.is_empty() && (rests || self.upkeep.waits_in_clean(&self.plane, node))
    }

    /// The same for a window whose work has begun: a tenant may have come to the node while it was bare, and it may have
    /// been retired.
    fn go_on_in_hand(&mut self, window: WindowId) {
        let it = &self.upkeep.windows[window];
        let (node, hands, stage) = (it.node, it.hands, it.stage);
        if self.upkeep.is_retired_for_good(&self.plane, node) {
            if hands != Hands::Working {
                self.cut_errand(window);
                self.abandon(window);
            }
        } else if self.upkeep.desks[node].course == Course::Hidden && self.build_is_in_the_way(window) {
            self.end_instance(node, By::Operator);
        } else if stage == ErrandStage::Blocked && self.no_clean_for_want_of_power(node) {
            self.complaint(node);
        }
    }

    /// Whether a clean has failed because the power is gone, under a flag that keeps Ironic from looking for it: who waits
    /// for the clean finds out.
    fn no_clean_for_want_of_power(&self, node: NodeId) -> bool {
        let it = self.plane.node(node);
        it.provision == Provision::CleanFailed && it.flag() && self.plane.powerless(node)
    }

    /// Whether a tenant's build hangs under the flag on a window's node until the window is over, which has boots to do.
    fn build_is_in_the_way(&self, window: WindowId) -> bool {
        let it = &self.upkeep.windows[window];
        let boots = it.errand.at() < self.upkeep.jobs[it.job].errands.len();
        let tenant = matches!(self.plane.node(it.node).party(), Some(Party::Tenant(_)));
        boots && tenant && !it.recorded && self.upkeep.build_hangs(&self.plane, it.node)
    }

    fn take_in_hand(&mut self, window: WindowId) {
        let node = self.upkeep.windows[window].node;
        self.upkeep.windows[window].phase(Phase::InHand);
        self.plane.tell(Fact::InHand { window, node });
        self.next_task(window);
    }

    /// Nothing is to be done on a retired node: the window closes, unless its end is recorded.
    fn abandon(&mut self, window: WindowId) {
        self.upkeep.windows[window].phase(Phase::Done);
        if !self.upkeep.windows[window].recorded {
            self.close(window);
        }
    }

    /// A drain deadline has come.
    pub fn deadline(&mut self, window: WindowId) {
        let it = &mut self.upkeep.windows[window];
        if it.phase == Phase::Draining {
            it.drain = Drain::AtOnce;
            self.proceed(window);
        }
    }

    /// The next thing to do in a window: the first errand (diagnosis), hands-on work, the other
    /// errands (burn-in, verification), the end.
    pub fn next_task(&mut self, window: WindowId) {
        let it = &self.upkeep.windows[window];
        if it.phase != Phase::InHand || it.hands != Hands::Idle || it.stage != ErrandStage::Idle {
            return;
        }
        if self.upkeep.is_retired_for_good(&self.plane, it.node) {
            self.abandon(window);
            return;
        }
        let errands = self.upkeep.jobs[it.job].errands.len();
        let next = it.errand.at();
        // Nothing boots on a node without power: it is repaired first.
        if next < errands && (it.work_done || (next == 0 && !self.plane.powerless(it.node))) {
            let next = self.upkeep.begin_errand(&mut self.plane, window);
            self.errand_goes(window, next);
        } else if !it.work_done {
            if self.upkeep.jobs[it.job].work == Span::ZERO {
                // What takes no time needs nobody's hands: it is done from afar.
                self.work_is_over(window, false);
                return;
            }
            self.upkeep.queue_for_work(window, self.plane.now);
            self.serve_queue();
        } else {
            self.upkeep.windows[window].phase(Phase::Done);
            if self.upkeep.must_clear_flag(&self.plane, window) {
                self.upkeep.clear_by_hand(&mut self.plane, window);
            } else if !self.upkeep.windows[window].recorded {
                self.close(window);
            }
        }
    }

    /// A window is over: what is left of its errands is dropped, its hold released, and the node
    /// comes back if it was the last.
    pub fn close(&mut self, window: WindowId) {
        let (node, job) = (self.upkeep.windows[window].node, self.upkeep.windows[window].job);
        self.cut_errand(window);
        self.upkeep.let_go(&mut self.plane, window);
        if self.upkeep.jobs[job].origin == Origin::Clean && self.plane.node(node).provision == Provision::CleanFailed {
            // A failed clean has been looked at: managed, cleaned again, available.
            self.plane.node_mut(node).become_state(Provision::Manageable);
            self.provide(node);
        }
        self.slip_of_the_flag(node, job);
        self.cover_for_the_others(node);
        if self.upkeep.desks[node].windows.is_empty() {
            if std::mem::take(&mut self.upkeep.desks[node].lease_waits) {
                self.plane.truth.calendar.give_back(node);
                if self.plane.is_covered(node) {
                    // What came with an earlier lease is still on.
                    self.come_back(node);
                } else {
                    // The lease never began: there is nothing to give back.
                    self.upkeep.desks[node].call_off();
                    self.plane.tell(Fact::Returned { node });
                }
            } else if self.upkeep.desks[node].course == Course::Hidden {
                // Who ends his work last brings the node back, in his time.
                let recorded = self.upkeep.windows[window].recorded;
                (self.upkeep.desks[node].job, self.upkeep.desks[node].recorded) = (job, recorded);
                self.come_back(node);
            } else {
                self.back_already(node);
            }
        }
        self.upkeep.settle(&mut self.plane, node);
        self.upkeep.campaign_is_told(&mut self.plane, window);
    }

    /// An image on the node leaves: every window that waited for the node looks again.
    #[inline(always)]
    pub fn node_came_free(&mut self, node: NodeId) {
        if !self.upkeep.desks[node].windows.is_empty() {
            self.windows_look_again(node);
        }
    }

    #[inline(never)]
    fn windows_look_again(&mut self, node: NodeId) {
        let windows = self.upkeep.desks[node].windows.clone();
        // Those that wait for nothing but their own image to be gone come first: the next boot of another one would
        // keep them from going on.
        for &window in &windows {
            if self.upkeep.windows[window].stage == ErrandStage::Leaving {
                self.errand_may_go_on(window);
            }
        }
        for window in windows {
            self.proceed(window);
            self.errand_may_go_on(window);
            if self.upkeep.windows[window].hands == Hands::Blocked && self.plane.node(node).is_empty() {
                self.queue_again(window);
            }
        }
    }

    /// A broken node failed its tenant, who complains: the fault is noticed now.
    pub fn complaint(&mut self, node: NodeId) {
        if let Some(index) = self.upkeep.desks[node].fault {
            self.fault_noticed(index);
        }
    }

    /// A fault is noticed, by the operators, by a tenant who complains, or for a dead power supply
    /// by Ironic's power sync: its window opens.
    pub fn fault_noticed(&mut self, index: u32) {
        let tape = self.plane.inputs.tape;
        let fault = tape.faults[index as usize];
        let node = tape.jobs[fault.job.at()].node;
        let desk = &self.upkeep.desks[node];
        if desk.fault != Some(index) || desk.noticed || self.plane.dictated(node).gone {
            return;
        }
        if self.upkeep.is_retired_for_good(&self.plane, node) {
            return;
        }
        self.upkeep.desks[node].noticed = true;
        let power = self.plane.fault_kind(fault.kind).power;
        let drain = self.plane.inputs.maintenance.faults[usize::from(fault.law)].drain;
        let hold = if power { Hold::Fault } else { Hold::HardwareFailure };
        self.open(fault.job, node, hold, drain, None);
    }

    /// A node that is to leave does, unless a tenant is on it: then it waits for the tenant. An image of the
    /// operators' is taken off, and the node leaves when it has been cleaned.
    pub fn depart(&mut self, node: NodeId) {
        if matches!(self.plane.node(node).party(), Some(Party::Tenant(_))) {
            return;
        }
        self.end_maintenance(node);
        if let Some(Party::Errand(_)) = self.plane.node(node).party() {
            // Another node's, by mistake.
            self.lose_image(node, BuildError::Withdrawn);
        }
        let it = self.plane.node(node);
        let stalls = self.upkeep.waits_in_clean(&self.plane, node);
        let at_rest = matches!(
            it.provision,
            Provision::Available | Provision::Manageable | Provision::CleanFailed
        );
        if it.is_empty() && (at_rest || stalls) {
            self.leave(node);
        }
        self.upkeep.settle(&mut self.plane, node);
    }

    /// All windows of a node end, and nothing of them stays on it.
    fn end_maintenance(&mut self, node: NodeId) {
        let (was_out, windows) = self.upkeep.desks[node].clear();
        // Without the flag nothing hangs that is taken off the node now.
        let home = self.plane.inputs.fleet.node(node).owner();
        let it = self.plane.node_mut(node);
        it.clear_flag();
        it.give_to(home);
        it.marks = Marks::default();
        self.plane.mark_by_api(node);
        let mut came_free = false;
        for window in windows {
            came_free |= self.end_window(window);
        }
        if came_free {
            // Not before all are over: the next in the line may be of this node.
            self.serve_queue();
        }
        self.plane.truth.calendar.give_back(node);
        if was_out {
            self.plane.tell(Fact::Returned { node });
        }
    }

    /// Whether a technician came free by it.
    fn end_window(&mut self, window: WindowId) -> bool {
        let it = &mut self.upkeep.windows[window];
        let node = it.node;
        it.phase(Phase::Closed);
        let worked = it.hands == Hands::Working;
        if worked {
            it.hands = Hands::Idle;
            self.upkeep.hands_free(window);
            self.plane.tell(Fact::WorkCut { window, node });
        }
        self.cut_errand(window);
        self.upkeep.let_go(&mut self.plane, window);
        self.upkeep.campaign_is_told(&mut self.plane, window);
        worked
    }

    /// The node leaves the fleet. A failed clean, or one that is given up, leaves it by way of manageable, too.
    pub fn leave(&mut self, node: NodeId) {
        if let Some(desk) = self.upkeep.desks.written(node) {
            desk.stalled = false;
        }
        let dictated = self.plane.dictate(node);
        (dictated.leaving, dictated.gone) = (false, true);
        let it = self.plane.node_mut(node);
        if it.provision != Provision::Manageable {
            it.become_state(Provision::Manageable);
        }
        it.become_state(Provision::Enroll);
        self.plane.fleet_shrinks();
    }
}
