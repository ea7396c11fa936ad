//! CI regression of placement behaviour: what is kept of a scenario's runs (a [`Golden`]), how a
//! later run differs from it, whether that matters, and what a scenario expects of itself.
//!
//! - [`keeper`] is the observer that digests a run: per day, per hour and per decision;
//! - [`golden`] is what is kept, and how it is made;
//! - [`drift`] finds the first day, hour and decision in which a run differs from a golden;
//! - [`tell`] runs that day again and tells what it finds there;
//! - [`gate`] judges metrics by paired or independent intervals;
//! - [`mod@hold`] holds a run against all of it;
//! - [`expect`] verifies the scenario's `[[expect]]`;
//! - [`mod@versus`] compares two finished experiments;
//! - [`finding`] is what all of them say, for the report to print.

pub mod drift;
pub mod expect;
pub mod finding;
pub mod gate;
pub mod golden;
pub mod hold;
pub mod keeper;
pub mod tell;
pub mod versus;

pub use drift::{Drift, Spot, drifts};
pub use finding::{Checked, Figures, Finding, Side, Verdict};
pub use gate::{FailOn, Gate, Tolerance};
pub use golden::{Course, Day, Golden, Record, RunMark, record};
pub use hold::{Against, hold};
pub use tell::{Told, tell_decision};
pub use versus::{Finished, FinishedArm, VersusError, versus};
