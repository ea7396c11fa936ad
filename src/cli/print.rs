//! The only way to stdout and stderr.

use std::borrow::Cow;
use std::io::{self, ErrorKind, IsTerminal, Write};

use super::failure::Failure;
use crate::kernel::text::{commands, shown, uncommanded};

/// Prints an answer on stdout, with a newline at its end.
///
/// A reader that has seen enough (`| head`) closes the pipe; that is its right and no failure.
///
/// What others wrote does nothing to the terminal, nor to a GitHub job that reads along.
pub fn answer(text: &str) -> Result<(), Failure> {
    as_it_is(&harmless(text))
}

/// Prints an answer with verdicts. On a terminal their words have a colour beside what they say, unless `NO_COLOR` is set.
pub fn verdicts(text: &str) -> Result<(), Failure> {
    let text = harmless(text);
    let plain = std::env::var_os("NO_COLOR").is_some_and(|it| !it.is_empty());
    if plain || !io::stdout().is_terminal() {
        return as_it_is(&text);
    }
    let coloured = text.replace(" better", " \u{1b}[32mbetter\u{1b}[0m");
    as_it_is(&coloured.replace(" worse", " \u{1b}[31mworse\u{1b}[0m"))
}

/// The columns of the terminal under stdout, between what a table needs and what a reader follows; none without one.
pub fn width() -> Option<usize> {
    let (terminal_size::Width(columns), _) = terminal_size::terminal_size_of(io::stdout())?;
    Some(usize::from(columns).clamp(80, 200))
}

/// What was written; where it could not be, the answer is told all the same, and then the failure.
pub fn or_answer<T>(written: Result<T, Failure>, text: impl FnOnce() -> String) -> Result<T, Failure> {
    if written.is_err() {
        answer(&text())?;
    }
    written
}

/// The same, for text that is meant to be a job's commands.
pub fn as_it_is(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    let newline = if text.is_empty() || text.ends_with('\n') {
        ""
    } else {
        "\n"
    };
    let written = out
        .write_all(text.as_bytes())
        .and_then(|()| out.write_all(newline.as_bytes()))
        .and_then(|()| out.flush());
    said(written)
}

/// What became of something printed: a full disk under stdout is a failure, a reader that has gone is none.
pub fn said(written: io::Result<()>) -> Result<(), Failure> {
    match written {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(Failure::of_file("cannot print", &error)),
        Ok(()) => Ok(()),
    }
}

/// Prints a line on stderr. Nobody is left to be told when that fails.
pub fn note(text: &str) {
    command(&harmless(text));
}

/// The same, for text that is meant to be a job's commands.
pub fn command(text: &str) {
    writeln!(io::stderr().lock(), "{text}").ok();
}

/// The text with characters that act spelt out, and no line that would be a command to a GitHub job.
fn harmless(text: &str) -> Cow<'_, str> {
    let shown = shown(text);
    if !shown.lines().any(commands) {
        return shown;
    }
    let lines = shown.split('\n').map(|line| uncommanded(Cow::Borrowed(line)));
    Cow::Owned(lines.collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn what_others_wrote_does_nothing() {
        assert_eq!(
            harmless("a\u{1b}[2Jb\n  ::error::x\n##[group]y\n"),
            "a\\u{1b}[2Jb\n  \\::error::x\n#\\#[group]y\n"
        );
        assert_eq!(harmless("std::fs\n"), "std::fs\n");
    }
}
