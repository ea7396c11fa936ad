//! How many replications a run has: as many as the scenario says, and where it has goals as many more as these need or
//! their budgets allow.

use super::best::{Best, BestChosen};
use super::columns::column;
use super::compare::Rows;
use super::precision::{Precision, PrecisionReached, Standing};
use super::run::ExperimentError;
use crate::scenario::Scenario;

/// A run's goals.
#[derive(Debug)]
pub struct Stopping<'a> {
    precision: Option<Precision<'a>>,
    best: Option<Best<'a>>,
    least: u32,
}

/// What is to be done after so many replications.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// So many count; later ones are dropped.
    End(u32),
    /// Go on to so many.
    More(u32),
}

impl<'a> Stopping<'a> {
    /// The goals of a scenario, of whose strategies those at `variants` are run.
    ///
    /// # Errors
    /// When a goal names a metric that there is not.
    pub fn new(scenario: &'a Scenario, variants: &[usize]) -> Result<Stopping<'a>, ExperimentError> {
        let least = scenario.replications;
        let place = |metric: &str| {
            column(metric).ok_or_else(|| ExperimentError::UnknownMetric {
                name: metric.to_owned(),
            })
        };
        let baseline = variants.iter().position(|&at| at == scenario.baseline).unwrap_or(0);
        let precision = scenario.reporting.precision.as_ref().map(|goal| {
            Ok(Precision {
                goal,
                column: place(&goal.metric)?,
                baseline,
                first: least,
            })
        });
        let best = scenario.reporting.best.as_ref().map(|goal| {
            Ok(Best {
                goal,
                column: place(&goal.metric)?,
                first: least,
            })
        });
        Ok(Stopping {
            precision: precision.transpose()?,
            best: best.transpose()?,
            least,
        })
    }

    /// The replications to begin with.
    #[must_use]
    pub fn first(&self) -> u32 {
        self.least
    }

    /// What is to be done after `have` replications.
    #[must_use]
    pub fn next(&self, strategies: &[Rows], have: u32) -> Next {
        let precision = self
            .precision
            .map(|it| (it.standing(strategies, have), it.goal.max_replications));
        let best = self
            .best
            .map(|it| (it.standing(strategies, have), it.goal.max_replications));
        let (mut count, mut more) = (self.least, None);
        for (standing, budget) in precision.into_iter().chain(best) {
            let budget = budget.max(self.least);
            match standing {
                Standing::Reached(_, n) => count = count.max(n),
                Standing::Wants(_) if have >= budget => count = count.max(budget),
                Standing::Wants(n) => more = more.max(Some(n.min(budget))),
            }
        }
        more.map_or(Next::End(count), Next::More)
    }

    /// What became of the goals after `n` replications.
    #[must_use]
    pub fn outcome(&self, strategies: &[Rows], n: u32) -> (Option<PrecisionReached>, Option<BestChosen>) {
        (
            self.precision.map(|it| it.reached(strategies, n)),
            self.best.and_then(|it| it.chosen(strategies, n)),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::testing::{replications, scenario};
    use crate::scenario::{BestGoal, GoalOf, PrecisionGoal, Problem, Width};

    fn rows(n: u32, level: f64) -> Rows {
        let values: Vec<f64> = (0..n).map(|i| level + f64::from(i * 7 % 5)).collect();
        replications("refused", &values)
    }

    #[test]
    fn without_goals_it_ends_where_the_scenario_says() {
        let scenario = scenario(1, 10);
        let stopping = Stopping::new(&scenario, &[0, 1]).expect("no goals");
        assert_eq!((stopping.first(), stopping.next(&[rows(2, 1.0)], 2)), (2, Next::End(2)));
        assert_eq!(stopping.outcome(&[rows(2, 1.0)], 2), (None, None));
    }

    #[test]
    fn the_goal_that_needs_more_decides_and_budgets_end_it() {
        let mut scenario = scenario(1, 10);
        let precision = |half_width, max_replications| PrecisionGoal {
            metric: "refused".to_owned(),
            of: GoalOf::Mean,
            half_width: Width::Absolute(half_width),
            confidence: 0.95,
            max_replications,
            place: Problem::default(),
        };
        scenario.reporting.precision = Some(precision(0.1, 25));
        let next = |scenario: &Scenario, n: u32| {
            let stopping = Stopping::new(scenario, &[0, 1]).expect("goals");
            stopping.next(&[rows(n, 1.0), rows(n, 9.0)], n)
        };
        assert_eq!(next(&scenario, 2), Next::More(8));
        assert_eq!(next(&scenario, 20), Next::More(25));
        assert_eq!(next(&scenario, 25), Next::End(25));
        scenario.reporting.precision = Some(precision(10.0, 25));
        assert_eq!(next(&scenario, 20), Next::End(8));
        scenario.reporting.best = Some(BestGoal {
            metric: "refused".to_owned(),
            indifference: Width::Absolute(1.0),
            confidence: 0.95,
            max_replications: 50,
            place: Problem::default(),
        });
        // The first stage of the choice has ten.
        assert_eq!(next(&scenario, 8), Next::More(10));
        assert_eq!(next(&scenario, 20), Next::End(10));
        scenario.reporting.best.as_mut().expect("a goal").metric = "refusd".to_owned();
        assert!(Stopping::new(&scenario, &[0, 1]).is_err());
    }
}
