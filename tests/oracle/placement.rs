//! (b) Placement's allocation candidates: flat providers and trees.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use sickbay::scheduler::nova::placement::{Inventories, Query};

use super::terms::{provider, rows, set, text, texts};
use super::{Tally, cases};

/// Traits and classes that Placement knows from the start, as far as the cases name them.
const TRAITS: [&str; 3] = ["COMPUTE_STATUS_DISABLED", "COMPUTE_NODE", "OWNER_NOVA"];
const CLASSES: [&str; 3] = ["MEMORY_MB", "VCPU", "DISK_GB"];

fn with(mut names: BTreeSet<String>, more: &[&str]) -> BTreeSet<String> {
    names.extend(more.iter().map(|&name| name.to_owned()));
    names
}

fn words(list: &str) -> BTreeSet<String> {
    list.split(',').map(str::to_owned).collect()
}

/// Traits as the parameter writes them: `T1,!T2` or `in:T1,T2`.
fn traits(parameters: &[String]) -> (Vec<BTreeSet<String>>, BTreeSet<String>) {
    let (mut need, mut never) = (Vec::new(), BTreeSet::new());
    for parameter in parameters {
        if let Some(any) = parameter.strip_prefix("in:") {
            need.push(words(any));
            continue;
        }
        for name in parameter.split(',') {
            match name.strip_prefix('!') {
                Some(name) => {
                    never.insert(name.to_owned());
                }
                None => need.push(words(name)),
            }
        }
    }
    (need, never)
}

fn aggregates(parameters: &[String]) -> (Vec<BTreeSet<String>>, BTreeSet<String>) {
    let (mut need, mut never) = (Vec::new(), BTreeSet::new());
    for parameter in parameters {
        let bare = parameter.trim_start_matches('!');
        let names = bare
            .strip_prefix("in:")
            .map_or_else(|| BTreeSet::from([bare.to_owned()]), words);
        if bare == parameter {
            need.push(names);
        } else {
            never.extend(names);
        }
    }
    (need, never)
}

fn query(row: &Value, version: &str) -> Query {
    let mut required = texts(&row["required"]);
    let minor: u32 = version.split('.').nth(1).and_then(|n| n.parse().ok()).unwrap_or(0);
    if minor < 39 {
        // Before 1.39 only the last of repeated parameters counts.
        required = required.split_off(required.len().saturating_sub(1));
    }
    let (required, forbidden) = traits(&required);
    let (root, root_forbidden) = traits(&texts(&row["root_required"]));
    let (member_of, forbidden_aggregates) = aggregates(&texts(&row["member_of"]));
    let amounts = row["resources"].as_object().into_iter().flatten();
    Query {
        resources: amounts
            .map(|(class, n)| (class.clone(), n.as_i64().unwrap_or(0)))
            .collect(),
        required,
        forbidden,
        root_required: root.into_iter().flatten().collect(),
        root_forbidden,
        member_of,
        forbidden_aggregates,
        in_tree: row["in_tree"].as_str().map(str::to_owned),
        limit: row["limit"].as_u64().map(|n| n as usize),
        ..Query::default()
    }
}

fn answer(known: &Inventories, query: &Query) -> Value {
    match known.candidates(query) {
        Err(_) => json!({ "status": 400 }),
        Ok(found) => {
            let count = query.limit.map_or(found.len(), |limit| found.len().min(limit));
            json!({ "status": 200, "count": count, "candidates": found })
        }
    }
}

#[test]
fn oracle_placement_candidates_are_those_of_placement() {
    let (mut flat, mut tree) = (Tally::of("placement"), Tally::of("trees"));
    for (case, real) in cases("placement") {
        let is_flat = texts(&case["features"]).contains(&"flat".to_owned());
        judge(if is_flat { &mut flat } else { &mut tree }, &case, &real);
    }
    flat.finish();
    tree.finish();
}

/// Holds one recorded case against Placement's rules.
pub fn judge(tally: &mut Tally, case: &Value, real: &Value) {
    {
        let is_flat = texts(&case["features"]).contains(&"flat".to_owned());
        let providers = rows(&case["providers"])
            .iter()
            .map(|row| provider(row, text(&row["uuid"]), case));
        let known = Inventories {
            providers: providers.collect(),
            classes: with(set(&case["known_classes"]), &CLASSES),
            traits: with(set(&case["known_traits"]), &TRAITS),
        };
        tally.case();
        for (at, (row, real)) in rows(&case["queries"]).iter().zip(rows(&real["answers"])).enumerate() {
            let query = query(row, &text(&case["version"]));
            let mut real = real.clone();
            if let Some(map) = real.as_object_mut() {
                map.retain(|key, _| ["status", "count", "candidates"].contains(&key.as_str()));
            }
            let ours = answer(&known, &query);
            tally.compare(|| format!("{} query {at} {row}", case["id"]), &ours, &real);
            if is_flat && ours["status"] == 200 {
                // The simulator asks one provider at a time: the same answer, and the same providers.
                let mut alone: Vec<&str> = known
                    .providers
                    .iter()
                    .filter(|p| p.meets(&query).is_ok())
                    .map(|p| p.id.as_str())
                    .collect();
                alone.sort_unstable();
                let mut named: Vec<&str> = rows(&real["candidates"])
                    .iter()
                    .filter_map(|candidate| candidate[0][0].as_str())
                    .collect();
                named.sort_unstable();
                tally.compare(|| format!("{} query {at} one by one", case["id"]), &alone, &named);
            }
        }
    }
}
