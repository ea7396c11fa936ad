//! Reads of a results folder of any version what a comparison needs: who made it, and every
//! metric's values. Metrics that this version does not have are kept under their names.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::error::at;
use super::folder::{METRICS, SUMMARY};
use super::read::{Field, effective, whole};
use super::{ReportError, logs};
use crate::cells::rows::MetricRow;
use crate::judge::finding::Side;
use crate::judge::versus::{Finished, FinishedArm};

/// Reads a results folder for a comparison.
///
/// # Errors
/// When its summary or its metrics are missing or cannot be read; the error names the file and
/// the key or line.
pub fn finished(folder: &Path) -> Result<Finished, ReportError> {
    whole(folder)?;
    let path = folder.join(SUMMARY);
    let text = crate::store::read_text(&path).map_err(at(&path))?;
    let file = path.display().to_string();
    let document: Value = serde_json::from_str(&text).map_err(|e| ReportError::Line {
        file: file.clone(),
        line: e.line() as u64,
        what: e.to_string(),
    })?;
    let mut finished = summary(&document, folder).map_err(|what| ReportError::File { file, what })?;
    finished.effective = effective(folder);
    let metrics_file = folder.join(METRICS);
    metrics(&mut finished, &metrics_file)?;
    promised(&document, &finished).map_err(|what| ReportError::File {
        file: metrics_file.display().to_string(),
        what,
    })?;
    Ok(finished)
}

fn summary(document: &Value, folder: &Path) -> Result<Finished, String> {
    let top = Field {
        path: String::new(),
        value: document,
    };
    let strategies = top.key("strategies")?;
    let mut arms = Vec::new();
    for label in strategies.object()?.keys() {
        arms.push(FinishedArm {
            label: label.clone(),
            digest: strategies.key(label)?.key("digest")?.text()?,
            values: BTreeMap::new(),
        });
    }
    Ok(Finished {
        side: Side {
            name: folder.display().to_string(),
            version: top.key("sickbay")?.text()?,
            digest: top.key("scenario_digest")?.text()?,
            seed: top.key("seed")?.whole()?,
            replications: top.key("replications")?.count()?,
        },
        scenario: top.key("scenario")?.text()?,
        partial: top.key("partial")?.value == &Value::Bool(true),
        effective: None,
        shown: top.key("shown").and_then(|shown| shown.texts()).unwrap_or_default(),
        arms,
    })
}

/// The long form, by the names of its metrics: another version may have others.
fn metrics(finished: &mut Finished, file: &Path) -> Result<(), ReportError> {
    let replications = finished.side.replications as usize;
    logs::each(file, |row: MetricRow| {
        let number = row.replication as usize;
        if number >= replications {
            return Err(format!("`{number}` is no replication of {SUMMARY}"));
        }
        let arm = finished.arms.iter_mut().find(|arm| arm.label == row.strategy);
        let arm = arm.ok_or_else(|| format!("`{}` is no strategy of {SUMMARY}", row.strategy))?;
        let values = arm.values.entry(row.metric).or_default();
        if values.len() <= number {
            values.resize(number + 1, None);
        }
        match values[number].replace(row.value) {
            None => Ok(()),
            Some(_) => Err(format!("a metric of replication {number} has a second value")),
        }
    })
}

/// Whether every metric of the summary has as many values as it says, for each strategy.
fn promised(document: &Value, finished: &Finished) -> Result<(), String> {
    let top = Field {
        path: String::new(),
        value: document,
    };
    let strategies = top.key("strategies")?;
    for arm in &finished.arms {
        let metrics = strategies.key(&arm.label)?.key("metrics")?;
        for name in metrics.object()?.keys() {
            let field = metrics.key(name)?;
            let said = field.key("n")?.count()? as usize;
            field.key("mean")?.float()?;
            let values = arm.values.get(name).map_or(&[][..], Vec::as_slice);
            let found = values.iter().flatten().count();
            if found != said {
                return Err(format!(
                    "it holds {found} values of `{name}` under `{}`, and {SUMMARY} says {said}",
                    arm.label
                ));
            }
        }
    }
    Ok(())
}
