//! The operators' boots on a node: what is due, and what comes of it.

use super::state::World;
use super::turnover::By;
use super::upkeep::{AfterTry, ErrandStage, Failed, Phase};
use super::{BuildError, Deed, ErrandEnd, Fact, Observer};
use crate::fleet::{Fault, NodeId, Party, Provision, WindowId};
use crate::strategy::Route;
use crate::workload::ErrandId;

impl<O: Observer> World<'_, O> {
    /// The image on the node is lost: its power is gone, or it is not wanted. A build of it fails; by hand, its errand
    /// begins anew if it had not run yet.
    pub fn lose_image(&mut self, node: NodeId, error: BuildError) {
        let Some(Party::Errand(window)) = self.plane.node(node).party() else {
            return;
        };
        if self.plane.node(node).provision == Provision::Deploying {
            self.lose_boot(node, error);
            return;
        }
        self.cut_errand(window);
        self.upkeep.windows[window].target = self.upkeep.windows[window].node;
        self.next_task(window);
    }

    /// A build of the operators' on the node fails, if there is one.
    pub fn lose_boot(&mut self, node: NodeId, error: BuildError) {
        let it = self.plane.node(node);
        if let Some(Party::Errand(window)) = it.party()
            && it.provision == Provision::Deploying
        {
            self.upkeep.windows[window].error = error;
            self.boot_fails(window);
        }
    }

    /// The window ends, or its lease: an errand under way is cut off.
    pub fn cut_errand(&mut self, window: WindowId) {
        let it = &self.upkeep.windows[window];
        let (node, errand, stage) = (it.node, it.errand, it.stage);
        if stage == ErrandStage::Idle {
            return;
        }
        if stage == ErrandStage::Running {
            self.plane.tell(Fact::ErrandEnded {
                window,
                errand,
                node,
                end: ErrandEnd::Cut,
            });
        }
        if matches!(
            stage,
            ErrandStage::Running | ErrandStage::Leaving | ErrandStage::Flagging
        ) {
            self.upkeep.windows[window].errand = errand.next();
            self.upkeep.windows[window].failed = 0;
            self.upkeep.windows[window].needed = false;
        }
        let it = &mut self.upkeep.windows[window];
        it.asked = None;
        it.stage(ErrandStage::Idle);
        self.remove_image(window);
    }

    /// Takes an errand's image off whatever node it is on.
    fn remove_image(&mut self, window: WindowId) {
        let target = self.upkeep.windows[window].target;
        if self.plane.node(target).party() != Some(Party::Errand(window)) {
            return;
        }
        if matches!(
            self.plane.node(target).provision,
            Provision::Active | Provision::Deploying
        ) {
            self.vacate(target);
        } else {
            // By hand: Ironic knows nothing of it, so there is nothing to tear down.
            self.upkeep.note_who_leaves(&self.plane, target);
            let it = self.plane.node_mut(target);
            it.seat(None);
            it.epoch += 1;
            self.plane.truth.view.release(target);
            self.clean_after_hands(target);
        }
    }

    /// The image of an errand became active, on the right node or on a wrong one.
    pub fn errand_active(&mut self, window: WindowId, node: NodeId) {
        let (meant, errand) = (self.upkeep.windows[window].node, self.upkeep.windows[window].errand);
        self.upkeep.settle(&mut self.plane, node);
        if node == meant {
            self.upkeep.errand_runs(&mut self.plane, window);
            return;
        }
        self.plane.tell(Fact::Mistargeted {
            window,
            errand,
            node: meant,
        });
        let notice = self.plane.inputs.settings.operators.notice_wrong;
        self.upkeep
            .later(&mut self.plane, window, ErrandStage::Deploying, notice);
    }

    /// A timed move of an errand.
    pub fn errand_moves(&mut self, window: WindowId, turn: u32) {
        let it = &self.upkeep.windows[window];
        if it.turn != turn || it.phase == Phase::Closed {
            return;
        }
        let node = it.node;
        match it.stage {
            ErrandStage::Lifting => {
                let cleans = self.upkeep.waits_in_clean(&self.plane, node);
                self.upkeep.windows[window].stage(ErrandStage::Blocked);
                self.plane.human_act(node, Deed::Return);
                self.clear_flag(node, None);
                // What waited for the flag goes on first: a clean, and then this boot.
                if !cleans && self.upkeep.windows[window].stage == ErrandStage::Blocked {
                    self.upkeep.windows[window].stage(ErrandStage::Trying);
                    self.try_boot(window);
                }
            }
            ErrandStage::Trying => self.try_boot(window),
            ErrandStage::Failing => {
                if !self.boot_failure_waits(window) {
                    self.boot_fails(window);
                }
            }
            ErrandStage::Deploying => self.wrong_seen(window),
            ErrandStage::ByHand => self.upkeep.errand_runs(&mut self.plane, window),
            ErrandStage::Running => self.errand_over(window),
            ErrandStage::Flagging => {
                // Another window's image may be on the node by now: whoever is last sets the flag. It is set under a tenant
                // who won the race, too: nobody is to come after him.
                if self.plane.is_locked(node) {
                    let retry = self.plane.inputs.settings.operators.retry;
                    self.upkeep.later(&mut self.plane, window, ErrandStage::Flagging, retry);
                    return;
                }
                if !self.is_booted(node) && !self.plane.node(node).flag() && !self.hide_bare(window) {
                    self.upkeep.set_flag_again(&mut self.plane, node);
                }
                self.finish_errand(window);
            }
            ErrandStage::Clearing => {
                self.plane.human_act(node, Deed::Return);
                self.clear_flag(node, Some(Fault::CleanFailure));
                self.close(window);
            }
            ErrandStage::Idle | ErrandStage::Blocked | ErrandStage::Leaving => {}
        }
    }

    /// A boot's build fails.
    fn boot_fails(&mut self, window: WindowId) {
        let Some((target, then)) = self.upkeep.boot_fails(&mut self.plane, window) else {
            return;
        };
        self.vacate(target);
        if self.upkeep.windows[window].phase != Phase::InHand {
            // Its own node has been retired meanwhile.
            return;
        }
        match then {
            Failed::NextTarget => self.upkeep.boot_on_next(&mut self.plane, window),
            Failed::Again => self.work_comes_first(window),
            Failed::GivenUp => {
                let it = &self.upkeep.windows[window];
                if it.error == BuildError::Broken && target == it.node {
                    // Who has seen his boots fail on broken hardware knows that it is.
                    self.complaint(target);
                }
                if self.upkeep.windows[window].stage == ErrandStage::Leaving {
                    self.errand_may_go_on(window);
                }
            }
        }
    }

    /// Nothing boots on a node without power: where its work is still to be done, that is done before the next try.
    fn work_comes_first(&mut self, window: WindowId) {
        let it = &mut self.upkeep.windows[window];
        if it.errand == ErrandId(0) && !it.work_done && self.plane.powerless(it.node) {
            it.stage(ErrandStage::Idle);
            self.next_task(window);
        }
    }

    /// One try of a boot through the regular machinery.
    pub fn try_boot(&mut self, window: WindowId) {
        let next = self.upkeep.try_boot(&mut self.plane, window);
        self.errand_goes(window, next);
        if self.upkeep.windows[window].stage == ErrandStage::Trying {
            // Who is refused looks at the node.
            self.hide_if_bare(window);
        }
    }

    /// Sees to what follows from an operator's try.
    pub fn errand_goes(&mut self, window: WindowId, next: AfterTry) {
        match next {
            AfterTry::Waits => {}
            AfterTry::Task => self.next_task(window),
            AfterTry::Evict(node) => self.end_instance(node, By::Operator),
            AfterTry::NoPower(node) => self.complaint(node),
        }
    }

    pub fn finish_errand(&mut self, window: WindowId) {
        self.upkeep.windows[window].finish_errand();
        self.next_task(window);
    }

    /// The operator sees that the image is on the wrong node: deletes it and tries again.
    fn wrong_seen(&mut self, window: WindowId) {
        let wrong = self.upkeep.windows[window].target;
        // He boots again before anybody who has waited for the machine: of two that are on each other's, the other one
        // could but take his again, and so on for ever.
        let then = self.clear_off(wrong);
        let it = &mut self.upkeep.windows[window];
        // This boot is one more for the operator: the last one was not refused, it was wrong.
        (it.target, it.asked) = (it.node, None);
        it.stage(ErrandStage::Trying);
        self.try_boot(window);
        self.go_on(wrong, then);
    }

    /// The image has run for its time.
    fn errand_over(&mut self, window: WindowId) {
        let it = &self.upkeep.windows[window];
        let (node, errand) = (it.node, it.errand);
        self.plane.tell(Fact::ErrandEnded {
            window,
            errand,
            node,
            end: ErrandEnd::Done,
        });
        self.upkeep.windows[window].needed = false;
        self.upkeep.windows[window].stage(ErrandStage::Leaving);
        self.remove_image(window);
        if self.upkeep.windows[window].stage == ErrandStage::Leaving && self.plane.node(node).is_empty() {
            self.errand_may_go_on(window);
        }
    }

    /// The node is idle again: an errand that has waited for that goes on.
    pub fn errand_may_go_on(&mut self, window: WindowId) {
        let it = &self.upkeep.windows[window];
        let (node, stage) = (it.node, it.stage);
        if it.phase != Phase::InHand {
            return;
        }
        let party = self.plane.node(node).party();
        let tenant = matches!(party, Some(Party::Tenant(_)));
        // The image is gone, and a tenant has won the race for the node: the flag is set under him.
        let raced = tenant && stage == ErrandStage::Leaving && self.upkeep.is_exposed(&self.plane, node);
        if party.is_some() && !raced {
            // A tenant has come while the boot waited for something else.
            let evicts = tenant && !self.upkeep.is_worked_on(node) && self.plane.evicts_who_took(node);
            if stage == ErrandStage::Blocked && evicts {
                self.end_instance(node, By::Operator);
            }
            return;
        }
        let available = self.plane.node(node).provision == Provision::Available;
        let idle = raced || available || self.upkeep.waits_in_clean(&self.plane, node);
        match stage {
            ErrandStage::Blocked => match self.plane.route_of(node) {
                Route::OutOfBand { .. } if idle || self.plane.node(node).provision == Provision::CleanFailed => {
                    let next = self.upkeep.by_hand(&mut self.plane, window);
                    self.errand_goes(window, next);
                }
                Route::OutOfBand { .. } => {}
                Route::Boot { .. } if !idle => {}
                Route::Boot { .. } => {
                    self.upkeep.windows[window].stage(ErrandStage::Trying);
                    self.try_boot(window);
                }
            },
            ErrandStage::Leaving if idle => {
                let lifted = matches!(self.plane.route_of(node), Route::Boot { lift_flag: true, .. });
                if lifted && !self.plane.node(node).flag() {
                    let latency = self.upkeep.latency(&self.plane, window, 17);
                    self.upkeep
                        .later(&mut self.plane, window, ErrandStage::Flagging, latency);
                } else {
                    self.finish_errand(window);
                }
            }
            _ => {}
        }
    }
}
