//! A forest: how strategies differ in one metric, on an axis of its own. The figure `paired` and the page draw the same one;
//! thin is the interval that a word rests on, thick what holds by itself.

use super::axis::{Scale, TICK, bottom, ticks};
use super::canvas::{Anchor, DARK, FAINT, Frame, GREY, Ink, PAPER, Sheet, width, wrap};
use super::page::{MARGIN, Page, Swatch, arm_labels, cell, counted, ink, legend_rows, mark, percent, words};
use super::told;
use super::wish::PlotWish;
use crate::cells::columns::{Column, Metric};
use crate::judge::advice::headline;
use crate::judge::results::{Arm, Results};
use crate::report::{difference_unit, factor, paired};
use crate::stats::compare::{Good, Paired, Verdict};
use crate::stats::estimate::Interval;

/// The metrics drawn after those of the headline, as far as they have values.
const METRICS: [Metric; 9] = [
    Metric::Acceptance,
    Metric::Refused,
    Metric::Misplacements,
    Metric::ErrandWaitP50,
    Metric::ErrandWaitP95,
    Metric::Actions,
    Metric::StrandedNodeHours,
    Metric::ExposedNodeHours,
    Metric::Schedulable,
];
const GUTTER: f64 = 150.0;
const COLUMNS: usize = 3;
/// Room above a forest for its title, and below it for its axis.
pub(crate) const HEAD: f64 = 22.0;
/// Room below it for its axis.
pub(crate) const FOOT: f64 = 22.0;
/// The size of a forest's title.
const TITLE: f64 = 10.5;

/// A difference as it is drawn, in the unit of its axis.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    pub(crate) diff: f64,
    /// What the word rests on.
    pub(crate) rests: Interval,
    /// What holds by itself.
    pub(crate) alone: Interval,
    pub(crate) verdict: Verdict,
}

impl Seen {
    pub(crate) fn of(p: Paired, factor: f64) -> Seen {
        let p = p.times(factor);
        Seen {
            diff: p.diff,
            rests: Interval { lo: p.lo, hi: p.hi },
            alone: p.alone,
            verdict: p.verdict,
        }
    }
}

/// A forest, its rows in an order that whoever draws their labels knows.
pub(crate) struct Forest {
    /// The metric with its unit.
    pub(crate) title: String,
    pub(crate) good: Good,
    /// Differences up to here, on either side of 0, do not matter; 0 where nothing is said of that.
    pub(crate) matters: f64,
    pub(crate) rows: Vec<Option<Seen>>,
}

impl Forest {
    /// The strategies' differences from the baseline in a metric.
    pub(crate) fn of(others: &[&Arm], (place, column): (usize, &Column)) -> Forest {
        let values: Vec<Option<Paired>> = others.iter().map(|arm| paired(arm, place)).collect();
        let factor = factor(column);
        let unit = difference_unit(column);
        Forest {
            title: match unit == column.name {
                true => words(column.name),
                false => format!("{} ({unit})", words(column.name)),
            },
            good: column.good,
            matters: values.iter().flatten().map(|p| p.matters).fold(0.0, f64::max) * factor,
            rows: values.into_iter().map(|value| Some(Seen::of(value?, factor))).collect(),
        }
    }

    /// The axis over all that is drawn.
    pub(crate) fn scale(&self, frame: Frame) -> Scale {
        let ends = |seen: &Seen| [seen.rests.lo, seen.rests.hi, seen.alone.lo, seen.alone.hi, seen.diff];
        let ends = self.rows.iter().flatten().flat_map(ends);
        let ends = ends.chain([-self.matters, self.matters]);
        let (lo, hi) = ends.fold((0.0_f64, 0.0_f64), |(lo, hi), end| (lo.min(end), hi.max(end)));
        let room = if hi > lo { (hi - lo) * 0.08 } else { 1.0 };
        Scale {
            lo: lo - room,
            hi: hi + room,
            from: frame.x0,
            to: frame.x1,
        }
    }

    /// Title, good side, what does not matter, axis and 0; the title begins at `left`.
    pub(crate) fn axes(&self, sheet: &mut Sheet, frame: Frame, left: f64) {
        let scale = self.scale(frame);
        let good = match self.good {
            Good::High => "better →",
            Good::Low => "← better",
            Good::Neither => "",
        };
        let room = frame.x1 - left - width(good, TICK) - 10.0;
        let title = wrap(&self.title, TITLE, room, 1);
        sheet.lines((left, frame.y0 - 10.0), &title, TITLE, Anchor::Start, DARK);
        sheet.text((frame.x1, frame.y0 - 10.0), good, TICK, Anchor::End, GREY);
        if self.matters > 0.0 {
            let (a, b) = (scale.at(-self.matters), scale.at(self.matters));
            sheet.veil(vec![(a, frame.y0), (b, frame.y0), (b, frame.y1), (a, frame.y1)], GREY);
        }
        bottom(sheet, frame, scale, &ticks(scale.lo, scale.hi, 4), "");
        let zero = scale.at(0.0);
        sheet.line((zero, frame.y0), (zero, frame.y1), 1.0, DARK);
    }

    /// A row at this height.
    pub(crate) fn row(&self, sheet: &mut Sheet, at: usize, frame: Frame, y: f64) {
        match self.rows[at] {
            Some(seen) => difference(sheet, seen, self.scale(frame), y),
            None => {
                // On paper, or the line of 0 strikes it through.
                let (text, middle) = ("no value", (frame.x0 + frame.x1) / 2.0);
                let half = width(text, TICK) / 2.0 + 4.0;
                let plate = Frame {
                    x0: middle - half,
                    y0: y - 7.0,
                    x1: middle + half,
                    y1: y + 7.0,
                };
                sheet.rect(plate, PAPER);
                sheet.text((middle, y), text, TICK, Anchor::Middle, GREY);
            }
        }
    }
}

/// A difference with its intervals. What holds by itself is drawn where it is the narrower one.
pub(crate) fn difference(sheet: &mut Sheet, seen: Seen, scale: Scale, y: f64) {
    let Seen {
        diff,
        rests,
        alone,
        verdict,
    } = seen;
    interval(sheet, (rests, alone), scale, y, ink(verdict));
    mark(sheet, (scale.at(diff), y), verdict);
}

/// What a word rests on, and what holds by itself.
pub(crate) fn interval(sheet: &mut Sheet, (rests, alone): (Interval, Interval), scale: Scale, y: f64, ink: Ink) {
    let mut line = |it: Interval, wide: f64| {
        if it.hi > it.lo {
            sheet.line((scale.at(it.lo), y), (scale.at(it.hi), y), wide, ink);
        }
    };
    line(rests, 1.0);
    if alone.lo >= rests.lo && alone.hi <= rests.hi {
        line(alone, 3.0);
    }
}

/// The words of the marks, in the order of legends.
pub(crate) const MARKS: [(&str, Verdict); 5] = [
    ("better", Verdict::Better),
    ("worse", Verdict::Worse),
    ("same", Verdict::Same),
    ("not decided", Verdict::NotDecided),
    ("no word", Verdict::None),
];

/// What the thin part is, and the thick one.
pub(crate) fn parts(confidence: f64) -> [String; 2] {
    [
        "the interval that the word rests on".to_owned(),
        format!("the {} % interval of this difference by itself", percent(confidence)),
    ]
}

/// The one rule of intervals and words, of figures, page and notes.
pub(crate) fn rule(results: &Results) -> String {
    if results.replications < 2 {
        return "1 replication: there are no intervals, and nothing can be told apart".to_owned();
    }
    let claims: Vec<String> = headline(results)
        .iter()
        .map(|&at| words(results.columns[at].name))
        .collect();
    let level = percent(results.confidence);
    let together = match claims.is_empty() {
        true => format!("all words hold together at {level} %"),
        false => format!(
            "the words of the claims ({}) hold together at {level} %, and so do those of all other metrics",
            claims.join(", ")
        ),
    };
    format!(
        "Better and worse: the thin interval excludes 0. Same: it lies within what is too small to matter (two one-sided \
         tests). Not decided: neither. So {together}."
    )
}

/// The metrics that are drawn: those of the headline first, and what has a value.
pub(crate) fn metrics(results: &Results, wish: &PlotWish) -> Vec<(usize, &'static Column)> {
    let claimed = headline(results).into_iter().map(|at| results.columns.at(at).name);
    let mut usual: Vec<&str> = Vec::new();
    for name in claimed.chain(METRICS.map(Metric::name)) {
        if !usual.contains(&name) {
            usual.push(name);
        }
    }
    let mut metrics = wish.columns(results, &usual);
    metrics.retain(|(place, _)| results.others().any(|arm| paired(arm, *place).is_some()));
    metrics
}

/// Draws the figure.
#[must_use]
pub fn draw(results: &Results, wish: &PlotWish) -> Sheet {
    let others: Vec<&Arm> = results.others().collect();
    let metrics = metrics(results, wish);
    let heading = format!("Differences against {}", results.baseline_label());
    if others.is_empty() || metrics.is_empty() {
        return nothing(results, &heading, others.is_empty());
    }
    let pitch = if others.len() <= 4 { 26.0 } else { 23.0 };
    let rows = metrics.len().div_ceil(COLUMNS);
    let panel = HEAD + others.len() as f64 * pitch + FOOT;
    let [thin, thick] = parts(results.confidence);
    let mut legend: Vec<(&str, Swatch)> = MARKS.map(|(word, verdict)| (word, Swatch::Mark(verdict))).to_vec();
    legend.extend([
        (thin.as_str(), Swatch::Line(GREY, 1.0)),
        (&thick, Swatch::Line(GREY, 3.0)),
    ]);
    legend.push(("too small to matter", Swatch::Veil));
    let legend_high = legend_rows(MARGIN, &legend) * 18.0 + 14.0;
    let high = legend_high + rows as f64 * panel + (rows as f64 - 1.0) * 12.0;
    let note = format!(
        "mean of the differences replication by replication (same demand, same faults), over {}; each metric has its own axis",
        counted(results.replications, "pair")
    );
    let mut page = Page::new(results, &heading, &[note, rule(results)], high);
    page.legend((MARGIN, page.body.y0 + 8.0), &legend);
    let grid = Frame {
        x0: page.body.x0 + GUTTER,
        y0: page.body.y0 + legend_high,
        ..page.body
    };
    for (i, drawn) in metrics.iter().enumerate() {
        let frame = cell(grid, (i % COLUMNS, COLUMNS), (i / COLUMNS, rows), (22.0, 12.0));
        let inner = Frame {
            y0: frame.y0 + HEAD,
            y1: frame.y1 - FOOT,
            ..frame
        };
        if i % COLUMNS == 0 {
            labels(&mut page, &others, inner, pitch);
        }
        let forest = Forest::of(&others, *drawn);
        forest.axes(&mut page.sheet, inner, inner.x0);
        for at in 0..others.len() {
            forest.row(&mut page.sheet, at, inner, inner.y0 + (at as f64 + 0.5) * pitch);
        }
    }
    page.sheet.tell(told::differences(results, &metrics));
    page.sheet
}

fn nothing(results: &Results, heading: &str, alone: bool) -> Sheet {
    let mut page = Page::new(results, heading, &[], 260.0);
    let body = page.body;
    page.sheet.outline(body, FAINT);
    let why = match alone {
        true => "one strategy: there is nothing to compare it with",
        false => "no metric has paired values",
    };
    page.nothing(body, why);
    page.sheet.tell(format!("{why}."));
    page.sheet
}

fn labels(page: &mut Page, others: &[&Arm], frame: Frame, pitch: f64) {
    let em = if pitch > 25.0 { 10.0 } else { 9.0 };
    let labels = arm_labels(others.iter().copied(), em, GUTTER - 12.0, 2);
    for (i, lines) in labels.iter().enumerate() {
        let y = frame.y0 + (i as f64 + 0.5) * pitch;
        page.sheet.lines(
            (frame.x0 - 10.0, y - (lines.len() as f64 - 1.0) * em * 0.65),
            lines,
            em,
            Anchor::End,
            DARK,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::sample::{SampleWish, results};

    fn sample() -> Results {
        results(SampleWish {
            arms: 3,
            replications: 20,
            eventful: true,
        })
    }

    /// The widths and ends of the lines of a row.
    fn lines(seen: Seen) -> Vec<(f64, f64, f64)> {
        let mut sheet = Sheet::new(20.0);
        let scale = Scale {
            lo: 0.0,
            hi: 10.0,
            from: 0.0,
            to: 10.0,
        };
        difference(&mut sheet, seen, scale, 10.0);
        let line = |op: &super::super::canvas::Op| match op {
            super::super::canvas::Op::Path(points, wide, _) => Some((*wide, points[0].0, points[1].0)),
            _ => None,
        };
        sheet.ops.iter().filter_map(line).collect()
    }

    #[test]
    fn the_thin_interval_is_what_the_word_rests_on_and_is_never_hidden() {
        let seen = |alone: (f64, f64)| Seen {
            diff: 5.0,
            rests: Interval { lo: 3.0, hi: 7.0 },
            alone: Interval {
                lo: alone.0,
                hi: alone.1,
            },
            verdict: Verdict::Better,
        };
        assert_eq!(lines(seen((4.0, 6.0))), [(1.0, 3.0, 7.0), (3.0, 4.0, 6.0)]);
        assert_eq!(lines(seen((2.0, 8.0))), [(1.0, 3.0, 7.0)]);
    }

    #[test]
    fn all_of_the_headline_is_drawn_and_first() {
        let mut sample = sample();
        let claim = sample.claims.all[0];
        let late = [Metric::ServedWell, Metric::ErrandsFailed, Metric::Breaches].map(Metric::at);
        sample.claims.all.splice(
            0..0,
            late.map(|column| crate::judge::claims::HeadlineClaim { column, ..claim }),
        );
        let drawn = metrics(&sample, &PlotWish::default());
        let places: Vec<usize> = drawn.iter().map(|(place, _)| *place).collect();
        assert_eq!(places[..3], late);
        assert_eq!(places[..late.len() + 4], headline(&sample));
        let texts = draw(&sample, &PlotWish::default()).texts().join("\n");
        assert!(
            texts.contains("served well") && texts.contains("errands failed"),
            "{texts}"
        );
        let told = rule(&sample);
        assert!(told.contains("served well") && told.contains("95 %"), "{told}");
    }
}
