//! The printed comparison: an answer in words, then the tables that it rests on.

mod finer;

use super::number::{decimals, magnitude, rounded, signed};
use super::plots::{counted, percent, words};
use super::roster::broken;
use super::{estimate, is_share, paired};
use crate::cells::columns::{Column, Metric};
use crate::judge::results::{Arm, Results, shown};
use crate::stats::compare::{Paired, Verdict};
use crate::stats::estimate::Estimate;
use crate::world::{CAUSES, Cause};

/// The widest line.
const WIDE: usize = 140;
/// The metrics that the answer speaks of, as far as they have values.
const HEADLINES: [Metric; 4] = [
    Metric::Acceptance,
    Metric::ErrandWaitP95,
    Metric::Misplacements,
    Metric::StrandedNodeHours,
];

pub(super) type Place = (usize, &'static Column);

/// The comparison as text: one sentence that answers, the shown metrics, the paired differences,
/// refusals by cause, and what to know when reading them.
#[must_use]
pub fn comparison(results: &Results) -> String {
    let mut out = said(results)
        .iter()
        .flat_map(|text| broken(text, WIDE))
        .collect::<Vec<_>>()
        .join("\n");
    out.push_str("\n\n");
    let rows: Vec<Place> = shown(results);
    let all: Vec<&Arm> = results.arms.iter().collect();
    let others: Vec<&Arm> = results
        .arms
        .iter()
        .enumerate()
        .filter(|(i, _)| *i != results.baseline)
        .map(|(_, arm)| arm)
        .collect();
    // The causes have a table of their own below, unless the scenario asks for them here too.
    let first: Vec<Place> = rows
        .iter()
        .copied()
        .filter(|(_, c)| !results.shown.is_empty() || c.metric.cause().is_none())
        .collect();
    out.push_str(&tables("metric", &first, &all, &estimates));
    if !others.is_empty() {
        let baseline = results.arms.get(results.baseline).map_or("", |arm| arm.label.as_str());
        let together = if others.len() > 1 && results.replications > 1 {
            format!("; the {} intervals of a row hold together", others.len())
        } else {
            String::new()
        };
        out.push_str(&format!(
            "Differences against {baseline}, replication by replication (~ not separable{together}):\n\n"
        ));
        let rows: Vec<Place> = rows
            .into_iter()
            .filter(|(place, _)| others.iter().any(|arm| paired(arm, *place).is_some()))
            .collect();
        out.push_str(&tables("metric", &rows, &others, &differences));
    }
    out.push_str(&refusals(results, &all));
    out.push_str(&finer::apart(results, &all));
    out.push_str(&finer::pooled(results, &all));
    out.push_str(&finer::happened(results, &all));
    out.push_str(&notes(results));
    out
}

/// What is to be said before any table: the answer, and what became of the goals.
pub(super) fn said(results: &Results) -> Vec<String> {
    let mut said = vec![answer(results)];
    said.extend(finer::chosen(results));
    said.extend(finer::precise(results));
    said
}

/// The answer in one sentence, or two where little can be said.
fn answer(results: &Results) -> String {
    let over = format!("Over {}", counted(results.replications, "replication"));
    let Some(baseline) = results.arms.get(results.baseline) else {
        return "There are no strategies to compare.".to_owned();
    };
    if results.arms.len() == 1 {
        let accepted = estimate(baseline, Metric::Acceptance.at());
        let accepts = accepted.map_or_else(String::new, |e| {
            format!(
                " has an acceptance of {}",
                quantity(e.mean, Metric::Acceptance.column())
            )
        });
        return format!(
            "{over}, {}{accepts}; with one strategy there is nothing to compare.",
            baseline.label
        );
    }
    if results
        .arms
        .iter()
        .all(|arm| arm.digest == baseline.digest && !arm.digest.is_empty())
    {
        return format!(
            "The strategies do not differ here: {}, every one of them took the same course.",
            over.to_lowercase()
        );
    }
    if results.replications < 2 {
        return "One replication shows one draw: nothing below can be told apart, because there are no intervals."
            .to_owned();
    }
    let said: Vec<String> = HEADLINES
        .into_iter()
        .filter_map(|metric| headline(results, metric))
        .collect();
    let level = percent(results.confidence);
    if said.is_empty() {
        return format!(
            "{over}, no strategy can be told apart from {} at {level} % on {}.",
            baseline.label,
            HEADLINES.map(|metric| words(metric.name())).join(", ")
        );
    }
    format!(
        "{over} and against {} ({level} %), {}.",
        baseline.label,
        said.join("; ")
    )
}

/// What a headline metric says; none where nothing is separable from the baseline.
fn headline(results: &Results, metric: Metric) -> Option<String> {
    let (place, column) = (metric.at(), metric.column());
    let arms = || {
        results
            .arms
            .iter()
            .enumerate()
            .filter(|(i, _)| *i != results.baseline)
            .map(|(_, arm)| arm)
    };
    let side = |verdict: Verdict| {
        let mut side: Vec<(&str, f64)> = arms()
            .filter_map(|arm| Some((arm.label.as_str(), paired(arm, place)?)))
            .filter(|(_, p)| p.verdict == verdict)
            .map(|(label, p)| (label, p.diff))
            .collect();
        side.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
        side
    };
    let (better, worse) = (side(Verdict::Better), side(Verdict::Worse));
    if better.is_empty() && worse.is_empty() {
        return None;
    }
    let listed = |side: &[(&str, f64)]| {
        some(
            side.iter()
                .map(|(label, diff)| format!("{label} ({})", change(*diff, column)))
                .collect(),
        )
    };
    let mut parts = Vec::new();
    if !better.is_empty() {
        parts.push(format!("better under {}", listed(&better)));
    }
    if !worse.is_empty() {
        parts.push(format!("worse under {}", listed(&worse)));
    }
    let same: Vec<String> = side(Verdict::NotSeparable)
        .into_iter()
        .map(|(label, _)| label.to_owned())
        .collect();
    if !same.is_empty() {
        parts.push(format!("not separable under {}", some(same)));
    }
    let name = column.name;
    let are = if name.ends_with('s') { "are" } else { "is" };
    Some(format!("{} {are} {}", words(name), parts.join(", ")))
}

/// The first three of a list, and how many there are besides.
fn some(items: Vec<String>) -> String {
    const MOST: usize = 3;
    let rest = items.len().saturating_sub(MOST);
    let first = items[..items.len() - rest].join(" and ");
    if rest > 0 {
        format!("{first} and {rest} more")
    } else {
        first
    }
}

/// A value with its unit, in running text.
fn quantity(value: f64, column: &Column) -> String {
    if is_share(column) {
        format!("{} %", rounded(value * 100.0, 2))
    } else {
        format!("{} {}", rounded(value, figures(value)), column.unit)
    }
}

/// A difference with its unit, in running text.
fn change(diff: f64, column: &Column) -> String {
    if is_share(column) {
        format!("{} points", signed(diff * 100.0, figures(diff * 100.0)))
    } else {
        format!("{} {}", signed(diff, figures(diff)), column.unit)
    }
}

/// Decimals for two significant digits.
fn figures(value: f64) -> usize {
    usize::try_from(1 - magnitude(value)).unwrap_or(0).min(6)
}

/// A cell per arm for one metric.
type Cells<'a> = &'a dyn Fn(Place, &[&Arm]) -> Vec<String>;

fn estimates((place, _): Place, arms: &[&Arm]) -> Vec<String> {
    arms.iter()
        .map(|arm| estimate(arm, place).map_or_else(|| "none".to_owned(), estimated))
        .collect()
}

/// A mean with its interval; each has the digits that its own interval can carry.
pub(super) fn estimated(e: Estimate) -> String {
    let places = decimals(&[e.mean], &[(e.hi - e.lo) / 2.0]);
    let mean = rounded(e.mean, places);
    if e.n > 1 {
        format!("{mean} [{}, {}]", rounded(e.lo, places), rounded(e.hi, places))
    } else {
        mean
    }
}

/// A difference with its interval.
pub(super) fn differed(p: Paired) -> String {
    let places = decimals(&[p.diff], &[(p.hi - p.lo) / 2.0]);
    let diff = signed(p.diff, places);
    if p.n > 1 {
        format!("{diff} [{}, {}]", signed(p.lo, places), signed(p.hi, places))
    } else {
        diff
    }
}

fn differences((place, _): Place, arms: &[&Arm]) -> Vec<String> {
    let cell = |p: Paired| {
        let mark = match p.verdict {
            Verdict::Better => " better",
            Verdict::Worse => " worse ",
            Verdict::NotSeparable => " ~     ",
            Verdict::None => "       ",
        };
        format!("{}{mark}", differed(p))
    };
    arms.iter()
        .map(|arm| paired(arm, place).map_or_else(|| "none".to_owned(), cell))
        .collect()
}

/// The rows as tables, as many beside each other as the width needs.
fn tables(corner: &str, rows: &[Place], arms: &[&Arm], cells: Cells<'_>) -> String {
    let body: Vec<Vec<String>> = rows.iter().map(|row| cells(*row, arms)).collect();
    let name_wide = rows
        .iter()
        .map(|(_, c)| c.name.len())
        .chain([corner.len()])
        .max()
        .unwrap_or(0);
    let unit_wide = rows
        .iter()
        .map(|(_, c)| c.unit.chars().count())
        .chain([4])
        .max()
        .unwrap_or(0);
    let head = name_wide + 2 + unit_wide;
    // A heading breaks at its joints, so that it needs no more room than its longest part.
    let headings: Vec<Vec<String>> = arms.iter().map(|arm| heading(&arm.label)).collect();
    let wide = |i: usize| {
        let cells = body.iter().map(|row| row[i].chars().count());
        cells
            .chain(headings[i].iter().map(|h| h.chars().count()))
            .max()
            .unwrap_or(0)
    };
    let mut out = String::new();
    let mut from = 0;
    while from < arms.len() {
        let (mut to, mut used) = (from, head);
        while to < arms.len() && (to == from || used + 2 + wide(to) <= WIDE) {
            used += 2 + wide(to);
            to += 1;
        }
        let high = headings[from..to].iter().map(Vec::len).max().unwrap_or(0);
        for line in 0..high {
            let names = if line + 1 == high { (corner, "unit") } else { ("", "") };
            let parts = (from..to).map(|i| {
                (
                    headings[i]
                        .get((line + headings[i].len()).wrapping_sub(high))
                        .map_or("", String::as_str),
                    wide(i),
                )
            });
            out.push_str(&aligned(names, (name_wide, unit_wide), parts));
        }
        out.push_str(&format!("{}\n", "─".repeat(used)));
        for ((_, column), row) in rows.iter().zip(&body) {
            let parts = (from..to).map(|i| (row[i].as_str(), wide(i)));
            out.push_str(&aligned((column.name, column.unit), (name_wide, unit_wide), parts));
        }
        out.push('\n');
        from = to;
    }
    out
}

fn aligned<'a>(
    (name, unit): (&str, &str),
    (name_wide, unit_wide): (usize, usize),
    parts: impl Iterator<Item = (&'a str, usize)>,
) -> String {
    let mut line = format!("{name:<name_wide$}  {unit:<unit_wide$}");
    for (text, wide) in parts {
        line.push_str(&format!("  {text:>wide$}"));
    }
    format!("{}\n", line.trim_end())
}

/// A label in lines of about 22 characters, broken after spaces, hyphens and underscores; longer parts are cut.
fn heading(label: &str) -> Vec<String> {
    const ROOM: usize = 22;
    let mut lines: Vec<String> = vec![String::new()];
    for piece in label.split_inclusive([' ', '-', '_', ',']) {
        let last = lines.len() - 1;
        if lines[last].is_empty() || lines[last].chars().count() + piece.trim_end().chars().count() <= ROOM {
            lines[last].push_str(piece);
        } else {
            lines.push(piece.to_owned());
        }
    }
    lines
        .iter()
        .map(|line| line.trim_end().chars().take(ROOM + 8).collect())
        .collect()
}

fn place_of(metric: Metric) -> Place {
    (metric.at(), metric.column())
}

/// The causes for which somebody was refused, as rows, and the names of the others.
pub(super) fn rows_of_causes(arms: &[&Arm]) -> (Vec<Place>, Vec<&'static str>) {
    let of = |&(cause, name): &(Cause, &'static str)| (name, place_of(Metric::refused_for(cause)));
    let known: Vec<(&'static str, Place)> = CAUSES.iter().map(of).collect();
    let happened = |place: usize| {
        arms.iter()
            .any(|arm| estimate(arm, place).is_some_and(|e| e.mean != 0.0))
    };
    let rows: Vec<Place> = known
        .iter()
        .map(|(_, place)| *place)
        .filter(|(place, _)| happened(*place))
        .collect();
    let never = known.iter().filter(|(_, (place, _))| !happened(*place));
    (rows, never.map(|(name, _)| *name).collect())
}

fn refusals(results: &Results, arms: &[&Arm]) -> String {
    let (rows, never) = rows_of_causes(arms);
    if rows.is_empty() {
        return "No request was refused.\n\n".to_owned();
    }
    let total =
        Some(place_of(Metric::Refused)).filter(|_| !shown(results).iter().any(|(_, c)| c.metric == Metric::Refused));
    let rows: Vec<Place> = rows.into_iter().chain(total).collect();
    let mut out = format!("Refusals by cause:\n\n{}", tables("cause", &rows, arms, &estimates));
    if !never.is_empty() {
        out.push_str(&format!("No request was refused for: {}.\n\n", never.join(", ")));
    }
    out
}

fn notes(results: &Results) -> String {
    let mut notes = Vec::new();
    if results.replications > 1 {
        notes.push(format!(
            "[lo, hi]: {} % intervals over {} replications.",
            percent(results.confidence),
            results.replications
        ));
    } else {
        notes.push("1 replication: no intervals.".to_owned());
    }
    notes.extend(finer::pairing(results));
    if results.partial {
        notes.push(
            "Partial: the experiment was interrupted; only replications that every strategy finished count.".to_owned(),
        );
    }
    notes.extend(results.assumptions.iter().cloned());
    notes.push(format!(
        "Scenario {} ({}), seed {}, sickbay {}.",
        results.scenario, results.scenario_digest, results.seed, results.version
    ));
    let digests: Vec<String> = results
        .arms
        .iter()
        .map(|arm| format!("{} {}", arm.digest, arm.label))
        .collect();
    let mut lines: Vec<String> = notes.iter().flat_map(|note| broken(note, WIDE)).collect();
    lines.push("Trajectories:".to_owned());
    lines.extend(digests.into_iter().map(|line| format!("  {line}")));
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::sample::{SampleWish, results};

    fn text(arms: usize, replications: u32, eventful: bool) -> String {
        comparison(&results(SampleWish {
            arms,
            replications,
            eventful,
        }))
    }

    #[test]
    fn it_fits_the_width() {
        for (arms, replications) in [(0, 0), (1, 20), (2, 1), (4, 20), (8, 20)] {
            let text = text(arms, replications, true);
            if std::env::var_os("SICKBAY_PLOTS").is_some() {
                std::io::Write::write_all(&mut std::io::stderr(), text.as_bytes()).expect("shown");
            }
            let widest = text.lines().map(|l| l.chars().count()).max().unwrap_or(0);
            assert!(widest <= WIDE, "{widest} columns:\n{text}");
            assert!(text.lines().all(|l| l == l.trim_end()), "{text}");
        }
    }

    #[test]
    fn the_first_sentence_answers() {
        assert!(
            text(4, 20, true)
                .starts_with("Over 20 replications and against withdraw (95 %), acceptance is better under ")
        );
        assert!(text(1, 20, true).contains("nothing to compare"));
        assert!(text(4, 1, true).starts_with("One replication"));
        let mut same = results(SampleWish {
            arms: 4,
            replications: 20,
            eventful: true,
        });
        for arm in &mut same.arms {
            arm.digest = "0".repeat(32);
        }
        assert!(comparison(&same).starts_with("The strategies do not differ here"));
    }

    #[test]
    fn refusals_that_never_happened_are_named() {
        let text = text(4, 20, true);
        assert!(
            text.contains("No request was refused for: other-tenants, candidate-cap, quota, build-chance, no-match"),
            "{text}"
        );
    }
}
