//! Case B: the operators' boots on a node in maintenance, by the route that the strategy gives.

use super::desk::{ErrandStage, Phase};
use super::event::Event;
use super::fact::{Deed, ErrandEnd, Fact, Observer};
use super::state::World;
use crate::fleet::{Fault, Node, NodeId, Occupant, Party, Provision};
use crate::kernel::{Agenda, Span};
use crate::scheduler::choose;
use crate::strategy::{Naming, Route, Taken};
use crate::workload::draw::luck;
use crate::workload::tape::span_by;

impl<O: Observer> World<'_, O> {
    fn route_of(&self, node: NodeId) -> Route {
        let it: &Node = self.sight.fleet.node(node);
        self.inputs.strategy.route(it)
    }

    /// Whether the operators evict a tenant who has taken a node in maintenance.
    pub fn evicts_who_took(&self, node: NodeId) -> bool {
        matches!(
            self.route_of(node),
            Route::Boot {
                taken: Taken::Evict,
                ..
            }
        )
    }

    pub fn stage(&mut self, window: u32, stage: ErrandStage) -> u32 {
        let it = &mut self.windows[window as usize];
        it.stage = stage;
        it.turn += 1;
        it.turn
    }

    pub fn later(&mut self, window: u32, stage: ErrandStage, after: Span, agenda: &mut Agenda<Event>) {
        let turn = self.stage(window, stage);
        agenda.push(self.now + after, Event::Errand { window, turn });
    }

    /// An errand is needed: its route begins.
    pub fn begin_errand(&mut self, window: u32, agenda: &mut Agenda<Event>) {
        let (node, errand) = (self.windows[window as usize].node, self.windows[window as usize].errand);
        self.windows[window as usize].needed = true;
        self.tell(Fact::ErrandNeeded { window, errand, node });
        match self.route_of(node) {
            Route::Boot { lift_flag: true, .. } if self.flag_refuses(node) => {
                let latency = self.latency(window, 16);
                self.later(window, ErrandStage::Lifting, latency, agenda);
            }
            Route::Boot { .. } => {
                self.stage(window, ErrandStage::Trying);
                self.try_boot(window, agenda);
            }
            Route::OutOfBand { .. } => self.by_hand(window, agenda),
        }
    }

    /// An operator has done something by hand.
    pub fn human_act(&mut self, node: NodeId, deed: Deed) {
        let human = true;
        self.tell(Fact::Action { node, human, deed });
    }

    fn latency(&self, window: u32, step: u64) -> Span {
        let it = &self.windows[window as usize];
        let word = self.job(it.job).luck ^ u64::from(it.errand) << 24;
        span_by(&self.inputs.settings.operators.action, word, luck::STEP | step)
    }

    /// A timed move of an errand.
    pub fn errand_moves(&mut self, window: u32, turn: u32, agenda: &mut Agenda<Event>) {
        let it = &self.windows[window as usize];
        if it.turn != turn || it.phase == Phase::Closed {
            return;
        }
        let node = it.node;
        match it.stage {
            ErrandStage::Lifting => {
                let cleans = self.waits_in_clean(node);
                self.stage(window, ErrandStage::Blocked);
                self.human_act(node, Deed::Return);
                self.clear_flag(node, None, agenda);
                // What waited for the flag goes on first: a clean, and then this boot.
                if !cleans && self.windows[window as usize].stage == ErrandStage::Blocked {
                    self.stage(window, ErrandStage::Trying);
                    self.try_boot(window, agenda);
                }
            }
            ErrandStage::Trying => self.try_boot(window, agenda),
            ErrandStage::Failing => self.boot_fails(window, agenda),
            ErrandStage::Deploying => self.wrong_seen(window, agenda),
            ErrandStage::ByHand => self.errand_runs(window, agenda),
            ErrandStage::Running => self.errand_over(window, agenda),
            ErrandStage::Flagging => {
                // Another window's image may be on the node by now: whoever is last sets the flag.
                if self.sight.fleet.node(node).is_empty() {
                    self.human_act(node, Deed::Entry);
                    self.sight.fleet.node_mut(node).raise_flag(None);
                    self.settle(node, agenda);
                }
                self.finish_errand(window, agenda);
            }
            ErrandStage::Clearing => {
                self.human_act(node, Deed::Return);
                self.clear_flag(node, Some(Fault::CleanFailure), agenda);
                self.close(window, agenda);
            }
            ErrandStage::Idle | ErrandStage::Blocked | ErrandStage::Leaving => {}
        }
    }

    /// A human clears the flag that Ironic set for a failed clean; then the window closes.
    pub fn clear_by_hand(&mut self, window: u32, agenda: &mut Agenda<Event>) {
        let latency = self.latency(window, 19);
        self.later(window, ErrandStage::Clearing, latency, agenda);
    }

    /// Whether Ironic keeps a boot off the node, and what the operator does about that: waits for
    /// Ironic or a mended node where Ironic has set the flag, clears a flag of the operators' own
    /// where that is the route, and gives the errand up where it is not, because the flag would
    /// refuse it for as long as the node is in maintenance.
    fn ironic_bars(&mut self, window: u32, lift_flag: bool, agenda: &mut Agenda<Event>) -> bool {
        let node = self.windows[window as usize].node;
        if !self.flag_refuses(node) {
            let bars = self.powerless(node);
            if bars {
                self.refused(window, Span::ZERO, agenda);
            }
            return bars;
        }
        // A failed clean's own window clears what it set, unless the return is to do that.
        let passes = match self.sight.fleet.node(node).fault() {
            Some(Fault::CleanFailure) => self.sight.fleet.node(node).provision == Provision::CleanFailed,
            fault => fault.is_some_and(Fault::recovers),
        };
        if passes {
            self.stage(window, ErrandStage::Blocked);
        } else if lift_flag {
            let latency = self.latency(window, 18);
            self.later(window, ErrandStage::Lifting, latency, agenda);
        } else {
            self.give_errand_up(window, agenda);
        }
        true
    }

    fn give_errand_up(&mut self, window: u32, agenda: &mut Agenda<Event>) {
        let (node, errand) = (self.windows[window as usize].node, self.windows[window as usize].errand);
        self.tell(Fact::ErrandRefused { window, errand, node });
        self.tell(Fact::ErrandEnded {
            window,
            errand,
            node,
            end: ErrandEnd::Unserved,
        });
        self.windows[window as usize].needed = false;
        self.finish_errand(window, agenda);
    }

    /// The image on the node is lost: its power is gone, or its deploy failed. Its errand begins
    /// anew if it had not run yet.
    pub fn lose_image(&mut self, node: NodeId, agenda: &mut Agenda<Event>) {
        let Some(Occupant {
            party: Party::Errand(window),
            ..
        }) = self.sight.fleet.node(node).occupant()
        else {
            return;
        };
        self.cut_errand(window, agenda);
        self.windows[window as usize].target = self.windows[window as usize].node;
        self.next_task(window, agenda);
    }

    /// One try of a boot through the regular machinery.
    fn try_boot(&mut self, window: u32, agenda: &mut Agenda<Event>) {
        let node = self.windows[window as usize].node;
        let Route::Boot {
            naming,
            asks,
            taken,
            lift_flag,
        } = self.route_of(node)
        else {
            return;
        };
        if self.is_worked_on(node) {
            self.stage(window, ErrandStage::Blocked);
            return;
        }
        if let Some(Occupant { party, .. }) = self.sight.fleet.node(node).occupant() {
            self.stage(window, ErrandStage::Blocked);
            if taken == Taken::Evict && matches!(party, Party::Tenant(_)) {
                self.evict(node, agenda);
            }
            return;
        }
        if self.ironic_bars(window, lift_flag, agenda) {
            return;
        }
        let class = self.sight.fleet.node(node).class;
        let tie = self.job(self.windows[window as usize].job).luck ^ u64::from(self.windows[window as usize].turn);
        let ask = self.clerk.errand(class, node, naming, asks, tie);
        self.sight.errand = Some(ask);
        let errand = self.windows[window as usize].errand;
        self.tell(Fact::ErrandAsked { window, errand, node });
        let name = |node: NodeId| self.sight.fleet.name(node).to_owned();
        let choice = choose(&self.sight.view, &mut self.rules, &ask, &name).ok();
        let targets = choice.map_or_else(Vec::new, |choice| {
            let more = match naming {
                Naming::Unnamed => choice.alternates(),
                // A machine that is named is the only one.
                Naming::Destination | Naming::Hint | Naming::Forced => &[],
            };
            choice.picks().iter().chain(more).copied().collect()
        });
        self.boot(window, targets, agenda);
    }

    /// Waits for another try; for as long as the node is somebody else's there is nothing to poll.
    pub fn refused(&mut self, window: u32, waited: Span, agenda: &mut Agenda<Event>) {
        let (node, errand) = (self.windows[window as usize].node, self.windows[window as usize].errand);
        self.tell(Fact::ErrandRefused { window, errand, node });
        let retry = self.inputs.settings.operators.retry;
        self.later(window, ErrandStage::Trying, waited + retry, agenda);
    }

    /// The image of an errand became active, on the right node or on a wrong one.
    pub fn errand_active(&mut self, window: u32, node: NodeId, agenda: &mut Agenda<Event>) {
        let (meant, errand) = (self.windows[window as usize].node, self.windows[window as usize].errand);
        self.settle(node, agenda);
        if node == meant {
            self.errand_runs(window, agenda);
            return;
        }
        self.tell(Fact::Mistargeted {
            window,
            errand,
            node: meant,
        });
        let notice = self.inputs.settings.operators.notice_wrong;
        self.later(window, ErrandStage::Deploying, notice, agenda);
    }

    /// The operator sees that the image is on the wrong node: deletes it and tries again.
    fn wrong_seen(&mut self, window: u32, agenda: &mut Agenda<Event>) {
        let wrong = self.windows[window as usize].target;
        self.vacate(wrong, agenda);
        self.windows[window as usize].target = self.windows[window as usize].node;
        self.stage(window, ErrandStage::Trying);
        self.try_boot(window, agenda);
    }

    fn errand_runs(&mut self, window: u32, agenda: &mut Agenda<Event>) {
        let it = &self.windows[window as usize];
        let (node, errand) = (it.node, it.errand);
        let length = self.job(it.job).errands[usize::from(errand)];
        self.tell(Fact::ErrandRuns { window, errand, node });
        self.later(window, ErrandStage::Running, length, agenda);
    }

    /// The image has run for its time.
    fn errand_over(&mut self, window: u32, agenda: &mut Agenda<Event>) {
        let it = &self.windows[window as usize];
        let (node, errand) = (it.node, it.errand);
        self.tell(Fact::ErrandEnded {
            window,
            errand,
            node,
            end: ErrandEnd::Done,
        });
        self.windows[window as usize].needed = false;
        self.stage(window, ErrandStage::Leaving);
        self.remove_image(window, agenda);
        if self.windows[window as usize].stage == ErrandStage::Leaving && self.sight.fleet.node(node).is_empty() {
            self.errand_may_go_on(window, agenda);
        }
    }

    /// Takes an errand's image off whatever node it is on.
    fn remove_image(&mut self, window: u32, agenda: &mut Agenda<Event>) {
        let target = self.windows[window as usize].target;
        if self.sight.fleet.node(target).party() != Some(Party::Errand(window)) {
            return;
        }
        if matches!(
            self.sight.fleet.node(target).provision,
            Provision::Active | Provision::Deploying
        ) {
            self.vacate(target, agenda);
        } else {
            // By hand: Ironic knows nothing of it, so there is nothing to tear down.
            self.note_who_leaves(target);
            let it = self.sight.fleet.node_mut(target);
            it.seat(None);
            it.epoch += 1;
            self.sight.view.release(target);
            self.clean_after_hands(target, agenda);
        }
    }

    /// The node is idle again: an errand that has waited for that goes on.
    pub fn errand_may_go_on(&mut self, window: u32, agenda: &mut Agenda<Event>) {
        let it = &self.windows[window as usize];
        if it.phase != Phase::InHand || !self.sight.fleet.node(it.node).is_empty() {
            return;
        }
        let (node, available) = (
            it.node,
            self.sight.fleet.node(it.node).provision == Provision::Available,
        );
        let idle = available || self.waits_in_clean(node);
        match it.stage {
            ErrandStage::Blocked => match self.route_of(node) {
                Route::OutOfBand { .. } if idle || self.sight.fleet.node(node).provision == Provision::CleanFailed => {
                    self.by_hand(window, agenda);
                }
                Route::OutOfBand { .. } => {}
                Route::Boot { .. } if !idle => {}
                Route::Boot { .. } => {
                    self.stage(window, ErrandStage::Trying);
                    self.try_boot(window, agenda);
                }
            },
            ErrandStage::Leaving if idle => {
                let lifted = matches!(self.route_of(node), Route::Boot { lift_flag: true, .. });
                if lifted && !self.sight.fleet.node(node).flag() {
                    let latency = self.latency(window, 17);
                    self.later(window, ErrandStage::Flagging, latency, agenda);
                } else {
                    self.finish_errand(window, agenda);
                }
            }
            _ => {}
        }
    }

    fn finish_errand(&mut self, window: u32, agenda: &mut Agenda<Event>) {
        self.windows[window as usize].errand += 1;
        self.windows[window as usize].failed = 0;
        self.stage(window, ErrandStage::Idle);
        self.next_task(window, agenda);
    }

    /// A deploy by hand, outside Nova: the image is on the node from the first moment.
    fn by_hand(&mut self, window: u32, agenda: &mut Agenda<Event>) {
        let node = self.windows[window as usize].node;
        let cleans = self.sight.fleet.node(node).provision == Provision::Cleaning && !self.waits_in_clean(node);
        if !self.sight.fleet.node(node).is_empty() || cleans || self.is_worked_on(node) {
            self.stage(window, ErrandStage::Blocked);
            return;
        }
        let Route::OutOfBand { time } = self.route_of(node) else {
            return;
        };
        let it = &self.windows[window as usize];
        let word = self.job(it.job).luck ^ u64::from(it.errand) << 24;
        let span = span_by(&time, word, luck::BY_HAND);
        let there = self.sight.fleet.node_mut(node);
        there.seat(Some(Occupant {
            party: Party::Errand(window),
            attempt: 1,
        }));
        there.epoch += 1;
        self.windows[window as usize].target = node;
        self.human_act(node, Deed::ByHand);
        self.settle(node, agenda);
        self.later(window, ErrandStage::ByHand, span, agenda);
    }

    /// The window ends, or its lease: an errand under way is cut off.
    pub fn cut_errand(&mut self, window: u32, agenda: &mut Agenda<Event>) {
        let it = &self.windows[window as usize];
        let (node, errand, stage) = (it.node, it.errand, it.stage);
        if stage == ErrandStage::Idle {
            return;
        }
        if stage == ErrandStage::Running {
            self.tell(Fact::ErrandEnded {
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
            self.windows[window as usize].errand += 1;
            self.windows[window as usize].failed = 0;
            self.windows[window as usize].needed = false;
        }
        self.stage(window, ErrandStage::Idle);
        self.remove_image(window, agenda);
    }
}
