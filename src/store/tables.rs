//! The CSV files of a results folder: how rows are written and how they are read back. What a row holds, and the names
//! of its columns, are said with its type (`cells::rows`).

use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error;
use super::error::FolderError;
use crate::cells::outcome::{DecisionsLeft, Log};

/// The files of a log.
pub(super) const REQUESTS: &str = "requests.csv";
pub(super) const ERRANDS: &str = "errands.csv";
pub(super) const WINDOWS: &str = "windows.csv";
pub(super) const TIMELINE: &str = "timeline.csv";
pub(super) const STATES: &str = "states.csv";
pub(super) const DECISIONS: &str = "decisions.csv";

/// A CSV file: the comment that says what made it, a header, rows.
pub(super) fn table<T: Serialize + Default>(comment: &str, rows: &[T]) -> Result<Vec<u8>, FolderError> {
    let mut format = csv::WriterBuilder::new();
    let format = format.comment(Some(b'#')).has_headers(false);
    let mut writer = format.from_writer(format!("# {comment}\n").into_bytes());
    writer.write_record(header::<T>()?.iter()).map_err(wrong)?;
    for row in rows {
        writer.serialize(row).map_err(wrong)?;
    }
    writer.into_inner().map_err(wrong)
}

/// Rows of texts as lines of CSV; what begins with `#`, as comments do, is quoted.
pub(super) fn lines<T: AsRef<[u8]>>(rows: impl IntoIterator<Item = Vec<T>>) -> Result<String, FolderError> {
    let mut writer = csv::WriterBuilder::new().comment(Some(b'#')).from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).map_err(wrong)?;
    }
    String::from_utf8(writer.into_inner().map_err(wrong)?).map_err(wrong)
}

fn wrong(error: impl std::fmt::Display) -> FolderError {
    FolderError::Results(format!("a file cannot be written: {error}"))
}

/// The effective scenario behind a comment that says what made it.
pub(super) fn scenario(comment: &str, effective: &str) -> Vec<u8> {
    format!("# {comment}\n{effective}").into_bytes()
}

/// The effective scenario of such a file; none where there is no such file.
pub(super) fn effective(file: &Path) -> Option<String> {
    let text = crate::store::disk::os::read_text(file).ok()?;
    text.split_once('\n').map(|(_, effective)| effective.to_owned())
}

/// The names of a row's columns.
fn header<T: Serialize + Default>() -> Result<csv::StringRecord, FolderError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.serialize(T::default()).map_err(wrong)?;
    let bytes = writer.into_inner().map_err(wrong)?;
    let mut reader = csv::Reader::from_reader(&bytes[..]);
    Ok(reader.headers().map_err(wrong)?.clone())
}

/// The files of a log with their bytes, the story last, if there is one.
pub(super) fn files(log: &Log, comment: &str) -> Result<Vec<(&'static str, Vec<u8>)>, FolderError> {
    let mut files = vec![
        (REQUESTS, table(comment, &log.requests)?),
        (ERRANDS, table(comment, &log.errands)?),
        (WINDOWS, table(comment, &log.windows)?),
        (TIMELINE, table(comment, &log.timeline)?),
        (STATES, table(comment, &log.states)?),
        (DECISIONS, table(comment, &log.decisions)?),
    ];
    if !log.story.is_empty() {
        let lines: String = log
            .story
            .iter()
            .map(|(at, text)| format!("{:>16}  {text}\n", at.to_string()))
            .collect();
        files.push(("story.txt", format!("# {comment}\n{lines}").into_bytes()));
    }
    Ok(files)
}

/// Reads a log back. The story is not read, how many nodes have no course is among the assumptions, and how many decisions are
/// left out is said in the summary.
pub(super) fn log(folder: &Path) -> Result<Log, FolderError> {
    Ok(Log {
        requests: rows(&folder.join(REQUESTS))?,
        errands: rows(&folder.join(ERRANDS))?,
        windows: rows(&folder.join(WINDOWS))?,
        timeline: rows(&folder.join(TIMELINE))?,
        states: rows(&folder.join(STATES))?,
        nodes_left_out: 0,
        // Folders of the time before decisions were told have none.
        decisions: match folder.join(DECISIONS).exists() {
            true => rows(&folder.join(DECISIONS))?,
            false => Vec::new(),
        },
        decisions_left: DecisionsLeft::default(),
        story: Vec::new(),
    })
}

fn rows<T: Serialize + DeserializeOwned + Default>(file: &Path) -> Result<Vec<T>, FolderError> {
    let mut rows = Vec::new();
    each(file, |row| {
        rows.push(row);
        Ok(())
    })?;
    Ok(rows)
}

/// Hands on every row of a file of ours; columns that are not asked for are passed over. Errors, those of `take` too,
/// name the file and the line.
pub(super) fn each<T: Serialize + DeserializeOwned + Default>(
    file: &Path,
    take: impl FnMut(T) -> Result<(), String>,
) -> Result<(), FolderError> {
    each_of(
        &crate::store::disk::os::read_text(file).map_err(error::at(file))?,
        file,
        take,
    )
}

/// The same of a file's text.
pub(super) fn each_of<T: Serialize + DeserializeOwned + Default>(
    text: &str,
    file: &Path,
    mut take: impl FnMut(T) -> Result<(), String>,
) -> Result<(), FolderError> {
    let line = |line: u64, what: String| FolderError::Line {
        file: file.display().to_string(),
        line,
        what,
    };
    let body = text
        .strip_prefix("# sickbay ")
        .and_then(|rest| rest.split_once('\n'))
        .map(|(_, body)| body)
        .ok_or_else(|| line(1, "the first line must say which sickbay made the file".to_owned()))?;
    let mut reader = csv::ReaderBuilder::new().from_reader(body.as_bytes());
    let header = reader.headers().map_err(|e| line(2, e.to_string()))?.clone();
    let wanted = crate::store::tables::header::<T>()?;
    if let Some(column) = wanted.iter().find(|column| header.iter().all(|found| found != *column)) {
        return Err(line(2, format!("the header lacks the column `{column}`")));
    }
    let mut record = csv::StringRecord::new();
    // The comment is one line, and the reader's positions count from after it.
    let after = |position: Option<&csv::Position>| position.map_or(0, |position| position.line() + 1);
    loop {
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => return Ok(()),
            Err(e) => return Err(line(after(e.position()), e.to_string())),
        }
        let row = record.deserialize(Some(&header)).map_err(|e| said(&e, &header));
        row.and_then(&mut take)
            .map_err(|what| line(after(record.position()), what))?;
    }
}

/// What is wrong with a row: the column, where it is known, and what stands there.
fn said(error: &csv::Error, header: &csv::StringRecord) -> String {
    match error.kind() {
        csv::ErrorKind::Deserialize { err, .. } => match err.field().and_then(|at| header.get(at as usize)) {
            Some(column) => format!("`{column}`: {}", err.kind()),
            None => err.kind().to_string(),
        },
        _ => error.to_string(),
    }
}
