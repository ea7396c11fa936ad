//! The rows of a run's tables: what a CSV file of a results folder has in a line. Times are whole milliseconds, in files
//! seconds with up to three decimals.

use serde::{Deserialize, Serialize};

use crate::fleet::WindowId;
use crate::kernel::{Span, Time};
use crate::workload::{ErrandId, Kind};
use crate::world::Cause;

/// A metric's value in one replication: a line of metrics.csv, the long form.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MetricRow {
    /// The strategy's label.
    #[serde(with = "cell")]
    pub strategy: String,
    /// The replication, from 0.
    pub replication: u32,
    /// The metric's name.
    #[serde(with = "cell")]
    pub metric: String,
    /// Its value.
    #[serde(with = "figure")]
    pub value: f64,
    /// Its unit.
    #[serde(with = "cell")]
    pub unit: String,
}

/// A step of the distribution function of errands' waits over all replications: a line of waits.csv.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WaitRow {
    /// The strategy's label.
    #[serde(with = "cell")]
    pub strategy: String,
    /// How long an errand waited until its image ran on the right node.
    #[serde(rename = "wait_s", with = "seconds")]
    pub wait: Span,
    /// The share of all errands that were served within it.
    #[serde(with = "figure")]
    pub share: f64,
}

/// What became of a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RequestOutcome {
    /// It got machines.
    Accepted,
    /// It got none, for good.
    Refused,
    /// It had no answer at the horizon.
    #[default]
    Waiting,
}

impl RequestOutcome {
    /// Its word, in files too.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            RequestOutcome::Accepted => "accepted",
            RequestOutcome::Refused => "refused",
            RequestOutcome::Waiting => "waiting",
        }
    }
}

/// A request's course.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RequestRow {
    /// Its name.
    #[serde(with = "cell")]
    pub request: String,
    /// When it arrived.
    #[serde(rename = "arrival_s", with = "seconds")]
    pub arrival: Time,
    /// Who asked.
    #[serde(with = "cell")]
    pub tenant: String,
    /// The class.
    #[serde(with = "cell")]
    pub class: String,
    /// How many machines.
    pub count: u16,
    /// Who asked, in kind.
    pub kind: Kind,
    /// What became of it.
    pub outcome: RequestOutcome,
    /// Why it was refused.
    #[serde(with = "cause")]
    pub cause: Option<Cause>,
    /// From arrival (or its start, if later) to the last instance's becoming active.
    #[serde(rename = "wait_s", with = "seconds")]
    pub wait: Option<Span>,
    /// Attempts that failed.
    pub failed_builds: u16,
    /// The nodes that it got, by name.
    #[serde(with = "nodes")]
    pub nodes: Vec<String>,
}

/// What became of an errand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ErrandOutcome {
    /// It ran to its end.
    Done,
    /// It never got its node.
    Unserved,
    /// Its window ended under it.
    Cut,
    /// It had not ended at the horizon.
    #[default]
    Open,
}

/// An errand's course.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ErrandRow {
    /// The window.
    pub window: WindowId,
    /// Its place in the window, from 0.
    pub errand: ErrandId,
    /// The node that it is for.
    #[serde(with = "cell")]
    pub node: String,
    /// When it was needed.
    #[serde(rename = "needed_s", with = "seconds")]
    pub needed: Time,
    /// When its image ran on the right node.
    #[serde(rename = "running_s", with = "seconds")]
    pub running: Option<Time>,
    /// When it ended.
    #[serde(rename = "ended_s", with = "seconds")]
    pub ended: Option<Time>,
    /// Boots that were refused.
    pub refused: u16,
    /// Boots that went to a wrong node.
    pub mistargeted: u16,
    /// What became of it.
    pub outcome: ErrandOutcome,
}

/// A window's course.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WindowRow {
    /// The window.
    pub window: WindowId,
    /// The node.
    #[serde(with = "cell")]
    pub node: String,
    /// When it opened.
    #[serde(rename = "opened_s", with = "seconds")]
    pub opened: Time,
    /// When no tenant was on the node any more.
    #[serde(rename = "in_hand_s", with = "seconds")]
    pub in_hand: Option<Time>,
    /// When its hold was released.
    #[serde(rename = "closed_s", with = "seconds")]
    pub closed: Option<Time>,
    /// When the node was offered again.
    #[serde(rename = "returned_s", with = "seconds")]
    pub returned: Option<Time>,
    /// Whether a tenant was on the node when it opened.
    pub occupied: bool,
    /// What it is for: `campaign`, `spell`, `failed-clean`, or the kind of a fault as `fault:KIND`.
    #[serde(with = "cell")]
    pub cause: String,
    /// The campaign, where it is one's.
    #[serde(with = "cell")]
    pub campaign: String,
}

/// Mean counts of nodes over one bin of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TimelineRow {
    /// The bin's beginning.
    #[serde(rename = "at_s", with = "seconds")]
    pub at: Time,
    /// Nodes in the fleet.
    #[serde(with = "figure")]
    pub installed: f64,
    /// Nodes that ordinary requests could use.
    #[serde(with = "figure")]
    pub schedulable: f64,
    /// Nodes with at least one hold.
    #[serde(with = "figure")]
    pub in_maintenance: f64,
    /// Nodes with a tenant on them.
    #[serde(with = "figure")]
    pub occupied: f64,
    /// Nodes broken or in maintenance, and offered.
    #[serde(with = "figure")]
    pub exposed: f64,
    /// Nodes healthy and forgotten.
    #[serde(with = "figure")]
    pub stranded: f64,
}

/// What tells most about a node at a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NodeState {
    /// In maintenance or broken, and offered.
    Exposed,
    /// The operators' image runs on it.
    Errand,
    /// Healthy and not offered.
    Stranded,
    /// In maintenance.
    Maintenance,
    /// Broken.
    Broken,
    /// A tenant has it.
    Tenant,
    /// It is deployed or cleaned.
    Busy,
    /// It is free.
    Free,
    /// It is retired, and nobody is on it any more.
    Retired,
    /// It is not in the fleet.
    #[default]
    Absent,
}

/// A stretch of a node's course.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StateRow {
    /// The node.
    #[serde(with = "cell")]
    pub node: String,
    /// Its class.
    #[serde(with = "cell")]
    pub class: String,
    /// Its begin.
    #[serde(rename = "from_s", with = "seconds")]
    pub from: Time,
    /// Its end.
    #[serde(rename = "to_s", with = "seconds")]
    pub to: Time,
    /// What it was.
    pub state: NodeState,
    /// Whose it was, or why: the tenant, or what the node was taken out of service for; empty where it was nobody's.
    #[serde(with = "cell")]
    pub whose: String,
}

/// Which way a decision went wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DecisionKind {
    /// A request was refused for good.
    #[default]
    Refused,
    /// A request was sent to a node in maintenance.
    Misplaced,
}

impl DecisionKind {
    /// Its word, in files too.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            DecisionKind::Refused => "refused",
            DecisionKind::Misplaced => "misplaced",
        }
    }
}

/// A refusal or a misplacement with what `sickbay explain` says of it: a line of decisions.csv.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DecisionRow {
    /// When.
    #[serde(rename = "at_s", with = "seconds")]
    pub at: Time,
    /// Which of the two.
    pub what: DecisionKind,
    /// The request's name.
    #[serde(with = "cell")]
    pub request: String,
    /// Who asked.
    #[serde(with = "cell")]
    pub tenant: String,
    /// The class.
    #[serde(with = "cell")]
    pub class: String,
    /// How many machines.
    pub count: u16,
    /// Why it was refused.
    #[serde(with = "cause")]
    pub cause: Option<Cause>,
    /// The node in maintenance that it was sent to; empty for a refusal.
    #[serde(with = "cell")]
    pub node: String,
    /// The explanation; empty where there is none.
    #[serde(with = "cell")]
    pub said: String,
    /// The request's number in the run; in no file.
    #[serde(skip)]
    pub number: u32,
}

/// Text, written so that no spreadsheet computes it.
mod cell {
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::kernel::text::{from_cell, to_cell};

    pub fn serialize<S: Serializer>(text: &str, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&to_cell(text))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
        Ok(from_cell(&String::deserialize(from)?).to_owned())
    }
}

/// Names with spaces between them, as text.
mod nodes {
    use serde::{Deserializer, Serializer};

    use crate::cells::rows::cell;

    pub fn serialize<S: Serializer>(names: &[String], to: S) -> Result<S::Ok, S::Error> {
        cell::serialize(&names.join(" "), to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
        let names = cell::deserialize(from)?;
        Ok(names.split_whitespace().map(str::to_owned).collect())
    }
}

/// A cause of refusal by its name, or nothing.
mod cause {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::world::{CAUSES, Cause};

    pub fn serialize<S: Serializer>(cause: &Option<Cause>, to: S) -> Result<S::Ok, S::Error> {
        let known = CAUSES.iter().find(|(known, _)| Some(*known) == *cause);
        to.serialize_str(known.map_or("", |(_, name)| name))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Cause>, D::Error> {
        let name = String::deserialize(from)?;
        if name.is_empty() {
            return Ok(None);
        }
        let known = CAUSES.iter().find(|(_, known)| *known == name);
        let wrong = || D::Error::custom(format_args!("`{name}` is no cause of refusal"));
        known.map(|(cause, _)| Some(*cause)).ok_or_else(wrong)
    }
}

/// A float in the one form of files.
mod figure {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::kernel::number::fixed;

    pub fn serialize<S: Serializer>(value: &f64, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&fixed(*value))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
        let text = String::deserialize(from)?;
        let value = text.parse::<f64>().ok().filter(|value| value.is_finite());
        value.ok_or_else(|| D::Error::custom(format_args!("`{text}` is no number")))
    }
}

/// A time in seconds with up to three decimals; one that is not, as nothing.
mod seconds {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::kernel::number::{parse_seconds, seconds};
    use crate::kernel::{Span, Time};

    pub trait Ms: Sized {
        fn ms(&self) -> Option<u64>;
        fn of(ms: Option<u64>) -> Option<Self>;
    }

    impl Ms for Time {
        fn ms(&self) -> Option<u64> {
            Some(self.0)
        }
        fn of(ms: Option<u64>) -> Option<Time> {
            ms.map(Time)
        }
    }

    impl Ms for Span {
        fn ms(&self) -> Option<u64> {
            Some(self.0)
        }
        fn of(ms: Option<u64>) -> Option<Span> {
            ms.map(Span)
        }
    }

    impl<T: Ms> Ms for Option<T> {
        fn ms(&self) -> Option<u64> {
            self.as_ref()?.ms()
        }
        fn of(ms: Option<u64>) -> Option<Option<T>> {
            Some(ms.and_then(|ms| T::of(Some(ms))))
        }
    }

    pub fn serialize<T: Ms, S: Serializer>(time: &T, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&time.ms().map_or_else(String::new, seconds))
    }

    pub fn deserialize<'de, T: Ms, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
        let text = String::deserialize(from)?;
        let ms = parse_seconds(&text);
        let read = if ms.is_none() && !text.is_empty() {
            None
        } else {
            T::of(ms)
        };
        read.ok_or_else(|| {
            D::Error::custom(format_args!(
                "`{text}` is no number of seconds with up to three decimals"
            ))
        })
    }
}
