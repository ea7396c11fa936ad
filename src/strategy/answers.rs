//! What a strategy is asked about a node, and what it answers.

use super::params::Param;
use crate::fleet::{Mark, Marks, Node};
use crate::kernel::{Law, Span};
use crate::scheduler::Needs;

/// A strategy's line in the roster.
#[derive(Debug)]
pub struct RosterEntry {
    /// Its name in scenario files.
    pub name: &'static str,
    /// What it does, in one sentence.
    pub summary: &'static str,
    /// Makes it with the defaults of its parameters.
    pub plain: fn() -> Box<dyn Strategy>,
}

/// A way of dealing with nodes in maintenance.
pub trait Strategy: Send + Sync + std::fmt::Debug {
    /// Its parameters, in the order of the manual.
    fn params(&mut self) -> Vec<Param<'_>> {
        Vec::new()
    }

    /// What is done when the node goes into maintenance, in order.
    fn entry(&self, node: &Node) -> Vec<Step>;

    /// What is done when its last hold is gone, in order.
    fn back(&self, node: &Node) -> Vec<Step>;

    /// How an errand's boot reaches the node.
    fn route(&self, node: &Node) -> Route;

    /// What it changes for all requests, whether or not a node is in maintenance.
    fn terms(&self) -> Terms {
        Terms::default()
    }
}

/// What a strategy changes for all requests.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Terms {
    /// The share of ordinary flavors that carry the inverse requirement.
    pub coverage: f64,
    /// What those flavors refuse.
    pub refuses: Marks,
    /// What it needs of the control plane.
    pub needs: Needs,
    /// Whether the operators hold the node by a lease that begins only when the occupant's planned
    /// time is over, and for how long they lease it; none: no lease.
    pub lease: Option<Lease>,
}

/// The operators' lease on a node (Blazar).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    /// How long it lasts; none: until it is given back.
    pub length: Option<Span>,
    /// Leases to come that fall into it are moved when they are so near; 0: at once.
    pub healing: Span,
}

impl Default for Terms {
    fn default() -> Self {
        Terms {
            coverage: 1.0,
            refuses: Marks::default(),
            needs: Needs::default(),
            lease: None,
        }
    }
}

/// Who does a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Automation: at once, and never slips.
    Automation,
    /// A human: after a latency, and with a probability to forget it on the way back.
    Human,
}

/// One step of an entry or a return.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Who does it.
    pub by: Actor,
    /// What is done, all at once.
    pub acts: Vec<Act>,
}

/// A single act on a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Set Ironic's maintenance flag.
    SetFlag,
    /// Clear it.
    ClearFlag,
    /// Put a mark on the node.
    Put(Mark),
    /// Take it off.
    Drop(Mark),
    /// Make the operators the node's owner; the world remembers whose it was.
    TakeOver,
    /// Give it back to its owner.
    GiveBack,
}

/// How an errand's boot names its machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// Not at all: the scheduler picks.
    Unnamed,
    /// `--hypervisor-hostname`: filters run.
    Destination,
    /// JsonFilter's `query` hint: it narrows what the candidate cap has left, and where the filter
    /// is not enabled it is silently ignored and the boot lands anywhere.
    Hint,
    /// `--availability-zone az:host:node`: filters are skipped, Placement is not; no retry.
    Forced,
}

/// What an operator does who finds a tenant on the machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Taken {
    /// Waits until the tenant leaves.
    #[default]
    Wait,
    /// Evicts the tenant.
    Evict,
}

/// How an errand reaches its node.
#[derive(Clone, Debug, PartialEq)]
pub enum Route {
    /// A boot through the regular machinery.
    Boot {
        /// How it names the machine.
        naming: Naming,
        /// The marks that its flavor, tenant or hint speaks to.
        asks: Marks,
        /// Whether Ironic's flag must be cleared first and set again afterwards.
        lift_flag: bool,
        /// What is done about a tenant on the machine.
        taken: Taken,
    },
    /// A deploy by hand, outside Nova, that takes its own time.
    OutOfBand {
        /// How long until the image runs.
        time: Law,
        /// What is done about a tenant on the machine.
        taken: Taken,
    },
}

impl Step {
    /// A human's step.
    #[must_use]
    pub fn human(acts: &[Act]) -> Step {
        Step {
            by: Actor::Human,
            acts: acts.to_vec(),
        }
    }

    /// A step of automation.
    #[must_use]
    pub fn automatic(acts: &[Act]) -> Step {
        Step {
            by: Actor::Automation,
            acts: acts.to_vec(),
        }
    }
}

impl Taken {
    /// The parameter of every strategy whose errands race tenants for the node.
    pub fn param(&mut self) -> Param<'_> {
        Param::choice(
            "taken",
            self,
            &[("wait", Taken::Wait), ("evict", Taken::Evict)],
            "what an operator does who finds a tenant on the machine: wait until it leaves, or evict it",
        )
    }
}
