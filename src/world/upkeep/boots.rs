//! The operators' boots through Nova. They go through the same builds as tenants' and fail the same ways: refused by
//! the driver where the view was stale, by chance, on broken hardware. One that names no machine has alternates;
//! one that names its machine has none, and the operator tries again. What has failed as often as Nova tries a
//! build is given up.

use super::Upkeep;
use super::desk::{Course, ErrandStage};
use crate::fleet::{Fault, NodeId, Occupant, Party, Provision, WindowId};
use crate::kernel::Span;
use crate::scheduler::{Spec, choose};
use crate::strategy::{Naming, Route, Taken};
use crate::workload::draw::luck;
use crate::workload::tape::span_by;
use crate::world::plane::Plane;
use crate::world::{Deed, ErrandEnd, Event, Fact, Observer};

/// What follows from an operator's try.
#[must_use]
pub enum AfterTry {
    /// Nothing, or what is on the agenda.
    Waits,
    /// The errand is over: the next task of the window.
    Task,
    /// The tenant who has taken the node is evicted.
    Evict(NodeId),
    /// The node has no power, as whoever stands before it sees.
    NoPower(NodeId),
}

/// What follows when a boot's build has failed, once the node is torn down.
pub enum Failed {
    /// The next machine that would do.
    NextTarget,
    /// The operator looks and boots again, which is on the agenda.
    Again,
    /// The errand is given up.
    GivenUp,
}

impl Upkeep<'_> {
    /// An operator boots: onto the first of these machines that takes the image.
    fn boot<O: Observer>(&mut self, plane: &mut Plane<'_, O>, window: WindowId, (targets, wants): (Vec<NodeId>, Spec)) {
        let node = self.windows[window].node;
        // Asking again what was refused is his script's work; after a failed build he looks first.
        let it = &mut self.windows[window];
        let this = Some((it.errand, it.failed));
        if std::mem::replace(&mut it.asked, this) != this {
            plane.human_act(node, Deed::Boot);
        }
        let it = &mut self.windows[window];
        (it.targets, it.attempt, it.wants) = (targets, 0, wants);
        self.boot_on_next(plane, window);
    }

    pub fn boot_on_next<O: Observer>(&mut self, plane: &mut Plane<'_, O>, window: WindowId) {
        let mut waited = Span::ZERO;
        while self.windows[window].attempt < plane.rules.policy().attempts {
            let it = &mut self.windows[window];
            if it.targets.is_empty() {
                break;
            }
            let target = it.targets.remove(0);
            if !self.may_boot_on(plane, window, target) {
                continue;
            }
            self.windows[window].attempt += 1;
            plane.record_written(target);
            if !plane.unavailable(target) {
                self.boot_on(plane, window, target, waited);
                return;
            }
            let word = self.boot_word(plane, window, target);
            waited += span_by(&plane.inputs.settings.driver_refusal, word, luck::BUILD << 8);
            plane.build_counts_as_failed(target);
            self.settle(plane, target);
        }
        self.refused(plane, window, waited);
    }

    /// Whether a boot may go on to this machine: Placement lets it be claimed, and no technician has begun on the node
    /// itself while the boot was on its way to another one.
    fn may_boot_on<O: Observer>(&self, plane: &Plane<'_, O>, window: WindowId, target: NodeId) -> bool {
        let it = &self.windows[window];
        plane.claimable(target, it.wants.class, it.wants.asks) && (target != it.node || !self.is_worked_on(target))
    }

    /// Seeds what becomes of this boot on this machine.
    fn boot_word<O: Observer>(&self, plane: &Plane<'_, O>, window: WindowId, target: NodeId) -> u64 {
        let it = &self.windows[window];
        let boot = u64::from(it.errand.0) << 24 | u64::from(it.failed) << 8 | u64::from(it.attempt);
        self.jobs[it.job].luck ^ boot << 32 ^ plane.truth.fleet.word(target)
    }

    fn boot_on<O: Observer>(&mut self, plane: &mut Plane<'_, O>, window: WindowId, target: NodeId, waited: Span) {
        let attempt = self.windows[window].attempt;
        self.windows[window].target = target;
        self.windows[window].stage(ErrandStage::Deploying);
        plane.truth.view.take(target);
        plane.occupy(target, Party::Errand(window), attempt);
        self.settle(plane, target);
        let word = self.boot_word(plane, window, target);
        let ironic = &plane.inputs.settings.ironic;
        if let Some(error) = plane.build_fate(target, word, luck::BUILD) {
            let span = span_by(&ironic.build_failure_time, word, luck::BUILD << 8);
            self.windows[window].error = error;
            self.later(plane, window, ErrandStage::Failing, waited + span);
            return;
        }
        let word = self.jobs[self.windows[window].job].luck ^ u64::from(self.windows[window].turn);
        let span = span_by(&ironic.deploy, word, luck::DEPLOY);
        let epoch = plane.node(target).epoch;
        plane.after(waited + span, Event::Built { node: target, epoch });
    }

    /// A boot's build fails: the next alternate, another try, or none any more. The machine, which is to be
    /// torn down, and what comes then.
    pub fn boot_fails<O: Observer>(&mut self, plane: &mut Plane<'_, O>, window: WindowId) -> Option<(NodeId, Failed)> {
        let (node, target) = (self.windows[window].node, self.windows[window].target);
        let it = plane.node_mut(target);
        if it.party() != Some(Party::Errand(window)) || it.provision != Provision::Deploying {
            return None;
        }
        it.become_state(Provision::DeployFailed);
        plane.build_counts_as_failed(target);
        let (errand, error) = (self.windows[window].errand, self.windows[window].error);
        plane.tell(Fact::BootFailed {
            window,
            errand,
            node: target,
            error,
        });
        let attempts = plane.rules.policy().attempts;
        while self.windows[window]
            .targets
            .first()
            .is_some_and(|&next| !self.may_boot_on(plane, window, next))
        {
            self.windows[window].targets.remove(0);
        }
        let it = &mut self.windows[window];
        it.target = node;
        if it.attempt < attempts && !it.targets.is_empty() {
            self.windows[window].stage(ErrandStage::Trying);
            return Some((target, Failed::NextTarget));
        }
        it.failed += 1;
        if it.failed < attempts {
            let retry = plane.inputs.settings.operators.retry;
            self.later(plane, window, ErrandStage::Trying, retry);
            return Some((target, Failed::Again));
        }
        it.failed = 0;
        self.never_served(plane, window);
        self.windows[window].stage(ErrandStage::Leaving);
        Some((target, Failed::GivenUp))
    }

    /// Waits for another try; for as long as the node is somebody else's there is nothing to poll.
    fn refused<O: Observer>(&mut self, plane: &mut Plane<'_, O>, window: WindowId, waited: Span) {
        let (node, errand) = (self.windows[window].node, self.windows[window].errand);
        plane.tell(Fact::ErrandRefused { window, errand, node });
        let retry = plane.inputs.settings.operators.retry;
        self.later(plane, window, ErrandStage::Trying, waited + retry);
    }

    /// An errand is needed: its route begins.
    pub fn begin_errand<O: Observer>(&mut self, plane: &mut Plane<'_, O>, window: WindowId) -> AfterTry {
        let (node, errand) = (self.windows[window].node, self.windows[window].errand);
        if !std::mem::replace(&mut self.windows[window].needed, true) {
            plane.tell(Fact::ErrandNeeded { window, errand, node });
        }
        match plane.route_of(node) {
            // Nobody lifts the flag for a boot that cannot begin: `try_boot` sees to it when it can.
            Route::Boot { lift_flag: true, .. }
                if plane.flag_refuses(node) && plane.node(node).is_empty() && !self.is_worked_on(node) =>
            {
                let latency = self.latency(plane, window, 16);
                self.later(plane, window, ErrandStage::Lifting, latency);
                AfterTry::Waits
            }
            Route::Boot { .. } => {
                self.windows[window].stage(ErrandStage::Trying);
                self.try_boot(plane, window)
            }
            Route::OutOfBand { .. } => self.by_hand(plane, window),
        }
    }

    /// Whether the flag is off a hidden node because an operator has lifted it for a boot.
    pub fn is_exposed<O: Observer>(&self, plane: &Plane<'_, O>, node: NodeId) -> bool {
        let lifts = matches!(plane.route_of(node), Route::Boot { lift_flag: true, .. });
        lifts && self.desks[node].course == Course::Hidden && !plane.node(node).flag()
    }

    /// An operator sets the flag again that was lifted for a boot.
    pub fn set_flag_again<O: Observer>(&mut self, plane: &mut Plane<'_, O>, node: NodeId) {
        plane.human_act(node, Deed::Entry);
        plane.node_mut(node).raise_flag(None);
        self.settle(plane, node);
    }

    /// A human clears the flag that Ironic set for a failed clean; then the window closes.
    pub fn clear_by_hand<O: Observer>(&mut self, plane: &mut Plane<'_, O>, window: WindowId) {
        let latency = self.latency(plane, window, 19);
        self.later(plane, window, ErrandStage::Clearing, latency);
    }

    /// Whether Ironic keeps a boot off the node, and what the operator does about that: waits for
    /// Ironic or a repaired node where Ironic has set the flag, clears a flag of the operators' own
    /// where that is the route, and gives the errand up where it is not, because the flag would
    /// refuse it for as long as the node is in maintenance.
    fn ironic_bars<O: Observer>(
        &mut self,
        plane: &mut Plane<'_, O>,
        window: WindowId,
        lift_flag: bool,
    ) -> Option<AfterTry> {
        let node = self.windows[window].node;
        if !plane.flag_refuses(node) {
            if !plane.powerless(node) {
                return None;
            }
            self.refused(plane, window, Span::ZERO);
            return Some(AfterTry::Waits);
        }
        // A failed clean's own window clears what it set, unless the return is to do that.
        let passes = match plane.node(node).fault() {
            Some(Fault::CleanFailure) => plane.node(node).provision == Provision::CleanFailed,
            fault => fault.is_some_and(Fault::recovers),
        };
        if passes {
            self.windows[window].stage(ErrandStage::Blocked);
        } else if lift_flag {
            let latency = self.latency(plane, window, 18);
            self.later(plane, window, ErrandStage::Lifting, latency);
        } else {
            self.give_errand_up(plane, window);
            return Some(AfterTry::Task);
        }
        Some(AfterTry::Waits)
    }

    fn give_errand_up<O: Observer>(&mut self, plane: &mut Plane<'_, O>, window: WindowId) {
        let (node, errand) = (self.windows[window].node, self.windows[window].errand);
        plane.tell(Fact::ErrandRefused { window, errand, node });
        self.never_served(plane, window);
        self.windows[window].finish_errand();
    }

    /// The errand at hand is given up: it was never served.
    fn never_served<O: Observer>(&mut self, plane: &mut Plane<'_, O>, window: WindowId) {
        let it = &mut self.windows[window];
        it.needed = false;
        let (node, errand) = (it.node, it.errand);
        let end = ErrandEnd::Unserved;
        plane.tell(Fact::ErrandEnded {
            window,
            errand,
            node,
            end,
        });
    }

    /// One try of a boot through the regular machinery.
    pub fn try_boot<O: Observer>(&mut self, plane: &mut Plane<'_, O>, window: WindowId) -> AfterTry {
        let node = self.windows[window].node;
        let Route::Boot {
            naming,
            asks,
            taken,
            lift_flag,
        } = plane.route_of(node)
        else {
            return AfterTry::Waits;
        };
        if self.is_worked_on(node) {
            self.windows[window].stage(ErrandStage::Blocked);
            return AfterTry::Waits;
        }
        if let Some(Occupant { party, .. }) = plane.node(node).occupant() {
            self.windows[window].stage(ErrandStage::Blocked);
            let evicts = taken == Taken::Evict && matches!(party, Party::Tenant(_));
            return if evicts { AfterTry::Evict(node) } else { AfterTry::Waits };
        }
        if let Some(next) = self.ironic_bars(plane, window, lift_flag) {
            return next;
        }
        let class = plane.node(node).class;
        let tie = self.jobs[self.windows[window].job].luck ^ u64::from(self.windows[window].turn);
        let ask = plane.clerk.errand(class, node, naming, asks, tie);
        plane.truth.errand = Some(ask);
        let errand = self.windows[window].errand;
        plane.tell(Fact::ErrandAsked { window, errand, node });
        let name = |node: NodeId| plane.truth.fleet.name(node).to_owned();
        let choice = choose(&plane.truth.view, &mut plane.rules, &ask, &name).ok();
        let targets = choice.map_or_else(Vec::new, |choice| {
            let more = match naming {
                Naming::Unnamed => choice.alternates(),
                // A machine that is named is the only one.
                Naming::Destination | Naming::Hint | Naming::Forced => &[],
            };
            choice.picks().iter().chain(more).copied().collect()
        });
        self.boot(plane, window, (targets, ask.spec));
        AfterTry::Waits
    }

    pub fn errand_runs<O: Observer>(&mut self, plane: &mut Plane<'_, O>, window: WindowId) {
        let it = &self.windows[window];
        let (node, errand) = (it.node, it.errand);
        let length = self.jobs[it.job].errands[errand.at()];
        plane.tell(Fact::ErrandRuns { window, errand, node });
        self.later(plane, window, ErrandStage::Running, length);
    }

    /// A deploy by hand, outside Nova: the image is on the node from the first moment.
    pub fn by_hand<O: Observer>(&mut self, plane: &mut Plane<'_, O>, window: WindowId) -> AfterTry {
        let node = self.windows[window].node;
        let Route::OutOfBand { time, .. } = plane.route_of(node) else {
            return AfterTry::Waits;
        };
        if let Some(party) = plane.node(node).party() {
            self.windows[window].stage(ErrandStage::Blocked);
            let evicts = matches!(party, Party::Tenant(_)) && plane.evicts_who_took(node);
            return if evicts { AfterTry::Evict(node) } else { AfterTry::Waits };
        }
        let cleans = plane.node(node).provision == Provision::Cleaning && !self.waits_in_clean(plane, node);
        if cleans || self.is_worked_on(node) {
            self.windows[window].stage(ErrandStage::Blocked);
            return AfterTry::Waits;
        }
        if plane.powerless(node) {
            self.windows[window].stage(ErrandStage::Blocked);
            return AfterTry::NoPower(node);
        }
        let it = &self.windows[window];
        let word = self.jobs[it.job].luck ^ u64::from(it.errand.0) << 24;
        let span = span_by(&time, word, luck::BY_HAND);
        let there = plane.node_mut(node);
        there.seat(Some(Occupant {
            party: Party::Errand(window),
            attempt: 1,
        }));
        there.epoch += 1;
        self.windows[window].target = node;
        plane.human_act(node, Deed::ByHand);
        self.settle(plane, node);
        self.later(plane, window, ErrandStage::ByHand, span);
        AfterTry::Waits
    }
}
