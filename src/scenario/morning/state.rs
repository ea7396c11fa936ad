//! Who runs where and since when at an instant, and what is in maintenance.

use std::collections::{BTreeMap, BTreeSet};

use super::folder::Folder;
use crate::import::neutral::{NodeRecord, RequestKind, RequestRecord, SpellRecord};
use crate::stats::hazard::SeenSpan;

/// A group of requests whose holds are alike: by class and by whether a robot asks.
pub(super) type Alike = (String, bool);

/// The state at an instant: all times are ms from then on.
#[derive(Debug, Default)]
pub(super) struct State {
    pub nodes: Vec<NodeRecord>,
    /// Those who run, and those who have asked to begin later.
    pub requests: BTreeMap<Alike, Vec<RequestRecord>>,
    pub spells: Vec<SpellRecord>,
    /// Holds as far as they were seen.
    pub seen: BTreeMap<Alike, Vec<SeenSpan>>,
    /// People's requests of a class that were seen: by tenant, and by their machines.
    pub tenants: BTreeMap<String, BTreeMap<String, u32>>,
    pub sizes: BTreeMap<String, BTreeMap<u32, u32>>,
}

impl State {
    pub(super) fn at(folder: &Folder, now: u64, remarks: &mut Vec<String>) -> State {
        let mut state = State {
            nodes: folder.nodes.iter().filter_map(|node| node_at(node, now)).collect(),
            spells: spells_at(&folder.spells, now),
            ..State::default()
        };
        let there: BTreeSet<String> = state.nodes.iter().map(|node| node.node_id.clone()).collect();
        state.spells.retain(|spell| there.contains(&spell.node_id));
        for request in &folder.requests {
            state.enter(request, now);
        }
        state.seat(&there, remarks);
        state
    }

    fn enter(&mut self, request: &RequestRecord, now: u64) {
        let alike = (request.resource_class.clone(), request.kind == RequestKind::Monitoring);
        let ends = request.start_ms.saturating_add(request.hold_ms);
        if request.start_ms <= now {
            let lasted = now - request.start_ms;
            if request.kind != RequestKind::Operator {
                let ended = request.end_known && ends <= now;
                self.seen.entry(alike.clone()).or_default().push(SeenSpan {
                    from: request.age_ms as f64,
                    until: (request.age_ms + if ended { request.hold_ms } else { lasted }) as f64,
                    ended,
                });
            }
            if request.kind == RequestKind::People {
                let tenants = self.tenants.entry(request.resource_class.clone()).or_default();
                *tenants.entry(request.tenant.clone()).or_default() += 1;
                let sizes = self.sizes.entry(request.resource_class.clone()).or_default();
                *sizes.entry(request.count).or_default() += 1;
            }
        }
        let runs = request.start_ms <= now && (!request.end_known || ends > now);
        let booked = request.arrival_ms <= now && request.start_ms > now;
        if !runs && !booked {
            return;
        }
        let lasted = now.saturating_sub(request.start_ms);
        let moved = RequestRecord {
            arrival_ms: 0,
            start_ms: request.start_ms.saturating_sub(now),
            hold_ms: match (runs, request.end_known) {
                (true, true) => ends - now,
                // Of an end that is not known nothing was seen yet from now on.
                (true, false) => 0,
                (false, _) => request.hold_ms,
            },
            planned_hold_ms: request
                .planned_hold_ms
                .map(|planned| planned.saturating_sub(lasted))
                .filter(|planned| *planned > 0),
            end_known: booked || request.end_known,
            age_ms: if runs { request.age_ms + lasted } else { 0 },
            ..request.clone()
        };
        self.requests.entry(alike).or_default().push(moved);
    }

    /// Sees to it that one request at most runs on a node, and on one of the fleet's.
    fn seat(&mut self, there: &BTreeSet<String>, remarks: &mut Vec<String>) {
        let (mut taken, mut gone, mut twice, mut nowhere) = (BTreeSet::new(), 0, 0, 0);
        let mut running: Vec<&mut RequestRecord> = self
            .requests
            .values_mut()
            .flatten()
            .filter(|request| request.start_ms == 0)
            .collect();
        // The one that came last is on the node: the end of the other is missing.
        running.sort_by(|a, b| (a.age_ms, &a.request_id).cmp(&(b.age_ms, &b.request_id)));
        for request in running {
            match &request.node_id {
                None => nowhere += 1,
                Some(_) if request.count != 1 => (nowhere, request.node_id) = (nowhere + 1, None),
                Some(node) if !there.contains(node) => (gone, request.node_id) = (gone + 1, None),
                Some(node) if !taken.insert(node.clone()) => (twice, request.node_id) = (twice + 1, None),
                Some(_) => {}
            }
        }
        let mut say = |count: i32, what: &str| {
            if count > 0 {
                remarks.push(format!(
                    "{count} of those who run {what}: the scheduler places them at the begin."
                ));
            }
        };
        say(nowhere, "have no node in the data");
        say(gone, "are on nodes that have left the fleet");
        say(twice, "are on a node with another one that came later");
    }
}

/// A node as it is at an instant; none where it has left by then.
fn node_at(node: &NodeRecord, now: u64) -> Option<NodeRecord> {
    if node.available_until_ms.is_some_and(|until| until <= now) {
        return None;
    }
    let before = |changes: &[(u64, String)]| changes.iter().rfind(|(at, _)| *at <= now).map(|(_, name)| name.clone());
    let after = |changes: &[(u64, String)]| -> Vec<(u64, String)> {
        let later = changes.iter().filter(|(at, _)| *at > now);
        later.map(|(at, name)| (at - now, name.clone())).collect()
    };
    Some(NodeRecord {
        resource_class: before(&node.class_changes).unwrap_or_else(|| node.resource_class.clone()),
        conductor_group: before(&node.group_changes).unwrap_or_else(|| node.conductor_group.clone()),
        available_from_ms: node.available_from_ms.saturating_sub(now),
        available_until_ms: node.available_until_ms.map(|until| until - now),
        class_changes: after(&node.class_changes),
        group_changes: after(&node.group_changes),
        ..node.clone()
    })
}

/// What is in maintenance at an instant, and what is to be by then.
fn spells_at(spells: &[SpellRecord], now: u64) -> Vec<SpellRecord> {
    let left = spells.iter().filter(|spell| spell.end_ms.is_none_or(|end| end > now));
    left.map(|spell| SpellRecord {
        start_ms: spell.start_ms.saturating_sub(now),
        end_ms: spell.end_ms.map(|end| end - now),
        ..spell.clone()
    })
    .collect()
}
