//! What a folder holds, seen with its manifest: what is ours, what has been edited, and what is somebody else's.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use super::StoreError;
use super::error::at;
use super::hidden::{INSIDE, is_ours};
use super::manifest::{MANIFEST, Manifest};
use super::os::{Stamp, stamp};

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Survey {
    /// Files of ours that are no longer as they were written.
    pub(super) edited: Vec<String>,
    /// What we did not write: files, links, and folders in which nothing of ours is (with a slash behind).
    pub(super) foreign: Vec<String>,
    /// Files of ours that are as they were written, with what would change if they were written to.
    pub(super) ours: BTreeMap<String, Stamp>,
}

impl Survey {
    /// Whether nothing is there but ours.
    pub(super) fn clean(&self) -> bool {
        self.edited.is_empty() && self.foreign.is_empty()
    }
}

/// Looks at the folder. Folders in which nothing of ours is are named and not entered.
pub(super) fn survey(folder: &Path, manifest: &Manifest) -> Result<Survey, StoreError> {
    let mut folders = BTreeSet::new();
    for (path, _) in manifest.files() {
        folders.extend(path.match_indices('/').map(|(at, _)| path[..at].to_owned()));
    }
    let mut found = Survey::default();
    let mut open = vec![String::new()];
    while let Some(inside) = open.pop() {
        let here = folder.join(&inside);
        for entry in fs::read_dir(&here).map_err(at(&here))? {
            let entry = entry.map_err(at(&here))?;
            let name = entry.file_name();
            let kind = entry.file_type().map_err(at(&entry.path()))?;
            let path = if inside.is_empty() {
                name.to_string_lossy().into_owned()
            } else {
                format!("{inside}/{}", name.to_string_lossy())
            };
            let working = || path.starts_with(INSIDE) && kind.is_dir() && is_ours(&entry.path());
            if inside.is_empty() && (path == MANIFEST && kind.is_file() || working()) {
                continue;
            }
            if kind.is_dir() {
                // A name that is no text is none of ours.
                if folders.contains(&path) && name.to_str().is_some() {
                    open.push(path);
                } else {
                    found.foreign.push(path + "/");
                }
                continue;
            }
            match manifest.entry(&path).filter(|_| name.to_str().is_some()) {
                Some(said) if kind.is_file() => {
                    let file = entry.path();
                    let before = entry.metadata().map_err(at(&file))?;
                    if said.matches(&file).map_err(at(&file))? {
                        found.ours.insert(path, stamp(&before));
                    } else {
                        found.edited.push(path);
                    }
                }
                _ => found.foreign.push(path),
            }
        }
    }
    found.edited.sort();
    found.foreign.sort();
    Ok(found)
}
