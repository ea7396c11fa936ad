//! The table of cells: `value[point, strategy, replication, metric]`. A run has one point, a sweep many, a plan those
//! that it asks for as it goes, a pilot the cells that it plays before a run. What is said of a table (estimates,
//! differences) is computed here, from the values alone.

use std::collections::BTreeMap;

use super::columns::{COLUMNS, Metric};
use super::job::Job;
use crate::stats::compare::{Pair, Paired, paired};
use crate::stats::estimate::{Estimate, Sample, estimate, wilson};

/// The values of a cell, in the order of `columns::COLUMNS`; none where a metric has no value.
pub type CellRow = Vec<Option<f64>>;

/// Cells by point, strategy and replication, in this order.
#[derive(Clone, Debug, PartialEq)]
pub struct CellTable<C> {
    cells: BTreeMap<Job, C>,
}

/// A cell that may have values.
pub trait Valued {
    /// Its values in the order of `columns::COLUMNS`; none at all if it broke.
    fn values(&self) -> &[Option<f64>];
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
    pub fn enter(&mut self, job: Job, cell: C) {
        self.cells.insert(job, cell);
    }

    /// A cell that is being filled; `fresh` makes one that is not there.
    pub fn entry(&mut self, job: Job, fresh: impl FnOnce() -> C) -> &mut C {
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
    pub fn cell(&self, job: Job) -> Option<&C> {
        self.cells.get(&job)
    }

    /// A strategy's cells at a point, by replication.
    pub fn of(&self, point: usize, variant: usize) -> impl Iterator<Item = &C> {
        let job = |replication| Job {
            point,
            variant,
            replication,
        };
        self.cells.range(job(0)..=job(u32::MAX)).map(|(_, cell)| cell)
    }

    /// The cells, in their order.
    pub fn into_cells(self) -> impl Iterator<Item = (Job, C)> {
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
            let of = |&variant: &usize| self.cells.contains_key(&Job::of_one(variant, replication));
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
    pub fn value(&self, job: Job, at: usize) -> Option<f64> {
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

/// The estimate of a column: the mean over replications with its t-interval, which does not leave what the metric can
/// be (every metric is at least 0, a share at most 1). Shares that are all 0 or all 1 have no spread to make an
/// interval of; where the requests behind them are known, it is Wilson's of all of them.
#[must_use]
pub fn estimate_of(rows: &[impl AsRef<[Option<f64>]>], at: usize, confidence: f64) -> Option<Estimate> {
    let known: Vec<f64> = column_of(rows, at).into_iter().flatten().collect();
    let whole = estimate(&known, confidence)?;
    if whole.n > 1 && whole.lo == whole.hi && (whole.mean == 0.0 || whole.mean == 1.0) {
        let asked = decided(rows, at);
        if asked > 0 {
            let (lo, hi) = wilson(if whole.mean == 1.0 { asked } else { 0 }, asked, confidence);
            return Some(Estimate { lo, hi, ..whole });
        }
    }
    let most = if COLUMNS[at].unit == "share" {
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
fn decided(rows: &[impl AsRef<[Option<f64>]>], at: usize) -> u64 {
    if COLUMNS[at].metric != Metric::Acceptance {
        return 0;
    }
    let sum = |metric: Metric| -> f64 { column_of(rows, metric.at()).into_iter().flatten().sum() };
    (sum(Metric::Accepted) + sum(Metric::Refused)) as u64
}

/// Every strategy's differences against the one at the place `baseline`, by column; all none for itself, and for all
/// where there is no baseline.
#[must_use]
pub fn against<R: AsRef<[Option<f64>]>>(
    strategies: &[Vec<R>],
    baseline: Option<usize>,
    confidence: f64,
) -> Vec<Vec<Option<Paired>>> {
    let base = baseline.and_then(|at| strategies.get(at));
    let comparisons = strategies.len().saturating_sub(1);
    let differences = |(at, own): (usize, &Vec<R>)| match base {
        Some(base) if Some(at) != baseline => differences(own, base, confidence, comparisons),
        _ => vec![None; COLUMNS.len()],
    };
    strategies.iter().enumerate().map(differences).collect()
}

/// Every pair of strategies, all pairs of a metric at once.
#[must_use]
pub fn all_pairs<R: AsRef<[Option<f64>]>>(strategies: &[Vec<R>], confidence: f64) -> Vec<Pair> {
    let k = strategies.len();
    let pairs = (0..k).flat_map(|one| (one + 1..k).map(move |other| (one, other)));
    let comparisons = k * k.saturating_sub(1) / 2;
    pairs
        .map(|(one, other)| Pair {
            one,
            other,
            differences: differences(&strategies[one], &strategies[other], confidence, comparisons),
        })
        .collect()
}

/// All columns' differences of one strategy against another, each as one of `comparisons`.
#[must_use]
pub fn differences<R: AsRef<[Option<f64>]>, S: AsRef<[Option<f64>]>>(
    own: &[R],
    base: &[S],
    confidence: f64,
    comparisons: usize,
) -> Vec<Option<Paired>> {
    let columns = COLUMNS.iter().enumerate();
    columns
        .map(|(at, column)| {
            let (own, base) = (column_of(own, at), column_of(base, at));
            paired(&own, &base, column.good, confidence, comparisons)
        })
        .collect()
}

#[cfg(test)]
mod tests;
