//! The figures of a sweep: lines over one key, a panel for each value of a second one with few values, dots over each key
//! where many vary at once, and forests where one key at a time is varied; over two keys tables of the differences besides.

use super::super::plots::forest::{Forest, Seen};
use super::super::plots::palette::looks;
use super::super::plots::sweep::{Drawn, KeyAxis};
use super::super::plots::words;
use super::curves::{self, Across, Curve, Panel, Up};
use super::forest::{self, Labelled, told};
use super::tables::{Cell, Grid, Line, SHADED, known_difference, shade};
use crate::cells::columns::Column;
use crate::cells::points::design::DesignKind;
use crate::judge::point::{Point, PointFigure};
use crate::report::{difference_unit, factor, shown_unit};
use crate::stats::compare::{Good, Paired};
use crate::stats::estimate::Estimate;

/// More values of a second key than this are no panels any more.
const MOST_PANELS: usize = 6;
/// More keys than this are not drawn.
const MOST_KEYS: usize = 9;
/// More values than this make no table that anybody reads.
const MOST_CELLS: usize = 40;
const WIDE: f64 = 940.0;
const NARROW: f64 = 460.0;

/// A metric that is drawn, by its place among the drawn ones.
#[derive(Clone, Copy)]
pub(super) struct SweptMetric {
    at: usize,
    pub(super) column: &'static Column,
}

impl SweptMetric {
    pub(super) fn name(self) -> String {
        words(self.column.name)
    }

    /// The metric with the unit of its figures.
    pub(super) fn title(self) -> String {
        format!("{} ({})", self.name(), shown_unit(self.column))
    }
}

/// The metrics that are drawn.
pub(super) fn metrics(drawn: &Drawn<'_>) -> Vec<SweptMetric> {
    let columns = drawn.manifest.columns();
    let places = drawn.manifest.places().into_iter().enumerate();
    places
        .map(|(at, place)| SweptMetric {
            at,
            column: columns.at(place),
        })
        .collect()
}

/// What is known of a metric under a strategy at a point.
pub(super) fn figure(point: &Point, strategy: usize, metric: SweptMetric) -> Option<PointFigure> {
    point.values.get(strategy)?.get(metric.at).copied()
}

/// Whether it is said of some effect what matters.
pub(super) fn has_matters(drawn: &Drawn<'_>) -> bool {
    let figures = drawn.points.iter().flat_map(|point| point.values.iter().flatten());
    figures.filter_map(|figure| figure.effect).any(|p| p.matters > 0.0)
}

/// The figures of a metric, and what is to be known of their vertical axis.
pub(super) fn figures(drawn: &Drawn<'_>, metric: SweptMetric) -> (Vec<String>, &'static str) {
    let design = &drawn.manifest.design;
    if design.kind == DesignKind::OneAtATime {
        return (effects(drawn, metric), "");
    }
    let scale = factor(metric.column);
    let all = |point: &Point| -> Vec<Estimate> {
        let estimates = point.values.iter().filter_map(|own| own.get(metric.at)?.estimate);
        estimates.collect()
    };
    let ends = drawn.points.iter().flat_map(all);
    let ends = ends.flat_map(|e| [e.lo, e.hi, e.mean]).map(|end| end * scale);
    let Some(up) = Up::over(metric.title(), ends) else {
        return (Vec::new(), "");
    };
    let figures = match (design.kind, design.axes.len()) {
        (_, 1) => vec![over(drawn, metric, (0, None), &up)],
        (DesignKind::Grid, 2) => panels(drawn, metric, &up),
        (_, keys) => (0..keys.min(MOST_KEYS))
            .map(|axis| dots(drawn, metric, axis, &up))
            .collect(),
    };
    (figures, up.note())
}

/// A key as a horizontal axis.
fn across(drawn: &Drawn<'_>, axis: usize) -> (KeyAxis, Across) {
    let key = KeyAxis::new(drawn, axis);
    let scale = key.scale(0.0, 1.0);
    let across = Across {
        name: drawn.manifest.design.axes[axis].key.clone(),
        lo: scale.lo,
        hi: scale.hi,
        marks: key.marks(),
    };
    (key, across)
}

/// The means of each strategy along a key, of the points that `fits` lets through.
fn along<'a>(
    drawn: &Drawn<'a>,
    metric: SweptMetric,
    (key, axis): (&KeyAxis, usize),
    fits: impl Fn(&Point) -> bool,
) -> Vec<Curve<'a>> {
    let scale = factor(metric.column);
    let scaled = |e: Estimate| e.times(scale);
    let looks = looks(drawn.manifest.strategies.iter().map(String::as_str));
    let curve = |(place, label): (usize, &'a String)| {
        let point = |point: &Point| {
            let e = figure(point, place, metric)?.estimate?;
            Some((key.place(point.coordinates.get(axis)?), scaled(e)))
        };
        let mut points: Vec<(f64, Estimate)> = drawn.points.iter().filter(|it| fits(it)).filter_map(point).collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        Curve {
            look: looks[place],
            label,
            points,
        }
    };
    drawn.manifest.strategies.iter().enumerate().map(curve).collect()
}

/// Lines over a key, where another has this value.
fn over(drawn: &Drawn<'_>, metric: SweptMetric, (axis, other): (usize, Option<(usize, &str)>), up: &Up) -> String {
    let (key, across) = across(drawn, axis);
    let fits = |point: &Point| other.is_none_or(|(at, value)| point.coordinates.get(at).is_some_and(|it| it == value));
    let title = match other {
        None => format!("{} over {}", metric.name(), across.name),
        Some((at, value)) => format!("{} = {value}", drawn.manifest.design.axes[at].key),
    };
    let nth = other.map_or(0, |(at, value)| {
        let values = KeyAxis::new(drawn, at).values;
        values.iter().position(|known| known == value).unwrap_or(0)
    });
    let panel = Panel {
        id: format!("over-{}-{nth}", metric.at),
        title,
        width: if other.is_none() { WIDE } else { NARROW },
        curves: along(drawn, metric, (&key, axis), fits),
        joined: true,
    };
    curves::drawn(&panel, &across, up)
}

/// A panel for each value of the key that has fewer, if they are few.
fn panels(drawn: &Drawn<'_>, metric: SweptMetric, up: &Up) -> Vec<String> {
    let values = [0, 1].map(|axis| KeyAxis::new(drawn, axis).values);
    let (axis, other) = if values[0].len() < values[1].len() {
        (1, 0)
    } else {
        (0, 1)
    };
    if values[other].len() > MOST_PANELS {
        return Vec::new();
    }
    let panel = |value: &String| over(drawn, metric, (axis, Some((other, value.as_str()))), up);
    values[other].iter().map(panel).collect()
}

/// Dots over a key, all other keys varying as well.
fn dots(drawn: &Drawn<'_>, metric: SweptMetric, axis: usize, up: &Up) -> String {
    let (key, across) = across(drawn, axis);
    let panel = Panel {
        id: format!("dots-{}-{axis}", metric.at),
        title: format!("{} over {}", metric.name(), across.name),
        width: NARROW,
        curves: along(drawn, metric, (&key, axis), |_| true),
        joined: false,
    };
    curves::drawn(&panel, &across, up)
}

/// What each key does to each strategy: differences from the scenario's own values.
fn effects(drawn: &Drawn<'_>, metric: SweptMetric) -> Vec<String> {
    let manifest = drawn.manifest;
    let points: Vec<(&Point, String)> = drawn
        .points
        .iter()
        .zip(manifest.points().iter().map(|set| manifest.words(set)))
        .skip(1)
        .collect();
    let forest = |(strategy, label): (usize, &String)| {
        let effect = |point: &Point| figure(point, strategy, metric).and_then(|figure| figure.effect);
        let effects: Vec<Option<Paired>> = points.iter().map(|(point, _)| effect(point)).collect();
        let scale = factor(metric.column);
        let row = |((_, words), effect): (&(&Point, String), &Option<Paired>)| {
            (words.clone(), told(words, *effect, metric.column))
        };
        forest::drawn(&Labelled {
            id: format!("effects-{}-{strategy}", metric.at),
            described: format!("{} against the scenario's own values", metric.name()),
            forest: Forest {
                title: format!("{label} ({})", difference_unit(metric.column)),
                good: metric.column.good,
                matters: effects.iter().flatten().map(|p| p.matters).fold(0.0, f64::max) * scale,
                rows: effects.iter().map(|effect| Some(Seen::of((*effect)?, scale))).collect(),
            },
            rows: points.iter().zip(&effects).map(row).collect(),
        })
    };
    manifest.strategies.iter().enumerate().map(forest).collect()
}

/// Over two keys: for each strategy a table of its differences from the baseline, the decided ones shaded.
pub(super) fn maps(drawn: &Drawn<'_>, metric: SweptMetric) -> Vec<Grid> {
    let manifest = drawn.manifest;
    if manifest.design.kind != DesignKind::Grid || manifest.design.axes.len() != 2 {
        return Vec::new();
    }
    let all = drawn.points.iter().flat_map(|point| &point.values);
    let decided = all
        .filter_map(|own| own.get(metric.at)?.paired)
        .filter(|p| p.verdict.differs());
    let diffs = decided.map(|p| p.diff.abs());
    let most = diffs.fold(0.0, f64::max);
    let others = manifest.strategies.iter().enumerate();
    let others = others.filter(|(_, label)| **label != manifest.baseline);
    let tables = others.map(|(strategy, label)| map(drawn, metric, (strategy, label), most));
    tables.flatten().collect()
}

fn map(drawn: &Drawn<'_>, metric: SweptMetric, (strategy, label): (usize, &str), most: f64) -> Option<Grid> {
    let manifest = drawn.manifest;
    let [rows, columns] = [0, 1].map(|axis| KeyAxis::new(drawn, axis).values);
    if rows.len() > MOST_CELLS || columns.len() > MOST_CELLS {
        return None;
    }
    let cell = |row: &String, column: &String| {
        let here = |point: &&Point| point.coordinates.first() == Some(row) && point.coordinates.get(1) == Some(column);
        let point = drawn.points.iter().find(here);
        point
            .and_then(|point| figure(point, strategy, metric)?.paired)
            .map_or_else(|| Cell::of("none"), |p| shaded(p, most))
    };
    let line = |row: &String| Line {
        head: row.clone(),
        cells: columns.iter().map(|column| cell(row, column)).collect(),
        ..Line::default()
    };
    let [down, right] = [0, 1].map(|axis| manifest.design.axes[axis].key.as_str());
    let shaded = match metric.column.good {
        Good::Neither => "",
        _ => "; what is decided is shaded: ",
    };
    Some(Grid {
        caption: format!(
            "{} ({}): {label} against {}, paired at each point{shaded}{}",
            metric.name(),
            metric.column.unit,
            manifest.baseline,
            if shaded.is_empty() { "" } else { SHADED },
        ),
        corner: format!("{down} (down), {right} (across)"),
        rows: rows.iter().map(line).collect(),
        columns,
    })
}

/// A difference alone, with its word, shaded by its share of the greatest where its word is sure.
fn shaded(p: Paired, most: f64) -> Cell {
    let share = if most > 0.0 { p.diff.abs() / most } else { 0.0 };
    Cell {
        class: shade(p.verdict, share),
        ..known_difference(p)
    }
}
