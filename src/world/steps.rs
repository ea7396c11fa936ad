//! The steps by which a node goes out of service and comes back.

use super::state::World;
use super::upkeep::Course;
use super::{Deed, Event, Fact, Observer};
use crate::fleet::{Mark, NodeId, Provision, TenantId, WindowId};
use crate::kernel::Span;
use crate::strategy::{Act, Actor, Step};
use crate::workload::draw::luck;
use crate::workload::tape::{chance, span_by};

impl<O: Observer> World<'_, O> {
    /// The steps of the entry begin, by the operator of this window; a lease first waits for the occupant's planned end.
    pub fn enter(&mut self, window: WindowId) {
        self.enter_by(window, false);
    }

    /// The same; the steps cost no time where the operators are at it already.
    pub fn enter_by(&mut self, window: WindowId, at_once: bool) {
        let it = &self.upkeep.windows[window];
        let (node, job, recorded) = (it.node, it.job, it.recorded);
        let steps = self.plane.inputs.strategy.entry(self.plane.node(node));
        let desk = &mut self.upkeep.desks[node];
        desk.enter(steps, job, recorded);
        desk.at_once = at_once;
        if self.lease_begins(node) {
            self.next_step(node);
        }
    }

    /// Schedules the next step of a course, or does it at once if it takes no time.
    pub fn next_step(&mut self, node: NodeId) {
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
            let returning = matches!(desk.course, Course::Returning(_));
            let free = desk.recorded || (desk.at_once && !returning);
            let latency = if step.by == Actor::Automation || free {
                Span::ZERO
            } else {
                let back = u64::from(returning) << 8;
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

    /// Whether a step meets Ironic's lock, or would set the flag under the operators' own image on a bared node, which it
    /// would keep from ever being done. What of it does not go through Ironic is done; the rest is tried again and again, as
    /// an operator's script does, until the node is done with what it is about.
    fn waits_for_lock(&mut self, node: NodeId, at: usize, step: &Step) -> bool {
        let through_ironic = |act: &Act| match act {
            Act::SetFlag | Act::ClearFlag | Act::TakeOver | Act::GiveBack => true,
            Act::Put(mark) | Act::Drop(mark) => !mark.by_api(),
        };
        let by_nova = matches!(
            self.plane.node(node).provision,
            Provision::Deploying | Provision::Active
        );
        let over_image = step.acts.contains(&Act::SetFlag) && by_nova && self.is_booted(node);
        let meets_lock = self.plane.is_locked(node) && step.acts.iter().any(through_ironic);
        if !over_image && !meets_lock {
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
        if step.acts.contains(&Act::Drop(Mark::OperatorsLease)) {
            self.plane.truth.calendar.give_back(node);
        }
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

    /// The steps of the return begin.
    pub fn come_back(&mut self, node: NodeId) {
        let steps = self.plane.inputs.strategy.back(self.plane.node(node));
        self.upkeep.desks[node].come_back(steps);
        self.next_step(node);
    }

    /// The last work on a node is over whose flag or mark is gone already.
    pub fn back_already(&mut self, node: NodeId) {
        if std::mem::take(&mut self.upkeep.desks[node].bared) {
            self.plane.tell(Fact::Returned { node });
        }
    }
}
