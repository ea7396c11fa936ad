//! `sacctmgr show event`: when nodes were drained or down, with reasons.

use std::path::Path;

use super::clock;
use super::hostlist;
use super::rows::{Columns, Rows};
use crate::import::foreign::draft::{Draft, DraftSpell};
use crate::import::foreign::open::Lines;
use crate::import::foreign::tally::Account;
use crate::import::foreign::wrong::{Faults, ForeignError};
use crate::kernel::text::quoted;

/// A restarted controller ends one row and begins the next within this time, ms.
const TOUCH: i64 = 60_000;

/// The columns where the file has no header: those that the command prints.
const DEFAULT: &str = "Cluster|NodeName|TimeStart|TimeEnd|State|Reason|User";

/// What a daemon writes of a node that it does not hear.
const SILENT: &str = "not responding";

/// A row about one node.
#[derive(Clone, Debug)]
struct Row {
    node: String,
    start: i64,
    end: Option<i64>,
    /// In a maintenance reservation, or in the state of that name.
    planned: bool,
    reason: String,
}

/// Reads the files and adds their spells.
pub(crate) fn import(paths: &[&Path], draft: &mut Draft<'_>) -> Result<(), ForeignError> {
    let mut account = Account::of("Slurm events read");
    let mut rows = Vec::new();
    for path in paths {
        read(path, &mut rows, draft, &mut account)?;
    }
    rows.sort_by(|a, b| {
        (&a.node, a.start, a.end.unwrap_or(i64::MAX)).cmp(&(&b.node, b.start, b.end.unwrap_or(i64::MAX)))
    });
    let spells = rows.len();
    let mut merged: Vec<Row> = Vec::new();
    for row in rows {
        match merged.last_mut() {
            Some(last) if last.node == row.node && last.end.is_none_or(|end| row.start - end <= TOUCH) => {
                // What a daemon says gives way to what a person says.
                if last.reason.is_empty() || last.reason.to_lowercase() == SILENT && !row.reason.is_empty() {
                    last.reason = row.reason;
                }
                last.planned |= row.planned;
                last.end = last.end.zip(row.end).map(|(one, other)| one.max(other));
            }
            _ => merged.push(row),
        }
    }
    account.note(
        (spells - merged.len()) as u64,
        "that go on with the row before",
        "they touch within 60 s: a change of reason, of the `*`, a restart",
    );
    for row in merged {
        let daemon = row.reason.is_empty() || row.reason.to_lowercase() == SILENT;
        let kind = match (daemon, row.planned) {
            (true, true) if row.reason.is_empty() => "planned".to_owned(),
            (false, true) => {
                draft.kinds.of(&row.reason);
                "planned".to_owned()
            }
            _ => draft.kinds.of(&row.reason),
        };
        draft.spells.push(DraftSpell {
            node: row.node,
            start: Some(row.start),
            end: row.end,
            kind,
            campaign: None,
        });
    }
    if !paths.is_empty() {
        draft.accounts.push(account);
    }
    Ok(())
}

fn read(path: &Path, rows: &mut Vec<Row>, draft: &mut Draft<'_>, account: &mut Account) -> Result<(), ForeignError> {
    let mut lines = Lines::open(path)?;
    let mut faults = Faults::of(&lines.file.clone());
    let first = lines.next()?.unwrap_or_default().to_owned();
    let (times, free) = (["timestart", "start"], ["reason"]);
    let titled = first.to_lowercase().contains("nodename");
    let header = if titled { &first } else { DEFAULT };
    let columns = Columns::of(header, &free, &times);
    let node = columns.find(&["nodename"]);
    let (start, end) = (columns.find(&times), columns.find(&["timeend", "end"]));
    let (state, reason) = (columns.find(&["state"]), columns.find(&free));
    for (name, found) in [
        ("NodeName", node),
        ("TimeStart", start),
        ("TimeEnd", end),
        ("State", state),
    ] {
        if found.is_none() {
            faults.note(
                1,
                name,
                "the header lacks this column",
                "print it with: sacctmgr -P show event Start=… End=…",
            );
        }
    }
    if faults.is_full() || node.is_none() || start.is_none() || end.is_none() || state.is_none() {
        return faults.end();
    }
    let mut table = Rows::new(lines, columns, (!titled).then(|| first.clone()));
    while let Some(row) = table.next()? {
        if faults.is_full() {
            break;
        }
        let line = row.line;
        if row.get(node).is_empty() {
            account.one("skipped: of the cluster", "they name no node");
            continue;
        }
        let mut time = |column, name: &str| {
            clock::time(row.get(column), &mut draft.zone)
                .map_err(|(message, mend)| faults.note(line, name, message, mend))
        };
        let (Ok(begun), Ok(ended)) = (time(start, "TimeStart"), time(end, "TimeEnd")) else {
            account.one("wrong", "");
            continue;
        };
        let Some(begun) = begun else {
            account.one("skipped: without a begin", "");
            continue;
        };
        let Some(planned) = is_away(row.get(state)) else {
            account.one(
                "skipped: of nodes that are up, to come, in a cloud or saving power",
                "no maintenance",
            );
            continue;
        };
        let names = match hostlist::expand(row.get(node)) {
            Ok(names) => names,
            Err(message) => {
                faults.note(
                    line,
                    "NodeName",
                    format!("{}: {message}", quoted(row.get(node))),
                    "give the rows as Slurm printed them",
                );
                continue;
            }
        };
        account.one("drains and downs", "");
        draft.aside.see(begun);
        if let Some(ended) = ended {
            draft.aside.see(ended);
        }
        let reason = row.get(reason).to_owned();
        rows.extend(names.into_iter().map(|node| Row {
            node,
            start: begun,
            end: ended,
            planned,
            reason: reason.clone(),
        }));
    }
    account.note(table.broken, "of several lines", "a reason had a line end");
    account.note(table.surplus, "with fields too many", "a reason had a `|`");
    table.lines().whole(&mut faults);
    faults.end()
}

/// Whether a state is one in which no job starts for reasons of maintenance, and if so whether it was reserved for that.
fn is_away(state: &str) -> Option<bool> {
    let base: String = state
        .chars()
        .take_while(|c| c.is_ascii_alphabetic() || matches!(c, '_' | '+'))
        .collect();
    let marks = &state[base.len()..];
    let base = base.to_uppercase();
    if marks.contains(['~', '%', '!'])
        || ["FUTR", "FUTURE", "CLOUD", "POW"]
            .iter()
            .any(|word| base.contains(word))
    {
        return None;
    }
    let reserved = marks.contains('$') || base.contains("MAINT");
    let away = ["DOWN", "DRAIN", "DRNG", "FAIL", "ERROR"]
        .iter()
        .any(|word| base.contains(word));
    (away || reserved).then_some(reserved)
}

#[cfg(test)]
mod tests {
    use super::is_away;

    #[test]
    fn states_say_whether_a_node_is_away() {
        for (state, away) in [
            ("DOWN*", Some(false)),
            ("DRAIN", Some(false)),
            ("DRNG@", Some(false)),
            ("FAILG", Some(false)),
            ("DOWN$", Some(true)),
            ("MAINT", Some(true)),
            ("IDLE$", Some(true)),
            ("IDLE+DRAIN", Some(false)),
            ("FUTR", None),
            ("IDLE~", None),
            ("DOWN~", None),
            ("IDLE%", None),
            ("CLOUD", None),
            ("", None),
        ] {
            assert_eq!(is_away(state), away, "{state}");
        }
    }
}
