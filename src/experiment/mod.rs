//! Experiments: cells, their observers (metrics, audit, logbook), statistics over replications,
//! and the results that reports draw. The only user of threads.

pub mod assumptions;
pub mod audit;
pub mod best;
mod campaigns;
pub mod cell;
pub mod cells;
pub mod check;
pub mod columns;
pub mod compare;
pub mod estimate;
pub mod explain;
pub mod log;
pub mod metrics;
pub mod named;
pub mod outcome;
pub mod plan;
pub mod pooled;
pub mod precision;
pub mod results;
pub mod rows;
pub mod run;
pub mod stats;
pub mod stopping;
pub mod summary;
pub mod sweep;
#[cfg(test)]
mod testing;
pub mod warmup;

pub use audit::Audit;
pub use best::BestChosen;
pub use cell::{measure_cell, play_until, run_cell, run_cell_strictly, run_cell_watched, tape_of, values_of};
pub use cells::{CellsError, Course, Engine, Job, Loader, Scenarios};
pub use columns::{COLUMNS, Column, Good, column, nearest};
pub use log::Logbook;
pub use metrics::Metrics;
pub use outcome::{Detail, Log, Outcome, Samples};
pub use precision::PrecisionReached;
pub use results::{Arm, Estimate, Happened, Interval, Pair, Paired, Pooled, Results, Verdict};
pub use rows::{
    ErrandOutcome, ErrandRow, MetricRow, NodeState, RequestOutcome, RequestRow, StateRow, TimelineRow, WindowRow,
};
pub use run::{ExperimentError, Options, Progress, run};
pub use summary::summarise;
pub use warmup::WarmUp;
