//! The same two workloads in other simulators, beside ours: `benches/peers/run` builds, runs and writes the table.
//!
//! `peers one PEER WORKLOAD NODES HOURS` runs one, in a process of its own, and says requests, refusals and nanoseconds
//! of CPU; `peers table ROUNDS PYTHON SCRIPT FOLDER` runs all of them in alternation and writes the medians.

#[path = "../../speed/full.rs"]
mod full;
#[path = "../../speed/lean.rs"]
mod lean;
mod model;
mod table;
mod with_desque;
mod with_nexosim;
mod with_simcore;

use std::fs;
use std::time::Instant;

use lean::{Count, Heap, Ladder, Load, Small, chacha};

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["one", peer, workload, nodes, hours] => one(peer, &load(workload, number(nodes), number(hours) as u64)),
        ["table", rounds, python, script, folder] => table::write(number(rounds), &[python, script], folder.as_ref()),
        _ => panic!("one PEER WORKLOAD NODES HOURS, or table ROUNDS PYTHON SCRIPT FOLDER"),
    }
}

fn number(word: &str) -> usize {
    word.parse().unwrap_or_else(|_| panic!("{word} is no number"))
}

fn load(workload: &str, nodes: usize, hours: u64) -> Load {
    match workload {
        "w1" => Load::w1(nodes, hours),
        "w2" => Load::w2(nodes, hours),
        other => panic!("`{other}` is neither w1 nor w2"),
    }
}

/// Runs one peer and says what it did and how long it took. Reading our scenario file is not timed; whatever a peer does
/// to build its model is.
fn one(peer: &str, load: &Load) {
    let ours = (peer == table::OURS).then(|| full::scenario(load));
    let begun = Clock::now();
    let count: Count = match (peer, &ours) {
        (_, Some(scenario)) => full::run(scenario, load),
        ("lean", _) => lean::run::<Ladder>(load, Small(1)),
        ("lean-chacha", _) => lean::run::<Ladder>(load, chacha()),
        ("lean-heap", _) => lean::run::<Heap>(load, Small(1)),
        ("desque", _) => with_desque::run(load).checked(load),
        ("simcore", _) => with_simcore::run(load).checked(load),
        ("nexosim", _) => with_nexosim::run(load).checked(load),
        (other, _) => panic!("there is no peer `{other}`"),
    };
    println!("{} {} {}", count.asked, count.refused, begun.elapsed());
}

/// Nanoseconds of CPU of this thread where the system says, else of the wall.
enum Clock {
    Cpu(u64),
    Wall(Instant),
}

impl Clock {
    fn cpu() -> Option<u64> {
        let said = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
        said.split_whitespace().next()?.parse().ok().filter(|&ns| ns > 0)
    }

    fn now() -> Clock {
        Clock::cpu().map_or_else(|| Clock::Wall(Instant::now()), Clock::Cpu)
    }

    fn elapsed(&self) -> u64 {
        match self {
            Clock::Cpu(begun) => Clock::cpu().unwrap_or(*begun) - begun,
            Clock::Wall(begun) => begun.elapsed().as_nanos() as u64,
        }
    }
}
