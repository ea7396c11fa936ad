//! The whole trace, where it lies beside the repository: the figures that it is known by.

use std::collections::BTreeMap;
use std::path::Path;

use super::chameleon::{self, Imported};
use super::neutral::{self, RequestKind};

const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/chameleon-tacc");
const DAY: u64 = 24 * 3_600_000;

fn trace() -> Option<Imported> {
    let source = Path::new(SOURCE);
    if !source.is_dir() {
        #[expect(clippy::print_stdout, reason = "the test says that it did nothing")]
        {
            println!("skipped: no ../shared");
        }
        return None;
    }
    let at = |text: &str| text.parse().expect("a time");
    let (from, to) = (at("2018-03-15T00:00:00Z"), at("2020-08-25T00:00:00Z"));
    Some(chameleon::import(source, (from, to), &[]).expect("the trace is readable"))
}

#[test]
fn the_trace_gives_its_known_figures() {
    let Some(trace) = trace() else { return };
    let count = |what: &str| trace.report.count(what);
    assert_eq!(trace.nodes.len(), 398);
    assert_eq!(trace.spells.len(), 111);
    assert_eq!(count("requests kept: start within the window"), Some(16_962));
    assert_eq!(count("monitoring"), Some(11_875));
    assert_eq!(count("people's"), Some(5_087));
    assert_eq!(count("requests kept: running at the window's begin"), Some(5));
    assert_eq!(trace.requests.len(), 16_962 + 5);
    let robot = |r: &&neutral::RequestRecord| r.kind == RequestKind::Monitoring;
    assert_eq!(trace.requests.iter().filter(robot).count(), 11_875);
    assert_eq!(count("leases read"), Some(24_985));
    assert_eq!(count("machine events read"), Some(2_229));
    assert_eq!(count("leases skipped: end before they start"), Some(156));
    assert_eq!(count("leases skipped: of no length"), Some(1));
    assert_eq!(count("open at the window's end"), Some(54));
    assert_eq!(count("ENABLE skipped: the first of a node"), Some(398));
    let starts_inside = trace.spells.iter().filter(|spell| spell.start_ms > 0);
    assert_eq!(starts_inside.count(), 105);
    let racks: std::collections::BTreeSet<_> = trace.nodes.iter().map(|node| &node.rack).collect();
    assert_eq!(racks.len(), 9);
}

#[test]
fn the_classes_at_the_windows_end_are_the_known_ones() {
    let Some(trace) = trace() else { return };
    let mut classes: BTreeMap<&str, u32> = BTreeMap::new();
    for node in &trace.nodes {
        let last = node.class_changes.last().map(|(_, class)| class);
        *classes.entry(last.unwrap_or(&node.resource_class)).or_default() += 1;
    }
    for (class, nodes) in [
        ("compute_haswell", 210),
        ("compute_haswell_ib", 42),
        ("compute_skylake", 32),
        ("compute_cascadelake", 24),
        ("arm64", 24),
        ("storage", 20),
        ("gpu_p100", 15),
        ("gpu_p100_v100", 1),
    ] {
        assert_eq!(classes.get(class), Some(&nodes), "{class}");
    }
    let changes: usize = trace.nodes.iter().map(|node| node.class_changes.len()).sum();
    assert_eq!(changes, 27);
    let later = trace.nodes.iter().filter(|node| node.available_from_ms > 0);
    assert_eq!(later.count(), 24);
}

/// Leases in use never exceed a class's fleet, but for one: for 53 minutes the trace grants a
/// 25th of 24 `arm64` nodes.
#[test]
fn concurrent_use_stays_within_the_fleet() {
    let Some(trace) = trace() else { return };
    let horizon = 894 * DAY;
    let mut steps: BTreeMap<(&str, u64), i64> = BTreeMap::new();
    for node in &trace.nodes {
        let mut class = node.resource_class.as_str();
        *steps.entry((class, node.available_from_ms)).or_default() += 1;
        for (at, next) in &node.class_changes {
            *steps.entry((class, *at)).or_default() -= 1;
            class = next;
            *steps.entry((class, *at)).or_default() += 1;
        }
    }
    for request in &trace.requests {
        let class = request.resource_class.as_str();
        let nodes = i64::from(request.count);
        *steps.entry((class, request.start_ms)).or_default() -= nodes;
        *steps.entry((class, request.start_ms + request.hold_ms)).or_default() += nodes;
    }
    let mut free: BTreeMap<&str, i64> = BTreeMap::new();
    let mut short: Vec<(&str, i64)> = Vec::new();
    for ((class, at), step) in steps {
        let now = free.entry(class).or_default();
        *now += step;
        if *now < 0 && at < horizon {
            short.push((class, *now));
        }
    }
    // A renamed class empties while its last leases still run, so the old names do not count.
    short.retain(|(class, _)| !matches!(*class, "compute" | "compute_ib"));
    assert_eq!(short, [("arm64", -1)]);
}

#[test]
fn the_trace_survives_the_neutral_files() {
    let Some(trace) = trace() else { return };
    let nodes = neutral::read_nodes(&neutral::write_nodes(&trace.nodes), "n").expect("nodes");
    assert_eq!(nodes.records, trace.nodes);
    let text = neutral::write_requests(&trace.requests);
    let requests = neutral::read_requests(&text, "r").expect("requests");
    assert_eq!(requests.records, trace.requests);
    let spells = neutral::read_spells(&neutral::write_spells(&trace.spells), "s").expect("spells");
    assert_eq!(spells.records, trace.spells);
}
