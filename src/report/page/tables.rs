//! The page's tables: the metrics with their verdicts, causes of refusal, and the metrics per class and tenant.

use serde::Serialize;

use super::super::number::{differed, estimated, rounded};
use super::super::plots::{percent, words};
use super::super::table::rows_of_causes;
use super::super::{estimate, paired};
use crate::cells::columns::{Column, Metric};
use crate::judge::costs::places;
use crate::judge::groups::{GroupTable, groups};
use crate::judge::results::{Arm, Results, shown};
use crate::kernel::time::HOUR_MS;
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
    match verdict {
        Verdict::None => String::new(),
        told => format!("{}{}", sign(told), told.word()),
    }
}

fn sign(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Better => "▲ ",
        Verdict::Worse => "▼ ",
        Verdict::Same => "= ",
        Verdict::NotDecided => "? ",
        Verdict::None => "",
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
    // A campaign that is done in no replication has the run's end in place of its own.
    let end = results.horizon.0 as f64 / HOUR_MS as f64 - 1e-5;
    let undone = |e: Estimate| column.metric == Metric::CampaignEnd && e.lo >= end;
    let cell = |arm: &Arm| match estimate(arm, place) {
        Some(e) if undone(e) => Cell::of("not done"),
        e => known(e, paired(arm, place)),
    };
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
    let mut rows = shown(results);
    rows.retain(|(_, c)| !results.shown.is_empty() || c.metric.cause().is_none());
    // Whatever is claimed has its row.
    for claim in &results.claims.all {
        if rows.iter().all(|(at, _)| *at != claim.column) {
            rows.push((claim.column, results.columns.at(claim.column)));
        }
    }
    Grid {
        caption: intervals,
        corner: "metric".to_owned(),
        columns: labels(results),
        rows: rows.into_iter().map(|row| line(results, row)).collect(),
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

/// The class of a decided difference: its side, and a shade by its share of the greatest.
pub(super) fn shade(verdict: Verdict, share: f64) -> String {
    let shade = rounded((share * SHADES).clamp(1.0, SHADES), 0);
    match verdict {
        Verdict::Better => format!("g{shade}"),
        Verdict::Worse => format!("h{shade}"),
        _ => String::new(),
    }
}

/// What the shades of cells say, in either scheme.
pub(super) const SHADED: &str = "▲ green is better and ▼ orange worse, the greater the stronger";

/// The metrics per class and tenant, each table with its decided differences from the baseline shaded.
pub(super) fn grouped(results: &Results) -> Vec<Grid> {
    let error = error(results);
    groups(results)
        .iter()
        .map(|table| group(results, table, error))
        .collect()
}

/// What one cell of these tables may err by, so that all of them hold together (Bonferroni).
fn error(results: &Results) -> f64 {
    let others = results.others().count();
    let cells: usize = groups(results).iter().map(|table| table.rows.len() * others).sum();
    (1.0 - results.confidence) / cells.max(1) as f64
}

/// What the shades of the tables per class and tenant say.
pub(super) fn grouped_note(results: &Results) -> String {
    format!(
        "A cell is shaded where its difference from the baseline is not 0, all cells together at {} % (Bonferroni): {SHADED}.",
        percent(results.confidence)
    )
}

/// On which side of the baseline a part's value is, at this error.
fn side(p: Paired, good: Good, error: f64) -> Verdict {
    match good {
        Good::Neither => Verdict::None,
        _ if p.n < 2 || !p.interval(error).excludes_zero() => Verdict::NotDecided,
        good if (p.diff > 0.0) == (good == Good::High) => Verdict::Better,
        _ => Verdict::Worse,
    }
}

fn group(results: &Results, table: &GroupTable, error: f64) -> Grid {
    let from = |place: usize, arm: &Arm| {
        let p = paired(arm, place)?;
        Some((p.diff.abs(), side(p, table.good, error)))
    };
    let all = table
        .rows
        .iter()
        .flat_map(|row| results.arms.iter().map(move |arm| from(row.1, arm)));
    let decided = all.flatten().filter(|it| it.1.differs());
    let most = decided.map(|it| it.0).fold(0.0, f64::max);
    let cell = |place: usize, (arm, e): (&Arm, &Option<Estimate>)| match (e, from(place, arm)) {
        (None, _) => Cell::of("none"),
        (Some(e), Some((far, verdict))) if verdict.differs() => Cell {
            class: shade(verdict, far / most),
            verdict: sign(verdict).trim_end().to_owned(),
            ..value(*e)
        },
        (Some(e), _) => value(*e),
    };
    let row = |(name, place, cells): &(String, usize, Vec<Option<Estimate>>)| Line {
        head: name.clone(),
        unit: table.unit.clone(),
        meaning: String::new(),
        cells: results.arms.iter().zip(cells).map(|it| cell(*place, it)).collect(),
    };
    Grid {
        caption: format!("{} ({}) by {}", words(&table.metric), table.unit, table.dimension),
        corner: table.dimension.clone(),
        columns: labels(results),
        rows: table.rows.iter().map(row).collect(),
    }
}
