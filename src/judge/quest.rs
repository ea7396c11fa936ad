//! The inverse question: which is the smallest (or largest) value of a key for which an objective holds, under each
//! strategy?
//!
//! At each value that the search asks for, replications are added until the objective is shown to hold or to fail, or
//! the budget is spent: so most of them go to the values near the border. An objective holds at a value when the
//! one-sided t-interval of each metric's mean lies on the right side of its bound, and fails when that of one metric
//! lies on the wrong side. There are as many looks as the number of replications can be doubled, and each is taken at
//! an equal part of the allowed error (Bonferroni): at a value that fails, all looks together call it holding with
//! at most the probability 1 - confidence. Values are tested one by one: the statement is about a value, not about
//! all that were asked. A campaign that is to end by a bound has to be done in every replication: where one is not done at
//! the horizon, its end is not known, and the objective fails.

use std::collections::BTreeMap;
use std::ops::Range;

use super::search::{self, Ruling, SearchEnd, SearchStep};
use super::slo::{BoundSide, Slo};
use crate::cells::job::CellJob;
use crate::cells::table::{CellRow, CellTable, column_of};
use crate::stats::estimate::{Estimate, Sample, estimate, half_width, mean};

/// Fewer replications than this have an interval that says little.
pub const LEAST: u32 = 5;

/// What is asked.
#[derive(Clone, Debug)]
pub struct Quest {
    /// How many values there are, in rising order.
    pub values: usize,
    /// How many strategies.
    pub strategies: usize,
    /// Whether the largest value is looked for, and not the smallest.
    pub largest: bool,
    /// What must hold.
    pub slo: Slo,
    /// How sure a statement about one value must be.
    pub confidence: f64,
    /// Replications at the first look.
    pub first: u32,
    /// Replications at most.
    pub most: u32,
    /// Whether each replication is the first one of a scenario with a seed of its own, so that what a scenario draws
    /// once is drawn anew.
    pub by_seed: bool,
}

/// What was found for a strategy. Places of values count from the smallest one.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The finding.
    pub finding: SearchEnd,
    /// The values that were looked at, rising.
    pub probes: Vec<Probe>,
}

/// A value that was looked at.
#[derive(Clone, Debug)]
pub struct Probe {
    /// Its place.
    pub value: usize,
    /// What the replications said.
    pub ruling: Ruling,
    /// How many there were.
    pub replications: u32,
    /// In how many of them a campaign that was to end by a bound was not done at the horizon.
    pub undone: usize,
    /// Each clause's metric: the mean, with the interval of the look that decided (each end is a one-sided bound at the
    /// look's level); none where no replication had a value.
    pub clauses: Vec<Option<Estimate>>,
}

impl Quest {
    /// The numbers of replications at which it is looked.
    #[must_use]
    pub fn looks(&self) -> Vec<u32> {
        let most = self.most.max(2);
        let doubled = std::iter::successors(Some(self.first.max(LEAST)), |n| n.checked_mul(2));
        doubled.take_while(|n| *n < most).chain([most]).collect()
    }

    /// The cell of a strategy's replication at a place of the search.
    fn job(&self, variant: usize, place: usize, replication: u32) -> CellJob {
        let value = self.turned(place);
        let (point, replication) = if self.by_seed {
            (value * self.most.max(2) as usize + replication as usize, 0)
        } else {
            (value, replication)
        };
        CellJob {
            point,
            variant,
            replication,
        }
    }

    /// The values of each clause's metric that a table has of a strategy at a place of the search.
    fn samples(&self, table: &CellTable<CellRow>, variant: usize, place: usize) -> Vec<Sample> {
        let jobs = (0..self.most.max(2)).map(|replication| self.job(variant, place, replication));
        let rows: Vec<&CellRow> = jobs.map_while(|job| table.cell(job)).collect();
        let clauses = self.slo.clauses.iter();
        clauses.map(|clause| column_of(&rows, clause.column)).collect()
    }

    /// In how many replications a campaign that is to end by a bound was not done at the horizon, or too many errands were
    /// given up: there the end or the wait is not known, and its mean has no upper bound.
    fn undone(&self, table: &CellTable<CellRow>, variant: usize, place: usize) -> usize {
        let rows = (0..self.most.max(2)).map_while(|replication| table.cell(self.job(variant, place, replication)));
        rows.filter(|row| self.slo.is_open(row)).count()
    }

    /// The value and, where each replication has a seed of its own, what is added to the scenario's seed.
    #[must_use]
    pub fn scenario_of(&self, point: usize) -> (usize, u64) {
        let each = self.most.max(2) as usize;
        if self.by_seed {
            (point / each, (point % each) as u64)
        } else {
            (point, 0)
        }
    }

    /// The place of a value in the search, which runs from hard to easy; and back.
    fn turned(&self, place: usize) -> usize {
        if self.largest { self.values - 1 - place } else { place }
    }

    /// The error that one look may make.
    fn error(&self) -> f64 {
        (1.0 - self.confidence) / self.looks().len() as f64
    }

    /// What the values of each clause's metric say.
    fn ruling(&self, clauses: &[Sample]) -> Option<Ruling> {
        let error = self.error();
        let shares = self.slo.clauses.len() as f64;
        let mut all = true;
        for (clause, values) in self.slo.clauses.iter().zip(clauses) {
            let known: Vec<f64> = values.iter().copied().flatten().collect();
            if known.len() < 2 {
                all = false;
                continue;
            }
            // Above 0: by how much the mean is on the right side.
            let margin = match clause.side {
                BoundSide::AtLeast => mean(&known) - clause.bound,
                BoundSide::AtMost => clause.bound - mean(&known),
            };
            // All clauses hold only if each does, so that each may be held at the whole level (an intersection-union
            // test, Berger 1982); for one of several to fail, the error is shared out.
            if margin < -half_width(&known, 1.0 - 2.0 * error / shares) {
                return Some(Ruling::Fails);
            }
            all &= margin >= half_width(&known, 1.0 - 2.0 * error);
        }
        all.then_some(Ruling::Holds)
    }

    fn probe(&self, place: usize, ruling: Ruling, clauses: &[Sample], undone: usize) -> Probe {
        let level = 1.0 - 2.0 * self.error();
        let look = |values: &Sample| {
            let known: Vec<f64> = values.iter().copied().flatten().collect();
            estimate(&known, level)
        };
        Probe {
            value: self.turned(place),
            ruling,
            replications: clauses.first().map_or(0, Vec::len) as u32,
            undone,
            clauses: clauses.iter().map(look).collect(),
        }
    }
}

/// The search of every strategy.
#[derive(Debug)]
pub struct Search<'a> {
    quest: &'a Quest,
    /// By strategy: what has been ruled, by the place in the search.
    rulings: Vec<BTreeMap<usize, Ruling>>,
}

impl<'a> Search<'a> {
    /// A search that has not begun.
    #[must_use]
    pub fn new(quest: &'a Quest) -> Search<'a> {
        Search {
            quest,
            rulings: vec![BTreeMap::new(); quest.strategies],
        }
    }

    /// Rules as far as the table goes, and says which cells are wanted next: none when all is found.
    pub fn next(&mut self, table: &CellTable<CellRow>) -> Vec<CellJob> {
        let mut wanted = Vec::new();
        for variant in 0..self.quest.strategies {
            if let Err((place, replications)) = self.advance(table, variant) {
                wanted.extend(replications.map(|replication| self.quest.job(variant, place, replication)));
            }
        }
        wanted
    }

    /// A strategy's finding, or the place that wants more replications and which.
    fn advance(&mut self, table: &CellTable<CellRow>, variant: usize) -> Result<SearchEnd, (usize, Range<u32>)> {
        let (quest, rulings) = (self.quest, &mut self.rulings[variant]);
        let looks = quest.looks();
        loop {
            let place = match search::next(quest.values, rulings) {
                SearchStep::Done(finding) => return Ok(finding),
                SearchStep::Ask(place) => place,
            };
            let samples = quest.samples(table, variant, place);
            let n = samples.first().map_or(0, Vec::len) as u32;
            let ruling = match n {
                0 => None,
                _ if quest.undone(table, variant, place) > 0 => Some(Ruling::Fails),
                _ => quest.ruling(&samples),
            };
            let more = looks.iter().copied().find(|look| *look > n);
            match (ruling, more) {
                (Some(ruling), _) => rulings.insert(place, ruling),
                (None, Some(look)) => return Err((place, n..look)),
                (None, None) => rulings.insert(place, Ruling::Open),
            };
        }
    }

    /// The answers, by strategy: of those whose search has ended.
    #[must_use]
    pub fn answers(mut self, table: &CellTable<CellRow>) -> Vec<Answer> {
        let strategies = self.quest.strategies;
        let of = |variant| {
            let finding = self.advance(table, variant).ok()?;
            Some(answer(self.quest, table, variant, &self.rulings[variant], finding))
        };
        (0..strategies).filter_map(of).collect()
    }
}

/// A strategy's answer, in the order of the values.
fn answer(
    quest: &Quest,
    table: &CellTable<CellRow>,
    variant: usize,
    rulings: &BTreeMap<usize, Ruling>,
    finding: SearchEnd,
) -> Answer {
    let turned = |place: usize| quest.turned(place);
    let probe = |(&place, &ruling): (&usize, &Ruling)| {
        let undone = quest.undone(table, variant, place);
        quest.probe(place, ruling, &quest.samples(table, variant, place), undone)
    };
    let mut probes: Vec<Probe> = rulings.iter().map(probe).collect();
    probes.sort_by_key(|probe| probe.value);
    Answer {
        finding: match finding {
            SearchEnd::Border { holds, fails } => SearchEnd::Border {
                holds: turned(holds),
                fails: fails.map(turned),
            },
            SearchEnd::NotMonotone { holds, fails } => SearchEnd::NotMonotone {
                holds: turned(holds),
                fails: turned(fails),
            },
            SearchEnd::Everywhere | SearchEnd::Nowhere => finding,
        },
        probes,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A quest over nine values for one strategy, in 3 to 40 replications.
    pub(crate) fn quest(slo: &str) -> Quest {
        Quest {
            values: 9,
            strategies: 1,
            largest: false,
            slo: Slo::parse(slo).expect("an objective"),
            confidence: 0.95,
            first: 3,
            most: 40,
            by_seed: false,
        }
    }

    fn sample(values: &[&[f64]]) -> Vec<Sample> {
        values
            .iter()
            .map(|values| values.iter().copied().map(Some).collect())
            .collect()
    }

    #[test]
    fn looks_double_up_to_the_budget() {
        assert_eq!(quest("refused <= 1").looks(), [5, 10, 20, 40]);
        let odd = Quest {
            first: 8,
            most: 20,
            ..quest("refused <= 1")
        };
        assert_eq!(odd.looks(), [8, 16, 20]);
    }

    #[test]
    fn rulings_wait_until_the_interval_is_clear_of_the_bound() {
        let quest = quest("refused <= 10 and acceptance >= 0.9");
        let fine = [0.95; 5];
        let ruling = |refused: &[f64]| quest.ruling(&sample(&[refused, &fine[..refused.len()]]));
        assert_eq!(ruling(&[1.0, 2.0, 1.0, 2.0, 1.0]), Some(Ruling::Holds));
        assert_eq!(ruling(&[21.0, 22.0, 21.0, 22.0, 21.0]), Some(Ruling::Fails));
        assert_eq!(ruling(&[9.0, 10.5, 8.0, 11.0, 10.0]), None);
        // One clause that fails is enough, and one that has no value is not.
        assert_eq!(quest.ruling(&sample(&[&[1.0; 5], &[0.5; 5]])), Some(Ruling::Fails));
        assert_eq!(quest.ruling(&sample(&[&[1.0; 5], &[]])), None);
        // At the bound itself, without any spread, it holds.
        assert_eq!(ruling(&[10.0; 5]), Some(Ruling::Holds));
    }

    /// The share of sure statements that are wrong where the truth lies exactly on the bound is at most 1 - confidence
    /// on either side; here with normal values, over all looks of many tries.
    #[test]
    fn repeated_looks_do_not_add_up_to_more_error_than_is_stated() {
        use crate::kernel::streams::Seed;
        let quest = Quest {
            most: 80,
            ..quest("refused <= 10")
        };
        let mut stream = Seed {
            master: 1,
            replication: 0,
        }
        .stream(9, 9);
        let mut normal = || {
            let (u, v) = (stream.unit(), stream.unit());
            10.0 + (-2.0 * libm::log(u)).sqrt() * libm::cos(core::f64::consts::TAU * v)
        };
        let (tries, mut holds, mut fails) = (2_000, 0, 0);
        for _ in 0..tries {
            let mut values: Vec<f64> = Vec::new();
            for look in quest.looks() {
                values.extend((values.len()..look as usize).map(|_| normal()));
                match quest.ruling(&sample(&[&values])) {
                    Some(Ruling::Holds) => holds += 1,
                    Some(_) => fails += 1,
                    None => continue,
                }
                break;
            }
        }
        // 5 % of 2,000 is 100, its standard deviation 9.7.
        for wrong in [holds, fails] {
            assert!((30..130).contains(&wrong), "{wrong} of {tries}");
        }
    }

    #[test]
    fn replications_by_seed_are_scenarios_of_their_own() {
        let quest = Quest {
            by_seed: true,
            ..quest("refused <= 1")
        };
        for (value, replication) in [(0, 0), (0, 39), (3, 7)] {
            let job = quest.job(0, value, replication);
            let seeds = u64::from(replication);
            assert_eq!((quest.scenario_of(job.point), job.replication), ((value, seeds), 0));
        }
    }
}
