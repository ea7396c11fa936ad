//! Which assumption most carries what a run says, found cheaply: a run has about a fifth of its own cells for it. The claims
//! of one strategy are looked at, against the baseline. Every range is tried at both ends in one replication; the three
//! that turn a claim round there, and else move the first claim's difference most, are tried in as many further ones as are
//! left, which had no part in choosing them. A claim that is turned round comes before one that is moved. All pairs have the
//! run's seeds. [`super::robust`] is the thorough form.

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
    /// The claims of one strategy in which it differs from the baseline; the first sentence is about the first.
    claims: Vec<HeadlineClaim>,
    results: &'a Results,
    quest: RobustQuest,
    /// The fresh replications.
    fresh: u32,
}

/// The assumption that most carries a claim.
#[derive(Clone, Debug, PartialEq)]
pub struct Carried {
    /// The claim.
    pub claim: HeadlineClaim,
    /// The key, and the end of its range at which the difference moves most.
    pub at: String,
    /// The difference there.
    pub there: Paired,
    /// Its interval, together with those of the other ranges and claims that were tried as often.
    pub together: Interval,
    /// The interval of how much it moves, together with those of the other ranges and claims that were tried as often.
    pub moved: Interval,
    /// How many ranges were looked at.
    pub ranges: usize,
    /// The fresh replications.
    pub replications: u32,
}

/// The claims of the strategy that a run's first sentence is about: that of the first metric in which somebody differs from
/// the baseline, of several the one that differs by the most standard errors; and the others of it.
fn claims(results: &Results) -> Vec<HeadlineClaim> {
    let differs = results
        .claims
        .all
        .iter()
        .filter(|claim| claim.ruled.paired.verdict.differs());
    let Some(first) = differs.clone().next().map(|claim| claim.column) else {
        return Vec::new();
    };
    let clear =
        |claim: &HeadlineClaim| claim.ruled.paired.diff.abs() / claim.ruled.paired.deviation.max(f64::MIN_POSITIVE);
    let own = differs.clone().filter(|claim| claim.column == first);
    let arm = own
        .reduce(|best, it| if clear(it) > clear(best) { it } else { best })
        .map(|claim| claim.arm);
    differs.filter(|claim| Some(claim.arm) == arm).copied().collect()
}

/// What can be asked of a run; none where nothing is claimed or no range is plausible, an error where the budget is too small.
///
/// # Errors
/// Nothing but that the budget is too small for a word.
pub fn asked<'a>(scenario: &Scenario, results: &'a Results) -> Option<Result<CarryQuest<'a>, TooFew>> {
    let claims = claims(results);
    if claims.is_empty() || scenario.plausible.is_empty() || results.partial {
        return None;
    }
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
        claims.iter().map(|claim| claim.column).collect(),
        (labels, results.baseline),
        sizes,
        (results.confidence, results.seed),
    );
    Some(Ok(CarryQuest {
        claims,
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
        let arms = [self.claims[0].arm, self.results.baseline];
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

    /// The difference of a claim in a replication, at a point and in the run itself.
    fn both(
        &self,
        table: &CellTable<CellRow>,
        claim: &HeadlineClaim,
        (point, replication): (usize, u32),
    ) -> Option<(f64, f64)> {
        let (column, baseline) = (claim.column, self.results.baseline);
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
        let there = value(claim.arm)? - value(baseline)?;
        Some((there, own(claim.arm)? - own(baseline)?))
    }

    /// The ends of the ranges that turn a claim round in the first replication, and else move the first claim most; the most
    /// first, and both ends of each.
    fn chosen(&self, table: &CellTable<CellRow>) -> Vec<usize> {
        let ends = self.quest.ends();
        let moved = |point: usize| {
            self.both(table, &self.claims[0], (point, 0))
                .map_or(0.0, |(there, own)| (there - own).abs())
        };
        let turns = |&point: &usize| {
            let differences = self
                .claims
                .iter()
                .filter_map(|claim| self.both(table, claim, (point, 0)));
            differences.clone().any(|(there, own)| there * own < 0.0)
        };
        let mut keys: Vec<(bool, f64, &[usize])> = ends
            .chunks(2)
            .map(|pair| {
                let most = pair.iter().map(|&point| moved(point)).fold(0.0, f64::max);
                (pair.iter().any(turns), most, pair)
            })
            .collect();
        keys.sort_by(|a, b| b.0.cmp(&a.0).then(b.1.total_cmp(&a.1)));
        keys.into_iter()
            .take(CHOSEN)
            .flat_map(|(_, _, pair)| pair.to_vec())
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

    /// The assumption that turns a claim round, else the one that moves the first claim most, by the fresh replications; none
    /// where no range that was tried does so for sure.
    #[must_use]
    pub fn found(&self, table: &CellTable<CellRow>) -> Option<Carried> {
        let points = self.chosen(table);
        let all = points.len().max(1) * self.claims.len();
        let tried = |nth: usize| {
            points
                .iter()
                .filter_map(move |&point| self.tried(table, nth, point, all))
        };
        let turned = (0..self.claims.len()).flat_map(tried).filter(|it| it.turns());
        let share = |it: &Carried| (it.there.diff / it.claim.ruled.paired.diff).abs();
        let most = |a: Carried, b: Carried| if share(&b) > share(&a) { b } else { a };
        turned.reduce(most).or_else(|| {
            let moves = |it: &Carried| (it.there.diff - it.claim.ruled.paired.diff).abs();
            tried(0).reduce(|most, it| if moves(&it) > moves(&most) { it } else { most })
        })
    }

    /// What a point makes of a claim, if it moves it for sure; one of `all` that are asked together.
    fn tried(&self, table: &CellTable<CellRow>, nth: usize, point: usize, all: usize) -> Option<Carried> {
        let claim = self.claims[nth];
        let (confidence, good) = (self.results.confidence, self.results.columns[claim.column].good);
        let error = (1.0 - confidence) / all as f64;
        let both = (1..=self.fresh).map(|replication| self.both(table, &claim, (point, replication)));
        let (there, own): (Vec<_>, Vec<_>) = both.map(|both| (both.map(|it| it.0), both.map(|it| it.1))).unzip();
        let moves = paired(&there, &own, Good::Neither, 0.0, confidence)?;
        let moved = moves.interval(error);
        let sure = moves.n > 1 && (moved.lo > 0.0 || moved.hi < 0.0);
        let zero = vec![Some(0.0); there.len()];
        let there = paired(&there, &zero, good, 0.0, confidence)?;
        sure.then(|| Carried {
            claim,
            at: self.words(point),
            there,
            together: there.interval(error),
            moved,
            ranges: self.quest.ranges.len(),
            replications: self.fresh,
        })
    }
}

impl Carried {
    /// Whether the difference has the other sign there, for sure.
    #[must_use]
    pub fn turns(&self) -> bool {
        let own = self.claim.ruled.paired.diff;
        if own > 0.0 {
            self.together.hi < 0.0
        } else {
            self.together.lo > 0.0
        }
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

    /// Tries five ranges; `effect` is what a setting does to the difference of a claim.
    fn tried(
        replications: u32,
        effect: impl Fn(&HeadlineClaim, bool, (&str, f64, u32)) -> f64,
    ) -> (Option<Carried>, usize) {
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
                if job.variant == quest.claims[0].arm {
                    let value: f64 = value.parse().expect("a number");
                    for (nth, claim) in quest.claims.iter().enumerate() {
                        let at = &mut row[claim.column];
                        *at = at.map(|own| own + effect(claim, nth == 0, (key, value, job.replication)));
                    }
                }
                table.enter(job, row);
            }
        }
    }

    #[test]
    fn the_range_that_moves_the_claim_most_is_named_within_the_budget() {
        let noise = |replication: u32| 0.001 * f64::from(replication % 3);
        let (found, cells) = tried(200, |_, first, (key, value, replication)| {
            if !first {
                return 0.0;
            }
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
    fn what_turns_a_claim_round_comes_before_what_moves_the_first_one() {
        // At its end 1 a.e turns the second claim round; a.d moves the first one at both ends, and turns nothing.
        let (found, _) = tried(200, |claim, first, (key, value, replication)| {
            let noise = 0.001 * f64::from(replication % 3);
            let own = claim.ruled.paired.diff;
            noise
                + match (key, first) {
                    ("a.d", true) => own * value,
                    ("a.e", false) if value > 0.5 => -3.0 * own,
                    _ => 0.0,
                }
        });
        let found = found.expect("one is named");
        assert!(found.at.starts_with("a.e = ") && found.turns(), "{found:?}");
        assert!(found.there.diff * found.claim.ruled.paired.diff < 0.0, "{found:?}");
    }

    #[test]
    fn where_nothing_moves_it_or_the_budget_is_too_small_nothing_is_named() {
        let (none, cells) = tried(
            200,
            |_, _, (_, _, replication)| if replication.is_multiple_of(2) { 1.0 } else { -1.0 },
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
