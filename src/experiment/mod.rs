//! Experiments.
pub mod columns;
pub mod outcome;
pub mod results;
pub use columns::{Column, Good};
pub use outcome::{Detail, ErrandRow, Log, Outcome, RequestRow, StateRow, TimelineRow, WindowRow};
pub use results::{Arm, Estimate, Paired, Results, Verdict};
