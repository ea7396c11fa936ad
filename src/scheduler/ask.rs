//! What is asked of the scheduler: a flavor, a tenant, a number of machines, perhaps a name.

use crate::fleet::{ClassId, Marks, NodeId, TenantId, TraitSet};
use crate::kernel::Time;
use crate::view::Shape;

/// Which machine is asked for, and by which of the three ways to name one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AskedNode {
    /// Any.
    #[default]
    Any,
    /// This one, by `--hypervisor-hostname`: filters run, and there are no alternates.
    Named(NodeId),
    /// This one, by `--availability-zone az:host:node`: every filter is skipped, Placement is not;
    /// there is no retry.
    Forced(NodeId),
    /// This one, by JsonFilter's `query` hint: it narrows what the candidate cap has left, and is
    /// silently ignored where the filter is not enabled.
    Hinted(NodeId),
}

/// What like requests have in common: all that a verdict on a shape depends on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spec {
    /// The resource class.
    pub class: ClassId,
    /// The tenant.
    pub tenant: TenantId,
    /// Extra specs, hint and availability zone, by their index in `Demand::extras`.
    pub extras: u16,
    /// Traits that a machine must have.
    pub required: TraitSet,
    /// Traits that it must not have.
    pub forbidden: TraitSet,
    /// Marks that the flavor or the boot speaks to: it wants machines that carry them.
    pub asks: Marks,
    /// Marks that the flavor refuses by an inverse requirement.
    pub refuses: Marks,
    /// Whether the tenant may use only nodes of its own.
    pub confined: bool,
    /// Operators are system members: a node's owner does not keep them off.
    pub system: bool,
    /// Whether the allocation names its owner, as a careful client of Ironic's allocation API does.
    pub names_owner: bool,
}

/// A request in the scheduler's terms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ask {
    /// Flavor and tenant.
    pub spec: Spec,
    /// How many machines.
    pub count: u16,
    /// With how few the requester is content.
    pub min_count: u16,
    /// Which machine.
    pub target: AskedNode,
    /// When it plans to be gone: it is kept off nodes on which announced work begins before that. Zero where it is
    /// kept off none.
    pub ends: Time,
    /// The key from which ties are drawn.
    pub tie: u64,
}

impl Ask {
    /// Whether announced work on a node of this shape begins before the ask's planned end.
    #[must_use]
    pub fn runs_into_work(&self, shape: &Shape) -> bool {
        shape.work_at.is_some_and(|at| at < self.ends)
    }

    /// The least number of machines that meets the ask.
    #[must_use]
    pub fn least(&self) -> usize {
        usize::from(self.min_count.min(self.count).max(1))
    }

    /// The machine that Placement is asked for by name (`in_tree`), if one is.
    #[must_use]
    pub fn in_tree(&self) -> Option<NodeId> {
        match self.target {
            AskedNode::Named(node) | AskedNode::Forced(node) => Some(node),
            AskedNode::Any | AskedNode::Hinted(_) => None,
        }
    }
}
