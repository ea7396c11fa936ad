//! A folder that is going to be written: looked at, locked and proved writable before the work, and changed at once after it.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::error::{StoreError, at, first_of};
use super::exchange::{Stage, recover};
use super::hidden::keep;
use super::journal::Journal;
use super::manifest::{Entry, MANIFEST, Manifest, Sum, inside};
use super::os::{Lock, identity, leads_within, lock, parent, resolved};
use super::survey::{Survey, survey};

/// Writers whose files may lie beside another's: findings, which are put where one likes.
const GUESTS: [&str; 2] = ["check", "compare"];

/// What is put behind a folder's name for what could not be put there.
const KEPT: &str = ".kept";

/// How much of a folder is ours.
#[derive(Clone, Debug)]
pub enum FolderScope {
    /// All of it, but for these names at its top, which are kept by other means.
    Whole(&'static [&'static str]),
    /// These files and no others; the rest is not looked at.
    Names(Vec<String>),
}

/// How a folder is to be written.
#[derive(Clone, Debug)]
pub struct Wish {
    /// The command under whose name the manifest lists the files.
    pub writer: &'static str,
    /// How much of the folder is ours.
    pub scope: FolderScope,
    /// Whether what stands under our names is replaced, whoever wrote it, and what else there is may stay.
    pub replace: bool,
    /// Whether to wait while another process writes the folder. Otherwise it is refused.
    pub wait: bool,
}

impl Wish {
    /// For a folder that is ours as a whole.
    #[must_use]
    pub fn whole(writer: &'static str, replace: bool) -> Wish {
        Wish {
            writer,
            scope: FolderScope::Whole(&[]),
            replace,
            wait: false,
        }
    }
}

/// A folder that is going to be written. Dropped, it leaves everything as it was.
#[derive(Debug)]
pub struct Target {
    shown: PathBuf,
    real: PathBuf,
    wish: Wish,
    old: Manifest,
    listed: bool,
    entries: BTreeMap<String, Entry>,
    notes: Vec<String>,
    // In this order they are dropped.
    stage: Stage,
    _made: Made,
    lock: Lock,
}

/// The folders that were made for it; those that are empty at the end go again.
#[derive(Debug)]
struct Made(Vec<PathBuf>);

impl Drop for Made {
    fn drop(&mut self) {
        for folder in &self.0 {
            if fs::remove_dir(folder).is_err() {
                break;
            }
        }
    }
}

/// A folder that no other process changes as long as this is there, and that may be changed by whoever has it.
#[derive(Debug)]
pub struct Claim {
    _made: Made,
    _lock: Lock,
}

impl Claim {
    /// Makes the folder where there is none, and waits for its lock.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn wait(path: &Path) -> Result<Claim, StoreError> {
        let real = resolved(path).map_err(at(path))?;
        let (made, lock) = locked(path, &real, true)?;
        Ok(Claim {
            _made: made,
            _lock: lock,
        })
    }
}

/// A file that is being filled.
#[derive(Debug)]
pub struct Filling {
    path: String,
    real: PathBuf,
    sum: Sum<BufWriter<File>>,
}

impl Write for Filling {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.sum.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.sum.flush()
    }
}

impl Target {
    /// Makes the folder where there is none, locks it, finishes or rolls back what a dead process has left of it, and asks
    /// whether it may be written.
    ///
    /// # Errors
    /// When it may not, or another process is at it.
    pub fn open(path: &Path, wish: Wish) -> Result<Target, StoreError> {
        let nameless = || StoreError::Nameless {
            path: path.display().to_string(),
        };
        if path.file_name().is_none() && matches!(wish.scope, FolderScope::Whole(_)) {
            return Err(nameless());
        }
        let real = resolved(path).map_err(at(path))?;
        if parent(&real) == real {
            return Err(nameless());
        }
        if fs::metadata(&real).is_ok_and(|it| !it.is_dir()) {
            return Err(StoreError::NotAFolder {
                path: path.display().to_string(),
            });
        }
        let (made, lock) = locked(path, &real, wish.wait)?;
        let notes = recover(&real)?;
        let (old, listed) = manifest(path, &real, wish.replace)?;
        let now = looked_at(&real, &old, &wish)?;
        judge(path, &now, &wish, listed)?;
        fits(path, &real, &old)?;
        let beside = matches!(wish.scope, FolderScope::Whole([])) && now.clean() && alone(&old, wish.writer);
        let stage = Stage::open(&real, beside)?;
        Ok(Target {
            shown: path.to_owned(),
            real,
            wish,
            old,
            listed,
            entries: BTreeMap::new(),
            notes,
            stage,
            _made: made,
            lock,
        })
    }

    /// What was found and put right at the start, for people.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Begins a file of the new contents.
    ///
    /// # Errors
    /// When the path leads out of the folder, or the file system refuses.
    pub fn create(&mut self, path: &Path) -> Result<Filling, StoreError> {
        let name = path
            .to_str()
            .filter(|name| inside(name))
            .ok_or_else(|| StoreError::Damaged {
                file: path.display().to_string(),
                what: "is no name for a file in a results folder".to_owned(),
            })?;
        let real = self.stage.fresh().join(name);
        let folder = parent(&real);
        fs::create_dir_all(folder).map_err(at(folder))?;
        let file = OpenOptions::new().write(true).create_new(true).open(&real);
        Ok(Filling {
            path: name.to_owned(),
            sum: Sum::new(BufWriter::new(file.map_err(at(&real))?)),
            real,
        })
    }

    /// Ends a file: it is on the disk.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn end(&mut self, filling: Filling) -> Result<(), StoreError> {
        let Filling { path, real, sum } = filling;
        let (out, entry) = sum.finish();
        let file = out.into_inner().map_err(|error| at(&real)(error.into_error()))?;
        file.sync_all().map_err(at(&real))?;
        self.entries.insert(path, entry);
        Ok(())
    }

    /// Adds a file to the new contents.
    ///
    /// # Errors
    /// As [`Target::create`]; then nothing of it is left there.
    pub fn add(&mut self, path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
        let mut file = self.create(path)?;
        let real = file.real.clone();
        let written = file.write_all(bytes).map_err(at(&self.shown.join(path)));
        let ended = written.and_then(|()| self.end(file));
        if ended.is_err() {
            fs::remove_file(real).ok();
        }
        ended
    }

    /// Fills the folder with these files and puts them in the place of the old ones; gives them, the manifest last. Where
    /// the folder has been moved or removed meanwhile a new one takes its name.
    ///
    /// # Errors
    /// As [`Target::commit`].
    pub fn write(mut self, files: &[(PathBuf, Vec<u8>)], mark: &str) -> Result<Vec<PathBuf>, StoreError> {
        match self.fill(files, mark) {
            Err(why) if self.is_gone() => self.anew(files, mark, why),
            other => other.map_err(|why| self.kept(why, mark)),
        }
    }

    fn fill(&mut self, files: &[(PathBuf, Vec<u8>)], mark: &str) -> Result<Vec<PathBuf>, StoreError> {
        for (path, bytes) in files {
            self.add(path, bytes)?;
        }
        self.put(mark)
    }

    /// Whether the folder, or the hidden one with the new contents, is no longer where it was.
    fn is_gone(&self) -> bool {
        !self.is_in_place() || !self.stage.root.is_dir()
    }

    fn is_in_place(&self) -> bool {
        match (self.lock.file.metadata(), fs::metadata(&self.real)) {
            (Ok(ours), Ok(there)) => identity(&ours) == identity(&there),
            _ => false,
        }
    }

    /// Begins again under the same name, or beside it where somebody else has that now.
    fn anew(self, files: &[(PathBuf, Vec<u8>)], mark: &str, why: StoreError) -> Result<Vec<PathBuf>, StoreError> {
        let (shown, wish) = (self.shown.clone(), self.wish.clone());
        // Who keeps a lock on the folder would wait for itself.
        drop(self);
        let mut name = shown.file_name().unwrap_or_default().to_owned();
        name.push(KEPT);
        let beside = parent(&shown).join(name);
        let fill = |place| Target::open(place, wish.clone()).and_then(|mut target| target.fill(files, mark));
        fill(&shown).map_err(|_| match fill(&beside) {
            Ok(_) => StoreError::Late {
                why: Box::new(why),
                kept: beside.display().to_string(),
            },
            Err(_) => why,
        })
    }

    /// Puts the new contents in the place of the old; gives the files, the manifest among them. `mark` says what they are of.
    ///
    /// # Errors
    /// When the file system refuses, or the folder has changed meanwhile so that somebody's work would be lost; then what
    /// was computed is kept elsewhere, and the error says where.
    pub fn commit(mut self, mark: &str) -> Result<Vec<PathBuf>, StoreError> {
        self.put(mark).map_err(|why| self.kept(why, mark))
    }

    fn put(&mut self, mark: &str) -> Result<Vec<PathBuf>, StoreError> {
        self.seal(mark)?;
        if !self.is_in_place() {
            return Err(StoreError::Gone {
                path: self.shown.display().to_string(),
            });
        }
        let names: Vec<String> = self.entries.keys().cloned().collect();
        let now = looked_at(&self.real, &self.old, &self.wish)?;
        judge(&self.shown, &now, &self.wish, self.listed)?;
        let over = self.over(&now)?;
        let files = names.iter().map(String::as_str).chain([MANIFEST]);
        let done = self.stage.beside && now.clean() && self.stage.exchange(&self.real, &self.old, &now)?;
        if !done {
            if self.stage.beside {
                let within = Stage::open(&self.real, false)?;
                within.take_over(&self.stage, files.clone())?;
                self.stage = within;
            }
            self.stage.keep_modes(&self.real, false)?;
            self.stage.sync()?;
            let journal = self.journal(over);
            journal.write(&self.stage.root)?;
            self.stage.stays = true;
            journal.apply(&self.stage.root, &self.real)?;
            self.stage.stays = false;
        }
        Ok(files.map(|name| self.shown.join(name)).collect())
    }

    /// Writes the manifest of the new contents beside them.
    fn seal(&self, mark: &str) -> Result<(), StoreError> {
        let mut file = self.raw(MANIFEST)?;
        let text = self.manifest(mark).text();
        let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
        written.map_err(at(&self.shown.join(MANIFEST)))
    }

    /// The file of the new contents' manifest.
    fn raw(&self, name: &str) -> Result<File, StoreError> {
        let path = self.stage.fresh().join(name);
        let file = OpenOptions::new().write(true).create_new(true).open(&path);
        file.map_err(at(&path))
    }

    /// The manifest as it is going to be.
    fn manifest(&self, mark: &str) -> Manifest {
        let mut manifest = self.old.clone();
        let part = manifest.parts.entry(self.wish.writer.to_owned()).or_default();
        mark.clone_into(&mut part.mark);
        if matches!(self.wish.scope, FolderScope::Whole(_)) {
            part.files.clear();
        }
        for (path, entry) in &self.entries {
            part.files.insert(path.clone(), entry.clone());
        }
        // Whoever wrote a file last is its writer.
        for (writer, part) in &mut manifest.parts {
            if writer != self.wish.writer {
                part.files.retain(|path, _| !self.entries.contains_key(path));
            }
        }
        manifest.parts.retain(|_, part| !part.files.is_empty());
        manifest
    }

    /// Files that stand under our names and are not ours, as they are; they are going to be replaced.
    fn over(&self, now: &Survey) -> Result<Vec<(String, Entry)>, StoreError> {
        let mut over = Vec::new();
        for path in self.entries.keys() {
            clear_way(&self.shown, &self.real, path)?;
            let file = self.real.join(path);
            if now.ours.contains_key(path) || !fs::symlink_metadata(&file).is_ok_and(|it| it.is_file()) {
                continue;
            }
            over.push((path.clone(), Entry::of_file(&file, u64::MAX).map_err(at(&file))?));
        }
        Ok(over)
    }

    /// What is to be done where the folder is changed file by file.
    fn journal(&self, over: Vec<(String, Entry)>) -> Journal {
        let own = self.old.parts.get(self.wish.writer);
        let whole = matches!(self.wish.scope, FolderScope::Whole(_));
        let gone = own.into_iter().flat_map(|part| &part.files);
        let gone = gone.filter(|(path, _)| whole && !self.entries.contains_key(*path));
        Journal {
            put: self.entries.keys().cloned().collect(),
            // One that has been edited does not match and stays.
            drop: gone.map(|(path, entry)| (path.clone(), entry.clone())).collect(),
            over,
        }
    }

    /// Keeps the new contents, or what there is of them, where nothing is in their way: beside the folder, else in it.
    fn kept(&mut self, why: StoreError, mark: &str) -> StoreError {
        // What a journal lists is finished by the next start.
        if self.stage.stays || self.entries.is_empty() {
            return why;
        }
        let fresh = self.stage.fresh();
        if !fresh.join(MANIFEST).exists() && self.seal(mark).is_err() {
            fs::remove_file(fresh.join(MANIFEST)).ok();
        }
        let name = format!("{}{KEPT}", self.real.file_name().unwrap_or_default().to_string_lossy());
        let places = [parent(&self.real), &self.real];
        match places.iter().find_map(|folder| keep(&fresh, &folder.join(&name)).ok()) {
            Some(kept) => StoreError::Late {
                why: Box::new(why),
                kept: kept.display().to_string(),
            },
            None => why,
        }
    }
}

/// Finishes or rolls back what a dead process has left of a folder; says what it did.
///
/// # Errors
/// When the file system refuses, or another process is at it.
pub fn finish(path: &Path) -> Result<Vec<String>, StoreError> {
    let real = resolved(path).map_err(at(path))?;
    if !real.is_dir() {
        return Ok(Vec::new());
    }
    let (_made, _lock) = locked(path, &real, false)?;
    recover(&real)
}

/// Makes the folder and takes its lock.
fn locked(path: &Path, real: &Path, wait: bool) -> Result<(Made, Lock), StoreError> {
    let mut made = Made(Vec::new());
    // Each time round another process has put a folder there; a system whose folders change their numbers is not waited for.
    for _ in 0..1_000 {
        let missing = real
            .ancestors()
            .take_while(|folder| fs::symlink_metadata(folder).is_err());
        let missing: Vec<PathBuf> = missing.map(Path::to_owned).collect();
        fs::create_dir_all(real).map_err(at(path))?;
        if !missing.is_empty() {
            made.0 = missing;
        }
        let folder = File::open(real).map_err(at(path))?;
        let Some(lock) = lock(folder, wait) else {
            made.0.clear();
            return Err(StoreError::Busy {
                path: path.display().to_string(),
            });
        };
        // While we waited, another folder may have been put there.
        let same = match (lock.file.metadata(), fs::metadata(real)) {
            (Ok(ours), Ok(there)) => identity(&ours) == identity(&there),
            _ => false,
        };
        if same {
            return Ok((made, lock));
        }
    }
    Err(StoreError::Busy {
        path: path.display().to_string(),
    })
}

/// The folder's manifest, and whether there is one.
fn manifest(path: &Path, real: &Path, replace: bool) -> Result<(Manifest, bool), StoreError> {
    let file = real.join(MANIFEST);
    let text = match super::os::read_text(&file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((Manifest::default(), false)),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => Err("it is no text".to_owned()),
        other => Ok(other.map_err(at(&file))?),
    };
    match text.and_then(|text| Manifest::parse(&text)) {
        Ok(manifest) => Ok((manifest, true)),
        Err(_) if replace => Ok((Manifest::default(), false)),
        Err(what) => Err(StoreError::Damaged {
            file: path.join(MANIFEST).display().to_string(),
            what: format!(
                "{what}, so that nobody can say which files here are ours: restore it, name another folder, or give \
                 --replace to write over the files of the same names"
            ),
        }),
    }
}

/// What the folder holds, as far as it concerns us.
fn looked_at(real: &Path, old: &Manifest, wish: &Wish) -> Result<Survey, StoreError> {
    match &wish.scope {
        FolderScope::Whole(except) => {
            let mut found = survey(real, old)?;
            found
                .foreign
                .retain(|path| !except.contains(&path.trim_end_matches('/')));
            // What another command has written is not ours to replace.
            for (writer, part) in &old.parts {
                if writer != wish.writer && !GUESTS.contains(&writer.as_str()) {
                    let theirs = part.files.keys().filter(|path| found.ours.contains_key(*path));
                    found.foreign.extend(theirs.cloned().collect::<Vec<_>>());
                }
            }
            found.foreign.sort();
            Ok(found)
        }
        FolderScope::Names(names) => {
            let mut found = Survey::default();
            for name in names {
                let file = real.join(name);
                let Ok(metadata) = fs::symlink_metadata(&file) else {
                    continue;
                };
                match old.entry(name).filter(|_| metadata.is_file()) {
                    Some(entry) if entry.matches(&file).map_err(at(&file))? => {
                        found.ours.insert(name.clone(), super::os::stamp(&metadata));
                    }
                    Some(_) => found.edited.push(name.clone()),
                    None => found.foreign.push(name.clone()),
                }
            }
            Ok(found)
        }
    }
}

/// Whether only one writer's files are there.
fn alone(manifest: &Manifest, writer: &str) -> bool {
    manifest.parts.keys().all(|other| other == writer)
}

/// Refuses where somebody's work would be lost, or lies among ours.
fn judge(path: &Path, now: &Survey, wish: &Wish, listed: bool) -> Result<(), StoreError> {
    if wish.replace || now.clean() {
        return Ok(());
    }
    let path = path.display().to_string();
    if now.foreign.is_empty() {
        let (found, more) = first_of(&now.edited);
        return Err(StoreError::Edited { path, found, more });
    }
    let (found, more) = first_of(&now.foreign);
    Err(if listed {
        StoreError::Foreign { path, found, more }
    } else {
        StoreError::Unlisted { path, found, more }
    })
}

/// Whether a file that was ours could be written again: a link or a file where its folder was is never followed or replaced.
fn fits(path: &Path, real: &Path, old: &Manifest) -> Result<(), StoreError> {
    old.files().try_for_each(|(file, _)| clear_way(path, real, file))
}

/// Whether the folders of a file are folders or not there, and no folder has its name.
fn clear_way(path: &Path, real: &Path, file: &str) -> Result<(), StoreError> {
    let in_the_way = |found: &str, what, wanted| StoreError::in_the_way(path, found, what, wanted);
    leads_within(real, file).map_err(|above| in_the_way(&above, "no folder", "folder"))?;
    if fs::symlink_metadata(real.join(file)).is_ok_and(|it| it.is_dir()) {
        return Err(in_the_way(file, "a folder", "file"));
    }
    Ok(())
}
