//! The fleet of a profile: how many nodes of each class and with which traits there were on average, and in how many racks. A class
//! that came late is as large as it was from then on, and its demand has a trend that begins then.

use std::collections::{BTreeMap, BTreeSet};

use super::bench::{Bench, FitInput};
use crate::import::neutral::NodeRecord;

/// A class whose first node joins after this part of the trace came late.
const LATE: f64 = 0.1;

/// Nodes that are alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FleetPart {
    /// The class, as the profile calls it.
    pub class: String,
    /// Their traits.
    pub traits: Vec<String>,
    /// How many.
    pub nodes: u64,
    /// When the class came, ms; 0 where it was there from about the begin.
    pub came: u64,
    /// In how many racks.
    pub racks: u64,
}

/// For how long there were nodes that are alike, ms, and in which racks.
#[derive(Default)]
struct Alike<'a> {
    time: u64,
    racks: BTreeSet<&'a str>,
}

/// What each class is called in the profile.
pub(crate) fn names(nodes: &[NodeRecord], rename: bool) -> BTreeMap<String, String> {
    let classes = nodes.iter().flat_map(|node| {
        let later = node.class_changes.iter().map(|(_, class)| class);
        later.chain([&node.resource_class])
    });
    let classes: BTreeSet<&String> = classes.collect();
    let named = classes.into_iter().enumerate().map(|(at, class)| {
        let name = if rename {
            format!("class-{}", at + 1)
        } else {
            class.clone()
        };
        (class.clone(), name)
    });
    named.collect()
}

/// When a node is of which class, in ms before the horizon.
pub(crate) fn stays(node: &NodeRecord, horizon: u64) -> Vec<(&str, u64, u64)> {
    let end = node.available_until_ms.unwrap_or(u64::MAX).min(horizon);
    let begins = std::iter::once((0, node.resource_class.as_str()))
        .chain(node.class_changes.iter().map(|(at, class)| (*at, class.as_str())));
    let begins: Vec<(u64, &str)> = begins.collect();
    let until = |at: usize| begins.get(at + 1).map_or(end, |next| next.0.min(end));
    let stays = begins.iter().enumerate().map(|(at, (from, class))| {
        let from = (*from).max(node.available_from_ms);
        (*class, from, until(at))
    });
    stays.filter(|(_, from, to)| from < to).collect()
}

/// The fleet as it was on average. Classes with less than half a node are left out.
pub(crate) fn fleet(input: &FitInput<'_>, names: &BTreeMap<String, String>, bench: &mut Bench) -> Vec<FleetPart> {
    let mut parts: BTreeMap<(&str, Vec<String>), Alike<'_>> = BTreeMap::new();
    for node in input.nodes {
        let mut traits = node.traits.clone();
        traits.sort();
        traits.dedup();
        for (class, from, to) in stays(node, input.horizon.0) {
            let part = parts.entry((class, traits.clone())).or_default();
            part.time += to - from;
            part.racks.insert(&node.rack);
        }
    }
    let mut came: BTreeMap<&str, u64> = BTreeMap::new();
    for (class, from, _) in input.nodes.iter().flat_map(|node| stays(node, input.horizon.0)) {
        let first = came.entry(class).or_insert(from);
        *first = from.min(*first);
    }
    let mut fleet = Vec::new();
    let mut small = 0;
    for ((class, traits), Alike { time, racks }) in parts {
        let came = came
            .get(class)
            .copied()
            .filter(|&came| came as f64 > LATE * input.horizon.0 as f64)
            .unwrap_or(0);
        let whole = (input.horizon.0 - came).max(1);
        let nodes = (time + whole / 2) / whole;
        if nodes == 0 {
            small += 1;
            continue;
        }
        fleet.push(FleetPart {
            class: names.get(class).cloned().unwrap_or_default(),
            traits,
            nodes,
            came,
            racks: (racks.len() as u64).clamp(1, nodes),
        });
    }
    bench.leave_out(small, "kinds of node that were less than half a node on average");
    let owned = input.nodes.iter().filter(|node| node.owner.is_some()).count();
    bench.leave_out(
        owned as u64,
        "nodes with an owner: the profile's fleet is common to all",
    );
    let groups: BTreeSet<&str> = input.nodes.iter().map(|node| node.conductor_group.as_str()).collect();
    if groups.len() > 1 {
        bench.leave_out(groups.len() as u64, "conductor groups: the profile has one");
    }
    fleet
}

/// When a class came, ms.
pub(crate) fn came(fleet: &[FleetPart], class: &str) -> u64 {
    let of_class = fleet.iter().filter(|part| part.class == class);
    of_class.map(|part| part.came).min().unwrap_or(0)
}

/// The nodes of a class.
pub(crate) fn capacity(fleet: &[FleetPart], class: &str) -> u64 {
    let of_class = fleet.iter().filter(|part| part.class == class);
    of_class.map(|part| part.nodes).sum()
}
