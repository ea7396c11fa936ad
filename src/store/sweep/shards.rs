//! A shard on disk. While it runs, each cell's rows are appended to a journal as the cell ends; a whole shard is written
//! in the order of its cells, with a trailer that says whether it is whole, under a temporary name, synced and renamed.
//!
//! A journal belongs to one process and is never written by another, so that two that run the same shard do not
//! disturb each other; a killed one leaves blocks that are whole and perhaps a torn last one, which does not count.
//!
//! A shard says itself whether it is as it was written, so that shards of many machines can be put together without a
//! manifest of theirs. A file in a shard's place that is not is somebody's, and a link there is never followed.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::Sweep;
use super::rows::Rows;
use crate::cells::engine::CellEnd;
use crate::store::disk::manifest::hex;
use crate::store::disk::slot::{may_put_within, put};
use crate::store::error::{FolderError, at};

/// The folder of shards inside a sweep's.
pub(super) const SHARDS: &str = "shards";

/// What there is to do for a shard.
#[derive(Debug)]
pub enum Begun<'a> {
    /// It is whole already.
    Done,
    /// Some of its cells are to be run.
    Open(Work<'a>),
}

/// A shard that is being run.
#[derive(Debug)]
pub struct Work<'a> {
    sweep: &'a Sweep,
    shard: u32,
    rows: Rows<'a>,
    blocks: BTreeMap<usize, String>,
    journal: File,
    path: PathBuf,
    replace: bool,
}

/// Begins a shard, or goes on with what an earlier start has left; `replace` takes the place of an edited one.
///
/// # Errors
/// When something else lies where the shard would be, or the file system refuses.
pub fn begin(sweep: &Sweep, shard: u32, replace: bool) -> Result<Begun<'_>, FolderError> {
    may_put(sweep, shard, replace)?;
    if read(sweep, shard)?.is_some() {
        // A kill between the shard's end and its journals' leaves them; what they say is in the shard.
        for (journal, _) in journals(sweep, shard)? {
            fs::remove_file(journal).ok();
        }
        return Ok(Begun::Done);
    }
    let folder = sweep.folder.join(SHARDS);
    fs::create_dir_all(&folder).map_err(at(&folder))?;
    let rows = Rows::new(&sweep.manifest);
    let cells = sweep.manifest.shard(shard, rows.cells());
    let mut blocks = BTreeMap::new();
    for (_, text) in journals(sweep, shard)? {
        let found = whole_blocks(&text, &head(sweep, shard));
        blocks.extend(found.into_iter().filter(|(cell, _)| cells.contains(cell)));
    }
    let (journal, path) = fresh_journal(&folder, shard, sweep.manifest.shards)?;
    let mut work = Work {
        sweep,
        shard,
        rows,
        blocks,
        journal,
        path,
        replace,
    };
    work.write(&head(sweep, shard))?;
    Ok(Begun::Open(work))
}

impl Work<'_> {
    /// The cells that are still to be run, in order.
    #[must_use]
    pub fn open_cells(&self) -> Vec<usize> {
        let cells = self.sweep.manifest.shard(self.shard, self.rows.cells());
        cells.filter(|cell| !self.blocks.contains_key(cell)).collect()
    }

    /// How many cells an earlier start has left.
    #[must_use]
    pub fn kept(&self) -> usize {
        self.blocks.len()
    }

    /// Writes down what became of a cell.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn append(&mut self, cell: usize, course: &CellEnd) -> Result<(), FolderError> {
        let lines = self.rows.lines(cell, course)?;
        let sum = hex(lines.as_bytes());
        self.write(&format!("{lines}# cell {cell} sha256 {sum}\n"))?;
        self.blocks.insert(cell, lines);
        Ok(())
    }

    /// In one call, so that a kill tears one block at most.
    fn write(&mut self, text: &str) -> Result<(), FolderError> {
        self.journal.write_all(text.as_bytes()).map_err(at(&self.path))
    }

    /// Puts the whole shard in its place and removes its journals.
    ///
    /// # Errors
    /// When a cell is missing or the file system refuses.
    pub fn finish(self) -> Result<(), FolderError> {
        if let Some(cell) = self.open_cells().first() {
            return Err(FolderError::Results(format!("cell {cell} has not been run")));
        }
        let mut text = head(self.sweep, self.shard);
        self.blocks.values().for_each(|block| text.push_str(block));
        let rows = text.lines().count() - 1;
        let (id, of, shard) = (&self.sweep.id, self.sweep.manifest.shards, self.shard);
        let sum = hex(text.as_bytes());
        text.push_str(&format!(
            "# end sweep {id} shard {shard}/{of} rows {rows} sha256 {sum}\n"
        ));
        super::restore(self.sweep)?;
        may_put(self.sweep, self.shard, self.replace)?;
        put(&path(self.sweep, self.shard), text.as_bytes())?;
        for (journal, _) in journals(self.sweep, self.shard)? {
            match fs::remove_file(&journal) {
                // Another process that ran this shard as well has been faster.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                other => other.map_err(at(&journal))?,
            }
        }
        Ok(())
    }
}

/// Whether a shard may be put in its place.
fn may_put(sweep: &Sweep, shard: u32, replace: bool) -> Result<(), FolderError> {
    let whole = |_: &Path| read(sweep, shard).is_ok_and(|body| body.is_some());
    Ok(may_put_within(&sweep.folder, &inside(sweep, shard), replace, whole)?)
}

/// The shards that are not whole.
///
/// # Errors
/// When the file system refuses.
pub fn missing(sweep: &Sweep) -> Result<Vec<u32>, FolderError> {
    let mut missing = Vec::new();
    for shard in 1..=sweep.manifest.shards {
        if read(sweep, shard)?.is_none() {
            missing.push(shard);
        }
    }
    Ok(missing)
}

/// The rows of a shard; none where there is no shard, or one that is not whole or of another sweep.
///
/// # Errors
/// When the file system refuses.
pub(super) fn read(sweep: &Sweep, shard: u32) -> Result<Option<String>, FolderError> {
    let path = path(sweep, shard);
    let text = match crate::store::disk::os::read_text(&path) {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::InvalidData) => return Ok(None),
        other => other.map_err(at(&path))?,
    };
    Ok(body(sweep, shard, &text).map(str::to_owned))
}

/// What stands between head and trailer, if both are right.
fn body<'t>(sweep: &Sweep, shard: u32, text: &'t str) -> Option<&'t str> {
    let start = text.strip_suffix('\n')?.rfind('\n')? + 1;
    let (before, trailer) = text.split_at_checked(start)?;
    let rows = before.lines().count().checked_sub(1)?;
    let (id, of, sum) = (&sweep.id, sweep.manifest.shards, hex(before.as_bytes()));
    let right = trailer == format!("# end sweep {id} shard {shard}/{of} rows {rows} sha256 {sum}\n");
    before.strip_prefix(&head(sweep, shard)).filter(|_| right)
}

fn head(sweep: &Sweep, shard: u32) -> String {
    let manifest = &sweep.manifest;
    format!(
        "# sickbay {} sweep {} shard {shard}/{}\n",
        manifest.version, sweep.id, manifest.shards
    )
}

fn inside(sweep: &Sweep, shard: u32) -> String {
    format!("{SHARDS}/{shard}-of-{}.csv", sweep.manifest.shards)
}

fn path(sweep: &Sweep, shard: u32) -> PathBuf {
    sweep.folder.join(inside(sweep, shard))
}

/// The journals of a shard, by name, with their texts. What begins otherwise than ours, or is no regular file, is none.
fn journals(sweep: &Sweep, shard: u32) -> Result<Vec<(PathBuf, String)>, FolderError> {
    let head = head(sweep, shard);
    let folder = sweep.folder.join(SHARDS);
    let start = format!(".{shard}-of-{}.", sweep.manifest.shards);
    let mut found = Vec::new();
    for entry in fs::read_dir(&folder).map_err(at(&folder))? {
        let entry = entry.map_err(at(&folder))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let regular = entry.file_type().is_ok_and(|kind| kind.is_file());
        if !(regular && name.starts_with(&start) && name.ends_with(".part")) {
            continue;
        }
        let bytes = match fs::read(entry.path()) {
            // Another process has finished with it.
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            other => other.map_err(at(&entry.path()))?,
        };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        // A kill may come before the head is whole.
        if text.starts_with(&head) || head.starts_with(&text) {
            found.push((entry.path(), text));
        }
    }
    found.sort();
    Ok(found)
}

/// A journal that no other process has.
fn fresh_journal(folder: &Path, shard: u32, of: u32) -> Result<(File, PathBuf), FolderError> {
    for number in 0_u32.. {
        let path = folder.join(format!(".{shard}-of-{of}.{number}.part"));
        match OpenOptions::new().append(true).create_new(true).open(&path) {
            Ok(file) => return Ok((file, path)),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(at(&path)(error)),
        }
    }
    Err(FolderError::Results("there are too many journals".to_owned()))
}

/// The blocks of a journal whose sums are right.
fn whole_blocks(text: &str, head: &str) -> Vec<(usize, String)> {
    let Some(rest) = text.strip_prefix(head) else {
        return Vec::new();
    };
    let (mut found, mut block) = (Vec::new(), String::new());
    for line in rest.split_inclusive('\n') {
        let Some(mark) = line.strip_prefix("# cell ") else {
            block.push_str(line);
            continue;
        };
        let parts = mark.strip_suffix('\n').and_then(|mark| mark.split_once(" sha256 "));
        let block = std::mem::take(&mut block);
        if let Some((cell, sum)) = parts
            && let Ok(cell) = cell.parse()
            && hex(block.as_bytes()) == sum
        {
            found.push((cell, block));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::cells::points::design::DesignKind;
    use crate::judge::sweep::SweepManifest;
    use crate::judge::sweeps::{course, manifest};
    use crate::store::sweep::shards::*;
    use crate::store::sweep::{Opened, create};

    fn sweep(folder: &Path, shards: u32) -> Sweep {
        let manifest = SweepManifest {
            shards,
            ..manifest(&["a.x=1..5", "a.y=0..1"], DesignKind::Grid)
        };
        match create(folder, manifest, "# Is it?", Path::new("")).expect("a sweep") {
            Opened::Fresh(sweep) | Opened::Same(sweep) => sweep,
        }
    }

    fn work(sweep: &Sweep, shard: u32) -> Work<'_> {
        match begin(sweep, shard, false).expect("begun") {
            Begun::Open(work) => work,
            Begun::Done => panic!("done already"),
        }
    }

    #[test]
    fn a_killed_shard_goes_on_where_it_was_and_gives_the_same_bytes() {
        let temp = tempfile::tempdir().expect("tempdir");
        let whole = sweep(&temp.path().join("whole"), 1);
        let mut all = work(&whole, 1);
        for cell in all.open_cells() {
            all.append(cell, &course(&whole.manifest, cell)).expect("written");
        }
        all.finish().expect("finished");
        assert!(matches!(begin(&whole, 1, false), Ok(Begun::Done)));

        let torn = sweep(&temp.path().join("torn"), 1);
        let mut first = work(&torn, 1);
        let cells = first.open_cells();
        for &cell in cells[..9].iter().rev() {
            first.append(cell, &course(&torn.manifest, cell)).expect("written");
        }
        let path = first.path.clone();
        drop(first);
        // The kill comes in the middle of the ninth block.
        let text = fs::read_to_string(&path).expect("a journal");
        fs::write(&path, &text[..text.len() - 100]).expect("torn");
        let mut second = work(&torn, 1);
        assert_eq!((second.kept(), second.open_cells().len()), (8, cells.len() - 8));
        // Somebody else runs the same shard at the same time.
        let mut other = work(&torn, 1);
        for cell in second.open_cells() {
            second.append(cell, &course(&torn.manifest, cell)).expect("written");
        }
        for cell in other.open_cells() {
            other.append(cell, &course(&torn.manifest, cell)).expect("written");
        }
        second.finish().expect("finished");
        other.finish().expect("finished as well");
        let bytes = |sweep: &Sweep| fs::read(crate::store::sweep::shards::path(sweep, 1)).expect("a shard");
        assert_eq!(bytes(&whole), bytes(&torn));
        let left: Vec<_> = fs::read_dir(torn.folder.join(SHARDS)).expect("a folder").collect();
        assert_eq!(left.len(), 1, "{left:?}");
    }

    #[test]
    fn what_is_not_whole_or_of_another_sweep_is_missing() {
        let temp = tempfile::tempdir().expect("tempdir");
        let sweep = sweep(temp.path(), 3);
        assert_eq!(missing(&sweep).expect("looked"), [1, 2, 3]);
        for shard in [1, 3] {
            let mut work = work(&sweep, shard);
            for cell in work.open_cells() {
                work.append(cell, &course(&sweep.manifest, cell)).expect("written");
            }
            work.finish().expect("finished");
        }
        assert_eq!(missing(&sweep).expect("looked"), [2]);
        let path = path(&sweep, 3);
        let text = fs::read_to_string(&path).expect("a shard");
        for wrong in [
            text.replacen(",0", ",1", 1),
            text[..text.len() - 1].to_owned(),
            text.replace("shard 3/3", "shard 2/3"),
            String::new(),
            "\n".to_owned(),
            "é".to_owned(),
        ] {
            fs::write(&path, wrong).expect("written");
            assert_eq!(missing(&sweep).expect("looked"), [2, 3]);
        }
    }

    /// A file in a shard's place that is not as it was written is somebody's, and links are not followed.
    #[test]
    #[cfg(unix)]
    fn what_lies_in_a_shards_place_is_neither_overwritten_nor_followed() {
        use std::os::unix::fs::symlink;
        let temp = tempfile::tempdir().expect("tempdir");
        let (folder, elsewhere) = (temp.path().join("sweep"), temp.path().join("elsewhere"));
        let sweep = sweep(&folder, 1);
        let shard = path(&sweep, 1);
        fs::create_dir(folder.join(SHARDS)).expect("made");
        fs::write(&shard, "my notes").expect("written");
        let error = begin(&sweep, 1, false).expect_err("refused").to_string();
        assert!(error.contains("1-of-1.csv") && error.contains("--replace"), "{error}");
        assert_eq!(fs::read(&shard).expect("there"), b"my notes");
        assert!(matches!(begin(&sweep, 1, true), Ok(Begun::Open(_))));

        fs::write(&elsewhere, "mine").expect("written");
        fs::remove_file(&shard).expect("removed");
        symlink(&elsewhere, &shard).expect("linked");
        assert!(begin(&sweep, 1, false).is_err() && begin(&sweep, 1, true).is_err());
        fs::remove_file(&shard).expect("removed");
        fs::remove_dir_all(folder.join(SHARDS)).expect("removed");
        symlink(temp.path(), folder.join(SHARDS)).expect("linked");
        assert!(begin(&sweep, 1, true).is_err());
        assert_eq!(fs::read(&elsewhere).expect("there"), b"mine");
    }

    #[test]
    #[cfg(unix)]
    fn what_is_called_like_a_journal_and_is_none_stays() {
        let temp = tempfile::tempdir().expect("tempdir");
        let sweep = sweep(temp.path(), 1);
        let folder = temp.path().join(SHARDS);
        fs::create_dir(&folder).expect("made");
        let (pipe, notes) = (folder.join(".1-of-1.7.part"), folder.join(".1-of-1.8.part"));
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.expect("mkfifo runs").success());
        fs::write(&notes, "mine").expect("written");
        let mut work = work(&sweep, 1);
        for cell in work.open_cells() {
            work.append(cell, &course(&sweep.manifest, cell)).expect("written");
        }
        work.finish().expect("finished");
        assert_eq!(fs::read(notes).expect("there"), b"mine");
        assert!(pipe.exists());
        assert_eq!(fs::read_dir(&folder).expect("listed").count(), 3);
    }

    /// Cells that were run are not lost with the folder.
    #[test]
    fn a_sweep_whose_folder_is_removed_meanwhile_is_put_there_again() {
        let temp = tempfile::tempdir().expect("tempdir");
        let sweep = sweep(&temp.path().join("sweep"), 1);
        let mut work = work(&sweep, 1);
        for cell in work.open_cells() {
            work.append(cell, &course(&sweep.manifest, cell)).expect("written");
        }
        fs::remove_dir_all(&sweep.folder).expect("removed");
        work.finish().expect("finished");
        let again = crate::store::sweep::open(&sweep.folder).expect("a sweep");
        assert_eq!(again.id, sweep.id);
        assert!(missing(&again).expect("looked").is_empty());
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_full_disk_is_told_as_something_that_may_pass() {
        let temp = tempfile::tempdir().expect("tempdir");
        let sweep = sweep(temp.path(), 1);
        let mut work = work(&sweep, 1);
        work.journal = OpenOptions::new().append(true).open("/dev/full").expect("Linux has it");
        let error = work.append(0, &course(&sweep.manifest, 0)).expect_err("a full disk");
        assert!(error.may_pass(), "{error}");
    }
}
