//! What is on disk, each written and read by one piece of code: a run's results folder ([`run`]), a sweep with its shards and
//! journals ([`sweep`]), a plan ([`plan`]), what [`robust`] found, [`findings`] of a comparison, goldens ([`golden`]). Which of
//! them a folder holds says [`kind`]; figures and pages are put in their places by [`again`]. CSV is [`tables`]', JSON
//! [`json`]'s, and how folders change whole or not at all is [`disk`]'s, which knows nothing of what is in them.

pub mod again;
pub mod disk;
pub mod error;
mod field;
pub mod findings;
pub mod fitted;
pub mod golden;
pub mod json;
pub mod kind;
pub mod minimise;
pub mod plan;
pub mod robust;
pub mod run;
pub mod sweep;
pub mod tables;
pub mod whatif;
