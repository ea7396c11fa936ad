//! Writing an import as a folder, whole or not at all.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{ImportError, Imported};
use crate::import::neutral::{write_nodes, write_requests, write_spells};

/// What an output folder holds, and nothing else.
const FILES: [&str; 4] = ["nodes.csv", "requests.csv", "maintenance.csv", "report.txt"];

/// Writes `nodes.csv`, `requests.csv`, `maintenance.csv` and `report.txt` into the folder `out`
/// and answers with their paths.
///
/// They are written beside `out` first and renamed into place together, so that no half of an
/// import is ever seen there. An earlier import in `out` is replaced; a folder that holds anything
/// else is refused.
pub fn write_to(imported: &Imported, out: &Path) -> Result<Vec<PathBuf>, ImportError> {
    let target = target(out)?;
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source: io::Error| ImportError::Io {
            path,
            verb: "write",
            source,
        }
    };
    // The parent of a bare name is the empty path.
    let parent = match target.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    fs::create_dir_all(parent).map_err(failed(parent))?;
    let beside = tempfile::Builder::new()
        .prefix(".sickbay-import-")
        .tempdir_in(parent)
        .map_err(failed(parent))?;
    // A folder within the temporary one, for that one is closed to other users.
    let fresh = beside.path().join("new");
    fs::create_dir(&fresh).map_err(failed(&fresh))?;
    let texts = [
        write_nodes(&imported.nodes),
        write_requests(&imported.requests),
        write_spells(&imported.spells),
        imported.report.to_string().into_bytes(),
    ];
    for (name, text) in FILES.iter().zip(texts) {
        let path = fresh.join(name);
        fs::write(&path, text).map_err(failed(&path))?;
    }
    swap(&fresh, &target, &beside.path().join("old")).map_err(failed(out))?;
    Ok(FILES.iter().map(|name| out.join(name)).collect())
}

/// The folder to write, links followed; refused if it holds something of another origin.
fn target(out: &Path) -> Result<PathBuf, ImportError> {
    if fs::symlink_metadata(out).is_err() {
        return match out.file_name() {
            Some(_) => Ok(out.to_owned()),
            None => Err(ImportError::NotAFolder {
                path: out.to_owned(),
            }),
        };
    }
    if !out.is_dir() {
        return Err(ImportError::NotAFolder {
            path: out.to_owned(),
        });
    }
    let unreadable = |source| ImportError::Io {
        path: out.to_owned(),
        verb: "read",
        source,
    };
    let mut foreign = Vec::new();
    for entry in fs::read_dir(out).map_err(unreadable)? {
        let name = entry.map_err(unreadable)?.file_name();
        if !FILES.iter().any(|file| name == *file) {
            foreign.push(name.to_string_lossy().into_owned());
        }
    }
    match foreign.into_iter().min() {
        Some(found) => Err(ImportError::Foreign {
            path: out.to_owned(),
            found,
        }),
        None => fs::canonicalize(out).map_err(unreadable),
    }
}

/// Puts `fresh` in the place of `target`; if that fails, what was there comes back.
fn swap(fresh: &Path, target: &Path, old: &Path) -> io::Result<()> {
    if !target.exists() {
        return fs::rename(fresh, target);
    }
    fs::rename(target, old)?;
    fs::rename(fresh, target).inspect_err(|_| {
        // Nothing more can be done here if this fails too: the first error is the one to tell.
        fs::rename(old, target).ok();
    })
}
