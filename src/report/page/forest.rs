//! The forests of the page: those of the figures (`plots/forest.rs`), each with its rows' labels and what is said of them.

use super::super::number::differed;
use super::super::plots::canvas::{self, Anchor, DARK, Frame, Sheet, WIDTH as ANY, width};
use super::super::plots::forest::{self as drawing, FOOT, Forest, HEAD, MARKS, Seen};
use super::super::plots::wish::PlotWish;
use super::super::plots::{mark, telling};
use super::super::{difference_unit, factor, paired};
use super::svg::{DELTA, Stroke, Svg, box_sample, line_sample};
use super::tables::verdict;
use super::view::Key;
use crate::cells::columns::Column;
use crate::judge::results::{Arm, Results};
use crate::report::number::signed;
use crate::stats::compare::{Paired, Verdict};

const WIDTH: f64 = 420.0;
const PITCH: f64 = 20.0;
const GUTTER: f64 = 110.0;
/// The size of the rows' labels.
const EM: f64 = 10.0;

/// A forest with what the page says beside it.
pub(super) struct Labelled {
    /// Its own name in the page.
    pub(super) id: String,
    /// What is to be known beside the title, for who cannot see the drawing.
    pub(super) described: String,
    pub(super) forest: Forest,
    /// The rows' labels, and what is said of each in full.
    pub(super) rows: Vec<(String, String)>,
}

/// A forest for each metric that the figure shows.
pub(super) fn forests(results: &Results) -> Vec<String> {
    let others: Vec<&Arm> = results.others().collect();
    let metrics = drawing::metrics(results, &PlotWish::default()).into_iter();
    let one = metrics.map(|(place, column)| {
        let row = |arm: &&Arm| (arm.label.clone(), told(&arm.label, paired(arm, place), column));
        drawn(&Labelled {
            id: format!("forest-{place}"),
            described: format!("difference from {}", results.baseline_label()),
            forest: Forest::of(&others, (place, column)),
            rows: others.iter().map(row).collect(),
        })
    });
    one.collect()
}

/// Whether it is said of some difference what matters.
pub(super) fn has_matters(results: &Results) -> bool {
    let metrics = drawing::metrics(results, &PlotWish::default());
    let mut all = results
        .others()
        .flat_map(|arm| metrics.iter().filter_map(|(at, _)| paired(arm, *at)));
    all.any(|p| p.matters > 0.0)
}

/// A row in full.
pub(super) fn told(label: &str, value: Option<Paired>, column: &Column) -> String {
    match value.map(|p| p.times(factor(column))) {
        None => format!("{label}: no value"),
        Some(p) => format!(
            "{label}: {} {} {}",
            differed(p),
            difference_unit(column),
            verdict(p.verdict)
        ),
    }
}

/// The drawing of a forest.
pub(super) fn drawn(one: &Labelled) -> String {
    let high = HEAD + one.rows.len() as f64 * PITCH + FOOT;
    let widest = one.rows.iter().map(|row| width(&row.0, EM)).fold(0.0, f64::max);
    let frame = Frame {
        x0: (widest + 14.0).clamp(GUTTER, WIDTH * 0.5),
        y0: HEAD,
        x1: WIDTH - 14.0,
        y1: high - FOOT,
    };
    let mut svg = Svg::new(WIDTH, high);
    svg.sheet(&on_sheet(|sheet| one.forest.axes(sheet, frame, 0.0)));
    let labels: Vec<&str> = one.rows.iter().map(|row| row.0.as_str()).collect();
    let labels = telling(&labels, EM, frame.x0 - 10.0, 1);
    for (at, (row, label)) in one.rows.iter().zip(labels).enumerate() {
        let y = frame.y0 + (at as f64 + 0.5) * PITCH;
        svg.group(&row.1);
        svg.sheet(&on_sheet(|sheet| {
            sheet.lines((frame.x0 - 8.0, y), &label, EM, Anchor::End, DARK);
            one.forest.row(sheet, at, frame, y);
        }));
        svg.group_end();
    }
    let spoken = one.rows.iter().zip(&one.forest.rows);
    let spoken: Vec<String> = spoken
        .filter_map(|(row, seen)| Some(spoken_of(&row.0, (*seen)?)))
        .collect();
    let title = format!("{}, {}", one.forest.title, one.described);
    svg.finish(&one.id, &title, &spoken.join("; "))
}

/// A difference as it is read out.
fn spoken_of(label: &str, seen: Seen) -> String {
    let word = verdict(seen.verdict);
    format!("{label} {} {word}", signed(seen.diff, 3)).trim_end().to_owned()
}

fn on_sheet(draw: impl FnOnce(&mut Sheet)) -> Sheet {
    let mut sheet = Sheet::new(ANY);
    draw(&mut sheet);
    sheet
}

/// The sign of a verdict: a form for each, so that it does without its colour.
pub(super) fn sign(svg: &mut Svg, centre: (f64, f64), verdict: Verdict) {
    svg.sheet(&on_sheet(|sheet| mark(sheet, centre, verdict)));
}

/// The sign of a verdict as a legend shows it, alone.
pub(super) fn sign_sample(verdict: Verdict) -> String {
    let mut svg = Svg::new(16.0, 14.0);
    sign(&mut svg, (8.0, 7.0), verdict);
    svg.sample()
}

/// What the marks are; `matters` is whether something is said of what matters.
pub(super) fn keys(matters: bool, confidence: f64) -> Vec<Key> {
    let mut keys = marks(matters, |verdict| match verdict {
        Verdict::None => "no word: the metric has no good side, or is not among those told",
        told => told.word(),
    });
    for (text, width) in drawing::parts(confidence).iter().zip([1.0, 3.0]) {
        let line = Stroke::plain("open", canvas::GREY, width);
        keys.push(Key::of(line_sample(line), text));
    }
    keys
}

/// What the marks alone are, in words of one's own.
pub(super) fn marks(matters: bool, word: impl Fn(Verdict) -> &'static str) -> Vec<Key> {
    let key = |(_, verdict): (&str, Verdict)| Key::of(sign_sample(verdict), word(verdict));
    let mut keys: Vec<Key> = MARKS.into_iter().map(key).collect();
    if matters {
        keys.push(Key::of(box_sample("delta", DELTA), "too small to matter"));
    }
    keys
}
