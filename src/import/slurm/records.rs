//! What `scontrol show` prints: records of `Key=Value` parted by blanks, on one line each or on several.

use std::path::Path;

use crate::import::foreign::open::Lines;
use crate::import::foreign::wrong::{Faults, ForeignError};

/// The longest text of a record.
const RECORD_MAX: usize = 1 << 20;

/// The records of a file.
pub(super) struct Records {
    pub file: String,
    lines: Lines,
    /// The key that every record begins with, and its `=`.
    head: &'static str,
    /// The line and the first text of the record that comes next; empty where none has begun.
    next: (u64, String),
    ended: bool,
}

/// A record, or what stands before the first one.
pub(super) struct RecordText {
    /// The line that it begins on; 0 of what stands before the first record.
    pub line: u64,
    pub text: String,
    /// Whether it has more text than a record may have, which was left out.
    pub cut: bool,
}

impl Records {
    pub fn open(path: &Path, head: &'static str) -> Result<Records, ForeignError> {
        let lines = Lines::open(path)?;
        Ok(Records {
            file: lines.file.clone(),
            lines,
            head,
            next: (0, String::new()),
            ended: false,
        })
    }

    /// The next record; none at the end of the file, which must be whole.
    pub fn next(&mut self) -> Result<Option<RecordText>, ForeignError> {
        let (mut line, mut text) = std::mem::take(&mut self.next);
        let mut cut = false;
        while !self.ended {
            let more = self.lines.next()?.map(str::to_owned);
            match more {
                None => self.ended = true,
                Some(more) if more.starts_with(self.head) => {
                    let begun = (self.lines.line, more);
                    if !text.is_empty() {
                        self.next = begun;
                        return Ok(Some(RecordText { line, text, cut }));
                    }
                    (line, text) = begun;
                }
                Some(more) if text.len() + more.len() < RECORD_MAX => {
                    text.push(' ');
                    text.push_str(&more);
                }
                Some(_) => cut = true,
            }
        }
        if !text.is_empty() {
            return Ok(Some(RecordText { line, text, cut }));
        }
        let mut faults = Faults::of(&self.file);
        self.lines.whole(&mut faults);
        faults.end()?;
        Ok(None)
    }
}

/// `Key=Value` parted by blanks.
pub(super) struct Record<'t>(pub &'t str);

impl<'t> Record<'t> {
    /// The value of a key up to the next blank; none where the key is not there or Slurm prints that it has none.
    pub fn get(&self, key: &str) -> Option<&'t str> {
        let value = self.rest(key)?;
        let value = value.split(char::is_whitespace).next().unwrap_or_default();
        (!matches!(value, "" | "(null)" | "N/A" | "None")).then_some(value)
    }

    /// All that follows a key.
    pub fn rest(&self, key: &str) -> Option<&'t str> {
        let mut from = 0;
        while let Some(found) = self.0[from..].find(key) {
            let at = from + found;
            let after = at + key.len();
            let begins = at == 0 || self.0[..at].ends_with(char::is_whitespace);
            if begins && self.0[after..].starts_with('=') {
                return Some(&self.0[after + 1..]);
            }
            from = after;
        }
        None
    }
}
