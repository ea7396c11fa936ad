//! Statistics over replications and over samples. A leaf: it knows numbers and no metric, strategy or scenario.

pub mod best;
pub mod compare;
pub mod estimate;
pub mod mser;
pub mod pooled;
pub mod precision;
#[cfg(test)]
pub mod testing;
pub mod width;

pub use best::BestChosen;
pub use compare::{Good, Pair, Paired, Verdict};
pub use estimate::{Estimate, Interval};
pub use pooled::{Pooled, Samples};
pub use precision::PrecisionReached;
pub use width::{GoalOf, Width};
