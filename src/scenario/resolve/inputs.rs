//! The files that a scenario reads: found beside it, read once, and counted into its digest.

use std::path::Path;

use sha2::{Digest, Sha256};

use crate::import::neutral::{CsvError, Read, ToldRow, each_request, resembles};
use crate::kernel::text::beginning;
use crate::scenario::diagnose::Ledger;
use crate::scenario::library::Library;
use crate::scenario::tree::Place;

/// The files that a scenario reads.
pub struct InputFiles<'a> {
    base: &'a Path,
    /// What may be read, and what was.
    pub library: &'a Library,
    ledger: &'a Ledger,
    hash: Sha256,
    absolute: Vec<String>,
    files: Vec<(String, String)>,
}

/// A file that has been read, with what is needed to complain about its rows.
pub struct CsvRows<T> {
    /// The rows and their lines.
    pub read: Read<T>,
    /// The file as the user reaches it.
    pub file: String,
    pub text: String,
}

/// A file of requests.
pub struct Text {
    /// The file as the user reaches it, and the SHA-256 of its bytes.
    pub file: (String, String),
    bytes: Vec<u8>,
}

impl Text {
    /// Notes what is wrong with a row.
    pub fn wrong(&self, ledger: &Ledger, line: u64, wrong: &Wrong) {
        let (column, message, fix) = wrong.clone();
        let error = CsvError {
            file: self.file.0.clone(),
            line,
            column: column.to_owned(),
            message,
            mend: fix,
        };
        ledger.wrong_row(&String::from_utf8_lossy(&self.bytes), &error);
    }
}

/// What is wrong in a row: the column, what it is, and the fix.
pub type Wrong = (&'static str, String, String);

/// How a kind of neutral file is read: from its bytes, under the name that errors carry.
type Reader<T> = fn(&[u8], &str) -> Result<Read<T>, Vec<CsvError>>;

impl<T> CsvRows<T> {
    /// What is wrong with the row at this place of the file.
    pub fn error(&self, row: usize, column: &str, message: String, fix: String) -> CsvError {
        let line = self.read.lines.get(row).copied().unwrap_or(1);
        CsvError {
            file: self.file.clone(),
            line,
            column: column.to_owned(),
            message,
            mend: fix,
        }
    }
}

impl<'a> InputFiles<'a> {
    /// Library relative to `base`.
    pub fn new(base: &'a Path, library: &'a Library, ledger: &'a Ledger) -> Self {
        InputFiles {
            base,
            library,
            ledger,
            hash: Sha256::new(),
            absolute: Vec::new(),
            files: Vec::new(),
        }
    }

    /// Reads a file named at `place`; `read` is the reader of its kind.
    pub fn rows<T>(&mut self, path: &str, place: &Place, read: Reader<T>) -> Option<CsvRows<T>> {
        let (file, bytes) = self.fetch(path, place)?;
        let answer = read(&bytes, &file);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        match answer {
            Ok(read) => {
                self.warn(&read.warnings);
                Some(CsvRows { read, file, text })
            }
            Err(errors) => {
                self.tell((&bytes, &text), &file, place, &errors);
                None
            }
        }
    }

    /// Notes what is wrong with a file. Of one that is no CSV of ours no line is quoted: a scenario may name any file.
    fn tell(&self, (bytes, text): (&[u8], &str), file: &str, place: &Place, errors: &[CsvError]) {
        if bytes.is_empty() || resembles(bytes) {
            errors.iter().for_each(|error| self.ledger.wrong_row(text, error));
            return;
        }
        let begins = beginning(bytes);
        let message = format!("`{file}` has none of our headers: it begins with `{begins}`");
        let fix = "name a nodes.csv, requests.csv or maintenance.csv; `sickbay import` makes such files";
        self.ledger.wrong(place, message, fix);
    }

    /// A file of requests named at `place`, still to be read.
    pub fn requests(&mut self, path: &str, place: &Place) -> Option<Text> {
        let (file, bytes) = self.fetch(path, place)?;
        let (_, digest) = self.files.last()?;
        Some(Text {
            file: (file, digest.clone()),
            bytes,
        })
    }

    /// Tells the requests of a file one by one and gives its warnings, if they count. What the teller finds wrong with
    /// them it says by lines.
    pub fn tell_requests(&self, text: &Text, place: &Place, tell: &mut impl FnMut(ToldRow<'_>)) -> Option<Vec<String>> {
        each_request(&text.bytes, &text.file.0, tell)
            .map_err(|errors| {
                let lossy = String::from_utf8_lossy(&text.bytes);
                self.tell((&text.bytes, &lossy), &text.file.0, place, &errors);
            })
            .ok()
    }

    /// Notes what a file was read with.
    pub fn warn(&self, warnings: &[String]) {
        warnings.iter().for_each(|warning| self.ledger.warn(warning.clone()));
    }

    /// A file's name as the user reaches it, and its bytes, which go into the digest.
    fn fetch(&mut self, path: &str, place: &Place) -> Option<(String, Vec<u8>)> {
        let full = self.base.join(path);
        let file = full.display().to_string();
        if Path::new(path).is_absolute() {
            self.absolute.push(path.to_owned());
        }
        let bytes = match self.library.reading.read(&full) {
            Ok(bytes) => bytes,
            Err(error) => {
                let fix = error.mend(
                    "paths are relative to the scenario file; `sickbay import` makes such files",
                    "name the CSV file inside of this directory",
                );
                self.ledger.wrong(place, format!("cannot read `{file}`: {error}"), fix);
                return None;
            }
        };
        self.hash.update((bytes.len() as u64).to_le_bytes());
        self.hash.update(&bytes);
        self.files.push((named(path), hex(Sha256::digest(&bytes).as_slice())));
        Some((file, bytes))
    }

    /// The files that were read, each with its SHA-256, sorted. Of an absolute path only the file's name is kept.
    pub fn files(&self) -> Vec<(String, String)> {
        let mut files = self.files.clone();
        files.sort();
        files.dedup();
        files
    }

    /// SHA-256 of the effective text and of the files read. Of an absolute path only the file's
    /// name counts: the same scenario elsewhere is the same scenario.
    pub fn digest(mut self, effective: &str) -> String {
        let mut text = effective.to_owned();
        for path in &self.absolute {
            text = text.replace(path.as_str(), &named(path));
        }
        self.hash.update(text.as_bytes());
        hex(self.hash.finalize().as_slice())
    }
}

/// A path as it counts: as typed, or the file's name alone where it is absolute.
fn named(path: &str) -> String {
    let whole = Path::new(path);
    match whole.file_name() {
        Some(name) if whole.is_absolute() => name.to_string_lossy().into_owned(),
        _ if whole.is_absolute() => String::new(),
        _ => path.to_owned(),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
