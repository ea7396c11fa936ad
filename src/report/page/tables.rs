//! The page's tables: the metrics with their verdicts, causes of refusal, and the metrics per class and tenant.

use serde::Serialize;

use super::super::number::{differed, estimated, rounded};
use super::super::plots::{percent, words};
use super::super::table::rows_of_causes;
use super::super::{estimate, paired};
use crate::cells::columns::Column;
use crate::judge::costs::places;
use crate::judge::groups::{GroupTable, groups};
use crate::judge::results::{Arm, Results, shown};
use crate::stats::compare::{Good, Paired, Verdict};
use crate::stats::estimate::Estimate;

/// A table as the template writes it.
#[derive(Debug, Serialize)]
pub(super) struct Grid {
    pub(super) caption: String,
    pub(super) corner: String,
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<Line>,
}

/// A row of a table.
#[derive(Debug, Default, Serialize)]
pub(super) struct Line {
    pub(super) head: String,
    pub(super) unit: String,
    /// What it is, exactly.
    pub(super) meaning: String,
    pub(super) cells: Vec<Cell>,
}

/// A cell: a value, its interval, and how it differs from the baseline.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Cell {
    pub(super) value: String,
    pub(super) interval: String,
    pub(super) change: String,
    pub(super) verdict: String,
    pub(super) class: String,
}

impl Cell {
    /// A cell of words.
    pub(super) fn of(text: impl Into<String>) -> Cell {
        Cell {
            value: text.into(),
            ..Cell::default()
        }
    }
}

/// What is known of a metric: its mean, and how it differs from the baseline.
pub(super) fn known(e: Option<Estimate>, paired: Option<Paired>) -> Cell {
    let Some(e) = e else { return Cell::of("none") };
    let cell = value(e);
    match paired {
        None => cell,
        Some(p) => Cell {
            change: differed(p),
            verdict: verdict(p.verdict),
            class: class_of(p.verdict).to_owned(),
            ..cell
        },
    }
}

/// A difference alone, with its word.
pub(super) fn known_difference(p: Paired) -> Cell {
    let text = differed(p);
    let (value, interval) = text.split_once(' ').unwrap_or((&text, ""));
    Cell {
        value: value.to_owned(),
        interval: interval.to_owned(),
        verdict: verdict(p.verdict),
        class: class_of(p.verdict).to_owned(),
        ..Cell::default()
    }
}

/// A verdict in words, with a sign that does without colour.
pub(super) fn verdict(verdict: Verdict) -> String {
    let sign = match verdict {
        Verdict::Better => "▲ ",
        Verdict::Worse => "▼ ",
        Verdict::Same => "= ",
        Verdict::NotDecided => "? ",
        Verdict::None => "",
    };
    match verdict {
        Verdict::None => String::new(),
        told => format!("{sign}{}", told.word()),
    }
}

/// The class of a verdict in the stylesheet.
pub(super) fn class_of(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Better => "better",
        Verdict::Worse => "worse",
        _ => "",
    }
}

fn labels(results: &Results) -> Vec<String> {
    let arms = results.arms.iter().enumerate();
    arms.map(|(at, arm)| match at == results.baseline && results.arms.len() > 1 {
        true => format!("{} (baseline)", arm.label),
        false => arm.label.clone(),
    })
    .collect()
}

/// The value of a cell, apart from its interval.
fn value(e: Estimate) -> Cell {
    let text = estimated(e);
    let (value, interval) = text.split_once(' ').unwrap_or((&text, ""));
    Cell {
        value: value.to_owned(),
        interval: interval.to_owned(),
        ..Cell::default()
    }
}

fn line(results: &Results, (place, column): (usize, &Column)) -> Line {
    let cell = |arm: &Arm| known(estimate(arm, place), paired(arm, place));
    Line {
        head: column.name.to_owned(),
        unit: column.unit.to_owned(),
        meaning: column.definition.to_owned(),
        cells: results.arms.iter().map(cell).collect(),
    }
}

/// The metrics that are shown, each with its difference from the baseline.
pub(super) fn comparison(results: &Results) -> Grid {
    let intervals = match results.replications {
        0 | 1 => "One replication: there are no intervals, and nothing can be told apart".to_owned(),
        n => format!(
            "Means with {} % intervals over {n} replications; below them the difference from the baseline, replication by replication",
            percent(results.confidence)
        ),
    };
    let rows = shown(results).into_iter();
    let rows = rows.filter(|(_, c)| !results.shown.is_empty() || c.metric.cause().is_none());
    Grid {
        caption: intervals,
        corner: "metric".to_owned(),
        columns: labels(results),
        rows: rows.map(|row| line(results, row)).collect(),
    }
}

/// Refusals by cause, of the causes that happened; none where nothing was refused.
pub(super) fn causes(results: &Results) -> Option<Grid> {
    let arms: Vec<&Arm> = results.arms.iter().collect();
    let (rows, never) = rows_of_causes(&arms);
    if rows.is_empty() {
        return None;
    }
    let never = match never.is_empty() {
        true => String::new(),
        false => format!("; none for {}", never.join(", ")),
    };
    Some(Grid {
        caption: format!("People's requests that were refused, by cause{never}"),
        corner: "cause".to_owned(),
        columns: labels(results),
        rows: rows.into_iter().map(|row| line(results, row)).collect(),
    })
}

/// What each price comes to; none where nothing is priced.
pub(super) fn costs(results: &Results) -> Option<Grid> {
    results.priced.as_ref()?;
    let (sum, parts) = places(&results.columns);
    let rows = parts.into_iter().chain([sum]);
    Some(Grid {
        caption: format!("Costs of a replication, in {}", results.columns.money()),
        corner: "cost".to_owned(),
        columns: labels(results),
        rows: rows.map(|at| line(results, (at, results.columns.at(at)))).collect(),
    })
}

/// How many shades a cell may have.
const SHADES: f64 = 6.0;

/// The metrics per class and tenant, each table with its cells shaded from the best to the worst value.
pub(super) fn grouped(results: &Results) -> Vec<Grid> {
    groups(results).iter().map(|table| group(results, table)).collect()
}

fn group(results: &Results, table: &GroupTable) -> Grid {
    let means = table.rows.iter().flat_map(|row| row.1.iter().flatten().map(|e| e.mean));
    let (lo, hi) = means.fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), mean| {
        (lo.min(mean), hi.max(mean))
    });
    let cell = |e: &Option<Estimate>| match e {
        None => Cell::of("none"),
        Some(e) => {
            let share = if hi > lo { (e.mean - lo) / (hi - lo) } else { 0.0 };
            let bad = match table.good {
                Good::High => 1.0 - share,
                Good::Low => share,
                Good::Neither => 0.0,
            };
            let shade = rounded(if hi > lo { bad * SHADES } else { 0.0 }, 0);
            Cell {
                class: format!("h{shade}"),
                ..value(*e)
            }
        }
    };
    let row = |(name, cells): &(String, Vec<Option<Estimate>>)| Line {
        head: name.clone(),
        unit: table.unit.clone(),
        meaning: String::new(),
        cells: cells.iter().map(cell).collect(),
    };
    let darker = match table.good {
        Good::Neither => "",
        _ => "; the darker a cell, the worse",
    };
    Grid {
        caption: format!(
            "{} ({}) by {}{darker}",
            words(&table.metric),
            table.unit,
            table.dimension
        ),
        corner: table.dimension.clone(),
        columns: labels(results),
        rows: table.rows.iter().map(row).collect(),
    }
}
