//! Which claims hold over what is plausible? A claim is a strategy's verdict against the baseline in a metric, at the
//! scenario's own values. It is tried where no data supports a value:
//!
//! - each range alone, at both ends, with the same replications as the scenario itself;
//! - where the mean difference changes its sign along a range, at places nearer and nearer to the break-even, which is told
//!   with a bootstrap interval ([`crate::stats::breakeven`]);
//! - all ranges at once, at the points of a Latin hypercube: the share of them in which a claim holds, and which keys decide it
//!   (a rank regression, [`crate::stats::ranks`]).
//!
//! Wide ranges are gone over by their logarithm (`scenario::PlausibleRange`).

mod found;
mod look;

use std::collections::BTreeSet;

pub use found::{BoxTried, ClaimState, ClaimTried, KeyTried, Robustness, provenance};

use crate::cells::job::Job;
use crate::cells::points::design::strata;
use crate::cells::table::{CellRow, CellTable};
use crate::scenario::Plausible;
use look::Looks;

/// The metrics of which claims are made unless others are asked for: tenants first, then operators, then the fleet.
pub const HEADLINE: [&str; 5] = [
    "acceptance",
    "breaches",
    "errand_wait_p50",
    "errands_failed",
    "stranded_node_hours",
];

/// Into so many parts a range is cut; places are looked at on these.
const PARTS: usize = 1024;

/// Two places so near each other have the break-even between them well enough.
const NEAR: usize = PARTS / 32;

/// The most places within a range that are looked at.
const MOST_PLACES: usize = 10;

/// What is asked.
#[derive(Clone, Debug)]
pub struct RobustQuest {
    /// The ranges.
    pub ranges: Vec<Plausible>,
    /// The metrics, by their places among the columns.
    pub columns: Vec<usize>,
    /// The strategies' labels.
    pub strategies: Vec<String>,
    /// The baseline, by its place among them.
    pub baseline: usize,
    /// Replications at the scenario's own values and along each range.
    pub replications: u32,
    /// Points of the hypercube.
    pub samples: u32,
    /// Replications at each of them.
    pub box_replications: u32,
    /// The level of the intervals.
    pub confidence: f64,
    /// The master seed.
    pub seed: u64,
    /// At each point of the hypercube, the part of each range.
    parts: Vec<Vec<f64>>,
}

/// The sizes of a quest.
#[derive(Clone, Copy, Debug)]
pub struct RobustSizes {
    /// Replications at the scenario's own values and along each range.
    pub replications: u32,
    /// Points of the hypercube.
    pub samples: u32,
    /// Replications at each of them.
    pub box_replications: u32,
}

impl RobustQuest {
    /// A quest over these ranges; `strategies` are the labels and the baseline's place.
    #[must_use]
    pub fn new(
        ranges: Vec<Plausible>,
        columns: Vec<usize>,
        (strategies, baseline): (Vec<String>, usize),
        sizes: RobustSizes,
        (confidence, seed): (f64, u64),
    ) -> RobustQuest {
        let parts = strata(ranges.len(), sizes.samples as usize, seed);
        RobustQuest {
            ranges,
            columns,
            strategies,
            baseline,
            replications: sizes.replications,
            samples: sizes.samples,
            box_replications: sizes.box_replications,
            confidence,
            seed,
            parts,
        }
    }

    /// What is set at a point: nothing at the first, which is the scenario itself; one key along its range; all of them in
    /// the hypercube.
    #[must_use]
    pub fn settings(&self, point: usize) -> Vec<(String, String)> {
        let set = |key: usize, part: f64| {
            let range = &self.ranges[key];
            (range.key.clone(), range.range.at(part))
        };
        let Some(at) = point.checked_sub(1) else {
            return Vec::new();
        };
        let (key, place) = (at / (PARTS + 1), at % (PARTS + 1));
        if key < self.ranges.len() {
            return vec![set(key, part_of(place))];
        }
        let sample = at - self.ranges.len() * (PARTS + 1);
        let parts = self.parts.get(sample).map_or(&[][..], Vec::as_slice);
        parts.iter().enumerate().map(|(key, &part)| set(key, part)).collect()
    }

    /// A point in words.
    #[must_use]
    pub fn words(&self, point: usize) -> String {
        let settings = self.settings(point);
        if settings.is_empty() {
            return "the scenario as it is".to_owned();
        }
        let pairs: Vec<String> = settings.iter().map(|(key, value)| format!("{key} = {value}")).collect();
        pairs.join(", ")
    }

    /// The points at the ends of the ranges.
    #[must_use]
    pub fn ends(&self) -> Vec<usize> {
        let keys = 0..self.ranges.len();
        keys.flat_map(|key| [self.point(key, 0), self.point(key, PARTS)])
            .collect()
    }

    /// The points of the hypercube.
    fn box_points(&self) -> impl Iterator<Item = usize> {
        let first = 1 + self.ranges.len() * (PARTS + 1);
        first..first + self.samples as usize
    }

    /// The point at a place of a range.
    fn point(&self, key: usize, place: usize) -> usize {
        1 + key * (PARTS + 1) + place
    }

    /// The strategies beside the baseline.
    fn others(&self) -> impl Iterator<Item = usize> {
        let baseline = self.baseline;
        (0..self.strategies.len()).filter(move |&at| at != baseline)
    }

    /// The cells of a point, replication by replication.
    fn cells(&self, point: usize, replications: u32) -> impl Iterator<Item = Job> {
        let strategies = self.strategies.len();
        let job = move |replication, variant| Job {
            point,
            variant,
            replication,
        };
        (0..replications).flat_map(move |replication| (0..strategies).map(move |variant| job(replication, variant)))
    }
}

/// A place as a part of the range.
fn part_of(place: usize) -> f64 {
    place as f64 / PARTS as f64
}

/// Which cells are wanted as the table fills.
#[derive(Debug)]
pub struct RobustSearch<'a> {
    quest: &'a RobustQuest,
    /// By range, the places that are looked at; empty before the first cells.
    places: Vec<BTreeSet<usize>>,
}

impl<'a> RobustSearch<'a> {
    /// A search that has not begun.
    #[must_use]
    pub fn new(quest: &'a RobustQuest) -> RobustSearch<'a> {
        RobustSearch {
            quest,
            places: Vec::new(),
        }
    }

    /// The cells that are wanted next: none when all is found.
    pub fn next(&mut self, table: &CellTable<CellRow>) -> Vec<Job> {
        let quest = self.quest;
        if self.places.is_empty() {
            self.places = vec![BTreeSet::from([0, PARTS]); quest.ranges.len().max(1)];
            let first = [0].into_iter().chain(quest.ends());
            let first = first.flat_map(|point| quest.cells(point, quest.replications));
            let sampled = quest
                .box_points()
                .flat_map(|point| quest.cells(point, quest.box_replications));
            return first.chain(sampled).collect();
        }
        let mut wanted = Vec::new();
        for key in 0..quest.ranges.len() {
            let looks = Looks { quest, table };
            let mut next: BTreeSet<usize> = BTreeSet::new();
            for (column, strategy) in looks.claims() {
                next.extend(looks.nearer(key, &self.places[key], column, strategy));
            }
            let room = (MOST_PLACES + 2).saturating_sub(self.places[key].len());
            for place in next.into_iter().take(room) {
                if self.places[key].insert(place) {
                    wanted.extend(quest.cells(quest.point(key, place), quest.replications));
                }
            }
        }
        wanted
    }

    /// What was found, when the table has all that was wanted.
    #[must_use]
    pub fn found(&self, table: &CellTable<CellRow>) -> Vec<ClaimTried> {
        found::claims(self.quest, &self.places, table)
    }
}

#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
mod tests;
