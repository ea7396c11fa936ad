//! Luck hangs on names and never on places: what is added, removed or moved in a scenario leaves everybody else's
//! draws as they were. And the hardware at the begin is as old as it would be after any length of time.

use std::collections::BTreeMap;

use proptest::prelude::*;
use sickbay::cells::cell::tape_of;
use sickbay::kernel::{Span, Time};
use sickbay::scenario::Scenario;
use sickbay::workload::{JobId, Tape};

use super::scenario;

/// A choice from a list, in any order.
fn some_of(n: usize) -> impl Strategy<Value = Vec<usize>> {
    prop::sample::subsequence((0..n).collect::<Vec<_>>(), 1..=n).prop_shuffle()
}

/// What a scenario has of each list, in its order.
#[derive(Clone, Debug)]
struct World {
    groups: Vec<usize>,
    /// Workloads, each with its flavors.
    workloads: Vec<(usize, Vec<usize>)>,
    rows: Vec<usize>,
    faults: Vec<usize>,
    campaigns: Vec<usize>,
}

const CLASSES: usize = 3;

fn worlds() -> impl Strategy<Value = World> {
    let workloads = (
        Just((0..4).collect::<Vec<usize>>()).prop_shuffle(),
        prop::collection::vec(some_of(6), 4),
    );
    let groups = Just((0..2 * CLASSES).collect::<Vec<usize>>()).prop_shuffle();
    (
        groups,
        0..=CLASSES,
        workloads,
        0..4_usize,
        some_of(8),
        some_of(4),
        some_of(4),
    )
        .prop_map(|(mut groups, off, (order, flavors), drop, rows, faults, campaigns)| {
            // Each class keeps the first of its two groups.
            groups.retain(|&group| group < CLASSES || group >= CLASSES + off);
            let workloads = order.into_iter().filter(|&workload| workload >= drop);
            World {
                groups,
                workloads: workloads
                    .map(|workload| (workload, flavors[workload].clone()))
                    .collect(),
                rows,
                faults,
                campaigns,
            }
        })
}

/// The scenario of a world. Flavors, laws of faults and two of the campaigns have no names; pairs of them differ in
/// one thing only.
fn load(world: &World) -> Scenario {
    let mut text =
        "# Whose luck is it?\n[scenario]\nname = \"luck\"\nhorizon = \"60d\"\nseed = 5\nstrategies = [\"naive\"]\n"
            .to_owned();
    for &group in &world.groups {
        text += &format!(
            "[[fleet.group]]\nname = \"g{group}\"\nclass = \"c{}\"\nnodes = {}\n",
            group % CLASSES,
            3 + group
        );
    }
    for (workload, flavors) in &world.workloads {
        let name = if *workload == 1 { "name = \"people\"\n" } else { "" };
        text += &format!("[[workload]]\n{name}tenants = {}\n", workload + 1);
        for flavor in flavors {
            let hold = ["1h", "2h", "1h"][flavor % 3];
            let own = if *flavor == 5 { "name = \"own\"\n" } else { "" };
            text += &format!(
                "[[workload.flavor]]\n{own}class = \"c{}\"\nper_day = {}.5\nhold = {{ exponential = \"{hold}\" }}\n",
                flavor % 2,
                1 + flavor % 4
            );
        }
    }
    text += "[[workload]]\n";
    for row in &world.rows {
        text += &format!(
            "[[workload.request]]\nname = \"r{row}\"\nat = \"{}h\"\nclass = \"c0\"\ntenant = \"t\"\nhold = \"3h\"\n",
            row * 7 % 5
        );
    }
    text += "[maintenance]\nerrands = { counts = [[0, 1], [2, 1]], duration = { exponential = \"1h\" } }\n";
    for law in &world.faults {
        let classes = ["", "classes = [\"c1\"]\n", "", "name = \"own\"\n"][*law];
        text += &format!(
            "[[maintenance.faults]]\n{classes}between = {{ exponential = \"{}d\" }}\n\
             kind = [{{ name = \"k{law}\", detection = {{ exponential = \"1h\" }}, work = {{ exponential = \"2h\" }} }}]\n",
            5 + law / 2
        );
    }
    for campaign in &world.campaigns {
        let name = ["", "", "name = \"a\"\n", "name = \"b\"\n"][*campaign];
        text += &format!(
            "[[maintenance.campaign]]\n{name}start = \"{}d\"\nevery = \"10d\"\nshare = 0.5\n\
             budget = {{ scope = \"fleet\", nodes = 3 }}\nwork = {{ exponential = \"{}h\" }}\n",
            3 + campaign % 2,
            4 + campaign
        );
    }
    scenario(&text)
}

/// Draws by what they belong to.
type Draws = BTreeMap<String, Vec<String>>;

fn of_requests(scenario: &Scenario, world: &World, tape: &Tape, found: &mut Draws) {
    let mut requests = tape.requests.clone();
    while let Some((number, _)) = requests.advance() {
        let it = requests.request(number);
        let class = scenario.fleet.names.classes.name(it.class.0);
        let whose = match world.workloads.get(usize::from(it.source)) {
            // A request does not say its flavor: those are compared that are alone with their class.
            Some((workload, flavors)) => {
                let alike: Vec<&usize> = flavors
                    .iter()
                    .filter(|&flavor| class == format!("c{}", flavor % 2))
                    .collect();
                let [flavor] = alike[..] else { continue };
                format!("flavor {flavor} of {workload}")
            }
            None => format!("request {}", requests.name(number)),
        };
        let draw = format!("{:?} {:?} {} {}", it.start, it.hold, it.luck, it.count);
        found.entry(whose).or_default().push(draw);
    }
}

fn of_jobs(scenario: &Scenario, world: &World, tape: &Tape, found: &mut Draws) {
    let mut push = |whose: String, at: String, job: JobId| {
        let job = &tape.jobs[job.at()];
        let draw = format!("{at} {:?} {:?} {}", job.work, job.errands, job.luck);
        let name = scenario.fleet.name(job.node);
        found.entry(format!("{whose} {name}")).or_default().push(draw);
    };
    for fault in &tape.faults {
        let law = world.faults[usize::from(fault.law)];
        push(
            format!("fault {law} of"),
            format!("{:?} {:?}", fault.at, fault.detection),
            fault.job,
        );
    }
    for round in &tape.campaigns {
        let campaign = world.campaigns[usize::from(round.plan)];
        for &job in &round.jobs {
            push(format!("campaign {campaign} on"), format!("{:?}", round.start), job);
        }
    }
}

fn draws(world: &World) -> Draws {
    let scenario = load(world);
    let tape = tape_of(&scenario, 0);
    let mut found = Draws::new();
    of_requests(&scenario, world, &tape, &mut found);
    of_jobs(&scenario, world, &tape, &mut found);
    found
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]
    #[test]
    fn what_is_added_removed_or_moved_leaves_the_draws_of_others_as_they_were(a in worlds(), b in worlds()) {
        let (left, right) = (draws(&a), draws(&b));
        let mut met = 0;
        for (whose, draws) in &left {
            if whose.starts_with("campaign") {
                // Which nodes a share takes hangs on how many there are; what is done on one that both take does not.
                let other = right.get(whose).into_iter().flatten();
                let by_round: BTreeMap<&str, &String> = other.map(|draw| (&draw[..draw.find(' ').unwrap_or(0)], draw)).collect();
                for draw in draws {
                    if let Some(other) = by_round.get(&draw[..draw.find(' ').unwrap_or(0)]) {
                        prop_assert_eq!(draw, *other, "{}", whose);
                    }
                }
            } else if let Some(other) = right.get(whose) {
                prop_assert_eq!(draws, other, "{}", whose);
                met += 1;
            }
        }
        prop_assume!(met > 0);
    }
}

/// Flavors and workloads that say the very same are told apart, and so are requests of two traces.
#[test]
fn what_is_alike_has_luck_of_its_own() {
    let flavor = "[[workload.flavor]]\nclass = \"c\"\nper_day = 5.0\nhold = { exponential = \"1h\" }\n";
    let row = "[[workload.request]]\nname = \"r\"\nat = \"1h\"\nclass = \"c\"\ntenant = \"t\"\nhold = \"1h\"\n";
    let nameless = row.replace("name = \"r\"\n", "");
    let law = "[[maintenance.faults]]\nbetween = { exponential = \"9d\" }\nkind = [{ work = \"1h\" }]\n";
    let text = format!(
        "[scenario]\nname = \"alike\"\nhorizon = \"90d\"\nstrategies = [\"naive\"]\n[[fleet.group]]\nclass = \"c\"\nnodes = 3\n\
         [[workload]]\n{flavor}{flavor}[[workload]]\n{flavor}[[workload]]\nname = \"own\"\n{flavor}\
         [[workload]]\n{row}{nameless}{nameless}[[workload]]\n{row}{law}{law}"
    );
    let scenario = scenario(&text);
    let tape = tape_of(&scenario, 0);
    let mut requests = tape.requests.clone();
    let mut lucks = Vec::new();
    while let Some((number, _)) = requests.advance() {
        lucks.push(requests.request(number).luck);
    }
    let n = lucks.len();
    lucks.sort_unstable();
    lucks.dedup();
    assert_eq!(lucks.len(), n);
    let jobs: std::collections::BTreeSet<u64> = tape.jobs.iter().map(|job| job.luck).collect();
    assert_eq!(jobs.len(), tape.jobs.len());
}

/// The share of nodes that are broken at instants, as the tape has it: a fault breaks a node that is whole.
fn broken(scenario: &Scenario, at: &[Time]) -> Vec<f64> {
    let tape = tape_of(scenario, 0);
    let mut until = vec![Time::ZERO; scenario.fleet.nodes.len()];
    let mut down = vec![Vec::new(); scenario.fleet.nodes.len()];
    for fault in &tape.faults {
        let job = &tape.jobs[fault.job.at()];
        let node = job.node.at();
        if until[node] <= fault.at {
            until[node] = fault.at + fault.detection + job.work;
            down[node].push((fault.at, until[node]));
        }
    }
    let is_down = |node: &&Vec<(Time, Time)>, at: Time| node.iter().any(|&(from, to)| from <= at && at < to);
    let share = |&at: &Time| down.iter().filter(|node| is_down(node, at)).count() as f64 / down.len() as f64;
    at.iter().map(share).collect()
}

fn failing(between: &str, kind: &str, more: &str) -> Scenario {
    scenario(&format!(
        "[scenario]\nname = \"failing\"\nhorizon = \"40d\"\nstrategies = [\"naive\"]\n[[fleet.group]]\nclass = \"c\"\nnodes = 20000\n\
         [[maintenance.faults]]\nbetween = {between}\n{more}kind = [{kind}]\n"
    ))
}

/// Two-state availability from the first instant on, without a warm-up: MTBF / (MTBF + MTTR) where failures have no
/// memory; for fixed times whole cycles of them; and for any law the same at all times.
#[test]
fn a_fleet_is_as_broken_at_the_begin_as_it_is_later() {
    let times: Vec<Time> = [0, 1, 12, 60, 300, 700]
        .map(|hours| Time::ZERO + Span::hours(hours))
        .to_vec();
    let (exponential, weibull) = (
        "{ exponential = \"8d\" }",
        "{ weibull = { scale = \"6d\", shape = 2.5 } }",
    );
    let table = "{ quantiles = [[0, \"1h\"], [0.5, \"3d\"], [1, \"30d\"]] }";
    let drawn = "{ detection = { exponential = \"1d\" }, work = { lognormal = { median = \"1d\", sigma = 0.5 } } }";
    let fixed = "{ detection = \"12h\", work = \"36h\" }";
    for (between, kind, truth) in [
        (exponential, fixed, Some(0.2)),
        ("\"10d\"", fixed, Some(0.2)),
        // Every second fault falls into the work of the one before.
        ("\"10d\"", "{ work = \"15d\" }", Some(0.75)),
        (exponential, drawn, None),
        (weibull, drawn, None),
        (weibull, "{ work = \"7d\" }", None),
        (table, drawn, None),
    ] {
        let shares = broken(&failing(between, kind, ""), &times);
        let truth = truth.unwrap_or(shares[5]);
        for share in shares {
            // 4 standard deviations of a share of 20,000, twice where the truth is one itself.
            assert!(
                (share - truth).abs() < 0.02,
                "{between} {kind}: {share} instead of {truth}"
            );
        }
        let new = broken(&failing(between, kind, "age = \"new\"\n"), &times[..2]);
        assert!(new[0] == 0.0 && new[1] < truth / 2.0, "{new:?}");
    }
}

/// Only the first hour of the week has requests, whatever the minute of the epoch.
#[test]
fn hours_of_the_week_are_those_of_the_clock() {
    use sickbay::kernel::time::HOUR_MS;
    for (epoch, into_week) in [
        ("2024-01-01T00:00:00Z", 0),
        ("2024-01-03T12:30:00Z", 2 * 24 * 60 + 12 * 60 + 30),
        ("2023-12-31T23:59:59Z", 7 * 24 * 60 - 1),
    ] {
        let mut hours = vec!["0"; 168];
        hours[0] = "1";
        let scenario = scenario(&format!(
            "[scenario]\nname = \"hours\"\nepoch = \"{epoch}\"\nhorizon = \"60d\"\nstrategies = [\"naive\"]\n\
             [[fleet.group]]\nclass = \"c\"\nnodes = 5\n[[workload]]\nhours_of_week = [{}]\n\
             [[workload.flavor]]\nclass = \"c\"\nper_day = 9.0\nhold = \"1m\"\n",
            hours.join(", ")
        ));
        let mut requests = tape_of(&scenario, 0).requests;
        let seconds = u64::from(epoch.ends_with("59Z")) * 59_000;
        let mut n = 0;
        while let Some((_, start)) = requests.advance() {
            let week = (start.0 + into_week * 60_000 + seconds) % (168 * HOUR_MS);
            assert!(week < HOUR_MS, "{epoch}: {week}");
            n += 1;
        }
        assert!(n > 300, "{n}");
    }
}

/// A workload of 9 a day for 60 days with this in its tables.
fn drawn(workload: &str, flavor: &str) -> Vec<sickbay::workload::Request> {
    let scenario = scenario(&format!(
        "[scenario]\nname = \"drawn\"\nhorizon = \"60d\"\nstrategies = [\"naive\"]\n\
         [[fleet.group]]\nclass = \"c\"\nnodes = 9\n[[workload]]\nname = \"w\"\n{workload}\n\
         [[workload.flavor]]\nname = \"f\"\nclass = \"c\"\nper_day = 9.0\nhold = \"1m\"\n{flavor}\n"
    ));
    let mut requests = tape_of(&scenario, 0).requests;
    let mut all = Vec::new();
    while let Some((id, _)) = requests.advance() {
        all.push(requests.request(id));
    }
    all
}

/// Stretches follow each other from the epoch on and begin again, and `per_day` is their mean.
#[test]
fn demand_grows_and_falls_as_its_trend_says() {
    let all = drawn("trend = { every = \"10d\", rates = [1.0, 0.0, 2.0] }", "");
    let mut stretches = [0; 6];
    for request in &all {
        stretches[(request.start.0 / 864_000_000) as usize] += 1;
    }
    assert_eq!((stretches[1], stretches[4]), (0, 0), "{stretches:?}");
    for (stretch, expected) in [(0, 90.0_f64), (2, 180.0), (3, 90.0), (5, 180.0)] {
        let off = (f64::from(stretches[stretch]) - expected) / expected.sqrt();
        assert!(off.abs() < 3.5, "{stretches:?}");
    }
    // A flat trend is none.
    let starts = |all: &[sickbay::workload::Request]| all.iter().map(|it| it.start).collect::<Vec<_>>();
    let flat = drawn("trend = { rates = [3.0, 3.0] }", "");
    assert_eq!(starts(&flat), starts(&drawn("", "")));
}

/// What is asked for in advance starts when it would without, and holds as long.
#[test]
fn drawn_requests_are_asked_for_in_advance() {
    let (early, plain) = (drawn("", "lead = { uniform = [\"1h\", \"3h\"] }"), drawn("", ""));
    assert_eq!(early.len(), plain.len());
    let mut leads = Vec::new();
    for (early, plain) in early.iter().zip(&plain) {
        assert_eq!(
            (early.start, early.hold, plain.arrival),
            (plain.start, plain.hold, plain.start)
        );
        let lead = (early.start - early.arrival).0;
        assert!(
            early.arrival.0 == 0 || (3_600_000..=10_800_000).contains(&lead),
            "{lead}"
        );
        leads.push(lead);
    }
    assert!(leads.iter().max() > leads.iter().min());
}

/// Under Blazar a drawn request takes what there is, and under Nova all or nothing; none is content with more than it asks.
#[test]
fn drawn_requests_are_content_with_fewer() {
    use sickbay::workload::Multi;
    let sizes = "sizes = [[1, 0.5], [6, 0.5]]\nmin_count = 2";
    let (blazar, nova) = (drawn("multi = \"blazar\"", sizes), drawn("", sizes));
    assert!(
        blazar
            .iter()
            .all(|it| it.multi == Multi::Blazar && it.min_count == it.count.min(2))
    );
    assert!(blazar.iter().any(|it| it.least(false) == 2));
    assert!(
        nova.iter()
            .all(|it| it.multi == Multi::Nova && it.least(false) == it.count)
    );
}

/// Which nodes a smaller fleet keeps, and who owns them, hangs on the nodes' names: two nodes more change little.
#[test]
fn a_part_of_the_fleet_and_its_owners_hardly_change_with_its_size() {
    let of = |first: &str, nodes: u32, scale: &str| -> BTreeMap<String, Option<String>> {
        let scenario = scenario(&format!(
            "[scenario]\nname = \"part\"\nhorizon = \"1d\"\nstrategies = [\"naive\"]\n[fleet]\nscale = {scale}\n\
             owners = {{ share = 0.5, tenants = [\"a\", \"b\", \"d\"] }}\n\
             {first}[[fleet.group]]\nname = \"g\"\nclass = \"c\"\nnodes = {nodes}\n"
        ));
        let fleet = &scenario.fleet;
        let owner = |id| {
            fleet
                .node(id)
                .owner()
                .map(|owner| fleet.names.tenants.name(owner.0).to_owned())
        };
        fleet.ids().map(|id| (fleet.name(id).to_owned(), owner(id))).collect()
    };
    let other = "[[fleet.group]]\nname = \"f\"\nclass = \"c\"\nnodes = 2\n";
    for scale in ["0.5", "1.0", "1.5"] {
        let (before, after) = (of("", 100, scale), of(other, 100, scale));
        let kept = before.keys().filter(|name| after.contains_key(*name)).count();
        assert!(before.len() - kept <= 2, "{scale}: {kept} of {}", before.len());
        let same = before
            .iter()
            .filter(|(name, owner)| after.get(*name) == Some(owner))
            .count();
        assert!(before.len() - same <= 12, "{scale}: {same} of {}", before.len());
        let share = |tenant: &str| before.values().filter(|owner| owner.as_deref() == Some(tenant)).count();
        let shares = ["a", "b", "d"].map(share);
        assert!(
            shares.iter().max() <= shares.iter().min().map(|least| least + 1).as_ref(),
            "{shares:?}"
        );
    }
}
