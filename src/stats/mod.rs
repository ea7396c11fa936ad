//! Statistics over replications and over samples. A leaf: it knows numbers and no metric, strategy or scenario.

pub mod best;
pub mod breakeven;
pub mod claims;
pub mod compare;
pub mod estimate;
pub mod fieller;
pub mod hazard;
pub mod mser;
pub mod pooled;
pub mod precision;
pub mod race;
pub mod ranks;
pub mod steps;
#[cfg(test)]
pub mod testing;
pub mod width;
