//! A node's course through maintenance: hiding, draining, hands-on work, and the way back.

use super::desk::{Course, ErrandStage, Hands, Phase, Window};
use super::event::Event;
use super::fact::{Deed, ErrandEnd, Fact, Observer};
use super::state::World;
use crate::fleet::{Fault, Hold, NodeId, Occupant, Party, Provision, TenantId};
use crate::kernel::{Agenda, Span, Time};
use crate::strategy::{Act, Actor, Step};
use crate::workload::draw::luck;
use crate::workload::tape::{chance, span_by};
use crate::workload::{Drain, Origin, SpellUse};

impl<O: Observer> World<'_, O> {
    /// A recorded spell begins.
    pub fn spell_starts(&mut self, place: u32, agenda: &mut Agenda<Event>) {
        let tape = self.inputs.tape;
        if let Some(next) = tape.spells.get(place as usize + 1) {
            agenda.push(next.start, Event::SpellStarts(place + 1));
        }
        let spell = &tape.spells[place as usize];
        let node = tape.jobs[spell.job as usize].node;
        if self.desks[node.at()].gone {
            return;
        }
        let drain = self.inputs.maintenance.spell_drain;
        let window = self.open(spell.job, node, spell.hold, drain, None, agenda);
        if self.windows[window as usize].recorded
            && let Some(end) = spell.end
        {
            agenda.push(end, Event::SpellEnds(window));
        }
    }

    /// Somebody wants a node for maintenance: its hold is set and its entry begins.
    pub fn open(
        &mut self,
        job: u32,
        node: NodeId,
        hold: Hold,
        drain: Drain,
        campaign: Option<u32>,
        agenda: &mut Agenda<Event>,
    ) -> u32 {
        let recorded = matches!(self.job(job).origin, Origin::Spell(_))
            && self.inputs.maintenance.spell_use == SpellUse::AsRecorded;
        let boots = self.job(job).errands.len() as u64;
        self.asked.note(self.now, 1 + boots);
        let place = self.windows.len() as u32;
        self.windows.push(Window {
            recorded,
            campaign,
            work_done: recorded,
            ..Window::open(job, node, hold, drain)
        });
        self.sight.fleet.node_mut(node).holds.add(hold);
        self.tell(Fact::WindowOpened {
            window: place,
            node,
            job,
        });
        self.desks[node.at()].windows.push(place);
        if let Drain::Deadline(after) = drain {
            agenda.push(self.now + after, Event::Deadline(place));
        }
        match self.desks[node.at()].course {
            Course::Open | Course::Returning(_) => self.enter(node, job, recorded, agenda),
            Course::Entering(_) => {}
            Course::Hidden => self.proceed(place, agenda),
        }
        self.settle(node, agenda);
        place
    }

    /// The steps of the entry begin; a lease first waits for the occupant's planned end.
    pub fn enter(&mut self, node: NodeId, job: u32, recorded: bool, agenda: &mut Agenda<Event>) {
        let steps = self.inputs.strategy.entry(self.sight.fleet.node(node));
        let desk = &mut self.desks[node.at()];
        (desk.course, desk.steps, desk.job, desk.recorded) = (Course::Entering(0), steps, job, recorded);
        desk.forgotten.clear();
        desk.locked = false;
        desk.turn += 1;
        if self.lease_begins(node, agenda) {
            self.next_step(node, agenda);
        }
    }

    /// The occupant left before its planned end: the operators' lease may begin now.
    pub fn lease_may_begin(&mut self, node: NodeId, agenda: &mut Agenda<Event>) {
        let desk = self.desks.written(node);
        if desk.is_some_and(|desk| std::mem::take(&mut desk.lease_waits)) {
            self.desks[node.at()].turn += 1;
            if self.lease_begins(node, agenda) {
                self.next_step(node, agenda);
            }
        }
    }

    /// Schedules the next step of a course, or does it at once if it takes no time.
    fn next_step(&mut self, node: NodeId, agenda: &mut Agenda<Event>) {
        loop {
            let desk = &self.desks[node.at()];
            let (Course::Entering(at) | Course::Returning(at)) = desk.course else {
                return;
            };
            if desk.locked {
                return;
            }
            let Some(step) = desk.steps.get(at) else {
                self.course_done(node, agenda);
                return;
            };
            let latency = if step.by == Actor::Automation || desk.recorded {
                Span::ZERO
            } else {
                let back = u64::from(matches!(desk.course, Course::Returning(_))) << 8;
                let word = self.job(desk.job).luck;
                span_by(
                    &self.inputs.settings.operators.action,
                    word,
                    luck::STEP | back | at as u64,
                )
            };
            if latency > Span::ZERO {
                agenda.push(self.now + latency, Event::Step { node, turn: desk.turn });
                return;
            }
            self.do_step(node, agenda);
        }
    }

    /// A step is done, unless the course has changed.
    pub fn step_done(&mut self, node: NodeId, turn: u32, agenda: &mut Agenda<Event>) {
        if self.desks[node.at()].turn != turn {
            return;
        }
        if std::mem::take(&mut self.desks[node.at()].lease_waits) {
            if self.lease_begins(node, agenda) {
                self.next_step(node, agenda);
            }
            return;
        }
        self.do_step(node, agenda);
        self.next_step(node, agenda);
    }

    fn do_step(&mut self, node: NodeId, agenda: &mut Agenda<Event>) {
        let desk = &self.desks[node.at()];
        let (at, back) = match desk.course {
            Course::Entering(at) => (at, false),
            Course::Returning(at) => (at, true),
            Course::Open | Course::Hidden => return,
        };
        let step = desk.steps[at].clone();
        let word = self.job(desk.job).luck;
        let human = step.by == Actor::Human;
        let operators = &self.inputs.settings.operators;
        let slips = back && human && chance(word, luck::SLIP | at as u64) < operators.slip;
        if !slips && self.waits_for_lock(node, at, &step, agenda) {
            return;
        }
        self.desks[node.at()].course = if back {
            Course::Returning(at + 1)
        } else {
            Course::Entering(at + 1)
        };
        if slips {
            self.tell(Fact::Slipped { node });
            let wrong_pool = chance(word, luck::WRONG_POOL) < operators.wrong_pool;
            if wrong_pool && step.acts.contains(&Act::GiveBack) {
                self.act(node, &step, agenda);
                let wrong = self.another_owner(node);
                self.sight.fleet.node_mut(node).give_to(wrong);
                self.mark_by_api(node);
                self.settle(node, agenda);
            }
            self.desks[node.at()].forgotten.push(step);
            return;
        }
        self.act(node, &step, agenda);
        let deed = if back { Deed::Return } else { Deed::Entry };
        self.tell(Fact::Action { node, human, deed });
    }

    /// Whether a step meets Ironic's lock. What of it does not go through Ironic is done; the rest is tried again and again,
    /// as an operator's script does, until the node is done with what it is about.
    fn waits_for_lock(&mut self, node: NodeId, at: usize, step: &Step, agenda: &mut Agenda<Event>) -> bool {
        let through_ironic = |act: &Act| match act {
            Act::SetFlag | Act::ClearFlag | Act::TakeOver | Act::GiveBack => true,
            Act::Put(mark) | Act::Drop(mark) => !mark.by_api(),
        };
        if !self.is_locked(node) || !step.acts.iter().any(through_ironic) {
            return false;
        }
        let (wait, now): (Vec<Act>, Vec<Act>) = step.acts.iter().copied().partition(through_ironic);
        let part = |acts: Vec<Act>| Step { acts, ..step.clone() };
        let desk = &mut self.desks[node.at()];
        (desk.locked, desk.steps[at]) = (true, part(wait));
        if !now.is_empty() {
            self.act(node, &part(now), agenda);
        }
        true
    }

    /// Ironic lets go of the node's lock: the step that waits for it is done.
    #[inline(always)]
    pub fn lock_is_free(&mut self, node: NodeId, agenda: &mut Agenda<Event>) {
        if let Some(desk) = self.desks.written(node)
            && std::mem::take(&mut desk.locked)
        {
            self.do_step(node, agenda);
            self.next_step(node, agenda);
        }
    }

    /// The owner after a node's own in the list of owners: the wrong pool.
    fn another_owner(&self, node: NodeId) -> Option<TenantId> {
        let own = self.inputs.fleet.node(node).owner();
        let tenants = (0..self.clerk.owners().len())
            .filter(|&t| self.clerk.owners()[t])
            .map(|t| TenantId(t as u16));
        let others: Vec<TenantId> = tenants.filter(|&t| Some(t) != own).collect();
        others
            .iter()
            .copied()
            .find(|&t| Some(t) > own)
            .or(others.first().copied())
    }

    pub fn act(&mut self, node: NodeId, step: &Step, agenda: &mut Agenda<Event>) {
        let mut api = false;
        for &act in &step.acts {
            let home = self.inputs.fleet.node(node).owner();
            let it = self.sight.fleet.node_mut(node);
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
            self.mark_by_api(node);
        }
        if step.acts.contains(&Act::ClearFlag) {
            self.clear_flag(node, None, agenda);
        } else {
            self.flag_gone(node, agenda);
            self.settle(node, agenda);
        }
    }

    fn course_done(&mut self, node: NodeId, agenda: &mut Agenda<Event>) {
        let entering = matches!(self.desks[node.at()].course, Course::Entering(_));
        if !entering {
            self.desks[node.at()].course = Course::Open;
            if self.desks[node.at()].forgotten.is_empty() {
                self.tell(Fact::Returned { node });
            } else {
                self.slipped.push(node);
                self.schedule_audit(agenda);
            }
            self.settle(node, agenda);
            return;
        }
        self.desks[node.at()].course = Course::Hidden;
        self.tell(Fact::Hidden { node });
        if self.desks[node.at()].windows.is_empty() {
            self.come_back(node, agenda);
            return;
        }
        for window in self.desks[node.at()].windows.clone() {
            if let Some(until) = self.sight.calendar.ends(node) {
                agenda.push(until.max(self.now), Event::LeaseEnds(window));
            }
            self.proceed(window, agenda);
        }
    }

    /// A window goes on if its node is hidden and nobody is on it; else it evicts or waits.
    pub fn proceed(&mut self, window: u32, agenda: &mut Agenda<Event>) {
        let it = &self.windows[window as usize];
        let node = it.node;
        if it.phase != Phase::Draining || self.desks[node.at()].course != Course::Hidden {
            return;
        }
        let occupied = matches!(
            self.sight.fleet.node(node).occupant(),
            Some(Occupant {
                party: Party::Tenant(_),
                ..
            })
        );
        if occupied {
            // A deploy that hangs under the flag hangs until the window is over: it is in the way of boots, and of
            // nothing else.
            let (recorded, drain) = (it.recorded, it.drain);
            let boots = usize::from(it.errand) < self.job(it.job).errands.len();
            let hangs = self.build_hangs(node);
            if drain == Drain::AtOnce || (hangs && boots && !recorded) {
                self.evict(node, agenda);
            } else if hangs && !recorded {
                // Hands can be on a machine whose agent waits; it goes on when the flag goes.
                self.take_in_hand(window, agenda);
            }
            return;
        }
        let provision = self.sight.fleet.node(node).provision;
        let cleans = self.waits_in_clean(node);
        if self.sight.fleet.node(node).retired && (cleans || provision == Provision::Manageable) {
            self.abandon(window, agenda);
            return;
        }
        let at_rest = cleans || matches!(provision, Provision::Available | Provision::CleanFailed);
        if !at_rest || !self.sight.fleet.node(node).is_empty() {
            return;
        }
        self.take_in_hand(window, agenda);
    }

    fn take_in_hand(&mut self, window: u32, agenda: &mut Agenda<Event>) {
        let node = self.windows[window as usize].node;
        self.windows[window as usize].phase = Phase::InHand;
        self.tell(Fact::InHand { window, node });
        self.next_task(window, agenda);
    }

    /// Nothing is to be done on a retired node: the window closes, unless its end is recorded.
    fn abandon(&mut self, window: u32, agenda: &mut Agenda<Event>) {
        self.windows[window as usize].phase = Phase::Done;
        if !self.windows[window as usize].recorded {
            self.close(window, agenda);
        }
    }

    /// A drain deadline has come.
    pub fn deadline(&mut self, window: u32, agenda: &mut Agenda<Event>) {
        let it = &mut self.windows[window as usize];
        if it.phase == Phase::Draining {
            it.drain = Drain::AtOnce;
            self.proceed(window, agenda);
        }
    }

    /// The next thing to do in a window: the first errand (diagnosis), hands-on work, the other
    /// errands (burn-in, verification), the end.
    pub fn next_task(&mut self, window: u32, agenda: &mut Agenda<Event>) {
        let it = &self.windows[window as usize];
        if it.phase != Phase::InHand || it.hands != Hands::Idle || it.stage != ErrandStage::Idle {
            return;
        }
        let errands = self.job(it.job).errands.len();
        let next = usize::from(it.errand);
        // Nothing boots on a node without power: it is mended first.
        if next < errands && (it.work_done || (next == 0 && !self.powerless(it.node))) {
            self.begin_errand(window, agenda);
        } else if !it.work_done {
            self.queue_for_work(window, agenda);
        } else {
            self.windows[window as usize].phase = Phase::Done;
            if self.must_clear_flag(window) {
                self.clear_by_hand(window, agenda);
            } else if !self.windows[window as usize].recorded {
                self.close(window, agenda);
            }
        }
    }

    /// Whether a human must clear what Ironic set for a failed clean, beside the steps of the return.
    fn must_clear_flag(&self, window: u32) -> bool {
        let it = &self.windows[window as usize];
        let node = self.sight.fleet.node(it.node);
        let typed = self.inputs.settings.ironic.typed_holds;
        let in_return = || {
            let steps = self.inputs.strategy.back(node);
            steps.iter().any(|step| step.acts.contains(&Act::ClearFlag))
        };
        let of_clean = self.job(it.job).origin == Origin::Clean && node.fault() == Some(Fault::CleanFailure);
        of_clean && (typed || !in_return())
    }

    /// A recorded window ends when the trace says.
    pub fn spell_ends(&mut self, window: u32, agenda: &mut Agenda<Event>) {
        if self.windows[window as usize].phase != Phase::Closed {
            self.close(window, agenda);
        }
    }

    /// The operators' lease ends, whether or not the work is done.
    pub fn lease_ends(&mut self, window: u32, agenda: &mut Agenda<Event>) {
        let it = &self.windows[window as usize];
        if it.phase == Phase::Closed {
            return;
        }
        let node = it.node;
        self.tell(Fact::LeaseExpired { window, node });
        self.sight.calendar.give_back(node);
        // The lease takes its image along; the hold and what is left of the work stay.
        self.cut_errand(window, agenda);
        let it = self.sight.fleet.node_mut(node);
        it.marks = it.marks.without(crate::fleet::Mark::OperatorsLease);
        self.mark_by_api(node);
        self.settle(node, agenda);
    }

    /// A window lets go of its node: its errands that never ran, its hold, its work.
    pub fn let_go(&mut self, window: u32) {
        self.drop_errands(window);
        let it = &mut self.windows[window as usize];
        it.phase = Phase::Closed;
        let (node, job, hold) = (it.node, it.job, it.hold);
        self.sight.fleet.node_mut(node).holds.release(hold);
        self.desks[node.at()].windows.retain(|&other| other != window);
        self.tell(Fact::WindowClosed { window, node });
        self.work_is_over(job, node);
    }

    /// A window is over: what is left of its errands is dropped, its hold released, and the node
    /// comes back if it was the last.
    pub fn close(&mut self, window: u32, agenda: &mut Agenda<Event>) {
        let (node, job) = (self.windows[window as usize].node, self.windows[window as usize].job);
        self.cut_errand(window, agenda);
        self.let_go(window);
        if self.job(job).origin == Origin::Clean && self.sight.fleet.node(node).provision == Provision::CleanFailed {
            // A failed clean has been looked at: managed, cleaned again, available.
            self.sight.fleet.node_mut(node).become_state(Provision::Manageable);
            self.provide(node, agenda);
        }
        self.slip_of_the_flag(node, job, agenda);
        if self.desks[node.at()].windows.is_empty() {
            self.sight.calendar.give_back(node);
            if std::mem::take(&mut self.desks[node.at()].lease_waits) {
                // The lease never began: there is nothing to give back.
                let desk = &mut self.desks[node.at()];
                (desk.course, desk.turn) = (Course::Open, desk.turn + 1);
                self.tell(Fact::Returned { node });
            } else if self.desks[node.at()].course == Course::Hidden {
                self.come_back(node, agenda);
            } else {
                self.back_already(node);
            }
        }
        self.settle(node, agenda);
        if let Some(round) = self.windows[window as usize].campaign {
            self.campaign_window_closed(round, node, agenda);
        }
    }

    /// The steps of the return begin.
    fn come_back(&mut self, node: NodeId, agenda: &mut Agenda<Event>) {
        let steps = self.inputs.strategy.back(self.sight.fleet.node(node));
        let desk = &mut self.desks[node.at()];
        (desk.course, desk.steps) = (Course::Returning(0), steps);
        desk.turn += 1;
        self.next_step(node, agenda);
    }

    /// An image on the node leaves: every window that waited for the node looks again.
    #[inline(always)]
    pub fn node_came_free(&mut self, node: NodeId, agenda: &mut Agenda<Event>) {
        if !self.desks[node.at()].windows.is_empty() {
            self.windows_look_again(node, agenda);
        }
    }

    #[inline(never)]
    fn windows_look_again(&mut self, node: NodeId, agenda: &mut Agenda<Event>) {
        let windows = self.desks[node.at()].windows.clone();
        // Those that wait for nothing but their own image to be gone come first: the next boot of another one would
        // keep them from going on.
        for &window in &windows {
            if self.windows[window as usize].stage == ErrandStage::Leaving {
                self.errand_may_go_on(window, agenda);
            }
        }
        for window in windows {
            self.proceed(window, agenda);
            self.errand_may_go_on(window, agenda);
            if self.windows[window as usize].hands == Hands::Blocked && self.sight.fleet.node(node).is_empty() {
                self.queue_again(window, agenda);
            }
        }
    }

    pub fn schedule_audit(&mut self, agenda: &mut Agenda<Event>) {
        if let Some(period) = self.inputs.settings.operators.audit
            && !self.audit_pending
        {
            // Audits keep to their calendar, whatever happens between them.
            let next = (self.now.0 / period.0.max(1) + 1) * period.0.max(1);
            self.audit_pending = true;
            agenda.push(Time(next), Event::Audit);
        }
    }

    /// The operators look for what was forgotten, and mend it.
    pub fn audit(&mut self, agenda: &mut Agenda<Event>) {
        self.audit_pending = false;
        for node in std::mem::take(&mut self.slipped) {
            if self.hide_again(node, agenda) {
                continue;
            }
            let steps = std::mem::take(&mut self.desks[node.at()].forgotten);
            if steps.is_empty() || self.desks[node.at()].course != Course::Open {
                continue;
            }
            for step in &steps {
                self.act(node, step, agenda);
                self.human_act(node, Deed::Return);
            }
            self.tell(Fact::Audited { node });
            self.tell(Fact::Returned { node });
        }
    }

    /// The errands of a closed window that never ran.
    pub fn drop_errands(&mut self, window: u32) {
        let (node, job, next) = {
            let it = &self.windows[window as usize];
            (it.node, it.job, it.errand)
        };
        for errand in next..self.job(job).errands.len() as u16 {
            if errand > next || !self.windows[window as usize].needed {
                self.tell(Fact::ErrandNeeded { window, errand, node });
            }
            self.tell(Fact::ErrandEnded {
                window,
                errand,
                node,
                end: ErrandEnd::Unserved,
            });
        }
        self.windows[window as usize].errand = self.job(job).errands.len() as u16;
    }
}
