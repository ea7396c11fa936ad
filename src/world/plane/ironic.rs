//! What Ironic's flag does to a node: what the driver reports of it, and which verbs are refused. The rules are
//! `fleet::ironic`'s.

use super::Plane;
use crate::fleet::ironic::verbs::{self, After, Facts, Operation, Refusal};
use crate::fleet::ironic::{Condition, PowerSync, Provisioned, Reported, State};
use crate::fleet::{Fault, NodeId, Provision, TenantId};
use crate::kernel::streams::{below, mix, word_of};
use crate::kernel::{Span, Time};
use crate::strategy::{Route, Taken};
use crate::world::Observer;

impl<O: Observer> Plane<'_, O> {
    /// Whether Ironic's flag keeps deploys and rescues off the node. The patched Ironic lets them
    /// through on a node that carries a strategy's mark.
    pub fn flag_refuses(&self, node: NodeId) -> bool {
        let it = self.node(node);
        it.flag() && (!self.inputs.settings.ironic.deploy_in_maintenance || it.marks.is_empty())
    }

    /// What nova's driver reports of the node, and whether it takes the node when it re-reads it.
    pub fn reported(&self, node: NodeId) -> Reported {
        let it = self.node(node);
        Condition {
            provision: Provisioned::In(it.provision.ironic()),
            power: it.power,
            maintenance: self.flag_refuses(node),
            instance: !it.is_empty(),
            skip_reserve_in_use: false,
        }
        .reported()
    }

    /// Asks Ironic's conductor for a verb.
    pub fn verb(&self, node: NodeId, operation: Operation) -> Result<After, Refusal> {
        let it = self.node(node);
        let facts = Facts {
            maintenance: self.flag_refuses(node),
            retired: it.retired,
            allow_provisioning_in_maintenance: self.allows_provisioning(),
            ..Facts::of(it.provision.ironic())
        };
        verbs::ask(operation, facts)
    }

    /// `allow_provisioning_in_maintenance`.
    pub fn allows_provisioning(&self) -> bool {
        self.inputs.settings.ironic.allow_provisioning_in_maintenance
    }

    /// Whether what is under way on the node waits for the flag to be cleared, because its agent is not heard.
    pub fn waits_for_the_flag(&self, node: NodeId) -> bool {
        let ironic = &self.inputs.settings.ironic;
        ironic.agent && ironic.allow_provisioning_in_maintenance && self.flag_refuses(node)
    }

    /// Whether Ironic holds its lock on the node: all the time that a step takes, where there is no agent to wait for.
    pub fn is_locked(&self, node: NodeId) -> bool {
        let steps = matches!(
            self.node(node).provision,
            Provision::Deploying
                | Provision::Deleting
                | Provision::Cleaning
                | Provision::Rescuing
                | Provision::Unrescuing
        );
        steps && !self.inputs.settings.ironic.agent
    }

    /// The phase of one of Ironic's loops in the node's conductor group.
    pub fn phase(&self, node: NodeId, interval: Span) -> Time {
        let fleet = &self.truth.fleet;
        let group = word_of(fleet.names.groups.name(fleet.kind(node).group.0));
        let luck = mix(self.inputs.tape.luck ^ mix(group ^ interval.0));
        Time(below(luck, interval.0))
    }

    /// Whether Ironic waits for an agent on the node: most of a deploy and of a clean it does, and such nodes are
    /// not synced (`PowerSync::looks_at`).
    pub fn waits_for_agent(&self, node: NodeId) -> bool {
        if self.is_locked(node) {
            return true;
        }
        let state = match self.node(node).provision {
            Provision::Deploying => State::DeployWait,
            Provision::Cleaning => State::CleanWait,
            other => other.ironic(),
        };
        !PowerSync::looks_at(state)
    }

    /// By which route an errand reaches the node.
    pub fn route_of(&self, node: NodeId) -> Route {
        self.inputs.strategy.route(self.node(node))
    }

    /// Whether something is on the node that operators put there or are to take off: a mark, a move to their tenant, or a
    /// flag that Ironic does not clear by itself.
    pub fn is_covered(&self, node: NodeId) -> bool {
        let it = self.node(node);
        let home = self.inputs.fleet.node(node).owner();
        let moved = it.owner() == Some(TenantId::OPERATORS) && home != Some(TenantId::OPERATORS);
        // With typed holds Ironic clears its own reason, and leaves a human's.
        let by_itself = !self.inputs.settings.ironic.typed_holds && it.fault().is_some_and(Fault::recovers);
        let flagged = it.flag() && !by_itself;
        flagged || moved || !it.marks.is_empty()
    }

    /// Whether the operators evict a tenant who has taken a node in maintenance.
    pub fn evicts_who_took(&self, node: NodeId) -> bool {
        let (Route::Boot { taken, .. } | Route::OutOfBand { taken, .. }) = self.route_of(node);
        taken == Taken::Evict
    }
}
