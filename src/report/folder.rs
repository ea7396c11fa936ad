//! Writes the results folder. It appears whole or not at all: everything goes into a folder
//! beside it, which then takes its place.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::error::at;
use super::number::{as_written, fixed};
use super::summary::summary;
use super::{ReportError, logs, plots, provenance};
use crate::experiment::columns::COLUMNS;
use crate::experiment::{Arm, Estimate, Interval, Paired, Results};

/// The files and the folder beside the strategies' ones.
pub(super) const SUMMARY: &str = "summary.json";
pub(super) const METRICS: &str = "metrics.csv";
pub(super) const SCENARIO: &str = "scenario.toml";
pub(super) const PLOTS: &str = "plots";
pub(super) const METRIC_COLUMNS: [&str; 5] = ["strategy", "replication", "metric", "value", "unit"];

/// Writes the results folder `out` and gives its files, sorted. An earlier results folder is
/// replaced as a whole.
///
/// # Errors
/// When `out` holds something that no run wrote, or the file system refuses; then nothing has changed.
pub fn write(results: &Results, out: &Path) -> Result<Vec<PathBuf>, ReportError> {
    let results = as_read(results);
    let folders = folders(&results.arms)?;
    check(out)?;
    replace(out, files(&results, &folders)?)
}

/// Puts files (by their paths inside the folder) in the place of the folder `out`, whole or not at all; gives them.
///
/// # Errors
/// When the folder has no name, or the file system refuses; then nothing has changed.
pub(super) fn replace(out: &Path, files: Vec<(PathBuf, Vec<u8>)>) -> Result<Vec<PathBuf>, ReportError> {
    let Some(name) = out.file_name().map(|n| n.to_string_lossy().into_owned()) else {
        return Err(ReportError::Nameless {
            path: out.display().to_string(),
        });
    };
    let parent = out
        .parent()
        .filter(|p| !p.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    fs::create_dir_all(parent).map_err(at(parent))?;
    let fresh = parent.join(format!(".{name}.new-{}", std::process::id()));
    let done = fill(&fresh, &files)
        .and_then(|()| swap(&fresh, out, &parent.join(format!(".{name}.old-{}", std::process::id()))));
    if done.is_err() {
        // Best effort: the error that matters is the one at hand.
        let _ = fs::remove_dir_all(&fresh);
    }
    done.map(|()| files.into_iter().map(|(file, _)| out.join(file)).collect())
}

/// Draws the figures of a results folder again, each file replaced at once; gives the files.
///
/// # Errors
/// When a figure cannot be drawn or the file system refuses.
pub fn redraw(results: &Results, folder: &Path) -> Result<Vec<PathBuf>, ReportError> {
    let plots = folder.join(PLOTS);
    let drawn = plots::render(&as_read(results))?;
    fs::create_dir_all(&plots).map_err(at(&plots))?;
    let mut written = Vec::new();
    for (name, bytes) in drawn {
        let (fresh, file) = (plots.join(format!(".{name}.new")), plots.join(name));
        fs::write(&fresh, bytes).map_err(at(&fresh))?;
        fs::rename(&fresh, &file).map_err(at(&file))?;
        written.push(file);
    }
    Ok(written)
}

/// Every file with its path inside the folder and its bytes, sorted by path.
fn files(results: &Results, folders: &[String]) -> Result<Vec<(PathBuf, Vec<u8>)>, ReportError> {
    let mark = provenance(results);
    let mut files = vec![
        (
            PathBuf::from(SUMMARY),
            summary(results, folders).document().into_bytes(),
        ),
        (PathBuf::from(METRICS), metrics(results, &mark)?),
    ];
    if !results.effective.is_empty() {
        let text = format!("# {mark}\n{}", results.effective);
        files.push((PathBuf::from(SCENARIO), text.into_bytes()));
    }
    for (arm, folder) in results.arms.iter().zip(folders) {
        let mark = format!(
            "{mark} strategy {} replication 0",
            arm.label.replace(|c: char| c.is_control(), " ")
        );
        let logs = logs::files(&arm.log, &mark)?;
        files.extend(
            logs.into_iter()
                .map(|(name, bytes)| (Path::new(folder).join(name), bytes)),
        );
    }
    for (name, bytes) in plots::render(results)? {
        files.push((Path::new(PLOTS).join(name), bytes));
    }
    files.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(files)
}

/// The results with every float as its file holds it, so that figures drawn now and figures
/// drawn after reading are the same bytes.
pub(super) fn as_read(results: &Results) -> Results {
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
                variance_reduction: p.variance_reduction.map(as_written),
                ..*p
            };
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
    results
}

/// A folder name per strategy: its label, made safe, and told apart from the others.
pub(super) fn folders(arms: &[Arm]) -> Result<Vec<String>, ReportError> {
    let mut labels = BTreeSet::new();
    let mut taken: BTreeSet<String> = [SUMMARY, METRICS, SCENARIO, PLOTS]
        .into_iter()
        .map(str::to_owned)
        .collect();
    let mut folders = Vec::new();
    for arm in arms {
        if !labels.insert(&arm.label) {
            return Err(ReportError::Results(format!(
                "two strategies have the label `{}`",
                arm.label
            )));
        }
        if arm.label == "baseline" {
            return Err(ReportError::Results(
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

/// The long form: a row per strategy, replication and metric that has a value.
fn metrics(results: &Results, mark: &str) -> Result<Vec<u8>, ReportError> {
    let mut rows: Vec<[String; 5]> = Vec::new();
    for arm in &results.arms {
        for replication in 0..arm.values.len().max(arm.details.len()) {
            let row = |name: &str, value: f64, unit: &str| {
                [
                    arm.label.clone(),
                    replication.to_string(),
                    name.to_owned(),
                    fixed(value),
                    unit.to_owned(),
                ]
            };
            let values = arm.values.get(replication).map_or(&[][..], Vec::as_slice);
            let known = COLUMNS
                .iter()
                .zip(values)
                .filter_map(|(c, v)| v.filter(|v| v.is_finite()).map(|v| (c, v)));
            rows.extend(known.map(|(column, value)| row(column.name, value, column.unit)));
            let details = arm.details.get(replication).map_or(&[][..], Vec::as_slice);
            rows.extend(
                details
                    .iter()
                    .filter(|d| d.value.is_finite())
                    .map(|d| row(&d.name, d.value, d.unit)),
            );
        }
    }
    logs::csv_bytes(mark, &METRIC_COLUMNS, rows.into_iter())
}

/// Whether results may be written to `out`, so that a run can ask before it begins.
///
/// # Errors
/// When `out` is no folder of its own or holds something that no run wrote.
pub fn check(out: &Path) -> Result<(), ReportError> {
    if out.file_name().is_none() {
        return Err(ReportError::Nameless {
            path: out.display().to_string(),
        });
    }
    may_replace(out)
}

/// Refuses to replace what no run wrote.
fn may_replace(out: &Path) -> Result<(), ReportError> {
    let occupied = |found: &str| ReportError::Occupied {
        path: out.display().to_string(),
        found: found.to_owned(),
    };
    if !out.try_exists().map_err(at(out))? {
        return Ok(());
    }
    if !out.is_dir() {
        return Err(occupied("a file"));
    }
    let mut names = Vec::new();
    for entry in fs::read_dir(out).map_err(at(out))? {
        names.push(entry.map_err(at(out))?.file_name().to_string_lossy().into_owned());
    }
    names.sort_unstable();
    let Some(first) = names.first() else { return Ok(()) };
    let ours = fs::read_to_string(out.join(SUMMARY))
        .ok()
        .and_then(|text| serde_json::from_str::<serde_json::Value>(&text).ok());
    let Some(ours) = ours.filter(|summary| summary.get("sickbay").is_some()) else {
        return Err(occupied(first));
    };
    let folders: Vec<&str> = ours
        .get("strategies")
        .and_then(|s| s.as_object())
        .map(|s| s.values().filter_map(|arm| arm.get("folder")?.as_str()).collect())
        .unwrap_or_default();
    let known = |name: &str| {
        name.starts_with('.') || [SUMMARY, METRICS, SCENARIO, PLOTS].contains(&name) || folders.contains(&name)
    };
    names
        .iter()
        .find(|name| !known(name))
        .map_or(Ok(()), |name| Err(occupied(name)))
}

fn fill(fresh: &Path, files: &[(PathBuf, Vec<u8>)]) -> Result<(), ReportError> {
    if fresh.exists() {
        fs::remove_dir_all(fresh).map_err(at(fresh))?;
    }
    for (file, bytes) in files {
        let path = fresh.join(file);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(at(folder))?;
        }
        fs::write(&path, bytes).map_err(at(&path))?;
    }
    Ok(())
}

/// Puts `fresh` in the place of `out`; what was there goes away only when that has worked.
fn swap(fresh: &Path, out: &Path, old: &Path) -> Result<(), ReportError> {
    let replaces = out.exists();
    if replaces {
        fs::rename(out, old).map_err(at(out))?;
    }
    if let Err(source) = fs::rename(fresh, out) {
        if replaces {
            fs::rename(old, out).map_err(at(out))?;
        }
        return Err(at(out)(source));
    }
    if replaces {
        fs::remove_dir_all(old).map_err(at(old))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
