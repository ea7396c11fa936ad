//! Hands-on work: the technicians' queue, and what work waits for beside them.

use super::Upkeep;
use super::desk::Hands;
use crate::fleet::{NodeId, Party, WindowId};
use crate::kernel::{Hours, Span, Time};
use crate::workload::Origin;
use crate::world::plane::Plane;
use crate::world::{Event, Fact, Observer};

impl Upkeep<'_> {
    /// A window's hands-on work is due: it gets a ticket.
    pub fn queue_for_work(&mut self, window: WindowId, now: Time) {
        self.bench.tickets += 1;
        let it = &mut self.windows[window];
        (it.waited, it.ticket) = (Span::ZERO, self.bench.tickets);
        self.queue_again(window, now);
    }

    /// A window gets into the technicians' queue, in the order of the tickets.
    pub fn queue_again(&mut self, window: WindowId, now: Time) {
        let it = &mut self.windows[window];
        (it.hands, it.queued) = (Hands::Queued, now);
        self.bench.queue.insert(it.ticket, window);
    }

    /// A window steps out of the technicians' queue, if it is in it. What it waits for from now on is not their hands.
    pub fn step_out<O: Observer>(&mut self, plane: &mut Plane<'_, O>, window: WindowId) {
        let it = &mut self.windows[window];
        if it.hands != Hands::Queued {
            return;
        }
        it.hands = Hands::Idle;
        self.bench.queue.remove(&it.ticket);
        let (node, waited) = (it.node, plane.now - it.queued);
        it.waited += waited;
        if waited > Span::ZERO {
            plane.tell(Fact::HandsAwaited { window, node, waited });
        }
    }

    /// The run is over: whoever still waits for hands has waited until now.
    pub fn end<O: Observer>(&mut self, plane: &mut Plane<'_, O>) {
        for window in self.bench.queue.values().copied().collect::<Vec<_>>() {
            self.step_out(plane, window);
        }
    }

    /// Free technicians take what waits, first in first out, during their shift. What cannot be begun now
    /// steps out of the queue and blocks nobody; nor does what waits for another crew.
    ///
    /// Begins at a ticket, and stops where a tenant who has taken the node is to be evicted: that node, and where to go on.
    pub fn serve_queue<O: Observer>(&mut self, plane: &mut Plane<'_, O>, mut ticket: u64) -> Option<(NodeId, u64)> {
        while let Some((&next, &window)) = self.bench.queue.range(ticket..).next() {
            ticket = next + 1;
            let Some(crew) = self.free_crew(plane, window) else {
                if plane.inputs.settings.operators.crews.len() < 2 {
                    return None;
                }
                continue;
            };
            self.step_out(plane, window);
            match self.kept_up(plane, window) {
                None => {}
                Some(None) => continue,
                Some(Some(node)) => return Some((node, ticket)),
            }
            // Nobody works on a node that is on offer: a boot of another window waits, for which the flag was lifted.
            let node = self.windows[window].node;
            if self.is_exposed(plane, node) && !plane.is_locked(node) {
                self.set_flag_again(plane, node);
            }
            self.bench.busy[usize::from(crew)] += 1;
            let it = &mut self.windows[window];
            (it.hands, it.crew) = (Hands::Working, crew);
            let (job, waited) = (it.job, it.waited);
            plane.tell(Fact::WorkBegan { window, node, waited });
            let work = self.jobs[job].work;
            plane.after(work, Event::WorkDone(window));
        }
        None
    }

    /// The first crew that is on shift, has somebody free and may do a window's work.
    fn free_crew<O: Observer>(&self, plane: &Plane<'_, O>, window: WindowId) -> Option<u16> {
        let (operators, clock) = (&plane.inputs.settings.operators, &plane.inputs.settings.clock);
        let on = |hours: Option<Hours>| hours.is_none_or(|hours| hours.has(clock, plane.now));
        if operators.crews.is_empty() {
            let free = operators.technicians.is_none_or(|n| self.bench.busy[0] < n);
            return (free && on(operators.shift)).then_some(0);
        }
        let it = &self.windows[window];
        let rack = plane.kind(it.node).rack;
        let skill = match self.jobs[it.job].origin {
            Origin::Fault(index) => plane
                .fault_kind(plane.inputs.tape.faults[index as usize].kind)
                .name
                .as_str(),
            Origin::Spell(_) => "spell",
            Origin::Campaign(_) => "campaign",
            Origin::Clean => "clean",
        };
        let crews = operators.crews.iter().zip(&self.bench.busy);
        let index = crews
            .into_iter()
            .position(|(crew, &busy)| busy < crew.technicians && on(crew.hours) && crew.may(rack, skill));
        index.map(|index| index as u16)
    }

    /// Whoever was at a window's work is free.
    pub fn hands_free(&mut self, window: WindowId) {
        let crew = usize::from(self.windows[window].crew);
        self.bench.busy[crew] -= 1;
    }

    /// The next shift that begins is put onto the agenda.
    pub fn next_shift<O: Observer>(&self, plane: &mut Plane<'_, O>) {
        let (operators, clock) = (&plane.inputs.settings.operators, &plane.inputs.settings.clock);
        let hours = operators.crews.iter().map(|crew| crew.hours).chain([operators.shift]);
        let begins = hours.flatten().map(|hours| hours.opens_next(clock, plane.now));
        if let Some(next) = begins.min()
            && next < Time::NEVER
        {
            plane.at(next, Event::Shift);
        }
    }

    /// Whether hands-on work cannot begin: it waits for its campaign's hours, or for somebody to leave the node; and the
    /// node, where the operators evict him.
    fn kept_up<O: Observer>(&mut self, plane: &mut Plane<'_, O>, window: WindowId) -> Option<Option<NodeId>> {
        let it = &mut self.windows[window];
        let (node, job) = (it.node, it.job);
        let until = it
            .campaign
            .and_then(|round| self.campaigns.work_waits_until(plane, round, job));
        if let Some(until) = until {
            it.hands = Hands::Shut;
            if until < Time::NEVER {
                plane.at(until, Event::WorkHour(window));
            }
            return Some(None);
        }
        let party = plane.node(node).party()?;
        if self.build_hangs(plane, node) {
            return None;
        }
        self.windows[window].hands = Hands::Blocked;
        let evicts = matches!(party, Party::Tenant(_)) && plane.evicts_who_took(node);
        Some(evicts.then_some(node))
    }

    /// Whether a technician is at work on the node.
    pub fn is_worked_on(&self, node: NodeId) -> bool {
        let windows = self.desks[node].windows.iter();
        let mut hands = windows.map(|&window| self.windows[window].hands);
        hands.any(|hands| hands == Hands::Working)
    }
}
