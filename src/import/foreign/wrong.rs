//! What is wrong with a foreign file or with what was asked of it; each text ends with what to do about it.

use std::path::{Path, PathBuf};

use crate::import::files::{FileError, plain};
use crate::import::table::{CsvError, ERROR_CAP};

/// Why an import of foreign files failed.
#[derive(Debug, thiserror::Error)]
pub enum ForeignError {
    /// A file could not be read.
    #[error("{}: {}; check the path, and that you may read it", path.display(), plain(.source))]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// A file does not hold what it should; up to 20 errors of it.
    #[error("{}", lines(.0))]
    Rows(Vec<CsvError>),
    /// The options do not fit the files.
    #[error("{0}")]
    Use(String),
}

impl ForeignError {
    /// A file that is not read.
    pub(crate) fn file(path: &Path, error: FileError) -> ForeignError {
        match error {
            FileError::System(source) => ForeignError::Io {
                path: path.to_owned(),
                source,
            },
            other => ForeignError::Use(format!(
                "{}: {other}; {}",
                path.display(),
                other.mend("check the path", "name the files in it")
            )),
        }
    }

    /// One thing that is wrong at one place.
    pub(crate) fn at(file: &str, line: u64, column: &str, message: impl Into<String>, mend: &str) -> ForeignError {
        ForeignError::Rows(vec![CsvError {
            file: file.to_owned(),
            line,
            column: column.to_owned(),
            message: message.into(),
            mend: mend.to_owned(),
        }])
    }
}

fn lines(errors: &[CsvError]) -> String {
    let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

/// The errors of a file while it is read, up to a cap.
#[derive(Debug)]
pub(crate) struct Faults {
    /// The file as the user named it.
    pub file: String,
    errors: Vec<CsvError>,
}

impl Faults {
    /// None so far.
    pub(crate) fn of(file: &str) -> Faults {
        Faults {
            file: file.to_owned(),
            errors: Vec::new(),
        }
    }

    /// Notes one.
    pub(crate) fn note(&mut self, line: u64, column: &str, message: impl Into<String>, mend: &str) {
        self.errors.push(CsvError {
            file: self.file.clone(),
            line,
            column: column.to_owned(),
            message: message.into(),
            mend: mend.to_owned(),
        });
    }

    /// Whether so many are noted that reading on is of no use.
    pub(crate) fn is_full(&self) -> bool {
        self.errors.len() >= ERROR_CAP
    }

    /// All of them, if there are any.
    pub(crate) fn end(self) -> Result<(), ForeignError> {
        if self.errors.is_empty() {
            Ok(())
        } else {
            Err(ForeignError::Rows(self.errors))
        }
    }
}
