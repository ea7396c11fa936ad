//! Reading a folder that was written: it must hold what its manifest promises.

use std::path::Path;
use std::{fs, io};

use super::StoreError;
use super::error::{at, shown};
use super::exchange::is_torn;
use super::manifest::{MANIFEST, Manifest, Part};
use super::os::resolved;

/// Checks the files of a writer, of those that `wanted` names: each must be there as it was written. `first` is the file
/// without which the folder is none of that writer's. Nothing is changed: a journal in the folder is anybody's, until
/// somebody asks for a command that writes there.
///
/// # Errors
/// When a file is missing, longer, shorter or another, a change is not finished, or there is no manifest that says.
pub fn verify(folder: &Path, writer: &str, first: &str, wanted: impl Fn(&str) -> bool) -> Result<Part, StoreError> {
    let real = resolved(folder).map_err(at(folder))?;
    let key = folder.join(first);
    fs::metadata(&key).map_err(at(&key))?;
    if is_torn(&real) {
        return Err(StoreError::Torn {
            path: folder.display().to_string(),
        });
    }
    let manifest = read(&real, folder)?;
    let Some(part) = manifest.parts.get(writer) else {
        return Err(damaged(folder, format!("it lists no files of `sickbay {writer}`")));
    };
    for (path, entry) in part.files.iter().filter(|(path, _)| wanted(path)) {
        let file = real.join(path);
        let what = match entry.matches(&file) {
            Ok(true) => continue,
            Ok(false) => "is not as it was written: damaged, cut short or edited",
            Err(error) if error.kind() == io::ErrorKind::NotFound => "is missing",
            Err(error) => return Err(at(&file)(error)),
        };
        // The folder may have been exchanged under our hands.
        if read(&real, folder)? != manifest {
            return Err(StoreError::Busy {
                path: folder.display().to_string(),
            });
        }
        return Err(StoreError::Damaged {
            file: folder.join(path).display().to_string(),
            what: format!("{what} ({MANIFEST} lists it); run it again, or restore the file"),
        });
    }
    if !part.files.contains_key(first) {
        return Err(damaged(folder, format!("it does not list `{}`", shown(first))));
    }
    Ok(part.clone())
}

fn damaged(folder: &Path, what: String) -> StoreError {
    StoreError::Damaged {
        file: folder.join(MANIFEST).display().to_string(),
        what,
    }
}

/// The manifest; `folder` is the name that errors carry.
fn read(real: &Path, folder: &Path) -> Result<Manifest, StoreError> {
    match super::read_text(&real.join(MANIFEST)) {
        Ok(text) => Manifest::parse(&text).map_err(|what| damaged(folder, what)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(damaged(
            folder,
            "is missing, so that nobody can say whether the results are whole: they are of an older sickbay, or damaged; \
             run the scenario again"
                .to_owned(),
        )),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => Err(damaged(folder, "is no text".to_owned())),
        Err(error) => Err(at(&folder.join(MANIFEST))(error)),
    }
}
