//! A single file that is put in its place whole: filled beside it under a random name, synced, renamed.

use std::ffi::OsString;
use std::fs::{self, File, FileType, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::error::{StoreError, at};
use super::os;
use super::os::{Lock, leads_within, orphans, parent, random, resolved, sync_folder};

/// A file that is going to be written. It has been proved that there is room for its name.
#[derive(Debug)]
pub struct Slot {
    shown: PathBuf,
    real: PathBuf,
    beside: PathBuf,
    lock: Lock,
}

impl Slot {
    /// Makes the folder, follows links, and opens a temporary file beside the place. What dead processes have left there
    /// is cleaned.
    ///
    /// # Errors
    /// When the place cannot be written.
    pub fn open(path: &Path) -> Result<Slot, StoreError> {
        let real = resolved(path).map_err(at(path))?;
        if real.is_dir() {
            return Err(at(path)(io::ErrorKind::IsADirectory.into()));
        }
        let folder = parent(&real).to_owned();
        fs::create_dir_all(&folder).map_err(at(&folder))?;
        let mut start = OsString::from(".");
        start.push(real.file_name().unwrap_or_default());
        start.push(".sickbay-");
        for (orphan, _lock) in orphans(&folder, &start, FileType::is_file) {
            fs::remove_file(orphan).ok();
        }
        let make = |path: &Path| OpenOptions::new().write(true).create_new(true).open(path);
        loop {
            let (beside, file) = random(&folder, &start, make).map_err(at(path))?;
            // Between the making and the locking somebody may have taken it for an orphan.
            if let Some(lock) = os::lock(file, false)
                && fs::symlink_metadata(&beside).is_ok()
            {
                return Ok(Slot {
                    shown: path.to_owned(),
                    real,
                    beside,
                    lock,
                });
            }
        }
    }

    /// Writes the file and puts it in its place.
    ///
    /// # Errors
    /// When the file system refuses; then what was there is there.
    pub fn put(self, bytes: &[u8]) -> Result<(), StoreError> {
        let done = keep_mode(&self.lock.file, &self.real)
            .and_then(|()| (&self.lock.file).write_all(bytes))
            .and_then(|()| self.lock.file.sync_all())
            .and_then(|()| fs::rename(&self.beside, &self.real))
            .and_then(|()| sync_folder(parent(&self.real)));
        done.map_err(at(&self.shown))
    }
}

/// A file that takes another's place may be read and written by those who could before.
fn keep_mode(file: &File, place: &Path) -> io::Result<()> {
    match fs::metadata(place) {
        Ok(old) if old.is_file() => file.set_permissions(old.permissions()),
        _ => Ok(()),
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        // Not there where it was put in its place.
        fs::remove_file(&self.beside).ok();
    }
}

/// Puts a file in its place, whole or not at all.
///
/// # Errors
/// When the file system refuses.
pub fn put(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    Slot::open(path)?.put(bytes)
}

/// Whether a file of ours may be put below a folder: no link is followed on its way, and what has its name must be
/// `ours`, unless it is to be replaced.
///
/// # Errors
/// When something is in the way, or a file is there that is not ours.
pub fn may_put_within(
    root: &Path,
    path: &str,
    replace: bool,
    ours: impl FnOnce(&Path) -> bool,
) -> Result<(), StoreError> {
    let in_the_way = |found: &str, what, wanted| StoreError::in_the_way(root, found, what, wanted);
    leads_within(root, path).map_err(|above| in_the_way(&above, "no folder", "folder"))?;
    let place = root.join(path);
    match fs::symlink_metadata(&place) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(at(&place)(error)),
        Ok(found) if !found.is_file() => Err(in_the_way(path, "no regular file", "file")),
        Ok(_) if replace || ours(&place) => Ok(()),
        Ok(_) => Err(StoreError::Edited {
            path: root.display().to_string(),
            found: path.to_owned(),
            more: String::new(),
        }),
    }
}
