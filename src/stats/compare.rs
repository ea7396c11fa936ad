//! Comparisons by common random numbers: replication by replication, one strategy's value less another's. Several
//! comparisons that are made at once share the allowed error (Bonferroni): with the probability `confidence` all
//! intervals of one metric cover their truths together, so that among equal strategies a false "better" or "worse"
//! anywhere has at most the probability 1 - `confidence`. Bonferroni and not MCB, because strategies that met the same
//! demand are dependent in ways that MCB's critical values leave out. Metrics are questions of their own, each at the
//! full level.

use super::estimate::{Estimate, Interval, deviation, estimate, tidy};

/// Which side of a metric is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Good {
    /// More is better.
    High,
    /// Less is better.
    Low,
    /// Neither.
    Neither,
}

/// What a paired comparison says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The interval of the difference lies on the good side of 0.
    Better,
    /// It lies on the bad side.
    Worse,
    /// It covers 0, or there is no interval.
    NotSeparable,
    /// The metric has no good side.
    None,
}

impl Verdict {
    /// All of them.
    pub const ALL: [Verdict; 4] = [Verdict::Better, Verdict::Worse, Verdict::NotSeparable, Verdict::None];

    /// Its word in files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Better => "better",
            Verdict::Worse => "worse",
            Verdict::NotSeparable => "not separable",
            Verdict::None => "none",
        }
    }
}

/// A paired difference of two strategies, per replication: the one less the other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Paired {
    /// The mean difference.
    pub diff: f64,
    /// The lower end of its interval, which holds for all comparisons of the metric that are made at once.
    pub lo: f64,
    /// The upper end.
    pub hi: f64,
    /// Pairs.
    pub n: u32,
    /// What that interval says.
    pub verdict: Verdict,
    /// The t-interval of this difference by itself.
    pub alone: Interval,
    /// 1 - the variance of the differences / the sum of both variances: what pairing saved. None without variance.
    pub variance_reduction: Option<f64>,
}

/// Two strategies, by their places, and the first one's differences from the second, by column.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// The one.
    pub one: usize,
    /// The other.
    pub other: usize,
    /// The differences, each interval holding for all pairs of its metric at once.
    pub differences: Vec<Option<Paired>>,
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

/// The compact letter display of one column (Piepho 2004): strategies that share a letter are not separable, and any
/// two that share none are. Letters run from the good side of the means (of small means, where there is no good side);
/// none for a strategy without a value. Empty where nothing could be compared.
#[must_use]
pub fn letters(estimates: &[Option<Estimate>], pairs: &[Pair], at: usize, good: Good) -> Vec<String> {
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
    let side = if good == Good::High { -1.0 } else { 1.0 };
    order.sort_by(|&a, &b| (side * mean(a)).total_cmp(&(side * mean(b))));
    // Insert and absorb: begin with one set of all, and part it wherever two of its members are apart.
    let mut sets: Vec<Vec<usize>> = vec![order.clone()];
    for (index, &a) in order.iter().enumerate() {
        for &b in order[index + 1..].iter().filter(|&&b| apart(a, b)) {
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
