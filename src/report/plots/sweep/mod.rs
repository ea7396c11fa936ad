//! The figures of a sweep, one for each metric that is drawn: lines over one key, heat maps over two, tornadoes where
//! one key at a time is varied, and clouds of points over any other design.

mod cloud;
mod heat;
mod lines;
mod tornado;

use super::axis::{Scale, padded, ticks};
use super::canvas::Sheet;
use super::{PlotFile, counted};
use crate::experiment::sweep::{Kind, Manifest, range};
use crate::experiment::{Column, Estimate, Paired};
use crate::report::{ReportError, column, is_share};

/// A sweep as far as it is drawn.
#[derive(Debug)]
pub struct Drawn<'a> {
    /// What it is.
    pub manifest: &'a Manifest,
    /// The digest of what was computed.
    pub digest: &'a str,
    /// Its points in order.
    pub points: &'a [DrawnPoint],
}

/// A point as far as it is drawn.
#[derive(Clone, Debug)]
pub struct DrawnPoint {
    /// The varied keys' values.
    pub coordinates: Vec<String>,
    /// By strategy and drawn metric.
    pub values: Vec<Vec<DrawnValue>>,
}

/// A metric of a strategy at a point.
#[derive(Clone, Copy, Debug)]
pub struct DrawnValue {
    /// Its mean with an interval.
    pub estimate: Option<Estimate>,
    /// Its difference against the baseline at the same point.
    pub paired: Option<Paired>,
    /// Its difference against the same strategy at the scenario's own values.
    pub effect: Option<Paired>,
}

/// A metric that is drawn, by its place among the drawn ones.
#[derive(Clone, Copy)]
struct Metric {
    at: usize,
    column: &'static Column,
}

impl Metric {
    /// The metric in words with its unit.
    fn title(self) -> String {
        format!("{} ({})", super::words(self.column.name), self.unit())
    }

    fn unit(self) -> &'static str {
        if is_share(self.column) { "%" } else { self.column.unit }
    }

    /// What figures are multiplied with to be in the unit.
    fn factor(self) -> f64 {
        if is_share(self.column) { 100.0 } else { 1.0 }
    }
}

/// Draws every figure of a sweep, as SVG and as PNG.
///
/// # Errors
/// When plotters or the PNG encoder fails.
pub fn render(drawn: &Drawn<'_>, mark: &str) -> Result<Vec<PlotFile>, ReportError> {
    let mut files = Vec::new();
    for (name, sheet) in sheets(drawn) {
        let title = format!("{}: {name}", drawn.manifest.scenario);
        files.push((format!("{name}.svg"), sheet.svg(&title, mark)?));
        files.push((format!("{name}.png"), sheet.png(&title, &drawn.manifest.version, mark)?));
    }
    Ok(files)
}

/// The figures by name.
fn sheets(drawn: &Drawn<'_>) -> Vec<(String, Sheet)> {
    let design = &drawn.manifest.design;
    let (kind, draw): (&str, fn(&Drawn<'_>, Metric) -> Sheet) = match (design.kind, design.axes.len()) {
        (Kind::OneAtATime, _) => ("tornado", tornado::draw),
        (_, 1) => ("lines", lines::draw),
        (Kind::Grid, 2) => ("heat", heat::draw),
        _ => ("cloud", cloud::draw),
    };
    let metrics = drawn.manifest.metrics.iter().filter_map(|name| column(name));
    metrics
        .enumerate()
        .map(|(at, (_, column))| {
            let sheet = draw(drawn, Metric { at, column });
            (format!("{kind}-{}", column.name), sheet)
        })
        .collect()
}

/// What made the figure, in one line.
fn footer(drawn: &Drawn<'_>) -> String {
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

/// The value of a strategy at a point.
fn value(point: &DrawnPoint, strategy: usize, metric: Metric) -> Option<DrawnValue> {
    point.values.get(strategy)?.get(metric.at).copied()
}

/// Estimates of a strategy in the metric's unit, by point.
fn estimates(drawn: &Drawn<'_>, strategy: usize, metric: Metric) -> Vec<Option<Estimate>> {
    let factor = metric.factor();
    let scaled = |e: Estimate| Estimate {
        mean: e.mean * factor,
        lo: e.lo * factor,
        hi: e.hi * factor,
        n: e.n,
    };
    let one = |point: &DrawnPoint| value(point, strategy, metric)?.estimate.map(scaled);
    drawn.points.iter().map(one).collect()
}

/// From the least to the greatest of some ends of intervals, with room; none without any.
fn extent(ends: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    let (lo, hi) = ends.fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), x| (lo.min(x), hi.max(x)));
    (lo <= hi).then(|| padded(lo, hi, 0.06))
}

/// A varied key as an axis: numbers of one unit and times at their places, any other values side by side.
struct KeyAxis {
    values: Vec<String>,
    places: Vec<f64>,
    /// The unit of numbers that share one.
    unit: Option<String>,
}

impl KeyAxis {
    fn new(drawn: &Drawn<'_>, axis: usize) -> KeyAxis {
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
    fn place(&self, value: &str) -> f64 {
        let at = self.values.iter().position(|known| known == value);
        at.and_then(|at| self.places.get(at)).copied().unwrap_or(0.0)
    }

    fn scale(&self, from: f64, to: f64) -> Scale {
        let (lo, hi) = extent(self.places.iter().copied()).unwrap_or((0.0, 1.0));
        Scale { lo, hi, from, to }
    }

    /// Marks at the values where they are few, at round numbers where they are many.
    fn marks(&self) -> Vec<(f64, String)> {
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

#[cfg(test)]
mod tests;
