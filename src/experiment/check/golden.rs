//! A golden: what is kept of a scenario's runs so that a later run can be held against it.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

pub use super::keeper::Day;
use super::keeper::{Keeper, Kept};
use crate::experiment::cell::run_cell_watched;
use crate::experiment::cells::{Job, Scenarios};
use crate::experiment::columns::COLUMNS;
use crate::experiment::outcome::Outcome;
use crate::experiment::run::{ExperimentError, Options, Progress, chosen};
use crate::experiment::warmup::{WarmUp, settle};
use crate::kernel::{Stop, Time};
use crate::scenario::Scenario;
use crate::scenario::effective::flat;

use super::expect::Watch;

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
    pub courses: Vec<Course>,
}

/// What is kept of one strategy.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Course {
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

/// A fresh golden, and what else was seen while it was recorded.
#[derive(Debug)]
pub struct Record {
    /// The golden, without settings and history.
    pub golden: Golden,
    /// Every metric's values by replication, per strategy: `values[strategy][replication][column]`.
    pub values: Vec<Vec<Vec<Option<f64>>>>,
    /// What was seen of the scenario's expectations, per strategy and replication.
    pub watches: Vec<Vec<Watch>>,
    /// What was cut from the start of each replication.
    pub warm_up: WarmUp,
}

/// Runs a scenario and keeps what a golden needs.
///
/// # Errors
/// As `experiment::run`; an interrupted recording is an error.
pub fn record(
    scenario: &Scenario,
    options: &Options,
    progress: &(dyn Fn(Progress) + Sync),
    halt: &(dyn Fn() -> bool + Sync),
) -> Result<Record, ExperimentError> {
    let variants = chosen(scenario, options)?;
    let engine = options.engine(halt);
    let settled = settle(scenario, &variants, engine, progress)?;
    let scenario = settled.scenario.as_ref();
    let jobs = Job::all(&variants, scenario.replications);
    let play = |scenario: &Scenario, job: Job| {
        let watchers = (
            Keeper::new(scenario.horizon, job.replication == 0),
            Watch::new(scenario, job.variant),
        );
        let (outcome, (keeper, watch)) = run_cell_watched(scenario, job.variant, job.replication, watchers, halt);
        (outcome.stop != Stop::Halted).then(|| (outcome, keeper.finish(), watch))
    };
    let runs = engine.collect(&jobs, Scenarios::One(scenario), progress, &play);
    let runs = runs.map_err(|error| error.of(scenario))?;
    if runs.len() < jobs.len() {
        return Err(ExperimentError::Interrupted);
    }
    let mut runs = runs.into_iter();
    let (mut courses, mut values, mut watches) = (Vec::new(), Vec::new(), Vec::new());
    for &variant in &variants {
        let own: Vec<(Outcome, Kept, Watch)> = runs.by_ref().take(scenario.replications as usize).collect();
        courses.push(course(scenario, variant, &own));
        values.push(own.iter().map(|(outcome, ..)| outcome.values.clone()).collect());
        watches.push(own.into_iter().map(|(_, _, watch)| watch).collect());
    }
    let golden = Golden {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        scenario: scenario.name.clone(),
        digest: scenario.digest.clone(),
        seed: scenario.seed,
        replications: scenario.replications,
        horizon: scenario.horizon,
        settings: Vec::new(),
        says: says(scenario),
        history: Vec::new(),
        courses,
    };
    Ok(Record {
        golden,
        values,
        watches,
        warm_up: settled.warm_up,
    })
}

fn course(scenario: &Scenario, variant: usize, runs: &[(Outcome, Kept, Watch)]) -> Course {
    let mut facts: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for (at, (_, kept, _)) in runs.iter().enumerate() {
        for (kind, count) in &kept.counts {
            facts.entry(kind.clone()).or_insert_with(|| vec![0; runs.len()])[at] = *count;
        }
    }
    let metric = |&at: &usize| {
        let values = runs.iter().map(|(outcome, ..)| outcome.values[at].map(six));
        (COLUMNS[at].name.to_owned(), values.collect())
    };
    Course {
        label: scenario.variants[variant].label.clone(),
        runs: runs
            .iter()
            .map(|(outcome, kept, _)| RunMark {
                trajectory: outcome.digest.clone(),
                facts: kept.facts.clone(),
            })
            .collect(),
        facts,
        metrics: key_columns(scenario).iter().map(metric).collect(),
        days: runs.first().map(|(_, kept, _)| kept.days.clone()).unwrap_or_default(),
    }
}

/// The columns that a golden keeps: those that are printed by default, and those that the scenario
/// asks for.
fn key_columns(scenario: &Scenario) -> Vec<usize> {
    let asked = |name: &str| scenario.reporting.metrics.iter().any(|metric| metric == name);
    let columns = COLUMNS.iter().enumerate();
    columns
        .filter(|(_, column)| column.shown || asked(column.name))
        .map(|(at, _)| at)
        .collect()
}

/// A figure to six decimals, as files hold it.
pub(super) fn six(figure: f64) -> f64 {
    format!("{figure:.6}").parse().unwrap_or(figure)
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
