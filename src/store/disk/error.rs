//! Why a folder or file could not be written or read.

use std::io;
use std::path::Path;

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file system refused.
    #[error("{path}: {source}")]
    Io {
        /// The file or folder.
        path: String,
        /// What the system says.
        source: io::Error,
    },
    /// The folder holds what we did not write there.
    #[error(
        "{path} holds `{found}`{more}, which no sickbay of this kind wrote there: name another folder, or give --replace to \
         write around it (what is in the way of a name is replaced, everything else stays)"
    )]
    Foreign {
        /// The folder.
        path: String,
        /// The first thing found.
        found: String,
        /// How many more, in words.
        more: String,
    },
    /// The folder has files where ours would be, and no manifest that says whose they are.
    #[error(
        "{path} holds `{found}`{more} and no manifest.txt that says who wrote it (results of an older sickbay have none): \
         name another folder, or give --replace to write over the files of the same names; everything else stays"
    )]
    Unlisted {
        /// The folder.
        path: String,
        /// The first thing found.
        found: String,
        /// How many more, in words.
        more: String,
    },
    /// A file of ours has been edited.
    #[error(
        "{path} holds `{found}`{more}, which has been edited since sickbay wrote it: move it away, name another folder, \
         or give --replace to lose the edits"
    )]
    Edited {
        /// The folder.
        path: String,
        /// The first one.
        found: String,
        /// How many more, in words.
        more: String,
    },
    /// Something stands in the way that is never replaced.
    #[error("{path}: `{found}` is {what}, and a {wanted} is to be written there: move it away, or name another folder")]
    InTheWay {
        /// The folder.
        path: String,
        /// What stands there.
        found: String,
        /// What it is.
        what: &'static str,
        /// What should be there.
        wanted: &'static str,
    },
    /// The new contents could not be put in their place; what there is of them was kept elsewhere.
    #[error("{why}\nIt came while this was running. What was finished is in {kept}")]
    Late {
        /// What is in the way.
        why: Box<StoreError>,
        /// Where the new contents are.
        kept: String,
    },
    /// The folder is no longer where it was.
    #[error("{path} has been moved or removed")]
    Gone {
        /// The folder.
        path: String,
    },
    /// A change of the folder was begun and not finished, and who only reads does not finish it.
    #[error(
        "a sickbay that was cut short had begun to change {path}: `sickbay plot {path}` finishes that, and so does the next \
         run that writes there"
    )]
    Torn {
        /// The folder.
        path: String,
    },
    /// Another process is writing the folder.
    #[error("another sickbay is writing {path}")]
    Busy {
        /// The folder.
        path: String,
    },
    /// The path has no name of its own.
    #[error("{path} cannot be replaced as a whole: name a folder of its own for the results")]
    Nameless {
        /// The path as it was given.
        path: String,
    },
    /// The path is no folder.
    #[error("{path} is a file, which no run wrote as a folder: name another one")]
    NotAFolder {
        /// The path.
        path: String,
    },
    /// A file is not what the manifest promises.
    #[error("{file}: {what}")]
    Damaged {
        /// The file.
        file: String,
        /// What is wrong with it.
        what: String,
    },
}

impl StoreError {
    /// Something in a folder stands in the way of what is to be written there.
    pub(super) fn in_the_way(path: &Path, found: &str, what: &'static str, wanted: &'static str) -> StoreError {
        StoreError::InTheWay {
            path: path.display().to_string(),
            found: found.to_owned(),
            what,
            wanted,
        }
    }

    /// Whether it may pass by itself, so that the same command is worth another try.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            StoreError::Io { source, .. } => may_pass(source),
            StoreError::Busy { .. } => true,
            StoreError::Late { why, .. } => why.may_pass(),
            _ => false,
        }
    }
}

/// Whether what the system says may pass by itself: a full disk, a lost network, too many open files, a device that
/// failed to answer.
#[must_use]
pub fn may_pass(error: &io::Error) -> bool {
    use io::ErrorKind as Kind;
    // EIO, ENFILE and EMFILE, which have no kind of their own; ENOLCK and ENOMEM.
    const NUMBERS: [i32; 5] = [5, 12, 23, 24, 37];
    let number = error.raw_os_error().is_some_and(|number| NUMBERS.contains(&number));
    number
        || matches!(
            error.kind(),
            Kind::StorageFull
                | Kind::QuotaExceeded
                | Kind::StaleNetworkFileHandle
                | Kind::ResourceBusy
                | Kind::NetworkDown
                | Kind::NetworkUnreachable
                | Kind::HostUnreachable
                | Kind::ConnectionReset
                | Kind::ConnectionAborted
                | Kind::TimedOut
                | Kind::WouldBlock
                | Kind::Interrupted
                | Kind::WriteZero
        )
}

/// Names the path in an error of the file system.
pub(super) fn at(path: &Path) -> impl FnOnce(io::Error) -> StoreError + '_ {
    move |source| StoreError::Io {
        path: path.display().to_string(),
        source,
    }
}

/// The first of some names, and how many more there are.
pub(super) fn first_of(names: &[String]) -> (String, String) {
    let first = names.first().map(|name| shown(name)).unwrap_or_default();
    let more = match names.len().saturating_sub(1) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    (first, more)
}

/// A name as it is printed: no control characters.
pub(super) fn shown(name: &str) -> String {
    name.chars()
        .flat_map(|c| {
            if c.is_control() {
                c.escape_default().collect::<Vec<_>>()
            } else {
                vec![c]
            }
        })
        .collect()
}
