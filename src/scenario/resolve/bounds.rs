//! Bounds on what the tables give together: how much would be drawn before a run, and times that would let it stand still.

use crate::fleet::Fleet;
use crate::kernel::{Law, Time};
use crate::scenario::diagnose::Ledger;
use crate::scenario::tree::Place;
use crate::workload::{Campaign, Demand, FaultLaw, MaintenancePlan, Patience, Source};
use crate::world::Settings;

/// The most jobs of faults and campaigns that are drawn before a run.
const JOBS: f64 = 5e7;

/// The most rounds of all campaigns together: their number is kept in 16 bits.
const ROUNDS: u64 = 60_000;

/// The most requests of a replication.
const REQUESTS: f64 = 4e9;

/// Notes what goes beyond its bound.
pub fn check(
    fleet: &Fleet,
    demand: &Demand,
    plan: &MaintenancePlan,
    settings: &Settings,
    horizon: Time,
    ledger: &Ledger,
) {
    let wrong = |message: String, fix: &str| ledger.wrong(&Place::default(), message, fix);
    let expected = demand.expected(horizon);
    if expected > REQUESTS {
        let message =
            format!("about {expected:.1e} requests are expected before the horizon, more than {REQUESTS:.1e}");
        wrong(
            message,
            "lower `workload.scale` or `workload.flavor.per_day`, or let the `horizon` be nearer",
        );
    }
    let faults: f64 = plan.faults.iter().map(|law| faults(law, fleet, horizon)).sum();
    if faults > JOBS {
        let message = format!("about {faults:.1e} faults are expected before the horizon, more than {JOBS:.1e}");
        wrong(
            message,
            "give a longer time `between` faults, or let the `horizon` be nearer",
        );
    }
    let all: u64 = plan.campaigns.iter().map(|campaign| rounds(campaign, horizon)).sum();
    if all > ROUNDS {
        let message = format!("campaigns come {all} times before the horizon, more than {ROUNDS}");
        wrong(
            message,
            "let `maintenance.campaign.every` be longer, or the `horizon` nearer",
        );
    }
    let jobs: f64 = plan
        .campaigns
        .iter()
        .map(|campaign| jobs(campaign, fleet, horizon))
        .sum();
    if jobs > JOBS {
        let message = format!("campaigns come to about {jobs:.1e} nodes before the horizon, more than {JOBS:.1e}");
        wrong(
            message,
            "let `maintenance.campaign.every` be longer, or its `share` smaller",
        );
    }
    if let Some(workload) = stands_still(demand, settings) {
        let message = format!(
            "`{workload}` waits in line (`on_refusal`), and every build fails (`ironic.build_failure`) in no time \
             (`ironic.build_failure_time`): a request would be tried without end at one instant"
        );
        wrong(
            message,
            "give `ironic.build_failure_time` a time above 0, or let `on_refusal` be \"give-up\" or a `retry`",
        );
    }
}

/// The workload that is sure to be tried without end: every build fails in no time, and whoever waits is tried again at
/// once. Where builds fail by chance the loop's own law tells it, if it comes to that.
fn stands_still<'d>(demand: &'d Demand, settings: &Settings) -> Option<&'d str> {
    let ironic = &settings.ironic;
    let waits = |source: &&Source| matches!(source.patience, Patience::Wait { .. });
    let fails = ironic.build_failure >= 1.0 && longest(&ironic.build_failure_time) == 0;
    let waiting = demand.sources.iter().find(waits)?;
    fails.then_some(waiting.name.as_str())
}

/// The longest time that a law gives, of some that it does.
fn longest(law: &Law) -> u64 {
    [0.01, 0.5, 0.99].map(|u| law.at(u, u).0).into_iter().max().unwrap_or(0)
}

/// The faults that a law is expected to bring.
pub fn faults(law: &FaultLaw, fleet: &Fleet, horizon: Time) -> f64 {
    let nodes = fleet.ids().filter(|&id| law.strikes(fleet.node(id).class)).count();
    nodes as f64 * (horizon.0 as f64 / gap(&law.between, horizon))
}

/// The mean of a law cut off at the horizon, from points spread over it: the mean itself may be one of a few huge times
/// among many of no length.
fn gap(law: &Law, horizon: Time) -> f64 {
    const POINTS: u32 = 32;
    let at = |n: u32| (f64::from(n) + 0.5) / f64::from(POINTS);
    let mut sum = 0.0;
    for u in 0..POINTS {
        for v in 0..POINTS {
            sum += law.at(at(u), at(v)).0.min(horizon.0) as f64;
        }
    }
    (sum / f64::from(POINTS * POINTS)).max(0.001)
}

/// How often a campaign comes.
fn rounds(campaign: &Campaign, horizon: Time) -> u64 {
    let left = horizon.0.saturating_sub(campaign.start.0);
    match campaign.every {
        _ if left == 0 => 0,
        None => 1,
        Some(every) => left.div_ceil(every.0.max(1)),
    }
}

/// The jobs of a campaign.
pub fn jobs(campaign: &Campaign, fleet: &Fleet, horizon: Time) -> f64 {
    let nodes = fleet.ids().filter(|&id| campaign.touches(fleet.node(id).class)).count();
    nodes as f64 * campaign.share * rounds(campaign, horizon) as f64
}
