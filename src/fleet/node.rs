//! A node and its independent facts.

use super::ids::{RequestId, WindowId};
use super::ironic::{Fault, Power};
use super::marks::Marks;
use super::names::{ClassId, TenantId};
use super::provision::Provision;

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
    Tenant(RequestId),
    /// An operator's image for this window (its place among the run's windows).
    Errand(WindowId),
}

/// The occupant of a node: the one allocation on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Occupant {
    /// Who it is.
    pub party: Party,
    /// Which attempt of the request's build this is, from 1.
    pub attempt: u8,
}

/// Which sort of party is on a node, if any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seat {
    Empty,
    Tenant,
    Errand,
}

/// An operator has set the flag.
const BY_HAND: u8 = 128;

/// No owner. (A fleet has at most 65,535 tenants.)
const UNOWNED: u16 = u16::MAX;

/// What changes of a node, in half a cache line: a run reads and writes this several times a request. What
/// does not change is the fleet's (`Fleet::kind`, `Fleet::name`).
#[derive(Clone, Debug)]
#[repr(align(32))]
pub struct Node {
    /// Counts changes of occupant: an event that carries an older number is void.
    pub epoch: u32,
    /// The number of the party that is on it.
    who: u32,
    /// The place of its kind in the fleet's list.
    pub(super) kind: u32,
    /// Why it is in maintenance, if it is.
    pub holds: Holds,
    owner: u16,
    /// One more than the kind of the fault that broke its hardware; 0: nothing is wrong.
    broken: u16,
    /// Its resource class now (it may change over time).
    pub class: ClassId,
    /// The marks that a strategy has put on it.
    pub marks: Marks,
    /// Builds that failed here since the last success.
    pub failed_builds: u16,
    /// Ironic's provision state.
    pub provision: Provision,
    /// The power state that Ironic holds.
    pub power: Power,
    seat: Seat,
    attempt: u8,
    /// Never to be available again.
    pub retired: bool,
    /// Why Ironic's maintenance flag is set: `BY_HAND`, and one more than the fault for which Ironic itself set it; 0
    /// if it is not set.
    raised: u8,
}

impl Node {
    /// A node of the kind at this place that stands free in the fleet.
    pub(super) fn free(kind: u32, class: ClassId, owner: Option<TenantId>) -> Node {
        Node {
            epoch: 0,
            who: 0,
            kind,
            holds: Holds::default(),
            owner: owner.map_or(UNOWNED, |owner| owner.0),
            broken: 0,
            class,
            marks: Marks::default(),
            failed_builds: 0,
            provision: Provision::Available,
            power: Power::On,
            seat: Seat::Empty,
            attempt: 0,
            retired: false,
            raised: 0,
        }
    }

    /// Who is on it.
    #[must_use]
    #[inline]
    pub fn occupant(&self) -> Option<Occupant> {
        let party = match self.seat {
            Seat::Empty => return None,
            Seat::Tenant => Party::Tenant(RequestId(self.who)),
            Seat::Errand => Party::Errand(WindowId(self.who)),
        };
        Some(Occupant {
            party,
            attempt: self.attempt,
        })
    }

    /// Who is on it, without the attempt.
    #[must_use]
    #[inline]
    pub fn party(&self) -> Option<Party> {
        self.occupant().map(|occupant| occupant.party)
    }

    /// Whether nobody is on it.
    #[must_use]
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.seat == Seat::Empty
    }

    /// Puts somebody onto it, or nobody. The epoch is the caller's.
    #[inline]
    pub fn seat(&mut self, occupant: Option<Occupant>) {
        let Some(Occupant { party, attempt }) = occupant else {
            self.seat = Seat::Empty;
            return;
        };
        (self.seat, self.who) = match party {
            Party::Tenant(request) => (Seat::Tenant, request.0),
            Party::Errand(window) => (Seat::Errand, window.0),
        };
        self.attempt = attempt;
    }

    /// The tenant that owns it now, if any.
    #[must_use]
    #[inline]
    pub fn owner(&self) -> Option<TenantId> {
        (self.owner != UNOWNED).then_some(TenantId(self.owner))
    }

    /// Gives it to a tenant, or to nobody.
    pub fn give_to(&mut self, owner: Option<TenantId>) {
        self.owner = owner.map_or(UNOWNED, |owner| owner.0);
    }

    /// Its hardware.
    #[must_use]
    #[inline]
    pub fn health(&self) -> Health {
        self.broken.checked_sub(1).map_or(Health::Healthy, Health::Broken)
    }

    /// Breaks or mends its hardware.
    pub fn set_health(&mut self, health: Health) {
        self.broken = match health {
            Health::Healthy => 0,
            Health::Broken(kind) => kind.saturating_add(1),
        };
    }

    /// Ironic's maintenance flag.
    #[must_use]
    #[inline]
    pub fn flag(&self) -> bool {
        self.raised != 0
    }

    /// Why Ironic itself set the flag, if it did.
    #[must_use]
    pub fn fault(&self) -> Option<Fault> {
        let place = usize::from(self.raised & !BY_HAND).checked_sub(1)?;
        Fault::ALL.get(place).copied()
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

    /// Sets Ironic's maintenance flag: for a fault, or by an operator's hand. An operator who sets a flag that is
    /// set already leaves the fault that it has; what fails under an operator's flag writes its fault there.
    pub fn raise_flag(&mut self, fault: Option<Fault>) {
        self.raised = match fault {
            None => self.raised | BY_HAND,
            Some(fault) => self.raised & BY_HAND | (fault as u8 + 1),
        };
    }

    /// Clears Ironic's maintenance flag, and the fault with it.
    pub fn clear_flag(&mut self) {
        self.raised = 0;
    }

    /// Takes back one of the flag's reasons, where Ironic keeps them apart: what an operator has set (`None`), or a
    /// fault.
    pub fn clear_reason(&mut self, fault: Option<Fault>) {
        match fault {
            None => self.raised &= !BY_HAND,
            Some(fault) if self.fault() == Some(fault) => self.raised &= BY_HAND,
            Some(_) => {}
        }
    }

    /// Moves along an edge of Ironic's machine.
    ///
    /// # Panics
    /// When the machine has no such edge: a bug of the world, not of its input.
    pub fn become_state(&mut self, next: Provision) {
        assert!(
            self.provision.may_become(next),
            "{} -> {} is no edge of Ironic's state machine",
            self.provision.name(),
            next.name()
        );
        self.provision = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn what_changes_of_a_node_takes_half_a_cache_line_and_is_read_as_it_was_written() {
        assert_eq!((size_of::<Node>(), align_of::<Node>()), (32, 32));
        let mut node = Node::free(0, ClassId(3), Some(TenantId(7)));
        assert_eq!(
            (node.occupant(), node.owner(), node.flag()),
            (None, Some(TenantId(7)), false)
        );
        for party in [Party::Tenant(RequestId(u32::MAX)), Party::Errand(WindowId(0))] {
            let occupant = Some(Occupant { party, attempt: 3 });
            node.seat(occupant);
            assert_eq!(
                (node.occupant(), node.party(), node.is_empty()),
                (occupant, Some(party), false)
            );
        }
        node.seat(None);
        node.give_to(None);
        assert!(node.is_empty() && node.owner().is_none());
        for health in [Health::Broken(0), Health::Broken(9), Health::Healthy] {
            node.set_health(health);
            assert_eq!(node.health(), health);
        }
        node.raise_flag(None);
        node.raise_flag(Some(Fault::CleanFailure));
        assert_eq!((node.flag(), node.fault()), (true, Some(Fault::CleanFailure)));
        node.raise_flag(None);
        assert_eq!((node.flag(), node.fault()), (true, Some(Fault::CleanFailure)));
        node.clear_flag();
        node.raise_flag(Some(Fault::CleanFailure));
        assert_eq!((node.flag(), node.fault()), (true, Some(Fault::CleanFailure)));
    }
}
