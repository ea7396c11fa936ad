//! The results folder, the printed comparison and the figures. Nothing here runs a simulation or
//! computes a statistic: it draws what [`crate::judge::results::Results`] holds.

pub mod error;
pub mod explanation;
pub mod findings;
pub mod finished;
pub mod folder;
pub mod golden;
mod json;
mod logs;
pub mod number;
pub mod plan;
pub mod plots;
pub mod read;
pub mod roster;
#[cfg(test)]
mod sample;
mod summary;
pub mod sweep;
pub mod table;

pub use error::ReportError;
pub use folder::{redraw, write};
pub use read::read;
pub use roster::{columns_manual, strategies};
pub use table::comparison;

use crate::cells::columns::{COLUMNS, Column};
use crate::judge::results::{Arm, Results};
use crate::stats::compare::{Paired, Verdict};
use crate::stats::estimate::Estimate;

/// A metric's place among the columns, by name: the report depends on no order.
pub(crate) fn column(name: &str) -> Option<(usize, &'static Column)> {
    COLUMNS.iter().enumerate().find(|(_, column)| column.name == name)
}

/// An arm's estimate at a place among the columns.
pub(crate) fn estimate(arm: &Arm, place: usize) -> Option<Estimate> {
    arm.estimates.get(place).copied().flatten()
}

/// An arm's paired difference at a place among the columns.
pub(crate) fn paired(arm: &Arm, place: usize) -> Option<Paired> {
    arm.paired.get(place).copied().flatten()
}

/// The columns to show: those that the scenario names, or the default set.
pub(crate) fn shown(results: &Results) -> Vec<(usize, &'static Column)> {
    let named: Vec<_> = results.shown.iter().filter_map(|name| column(name)).collect();
    if named.is_empty() {
        COLUMNS.iter().enumerate().filter(|(_, column)| column.shown).collect()
    } else {
        named
    }
}

/// Whether a column holds a share, which people read as percent.
pub(crate) fn is_share(column: &Column) -> bool {
    matches!(column.unit, "share" | "1" | "")
}

/// Verdicts and their words in files.
pub(crate) const VERDICTS: [(Verdict, &str); 4] = [
    (Verdict::Better, "better"),
    (Verdict::Worse, "worse"),
    (Verdict::NotSeparable, "not separable"),
    (Verdict::None, "none"),
];

/// A verdict's word.
pub(crate) fn verdict_word(verdict: Verdict) -> &'static str {
    VERDICTS
        .iter()
        .find(|(v, _)| *v == verdict)
        .map_or("none", |(_, word)| word)
}

/// What made the results, as every file says it.
pub(crate) fn provenance(results: &Results) -> String {
    let clean = |text: &str| text.replace(|c: char| c.is_control(), " ");
    format!(
        "sickbay {} scenario {} digest {} seed {}",
        clean(&results.version),
        clean(&results.scenario),
        clean(&results.scenario_digest),
        results.seed
    )
}

/// The column of refusals for a cause, whose name in files is `cause`.
pub(crate) fn refusal_column(cause: &str) -> Option<(usize, &'static Column)> {
    column(&format!("refused_{}", cause.replace('-', "_")))
}
