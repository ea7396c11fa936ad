//! What happens to a node whoever is on it: vacating, cleaning, joining, leaving, changing class.

use super::desk::RescueStage;
use super::event::Event;
use super::fact::{BuildError, Fact, Observer};
use super::state::World;
use crate::fleet::{Change, NodeId, Occupant, Party, Provision};
use crate::kernel::streams::mix;
use crate::kernel::{Agenda, Span};
use crate::workload::draw::luck;
use crate::workload::tape::{chance, span_by};

impl<O: Observer> World<'_, O> {
    /// The occupant leaves: its allocation is deleted and the node is torn down and cleaned.
    pub fn vacate(&mut self, node: NodeId, agenda: &mut Agenda<Event>) {
        let it = self.fleet.node_mut(node);
        it.occupant = None;
        it.epoch += 1;
        if it.provision == Provision::Unrescuing {
            it.become_state(Provision::Active);
        }
        it.become_state(Provision::Deleting);
        it.become_state(Provision::Cleaning);
        let epoch = it.epoch;
        let desk = &mut self.desks[node.at()];
        (desk.stalled, desk.rescue) = (false, RescueStage::Ahead);
        self.view.release(node);
        let word = mix(self.inputs.tape.luck ^ u64::from(node.0) << 32 ^ u64::from(epoch));
        let span = span_by(&self.inputs.settings.ironic.cleaning, word, luck::CLEAN);
        if span == Span::ZERO {
            self.cleaned(node, agenda);
        } else {
            self.settle(node, agenda);
            agenda.push(self.now + span, Event::Cleaned { node, epoch });
        }
    }

    /// Automated cleaning ends, unless something else has come meanwhile.
    pub fn cleaned_if(&mut self, node: NodeId, epoch: u32, agenda: &mut Agenda<Event>) {
        let it = self.fleet.node(node);
        if it.epoch == epoch && it.provision == Provision::Cleaning {
            self.cleaned(node, agenda);
        }
    }

    fn cleaned(&mut self, node: NodeId, agenda: &mut Agenda<Event>) {
        let epoch = self.fleet.node(node).epoch;
        let word = mix(self.inputs.tape.luck ^ u64::from(node.0) << 32 ^ u64::from(epoch));
        if chance(word, luck::CLEAN_FAILS) < self.inputs.settings.ironic.clean_failure {
            self.clean_failed(node, word, agenda);
            return;
        }
        let retired = self.fleet.node(node).retired;
        self.fleet.node_mut(node).become_state(if retired { Provision::Manageable } else { Provision::Available });
        self.idle(node, agenda);
    }

    /// Nobody is on the node any more and it is clean: what has waited for that goes on.
    pub fn idle(&mut self, node: NodeId, agenda: &mut Agenda<Event>) {
        let desk = &mut self.desks[node.at()];
        if let Some(class) = desk.next_class.take() {
            self.fleet.node_mut(node).spec.class = class;
        }
        if self.desks[node.at()].leaving && self.desks[node.at()].windows.is_empty() {
            self.leave(node);
        }
        self.settle(node, agenda);
        self.lease_may_begin(node, agenda);
        self.node_came_free(node, agenda);
    }

    /// Ends whatever instance is on the node, by an operator's hand.
    pub fn evict(&mut self, node: NodeId, agenda: &mut Agenda<Event>) {
        let it = self.fleet.node(node);
        let Some(Occupant { party: Party::Tenant(request), attempt, .. }) = it.occupant else { return };
        if it.provision == Provision::Deploying {
            self.fail_on_node(node, request, attempt, BuildError::Withdrawn, agenda);
            return;
        }
        self.tell(Fact::Evicted { request, node });
        self.leave_gang(request, node);
        self.vacate(node, agenda);
    }

    /// A fault ends the instance on the node.
    pub fn interrupt(&mut self, node: NodeId, agenda: &mut Agenda<Event>) {
        let it = self.fleet.node(node);
        let Some(Occupant { party: Party::Tenant(request), attempt, .. }) = it.occupant else { return };
        if it.provision == Provision::Deploying {
            self.fail_on_node(node, request, attempt, BuildError::Broken, agenda);
            return;
        }
        self.tell(Fact::Interrupted { request, node });
        self.leave_gang(request, node);
        self.vacate(node, agenda);
    }

    /// A dictated change is due.
    pub fn boundary(&mut self, place: u32, agenda: &mut Agenda<Event>) {
        let boundary = self.inputs.fleet.boundaries[place as usize];
        if let Some(next) = self.inputs.fleet.boundaries.get(place as usize + 1) {
            agenda.push(next.at, Event::Boundary(place + 1));
        }
        let node = boundary.node;
        let idle = self.is_idle(node);
        match boundary.change {
            Change::Joins => {
                for state in [Provision::Manageable, Provision::Cleaning, Provision::Available] {
                    self.fleet.node_mut(node).become_state(state);
                }
                self.idle(node, agenda);
            }
            Change::Leaves if idle && self.desks[node.at()].windows.is_empty() => {
                self.leave(node);
                self.settle(node, agenda);
            }
            Change::Leaves => self.desks[node.at()].leaving = true,
            Change::Class(class) if idle || !self.fleet.node(node).installed() => {
                self.fleet.node_mut(node).spec.class = class;
                self.settle(node, agenda);
            }
            Change::Class(class) => self.desks[node.at()].next_class = Some(class),
        }
    }

    /// Whether the node stands available with nobody on it.
    pub fn is_idle(&self, node: NodeId) -> bool {
        let it = self.fleet.node(node);
        it.provision == Provision::Available && it.occupant.is_none()
    }

    /// The node leaves the fleet. A failed clean leaves the fleet by way of manageable, too.
    pub fn leave(&mut self, node: NodeId) {
        self.desks[node.at()].leaving = false;
        let it = self.fleet.node_mut(node);
        if it.provision != Provision::Manageable {
            it.become_state(Provision::Manageable);
        }
        it.become_state(Provision::Enroll);
    }
}
