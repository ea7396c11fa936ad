//! The world's state and its beginning.

use std::collections::{BTreeMap, BTreeSet};

use super::asking::Clerk;
use super::campaigns::Campaigns;
use super::desk::{Bench, Desks, Doomed, Gangs, Hope, Window};
use super::event::Event;
use super::fact::{Fact, Observer, Sight};
use super::inputs::Inputs;
use super::leases::Calendar;
use super::lines::Lines;
use super::reach::Reach;
use super::standstill::Asked;
use super::sync::Sync;
use crate::fleet::{Change, ClassId, NodeId, Party, Provision, TraitSet};
use crate::kernel::{Agenda, Time};
use crate::scheduler::{Ask, Rules, Usage};
use crate::strategy::Terms;
use crate::view::View;
use crate::workload::{Requests, ServerGroup};

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
    /// What observers may look at, too.
    pub sight: Sight<'a>,
    pub clerk: Clerk,
    pub rules: Rules,
    pub terms: Terms,
    /// The places of specs in the rules, by feed and tenant of the requests that have them, plus one.
    pub places: Vec<u32>,
    pub observers: O,
    pub now: Time,
    pub asked: Asked,
    /// By class and traits.
    pub away: BTreeMap<(ClassId, TraitSet), Away>,
    pub sync: Option<Sync>,
    pub desks: Desks,
    pub windows: Vec<Window>,
    pub doomed: Vec<Doomed>,
    pub spare_doomed: Vec<u32>,
    /// By node: the luck of whoever was on it last; nothing where no clean hangs on luck.
    pub left_by: Vec<u64>,
    pub gangs: Gangs,
    pub hopes: BTreeMap<u32, Hope>,
    pub lines: Lines,
    /// What could ever serve a request.
    pub reach: Reach,
    /// Requests that others' hints speak of, with their names.
    pub hinted: BTreeMap<u32, String>,
    /// Whether any request belongs to a server group.
    pub grouped: bool,
    pub bench: Bench,
    pub campaigns: Campaigns,
    pub slipped: Vec<NodeId>,
    pub audit_pending: bool,
    /// Jobs made during the run, for failed cleans.
    pub clean_jobs: BTreeMap<u32, crate::workload::Job>,
}

impl<'a, O: Observer> World<'a, O> {
    pub fn new(inputs: Inputs<'a>, observers: O) -> World<'a, O> {
        let fleet = inputs.fleet.clone();
        let nodes = fleet.nodes.len();
        let classes = fleet.names.classes.len().max(1);
        let clerk = Clerk::new(&inputs);
        let terms = inputs.strategy.terms();
        let view = View::seated(fleet.seats(), nodes, classes, fleet.names.groups.len());
        World {
            inputs,
            rules: clerk.rules(&inputs),
            clerk,
            terms,
            sync: inputs
                .settings
                .sync
                .map(|sync| Sync::new(sync, &fleet, inputs.tape.luck)),
            places: Vec::new(),
            observers,
            now: Time::ZERO,
            asked: Asked::default(),
            away: BTreeMap::new(),
            desks: Desks::new(nodes),
            windows: Vec::new(),
            doomed: Vec::new(),
            spare_doomed: Vec::new(),
            left_by: vec![0; if inputs.cleans_vary() { nodes } else { 0 }],
            gangs: Gangs::default(),
            hopes: BTreeMap::new(),
            lines: Lines::new(classes),
            reach: Reach::default(),
            hinted: hinted(&inputs),
            grouped: inputs.demand.extras.iter().any(|extras| extras.group.is_some()),
            bench: Bench {
                busy: vec![0; inputs.settings.operators.crews.len().max(1)],
                ..Bench::default()
            },
            campaigns: Campaigns::default(),
            slipped: Vec::new(),
            audit_pending: false,
            clean_jobs: BTreeMap::new(),
            sight: Sight {
                errand: None,
                requests: requests_of(&inputs),
                calendar: Calendar::new(nodes, terms.lease.is_some()),
                usage: Usage::default(),
                tape: inputs.tape,
                view,
                fleet,
            },
        }
    }

    /// Tells the observers a fact.
    #[inline(never)]
    pub fn tell(&mut self, fact: Fact) {
        self.tell_here(fact);
    }

    /// The same for the facts of every request: the observers are compiled into the place that tells,
    /// where the kind of fact is known and what they look at falls away.
    #[inline(always)]
    pub fn tell_here(&mut self, fact: Fact) {
        self.observers.told(self.now, &fact, &self.sight);
        self.remember(&fact);
    }

    /// Keeps a request while it is not decided or has a claim, and no longer. Compiled into the place that
    /// tells, where most kinds of fact leave nothing of it.
    #[inline(always)]
    fn remember(&mut self, fact: &Fact) {
        match *fact {
            Fact::Claimed { request, .. } => self.sight.requests.keep(request),
            // A build for a claim that was lost at once fails when that claim has ended already.
            Fact::BuildFailed { error, .. } if error.loses_claim() => {}
            Fact::Accepted { request }
            | Fact::Refused { request, .. }
            | Fact::Conflict { request, .. }
            | Fact::BuildFailed { request, .. }
            | Fact::Released { request, .. }
            | Fact::Evicted { request, .. }
            | Fact::Interrupted { request, .. } => self.sight.requests.release(request),
            _ => {}
        }
    }

    /// Puts the nodes into service and schedules what the tape holds.
    pub fn begin(&mut self, agenda: &mut Agenda<Event>) {
        for boundary in &self.inputs.fleet.boundaries {
            if boundary.change == Change::Joins {
                self.sight.fleet.node_mut(boundary.node).provision = Provision::Enroll;
            }
        }
        for node in self.sight.fleet.ids() {
            self.publish_now(node);
            self.mark_by_api(node);
            self.stand(node);
        }
        let tape = self.inputs.tape;
        if !self.inputs.fleet.boundaries.is_empty() {
            agenda.push(self.inputs.fleet.boundaries[0].at, Event::Boundary(0));
        }
        self.next_arrival(agenda);
        if let Some(first) = tape.faults.first() {
            agenda.push(first.at, Event::FaultStrikes(0));
        }
        if let Some(first) = tape.spells.first() {
            agenda.push(first.start, Event::SpellStarts(0));
        }
        self.begin_campaigns(agenda);
        self.begin_leases(agenda);
        self.next_shift(agenda);
    }

    /// A job by its place on the tape, or among those made during the run.
    pub fn job(&self, job: u32) -> &crate::workload::Job {
        let tape = self.inputs.tape;
        tape.jobs.get(job as usize).unwrap_or_else(|| &self.clean_jobs[&job])
    }

    /// The server group of whoever takes a node.
    #[inline]
    pub fn server_group(&self, party: Party) -> Option<&ServerGroup> {
        match party {
            Party::Tenant(request) if self.grouped => {
                let extras = usize::from(self.request(request).extras);
                self.inputs.demand.extras.get(extras)?.group.as_ref()
            }
            _ => None,
        }
    }

    /// Idle nodes with the class and traits that an ask wants, which it cannot get.
    pub fn away(&self, ask: &Ask) -> Away {
        let of_class = (ask.spec.class, TraitSet(0))..=(ask.spec.class, TraitSet(u64::MAX));
        let fits = |traits: TraitSet| traits.covers(ask.spec.required) && !traits.meets(ask.spec.forbidden);
        let kinds = self.away.range(of_class).filter(|((_, traits), _)| fits(*traits));
        kinds.fold(Away::default(), |sum, (_, away)| Away {
            hidden: sum.hidden + away.hidden,
            unseen: sum.unseen + away.unseen,
        })
    }
}

/// The requests of a run. Blazar's calendar looks ahead: where it is kept and something is asked for
/// in advance, all requests are held from the beginning, those that begin after the horizon among them.
fn requests_of(inputs: &Inputs<'_>) -> Requests {
    let requests = &inputs.tape.requests;
    if inputs.strategy.terms().lease.is_some() && requests.looks_ahead() {
        requests.with_those_ahead()
    } else {
        requests.clone()
    }
}

/// The requests that `same_host` and `different_host` name.
fn hinted(inputs: &Inputs<'_>) -> BTreeMap<u32, String> {
    let extras = inputs.demand.extras.iter();
    let named: BTreeSet<&String> = extras
        .flat_map(|one| one.same_host.iter().chain(&one.different_host))
        .collect();
    if named.is_empty() {
        return BTreeMap::new();
    }
    let mut requests = inputs.tape.requests.clone();
    let mut hinted = BTreeMap::new();
    while let Some((request, _)) = requests.advance() {
        let name = requests.name(request);
        if named.contains(&name) {
            hinted.insert(request, name);
        }
        requests.release(request);
    }
    hinted
}
