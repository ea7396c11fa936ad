//! Reads of a results folder of any version what a comparison needs: who made it, and every
//! metric's values. Metrics that this version does not have are counted.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::read::{columns, summary, table, whole};
use super::{METRICS, SCENARIO, SUMMARY};
use crate::cells::rows::MetricRow;
use crate::cells::table::column_of;
use crate::judge::finding::Side;
use crate::judge::versus::{Finished, StrategyMark};
use crate::store::error::FolderError;
use crate::store::field::Field;
use crate::store::tables;

/// Reads a results folder for a comparison.
///
/// # Errors
/// When its summary or its metrics are missing or cannot be read; the error names the file and
/// the key or line.
pub fn finished(folder: &Path) -> Result<Finished, FolderError> {
    whole(folder)?;
    let (mut finished, said) = summary(folder, |top| Ok((of(top, folder)?, promised(top)?)))?;
    finished.effective = tables::effective(&folder.join(SCENARIO));
    let labels: Vec<&str> = finished.strategies.iter().map(|it| it.label.as_str()).collect();
    let mut others: BTreeMap<(usize, String), usize> = BTreeMap::new();
    let mut strange = |variant, row: MetricRow| {
        *others.entry((variant, row.metric)).or_default() += 1;
        Ok(())
    };
    finished.table = table(
        folder,
        &labels,
        (finished.side.replications, &finished.columns),
        &mut strange,
    )?;
    for (variant, name, n) in said {
        let found = match finished.columns.placed(&name) {
            Some((at, _)) => column_of(&finished.table.rows(0, variant), at).iter().flatten().count(),
            None => others.get(&(variant, name.clone())).copied().unwrap_or(0),
        };
        if found != n {
            let label = &finished.strategies[variant].label;
            return Err(FolderError::File {
                file: folder.join(METRICS).display().to_string(),
                what: format!("it holds {found} values of `{name}` under `{label}`, and {SUMMARY} says {n}"),
            });
        }
    }
    Ok(finished)
}

fn of(top: &Field<'_>, folder: &Path) -> Result<Finished, String> {
    let strategies = top.key("strategies")?;
    let strategy = |label: &String| {
        Ok(StrategyMark {
            label: label.clone(),
            digest: strategies.key(label)?.key("digest")?.text()?,
        })
    };
    Ok(Finished {
        side: Side {
            name: folder.display().to_string(),
            version: top.key("sickbay")?.text()?,
            digest: top.key("scenario_digest")?.text()?,
            seed: top.key("seed")?.whole()?,
            replications: top.key("replications")?.count()?,
        },
        scenario: top.key("scenario")?.text()?,
        columns: columns(top)?,
        partial: top.key("partial")?.value == &Value::Bool(true),
        shown: top.key("shown").and_then(|shown| shown.texts()).unwrap_or_default(),
        strategies: strategies
            .object()?
            .keys()
            .map(strategy)
            .collect::<Result<_, String>>()?,
        ..Finished::default()
    })
}

/// How many values of each metric the summary promises, by strategy.
fn promised(top: &Field<'_>) -> Result<Vec<(usize, String, usize)>, String> {
    let strategies = top.key("strategies")?;
    let mut promised = Vec::new();
    for (variant, label) in strategies.object()?.keys().enumerate() {
        let metrics = strategies.key(label)?.key("metrics")?;
        for name in metrics.object()?.keys() {
            let field = metrics.key(name)?;
            field.key("mean")?.float()?;
            promised.push((variant, name.clone(), field.key("n")?.count()? as usize));
        }
    }
    Ok(promised)
}
