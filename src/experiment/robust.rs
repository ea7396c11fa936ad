//! Runs the cells that show how claims stand over what is plausible.

use super::find::PlanError;
use crate::cells::cell::values_of;
use crate::cells::engine::{Engine, Loader, Progress, Scenarios};
use crate::judge::robust::{ClaimTried, RobustQuest, RobustSearch};

/// Tries every claim. `load` makes the scenario of a point that [`RobustQuest::settings`] explains.
///
/// # Errors
/// When a scenario cannot be loaded, a cell breaks an invariant, or it was interrupted.
pub fn robust(
    quest: &RobustQuest,
    load: Loader<'_>,
    engine: Engine<'_>,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Vec<ClaimTried>, PlanError> {
    let mut search = RobustSearch::new(quest);
    let (table, whole) = engine.grow(
        Scenarios::Each(load),
        progress,
        &|scenario, job| values_of(scenario, job, engine.halt),
        |table| search.next(table),
    )?;
    if whole {
        Ok(search.found(&table))
    } else {
        Err(PlanError::Interrupted)
    }
}
