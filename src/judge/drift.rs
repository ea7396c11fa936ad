//! In what runs differ from a golden: the first day, hour and decision, and the counts that moved.

use std::collections::BTreeMap;

use super::golden::{Golden, StrategyRuns};
use crate::cells::keeper::{Day, MARK_CHARS, stride};

/// How one strategy's runs differ from its golden.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drift {
    /// The strategy's label.
    pub strategy: String,
    /// The replications whose facts differ.
    pub facts: Vec<u32>,
    /// The replications whose trajectories differ, events included.
    pub trajectories: Vec<u32>,
    /// How many days of replication 0 differ.
    pub days: usize,
    /// The first day and hour of replication 0 that differ, both counted from 0.
    pub hour: Option<(u64, u64)>,
    /// The first decision of replication 0 that differs.
    pub spot: Option<Spot>,
    /// The kinds of facts whose number differs: kind, before, now, over all replications.
    pub counts: Vec<(String, u64, u64)>,
}

/// Where the first differing decision is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spot {
    /// The day, from 0.
    pub day: u64,
    /// It is among these decisions of the day, counted from 1: exactly one unless the day has more
    /// decisions than checkpoints.
    pub first: u32,
    /// The last of them.
    pub last: u32,
    /// How many decisions the golden has of that day.
    pub old: u32,
    /// How many the new run has.
    pub new: u32,
}

impl Drift {
    /// Whether placements and all other facts are the golden's.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.facts.is_empty()
    }
}

/// The differences of every strategy that both have, in the new one's order.
#[must_use]
pub fn drifts(old: &Golden, new: &Golden) -> Vec<Drift> {
    let of = |label: &str| old.courses.iter().find(|course| course.label == label);
    let pairs = new
        .courses
        .iter()
        .filter_map(|course| Some((of(&course.label)?, course)));
    pairs.map(|(old, new)| drift(old, new)).collect()
}

fn drift(old: &StrategyRuns, new: &StrategyRuns) -> Drift {
    // Where one side has more replications, those that both have are compared.
    let runs = old.runs.len().min(new.runs.len());
    let differ = |same: &dyn Fn(usize) -> bool| (0..runs).filter(|&at| !same(at)).map(|at| at as u32).collect();
    let both = |at: usize| Some((old.runs.get(at)?, new.runs.get(at)?));
    let days: Vec<(usize, &Day, &Day)> = pairs(&old.days, &new.days).collect();
    Drift {
        strategy: new.label.clone(),
        facts: differ(&|at| both(at).is_some_and(|(old, new)| old.facts == new.facts)),
        trajectories: differ(&|at| both(at).is_some_and(|(old, new)| old.trajectory == new.trajectory)),
        days: days.len() + old.days.len().abs_diff(new.days.len()),
        hour: days.first().map(|&(day, old, new)| (day as u64, hour(old, new))),
        spot: days.iter().find_map(|&(day, old, new)| spot(day as u64, old, new)),
        counts: counts(&old.facts, &new.facts),
    }
}

/// The days that differ, of those that both have.
fn pairs<'a>(old: &'a [Day], new: &'a [Day]) -> impl Iterator<Item = (usize, &'a Day, &'a Day)> {
    let days = old.iter().zip(new).enumerate();
    days.filter(|(_, (old, new))| old != new)
        .map(|(at, (old, new))| (at, old, new))
}

/// The first hour after which the days' checkpoints differ; the last one if none does.
fn hour(old: &Day, new: &Day) -> u64 {
    let marks = |day: &Day| {
        day.hours
            .as_bytes()
            .chunks(MARK_CHARS)
            .map(<[u8]>::to_vec)
            .collect::<Vec<_>>()
    };
    let (old, new) = (marks(old), marks(new));
    let differs = old.iter().zip(&new).position(|(old, new)| old != new);
    differs.unwrap_or(old.len().saturating_sub(1)) as u64
}

/// Where the days' decisions begin to differ, if they do.
fn spot(day: u64, old: &Day, new: &Day) -> Option<Spot> {
    if old.decisions == new.decisions && old.marks == new.marks {
        return None;
    }
    let (before, now) = (by_place(old), by_place(new));
    let mut same = 0;
    let mut last = old.decisions.max(new.decisions);
    for (&place, mark) in &now {
        match before.get(&place) {
            Some(other) if other == mark => same = place,
            Some(_) => {
                last = place;
                break;
            }
            None => {}
        }
    }
    Some(Spot {
        day,
        first: same + 1,
        last: last.max(same + 1),
        old: old.decisions,
        new: new.decisions,
    })
}

/// The checkpoints by the number of decisions that they cover.
fn by_place(day: &Day) -> BTreeMap<u32, &[u8]> {
    let marks = day.marks.as_bytes().chunks(MARK_CHARS);
    (1..)
        .map(|nth| (nth * stride(day.decisions)).min(day.decisions))
        .zip(marks)
        .collect()
}

fn counts(old: &BTreeMap<String, Vec<u64>>, new: &BTreeMap<String, Vec<u64>>) -> Vec<(String, u64, u64)> {
    let sum = |side: &BTreeMap<String, Vec<u64>>, kind: &String| side.get(kind).map_or(0, |counts| counts.iter().sum());
    let mut kinds: Vec<&String> = old.keys().chain(new.keys()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
        .into_iter()
        .map(|kind| (kind.clone(), sum(old, kind), sum(new, kind)))
        .filter(|(_, old, new)| old != new)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(decisions: u32, marks: &str) -> Day {
        Day {
            facts: format!("{marks:0>16}"),
            hours: "00".repeat(24),
            decisions,
            claims: decisions,
            refused: 0,
            marks: marks.to_owned(),
        }
    }

    fn range(old: &Day, new: &Day) -> Option<(u32, u32)> {
        spot(0, old, new).map(|spot| (spot.first, spot.last))
    }

    #[test]
    fn a_decision_is_found_exactly_where_each_has_a_checkpoint() {
        assert_eq!(range(&day(3, "aabbcc"), &day(3, "aabbcc")), None);
        assert_eq!(range(&day(3, "aabbcc"), &day(3, "aabbcd")), Some((3, 3)));
        assert_eq!(range(&day(3, "aabbcc"), &day(3, "axbxcx")), Some((1, 1)));
        // One more, one fewer, none before.
        assert_eq!(range(&day(2, "aabb"), &day(3, "aabbcc")), Some((3, 3)));
        assert_eq!(range(&day(3, "aabbcc"), &day(2, "aabb")), Some((3, 3)));
        assert_eq!(range(&day(0, ""), &day(1, "aa")), Some((1, 1)));
    }

    #[test]
    fn and_between_two_where_one_stands_for_several() {
        let marks = |changed: usize| {
            let mark = |nth: usize| if nth < changed { "aa" } else { "bb" };
            (0..192).map(mark).collect::<String>()
        };
        // 384 decisions: a checkpoint after every second.
        assert_eq!(range(&day(384, &marks(192)), &day(384, &marks(10))), Some((21, 22)));
        // 384 against 192: those after an even number are on both sides.
        let (sparse, dense) = (day(384, &marks(192)), day(192, &marks(20)));
        assert_eq!(range(&sparse, &dense), Some((21, 22)));
    }

    #[test]
    fn the_first_hour_is_the_first_whose_checkpoint_differs() {
        let mut new = day(0, "");
        new.hours.replace_range(14..16, "zz");
        assert_eq!(hour(&day(0, ""), &new), 7);
    }
}
