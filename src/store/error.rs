//! What can go wrong with a folder of results, a sweep's or a plan's.

use std::path::Path;

use super::disk::error::{StoreError, may_pass};

/// Why a folder could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The file system refused.
    #[error("{path}: {source}")]
    Io {
        /// The file or folder.
        path: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// The folder to write holds something that no sweep has written.
    #[error("{path} holds `{found}`, which no sweep wrote there: name another folder, or empty this one")]
    Occupied {
        /// The folder.
        path: String,
        /// The first thing found that does not belong to a sweep.
        found: String,
    },
    /// The folder to write holds another sweep.
    #[error("{path} holds another sweep: {what}; name another folder with --out, or remove this one")]
    OtherSweep {
        /// The folder.
        path: String,
        /// The first difference.
        what: String,
        /// Whether the other was planned by another version, or on a machine that computes differently.
        machine: bool,
    },
    /// A folder could not be written, or does not hold what its manifest promises.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A line of a file is not as it was written.
    #[error("{file}:{line}: {what}")]
    Line {
        /// The file.
        file: String,
        /// The line, from 1.
        line: u64,
        /// What is wrong with it.
        what: String,
    },
    /// A file is not as it was written.
    #[error("{file}: {what}")]
    File {
        /// The file.
        file: String,
        /// What is wrong with it.
        what: String,
    },
    /// A file is as it was written, and still not as this version has it.
    #[error(
        "{why}; it is as it was written, so that another version of sickbay wrote it: make it again with `sickbay {command}`"
    )]
    Outdated {
        /// What is missing or strange, and where.
        why: Box<FolderError>,
        /// The command that makes it again.
        command: &'static str,
    },
    /// The results cannot be written as they are.
    #[error("{0}")]
    Results(String),
}

impl FolderError {
    /// What is wrong with a file whose manifest says that nobody has touched it since it was written.
    pub(super) fn outdated(self, command: &'static str) -> FolderError {
        match self {
            FolderError::Line { .. } | FolderError::File { .. } => FolderError::Outdated {
                why: Box::new(self),
                command,
            },
            other => other,
        }
    }

    /// Whether it may pass by itself, so that the same command is worth another try: a full disk, a lost network, too
    /// many open files, a device that failed to answer.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            FolderError::Io { source, .. } => may_pass(source),
            FolderError::Store(error) => error.may_pass(),
            _ => false,
        }
    }
}

/// Names the path in an error of the file system.
pub(super) fn at(path: &Path) -> impl FnOnce(std::io::Error) -> FolderError + '_ {
    move |source| FolderError::Io {
        path: path.display().to_string(),
        source,
    }
}
