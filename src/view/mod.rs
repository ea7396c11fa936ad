//! The scheduler's view: a copy of the nodes, possibly stale, with an index so that a placement
//! decision does not scan the fleet.
//!
//! All that a scheduler can tell apart of two nodes, but for their names, is their [`Shape`].
//! Nodes of one shape share a shelf that holds the free ones, so that filters run once per shape
//! and a pick costs the same in a fleet of any size.

mod shelf;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::fleet::{ClassId, GroupId, Mark, Marks, NodeId, Seats, TenantId, TraitSet};
use crate::kernel::Time;
use crate::kernel::streams::mix;
pub use shelf::Shelf;

/// All that the scheduler can tell apart of nodes, but for their names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shape {
    /// The resource class.
    pub class: ClassId,
    /// The traits.
    pub traits: TraitSet,
    /// The owner.
    pub owner: Option<TenantId>,
    /// The lessee.
    pub lessee: Option<TenantId>,
    /// The compute service.
    pub group: GroupId,
    /// Capabilities and aggregates, by their index in `Names::models`.
    pub model: u16,
    /// The marks, as far as the view has seen them.
    pub marks: Marks,
    /// From when on announced work is to be done on it, where requests are kept clear of that.
    pub work_at: Option<Time>,
}

/// A shape, by its place in the view.
pub type ShapeId = u32;

/// What the loop carries of a node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// Whether the node is published at all.
    pub listed: bool,
    /// Its resource class.
    pub class: ClassId,
    /// Its traits.
    pub traits: TraitSet,
    /// The marks that travel by the loop.
    pub marks: Marks,
    /// `reserved = 1`.
    pub reserved: bool,
    /// Builds that failed on it since the last success.
    pub failed_builds: u16,
    /// Ironic's flag, for the metrics only: the scheduler sees `reserved`.
    pub flag: bool,
}

/// What an API call says of a node at once: its aggregates, owner and lessee.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ApiFacts {
    /// The compute service.
    pub group: GroupId,
    /// Capabilities and aggregates, by their index in `Names::models`.
    pub model: u16,
    /// The node's marks; those that travel by API count.
    pub marks: Marks,
    /// The owner.
    pub owner: Option<TenantId>,
    /// The lessee.
    pub lessee: Option<TenantId>,
    /// From when on announced work is to be done on it, where requests are kept clear of that.
    pub work_at: Option<Time>,
}

/// What the view holds of a node. Class, traits and the marks that travel by the loop are its
/// shape's.
#[derive(Clone, Copy, Debug)]
struct Row {
    stamp: u64,
    shape: ShapeId,
    before: u32,
    after: u32,
    failed_builds: u16,
    /// Bits: see below.
    flags: u8,
}

const LISTED: u8 = 1;
const RESERVED: u8 = 2;
const FLAG: u8 = 4;
/// What the loop carries of these.
const CARRIED: u8 = LISTED | RESERVED | FLAG;
const USED: u8 = 8;
const SHELVED: u8 = 16;

impl Listing {
    /// What a row keeps of it in its flags.
    #[inline]
    fn flags(&self) -> u8 {
        let bit = |set: bool, flag: u8| if set { flag } else { 0 };
        bit(self.listed, LISTED) | bit(self.reserved, RESERVED) | bit(self.flag, FLAG)
    }
}

impl Row {
    #[inline]
    fn is(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    #[inline]
    fn set(&mut self, flag: u8, to: bool) {
        self.flags = self.flags & !flag | if to { flag } else { 0 };
    }

    /// Whether the node belongs onto a shelf.
    #[inline]
    fn free(&self) -> bool {
        self.flags & (LISTED | RESERVED | USED) == LISTED
    }
}

/// The end of a shelf's line.
const NOBODY: u32 = u32::MAX;

/// What the scheduler sees of a node at a glance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Glance {
    /// Its shape.
    pub shape: ShapeId,
    /// Whether it is a candidate, as `View::free` says.
    pub free: bool,
    /// Ironic's flag, as the view last saw it.
    pub flag: bool,
}

/// The scheduler's copy of the nodes.
#[derive(Clone, Debug, Default)]
pub struct View {
    shapes: Vec<Shape>,
    indexes: BTreeMap<Shape, ShapeId>,
    by_class: Vec<Vec<ShapeId>>,
    shelves: Vec<Shelf>,
    rows: Vec<Row>,
    closed_groups: Vec<u32>,
    /// By compute service: instances that hints speak of.
    residents: Vec<Vec<String>>,
    /// By compute service: how often those have changed.
    moves: Vec<u32>,
    /// Machines by server group and compute service.
    members: BTreeMap<(u16, GroupId), u32>,
    /// Traits that a published node has had: Placement knows them from then on.
    known_traits: TraitSet,
    /// Marks likewise.
    known_marks: Marks,
    stamps: u64,
    seats: Arc<Seats>,
    /// Changes with the shapes that there are, with the compute services that are the operators', and with the
    /// traits that Placement knows.
    version: u32,
}

impl View {
    /// A view of `nodes` nodes of which nothing is known yet, seated by their numbers.
    #[must_use]
    pub fn new(nodes: usize, classes: usize, groups: usize) -> View {
        let words: Vec<u64> = (0..nodes as u64).map(mix).collect();
        View::seated(Arc::new(Seats::of(&words)), nodes, classes, groups)
    }

    /// A view of nodes with these seats, of which nothing is known yet.
    #[must_use]
    pub fn seated(seats: Arc<Seats>, nodes: usize, classes: usize, groups: usize) -> View {
        let row = Row {
            stamp: 0,
            shape: 0,
            before: NOBODY,
            after: NOBODY,
            failed_builds: 0,
            flags: 0,
        };
        let mut view = View {
            by_class: vec![Vec::new(); classes.max(1)],
            rows: vec![row; nodes],
            closed_groups: vec![0; groups.max(1)],
            residents: vec![Vec::new(); groups.max(1)],
            moves: vec![0; groups.max(1)],
            seats,
            ..View::default()
        };
        view.intern(Shape::default());
        view
    }

    /// The nodes' seats.
    #[must_use]
    #[inline]
    pub fn seats(&self) -> &Seats {
        &self.seats
    }

    /// The number of nodes, listed or not.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are no nodes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The shape of a node.
    #[must_use]
    pub fn shape_of(&self, node: NodeId) -> &Shape {
        &self.shapes[self.rows[node.at()].shape as usize]
    }

    /// The number of a node's shape.
    #[must_use]
    pub fn shape_id_of(&self, node: NodeId) -> ShapeId {
        self.rows[node.at()].shape
    }

    /// A shape by its number.
    #[must_use]
    pub fn shape(&self, id: ShapeId) -> &Shape {
        &self.shapes[id as usize]
    }

    /// The shapes of a class, in the order of their numbers.
    #[must_use]
    pub fn shapes_of(&self, class: ClassId) -> &[ShapeId] {
        self.by_class.get(class.at()).map_or(&[], Vec::as_slice)
    }

    /// The free nodes of a shape.
    #[must_use]
    pub fn shelf(&self, shape: ShapeId) -> &Shelf {
        &self.shelves[shape as usize]
    }

    /// A number that changes whenever a verdict on the shapes of a class may: with a new shape, with
    /// a compute service that becomes the operators' or ceases to be, and with a trait that Placement
    /// has not known so far.
    #[must_use]
    #[inline]
    pub fn version(&self) -> u32 {
        self.version
    }

    /// What the loop last carried of a node.
    #[must_use]
    #[inline]
    pub fn listing(&self, node: NodeId) -> Listing {
        let row = &self.rows[node.at()];
        let shape = &self.shapes[row.shape as usize];
        Listing {
            listed: row.is(LISTED),
            class: shape.class,
            traits: shape.traits,
            marks: shape.marks.looped(),
            reserved: row.is(RESERVED),
            failed_builds: row.failed_builds,
            flag: row.is(FLAG),
        }
    }

    /// Builds that failed on a node since the last success, as far as the view knows.
    #[must_use]
    #[inline]
    pub fn failed_builds(&self, node: NodeId) -> u16 {
        self.rows[node.at()].failed_builds
    }

    /// Ironic's flag, as the view last saw it.
    #[must_use]
    #[inline]
    pub fn flag(&self, node: NodeId) -> bool {
        self.rows[node.at()].is(FLAG)
    }

    /// Whether Placement would count the node as a candidate: listed, not reserved, not used.
    #[must_use]
    pub fn free(&self, node: NodeId) -> bool {
        self.rows[node.at()].is(SHELVED)
    }

    /// Whether an allocation is on the node.
    #[must_use]
    pub fn used(&self, node: NodeId) -> bool {
        self.rows[node.at()].is(USED)
    }

    /// When the node was last put on a shelf, as a rising number.
    #[must_use]
    pub fn stamp(&self, node: NodeId) -> u64 {
        self.rows[node.at()].stamp
    }

    /// Whether the whole compute service is the operators'.
    #[must_use]
    pub fn closed(&self, group: GroupId) -> bool {
        self.closed_groups.get(group.at()).is_some_and(|&n| n > 0)
    }

    /// The instances of a compute service that hints speak of.
    #[must_use]
    pub fn residents(&self, group: GroupId) -> &[String] {
        self.residents.get(group.at()).map_or(&[], Vec::as_slice)
    }

    /// How often the instances of a compute service that hints speak of have changed.
    #[must_use]
    pub fn moves(&self, group: GroupId) -> u32 {
        self.moves.get(group.at()).copied().unwrap_or(0)
    }

    /// An instance that hints speak of comes to a compute service.
    pub fn moves_in(&mut self, group: GroupId, instance: &str) {
        self.residents[group.at()].push(instance.to_owned());
        self.moves[group.at()] = self.moves[group.at()].wrapping_add(1);
    }

    /// An instance that hints speak of leaves a compute service.
    pub fn moves_out(&mut self, group: GroupId, instance: &str) {
        let residents = &mut self.residents[group.at()];
        if let Some(index) = residents.iter().position(|resident| resident == instance) {
            residents.swap_remove(index);
            self.moves[group.at()] = self.moves[group.at()].wrapping_add(1);
        }
    }

    /// The compute services that a server group has machines on, with how many.
    pub fn members(&self, server_group: u16) -> impl Iterator<Item = (GroupId, u32)> + '_ {
        let of_group = (server_group, GroupId(0))..=(server_group, GroupId(u16::MAX));
        self.members
            .range(of_group)
            .map(|(&(_, service), &count)| (service, count))
    }

    /// The server groups that have machines on a compute service, with how many.
    pub fn groups_on(&self, service: GroupId) -> impl Iterator<Item = (u16, u32)> + '_ {
        let here =
            move |(&(group, index), &count): (&(u16, GroupId), &u32)| (index == service).then_some((group, count));
        self.members.iter().filter_map(here)
    }

    /// A machine of a server group comes to a compute service.
    pub fn joins(&mut self, server_group: u16, service: GroupId) {
        *self.members.entry((server_group, service)).or_default() += 1;
        self.moves[service.at()] = self.moves[service.at()].wrapping_add(1);
    }

    /// A machine of a server group leaves a compute service.
    pub fn parts(&mut self, server_group: u16, service: GroupId) {
        if let Some(count) = self.members.get_mut(&(server_group, service)) {
            *count -= 1;
            if *count == 0 {
                self.members.remove(&(server_group, service));
            }
            self.moves[service.at()] = self.moves[service.at()].wrapping_add(1);
        }
    }

    /// Traits that Placement knows: a published node has had them.
    #[must_use]
    #[inline]
    pub fn known_traits(&self) -> TraitSet {
        self.known_traits
    }

    /// Marks that a published node has had: Placement knows the traits that they are.
    #[must_use]
    #[inline]
    pub fn known_marks(&self) -> Marks {
        self.known_marks
    }

    /// Takes over what the loop carries of a node.
    #[inline(always)]
    pub fn list(&mut self, node: NodeId, listing: Listing) {
        let row = &self.rows[node.at()];
        let old = &self.shapes[row.shape as usize];
        let same = old.class == listing.class && old.traits == listing.traits && old.marks.looped() == listing.marks;
        let appears = listing.listed && !row.is(LISTED);
        if !same || appears || row.failed_builds != listing.failed_builds {
            self.list_anew(node, listing);
            return;
        }
        let row = &mut self.rows[node.at()];
        row.flags = row.flags & !CARRIED | listing.flags();
        self.reshelve(node);
    }

    #[inline(never)]
    fn list_anew(&mut self, node: NodeId, listing: Listing) {
        let old = *self.shape_of(node);
        let marks = Marks(old.marks.api().0 | listing.marks.0);
        if listing.listed {
            let known = (
                TraitSet(self.known_traits.0 | listing.traits.0),
                Marks(self.known_marks.0 | listing.marks.0),
            );
            if known != (self.known_traits, self.known_marks) {
                (self.known_traits, self.known_marks) = known;
                self.version += 1;
            }
        }
        self.change(
            node,
            Shape {
                class: listing.class,
                traits: listing.traits,
                marks,
                ..old
            },
            listing,
        );
    }

    /// Takes over what an API call says of a node at once: its aggregates, owner and lessee.
    pub fn set_api(&mut self, node: NodeId, facts: ApiFacts) {
        let ApiFacts {
            group,
            model,
            marks,
            owner,
            lessee,
            work_at,
        } = facts;
        let old = *self.shape_of(node);
        let (was, is) = (old.marks.has(Mark::ServiceTenancy), marks.has(Mark::ServiceTenancy));
        if was != is || (is && old.group != group) {
            if was {
                let closed = &mut self.closed_groups[old.group.at()];
                *closed = closed.saturating_sub(1);
            }
            self.closed_groups[group.at()] += u32::from(is);
            self.version += 1;
        }
        let marks = Marks(old.marks.looped().0 | marks.api().0);
        let listing = self.listing(node);
        self.change(
            node,
            Shape {
                owner,
                lessee,
                group,
                model,
                marks,
                work_at,
                ..old
            },
            listing,
        );
    }

    /// Writes an allocation.
    #[inline]
    pub fn take(&mut self, node: NodeId) {
        self.rows[node.at()].set(USED, true);
        self.unshelve(node);
    }

    /// Deletes an allocation.
    #[inline]
    pub fn release(&mut self, node: NodeId) {
        let row = &mut self.rows[node.at()];
        row.set(USED, false);
        self.reshelve(node);
    }

    /// What the scheduler sees of a node at a glance.
    #[inline]
    #[must_use]
    pub fn glance(&self, node: NodeId) -> Glance {
        let row = &self.rows[node.at()];
        Glance {
            shape: row.shape,
            free: row.is(SHELVED),
            flag: row.is(FLAG),
        }
    }

    /// The free node of a shape that has waited longest, if any; then `later` from it on.
    #[must_use]
    pub fn longest_free(&self, shape: ShapeId) -> Option<NodeId> {
        let head = self.shelves[shape as usize].head;
        (head != NOBODY).then_some(NodeId(head))
    }

    /// The next longest free after `node` on the same shelf.
    #[must_use]
    pub fn later(&self, node: NodeId) -> Option<NodeId> {
        let after = self.rows[node.at()].after;
        (after != NOBODY).then_some(NodeId(after))
    }

    fn intern(&mut self, shape: Shape) -> ShapeId {
        if let Some(&id) = self.indexes.get(&shape) {
            return id;
        }
        self.version += 1;
        let id = self.shapes.len() as ShapeId;
        self.shapes.push(shape);
        self.indexes.insert(shape, id);
        self.shelves.push(Shelf::new(self.rows.len()));
        if self.by_class.len() <= shape.class.at() {
            self.by_class.resize(shape.class.at() + 1, Vec::new());
        }
        self.by_class[shape.class.at()].push(id);
        id
    }

    fn change(&mut self, node: NodeId, shape: Shape, listing: Listing) {
        let row = &self.rows[node.at()];
        let same = self.shapes[row.shape as usize] == shape;
        if !same || (row.failed_builds > 0) != (listing.failed_builds > 0) {
            self.unshelve(node);
        }
        let id = if same {
            self.rows[node.at()].shape
        } else {
            self.intern(shape)
        };
        let row = &mut self.rows[node.at()];
        row.shape = id;
        row.failed_builds = listing.failed_builds;
        row.flags = row.flags & !CARRIED | listing.flags();
        self.reshelve(node);
    }

    /// Puts a node onto its shelf or takes it off, where it does not stand as it should.
    #[inline(always)]
    fn reshelve(&mut self, node: NodeId) {
        let row = &self.rows[node.at()];
        match (row.free(), row.is(SHELVED)) {
            (true, false) => self.shelve(node),
            (false, true) => self.unshelve(node),
            _ => {}
        }
    }

    fn shelve(&mut self, node: NodeId) {
        let shape = self.rows[node.at()].shape as usize;
        let tail = std::mem::replace(&mut self.shelves[shape].tail, node.0);
        if tail == NOBODY {
            self.shelves[shape].head = node.0;
        } else {
            self.rows[tail as usize].after = node.0;
        }
        let row = &mut self.rows[node.at()];
        row.set(SHELVED, true);
        (row.before, row.after, row.stamp) = (tail, NOBODY, self.stamps);
        self.stamps += 1;
        self.shelves[shape].insert(node, row.failed_builds > 0);
    }

    fn unshelve(&mut self, node: NodeId) {
        let row = &mut self.rows[node.at()];
        if !row.is(SHELVED) {
            return;
        }
        row.set(SHELVED, false);
        let (before, after, shape) = (row.before, row.after, row.shape as usize);
        let tainted = row.failed_builds > 0;
        match before {
            NOBODY => self.shelves[shape].head = after,
            _ => self.rows[before as usize].after = after,
        }
        match after {
            NOBODY => self.shelves[shape].tail = before,
            _ => self.rows[after as usize].before = before,
        }
        self.shelves[shape].remove(node, tainted);
    }
}
