//! The hidden folders that we work in: how they are told from others' folders, and how a file is kept beside one.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::StoreError;
use super::error::at;
use super::os::rename_new;

/// How the hidden folders inside a target begin.
pub(super) const INSIDE: &str = ".sickbay-";

/// Says that a hidden folder is ours: its name alone does not, for anybody may call a folder so.
pub(super) const MARK: &str = "mark";

pub(super) const MARKED: &str =
    "A sickbay that writes results works here. Its next start removes what it has left in this folder.\n";

/// Gives a file or folder a name, or one like it where that is taken.
pub(super) fn keep(own: &Path, place: &Path) -> Result<PathBuf, StoreError> {
    let mut name = place.as_os_str().to_owned();
    loop {
        match rename_new(own, Path::new(&name)) {
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::AlreadyExists | io::ErrorKind::DirectoryNotEmpty
                ) =>
            {
                name.push(".kept");
            }
            other => return other.map(|()| name.into()).map_err(at(place)),
        }
    }
}

/// Whether a hidden folder is one that we made. One whose maker died before the mark was whole holds nothing else.
pub(super) fn is_ours(root: &Path) -> bool {
    let Ok(entries) = fs::read_dir(root) else { return false };
    let others = entries.flatten().filter(|entry| entry.file_name() != MARK).count();
    let mark = root.join(MARK);
    match fs::symlink_metadata(&mark) {
        Ok(found) if found.is_file() => {
            let text = super::read_text(&mark).unwrap_or_default();
            text == MARKED || others == 0 && MARKED.starts_with(&text)
        }
        Ok(_) => false,
        Err(_) => others == 0,
    }
}
