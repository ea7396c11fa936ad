//! What a run's replications are to reach, in `[report]`: a metric known to a half-width, or the best strategy
//! chosen. `experiment` keeps to them; a run without them has a fixed number of replications.

use super::diagnose::Problem;
use crate::kernel::Span;
use crate::stats::width::{GoalOf, Width};

/// How well a metric is to be known.
#[derive(Clone, Debug)]
pub struct PrecisionGoal {
    /// Its name in the column table.
    pub metric: String,
    /// Of what.
    pub of: GoalOf,
    /// The half-width to be reached.
    pub half_width: Width,
    /// The level of the interval.
    pub confidence: f64,
    /// The budget.
    pub max_replications: u32,
    /// Where the metric stands: a problem without its message.
    pub place: Problem,
}

/// Which strategy is best is to be known.
#[derive(Clone, Debug)]
pub struct BestGoal {
    /// The metric that decides, by its name in the column table.
    pub metric: String,
    /// The difference that is not worth telling.
    pub indifference: Width,
    /// The probability with which the right one is chosen.
    pub confidence: f64,
    /// The budget.
    pub max_replications: u32,
    /// Where the metric stands: a problem without its message.
    pub place: Problem,
}

/// The most replications of a run until its claims are decided.
pub const MOST_LOOKED_AT: u32 = 640;

/// How large a difference has to be to matter, by what a metric counts in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Matters {
    /// Of a share, as a share; of refused requests the same of those that were decided.
    pub shares: f64,
    /// Of a time.
    pub waits: Span,
    /// Of a count: a part of the people's requests that were decided, or of the errands.
    pub counts: f64,
    /// Of breaches and misplacements: the same.
    pub misplaced: f64,
    /// Of node-hours and of nodes on average: a part of what is installed.
    pub node_hours: f64,
    /// Of costs: in their unit, or a part of the baseline's; none without prices.
    pub costs: Option<Width>,
}

#[cfg(test)]
impl Matters {
    /// As the keys' table has it.
    pub(crate) fn bare() -> Matters {
        Matters {
            shares: 0.002,
            waits: Span(1_800_000),
            counts: 0.005,
            misplaced: 0.001,
            node_hours: 0.001,
            costs: None,
        }
    }
}
