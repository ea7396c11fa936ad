//! A node, its independent facts, and the fleet of them.

use std::sync::Arc;

use super::ironic::{Fault, Power};
use super::names::{ClassId, GroupId, Names, RackId, TenantId, TraitSet};
use super::provision::Provision;
use crate::kernel::Time;

/// A node, by its place in `Fleet::nodes`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u32);

impl NodeId {
    /// The number as an index.
    #[must_use]
    pub fn at(self) -> usize {
        self.0 as usize
    }
}

/// What a node is, apart from what happens to it.
#[derive(Clone, Debug)]
pub struct Spec {
    /// Its name in the scenario or trace, shared by all copies of the fleet.
    pub name: Arc<str>,
    /// Its resource class now (it may change over time).
    pub class: ClassId,
    /// Its traits.
    pub traits: TraitSet,
    /// Its capabilities and aggregates, by their place in `Names::models`.
    pub model: u16,
    /// Its rack.
    pub rack: RackId,
    /// Its conductor group: the one compute service that publishes it.
    pub group: GroupId,
    /// The tenant that owns it, if any.
    pub owner: Option<TenantId>,
    /// The tenant that it is leased to, if any.
    pub lessee: Option<TenantId>,
}

/// A reason for which a node is in maintenance (Ironic's 2026 spec for extensible maintenance).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Hold {
    /// Set by Ironic itself: a failed power sync or a failed clean.
    Fault = 0,
    /// Hardware known to be broken.
    HardwareFailure = 1,
    /// An operator's wish.
    Operator = 2,
    /// A window or campaign.
    Planned = 3,
}

/// The holds on a node: how many of each reason. In maintenance = at least one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Holds([u8; 4]);

impl Holds {
    /// Adds one hold.
    pub fn add(&mut self, hold: Hold) {
        self.0[hold as usize] = self.0[hold as usize].saturating_add(1);
    }

    /// Releases one hold.
    pub fn release(&mut self, hold: Hold) {
        self.0[hold as usize] = self.0[hold as usize].saturating_sub(1);
    }

    /// Whether this reason holds the node.
    #[must_use]
    pub fn has(self, hold: Hold) -> bool {
        self.0[hold as usize] > 0
    }

    /// Whether nothing holds the node.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == [0; 4]
    }
}

/// A mark that a strategy puts on a node so that schedulers see it another way. What each means
/// to a request is in `scheduler::render`; through which channel it reaches the view is
/// `Mark::by_api`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Mark {
    /// Member of an aggregate with `trait:CUSTOM_MAINTENANCE=required` (isolate_aggregates).
    IsolatedAggregate = 0,
    /// Carries the trait `CUSTOM_MAINTENANCE`.
    MaintenanceTrait = 1,
    /// Published under its class's maintenance class.
    MaintenanceClass = 2,
    /// Carries the capability that ordinary flavors refuse by an inverse requirement.
    InverseSpec = 3,
    /// Carries a mark that only a filter after the candidate cap looks at.
    PostFilter = 4,
    /// Carries an extra spec that nothing looks at.
    SpecOnly = 5,
    /// Member of an aggregate with `trait:CUSTOM_OPERATORS=required`.
    OperatorsAggregate = 6,
    /// Carries the trait `CUSTOM_OPERATORS`, which only the operators' private flavor asks for.
    OperatorsTrait = 7,
    /// Member of the operators' tenant aggregate (require_tenant_aggregate).
    TenantAggregate = 8,
    /// Owned or leased by the operators in Ironic.
    OperatorsOwner = 9,
    /// In an operators' Blazar lease.
    OperatorsLease = 10,
    /// Makes its whole compute service the operators' (AggregateMultiTenancyIsolation).
    ServiceTenancy = 11,
}

impl Mark {
    /// Whether the mark travels through an API and is seen at once; the others wait for the
    /// compute service's loop.
    #[must_use]
    pub fn by_api(self) -> bool {
        match self {
            Mark::IsolatedAggregate
            | Mark::OperatorsAggregate
            | Mark::TenantAggregate
            | Mark::OperatorsOwner
            | Mark::OperatorsLease
            | Mark::ServiceTenancy => true,
            Mark::MaintenanceTrait
            | Mark::MaintenanceClass
            | Mark::InverseSpec
            | Mark::PostFilter
            | Mark::SpecOnly
            | Mark::OperatorsTrait => false,
        }
    }
}

/// A set of marks, one bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Marks(pub u16);

impl Marks {
    /// The bits of all marks that are seen at once.
    pub const BY_API: Marks = Marks(0b1111_0100_0001);

    /// The set with `mark` added.
    #[must_use]
    pub fn with(self, mark: Mark) -> Marks {
        Marks(self.0 | (1 << mark as u16))
    }

    /// The set with `mark` taken out.
    #[must_use]
    pub fn without(self, mark: Mark) -> Marks {
        Marks(self.0 & !(1 << mark as u16))
    }

    /// Whether `mark` is in the set.
    #[must_use]
    pub fn has(self, mark: Mark) -> bool {
        self.0 & (1 << mark as u16) != 0
    }

    /// Whether the set is empty.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The part that travels through an API.
    #[must_use]
    pub fn api(self) -> Marks {
        Marks(self.0 & Self::BY_API.0)
    }

    /// The part that waits for the loop.
    #[must_use]
    pub fn looped(self) -> Marks {
        Marks(self.0 & !Self::BY_API.0)
    }
}

/// The health of a node's hardware.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Health {
    /// Nothing is wrong.
    #[default]
    Healthy,
    /// Broken since a fault of this kind (its place in the scenario's list).
    Broken(u16),
}

/// Who is on a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Party {
    /// An instance of this request (its place on the tape).
    Tenant(u32),
    /// An operator's image for this window (its place among the run's windows).
    Errand(u32),
}

/// The occupant of a node: the one allocation on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Occupant {
    /// Who it is.
    pub party: Party,
    /// When the claim was made.
    pub since: Time,
    /// Which attempt of the request's build this is, from 1.
    pub attempt: u8,
}

/// A node.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it is.
    pub spec: Spec,
    /// Ironic's provision state.
    pub provision: Provision,
    /// Why it is in maintenance, if it is.
    pub holds: Holds,
    /// Ironic's maintenance flag.
    pub flag: bool,
    /// Why Ironic itself set the flag, if it did.
    pub fault: Option<Fault>,
    /// The power state that Ironic holds.
    pub power: Power,
    /// The marks that a strategy has put on it.
    pub marks: Marks,
    /// Its hardware.
    pub health: Health,
    /// Never to be available again.
    pub retired: bool,
    /// Who is on it.
    pub occupant: Option<Occupant>,
    /// Builds that failed here since the last success.
    pub failed_builds: u16,
    /// Counts changes of occupant: an event that carries an older number is void.
    pub epoch: u32,
}

/// A change of a node that the scenario or trace dictates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The node joins the fleet.
    Joins,
    /// The node leaves the fleet, as soon as nobody is on it.
    Leaves,
    /// The node's class changes, as soon as nobody is on it.
    Class(ClassId),
    /// An operator wants the node retired: it is never available again after its next tenant.
    Retires,
}

/// When a dictated change is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Boundary {
    /// When.
    pub at: Time,
    /// Which node.
    pub node: NodeId,
    /// What.
    pub change: Change,
}

/// The nodes of a run.
#[derive(Clone, Debug, Default)]
pub struct Fleet {
    /// All nodes, by their number.
    pub nodes: Vec<Node>,
    /// Their names and those of all that refers to them.
    pub names: Names,
    /// Dictated changes, by time and then node. Nodes without a `Joins` are there from the start.
    pub boundaries: Vec<Boundary>,
}

impl Node {
    /// A node of this kind that stands free in the fleet.
    #[must_use]
    pub fn free(spec: Spec) -> Node {
        Node {
            spec,
            provision: Provision::Available,
            holds: Holds::default(),
            flag: false,
            fault: None,
            power: Power::On,
            marks: Marks::default(),
            health: Health::Healthy,
            retired: false,
            occupant: None,
            failed_builds: 0,
            epoch: 0,
        }
    }

    /// Whether the node is part of the fleet now.
    #[must_use]
    pub fn installed(&self) -> bool {
        self.provision != Provision::Enroll
    }

    /// Whether at least one hold is on it.
    #[must_use]
    pub fn in_maintenance(&self) -> bool {
        !self.holds.is_empty()
    }

    /// Sets Ironic's maintenance flag: for a fault, or by an operator's hand. A flag that is set
    /// already keeps whatever fault it has, or has not.
    pub fn raise_flag(&mut self, fault: Option<Fault>) {
        if !self.flag {
            (self.flag, self.fault) = (true, fault);
        }
    }

    /// Clears Ironic's maintenance flag, and the fault with it.
    pub fn clear_flag(&mut self) {
        (self.flag, self.fault) = (false, None);
    }

    /// Moves along an edge of Ironic's machine.
    ///
    /// # Panics
    /// When the machine has no such edge: a bug of the world, not of its input.
    pub fn become_state(&mut self, next: Provision) {
        assert!(
            self.provision.may_become(next),
            "node {}: {} -> {} is no edge of Ironic's state machine",
            self.spec.name,
            self.provision.name(),
            next.name()
        );
        self.provision = next;
    }
}

impl Fleet {
    /// The node of this number.
    #[must_use]
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.at()]
    }

    /// The node of this number, to change it.
    pub fn node_mut(&mut self, id: NodeId) -> &mut Node {
        &mut self.nodes[id.at()]
    }

    /// All node numbers.
    pub fn ids(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..self.nodes.len() as u32).map(NodeId)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_channels_part_all_marks() {
        let all = [
            Mark::IsolatedAggregate,
            Mark::MaintenanceTrait,
            Mark::MaintenanceClass,
            Mark::InverseSpec,
            Mark::PostFilter,
            Mark::SpecOnly,
            Mark::OperatorsAggregate,
            Mark::OperatorsTrait,
            Mark::TenantAggregate,
            Mark::OperatorsOwner,
            Mark::OperatorsLease,
            Mark::ServiceTenancy,
        ];
        for mark in all {
            let one = Marks::default().with(mark);
            assert_eq!(!one.api().is_empty(), mark.by_api(), "{mark:?}");
            assert_eq!(!one.looped().is_empty(), !mark.by_api(), "{mark:?}");
        }
    }

    #[test]
    fn a_node_stays_in_maintenance_until_its_last_hold_goes() {
        let mut holds = Holds::default();
        holds.add(Hold::Planned);
        holds.add(Hold::HardwareFailure);
        holds.release(Hold::Planned);
        assert!(!holds.is_empty() && !holds.has(Hold::Planned));
        holds.release(Hold::HardwareFailure);
        assert!(holds.is_empty());
    }
}
