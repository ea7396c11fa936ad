//! Reads of a results folder of any version what a comparison needs: who made it, and every
//! metric's values. Metrics that this version does not have are counted.

use std::collections::BTreeMap;
use std::path::Path;

use indexmap::IndexMap;
use serde::Deserialize;

use super::read::{summary, table, whole};
use super::{METRICS, SCENARIO, SUMMARY};
use crate::cells::rows::MetricRow;
use crate::cells::selector::Columns;
use crate::cells::table::column_of;
use crate::judge::finding::Side;
use crate::judge::versus::{Finished, StrategyMark};
use crate::store::error::FolderError;
use crate::store::tables;

/// Reads a results folder for a comparison.
///
/// # Errors
/// When its summary or its metrics are missing or cannot be read; the error names the file and
/// the key or line.
pub fn finished(folder: &Path) -> Result<Finished, FolderError> {
    whole(folder)?;
    let promised: Promised = summary(folder)?;
    let mut finished = promised.finished(folder);
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
    for (variant, (label, strategy)) in promised.strategies.iter().enumerate() {
        for (name, &PromisedFigure { n }) in &strategy.metrics {
            let found = match finished.columns.placed(name) {
                Some((at, _)) => column_of(&finished.table.rows(0, variant), at).iter().flatten().count(),
                None => others.get(&(variant, name.clone())).copied().unwrap_or(0),
            };
            if found != n {
                return Err(FolderError::File {
                    file: folder.join(METRICS).display().to_string(),
                    what: format!("it holds {found} values of `{name}` under `{label}`, and {SUMMARY} says {n}"),
                });
            }
        }
    }
    Ok(finished)
}

/// What a comparison needs of a summary, of whatever version.
#[derive(Deserialize)]
struct Promised {
    sickbay: String,
    scenario: String,
    scenario_digest: String,
    seed: u64,
    replications: u32,
    partial: bool,
    #[serde(default)]
    shown: Vec<String>,
    strategies: IndexMap<String, PromisedStrategy>,
    /// Differences by strategy and metric, beside the baseline's name; what matters is said there by some versions.
    #[serde(default)]
    paired: serde_json::Value,
}

#[derive(Deserialize)]
struct PromisedStrategy {
    digest: String,
    metrics: IndexMap<String, PromisedFigure>,
}

#[derive(Deserialize)]
struct PromisedFigure {
    n: usize,
}

impl Promised {
    fn finished(&self, folder: &Path) -> Finished {
        let named = self.strategies.values().flat_map(|it| it.metrics.keys());
        let strategies = self.paired.as_object().into_iter().flat_map(|all| all.values());
        let pairs = strategies.filter_map(serde_json::Value::as_object).flatten();
        let matters = pairs.filter_map(|(name, pair)| Some((name.clone(), pair.get("matters")?.as_f64()?)));
        let matters = matters.collect();
        let strategies = self.strategies.iter().map(|(label, it)| StrategyMark {
            label: label.clone(),
            digest: it.digest.clone(),
        });
        Finished {
            side: Side {
                name: folder.display().to_string(),
                version: self.sickbay.clone(),
                digest: self.scenario_digest.clone(),
                seed: self.seed,
                replications: self.replications,
            },
            scenario: self.scenario.clone(),
            columns: Columns::naming(named),
            partial: self.partial,
            shown: self.shown.clone(),
            matters,
            strategies: strategies.collect(),
            ..Finished::default()
        }
    }
}
