//! What happens to a node whoever is on it: vacating, cleaning, joining, leaving, changing class.

use super::desk::RescueStage;
use super::event::Event;
use super::fact::{BuildError, Fact, Observer};
use super::state::World;
use crate::fleet::ironic::verbs::after_cleaning;
use crate::fleet::ironic::{Failure, State};
use crate::fleet::{Change, NodeId, Occupant, Party, Provision};
use crate::kernel::streams::mix;
use crate::kernel::{Agenda, Span};
use crate::workload::draw::luck;
use crate::workload::tape::{chance, span_of};

impl<O: Observer> World<'_, O> {
    /// The occupant leaves: its allocation is deleted and the node is torn down and cleaned.
    pub fn vacate(&mut self, node: NodeId, agenda: &mut Agenda<Event>) {
        if let Some(party) = self.sight.fleet.node(node).party() {
            self.goes_from(self.sight.fleet.kind(node).group, party);
        }
        self.note_who_leaves(node);
        let it = self.sight.fleet.node_mut(node);
        it.seat(None);
        it.epoch += 1;
        if it.provision == Provision::Unrescuing {
            it.become_state(Provision::Active);
        }
        self.publish_delete(node);
        let it = self.sight.fleet.node_mut(node);
        it.become_state(Provision::Deleting);
        it.become_state(Provision::Cleaning);
        let epoch = it.epoch;
        if let Some(desk) = self.desks.written(node) {
            (desk.stalled, desk.cleaned_by_hand, desk.rescue) = (false, false, RescueStage::Ahead);
            self.spare_doomed.extend(desk.doom.take());
            if desk.retiring {
                self.retire(node);
            }
        }
        self.sight.view.release(node);
        let ironic = &self.inputs.settings.ironic;
        if !ironic.automated_clean {
            self.cleaned(node, agenda);
            return;
        }
        let span = self.clean_span(node);
        if self.waits_for_the_flag(node) {
            // Cleaning that begins in maintenance waits for its agent, whose calls are not heard.
            self.stall_clean(node, span, agenda);
        } else if self.flag_refuses(node) && !self.allows_provisioning() {
            self.clean_failed(node, Failure::CleanBeforeSteps, agenda);
        } else if span == Span::ZERO {
            self.cleaned(node, agenda);
        } else {
            self.settle(node, agenda);
            agenda.push(self.now + span, Event::Cleaned { node, epoch });
        }
    }

    /// Automated cleaning ends, unless something else has come meanwhile.
    pub fn cleaned_if(&mut self, node: NodeId, epoch: u32, agenda: &mut Agenda<Event>) {
        let it = self.sight.fleet.node(node);
        if it.epoch != epoch || it.provision != Provision::Cleaning {
            return;
        }
        if !self.flag_refuses(node) || !self.inputs.settings.ironic.agent {
            self.cleaned(node, agenda);
        } else if self.allows_provisioning() {
            self.stall_clean(node, Span::ZERO, agenda);
        } else {
            self.clean_failed(node, Failure::CleanStep, agenda);
        }
    }

    /// Keeps the luck of whoever leaves the node, on which its clean hangs: a count of those who were on it before
    /// would let one request more change the cleans of all that follow.
    pub fn note_who_leaves(&mut self, node: NodeId) {
        if self.left_by.is_empty() {
            return;
        }
        let luck = match self.sight.fleet.node(node).party() {
            Some(Party::Tenant(request)) => self.sight.find(request).map_or(0, |it| it.luck),
            Some(Party::Errand(window)) => {
                let it = &self.windows[window as usize];
                self.job(it.job).luck ^ u64::from(it.errand)
            }
            None => 0,
        };
        self.left_by[node.at()] = luck;
    }

    /// Seeds what happens in the clean after the node's last occupant.
    pub fn clean_word(&self, node: NodeId) -> u64 {
        let last = self.left_by.get(node.at()).copied().unwrap_or(0);
        mix(self.inputs.tape.luck ^ self.sight.fleet.word(node) ^ last)
    }

    /// How long the clean after the node's last occupant takes.
    pub fn clean_span(&self, node: NodeId) -> Span {
        let law = &self.inputs.settings.ironic.cleaning;
        span_of(law, || self.clean_word(node), luck::CLEAN)
    }

    /// Automated cleaning is done, or fails.
    #[inline(always)]
    pub fn cleaned(&mut self, node: NodeId, agenda: &mut Agenda<Event>) {
        let desk = self.desks.written(node);
        let by_hand = desk.is_some_and(|desk| std::mem::take(&mut desk.cleaned_by_hand));
        let ironic = &self.inputs.settings.ironic;
        if !by_hand && ironic.automated_clean {
            if self.agent_never_calls(node) {
                self.clean_times_out(node, agenda);
                return;
            }
            let fails = ironic.clean_failure;
            if fails > 0.0 && chance(self.clean_word(node), luck::CLEAN_FAILS) < fails {
                self.clean_failed(node, Failure::CleanStep, agenda);
                return;
            }
        }
        let it = self.sight.fleet.node_mut(node);
        it.become_state(match after_cleaning(it.retired, ironic.automated_clean) {
            State::Manageable => Provision::Manageable,
            _ => Provision::Available,
        });
        self.idle(node, agenda);
    }

    /// Nobody is on the node any more and it is clean: what has waited for that goes on.
    #[inline(always)]
    pub fn idle(&mut self, node: NodeId, agenda: &mut Agenda<Event>) {
        if let Some(desk) = self.desks.written(node)
            && let Some(class) = desk.next_class.take()
        {
            self.sight.fleet.node_mut(node).class = class;
        }
        self.rests(node, agenda);
    }

    /// A node is at rest: it leaves if it is to, else what has waited for that goes on.
    #[inline(always)]
    pub fn rests(&mut self, node: NodeId, agenda: &mut Agenda<Event>) {
        if self.desks.written(node).is_some_and(|desk| desk.leaving) {
            self.depart(node, agenda);
            return;
        }
        self.lock_is_free(node, agenda);
        self.settle(node, agenda);
        self.lease_may_begin(node, agenda);
        self.node_came_free(node, agenda);
    }

    /// Ends whatever instance is on the node, by an operator's hand.
    pub fn evict(&mut self, node: NodeId, agenda: &mut Agenda<Event>) {
        let it = self.sight.fleet.node(node);
        let Some(Occupant {
            party: Party::Tenant(request),
            attempt,
            ..
        }) = it.occupant()
        else {
            return;
        };
        if it.provision == Provision::Deploying {
            self.fail_on_node(node, request, attempt, BuildError::Withdrawn, agenda);
            return;
        }
        self.tell(Fact::Evicted { request, node });
        self.uses_less(request, 1);
        self.vacate(node, agenda);
    }

    /// A fault ends the instance on the node.
    pub fn interrupt(&mut self, node: NodeId, agenda: &mut Agenda<Event>) {
        let it = self.sight.fleet.node(node);
        let Some(Occupant {
            party: Party::Tenant(request),
            attempt,
            ..
        }) = it.occupant()
        else {
            return;
        };
        if it.provision == Provision::Deploying {
            self.fail_on_node(node, request, attempt, BuildError::Broken, agenda);
            return;
        }
        self.tell(Fact::Interrupted { request, node });
        self.uses_less(request, 1);
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
        self.fleet_shrinks();
        match boundary.change {
            Change::Joins => {
                let retired = self.sight.fleet.node(node).retired;
                let way = [Provision::Manageable, Provision::Cleaning, Provision::Available];
                for state in way.into_iter().take(if retired { 1 } else { 3 }) {
                    self.sight.fleet.node_mut(node).become_state(state);
                }
                self.idle(node, agenda);
            }
            Change::Leaves => {
                self.desks[node.at()].leaving = true;
                self.depart(node, agenda);
            }
            Change::Class(class) if idle || !self.sight.fleet.node(node).installed() => {
                self.sight.fleet.node_mut(node).class = class;
                self.settle(node, agenda);
            }
            Change::Class(class) => self.desks[node.at()].next_class = Some(class),
            Change::Group(group) => self.regroup(node, group, agenda),
            Change::Retires => self.retire(node),
        }
    }

    /// Whether the node stands available, or managed for good, with nobody on it.
    pub fn is_idle(&self, node: NodeId) -> bool {
        let it = self.sight.fleet.node(node);
        let at_rest = it.provision == Provision::Available || (it.provision == Provision::Manageable && it.retired);
        at_rest && it.is_empty()
    }

    /// The node leaves the fleet. A failed clean, or one that is given up, leaves it by way of manageable, too.
    pub fn leave(&mut self, node: NodeId) {
        if let Some(desk) = self.desks.written(node) {
            (desk.leaving, desk.gone, desk.stalled) = (false, true, false);
        }
        let it = self.sight.fleet.node_mut(node);
        if it.provision != Provision::Manageable {
            it.become_state(Provision::Manageable);
        }
        it.become_state(Provision::Enroll);
        self.fleet_shrinks();
    }
}
