//! Runs a cloud's draws with the nodes taken out and without.

use super::find::{SearchError, grown};
use crate::cells::engine::{Engine, Loader, Progress};
use crate::judge::whatif::{TakenOut, jobs, told};
use crate::scenario::Scenario;

/// Every strategy at both points. `load` makes the scenario of a point: `judge::whatif` says which is which.
///
/// # Errors
/// When a scenario cannot be loaded, a cell breaks an invariant, or it was interrupted.
pub fn whatif(
    scenario: &Scenario,
    load: Loader<'_>,
    engine: Engine<'_>,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<TakenOut, SearchError> {
    let mut wanted = jobs(scenario);
    let table = grown(load, engine, progress, |_| std::mem::take(&mut wanted))?;
    Ok(told(scenario, &table))
}
