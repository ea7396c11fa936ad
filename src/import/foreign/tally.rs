//! What an import kept and left out, counted so that the parts of a whole add up.

use std::fmt;

use indexmap::IndexMap;

/// The counts of one kind of thing: each is in one part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// What was counted.
    pub what: String,
    /// How many there were.
    pub total: u64,
    /// How many in each part, and why.
    pub parts: IndexMap<String, (u64, &'static str)>,
    /// Further counts, of things that are in some part.
    pub notes: IndexMap<String, (u64, &'static str)>,
}

impl Account {
    /// An account of nothing yet.
    pub(crate) fn of(what: impl Into<String>) -> Account {
        Account {
            what: what.into(),
            total: 0,
            parts: IndexMap::new(),
            notes: IndexMap::new(),
        }
    }

    /// Counts one thing, in the part where it ends.
    pub(crate) fn one(&mut self, part: impl Into<String> + AsRef<str>, why: &'static str) {
        self.add(1, part, why);
    }

    /// Counts `n` things in a part.
    pub(crate) fn add(&mut self, n: u64, part: impl Into<String> + AsRef<str>, why: &'static str) {
        self.total += n;
        tick(&mut self.parts, n, part, why);
    }

    /// Counts what is in some part already.
    pub(crate) fn note(&mut self, n: u64, what: impl Into<String> + AsRef<str>, why: &'static str) {
        if n > 0 {
            tick(&mut self.notes, n, what, why);
        }
    }

    /// How many in a part, or of a note.
    #[must_use]
    pub fn count(&self, part: &str) -> u64 {
        let found = self.parts.get(part).or_else(|| self.notes.get(part));
        found.map_or(0, |(count, _)| *count)
    }

    /// Whether the parts add up to the whole.
    #[must_use]
    pub fn adds_up(&self) -> bool {
        self.total == self.parts.values().map(|(count, _)| count).sum::<u64>()
    }
}

fn tick(
    counts: &mut IndexMap<String, (u64, &'static str)>,
    n: u64,
    what: impl Into<String> + AsRef<str>,
    why: &'static str,
) {
    if let Some((count, _)) = counts.get_mut(what.as_ref()) {
        *count += n;
    } else {
        counts.insert(what.into(), (n, why));
    }
}

/// All that is told of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ForeignReport {
    /// What was imported, in a sentence.
    pub title: String,
    /// How each file was recognised.
    pub files: Vec<String>,
    /// The counts.
    pub accounts: Vec<Account>,
    /// What was assumed, and what the files cannot tell.
    pub remarks: Vec<String>,
}

impl ForeignReport {
    /// The account of this name.
    #[must_use]
    pub fn account(&self, what: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.what == what)
    }
}

impl fmt::Display for ForeignReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.title)?;
        for file in &self.files {
            writeln!(f, "  {file}")?;
        }
        let rows = self.accounts.iter().flat_map(rows);
        let rows: Vec<(String, u64, &str)> = rows.collect();
        let what = rows.iter().map(|(what, ..)| what.chars().count()).max().unwrap_or(0);
        let count = rows
            .iter()
            .map(|(_, count, _)| count.to_string().len())
            .max()
            .unwrap_or(0);
        for (text, number, why) in &rows {
            let line = format!("{text:what$}  {number:>count$}  {why}");
            writeln!(f, "{}", line.trim_end())?;
        }
        if !self.remarks.is_empty() {
            writeln!(f, "What to know:")?;
        }
        for remark in &self.remarks {
            writeln!(f, "- {remark}")?;
        }
        Ok(())
    }
}

/// The lines of an account: the whole, its parts, and what is noted of them.
fn rows(account: &Account) -> impl Iterator<Item = (String, u64, &str)> {
    let whole = (account.what.clone(), account.total, "");
    // What was kept stands before what was skipped.
    let skipped = |what: &&String| what.starts_with("skipped");
    let (out, kept): (Vec<_>, Vec<_>) = account.parts.iter().partition(|(what, _)| skipped(what));
    let parts = kept
        .into_iter()
        .chain(out)
        .map(|(what, (count, why))| (format!("  {what}"), *count, *why));
    let notes = account
        .notes
        .iter()
        .map(|(what, (count, why))| (format!("    of these {what}"), *count, *why));
    std::iter::once(whole).chain(parts).chain(notes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_add_up_and_print_in_columns() {
        let mut account = Account::of("rows read");
        account.add(12, "kept", "");
        account.one("skipped: steps", "only jobs count");
        account.note(3, "without an end", "they run on");
        account.note(0, "never", "");
        assert!(account.adds_up() && account.total == 13 && account.count("without an end") == 3);
        let report = ForeignReport {
            title: "t".to_owned(),
            files: vec!["a: b".to_owned()],
            accounts: vec![account],
            remarks: vec!["r".to_owned()],
        };
        assert_eq!(
            report.to_string(),
            "t\n  a: b\nrows read                    13\n  kept                       12\n  skipped: steps              1  only jobs count\n    \
             of these without an end   3  they run on\nWhat to know:\n- r\n"
        );
    }
}
