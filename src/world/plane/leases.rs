//! Leases, as Blazar gives them by its calendar: who is pencilled in, who may have a node, and who has to move. They act
//! only under `mechanism = "blazar-lease"`.

use std::collections::BTreeSet;

use super::Plane;
use super::calendar::{LeaseBlocker, Pencilled, end_of};
use crate::fleet::{NodeId, Party, Provision, RequestId};
use crate::kernel::streams::mix;
use crate::kernel::{Span, Time};
use crate::scheduler::choose::choose_among;
use crate::scheduler::{Ask, AskedNode, Choice, Denial, Name, ShapeVerdict, choose};
use crate::workload::Request;
use crate::world::{Event, Fact, Observer, Truth};

impl Truth<'_> {
    /// When the tenant on a node said that it would leave, if that is still to come.
    fn planned_end(&self, node: NodeId, now: Time) -> Option<Time> {
        let Some(Party::Tenant(request)) = self.fleet.node(node).party() else {
            return None;
        };
        let since = self.calendar.since.get(node.at()).copied()?;
        Some(since + self.request(request).planned).filter(|&end| end > now)
    }

    /// Who keeps a request from leasing a node between two instants, if somebody does.
    #[must_use]
    pub fn keeper(
        &self,
        node: NodeId,
        request: RequestId,
        (from, until): (Time, Time),
        now: Time,
    ) -> Option<LeaseBlocker> {
        let meets = |a: Time, b: Time| a < until && from < b;
        if let Some(&(a, _)) = self.calendar.ours.get(&node).filter(|&&(a, b)| meets(a, b)) {
            return Some(LeaseBlocker::Operators(a));
        }
        let leases = self.calendar.leases.get(&node).map_or(&[][..], Vec::as_slice);
        let first = leases.partition_point(|lease| lease.until <= from);
        let others = leases[first..].iter().take_while(|lease| lease.from < until);
        if let Some(lease) = others.into_iter().find(|lease| lease.request != request) {
            return Some(LeaseBlocker::Request(lease.request, lease.from));
        }
        let occupied = self.planned_end(node, now).is_some_and(|end| end > from);
        occupied.then_some(LeaseBlocker::Occupant)
    }

    /// Who keeps a request from leasing a node from now on for as long as it plans.
    #[must_use]
    pub fn keeper_now(&self, node: NodeId, request: RequestId, it: &Request, now: Time) -> Option<LeaseBlocker> {
        self.keeper(node, request, (now, now + it.planned), now)
    }
}

impl<O: Observer> Plane<'_, O> {
    /// Puts what is asked for in advance onto the agenda.
    pub fn begin_leases(&mut self) {
        if self.terms.lease.is_none() || !self.truth.requests.is_whole() {
            return;
        }
        let mut asked: Vec<RequestId> = (0..self.truth.requests.made())
            .map(RequestId)
            .filter(|&request| self.request(request).arrival < self.request(request).start)
            .collect();
        asked.sort_by_key(|&request| (self.request(request).arrival, request));
        if let Some(&first) = asked.first() {
            self.at(self.request(first).arrival, Event::LeaseAsked(0));
        }
        self.truth.calendar.asked = asked;
    }

    /// A request is asked for in advance: nodes are pencilled in for it, if enough are free then.
    pub fn lease_asked(&mut self, index: u32) {
        if let Some(&next) = self.truth.calendar.asked.get(index as usize + 1) {
            self.at(self.request(next).arrival, Event::LeaseAsked(index + 1));
        }
        let request = self.truth.calendar.asked[index as usize];
        let it = self.request(request);
        let nodes = self.free_for(request, usize::from(it.count));
        if nodes.len() >= usize::from(it.least(false)) {
            nodes.iter().for_each(|&node| self.pencil(request, node));
        }
    }

    fn pencil(&mut self, request: RequestId, node: NodeId) {
        let it = self.request(request);
        let lease = Pencilled {
            from: it.start,
            until: end_of(&it),
            request,
        };
        let leases = self.truth.calendar.leases.entry(node).or_default();
        let index = leases.partition_point(|other| (other.from, other.request) < (lease.from, lease.request));
        leases.insert(index, lease);
        self.truth.calendar.nodes.entry(request).or_default().push(node);
    }

    /// At most `wanted` nodes that fit a request and are free in all of its time, in an order that
    /// is drawn from the request.
    fn free_for(&self, request: RequestId, wanted: usize) -> Vec<NodeId> {
        let it = self.request(request);
        let fits = |node: NodeId| {
            let (there, traits) = (self.node(node), self.kind(node).traits);
            let serves = there.installed() && there.provision != Provision::Manageable;
            serves && there.class == it.class && traits.covers(it.required) && !traits.meets(it.forbidden)
        };
        let span = (it.start, end_of(&it));
        let leasable = |&node: &NodeId| fits(node) && self.truth.keeper(node, request, span, self.now).is_none();
        let key = |node: &NodeId| (mix(it.luck ^ self.truth.fleet.word(*node)), *node);
        let mut free: Vec<NodeId> = self.truth.fleet.ids().filter(leasable).collect();
        if free.len() > wanted && wanted > 0 {
            free.select_nth_unstable_by_key(wanted - 1, key);
        }
        free.truncate(wanted);
        free.sort_unstable_by_key(key);
        free
    }

    /// The first instant from which the operators can lease a node: for a lease of a fixed length
    /// the earliest gap that holds it, for an open one the end of the present occupant's.
    fn earliest_gap(&self, node: NodeId, length: Option<Span>) -> Time {
        let mut from = self.truth.planned_end(node, self.now).unwrap_or(self.now);
        let Some(length) = length else { return from };
        for lease in self.truth.calendar.leases.get(&node).into_iter().flatten() {
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

    /// The operators want to lease a node: from when on they can, if not from now on. It is booked.
    pub fn lease_begins(&mut self, node: NodeId) -> Option<Time> {
        let lease = self.terms.lease?;
        let wanted = *self.truth.calendar.wanted.entry(node).or_insert(self.now);
        let from = self.earliest_gap(node, lease.length);
        let until = lease.length.map_or(Time::NEVER, |length| from + length);
        self.truth.calendar.ours.insert(node, (from, until));
        if from > self.now {
            return Some(from);
        }
        self.tell(Fact::LeaseBegan {
            node,
            waited: self.now - wanted,
        });
        if until < Time::NEVER {
            self.at(until, Event::LeaseEnds(node));
        }
        self.truth.calendar.wanted.remove(&node);
        self.truth.calendar.had.insert(node);
        let now = self.now;
        for later in self.truth.calendar.leases.get(&node).cloned().unwrap_or_default() {
            if later.from >= until || later.until <= now {
                continue;
            }
            if lease.healing == Span::ZERO || later.from <= now + lease.healing {
                self.heal(node, later);
            } else {
                let near = Time(later.from.0 - lease.healing.0);
                self.at(near, Event::LeaseNear(later.request));
            }
        }
        None
    }

    /// A lease to come is near: if the operators have its node then, it is healed.
    pub fn lease_near(&mut self, request: RequestId) {
        for node in self.truth.calendar.nodes.get(&request).cloned().unwrap_or_default() {
            let leases = self.truth.calendar.leases.get(&node).into_iter().flatten();
            let lease = leases.copied().find(|lease| lease.request == request);
            let ours = self.truth.calendar.ours.get(&node).copied();
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
        self.truth.calendar.drop_lease(node, request);
        if let Some(nodes) = self.truth.calendar.nodes.get_mut(&request) {
            nodes.retain(|&other| other != node);
        }
        // What it has already is free for it too, and would be no other node.
        let own = self.truth.calendar.nodes_of(request).to_vec();
        let free = self.free_for(request, own.len() + 1);
        match free.into_iter().find(|node| !own.contains(node)) {
            Some(other) => {
                self.pencil(request, other);
                self.tell(Fact::LeaseHealed { request, node: other });
            }
            None => self.tell(Fact::LeaseDegraded { request, node }),
        }
    }

    /// What a request is given where leases are kept: the machines that it has leased in advance, if it
    /// can have enough of them, else machines that nobody has leased for the time that it plans.
    pub fn choose_by_calendar(&mut self, request: RequestId, ask: &Ask) -> Result<Choice, Denial> {
        let it = self.request(request);
        let own = self.own_leases(request, ask);
        let (truth, now) = (&self.truth, self.now);
        let name: Name<'_> = &|node| truth.fleet.name(node).to_owned();
        let free = |node| truth.keeper_now(node, request, &it, now).is_none();
        let others = choose_among(&truth.view, &mut self.rules, ask, name, &free);
        if own.len() < ask.least() {
            return others;
        }
        // The alternates are those of a boot that names no machine.
        let others = others.unwrap_or_default();
        let others = others.picks().iter().chain(others.alternates()).copied();
        let others = others.filter(|node| !own.contains(node));
        let others = others.take(self.rules.policy().alternates());
        let (count, all) = (own.len(), own.iter().copied().chain(others).collect());
        Ok(Choice::new(all, count, count as u32, false))
    }

    /// The machines that a request has leased in advance and can have now.
    fn own_leases(&mut self, request: RequestId, ask: &Ask) -> Vec<NodeId> {
        let (truth, now) = (&self.truth, self.now);
        let name: Name<'_> = &|node| truth.fleet.name(node).to_owned();
        let it = truth.request(request);
        let mut own = truth.calendar.nodes_of(request).to_vec();
        own.retain(|&node| truth.keeper_now(node, request, &it, now).is_none());
        if self.rules.judge().glossary().group(&ask.spec).is_some() {
            // Each machine of a server group changes what the next one may have.
            let all = choose_among(&truth.view, &mut self.rules, ask, name, &|node| own.contains(&node));
            return all.unwrap_or_default().picks().to_vec();
        }
        own.retain(|&node| {
            let alone = Ask {
                count: 1,
                min_count: 1,
                target: AskedNode::Named(node),
                ..*ask
            };
            choose(&truth.view, &mut self.rules, &alone, name).is_ok()
        });
        own.truncate(usize::from(ask.count));
        own
    }

    /// When the leases end that a request has in advance, if it has any.
    pub fn leased_until(&self, request: RequestId) -> Option<Time> {
        let leases = !self.truth.calendar.nodes_of(request).is_empty();
        leases.then(|| end_of(&self.request(request)))
    }

    /// A request has got its machines, or never will: its leases to come are nobody's any more.
    pub fn drop_leases(&mut self, request: RequestId) {
        if self.truth.calendar.nodes.is_empty() {
            return;
        }
        if let Some(nodes) = self.truth.calendar.nodes.remove(&request) {
            nodes
                .iter()
                .for_each(|&node| self.truth.calendar.drop_lease(node, request));
            self.bells.stir_all();
        }
    }

    /// Whether a build of a request may move on to a node: nobody else has leased it for the time that
    /// the request plans.
    pub fn may_lease(&self, request: RequestId, node: NodeId) -> bool {
        self.truth.calendar.is_empty() || {
            let it = self.request(request);
            self.truth.keeper_now(node, request, &it, self.now).is_none()
        }
    }

    /// Of the free nodes that would pass for a request: how many the operators have leased, and how many
    /// other tenants, within the time that it plans.
    pub fn leased_away(&mut self, request: RequestId, ask: &Ask) -> (u32, u32) {
        let it = self.request(request);
        let booked = self.truth.calendar.ours.keys().chain(self.truth.calendar.leases.keys());
        let booked: BTreeSet<NodeId> = booked.copied().collect();
        let (mut ours, mut theirs) = (0, 0);
        for node in booked {
            let view = &self.truth.view;
            let verdict = |rules: &mut crate::scheduler::Rules| rules.verdict(view, &ask.spec, view.shape_id_of(node));
            if !view.free(node) || verdict(&mut self.rules) != ShapeVerdict::Passes {
                continue;
            }
            match self.truth.keeper_now(node, request, &it, self.now) {
                Some(LeaseBlocker::Operators(_)) => ours += 1,
                Some(_) => theirs += 1,
                None => {}
            }
        }
        (ours, theirs)
    }
}
