//! A placement decision by the view's index. The definition that it must agree with, case by
//! case, is `plain::choose`.

use super::policy::Policy;
use super::stages::{Ask, Fell, Target, after_cap, before_cap};
use super::walk::walk;
use crate::fleet::NodeId;
use crate::view::{ShapeId, View};

/// The stage that left too few candidates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Request filters and Placement's query.
    Placement,
    /// The candidate cap and the filters after it.
    Filters,
}

/// What the scheduler answers to an ask that can be met.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// The machines, best first.
    pub picks: Vec<NodeId>,
    /// Where a build that fails may go next, best first; fixed now, never asked for again.
    pub alternates: Vec<NodeId>,
    /// Candidates that Placement returned.
    pub examined: u32,
    /// Whether the cap cut some off.
    pub capped: bool,
}

/// What it answers to one that cannot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Denial {
    /// The stage that left too few.
    pub stage: Stage,
    /// Candidates that Placement returned.
    pub examined: u32,
    /// Whether the cap cut some off.
    pub capped: bool,
}

/// Decides one ask.
///
/// # Errors
/// The stage that left too few candidates.
pub fn choose(view: &View, ask: &Ask, policy: &Policy) -> Result<Choice, Denial> {
    match ask.target {
        Target::Any => choose_any(view, ask, policy),
        Target::Named(node) | Target::Forced(node) => choose_named(view, ask, policy, node),
    }
}

/// A named machine: `in_tree` never suffers from the cap, and there are no alternates.
fn choose_named(view: &View, ask: &Ask, policy: &Policy, node: NodeId) -> Result<Choice, Denial> {
    let shape = view.shape_of(node);
    if !view.free(node) || before_cap(shape, ask).is_err() {
        return Err(Denial { stage: Stage::Placement, examined: 0, capped: false });
    }
    let skip_filters = matches!(ask.target, Target::Forced(_));
    if !skip_filters && after_cap(view, shape, ask, policy).is_err() {
        return Err(Denial { stage: Stage::Filters, examined: 1, capped: false });
    }
    Ok(Choice { picks: vec![node], alternates: Vec::new(), examined: 1, capped: false })
}

fn choose_any(view: &View, ask: &Ask, policy: &Policy) -> Result<Choice, Denial> {
    let shapes = candidate_shapes(view, ask);
    let n: u32 = shapes.iter().map(|&shape| view.shelf(shape).len()).sum();
    let examined = policy.cap.map_or(n, |cap| cap.min(n));
    let capped = examined < n;
    let least = usize::from(ask.min_count.min(ask.count).max(1));
    if (n as usize) < least {
        return Err(Denial { stage: Stage::Placement, examined, capped });
    }
    let wanted = usize::from(ask.count) + usize::from(policy.attempts.saturating_sub(1));
    let picks = best(view, ask, policy, &shapes, n, wanted);
    if picks.len() < least {
        return Err(Denial { stage: Stage::Filters, examined, capped });
    }
    Ok(split(picks, usize::from(ask.count), examined, capped))
}

/// Parts the sorted list into picks and alternates.
pub(super) fn split(mut picks: Vec<NodeId>, count: usize, examined: u32, capped: bool) -> Choice {
    let alternates = picks.split_off(count.min(picks.len()));
    Choice { picks, alternates, examined, capped }
}

/// The shapes that Placement's query lets through and that have free nodes.
fn candidate_shapes(view: &View, ask: &Ask) -> Vec<ShapeId> {
    let of_class = view.shapes_of(ask.class).iter().copied();
    of_class.filter(|&id| !view.shelf(id).is_empty() && before_cap(view.shape(id), ask).is_ok()).collect()
}

/// The best `wanted` candidates: those without failed builds in tie order, then by failed builds.
fn best(view: &View, ask: &Ask, policy: &Policy, shapes: &[ShapeId], n: u32, wanted: usize) -> Vec<NodeId> {
    let blocked: Vec<ShapeId> =
        shapes.iter().copied().filter(|&id| after_cap(view, view.shape(id), ask, policy).is_err()).collect();
    if blocked.len() == shapes.len() {
        return Vec::new();
    }
    let weigh = policy.weigh_failed_builds && shapes.iter().any(|&id| view.shelf(id).tainted() > 0);
    let mut clean = Vec::with_capacity(wanted);
    let mut tainted: Vec<(u16, NodeId)> = Vec::new();
    for node in walk(view, shapes, n, policy, ask.tie) {
        if !blocked.is_empty() && blocked.contains(&view.shape_id_of(node)) {
            continue;
        }
        let failed = if weigh { view.listing(node).failed_builds } else { 0 };
        if failed > 0 {
            tainted.push((failed, node));
            continue;
        }
        clean.push(node);
        if clean.len() == wanted {
            return clean;
        }
    }
    // A stable sort: the tie order is kept among equal weights.
    tainted.sort_by_key(|&(failed, _)| failed);
    clean.extend(tainted.into_iter().map(|(_, node)| node).take(wanted - clean.len()));
    clean
}

/// Free nodes of the class that this ask could have, and those that fell for a reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Free, and let through by every stage but the cap.
    pub passing: u32,
    /// Free, but another tenant's.
    pub others: u32,
    /// Free, but kept off by a mark.
    pub marked: u32,
}

/// Counts the free nodes of the ask's class by what becomes of them.
#[must_use]
pub fn tally(view: &View, ask: &Ask, policy: &Policy) -> Tally {
    let mut tally = Tally::default();
    for &id in view.shapes_of(ask.class) {
        let (shape, free) = (view.shape(id), view.shelf(id).len());
        if free == 0 {
            continue;
        }
        match before_cap(shape, ask).and_then(|()| after_cap(view, shape, ask, policy)) {
            Ok(()) => tally.passing += free,
            Err(Fell::Owner) => tally.others += free,
            Err(Fell::NotMarked | Fell::Marked(_) | Fell::Tenancy | Fell::PostFilter) => tally.marked += free,
            Err(Fell::Class | Fell::MissingTrait | Fell::ForbiddenTrait) => {}
        }
    }
    tally
}
