//! A decision on machines of a server group. Its policy is a matter of compute services, and every
//! machine that is placed changes what the next one may have, so that the candidates are listed once
//! and the machines are taken one by one, as Nova does. No host is put into Nova's terms for that.
//! The definition is `plain`.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use super::ask::Ask;
use super::choose::{Choice, Denial, Nodes, Stage};
use super::policy::Policy;
use super::rules::{Rules, Verdict};
use super::walk::walk;
use crate::fleet::{GroupId, NodeId};
use crate::kernel::Few;
use crate::view::{ShapeId, View};
use crate::workload::{GroupPolicy, ServerGroup};

/// A candidate that passes the other filters.
#[derive(Clone, Copy)]
struct Candidate {
    node: NodeId,
    service: GroupId,
    failed: u16,
}

/// Where the group's machines are, with those that this decision has placed.
struct Standing<'a> {
    group: &'a ServerGroup,
    /// Whether the policy is a filter that is enabled.
    strict: bool,
    machines: BTreeMap<GroupId, u32>,
    /// The service of the machine that was placed last, when the alternates are looked for: Nova's anti-affinity
    /// filter lets an instance onto the service that it is on already, and still holds that instance.
    last: Option<GroupId>,
}

impl Standing<'_> {
    fn on(&self, service: GroupId) -> u32 {
        self.machines.get(&service).copied().unwrap_or(0)
    }

    /// Whether the group's filter lets another machine onto the service.
    fn lets(&self, service: GroupId) -> bool {
        match self.group.policy {
            _ if !self.strict => true,
            GroupPolicy::Affinity => self.machines.is_empty() || self.on(service) > 0,
            GroupPolicy::AntiAffinity if self.last == Some(service) => true,
            GroupPolicy::AntiAffinity => self.on(service) < self.group.most_per_host.unwrap_or(1),
            GroupPolicy::SoftAffinity | GroupPolicy::SoftAntiAffinity => true,
        }
    }

    /// What the soft weigher thinks of the service: less is better.
    fn dislikes(&self, service: GroupId) -> i64 {
        match self.group.policy {
            GroupPolicy::SoftAffinity => -i64::from(self.on(service)),
            GroupPolicy::SoftAntiAffinity => i64::from(self.on(service)),
            GroupPolicy::Affinity | GroupPolicy::AntiAffinity => 0,
        }
    }

    /// One round's filter and weighers. A sort that keeps the order of equals: Nova's does, and hands its list on
    /// to the next round.
    fn sort(&self, left: &mut Vec<Candidate>, weigh: bool) {
        left.retain(|one| self.lets(one.service));
        // Failed builds weigh a million times as much, so that they come first.
        left.sort_by_key(|one| (if weigh { one.failed } else { 0 }, self.dislikes(one.service)));
    }
}

/// Decides an ask for machines of a server group; none: a filter raises or looks at the single node,
/// and the plain definition decides.
pub(super) fn choose(view: &View, rules: &mut Rules, ask: &Ask) -> Option<Result<Choice, Denial>> {
    let survey = rules.survey_for(view, ask);
    let chosen = choose_surveyed(view, rules, ask, &survey);
    rules.put_by(survey);
    chosen
}

fn choose_surveyed(
    view: &View,
    rules: &Rules,
    ask: &Ask,
    survey: &[(ShapeId, Verdict)],
) -> Option<Result<Choice, Denial>> {
    let denied = |stage, examined| {
        Some(Err(Denial {
            stage,
            examined,
            capped: false,
        }))
    };
    let mut shapes: Few<ShapeId, 8> = Few::new();
    for &(id, verdict) in survey {
        match verdict {
            Verdict::Raises(_) | Verdict::ByNode | Verdict::MayRaise => return None,
            Verdict::Refused => return denied(Stage::RequestFilters, 0),
            verdict if verdict.is_candidate() => shapes.push(id),
            _ => {}
        }
    }
    let n: u32 = shapes.iter().map(|&shape| view.shelf(shape).len()).sum();
    if (n as usize) < ask.least() {
        return denied(Stage::Placement, n);
    }
    let policy = rules.policy_for(&ask.spec);
    let left = listed(view, &shapes, n, policy, ask, survey);
    let group = rules.glossary().group(&ask.spec)?;
    let picks = take(left, standing(view, policy, group), policy, ask);
    if picks.0 < ask.least() {
        return denied(Stage::Filters, n);
    }
    Some(Ok(Choice::new(picks.1, picks.0, n, false)))
}

/// The candidates that pass the other filters, in tie order.
fn listed(
    view: &View,
    shapes: &[ShapeId],
    n: u32,
    policy: &Policy,
    ask: &Ask,
    verdicts: &[(ShapeId, Verdict)],
) -> Vec<Candidate> {
    let mut left = Vec::new();
    walk(view, shapes, n, policy, ask.tie, |node| {
        let shape = view.shape_id_of(node);
        if verdicts.contains(&(shape, Verdict::Passes)) {
            left.push(Candidate {
                node,
                service: view.shape(shape).group,
                failed: view.failed_builds(node),
            });
        }
        ControlFlow::Continue(())
    });
    left
}

fn standing<'a>(view: &View, policy: &Policy, group: &'a ServerGroup) -> Standing<'a> {
    let strict = match group.policy {
        GroupPolicy::Affinity => policy.enables("ServerGroupAffinityFilter"),
        GroupPolicy::AntiAffinity => policy.enables("ServerGroupAntiAffinityFilter"),
        GroupPolicy::SoftAffinity | GroupPolicy::SoftAntiAffinity => false,
    };
    Standing {
        group,
        strict,
        machines: view.members(group.id).collect(),
        last: None,
    }
}

/// The machines, and after them the alternates; how many are machines.
fn take(mut left: Vec<Candidate>, mut standing: Standing<'_>, policy: &Policy, ask: &Ask) -> (usize, Nodes) {
    let weigh = policy.weigh_failed_builds;
    let mut picks = Nodes::new();
    let mut taken = std::collections::BTreeSet::new();
    let mut last = None;
    for _ in 0..ask.count {
        standing.sort(&mut left, weigh);
        let Some(one) = left.iter().find(|one| !taken.contains(&one.node)).copied() else {
            last = None;
            break;
        };
        taken.insert(one.node);
        picks.push(one.node);
        *standing.machines.entry(one.service).or_default() += 1;
        last = Some(one.service);
    }
    // Of one machine the alternates are what it was picked from.
    if ask.count > 1 {
        standing.last = last;
        standing.sort(&mut left, weigh);
    }
    let others = left.iter().filter(|one| !taken.contains(&one.node));
    let count = picks.len();
    others.take(policy.alternates()).for_each(|one| picks.push(one.node));
    (count, picks)
}
