//! A golden: what is kept of a scenario's runs so that a later run can be held against it.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use crate::cells::keeper::{Day, Kept};
use crate::cells::outcome::Outcome;
use crate::cells::selector::Columns;
use crate::cells::table::{CellTable, Valued};
use crate::cells::warmup::WarmUp;
use crate::cells::watch::Watch;
use crate::kernel::Time;
use crate::scenario::Scenario;
use crate::scenario::effective::flat;
use crate::stats::estimate::six;

/// What is kept of a scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Golden {
    /// The version of sickbay that recorded it.
    pub version: String,
    /// The scenario's name.
    pub scenario: String,
    /// The scenario's digest.
    pub digest: String,
    /// The master seed.
    pub seed: u64,
    /// Replications.
    pub replications: u32,
    /// The horizon.
    pub horizon: Time,
    /// In what it differs from the scenario's file: (key, value), as of `--set`.
    pub settings: Vec<(String, String)>,
    /// A short digest of what each table of the effective scenario says.
    pub says: BTreeMap<String, String>,
    /// Why it was recorded, each time: the first line is the oldest.
    pub history: Vec<String>,
    /// The strategies, in the scenario's order.
    pub courses: Vec<StrategyRuns>,
}

/// What is kept of one strategy.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StrategyRuns {
    /// Its label.
    pub label: String,
    /// Its runs, by replication.
    pub runs: Vec<RunMark>,
    /// Facts of each kind, by replication.
    pub facts: BTreeMap<String, Vec<u64>>,
    /// Key metrics, by replication, to six decimals.
    pub metrics: Vec<(String, Vec<Option<f64>>)>,
    /// The days of replication 0.
    pub days: Vec<Day>,
}

/// The digests of one run, 32 hexadecimal digits each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunMark {
    /// Of its trajectory: events and facts.
    pub trajectory: String,
    /// Of its facts alone.
    pub facts: String,
}

/// What is seen of a cell while a golden is recorded.
#[derive(Debug)]
pub struct SeenCell {
    /// What it gave.
    pub outcome: Outcome,
    /// What a golden keeps of it.
    pub kept: Kept,
    /// What was seen of the scenario's expectations.
    pub watch: Watch,
}

impl Valued for SeenCell {
    fn values(&self) -> &[Option<f64>] {
        &self.outcome.values
    }
}

/// A fresh golden, and what it was made of.
#[derive(Debug)]
pub struct Record {
    /// The golden, without settings and history.
    pub golden: Golden,
    /// The strategies that were run, by their places in the scenario.
    pub variants: Vec<usize>,
    /// The table of their cells.
    pub table: CellTable<SeenCell>,
    /// What was cut from the start of each replication.
    pub warm_up: WarmUp,
}

impl Golden {
    /// The golden of a table of one point, without settings and history.
    #[must_use]
    pub fn of(scenario: &Scenario, variants: &[usize], table: &CellTable<SeenCell>) -> Golden {
        let course = |&variant: &usize| course(scenario, variant, &table.of(0, variant).collect::<Vec<_>>());
        Golden {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            scenario: scenario.name.clone(),
            digest: scenario.digest.clone(),
            seed: scenario.seed,
            replications: scenario.replications,
            horizon: scenario.horizon,
            settings: Vec::new(),
            says: says(scenario),
            history: Vec::new(),
            courses: variants.iter().map(course).collect(),
        }
    }
}

fn course(scenario: &Scenario, variant: usize, runs: &[&SeenCell]) -> StrategyRuns {
    let mut facts: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for (at, SeenCell { kept, .. }) in runs.iter().enumerate() {
        for (kind, count) in &kept.counts {
            facts.entry(kind.clone()).or_insert_with(|| vec![0; runs.len()])[at] = *count;
        }
    }
    let columns = Columns::of(scenario);
    let metric = |&at: &usize| {
        let values = runs.iter().map(|seen| seen.outcome.values[at].map(six));
        (columns[at].name.to_owned(), values.collect())
    };
    StrategyRuns {
        label: scenario.variants[variant].label.clone(),
        runs: runs
            .iter()
            .map(|seen| RunMark {
                trajectory: seen.outcome.digest.clone(),
                facts: seen.kept.facts.clone(),
            })
            .collect(),
        facts,
        metrics: key_columns(scenario, &columns).iter().map(metric).collect(),
        days: runs.first().map(|seen| seen.kept.days.clone()).unwrap_or_default(),
    }
}

/// The columns that a golden keeps: those that are printed by default, and those that the scenario
/// asks for.
fn key_columns(scenario: &Scenario, columns: &Columns) -> Vec<usize> {
    let asked = |name: &str| scenario.reporting.metrics.iter().any(|metric| metric == name);
    let columns = columns.iter().enumerate();
    columns
        .filter(|(_, column)| column.shown || asked(column.name))
        .map(|(at, _)| at)
        .collect()
}

/// What each table of a scenario says, as eight hexadecimal digits; what it expects is left out.
fn says(scenario: &Scenario) -> BTreeMap<String, String> {
    let mut tables: BTreeMap<String, Sha256> = BTreeMap::new();
    for (key, value) in flat(&scenario.effective) {
        let table = key.split('.').next().unwrap_or_default();
        if table != "expect" {
            let hash = tables.entry(table.to_owned()).or_default();
            hash.update(format!("{key} = {value}\n").as_bytes());
        }
    }
    let short = |hash: Sha256| {
        hash.finalize()
            .iter()
            .take(4)
            .map(|byte| format!("{byte:02x}"))
            .collect()
    };
    tables.into_iter().map(|(table, hash)| (table, short(hash))).collect()
}
