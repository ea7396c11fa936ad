use super::*;
use crate::cells::columns::COLUMNS;
use crate::kernel::streams::Seed;
use crate::stats::compare::{Verdict, letters};
use crate::stats::testing::normal;

fn row(metric: Metric, value: f64) -> CellRow {
    let mut row = vec![None; COLUMNS.len()];
    row[metric.at()] = Some(value);
    row
}

#[test]
fn intervals_stay_within_what_a_metric_can_be() {
    let rows: Vec<CellRow> = [0.0, 1.0, 9.0].iter().map(|v| row(Metric::Refused, *v)).collect();
    let e = estimate_of(&rows, &Columns::default(), Metric::Refused.at(), 0.95).unwrap();
    assert!(e.lo == 0.0 && e.hi > 9.0, "{e:?}");
    let mut full: Vec<CellRow> = vec![row(Metric::Acceptance, 1.0); 4];
    let at = Metric::Acceptance.at();
    // Nothing is known of the requests behind it: no interval wider than the point.
    assert_eq!(
        estimate_of(&full, &Columns::default(), at, 0.95).map(|e| (e.lo, e.hi)),
        Some((1.0, 1.0))
    );
    for row in &mut full {
        row[Metric::Accepted.at()] = Some(50.0);
        row[Metric::Refused.at()] = Some(0.0);
    }
    // Wilson's lower end of 200 among 200: 1 / (1 + z² / 200).
    let e = estimate_of(&full, &Columns::default(), at, 0.95).unwrap();
    assert!(
        (e.lo - 1.0 / (1.0 + 1.959_963_985 * 1.959_963_985 / 200.0)).abs() < 1e-6 && e.hi == 1.0,
        "{e:?}"
    );
}

fn strategies(means: &[f64]) -> Vec<Vec<CellRow>> {
    let of = |mean: &f64| {
        (0..8)
            .map(|i| row(Metric::Refused, mean + 0.1 * f64::from(i * 3 % 4)))
            .collect()
    };
    means.iter().map(of).collect()
}

/// A yardstick by which every difference matters and these metrics are told.
fn yardstick(told: &[Metric]) -> Yardstick {
    Yardstick {
        columns: Columns::default(),
        confidence: 0.95,
        matters: vec![0.0; COLUMNS.len()],
        told: told.iter().map(|metric| metric.at()).collect(),
    }
}

fn letters_of(rows: &[Vec<CellRow>]) -> Vec<String> {
    let at = Metric::Refused.at();
    let estimates: Vec<_> = rows
        .iter()
        .map(|rows| estimate_of(rows, &Columns::default(), at, 0.95))
        .collect();
    letters(
        &estimates,
        &all_pairs(rows, &yardstick(&[Metric::Refused])),
        at,
        COLUMNS[at].good,
    )
}

#[test]
fn letters_are_shared_by_those_that_cannot_be_told_apart() {
    assert_eq!(letters_of(&strategies(&[5.0, 9.0, 5.0, 7.0])), ["a", "c", "a", "b"]);
    // One in the middle that is near to both sides, which are apart from each other.
    let mut rows = strategies(&[1.0, 3.0]);
    let wide = [1.0, 3.2, 0.9, 3.1, 1.1, 3.0, 0.8, 3.3]
        .iter()
        .map(|v| row(Metric::Refused, *v))
        .collect();
    rows.insert(1, wide);
    assert_eq!(letters_of(&rows), ["a", "ab", "b"]);
    assert!(letters_of(&strategies(&[5.0])[..1]).is_empty());
}

#[test]
fn all_pairs_are_all_of_them_in_order() {
    let pairs = all_pairs(&strategies(&[1.0, 2.0, 3.0]), &yardstick(&[Metric::Refused]));
    let indexes: Vec<_> = pairs.iter().map(|pair| (pair.one, pair.other)).collect();
    assert_eq!(indexes, [(0, 1), (0, 2), (1, 2)]);
    assert!(
        against(&strategies(&[1.0, 2.0]), None, &yardstick(&[Metric::Refused]))
            .iter()
            .flatten()
            .all(Option::is_none)
    );
}

/// Among four equal strategies that share most of their noise, any false verdict against the baseline has to appear in
/// at most 5 % of the experiments; with each interval at 95 % by itself it appears in about twice as many.
#[test]
fn equal_strategies_are_seldom_told_apart() {
    let mut stream = Seed {
        master: 4,
        replication: 0,
    }
    .stream(9, 3);
    let (tries, mut joint, mut alone) = (400, 0, 0);
    for _ in 0..tries {
        let shared: Vec<f64> = (0..10).map(|_| 50.0 + 5.0 * normal(&mut stream)).collect();
        let mut own = || -> Vec<CellRow> {
            shared
                .iter()
                .map(|s| row(Metric::Refused, s + normal(&mut stream)))
                .collect()
        };
        let rows: Vec<Vec<CellRow>> = (0..4).map(|_| own()).collect();
        let at = Metric::Refused.at();
        let differences = against(&rows, Some(0), &yardstick(&[Metric::Refused]));
        let found = |false_one: fn(&Paired) -> bool| differences.iter().filter_map(|d| d[at]).any(|p| false_one(&p));
        joint += u32::from(found(|p| p.verdict.differs()));
        alone += u32::from(found(|p| p.alone.lo > 0.0 || p.alone.hi < 0.0));
    }
    // 5 % of 400 is 20; more than 38 has a probability below 1e-4 at a rate of 5 %.
    assert!(joint <= 38, "{joint} of {tries}");
    assert!(alone > joint && alone >= 24, "{alone} and {joint} of {tries}");
}

#[test]
fn what_is_not_told_has_no_word_and_takes_nothing_from_what_is() {
    let rows = strategies(&[5.0, 5.1]);
    let at = Metric::Refused.at();
    let told = |names: &[Metric]| against(&rows, Some(0), &yardstick(names))[1][at].unwrap();
    let (with, without) = (told(&[Metric::Refused]), told(&[Metric::Acceptance]));
    assert_eq!((with.diff, with.verdict), (0.1, Verdict::Worse));
    assert_eq!((without.diff, without.verdict), (0.1, Verdict::None));
    assert_eq!((without.lo, without.hi), (without.alone.lo, without.alone.hi));
}

#[test]
fn what_matters_follows_the_unit() {
    let said = Matters::bare();
    let mut full = row(Metric::Requests, 2_000.0);
    full[Metric::InstalledNodeHours.at()] = Some(50_000.0);
    full[Metric::Installed.at()] = Some(40.0);
    full[Metric::Errands.at()] = Some(200.0);
    let all = matters(&said, &Columns::default(), &[full]);
    let of = |metric: Metric| all[metric.at()];
    assert_eq!(
        (of(Metric::Acceptance), of(Metric::Refused), of(Metric::Breaches)),
        (0.002, 4.0, 2.0)
    );
    // A refusal is a request that is not accepted, whatever its cause; errands are counted among errands.
    for refusal in [Metric::Refused, Metric::RefusedOnlyHidden, Metric::RefusedNoMatch] {
        assert_eq!(of(refusal), of(Metric::Acceptance) * 2_000.0);
    }
    assert_eq!((of(Metric::ErrandsFailed), of(Metric::Mistargeted)), (1.0, 1.0));
    assert_eq!((of(Metric::Evictions), of(Metric::Actions)), (10.0, 10.0));
    assert_eq!((of(Metric::WaitP50), of(Metric::ErrandWaitP50)), (1_800.0, 0.5));
    assert_eq!((of(Metric::StrandedNodeHours), of(Metric::Schedulable)), (50.0, 0.04));
    assert!(
        matters(&said, &Columns::default(), &[] as &[CellRow])
            .iter()
            .all(|width| width.is_finite())
    );
}
