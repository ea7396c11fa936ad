//! The manual pages that come from tables: strategies, metrics, scenarios, the schema of their files, and completions.

use clap::CommandFactory;
use clap_complete::Shell;

use super::args::Arguments;
use super::failure::Failure;
use super::print;
use crate::report::roster;
use crate::scenario::keys::FILE;
use crate::scenario::{EMBEDDED, asked, forms};

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

/// `scenarios`: those in the program, each with its question.
pub fn scenarios() -> Result<(), Failure> {
    let wide = EMBEDDED.iter().map(|(name, _)| name.len()).max().unwrap_or(0) + 2;
    let list = EMBEDDED.iter().map(|(name, text)| {
        let question = roster::filled(&asked(text), wide);
        format!("{name:wide$}{}\n", question.trim_start())
    });
    let list: String = list.collect();
    print::answer(&format!(
        "{list}\n`sickbay run NAME` runs one; a file scenarios/NAME.toml here goes before it.\n"
    ))
}

/// `schema`: the JSON Schema of scenario files, for editors.
pub fn schema() -> Result<(), Failure> {
    let schema = forms::file_schema(&FILE);
    print::answer(&format!("{schema:#}\n"))
}
