//! Which of k strategies is the best: the procedure KN of Kim and Nelson ("A fully sequential procedure for
//! indifference-zone selection in simulation", ACM TOMACS 11, 2001), which stays valid when the strategies meet the same
//! demand. After a first stage, strategies are let go one by one as soon as the sum of their differences from another
//! one leaves a triangle whose size the variance of that difference decides. With the probability `confidence` the one
//! that is left is the best whenever the best is ahead of the others by the indifference at least; one that is chosen
//! among closer ones is within the indifference of it.
//!
//! Every strategy is run in every replication, those that were let go too: all other comparisons stay paired and whole.

use super::compare::Good;
use super::estimate::{Sample, deviation, mean, tidy};
use super::precision::PrecisionState;

/// The first stage has at least so many replications (Kim and Nelson advise 10 and more).
const FIRST: u32 = 10;

/// What became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct BestChosen {
    /// The metric, by its index among the columns.
    pub column: usize,
    /// The indifference, in the metric's unit.
    pub indifference: f64,
    /// The probability of a right choice.
    pub confidence: f64,
    /// The replications of the first stage.
    pub first: u32,
    /// The replications after which it was decided; none: the budget was spent.
    pub at: Option<u32>,
    /// The budget.
    pub budget: u32,
    /// Strategies that were never let go, by their places: one if it was decided, several that took the very same values
    /// if it was decided among equals, several if the budget was spent.
    pub left: Vec<usize>,
    /// Those that were let go, each with the number of replications after which.
    pub let_go: Vec<(usize, u32)>,
}

/// A goal as it is asked of strategies.
#[derive(Clone, Copy, Debug)]
pub struct Best {
    /// The difference that is not worth telling, in the metric's unit.
    pub indifference: f64,
    /// The probability with which the right one is chosen.
    pub confidence: f64,
    /// The budget of replications.
    pub budget: u32,
    /// The metric's good side.
    pub good: Good,
    /// The metric's place among the columns.
    pub column: usize,
    /// The replications that are wanted at least.
    pub first: u32,
}

/// The values of all strategies in the replications in which each has one, larger ones better.
struct Table {
    values: Vec<Vec<f64>>,
    /// The replication behind each of them, from 1.
    numbers: Vec<u32>,
}

/// A race over the replications so far.
struct Race {
    left: Vec<usize>,
    let_go: Vec<(usize, u32)>,
    /// When only one was left, or only equals.
    at: Option<u32>,
    /// At how many replications at the latest it would be decided.
    latest: u32,
}

impl Best {
    fn first(&self) -> usize {
        self.first.max(FIRST) as usize
    }

    fn table(&self, strategies: &[Sample], have: u32) -> Table {
        let sign = if self.good == Good::Low { -1.0 } else { 1.0 };
        let mut table = Table {
            values: vec![Vec::new(); strategies.len()],
            numbers: Vec::new(),
        };
        for replication in 0..have as usize {
            let of_all: Option<Vec<f64>> = strategies
                .iter()
                .map(|own| own.get(replication).copied().flatten())
                .collect();
            let Some(of_all) = of_all else { continue };
            for (own, value) in table.values.iter_mut().zip(of_all) {
                own.push(sign * value);
            }
            table.numbers.push(replication as u32 + 1);
        }
        table
    }

    /// Runs the procedure over what there is; none before the first stage is whole.
    fn race(&self, strategies: &[Sample], have: u32) -> Option<Race> {
        let (n0, delta) = (self.first(), self.indifference);
        let table = self.table(strategies, have);
        if table.numbers.len() < n0 {
            return None;
        }
        let k = strategies.len();
        let error = 2.0 * (1.0 - self.confidence) / k.saturating_sub(1).max(1) as f64;
        let eta = 0.5 * (libm::pow(error, -2.0 / (n0 - 1) as f64) - 1.0);
        let h2 = 2.0 * eta * (n0 - 1) as f64;
        let spread = |i: usize, l: usize| {
            let first = table.values[i].iter().zip(&table.values[l]).take(n0);
            let sd = deviation(&first.map(|(a, b)| tidy(a - b)).collect::<Vec<f64>>());
            h2 * sd * sd / (delta * delta)
        };
        let ends: Vec<Vec<f64>> = (0..k).map(|i| (0..k).map(|l| spread(i, l)).collect()).collect();
        let mut race = Race {
            left: (0..k).collect(),
            let_go: Vec::new(),
            at: None,
            latest: 0,
        };
        for r in n0..=table.numbers.len() {
            let means: Vec<f64> = table.values.iter().map(|values| tidy(mean(&values[..r]))).collect();
            let margin = |i: usize, l: usize| (delta / (2.0 * r as f64) * (ends[i][l] - r as f64)).max(0.0);
            let before = race.left.clone();
            let stays = |i: usize| before.iter().all(|&l| l == i || means[i] >= means[l] - margin(i, l));
            let number = table.numbers[r - 1];
            race.let_go
                .extend(before.iter().filter(|&&i| !stays(i)).map(|&i| (i, number)));
            race.left.retain(|&i| stays(i));
            let pairs = || {
                race.left
                    .iter()
                    .flat_map(|&i| race.left.iter().map(move |&l| (i, l)))
                    .filter(|(i, l)| i < l)
            };
            let end = pairs().map(|(i, l)| ends[i][l]).fold(0.0, f64::max);
            // Beyond the triangles' ends only equal means are left: nothing will part them.
            if race.left.len() == 1 || end <= r as f64 {
                race.at = Some(number);
                return Some(race);
            }
            race.latest = number + (end - r as f64).ceil().clamp(1.0, 1e9) as u32;
        }
        Some(race)
    }

    /// Where a run of `have` replications stands.
    #[must_use]
    pub fn standing(&self, strategies: &[Sample], have: u32) -> PrecisionState {
        let twice = (2 * have).max(self.first() as u32);
        match self.race(strategies, have) {
            // Fewer than two strategies leave nothing to choose.
            _ if strategies.len() < 2 => PrecisionState::Reached(1, 1),
            None => PrecisionState::Wants((have + 1).max(self.first() as u32)),
            Some(Race { at: Some(at), .. }) => PrecisionState::Reached(at, at),
            Some(race) => PrecisionState::Wants(race.latest.clamp(have + 1, twice)),
        }
    }

    /// What became of it after `n` replications; none with fewer than two strategies.
    #[must_use]
    pub fn chosen(&self, strategies: &[Sample], n: u32) -> Option<BestChosen> {
        if strategies.len() < 2 {
            return None;
        }
        let race = self.race(strategies, n).unwrap_or(Race {
            left: (0..strategies.len()).collect(),
            let_go: Vec::new(),
            at: None,
            latest: 0,
        });
        Some(BestChosen {
            column: self.column,
            indifference: self.indifference,
            confidence: self.confidence,
            first: self.first() as u32,
            at: race.at,
            budget: self.budget,
            left: race.left,
            let_go: race.let_go,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Stream;
    use crate::kernel::streams::Seed;
    use crate::stats::testing::{normal, sample};

    /// Of a metric whose low values are good.
    const LOW: Best = Best {
        indifference: 0.5,
        confidence: 0.95,
        budget: 1000,
        good: Good::Low,
        column: 0,
        first: 10,
    };

    fn stream(number: u64) -> Stream {
        Seed {
            master: 3,
            replication: 0,
        }
        .stream(9, number)
    }

    /// Strategies with these means, noise that all share, and noise of their own.
    fn drawn(means: &[f64], n: usize, stream: &mut Stream) -> Vec<Sample> {
        let shared: Vec<f64> = (0..n).map(|_| 3.0 * normal(stream)).collect();
        let mut own = |mean: &f64| sample(&shared.iter().map(|s| mean + s + normal(stream)).collect::<Vec<f64>>());
        means.iter().map(&mut own).collect()
    }

    #[test]
    fn the_constants_are_those_of_the_paper() {
        // k = 2, confidence 0.95, n0 = 10: eta = ((0.1)^(-2/9) - 1) / 2 = 0.334052..., h² = 18 eta.
        let eta: f64 = 0.5 * (libm::pow(0.1, -2.0 / 9.0) - 1.0);
        assert!((eta - 0.334_052).abs() < 1e-5, "{eta}");
        // With a variance of the differences of 1 and indifference 0.5 the triangle ends at h² / 0.25 = 24.05.
        let ones: Vec<f64> = (0..10).map(|i| if i % 2 == 0 { 1.0 } else { -1.0 }).collect();
        let scale = (9.0_f64 / 10.0).sqrt();
        let noisy: Vec<f64> = ones.iter().map(|one| 5.0 + scale * one).collect();
        let race = LOW
            .race(&[sample(&[5.0; 10]), sample(&noisy)], 10)
            .expect("a first stage");
        assert_eq!((race.at, race.latest), (None, 10 + (24.05_f64 - 10.0).ceil() as u32));
    }

    #[test]
    fn a_clear_best_is_found_and_a_low_metric_means_low() {
        let strategies = drawn(&[12.0, 10.0, 15.0], 200, &mut stream(1));
        let chosen = LOW.chosen(&strategies, 200).expect("a choice");
        assert_eq!(chosen.left, [1]);
        assert!(
            chosen.at.is_some_and(|at| at < 60) && chosen.let_go.len() == 2,
            "{chosen:?}"
        );
        let PrecisionState::Reached(at, _) = LOW.standing(&strategies, 200) else {
            panic!("it is decided");
        };
        assert_eq!(Some(at), chosen.at);
        // What comes later changes nothing.
        assert_eq!(LOW.chosen(&strategies, at), Some(chosen));
    }

    #[test]
    fn equals_end_undecided_and_too_few_replications_want_more() {
        let same = [sample(&[4.0, 5.0, 6.0, 5.0, 4.0, 5.0, 7.0, 5.0, 5.0, 5.0]), sample(&[])];
        let same = [same[0].clone(), same[0].clone()];
        let chosen = LOW.chosen(&same, 10).expect("a choice");
        assert_eq!((chosen.left.as_slice(), chosen.at), (&[0, 1][..], Some(10)));
        assert_eq!(LOW.standing(&same, 6), PrecisionState::Wants(10));
        assert_eq!(LOW.chosen(&same[..1], 10), None);
        assert_eq!(LOW.standing(&same[..1], 2), PrecisionState::Reached(1, 1));
    }

    /// The best is ahead by exactly the indifference: it has to be chosen in at least 95 % of the races. Of 400 that are
    /// won with the probability 0.95, fewer than 364 are with a probability below 1e-4.
    #[test]
    fn the_best_is_chosen_about_as_often_as_it_says() {
        let (tries, mut right, mut total) = (400, 0, 0);
        for number in 0..tries {
            let strategies = drawn(&[10.0, 10.5, 10.5, 10.5], 400, &mut stream(100 + number));
            let chosen = LOW.chosen(&strategies, 400).expect("a choice");
            right += u32::from(chosen.left == [0]);
            total += chosen.at.unwrap_or(400);
        }
        assert!(right >= 364, "{right} of {tries}");
        // Differences have a variance of 2: the longest triangle ends near 82 replications.
        assert!(total / (tries as u32) < 90, "{total}");
    }
}
