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
use sickbay::experiment::{column, run_cell};
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
    let outcome = run_cell(scenario, 0, 0, &|| false);
    let value = |name| column(name).and_then(|at| outcome.values[at]).unwrap_or(0.0);
    assert!(value("acceptance") > 0.85, "{}", value("acceptance"));
    value("requests") as u64
}

/// The lean loop: the same fleet, arrivals, faults and technicians by hand, and nothing else.
fn lean(nodes: usize, hours: u64) -> u64 {
    let mut stream = Seed {
        master: 1,
        replication: 0,
    }
    .stream(1, 1);
    let hour = 3_600_000_u64;
    let law = |hours: u64| Law::Exponential(Span::hours(hours));
    let (hold, fault, repair) = (law(24), law(720), law(8));
    let gap = Law::Exponential(Span((24 * hour) * 100 / (95 * nodes as u64)));
    let mut free: Vec<VecDeque<u32>> = vec![VecDeque::new(); CLASSES];
    (0..nodes).for_each(|node| free[node % CLASSES].push_back(node as u32));
    let mut up = vec![true; nodes];
    let (mut technicians, mut queue) = (nodes.div_ceil(60), VecDeque::new());
    let mut heap: BinaryHeap<Reverse<(u64, u8, u32)>> = BinaryHeap::new();
    (0..nodes).for_each(|node| heap.push(Reverse((fault.draw(&mut stream).0, 2, node as u32))));
    heap.push(Reverse((gap.draw(&mut stream).0, 0, 0)));
    let (mut asked, mut refused) = (0_u64, 0_u64);
    while let Some(Reverse((at, what, node))) = heap.pop() {
        if at >= hours * hour {
            break;
        }
        match what {
            0 => {
                asked += 1;
                let class = stream.below(CLASSES as u64) as usize;
                while free[class].front().is_some_and(|&node| !up[node as usize]) {
                    free[class].pop_front();
                }
                match free[class].pop_front() {
                    Some(node) => heap.push(Reverse((at + hold.draw(&mut stream).0, 1, node))),
                    None => refused += 1,
                }
                heap.push(Reverse((at + gap.draw(&mut stream).0, 0, 0)));
            }
            1 if up[node as usize] => free[node as usize % CLASSES].push_back(node),
            1 => {}
            2 => {
                up[node as usize] = false;
                queue.push_back(node);
            }
            _ => {
                up[node as usize] = true;
                technicians += 1;
                free[node as usize % CLASSES].push_back(node);
                heap.push(Reverse((at + fault.draw(&mut stream).0, 2, node)));
            }
        }
        while technicians > 0
            && let Some(node) = queue.pop_front()
        {
            technicians -= 1;
            heap.push(Reverse((at + repair.draw(&mut stream).0, 3, node)));
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

fn main() {
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
        let cells = points.len() * 4;
        println!("sweep of {cells} cells: 2 threads are {r:.2} x as fast as 1");
        for pending in [10_000, 100_000] {
            let r = ratio(&mut || hold_heap(pending, 200_000), &mut || {
                hold_agenda(pending, 200_000)
            });
            println!("w3 at {pending} pending: std heap takes {r:.2} x the agenda's time");
        }
        for &nodes in sizes {
            let scenario = fleet(nodes, hours);
            let r = ratio(&mut || full(&scenario), &mut || lean(nodes, hours));
            println!("w2 at {nodes} nodes: the full program takes {r:.2} x the lean loop's time");
        }
    }
    criterion.final_summary();
}
