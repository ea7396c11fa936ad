//! The cheapest value of a key under each strategy: all values of the range get the same replications, and a value is let go
//! as soon as another one has the smaller mean ([`crate::stats::race`]).

use crate::cells::columns::Column;
use crate::cells::job::CellJob;
use crate::cells::selector::Columns;
use crate::cells::table::{CellRow, CellTable, column_of, matters};
use crate::scenario::Matters;
use crate::stats::estimate::{Estimate, Interval, estimate};
use crate::stats::race::{RaceEnd, RaceRules, RaceStanding};

/// More values than this are not all looked at.
pub const MOST_VALUES: usize = 200;

/// Fewer replications than this have an interval that says little.
const LEAST: u32 = 10;

/// What is asked.
#[derive(Clone, Debug)]
pub struct MinimiseQuest {
    /// How many values there are, rising.
    pub values: usize,
    /// How many strategies.
    pub strategies: usize,
    /// The columns of the cells.
    pub columns: Columns,
    /// The metric whose mean is to be small, by its place among them.
    pub column: usize,
    /// How large a difference has to be to matter.
    pub matters: Matters,
    /// The probability that nothing said of a strategy is false.
    pub confidence: f64,
    /// Replications at the first look.
    pub first: u32,
    /// Replications at most.
    pub most: u32,
}

/// What was found for a strategy.
#[derive(Clone, Debug)]
pub struct MinimiseAnswer {
    /// How the race stood when it ended.
    pub standing: RaceStanding,
    /// How it ended.
    pub end: RaceEnd,
    /// The difference that does not matter, in the metric's unit.
    pub matters: f64,
    /// Every value, rising.
    pub values: Vec<MinimisedValue>,
}

/// A value that was looked at.
#[derive(Clone, Copy, Debug)]
pub struct MinimisedValue {
    /// Its mean with the interval of its own; none where no replication had a value.
    pub estimate: Option<Estimate>,
    /// By how much its mean is above that of the best, over the replications of both, with bounds at the level of the race;
    /// none for the best.
    pub above: Option<Interval>,
}

impl MinimiseQuest {
    /// What the table says of the metric.
    #[must_use]
    pub fn metric(&self) -> &'static Column {
        self.columns.at(self.column)
    }

    /// The rules of each strategy's race.
    #[must_use]
    pub fn rules(&self) -> RaceRules {
        let most = self.most.max(LEAST);
        let doubled = std::iter::successors(Some(self.first.max(LEAST)), |n| n.checked_mul(2));
        RaceRules {
            values: self.values,
            looks: doubled.take_while(|n| *n < most).chain([most]).collect(),
            confidence: self.confidence,
        }
    }

    /// The values of a strategy's metric, by value of the key and replication. A replication without a value ends them.
    fn samples(&self, table: &CellTable<CellRow>, variant: usize) -> Vec<Vec<f64>> {
        let of = |point: usize| {
            let sample = column_of(&table.rows(point, variant), self.column);
            sample.into_iter().map_while(|value| value).collect()
        };
        (0..self.values).map(of).collect()
    }

    /// The difference that does not matter: by the replications of the first look at the value that was cheapest there.
    fn matters(&self, table: &CellTable<CellRow>, variant: usize, samples: &[Vec<f64>]) -> f64 {
        let first = self.rules().looks[0] as usize;
        let mean = |at: usize| samples[at].iter().take(first).sum::<f64>();
        let cheapest = (0..self.values).reduce(|best, at| if mean(at) < mean(best) { at } else { best });
        let mut rows = table.rows(cheapest.unwrap_or(0), variant);
        rows.truncate(first);
        matters(&self.matters, &self.columns, &rows)[self.column]
    }

    /// How a strategy's race stands; none before its first look.
    fn standing(&self, table: &CellTable<CellRow>, variant: usize) -> Option<(RaceStanding, f64)> {
        let samples = self.samples(table, variant);
        let matters = self.matters(table, variant, &samples);
        Some((self.rules().run(&samples, matters)?, matters))
    }

    /// The cells that are wanted next: none when every race is over.
    #[must_use]
    pub fn next(&self, table: &CellTable<CellRow>) -> Vec<CellJob> {
        let looks = self.rules().looks;
        let mut wanted = Vec::new();
        for variant in 0..self.strategies {
            let (left, have) = match self.standing(table, variant) {
                Some((standing, _)) if standing.end.is_some() => continue,
                Some((standing, _)) => (standing.left, standing.at),
                None => ((0..self.values).collect(), 0),
            };
            let Some(look) = looks.iter().copied().find(|look| *look > have) else {
                continue;
            };
            for point in left {
                let job = |replication| CellJob {
                    point,
                    variant,
                    replication,
                };
                wanted.extend((have..look).map(job).filter(|job| table.cell(*job).is_none()));
            }
        }
        wanted
    }

    /// The answers by strategy; none for one in which some replication had no value.
    #[must_use]
    pub fn answers(&self, table: &CellTable<CellRow>) -> Vec<Option<MinimiseAnswer>> {
        (0..self.strategies)
            .map(|variant| self.answer(table, variant))
            .collect()
    }

    fn answer(&self, table: &CellTable<CellRow>, variant: usize) -> Option<MinimiseAnswer> {
        let (standing, matters) = self.standing(table, variant)?;
        let (rules, samples) = (self.rules(), self.samples(table, variant));
        let best = standing.first;
        let value = |at: usize| {
            let n = samples[at].len().min(samples[best].len());
            MinimisedValue {
                estimate: estimate(&samples[at], self.confidence),
                above: (at != best)
                    .then(|| rules.difference(&samples[at][..n], &samples[best][..n]))
                    .flatten(),
            }
        };
        Some(MinimiseAnswer {
            end: standing.end?,
            matters,
            values: (0..self.values).map(value).collect(),
            standing,
        })
    }
}

/// A search for the cheapest values that has ended.
#[derive(Clone, Debug)]
pub struct Minimised {
    /// The program's version.
    pub version: String,
    /// The scenario's name.
    pub scenario: String,
    /// Its digest, at its own value of the key.
    pub digest: String,
    /// The master seed.
    pub seed: u64,
    /// The key that was looked for.
    pub key: String,
    /// Its range, as typed.
    pub range: String,
    /// The range's values, rising.
    pub values: Vec<String>,
    /// The strategies' labels.
    pub strategies: Vec<String>,
    /// What was asked.
    pub quest: MinimiseQuest,
    /// The answers, by strategy; none where a replication had no value.
    pub answers: Vec<Option<MinimiseAnswer>>,
    /// What to know when reading them: sentences.
    pub assumptions: Vec<String>,
}

#[cfg(test)]
pub(crate) mod tests;
