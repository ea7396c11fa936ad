//! The few calls that differ between systems: exchanging two names, locks, what a name refers to, syncing a folder.

use std::ffi::OsStr;
use std::fs::{self, File, FileType, Metadata};
use std::io;
use std::path::{Path, PathBuf};

/// How a temporary folder's name ends: so many random letters and digits.
const RANDOM: usize = 12;

/// Exchanges two names in one step.
#[cfg(target_os = "linux")]
pub(super) fn exchange(a: &Path, b: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    Ok(renameat_with(CWD, a, CWD, b, RenameFlags::EXCHANGE)?)
}

#[cfg(not(target_os = "linux"))]
pub(super) fn exchange(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Renames where nothing has the new name.
#[cfg(target_os = "linux")]
pub(super) fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) => rename_if_free(from, to),
        other => Ok(other?),
    }
}

#[cfg(not(target_os = "linux"))]
pub(super) fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    rename_if_free(from, to)
}

/// In two steps, where the system has no single one.
fn rename_if_free(from: &Path, to: &Path) -> io::Result<()> {
    if fs::symlink_metadata(to).is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    fs::rename(from, to)
}

/// The device and the number by which the file system knows a file or folder.
#[cfg(unix)]
pub(super) fn identity(metadata: &Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    (metadata.dev(), metadata.ino())
}

#[cfg(not(unix))]
pub(super) fn identity(_: &Metadata) -> (u64, u64) {
    (0, 0)
}

/// What changes when a file is written to: its number, its length and the time of the last change.
pub(super) type Stamp = (u64, u64, i64, i64);

/// A file's stamp.
#[cfg(unix)]
pub(super) fn stamp(metadata: &Metadata) -> Stamp {
    use std::os::unix::fs::MetadataExt;
    (metadata.ino(), metadata.len(), metadata.mtime(), metadata.mtime_nsec())
}

#[cfg(not(unix))]
pub(super) fn stamp(metadata: &Metadata) -> Stamp {
    (0, metadata.len(), 0, 0)
}

/// Syncs a folder: the names in it. Not every file system can, and those that cannot need not.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    match File::open(folder).and_then(|folder| folder.sync_all()) {
        Err(error) if cannot(&error) => Ok(()),
        other => other,
    }
}

/// Whether the system says that it has no such thing, or not here.
pub(super) fn cannot(error: &io::Error) -> bool {
    use io::ErrorKind as Kind;
    matches!(
        error.kind(),
        Kind::Unsupported
            | Kind::InvalidInput
            | Kind::CrossesDevices
            | Kind::PermissionDenied
            | Kind::ReadOnlyFilesystem
    ) || matches!(error.raw_os_error(), Some(9 | 16 | 38 | 95))
}

/// A lock that is taken back when this is dropped. By its name and not by closing the file: a process that another thread
/// starts has the file open, too, until it runs its program.
#[derive(Debug)]
pub(super) struct Lock {
    pub(super) file: File,
    /// Whether it is locked: there are systems without locks, where nobody can have one.
    held: bool,
}

impl Drop for Lock {
    fn drop(&mut self) {
        self.file.unlock().ok();
    }
}

/// Takes an advisory lock, waiting for it or not; none if somebody else has it.
pub(super) fn lock(file: File, wait: bool) -> Option<Lock> {
    let held = if wait {
        file.lock().is_ok()
    } else {
        match file.try_lock() {
            Err(fs::TryLockError::WouldBlock) => return None,
            taken => taken.is_ok(),
        }
    };
    Some(Lock { file, held })
}

/// The names in `folder` that begin with `start` and end as ours do, are of the `kind` that ours are, and whose owner is
/// gone: each with its lock.
pub(super) fn orphans(folder: &Path, start: &OsStr, kind: fn(&FileType) -> bool) -> Vec<(PathBuf, Lock)> {
    let mut found = Vec::new();
    // A folder that cannot be listed hides what lies there; it is in nobody's way.
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries {
        let name = entry.file_name();
        let ours = name.as_encoded_bytes().strip_prefix(start.as_encoded_bytes());
        let ours = ours.is_some_and(|end| end.len() == RANDOM && end.iter().all(u8::is_ascii_alphanumeric));
        // A link leads elsewhere, and opening a pipe waits for its other end.
        if !ours || !entry.file_type().is_ok_and(|it| kind(&it)) {
            continue;
        }
        let lock = File::open(entry.path()).ok().and_then(|file| lock(file, false));
        found.extend(lock.filter(|lock| lock.held).map(|lock| (entry.path(), lock)));
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

/// A name for something temporary: begun with `start`, random, and made by `make` where it is free.
pub(super) fn random<R>(
    folder: &Path,
    start: &OsStr,
    make: impl FnMut(&Path) -> io::Result<R>,
) -> io::Result<(PathBuf, R)> {
    let made = tempfile::Builder::new()
        .prefix(start)
        .rand_bytes(RANDOM)
        .disable_cleanup(true)
        .make_in(folder, make)?;
    let (file, path) = made.into_parts();
    let path = path.keep().map_err(|error| error.error)?;
    Ok((path, file))
}

/// The path that a path leads to, links followed; its last part need not be there yet.
pub(super) fn resolved(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    // As many links as Linux follows.
    for _ in 0..40 {
        match path.canonicalize() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            other => return other,
        }
        let parent = parent(&path).to_owned();
        match fs::read_link(&path) {
            Ok(to) => path = parent.join(to),
            Err(_) => {
                let name = path.file_name().ok_or(io::ErrorKind::NotFound)?;
                return Ok(match parent.canonicalize() {
                    Ok(parent) => parent.join(name),
                    Err(_) => path,
                });
            }
        }
    }
    Err(io::Error::other("too many links"))
}

/// The folder that a path is in.
pub(super) fn parent(path: &Path) -> &Path {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    parent.unwrap_or(Path::new("."))
}

/// The text of a regular file. Others are refused: a pipe or a device in a folder of results, or in place of a
/// golden, could be read for ever.
///
/// # Errors
/// When it is none, is no text, or the file system refuses.
pub fn read_text(path: &Path) -> io::Result<String> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"));
    }
    fs::read_to_string(path)
}

/// Whether a path below `folder` leads through folders alone, as far as it is there, so that nothing leads out of it.
pub(super) fn leads_within(folder: &Path, path: &str) -> Result<(), String> {
    for (at, _) in path.match_indices('/') {
        let above = &path[..at];
        if fs::symlink_metadata(folder.join(above)).is_ok_and(|it| !it.is_dir()) {
            return Err(above.to_owned());
        }
    }
    Ok(())
}
