//! What is true of a node, and what happens to it whoever is on it.

use super::Plane;
use crate::fleet::ironic::verbs::Operation;
use crate::fleet::{ClassId, GroupId, Health, Mark, Marks, NodeId, Occupant, Party, Provision, RequestId};
use crate::workload::tape::chance;
use crate::workload::{FaultKind, GroupPolicy, ServerGroup};
use crate::world::{BuildError, Event, Observer};

impl<'a, O: Observer> Plane<'a, O> {
    /// Somebody's machine is behind a compute service from now on, which hints and server groups ask for.
    #[inline]
    pub fn comes_to(&mut self, service: GroupId, party: Party) {
        if let Party::Tenant(request) = party
            && let Some(name) = self.hinted.get(&request)
        {
            self.truth.view.moves_in(service, name);
            self.bells.stir_all();
        }
        if let Some(group) = self.server_group(party).map(|group| group.id) {
            self.truth.view.joins(group, service);
        }
    }

    /// It is there no more.
    #[inline]
    pub fn goes_from(&mut self, service: GroupId, party: Party) {
        if let Party::Tenant(request) = party
            && let Some(name) = self.hinted.get(&request)
        {
            self.truth.view.moves_out(service, name);
            self.bells.stir_all();
        }
        if let Some(group) = self.server_group(party).map(|group| group.id) {
            self.truth.view.parts(group, service);
            // Others of the group may come here now, whatever the class of what they wait for.
            self.bells.stir_all();
        }
    }

    /// The server group of whoever takes a node.
    #[inline]
    pub fn server_group(&self, party: Party) -> Option<&ServerGroup> {
        match party {
            Party::Tenant(request) if self.grouped => {
                let extras = usize::from(self.request(request).extras);
                self.inputs.demand.extras.get(extras)?.group.as_ref()
            }
            _ => None,
        }
    }

    /// Why nova-compute refuses a claim, if it does: its own look at the server group comes first, then the driver's.
    #[inline]
    pub fn refused_on_node(&self, request: RequestId, node: NodeId) -> Option<BuildError> {
        if self.grouped && self.breaks_policy(request, node) {
            return Some(BuildError::GroupPolicy);
        }
        self.unavailable(node).then_some(BuildError::Unavailable)
    }

    /// Whether a claim breaks the policy of its server group, whatever the scheduler's filters let through
    /// (`_validate_instance_group_policy`): an alternate was decided on before others of the group came.
    fn breaks_policy(&self, request: RequestId, node: NodeId) -> bool {
        let Some(group) = self.server_group(Party::Tenant(request)) else {
            return false;
        };
        let service = self.kind(node).group;
        let (mut there, mut anywhere) = (0, 0);
        for (on, machines) in self.truth.view.members(group.id) {
            there += if on == service { machines } else { 0 };
            anywhere += machines;
        }
        match group.policy {
            GroupPolicy::AntiAffinity => there >= group.most_per_host.unwrap_or(1),
            GroupPolicy::Affinity => anywhere > 0 && there == 0,
            GroupPolicy::SoftAffinity | GroupPolicy::SoftAntiAffinity => false,
        }
    }

    /// Whether Placement lets an alternate be claimed: what was decided on is still published under the class that
    /// was asked for, not reserved and not taken. Nobody looks at traits, aggregates or filters again.
    pub fn claimable(&self, node: NodeId, class: ClassId, asks: Marks) -> bool {
        let listed = self.truth.view.listing(node);
        let other = |marks: Marks| marks.has(Mark::MaintenanceClass);
        self.truth.view.free(node) && listed.class == class && other(listed.marks) == other(asks)
    }

    /// Whether the driver would refuse the node (`prepare_for_spawn` re-reads it).
    pub fn unavailable(&self, node: NodeId) -> bool {
        !self.reported(node).accepts_spawn
    }

    /// An operator wants the node retired: at once where Ironic allows it, else as soon as it does.
    pub fn retire(&mut self, node: NodeId) {
        let retired = self.verb(node, Operation::Retire).is_ok();
        self.node_mut(node).retired |= retired;
        self.dictate(node).retiring = !retired;
        self.fleet_shrinks();
    }

    /// A node has left a state in which Ironic would not have it retired.
    #[inline]
    pub fn retire_if_due(&mut self, node: NodeId) {
        if self.dictated(node).retiring {
            self.retire(node);
        }
    }

    /// Puts somebody onto an available node.
    pub fn occupy(&mut self, node: NodeId, party: Party, attempt: u8) {
        self.comes_to(self.kind(node).group, party);
        self.truth.calendar.moves_in(node, self.now);
        let it = self.node_mut(node);
        it.seat(Some(Occupant { party, attempt }));
        it.epoch += 1;
        it.become_state(Provision::Deploying);
        self.retire_if_due(node);
    }

    /// Whether and why a build on this node is bound to fail.
    pub fn build_fate(&self, node: NodeId, word: u64, purpose: u64) -> Option<BuildError> {
        let odds = || chance(word, purpose);
        let fails = self.inputs.settings.ironic.build_failure;
        match self.node(node).health() {
            Health::Broken(kind) if odds() < self.fault_kind(kind).deploy_fails => Some(BuildError::Broken),
            Health::Broken(_) => None,
            Health::Healthy => (fails > 0.0 && odds() < fails).then_some(BuildError::Chance),
        }
    }

    /// A build on the node has failed, which weighs on it until one succeeds.
    pub fn build_counts_as_failed(&mut self, node: NodeId) {
        let it = self.node_mut(node);
        it.failed_builds = it.failed_builds.saturating_add(1);
    }

    /// A kind of fault by its number among all kinds of all laws.
    pub fn fault_kind(&self, kind: u16) -> &'a FaultKind {
        let mut index = usize::from(kind);
        for law in &self.inputs.maintenance.faults {
            if index < law.kinds.len() {
                return &law.kinds[index];
            }
            index -= law.kinds.len();
        }
        panic!("fault kind {kind} is not in the plan");
    }

    /// Whether the node's power is gone.
    pub fn powerless(&self, node: NodeId) -> bool {
        matches!(self.node(node).health(), Health::Broken(kind) if self.fault_kind(kind).power)
    }

    /// An instance became active: its rescue, if the tape has one, is put onto the agenda.
    #[inline]
    pub fn schedule_rescue(&mut self, request: RequestId, node: NodeId) {
        if let Some(need) = self.truth.requests.rescue(request) {
            let epoch = self.node(node).epoch;
            self.after(need.after, Event::Rescue { node, epoch });
        }
    }

    /// Whether the node has no power to boot the agent that is to clean it.
    #[inline]
    pub fn agent_never_calls(&self, node: NodeId) -> bool {
        self.node(node).health() != Health::Healthy && self.powerless(node)
    }

    /// Whether one free node less of a class may bring another one below Placement's limit of candidates, to somebody
    /// for whom those before it were none.
    pub fn cap_binds(&self, class: ClassId) -> bool {
        let view = &self.truth.view;
        let free = view.shapes_of(class).iter().map(|&shape| view.shelf(shape).len());
        self.rules.policy().cap.is_some_and(|cap| free.sum::<u32>() >= cap)
    }

    /// Whether the view has a free node of a class.
    pub fn has_free(&self, class: ClassId) -> bool {
        let view = &self.truth.view;
        view.shapes_of(class).iter().any(|&shape| !view.shelf(shape).is_empty())
    }

    /// A node has changed while somebody waits: the line of its class is looked at if the view has it
    /// as free, and whatever else has been stirred.
    #[inline(never)]
    pub fn look_at_lines(&mut self, node: NodeId) {
        let class = self.truth.view.shape_of(node).class;
        if self.truth.view.free(node) || self.cap_binds(class) {
            self.ring(class);
        }
        self.ring_stirred();
    }
}
