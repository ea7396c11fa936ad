//! The points of a sweep's table: what is varied ([`Axis`], [`Design`]).
//!
//! Randomness belongs to the cell: its scenario's seed and its replication. All points of a sweep meet the same
//! replications, so that points are comparable as strategies are, and neither threads nor shards change a figure.

pub mod axis;
pub mod design;
pub mod range;

pub use axis::{Axis, Values};
pub use design::{Design, Kind, Setting};
pub use range::Range;
