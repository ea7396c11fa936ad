//! The kind of a spell of maintenance out of free text: a table of patterns, which a site replaces by its own.

use std::path::Path;

use regex_lite::{Regex, RegexBuilder};

use super::open::Lines;
use super::wrong::{Faults, ForeignError};

/// The kind of what no pattern fits.
pub(crate) const OTHERWISE: &str = "fault";

/// The table unless a site gives its own; the first that fits counts. A word fits where it begins a word, in any case of
/// letters. What daemons write stands first: a node that "unexpectedly rebooted" was not maintained.
const DEFAULT: [(&str, &str); 4] = [
    ("not responding|unexpectedly rebooted|node unexpectedly", "fault"),
    ("maint|upgrade|reboot|kernel|firmware|window|migration", "planned"),
    ("dimm|ecc|disk|nvme|psu|gpu|fan|cable|hw_err|hw:", "hardware-failure"),
    ("hold|lk_op|reserved for|debug", "operator-hold"),
];

/// A table of patterns, with how often each has fitted.
#[derive(Debug)]
pub(crate) struct Kinds {
    rules: Vec<Rule>,
    /// Texts that no pattern fits.
    pub others: u64,
    /// Where the table is from.
    pub source: String,
}

#[derive(Debug)]
struct Rule {
    pattern: String,
    kind: String,
    regex: Regex,
    hits: u64,
}

impl Kinds {
    /// The table of the program.
    pub(crate) fn standard() -> Kinds {
        let rules = DEFAULT
            .iter()
            .filter_map(|(words, kind)| rule(words, &format!("(^|[^a-z0-9])({words})"), kind));
        Kinds {
            rules: rules.collect(),
            others: 0,
            source: "the program's table".to_owned(),
        }
    }

    /// A site's own table: lines `pattern = kind`, `#` before remarks. A pattern is a regular expression that may fit anywhere,
    /// in any case of letters.
    pub(crate) fn read(path: &Path) -> Result<Kinds, ForeignError> {
        let mut lines = Lines::open(path)?;
        let mut faults = Faults::of(&lines.file.clone());
        let mut rules = Vec::new();
        while let Some(text) = lines.next()? {
            let text = text.trim();
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            let read = text
                .rsplit_once('=')
                .map(|(pattern, kind)| (pattern.trim(), kind.trim()));
            let made = read.filter(|(_, kind)| is_kind(kind));
            match made.and_then(|(pattern, kind)| rule(pattern, pattern, kind)) {
                Some(rule) => rules.push(rule),
                None => {
                    let line = lines.line;
                    faults.note(
                        line,
                        "",
                        "this is no rule",
                        "write `pattern = kind`: a regular expression, and a word of lower-case letters, digits and `-`",
                    );
                }
            }
        }
        faults.end()?;
        Ok(Kinds {
            rules,
            others: 0,
            source: path.display().to_string(),
        })
    }

    /// The kind that a text tells of.
    pub(crate) fn of(&mut self, text: &str) -> String {
        match self.rules.iter_mut().find(|rule| rule.regex.is_match(text)) {
            Some(rule) => {
                rule.hits += 1;
                rule.kind.clone()
            }
            None => {
                self.others += 1;
                OTHERWISE.to_owned()
            }
        }
    }

    /// How often each pattern has fitted: kind, pattern, times.
    pub(crate) fn hits(&self) -> impl Iterator<Item = (&str, &str, u64)> {
        self.rules
            .iter()
            .map(|rule| (rule.kind.as_str(), rule.pattern.as_str(), rule.hits))
    }
}

fn rule(pattern: &str, expression: &str, kind: &str) -> Option<Rule> {
    let regex = RegexBuilder::new(expression).case_insensitive(true).build().ok()?;
    Some(Rule {
        pattern: pattern.to_owned(),
        kind: kind.to_owned(),
        regex,
        hits: 0,
    })
}

/// Whether this is a kind that `maintenance.csv` takes.
pub(crate) fn is_kind(text: &str) -> bool {
    text.starts_with(|letter: char| letter.is_ascii_lowercase())
        && text
            .chars()
            .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_operators_have_their_kinds() {
        let mut kinds = Kinds::standard();
        for (text, kind) in [
            ("maint window Dec", "planned"),
            ("Firmware upgrade", "planned"),
            ("kernel 6.1.140 reboot (chg CHG0031)", "planned"),
            ("HW: DIMM A3 ECC, ticket #4711 | swap", "hardware-failure"),
            ("nvme smart", "hardware-failure"),
            ("HW_ERR: GPU2 fell off the bus", "hardware-failure"),
            ("LK_OP keep for vendor", "operator-hold"),
            ("bad IB port", "fault"),
            ("Node unexpectedly rebooted", "fault"),
            ("Not responding", "fault"),
            ("threshold exceeded", "fault"),
            ("", "fault"),
        ] {
            assert_eq!(kinds.of(text), kind, "{text}");
        }
        assert_eq!(kinds.others, 3);
        assert_eq!(kinds.hits().map(|(.., hits)| hits).sum::<u64>(), 9);
    }

    #[test]
    fn a_sites_table_replaces_ours() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("kinds");
        std::fs::write(&file, "# ours\nib port = cabling\n\n^chg = planned\n").expect("written");
        let mut kinds = Kinds::read(&file).expect("a table");
        assert_eq!(kinds.of("bad IB port"), "cabling");
        assert_eq!(kinds.of("CHG0031"), "planned");
        assert_eq!(kinds.of("maintenance"), "fault");
        std::fs::write(&file, "a = planned\nnonsense\n( = fault\nx = Not A Kind\n").expect("written");
        let error = Kinds::read(&file).expect_err("wrong").to_string();
        let lines: Vec<&str> = error.lines().collect();
        assert_eq!(lines.len(), 3, "{error}");
        assert!(lines[0].contains(":2: this is no rule; write"), "{error}");
    }
}
