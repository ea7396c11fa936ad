//! What a scenario's tables share.

use crate::kernel::{Clock, Time};

/// What the tables share while a file is resolved.
#[derive(Debug)]
pub struct Site {
    /// The instant of time 0.
    pub epoch: jiff::Timestamp,
    /// When a run ends.
    pub horizon: Time,
    /// The master seed.
    pub seed: u64,
    /// The clocks of its time zone.
    pub clock: Clock,
    /// The time zone itself.
    pub zone: jiff::tz::TimeZone,
}
