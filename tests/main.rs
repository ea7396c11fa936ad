//! The one integration-test binary: every module below links into it, so the library is linked once.

mod cli;
mod control_plane;
mod explain;
mod house;
mod oracle;
mod scenarios;
mod truths;
mod worlds;
mod wrong_input;
