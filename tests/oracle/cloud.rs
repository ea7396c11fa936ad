//! (c) The whole path: request filters, Placement, filters, weights, under each way of hiding a
//! node.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use sickbay::scheduler::nova::filters::{self, Filter};
use sickbay::scheduler::nova::resource_request::{STANDARD_CLASSES, is_standard_trait};
use sickbay::scheduler::nova::rounds::{Tracking, consume};
use sickbay::scheduler::nova::{
    self, Host, Multipliers, NOVA_DEFAULT, Options, Provider, Query, RequestSpec, locate, query_for,
};

use super::terms::{aggregates, host, provider, request, rows, set, settings, text, texts};
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
    let said = &case["config"]["scheduler"];
    let on = |key: &str| said[key] == true;
    Options {
        isolate_aggregates: on("enable_isolated_aggregate_filtering"),
        limit_tenants: on("limit_tenants_to_placement_aggregate"),
        tenants_need_aggregate: on("placement_aggregate_required_for_tenants"),
        owner_trait: case.get("owner_trait").and_then(Value::as_bool).unwrap_or(true),
        limit: Some(said["max_placement_results"].as_u64().unwrap_or(1000) as usize),
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
    let granular = query.granular.iter().flat_map(|(suffix, group)| {
        let amounts: Vec<String> = group
            .resources
            .iter()
            .map(|(class, n)| format!("{class}:{n}"))
            .collect();
        let traits = signed(group.required.iter().collect(), &group.forbidden);
        [
            (format!("resources{suffix}"), vec![amounts.join(",")]),
            (format!("required{suffix}"), vec![traits]),
        ]
    });
    let all = [
        ("resources", vec![resources.join(",")]),
        ("group_policy", query.group_policy.iter().cloned().collect()),
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
    let all = all.map(|(key, values)| (key.to_owned(), values)).into_iter();
    let written = all.chain(granular).map(|(key, mut values)| {
        values.retain(|value| !value.is_empty());
        (key, values)
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
            key if key.starts_with("required") || key.starts_with("resources") || key == "root_required" => {
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

/// The query, and the request with the node that it names looked up; none where Placement is not asked.
fn query(case: &Value) -> (RequestSpec, Option<Query>) {
    let mut asked = request(&case["request"]);
    let find = |host: Option<&str>, node: Option<&str>| {
        let all = rows(&case["hosts"])
            .iter()
            .map(|row| (text(&row["host"]), text(&row["node"])));
        let is_it = |(own, name): &(String, String)| {
            host.is_none_or(|host| host == own) && node.is_none_or(|node| node == name)
        };
        all.filter(is_it).collect()
    };
    let options = options(case);
    let aggregates = aggregates(case);
    let asks = locate(&mut asked, &find).and_then(|located| query_for(&asked, &aggregates, &located, &options));
    (asked, asks.ok())
}

/// Whether Placement answers the query at all.
fn answered(case: &Value, query: &Query) -> bool {
    let (classes, traits) = (set(&case["known_classes"]), set(&case["known_traits"]));
    let class = |name: &str| classes.contains(name) || STANDARD_CLASSES.contains(&name);
    query
        .sound(class, |name| traits.contains(name) || is_standard_trait(name))
        .is_ok()
}

/// The nodes that Placement returns, whatever the limit.
fn candidates(case: &Value, query: &Query) -> Vec<Host> {
    if !answered(case, query) {
        return Vec::new();
    }
    let rows = rows(&case["hosts"]);
    let of_service = |name: &Value| {
        let same = rows.iter().filter(|row| row["host"] == *name);
        same.flat_map(|row| texts(&row["instances"])).collect()
    };
    let met = rows.iter().filter(|row| published(row, case).meets(query).is_ok());
    let as_seen = |row: &Value| Host {
        instances: of_service(&row["host"]),
        ..host(row, case, false)
    };
    met.map(as_seen).collect()
}

/// The filters that a case enables.
fn chain(case: &Value) -> Vec<&'static Filter> {
    let enabled = case
        .get("enabled_filters")
        .map_or(NOVA_DEFAULT.map(str::to_owned).to_vec(), texts);
    let chain: Vec<&Filter> = enabled.iter().filter_map(|name| filters::find(name)).collect();
    assert_eq!(chain.len(), enabled.len(), "{}: an unknown filter", case["id"]);
    chain
}

/// A decision as it goes on, machine by machine.
#[derive(Clone)]
struct Round<'a> {
    case: &'a Value,
    asked: RequestSpec,
    hosts: Vec<Host>,
    left: Vec<usize>,
    taken: Vec<usize>,
}

impl Round<'_> {
    /// Filters and weighs what is left; false where a filter raises.
    fn weighed(&mut self) -> Option<Vec<f64>> {
        let number = self.taken.len();
        self.asked.instance = format!("{}-{number}", text(&self.case["request"]["instance"]));
        let (filters, settings) = (chain(self.case), settings(self.case));
        let left = std::mem::take(&mut self.left);
        self.left = nova::pass(&self.hosts, left, &self.asked, (&filters, &settings), number == 0).ok()?;
        let kept: Vec<&Host> = self.left.iter().map(|&at| &self.hosts[at]).collect();
        Some(nova::weigh(&kept, &self.asked, &Multipliers::new()))
    }

    /// The best of those that can still be claimed: the real code takes any of them.
    fn best(&mut self) -> Vec<usize> {
        let weights = self.weighed().unwrap_or_default();
        let weighed = self.left.iter().copied().zip(weights);
        let free: Vec<(usize, f64)> = weighed.filter(|(at, _)| !self.taken.contains(at)).collect();
        let most = free.iter().map(|(_, weight)| *weight).fold(f64::NEG_INFINITY, f64::max);
        let best = free.into_iter().filter(|(_, weight)| near(*weight, most));
        best.map(|(at, _)| at).collect()
    }

    fn take(&mut self, at: usize) {
        self.taken.push(at);
        let instance = self.asked.instance.clone();
        // The recorder reads instances from the case, node by node.
        consume(&mut self.hosts, at, &mut self.asked, &instance, Tracking::ByNode);
    }

    /// Whether some way of breaking ties places all, or none does (`wanted` says which).
    fn can_end(&self, count: usize, wanted: bool) -> bool {
        if self.taken.len() == count {
            return wanted;
        }
        let mut here = self.clone();
        let best = here.best();
        if best.is_empty() {
            return !wanted;
        }
        best.into_iter().any(|at| {
            let mut next = here.clone();
            next.take(at);
            next.can_end(count, wanted)
        })
    }
}

/// The nodes that the first instance may choose from, with their weights.
fn eligible(round: &Round<'_>) -> BTreeMap<String, f64> {
    let mut round = round.clone();
    let Some(weights) = round.weighed() else {
        return BTreeMap::new();
    };
    let names = round.left.iter().map(|&at| round.hosts[at].node.clone());
    names.zip(weights).collect()
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
    tally.case();
    let (asked, query) = query(case);
    let of_placement = rows(&real["query"]).first().map(recorded);
    let ours = query.as_ref().map(parameters);
    tally.compare(|| format!("{} query", case["id"]), &ours, &of_placement);
    let found = query.as_ref().map_or_else(Vec::new, |query| candidates(case, query));
    let limit = query.and_then(|query| query.limit);
    let start = Round {
        case,
        asked,
        left: (0..found.len()).collect(),
        hosts: found,
        taken: Vec::new(),
    };
    if limit.is_some_and(|limit| start.hosts.len() > limit) {
        tally.undecided();
        within_limit(tally, &start, limit.unwrap_or(0), real);
        return;
    }
    let ours = eligible(&start);
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
        follow(tally, start, real);
    } else {
        let count = case["request"]["num_instances"].as_u64().unwrap_or(1) as usize;
        let fails = start.can_end(count, false);
        tally.compare(|| format!("{} refused", case["id"]), &fails, &true);
    }
}

/// Which candidates a limit keeps is not defined: what was chosen passes, and there are no more than the limit.
fn within_limit(tally: &mut Tally, start: &Round<'_>, limit: usize, real: &Value) {
    let ours = eligible(start);
    let named = rows(&real["eligible"]);
    let all_pass = named.iter().all(|row| ours.contains_key(&text(&row[0])));
    tally.compare(|| format!("{} eligible, limited", start.case["id"]), &all_pass, &true);
    let of = (start.hosts.len() - ours.len(), named.len());
    // At least so many of those that the limit keeps pass as would if it kept all that do not.
    let bounds = named.len() <= limit && named.len() >= limit.saturating_sub(of.0);
    tally.compare(
        || format!("{} limited to {limit}: {of:?}", start.case["id"]),
        &bounds,
        &true,
    );
}

/// Follows the real code's choices: each is among the best of what we would choose from, and the alternates are
/// the best of the rest.
fn follow(tally: &mut Tally, mut round: Round<'_>, real: &Value) {
    let case = round.case;
    let named = |round: &Round<'_>, pair: &Value| {
        let is_it = |host: &Host| host.host == text(&pair[0]) && host.node == text(&pair[1]);
        round.hosts.iter().position(is_it)
    };
    for (number, machine) in rows(&real["hosts"]).iter().enumerate() {
        let best = round.best();
        let chosen = named(&round, &machine[0]);
        let good = chosen.is_some_and(|at| best.contains(&at));
        tally.compare(
            || format!("{} machine {number} is {}", case["id"], machine[0]),
            &good,
            &true,
        );
        let Some(at) = chosen else { return };
        round.take(at);
    }
    let most = case["config"]["scheduler"]["max_attempts"].as_u64().unwrap_or(3) as usize - 1;
    if rows(&real["hosts"]).len() > 1 && most > 0 {
        let _ = round.weighed();
    }
    let forced = round.asked.is_forced() || round.asked.destination.is_some();
    for machine in rows(&real["hosts"]) {
        let alternates = &rows(machine)[1..];
        let among =
            |pair: &Value| named(&round, pair).is_some_and(|at| round.left.contains(&at) && !round.taken.contains(&at));
        let count = most.min(round.left.iter().filter(|at| !round.taken.contains(at)).count());
        let good = alternates.iter().all(among) && (forced || alternates.len() == count);
        tally.compare(|| format!("{} alternates {alternates:?}", case["id"]), &good, &true);
    }
}
