//! A placement decision by the view's index. The definition that it must agree with, case by
//! case, is `plain::decide`.

use super::ask::Ask;
use super::plain;
use super::policy::Policy;
use super::rules::{Rules, Verdict};
use super::walk::walk;
use crate::fleet::{Mark, NodeId, TenantId};
use crate::view::{ShapeId, View};

/// The name of a node: what a hint or a forced boot calls it.
pub type Name<'a> = &'a dyn Fn(NodeId) -> String;

/// The stage that left too few candidates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// A request filter: Placement was not even asked.
    RequestFilters,
    /// Placement's query.
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
pub fn choose(view: &View, rules: &mut Rules, ask: &Ask, name: Name<'_>) -> Result<Choice, Denial> {
    let survey = rules.survey(view, &ask.spec);
    let raises = survey.iter().any(|(_, verdict)| matches!(verdict, Verdict::Raises(_)));
    if ask.target != super::Target::Any || raises {
        // Rare and particular: named machines, and flavors whose extra specs make a filter raise.
        return if ask.in_tree().is_some() {
            choose_named(view, rules, ask, name)
        } else {
            plain::decide(view, rules, ask, name)
        };
    }
    if survey.iter().any(|(_, verdict)| *verdict == Verdict::Refused) {
        return Err(Denial {
            stage: Stage::RequestFilters,
            examined: 0,
            capped: false,
        });
    }
    choose_any(view, rules, ask, &survey, name)
}

/// A named machine: `in_tree` never suffers from the cap, and there are no alternates.
fn choose_named(view: &View, rules: &mut Rules, ask: &Ask, name: Name<'_>) -> Result<Choice, Denial> {
    let denial = |stage, examined| Denial {
        stage,
        examined,
        capped: false,
    };
    let Some(node) = ask.in_tree() else {
        return Err(denial(Stage::Placement, 0));
    };
    let verdict = rules.verdict(view, &ask.spec, view.shape_id_of(node));
    if verdict == Verdict::Refused {
        return Err(denial(Stage::RequestFilters, 0));
    }
    if !view.free(node) || !verdict.is_candidate() || ask.least() > 1 {
        return Err(denial(
            Stage::Placement,
            u32::from(view.free(node) && verdict.is_candidate()),
        ));
    }
    let forced = matches!(ask.target, super::Target::Forced(_));
    let passes = forced
        || match verdict {
            Verdict::ByNode => {
                let request = rules.request(view, ask, name);
                rules.judge_node(&rules.host(view, node, name), &request) == Verdict::Passes
            }
            verdict => verdict == Verdict::Passes,
        };
    if !passes {
        return Err(denial(Stage::Filters, 1));
    }
    Ok(Choice {
        picks: vec![node],
        alternates: Vec::new(),
        examined: 1,
        capped: false,
    })
}

fn choose_any(
    view: &View,
    rules: &Rules,
    ask: &Ask,
    survey: &[(ShapeId, Verdict)],
    name: Name<'_>,
) -> Result<Choice, Denial> {
    let policy = rules.policy();
    let candidates = survey.iter().filter(|(_, verdict)| verdict.is_candidate());
    let shapes: Vec<ShapeId> = candidates.map(|&(id, _)| id).collect();
    let n: u32 = shapes.iter().map(|&shape| view.shelf(shape).len()).sum();
    let examined = policy.cap.map_or(n, |cap| cap.min(n));
    let denial = |stage| Denial {
        stage,
        examined,
        capped: examined < n,
    };
    if (n as usize) < ask.least() {
        return Err(denial(Stage::Placement));
    }
    let wanted = usize::from(ask.count) + policy.alternates();
    let picks = if survey.iter().any(|(_, verdict)| *verdict == Verdict::ByNode) {
        let request = rules.request(view, ask, name);
        let passes = |node| rules.judge_node(&rules.host(view, node, name), &request) == Verdict::Passes;
        best(view, ask, policy, &shapes, n, wanted, &passes)
    } else {
        let blocked: Vec<ShapeId> = survey
            .iter()
            .filter(|(_, verdict)| verdict.is_candidate() && *verdict != Verdict::Passes)
            .map(|&(id, _)| id)
            .collect();
        match blocked.len() {
            0 => best(view, ask, policy, &shapes, n, wanted, &|_| true),
            all if all == shapes.len() => Vec::new(),
            _ => best(view, ask, policy, &shapes, n, wanted, &|node| {
                !blocked.contains(&view.shape_id_of(node))
            }),
        }
    };
    if picks.len() < ask.least() {
        return Err(denial(Stage::Filters));
    }
    Ok(split(picks, usize::from(ask.count), examined, examined < n))
}

/// Parts the sorted list into picks and alternates.
pub(super) fn split(mut picks: Vec<NodeId>, count: usize, examined: u32, capped: bool) -> Choice {
    let alternates = picks.split_off(count.min(picks.len()));
    Choice {
        picks,
        alternates,
        examined,
        capped,
    }
}

/// The best `wanted` candidates: those without failed builds in tie order, then by failed builds.
fn best(
    view: &View,
    ask: &Ask,
    policy: &Policy,
    shapes: &[ShapeId],
    n: u32,
    wanted: usize,
    passes: &dyn Fn(NodeId) -> bool,
) -> Vec<NodeId> {
    let weigh = policy.weigh_failed_builds && shapes.iter().any(|&id| view.shelf(id).tainted() > 0);
    let mut clean = Vec::with_capacity(wanted);
    let mut tainted: Vec<(u16, NodeId)> = Vec::new();
    for node in walk(view, shapes, n, policy, ask.tie) {
        if !passes(node) {
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
    /// Free, but without what the request asks for: traits, capabilities, a zone, a hint.
    pub unfit: u32,
}

/// Counts the free nodes of the ask's class by what becomes of them.
#[must_use]
pub fn tally(view: &View, rules: &mut Rules, ask: &Ask) -> Tally {
    let mut tally = Tally::default();
    for (id, verdict) in rules.survey(view, &ask.spec) {
        let (shape, free) = (*view.shape(id), view.shelf(id).len());
        let count = match verdict {
            Verdict::Passes => &mut tally.passing,
            // The operators have taken it over, by Ironic's owner: that hides it.
            Verdict::Owner if shape.marks.has(Mark::OperatorsOwner) && ask.spec.names_owner => &mut tally.marked,
            Verdict::Owner | Verdict::Refused => &mut tally.others,
            Verdict::ByNode => &mut tally.unfit,
            _ => match rules.but_for_marks(&ask.spec, &shape) {
                Verdict::Passes | Verdict::ByNode => &mut tally.marked,
                Verdict::Owner if shape.owner == Some(TenantId::OPERATORS) => &mut tally.marked,
                Verdict::Owner => &mut tally.others,
                _ => &mut tally.unfit,
            },
        };
        *count += free;
    }
    tally
}

/// How many free nodes of the class meet each verdict.
#[must_use]
pub fn census(view: &View, rules: &mut Rules, ask: &Ask) -> std::collections::BTreeMap<Verdict, u32> {
    let mut census = std::collections::BTreeMap::new();
    for (id, verdict) in rules.survey(view, &ask.spec) {
        *census.entry(verdict).or_default() += view.shelf(id).len();
    }
    census
}
