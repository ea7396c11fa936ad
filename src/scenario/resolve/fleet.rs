//! `[fleet]`: groups or a nodes.csv, scaled, split over conductor groups, given to owners.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::Site;
use super::inputs::Inputs;
use crate::fleet::{
    AggregateSpec, Boundary, Change, ClassId, Fleet, GroupId, Model, Names, NodeId, Provision, RackId, Spec, TenantId,
    TraitId, TraitSet,
};
use crate::import::neutral::{NodeRecord, read_nodes};
use crate::kernel::Time;
use crate::kernel::streams::Seed;
use crate::scenario::diagnose::mend_word;
use crate::scenario::read::Table;
use crate::scenario::tree::Place;
use crate::scenario::values;
use crate::workload::Extras;

/// Streams of these purposes belong to no replication: the fleet is the same in all of them.
const KEEP: u64 = u64::from_le_bytes(*b"fl.keep.");
const OWN: u64 = u64::from_le_bytes(*b"fl.own..");
/// More nodes than any site has; it keeps a slip of the finger from eating the memory.
const MOST_NODES: usize = 2_000_000;

/// The fleet, with what the other tables need to know of it.
#[derive(Debug)]
pub struct Yard {
    /// The fleet.
    pub fleet: Fleet,
    /// Whether owners may use the common nodes too.
    pub overflow: bool,
    /// How many nodes each class has as written, before scaling.
    pub capacity: Vec<usize>,
    /// Nodes by name.
    pub by_name: BTreeMap<String, NodeId>,
    /// Nodes that scaling left out.
    pub left_out: BTreeSet<String>,
    /// What requests say beside class and traits; number 0 is nothing.
    pub extras: Vec<Extras>,
}

impl Default for Yard {
    fn default() -> Self {
        let (by_name, left_out) = (BTreeMap::new(), BTreeSet::new());
        Yard {
            fleet: Fleet::default(),
            overflow: true,
            capacity: Vec::new(),
            by_name,
            left_out,
            extras: vec![Extras::default()],
        }
    }
}

impl Yard {
    /// The number of a class; an unknown one is noted with the nearest.
    pub fn class(&self, t: &Table<'_>, name: &str, place: &Place) -> Option<ClassId> {
        let found = self.fleet.names.classes.find(name).map(ClassId);
        // Without any class the fleet itself is wrong, and that has been noted.
        if found.is_none() && !self.fleet.names.classes.is_empty() {
            let known: Vec<&str> = self.fleet.names.classes.iter().collect();
            t.ledger.wrong(
                place,
                format!("no node has the class `{name}`"),
                mend_word(name, known.iter().copied()),
            );
        }
        found
    }

    /// The number of what a flavor or request says beside class and traits.
    pub fn extras(&mut self, t: &mut Table<'_>) -> u16 {
        let query = t.text("query");
        if let Some(text) = &query
            && serde_json::from_str::<Vec<serde_json::Value>>(text).is_err()
        {
            let mend = "write a list, such as '[\"=\", \"$hypervisor_hostname\", \"gpu-3\"]'";
            t.wrong("query", "the hint is no JSON list", mend);
        }
        let extras = Extras {
            extra_specs: t.texts("extra_specs"),
            query,
            same_host: texts(t, "same_host"),
            different_host: texts(t, "different_host"),
            availability_zone: t.text("availability_zone"),
        };
        let found = self.extras.iter().position(|known| *known == extras);
        let place = found.unwrap_or_else(|| {
            self.extras.push(extras);
            self.extras.len() - 1
        });
        u16::try_from(place).unwrap_or(u16::MAX)
    }

    /// The classes that a key lists.
    pub fn classes(&self, t: &mut Table<'_>, key: &str) -> Vec<ClassId> {
        let words = t.words(key);
        words
            .iter()
            .filter_map(|(word, place)| self.class(t, word, place))
            .collect()
    }

    /// The traits that a key lists; one that no node has is noted.
    pub fn traits(&self, t: &mut Table<'_>, key: &str) -> TraitSet {
        let mut set = TraitSet::default();
        for (word, place) in t.words(key) {
            match self.fleet.names.traits.find(&word) {
                Some(number) if number < 64 => set = set.with(TraitId(number)),
                _ if self.fleet.nodes.is_empty() => {}
                _ => {
                    let known: Vec<&str> = self.fleet.names.traits.iter().collect();
                    t.ledger.wrong(
                        &place,
                        format!("no node has the trait `{word}`"),
                        mend_word(&word, known.iter().copied()),
                    );
                }
            }
        }
        set
    }
}

fn texts(t: &mut Table<'_>, key: &str) -> Vec<String> {
    t.words(key).into_iter().map(|(word, _)| word).collect()
}

/// A node before numbers stand for names.
#[derive(Clone, Debug)]
struct Draft {
    node_id: String,
    /// All but the name, which like nodes share.
    record: Rc<NodeRecord>,
    lessee: Option<String>,
    retired_at: Option<Time>,
    model: Rc<Model>,
}

/// `[fleet]`.
pub fn read(t: &mut Table<'_>, site: &Site, inputs: &mut Inputs<'_>) -> Yard {
    let source = t.text("source");
    let scale = t
        .number("scale", "a number above 0, at most 1000", |n| n > 0.0 && n <= 1000.0)
        .unwrap_or(1.0);
    let split = t.whole("conductor_groups", 1, 10_000);
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
            if !t.has("source") {
                t.wrong(
                    "source",
                    "the fleet has no nodes",
                    "add `source = \"nodes.csv\"` or a `[[fleet.group]]`",
                );
            }
            Vec::new()
        }
    };
    if drafts.len() as f64 * scale > MOST_NODES as f64 {
        t.wrong(
            "scale",
            format!("the fleet would have more than {MOST_NODES} nodes"),
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
            Rc::make_mut(&mut draft.record).conductor_group = format!("group-{}", at % parts as usize + 1);
        }
    }
    yard.left_out = left_out;
    build(t, &mut yard, drafts);
    enter_aggregates(t, &mut yard, aggregates);
    yard
}

/// Enters every class, those that only a later change brings too.
fn count_classes(yard: &mut Yard, drafts: &[Draft]) {
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

fn from_source(t: &Table<'_>, path: &str, inputs: &mut Inputs<'_>) -> Vec<Draft> {
    let Some(rows) = inputs.rows(path, &t.place("source"), read_nodes) else {
        return Vec::new();
    };
    if rows.read.records.is_empty() {
        let mend = "give it at least one node, or make it anew with `sickbay import`";
        let error = rows.error(0, "", "there is no node in this file".to_owned(), mend.to_owned());
        t.ledger.wrong_row(&rows.text, &error);
    }
    rows.read
        .records
        .into_iter()
        .map(|mut record| Draft {
            node_id: std::mem::take(&mut record.node_id),
            record: Rc::new(record),
            lessee: None,
            retired_at: None,
            model: Rc::default(),
        })
        .collect()
}

fn from_groups(t: &mut Table<'_>, site: &Site, known: &[String]) -> Vec<Draft> {
    let mut numbers: BTreeMap<String, u64> = BTreeMap::new();
    let mut racks: BTreeMap<String, u64> = BTreeMap::new();
    let groups = t.every("group", |g, _| group(g, (site, known), &mut numbers, &mut racks));
    if groups.is_empty() {
        t.wrong("group", "the fleet has no nodes", "add a `[[fleet.group]]`");
    }
    groups.into_iter().flatten().collect()
}

/// The nodes of one group: named by number, spread over the racks in blocks.
fn group(
    g: &mut Table<'_>,
    (site, known): (&Site, &[String]),
    numbers: &mut BTreeMap<String, u64>,
    racks: &mut BTreeMap<String, u64>,
) -> Vec<Draft> {
    let class = g.text("class").unwrap_or_default();
    let nodes = g.whole("nodes", 1, MOST_NODES as i64).unwrap_or(0) as u64;
    let prefix = g.text("name").unwrap_or_else(|| class.clone());
    let rack = g.text("rack");
    if rack.is_some() && g.has("racks") {
        g.wrong(
            "racks",
            "`rack` and `racks` exclude each other",
            "keep `rack` for one rack, `racks` for a number of them",
        );
    }
    // A named rack leaves `racks` out of the effective file too, so that it loads again.
    let spread = if rack.is_none() {
        g.whole("racks", 1, 10_000).unwrap_or(1) as u64
    } else {
        1
    };
    let conductor_group = g.text("conductor_group").unwrap_or_default();
    let traits: Vec<String> = g.words("traits").into_iter().map(|(word, _)| word).collect();
    let (owner, lessee) = (g.text("owner"), g.text("lessee"));
    let retired_at = g
        .take("retired_at")
        .and_then(|item| values::instant(g.ledger, "fleet.group.retired_at", &item, site.epoch))
        .map(|span| Time(span.0));
    let model = Rc::new(model(g, known));
    let first_rack = *racks.get(&prefix).unwrap_or(&0);
    if rack.is_none() {
        racks.insert(prefix.clone(), first_rack + spread);
    }
    let number = numbers.entry(prefix.clone()).or_default();
    let mut drafts = Vec::new();
    let mut shared: Option<(u64, Rc<NodeRecord>)> = None;
    for at in 0..nodes {
        *number += 1;
        let block = first_rack + at * spread / nodes + 1;
        let record = match &shared {
            Some((of, record)) if *of == block => Rc::clone(record),
            _ => Rc::new(NodeRecord {
                node_id: String::new(),
                resource_class: class.clone(),
                traits: traits.clone(),
                rack: rack.clone().unwrap_or_else(|| format!("{prefix}-rack-{block}")),
                conductor_group: conductor_group.clone(),
                owner: owner.clone(),
                available_from_ms: 0,
                available_until_ms: None,
                class_changes: Vec::new(),
            }),
        };
        shared = Some((block, Rc::clone(&record)));
        drafts.push(Draft {
            node_id: format!("{prefix}-{number}"),
            record,
            lessee: lessee.clone(),
            model: Rc::clone(&model),
            retired_at,
        });
    }
    drafts
}

/// What the nodes of a group have beside class and traits.
fn model(g: &mut Table<'_>, known: &[String]) -> Model {
    let capabilities = g.texts("capabilities").into_iter().collect();
    let mut aggregates = BTreeSet::new();
    for (word, place) in g.words("aggregates") {
        if known.contains(&word) {
            aggregates.insert(word);
        } else {
            let mend = match known {
                [] => "add a `[[fleet.aggregate]]` of this name".to_owned(),
                _ => mend_word(&word, known.iter().map(String::as_str)),
            };
            g.ledger.wrong(&place, format!("there is no aggregate `{word}`"), mend);
        }
    }
    Model {
        capabilities,
        aggregates,
    }
}

/// An aggregate, and the conductor groups that it names.
fn aggregate(a: &mut Table<'_>) -> (AggregateSpec, Vec<(String, Place)>) {
    let spec = AggregateSpec {
        name: a.text("name").unwrap_or_default(),
        metadata: a.texts("metadata").into_iter().collect(),
        groups: Vec::new(),
    };
    (spec, a.words("conductor_groups"))
}

/// Enters the aggregates, now that the conductor groups have their numbers.
fn enter_aggregates(t: &Table<'_>, yard: &mut Yard, aggregates: Vec<(AggregateSpec, Vec<(String, Place)>)>) {
    let names = &mut yard.fleet.names;
    for (mut spec, groups) in aggregates {
        for (word, place) in groups {
            match names.groups.find(&word) {
                Some(number) => spec.groups.push(GroupId(number)),
                None => {
                    let known: Vec<&str> = names.groups.iter().collect();
                    let mend = mend_word(&word, known.iter().copied());
                    t.ledger
                        .wrong(&place, format!("no node is in the conductor group `{word}`"), mend);
                }
            }
        }
        names.aggregates.push(spec);
    }
}

/// `[fleet.owners]`.
#[derive(Debug)]
struct Owners {
    share: f64,
    tenants: Vec<String>,
    overflow: bool,
}

impl Default for Owners {
    fn default() -> Self {
        Owners {
            share: 0.0,
            tenants: Vec::new(),
            overflow: true,
        }
    }
}

fn owners(t: &mut Table<'_>) -> Owners {
    let share = t.share("share");
    let tenants: Vec<String> = t.words("tenants").into_iter().map(|(word, _)| word).collect();
    if share > 0.0 && tenants.is_empty() {
        t.wrong(
            "share",
            "a share of the fleet is owned, and there is no owner",
            "add `tenants = [\"a\", \"b\"]`",
        );
    }
    Owners {
        share,
        tenants,
        overflow: t.flag("overflow"),
    }
}

/// The places of each class's drafts in a seeded order that a smaller or larger part shares.
fn seeded(drafts: &[Draft], seed: u64, purpose: u64) -> Vec<Vec<usize>> {
    let mut classes: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, draft) in drafts.iter().enumerate() {
        classes.entry(&draft.record.resource_class).or_default().push(at);
    }
    let shuffled = |(class, places): (&str, Vec<usize>)| {
        // The stream is the class's own: another class's nodes do not change the choice.
        let entity = class
            .bytes()
            .fold(0, |sum, byte| crate::kernel::streams::mix(sum ^ u64::from(byte)));
        let mut stream = Seed {
            master: seed,
            replication: u64::MAX,
        }
        .stream(purpose, entity);
        let mut keyed: Vec<(u64, usize)> = places.into_iter().map(|at| (stream.word(), at)).collect();
        keyed.sort_unstable();
        keyed.into_iter().map(|(_, at)| at).collect()
    };
    classes.into_iter().map(shuffled).collect()
}

/// A half is rounded up.
fn rounded(x: f64) -> usize {
    (x + 0.5).floor() as usize
}

/// The fleet scaled class by class: below 1 a seeded part, at least one node; above 1 whole
/// copies and a seeded part of one more.
fn scaled(drafts: Vec<Draft>, scale: f64, seed: u64) -> (Vec<Draft>, BTreeSet<String>) {
    if scale == 1.0 {
        return (drafts, BTreeSet::new());
    }
    let mut copies = vec![0_usize; drafts.len()];
    for places in seeded(&drafts, seed, KEEP) {
        let wanted = rounded(places.len() as f64 * scale).max(1);
        for (at, &place) in places.iter().enumerate() {
            copies[place] = wanted / places.len() + usize::from(at < wanted % places.len());
        }
    }
    let left_out = drafts
        .iter()
        .zip(&copies)
        .filter(|(_, n)| **n == 0)
        .map(|(d, _)| d.node_id.clone())
        .collect();
    let most = copies.iter().copied().max().unwrap_or(0);
    let mut out: Vec<Draft> = Vec::new();
    for copy in 0..most {
        for (draft, _) in drafts.iter().zip(&copies).filter(|(_, n)| **n > copy) {
            let mut draft = draft.clone();
            if copy > 0 {
                draft.node_id = format!("{}-x{}", draft.node_id, copy + 1);
                let record = Rc::make_mut(&mut draft.record);
                record.rack = format!("{}-x{}", record.rack, copy + 1);
            }
            out.push(draft);
        }
    }
    (out, left_out)
}

/// Gives the share of each class to the tenants, round robin; nodes with an owner keep it.
fn give_to_owners(drafts: &mut [Draft], owners: &Owners, seed: u64) {
    if owners.tenants.is_empty() {
        return;
    }
    let mut next = 0;
    for places in seeded(drafts, seed, OWN) {
        let wanted = rounded(places.len() as f64 * owners.share);
        for &place in places
            .iter()
            .filter(|&&at| drafts[at].record.owner.is_none())
            .take(wanted)
            .collect::<Vec<_>>()
        {
            Rc::make_mut(&mut drafts[place].record).owner = Some(owners.tenants[next % owners.tenants.len()].clone());
            next += 1;
        }
    }
}

fn build(t: &Table<'_>, yard: &mut Yard, drafts: Vec<Draft>) {
    let fleet = &mut yard.fleet;
    for draft in drafts {
        let id = NodeId(fleet.nodes.len() as u32);
        let (spec, boundaries) = number(&mut fleet.names, &draft, id);
        fleet.enter(&spec);
        if draft.record.available_from_ms > 0 {
            fleet.node_mut(id).provision = Provision::Enroll;
        }
        if yard.by_name.insert(draft.node_id.clone(), id).is_some() {
            let mend = "give one of the groups another `name`";
            t.ledger
                .wrong(&t.head, format!("two nodes are called `{}`", draft.node_id), mend);
        }
        fleet.boundaries.extend(boundaries);
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
fn number(names: &mut Names, draft: &Draft, id: NodeId) -> (Spec, Vec<Boundary>) {
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
    if let Some(until) = record.available_until_ms {
        due(until, Change::Leaves);
    }
    if let Some(at) = draft.retired_at {
        due(at.0, Change::Retires);
    }
    let traits = record
        .traits
        .iter()
        .map(|name| names.traits.enter(name))
        .filter(|number| *number < 64);
    let spec = Spec {
        name: draft.node_id.clone(),
        class,
        traits: traits.fold(TraitSet::default(), |set, number| set.with(TraitId(number))),
        model: names.enter_model(&draft.model),
        rack: RackId(names.racks.enter(&or(&record.rack, "unknown"))),
        group: GroupId(names.groups.enter(&or(&record.conductor_group, "default"))),
        owner: record.owner.as_ref().map(|name| TenantId(names.tenants.enter(name))),
        lessee: draft.lessee.as_ref().map(|name| TenantId(names.tenants.enter(name))),
    };
    (spec, boundaries)
}
