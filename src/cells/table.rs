//! The table of cells: `value[point, strategy, replication, metric]`. A run has one point, a sweep many, a plan those
//! that it asks for as it goes, a pilot the cells that it plays before a run. What is said of a table (estimates,
//! differences) is computed here, from the values alone.

use std::collections::BTreeMap;

use super::columns::{Column, Metric};
use super::job::CellJob;
use super::selector::Columns;
use crate::scenario::Matters;
use crate::stats::compare::{Good, Pair, Paired, paired, together};
use crate::stats::estimate::{Estimate, Sample, estimate, mean, tidy, wilson};

/// The values of a cell, in the order of `selector::Columns`; none where a metric has no value.
pub type CellRow = Vec<Option<f64>>;

/// Cells by point, strategy and replication, in this order.
#[derive(Clone, Debug, PartialEq)]
pub struct CellTable<C> {
    cells: BTreeMap<CellJob, C>,
}

/// A cell that may have values.
pub trait Valued {
    /// Its values in the order of `selector::Columns`; none at all if it broke.
    fn values(&self) -> &[Option<f64>];

    /// The events that it took to simulate; 0 where that is not known.
    fn events(&self) -> u64 {
        0
    }
}

impl Valued for CellRow {
    fn values(&self) -> &[Option<f64>] {
        self
    }
}

impl<C> Default for CellTable<C> {
    fn default() -> CellTable<C> {
        CellTable { cells: BTreeMap::new() }
    }
}

impl<C> CellTable<C> {
    /// Enters what became of a cell.
    pub fn enter(&mut self, job: CellJob, cell: C) {
        self.cells.insert(job, cell);
    }

    /// A cell that is being filled; `fresh` makes one that is not there.
    pub fn entry(&mut self, job: CellJob, fresh: impl FnOnce() -> C) -> &mut C {
        self.cells.entry(job).or_insert_with(fresh)
    }

    /// How many cells there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// A cell; none if it has not been run.
    #[must_use]
    pub fn cell(&self, job: CellJob) -> Option<&C> {
        self.cells.get(&job)
    }

    /// A strategy's cells at a point, by replication.
    pub fn of(&self, point: usize, variant: usize) -> impl Iterator<Item = &C> {
        let job = |replication| CellJob {
            point,
            variant,
            replication,
        };
        self.cells.range(job(0)..=job(u32::MAX)).map(|(_, cell)| cell)
    }

    /// The cells, in their order.
    pub fn into_cells(self) -> impl Iterator<Item = (CellJob, C)> {
        self.cells.into_iter()
    }

    /// Adds the cells of another table.
    pub fn extend(&mut self, other: CellTable<C>) {
        self.cells.extend(other.cells);
    }

    /// How many first replications all of these strategies have, where there is one point.
    #[must_use]
    pub fn whole(&self, variants: &[usize]) -> u32 {
        let has = |replication: u32| {
            let of = |&variant: &usize| self.cells.contains_key(&CellJob::of_one(variant, replication));
            variants.iter().all(of)
        };
        // Without strategies every replication is whole.
        let all = if variants.is_empty() { 0 } else { u32::MAX };
        (0..all).find(|&replication| !has(replication)).unwrap_or(all)
    }

    /// Forgets the cells of a point.
    pub fn forget(&mut self, point: usize) {
        self.cells.retain(|job, _| job.point != point);
    }

    /// Forgets all replications from this one on.
    pub fn cut(&mut self, replications: u32) {
        self.cells.retain(|job, _| job.replication < replications);
    }
}

impl<C: Valued> CellTable<C> {
    /// A value; none where the cell has not been run, broke, or has none.
    #[must_use]
    pub fn value(&self, job: CellJob, at: usize) -> Option<f64> {
        self.cell(job)?.values().get(at).copied().flatten()
    }

    /// A strategy's values at a point, by replication.
    #[must_use]
    pub fn rows(&self, point: usize, variant: usize) -> Vec<&[Option<f64>]> {
        self.of(point, variant).map(C::values).collect()
    }

    /// The values of one column of these strategies, where there is one point.
    #[must_use]
    pub fn samples(&self, variants: &[usize], at: usize) -> Vec<Sample> {
        let sample = |&variant: &usize| column_of(&self.rows(0, variant), at);
        variants.iter().map(sample).collect()
    }
}

/// One column's values, by replication.
#[must_use]
pub fn column_of(rows: &[impl AsRef<[Option<f64>]>], at: usize) -> Sample {
    rows.iter().map(|row| row.as_ref().get(at).copied().flatten()).collect()
}

/// The quantiles of how long errands wait.
pub const ERRAND_WAITS: [Metric; 2] = [Metric::ErrandWaitP50, Metric::ErrandWaitP95];

/// Whether a replication has no quantile of errands' waits at this place because too many errands were given up.
#[must_use]
pub fn endless_wait(row: &[Option<f64>], at: usize) -> bool {
    let value = |at: usize| row.get(at).copied().flatten();
    value(at).is_none() && value(Metric::ErrandsFailed.at()).is_some_and(|failed| failed > 0.0)
}

/// The estimate of a column: the mean over replications with its t-interval, which does not leave what the metric can
/// be (every metric is at least 0, a share at most 1). Shares that are all 0 or all 1 have no spread to make an
/// interval of; where the requests behind them are known, it is Wilson's of all of them.
#[must_use]
pub fn estimate_of(
    rows: &[impl AsRef<[Option<f64>]>],
    columns: &Columns,
    at: usize,
    confidence: f64,
) -> Option<Estimate> {
    let known: Vec<f64> = column_of(rows, at).into_iter().flatten().collect();
    let whole = estimate(&known, confidence)?;
    if whole.n > 1 && whole.lo == whole.hi && (whole.mean == 0.0 || whole.mean == 1.0) {
        let asked = decided(rows, columns, at);
        if asked > 0 {
            let (lo, hi) = wilson(if whole.mean == 1.0 { asked } else { 0 }, asked, confidence);
            return Some(Estimate { lo, hi, ..whole });
        }
    }
    let most = if columns[at].unit == "share" {
        1.0
    } else {
        f64::INFINITY
    };
    Some(Estimate {
        lo: whole.lo.max(0.0),
        hi: whole.hi.min(most),
        ..whole
    })
}

/// How many requests in all stand behind a column that is a share of requests; 0 where that is not known.
fn decided(rows: &[impl AsRef<[Option<f64>]>], columns: &Columns, at: usize) -> u64 {
    if !matches!(columns[at].metric, Metric::Acceptance | Metric::ServedWell) {
        return 0;
    }
    let sum = |metric: Metric| -> f64 {
        let values = columns.beside(at, metric).map(|at| column_of(rows, at));
        values.into_iter().flatten().flatten().sum()
    };
    (sum(Metric::Accepted) + sum(Metric::Refused)) as u64
}

/// How differences are ruled on.
#[derive(Clone, Debug)]
pub struct Yardstick {
    /// The columns of the table.
    pub columns: Columns,
    /// The level of the intervals, and the probability that no word told is false.
    pub confidence: f64,
    /// How large a difference has to be to matter, by column, in its unit.
    pub matters: Vec<f64>,
    /// The columns that are told beside each other and share the allowed error; the others get no word.
    pub told: Vec<usize>,
}

impl Yardstick {
    /// The differences of one strategy from another by column, not yet ruled on.
    fn measure<R: AsRef<[Option<f64>]>, S: AsRef<[Option<f64>]>>(&self, own: &[R], base: &[S]) -> Vec<Option<Paired>> {
        let difference = |at: usize| {
            let (own, base) = (column_of(own, at), column_of(base, at));
            paired(&own, &base, Good::Neither, self.matters[at], self.confidence)
        };
        (0..self.columns.len()).map(difference).collect()
    }

    /// Rules on all that is told of these differences together.
    fn rule<'a>(&self, all: impl Iterator<Item = &'a mut Vec<Option<Paired>>>) {
        let of = |own: &'a mut Vec<Option<Paired>>| {
            let columns = own.iter_mut().enumerate();
            columns.filter_map(|(at, paired)| {
                Some((
                    paired.as_mut()?,
                    self.told.contains(&at).then_some(self.columns[at].good)?,
                ))
            })
        };
        together(all.flat_map(of).collect(), self.confidence);
    }
}

/// Every strategy's differences against the one at the place `baseline`, by column; all none for itself, and for all
/// where there is no baseline.
#[must_use]
pub fn against<R: AsRef<[Option<f64>]>>(
    strategies: &[Vec<R>],
    baseline: Option<usize>,
    yardstick: &Yardstick,
) -> Vec<Vec<Option<Paired>>> {
    let base = baseline.and_then(|at| strategies.get(at));
    let difference = |(at, own): (usize, &Vec<R>)| match base {
        Some(base) if Some(at) != baseline => yardstick.measure(own, base),
        _ => vec![None; yardstick.columns.len()],
    };
    let mut all: Vec<_> = strategies.iter().enumerate().map(difference).collect();
    yardstick.rule(all.iter_mut());
    all
}

/// Every pair of strategies, all pairs of all that is told at once.
#[must_use]
pub fn all_pairs<R: AsRef<[Option<f64>]>>(strategies: &[Vec<R>], yardstick: &Yardstick) -> Vec<Pair> {
    let k = strategies.len();
    let pairs = (0..k).flat_map(|one| (one + 1..k).map(move |other| (one, other)));
    let pair = |(one, other): (usize, usize)| Pair {
        one,
        other,
        differences: yardstick.measure(&strategies[one], &strategies[other]),
    };
    let mut all: Vec<Pair> = pairs.map(pair).collect();
    yardstick.rule(all.iter_mut().map(|pair| &mut pair.differences));
    all
}

/// All columns' differences of one strategy against another, what is told of them together.
#[must_use]
pub fn differences<R: AsRef<[Option<f64>]>, S: AsRef<[Option<f64>]>>(
    own: &[R],
    base: &[S],
    yardstick: &Yardstick,
) -> Vec<Option<Paired>> {
    let mut differences = yardstick.measure(own, base);
    yardstick.rule(std::iter::once(&mut differences));
    differences
}

/// How large a difference of each column has to be to matter, in its unit: counts by the people's requests that the
/// baseline decided, those of errands by its errands, node-hours by what is installed, costs by the baseline's. A request that is
/// refused is one that is not accepted, and matters as much. 0 where a unit is none of these.
#[must_use]
pub fn matters(said: &Matters, columns: &Columns, baseline: &[impl AsRef<[Option<f64>]>]) -> Vec<f64> {
    let average = |metric: Metric| {
        let known: Vec<f64> = column_of(baseline, metric.at()).into_iter().flatten().collect();
        mean(&known)
    };
    let (decided, hours, nodes) = (
        average(Metric::Requests),
        average(Metric::InstalledNodeHours),
        average(Metric::Installed),
    );
    let (cost, errands) = (average(Metric::Cost), average(Metric::Errands));
    let seconds = said.waits.0 as f64 / 1_000.0;
    let of = |column: &Column| match (column.metric, column.unit) {
        (Metric::Breaches | Metric::Misplacements, _) => said.misplaced * decided,
        (Metric::Cost, _) => said.costs.map_or(0.0, |width| width.at(cost)),
        (_, "share") => said.shares,
        (metric, "count") if metric.is_refusal() => said.shares * decided,
        (metric, "count") if metric.is_of_errands() => said.counts * errands,
        (_, "count") => said.counts * decided,
        (_, "s") => seconds,
        (_, "h") => seconds / 3_600.0,
        (_, "node-h") => said.node_hours * hours,
        (_, "nodes") => said.node_hours * nodes,
        _ => 0.0,
    };
    columns.iter().map(|column| tidy(of(column))).collect()
}

#[cfg(test)]
mod tests;
