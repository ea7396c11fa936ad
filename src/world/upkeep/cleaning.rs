//! A node between two occupants: torn down, cleaned, available. What follows for the operators is returned, so that whoever
//! has freed the node sees to it at once.

use super::Upkeep;
use super::desk::RescueStage;
use crate::fleet::ironic::verbs::{Operation, Refusal, after_cleaning};
use crate::fleet::ironic::{FailedWork, State};
use crate::fleet::{NodeId, Provision};
use crate::kernel::Span;
use crate::kernel::streams::mix;
use crate::workload::draw::luck;
use crate::workload::tape::{chance, span_of};
use crate::world::plane::Plane;
use crate::world::{Event, Observer};

/// What follows from what has been done to a node.
#[must_use]
pub enum Then {
    /// Nothing, or what is on the agenda.
    Waits,
    /// The node is at rest: what has waited for that goes on.
    Rests,
    /// Its clean has failed.
    Fails(FailedWork),
    /// It is retired and managed for good: no maintenance is done on it any more.
    Retired,
}

impl Upkeep<'_> {
    /// The occupant leaves: its allocation is deleted and the node is torn down and cleaned.
    #[inline(always)]
    pub fn tear_down<O: Observer>(&mut self, plane: &mut Plane<'_, O>, node: NodeId) -> Then {
        if let Some(party) = plane.node(node).party() {
            plane.goes_from(plane.kind(node).group, party);
        }
        self.note_who_leaves(plane, node);
        let it = plane.node_mut(node);
        it.seat(None);
        it.epoch += 1;
        if it.provision == Provision::Unrescuing {
            it.become_state(Provision::Active);
        }
        plane.publish_delete(node);
        let it = plane.node_mut(node);
        it.become_state(Provision::Deleting);
        it.become_state(Provision::Cleaning);
        let epoch = it.epoch;
        if let Some(desk) = self.desks.written(node) {
            (desk.stalled, desk.cleaned_by_hand) = (false, false);
            desk.rescue_goes(RescueStage::Ahead);
        }
        plane.truth.view.release(node);
        let ironic = &plane.inputs.settings.ironic;
        if !ironic.automated_clean {
            return self.cleaned(plane, node);
        }
        let span = self.clean_span(plane, node);
        if plane.waits_for_the_flag(node) {
            // Cleaning that begins in maintenance waits for its agent, whose calls are not heard.
            self.stall_clean(node, span)
        } else if plane.flag_refuses(node) && !plane.allows_provisioning() {
            Then::Fails(FailedWork::CleanBeforeSteps)
        } else if span == Span::ZERO {
            self.cleaned(plane, node)
        } else {
            self.settle(plane, node);
            plane.after(span, Event::Cleaned { node, epoch });
            Then::Waits
        }
    }

    /// Automated cleaning is done, or fails.
    #[inline(always)]
    pub fn cleaned<O: Observer>(&mut self, plane: &mut Plane<'_, O>, node: NodeId) -> Then {
        let desk = self.desks.written(node);
        let by_hand = desk.is_some_and(|desk| std::mem::take(&mut desk.cleaned_by_hand));
        let ironic = &plane.inputs.settings.ironic;
        if !by_hand && ironic.automated_clean {
            if plane.agent_never_calls(node) {
                return self.clean_times_out(plane, node);
            }
            let fails = ironic.clean_failure;
            if fails > 0.0 && chance(self.clean_word(plane, node), luck::CLEAN_FAILS) < fails {
                return Then::Fails(FailedWork::CleanStep);
            }
        }
        let it = plane.node_mut(node);
        it.become_state(match after_cleaning(it.retired, ironic.automated_clean) {
            State::Manageable => Provision::Manageable,
            _ => Provision::Available,
        });
        idle(plane, node)
    }

    /// A clean's agent waits for the flag to be cleared, with so much left to do.
    pub fn stall_clean(&mut self, node: NodeId, left: Span) -> Then {
        let desk = &mut self.desks[node];
        (desk.stalled, desk.clean_left) = (true, left);
        Then::Rests
    }

    /// A managed node is to be cleaned and made available: after a human has looked at it in no time (his work had the
    /// cleaning in it), else in the time that is left to do.
    pub fn provide<O: Observer>(&mut self, plane: &mut Plane<'_, O>, node: NodeId) -> Then {
        match plane.verb(node, Operation::Provide) {
            Ok(_) => {
                plane.node_mut(node).become_state(Provision::Cleaning);
                let left = std::mem::take(&mut self.desks[node].clean_left);
                self.desks[node].cleaned_by_hand = left == Span::ZERO;
                if plane.waits_for_the_flag(node) {
                    self.stall_clean(node, left)
                } else if left == Span::ZERO {
                    self.cleaned(plane, node)
                } else {
                    self.settle(plane, node);
                    let epoch = plane.node(node).epoch;
                    plane.after(left, Event::Cleaned { node, epoch });
                    Then::Waits
                }
            }
            Err(Refusal::NodeInMaintenance) => {
                let left = self.desks[node].clean_left;
                self.stall_clean(node, left)
            }
            Err(_) => Then::Retired,
        }
    }

    /// Seeds what happens in the clean after the node's last occupant.
    pub fn clean_word<O: Observer>(&self, plane: &Plane<'_, O>, node: NodeId) -> u64 {
        let last = self.left_by.get(node.at()).copied().unwrap_or(0);
        mix(plane.inputs.tape.luck ^ plane.truth.fleet.word(node) ^ last)
    }

    /// How long the clean after the node's last occupant takes.
    pub fn clean_span<O: Observer>(&self, plane: &Plane<'_, O>, node: NodeId) -> Span {
        let law = &plane.inputs.settings.ironic.cleaning;
        span_of(law, || self.clean_word(plane, node), luck::CLEAN)
    }

    /// A node without power is not cleaned: Ironic gives up waiting for its agent, before any step, and sets no
    /// flag. That the power is gone the power sync finds out now that the node does not wait any more.
    fn clean_times_out<O: Observer>(&mut self, plane: &mut Plane<'_, O>, node: NodeId) -> Then {
        plane.node_mut(node).become_state(Provision::CleanFailed);
        if !plane.dictated(node).leaving {
            self.sync_power(plane, node);
        }
        Then::Rests
    }
}

/// Nobody is on the node any more and it is clean.
#[inline(always)]
pub fn idle<O: Observer>(plane: &mut Plane<'_, O>, node: NodeId) -> Then {
    if let Some(class) = plane.dictated(node).class {
        plane.dictate(node).class = None;
        plane.node_mut(node).class = class;
    }
    Then::Rests
}
