//! Where a claim holds along each range: a bar for each key, held, open or reversed, with a line at the break-even and a dot
//! at the scenario's own value. The three states differ in height as well as in colour.

use super::super::plots::canvas::{self, GREEN, Ink, VERMILLION};
use super::super::plots::robust::stretches;
use super::super::plots::words;
use super::super::robust::short;
use super::svg::{At, EM, Stroke, Svg, box_sample, line_sample};
use super::view::Key;
use crate::cells::columns::COLUMNS;
use crate::judge::robust::{ClaimState, ClaimTried, KeyTried, Robustness};
use crate::report::number::rounded;
use crate::scenario::Plausible;

const WIDTH: f64 = 940.0;
const ROW: f64 = 34.0;
/// Room for the names of the keys, and for the break-evens.
const GUTTER: f64 = 290.0;
const VALUES: f64 = 170.0;
/// What is open: darker than the paper, so that a bar can be seen.
const OPEN: Ink = Ink(0x6f, 0x6f, 0x6f);

const EVEN: Stroke<'_> = Stroke {
    class: "axis",
    ink: canvas::DARK,
    width: 2.0,
    dashes: &[],
};

/// What the marks are.
pub(super) fn keys() -> Vec<Key> {
    let mut own = Svg::new(16.0, 14.0);
    dot(&mut own, (8.0, 7.0));
    vec![
        Key::of(box_sample("held", GREEN), "held, a high bar"),
        Key::of(box_sample("left-open", OPEN), "open, a low bar"),
        Key::of(box_sample("reversed", VERMILLION), "reversed, a bar that hangs"),
        Key::of(line_sample(EVEN), "break-even"),
        Key::of(own.sample(), "the scenario's own value"),
    ]
}

fn dot(svg: &mut Svg, centre: (f64, f64)) {
    svg.dot(centre, 4.5, "ink", canvas::DARK);
    svg.dot(centre, 2.5, "paper", canvas::PAPER);
}

/// The figure of a claim, which is the `at`-th.
pub(super) fn figure(found: &Robustness, at: usize, claim: &ClaimTried) -> String {
    let top = 30.0;
    let ranges = &found.quest.ranges;
    let mut svg = Svg::new(WIDTH, top + ranges.len() as f64 * ROW);
    let label = &found.quest.strategies[claim.strategy];
    let share = |state| rounded(claim.in_box.share(state) * 100.0, 0);
    let mut title = format!("{label}: {}", claim.own.verdict.word());
    if !claim.in_box.states.is_empty() {
        title += &format!(
            "; of all ranges at once {} % held, {} % open, {} % reversed",
            share(ClaimState::Held),
            share(ClaimState::Open),
            share(ClaimState::Reversed)
        );
    }
    svg.text(
        (0.0, EM + 2.0),
        &canvas::wrap(&title, EM, WIDTH, 1).concat(),
        At::Start,
        "head",
    );
    let mut told = Vec::new();
    for (row, (range, tried)) in ranges.iter().zip(&claim.keys).enumerate() {
        let y = top + (row as f64 + 0.5) * ROW;
        let said = said(range, tried, claim);
        svg.group(&said);
        names(&mut svg, range, y);
        bar(&mut svg, (range, tried, claim), y);
        values(&mut svg, range, tried, y);
        svg.group_end();
        told.push(said);
    }
    let title = format!("{label} in {}", words(COLUMNS[claim.column].name));
    svg.finish(&format!("bars-{at}"), &title, &told.join("; "))
}

/// A key in words.
fn said(range: &Plausible, tried: &KeyTried, claim: &ClaimTried) -> String {
    let (low, high) = tried.ends(claim.own.verdict);
    let (from, to) = range.range.words();
    let even = tried.break_even.map_or_else(String::new, |even| {
        let side = if tried.above { "above" } else { "below" };
        format!(", holds {side} {}", range.range.rounded(even.at))
    });
    format!(
        "{}: {} at {from}, {} at {to}{even}",
        short(&range.key),
        low.word(),
        high.word()
    )
}

fn names(svg: &mut Svg, range: &Plausible, y: f64) {
    let wrapped = |text: &str| canvas::wrap(text, EM, GUTTER - 14.0, 1).concat();
    svg.text((GUTTER - 10.0, y - 2.0), &wrapped(short(&range.key)), At::End, "");
    let own = range.own.trim_matches('"');
    let plausible = wrapped(&format!("{}, own: {own}", range.range));
    svg.text((GUTTER - 10.0, y + EM), &plausible, At::End, "soft");
}

fn values(svg: &mut Svg, range: &Plausible, tried: &KeyTried, y: f64) {
    let Some(even) = tried.break_even else { return };
    let [at, lo, hi] = [even.at, even.lo, even.hi].map(|part| range.range.rounded(part));
    let x = WIDTH - VALUES + 10.0;
    let side = if tried.above { ">" } else { "<" };
    svg.text((x, y - 2.0), &format!("holds {side} {at}"), At::Start, "");
    svg.text((x, y + EM), &format!("{lo} to {hi}"), At::Start, "soft");
}

fn bar(svg: &mut Svg, (range, tried, claim): (&Plausible, &KeyTried, &ClaimTried), y: f64) {
    let (from, to) = (GUTTER, WIDTH - VALUES);
    let x = |part: f64| from + part * (to - from);
    for (start, end, state) in stretches(range, tried, claim) {
        let (class, ink, up, down) = match state {
            ClaimState::Held => ("held", GREEN, 9.0, 3.0),
            ClaimState::Open => ("left-open", OPEN, 3.0, 3.0),
            ClaimState::Reversed => ("reversed", VERMILLION, 3.0, 9.0),
        };
        let (a, b) = (x(start), x(end));
        svg.area(&[(a, y - up), (b, y - up), (b, y + down), (a, y + down)], class, ink);
    }
    svg.line(
        (from, y + 13.0),
        (to, y + 13.0),
        Stroke::plain("grid", canvas::FAINT, 1.0),
    );
    if let Some(even) = tried.break_even {
        svg.line((x(even.at), y - 12.0), (x(even.at), y + 12.0), EVEN);
    }
    if let Some(own) = range.range.part(&range.own).filter(|part| (0.0..=1.0).contains(part)) {
        dot(svg, (x(own), y));
    }
}
