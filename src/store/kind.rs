//! What a results folder is of: the command that wrote it.

use std::io;
use std::path::Path;

use super::disk::manifest::{MANIFEST, Manifest};
use super::disk::os::read_text;
use super::error::{FolderError, at};

/// The commands that write results, by what their folders hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FolderKind {
    /// A run.
    Run,
    /// A sweep whose shards are merged.
    Sweep,
    /// A plan.
    Plan,
    /// What `robust` found.
    Robust,
    /// What `compare` found.
    Compare,
}

/// All of them. Findings may lie beside another's files, which come first.
const KINDS: [FolderKind; 5] = [
    FolderKind::Run,
    FolderKind::Sweep,
    FolderKind::Plan,
    FolderKind::Robust,
    FolderKind::Compare,
];

impl FolderKind {
    /// The command, which is the name under which the manifest lists its files.
    pub(super) const fn writer(self) -> &'static str {
        match self {
            FolderKind::Run => "run",
            FolderKind::Sweep => "sweep",
            FolderKind::Plan => "plan",
            FolderKind::Robust => "robust",
            FolderKind::Compare => "compare",
        }
    }
}

/// What a folder is of.
///
/// # Errors
/// When there is no such folder, or nobody has written results there; the error names the mend.
pub fn kind(folder: &Path) -> Result<FolderKind, FolderError> {
    there(folder)?;
    let wrong = |what: String| FolderError::File {
        file: folder.display().to_string(),
        what,
    };
    let path = folder.join(MANIFEST);
    let text = match read_text(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(wrong(unlisted(folder).to_owned())),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => Err("it is no text".to_owned()),
        other => Ok(other.map_err(at(&path))?),
    };
    let manifest = text.and_then(|text| Manifest::parse(&text)).map_err(|what| {
        wrong(format!(
            "{MANIFEST} is damaged: {what}; make the results again, or restore the file"
        ))
    })?;
    let found = KINDS
        .into_iter()
        .find(|kind| manifest.parts.contains_key(kind.writer()));
    found.ok_or_else(|| wrong(format!("{MANIFEST} lists no results of {COMMANDS}")))
}

/// The commands, as errors name them.
const COMMANDS: &str = "`sickbay run`, `sweep`, `plan`, `robust` or `compare --out`";

/// Whether a folder is there at all.
///
/// # Errors
/// When it is not; the error names the mend.
pub(super) fn there(folder: &Path) -> Result<(), FolderError> {
    let what = match (folder.is_dir(), folder.symlink_metadata().is_ok()) {
        (true, _) => return Ok(()),
        (false, true) => "this is no folder",
        (false, false) => "there is no such folder",
    };
    Err(FolderError::File {
        file: folder.display().to_string(),
        what: format!("{what}; name one that {COMMANDS} has written"),
    })
}

/// Why there is no manifest, and the mend.
fn unlisted(folder: &Path) -> &'static str {
    let has = |name: &str| folder.join(name).is_file();
    if has("manifest.json") {
        "the sweep is not merged yet: `sickbay sweep merge` does that, once no shard is missing"
    } else if has("summary.json") {
        "the results have no manifest.txt: they are of an older sickbay; make them again with `sickbay run`"
    } else if has("plan.json") {
        "the results have no manifest.txt: they are of an older sickbay; make them again with `sickbay plan`"
    } else {
        "it has no manifest.txt, which `sickbay run`, `sweep`, `plan`, `robust` and `compare --out` write: name a folder of theirs"
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn every_folder_that_holds_no_results_is_told_with_the_mend() {
        let temp = tempfile::tempdir().expect("a folder");
        let told = |name: &str| kind(&temp.path().join(name)).expect_err(name).to_string();
        fs::write(temp.path().join("file"), "x").expect("written");
        for (folder, file) in [
            ("empty", None),
            ("old-run", Some("summary.json")),
            ("old-plan", Some("plan.json")),
            ("open-sweep", Some("manifest.json")),
            ("damaged", Some(MANIFEST)),
        ] {
            let folder = temp.path().join(folder);
            fs::create_dir(&folder).expect("made");
            if let Some(file) = file {
                fs::write(folder.join(file), "x").expect("written");
            }
        }
        for (folder, said) in [
            ("none", "there is no such folder; name one that `sickbay run`"),
            ("file", "this is no folder"),
            ("empty", "name a folder of theirs"),
            ("old-run", "make them again with `sickbay run`"),
            ("old-plan", "make them again with `sickbay plan`"),
            ("open-sweep", "`sickbay sweep merge`"),
            ("damaged", "manifest.txt is damaged"),
        ] {
            assert!(told(folder).contains(said), "{}", told(folder));
        }
    }
}
