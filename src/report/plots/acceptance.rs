//! Acceptance per strategy beside refusals by cause: two panels over the same rows.

use super::axis::{Scale, bottom, padded, ticks};
use super::canvas::{
    Anchor, BLUE, DARK, FAINT, Frame, GREEN, GREY, Ink, ORANGE, PAPER, PURPLE, SKY, Sheet, VERMILLION, YELLOW,
};
use super::page::{Page, Swatch, arm_labels, intervals, legend_rows};
use crate::cells::columns::Metric;
use crate::judge::results::Results;
use crate::report::number::{decimals, rounded};
use crate::report::{estimate, is_share};
use crate::stats::estimate::Estimate;
use crate::world::{CAUSES, Cause};

/// A cause's colour.
fn ink(cause: Cause) -> Ink {
    match cause {
        Cause::ClassFull => Ink(0x99, 0x99, 0x99),
        Cause::OnlyHidden => ORANGE,
        Cause::OtherTenants => SKY,
        Cause::CandidateCap => GREEN,
        Cause::Quota => YELLOW,
        Cause::StaleView => BLUE,
        Cause::BrokenHardware => VERMILLION,
        Cause::NoMatch => PURPLE,
        Cause::BuildChance => Ink(0xf0, 0xb2, 0x80),
        Cause::DriverRefused => Ink(0x00, 0x3f, 0x66),
        Cause::NeverFits => DARK,
        Cause::Line => Ink(0xcc, 0xcc, 0xcc),
    }
}

/// The causes that refused somebody in some strategy, with their columns.
fn causes(results: &Results) -> Vec<(Cause, &'static str, usize)> {
    let present = |place: usize| {
        results
            .arms
            .iter()
            .any(|arm| estimate(arm, place).is_some_and(|e| e.mean > 0.0))
    };
    CAUSES
        .iter()
        .map(|(cause, name)| (*cause, *name, Metric::refused_for(*cause).at()))
        .filter(|(_, _, place)| present(*place))
        .collect()
}

/// Where the panel of refusals begins.
const REFUSED: f64 = 540.0;

/// Draws the figure.
#[must_use]
pub fn draw(results: &Results) -> Sheet {
    let rows = results.arms.len().max(1) as f64;
    let pitch = (300.0 / rows).clamp(30.0, 62.0);
    let causes = causes(results);
    let legend: Vec<(&str, Swatch)> = causes
        .iter()
        .map(|(cause, name, _)| (*name, Swatch::Box(ink(*cause))))
        .collect();
    let legend_high = if legend.is_empty() {
        0.0
    } else {
        legend_rows(REFUSED, &legend) * 18.0
    };
    let high = 26.0 + rows * pitch + 34.0 + legend_high;
    let heading = "Who gets a machine, and why the others do not";
    let mut page = Page::new(results, heading, &results.question, &[intervals(results)], high);
    let (top, base) = (page.body.y0 + 26.0, page.body.y0 + 26.0 + rows * pitch);
    let accepted = Frame {
        x0: 190.0,
        y0: top,
        x1: 400.0,
        y1: base,
    };
    let refused = Frame {
        x0: REFUSED,
        y0: top,
        x1: 934.0,
        y1: base,
    };
    let labels = arm_labels(&results.arms, 11.0, 150.0, if pitch > 40.0 { 3 } else { 2 });
    for (i, lines) in labels.iter().enumerate() {
        let y = top + (i as f64 + 0.5) * pitch;
        page.sheet.lines(
            (178.0, y - (lines.len() as f64 - 1.0) * 7.15),
            lines,
            11.0,
            Anchor::End,
            DARK,
        );
        if i > 0 {
            let rule = top + i as f64 * pitch;
            page.sheet.line((30.0, rule), (934.0, rule), 0.5, FAINT);
        }
    }
    acceptance(&mut page, results, accepted, pitch);
    refusals(&mut page, results, &causes, refused, pitch);
    if !legend.is_empty() {
        page.legend((REFUSED, base + 48.0), &legend);
    }
    page.sheet
}

fn acceptance(page: &mut Page, results: &Results, frame: Frame, pitch: f64) {
    page.sheet
        .text((frame.x0, frame.y0 - 14.0), "Acceptance", 12.0, Anchor::Start, DARK);
    let (place, column) = (Metric::Acceptance.at(), Metric::Acceptance.column());
    let share = is_share(column);
    let factor = if share { 100.0 } else { 1.0 };
    let scaled = |e: Estimate| Estimate {
        mean: e.mean * factor,
        lo: e.lo * factor,
        hi: e.hi * factor,
        n: e.n,
    };
    let values: Vec<Option<Estimate>> = results
        .arms
        .iter()
        .map(|arm| estimate(arm, place).map(scaled))
        .collect();
    let known: Vec<Estimate> = values.iter().copied().flatten().collect();
    if known.is_empty() {
        page.nothing(frame, "no request was decided");
        return;
    }
    let lo = known.iter().fold(f64::INFINITY, |a, e| a.min(e.lo));
    let hi = known.iter().fold(f64::NEG_INFINITY, |a, e| a.max(e.hi));
    let (lo, hi) = padded(lo, hi, 0.08);
    let (lo, hi) = if share { (lo.max(0.0), hi.min(100.0)) } else { (lo, hi) };
    let scale = Scale {
        lo,
        hi,
        from: frame.x0,
        to: frame.x1,
    };
    let name = if share {
        format!(
            "% of requests{}",
            if lo > 0.0 { "; the axis does not begin at 0" } else { "" }
        )
    } else {
        column.unit.to_owned()
    };
    bottom(&mut page.sheet, frame, scale, &ticks(lo, hi, 4), &name);
    let places = decimals(
        &known.iter().map(|e| e.mean).collect::<Vec<_>>(),
        &known.iter().map(|e| e.hi - e.mean).collect::<Vec<_>>(),
    );
    for (i, value) in values.iter().enumerate() {
        let y = frame.y0 + (i as f64 + 0.5) * pitch;
        let Some(e) = value else {
            page.sheet
                .text((frame.x1 + 10.0, y), "none decided", 10.5, Anchor::Start, GREY);
            continue;
        };
        error_bar(&mut page.sheet, scale, (e.lo, e.hi), y, BLUE);
        page.sheet.dot((scale.at(e.mean), y), 5.0, BLUE);
        let (unit, above) = (if share { " %" } else { "" }, if e.n > 1 { 7.0 } else { 0.0 });
        page.sheet.text(
            (frame.x1 + 10.0, y - above),
            &format!("{}{unit}", rounded(e.mean, places)),
            11.0,
            Anchor::Start,
            DARK,
        );
        if e.n > 1 {
            let text = format!("{} – {}", rounded(e.lo, places), rounded(e.hi, places));
            page.sheet
                .text((frame.x1 + 10.0, y + 7.0), &text, 9.5, Anchor::Start, GREY);
        }
    }
}

fn refusals(page: &mut Page, results: &Results, causes: &[(Cause, &str, usize)], frame: Frame, pitch: f64) {
    let total = Metric::Refused;
    page.sheet.text(
        (frame.x0, frame.y0 - 14.0),
        "Refused requests, by cause",
        12.0,
        Anchor::Start,
        DARK,
    );
    if causes.is_empty() {
        page.nothing(frame, "no request was refused");
        return;
    }
    let stacks: Vec<Vec<(Cause, f64)>> = results
        .arms
        .iter()
        .map(|arm| {
            causes
                .iter()
                .map(|(cause, _, place)| (*cause, estimate(arm, *place).map_or(0.0, |e| e.mean)))
                .collect()
        })
        .collect();
    let totals: Vec<Option<Estimate>> = results.arms.iter().map(|arm| estimate(arm, total.at())).collect();
    let longest = stacks
        .iter()
        .map(|stack| stack.iter().map(|s| s.1).sum::<f64>())
        .fold(0.0_f64, f64::max);
    let longest = totals.iter().flatten().fold(longest, |a, e| a.max(e.hi));
    let scale = Scale {
        lo: 0.0,
        hi: longest * 1.22,
        from: frame.x0,
        to: frame.x1,
    };
    bottom(
        &mut page.sheet,
        frame,
        scale,
        &ticks(0.0, scale.hi, 5),
        "requests per replication",
    );
    let means: Vec<f64> = totals.iter().flatten().map(|e| e.mean).collect();
    let places = decimals(
        &means,
        &totals.iter().flatten().map(|e| e.hi - e.mean).collect::<Vec<_>>(),
    )
    .min(1);
    for (i, stack) in stacks.iter().enumerate() {
        let y = frame.y0 + (i as f64 + 0.5) * pitch;
        let half = (pitch * 0.3).min(14.0);
        let mut from = 0.0;
        for (cause, value) in stack.iter().filter(|(_, value)| *value > 0.0) {
            let bar = Frame {
                x0: scale.at(from),
                y0: y - half,
                x1: scale.at(from + value),
                y1: y + half,
            };
            page.sheet.rect(bar, ink(*cause));
            page.sheet.line((bar.x1, bar.y0), (bar.x1, bar.y1), 0.5, PAPER);
            from += value;
        }
        if let Some(e) = totals[i] {
            error_bar(&mut page.sheet, scale, (e.lo, e.hi), y, DARK);
            let end = scale.at(from.max(e.hi)) + 7.0;
            page.sheet
                .text((end, y), &rounded(e.mean, places), 10.5, Anchor::Start, DARK);
        }
    }
    page.sheet.line((frame.x0, frame.y0), (frame.x0, frame.y1), 1.0, DARK);
}

/// A horizontal interval with caps; nothing where there is no interval.
fn error_bar(sheet: &mut Sheet, scale: Scale, (lo, hi): (f64, f64), y: f64, ink: Ink) {
    if hi <= lo {
        return;
    }
    let (a, b) = (scale.at(lo), scale.at(hi));
    sheet.line((a, y), (b, y), 1.5, ink);
    for x in [a, b] {
        sheet.line((x, y - 5.0), (x, y + 5.0), 1.5, ink);
    }
}
