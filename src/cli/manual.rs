//! The manual pages that come from tables: strategies, metrics, scenarios, the schema of their files, completions and pages.

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

/// `man`: the manual page of the program or of a command, as roff.
pub fn page(path: &[String]) -> Result<(), Failure> {
    let mut command = Arguments::command();
    command.build();
    for part in path {
        let found = command.find_subcommand(part).filter(|found| !found.is_hide_set());
        let unknown = || Failure::Use(format!("there is no command `{part}`: `sickbay man --list` has all"));
        command = found.cloned().ok_or_else(unknown)?;
    }
    let mut page = Vec::new();
    let told = clap_mangen::Man::new(command).render(&mut page);
    told.map_err(|error| Failure::of_file("stdout", &error))?;
    print::answer(&String::from_utf8_lossy(&page))
}

/// `man --list`: every command and command of a command, one a line.
pub fn pages() -> Result<(), Failure> {
    fn below(command: &clap::Command, path: &str, lines: &mut String) {
        for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
            let path = format!("{path} {}", sub.get_name());
            lines.push_str(path.trim_start());
            lines.push('\n');
            below(sub, &path, lines);
        }
    }
    let mut lines = String::new();
    below(&Arguments::command(), "", &mut lines);
    print::answer(&lines)
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
