//! Replications until a metric is known to a half-width: the rule of Hoad, Robinson and Davies ("Automated selection of
//! the number of replications for a discrete-event simulation", Journal of the OR Society 61, 2010). After each
//! replication the half-width of the t-interval is looked at; the first time that it is small enough may be luck, so it
//! has to stay so over some replications more, the look-ahead. The look-ahead's replications count like all others.
//!
//! Which replications are run depends on the values alone, never on threads or on how many are run at once.

use super::estimate::{Sample, estimate, half_width, tidy};
use super::width::{GoalOf, Width};

/// The least number of replications that is looked at (Hoad et al. begin with 3).
const LEAST: u32 = 3;
/// With fewer values than this, values that are all equal are no sign of precision.
const EQUAL: u32 = 10;
/// The look-ahead up to 100 replications; beyond, this many percent of them (Hoad et al., kLimit = 5).
const AHEAD: u32 = 5;

/// What became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct PrecisionReached {
    /// The metric, by its index among the columns.
    pub column: usize,
    /// Of what it was asked.
    pub of: GoalOf,
    /// The level.
    pub confidence: f64,
    /// The number of replications at which it was reached and from which on it was kept; none: the budget was spent.
    pub at: Option<u32>,
    /// The budget.
    pub budget: u32,
    /// Of each strategy that it was asked of (by its place) the half-width in the end and the one that was wanted, in
    /// the metric's unit; none where there were too few values.
    pub half_widths: Vec<(usize, Option<(f64, f64)>)>,
}

/// How many replications more have to keep the precision that `n` of them have.
#[must_use]
pub fn look_ahead(n: u32) -> u32 {
    if n <= 100 { AHEAD } else { AHEAD * n / 100 }
}

/// A goal as it is asked of strategies.
#[derive(Clone, Copy, Debug)]
pub struct Precision {
    /// Of what it is asked.
    pub of: GoalOf,
    /// The half-width to be reached.
    pub half_width: Width,
    /// The level of the interval.
    pub confidence: f64,
    /// The budget of replications.
    pub budget: u32,
    /// The metric's place among the columns.
    pub column: usize,
    /// The baseline's place.
    pub baseline: usize,
    /// The first number of replications that is looked at.
    pub first: u32,
}

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrecisionState {
    /// Reached at the first number and kept until the second, at which it may end.
    Reached(u32, u32),
    /// So many replications would perhaps do.
    Wants(u32),
}

impl Precision {
    /// The samples that it is asked of, by strategy; `strategies` are those of the metric.
    fn samples(&self, strategies: &[Sample]) -> Vec<(usize, Sample)> {
        let all = strategies.iter().enumerate();
        match self.of {
            GoalOf::Mean => all.map(|(at, own)| (at, own.clone())).collect(),
            GoalOf::Difference => all
                .filter(|(at, _)| *at != self.baseline)
                .map(|(at, own)| {
                    let pairs = own.iter().zip(&strategies[self.baseline]);
                    (at, pairs.map(|(&own, &base)| Some(tidy(own? - base?))).collect())
                })
                .collect(),
        }
    }

    /// The half-width and the one that is wanted, over the first `n` replications; none for too few values.
    fn widths(&self, sample: &[Option<f64>], n: u32) -> Option<(f64, f64)> {
        let known: Vec<f64> = sample.iter().take(n as usize).copied().flatten().collect();
        let e = estimate(&known, self.confidence).filter(|e| e.n >= LEAST)?;
        let half = half_width(&known, self.confidence);
        if half == 0.0 && e.n < EQUAL {
            return None;
        }
        Some((half, self.half_width.at(e.mean)))
    }

    fn met(&self, samples: &[(usize, Sample)], n: u32) -> bool {
        let fine = |(half, wanted): (f64, f64)| half <= wanted;
        samples
            .iter()
            .all(|(_, sample)| self.widths(sample, n).is_some_and(fine))
    }

    /// Where a run of `have` replications stands.
    #[must_use]
    pub fn standing(&self, strategies: &[Sample], have: u32) -> PrecisionState {
        let samples = self.samples(strategies);
        let mut since = None;
        for n in self.first.max(LEAST)..=have {
            if !self.met(&samples, n) {
                since = None;
                continue;
            }
            let first = *since.get_or_insert(n);
            if n >= first + look_ahead(first) {
                return PrecisionState::Reached(first, n);
            }
        }
        if let Some(first) = since {
            return PrecisionState::Wants(first + look_ahead(first));
        }
        // As many as the spread so far would need, but no more than twice what there is: early spreads mislead.
        let need = |(_, sample): &(usize, Sample)| match self.widths(sample, have) {
            Some((half, wanted)) if wanted > 0.0 => {
                let times = (half / wanted) * (half / wanted);
                (f64::from(have) * times).ceil().min(f64::from(u32::MAX)) as u32
            }
            _ => u32::MAX,
        };
        let need = samples.iter().map(need).max().unwrap_or(have);
        let least = self.first.max(LEAST) + AHEAD;
        PrecisionState::Wants(need.clamp(have + 1, (2 * have).max(least)))
    }

    /// What became of it after `n` replications.
    #[must_use]
    pub fn reached(&self, strategies: &[Sample], n: u32) -> PrecisionReached {
        let at = match self.standing(strategies, n) {
            PrecisionState::Reached(at, _) => Some(at),
            PrecisionState::Wants(_) => None,
        };
        let samples = self.samples(strategies);
        let half_widths = samples.iter().map(|(at, sample)| {
            let widths = self.widths(sample, n);
            (*at, widths.map(|(half, wanted)| (tidy(half), tidy(wanted))))
        });
        PrecisionReached {
            column: self.column,
            of: self.of,
            confidence: self.confidence,
            at,
            budget: self.budget,
            half_widths: half_widths.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::streams::Seed;
    use crate::stats::testing::{normal, sample};

    fn asked(of: GoalOf, half_width: Width) -> Precision {
        Precision {
            of,
            half_width,
            confidence: 0.95,
            budget: 500,
            column: 0,
            baseline: 0,
            first: 3,
        }
    }

    #[test]
    fn a_lucky_begin_does_not_stop_it() {
        // Three values close together by luck; the fourth shows it.
        let lucky = [10.0, 10.1, 10.05, 14.0, 7.0, 12.0, 9.0, 11.0, 10.0];
        let precision = asked(GoalOf::Mean, Width::Absolute(0.5));
        assert!(precision.met(&precision.samples(&[sample(&lucky)]), 3));
        assert!(matches!(
            precision.standing(&[sample(&lucky)], 3),
            PrecisionState::Wants(8)
        ));
        assert!(matches!(
            precision.standing(&[sample(&lucky)], 9),
            PrecisionState::Wants(_)
        ));
        // Close together for long: reached at 3, and kept over the look-ahead of 5.
        let close: Vec<f64> = (0..9).map(|i| 10.0 + 0.01 * f64::from(i % 3)).collect();
        assert_eq!(precision.standing(&[sample(&close)], 9), PrecisionState::Reached(3, 8));
        assert_eq!(precision.standing(&[sample(&close)], 7), PrecisionState::Wants(8));
    }

    #[test]
    fn equal_values_are_no_sign_of_precision_before_there_are_ten() {
        let precision = asked(GoalOf::Mean, Width::Relative(0.05));
        assert_eq!(precision.standing(&[sample(&[4.0; 9])], 9), PrecisionState::Wants(18));
        assert_eq!(
            precision.standing(&[sample(&[4.0; 15])], 15),
            PrecisionState::Reached(10, 15)
        );
    }

    #[test]
    fn differences_are_as_precise_as_pairing_makes_them() {
        let base: Vec<f64> = (0..12).map(|i| f64::from(i * i % 7) * 10.0).collect();
        let more: Vec<f64> = base
            .iter()
            .enumerate()
            .map(|(i, v)| v + 3.0 + 0.1 * (i % 2) as f64)
            .collect();
        let strategies = [sample(&base), sample(&more)];
        let width = Width::Absolute(0.5);
        let (mean, difference) = (asked(GoalOf::Mean, width), asked(GoalOf::Difference, width));
        assert_eq!(difference.standing(&strategies, 12), PrecisionState::Reached(3, 8));
        assert!(matches!(mean.standing(&strategies, 12), PrecisionState::Wants(_)));
        let reached = difference.reached(&strategies, 8);
        assert_eq!(
            (reached.at, reached.half_widths.len(), reached.half_widths[0].0),
            (Some(3), 1, 1)
        );
    }

    /// Runs of normal values with sd 1 for a half-width of 0.3 need about (1.96 / 0.3)² = 43 replications; the mean has
    /// to lie within 0.3 of the truth in about 95 % of the runs that stop so.
    #[test]
    fn the_interval_at_the_stop_covers_the_truth_about_as_often_as_it_says() {
        let precision = asked(GoalOf::Mean, Width::Absolute(0.3));
        let mut stream = Seed {
            master: 5,
            replication: 0,
        }
        .stream(9, 1);
        let (tries, mut covered, mut total) = (400, 0_u32, 0_u32);
        for _ in 0..tries {
            let values: Vec<f64> = (0..200).map(|_| 10.0 + normal(&mut stream)).collect();
            let PrecisionState::Reached(_, n) = precision.standing(&[sample(&values)], 200) else {
                panic!("200 replications are four times enough");
            };
            let e = estimate(&values[..n as usize], 0.95).expect("values");
            covered += u32::from(e.lo <= 10.0 && 10.0 <= e.hi);
            total += n;
        }
        let (share, mean) = (
            f64::from(covered) / f64::from(tries),
            f64::from(total) / f64::from(tries),
        );
        assert!((0.90..=0.98).contains(&share), "{share}");
        assert!((38.0..=58.0).contains(&mean), "{mean}");
    }
}
