//! What breaks: faults, their detection, failed cleans.

use super::event::Event;
use super::fact::{Fact, Observer};
use super::state::World;
use crate::fleet::ironic::Failure;
use crate::fleet::{Health, Hold, NodeId, Power, Provision};
use crate::kernel::Agenda;
use crate::workload::tape::span_by;
use crate::workload::{Drain, FaultKind, Job, Origin};

impl<O: Observer> World<'_, O> {
    /// A kind of fault by its place among all kinds of all laws.
    pub fn fault_kind(&self, kind: u16) -> &FaultKind {
        let mut place = usize::from(kind);
        for law in &self.inputs.maintenance.faults {
            if place < law.kinds.len() {
                return &law.kinds[place];
            }
            place -= law.kinds.len();
        }
        panic!("fault kind {kind} is not in the plan");
    }

    /// A fault strikes. One that strikes a broken node, or one that is not there, changes nothing.
    pub fn fault_strikes(&mut self, place: u32, agenda: &mut Agenda<Event>) {
        let tape = self.inputs.tape;
        if let Some(next) = tape.faults.get(place as usize + 1) {
            agenda.push(next.at, Event::FaultStrikes(place + 1));
        }
        let fault = tape.faults[place as usize];
        let node = tape.jobs[fault.job as usize].node;
        let it = self.sight.fleet.node(node);
        if !it.installed() || it.health() != Health::Healthy {
            return;
        }
        let (interrupts, power) = (
            self.fault_kind(fault.kind).interrupts,
            self.fault_kind(fault.kind).power,
        );
        self.sight.fleet.node_mut(node).set_health(Health::Broken(fault.kind));
        let desk = &mut self.desks[node.at()];
        (desk.fault, desk.noticed) = (Some(place), false);
        self.tell(Fact::Broke { node, kind: fault.kind });
        if interrupts {
            self.interrupt(node, agenda);
        }
        if power {
            self.lose_image(node, agenda);
            self.sync_power(node, agenda);
        } else {
            agenda.push(self.now + fault.detection, Event::FaultNoticed(place));
        }
        self.settle(node, agenda);
    }

    /// A broken node failed its tenant, who complains: the fault is noticed now.
    pub fn complaint(&mut self, node: NodeId, agenda: &mut Agenda<Event>) {
        if let Some(place) = self.desks[node.at()].fault {
            self.fault_noticed(place, agenda);
        }
    }

    /// A fault is noticed, by the operators, by a tenant who complains, or for a dead power supply
    /// by Ironic's power sync: its window opens.
    pub fn fault_noticed(&mut self, place: u32, agenda: &mut Agenda<Event>) {
        let tape = self.inputs.tape;
        let fault = tape.faults[place as usize];
        let node = tape.jobs[fault.job as usize].node;
        let desk = &mut self.desks[node.at()];
        if desk.fault != Some(place) || desk.noticed || desk.gone {
            return;
        }
        desk.noticed = true;
        let power = self.fault_kind(fault.kind).power;
        let drain = self.inputs.maintenance.faults[usize::from(fault.law)].drain;
        let hold = if power { Hold::Fault } else { Hold::HardwareFailure };
        self.open(fault.job, node, hold, drain, None, agenda);
    }

    /// Automated cleaning failed. In a step, Ironic sets flag and fault, which only a human clears.
    pub fn clean_failed(&mut self, node: NodeId, failure: Failure, agenda: &mut Agenda<Event>) {
        let word = self.clean_word(node);
        self.sight.fleet.node_mut(node).become_state(Provision::CleanFailed);
        if self.desks[node.at()].leaving {
            self.depart(node, agenda);
            return;
        }
        let job = self.inputs.tape.jobs.len() as u32 + self.clean_jobs.len() as u32;
        let work = span_by(&self.inputs.maintenance.clean_work, word, 1);
        self.clean_jobs.insert(
            job,
            Job {
                node,
                origin: Origin::Clean,
                work,
                errands: Vec::new(),
                luck: word,
            },
        );
        if let Some(fault) = failure.fault() {
            self.sight.fleet.node_mut(node).raise_flag(Some(fault));
        }
        self.open(job, node, Hold::Fault, Drain::TenantLeaves, None, agenda);
        self.lock_is_free(node, agenda);
    }

    /// Whether the node has no power to boot the agent that is to clean it.
    #[inline]
    pub fn agent_never_calls(&self, node: NodeId) -> bool {
        self.sight.fleet.node(node).health() != Health::Healthy && self.powerless(node)
    }

    /// A node without power is not cleaned: Ironic gives up waiting for its agent, before any step, and sets no
    /// flag. That the power is gone the power sync finds out now that the node does not wait any more.
    pub fn clean_times_out(&mut self, node: NodeId, agenda: &mut Agenda<Event>) {
        self.sight.fleet.node_mut(node).become_state(Provision::CleanFailed);
        if !self.desks[node.at()].leaving {
            self.sync_power(node, agenda);
        }
        self.rests(node, agenda);
    }

    /// The hardware is mended: a clean that has failed for it is tried anew, unless it has a window of its own.
    pub fn clean_anew(&mut self, node: NodeId, agenda: &mut Agenda<Event>) {
        let windows = &self.desks[node.at()].windows;
        let cleans = |&window: &u32| self.job(self.windows[window as usize].job).origin == Origin::Clean;
        if self.sight.fleet.node(node).provision == Provision::CleanFailed && !windows.iter().any(cleans) {
            self.sight.fleet.node_mut(node).become_state(Provision::Manageable);
            self.provide(node, agenda);
        }
    }

    /// The node's hardware is mended; whether its power is back, Ironic finds out by itself.
    pub fn mend(&mut self, node: NodeId, agenda: &mut Agenda<Event>) {
        if self.sight.fleet.node(node).power == Power::Unknown {
            self.await_recovery(node, agenda);
        }
        self.sight.fleet.node_mut(node).set_health(Health::Healthy);
        let desk = &mut self.desks[node.at()];
        (desk.fault, desk.noticed) = (None, false);
    }
}
