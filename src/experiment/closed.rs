//! Runs a trace and its profile side by side.

use super::run::ExperimentError;
use crate::cells::cell::values_of;
use crate::cells::engine::{Engine, Progress, Scenarios};
use crate::cells::job::CellJob;
use crate::cells::table::{CellRow, CellTable};
use crate::judge::closed::{ClosedRow, closed};
use crate::scenario::Scenario;

/// Runs both over so many replications and compares them. Both have a fixed warm-up.
///
/// # Errors
/// When a cell breaks an invariant, threads cannot be started, or it was interrupted.
pub fn close(
    (trace, profile): (&Scenario, &Scenario),
    replications: u32,
    engine: Engine<'_>,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Vec<ClosedRow>, ExperimentError> {
    let ran = |scenario: &Scenario, before: usize| -> Result<CellTable<CellRow>, ExperimentError> {
        let variants: Vec<usize> = (0..scenario.variants.len()).collect();
        let jobs = CellJob::all(&variants, replications);
        let play = |scenario: &Scenario, job: CellJob| values_of(scenario, job, engine.halt);
        let shown = |now: Progress| progress(now.after(before));
        let table = engine.collect(&jobs, Scenarios::One(scenario), &shown, &play);
        let table = table.map_err(|error| ExperimentError::of(error, scenario))?;
        if table.len() < jobs.len() {
            return Err(ExperimentError::Interrupted);
        }
        Ok(table)
    };
    let of_trace = ran(trace, 0)?;
    let of_profile = ran(profile, of_trace.len())?;
    Ok(closed((trace, &of_trace), (profile, &of_profile)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cells::testing::busy;

    #[test]
    fn a_scenario_beside_itself_differs_in_nothing() {
        let scenario = busy();
        let rows = close((&scenario, &scenario), 3, Engine::on(Some(2), &|| false), &|_| ()).expect("rows");
        assert!(rows.iter().any(|row| row.column.name == "acceptance"));
        assert!(rows.iter().all(|row| row.difference.mean == 0.0 && !row.differs()));
        let halted = close((&scenario, &scenario), 3, Engine::on(Some(1), &|| true), &|_| ());
        assert_eq!(halted.err(), Some(ExperimentError::Interrupted));
    }
}
