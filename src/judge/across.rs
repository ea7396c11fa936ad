//! The points of a sweep's grid against each other: each value of a key against the one before it and against the first, all
//! other keys and the strategy the same. Points with one seed have the same luck in each replication, so that they are
//! paired; along a varied seed they are not, and nothing is said.

use super::sweep::SweepManifest;
use crate::cells::columns::Column;
use crate::cells::engine::CellEnd;
use crate::cells::points::design::DesignKind;
use crate::cells::table::{CellTable, column_of, matters};
use crate::stats::compare::{Good, Paired, paired, together};
use crate::stats::estimate::Sample;

/// More steps than this, over strategies and metrics, are not told: their words would have to share the allowed error.
const MOST: usize = 2_000;

/// The key whose points are not paired.
const SEED: &str = "scenario.seed";

/// A value of a key against another one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PointStep {
    /// The key, by its place among the axes.
    pub axis: usize,
    /// The point that is compared with.
    pub from: usize,
    /// The point that is compared.
    pub to: usize,
    /// Whether they are neighbours.
    pub neighbours: bool,
    /// The strategy.
    pub strategy: usize,
    /// The metric, by its place among those that are drawn.
    pub metric: usize,
    /// The difference of `to` from `from`, over the replications of both.
    pub paired: Paired,
}

/// What is kept of a point: the drawn metrics by strategy, and how large a difference has to be to matter.
#[derive(Debug)]
struct Kept {
    samples: Vec<Vec<Sample>>,
    matters: Vec<f64>,
}

/// Points as they are read, until all are there.
#[derive(Debug)]
pub struct AcrossPoints<'a> {
    manifest: &'a SweepManifest,
    places: Vec<usize>,
    pairs: Vec<(usize, usize, usize, bool)>,
    kept: Vec<Kept>,
}

/// Pairs of points that differ in one key: axis, from, to, whether they are neighbours.
fn pairs(manifest: &SweepManifest) -> Vec<(usize, usize, usize, bool)> {
    if manifest.design.kind != DesignKind::Grid {
        return Vec::new();
    }
    let axes = &manifest.design.axes;
    let counts: Vec<usize> = axes.iter().map(|axis| axis.all().map_or(0, |all| all.len())).collect();
    let points: usize = counts.iter().product();
    let mut found = Vec::new();
    for (axis, &count) in counts.iter().enumerate().filter(|(axis, _)| axes[*axis].key != SEED) {
        let stride: usize = counts[axis + 1..].iter().product();
        for first in (0..points).filter(|point| (point / stride).is_multiple_of(count)) {
            found.extend((1..count).map(|at| (axis, first + (at - 1) * stride, first + at * stride, true)));
            found.extend((2..count).map(|at| (axis, first, first + at * stride, false)));
        }
    }
    found
}

impl<'a> AcrossPoints<'a> {
    /// The pairs of a sweep's points; none where there are too many, or where points are not on a grid.
    #[must_use]
    pub fn new(manifest: &'a SweepManifest) -> AcrossPoints<'a> {
        let (places, mut pairs) = (manifest.places(), pairs(manifest));
        let rows = pairs.len() * places.len() * manifest.strategies.len();
        if rows > MOST || manifest.replications < 2 {
            pairs.clear();
        }
        AcrossPoints {
            manifest,
            places,
            pairs,
            kept: Vec::new(),
        }
    }

    /// Why points of a grid are not compared, where it is so.
    #[must_use]
    pub fn unsaid(manifest: &SweepManifest) -> Option<String> {
        if manifest.design.kind != DesignKind::Grid || manifest.replications < 2 {
            return None;
        }
        let rows = pairs(manifest).len() * manifest.places().len() * manifest.strategies.len();
        if rows > MOST {
            return Some(format!(
                "Points are not compared with each other: {rows} comparisons are more than {MOST}; vary fewer keys, or name fewer \
                 metrics."
            ));
        }
        let varies = manifest.design.axes.iter().any(|axis| axis.key == SEED);
        varies.then(|| {
            format!("Points along {SEED} have other luck: they are not paired, and not compared with each other.")
        })
    }

    /// Keeps what is compared of a whole point; points come in their order.
    pub fn keep(&mut self, table: &CellTable<CellEnd>, point: usize) {
        if self.pairs.is_empty() {
            return;
        }
        let manifest = self.manifest;
        let rows: Vec<_> = (0..manifest.strategies.len())
            .map(|variant| table.rows(point, variant))
            .collect();
        let baseline = manifest.strategies.iter().position(|label| *label == manifest.baseline);
        let all = matters(&manifest.matters, &manifest.columns(), &rows[baseline.unwrap_or(0)]);
        self.kept.push(Kept {
            samples: rows
                .iter()
                .map(|rows| self.places.iter().map(|&at| column_of(rows, at)).collect())
                .collect(),
            matters: self.places.iter().map(|&at| all[at]).collect(),
        });
    }

    /// All comparisons, their words together at the sweep's level (Holm 1979).
    #[must_use]
    pub fn steps(self) -> Vec<PointStep> {
        let (columns, confidence) = (self.manifest.columns(), self.manifest.confidence);
        let drawn: Vec<&Column> = self.places.iter().map(|&at| columns.at(at)).collect();
        let mut steps = Vec::new();
        for &(axis, from, to, neighbours) in &self.pairs {
            let (Some(base), Some(own)) = (self.kept.get(from), self.kept.get(to)) else {
                continue;
            };
            for strategy in 0..self.manifest.strategies.len() {
                for (metric, column) in drawn.iter().enumerate() {
                    let sample = |kept: &'_ Kept| kept.samples[strategy][metric].clone();
                    let found = paired(
                        &sample(own),
                        &sample(base),
                        column.good,
                        base.matters[metric],
                        confidence,
                    );
                    steps.extend(found.map(|paired| PointStep {
                        axis,
                        from,
                        to,
                        neighbours,
                        strategy,
                        metric,
                        paired,
                    }));
                }
            }
        }
        let family: Vec<(&mut Paired, Good)> = steps
            .iter_mut()
            .map(|step| (&mut step.paired, drawn[step.metric].good))
            .collect();
        together(family, confidence);
        steps
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cells::columns::Metric;
    use crate::judge::sweeps::manifest;
    use crate::stats::compare::Verdict;

    /// Steps of a sweep in which the acceptance of a point is `value`, with a noise of the replication that all points share
    /// and a small one of their own.
    fn steps(axes: &[&str], value: impl Fn(usize) -> f64) -> Vec<PointStep> {
        let manifest = SweepManifest {
            metrics: vec!["acceptance".to_owned()],
            strategies: vec!["withdraw".to_owned()],
            replications: 8,
            ..manifest(axes, DesignKind::Grid)
        };
        let mut across = AcrossPoints::new(&manifest);
        let mut table = CellTable::default();
        for cell in 0..manifest.points().len() * 8 {
            let job = manifest.job(cell);
            let (common, own) = ((job.replication * 7 % 5) as f64, ((cell * 13) % 11) as f64);
            let mut row = manifest.columns().empty_row();
            row[Metric::Acceptance.at()] = Some(value(job.point) + 0.05 * common + 0.000_1 * own);
            table.enter(job, CellEnd::Values(row));
            if job.replication == 7 {
                across.keep(&table, job.point);
            }
        }
        across.steps()
    }

    #[test]
    fn neighbours_and_the_first_are_compared_along_each_axis() {
        let along = |steps: &[PointStep]| -> Vec<(usize, usize, usize, bool)> {
            steps
                .iter()
                .map(|step| (step.axis, step.from, step.to, step.neighbours))
                .collect()
        };
        let found = steps(&["a.x=1..4", "a.y=0..1"], |point| 0.5 + 0.01 * (point / 2) as f64);
        // Points count along the last axis first: x is worth two points.
        let expected = [
            (0, 0, 2, true),
            (0, 2, 4, true),
            (0, 4, 6, true),
            (0, 0, 4, false),
            (0, 0, 6, false),
        ];
        assert_eq!(along(&found)[..5], expected);
        assert_eq!(found.iter().filter(|step| step.axis == 1).count(), 4);
        for step in &found {
            // A hundredth more a step of x, which is more than 0.2 points; y changes nothing.
            let due = if step.axis == 0 { Verdict::Better } else { Verdict::Same };
            assert_eq!(step.paired.verdict, due, "{step:?}");
        }
        let third = found[4].paired;
        assert!((third.diff - 0.03).abs() < 0.001 && third.n == 8, "{third:?}");
    }

    #[test]
    fn what_is_not_paired_is_not_compared_and_said() {
        assert!(steps(&["scenario.seed=1,2,3"], |_| 0.5).is_empty());
        let seeds = manifest(&["scenario.seed=1,2"], DesignKind::Grid);
        assert!(AcrossPoints::unsaid(&seeds).is_some_and(|said| said.contains("not paired")));
        assert_eq!(AcrossPoints::unsaid(&manifest(&["a.x=1,2"], DesignKind::Grid)), None);
        let many = manifest(&["a.x=1..40", "a.y=1..40"], DesignKind::Grid);
        assert!(AcrossPoints::unsaid(&many).is_some_and(|said| said.contains("more than 2000")));
        // One key at a time has its effects against the scenario as it is.
        assert!(
            AcrossPoints::new(&manifest(&["a.x=1,2"], DesignKind::OneAtATime))
                .pairs
                .is_empty()
        );
    }
}
