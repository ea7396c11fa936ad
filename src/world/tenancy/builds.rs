//! A request's builds: claims, deploys and their failures, alternates, activation, acceptance.

use super::Tenancy;
use super::gangs::{Build, Doomed};
use crate::fleet::{Health, Marks, NodeId, Party, RequestId, TenantId};
use crate::kernel::Span;
use crate::kernel::streams::mix;
use crate::workload::draw::luck;
use crate::workload::tape::{span_by, span_of};
use crate::world::plane::Plane;
use crate::world::{BuildError, Cause, Event, Fact, Observer};

impl Tenancy {
    /// Claims a node that the scheduler chose. The claim in Placement goes by the view; the driver
    /// then reads the node itself and may refuse. The node, where its deploy takes no time: it is built now.
    pub fn claim<O: Observer>(&mut self, plane: &mut Plane<'_, O>, build: Build) -> Option<NodeId> {
        let Build { request, node, attempt } = build;
        // Placement's allocation comes first, and stays until the build has failed: another decision at this instant must
        // not find the node free, even where the driver will not have it.
        plane.truth.view.take(node);
        plane.record_written(node);
        plane.tell_here(Fact::Claimed { request, node, attempt });
        // The scheduler's mistake is the claim: it counts whether or not the driver refuses it below.
        if plane.is_out_of_service(node) {
            plane.tell(Fact::Misplaced { request, node });
        }
        if let Some(error) = plane.refused_on_node(request, node) {
            plane.tell(Fact::Conflict { request, node });
            self.doom(plane, build, error);
            plane.settle(node);
            return None;
        }
        plane.occupy(node, Party::Tenant(request), attempt);
        match self.build_error(plane, build) {
            Some(error) => {
                plane.settle(node);
                self.doom(plane, build, error);
                None
            }
            None => self.deploy(plane, build),
        }
    }

    /// A request that runs already has its machine: no scheduler and no driver is asked.
    pub fn seat<O: Observer>(&mut self, plane: &mut Plane<'_, O>, request: RequestId, node: NodeId) {
        let it = plane.request(request);
        if plane.rules.policy().quota.is_some() {
            self.quota_taken(plane, it.tenant, it.class, 1);
        }
        let gang = self.gangs.begin(request);
        (gang.decided, gang.wanted) = (plane.now, 1);
        plane.truth.view.take(node);
        plane.record_written(node);
        let attempt = 1;
        plane.tell(Fact::Claimed { request, node, attempt });
        plane.occupy(node, Party::Tenant(request), attempt);
    }

    #[inline]
    fn deploy<O: Observer>(&mut self, plane: &mut Plane<'_, O>, build: Build) -> Option<NodeId> {
        let Build { request, node, attempt } = build;
        let luck = || self.build_word(plane, build);
        let deploy = &plane.inputs.settings.ironic.deploy;
        let span = span_of(deploy, luck, luck::DEPLOY | u64::from(attempt));
        // Of several machines all are claimed before the first is built.
        if span == Span::ZERO && plane.request(request).count <= 1 {
            return Some(node);
        }
        plane.settle(node);
        let epoch = plane.node(node).epoch;
        plane.after(span, Event::Built { node, epoch });
        None
    }

    /// Seeds the luck of a request's build on a node. One whose builds have all failed and who asks again has new luck: with
    /// the old one it would fail on the same nodes for ever.
    fn build_word<O: Observer>(&self, plane: &Plane<'_, O>, build: Build) -> u64 {
        let word = plane.request(build.request).luck ^ plane.truth.fleet.word(build.node);
        match self.hopes.get(&build.request) {
            Some(hope) if hope.rounds > 0 => word ^ mix(u64::from(hope.rounds)),
            _ => word,
        }
    }

    /// Whether and why this build is bound to fail. That is known at once and told when its time has come: the luck hangs on
    /// request, node and attempt, and on nothing that happens in between.
    fn build_error<O: Observer>(&self, plane: &Plane<'_, O>, build: Build) -> Option<BuildError> {
        // Nearly always: no luck is drawn for what cannot fail.
        if plane.inputs.settings.ironic.build_failure <= 0.0 && plane.node(build.node).health() == Health::Healthy {
            return None;
        }
        let word = self.build_word(plane, build);
        plane.build_fate(build.node, word, luck::BUILD | u64::from(build.attempt))
    }

    fn doom<O: Observer>(&mut self, plane: &mut Plane<'_, O>, build: Build, error: BuildError) {
        let word = self.build_word(plane, build);
        let settings = plane.inputs.settings;
        let law = match error {
            // Nothing has been deployed: who refuses a claim looks before.
            error if error.loses_claim() => &settings.driver_refusal,
            _ => &settings.ironic.build_failure_time,
        };
        let span = span_by(law, word, luck::BUILD << 8 | u64::from(build.attempt));
        // The epoch tells later whether the build is still on its node. One that never was has none.
        let epoch = (!error.loses_claim()).then_some(plane.node(build.node).epoch);
        let index = self.doomed.put(Doomed { build, epoch, error });
        plane.after(span, Event::BuildFails(index));
    }

    /// A build that is bound to fail: this one, which goes on.
    pub fn doomed(&self, index: u32) -> Doomed {
        self.doomed[index]
    }

    /// It has failed, or its node is another's.
    pub fn forget_doomed(&mut self, index: u32) {
        self.doomed.free(index);
    }

    /// The build goes to the next alternate that can still be claimed, or its machine is lost. The node, where it is built now.
    ///
    /// Nova asks the scheduler once. All machines of a request share one list of alternates, and each build walks it by
    /// itself: what one has tried another may try, too.
    pub fn next_attempt<O: Observer>(
        &mut self,
        plane: &mut Plane<'_, O>,
        failed: Build,
        error: BuildError,
    ) -> Option<NodeId> {
        let Build { request, node, attempt } = failed;
        let mut tried = self.gangs.get_mut(request)?.leaves(node);
        if attempt < plane.rules.policy().attempts {
            while let Some(gang) = self.gangs.get(request)
                && let Some(&node) = gang.alternates.get(usize::from(tried))
            {
                tried += 1;
                // Alternates were fixed at the decision. One that has been taken since is passed over, as Nova's conductor
                // does, and costs no attempt.
                let class = plane.request(request).class;
                if plane.claimable(node, class, Marks::default()) && plane.may_lease(request, node) {
                    if let Some(gang) = self.gangs.get_mut(request) {
                        gang.moves_to(node, tried);
                    }
                    let attempt = attempt + 1;
                    return self.claim(plane, Build { request, node, attempt });
                }
            }
        }
        self.lose_machine(plane, request, error);
        None
    }

    /// A machine of a request is lost, alone: its siblings stay. If none of them became active, and
    /// none will, the request was refused.
    fn lose_machine<O: Observer>(&mut self, plane: &mut Plane<'_, O>, request: RequestId, error: BuildError) {
        self.uses_less(plane, request, 1);
        plane.ring_stirred();
        let Some(gang) = self.gangs.get_mut(request) else {
            return;
        };
        gang.lost += 1;
        let (several, over, none) = (gang.wanted > 1, gang.is_over(), gang.ready == 0);
        let at_once = gang.decided == plane.now;
        if several {
            plane.tell(Fact::SiblingLost { request });
        }
        if !over {
            return;
        }
        if !none {
            self.accepted(plane, request);
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
        self.denied(plane, request, cause);
        // What it asks for may be free elsewhere all the while; after builds that failed in no time it pauses.
        if !at_once || error == BuildError::GroupPolicy {
            self.wake_soon(plane, request);
        }
        self.builds_failed(request, plane.now, at_once);
    }

    /// An instance is active: its time begins.
    #[inline(always)]
    pub fn activated<O: Observer>(&mut self, plane: &mut Plane<'_, O>, request: RequestId, node: NodeId) {
        plane.tell_here(Fact::Active { request, node });
        let asked = plane.request(request);
        let (hold, tenant) = (asked.hold, asked.tenant);
        let it = plane.node(node);
        // Whose it is by right: a slip in giving it back makes it nobody else's.
        let owner = match it.owner() {
            Some(TenantId::OPERATORS) => it.owner(),
            _ => plane.inputs.fleet.node(node).owner(),
        };
        let (epoch, lessee) = (it.epoch, plane.kind(node).lessee);
        let foreign = owner.or(lessee).is_some() && owner != Some(tenant) && lessee != Some(tenant);
        if plane.is_out_of_service(node) || foreign {
            plane.tell(Fact::Breach { request, node });
        }
        if plane.inputs.demand.sources[usize::from(asked.source)].leases {
            // A lease ends when it was to end, however long its machine took; one that had to wait begins when it is decided.
            let begins = self
                .gangs
                .get_mut(request)
                .map_or(asked.start, |gang| gang.decided.max(asked.start));
            let ends = plane.now.max(begins + hold);
            plane.at(ends, Event::HoldEnds { node, epoch });
        } else {
            plane.after(hold, Event::HoldEnds { node, epoch });
        }
        let (first, over) = match self.gangs.get_mut(request) {
            Some(gang) => {
                gang.ready += 1;
                (gang.ready == 1, gang.is_over())
            }
            None => (true, false),
        };
        // The tape has one rescue for each request: that of its first instance.
        if first {
            plane.schedule_rescue(request, node);
        }
        if over {
            self.accepted(plane, request);
        }
    }

    /// All builds of a request are over, and at least one machine is active.
    #[inline]
    fn accepted<O: Observer>(&mut self, plane: &mut Plane<'_, O>, request: RequestId) {
        self.gangs.forget(request);
        if !self.hopes.is_empty() {
            self.hopes.remove(&request);
        }
        plane.tell_here(Fact::Accepted { request });
    }
}
