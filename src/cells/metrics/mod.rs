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
mod sums;
mod tenants;
mod upkeep;

use super::columns::{COLUMNS, Column, Metric, NODE_HOURS};
use super::outcome::{Detail, MOST_SAMPLES};
use crate::kernel::Time;
use crate::scenario::Scenario;
use crate::stats::estimate::tidy;
use crate::stats::pooled::Samples;
use crate::world::{Fact, Observer, Sight};

use capacity::Capacity;
use control::Control;
use occupancy::Occupancy;
use sums::count;
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
        let named: Vec<Option<f64>> = COLUMNS[..NODE_HOURS]
            .iter()
            .map(|&Column { metric, name, .. }| {
                let figure = self
                    .tenants
                    .figure(metric)
                    .or_else(|| self.upkeep.figure(metric))
                    .or_else(|| self.capacity.figure(metric, measured))
                    .or_else(|| self.control.figure(metric))
                    .or_else(|| (metric == Metric::LittleGap).then(|| self.occupancy.gap(self.capacity.occupied_ms())))
                    .or_else(|| (metric == Metric::InstancesOpen).then(|| count(self.occupancy.open())));
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
        kinds
            .map(|(quantiles, unit_ms, ms)| Samples {
                columns: quantiles.iter().map(|(metric, p)| (metric.at(), *p)).collect(),
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

#[cfg(test)]
mod tests;
