//! A placement decision by the view's index. The definition that it must agree with, case by
//! case, is `plain::decide`.

use std::ops::ControlFlow;

use super::ask::Ask;
use super::best::Best;
use super::choice::{Choice, Denial, Keep, Name, Nodes, Stage};
use super::grouped;
use super::judge::{Judge, ShapeVerdict};
use super::plain;
use super::policy::{Pick, Policy};
use super::rules::{Fit, Rules, Survey};
use super::walk::walk;
use crate::fleet::NodeId;
use crate::view::{ShapeId, View};

/// Decides one ask.
///
/// # Errors
/// The stage that left too few candidates.
pub fn choose(view: &View, rules: &mut Rules, ask: &Ask, name: Name<'_>) -> Result<Choice, Denial> {
    choose_kept(view, rules, ask, name, None)
}

/// Decides an ask among those that `keep` keeps, whatever the candidate cap: that is how Blazar picks hosts, by
/// its calendar.
///
/// # Errors
/// As for `choose`.
pub fn choose_among(
    view: &View,
    rules: &mut Rules,
    ask: &Ask,
    name: Name<'_>,
    keep: Keep<'_>,
) -> Result<Choice, Denial> {
    choose_kept(view, rules, ask, name, Some(keep))
}

fn choose_kept(
    view: &View,
    rules: &mut Rules,
    ask: &Ask,
    name: Name<'_>,
    keep: Option<Keep<'_>>,
) -> Result<Choice, Denial> {
    // A hint that no filter reads asks for no node in particular.
    let hinted = matches!(ask.target, super::AskedNode::Hinted(_)) && !rules.policy().enables("JsonFilter");
    let particular = ask.target != super::AskedNode::Any && !hinted;
    if particular || rules.judge().weighs_by_aggregate() {
        return choose_particular(view, rules, ask, name, keep);
    }
    if rules.judge().glossary().group(&ask.spec).is_some() {
        return grouped::choose(view, rules, ask, keep)
            .unwrap_or_else(|| choose_particular(view, rules, ask, name, keep));
    }
    let survey = rules.survey(view, ask);
    let chosen = match survey.fit {
        Fit::Refused => Err(Denial {
            stage: Stage::RequestFilters,
            examined: 0,
            capped: false,
        }),
        Fit::Raises => choose_particular(view, rules, ask, name, keep),
        Fit::All if keep.is_none() => {
            let wanted = (ask.count, ask.least(), ask.tie);
            choose_planned(view, rules.judge().policy_for(&ask.spec), &survey.candidates, wanted)
        }
        _ => choose_any(view, rules, ask, &survey, name, keep),
    };
    rules.put_by(survey);
    chosen
}

/// Decides an ask for `count` machines of any name, of which `least` will do, where each shape of its
/// class passes every stage or is no candidate (`Rules::plan`): `shapes` are those that pass.
///
/// # Errors
/// Placement, where too few are free.
#[inline(always)]
pub fn choose_planned(
    view: &View,
    policy: &Policy,
    shapes: &[ShapeId],
    (count, least, tie): (u16, usize, u64),
) -> Result<Choice, Denial> {
    let (mut n, mut filled, mut tainted) = (0, 0, 0);
    let mut only = None;
    for &shape in shapes {
        let shelf = view.shelf(shape);
        if !shelf.is_empty() {
            n += shelf.len();
            tainted += shelf.tainted();
            filled += 1;
            only = Some(shape);
        }
    }
    let candidates = Candidates::new(policy, n);
    if (n as usize) < least {
        return Err(candidates.denied(Stage::Placement));
    }
    let wanted = usize::from(count) + policy.alternates();
    let one_line = filled == 1 && !candidates.capped && tainted == 0 && policy.pick == Pick::LeastRecent;
    let picks = match only {
        Some(shape) if one_line => longest_free(view, shape, wanted),
        _ => best(view, tie, policy, shapes, n, wanted, |_| true),
    };
    candidates.chosen(picks, count, least)
}

/// The nodes of one shape that have been free for longest: what `best` finds there, in half the
/// instructions, for this is the commonest decision.
#[inline(always)]
fn longest_free(view: &View, shape: ShapeId, wanted: usize) -> Nodes {
    let mut picks = Nodes::new();
    let mut next = view.longest_free(shape);
    for _ in 0..wanted {
        let Some(node) = next else { break };
        picks.push(node);
        next = view.later(node);
    }
    picks
}

/// What Placement returns of the nodes that it finds.
#[derive(Clone, Copy)]
struct Candidates {
    examined: u32,
    capped: bool,
}

impl Candidates {
    /// Of `n` nodes as many as the cap lets through.
    fn new(policy: &Policy, n: u32) -> Candidates {
        let examined = policy.cap.map_or(n, |cap| cap.min(n));
        Candidates {
            examined,
            capped: examined < n,
        }
    }

    fn denied(self, stage: Stage) -> Denial {
        Denial {
            stage,
            examined: self.examined,
            capped: self.capped,
        }
    }

    /// The choice of these, if they are enough.
    fn chosen(self, picks: Nodes, count: u16, least: usize) -> Result<Choice, Denial> {
        if picks.len() < least {
            return Err(self.denied(Stage::Filters));
        }
        Ok(Choice::new(picks, usize::from(count), self.examined, self.capped))
    }
}

/// Rare and particular: named machines, and flavors whose extra specs make a filter raise.
fn choose_particular(
    view: &View,
    rules: &mut Rules,
    ask: &Ask,
    name: Name<'_>,
    keep: Option<Keep<'_>>,
) -> Result<Choice, Denial> {
    match keep {
        None if ask.in_tree().is_some() => choose_named(view, rules, ask, name),
        None => plain::decide(view, rules.judge(), ask, name),
        Some(keep) => {
            let leased = |node| (!keep(node)).then(String::new);
            plain::trace_leased(view, rules.judge(), ask, name, Some(&leased)).outcome
        }
    }
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
    if verdict == ShapeVerdict::Refused {
        return Err(denial(Stage::RequestFilters, 0));
    }
    if !view.listing(node).listed {
        return Err(denial(Stage::Lookup, 0));
    }
    // `in_tree` belongs to the group without a suffix, and that must ask for something.
    let candidate = view.free(node)
        && verdict.is_candidate()
        && !ask.runs_into_work(view.shape_of(node))
        && !rules.asks_by_suffix(&ask.spec);
    if !candidate || ask.least() > 1 {
        return Err(denial(Stage::Placement, u32::from(candidate)));
    }
    let forced = matches!(ask.target, super::AskedNode::Forced(_));
    let judge = rules.judge();
    let grouped = verdict == ShapeVerdict::Passes && judge.glossary().group(&ask.spec).is_some();
    let passes = forced
        || if grouped || verdict.is_by_node() {
            let request = judge.request(view, ask, name);
            judge.judge_node(&judge.host(view, node, name), &request) == ShapeVerdict::Passes
        } else {
            verdict == ShapeVerdict::Passes
        };
    if !passes {
        return Err(denial(Stage::Filters, 1));
    }
    Ok(Choice::new(std::iter::once(node).collect(), 1, 1, false))
}

/// Chooses among what a survey has found, where not all of it passes or Blazar keeps some of it.
fn choose_any(
    view: &View,
    rules: &mut Rules,
    ask: &Ask,
    survey: &Survey,
    name: Name<'_>,
    keep: Option<Keep<'_>>,
) -> Result<Choice, Denial> {
    let (shapes, n) = (&survey.candidates[..], survey.free);
    let candidates = Candidates::new(policy_of(rules.judge(), ask, keep), n);
    if (n as usize) < ask.least() {
        return Err(candidates.denied(Stage::Placement));
    }
    let wanted = usize::from(ask.count) + rules.policy().alternates();
    let kept = |node| keep.is_none_or(|keep| keep(node));
    let picks = if let Fit::ByNode { may_raise } = survey.fit {
        let mut memo = rules.memo(ask);
        let judge = rules.judge();
        let policy = policy_of(judge, ask, keep);
        let mut verdict = |node| memo.judge(judge, view, ask, node, name);
        let raises = |node| kept(node) && matches!(verdict(node), ShapeVerdict::Raises(_));
        let picks = if may_raise && any(view, ask, policy, shapes, n, raises) {
            Nodes::new()
        } else {
            best(view, ask.tie, policy, shapes, n, wanted, |node| {
                kept(node) && verdict(node) == ShapeVerdict::Passes
            })
        };
        rules.keep(memo);
        picks
    } else if survey.fit == Fit::None {
        Nodes::new()
    } else {
        let policy = policy_of(rules.judge(), ask, keep);
        best(view, ask.tie, policy, shapes, n, wanted, |node| {
            survey.shapes.contains(&(view.shape_id_of(node), ShapeVerdict::Passes)) && kept(node)
        })
    };
    candidates.chosen(picks, ask.count, ask.least())
}

/// The policy for an ask: Blazar picks from all that are free.
fn policy_of<'a>(judge: &'a Judge, ask: &Ask, keep: Option<Keep<'_>>) -> &'a Policy {
    match keep {
        Some(_) => judge.uncapped(),
        None => judge.policy_for(&ask.spec),
    }
}

/// Whether this is so of a candidate that the cap has left. One on which a filter raises fails the whole request,
/// however many others pass: every one of them is asked.
fn any(
    view: &View,
    ask: &Ask,
    policy: &Policy,
    shapes: &[ShapeId],
    n: u32,
    mut is_so: impl FnMut(NodeId) -> bool,
) -> bool {
    let mut found = false;
    walk(view, shapes, n, policy, ask.tie, |node| {
        found = is_so(node);
        if found {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    found
}

/// The best `wanted` candidates: those without failed builds in tie order, then by failed builds.
fn best(
    view: &View,
    tie: u64,
    policy: &Policy,
    shapes: &[ShapeId],
    n: u32,
    wanted: usize,
    mut passes: impl FnMut(NodeId) -> bool,
) -> Nodes {
    let mut best = Best::new(view, policy, shapes, wanted);
    walk(view, shapes, n, policy, tie, |node| {
        if passes(node) {
            best.look_at(view, node)
        } else {
            ControlFlow::Continue(())
        }
    });
    best.finish()
}

/// Free nodes of the class that this ask could have, and those that fell for a reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Free, and let through by every stage but the cap.
    pub passing: u32,
    /// Free, but another tenant's.
    pub others: u32,
    /// Free, but kept off by a mark, or taken over by the operators.
    pub marked: u32,
    /// Those of them that stand on offer to others all the same.
    pub on_offer: u32,
    /// Free, but without what the request asks for: traits, capabilities, a zone, a hint.
    pub unfit: u32,
}

/// Counts the free nodes of the ask's class by what becomes of them.
#[must_use]
pub fn tally(view: &View, rules: &mut Rules, ask: &Ask) -> Tally {
    let mut tally = Tally::default();
    let survey = rules.survey(view, ask);
    for &(id, verdict) in &survey.shapes {
        let (shape, free) = (*view.shape(id), view.shelf(id).len());
        let hidden = rules.hides(view, id);
        let marked = tally.marked;
        // Whosever it is and whoever asks: one with a mark is in maintenance.
        let kept_off = hidden || !shape.marks.is_empty();
        let count = match verdict {
            ShapeVerdict::Passes => &mut tally.passing,
            ShapeVerdict::Owner if kept_off => &mut tally.marked,
            ShapeVerdict::Announced => &mut tally.marked,
            ShapeVerdict::Owner | ShapeVerdict::Refused => &mut tally.others,
            ShapeVerdict::ByNode | ShapeVerdict::MayRaise | ShapeVerdict::BadQuery => &mut tally.unfit,
            _ => match rules.but_for_marks(view, &ask.spec, id) {
                // Whose the node is does not matter beside a mark: maintenance keeps it off, whoever asks.
                ShapeVerdict::Passes | ShapeVerdict::ByNode | ShapeVerdict::MayRaise | ShapeVerdict::Owner => {
                    &mut tally.marked
                }
                _ => &mut tally.unfit,
            },
        };
        *count += free;
        if !hidden {
            tally.on_offer += tally.marked - marked;
        }
    }
    rules.put_by(survey);
    tally
}

/// How many free nodes of the class meet each verdict.
#[must_use]
pub fn census(view: &View, rules: &mut Rules, ask: &Ask) -> std::collections::BTreeMap<ShapeVerdict, u32> {
    let mut census = std::collections::BTreeMap::new();
    for (id, verdict) in rules.survey(view, ask).shapes {
        *census.entry(verdict).or_default() += view.shelf(id).len();
    }
    census
}
