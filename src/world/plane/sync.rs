//! How a node's facts reach the scheduler's view: aggregates and owners at once, by API;
//! everything else by the compute service's loop.
//!
//! A pass begins when the service's periodic tasks let it (`periodic`). It reads the whole node
//! cache at its start and then writes node after node, or as many at a time as it has workers (nova 34.0
//! virt/ironic/driver.py:768, 834). Only nodes that have changed cost events: one when they are
//! read, one when written. Failed builds are the service's own count: they go along with whatever it writes of
//! the node (nova 34.0 compute/stats.py:149).

use std::collections::BTreeMap;

use super::Plane;
use super::periodic::{Pass, Timetable};
use crate::fleet::{ClassId, Fleet, GroupId, Health, Mark, NodeId, Party, Provision};
use crate::kernel::streams::{mix, word_of};
use crate::kernel::{Agenda, Span, Time};
use crate::view::{ApiFacts, Listing};
use crate::world::settings::Loop;
use crate::world::slab::Slab;
use crate::world::{Event, Fact, Observer, Standing};

/// The loops of all compute services.
#[derive(Clone, Debug)]
pub(super) struct Sync {
    rule: Loop,
    luck: u64,
    /// Per group: its nodes in the order of its pass, and where its passes are at time 0.
    groups: Vec<(Vec<NodeId>, u64)>,
    /// When passes of so many nodes begin, once somebody has asked.
    tables: BTreeMap<usize, Timetable>,
    /// Per node: its place in its group's pass.
    places: Vec<u32>,
    /// Per node: since when it differs from the view, if a reading is scheduled; else `Time::NEVER`.
    dirty: Vec<Time>,
    /// Per node: one more than the place of its reading; 0: it has none.
    read: Vec<u32>,
    /// What passes under way have read and are to write, and since when it had changed.
    readings: Slab<(Listing, Time)>,
    /// How often nodes have gone to another compute service: what the one before was to read or write of them is void.
    moves: BTreeMap<NodeId, u32>,
}

impl Sync {
    pub fn new(rule: Loop, fleet: &Fleet, luck: u64) -> Sync {
        let names = fleet.names.groups.iter();
        let phases = names.map(|name| (Vec::new(), mix(luck ^ word_of(name)) >> 1));
        let mut groups: Vec<(Vec<NodeId>, u64)> = phases.collect();
        if groups.is_empty() {
            groups.push((Vec::new(), mix(luck) >> 1));
        }
        let mut places = Vec::with_capacity(fleet.nodes.len());
        for node in fleet.ids() {
            let members = &mut groups[fleet.kind(node).group.at()].0;
            places.push(members.len() as u32);
            members.push(node);
        }
        let n = fleet.nodes.len();
        Sync {
            rule,
            luck,
            groups,
            tables: BTreeMap::new(),
            places,
            dirty: vec![Time::NEVER; n],
            read: vec![0; n],
            readings: Slab::default(),
            moves: BTreeMap::new(),
        }
    }

    /// A node goes from one compute service to another: its place is the last one's. Since when it had changed, if the
    /// old service was still to publish that.
    pub fn regroup(&mut self, node: NodeId, from: GroupId, to: GroupId) -> Option<Time> {
        let members = &mut self.groups[from.at()].0;
        let place = self.places[node.at()] as usize;
        members.swap_remove(place);
        if let Some(moved) = members.get(place) {
            self.places[moved.at()] = place as u32;
        }
        let members = &mut self.groups[to.at()].0;
        self.places[node.at()] = members.len() as u32;
        members.push(node);
        *self.moves.entry(node).or_default() += 1;
        let dirty = std::mem::replace(&mut self.dirty[node.at()], Time::NEVER);
        let read = self.take(node).map_or(Time::NEVER, |(_, since)| since);
        Some(dirty.min(read)).filter(|&since| since != Time::NEVER)
    }

    /// How often a node has gone to another compute service.
    fn moves(&self, node: NodeId) -> u32 {
        if self.moves.is_empty() {
            return 0;
        }
        self.moves.get(&node).copied().unwrap_or(0)
    }

    /// What was last read of a node and is not yet written.
    fn reading(&self, node: NodeId) -> Option<Listing> {
        let place = self.read[node.at()].checked_sub(1)?;
        Some(self.readings[place].0)
    }

    /// Keeps what was read of a node.
    fn keep(&mut self, node: NodeId, reading: (Listing, Time)) {
        match self.read[node.at()] {
            0 => self.read[node.at()] = self.readings.put(reading) + 1,
            read => self.readings.replace(read - 1, reading),
        }
    }

    /// Takes what was read of a node.
    fn take(&mut self, node: NodeId) -> Option<(Listing, Time)> {
        let place = std::mem::take(&mut self.read[node.at()]).checked_sub(1)?;
        self.readings.free(place);
        Some(self.readings[place])
    }

    /// How long a pass needs until so many nodes are written.
    fn until_written(&self, nodes: usize) -> Span {
        let rounds = (nodes as u64).div_ceil(u64::from(self.rule.workers.max(1)));
        Span(self.rule.per_node.0.saturating_mul(rounds))
    }

    /// When the next pass of a group begins, at `now` or later.
    fn next_pass(&mut self, group: usize, now: Time) -> Time {
        let (nodes, phase) = (self.groups[group].0.len(), self.groups[group].1);
        if !self.tables.contains_key(&nodes) {
            let pass = Pass {
                period: self.rule.period,
                jitter: self.rule.jitter,
                length: self.until_written(nodes),
            };
            let mut word = mix(self.luck ^ mix(nodes as u64));
            let table = Timetable::new(pass, || {
                word = mix(word);
                word
            });
            self.tables.insert(nodes, table);
        }
        self.tables[&nodes].next(now, phase)
    }
}

impl<O: Observer> Plane<'_, O> {
    /// What Ironic would report of the node now.
    #[inline(always)]
    fn listing_now(&self, node: NodeId) -> Listing {
        let it = self.node(node);
        Listing {
            listed: it.installed(),
            class: it.class,
            traits: self.kind(node).traits,
            marks: it.marks.looped(),
            reserved: self.reported(node).reserved > 0,
            failed_builds: it.failed_builds,
            flag: self.flag_refuses(node),
        }
    }

    /// Writes a node's facts to the view without the loop: at the start, and where it is instant.
    #[inline(always)]
    pub fn publish_now(&mut self, node: NodeId) {
        let listing = self.listing_now(node);
        self.list(node, listing);
    }

    /// Writes a node's facts to the view.
    #[inline(always)]
    fn list(&mut self, node: NodeId, listing: Listing) {
        if self.bells.nobody_waits() {
            self.state.view.list(node, listing);
        } else {
            self.list_while_somebody_waits(node, listing);
        }
    }

    /// Where the node leaves a class, a cap may bring others of that class into reach; and a trait that Placement has not
    /// known so far refuses everybody who names it.
    #[inline(never)]
    fn list_while_somebody_waits(&mut self, node: NodeId, listing: Listing) {
        let class = self.state.view.listing(node).class;
        if class != listing.class && self.cap_binds(class) {
            self.bells.stir(class);
        }
        let view = &mut self.state.view;
        let known = (view.known_traits(), view.known_marks());
        view.list(node, listing);
        if known != (view.known_traits(), view.known_marks()) {
            self.bells.stir_all();
        }
    }

    /// Writes what an API call says of a node to the view.
    pub fn mark_by_api(&mut self, node: NodeId) {
        let (it, kind) = (self.node(node), self.kind(node));
        let group = kind.group;
        let facts = ApiFacts {
            group,
            model: kind.model,
            marks: it.marks.api(),
            owner: it.owner(),
            lessee: kind.lessee,
            work_at: self
                .announced
                .get(&node)
                .and_then(|jobs| jobs.first())
                .map(|&(at, _)| at),
        };
        let was_closed = self.state.view.closed(group);
        self.state.view.set_api(node, facts);
        if self.state.view.closed(group) != was_closed {
            self.bells.stir_all();
            self.stand_all(group);
        }
    }

    /// Tells where the nodes of a compute service stand.
    fn stand_all(&mut self, group: GroupId) {
        let of_group = |id: &NodeId| self.kind(*id).group == group;
        let members: Vec<NodeId> = self.state.fleet.ids().filter(of_group).collect();
        for member in members {
            self.stand(member);
        }
    }

    /// The service writes its record of a node, for a claim or a delete: failed builds go along.
    #[inline(always)]
    pub fn record_written(&mut self, node: NodeId) {
        let failed_builds = self.node(node).failed_builds;
        if self.sync.is_some() && self.state.view.failed_builds(node) != failed_builds {
            let listing = Listing {
                failed_builds,
                ..self.state.view.listing(node)
            };
            self.list(node, listing);
        }
    }

    /// A delete ends an allocation: before it goes, the driver reads the node anew and writes what it finds, which is
    /// being cleaned and so not on offer until a pass finds it free. A new resource class is not written while the
    /// old one is allocated, and then nothing else is either: the node is back on offer as what it was.
    #[inline]
    pub fn publish_delete(&mut self, node: NodeId) {
        if self.sync.is_none() {
            return;
        }
        let mut listing = self.listing_now(node);
        let seen = self.state.view.listing(node);
        if reclassed(seen, listing) {
            return;
        }
        // The claim of a failed build is taken back before the failure is counted.
        if self.node(node).provision == Provision::DeployFailed {
            listing.failed_builds = seen.failed_builds;
        }
        if let Some(sync) = &mut self.sync {
            sync.take(node);
        }
        self.list(node, listing);
    }

    /// A node's conductor group changes: from now on another compute service publishes it.
    pub fn regroup(&mut self, node: NodeId, to: GroupId, agenda: &mut Agenda<Event>) {
        let from = self.kind(node).group;
        if from == to {
            return;
        }
        if let Some(party) = self.node(node).party() {
            self.goes_from(from, party);
            self.comes_to(to, party);
        }
        self.state.fleet.regroup(node, to);
        let since = self.sync.as_mut().and_then(|sync| sync.regroup(node, from, to));
        let was_closed = self.state.view.closed(from);
        self.mark_by_api(node);
        if self.state.view.closed(from) != was_closed {
            self.stand_all(from);
        }
        self.settle(node, agenda);
        // It has been waiting for a pass since before.
        if let (Some(sync), Some(since)) = (&mut self.sync, since)
            && sync.dirty[node.at()] != Time::NEVER
        {
            sync.dirty[node.at()] = since;
        }
    }

    /// After a node has changed: brings the view up to date as fast as the loop does, and tells
    /// where the node stands.
    #[inline(never)]
    pub fn settle(&mut self, node: NodeId, agenda: &mut Agenda<Event>) {
        if self.sync.is_none() {
            self.publish_now(node);
        } else {
            self.schedule_reading(node, agenda);
        }
        self.stand(node);
        if !self.bells.nobody_waits() {
            self.look_at_lines(node, agenda);
        }
    }

    fn schedule_reading(&mut self, node: NodeId, agenda: &mut Agenda<Event>) {
        let listing = self.listing_now(node);
        let group = self.kind(node).group.at();
        let Some(sync) = &mut self.sync else { return };
        let latest = sync.reading(node).unwrap_or_else(|| self.state.view.listing(node));
        if sync.dirty[node.at()] == Time::NEVER && latest != listing {
            sync.dirty[node.at()] = self.now;
            let next = sync.next_pass(group, self.now);
            let moves = sync.moves(node);
            agenda.push(next, Event::Snapshot { node, moves });
        }
    }

    /// A pass reads the node, if it is still its service's.
    pub fn snapshot(&mut self, node: NodeId, moves: u32, agenda: &mut Agenda<Event>) {
        let listing = self.listing_now(node);
        let Some(sync) = &mut self.sync else { return };
        if sync.moves(node) != moves {
            return;
        }
        let since = std::mem::replace(&mut sync.dirty[node.at()], Time::NEVER);
        if since == Time::NEVER {
            return;
        }
        if self.state.view.listing(node) == listing {
            return;
        }
        let until_written = sync.until_written(sync.places[node.at()] as usize + 1);
        sync.keep(node, (listing, since));
        agenda.push(self.now + until_written, Event::Publish { node, moves });
    }

    /// The pass writes what it has read, if the node is still its service's.
    pub fn publish(&mut self, node: NodeId, moves: u32, agenda: &mut Agenda<Event>) {
        let Some(sync) = &mut self.sync else { return };
        if sync.moves(node) != moves {
            return;
        }
        let Some((mut listing, since)) = sync.take(node) else {
            return;
        };
        listing.failed_builds = self.node(node).failed_builds;
        if self.state.view.used(node) && reclassed(self.state.view.listing(node), listing) {
            // Placement refuses it (InventoryInUse) at every pass; the delete will have the node read again.
            return;
        }
        self.list(node, listing);
        self.tell(Fact::Published {
            node,
            age: self.now - since,
        });
        self.settle(node, agenda);
    }

    /// Tells where a node stands, if that has changed.
    #[inline(always)]
    pub fn stand(&mut self, node: NodeId) {
        let to = self.standing_now(node);
        let from = std::mem::replace(&mut self.standings[node.at()], to);
        if from != to {
            self.stood(node, from, to);
        }
    }

    #[inline(always)]
    fn standing_now(&mut self, node: NodeId) -> Standing {
        let it = self.state.fleet.node(node);
        let seen = self.state.view.glance(node);
        let hidden = it.installed() && (seen.flag || self.rules.hides(&self.state.view, seen.shape));
        let seat = match it.party() {
            Some(Party::Tenant(_)) => Standing::TENANT,
            Some(Party::Errand(_)) => Standing::ERRAND,
            None => 0,
        };
        Standing::new(it.provision, it.class.0)
            .with(seat)
            .when(it.in_maintenance(), Standing::HELD)
            .when(it.health() != Health::Healthy, Standing::BROKEN)
            .when(hidden, Standing::HIDDEN)
            .when(
                it.installed() && !hidden && self.state.view.free(node),
                Standing::OFFERED,
            )
    }

    #[inline(always)]
    fn stood(&mut self, node: NodeId, from: Standing, to: Standing) {
        let hides = self.clerk.hides();
        if counts_as_away(from, hides) || counts_as_away(to, hides) {
            self.count_away(node, from, to);
        }
        self.tell_here(Fact::Stood { node, from, to });
    }

    /// Keeps the counts of idle nodes that automatic requests cannot get.
    #[inline(never)]
    fn count_away(&mut self, node: NodeId, from: Standing, to: Standing) {
        let (traits, hides) = (self.kind(node).traits, self.clerk.hides());
        for (standing, add) in [(from, false), (to, true)] {
            if counts_as_away(standing, hides) {
                let counts = self.away.entry((ClassId(standing.class()), traits)).or_default();
                let count = if counts_as_hidden(standing, hides) {
                    &mut counts.hidden
                } else {
                    &mut counts.unseen
                };
                *count = if add { *count + 1 } else { count.saturating_sub(1) };
            }
        }
    }
}

/// Whether a node is to be published under another resource class than it was.
fn reclassed(was: Listing, is: Listing) -> bool {
    let other = |listing: Listing| listing.marks.has(Mark::MaintenanceClass);
    was.class != is.class || other(was) != other(is)
}

/// Whether a node that stands so is idle, and not for automatic requests: hidden, or free and not yet
/// seen as free.
#[inline]
fn counts_as_away(standing: Standing, hides: bool) -> bool {
    if standing.is(Standing::TENANT | Standing::OFFERED) || !standing.installed() {
        return false;
    }
    let unseen = standing.provision() == Provision::Available && !standing.is(Standing::ERRAND);
    unseen || counts_as_hidden(standing, hides)
}

/// Whether it is hidden. In maintenance it is from the beginning, but where nobody hides anything it is in use or between two
/// occupants as it always is, or waits there for its work.
#[inline]
fn counts_as_hidden(standing: Standing, hides: bool) -> bool {
    let moves = matches!(
        standing.provision(),
        Provision::Available | Provision::Deleting | Provision::Cleaning
    );
    let as_ever = !hides && (moves || standing.is(Standing::ERRAND));
    standing.is(Standing::HIDDEN) || (standing.is(Standing::HELD) && !as_ever)
}
