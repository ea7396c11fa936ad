//! What a sweep's table says of a point: estimates per strategy, paired differences against the baseline at the same
//! point and, where one key at a time is varied, against the same strategy at the scenario's own values.

use super::sweep::SweepManifest;
use crate::cells::engine::CellEnd;
use crate::cells::points::design::DesignKind;
use crate::cells::table::{CellTable, Yardstick, against, differences, estimate_of, matters};
use crate::stats::compare::Paired;
use crate::stats::estimate::Estimate;

/// A point with its figures.
#[derive(Clone, Debug)]
pub struct Point {
    /// The varied keys' values.
    pub coordinates: Vec<String>,
    /// By strategy and column.
    pub values: Vec<Vec<PointFigure>>,
}

/// What is known of a metric under a strategy at a point.
#[derive(Clone, Copy, Debug, Default)]
pub struct PointFigure {
    /// The mean with its interval.
    pub estimate: Option<Estimate>,
    /// The paired difference against the baseline at this point; none for the baseline.
    pub paired: Option<Paired>,
    /// The paired difference against this strategy at the scenario's own values; none unless one key at a time is varied.
    pub effect: Option<Paired>,
}

impl Point {
    /// What a table says of a whole point. Where one key at a time is varied the first point, which is the scenario as it
    /// is, must be in the table as well.
    #[must_use]
    pub fn of(manifest: &SweepManifest, table: &CellTable<CellEnd>, point: usize, coordinates: Vec<String>) -> Point {
        let (strategies, confidence) = (manifest.strategies.len(), manifest.confidence);
        let rows: Vec<_> = (0..strategies).map(|variant| table.rows(point, variant)).collect();
        let baseline = manifest.strategies.iter().position(|label| *label == manifest.baseline);
        let columns = manifest.columns();
        let yardstick = Yardstick {
            confidence,
            matters: baseline.map_or_else(
                || vec![0.0; columns.len()],
                |at| matters(&manifest.matters, &columns, &rows[at]),
            ),
            told: manifest.places(),
            columns,
        };
        let paired = against(&rows, baseline, &yardstick);
        // Each effect is a question of its own: what does this key do to this strategy?
        let effects = |variant: usize| match manifest.design.kind {
            DesignKind::OneAtATime if point > 0 => differences(&rows[variant], &table.rows(0, variant), &yardstick),
            _ => vec![None; yardstick.columns.len()],
        };
        let strategy = |variant: usize| {
            let both = paired[variant].iter().zip(effects(variant)).enumerate();
            both.map(|(at, (paired, effect))| PointFigure {
                estimate: estimate_of(&rows[variant], &yardstick.columns, at, confidence),
                paired: *paired,
                effect,
            })
            .collect()
        };
        Point {
            coordinates,
            values: (0..strategies).map(strategy).collect(),
        }
    }

    /// The same with these columns alone, in this order.
    #[must_use]
    pub fn only(self, columns: &[usize]) -> Point {
        let values = self.values.iter();
        Point {
            values: values
                .map(|own| {
                    columns
                        .iter()
                        .map(|&at| own.get(at).copied().unwrap_or_default())
                        .collect()
                })
                .collect(),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cells::cell::run_cell;
    use crate::cells::columns::Metric;
    use crate::cells::points::axis::Axis;
    use crate::cells::points::design::Design;
    use crate::cells::testing::busy;
    use crate::judge::stopping::Stopping;
    use crate::judge::summary::summarise;
    use crate::stats::compare::Verdict;

    fn manifest(kind: DesignKind) -> SweepManifest {
        let axes = vec![Axis::parse("scenario.seed=7,8").expect("an axis")];
        let design = Design::new(axes, kind).expect("a design");
        SweepManifest::new(&busy(), "[scenario]\nseed = 7\n", String::new(), design)
    }

    #[test]
    fn a_point_has_the_figures_of_a_run_of_its_scenario() {
        let mut scenario = busy();
        let manifest = manifest(DesignKind::Grid);
        // The same metrics are told, and share the allowed error.
        scenario.reporting.metrics.clone_from(&manifest.metrics);
        let (mut table, mut outcomes) = (CellTable::default(), CellTable::default());
        for job in (0..manifest.cells_of_a_point()).map(|cell| manifest.job(cell)) {
            let outcome = run_cell(&scenario, job.variant, job.replication, &|| false);
            table.enter(job, CellEnd::Values(outcome.values.clone()));
            outcomes.enter(job, outcome);
        }
        let point = Point::of(&manifest, &table, 0, vec!["7".to_owned()]);
        let variants: Vec<usize> = (0..scenario.variants.len()).collect();
        let stopping = Stopping::new(&scenario, &variants).expect("no goals");
        let results = summarise(&scenario, &variants, outcomes, scenario.replications, &stopping);
        for (own, arm) in point.values.iter().zip(&results.arms) {
            assert!(
                own.iter()
                    .map(|figure| figure.estimate)
                    .eq(arm.estimates.iter().take(own.len()).copied())
            );
            assert!(
                own.iter()
                    .map(|figure| figure.paired)
                    .eq(arm.paired.iter().take(own.len()).copied())
            );
        }
    }

    #[test]
    fn effects_are_against_the_scenarios_own_values_and_broken_cells_are_left_out() {
        let manifest = SweepManifest {
            strategies: vec!["a".to_owned()],
            baseline: "a".to_owned(),
            replications: 3,
            ..manifest(DesignKind::OneAtATime)
        };
        let place = Metric::Acceptance.at();
        let course = |value: f64| {
            let mut values = manifest.columns().empty_row();
            values[place] = Some(value);
            CellEnd::Values(values)
        };
        let mut table = CellTable::default();
        let given = [0.5, 0.6, 0.7, 0.61, 0.7, 0.79, 0.9].map(course);
        let cells = given
            .into_iter()
            .chain([CellEnd::Broken("boom".to_owned()), course(0.9)]);
        for (cell, course) in cells.enumerate() {
            table.enter(manifest.job(cell), course);
        }
        let figure = |point| Point::of(&manifest, &table, point, Vec::new()).only(&[place]).values[0][0];
        assert_eq!(figure(0).effect, None);
        let effect = figure(1).effect.expect("an effect");
        assert_eq!((effect.diff, effect.n, effect.verdict), (0.1, 3, Verdict::Better));
        assert_eq!(figure(2).estimate.map(|e| e.n), Some(2));
    }
}
