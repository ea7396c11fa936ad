//! The folder of a plan: `plan.json`, `plan.csv` with every value that was looked at, the scenario, the figures and the page.

mod read;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::again::DrawnFiles;
use super::disk::target::{Target, Wish};
use super::error::FolderError;
use super::json;
use super::kind::FolderKind;
use super::tables;
use crate::judge::planned::{Planned, provenance, ruling_word};
use crate::judge::quest::Answer;
use crate::judge::search::SearchEnd;
use crate::kernel::number::fixed;
use crate::kernel::text::to_cell;
use crate::stats::estimate::Estimate;
pub use read::read;

pub(super) const JSON: &str = "plan.json";
pub(super) const CSV: &str = "plan.csv";
const SCENARIO: &str = "scenario.toml";

/// The words of what was found.
const FOUND: &str = "found";
const EVERYWHERE: &str = "everywhere";
const NOWHERE: &str = "nowhere";
const TANGLED: &str = "not monotone";

/// The name under which a folder's manifest lists the files of a plan.
const WRITER: &str = FolderKind::Plan.writer();

/// Opens the folder `out` for a plan, so that it can be asked before anything runs.
///
/// # Errors
/// When the folder may not be written, holds what no plan wrote, or is being written.
pub fn open(out: &Path, replace: bool) -> Result<Target, FolderError> {
    Ok(Target::open(out, Wish::whole(WRITER, replace))?)
}

/// Writes the folder with what has been drawn, an earlier plan there is replaced as a whole; gives the files.
///
/// # Errors
/// When the file system refuses.
pub fn write(planned: &Planned, drawn: DrawnFiles, target: Target) -> Result<Vec<PathBuf>, FolderError> {
    let mark = provenance(planned);
    let mut files = vec![
        (PathBuf::from(JSON), document(planned).into_bytes()),
        (PathBuf::from(CSV), table(planned, &mark)?),
        (PathBuf::from(SCENARIO), tables::scenario(&mark, &planned.effective)),
    ];
    files.extend(drawn.files());
    Ok(target.write(&files, &mark)?)
}

/// The plan as its files hold it, so that what is drawn now and what is drawn after reading are the same bytes.
///
/// # Errors
/// When it cannot be written.
pub fn as_read(planned: &Planned) -> Result<Planned, FolderError> {
    let mark = provenance(planned);
    let table = String::from_utf8_lossy(&table(planned, &mark)?).into_owned();
    let mut read = read::parse(Path::new(""), &document(planned), &table)?;
    read.effective.clone_from(&planned.effective);
    Ok(read)
}

fn document(planned: &Planned) -> String {
    let quest = &planned.quest;
    let one = |(label, answer): (&String, &Answer)| {
        let (word, holds, fails) = match answer.finding {
            SearchEnd::Border { holds, fails } => (FOUND, Some(holds), fails),
            SearchEnd::Everywhere => (EVERYWHERE, None, None),
            SearchEnd::Nowhere => (NOWHERE, None, None),
            SearchEnd::NotMonotone { holds, fails } => (TANGLED, Some(holds), Some(fails)),
        };
        let at = |place: Option<usize>| place.map_or("", |place| planned.at(place));
        let replications: u32 = answer.probes.iter().map(|probe| probe.replications).sum();
        let fields = json!({
            "finding": word,
            "answer": planned.value(answer).unwrap_or_default(),
            "holds_at": at(holds),
            "fails_at": at(fails),
            "values_looked_at": answer.probes.len(),
            "replications": replications,
        });
        (label.clone(), fields)
    };
    let answers: Map<String, Value> = planned.strategies.iter().zip(&planned.answers).map(one).collect();
    json::document(&json!({
        "sickbay": planned.version,
        "scenario": planned.scenario,
        "question": planned.question,
        "scenario_digest": planned.digest,
        "seed": planned.seed,
        "find": planned.key,
        "range": planned.range,
        "which": planned.which(),
        "slo": quest.slo.to_string(),
        "confidence": quest.confidence,
        "looks": quest.looks(),
        "replicated_by": if quest.by_seed { "seed" } else { "replication" },
        "assumptions": planned.assumptions,
        "answers": answers,
    }))
}

/// Every value that was looked at, a line for each metric of the objective.
fn table(planned: &Planned, mark: &str) -> Result<Vec<u8>, FolderError> {
    let mut rows = Vec::new();
    for (label, answer) in planned.strategies.iter().zip(&planned.answers) {
        for probe in &answer.probes {
            for (clause, look) in planned.quest.slo.clauses.iter().zip(&probe.clauses) {
                let column = clause.metric;
                let of = |figure: fn(&Estimate) -> f64| look.as_ref().map(figure).map_or_else(String::new, fixed);
                rows.push(Row {
                    strategy: to_cell(label).into_owned(),
                    value: to_cell(planned.at(probe.value)).into_owned(),
                    ruling: ruling_word(probe.ruling).to_owned(),
                    replications: probe.replications,
                    metric: column.name.to_owned(),
                    unit: column.unit.to_owned(),
                    bound: format!("{} {}", clause.side, fixed(clause.bound)),
                    mean: of(|look| look.mean),
                    lo: of(|look| look.lo),
                    hi: of(|look| look.hi),
                    n: look.map_or(0, |look| look.n),
                    undone: probe.undone,
                });
            }
        }
    }
    tables::table(mark, &rows)
}

/// A line of plan.csv: a clause of the objective at a value that was looked at.
#[derive(Default, Serialize, Deserialize)]
struct Row {
    strategy: String,
    value: String,
    ruling: String,
    replications: u32,
    metric: String,
    unit: String,
    bound: String,
    mean: String,
    lo: String,
    hi: String,
    n: u32,
    undone: usize,
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::judge::planned::tests::planned;
    use crate::store::kind::kind;

    #[test]
    fn a_plan_is_written_whole_and_replaces_only_a_plan() {
        let temp = tempfile::tempdir().expect("tempdir");
        let out = temp.path().join("plan");
        let write = |planned: &Planned, out: &Path| {
            let drawn = DrawnFiles {
                figures: vec![("a.svg".to_owned(), Vec::new())],
                page: Vec::new(),
            };
            super::write(planned, drawn, open(out, false)?)
        };
        let files = write(&planned(false), &out).expect("written");
        assert_eq!(files.len(), 6, "{files:?}");
        write(&planned(true), &out).expect("replaced");
        let json: serde_json::Value = serde_json::from_slice(&fs::read(out.join(JSON)).expect("read")).expect("JSON");
        assert_eq!(json["answers"]["withdraw"]["answer"], "12");
        assert_eq!(json["answers"]["tenant-reservation"]["answer"], "");
        let csv = fs::read_to_string(out.join(CSV)).expect("read");
        assert!(
            csv.contains("\nwithdraw,12,holds,20,acceptance,share,>= 0.99,"),
            "{csv}"
        );
        assert_eq!(kind(&out).expect("a plan"), FolderKind::Plan);
        fs::write(out.join("thesis.tex"), "years of work").expect("written");
        assert!(write(&planned(false), &out).is_err());
    }
}
