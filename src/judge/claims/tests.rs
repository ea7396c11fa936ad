use super::*;
use crate::cells::columns::Metric;
use crate::cells::job::CellJob;
use crate::cells::table::CellRow;
use crate::cells::testing::scenario;
use crate::stats::compare::Verdict;

/// A cell with its cost.
#[derive(Clone, Debug)]
struct Costly(CellRow, u64);

impl Valued for Costly {
    fn values(&self) -> &[Option<f64>] {
        &self.0
    }

    fn events(&self) -> u64 {
        self.1
    }
}

/// Replications of two strategies whose refusals differ by `apart` on average with a spread of 1.4, at so many events
/// a cell.
fn table(n: u32, apart: f64, events: u64) -> CellTable<Costly> {
    let mut table = CellTable::default();
    for replication in 0..n {
        for variant in 0..2 {
            let mut row = Columns::default().empty_row();
            let own = if variant == 1 {
                apart + f64::from(replication * 7 % 5) - 2.0
            } else {
                0.0
            };
            row[Metric::Refused.at()] = Some(100.0 + own);
            row[Metric::Requests.at()] = Some(1_000.0);
            table.enter(CellJob::of_one(variant, replication), Costly(row, events));
        }
    }
    table
}

fn plan(until_decided: bool, max_events: u64) -> ClaimPlan {
    let mut scenario = scenario(1, 10);
    scenario.reporting.headline = vec!["refused".to_owned()];
    scenario.reporting.max_events = max_events;
    (scenario.until_decided, scenario.replications) = (until_decided, 10);
    // The half of a request in a thousand.
    scenario.reporting.matters.shares = 0.000_5;
    ClaimPlan::new(&scenario, &[0, 1]).expect("a metric")
}

#[test]
fn a_run_goes_on_from_look_to_look_until_all_is_decided() {
    let plan = plan(true, 1_000_000_000);
    let at = |apart: f64, have: u32| {
        plan.standing(&table(have, apart, 100), have)
            .map(|(standing, _)| standing)
    };
    assert_eq!(at(5.0, 0), Some(PrecisionState::Wants(10)));
    assert_eq!(at(5.0, 10), Some(PrecisionState::Wants(40)));
    assert_eq!(at(5.0, 40), Some(PrecisionState::Reached(40, 40)));
    // What is decided at 40 ends there, however many there are.
    assert_eq!(at(5.0, 160), Some(PrecisionState::Reached(40, 40)));
    assert_eq!(at(0.5, 40), Some(PrecisionState::Wants(80)));
    assert_eq!(
        plan.standing(&table(640, 0.0, 100), 640),
        Some((PrecisionState::Reached(80, 80), 640))
    );
    let word = |apart: f64, have: u32| plan.rule(&table(have, apart, 100), have).all[0].ruled.paired.verdict;
    assert_eq!(
        (word(5.0, 40), word(0.0, 640), word(0.25, 40)),
        (Verdict::Worse, Verdict::Same, Verdict::NotDecided)
    );
}

#[test]
fn a_budget_of_events_leaves_fewer_looks_and_at_least_one() {
    assert_eq!(looks_within(1_000_000, 1), LOOKS);
    assert_eq!(looks_within(100_000, 1_000), [40, 80]);
    assert_eq!(looks_within(25_000, 1_000), [25]);
    assert_eq!(looks_within(1, 1_000), [10]);
    assert_eq!(looks_within(1_000, 0), LOOKS);
    let plan = plan(true, 200_000);
    let table = table(80, 0.3, 1_000);
    // Two strategies of 1,000 events: 100 replications fit.
    let claims = plan.rule(&table, 80);
    assert_eq!(
        (claims.looks.at.as_slice(), claims.short, claims.open()),
        (&[40, 80][..], true, 1)
    );
    assert_eq!(plan.standing(&table, 80), Some((PrecisionState::Wants(80), 80)));
}

#[test]
fn a_number_of_ones_own_is_one_look() {
    let plan = plan(false, 1);
    let table = table(25, 5.0, 1_000);
    let claims = plan.rule(&table, 25);
    assert_eq!(
        (claims.looks.at.as_slice(), claims.short, claims.open()),
        (&[25][..], false, 0)
    );
    assert_eq!(plan.standing(&table, 25), None);
}

#[test]
fn what_is_told_besides_is_what_the_scenario_shows_and_does_not_claim() {
    let plan = plan(false, 1);
    let told = plan.yardstick(&table(2, 0.0, 1)).told;
    assert!(!told.contains(&Metric::Refused.at()) && told.contains(&Metric::Acceptance.at()));
    assert!(!told.contains(&Metric::Requests.at()));
    assert!(
        plan.of_pairs(plan.yardstick(&table(2, 0.0, 1)))
            .told
            .contains(&Metric::Refused.at())
    );
}
