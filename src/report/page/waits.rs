//! How long errands wait: the share served within a time, on a logarithmic axis.

use super::super::plots::axis::{Scale, WAITS};
use super::super::plots::errand_wait::{axis, log};
use super::super::plots::palette::{StrategyLook, looks};
use super::super::plots::told_waits;
use super::curves::{class, stroke};
use super::svg::{At, EM, Svg, bottom, left, line_sample};
use super::view::Key;
use crate::judge::results::{Arm, ErrandWaits, Results};

const WIDTH: f64 = 940.0;
const HEIGHT: f64 = 380.0;

/// Each strategy with its look and the class of its colour.
fn strategies(results: &Results) -> impl Iterator<Item = (&Arm, StrategyLook, String)> {
    let looks = looks(results.arms.iter().map(|arm| arm.label.as_str()));
    let arms = results.arms.iter().zip(looks);
    arms.map(|(arm, look)| (arm, look, class(look)))
}

/// What the curves are, and how many errands each is of.
pub(super) fn keys(results: &Results) -> Vec<Key> {
    let key = |(arm, look, class): (&Arm, StrategyLook, String)| {
        let counts = match &arm.errand_waits {
            None => "too many waits to keep".to_owned(),
            Some(waits) if waits.errands == 0 => "no errand".to_owned(),
            Some(waits) => format!("{} of {} errands served", waits.served, waits.errands),
        };
        Key {
            sample: line_sample(stroke(&class, look)),
            text: arm.label.clone(),
            more: counts,
        }
    };
    strategies(results).map(key).collect()
}

/// The figure; none where no errand's image ever ran.
pub(super) fn figure(results: &Results) -> Option<String> {
    let all = results.arms.iter().filter_map(|arm| arm.errand_waits.as_ref());
    let steps: Vec<Vec<(u64, f64)>> = all
        .map(|waits| waits.steps.iter().map(|(wait, share)| (wait.0, *share)).collect())
        .collect();
    let curves: Vec<&[(u64, f64)]> = steps.iter().map(Vec::as_slice).collect();
    let (top, base, from, to) = (14.0, HEIGHT - EM * 3.4, 52.0, WIDTH - 14.0);
    let x = axis(&curves, (from, to))?;
    let y = Scale {
        lo: 0.0,
        hi: 1.0,
        from: base,
        to: top,
    };
    let mut svg = Svg::new(WIDTH, HEIGHT);
    let shares: Vec<(f64, String)> = (0..=5).map(|k| (f64::from(k) / 5.0, format!("{} %", k * 20))).collect();
    left(&mut svg, (from, to), y, &shares);
    let inside = |ms: u64| (x.lo - 1e-9..=x.hi + 1e-9).contains(&log(ms));
    let marks = WAITS.iter().filter(|(ms, _)| inside(*ms));
    let marks: Vec<(f64, String)> = marks.map(|(ms, name)| (log(*ms), (*name).to_owned())).collect();
    bottom(&mut svg, (top, base), x, &marks);
    svg.text(
        ((from + to) / 2.0, HEIGHT - 4.0),
        "wait (logarithmic)",
        At::Middle,
        "soft",
    );
    for (arm, look, class) in strategies(results) {
        let Some(waits) = &arm.errand_waits else { continue };
        svg.path(&curve(waits, x, y), stroke(&class, look), &arm.label);
    }
    let told = results.arms.iter().filter_map(told_waits);
    let told: Vec<String> = told.collect();
    Some(svg.finish(
        "waits",
        "Share of errands served within a time, by strategy",
        &told.join("; "),
    ))
}

fn curve(waits: &ErrandWaits, x: Scale, y: Scale) -> Vec<(f64, f64)> {
    let mut points = Vec::new();
    let mut level = y.at(0.0);
    for (wait, share) in &waits.steps {
        // The very first ones lie before the axis.
        let at = x.at(log(wait.0)).max(x.from);
        points.push((at, level));
        level = y.at(*share);
        points.push((at, level));
    }
    if !points.is_empty() {
        points.push((x.to, level));
    }
    points
}
