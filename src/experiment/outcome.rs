//! What one cell (a strategy and a replication) gives.

use crate::kernel::{Span, Stop, Time};
use crate::world::{CampaignEnd, Cause};

/// The result of one cell.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The strategy, by its place among the scenario's variants.
    pub variant: usize,
    /// The replication, from 0.
    pub replication: u32,
    /// The trajectory digest, 32 hexadecimal digits.
    pub digest: String,
    /// The tape's digest, 32 hexadecimal digits: the same for every strategy.
    pub tape_digest: String,
    /// Why the run stopped.
    pub stop: Stop,
    /// Events handled.
    pub events: u64,
    /// Values in the order of `columns::COLUMNS`; `None` where a metric has no value (no errand ran).
    pub values: Vec<Option<f64>>,
    /// Further values with names of their own: per class and per tenant.
    pub details: Vec<Detail>,
    /// How far each campaign of the scenario has come.
    pub campaigns: Vec<CampaignEnd>,
    /// The samples behind the quantiles; none of a kind of which there were too many to keep.
    pub samples: Vec<Samples>,
    /// What was written down of replication 0; none for the others.
    pub log: Option<Log>,
}

/// The samples that quantiles are taken of.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Samples {
    /// The metrics that are quantiles of them: their places among the columns, and which quantile.
    pub columns: Vec<(usize, f64)>,
    /// The unit of these metrics.
    pub unit_ms: u64,
    /// The samples, in no particular order.
    pub ms: Vec<u64>,
}

/// More samples of a kind than this are not kept beyond their replication's own quantile.
pub const MOST_SAMPLES: usize = 1_000_000;

/// A metric of one class or tenant, such as `acceptance.class.gpu`.
#[derive(Clone, Debug, PartialEq)]
pub struct Detail {
    /// Its full name.
    pub name: String,
    /// Its value.
    pub value: f64,
    /// Its unit.
    pub unit: &'static str,
}

/// The log of replication 0.
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// Every request that was decided.
    pub requests: Vec<RequestRow>,
    /// Every errand.
    pub errands: Vec<ErrandRow>,
    /// Every window.
    pub windows: Vec<WindowRow>,
    /// Capacity over time, in equal bins: means over each bin.
    pub timeline: Vec<TimelineRow>,
    /// The courses of up to 40 nodes that had windows: (node, from, to, state).
    pub states: Vec<StateRow>,
    /// The story, event by event, where the scenario asks for it.
    pub story: Vec<(Time, String)>,
}

/// A request's course.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestRow {
    /// Its name.
    pub request: String,
    /// When it arrived.
    pub arrival: Time,
    /// Who asked.
    pub tenant: String,
    /// The class.
    pub class: String,
    /// How many machines.
    pub count: u16,
    /// `people`, `monitoring` or `operator`.
    pub kind: &'static str,
    /// `accepted`, `refused` or `waiting`.
    pub outcome: &'static str,
    /// Why it was refused.
    pub cause: Option<Cause>,
    /// From arrival (or its start, if later) to the last instance's becoming active.
    pub wait: Option<Span>,
    /// Attempts that failed.
    pub failed_builds: u16,
    /// The nodes that it got, by name.
    pub nodes: Vec<String>,
}

/// An errand's course.
#[derive(Clone, Debug, PartialEq)]
pub struct ErrandRow {
    /// The window.
    pub window: u32,
    /// Its place in the window, from 0.
    pub errand: u16,
    /// The node that it is for.
    pub node: String,
    /// When it was needed.
    pub needed: Time,
    /// When its image ran on the right node.
    pub running: Option<Time>,
    /// When it ended.
    pub ended: Option<Time>,
    /// Boots that were refused.
    pub refused: u16,
    /// Boots that went to a wrong node.
    pub mistargeted: u16,
    /// `done`, `unserved`, `cut` or `open`.
    pub outcome: &'static str,
}

/// A window's course.
#[derive(Clone, Debug, PartialEq)]
pub struct WindowRow {
    /// The window.
    pub window: u32,
    /// The node.
    pub node: String,
    /// When it opened.
    pub opened: Time,
    /// When no tenant was on the node any more.
    pub in_hand: Option<Time>,
    /// When its hold was released.
    pub closed: Option<Time>,
    /// When the node was offered again.
    pub returned: Option<Time>,
    /// Whether a tenant was on the node when it opened.
    pub occupied: bool,
}

/// Mean counts of nodes over one bin of time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TimelineRow {
    /// The bin's beginning.
    pub at: Time,
    /// Nodes in the fleet.
    pub installed: f64,
    /// Nodes that ordinary requests could use.
    pub schedulable: f64,
    /// Nodes with at least one hold.
    pub in_maintenance: f64,
    /// Nodes with a tenant on them.
    pub occupied: f64,
    /// Nodes broken or in maintenance, and offered.
    pub exposed: f64,
    /// Nodes healthy and forgotten.
    pub stranded: f64,
}

/// A stretch of a node's course.
#[derive(Clone, Debug, PartialEq)]
pub struct StateRow {
    /// The node.
    pub node: String,
    /// From when.
    pub from: Time,
    /// To when.
    pub to: Time,
    /// One of `free`, `tenant`, `errand`, `maintenance`, `exposed`, `stranded`, `broken`, `busy`, `absent`.
    pub state: &'static str,
}
