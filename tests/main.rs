//! The one integration-test binary: every module below links into it, so the library is linked once.

mod browser;
mod cli;
mod control_plane;
mod crash;
mod explain;
mod hostile;
mod house;
mod mutants;
mod oracle;
mod recorded;
mod scenarios;
mod truths;
mod worlds;
mod wrong_input;
