//! The fleet: its nodes, what does not change of them, their names, and the changes that are dictated.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use super::names::{ClassId, GroupId, Names, RackId, TenantId, TraitSet};
use super::node::{Node, NodeId};
use super::seats::Seats;
use crate::kernel::Time;
use crate::kernel::streams::word_of;

/// What a node is when it is entered into a fleet.
#[derive(Clone, Debug)]
pub struct NodeSpec {
    /// Its name in the scenario or trace.
    pub name: String,
    /// Its resource class at first.
    pub class: ClassId,
    /// Its traits.
    pub traits: TraitSet,
    /// Its capabilities and aggregates, by their index in `Names::models`.
    pub model: u16,
    /// Its rack.
    pub rack: RackId,
    /// Its conductor group: the one compute service that publishes it.
    pub group: GroupId,
    /// The tenant that owns it at first, if any.
    pub owner: Option<TenantId>,
    /// The tenant that it is leased to, if any.
    pub lessee: Option<TenantId>,
}

/// What does not change of a node in a run, but for its name and a dictated change of its conductor group. Nodes that agree in it share one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NodeKind {
    /// Its traits.
    pub traits: TraitSet,
    /// Its capabilities and aggregates, by their index in `Names::models`.
    pub model: u16,
    /// Its rack.
    pub rack: RackId,
    /// Its conductor group: the one compute service that publishes it.
    pub group: GroupId,
    /// The tenant that it is leased to, if any.
    pub lessee: Option<TenantId>,
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
    /// The node's conductor group changes, whoever is on it.
    Group(GroupId),
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

/// What no run changes of the nodes; all copies of a fleet share it.
#[derive(Clone, Debug, Default)]
struct Roll {
    kinds: Vec<NodeKind>,
    indexes: BTreeMap<NodeKind, u32>,
    /// The names one after another, and where each ends.
    names: String,
    ends: Vec<u32>,
    /// The words of the names.
    words: Vec<u64>,
    /// The nodes' seats, once somebody has asked.
    seats: OnceLock<Arc<Seats>>,
}

/// The nodes of a run.
#[derive(Clone, Debug, Default)]
pub struct Fleet {
    /// What changes of all nodes, by their number.
    pub nodes: Vec<Node>,
    roll: Arc<Roll>,
    /// The names of classes, tenants and the like.
    pub names: Names,
    /// Dictated changes, by time and then node. Nodes without a `Joins` are there from the start.
    pub boundaries: Vec<Boundary>,
}

impl Fleet {
    /// Enters a node, which stands free; its number.
    pub fn enter(&mut self, spec: &NodeSpec) -> NodeId {
        let kind = NodeKind {
            traits: spec.traits,
            model: spec.model,
            rack: spec.rack,
            group: spec.group,
            lessee: spec.lessee,
        };
        let index = self.place_of(kind);
        let roll = Arc::make_mut(&mut self.roll);
        roll.names.push_str(&spec.name);
        // Names of all nodes take less than 4 GiB; those beyond would be unknown.
        roll.ends.push(u32::try_from(roll.names.len()).unwrap_or(u32::MAX));
        roll.words.push(word_of(&spec.name));
        roll.seats = OnceLock::new();
        self.nodes.push(Node::free(index, spec.class, spec.owner));
        NodeId(self.nodes.len() as u32 - 1)
    }

    /// The place of a kind in the list.
    fn place_of(&mut self, kind: NodeKind) -> u32 {
        if let Some(&index) = self.roll.indexes.get(&kind) {
            return index;
        }
        let roll = Arc::make_mut(&mut self.roll);
        let index = roll.kinds.len() as u32;
        roll.indexes.insert(kind, index);
        roll.kinds.push(kind);
        index
    }

    /// Puts a node into another conductor group.
    pub fn regroup(&mut self, id: NodeId, group: GroupId) {
        let kind = NodeKind {
            group,
            ..*self.kind(id)
        };
        self.nodes[id.at()].kind = self.place_of(kind);
    }

    /// The node of this number.
    #[must_use]
    #[inline]
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.at()]
    }

    /// The node of this number, to change it.
    #[inline]
    pub fn node_mut(&mut self, id: NodeId) -> &mut Node {
        &mut self.nodes[id.at()]
    }

    /// What does not change of the node of this number.
    #[must_use]
    #[inline]
    pub fn kind(&self, id: NodeId) -> &NodeKind {
        &self.roll.kinds[self.nodes[id.at()].kind as usize]
    }

    /// The name of the node of this number, or `?`.
    #[must_use]
    pub fn name(&self, id: NodeId) -> &str {
        let begin = id
            .at()
            .checked_sub(1)
            .map_or(Some(0), |before| self.roll.ends.get(before).copied());
        let index = begin.zip(self.roll.ends.get(id.at()).copied());
        index
            .and_then(|(begin, end)| self.roll.names.get(begin as usize..end as usize))
            .unwrap_or("?")
    }

    /// The word of a node's name: what luck of its own hangs on, instead of its number.
    #[must_use]
    #[inline]
    pub fn word(&self, id: NodeId) -> u64 {
        self.roll.words[id.at()]
    }

    /// The nodes' seats.
    #[must_use]
    pub fn seats(&self) -> Arc<Seats> {
        Arc::clone(self.roll.seats.get_or_init(|| Arc::new(Seats::of(&self.roll.words))))
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
    fn nodes_keep_their_names_and_share_their_kinds() {
        let mut fleet = Fleet::default();
        let spec = |name: &str, group: u16| NodeSpec {
            name: name.to_owned(),
            class: ClassId(1),
            traits: TraitSet(2),
            model: 0,
            rack: RackId(0),
            group: GroupId(group),
            owner: None,
            lessee: Some(TenantId(4)),
        };
        let entered = [("a", 0), ("", 1), ("ümlaut", 0)].map(|(name, group)| fleet.enter(&spec(name, group)));
        let copy = fleet.clone();
        assert_eq!(entered.map(|id| copy.name(id)), ["a", "", "ümlaut"]);
        assert_eq!(copy.name(NodeId(3)), "?");
        assert_eq!(
            copy.ids().map(|id| copy.kind(id).group.0).collect::<Vec<_>>(),
            [0, 1, 0]
        );
        assert!(Arc::ptr_eq(&fleet.roll, &copy.roll) && fleet.roll.kinds.len() == 2);
    }
}
