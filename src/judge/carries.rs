//! Which assumption most carries what a run says, found cheaply: a run has about a fifth of its own cells for it. One claim is
//! looked at, for its strategy and the baseline alone. Every range is tried at both ends in one replication; the three that
//! move the claim's difference most are tried in as many further ones as are left, which had no part in choosing them. All
//! pairs have the run's seeds. [`super::robust`] is the thorough form.

use super::claims::HeadlineClaim;
use super::results::Results;
use super::robust::{RobustQuest, RobustSizes};
use crate::cells::job::CellJob;
use crate::cells::table::{CellRow, CellTable};
use crate::scenario::Scenario;
use crate::stats::compare::{Good, Paired, paired};
use crate::stats::estimate::Interval;

/// One cell of the run in so many may be spent.
const PART: usize = 5;
/// So many ranges are tried in more than one replication.
const CHOSEN: usize = 3;
/// Fewer fresh replications than this have an interval that says little.
const LEAST: u32 = 5;

/// What is asked.
#[derive(Debug)]
pub struct CarryQuest<'a> {
    /// The claim.
    pub claim: HeadlineClaim,
    results: &'a Results,
    quest: RobustQuest,
    /// The fresh replications.
    fresh: u32,
}

/// The assumption that most carries a claim.
#[derive(Clone, Debug, PartialEq)]
pub struct Carried {
    /// The key, and the end of its range at which the difference moves most.
    pub at: String,
    /// The difference there.
    pub there: Paired,
    /// The interval of how much it moves, together with those of the other ranges that were tried as often.
    pub moved: Interval,
    /// How many ranges were looked at.
    pub ranges: usize,
    /// The fresh replications.
    pub replications: u32,
}

/// The claim that a run's first sentence is about: the first metric in which somebody differs from the baseline; of several
/// strategies the one that differs by the most standard errors.
fn claim(results: &Results) -> Option<HeadlineClaim> {
    let differs = results
        .claims
        .all
        .iter()
        .filter(|claim| claim.ruled.paired.verdict.differs());
    let first = differs.clone().next()?.column;
    let clear =
        |claim: &HeadlineClaim| claim.ruled.paired.diff.abs() / claim.ruled.paired.deviation.max(f64::MIN_POSITIVE);
    let own = differs.filter(|claim| claim.column == first);
    own.copied()
        .reduce(|best, it| if clear(&it) > clear(&best) { it } else { best })
}

/// What can be asked of a run; none where nothing is claimed or no range is plausible, an error where the budget is too small.
///
/// # Errors
/// Nothing but that the budget is too small for a word.
pub fn asked<'a>(scenario: &Scenario, results: &'a Results) -> Option<Result<CarryQuest<'a>, TooFew>> {
    let claim = claim(results).filter(|_| !scenario.plausible.is_empty() && !results.partial)?;
    let budget = results.replications as usize * results.arms.len() / PART;
    let (keys, pair) = (scenario.plausible.len(), 2);
    let left = budget.saturating_sub(keys * 2 * pair);
    let most = u32::try_from(left / (CHOSEN.min(keys) * 2 * pair)).unwrap_or(u32::MAX);
    let fresh = most.min(results.replications.saturating_sub(1));
    if fresh < LEAST {
        return Some(Err(TooFew));
    }
    let sizes = RobustSizes {
        replications: 1,
        samples: 0,
        box_replications: 0,
    };
    let labels = results.arms.iter().map(|arm| arm.label.clone()).collect();
    let quest = RobustQuest::new(
        scenario.plausible.clone(),
        vec![claim.column],
        (labels, results.baseline),
        sizes,
        (results.confidence, results.seed),
    );
    Some(Ok(CarryQuest {
        claim,
        results,
        quest,
        fresh,
    }))
}

/// The budget is too small for a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooFew;

impl CarryQuest<'_> {
    /// What is set at a point.
    #[must_use]
    pub fn settings(&self, point: usize) -> Vec<(String, String)> {
        self.quest.settings(point)
    }

    /// A point in words.
    #[must_use]
    pub fn words(&self, point: usize) -> String {
        self.quest.words(point)
    }

    /// The cells of points in these replications.
    fn cells(&self, points: impl IntoIterator<Item = usize>, replications: std::ops::Range<u32>) -> Vec<CellJob> {
        let arms = [self.claim.arm, self.results.baseline];
        let of = |point| {
            let replications = replications.clone();
            replications.flat_map(move |replication| {
                arms.map(|variant| CellJob {
                    point,
                    variant,
                    replication,
                })
            })
        };
        points.into_iter().flat_map(of).collect()
    }

    /// The difference of the claim in a replication, at a point and in the run itself.
    fn both(&self, table: &CellTable<CellRow>, point: usize, replication: u32) -> Option<(f64, f64)> {
        let (column, baseline) = (self.claim.column, self.results.baseline);
        let value = |variant| {
            let job = CellJob {
                point,
                variant,
                replication,
            };
            table.value(job, column)
        };
        let own = |arm: usize| {
            self.results.arms[arm]
                .values
                .get(replication as usize)?
                .get(column)
                .copied()
                .flatten()
        };
        let there = value(self.claim.arm)? - value(baseline)?;
        Some((there, own(self.claim.arm)? - own(baseline)?))
    }

    /// The ends of the ranges that move the difference most in the first replication, the most first: both ends of each.
    fn chosen(&self, table: &CellTable<CellRow>) -> Vec<usize> {
        let ends = self.quest.ends();
        let moved = |point: usize| {
            self.both(table, point, 0)
                .map_or(0.0, |(there, own)| (there - own).abs())
        };
        let mut keys: Vec<(f64, &[usize])> = ends
            .chunks(2)
            .map(|pair| (pair.iter().map(|&point| moved(point)).fold(0.0, f64::max), pair))
            .collect();
        keys.sort_by(|a, b| b.0.total_cmp(&a.0));
        keys.into_iter()
            .take(CHOSEN)
            .flat_map(|(_, pair)| pair.to_vec())
            .collect()
    }

    /// The cells that are wanted next: none when all is known.
    #[must_use]
    pub fn next(&self, table: &CellTable<CellRow>) -> Vec<CellJob> {
        let first = self.cells(self.quest.ends(), 0..1);
        if table.is_empty() {
            return first;
        }
        let rest = self.cells(self.chosen(table), 1..self.fresh + 1);
        rest.into_iter().filter(|job| table.cell(*job).is_none()).collect()
    }

    /// The assumption that most carries the claim, by the fresh replications; none where no range that was tried moves it for
    /// sure.
    #[must_use]
    pub fn found(&self, table: &CellTable<CellRow>) -> Option<Carried> {
        let points = self.chosen(table);
        let error = (1.0 - self.results.confidence) / points.len().max(1) as f64;
        let good = self.results.columns[self.claim.column].good;
        let at = |&point: &usize| {
            let both = (1..=self.fresh).map(|replication| self.both(table, point, replication));
            let (there, own): (Vec<_>, Vec<_>) = both.map(|both| (both.map(|it| it.0), both.map(|it| it.1))).unzip();
            let moves = paired(&there, &own, Good::Neither, 0.0, self.results.confidence)?;
            let moved = moves.interval(error);
            let sure = moves.n > 1 && (moved.lo > 0.0 || moved.hi < 0.0);
            let zero = vec![Some(0.0); there.len()];
            let there = paired(&there, &zero, good, 0.0, self.results.confidence)?;
            sure.then_some((moves.diff.abs(), point, moved, there))
        };
        let most = points
            .iter()
            .filter_map(at)
            .reduce(|most, it| if it.0 > most.0 { it } else { most })?;
        let (_, point, moved, there) = most;
        Some(Carried {
            at: self.words(point),
            there,
            moved,
            ranges: self.quest.ranges.len(),
            replications: self.fresh,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cells::testing::scenario;
    use crate::judge::sample::{SampleWish, results};
    use crate::scenario::{Plausible, PlausibleRange, Problem};

    fn range(key: &str) -> Plausible {
        Plausible {
            key: key.to_owned(),
            own: "0.5".to_owned(),
            range: PlausibleRange::parse("0..1").expect("a range"),
            source: String::new(),
            place: Problem::default(),
        }
    }

    /// Tries five ranges; `effect` is what a setting does to the difference of the claim.
    fn tried(replications: u32, effect: impl Fn(&str, f64, u32) -> f64) -> (Option<Carried>, usize) {
        let sample = results(SampleWish {
            arms: 4,
            replications,
            eventful: true,
        });
        let mut scenario = scenario(2, 10);
        scenario.plausible = ["a.a", "a.b", "a.c", "a.d", "a.e"].map(range).to_vec();
        let Some(Ok(quest)) = asked(&scenario, &sample) else {
            return (None, 0);
        };
        let mut table: CellTable<CellRow> = CellTable::default();
        loop {
            let wanted = quest.next(&table);
            if wanted.is_empty() {
                return (quest.found(&table), table.len());
            }
            for job in wanted {
                let mut row = sample.arms[job.variant].values[job.replication as usize].clone();
                let settings = quest.settings(job.point);
                let [(key, value)] = &settings[..] else {
                    panic!("one range at a time")
                };
                if job.variant == quest.claim.arm {
                    let value: f64 = value.parse().expect("a number");
                    let at = &mut row[quest.claim.column];
                    *at = at.map(|own| own + effect(key, value, job.replication));
                }
                table.enter(job, row);
            }
        }
    }

    #[test]
    fn the_range_that_moves_the_claim_most_is_named_within_the_budget() {
        let noise = |replication: u32| 0.001 * f64::from(replication % 3);
        let (found, cells) = tried(200, |key, value, replication| {
            let slope = match key {
                "a.b" => 2.0,
                "a.d" => -5.0,
                _ => 0.1,
            };
            slope * (value - 0.5) + noise(replication)
        });
        let found = found.expect("one is named");
        assert!(found.at.starts_with("a.d = "), "{found:?}");
        assert_eq!(found.ranges, 5);
        assert!(found.moved.lo.abs() > 2.0 && found.moved.hi.abs() < 3.0, "{found:?}");
        assert!(cells <= 200 * 4 / PART && cells > 100, "{cells}");
    }

    #[test]
    fn where_nothing_moves_it_or_the_budget_is_too_small_nothing_is_named() {
        let (none, cells) = tried(
            200,
            |_, _, replication| if replication.is_multiple_of(2) { 1.0 } else { -1.0 },
        );
        assert!(none.is_none() && cells > 0);
        let mut scenario = scenario(2, 10);
        let sample = |replications| {
            results(SampleWish {
                arms: 4,
                replications,
                eventful: true,
            })
        };
        assert!(asked(&scenario, &sample(200)).is_none(), "no range");
        scenario.plausible = vec![range("a.a")];
        assert!(matches!(asked(&scenario, &sample(6)), Some(Err(TooFew))));
    }
}
