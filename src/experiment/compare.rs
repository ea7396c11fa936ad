//! Comparisons by common random numbers: replication by replication, one strategy's value less another's. Several
//! comparisons that are made at once share the allowed error (Bonferroni): with the probability `confidence` all
//! intervals of one metric cover their truths together, so that among equal strategies a false "better" or "worse"
//! anywhere has at most the probability 1 - `confidence`. Bonferroni and not MCB, because strategies that met the same
//! demand are dependent in ways that MCB's critical values leave out. Metrics are questions of their own, each at the
//! full level.

use super::columns::{COLUMNS, Good, column};
use super::results::{Estimate, Interval, Pair, Paired, Verdict};
use super::stats::{deviation, estimate, tidy, wilson};

/// Values by replication and column.
pub type Rows = Vec<Vec<Option<f64>>>;

/// One column's values, by replication.
#[must_use]
pub fn column_of(rows: &Rows, at: usize) -> Vec<Option<f64>> {
    rows.iter().map(|row| row.get(at).copied().flatten()).collect()
}

/// The estimate of a column: the mean over replications with its t-interval, which does not leave what the metric can
/// be (every metric is at least 0, a share at most 1). Shares that are all 0 or all 1 have no spread to make an
/// interval of; where the requests behind them are known, it is Wilson's of all of them.
#[must_use]
pub fn estimate_of(rows: &Rows, at: usize, confidence: f64) -> Option<Estimate> {
    let known: Vec<f64> = column_of(rows, at).into_iter().flatten().collect();
    let whole = estimate(&known, confidence)?;
    if whole.n > 1 && whole.lo == whole.hi && (whole.mean == 0.0 || whole.mean == 1.0) {
        let asked = decided(rows, at);
        if asked > 0 {
            let (lo, hi) = wilson(if whole.mean == 1.0 { asked } else { 0 }, asked, confidence);
            return Some(Estimate { lo, hi, ..whole });
        }
    }
    let most = if COLUMNS[at].unit == "share" {
        1.0
    } else {
        f64::INFINITY
    };
    Some(Estimate {
        lo: whole.lo.max(0.0),
        hi: whole.hi.min(most),
        ..whole
    })
}

/// How many requests in all stand behind a column that is a share of requests; 0 where that is not known.
fn decided(rows: &Rows, at: usize) -> u64 {
    if COLUMNS[at].name != "acceptance" {
        return 0;
    }
    let sum = |name: &str| -> f64 {
        let values = column(name).map(|place| column_of(rows, place));
        values.into_iter().flatten().flatten().sum()
    };
    (sum("accepted") + sum("refused")) as u64
}

/// The paired difference `values - baseline` over the replications in which both have a value, as one of `comparisons`
/// that are made at once; none when there is no such replication.
#[must_use]
pub fn paired(
    values: &[Option<f64>],
    baseline: &[Option<f64>],
    good: Good,
    confidence: f64,
    comparisons: usize,
) -> Option<Paired> {
    let both = values
        .iter()
        .zip(baseline)
        .filter_map(|(&value, &base)| Some((value?, base?)));
    let (own, base): (Vec<f64>, Vec<f64>) = both.unzip();
    let differences: Vec<f64> = own.iter().zip(&base).map(|(value, base)| tidy(value - base)).collect();
    let alone = estimate(&differences, confidence)?;
    let joint = estimate(&differences, shared(confidence, comparisons))?;
    Some(Paired {
        diff: joint.mean,
        lo: joint.lo,
        hi: joint.hi,
        n: joint.n,
        verdict: verdict(joint.lo, joint.hi, joint.n, good),
        alone: Interval {
            lo: alone.lo,
            hi: alone.hi,
        },
        variance_reduction: variance_reduction(&own, &base, &differences),
    })
}

/// The level of one of `comparisons` intervals that together have the level `confidence`.
fn shared(confidence: f64, comparisons: usize) -> f64 {
    1.0 - (1.0 - confidence) / comparisons.max(1) as f64
}

/// By which share the variance of the difference is smaller than that of independent replications, of which it would
/// be the sum of both variances; negative where pairing did harm. None without any variance.
fn variance_reduction(own: &[f64], base: &[f64], differences: &[f64]) -> Option<f64> {
    let variance = |values: &[f64]| deviation(values) * deviation(values);
    let apart = variance(own) + variance(base);
    (apart > 0.0).then(|| tidy(1.0 - variance(differences) / apart))
}

/// What an interval of a difference says; a single pair has no interval and separates nothing.
fn verdict(lo: f64, hi: f64, n: u32, good: Good) -> Verdict {
    match good {
        Good::Neither => Verdict::None,
        _ if n < 2 || (lo <= 0.0 && hi >= 0.0) => Verdict::NotSeparable,
        Good::High if lo > 0.0 => Verdict::Better,
        Good::Low if hi < 0.0 => Verdict::Better,
        Good::High | Good::Low => Verdict::Worse,
    }
}

/// Every strategy's differences against the one at the place `baseline`, by column; all none for itself, and for all
/// where there is no baseline.
#[must_use]
pub fn against(strategies: &[Rows], baseline: Option<usize>, confidence: f64) -> Vec<Vec<Option<Paired>>> {
    let base = baseline.and_then(|at| strategies.get(at));
    let comparisons = strategies.len().saturating_sub(1);
    let differences = |(at, own): (usize, &Rows)| match base {
        Some(base) if Some(at) != baseline => differences(own, base, confidence, comparisons),
        _ => vec![None; COLUMNS.len()],
    };
    strategies.iter().enumerate().map(differences).collect()
}

/// All columns' differences of one strategy against another, each as one of `comparisons`.
#[must_use]
pub fn differences(own: &Rows, base: &Rows, confidence: f64, comparisons: usize) -> Vec<Option<Paired>> {
    let columns = COLUMNS.iter().enumerate();
    columns
        .map(|(at, column)| {
            let (own, base) = (column_of(own, at), column_of(base, at));
            paired(&own, &base, column.good, confidence, comparisons)
        })
        .collect()
}

/// Every pair of strategies, all pairs of a metric at once.
#[must_use]
pub fn all_pairs(strategies: &[Rows], confidence: f64) -> Vec<Pair> {
    let k = strategies.len();
    let pairs = (0..k).flat_map(|one| (one + 1..k).map(move |other| (one, other)));
    let comparisons = k * k.saturating_sub(1) / 2;
    pairs
        .map(|(one, other)| Pair {
            one,
            other,
            differences: differences(&strategies[one], &strategies[other], confidence, comparisons),
        })
        .collect()
}

/// The compact letter display of one column (Piepho 2004): strategies that share a letter are not separable, and any
/// two that share none are. Letters run from the good side of the means (of small means, where there is no good side);
/// none for a strategy without a value. Empty where nothing could be compared.
#[must_use]
pub fn letters(estimates: &[Option<Estimate>], pairs: &[Pair], at: usize) -> Vec<String> {
    let apart = |a: usize, b: usize| {
        let (one, other) = (a.min(b), a.max(b));
        let pair = pairs.iter().find(|pair| (pair.one, pair.other) == (one, other));
        pair.and_then(|pair| pair.differences[at])
            .is_some_and(|p| p.n > 1 && (p.lo > 0.0 || p.hi < 0.0))
    };
    let mut order: Vec<usize> = (0..estimates.len()).filter(|&i| estimates[i].is_some()).collect();
    if order.len() < 2 || estimates.iter().flatten().any(|e| e.n < 2) {
        return Vec::new();
    }
    let mean = |i: usize| estimates[i].map_or(0.0, |e| e.mean);
    let side = if COLUMNS[at].good == Good::High { -1.0 } else { 1.0 };
    order.sort_by(|&a, &b| (side * mean(a)).total_cmp(&(side * mean(b))));
    // Insert and absorb: begin with one set of all, and part it wherever two of its members are apart.
    let mut sets: Vec<Vec<usize>> = vec![order.clone()];
    for (place, &a) in order.iter().enumerate() {
        for &b in order[place + 1..].iter().filter(|&&b| apart(a, b)) {
            let (both, mut kept): (Vec<_>, Vec<_>) = sets.into_iter().partition(|s| s.contains(&a) && s.contains(&b));
            for set in both {
                let without = |x: usize| -> Vec<usize> { set.iter().copied().filter(|&i| i != x).collect() };
                kept.extend([without(b), without(a)]);
            }
            sets = absorbed(kept);
        }
    }
    sets.sort_by_key(|set| {
        set.iter()
            .map(|i| order.iter().position(|o| o == i))
            .collect::<Vec<_>>()
    });
    let letter = |nth: usize| char::from_u32('a' as u32 + nth as u32).unwrap_or('?');
    let of = |i: usize| {
        let own = sets.iter().enumerate().filter(|(_, set)| set.contains(&i));
        own.map(|(nth, _)| letter(nth)).collect()
    };
    (0..estimates.len()).map(of).collect()
}

/// The sets that are no part of another one, each once.
fn absorbed(sets: Vec<Vec<usize>>) -> Vec<Vec<usize>> {
    let part = |a: &[usize], b: &[usize]| a.iter().all(|i| b.contains(i));
    let mut kept: Vec<Vec<usize>> = Vec::new();
    for set in sets {
        if kept.iter().any(|other| part(&set, other)) {
            continue;
        }
        kept.retain(|other| !part(other, &set));
        kept.push(set);
    }
    kept
}

#[cfg(test)]
mod tests;
