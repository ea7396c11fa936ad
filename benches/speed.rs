//! How fast the program is, as ratios within one run: the agenda against std's `BinaryHeap`, and
//! the whole program (view, filters, metrics, audit, digest) against a lean hand-made loop over
//! the same kind of fleet; and how much faster a sweep is on two threads. Each bench asserts what
//! it computes, so that it cannot get faster by doing something else. `cargo bench -- --test` runs
//! everything once, unmeasured.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::hint::black_box;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use criterion::Criterion;
use sickbay::experiment::sweep::{Course, Job, run_cells};
use sickbay::experiment::{Options, column, run, run_cell, tape_of};
use sickbay::kernel::streams::Seed;
use sickbay::kernel::{Agenda, Law, Ranked, Span, Time};
use sickbay::scenario::{Scenario, load};

#[derive(Clone, Copy)]
struct Tick;

impl Ranked for Tick {
    fn rank(&self) -> u8 {
        0
    }
}

/// W3, the hold model: pop the earliest, push it again an exponential time later.
fn hold_agenda(pending: u64, holds: u64) -> u64 {
    let mut stream = Seed {
        master: 1,
        replication: 0,
    }
    .stream(1, 1);
    let mut agenda = Agenda::new();
    (0..pending).for_each(|_| agenda.push(Time(stream.below(2_000_000)), Tick));
    let mut last = Time::ZERO;
    for _ in 0..holds {
        if let Some((at, tick)) = agenda.pop() {
            assert!(at >= last, "time runs forward");
            last = at;
            agenda.push(at + Span(stream.below(2_000_000)), tick);
        }
    }
    last.0
}

/// The same on std's heap of 16-byte entries.
fn hold_heap(pending: u64, holds: u64) -> u64 {
    let mut stream = Seed {
        master: 1,
        replication: 0,
    }
    .stream(1, 1);
    let mut heap = BinaryHeap::new();
    let mut pushed = 0_u64;
    let mut push = |heap: &mut BinaryHeap<Reverse<u128>>, at: u64| {
        heap.push(Reverse(u128::from(at) << 64 | u128::from(pushed)));
        pushed += 1;
    };
    (0..pending).for_each(|_| push(&mut heap, stream.below(2_000_000)));
    let mut last = 0;
    for _ in 0..holds {
        if let Some(Reverse(key)) = heap.pop() {
            last = (key >> 64) as u64;
            push(&mut heap, last + stream.below(2_000_000));
        }
    }
    last
}

const CLASSES: usize = 8;

/// W2 as a planner runs it: eight classes, twenty tenants, faults every 30 days, N/60 technicians.
fn fleet(nodes: usize, hours: u64) -> Scenario {
    let mut text = format!(
        "# How fast is it?\n[scenario]\nname = \"w2\"\nepoch = \"2026-01-01T00:00:00Z\"\nhorizon = \"{hours}h\"\nseed = 1\n\
         replications = 1\nbaseline = \"withdraw\"\nstrategies = [\"withdraw\"]\n\
         [control_plane]\nloop = \"instant\"\ncap = \"none\"\npick = \"least-recent\"\n\
         [ironic]\ndeploy = \"0s\"\ncleaning = \"0s\"\nbuild_failure = 0\nclean_failure = 0\n\
         [operators]\ntechnicians = {}\naction = \"0s\"\nslip = 0\n\
         [[maintenance.faults]]\nbetween = {{ exponential = \"720h\" }}\nerrands = {{ counts = [[0, 1]], duration = \"1h\" }}\n\
         [[maintenance.faults.kind]]\nname = \"any\"\nshare = 1\ninterrupts = true\ndeploy_fails = 1\ndetection = \"0s\"\n\
         work = {{ exponential = \"8h\" }}\n[fleet]\n",
        nodes.div_ceil(60)
    );
    for class in 0..CLASSES {
        text += &format!("[[fleet.group]]\nclass = \"c{class}\"\nnodes = {}\n", nodes / CLASSES);
    }
    text += "[[workload]]\nname = \"all\"\ntenants = 20\n";
    for class in 0..CLASSES {
        let per_day = 0.95 * (nodes / CLASSES) as f64;
        text += &format!(
            "[[workload.flavor]]\nclass = \"c{class}\"\nper_day = {per_day}\nsizes = 1\nhold = {{ exponential = \"24h\" }}\n"
        );
    }
    load(&text, "w2.toml", Path::new("."), &[]).unwrap_or_else(|problems| panic!("{}", problems[0]))
}

/// One cell of it; the number of requests that it decided.
fn full(scenario: &Scenario) -> u64 {
    // Replication 1: replication 0 also keeps a log of every request.
    full_at(scenario, 1)
}

fn full_at(scenario: &Scenario, replication: u32) -> u64 {
    let outcome = run_cell(scenario, 0, replication, &|| false);
    let value = |name| column(name).and_then(|at| outcome.values[at]).unwrap_or(0.0);
    assert!(value("acceptance") > 0.85, "{}", value("acceptance"));
    value("requests") as u64
}

/// What happens in the lean loop, to this node.
#[derive(Clone, Copy)]
enum Lean {
    Leaves(u32),
    Breaks(u32),
    Mended(u32),
}

impl Ranked for Lean {
    fn rank(&self) -> u8 {
        match self {
            Lean::Leaves(_) => 0,
            Lean::Breaks(_) => 1,
            Lean::Mended(_) => 2,
        }
    }
}

/// The lean loop, the measuring stick: the same fleet, arrivals, faults and technicians by hand on
/// a ladder queue, the next arrival in a register, and nothing else.
fn lean(nodes: usize, hours: u64) -> u64 {
    let mut stream = Seed {
        master: 1,
        replication: 0,
    }
    .stream(1, 1);
    let law = |hours: u64| Law::Exponential(Span::hours(hours));
    let (hold, fault, repair) = (law(24), law(720), law(8));
    let gap = Law::Exponential(Span(24 * 3_600_000 * 100 / (95 * nodes as u64)));
    let end = Time::ZERO + Span::hours(hours);
    let mut free: Vec<VecDeque<u32>> = vec![VecDeque::new(); CLASSES];
    (0..nodes).for_each(|node| free[node % CLASSES].push_back(node as u32));
    let mut up = vec![true; nodes];
    let (mut technicians, mut queue) = (nodes.div_ceil(60), VecDeque::new());
    let mut agenda = Agenda::new();
    (0..nodes).for_each(|node| agenda.push(Time::ZERO + fault.draw(&mut stream), Lean::Breaks(node as u32)));
    let mut arrival = Time::ZERO + gap.draw(&mut stream);
    let (mut asked, mut refused) = (0_u64, 0_u64);
    loop {
        if agenda.next_time().is_none_or(|next| arrival < next) {
            if arrival >= end {
                break;
            }
            asked += 1;
            let class = stream.below(CLASSES as u64) as usize;
            while free[class].front().is_some_and(|&node| !up[node as usize]) {
                free[class].pop_front();
            }
            match free[class].pop_front() {
                Some(node) => agenda.push(arrival + hold.draw(&mut stream), Lean::Leaves(node)),
                None => refused += 1,
            }
            arrival += gap.draw(&mut stream);
            continue;
        }
        let Some((at, what)) = agenda.pop().filter(|(at, _)| *at < end) else {
            break;
        };
        match what {
            Lean::Leaves(node) if up[node as usize] => free[node as usize % CLASSES].push_back(node),
            Lean::Leaves(_) => {}
            Lean::Breaks(node) => {
                up[node as usize] = false;
                queue.push_back(node);
            }
            Lean::Mended(node) => {
                up[node as usize] = true;
                technicians += 1;
                free[node as usize % CLASSES].push_back(node);
                agenda.push(at + fault.draw(&mut stream), Lean::Breaks(node));
            }
        }
        while technicians > 0
            && let Some(node) = queue.pop_front()
        {
            technicians -= 1;
            agenda.push(at + repair.draw(&mut stream), Lean::Mended(node));
        }
    }
    assert!(refused * 5 < asked, "{refused} of {asked}");
    asked
}

/// The cells of a sweep over the fleet's size on so many threads; the requests that were decided in all of them.
fn sweep(sizes: &[usize], hours: u64, threads: usize) -> u64 {
    let jobs: Vec<Job> = (0..sizes.len())
        .flat_map(|point| {
            (0..4).map(move |replication| Job {
                point,
                variant: 0,
                replication,
            })
        })
        .collect();
    let (decided, requests) = (AtomicU64::new(0), column("requests"));
    let tell = |_: usize, course: Course| {
        if let Course::Values(values) = course {
            let own = requests.and_then(|at| values[at]).unwrap_or(0.0);
            decided.fetch_add(own as u64, Ordering::Relaxed);
        }
        ControlFlow::Continue(())
    };
    let ran = run_cells(&jobs, &|point| Ok(fleet(sizes[point], hours)), threads, &tell, &|| {
        false
    });
    assert!(ran.is_ok(), "{ran:?}");
    decided.into_inner()
}

#[expect(clippy::disallowed_methods, reason = "a bench is what the wall clock is for")]
fn clock(work: &mut dyn FnMut() -> u64) -> Duration {
    let begun = Instant::now();
    black_box(work());
    begun.elapsed()
}

/// The ratio of two kinds of work, taken in alternation: the median of five rounds.
fn ratio(ours: &mut dyn FnMut() -> u64, theirs: &mut dyn FnMut() -> u64) -> f64 {
    let mut ratios: Vec<f64> = (0..5)
        .map(|_| clock(ours).as_secs_f64() / clock(theirs).as_secs_f64())
        .collect();
    ratios.sort_by(f64::total_cmp);
    ratios[2]
}

/// The resident set of this process, in bytes; none where the system does not say.
fn resident() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim()
        .trim_end_matches(" kB")
        .trim()
        .parse::<usize>()
        .ok()
        .map(|kb| kb * 1024)
}

/// What a loaded scenario and a run add to the resident set, per node.
fn bytes_per_node(nodes: usize) -> Option<f64> {
    let before = resident()?;
    let scenario = fleet(nodes, 1);
    full_at(&scenario, 1);
    Some(resident()?.saturating_sub(before) as f64 / nodes as f64)
}

/// Six replications, on so many threads.
fn replications(scenario: &Scenario, threads: usize) -> u64 {
    let options = Options {
        threads: Some(threads),
        variants: None,
    };
    let ran = run(scenario, &options, &|_| {}, &|| false);
    ran.map_or(0, |results| u64::from(results.replications > 0))
}

/// The ratios, each within this run, beside what is aimed at.
fn ratios() {
    let line = |what: &str, ratio: f64, start: &str, goal: &str| {
        println!("{what:<58} {ratio:>8.2}   from the start {start:<8} goal {goal}");
    };
    // First of all, while nothing that was freed can be used again.
    if let Some(bytes) = bytes_per_node(100_000) {
        line("resident bytes a node at 100,000 nodes", bytes, "<= 400", "<= 160");
    }
    for (pending, goal) in [(10_000, ">= 1.8"), (100_000, ">= 3"), (1_000_000, ">= 8")] {
        let r = ratio(&mut || hold_heap(pending, 400_000), &mut || {
            hold_agenda(pending, 400_000)
        });
        line(&format!("w3: std heap / agenda at {pending} pending"), r, ">= 1", goal);
    }
    let hours = |nodes: usize| (2_400_000 / nodes as u64).clamp(24, 240);
    let mut per_request = Vec::new();
    for nodes in [1_000, 10_000, 100_000] {
        let scenario = fleet(nodes, hours(nodes));
        let r = ratio(&mut || full(&scenario), &mut || lean(nodes, hours(nodes)));
        line(&format!("w2: full / lean loop at {nodes} nodes"), r, "<= 8", "<= 2.2");
        per_request.push(clock(&mut || full(&scenario)).as_nanos() as f64 / full(&scenario) as f64);
    }
    let million = fleet(1_000_000, 24);
    let mut requests = 0;
    let whole = clock(&mut || {
        requests = full(&million);
        requests
    });
    per_request.push(whole.as_nanos() as f64 / requests as f64);
    println!("w2: full, ns per request at 1,000, 10,000, 100,000 and 1,000,000 nodes: {per_request:.0?}");
    line(
        "w2: full per request, 1,000,000 / 1,000 nodes",
        per_request[3] / per_request[0],
        "<= 6",
        "<= 2.5",
    );
    drop(million);
    let scenario = Scenario {
        replications: 6,
        ..fleet(4_000, 240)
    };
    let r = ratio(&mut || replications(&scenario, 1), &mut || replications(&scenario, 2));
    line("replications: 1 thread / 2 threads", r, ">= 1.6", ">= 1.9");
}

/// One run of one kind, for a profiler: `profile w2|lean|tape|load NODES [HOURS]`; how many requests, or nodes, it had.
fn profile(words: &[String]) {
    let number = |at: usize, default: u64| words.get(at).and_then(|word| word.parse().ok()).unwrap_or(default);
    let (nodes, hours) = (number(1, 10_000) as usize, number(2, 72));
    let requests = match words.first().map(String::as_str) {
        Some("lean") => lean(nodes, hours),
        Some("load") => fleet(nodes, hours).fleet.nodes.len() as u64,
        Some("tape") => tape_of(&fleet(nodes, hours), 1).len() as u64,
        _ => full(&fleet(nodes, hours)),
    };
    println!("{requests} requests");
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    if words.first().is_some_and(|word| word == "profile") {
        return profile(&words[1..]);
    }
    let once = std::env::args().any(|arg| arg == "--test");
    let mut criterion = Criterion::default().configure_from_args().sample_size(10);
    let (sizes, hours): (&[usize], u64) = if once { (&[80], 48) } else { (&[1_000, 10_000], 240) };
    for &pending in if once { &[100_u64][..] } else { &[10_000, 100_000] } {
        let holds = if once { 100 } else { 200_000 };
        criterion.bench_function(&format!("w3 agenda {pending}"), |b| {
            b.iter(|| hold_agenda(pending, holds))
        });
        criterion.bench_function(&format!("w3 std heap {pending}"), |b| {
            b.iter(|| hold_heap(pending, holds))
        });
    }
    for &nodes in sizes {
        let scenario = fleet(nodes, hours);
        criterion.bench_function(&format!("w2 full {nodes}"), |b| b.iter(|| full(&scenario)));
        criterion.bench_function(&format!("w2 lean {nodes}"), |b| b.iter(|| lean(nodes, hours)));
    }
    let points: Vec<usize> = sizes.iter().flat_map(|size| [size / 2, size / 4 * 3, *size]).collect();
    let alone = sweep(&points, hours, 1);
    assert!(
        alone > 0 && alone == sweep(&points, hours, 2),
        "threads change what is computed"
    );
    if !once {
        let r = ratio(&mut || sweep(&points, hours, 1), &mut || sweep(&points, hours, 2));
        println!(
            "sweep of {} cells: 2 threads are {r:.2} x as fast as 1",
            points.len() * 4
        );
        ratios();
    }
    criterion.final_summary();
}
