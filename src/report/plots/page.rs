//! The page that every figure is drawn on: a heading, a body, notes and a footer; and what figures write in common.

use super::canvas::{self, Anchor, DARK, Frame, GREEN, GREY, Ink, PAPER, Sheet, VERMILLION, WIDTH, wrap};
use super::labels;
use super::letters;
use super::palette::StrategyLook;
use crate::judge::results::{Arm, Results};
use crate::report::number;
use crate::stats::compare::Verdict;

/// A figure's file: its name and its bytes.
pub type PlotFile = (String, Vec<u8>);

/// The left and right edges of what is drawn.
pub(super) const MARGIN: f64 = 26.0;

/// The size of a figure's heading.
pub(super) const HEADING: f64 = 17.0;

/// The size of the text below it and of notes.
pub(super) const BODY: f64 = 10.5;

/// A row where nothing happens.
pub(super) const BARE: Ink = Ink(0xec, 0xec, 0xec);

/// The size of the footer.
pub(super) const FOOT: f64 = 9.0;

/// The labels of the arms, each in at most `most` lines, no two alike.
pub(crate) fn arm_labels<'a>(
    arms: impl IntoIterator<Item = &'a Arm>,
    em: f64,
    room: f64,
    most: usize,
) -> Vec<Vec<String>> {
    let all: Vec<&str> = arms.into_iter().map(|arm| arm.label.as_str()).collect();
    labels::telling(&all, em, room, most)
}

/// A page being laid out: heading and notes are known, the body's height is asked for, and the
/// footer follows.
pub(super) struct Page {
    pub(super) sheet: Sheet,
    /// The room for the figure itself.
    pub(super) body: Frame,
}

impl Page {
    /// A page whose body is so high, with its heading, a text below it, notes and the footer.
    pub(super) fn new(results: &Results, heading: &str, notes: &[String], body: f64) -> Page {
        let mut notes = notes.to_vec();
        notes.extend(spelt(results.arms.iter().map(|arm| arm.label.as_str())));
        Page::with((heading, &results.question), &notes, &footer(results), body)
    }

    /// The same with a footer of its own.
    pub(super) fn with((heading, below): (&str, &str), notes: &[String], foot: &str, body: f64) -> Page {
        let room = WIDTH - 2.0 * MARGIN;
        let below = wrap(&sentences(below, BODY, room, 2), BODY, room, 4);
        let notes: Vec<String> = notes.iter().flat_map(|note| wrap(note, BODY, room, 2)).collect();
        let foot = wrap(foot, FOOT, room, 2);
        let top = 50.0 + below.len() as f64 * BODY * 1.3;
        let notes_high = notes.len() as f64 * BODY * 1.3;
        let foot_high = foot.len() as f64 * FOOT * 1.3;
        let height = top + body + 12.0 + notes_high + 12.0 + foot_high + 8.0;
        let mut sheet = Sheet::new(height);
        let heading = labels::telling(&[heading], HEADING, room, 1);
        sheet.heading((MARGIN, 26.0), &heading[0].concat(), HEADING);
        sheet.lines((MARGIN, 48.0), &below, BODY, Anchor::Start, GREY);
        sheet.lines((MARGIN, top + body + 18.0), &notes, BODY, Anchor::Start, GREY);
        let foot_top = sheet.height() - 4.0 - foot_high;
        let rule = foot_top - 10.0;
        sheet.line((MARGIN, rule), (WIDTH - MARGIN, rule), 0.5, canvas::FAINT);
        sheet.lines((MARGIN, foot_top), &foot, FOOT, Anchor::Start, GREY);
        Page {
            sheet,
            body: Frame {
                x0: MARGIN,
                y0: top,
                x1: WIDTH - MARGIN,
                y1: top + body,
            },
        }
    }

    /// A sentence in the middle of a frame, where there is nothing to draw.
    pub(super) fn nothing(&mut self, frame: Frame, sentence: &str) {
        let (x, y) = ((frame.x0 + frame.x1) / 2.0, (frame.y0 + frame.y1) / 2.0);
        let lines = wrap(sentence, 12.0, frame.x1 - frame.x0 - 10.0, 3);
        let first = y - (lines.len() as f64 - 1.0) * 8.0;
        let half = lines
            .iter()
            .map(|line| canvas::width(line, 12.0))
            .fold(0.0_f64, f64::max)
            / 2.0
            + 8.0;
        let high = lines.len() as f64 * 8.0 + 4.0;
        self.sheet.rect(
            Frame {
                x0: x - half,
                y0: y - high,
                x1: x + half,
                y1: y + high,
            },
            canvas::PAPER,
        );
        self.sheet.lines((x, first), &lines, 12.0, Anchor::Middle, GREY);
    }

    /// Rows of legend entries, the first at the point.
    pub(super) fn legend(&mut self, (left, y): (f64, f64), entries: &[(&str, Swatch)]) {
        let (mut x, mut row) = (left, 0.0);
        for (text, swatch) in entries {
            let room = swatch.room();
            let wide = room + canvas::width(text, BODY) + 18.0;
            if x + wide > WIDTH && x > left {
                (x, row) = (left, row + 18.0);
            }
            swatch.draw(&mut self.sheet, (x, y + row));
            self.sheet.text((x + room, y + row), text, BODY, Anchor::Start, DARK);
            x += wide;
        }
    }
}

/// How many rows of legend the entries take, from `left` on.
pub(super) fn legend_rows(left: f64, entries: &[(&str, Swatch)]) -> f64 {
    let (mut x, mut rows) = (left, 1.0);
    for (text, swatch) in entries {
        let wide = swatch.room() + canvas::width(text, BODY) + 18.0;
        if x + wide > WIDTH && x > left {
            (x, rows) = (left, rows + 1.0);
        }
        x += wide;
    }
    rows
}

/// A legend's sample.
#[derive(Clone, Copy)]
pub(super) enum Swatch {
    /// A box, with an outline where it is as light as the paper.
    Box(canvas::Ink),
    /// A box that fills only this part of its height, from above, on paper.
    Part(canvas::Ink, f64, f64),
    /// A box that a line of this width splits.
    Split(canvas::Ink, f64),
    /// A dashed line.
    Dashed(canvas::Ink, &'static [f64]),
    Line(canvas::Ink, f64),
    /// A strategy's line, with its dashes.
    Look(StrategyLook),
    /// A paired difference's mark.
    Mark(Verdict),
    /// A stretch of an axis in which nothing matters.
    Veil,
}

impl Swatch {
    /// How far behind its begin the text stands.
    fn room(self) -> f64 {
        match self {
            Swatch::Dashed(..) | Swatch::Look(_) => 36.0,
            _ => 22.0,
        }
    }

    pub(super) fn draw(self, sheet: &mut Sheet, (x, y): (f64, f64)) {
        match self {
            Swatch::Box(ink) => {
                let frame = Frame {
                    x0: x,
                    y0: y - 5.0,
                    x1: x + 16.0,
                    y1: y + 5.0,
                };
                sheet.rect(frame, ink);
                if ink.0 > 0xe0 && ink.1 > 0xe0 && ink.2 > 0xe0 {
                    sheet.outline(frame, GREY);
                }
            }
            Swatch::Part(ink, from, to) => {
                let whole = Frame {
                    x0: x,
                    y0: y - 5.5,
                    x1: x + 16.0,
                    y1: y + 5.5,
                };
                sheet.rect(whole, PAPER);
                sheet.outline(whole, GREY);
                let high = whole.y1 - whole.y0;
                let part = Frame {
                    y0: whole.y0 + from * high,
                    y1: whole.y0 + to * high,
                    ..whole
                };
                sheet.rect(part, ink);
            }
            Swatch::Split(ink, wide) => {
                Swatch::Box(ink).draw(sheet, (x, y));
                sheet.line((x, y), (x + 16.0, y), wide, PAPER);
            }
            Swatch::Dashed(ink, dashes) => sheet.dashed(&[(x, y), (x + 30.0, y)], (dashes, 2.0), ink),
            Swatch::Line(ink, wide) => sheet.line((x, y), (x + 16.0, y), wide, ink),
            Swatch::Look(look) => sheet.dashed(&[(x, y), (x + 30.0, y)], (look.dashes, 2.0), look.ink),
            Swatch::Mark(verdict) => mark(sheet, (x + 8.0, y), verdict),
            Swatch::Veil => sheet.veil(
                vec![(x, y - 5.0), (x + 16.0, y - 5.0), (x + 16.0, y + 5.0), (x, y + 5.0)],
                GREY,
            ),
        }
    }
}

/// As many whole sentences of a text as fill so many lines, the first in any case.
fn sentences(text: &str, em: f64, room: f64, lines: usize) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let ends = |word: &str| word.ends_with(['.', '?', '!']);
    let ends = words.iter().enumerate().filter(|(_, word)| ends(word));
    let ends = ends.map(|(at, _)| words[..=at].join(" "));
    let fits = |text: &String| wrap(text, em, room, usize::MAX).len() <= lines;
    let mut all = ends.chain([words.join(" ")]);
    let first = all.next().unwrap_or_default();
    all.take_while(fits).last().unwrap_or(first)
}

/// A sentence on letters that no figure can show, where there are any.
pub(super) fn spelt<'a>(texts: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let mut texts = texts.into_iter();
    texts
        .any(letters::lacks)
        .then(|| "Letters that the figures' font lacks are spelt by their number in Unicode, as <65e5>.".to_owned())
}

/// Says of an axis whether it leaves out 0.
pub(super) fn cut(lo: f64, hi: f64, axis: &str) -> String {
    if lo > 0.0 || hi < 0.0 {
        format!("; the {axis} axis does not begin at 0")
    } else {
        String::new()
    }
}

/// The question itself, without what the scenario's comment says beside it.
pub(super) fn first_paragraph(question: &str) -> &str {
    question.split("\n\n").next().unwrap_or_default()
}

/// What made the figure, in one line.
pub(super) fn footer(results: &Results) -> String {
    let digest: String = results.scenario_digest.chars().take(16).collect();
    let partial = if results.partial {
        " · partial: the experiment was interrupted"
    } else {
        ""
    };
    format!(
        "scenario {} · digest {digest} · seed {} · {} · sickbay {}{partial}",
        results.scenario,
        results.seed,
        counted(results.replications, "replication"),
        results.version
    )
}

/// A count with its noun.
pub(crate) fn counted(n: u32, noun: &str) -> String {
    if n == 1 {
        format!("1 {noun}")
    } else {
        format!("{n} {noun}s")
    }
}

/// What the error bars are.
pub(super) fn intervals(results: &Results) -> String {
    if results.replications < 2 {
        "1 replication: there are no intervals, and nothing can be told apart".to_owned()
    } else {
        format!(
            "bars: {} % t-intervals over {} replications",
            percent(results.confidence),
            results.replications
        )
    }
}

/// A share as percent, without needless decimals.
pub(crate) fn percent(share: f64) -> String {
    let text = number::rounded(share * 100.0, 2);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A metric's name in words.
pub(crate) fn words(name: &str) -> String {
    name.replace('_', " ")
}

/// A frame with equal cells: so many columns and rows, with gaps between.
pub(super) fn cell(
    body: Frame,
    (column, columns): (usize, usize),
    (row, rows): (usize, usize),
    gap: (f64, f64),
) -> Frame {
    let wide = (body.x1 - body.x0 - gap.0 * (columns as f64 - 1.0)) / columns as f64;
    let high = (body.y1 - body.y0 - gap.1 * (rows as f64 - 1.0)) / rows as f64;
    let (x0, y0) = (
        body.x0 + column as f64 * (wide + gap.0),
        body.y0 + row as f64 * (high + gap.1),
    );
    Frame {
        x0,
        y0,
        x1: x0 + wide,
        y1: y0 + high,
    }
}

/// A verdict's mark: shape as well as colour, for those who cannot tell the colours apart.
pub(crate) fn mark(sheet: &mut Sheet, (x, y): (f64, f64), verdict: Verdict) {
    let r = 5.0;
    match verdict {
        Verdict::Better => sheet.dot((x, y), r, ink(verdict)),
        Verdict::Worse => sheet.shape(
            vec![(x - r - 1.0, y), (x, y - r - 1.0), (x + r + 1.0, y), (x, y + r + 1.0)],
            ink(verdict),
        ),
        Verdict::Same => {
            // Paper below it, or a thick whisker makes one block of the two lines.
            let plate = Frame {
                x0: x - r - 1.5,
                y0: y - 5.0,
                x1: x + r + 1.5,
                y1: y + 5.0,
            };
            sheet.rect(plate, PAPER);
            for dy in [-2.5, 2.5] {
                sheet.line((x - r - 1.0, y + dy), (x + r + 1.0, y + dy), 2.0, ink(verdict));
            }
        }
        Verdict::NotDecided => {
            sheet.dot((x, y), r, ink(verdict));
            sheet.dot((x, y), r - 2.0, PAPER);
        }
        Verdict::None => sheet.rect(
            Frame {
                x0: x - 4.0,
                y0: y - 4.0,
                x1: x + 4.0,
                y1: y + 4.0,
            },
            ink(verdict),
        ),
    }
}

pub(crate) fn ink(verdict: Verdict) -> Ink {
    match verdict {
        Verdict::Better => GREEN,
        Verdict::Worse => VERMILLION,
        Verdict::Same => DARK,
        Verdict::NotDecided => Ink(0x77, 0x77, 0x77),
        Verdict::None => DARK,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_below_a_heading_ends_at_a_sentence() {
        let text = "Which way costs least?  A cloud of 1.5 racks. And much more of this.\n\nA second paragraph.";
        assert_eq!(
            sentences(text, 10.0, 1000.0, 1),
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        );
        assert_eq!(
            sentences(text, 10.0, 300.0, 1),
            "Which way costs least? A cloud of 1.5 racks."
        );
        assert_eq!(sentences(text, 10.0, 60.0, 1), "Which way costs least?");
        assert_eq!(sentences("no end", 10.0, 9.0, 1), "no end");
    }

    #[test]
    fn an_axis_without_zero_says_so() {
        assert_eq!(cut(0.0, 4.0, "y"), "");
        assert_eq!(cut(-1.0, 4.0, "y"), "");
        assert!(cut(0.5, 4.0, "y").contains("0") && cut(-4.0, -1.0, "y").contains("y axis"));
    }

    #[test]
    fn letters_that_the_font_lacks_are_said() {
        assert!(spelt(["naive", "日本"]).is_some() && spelt(["naïve", "→"]).is_none());
    }
}
