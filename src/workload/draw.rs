//! Drawing a tape from the laws, before a run.

use super::laws::{Demand, MaintenancePlan};
use super::tape::Tape;
use crate::fleet::Fleet;
use crate::kernel::Time;
use crate::kernel::streams::Seed;

/// Draws the tape of one replication.
#[must_use]
pub fn draw(_demand: &Demand, _plan: &MaintenancePlan, _fleet: &Fleet, _horizon: Time, _seed: Seed) -> Tape {
    Tape::default()
}
