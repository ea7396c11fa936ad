//! Warnings of what is set and does nothing, because what it acts upon is not there.

use std::collections::BTreeSet;

use crate::fleet::{Change, Fleet, NodeId};
use crate::kernel::{Span, Time};
use crate::scenario::diagnose::Ledger;
use crate::workload::{Demand, Line, MaintenancePlan, Patience};

/// Warns of lines in which nobody waits, of campaigns after the horizon, of announcements that nobody keeps clear of, and
/// of nodes that are to be retired when they have left.
pub fn check(
    ledger: &Ledger,
    (fleet, demand, plan): (&Fleet, &Demand, &MaintenancePlan),
    keep_clear: bool,
    horizon: Time,
) {
    let waits = |patience: &Patience| matches!(patience, Patience::Wait { .. });
    if !demand.sources.iter().any(|source| waits(&source.patience)) {
        for source in demand.sources.iter().filter(|source| source.line == Line::Strict) {
            ledger.warn(format!(
                "`line = \"strict\"` of workload `{}` does nothing: nobody waits (on_refusal = {{ wait = … }})",
                source.name
            ));
        }
    }
    let announces = |announce: Span| announce > Span::ZERO;
    for campaign in &plan.campaigns {
        if campaign.start >= horizon {
            ledger.warn(format!(
                "campaign `{}` does nothing: it starts after the horizon",
                campaign.name
            ));
        } else if announces(campaign.announce) && !keep_clear {
            ledger.warn(format!(
                "`announce` of campaign `{}` does nothing: it counts where control_plane.keep_clear = true",
                campaign.name
            ));
        }
    }
    if keep_clear && !plan.campaigns.iter().any(|campaign| announces(campaign.announce)) {
        ledger.warn("`control_plane.keep_clear` does nothing: no campaign is announced (announce = …)".to_owned());
    }
    if let Some((first, n)) = retired_late(fleet) {
        let name = fleet.name(first);
        ledger.warn(format!(
            "`retired_at` of {n} nodes, such as `{name}`, does nothing: they have left by then"
        ));
    }
}

/// The first node that is to be retired when it has left for good, and how many such there are.
fn retired_late(fleet: &Fleet) -> Option<(NodeId, usize)> {
    let (mut left, mut late) = (BTreeSet::new(), BTreeSet::new());
    for boundary in &fleet.boundaries {
        let node = boundary.node;
        match boundary.change {
            Change::Leaves => _ = left.insert(node),
            Change::Joins => _ = (left.remove(&node), late.remove(&node)),
            Change::Retires if left.contains(&node) => _ = late.insert(node),
            Change::Retires | Change::Class(_) | Change::Group(_) => {}
        }
    }
    Some((*late.first()?, late.len()))
}
