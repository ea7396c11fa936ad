//! The definition of a placement decision: look at every node, filter, cap, filter, weigh, sort,
//! take the first. Slow and obvious; `choose` must give the same answer, and tests hold it to it.

use super::choose::{Choice, Denial, Stage, split};
use super::policy::{CapOrder, Pick, Policy};
use super::stages::{Ask, Target, after_cap, before_cap};
use super::walk::{Shuffle, rank};
use crate::fleet::NodeId;
use crate::view::View;

/// Decides one ask by looking at every node.
///
/// # Errors
/// The stage that left too few candidates.
pub fn choose(view: &View, ask: &Ask, policy: &Policy) -> Result<Choice, Denial> {
    let named = match ask.target {
        Target::Any => None,
        Target::Named(node) | Target::Forced(node) => Some(node),
    };
    let mut candidates: Vec<NodeId> = (0..view.len() as u32)
        .map(NodeId)
        .filter(|&node| view.free(node) && before_cap(view.shape_of(node), ask).is_ok())
        .filter(|&node| named.is_none_or(|named| node == named))
        .collect();
    let n = candidates.len();
    let examined = if named.is_some() { n } else { policy.cap.map_or(n, |cap| n.min(cap as usize)) };
    let capped = examined < n;
    let least = usize::from(ask.min_count.min(ask.count).max(1));
    let denial = |stage| Err(Denial { stage, examined: examined as u32, capped });
    if n < least {
        return denial(Stage::Placement);
    }
    let cut = policy.cap_order == CapOrder::Lowest && capped;
    if cut {
        candidates.truncate(examined);
    }
    order(view, &mut candidates, policy, ask.tie, cut);
    candidates.truncate(examined);
    if capped && policy.pick != Pick::Random {
        candidates.sort_by_key(|&node| rank(view, node, policy.pick));
    }
    if !matches!(ask.target, Target::Forced(_)) {
        candidates.retain(|&node| after_cap(view, view.shape_of(node), ask, policy).is_ok());
    }
    if policy.weigh_failed_builds {
        candidates.sort_by_key(|&node| view.listing(node).failed_builds);
    }
    if candidates.len() < least {
        return denial(Stage::Filters);
    }
    let alternates = if named.is_some() { 0 } else { usize::from(policy.attempts.saturating_sub(1)) };
    candidates.truncate(usize::from(ask.count) + alternates);
    Ok(split(candidates, usize::from(ask.count), examined as u32, capped))
}

/// Puts candidates into the order by which the cap cuts and ties are broken.
/// Those that the cap has already cut by number are shuffled by number.
fn order(view: &View, candidates: &mut [NodeId], policy: &Policy, tie: u64, cut: bool) {
    let capped = policy.cap.is_some_and(|cap| candidates.len() > cap as usize);
    let shuffles = policy.pick == Pick::Random || (capped && policy.cap_order == CapOrder::Random);
    if !shuffles {
        candidates.sort_by_key(|&node| rank(view, node, policy.pick));
        return;
    }
    if !cut {
        candidates.sort_by_key(|&node| (view.shape_id_of(node), node));
    }
    let sorted = candidates.to_vec();
    for (slot, at) in candidates.iter_mut().zip(Shuffle::new(sorted.len() as u32, tie)) {
        *slot = sorted[at as usize];
    }
}
