//! A decision on machines of a server group. Its policy is a matter of compute services, and every
//! machine that is placed changes what the next one may have, so that the machines are taken one by
//! one, as Nova does. What the policy says of a service holds for all its nodes: the services are put
//! in order, and the nodes of the best ones are looked at. The definition is `plain`.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use super::ask::Ask;
use super::best::Best;
use super::choice::{Choice, Denial, Keep, Nodes, Stage};
use super::judge::{Judge, ShapeVerdict};
use super::policy::Policy;
use super::rules::{Fit, Rules, Survey};
use super::walk::walk;
use crate::fleet::{GroupId, NodeId};
use crate::kernel::Few;
use crate::view::{ShapeId, View};
use crate::workload::{GroupPolicy, ServerGroup};

/// A compute service with nodes that pass the other filters.
struct Service {
    id: GroupId,
    /// Their shapes.
    shapes: Few<ShapeId, 4>,
    /// What the soft weigher has thought of it, the last round first: less is better. Nova sorts what the round
    /// before has left, and keeps the order of equals.
    dislikes: Vec<i64>,
}

/// Where the group's machines are, with those that this decision has placed.
struct Whereabouts<'a> {
    group: &'a ServerGroup,
    /// Whether the policy is a filter that is enabled.
    strict: bool,
    machines: BTreeMap<GroupId, u32>,
    /// The service of the machine that was placed last, when the alternates are looked for: Nova's anti-affinity
    /// filter lets an instance onto the service that it is on already, and still holds that instance.
    last: Option<GroupId>,
}

impl Whereabouts<'_> {
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

    /// One round's filter and weigher.
    fn sort(&self, services: &mut Vec<Service>) {
        services.retain(|service| self.lets(service.id));
        for service in services.iter_mut() {
            service.dislikes.insert(0, self.dislikes(service.id));
        }
        services.sort_by(|a, b| a.dislikes.cmp(&b.dislikes));
    }
}

/// What a decision looks at beside the services.
struct Scene<'a> {
    view: &'a View,
    policy: &'a Policy,
    ask: &'a Ask,
    keep: Option<Keep<'a>>,
}

impl Scene<'_> {
    /// The best nodes of the services, but for those that are taken. Failed builds weigh a million times as much
    /// as what the policy says.
    fn best(&self, services: &[Service], taken: &BTreeSet<NodeId>, wanted: usize) -> Nodes {
        let shapes = |level: &[Service]| -> Vec<ShapeId> {
            let of_level = level.iter().flat_map(|service| service.shapes.iter());
            of_level.copied().collect()
        };
        if wanted == 0 {
            return Nodes::new();
        }
        let mut best = Best::new(self.view, self.policy, &shapes(services), wanted);
        for level in services.chunk_by(|a, b| a.dislikes == b.dislikes) {
            let shapes = shapes(level);
            let n = shapes.iter().map(|&shape| self.view.shelf(shape).len()).sum();
            walk(self.view, &shapes, n, self.policy, self.ask.tie, |node| {
                if taken.contains(&node) || self.keep.is_some_and(|keep| !keep(node)) {
                    return ControlFlow::Continue(());
                }
                best.look_at(self.view, node)
            });
            if best.is_full() {
                break;
            }
        }
        best.finish()
    }

    /// The machines, and after them the alternates; how many are machines.
    fn take(&self, mut services: Vec<Service>, mut there: Whereabouts<'_>) -> (usize, Nodes) {
        let alternates = self.policy.alternates();
        there.sort(&mut services);
        let mut taken = BTreeSet::new();
        if self.ask.count == 1 {
            // The alternates are what it was picked from.
            let all = self.best(&services, &taken, 1 + alternates);
            return (all.len().min(1), all);
        }
        let (mut picks, mut last) = (Nodes::new(), None);
        for _ in 0..self.ask.count {
            let node = self.best(&services, &taken, 1).first().copied();
            last = node.map(|node| self.view.shape_of(node).group);
            let (Some(node), Some(service)) = (node, last) else {
                break;
            };
            taken.insert(node);
            picks.push(node);
            *there.machines.entry(service).or_default() += 1;
            if picks.len() < usize::from(self.ask.count) {
                there.sort(&mut services);
            }
        }
        there.last = last;
        there.sort(&mut services);
        let count = picks.len();
        let others = self.best(&services, &taken, alternates);
        others.iter().for_each(|&node| picks.push(node));
        (count, picks)
    }
}

/// Decides an ask for machines of a server group; none: a filter raises or looks at the single node,
/// and the plain definition decides.
pub(super) fn choose(
    view: &View,
    rules: &mut Rules,
    ask: &Ask,
    keep: Option<Keep<'_>>,
) -> Option<Result<Choice, Denial>> {
    let survey = rules.survey(view, ask);
    let chosen = choose_surveyed(view, rules.judge(), ask, keep, &survey);
    rules.put_by(survey);
    chosen
}

fn choose_surveyed(
    view: &View,
    judge: &Judge,
    ask: &Ask,
    keep: Option<Keep<'_>>,
    survey: &Survey,
) -> Option<Result<Choice, Denial>> {
    let denied = |stage, examined| {
        Some(Err(Denial {
            stage,
            examined,
            capped: false,
        }))
    };
    match survey.fit {
        Fit::Raises | Fit::ByNode { .. } => return None,
        Fit::Refused => return denied(Stage::RequestFilters, 0),
        Fit::All | Fit::None | Fit::Some => {}
    }
    let n = survey.free;
    let mut services: BTreeMap<GroupId, Few<ShapeId, 4>> = BTreeMap::new();
    for &(id, verdict) in &survey.shapes {
        if verdict == ShapeVerdict::Passes {
            services.entry(view.shape(id).group).or_default().push(id);
        }
    }
    if (n as usize) < ask.least() {
        return denied(Stage::Placement, n);
    }
    let policy = judge.policy_for(&ask.spec);
    let group = judge.glossary().group(&ask.spec)?;
    let services = services.into_iter().map(|(id, shapes)| Service {
        id,
        shapes,
        dislikes: Vec::new(),
    });
    let scene = Scene {
        view,
        policy,
        ask,
        keep,
    };
    let picks = scene.take(services.collect(), whereabouts(view, policy, group));
    if picks.0 < ask.least() {
        return denied(Stage::Filters, n);
    }
    Some(Ok(Choice::new(picks.1, picks.0, n, false)))
}

/// How the machines of one decision may lie on compute services.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spread {
    /// As they like.
    Anyhow,
    /// All on one.
    Together,
    /// So many on each.
    Apart(u32),
}

impl Spread {
    /// What the filters hold machines of this group to.
    pub(super) fn of(policy: &Policy, group: Option<&ServerGroup>) -> Spread {
        match group {
            Some(group) if is_strict(policy, group) => match group.policy {
                GroupPolicy::Affinity => Spread::Together,
                _ => Spread::Apart(group.most_per_host.unwrap_or(1)),
            },
            _ => Spread::Anyhow,
        }
    }

    /// The most machines that fit onto services with so many nodes each.
    #[must_use]
    pub fn most(self, nodes: impl Iterator<Item = u64>) -> u64 {
        match self {
            Spread::Anyhow => nodes.sum(),
            Spread::Together => nodes.max().unwrap_or(0),
            Spread::Apart(most) => nodes.map(|nodes| nodes.min(u64::from(most))).sum(),
        }
    }
}

/// Whether the group's policy is a filter that is enabled.
fn is_strict(policy: &Policy, group: &ServerGroup) -> bool {
    match group.policy {
        GroupPolicy::Affinity => policy.enables("ServerGroupAffinityFilter"),
        GroupPolicy::AntiAffinity => policy.enables("ServerGroupAntiAffinityFilter"),
        GroupPolicy::SoftAffinity | GroupPolicy::SoftAntiAffinity => false,
    }
}

fn whereabouts<'a>(view: &View, policy: &Policy, group: &'a ServerGroup) -> Whereabouts<'a> {
    Whereabouts {
        group,
        strict: is_strict(policy, group),
        machines: view.members(group.id).collect(),
        last: None,
    }
}
