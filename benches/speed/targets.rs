//! What is aimed at, and what this run reached: a table in Markdown, every figure from this run but those that are
//! said to be recorded elsewhere.

use crate::decide::{BURDENS, Burden, Desk};
use crate::hold::Held;
use crate::lean::{Heap, Ladder, Load, Small, chacha};
use crate::measure::{alone, clock, median, ratio};
use crate::{full, input, lean, threads};

/// Recorded elsewhere, on another machine of this kind: DSLab-IaaS (not on crates.io) on W1, nanoseconds a request.
const DSLAB_NS: [(usize, f64); 2] = [(1_000, 118_974.0), (10_000, 3_502_852.0)];
/// Recorded elsewhere: Nova 34's filters and weighers over so many hosts in memory, nanoseconds a decision.
const NOVA_NS: [(usize, f64); 2] = [(60, 3_200_000.0), (1_000, 48_000_000.0)];

fn row(what: &str, reached: &str, start: &str, goal: &str) {
    println!("| {what} | {reached} | {start} | {goal} |");
}

/// Hours in which a fleet of this size is asked about 200,000 times, but a day at least.
pub fn hours(nodes: usize) -> u64 {
    (24 * 200_000 / (95 * nodes as u64 / 100)).max(24)
}

pub fn print() {
    println!("\n| target | here | from the start | goal |\n|---|---|---|---|");
    memory();
    limits();
    loss();
    holds();
    decisions();
    two_threads();
    inputs();
    println!("\nInstructions a request: `benches/instructions`. Peers: `benches/peers/run`.");
}

fn memory() {
    let fleet = |nodes: usize, hours: u64| alone(&["memory", "w2", &nodes.to_string(), &hours.to_string()]);
    let agenda = |pending: usize| alone(&["memory", "agenda", &pending.to_string(), "0"]);
    let per = |less: Option<(u64, u64)>, more: Option<(u64, u64)>, units: Option<u64>| {
        let (Some((low, first)), Some((high, second))) = (less, more) else {
            return "the system does not say".to_owned();
        };
        let units = units.unwrap_or_else(|| second.saturating_sub(first)).max(1);
        format!("{:.0}", high.saturating_sub(low) as f64 / units as f64)
    };
    let reached = per(fleet(1_000, 1), fleet(101_000, 1), Some(100_000));
    row(
        "peak resident bytes a node at 100,000 (W2 full, loaded and run an hour)",
        &reached,
        "<= 400",
        "<= 160",
    );
    let reached = per(agenda(1_000), agenda(1_001_000), Some(1_000_000));
    row(
        "peak resident bytes a pending event of the agenda",
        &reached,
        "<= 100",
        "<= 32",
    );
    let reached = per(fleet(1_000, 500), fleet(1_000, 20_500), None);
    row(
        "peak resident bytes a request of the run (W2 full, 1,000 nodes)",
        &reached,
        "<= 100",
        "<= 32",
    );
}

/// W2, full against the lean loop.
fn limits() {
    let mut per_request = Vec::new();
    for nodes in [1_000, 10_000, 100_000, 1_000_000] {
        let load = Load::w2(nodes, hours(nodes));
        let scenario = full::scenario(&load);
        let whole = || full::run(&scenario, &load);
        if nodes < 1_000_000 {
            let to_chacha = ratio(whole, || lean::run::<Ladder>(&load, chacha()));
            row(
                &format!("W2 full / lean loop, {nodes} nodes"),
                &format!("{to_chacha:.2}"),
                "<= 8",
                "<= 2.2",
            );
            let to_small = ratio(whole, || lean::run::<Ladder>(&load, Small(1)));
            row(
                &format!("W2 full / lean limit (small generator), {nodes} nodes"),
                &format!("{to_small:.2}"),
                "",
                "",
            );
            let heap = ratio(
                || lean::run::<Heap>(&load, Small(1)),
                || lean::run::<Ladder>(&load, Small(1)),
            );
            row(
                &format!("W2 lean on std's heap / on the agenda, {nodes} nodes"),
                &format!("{heap:.2}"),
                "",
                "",
            );
        }
        let rounds = if nodes < 1_000_000 { 3 } else { 1 };
        let each = (0..rounds).map(|_| {
            let (seconds, count) = clock(whole);
            seconds * 1e9 / count.asked as f64
        });
        per_request.push(median(each.collect()));
    }
    let reached = format!("{per_request:.0?}");
    row(
        "W2 full, ns a request at 1,000, 10,000, 100,000 and 1,000,000 nodes",
        &reached,
        "",
        "",
    );
    let reached = format!("{:.2}", per_request[3] / per_request[0]);
    row("W2 full a request, 1,000,000 / 1,000 nodes", &reached, "<= 6", "<= 2.5");
}

/// W1, full, held against Erlang B while it is measured.
fn loss() {
    for ((nodes, dslab), goal) in DSLAB_NS.into_iter().zip([">= 500", ">= 10,000"]) {
        let load = Load::w1(nodes, hours(nodes));
        let scenario = full::scenario(&load);
        let each = (0..5).map(|_| {
            let (seconds, count) = clock(|| full::run(&scenario, &load));
            seconds * 1e9 / count.asked as f64
        });
        let ns = median(each.collect());
        let what = format!("W1 full, DSLab-IaaS's {dslab:.0} ns (recorded elsewhere) / ours, {nodes} nodes");
        row(&what, &format!("{:.0} ({ns:.0} ns)", dslab / ns), ">= 100", goal);
        let to_lean = ratio(|| full::run(&scenario, &load), || lean::run::<Ladder>(&load, Small(1)));
        row(
            &format!("W1 full / lean limit, {nodes} nodes"),
            &format!("{to_lean:.2}"),
            "",
            "",
        );
    }
}

fn holds() {
    for (pending, goal) in [(1_000, ""), (10_000, ">= 1.8"), (100_000, ">= 3"), (1_000_000, ">= 8")] {
        let (mut heap, mut ladder) = (Held::<Heap>::new(pending), Held::<Ladder>::new(pending));
        // Both turn over once before anything is timed: a queue that was only filled is not one in use.
        let turn = u64::from(pending);
        assert_eq!(heap.hold(turn), ladder.hold(turn), "the queues differ");
        let reached = ratio(|| heap.hold(1_000_000), || ladder.hold(1_000_000));
        let what = format!("W3: std's heap / agenda, {pending} pending");
        row(&what, &format!("{reached:.2}"), ">= 1", goal);
    }
}

fn decisions() {
    let ns = |nodes: usize, burden: Burden| {
        let mut desk = Desk::new(nodes, burden);
        let once = clock(|| desk.decide(20)).0 / 20.0;
        let times = ((0.05 / once) as u64).clamp(20, 200_000);
        median(
            (0..3)
                .map(|_| clock(|| desk.decide(times)).0 * 1e9 / times as f64)
                .collect(),
        )
    };
    for (name, burden) in BURDENS {
        let each = [1_000, 10_000, 100_000, 1_000_000].map(|nodes| ns(nodes, burden));
        let what = format!("a decision, {name}, ns at 1,000, 10,000, 100,000 and 1,000,000 nodes");
        row(&what, &format!("{each:.0?}"), "", "");
    }
    for ((hosts, nova), goal) in NOVA_NS.into_iter().zip([">= 10,000", ">= 100,000"]) {
        let ours = ns(hosts, Burden::Cap);
        let what = format!("a decision, Nova's {nova:.0} ns (recorded elsewhere) / ours, {hosts} hosts");
        row(&what, &format!("{:.0} ({ours:.0} ns)", nova / ours), "", goal);
    }
}

fn two_threads() {
    let mut scenario = full::scenario(&Load::w2(4_000, 240));
    scenario.replications = 6;
    let reached = ratio(
        || threads::replications(&scenario, 1),
        || threads::replications(&scenario, 2),
    );
    row(
        "replications, 1 thread / 2 threads",
        &format!("{reached:.2}"),
        ">= 1.6",
        ">= 1.9",
    );
    let sizes = threads::sizes(50);
    let reached = ratio(|| threads::sweep(&sizes, 120, 1), || threads::sweep(&sizes, 120, 2));
    row(
        "a sweep of 200 cells, 1 thread / 2 threads",
        &format!("{reached:.2}"),
        "",
        "",
    );
}

fn inputs() {
    let reached = match input::recorded() {
        Some(recorded) => {
            let ratio = ratio(|| input::replayed(&recorded.scenario), || input::plain(&recorded.rows));
            format!("{ratio:.2}")
        }
        None => "skipped: no ../shared".to_owned(),
    };
    row(
        "CHI@TACC, 893 days, one strategy / one plain loop over the same rows",
        &reached,
        "",
        "<= 10",
    );
    let rows = std::env::var("SICKBAY_BENCH_ROWS")
        .ok()
        .and_then(|rows| rows.parse().ok())
        .unwrap_or(500_000);
    let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
    let path = input::written(rows, folder.path());
    let share = ratio(|| input::bare(&path), || input::read(&path));
    let what = format!("reading {rows} requests, our rate / the csv crate's bare loop");
    row(&what, &format!("{:.0} %", share * 100.0), "", ">= 60 %");
    let share = ratio(|| input::bare(&path), || input::scenario(&path));
    let what = format!("loading a scenario over {rows} requests, our rate / the csv crate's bare loop");
    row(&what, &format!("{:.0} %", share * 100.0), "", "");
}
