//! Reading an input file: a regular file, links resolved first, and where it is asked for only below certain folders.
//!
//! A device or a pipe may never end, and a file of the system's own (`/proc/self/environ`) says what is nobody's business
//! when an error quotes it.

use std::collections::BTreeMap;
use std::fs::{self, File, Metadata};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Folders whose files the system makes up as they are read.
const SYSTEM: [&str; 3] = ["/proc", "/sys", "/dev"];

/// What may be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Only what lies below one of these folders; anything, if there are none.
    pub below: Option<Vec<PathBuf>>,
    /// No file of more bytes.
    pub most: u64,
    /// Files that are made and not on any disk: they are read first.
    pub made: BTreeMap<PathBuf, Vec<u8>>,
}

impl Default for Reading {
    fn default() -> Self {
        Reading {
            below: None,
            most: u64::MAX,
            made: BTreeMap::new(),
        }
    }
}

/// Why a file is not read.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The system says no.
    #[error("{}", plain(.0))]
    System(#[from] std::io::Error),
    /// It is no file with an end.
    #[error("it is {0} and no regular file")]
    Special(&'static str),
    /// It lies elsewhere.
    #[error("it lies outside of the folders that may be read")]
    Outside,
    /// It is too large.
    #[error("its {size} bytes are more than the {most} that may be used")]
    Large {
        /// Its bytes.
        size: u64,
        /// How many there may be.
        most: u64,
    },
}

impl FileError {
    /// What to do about it; `missing` is the mend for a file that is not there.
    #[must_use]
    pub fn mend<'a>(&self, missing: &'a str, folder: &'a str) -> &'a str {
        match self {
            FileError::System(error) => match error.kind() {
                std::io::ErrorKind::NotFound => missing,
                std::io::ErrorKind::IsADirectory => folder,
                _ => "make the file readable",
            },
            FileError::Special("a directory") => folder,
            FileError::Special(_) => "copy what is to be read into a file",
            FileError::Outside => {
                "put it below the scenario's folder, or allow its own with `--inputs DIR`; links are resolved first"
            }
            FileError::Large { .. } => "cut the file, or allow more with `--max-memory`",
        }
    }

    /// Whether there is no such file.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(self, FileError::System(error) if error.kind() == std::io::ErrorKind::NotFound)
    }
}

/// What the system says of a file, without its error number.
pub(crate) fn plain(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        std::io::ErrorKind::IsADirectory => "it is a directory".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    }
}

impl Reading {
    /// Only what lies below these folders, links resolved.
    ///
    /// # Errors
    /// The folder that cannot be found.
    pub fn below<'a>(folders: impl IntoIterator<Item = &'a Path>) -> Result<Reading, (PathBuf, std::io::Error)> {
        let resolve = |folder: &Path| {
            let folder = if folder.as_os_str().is_empty() {
                Path::new(".")
            } else {
                folder
            };
            fs::canonicalize(folder).map_err(|error| (folder.to_owned(), error))
        };
        let below = folders.into_iter().map(resolve).collect::<Result<_, _>>()?;
        Ok(Reading {
            below: Some(below),
            ..Reading::default()
        })
    }

    /// The file, to be read piece by piece.
    ///
    /// # Errors
    /// When it is not there, not to be read, or no file that may be read here.
    pub fn open(&self, path: &Path) -> Result<File, FileError> {
        self.opened(path).map(|(file, _)| file)
    }

    fn opened(&self, path: &Path) -> Result<(File, Metadata), FileError> {
        let path = fs::canonicalize(path)?;
        if let Some(below) = &self.below
            && !below.iter().any(|folder| path.starts_with(folder))
        {
            return Err(FileError::Outside);
        }
        // Before it is opened, for opening a pipe waits for its other end; and after, for it may have been exchanged.
        regular(&path, &fs::metadata(&path)?)?;
        let file = File::open(&path)?;
        let found = file.metadata()?;
        regular(&path, &found)?;
        Ok((file, found))
    }

    /// The file's bytes.
    ///
    /// # Errors
    /// When it is not there, not to be read, or no file that may be read here.
    pub fn read(&self, path: &Path) -> Result<Vec<u8>, FileError> {
        if let Some(bytes) = self.made.get(path) {
            return Ok(bytes.clone());
        }
        let (file, found) = self.opened(path)?;
        let large = |size: u64| FileError::Large { size, most: self.most };
        if found.len() > self.most {
            return Err(large(found.len()));
        }
        let mut bytes = Vec::new();
        file.take(self.most.saturating_add(1)).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > self.most {
            return Err(large(bytes.len() as u64));
        }
        Ok(bytes)
    }
}

/// Refuses what is no regular file, or one that the system makes up.
fn regular(path: &Path, found: &Metadata) -> Result<(), FileError> {
    if found.is_dir() {
        return Err(FileError::Special("a directory"));
    }
    if !found.is_file() {
        return Err(FileError::Special("a device, a pipe or a socket"));
    }
    if SYSTEM.iter().any(|folder| path.starts_with(folder)) || made_up(found) {
        return Err(FileError::Special("a file that the system makes up"));
    }
    Ok(())
}

/// Whether the file lies on the file system of one of the system's own folders, wherever that is mounted.
#[cfg(unix)]
fn made_up(found: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    let own = |folder: &&&str| fs::metadata(**folder).is_ok_and(|folder| folder.dev() == found.dev());
    SYSTEM[..2].iter().find(|folder| own(folder)).is_some()
}

#[cfg(not(unix))]
fn made_up(_found: &Metadata) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regular_files_are_read_and_nothing_else() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("a.csv");
        fs::write(&file, "a,b\n").expect("written");
        let any = Reading::default();
        assert_eq!(any.read(&file).expect("read"), b"a,b\n");
        assert!(
            any.read(&folder.path().join("none"))
                .is_err_and(|error| error.is_missing())
        );
        assert!(matches!(
            any.read(folder.path()),
            Err(FileError::Special("a directory"))
        ));
        let few = Reading { most: 3, ..any };
        assert!(matches!(few.read(&file), Err(FileError::Large { size: 4, most: 3 })));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn pipes_devices_and_what_the_system_makes_up_are_refused_behind_links_too() {
        let folder = tempfile::tempdir().expect("a folder");
        let any = Reading::default();
        for target in ["/proc/self/environ", "/dev/zero", "/dev/stdin", "/sys/kernel/notes"] {
            let link = folder.path().join("link.csv");
            fs::remove_file(&link).ok();
            std::os::unix::fs::symlink(target, &link).expect("a link");
            for path in [Path::new(target), &link] {
                assert!(any.read(path).is_err(), "{}", path.display());
            }
        }
        let pipe = folder.path().join("pipe.csv");
        let made = std::process::Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .expect("mkfifo runs");
        assert!(made.success());
        assert!(matches!(any.read(&pipe), Err(FileError::Special(_))));
    }

    #[test]
    #[cfg(unix)]
    fn below_a_folder_means_where_links_lead() {
        let (inside, outside) = (
            tempfile::tempdir().expect("a folder"),
            tempfile::tempdir().expect("a folder"),
        );
        fs::write(outside.path().join("a"), "secret").expect("written");
        fs::write(inside.path().join("b"), "open").expect("written");
        std::os::unix::fs::symlink(outside.path().join("a"), inside.path().join("a")).expect("a link");
        let reading = Reading::below([inside.path()]).expect("folders");
        assert_eq!(reading.read(&inside.path().join("b")).expect("read"), b"open");
        for path in [
            inside.path().join("a"),
            inside.path().join("../x"),
            outside.path().join("a"),
        ] {
            assert!(
                matches!(reading.read(&path), Err(FileError::Outside | FileError::System(_))),
                "{}",
                path.display()
            );
        }
        let both = Reading::below([inside.path(), outside.path()]).expect("folders");
        assert_eq!(both.read(&inside.path().join("a")).expect("read"), b"secret");
    }
}
