//! Two varied keys: a map per strategy of its paired difference against the baseline, hatched where it is not decided and
//! without colour where it is too small to matter; the mean itself where there is one strategy only.

use super::drawn::{Drawn, DrawnMetric, KeyAxis, footer, told, value};
use crate::judge::point::Point;
use crate::report::number::{decimals, rounded, signed};
use crate::report::plots::canvas::{self, Anchor, BLUE, DARK, FAINT, Frame, GREEN, GREY, Ink, Sheet, VERMILLION, wrap};
use crate::report::plots::labels::telling;
use crate::report::plots::page::{BARE, BODY, MARGIN, Page, cell, first_paragraph, percent};
use crate::report::plots::told::sentence;
use crate::stats::compare::{Good, Verdict};

const GUTTER: f64 = 96.0;
const TEXT: f64 = 9.0;

/// What a map shows at a point: a figure in the metric's unit, and what is known of it.
#[derive(Clone, Copy)]
struct Shown {
    figure: f64,
    known: Known,
}

/// What is known of a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    /// It is told apart from 0.
    Apart,
    /// It is too small to matter.
    Same,
    /// Neither.
    Open,
}

/// Draws the figure.
pub(super) fn draw(drawn: &Drawn<'_>, metric: DrawnMetric) -> Sheet {
    let manifest = drawn.manifest;
    let figures = drawn.points.iter().flat_map(|point| &point.values);
    let alone = figures
        .flat_map(|values| values.get(metric.at))
        .all(|value| value.paired.is_none());
    let maps: Vec<usize> = (0..manifest.strategies.len())
        .filter(|at| alone || manifest.strategies[*at] != manifest.baseline)
        .collect();
    let (columns, rows) = (maps.len().min(2), maps.len().div_ceil(2));
    let (y_axis, x_axis) = (KeyAxis::new(drawn, 0), KeyAxis::new(drawn, 1));
    let panel = (y_axis.values.len() as f64 * 30.0).clamp(140.0, 420.0) + 66.0;
    let name = super::super::words(metric.column.name);
    let heading = if alone {
        format!(
            "{name} under {}",
            manifest.strategies.first().map_or("", String::as_str)
        )
    } else {
        format!("{name}: difference against {}", manifest.baseline)
    };
    let foot = footer(drawn);
    let notes = [note(drawn, metric, alone)];
    let high = 34.0 + rows as f64 * panel;
    let mut page = Page::with((&heading, first_paragraph(&manifest.question)), &notes, &foot, high);
    let shown: Vec<Vec<Option<Shown>>> = maps
        .iter()
        .map(|&map| {
            drawn
                .points
                .iter()
                .map(|point| shown(point, map, metric, alone))
                .collect()
        })
        .collect();
    page.sheet.tell(told_of(drawn, metric, &maps, &shown, alone));
    let all = || shown.iter().flatten().flatten();
    let figures: Vec<f64> = all().map(|shown| shown.figure).collect();
    // What is not decided has no colour, and makes none paler than it is.
    let decided = all()
        .filter(|shown| shown.known == Known::Apart)
        .map(|shown| shown.figure.abs())
        .reduce(f64::max);
    let most = decided.or_else(|| figures.iter().map(|figure| figure.abs()).reduce(f64::max));
    let Some(most) = most else {
        let body = page.body;
        page.nothing(body, "no replication has a value of this metric");
        return page.sheet;
    };
    let paint = Paint {
        most,
        good: metric.column.good,
        alone,
        digits: decimals(&figures, &[most / 20.0]),
    };
    legend(&mut page, metric, &paint, decided.is_some());
    let body = Frame {
        y0: page.body.y0 + 34.0,
        ..page.body
    };
    for (at, map) in maps.iter().enumerate() {
        let frame = cell(body, (at % columns, columns), (at / columns, rows), (26.0, 0.0));
        let inner = Frame {
            x0: frame.x0 + GUTTER,
            y0: frame.y0 + 22.0,
            x1: frame.x1,
            y1: frame.y1 - 44.0,
        };
        let all: Vec<&str> = manifest.strategies.iter().map(String::as_str).collect();
        let titles = telling(&all, BODY, inner.x1 - inner.x0, 1);
        page.sheet
            .lines((inner.x0, frame.y0 + 10.0), &titles[*map], BODY, Anchor::Start, DARK);
        grid(&mut page.sheet, drawn, inner, (&x_axis, &y_axis), &shown[at], &paint);
    }
    page.sheet
}

fn note(drawn: &Drawn<'_>, metric: DrawnMetric, alone: bool) -> String {
    let unit = metric.unit();
    if alone {
        return format!("means over replications, in {unit}; one strategy: there is nothing to compare it with");
    }
    let unit = if unit == "%" { "% points" } else { unit };
    format!(
        "means of the differences replication by replication, in {unit}; only what is told apart is coloured, up to the \
         greatest of them; hatched: not decided, the {} % interval of the difference (with the others of its point together) covers 0; \
         = too small to matter",
        percent(drawn.manifest.confidence)
    )
}

/// At how many places of each map the strategy is more, less and not told apart.
fn told_of(
    drawn: &Drawn<'_>,
    metric: DrawnMetric,
    maps: &[usize],
    shown: &[Vec<Option<Shown>>],
    alone: bool,
) -> String {
    if alone {
        return told(drawn, metric);
    }
    let one = |(map, shown): (&usize, &Vec<Option<Shown>>)| {
        let count = |wanted: fn(&Shown) -> bool| shown.iter().flatten().filter(|shown| wanted(shown)).count();
        format!(
            "{}: more at {} points, less at {}, the same at {}, not decided at {}",
            drawn.manifest.strategies[*map],
            count(|shown| shown.known == Known::Apart && shown.figure > 0.0),
            count(|shown| shown.known == Known::Apart && shown.figure < 0.0),
            count(|shown| shown.known == Known::Same),
            count(|shown| shown.known == Known::Open)
        )
    };
    let all = maps.iter().zip(shown).map(one);
    format!(
        "{} against {}. {}",
        metric.title(),
        drawn.manifest.baseline,
        sentence(all, "no strategy")
    )
}

fn shown(point: &Point, strategy: usize, metric: DrawnMetric, alone: bool) -> Option<Shown> {
    let value = value(point, strategy, metric)?;
    let shown = if alone {
        Shown {
            figure: value.estimate?.mean,
            known: Known::Apart,
        }
    } else {
        let paired = value.paired?;
        // A metric without a good side has no verdict; its interval says the same.
        let covers = paired.n < 2 || paired.lo <= 0.0 && paired.hi >= 0.0;
        Shown {
            figure: paired.diff,
            known: match paired.verdict {
                Verdict::Same => Known::Same,
                Verdict::NotDecided => Known::Open,
                _ if covers => Known::Open,
                _ => Known::Apart,
            },
        }
    };
    Some(Shown {
        figure: shown.figure * metric.factor(),
        ..shown
    })
}

/// How figures become colours.
struct Paint {
    most: f64,
    good: Good,
    alone: bool,
    digits: usize,
}

impl Paint {
    /// The colour of a figure; none where it is not told apart.
    fn ink(&self, Shown { figure, known }: Shown) -> Ink {
        if known != Known::Apart {
            return BARE;
        }
        let share = if self.most > 0.0 { figure.abs() / self.most } else { 0.0 };
        let share = 0.15 + 0.85 * share;
        let far = match (self.alone, self.good) {
            (true, _) => BLUE,
            (false, Good::High) if figure > 0.0 => GREEN,
            (false, Good::Low) if figure < 0.0 => GREEN,
            (false, Good::Neither) if figure > 0.0 => BLUE,
            _ => VERMILLION,
        };
        // Never so dark that a figure in it cannot be read.
        let mixed = |far: u8| 255.0 + (f64::from(far) - 255.0) * share * 0.75;
        let [red, green, blue] = [far.0, far.1, far.2].map(|part| mixed(part).round() as u8);
        Ink(red, green, blue)
    }

    /// The figure of a tile, with its word where it has no colour for it.
    fn told(&self, shown: Shown) -> String {
        let text = self.text(shown.figure);
        match shown.known {
            Known::Same => format!("= {text}"),
            _ => text,
        }
    }

    fn text(&self, figure: f64) -> String {
        let text = if self.alone {
            rounded(figure, self.digits)
        } else {
            signed(figure, self.digits)
        };
        text.replace('-', "−")
    }
}

/// The marks, and where something is told apart its colours before them.
fn legend(page: &mut Page, metric: DrawnMetric, paint: &Paint, decided: bool) {
    let (mut x, y) = (MARGIN, page.body.y0 + 8.0);
    if decided {
        x = colours(page, metric, paint);
    }
    if !paint.alone {
        marks(page, metric, (x, y), decided);
    }
}

/// The bar of colours; gives where it ends.
fn colours(page: &mut Page, metric: DrawnMetric, paint: &Paint) -> f64 {
    let (y, wide, steps) = (page.body.y0 + 8.0, 160.0, 40);
    let least = if paint.alone { 0.0 } else { -paint.most };
    let unit = match (metric.unit(), paint.alone) {
        ("%", false) => "% points",
        (unit, _) => unit,
    };
    let ends = [paint.text(least), format!("{} {unit}", paint.text(paint.most))];
    let room = canvas::width(&ends[0], TEXT) + 6.0;
    page.sheet.text((MARGIN, y), &ends[0], TEXT, Anchor::Start, GREY);
    for step in 0..steps {
        let share = (f64::from(step) + 0.5) / f64::from(steps);
        let at = |k: i32| MARGIN + room + wide * f64::from(k) / f64::from(steps);
        let frame = Frame {
            x0: at(step),
            y0: y - 6.0,
            x1: at(step + 1),
            y1: y + 6.0,
        };
        let figure = least + (paint.most - least) * share;
        let known = Known::Apart;
        page.sheet.rect(frame, paint.ink(Shown { figure, known }));
    }
    let x = MARGIN + room + wide + 6.0;
    page.sheet.text((x, y), &ends[1], TEXT, Anchor::Start, GREY);
    x + canvas::width(&ends[1], TEXT) + 24.0
}

fn marks(page: &mut Page, metric: DrawnMetric, (mut x, y): (f64, f64), decided: bool) {
    for (hatched, text) in [(true, "not decided"), (false, "= same: too small to matter")] {
        let frame = Frame {
            x0: x,
            y0: y - 6.0,
            x1: x + 22.0,
            y1: y + 6.0,
        };
        page.sheet.rect(frame, BARE);
        if hatched {
            hatch(&mut page.sheet, frame);
        }
        page.sheet.outline(frame, GREY);
        page.sheet.text((x + 28.0, y), text, BODY, Anchor::Start, DARK);
        x += 28.0 + canvas::width(text, BODY) + 18.0;
    }
    let good = match metric.column.good {
        _ if !decided => "nothing is told apart",
        Good::High | Good::Low => "green: better, orange: worse",
        Good::Neither => "blue: more, orange: less",
    };
    page.sheet.text((x, y), good, BODY, Anchor::Start, GREY);
}

fn grid(
    sheet: &mut Sheet,
    drawn: &Drawn<'_>,
    frame: Frame,
    (x_axis, y_axis): (&KeyAxis, &KeyAxis),
    shown: &[Option<Shown>],
    paint: &Paint,
) {
    let (columns, rows) = (x_axis.values.len(), y_axis.values.len());
    let tile = |column: usize, row: usize| cell(frame, (column, columns), (rows - 1 - row, rows), (0.0, 0.0));
    let place = |axis: &KeyAxis, value: &str| axis.values.iter().position(|known| known == value).unwrap_or(0);
    for (point, shown) in drawn.points.iter().zip(shown) {
        let [y, x] = &point.coordinates[..] else { continue };
        let tile = tile(place(x_axis, x), place(y_axis, y));
        let Some(shown) = shown else {
            sheet.outline(tile, FAINT);
            continue;
        };
        sheet.rect(tile, paint.ink(*shown));
        if shown.known == Known::Open {
            hatch(sheet, tile);
        }
        let text = paint.told(*shown);
        let (wide, high) = (tile.x1 - tile.x0, tile.y1 - tile.y0);
        let own = canvas::width(&text, TEXT) + 6.0;
        if own <= wide && high >= 12.0 {
            let (x, y) = ((tile.x0 + tile.x1) / 2.0, (tile.y0 + tile.y1) / 2.0);
            if shown.known == Known::Open {
                let plate = Frame {
                    x0: x - own / 2.0,
                    y0: y - 6.0,
                    x1: x + own / 2.0,
                    y1: y + 6.0,
                };
                sheet.rect(plate, paint.ink(*shown));
            }
            sheet.text((x, y), &text, TEXT, Anchor::Middle, DARK);
        }
        sheet.outline(tile, canvas::PAPER);
    }
    sheet.outline(frame, GREY);
    labels(sheet, drawn, frame, (x_axis, y_axis));
}

/// Values beside the rows and below the columns, as many as fit, and the keys' names.
fn labels(sheet: &mut Sheet, drawn: &Drawn<'_>, frame: Frame, (x_axis, y_axis): (&KeyAxis, &KeyAxis)) {
    let (columns, rows) = (x_axis.values.len(), y_axis.values.len());
    let every = (f64::from(14) * rows as f64 / (frame.y1 - frame.y0)).ceil().max(1.0) as usize;
    for (row, value) in y_axis
        .values
        .iter()
        .enumerate()
        .filter(|(row, _)| row.is_multiple_of(every))
    {
        let tile = cell(frame, (0, 1), (rows - 1 - row, rows), (0.0, 0.0));
        let text = wrap(value, TEXT, GUTTER - 12.0, 1);
        let point = (frame.x0 - 6.0, (tile.y0 + tile.y1) / 2.0);
        sheet.lines(point, &text, TEXT, Anchor::End, GREY);
    }
    let widest = x_axis
        .values
        .iter()
        .map(|value| canvas::width(value, TEXT))
        .fold(0.0, f64::max)
        + 6.0;
    let room = (frame.x1 - frame.x0) / columns as f64;
    let every = (widest.min(120.0) / room).ceil().max(1.0) as usize;
    for (column, value) in x_axis
        .values
        .iter()
        .enumerate()
        .filter(|(c, _)| c.is_multiple_of(every))
    {
        let tile = cell(frame, (column, columns), (0, 1), (0.0, 0.0));
        let text = wrap(value, TEXT, room * every as f64 - 4.0, 1);
        let point = ((tile.x0 + tile.x1) / 2.0, frame.y1 + 10.0);
        sheet.lines(point, &text, TEXT, Anchor::Middle, GREY);
    }
    let axes = &drawn.manifest.design.axes;
    let [y_key, x_key] = [0, 1].map(|at| axes.get(at).map_or("", |axis| axis.key.as_str()));
    let middle = ((frame.x0 + frame.x1) / 2.0, frame.y1 + 26.0);
    sheet.text(middle, x_key, TEXT, Anchor::Middle, DARK);
    let name = wrap(&format!("↑ {y_key}"), TEXT, GUTTER - 6.0, 2);
    let first = frame.y0 - 12.0 - (name.len() as f64 - 1.0) * TEXT * 1.3;
    sheet.lines((frame.x0 - GUTTER, first), &name, TEXT, Anchor::Start, DARK);
}

/// Slanted lines over a frame.
fn hatch(sheet: &mut Sheet, frame: Frame) {
    const PITCH: f64 = 7.0;
    let (wide, high) = (frame.x1 - frame.x0, frame.y1 - frame.y0);
    let mut offset = PITCH / 2.0;
    while offset < wide + high {
        // From the left or lower edge up to the upper or right one.
        let from = if offset <= high {
            (frame.x0, frame.y0 + offset)
        } else {
            (frame.x0 + offset - high, frame.y1)
        };
        let to = if offset <= wide {
            (frame.x0 + offset, frame.y0)
        } else {
            (frame.x1, frame.y0 + offset - wide)
        };
        sheet.line(from, to, 0.5, GREY);
        offset += PITCH;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_told_apart_has_a_colour_and_same_is_not_undecided() {
        let paint = Paint {
            most: 1.0,
            good: Good::High,
            alone: false,
            digits: 1,
        };
        let ink = |figure: f64, known: Known| paint.ink(Shown { figure, known });
        let lightness = |ink: Ink| u32::from(ink.0) + u32::from(ink.1) + u32::from(ink.2);
        for sign in [-1.0, 1.0] {
            assert_eq!(ink(sign * 9.0, Known::Open), BARE);
            assert_ne!(ink(sign * 0.01, Known::Apart), BARE);
            assert!(lightness(ink(sign * 0.1, Known::Apart)) > lightness(ink(sign, Known::Apart)));
        }
        let told = |known: Known| paint.told(Shown { figure: 0.1, known });
        assert!(told(Known::Same).starts_with('=') && told(Known::Same) != told(Known::Open));
    }
}
