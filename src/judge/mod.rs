//! What is made of a table of cells: pure functions from a table to the cells that are wanted next (when a run stops, a
//! plan's search), or to what is said of it (results, gates, expectations, goldens).
//!
//! - [`claims`] is what a run claims, and when that is decided; [`mod@advice`] what it comes to;
//! - [`stopping`] says how many replications a run has, [`quest`] which values a plan looks at,
//!   [`minimise`] which of them is the cheapest;
//! - [`summary`] makes a run's [`results`], [`point`] the figures of a sweep's points,
//!   [`mod@across`] how points differ from each other;
//! - [`carries`] finds the assumption that most carries a claim, [`mod@costs`] is what prices come to;
//! - [`golden`] is what is kept of a scenario's runs, [`drift`] the first day, hour and decision in which a later run
//!   differs from it, [`gate`] judges metrics, [`expect`] verifies the scenario's `[[expect]]`;
//! - [`mod@hold`] holds a recording against all of it, [`mod@versus`] one experiment against another; [`finding`] is what
//!   they say, for the report to print.

pub mod across;
pub mod advice;
pub mod assumptions;
pub mod bottlenecks;
pub mod campaigns;
pub mod carries;
pub mod claims;
pub mod closed;
pub mod compared;
pub mod costs;
pub mod drift;
pub mod expect;
pub mod finding;
pub mod gate;
pub mod golden;
pub mod groups;
pub mod hold;
pub mod minimise;
pub mod named;
pub mod planned;
pub mod point;
pub mod quest;
pub mod results;
pub mod robust;
#[cfg(test)]
pub(crate) mod sample;
pub mod search;
pub mod slo;
pub mod stopping;
pub mod summary;
pub mod sweep;
#[cfg(test)]
pub(crate) mod sweeps;
pub mod versus;
pub mod whatif;
