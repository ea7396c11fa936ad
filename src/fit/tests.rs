//! Tests of the whole floor: a small trace with names that can be looked for.

use super::written::{CarriedOver, scenario};
use super::*;
use crate::import::neutral::{NodeRecord, RequestKind, RequestRecord, SpellRecord};
use crate::kernel::streams::Seed;
use crate::kernel::{Clock, Time};

const DAY: u64 = 86_400_000;

fn node(n: usize) -> NodeRecord {
    NodeRecord {
        node_id: format!("secret-node-{n}"),
        resource_class: if n < 12 { "metal" } else { "gpu" }.to_owned(),
        traits: if n < 4 {
            vec!["CUSTOM_FAST".to_owned()]
        } else {
            Vec::new()
        },
        rack: format!("secret-rack-{}", n % 3),
        conductor_group: "secret-group".to_owned(),
        owner: None,
        // The gpu nodes come late.
        available_from_ms: if n < 12 { 0 } else { 90 * DAY },
        available_until_ms: None,
        class_changes: Vec::new(),
        group_changes: Vec::new(),
    }
}

/// A trace of 200 days.
fn trace() -> (Vec<NodeRecord>, Vec<RequestRecord>, Vec<SpellRecord>) {
    let seed = Seed {
        master: 9,
        replication: 0,
    };
    let mut stream = seed.stream(1, 1);
    let nodes: Vec<NodeRecord> = (0..16).map(node).collect();
    let mut requests = Vec::new();
    for n in 0..700 {
        let gpu = n % 5 == 0;
        let from = if gpu { 90 * DAY } else { 1 };
        let start = from + stream.below(200 * DAY - from);
        // Working hours only.
        let start = start / DAY * DAY + (8 * 3_600_000) + stream.below(8 * 3_600_000);
        requests.push(RequestRecord {
            request_id: format!("secret-request-{n}"),
            arrival_ms: start - if n % 3 == 0 { stream.below(DAY / 3) } else { 0 },
            start_ms: start,
            hold_ms: 1 + (-libm::log(stream.unit()) * 7_654_321.0) as u64,
            planned_hold_ms: None,
            tenant: format!("secret-tenant-{}", n % 7),
            user: format!("secret-user-{}", n % 50),
            resource_class: if gpu { "gpu" } else { "metal" }.to_owned(),
            traits: if !gpu && n % 9 == 0 {
                vec!["CUSTOM_FAST".to_owned()]
            } else {
                Vec::new()
            },
            count: if gpu { 1 } else { 1 + (n as u32 % 4 / 3) * 2 },
            min_count: 1,
            kind: RequestKind::People,
            multi: None,
            node_id: None,
            end_known: true,
            age_ms: 0,
        });
    }
    let spells = (0..30).map(|n| SpellRecord {
        node_id: format!("secret-node-{}", n % 12),
        start_ms: 12_345_678 + n * 6 * DAY,
        end_ms: Some(12_345_678 + n * 6 * DAY + 7_777_777 + n * 1_111_111),
        kind: "fault".to_owned(),
        campaign: (n % 10 == 9).then(|| format!("secret-campaign-{n}")),
    });
    (nodes, requests, spells.collect())
}

fn profiled(wish: FitWish) -> (CloudProfile, String) {
    let (nodes, requests, spells) = trace();
    profiled_of(&nodes, &requests, &spells, wish)
}

fn profiled_of(
    nodes: &[NodeRecord],
    requests: &[RequestRecord],
    spells: &[SpellRecord],
    wish: FitWish,
) -> (CloudProfile, String) {
    let profile = fit(
        FitInput {
            nodes,
            requests,
            spells,
            longest_wait: None,
            horizon: Time(200 * DAY),
            clock: &Clock::default(),
        },
        wish,
    )
    .expect("a profile");
    let carried = CarriedOver::of(
        "[scenario]\nname = \"secret-name\"\nepoch = \"2031-07-05T00:00:00Z\"\nhorizon = \"200d\"\ntime_zone = \"Europe/Berlin\"\n\
         strategies = [\"withdraw\"]\n[[workload]]\ntrace = \"secret.csv\"\non_refusal = { wait = \"2h\" }\n\
         [ironic]\ndeploy = \"5m\"\n[control_plane]\nquota = 40\ntenant_quota = [{ tenant = \"secret-tenant-1\" }]\n",
    );
    let text = scenario(&profile, &carried.expect("TOML"), "ours");
    (profile, text)
}

fn quick() -> FitWish {
    FitWish {
        samples: 19,
        ..FitWish::default()
    }
}

#[test]
fn no_row_no_name_and_no_time_of_the_trace_is_in_the_profile() {
    let (_, text) = profiled(quick());
    assert!(!text.contains("secret"), "{text}");
    assert!(!text.contains("2031"), "{text}");
    let (_, requests, spells) = trace();
    let instants = requests.iter().flat_map(|it| [it.arrival_ms, it.start_ms, it.hold_ms]);
    let instants = instants.chain(
        spells
            .iter()
            .flat_map(|it| [Some(it.start_ms), it.end_ms].into_iter().flatten()),
    );
    for ms in instants.filter(|&ms| ms > 0) {
        let span = crate::kernel::Span(ms).to_string();
        assert!(!text.contains(&format!("\"{span}\"")), "{span}");
        assert!(!text.contains(&ms.to_string()), "{ms}");
    }
    // What the site says of itself is carried over.
    for kept in [
        "time_zone = \"Europe/Berlin\"",
        "deploy = \"5m\"",
        "quota = 40",
        "wait = \"2h\"",
    ] {
        assert!(text.contains(kept), "{kept}: {text}");
    }
}

/// A law of one row is that row: it is told as that of a wider group, and so is a kind of spell that came once.
#[test]
fn what_has_too_few_rows_is_told_with_others() {
    let (nodes, mut requests, mut spells) = trace();
    for (at, kind) in [(6, RequestKind::Operator), (8, RequestKind::Monitoring)] {
        requests[at].kind = kind;
        requests[at].hold_ms = 7_654_321_000;
        requests[at].count = 7;
    }
    spells[3].kind = "strange".to_owned();
    spells[3].end_ms = spells[3].end_ms.map(|end| end + 1_000_000_000);
    let (profile, text) = profiled_of(&nodes, &requests, &spells, quick());
    // The one length to as few digits as anything is told to.
    for hold in [7_654_321.0_f64, 7_650_000.0, 7_700_000.0, 8_000_000.0] {
        let span = crate::kernel::Span((hold * 1000.0) as u64).to_string();
        assert!(!text.contains(&format!("\"{span}\"")), "{span}: {text}");
    }
    assert!(!text.contains("sizes = [[7, 1]]"), "{text}");
    let few = [
        "hold of operators-metal/5-16",
        "hold of robots-metal/5-16",
        "strange of faults-metal",
    ];
    for law in profile.laws.iter().filter(|law| few.contains(&law.of.as_str())) {
        assert!(law.counts.0 >= super::tried::POOLED, "{law:?}");
    }
    assert!(profile.laws.iter().filter(|law| few.contains(&law.of.as_str())).count() == 3);
    for (said, count) in [("fewer than 10 of their flavor", 2), ("of kinds with fewer than 10", 1)] {
        let found = profile.left_out.iter().find(|it| it.what.contains(said));
        assert!(
            found.is_some_and(|it| it.count >= count),
            "{said}: {:?}",
            profile.left_out
        );
    }
    // Where all together are too few, the mean stands to one digit.
    let (_, text) = profiled_of(&nodes, &requests[6..7], &[], quick());
    assert!(text.contains("hold = { exponential = \"92d"), "{text}");
}

#[test]
fn classes_are_renamed_where_that_is_asked_for() {
    let (_, text) = profiled(FitWish {
        rename_classes: true,
        ..quick()
    });
    let laws = text.split_once("[scenario]").expect("a head").1;
    assert!(!laws.contains("gpu") && !laws.contains("metal"), "{text}");
    assert!(laws.contains("class = \"class-1\"") && laws.contains("class = \"class-2\""));
}

#[test]
fn hours_trends_traits_and_late_classes_are_found() {
    let (profile, text) = profiled(quick());
    let part = |name: &str| {
        profile
            .demand
            .iter()
            .find(|part| part.name == name)
            .expect("a workload")
    };
    let hours = part("people-metal").rate.hours.clone().expect("hours");
    assert!(hours[3] == 0.0 && hours[12] > 2.0, "{hours:?}");
    let trend = part("people-gpu").rate.trend.clone().expect("a trend");
    assert!(
        trend[..3].iter().all(|rate| *rate == 0.0) && trend[5] > 1.0,
        "{trend:?}"
    );
    let gpus: u64 = profile
        .fleet
        .iter()
        .filter(|it| it.class == "gpu")
        .map(|it| it.nodes)
        .sum();
    assert_eq!(gpus, 4);
    assert!(text.contains("traits = [\"CUSTOM_FAST\"]") && text.contains("min_count = 1"));
    let fast = part("people-metal").flavors.iter().filter(|it| !it.traits.is_empty());
    assert!(fast.map(|it| it.seen).sum::<u64>() > 40);
    // All per_day of a workload together, over all hours of its trend, are the requests that were seen.
    let gpu = part("people-gpu");
    let per_day: f64 = gpu.flavors.iter().map(|it| it.per_day).sum();
    let lengths = (0..trend.len()).map(|at| (200.0 - at as f64 * 28.0).min(28.0));
    let expected: f64 = trend
        .iter()
        .zip(lengths)
        .map(|(rate, days)| rate * days * per_day)
        .sum();
    assert!(
        (expected - gpu.rate.seen as f64).abs() < 1e-6 * expected,
        "{expected} of {}",
        gpu.rate.seen
    );
}

#[test]
fn what_is_left_out_is_counted() {
    let (nodes, mut requests, spells) = trace();
    requests[0].start_ms = 0;
    requests[0].arrival_ms = 0;
    requests[1].resource_class = "unheard-of".to_owned();
    requests[2].start_ms = 500 * DAY;
    requests[3].count = 99;
    let profile = fit(
        FitInput {
            nodes: &nodes,
            requests: &requests,
            spells: &spells,
            longest_wait: None,
            horizon: Time(200 * DAY),
            clock: &Clock::default(),
        },
        quick(),
    )
    .expect("a profile");
    let seen: u64 = profile.demand.iter().map(|part| part.rate.seen).sum();
    assert_eq!(seen, 697);
    for said in [
        "run when the trace begins",
        "class that the profile's fleet has not",
        "after the trace's end",
        "more machines",
    ] {
        let found = profile.left_out.iter().find(|it| it.what.contains(said));
        assert_eq!(found.map(|it| it.count), Some(1), "{said}: {:?}", profile.left_out);
    }
}

#[test]
fn robots_are_known_by_the_rule() {
    let (nodes, mut requests, spells) = trace();
    for n in 0..500 {
        requests.push(RequestRecord {
            request_id: format!("check-{n}"),
            arrival_ms: 1 + n * DAY / 3,
            start_ms: 1 + n * DAY / 3,
            hold_ms: 30_000,
            user: "secret-robot".to_owned(),
            count: 1,
            min_count: 1,
            ..requests[1].clone()
        });
    }
    let input = FitInput {
        nodes: &nodes,
        requests: &requests,
        spells: &spells,
        longest_wait: None,
        horizon: Time(200 * DAY),
        clock: &Clock::default(),
    };
    let profile = fit(input, quick()).expect("a profile");
    let robots = profile
        .demand
        .iter()
        .find(|part| part.kind == RequestKind::Monitoring)
        .expect("robots");
    assert_eq!(robots.rate.seen, 500);
    // As even as a clock: no Poisson process.
    assert!(
        robots.rate.evenness.expect("enough").p < 0.1 && robots.rate.dispersion < 0.5,
        "{robots:?}"
    );
}

#[test]
fn nothing_is_made_of_nothing() {
    let (nodes, requests, spells) = trace();
    let clock = Clock::default();
    let input = |nodes, requests, horizon| FitInput {
        nodes,
        requests,
        spells: &spells,
        longest_wait: None,
        horizon: Time(horizon),
        clock: &clock,
    };
    let whole = 200 * DAY;
    assert_eq!(
        fit(input(&[], &requests, whole), quick()).err(),
        Some(FitError::Empty("nodes.csv"))
    );
    assert_eq!(
        fit(input(&nodes, &[], whole), quick()).err(),
        Some(FitError::Empty("requests.csv"))
    );
    let none = fit(input(&nodes, &requests[..1], 1), quick()).err();
    assert!(matches!(none, Some(FitError::NoDemand(_))), "{none:?}");
}

#[test]
fn the_same_files_give_the_same_bytes() {
    assert_eq!(profiled(quick()).1, profiled(quick()).1);
}
