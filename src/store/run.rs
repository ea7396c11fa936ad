//! The files of a results folder, and their bytes. How they get there whole is `disk`'s.

pub mod finished;
pub mod read;
mod summary;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::again::{DrawnFiles, PLOTS, REPORT};
use super::disk::manifest::MANIFEST;
use super::disk::target::{Target, Wish};
use super::error::FolderError;
use super::json::document;
use super::kind::FolderKind;
use super::tables;
use crate::cells::rows::{MetricRow, WaitRow};
use crate::judge::results::{Arm, Results, provenance};
use crate::kernel::number::as_written;
use crate::stats::compare::Paired;
use crate::stats::estimate::{Estimate, Interval};
use summary::SummaryFile;

/// The files and the folder beside the strategies' ones.
pub(super) const SUMMARY: &str = "summary.json";
pub(super) const METRICS: &str = "metrics.csv";
pub(super) const WAITS: &str = "waits.csv";
pub(super) const SCENARIO: &str = "scenario.toml";

/// The name under which a folder's manifest lists the files of a run.
pub(super) const WRITER: &str = FolderKind::Run.writer();

/// Opens the results folder `out` for writing, so that a run can ask before it begins; `replace` takes what stands under
/// our names, whoever wrote it.
///
/// # Errors
/// When the folder may not be written, holds what no run wrote, or is being written.
pub fn open(out: &Path, replace: bool) -> Result<Target, FolderError> {
    Ok(Target::open(out, Wish::whole(WRITER, replace))?)
}

/// Writes the results folder with what has been drawn and gives its files, sorted, the manifest last. Earlier
/// results are replaced as a whole.
///
/// # Errors
/// When the file system refuses; then nothing has changed.
pub fn write(results: &Results, drawn: DrawnFiles, target: Target) -> Result<Vec<PathBuf>, FolderError> {
    let results = as_read(results);
    let folders = folders(&results.arms)?;
    Ok(target.write(&files(&results, &folders, drawn)?, &provenance(&results))?)
}

/// Every file with its path inside the folder and its bytes. Figures and page come last: they can be made again from the
/// rest.
fn files(results: &Results, folders: &[String], drawn: DrawnFiles) -> Result<Vec<(PathBuf, Vec<u8>)>, FolderError> {
    let mark = provenance(results);
    let mut files = vec![
        (
            PathBuf::from(SUMMARY),
            document(&SummaryFile::of(results, folders)).into_bytes(),
        ),
        (PathBuf::from(METRICS), metrics(results, &mark)?),
        (PathBuf::from(WAITS), waits(results, &mark)?),
    ];
    if !results.effective.is_empty() {
        let text = tables::scenario(&mark, &results.effective);
        files.push((PathBuf::from(SCENARIO), text));
    }
    for (arm, folder) in results.arms.iter().zip(folders) {
        let first = [(0, PathBuf::from(folder), &arm.log)];
        let more = arm.more_logs.iter();
        let more = more.map(|(n, log)| (*n, Path::new(folder).join(format!("replication-{n}")), log));
        for (replication, folder, log) in first.into_iter().chain(more) {
            let label = arm.label.replace(|c: char| c.is_control(), " ");
            let logs = tables::files(log, &format!("{mark} strategy {label} replication {replication}"))?;
            files.extend(logs.into_iter().map(|(name, bytes)| (folder.join(name), bytes)));
        }
    }
    files.sort_by(|a, b| a.0.cmp(&b.0));
    files.extend(drawn.files());
    Ok(files)
}

/// The results with every float as its file holds it, so that figures drawn now and figures
/// drawn after reading are the same bytes.
#[must_use]
pub fn as_read(results: &Results) -> Results {
    let mut results = results.clone();
    results.confidence = as_written(results.confidence);
    for arm in &mut results.arms {
        for e in arm.estimates.iter_mut().flatten() {
            *e = Estimate {
                mean: as_written(e.mean),
                lo: as_written(e.lo),
                hi: as_written(e.hi),
                n: e.n,
            };
        }
        for p in arm.paired.iter_mut().flatten() {
            *p = Paired {
                diff: as_written(p.diff),
                lo: as_written(p.lo),
                hi: as_written(p.hi),
                alone: Interval {
                    lo: as_written(p.alone.lo),
                    hi: as_written(p.alone.hi),
                },
                deviation: as_written(p.deviation),
                matters: as_written(p.matters),
                variance_reduction: p.variance_reduction.map(as_written),
                ..*p
            };
        }
        for step in arm.errand_waits.iter_mut().flat_map(|waits| &mut waits.steps) {
            step.1 = as_written(step.1);
        }
        for row in &mut arm.log.timeline {
            for value in [
                &mut row.installed,
                &mut row.schedulable,
                &mut row.in_maintenance,
                &mut row.occupied,
                &mut row.exposed,
                &mut row.stranded,
            ] {
                *value = as_written(*value);
            }
        }
    }
    for claim in &mut results.claims.all {
        if let Some(paired) = results.arms[claim.arm].paired[claim.column] {
            claim.ruled.paired = paired;
        }
    }
    results
}

/// A folder name per strategy: its label, made safe, and told apart from the others.
pub(super) fn folders(arms: &[Arm]) -> Result<Vec<String>, FolderError> {
    let mut labels = BTreeSet::new();
    let mut taken: BTreeSet<String> = [SUMMARY, METRICS, WAITS, SCENARIO, PLOTS, REPORT, MANIFEST]
        .into_iter()
        .map(str::to_owned)
        .collect();
    let mut folders = Vec::new();
    for arm in arms {
        if !labels.insert(&arm.label) {
            return Err(FolderError::Results(format!(
                "two strategies have the label `{}`",
                arm.label
            )));
        }
        if arm.label == "baseline" {
            return Err(FolderError::Results(
                "no strategy may have the label `baseline`, a key of summary.json".to_owned(),
            ));
        }
        let safe = safe_name(&arm.label);
        let name = (1..)
            .map(|n| if n == 1 { safe.clone() } else { format!("{safe}-{n}") })
            .find(|name| {
                // Two names that differ in case only are one name on some file systems.
                taken.insert(name.to_lowercase())
            });
        folders.extend(name);
    }
    Ok(folders)
}

fn safe_name(label: &str) -> String {
    let mut safe = String::new();
    for c in label.chars().take(60) {
        let c = if c.is_ascii_alphanumeric() || matches!(c, '_' | '.') {
            c
        } else {
            '-'
        };
        if c != '-' || !safe.ends_with('-') {
            safe.push(c);
        }
    }
    let safe = safe.trim_matches(['-', '.']);
    if safe.is_empty() {
        "strategy".to_owned()
    } else {
        safe.to_owned()
    }
}

/// How errands waited: the steps of the distribution function of each strategy.
fn waits(results: &Results, mark: &str) -> Result<Vec<u8>, FolderError> {
    let mut rows = Vec::new();
    for arm in &results.arms {
        let steps = arm.errand_waits.iter().flat_map(|waits| &waits.steps);
        rows.extend(steps.map(|(wait, share)| WaitRow {
            strategy: arm.label.clone(),
            wait: *wait,
            share: *share,
        }));
    }
    tables::table(mark, &rows)
}

/// The long form: a row per strategy, replication and metric that has a value.
fn metrics(results: &Results, mark: &str) -> Result<Vec<u8>, FolderError> {
    let mut rows = Vec::new();
    for arm in &results.arms {
        for (replication, values) in (0..).zip(&arm.values) {
            let values = results.columns.iter().zip(values);
            let values = values.filter_map(|(column, value)| Some((column.name, (*value)?, column.unit)));
            let known = values.filter(|(_, value, _)| value.is_finite());
            rows.extend(known.map(|(metric, value, unit)| MetricRow {
                strategy: arm.label.clone(),
                replication,
                metric: metric.to_owned(),
                value,
                unit: unit.to_owned(),
            }));
        }
    }
    tables::table(mark, &rows)
}

#[cfg(test)]
mod tests;
