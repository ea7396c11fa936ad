//! Cells: one strategy in one replication, a pure function; their observers (metrics, audit, logbook and those of
//! checks); the engine that runs many of them, and the table that they fill. The only user of threads.

pub mod audit;
pub mod cell;
pub mod columns;
pub mod engine;
pub mod explain;
pub mod fingerprint;
pub mod job;
pub mod keeper;
pub mod log;
pub mod memory;
pub mod metrics;
pub mod outcome;
pub mod points;
pub mod rows;
pub mod table;
pub mod tell;
#[cfg(test)]
pub mod testing;
pub mod warmup;
pub mod watch;

pub use audit::Audit;
pub use cell::{measure_cell, play_until, run_cell, run_cell_strictly, run_cell_watched, tape_of, values_of};
pub use columns::{COLUMNS, Column, column, nearest};
pub use engine::{CellsError, Course, Engine, Loader, Progress, Scenarios};
pub use job::Job;
pub use log::Logbook;
pub use metrics::Metrics;
pub use outcome::{Detail, Log, Outcome};
pub use rows::{
    ErrandOutcome, ErrandRow, MetricRow, NodeState, RequestOutcome, RequestRow, StateRow, TimelineRow, WindowRow,
};
pub use table::{Row, Table, Valued};
pub use warmup::WarmUp;
