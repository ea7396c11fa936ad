//! Runs a scenario for a golden.

use super::run::{ExperimentError, RunOptions, chosen};
use crate::cells::cell::run_cell_watched;
use crate::cells::engine::{Progress, Scenarios};
use crate::cells::job::CellJob;
use crate::cells::keeper::Keeper;
use crate::cells::warmup::settle;
use crate::cells::watch::Watch;
use crate::judge::golden::{Golden, Record, SeenCell};
use crate::kernel::Stop;
use crate::scenario::Scenario;

/// Runs a scenario and keeps what a golden needs.
///
/// # Errors
/// As `experiment::run`; an interrupted recording is an error.
pub fn record(
    scenario: &Scenario,
    options: &RunOptions,
    progress: &(dyn Fn(Progress) + Sync),
    halt: &(dyn Fn() -> bool + Sync),
) -> Result<Record, ExperimentError> {
    let variants = chosen(scenario, options)?;
    let engine = options.engine(halt);
    let settled = settle(scenario, &variants, engine, progress);
    let settled = settled.map_err(|error| ExperimentError::of(error, scenario))?;
    let scenario = settled.scenario.as_ref();
    let jobs = CellJob::all(&variants, scenario.replications);
    let play = |scenario: &Scenario, job: CellJob| {
        let watchers = (
            Keeper::new(scenario.horizon, job.replication == 0),
            Watch::new(scenario, job.variant),
        );
        let (outcome, (keeper, watch)) = run_cell_watched(scenario, job.variant, job.replication, watchers, halt);
        (outcome.stop != Stop::Halted).then(|| SeenCell {
            outcome,
            kept: keeper.finish(),
            watch,
        })
    };
    let table = engine.collect(&jobs, Scenarios::One(scenario), progress, &play);
    let table = table.map_err(|error| ExperimentError::of(error, scenario))?;
    if table.len() < jobs.len() {
        return Err(ExperimentError::Interrupted);
    }
    Ok(Record {
        golden: Golden::of(scenario, &variants, &table),
        variants,
        table,
        warm_up: settled.warm_up,
    })
}
