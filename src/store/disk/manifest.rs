//! The manifest of a folder: which files in it are ours.
//!
//! ```text
//! sickbay files 1
//! # …                                      a comment
//! by WRITER MARK                           what wrote the files below, and of what
//! SHA-256 LENGTH PATH                      a file
//! end FILES SHA-256                        of all the lines before
//! ```

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Component, Path};

use sha2::{Digest, Sha256};

/// The manifest's file.
pub const MANIFEST: &str = "manifest.txt";

const OPENING: &str = "sickbay files 1";
const COMMENT: &str =
    "# Files that sickbay wrote here. Only these are ever replaced or removed, and only while they are as written.";

/// What a manifest says of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its length in bytes.
    pub length: u64,
    /// Its SHA-256 in hexadecimal.
    pub sha256: String,
}

/// The files of one writer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// What they are of: version, scenario, seed.
    pub mark: String,
    /// Each by its path, parts joined by `/`.
    pub files: BTreeMap<String, Entry>,
}

/// All files of ours in a folder, by the command that wrote them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    /// The parts, by the writer's name.
    pub parts: BTreeMap<String, Part>,
}

/// SHA-256 in hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    digits(&Sha256::digest(bytes))
}

fn digits(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What is written, with its length and digest taken on the way.
#[derive(Debug)]
pub(super) struct Sum<W> {
    inner: W,
    length: u64,
    hash: Sha256,
}

impl<W> Sum<W> {
    pub(super) fn new(inner: W) -> Sum<W> {
        Sum {
            inner,
            length: 0,
            hash: Sha256::new(),
        }
    }

    pub(super) fn finish(self) -> (W, Entry) {
        let sha256 = digits(&self.hash.finalize());
        (
            self.inner,
            Entry {
                length: self.length,
                sha256,
            },
        )
    }
}

impl<W: io::Write> io::Write for Sum<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hash.update(&bytes[..written]);
        self.length += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl Entry {
    /// What a manifest would say of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Entry {
        Entry {
            length: bytes.len() as u64,
            sha256: hex(bytes),
        }
    }

    /// What a manifest would say of a file, of which so many bytes are read at most.
    pub(super) fn of_file(path: &Path, most: u64) -> io::Result<Entry> {
        let mut sum = Sum::new(io::sink());
        io::copy(&mut File::open(path)?.take(most), &mut sum)?;
        Ok(sum.finish().1)
    }

    /// Whether a file is as it was written.
    pub(super) fn matches(&self, path: &Path) -> io::Result<bool> {
        // It is looked at before it is opened: opening a pipe waits for its other end.
        let found = fs::symlink_metadata(path)?;
        if !found.is_file() || found.len() != self.length {
            return Ok(false);
        }
        // One that grows under our hands is not as it was written, however long it grows.
        Ok(Entry::of_file(path, self.length.saturating_add(1))? == *self)
    }
}

/// Whether a path stays inside the folder that it is seen from, and is none that this room keeps for itself.
pub(super) fn inside(path: &str) -> bool {
    let plain = Path::new(path)
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    let parts = || path.split('/');
    plain
        && parts().all(|part| !part.is_empty() && part != "." && part != "..")
        && !path.chars().any(|c| c.is_control() || c == '\\')
        && path != MANIFEST
        && parts().next().is_some_and(|first| !first.starts_with(".sickbay-"))
}

impl Manifest {
    /// Every file, whoever wrote it.
    pub(super) fn files(&self) -> impl Iterator<Item = (&String, &Entry)> {
        self.parts.values().flat_map(|part| &part.files)
    }

    /// What is said of a file, whoever wrote it.
    #[must_use]
    pub fn entry(&self, path: &str) -> Option<&Entry> {
        self.parts.values().find_map(|part| part.files.get(path))
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = format!("{OPENING}\n{COMMENT}\n");
        for (writer, part) in &self.parts {
            let mark = part.mark.replace(|c: char| c.is_control(), " ");
            writeln!(out, "by {writer} {mark}").ok();
            for (path, entry) in &part.files {
                writeln!(out, "{} {} {path}", entry.sha256, entry.length).ok();
            }
        }
        let sum = hex(out.as_bytes());
        writeln!(out, "end {} {sum}", self.files().count()).ok();
        out
    }

    /// Reads a manifest's text.
    ///
    /// # Errors
    /// What is wrong with it: it is read whole and unchanged, or not at all.
    pub fn parse(text: &str) -> Result<Manifest, String> {
        // What a checkout made of the line ends is no change.
        let text = text.replace("\r\n", "\n");
        let first = text.lines().next().unwrap_or_default();
        if first != OPENING {
            return Err(format!("it does not begin with `{OPENING}`"));
        }
        let cut = || "it is cut short or has been changed".to_owned();
        let start = text
            .strip_suffix('\n')
            .and_then(|text| text.rfind('\n'))
            .ok_or_else(cut)?
            + 1;
        let (before, end) = text.split_at(start);
        let mut manifest = Manifest::default();
        let mut writer = None;
        for line in before.lines().skip(1).filter(|line| !line.starts_with('#')) {
            if let Some(by) = line.strip_prefix("by ") {
                let (name, mark) = by.split_once(' ').unwrap_or((by, ""));
                let part = Part {
                    mark: mark.to_owned(),
                    files: BTreeMap::new(),
                };
                manifest.parts.insert(name.to_owned(), part);
                writer = Some(name.to_owned());
                continue;
            }
            let part = writer.as_ref().and_then(|name| manifest.parts.get_mut(name));
            let (path, entry) = file(line).ok_or_else(|| format!("`{line}` is no line of a manifest"))?;
            part.ok_or_else(cut)?.files.insert(path, entry);
        }
        let sum = hex(before.as_bytes());
        if end != format!("end {} {sum}\n", manifest.files().count()) {
            return Err(cut());
        }
        Ok(manifest)
    }
}

fn file(line: &str) -> Option<(String, Entry)> {
    let mut words = line.splitn(3, ' ');
    let (sha256, length, path) = (words.next()?, words.next()?, words.next()?);
    let hexadecimal = sha256.len() == 64 && sha256.bytes().all(|b| b.is_ascii_hexdigit());
    let length = length.parse().ok()?;
    (hexadecimal && inside(path)).then(|| {
        (
            path.to_owned(),
            Entry {
                length,
                sha256: sha256.to_owned(),
            },
        )
    })
}

#[cfg(test)]
mod tests {
    use crate::store::disk::manifest::*;

    fn manifest() -> Manifest {
        let files = ["a.csv", "plots/a b.svg"].map(|path| (path.to_owned(), Entry::of(path.as_bytes())));
        let part = Part {
            mark: "sickbay 0.1.0 scenario x".to_owned(),
            files: BTreeMap::from(files),
        };
        Manifest {
            parts: BTreeMap::from([("run".to_owned(), part)]),
        }
    }

    #[test]
    fn what_is_written_is_read_back_and_every_change_is_found() {
        let text = manifest().text();
        assert_eq!(Manifest::parse(&text), Ok(manifest()));
        assert_eq!(Manifest::parse(&text.replace('\n', "\r\n")), Ok(manifest()));
        for cut in 0..text.len() {
            assert!(Manifest::parse(&text[..cut]).is_err(), "cut at {cut}");
        }
        for at in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[at] ^= 1;
            let changed = String::from_utf8(changed).expect("ASCII");
            assert!(Manifest::parse(&changed).is_err(), "changed at {at}: {changed}");
        }
    }

    #[test]
    fn a_path_that_leads_out_is_no_line_of_a_manifest() {
        for path in [
            "../a",
            "/a",
            "a/../../b",
            "a//b",
            "./a",
            "a\\b",
            "a\u{7}",
            "",
            MANIFEST,
            ".sickbay-x/a",
            "a/",
        ] {
            let mut manifest = manifest();
            let part = manifest.parts.get_mut("run").expect("there");
            part.files.insert(path.to_owned(), Entry::of(b""));
            assert!(Manifest::parse(&manifest.text()).is_err(), "{path}");
        }
    }
}
