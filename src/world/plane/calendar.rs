//! Blazar's calendar (blazar 18.0, `plugins/oshosts/host_plugin.py`): who has leased which node
//! when. It acts only under `mechanism = "blazar-lease"`.
//!
//! A request that is asked for in advance gets nodes pencilled in when it is asked for, and takes
//! them when it is due if it can still have them. One that begins at once is a lease from now on for
//! the time that it plans, and gets only nodes that nobody has leased within that time. The operators'
//! lease is booked when they ask for it: at the earliest gap after the leases that the node already
//! has (an open one: when the present occupant's planned time is over), and nothing later takes its
//! gap. Leases that fall into an open one are healed: those that begin within the healing interval
//! move to another node that is free then, or are degraded; later ones are looked at when they come
//! near.

use std::collections::{BTreeMap, BTreeSet};

use crate::fleet::{NodeId, RequestId};
use crate::kernel::Time;
use crate::workload::Request;

/// A lease of a node that is still to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pencilled {
    pub(super) from: Time,
    pub(super) until: Time,
    pub(super) request: RequestId,
}

/// Who keeps a node from being leased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeaseBlocker {
    /// The tenant who is on it.
    Occupant,
    /// The operators, from then on.
    Operators(Time),
    /// A request to come, from then on.
    Request(RequestId, Time),
}

/// The calendar.
#[derive(Clone, Debug, Default)]
pub struct Calendar {
    /// Requests that are asked for in advance, by when they are asked for.
    pub(super) asked: Vec<RequestId>,
    /// Leases to come, by node, in the order of time.
    pub(super) leases: BTreeMap<NodeId, Vec<Pencilled>>,
    /// The nodes that a request to come has leased.
    pub(super) nodes: BTreeMap<RequestId, Vec<NodeId>>,
    /// The operators' leases, from when they are asked for.
    pub(super) ours: BTreeMap<NodeId, (Time, Time)>,
    /// When the occupant of each node came, where leases are kept.
    pub(super) since: Vec<Time>,
    /// Since when the operators wait for a lease of the node to begin.
    pub(super) wanted: BTreeMap<NodeId, Time>,
    /// Nodes whose present windows have had a lease of the operators'.
    pub(super) had: BTreeSet<NodeId>,
}

pub(super) fn end_of(request: &Request) -> Time {
    request.start + request.planned
}

impl Calendar {
    /// The calendar of a fleet of so many nodes, where leases are kept.
    pub fn new(nodes: usize, kept: bool) -> Calendar {
        Calendar {
            since: vec![Time::ZERO; if kept { nodes } else { 0 }],
            ..Calendar::default()
        }
    }

    /// Whether the operators have done no more than ask for a node: until their lease begins it is whoever's has leased it.
    #[must_use]
    pub fn is_only_asked_for(&self, node: NodeId) -> bool {
        self.wanted.contains_key(&node) && !self.had.contains(&node)
    }

    /// The first window opens on a node.
    pub fn begins_anew(&mut self, node: NodeId) {
        self.had.remove(&node);
    }

    /// Whether nobody but the occupants has leased a node.
    #[inline]
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty() && self.ours.is_empty()
    }

    /// The nodes that a request to come has leased.
    #[must_use]
    pub fn nodes_of(&self, request: RequestId) -> &[NodeId] {
        self.nodes.get(&request).map_or(&[], Vec::as_slice)
    }

    /// Whether the operators have a lease of a node that ends now. (One that was given back, or is another one, does not.)
    pub fn ends(&self, node: NodeId, now: Time) -> bool {
        self.ours.get(&node).is_some_and(|&(_, until)| until == now)
    }

    /// Somebody moves onto a node.
    #[inline]
    pub fn moves_in(&mut self, node: NodeId, now: Time) {
        if let Some(since) = self.since.get_mut(node.at()) {
            *since = now;
        }
    }

    pub(super) fn drop_lease(&mut self, node: NodeId, request: RequestId) {
        if let Some(leases) = self.leases.get_mut(&node) {
            leases.retain(|lease| lease.request != request);
            if leases.is_empty() {
                self.leases.remove(&node);
            }
        }
    }

    /// Since when each lease is wanted that has not begun, in the order of nodes.
    pub fn awaited(&self) -> impl Iterator<Item = Time> {
        self.wanted.values().copied()
    }

    /// The operators' lease of a node is over.
    pub fn give_back(&mut self, node: NodeId) {
        self.ours.remove(&node);
        self.wanted.remove(&node);
    }
}
