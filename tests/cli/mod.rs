//! The built program as a user meets it: what it prints where, what it writes, and how it exits.

mod campaigns;
mod check;
mod compare;
mod costs;
mod files;
mod fit;
mod import;
mod init;
mod interrupt;
mod pages;
mod plan;
mod plot;
mod robust;
pub(crate) mod safety;
mod sweep;
mod tour;
mod warmup;
mod whatif;
mod words;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use sickbay::store::disk::manifest::{Entry, MANIFEST, Manifest};
use snapbox::cmd::{Command, OutputAssert};
use tempfile::TempDir;

/// Four nodes over two days, two of them out for a while; everything else by default.
pub(crate) const TINY: &str = include_str!("tiny.toml");

/// `sickbay` in a folder, with `arguments` split at spaces.
pub(crate) fn sickbay(folder: &TempDir, arguments: &str) -> Command {
    Command::new(env!("CARGO_BIN_EXE_sickbay"))
        .current_dir(folder.path())
        .env_remove("RUST_BACKTRACE")
        .env_remove("GITHUB_ACTIONS")
        .args(arguments.split_whitespace())
}

/// A folder of its own with `tiny.toml` in it.
pub(crate) fn tiny() -> TempDir {
    let folder = TempDir::new().expect("a temporary folder can be made");
    fs::write(folder.path().join("tiny.toml"), TINY).expect("the scenario can be written");
    folder
}

/// Makes a results folder's manifest say what the folder holds now: damage that somebody signed.
pub(crate) fn seal(folder: &Path) {
    let file = folder.join(MANIFEST);
    let text = fs::read_to_string(&file).expect("there is a manifest");
    let mut manifest = Manifest::parse(&text).expect("it is whole");
    for part in manifest.parts.values_mut() {
        part.files.retain(|path, _| folder.join(path).exists());
        for (path, entry) in &mut part.files {
            *entry = Entry::of(&fs::read(folder.join(path)).expect("it is there"));
        }
    }
    fs::write(&file, manifest.text()).expect("it can be written");
}

pub(crate) fn stdout(ended: &OutputAssert) -> String {
    String::from_utf8(ended.get_output().stdout.clone()).expect("stdout is UTF-8")
}

pub(crate) fn stderr(ended: &OutputAssert) -> String {
    String::from_utf8(ended.get_output().stderr.clone()).expect("stderr is UTF-8")
}

/// Every file below a folder with its bytes, by its path from there.
pub(crate) fn files_below(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(&next).expect("a folder can be listed") {
            let path = entry.expect("a folder can be listed").path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(folder).expect("it is below").display().to_string();
                found.insert(name, fs::read(&path).expect("a file can be read"));
            }
        }
    }
    found
}
