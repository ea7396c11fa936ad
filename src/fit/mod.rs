//! A profile of a cloud out of its neutral files: laws of demand, faults and campaigns that stand in for a trace which may
//! not leave the house, and that can be scaled.
//!
//! - [`demand`]: per class and group of tenants the rate by hour of the week and its trend, sizes, holds, lead times and
//!   tenants' skew. Robots are apart.
//! - [`upkeep`]: per class the law of faults, of repairs by kind, and campaigns by size.
//! - [`waiting`]: how much of a spell was waiting for tenants, which the profile waits for again.
//! - [`inventory`]: how many nodes of which class, in how many racks.
//! - [`tried`]: which law is written, and how well it fits.
//! - [`written`]: the scenario. No row, no name of a tenant, user, node, rack or campaign, and no instant of the trace is in it.
//!
//! Times are seconds. All that is drawn (bootstraps) comes from streams of the profile's own seed, so that the same files give the
//! same bytes.

pub mod bench;
pub mod demand;
pub mod inventory;
pub mod rates;
mod tables;
pub mod tried;
pub mod untold;
pub mod upkeep;
pub mod waiting;
pub mod written;

#[cfg(test)]
mod tests;

use bench::{Bench, DAY_MS};
pub use bench::{FitInput, FitWish, LeftOut};
use demand::DemandPart;
use inventory::FleetPart;
use tried::LawTried;
use upkeep::{CampaignPart, FaultPart};

/// The profile of a cloud.
#[derive(Clone, Debug)]
pub struct CloudProfile {
    /// How long the trace is, in days.
    pub days: f64,
    /// The fleet.
    pub fleet: Vec<FleetPart>,
    /// Demand, a workload each.
    pub demand: Vec<DemandPart>,
    /// Faults, and other maintenance that comes by chance.
    pub faults: Vec<FaultPart>,
    /// Campaigns.
    pub campaigns: Vec<CampaignPart>,
    /// The laws that were tried.
    pub laws: Vec<LawTried>,
    /// What of the trace is not in it.
    pub left_out: Vec<LeftOut>,
    /// Classes without a fault: how many nodes, and the most faults a node and year that are plausible.
    pub unbroken: Vec<(String, f64)>,
}

/// Why there is no profile.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FitError {
    /// A file has no rows.
    #[error(
        "{0} has no row, and a profile is made of rows; name a folder that `sickbay import … --out DIR` has written"
    )]
    Empty(&'static str),
    /// Nothing of the demand is left.
    #[error("no request of the trace can be fitted: {0}")]
    NoDemand(String),
}

/// Fits a profile.
///
/// # Errors
/// When there are no nodes, or no requests that begin within the trace.
pub fn fit(input: FitInput<'_>, wish: FitWish) -> Result<CloudProfile, FitError> {
    if input.nodes.is_empty() {
        return Err(FitError::Empty("nodes.csv"));
    }
    if input.requests.is_empty() {
        return Err(FitError::Empty("requests.csv"));
    }
    let mut bench = Bench {
        wish,
        laws: Vec::new(),
        left_out: Vec::new(),
    };
    let classes = inventory::names(input.nodes, wish.rename_classes);
    let fleet = inventory::fleet(&input, &classes, &mut bench);
    let demand = demand::demand(&input, (&fleet, &classes), &mut bench);
    if demand.is_empty() {
        let told: Vec<String> = bench
            .left_out
            .iter()
            .map(|it| format!("{} {}", it.count, it.what))
            .collect();
        return Err(FitError::NoDemand(told.join("; ")));
    }
    let upkeep = upkeep::upkeep(&input, (&fleet, &classes), &mut bench);
    Ok(CloudProfile {
        days: input.horizon.0 as f64 / DAY_MS,
        fleet,
        demand,
        faults: upkeep.faults,
        campaigns: upkeep.campaigns,
        laws: bench.laws,
        left_out: bench.left_out,
        unbroken: upkeep.unbroken,
    })
}
