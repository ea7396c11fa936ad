//! The CSV files of a results folder: their headers, how rows are written and how they are read
//! back. Times are seconds since the epoch with up to three decimals.

use std::path::Path;

use super::number::{fixed, parse_seconds, seconds};
use super::{ReportError, error};
use crate::experiment::{ErrandRow, Log, RequestRow, StateRow, TimelineRow, WindowRow};
use crate::kernel::text::{from_cell, to_cell};
use crate::kernel::{Span, Time};
use crate::world::CAUSES;

/// The files of a log.
pub(super) const REQUESTS: &str = "requests.csv";
pub(super) const ERRANDS: &str = "errands.csv";
pub(super) const WINDOWS: &str = "windows.csv";
pub(super) const TIMELINE: &str = "timeline.csv";
pub(super) const STATES: &str = "states.csv";

const REQUEST_COLUMNS: [&str; 11] = [
    "request",
    "arrival_s",
    "tenant",
    "class",
    "count",
    "kind",
    "outcome",
    "cause",
    "wait_s",
    "failed_builds",
    "nodes",
];
const ERRAND_COLUMNS: [&str; 9] = [
    "window",
    "errand",
    "node",
    "needed_s",
    "running_s",
    "ended_s",
    "refused",
    "mistargeted",
    "outcome",
];
const WINDOW_COLUMNS: [&str; 7] = [
    "window",
    "node",
    "opened_s",
    "in_hand_s",
    "closed_s",
    "returned_s",
    "occupied",
];
const TIMELINE_COLUMNS: [&str; 7] = [
    "at_s",
    "installed",
    "schedulable",
    "in_maintenance",
    "occupied",
    "exposed",
    "stranded",
];
const STATE_COLUMNS: [&str; 4] = ["node", "from_s", "to_s", "state"];

const KINDS: [&str; 3] = ["people", "monitoring", "operator"];
const OUTCOMES: [&str; 3] = ["accepted", "refused", "waiting"];
const ENDS: [&str; 4] = ["done", "unserved", "cut", "open"];
const STATE_WORDS: [&str; 9] = [
    "free",
    "tenant",
    "errand",
    "maintenance",
    "exposed",
    "stranded",
    "broken",
    "busy",
    "absent",
];

/// A CSV file: the comment that says what made it, a header, rows.
pub(super) fn csv_bytes<R: AsRef<[String]>>(
    comment: &str,
    header: &[&str],
    rows: impl Iterator<Item = R>,
) -> Result<Vec<u8>, ReportError> {
    let start = format!("# {comment}\n").into_bytes();
    let wrong = |e: csv::Error| ReportError::Results(format!("a row cannot be written: {e}"));
    let mut writer = csv::WriterBuilder::new().comment(Some(b'#')).from_writer(start);
    writer.write_record(header).map_err(wrong)?;
    for row in rows {
        for field in row.as_ref() {
            writer.write_field(to_cell(field).as_bytes()).map_err(wrong)?;
        }
        writer.write_record(None::<&[u8]>).map_err(wrong)?;
    }
    writer
        .into_inner()
        .map_err(|e| ReportError::Results(format!("a file cannot be written: {e}")))
}

/// The files of a log with their bytes, the story last, if there is one.
pub(super) fn files(log: &Log, comment: &str) -> Result<Vec<(&'static str, Vec<u8>)>, ReportError> {
    let mut files = vec![
        (
            REQUESTS,
            csv_bytes(comment, &REQUEST_COLUMNS, log.requests.iter().map(request))?,
        ),
        (
            ERRANDS,
            csv_bytes(comment, &ERRAND_COLUMNS, log.errands.iter().map(errand))?,
        ),
        (
            WINDOWS,
            csv_bytes(comment, &WINDOW_COLUMNS, log.windows.iter().map(window))?,
        ),
        (
            TIMELINE,
            csv_bytes(comment, &TIMELINE_COLUMNS, log.timeline.iter().map(timeline))?,
        ),
        (
            STATES,
            csv_bytes(comment, &STATE_COLUMNS, log.states.iter().map(state))?,
        ),
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

fn maybe(time: Option<Time>) -> String {
    time.map_or_else(String::new, |t| seconds(t.0))
}

fn request(r: &RequestRow) -> [String; 11] {
    let cause = CAUSES
        .iter()
        .find(|(cause, _)| Some(*cause) == r.cause)
        .map_or("", |(_, name)| name);
    [
        r.request.clone(),
        seconds(r.arrival.0),
        r.tenant.clone(),
        r.class.clone(),
        r.count.to_string(),
        r.kind.to_owned(),
        r.outcome.to_owned(),
        cause.to_owned(),
        r.wait.map_or_else(String::new, |w| seconds(w.0)),
        r.failed_builds.to_string(),
        r.nodes.join(" "),
    ]
}

fn errand(e: &ErrandRow) -> [String; 9] {
    [
        e.window.to_string(),
        e.errand.to_string(),
        e.node.clone(),
        seconds(e.needed.0),
        maybe(e.running),
        maybe(e.ended),
        e.refused.to_string(),
        e.mistargeted.to_string(),
        e.outcome.to_owned(),
    ]
}

fn window(w: &WindowRow) -> [String; 7] {
    [
        w.window.to_string(),
        w.node.clone(),
        seconds(w.opened.0),
        maybe(w.in_hand),
        maybe(w.closed),
        maybe(w.returned),
        w.occupied.to_string(),
    ]
}

fn timeline(t: &TimelineRow) -> [String; 7] {
    let counts = [
        t.installed,
        t.schedulable,
        t.in_maintenance,
        t.occupied,
        t.exposed,
        t.stranded,
    ]
    .map(fixed);
    let [a, b, c, d, e, f] = counts;
    [seconds(t.at.0), a, b, c, d, e, f]
}

fn state(s: &StateRow) -> [String; 4] {
    [s.node.clone(), seconds(s.from.0), seconds(s.to.0), s.state.to_owned()]
}

/// Reads a log back; the story is not read.
pub(super) fn read(folder: &Path) -> Result<Log, ReportError> {
    Ok(Log {
        requests: rows(&folder.join(REQUESTS), &REQUEST_COLUMNS, read_request)?,
        errands: rows(&folder.join(ERRANDS), &ERRAND_COLUMNS, read_errand)?,
        windows: rows(&folder.join(WINDOWS), &WINDOW_COLUMNS, read_window)?,
        timeline: rows(&folder.join(TIMELINE), &TIMELINE_COLUMNS, read_timeline)?,
        states: rows(&folder.join(STATES), &STATE_COLUMNS, read_state)?,
        story: Vec::new(),
    })
}

/// Reads every row of a file of ours with `read`; errors name the file and the line.
pub(super) fn rows<T>(
    file: &Path,
    header: &[&str],
    read: impl Fn(&Row<'_>) -> Result<T, String>,
) -> Result<Vec<T>, ReportError> {
    let text = crate::store::read_text(file).map_err(error::at(file))?;
    let name = file.display().to_string();
    let line = |line: u64, what: String| ReportError::Line {
        file: name.clone(),
        line,
        what,
    };
    let body = text
        .strip_prefix("# sickbay ")
        .and_then(|rest| rest.split_once('\n'))
        .map(|(_, body)| body)
        .ok_or_else(|| line(1, "the first line must say which sickbay made the file".to_owned()))?;
    // The comment is one line, and the reader's positions count from after it.
    let mut reader = csv::ReaderBuilder::new().from_reader(body.as_bytes());
    let found = reader.headers().map_err(|e| line(2, e.to_string()))?;
    if found.iter().ne(header.iter().copied()) {
        return Err(line(2, format!("the header must be {}", header.join(","))));
    }
    let mut out = Vec::new();
    for record in reader.records() {
        let at = |record: &csv::StringRecord| record.position().map_or(0, |p| p.line() + 1);
        let record = record.map_err(|e| line(e.position().map_or(0, |p| p.line() + 1), e.to_string()))?;
        let row = Row {
            header,
            record: &record,
        };
        out.push(read(&row).map_err(|what| line(at(&record), what))?);
    }
    Ok(out)
}

/// A row being read.
pub(super) struct Row<'a> {
    header: &'a [&'a str],
    record: &'a csv::StringRecord,
}

impl Row<'_> {
    pub(super) fn text(&self, place: usize) -> &str {
        self.record.get(place).map_or("", from_cell)
    }

    fn wrong(&self, place: usize, wants: &str) -> String {
        format!(
            "`{}` must be {wants}, not `{}`",
            self.header.get(place).unwrap_or(&"?"),
            self.text(place)
        )
    }

    pub(super) fn whole<T: std::str::FromStr>(&self, place: usize) -> Result<T, String> {
        self.text(place)
            .parse()
            .map_err(|_| self.wrong(place, "a whole number"))
    }

    pub(super) fn float(&self, place: usize) -> Result<f64, String> {
        let value = self.text(place).parse::<f64>().ok().filter(|v| v.is_finite());
        value.ok_or_else(|| self.wrong(place, "a number"))
    }

    fn time(&self, place: usize) -> Result<Time, String> {
        parse_seconds(self.text(place))
            .map(Time)
            .ok_or_else(|| self.wrong(place, "seconds with up to three decimals"))
    }

    fn maybe(&self, place: usize) -> Result<Option<Time>, String> {
        if self.text(place).is_empty() {
            Ok(None)
        } else {
            self.time(place).map(Some)
        }
    }

    fn word(&self, place: usize, words: &[&'static str]) -> Result<&'static str, String> {
        let found = words.iter().find(|word| **word == self.text(place)).copied();
        found.ok_or_else(|| self.wrong(place, &format!("one of {}", words.join(", "))))
    }
}

fn read_request(row: &Row<'_>) -> Result<RequestRow, String> {
    let cause = match row.text(7) {
        "" => None,
        name => Some(
            CAUSES
                .iter()
                .find(|(_, n)| *n == name)
                .ok_or_else(|| row.wrong(7, "a cause of refusal"))?
                .0,
        ),
    };
    Ok(RequestRow {
        request: row.text(0).to_owned(),
        arrival: row.time(1)?,
        tenant: row.text(2).to_owned(),
        class: row.text(3).to_owned(),
        count: row.whole(4)?,
        kind: row.word(5, &KINDS)?,
        outcome: row.word(6, &OUTCOMES)?,
        cause,
        wait: row.maybe(8)?.map(|t| Span(t.0)),
        failed_builds: row.whole(9)?,
        nodes: row.text(10).split_whitespace().map(str::to_owned).collect(),
    })
}

fn read_errand(row: &Row<'_>) -> Result<ErrandRow, String> {
    Ok(ErrandRow {
        window: row.whole(0)?,
        errand: row.whole(1)?,
        node: row.text(2).to_owned(),
        needed: row.time(3)?,
        running: row.maybe(4)?,
        ended: row.maybe(5)?,
        refused: row.whole(6)?,
        mistargeted: row.whole(7)?,
        outcome: row.word(8, &ENDS)?,
    })
}

fn read_window(row: &Row<'_>) -> Result<WindowRow, String> {
    Ok(WindowRow {
        window: row.whole(0)?,
        node: row.text(1).to_owned(),
        opened: row.time(2)?,
        in_hand: row.maybe(3)?,
        closed: row.maybe(4)?,
        returned: row.maybe(5)?,
        occupied: row.word(6, &["true", "false"])? == "true",
    })
}

fn read_timeline(row: &Row<'_>) -> Result<TimelineRow, String> {
    Ok(TimelineRow {
        at: row.time(0)?,
        installed: row.float(1)?,
        schedulable: row.float(2)?,
        in_maintenance: row.float(3)?,
        occupied: row.float(4)?,
        exposed: row.float(5)?,
        stranded: row.float(6)?,
    })
}

fn read_state(row: &Row<'_>) -> Result<StateRow, String> {
    Ok(StateRow {
        node: row.text(0).to_owned(),
        from: row.time(1)?,
        to: row.time(2)?,
        state: row.word(3, &STATE_WORDS)?,
    })
}
