//! The operators' boots through Nova. They go through the same builds as tenants' and fail the same ways: refused by
//! the driver where the view was stale, by chance, on broken hardware. One that names no machine has alternates;
//! one that names its machine has none, and the operator tries again. What has failed as often as Nova tries a
//! build is given up.

use super::desk::ErrandStage;
use super::event::Event;
use super::fact::{BuildError, Deed, ErrandEnd, Fact, Observer};
use super::state::World;
use crate::fleet::{Health, NodeId, Party, Provision};
use crate::kernel::{Agenda, Span};
use crate::workload::draw::luck;
use crate::workload::tape::{chance, span_by};

impl<O: Observer> World<'_, O> {
    /// An operator boots: onto the first of these machines that takes the image.
    pub fn boot(&mut self, window: u32, targets: Vec<NodeId>, agenda: &mut Agenda<Event>) {
        let node = self.windows[window as usize].node;
        // Asking again what was refused is his script's work; after a failed build he looks first.
        let it = &mut self.windows[window as usize];
        let this = Some((it.errand, it.failed));
        if std::mem::replace(&mut it.asked, this) != this {
            self.human_act(node, Deed::Boot);
        }
        let it = &mut self.windows[window as usize];
        (it.targets, it.attempt) = (targets, 0);
        self.boot_on_next(window, agenda);
    }

    fn boot_on_next(&mut self, window: u32, agenda: &mut Agenda<Event>) {
        let mut waited = Span::ZERO;
        let node = self.windows[window as usize].node;
        while self.windows[window as usize].attempt < self.rules.policy().attempts {
            let it = &mut self.windows[window as usize];
            if it.targets.is_empty() {
                break;
            }
            let target = it.targets.remove(0);
            // A technician may have begun on the node itself while the boot was on its way to another one.
            if !self.sight.view.free(target) || (target == node && self.is_worked_on(node)) {
                continue;
            }
            self.windows[window as usize].attempt += 1;
            self.record_written(target);
            if !self.unavailable(target) {
                self.boot_on(window, target, waited, agenda);
                return;
            }
            let word = self.boot_word(window, target);
            waited += span_by(&self.inputs.settings.driver_refusal, word, luck::BUILD << 8);
            self.build_counts_as_failed(target);
            self.settle(target, agenda);
        }
        self.refused(window, waited, agenda);
    }

    /// A build on the node has failed, which weighs on it until one succeeds.
    pub fn build_counts_as_failed(&mut self, node: NodeId) {
        let it = self.sight.fleet.node_mut(node);
        it.failed_builds = it.failed_builds.saturating_add(1);
    }

    /// Seeds what becomes of this boot on this machine.
    fn boot_word(&self, window: u32, target: NodeId) -> u64 {
        let it = &self.windows[window as usize];
        let boot = u64::from(it.errand) << 24 | u64::from(it.failed) << 8 | u64::from(it.attempt);
        self.job(it.job).luck ^ boot << 32 ^ self.sight.fleet.word(target)
    }

    fn boot_on(&mut self, window: u32, target: NodeId, waited: Span, agenda: &mut Agenda<Event>) {
        let attempt = self.windows[window as usize].attempt;
        self.windows[window as usize].target = target;
        self.stage(window, ErrandStage::Deploying);
        self.sight.view.take(target);
        self.occupy(target, Party::Errand(window), attempt);
        self.settle(target, agenda);
        let word = self.boot_word(window, target);
        let ironic = &self.inputs.settings.ironic;
        if let Some(error) = self.build_fate(target, word, luck::BUILD) {
            let span = span_by(&ironic.build_failure_time, word, luck::BUILD << 8);
            self.windows[window as usize].error = error;
            self.later(window, ErrandStage::Failing, waited + span, agenda);
            return;
        }
        let word = self.job(self.windows[window as usize].job).luck ^ u64::from(self.windows[window as usize].turn);
        let span = span_by(&ironic.deploy, word, luck::DEPLOY);
        let epoch = self.sight.fleet.node(target).epoch;
        agenda.push(self.now + waited + span, Event::Built { node: target, epoch });
    }

    /// A boot's build fails: the next alternate, another try, or none any more.
    pub fn boot_fails(&mut self, window: u32, agenda: &mut Agenda<Event>) {
        let (node, target) = (self.windows[window as usize].node, self.windows[window as usize].target);
        let it = self.sight.fleet.node_mut(target);
        if it.party() != Some(Party::Errand(window)) || it.provision != Provision::Deploying {
            return;
        }
        it.become_state(Provision::DeployFailed);
        self.build_counts_as_failed(target);
        let (errand, error) = (
            self.windows[window as usize].errand,
            self.windows[window as usize].error,
        );
        self.tell(Fact::BootFailed {
            window,
            errand,
            node: target,
            error,
        });
        let attempts = self.rules.policy().attempts;
        let it = &mut self.windows[window as usize];
        it.target = node;
        if it.attempt < attempts && !it.targets.is_empty() {
            self.stage(window, ErrandStage::Trying);
            self.vacate(target, agenda);
            self.boot_on_next(window, agenda);
            return;
        }
        it.failed += 1;
        if it.failed < attempts {
            let retry = self.inputs.settings.operators.retry;
            self.later(window, ErrandStage::Trying, retry, agenda);
            self.vacate(target, agenda);
            return;
        }
        (it.failed, it.needed) = (0, false);
        let end = ErrandEnd::Unserved;
        self.tell(Fact::ErrandEnded {
            window,
            errand,
            node,
            end,
        });
        self.stage(window, ErrandStage::Leaving);
        self.vacate(target, agenda);
        if self.windows[window as usize].stage == ErrandStage::Leaving {
            self.errand_may_go_on(window, agenda);
        }
    }

    /// An image that was deployed by hand is off the node, which is to be cleaned after it: as an operator has it
    /// cleaned, so that under the flag the clean waits.
    pub fn clean_after_hands(&mut self, node: NodeId, agenda: &mut Agenda<Event>) {
        let cleans = self.inputs.settings.ironic.automated_clean;
        let span = self.clean_span(node);
        let provision = self.sight.fleet.node(node).provision;
        if cleans && provision == Provision::Available {
            self.sight.fleet.node_mut(node).become_state(Provision::Manageable);
            self.desks[node.at()].clean_left = span;
            self.provide(node, agenda);
            return;
        }
        if cleans && self.waits_in_clean(node) {
            let left = &mut self.desks[node.at()].clean_left;
            *left = (*left).max(span);
        }
        self.settle(node, agenda);
        self.node_came_free(node, agenda);
    }

    /// Whether and why a build on this node is bound to fail.
    pub fn build_fate(&self, node: NodeId, word: u64, purpose: u64) -> Option<BuildError> {
        let odds = || chance(word, purpose);
        let fails = self.inputs.settings.ironic.build_failure;
        match self.sight.fleet.node(node).health() {
            Health::Broken(kind) if odds() < self.fault_kind(kind).deploy_fails => Some(BuildError::Broken),
            Health::Broken(_) => None,
            Health::Healthy => (fails > 0.0 && odds() < fails).then_some(BuildError::Chance),
        }
    }
}
