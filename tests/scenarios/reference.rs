//! The committed reference comparison is what the program writes, byte for byte.

use std::path::Path;
use std::process::Command;

#[test]
fn the_committed_quickstart_is_what_the_program_writes() {
    let reference = Path::new(env!("CARGO_MANIFEST_DIR")).join("results/quickstart");
    let scratch = tempfile::tempdir().expect("a temporary folder");
    let run = Command::new(env!("CARGO_BIN_EXE_sickbay"))
        .args(["run", "quickstart", "--quiet"])
        .current_dir(scratch.path())
        .output()
        .expect("the program runs");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    // README's first screen is this one.
    let said = String::from_utf8_lossy(&run.stdout);
    let readme = include_str!("../../README.md");
    assert!(readme.contains(said.trim_end()), "README.md should show:\n{said}");
    let fresh = scratch.path().join("results/quickstart");
    let (old, new) = (files(&reference), files(&fresh));
    assert_eq!(old, new, "the same files");
    assert!(old.len() > 20);
    for file in old {
        let same = std::fs::read(reference.join(&file)).ok() == std::fs::read(fresh.join(&file)).ok();
        assert!(
            same,
            "{file} differs: run `cargo run --release -- run quickstart` and say why in CHANGELOG.md"
        );
    }
}

/// All files below a folder, by their path from it, in order.
fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut ahead = vec![folder.to_owned()];
    while let Some(next) = ahead.pop() {
        for entry in std::fs::read_dir(&next).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                ahead.push(path);
            } else if let Ok(inside) = path.strip_prefix(folder) {
                found.push(inside.to_string_lossy().into_owned());
            }
        }
    }
    found.sort();
    found
}
