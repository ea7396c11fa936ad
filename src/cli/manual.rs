//! The manual pages that come from tables: strategies, metrics and completions.

use clap::CommandFactory;
use clap_complete::Shell;

use super::args::Arguments;
use super::failure::Failure;
use super::print;
use crate::report::roster;

/// `strategies`: every strategy with its parameters and their defaults.
pub fn strategies() -> Result<(), Failure> {
    print::answer(&roster::strategies())
}

/// `metrics`: the column table as a manual page.
pub fn metrics() -> Result<(), Failure> {
    print::answer(&roster::columns_manual())
}

/// `completions`: what a shell needs to complete our options.
pub fn completions(shell: Shell) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "sickbay", &mut script);
    print::answer(&String::from_utf8_lossy(&script))
}
