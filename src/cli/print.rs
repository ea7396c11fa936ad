//! The only way to stdout and stderr.

use std::io::{self, ErrorKind, Write};

use super::failure::Failure;

/// Prints an answer on stdout, with a newline at its end.
///
/// A reader that has seen enough (`| head`) closes the pipe; that is its right and no failure.
pub fn answer(text: &str) -> Result<(), Failure> {
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
    writeln!(io::stderr().lock(), "{text}").ok();
}
