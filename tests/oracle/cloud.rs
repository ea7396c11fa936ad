//! (c) The whole path: request filters, Placement, filters, weights, under each way of hiding a
//! node.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use sickbay::scheduler::nova::filters::{self, Filter};
use sickbay::scheduler::nova::{
    self, Host, Multipliers, NOVA_DEFAULT, Options, Provider, Query, RequestSpec, query_for,
};

use super::terms::{aggregates, host, provider, request, rows, text, texts};
use super::{Tally, cases, near};

/// A node's provider, with the traits that Nova's driver and resource tracker add.
fn published(row: &Value, case: &Value) -> Provider {
    let mut it = provider(&row["provider"], text(&row["node"]), case);
    it.traits.insert("COMPUTE_NODE".to_owned());
    if row["provider"].get("owner").and_then(Value::as_bool) != Some(false) {
        it.traits.insert("OWNER_NOVA".to_owned());
    }
    if row["service"]["disabled"] == true {
        it.traits.insert("COMPUTE_STATUS_DISABLED".to_owned());
    }
    it
}

fn options(case: &Value) -> Options {
    let on = |key: &str| case["config"]["scheduler"][key] == true;
    Options {
        isolate_aggregates: on("enable_isolated_aggregate_filtering"),
        limit_tenants: on("limit_tenants_to_placement_aggregate"),
        tenants_need_aggregate: on("placement_aggregate_required_for_tenants"),
        owner_trait: case.get("owner_trait").and_then(Value::as_bool).unwrap_or(true),
        ..Options::default()
    }
}

/// The query as Placement's parameters, but for the aggregates' and providers' UUIDs: how many there are.
fn parameters(query: &Query) -> BTreeMap<String, Vec<String>> {
    let signed = |plus: Vec<&String>, minus: &BTreeSet<String>| {
        let mut words: Vec<String> = plus
            .into_iter()
            .cloned()
            .chain(minus.iter().map(|name| format!("!{name}")))
            .collect();
        words.sort();
        words.join(",")
    };
    let resources: Vec<String> = query
        .resources
        .iter()
        .map(|(class, n)| format!("{class}:{n}"))
        .collect();
    let mut members: Vec<String> = query.member_of.iter().map(|any| format!("{} of", any.len())).collect();
    if !query.forbidden_aggregates.is_empty() {
        members.push(format!("{} not", query.forbidden_aggregates.len()));
    }
    members.sort();
    let all = [
        ("resources", vec![resources.join(",")]),
        (
            "required",
            vec![signed(query.required.iter().flatten().collect(), &query.forbidden)],
        ),
        (
            "root_required",
            vec![signed(query.root_required.iter().collect(), &query.root_forbidden)],
        ),
        ("member_of", members),
        ("in_tree", query.in_tree.iter().map(|_| "1".to_owned()).collect()),
        ("limit", query.limit.iter().map(ToString::to_string).collect()),
    ];
    let written = all.into_iter().map(|(key, mut values)| {
        values.retain(|value| !value.is_empty());
        (key.to_owned(), values)
    });
    written.filter(|(_, values)| !values.is_empty()).collect()
}

/// The same of a recorded query.
fn recorded(query: &Value) -> BTreeMap<String, Vec<String>> {
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for pair in rows(query) {
        let (key, value) = (text(&pair[0]), text(&pair[1]));
        let value = match key.as_str() {
            "in_tree" => "1".to_owned(),
            "member_of" => {
                let names = value
                    .trim_start_matches('!')
                    .trim_start_matches("in:")
                    .split(',')
                    .count();
                format!("{names} {}", if value.starts_with('!') { "not" } else { "of" })
            }
            "required" | "root_required" | "resources" => {
                let mut words: Vec<&str> = value.split(',').collect();
                words.sort_unstable();
                words.join(",")
            }
            _ => value,
        };
        all.entry(key).or_default().push(value);
    }
    all.values_mut().for_each(|values| values.sort());
    all
}

fn query(case: &Value, asked: &RequestSpec) -> Option<Query> {
    let hosts: Vec<(String, String)> = rows(&case["hosts"])
        .iter()
        .map(|row| (text(&row["host"]), text(&row["node"])))
        .collect();
    let computes: Vec<(&str, &str)> = hosts
        .iter()
        .map(|(host, node)| (host.as_str(), node.as_str()))
        .collect();
    query_for(asked, &aggregates(case), &computes, &options(case)).ok()
}

/// The nodes that the first instance may choose from, with their weights.
fn eligible(case: &Value) -> BTreeMap<String, f64> {
    let mut asked = request(&case["request"]);
    let Some(query) = query(case, &asked) else {
        return BTreeMap::new();
    };
    let candidates = rows(&case["hosts"])
        .iter()
        .filter(|row| published(row, case).meets(&query).is_ok());
    let hosts: Vec<Host> = candidates.map(|row| host(row, case, false)).collect();
    let enabled = case
        .get("enabled_filters")
        .map_or(NOVA_DEFAULT.map(str::to_owned).to_vec(), texts);
    let chain: Vec<&Filter> = enabled.iter().filter_map(|name| filters::find(name)).collect();
    assert_eq!(chain.len(), enabled.len(), "{}: an unknown filter", case["id"]);
    if asked.destination.as_ref().is_some_and(|to| to.host.is_none()) {
        asked.destination = None;
    }
    let Ok(left) = nova::filtered(&hosts, &asked, &chain) else {
        return BTreeMap::new();
    };
    let kept: Vec<&Host> = left.iter().map(|&at| &hosts[at]).collect();
    let weights = nova::weigh(&kept, &asked, &Multipliers::new());
    kept.iter().map(|host| host.node.clone()).zip(weights).collect()
}

#[test]
fn oracle_whole_decisions_are_those_of_nova() {
    let mut tally = Tally::of("cloud");
    for (case, real) in cases("cloud") {
        judge(&mut tally, &case, &real);
    }
    tally.finish();
}

/// Holds one recorded decision against ours.
pub fn judge(tally: &mut Tally, case: &Value, real: &Value) {
    {
        tally.case();
        let query = query(case, &request(&case["request"])).map(|query| parameters(&query));
        let asked_of_placement = rows(&real["query"]).first().map(recorded);
        tally.compare(|| format!("{} query", case["id"]), &query, &asked_of_placement);
        let ours = eligible(case);
        let wanted = case["request"]["num_instances"].as_u64().unwrap_or(1) as usize;
        tally.compare(
            || format!("{} placed", case["id"]),
            &Value::Bool(ours.len() >= wanted),
            &real["ok"],
        );
        let names: Vec<&str> = ours.keys().map(String::as_str).collect();
        let mut real_names: Vec<&str> = rows(&real["eligible"])
            .iter()
            .filter_map(|row| row[0].as_str())
            .collect();
        real_names.sort_unstable();
        tally.compare(|| format!("{} eligible", case["id"]), &names, &real_names);
        for row in rows(&real["eligible"]) {
            let ours = ours.get(&text(&row[0])).copied().unwrap_or(f64::NAN);
            let same = row[1].as_f64().is_some_and(|weight| near(weight, ours));
            tally.compare(|| format!("{} weight of {}: {ours}", case["id"], row[0]), &same, &true);
        }
        if real["ok"] == true {
            let best = ours.values().copied().fold(f64::NEG_INFINITY, f64::max);
            let chosen = ours.get(&text(&real["hosts"][0][0][1])).copied().unwrap_or(f64::NAN);
            tally.compare(|| format!("{} chosen", case["id"]), &near(best, chosen), &true);
        }
    }
}
