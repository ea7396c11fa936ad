use super::*;
use crate::cells::columns::Metric;
use crate::cells::job::CellJob;
use crate::cells::testing::scenario;
use crate::kernel::Stop;
use crate::stats::compare::Verdict;

/// An outcome in which the acceptance is this and nothing else has a value.
fn outcome(variant: usize, replication: u32, acceptance: f64) -> Outcome {
    let mut values = Columns::of(&scenario(1, 10)).empty_row();
    values[Metric::Acceptance.at()] = Some(acceptance);
    let log = (replication == 0).then(|| Log {
        story: vec![(crate::kernel::Time(variant as u64), String::new())],
        ..Log::default()
    });
    Outcome {
        variant,
        replication,
        digest: format!("{variant}{replication}"),
        tape_digest: String::new(),
        stop: Stop::Horizon,
        events: 1,
        values,
        campaigns: Vec::new(),
        samples: Vec::new(),
        log,
    }
}

/// The results of a scenario without goals.
fn summed(variants: &[usize], outcomes: Vec<Outcome>) -> Results {
    let scenario = scenario(1, 10);
    let stopping = Stopping::new(&scenario, variants).unwrap();
    let mut table = CellTable::default();
    for outcome in outcomes {
        table.enter(CellJob::of_one(outcome.variant, outcome.replication), outcome);
    }
    summarise(&scenario, variants, table, 2, &stopping)
}

fn outcomes() -> Vec<Outcome> {
    vec![
        outcome(0, 0, 0.5),
        outcome(1, 0, 0.7),
        outcome(0, 1, 0.6),
        outcome(1, 1, 0.81),
    ]
}

#[test]
fn arms_hold_estimates_and_differences_against_the_baseline() {
    let results = summed(&[0, 1], outcomes());
    let at = Metric::Acceptance.at();
    let [base, other] = &results.arms[..] else {
        panic!("two arms")
    };
    assert_eq!((results.replications, results.partial, results.baseline), (2, false, 0));
    assert_eq!((base.label.as_str(), other.label.as_str()), ("naive", "withdraw"));
    assert_eq!(base.estimates[at].map(|e| (e.mean, e.n)), Some((0.55, 2)));
    // t(0.975, 1) = 12.7: an interval wider than the shares stays within them.
    assert_eq!(base.estimates[at].map(|e| (e.lo, e.hi)), Some((0.0, 1.0)));
    assert_eq!(base.estimates[Metric::Refused.at()], None);
    assert!(base.paired.iter().all(Option::is_none));
    let difference = other.paired[at].unwrap();
    assert_eq!(
        (difference.diff, difference.n, difference.verdict),
        (0.205, 2, Verdict::Better)
    );
    assert_eq!((base.log.story[0].0.0, other.log.story[0].0.0), (0, 1));
    assert_ne!(base.digest, other.digest);
}

#[test]
fn the_order_in_which_cells_end_changes_nothing() {
    let mut late = outcomes();
    late.reverse();
    let (a, b) = (summed(&[0, 1], outcomes()), summed(&[0, 1], late));
    assert_eq!(format!("{a:?}"), format!("{b:?}"));
}

#[test]
fn what_not_every_strategy_finished_is_left_out_and_said() {
    let mut some = outcomes();
    some.pop();
    let results = summed(&[0, 1], some);
    assert_eq!((results.replications, results.partial), (1, true));
    assert!(results.arms.iter().all(|arm| arm.values.len() == 1));
    let at = Metric::Acceptance.at();
    assert_eq!(
        results.arms[1].paired[at].map(|p| (p.diff, p.verdict)),
        Some((0.2, Verdict::NotDecided))
    );
}

#[test]
fn without_its_baseline_the_first_strategy_stands_in_and_it_is_said() {
    let results = summed(&[1], outcomes().into_iter().filter(|o| o.variant == 1).collect());
    assert_eq!((results.baseline, results.arms.len(), results.replications), (0, 1, 2));
    assert!(
        results
            .assumptions
            .iter()
            .any(|line| line.contains("differences are against withdraw"))
    );
}
