//! The curve of a plan: a metric of the objective over the key near the border, under each strategy, with the value that
//! answers and the stretch that could not be told apart from either side.

use super::axis::{Scale, TICK, bottom, left, padded, ticks};
use super::canvas::{Anchor, DARK, Frame, GREY, Sheet, wrap};
use super::labels;
use super::page::{BODY, MARGIN, Page, PlotFile, Swatch, cell, cut, first_paragraph, mark, percent, spelt, words};
use super::palette::looks;
use super::told::sentence;
use super::{Askable, PlotWish, files};
use crate::cells::points::range::number;
use crate::judge::planned::Planned;
use crate::judge::quest::Answer;
use crate::judge::search::{Ruling, SearchEnd};
use crate::judge::slo::Clause;
use crate::report::error::DrawError;
use crate::report::{factor, shown_unit};
use crate::stats::compare::Verdict;
use crate::stats::estimate::Estimate;

const PANEL: f64 = 236.0;
/// The dashes of the objective.
const BOUND: &[f64] = &[6.0, 4.0];

/// Draws a figure for each metric of the objective, as SVG and as PNG.
///
/// # Errors
/// When plotters or the PNG encoder fails.
pub fn render(planned: &Planned, stamp: &str, wish: &PlotWish) -> Result<Vec<PlotFile>, DrawError> {
    let mut sheets = Vec::new();
    for (at, clause) in planned.quest.slo.clauses.iter().enumerate() {
        if !wish.metrics.is_empty() && !wish.metrics.iter().any(|name| name == clause.metric.name) {
            continue;
        }
        let name = name(planned, at);
        sheets.push((name, draw(planned, at, clause, wish)));
    }
    files(sheets, (&planned.scenario, &planned.version), stamp, wish)
}

/// What the figures of a plan can be asked for.
#[must_use]
pub fn askable(planned: &Planned) -> Askable {
    let clauses = &planned.quest.slo.clauses;
    Askable {
        figures: (0..clauses.len()).map(|at| name(planned, at)).collect(),
        metrics: clauses.iter().map(|clause| clause.metric.name.to_owned()).collect(),
        strategies: planned.strategies.clone(),
    }
}

/// The name of a clause's figure: metrics that are bound twice are numbered.
fn name(planned: &Planned, at: usize) -> String {
    let clauses = &planned.quest.slo.clauses;
    let column = clauses[at].column;
    let earlier = clauses[..at].iter().filter(|other| other.column == column).count();
    let number = if earlier == 0 {
        String::new()
    } else {
        format!("-{}", earlier + 1)
    };
    format!("plan-{}{number}", clauses[at].metric.name)
}

fn footer(planned: &Planned) -> String {
    let digest: String = planned.digest.chars().take(16).collect();
    let cells: u32 = planned
        .answers
        .iter()
        .flat_map(|answer| &answer.probes)
        .map(|probe| probe.replications)
        .sum();
    format!(
        "plan of scenario {} · digest {digest} · seed {} · {cells} replications in all · sickbay {}",
        planned.scenario, planned.seed, planned.version
    )
}

/// The figure of one metric.
fn draw(planned: &Planned, at: usize, clause: &Clause, wish: &PlotWish) -> Sheet {
    let column = clause.metric;
    let heading = format!("{} over {}: {}", words(column.name), planned.key, planned.quest.slo);
    let looks = planned.quest.looks().len();
    let what = if planned.quest.by_seed { "seeds" } else { "replications" };
    let chosen: Vec<(usize, &Answer)> = planned
        .answers
        .iter()
        .enumerate()
        .filter(|(place, _)| {
            planned
                .strategies
                .get(*place)
                .is_some_and(|label| wish.of_strategy(label))
        })
        .collect();
    let axes = axes(planned, &chosen, at, clause);
    let cut = axes.map_or_else(String::new, |(_, (lo, hi))| cut(lo, hi, "vertical"));
    let note = format!(
        "bars: both one-sided bounds over {what} at {} %, shared out over {looks} looks; dashed: the objective; grey: neither shown to hold nor to fail; \
         all panels have the same axes, which show what lies near the borders; plan.csv has all{cut}",
        percent(planned.quest.confidence)
    );
    let count = chosen.len();
    let (columns, rows) = (count.clamp(1, 2), count.div_ceil(2));
    let foot = footer(planned);
    let mut notes = vec![note];
    notes.extend(spelt(planned.strategies.iter().map(String::as_str)));
    let mut page = Page::with(
        (&heading, first_paragraph(&planned.question)),
        &notes,
        &foot,
        30.0 + rows as f64 * PANEL,
    );
    let legend = [
        ("the whole objective holds", Swatch::Mark(Verdict::Better)),
        ("it fails", Swatch::Mark(Verdict::Worse)),
        ("open", Swatch::Mark(Verdict::NotDecided)),
        ("the objective", Swatch::Dashed(DARK, BOUND)),
        ("the answer", Swatch::Line(DARK, 1.0)),
    ];
    page.legend((MARGIN, page.body.y0 + 8.0), &legend);
    let body = Frame {
        y0: page.body.y0 + 30.0,
        ..page.body
    };
    // The answer stands behind the label: a third of the row is its own.
    let all: Vec<&str> = planned.strategies.iter().map(String::as_str).collect();
    let narrow = (body.x1 - body.x0) / columns as f64 * 0.6;
    let labels: Vec<String> = labels::telling(&all, BODY, narrow, 1)
        .iter()
        .map(|lines| lines.concat())
        .collect();
    for (turn, (place, answer)) in chosen.iter().copied().enumerate() {
        let frame = cell(body, (turn % columns, columns), (turn / columns, rows), (26.0, 0.0));
        let of = (place, labels[place].as_str(), answer);
        panel(&mut page, planned, (at, clause), of, (frame, axes));
    }
    let told = chosen
        .iter()
        .map(|(place, answer)| format!("{}: {}", planned.strategies[*place], found(planned, answer)));
    page.sheet.tell(sentence(told, "no strategy was asked"));
    page.sheet
}

/// A value that is drawn: its place on the axis, what was found there, and the ruling.
struct Point {
    x: f64,
    look: Estimate,
    ruling: Ruling,
}

fn panel(
    page: &mut Page,
    planned: &Planned,
    (at, clause): (usize, &Clause),
    (place, label, answer): (usize, &str, &Answer),
    (frame, axes): (Frame, Option<Axes>),
) {
    let column = clause.metric;
    let factor = factor(clause.metric);
    let unit = shown_unit(column);
    let inner = Frame {
        x0: frame.x0 + 50.0,
        y0: frame.y0 + 40.0,
        x1: frame.x1 - 4.0,
        y1: frame.y1 - 44.0,
    };
    let title = wrap(
        &format!("{label}: {}", found(planned, answer)),
        BODY,
        frame.x1 - frame.x0,
        1,
    );
    page.sheet
        .lines((frame.x0, frame.y0 + 8.0), &title, BODY, Anchor::Start, DARK);
    let axis = format!("{} ({unit})", words(column.name));
    page.sheet
        .text((frame.x0, frame.y0 + 26.0), &axis, TICK, Anchor::Start, GREY);
    let points = points(planned, answer, at, factor);
    let bound = clause.bound * factor;
    let scales = axes.filter(|_| !points.is_empty()).map(|axes| scales(axes, inner));
    let Some((x, y)) = scales else {
        page.nothing(inner, "no replication has a value of this metric");
        return;
    };
    open_stretch(&mut page.sheet, planned, answer, x, inner);
    left(&mut page.sheet, inner, y, &ticks(y.lo, y.hi, 5), true);
    let marks: Vec<(f64, String)> = ticks(x.lo, x.hi, 6);
    let key_unit = planned
        .values
        .first()
        .and_then(|value| number(value))
        .map_or("", |(_, unit)| unit);
    let marks: Vec<(f64, String)> = marks
        .into_iter()
        .map(|(at, text)| (at, format!("{text}{key_unit}")))
        .collect();
    bottom(&mut page.sheet, inner, x, &marks, &planned.key);
    let shown: Vec<&Point> = points
        .iter()
        .filter(|point| point.x >= x.lo && point.x <= x.hi)
        .collect();
    let line = shown
        .iter()
        .map(|point| (x.at(point.x), y.at(point.look.mean)))
        .collect();
    let look = looks(planned.strategies.iter().map(String::as_str))[place];
    page.sheet.path(line, 1.0, look.ink);
    page.sheet
        .dashed(&[(inner.x0, y.at(bound)), (inner.x1, y.at(bound))], (BOUND, 2.0), DARK);
    if let Some((value, _)) = planned.value(answer).and_then(number) {
        page.sheet
            .line((x.at(value), inner.y0), (x.at(value), inner.y1), 1.0, DARK);
    }
    for point in shown {
        let at = x.at(point.x);
        page.sheet
            .line((at, y.at(point.look.lo)), (at, y.at(point.look.hi)), 2.0, GREY);
        let verdict = match point.ruling {
            Ruling::Holds => Verdict::Better,
            Ruling::Fails => Verdict::Worse,
            Ruling::Open => Verdict::NotDecided,
        };
        mark(&mut page.sheet, (at, y.at(point.look.mean)), verdict);
    }
}

/// The answer beside a strategy's label.
pub(crate) fn found(planned: &Planned, answer: &Answer) -> String {
    match (answer.finding, planned.value(answer)) {
        (SearchEnd::Everywhere, Some(value)) => format!("{value}, the whole range holds"),
        (_, Some(value)) => format!("{} {value}", if planned.quest.largest { "largest" } else { "smallest" }),
        (SearchEnd::NotMonotone { .. }, None) => "not monotone, no answer".to_owned(),
        (_, None) => "nowhere in the range".to_owned(),
    }
}

fn points(planned: &Planned, answer: &Answer, at: usize, factor: f64) -> Vec<Point> {
    let point = |probe: &crate::judge::quest::Probe| {
        let look = probe.clauses.get(at).copied().flatten()?;
        let (x, _) = number(planned.values.get(probe.value)?)?;
        Some(Point {
            x,
            look: look.times(factor),
            ruling: probe.ruling,
        })
    };
    answer.probes.iter().filter_map(point).collect()
}

/// From where to where the axes of all panels go: the key's and the metric's.
type Axes = ((f64, f64), (f64, f64));

/// Axes that show the borders of all strategies: the nearer half of the values that were looked at, at least four each.
fn axes(planned: &Planned, chosen: &[(usize, &Answer)], at: usize, clause: &Clause) -> Option<Axes> {
    let factor = factor(clause.metric);
    let bound = clause.bound * factor;
    let near = chosen
        .iter()
        .flat_map(|(_, answer)| near(planned, answer, points(planned, answer, at, factor), bound));
    let near: Vec<Point> = near.collect();
    let extent = |values: &mut dyn Iterator<Item = f64>| {
        let (lo, hi) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), x| (lo.min(x), hi.max(x)));
        (lo <= hi).then(|| padded(lo, hi, 0.08))
    };
    let x = extent(&mut near.iter().map(|point| point.x))?;
    let levels = near
        .iter()
        .flat_map(|point| [point.look.lo, point.look.hi, point.look.mean]);
    Some((x, extent(&mut levels.chain([bound]))?))
}

/// The nearer half of a strategy's values.
fn near(planned: &Planned, answer: &Answer, mut points: Vec<Point>, bound: f64) -> Vec<Point> {
    let centre = planned.value(answer).and_then(number).map(|(value, _)| value);
    let far = |point: &Point| centre.map_or_else(|| (point.look.mean - bound).abs(), |centre| (point.x - centre).abs());
    points.sort_by(|a, b| far(a).total_cmp(&far(b)));
    points.truncate(points.len().div_ceil(2).max(4));
    points
}

fn scales(((x_lo, x_hi), (y_lo, y_hi)): Axes, frame: Frame) -> (Scale, Scale) {
    let x = Scale {
        lo: x_lo,
        hi: x_hi,
        from: frame.x0,
        to: frame.x1,
    };
    let y = Scale {
        lo: y_lo,
        hi: y_hi,
        from: frame.y1,
        to: frame.y0,
    };
    (x, y)
}

/// The stretch between the last value that fails and the first that holds.
fn open_stretch(sheet: &mut Sheet, planned: &Planned, answer: &Answer, x: Scale, frame: Frame) {
    let SearchEnd::Border { holds, fails } = answer.finding else {
        return;
    };
    let end = if planned.quest.largest {
        planned.values.len().saturating_sub(1)
    } else {
        0
    };
    let place = |at: usize| {
        planned
            .values
            .get(at)
            .and_then(|value| number(value))
            .map(|(value, _)| value)
    };
    let (Some(from), Some(to)) = (place(fails.unwrap_or(end)), place(holds)) else {
        return;
    };
    let (a, b) = (x.at(from.min(to)), x.at(from.max(to)));
    sheet.veil(vec![(a, frame.y0), (b, frame.y0), (b, frame.y1), (a, frame.y1)], GREY);
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::judge::planned::tests::planned;

    /// The values of the key at which a panel's axis has its marks.
    #[test]
    fn all_panels_have_one_axis() {
        let planned = planned(false);
        let clause = &planned.quest.slo.clauses[0];
        let sheet = draw(&planned, 0, clause, &PlotWish::default());
        let chosen: Vec<(usize, &Answer)> = planned.answers.iter().enumerate().collect();
        assert!(chosen.len() > 1);
        let (lo, hi) = axes(&planned, &chosen, 0, clause).expect("values").0;
        let texts = sheet.texts();
        for (_, mark) in ticks(lo, hi, 6) {
            let times = texts.iter().filter(|text| text.starts_with(&mark)).count();
            assert!(times >= chosen.len(), "{mark}: {times} in {texts:?}");
        }
        assert!(!sheet.told().is_empty());
    }

    /// Draws the samples into the folder that `SICKBAY_PLOTS` names, for eyes to judge.
    #[test]
    fn the_curves_can_be_drawn() {
        for (name, largest) in [("smallest", false), ("largest", true)] {
            let files = render(&planned(largest), "sickbay", &PlotWish::default()).expect("drawn");
            assert_eq!(files.len(), 4);
            for (folder, (file, bytes)) in std::env::var_os("SICKBAY_PLOTS")
                .iter()
                .flat_map(|folder| files.iter().map(move |f| (folder, f)))
            {
                fs::write(Path::new(folder).join(format!("{name}-{file}")), bytes).expect("written");
            }
        }
    }
}
