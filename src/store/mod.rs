//! What is on disk, each written and read by one piece of code: a run's results folder ([`run`]), a sweep with its shards and
//! journals ([`sweep`]), a plan ([`plan`]), goldens ([`golden`]). CSV is [`tables`]', JSON [`json`]'s, and how folders change
//! whole or not at all is [`disk`]'s, which knows nothing of what is in them.

pub mod disk;
pub mod error;
pub mod golden;
pub mod json;
pub mod minimise;
pub mod plan;
pub mod robust;
pub mod run;
pub mod sweep;
pub mod tables;
pub mod whatif;
