//! The search of a plan: the values that were tried against the bound, under each strategy on the same axes.

use super::super::plots::axis::{Scale, padded, ticks};
use super::super::plots::canvas::{self, Ink};
use super::super::plots::plan::found;
use super::curves::Up;
use super::forest::{sign, sign_sample};
use super::svg::{At, EM, Stroke, Svg, bottom, box_sample, left, line_sample};
use super::view::Key;
use crate::cells::points::range::number;
use crate::judge::planned::{Planned, ruling_word};
use crate::judge::quest::Answer;
use crate::judge::search::{Ruling, SearchEnd};
use crate::judge::slo::Clause;
use crate::report::number::rounded;
use crate::report::{factor, shown_unit};
use crate::stats::compare::Verdict;
use crate::stats::estimate::Estimate;

const WIDTH: f64 = 460.0;
const HEIGHT: f64 = 260.0;
const OPEN: Ink = Ink(0xe8, 0xe8, 0xe8);

const BOUND: Stroke<'_> = Stroke {
    class: "axis",
    ink: canvas::DARK,
    width: 1.4,
    dashes: &[6.0, 4.0],
};
const ANSWER: Stroke<'_> = Stroke {
    class: "better",
    ink: canvas::GREEN,
    width: 1.6,
    dashes: &[],
};

/// What the marks are.
pub(super) fn keys() -> Vec<Key> {
    let ruling = |ruling: Ruling, text: &str| Key::of(sign_sample(verdict_of(ruling)), text);
    vec![
        ruling(Ruling::Holds, "the whole objective holds"),
        ruling(Ruling::Fails, "it fails"),
        ruling(Ruling::Open, "neither could be shown"),
        Key::of(line_sample(BOUND), "the bound"),
        Key::of(line_sample(ANSWER), "the answer"),
        Key::of(
            box_sample("cut", OPEN),
            "between the last value that fails and the answer",
        ),
    ]
}

/// A value that was tried.
struct Tried<'a> {
    x: f64,
    typed: &'a str,
    look: Estimate,
    ruling: Ruling,
}

fn tried<'a>(planned: &'a Planned, answer: &Answer, at: usize) -> Vec<Tried<'a>> {
    let scale = factor(planned.quest.slo.clauses[at].metric);
    let one = |probe: &crate::judge::quest::Probe| {
        let look = probe.clauses.get(at).copied().flatten()?;
        let typed = planned.at(probe.value);
        Some(Tried {
            x: number(typed)?.0,
            typed,
            look: look.times(scale),
            ruling: probe.ruling,
        })
    };
    answer.probes.iter().filter_map(one).collect()
}

/// A panel for each strategy of a clause of the objective, and what is to be known of their vertical axis; none where no
/// replication has a value.
pub(super) fn panels(planned: &Planned, at: usize) -> (Vec<String>, &'static str) {
    let clause = &planned.quest.slo.clauses[at];
    let all: Vec<Vec<Tried<'_>>> = planned
        .answers
        .iter()
        .map(|answer| tried(planned, answer, at))
        .collect();
    let bound = clause.bound * factor(clause.metric);
    let looks = all
        .iter()
        .flatten()
        .flat_map(|it| [it.look.lo, it.look.hi, it.look.mean]);
    let unit = shown_unit(clause.metric);
    let name = format!("{} ({unit})", super::super::plots::words(clause.metric.name));
    let Some(up) = Up::over(name, looks.chain([bound])).filter(|_| all.iter().any(|it| !it.is_empty())) else {
        return (Vec::new(), "");
    };
    let places = || all.iter().flatten().map(|it| it.x);
    let (lo, hi) = places().fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), x| (lo.min(x), hi.max(x)));
    let panels = planned.answers.iter().enumerate();
    let panels = panels.map(|(place, answer)| {
        panel(
            planned,
            (at, clause),
            (place, answer, &all[place]),
            padded(lo, hi, 0.04),
            &up,
        )
    });
    (panels.collect(), up.note())
}

fn panel(
    planned: &Planned,
    (at, clause): (usize, &Clause),
    (place, answer, tried): (usize, &Answer, &[Tried<'_>]),
    (lo, hi): (f64, f64),
    up: &Up,
) -> String {
    let (top, base, from, to) = (38.0, HEIGHT - EM * 3.4, 52.0, WIDTH - 14.0);
    let x = Scale { lo, hi, from, to };
    let y = Scale {
        lo: up.lo,
        hi: up.hi,
        from: base,
        to: top,
    };
    let mut svg = Svg::new(WIDTH, HEIGHT);
    let title = format!("{}: {}", planned.strategies[place], found(planned, answer));
    let heading = canvas::wrap(&title, EM, WIDTH - 8.0, 1).concat();
    svg.text((0.0, EM + 2.0), &heading, At::Start, "head");
    svg.text((0.0, EM * 2.4), &up.name, At::Start, "soft");
    if let Some((a, b)) = stretch(planned, answer) {
        let (a, b) = (x.at(a), x.at(b));
        svg.area(&[(a, top), (b, top), (b, base), (a, base)], "cut", OPEN);
    }
    left(&mut svg, (from, to), y, &ticks(y.lo, y.hi, 5));
    let unit = planned
        .values
        .first()
        .and_then(|value| number(value))
        .map_or("", |(_, unit)| unit);
    let marks = ticks(lo, hi, 6)
        .into_iter()
        .map(|(at, text)| (at, format!("{text}{unit}")));
    bottom(&mut svg, (top, base), x, &marks.collect::<Vec<_>>());
    let name = canvas::wrap(&planned.key, EM, WIDTH - 20.0, 1).concat();
    svg.text(((from + to) / 2.0, HEIGHT - 4.0), &name, At::Middle, "soft");
    let bound = y.at(clause.bound * factor(clause.metric));
    svg.path(
        &[(from, bound), (to, bound)],
        BOUND,
        &format!("{} {}", clause.side, clause.typed),
    );
    if let Some((value, _)) = planned.value(answer).and_then(number) {
        svg.line((x.at(value), top), (x.at(value), base), ANSWER);
    }
    let means: Vec<(f64, f64)> = tried.iter().map(|it| (x.at(it.x), y.at(it.look.mean))).collect();
    svg.path(&means, Stroke::plain("grid", canvas::FAINT, 1.0), "means");
    for (it, centre) in tried.iter().zip(&means) {
        svg.group(&told(it, planned));
        let whisker = Stroke::plain("open", canvas::GREY, 2.0);
        svg.line((centre.0, y.at(it.look.lo)), (centre.0, y.at(it.look.hi)), whisker);
        sign(&mut svg, *centre, verdict_of(it.ruling));
        svg.group_end();
    }
    let all: Vec<String> = tried.iter().map(|it| told(it, planned)).collect();
    svg.finish(&format!("search-{at}-{place}"), &title, &all.join("; "))
}

fn told(it: &Tried<'_>, planned: &Planned) -> String {
    let [mean, lo, hi] = [it.look.mean, it.look.lo, it.look.hi].map(|figure| rounded(figure, 3));
    format!(
        "{} = {}: {mean} [{lo}, {hi}], {}",
        planned.key,
        it.typed,
        ruling_word(it.ruling)
    )
}

/// The verdict whose sign and colour a ruling has.
pub(super) fn verdict_of(ruling: Ruling) -> Verdict {
    match ruling {
        Ruling::Holds => Verdict::Better,
        Ruling::Fails => Verdict::Worse,
        Ruling::Open => Verdict::NotDecided,
    }
}

/// From the last value that fails, or the end of the range, to the one that answers.
fn stretch(planned: &Planned, answer: &Answer) -> Option<(f64, f64)> {
    let SearchEnd::Border { holds, fails } = answer.finding else {
        return None;
    };
    let end = if planned.quest.largest {
        planned.values.len().saturating_sub(1)
    } else {
        0
    };
    let place = |at: usize| number(planned.at(at)).map(|(value, _)| value);
    let (from, to) = (place(fails.unwrap_or(end))?, place(holds)?);
    Some((from.min(to), from.max(to)))
}
