//! Blazar's calendar (blazar 18.0, `plugins/oshosts/host_plugin.py`): who has leased which node
//! when. It acts only under `mechanism = "blazar-lease"`.
//!
//! A request that is asked for in advance gets nodes pencilled in when it is asked for, and takes
//! them when it is due if it can still have them. The operators' lease begins at the earliest gap
//! after the leases that the node already has (an open one: when the present occupant's planned time
//! is over). Leases that fall into it are healed: those that begin within the healing interval move
//! to another node that is free then, or are degraded; later ones are looked at when they come near.

use std::collections::BTreeMap;

use super::event::Event;
use super::fact::{Fact, Observer};
use super::state::World;
use crate::fleet::{NodeId, Party, Provision};
use crate::kernel::streams::mix;
use crate::kernel::{Agenda, Span, Time};
use crate::scheduler::{Ask, Choice, Name, Target, choose};
use crate::workload::Request;

/// A lease of a node that is still to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Pencilled {
    from: Time,
    until: Time,
    request: u32,
}

/// The calendar.
#[derive(Clone, Debug, Default)]
pub(super) struct Calendar {
    /// Requests that are asked for in advance, by when they are asked for.
    asked: Vec<u32>,
    /// Leases to come, by node.
    leases: BTreeMap<NodeId, Vec<Pencilled>>,
    /// The nodes that a request to come has leased.
    nodes: BTreeMap<u32, Vec<NodeId>>,
    /// The operators' leases that have begun.
    ours: BTreeMap<NodeId, (Time, Time)>,
    /// When the occupant of each node came, where leases are kept.
    since: Vec<Time>,
    /// Since when the operators wait for a lease of the node to begin.
    wanted: BTreeMap<NodeId, Time>,
}

fn end_of(request: &Request) -> Time {
    request.start + request.planned
}

impl Calendar {
    /// The calendar of a fleet of so many nodes, where leases are kept.
    pub fn new(nodes: usize, kept: bool) -> Calendar {
        Calendar {
            since: vec![Time::ZERO; if kept { nodes } else { 0 }],
            ..Calendar::default()
        }
    }

    /// Whether requests have leased nodes.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Somebody moves onto a node.
    #[inline]
    pub fn moves_in(&mut self, node: NodeId, now: Time) {
        if let Some(since) = self.since.get_mut(node.at()) {
            *since = now;
        }
    }

    fn drop_lease(&mut self, node: NodeId, request: u32) {
        if let Some(leases) = self.leases.get_mut(&node) {
            leases.retain(|lease| lease.request != request);
        }
    }

    /// The operators' lease of a node is over.
    pub fn give_back(&mut self, node: NodeId) {
        self.ours.remove(&node);
        self.wanted.remove(&node);
    }
}

impl<O: Observer> World<'_, O> {
    /// Puts what is asked for in advance onto the agenda.
    pub fn begin_leases(&mut self, agenda: &mut Agenda<Event>) {
        if self.terms.lease.is_none() || !self.sight.requests.is_whole() {
            return;
        }
        let mut asked: Vec<u32> = (0..self.sight.requests.made())
            .filter(|&request| self.request(request).arrival < self.request(request).start)
            .collect();
        asked.sort_by_key(|&request| (self.request(request).arrival, request));
        if let Some(&first) = asked.first() {
            agenda.push(self.request(first).arrival, Event::LeaseAsked(0));
        }
        self.calendar.asked = asked;
    }

    /// A request is asked for in advance: nodes are pencilled in for it, if enough are free then.
    pub fn lease_asked(&mut self, place: u32, agenda: &mut Agenda<Event>) {
        if let Some(&next) = self.calendar.asked.get(place as usize + 1) {
            agenda.push(self.request(next).arrival, Event::LeaseAsked(place + 1));
        }
        let request = self.calendar.asked[place as usize];
        let wanted = usize::from(self.request(request).count);
        let nodes = self.free_for(request, wanted);
        if nodes.len() == wanted {
            nodes.iter().for_each(|&node| self.pencil(request, node));
        }
    }

    fn pencil(&mut self, request: u32, node: NodeId) {
        let it = self.request(request);
        let lease = Pencilled {
            from: it.start,
            until: end_of(&it),
            request,
        };
        self.calendar.leases.entry(node).or_default().push(lease);
        self.calendar.nodes.entry(request).or_default().push(node);
    }

    /// At most `wanted` nodes that fit a request and are free in all of its time, in an order that
    /// is drawn from the request.
    fn free_for(&self, request: u32, wanted: usize) -> Vec<NodeId> {
        let it = self.request(request);
        let fits = |node: NodeId| {
            let (there, traits) = (self.sight.fleet.node(node), self.sight.fleet.kind(node).traits);
            let serves = there.installed() && there.provision != Provision::Manageable;
            serves && there.class == it.class && traits.covers(it.required) && !traits.meets(it.forbidden)
        };
        let mut free: Vec<NodeId> = self
            .sight
            .fleet
            .ids()
            .filter(|&node| fits(node) && self.is_free(node, it.start, end_of(&it)))
            .collect();
        free.sort_by_key(|&node| mix(it.luck ^ self.sight.fleet.word(node)));
        free.truncate(wanted);
        free
    }

    /// Whether no lease, the operators' among them, has a node between two instants.
    fn is_free(&self, node: NodeId, from: Time, until: Time) -> bool {
        let meets = |a: Time, b: Time| a < until && from < b;
        let pencilled = self.calendar.leases.get(&node).into_iter().flatten();
        let ours = self.calendar.ours.get(&node);
        !pencilled.clone().any(|lease| meets(lease.from, lease.until))
            && ours.is_none_or(|&(a, b)| !meets(a, b))
            && self.planned_end(node).is_none_or(|end| end <= from)
    }

    /// When the tenant on a node said that it would leave, if that is still to come.
    fn planned_end(&self, node: NodeId) -> Option<Time> {
        let Some(Party::Tenant(request)) = self.sight.fleet.node(node).party() else {
            return None;
        };
        let since = self.calendar.since.get(node.at()).copied()?;
        Some(since + self.request(request).planned).filter(|&end| end > self.now)
    }

    /// The first instant from which the operators can lease a node: for a lease of a fixed length
    /// the earliest gap that holds it, for an open one the end of the present occupant's.
    fn earliest_gap(&self, node: NodeId, length: Option<Span>) -> Time {
        let mut from = self.planned_end(node).unwrap_or(self.now);
        let Some(length) = length else { return from };
        let mut leases = self.calendar.leases.get(&node).cloned().unwrap_or_default();
        leases.sort_by_key(|lease| (lease.from, lease.request));
        for lease in leases {
            if lease.until <= from {
                continue;
            }
            if from + length <= lease.from {
                break;
            }
            from = from.max(lease.until);
        }
        from
    }

    /// The operators want to lease a node: whether the lease begins now. Else it is on the agenda.
    pub fn lease_begins(&mut self, node: NodeId, agenda: &mut Agenda<Event>) -> bool {
        let Some(lease) = self.terms.lease else { return true };
        let wanted = *self.calendar.wanted.entry(node).or_insert(self.now);
        let from = self.earliest_gap(node, lease.length);
        if from > self.now {
            let turn = self.desks[node.at()].turn;
            self.desks[node.at()].lease_waits = true;
            agenda.push(from, Event::Step { node, turn });
            return false;
        }
        let until = lease.length.map_or(Time::NEVER, |length| self.now + length);
        self.calendar.ours.insert(node, (self.now, until));
        self.tell(Fact::LeaseBegan {
            node,
            waited: self.now - wanted,
        });
        let now = self.now;
        for later in self.calendar.leases.get(&node).cloned().unwrap_or_default() {
            if later.from >= until || later.until <= now {
                continue;
            }
            if lease.healing == Span::ZERO || later.from <= now + lease.healing {
                self.heal(node, later);
            } else {
                let near = Time(later.from.0 - lease.healing.0);
                agenda.push(near, Event::LeaseNear(later.request));
            }
        }
        true
    }

    /// A lease to come is near: if the operators have its node then, it is healed.
    pub fn lease_near(&mut self, request: u32) {
        for node in self.calendar.nodes.get(&request).cloned().unwrap_or_default() {
            let leases = self.calendar.leases.get(&node).into_iter().flatten();
            let lease = leases.copied().find(|lease| lease.request == request);
            let ours = self.calendar.ours.get(&node).copied();
            if let (Some(lease), Some((_, until))) = (lease, ours)
                && lease.from < until
            {
                self.heal(node, lease);
            }
        }
    }

    /// Moves a lease to another node that is free in its time, or marks it degraded.
    fn heal(&mut self, node: NodeId, lease: Pencilled) {
        let request = lease.request;
        self.calendar.drop_lease(node, request);
        if let Some(nodes) = self.calendar.nodes.get_mut(&request) {
            nodes.retain(|&other| other != node);
        }
        match self.free_for(request, 1).first().copied() {
            Some(other) => {
                self.pencil(request, other);
                self.tell(Fact::LeaseHealed { request, node: other });
            }
            None => self.tell(Fact::LeaseDegraded { request, node }),
        }
    }

    /// The machines that a request has leased, if it is due and can have all of them.
    pub fn leased(&mut self, request: u32, ask: &Ask) -> Option<Choice> {
        if self.calendar.nodes.is_empty() {
            return None;
        }
        let nodes = self.calendar.nodes.remove(&request)?;
        nodes.iter().for_each(|&node| self.calendar.drop_lease(node, request));
        if nodes.len() != usize::from(ask.count) {
            return None;
        }
        let fleet = &self.sight.fleet;
        let name: Name<'_> = &|node| fleet.name(node).to_owned();
        for &node in &nodes {
            let alone = Ask {
                count: 1,
                min_count: 1,
                target: Target::Named(node),
                ..*ask
            };
            choose(&self.sight.view, &mut self.rules, &alone, name).ok()?;
        }
        // The alternates are those of a boot that names no machine.
        let others = choose(&self.sight.view, &mut self.rules, ask, name).unwrap_or_default();
        let others = others.picks().iter().chain(others.alternates()).copied();
        let others = others.filter(|node| !nodes.contains(node));
        let others = others.take(self.rules.policy().alternates());
        let (count, all) = (nodes.len(), nodes.iter().copied().chain(others).collect());
        Some(Choice::new(all, count, count as u32, false))
    }
}
