//! A strict reading of CSV text into rows that know their line, and errors that name it.
//!
//! Every importer reads through here, so all of them refuse the same broken files (cut short, not
//! UTF-8, a row of the wrong width, a quotation mark left open) in the same words.

use std::collections::BTreeMap;
use std::fmt;

use crate::kernel::text::{acts, beginning, commands, from_cell, quoted, to_cell};

/// How many errors of one file are told at once.
pub(super) const ERROR_CAP: usize = 20;

/// Seconds beyond which a time is surely a slip (about 31,700 years). It also keeps every sum of
/// two times far away from the end of `u64` milliseconds.
pub(super) const SECONDS_MAX: u64 = 1_000_000_000_000;

/// Machines of one request at most. What is imported is read by the same bound.
pub(super) const MACHINES_MAX: u32 = u16::MAX as u32;

/// What is wrong at one place of a CSV file, and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsvError {
    /// The file as the user named it.
    pub file: String,
    /// Line in the file, counted from 1.
    pub line: u64,
    /// Header of the column; empty when the whole line is meant.
    pub column: String,
    /// What is wrong, with the offending text.
    pub message: String,
    /// What to do about it.
    pub mend: String,
}

impl fmt::Display for CsvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.file, self.line)?;
        if !self.column.is_empty() {
            write!(f, "column `{}`: ", self.column)?;
        }
        write!(f, "{}; {}", self.message, self.mend)
    }
}

impl std::error::Error for CsvError {}

/// The errors of one file, in order of lines, at most [`ERROR_CAP`] of them.
pub(super) fn in_order(mut errors: Vec<CsvError>) -> Vec<CsvError> {
    errors.sort_by_key(|error| error.line);
    errors.truncate(ERROR_CAP);
    errors
}

const MEND_ACTING: &str = "remove the character, or what makes it a command (`::` before a name, `##[`)";

/// Whether a field, or a name in it, would do something to whoever shows it. Several names are parted by blanks, or come
/// behind a time and a colon.
fn is_acting(field: &str) -> bool {
    field.chars().any(acts) || field.contains(":::") || field.split_whitespace().any(commands)
}

/// The message for a field that acts.
fn acting(field: &str) -> String {
    format!("{} acts on what shows it", quoted(field))
}

/// A value could not be read; the error itself has been noted already.
#[derive(Debug)]
pub(super) struct Bad;

/// A CSV file split into a header and rows, before any value is understood.
#[derive(Debug)]
pub(super) struct Sheet {
    pub(super) file: String,
    header: Vec<String>,
    columns: BTreeMap<String, usize>,
    rows: Vec<(u64, csv::StringRecord)>,
    ends_with_newline: bool,
}

impl Sheet {
    /// Splits `text`; fails on what makes the whole file unreadable or a row the wrong shape.
    pub(super) fn split(text: &[u8], file: &str) -> Result<Self, Vec<CsvError>> {
        refuse_foreign_bytes(text, file)?;
        let mut records = split_records(text, file)?.into_iter();
        let Some((_, first)) = records.next() else {
            return Err(vec![CsvError {
                file: file.to_owned(),
                line: 1,
                column: String::new(),
                message: "the file is empty".to_owned(),
                mend: "give at least the header line".to_owned(),
            }]);
        };
        let header: Vec<String> = first.iter().map(str::to_owned).collect();
        let columns = header
            .iter()
            .enumerate()
            .map(|(index, name)| (name.clone(), index))
            .collect();
        let sheet = Self {
            file: file.to_owned(),
            header,
            columns,
            rows: records.collect(),
            ends_with_newline: text.ends_with(b"\n"),
        };
        let mut errors = sheet.repeated_headers();
        errors.extend(sheet.rows_of_wrong_width());
        if errors.is_empty() {
            Ok(sheet)
        } else {
            Err(in_order(errors))
        }
    }

    /// Number of data rows.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The data rows, each with the list that its errors go to.
    pub(super) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|(line, record)| Row {
            sheet: self,
            record,
            line: *line,
            errors: Vec::new(),
        })
    }

    /// Errors for the `required` columns that the header lacks.
    pub(super) fn missing(&self, required: &[&str]) -> Vec<CsvError> {
        required
            .iter()
            .filter(|name| !self.columns.contains_key(**name))
            .map(|name| {
                let near = nearest(name, self.header.iter().map(String::as_str));
                let mend = match near {
                    Some(near) => format!("add it; the nearest header is `{near}`"),
                    None => format!("add it; the header is `{}`", self.header.join(",")),
                };
                self.error(1, name, "the header lacks this column".to_owned(), mend)
            })
            .collect()
    }

    /// The names of the columns.
    pub(super) fn header(&self) -> impl Iterator<Item = &str> {
        self.header.iter().map(String::as_str)
    }

    /// Warnings for columns outside of `known`, for an empty file and for a missing line end.
    pub(super) fn warnings(&self, known: &[&str]) -> Vec<String> {
        let mut warnings = self.unknown(known);
        if self.rows.is_empty() {
            warnings.push(format!("{}:1: there is a header and no row", self.file));
        } else if !self.ends_with_newline {
            warnings.push(self.no_line_end(self.rows.last().map_or(1, |(line, _)| *line)));
        }
        warnings
    }

    /// The warning for a last line without a line end.
    pub(super) fn no_line_end(&self, line: u64) -> String {
        let file = &self.file;
        format!("{file}:{line}: the last line has no line end; the file may be cut short")
    }

    /// Refuses fields that act on what shows them; with a line end within, one does.
    pub(super) fn refuse_acting(&self) -> Result<(), Vec<CsvError>> {
        let of_row = |(line, record): &(u64, csv::StringRecord)| {
            let place = record.iter().position(is_acting)?;
            let column = self.header.get(place).map_or("", String::as_str);
            Some(self.error(
                *line,
                column,
                acting(record.get(place).unwrap_or_default()),
                MEND_ACTING.to_owned(),
            ))
        };
        let header = self.header.iter().find(|name| is_acting(name));
        let header = header.map(|name| self.error(1, "", acting(name), MEND_ACTING.to_owned()));
        let errors: Vec<CsvError> = header
            .into_iter()
            .chain(self.rows.iter().filter_map(of_row))
            .take(ERROR_CAP)
            .collect();
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }

    /// Warnings for columns outside of `known`.
    pub(super) fn unknown(&self, known: &[&str]) -> Vec<String> {
        let mut warnings = Vec::new();
        for name in self.header.iter().filter(|name| !known.contains(&name.as_str())) {
            let hint = nearest(name, known.iter().copied())
                .filter(|near| !self.columns.contains_key(*near))
                .map_or_else(String::new, |near| format!("; is it meant as `{near}`?"));
            warnings.push(format!(
                "{}:1: column `{name}` is unknown and kept out{hint}",
                self.file
            ));
        }
        warnings
    }

    /// An error of this file.
    pub(super) fn error(&self, line: u64, column: &str, message: String, mend: String) -> CsvError {
        CsvError {
            file: self.file.clone(),
            line,
            column: column.to_owned(),
            message,
            mend,
        }
    }

    fn repeated_headers(&self) -> Vec<CsvError> {
        self.header
            .iter()
            .enumerate()
            .filter(|(index, name)| self.columns.get(*name) != Some(index))
            .map(|(_, name)| {
                self.error(
                    1,
                    name,
                    "the header names this column twice".to_owned(),
                    "keep one of them".to_owned(),
                )
            })
            .collect()
    }

    fn rows_of_wrong_width(&self) -> Vec<CsvError> {
        let width = self.header.len();
        let last = self.rows.len().saturating_sub(1);
        self.rows
            .iter()
            .enumerate()
            .filter(|(_, (_, record))| record.len() != width)
            .map(|(index, (line, record))| {
                let mend = if index == last && record.len() < width {
                    "the file looks cut short: fetch it again"
                } else {
                    "give every row one field per column, and put one that holds a comma in quotation marks"
                };
                // The first column without a field; or the last one, behind which another field follows.
                let column = self.header.get(record.len()).or(self.header.last());
                let what = match record.get(width) {
                    Some(beyond) => format!("{} follows on it: ", quoted(beyond)),
                    None => "the row ends before it: ".to_owned(),
                };
                let message = format!("{what}{} fields where the header has {width}", record.len());
                self.error(*line, column.map_or("", String::as_str), message, mend.to_owned())
            })
            .collect()
    }
}

/// Names every line (up to the cap) that is not UTF-8.
fn refuse_foreign_bytes(text: &[u8], file: &str) -> Result<(), Vec<CsvError>> {
    if std::str::from_utf8(text).is_ok() {
        return Ok(());
    }
    let errors = text
        .split(|byte| *byte == b'\n')
        .zip(1_u64..)
        .filter_map(|(line, number)| Some((foreign_field(line)?, number)))
        .take(ERROR_CAP)
        .map(|((place, field), line)| CsvError {
            file: file.to_owned(),
            line,
            column: if line == 1 {
                String::new()
            } else {
                column_at(text, place)
            },
            message: format!("`{}` is not UTF-8 text", beginning(field)),
            mend: "save the file as UTF-8".to_owned(),
        })
        .collect();
    Err(errors)
}

/// The place of the first field of a line that is not UTF-8, and its bytes.
fn foreign_field(line: &[u8]) -> Option<(usize, &[u8])> {
    let wrong = std::str::from_utf8(line).err()?.valid_up_to();
    let (before, _) = line.split_at(wrong);
    let place = fields_begun(before).len() - 1;
    let begin = fields_begun(before).last().copied().unwrap_or(0);
    let field = line.get(begin..).unwrap_or_default();
    Some((
        place,
        field.split(|byte| matches!(byte, b',' | b'\r')).next().unwrap_or(field),
    ))
}

/// Where the fields of a row begin; a comma within quotation marks parts none.
fn fields_begun(row: &[u8]) -> Vec<usize> {
    let mut begun = vec![0];
    let mut within = false;
    for (at, byte) in row.iter().enumerate() {
        within ^= *byte == b'"';
        if *byte == b',' && !within {
            begun.push(at + 1);
        }
    }
    begun
}

/// The name of a column by its place, from a file that is not split yet.
fn column_at(text: &[u8], place: usize) -> String {
    let header = text
        .split(|byte| matches!(byte, b'\n' | b'\r'))
        .next()
        .unwrap_or_default();
    let name = header.split(|byte| *byte == b',').nth(place).unwrap_or_default();
    let name = String::from_utf8_lossy(name);
    name.trim_start_matches('\u{feff}').trim_matches('"').to_owned()
}

/// Splits into records with the line on which each begins.
///
/// Lines are counted here and not taken from the reader's position, which lags by one after a
/// CR LF and does not step over blank lines.
fn split_records(text: &[u8], file: &str) -> Result<Vec<(u64, csv::StringRecord)>, Vec<CsvError>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text);
    let mut records = Vec::new();
    let mut line = 1_u64;
    let mut counted = 0_usize;
    for record in reader.records() {
        let record = record.map_err(|cause| {
            vec![CsvError {
                file: file.to_owned(),
                line,
                column: String::new(),
                message: cause.to_string(),
                mend: "give comma-separated UTF-8 text".to_owned(),
            }]
        })?;
        let reported = record.position().map_or(0, csv::Position::byte);
        let start = skip_line_ends(text, usize::try_from(reported).unwrap_or(0));
        line += newlines(text, counted, start);
        counted = start;
        records.push((line, start, record));
    }
    let ends = records.iter().skip(1).map(|(_, start, _)| *start);
    let ends: Vec<usize> = ends.chain([text.len()]).collect();
    for ((line, start, _), end) in records.iter().zip(ends) {
        let raw = text.get(*start..end).unwrap_or_default();
        // Quotation marks come in pairs, an escaped one being two; the reader itself takes an
        // open one to reach to the end of the file without a word.
        if raw.iter().filter(|byte| **byte == b'"').count() % 2 == 1 {
            let begun = fields_begun(raw);
            let field = raw.get(begun.last().copied().unwrap_or(0)..).unwrap_or_default();
            return Err(vec![CsvError {
                file: file.to_owned(),
                line: *line,
                column: if *line == 1 {
                    String::new()
                } else {
                    column_at(text, begun.len() - 1)
                },
                message: format!(
                    "the quotation mark of {} is not closed",
                    quoted(&String::from_utf8_lossy(field))
                ),
                mend: "close it, or fetch the file again if it is cut short".to_owned(),
            }]);
        }
    }
    Ok(records.into_iter().map(|(line, _, record)| (line, record)).collect())
}

fn skip_line_ends(text: &[u8], from: usize) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    from + rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count()
}

fn newlines(text: &[u8], from: usize, to: usize) -> u64 {
    let part = text.get(from..to).unwrap_or_default();
    part.iter().map(|byte| u64::from(*byte == b'\n')).sum()
}

/// The nearest of `names`, if it is near enough to be a slip of the pen.
pub(super) fn nearest<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    names
        .map(|other| (strsim::damerau_levenshtein(name, other), other))
        .min()
        .filter(|(distance, other)| *distance <= 2.max(name.len().min(other.len()) / 2))
        .map(|(_, other)| other)
}

/// One row on its way to becoming a record. A reader asks for every column before it gives up, so
/// that all errors of a row are told at once.
#[derive(Debug)]
pub(super) struct Row<'s> {
    sheet: &'s Sheet,
    record: &'s csv::StringRecord,
    /// Line in the file, counted from 1.
    pub(super) line: u64,
    /// What was found wrong so far.
    pub(super) errors: Vec<CsvError>,
}

impl<'s> Row<'s> {
    /// The field as it stands; empty when the file has no such column.
    pub(super) fn raw(&self, column: &str) -> &'s str {
        self.sheet
            .columns
            .get(column)
            .and_then(|index| self.record.get(*index))
            .map_or("", from_cell)
    }

    /// Notes an error in `column`.
    pub(super) fn fail(&mut self, column: &str, message: String, mend: &str) -> Bad {
        let error = self.sheet.error(self.line, column, message, mend.to_owned());
        self.errors.push(error);
        Bad
    }

    /// Text that must be there.
    pub(super) fn text(&mut self, column: &str) -> Result<String, Bad> {
        match self.optional_text(column)? {
            Some(text) => Ok(text),
            None => Err(self.fail(column, "the field is empty".to_owned(), "give a value")),
        }
    }

    /// Text that may be missing.
    pub(super) fn optional_text(&mut self, column: &str) -> Result<Option<String>, Bad> {
        let text = self.raw(column);
        if text.trim() != text {
            let message = format!("{} begins or ends with a blank", quoted(text));
            return Err(self.fail(column, message, "remove the blank"));
        }
        self.harmless(column, text)?;
        Ok((!text.is_empty()).then(|| text.to_owned()))
    }

    /// Refuses a name found in `column` that acts on what shows it.
    pub(super) fn harmless(&mut self, column: &str, name: &str) -> Result<(), Bad> {
        if is_acting(name) {
            return Err(self.fail(column, acting(name), MEND_ACTING));
        }
        Ok(())
    }

    /// A time in seconds that must be there, in ms.
    pub(super) fn seconds(&mut self, column: &str) -> Result<u64, Bad> {
        let text = self.raw(column);
        seconds_to_ms(text).map_err(|message| self.fail(column, message, MEND_SECONDS))
    }

    /// A time in seconds that may be missing, in ms.
    pub(super) fn optional_seconds(&mut self, column: &str) -> Result<Option<u64>, Bad> {
        if self.raw(column).is_empty() {
            return Ok(None);
        }
        self.seconds(column).map(Some)
    }

    /// A number of machines.
    pub(super) fn machines(&mut self, column: &str) -> Result<u32, Bad> {
        let number = self.whole(column)?;
        if number > MACHINES_MAX {
            let message = format!("`{number}` machines are too many for one request");
            return Err(self.fail(column, message, "ask for at most 65535"));
        }
        Ok(number)
    }

    /// A whole number that must be there.
    pub(super) fn whole(&mut self, column: &str) -> Result<u32, Bad> {
        let text = self.raw(column);
        if !text.is_empty()
            && text.bytes().all(|byte| byte.is_ascii_digit())
            && let Ok(number) = text.parse()
        {
            return Ok(number);
        }
        let message = format!("{} is not a whole number of at most {}", quoted(text), u32::MAX);
        Err(self.fail(column, message, "give digits only"))
    }
}

/// How to mend a time.
pub(super) const MEND_SECONDS: &str = "give seconds since the scenario's epoch, 0 or more, with at most 3 decimals";

/// Reads seconds with up to three decimals as exact milliseconds.
pub(super) fn seconds_to_ms(text: &str) -> Result<u64, String> {
    if text.is_empty() {
        return Err("the field is empty".to_owned());
    }
    if text.starts_with('-') {
        return Err(format!("{} is negative", quoted(text)));
    }
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(decimals) {
        return Err(format!("{} is not a number of seconds", quoted(text)));
    }
    if decimals.len() > 3 {
        return Err(format!("{} is finer than a millisecond", quoted(text)));
    }
    let seconds: u64 = whole.parse().unwrap_or(u64::MAX);
    if seconds > SECONDS_MAX {
        return Err(format!("{} is more than {SECONDS_MAX} s", quoted(text)));
    }
    let ms: u64 = format!("{decimals:0<3}").parse().unwrap_or(0);
    Ok(seconds * 1000 + ms)
}

/// Writes milliseconds as the shortest exact number of seconds.
pub(super) fn ms_to_seconds(ms: u64) -> String {
    let (seconds, rest) = (ms / 1000, ms % 1000);
    if rest == 0 {
        return seconds.to_string();
    }
    let decimals = format!("{rest:03}");
    format!("{seconds}.{}", decimals.trim_end_matches('0'))
}

/// Appends one row of `fields` to `out`, quoted where CSV asks for it.
pub(super) fn push_row<'f>(out: &mut Vec<u8>, fields: impl IntoIterator<Item = &'f str>) {
    for (index, field) in fields.into_iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        let field = to_cell(field);
        if field.contains(['"', ',', '\n', '\r']) {
            out.push(b'"');
            out.extend_from_slice(field.replace('"', "\"\"").as_bytes());
            out.push(b'"');
        } else {
            out.extend_from_slice(field.as_bytes());
        }
    }
    out.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_read_and_written_exactly() {
        for (text, ms) in [
            ("0", 0),
            ("1", 1000),
            ("0.001", 1),
            ("12.5", 12_500),
            ("1000000000000", 1_000_000_000_000_000),
        ] {
            assert_eq!(seconds_to_ms(text), Ok(ms), "{text}");
            assert_eq!(ms_to_seconds(ms), text);
        }
        for text in [
            "",
            "-1",
            "+1",
            "1e3",
            "1.",
            ".5",
            "1.2345",
            "1 ",
            "nan",
            "1000000000001",
            "99999999999999999999999",
        ] {
            assert!(seconds_to_ms(text).is_err(), "{text}");
        }
    }

    #[test]
    fn lines_are_counted_through_carriage_returns_blank_lines_and_quoted_newlines() {
        let text = b"a,b\r\n1,2\r\n\r\n3,\"x\ny\"\r\n5,6\r\n";
        let sheet = Sheet::split(text, "f").expect("readable");
        let lines: Vec<u64> = sheet.rows().map(|row| row.line).collect();
        assert_eq!(lines, [2, 4, 6]);
    }

    #[test]
    fn an_open_quotation_mark_is_named_with_its_line() {
        let errors = Sheet::split(b"a,b\n1,2\n3,\"4\n5,6\n", "f").expect_err("open");
        assert_eq!(errors.len(), 1);
        assert_eq!((errors[0].line, errors[0].column.as_str()), (3, "b"));
        assert_eq!(
            errors[0].message,
            "the quotation mark of `\"4\\u{a}5,6\\u{a}` is not closed"
        );
    }

    #[test]
    fn a_repeated_header_is_refused() {
        let errors = Sheet::split(b"a,b,a\n", "f").expect_err("twice");
        assert_eq!(
            errors[0].to_string(),
            "f:1: column `a`: the header names this column twice; keep one of them"
        );
    }
}
