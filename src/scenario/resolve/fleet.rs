//! `[fleet]`: groups or a nodes.csv, scaled, split over conductor groups, given to owners.

mod drafts;

use std::collections::BTreeSet;
use std::rc::Rc;

use super::inputs::InputFiles;
use super::seats::SeatBook;
use super::site::Site;
use crate::fleet::{
    AggregateSpec, Boundary, Change, ClassId, Fleet, GroupId, Names, NodeId, NodeSpec, Provision, RackId, TenantId,
    TraitId, TraitSet,
};
use crate::kernel::Time;
use crate::scenario::diagnose::fix_word;
use crate::scenario::keys::ranges::NODES;
use crate::scenario::read::Section;
use crate::scenario::tree::Place;
use crate::workload::{Extras, GroupPolicy, ServerGroup};
use drafts::{NodeDraft, from_groups, from_source, give_to_owners, owners, scaled};

/// The fleet, with what the other tables need to know of it.
#[derive(Debug)]
pub struct Yard {
    pub fleet: Fleet,
    /// Whether owners may use the common nodes too.
    pub overflow: bool,
    /// How many nodes each class has as written, before scaling.
    pub capacity: Vec<usize>,
    /// Nodes in the order of their names.
    by_name: Vec<NodeId>,
    /// Nodes that scaling left out.
    pub left_out: BTreeSet<String>,
    /// What requests say beside class and traits; number 0 is nothing.
    pub extras: Vec<Extras>,
    /// Who sits on which node at the begin.
    pub seats: SeatBook,
    /// Whether something is wrong with it: what it lacks may be there as it is meant.
    pub unsure: bool,
}

impl Default for Yard {
    fn default() -> Self {
        Yard {
            fleet: Fleet::default(),
            overflow: true,
            capacity: Vec::new(),
            by_name: Vec::new(),
            left_out: BTreeSet::new(),
            extras: vec![Extras::default()],
            seats: SeatBook::default(),
            unsure: false,
        }
    }
}

impl Yard {
    /// The node of a name.
    pub fn node(&self, name: &str) -> Option<NodeId> {
        let found = self.by_name.binary_search_by(|&id| self.fleet.name(id).cmp(name));
        found.ok().map(|at| self.by_name[at])
    }

    /// The names of all nodes, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.by_name.iter().map(|&id| self.fleet.name(id))
    }

    /// The number of a class; an unknown one is noted with the nearest.
    pub fn class(&self, t: &Section<'_>, name: &str, place: &Place) -> Option<ClassId> {
        let found = self.fleet.names.classes.find(name).map(ClassId);
        // Without any class the fleet itself is wrong, and that has been noted.
        if found.is_none() && !self.unsure && !self.fleet.names.classes.is_empty() {
            let known: Vec<&str> = self.fleet.names.classes.iter().collect();
            t.ledger.wrong(
                place,
                format!("no node has the class `{name}`"),
                fix_word(name, known.iter().copied()),
            );
        }
        found
    }

    /// The number of what a flavor or request says beside class and traits.
    pub fn extras(&mut self, t: &mut Section<'_>) -> u16 {
        let query = t.text("query");
        if let Some(text) = &query
            && serde_json::from_str::<Vec<serde_json::Value>>(text).is_err()
        {
            let fix = "write a list, such as '[\"=\", \"$hypervisor_hostname\", \"gpu-3\"]'";
            t.wrong("query", "the hint is no JSON list", fix);
        }
        let extras = Extras {
            extra_specs: t.texts("extra_specs"),
            query,
            same_host: texts(t, "same_host"),
            different_host: texts(t, "different_host"),
            reservation: texts(t, "reservation"),
            group: self.server_group(t),
            image: t.text("image"),
            image_properties: t.texts("image_properties").into_iter().collect(),
            availability_zone: t.text("availability_zone"),
        };
        let found = self.extras.iter().position(|known| *known == extras);
        let place = found.unwrap_or_else(|| {
            self.extras.push(extras);
            self.extras.len() - 1
        });
        u16::try_from(place).unwrap_or(u16::MAX)
    }

    /// The server group that a flavor or request names: of one name there is one.
    fn server_group(&self, t: &mut Section<'_>) -> Option<ServerGroup> {
        let place = t.place("group");
        let words = [
            GroupPolicy::Affinity,
            GroupPolicy::AntiAffinity,
            GroupPolicy::SoftAffinity,
            GroupPolicy::SoftAntiAffinity,
        ]
        .map(|policy| (policy.word(), policy));
        let mut group = t.within("group", true, |g| ServerGroup {
            id: 0,
            name: g.text("name").unwrap_or_default(),
            policy: g.choice("policy", &words).unwrap_or_default(),
            most_per_host: g.whole("max_server_per_host").map(|n| n as u32),
        })?;
        let mut known = self.extras.iter().filter_map(|extras| extras.group.as_ref());
        match known.clone().find(|known| known.name == group.name) {
            Some(same) => {
                group.id = same.id;
                if *same != group {
                    let message = format!("the server group `{}` has another policy elsewhere", group.name);
                    t.ledger
                        .wrong(&place, message, "give it the same policy everywhere, or another name");
                }
            }
            None => group.id = known.by_ref().map(|known| known.id + 1).max().unwrap_or(0),
        }
        Some(group)
    }

    /// The classes that a key lists.
    pub fn classes(&self, t: &mut Section<'_>, key: &str) -> Vec<ClassId> {
        let words = t.words(key);
        words
            .iter()
            .filter_map(|(word, place)| self.class(t, word, place))
            .collect()
    }

    /// The traits that a key lists; one that no node has is noted.
    pub fn traits(&self, t: &mut Section<'_>, key: &str) -> TraitSet {
        let mut set = TraitSet::default();
        for (word, place) in t.words(key) {
            match self.fleet.names.traits.find(&word) {
                Some(number) if number < 64 => set = set.with(TraitId(number)),
                _ if self.unsure || self.fleet.nodes.is_empty() => {}
                _ => {
                    let known: Vec<&str> = self.fleet.names.traits.iter().collect();
                    t.ledger.wrong(
                        &place,
                        format!("no node has the trait `{word}`"),
                        fix_word(&word, known.iter().copied()),
                    );
                }
            }
        }
        set
    }
}

fn texts(t: &mut Section<'_>, key: &str) -> Vec<String> {
    t.words(key).into_iter().map(|(word, _)| word).collect()
}

/// `[fleet]`.
pub fn read(t: &mut Section<'_>, site: &Site, inputs: &mut InputFiles<'_>) -> Yard {
    let source = t.text("source");
    let scale = t.number("scale", "a number above 0, at most 1000").unwrap_or(1.0);
    let split = t.whole("conductor_groups");
    let owners = t.within("owners", false, owners).unwrap_or_default();
    let grouped = t.has("group");
    let aggregates = t.every("aggregate", |a, _| aggregate(a));
    let known: Vec<String> = aggregates.iter().map(|(spec, _)| spec.name.clone()).collect();
    let drafts = match source {
        Some(_) if grouped => {
            t.wrong("source", "a fleet has either a `source` or groups", "keep one of them");
            Vec::new()
        }
        Some(path) => from_source(t, &path, inputs),
        None if grouped => from_groups(t, site, &known),
        None => {
            if !t.has("source") && !t.has_astray("group") {
                t.wrong(
                    "source",
                    "the fleet has no nodes",
                    "add `source = \"nodes.csv\"` or a `[[fleet.group]]`",
                );
            }
            Vec::new()
        }
    };
    if drafts.len() as f64 * scale > NODES as f64 {
        t.wrong(
            "scale",
            format!("the fleet would have more than {NODES} nodes"),
            "ask for fewer nodes",
        );
        return Yard::default();
    }
    let mut yard = Yard {
        overflow: owners.overflow,
        ..Yard::default()
    };
    count_classes(&mut yard, &drafts);
    let written = drafts.len();
    let (mut drafts, left_out) = scaled(drafts, scale, site.seed);
    if drafts.len() != written {
        t.ledger.assume(format!(
            "the fleet is scaled by {scale}: {} nodes instead of {written}",
            drafts.len()
        ));
    }
    give_to_owners(&mut drafts, &owners, site.seed);
    if let Some(parts) = split {
        for (at, draft) in drafts.iter_mut().enumerate() {
            let record = Rc::make_mut(&mut draft.record);
            record.conductor_group = format!("group-{}", at % parts as usize + 1);
            record.group_changes.clear();
        }
    }
    yard.left_out = left_out;
    build(t, &mut yard, drafts);
    enter_aggregates(t, &mut yard, aggregates);
    yard
}

/// Enters every class, those that only a later change brings too.
fn count_classes(yard: &mut Yard, drafts: &[NodeDraft]) {
    for draft in drafts {
        let changes = draft.record.class_changes.iter().map(|(_, class)| class);
        let classes: BTreeSet<&String> = std::iter::once(&draft.record.resource_class).chain(changes).collect();
        for class in classes {
            let number = usize::from(yard.fleet.names.classes.enter(class));
            if yard.capacity.len() <= number {
                yard.capacity.resize(number + 1, 0);
            }
            yard.capacity[number] += 1;
        }
    }
}

/// An aggregate, and the conductor groups that it names.
fn aggregate(a: &mut Section<'_>) -> (AggregateSpec, Vec<(String, Place)>) {
    let spec = AggregateSpec {
        name: a.text("name").unwrap_or_default(),
        metadata: a.texts("metadata").into_iter().collect(),
        groups: Vec::new(),
    };
    (spec, a.words("conductor_groups"))
}

/// Enters the aggregates, now that the conductor groups have their numbers.
fn enter_aggregates(t: &Section<'_>, yard: &mut Yard, aggregates: Vec<(AggregateSpec, Vec<(String, Place)>)>) {
    let names = &mut yard.fleet.names;
    for (mut spec, groups) in aggregates {
        for (word, place) in groups {
            match names.groups.find(&word) {
                Some(number) => spec.groups.push(GroupId(number)),
                None => {
                    let known: Vec<&str> = names.groups.iter().collect();
                    let fix = fix_word(&word, known.iter().copied());
                    t.ledger
                        .wrong(&place, format!("no node is in the conductor group `{word}`"), fix);
                }
            }
        }
        names.aggregates.push(spec);
    }
}

fn build(t: &Section<'_>, yard: &mut Yard, drafts: Vec<NodeDraft>) {
    let fleet = &mut yard.fleet;
    fleet.nodes.reserve_exact(drafts.len());
    for draft in drafts {
        let id = NodeId(fleet.nodes.len() as u32);
        let (spec, boundaries) = number(&mut fleet.names, &draft, id);
        fleet.enter(&spec);
        if draft.record.available_from_ms > 0 {
            fleet.node_mut(id).provision = Provision::Enroll;
        }
        fleet.boundaries.extend(boundaries);
    }
    yard.by_name = fleet.ids().collect();
    yard.by_name.sort_by(|&a, &b| fleet.name(a).cmp(fleet.name(b)));
    let pairs = yard
        .by_name
        .windows(2)
        .filter(|pair| fleet.name(pair[0]) == fleet.name(pair[1]));
    let twice: BTreeSet<NodeId> = pairs.map(|pair| pair[1]).collect();
    for id in twice {
        let message = format!("two nodes are called `{}`", fleet.name(id));
        t.ledger
            .wrong(&t.head, message, "give one of the groups another `name`");
    }
    fleet.boundaries.sort_by_key(|b| (b.at, b.node));
    let names = &fleet.names;
    if names.traits.len() > 64 {
        t.ledger.wrong(
            &t.head,
            format!("the nodes have {} traits, and 64 can be told apart", names.traits.len()),
            "leave out traits that no request asks for",
        );
    }
    for (count, what) in [
        (names.classes.len(), "classes"),
        (names.racks.len(), "racks"),
        (names.groups.len(), "conductor groups"),
    ] {
        if count > usize::from(u16::MAX) {
            t.ledger.wrong(
                &t.head,
                format!("the fleet has {count} {what}"),
                format!("at most {} are possible", u16::MAX),
            );
        }
    }
}

/// Numbers for names, and the changes that the record dictates.
fn number(names: &mut Names, draft: &NodeDraft, id: NodeId) -> (NodeSpec, Vec<Boundary>) {
    let record = &draft.record;
    let or = |text: &str, other: &str| {
        if text.is_empty() {
            other.to_owned()
        } else {
            text.to_owned()
        }
    };
    let mut class = ClassId(names.classes.enter(&record.resource_class));
    let mut boundaries = Vec::new();
    let mut due = |at: u64, change: Change| {
        boundaries.push(Boundary {
            at: Time(at),
            node: id,
            change,
        })
    };
    if record.available_from_ms > 0 {
        due(record.available_from_ms, Change::Joins);
    }
    for (at, name) in &record.class_changes {
        let changed = ClassId(names.classes.enter(name));
        // A change before the node joins is history: it joins as what it is by then.
        if *at <= record.available_from_ms {
            class = changed
        } else {
            due(*at, Change::Class(changed))
        }
    }
    let mut group = GroupId(names.groups.enter(&or(&record.conductor_group, "default")));
    for (at, name) in &record.group_changes {
        let changed = GroupId(names.groups.enter(name));
        if *at <= record.available_from_ms {
            group = changed
        } else {
            due(*at, Change::Group(changed))
        }
    }
    if let Some(until) = record.available_until_ms {
        due(until, Change::Leaves);
    }
    if let Some(at) = draft.group.retired_at {
        due(at.0, Change::Retires);
    }
    let traits = record
        .traits
        .iter()
        .map(|name| names.traits.enter(name))
        .filter(|number| *number < 64);
    let spec = NodeSpec {
        name: draft.name.to_string(),
        class,
        traits: traits.fold(TraitSet::default(), |set, number| set.with(TraitId(number))),
        model: names.enter_model(&draft.group.model),
        rack: RackId(names.racks.enter(&or(&record.rack, "unknown"))),
        group,
        owner: record.owner.as_ref().map(|name| TenantId(names.tenants.enter(name))),
        lessee: draft
            .group
            .lessee
            .as_ref()
            .map(|name| TenantId(names.tenants.enter(name))),
    };
    (spec, boundaries)
}
