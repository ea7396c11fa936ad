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
pub mod money;
pub mod outcome;
pub mod points;
pub mod rows;
pub mod selector;
pub mod table;
pub mod tell;
#[cfg(test)]
pub mod testing;
pub mod warmup;
pub mod watch;
