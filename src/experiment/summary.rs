//! From outcomes to results: estimates per strategy and paired differences against the baseline.

use super::columns::COLUMNS;
use super::outcome::{Log, Outcome};
use super::results::{Arm, Estimate, Results};
use super::stats::{estimate, paired};
use crate::kernel::Digest;
use crate::scenario::Scenario;

/// Folds outcomes into results. `variants` are the strategies that were to run, by their places
/// in the scenario; kept are the first replications that all of them finished.
///
/// The baseline is the scenario's where it was run, else the first strategy that was.
#[must_use]
pub fn summarise(scenario: &Scenario, variants: &[usize], mut outcomes: Vec<Outcome>) -> Results {
    outcomes.sort_by_key(|outcome| (outcome.variant, outcome.replication));
    let finished = |variant: usize, replication: u32| {
        outcomes
            .binary_search_by_key(&(variant, replication), |outcome| {
                (outcome.variant, outcome.replication)
            })
            .is_ok()
    };
    let whole = |replication: &u32| variants.iter().all(|&variant| finished(variant, *replication));
    let kept = (0..scenario.replications).take_while(whole).count() as u32;
    outcomes.retain(|outcome| outcome.replication < kept);

    let confidence = scenario.reporting.confidence;
    let position = variants.iter().position(|&variant| variant == scenario.baseline);
    let mut assumptions = scenario.assumptions.clone();
    if position.is_none()
        && let Some(first) = variants.first().and_then(|&first| scenario.variants.get(first))
    {
        assumptions.push(format!(
            "The scenario's baseline was not run: differences are against {}.",
            first.label
        ));
    }
    let baseline = position.unwrap_or(0);
    let mut arms: Vec<Arm> = Vec::with_capacity(variants.len());
    for &variant in variants {
        let (own, rest): (Vec<Outcome>, Vec<Outcome>) =
            outcomes.into_iter().partition(|outcome| outcome.variant == variant);
        outcomes = rest;
        arms.push(arm(scenario, variant, own, confidence));
    }
    compare(&mut arms, baseline, confidence);
    Results {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        scenario: scenario.name.clone(),
        question: scenario.question.clone(),
        scenario_digest: scenario.digest.clone(),
        effective: scenario.effective.clone(),
        epoch: scenario.epoch.clone(),
        horizon: scenario.horizon,
        seed: scenario.seed,
        replications: kept,
        partial: kept < scenario.replications,
        confidence,
        baseline,
        arms,
        shown: scenario.reporting.metrics.clone(),
        assumptions,
        warm_up: None,
    }
}

/// One strategy's outcomes, by replication, as an arm without its differences.
fn arm(scenario: &Scenario, variant: usize, outcomes: Vec<Outcome>, confidence: f64) -> Arm {
    let mut digest = Digest::default();
    let (mut log, mut values, mut details) = (Log::default(), Vec::new(), Vec::new());
    for outcome in outcomes {
        digest.text(&outcome.digest);
        log = outcome.log.unwrap_or(log);
        values.push(outcome.values);
        details.push(outcome.details);
    }
    let estimates = (0..COLUMNS.len())
        .map(|at| estimate_of(at, &column_of(&values, at), confidence))
        .collect();
    Arm {
        label: scenario.variants[variant].label.clone(),
        digest: digest.hex(),
        estimates,
        paired: vec![None; COLUMNS.len()],
        values,
        details,
        log,
    }
}

/// One column's values, by replication.
fn column_of(values: &[Vec<Option<f64>>], at: usize) -> Vec<Option<f64>> {
    values.iter().map(|row| row.get(at).copied().flatten()).collect()
}

/// The estimate of a column. The interval of a share does not leave the shares.
fn estimate_of(at: usize, values: &[Option<f64>], confidence: f64) -> Option<Estimate> {
    let known: Vec<f64> = values.iter().copied().flatten().collect();
    let whole = estimate(&known, confidence)?;
    let share = COLUMNS[at].unit == "share" && COLUMNS[at].name != "little_gap";
    Some(if share {
        Estimate {
            lo: whole.lo.max(0.0),
            hi: whole.hi.min(1.0),
            ..whole
        }
    } else {
        whole
    })
}

/// Fills in every arm's differences against the baseline's.
fn compare(arms: &mut [Arm], baseline: usize, confidence: f64) {
    let Some(base) = arms.get(baseline).map(|arm| arm.values.clone()) else {
        return;
    };
    for (_, arm) in arms.iter_mut().enumerate().filter(|(at, _)| *at != baseline) {
        let differences = COLUMNS.iter().enumerate().map(|(at, column)| {
            paired(
                &column_of(&arm.values, at),
                &column_of(&base, at),
                column.good,
                confidence,
            )
        });
        arm.paired = differences.collect();
    }
}

#[cfg(test)]
mod tests;
