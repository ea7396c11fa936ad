//! Why a command failed, and the exit code that says so.

use std::io;
use std::process::ExitCode;

use crate::report::error::DrawError;
use crate::scenario::Problem;
use crate::store::disk::error::{StoreError, may_pass};
use crate::store::error::FolderError;
use crate::world::TIME_MOVES_ON;

/// Behaviour changed, or a metric regressed.
pub const CHANGED: u8 = 1;
/// Wrong use or wrong input; nothing was written.
pub const WRONG: u8 = 2;
/// What was asked for cannot be had.
pub const UNREACHABLE: u8 = 1;
/// This machine computes differently, or is another version: another try here is of no use.
pub const DIFFERS: u8 = 4;
/// The file system refused for a reason that may pass (EX_TEMPFAIL of sysexits.h): worth another try.
pub const TEMPORARY: u8 = 75;
/// A broken invariant.
pub const BROKEN: u8 = 3;
/// Ended by Ctrl-C, as shells count it: 128 and the signal's number.
pub const INTERRUPTED: u8 = 130;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// What was checked is not as it should be; the answer on stdout says how.
    #[error("{0}")]
    Changed(String),
    /// Wrong use, or a file or folder that cannot be read or written.
    #[error("error: {0}")]
    Use(String),
    /// What is wrong with a scenario, each problem in full.
    #[error("{}\n{}", .0.join("\n\n"), count(.0.len()))]
    Scenario(Vec<String>),
    /// A run broke one of the simulation's own rules.
    #[error("error: {what}\n{} To see it again:\n  {again}", whose(.what))]
    Broken {
        /// What was broken, and where: seed, replication, strategy, time.
        what: String,
        /// The command that breaks it again.
        again: String,
    },
    /// No value in the range does what was asked for.
    #[error("{0}")]
    Unreachable(String),
    /// Another version, or a machine that computes differently.
    #[error("error: {0}")]
    Differs(String),
    /// The file system refused for a reason that may pass.
    #[error("error: {0}\nThis may pass: try again.")]
    Temporary(String),
    /// Ctrl-C.
    #[error("interrupted: {}", .0.trim_start_matches("interrupted "))]
    Interrupted(String),
}

impl Failure {
    /// The file system refused: whether another try is of use is told by why.
    #[must_use]
    pub fn of_file(what: &str, error: &io::Error) -> Failure {
        let said = format!("{what}: {error}");
        if may_pass(error) {
            Failure::Temporary(said)
        } else {
            Failure::Use(said)
        }
    }

    /// What is wrong with a scenario.
    #[must_use]
    pub fn of_problems(problems: &[Problem]) -> Failure {
        let told = problems.iter().map(|problem| problem.to_string().trim_end().to_owned());
        Failure::Scenario(told.collect())
    }

    /// The same, of the scenario at a place among several: `at KEY = VALUE:`.
    #[must_use]
    pub fn at(self, place: &str) -> Failure {
        match self {
            Failure::Scenario(mut problems) => {
                if let Some(first) = problems.first_mut() {
                    *first = format!("at {place}:\n{first}");
                }
                Failure::Scenario(problems)
            }
            other => Failure::Use(format!("at {place}: {other}")),
        }
    }

    /// The exit code.
    #[must_use]
    pub fn code(&self) -> ExitCode {
        ExitCode::from(match self {
            Failure::Changed(_) => CHANGED,
            Failure::Use(_) | Failure::Scenario(_) => WRONG,
            Failure::Broken { .. } => BROKEN,
            Failure::Unreachable(_) => UNREACHABLE,
            Failure::Differs(_) => DIFFERS,
            Failure::Temporary(_) => TEMPORARY,
            Failure::Interrupted(_) => INTERRUPTED,
        })
    }
}

impl From<FolderError> for Failure {
    fn from(error: FolderError) -> Failure {
        match &error {
            FolderError::OtherSweep { machine: true, .. } => Failure::Differs(error.to_string()),
            _ if error.may_pass() => Failure::Temporary(error.to_string()),
            _ => Failure::Use(error.to_string()),
        }
    }
}

impl From<DrawError> for Failure {
    fn from(error: DrawError) -> Failure {
        Failure::Use(error.to_string())
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Failure {
        FolderError::from(error).into()
    }
}

/// Whose fault a broken law is. That time stands still follows from the scenario's own times.
fn whose(what: &str) -> &'static str {
    if what.contains(TIME_MOVES_ON) {
        "The scenario's times and odds let this happen."
    } else {
        "This is a defect of sickbay and not of the scenario."
    }
}

fn count(errors: usize) -> String {
    let plural = if errors == 1 { "" } else { "s" };
    format!("{errors} error{plural}, nothing written")
}

#[cfg(test)]
mod tests {
    use super::Failure;

    #[test]
    fn problems_end_with_their_count() {
        let one = Failure::Scenario(vec!["a.toml:1:1: wrong".to_owned()]).to_string();
        assert_eq!(one, "a.toml:1:1: wrong\n1 error, nothing written");
        let two = Failure::Scenario(vec!["a".to_owned(), "b".to_owned()]).to_string();
        assert_eq!(two, "a\n\nb\n2 errors, nothing written");
    }
}
