//! How a node's facts reach the scheduler's view: aggregates and owners at once, by API;
//! everything else by the compute service's loop.
//!
//! A pass begins when the service's periodic tasks let it (`periodic`). It reads the whole node
//! cache at its start and then writes node after node, or as many at a time as it has workers (nova 34.0
//! virt/ironic/driver.py:768, 834). Only nodes that have changed cost events: one when they are
//! read, one when written. Failed builds are the service's own count: they go along with whatever it writes of
//! the node (nova 34.0 compute/stats.py:149).

use super::Plane;
use crate::fleet::{ClassId, GroupId, Health, Mark, NodeId, Party, Provision};
use crate::kernel::Time;
use crate::view::{ApiFacts, Listing};
use crate::workload::JobId;
use crate::world::{Event, Fact, Observer, Standing};

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
            self.truth.view.list(node, listing);
        } else {
            self.list_while_somebody_waits(node, listing);
        }
    }

    /// Where the node leaves a class, a cap may bring others of that class into reach; and a trait that Placement has not
    /// known so far refuses everybody who names it.
    #[inline(never)]
    fn list_while_somebody_waits(&mut self, node: NodeId, listing: Listing) {
        let class = self.truth.view.listing(node).class;
        if class != listing.class && self.cap_binds(class) {
            self.bells.stir(class);
        }
        let view = &mut self.truth.view;
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
        let was_closed = self.truth.view.closed(group);
        self.truth.view.set_api(node, facts);
        if self.truth.view.closed(group) != was_closed {
            self.bells.stir_all();
            self.stand_all(group);
        }
    }

    /// Announces work on a node, from this instant on.
    pub fn announce(&mut self, node: NodeId, from: Time, job: JobId) {
        self.announced.entry(node).or_default().insert((from, job));
        self.mark_by_api(node);
    }

    /// Announced work is done, or will not be; none: it was not announced.
    pub fn work_is_over(&mut self, node: NodeId, job: Option<JobId>) {
        if let Some(jobs) = self.announced.get_mut(&node) {
            // The first in most cases: work is done in the order in which it is due.
            if let Some(&done) = jobs.iter().find(|(_, other)| Some(*other) == job) {
                jobs.remove(&done);
            }
            if jobs.is_empty() {
                self.announced.remove(&node);
            }
            self.mark_by_api(node);
        }
    }

    /// Tells where the nodes of a compute service stand.
    fn stand_all(&mut self, group: GroupId) {
        let of_group = |id: &NodeId| self.kind(*id).group == group;
        let members: Vec<NodeId> = self.truth.fleet.ids().filter(of_group).collect();
        for member in members {
            self.stand(member);
        }
    }

    /// The service writes its record of a node, for a claim or a delete: failed builds go along.
    #[inline(always)]
    pub fn record_written(&mut self, node: NodeId) {
        let failed_builds = self.node(node).failed_builds;
        if self.sync.is_some() && self.truth.view.failed_builds(node) != failed_builds {
            let listing = Listing {
                failed_builds,
                ..self.truth.view.listing(node)
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
        let seen = self.truth.view.listing(node);
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
    pub fn regroup(&mut self, node: NodeId, to: GroupId) {
        let from = self.kind(node).group;
        if from == to {
            return;
        }
        if let Some(party) = self.node(node).party() {
            self.goes_from(from, party);
            self.comes_to(to, party);
        }
        self.truth.fleet.regroup(node, to);
        let since = self.sync.as_mut().and_then(|sync| sync.regroup(node, from, to));
        let was_closed = self.truth.view.closed(from);
        self.mark_by_api(node);
        if self.truth.view.closed(from) != was_closed {
            self.stand_all(from);
        }
        self.settle(node);
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
    pub fn settle(&mut self, node: NodeId) {
        if self.sync.is_none() {
            self.publish_now(node);
        } else {
            self.schedule_reading(node);
        }
        self.stand(node);
        if !self.bells.nobody_waits() {
            self.look_at_lines(node);
        }
    }

    fn schedule_reading(&mut self, node: NodeId) {
        let listing = self.listing_now(node);
        let group = self.kind(node).group.at();
        let Some(sync) = &mut self.sync else { return };
        let latest = sync.reading(node).unwrap_or_else(|| self.truth.view.listing(node));
        if sync.dirty[node.at()] == Time::NEVER && latest != listing {
            sync.dirty[node.at()] = self.now;
            let next = sync.next_pass(group, self.now);
            let moves = sync.moves(node);
            self.at(next, Event::Snapshot { node, moves });
        }
    }

    /// A pass reads the node, if it is still its service's.
    pub fn snapshot(&mut self, node: NodeId, moves: u32) {
        let listing = self.listing_now(node);
        let Some(sync) = &mut self.sync else { return };
        if sync.moves(node) != moves {
            return;
        }
        let since = std::mem::replace(&mut sync.dirty[node.at()], Time::NEVER);
        if since == Time::NEVER {
            return;
        }
        if self.truth.view.listing(node) == listing {
            return;
        }
        let until_written = sync.until_written(sync.indexes[node.at()] as usize + 1);
        sync.keep(node, (listing, since));
        self.after(until_written, Event::Publish { node, moves });
    }

    /// The pass writes what it has read, if the node is still its service's.
    pub fn publish(&mut self, node: NodeId, moves: u32) {
        let Some(sync) = &mut self.sync else { return };
        if sync.moves(node) != moves {
            return;
        }
        let Some((mut listing, since)) = sync.take(node) else {
            return;
        };
        listing.failed_builds = self.node(node).failed_builds;
        if self.truth.view.used(node) && reclassed(self.truth.view.listing(node), listing) {
            // Placement refuses it (InventoryInUse) at every pass; the delete will have the node read again.
            return;
        }
        self.list(node, listing);
        self.tell(Fact::Published {
            node,
            age: self.now - since,
        });
        self.settle(node);
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
        let it = self.truth.fleet.node(node);
        let seen = self.truth.view.glance(node);
        let hidden = it.installed() && (seen.flag || self.rules.hides(&self.truth.view, seen.shape));
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
            .when(it.retired && it.installed(), Standing::RETIRED)
            .when(
                it.installed() && !hidden && self.truth.view.free(node),
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
    // Retired, and broken since: Ironic's flag is on it, and nobody will work there.
    if standing.provision() == Provision::Manageable && standing.is(Standing::BROKEN) && !standing.is(Standing::HELD) {
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
