//! The claims of a run: each headline metric for each strategy beside the baseline. They are decided together, looked at a
//! few times while replications are added, and a run "until-decided" ends when all of them are.

use super::stopping::UnknownMetric;
use crate::cells::columns::Metric;
use crate::cells::selector::Columns;
use crate::cells::table::{CellTable, Valued, Yardstick, matters};
use crate::scenario::{MOST_LOOKED_AT, Matters, Scenario};
use crate::stats::claims::{ClaimSample, Looks, Ruled};
use crate::stats::precision::PrecisionState;

/// When a run until all is decided looks at its claims.
const LOOKS: [u32; 5] = [40, 80, 160, 320, MOST_LOOKED_AT];

/// What a run claims.
#[derive(Clone, Debug)]
pub struct ClaimPlan {
    /// The strategies that are run, by their places in the scenario.
    variants: Vec<usize>,
    /// The baseline, by its place among them.
    baseline: usize,
    /// The columns of the run's table.
    known: Columns,
    /// The headline, by places among the columns.
    columns: Vec<usize>,
    /// What is told besides, by places among the columns.
    told: Vec<usize>,
    matters: Matters,
    confidence: f64,
    /// Where the run goes on until all is decided: its first replications, by which it is known what others cost, and the
    /// events that may be simulated.
    until_decided: Option<(u32, u64)>,
}

/// One claim.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeadlineClaim {
    /// The metric, by its place among the columns.
    pub column: usize,
    /// The strategy, by its place among those that were run.
    pub arm: usize,
    /// What is known of it.
    pub ruled: Ruled,
}

/// What became of a run's claims.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Claims {
    /// Metric by metric, in each the strategies.
    pub all: Vec<HeadlineClaim>,
    /// When they were looked at, and the error that they shared.
    pub looks: Looks,
    /// Whether the run was to go on until all are decided.
    pub until_decided: bool,
    /// Whether the budget of events left fewer looks than there would have been.
    pub short: bool,
}

impl Claims {
    /// How many are not decided.
    #[must_use]
    pub fn open(&self) -> usize {
        self.all.iter().filter(|claim| claim.ruled.at.is_none()).count()
    }
}

impl ClaimPlan {
    /// The claims of a scenario, of whose strategies those at `variants` are run.
    ///
    /// # Errors
    /// When the headline names a metric that there is not.
    pub fn new(scenario: &Scenario, variants: &[usize]) -> Result<ClaimPlan, UnknownMetric> {
        let reporting = &scenario.reporting;
        let known = Columns::of(scenario);
        let place = |name: &String| {
            let found = known.placed(name).map(|(at, _)| at);
            found.ok_or_else(|| UnknownMetric(name.clone()))
        };
        let columns = reporting.headline.iter().map(place).collect::<Result<Vec<_>, _>>()?;
        let named: Vec<usize> = reporting.metrics.iter().map(place).collect::<Result<_, _>>()?;
        let is_told = |at: usize| {
            if named.is_empty() {
                known[at].shown
            } else {
                // What is priced is told whatever else is.
                named.contains(&at) || scenario.costs.is_some() && at == Metric::Cost.at()
            }
        };
        let told = (0..known.len()).filter(|at| !columns.contains(at) && is_told(*at));
        Ok(ClaimPlan {
            variants: variants.to_vec(),
            baseline: variants.iter().position(|&at| at == scenario.baseline).unwrap_or(0),
            told: told.collect(),
            known,
            columns,
            matters: reporting.matters,
            confidence: reporting.confidence,
            until_decided: scenario
                .until_decided
                .then_some((scenario.replications, reporting.max_events)),
        })
    }

    /// How the differences that are no claims are ruled on.
    #[must_use]
    pub fn yardstick(&self, table: &CellTable<impl Valued>) -> Yardstick {
        // By the replications of the first look, so that what matters does not move while a run goes on.
        let mut rows = table.rows(0, self.variants.get(self.baseline).copied().unwrap_or(0));
        rows.truncate(LOOKS[0] as usize);
        Yardstick {
            columns: self.known.clone(),
            confidence: self.confidence,
            matters: matters(&self.matters, &self.known, &rows),
            told: self.told.clone(),
        }
    }

    /// The same for all pairs of strategies, which have the headline among them.
    #[must_use]
    pub fn of_pairs(&self, mut yardstick: Yardstick) -> Yardstick {
        yardstick.told.extend(&self.columns);
        yardstick
    }

    fn claims(&self) -> usize {
        self.columns.len() * self.variants.len().saturating_sub(1)
    }

    /// When the claims are looked at, given `have` replications.
    fn looks(&self, table: &CellTable<impl Valued>, have: u32) -> Looks {
        let at = match self.until_decided {
            Some((first, most)) => looks_within(most, self.cost(table, first)),
            None => vec![have],
        };
        Looks {
            at,
            claims: self.claims(),
            confidence: self.confidence,
        }
    }

    /// The events of a replication of all strategies, by the first replications.
    fn cost(&self, table: &CellTable<impl Valued>, first: u32) -> u64 {
        let of = |&variant: &usize| {
            let own = table.of(0, variant).take(first as usize).map(Valued::events);
            own.sum::<u64>()
        };
        self.variants.iter().map(of).sum::<u64>() / u64::from(first.max(1))
    }

    /// What is known after `have` replications.
    #[must_use]
    pub fn rule(&self, table: &CellTable<impl Valued>, have: u32) -> Claims {
        let (looks, matters) = (self.looks(table, have), self.yardstick(table).matters);
        let others = (0..self.variants.len()).filter(|&arm| arm != self.baseline);
        let others: Vec<usize> = others.collect();
        let of = |&column: &usize| {
            let samples = table.samples(&self.variants, column);
            let (looks, matters) = (&looks, matters[column]);
            let claim = move |&arm: &usize| {
                let asked = ClaimSample {
                    own: samples[arm].clone(),
                    base: samples[self.baseline].clone(),
                    good: self.known[column].good,
                    matters,
                };
                let ruled = looks.rule(&asked, have)?;
                Some(HeadlineClaim { column, arm, ruled })
            };
            others.iter().filter_map(claim).collect::<Vec<_>>()
        };
        Claims {
            all: self.columns.iter().flat_map(of).collect(),
            until_decided: self.until_decided.is_some(),
            short: self.until_decided.is_some() && looks.at.len() < LOOKS.len(),
            looks,
        }
    }

    /// Where a run until all is decided stands after `have` replications, and the replications after which it ends all the
    /// same; none of any other run.
    #[must_use]
    pub fn standing(&self, table: &CellTable<impl Valued>, have: u32) -> Option<(PrecisionState, u32)> {
        let (first, _) = self.until_decided?;
        if have < first {
            return Some((PrecisionState::Wants(first), first));
        }
        let looks = self.looks(table, have);
        let last = looks.at.last().copied().unwrap_or(first);
        let decided = |n: u32| n <= have && self.rule(table, n).open() == 0;
        let standing = match looks.at.iter().find(|&&n| decided(n)) {
            Some(&n) => PrecisionState::Reached(n, n),
            None => looks
                .after(have)
                .map_or(PrecisionState::Wants(last), PrecisionState::Wants),
        };
        Some((standing, last))
    }
}

/// The looks that a budget of events leaves, at this cost of a replication; at least one.
fn looks_within(most: u64, cost: u64) -> Vec<u32> {
    let fit = u32::try_from(most / cost.max(1)).unwrap_or(u32::MAX);
    let looks: Vec<u32> = LOOKS.into_iter().filter(|&at| at <= fit).collect();
    if looks.is_empty() {
        vec![fit.clamp(FEWEST, LOOKS[0])]
    } else {
        looks
    }
}

/// The fewest replications at which claims are looked at.
const FEWEST: u32 = 10;

#[cfg(test)]
mod tests;
