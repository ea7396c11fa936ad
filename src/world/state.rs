//! The world's state and its beginning.

use std::collections::{BTreeMap, VecDeque};

use super::desk::{Bench, Desk, Doomed, Gang, Hope, Running, Window};
use super::event::Event;
use super::fact::{Fact, Observer, Sight, Standing};
use super::inputs::Inputs;
use super::sync::Sync;
use crate::fleet::{Change, Fleet, Marks, NodeId, Provision};
use crate::kernel::streams::mix;
use crate::kernel::{Agenda, Span, Time};
use crate::scheduler::Policy;
use crate::strategy::Terms;
use crate::view::View;

/// Idle nodes of a class that automatic requests cannot get, by the reason.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Away {
    /// In maintenance or hidden, and nobody's.
    pub hidden: u32,
    /// Free in truth, not yet seen as free.
    pub unseen: u32,
}

/// Everything that events change.
pub(super) struct World<'a, O> {
    pub inputs: Inputs<'a>,
    pub policy: Policy,
    pub terms: Terms,
    pub fleet: Fleet,
    pub view: View,
    pub observers: O,
    pub now: Time,
    pub standing: Vec<Standing>,
    pub away: Vec<Away>,
    pub sync: Option<Sync>,
    pub desks: Vec<Desk>,
    pub windows: Vec<Window>,
    pub doomed: Vec<Doomed>,
    pub spare_doomed: Vec<u32>,
    pub gangs: BTreeMap<u32, Gang>,
    pub hopes: BTreeMap<u32, Hope>,
    pub lines: Vec<VecDeque<u32>>,
    pub waking: Vec<bool>,
    pub in_use: Vec<u32>,
    pub owners: Vec<bool>,
    pub bench: Bench,
    pub campaigns: Vec<Running>,
    pub slipped: Vec<NodeId>,
    /// Ordinary flavors that carry the inverse requirement, by class: the share `coverage` of them.
    pub uncovered: Vec<bool>,
    pub audit_pending: bool,
    /// Jobs made during the run, for failed cleans.
    pub clean_jobs: BTreeMap<u32, crate::workload::Job>,
}

impl<'a, O: Observer> World<'a, O> {
    pub fn new(inputs: Inputs<'a>, observers: O) -> World<'a, O> {
        let fleet = inputs.fleet.clone();
        let nodes = fleet.nodes.len();
        let (classes, tenants) = (fleet.names.classes.len().max(1), fleet.names.tenants.len().max(1));
        let mut owners = vec![false; tenants];
        for owner in fleet.nodes.iter().filter_map(|node| node.spec.owner) {
            owners[owner.at()] = true;
        }
        let terms = inputs.strategy.terms();
        let view = View::new(nodes, classes, fleet.names.groups.len());
        World {
            inputs,
            policy: inputs.policy.clone(),
            terms,
            sync: inputs.settings.sync.map(|sync| Sync::new(sync, &fleet, inputs.tape.luck)),
            view,
            observers,
            now: Time::ZERO,
            standing: vec![Standing::default(); nodes],
            away: vec![Away::default(); classes],
            desks: vec![Desk::default(); nodes],
            windows: Vec::new(),
            doomed: Vec::new(),
            spare_doomed: Vec::new(),
            gangs: BTreeMap::new(),
            hopes: BTreeMap::new(),
            lines: vec![VecDeque::new(); classes],
            waking: vec![false; classes],
            in_use: vec![0; tenants],
            owners,
            bench: Bench::default(),
            campaigns: Vec::new(),
            slipped: Vec::new(),
            uncovered: uncovered(classes, terms.coverage),
            audit_pending: false,
            clean_jobs: BTreeMap::new(),
            fleet,
        }
    }

    /// Tells the observers a fact.
    pub fn tell(&mut self, fact: Fact) {
        let sight = Sight { fleet: &self.fleet, view: &self.view, tape: self.inputs.tape };
        self.observers.told(self.now, &fact, &sight);
    }

    /// Puts the nodes into service and schedules what the tape holds.
    pub fn begin(&mut self, agenda: &mut Agenda<Event>) {
        for boundary in &self.inputs.fleet.boundaries {
            if boundary.change == Change::Joins {
                self.fleet.node_mut(boundary.node).provision = Provision::Enroll;
            }
        }
        for node in self.fleet.ids() {
            self.publish_now(node);
            self.mark_by_api(node);
            self.stand(node);
        }
        let tape = self.inputs.tape;
        if !self.inputs.fleet.boundaries.is_empty() {
            agenda.push(self.inputs.fleet.boundaries[0].at, Event::Boundary(0));
        }
        if let Some(first) = tape.requests.first() {
            agenda.push(first.start, Event::Arrival(0));
        }
        if let Some(first) = tape.faults.first() {
            agenda.push(first.at, Event::FaultStrikes(0));
        }
        if let Some(first) = tape.spells.first() {
            agenda.push(first.start, Event::SpellStarts(0));
        }
        self.begin_campaigns(agenda);
        if let Some(shift) = self.inputs.settings.operators.shift {
            agenda.push(self.next_time_of_day(shift.from), Event::Shift);
        }
    }

    /// The next instant at which it is `of_day` after midnight.
    pub fn next_time_of_day(&self, of_day: Span) -> Time {
        let day = crate::kernel::time::DAY_MS;
        let now_of_day = (self.now.0 + self.inputs.settings.day_offset.0) % day;
        self.now + Span((of_day.0 + day - now_of_day) % day)
    }

    /// Whether the time of day lies in a daily window that may pass midnight.
    pub fn within(&self, from: Span, to: Span) -> bool {
        let day = crate::kernel::time::DAY_MS;
        let now = (self.now.0 + self.inputs.settings.day_offset.0) % day;
        if from <= to { from.0 <= now && now < to.0 } else { now >= from.0 || now < to.0 }
    }

    /// A job by its place on the tape, or among those made during the run.
    pub fn job(&self, job: u32) -> &crate::workload::Job {
        let tape = self.inputs.tape;
        tape.jobs.get(job as usize).unwrap_or_else(|| &self.clean_jobs[&job])
    }

    /// The marks that keep ordinary requests off a node, as far as the view has seen them.
    pub fn hides(&self, node: NodeId) -> bool {
        let shape = self.view.shape_of(node);
        let tolerated = self.ordinary_tolerates(false).0;
        let marked = Marks(shape.marks.0 & !tolerated);
        self.view.listing(node).flag || !marked.is_empty() || self.view.closed(shape.group)
    }

    /// The marks that do not keep an ordinary request off.
    pub fn ordinary_tolerates(&self, names_no_owner: bool) -> Marks {
        use crate::fleet::Mark;
        // Whether a service is the operators' is asked of the service, not of the node.
        let mut tolerates = crate::scheduler::stages::harmless().with(Mark::ServiceTenancy);
        if self.terms.coverage < 1.0 {
            tolerates = tolerates.with(Mark::InverseSpec);
        }
        if !self.terms.tenant_aggregates_closed {
            tolerates = tolerates.with(Mark::TenantAggregate);
        }
        if names_no_owner || self.ownerless_demand() {
            tolerates = tolerates.with(Mark::OperatorsOwner);
        }
        tolerates
    }

    fn ownerless_demand(&self) -> bool {
        self.inputs.demand.sources.iter().any(|source| source.names_owner < 1.0)
    }
}

/// Which flavors lack the inverse requirement: exactly the share `1 - coverage` of them, in an
/// order that looks random and is always the same.
fn uncovered(classes: usize, coverage: f64) -> Vec<bool> {
    let mut order: Vec<usize> = (0..classes).collect();
    order.sort_by_key(|&class| mix(class as u64));
    let bare = ((1.0 - coverage) * classes as f64 + 0.5) as usize;
    let mut uncovered = vec![false; classes];
    order.into_iter().take(bare).for_each(|class| uncovered[class] = true);
    uncovered
}
