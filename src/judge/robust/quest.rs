//! What is asked: ranges, metrics, strategies; and the points that follow from them.

use crate::cells::job::CellJob;
use crate::cells::points::design::strata;
use crate::scenario::Plausible;

/// Into so many parts a range is cut; places are looked at on these.
pub(super) const PARTS: usize = 1024;

/// Two places so near each other have the break-even between them well enough.
pub(super) const NEAR: usize = PARTS / 32;

/// The most places within a range that are looked at.
pub(super) const MOST_PLACES: usize = 10;

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
    pub(super) parts: Vec<Vec<f64>>,
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
    pub(super) fn box_points(&self) -> impl Iterator<Item = usize> {
        let first = 1 + self.ranges.len() * (PARTS + 1);
        first..first + self.samples as usize
    }

    /// The point at a place of a range.
    pub(super) fn point(&self, key: usize, place: usize) -> usize {
        1 + key * (PARTS + 1) + place
    }

    /// The strategies beside the baseline.
    pub(super) fn others(&self) -> impl Iterator<Item = usize> {
        let baseline = self.baseline;
        (0..self.strategies.len()).filter(move |&at| at != baseline)
    }

    /// The cells of a point, replication by replication.
    pub(super) fn cells(&self, point: usize, replications: u32) -> impl Iterator<Item = CellJob> {
        let strategies = self.strategies.len();
        let job = move |replication, variant| CellJob {
            point,
            variant,
            replication,
        };
        (0..replications).flat_map(move |replication| (0..strategies).map(move |variant| job(replication, variant)))
    }
}

/// A place as a part of the range.
pub(super) fn part_of(place: usize) -> f64 {
    place as f64 / PARTS as f64
}
