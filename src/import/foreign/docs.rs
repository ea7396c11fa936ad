//! Documents that list things: JSON as REST interfaces and clients print it, and the clients' YAML and CSV. One thing is in
//! memory at a time, however many there are.
//!
//! What is wanted is named by paths: `[]` is an item of the outermost list, `.nodes[]` one of the list under `nodes`,
//! `[].Project` that value of an item, and the empty path the whole document. A file may hold several documents, such as the
//! pages of a REST interface one behind the other.

use std::cell::Cell;
use std::fmt;
use std::io::{self, BufRead, Read};
use std::path::Path;
use std::rc::Rc;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::literal;
use super::open::{self, Stream};
use super::wrong::ForeignError;
use super::yaml;

/// How a document is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Json,
    Yaml,
    Csv,
}

impl Form {
    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Form::Json => "JSON",
            Form::Yaml => "YAML",
            Form::Csv => "CSV",
        }
    }
}

/// One thing of a document.
pub(crate) struct Found<'p> {
    /// Which of the paths it has.
    pub path: &'p str,
    /// The line where it begins.
    pub line: u64,
    /// The thing.
    pub value: Value,
}

/// What is told of each thing.
pub(crate) type Tell<'t> = dyn FnMut(Found<'_>) -> Result<(), ForeignError> + 't;

/// Tells everything in a file that has one of these paths.
pub(crate) fn each(path: &Path, form: Form, wanted: &[&str], tell: &mut Tell<'_>) -> Result<(), ForeignError> {
    let file = path.display().to_string();
    let stream = open::open(path)?;
    match form {
        Form::Json => json(stream, &file, wanted, tell),
        Form::Yaml => yaml::each(stream, &file, &mut |at, line, value| {
            walk(at.to_owned(), line, value, wanted, tell)
        }),
        Form::Csv => csv(stream, &file, &mut |line, value| {
            walk("[]".to_owned(), line, value, wanted, tell)
        }),
    }
}

fn is_wanted<'p>(at: &str, wanted: &[&'p str]) -> Option<&'p str> {
    wanted.iter().copied().find(|path| *path == at)
}

/// Whether something that is wanted lies below.
fn leads_on(at: &str, wanted: &[&str]) -> bool {
    wanted.iter().any(|path| path.len() > at.len() && path.starts_with(at))
}

/// Tells what is wanted of a value that is in memory.
fn walk(at: String, line: u64, value: Value, wanted: &[&str], tell: &mut Tell<'_>) -> Result<(), ForeignError> {
    if let Some(path) = is_wanted(&at, wanted) {
        return tell(Found { path, line, value });
    }
    if !leads_on(&at, wanted) {
        return Ok(());
    }
    match value {
        Value::Array(items) => {
            for item in items {
                walk(format!("{at}[]"), line, item, wanted, tell)?;
            }
        }
        Value::Object(map) => {
            for (key, value) in map {
                walk(format!("{at}.{key}"), line, value, wanted, tell)?;
            }
        }
        _ => {}
    }
    Ok(())
}

/// A stream that counts lines, and whether its quotation marks are in pairs.
struct Counted {
    stream: Stream,
    lines: Rc<Cell<u64>>,
    quotes: Rc<Cell<u64>>,
}

impl Counted {
    fn new(stream: Stream) -> Counted {
        Counted {
            stream,
            lines: Rc::new(Cell::new(1)),
            quotes: Rc::new(Cell::new(0)),
        }
    }

    /// Steps over blanks; whether something follows.
    fn more(&mut self) -> io::Result<bool> {
        loop {
            let piece = self.stream.fill_buf()?;
            if piece.is_empty() {
                return Ok(false);
            }
            let blank = piece.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            let lines = piece[..blank].iter().filter(|byte| **byte == b'\n').count();
            let follows = blank < piece.len();
            self.lines.set(self.lines.get() + lines as u64);
            self.stream.consume(blank);
            if follows {
                return Ok(true);
            }
        }
    }
}

impl Read for Counted {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.stream.read(out)?;
        let count = |byte: u8| out[..read].iter().filter(|other| **other == byte).count() as u64;
        self.lines.set(self.lines.get() + count(b'\n'));
        self.quotes.set(self.quotes.get() + count(b'"'));
        Ok(read)
    }
}

fn json(stream: Stream, file: &str, wanted: &[&str], tell: &mut Tell<'_>) -> Result<(), ForeignError> {
    let mut counted = Counted::new(stream);
    let lines = counted.lines.clone();
    loop {
        match counted.more() {
            Ok(true) => {}
            Ok(false) => return Ok(()),
            Err(error) => return Err(open::broken(file, lines.get(), &error)),
        }
        let mut failed = None;
        let mut reader = serde_json::Deserializer::from_reader(&mut counted);
        let seed = Walk {
            at: String::new(),
            wanted,
            lines: &lines,
            tell,
            failed: &mut failed,
        };
        let read = seed.deserialize(&mut reader);
        if let Some(failed) = failed {
            return Err(failed);
        }
        read.map_err(|error| unreadable(file, lines.get(), &error))?;
    }
}

/// What serde says of a document.
fn unreadable(file: &str, line: u64, error: &serde_json::Error) -> ForeignError {
    if error.is_io() {
        let kind = error.io_error_kind().unwrap_or(io::ErrorKind::Other);
        return open::broken(file, line, &io::Error::new(kind, error.to_string()));
    }
    let said = error.to_string();
    let said = said.split(" at line ").next().unwrap_or(&said).to_owned();
    if error.is_eof() {
        let message = format!("the JSON ends in the middle ({said})");
        return ForeignError::at(file, line, "", message, "fetch it again: it is cut short");
    }
    let message = format!("this is no JSON ({said}, near column {})", error.column());
    ForeignError::at(
        file,
        line,
        "",
        message,
        "give what the command prints with `-f json`, unchanged",
    )
}

/// Reads a value at a path, and tells what is wanted of it.
struct Walk<'a, 't> {
    at: String,
    wanted: &'a [&'a str],
    lines: &'a Cell<u64>,
    tell: &'a mut Tell<'t>,
    failed: &'a mut Option<ForeignError>,
}

impl<'de> DeserializeSeed<'de> for Walk<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        if let Some(path) = is_wanted(&self.at, self.wanted) {
            let line = self.lines.get();
            let value = serde::Deserialize::deserialize(reader)?;
            return (self.tell)(Found { path, line, value }).map_err(|failed| {
                *self.failed = Some(failed);
                D::Error::custom("told")
            });
        }
        if leads_on(&self.at, self.wanted) {
            reader.deserialize_any(self)
        } else {
            reader.deserialize_ignored_any(IgnoredAny).map(|_| ())
        }
    }
}

impl<'de> Visitor<'de> for Walk<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let at = format!("{}[]", self.at);
        loop {
            let item = Walk {
                at: at.clone(),
                wanted: self.wanted,
                lines: self.lines,
                tell: self.tell,
                failed: self.failed,
            };
            if items.next_element_seed(item)?.is_none() {
                return Ok(());
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        while let Some(key) = entries.next_key::<String>()? {
            entries.next_value_seed(Walk {
                at: format!("{}.{key}", self.at),
                wanted: self.wanted,
                lines: self.lines,
                tell: self.tell,
                failed: self.failed,
            })?;
        }
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
}

/// The rows of a client's CSV as objects; nested values are Python's literals.
fn csv(
    stream: Stream,
    file: &str,
    tell: &mut dyn FnMut(u64, Value) -> Result<(), ForeignError>,
) -> Result<(), ForeignError> {
    let counted = Counted::new(stream);
    let quotes = counted.quotes.clone();
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .has_headers(true)
        .from_reader(counted);
    let refuse =
        |line: u64, column: &str, message: String, mend: &str| Err(ForeignError::at(file, line, column, message, mend));
    let header = match reader.headers() {
        Ok(header) => header.clone(),
        Err(error) => return refuse(1, "", error.to_string(), "give what the command prints with `-f csv`"),
    };
    let mut record = csv::StringRecord::new();
    loop {
        let line = reader.position().line();
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) if quotes.get() % 2 == 1 => {
                return refuse(
                    line,
                    "",
                    "a quotation mark is not closed".to_owned(),
                    "fetch it again: it is cut short",
                );
            }
            Ok(false) => return Ok(()),
            Err(error) => {
                let message = format!("the row cannot be read: {error}");
                return refuse(line, "", message, "give UTF-8 text as the command printed it");
            }
        }
        let line = record.position().map_or(line, csv::Position::line);
        if record.len() != header.len() {
            let column = header
                .get(record.len())
                .or(header.get(header.len().saturating_sub(1)))
                .unwrap_or_default();
            let message = format!("{} fields where the header has {}", record.len(), header.len());
            return refuse(line, column, message, "fetch it again: it looks cut short or edited");
        }
        let fields = header.iter().zip(&record);
        let row: Map<String, Value> = fields
            .map(|(name, cell)| (name.to_owned(), literal::value(cell)))
            .collect();
        tell(line, Value::Object(row))?;
    }
}
