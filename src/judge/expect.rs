//! Verifies what a scenario expects: bounds on metrics, and what never happens.

use super::finding::{Finding, Judgement};
use super::golden::{Record, SeenCell};
use crate::cells::columns::Metric;
use crate::cells::selector::Columns;
use crate::cells::table::column_of;
use crate::scenario::Scenario;
use crate::scenario::expect::{Expectation, Of, Relation, Wants};
use crate::stats::estimate::{estimate, six};

/// Whether each expectation holds for each strategy that was run.
#[must_use]
pub fn verify(scenario: &Scenario, record: &Record) -> Vec<Finding> {
    let (columns, mut findings) = (Columns::of(scenario), Vec::new());
    for (&variant, course) in record.variants.iter().zip(&record.golden.courses) {
        for (place, expectation) in scenario.expectations.iter().enumerate() {
            if !expectation.about(&course.label) {
                continue;
            }
            let said = match &expectation.wants {
                Wants::Metric { metric, .. } => columns.placed(metric).map_or_else(
                    || Err(format!("there is no metric `{metric}`")),
                    |(column, _)| {
                        let rows = record.table.rows(0, variant);
                        let values = column_of(&rows, column);
                        within_horizon(&expectation.wants, &columns, column, &rows)?;
                        bound(&expectation.wants, &values, scenario.reporting.confidence)
                    },
                ),
                Wants::Never { .. } => never(place, record.table.of(0, variant)),
            };
            findings.push(finding(&course.label, expectation, said));
        }
    }
    findings
}

fn finding(label: &str, expectation: &Expectation, said: Result<String, String>) -> Finding {
    let place = &expectation.place;
    let mut lines = Vec::new();
    if said.is_err() {
        lines.extend(expectation.why.clone());
        lines.push(format!("expected in {}:{}", place.file, place.line));
    }
    let broken = said.is_err();
    let (Ok(said) | Err(said)) = said;
    Finding {
        strategy: label.to_owned(),
        what: expectation.words(),
        verdict: if broken { Judgement::Broken } else { Judgement::Holds },
        fails: broken,
        said,
        lines,
        figures: None,
        place: Some((place.file.clone(), place.line)),
    }
}

/// A campaign that is to end by a bound must be done at the horizon: what ends later is not known.
fn within_horizon(
    wants: &Wants,
    columns: &Columns,
    column: usize,
    rows: &[impl AsRef<[Option<f64>]>],
) -> Result<(), String> {
    let by = matches!(wants, Wants::Metric { relation, .. } if relation.is_from_above());
    if !by || columns[column].metric != Metric::CampaignEnd {
        return Ok(());
    }
    let open = columns.beside(column, Metric::CampaignUnfinished);
    let open = open.map(|at| column_of(rows, at)).unwrap_or_default();
    match open.iter().flatten().filter(|many| **many > 0.0).count() {
        0 => Ok(()),
        n => Err(format!(
            "not done within the horizon in {n} of {} replications",
            rows.len()
        )),
    }
}

/// Whether a metric keeps to its bound; how it does, or does not.
fn bound(wants: &Wants, values: &[Option<f64>], confidence: f64) -> Result<String, String> {
    let Wants::Metric {
        relation, value, of, ..
    } = wants
    else {
        return Err("no metric is wanted".to_owned());
    };
    if *of == Of::Mean {
        return of_mean(*relation, *value, values, confidence);
    }
    let found = values
        .iter()
        .enumerate()
        .filter_map(|(at, found)| Some((at, six((*found)?))));
    let wrong: Vec<(usize, f64)> = found.filter(|(_, found)| !relation.holds(*found, *value)).collect();
    match (&wrong[..], values.iter().flatten().count()) {
        // What nothing contradicts, nothing has shown.
        (_, 0) => Err("no replication has a value".to_owned()),
        ([], n) => Ok(format!("in each of {n} replications")),
        ([(at, found), ..], n) => Err(format!(
            "{found} in replication {at}, and not in {} of {n} replications",
            wrong.len()
        )),
    }
}

/// Whether the whole interval of the mean lies on the right side.
fn of_mean(relation: Relation, bound: f64, values: &[Option<f64>], confidence: f64) -> Result<String, String> {
    let known: Vec<f64> = values.iter().copied().flatten().collect();
    let Some(it) = estimate(&known, confidence) else {
        return Err("no replication has a value".to_owned());
    };
    let (mean, lo, hi) = (six(it.mean), six(it.lo), six(it.hi));
    let shown = format!("the mean is {mean} [{lo}, {hi}] over {} replications", it.n);
    if it.n < 2 {
        return Err(format!("{shown}: one replication has no interval, so nothing is shown"));
    }
    let ends = [lo, hi].map(|end| relation.holds(end, bound));
    match ends {
        [true, true] => Ok(shown),
        [false, false] => Err(shown),
        _ => Err(format!("{shown}: not decided from {bound}")),
    }
}

fn never<'a>(place: usize, cells: impl Iterator<Item = &'a SeenCell>) -> Result<String, String> {
    let watches: Vec<_> = cells.map(|cell| cell.watch.seen(place)).collect();
    let seen: Vec<_> = (0..)
        .zip(&watches)
        .filter_map(|(at, seen)| Some((at, (*seen)?)))
        .collect();
    let total: u64 = seen.iter().map(|(_, (count, _))| count).sum();
    match seen.first() {
        None => Ok(format!("in {} replications", watches.len())),
        Some((replication, (_, (at, sentence)))) => Err(format!(
            "{total} times in {} of {} replications; first in replication {replication} at {at}: {sentence}",
            seen.len(),
            watches.len()
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metric(relation: Relation, value: f64, of: Of) -> Wants {
        Wants::Metric {
            metric: "refused".to_owned(),
            relation,
            value,
            of,
        }
    }

    #[test]
    fn a_bound_on_every_replication_names_the_first_that_breaks_it() {
        let wants = metric(Relation::AtMost, 2.0, Of::Every);
        let values = [Some(1.0), Some(3.0), None, Some(4.0)];
        assert_eq!(
            bound(&wants, &values[..1], 0.95),
            Ok("in each of 1 replications".to_owned())
        );
        let said = bound(&wants, &values, 0.95).unwrap_err();
        assert_eq!(said, "3 in replication 1, and not in 2 of 3 replications");
        assert!(bound(&wants, &[None], 0.95).unwrap_err().contains("no replication"));
    }

    #[test]
    fn a_bound_on_the_mean_asks_for_its_whole_interval() {
        let values = [Some(1.0), Some(2.0), Some(3.0)];
        let said = |relation, value| bound(&metric(relation, value, Of::Mean), &values, 0.95);
        // The interval is 2 -+ 2.484.
        assert!(said(Relation::AtMost, 5.0).is_ok());
        assert!(said(Relation::AtMost, 4.0).unwrap_err().contains("not decided from 4"));
        let wrong = said(Relation::AtLeast, 5.0).unwrap_err();
        assert!(!wrong.contains("not decided"), "{wrong}");
        let alone = bound(&metric(Relation::AtMost, 5.0, Of::Mean), &values[..1], 0.95);
        assert!(alone.unwrap_err().contains("no interval"));
    }
}
