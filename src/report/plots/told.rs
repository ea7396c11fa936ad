//! What is to be seen, in words: the alternative texts of figures, which the page uses too.

use super::page::words;
use crate::cells::columns::{Column, Metric};
use crate::cells::rows::TimelineRow;
use crate::judge::results::{Arm, Results};
use crate::report::number::{rounded, signed};
use crate::report::{difference_unit, estimate, factor, paired};
use crate::stats::compare::Verdict;

/// Acceptance and refusals of each strategy.
pub(super) fn acceptance(results: &Results, (place, total): (usize, Option<usize>)) -> String {
    let one = |arm: &Arm| {
        let accepted = estimate(arm, place)?;
        let refused = total.and_then(|total| estimate(arm, total));
        let refused = refused.map_or_else(String::new, |e| format!(", {} refused", rounded(e.mean, 1)));
        let difference = difference(arm, place, Metric::Acceptance.column());
        let difference = difference.map_or_else(String::new, |told| format!(", difference {told}"));
        Some(format!(
            "{}: {} % of requests accepted{refused}{difference}",
            arm.label,
            rounded(accepted.mean * 100.0, 2)
        ))
    };
    sentence(results.arms.iter().filter_map(one), "no request was decided")
}

/// The paired differences of some metrics.
pub(super) fn differences(results: &Results, metrics: &[(usize, &Column)]) -> String {
    let one = |(place, column): &(usize, &Column)| {
        let told: Vec<String> = results
            .others()
            .filter_map(|arm| Some(format!("{} {}", arm.label, difference(arm, *place, column)?)))
            .collect();
        let unit = difference_unit(column);
        (!told.is_empty()).then(|| format!("{} in {unit}: {}", words(column.name), told.join(", ")))
    };
    sentence(metrics.iter().filter_map(one), "there is nothing to compare")
}

fn difference(arm: &Arm, place: usize, column: &Column) -> Option<String> {
    let p = paired(arm, place)?;
    let word = match p.verdict {
        Verdict::None => "",
        verdict => verdict.word(),
    };
    Some(
        format!("{} {word}", signed(p.diff * factor(column), 3))
            .trim_end()
            .to_owned(),
    )
}

/// How long a strategy's errands wait; none where too many waits were to be kept.
pub(crate) fn waits(arm: &Arm) -> Option<String> {
    let waits = arm.errand_waits.as_ref()?;
    let within = |share: f64| {
        let step = waits.steps.iter().find(|step| step.1 >= share);
        step.map_or_else(|| "never".to_owned(), |step| format!("within {}", step.0))
    };
    Some(format!(
        "{}: half served {}, 95 % {}",
        arm.label,
        within(0.5),
        within(0.95)
    ))
}

/// From what to what a strategy's capacity goes.
pub(crate) fn capacity(rows: &[TimelineRow]) -> String {
    let told = |name: &str, value: fn(&TimelineRow) -> f64| {
        let (lo, hi) = rows.iter().fold((f64::INFINITY, 0.0_f64), |(lo, hi), row| {
            (lo.min(value(row)), hi.max(value(row)))
        });
        format!("{name} {lo:.0} to {hi:.0}")
    };
    let told = [
        told("installed", |r| r.installed),
        told("schedulable", |r| r.schedulable),
        told("with a tenant", |r| r.occupied),
        told("in maintenance", |r| r.in_maintenance),
    ];
    format!("Nodes: {}", told.join(", "))
}

/// Parts as one sentence, or the word where there are none.
pub(super) fn sentence(parts: impl IntoIterator<Item = String>, none: &str) -> String {
    let parts: Vec<String> = parts.into_iter().collect();
    match parts.is_empty() {
        true => format!("{none}."),
        false => format!("{}.", parts.join("; ")),
    }
}
