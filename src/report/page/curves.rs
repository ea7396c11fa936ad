//! A metric over a key: for each strategy a line through the means, with the intervals as whiskers.

use super::super::plots::axis::{Scale, padded, ticks};
use super::super::plots::canvas;
use super::super::plots::palette::{StrategyLook, looks};
use super::svg::{At, EM, Stroke, Svg, bottom, left, line_sample};
use super::view::Key;
use crate::report::number::rounded;
use crate::stats::estimate::Estimate;

/// The height of a panel.
const HEIGHT: f64 = 270.0;

/// A horizontal axis.
pub(super) struct Across {
    pub(super) name: String,
    pub(super) lo: f64,
    pub(super) hi: f64,
    pub(super) marks: Vec<(f64, String)>,
}

/// A vertical axis.
#[derive(Clone)]
pub(super) struct Up {
    pub(super) name: String,
    pub(super) lo: f64,
    pub(super) hi: f64,
}

impl Up {
    /// An axis that holds these ends: from 0, unless all of them lie far above it; none where there is none.
    pub(super) fn over(name: String, ends: impl Iterator<Item = f64>) -> Option<Up> {
        let (lo, hi) = ends.fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), end| {
            (lo.min(end), hi.max(end))
        });
        if lo > hi {
            return None;
        }
        let (below, above) = padded(lo, hi, 0.06);
        let from = if lo >= 0.0 && lo <= hi * 0.4 { 0.0 } else { below };
        Some(Up {
            name,
            lo: from,
            hi: above,
        })
    }

    /// What is to be known of where it begins.
    pub(super) fn note(&self) -> &'static str {
        if self.lo == 0.0 {
            ""
        } else {
            " The vertical axis does not begin at 0."
        }
    }
}

/// The means of a strategy along the axis.
pub(super) struct Curve<'a> {
    pub(super) look: StrategyLook,
    pub(super) label: &'a str,
    /// Places on the axis, rising, in the units of both axes.
    pub(super) points: Vec<(f64, Estimate)>,
}

/// A panel of curves.
pub(super) struct Panel<'a> {
    /// Its own name in the page.
    pub(super) id: String,
    pub(super) title: String,
    pub(super) width: f64,
    pub(super) curves: Vec<Curve<'a>>,
    /// Whether means are joined by a line: not where other keys vary as well.
    pub(super) joined: bool,
}

/// How a strategy's line is drawn.
pub(super) fn stroke(class: &str, look: StrategyLook) -> Stroke<'_> {
    Stroke {
        class,
        ink: look.ink,
        width: 2.2,
        dashes: look.dashes,
    }
}

/// The class of a strategy's colour in the stylesheet.
pub(super) fn class(look: StrategyLook) -> String {
    format!("k{}", look.slot)
}

/// What the lines are.
pub(super) fn keys(labels: &[String]) -> Vec<Key> {
    let key = |(look, label): (StrategyLook, &String)| Key::of(line_sample(stroke(&class(look), look)), label);
    let looks = looks(labels.iter().map(String::as_str));
    looks.into_iter().zip(labels).map(key).collect()
}

/// The drawing of a panel.
pub(super) fn drawn(panel: &Panel<'_>, across: &Across, up: &Up) -> String {
    let (top, base, from, to) = (38.0, HEIGHT - EM * 3.4, 52.0, panel.width - 14.0);
    let y = Scale {
        lo: up.lo,
        hi: up.hi,
        from: base,
        to: top,
    };
    let x = Scale {
        lo: across.lo,
        hi: across.hi,
        from: from + 6.0,
        to: to - 6.0,
    };
    let mut svg = Svg::new(panel.width, HEIGHT);
    let title = canvas::wrap(&panel.title, EM, panel.width - 8.0, 1).concat();
    svg.text((0.0, EM + 2.0), &title, At::Start, "head");
    svg.text((0.0, EM * 2.4), &up.name, At::Start, "soft");
    left(&mut svg, (from, to), y, &ticks(y.lo, y.hi, 5));
    bottom(&mut svg, (top, base), x, &across.marks);
    let name = canvas::wrap(&across.name, EM, panel.width - 20.0, 1).concat();
    svg.text(((from + to) / 2.0, HEIGHT - 4.0), &name, At::Middle, "soft");
    let count = panel.curves.len() as f64;
    for (i, curve) in panel.curves.iter().enumerate() {
        // Side by side, so that no interval hides another.
        let aside = (i as f64 - (count - 1.0) / 2.0) * 3.0;
        line(&mut svg, curve, (x, y, aside), panel.joined);
    }
    let told: Vec<String> = panel.curves.iter().filter_map(|curve| told(curve, across)).collect();
    let description = format!("{} over {}. {}", up.name, across.name, told.join("; "));
    svg.finish(&panel.id, &panel.title, &description)
}

fn line(svg: &mut Svg, curve: &Curve<'_>, (x, y, aside): (Scale, Scale, f64), joined: bool) {
    let (class, ink) = (class(curve.look), curve.look.ink);
    let at = |place: f64| x.at(place) + aside;
    let means: Vec<(f64, f64)> = curve
        .points
        .iter()
        .map(|(place, e)| (at(*place), y.at(e.mean)))
        .collect();
    if joined {
        svg.path(&means, stroke(&class, curve.look), curve.label);
    }
    for ((place, e), centre) in curve.points.iter().zip(&means) {
        if e.n > 1 {
            let whisker = Stroke::plain(&class, ink, 1.2);
            svg.line((at(*place), y.at(e.lo)), (at(*place), y.at(e.hi)), whisker);
        }
        let radius = if joined { 3.0 } else { 2.2 };
        svg.ring(*centre, radius, Stroke::plain(&class, ink, 1.4));
    }
}

/// A curve in words: its ends.
fn told(curve: &Curve<'_>, across: &Across) -> Option<String> {
    let (first, last) = (curve.points.first()?, curve.points.last()?);
    let named = |place: f64| {
        let mark = across.marks.iter().find(|(at, _)| (at - place).abs() < 1e-9);
        mark.map_or_else(|| rounded(place, 3), |(_, text)| text.clone())
    };
    let said = |(place, e): &(f64, Estimate)| format!("{} at {}", rounded(e.mean, 3), named(*place));
    Some(format!("{}: {} to {}", curve.label, said(first), said(last)))
}
