//! The figures of one run, folded from facts: exact integrals over steps in whole node-milliseconds,
//! counts, and samples of waits. One part per group of metrics; `columns` says what each figure is.
//!
//! Everything is indexed by number and nothing is allocated per fact (samples apart), because this
//! runs at every fact of every run.

mod bag;
mod capacity;
mod control;
mod occupancy;
mod patience;
mod tenants;
mod upkeep;

use super::columns::{self, COLUMNS, NODE_HOURS};
use super::outcome::{Detail, MOST_SAMPLES, Samples};
use super::stats::{quantile, tidy};
use crate::kernel::time::HOUR_MS;
use crate::kernel::{Span, Time};
use crate::scenario::Scenario;
use crate::world::{Fact, Observer, Sight};

use capacity::Capacity;
use control::Control;
use occupancy::Occupancy;
use tenants::Tenants;
use upkeep::Upkeep;

/// The observer that folds facts into the figures of `columns::COLUMNS`.
#[derive(Debug)]
pub struct Metrics {
    warm_up: Time,
    ended: Option<Time>,
    tenants: Tenants,
    upkeep: Upkeep,
    capacity: Capacity,
    occupancy: Occupancy,
    control: Control,
}

impl Metrics {
    /// Metrics for one run of `scenario`.
    #[must_use]
    pub fn new(scenario: &Scenario) -> Metrics {
        let warm_up = Time::ZERO + scenario.reporting.warm_up.cut();
        let nodes = scenario.fleet.nodes.len();
        Metrics {
            warm_up,
            ended: None,
            tenants: Tenants::new(&scenario.fleet.names, warm_up),
            upkeep: Upkeep::new(nodes),
            capacity: Capacity::new(nodes, scenario.fleet.names.classes.len(), warm_up),
            occupancy: Occupancy::new(warm_up),
            control: Control::default(),
        }
    }

    /// When the run ended, as told by its last fact.
    #[must_use]
    pub fn ended(&self) -> Option<Time> {
        self.ended
    }

    /// The figures in the order of the columns; all none while the run has not ended.
    ///
    /// # Panics
    /// When the column table has a name that no part knows.
    pub fn values(&mut self) -> Vec<Option<f64>> {
        let Some(end) = self.ended else {
            return vec![None; COLUMNS.len()];
        };
        let measured = end - self.warm_up;
        let names = COLUMNS[..NODE_HOURS].iter().map(|column| column.name);
        let named: Vec<Option<f64>> = names
            .map(|name| {
                let figure = self
                    .tenants
                    .figure(name)
                    .or_else(|| self.upkeep.figure(name))
                    .or_else(|| self.capacity.figure(name, measured))
                    .or_else(|| self.control.figure(name))
                    .or_else(|| (name == "little_gap").then(|| self.occupancy.gap(self.capacity.occupied_ms())))
                    .or_else(|| (name == "instances_open").then(|| count(self.occupancy.open())));
                figure.unwrap_or_else(|| panic!("no part of the metrics knows the column {name}"))
            })
            .collect();
        let figures = named.into_iter().chain(self.capacity.state_hours().map(Some));
        figures.map(|figure| figure.map(tidy)).collect()
    }

    /// The metrics per class, and per tenant when there are few of them.
    #[must_use]
    pub fn details(&self) -> Vec<Detail> {
        self.tenants.details()
    }

    /// The samples behind the quantiles, which are given away; too many of a kind are left out.
    pub fn samples(&mut self) -> Vec<Samples> {
        let kinds = self.upkeep.samples().into_iter().chain([self.tenants.samples()]);
        let column = |name: &str| columns::column(name).unwrap_or_else(|| panic!("no column {name}"));
        kinds
            .map(|(quantiles, unit_ms, ms)| Samples {
                columns: quantiles.iter().map(|(name, p)| (column(name), *p)).collect(),
                unit_ms,
                ms: if ms.len() > MOST_SAMPLES { Vec::new() } else { ms },
            })
            .collect()
    }

    fn end(&mut self, at: Time) {
        self.ended = Some(at);
        self.tenants.end(at);
        self.capacity.end(at);
        self.occupancy.end(at);
    }
}

impl Observer for Metrics {
    #[inline(always)]
    fn told(&mut self, at: Time, fact: &Fact, sight: &Sight<'_>) {
        let counts = at >= self.warm_up;
        match *fact {
            Fact::Stood { from, to, .. } => self.capacity.stood(at, from, to),
            Fact::Published { age, .. } if counts => self.control.published(age),
            Fact::Arrived { request } => self.tenants.arrived(&sight.request(request)),
            Fact::Accepted { request } => self.tenants.accepted(at, request, &sight.request(request)),
            Fact::Refused { request, cause } => self.tenants.refused(at, request, &sight.request(request), cause),
            Fact::Waits { request, .. } => self.tenants.waits(request, &sight.request(request)),
            Fact::Claimed { attempt, .. } => {
                self.occupancy.claimed(at);
                if counts {
                    self.control.claimed(attempt);
                }
            }
            Fact::Released { .. } => self.occupancy.left(at),
            Fact::BuildFailed { request, error, .. } => {
                // A claim that was lost at once has ended already.
                if !error.loses_claim() {
                    self.occupancy.left(at);
                }
                self.tenants.happened(fact.into(), &sight.request(request), counts);
            }
            Fact::Evicted { request, .. } | Fact::Interrupted { request, .. } => {
                self.occupancy.left(at);
                self.tenants.happened(fact.into(), &sight.request(request), counts);
            }
            Fact::Breach { request, .. }
            | Fact::Misplaced { request, .. }
            | Fact::RescueBegan { request, .. }
            | Fact::SiblingLost { request }
            | Fact::RescueRefused { request, .. }
            | Fact::RescueErrored { request, .. } => {
                self.tenants.happened(fact.into(), &sight.request(request), counts)
            }
            Fact::Decided { examined, capped, .. } if counts => self.control.decided(examined, capped),
            Fact::Conflict { .. } => {
                self.occupancy.left(at);
                self.control.conflict(counts);
            }
            Fact::Ended => self.end(at),
            Fact::Decided { .. } | Fact::Published { .. } => {}
            Fact::Active { .. } | Fact::RescueEnded { .. } | Fact::Broke { .. } => {}
            _ => self.upkeep.told(at, fact, counts),
        }
    }
}

/// Samples with the quantiles that are taken of them and the unit of those.
type Kind = (&'static [(&'static str, f64)], u64, Vec<u64>);

/// The share `part` / `whole`; none of nothing.
fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// A count as a figure: counts always have a value.
#[expect(
    clippy::unnecessary_wraps,
    reason = "a figure may have no value, and a count is one that always has"
)]
fn count(n: u64) -> Option<f64> {
    Some(n as f64)
}

/// Node-milliseconds as node-hours.
fn node_hours(node_ms: u64) -> f64 {
    node_ms as f64 / HOUR_MS as f64
}

/// The time average of an integral over `measured`.
fn average(integral: u64, measured: Span) -> Option<f64> {
    share(integral, measured.0)
}

/// A quantile of spans, in units of `unit_ms`.
fn quantile_in(samples: &mut [u64], p: f64, unit_ms: u64) -> Option<f64> {
    quantile(samples, p).map(|ms| ms as f64 / unit_ms as f64)
}

/// A sum of spans with how many there were.
#[derive(Clone, Copy, Debug, Default)]
struct Total {
    ms: u64,
    n: u64,
}

impl Total {
    fn add(&mut self, span: Span) {
        self.ms += span.0;
        self.n += 1;
    }

    fn mean_in(self, unit_ms: u64) -> Option<f64> {
        share(self.ms, self.n).map(|ms| ms / unit_ms as f64)
    }
}

/// Stretches of time, many at once, of which only the sum is wanted: a count and a sum, whoever they are of.
#[derive(Clone, Copy, Debug, Default)]
struct Stretches {
    /// How many are under way.
    open: u64,
    /// The sum of the instants at which stretches ended, less those at which they began: short of the end
    /// for those under way. It wraps; what it comes to when all are closed does not.
    ms: u64,
}

impl Stretches {
    #[inline(always)]
    fn begin(&mut self, at: Time) {
        self.begin_many(1, at);
    }

    #[inline(always)]
    fn begin_many(&mut self, many: u64, at: Time) {
        self.open = self.open.wrapping_add(many);
        self.ms = self.ms.wrapping_sub(many.wrapping_mul(at.0));
    }

    #[inline(always)]
    fn end(&mut self, at: Time) {
        self.open = self.open.wrapping_sub(1);
        self.ms = self.ms.wrapping_add(at.0);
    }

    /// The length of all of them, those under way up to `at`.
    fn up_to(&self, at: Time) -> u64 {
        self.ms.wrapping_add(self.open.wrapping_mul(at.0))
    }
}

#[cfg(test)]
mod tests;
