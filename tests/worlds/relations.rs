//! Relations: two worlds that differ in what should not matter come to the same.

use std::collections::BTreeMap;

use sickbay::cells::cell::{run_cell_watched, tape_of};
use sickbay::cells::explain::explain;
use sickbay::fleet::RequestId;
use sickbay::kernel::Time;
use sickbay::scenario::Scenario;
use sickbay::workload::JobId;
use sickbay::world::{Fact, Observer, Sight};

use super::dice::Dice;
use super::doc::{Table, Val, table, text};
use super::draft::{DAY, Draft};
use super::features::world;
use super::run::{quietly, read};

/// Worlds that a relation is tried on.
const WORLDS: u64 = 40;

/// The facts of a run, by time; and of requests the names.
#[derive(Default)]
struct Story {
    facts: Vec<(u64, Fact)>,
    names: BTreeMap<RequestId, String>,
}

impl Observer for Story {
    fn told(&mut self, at: Time, fact: &Fact, sight: &Sight<'_>) {
        if let Fact::Arrived { request } = *fact {
            self.names.insert(request, sight.request_name(request));
        }
        self.facts.push((at.0, *fact));
    }
}

fn story(scenario: &Scenario, variant: usize) -> Option<Story> {
    quietly(|| run_cell_watched(scenario, variant, 0, Story::default(), &|| false).1).ok()
}

/// Tries a relation on the worlds that it speaks of: `other` makes the second world, `same` says what differs. At
/// least a fifth of the worlds have to be spoken of.
fn holds(
    name: &str,
    speaks: fn(&Draft) -> bool,
    other: impl Fn(&mut Draft),
    same: impl Fn(&Scenario, &Scenario) -> Option<String>,
) {
    holds_once(name, speaks, |_| {}, other, same);
}

/// The same, once `first` has been done to both worlds.
fn holds_once(
    name: &str,
    speaks: fn(&Draft) -> bool,
    first: impl Fn(&mut Draft),
    other: impl Fn(&mut Draft),
    same: impl Fn(&Scenario, &Scenario) -> Option<String>,
) {
    let folder = tempfile::TempDir::new().expect("a temporary folder can be made");
    let base = base();
    let (mut tried, mut seed) = (0, base);
    while tried < WORLDS {
        seed += 1;
        assert!(
            seed < base + 100 * WORLDS,
            "{name}: it speaks of too few worlds: {tried}"
        );
        let mut draft = world(seed);
        if !speaks(&draft) {
            continue;
        }
        first(&mut draft);
        let mut second = Draft {
            doc: draft.doc.clone(),
            on: draft.on.clone(),
            ..Draft::new(Dice::new(seed).fork(name))
        };
        (second.horizon, second.grid) = (draft.horizon, draft.grid);
        other(&mut second);
        let (Ok(one), Ok(two)) = (read(&draft.doc, folder.path()), read(&second.doc, folder.path())) else {
            continue;
        };
        tried += 1;
        if let Some(what) = same(&one, &two) {
            panic!(
                "{name}: seed {seed}: {what}\n{}\n{}",
                draft.doc.toml(),
                second.doc.toml()
            );
        }
    }
}

/// The seed before that of the first world. Not that of the random worlds: where all times are ten times as long, times
/// round otherwise and meet otherwise, and a few worlds in a thousand take another course for that alone.
fn base() -> u64 {
    super::number("SICKBAY_RELATIONS_SEED").unwrap_or(super::BASE_SEED)
}

/// What differs between the digests of two worlds' runs under each label that both have.
fn digests(one: &Scenario, two: &Scenario) -> Option<String> {
    for (at, variant) in one.variants.iter().enumerate() {
        let Some(there) = two.variants.iter().position(|other| other.label == variant.label) else {
            continue;
        };
        let (Some(a), Some(b)) = (story(one, at), story(two, there)) else {
            continue;
        };
        if let Some(place) = differ(&a.facts, &b.facts) {
            return Some(format!(
                "{}: {:?} and {:?}",
                variant.label,
                a.facts.get(place),
                b.facts.get(place)
            ));
        }
    }
    None
}

fn differ(a: &[(u64, Fact)], b: &[(u64, Fact)]) -> Option<usize> {
    let place = a.iter().zip(b).position(|(one, two)| one != two);
    place.or((a.len() != b.len()).then(|| a.len().min(b.len())))
}

/// Everything that is drawn, by names: faults by node, requests by id or by what they ask for.
fn draws(scenario: &Scenario) -> Vec<String> {
    let tape = tape_of(scenario, 0);
    let (fleet, names) = (&scenario.fleet, &scenario.fleet.names);
    let mut all = Vec::new();
    for fault in &tape.faults {
        let job = &tape.jobs[fault.job.at()];
        let node = fleet.name(job.node);
        all.push(format!(
            "fault of {node} at {}: {}, {:?}, noticed {}, {}",
            fault.at, job.work, job.errands, fault.detection, job.luck
        ));
    }
    let mut requests = tape.requests.clone();
    while let Some((request, _)) = requests.advance() {
        let it = requests.request(request);
        let given = scenario.demand.sources[usize::from(it.source)].stock_is_given();
        let name = if given { requests.name(request) } else { String::new() };
        let (class, tenant) = (names.classes.name(it.class.0), names.tenants.name(it.tenant.0));
        all.push(format!(
            "request {name} at {}: {} {class} for {} by {tenant}, luck {}",
            it.start, it.count, it.hold, it.luck
        ));
        requests.release(request);
    }
    all.sort();
    all
}

/// Whether a workload's requests are written down.
trait Given {
    fn stock_is_given(&self) -> bool;
}

impl Given for sickbay::workload::Source {
    fn stock_is_given(&self) -> bool {
        matches!(self.stock, sickbay::workload::Stock::Given(_))
    }
}

fn same_draws(one: &Scenario, two: &Scenario) -> Option<String> {
    let (a, b) = (draws(one), draws(two));
    let gone = a.iter().find(|draw| b.binary_search(draw).is_err());
    let new = b.iter().find(|draw| a.binary_search(draw).is_err());
    (a != b).then(|| format!("{gone:?} is gone, {new:?} is new"))
}

fn any(_: &Draft) -> bool {
    true
}

#[test]
fn the_list_of_strategies_changes_none_of_them() {
    let other = |d: &mut Draft| {
        let Some(Val::List(list)) = d.doc.root.within("scenario").get_mut("strategies") else {
            return;
        };
        list.reverse();
        if list.len() > 2 {
            list.pop();
        }
        let mut more = Table::default();
        more.set("name", text("withdraw"));
        more.set("label", text("more"));
        list.insert(0, Val::Table(more));
    };
    holds("strategies", any, other, digests);
}

#[test]
fn a_week_later_is_the_same_week() {
    let speaks = |d: &Draft| !d.is("time-zone");
    let other = |d: &mut Draft| {
        let old = d
            .doc
            .at("scenario.epoch")
            .and_then(Val::word)
            .unwrap_or("2024-01-01T00:00:00Z");
        let old: jiff::Timestamp = old.parse().expect("an instant");
        let new = jiff::Timestamp::from_millisecond(old.as_millisecond() + 7 * DAY as i64).expect("an instant");
        d.put("scenario", "epoch", text(new.to_string()));
    };
    holds("epoch", speaks, other, digests);
}

/// A longer horizon changes nothing before the shorter one's end.
fn horizon_prefix(speaks: fn(&Draft) -> bool) {
    let other = |d: &mut Draft| {
        let longer = Val::Span(d.horizon + DAY);
        d.put("scenario", "horizon", longer);
    };
    let same = |one: &Scenario, two: &Scenario| {
        for at in 0..one.variants.len() {
            let (Some(mut a), Some(mut b)) = (story(one, at), story(two, at)) else {
                continue;
            };
            for facts in [&mut a.facts, &mut b.facts] {
                facts.retain(|&(at, fact)| at < one.horizon.0 && fact != Fact::Ended);
                facts.iter_mut().for_each(|(_, fact)| without_number(fact));
            }
            if let Some(place) = differ(&a.facts, &b.facts) {
                return Some(format!("{:?} and {:?}", a.facts.get(place), b.facts.get(place)));
            }
        }
        None
    };
    holds("horizon", speaks, other, same);
}

/// Requests that begin after the horizon are numbered behind all others, and jobs by what the tape has of each kind.
fn without_number(fact: &mut Fact) {
    match fact {
        Fact::LeaseHealed { request, .. } | Fact::LeaseDegraded { request, .. } => *request = RequestId(0),
        Fact::WindowOpened { job, .. } => *job = JobId(0),
        _ => {}
    }
}

fn leases(d: &Draft) -> bool {
    d.doc.toml().contains("blazar-lease")
}

#[test]
fn a_longer_horizon_changes_nothing_before() {
    horizon_prefix(|d| !leases(d));
}

#[test]
fn a_longer_horizon_changes_no_lease_before() {
    horizon_prefix(leases);
}

#[test]
fn what_nobody_uses_changes_nothing() {
    let other = |d: &mut Draft| {
        let mut aggregate = Table::default();
        aggregate.set("name", text("unused"));
        aggregate.set("metadata", table(vec![("availability_zone", text("elsewhere"))]));
        d.fleet().add("aggregate", aggregate);
        let far = Val::Span(d.horizon + DAY);
        let mut campaign = Table::default();
        campaign.set("name", text("after the end"));
        campaign.set("start", far);
        campaign.set("work", Val::Span(0));
        d.doc.root.within("maintenance").add("campaign", campaign);
    };
    holds("unused", any, other, digests);
}

#[test]
fn other_names_for_tenants_traits_and_racks_change_nothing() {
    let other = |d: &mut Draft| {
        // Owners by share are drawn by the tenants' names.
        let tenants = !d.is("owners");
        let renamed = |word: &str| match word {
            "anna" | "bert" | "cleo" | "dora" | "owen" if tenants => Some(format!("{word}X")),
            "r1" | "r2" | "FAST" | "BIG" | "zone" => Some(format!("{word}X")),
            "trait:FAST" => Some("trait:FASTX".to_owned()),
            _ => None,
        };
        rename_table(&mut d.doc.root, &renamed);
        for csv in &mut d.doc.files {
            csv.rows.iter_mut().flatten().for_each(|val| rename(val, &renamed));
        }
    };
    // What has no name of its own is known by all that it says, other names among it.
    let named = |d: &mut Draft| {
        if let Some(Val::Tables(workloads)) = d.doc.root.get_mut("workload") {
            for workload in workloads {
                for (at, flavor) in workload.all_mut("flavor").iter_mut().enumerate() {
                    flavor.set("name", text(format!("flavor-{at}")));
                }
            }
        }
    };
    holds_once("names", any, named, other, digests);
}

fn rename_table(table: &mut Table, renamed: &dyn Fn(&str) -> Option<String>) {
    for (key, val) in &mut table.0 {
        if let Some(new) = renamed(key) {
            *key = new;
        }
        // A zone's name and the aggregate's are one word here.
        rename(val, renamed);
    }
}

fn rename(val: &mut Val, renamed: &dyn Fn(&str) -> Option<String>) {
    match val {
        Val::Text(text) => {
            if let Some(new) = renamed(text) {
                *text = new;
            }
        }
        Val::List(list) => list.iter_mut().for_each(|val| rename(val, renamed)),
        Val::Table(table) => rename_table(table, renamed),
        Val::Tables(tables) => tables.iter_mut().for_each(|table| rename_table(table, renamed)),
        _ => {}
    }
}

/// Reorders everything whose order means nothing: groups, workloads, flavors, rows.
fn reorder(d: &mut Draft) {
    let mut dice = d.dice.clone();
    if let Some(Val::Tables(groups)) = d.fleet().get_mut("group") {
        dice.shuffle(groups);
    }
    if let Some(Val::Tables(workloads)) = d.doc.root.get_mut("workload") {
        dice.shuffle(workloads);
        for workload in workloads {
            for key in ["flavor", "request"] {
                if let Some(Val::Tables(list)) = workload.get_mut(key) {
                    dice.shuffle(list);
                }
            }
        }
    }
    for csv in &mut d.doc.files {
        dice.shuffle(&mut csv.rows);
    }
}

/// What is drawn for the file as a whole, by its order: parts of a scaled fleet, and owners by share.
fn by_names(d: &Draft) -> bool {
    !d.is("fleet-scale") && !d.is("owners") && !d.is("load-scale")
}

#[test]

fn order_changes_no_draw() {
    holds("order", by_names, reorder, same_draws);
}

#[test]

fn a_workload_in_two_parts_draws_the_same() {
    let speaks = |d: &Draft| by_names(d) && d.is("list");
    // A workload's name is a part of what its requests are known by.
    let nameless = |d: &mut Draft| {
        if let Some(Val::Tables(workloads)) = d.doc.root.get_mut("workload") {
            workloads
                .iter_mut()
                .for_each(|workload| workload.0.retain(|(key, _)| key != "name"));
        }
    };
    let other = |d: &mut Draft| {
        let Some(Val::Tables(workloads)) = d.doc.root.get_mut("workload") else {
            return;
        };
        let Some(place) = workloads.iter().position(|w| w.all("request").len() > 1) else {
            return;
        };
        let mut second = workloads[place].clone();
        let all = workloads[place].all("request").to_vec();
        let (one, two) = all.split_at(all.len() / 2);
        workloads[place].set("request", Val::Tables(one.to_vec()));
        second.set("request", Val::Tables(two.to_vec()));
        workloads.push(second);
    };
    holds_once("split", speaks, nameless, other, same_draws);
}

#[test]

fn a_node_more_leaves_the_others_their_draws() {
    let other = |d: &mut Draft| {
        let mut group = Table::default();
        group.set("class", text("a"));
        group.set("nodes", Val::Int(2));
        group.set("name", text("extra"));
        if let Some(Val::Tables(groups)) = d.fleet().get_mut("group") {
            groups.insert(0, group);
        }
    };
    let same = |one: &Scenario, two: &Scenario| {
        let mut after = draws(two);
        after.retain(|draw| !draw.starts_with("fault of extra-"));
        let before = draws(one);
        let gone = before.iter().find(|draw| after.binary_search(draw).is_err());
        (before != after).then(|| format!("{gone:?} is gone"))
    };
    let speaks = |d: &Draft| by_names(d) && !d.is("nodes-csv") && d.is("faults") && !d.is("query");
    holds("node", speaks, other, same);
}

/// Facts of one class's nodes and requests, by names.
fn of_class(story: &Story, scenario: &Scenario, class: &str) -> Vec<String> {
    let fleet = &scenario.fleet;
    let number = fleet.names.classes.find(class);
    // A drawn request's name is its number among all.
    let drawn = |name: &str| name.strip_prefix('r').is_some_and(|rest| rest.parse::<u32>().is_ok());
    let name = |request: RequestId| Some(&story.names[&request]).filter(|name| !drawn(name));
    let who = |request: RequestId| name(request).map_or("one", |name| name.as_str());
    let mut all = Vec::new();
    for &(at, fact) in &story.facts {
        let line = match fact {
            Fact::Claimed { request, node, attempt } => {
                format!("{} claims {} ({attempt})", who(request), fleet.name(node))
            }
            Fact::Released { request, node } => format!("{} leaves {}", who(request), fleet.name(node)),
            Fact::Broke { node, .. } => format!("{} breaks", fleet.name(node)),
            Fact::WindowOpened { node, .. } => format!("{} is wanted", fleet.name(node)),
            Fact::WindowClosed { node, .. } => format!("{} is done", fleet.name(node)),
            _ => continue,
        };
        let node = match fact {
            Fact::Claimed { node, .. }
            | Fact::Released { node, .. }
            | Fact::Broke { node, .. }
            | Fact::WindowOpened { node, .. }
            | Fact::WindowClosed { node, .. } => node,
            _ => continue,
        };
        if Some(fleet.node(node).class.0) == number {
            all.push(format!("{at}: {line}"));
        }
    }
    all.sort();
    all
}

#[test]

fn independent_parts_run_together_as_apart() {
    // Classes share nothing where there are no quotas, hands or hints, and the view is never stale.
    let speaks = |d: &Draft| {
        let apart = [
            "nodes-csv",
            "technicians",
            "quota",
            "tenant-quota",
            "loop",
            "pressed",
            "campaign",
            "conductor-groups",
            "query",
            "filters",
            "spells",
            "spells-csv",
            "trace",
        ];
        by_names(d)
            && d.classes().len() > 1
            && d.classes().contains(&"a".to_owned())
            && apart.iter().all(|feature| !d.is(feature))
            && !d.doc.toml().contains("multi-tenancy-filter")
            && !d.doc.toml().contains("_host")
    };
    let other = |d: &mut Draft| {
        let mine = |one: &Table| one.get("class").and_then(Val::word) == Some("a");
        if let Some(Val::Tables(groups)) = d.fleet().get_mut("group") {
            groups.retain(mine);
        }
        if let Some(Val::Tables(workloads)) = d.doc.root.get_mut("workload") {
            for workload in workloads.iter_mut() {
                for key in ["flavor", "request"] {
                    if let Some(Val::Tables(list)) = workload.get_mut(key) {
                        list.retain(mine);
                    }
                }
            }
            workloads.retain(|w| !w.all("flavor").is_empty() || !w.all("request").is_empty());
        }
    };
    let same = |one: &Scenario, two: &Scenario| {
        for at in 0..one.variants.len() {
            let (Some(a), Some(b)) = (story(one, at), story(two, at)) else {
                continue;
            };
            let (a, b) = (of_class(&a, one, "a"), of_class(&b, two, "a"));
            if a != b {
                let gone = a.iter().find(|line| !b.contains(line));
                let new = b.iter().find(|line| !a.contains(line));
                return Some(format!("{gone:?} apart, {new:?} together"));
            }
        }
        None
    };
    holds("parts", speaks, other, same);
}

/// Every length of time, instant and rate of a world, ten times as slow.
fn slower(val: &mut Val) {
    match val {
        Val::Span(ms) => *ms *= 10,
        Val::List(list) => list.iter_mut().for_each(slower),
        Val::Table(table) => table.0.iter_mut().for_each(|(_, val)| slower(val)),
        Val::Tables(tables) => tables
            .iter_mut()
            .flat_map(|table| &mut table.0)
            .for_each(|(_, val)| slower(val)),
        _ => {}
    }
}

#[test]
fn all_times_ten_times_as_long_are_ten_times_as_late() {
    // Drawn lengths are rounded to whole milliseconds, and some lengths are Ironic's own or the day's.
    let speaks = |d: &Draft| {
        let own = [
            "poisson",
            "faults",
            "loop",
            "pressed",
            "window",
            "shift",
            "every",
            "rescue",
            "errands",
            "hours-of-week",
            "power",
            "load-scale",
            "epoch",
        ];
        let drawn = ["exponential", "uniform", "lognormal"];
        own.iter().all(|feature| !d.is(feature)) && drawn.iter().all(|law| !d.doc.toml().contains(law))
    };
    let explicit = |d: &mut Draft| {
        // A spell's luck hangs on its start: nothing may hang on that luck.
        for key in ["slip", "wrong_pool"] {
            if let Some(share) = d.doc.at(&format!("operators.{key}")).and_then(Val::number) {
                d.put("operators", key, Val::Int(i64::from(share >= 0.5)));
            }
        }
        for (path, key, ms) in [
            ("operators", "retry", 600_000),
            ("operators", "notice_wrong", 600_000),
            ("ironic", "build_failure_time", 1_800_000),
            ("ironic", "power_recovery", 300_000),
            ("control_plane", "driver_refusal", 5_000),
            ("maintenance", "clean_work", 3_600_000),
            ("maintenance", "practice_route", 7_200_000),
            ("operators", "audit", 604_800_000),
        ] {
            let absent = d.doc.at(&format!("{path}.{key}")).is_none();
            let of_no_use = key == "practice_route" && d.doc.at("maintenance.spells").is_none();
            if absent && !of_no_use {
                d.put(path, key, Val::Span(ms));
            }
        }
        // Blazar's own lengths.
        if let Some(Val::List(list)) = d.doc.root.within("scenario").get_mut("strategies") {
            for one in list {
                let Val::Table(one) = one else { continue };
                if one.get("name").and_then(Val::word) == Some("tenant-reservation") {
                    for (key, ms) in [("lease", 168 * 3_600_000), ("healing", 3_600_000)] {
                        if one.get(key).is_none() {
                            one.set(key, Val::Span(ms));
                        }
                    }
                }
            }
        }
    };
    let folder = tempfile::TempDir::new().expect("a temporary folder can be made");
    let mut tried = 0;
    for seed in base()..base() + 4000 {
        let mut draft = world(seed);
        if !speaks(&draft) || tried >= WORLDS {
            continue;
        }
        explicit(&mut draft);
        let mut late = draft.doc.clone();
        late.root.0.iter_mut().for_each(|(_, val)| slower(val));
        late.files
            .iter_mut()
            .flat_map(|csv| &mut csv.rows)
            .flatten()
            .for_each(slower);
        let (Ok(one), Ok(two)) = (read(&draft.doc, folder.path()), read(&late, folder.path())) else {
            continue;
        };
        tried += 1;
        for at in 0..one.variants.len() {
            let (Some(a), Some(b)) = (story(&one, at), story(&two, at)) else {
                continue;
            };
            let bare = |facts: &[(u64, Fact)], by: u64| -> Vec<(u64, String)> {
                let tell = |&(at, fact): &(u64, Fact)| match fact {
                    // Lengths inside of facts are compared by the facts' times.
                    Fact::WorkBegan { window, node, .. } => (at * by, format!("work {window} {node:?}")),
                    Fact::LeaseBegan { node, .. } => (at * by, format!("lease {node:?}")),
                    fact => (at * by, format!("{fact:?}")),
                };
                facts.iter().map(tell).collect()
            };
            let (a, b) = (bare(&a.facts, 10), bare(&b.facts, 1));
            if let Some(place) = a.iter().zip(&b).position(|(one, two)| one != two) {
                panic!("seed {seed}: {:?} and {:?}\n{}", a[place], b[place], draft.doc.toml());
            }
            assert_eq!(a.len(), b.len(), "seed {seed}");
        }
    }
    assert!(tried >= WORLDS / 2, "too few worlds: {tried}");
}

/// What `explain` says of requests of a world, against what the run did.
fn explained(scenario: &Scenario, variant: usize) -> Option<String> {
    let told = story(scenario, variant)?;
    let fate = |request: RequestId| {
        let last = told.facts.iter().rev().find(|(_, fact)| matches!(fact, Fact::Accepted { request: r } | Fact::Refused { request: r, .. } if *r == request));
        match last {
            Some((_, Fact::Accepted { .. })) => "accepted",
            Some(_) => "refused",
            None => "waiting",
        }
    };
    for (&request, name) in told.names.iter().take(6) {
        let said = match quietly(|| explain(scenario, variant, 0, name)) {
            Err(breach) => return Some(breach.what),
            Ok(Err(_)) => continue,
            Ok(Ok(said)) => said,
        };
        if said.outcome != fate(request) {
            return Some(format!(
                "{name} is {}, and explain says {}: {}",
                fate(request),
                said.outcome,
                said.answer
            ));
        }
        if fate(request) == "accepted" && said.answer.contains("never") {
            return Some(format!("{name} is accepted, and explain says: {}", said.answer));
        }
        let last = said.decisions.last().and_then(|pass| pass.denied_by);
        if said.outcome == "refused" && said.cause == Some("class-full") && last.is_none() && !said.decisions.is_empty()
        {
            return Some(format!(
                "{name} is refused for a full class, and its last decision found room: {}",
                said.answer
            ));
        }
    }
    None
}

#[test]
fn explain_says_what_the_run_does() {
    let folder = tempfile::TempDir::new().expect("a temporary folder can be made");
    for seed in base()..base() + WORLDS {
        let doc = world(seed).doc;
        let Ok(scenario) = read(&doc, folder.path()) else {
            continue;
        };
        for variant in 0..scenario.variants.len() {
            if let Some(what) = explained(&scenario, variant) {
                panic!(
                    "seed {seed}, {}: {what}\n{}",
                    scenario.variants[variant].label,
                    doc.toml()
                );
            }
        }
    }
}
