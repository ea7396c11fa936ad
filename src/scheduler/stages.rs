//! The stages that a node's shape passes: what an ask is, and why a shape falls.

use super::policy::{Filter, Policy};
use crate::fleet::{ClassId, Mark, Marks, NodeId, TenantId, TraitSet};
use crate::view::{Shape, View};

/// Which machine is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Target {
    /// Any.
    #[default]
    Any,
    /// This one, by `--hypervisor-hostname` or a hint: filters run, and there are no alternates.
    Named(NodeId),
    /// This one, by `--availability-zone az:host:node`: every filter is skipped, Placement is not.
    Forced(NodeId),
}

/// A request in the scheduler's terms: a flavor, a tenant and a target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ask {
    /// The resource class.
    pub class: ClassId,
    /// Traits that a machine must have.
    pub required: TraitSet,
    /// Traits that it must not have.
    pub forbidden: TraitSet,
    /// The tenant.
    pub tenant: TenantId,
    /// How many machines.
    pub count: u16,
    /// With how few the requester is content.
    pub min_count: u16,
    /// Marks that the flavor asks for: a machine without one of them is no candidate.
    pub asks: Marks,
    /// Marks that do not keep this request off.
    pub tolerates: Marks,
    /// Whether the tenant may use only nodes of its own.
    pub confined: bool,
    /// Operators are system members: a node's owner does not keep them off.
    pub system: bool,
    /// Which machine.
    pub target: Target,
    /// The key from which ties are drawn.
    pub tie: u64,
}

/// Why a shape is no candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fell {
    /// Another resource class.
    Class,
    /// A required trait is missing.
    MissingTrait,
    /// It has a forbidden trait.
    ForbiddenTrait,
    /// A mark that the flavor asks for is missing (or not yet seen).
    NotMarked,
    /// A mark keeps ordinary requests off in Placement.
    Marked(Mark),
    /// It belongs to another tenant, or the tenant is confined to its own.
    Owner,
    /// The filter AggregateMultiTenancyIsolation.
    Tenancy,
    /// The maintenance mark, looked at after the cap.
    PostFilter,
}

/// Marks that keep off who does not tolerate them, in Placement: by aggregates, class or traits.
const BEFORE_CAP: [Mark; 7] = [
    Mark::IsolatedAggregate,
    Mark::MaintenanceClass,
    Mark::InverseSpec,
    Mark::OperatorsAggregate,
    Mark::TenantAggregate,
    Mark::OperatorsOwner,
    Mark::OperatorsLease,
];

/// Marks that hide nothing by themselves.
#[must_use]
pub fn harmless() -> Marks {
    Marks::default().with(Mark::MaintenanceTrait).with(Mark::SpecOnly).with(Mark::OperatorsTrait)
}

/// The request filters and Placement's query, as far as they look at a shape.
///
/// # Errors
/// The first reason for which the shape is no candidate.
pub fn before_cap(shape: &Shape, ask: &Ask) -> Result<(), Fell> {
    if shape.class != ask.class {
        return Err(Fell::Class);
    }
    if !shape.traits.covers(ask.required) {
        return Err(Fell::MissingTrait);
    }
    if shape.traits.meets(ask.forbidden) {
        return Err(Fell::ForbiddenTrait);
    }
    if shape.marks.0 & ask.asks.0 != ask.asks.0 {
        return Err(Fell::NotMarked);
    }
    if shape.marks.0 & !ask.tolerates.0 != 0
        && let Some(&mark) = BEFORE_CAP.iter().find(|&&mark| shape.marks.has(mark) && !ask.tolerates.has(mark))
    {
        return Err(Fell::Marked(mark));
    }
    let own = shape.owner == Some(ask.tenant) || shape.lessee == Some(ask.tenant);
    if !ask.system && !own && (ask.confined || shape.owner.is_some() || shape.lessee.is_some()) {
        return Err(Fell::Owner);
    }
    Ok(())
}

/// The filters after the cap, in the policy's order, as far as they look at a shape.
///
/// # Errors
/// The first filter that the shape does not pass.
pub fn after_cap(view: &View, shape: &Shape, ask: &Ask, policy: &Policy) -> Result<(), Fell> {
    for filter in &policy.filters {
        match filter {
            Filter::AggregateMultiTenancyIsolation if view.closed(shape.group) && !ask.system => {
                return Err(Fell::Tenancy);
            }
            Filter::MaintenanceFilter if shape.marks.has(Mark::PostFilter) && !ask.tolerates.has(Mark::PostFilter) => {
                return Err(Fell::PostFilter);
            }
            _ => {}
        }
    }
    Ok(())
}
