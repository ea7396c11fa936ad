//! Sweeps: one scenario at many points of its keys. What is varied ([`Axis`], [`Design`]), what follows from it
//! ([`Manifest`]), the cells in parallel (`experiment::cells`) and their summary ([`Fold`]).
//!
//! Randomness belongs to the cell: its scenario's seed and its replication. All points of a sweep meet the same
//! replications, so that points are comparable as strategies are, and neither threads nor shards change a figure.

pub mod axis;
pub mod design;
pub mod fingerprint;
pub mod fold;
pub mod manifest;
pub mod range;

pub use axis::{Axis, Values};
pub use design::{Design, Kind, Point};
pub use fold::{Fold, PointSummary, StrategySummary};
pub use manifest::{Common, Manifest};
pub use range::Range;

/// The metrics that are drawn unless the scenario or the command names others.
pub const DRAWN: [&str; 3] = ["acceptance", "errand_wait_p95", "stranded_node_hours"];
