//! The folder of a search for the cheapest value: `plan.json`, and `plan.csv` with every value.

use std::path::PathBuf;

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::{Value, json};

use super::disk::target::Target;
use super::error::FolderError;
use super::json;
use super::plan::{CSV, JSON};
use super::tables;
use crate::judge::minimise::{MinimiseAnswer, Minimised};
use crate::kernel::number::fixed;
use crate::kernel::text::to_cell;
use crate::stats::race::RaceEnd;

/// Writes the folder; gives the files.
///
/// # Errors
/// When the file system refuses.
pub fn write(found: &Minimised, target: Target) -> Result<Vec<PathBuf>, FolderError> {
    let clean = |text: &str| text.replace(|c: char| c.is_control(), " ");
    let mark = format!(
        "sickbay {} plan of scenario {} digest {} seed {}",
        clean(&found.version),
        clean(&found.scenario),
        found.digest,
        found.seed
    );
    let files = [
        (PathBuf::from(JSON), document(found).into_bytes()),
        (PathBuf::from(CSV), table(found, &mark)?),
    ];
    Ok(target.write(&files, &mark)?)
}

/// How a race's end is called in files.
fn word(end: RaceEnd) -> &'static str {
    match end {
        RaceEnd::Alone => "found",
        RaceEnd::Near => "within what matters",
        RaceEnd::Spent => "not told apart",
    }
}

fn document(found: &Minimised) -> String {
    let name = |at: usize| found.values.get(at).map_or("", String::as_str);
    let of = |answer: &Option<MinimiseAnswer>| match answer {
        None => json!({ "finding": "no value" }),
        Some(it) => json!({
            "finding": word(it.end),
            "answer": name(it.standing.first),
            "left": it.standing.left.iter().map(|at| name(*at)).collect::<Vec<_>>(),
            "matters": it.matters,
            "replications": it.standing.at,
        }),
    };
    let answers = found.strategies.iter().zip(&found.answers);
    let answers: IndexMap<&String, Value> = answers.map(|(label, answer)| (label, of(answer))).collect();
    let quest = &found.quest;
    json::document(&json!({
        "sickbay": found.version,
        "scenario": found.scenario,
        "scenario_digest": found.digest,
        "seed": found.seed,
        "find": found.key,
        "range": found.range,
        "minimise": quest.metric().name,
        "unit": quest.metric().unit,
        "confidence": quest.confidence,
        "looks": quest.rules().looks,
        "assumptions": found.assumptions,
        "answers": answers,
    }))
}

fn table(found: &Minimised, mark: &str) -> Result<Vec<u8>, FolderError> {
    let mut rows = Vec::new();
    let metric = found.quest.metric();
    for (label, answer) in found.strategies.iter().zip(&found.answers) {
        let Some(answer) = answer else { continue };
        for (at, (value, it)) in found.values.iter().zip(&answer.values).enumerate() {
            let Some(e) = it.estimate else { continue };
            let [above_lo, above_hi] = [it.above.map(|above| above.lo), it.above.map(|above| above.hi)];
            rows.push(Row {
                strategy: to_cell(label).into_owned(),
                value: to_cell(value).into_owned(),
                metric: metric.name,
                unit: metric.unit,
                mean: fixed(e.mean),
                lo: fixed(e.lo),
                hi: fixed(e.hi),
                n: e.n,
                above_lo: above_lo.map_or_else(String::new, fixed),
                above_hi: above_hi.map_or_else(String::new, fixed),
                let_go_at: answer.standing.let_go[at].map_or_else(String::new, |n| n.to_string()),
            });
        }
    }
    tables::table(mark, &rows)
}

/// A line of plan.csv: a value of the key.
#[derive(Default, Serialize)]
struct Row {
    strategy: String,
    value: String,
    metric: &'static str,
    unit: &'static str,
    mean: String,
    lo: String,
    hi: String,
    n: u32,
    above_lo: String,
    above_hi: String,
    let_go_at: String,
}
