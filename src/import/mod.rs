//! Foreign traces become the neutral CSVs that scenarios read.
//!
//! - [`neutral`]: the three neutral files (nodes, requests, spells of maintenance), read strictly
//!   and written so that the same records always give the same bytes.
//! - [`chameleon`]: the leases and machine events of the Chameleon Cloud testbed.
//! - [`files`]: which files are read at all.
//!
//! A source is one module that answers with neutral records and a report of what it kept, what it
//! left out, and why. It knows nothing of fleets or scenarios: whether a class or a node that a
//! record names exists elsewhere is checked by whoever puts the files together.

mod blazar;
pub mod chameleon;
pub mod files;
pub mod foreign;
mod fta;
mod ironic;
pub mod neutral;
mod nova;
pub mod operators;
pub mod robots;
mod slurm;
mod swf;
mod table;

#[cfg(test)]
mod tests;
