//! The folder beside a profile: `report.md`, `laws.csv` with every law that was tried, `loop.csv` with the loop, the figures.

use std::path::{Path, PathBuf};

use super::again::FigureFile;
use super::disk::target::{Target, Wish};
use super::error::FolderError;
use super::tables;
use crate::fit::CloudProfile;
use crate::judge::closed::{ClosedLoop, ClosedRow};
use crate::kernel::number::fixed;

/// The name under which a folder's manifest lists the files of a fit.
const WRITER: &str = "fit";

/// Opens the folder `out`, so that it can be asked before anything runs.
///
/// # Errors
/// When the folder may not be written, holds what no fit wrote, or is being written.
pub fn open(out: &Path, replace: bool) -> Result<Target, FolderError> {
    Ok(Target::open(out, Wish::whole(WRITER, replace))?)
}

/// Writes the folder; gives the files.
///
/// # Errors
/// When the file system refuses.
pub fn write(
    (profile, closed): (&CloudProfile, Option<&ClosedLoop>),
    (report, figures): (String, Vec<FigureFile>),
    mark: &str,
    target: Target,
) -> Result<Vec<PathBuf>, FolderError> {
    let mut files = vec![
        (PathBuf::from("report.md"), report.into_bytes()),
        (PathBuf::from("laws.csv"), marked(mark, laws(profile))?),
    ];
    if let Some(closed) = closed {
        files.push((PathBuf::from("loop.csv"), marked(mark, rows(closed))?));
    }
    let plots = |(name, bytes): FigureFile| (Path::new("plots").join(name), bytes);
    files.extend(figures.into_iter().map(plots));
    Ok(target.write(&files, mark)?)
}

fn marked(mark: &str, rows: Vec<Vec<String>>) -> Result<Vec<u8>, FolderError> {
    Ok(format!("# {mark}\n{}", tables::lines(rows)?).into_bytes())
}

fn header(names: &[&str]) -> Vec<Vec<String>> {
    vec![names.iter().map(|name| (*name).to_owned()).collect()]
}

/// A row for each parameter of each law.
fn laws(profile: &CloudProfile) -> Vec<Vec<String>> {
    let mut rows = header(&[
        "of",
        "seen",
        "ended",
        "family",
        "parameter",
        "value",
        "lo",
        "hi",
        "distance",
        "p",
        "written",
        "why",
    ]);
    for law in &profile.laws {
        let fits = law.goodness.map_or((String::new(), String::new()), |fits| {
            (fixed(fits.distance), fixed(fits.p))
        });
        let Some(found) = &law.found else { continue };
        for parameter in &found.parameters {
            rows.push(vec![
                law.of.clone(),
                law.counts.0.to_string(),
                law.counts.1.to_string(),
                format!("{:?}", found.law.family()).to_lowercase(),
                parameter.name.to_owned(),
                fixed(parameter.value),
                fixed(parameter.interval.lo),
                fixed(parameter.interval.hi),
                fits.0.clone(),
                fits.1.clone(),
                law.written.toml(),
                law.why.to_owned(),
            ]);
        }
    }
    rows
}

fn rows(closed: &ClosedLoop) -> Vec<Vec<String>> {
    let mut rows = header(&[
        "strategy",
        "metric",
        "unit",
        "trace",
        "profile",
        "difference",
        "lo",
        "hi",
        "single_lo",
        "single_hi",
        "said",
    ]);
    let row = |row: &ClosedRow| {
        let figures = [
            row.trace.mean,
            row.profile.mean,
            row.difference.mean,
            row.difference.lo,
            row.difference.hi,
            row.single.lo,
            row.single.hi,
        ];
        let named = [row.strategy.as_str(), row.column.name, row.column.unit].map(str::to_owned);
        let said = std::iter::once(row.word().to_owned());
        named.into_iter().chain(figures.map(fixed)).chain(said).collect()
    };
    rows.extend(closed.rows.iter().map(row));
    rows
}
