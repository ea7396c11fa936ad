//! Claims whose truth is known: the metric is a formula of the settings and of the replication.

use super::*;
use crate::cells::columns::{COLUMNS, column};
use crate::kernel::streams::{Seed, unit};
use crate::scenario::Plausible;
use crate::scenario::{PlausibleRange, Problem};
use crate::stats::compare::Verdict;

fn range(key: &str, text: &str, own: &str) -> Plausible {
    Plausible {
        key: key.to_owned(),
        own: own.to_owned(),
        range: PlausibleRange::parse(text).expect("a range"),
        source: String::new(),
        place: Problem::default(),
    }
}

fn quest(ranges: Vec<Plausible>) -> RobustQuest {
    let columns = vec![column("errand_wait_p50").expect("a metric")];
    let sizes = RobustSizes {
        replications: 40,
        samples: 60,
        box_replications: 10,
    };
    let strategies = ["withdraw", "hidden"].map(str::to_owned).to_vec();
    RobustQuest::new(ranges, columns, (strategies, 0), sizes, (0.95, 7))
}

/// Fills the table as the search asks, where `truth` gives the baseline's and the other's wait from the parts of the ranges,
/// and both get a noise of their replication; gives what was found and how many cells it took.
fn tried(quest: &RobustQuest, truth: &dyn Fn(&[f64]) -> (f64, f64)) -> (Vec<ClaimTried>, usize) {
    let mut search = RobustSearch::new(quest);
    let mut table: CellTable<CellRow> = CellTable::default();
    loop {
        let wanted = search.next(&table);
        if wanted.is_empty() {
            return (search.found(&table), table.len());
        }
        for job in wanted {
            let set = quest.settings(job.point);
            let parts: Vec<f64> = quest
                .ranges
                .iter()
                .map(|range| {
                    let own = set
                        .iter()
                        .find(|(key, _)| *key == range.key)
                        .map_or(&range.own, |(_, value)| value);
                    range.range.part(own).expect("a value")
                })
                .collect();
            let noise = |variant: u64| {
                let seed = Seed {
                    master: 3,
                    replication: u64::from(job.replication),
                };
                unit(seed.stream(1, variant).word()) - 0.5
            };
            let (base, other) = truth(&parts);
            let value = [base, other][job.variant] + noise(9) + 0.2 * noise(job.variant as u64);
            let mut row = vec![None; COLUMNS.len()];
            row[quest.columns[0]] = Some(value);
            table.enter(job, row);
        }
    }
}

#[test]
fn a_break_even_is_found_with_its_interval_and_the_key_that_decides() {
    let quest = quest(vec![
        range("operators.slip", "0..1", "0.5"),
        range("a.wait", "10m..8h", "\"2h\""),
    ]);
    // The other is better while the second part is above 0.3; the first does nothing.
    let (found, cells) = tried(&quest, &|parts| (2.0 + 2.0 * parts[1], 2.6));
    let [claim] = &found[..] else { panic!("{found:?}") };
    assert_eq!(claim.own.verdict, Verdict::Better);
    let [idle, wait] = &claim.keys[..] else {
        panic!("two ranges")
    };
    assert_eq!((idle.crosses, idle.break_even), (false, None));
    assert_eq!(idle.ends(Verdict::Better), (ClaimState::Held, ClaimState::Held));
    assert_eq!(wait.ends(Verdict::Better), (ClaimState::Reversed, ClaimState::Held));
    let even = wait.break_even.expect("a break-even");
    assert!(even.lo <= 0.3 && 0.3 <= even.hi && even.hi - even.lo < 0.05, "{even:?}");
    assert!(wait.above && wait.looks.len() > 3 && wait.looks.len() <= MOST_PLACES + 2);
    let (held, open) = (
        claim.in_box.share(ClaimState::Held),
        claim.in_box.share(ClaimState::Open),
    );
    assert!((held - 0.7).abs() < 0.06 && open < 0.12, "{held} {open}");
    let decides = claim.in_box.decides().expect("it is told");
    assert!(decides[1] > 0.98, "{decides:?}");
    assert!(cells < 2_500, "{cells}");
}

#[test]
fn what_never_turns_has_no_break_even_and_what_is_not_decided_is_no_claim() {
    let quest = quest(vec![range("operators.slip", "0..1", "0.5")]);
    let (found, _) = tried(&quest, &|parts| (3.0 + parts[0], 2.0));
    assert!(!found[0].keys[0].crosses && found[0].in_box.share(ClaimState::Held) == 1.0);
    let (none, _) = tried(&quest, &|_| (2.0, 2.0));
    assert!(none.is_empty(), "{none:?}");
}

#[test]
fn points_set_what_they_say() {
    let quest = quest(vec![
        range("operators.slip", "0..1", "0.5"),
        range("a.wait", "1..3", "2"),
    ]);
    assert!(quest.settings(0).is_empty());
    let ends: Vec<_> = quest.ends().into_iter().map(|point| quest.words(point)).collect();
    assert_eq!(
        ends,
        ["operators.slip = 0", "operators.slip = 1", "a.wait = 1", "a.wait = 3"]
    );
    let points: Vec<_> = quest.box_points().map(|point| quest.settings(point)).collect();
    assert_eq!(points.len(), 60);
    assert!(points.iter().all(|set| set.len() == 2 && set[1].0 == "a.wait"));
    let twos = points.iter().filter(|set| set[1].1 == "2").count();
    assert_eq!(twos, 30, "a whole number has its share of the strata");
}
