//! How fast the program is: ratios within one run, beside what is aimed at. Each bench asserts what it computes
//! (requests, refusals against Erlang B, the digest of what was popped), so that it cannot get faster by doing
//! something else, and none asserts a time.
//!
//! - `cargo bench` measures with criterion and then prints the table of targets; `cargo bench -- targets` prints the table
//!   alone; `cargo bench -- --test` runs everything once at toy size.
//! - `cargo bench -- profile WHAT NODES HOURS` runs one thing once, for valgrind (`benches/instructions` does so).

mod decide;
mod full;
mod hold;
mod input;
mod lean;
mod measure;
mod targets;
mod threads;

use std::hint::black_box;

use criterion::Criterion;
use hold::Held;
use lean::{Count, Happens, Heap, Ladder, Load, Queue, Small, chacha};

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["profile", what, nodes, hours] => profile(what, number(nodes), number(hours) as u64),
        ["memory", what, nodes, hours] => memory(what, number(nodes), number(hours) as u64),
        ["targets"] => targets::print(),
        _ if words.contains(&"--test") => {
            smoke();
            benches(Criterion::default().configure_from_args().sample_size(10), true);
        }
        _ => {
            benches(Criterion::default().configure_from_args().sample_size(10), false);
            targets::print();
        }
    }
}

fn number(word: &str) -> usize {
    word.parse().unwrap_or_else(|_| panic!("{word} is no number"))
}

/// One thing, once; says how many requests there were.
fn profile(what: &str, nodes: usize, hours: u64) {
    let (w1, w2) = (Load::w1(nodes, hours), Load::w2(nodes, hours));
    let count = match what {
        "w1" => full::run(&full::scenario(&w1), &w1),
        "w2" => full::run(&full::scenario(&w2), &w2),
        "w1-lean" => lean::run::<Ladder>(&w1, Small(1)),
        "w2-lean" => lean::run::<Ladder>(&w2, Small(1)),
        "w2-lean-chacha" => lean::run::<Ladder>(&w2, chacha()),
        other => panic!("`{other}` is none of w1, w2, w1-lean, w2-lean, w2-lean-chacha"),
    };
    println!("{}", count.asked);
}

/// One thing, once; says the peak of memory, and how many requests there were.
fn memory(what: &str, units: usize, hours: u64) {
    let count = match what {
        "w2" => full::count(&full::scenario(&Load::w2(units, hours))),
        "agenda" => {
            let mut agenda = Ladder::default();
            (0..units as u32).for_each(|node| agenda.push(u64::from(node), Happens::Leaves(node)));
            black_box(&agenda);
            Count::default()
        }
        other => panic!("`{other}` is neither w2 nor agenda"),
    };
    println!("{} {}", measure::peak().unwrap_or(0), count.asked);
}

/// What has no place among criterion's benches, once.
fn smoke() {
    for (_, burden) in decide::BURDENS {
        assert!(decide::Desk::new(100, burden).decide(20) > 0);
    }
    let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
    let path = input::written(1_000, folder.path());
    assert_eq!(
        (input::bare(&path), input::read(&path), input::scenario(&path)),
        (1_000, 1_000, 1_000)
    );
    assert!(measure::peak().is_none_or(|bytes| bytes > 0));
    let mut scenario = full::scenario(&Load::w2(80, 24));
    scenario.replications = 2;
    assert_eq!(threads::replications(&scenario, 2), 2);
}

fn benches(mut criterion: Criterion, toy: bool) {
    let (sizes, pending): (&[usize], &[u32]) = if toy {
        (&[80], &[100])
    } else {
        (&[1_000, 10_000, 100_000], &[1_000, 10_000, 100_000, 1_000_000])
    };
    let holds = if toy { 100 } else { 200_000 };
    for &pending in pending {
        let (mut heap, mut ladder) = (Held::<Heap>::new(pending), Held::<Ladder>::new(pending));
        assert_eq!(heap.hold(holds), ladder.hold(holds), "the queues differ");
        criterion.bench_function(&format!("w3 agenda {pending}"), |b| b.iter(|| ladder.hold(holds)));
        criterion.bench_function(&format!("w3 std heap {pending}"), |b| b.iter(|| heap.hold(holds)));
    }
    for &nodes in sizes {
        let hours = if toy { 480 } else { targets::hours(nodes) };
        for (name, load) in [("w1", Load::w1(nodes, hours)), ("w2", Load::w2(nodes, hours))] {
            let scenario = full::scenario(&load);
            let first = lean::run::<Ladder>(&load, Small(1));
            assert_eq!(
                first.asked,
                lean::run::<Heap>(&load, Small(1)).asked,
                "the queues differ"
            );
            criterion.bench_function(&format!("{name} full {nodes}"), |b| {
                b.iter(|| full::run(&scenario, &load))
            });
            criterion.bench_function(&format!("{name} lean {nodes}"), |b| {
                b.iter(|| lean::run::<Ladder>(&load, Small(1)))
            });
            criterion.bench_function(&format!("{name} lean, std heap {nodes}"), |b| {
                b.iter(|| lean::run::<Heap>(&load, Small(1)))
            });
        }
    }
    let points = threads::sizes(if toy { 2 } else { 6 });
    let alone = threads::sweep(&points, 48, 1);
    let both = threads::sweep(&points, 48, 2);
    assert!(alone > 0 && alone == both, "threads change what is computed");
    criterion.final_summary();
}
