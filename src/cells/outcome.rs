//! What one cell (a strategy and a replication) gives.

use super::rows::{DecisionRow, ErrandRow, RequestRow, StateRow, TimelineRow, WindowRow};
use super::table::{CellRow, Valued};
use crate::kernel::{Stop, Time};
use crate::stats::pooled::Samples;
use crate::world::CampaignEnd;

/// The result of one cell.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The strategy, by its index among the scenario's variants.
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
    /// Values in the order of `selector::Columns::of` the scenario; `None` where a metric has no value (no errand ran).
    pub values: CellRow,
    /// How far each campaign of the scenario has come.
    pub campaigns: Vec<CampaignEnd>,
    /// The samples behind the quantiles; none of a kind of which there were too many to keep.
    pub samples: Vec<Samples>,
    /// What was written down, of replication 0 and those that are asked for; none for the others.
    pub log: Option<Log>,
}

impl Valued for Outcome {
    fn values(&self) -> &[Option<f64>] {
        &self.values
    }

    fn events(&self) -> u64 {
        self.events
    }
}

/// More samples of a kind than this are not kept beyond their replication's own quantile.
pub const MOST_SAMPLES: usize = 1_000_000;

/// Refusals and misplacements that are counted and not told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DecisionsLeft {
    /// Refusals.
    pub refused: u64,
    /// Misplacements.
    pub misplaced: u64,
}

/// The log of a replication.
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
    /// The courses of the nodes that are watched.
    pub states: Vec<StateRow>,
    /// Of how many nodes there is no course.
    pub nodes_left_out: usize,
    /// Refusals and misplacements with their explanations, the first ones by time.
    pub decisions: Vec<DecisionRow>,
    /// How many more there were.
    pub decisions_left: DecisionsLeft,
    /// The story, event by event, where the scenario asks for it.
    pub story: Vec<(Time, String)>,
}
