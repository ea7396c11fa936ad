//! The folder of a plan: `plan.json`, `plan.csv` with every value that was looked at, and the figures.

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::disk::target::{Target, Wish};
use super::error::FolderError;
use super::json;
use super::run::{FigureFile, in_plots};
use super::tables;
use crate::judge::planned::{Planned, provenance, ruling_word};
use crate::judge::quest::{Answer, Look};
use crate::judge::search::SearchEnd;
use crate::kernel::number::fixed;
use crate::kernel::text::to_cell;

pub(super) const JSON: &str = "plan.json";
pub(super) const CSV: &str = "plan.csv";

/// The name under which a folder's manifest lists the files of a plan.
const WRITER: &str = "plan";

/// Opens the folder `out` for a plan, so that it can be asked before anything runs.
///
/// # Errors
/// When the folder may not be written, holds what no plan wrote, or is being written.
pub fn open(out: &Path, replace: bool) -> Result<Target, FolderError> {
    Ok(Target::open(out, Wish::whole(WRITER, replace))?)
}

/// Writes the folder with these figures, an earlier plan there is replaced as a whole; gives the files.
///
/// # Errors
/// When the file system refuses.
pub fn write(planned: &Planned, figures: Vec<FigureFile>, target: Target) -> Result<Vec<PathBuf>, FolderError> {
    let mark = provenance(planned);
    let mut files = vec![
        (PathBuf::from(JSON), document(planned).into_bytes()),
        (PathBuf::from(CSV), table(planned, &mark)?),
    ];
    files.extend(figures.into_iter().map(in_plots));
    Ok(target.write(&files, &mark)?)
}

fn document(planned: &Planned) -> String {
    let quest = &planned.quest;
    let one = |(label, answer): (&String, &Answer)| {
        let (word, fails) = match answer.finding {
            SearchEnd::Border { fails, .. } => ("found", fails),
            SearchEnd::Everywhere => ("everywhere", None),
            SearchEnd::Nowhere => ("nowhere", None),
            SearchEnd::NotMonotone { fails, .. } => ("not monotone", Some(fails)),
        };
        let replications: u32 = answer.probes.iter().map(|probe| probe.replications).sum();
        let fields = json!({
            "finding": word,
            "answer": planned.value(answer).unwrap_or_default(),
            "fails_at": fails.map_or("", |place| planned.at(place)),
            "values_looked_at": answer.probes.len(),
            "replications": replications,
        });
        (label.clone(), fields)
    };
    let answers: Map<String, Value> = planned.strategies.iter().zip(&planned.answers).map(one).collect();
    json::document(&json!({
        "sickbay": planned.version,
        "scenario": planned.scenario,
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
                let of = |figure: fn(&Look) -> f64| look.as_ref().map(figure).map_or_else(String::new, fixed);
                rows.push(Row {
                    strategy: to_cell(label).into_owned(),
                    value: to_cell(planned.at(probe.value)).into_owned(),
                    ruling: ruling_word(probe.ruling),
                    replications: probe.replications,
                    metric: column.name,
                    unit: column.unit,
                    bound: format!("{} {}", clause.side, fixed(clause.bound)),
                    mean: of(|look| look.mean),
                    lo: of(|look| look.lo),
                    hi: of(|look| look.hi),
                    n: look.map_or(0, |look| look.n),
                });
            }
        }
    }
    tables::table(mark, &rows)
}

/// A line of plan.csv: a clause of the objective at a value that was looked at.
#[derive(Default, Serialize)]
struct Row {
    strategy: String,
    value: String,
    ruling: &'static str,
    replications: u32,
    metric: &'static str,
    unit: &'static str,
    bound: String,
    mean: String,
    lo: String,
    hi: String,
    n: u32,
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::judge::planned::tests::planned;

    #[test]
    fn a_plan_is_written_whole_and_replaces_only_a_plan() {
        let temp = tempfile::tempdir().expect("tempdir");
        let out = temp.path().join("plan");
        let write = |planned: &Planned, out: &Path| {
            super::write(planned, vec![("a.svg".to_owned(), Vec::new())], open(out, false)?)
        };
        let files = write(&planned(false), &out).expect("written");
        assert_eq!(files.len(), 4, "{files:?}");
        write(&planned(true), &out).expect("replaced");
        let json: serde_json::Value = serde_json::from_slice(&fs::read(out.join(JSON)).expect("read")).expect("JSON");
        assert_eq!(json["answers"]["withdraw"]["answer"], "12");
        assert_eq!(json["answers"]["tenant-reservation"]["answer"], "");
        let csv = fs::read_to_string(out.join(CSV)).expect("read");
        assert!(
            csv.contains("\nwithdraw,12,holds,20,acceptance,share,>= 0.99,"),
            "{csv}"
        );
        fs::write(out.join("thesis.tex"), "years of work").expect("written");
        assert!(write(&planned(false), &out).is_err());
    }
}
