//! sickbay simulates bare-metal fleets whose nodes enter and leave maintenance, and compares
//! what each way of hiding them costs tenants, operators and the fleet.
//!
//! As a program it is `sickbay run scenario.toml`. As a library it is the names below: a [`Scenario`] is loaded, a cell of
//! it (one strategy in one replication) is run, and [`estimate`] and [`paired`] say what several cells are worth.
//!
//! ```
//! use std::path::Path;
//!
//! use sickbay::{Good, Metric, estimate, load, paired, run_cell};
//!
//! let text = r#"
//! [scenario]
//! name = "small"
//! horizon = "20d"
//! strategies = ["withdraw", "naive"]
//!
//! [[fleet.group]]
//! class = "compute"
//! nodes = 6
//!
//! [[workload]]
//! [[workload.flavor]]
//! class = "compute"
//! per_day = 4
//! hold = { exponential = "24h" }
//!
//! [[maintenance.faults]]
//! between = { exponential = "10d" }
//! [[maintenance.faults.kind]]
//! work = "8h"
//!
//! [report]
//! warm_up = "none"
//! "#;
//! let scenario = load(text, "small.toml", Path::new(""), &[]).expect("a scenario");
//! let acceptance = Metric::Acceptance.at();
//! let values = |variant| -> Vec<Option<f64>> {
//!     (0..4).map(|replication| run_cell(&scenario, variant, replication, &|| false).values[acceptance]).collect()
//! };
//! let (withdraw, naive) = (values(0), values(1));
//! let served: Vec<f64> = naive.iter().flatten().copied().collect();
//! let mean = estimate(&served, 0.95).expect("four values");
//! assert!(mean.lo <= mean.mean && mean.mean <= mean.hi && mean.mean > 0.5);
//! // The same requests and faults met both strategies, so they are compared replication by replication.
//! let pairs = paired(&naive, &withdraw, Good::High, 0.0, 0.95).expect("four pairs");
//! assert_eq!(pairs.n, 4);
//! ```
//!
//! A strategy of one's own implements [`Strategy`] and is named in scenarios once a [`Library`] has its [`RosterEntry`]
//! (`examples/own_strategy.rs`). A metric of one's own is an [`Observer`] that is told every [`Fact`] of a run
//! (`examples/own_metric.rs`).
//!
//! `ARCHITECTURE.md` is the map; the floors below are listed from the bottom up, and a module
//! uses only floors below it.

pub mod kernel;
pub mod stats;
pub mod store;

pub mod fleet;

pub mod view;
pub mod workload;

pub mod scheduler;

pub mod strategy;

pub mod world;

pub mod fit;
pub mod import;
pub mod scenario;

pub mod cells;

pub mod judge;

pub mod experiment;

#[cfg(feature = "plots")]
pub mod report;

#[cfg(feature = "cli")]
pub mod cli;

pub use cells::cell::{measure_cell, run_cell, run_cell_watched};
pub use cells::columns::{COLUMNS, Metric, column};
pub use cells::outcome::Outcome;
pub use fleet::{Mark, Marks, Node, NodeId, RequestId, WindowId};
pub use kernel::{Law, Span, Time};
pub use scenario::{Library, Problem, Scenario, load, load_file};
pub use stats::compare::{Good, Paired, Verdict, paired};
pub use stats::estimate::{Estimate, estimate};
pub use strategy::{Act, Actor, Naming, Param, RosterEntry, Route, Step, Strategy, Taken, Terms};
pub use workload::{ErrandId, JobId};
pub use world::{Cause, Fact, Observer, Sight};
