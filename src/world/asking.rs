//! Requests and errands in the scheduler's terms. Pure functions of a run's inputs, so that an
//! observer asks exactly what the world asked.

use super::inputs::Inputs;
use crate::fleet::{ClassId, Marks, Names, NodeId, TenantId};
use crate::kernel::streams::word_of;
use crate::kernel::{Time, part_of};
use crate::scheduler::{Ask, AskedNode, Quota, Rules, Spec, Usage};
use crate::strategy::{Naming, Terms};
use crate::workload::draw::luck;
use crate::workload::tape::chance;
use crate::workload::{Kind, Multi, Request};

/// Whoever puts requests into the scheduler's terms.
#[derive(Clone, Debug)]
pub struct Clerk {
    refuses: Marks,
    /// Ordinary flavors that lack the inverse requirement, by class.
    uncovered: Vec<bool>,
    /// Tenants that own nodes.
    owners: Vec<bool>,
    owners_overflow: bool,
    keep_clear: bool,
    hides: bool,
    /// The share of requests that name their owner, by source.
    names_owner: Vec<f64>,
}

impl Clerk {
    /// The clerk of a run.
    #[must_use]
    pub fn new(inputs: &Inputs<'_>) -> Clerk {
        let names = &inputs.fleet.names;
        let mut owners = vec![false; names.tenants.len().max(1)];
        for owner in inputs.fleet.nodes.iter().filter_map(|node| node.owner()) {
            owners[owner.at()] = true;
        }
        let terms = inputs.strategy.terms();
        Clerk {
            refuses: terms.refuses,
            uncovered: uncovered(names, terms.coverage),
            owners,
            owners_overflow: inputs.policy.owners_overflow,
            keep_clear: inputs.policy.keep_clear,
            hides: inputs
                .fleet
                .nodes
                .first()
                .is_some_and(|node| !inputs.strategy.entry(node).is_empty()),
            names_owner: inputs.demand.sources.iter().map(|source| source.names_owner).collect(),
        }
    }

    /// The rules by which this run's scheduler decides.
    #[must_use]
    pub fn rules(&self, inputs: &Inputs<'_>) -> Rules {
        let terms: Terms = inputs.strategy.terms();
        let policy = inputs.policy.with(terms.needs);
        let refuses = if terms.coverage < 1.0 {
            Marks::default()
        } else {
            terms.refuses
        };
        let all_name_owner = self.names_owner.iter().all(|&share| share >= 1.0);
        Rules::new(
            &inputs.fleet.names,
            &inputs.demand.extras,
            policy,
            refuses,
            all_name_owner,
        )
    }

    /// Whether anything is done to hide a node that goes into maintenance.
    #[must_use]
    pub fn hides(&self) -> bool {
        self.hides
    }

    /// Tenants that own nodes.
    #[must_use]
    pub fn owners(&self) -> &[bool] {
        &self.owners
    }

    /// Whether requests of this source are like others of their flavor and tenant: all of them name their
    /// owner, or none does.
    #[must_use]
    pub fn alike(&self, source: u16) -> bool {
        let share = self.names_owner[usize::from(source)];
        share <= 0.0 || share >= 1.0
    }

    /// When a request that is decided now plans to be gone, where that counts: one that has planned nothing has no
    /// end, and operators know what they do.
    fn ends(&self, request: &Request, now: Time) -> Time {
        match (self.keep_clear && request.kind != Kind::Operator, request.plans) {
            (false, _) => Time::ZERO,
            (true, false) => Time::NEVER,
            (true, true) => now + request.planned,
        }
    }

    /// A tenant's request, decided now.
    #[must_use]
    pub fn ask(&self, request: &Request, now: Time) -> Ask {
        let share = self.names_owner[usize::from(request.source)];
        let names_owner = share >= 1.0 || (share > 0.0 && chance(request.luck, luck::OWNER) < share);
        let covered = !self.uncovered[request.class.at()];
        Ask {
            spec: Spec {
                class: request.class,
                tenant: request.tenant,
                extras: request.extras,
                required: request.required,
                forbidden: request.forbidden,
                asks: Marks::default(),
                refuses: if covered { self.refuses } else { Marks::default() },
                confined: !self.owners_overflow && self.owners[request.tenant.at()],
                system: request.kind == Kind::Operator,
                names_owner,
            },
            count: request.count,
            min_count: request.least(false),
            ends: self.ends(request, now),
            target: AskedNode::Any,
            tie: request.luck ^ luck::TIE,
        }
    }

    /// The same as it is asked now, where tenants have so many machines; none: the quota allows fewer
    /// than the request is content with.
    #[must_use]
    pub fn ask_now(&self, request: &Request, now: Time, quota: Option<&Quota>, usage: &Usage) -> Option<Ask> {
        let (count, min_count) = wanted(request, quota, usage)?;
        Some(Ask {
            count,
            min_count,
            ..self.ask(request, now)
        })
    }

    /// An operators' boot for an errand on a node of this class.
    #[must_use]
    pub fn errand(&self, class: ClassId, node: NodeId, naming: Naming, asks: Marks, tie: u64) -> Ask {
        Ask {
            spec: Spec {
                class,
                tenant: TenantId::OPERATORS,
                asks,
                system: true,
                ..Spec::default()
            },
            count: 1,
            min_count: 1,
            ends: Time::ZERO,
            target: match naming {
                Naming::Unnamed => AskedNode::Any,
                Naming::Destination => AskedNode::Named(node),
                Naming::Hint => AskedNode::Hinted(node),
                Naming::Forced => AskedNode::Forced(node),
            },
            tie,
        }
    }
}

/// How many machines a request asks for now, and with how few the decision is content. Nova lowers the
/// count to what the quota allows and then wants all of it; Blazar takes what there is.
#[must_use]
#[inline]
pub fn wanted(request: &Request, quota: Option<&Quota>, usage: &Usage) -> Option<(u16, u16)> {
    let Some(quota) = quota else {
        return Some((request.count, request.least(false)));
    };
    let left = usage.left(quota, request.tenant, request.class);
    let least = request.least(true);
    if left < u32::from(least) {
        return None;
    }
    let count = u16::try_from(left).map_or(request.count, |left| request.count.min(left));
    Some(match request.multi {
        Multi::Nova => (count, count),
        Multi::Blazar => (count, least),
    })
}

/// Which flavors lack the inverse requirement: all but exactly the share `coverage` of them, in an
/// order that looks random and is always the same.
fn uncovered(names: &Names, coverage: f64) -> Vec<bool> {
    let classes = names.classes.len().max(1);
    let mut order: Vec<usize> = (0..classes).collect();
    order.sort_by_key(|&class| word_of(names.classes.name(class as u16)));
    let bare = classes - part_of(coverage, classes as u64) as usize;
    let mut uncovered = vec![false; classes];
    order.into_iter().take(bare).for_each(|class| uncovered[class] = true);
    uncovered
}
