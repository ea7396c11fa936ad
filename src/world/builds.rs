//! A request's builds: claims, deploys and their failures, alternates, activation, acceptance.

use super::desk::Doomed;
use super::event::Event;
use super::fact::{BuildError, Cause, Fact, Observer};
use super::state::World;
use crate::fleet::{GroupId, Health, Mark, NodeId, Occupant, Party, Provision};
use crate::kernel::streams::mix;
use crate::kernel::{Agenda, Span};
use crate::workload::GroupPolicy;
use crate::workload::draw::luck;
use crate::workload::tape::{span_by, span_of};

impl<O: Observer> World<'_, O> {
    /// Claims a node that the scheduler chose. The claim in Placement goes by the view; the driver
    /// then reads the node itself and may refuse.
    pub fn claim(&mut self, request: u32, node: NodeId, attempt: u8, agenda: &mut Agenda<Event>) {
        self.sight.view.take(node);
        self.record_written(node);
        self.tell_here(Fact::Claimed { request, node, attempt });
        let it = self.sight.fleet.node(node);
        if it.in_maintenance() {
            self.tell(Fact::Misplaced { request, node });
        }
        if let Some(error) = self.refused_on_node(request, node) {
            self.tell(Fact::Conflict { request, node });
            self.doom(request, node, attempt, error, agenda);
            self.settle(node, agenda);
            return;
        }
        self.occupy(node, Party::Tenant(request), attempt);
        match self.build_error(request, node, attempt) {
            Some(error) => {
                self.settle(node, agenda);
                self.doom(request, node, attempt, error, agenda);
            }
            None => self.deploy(request, node, attempt, agenda),
        }
    }

    /// Why nova-compute refuses a claim, if it does: its own look at the server group comes first, then the driver's.
    #[inline]
    fn refused_on_node(&self, request: u32, node: NodeId) -> Option<BuildError> {
        if self.grouped && self.breaks_policy(request, node) {
            return Some(BuildError::GroupPolicy);
        }
        self.unavailable(node).then_some(BuildError::Unavailable)
    }

    /// Whether a claim breaks the policy of its server group, whatever the scheduler's filters let through
    /// (`_validate_instance_group_policy`): an alternate was decided on before others of the group came.
    fn breaks_policy(&self, request: u32, node: NodeId) -> bool {
        let Some(group) = self.server_group(Party::Tenant(request)) else {
            return false;
        };
        let service = self.sight.fleet.kind(node).group;
        let (mut there, mut anywhere) = (0, 0);
        for (on, machines) in self.sight.view.members(group.id) {
            there += if on == service { machines } else { 0 };
            anywhere += machines;
        }
        match group.policy {
            GroupPolicy::AntiAffinity => there >= group.most_per_host.unwrap_or(1),
            GroupPolicy::Affinity => anywhere > 0 && there == 0,
            GroupPolicy::SoftAffinity | GroupPolicy::SoftAntiAffinity => false,
        }
    }

    /// Whether the driver would refuse the node (`prepare_for_spawn` re-reads it).
    pub fn unavailable(&self, node: NodeId) -> bool {
        !self.reported(node).accepts_spawn
    }

    /// Somebody's machine is behind a compute service from now on, which hints and server groups ask for.
    #[inline]
    pub fn comes_to(&mut self, service: GroupId, party: Party) {
        if let Party::Tenant(request) = party
            && let Some(name) = self.hinted.get(&request)
        {
            self.sight.view.moves_in(service, name);
            self.lines.stir_all();
        }
        if let Some(group) = self.server_group(party).map(|group| group.id) {
            self.sight.view.joins(group, service);
        }
    }

    /// It is there no more.
    #[inline]
    pub fn goes_from(&mut self, service: GroupId, party: Party) {
        if let Party::Tenant(request) = party
            && let Some(name) = self.hinted.get(&request)
        {
            self.sight.view.moves_out(service, name);
            self.lines.stir_all();
        }
        if let Some(group) = self.server_group(party).map(|group| group.id) {
            self.sight.view.parts(group, service);
            // Others of the group may come here now, whatever the class of what they wait for.
            self.lines.stir_all();
        }
    }

    /// Puts somebody onto an available node.
    pub fn occupy(&mut self, node: NodeId, party: Party, attempt: u8) {
        self.comes_to(self.sight.fleet.kind(node).group, party);
        self.sight.calendar.moves_in(node, self.now);
        let it = self.sight.fleet.node_mut(node);
        it.seat(Some(Occupant { party, attempt }));
        it.epoch += 1;
        it.become_state(Provision::Deploying);
    }

    #[inline]
    fn deploy(&mut self, request: u32, node: NodeId, attempt: u8, agenda: &mut Agenda<Event>) {
        let luck = || self.build_word(request, node);
        let deploy = &self.inputs.settings.ironic.deploy;
        let span = span_of(deploy, luck, luck::DEPLOY | u64::from(attempt));
        // Of several machines all are claimed before the first is built.
        if span == Span::ZERO && self.request(request).count <= 1 {
            self.built(node, agenda);
        } else {
            self.settle(node, agenda);
            agenda.push(
                self.now + span,
                Event::Built {
                    node,
                    epoch: self.sight.fleet.node(node).epoch,
                },
            );
        }
    }

    /// Seeds the luck of a request's build on a node. One whose builds have all failed and who asks again has new luck.
    fn build_word(&self, request: u32, node: NodeId) -> u64 {
        let word = self.request(request).luck ^ self.sight.fleet.word(node);
        match self.hopes.get(&request) {
            Some(hope) if hope.rounds > 0 => word ^ mix(u64::from(hope.rounds)),
            _ => word,
        }
    }

    /// Whether and why this build is bound to fail.
    fn build_error(&self, request: u32, node: NodeId, attempt: u8) -> Option<BuildError> {
        if self.inputs.settings.ironic.build_failure <= 0.0 && self.sight.fleet.node(node).health() == Health::Healthy {
            return None;
        }
        let word = self.build_word(request, node);
        self.build_fate(node, word, luck::BUILD | u64::from(attempt))
    }

    fn doom(&mut self, request: u32, node: NodeId, attempt: u8, error: BuildError, agenda: &mut Agenda<Event>) {
        let word = self.build_word(request, node);
        let settings = self.inputs.settings;
        let law = match error {
            // Nothing has been deployed: who refuses a claim looks before.
            error if error.loses_claim() => &settings.driver_refusal,
            _ => &settings.ironic.build_failure_time,
        };
        let span = span_by(law, word, luck::BUILD << 8 | u64::from(attempt));
        let epoch = (!error.loses_claim()).then_some(self.sight.fleet.node(node).epoch);
        let doomed = Doomed {
            request,
            node,
            epoch,
            attempt,
            error,
        };
        let place = match self.spare_doomed.pop() {
            Some(place) => {
                self.doomed[place as usize] = doomed;
                place
            }
            None => {
                self.doomed.push(doomed);
                self.doomed.len() as u32 - 1
            }
        };
        agenda.push(self.now + span, Event::BuildFails(place));
    }

    /// A doomed build fails.
    pub fn build_fails(&mut self, place: u32, agenda: &mut Agenda<Event>) {
        let doomed = self.doomed[place as usize];
        let node = doomed.node;
        if doomed.epoch == Some(self.sight.fleet.node(node).epoch) && self.failure_waits(place, node, agenda) {
            return;
        }
        self.spare_doomed.push(place);
        match doomed.epoch {
            // The node was evicted meanwhile: all is done already.
            Some(epoch) if self.sight.fleet.node(node).epoch != epoch => return,
            Some(_) => {
                self.fail_on_node(node, doomed.request, doomed.attempt, doomed.error, agenda);
                return;
            }
            None => {}
        }
        // What the group's policy keeps off says nothing of the node (`RESCHEDULED_BY_POLICY`).
        if doomed.error != BuildError::GroupPolicy {
            self.build_counts_as_failed(node);
        }
        // Somebody deployed by hand may be on the node: that is no allocation of Placement's.
        if self.sight.fleet.node(node).is_empty() || self.sight.fleet.node(node).provision == Provision::Available {
            self.sight.view.release(node);
        }
        self.tell(Fact::BuildFailed {
            request: doomed.request,
            node,
            error: doomed.error,
        });
        self.settle(node, agenda);
        self.next_attempt(doomed.request, node, doomed.attempt, doomed.error, agenda);
    }

    /// A build that occupies its node fails: the node is torn down and the build moves on.
    pub fn fail_on_node(
        &mut self,
        node: NodeId,
        request: u32,
        attempt: u8,
        error: BuildError,
        agenda: &mut Agenda<Event>,
    ) {
        self.build_counts_as_failed(node);
        self.sight.fleet.node_mut(node).become_state(Provision::DeployFailed);
        self.tell(Fact::BuildFailed { request, node, error });
        self.vacate(node, agenda);
        self.next_attempt(request, node, attempt, error, agenda);
    }

    /// The build goes to the next alternate that can still be claimed, or its machine is lost.
    fn next_attempt(&mut self, request: u32, from: NodeId, attempt: u8, error: BuildError, agenda: &mut Agenda<Event>) {
        let Some(gang) = self.gangs.get_mut(request) else {
            return;
        };
        let mut tried = gang.leaves(from);
        if attempt < self.rules.policy().attempts {
            while let Some(gang) = self.gangs.get(request)
                && let Some(&node) = gang.alternates.get(usize::from(tried))
            {
                tried += 1;
                if self.may_claim(request, node) && self.may_lease(request, node) {
                    if let Some(gang) = self.gangs.get_mut(request) {
                        gang.moves_to(node, tried);
                    }
                    self.claim(request, node, attempt + 1, agenda);
                    return;
                }
            }
        }
        self.lose_machine(request, error, agenda);
    }

    /// A machine of a request is lost, alone: its siblings stay. If none of them became active, and
    /// none will, the request was refused.
    fn lose_machine(&mut self, request: u32, error: BuildError, agenda: &mut Agenda<Event>) {
        self.uses_less(request, 1);
        self.stir_lines(agenda);
        let Some(gang) = self.gangs.get_mut(request) else {
            return;
        };
        gang.lost += 1;
        let (several, over, none) = (gang.wanted > 1, gang.is_over(), gang.ready == 0);
        let at_once = gang.decided == self.now;
        if several {
            self.tell(Fact::SiblingLost { request });
        }
        if !over {
            return;
        }
        if !none {
            self.accepted(request);
            return;
        }
        self.gangs.forget(request);
        let cause = match error {
            BuildError::Unavailable => Cause::DriverRefused,
            BuildError::Withdrawn => Cause::StaleView,
            BuildError::Broken => Cause::BrokenHardware,
            BuildError::Chance => Cause::BuildChance,
            BuildError::GroupPolicy => Cause::NoMatch,
        };
        self.denied(request, cause, agenda);
        // What it asks for may be free elsewhere all the while; after builds that failed in no time it pauses.
        if !at_once || error == BuildError::GroupPolicy {
            self.wake_soon(request, agenda);
        }
        if let Some(hope) = self.hopes.get_mut(&request) {
            hope.rounds += 1;
            hope.failed = at_once.then_some(self.now);
        }
    }

    /// Whether Placement lets an alternate be claimed: what was decided on is still published under the class that
    /// was asked for, not reserved and not taken. Nobody looks at traits, aggregates or filters again.
    fn may_claim(&self, request: u32, node: NodeId) -> bool {
        let listed = self.sight.view.listing(node);
        let reclassed = listed.class != self.request(request).class || listed.marks.has(Mark::MaintenanceClass);
        self.sight.view.free(node) && !reclassed
    }

    /// A request's tenant uses so many machines less: this is booked where there is a quota.
    #[inline(always)]
    pub fn uses_less(&mut self, request: u32, machines: u32) {
        if self.rules.policy().quota.is_some() {
            self.quota_freed(request, machines);
        }
    }

    /// A deploy ends, unless the node has another occupant by now.
    pub fn built_if(&mut self, node: NodeId, epoch: u32, agenda: &mut Agenda<Event>) {
        if self.sight.fleet.node(node).epoch != epoch {
            return;
        }
        if self.heartbeat_waits(node, agenda) {
            return;
        }
        self.built(node, agenda);
    }

    /// A deploy ends: the instance, or an operator's image, becomes active.
    pub fn built(&mut self, node: NodeId, agenda: &mut Agenda<Event>) {
        let Some(occupant) = self.sight.fleet.node(node).occupant() else {
            return;
        };
        self.sight.fleet.node_mut(node).become_state(Provision::Active);
        self.sight.fleet.node_mut(node).failed_builds = 0;
        match occupant.party {
            Party::Tenant(request) => self.activated(request, node, agenda),
            Party::Errand(window) => self.errand_active(window, node, agenda),
        }
        self.lock_is_free(node, agenda);
    }

    fn activated(&mut self, request: u32, node: NodeId, agenda: &mut Agenda<Event>) {
        self.tell_here(Fact::Active { request, node });
        let asked = self.request(request);
        let (hold, tenant) = (asked.hold, asked.tenant);
        let it = self.sight.fleet.node(node);
        let (epoch, owner, lessee) = (it.epoch, it.owner(), self.sight.fleet.kind(node).lessee);
        let foreign = owner.or(lessee).is_some() && owner != Some(tenant) && lessee != Some(tenant);
        if it.in_maintenance() || foreign {
            self.tell(Fact::Breach { request, node });
        }
        agenda.push(self.now + hold, Event::HoldEnds { node, epoch });
        let (first, over) = match self.gangs.get_mut(request) {
            Some(gang) => {
                gang.ready += 1;
                (gang.ready == 1, gang.is_over())
            }
            None => (true, false),
        };
        if first {
            self.schedule_rescue(request, node, agenda);
        }
        if over {
            self.accepted(request);
        }
        if let Health::Broken(_) = self.sight.fleet.node(node).health() {
            // The deploy went well and the hardware fails its tenant, who complains.
            self.interrupt(node, agenda);
            self.complaint(node, agenda);
        } else {
            self.settle(node, agenda);
        }
    }

    /// All builds of a request are over, and at least one machine is active.
    #[inline]
    fn accepted(&mut self, request: u32) {
        self.gangs.forget(request);
        if !self.hopes.is_empty() {
            self.hopes.remove(&request);
        }
        self.tell_here(Fact::Accepted { request });
    }
}
