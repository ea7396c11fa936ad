//! Reads a results folder back: everything that the figures, the page and the printed comparison need. The story stays in
//! its file.

use std::path::Path;

use serde::de::DeserializeOwned;

use super::summary::SummaryFile;
use super::{METRICS, SCENARIO, SUMMARY, WAITS, WRITER, folders};
use crate::cells::job::CellJob;
use crate::cells::outcome::Log;
use crate::cells::rows::{MetricRow, WaitRow};
use crate::cells::selector::Columns;
use crate::cells::table::{CellRow, CellTable};
use crate::judge::results::Results;
use crate::store::again::lasting;
use crate::store::disk::os::read_text;
use crate::store::disk::sealed::verify;
use crate::store::error::{FolderError, at};
use crate::store::kind::there;
use crate::store::tables;

/// Reads a results folder, which must be whole.
///
/// # Errors
/// When a file is missing or is not as it was written; the error names the file and the line or key.
pub fn read(folder: &Path) -> Result<Results, FolderError> {
    whole(folder)?;
    parse(folder).map_err(|why| why.outdated(WRITER))
}

/// Whether a results folder holds what its manifest promises, figures and page aside: they can be made again.
pub(super) fn whole(folder: &Path) -> Result<(), FolderError> {
    there(folder)?;
    verify(folder, WRITER, SUMMARY, lasting)?;
    Ok(())
}

/// Reads what the files say.
pub(super) fn parse(folder: &Path) -> Result<Results, FolderError> {
    let results = summary::<SummaryFile>(folder)?.results();
    let mut results = results.map_err(|what| FolderError::File {
        file: folder.join(SUMMARY).display().to_string(),
        what,
    })?;
    results.effective = tables::effective(&folder.join(SCENARIO)).unwrap_or_default();
    values(&mut results, folder)?;
    waits(&mut results, folder)?;
    let safe = folders(&results.arms)?;
    for (arm, name) in results.arms.iter_mut().zip(safe) {
        arm.log = Log {
            decisions_left: arm.log.decisions_left,
            ..tables::log(&folder.join(name))?
        };
    }
    Ok(results)
}

/// A folder's summary, or what of it is wanted.
pub(super) fn summary<T: DeserializeOwned>(folder: &Path) -> Result<T, FolderError> {
    let path = folder.join(SUMMARY);
    let text = read_text(&path).map_err(at(&path))?;
    serde_json::from_str(&text).map_err(|e| FolderError::Line {
        file: path.display().to_string(),
        line: e.line() as u64,
        what: e.to_string(),
    })
}

/// The values of every strategy's replications, in the order of `labels`: of the metrics of this version. `strange` is asked
/// about the others.
pub(super) fn table(
    folder: &Path,
    labels: &[&str],
    (replications, columns): (u32, &Columns),
    strange: &mut dyn FnMut(usize, MetricRow) -> Result<(), String>,
) -> Result<CellTable<CellRow>, FolderError> {
    let mut table: CellTable<CellRow> = CellTable::default();
    tables::each(&folder.join(METRICS), |row: MetricRow| {
        let variant = labels.iter().position(|label| *label == row.strategy);
        let variant = variant.ok_or_else(|| format!("`{}` is not a strategy of {SUMMARY}", row.strategy))?;
        if row.replication >= replications {
            return Err(format!("`{}` is no replication of {SUMMARY}", row.replication));
        }
        let Some((place, _)) = columns.placed(&row.metric) else {
            return strange(variant, row);
        };
        let values = table.entry(CellJob::of_one(variant, row.replication), || columns.empty_row());
        match values[place].replace(row.value) {
            None => Ok(()),
            Some(_) => Err(format!(
                "a metric of replication {} has a second value",
                row.replication
            )),
        }
    })?;
    Ok(table)
}

/// Fills the values per replication from the long form.
fn values(results: &mut Results, folder: &Path) -> Result<(), FolderError> {
    let labels: Vec<&str> = results.arms.iter().map(|arm| arm.label.as_str()).collect();
    // Figures per class and tenant had composed names once.
    let mut strange = |_, row: MetricRow| match row.metric.contains('.') {
        true => Ok(()),
        false => Err(format!("`{}` is not a metric of this version", row.metric)),
    };
    let table = table(folder, &labels, (results.replications, &results.columns), &mut strange)?;
    for (job, row) in table.into_cells() {
        let values = &mut results.arms[job.variant].values;
        values.resize(job.replication as usize, results.columns.empty_row());
        values.push(row);
    }
    Ok(())
}

/// Fills in how errands waited.
fn waits(results: &mut Results, folder: &Path) -> Result<(), FolderError> {
    tables::each(&folder.join(WAITS), |row: WaitRow| {
        let arm = results.arms.iter_mut().find(|arm| arm.label == row.strategy);
        let waits = arm.and_then(|arm| arm.errand_waits.as_mut());
        let waits = waits.ok_or_else(|| format!("`{}` has no waits in {SUMMARY}", row.strategy))?;
        waits.steps.push((row.wait, row.share));
        Ok(())
    })
}
