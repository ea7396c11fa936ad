//! Paired differences against the baseline: a small forest plot for each metric, on an axis of its own.

use super::super::number::{differed, signed};
use super::super::plots::axis::{Scale, ticks};
use super::super::plots::canvas::{self, Ink};
use super::super::plots::{page_ink, paired_metrics, words};
use super::super::{is_share, paired};
use super::svg::{At, EM, Stroke, Svg, bottom};
use super::tables::{class_of, verdict};
use super::view::Key;
use crate::cells::columns::Metric;
use crate::judge::results::{Arm, Results};
use crate::stats::compare::{Good, Paired, Verdict};
use crate::stats::estimate::Interval;

const WIDTH: f64 = 460.0;
const PITCH: f64 = 22.0;
const GUTTER: f64 = 150.0;

/// A forest for each metric that has paired values.
pub(super) fn forests(results: &Results) -> Vec<String> {
    let others: Vec<&Arm> = results.others().collect();
    let metrics = paired_metrics().iter().copied();
    let metrics = metrics.filter(|metric| others.iter().any(|arm| paired(arm, metric.at()).is_some()));
    metrics.map(|metric| forest(results, &others, metric)).collect()
}

fn forest(results: &Results, others: &[&Arm], metric: Metric) -> String {
    let (place, column) = (metric.at(), metric.column());
    let factor = if is_share(column) { 100.0 } else { 1.0 };
    let unit = if is_share(column) { "% points" } else { column.unit };
    let values: Vec<Option<Paired>> = others.iter().map(|arm| paired(arm, place)).collect();
    let ends = values.iter().flatten().flat_map(|p| [p.lo, p.hi, p.diff]);
    let (lo, hi) = ends.fold((0.0_f64, 0.0_f64), |(lo, hi), v| {
        (lo.min(v * factor), hi.max(v * factor))
    });
    let room = if hi > lo { (hi - lo) * 0.08 } else { 1.0 };
    let top = 26.0;
    let base = top + others.len() as f64 * PITCH;
    let scale = Scale {
        lo: lo - room,
        hi: hi + room,
        from: GUTTER,
        to: WIDTH - 12.0,
    };
    let mut svg = Svg::new(WIDTH, base + EM * 2.0);
    let title = format!("{} ({unit})", words(column.name));
    svg.text((0.0, EM + 2.0), &title, At::Start, "head");
    let good = match column.good {
        Good::High => "better →",
        Good::Low => "← better",
        Good::Neither => "",
    };
    svg.text((WIDTH - 12.0, EM + 2.0), good, At::End, "soft");
    bottom(&mut svg, (top, base), scale, &ticks(scale.lo, scale.hi, 4));
    let zero = scale.at(0.0);
    svg.line((zero, top), (zero, base), Stroke::plain("axis", canvas::DARK, 1.0));
    let labels = canvas_labels(others);
    for (i, (arm, value)) in others.iter().zip(&values).enumerate() {
        let y = top + (i as f64 + 0.5) * PITCH;
        let told = match value {
            None => format!("{}: no value", arm.label),
            Some(p) => format!("{}: {} {} {}", arm.label, differed(*p), column.unit, verdict(p.verdict)),
        };
        svg.group(&told);
        svg.text((GUTTER - 8.0, y + EM * 0.35), &labels[i], At::End, "");
        match value {
            None => svg.text((scale.at(0.0) + 6.0, y + EM * 0.35), "no value", At::Start, "soft"),
            Some(p) => mark(&mut svg, *p, factor, scale, y),
        }
        svg.group_end();
    }
    let spoken: Vec<String> = others
        .iter()
        .zip(&values)
        .filter_map(|(arm, value)| spoken(arm, (*value)?, factor))
        .collect();
    let id = format!("forest-{}", column.name);
    let baseline = results.baseline_label();
    let title = format!("{title}, difference from {baseline}");
    svg.finish(&id, &title, &spoken.join("; "))
}

/// A difference as it is read out.
fn spoken(arm: &Arm, p: Paired, factor: f64) -> Option<String> {
    let word = verdict(p.verdict);
    Some(
        format!("{} {} {word}", arm.label, signed(p.diff * factor, 3))
            .trim_end()
            .to_owned(),
    )
}

fn canvas_labels(others: &[&Arm]) -> Vec<String> {
    let labels = super::super::plots::arm_labels(others.iter().copied(), EM, GUTTER - 10.0, 1);
    labels.into_iter().map(|lines| lines.concat()).collect()
}

/// A difference with its intervals: thin what its word rests on, thick what holds by itself.
fn mark(svg: &mut Svg, p: Paired, factor: f64, scale: Scale, y: f64) {
    let class = match class_of(p.verdict) {
        "" => "open",
        class => class,
    };
    let at = |value: f64| scale.at(value * factor);
    let ink: Ink = page_ink(p.verdict);
    if p.hi > p.lo {
        svg.line((at(p.lo), y), (at(p.hi), y), Stroke::plain(class, ink, 1.5));
        svg.line((at(p.alone.lo), y), (at(p.alone.hi), y), Stroke::plain(class, ink, 4.0));
    }
    let centre = (at(p.diff), y);
    match p.verdict {
        Verdict::Better => svg.dot(centre, 5.0, "fill-better", ink),
        Verdict::Worse => {
            let (x, r) = (centre.0, 6.5);
            svg.area(&[(x - r, y), (x, y - r), (x + r, y), (x, y + r)], "fill-worse", ink);
        }
        Verdict::Same => {
            for dy in [-2.5, 2.5] {
                let (x, y) = (centre.0, centre.1 + dy);
                svg.line((x - 6.0, y), (x + 6.0, y), Stroke::plain(class, ink, 2.0));
            }
        }
        Verdict::NotDecided | Verdict::None => {
            svg.dot(centre, 5.0, "paper", canvas::PAPER);
            svg.ring(centre, 4.5, Stroke::plain(class, ink, 1.5));
        }
    }
}

/// What the marks are.
pub(super) fn keys() -> Vec<Key> {
    let key = |verdict_: Verdict, text: &str| {
        let mut svg = Svg::new(30.0, 14.0);
        let scale = Scale {
            lo: 0.0,
            hi: 1.0,
            from: 0.0,
            to: 30.0,
        };
        let p = Paired {
            diff: 0.5,
            lo: 0.0,
            hi: 1.0,
            n: 2,
            verdict: verdict_,
            alone: Interval { lo: 0.2, hi: 0.8 },
            deviation: 0.5,
            matters: 0.0,
            variance_reduction: None,
        };
        mark(&mut svg, p, 1.0, scale, 7.0);
        Key::of(svg.sample(), text)
    };
    Verdict::ALL
        .into_iter()
        .map(|told| match told {
            Verdict::None => key(told, "no word: the metric has no good side, or is not among those told"),
            told => key(told, told.word()),
        })
        .collect()
}
