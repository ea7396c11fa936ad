//! What each price of `[costs]` is paid for: a metric.

use super::columns::Metric;
use crate::scenario::Price;

/// Hours of a month: 365.25 days / 12.
pub const MONTH_HOURS: f64 = 730.5;

/// The metric that is paid for, and how much of it one price buys.
#[must_use]
pub fn quantity(price: Price) -> (Metric, f64) {
    match price {
        Price::RefusedRequest => (Metric::Refused, 1.0),
        Price::RefusedNodeHour => (Metric::RefusedNodeHours, 1.0),
        Price::Breach => (Metric::Breaches, 1.0),
        Price::Interruption => (Metric::Interruptions, 1.0),
        Price::Eviction => (Metric::Evictions, 1.0),
        Price::FailedBuild => (Metric::FailedBuilds, 1.0),
        Price::StrandedNodeHour => (Metric::StrandedNodeHours, 1.0),
        Price::OperatorAction => (Metric::Actions, 1.0),
        Price::ErrandWaitHour => (Metric::ErrandWaitHours, 1.0),
        Price::TechnicianHour => (Metric::TechnicianHours, 1.0),
        Price::NodeMonth => (Metric::InstalledNodeHours, MONTH_HOURS),
    }
}
