//! The story: one plain sentence per fact that matters to somebody who follows a small scenario.

use crate::fleet::{NodeId, RequestId};
use crate::world::{BuildError, Cause, Deed, ErrandEnd, Fact, Sight};

/// The sentence for a fact; none for facts that only keep books.
#[must_use]
pub fn sentence(fact: &Fact, sight: &Sight<'_>) -> Option<String> {
    of_requests(fact, sight)
        .or_else(|| of_instances(fact, sight))
        .or_else(|| of_nodes(fact, sight))
        .or_else(|| of_errands(fact, sight))
}

fn node(sight: &Sight<'_>, id: NodeId) -> String {
    format!("node {}", sight.fleet.name(id))
}

fn who(sight: &Sight<'_>, request: RequestId) -> String {
    let tenant = sight
        .find(request)
        .map_or("?", |asked| sight.fleet.names.tenants.name(asked.tenant.0));
    format!("request {} of tenant {tenant}", sight.request_name(request))
}

fn of_requests(fact: &Fact, sight: &Sight<'_>) -> Option<String> {
    let request = |id: RequestId| who(sight, id);
    Some(match *fact {
        Fact::Arrived { request: id } => {
            let asked = sight.find(id)?;
            let class = sight.fleet.names.classes.name(asked.class.0);
            let nodes = if asked.count == 1 { "node" } else { "nodes" };
            format!("{} asks for {} {nodes} of class {class}", request(id), asked.count)
        }
        Fact::Waits { request: id, cause } => format!("{} waits: {}", request(id), because(cause)),
        Fact::SiblingLost { request: id } => {
            format!("a machine of {} is lost: no attempt of its build is left", request(id))
        }
        Fact::Refused { request: id, cause } => format!("{} is refused: {}", request(id), because(cause)),
        Fact::Accepted { request: id } => format!("{} has all that it gets", request(id)),
        Fact::Claimed {
            request: id,
            node: at,
            attempt,
        } if attempt > 1 => {
            format!("{} claims {} (attempt {attempt})", request(id), node(sight, at))
        }
        Fact::Claimed {
            request: id, node: at, ..
        } => format!("{} claims {}", request(id), node(sight, at)),
        Fact::Conflict { request: id, node: at } => {
            format!(
                "{} loses {}: it is not what the scheduler saw",
                request(id),
                node(sight, at)
            )
        }
        Fact::BuildFailed {
            request: id,
            node: at,
            error,
        } => {
            format!(
                "the build of {} on {} fails: {}",
                request(id),
                node(sight, at),
                why(error)
            )
        }
        Fact::Misplaced { request: id, node: at } => {
            format!(
                "{} was sent to {}, which is in maintenance",
                request(id),
                node(sight, at)
            )
        }
        _ => return None,
    })
}

fn because(cause: Cause) -> &'static str {
    match cause {
        Cause::ClassFull => "too few nodes of its class are free",
        Cause::OnlyHidden => "the free nodes of its class are in maintenance",
        Cause::OtherTenants => "the free nodes are other tenants'",
        Cause::CandidateCap => "the candidate cap cut the free nodes off",
        Cause::Quota => "the tenant's quota is used up",
        Cause::StaleView => "the scheduler's view was stale",
        Cause::BuildChance => "no build succeeded; the last one failed by chance",
        Cause::BrokenHardware => "no build succeeded; the last one failed on broken hardware",
        Cause::DriverRefused => "no build succeeded; the driver refused the last node",
        Cause::NeverFits => "neither the fleet nor the tenant's quota could ever hold it",
        Cause::Line => "somebody who came earlier waits in a strict line",
        Cause::NoMatch => "the free nodes of its class lack what it asks for",
    }
}

fn why(error: BuildError) -> &'static str {
    match error {
        BuildError::Unavailable => "Ironic finds the node unavailable",
        BuildError::Broken => "the hardware is broken",
        BuildError::Chance => "by chance, on sound hardware",
        BuildError::Withdrawn => "the node was taken out of service under it",
        BuildError::GroupPolicy => "its server group's policy keeps it off that compute service",
    }
}

fn of_instances(fact: &Fact, sight: &Sight<'_>) -> Option<String> {
    let (request, node) = (|id: RequestId| who(sight, id), |at: NodeId| node(sight, at));
    Some(match *fact {
        Fact::Active { request: id, node: at } => format!("{} is active on {}", request(id), node(at)),
        Fact::Released { request: id, node: at } => format!("{} leaves {}", request(id), node(at)),
        Fact::Evicted { request: id, node: at } => format!("an operator evicts {} from {}", request(id), node(at)),
        Fact::Interrupted { request: id, node: at } => format!("the hardware of {} ends {}", node(at), request(id)),
        Fact::Breach { request: id, node: at } => {
            format!(
                "{} is active on {}, where it should never have come",
                request(id),
                node(at)
            )
        }
        Fact::RescueBegan { request: id, node: at } => format!("{} is put into rescue on {}", request(id), node(at)),
        Fact::RescueRefused { request: id, node: at } => {
            format!(
                "the rescue of {} on {} is refused: Ironic's maintenance flag is set",
                request(id),
                node(at)
            )
        }
        Fact::RescueErrored { request: id, .. } => format!("{} is in ERROR until its tenant reboots it", request(id)),
        Fact::RescueEnded { request: id, node: at } => format!("{} is back from rescue on {}", request(id), node(at)),
        _ => return None,
    })
}

fn of_nodes(fact: &Fact, sight: &Sight<'_>) -> Option<String> {
    let node = |at: NodeId| node(sight, at);
    Some(match *fact {
        Fact::LeaseBegan { node: at, .. } => format!("the operators' lease of {} begins", node(at)),
        Fact::LeaseHealed { request, node: at } => {
            format!("the lease of {} moves to {}", who(sight, request), node(at))
        }
        Fact::LeaseDegraded { request, node: at } => {
            format!(
                "the lease of {} loses {} and finds no other node",
                who(sight, request),
                node(at)
            )
        }
        Fact::Broke { node: at, .. } => format!("{} breaks", node(at)),
        Fact::WindowOpened { window, node: at, .. } => format!("{} goes into maintenance (window {window})", node(at)),
        Fact::Hidden { node: at } => format!("all steps to hide {} are done", node(at)),
        Fact::InHand { window, node: at } => format!(
            "no tenant is on {} any more: work may begin (window {window})",
            node(at)
        ),
        Fact::WorkBegan { node: at, waited, .. } if waited.0 > 0 => {
            format!(
                "a technician begins work on {}, {waited} after being asked for",
                node(at)
            )
        }
        Fact::WorkBegan { node: at, .. } => format!("a technician begins work on {}", node(at)),
        Fact::WorkDone { node: at, .. } => format!("the work on {} is done", node(at)),
        Fact::WorkCut { node: at, .. } => format!("the work on {} ends undone: it leaves the fleet", node(at)),
        Fact::WindowClosed { window, node: at } => format!("the maintenance of {} is over (window {window})", node(at)),
        Fact::Returned { node: at } => format!("the operators are done with {}", node(at)),
        Fact::Action {
            node: at,
            human: true,
            deed,
        } => match deed {
            Deed::Entry => format!("an operator does a step of the entry on {}", node(at)),
            Deed::Return => format!("an operator does a step of the return on {}", node(at)),
            Deed::Boot => format!("an operator boots for {}", node(at)),
            Deed::ByHand => format!("an operator deploys on {} by hand", node(at)),
        },
        Fact::BootFailed {
            errand,
            node: at,
            error,
            ..
        } => {
            format!("the boot of errand {errand} fails on {}: {}", node(at), why(error))
        }
        Fact::Slipped { node: at } => format!("an operator forgets a step of the return of {}", node(at)),
        Fact::Audited { node: at } => format!("an audit finds the forgotten step on {} and mends it", node(at)),
        Fact::LeaseExpired { window, node: at } => {
            format!(
                "the operators' lease of {} ends before the work is done (window {window})",
                node(at)
            )
        }
        _ => return None,
    })
}

fn of_errands(fact: &Fact, sight: &Sight<'_>) -> Option<String> {
    let node = |at: NodeId| node(sight, at);
    Some(match *fact {
        Fact::ErrandNeeded { errand, node: at, .. } => {
            format!("the operators need to boot {} (errand {errand})", node(at))
        }
        Fact::ErrandRefused { errand, node: at, .. } => {
            format!("the operators' boot of {} is refused (errand {errand})", node(at))
        }
        Fact::Mistargeted { errand, node: at, .. } => {
            format!(
                "the operators' image for {} lands on another node (errand {errand})",
                node(at)
            )
        }
        Fact::ErrandRuns { errand, node: at, .. } => {
            format!("the operators' image runs on {} (errand {errand})", node(at))
        }
        Fact::ErrandEnded {
            errand, node: at, end, ..
        } => {
            let how = match end {
                ErrandEnd::Done => "is done",
                ErrandEnd::Unserved => "was never served",
                ErrandEnd::Cut => "is cut off",
            };
            format!("errand {errand} on {} {how}", node(at))
        }
        _ => return None,
    })
}
