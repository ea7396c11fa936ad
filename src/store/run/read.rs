//! Reads a results folder back: everything that the figures, the page and the printed comparison need. The story stays in
//! its file.

mod finer;

use std::path::Path;

use crate::cells::job::CellJob;
use crate::cells::table::{CellRow, CellTable};
use crate::store::again::lasting;
use crate::store::disk::os::read_text;
use crate::store::disk::sealed::verify;

use super::summary::{MSER5, TYPED};
use super::{METRICS, SCENARIO, SUMMARY, WAITS, WRITER, folders};
use crate::cells::outcome::Log;
use crate::cells::rows::{MetricRow, WaitRow};
use crate::cells::selector::Columns;
use crate::cells::warmup::{SeriesCut, WarmUp};
use crate::judge::compared::ComparedLine;
use crate::judge::results::{Arm, Results};
use crate::kernel::number::parse_seconds;
use crate::kernel::{Span, Time};
use crate::stats::compare::{Paired, Verdict};
use crate::stats::estimate::{Estimate, Interval};
use crate::store::error::{FolderError, at};
use crate::store::field::{Field, document};
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
    let mut results = summary(folder, results)?;
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

/// What `read` makes of a folder's summary.
pub(super) fn summary<T>(folder: &Path, read: impl FnOnce(&Field<'_>) -> Result<T, String>) -> Result<T, FolderError> {
    let path = folder.join(SUMMARY);
    let text = read_text(&path).map_err(at(&path))?;
    document(&text, &path, read)
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

/// The columns of which a summary has figures.
pub(super) fn columns(top: &Field<'_>) -> Result<Columns, String> {
    let strategies = top.key("strategies")?;
    let mut names = Vec::new();
    for label in strategies.object()?.keys() {
        names.extend(strategies.key(label)?.key("metrics")?.object()?.keys());
    }
    Ok(Columns::naming(names))
}

fn results(top: &Field<'_>) -> Result<Results, String> {
    let baseline = top.key("paired")?.key("baseline")?.text()?;
    let strategies = top.key("strategies")?;
    let (columns, mut arms) = (columns(top)?, Vec::new());
    for label in strategies.object()?.keys() {
        arms.push(arm(top, &columns, label, *label == baseline)?);
    }
    let place = arms.iter().position(|arm| arm.label == baseline);
    if place.is_none() && !arms.is_empty() {
        return Err(format!(
            "`paired.baseline` names `{baseline}`, which is not among the strategies"
        ));
    }
    let (pairs, letters) = (
        finer::pairs(top, &columns, &arms)?,
        finer::letters(top, &columns, &arms)?,
    );
    let (precision, best) = (
        finer::precision(top, &columns, &arms)?,
        finer::best(top, &columns, &arms)?,
    );
    let claims = finer::claims(top, &columns, &arms)?;
    Ok(Results {
        version: top.key("sickbay")?.text()?,
        scenario: top.key("scenario")?.text()?,
        question: top.key("question")?.text()?,
        scenario_digest: top.key("scenario_digest")?.text()?,
        effective: String::new(),
        epoch: top.key("epoch")?.text()?,
        horizon: horizon(&top.key("horizon_s")?)?,
        seed: top.key("seed")?.whole()?,
        replications: top.key("replications")?.count()?,
        partial: top.key("partial")?.flag()?,
        confidence: top.key("confidence")?.float()?,
        baseline: place.unwrap_or(0),
        arms,
        pairs,
        letters,
        precision,
        best,
        claims,
        shown: top.key("shown")?.texts()?,
        columns,
        compared: compared(top)?,
        assumptions: top.key("assumptions")?.texts()?,
        warm_up: warm_up(top)?,
    })
}

/// What is compared; nothing in a folder that was written before that was said.
fn compared(top: &Field<'_>) -> Result<Vec<ComparedLine>, String> {
    let Some(field) = top.maybe("compared") else {
        return Ok(Vec::new());
    };
    let line = |about: &String| {
        Ok(ComparedLine {
            about: about.clone(),
            text: field.key(about)?.text()?,
        })
    };
    field.object()?.keys().map(line).collect()
}

/// What was cut; none in a folder that was written before that was said.
fn warm_up(top: &Field<'_>) -> Result<Option<WarmUp>, String> {
    let Ok(field) = top.key("warm_up") else {
        return Ok(None);
    };
    let cut = |field: &Field<'_>| Ok::<_, String>(Span(horizon(&field.key("cut_s")?)?.0));
    let method = field.key("method")?;
    let found = method.wants(
        [(TYPED, false), (MSER5, true)]
            .into_iter()
            .find(|(word, _)| method.value == word),
        "fixed or mser-5",
    )?;
    let list = field.key("series")?;
    let series = list.items()?.map(|item| {
        Ok(SeriesCut {
            strategy: item.key("strategy")?.text()?,
            series: item.key("series")?.text()?,
            cut: cut(&item)?,
            settled: item.key("settled")?.text()? == "yes",
        })
    });
    Ok(Some(WarmUp {
        found: found.1,
        cut: cut(&field)?,
        horizon: horizon(&top.key("horizon_s")?)?,
        pilots: field.key("pilot_replications")?.count()?,
        series: series.collect::<Result<_, String>>()?,
    }))
}

/// Whole milliseconds from a JSON number of seconds: its shortest form has the three decimals.
fn horizon(field: &Field<'_>) -> Result<Time, String> {
    let seconds = field
        .value
        .as_number()
        .and_then(|n| parse_seconds(n.to_string().trim_end_matches(".0")));
    field.wants(seconds.map(Time), "seconds with up to three decimals")
}

fn arm(top: &Field<'_>, columns: &Columns, label: &str, is_baseline: bool) -> Result<Arm, String> {
    let field = top.key("strategies")?.key(label)?;
    let estimates = field.key("metrics")?.by_column(columns, |f| {
        let [mean, lo, hi] = ["mean", "lo", "hi"].map(|key| f.key(key)?.float());
        Ok(Estimate {
            mean: mean?,
            lo: lo?,
            hi: hi?,
            n: f.key("n")?.count()?,
        })
    })?;
    let paired = if is_baseline {
        vec![None; columns.len()]
    } else {
        top.key("paired")?.key(label)?.by_column(columns, difference)?
    };
    Ok(Arm {
        label: label.to_owned(),
        digest: field.key("digest")?.text()?,
        estimates,
        paired,
        pooled: finer::pooled(&field, columns)?,
        happened: finer::happened(&field, columns)?,
        errand_waits: finer::errand_waits(&field)?,
        values: Vec::new(),
        log: Log {
            decisions_left: finer::decisions_left(&field)?,
            ..Log::default()
        },
    })
}

fn difference(f: &Field<'_>) -> Result<Paired, String> {
    let [diff, lo, hi] = ["diff", "lo", "hi"].map(|key| f.key(key)?.float());
    let (lo, hi) = (lo?, hi?);
    // Folders of the time when every interval stood alone have no other.
    let or = |key: &str, other: f64| f.key(key).map_or(Ok(other), |f| f.float());
    Ok(Paired {
        diff: diff?,
        lo,
        hi,
        n: f.key("n")?.count()?,
        verdict: verdict(&f.key("verdict")?)?,
        alone: Interval {
            lo: or("alone_lo", lo)?,
            hi: or("alone_hi", hi)?,
        },
        deviation: or("deviation", 0.0)?,
        matters: or("matters", 0.0)?,
        variance_reduction: f.key("variance_reduction").ok().map(|f| f.float()).transpose()?,
    })
}

fn verdict(field: &Field<'_>) -> Result<Verdict, String> {
    let word = field.text()?;
    // Folders of the time before there was a size that matters.
    let word = if word == "not decided" { "not decided" } else { &word };
    field.wants(
        Verdict::ALL.into_iter().find(|verdict| verdict.word() == word),
        "better, worse, same, not decided or none",
    )
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
