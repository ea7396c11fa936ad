//! Which of k values has the smallest mean, by pairs: all are given the same replications, and are let go as soon as another
//! one is smaller, looked at a few times while replications are added.
//!
//! One is let go when the one-sided t-interval of its paired difference from another one that is left lies above 0. The one
//! with the smallest mean is let go wrongly only if its difference from one of the k - 1 others is at one of the L looks: so
//! each interval misses with half of the allowed error / (L (k - 1)) (Bonferroni), and what is left holds the smallest with
//! the probability that was asked for, however close the means are (a subset selection after Gupta 1965, for paired samples).
//! The other half is for the word that the smallest of those left is no more than what matters above the smallest of all.

use super::compare::{Good, paired};
use super::estimate::{Interval, mean, tidy};

/// A race.
#[derive(Clone, Debug, PartialEq)]
pub struct RaceRules {
    /// How many values there are.
    pub values: usize,
    /// The numbers of replications at which it is looked, rising.
    pub looks: Vec<u32>,
    /// The probability that nothing said is false.
    pub confidence: f64,
}

/// How a race stands.
#[derive(Clone, Debug, PartialEq)]
pub struct RaceStanding {
    /// Those that are left, rising.
    pub left: Vec<usize>,
    /// By value: the replications at which it was let go.
    pub let_go: Vec<Option<u32>>,
    /// The one of those left with the smallest mean.
    pub first: usize,
    /// How it ended; none: it goes on.
    pub end: Option<RaceEnd>,
    /// The replications of those left.
    pub at: u32,
}

/// How a race ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RaceEnd {
    /// One is left.
    Alone,
    /// The first is no more than what matters above the smallest.
    Near,
    /// The budget of replications is spent.
    Spent,
}

impl RaceRules {
    /// The error of each one-sided interval.
    #[must_use]
    pub fn error(&self) -> f64 {
        let pairs = self.values.saturating_sub(1).max(1) * self.looks.len().max(1);
        (1.0 - self.confidence) / (2.0 * pairs as f64)
    }

    /// The two-sided interval of the mean difference of two samples, each of whose ends is a one-sided bound at the race's
    /// level; none where they share no replication.
    #[must_use]
    pub fn difference(&self, one: &[f64], other: &[f64]) -> Option<Interval> {
        let [one, other] = [one, other].map(|values| values.iter().copied().map(Some).collect::<Vec<_>>());
        let pair = paired(&one, &other, Good::Neither, 0.0, self.confidence)?;
        Some(pair.interval(2.0 * self.error()))
    }

    /// Runs the race over what there is: the values of each, by replication. `matters` is the difference that is not worth
    /// telling. None before the first look.
    #[must_use]
    pub fn run(&self, samples: &[Vec<f64>], matters: f64) -> Option<RaceStanding> {
        let mut standing: Option<RaceStanding> = None;
        let (mut left, mut let_go): (Vec<usize>, _) = ((0..self.values).collect(), vec![None; self.values]);
        for (nth, &look) in self.looks.iter().enumerate() {
            let n = look as usize;
            if left.iter().any(|&at| samples.get(at).is_none_or(|own| own.len() < n)) {
                break;
            }
            let bounds = |one: usize, other: usize| {
                let found = self.difference(&samples[one][..n], &samples[other][..n]);
                found.unwrap_or_default()
            };
            let before = left.clone();
            left.retain(|&one| before.iter().all(|&other| one == other || bounds(one, other).lo <= 0.0));
            for at in before.iter().filter(|at| !left.contains(at)) {
                let_go[*at] = Some(look);
            }
            let mean = |at: usize| tidy(mean(&samples[at][..n]));
            let first = left
                .iter()
                .copied()
                .reduce(|best, at| if mean(at) < mean(best) { at } else { best })?;
            let near = || {
                left.iter()
                    .all(|&other| other == first || bounds(first, other).hi <= matters)
            };
            let end = if left.len() == 1 {
                Some(RaceEnd::Alone)
            } else if near() {
                Some(RaceEnd::Near)
            } else {
                (nth + 1 == self.looks.len()).then_some(RaceEnd::Spent)
            };
            let over = end.is_some();
            standing = Some(RaceStanding {
                left: left.clone(),
                let_go: let_go.clone(),
                first,
                end,
                at: look,
            });
            if over {
                break;
            }
        }
        standing
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Stream;
    use crate::kernel::streams::Seed;
    use crate::stats::testing::normal;

    fn rules(values: usize) -> RaceRules {
        RaceRules {
            values,
            looks: vec![10, 20, 40, 80],
            confidence: 0.95,
        }
    }

    /// Values with these means, noise that all share, and noise of their own.
    fn drawn(means: &[f64], stream: &mut Stream) -> Vec<Vec<f64>> {
        let shared: Vec<f64> = (0..80).map(|_| 3.0 * normal(stream)).collect();
        let mut own = |mean: &f64| shared.iter().map(|s| mean + s + 0.5 * normal(stream)).collect();
        means.iter().map(&mut own).collect()
    }

    fn stream(number: u64) -> Stream {
        Seed {
            master: 23,
            replication: 0,
        }
        .stream(9, number)
    }

    #[test]
    fn a_clear_smallest_is_found_early_and_those_let_go_want_no_more() {
        let mut samples = drawn(&[4.0, 1.0, 9.0], &mut stream(1));
        let found = rules(3).run(&samples, 0.0).expect("a look");
        assert_eq!(
            (found.left.as_slice(), found.first, found.end, found.at),
            (&[1][..], 1, Some(RaceEnd::Alone), 10)
        );
        assert_eq!(found.let_go, [Some(10), None, Some(10)]);
        // What comes later changes nothing, and before the first look nothing is said.
        for own in &mut samples {
            own.truncate(10);
        }
        assert_eq!(rules(3).run(&samples, 0.0), Some(found));
        samples[1].truncate(9);
        assert_eq!(rules(3).run(&samples, 0.0), None);
    }

    #[test]
    fn what_matters_little_ends_it_and_equals_spend_the_budget() {
        let samples = drawn(&[1.0, 1.0, 9.0], &mut stream(2));
        let near = rules(3).run(&samples, 2.0).expect("a look");
        assert_eq!(
            (near.left.as_slice(), near.end, near.at),
            (&[0, 1][..], Some(RaceEnd::Near), 10)
        );
        let spent = rules(3).run(&samples, 0.0).expect("a look");
        assert_eq!(
            (spent.left.as_slice(), spent.end, spent.at),
            (&[0, 1][..], Some(RaceEnd::Spent), 80)
        );
        let one = rules(1).run(&samples[..1], 0.0).expect("a look");
        assert_eq!((one.first, one.end), (0, Some(RaceEnd::Alone)));
    }

    /// The smallest is among those left in 95 % of races at least, also where others are as small: of 400, 380 and more.
    #[test]
    fn the_smallest_is_among_those_left_as_often_as_it_says() {
        let (mut kept, mut near) = (0, 0);
        for number in 0..400 {
            let samples = drawn(&[5.0, 5.0, 5.05, 5.2, 6.0], &mut stream(100 + number));
            let found = rules(5).run(&samples, 0.1).expect("a look");
            kept += u32::from(found.left.contains(&0) && found.left.contains(&1));
            // Whoever is called near is within what matters of the smallest mean.
            near += u32::from(found.end == Some(RaceEnd::Near) && found.first > 2);
        }
        assert!(kept >= 380, "{kept}");
        assert!(near <= 20, "{near}");
    }
}
