//! The page of `compare`: what has moved between two results folders, and by how much.

use super::super::error::DrawError;
use super::super::findings::verdict as said_of;
use super::super::number::{decimals, rounded, signed};
use super::super::plots::forest::{Forest, Seen};
use super::super::plots::words;
use super::forest::{self, Labelled};
use super::tables::{Cell, Grid, Line, class_of};
use super::view::Block;
use super::{Frame, Part, answered, blocks, made_by, written};
use crate::judge::finding::{Checked, Figures, Finding, Judgement, Side};
use crate::stats::compare::Verdict;
use crate::stats::estimate::Interval;

/// The page of `compare`.
///
/// # Errors
/// When a template fails.
pub fn compare(checked: &[Checked]) -> Result<Vec<u8>, DrawError> {
    let names: Vec<&str> = checked.iter().map(|one| one.scenario.as_str()).collect();
    let heading = names.join(", ");
    let version = env!("CARGO_PKG_VERSION");
    let mark = format!("sickbay {version} compare of {heading}");
    let said = checked.iter().flat_map(sentences).collect();
    let grids: Vec<Grid> = checked.iter().map(findings).collect();
    let differences: Vec<Block> = checked
        .iter()
        .enumerate()
        .flat_map(|(nth, one)| differences(nth, one))
        .collect();
    let matters = all(checked).any(|finding| finding.figures.is_some_and(|figures| figures.tolerance > 0.0));
    let mut parts = vec![
        answered(said, false),
        Part::new(
            "compared",
            "What was compared",
            "groups",
            minijinja::context! { grids => super::value(checked.iter().map(sides).collect::<Vec<_>>()) },
        ),
    ];
    if !differences.is_empty() {
        parts.push(blocks(
            "differences",
            "Differences, new minus old",
            forest::marks(matters, word),
            differences,
        ));
    }
    parts.extend([
        Part::new(
            "findings",
            "All findings",
            "groups",
            minijinja::context! { grids => super::value(grids) },
        ),
        provided(checked),
    ]);
    let frame = Frame::of((&heading, ""), version, &mark, parts);
    written(&frame, "null")
}

fn all(checked: &[Checked]) -> impl Iterator<Item = &Finding> {
    checked.iter().flat_map(|one| &one.findings)
}

/// What became of a scenario, what fails, and what is to be known.
fn sentences(one: &Checked) -> Vec<String> {
    let failing = one.findings.iter().filter(|finding| finding.fails);
    let failing = failing.map(|finding| format!("Fails: {}, {}: {}.", finding.strategy, finding.what, finding.said));
    let notes = one.notes.iter().map(|note| format!("{note}."));
    let first = format!("{}: {}.", one.scenario, said_of(one));
    [first].into_iter().chain(failing).chain(notes).collect()
}

/// The two sides.
fn sides(one: &Checked) -> Grid {
    let sides: Vec<&Side> = one.old.iter().chain([&one.new]).collect();
    let row = |head: &str, of: fn(&Side) -> String| Line {
        head: head.to_owned(),
        cells: sides.iter().map(|side| Cell::of(of(side))).collect(),
        ..Line::default()
    };
    Grid {
        caption: format!("The two sides of {}", one.scenario),
        corner: "side".to_owned(),
        columns: if sides.len() > 1 {
            vec!["old".to_owned(), "new".to_owned()]
        } else {
            vec!["new".to_owned()]
        },
        rows: vec![
            row("results", |side| side.name.clone()),
            row("sickbay", |side| side.version.clone()),
            row("scenario's digest", |side| side.digest.chars().take(16).collect()),
            row("seed", |side| side.seed.to_string()),
            row("replications", |side| side.replications.to_string()),
        ],
    }
}

/// The verdict whose sign and colour a judgement has.
fn verdict_of(judgement: Judgement) -> Verdict {
    match judgement {
        Judgement::Improved | Judgement::Holds => Verdict::Better,
        Judgement::Regressed | Judgement::Broken => Verdict::Worse,
        Judgement::Unchanged => Verdict::Same,
        Judgement::NotDecided => Verdict::NotDecided,
        Judgement::Changed | Judgement::NoValue => Verdict::None,
    }
}

/// What a verdict's sign says here.
fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Better => "improved",
        Verdict::Worse => "regressed",
        Verdict::Same => "unchanged",
        Verdict::NotDecided => "not decided",
        Verdict::None => "changed; the metric has no good side",
    }
}

fn sign(judgement: Judgement) -> &'static str {
    match verdict_of(judgement) {
        Verdict::Better => "▲ ",
        Verdict::Worse => "▼ ",
        Verdict::Same => "= ",
        Verdict::NotDecided => "? ",
        Verdict::None => "",
    }
}

/// A forest for each metric that has a difference under some strategy, the strategies below each other.
fn differences(nth: usize, one: &Checked) -> Option<Block> {
    let valued = |finding: &&Finding| finding.figures.is_some_and(|figures| figures.diff.is_some());
    let moved = |finding: &&Finding| {
        let diff = finding.figures.and_then(|figures| figures.diff);
        diff.is_some_and(|diff| diff.mean != 0.0 || diff.lo != 0.0 || diff.hi != 0.0)
    };
    let mut metrics: Vec<&str> = Vec::new();
    for finding in one.findings.iter().filter(valued) {
        if !metrics.contains(&finding.what.as_str()) {
            metrics.push(&finding.what);
        }
    }
    let all = metrics.len();
    metrics.retain(|metric| {
        one.findings
            .iter()
            .any(|finding| finding.what == *metric && moved(&finding))
    });
    let still = match all - metrics.len() {
        0 => String::new(),
        still => format!(" {} not differ at all and stand in the table alone.", does(still)),
    };
    let paired = one
        .findings
        .iter()
        .filter_map(|finding| finding.figures?.diff)
        .all(|diff| diff.paired);
    let how = match paired {
        true => "Means of the differences replication by replication, with their t-intervals.",
        false => "Differences of the means of independent replications, with Welch's intervals.",
    };
    let forests = metrics.iter().enumerate().map(|(at, metric)| {
        let findings = one.findings.iter().filter(|finding| finding.what == *metric);
        forest(format!("moved-{nth}-{at}"), metric, findings.collect())
    });
    (!metrics.is_empty()).then(|| Block {
        title: one.scenario.clone(),
        figures: forests.collect(),
        note: format!("{how} Each metric has its own axis. The same numbers are in the table below.{still}"),
        ..Block::default()
    })
}

fn does(count: usize) -> String {
    match count {
        1 => "1 metric does".to_owned(),
        n => format!("{n} metrics do"),
    }
}

fn forest(id: String, metric: &str, findings: Vec<&Finding>) -> String {
    let figures = || findings.iter().filter_map(|finding| finding.figures);
    let share = figures().any(|figures| figures.unit == "share");
    let factor = if share { 100.0 } else { 1.0 };
    let unit = if share {
        "% points"
    } else {
        figures().next().map_or("", |figures| figures.unit)
    };
    let seen = |finding: &&Finding| {
        let diff = finding.figures.and_then(|figures| figures.diff)?;
        let rests = Interval {
            lo: diff.lo,
            hi: diff.hi,
        }
        .times(factor);
        Some(Seen {
            diff: diff.mean * factor,
            rests,
            alone: Interval::default(),
            verdict: verdict_of(finding.verdict),
        })
    };
    let row = |finding: &&Finding| {
        let told = format!("{}: {}", finding.strategy, finding.said);
        (finding.strategy.clone(), told)
    };
    forest::drawn(&Labelled {
        id,
        described: "new minus old".to_owned(),
        forest: Forest {
            title: format!("{} ({unit})", words(metric)),
            good: figures()
                .next()
                .map_or(crate::stats::compare::Good::Neither, |figures| figures.good),
            matters: figures().map(|figures| figures.tolerance).fold(0.0, f64::max) * factor,
            rows: findings.iter().map(seen).collect(),
        },
        rows: findings.iter().map(row).collect(),
    })
}

/// Everything that was found, in a table.
fn findings(one: &Checked) -> Grid {
    let row = |finding: &Finding| {
        let word = Cell {
            verdict: format!(
                "{}{}{}",
                sign(finding.verdict),
                finding.verdict.word(),
                if finding.fails { ", FAILS" } else { "" }
            ),
            class: class_of(verdict_of(finding.verdict)).to_owned(),
            ..Cell::default()
        };
        let cells = match finding.figures {
            Some(figures) => of_figures(&figures),
            None => [Cell::default(), Cell::default(), Cell::of(finding.said.clone())],
        };
        Line {
            head: format!("{}: {}", finding.strategy, words(&finding.what)),
            unit: finding
                .figures
                .map_or_else(String::new, |figures| figures.unit.to_owned()),
            meaning: finding.lines.join(" "),
            cells: [word].into_iter().chain(cells).collect(),
        }
    };
    Grid {
        caption: format!("{} findings of {}", one.findings.len(), one.scenario),
        corner: "strategy and matter".to_owned(),
        columns: ["verdict", "old", "new", "difference, and what is tolerated"]
            .map(str::to_owned)
            .to_vec(),
        rows: one.findings.iter().map(row).collect(),
    }
}

fn of_figures(figures: &Figures) -> [Cell; 3] {
    let half = figures.diff.map(|diff| (diff.hi - diff.lo) / 2.0);
    let means: Vec<f64> = [figures.old, figures.new].into_iter().flatten().collect();
    let digits = decimals(&means, half.as_slice());
    let side = |value: Option<f64>| Cell::of(value.map_or_else(|| "none".to_owned(), |value| rounded(value, digits)));
    let difference = figures.diff.map_or_else(Cell::default, |diff| {
        let [mean, lo, hi] = [diff.mean, diff.lo, diff.hi].map(|value| signed(value, digits));
        Cell {
            value: mean,
            interval: match diff.n {
                0 | 1 => String::new(),
                _ => format!("[{lo}, {hi}]"),
            },
            change: format!("± {}", rounded(figures.tolerance, digits)),
            ..Cell::default()
        }
    });
    [side(figures.old), side(figures.new), difference]
}

fn provided(checked: &[Checked]) -> Part {
    let mut facts = vec![("sickbay".to_owned(), env!("CARGO_PKG_VERSION").to_owned())];
    for one in checked {
        let digests = one.old.iter().map(|side| ("old", side)).chain([("new", &one.new)]);
        facts.extend(digests.map(|(which, side)| (format!("{} {which}: digest", one.scenario), side.digest.clone())));
    }
    made_by(facts, "", "")
}
