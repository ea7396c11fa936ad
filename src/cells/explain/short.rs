//! What is said in short of every refusal and misplacement that a log tells of: the cell is run once more, with an observer
//! that explains all of these requests at the same time.

use std::collections::BTreeMap;

use super::{Explainer, Lens, Target};
use crate::cells::cell::{inputs_of, tape_of};
use crate::cells::outcome::Log;
use crate::cells::rows::DecisionKind;
use crate::fleet::RequestId;
use crate::kernel::Time;
use crate::scenario::Scenario;
use crate::world::{self, Fact, Observer, Sight};

/// The observer: an explainer for each request, once it has arrived.
struct Many<'a> {
    lens: &'a Lens<'a>,
    by_request: BTreeMap<RequestId, Option<Explainer<'a>>>,
}

impl Observer for Many<'_> {
    fn told(&mut self, at: Time, fact: &Fact, sight: &Sight<'_>) {
        if matches!(fact, Fact::Stood { .. }) {
            let all = self.by_request.values_mut().flatten();
            all.for_each(|explainer| explainer.told(at, fact, sight));
            return;
        }
        let Some(request) = fact.request() else { return };
        let Some(explainer) = self.by_request.get_mut(&request) else {
            return;
        };
        let explainer = explainer.get_or_insert_with(|| {
            let target = Target {
                request,
                id: sight.request_name(request),
                it: sight.request(request),
            };
            Explainer::new(self.lens, target).in_short()
        });
        explainer.told(at, fact, sight);
    }
}

/// Fills in what is said of each decision of a replication's log; nothing where the run is halted.
///
/// # Panics
/// When the run breaks an invariant of the world.
pub fn fill(scenario: &Scenario, (variant, replication): (usize, u32), log: &mut Log, halt: &dyn Fn() -> bool) {
    for row in log
        .decisions
        .iter_mut()
        .filter(|row| row.what == DecisionKind::Misplaced)
    {
        row.said = format!("{} was sent to {}, which was in maintenance.", row.request, row.node);
    }
    let refused = log.decisions.iter().filter(|row| row.what == DecisionKind::Refused);
    let wanted: Vec<RequestId> = refused.map(|row| RequestId(row.number)).collect();
    if wanted.is_empty() {
        return;
    }
    let said = explained(scenario, (variant, replication), wanted, halt);
    for row in log.decisions.iter_mut().filter(|row| row.what == DecisionKind::Refused) {
        row.said = said.get(&RequestId(row.number)).cloned().unwrap_or_default();
    }
}

fn explained(
    scenario: &Scenario,
    (variant, replication): (usize, u32),
    wanted: Vec<RequestId>,
    halt: &dyn Fn() -> bool,
) -> BTreeMap<RequestId, String> {
    let tape = tape_of(scenario, replication);
    let lens = Lens::of(scenario, variant, &tape);
    let many = Many {
        lens: &lens,
        by_request: wanted.into_iter().map(|request| (request, None)).collect(),
    };
    let many = world::run(inputs_of(scenario, variant, &tape), many, halt).observers;
    let told = many.by_request.into_iter();
    told.filter_map(|(request, explainer)| Some((request, explainer?.finish(replication).answer)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cells::cell::run_cell;
    use crate::cells::explain::explain;
    use crate::cells::testing::busy;

    #[test]
    fn what_is_said_in_short_is_what_explain_says() {
        let scenario = busy();
        let mut seen = 0;
        for variant in 0..scenario.variants.len() {
            let mut log = run_cell(&scenario, variant, 0, &|| false).log.expect("a log");
            fill(&scenario, (variant, 0), &mut log, &|| false);
            assert!(log.decisions.iter().all(|row| !row.said.is_empty()));
            let refused = log.decisions.iter().filter(|row| row.what == DecisionKind::Refused);
            for row in refused.take(4) {
                let alone = explain(&scenario, variant, 0, &row.request).expect("a request");
                assert_eq!(row.said, alone.answer, "{}", row.request);
                seen += 1;
            }
        }
        assert!(seen > 4, "{seen} refusals");
    }
}
