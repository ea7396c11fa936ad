//! A strategy of one's own, named in a scenario: the ticket system sets Ironic's flag and clears it again. What would that
//! save against people who do it (`withdraw`)?
//!
//! `cargo run --example own_strategy`

use std::path::Path;

use sickbay::{
    Act, Good, Law, Library, Metric, Node, Param, RosterEntry, Route, Scenario, Span, Step, Strategy, Taken, estimate,
    measure_cell, paired,
};

/// The roster's line: scenarios know the strategy by this name.
static TICKETS: RosterEntry = RosterEntry {
    name: "tickets",
    summary: "the ticket system sets the maintenance flag and clears it",
    plain: || {
        Box::new(Tickets {
            out_of_band: Span::hours(2),
        })
    },
};

#[derive(Debug)]
struct Tickets {
    out_of_band: Span,
}

impl Strategy for Tickets {
    fn params(&mut self) -> Vec<Param<'_>> {
        let doc = "mean time of a deploy by hand outside Nova";
        vec![Param::span("out_of_band", &mut self.out_of_band, doc)]
    }

    fn entry(&self, _node: &Node) -> Vec<Step> {
        vec![Step::automatic(&[Act::SetFlag])]
    }

    fn back(&self, _node: &Node) -> Vec<Step> {
        vec![Step::automatic(&[Act::ClearFlag])]
    }

    fn route(&self, _node: &Node) -> Route {
        Route::OutOfBand {
            time: Law::Exponential(self.out_of_band),
            taken: Taken::Wait,
        }
    }
}

const SCENARIO: &str = r#"# What does it save to leave the flag to the ticket system?
[scenario]
name = "tickets"
horizon = "60d"
strategies = ["withdraw", { name = "tickets", out_of_band = "2h" }]

[[fleet.group]]
class = "compute"
nodes = 12

[[workload]]
[[workload.flavor]]
class = "compute"
per_day = 9
hold = { exponential = "24h" }

[[maintenance.faults]]
between = { exponential = "12d" }
[[maintenance.faults.kind]]
work = "6h"

[operators]
action = { exponential = "1h" }
slip = 0.2

[report]
warm_up = "none"
"#;

const REPLICATIONS: u32 = 8;

/// A metric's values, replication by replication.
fn values(scenario: &Scenario, variant: usize, metric: Metric) -> Vec<Option<f64>> {
    (0..REPLICATIONS)
        .map(|replication| measure_cell(scenario, variant, replication, &|| false).values[metric.at()])
        .collect()
}

fn main() {
    let loaded = Library::default()
        .with(&TICKETS)
        .load(SCENARIO, "tickets.toml", Path::new(""), &[]);
    let scenario = loaded.unwrap_or_else(|problems| panic!("{}", problems[0]));
    for (metric, good) in [(Metric::Acceptance, Good::High), (Metric::Actions, Good::Low)] {
        let (people, tickets) = (values(&scenario, 0, metric), values(&scenario, 1, metric));
        for (variant, own) in scenario.variants.iter().zip([&people, &tickets]) {
            let own: Vec<f64> = own.iter().flatten().copied().collect();
            let mean = estimate(&own, 0.95).expect("every replication has a value");
            println!(
                "{:10} {:8} {:8.3} ({:.3} to {:.3})",
                metric.name(),
                variant.label,
                mean.mean,
                mean.lo,
                mean.hi
            );
        }
        let pairs = paired(&tickets, &people, good, 0.0, 0.95).expect("every replication has a pair");
        println!(
            "{:10} tickets less withdraw {:+.3} ({:+.3} to {:+.3}): {:?}",
            metric.name(),
            pairs.diff,
            pairs.lo,
            pairs.hi,
            pairs.verdict
        );
    }
}
