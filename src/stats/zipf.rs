//! How unequal shares are: the n-th largest of them falls as 1 / n^skew (Zipf 1949).
//!
//! Who counts sees the largest first whatever drew them, so that the likeliest skew lies too high, the more the rarer
//! the counts. A parametric bootstrap (Efron and Tibshirani 1993, chapter 10) says by how much, and gives the interval.

use super::estimate::{Interval, mean};
use super::goodness::{Goodness, p_value};
use crate::kernel::Stream;

/// The skew that was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FoundSkew {
    /// The skew, its bias taken off.
    pub skew: f64,
    /// Its interval.
    pub interval: Interval,
    /// How well such shares fit the counts.
    pub goodness: Goodness,
}

/// The most that a scenario takes.
const MOST: f64 = 10.0;

/// The skew of counts, at the level `confidence`, by so many samples; none where fewer than two count.
#[must_use]
pub fn skew(counts: &[u64], confidence: f64, samples: usize, stream: &mut Stream) -> Option<FoundSkew> {
    let mut sorted: Vec<u64> = counts.iter().copied().filter(|&count| count > 0).collect();
    sorted.sort_unstable_by(|a, b| b.cmp(a));
    let n: u64 = sorted.iter().sum();
    if sorted.len() < 2 {
        return None;
    }
    let found = likeliest(&sorted);
    let shares = shares(found, sorted.len());
    let (mut skews, mut distances) = (Vec::with_capacity(samples), Vec::with_capacity(samples));
    for _ in 0..samples {
        let again = drawn(&shares, n, stream);
        let refitted = likeliest(&again);
        distances.push(distance(&again, refitted));
        skews.push(refitted);
    }
    let distance = distance(&sorted, found);
    let bias = mean(&skews) - found;
    skews.sort_by(f64::total_cmp);
    // The interval turns the bootstrap's around: what it misses above, the truth may miss below.
    let tail = ((1.0 - confidence) / 2.0 * samples as f64) as usize;
    let ends = (
        skews.get(tail).copied().unwrap_or(found),
        skews.get(samples.saturating_sub(tail + 1)).copied().unwrap_or(found),
    );
    let within = |skew: f64| skew.clamp(0.0, MOST);
    Some(FoundSkew {
        skew: within(found - bias),
        interval: Interval {
            lo: within(2.0 * found - ends.1),
            hi: within(2.0 * found - ends.0),
        },
        goodness: Goodness {
            distance,
            p: p_value(distance, &distances),
        },
    })
}

/// The shares of so many at a skew, the largest first.
fn shares(skew: f64, many: usize) -> Vec<f64> {
    let weights: Vec<f64> = (1..=many)
        .map(|rank| libm::exp(-skew * libm::log(rank as f64)))
        .collect();
    let sum: f64 = weights.iter().sum();
    weights.into_iter().map(|weight| weight / sum).collect()
}

/// The likeliest skew of counts by falling size: the mean logarithm of the rank is that of the law.
fn likeliest(sorted: &[u64]) -> f64 {
    let n: u64 = sorted.iter().sum();
    let logs: Vec<f64> = (1..=sorted.len()).map(|rank| libm::log(rank as f64)).collect();
    let seen = sorted
        .iter()
        .zip(&logs)
        .map(|(&count, log)| count as f64 * log)
        .sum::<f64>()
        / n.max(1) as f64;
    let of = |skew: f64| {
        let weights = logs.iter().map(|log| libm::exp(-skew * log));
        let (sum, weighed) = weights.zip(&logs).fold((0.0, 0.0), |(sum, weighed), (weight, log)| {
            (sum + weight, weighed + weight * log)
        });
        weighed / sum
    };
    let (mut low, mut high) = (0.0, MOST);
    for _ in 0..40 {
        let middle = (low + high) / 2.0;
        if of(middle) > seen { low = middle } else { high = middle }
    }
    (low + high) / 2.0
}

/// Counts of `n` draws, by falling size.
fn drawn(shares: &[f64], n: u64, stream: &mut Stream) -> Vec<u64> {
    let mut upto: Vec<f64> = Vec::with_capacity(shares.len());
    shares
        .iter()
        .for_each(|share| upto.push(upto.last().unwrap_or(&0.0) + share));
    let mut counts = vec![0; shares.len()];
    for _ in 0..n {
        let at = stream.unit();
        let who = upto.partition_point(|&end| end < at).min(shares.len() - 1);
        counts[who] += 1;
    }
    counts.sort_unstable_by(|a, b| b.cmp(a));
    counts
}

/// The largest distance between the shares of the first so many in counts and law.
fn distance(sorted: &[u64], skew: f64) -> f64 {
    let n: u64 = sorted.iter().sum();
    let (mut seen, mut law, mut most) = (0.0, 0.0, 0.0_f64);
    for (&count, share) in sorted.iter().zip(shares(skew, sorted.len())) {
        (seen, law) = (seen + count as f64 / n.max(1) as f64, law + share);
        most = most.max((seen - law).abs());
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::streams::Seed;

    fn stream(n: u64) -> Stream {
        let seed = Seed {
            master: 44,
            replication: n,
        };
        seed.stream(1, 1)
    }

    #[test]
    fn intervals_hold_the_truth_about_as_often_as_they_say() {
        for truth in [0.4, 1.1] {
            let held = (0..60)
                .filter(|&n| {
                    let mut stream = stream(n);
                    let counts = drawn(&shares(truth, 12), 400, &mut stream);
                    let found = skew(&counts, 0.95, 199, &mut stream).expect("a skew");
                    (found.interval.lo..=found.interval.hi).contains(&truth)
                })
                .count();
            assert!((52..=60).contains(&held), "{truth}: {held} of 60");
        }
    }

    #[test]
    fn equal_shares_have_no_skew_and_one_tenant_has_none_to_tell() {
        let found = skew(&[100; 20], 0.95, 99, &mut stream(1)).expect("a skew");
        assert!(found.skew < 0.05, "{found:?}");
        assert_eq!(skew(&[7], 0.95, 99, &mut stream(1)), None);
        assert_eq!(skew(&[], 0.95, 99, &mut stream(1)), None);
    }

    #[test]
    fn two_kinds_of_tenants_are_no_such_law() {
        let counts: Vec<u64> = [400; 3].into_iter().chain([5; 40]).collect();
        assert!(skew(&counts, 0.95, 99, &mut stream(2)).expect("a skew").goodness.p <= 0.01);
    }
}
