//! What the scheduler answers: a choice, or the stage that refused.

use crate::fleet::NodeId;
use crate::kernel::Few;

/// The name of a node: what a hint or a forced boot calls it.
pub type Name<'a> = &'a dyn Fn(NodeId) -> String;

/// The stage that left too few candidates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// A request filter: Placement was not even asked.
    RequestFilters,
    /// Nova knows no such compute node: Placement was not asked.
    Lookup,
    /// Placement's query.
    Placement,
    /// The candidate cap and the filters after it.
    Filters,
}

/// The machines of one decision: one and its two alternates, nearly always.
pub type Nodes = Few<NodeId, 4>;

/// What the scheduler answers to an ask that can be met.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// The machines and then the alternates, each best first.
    nodes: Nodes,
    /// How many of them are the machines.
    count: usize,
    /// Candidates that Placement returned.
    pub examined: u32,
    /// Whether the cap cut some off.
    pub capped: bool,
}

impl Choice {
    /// A choice from the sorted list: machines and then alternates.
    #[must_use]
    #[inline]
    pub fn new(nodes: Nodes, count: usize, examined: u32, capped: bool) -> Choice {
        Choice {
            count: count.min(nodes.len()),
            nodes,
            examined,
            capped,
        }
    }

    /// The machines, best first.
    #[must_use]
    #[inline]
    pub fn picks(&self) -> &[NodeId] {
        &self.nodes[..self.count]
    }

    /// Where a build that fails may go next, best first; fixed now, never asked for again.
    #[must_use]
    #[inline]
    pub fn alternates(&self) -> &[NodeId] {
        &self.nodes[self.count..]
    }
}

/// What it answers to one that cannot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Denial {
    /// The stage that left too few.
    pub stage: Stage,
    /// Candidates that Placement returned.
    pub examined: u32,
    /// Whether the cap cut some off.
    pub capped: bool,
}

/// Which nodes Blazar would pick: those that nobody has leased for the time that is asked for.
pub type Keep<'a> = &'a dyn Fn(NodeId) -> bool;
