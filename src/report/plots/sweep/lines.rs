//! One varied key: a line per strategy with the band of its intervals.

use super::drawn::{Drawn, DrawnMetric, KeyAxis, estimates, extent, footer, told};
use crate::judge::point::Point;
use crate::report::plots::axis::{Scale, bottom, left, ticks};
use crate::report::plots::canvas::{Anchor, DARK, Frame, Ink, Sheet};
use crate::report::plots::page::{BODY, MARGIN, Page, Swatch, cut, first_paragraph, legend_rows, percent, spelt};
use crate::report::plots::palette::looks;
use crate::stats::estimate::Estimate;

/// Draws the figure.
pub(super) fn draw(drawn: &Drawn<'_>, metric: DrawnMetric) -> Sheet {
    let manifest = drawn.manifest;
    let key = manifest.design.axes.first().map_or("", |axis| axis.key.as_str());
    let all: Vec<Vec<Option<Estimate>>> = (0..manifest.strategies.len())
        .map(|strategy| estimates(drawn, strategy, metric))
        .collect();
    let looks = looks(manifest.strategies.iter().map(String::as_str));
    let legend: Vec<(&str, Swatch)> = manifest
        .strategies
        .iter()
        .enumerate()
        .map(|(at, label)| (label.as_str(), Swatch::Look(looks[at])))
        .collect();
    let head = 16.0 + legend_rows(MARGIN, &legend) * 18.0;
    let note = if manifest.replications < 2 {
        "1 replication: there are no intervals".to_owned()
    } else {
        format!(
            "whiskers: {} % t-intervals over replications, each point on its own, set apart a little so that none hides another; \
             that they overlap says nothing about paired differences",
            percent(manifest.confidence)
        )
    };
    let heading = format!("{} over {key}", super::super::words(metric.column.name));
    let foot = footer(drawn);
    let ends = all.iter().flatten().flatten().flat_map(|e| [e.lo, e.hi, e.mean]);
    let range = extent(ends);
    let mut notes = vec![note + &range.map_or_else(String::new, |(lo, hi)| cut(lo, hi, "vertical"))];
    notes.extend(spelt(manifest.strategies.iter().map(String::as_str)));
    let mut page = Page::with(
        (&heading, first_paragraph(&manifest.question)),
        &notes,
        &foot,
        head + 400.0,
    );
    page.legend((MARGIN, page.body.y0 + 8.0), &legend);
    let frame = Frame {
        x0: MARGIN + 52.0,
        y0: page.body.y0 + head + 10.0,
        x1: page.body.x1 - 10.0,
        y1: page.body.y1 - 34.0,
    };
    let axis = KeyAxis::new(drawn, 0);
    let x = axis.scale(frame.x0, frame.x1);
    page.sheet.tell(told(drawn, metric));
    let Some((lo, hi)) = range else {
        page.nothing(frame, "no replication has a value of this metric");
        return page.sheet;
    };
    let y = Scale {
        lo,
        hi,
        from: frame.y1,
        to: frame.y0,
    };
    let title = metric.title();
    page.sheet
        .text((MARGIN, frame.y0 - 14.0), &title, BODY, Anchor::Start, DARK);
    left(&mut page.sheet, frame, y, &ticks(lo, hi, 6), true);
    bottom(&mut page.sheet, frame, x, &axis.marks(), key);
    let curve = |estimates: &[Option<Estimate>]| -> Vec<(f64, Estimate)> {
        let place = |(point, e): (&Point, &Option<Estimate>)| Some((axis.place(point.coordinates.first()?), (*e)?));
        let mut curve: Vec<(f64, Estimate)> = drawn.points.iter().zip(estimates).filter_map(place).collect();
        curve.sort_by(|a, b| a.0.total_cmp(&b.0));
        curve
    };
    let curves: Vec<Vec<(f64, Estimate)>> = all.iter().map(|estimates| curve(estimates)).collect();
    let middle = (curves.len() as f64 - 1.0) / 2.0;
    for (at, curve) in curves.iter().enumerate() {
        let (look, aside) = (looks[at], (at as f64 - middle) * ASIDE);
        let points: Vec<(f64, f64)> = curve
            .iter()
            .map(|(place, e)| (x.at(*place) + aside, y.at(e.mean)))
            .collect();
        page.sheet.dashed(&points, (look.dashes, 2.0), look.ink);
        for (point, (_, e)) in points.iter().zip(curve) {
            whisker(&mut page.sheet, *point, (y.at(e.lo), y.at(e.hi)), look.ink);
        }
    }
    page.sheet
}

/// How far the strategies' points stand apart.
const ASIDE: f64 = 3.5;

/// A point with its interval.
pub(super) fn whisker(sheet: &mut Sheet, (x, y): (f64, f64), (lo, hi): (f64, f64), ink: Ink) {
    if lo > hi {
        sheet.line((x, lo), (x, hi), 1.0, ink);
        for end in [lo, hi] {
            sheet.line((x - 2.5, end), (x + 2.5, end), 1.0, ink);
        }
    }
    sheet.dot((x, y), 3.0, ink);
}
