//! From outcomes to results: estimates per strategy, comparisons, and what is to be known when reading them.

use super::assumptions;
use super::campaigns::unfinished;
use super::claims::Claims;
use super::compared::compared;
use super::costs::priced;
use super::results::{Arm, ErrandWaits, Happened, MOST_STEPS, Results};
use super::stopping::Stopping;
use crate::cells::columns::Metric;
use crate::cells::outcome::{Log, Outcome};
use crate::cells::selector::Columns;
use crate::cells::table::{CellRow, CellTable, Yardstick, against, all_pairs, column_of, estimate_of};
use crate::kernel::{Digest, Span};
use crate::scenario::Scenario;
use crate::stats::compare::{Good, Pair, letters};
use crate::stats::estimate::{Interval, wilson};
use crate::stats::pooled::{NEVER_MS, Samples, pooled};
use crate::stats::steps::steps;

/// The results of a table of one point. `variants` are the strategies that were to run, by their places
/// in the scenario; kept are the first replications that all of them finished, of `planned`.
///
/// The baseline is the scenario's where it was run, else the first strategy that was.
#[must_use]
pub fn summarise(
    scenario: &Scenario,
    variants: &[usize],
    mut table: CellTable<Outcome>,
    planned: u32,
    stopping: &Stopping,
) -> Results {
    let kept = table.whole(variants).min(planned);
    table.cut(kept);
    let of_campaigns = unfinished(scenario, variants, &table);
    let confidence = scenario.reporting.confidence;
    let columns = Columns::of(scenario);
    let baseline = variants.iter().position(|&variant| variant == scenario.baseline);
    let (precision, best) = stopping.outcome(&table, kept);
    let rows: Vec<Vec<&[Option<f64>]>> = variants.iter().map(|&variant| table.rows(0, variant)).collect();
    let yardstick = stopping.claims().yardstick(&table);
    let claims = stopping.claims().rule(&table, kept);
    let mut differences = against(&rows, Some(baseline.unwrap_or(0)), &yardstick);
    // What is claimed has the word of its claim, wherever it is told.
    for claim in &claims.all {
        differences[claim.arm][claim.column] = Some(claim.ruled.paired);
    }
    // Two strategies are a pair, which the differences against the baseline tell already.
    let pairs = if rows.len() > 2 {
        pairs_of(
            &rows,
            &stopping.claims().of_pairs(yardstick),
            &claims,
            baseline.unwrap_or(0),
        )
    } else {
        Vec::new()
    };
    let mut arms: Vec<Arm> = Vec::with_capacity(variants.len());
    let mut cells = table.into_cells().peekable();
    for (&variant, differences) in variants.iter().zip(differences) {
        let own = std::iter::from_fn(|| cells.next_if(|(job, _)| job.variant == variant));
        arms.push(Arm {
            paired: differences,
            ..arm(scenario, variant, own.map(|(_, outcome)| outcome), &columns)
        });
    }
    let letters = if pairs.is_empty() {
        Vec::new()
    } else {
        letters_of(&columns, &arms, &pairs)
    };
    let mut results = Results {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        scenario: scenario.name.clone(),
        question: scenario.question.clone(),
        scenario_digest: scenario.digest.clone(),
        effective: scenario.effective.clone(),
        epoch: scenario.epoch.clone(),
        horizon: scenario.horizon,
        seed: scenario.seed,
        replications: kept,
        partial: kept < planned,
        confidence,
        baseline: baseline.unwrap_or(0),
        arms,
        pairs,
        letters,
        precision,
        best,
        claims,
        shown: scenario.reporting.metrics.clone(),
        priced: None,
        columns,
        compared: Vec::new(),
        assumptions: Vec::new(),
        undone: of_campaigns,
        warm_up: None,
    };
    let labels: Vec<&str> = results.arms.iter().map(|arm| arm.label.as_str()).collect();
    let costs = scenario.costs.as_ref();
    results.priced = costs.map(|it| priced(it, &results.columns, &results.arms, results.baseline, confidence));
    results.compared = compared(scenario, &labels, kept);
    results.assumptions = assumptions::of(scenario, &results, baseline.is_none());
    results.assumptions.extend(unlogged(scenario, results.replications));
    results
}

/// All pairs, those of claims with the word of their claim.
fn pairs_of(rows: &[Vec<&[Option<f64>]>], yardstick: &Yardstick, claims: &Claims, baseline: usize) -> Vec<Pair> {
    let mut pairs = all_pairs(rows, yardstick);
    for pair in &mut pairs {
        for claim in &claims.all {
            let of_claim = claim.ruled.paired;
            match (pair.one == claim.arm, pair.other == claim.arm) {
                (true, false) if pair.other == baseline => pair.differences[claim.column] = Some(of_claim),
                (false, true) if pair.one == baseline => pair.differences[claim.column] = Some(of_claim.turned()),
                _ => {}
            }
        }
    }
    pairs
}

fn letters_of(columns: &Columns, arms: &[Arm], pairs: &[Pair]) -> Vec<Vec<String>> {
    let of = |at: usize| {
        let estimates: Vec<_> = arms.iter().map(|arm| arm.estimates[at]).collect();
        letters(&estimates, pairs, at, columns[at].good)
    };
    (0..columns.len()).map(of).collect()
}

/// Which of the replications whose logs are asked for were not run; none where all were.
fn unlogged(scenario: &Scenario, replications: u32) -> Option<String> {
    let missing = scenario
        .reporting
        .log_replications
        .iter()
        .filter(|n| **n >= replications);
    let missing: Vec<String> = missing.map(ToString::to_string).collect();
    (!missing.is_empty()).then(|| {
        format!(
            "Not logged: of `report.log_replications` {} was not run; {replications} were, counted from 0.",
            missing.join(", ")
        )
    })
}

/// One strategy's outcomes, by replication, as an arm without its differences.
fn arm(scenario: &Scenario, variant: usize, outcomes: impl Iterator<Item = Outcome>, columns: &Columns) -> Arm {
    let confidence = scenario.reporting.confidence;
    let mut digest = Digest::default();
    let (mut log, mut values, mut samples) = (Log::default(), Vec::new(), Vec::new());
    let mut more_logs = Vec::new();
    for outcome in outcomes {
        digest.text(&outcome.digest);
        match (outcome.replication, outcome.log) {
            (0, Some(first)) => log = first,
            (replication, own) => more_logs.extend(own.map(|own| (replication, own))),
        }
        values.push(outcome.values);
        samples.push(outcome.samples);
    }
    let estimates = (0..columns.len())
        .map(|at| estimate_of(&values, columns, at, confidence))
        .collect();
    Arm {
        label: scenario.variants[variant].label.clone(),
        digest: digest.hex(),
        estimates,
        paired: vec![None; columns.len()],
        pooled: pooled(&samples, confidence),
        happened: happened(&values, columns, confidence),
        errand_waits: errand_waits(&samples, &values),
        values,
        log,
        more_logs,
    }
}

/// The waits of errands over all replications together; none where a replication had too many to keep.
fn errand_waits(samples: &[Vec<Samples>], values: &[CellRow]) -> Option<ErrandWaits> {
    let quantile = Metric::ErrandWaitP95.at();
    let mut waits: Vec<u64> = Vec::new();
    for (section, row) in samples.iter().zip(values) {
        let own = section
            .iter()
            .find(|it| it.columns.iter().any(|(at, _)| *at == quantile))?;
        if own.ms.is_empty() && row[quantile].is_some() {
            return None;
        }
        waits.extend(own.ms.iter().filter(|&&ms| ms < NEVER_MS));
    }
    let errands = column_of(values, Metric::Errands.at())
        .into_iter()
        .flatten()
        .sum::<f64>() as u64;
    let served = waits.len() as u64;
    Some(ErrandWaits {
        errands: errands.max(served),
        served,
        steps: steps(waits, errands, MOST_STEPS)
            .into_iter()
            .map(|(ms, share)| (Span(ms), share))
            .collect(),
    })
}

/// The counts with a good side that were above 0 in some replications and not in all: there a mean says little, and
/// the share of replications in which it happened at all has an interval that means something (Wilson 1927).
fn happened(values: &[CellRow], columns: &Columns, confidence: f64) -> Vec<Happened> {
    let of = |at: usize| {
        let known: Vec<f64> = column_of(values, at).into_iter().flatten().collect();
        let hits = known.iter().filter(|value| **value > 0.0).count();
        if hits == 0 || hits == known.len() {
            return None;
        }
        let (lo, hi) = wilson(hits as u64, known.len() as u64, confidence);
        Some(Happened {
            column: at,
            hits: hits as u32,
            n: known.len() as u32,
            share: Interval { lo, hi },
        })
    };
    let counts = columns
        .iter()
        .enumerate()
        .filter(|(_, column)| column.unit == "count" && column.good == Good::Low);
    counts.filter_map(|(at, _)| of(at)).collect()
}

#[cfg(test)]
mod tests;
