//! From whole shards to the long table, the summary and the figures: the same bytes for any number of shards.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::rows::Rows;
use super::shards::SHARDS;
use super::{BASE, MANIFEST, SCENARIO, Sweep, WRITER, manifest, shards};
use crate::cells::engine::CellEnd;
use crate::cells::points::design::DesignKind;
use crate::cells::table::CellTable;
use crate::judge::across::{AcrossPoints, PointStep};
use crate::judge::point::Point;
use crate::judge::sweep::SweepManifest;
use crate::kernel::number::fixed;
use crate::stats::compare::Paired;
use crate::stats::estimate::Estimate;
use crate::store::again::DrawnFiles;
use crate::store::disk::target::{Filling, FolderScope, Target, Wish};
use crate::store::error::{FolderError, at};
use crate::store::tables::lines;

const LONG: &str = "sweep.csv";
const SUMMARY: &str = "summary.csv";
const STEPS: &str = "steps.csv";

/// What came of a merge.
#[derive(Debug)]
pub struct Merged {
    /// The files that were written.
    pub files: Vec<PathBuf>,
    /// What the shards say.
    pub points: SweepPoints,
}

/// What the shards of a sweep say.
#[derive(Debug)]
pub struct SweepPoints {
    /// The digest of what was computed, however it was cut into shards.
    pub digest: String,
    /// What made the files.
    pub mark: String,
    /// The points, with what is drawn of them.
    pub points: Vec<Point>,
    /// How points differ from each other.
    pub steps: Vec<PointStep>,
    /// Cells that broke an invariant, each with what it said.
    pub broken: Vec<(usize, String)>,
}

/// Opens a sweep's folder for its tables and figures. Two that merge the same sweep come one after the other.
fn open(sweep: &Sweep, replace: bool) -> Result<Target, FolderError> {
    let wish = Wish {
        writer: WRITER,
        scope: FolderScope::Whole(&[MANIFEST, SCENARIO, BASE, SHARDS]),
        replace,
        wait: true,
    };
    Ok(Target::open(&sweep.folder, wish)?)
}

/// Whether the tables and figures of a sweep may be written, so that it can be asked before anything runs; gives what was
/// put right of an earlier merge.
///
/// # Errors
/// When somebody else's files lie where ours would be, or one of ours has been edited.
pub fn check(sweep: &Sweep, replace: bool) -> Result<Vec<String>, FolderError> {
    Ok(open(sweep, replace)?.notes().to_vec())
}

/// Merges the shards of a sweep into its tables, and the figures and the page that `draw` makes of its points; `replace` takes
/// what stands under our names.
///
/// # Errors
/// When a shard is missing, a figure cannot be drawn, or the file system refuses.
pub fn merge<E: From<FolderError>>(
    sweep: &Sweep,
    replace: bool,
    draw: impl FnOnce(&SweepPoints) -> Result<DrawnFiles, E>,
) -> Result<Merged, E> {
    let (target, points) = tables(sweep, replace)?;
    let drawn = draw(&points)?;
    let files = put(target, drawn, &points.mark)?;
    Ok(Merged { files, points })
}

/// What the shards of a sweep say, which must all be there; nothing is written.
///
/// # Errors
/// When a shard is missing or is not as it was written, or the file system refuses.
pub fn merged(sweep: &Sweep) -> Result<SweepPoints, FolderError> {
    walked(sweep, |_| Ok(()))
}

/// What is met on the way through the shards.
enum Met<'a> {
    /// The rows of a shard.
    Rows(&'a str),
    /// A point of which all cells have been read, with all its columns.
    Point(usize, &'a Point),
}

fn tables(sweep: &Sweep, replace: bool) -> Result<(Target, SweepPoints), FolderError> {
    whole(sweep)?;
    let mark = mark(sweep);
    let mut target = open(sweep, replace)?;
    let mut long = Growing::new(&mut target, LONG, &mark, &Rows::new(&sweep.manifest).header())?;
    let mut summary = Growing::new(&mut target, SUMMARY, &mark, &summary_header(&sweep.manifest))?;
    let points = walked(sweep, |met| match met {
        Met::Rows(rows) => long.write(rows.as_bytes()),
        Met::Point(at, point) => summary.write(summary_rows(&sweep.manifest, at, point)?.as_bytes()),
    })?;
    if !points.steps.is_empty() {
        let mut file = Growing::new(&mut target, STEPS, &mark, &STEP_COLUMNS.map(str::to_owned))?;
        file.write(step_rows(&sweep.manifest, &points.steps)?.as_bytes())?;
        target.end(file.file)?;
    }
    target.end(long.file)?;
    target.end(summary.file)?;
    Ok((target, points))
}

/// Whether all shards are there.
fn whole(sweep: &Sweep) -> Result<(), FolderError> {
    let missing = shards::missing(sweep)?;
    let Some(first) = missing.first() else { return Ok(()) };
    let (count, of) = (missing.len(), sweep.manifest.shards);
    let folder = sweep.folder.display();
    Err(FolderError::Results(format!(
        "{count} of {of} shards are missing, the first is {first}: `sickbay sweep missing {folder}` lists them"
    )))
}

fn mark(sweep: &Sweep) -> String {
    provenance(&sweep.manifest, &manifest::design_digest(&sweep.manifest))
}

/// Goes through all shards and tells `tell` what it meets.
fn walked(sweep: &Sweep, mut tell: impl FnMut(Met<'_>) -> Result<(), FolderError>) -> Result<SweepPoints, FolderError> {
    whole(sweep)?;
    let rows = Rows::new(&sweep.manifest);
    let settings = sweep.manifest.points();
    let (mut table, mut points, mut broken) = (CellTable::default(), Vec::new(), Vec::new());
    let (places, mut across) = (sweep.manifest.places(), AcrossPoints::new(&sweep.manifest));
    for shard in 1..=sweep.manifest.shards {
        let body = shards::read(sweep, shard)?.unwrap_or_default();
        tell(Met::Rows(&body))?;
        let cells = sweep.manifest.shard(shard, rows.cells());
        let (mut found, mut closed) = (0, Vec::new());
        let read = rows.read(cells.start, &body, |cell, course| {
            if let CellEnd::Broken(what) = &course {
                broken.push((cell, what.clone()));
            }
            found += 1;
            let job = sweep.manifest.job(cell);
            table.enter(job, course);
            if (cell + 1).is_multiple_of(sweep.manifest.cells_of_a_point()) {
                let coordinates = sweep.manifest.coordinates(&settings[job.point]);
                closed.push((job.point, Point::of(&sweep.manifest, &table, job.point, coordinates)));
                across.keep(&table, job.point);
                // Effects are against the first point.
                if job.point > 0 {
                    table.forget(job.point);
                }
            }
        });
        let whole = read.and_then(|()| {
            let right = found == cells.len();
            right
                .then_some(())
                .ok_or_else(|| format!("it holds {found} cells instead of {}", cells.len()))
        });
        whole.map_err(|what| FolderError::Results(format!("shard {shard} is not as it was written: {what}")))?;
        for (at, point) in closed {
            tell(Met::Point(at, &point))?;
            points.push(point.only(&places));
        }
    }
    Ok(SweepPoints {
        digest: manifest::design_digest(&sweep.manifest),
        mark: mark(sweep),
        points,
        steps: across.steps(),
        broken,
    })
}

/// Adds figures and page and puts all in its place.
fn put(mut target: Target, drawn: DrawnFiles, mark: &str) -> Result<Vec<PathBuf>, FolderError> {
    for (path, bytes) in drawn.files() {
        target.add(&path, &bytes)?;
    }
    Ok(target.commit(mark)?)
}

/// What made a sweep's files. It does not say how many shards there were.
pub(super) fn provenance(manifest: &SweepManifest, digest: &str) -> String {
    let clean = |text: &str| text.replace(|c: char| c.is_control(), " ");
    format!(
        "sickbay {} sweep of scenario {} digest {digest} seed {}",
        clean(&manifest.version),
        clean(&manifest.scenario),
        manifest.seed
    )
}

fn summary_header(manifest: &SweepManifest) -> Vec<String> {
    let keys = manifest.design.axes.iter().map(|axis| axis.key.as_str());
    let rest = ["strategy", "metric", "unit", "mean", "lo", "hi", "n"];
    let paired = ["diff", "diff_lo", "diff_hi", "diff_n", "verdict"];
    let effect = ["effect", "effect_lo", "effect_hi", "effect_n", "effect_verdict"];
    let effect = effect.iter().filter(|_| manifest.design.kind == DesignKind::OneAtATime);
    let names = std::iter::once("point")
        .chain(keys)
        .chain(rest)
        .chain(paired)
        .chain(effect.copied());
    names.map(str::to_owned).collect()
}

/// A point's rows: a line for each strategy and metric that has a value.
fn summary_rows(manifest: &SweepManifest, at: usize, point: &Point) -> Result<String, FolderError> {
    let (columns, mut rows) = (manifest.columns(), Vec::new());
    for (label, figures) in manifest.strategies.iter().zip(&point.values) {
        for (column, figure) in columns.iter().zip(figures) {
            let Some(Estimate { mean, lo, hi, n }) = figure.estimate else {
                continue;
            };
            let mut row = vec![at.to_string()];
            row.extend(point.coordinates.iter().cloned());
            row.extend([label, column.name, column.unit].map(str::to_owned));
            row.extend([mean, lo, hi].map(fixed));
            row.push(n.to_string());
            row.extend(difference(figure.paired));
            if manifest.design.kind == DesignKind::OneAtATime {
                row.extend(difference(figure.effect));
            }
            rows.push(row);
        }
    }
    lines(rows)
}

/// The heading of the table of steps.
const STEP_COLUMNS: [&str; 14] = [
    "key",
    "from",
    "to",
    "neighbours",
    "point_from",
    "point_to",
    "strategy",
    "metric",
    "unit",
    "diff",
    "diff_lo",
    "diff_hi",
    "diff_n",
    "verdict",
];

/// A line for each pair of points, strategy and metric.
fn step_rows(manifest: &SweepManifest, steps: &[PointStep]) -> Result<String, FolderError> {
    let (points, columns, places) = (manifest.points(), manifest.columns(), manifest.places());
    let rows = steps.iter().map(|step| {
        let value = |point: usize| manifest.coordinates(&points[point])[step.axis].clone();
        let column = columns.at(places[step.metric]);
        let mut row = vec![
            manifest.design.axes[step.axis].key.clone(),
            value(step.from),
            value(step.to),
        ];
        row.push(if step.neighbours { "yes" } else { "no" }.to_owned());
        row.extend([step.from, step.to].map(|point| point.to_string()));
        row.push(manifest.strategies[step.strategy].clone());
        row.extend([column.name, column.unit].map(str::to_owned));
        row.extend(difference(Some(step.paired)));
        row
    });
    lines(rows.collect::<Vec<_>>())
}

fn difference(paired: Option<Paired>) -> [String; 5] {
    paired.map_or_else(Default::default, |p| {
        let [diff, lo, hi] = [p.diff, p.lo, p.hi].map(fixed);
        [diff, lo, hi, p.n.to_string(), p.verdict.word().to_owned()]
    })
}

/// A table that is written bit by bit.
struct Growing {
    file: Filling,
    path: PathBuf,
}

impl Growing {
    fn new(target: &mut Target, name: &str, mark: &str, header: &[String]) -> Result<Growing, FolderError> {
        let mut table = Growing {
            file: target.create(Path::new(name))?,
            path: name.into(),
        };
        table.write(format!("# {mark}\n").as_bytes())?;
        table.write(lines([header.to_vec()])?.as_bytes())?;
        Ok(table)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), FolderError> {
        self.file.write_all(bytes).map_err(at(&self.path))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use crate::judge::sweeps::{course, manifest};
    use crate::store::sweep::merge::*;
    use crate::store::sweep::shards::{Begun, begin};
    use crate::store::sweep::{Opened, create};

    fn undrawn(_: &SweepPoints) -> Result<DrawnFiles, FolderError> {
        Ok(DrawnFiles {
            figures: vec![("a.svg".to_owned(), Vec::new())],
            page: Vec::new(),
        })
    }

    fn merged(folder: &Path, shards: u32, broken: usize) -> Merged {
        let manifest = SweepManifest {
            shards,
            ..manifest(&["a.x=1..4", "a.y=0..1"], DesignKind::Grid)
        };
        let Ok(Opened::Fresh(sweep)) = create(folder, manifest, "# Is it?", Path::new("")) else {
            panic!("a fresh sweep");
        };
        for shard in 1..=shards {
            assert!(merge(&sweep, false, undrawn).is_err(), "merged without shard {shard}");
            let Ok(Begun::Open(mut work)) = begin(&sweep, shard, false) else {
                panic!("an open shard");
            };
            for cell in work.open_cells() {
                let course = if cell == broken {
                    CellEnd::Broken("broken law `x` at 3 h".to_owned())
                } else {
                    course(&sweep.manifest, cell)
                };
                work.append(cell, &course).expect("written");
            }
            work.finish().expect("finished");
        }
        merge(&sweep, false, undrawn).expect("merged")
    }

    #[test]
    fn any_number_of_shards_merges_to_the_same_bytes() {
        let temp = tempfile::tempdir().expect("tempdir");
        let bytes = |merged: &Merged| -> Vec<(PathBuf, Vec<u8>)> {
            let file = |path: &PathBuf| {
                (
                    path.file_name().expect("a name").into(),
                    fs::read(path).expect("a file"),
                )
            };
            merged.files.iter().map(file).collect()
        };
        let once = merged(&temp.path().join("1"), 1, 17);
        assert_eq!(once.points.broken, [(17, "broken law `x` at 3 h".to_owned())]);
        for shards in [2, 5, 7] {
            let again = merged(&temp.path().join(shards.to_string()), shards, 17);
            assert_eq!(bytes(&again), bytes(&once), "{shards}");
        }
        let file = |name: &str| {
            once.files
                .iter()
                .find(|file| file.ends_with(name))
                .expect("it is there")
        };
        let long = fs::read_to_string(file(LONG)).expect("a table");
        assert!(long.starts_with("# sickbay 0.1.0 sweep of scenario sample digest "));
        assert!(long.contains("\npoint,a.x,a.y,strategy,replication,metric,value,unit,error\n"));
        let summary = fs::read_to_string(file(SUMMARY)).expect("a table");
        assert!(
            summary.contains(",better\n") && summary.contains(",not decided\n"),
            "{summary}"
        );
        // The broken cell is not among the replications of its point and strategy.
        let lost = "0,1,0,tenant-reservation,acceptance,share,";
        let row = summary.lines().find(|line| line.starts_with(lost)).expect("a row");
        assert!(row.contains(",4,"), "{row}");
    }
}
