//! Words, tables and figures: what a terminal prints and a figure shows. It draws what it is given, computes no statistic,
//! runs nothing and stores nothing.

pub mod conclusion;
pub mod costs;
pub mod error;
pub mod explanation;
pub mod findings;
pub mod fitted;
pub mod minimise;
pub mod number;
pub mod page;
pub mod plan;
pub mod plots;
pub mod robust;
pub mod roster;
pub mod sweep;
pub mod table;
pub mod whatif;

pub use conclusion::conclusion;
pub use error::DrawError;
pub use roster::{columns_manual, strategies};
pub use table::comparison;

use crate::cells::columns::Column;
use crate::judge::results::Arm;
use crate::stats::compare::Paired;
use crate::stats::estimate::Estimate;

/// An arm's estimate at a place among the columns.
pub(crate) fn estimate(arm: &Arm, place: usize) -> Option<Estimate> {
    arm.estimates.get(place).copied().flatten()
}

/// An arm's paired difference at a place among the columns.
pub(crate) fn paired(arm: &Arm, place: usize) -> Option<Paired> {
    arm.paired.get(place).copied().flatten()
}

/// Whether a column holds a share, which people read as percent.
pub(crate) fn is_share(column: &Column) -> bool {
    matches!(column.unit, "share" | "1" | "")
}

/// What figures of a column are multiplied with to be in the unit that they are shown in.
pub(crate) fn factor(column: &Column) -> f64 {
    if is_share(column) { 100.0 } else { 1.0 }
}

/// The unit that figures of a column are shown in.
pub(crate) fn shown_unit(column: &Column) -> &'static str {
    if is_share(column) { "%" } else { column.unit }
}

/// The unit that their differences are drawn in.
pub(crate) fn difference_unit(column: &Column) -> &'static str {
    if is_share(column) { "% points" } else { column.unit }
}

/// The same in sentences and printed tables.
pub(crate) fn points_or_unit(column: &Column) -> &'static str {
    if is_share(column) { "points" } else { column.unit }
}
