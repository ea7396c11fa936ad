//! Hands-on work: the technicians' queue, and what work waits for beside them.

use super::desk::{Hands, Phase};
use super::event::Event;
use super::fact::{Fact, Observer};
use super::state::World;
use crate::fleet::{NodeId, Party};
use crate::kernel::{Agenda, Time};
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
    /// steps out of the queue and blocks nobody.
    pub fn serve_queue(&mut self, agenda: &mut Agenda<Event>) {
        let operators = &self.inputs.settings.operators;
        let (technicians, shift) = (operators.technicians, operators.shift);
        if shift.is_some_and(|shift| !shift.has(&self.inputs.settings.clock, self.now)) {
            return;
        }
        while technicians.is_none_or(|n| self.bench.busy < n) {
            let Some((_, window)) = self.bench.queue.pop_first() else {
                return;
            };
            if self.windows[window as usize].phase == Phase::Closed || self.work_is_kept_up(window, agenda) {
                continue;
            }
            self.bench.busy += 1;
            let it = &mut self.windows[window as usize];
            it.hands = Hands::Working;
            let (node, job, waited) = (it.node, it.job, self.now - it.queued);
            self.tell(Fact::WorkBegan { window, node, waited });
            let work = self.job(job).work;
            agenda.push(self.now + work, Event::WorkDone(window));
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
        if let Some(shift) = self.inputs.settings.operators.shift {
            let clock = &self.inputs.settings.clock;
            let next = shift.opens(clock, shift.closes(clock, self.now));
            if next < Time::NEVER {
                agenda.push(next, Event::Shift);
            }
        }
        self.serve_queue(agenda);
    }

    /// Hands-on work ends.
    pub fn work_done(&mut self, window: u32, agenda: &mut Agenda<Event>) {
        let it = &mut self.windows[window as usize];
        if std::mem::take(&mut it.hands) != Hands::Working {
            return;
        }
        it.work_done = true;
        self.bench.busy -= 1;
        let (node, job, phase) = (it.node, it.job, it.phase);
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
