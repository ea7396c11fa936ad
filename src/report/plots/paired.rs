//! Paired differences against the baseline: a small forest plot per metric, each on its own axis.

use super::axis::{Scale, TICK, bottom, ticks};
use super::canvas::{Anchor, DARK, FAINT, Frame, GREY, Sheet, wrap};
use super::page::{MARGIN, Page, Swatch, arm_labels, cell, counted, ink, mark, percent, words};
use super::told;
use super::wish::PlotWish;
use crate::cells::columns::{Column, Metric};
use crate::judge::results::{Arm, Results};
use crate::report::{difference_unit, factor, paired};
use crate::stats::compare::{Good, Paired, Verdict};

/// The metrics drawn, as far as they have values.
pub(super) const METRICS: [Metric; 9] = [
    Metric::Acceptance,
    Metric::Refused,
    Metric::Misplacements,
    Metric::ErrandWaitP50,
    Metric::ErrandWaitP95,
    Metric::Actions,
    Metric::StrandedNodeHours,
    Metric::ExposedNodeHours,
    Metric::Schedulable,
];
const GUTTER: f64 = 150.0;
const COLUMNS: usize = 3;

/// Draws the figure.
#[must_use]
pub fn draw(results: &Results, wish: &PlotWish) -> Sheet {
    let others: Vec<&Arm> = results.others().collect();
    let asked = wish.columns(results, &METRICS).into_iter();
    let metrics: Vec<(usize, &Column)> = asked
        .filter(|(place, _)| others.iter().any(|arm| paired(arm, *place).is_some()))
        .collect();
    let baseline = results.baseline_label();
    let heading = format!("Differences against {baseline}");
    let notes = [note(results)];
    if others.is_empty() || metrics.is_empty() {
        let mut page = Page::new(results, &heading, &notes, 260.0);
        let body = page.body;
        page.sheet.outline(body, FAINT);
        let why = if others.is_empty() {
            "one strategy: there is nothing to compare it with"
        } else {
            "no metric has paired values"
        };
        page.nothing(body, why);
        page.sheet.tell(format!("{why}."));
        return page.sheet;
    }
    let pitch = if others.len() <= 4 { 26.0 } else { 23.0 };
    let rows = metrics.len().div_ceil(COLUMNS);
    let panel = 22.0 + others.len() as f64 * pitch + 22.0;
    let high = 32.0 + rows as f64 * panel + (rows as f64 - 1.0) * 12.0;
    let mut page = Page::new(results, &heading, &notes, high);
    let legend = [
        ("better", Swatch::Mark(Verdict::Better)),
        ("worse", Swatch::Mark(Verdict::Worse)),
        ("same", Swatch::Mark(Verdict::Same)),
        ("not decided", Swatch::Mark(Verdict::NotDecided)),
        ("no word", Swatch::Mark(Verdict::None)),
    ];
    page.legend((MARGIN, page.body.y0 + 8.0), &legend);
    let grid = Frame {
        x0: page.body.x0 + GUTTER,
        y0: page.body.y0 + 32.0,
        ..page.body
    };
    for (i, drawn) in metrics.iter().enumerate() {
        let frame = cell(grid, (i % COLUMNS, COLUMNS), (i / COLUMNS, rows), (22.0, 12.0));
        let inner = Frame {
            y0: frame.y0 + 22.0,
            y1: frame.y1 - 22.0,
            ..frame
        };
        if i % COLUMNS == 0 {
            labels(&mut page, &others, inner, pitch);
        }
        metric(&mut page.sheet, *drawn, &others, inner, pitch);
    }
    page.sheet.tell(told::differences(results, &metrics));
    page.sheet
}

fn note(results: &Results) -> String {
    if results.replications < 2 {
        "1 replication: there are no intervals, and nothing can be told apart".to_owned()
    } else {
        format!(
            "mean of the differences replication by replication (same demand, same faults), over {}; {}; \
             grey: too little to matter; each metric has its own axis",
            counted(results.replications, "pair"),
            if results.arms.len() > 2 {
                format!(
                    "thin intervals are those that the words rest on, which hold together at {} %, thick ones each by itself",
                    percent(results.confidence)
                )
            } else {
                format!("{} % t-intervals", percent(results.confidence))
            }
        )
    }
}

fn labels(page: &mut Page, others: &[&Arm], frame: Frame, pitch: f64) {
    let em = if pitch > 25.0 { 10.0 } else { 9.0 };
    let labels = arm_labels(others.iter().copied(), em, GUTTER - 12.0, 2);
    for (i, lines) in labels.iter().enumerate() {
        let y = frame.y0 + (i as f64 + 0.5) * pitch;
        page.sheet.lines(
            (frame.x0 - 10.0, y - (lines.len() as f64 - 1.0) * em * 0.65),
            lines,
            em,
            Anchor::End,
            DARK,
        );
    }
}

fn metric(sheet: &mut Sheet, (place, column): (usize, &'static Column), others: &[&Arm], frame: Frame, pitch: f64) {
    let name = column.name;
    // Shares differ by percentage points, as in the figure of acceptance.
    let unit = difference_unit(column);
    let scaled = |p: Paired| p.times(factor(column));
    let values: Vec<Option<Paired>> = others.iter().map(|arm| paired(arm, place).map(scaled)).collect();
    let matters = values.iter().flatten().fold(0.0_f64, |a, p| a.max(p.matters));
    let lo = values.iter().flatten().fold(-matters, |a, p| a.min(p.lo).min(p.diff));
    let hi = values.iter().flatten().fold(matters, |a, p| a.max(p.hi).max(p.diff));
    let (lo, hi) = if lo == hi {
        (-1.0, 1.0)
    } else {
        (lo - (hi - lo) * 0.08, hi + (hi - lo) * 0.08)
    };
    let scale = Scale {
        lo,
        hi,
        from: frame.x0,
        to: frame.x1,
    };
    let good = match column.good {
        Good::High => "better →",
        Good::Low => "← better",
        Good::Neither => "",
    };
    let good_room = super::canvas::width(good, TICK) + 10.0;
    let named = if unit == name {
        words(name)
    } else {
        format!("{} ({unit})", words(name))
    };
    let title = wrap(&named, 10.5, frame.x1 - frame.x0 - good_room, 1);
    sheet.lines((frame.x0, frame.y0 - 10.0), &title, 10.5, Anchor::Start, DARK);
    sheet.text((frame.x1, frame.y0 - 10.0), good, TICK, Anchor::End, GREY);
    if matters > 0.0 {
        let (a, b) = (scale.at(-matters), scale.at(matters));
        sheet.veil(vec![(a, frame.y0), (b, frame.y0), (b, frame.y1), (a, frame.y1)], GREY);
    }
    bottom(sheet, frame, scale, &ticks(lo, hi, 4), "");
    let zero = scale.at(0.0);
    sheet.line((zero, frame.y0), (zero, frame.y1), 1.0, DARK);
    for (i, value) in values.iter().enumerate() {
        let y = frame.y0 + (i as f64 + 0.5) * pitch;
        let Some(p) = value else {
            sheet.text(((frame.x0 + frame.x1) / 2.0, y), "no value", TICK, Anchor::Middle, GREY);
            continue;
        };
        if p.hi > p.lo {
            sheet.line((scale.at(p.lo), y), (scale.at(p.hi), y), 1.0, ink(p.verdict));
            sheet.line(
                (scale.at(p.alone.lo), y),
                (scale.at(p.alone.hi), y),
                3.0,
                ink(p.verdict),
            );
        }
        mark(sheet, (scale.at(p.diff), y), p.verdict);
    }
}
