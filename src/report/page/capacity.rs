//! Capacity over time: a panel for each strategy, all on the same axes.

use super::super::plots::axis::{Scale, calendar, since, ticks};
use super::super::plots::canvas::{self, Ink};
use super::super::plots::capacity::gaps;
use super::super::plots::told_capacity;
use super::svg::{At, EM, Stroke, Svg, bottom, box_sample, left, line_sample};
use super::view::Key;
use crate::cells::rows::TimelineRow;
use crate::judge::results::{Arm, Results};

const WIDTH: f64 = 460.0;
const HEIGHT: f64 = 250.0;
const AWAY: Ink = Ink(0xf8, 0xdc, 0xa0);
const CUT: Ink = Ink(0xe8, 0xe8, 0xe8);
const GAP: Ink = Ink(0xc4, 0x9a, 0xb4);

const INSTALLED: Stroke<'_> = Stroke {
    class: "installed",
    ink: canvas::DARK,
    width: 1.0,
    dashes: &[],
};
const SCHEDULABLE: Stroke<'_> = Stroke {
    class: "schedulable",
    ink: canvas::BLUE,
    width: 2.5,
    dashes: &[],
};
const OCCUPIED: Stroke<'_> = Stroke {
    class: "occupied",
    ink: canvas::GREEN,
    width: 1.5,
    dashes: &[],
};

/// A panel for each strategy that has recorded its capacity.
pub(super) fn panels(results: &Results) -> Vec<String> {
    let (floor, most) = range(results);
    let panel = |(i, arm): (usize, &Arm)| panel(results, (i, arm), (floor, most));
    let arms = results.arms.iter().enumerate();
    arms.filter(|(_, arm)| !arm.log.timeline.is_empty())
        .map(panel)
        .collect()
}

/// What the lines and areas are.
pub(super) fn keys(results: &Results) -> Vec<Key> {
    let mut keys = vec![
        Key::of(line_sample(INSTALLED), "installed"),
        Key::of(line_sample(SCHEDULABLE), "schedulable"),
        Key::of(line_sample(OCCUPIED), "with a tenant"),
        Key::of(box_sample("away", AWAY), "in maintenance, hanging from installed"),
    ];
    if gaps(results) {
        keys.push(Key::of(
            box_sample("gap", GAP),
            "neither in maintenance nor schedulable",
        ));
    }
    if cut(results) > 0 {
        keys.push(Key::of(box_sample("cut", CUT), "warm-up, which no metric counts"));
    }
    keys
}

/// What is to be known of the axes.
pub(super) fn note(results: &Results) -> &'static str {
    match range(results).0 > 0.0 {
        true => "Replication 0, means over equal bins of time. The vertical axis does not begin at 0.",
        false => "Replication 0, means over equal bins of time.",
    }
}

fn cut(results: &Results) -> u64 {
    results.warm_up.as_ref().map_or(0, |it| it.cut.0)
}

/// The vertical axis: from 0, unless all that is drawn lies far above it.
fn range(results: &Results) -> (f64, f64) {
    let rows = || results.arms.iter().flat_map(|arm| &arm.log.timeline);
    let least = rows().fold(f64::INFINITY, |least, r| {
        least
            .min(r.schedulable)
            .min(r.occupied)
            .min(r.installed - r.in_maintenance)
    });
    let most = rows().fold(0.0_f64, |most, r| most.max(r.installed).max(r.schedulable));
    let floor = match least < most && least > most * 0.4 {
        true => (least - (most - least) * 0.15).max(0.0),
        false => 0.0,
    };
    (floor, most)
}

fn panel(results: &Results, (i, arm): (usize, &Arm), (floor, most): (f64, f64)) -> String {
    let (ms, unit) = calendar(results.horizon);
    let (top, base, from, to) = (30.0, HEIGHT - EM * 3.4, 44.0, WIDTH - 12.0);
    let hi = if most > floor {
        most + (most - floor) * 0.06
    } else {
        floor + 1.0
    };
    let y = Scale {
        lo: floor,
        hi,
        from: base,
        to: top,
    };
    let x = Scale {
        lo: 0.0,
        hi: results.horizon.0.max(1) as f64 / ms,
        from,
        to,
    };
    let mut svg = Svg::new(WIDTH, HEIGHT);
    let label = super::super::plots::arm_labels([arm], EM * 1.1, WIDTH - 60.0, 1)
        .remove(0)
        .concat();
    svg.text((from, EM + 4.0), &label, At::Start, "head");
    svg.text((from - 5.0, EM + 4.0), "nodes", At::End, "soft");
    let cut = x.at(cut(results) as f64 / ms);
    if cut > from {
        svg.area(&[(from, top), (cut, top), (cut, base), (from, base)], "cut", CUT);
    }
    let rows = &arm.log.timeline;
    let place = |i: usize| x.at(rows.get(i).map_or(results.horizon, |row| row.at).0 as f64 / ms);
    let line = |value: fn(&TimelineRow) -> f64| -> Vec<(f64, f64)> {
        let steps = rows.iter().enumerate();
        joined(steps.flat_map(|(i, row)| [(place(i), y.at(value(row))), (place(i + 1), y.at(value(row)))]))
    };
    let mut away = line(|r| r.installed);
    away.extend(line(|r| r.installed - r.in_maintenance).into_iter().rev());
    svg.area(&away, "away", AWAY);
    let mut gap = line(|r| r.installed - r.in_maintenance);
    gap.extend(
        line(|r| r.schedulable.min(r.installed - r.in_maintenance))
            .into_iter()
            .rev(),
    );
    if gaps(results) {
        svg.area(&gap, "gap", GAP);
    }
    left(&mut svg, (from, to), y, &ticks(y.lo, y.hi, 4));
    bottom(&mut svg, (top, base), x, &ticks(x.lo, x.hi, 6));
    svg.text(
        ((from + to) / 2.0, HEIGHT - 4.0),
        &since(unit, &results.epoch),
        At::Middle,
        "soft",
    );
    svg.path(&line(|r| r.schedulable), SCHEDULABLE, "schedulable");
    svg.path(&line(|r| r.installed), INSTALLED, "installed");
    svg.path(&line(|r| r.occupied), OCCUPIED, "with a tenant");
    svg.finish(
        &format!("capacity-{i}"),
        &format!("Capacity under {}", arm.label),
        &told_capacity(rows),
    )
}

/// Steps at the same height joined into one, to the tenth that is drawn.
fn joined(points: impl Iterator<Item = (f64, f64)>) -> Vec<(f64, f64)> {
    let same = |a: f64, b: f64| (a - b).abs() < 0.05;
    let mut kept: Vec<(f64, f64)> = Vec::new();
    for point in points {
        if let [.., a, b] = kept[..]
            && same(a.1, b.1)
            && same(b.1, point.1)
        {
            kept.pop();
        }
        kept.push(point);
    }
    kept
}
