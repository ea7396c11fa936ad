//! What could ever serve a request: the nodes that fit it, now or in time to come, however busy they
//! are. Nodes that are still to join count, and classes that are still to change; nodes that have
//! left or retired do not.
//!
//! Nodes that nobody can tell apart are one lot, and a lot's number is a step function of time. Of a
//! spec only its greatest number from each step on is kept: as time goes on it never rises.

use std::collections::BTreeMap;

use crate::fleet::{Change, GroupId, NodeId};
use crate::kernel::Time;
use crate::scheduler::Spec;
use crate::view::Shape;
use crate::workload::Request;
use crate::world::Observer;
use crate::world::plane::Plane;

/// What the fleet is and will be.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    /// By lot: how its number changes, and when.
    lots: BTreeMap<Shape, BTreeMap<Time, i64>>,
    /// By spec: from when on there are at most how many nodes at once that fit it.
    most: BTreeMap<Spec, Vec<(Time, u64)>>,
    /// The fleet for which the lots hold, by how often it had shrunk.
    known: Option<u32>,
}

impl Reach {
    /// Whether a request can never be served: too few nodes will ever fit it, or its tenant's quota
    /// is too small.
    pub fn never_fits<O: Observer>(&mut self, plane: &mut Plane<'_, O>, it: &Request) -> bool {
        let quota = plane.rules.policy().quota.as_deref();
        // Nova lowers what a request asks for by its own tenant's quota, and by no other's.
        let quota = quota.filter(|quota| quota.limits(it.tenant, it.class));
        let least = it.least(quota.is_some());
        if quota.is_some_and(|quota| quota.most(it.tenant, it.class) < u32::from(least)) {
            return true;
        }
        let spec = plane.clerk.ask(it, plane.now).spec;
        self.most(plane, &spec) < u64::from(least)
    }

    /// The greatest number of nodes that will fit a spec at once, from now on.
    fn most<O: Observer>(&mut self, plane: &mut Plane<'_, O>, spec: &Spec) -> u64 {
        if self.known != Some(plane.shrunk) {
            *self = Reach {
                lots: lots(plane),
                most: BTreeMap::new(),
                known: Some(plane.shrunk),
            };
        }
        if !self.most.contains_key(spec) {
            let steps = self.steps(plane, spec);
            self.most.insert(*spec, steps);
        }
        let steps = &self.most[spec];
        let index = steps.partition_point(|&(from, _)| from <= plane.now);
        // Before the first step it is what that step says: nodes that are still to come.
        steps.get(index.saturating_sub(1)).map_or(0, |&(_, most)| most)
    }

    /// The steps of the greatest number of fitting nodes, in the order of time. Of a server group it is the number that
    /// its policy lets in where no machine of it is there yet: those that are may leave.
    fn steps<O: Observer>(&mut self, plane: &mut Plane<'_, O>, spec: &Spec) -> Vec<(Time, u64)> {
        let mut changes: BTreeMap<Time, Vec<(GroupId, i64)>> = BTreeMap::new();
        for (shape, lot) in &self.lots {
            if shape.class == spec.class && plane.rules.could(spec, shape) {
                for (&at, &by) in lot {
                    changes.entry(at).or_default().push((shape.group, by));
                }
            }
        }
        let spread = plane.rules.spread(spec);
        let mut services: BTreeMap<GroupId, i64> = BTreeMap::new();
        let mut steps: Vec<(Time, u64)> = changes
            .into_iter()
            .map(|(at, changed)| {
                for (service, by) in changed {
                    *services.entry(service).or_default() += by;
                }
                let nodes = services.values().map(|&nodes| u64::try_from(nodes).unwrap_or(0));
                (at, spread.most(nodes))
            })
            .collect();
        let mut greatest = 0;
        for (_, most) in steps.iter_mut().rev() {
            greatest = greatest.max(*most);
            *most = greatest;
        }
        steps
    }
}

/// The lots of the fleet as it is and will be.
fn lots<O: Observer>(plane: &Plane<'_, O>) -> BTreeMap<Shape, BTreeMap<Time, i64>> {
    let mut lots: BTreeMap<Shape, BTreeMap<Time, i64>> = BTreeMap::new();
    // Where each node stands on its way through time: its lot, if it is in one.
    let mut stands: Vec<(Shape, bool)> = plane.truth.fleet.ids().map(|node| lot_of(plane, node)).collect();
    for &(shape, there) in &stands {
        if there {
            *lots.entry(shape).or_default().entry(plane.now).or_default() += 1;
        }
    }
    for boundary in plane.inputs.fleet.boundaries.iter().filter(|one| one.at > plane.now) {
        let (shape, there) = &mut stands[boundary.node.at()];
        let before = (*shape, *there);
        match boundary.change {
            Change::Joins => *there = !plane.node(boundary.node).retired,
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
fn lot_of<O: Observer>(plane: &Plane<'_, O>, node: NodeId) -> (Shape, bool) {
    let (it, kind) = (plane.node(node), plane.kind(node));
    let dictated = plane.dictated(node);
    let shape = Shape {
        class: dictated.class.unwrap_or(it.class),
        traits: kind.traits,
        owner: plane.inputs.fleet.node(node).owner(),
        lessee: kind.lessee,
        group: kind.group,
        model: kind.model,
        ..Shape::default()
    };
    let stays = it.installed() && !dictated.leaving && !it.retired;
    (shape, stays)
}
