//! The page of a plan: the value that answers under each strategy, and the search that found it.

use super::super::error::DrawError;
use super::super::plan::sentences;
use super::super::plots::{percent, words};
use super::tables::{Cell, Grid, Line};
use super::view::Block;
use super::{EFFECTIVE, Frame, Part, answered, assumed, blocks, facts, made_by, search, written};
use crate::judge::planned::{Planned, provenance, ruling_word};
use crate::judge::quest::Answer;
use crate::judge::search::Ruling;
use crate::report::number::{decimals, rounded};
use crate::stats::estimate::Estimate;

/// The page of a plan.
///
/// # Errors
/// When a template fails.
pub fn plan(planned: &Planned) -> Result<Vec<u8>, DrawError> {
    let tables = planned.strategies.iter().zip(&planned.answers);
    let tables = tables.map(|(label, answer)| table(planned, label, answer)).collect();
    let parts = vec![
        answered(sentences(planned), false),
        facts("compared", "What was asked", asked(planned)),
        blocks("search", "The search", search::keys(), figures(planned)),
        blocks(
            "values",
            "Every value that was looked at",
            Vec::new(),
            vec![Block {
                grids: tables,
                ..Block::default()
            }],
        ),
        assumed(&planned.assumptions),
        provided(planned),
    ];
    let mark = provenance(planned);
    let frame = Frame::of((&planned.scenario, &planned.question), &planned.version, &mark, parts);
    written(&frame, "null")
}

fn asked(planned: &Planned) -> Vec<(String, String)> {
    let fact = |name: &str, text: String| (name.to_owned(), text);
    let quest = &planned.quest;
    let looks: Vec<String> = quest.looks().iter().map(ToString::to_string).collect();
    let over = if quest.by_seed { "seeds" } else { "replications" };
    vec![
        fact(
            "looked for",
            format!("the {} {} in {}", planned.which(), planned.key, planned.range),
        ),
        fact("that meets", quest.slo.to_string()),
        fact("strategies", planned.strategies.join(", ")),
        fact(
            "confidence",
            format!("{} % for a statement about one value", percent(quest.confidence)),
        ),
        fact("looks at a value", format!("after {} {over}", looks.join(", "))),
    ]
}

/// For each metric of the objective a panel for each strategy, all on the same axes.
fn figures(planned: &Planned) -> Vec<Block> {
    let clauses = planned.quest.slo.clauses.iter().enumerate();
    let level = percent(planned.quest.confidence);
    clauses
        .map(|(at, clause)| {
            let (figures, begins) = search::panels(planned, at);
            Block {
                title: format!("{} {} {}", words(clause.metric.name), clause.side, clause.typed),
                note: match figures.is_empty() {
                    true => "No replication has a value of this metric.".to_owned(),
                    false => format!(
                        "Bars: both one-sided bounds at {level} %, shared out over all looks. A sign says what became of the whole \
                         objective at the value.{begins}"
                    ),
                },
                figures,
                ..Block::default()
            }
        })
        .collect()
}

fn table(planned: &Planned, label: &str, answer: &Answer) -> Grid {
    let clauses = &planned.quest.slo.clauses;
    let rows = answer.probes.iter().map(|probe| {
        let ruling = Cell {
            verdict: format!("{}{}", sign(probe.ruling), ruling_word(probe.ruling)),
            class: class(probe.ruling).to_owned(),
            ..Cell::default()
        };
        let looks = probe
            .clauses
            .iter()
            .map(|look| look.map_or_else(|| Cell::of("no value"), looked));
        let cells = [ruling, Cell::of(probe.replications.to_string())]
            .into_iter()
            .chain(looks);
        Line {
            head: planned.at(probe.value).to_owned(),
            cells: cells.collect(),
            ..Line::default()
        }
    });
    let heads = clauses.iter().map(|clause| {
        format!(
            "{} ({}) {} {}",
            words(clause.metric.name),
            clause.metric.unit,
            clause.side,
            clause.typed
        )
    });
    let value = planned
        .value(answer)
        .map_or_else(|| "no answer".to_owned(), |value| format!("answer {value}"));
    let over = if planned.quest.by_seed { "seeds" } else { "replications" };
    Grid {
        caption: format!("{label}: {value}"),
        corner: planned.key.clone(),
        columns: ["the objective".to_owned(), over.to_owned()]
            .into_iter()
            .chain(heads)
            .collect(),
        rows: rows.collect(),
    }
}

fn looked(look: Estimate) -> Cell {
    let digits = decimals(&[look.mean], &[(look.hi - look.lo) / 2.0]);
    let [mean, lo, hi] = [look.mean, look.lo, look.hi].map(|figure| rounded(figure, digits));
    Cell {
        value: mean,
        interval: format!("[{lo}, {hi}]"),
        ..Cell::default()
    }
}

fn class(ruling: Ruling) -> &'static str {
    super::tables::class_of(search::verdict_of(ruling))
}

fn sign(ruling: Ruling) -> &'static str {
    match ruling {
        Ruling::Holds => "▲ ",
        Ruling::Fails => "▼ ",
        Ruling::Open => "? ",
    }
}

fn provided(planned: &Planned) -> Part {
    let fact = |name: &str, text: String| (name.to_owned(), text);
    let replications: u32 = planned
        .answers
        .iter()
        .flat_map(|answer| &answer.probes)
        .map(|probe| probe.replications)
        .sum();
    let facts = vec![
        fact("sickbay", planned.version.clone()),
        fact("scenario", planned.scenario.clone()),
        fact("digest", planned.digest.clone()),
        fact("seed", planned.seed.to_string()),
        fact("replications in all", replications.to_string()),
    ];
    made_by(facts, EFFECTIVE, &planned.effective)
}
