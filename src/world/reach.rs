//! What could ever serve a request: the nodes that fit it, now or in time to come, however busy they
//! are. Nodes that are still to join count, and classes that are still to change; nodes that have
//! left or retired do not.
//!
//! Nodes that nobody can tell apart are one lot, and a lot's number is a step function of time. Of a
//! spec only its greatest number from each step on is kept: as time goes on it never rises.

use std::collections::BTreeMap;

use super::fact::{Cause, Observer};
use super::state::World;
use crate::fleet::{Change, NodeId};
use crate::kernel::Time;
use crate::scheduler::Spec;
use crate::view::Shape;
use crate::workload::Request;

/// What the fleet is and will be.
#[derive(Clone, Debug, Default)]
pub(super) struct Reach {
    /// By lot: how its number changes, and when.
    lots: BTreeMap<Shape, BTreeMap<Time, i64>>,
    /// By spec: from when on there are at most how many nodes at once that fit it.
    most: BTreeMap<Spec, Vec<(Time, u64)>>,
    /// Whether the lots hold for the fleet as it is.
    known: bool,
}

impl<O: Observer> World<'_, O> {
    /// Nodes leave, retire or change: what is known of the fleet to come is found anew when it is
    /// asked for, and those who wait are looked at.
    pub fn fleet_shrinks(&mut self) {
        self.reach.known = false;
        self.lines.fleet_changes();
    }

    /// Whether a request can never be served: too few nodes will ever fit it, or its tenant's quota
    /// is too small.
    pub fn never_fits(&mut self, it: &Request) -> bool {
        let quota = self.rules.policy().quota.as_deref();
        let least = it.least(quota.is_some());
        if quota.is_some_and(|quota| quota.most(it.tenant, it.class) < u32::from(least)) {
            return true;
        }
        let spec = self.clerk.ask(it, self.now).spec;
        self.most(&spec) < u64::from(least)
    }

    /// The greatest number of nodes that will fit a spec at once, from now on.
    fn most(&mut self, spec: &Spec) -> u64 {
        if !self.reach.known {
            self.reach = Reach {
                lots: self.lots(),
                most: BTreeMap::new(),
                known: true,
            };
        }
        if !self.reach.most.contains_key(spec) {
            let steps = self.steps(spec);
            self.reach.most.insert(*spec, steps);
        }
        let steps = &self.reach.most[spec];
        let place = steps.partition_point(|&(from, _)| from <= self.now);
        // Before the first step it is what that step says: nodes that are still to come.
        steps.get(place.saturating_sub(1)).map_or(0, |&(_, most)| most)
    }

    /// The steps of the greatest number of fitting nodes, in the order of time.
    fn steps(&mut self, spec: &Spec) -> Vec<(Time, u64)> {
        let mut changes: BTreeMap<Time, i64> = BTreeMap::new();
        for (shape, lot) in &self.reach.lots {
            if shape.class == spec.class && self.rules.could(spec, shape) {
                for (&at, &by) in lot {
                    *changes.entry(at).or_default() += by;
                }
            }
        }
        let mut number = 0;
        let mut steps: Vec<(Time, u64)> = changes
            .into_iter()
            .map(|(at, by)| {
                number += by;
                (at, u64::try_from(number).unwrap_or(0))
            })
            .collect();
        let mut greatest = 0;
        for (_, most) in steps.iter_mut().rev() {
            greatest = greatest.max(*most);
            *most = greatest;
        }
        steps
    }

    /// The lots of the fleet as it is and will be.
    fn lots(&self) -> BTreeMap<Shape, BTreeMap<Time, i64>> {
        let mut lots: BTreeMap<Shape, BTreeMap<Time, i64>> = BTreeMap::new();
        // Where each node stands on its way through time: its lot, if it is in one.
        let mut standing: Vec<(Shape, bool)> = self.sight.fleet.ids().map(|node| self.lot_of(node)).collect();
        for &(shape, there) in &standing {
            if there {
                *lots.entry(shape).or_default().entry(self.now).or_default() += 1;
            }
        }
        for boundary in self.inputs.fleet.boundaries.iter().filter(|one| one.at > self.now) {
            let (shape, there) = &mut standing[boundary.node.at()];
            let before = (*shape, *there);
            match boundary.change {
                Change::Joins => *there = !self.sight.fleet.node(boundary.node).retired,
                Change::Leaves => *there = false,
                Change::Class(class) => shape.class = class,
                Change::Group(group) => shape.group = group,
                // Who is to be retired may serve once more; once it is, the fleet has changed.
                Change::Retires => {}
            }
            if before == (*shape, *there) {
                continue;
            }
            for ((shape, there), by) in [(before, -1), ((*shape, *there), 1)] {
                if there {
                    *lots.entry(shape).or_default().entry(boundary.at).or_default() += by;
                }
            }
        }
        lots
    }

    /// A node's lot, and whether it is in it now.
    fn lot_of(&self, node: NodeId) -> (Shape, bool) {
        let (it, kind) = (self.sight.fleet.node(node), self.sight.fleet.kind(node));
        let desk = &self.desks[node.at()];
        let shape = Shape {
            class: desk.next_class.unwrap_or(it.class),
            traits: kind.traits,
            owner: self.inputs.fleet.node(node).owner(),
            lessee: kind.lessee,
            group: kind.group,
            model: kind.model,
            ..Shape::default()
        };
        let stays = it.installed() && !desk.leaving && !it.retired;
        (shape, stays)
    }

    /// A quota's refusal, unless the tenant's quota could never hold the request.
    pub fn over_quota(&mut self, it: &Request) -> Cause {
        if self.never_fits(it) {
            Cause::NeverFits
        } else {
            Cause::Quota
        }
    }
}
