//! The hidden folder that new contents are filled into, their way into the place, and what a dead process has left of it.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::{self, DirBuilder, File, FileType, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::StoreError;
use super::error::at;
use super::hidden::{INSIDE, MARK, MARKED, is_ours, keep};
use super::journal::{Journal, NEW};
use super::manifest::{MANIFEST, Manifest};
use super::os::{self, Lock, cannot, identity, orphans, parent, random, sync_folder};
use super::slot::put;
use super::survey::Survey;

/// Says that the folder beside is whole, and by which number the file system knows it: after the exchange the folder of
/// that name is another one, the old.
const READY: &str = "ready";

/// How the hidden folders beside a target begin.
fn beside(target: &Path) -> OsString {
    let mut start = OsString::from(".");
    start.push(target.file_name().unwrap_or_default());
    start.push(INSIDE);
    start
}

/// A hidden folder with the new contents in `new/`.
#[derive(Debug)]
pub(super) struct Stage {
    pub(super) root: PathBuf,
    /// Whether it lies beside the target and not in it.
    pub(super) beside: bool,
    /// Whether it stays where it is when we are done: somebody has to finish what its journal says.
    pub(super) stays: bool,
    _lock: Option<Lock>,
}

impl Stage {
    /// Beside the target if it can be renamed there, inside it otherwise.
    pub(super) fn open(target: &Path, wish_beside: bool) -> Result<Stage, StoreError> {
        let folder = parent(target);
        let device = |path: &Path| fs::metadata(path).map(|it| identity(&it).0).ok();
        if wish_beside && device(folder) == device(target) {
            match Stage::make(folder, &beside(target), true) {
                // A name that is too long beside may be short enough inside.
                Err(error) if cannot(&error) || error.kind() == io::ErrorKind::InvalidFilename => {}
                other => return other.map_err(at(folder)),
            }
        }
        Stage::make(target, &INSIDE.into(), false).map_err(at(target))
    }

    fn make(folder: &Path, start: &OsString, beside: bool) -> io::Result<Stage> {
        let (root, ()) = random(folder, start, |path| DirBuilder::new().create(path))?;
        let lock = File::open(&root).ok();
        if let Some(lock) = &lock {
            os::lock(lock, false);
        }
        // From here on a failure takes the folder away again.
        let stage = Stage {
            root,
            beside,
            stays: false,
            _lock: lock.map(Lock),
        };
        let mut mark = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(stage.root.join(MARK))?;
        mark.write_all(MARKED.as_bytes())?;
        mark.sync_all()?;
        fs::create_dir(stage.fresh())?;
        Ok(stage)
    }

    /// The folder of the new contents.
    pub(super) fn fresh(&self) -> PathBuf {
        self.root.join(NEW)
    }

    /// Takes over the files that another stage was filled with.
    pub(super) fn take_over<'a>(&self, other: &Stage, files: impl Iterator<Item = &'a str>) -> Result<(), StoreError> {
        for path in files {
            let (from, to) = (other.fresh().join(path), self.fresh().join(path));
            let into = parent(&to);
            fs::create_dir_all(into).map_err(at(into))?;
            if fs::rename(&from, &to).is_err() {
                fs::copy(&from, &to).map_err(at(&to))?;
                File::open(&to).and_then(|file| file.sync_all()).map_err(at(&to))?;
            }
        }
        Ok(())
    }

    /// A file that takes another's place may be read and written by those who could before. So may a folder, where
    /// `folders` are exchanged too; else the old ones stay.
    pub(super) fn keep_modes(&self, target: &Path, folders: bool) -> Result<(), StoreError> {
        let mut open = vec![PathBuf::new()];
        while let Some(inside) = open.pop() {
            let here = self.fresh().join(&inside);
            for entry in fs::read_dir(&here).map_err(at(&here))? {
                let entry = entry.map_err(at(&here))?;
                let path = inside.join(entry.file_name());
                let new = entry.metadata().map_err(at(&here))?;
                if let Ok(old) = fs::symlink_metadata(target.join(&path))
                    && old.file_type() == new.file_type()
                    && old.permissions() != new.permissions()
                    && (folders || new.is_file())
                {
                    fs::set_permissions(entry.path(), old.permissions()).map_err(at(&here))?;
                }
                if new.is_dir() {
                    open.push(path);
                }
            }
        }
        Ok(())
    }

    /// Syncs the folders of the new contents; the files have been synced as they were written.
    pub(super) fn sync(&self) -> Result<(), StoreError> {
        let mut open = vec![self.fresh()];
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(&folder).map_err(at(&folder))? {
                let entry = entry.map_err(at(&folder))?;
                if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    open.push(entry.path());
                }
            }
            sync_folder(&folder).map_err(at(&folder))?;
        }
        sync_folder(&self.root).map_err(at(&self.root))
    }

    /// Puts the new folder in the target's place, in one step; whether the system could. `now` is what the target holds,
    /// all of it ours. What has come since is carried over.
    pub(super) fn exchange(&mut self, target: &Path, old: &Manifest, now: &Survey) -> Result<bool, StoreError> {
        let new = self.fresh();
        // Who was let in stays let in.
        if let Ok(metadata) = fs::metadata(target) {
            fs::set_permissions(&new, metadata.permissions()).map_err(at(&new))?;
        }
        self.keep_modes(target, true)?;
        self.sync()?;
        let empty = fs::read_dir(target).map_err(at(target))?.next().is_none();
        let done = if empty {
            fs::rename(&new, target)
        } else {
            let metadata = fs::metadata(&new).map_err(at(&new))?;
            let (device, number) = identity(&metadata);
            put(&self.root.join(READY), format!("{device} {number}\n").as_bytes())?;
            os::exchange(&new, target)
        };
        match done {
            Ok(()) => {}
            Err(error) if cannot(&error) || error.kind() == io::ErrorKind::DirectoryNotEmpty => return Ok(false),
            Err(error) => return Err(at(target)(error)),
        }
        // What is in the hidden folder now may be the user's: if it cannot be looked through, the next start does it.
        self.stays = !empty;
        sync_folder(parent(target)).map_err(at(target))?;
        if !empty {
            clear(&new, target, old, Some(&now.ours))?;
        }
        self.stays = false;
        Ok(true)
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if !self.stays {
            remove(&self.root).ok();
        }
    }
}

/// Removes from an old folder what is ours and unchanged, and carries everything else over to the new one.
fn clear(
    old: &Path,
    target: &Path,
    manifest: &Manifest,
    seen: Option<&BTreeMap<String, os::Stamp>>,
) -> Result<(), StoreError> {
    for (path, entry) in manifest.files() {
        let file = old.join(path);
        let Ok(metadata) = fs::symlink_metadata(&file) else {
            continue;
        };
        let same = match seen {
            Some(seen) => seen.get(path) == Some(&os::stamp(&metadata)),
            None => metadata.is_file() && entry.matches(&file).map_err(at(&file))?,
        };
        if same {
            fs::remove_file(&file).map_err(at(&file))?;
        }
    }
    match fs::remove_file(old.join(MANIFEST)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(at(old)(error)),
        _ => {}
    }
    carry(old, target)
}

/// Moves what is left in one folder into another, where nothing is replaced; empty folders go.
fn carry(from: &Path, to: &Path) -> Result<(), StoreError> {
    for entry in fs::read_dir(from).map_err(at(from))? {
        let entry = entry.map_err(at(from))?;
        let (own, place) = (entry.path(), to.join(entry.file_name()));
        let folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if folder && fs::symlink_metadata(&place).is_ok_and(|it| it.is_dir()) {
            carry(&own, &place)?;
        }
        if folder {
            match fs::remove_dir(&own) {
                Ok(()) => continue,
                Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => {}
                // One of ours that could not be removed is nobody's to keep.
                Err(error) => return Err(at(&own)(error)),
            }
        }
        keep(&own, &place)?;
    }
    Ok(())
}

/// Removes a hidden folder of ours, its mark after everything else: what a kill leaves of it is known as ours by the next run.
/// The system lists the names of a folder in any order.
fn remove(root: &Path) -> io::Result<()> {
    for entry in fs::read_dir(root)? {
        let entry = entry?;
        if entry.file_name() == MARK {
            continue;
        }
        if entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        } else {
            fs::remove_file(entry.path())?;
        }
    }
    match fs::remove_file(root.join(MARK)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    fs::remove_dir(root)
}

/// The hidden folders of dead processes that begin so: each with its lock.
fn left_behind(folder: &Path, start: &OsStr) -> Vec<(PathBuf, Lock)> {
    let mut left = orphans(folder, start, FileType::is_dir);
    left.retain(|(root, _)| is_ours(root));
    left
}

/// Finishes or rolls back what dead processes have left of a folder; says what it did. Who calls holds the folder's lock.
pub(super) fn recover(target: &Path) -> Result<Vec<String>, StoreError> {
    let (mut notes, shown) = (Vec::new(), target.display());
    for (root, _lock) in left_behind(target, INSIDE.as_ref()) {
        let said = match Journal::read(&root) {
            Some(journal) => {
                // Somebody else may have written it.
                journal.stays_within(&root, target)?;
                let old = manifest_of(target).unwrap_or_default();
                journal.guarded(&root, target, &old)?;
                journal.apply(&root, target)?;
                format!("finished in {shown} what an earlier run that was cut short had begun to put there")
            }
            None => format!("removed from {shown} what an earlier run that was cut short had left half-written"),
        };
        remove(&root).map_err(at(&root))?;
        notes.push(said);
    }
    for (root, _lock) in left_behind(parent(target), &beside(target)) {
        let new = root.join(NEW);
        let said = if exchanged(&root, &new) {
            let old = manifest_of(&new).unwrap_or_default();
            clear(&new, target, &old, None)?;
            format!("removed what an earlier run that was cut short had replaced in {shown}")
        } else {
            format!("removed beside {shown} what an earlier run that was cut short had left unfinished")
        };
        remove(&root).map_err(at(&root))?;
        notes.push(said);
    }
    Ok(notes)
}

/// Whether a change was begun in a folder and is not finished, with nobody at it.
pub(super) fn is_torn(target: &Path) -> bool {
    let left = left_behind(target, INSIDE.as_ref());
    left.iter().any(|(root, _)| Journal::read(root).is_some())
}

/// Whether the folder beside has been exchanged, and is the old one now.
fn exchanged(root: &Path, new: &Path) -> bool {
    let (Ok(ready), Ok(metadata)) = (super::read_text(&root.join(READY)), fs::symlink_metadata(new)) else {
        return false;
    };
    let (device, number) = identity(&metadata);
    metadata.is_dir() && ready != format!("{device} {number}\n")
}

/// A folder's manifest, if it has one that can be read.
fn manifest_of(folder: &Path) -> Option<Manifest> {
    Manifest::parse(&super::read_text(&folder.join(MANIFEST)).ok()?).ok()
}
