//! The control plane: the fleet, the scheduler's view of it and how the one reaches the other, the rules by which
//! requests are decided, and the observers, who are told whatever happens. It knows neither requests' courses nor
//! maintenance: both act on it and are told by what it returns, and by the bells, what follows.
//!
//! - `nodes`: what is true of a node, and what happens to it whoever is on it
//! - `ironic`: what Ironic's flag refuses
//! - `sync`: how facts reach the scheduler's view, by `passes` of the compute services, which begin as `periodic` says
//! - `leases`: Blazar's, by its `calendar`
//! - `bells`: who waits for a class, and is to be asked again

pub mod calendar;

mod bells;
mod ironic;
mod leases;
mod nodes;
mod passes;
mod periodic;
mod sync;

use std::collections::{BTreeMap, BTreeSet};

use super::asking::Clerk;
use super::event::Event;
use super::fact::{Deed, Fact, Observer, Sight, Truth};
use super::inputs::Inputs;
use super::standing::Standing;
use super::standstill::Asked;
use crate::fleet::{ClassId, Node, NodeId, NodeKind, Provision, RequestId, TraitSet};
use crate::kernel::{Agenda, Span, Time};
use crate::scheduler::{Ask, Rules, Usage};
use crate::strategy::Terms;
use crate::view::View;
use crate::workload::{JobId, Request, Requests};
pub(super) use bells::Bells;
use calendar::Calendar;
use passes::Sync;

/// Idle nodes of a class that automatic requests cannot get, by the reason.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Away {
    /// In maintenance or hidden, and nobody's.
    pub hidden: u32,
    /// Free in truth, not yet seen as free.
    pub unseen: u32,
}

/// What the fleet's boundaries dictate for a node and cannot be done yet, or is done for good.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Dictated {
    /// The class that it is to have as soon as nobody is on it.
    pub class: Option<ClassId>,
    /// It is to be retired as soon as Ironic allows it.
    pub retiring: bool,
    /// It is to leave the fleet as soon as no tenant is on it.
    pub leaving: bool,
    /// It has left.
    pub gone: bool,
}

/// The control plane of a run.
pub(super) struct Plane<'a, O> {
    pub inputs: Inputs<'a>,
    pub now: Time,
    /// What is to happen.
    pub agenda: Agenda<Event>,
    /// What observers may look at, too.
    pub truth: Truth<'a>,
    pub clerk: Clerk,
    pub rules: Rules,
    pub terms: Terms,
    pub bells: Bells,
    /// How much may follow at the instant that it is.
    pub asked: Asked,
    /// How often nodes have left, retired or changed: what is known of the fleet to come hangs on it.
    pub shrunk: u32,
    observers: O,
    sync: Option<Sync>,
    /// How each node stood when that was told last.
    standings: Vec<Standing>,
    /// By class and traits.
    away: BTreeMap<(ClassId, TraitSet), Away>,
    dictated: BTreeMap<NodeId, Dictated>,
    /// Work that is announced, by node: from when on, and its job. Kept only where requests are kept clear of it.
    announced: BTreeMap<NodeId, BTreeSet<(Time, JobId)>>,
    /// Requests that others' hints speak of, with their names.
    hinted: BTreeMap<RequestId, String>,
    /// Whether any request belongs to a server group.
    grouped: bool,
}

impl<'a, O: Observer> Plane<'a, O> {
    pub fn new(inputs: Inputs<'a>, observers: O) -> Plane<'a, O> {
        let fleet = inputs.fleet.clone();
        let nodes = fleet.nodes.len();
        let classes = fleet.names.classes.len().max(1);
        let clerk = Clerk::new(&inputs);
        let terms = inputs.strategy.terms();
        let view = View::seated(fleet.seats(), nodes, classes, fleet.names.groups.len());
        let sync = inputs.settings.sync;
        Plane {
            inputs,
            now: Time::ZERO,
            agenda: Agenda::new(),
            rules: clerk.rules(&inputs),
            clerk,
            terms,
            bells: Bells::new(classes),
            asked: Asked::default(),
            shrunk: 0,
            observers,
            sync: sync.map(|sync| Sync::new(sync, &fleet, inputs.tape.luck)),
            standings: vec![Standing::default(); nodes],
            away: BTreeMap::new(),
            dictated: BTreeMap::new(),
            announced: BTreeMap::new(),
            hinted: hinted(&inputs),
            grouped: inputs.demand.extras.iter().any(|extras| extras.group.is_some()),
            truth: Truth {
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

    /// The run is over.
    pub fn end(mut self) -> (O, Requests) {
        self.now = self.inputs.horizon;
        self.tell(Fact::Ended);
        (self.observers, self.truth.requests)
    }

    /// An event is over.
    #[inline(always)]
    pub fn rest(&mut self) {
        self.observers.rested(self.now, &Sight::of(&self.truth));
    }

    /// A node.
    #[inline(always)]
    pub fn node(&self, node: NodeId) -> &Node {
        self.truth.fleet.node(node)
    }

    /// A node, to change it.
    #[inline(always)]
    pub fn node_mut(&mut self, node: NodeId) -> &mut Node {
        self.truth.fleet.node_mut(node)
    }

    /// What does not change of a node.
    #[inline(always)]
    pub fn kind(&self, node: NodeId) -> &NodeKind {
        self.truth.fleet.kind(node)
    }

    /// A request that has arrived and is not over.
    #[inline(always)]
    pub fn request(&self, request: RequestId) -> Request {
        self.truth.requests.request(request)
    }

    /// What is dictated for a node.
    #[inline(always)]
    pub fn dictated(&self, node: NodeId) -> Dictated {
        if self.dictated.is_empty() {
            return Dictated::default();
        }
        self.dictated.get(&node).copied().unwrap_or_default()
    }

    /// The same, to change it.
    pub fn dictate(&mut self, node: NodeId) -> &mut Dictated {
        self.dictated.entry(node).or_default()
    }

    /// An event is due at an instant.
    #[inline]
    pub fn at(&mut self, at: Time, event: Event) {
        self.agenda.push(at, event);
    }

    /// An event is due so long from now.
    #[inline]
    pub fn after(&mut self, span: Span, event: Event) {
        self.agenda.push(self.now + span, event);
    }

    /// Those who wait for a class are to be asked again.
    pub fn ring(&mut self, class: ClassId) {
        self.bells.ring(class, self.now, &mut self.agenda);
    }

    /// The same for all classes in which something has changed for those who wait.
    pub fn ring_stirred(&mut self) {
        self.bells.ring_stirred(self.now, &mut self.agenda);
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
        self.observers.told(self.now, &fact, &Sight::of(&self.truth));
        self.remember(&fact);
    }

    /// Keeps a request while it is not decided or has a claim, and no longer. Compiled into the place that
    /// tells, where most kinds of fact leave nothing of it.
    #[inline(always)]
    fn remember(&mut self, fact: &Fact) {
        match *fact {
            Fact::Claimed { request, .. } => self.truth.requests.keep(request),
            // A build for a claim that was lost at once fails when that claim has ended already.
            Fact::BuildFailed { error, .. } if error.loses_claim() => {}
            Fact::Accepted { request }
            | Fact::Refused { request, .. }
            | Fact::Conflict { request, .. }
            | Fact::BuildFailed { request, .. }
            | Fact::Released { request, .. }
            | Fact::Evicted { request, .. }
            | Fact::Interrupted { request, .. } => self.truth.requests.release(request),
            _ => {}
        }
    }

    /// Nodes leave, retire or change: what is known of the fleet to come is found anew when it is
    /// asked for, and those who wait are looked at.
    pub fn fleet_shrinks(&mut self) {
        self.shrunk += 1;
        self.bells.fleet_changes();
    }

    /// Whether the node stands available, or managed for good, with nobody on it.
    pub fn is_idle(&self, node: NodeId) -> bool {
        let it = self.node(node);
        let at_rest = it.provision == Provision::Available || (it.provision == Provision::Manageable && it.retired);
        at_rest && it.is_empty()
    }

    /// Whether a node is in maintenance as tenants have it: one that the operators have only asked for is not yet.
    pub fn is_out_of_service(&self, node: NodeId) -> bool {
        self.node(node).in_maintenance() && !self.truth.calendar.is_only_asked_for(node)
    }

    /// An operator has done something by hand.
    pub fn human_act(&mut self, node: NodeId, deed: Deed) {
        let human = true;
        self.tell(Fact::Action { node, human, deed });
    }

    /// Makes the next request and puts its arrival onto the agenda.
    #[inline(always)]
    pub fn next_arrival(&mut self) {
        if let Some((next, start)) = self.truth.requests.advance() {
            self.agenda.hold(start, Event::Arrival(next));
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
fn hinted(inputs: &Inputs<'_>) -> BTreeMap<RequestId, String> {
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
