//! What is due in maintenance: spells, faults, campaigns, the technicians' work, and what the fleet's boundaries dictate.

use super::state::World;
use super::turnover::By;
use super::upkeep::{Hands, Phase, idle};
use super::{BuildError, Event, Fact, Observer};
use crate::fleet::{Change, Health, Hold, Provision, WindowId};
use crate::workload::Origin;

impl<O: Observer> World<'_, O> {
    /// A recorded spell begins.
    pub fn spell_starts(&mut self, index: u32) {
        let tape = self.plane.inputs.tape;
        if let Some(next) = tape.spells.get(index as usize + 1) {
            self.plane.at(next.start, Event::SpellStarts(index + 1));
        }
        let spell = &tape.spells[index as usize];
        let node = tape.jobs[spell.job.at()].node;
        if self.plane.dictated(node).gone || self.upkeep.is_retired_for_good(&self.plane, node) {
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
        for round in self.upkeep.campaigns.in_turn(&self.plane, round) {
            self.launch_one(round);
        }
    }

    fn launch_one(&mut self, round: u32) {
        for scope in self.upkeep.campaigns.launch(&mut self.plane, round) {
            let launch = self.upkeep.campaigns.look(&self.plane, round, scope);
            // What may be taken next hangs on what the last one has become.
            while let Some(taken) = self.upkeep.campaigns.take_next(&mut self.plane, &launch) {
                self.open(taken.job, taken.node, Hold::Planned, taken.drain, Some(round));
            }
        }
    }

    /// A fault strikes. One that strikes a broken node, or one that is not there, changes nothing.
    pub fn fault_strikes(&mut self, index: u32) {
        let tape = self.plane.inputs.tape;
        if let Some(next) = tape.faults.get(index as usize + 1) {
            self.plane.at(next.at, Event::FaultStrikes(index + 1));
        }
        let fault = tape.faults[index as usize];
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
        (desk.fault, desk.noticed) = (Some(index), false);
        self.plane.tell(Fact::Broke { node, kind: fault.kind });
        if interrupts {
            self.end_instance(node, By::Fault);
            self.lose_boot(node, BuildError::Broken);
        }
        if power {
            self.lose_image(node, BuildError::Broken);
            self.upkeep.sync_power(&mut self.plane, node);
        } else {
            self.plane.after(fault.detection, Event::FaultNoticed(index));
        }
        self.upkeep.settle(&mut self.plane, node);
    }

    /// Hands-on work ends.
    pub fn work_done(&mut self, window: WindowId) {
        let it = &mut self.upkeep.windows[window];
        if std::mem::take(&mut it.hands) != Hands::Working {
            return;
        }
        let node = it.node;
        self.upkeep.hands_free(window);
        self.plane.tell(Fact::WorkDone { window, node });
        self.work_is_over(window, true);
        // Boots of other windows have waited for the technician to be done.
        self.node_came_free(node);
    }

    /// The work of a window is done, be it by hand or from afar.
    pub fn work_is_over(&mut self, window: WindowId, by_hand: bool) {
        let it = &mut self.upkeep.windows[window];
        it.work_done = true;
        let (node, job, phase) = (it.node, it.job, it.phase);
        if matches!(self.upkeep.jobs[job].origin, Origin::Fault(_)) {
            self.upkeep.repair(&mut self.plane, node);
            self.clean_anew(node);
        } else if by_hand && self.plane.powerless(node) {
            // Whoever has had his hands on it has seen that its power is gone; under a flag Ironic does not look.
            self.complaint(node);
        }
        self.upkeep.settle(&mut self.plane, node);
        self.serve_queue();
        if phase != Phase::Closed {
            self.next_task(window);
        }
    }

    /// A dictated change is due.
    pub fn boundary(&mut self, index: u32) {
        let boundary = self.plane.inputs.fleet.boundaries[index as usize];
        if let Some(next) = self.plane.inputs.fleet.boundaries.get(index as usize + 1) {
            self.plane.at(next.at, Event::Boundary(index + 1));
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
            Change::Retires => {
                self.plane.retire(node);
                self.upkeep.settle(&mut self.plane, node);
                // It may rest already, its clean waiting under the flag: then nothing comes that would tell.
                if self.upkeep.is_retired_for_good(&self.plane, node) {
                    self.retired_rests(node);
                }
            }
        }
        // Where nothing has changed on the node yet, nobody else tells those who wait.
        self.plane.ring_stirred();
    }
}
