//! From a sweep's values to its summary, point by point and in order: estimates per strategy, paired differences
//! against the baseline at the same point and, where one key at a time is varied, against the same strategy at the
//! scenario's own values.

use super::design::Kind;
use super::manifest::Manifest;
use crate::experiment::cells::Course;
use crate::experiment::columns::COLUMNS;
use crate::experiment::compare::{Rows, against, differences, estimate_of};
use crate::experiment::results::{Estimate, Paired};

/// A point's summary.
#[derive(Clone, Debug)]
pub struct PointSummary {
    /// The point's place.
    pub point: usize,
    /// The varied keys' values.
    pub coordinates: Vec<String>,
    /// Per strategy, in their order.
    pub strategies: Vec<StrategySummary>,
}

/// A strategy at a point; each list in the order of `columns::COLUMNS`.
#[derive(Clone, Debug)]
pub struct StrategySummary {
    /// Means with intervals.
    pub estimates: Vec<Option<Estimate>>,
    /// Paired differences against the baseline at this point; none for the baseline.
    pub paired: Vec<Option<Paired>>,
    /// Paired differences against this strategy at the scenario's own values; empty unless one key at a time is varied.
    pub effects: Vec<Option<Paired>>,
    /// Cells that broke.
    pub broken: u32,
}

/// Takes courses in the order of the cells and gives a summary when a point is whole.
#[derive(Debug)]
pub struct Fold<'a> {
    manifest: &'a Manifest,
    points: Vec<Vec<String>>,
    baseline: Option<usize>,
    next: usize,
    rows: Vec<Rows>,
    broken: Vec<u32>,
    own: Option<Vec<Rows>>,
}

impl<'a> Fold<'a> {
    /// Nothing taken yet.
    #[must_use]
    pub fn new(manifest: &'a Manifest) -> Fold<'a> {
        let points = manifest.points();
        Fold {
            manifest,
            points: points.iter().map(|point| manifest.coordinates(point)).collect(),
            baseline: manifest.strategies.iter().position(|label| *label == manifest.baseline),
            next: 0,
            rows: vec![Vec::new(); manifest.strategies.len()],
            broken: vec![0; manifest.strategies.len()],
            own: None,
        }
    }

    /// Takes the next cell; the summary of its point, if it was the last of it.
    pub fn take(&mut self, course: Course) -> Option<PointSummary> {
        let job = self.manifest.job(self.next);
        self.next += 1;
        let row = match course {
            Course::Values(values) => values,
            Course::Broken(_) => {
                self.broken[job.variant] += 1;
                vec![None; COLUMNS.len()]
            }
        };
        self.rows[job.variant].push(row);
        self.next
            .is_multiple_of(self.manifest.cells_of_a_point())
            .then(|| self.close(job.point))
    }

    fn close(&mut self, point: usize) -> PointSummary {
        let strategies = self.rows.len();
        let rows = std::mem::replace(&mut self.rows, vec![Vec::new(); strategies]);
        let broken = std::mem::replace(&mut self.broken, vec![0; strategies]);
        let confidence = self.manifest.confidence;
        let mut paired = against(&rows, self.baseline, confidence).into_iter();
        let summary = |(at, own): (usize, &Rows)| {
            // Each effect is a question of its own: what does this key do to this strategy?
            let effects = match (self.manifest.design.kind, &self.own) {
                (Kind::OneAtATime, Some(base)) => differences(own, &base[at], confidence, 1),
                (Kind::OneAtATime, None) => vec![None; COLUMNS.len()],
                (Kind::Grid | Kind::Latin(_), _) => Vec::new(),
            };
            StrategySummary {
                estimates: (0..COLUMNS.len())
                    .map(|place| estimate_of(own, place, confidence))
                    .collect(),
                paired: paired.next().unwrap_or_default(),
                effects,
                broken: broken[at],
            }
        };
        let strategies = rows.iter().enumerate().map(summary).collect();
        // The first point of such a design is the scenario as it is.
        if self.manifest.design.kind == Kind::OneAtATime && self.own.is_none() {
            self.own = Some(rows);
        }
        PointSummary {
            point,
            coordinates: self.points.get(point).cloned().unwrap_or_default(),
            strategies,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Axis, Design};
    use super::*;
    use crate::experiment::column as place_of;
    use crate::experiment::testing::busy;
    use crate::experiment::{Options, Verdict, run, run_cell};

    fn manifest(kind: Kind) -> Manifest {
        let axes = vec![Axis::parse("scenario.seed=7,8").expect("an axis")];
        let design = Design::new(axes, kind).expect("a design");
        Manifest::new(&busy(), "[scenario]\nseed = 7\n", String::new(), design)
    }

    #[test]
    fn a_point_has_the_figures_of_a_run_of_its_scenario() {
        let scenario = busy();
        let manifest = manifest(Kind::Grid);
        let mut fold = Fold::new(&manifest);
        let mut last = None;
        for cell in 0..manifest.cells_of_a_point() {
            let job = manifest.job(cell);
            let outcome = run_cell(&scenario, job.variant, job.replication, &|| false);
            assert!(last.is_none(), "a summary before the point was whole");
            last = fold.take(Course::Values(outcome.values));
        }
        let point = last.expect("the point is whole");
        let results = run(&scenario, &Options::default(), &|_| (), &|| false).expect("a run");
        assert_eq!(point.coordinates, ["7"]);
        for (at, arm) in results.arms.iter().enumerate() {
            assert_eq!(point.strategies[at].estimates, arm.estimates, "{}", arm.label);
            assert_eq!(point.strategies[at].paired, arm.paired, "{}", arm.label);
        }
    }

    #[test]
    fn effects_are_against_the_scenarios_own_values_and_broken_cells_are_left_out() {
        let manifest = Manifest {
            strategies: vec!["a".to_owned()],
            baseline: "a".to_owned(),
            replications: 3,
            ..manifest(Kind::OneAtATime)
        };
        let place = place_of("acceptance").expect("a metric");
        let course = |value: f64| {
            let mut values = vec![None; COLUMNS.len()];
            values[place] = Some(value);
            Course::Values(values)
        };
        let mut fold = Fold::new(&manifest);
        let given = [0.5, 0.6, 0.7, 0.61, 0.7, 0.79];
        let points: Vec<PointSummary> = given.into_iter().filter_map(|value| fold.take(course(value))).collect();
        let own = points[0].strategies[0].effects[place];
        assert_eq!(own, None);
        let effect = points[1].strategies[0].effects[place].expect("an effect");
        assert_eq!((effect.diff, effect.n, effect.verdict), (0.1, 3, Verdict::Better));
        fold.take(course(0.9));
        fold.take(Course::Broken("boom".to_owned()));
        let last = fold.take(course(0.9)).expect("whole");
        let strategy = &last.strategies[0];
        assert_eq!((strategy.broken, strategy.estimates[place].map(|e| e.n)), (1, Some(2)));
    }
}
