//! Runs a day again and tells what was decided there: the new side of a difference.

use std::ops::RangeInclusive;

use super::cell::play_until;
use super::explain::explain;
use super::keeper::{Counter, part};
use super::log::story;
use crate::kernel::Time;
use crate::kernel::time::{DAY_MS, HOUR_MS};
use crate::scenario::Scenario;
use crate::world::{Fact, Observer, Sight};

/// Decisions told of a range at most.
const DECISIONS: u32 = 16;

/// Facts told of an hour at most.
const FACTS: usize = 8;

/// A decision, or another fact, in sentences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// When.
    pub at: Time,
    /// What, in order.
    pub lines: Vec<String>,
    /// The request that is decided, by its id.
    pub request: Option<String>,
}

/// A decision's explanation in brief: how many nodes each stage left, and the answer.
///
/// # Panics
/// As `explain`.
#[must_use]
pub fn brief(scenario: &Scenario, variant: usize, replication: u32, id: &str) -> Vec<String> {
    let Ok(told) = explain(scenario, variant, replication, id) else {
        return Vec::new();
    };
    let mut lines = Vec::new();
    if let Some(pass) = told.decisions.first() {
        let stages: Vec<String> = pass
            .stages
            .iter()
            .filter(|stage| stage.fell > 0)
            .map(|stage| {
                let reason = stage.reasons.first().map_or("", |(reason, _)| reason.as_str());
                format!("{} left {} ({} fell: {reason})", stage.stage, stage.left, stage.fell)
            })
            .collect();
        lines.push(format!("of {} nodes, {}", pass.known, stages.join("; ")));
    }
    lines.push(told.answer);
    lines
}

/// The decisions of a range of a day (at most 16, counted from 1) as the new run took them, each with what came of it at
/// once; none where the new run has no decision there. An explanation of the decision, stage by
/// stage, is [`brief`].
///
/// # Panics
/// As `play_until`.
#[must_use]
pub fn tell_decision(
    scenario: &Scenario,
    variant: usize,
    replication: u32,
    day: u64,
    decisions: RangeInclusive<u32>,
) -> Vec<Told> {
    let (first, last) = decisions.into_inner();
    let teller = Teller {
        day,
        wanted: first..=last.min(first + DECISIONS - 1),
        counter: Counter::default(),
        told: Vec::new(),
    };
    let until = Time((day + 1) * DAY_MS);
    play_until(scenario, variant, replication, until, teller).told
}

/// The facts of an hour (at most 8) that matter to somebody; of the others, if there are none such.
///
/// # Panics
/// As `play_until`.
#[must_use]
pub fn tell_hour(scenario: &Scenario, variant: usize, replication: u32, (day, hour): (u64, u64)) -> Vec<Told> {
    let from = Time(day * DAY_MS + hour * HOUR_MS);
    let listener = Listener {
        from,
        told: Vec::new(),
        quiet: Vec::new(),
    };
    let until = Time(from.0 + HOUR_MS);
    let heard = play_until(scenario, variant, replication, until, listener);
    let mut told = if heard.told.is_empty() { heard.quiet } else { heard.told };
    told.truncate(FACTS);
    told
}

/// Tells the decisions of a day that are wanted.
struct Teller {
    day: u64,
    wanted: RangeInclusive<u32>,
    counter: Counter,
    told: Vec<Told>,
}

impl Observer for Teller {
    fn told(&mut self, at: Time, fact: &Fact, sight: &Sight<'_>) {
        if at.0 / DAY_MS != self.day || matches!(fact, Fact::Ended) {
            return;
        }
        let Some(begins) = self.counter.step(at, fact) else {
            return;
        };
        if !self.wanted.contains(&self.counter.begun) {
            return;
        }
        if begins {
            self.told.push(Told {
                at,
                lines: Vec::new(),
                request: None,
            });
        }
        if let Some(told) = self.told.last_mut() {
            told.lines.extend(sentence(fact, sight));
            if told.request.is_none() {
                told.request = fact.request().map(|request| sight.request_name(request));
            }
        }
    }
}

/// A decision's own sentence is what was asked for; the others are the story's.
fn sentence(fact: &Fact, sight: &Sight<'_>) -> Option<String> {
    match *fact {
        Fact::Decided {
            request,
            examined,
            capped,
        } => {
            let asked = story::sentence(&Fact::Arrived { request }, sight)?;
            let cut = if capped { ", cut off by the cap" } else { "" };
            Some(format!("{asked}; {examined} candidates{cut}"))
        }
        _ => story::sentence(fact, sight),
    }
}

/// Tells the facts of an hour.
struct Listener {
    from: Time,
    told: Vec<Told>,
    quiet: Vec<Told>,
}

impl Observer for Listener {
    fn told(&mut self, at: Time, fact: &Fact, sight: &Sight<'_>) {
        if at < self.from || matches!(fact, Fact::Ended) || self.told.len() >= FACTS {
            return;
        }
        match sentence(fact, sight) {
            Some(line) if part(fact).is_none() => self.told.push(heard(at, line)),
            Some(_) => {}
            None if self.quiet.len() < FACTS => {
                let line = format!("{fact:?}");
                self.quiet.push(heard(at, line));
            }
            None => {}
        }
    }
}

fn heard(at: Time, line: String) -> Told {
    Told {
        at,
        lines: vec![line],
        request: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cells::cell::run_cell_watched;
    use crate::cells::keeper::Keeper;
    use crate::cells::testing::busy;

    #[test]
    fn the_decisions_told_are_those_that_the_keeper_counted() {
        let scenario = busy();
        let keeper = Keeper::new(scenario.horizon, true);
        let kept = run_cell_watched(&scenario, 1, 0, keeper, &|| false).1.finish();
        let busiest = kept
            .days
            .iter()
            .enumerate()
            .max_by_key(|(_, day)| day.decisions)
            .unwrap();
        let (day, decisions) = (busiest.0 as u64, busiest.1.decisions);
        let told = |decisions| tell_decision(&scenario, 1, 0, day, decisions);
        assert!(decisions > 3);
        let all = told(1..=decisions);
        assert_eq!(all.len(), decisions.min(DECISIONS) as usize);
        assert_eq!(told(3..=3), all[2..3]);
        assert!(
            all.iter()
                .all(|told| told.at.0 / DAY_MS == day && !told.lines.is_empty())
        );
        assert!(told(decisions + 1..=decisions + 1).is_empty());
    }

    #[test]
    fn an_hour_is_told_from_its_begin_to_its_end() {
        let scenario = busy();
        let told = tell_hour(&scenario, 1, 0, (3, 7));
        let hour = Time(3 * DAY_MS + 7 * HOUR_MS);
        assert!(told.len() <= FACTS && told.iter().all(|told| told.at >= hour && told.at.0 < hour.0 + HOUR_MS));
    }
}
