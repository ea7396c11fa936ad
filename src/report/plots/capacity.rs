//! Installed and schedulable capacity over time, a panel per strategy. Nodes in maintenance hang
//! as a band from the installed line, so that the schedulable line below the band shows nodes
//! forgotten, and above its lower edge nodes that are offered all the same.

use super::axis::{Scale, TICK, bottom, calendar, left, since, ticks};
use super::canvas::{Anchor, DARK, FAINT, Frame, GREY, Ink, Sheet};
use super::page::{MARGIN, Page, Swatch, arm_labels, cell, legend_rows};
use super::palette::looks;
use super::told::{capacity as told_capacity, sentence};
use super::wish::PlotWish;
use crate::cells::rows::TimelineRow;
use crate::judge::results::{Arm, Results};
use crate::kernel::Time;

const BAND: Ink = Ink(0xf8, 0xdc, 0xa0);
/// What no metric counts.
const WARM_UP: Ink = Ink(0xe8, 0xe8, 0xe8);
/// What lies between the lower edge of maintenance and the line of what can be scheduled.
const GAP: Ink = Ink(0xc4, 0x9a, 0xb4);
const PANEL: f64 = 188.0;

/// Draws the figure.
#[must_use]
pub fn draw(results: &Results, _: &PlotWish) -> Sheet {
    let columns = if results.arms.len() < 3 { 1 } else { 2 };
    let rows = results.arms.len().div_ceil(columns).max(1);
    let panel = if results.arms.len() <= 2 { PANEL * 1.1 } else { PANEL };
    let mut legend = vec![
        ("installed", Swatch::Line(DARK, 1.0)),
        ("schedulable, in the strategy's colour", Swatch::Line(GREY, 3.0)),
        ("in maintenance (hanging from installed)", Swatch::Box(BAND)),
    ];
    let warm_up = results.warm_up.as_ref().map_or(0, |it| it.cut.0);
    if warm_up > 0 {
        legend.push(("warm-up, which no metric counts", Swatch::Box(WARM_UP)));
    }
    if gaps(results) {
        legend.push(("neither in maintenance nor schedulable", Swatch::Box(GAP)));
    }
    let legend_high = legend_rows(MARGIN, &legend) * 18.0 + 12.0;
    let high = legend_high + rows as f64 * panel;
    let (ms, unit) = calendar(results.horizon);
    let (floor, most) = range(results);
    let cut = if floor > 0.0 {
        " The vertical axes do not begin at 0."
    } else {
        ""
    };
    let notes = [format!("Replication 0, means over equal bins of time.{cut}")];
    let mut page = Page::new(
        results,
        "Capacity: what is installed and what can be scheduled",
        &notes,
        high,
    );
    let looks = looks(results.arms.iter().map(|arm| arm.label.as_str()));
    page.legend((MARGIN, page.body.y0 + 8.0), &legend);
    let grid = Frame {
        x0: page.body.x0 + 34.0,
        y0: page.body.y0 + legend_high,
        ..page.body
    };
    for (i, arm) in results.arms.iter().enumerate() {
        let frame = cell(grid, (i % columns, columns), (i / columns, rows), (44.0, 0.0));
        let inner = Frame {
            y0: frame.y0 + 24.0,
            y1: frame.y1 - 38.0,
            ..frame
        };
        let titles = arm_labels(&results.arms, 11.0, inner.x1 - inner.x0, 1);
        page.sheet
            .lines((inner.x0, inner.y0 - 10.0), &titles[i], 11.0, Anchor::Start, DARK);
        if i % columns == 0 {
            page.sheet
                .text((inner.x0 - 5.0, inner.y0 - 10.0), "nodes", TICK, Anchor::End, GREY);
        }
        if arm.log.timeline.is_empty() || most <= 0.0 {
            page.sheet.outline(inner, FAINT);
            page.nothing(inner, "no capacity was recorded");
            continue;
        }
        let x = Scale {
            lo: 0.0,
            hi: results.horizon.0.max(1) as f64 / ms,
            from: inner.x0,
            to: inner.x1,
        };
        let y = Scale {
            lo: floor,
            hi: most + (most - floor) * 0.06,
            from: inner.y1,
            to: inner.y0,
        };
        let warm = Frame {
            x1: x.at(warm_up as f64 / ms),
            ..inner
        };
        page.sheet.rect(warm, WARM_UP);
        let axis = since(unit, &results.epoch);
        panel_of(
            &mut page.sheet,
            (arm, looks[i].ink),
            inner,
            (x, ms),
            y,
            (results.horizon, &axis),
        );
    }
    let told = results.arms.iter().filter(|arm| !arm.log.timeline.is_empty());
    let told = told.map(|arm| format!("{}: {}", arm.label, told_capacity(&arm.log.timeline)));
    page.sheet.tell(sentence(told, "no capacity was recorded"));
    page.sheet
}

/// Whether somewhere fewer nodes can be scheduled than maintenance explains.
pub(crate) fn gaps(results: &Results) -> bool {
    let mut rows = results.arms.iter().flat_map(|arm| &arm.log.timeline);
    rows.any(|r| r.schedulable < r.installed - r.in_maintenance)
}

/// The vertical axis' floor, 0 unless all that is drawn lies far above it, and the greatest count.
fn range(results: &Results) -> (f64, f64) {
    let all = || results.arms.iter().flat_map(|arm| arm.log.timeline.iter());
    let least = all().fold(f64::INFINITY, |a, r| {
        a.min(r.schedulable).min(r.installed - r.in_maintenance)
    });
    let most = all().fold(0.0_f64, |a, r| a.max(r.installed).max(r.schedulable));
    // Where nothing moves there is nothing to look closely at.
    let floor = if least < most && least > most * 0.4 {
        least - (most - least) * 0.15
    } else {
        0.0
    };
    (floor, most)
}

fn panel_of(
    sheet: &mut Sheet,
    (arm, ink): (&Arm, Ink),
    frame: Frame,
    (x, ms): (Scale, f64),
    y: Scale,
    (horizon, name): (Time, &str),
) {
    let rows = &arm.log.timeline;
    let place = |i: usize| {
        let at = rows.get(i).map_or(horizon, |r| r.at);
        x.at(at.0 as f64 / ms)
    };
    for (i, row) in rows.iter().enumerate() {
        let band = Frame {
            x0: place(i),
            x1: place(i + 1),
            y0: y.at(row.installed),
            y1: y.at(row.installed - row.in_maintenance),
        };
        sheet.rect(band, BAND);
        let gap = Frame {
            y0: band.y1,
            y1: y.at(row.schedulable).max(band.y1),
            ..band
        };
        sheet.rect(gap, GAP);
    }
    left(sheet, frame, y, &ticks(y.lo, y.hi, 4), true);
    bottom(sheet, frame, x, &ticks(x.lo, x.hi, 6), name);
    let line = |value: fn(&TimelineRow) -> f64| {
        let steps = rows
            .iter()
            .enumerate()
            .flat_map(|(i, r)| [(place(i), y.at(value(r))), (place(i + 1), y.at(value(r)))]);
        joined(steps.collect())
    };
    // Where both lines run together, the thin one shows on the thick one.
    sheet.path(line(|r| r.schedulable), 3.0, ink);
    sheet.path(line(|r| r.installed), 1.0, DARK);
}

/// Steps at the same height joined into one.
fn joined(points: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    let mut kept: Vec<(f64, f64)> = Vec::with_capacity(points.len());
    for point in points {
        if let [.., a, b] = kept[..]
            && a.1 == b.1
            && b.1 == point.1
        {
            kept.pop();
        }
        kept.push(point);
    }
    kept
}
