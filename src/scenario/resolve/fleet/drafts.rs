//! The nodes of `[fleet]` as they are written: read from groups or a nodes.csv, scaled, given to owners.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::rc::Rc;

use crate::fleet::Model;
use crate::import::neutral::{NodeRecord, read_nodes};
use crate::kernel::streams::{Seed, word_of, word_of_all};
use crate::kernel::{Time, part_of};
use crate::scenario::diagnose::fix_word;
use crate::scenario::read::Section;
use crate::scenario::resolve::inputs::InputFiles;
use crate::scenario::resolve::site::Site;
use crate::scenario::tree::Value;
use crate::scenario::values;

/// Streams of these purposes belong to no replication: the fleet is the same in all of them.
const KEEP: u64 = u64::from_le_bytes(*b"fl.keep.");
const OWN: u64 = u64::from_le_bytes(*b"fl.own..");
/// A node before numbers stand for names: what like nodes share, they share.
#[derive(Clone, Debug)]
pub struct NodeDraft {
    pub name: NodeName,
    /// All but the name.
    pub record: Rc<NodeRecord>,
    pub group: Rc<GroupDraft>,
}

/// What a group of the scenario says of its nodes that a row of a nodes.csv does not.
#[derive(Debug, Default)]
pub struct GroupDraft {
    pub lessee: Option<String>,
    pub retired_at: Option<Time>,
    pub model: Model,
}

/// The name of a node. Of a group's only the number is its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NodeName {
    Given(Box<str>),
    Numbered(Rc<str>, u32),
}

impl fmt::Display for NodeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NodeName::Given(name) => f.write_str(name),
            NodeName::Numbered(prefix, number) => write!(f, "{prefix}-{number}"),
        }
    }
}

/// The nodes of a nodes.csv.
pub fn from_source(t: &Section<'_>, path: &str, inputs: &mut InputFiles<'_>) -> Vec<NodeDraft> {
    let Some(rows) = inputs.rows(path, &t.place("source"), read_nodes) else {
        return Vec::new();
    };
    if rows.read.records.is_empty() {
        let fix = "give it at least one node, or make it anew with `sickbay import`";
        let error = rows.error(0, "", "there is no node in this file".to_owned(), fix.to_owned());
        t.ledger.wrong_row(&rows.text, &error);
    }
    let group = Rc::default();
    rows.read
        .records
        .into_iter()
        .map(|mut record| NodeDraft {
            name: NodeName::Given(std::mem::take(&mut record.node_id).into()),
            record: Rc::new(record),
            group: Rc::clone(&group),
        })
        .collect()
}

pub fn from_groups(t: &mut Section<'_>, site: &Site, known: &[String]) -> Vec<NodeDraft> {
    let mut numbers: BTreeMap<String, u32> = BTreeMap::new();
    let mut racks: BTreeMap<String, u64> = BTreeMap::new();
    let groups = t.every("group", |g, _| group(g, (site, known), &mut numbers, &mut racks));
    let typed = t.peek("group").map(|item| item.value);
    if groups.is_empty() && matches!(typed, Some(Value::List(_))) {
        t.wrong("group", "the fleet has no nodes", "add a `[[fleet.group]]`");
    }
    let mut drafts = Vec::with_capacity(groups.iter().map(Vec::len).sum());
    groups.into_iter().for_each(|group| drafts.extend(group));
    drafts
}

/// The nodes of one group: named by number, spread over the racks in blocks.
fn group(
    g: &mut Section<'_>,
    (site, known): (&Site, &[String]),
    numbers: &mut BTreeMap<String, u32>,
    racks: &mut BTreeMap<String, u64>,
) -> Vec<NodeDraft> {
    let class = g.text("class").unwrap_or_default();
    let nodes = g.whole("nodes").unwrap_or(0) as u64;
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
        g.whole("racks").unwrap_or(1) as u64
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
    let mut dated = |key: &str| {
        let item = g.take(key)?;
        values::date(g.ledger, &g.full(key), &item, site.epoch, &site.zone)
    };
    let (from, until) = (dated("from").unwrap_or_default(), dated("until"));
    if until.is_some_and(|until| until <= from) {
        g.wrong(
            "until",
            "the nodes leave before they have come",
            "give a time after `from` and after the epoch",
        );
    }
    let group = Rc::new(GroupDraft {
        model: model(g, known),
        lessee,
        retired_at,
    });
    let first_rack = *racks.get(&prefix).unwrap_or(&0);
    if rack.is_none() {
        racks.insert(prefix.clone(), first_rack + spread);
    }
    let number = numbers.entry(prefix.clone()).or_default();
    let of_group: Rc<str> = prefix.as_str().into();
    let mut drafts = Vec::with_capacity(nodes as usize);
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
                available_from_ms: from.0,
                available_until_ms: until.map(|until| until.0),
                class_changes: Vec::new(),
                group_changes: Vec::new(),
            }),
        };
        shared = Some((block, Rc::clone(&record)));
        drafts.push(NodeDraft {
            name: NodeName::Numbered(Rc::clone(&of_group), *number),
            record,
            group: Rc::clone(&group),
        });
    }
    drafts
}

/// What the nodes of a group have beside class and traits.
fn model(g: &mut Section<'_>, known: &[String]) -> Model {
    let capabilities = g.texts("capabilities").into_iter().collect();
    let mut aggregates = BTreeSet::new();
    for (word, place) in g.words("aggregates") {
        if known.contains(&word) {
            aggregates.insert(word);
        } else {
            let fix = match known {
                [] => "add a `[[fleet.aggregate]]` of this name".to_owned(),
                _ => fix_word(&word, known.iter().map(String::as_str)),
            };
            g.ledger.wrong(&place, format!("there is no aggregate `{word}`"), fix);
        }
    }
    Model {
        capabilities,
        aggregates,
    }
}

/// `[fleet.owners]`.
#[derive(Debug)]
pub struct Owners {
    pub share: f64,
    tenants: Vec<String>,
    pub overflow: bool,
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

pub fn owners(t: &mut Section<'_>) -> Owners {
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

/// The places of each class's drafts in a seeded order that a smaller or larger part shares. Each node draws
/// its own place by its name, so that another node does not change who comes before whom.
fn seeded(drafts: &[NodeDraft], seed: u64, purpose: u64) -> BTreeMap<String, Vec<usize>> {
    let seed = Seed {
        master: seed,
        replication: u64::MAX,
    };
    let mut classes: BTreeMap<String, Vec<(u64, usize)>> = BTreeMap::new();
    for (at, draft) in drafts.iter().enumerate() {
        let drawn = seed.stream(purpose, word_of(&draft.name.to_string())).word();
        let class = draft.record.resource_class.clone();
        classes.entry(class).or_default().push((drawn, at));
    }
    let sorted = |(class, mut drawn): (String, Vec<(u64, usize)>)| {
        drawn.sort_unstable();
        (class, drawn.into_iter().map(|(_, at)| at).collect())
    };
    classes.into_iter().map(sorted).collect()
}

/// The fleet scaled class by class: below 1 a seeded part, at least one node; above 1 whole
/// copies and a seeded part of one more.
pub fn scaled(drafts: Vec<NodeDraft>, scale: f64, seed: u64) -> (Vec<NodeDraft>, BTreeSet<String>) {
    if scale == 1.0 {
        return (drafts, BTreeSet::new());
    }
    let mut copies = vec![0_usize; drafts.len()];
    for places in seeded(&drafts, seed, KEEP).into_values() {
        let wanted = (part_of(scale, places.len() as u64) as usize).max(1);
        for (at, &place) in places.iter().enumerate() {
            copies[place] = wanted / places.len() + usize::from(at < wanted % places.len());
        }
    }
    let left_out = drafts
        .iter()
        .zip(&copies)
        .filter(|(_, n)| **n == 0)
        .map(|(draft, _)| draft.name.to_string())
        .collect();
    let most = copies.iter().copied().max().unwrap_or(0);
    let mut out: Vec<NodeDraft> = Vec::new();
    for copy in 0..most {
        for (draft, _) in drafts.iter().zip(&copies).filter(|(_, n)| **n > copy) {
            let mut draft = draft.clone();
            if copy > 0 {
                draft.name = NodeName::Given(format!("{}-x{}", draft.name, copy + 1).into());
                let record = Rc::make_mut(&mut draft.record);
                record.rack = format!("{}-x{}", record.rack, copy + 1);
            }
            out.push(draft);
        }
    }
    (out, left_out)
}

/// Gives the share of each class to the tenants, to each as many as to any other but for one; nodes with an
/// owner keep it. A node goes to the tenant that the two names favour most among those that still lack one,
/// so that a node more moves few others.
pub fn give_to_owners(drafts: &mut [NodeDraft], owners: &Owners, seed: u64) {
    if owners.tenants.is_empty() {
        return;
    }
    let words: Vec<u64> = owners.tenants.iter().map(|tenant| word_of(tenant)).collect();
    for (class, places) in seeded(drafts, seed, OWN) {
        let wanted = part_of(owners.share, places.len() as u64) as usize;
        let free = places.into_iter().filter(|&at| drafts[at].record.owner.is_none());
        let given: Vec<usize> = free.take(wanted).collect();
        let favour = |tenant: usize, thing: &str| word_of_all(&[seed, words[tenant], word_of(thing)]);
        let mut by_class: Vec<usize> = (0..words.len()).collect();
        by_class.sort_by_key(|&tenant| (favour(tenant, &class), tenant));
        let mut lacks = vec![given.len() / words.len(); words.len()];
        by_class
            .iter()
            .take(given.len() % words.len())
            .for_each(|&tenant| lacks[tenant] += 1);
        for place in given {
            let name = drafts[place].name.to_string();
            let lacking = (0..words.len()).filter(|&tenant| lacks[tenant] > 0);
            let Some(tenant) = lacking.min_by_key(|&tenant| (favour(tenant, &name), tenant)) else {
                break;
            };
            lacks[tenant] -= 1;
            Rc::make_mut(&mut drafts[place].record).owner = Some(owners.tenants[tenant].clone());
        }
    }
}
