//! Acceptance per strategy, its paired difference from the baseline, and refusals by cause: panels over the same rows.

use super::axis::{Scale, bottom, padded, ticks};
use super::canvas::{
    self, Anchor, BLUE, DARK, FAINT, Frame, GREY, Ink, ORANGE, PAPER, PURPLE, Sheet, VERMILLION, YELLOW,
};
use super::page::{MARGIN, Page, Swatch, arm_labels, intervals, legend_rows, mark, percent};
use super::told;
use super::wish::PlotWish;
use crate::cells::columns::{Column, Metric};
use crate::judge::results::{Arm, Results};
use crate::report::number::{decimals, rounded, signed};
use crate::report::{difference_unit, estimate, factor, is_share, paired};
use crate::stats::compare::{Paired, Verdict};
use crate::stats::estimate::Estimate;
use crate::world::{CAUSES, Cause};

/// A cause's colour: those that follow each other in a bar differ in their lightness too.
fn ink(cause: Cause) -> Ink {
    match cause {
        Cause::ClassFull => Ink(0xd0, 0xd0, 0xd0),
        Cause::OnlyHidden => ORANGE,
        Cause::OtherTenants => Ink(0x6b, 0x7d, 0x00),
        Cause::CandidateCap => Ink(0x5f, 0xc9, 0xa8),
        Cause::Quota => YELLOW,
        Cause::StaleView => BLUE,
        Cause::BrokenHardware => VERMILLION,
        Cause::NoMatch => PURPLE,
        Cause::BuildChance => Ink(0xf0, 0xb2, 0x80),
        Cause::DriverRefused => Ink(0x00, 0x3f, 0x66),
        Cause::NeverFits => Ink(0, 0, 0),
        Cause::Line => Ink(0x8c, 0x8c, 0x8c),
    }
}

/// A cause in words that need no glossary.
fn words(cause: Cause) -> &'static str {
    match cause {
        Cause::ClassFull => "the class is full",
        Cause::OnlyHidden => "enough were free, but in maintenance",
        Cause::OtherTenants => "enough were free, but other tenants'",
        Cause::CandidateCap => "cut off by the candidate cap",
        Cause::Quota => "over the tenant's quota",
        Cause::StaleView => "the scheduler's view was stale",
        Cause::BrokenHardware => "builds failed on broken hardware",
        Cause::NoMatch => "no free node has what is asked for",
        Cause::BuildChance => "builds failed by chance",
        Cause::DriverRefused => "the driver refused the build",
        Cause::NeverFits => "no fleet to come could hold it",
        Cause::Line => "somebody waits in line before it",
    }
}

/// The causes that refused somebody in some strategy, with their columns.
fn causes(results: &Results, wish: &PlotWish) -> Vec<(Cause, &'static str, usize)> {
    let present = |place: usize| {
        results
            .arms
            .iter()
            .any(|arm| estimate(arm, place).is_some_and(|e| e.mean > 0.0))
    };
    CAUSES
        .iter()
        .filter_map(|(cause, name)| {
            let (place, _) = wish.column(results, Metric::refused_for(*cause).name())?;
            Some((*cause, *name, place))
        })
        .filter(|(_, _, place)| present(*place))
        .collect()
}

/// Where a column of a table is drawn.
struct Panel {
    place: usize,
    column: &'static Column,
    frame: Frame,
    pitch: f64,
}

impl Panel {
    fn row(&self, at: usize) -> f64 {
        self.frame.y0 + (at as f64 + 0.5) * self.pitch
    }
}

const HEADING: &str = "Who gets a machine, and why the others do not";

/// Draws the figure.
#[must_use]
pub fn draw(results: &Results, wish: &PlotWish) -> Sheet {
    let rows = results.arms.len().max(1) as f64;
    let pitch = (300.0 / rows).clamp(34.0, 62.0);
    let causes = causes(results, wish);
    let names: Vec<String> = causes
        .iter()
        .map(|(cause, name, _)| format!("{} ({name})", words(*cause)))
        .collect();
    let swatches = causes.iter().map(|(cause, ..)| Swatch::Box(ink(*cause)));
    let legend: Vec<(&str, Swatch)> = names.iter().map(String::as_str).zip(swatches).collect();
    let legend_high = if legend.is_empty() {
        0.0
    } else {
        legend_rows(MARGIN, &legend) * 18.0 + 4.0
    };
    let named = |metric: Metric| wish.column(results, metric.name());
    let Some((place, column)) = named(Metric::Acceptance) else {
        let mut page = Page::new(results, HEADING, &[], 260.0);
        let body = page.body;
        page.nothing(body, "these results do not tell acceptance apart by class");
        return page.sheet;
    };
    let total = named(Metric::Refused).map(|(place, _)| place);
    let compared = results.replications > 1 && results.others().any(|arm| paired(arm, place).is_some());
    let high = 40.0 + rows * pitch + 38.0 + legend_high;
    let of = wish
        .class
        .as_ref()
        .map_or_else(String::new, |class| format!(" (class {class})"));
    let heading = format!("{HEADING}{of}");
    let notes: Vec<String> = worse_served(results)
        .into_iter()
        .chain([note(results, compared)])
        .collect();
    let mut page = Page::new(results, &heading, &notes, high);
    let (top, base) = (page.body.y0 + 40.0, page.body.y0 + 40.0 + rows * pitch);
    let panel = |x0: f64, x1: f64| Panel {
        place,
        column,
        frame: Frame {
            x0,
            y0: top,
            x1,
            y1: base,
        },
        pitch,
    };
    rows_of(
        &mut page,
        results,
        panel(MARGIN, 934.0),
        if compared { 136.0 } else { 150.0 },
    );
    if compared {
        acceptance(&mut page, results, &panel(174.0, 296.0));
        differences(&mut page, results, &panel(392.0, 524.0));
        refusals(&mut page, results, (&causes, total), panel(632.0, 934.0));
    } else {
        acceptance(&mut page, results, &panel(190.0, 400.0));
        refusals(&mut page, results, (&causes, total), panel(540.0, 934.0));
    }
    if !legend.is_empty() {
        page.legend((MARGIN, base + 50.0), &legend);
    }
    page.sheet.tell(told::acceptance(results, (place, total)));
    page.sheet
}

/// That who gets more machines is served worse by them, of strategies of which that is known.
fn worse_served(results: &Results) -> Option<String> {
    let (accepted, served) = (Metric::Acceptance.at(), Metric::ServedWell.at());
    let both = |arm: &&Arm| {
        let (accepted, served) = (paired(arm, accepted)?, paired(arm, served)?);
        let against = accepted.verdict == Verdict::Better && served.verdict == Verdict::Worse;
        against.then(|| {
            format!(
                "{} ({} points)",
                arm.label,
                signed(served.diff * 100.0, 1).replace('-', "−")
            )
        })
    };
    let worse: Vec<String> = results.arms.iter().filter_map(|arm| both(&arm)).collect();
    (!worse.is_empty()).then(|| format!("More are accepted, and fewer served well, under {}", worse.join(", ")))
}

fn note(results: &Results, compared: bool) -> String {
    let bars = intervals(results);
    if !compared {
        return bars;
    }
    format!(
        "{bars}; that they overlap says nothing. Demand and faults are the same under all strategies, so that the verdict rests on the \
         differences replication by replication, in the middle, which hold together at {} %",
        percent(results.confidence)
    )
}

/// Labels and the rules between rows.
fn rows_of(page: &mut Page, results: &Results, whole: Panel, room: f64) {
    let labels = arm_labels(&results.arms, 11.0, room, if whole.pitch > 40.0 { 3 } else { 2 });
    let x = MARGIN + room + 2.0;
    for (i, lines) in labels.iter().enumerate() {
        let first = whole.row(i) - (lines.len() as f64 - 1.0) * 7.15;
        page.sheet.lines((x, first), lines, 11.0, Anchor::End, DARK);
        if i > 0 {
            let rule = whole.frame.y0 + i as f64 * whole.pitch;
            page.sheet.line((MARGIN, rule), (whole.frame.x1, rule), 0.5, FAINT);
        }
    }
}

/// A panel's title, and a line on it.
fn title(sheet: &mut Sheet, panel: &Panel, title: &str, more: &str) {
    let Frame { x0, y0, .. } = panel.frame;
    sheet.text((x0, y0 - 26.0), title, 12.0, Anchor::Start, DARK);
    sheet.text((x0, y0 - 11.0), more, 9.5, Anchor::Start, GREY);
}

fn acceptance(page: &mut Page, results: &Results, panel: &Panel) {
    let Panel { frame, column, .. } = *panel;
    let (share, factor) = (is_share(column), factor(column));
    let scaled = |e: Estimate| e.times(factor);
    let values = results.arms.iter().map(|arm| estimate(arm, panel.place).map(scaled));
    let values: Vec<Option<Estimate>> = values.collect();
    let known: Vec<Estimate> = values.iter().copied().flatten().collect();
    title(
        &mut page.sheet,
        panel,
        "Acceptance",
        if share { "% of requests" } else { column.unit },
    );
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
    let cut = if lo > 0.0 { "does not begin at 0" } else { "" };
    bottom(&mut page.sheet, frame, scale, &ticks(lo, hi, 5), cut);
    let places = decimals(
        &known.iter().map(|e| e.mean).collect::<Vec<_>>(),
        &known.iter().map(|e| e.hi - e.mean).collect::<Vec<_>>(),
    );
    for (i, value) in values.iter().enumerate() {
        let y = panel.row(i);
        let Some(e) = value else {
            page.sheet
                .text((frame.x1 + 10.0, y), "none decided", 10.5, Anchor::Start, GREY);
            continue;
        };
        error_bar(&mut page.sheet, scale, (e.lo, e.hi), y, GREY);
        page.sheet.dot((scale.at(e.mean), y), 4.5, DARK);
        let unit = if share { " %" } else { "" };
        let first = format!("{}{unit}", rounded(e.mean, places));
        let second = format!("{} – {}", rounded(e.lo, places), rounded(e.hi, places));
        beside(
            &mut page.sheet,
            (frame.x1 + 8.0, y),
            &first,
            (e.n > 1).then_some(&second),
        );
    }
}

/// A figure, and below it what is to be known of it.
fn beside(sheet: &mut Sheet, (x, y): (f64, f64), first: &str, second: Option<&String>) {
    let above = if second.is_some() { 7.0 } else { 0.0 };
    sheet.text((x, y - above), first, 11.0, Anchor::Start, DARK);
    if let Some(second) = second {
        sheet.text((x, y + 7.0), second, 9.5, Anchor::Start, GREY);
    }
}

/// The paired differences, which the verdicts rest on.
fn differences(page: &mut Page, results: &Results, panel: &Panel) {
    let Panel { frame, column, .. } = *panel;
    let factor = factor(panel.column);
    let values: Vec<Option<Paired>> = results.arms.iter().map(|arm| paired(arm, panel.place)).collect();
    let known = || values.iter().flatten();
    let lo = known().fold(0.0_f64, |a, p| a.min(p.lo).min(-p.matters));
    let hi = known().fold(0.0_f64, |a, p| a.max(p.hi).max(p.matters));
    let (lo, hi) = padded(lo * factor, hi * factor, 0.08);
    let scale = Scale {
        lo,
        hi,
        from: frame.x0,
        to: frame.x1,
    };
    let from = format!("against {}", results.baseline_label());
    let from = canvas::wrap(&from, 9.5, 230.0, 1).concat();
    title(&mut page.sheet, panel, "Paired difference", &from);
    let matters = known().fold(0.0_f64, |a, p| a.max(p.matters)) * factor;
    if matters > 0.0 {
        let (a, b) = (scale.at(-matters), scale.at(matters));
        let band = vec![(a, frame.y0), (b, frame.y0), (b, frame.y1), (a, frame.y1)];
        page.sheet.veil(band, GREY);
    }
    let unit = difference_unit(column);
    let name = match matters > 0.0 {
        true => format!("{unit}; grey: too little to matter"),
        false => unit.to_owned(),
    };
    bottom(&mut page.sheet, frame, scale, &ticks(lo, hi, 3), &name);
    let zero = scale.at(0.0);
    page.sheet.line((zero, frame.y0), (zero, frame.y1), 1.0, DARK);
    let diffs: Vec<f64> = known().map(|p| p.diff * factor).collect();
    let halves: Vec<f64> = known().map(|p| (p.hi - p.diff) * factor).collect();
    let places = decimals(&diffs, &halves);
    for (i, value) in values.iter().enumerate() {
        let (x, y) = (frame.x1 + 10.0, panel.row(i));
        let Some(p) = value else {
            let word = if i == results.baseline { "baseline" } else { "no value" };
            page.sheet.text((x, y), word, 9.5, Anchor::Start, GREY);
            continue;
        };
        if p.hi > p.lo {
            let ends = (p.lo * factor, p.hi * factor);
            error_bar(&mut page.sheet, scale, ends, y, super::page::ink(p.verdict));
        }
        mark(&mut page.sheet, (scale.at(p.diff * factor), y), p.verdict);
        let word = match p.verdict {
            Verdict::None => "no word".to_owned(),
            verdict => verdict.word().to_owned(),
        };
        let diff = signed(p.diff * factor, places).replace('-', "−");
        beside(&mut page.sheet, (x, y), &diff, Some(&word));
    }
}

fn refusals(
    page: &mut Page,
    results: &Results,
    (causes, total): (&[(Cause, &str, usize)], Option<usize>),
    panel: Panel,
) {
    let frame = panel.frame;
    title(
        &mut page.sheet,
        &panel,
        "Refused requests, by cause",
        "mean of a replication; whiskers below the bars: of the sum",
    );
    if causes.is_empty() {
        let refused = |arm: &Arm| {
            total
                .and_then(|total| estimate(arm, total))
                .is_some_and(|e| e.mean > 0.0)
        };
        let nothing = if results.arms.iter().any(refused) {
            "causes are not told apart by class"
        } else {
            "no request was refused"
        };
        page.nothing(frame, nothing);
        return;
    }
    let stack = |arm: &Arm| -> Vec<(Cause, f64)> {
        let part = |(cause, _, place): &(Cause, &str, usize)| (*cause, estimate(arm, *place).map_or(0.0, |e| e.mean));
        causes.iter().map(part).collect()
    };
    let stacks: Vec<Vec<(Cause, f64)>> = results.arms.iter().map(stack).collect();
    let totals: Vec<Option<Estimate>> = results.arms.iter().map(|arm| estimate(arm, total?)).collect();
    let sums = stacks.iter().map(|stack| stack.iter().map(|s| s.1).sum::<f64>());
    let longest = sums.fold(0.0_f64, f64::max);
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
    let known = || totals.iter().flatten();
    let places = decimals(
        &known().map(|e| e.mean).collect::<Vec<_>>(),
        &known().map(|e| e.hi - e.mean).collect::<Vec<_>>(),
    )
    .min(1);
    for (i, stack) in stacks.iter().enumerate() {
        let half = (panel.pitch * 0.26).min(12.0);
        let y = panel.row(i) - 3.0;
        let from = bar(&mut page.sheet, stack, scale, (y, half));
        if let Some(e) = totals[i] {
            // Below the bar, where it hides no part of it.
            error_bar(&mut page.sheet, scale, (e.lo, e.hi), y + half + 5.0, DARK);
            let end = scale.at(from) + 7.0;
            page.sheet
                .text((end, y), &rounded(e.mean, places), 10.5, Anchor::Start, DARK);
        }
    }
    page.sheet.line((frame.x0, frame.y0), (frame.x0, frame.y1), 1.0, DARK);
}

/// The parts of a bar, each with its figure where there is room; gives their sum.
fn bar(sheet: &mut Sheet, stack: &[(Cause, f64)], scale: Scale, (y, half): (f64, f64)) -> f64 {
    let mut from = 0.0;
    for (cause, value) in stack.iter().filter(|(_, value)| *value > 0.0) {
        let bar = Frame {
            x0: scale.at(from),
            y0: y - half,
            x1: scale.at(from + value),
            y1: y + half,
        };
        let ink = ink(*cause);
        sheet.rect(bar, ink);
        sheet.line((bar.x1, bar.y0), (bar.x1, bar.y1), 1.0, PAPER);
        let text = rounded(*value, usize::from(*value < 10.0));
        if canvas::width(&text, 9.5) + 8.0 < bar.x1 - bar.x0 {
            let dark = u32::from(ink.0) * 3 + u32::from(ink.1) * 6 + u32::from(ink.2) < 1200;
            let on = if dark { PAPER } else { DARK };
            sheet.text(((bar.x0 + bar.x1) / 2.0, y), &text, 9.5, Anchor::Middle, on);
        }
        from += value;
    }
    from
}

/// A horizontal interval with caps; nothing where there is no interval.
fn error_bar(sheet: &mut Sheet, scale: Scale, (lo, hi): (f64, f64), y: f64, ink: Ink) {
    if hi <= lo {
        return;
    }
    let (a, b) = (scale.at(lo), scale.at(hi));
    sheet.line((a, y), (b, y), 1.5, ink);
    for x in [a, b] {
        sheet.line((x, y - 3.0), (x, y + 3.0), 1.5, ink);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_that_follow_each_other_differ_in_grey() {
        let grey = |ink: Ink| (u32::from(ink.0) * 299 + u32::from(ink.1) * 587 + u32::from(ink.2) * 114) / 1000;
        for pair in CAUSES.windows(2) {
            let [a, b] = [pair[0].0, pair[1].0].map(|cause| grey(ink(cause)));
            assert!(a.abs_diff(b) > 30, "{pair:?}: {a} and {b}");
        }
    }

    #[test]
    fn no_two_causes_have_near_colours() {
        let far = |a: Ink, b: Ink| {
            let parts = [(a.0, b.0), (a.1, b.1), (a.2, b.2)].map(|(a, b)| f64::from(a) - f64::from(b));
            parts.iter().map(|part| part * part).sum::<f64>().sqrt()
        };
        for (at, (one, _)) in CAUSES.iter().enumerate() {
            for (other, _) in &CAUSES[at + 1..] {
                let apart = far(ink(*one), ink(*other));
                assert!(apart > 55.0, "{one:?} and {other:?}: {apart:.0}");
            }
        }
    }
}
