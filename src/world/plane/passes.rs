//! The passes of the compute services: which nodes one goes over, what it has read, and when the next one begins.

use std::collections::BTreeMap;

use super::periodic::{PassTiming, Timetable};
use crate::fleet::{Fleet, GroupId, NodeId};
use crate::kernel::streams::{mix, word_of};
use crate::kernel::{Span, Time};
use crate::view::Listing;
use crate::world::settings::Loop;
use crate::world::slab::Slab;

/// The loops of all compute services.
#[derive(Clone, Debug)]
pub(super) struct Sync {
    rule: Loop,
    luck: u64,
    /// Per group: its nodes in the order of its pass, and where its passes are at time 0.
    groups: Vec<(Vec<NodeId>, u64)>,
    /// When passes of so many nodes begin, once somebody has asked.
    tables: BTreeMap<usize, Timetable>,
    /// Per node: its index in its group's pass.
    pub indexes: Vec<u32>,
    /// Per node: since when it differs from the view, if a reading is scheduled; else `Time::NEVER`.
    pub dirty: Vec<Time>,
    /// Per node: one more than the index of its reading; 0: it has none.
    read: Vec<u32>,
    /// What passes under way have read and are to write, and since when it had changed.
    readings: Slab<(Listing, Time)>,
    /// How often nodes have gone to another compute service: what the one before was to read or write of them is void.
    moves: BTreeMap<NodeId, u32>,
}

impl Sync {
    pub fn new(rule: Loop, fleet: &Fleet, luck: u64) -> Sync {
        let names = fleet.names.groups.iter();
        let phases = names.map(|name| (Vec::new(), mix(luck ^ word_of(name)) >> 1));
        let mut groups: Vec<(Vec<NodeId>, u64)> = phases.collect();
        if groups.is_empty() {
            groups.push((Vec::new(), mix(luck) >> 1));
        }
        let mut indexes = Vec::with_capacity(fleet.nodes.len());
        for node in fleet.ids() {
            let members = &mut groups[fleet.kind(node).group.at()].0;
            indexes.push(members.len() as u32);
            members.push(node);
        }
        let n = fleet.nodes.len();
        Sync {
            rule,
            luck,
            groups,
            tables: BTreeMap::new(),
            indexes,
            dirty: vec![Time::NEVER; n],
            read: vec![0; n],
            readings: Slab::default(),
            moves: BTreeMap::new(),
        }
    }

    /// A node goes from one compute service to another: its place is the last one's. Since when it had changed, if the
    /// old service was still to publish that.
    pub fn regroup(&mut self, node: NodeId, from: GroupId, to: GroupId) -> Option<Time> {
        let members = &mut self.groups[from.at()].0;
        let index = self.indexes[node.at()] as usize;
        members.swap_remove(index);
        if let Some(moved) = members.get(index) {
            self.indexes[moved.at()] = index as u32;
        }
        let members = &mut self.groups[to.at()].0;
        self.indexes[node.at()] = members.len() as u32;
        members.push(node);
        *self.moves.entry(node).or_default() += 1;
        let dirty = std::mem::replace(&mut self.dirty[node.at()], Time::NEVER);
        let read = self.take(node).map_or(Time::NEVER, |(_, since)| since);
        Some(dirty.min(read)).filter(|&since| since != Time::NEVER)
    }

    /// How often a node has gone to another compute service.
    pub fn moves(&self, node: NodeId) -> u32 {
        if self.moves.is_empty() {
            return 0;
        }
        self.moves.get(&node).copied().unwrap_or(0)
    }

    /// What was last read of a node and is not yet written.
    pub fn reading(&self, node: NodeId) -> Option<Listing> {
        let index = self.read[node.at()].checked_sub(1)?;
        Some(self.readings[index].0)
    }

    /// Keeps what was read of a node.
    pub fn keep(&mut self, node: NodeId, reading: (Listing, Time)) {
        match self.read[node.at()] {
            0 => self.read[node.at()] = self.readings.put(reading) + 1,
            read => self.readings.replace(read - 1, reading),
        }
    }

    /// Takes what was read of a node.
    pub fn take(&mut self, node: NodeId) -> Option<(Listing, Time)> {
        let index = std::mem::take(&mut self.read[node.at()]).checked_sub(1)?;
        self.readings.free(index);
        Some(self.readings[index])
    }

    /// How long a pass needs until so many nodes are written.
    pub fn until_written(&self, nodes: usize) -> Span {
        let rounds = (nodes as u64).div_ceil(u64::from(self.rule.workers.max(1)));
        Span(self.rule.per_node.0.saturating_mul(rounds))
    }

    /// When the next pass of a group begins, at `now` or later.
    pub fn next_pass(&mut self, group: usize, now: Time) -> Time {
        let (nodes, phase) = (self.groups[group].0.len(), self.groups[group].1);
        if !self.tables.contains_key(&nodes) {
            let pass = PassTiming {
                period: self.rule.period,
                jitter: self.rule.jitter,
                length: self.until_written(nodes),
            };
            let mut word = mix(self.luck ^ mix(nodes as u64));
            let table = Timetable::new(pass, || {
                word = mix(word);
                word
            });
            self.tables.insert(nodes, table);
        }
        self.tables[&nodes].next(now, phase)
    }
}
