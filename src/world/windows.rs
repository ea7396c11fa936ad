//! A node's course through maintenance: hiding, draining, hands-on work, and the way back. Its state machines are drawn in
//! `upkeep::desk`.

use super::state::World;
use super::turnover::By;
use super::upkeep::{Course, ErrandStage, Hands, Phase, Window};
use super::{BuildError, Deed, Event, Fact, Observer};
use crate::fleet::{Hold, Marks, NodeId, Occupant, Party, Provision, TenantId, WindowId};
use crate::kernel::Span;
use crate::strategy::{Act, Actor, Step};
use crate::workload::draw::luck;
use crate::workload::tape::{chance, span_by};
use crate::workload::{Drain, JobId, Origin, SpellUse};

impl<O: Observer> World<'_, O> {
    /// Somebody wants a node for maintenance: its hold is set and its entry begins.
    pub fn open(&mut self, job: JobId, node: NodeId, hold: Hold, drain: Drain, campaign: Option<u32>) -> WindowId {
        let recorded = matches!(self.upkeep.jobs[job].origin, Origin::Spell(_))
            && self.plane.inputs.maintenance.spell_use == SpellUse::AsRecorded;
        let boots = self.upkeep.jobs[job].errands.len() as u64;
        self.plane.asked.note(self.plane.now, 1 + boots);
        let place = self.upkeep.windows.open(Window {
            recorded,
            campaign,
            work_done: recorded,
            ..Window::open(job, node, hold, drain)
        });
        self.plane.node_mut(node).holds.add(hold);
        self.plane.tell(Fact::WindowOpened {
            window: place,
            node,
            job,
        });
        self.upkeep.desks[node].windows.push(place);
        if let Drain::Deadline(after) = drain {
            self.plane.after(after, Event::Deadline(place));
        }
        match self.upkeep.desks[node].course {
            Course::Open | Course::Returning(_) => self.enter(node, job, recorded),
            Course::Entering(_) => {}
            Course::Hidden => self.proceed(place),
        }
        self.upkeep.settle(&mut self.plane, node);
        place
    }

    /// The steps of the entry begin; a lease first waits for the occupant's planned end.
    pub fn enter(&mut self, node: NodeId, job: JobId, recorded: bool) {
        let steps = self.plane.inputs.strategy.entry(self.plane.node(node));
        self.upkeep.desks[node].enter(steps, job, recorded);
        if self.lease_begins(node) {
            self.next_step(node);
        }
    }

    /// The operators want to lease the node: whether the lease begins now. Else the entry waits for it.
    fn lease_begins(&mut self, node: NodeId) -> bool {
        let Some(from) = self.plane.lease_begins(node) else {
            return true;
        };
        let desk = &mut self.upkeep.desks[node];
        desk.lease_waits = true;
        self.plane.at(from, Event::Step { node, turn: desk.turn });
        false
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
        self.upkeep.queue_again(window);
        self.serve_queue();
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

    /// Schedules the next step of a course, or does it at once if it takes no time.
    fn next_step(&mut self, node: NodeId) {
        loop {
            let desk = &self.upkeep.desks[node];
            let (Course::Entering(at) | Course::Returning(at)) = desk.course else {
                return;
            };
            if desk.locked {
                return;
            }
            let Some(step) = desk.steps.get(at) else {
                self.course_done(node);
                return;
            };
            let latency = if step.by == Actor::Automation || desk.recorded {
                Span::ZERO
            } else {
                let back = u64::from(matches!(desk.course, Course::Returning(_))) << 8;
                let word = self.upkeep.jobs[desk.job].luck;
                span_by(
                    &self.plane.inputs.settings.operators.action,
                    word,
                    luck::STEP | back | at as u64,
                )
            };
            if latency > Span::ZERO {
                self.plane.after(latency, Event::Step { node, turn: desk.turn });
                return;
            }
            self.do_step(node);
        }
    }

    /// A step is done, unless the course has changed.
    pub fn step_done(&mut self, node: NodeId, turn: u32) {
        if self.upkeep.desks[node].turn != turn {
            return;
        }
        if std::mem::take(&mut self.upkeep.desks[node].lease_waits) {
            if self.lease_begins(node) {
                self.next_step(node);
            }
            return;
        }
        self.do_step(node);
        self.next_step(node);
    }

    fn do_step(&mut self, node: NodeId) {
        let desk = &self.upkeep.desks[node];
        let (at, back) = match desk.course {
            Course::Entering(at) => (at, false),
            Course::Returning(at) => (at, true),
            Course::Open | Course::Hidden => return,
        };
        let step = desk.steps[at].clone();
        let word = self.upkeep.jobs[desk.job].luck;
        let human = step.by == Actor::Human;
        let operators = &self.plane.inputs.settings.operators;
        let slips = back && human && chance(word, luck::SLIP | at as u64) < operators.slip;
        if !slips && self.waits_for_lock(node, at, &step) {
            return;
        }
        self.upkeep.desks[node].step_on();
        if slips {
            self.plane.tell(Fact::Slipped { node });
            let wrong_pool = chance(word, luck::WRONG_POOL) < operators.wrong_pool;
            if wrong_pool && step.acts.contains(&Act::GiveBack) {
                self.act(node, &step);
                let wrong = self.another_owner(node);
                self.plane.node_mut(node).give_to(wrong);
                self.plane.mark_by_api(node);
                self.upkeep.settle(&mut self.plane, node);
            }
            self.upkeep.desks[node].forgotten.push(step);
            return;
        }
        self.act(node, &step);
        let deed = if back { Deed::Return } else { Deed::Entry };
        self.plane.tell(Fact::Action { node, human, deed });
    }

    /// Whether a step meets Ironic's lock. What of it does not go through Ironic is done; the rest is tried again and again,
    /// as an operator's script does, until the node is done with what it is about.
    fn waits_for_lock(&mut self, node: NodeId, at: usize, step: &Step) -> bool {
        let through_ironic = |act: &Act| match act {
            Act::SetFlag | Act::ClearFlag | Act::TakeOver | Act::GiveBack => true,
            Act::Put(mark) | Act::Drop(mark) => !mark.by_api(),
        };
        if !self.plane.is_locked(node) || !step.acts.iter().any(through_ironic) {
            return false;
        }
        let (wait, now): (Vec<Act>, Vec<Act>) = step.acts.iter().copied().partition(through_ironic);
        let part = |acts: Vec<Act>| Step { acts, ..step.clone() };
        let desk = &mut self.upkeep.desks[node];
        (desk.locked, desk.steps[at]) = (true, part(wait));
        if !now.is_empty() {
            self.act(node, &part(now));
        }
        true
    }

    /// Ironic lets go of the node's lock: the step that waits for it is done.
    #[inline(always)]
    pub fn lock_is_free(&mut self, node: NodeId) {
        if let Some(desk) = self.upkeep.desks.written(node)
            && std::mem::take(&mut desk.locked)
        {
            self.do_step(node);
            self.next_step(node);
        }
    }

    /// The owner after a node's own in the list of owners: the wrong pool.
    fn another_owner(&self, node: NodeId) -> Option<TenantId> {
        let own = self.plane.inputs.fleet.node(node).owner();
        let tenants = (0..self.plane.clerk.owners().len())
            .filter(|&t| self.plane.clerk.owners()[t])
            .map(|t| TenantId(t as u16));
        let others: Vec<TenantId> = tenants.filter(|&t| Some(t) != own).collect();
        others
            .iter()
            .copied()
            .find(|&t| Some(t) > own)
            .or(others.first().copied())
    }

    pub fn act(&mut self, node: NodeId, step: &Step) {
        let mut api = false;
        for &act in &step.acts {
            let home = self.plane.inputs.fleet.node(node).owner();
            let it = self.plane.node_mut(node);
            match act {
                Act::SetFlag => it.raise_flag(None),
                Act::ClearFlag => {}
                Act::Put(mark) => it.marks = it.marks.with(mark),
                Act::Drop(mark) => it.marks = it.marks.without(mark),
                Act::TakeOver => it.give_to(Some(TenantId::OPERATORS)),
                Act::GiveBack => it.give_to(home),
            }
            api |= match act {
                Act::Put(mark) | Act::Drop(mark) => mark.by_api(),
                Act::TakeOver | Act::GiveBack => true,
                Act::SetFlag | Act::ClearFlag => false,
            };
        }
        if api {
            self.plane.mark_by_api(node);
        }
        if step.acts.contains(&Act::ClearFlag) {
            self.clear_flag(node, None);
        } else {
            self.flag_gone(node);
            self.upkeep.settle(&mut self.plane, node);
        }
    }

    fn course_done(&mut self, node: NodeId) {
        let entering = matches!(self.upkeep.desks[node].course, Course::Entering(_));
        if !entering {
            self.upkeep.desks[node].back();
            if self.upkeep.desks[node].forgotten.is_empty() {
                self.plane.tell(Fact::Returned { node });
            } else {
                self.upkeep.slips.note(&mut self.plane, node);
            }
            self.upkeep.settle(&mut self.plane, node);
            return;
        }
        self.upkeep.desks[node].hidden();
        self.plane.tell(Fact::Hidden { node });
        if self.upkeep.desks[node].windows.is_empty() {
            self.come_back(node);
            return;
        }
        for window in self.upkeep.desks[node].windows.clone() {
            self.proceed(window);
        }
    }

    /// A window goes on if its node is hidden and nobody is on it; else it evicts or waits.
    pub fn proceed(&mut self, window: WindowId) {
        let it = &self.upkeep.windows[window];
        let node = it.node;
        if it.phase != Phase::Draining || self.upkeep.desks[node].course != Course::Hidden {
            return;
        }
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
            let boots = it.errand.at() < self.upkeep.jobs[it.job].errands.len();
            let hangs = self.upkeep.build_hangs(&self.plane, node);
            if drain == Drain::AtOnce || (hangs && boots && !recorded) {
                self.end_instance(node, By::Operator);
            } else if hangs && !recorded {
                // Hands can be on a machine whose agent waits; it goes on when the flag goes.
                self.take_in_hand(window);
            }
            return;
        }
        let provision = self.plane.node(node).provision;
        let cleans = self.upkeep.waits_in_clean(&self.plane, node);
        if self.plane.node(node).retired && (cleans || provision == Provision::Manageable) {
            self.abandon(window);
            return;
        }
        let at_rest = cleans || matches!(provision, Provision::Available | Provision::CleanFailed);
        if !at_rest || !self.plane.node(node).is_empty() {
            return;
        }
        self.take_in_hand(window);
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
        let errands = self.upkeep.jobs[it.job].errands.len();
        let next = it.errand.at();
        // Nothing boots on a node without power: it is mended first.
        if next < errands && (it.work_done || (next == 0 && !self.plane.powerless(it.node))) {
            let next = self.upkeep.begin_errand(&mut self.plane, window);
            self.errand_goes(window, next);
        } else if !it.work_done {
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
        if self.upkeep.desks[node].windows.is_empty() {
            self.plane.truth.calendar.give_back(node);
            if std::mem::take(&mut self.upkeep.desks[node].lease_waits) {
                // The lease never began: there is nothing to give back.
                self.upkeep.desks[node].call_off();
                self.plane.tell(Fact::Returned { node });
            } else if self.upkeep.desks[node].course == Course::Hidden {
                self.come_back(node);
            } else {
                self.back_already(node);
            }
        }
        self.upkeep.settle(&mut self.plane, node);
        if let Some(round) = self.upkeep.windows[window].campaign {
            self.upkeep.campaigns.window_closed(&mut self.plane, round, node);
        }
    }

    /// The steps of the return begin.
    fn come_back(&mut self, node: NodeId) {
        let steps = self.plane.inputs.strategy.back(self.plane.node(node));
        self.upkeep.desks[node].come_back(steps);
        self.next_step(node);
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

    /// A job is over on a node on which others are still open.
    fn slip_of_the_flag(&mut self, node: NodeId, job: JobId) {
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
        if !steps.iter().any(|step| step.by == Actor::Human) {
            return;
        }
        self.plane.tell(Fact::Slipped { node });
        let desk = &mut self.upkeep.desks[node];
        desk.bare();
        for step in &steps {
            let human = step.by == Actor::Human;
            let deed = Deed::Return;
            self.plane.tell(Fact::Action { node, human, deed });
            self.act(node, step);
        }
        self.plane.truth.calendar.give_back(node);
        self.upkeep.slips.note(&mut self.plane, node);
    }

    /// Ironic has cleared the one flag that there is, a human's with its own: where it alone kept tenants off and work is
    /// still open, the node is bare until an audit finds that.
    pub fn bared_by_ironic(&mut self, node: NodeId) {
        let (it, desk) = (self.plane.node(node), &mut self.upkeep.desks[node]);
        let covered = it.flag() || !it.marks.is_empty() || it.owner() == Some(TenantId::OPERATORS);
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
        let (node, job) = (self.upkeep.windows[window].node, self.upkeep.windows[window].job);
        if !self.upkeep.desks[node].bared {
            return false;
        }
        // The flag is due now, and the steps with it.
        self.enter(node, job, true);
        self.upkeep.desks[node].recorded = self.upkeep.windows[window].recorded;
        true
    }

    /// The last work on a node is over whose flag or mark is gone already.
    fn back_already(&mut self, node: NodeId) {
        if std::mem::take(&mut self.upkeep.desks[node].bared) {
            self.plane.tell(Fact::Returned { node });
        }
    }

    /// A broken node failed its tenant, who complains: the fault is noticed now.
    pub fn complaint(&mut self, node: NodeId) {
        if let Some(place) = self.upkeep.desks[node].fault {
            self.fault_noticed(place);
        }
    }

    /// A fault is noticed, by the operators, by a tenant who complains, or for a dead power supply
    /// by Ironic's power sync: its window opens.
    pub fn fault_noticed(&mut self, place: u32) {
        let tape = self.plane.inputs.tape;
        let fault = tape.faults[place as usize];
        let node = tape.jobs[fault.job.at()].node;
        let desk = &mut self.upkeep.desks[node];
        if desk.fault != Some(place) || desk.noticed || self.plane.dictated(node).gone {
            return;
        }
        desk.noticed = true;
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
        for window in windows {
            self.end_window(window);
        }
        self.plane.truth.calendar.give_back(node);
        if was_out {
            self.plane.tell(Fact::Returned { node });
        }
    }

    fn end_window(&mut self, window: WindowId) {
        let it = &mut self.upkeep.windows[window];
        let node = it.node;
        it.phase(Phase::Closed);
        let hands = std::mem::replace(&mut it.hands, Hands::Idle);
        if hands == Hands::Working {
            self.upkeep.hands_free(window);
            self.plane.tell(Fact::WorkCut { window, node });
        }
        self.cut_errand(window);
        self.upkeep.let_go(&mut self.plane, window);
        if let Some(round) = self.upkeep.windows[window].campaign {
            self.upkeep.campaigns.window_closed(&mut self.plane, round, node);
        }
        if hands == Hands::Working {
            self.serve_queue();
        }
    }

    /// The node leaves the fleet. A failed clean, or one that is given up, leaves it by way of manageable, too.
    fn leave(&mut self, node: NodeId) {
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
