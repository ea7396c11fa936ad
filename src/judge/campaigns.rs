//! What is said of campaigns that did not open, or were not done at the horizon.

use super::results::{Results, UndoneCampaign};
use crate::cells::columns::Metric;
use crate::cells::outcome::Outcome;
use crate::cells::table::CellTable;
use crate::scenario::Scenario;
use crate::world::CampaignEnd;

/// A sentence for each campaign that did not open, or did not finish, under some strategy in some replication.
/// `variants` are the strategies that were run; the table holds whole replications.
#[must_use]
pub fn unfinished(scenario: &Scenario, variants: &[usize], table: &CellTable<Outcome>) -> Vec<UndoneCampaign> {
    let plans = scenario.maintenance.campaigns.iter().enumerate();
    plans
        .filter_map(|(plan, campaign)| {
            let parts: Vec<String> = variants
                .iter()
                .flat_map(|&variant| of_strategy(scenario, variant, plan, table))
                .collect();
            (!parts.is_empty()).then(|| UndoneCampaign {
                campaign: campaign.name.clone(),
                said: format!("Campaign `{}`: {}.", campaign.name, parts.join("; ")),
            })
        })
        .collect()
}

/// What is to be said of a campaign under one strategy.
fn of_strategy(scenario: &Scenario, variant: usize, plan: usize, table: &CellTable<Outcome>) -> Vec<String> {
    let label = &scenario.variants[variant].label;
    let ends: Vec<CampaignEnd> = table
        .of(0, variant)
        .filter_map(|outcome| outcome.campaigns.get(plan).copied())
        .collect();
    let n = ends.len();
    let shut = ends.iter().filter(|end| end.opened == 0).count();
    let open: Vec<&CampaignEnd> = ends.iter().filter(|end| end.opened > 0 && end.unfinished()).collect();
    let mut said = Vec::new();
    if shut > 0 {
        said.push(format!("under {label} it did NOT open in {shut} of {n} replications"));
    }
    if !open.is_empty() {
        let mean =
            |of: fn(&CampaignEnd) -> u32| open.iter().map(|end| f64::from(of(end))).sum::<f64>() / open.len() as f64;
        said.push(format!(
            "under {label} it was NOT finished at the horizon in {} of {n} replications, with {:.1} of {:.1} nodes left there",
            open.len(),
            mean(|end| end.nodes - end.closed),
            mean(|end| end.nodes)
        ));
    }
    said
}

/// In how many runs of a strategy in a replication a campaign was not done at the horizon, and of how many; none where the
/// results do not tell it apart.
#[must_use]
pub fn undone(results: &Results, campaign: &str) -> Option<(usize, usize)> {
    let name = format!("{}{{campaign={campaign}}}", Metric::CampaignUnfinished.name());
    let at = results.columns.iter().position(|column| column.name == name)?;
    let rows = results.arms.iter().flat_map(|arm| &arm.values);
    let known: Vec<f64> = rows.filter_map(|row| row[at]).collect();
    Some((known.iter().filter(|many| **many > 0.0).count(), known.len()))
}
