//! The nodes of a draft, made fit for `nodes.csv`; a fleet made up from the demand where no file has nodes.

use std::collections::{BTreeMap, BTreeSet};

use super::draft::{Draft, DraftNode};
use super::names::{clean, word};
use super::tally::Account;
use super::window::Window;
use super::wrong::ForeignError;
use crate::import::neutral::NodeRecord;

/// So many traits at most; the scenario's strategies bring some of their own.
const TRAITS: usize = 56;

/// So many nodes are made up at most.
const MADE_UP: i64 = 1_000_000;

/// Makes up a fleet that has as many nodes of each class as were held at once.
pub(crate) fn make_up(draft: &mut Draft<'_>) -> Result<(), ForeignError> {
    if !draft.nodes.is_empty() || draft.asks.len() == 0 {
        return Ok(());
    }
    let mut steps: BTreeMap<&str, Vec<(i64, i64)>> = BTreeMap::new();
    for ask in draft.asks.iter() {
        let class = draft.asks.who_of(ask.who).class.as_str();
        let steps = steps.entry(class).or_default();
        let count = i64::from(ask.count);
        steps.push((ask.start, count));
        steps.push((ask.end.unwrap_or(i64::MAX), -count));
    }
    let mut nodes = BTreeMap::new();
    for (class, mut steps) in steps {
        // Who leaves at an instant makes room for who comes in it.
        steps.sort_unstable();
        let most = steps.iter().scan(0, |held, (_, step)| {
            *held += step;
            Some(*held)
        });
        let most = most.max().unwrap_or(0).max(1);
        if nodes.len() as i64 + most > MADE_UP {
            return Err(ForeignError::Use(
                "more than a million machines were held at once; import a file of nodes beside, or a shorter window's data".to_owned(),
            ));
        }
        let digits = most.to_string().len();
        for number in 1..=most {
            let node = DraftNode {
                class: class.to_owned(),
                ..DraftNode::default()
            };
            nodes.insert(format!("{class}-{number:0digits$}"), node);
        }
    }
    draft.remark(format!(
        "No file tells the nodes: the fleet has as many of each class as were held at once ({} in all), under made-up names. \
         The real one may be larger. Import a file of nodes beside.",
        nodes.len()
    ));
    draft.nodes = nodes;
    Ok(())
}

/// The nodes that are there at some time of the window, by name.
pub(crate) fn finish(draft: &mut Draft<'_>, window: Window) -> Vec<NodeRecord> {
    let mut account = Account::of("nodes found");
    let people = draft.people;
    let mut records = Vec::new();
    let mut gone = Vec::new();
    for (name, node) in &draft.nodes {
        let from = node.from.map_or(0, |at| window.since(at));
        let until = node.until.map(|at| window.since(at));
        if node.from.is_some_and(|at| at >= window.to) {
            account.one("skipped: came after the window", "");
            gone.push(name.clone());
            continue;
        }
        if until.is_some_and(|until| until <= from) {
            account.one("skipped: gone before the window", "");
            gone.push(name.clone());
            continue;
        }
        account.one("kept", "");
        account.note(u64::from(node.rack.is_empty()), "without a rack", "left empty");
        account.note(u64::from(from > 0), "that came within the window", "");
        account.note(u64::from(until.is_some()), "that left within the window", "");
        let (class, class_changes) = changes(&node.class, &node.class_changes, window);
        let (group, group_changes) = changes(&node.conductor_group, &node.group_changes, window);
        account.note(class_changes.len() as u64, "class changes", "");
        records.push(NodeRecord {
            node_id: clean(name),
            resource_class: class,
            traits: node
                .traits
                .iter()
                .map(|name| word(name))
                .filter(|name| !name.is_empty())
                .collect(),
            rack: clean(&node.rack),
            conductor_group: group,
            owner: node.owner.as_deref().map(|owner| people.tenant(owner)),
            available_from_ms: from,
            available_until_ms: until.filter(|_| node.until.is_some_and(|at| at < window.to)),
            class_changes,
            group_changes,
        });
    }
    few_traits(draft, &mut records);
    gone.iter().for_each(|name| {
        draft.nodes.remove(name);
    });
    draft.accounts.push(account);
    records
}

/// Leaves so many traits as a scenario can tell apart: those that requests ask for, then the operators' own.
fn few_traits(draft: &mut Draft<'_>, records: &mut [NodeRecord]) {
    let asked: BTreeSet<&String> = draft.asks.whos().flat_map(|who| &who.traits).collect();
    let all: BTreeSet<String> = records.iter().flat_map(|node| node.traits.iter().cloned()).collect();
    if all.len() + asked.iter().filter(|name| !all.contains(**name)).count() <= TRAITS {
        return;
    }
    let mut order: Vec<&String> = all.iter().collect();
    order.sort_by_key(|name| (!asked.contains(*name), !name.starts_with("CUSTOM_"), (*name).clone()));
    let kept: BTreeSet<String> = order.into_iter().take(TRAITS).cloned().collect();
    for node in records {
        node.traits.retain(|name| kept.contains(name));
    }
    draft.remark(format!(
        "Of the nodes' {} traits {TRAITS} are kept, which is what a scenario can tell apart: those that requests ask for, then those \
         that begin with CUSTOM_.",
        all.len()
    ));
}

/// What a node is at the begin, and what it becomes within the window.
fn changes(first: &str, changes: &[(i64, String)], window: Window) -> (String, Vec<(u64, String)>) {
    let mut now = word(first);
    let mut later: Vec<(u64, String)> = Vec::new();
    for (at, name) in changes {
        let name = word(name);
        if *at <= window.from {
            now = name;
        } else if *at < window.to && later.last().map_or(&now, |(_, last)| last) != &name {
            let at = window.since(*at);
            later.retain(|(other, _)| *other != at);
            later.push((at, name));
        }
    }
    (now, later)
}
