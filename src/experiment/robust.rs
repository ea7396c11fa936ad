//! Runs the cells that show how claims stand over what is plausible.

use super::find::{SearchError, grown};
use crate::cells::engine::{Engine, Loader, Progress};
use crate::judge::carries::{Carried, CarryQuest};
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
) -> Result<Vec<ClaimTried>, SearchError> {
    let mut search = RobustSearch::new(quest);
    let table = grown(load, engine, progress, |table| search.next(table))?;
    Ok(search.found(&table))
}

/// Finds the assumption that most carries a claim. `load` makes the scenario of a point that [`CarryQuest::settings`] explains.
///
/// # Errors
/// As [`robust`].
pub fn carries(
    quest: &CarryQuest<'_>,
    load: Loader<'_>,
    engine: Engine<'_>,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Option<Carried>, SearchError> {
    let table = grown(load, engine, progress, |table| quest.next(table))?;
    Ok(quest.found(&table))
}
