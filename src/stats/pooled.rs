//! Quantiles of all samples of all replications together, with the order-statistic interval of Woodruff ("Confidence
//! intervals for medians and other position measures", JASA 47, 1952) for clustered samples. Waits within a replication
//! depend on each other, so that order statistics of the pool as if it were one sample would lie too close together;
//! replications do not. The share of each replication's samples that do not exceed the quantile gives the error of the
//! pool's share; the interval's ends are the pool's quantiles at that share plus and minus t errors. Tried and dropped:
//! sectioning (Asmussen and Glynn 2007, III.5a), whose 95 % intervals covered 90 % where replications differ in level.
//!
//! A mean of quantiles, the estimate in the table of means, is biased where replications have few samples.

use super::estimate::{quantile, t_quantile, tidy};

/// A sample that is longer than any other: what it measures never came to an end.
pub const NEVER_MS: u64 = u64::MAX;

/// The samples that quantiles are taken of.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Samples {
    /// The metrics that are quantiles of them: their indexes among the columns, and which quantile.
    pub columns: Vec<(usize, f64)>,
    /// The unit of these metrics.
    pub unit_ms: u64,
    /// The samples, in no particular order; [`NEVER_MS`] is longer than any other.
    pub ms: Vec<u64>,
}

/// A quantile of all samples of all replications together, with its order-statistic interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pooled {
    /// The metric, by its index among the columns.
    pub column: usize,
    /// The quantile, in the metric's unit.
    pub value: f64,
    /// The interval's lower end; equals the value where fewer than two replications have samples.
    pub lo: f64,
    /// The interval's upper end.
    pub hi: f64,
    /// Replications with samples.
    pub n: u32,
    /// Samples.
    pub samples: u64,
}

/// The pooled quantiles of one strategy: `sections` are its replications, each with the samples of the same metrics.
#[must_use]
pub fn pooled(sections: &[Vec<Samples>], confidence: f64) -> Vec<Pooled> {
    let Some(first) = sections.first() else {
        return Vec::new();
    };
    let kinds = first
        .iter()
        .enumerate()
        .flat_map(|(kind, samples)| samples.columns.iter().map(move |c| (kind, *c)));
    kinds
        .filter_map(|(kind, (column, p))| {
            let own = sections.iter().filter_map(|section| section.get(kind));
            let parts: Vec<&Samples> = own.filter(|samples| !samples.ms.is_empty()).collect();
            one(parts, (column, p), confidence)
        })
        .collect()
}

fn one(parts: Vec<&Samples>, (column, p): (usize, f64), confidence: f64) -> Option<Pooled> {
    let unit = parts.first()?.unit_ms as f64;
    let n = parts.len() as u32;
    let mut all: Vec<u64> = parts.iter().flat_map(|part| part.ms.iter().copied()).collect();
    let samples = all.len() as u64;
    let value = quantile(&mut all, p)?;
    let (lo, hi) = if n > 1 {
        // By how many samples more than its share a replication has at or below the quantile.
        let excess = |part: &&Samples| {
            let below = part.ms.iter().filter(|ms| **ms <= value).count() as f64;
            below - p * part.ms.len() as f64
        };
        let squares: f64 = parts.iter().map(excess).map(|excess| excess * excess).sum();
        let error = (f64::from(n) / f64::from(n - 1) * squares).sqrt() / samples as f64;
        let half = t_quantile(confidence, n - 1) * error;
        let at = |p: f64, all: &mut Vec<u64>| quantile(all, p.clamp(0.0, 1.0)).unwrap_or(value);
        (at(p - half, &mut all), at(p + half, &mut all))
    } else {
        (value, value)
    };
    // Among those that never came to an end the quantile has no value, or its interval no upper end.
    if hi == NEVER_MS {
        return None;
    }
    Some(Pooled {
        column,
        value: tidy(value as f64 / unit),
        lo: tidy(lo as f64 / unit),
        hi: tidy(hi as f64 / unit),
        n,
        samples,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::streams::Seed;

    fn section(ms: &[u64]) -> Vec<Samples> {
        vec![Samples {
            columns: vec![(3, 0.5)],
            unit_ms: 1000,
            ms: ms.to_vec(),
        }]
    }

    #[test]
    fn a_small_case_by_hand() {
        // The median of 1 2 3 4 4 5 8 9 10 is 4 s; 3, 2 and 0 of the three samples of each lie at or below it, 1.5 is
        // their share: excesses 1.5, 0.5, -1.5. Error sqrt(3 / 2 · 4.75) / 9 = 0.2966, times 4.303 more than a half.
        let sections = [
            section(&[1000, 2000, 3000]),
            section(&[4000, 5000, 4000]),
            section(&[8000, 9000, 10_000]),
        ];
        let q = pooled(&sections, 0.95)[0];
        assert_eq!(
            (q.column, q.value, q.lo, q.hi, q.n, q.samples),
            (3, 4.0, 1.0, 10.0, 3, 9)
        );
        // At a level of 50 %, t = 0.816: shares 0.258 and 0.742, the 3rd and the 7th of nine.
        let q = pooled(&sections, 0.5)[0];
        assert_eq!((q.lo, q.hi), (3.0, 8.0));
        // Of what never ends there is no quantile.
        let endless = [section(&[1000, NEVER_MS]), section(&[NEVER_MS, NEVER_MS])];
        assert_eq!(pooled(&endless, 0.95), []);
        let single = pooled(&sections[..1], 0.95)[0];
        assert_eq!((single.value, single.lo, single.hi), (2.0, 2.0, 2.0));
        assert!(pooled(&[section(&[])], 0.95).is_empty() && pooled(&[], 0.95).is_empty());
    }

    /// Sections of different levels, as replications are: exponential waits whose mean varies between sections. The
    /// quantile of the mixture is known; 95 % intervals have to cover it in about 95 % of the tries.
    #[test]
    fn intervals_cover_although_samples_of_a_section_depend_on_each_other() {
        let mut stream = Seed {
            master: 8,
            replication: 0,
        }
        .stream(9, 2);
        let tries = 300;
        // Levels 50 s and 150 s, each with the probability 1/2: the mixture's 0.9 quantile solves
        // (e^(-x/50) + e^(-x/150)) / 2 = 0.1, x = 246.892 s.
        let truth = 246.892;
        assert!(((libm::exp(-truth / 50.0) + libm::exp(-truth / 150.0)) / 2.0 - 0.1).abs() < 1e-4);
        let mut covered = 0;
        for _ in 0..tries {
            let sections: Vec<Vec<Samples>> = (0..20)
                .map(|_| {
                    let mean = if stream.unit() < 0.5 { 50_000.0 } else { 150_000.0 };
                    let ms = (0..200).map(|_| (-libm::log(stream.unit()) * mean) as u64).collect();
                    vec![Samples {
                        columns: vec![(0, 0.9)],
                        unit_ms: 1000,
                        ms,
                    }]
                })
                .collect();
            let q = pooled(&sections, 0.95)[0];
            covered += u32::from(q.lo <= truth && truth <= q.hi);
        }
        assert!((271..=298).contains(&covered), "{covered} of {tries}");
    }
}
