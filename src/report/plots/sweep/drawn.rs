//! What is drawn of a sweep: its points, a metric of them, a varied key as an axis.

use crate::cells::columns::Column;
use crate::cells::points::range;
use crate::judge::point::{Point, PointFigure};
use crate::judge::sweep::SweepManifest;
use crate::report::number::{decimals, rounded};
use crate::report::plots::axis::{Scale, padded, ticks};
use crate::report::plots::page::{counted, words};
use crate::report::plots::told::sentence;
use crate::report::{factor, shown_unit};
use crate::stats::estimate::Estimate;

/// A sweep as far as it is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Drawn<'a> {
    /// What it is.
    pub manifest: &'a SweepManifest,
    /// The digest of what was computed.
    pub digest: &'a str,
    /// Its points in order, with the columns that are drawn.
    pub points: &'a [Point],
}

/// A metric that is drawn, by its place among the drawn ones.
#[derive(Clone, Copy)]
pub(super) struct DrawnMetric {
    pub(super) at: usize,
    pub(super) column: &'static Column,
}

impl DrawnMetric {
    /// The metric in words with its unit.
    pub(super) fn title(self) -> String {
        format!("{} ({})", words(self.column.name), self.unit())
    }

    pub(super) fn unit(self) -> &'static str {
        shown_unit(self.column)
    }

    /// What figures are multiplied with to be in the unit.
    pub(super) fn factor(self) -> f64 {
        factor(self.column)
    }
}

/// What made the figure, in one line.
pub(super) fn footer(drawn: &Drawn<'_>) -> String {
    let digest: String = drawn.digest.chars().take(16).collect();
    let manifest = drawn.manifest;
    format!(
        "sweep of scenario {} · digest {digest} · seed {} · {} in {} · sickbay {}",
        manifest.scenario,
        manifest.seed,
        counted(drawn.points.len() as u32, "point"),
        counted(manifest.replications, "replication"),
        manifest.version
    )
}

/// The course of each strategy's means in words.
pub(super) fn told(drawn: &Drawn<'_>, metric: DrawnMetric) -> String {
    let one = |(at, label): (usize, &String)| {
        let means: Vec<f64> = estimates(drawn, at, metric).iter().flatten().map(|e| e.mean).collect();
        let digits = decimals(&means, &[]);
        let ends = means
            .iter()
            .copied()
            .reduce(f64::min)
            .zip(means.iter().copied().reduce(f64::max));
        let (lo, hi) = ends?;
        Some(format!("{label}: {} to {}", rounded(lo, digits), rounded(hi, digits)))
    };
    let all = drawn.manifest.strategies.iter().enumerate().filter_map(one);
    format!(
        "{} over {}: {}",
        metric.title(),
        counted(drawn.points.len() as u32, "point"),
        sentence(all, "no value")
    )
}

/// The value of a strategy at a point.
pub(super) fn value(point: &Point, strategy: usize, metric: DrawnMetric) -> Option<PointFigure> {
    point.values.get(strategy)?.get(metric.at).copied()
}

/// Estimates of a strategy in the metric's unit, by point.
pub(super) fn estimates(drawn: &Drawn<'_>, strategy: usize, metric: DrawnMetric) -> Vec<Option<Estimate>> {
    let scaled = |e: Estimate| e.times(metric.factor());
    let one = |point: &Point| value(point, strategy, metric)?.estimate.map(scaled);
    drawn.points.iter().map(one).collect()
}

/// From the least to the greatest of some ends of intervals, with room; none without any.
pub(super) fn extent(ends: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    let (lo, hi) = ends.fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), x| (lo.min(x), hi.max(x)));
    (lo <= hi).then(|| padded(lo, hi, 0.06))
}

/// A varied key as an axis: numbers of one unit and times at their places, any other values side by side.
pub(crate) struct KeyAxis {
    pub(crate) values: Vec<String>,
    pub(crate) places: Vec<f64>,
    /// The unit of numbers that share one.
    pub(crate) unit: Option<String>,
}

impl KeyAxis {
    pub(crate) fn new(drawn: &Drawn<'_>, axis: usize) -> KeyAxis {
        let mut values: Vec<String> = Vec::new();
        for point in drawn.points {
            if let Some(value) = point.coordinates.get(axis).filter(|value| !values.contains(value)) {
                values.push(value.clone());
            }
        }
        let numbers: Option<Vec<(f64, &str)>> = values.iter().map(|value| range::number(value)).collect();
        let numbers = numbers.filter(|numbers| numbers.iter().all(|(_, unit)| *unit == numbers[0].1));
        let times: Option<Vec<f64>> = values.iter().map(|value| range::time(value)).collect();
        let unit = numbers.as_ref().and_then(|numbers| Some(numbers.first()?.1.to_owned()));
        let numbers = numbers.map(|numbers| numbers.into_iter().map(|(number, _)| number).collect());
        let places = numbers
            .or(times)
            .unwrap_or_else(|| (0..values.len()).map(|at| at as f64).collect());
        KeyAxis { values, places, unit }
    }

    /// Where a value stands.
    pub(crate) fn place(&self, value: &str) -> f64 {
        let at = self.values.iter().position(|known| known == value);
        at.and_then(|at| self.places.get(at)).copied().unwrap_or(0.0)
    }

    pub(crate) fn scale(&self, from: f64, to: f64) -> Scale {
        let (lo, hi) = extent(self.places.iter().copied()).unwrap_or((0.0, 1.0));
        Scale { lo, hi, from, to }
    }

    /// Marks at the values where they are few, at round numbers where they are many.
    pub(crate) fn marks(&self) -> Vec<(f64, String)> {
        let unit = self.unit.as_deref().unwrap_or_default();
        if self.unit.is_none() || self.values.len() <= 10 {
            let pairs = self.places.iter().copied().zip(self.values.iter().cloned());
            let mut marks: Vec<(f64, String)> = pairs.collect();
            marks.sort_by(|a, b| a.0.total_cmp(&b.0));
            return marks;
        }
        let Scale { lo, hi, .. } = self.scale(0.0, 1.0);
        let marks = ticks(lo, hi, 8).into_iter();
        marks.map(|(at, text)| (at, format!("{text}{unit}"))).collect()
    }
}
