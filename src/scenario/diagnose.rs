//! What is wrong with a scenario, told so that it can be corrected: file, line, column, the
//! offending text underlined, and the fix. All problems of a file are told at once.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::tree::Place;
use crate::import::neutral::CsvError;

/// One thing that is wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problem {
    /// The file as the user named it, or `--set`.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// The column in characters, counted from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub fix: String,
    /// The line with the offending text underlined; empty when there is no text to show.
    pub snippet: String,
}

impl fmt::Display for Problem {
    /// The first line is `file:line:column: message`, which editors link.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)?;
        if !self.snippet.is_empty() {
            write!(f, "\n{}", self.snippet)?;
        }
        if !self.fix.is_empty() {
            write!(f, "\n  help: {}", self.fix)?;
        }
        Ok(())
    }
}

impl Problem {
    /// A problem of a file as a whole.
    #[must_use]
    pub fn of_file(file: &str, message: &str, fix: &str) -> Problem {
        Problem {
            file: file.to_owned(),
            line: 1,
            column: 1,
            message: message.to_owned(),
            fix: fix.to_owned(),
            snippet: String::new(),
        }
    }

    /// A problem at these bytes of a text.
    #[must_use]
    pub fn at(file: &str, text: &str, bytes: std::ops::Range<usize>, message: String, fix: String) -> Problem {
        let bytes = clamp(text, bytes);
        let before = &text[..bytes.start];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = before.matches('\n').count() + 1;
        let column = text[line_start..bytes.start].chars().count() + 1;
        Problem {
            file: file.to_owned(),
            line,
            column,
            message,
            fix,
            snippet: underline(text, line_start, line, bytes),
        }
    }
}

/// Bytes inside the text, on the borders of its characters and within their first line.
fn clamp(text: &str, bytes: std::ops::Range<usize>) -> std::ops::Range<usize> {
    let inside = |mut at: usize| {
        at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = inside(bytes.start);
    let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
    start..inside(bytes.end).clamp(start, line_end)
}

/// The line with the bytes underlined. Long lines are cut by the renderer, around the bytes.
fn underline(text: &str, line_start: usize, line: usize, bytes: std::ops::Range<usize>) -> String {
    let line_end = text[bytes.start..].find('\n').map_or(text.len(), |at| bytes.start + at);
    let source = text[line_start..line_end].trim_end_matches('\r');
    if source.trim().is_empty() {
        return String::new();
    }
    let start = (bytes.start - line_start).min(source.len());
    let end = (bytes.end - line_start).clamp(start, source.len());
    let snippet = Snippet::source(source)
        .line_start(line)
        .annotation(AnnotationKind::Primary.span(start..end));
    let group = Group::with_level(Level::ERROR).element(snippet);
    Renderer::plain().render(&[group])
}

/// A default in force that no data supports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsupported {
    /// Its key.
    pub key: String,
    /// Its value in TOML.
    pub value: String,
}

/// The texts that a scenario is read from, and what has been found wrong in them.
#[derive(Debug, Default)]
pub struct Ledger {
    texts: Vec<(String, String)>,
    problems: RefCell<Vec<Problem>>,
    warnings: RefCell<Vec<String>>,
    assumptions: RefCell<Vec<String>>,
    /// Tables whose keys were found in others.
    astray: RefCell<BTreeSet<String>>,
    unsupported: RefCell<Vec<Unsupported>>,
}

impl Ledger {
    /// Enters a text under the file's name, and returns its number.
    pub fn enter(&mut self, file: &str, text: &str) -> usize {
        self.texts.push((file.to_owned(), text.to_owned()));
        self.texts.len() - 1
    }

    /// Notes a problem at a place.
    pub fn wrong(&self, place: &Place, message: impl Into<String>, fix: impl Into<String>) {
        let empty = (String::new(), String::new());
        let (file, text) = self.texts.get(place.text).unwrap_or(&empty);
        let problem = Problem::at(file, text, place.bytes.clone(), message.into(), fix.into());
        self.problems.borrow_mut().push(problem);
    }

    /// Notes that keys of this table, or the table itself, stand elsewhere.
    pub fn note_astray(&self, table: &str) {
        self.astray.borrow_mut().insert(table.to_owned());
    }

    /// Whether keys of this table, or of one that it opens, stand elsewhere.
    #[must_use]
    pub fn is_astray(&self, table: &str) -> bool {
        let within = |known: &String| known == table || known.starts_with(&format!("{table}."));
        !table.is_empty() && self.astray.borrow().iter().any(within)
    }

    /// How many problems have been noted so far.
    #[must_use]
    pub fn count(&self) -> usize {
        self.problems.borrow().len()
    }

    /// A problem at a place whose message and fix are still to be said.
    #[must_use]
    pub fn blank(&self, place: &Place) -> Problem {
        let empty = (String::new(), String::new());
        let (file, text) = self.texts.get(place.text).unwrap_or(&empty);
        Problem::at(file, text, place.bytes.clone(), String::new(), String::new())
    }

    /// Notes a problem at a row of a CSV file.
    pub fn wrong_row(&self, text: &str, error: &CsvError) {
        self.problems.borrow_mut().push(of_row(text, error));
    }

    /// Notes a warning.
    pub fn warn(&self, warning: String) {
        self.warnings.borrow_mut().push(warning);
    }

    /// Notes what was assumed, drawn or left out: a sentence for the report.
    pub fn assume(&self, sentence: String) {
        self.assumptions.borrow_mut().push(sentence);
    }

    /// Notes a default in force that no data supports; the same key once.
    pub fn suppose(&self, key: String, value: String) {
        let mut all = self.unsupported.borrow_mut();
        if all.iter().all(|known| known.key != key) {
            all.push(Unsupported { key, value });
        }
    }

    /// The defaults in force that no data supports, in the order in which they were read.
    #[must_use]
    pub fn unsupported(&self) -> Vec<Unsupported> {
        self.unsupported.borrow().clone()
    }

    /// All problems, by file and place; the same one once.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = self.problems.borrow().clone();
        let order = |file: &str| {
            self.texts
                .iter()
                .position(|(name, _)| name == file)
                .unwrap_or(self.texts.len())
        };
        problems.sort_by(|a, b| {
            let key = |p: &Problem| (order(&p.file), p.file.clone(), p.line, p.column);
            key(a).cmp(&key(b))
        });
        problems.dedup();
        problems
    }

    /// The warnings.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        self.warnings.borrow().clone()
    }

    /// What was assumed.
    #[must_use]
    pub fn assumptions(&self) -> Vec<String> {
        self.assumptions.borrow().clone()
    }
}

/// The problem of a row of a CSV file: the field underlined where the line has no quotes.
fn of_row(text: &str, error: &CsvError) -> Problem {
    let at = usize::try_from(error.line).unwrap_or(usize::MAX).saturating_sub(1);
    let start = text.split_inclusive('\n').take(at).map(str::len).sum::<usize>();
    let line = text[start..].lines().next().unwrap_or_default();
    let header = text.lines().next().unwrap_or_default();
    let number = header
        .split(',')
        .position(|name| name.trim_matches('"') == error.column);
    let whole = start..start + line.len();
    let bytes = match number {
        Some(number) if !line.contains('"') => field(line, number).map_or(whole, |f| start + f.start..start + f.end),
        _ => whole,
    };
    let message = match error.column.as_str() {
        "" => error.message.clone(),
        column => format!("column `{column}`: {}", error.message),
    };
    let line = usize::try_from(error.line).unwrap_or(usize::MAX);
    Problem {
        line,
        ..Problem::at(&error.file, text, bytes, message, error.mend.clone())
    }
}

fn field(line: &str, number: usize) -> Option<std::ops::Range<usize>> {
    let mut start = 0;
    for (at, part) in line.split(',').enumerate() {
        if at == number {
            return Some(start..start + part.len());
        }
        start += part.len() + 1;
    }
    None
}

/// The known word that is nearest to a mistyped one, if one is near.
#[must_use]
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let score = |name: &str| {
        let (a, b) = (word.to_lowercase(), name.to_lowercase());
        // A word that begins like the other is near, however long the rest.
        let stem = if a.len() >= 3 && (b.starts_with(&a) || a.starts_with(&b)) {
            0.85
        } else {
            0.0
        };
        strsim::jaro_winkler(&a, &b).max(stem)
    };
    known
        .into_iter()
        .map(|name| (score(name), name))
        .filter(|(score, _)| *score > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

/// A fix that names the nearest known word and else lists them, as many as fit.
#[must_use]
pub fn fix_word<'a>(word: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> String {
    if let Some(near) = nearest(word, known.clone()) {
        return format!("is it meant as `{near}`?");
    }
    let all: Vec<&str> = known.into_iter().collect();
    let more = if all.len() > 12 { ", …" } else { "" };
    let shown: Vec<String> = all.iter().take(12).map(|name| format!("`{name}`")).collect();
    if all.is_empty() {
        "there is none to choose from".to_owned()
    } else {
        format!("known are {}{more}", shown.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_shows_its_place_first_and_underlines() {
        let text = "[fleet]\nscal = 2\n";
        let problem = Problem::at(
            "x.toml",
            text,
            8..12,
            "unknown key `scal`".to_owned(),
            "is it meant as `scale`?".to_owned(),
        );
        let shown = problem.to_string();
        assert!(shown.starts_with("x.toml:2:1: unknown key `scal`\n"), "{shown}");
        assert!(
            shown.contains("scal = 2") && shown.contains("^^^^") && shown.ends_with("help: is it meant as `scale`?"),
            "{shown}"
        );
    }

    #[test]
    fn places_beyond_the_text_are_clamped() {
        for (text, bytes) in [("", 0..9), ("é", 1..2), ("a\nb", 0..3), ("abc", 7..9)] {
            let problem = Problem::at("f", text, bytes, String::new(), String::new());
            assert!(problem.line >= 1 && problem.column >= 1);
        }
    }

    #[test]
    fn nearest_finds_slips_of_the_finger_and_stems() {
        assert_eq!(nearest("horizn", ["name", "horizon"]), Some("horizon"));
        assert_eq!(nearest("technician", ["technicians", "shift"]), Some("technicians"));
        assert_eq!(nearest("zebra", ["name", "horizon"]), None);
    }
}
