//! The figures of one run, folded from facts: exact integrals over steps in whole node-milliseconds,
//! counts, and samples of waits. One part per group of metrics; `columns` says what each figure is.
//!
//! Everything is indexed by number and nothing is allocated per fact (samples apart), because this
//! runs at every fact of every run.

mod bag;
mod blemish;
mod capacity;
mod control;
mod crew;
mod occupancy;
mod patience;
mod split;
mod sums;
mod tenants;
mod upkeep;

use super::columns::{Dimension, Metric};
use super::money::quantity;
use super::outcome::MOST_SAMPLES;
use super::selector::{Columns, Selector};
use crate::fleet::Health;
use crate::kernel::Time;
use crate::scenario::{Costs, Scenario};
use crate::stats::estimate::tidy;
use crate::stats::pooled::Samples;
use crate::world::{CampaignEnd, Fact, Observer, Sight};

use capacity::Capacity;
use control::Control;
use occupancy::Occupancy;
use split::SplitPart;
use sums::{count, share};
use tenants::Tenants;
use upkeep::Upkeep;

/// What a column asks for in this run: none of a part that the scenario does not have.
type Asked = (Metric, Option<SplitPart>);

/// The observer that folds facts into the figures of the scenario's columns.
#[derive(Debug)]
pub struct Metrics {
    warm_up: Time,
    ended: Option<Time>,
    asked: Vec<Asked>,
    tenants: Tenants,
    upkeep: Upkeep,
    capacity: Capacity,
    occupancy: Occupancy,
    control: Control,
    costs: Option<Costs>,
}

impl Metrics {
    /// Metrics for one run of `scenario`.
    #[must_use]
    pub fn new(scenario: &Scenario) -> Metrics {
        let warm_up = Time::ZERO + scenario.reporting.warm_up.cut();
        let columns = Columns::of(scenario);
        let number = |of| Selector::number(of, scenario).map(Some);
        let asked: Vec<Asked> = columns
            .iter()
            .map(|column| (column.metric, column.of.map_or(Some(None), number)))
            .collect();
        let parts = || asked.iter().filter_map(|(metric, part)| Some((*metric, (*part)??)));
        let waits = parts().filter(|(metric, _)| matches!(metric, Metric::WaitP50 | Metric::WaitP95));
        let mut waits: Vec<(Dimension, u16)> = waits.map(|(_, part)| part).collect();
        waits.sort_unstable();
        waits.dedup();
        let apart: Vec<(Dimension, u16)> = parts().map(|(_, part)| part).collect();
        Metrics {
            warm_up,
            ended: None,
            tenants: Tenants::new(scenario, warm_up, waits),
            upkeep: Upkeep::new(scenario, warm_up),
            capacity: Capacity::new(scenario, warm_up, &apart),
            occupancy: Occupancy::new(warm_up),
            control: Control::default(),
            costs: scenario.costs.clone(),
            asked,
        }
    }

    /// When the run ended, as told by its last fact.
    #[must_use]
    pub fn ended(&self) -> Option<Time> {
        self.ended
    }

    /// The figures in the order of the scenario's columns; all none while the run has not ended. `campaigns` is how far they
    /// have come.
    ///
    /// # Panics
    /// When the column table has a metric that no part knows.
    pub fn values(&mut self, campaigns: &[CampaignEnd]) -> Vec<Option<f64>> {
        let asked = std::mem::take(&mut self.asked);
        if self.ended.is_none() {
            return vec![None; asked.len()];
        }
        self.upkeep.know(campaigns);
        let figures = asked.iter().map(|&(metric, part)| self.figure(metric, part?).map(tidy));
        let figures = figures.collect();
        self.asked = asked;
        figures
    }

    fn figure(&mut self, metric: Metric, part: SplitPart) -> Option<f64> {
        if metric == Metric::Cost {
            return self.cost(part);
        }
        let measured = self.ended? - self.warm_up;
        let figure = self
            .tenants
            .figure(metric, part)
            .or_else(|| self.upkeep.figure(metric, part))
            .or_else(|| self.capacity.figure(metric, part, measured))
            .or_else(|| self.control.figure(metric));
        match metric {
            Metric::OfferedLoad => share(self.tenants.demand_ms(part)?, self.capacity.schedulable_ms(part)?),
            Metric::LittleGap => self.occupancy.gap(self.capacity.occupied_ms()),
            Metric::InstancesOpen => count(self.occupancy.open()),
            _ => figure.unwrap_or_else(|| panic!("no part of the metrics knows the column {}", metric.name())),
        }
    }

    /// What all that has a price comes to, or one price's part.
    fn cost(&mut self, part: SplitPart) -> Option<f64> {
        let costs = self.costs.clone()?;
        let priced = costs.prices.iter().enumerate();
        let mine = priced.filter(|(at, _)| part.is_none_or(|(_, number)| usize::from(number) == *at));
        let mut sum = 0.0;
        for (_, &(price, amount)) in mine {
            let (metric, each) = quantity(price);
            sum += amount * self.figure(metric, None)? / each;
        }
        Some(sum)
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

    fn end(&mut self, at: Time, sight: &Sight<'_>) {
        self.ended = Some(at);
        self.tenants.end(at);
        self.upkeep.end(at, sight.calendar.awaited());
        self.capacity.end(at);
        self.occupancy.end(at);
    }
}

impl Observer for Metrics {
    #[inline(always)]
    fn told(&mut self, at: Time, fact: &Fact, sight: &Sight<'_>) {
        let counts = at >= self.warm_up;
        match *fact {
            Fact::Stood { node, from, to } => self.capacity.stood(at, node, (from, to), &sight.fleet),
            Fact::Published { age, .. } if counts => self.control.published(age),
            Fact::Arrived { request } => self.tenants.arrived(request, &sight.request(request)),
            Fact::Accepted { request } => self.tenants.accepted(at, request, &sight.request(request)),
            Fact::Refused { request, cause } => self.tenants.refused(at, request, &sight.request(request), cause),
            Fact::Waits { request, .. } => self.tenants.waits(request, &sight.request(request)),
            Fact::Claimed { request, attempt, .. } => {
                self.occupancy.claimed(at);
                if attempt == 1 {
                    self.tenants.claimed(request, &sight.request(request));
                }
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
                self.tenants
                    .happened(fact.into(), request, &sight.request(request), counts);
            }
            Fact::Evicted { request, .. } | Fact::Interrupted { request, .. } => {
                self.occupancy.left(at);
                self.tenants
                    .happened(fact.into(), request, &sight.request(request), counts);
            }
            Fact::Breach { request, .. }
            | Fact::Misplaced { request, .. }
            | Fact::RescueBegan { request, .. }
            | Fact::SiblingLost { request }
            | Fact::RescueRefused { request, .. }
            | Fact::RescueErrored { request, .. } => {
                self.tenants
                    .happened(fact.into(), request, &sight.request(request), counts)
            }
            Fact::Decided { examined, capped, .. } if counts => self.control.decided(examined, capped),
            Fact::Conflict { .. } => {
                self.occupancy.left(at);
                self.control.conflict(counts);
            }
            Fact::Ended => self.end(at, sight),
            Fact::Decided { .. } | Fact::Published { .. } => {}
            Fact::Active { request, node } => {
                if sight.fleet.node(node).health() != Health::Healthy {
                    self.tenants.unsound(request, &sight.request(request));
                }
            }
            Fact::RescueEnded { .. } | Fact::Broke { .. } => {}
            _ => self.upkeep.told(at, fact, counts, sight),
        }
    }
}

#[cfg(test)]
mod tests;
