//! How a node's facts reach the scheduler's view: aggregates and owners at once, by API;
//! everything else by the compute service's loop.
//!
//! A pass begins every `period` plus the time that the pass itself takes. It reads the whole
//! node cache at its start and then writes node after node (nova 34.0 virt/ironic/driver.py:768,
//! 834). Only nodes that have changed cost events: one when they are read, one when written.

use super::event::Event;
use super::fact::{Fact, Observer};
use super::settings::Loop;
use super::standing::Standing;
use super::state::World;
use crate::fleet::{ClassId, Fleet, Health, NodeId, Party, Provision};
use crate::kernel::streams::{below, mix, word_of};
use crate::kernel::{Agenda, Span, Time};
use crate::view::{ApiFacts, Listing};

/// The loops of all compute services.
#[derive(Clone, Debug)]
pub(super) struct Sync {
    per_node: Span,
    /// Per group: when its first pass begins, and from pass to pass.
    groups: Vec<(Time, Span)>,
    /// Per node: its place in its group's pass.
    places: Vec<u32>,
    /// Per node: since when it differs from the view, if a reading is scheduled; else `Time::NEVER`.
    dirty: Vec<Time>,
    /// Per node: one more than the place of its reading; 0: it has none.
    read: Vec<u32>,
    /// What passes under way have read and are to write, and since when it had changed; and places in this
    /// list that are free.
    readings: Vec<(Listing, Time)>,
    spare: Vec<u32>,
}

impl Sync {
    pub fn new(sync: Loop, fleet: &Fleet, luck: u64) -> Sync {
        let mut sizes = vec![0u32; fleet.names.groups.len().max(1)];
        let mut places = Vec::with_capacity(fleet.nodes.len());
        for node in fleet.ids() {
            let size = &mut sizes[fleet.kind(node).group.at()];
            places.push(*size);
            *size += 1;
        }
        let groups = sizes.iter().enumerate().map(|(group, &size)| {
            let cycle = Span((sync.period.0 + u64::from(size) * sync.per_node.0).max(1));
            // A share of the cycle, so that a node more does not throw the group's phase about.
            let group = word_of(fleet.names.groups.name(group as u16));
            (Time(below(mix(luck ^ group), cycle.0)), cycle)
        });
        let n = fleet.nodes.len();
        Sync {
            per_node: sync.per_node,
            groups: groups.collect(),
            places,
            dirty: vec![Time::NEVER; n],
            read: vec![0; n],
            readings: Vec::new(),
            spare: Vec::new(),
        }
    }

    /// What was last read of a node and is not yet written.
    fn reading(&self, node: NodeId) -> Option<Listing> {
        let place = self.read[node.at()].checked_sub(1)?;
        self.readings.get(place as usize).map(|&(listing, _)| listing)
    }

    /// Keeps what was read of a node.
    fn keep(&mut self, node: NodeId, reading: (Listing, Time)) {
        let place = match self.read[node.at()] {
            0 => self.spare.pop().unwrap_or_else(|| {
                self.readings.push(reading);
                self.readings.len() as u32 - 1
            }),
            read => read - 1,
        };
        self.readings[place as usize] = reading;
        self.read[node.at()] = place + 1;
    }

    /// Takes what was read of a node.
    fn take(&mut self, node: NodeId) -> Option<(Listing, Time)> {
        let place = std::mem::take(&mut self.read[node.at()]).checked_sub(1)?;
        self.spare.push(place);
        self.readings.get(place as usize).copied()
    }

    /// When the next pass of a group begins, at `now` or later.
    fn next_pass(&self, group: usize, now: Time) -> Time {
        let (first, cycle) = self.groups[group];
        let passes = (now - first).0.div_ceil(cycle.0);
        first + Span(passes * cycle.0)
    }
}

impl<O: Observer> World<'_, O> {
    /// What Ironic would report of the node now.
    #[inline(always)]
    fn listing_now(&self, node: NodeId) -> Listing {
        let it = self.sight.fleet.node(node);
        Listing {
            listed: it.installed(),
            class: it.class,
            traits: self.sight.fleet.kind(node).traits,
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
        self.sight.view.list(node, listing);
    }

    /// Writes what an API call says of a node to the view.
    pub fn mark_by_api(&mut self, node: NodeId) {
        let (it, kind) = (self.sight.fleet.node(node), self.sight.fleet.kind(node));
        let group = kind.group;
        let facts = ApiFacts {
            group,
            model: kind.model,
            marks: it.marks.api(),
            owner: it.owner(),
            lessee: kind.lessee,
            work_at: self.campaigns.announced(node),
        };
        let was_closed = self.sight.view.closed(group);
        self.sight.view.set_api(node, facts);
        if self.sight.view.closed(group) != was_closed {
            self.lines.stir_all();
            let members = self
                .sight
                .fleet
                .ids()
                .filter(|&id| self.sight.fleet.kind(id).group == group);
            for member in members.collect::<Vec<_>>() {
                self.stand(member);
            }
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
        self.count_place(node, agenda);
        if !self.lines.is_empty() {
            self.look_at_lines(node, agenda);
        }
    }

    fn schedule_reading(&mut self, node: NodeId, agenda: &mut Agenda<Event>) {
        let listing = self.listing_now(node);
        let group = self.sight.fleet.kind(node).group.at();
        let Some(sync) = &mut self.sync else { return };
        let latest = sync.reading(node).unwrap_or_else(|| self.sight.view.listing(node));
        if sync.dirty[node.at()] == Time::NEVER && latest != listing {
            sync.dirty[node.at()] = self.now;
            agenda.push(sync.next_pass(group, self.now), Event::Snapshot(node));
        }
    }

    /// A pass reads the node.
    pub fn snapshot(&mut self, node: NodeId, agenda: &mut Agenda<Event>) {
        let listing = self.listing_now(node);
        let Some(sync) = &mut self.sync else { return };
        let since = std::mem::replace(&mut sync.dirty[node.at()], Time::NEVER);
        if since == Time::NEVER {
            return;
        }
        if self.sight.view.listing(node) == listing {
            return;
        }
        let until_written = Span(sync.per_node.0 * u64::from(sync.places[node.at()] + 1));
        sync.keep(node, (listing, since));
        agenda.push(self.now + until_written, Event::Publish(node));
    }

    /// The pass writes what it has read.
    pub fn publish(&mut self, node: NodeId, agenda: &mut Agenda<Event>) {
        let Some(sync) = &mut self.sync else { return };
        let Some((listing, since)) = sync.take(node) else {
            return;
        };
        self.sight.view.list(node, listing);
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
        let from = self.desks.note(node, to);
        if from != to {
            self.stood(node, from, to);
        }
    }

    #[inline(always)]
    fn standing_now(&mut self, node: NodeId) -> Standing {
        let it = self.sight.fleet.node(node);
        let seen = self.sight.view.glance(node);
        let hidden = it.installed() && (seen.flag || self.rules.hides(&self.sight.view, seen.shape));
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
                it.installed() && !hidden && self.sight.view.free(node),
                Standing::OFFERED,
            )
    }

    #[inline(always)]
    fn stood(&mut self, node: NodeId, from: Standing, to: Standing) {
        if counts_as_away(from) || counts_as_away(to) {
            self.count_away(node, from, to);
        }
        self.tell_here(Fact::Stood { node, from, to });
    }

    /// Keeps the counts of idle nodes that automatic requests cannot get.
    #[inline(never)]
    fn count_away(&mut self, node: NodeId, from: Standing, to: Standing) {
        let traits = self.sight.fleet.kind(node).traits;
        for (standing, add) in [(from, false), (to, true)] {
            if counts_as_away(standing) {
                let counts = self.away.entry((ClassId(standing.class()), traits)).or_default();
                let hidden = standing.is(Standing::HELD | Standing::HIDDEN);
                let count = if hidden { &mut counts.hidden } else { &mut counts.unseen };
                *count = if add { *count + 1 } else { count.saturating_sub(1) };
            }
        }
    }
}

/// Whether a node that stands so is idle, and not for automatic requests: hidden, or free and not yet
/// seen as free.
#[inline]
fn counts_as_away(standing: Standing) -> bool {
    if standing.is(Standing::TENANT | Standing::OFFERED) || !standing.installed() {
        return false;
    }
    let unseen = standing.provision() == Provision::Available && !standing.is(Standing::ERRAND);
    unseen || standing.is(Standing::HELD | Standing::HIDDEN)
}
