//! What the parts of the metrics compute with: counts, sums of spans, stretches of time.

use crate::cells::columns::Metric;
use crate::kernel::time::HOUR_MS;
use crate::kernel::{Span, Time};
use crate::stats::estimate::quantile;

/// Samples with the quantiles that are taken of them and the unit of those.
pub(super) type Sampled = (&'static [(Metric, f64)], u64, Vec<u64>);

/// The share `part` / `whole`; none of nothing.
pub(super) fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// A count as a figure: counts always have a value.
#[expect(
    clippy::unnecessary_wraps,
    reason = "a figure may have no value, and a count is one that always has"
)]
pub(super) fn count(n: u64) -> Option<f64> {
    Some(n as f64)
}

/// Node-milliseconds as node-hours.
pub(super) fn node_hours(node_ms: u64) -> f64 {
    node_ms as f64 / HOUR_MS as f64
}

/// The time average of an integral over `measured`.
pub(super) fn average(integral: u64, measured: Span) -> Option<f64> {
    share(integral, measured.0)
}

/// A quantile of spans, in units of `unit_ms`.
pub(super) fn quantile_in(samples: &mut [u64], p: f64, unit_ms: u64) -> Option<f64> {
    quantile(samples, p).map(|ms| ms as f64 / unit_ms as f64)
}

/// A sum of spans with how many there were.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Total {
    pub(super) ms: u64,
    pub(super) n: u64,
}

impl Total {
    pub(super) fn add(&mut self, span: Span) {
        self.ms += span.0;
        self.n += 1;
    }

    pub(super) fn mean_in(self, unit_ms: u64) -> Option<f64> {
        share(self.ms, self.n).map(|ms| ms / unit_ms as f64)
    }
}

/// Stretches of time, many at once, of which only the sum is wanted: a count and a sum, whoever they are of.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Stretches {
    /// How many are under way.
    pub(super) open: u64,
    /// The sum of the instants at which stretches ended, less those at which they began: short of the end
    /// for those under way. It wraps; what it comes to when all are closed does not.
    pub(super) ms: u64,
}

impl Stretches {
    #[inline(always)]
    pub(super) fn begin(&mut self, at: Time) {
        self.begin_many(1, at);
    }

    #[inline(always)]
    pub(super) fn begin_many(&mut self, many: u64, at: Time) {
        self.open = self.open.wrapping_add(many);
        self.ms = self.ms.wrapping_sub(many.wrapping_mul(at.0));
    }

    #[inline(always)]
    pub(super) fn end(&mut self, at: Time) {
        self.open = self.open.wrapping_sub(1);
        self.ms = self.ms.wrapping_add(at.0);
    }

    /// The length of all of them, those under way up to `at`.
    pub(super) fn up_to(&self, at: Time) -> u64 {
        self.ms.wrapping_add(self.open.wrapping_mul(at.0))
    }
}
