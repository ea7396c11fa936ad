//! What is due in maintenance: spells, faults, campaigns, leases, the technicians' work, audits, and what the fleet's
//! boundaries dictate.

use super::state::World;
use super::turnover::By;
use super::upkeep::{Course, Hands, Phase, idle};
use super::{BuildError, Deed, Event, Fact, Observer};
use crate::fleet::{Change, Health, Hold, Mark, NodeId, Party, Provision, WindowId};
use crate::workload::Origin;

impl<O: Observer> World<'_, O> {
    /// A recorded spell begins.
    pub fn spell_starts(&mut self, place: u32) {
        let tape = self.plane.inputs.tape;
        if let Some(next) = tape.spells.get(place as usize + 1) {
            self.plane.at(next.start, Event::SpellStarts(place + 1));
        }
        let spell = &tape.spells[place as usize];
        let node = tape.jobs[spell.job.at()].node;
        if self.plane.dictated(node).gone {
            return;
        }
        let drain = self.plane.inputs.maintenance.spell_drain;
        let window = self.open(spell.job, node, spell.hold, drain, None);
        if self.upkeep.windows[window].recorded
            && let Some(end) = spell.end
        {
            self.plane.at(end, Event::SpellEnds(window));
        }
    }

    /// A round of a campaign looks for nodes to begin with.
    pub fn launch(&mut self, round: u32) {
        for scope in self.upkeep.campaigns.launch(&mut self.plane, round) {
            let launch = self.upkeep.campaigns.look(&self.plane, round, scope);
            // What may be taken next hangs on what the last one has become.
            while let Some(taken) = self.upkeep.campaigns.take_next(&mut self.plane, &launch) {
                self.open(taken.job, taken.node, Hold::Planned, taken.drain, Some(round));
            }
        }
    }

    /// The operators' lease of a node ends, whether or not the work is done. It takes its image along; for what is left to
    /// be done they ask for another one.
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
            self.cut_errand(window);
            self.next_task(window);
        }
        if let Some(&window) = self.upkeep.desks[node].windows.first() {
            let it = &self.upkeep.windows[window];
            let (job, recorded) = (it.job, it.recorded);
            self.upkeep.desks[node].call_off();
            self.enter(node, job, recorded);
        }
        self.upkeep.settle(&mut self.plane, node);
    }

    /// A fault strikes. One that strikes a broken node, or one that is not there, changes nothing.
    pub fn fault_strikes(&mut self, place: u32) {
        let tape = self.plane.inputs.tape;
        if let Some(next) = tape.faults.get(place as usize + 1) {
            self.plane.at(next.at, Event::FaultStrikes(place + 1));
        }
        let fault = tape.faults[place as usize];
        let node = tape.jobs[fault.job.at()].node;
        let it = self.plane.node(node);
        if !it.installed() || it.health() != Health::Healthy {
            return;
        }
        let (interrupts, power) = (
            self.plane.fault_kind(fault.kind).interrupts,
            self.plane.fault_kind(fault.kind).power,
        );
        self.plane.node_mut(node).set_health(Health::Broken(fault.kind));
        let desk = &mut self.upkeep.desks[node];
        (desk.fault, desk.noticed) = (Some(place), false);
        self.plane.tell(Fact::Broke { node, kind: fault.kind });
        if interrupts {
            self.end_instance(node, By::Fault);
            self.lose_boot(node, BuildError::Broken);
        }
        if power {
            self.lose_image(node, BuildError::Broken);
            self.upkeep.sync_power(&mut self.plane, node);
        } else {
            self.plane.after(fault.detection, Event::FaultNoticed(place));
        }
        self.upkeep.settle(&mut self.plane, node);
    }

    /// Hands-on work ends.
    pub fn work_done(&mut self, window: WindowId) {
        let it = &mut self.upkeep.windows[window];
        if std::mem::take(&mut it.hands) != Hands::Working {
            return;
        }
        it.work_done = true;
        let (node, job, phase) = (it.node, it.job, it.phase);
        self.upkeep.hands_free(window);
        self.plane.tell(Fact::WorkDone { window, node });
        if matches!(self.upkeep.jobs[job].origin, Origin::Fault(_)) {
            self.upkeep.mend(&mut self.plane, node);
            self.clean_anew(node);
        } else if self.plane.powerless(node) {
            // Whoever has had his hands on it has seen that its power is gone; under a flag Ironic does not look.
            self.complaint(node);
        }
        self.upkeep.settle(&mut self.plane, node);
        self.serve_queue();
        if phase != Phase::Closed {
            self.next_task(window);
        }
        // Boots of other windows have waited for the technician to be done.
        self.node_came_free(node);
    }

    /// The operators look for what was forgotten, and mend it.
    pub fn audit(&mut self) {
        for node in self.upkeep.slips.audit() {
            if self.hide_again(node) {
                continue;
            }
            let steps = std::mem::take(&mut self.upkeep.desks[node].forgotten);
            if steps.is_empty() || self.upkeep.desks[node].course != Course::Open {
                continue;
            }
            for step in &steps {
                self.act(node, step);
                self.plane.human_act(node, Deed::Return);
            }
            self.plane.tell(Fact::Audited { node });
            self.plane.tell(Fact::Returned { node });
        }
    }

    /// An audit finds a node bare on which work goes on: it is hidden anew.
    fn hide_again(&mut self, node: NodeId) -> bool {
        let desk = &self.upkeep.desks[node];
        let (true, Some(&window)) = (desk.bared, desk.windows.first()) else {
            return false;
        };
        // A flag under their own boot would keep it from ever being done: the next audit looks again.
        if let Some(Party::Errand(_)) = self.plane.node(node).party() {
            self.upkeep.slips.note(&mut self.plane, node);
            return true;
        }
        self.plane.tell(Fact::Audited { node });
        let (job, recorded) = (self.upkeep.windows[window].job, self.upkeep.windows[window].recorded);
        self.enter(node, job, recorded);
        true
    }

    /// A dictated change is due.
    pub fn boundary(&mut self, place: u32) {
        let boundary = self.plane.inputs.fleet.boundaries[place as usize];
        if let Some(next) = self.plane.inputs.fleet.boundaries.get(place as usize + 1) {
            self.plane.at(next.at, Event::Boundary(place + 1));
        }
        let node = boundary.node;
        let is_idle = self.plane.is_idle(node);
        self.plane.fleet_shrinks();
        match boundary.change {
            Change::Joins => {
                let retired = self.plane.node(node).retired;
                let way = [Provision::Manageable, Provision::Cleaning, Provision::Available];
                for state in way.into_iter().take(if retired { 1 } else { 3 }) {
                    self.plane.node_mut(node).become_state(state);
                }
                let then = idle(&mut self.plane, node);
                self.go_on(node, then);
            }
            Change::Leaves => {
                self.plane.dictate(node).leaving = true;
                self.depart(node);
            }
            Change::Class(class) if is_idle || !self.plane.node(node).installed() => {
                self.plane.node_mut(node).class = class;
                self.upkeep.settle(&mut self.plane, node);
            }
            Change::Class(class) => self.plane.dictate(node).class = Some(class),
            Change::Group(group) => self.plane.regroup(node, group),
            Change::Retires => self.plane.retire(node),
        }
    }
}
