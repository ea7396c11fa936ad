//! Any other design: the metric against each varied key, a dot for each point and strategy.

use super::drawn::{Drawn, DrawnMetric, KeyAxis, estimates, extent, footer, told};
use crate::report::plots::axis::{Scale, bottom, left, ticks};
use crate::report::plots::canvas::{Anchor, DARK, Frame, Sheet};
use crate::report::plots::page::{BODY, MARGIN, Page, Swatch, cell, cut, first_paragraph, legend_rows, percent};
use crate::report::plots::palette::looks;
use crate::stats::estimate::Estimate;

/// More keys than this do not fit a page.
const MOST_KEYS: usize = 9;
const PANEL: f64 = 250.0;
/// How far marks of one place stand apart.
const APART: f64 = 5.0;

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
    let all: Vec<_> = (0..manifest.strategies.len())
        .map(|at| estimates(drawn, at, metric))
        .collect();
    let ends = all.iter().flatten().flatten().flat_map(|e| [e.lo, e.hi, e.mean]);
    let range = extent(ends);
    let note = format!(
        "a dot is the mean of one strategy at one point with its {} % t-interval; all other keys vary at once, so that the spread at one \
         place is theirs; dots of one place stand side by side{left_out}{}",
        percent(manifest.confidence),
        range.map_or_else(String::new, |(lo, hi)| cut(lo, hi, "vertical"))
    );
    let foot = footer(drawn);
    let high = head + rows as f64 * PANEL;
    let mut page = Page::with((&heading, first_paragraph(&manifest.question)), &[note], &foot, high);
    page.legend((MARGIN, page.body.y0 + 8.0), &legend);
    let body = Frame {
        y0: page.body.y0 + head,
        ..page.body
    };
    page.sheet.tell(told(drawn, metric));
    let Some((lo, hi)) = range else {
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
        let places: Vec<f64> = drawn
            .points
            .iter()
            .map(|point| x.at(key.place(&point.coordinates[at])))
            .collect();
        for (place, strategy, estimate) in beside(&places, &all) {
            let ink = looks[strategy].ink;
            let (lo, hi) = (y.at(estimate.lo), y.at(estimate.hi));
            if lo > hi {
                page.sheet.line((place, lo), (place, hi), 0.5, ink);
            }
            page.sheet.dot((place, y.at(estimate.mean)), 2.0, ink);
        }
    }
    page.sheet
}

/// Every estimate with its place and its strategy: what stands at one place is set side by side, strategy by strategy, as
/// far apart as the next place allows.
fn beside(places: &[f64], all: &[Vec<Option<Estimate>>]) -> Vec<(f64, usize, Estimate)> {
    let mut own = places.to_vec();
    own.sort_by(f64::total_cmp);
    own.dedup();
    let nearest = own.windows(2).map(|pair| pair[1] - pair[0]).fold(60.0_f64, f64::min);
    let mut marks = Vec::new();
    for place in own {
        let here = |strategy: usize| {
            let points = places.iter().zip(&all[strategy]).filter(move |(at, _)| **at == place);
            points.filter_map(move |(_, estimate)| Some((strategy, (*estimate)?)))
        };
        let here: Vec<(usize, Estimate)> = (0..all.len()).flat_map(here).collect();
        let apart = (nearest * 0.8 / here.len().max(1) as f64).min(APART);
        let first = place - apart * (here.len() as f64 - 1.0) / 2.0;
        let set = here.into_iter().enumerate();
        marks.extend(set.map(|(turn, (strategy, estimate))| (first + apart * turn as f64, strategy, estimate)));
    }
    marks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_of_one_place_do_not_hide_each_other() {
        let estimate = |mean: f64| {
            Some(Estimate {
                mean,
                lo: mean,
                hi: mean,
                n: 3,
            })
        };
        let all = [
            vec![estimate(1.0), estimate(2.0), None],
            vec![estimate(1.0), estimate(2.0), estimate(3.0)],
        ];
        let marks: Vec<(f64, usize)> = beside(&[10.0, 50.0, 50.0], &all)
            .iter()
            .map(|mark| (mark.0, mark.1))
            .collect();
        let half = APART / 2.0;
        assert_eq!(
            marks,
            [
                (10.0 - half, 0),
                (10.0 + half, 1),
                (50.0 - APART, 0),
                (50.0, 1),
                (50.0 + APART, 1)
            ]
        );
    }
}
