//! Broken invariants: what a panic becomes, and the line that shows it again.

use std::panic::{self, AssertUnwindSafe};
use std::sync::{Mutex, PoisonError};

#[cfg(test)]
use super::args::LimitArgs;
use super::args::ScenarioArgs;
use super::failure::Failure;
use crate::cells::engine::CellsError;
use crate::cells::job::CellJob;
use crate::experiment::ExperimentError;
use crate::experiment::find::SearchError;

/// What the first panic said, and where.
static FIRST: Mutex<Option<String>> = Mutex::new(None);

/// Keeps panics off stderr, for what is broken is told once, in our words; `RUST_BACKTRACE` brings theirs back.
pub fn listen() {
    let theirs = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        let payload = panic.payload();
        let text = payload
            .downcast_ref::<&str>()
            .copied()
            .or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        let said = text.unwrap_or("panic without a message");
        let place = panic.location().map(|place| format!(" ({place})")).unwrap_or_default();
        FIRST
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get_or_insert_with(|| format!("{said}{place}"));
        if std::env::var_os("RUST_BACKTRACE").is_some_and(|wanted| wanted != "0") {
            theirs(panic);
        }
    }));
}

/// Runs a command; a panic that nobody caught further down is a failure as well.
pub fn guard(command: impl FnOnce() -> Result<(), Failure>) -> Result<(), Failure> {
    panic::catch_unwind(AssertUnwindSafe(command)).unwrap_or_else(|_| {
        let what = FIRST.lock().unwrap_or_else(PoisonError::into_inner).take();
        let what = format!(
            "a broken invariant: {}",
            what.unwrap_or_else(|| "panic without a message".to_owned())
        );
        Err(Failure::Broken {
            what,
            again: line(std::env::args()),
        })
    })
}

/// Why an experiment gave nothing, as a failure; `interrupted` is what is said of an interrupt.
pub fn failure(error: &ExperimentError, args: &ScenarioArgs, interrupted: String) -> Failure {
    match error {
        ExperimentError::Interrupted => Failure::Interrupted(interrupted),
        ExperimentError::Broken {
            variant,
            replication,
            seed,
            ..
        } => Failure::Broken {
            what: error.to_string(),
            again: again(args, *seed, variant, *replication),
        },
        _ => Failure::Use(error.to_string()),
    }
}

/// Why a search over several scenarios gave no answer; `broken` tells a cell that broke.
pub fn of_search(error: SearchError, broken: impl FnOnce(CellJob, &str) -> Failure) -> Failure {
    match error {
        SearchError::Interrupted => Failure::Interrupted(format!("{error}, nothing written")),
        SearchError::Cells(CellsError::Broken { job, message }) => broken(job, &message),
        SearchError::Cells(error) => Failure::Use(error.to_string()),
    }
}

/// The command that runs a broken cell again.
pub fn again(args: &ScenarioArgs, seed: u64, label: &str, replication: u32) -> String {
    let mut words: Vec<String> = ["sickbay", "run", &args.scenario].map(str::to_owned).to_vec();
    for (key, value) in &args.settings {
        words.extend(["--set".to_owned(), format!("{key}={value}")]);
    }
    // Replications are counted from 0, and the first ones are the same however many there are.
    let replications = replication.saturating_add(1).to_string();
    let seed = seed.to_string();
    let options = [
        ("--strategy", label),
        ("--seed", &seed),
        ("--replications", &replications),
        ("--threads", "1"),
    ];
    words.extend(
        options
            .iter()
            .flat_map(|(option, value)| [(*option).to_owned(), (*value).to_owned()]),
    );
    line(words)
}

/// Words as a line for a shell.
fn line(words: impl IntoIterator<Item = String>) -> String {
    let quoted: Vec<String> = words.into_iter().map(quoted).collect();
    quoted.join(" ")
}

fn quoted(word: String) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./=,:+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::{again, line};
    use crate::cli::args::ScenarioArgs;

    #[test]
    fn a_line_can_be_pasted_into_a_shell() {
        let words = ["sickbay", "run", "a b.toml", "--set", "x=\"it's\""].map(str::to_owned);
        assert_eq!(line(words), r#"sickbay run 'a b.toml' --set 'x="it'\''s"'"#);
    }
    #[test]
    fn a_broken_cell_is_run_again_with_the_options_that_it_had() {
        let args = ScenarioArgs {
            scenario: "quickstart".to_owned(),
            seed: None,
            replications: Some(40),
            strategies: Vec::new(),
            settings: vec![("fleet.scale".to_owned(), "0.5".to_owned())],
            limits: super::LimitArgs::default(),
        };
        let expected = "sickbay run quickstart --set fleet.scale=0.5 --strategy 'tenants, unnamed' --seed 7 --replications 4 --threads 1";
        assert_eq!(again(&args, 7, "tenants, unnamed", 3), expected);
    }
}
