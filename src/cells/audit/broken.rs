//! What is said of a broken law, out of the way of those who keep it.

use crate::fleet::{NodeId, RequestId};
use crate::kernel::Time;
use crate::world::{Fact, Sight, Standing};

pub(super) fn node_name(sight: &Sight<'_>, node: NodeId) -> String {
    if node.at() < sight.fleet.nodes.len() {
        format!("node {}", sight.fleet.name(node))
    } else {
        format!("number {}", node.0)
    }
}

pub(super) fn request_name(sight: &Sight<'_>, request: RequestId) -> String {
    format!("request {}", sight.request_name(request))
}

/// A request, or a request on a node, breaks a law.
#[cold]
#[inline(never)]
pub(super) fn broken_by(sight: &Sight<'_>, law: &str, at: Time, (request, node): (RequestId, Option<NodeId>)) -> ! {
    let on = node.map_or_else(String::new, |node| format!(" on {}", node_name(sight, node)));
    broken(law, at, &format!("{}{on}", request_name(sight, request)))
}

#[cold]
#[inline(never)]
pub(super) fn too_few(sight: &Sight<'_>, at: Time, request: RequestId, (active, least): (u32, u32)) -> ! {
    let what = format!("{} has {active} of {least}", request_name(sight, request));
    broken("an accepted request has the machines that it needs, active", at, &what)
}

#[cold]
#[inline(never)]
pub(super) fn not_its_claim(
    sight: &Sight<'_>,
    at: Time,
    (request, node): (RequestId, NodeId),
    claim: Option<RequestId>,
) -> ! {
    let claim = claim.map_or_else(|| "nobody".to_owned(), |other| request_name(sight, other));
    let (who, node) = (request_name(sight, request), node_name(sight, node));
    let what = format!("{who} leaves {node}, claimed by {claim}");
    broken("every claim has one end", at, &what)
}

#[cold]
#[inline(never)]
pub(super) fn not_from_there(sight: &Sight<'_>, at: Time, node: NodeId, (known, from): (Standing, Standing)) -> ! {
    let what = format!("{} stood {known:?} and comes from {from:?}", node_name(sight, node));
    broken("a node's standing begins where its last one ended", at, &what)
}

#[cold]
#[inline(never)]
pub(super) fn two_on_one(sight: &Sight<'_>, at: Time, node: NodeId) -> ! {
    let what = format!("{} has a tenant and an errand", node_name(sight, node));
    broken("one occupant a node", at, &what)
}

#[cold]
pub(super) fn backwards(at: Time, fact: Fact, now: Time) -> ! {
    broken("time never runs backwards", at, &format!("{fact:?} after {now}"))
}

#[cold]
pub(super) fn broken(law: &str, at: Time, what: &str) -> ! {
    panic!("broken law `{law}` at {at} ({} ms): {what}", at.0)
}
