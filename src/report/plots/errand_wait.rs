//! How long operators wait until their image runs on the node that it is for: the share of
//! errands served within a time, per strategy, on a logarithmic time axis.

use super::axis::{Scale, WAITS, bottom, left};
use super::canvas::{Anchor, DARK, FAINT, Frame, GREY, Ink, Sheet};
use super::page::{Page, arm_labels};
use super::palette::{StrategyLook, looks};
use crate::cells::rows::ErrandRow;
use crate::judge::results::Results;

/// Waits in milliseconds of the errands whose image ran, in order, and how many errands there were.
fn waits(errands: &[ErrandRow]) -> (Vec<u64>, usize) {
    let mut served: Vec<u64> = errands
        .iter()
        .filter_map(|e| e.running.map(|at| (at - e.needed).0))
        .collect();
    served.sort_unstable();
    (served, errands.len())
}

/// Draws the figure.
#[must_use]
pub fn draw(results: &Results) -> Sheet {
    let all: Vec<(Vec<u64>, usize)> = results.arms.iter().map(|arm| waits(&arm.log.errands)).collect();
    let high = (results.arms.len() as f64 * 46.0 + 40.0).max(400.0);
    let notes = ["Replication 0. A curve that ends below 100 % leaves errands unserved; waits run from the need to the image on the right node.".to_owned()];
    let looks = looks(results.arms.iter().map(|arm| arm.label.as_str()));
    let mut page = Page::new(
        results,
        "How long an errand waits for its node",
        &results.question,
        &notes,
        high,
    );
    let frame = Frame {
        x0: 64.0,
        y0: page.body.y0 + 30.0,
        x1: 690.0,
        y1: page.body.y1 - 36.0,
    };
    let y = Scale {
        lo: 0.0,
        hi: 1.0,
        from: frame.y1,
        to: frame.y0,
    };
    page.sheet.text(
        (26.0, frame.y0 - 18.0),
        "errands served within the time",
        10.5,
        Anchor::Start,
        DARK,
    );
    let shares: Vec<(f64, String)> = (0..=5).map(|k| (f64::from(k) / 5.0, format!("{} %", k * 20))).collect();
    let longest = all.iter().filter_map(|(served, _)| served.last()).max().copied();
    let shortest = all
        .iter()
        .filter_map(|(served, _)| served.iter().find(|w| **w > 0))
        .min()
        .copied();
    left(&mut page.sheet, frame, y, &shares, true);
    let Some(longest) = longest else {
        page.sheet.line((frame.x0, frame.y1), (frame.x1, frame.y1), 1.0, DARK);
        let any = all.iter().any(|(_, n)| *n > 0);
        page.nothing(
            frame,
            if any {
                "no errand's image ever ran on its node"
            } else {
                "no errand ran"
            },
        );
        legend(&mut page.sheet, results, &looks, &all, frame);
        return page.sheet;
    };
    let shortest = shortest.unwrap_or(longest.max(1));
    let x = span(shortest, longest, (frame.x0, frame.x1));
    let inside = |ms: u64| (x.lo - 1e-9..=x.hi + 1e-9).contains(&log(ms));
    let marks: Vec<(f64, String)> = WAITS
        .iter()
        .filter(|(ms, _)| inside(*ms))
        .map(|(ms, name)| (log(*ms), (*name).to_owned()))
        .collect();
    bottom(&mut page.sheet, frame, x, &marks, "wait (logarithmic)");
    for (i, (served, n)) in all.iter().enumerate() {
        dashed(&mut page.sheet, &curve(served, *n, x, y), looks[i].dashes, looks[i].ink);
    }
    legend(&mut page.sheet, results, &looks, &all, frame);
    page.sheet
}

pub(crate) fn log(ms: u64) -> f64 {
    libm::log10(ms.max(1) as f64)
}

/// From the mark at or below the shortest wait to the one at or above the longest.
fn span(shortest: u64, longest: u64, (from, to): (f64, f64)) -> Scale {
    let lo = WAITS
        .iter()
        .rev()
        .find(|(ms, _)| *ms <= shortest)
        .map_or(1, |(ms, _)| *ms);
    let hi = WAITS
        .iter()
        .find(|(ms, _)| *ms >= longest && *ms > lo)
        .map_or(longest.max(lo * 10), |(ms, _)| *ms);
    Scale {
        lo: log(lo),
        hi: log(hi),
        from,
        to,
    }
}

/// The steps of the distribution function, one per half unit of the page at most.
fn curve(served: &[u64], n: usize, x: Scale, y: Scale) -> Vec<(f64, f64)> {
    if n == 0 {
        return Vec::new();
    }
    let Some(first) = served.first() else { return Vec::new() };
    // Not along the axis up to the first wait: every curve would lie there.
    let mut points = vec![(x.at(log(*first)), y.at(0.0))];
    let mut level = y.at(0.0);
    for (i, wait) in served.iter().enumerate() {
        let at = (x.at(log(*wait)) * 2.0).round() / 2.0;
        let next_at = served.get(i + 1).map(|w| (x.at(log(*w)) * 2.0).round() / 2.0);
        if next_at == Some(at) {
            continue;
        }
        points.push((at, level));
        level = y.at((i + 1) as f64 / n as f64);
        points.push((at, level));
    }
    points.push((x.to, level));
    points
}

/// A dashed line.
pub(super) fn dashed(sheet: &mut Sheet, points: &[(f64, f64)], dashes: &[f64], ink: Ink) {
    const WIDE: f64 = 2.0;
    if points.len() < 2 {
        return;
    }
    if dashes.is_empty() {
        sheet.path(points.to_vec(), WIDE, ink);
        return;
    }
    let (mut turn, mut left) = (0, dashes[0]);
    let mut stroke = vec![points[0]];
    for pair in points.windows(2) {
        let (mut from, to) = (pair[0], pair[1]);
        loop {
            let (dx, dy) = (to.0 - from.0, to.1 - from.1);
            let length = (dx * dx + dy * dy).sqrt();
            if length <= left {
                left -= length;
                stroke.push(to);
                break;
            }
            from = (from.0 + dx * left / length, from.1 + dy * left / length);
            stroke.push(from);
            if turn % 2 == 0 {
                sheet.path(std::mem::take(&mut stroke), WIDE, ink);
            }
            stroke = vec![from];
            turn += 1;
            left = dashes[turn % dashes.len()];
        }
    }
    if turn % 2 == 0 {
        sheet.path(stroke, WIDE, ink);
    }
}

fn legend(sheet: &mut Sheet, results: &Results, looks: &[StrategyLook], all: &[(Vec<u64>, usize)], frame: Frame) {
    let x = frame.x1 + 22.0;
    let mut at = frame.y0 + 2.0;
    let labels = arm_labels(&results.arms, 10.5, 186.0, 2);
    for (i, lines) in labels.iter().enumerate() {
        let (served, n) = &all[i];
        dashed(sheet, &[(x, at), (x + 26.0, at)], looks[i].dashes, looks[i].ink);
        at += sheet.lines((x + 34.0, at), lines, 10.5, Anchor::Start, DARK);
        let counts = if *n == 0 {
            "no errand".to_owned()
        } else {
            format!("{} of n = {n} served", served.len())
        };
        sheet.text((x + 34.0, at), &counts, 9.5, Anchor::Start, GREY);
        at += 20.0;
    }
    sheet.line((x - 10.0, frame.y0 - 6.0), (x - 10.0, frame.y1), 0.5, FAINT);
}
