//! Chameleon Cloud: the bare-metal leases and machine events of one site, as published with
//! CHISim.
//!
//! The source is a folder with `machine_events.csv`, `on_demand/*.csv` and `in_advance/*.csv`.
//! A window is cut out of it; all times of the result are ms since the window's begin.
//!
//! What the trace needs before it can be replayed, each counted in the [`Report`]:
//! - A lease runs from the later of `start_on` (floored to the minute) and `created_at` to the
//!   earlier of `end_on` and `deleted_at`; some end before they start. `status` is not to be
//!   trusted and not read.
//! - Leases that run when the window begins are kept with the rest of their time, for a replay
//!   begins with a filled fleet; holds and spells that reach beyond the window keep their length.
//! - Only granted leases are recorded. A site's robots, whose health checks outnumber people's requests, are
//!   known by how often they ask and how short they hold ([`crate::import::robots`]), or are named.
//! - `compute` and `compute_ib` got new names on 2018-03-14, which 26 machines' inventory took up
//!   months later: a node's class is the one on record at the time, and a change is a change.
//! - A machine's events are not in order of time, and its first ENABLE is its initial state.
//! - Why a machine was in maintenance is not recorded. Spells that start in a batch of
//!   [`BATCH_MIN`] or more, each within [`BATCH_GAP_MS`] of the one before, are taken as a planned
//!   campaign, the rest as faults.

mod inventory;
mod leases;
mod output;
mod report;
mod robots;
mod spells;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::neutral::{CsvError, NodeRecord, RequestRecord, SpellRecord};
use super::table::Row;
use crate::kernel::text::quoted;
pub use output::files;
use report::{Item, Tally};
pub use report::{Report, ReportLine};

/// Fewest spells that start together and are taken as a campaign.
pub const BATCH_MIN: usize = 5;

/// Longest pause between two starts of one batch, ms.
pub const BATCH_GAP_MS: i64 = 15 * 60 * 1000;

/// What an import gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The machines, by id.
    pub nodes: Vec<NodeRecord>,
    /// The requests, by arrival, then start, then id; ms since the window's begin.
    pub requests: Vec<RequestRecord>,
    /// The spells of maintenance, by start, then node; ms since the window's begin.
    pub spells: Vec<SpellRecord>,
    /// What was kept and what was left out, and why.
    pub report: Report,
}

/// Why an import failed; each text ends with what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The source lacks a file or folder.
    #[error("{}: no such {what}; give the folder that holds machine_events.csv, on_demand and in_advance", path.display())]
    Missing {
        /// What was looked for.
        path: PathBuf,
        /// `file` or `folder`.
        what: &'static str,
    },
    /// A file could not be read or written.
    #[error("{}: {source}; check that it is there and that you may {verb} it", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// `read` or `write`.
        verb: &'static str,
        /// The system's answer.
        source: std::io::Error,
    },
    /// A file does not hold what it should; up to 20 errors of it.
    #[error("{}", join_lines(.0))]
    Csv(Vec<CsvError>),
    /// A user that is named as a robot has no lease.
    #[error("no lease is of the user `{0}`; name users as in the column user_id, or leave --monitoring out")]
    NoSuchUser(String),
    /// The window is empty.
    #[error("the window begins at {from} and ends at {to}; let it end after its begin")]
    Window {
        /// Begin of the window.
        from: jiff::Timestamp,
        /// End of the window.
        to: jiff::Timestamp,
    },
}

fn join_lines(errors: &[CsvError]) -> String {
    let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

/// Reads the trace in the folder `source` and cuts out the window from `from` up to `to`.
/// `monitoring` names the users whose leases are a robot's; where it is empty they are found by rule.
pub fn import(
    source: &Path,
    (from, to): (jiff::Timestamp, jiff::Timestamp),
    monitoring: &[String],
) -> Result<Imported, ImportError> {
    if from >= to {
        return Err(ImportError::Window { from, to });
    }
    let window = Window {
        from: from.as_millisecond(),
        to: to.as_millisecond(),
    };
    if !source.is_dir() {
        return Err(ImportError::Missing {
            path: source.to_owned(),
            what: "folder",
        });
    }
    let mut tally = Tally::default();
    let histories = inventory::read(&source.join("machine_events.csv"), &mut tally)?;
    let nodes = inventory::nodes(&histories, window, &mut tally);
    let kept: BTreeSet<&str> = nodes.iter().map(|node| node.node_id.as_str()).collect();
    let spells = spells::spells(&histories, &kept, window, &mut tally);
    let leases = leases::read(source, &mut tally)?;
    let robots = robots::robots(&leases, monitoring)?;
    let requests = leases::requests(leases, (&classes(&nodes), &robots), window, &mut tally);
    Ok(Imported {
        report: tally.report(from, to),
        nodes,
        requests,
        spells,
    })
}

/// Every class that some node has at some time of the window.
fn classes(nodes: &[NodeRecord]) -> BTreeSet<&str> {
    nodes
        .iter()
        .flat_map(|node| {
            let later = node.class_changes.iter().map(|(_, class)| class.as_str());
            later.chain([node.resource_class.as_str()])
        })
        .collect()
}

/// The window, in ms since 1970.
#[derive(Debug, Clone, Copy)]
struct Window {
    from: i64,
    to: i64,
}

impl Window {
    /// Ms since the window's begin; 0 for what is earlier.
    fn since(self, at: i64) -> u64 {
        ms_between(self.from, at)
    }
}

/// Ms from `early` to `late`; 0 when they are the other way round.
fn ms_between(early: i64, late: i64) -> u64 {
    u64::try_from(late.saturating_sub(early)).unwrap_or(0)
}

/// Reads a file as a whole.
fn read_file(path: &Path) -> Result<Vec<u8>, ImportError> {
    if !path.is_file() {
        return Err(ImportError::Missing {
            path: path.to_owned(),
            what: "file",
        });
    }
    super::files::Reading::default()
        .read(path)
        .map_err(|error| ImportError::Io {
            path: path.to_owned(),
            verb: "read",
            source: match error {
                super::files::FileError::System(source) => source,
                other => std::io::Error::other(other.to_string()),
            },
        })
}

/// Splits a file of the trace and asks for its columns.
fn open(path: &Path, required: &[&str]) -> Result<super::table::Sheet, ImportError> {
    let text = read_file(path)?;
    let sheet = super::table::Sheet::split(&text, &path.display().to_string());
    let sheet = sheet.map_err(ImportError::Csv)?;
    let missing = sheet.missing(required);
    if missing.is_empty() {
        Ok(sheet)
    } else {
        Err(ImportError::Csv(super::table::in_order(missing)))
    }
}

/// A time of the trace, `YYYY-MM-DD HH:MM:SS` in UTC with `separator` between date and time, in ms
/// since 1970.
fn time(row: &mut Row<'_>, column: &str, separator: char) -> Result<i64, super::table::Bad> {
    let text = row.raw(column);
    let shaped = text.len() == 19 && text.char_indices().any(|at| at == (10, separator));
    let parsed = text.parse::<jiff::civil::DateTime>();
    if shaped
        && let Ok(civil) = parsed
        && let Ok(stamp) = jiff::tz::TimeZone::UTC.to_timestamp(civil)
    {
        return Ok(stamp.as_millisecond());
    }
    let mend = format!("give UTC as YYYY-MM-DD{separator}HH:MM:SS");
    Err(row.fail(column, format!("{} is not a time", quoted(text)), &mend))
}
