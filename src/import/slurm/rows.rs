//! Rows of Slurm's parsable output, in which nothing is escaped: a `|` in a free text makes a field too many, and a line end
//! in it makes a row of several lines.

use crate::import::foreign::open::Lines;
use crate::import::foreign::wrong::ForeignError;

/// So many lines may a row have.
const LINES: usize = 1000;

/// The columns of an output: their names in lower case.
#[derive(Clone, Debug)]
pub(crate) struct Columns {
    names: Vec<String>,
    /// Where surplus fields belong.
    free: usize,
    /// A column that holds a time in every row.
    time: usize,
    /// Whether each row ends with a `|`, as `-p` prints.
    closed: bool,
}

impl Columns {
    /// The columns of a header. Free texts are the `free` ones, by the first that is there; times the `times`.
    pub(crate) fn of(header: &str, free: &[&str], times: &[&str]) -> Columns {
        let closed = header.ends_with('|');
        let header = if closed { &header[..header.len() - 1] } else { header };
        let names: Vec<String> = header.split('|').map(|name| name.trim().to_lowercase()).collect();
        let first = |wanted: &[&str]| {
            wanted
                .iter()
                .find_map(|wanted| names.iter().position(|name| name == wanted))
        };
        Columns {
            free: first(free).unwrap_or(names.len() - 1),
            time: first(times).unwrap_or(0),
            names,
            closed,
        }
    }

    /// Where the first of these columns stands.
    pub(crate) fn find(&self, wanted: &[&str]) -> Option<usize> {
        wanted
            .iter()
            .find_map(|wanted| self.names.iter().position(|name| name == wanted))
    }

    /// The name of a column.
    pub(crate) fn name(&self, at: usize) -> &str {
        self.names.get(at).map_or("", String::as_str)
    }
}

/// The rows of a file.
pub(crate) struct Rows {
    lines: Lines,
    columns: Columns,
    /// The row that is being put together, and the line where it began.
    row: String,
    line: u64,
    /// The line after it, if it was read already.
    next: Option<String>,
    fields: Vec<(usize, usize)>,
    /// Rows of several lines.
    pub broken: u64,
    /// Rows with fields too many.
    pub surplus: u64,
}

/// A row: its line and its fields.
pub(crate) struct SlurmRow<'r> {
    /// The line where it begins.
    pub line: u64,
    text: &'r str,
    fields: &'r [(usize, usize)],
}

impl<'r> SlurmRow<'r> {
    /// The field of a column, without blanks around it; empty for a column that is not there.
    pub(crate) fn get(&self, column: Option<usize>) -> &'r str {
        let field = column.and_then(|column| self.fields.get(column));
        field.map_or("", |(from, to)| self.text[*from..*to].trim())
    }
}

impl Rows {
    /// The rows behind what was read of a file; `first` is a row that was read already where there is no header.
    pub(crate) fn new(lines: Lines, columns: Columns, first: Option<String>) -> Rows {
        Rows {
            lines,
            columns,
            row: String::new(),
            line: 0,
            next: first,
            fields: Vec::new(),
            broken: 0,
            surplus: 0,
        }
    }

    /// The file and how its last line ended.
    pub(crate) fn lines(&self) -> &Lines {
        &self.lines
    }

    /// The next row.
    pub(crate) fn next(&mut self) -> Result<Option<SlurmRow<'_>>, ForeignError> {
        self.row.clear();
        match self.next.take() {
            Some(line) => {
                self.row = line;
                self.line = self.lines.line;
            }
            None => loop {
                match self.lines.next()? {
                    None => return Ok(None),
                    Some("") => {}
                    Some(line) => {
                        self.row.push_str(line);
                        self.line = self.lines.line;
                        break;
                    }
                }
            },
        }
        let mut several = 1;
        // What does not begin a row belongs to this one.
        while let Some(line) = self.lines.next()? {
            if begins(line, self.columns.time) {
                self.next = Some(line.to_owned());
                break;
            }
            if line.is_empty() && self.row.split('|').count() >= self.columns.names.len() {
                continue;
            }
            several += 1;
            if several > LINES {
                return Err(self.refuse("1,000 lines follow each other of which none begins a row"));
            }
            self.row.push('\n');
            self.row.push_str(line);
        }
        self.broken += u64::from(several > 1);
        self.split()?;
        Ok(Some(SlurmRow {
            line: self.line,
            text: &self.row,
            fields: &self.fields,
        }))
    }

    /// Parts the row; surplus fields are the free text's.
    fn split(&mut self) -> Result<(), ForeignError> {
        let text = self.row.trim_end_matches('\n');
        let text = if self.columns.closed {
            text.strip_suffix('|').unwrap_or(text)
        } else {
            text
        };
        self.fields.clear();
        let mut from = 0;
        for (at, byte) in text.bytes().enumerate() {
            if byte == b'|' {
                self.fields.push((from, at));
                from = at + 1;
            }
        }
        self.fields.push((from, text.len()));
        let width = self.columns.names.len();
        if self.fields.len() < width {
            let last = self.next.is_none();
            let message = format!("{} fields where the header has {width}", self.fields.len());
            let mend = if last {
                "fetch it again: the file is cut short"
            } else {
                "print it with -P, and keep the rows as they are"
            };
            let column = self.columns.name(self.fields.len());
            return Err(ForeignError::at(&self.lines.file, self.line, column, message, mend));
        }
        let surplus = self.fields.len() - width;
        if surplus > 0 {
            self.surplus += 1;
            let free = self.columns.free;
            self.fields[free].1 = self.fields[free + surplus].1;
            self.fields.drain(free + 1..=free + surplus);
        }
        Ok(())
    }

    fn refuse(&self, what: &str) -> ForeignError {
        ForeignError::at(
            &self.lines.file,
            self.line,
            "",
            what,
            "give what the command printed, unchanged",
        )
    }
}

/// Whether a line has a time where rows have one.
fn begins(line: &str, time: usize) -> bool {
    line.split('|').nth(time).is_some_and(|field| {
        let field = field.trim();
        matches!(field, "Unknown" | "None" | "N/A")
            || field.len() >= 8
                && field
                    .bytes()
                    .all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b':' | b'T'))
    })
}
