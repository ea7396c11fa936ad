//! All peers, in alternation, each run in a process of its own; the medians as Markdown and as CSV.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::lean::Count;

pub const OURS: &str = "sickbay";
const SIMPY: &str = "simpy";

/// What is run, by its name here and for the reader.
const PEERS: [(&str, &str); 8] = [
    (
        OURS,
        "**sickbay**, the whole program: filters, view, metrics, audit, digest",
    ),
    ("lean", "lean hand-made loop on our agenda, small generator"),
    ("lean-chacha", "lean hand-made loop on our agenda, ChaCha8"),
    ("lean-heap", "lean hand-made loop on std's BinaryHeap, small generator"),
    ("desque", "desque 0.4.0, the bare model"),
    ("simcore", "simcore 0.1.0, the bare model"),
    ("nexosim", "nexosim 1.0.0, the bare model, one thread"),
    (SIMPY, "SimPy 4.1.1, the bare model, callbacks"),
];

const NODES: [usize; 3] = [1_000, 10_000, 100_000];

/// Nanoseconds of CPU a request, one a round; or why there are none.
type Cell = Result<Vec<f64>, String>;

/// Hours in which a fleet is asked 100,000 times, or twice for each node.
fn hours(nodes: usize) -> u64 {
    let requests = (2 * nodes as u64).max(100_000);
    requests * 24 * 100 / (95 * nodes as u64)
}

/// Runs one peer once.
fn run(peer: &str, python: &[&str; 2], workload: &str, nodes: usize) -> Result<f64, String> {
    let hours = hours(nodes).to_string();
    let nodes_ = nodes.to_string();
    let mut command = if peer == SIMPY {
        let mut command = Command::new(python[0]);
        command.arg(python[1]);
        command
    } else {
        let own = std::env::current_exe().map_err(|error| error.to_string())?;
        let mut command = Command::new(own);
        command.args(["one", peer]);
        command
    };
    let out = command.args([workload, &nodes_, &hours]).output();
    let out = out.map_err(|_| "not run: no python3 with SimPy".to_owned())?;
    let said = String::from_utf8_lossy(&out.stdout);
    let figures: Vec<u64> = said.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let (true, &[asked, refused, ns]) = (out.status.success(), &figures[..]) else {
        let told = String::from_utf8_lossy(&out.stderr).into_owned();
        // A peer that is there and fails has no place in a table.
        assert!(peer == SIMPY && told.contains("No module named"), "{peer}: {told}");
        return Err("not run: SimPy is not installed".to_owned());
    };
    // Whoever simulated something else is not compared.
    Count { asked, refused }.checked(&crate::load(workload, nodes, hours.parse().unwrap_or(0)));
    Ok(ns as f64 / asked as f64)
}

fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// All cells of a workload: by peer, by size.
fn measured(workload: &str, rounds: usize, python: &[&str; 2]) -> Vec<Vec<Cell>> {
    let mut cells = vec![vec![Ok(Vec::new()); NODES.len()]; PEERS.len()];
    for round in 0..rounds {
        for (column, &nodes) in NODES.iter().enumerate() {
            for (row, (peer, _)) in PEERS.iter().enumerate() {
                let cell: &mut Cell = &mut cells[row][column];
                match (run(peer, python, workload, nodes), &mut *cell) {
                    (Ok(ns), Ok(all)) => all.push(ns),
                    (Err(why), _) => *cell = Err(why),
                    (Ok(_), Err(_)) => {}
                }
            }
            eprintln!("{workload}, {nodes} nodes, round {} of {rounds}", round + 1);
        }
    }
    cells
}

/// Writes `table.md` and `table.csv` into the folder.
///
/// # Panics
/// When a peer fails, simulates something else, or the folder cannot be written.
pub fn write(rounds: usize, python: &[&str; 2], folder: &Path) {
    assert!(rounds > 0, "at least one round");
    let mut text = format!("# The same workloads in other simulators\n\n{}\n", machine(rounds));
    let mut csv = String::from("workload,peer,nodes,hours,rounds,ns_cpu_per_request_median,ns_min,ns_max\n");
    for (workload, what) in [
        (
            "w1",
            "W1: identical machines, Poisson arrivals, exponential holds of 24 h, offered load 0.95 a node, refused when full",
        ),
        (
            "w2",
            "W2: W1 in 8 classes with faults (MTBF 30 d), drain, a technician per 60 nodes, repair of 8 h, return",
        ),
    ] {
        let cells = measured(workload, rounds, python);
        let _ = writeln!(
            text,
            "\n{what}. Nanoseconds of CPU a request, and how many times ours.\n"
        );
        text += "| | 1,000 nodes | 10,000 | 100,000 |\n|---|---|---|---|\n";
        for ((peer, name), row) in PEERS.iter().zip(&cells) {
            let _ = write!(text, "| {name} |");
            for (column, cell) in row.iter().enumerate() {
                match cell {
                    Ok(all) => {
                        let ns = median(all);
                        let times = cells[0][column].as_ref().map_or(0.0, |ours| ns / median(ours));
                        let _ = write!(text, " {ns:.0} ({times:.2} x) |");
                        let (low, high) = all.iter().fold((f64::MAX, 0.0_f64), |(l, h), &v| (l.min(v), h.max(v)));
                        let (nodes, hours) = (NODES[column], hours(NODES[column]));
                        let _ = writeln!(
                            csv,
                            "{workload},{peer},{nodes},{hours},{rounds},{ns:.1},{low:.1},{high:.1}"
                        );
                    }
                    Err(why) => {
                        let _ = write!(text, " {why} |");
                    }
                }
            }
            text.push('\n');
        }
    }
    text += RECORDED;
    fs::create_dir_all(folder).unwrap_or_else(|error| panic!("{error}"));
    for (name, what) in [("table.md", &text), ("table.csv", &csv)] {
        fs::write(folder.join(name), what).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    print!("{text}");
}

const RECORDED: &str = "\nNot run here: DSLab-IaaS (not on crates.io), recorded elsewhere on W1 at 118,974 ns a request for 1,000 nodes and \
                        3,502,852 ns for 10,000.\n";

/// The machine, the versions, the date.
fn machine(rounds: usize) -> String {
    let said = |program: &str, words: &[&str]| {
        let out = Command::new(program).args(words).output().ok()?;
        Some(String::from_utf8_lossy(&out.stdout).trim().to_owned())
    };
    let cpu = fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| {
        let line = text.lines().find(|line| line.starts_with("model name"))?;
        Some(line.split_once(": ")?.1.to_owned())
    });
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let busy = fs::read_to_string("/proc/loadavg").ok();
    let busy = busy.as_deref().and_then(|text| text.split_whitespace().next());
    let unknown = || "unknown".to_owned();
    format!(
        "Medians of {rounds} rounds, all peers in turn within a round, each run in a process of its own. Machine: {}, {cores} cores, \
         {} {}; load average at the begin {}. {}; {}. Date: {}. sickbay {}. Written by `benches/peers/run`.",
        cpu.unwrap_or_else(unknown),
        std::env::consts::OS,
        std::env::consts::ARCH,
        busy.unwrap_or("unknown"),
        said("rustc", &["--version"]).unwrap_or_else(unknown),
        said("python3", &["--version"]).unwrap_or_else(|| "no python3".to_owned()),
        said("date", &["-u", "+%Y-%m-%d"]).unwrap_or_else(unknown),
        said("git", &["rev-parse", "--short", "HEAD"]).unwrap_or_else(unknown),
    )
}
