//! The world's state and its beginning.

use super::inputs::Inputs;
use super::plane::Plane;
use super::tenancy::Tenancy;
use super::upkeep::Upkeep;
use super::{Event, Observer};
use crate::fleet::{Change, Provision};

/// Everything that events change, in three rooms. The control plane knows neither of the others, and those two do not
/// know each other: what one does to the other goes through here.
pub(super) struct World<'a, O> {
    pub plane: Plane<'a, O>,
    pub tenancy: Tenancy,
    pub upkeep: Upkeep<'a>,
}

impl<'a, O: Observer> World<'a, O> {
    pub fn new(inputs: Inputs<'a>, observers: O) -> World<'a, O> {
        let classes = inputs.fleet.names.classes.len().max(1);
        World {
            plane: Plane::new(inputs, observers),
            tenancy: Tenancy::new(classes),
            upkeep: Upkeep::new(&inputs),
        }
    }

    /// Puts the nodes into service and schedules what the tape holds.
    pub fn begin(&mut self) {
        for boundary in &self.plane.inputs.fleet.boundaries {
            if boundary.change == Change::Joins {
                self.plane.node_mut(boundary.node).provision = Provision::Enroll;
            }
        }
        for node in self.plane.truth.fleet.ids() {
            self.plane.publish_now(node);
            self.plane.mark_by_api(node);
            self.plane.stand(node);
        }
        let tape = self.plane.inputs.tape;
        if !self.plane.inputs.fleet.boundaries.is_empty() {
            self.plane
                .at(self.plane.inputs.fleet.boundaries[0].at, Event::Boundary(0));
        }
        self.take_seats();
        self.plane.next_arrival();
        if let Some(first) = tape.faults.first() {
            self.plane.at(first.at, Event::FaultStrikes(0));
        }
        if let Some(first) = tape.spells.first() {
            self.plane.at(first.start, Event::SpellStarts(0));
        }
        self.upkeep.campaigns.begin(&mut self.plane);
        self.plane.begin_leases();
        self.upkeep.next_shift(&mut self.plane);
    }
}
