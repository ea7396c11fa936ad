//! How long operators wait until their image runs on the node that it is for: the share of
//! errands served within a time, per strategy, on a logarithmic time axis.

use super::axis::{Scale, WAITS, bottom, left};
use super::canvas::{Anchor, DARK, FAINT, Frame, GREY, Sheet};
use super::page::{Page, arm_labels};
use super::palette::{StrategyLook, looks};
use super::told;
use super::wish::PlotWish;
use crate::cells::rows::ErrandRow;
use crate::judge::results::{Arm, Results};

/// Below this share a curve does not make the axis longer: the first of thousands of errands may be served at once.
const FIRST: f64 = 0.005;

/// A strategy's waits: milliseconds, each with the share of all errands that were served within it.
struct Curve {
    steps: Vec<(u64, f64)>,
    served: u64,
    errands: u64,
}

impl Curve {
    /// Of all replications.
    fn of_all(arm: &Arm) -> Option<Curve> {
        let waits = arm.errand_waits.as_ref()?;
        Some(Curve {
            steps: waits.steps.iter().map(|(wait, share)| (wait.0, *share)).collect(),
            served: waits.served,
            errands: waits.errands,
        })
    }

    /// Of replication 0, where there were too many to keep.
    fn of_first(errands: &[ErrandRow]) -> Curve {
        let waits = errands.iter().filter_map(|e| Some((e.running? - e.needed).0));
        let mut served: Vec<u64> = waits.collect();
        served.sort_unstable();
        let share = |at: usize| (at + 1) as f64 / errands.len().max(1) as f64;
        Curve {
            steps: served.iter().enumerate().map(|(at, wait)| (*wait, share(at))).collect(),
            served: served.len() as u64,
            errands: errands.len() as u64,
        }
    }
}

/// Draws the figure.
#[must_use]
pub fn draw(results: &Results, _: &PlotWish) -> Sheet {
    let all: Option<Vec<Curve>> = results.arms.iter().map(Curve::of_all).collect();
    let over = match &all {
        Some(_) => "Errands of all replications together, since the warm-up.",
        None => "Replication 0: there were too many errands to keep the waits of all replications.",
    };
    let first = || {
        results
            .arms
            .iter()
            .map(|arm| Curve::of_first(&arm.log.errands))
            .collect()
    };
    let all: Vec<Curve> = all.unwrap_or_else(first);
    let high = (results.arms.len() as f64 * 60.0 + 40.0).max(400.0);
    let note = format!(
        "{over} A curve that ends below 100 % leaves errands unserved. Waits run from the need to the image on the right node. \
         The axis begins where a curve has reached {} %.",
        FIRST * 100.0
    );
    let mut page = Page::new(results, "How long an errand waits for its node", &[note], high);
    page.sheet.tell(told::sentence(
        results.arms.iter().filter_map(told::waits),
        "no errand's wait is known",
    ));
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
    let title = "errands served within the time";
    page.sheet
        .text((26.0, frame.y0 - 18.0), title, 10.5, Anchor::Start, DARK);
    let shares: Vec<(f64, String)> = (0..=5).map(|k| (f64::from(k) / 5.0, format!("{} %", k * 20))).collect();
    left(&mut page.sheet, frame, y, &shares, true);
    let looks = looks(results.arms.iter().map(|arm| arm.label.as_str()));
    legend(&mut page.sheet, results, (&looks, &all), frame);
    let curves: Vec<&[(u64, f64)]> = all.iter().map(|curve| &curve.steps[..]).collect();
    let Some(x) = axis(&curves, (frame.x0, frame.x1)) else {
        page.sheet.line((frame.x0, frame.y1), (frame.x1, frame.y1), 1.0, DARK);
        let any = all.iter().any(|curve| curve.errands > 0);
        page.nothing(
            frame,
            if any {
                "no errand's image ever ran on its node"
            } else {
                "no errand ran"
            },
        );
        return page.sheet;
    };
    let inside = |ms: u64| (x.lo - 1e-9..=x.hi + 1e-9).contains(&log(ms));
    let marks = WAITS.iter().filter(|(ms, _)| inside(*ms));
    let marks: Vec<(f64, String)> = marks.map(|(ms, name)| (log(*ms), (*name).to_owned())).collect();
    bottom(&mut page.sheet, frame, x, &marks, "wait (logarithmic)");
    // Whole lines first, and each line thinner than those below it: a curve shows even where another runs along it.
    let mut order: Vec<usize> = (0..all.len()).collect();
    order.sort_by_key(|at| !looks[*at].dashes.is_empty());
    let step = 2.6 / (all.len().max(2) - 1) as f64;
    for (turn, at) in order.into_iter().enumerate() {
        let wide = 4.0 - step * turn as f64;
        let points = steps(&all[at], x, y);
        page.sheet.dashed(&points, (looks[at].dashes, wide), looks[at].ink);
    }
    page.sheet
}

pub(crate) fn log(ms: u64) -> f64 {
    libm::log10(ms.max(1) as f64)
}

/// The axis of waits: from the first wait at which a curve is not at its very beginning to the longest one, with some room;
/// none where there is no wait. A curve is waits in milliseconds, each with the share that was served within it.
pub(crate) fn axis(curves: &[&[(u64, f64)]], (from, to): (f64, f64)) -> Option<Scale> {
    let longest = curves
        .iter()
        .filter_map(|steps| steps.last())
        .map(|step| step.0)
        .max()?;
    let begin = |steps: &&[(u64, f64)]| {
        let first = steps.iter().find(|step| step.0 > 0 && step.1 >= FIRST);
        first.map(|step| step.0)
    };
    let begins = curves.iter().filter_map(begin).min();
    let (lo, hi) = (log(begins.unwrap_or(longest)), log(longest));
    let room = (hi - lo).max(1.0) * 0.02;
    Some(Scale {
        lo: lo - room,
        hi: hi + room,
        from,
        to,
    })
}

/// The steps of the distribution function, one per half unit of the page at most.
fn steps(curve: &Curve, x: Scale, y: Scale) -> Vec<(f64, f64)> {
    let place = |wait: u64| (x.at(log(wait)) * 2.0).round() / 2.0;
    let mut points = Vec::new();
    let mut level = y.at(0.0);
    for (i, (wait, share)) in curve.steps.iter().enumerate() {
        let at = place(*wait);
        if curve.steps.get(i + 1).is_some_and(|next| place(next.0) == at) {
            continue;
        }
        // Not along the axis up to the first wait: every curve would lie there.
        points.push((at, level));
        level = y.at(*share);
        points.push((at, level));
    }
    if !points.is_empty() {
        points.push((x.to, level));
    }
    points
}

fn legend(sheet: &mut Sheet, results: &Results, (looks, all): (&[StrategyLook], &[Curve]), frame: Frame) {
    let x = frame.x1 + 22.0;
    let mut at = frame.y0 + 2.0;
    let labels = arm_labels(&results.arms, 10.5, 186.0, 2);
    for (i, lines) in labels.iter().enumerate() {
        let (curve, look) = (&all[i], looks[i]);
        sheet.dashed(&[(x, at), (x + 30.0, at)], (look.dashes, 2.5), look.ink);
        at += sheet.lines((x + 38.0, at), lines, 10.5, Anchor::Start, DARK);
        let counts = match curve.errands {
            0 => "no errand".to_owned(),
            n => format!("{} of {n} errands served", curve.served),
        };
        sheet.text((x + 38.0, at), &counts, 9.5, Anchor::Start, GREY);
        let same = |other: &usize| !curve.steps.is_empty() && all[*other].steps == curve.steps;
        if let Some(other) = (0..i).find(same) {
            at += 13.0;
            let alike = super::canvas::wrap(&format!("same as {}", labels[other].concat()), 9.5, 186.0, 1);
            sheet.lines((x + 38.0, at), &alike, 9.5, Anchor::Start, GREY);
        }
        at += 20.0;
    }
    sheet.line((x - 10.0, frame.y0 - 6.0), (x - 10.0, frame.y1), 0.5, FAINT);
}
