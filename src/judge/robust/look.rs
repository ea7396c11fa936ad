//! What a table says of a claim at a point, and how its difference runs along a range.

use std::collections::BTreeSet;

use super::quest::{MOST_PLACES, NEAR, PARTS, RobustQuest, part_of};
use crate::cells::columns::COLUMNS;
use crate::cells::table::{CellRow, CellTable, column_of};
use crate::stats::breakeven::DifferenceCurve;
use crate::stats::compare::{Paired, Verdict, paired};
use crate::stats::estimate::Sample;

/// A table with what is asked of it.
#[derive(Clone, Copy)]
pub(super) struct Looks<'a> {
    pub quest: &'a RobustQuest,
    pub table: &'a CellTable<CellRow>,
}

impl Looks<'_> {
    /// A strategy's values and the baseline's at a point.
    fn pair(self, point: usize, column: usize, strategy: usize) -> (Sample, Sample) {
        let of = |variant| column_of(&self.table.rows(point, variant), column);
        (of(strategy), of(self.quest.baseline))
    }

    /// The difference at a point; `together` intervals share the allowed error. None where no replication has both values.
    pub fn paired(self, point: usize, column: usize, strategy: usize, together: usize) -> Option<Paired> {
        let (own, base) = self.pair(point, column, strategy);
        let (good, confidence) = (COLUMNS[column].good, self.quest.confidence);
        let mut paired = paired(&own, &base, good, 0.0, confidence)?;
        let error = (1.0 - confidence) / together.max(1) as f64;
        paired.rule(good, error, error);
        Some(paired)
    }

    /// The difference at the scenario's own values, as one of all claims.
    pub fn own(self, column: usize, strategy: usize) -> Option<Paired> {
        let all = self.quest.columns.len() * self.quest.strategies.len().saturating_sub(1);
        self.paired(0, column, strategy, all)
    }

    /// Metric by metric, the strategies of which something is claimed.
    pub fn claims(self) -> Vec<(usize, usize)> {
        let pairs = self.quest.columns.iter();
        let pairs = pairs.flat_map(|&column| self.quest.others().map(move |strategy| (column, strategy)));
        let claimed = |&(column, strategy): &(usize, usize)| {
            let own = self.own(column, strategy);
            own.is_some_and(|own| matches!(own.verdict, Verdict::Better | Verdict::Worse))
        };
        pairs.filter(claimed).collect()
    }

    /// How the difference runs along a range: at the places that were looked at, and at the scenario's own value, if it lies in
    /// the range. Of the replications those that have all values.
    pub fn curve(self, key: usize, places: &BTreeSet<usize>, column: usize, strategy: usize) -> DifferenceCurve {
        let range = &self.quest.ranges[key];
        let mut points: Vec<(f64, usize)> = places
            .iter()
            .map(|&place| (part_of(place), self.quest.point(key, place)))
            .collect();
        let own = range.range.part(&range.own).filter(|part| (0.0..=1.0).contains(part));
        points.extend(own.map(|part| (part, 0)));
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        points.dedup_by(|a, b| a.0 == b.0);
        let samples: Vec<Vec<Option<f64>>> = points
            .iter()
            .map(|&(_, point)| {
                let (own, base) = self.pair(point, column, strategy);
                own.iter()
                    .zip(&base)
                    .map(|(own, base)| Some((*own)? - (*base)?))
                    .collect()
            })
            .collect();
        let n = samples.iter().map(Vec::len).min().unwrap_or(0);
        let whole: Vec<usize> = (0..n)
            .filter(|&at| samples.iter().all(|sample| sample[at].is_some()))
            .collect();
        let differences = samples
            .iter()
            .map(|sample| whole.iter().filter_map(|&at| sample[at]).collect());
        DifferenceCurve {
            places: points.iter().map(|(part, _)| *part).collect(),
            differences: differences.collect(),
        }
    }

    /// A place nearer to where the mean difference changes its sign: by interpolation, a tenth of the stretch away from its
    /// ends at least. None where it does not change, or is known well enough.
    pub fn nearer(self, key: usize, places: &BTreeSet<usize>, column: usize, strategy: usize) -> Option<usize> {
        let curve = self.curve(key, places, column, strategy);
        let (below, above) = curve.bracket()?;
        let (lo, hi) = (curve.places[below], curve.places[above]);
        let root = curve.root()?;
        if places.len() >= MOST_PLACES + 2 || (hi - lo) * PARTS as f64 <= NEAR as f64 {
            return None;
        }
        let inside = root.clamp(lo + (hi - lo) * 0.1, hi - (hi - lo) * 0.1);
        let place = (inside * PARTS as f64).round() as usize;
        (!places.contains(&place)).then_some(place)
    }
}
