//! Runs the cells of a plan, as its search asks for them.

use crate::cells::cell::values_of;
use crate::cells::engine::{CellsError, Engine, Loader, Progress, Scenarios};
use crate::cells::job::CellJob;
use crate::cells::table::{CellRow, CellTable};
use crate::judge::minimise::{MinimiseAnswer, MinimiseQuest};
use crate::judge::quest::{Answer, Quest, Search};
use crate::scenario::Scenario;

/// Why there are no answers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SearchError {
    /// Cells could not be run.
    #[error(transparent)]
    Cells(#[from] CellsError),
    /// It was interrupted.
    #[error("interrupted before there was an answer")]
    Interrupted,
}

/// Searches for every strategy at once, so that all threads have work. `load` makes the scenario of a number that
/// [`Quest::scenario_of`] explains.
///
/// # Errors
/// When a scenario cannot be loaded, a cell breaks an invariant, or it was interrupted.
pub fn find(
    quest: &Quest,
    load: Loader<'_>,
    engine: Engine<'_>,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Vec<Answer>, SearchError> {
    let mut search = Search::new(quest);
    let table = grown(load, engine, progress, |table| search.next(table))?;
    Ok(search.answers(&table))
}

/// Searches for the cheapest value under every strategy. `load` makes the scenario of a value.
///
/// # Errors
/// When a scenario cannot be loaded, a cell breaks an invariant, or it was interrupted.
pub fn cheapest(
    quest: &MinimiseQuest,
    load: Loader<'_>,
    engine: Engine<'_>,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Vec<Option<MinimiseAnswer>>, SearchError> {
    let table = grown(load, engine, progress, |table| quest.next(table))?;
    Ok(quest.answers(&table))
}

/// Runs the cells that a search asks for until it asks for none; gives their table.
pub(super) fn grown(
    load: Loader<'_>,
    engine: Engine<'_>,
    progress: &(dyn Fn(Progress) + Sync),
    next: impl FnMut(&CellTable<CellRow>) -> Vec<CellJob>,
) -> Result<CellTable<CellRow>, SearchError> {
    let play = |scenario: &Scenario, job: CellJob| values_of(scenario, job, engine.halt);
    match engine.grow(Scenarios::Each(load), progress, &play, next)? {
        (table, true) => Ok(table),
        (_, false) => Err(SearchError::Interrupted),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cells::testing::busy;
    use crate::judge::quest::tests::quest;
    use crate::judge::search::SearchEnd;
    use crate::judge::slo::Slo;

    #[test]
    fn largest_values_are_searched_backwards_and_told_forwards() {
        let mut quest = quest("refused <= 10000");
        quest.largest = true;
        quest.first = 5;
        quest.most = 5;
        let load = |_: usize| Ok(busy());
        let found = find(&quest, &load, Engine::on(Some(1), &|| false), &|_| ()).expect("an answer");
        assert_eq!(found[0].finding, SearchEnd::Everywhere);
        assert_eq!(
            found[0].probes.iter().map(|probe| probe.value).collect::<Vec<_>>(),
            [0, 7, 8]
        );
        quest.slo = Slo::parse("refused <= -1").expect("an objective");
        let found = find(&quest, &load, Engine::on(Some(2), &|| false), &|_| ()).expect("an answer");
        assert_eq!(found[0].finding, SearchEnd::Nowhere);
        assert_eq!(
            find(&quest, &load, Engine::on(Some(1), &|| true), &|_| ()).err(),
            Some(SearchError::Interrupted)
        );
    }
}
