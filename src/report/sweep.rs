//! What a sweep says in the terminal: where each strategy parts from the baseline, and the first metric point by point.

use super::number::{decimals, rounded, signed};
use super::plots::percent;
use super::roster::broken;
use super::{factor, points_or_unit, shown_unit};
use crate::cells::columns::Column;
use crate::cells::points::design::DesignKind;
use crate::judge::across::{AcrossPoints, PointStep};
use crate::judge::point::{Point, PointFigure};
use crate::judge::sweep::SweepManifest;
use crate::stats::compare::Verdict;

/// The widest line.
const WIDE: usize = 140;
/// More points than this are left to the files.
const MOST_ROWS: usize = 24;

/// The answer as text.
#[must_use]
pub fn answer(manifest: &SweepManifest, points: &[Point], steps: &[PointStep]) -> String {
    let mut said = sentences(manifest, points).into_iter();
    let mut out = said
        .next()
        .map_or_else(String::new, |opening| broken(&opening, WIDE).join("\n") + "\n");
    for line in said {
        out += &format!("  {}\n", broken(&line, WIDE - 4).join("\n    "));
    }
    let columns = manifest.columns();
    let drawn: Vec<&Column> = manifest.places().into_iter().map(|at| columns.at(at)).collect();
    out += &across(manifest, steps, &drawn);
    for (at, metric) in drawn.iter().enumerate() {
        out.push('\n');
        out += &table(manifest, points, (at, metric));
        out += &stepped(manifest, steps, (at, metric));
    }
    out.push('\n');
    let unsaid = AcrossPoints::unsaid(manifest);
    let notes = unsaid
        .iter()
        .chain(&manifest.assumptions)
        .flat_map(|text| broken(text, WIDE));
    out + &notes.map(|line| line + "\n").collect::<String>()
}

/// What was compared, and for each metric at how many points each strategy parts from the baseline.
pub(super) fn sentences(manifest: &SweepManifest, points: &[Point]) -> Vec<String> {
    let columns = manifest.columns();
    let drawn = manifest.places().into_iter().map(|at| columns.at(at));
    let line = |(at, metric): (usize, &Column)| Some(format!("{}: {}", metric.name, verdicts(manifest, points, at)?));
    let lines = drawn.enumerate().filter_map(line);
    [opening(manifest, points)].into_iter().chain(lines).collect()
}

fn opening(manifest: &SweepManifest, points: &[Point]) -> String {
    let keys: Vec<&str> = manifest.design.axes.iter().map(|axis| axis.key.as_str()).collect();
    let (count, replications) = (points.len(), manifest.replications);
    let over = format!("{count} points of {} in {replications} replications", keys.join(", "));
    if manifest.strategies.len() < 2 {
        return format!("{over}; with one strategy there is nothing to compare.");
    }
    if replications < 2 {
        return format!("{over}: nothing can be told apart, because there are no intervals.");
    }
    let level = percent(manifest.confidence);
    let together = if manifest.strategies.len() > 2 {
        ", all words at a point together"
    } else {
        ""
    };
    format!(
        "{over}, against {} at the same point ({level} %, paired{together}):",
        manifest.baseline
    )
}

/// At how many steps from one value of a key to the next each strategy becomes better or worse; nothing where points are not
/// compared.
fn across(manifest: &SweepManifest, steps: &[PointStep], drawn: &[&Column]) -> String {
    if steps.is_empty() {
        return String::new();
    }
    let level = percent(manifest.confidence);
    let mut out = format!("From one value to the next, all words together ({level} %, paired):\n");
    for (axis, key) in manifest.design.axes.iter().map(|axis| &axis.key).enumerate() {
        for (at, metric) in drawn.iter().enumerate() {
            let said = manifest.strategies.iter().enumerate().filter_map(|(strategy, label)| {
                let own = steps
                    .iter()
                    .filter(|step| (step.axis, step.metric, step.strategy) == (axis, at, strategy));
                counted(own.filter(|step| step.neighbours).map(|step| step.paired.verdict))
                    .map(|said| format!("{label} {said}"))
            });
            let said: Vec<String> = said.collect();
            if !said.is_empty() {
                let line = format!("{key}, {}: {}", metric.name, said.join("; "));
                out += &format!("  {}\n", broken(&line, WIDE - 4).join("\n    "));
            }
        }
    }
    out
}

/// A metric's differences from value to value, and from the first value.
fn stepped(manifest: &SweepManifest, steps: &[PointStep], (at, metric): (usize, &Column)) -> String {
    let own: Vec<&PointStep> = steps.iter().filter(|step| step.metric == at).collect();
    if own.is_empty() {
        return String::new();
    }
    let (factor, unit) = (factor(metric), points_or_unit(metric));
    let means: Vec<f64> = own.iter().map(|step| step.paired.diff * factor).collect();
    let halves: Vec<f64> = own
        .iter()
        .map(|step| (step.paired.hi - step.paired.lo) / 2.0 * factor)
        .collect();
    let digits = decimals(&means, &halves).min(2);
    let cell = |step: &PointStep| {
        let p = step.paired;
        let [diff, lo, hi] = [p.diff, p.lo, p.hi].map(|figure| signed(figure * factor, digits));
        format!("{diff} [{lo}, {hi}]{}", mark(p.verdict))
    };
    let points = manifest.points();
    let mut rows = vec![
        std::iter::once("step".to_owned())
            .chain(manifest.strategies.iter().cloned())
            .collect(),
    ];
    let mut places: Vec<(usize, usize, usize)> = own.iter().map(|step| (step.axis, step.from, step.to)).collect();
    places.dedup();
    let all = places.len();
    for place in places.into_iter().take(MOST_ROWS) {
        let (axis, from, to) = place;
        let value = |point: usize| manifest.coordinates(&points[point])[axis].clone();
        let held: Vec<String> = manifest.coordinates(&points[from]);
        let held = manifest
            .design
            .axes
            .iter()
            .zip(held)
            .enumerate()
            .filter(|(at, _)| *at != axis);
        let held: Vec<String> = held.map(|(_, (axis, value))| format!("{}={value}", axis.key)).collect();
        let at = if held.is_empty() {
            String::new()
        } else {
            format!(" at {}", held.join(", "))
        };
        let head = format!("{} {} → {}{at}", manifest.design.axes[axis].key, value(from), value(to));
        let of = |strategy: usize| {
            let found = own
                .iter()
                .find(|step| (step.axis, step.from, step.to) == place && step.strategy == strategy);
            found.map_or_else(|| "–".to_owned(), |step| cell(step))
        };
        rows.push(
            std::iter::once(head)
                .chain((0..manifest.strategies.len()).map(of))
                .collect::<Vec<String>>(),
        );
    }
    let rest = all.saturating_sub(MOST_ROWS);
    let rest = if rest > 0 {
        format!("… and {rest} more steps in steps.csv\n")
    } else {
        String::new()
    };
    format!(
        "{} ({unit}), each value against the one before and against the first:\n{}{rest}",
        metric.name,
        aligned(&rows)
    )
}

/// A verdict behind a figure.
fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Better => " better",
        Verdict::Worse => " worse",
        Verdict::Same => " same",
        Verdict::NotDecided => " ?",
        Verdict::None => "",
    }
}

/// How often each word was found: `better at 3, same at 1`; none where there is none.
fn counted(verdicts: impl Iterator<Item = Verdict>) -> Option<String> {
    let verdicts: Vec<Verdict> = verdicts.collect();
    let words = [Verdict::Better, Verdict::Worse, Verdict::Same, Verdict::NotDecided];
    let said = words.into_iter().filter_map(|word| {
        let count = verdicts.iter().filter(|found| **found == word).count();
        (count > 0).then(|| format!("{} at {count}", word.word()))
    });
    let said: Vec<String> = said.collect();
    (!said.is_empty()).then(|| said.join(", "))
}

/// At how many points each strategy is better, worse or not decided; none where there is nothing to compare.
fn verdicts(manifest: &SweepManifest, points: &[Point], metric: usize) -> Option<String> {
    let one = |(at, label): (usize, &String)| {
        let own = points
            .iter()
            .filter_map(|point| point.values.get(at)?.get(metric)?.paired);
        counted(own.map(|paired| paired.verdict)).map(|said| format!("{label} {said}"))
    };
    let said: Vec<String> = manifest.strategies.iter().enumerate().filter_map(one).collect();
    (!said.is_empty() && manifest.replications > 1).then(|| said.join("; "))
}

/// A metric at every point, the verdicts against the baseline beside the means; `at` is its place among the drawn ones.
fn table(manifest: &SweepManifest, points: &[Point], (at, metric): (usize, &Column)) -> String {
    let name = metric.name;
    let (factor, unit) = (factor(metric), shown_unit(metric));
    let values = || {
        points
            .iter()
            .flat_map(|point| point.values.iter().filter_map(|values| values.get(at)))
    };
    let known: Vec<_> = values().filter_map(|value| value.estimate).collect();
    let means: Vec<f64> = known.iter().map(|e| e.mean * factor).collect();
    let halves: Vec<f64> = known.iter().map(|e| (e.hi - e.lo) / 2.0 * factor).collect();
    let digits = decimals(&means, &halves).min(2);
    let cell = |value: Option<&PointFigure>| {
        let Some((value, e)) = value.and_then(|value| Some((value, value.estimate?))) else {
            return "–".to_owned();
        };
        let [mean, lo, hi] = [e.mean, e.lo, e.hi].map(|figure| rounded(figure * factor, digits));
        let interval = if e.n > 1 {
            format!(" [{lo}, {hi}]")
        } else {
            String::new()
        };
        let mark = value.paired.map_or("", |p| mark(p.verdict));
        format!("{mean}{interval}{mark}")
    };
    // One key at a time: the one that differs says it all.
    let alone = manifest.design.kind == DesignKind::OneAtATime;
    let keys: Vec<String> = if alone {
        vec!["what differs".to_owned()]
    } else {
        manifest.design.axes.iter().map(|axis| axis.key.clone()).collect()
    };
    let mut rows = vec![
        keys.into_iter()
            .chain(manifest.strategies.iter().cloned())
            .collect::<Vec<String>>(),
    ];
    for (point, set) in points.iter().zip(manifest.points()).take(MOST_ROWS) {
        let values = point.values.iter().map(|values| cell(values.get(at)));
        let place = if alone {
            vec![manifest.words(&set)]
        } else {
            point.coordinates.clone()
        };
        rows.push(place.into_iter().chain(values).collect());
    }
    let more = points.len().saturating_sub(MOST_ROWS);
    let rest = if more > 0 {
        format!("… and {more} more points in summary.csv\n")
    } else {
        String::new()
    };
    format!(
        "{name} ({unit}), ? not decided against {}:\n{}{rest}",
        manifest.baseline,
        aligned(&rows)
    )
}

/// Rows in columns: the last of each row is not padded.
fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let wide = |at: usize| {
        rows.iter()
            .filter_map(|row| row.get(at))
            .map(|text| text.chars().count())
            .max()
    };
    let widths: Vec<usize> = (0..columns).map(|at| wide(at).unwrap_or(0)).collect();
    let line = |row: &Vec<String>| {
        let cells: Vec<String> = row
            .iter()
            .zip(&widths)
            .map(|(text, wide)| format!("{text:<wide$}"))
            .collect();
        cells.join("  ").trim_end().to_owned() + "\n"
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use crate::judge::sweeps::manifest;
    use crate::report::sweep::*;
    use crate::stats::compare::Paired;

    #[test]
    fn verdicts_are_counted_and_points_are_listed() {
        let manifest = manifest(&["a.x=1..30"], DesignKind::Grid);
        let paired = |verdict| Paired {
            diff: 0.1,
            lo: 0.0,
            hi: 0.2,
            n: 5,
            verdict,
            alone: crate::stats::estimate::Interval { lo: 0.0, hi: 0.2 },
            deviation: 0.1,
            matters: 0.002,
            variance_reduction: None,
        };
        let value = |verdict: Option<Verdict>| PointFigure {
            estimate: Some(crate::stats::estimate::Estimate {
                mean: 0.91,
                lo: 0.9,
                hi: 0.92,
                n: 5,
            }),
            paired: verdict.map(paired),
            effect: None,
        };
        let point = |at: i32| Point {
            coordinates: vec![at.to_string()],
            values: vec![
                vec![value(None)],
                vec![value(Some(if at < 4 { Verdict::Better } else { Verdict::NotDecided }))],
            ],
        };
        let text = answer(&manifest, &(1..=30).map(point).collect::<Vec<_>>(), &[]);
        assert!(
            text.contains("acceptance: naive better at 3, not decided at 27"),
            "{text}"
        );
        assert!(
            text.contains("91 [90, 92] better") || text.contains("91.0 [90.0, 92.0] better"),
            "{text}"
        );
        assert!(
            text.ends_with("… and 6 more points in summary.csv\n\nDrawn, not recorded: everything.\n"),
            "{text}"
        );
    }
}
