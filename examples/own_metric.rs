//! A metric of one's own: by rack, how long nodes stand about after their maintenance is over and before they can be used
//! again. It is an observer, which is told every fact of a run; its values are estimated and compared as the built-in ones.
//!
//! `cargo run --example own_metric`

use std::collections::BTreeMap;
use std::path::Path;

use sickbay::{Fact, Good, NodeId, Observer, Scenario, Sight, Time, estimate, load, paired, run_cell_watched};

/// Hours from the end of a window until its node is back, by rack.
#[derive(Debug, Default)]
struct Idle {
    over: BTreeMap<NodeId, Time>,
    hours: BTreeMap<u16, f64>,
}

impl Observer for Idle {
    fn told(&mut self, at: Time, fact: &Fact, sight: &Sight<'_>) {
        match *fact {
            Fact::WindowClosed { node, .. } => _ = self.over.insert(node, at),
            // Somebody wants the node again before it is back.
            Fact::WindowOpened { node, .. } => _ = self.over.remove(&node),
            Fact::Returned { node } => {
                if let Some(since) = self.over.remove(&node) {
                    let rack = sight.fleet.kind(node).rack.0;
                    *self.hours.entry(rack).or_default() += (at - since).0 as f64 / 3.6e6;
                }
            }
            _ => {}
        }
    }
}

const SCENARIO: &str = r#"# In which rack do nodes stand about longest, and does it help not to hide them?
[scenario]
name = "racks"
horizon = "60d"
strategies = ["withdraw", "naive"]

[[fleet.group]]
class = "compute"
nodes = 12
racks = 3

[[workload]]
[[workload.flavor]]
class = "compute"
per_day = 6
hold = { exponential = "24h" }

[[maintenance.faults]]
between = { exponential = "12d" }
[[maintenance.faults.kind]]
work = "6h"

[operators]
action = { exponential = "1h" }

[report]
warm_up = "none"
"#;

const REPLICATIONS: u32 = 8;

/// The metric's values in one rack, replication by replication.
fn values(cells: &[Idle], rack: u16) -> Vec<Option<f64>> {
    cells
        .iter()
        .map(|cell| Some(cell.hours.get(&rack).copied().unwrap_or(0.0)))
        .collect()
}

fn observed(scenario: &Scenario, variant: usize) -> Vec<Idle> {
    (0..REPLICATIONS)
        .map(|replication| run_cell_watched(scenario, variant, replication, Idle::default(), &|| false).1)
        .collect()
}

fn main() {
    let loaded = load(SCENARIO, "racks.toml", Path::new(""), &[]);
    let scenario = loaded.unwrap_or_else(|problems| panic!("{}", problems[0]));
    let (withdraw, naive) = (observed(&scenario, 0), observed(&scenario, 1));
    for (rack, name) in (0_u16..).zip(scenario.fleet.names.racks.iter()) {
        let (base, own) = (values(&withdraw, rack), values(&naive, rack));
        let hours: Vec<f64> = base.iter().flatten().copied().collect();
        let mean = estimate(&hours, 0.95).expect("every replication has a value");
        println!("{name}: withdraw {:.1} h ({:.1} to {:.1})", mean.mean, mean.lo, mean.hi);
        let pairs = paired(&own, &base, Good::Low, 0.0, 0.95).expect("every replication has a pair");
        println!(
            "{name}: naive less withdraw {:+.1} h ({:+.1} to {:+.1}): {:?}",
            pairs.diff, pairs.lo, pairs.hi, pairs.verdict
        );
    }
}
