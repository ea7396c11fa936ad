//! Hands-on work: the technicians' queue, and what work waits for beside them.

use super::desk::{Hands, Phase};
use super::event::Event;
use super::fact::{Fact, Observer};
use super::state::World;
use crate::fleet::{NodeId, Party};
use crate::kernel::{Agenda, Hours, Time};
use crate::workload::Origin;

impl<O: Observer> World<'_, O> {
    /// A window's hands-on work is due: it waits for a technician.
    pub fn queue_for_work(&mut self, window: u32, agenda: &mut Agenda<Event>) {
        self.bench.tickets += 1;
        let it = &mut self.windows[window as usize];
        (it.queued, it.ticket) = (self.now, self.bench.tickets);
        self.queue_again(window, agenda);
    }

    /// A window gets into the technicians' queue, at the place of its ticket.
    pub fn queue_again(&mut self, window: u32, agenda: &mut Agenda<Event>) {
        let it = &mut self.windows[window as usize];
        it.hands = Hands::Queued;
        self.bench.queue.insert(it.ticket, window);
        self.serve_queue(agenda);
    }

    /// Free technicians take what waits, first in first out, during their shift. What cannot be begun now
    /// steps out of the queue and blocks nobody; nor does what waits for another crew.
    pub fn serve_queue(&mut self, agenda: &mut Agenda<Event>) {
        let mut ticket = 0;
        while let Some((&next, &window)) = self.bench.queue.range(ticket..).next() {
            ticket = next + 1;
            let Some(crew) = self.free_crew(window) else {
                if self.inputs.settings.operators.crews.len() < 2 {
                    return;
                }
                continue;
            };
            self.bench.queue.remove(&next);
            if self.windows[window as usize].phase == Phase::Closed || self.work_is_kept_up(window, agenda) {
                continue;
            }
            self.bench.busy[usize::from(crew)] += 1;
            let it = &mut self.windows[window as usize];
            (it.hands, it.crew) = (Hands::Working, crew);
            let (node, job, waited) = (it.node, it.job, self.now - it.queued);
            self.tell(Fact::WorkBegan { window, node, waited });
            let work = self.job(job).work;
            agenda.push(self.now + work, Event::WorkDone(window));
        }
    }

    /// The first crew that is on shift, has somebody free and may do a window's work.
    fn free_crew(&self, window: u32) -> Option<u16> {
        let (operators, clock) = (&self.inputs.settings.operators, &self.inputs.settings.clock);
        let on = |hours: Option<Hours>| hours.is_none_or(|hours| hours.has(clock, self.now));
        if operators.crews.is_empty() {
            let free = operators.technicians.is_none_or(|n| self.bench.busy[0] < n);
            return (free && on(operators.shift)).then_some(0);
        }
        let it = &self.windows[window as usize];
        let rack = self.sight.fleet.kind(it.node).rack;
        let skill = match self.job(it.job).origin {
            Origin::Fault(place) => self
                .fault_kind(self.inputs.tape.faults[place as usize].kind)
                .name
                .as_str(),
            Origin::Spell(_) => "spell",
            Origin::Campaign(_) => "campaign",
            Origin::Clean => "clean",
        };
        let crews = operators.crews.iter().zip(&self.bench.busy);
        let place = crews
            .into_iter()
            .position(|(crew, &busy)| busy < crew.technicians && on(crew.hours) && crew.may(rack, skill));
        place.map(|place| place as u16)
    }

    /// Whoever was at a window's work is free.
    pub fn hands_free(&mut self, window: u32) {
        let crew = usize::from(self.windows[window as usize].crew);
        self.bench.busy[crew] -= 1;
    }

    /// The next shift that begins is put onto the agenda.
    pub fn next_shift(&mut self, agenda: &mut Agenda<Event>) {
        let (operators, clock) = (&self.inputs.settings.operators, &self.inputs.settings.clock);
        let hours = operators.crews.iter().map(|crew| crew.hours).chain([operators.shift]);
        let begins = hours.flatten().map(|hours| hours.opens_next(clock, self.now));
        if let Some(next) = begins.min()
            && next < Time::NEVER
        {
            agenda.push(next, Event::Shift);
        }
    }

    /// Whether hands-on work cannot begin: it waits for its campaign's hours, or for somebody to leave the node.
    fn work_is_kept_up(&mut self, window: u32, agenda: &mut Agenda<Event>) -> bool {
        if let Some(until) = self.work_waits_until(window) {
            self.windows[window as usize].hands = Hands::Shut;
            if until < Time::NEVER {
                agenda.push(until, Event::WorkHour(window));
            }
            return true;
        }
        let node = self.windows[window as usize].node;
        let Some(party) = self.sight.fleet.node(node).party() else {
            return false;
        };
        if self.build_hangs(node) {
            return false;
        }
        self.windows[window as usize].hands = Hands::Blocked;
        if matches!(party, Party::Tenant(_)) && self.evicts_who_took(node) {
            self.evict(node, agenda);
        }
        true
    }

    /// The hours of a window's campaign have come.
    pub fn work_hour(&mut self, window: u32, agenda: &mut Agenda<Event>) {
        if self.windows[window as usize].hands == Hands::Shut {
            self.queue_again(window, agenda);
        }
    }

    /// Whether a technician is at work on the node.
    pub fn is_worked_on(&self, node: NodeId) -> bool {
        let windows = self.desks[node.at()].windows.iter();
        let mut hands = windows.map(|&window| self.windows[window as usize].hands);
        hands.any(|hands| hands == Hands::Working)
    }

    /// A shift of technicians begins.
    pub fn shift_begins(&mut self, agenda: &mut Agenda<Event>) {
        self.next_shift(agenda);
        self.serve_queue(agenda);
    }

    /// Hands-on work ends.
    pub fn work_done(&mut self, window: u32, agenda: &mut Agenda<Event>) {
        let it = &mut self.windows[window as usize];
        if std::mem::take(&mut it.hands) != Hands::Working {
            return;
        }
        it.work_done = true;
        let (node, job, phase) = (it.node, it.job, it.phase);
        self.hands_free(window);
        self.tell(Fact::WorkDone { window, node });
        if matches!(self.job(job).origin, Origin::Fault(_)) {
            self.mend(node, agenda);
            self.clean_anew(node, agenda);
        } else if self.powerless(node) {
            // Whoever has had his hands on it has seen that its power is gone; under a flag Ironic does not look.
            self.complaint(node, agenda);
        }
        self.settle(node, agenda);
        self.serve_queue(agenda);
        if phase != Phase::Closed {
            self.next_task(window, agenda);
        }
        // Boots of other windows have waited for the technician to be done.
        self.node_came_free(node, agenda);
    }
}
