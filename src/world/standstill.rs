//! The law that time moves on: a chain of events that all lie at one instant ends by itself.
//!
//! What follows at one instant is bounded by what was asked for at that instant, by who waits, and by the number of nodes.
//! A chain that is far longer goes round in a circle, because some of the scenario's times are zero.

use super::event::Event;
use crate::kernel::{Packed, Ranked, Span, Time};

/// How the message of a chain without an end begins.
pub const LAW: &str = "broken law `time moves on`";

/// Any chain may be so long.
const ANY: u64 = 100_000;

/// Events that may follow at one instant from a node, from a request that waits, and from a machine that is asked for,
/// for each attempt at its build.
const EACH: u64 = 64;

/// What has been asked for at the instant that it is.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Asked {
    at: Time,
    events: u64,
}

impl Asked {
    /// Notes that something was asked for from which so many events may follow.
    #[inline]
    pub fn note(&mut self, at: Time, events: u64) {
        if self.at != at {
            *self = Asked { at, events: 0 };
        }
        self.events = self.events.saturating_add(events);
    }

    /// How many events may follow each other at this instant, with so many nodes and requests that wait.
    pub fn patience(&self, now: Time, things: usize, attempts: u8) -> u64 {
        let asked = if self.at == now { self.events } else { 0 };
        let each = EACH.saturating_mul(u64::from(attempts).max(1));
        ANY + each.saturating_mul((things as u64).saturating_add(asked))
    }
}

/// Names of events, and the keys whose times and odds decide when they come.
const KEYS: [(&str, &[&str]); 16] = [
    ("BuildFails", &["ironic.build_failure", "ironic.build_failure_time"]),
    ("Built", &["ironic.deploy"]),
    ("HoldEnds", &["workload.flavor.hold", "workload.request.hold"]),
    ("Cleaned", &["ironic.cleaning", "ironic.clean_failure"]),
    ("Rescue", &["ironic.rescue", "workload.rescue.length"]),
    ("Wake", &["workload.on_refusal"]),
    ("Retry", &["workload.on_refusal"]),
    ("FaultStrikes", &["maintenance.faults.between"]),
    ("FaultNoticed", &["maintenance.faults.kind.detection"]),
    ("PowerSync", &["ironic.power_detection"]),
    ("PowerRecovery", &["ironic.power_recovery"]),
    (
        "WorkDone",
        &[
            "maintenance.faults.kind.work",
            "maintenance.campaign.work",
            "maintenance.clean_work",
        ],
    ),
    ("Step", &["operators.action"]),
    (
        "Errand",
        &["maintenance.errands", "operators.action", "operators.retry"],
    ),
    ("Publish", &["control_plane.loop"]),
    ("Snapshot", &["control_plane.loop"]),
];

/// What is told of a chain without an end: when, which kinds of events, and the keys to change.
pub(super) fn told(at: Time, kinds: u64) -> String {
    let event = |kind: u8| format!("{:?}", Event::unpack(Packed { kind, word: 0 }));
    let names: Vec<String> = (0..Event::KINDS)
        .filter(|kind| kinds >> kind & 1 == 1)
        .map(|kind| event(kind).split([' ', '(']).next().unwrap_or_default().to_owned())
        .collect();
    let mut keys: Vec<&str> = Vec::new();
    for (_, of) in KEYS.iter().filter(|(name, _)| names.iter().any(|other| other == name)) {
        keys.extend(of.iter().filter(|key| !keys.contains(key)).copied().collect::<Vec<_>>());
    }
    let keys: Vec<String> = keys.into_iter().map(|key| format!("`{key}`")).collect();
    let fix = match &keys[..] {
        [] => String::new(),
        keys => format!(
            "; change {}, so that some time passes or the odds are below 1",
            keys.join(", ")
        ),
    };
    format!(
        "{LAW}: {} after the epoch these events follow each other without end: {}{fix}",
        Span(at.0),
        names.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_in_the_table_is_an_events() {
        let names: Vec<String> = (0..Event::KINDS)
            .map(|kind| format!("{:?}", Event::unpack(Packed { kind, word: 0 })))
            .collect();
        for (name, keys) in KEYS {
            assert!(
                names.iter().any(|event| event.split([' ', '(']).next() == Some(name)),
                "{name}"
            );
            assert!(!keys.is_empty());
        }
    }

    #[test]
    fn a_chain_is_told_with_its_time_kinds_and_keys() {
        let told = told(Time(90_000), 1 << 3 | 1 << 20);
        assert_eq!(
            told,
            "broken law `time moves on`: 1m 30s after the epoch these events follow each other without end: BuildFails, \
             Wake; change `ironic.build_failure`, `ironic.build_failure_time`, `workload.on_refusal`, so that some time \
             passes or the odds are below 1"
        );
    }
}
