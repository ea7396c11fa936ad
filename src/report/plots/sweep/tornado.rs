//! One key at a time: how far each key moves the metric from where the scenario's own values put it, the key that
//! moves it most at the top.

use super::drawn::{Drawn, DrawnMetric, footer, value};
use crate::cells::points::range::{number, time};
use crate::report::number::{decimals, signed};
use crate::report::plots::axis::{Scale, bottom, ticks};
use crate::report::plots::canvas::{Anchor, BLUE, DARK, Frame, GREY, Ink, ORANGE, PAPER, Sheet, width, wrap};
use crate::report::plots::labels::telling;
use crate::report::plots::page::{BODY, MARGIN, Page, Swatch, cell, first_paragraph, percent};
use crate::report::plots::told::sentence;
use crate::stats::compare::{Paired, Verdict};
use crate::stats::estimate::Interval;

const GUTTER: f64 = 170.0;
const ROW: f64 = 26.0;
const TEXT: f64 = 9.0;

/// A value of a key and what it does to a strategy.
struct Effect<'a> {
    text: &'a str,
    /// Whether it lies above the scenario's own value; none where there is no order.
    above: Option<bool>,
    paired: Paired,
}

/// Draws the figure.
pub(super) fn draw(drawn: &Drawn<'_>, metric: DrawnMetric) -> Sheet {
    let manifest = drawn.manifest;
    let strategies = manifest.strategies.len();
    let effects: Vec<Vec<Vec<Effect<'_>>>> = (0..strategies).map(|at| by_key(drawn, at, metric)).collect();
    let mut order: Vec<usize> = (0..manifest.design.axes.len()).collect();
    let reach = |key: usize| {
        let all = effects.iter().flat_map(|strategy| &strategy[key]);
        all.map(|effect| effect.paired.diff.abs()).fold(0.0_f64, f64::max)
    };
    order.sort_by(|a, b| reach(*b).total_cmp(&reach(*a)));
    let columns = strategies.clamp(1, 2);
    let rows = strategies.div_ceil(2);
    let panel = 22.0 + order.len() as f64 * ROW + 40.0;
    let unit = if metric.unit() == "%" {
        "% points"
    } else {
        metric.unit()
    };
    let heading = format!(
        "What moves {}, one key at a time",
        super::super::words(metric.column.name)
    );
    let note = format!(
        "change in {unit} against the same strategy at the scenario's own values, replication by replication; \
         whiskers: {} % t-intervals; hollow: not told apart from no change, or too small to matter; beside the bars: the value that \
         reaches farthest and its change; all panels have one axis",
        percent(manifest.confidence)
    );
    let foot = footer(drawn);
    let high = 30.0 + rows as f64 * panel;
    let mut page = Page::with((&heading, first_paragraph(&manifest.question)), &[note], &foot, high);
    let legend = [
        ("below the scenario's own value", Swatch::Box(ORANGE)),
        ("above it", Swatch::Box(BLUE)),
        ("no order", Swatch::Box(PLAIN)),
    ];
    page.legend((MARGIN, page.body.y0 + 8.0), &legend);
    let body = Frame {
        x0: page.body.x0 + GUTTER,
        y0: page.body.y0 + 30.0,
        ..page.body
    };
    let all: Vec<&str> = manifest.strategies.iter().map(String::as_str).collect();
    let range = range(&effects, metric.factor());
    page.sheet.tell(told_of(drawn, &order, &effects, (metric, unit)));
    for at in 0..all.len() {
        let frame = cell(body, (at % columns, columns), (at / columns, rows), (24.0, 0.0));
        let inner = Frame {
            y0: frame.y0 + 22.0,
            y1: frame.y1 - 40.0,
            ..frame
        };
        let titles = telling(&all, BODY, inner.x1 - inner.x0, 1);
        page.sheet
            .lines((inner.x0, frame.y0 + 8.0), &titles[at], BODY, Anchor::Start, DARK);
        if at % columns == 0 {
            keys(&mut page.sheet, drawn, &order, inner);
        }
        bars(&mut page, (inner, range), &order, &effects[at], (metric.factor(), unit));
    }
    page.sheet
}

const PLAIN: Ink = Ink(0x99, 0x99, 0x99);

/// A strategy's effects by key.
fn by_key<'a>(drawn: &'a Drawn<'_>, strategy: usize, metric: DrawnMetric) -> Vec<Vec<Effect<'a>>> {
    let own = &drawn.points.first().map_or(&[][..], |point| &point.coordinates[..]);
    let axes = drawn.manifest.design.axes.len();
    let mut effects: Vec<Vec<Effect<'a>>> = (0..axes).map(|_| Vec::new()).collect();
    // The first point is the scenario as it is; the others follow key by key.
    let keys = drawn
        .manifest
        .points()
        .into_iter()
        .map(|point| point.iter().position(Option::is_some));
    for (point, key) in drawn.points.iter().zip(keys) {
        let Some(key) = key else { continue };
        let (text, own) = (&point.coordinates[key], &own[key]);
        // The scenario's own value moves nothing, by definition.
        if is_own(text, own) {
            continue;
        }
        let above = match (time(text), time(own), number(text), number(own)) {
            (Some(value), Some(own), ..) => Some(value > own),
            (.., Some((value, a)), Some((own, b))) if a == b => Some(value > own),
            _ => None,
        };
        if let Some(paired) = value(point, strategy, metric).and_then(|value| value.effect) {
            effects[key].push(Effect { text, above, paired });
        }
    }
    effects
}

fn keys(sheet: &mut Sheet, drawn: &Drawn<'_>, order: &[usize], frame: Frame) {
    for (row, &key) in order.iter().enumerate() {
        let y = frame.y0 + (row as f64 + 0.5) * ROW;
        let name = drawn.manifest.design.axes[key].key.as_str();
        let own = drawn.points.first().and_then(|point| point.coordinates.get(key));
        let own = own.map(String::as_str).filter(|own| !own.is_empty());
        let own = wrap(&format!("own: {}", own.unwrap_or("not set")), 8.0, GUTTER - 14.0, 1);
        let name = wrap(name, TEXT, GUTTER - 14.0, 1);
        sheet.lines((frame.x0 - 10.0, y - 5.5), &name, TEXT, Anchor::End, DARK);
        sheet.lines((frame.x0 - 10.0, y + 6.0), &own, 8.0, Anchor::End, GREY);
    }
}

/// From where to where the changes of all strategies go.
fn range(effects: &[Vec<Vec<Effect<'_>>>], factor: f64) -> (f64, f64) {
    let all = effects.iter().flatten().flatten();
    let ends = all.flat_map(|e| [e.paired.lo, e.paired.hi, e.paired.diff]);
    ends.map(|end| end * factor)
        .fold((0.0_f64, 0.0_f64), |(lo, hi), x| (lo.min(x), hi.max(x)))
}

/// What moves each strategy most, in words.
fn told_of(
    drawn: &Drawn<'_>,
    order: &[usize],
    effects: &[Vec<Vec<Effect<'_>>>],
    (metric, unit): (DrawnMetric, &str),
) -> String {
    let one = |(label, effects): (&String, &Vec<Vec<Effect<'_>>>)| {
        let all = order
            .iter()
            .flat_map(|&key| effects[key].iter().map(move |effect| (key, effect)));
        let (key, effect) = all.max_by(|a, b| a.1.paired.diff.abs().total_cmp(&b.1.paired.diff.abs()))?;
        let key = &drawn.manifest.design.axes[key].key;
        let diff = signed(effect.paired.diff * metric.factor(), 3);
        Some(format!(
            "{label}: {key} = {} moves it most, by {diff} {unit}",
            effect.text
        ))
    };
    let all = drawn.manifest.strategies.iter().zip(effects).filter_map(one);
    format!("Changes of {}. {}", metric.title(), sentence(all, "no value"))
}

fn bars(
    page: &mut Page,
    (frame, (lo, hi)): (Frame, (f64, f64)),
    order: &[usize],
    effects: &[Vec<Effect<'_>>],
    (factor, unit): (f64, &str),
) {
    let all: Vec<f64> = effects.iter().flatten().map(|e| e.paired.diff * factor).collect();
    let halves: Vec<f64> = effects
        .iter()
        .flatten()
        .map(|e| (e.paired.hi - e.paired.diff) * factor)
        .collect();
    let digits = decimals(&all, &halves);
    if effects.iter().all(Vec::is_empty) {
        page.nothing(frame, "no value");
        return;
    }
    // Room for the values' names at both ends.
    let room = ((hi - lo) * 0.45).max(if hi > lo { 0.0 } else { 1.0 });
    let scale = Scale {
        lo: lo - room,
        hi: hi + room,
        from: frame.x0,
        to: frame.x1,
    };
    let name = format!("change in {unit}");
    bottom(&mut page.sheet, frame, scale, &ticks(scale.lo, scale.hi, 5), &name);
    for (row, &key) in order.iter().enumerate() {
        let y = frame.y0 + (row as f64 + 0.5) * ROW;
        let farthest = |side: f64| {
            let one = effects[key].iter().filter(move |e| e.paired.diff * side > 0.0);
            one.max_by(|a, b| a.paired.diff.abs().total_cmp(&b.paired.diff.abs()))
        };
        let sides = [-1.0, 1.0].map(farthest);
        for effect in sides.iter().flatten() {
            bar(&mut page.sheet, scale, y, effect, factor);
        }
        // Outside of all bars and whiskers of the row, and inside of the panel.
        let ends = sides.iter().flatten().flat_map(|e| [e.paired.lo, e.paired.hi, 0.0]);
        let ends = ends.map(|end| scale.at(end * factor));
        let (left, right) = ends.fold((f64::MAX, f64::MIN), |(lo, hi), x| (lo.min(x), hi.max(x)));
        for (effect, anchor) in sides.iter().zip([Anchor::End, Anchor::Start]) {
            let Some(effect) = effect else { continue };
            let change = signed(effect.paired.diff * factor, digits).replace('-', "−");
            let text = wrap(effect.text, TEXT, 70.0, 1).concat();
            let text = vec![format!("{text}: {change}")];
            let wide = text.first().map_or(0.0, |text| width(text, TEXT));
            let x = match anchor {
                Anchor::End => (left - 5.0).max(frame.x0 + wide),
                _ => (right + 5.0).min(frame.x1 - wide),
            };
            page.sheet.lines((x, y), &text, TEXT, anchor, DARK);
        }
        // What moves nothing at all has no side.
        for effect in effects[key].iter() {
            let x = scale.at(effect.paired.diff * factor);
            page.sheet.dot((x, y), 2.5, ink(effect.above));
            if !told_apart(&effect.paired) {
                page.sheet.dot((x, y), 1.5, PAPER);
            }
        }
    }
    let zero = scale.at(0.0);
    page.sheet.line((zero, frame.y0), (zero, frame.y1), 1.0, DARK);
}

/// Whether two values are the same, however they are typed.
fn is_own(text: &str, own: &str) -> bool {
    let time = time(text).filter(|value| time(own) == Some(*value));
    let number = number(text).filter(|value| number(own) == Some(*value));
    text == own || time.is_some() || number.is_some()
}

/// Whether a change is told apart from none; a metric without a good side has no word, and its interval says the same.
fn told_apart(p: &Paired) -> bool {
    let interval = Interval { lo: p.lo, hi: p.hi };
    p.verdict.differs() || p.verdict == Verdict::None && p.n > 1 && interval.excludes_zero()
}

fn ink(above: Option<bool>) -> Ink {
    match above {
        Some(true) => BLUE,
        Some(false) => ORANGE,
        None => PLAIN,
    }
}

fn bar(sheet: &mut Sheet, scale: Scale, y: f64, effect: &Effect<'_>, factor: f64) {
    let Paired { diff, lo, hi, .. } = effect.paired;
    let [zero, end, lo, hi] = [0.0, diff, lo, hi].map(|figure| scale.at(figure * factor));
    let frame = Frame {
        x0: zero.min(end),
        y0: y - 7.0,
        x1: zero.max(end),
        y1: y + 7.0,
    };
    if !told_apart(&effect.paired) {
        sheet.outline(frame, ink(effect.above));
    } else {
        sheet.rect(frame, ink(effect.above));
    }
    sheet.line((lo, y), (hi, y), 1.0, DARK);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::compare::{Good, paired};

    #[test]
    fn the_scenarios_own_value_is_known_however_it_is_typed() {
        for (text, own) in [("600s", "10m"), ("0.10", "0.1"), ("instant", "instant"), ("2", "2")] {
            assert!(is_own(text, own), "{text} and {own}");
        }
        for (text, own) in [("10s", "10m"), ("0.1", "0.2"), ("instant", "periodic"), ("1", "")] {
            assert!(!is_own(text, own), "{text} and {own}");
        }
    }

    #[test]
    fn only_a_change_that_is_told_apart_is_filled() {
        let told = |values: [f64; 4], good: Good, matters: f64| {
            let p = paired(&values.map(Some), &[Some(0.0); 4], good, matters, 0.95).expect("pairs");
            told_apart(&p)
        };
        assert!(told([2.0, 2.1, 1.9, 2.0], Good::High, 0.5) && told([2.0, 2.1, 1.9, 2.0], Good::Neither, 0.0));
        assert!(!told([0.1, 0.11, 0.1, 0.1], Good::High, 0.5) && !told([-2.0, 2.1, 1.9, -2.0], Good::Neither, 0.0));
        assert!(!told([0.0; 4], Good::High, 0.5) && !told([0.0; 4], Good::Neither, 0.0));
    }
}
