//! Broken invariants: what a panic becomes, and the line that shows it again.

use std::panic::{self, AssertUnwindSafe};
use std::sync::{Mutex, PoisonError};

use super::args::RunArgs;
use super::failure::Failure;
use crate::experiment::Broken;
use crate::scenario::Scenario;

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

/// The failure of a cell that broke an invariant, with the command that runs it again.
pub fn broken(args: &RunArgs, scenario: &Scenario, cell: &Broken) -> Failure {
    let what = format!(
        "a broken invariant: {}\n  seed {}, replication {}, strategy {}, at {}",
        cell.what, scenario.seed, cell.replication, cell.strategy, cell.at,
    );
    let mut words: Vec<String> = ["sickbay", "run", &args.scenario.scenario].map(str::to_owned).to_vec();
    for (key, value) in &args.scenario.settings {
        words.extend(["--set".to_owned(), format!("{key}={value}")]);
    }
    // Replications are counted from 0, and the first ones are the same however many there are.
    let replications = cell.replication.saturating_add(1).to_string();
    let named = [
        ("--strategy", cell.strategy.clone()),
        ("--seed", scenario.seed.to_string()),
    ];
    for (option, value) in named
        .into_iter()
        .chain([("--replications", replications), ("--threads", "1".to_owned())])
    {
        words.extend([option.to_owned(), value]);
    }
    Failure::Broken {
        what,
        again: line(words),
    }
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
    use super::line;

    #[test]
    fn a_line_can_be_pasted_into_a_shell() {
        let words = ["sickbay", "run", "a b.toml", "--set", "x=\"it's\""].map(str::to_owned);
        assert_eq!(line(words), r#"sickbay run 'a b.toml' --set 'x="it'\''s"'"#);
    }
}
