//! Any other design: the metric against each varied key, a dot for each point and strategy.

use super::drawn::{Drawn, DrawnMetric, KeyAxis, estimates, extent, footer};
use crate::report::plots::axis::{Scale, bottom, left, ticks};
use crate::report::plots::canvas::{Anchor, DARK, Frame, Sheet};
use crate::report::plots::page::{BODY, MARGIN, Page, Swatch, cell, first_paragraph, legend_rows};
use crate::report::plots::palette::looks;

/// More keys than this do not fit a page.
const MOST_KEYS: usize = 9;
const PANEL: f64 = 250.0;

/// Draws the figure.
pub(super) fn draw(drawn: &Drawn<'_>, metric: DrawnMetric) -> Sheet {
    let manifest = drawn.manifest;
    let keys = manifest.design.axes.len().min(MOST_KEYS);
    let columns = if keys > 4 { 3 } else { 2 };
    let rows = keys.div_ceil(columns);
    let looks = looks(manifest.strategies.iter().map(String::as_str));
    let legend: Vec<(&str, Swatch)> = manifest
        .strategies
        .iter()
        .enumerate()
        .map(|(at, label)| (label.as_str(), Swatch::Box(looks[at].ink)))
        .collect();
    let head = 20.0 + legend_rows(MARGIN, &legend) * 18.0;
    let heading = format!(
        "{} over {} varied keys",
        super::super::words(metric.column.name),
        manifest.design.axes.len()
    );
    let more = manifest.design.axes.len().saturating_sub(keys);
    let left_out = if more > 0 {
        format!("; {more} more keys are not drawn")
    } else {
        String::new()
    };
    let note = format!(
        "a dot is the mean of one strategy at one point; all other keys vary at once, so that the spread at one place is theirs{left_out}"
    );
    let foot = footer(drawn);
    let high = head + rows as f64 * PANEL;
    let mut page = Page::with((&heading, first_paragraph(&manifest.question)), &[note], &foot, high);
    page.legend((MARGIN, page.body.y0 + 8.0), &legend);
    let body = Frame {
        y0: page.body.y0 + head,
        ..page.body
    };
    let all: Vec<_> = (0..manifest.strategies.len())
        .map(|at| estimates(drawn, at, metric))
        .collect();
    let Some((lo, hi)) = extent(all.iter().flatten().flatten().map(|e| e.mean)) else {
        page.nothing(body, "no replication has a value of this metric");
        return page.sheet;
    };
    page.sheet
        .text((MARGIN, body.y0), &metric.title(), BODY, Anchor::Start, DARK);
    for (at, axis) in manifest.design.axes.iter().take(keys).enumerate() {
        let frame = cell(body, (at % columns, columns), (at / columns, rows), (26.0, 0.0));
        let inner = Frame {
            x0: frame.x0 + 46.0,
            y0: frame.y0 + 16.0,
            x1: frame.x1,
            y1: frame.y1 - 46.0,
        };
        let y = Scale {
            lo,
            hi,
            from: inner.y1,
            to: inner.y0,
        };
        let key = KeyAxis::new(drawn, at);
        let x = key.scale(inner.x0, inner.x1);
        left(&mut page.sheet, inner, y, &ticks(lo, hi, 5), true);
        bottom(&mut page.sheet, inner, x, &key.marks(), &axis.key);
        for (strategy, estimates) in all.iter().enumerate() {
            for (point, estimate) in drawn.points.iter().zip(estimates) {
                if let Some(estimate) = estimate {
                    let place = (x.at(key.place(&point.coordinates[at])), y.at(estimate.mean));
                    page.sheet.dot(place, 2.5, looks[strategy].ink);
                }
            }
        }
    }
    page.sheet
}
