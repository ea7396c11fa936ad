//! What happens on a node when its occupant comes or goes, whoever that is: builds end, instances and images leave, it is
//! cleaned and at rest. The rooms do their part and return what follows; here it is seen to, at once and in order, because
//! what comes next on the node looks at what has become of it.

use super::state::World;
use super::tenancy::Build;
use super::upkeep::{ErrandStage, Then, idle};
use super::{BuildError, Event, Fact, Observer};
use crate::fleet::ironic::FailedWork;
use crate::fleet::{Fault, Health, Hold, NodeId, Occupant, Party, Power, Provision, RequestId, WindowId};
use crate::kernel::Span;
use crate::workload::tape::span_by;
use crate::workload::{Drain, Job, Origin};

/// Who ends an instance before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    Operator,
    /// A fault, or broken hardware that fails its tenant.
    Fault,
}

impl<O: Observer> World<'_, O> {
    /// A deploy ends, unless the node has another occupant by now.
    pub fn built_if(&mut self, node: NodeId, epoch: u32) {
        if self.plane.node(node).epoch != epoch {
            return;
        }
        if self.heartbeat_waits(node) {
            return;
        }
        self.built(node);
    }

    /// A deploy ends: the instance, or an operator's image, becomes active.
    pub fn built(&mut self, node: NodeId) {
        let Some(occupant) = self.plane.node(node).occupant() else {
            return;
        };
        self.plane.node_mut(node).become_state(Provision::Active);
        self.plane.node_mut(node).failed_builds = 0;
        match occupant.party {
            Party::Tenant(request) => self.activated(request, node),
            Party::Errand(window) => self.errand_active(window, node),
        }
        self.lock_is_free(node);
    }

    #[inline(always)]
    fn activated(&mut self, request: RequestId, node: NodeId) {
        self.tenancy.activated(&mut self.plane, request, node);
        if let Health::Broken(_) = self.plane.node(node).health() {
            // The deploy went well and the hardware fails its tenant, who complains.
            self.end_instance(node, By::Fault);
            self.complaint(node);
        } else {
            self.upkeep.settle(&mut self.plane, node);
        }
    }

    /// A build that is bound to fail is under way when the flag is set: its timeout does not fire, and it waits until the
    /// flag is cleared, where `allow_provisioning_in_maintenance` lets it.
    fn failure_waits(&mut self, index: u32, node: NodeId) -> bool {
        if !self.plane.waits_for_the_flag(node) {
            return false;
        }
        let desk = &mut self.upkeep.desks[node];
        (desk.stalled, desk.doom) = (true, Some(index));
        self.node_came_free(node);
        true
    }

    /// The same for a boot of the operators' on the node that it is meant for.
    pub fn boot_failure_waits(&mut self, window: WindowId) -> bool {
        let it = &self.upkeep.windows[window];
        let node = it.node;
        if it.target != node || !self.plane.waits_for_the_flag(node) {
            return false;
        }
        self.upkeep.desks[node].stalled = true;
        self.node_came_free(node);
        true
    }

    /// A deploy's agent calls back. Under the flag the node waits until it is cleared, or the
    /// deploy fails where `allow_provisioning_in_maintenance` is off.
    fn heartbeat_waits(&mut self, node: NodeId) -> bool {
        if !self.plane.flag_refuses(node) || !self.plane.inputs.settings.ironic.agent {
            return false;
        }
        let astray = matches!(
            self.plane.node(node).occupant(),
            Some(Occupant { party: Party::Errand(window), .. }) if self.upkeep.windows[window].node != node
        );
        if self.plane.allows_provisioning() && !astray {
            self.upkeep.desks[node].stalled = true;
            self.node_came_free(node);
            return true;
        }
        // An errand's image on a wrong node that is in maintenance itself is no use to anybody.
        match self.plane.node(node).occupant() {
            Some(Occupant {
                party: Party::Tenant(request),
                attempt,
                ..
            }) => self.fail_on_node(Build { request, node, attempt }, BuildError::Withdrawn),
            _ => self.lose_image(node, BuildError::Withdrawn),
        }
        true
    }

    /// A doomed build fails.
    pub fn build_fails(&mut self, index: u32) {
        let doomed = self.tenancy.doomed(index);
        let Build { request, node, .. } = doomed.build;
        let epoch = self.plane.node(node).epoch;
        if doomed.epoch == Some(epoch) && self.failure_waits(index, node) {
            return;
        }
        self.tenancy.forget_doomed(index);
        if let Some(of_build) = doomed.epoch {
            // With another epoch the node was evicted meanwhile: all is done already.
            if of_build == epoch {
                self.fail_on_node(doomed.build, doomed.error);
            }
            return;
        }
        // What the group's policy keeps off says nothing of the node (`RESCHEDULED_BY_POLICY`).
        if doomed.error != BuildError::GroupPolicy {
            self.plane.build_counts_as_failed(node);
        }
        // Somebody deployed by hand may be on the node: that is no allocation of Placement's.
        if self.plane.node(node).is_empty() || self.plane.node(node).provision == Provision::Available {
            self.plane.truth.view.release(node);
        }
        let error = doomed.error;
        self.plane.tell(Fact::BuildFailed { request, node, error });
        self.plane.settle(node);
        self.next_attempt(doomed.build, error);
    }

    /// A build that occupies its node fails: the node is torn down and the build moves on.
    fn fail_on_node(&mut self, build: Build, error: BuildError) {
        let Build { request, node, .. } = build;
        self.plane.build_counts_as_failed(node);
        self.plane.node_mut(node).become_state(Provision::DeployFailed);
        self.plane.tell(Fact::BuildFailed { request, node, error });
        self.vacate(node);
        self.next_attempt(build, error);
    }

    /// The build goes on to another machine, if there is one.
    fn next_attempt(&mut self, failed: Build, error: BuildError) {
        if let Some(built) = self.tenancy.next_attempt(&mut self.plane, failed, error) {
            self.built(built);
        }
    }

    /// Ends whatever instance is on the node; a build of one fails.
    pub fn end_instance(&mut self, node: NodeId, by: By) {
        let it = self.plane.node(node);
        let Some(Occupant {
            party: Party::Tenant(request),
            attempt,
            ..
        }) = it.occupant()
        else {
            return;
        };
        let (error, fact) = match by {
            By::Operator => (BuildError::Withdrawn, Fact::Evicted { request, node }),
            By::Fault => (BuildError::Broken, Fact::Interrupted { request, node }),
        };
        if it.provision == Provision::Deploying {
            self.fail_on_node(Build { request, node, attempt }, error);
            return;
        }
        self.plane.tell(fact);
        self.tenancy.uses_less(&mut self.plane, request, 1);
        self.vacate(node);
    }

    /// The occupant leaves the node.
    pub fn vacate(&mut self, node: NodeId) {
        let then = self.clear_off(node);
        self.go_on(node, then);
    }

    /// The same, but for what follows on the node, which is returned.
    pub fn clear_off(&mut self, node: NodeId) -> Then {
        // A build that has waited for the flag to be cleared, to fail then, ends with its claim.
        let hangs = self.upkeep.desks.written(node).and_then(|desk| desk.doom.take());
        if let Some(index) = hangs {
            self.tenancy.forget_doomed(index);
        }
        self.upkeep.tear_down(&mut self.plane, node)
    }

    /// A managed node is to be cleaned and made available.
    pub fn provide(&mut self, node: NodeId) {
        let then = self.upkeep.provide(&mut self.plane, node);
        self.go_on(node, then);
    }

    /// Sees to what follows from a node's clean.
    #[inline(always)]
    pub fn go_on(&mut self, node: NodeId, then: Then) {
        match then {
            Then::Waits => {}
            Then::Rests => self.rests(node),
            Then::Fails(failure) => self.clean_failed(node, failure),
            Then::Retired => self.retired_rests(node),
        }
    }

    /// Automated cleaning ends, unless something else has come meanwhile.
    pub fn cleaned_if(&mut self, node: NodeId, epoch: u32) {
        let it = self.plane.node(node);
        if it.epoch != epoch || it.provision != Provision::Cleaning {
            return;
        }
        if !self.plane.flag_refuses(node) || !self.plane.inputs.settings.ironic.agent {
            let then = self.upkeep.cleaned(&mut self.plane, node);
            self.go_on(node, then);
        } else if self.plane.allows_provisioning() {
            let then = self.upkeep.stall_clean(node, Span::ZERO);
            self.go_on(node, then);
        } else {
            self.clean_failed(node, FailedWork::CleanStep);
        }
    }

    /// A node is at rest: it leaves if it is to, else what has waited for that goes on.
    #[inline(always)]
    fn rests(&mut self, node: NodeId) {
        if self.plane.dictated(node).leaving {
            self.depart(node);
            return;
        }
        self.lock_is_free(node);
        self.upkeep.settle(&mut self.plane, node);
        self.lease_may_begin(node);
        self.node_came_free(node);
    }

    /// Automated cleaning failed. In a step, Ironic sets flag and fault, which only a human clears.
    fn clean_failed(&mut self, node: NodeId, failure: FailedWork) {
        let word = self.upkeep.clean_word(&self.plane, node);
        self.plane.node_mut(node).become_state(Provision::CleanFailed);
        if self.plane.dictated(node).leaving {
            self.depart(node);
            return;
        }
        let work = span_by(&self.plane.inputs.maintenance.clean_work, word, 1);
        let job = self.upkeep.jobs.make(Job {
            node,
            origin: Origin::Clean,
            work,
            errands: Vec::new(),
            luck: word,
        });
        if let Some(fault) = failure.fault() {
            self.plane.node_mut(node).raise_flag(Some(fault));
        }
        self.open(job, node, Hold::Fault, Drain::TenantLeaves, None);
        self.lock_is_free(node);
    }

    /// Somebody takes the flag back: an operator (`None`), or whoever has seen that a fault is over. With one flag all of
    /// it goes; where each reason is a hold of its own, only that one. What has waited for it goes on.
    pub fn clear_flag(&mut self, node: NodeId, fault: Option<Fault>) {
        let typed = self.plane.inputs.settings.ironic.typed_holds;
        let it = self.plane.node_mut(node);
        if typed {
            it.clear_reason(fault);
        } else {
            it.clear_flag();
        }
        let flag = it.flag();
        if !flag && (self.plane.powerless(node) || self.plane.node(node).power == Power::Unknown) {
            self.upkeep.sync_power(&mut self.plane, node);
        }
        self.flag_gone(node);
        self.upkeep.settle(&mut self.plane, node);
        self.node_came_free(node);
    }

    /// The flag refuses nothing any more: what has stalled for it goes on.
    pub fn flag_gone(&mut self, node: NodeId) {
        if self.plane.flag_refuses(node) || !std::mem::take(&mut self.upkeep.desks[node].stalled) {
            return;
        }
        let it = self.plane.node(node);
        let epoch = it.epoch;
        match it.provision {
            Provision::Deploying => match self.upkeep.desks[node].doom.take() {
                Some(index) => self.plane.at(self.plane.now, Event::BuildFails(index)),
                None => self.plane.at(self.plane.now, self.end_of_build(node)),
            },
            Provision::Rescuing | Provision::Rescue => self.plane.at(self.plane.now, Event::Rescue { node, epoch }),
            Provision::Cleaning => {
                let left = std::mem::take(&mut self.upkeep.desks[node].clean_left);
                self.plane.after(left, Event::Cleaned { node, epoch });
            }
            Provision::Manageable => self.provide(node),
            _ => {}
        }
    }

    /// How a build ends that has waited for the flag to be cleared: a boot that is bound to fail does so then.
    fn end_of_build(&self, node: NodeId) -> Event {
        let it = self.plane.node(node);
        if let Some(Party::Errand(window)) = it.party()
            && self.upkeep.windows[window].stage == ErrandStage::Failing
        {
            let turn = self.upkeep.windows[window].turn;
            return Event::Errand { window, turn };
        }
        Event::Built { node, epoch: it.epoch }
    }

    /// A retired node has come to rest, managed: no maintenance is done on it any more.
    pub fn retired_rests(&mut self, node: NodeId) {
        self.upkeep.settle(&mut self.plane, node);
        for window in self.upkeep.desks[node].windows.clone() {
            self.proceed(window);
        }
    }

    /// The hardware is repaired: a clean that has failed for it is tried anew, unless it has a window of its own.
    pub fn clean_anew(&mut self, node: NodeId) {
        let windows = &self.upkeep.desks[node].windows;
        let cleans = |&window: &WindowId| self.upkeep.jobs[self.upkeep.windows[window].job].origin == Origin::Clean;
        if self.plane.node(node).provision == Provision::CleanFailed && !windows.iter().any(cleans) {
            self.plane.node_mut(node).become_state(Provision::Manageable);
            self.provide(node);
        }
    }

    /// An image that was deployed by hand is off the node, which is to be cleaned after it: as an operator has it
    /// cleaned, so that under the flag the clean waits.
    pub fn clean_after_hands(&mut self, node: NodeId) {
        let cleans = self.plane.inputs.settings.ironic.automated_clean;
        let span = self.upkeep.clean_span(&self.plane, node);
        let provision = self.plane.node(node).provision;
        if cleans && provision == Provision::Available {
            self.plane.node_mut(node).become_state(Provision::Manageable);
            self.plane.retire_if_due(node);
            self.upkeep.desks[node].clean_left = span;
            self.provide(node);
            return;
        }
        if cleans && self.upkeep.waits_in_clean(&self.plane, node) {
            let left = &mut self.upkeep.desks[node].clean_left;
            *left = (*left).max(span);
        } else if provision == Provision::Available {
            // What else is to be seen to on a node at rest follows here.
            _ = idle(&mut self.plane, node);
        }
        self.upkeep.settle(&mut self.plane, node);
        self.node_came_free(node);
    }
}
