//! The scenario and its files, written.

use std::collections::BTreeSet;

use super::ask::{MorningAsk, When};
use super::demand::Future;
use super::folder::Folder;
use super::holds::{self, Holds};
use super::state::{Alike, State};
use super::told::{Morning, MorningError, OnNode, TAKEN, UNTAKEN};
use crate::import::neutral::{SpellRecord, write_nodes, write_requests, write_spells};
use crate::kernel::Span;
use crate::scenario::tree::{Branch, Value, bare, quoted};

/// What a scenario is made of.
pub(super) struct Parts<'a> {
    pub ask: &'a MorningAsk<'a>,
    pub folder: &'a Folder,
    pub state: &'a State,
    pub when: &'a When,
    pub taken: &'a BTreeSet<String>,
    pub what: &'a str,
    pub holds: &'a Holds,
    pub demand: Option<Future>,
    pub remarks: Vec<String>,
}

/// The scenario with its files.
pub(super) fn written(mut parts: Parts<'_>) -> Result<Morning, MorningError> {
    let (state, when) = (parts.state, parts.when);
    let on_nodes = on_nodes(&parts);
    remark(&mut parts, &on_nodes);
    let mut files = vec![("nodes.csv".to_owned(), write_nodes(&state.nodes))];
    for (at, requests) in state.requests.values().enumerate() {
        files.push((running(at), write_requests(requests)));
    }
    files.push((UNTAKEN.to_owned(), write_spells(&state.spells)));
    let (at, end) = (when.since(when.at), when.since(when.end));
    let spells = with_taken(&state.spells, parts.taken, (at, end));
    files.push((TAKEN.to_owned(), write_spells(&spells)));
    let told = |instant| (when.told(instant), when.since(instant));
    let scenario = scenario(&parts)?;
    let askers = parts.demand.as_ref().map(|it| (it.tenants.clone(), it.classes.clone()));
    Ok(Morning {
        scenario,
        files,
        now: when.told(when.now),
        at: told(when.at),
        end: told(when.end),
        until: told(when.until),
        what: parts.what.to_owned(),
        taken: parts.taken.iter().cloned().collect(),
        on_nodes,
        laws: parts.holds.laws.clone(),
        demand: parts.demand.map(|demand| demand.from),
        askers: askers.unwrap_or_default(),
        remarks: parts.remarks,
    })
}

/// The file of those who run, by the place of their group.
fn running(at: usize) -> String {
    format!("running-{}.csv", at + 1)
}

fn on_nodes(parts: &Parts<'_>) -> Vec<OnNode> {
    let mut all = Vec::new();
    for (alike, requests) in &parts.state.requests {
        for request in requests.iter().filter(|request| request.start_ms == 0) {
            let Some(node) = request.node_id.as_ref().filter(|node| parts.taken.contains(*node)) else {
                continue;
            };
            all.push(OnNode {
                node: node.clone(),
                request: request.request_id.clone(),
                tenant: request.tenant.clone(),
                class: request.resource_class.clone(),
                age: Span(request.age_ms),
                known: request.end_known.then_some(Span(request.hold_ms)),
                law: parts.holds.of.get(alike).copied(),
            });
        }
    }
    all.sort_by(|a, b| a.node.cmp(&b.node));
    all
}

fn remark(parts: &mut Parts<'_>, on_nodes: &[OnNode]) {
    let mut say = |text: String| parts.remarks.push(text);
    for law in &parts.holds.laws {
        say(format!(
            "How long machines of {} are held: {}, taken as known.",
            law.of, law.from
        ));
    }
    let lawless = on_nodes
        .iter()
        .filter(|it| it.known.is_none() && it.law.is_none())
        .count();
    if lawless > 0 {
        say(format!(
            "Of {lawless} on these nodes nobody knows how long they stay, since too few holds have ended in the data: they are \
             taken to stay. Import more history, or give --demand PROFILE.toml."
        ));
    }
    out_already(parts.state, parts.taken, parts.when)
        .into_iter()
        .for_each(&mut say);
    let open = parts
        .state
        .spells
        .iter()
        .filter(|spell| spell.start_ms == 0 && spell.end_ms.is_none());
    let open = open.count();
    if open > 0 {
        say(format!(
            "{open} {} in maintenance without an end in the data: out beyond the run.",
            if open == 1 { "node is" } else { "nodes are" }
        ));
    }
    if parts
        .folder
        .root
        .get("fleet")
        .is_some_and(|(_, fleet)| has(&fleet.value, "scale"))
    {
        say("`fleet.scale` of the folder's scenario is left out: the fleet is the one that is there.".to_owned());
    }
    let maintenance = parts.folder.root.get("maintenance").map(|(_, item)| &item.value);
    for (key, what) in [("campaign", "Campaigns"), ("spell", "Spells written by hand")] {
        if maintenance.is_some_and(|table| has(table, key)) {
            say(format!("{what} of the folder's scenario are left out."));
        }
    }
}

/// Which of the taken nodes are out anyway when they are taken: taking those changes less, or nothing.
fn out_already(state: &State, taken: &BTreeSet<String>, when: &When) -> Vec<String> {
    const NAMED: usize = 8;
    let (at, end) = (when.since(when.at).0, when.since(when.end).0);
    let (mut out, mut wholly) = (BTreeSet::new(), BTreeSet::new());
    for spell in state.spells.iter().filter(|spell| taken.contains(&spell.node_id)) {
        if spell.start_ms <= at && spell.end_ms.is_none_or(|until| until > at) {
            out.insert(spell.node_id.as_str());
            if spell.end_ms.is_none_or(|until| until >= end) {
                wholly.insert(spell.node_id.as_str());
            }
        }
    }
    let absent: BTreeSet<&str> = state
        .nodes
        .iter()
        .filter(|node| taken.contains(&node.node_id))
        .filter(|node| node.available_from_ms > at || node.available_until_ms.is_some_and(|until| until <= at))
        .map(|node| node.node_id.as_str())
        .collect();
    let named = |nodes: &BTreeSet<&str>| {
        let mut names: Vec<&str> = nodes.iter().copied().take(NAMED).collect();
        if nodes.len() > NAMED {
            names.push("…");
        }
        format!("{} of the taken nodes ({})", nodes.len(), names.join(", "))
    };
    let mut said = Vec::new();
    let partly: BTreeSet<&str> = out.difference(&wholly).copied().collect();
    if !wholly.is_empty() {
        said.push(format!(
            "Out already at {} and until {} or longer: {}. Taking those out changes nothing.",
            when.told(when.at),
            when.told(when.end),
            named(&wholly)
        ));
    }
    if !partly.is_empty() {
        said.push(format!(
            "Out already at {}, by the data for a part of the time: {}. Taking those out changes the rest of it.",
            when.told(when.at),
            named(&partly)
        ));
    }
    if !absent.is_empty() {
        said.push(format!(
            "Not in the fleet at {}: {}.",
            when.told(when.at),
            named(&absent)
        ));
    }
    said
}

fn has(value: &Value, key: &str) -> bool {
    matches!(value, Value::Table(branch) if branch.contains_key(key))
}

/// The spells with those of the nodes that are taken; planned ones that touch are one.
fn with_taken(spells: &[SpellRecord], taken: &BTreeSet<String>, (at, end): (Span, Span)) -> Vec<SpellRecord> {
    const PLANNED: &str = "planned";
    let mut all = spells.to_vec();
    for node in taken {
        let (mut start, mut stop) = (at.0, Some(end.0));
        all.retain(|spell| {
            let touches = spell.node_id == *node
                && spell.kind == PLANNED
                && spell.start_ms <= end.0
                && spell.end_ms.is_none_or(|ended| ended >= at.0);
            if touches {
                start = start.min(spell.start_ms);
                stop = stop.zip(spell.end_ms).map(|(one, other)| one.max(other));
            }
            !touches
        });
        all.push(SpellRecord {
            node_id: node.clone(),
            start_ms: start,
            end_ms: stop,
            kind: PLANNED.to_owned(),
            campaign: Some("what-if".to_owned()),
        });
    }
    all.sort_by(|a, b| (a.start_ms, &a.node_id, &a.kind).cmp(&(b.start_ms, &b.node_id, &b.kind)));
    all
}

fn scenario(parts: &Parts<'_>) -> Result<String, MorningError> {
    let (when, root) = (parts.when, &parts.folder.root);
    let mut text = String::new();
    let mut say = |line: &str| {
        text.push_str(line);
        text.push('\n');
    };
    say(&format!(
        "# If {} is taken out from {} to {}, who is refused until {}?",
        parts.what,
        when.told(when.at),
        when.told(when.end),
        when.told(when.until)
    ));
    say("#");
    say(&format!(
        "# Written by `sickbay whatif`: the state of {}.",
        when.told(when.now)
    ));
    say(&format!(
        "# With `--set maintenance.trace={UNTAKEN}` the nodes are not taken out."
    ));
    say("");
    say("[scenario]");
    say(&format!(
        "name = {}",
        quoted(&format!("{}-whatif", parts.folder.scenario.name))
    ));
    say(&format!("epoch = \"{}\"", when.now));
    say(&format!("horizon = \"{}\"", when.until));
    say(&format!("seed = {}", parts.ask.seed));
    say(&format!("replications = {}", parts.ask.replications));
    keys_of(root, "scenario", &mut say, |key| {
        ["time_zone", "strategies", "baseline"].contains(&key)
    });
    say("\n[fleet]\nsource = \"nodes.csv\"");
    keys_of(root, "fleet", &mut say, |key| {
        !["source", "scale", "group"].contains(&key)
    });
    say("");
    for (at, alike) in parts.state.requests.keys().enumerate() {
        workload(parts, at, alike, &mut say);
    }
    if let Some(demand) = &parts.demand {
        say(demand.text.trim_end());
        say("");
    }
    if parts.demand.is_none() && parts.state.requests.is_empty() {
        return Err(MorningError::Use(
            "nobody runs at that instant and no demand is given: there is nothing to tell; give --demand or --per-day"
                .to_owned(),
        ));
    }
    say("[maintenance]");
    say(&format!("trace = \"{TAKEN}\""));
    say("spells = \"as-recorded\"");
    if let Some(drain) = parts.ask.drain {
        say(&format!("drain = {drain}"));
    }
    let ours = ["trace", "spells", "practice_route", "campaign", "spell"];
    let drained = parts.ask.drain.is_some();
    keys_of(root, "maintenance", &mut say, |key| {
        !(ours.contains(&key) || drained && key == "drain")
    });
    for table in ["operators", "control_plane", "ironic"] {
        if root.contains_key(table) {
            say(&format!("\n[{table}]"));
            keys_of(root, table, &mut say, |_| true);
        }
    }
    say("\n[report]\nwarm_up = \"0s\"");
    Ok(text)
}

fn workload(parts: &Parts<'_>, at: usize, alike: &Alike, say: &mut impl FnMut(&str)) {
    say("[[workload]]");
    say(&format!(
        "name = {}",
        quoted(&format!("running, {}", holds::told(alike)))
    ));
    say(&format!("trace = \"{}\"", running(at)));
    if let Some(law) = parts.holds.of.get(alike) {
        say(&format!("# From {}.", parts.holds.laws[*law].from));
        say(&format!("running_hold = {}", holds::toml(&parts.holds.laws[*law].law)));
    }
    for (key, value) in parts.folder.of_trace(&["on_refusal", "line", "multi", "hold_from"]) {
        say(&format!("{key} = {value}"));
    }
    say("");
}

/// Keys of a table of the folder's scenario, as they were typed.
fn keys_of(root: &Branch, table: &str, say: &mut impl FnMut(&str), wanted: impl Fn(&str) -> bool) {
    let Some(Value::Table(branch)) = root.get(table).map(|(_, item)| &item.value) else {
        return;
    };
    for (key, (_, item)) in branch.iter().filter(|(key, _)| wanted(key)) {
        say(&format!("{} = {}", bare(key), item.value.inline()));
    }
}
