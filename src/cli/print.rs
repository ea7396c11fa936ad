//! The only way to stdout and stderr.

use std::borrow::Cow;
use std::io::{self, ErrorKind, Write};

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
