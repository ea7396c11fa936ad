//! How many replications a run has: as many as the scenario says, or as many as decide its claims; and where it has goals
//! as many more as these need or their budgets allow.

use super::claims::ClaimPlan;
use crate::cells::selector::Columns;
use crate::cells::table::{CellTable, Valued};
use crate::scenario::Scenario;
use crate::stats::best::{Best, BestChosen};
use crate::stats::precision::{Precision, PrecisionReached, PrecisionState};
use crate::stats::width::Width;

/// A run's goals.
#[derive(Debug)]
pub struct Stopping {
    /// The strategies that are run, by their places in the scenario.
    variants: Vec<usize>,
    precision: Option<Precision>,
    best: Option<Best>,
    claims: ClaimPlan,
    least: u32,
}

/// A goal names a metric that there is not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no metric `{0}`")]
pub struct UnknownMetric(pub String);

/// What is to be done after so many replications.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// So many count; later ones are dropped.
    End(u32),
    /// Go on to so many.
    More(u32),
}

impl Stopping {
    /// The goals of a scenario, of whose strategies those at `variants` are run.
    ///
    /// # Errors
    /// When a goal names a metric that there is not.
    pub fn new(scenario: &Scenario, variants: &[usize]) -> Result<Stopping, UnknownMetric> {
        let least = scenario.replications;
        let columns = Columns::of(scenario);
        let place = |metric: &str| {
            let found = columns.placed(metric).map(|(at, _)| at);
            found.ok_or_else(|| UnknownMetric(metric.to_owned()))
        };
        let baseline = variants.iter().position(|&at| at == scenario.baseline).unwrap_or(0);
        let precision = scenario.reporting.precision.as_ref().map(|goal| {
            Ok(Precision {
                of: goal.of,
                half_width: goal.half_width,
                confidence: goal.confidence,
                budget: goal.max_replications,
                column: place(&goal.metric)?,
                baseline,
                first: least,
            })
        });
        let best = scenario.reporting.best.as_ref().map(|goal| {
            let column = place(&goal.metric)?;
            let (Width::Absolute(indifference) | Width::Points(indifference) | Width::Relative(indifference)) =
                goal.indifference;
            Ok(Best {
                indifference,
                confidence: goal.confidence,
                budget: goal.max_replications,
                good: columns[column].good,
                column,
                first: least,
            })
        });
        Ok(Stopping {
            variants: variants.to_vec(),
            precision: precision.transpose()?,
            best: best.transpose()?,
            claims: ClaimPlan::new(scenario, variants)?,
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
    pub fn next(&self, table: &CellTable<impl Valued>, have: u32) -> Next {
        let precision = self.precision.map(|it| {
            let samples = table.samples(&self.variants, it.column);
            (it.standing(&samples, have), it.budget)
        });
        let best = self.best.map(|it| {
            let samples = table.samples(&self.variants, it.column);
            (it.standing(&samples, have), it.budget)
        });
        let (mut count, mut more) = (self.least, None);
        let claims = self.claims.standing(table, have);
        for (standing, budget) in precision.into_iter().chain(best).chain(claims) {
            let budget = budget.max(self.least);
            match standing {
                PrecisionState::Reached(_, n) => count = count.max(n),
                PrecisionState::Wants(_) if have >= budget => count = count.max(budget),
                PrecisionState::Wants(n) => more = more.max(Some(n.min(budget))),
            }
        }
        more.map_or(Next::End(count), Next::More)
    }

    /// How a run's differences are ruled on.
    #[must_use]
    pub fn claims(&self) -> &ClaimPlan {
        &self.claims
    }

    /// What became of the goals after `n` replications.
    #[must_use]
    pub fn outcome(&self, table: &CellTable<impl Valued>, n: u32) -> (Option<PrecisionReached>, Option<BestChosen>) {
        let samples = |column: usize| table.samples(&self.variants, column);
        (
            self.precision.map(|it| it.reached(&samples(it.column), n)),
            self.best.and_then(|it| it.chosen(&samples(it.column), n)),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cells::columns::Metric;
    use crate::cells::job::CellJob;
    use crate::cells::table::CellRow;
    use crate::cells::testing::{replications, scenario};
    use crate::scenario::{BestGoal, PrecisionGoal, Problem};
    use crate::stats::width::{GoalOf, Width};

    /// A table of so many replications of strategies at these levels.
    fn table(n: u32, levels: &[f64]) -> CellTable<CellRow> {
        let mut table = CellTable::default();
        for (variant, level) in levels.iter().enumerate() {
            let values: Vec<f64> = (0..n).map(|i| level + f64::from(i * 7 % 5)).collect();
            for (replication, row) in (0..).zip(replications(Metric::Refused, &values)) {
                table.enter(CellJob::of_one(variant, replication), row);
            }
        }
        table
    }

    #[test]
    fn without_goals_it_ends_where_the_scenario_says() {
        let scenario = scenario(1, 10);
        let stopping = Stopping::new(&scenario, &[0, 1]).expect("no goals");
        assert_eq!(
            (stopping.first(), stopping.next(&table(2, &[1.0]), 2)),
            (2, Next::End(2))
        );
        assert_eq!(stopping.outcome(&table(2, &[1.0]), 2), (None, None));
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
            stopping.next(&table(n, &[1.0, 9.0]), n)
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
