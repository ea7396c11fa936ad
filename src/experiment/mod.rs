//! Experiments: which cells are run, and what judges them. Here alone the engine and the judges meet; with a command line
//! (`cli`) or without.

pub mod find;
pub mod record;
pub mod robust;
pub mod run;
pub mod whatif;

pub use find::find;
pub use record::record;
pub use robust::robust;
pub use run::{ExperimentError, RunOptions, run};
