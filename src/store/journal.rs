//! Changing a folder file by file: what is to be put where is filled into a hidden folder inside it, and a journal lists
//! it. Once the journal is there, doing it twice is as good as doing it once, so that whoever comes next can finish.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;
use std::{fs, io};

use super::StoreError;
use super::error::at;
use super::hidden::keep;
use super::manifest::{Entry, MANIFEST, Manifest, hex, inside};
use super::os::{leads_within, parent, sync_folder};
use super::slot::put;

/// The journal's file in the hidden folder.
const JOURNAL: &str = "journal";
/// The folder of the new files beside it.
pub(super) const NEW: &str = "new";

const OPENING: &str = "sickbay journal 1";

/// What is to be done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Journal {
    /// Paths that get a new file.
    pub(super) put: BTreeSet<String>,
    /// Files that go away, each with what it must be for that.
    pub(super) drop: Vec<(String, Entry)>,
    /// Files that are replaced although the manifest does not say that they are ours, each as it was.
    pub(super) over: Vec<(String, Entry)>,
}

impl Journal {
    fn text(&self) -> String {
        let mut out = format!("{OPENING}\n");
        for path in &self.put {
            writeln!(out, "put {path}").ok();
        }
        for (word, files) in [("drop", &self.drop), ("over", &self.over)] {
            for (path, entry) in files {
                writeln!(out, "{word} {} {} {path}", entry.sha256, entry.length).ok();
            }
        }
        let sum = hex(out.as_bytes());
        out + &format!("end {sum}\n")
    }

    fn parse(text: &str) -> Option<Journal> {
        let start = text.strip_suffix('\n')?.rfind('\n')? + 1;
        let (before, end) = text.split_at(start);
        if end != format!("end {}\n", hex(before.as_bytes())) || !before.starts_with(&format!("{OPENING}\n")) {
            return None;
        }
        let mut journal = Journal::default();
        for line in before.lines().skip(1) {
            let (word, rest) = line.split_once(' ')?;
            let path = match word {
                "put" => {
                    journal.put.insert(rest.to_owned());
                    rest
                }
                "drop" | "over" => {
                    let mut words = rest.splitn(3, ' ');
                    let (sha256, length, path) = (words.next()?, words.next()?, words.next()?);
                    let entry = Entry {
                        sha256: sha256.to_owned(),
                        length: length.parse().ok()?,
                    };
                    let files = if word == "drop" {
                        &mut journal.drop
                    } else {
                        &mut journal.over
                    };
                    files.push((path.to_owned(), entry));
                    path
                }
                _ => return None,
            };
            if !inside(path) {
                return None;
            }
        }
        Some(journal)
    }

    /// Writes the journal into the hidden folder: from here on the change is going to be made.
    pub(super) fn write(&self, stage: &Path) -> Result<(), StoreError> {
        put(&stage.join(JOURNAL), self.text().as_bytes())
    }

    /// The journal of a hidden folder, if it has got so far.
    pub(super) fn read(stage: &Path) -> Option<Journal> {
        Journal::parse(&super::read_text(&stage.join(JOURNAL)).ok()?)
    }

    /// Whether all that it says happens in `folder`: a link on the way of a file, in the folder or among the new files,
    /// would lead out of it.
    pub(super) fn stays_within(&self, stage: &Path, folder: &Path) -> Result<(), StoreError> {
        let away = self.drop.iter().chain(&self.over).map(|(path, _)| path.as_str());
        let put = self.put.iter().map(String::as_str).chain([MANIFEST]);
        let in_the_way = |found: String, wanted| StoreError::InTheWay {
            path: folder.display().to_string(),
            found,
            what: "a link or another thing that we did not put there",
            wanted,
        };
        for path in put.clone().chain(away) {
            leads_within(folder, path).map_err(|found| in_the_way(found, "folder"))?;
        }
        for path in put {
            let from = stage.join(NEW).join(path);
            let inside = from.strip_prefix(folder).unwrap_or(&from).display().to_string();
            leads_within(folder, &inside).map_err(|found| in_the_way(found, "folder"))?;
            if fs::symlink_metadata(&from).is_ok_and(|it| !it.is_file()) {
                return Err(in_the_way(inside, "file"));
            }
        }
        Ok(())
    }

    /// Before a change is finished that somebody else began: what has been edited since then is kept beside its place.
    pub(super) fn guarded(&self, stage: &Path, folder: &Path, old: &Manifest) -> Result<(), StoreError> {
        for path in &self.put {
            let (from, to) = (stage.join(NEW).join(path), folder.join(path));
            let Ok(metadata) = fs::symlink_metadata(&to) else {
                continue;
            };
            if fs::symlink_metadata(&from).is_err() {
                continue; // it has been put already
            }
            let over = self
                .over
                .iter()
                .filter(|(over, _)| over == path)
                .map(|(_, entry)| entry);
            let mut known = old.entry(path).into_iter().chain(over);
            let same = metadata.is_file() && known.any(|entry| entry.matches(&to).unwrap_or(false));
            if !same {
                keep(&to, &to)?;
            }
        }
        Ok(())
    }

    /// Makes the change in `folder`, or what is left to be made of it. The manifest comes last.
    pub(super) fn apply(&self, stage: &Path, folder: &Path) -> Result<(), StoreError> {
        let mut touched = BTreeSet::from([folder.to_owned()]);
        let all = self.put.iter().map(String::as_str);
        for path in all.chain([MANIFEST]) {
            let (from, to) = (stage.join(NEW).join(path), folder.join(path));
            let into = parent(&to).to_owned();
            if fs::symlink_metadata(&from).is_err() {
                continue; // it has been put already
            }
            if path == MANIFEST {
                self.clear(folder, &mut touched)?;
                // What the manifest says must not be there before the files are.
                for folder in &touched {
                    sync_folder(folder).map_err(at(folder))?;
                }
            }
            fs::create_dir_all(&into).map_err(at(&into))?;
            fs::rename(&from, &to).map_err(at(&to))?;
            touched.insert(into);
        }
        sync_folder(folder).map_err(at(folder))
    }

    /// Removes what goes away, and the folders that this leaves empty.
    fn clear(&self, folder: &Path, touched: &mut BTreeSet<std::path::PathBuf>) -> Result<(), StoreError> {
        for (path, entry) in &self.drop {
            let path = folder.join(path);
            let plain = fs::symlink_metadata(&path).is_ok_and(|it| it.is_file());
            if plain && entry.matches(&path).map_err(at(&path))? {
                match fs::remove_file(&path) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(at(&path)(error)),
                    _ => {}
                }
            }
            let mut up = parent(&path).to_owned();
            // Only an empty folder can be removed, so nothing of anybody's goes with it.
            while up != folder && fs::remove_dir(&up).is_ok() {
                touched.remove(&up);
                up = parent(&up).to_owned();
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_journal_is_read_whole_or_not_at_all() {
        let journal = Journal {
            put: BTreeSet::from(["a.csv".to_owned(), "plots/a b.svg".to_owned()]),
            drop: vec![("x/y z".to_owned(), Entry::of(b"y"))],
            over: vec![("a.csv".to_owned(), Entry::of(b"z"))],
        };
        let text = journal.text();
        assert_eq!(Journal::parse(&text), Some(journal.clone()));
        for cut in 0..text.len() {
            assert_eq!(Journal::parse(&text[..cut]), None, "cut at {cut}");
        }
        let out = Journal {
            put: BTreeSet::from(["../a".to_owned()]),
            ..journal
        };
        assert_eq!(Journal::parse(&out.text()), None);
    }
}
