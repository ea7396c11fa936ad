//! The folder of a search for the cheapest value: `plan.json`, and `plan.csv` with every value.

use std::path::PathBuf;

use serde::Serialize;

use super::disk::target::Target;
use super::error::FolderError;
use super::json::Json;
use super::plan::{CSV, JSON};
use super::tables;
use crate::judge::minimise::Minimised;
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
        (PathBuf::from(JSON), document(found).document().into_bytes()),
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

fn document(found: &Minimised) -> Json {
    let text = |t: &str| Json::Text(t.to_owned());
    let number = |figure: f64| Json::Number(fixed(figure));
    let name = |at: usize| text(found.values.get(at).map_or("", String::as_str));
    let answers = found.strategies.iter().zip(&found.answers).map(|(label, answer)| {
        let fields = match answer {
            None => vec![("finding", text("no value"))],
            Some(it) => vec![
                ("finding", text(word(it.end))),
                ("answer", name(it.standing.first)),
                (
                    "left",
                    Json::List(it.standing.left.iter().map(|at| name(*at)).collect()),
                ),
                ("matters", number(it.matters)),
                ("replications", Json::Number(it.standing.at.to_string())),
            ],
        };
        (label.clone(), Json::object(fields))
    });
    let quest = &found.quest;
    let looks = quest.rules().looks;
    Json::object([
        ("sickbay", text(&found.version)),
        ("scenario", text(&found.scenario)),
        ("scenario_digest", text(&found.digest)),
        ("seed", Json::Number(found.seed.to_string())),
        ("find", text(&found.key)),
        ("range", text(&found.range)),
        ("minimise", text(quest.metric().name)),
        ("unit", text(quest.metric().unit)),
        ("confidence", number(quest.confidence)),
        (
            "looks",
            Json::List(looks.iter().map(|n| Json::Number(n.to_string())).collect()),
        ),
        (
            "assumptions",
            Json::List(found.assumptions.iter().map(|said| text(said)).collect()),
        ),
        ("answers", Json::Object(answers.collect())),
    ])
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
