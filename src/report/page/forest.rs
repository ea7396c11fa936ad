//! Paired differences against the baseline: a small forest plot for each metric, on an axis of its own.

use super::super::number::{differed, signed};
use super::super::plots::axis::{Scale, ticks};
use super::super::plots::canvas::{self, Ink};
use super::super::plots::{page_ink, paired_metrics, words};
use super::super::{difference_unit, factor, paired};
use super::svg::{At, EM, Stroke, Svg, bottom, box_sample};
use super::tables::{class_of, verdict};
use super::view::Key;
use crate::cells::columns::Metric;
use crate::judge::results::{Arm, Results};
use crate::stats::compare::{Good, Paired, Verdict};
use crate::stats::estimate::Interval;

const WIDTH: f64 = 460.0;
const PITCH: f64 = 22.0;
const GUTTER: f64 = 150.0;

/// The stretch of differences that do not matter.
const DELTA: Ink = Ink(0xe4, 0xec, 0xf4);

/// A difference as it is drawn, in the unit of its axis.
#[derive(Clone, Copy)]
pub(super) struct Seen {
    pub(super) diff: f64,
    /// What the word rests on.
    pub(super) lo: f64,
    pub(super) hi: f64,
    /// What holds by itself; the same where nothing else is drawn.
    pub(super) alone: Interval,
    pub(super) verdict: Verdict,
}

impl Seen {
    pub(super) fn of(p: Paired, factor: f64) -> Seen {
        let Paired {
            diff,
            lo,
            hi,
            alone,
            verdict,
            ..
        } = p.times(factor);
        Seen {
            diff,
            lo,
            hi,
            alone,
            verdict,
        }
    }
}

/// A row of a forest.
pub(super) struct ForestRow {
    pub(super) label: String,
    /// What is said of it in full.
    pub(super) told: String,
    pub(super) value: Option<Seen>,
}

/// A forest plot on an axis of its own.
pub(super) struct Forest {
    /// Its own name in the page.
    pub(super) id: String,
    /// The metric with its unit.
    pub(super) title: String,
    /// What is to be known beside the title, for who cannot see the drawing.
    pub(super) described: String,
    pub(super) good: Good,
    /// Differences up to here, on either side of 0, do not matter; 0 where nothing is said of that.
    pub(super) matters: f64,
    pub(super) rows: Vec<ForestRow>,
}

/// A forest for each metric that has paired values.
pub(super) fn forests(results: &Results) -> Vec<String> {
    let others: Vec<&Arm> = results.others().collect();
    let metrics = paired_metrics().iter().copied();
    let metrics = metrics.filter(|metric| others.iter().any(|arm| paired(arm, metric.at()).is_some()));
    metrics.map(|metric| drawn(&forest(results, &others, metric))).collect()
}

/// Whether it is said of some difference what matters.
pub(super) fn has_matters(results: &Results) -> bool {
    let metrics = || paired_metrics().iter().map(|metric| metric.at());
    let mut all = results
        .others()
        .flat_map(|arm| metrics().filter_map(|at| paired(arm, at)));
    all.any(|p| p.matters > 0.0)
}

fn forest(results: &Results, others: &[&Arm], metric: Metric) -> Forest {
    let (place, column) = (metric.at(), metric.column());
    let factor = factor(column);
    let values: Vec<Option<Paired>> = others.iter().map(|arm| paired(arm, place)).collect();
    let rows = others.iter().zip(&values).map(|(arm, value)| ForestRow {
        label: arm.label.clone(),
        told: told(&arm.label, *value, column.unit),
        value: value.map(|p| Seen::of(p, factor)),
    });
    let matters = values.iter().flatten().map(|p| p.matters).fold(0.0, f64::max);
    Forest {
        id: format!("forest-{}", column.name),
        title: format!("{} ({})", words(column.name), difference_unit(column)),
        described: format!("difference from {}", results.baseline_label()),
        good: column.good,
        matters: matters * factor,
        rows: rows.collect(),
    }
}

/// A row in full.
pub(super) fn told(label: &str, value: Option<Paired>, unit: &str) -> String {
    match value {
        None => format!("{label}: no value"),
        Some(p) => format!("{label}: {} {unit} {}", differed(p), verdict(p.verdict)),
    }
}

/// The room for labels, by the longest.
fn gutter(rows: &[ForestRow]) -> f64 {
    let widest = rows.iter().map(|row| canvas::width(&row.label, EM)).fold(0.0, f64::max);
    (widest + 14.0).clamp(GUTTER, WIDTH * 0.5)
}

/// The drawing of a forest.
pub(super) fn drawn(forest: &Forest) -> String {
    let values = || forest.rows.iter().filter_map(|row| row.value);
    let ends = values().flat_map(|seen| [seen.lo, seen.hi, seen.diff]);
    let ends = ends.chain([-forest.matters, forest.matters]);
    let (lo, hi) = ends.fold((0.0_f64, 0.0_f64), |(lo, hi), v| (lo.min(v), hi.max(v)));
    let room = if hi > lo { (hi - lo) * 0.08 } else { 1.0 };
    let top = 26.0;
    let base = top + forest.rows.len() as f64 * PITCH;
    let gutter = gutter(&forest.rows);
    let scale = Scale {
        lo: lo - room,
        hi: hi + room,
        from: gutter,
        to: WIDTH - 12.0,
    };
    let mut svg = Svg::new(WIDTH, base + EM * 2.0);
    let good = match forest.good {
        Good::High => "better →",
        Good::Low => "← better",
        Good::Neither => "",
    };
    let heading = canvas::wrap(&forest.title, EM, WIDTH - 80.0, 1).concat();
    svg.text((0.0, EM + 2.0), &heading, At::Start, "head");
    svg.text((WIDTH - 12.0, EM + 2.0), good, At::End, "soft");
    if forest.matters > 0.0 {
        let (a, b) = (scale.at(-forest.matters), scale.at(forest.matters));
        svg.area(&[(a, top), (b, top), (b, base), (a, base)], "delta", DELTA);
    }
    bottom(&mut svg, (top, base), scale, &ticks(scale.lo, scale.hi, 4));
    let zero = scale.at(0.0);
    svg.line((zero, top), (zero, base), Stroke::plain("axis", canvas::DARK, 1.0));
    let labels: Vec<&str> = forest.rows.iter().map(|row| row.label.as_str()).collect();
    let labels = super::super::plots::telling(&labels, EM, gutter - 10.0, 1);
    for (i, (row, label)) in forest.rows.iter().zip(labels).enumerate() {
        let y = top + (i as f64 + 0.5) * PITCH;
        svg.group(&row.told);
        svg.text((gutter - 8.0, y + EM * 0.35), &label.concat(), At::End, "");
        match row.value {
            None => svg.text((zero + 6.0, y + EM * 0.35), "no value", At::Start, "soft"),
            Some(seen) => mark(&mut svg, seen, scale, y),
        }
        svg.group_end();
    }
    let spoken: Vec<String> = forest.rows.iter().filter_map(spoken).collect();
    let title = format!("{}, {}", forest.title, forest.described);
    svg.finish(&forest.id, &title, &spoken.join("; "))
}

/// A difference as it is read out.
fn spoken(row: &ForestRow) -> Option<String> {
    let seen = row.value?;
    let word = verdict(seen.verdict);
    Some(
        format!("{} {} {word}", row.label, signed(seen.diff, 3))
            .trim_end()
            .to_owned(),
    )
}

/// A difference with its intervals: thin what its word rests on, thick what holds by itself.
fn mark(svg: &mut Svg, seen: Seen, scale: Scale, y: f64) {
    let (class, ink) = (class(seen.verdict), page_ink(seen.verdict));
    let at = |value: f64| scale.at(value);
    if seen.hi > seen.lo {
        svg.line((at(seen.lo), y), (at(seen.hi), y), Stroke::plain(class, ink, 1.5));
        let (lo, hi) = (at(seen.alone.lo), at(seen.alone.hi));
        svg.line((lo, y), (hi, y), Stroke::plain(class, ink, 4.0));
    }
    sign(svg, (at(seen.diff), y), seen.verdict);
}

fn class(verdict: Verdict) -> &'static str {
    match class_of(verdict) {
        "" => "open",
        class => class,
    }
}

/// The sign of a verdict: a form for each, so that it does without its colour.
pub(super) fn sign(svg: &mut Svg, centre: (f64, f64), verdict: Verdict) {
    let (class, ink): (&str, Ink) = (class(verdict), page_ink(verdict));
    let (x, y) = centre;
    match verdict {
        Verdict::Better => svg.dot(centre, 5.0, "fill-better", ink),
        Verdict::Worse => {
            let r = 6.5;
            svg.area(&[(x - r, y), (x, y - r), (x + r, y), (x, y + r)], "fill-worse", ink);
        }
        Verdict::Same => {
            // Paper below it, or a thick interval makes one block of the two lines.
            svg.area(
                &[
                    (x - 7.0, y - 5.5),
                    (x + 7.0, y - 5.5),
                    (x + 7.0, y + 5.5),
                    (x - 7.0, y + 5.5),
                ],
                "paper",
                canvas::PAPER,
            );
            for dy in [-2.5, 2.5] {
                svg.line((x - 6.0, y + dy), (x + 6.0, y + dy), Stroke::plain(class, ink, 2.0));
            }
        }
        Verdict::NotDecided | Verdict::None => {
            svg.dot(centre, 5.0, "paper", canvas::PAPER);
            svg.ring(centre, 4.5, Stroke::plain(class, ink, 1.5));
        }
    }
}

/// The sign of a verdict as a legend shows it, alone.
pub(super) fn sign_sample(verdict: Verdict) -> String {
    let mut svg = Svg::new(16.0, 14.0);
    sign(&mut svg, (8.0, 7.0), verdict);
    svg.sample()
}

/// What the marks are; `matters` is whether something is said of what matters.
pub(super) fn keys(matters: bool) -> Vec<Key> {
    keys_of(matters, |verdict| match verdict {
        Verdict::None => "no word: the metric has no good side, or is not among those told",
        told => told.word(),
    })
}

/// The same with words of one's own.
pub(super) fn keys_of(matters: bool, word: impl Fn(Verdict) -> &'static str) -> Vec<Key> {
    let key = |verdict: Verdict, text: &str| {
        let mut svg = Svg::new(30.0, 14.0);
        let scale = Scale {
            lo: 0.0,
            hi: 1.0,
            from: 0.0,
            to: 30.0,
        };
        let seen = Seen {
            diff: 0.5,
            lo: 0.0,
            hi: 1.0,
            alone: Interval { lo: 0.2, hi: 0.8 },
            verdict,
        };
        mark(&mut svg, seen, scale, 7.0);
        Key::of(svg.sample(), text)
    };
    let mut keys: Vec<Key> = Verdict::ALL.into_iter().map(|told| key(told, word(told))).collect();
    if matters {
        keys.push(Key::of(box_sample("delta", DELTA), "too small to matter"));
    }
    keys
}
