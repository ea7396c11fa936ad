//! The folder of a sweep: its manifest, the scenario's text, shards as they are run, and the tables and figures that
//! are merged from them.

mod broken;
pub mod manifest;
pub mod merge;
mod rows;
pub mod shards;

use std::fs;
use std::path::{Component, Path, PathBuf};

pub use broken::broken;
pub use merge::{Merged, check, merge, merged};
pub use shards::{Begun, Work, begin, missing};

use super::disk::manifest::hex;
use super::disk::slot::put;
use super::disk::target::Claim;
use super::error::{FolderError, at};
use super::kind::FolderKind;
use crate::judge::sweep::SweepManifest;

/// The name under which a folder's manifest lists the files that are merged.
const WRITER: &str = FolderKind::Sweep.writer();

const MANIFEST: &str = "manifest.json";
const SCENARIO: &str = "scenario.toml";
const BASE: &str = "base.txt";

/// A sweep on disk.
#[derive(Clone, Debug)]
pub struct Sweep {
    /// Its folder.
    pub folder: PathBuf,
    /// Its definition.
    pub manifest: SweepManifest,
    /// Its id: SHA-256 of the manifest.
    pub id: String,
    /// The scenario's text.
    pub text: String,
    /// The folder that the scenario's paths are relative to.
    pub base: PathBuf,
}

/// How a sweep's folder was found.
#[derive(Debug)]
pub enum Opened {
    /// It has been made.
    Fresh(Sweep),
    /// It holds the same sweep.
    Same(Sweep),
}

/// Makes the folder of a sweep, or finds the same sweep in it. `text` is the scenario's, `base` the folder that its
/// paths are relative to.
///
/// # Errors
/// When the folder holds something else, or the file system refuses.
pub fn create(folder: &Path, manifest: SweepManifest, text: &str, base: &Path) -> Result<Opened, FolderError> {
    let claim = Claim::wait(folder)?;
    if folder.join(MANIFEST).is_file() {
        let there = open(folder)?;
        return match manifest::difference(&manifest, &there.manifest) {
            None => Ok(Opened::Same(there)),
            Some(what) => Err(FolderError::OtherSweep {
                path: folder.display().to_string(),
                what,
                machine: manifest.version != there.manifest.version
                    || manifest.fingerprint != there.manifest.fingerprint,
            }),
        };
    }
    let base = format!("{}\n", seen_from(folder, base));
    vacant(folder, &[(SCENARIO, text), (BASE, &base)])?;
    put(&folder.join(SCENARIO), text.as_bytes())?;
    put(&folder.join(BASE), base.as_bytes())?;
    // Last, for it says that the others are there.
    put(&folder.join(MANIFEST), manifest::document(&manifest).as_bytes())?;
    drop(claim);
    open(folder).map(Opened::Fresh)
}

/// Puts the definition of a sweep in its place again where somebody has moved or removed its folder.
fn restore(sweep: &Sweep) -> Result<(), FolderError> {
    if !sweep.folder.join(MANIFEST).exists() {
        create(&sweep.folder, sweep.manifest.clone(), &sweep.text, &sweep.base)?;
    }
    let shards = sweep.folder.join(shards::SHARDS);
    fs::create_dir_all(&shards).map_err(at(&shards))
}

/// Opens the folder of a sweep.
///
/// # Errors
/// When it holds none, or one that has been changed by hand.
pub fn open(folder: &Path) -> Result<Sweep, FolderError> {
    let read = |name: &str| {
        let path = folder.join(name);
        crate::store::disk::os::read_text(&path).map_err(at(&path))
    };
    if !folder.join(MANIFEST).is_file() {
        return Err(FolderError::File {
            file: folder.display().to_string(),
            what: "holds no sweep: `sickbay sweep plan` makes one".to_owned(),
        });
    }
    let file = folder.join(MANIFEST).display().to_string();
    let manifest = manifest::parse(&read(MANIFEST)?).map_err(|(line, what)| FolderError::Line { file, line, what })?;
    let text = read(SCENARIO)?;
    if hex(text.as_bytes()) != manifest.text {
        return Err(FolderError::File {
            file: folder.join(SCENARIO).display().to_string(),
            what: "has been changed since the sweep was planned".to_owned(),
        });
    }
    Ok(Sweep {
        folder: folder.to_owned(),
        id: manifest::id(&manifest),
        manifest,
        text,
        base: folder.join(read(BASE)?.trim_end_matches('\n')),
    })
}

/// Whether a sweep may be written to a folder: it is empty, or holds no more than a planning of the same sweep that was
/// cut short.
fn vacant(folder: &Path, ours: &[(&str, &str)]) -> Result<(), FolderError> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(at(folder))? {
        let entry = entry.map_err(at(folder))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let same = ours.iter().any(|(own, text)| {
            *own == name && crate::store::disk::os::read_text(&entry.path()).is_ok_and(|found| found == *text)
        });
        // Hidden names are in nobody's way: nothing in a sweep's folder is removed but what the sweep has put there.
        if !same && !name.starts_with('.') {
            found.push(name);
        }
    }
    found.sort();
    match found.into_iter().next() {
        None => Ok(()),
        Some(found) => Err(FolderError::Occupied {
            path: folder.display().to_string(),
            found,
        }),
    }
}

/// A folder as it is seen from another, so that both can be moved together; its own path where that is not known.
fn seen_from(folder: &Path, base: &Path) -> String {
    let base = if base.as_os_str().is_empty() {
        Path::new(".")
    } else {
        base
    };
    let (Ok(from), Ok(to)) = (folder.canonicalize(), base.canonicalize()) else {
        return base.display().to_string();
    };
    let shared = from
        .components()
        .zip(to.components())
        .take_while(|(a, b)| a == b)
        .count();
    if shared == 0 {
        return to.display().to_string();
    }
    let up = from.components().skip(shared).map(|_| Component::ParentDir);
    let path: PathBuf = up.chain(to.components().skip(shared)).collect();
    path.display().to_string()
}
