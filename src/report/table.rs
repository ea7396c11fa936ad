//! The printed comparison: what it comes to, and the tables that this rests on.

mod finer;

use super::conclusion::conclusion;
use super::number::{differed, estimated, magnitude, signed};
use super::plots::percent;
use super::roster::broken;
use super::{estimate, is_share, paired};
use crate::cells::columns::{Column, Metric};
use crate::judge::advice::headline;
use crate::judge::costs;
use crate::judge::results::{Arm, Results, shown};
use crate::stats::compare::{Paired, Verdict};
use crate::world::{CAUSES, Cause};

/// The width of tables that are not read on a terminal.
pub const WIDE: usize = 140;

pub(super) type Place = (usize, &'static Column);

/// The whole comparison as text, `wide` columns wide: what it comes to, the tables that this rests on, and what it comes to
/// once more.
#[must_use]
pub fn comparison(results: &Results, wide: usize) -> String {
    let said = conclusion(results);
    format!("{said}\n{}\n{said}", details(results, wide))
}

/// The shown metrics, the paired differences, refusals by cause, and what to know when reading them.
fn details(results: &Results, wide: usize) -> String {
    let mut out: String = goals(results)
        .iter()
        .flat_map(|text| broken(text, wide))
        .map(|line| line + "\n")
        .collect();
    if !out.is_empty() {
        out.push('\n');
    }
    let rows: Vec<Place> = shown(results);
    let all: Vec<&Arm> = results.arms.iter().collect();
    // The causes have a table of their own below, unless the scenario asks for them here too.
    let first: Vec<Place> = rows
        .iter()
        .copied()
        .filter(|(_, c)| !results.shown.is_empty() || c.metric.cause().is_none())
        .collect();
    out.push_str(&tables("metric", &first, &all, &estimates, wide));
    out.push_str(&compared(results, rows, wide));
    out.push_str(&refusals(results, &all, wide));
    out.push_str(&priced(results, &all, wide));
    out.push_str(&finer::apart(results, &all, wide));
    out.push_str(&finer::pooled(results, &all, wide));
    out.push_str(&finer::happened(results, &all, wide));
    out.push_str(&notes(results, wide));
    out
}

/// What became of the goals.
pub(super) fn goals(results: &Results) -> Vec<String> {
    finer::chosen(results)
        .into_iter()
        .chain(finer::precise(results))
        .collect()
}

/// The claims, and all else that is told of differences.
fn compared(results: &Results, rows: Vec<Place>, wide: usize) -> String {
    let others: Vec<&Arm> = results.others().collect();
    let Some(baseline) = results.arms.get(results.baseline).filter(|_| !others.is_empty()) else {
        return String::new();
    };
    // What never happens under any strategy is no row.
    let happens = |place: usize| {
        results
            .arms
            .iter()
            .any(|arm| estimate(arm, place).is_some_and(|e| e.mean != 0.0))
    };
    let has = |place: usize| happens(place) && others.iter().any(|arm| paired(arm, place).is_some());
    let claims: Vec<Place> = headline(results)
        .into_iter()
        .map(|at| (at, results.columns.at(at)))
        .collect();
    let rest = rows
        .into_iter()
        .filter(|row| has(row.0) && claims.iter().all(|claim| claim.0 != row.0));
    let rest: Vec<Place> = rest.collect();
    let mut out = String::new();
    if !claims.is_empty() {
        let said = format!(
            "Claims: differences against {}, replication by replication; the intervals and words of all {} hold together at \
             {} %, however often they are looked at ({}).",
            baseline.label,
            results.claims.looks.claims,
            percent(results.confidence),
            looked(results),
        );
        out += &format!("{}\n\n", broken(&said, wide).join("\n"));
        out += &tables("metric", &claims, &others, &differences, wide);
        out += &finer::decided(results, wide);
    }
    if !rest.is_empty() {
        let said = format!(
            "Other differences against {}: the words of all rows hold together at {} % (Holm 1979).",
            baseline.label,
            percent(results.confidence)
        );
        out += &format!("{}\n\n", broken(&said, wide).join("\n"));
        out += &tables("metric", &rest, &others, &differences, wide);
    }
    out
}

/// When the claims were looked at.
fn looked(results: &Results) -> String {
    let looks: Vec<String> = results.claims.looks.at.iter().map(u32::to_string).collect();
    match looks.as_slice() {
        [one] => format!("one look, at {one} replications"),
        _ => format!("looks at {} replications", looks.join(", ")),
    }
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

fn differences((place, _): Place, arms: &[&Arm]) -> Vec<String> {
    let cell = |p: Paired| {
        let mark = match p.verdict {
            Verdict::Better => " better",
            Verdict::Worse => " worse ",
            Verdict::Same => " same  ",
            Verdict::NotDecided => " ?     ",
            Verdict::None => "       ",
        };
        format!("{}{mark}", differed(p))
    };
    arms.iter()
        .map(|arm| paired(arm, place).map_or_else(|| "none".to_owned(), cell))
        .collect()
}

/// The rows as tables, as many beside each other as the width needs.
fn tables(corner: &str, rows: &[Place], arms: &[&Arm], cells: Cells<'_>, most: usize) -> String {
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
        while to < arms.len() && (to == from || used + 2 + wide(to) <= most) {
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

fn refusals(results: &Results, arms: &[&Arm], wide: usize) -> String {
    let (rows, never) = rows_of_causes(arms);
    if rows.is_empty() {
        return "No request was refused.\n\n".to_owned();
    }
    let total =
        Some(place_of(Metric::Refused)).filter(|_| !shown(results).iter().any(|(_, c)| c.metric == Metric::Refused));
    let rows: Vec<Place> = rows.into_iter().chain(total).collect();
    let mut out = format!(
        "Refusals by cause:\n\n{}",
        tables("cause", &rows, arms, &estimates, wide)
    );
    if !never.is_empty() {
        let said = format!("No request was refused for: {}.", never.join(", "));
        out.push_str(&format!("{}\n\n", broken(&said, wide).join("\n")));
    }
    out
}

/// What each price comes to, and where it turns a difference round.
fn priced(results: &Results, arms: &[&Arm], wide: usize) -> String {
    if results.priced.is_none() {
        return String::new();
    }
    let (sum, parts) = costs::places(&results.columns);
    let rows: Vec<Place> = parts
        .into_iter()
        .chain([sum])
        .map(|at| (at, results.columns.at(at)))
        .collect();
    let mut out = format!("Costs:\n\n{}", tables("cost", &rows, arms, &estimates, wide));
    let others: Vec<&Arm> = results.others().collect();
    if !others.is_empty() {
        out += &format!("Their differences against {}:\n\n", results.baseline_label());
        out += &tables("cost", &rows, &others, &differences, wide);
    }
    let turns = super::costs::turns(results);
    if !turns.is_empty() {
        let said = format!(
            "Break-even prices, all others as they are; each {} % set by itself (Fieller 1954):",
            percent(results.confidence)
        );
        let lines = std::iter::once(&said).chain(&turns).flat_map(|text| broken(text, wide));
        out += &format!("{}\n\n", lines.collect::<Vec<_>>().join("\n"));
    }
    out
}

fn notes(results: &Results, wide: usize) -> String {
    let mut notes = Vec::new();
    if results.replications > 1 {
        notes.push(format!(
            "[lo, hi]: {} % intervals over {} replications; ? not decided.",
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
    notes.extend(results.undone.iter().map(|it| it.said.clone()));
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
    let mut lines: Vec<String> = notes.iter().flat_map(|note| broken(note, wide)).collect();
    lines.push("Trajectories:".to_owned());
    let digests = digests.iter().map(|line| broken(line, wide - 4).join("\n    "));
    lines.extend(digests.map(|line| format!("  {line}")));
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::sample::{SampleWish, results};

    fn text(arms: usize, replications: u32, wide: usize) -> String {
        let wish = SampleWish {
            arms,
            replications,
            eventful: true,
        };
        comparison(&results(wish), wide)
    }

    #[test]
    fn it_fits_the_width() {
        for (arms, replications) in [(0, 0), (1, 20), (2, 1), (4, 20), (8, 20)] {
            for wide in [80, 120, WIDE] {
                let text = text(arms, replications, wide);
                let widest = text.lines().max_by_key(|l| l.chars().count()).unwrap_or_default();
                assert!(widest.chars().count() <= wide, "more than {wide} columns: {widest}");
                assert!(text.lines().all(|l| l == l.trim_end()), "{text}");
            }
        }
    }

    #[test]
    fn it_answers_first_and_last() {
        let text = text(4, 20, WIDE);
        let answer = "Over 20 replications, against withdraw: ";
        assert!(text.starts_with(answer) && text.matches(answer).count() == 2, "{text}");
        assert!(text.contains("Other differences against withdraw"), "{text}");
    }

    #[test]
    fn refusals_that_never_happened_are_named() {
        let text = text(4, 20, 300);
        assert!(
            text.contains("No request was refused for: other-tenants, candidate-cap, quota, build-chance, no-match"),
            "{text}"
        );
    }
}
