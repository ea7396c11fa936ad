//! Rules of the house that the compiler does not know, read from the sources themselves.
//!
//! Each checker takes text and answers with what is wrong in it, so it is tested on planted faults first and
//! only then believed when it finds nothing in the tree.

mod circles;
mod floors;
mod names;
mod papers;
mod paths;
mod tidy;

use std::fs;
use std::path::Path;

/// A text file of the repository: its path from the root, with `/` between the parts, and what it holds.
pub(crate) struct TextFile {
    pub(crate) path: String,
    pub(crate) text: String,
}

/// Every text file of the repository in the order of their paths; what git ignores is left out.
pub(crate) fn text_files() -> Vec<TextFile> {
    let mut files = Vec::new();
    collect(Path::new(env!("CARGO_MANIFEST_DIR")), "", &mut files);
    files.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(
        files.iter().any(|file| file.path == "src/lib.rs"),
        "the walk did not find src/lib.rs"
    );
    files
}

fn collect(root: &Path, folder: &str, files: &mut Vec<TextFile>) {
    let entries = fs::read_dir(root.join(folder)).expect("a folder of the repository can be listed");
    for entry in entries {
        let entry = entry.expect("a folder of the repository can be listed");
        let name = entry
            .file_name()
            .into_string()
            .expect("names in the repository are UTF-8");
        let path = if folder.is_empty() {
            name
        } else {
            format!("{folder}/{name}")
        };
        let kind = entry.file_type().expect("an entry has a type");
        if kind.is_dir() {
            if !left_out(&path) && !entry.path().join("CACHEDIR.TAG").exists() {
                collect(root, &path, files);
            }
        } else if kind.is_file() && path != ".git" {
            // Pictures and the font are not UTF-8 and drop out here.
            if let Ok(text) = fs::read_to_string(entry.path()) {
                files.push(TextFile { path, text });
            }
        }
    }
}

/// Folders that are not part of the repository: build output, git's own (in a linked work tree a file of the same
/// name), and results other than the reference and the figures of speed.
fn left_out(folder: &str) -> bool {
    let kept = |name: Option<&str>| matches!(name, Some("quickstart" | "bench"));
    let other_result = folder.starts_with("results/") && !kept(folder.split('/').nth(1));
    let hidden = folder.starts_with('.') && folder != ".ci";
    folder == "target" || other_result || hidden
}
