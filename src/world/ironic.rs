//! Ironic's flag in the running world: what the driver reports of a node, which verbs the flag
//! refuses, what waits for it to be cleared, and the loops by which Ironic sets and clears it
//! itself. The rules are `fleet::ironic`'s.

use super::event::Event;
use super::fact::{BuildError, Observer};
use super::state::World;
use crate::fleet::ironic::verbs::{self, After, Facts, Operation, Refusal};
use crate::fleet::ironic::{Condition, PowerSync, Provisioned, Reported, State};
use crate::fleet::{Fault, Health, NodeId, Occupant, Party, Power, Provision};
use crate::kernel::streams::{below, mix, word_of};
use crate::kernel::{Agenda, Span, Time};

impl<O: Observer> World<'_, O> {
    /// Whether Ironic's flag keeps deploys and rescues off the node. The patched Ironic lets them
    /// through on a node that carries a strategy's mark.
    pub fn flag_refuses(&self, node: NodeId) -> bool {
        let it = self.sight.fleet.node(node);
        it.flag() && (!self.inputs.settings.ironic.deploy_in_maintenance || it.marks.is_empty())
    }

    /// What nova's driver reports of the node, and whether it takes the node when it re-reads it.
    pub fn reported(&self, node: NodeId) -> Reported {
        let it = self.sight.fleet.node(node);
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
        let it = self.sight.fleet.node(node);
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
            self.sight.fleet.node(node).provision,
            Provision::Deploying
                | Provision::Deleting
                | Provision::Cleaning
                | Provision::Rescuing
                | Provision::Unrescuing
        );
        steps && !self.inputs.settings.ironic.agent
    }

    /// Whether nobody is on the node and its cleaning waits for the flag to be cleared: its agent is
    /// not heard, or the cleaning was refused.
    pub fn waits_in_clean(&self, node: NodeId) -> bool {
        let cleans = matches!(
            self.sight.fleet.node(node).provision,
            Provision::Cleaning | Provision::Manageable
        );
        cleans && self.desks[node.at()].stalled
    }

    /// Somebody takes the flag back: an operator (`None`), or whoever has seen that a fault is over. With one flag all of
    /// it goes; where each reason is a hold of its own, only that one. What has waited for it goes on.
    pub fn clear_flag(&mut self, node: NodeId, fault: Option<Fault>, agenda: &mut Agenda<Event>) {
        let it = self.sight.fleet.node_mut(node);
        if self.inputs.settings.ironic.typed_holds {
            it.clear_reason(fault);
        } else {
            it.clear_flag();
        }
        let flag = it.flag();
        if !flag && (self.powerless(node) || self.sight.fleet.node(node).power == Power::Unknown) {
            self.sync_power(node, agenda);
        }
        self.flag_gone(node, agenda);
        self.settle(node, agenda);
        self.node_came_free(node, agenda);
    }

    /// The flag refuses nothing any more: what has stalled for it goes on.
    pub fn flag_gone(&mut self, node: NodeId, agenda: &mut Agenda<Event>) {
        if self.flag_refuses(node) || !std::mem::take(&mut self.desks[node.at()].stalled) {
            return;
        }
        let it = self.sight.fleet.node(node);
        let epoch = it.epoch;
        match it.provision {
            Provision::Deploying => match self.desks[node.at()].doom.take() {
                Some(place) => agenda.push(self.now, Event::BuildFails(place)),
                None => agenda.push(self.now, Event::Built { node, epoch }),
            },
            Provision::Rescuing | Provision::Rescue => agenda.push(self.now, Event::Rescue { node, epoch }),
            Provision::Cleaning => {
                let left = std::mem::take(&mut self.desks[node.at()].clean_left);
                agenda.push(self.now + left, Event::Cleaned { node, epoch });
            }
            Provision::Manageable => self.provide(node, agenda),
            _ => {}
        }
    }

    /// A deploy's agent calls back. Under the flag the node waits until it is cleared, or the
    /// deploy fails where `allow_provisioning_in_maintenance` is off.
    pub fn heartbeat_waits(&mut self, node: NodeId, agenda: &mut Agenda<Event>) -> bool {
        if !self.flag_refuses(node) || !self.inputs.settings.ironic.agent {
            return false;
        }
        let astray = matches!(
            self.sight.fleet.node(node).occupant(),
            Some(Occupant { party: Party::Errand(window), .. }) if self.windows[window as usize].node != node
        );
        if self.allows_provisioning() && !astray {
            self.desks[node.at()].stalled = true;
            self.node_came_free(node, agenda);
            return true;
        }
        // An errand's image on a wrong node that is in maintenance itself is no use to anybody.
        match self.sight.fleet.node(node).occupant() {
            Some(Occupant {
                party: Party::Tenant(request),
                attempt,
                ..
            }) => self.fail_on_node(node, request, attempt, BuildError::Withdrawn, agenda),
            _ => self.lose_image(node, agenda),
        }
        true
    }

    /// A build that is bound to fail is under way when the flag is set: its timeout does not fire, and it waits until the
    /// flag is cleared, where `allow_provisioning_in_maintenance` lets it.
    pub fn failure_waits(&mut self, place: u32, node: NodeId, agenda: &mut Agenda<Event>) -> bool {
        if !self.waits_for_the_flag(node) {
            return false;
        }
        let desk = &mut self.desks[node.at()];
        (desk.stalled, desk.doom) = (true, Some(place));
        self.node_came_free(node, agenda);
        true
    }

    /// Whether a build on the node waits for the flag to be cleared.
    pub fn build_hangs(&self, node: NodeId) -> bool {
        self.sight.fleet.node(node).provision == Provision::Deploying && self.desks[node.at()].stalled
    }

    /// A clean's agent waits for the flag to be cleared, with so much left to do.
    pub fn stall_clean(&mut self, node: NodeId, left: Span, agenda: &mut Agenda<Event>) {
        let desk = &mut self.desks[node.at()];
        (desk.stalled, desk.clean_left) = (true, left);
        self.rests(node, agenda);
    }

    /// A managed node is to be cleaned and made available: after a human has looked at it in no time (his work had the
    /// cleaning in it), else in the time that is left to do.
    pub fn provide(&mut self, node: NodeId, agenda: &mut Agenda<Event>) {
        match self.verb(node, Operation::Provide) {
            Ok(_) => {
                self.sight.fleet.node_mut(node).become_state(Provision::Cleaning);
                let left = std::mem::take(&mut self.desks[node.at()].clean_left);
                self.desks[node.at()].cleaned_by_hand = left == Span::ZERO;
                if self.waits_for_the_flag(node) {
                    self.stall_clean(node, left, agenda);
                } else if left == Span::ZERO {
                    self.cleaned(node, agenda);
                } else {
                    self.settle(node, agenda);
                    let epoch = self.sight.fleet.node(node).epoch;
                    agenda.push(self.now + left, Event::Cleaned { node, epoch });
                }
            }
            Err(Refusal::NodeInMaintenance) => {
                let left = self.desks[node.at()].clean_left;
                self.stall_clean(node, left, agenda);
            }
            Err(_) => self.retired_rests(node, agenda),
        }
    }

    /// Whether the node's power is gone.
    pub fn powerless(&self, node: NodeId) -> bool {
        matches!(self.sight.fleet.node(node).health(), Health::Broken(kind) if self.fault_kind(kind).power)
    }

    /// The phase of one of Ironic's loops in the node's conductor group.
    fn phase(&self, node: NodeId, interval: Span) -> Time {
        let fleet = &self.sight.fleet;
        let group = word_of(fleet.names.groups.name(fleet.kind(node).group.0));
        let luck = mix(self.inputs.tape.luck ^ mix(group ^ interval.0));
        Time(below(luck, interval.0))
    }

    /// The power sync has something to find: its next tick is put onto the agenda. While it finds
    /// nothing new it costs no events.
    pub fn sync_power(&mut self, node: NodeId, agenda: &mut Agenda<Event>) {
        if self.desks[node.at()].sync.is_some() {
            return;
        }
        self.desks[node.at()].sync = Some(PowerSync::new());
        match self.inputs.settings.ironic.power_detection {
            Some(span) if self.powerless(node) => agenda.push(self.now + span, Event::PowerSync(node)),
            _ => self.next_sync(node, agenda),
        }
    }

    /// A tick of the power sync. Nodes in maintenance are left out of it; it begins anew when their
    /// flag is cleared.
    pub fn power_synced(&mut self, node: NodeId, agenda: &mut Agenda<Event>) {
        let Some(mut sync) = self.desks[node.at()].sync.take() else {
            return;
        };
        if self.sight.fleet.node(node).flag() {
            return;
        }
        if self.powerless(node) && self.waits_for_agent(node) {
            self.desks[node.at()].sync = Some(sync);
            self.next_sync(node, agenda);
            return;
        }
        if !self.powerless(node) {
            self.sight.fleet.node_mut(node).power = Power::On;
            self.settle(node, agenda);
            self.node_came_free(node, agenda);
            return;
        }
        let at_once = self.inputs.settings.ironic.power_detection.is_some();
        if !sync.fails() && !at_once {
            self.desks[node.at()].sync = Some(sync);
            self.next_sync(node, agenda);
            return;
        }
        let it = self.sight.fleet.node_mut(node);
        it.raise_flag(PowerSync::gives_up(it.flag()));
        it.power = Power::Unknown;
        if let Some(place) = self.desks[node.at()].fault {
            self.fault_noticed(place, agenda);
        }
        self.settle(node, agenda);
    }

    fn next_sync(&mut self, node: NodeId, agenda: &mut Agenda<Event>) {
        let phase = self.phase(node, PowerSync::INTERVAL);
        let next = PowerSync::next_tick(self.now, phase, PowerSync::INTERVAL);
        agenda.push(next, Event::PowerSync(node));
    }

    /// Whether Ironic waits for an agent on the node: most of a deploy and of a clean it does, and such nodes are
    /// not synced (`PowerSync::looks_at`).
    fn waits_for_agent(&self, node: NodeId) -> bool {
        if self.is_locked(node) {
            return true;
        }
        let state = match self.sight.fleet.node(node).provision {
            Provision::Deploying => State::DeployWait,
            Provision::Cleaning => State::CleanWait,
            other => other.ironic(),
        };
        !PowerSync::looks_at(state)
    }

    /// The hardware is mended: the next recovery check will see it.
    pub fn await_recovery(&mut self, node: NodeId, agenda: &mut Agenda<Event>) {
        let period = self.inputs.settings.ironic.power_recovery;
        let at = PowerSync::next_tick(self.now, self.phase(node, period), period);
        agenda.push(at, Event::PowerRecovery(node));
    }

    /// The recovery check looks at the node: it clears the flag that a power failure has set, and
    /// no other.
    pub fn power_recovers(&mut self, node: NodeId, agenda: &mut Agenda<Event>) {
        let it = self.sight.fleet.node(node);
        if !PowerSync::recovery_clears(it.flag(), it.fault()) {
            return;
        }
        if self.powerless(node) {
            // It has failed again, under a flag that keeps the sync away: the operators see that it stays.
            if let Some(place) = self.desks[node.at()].fault {
                self.fault_noticed(place, agenda);
            }
            return;
        }
        self.sight.fleet.node_mut(node).power = Power::On;
        self.clear_flag(node, Some(Fault::PowerFailure), agenda);
        self.bared_by_ironic(node, agenda);
    }

    /// An operator wants the node retired: at once where Ironic allows it, else as soon as it does.
    pub fn retire(&mut self, node: NodeId) {
        let retired = self.verb(node, Operation::Retire).is_ok();
        self.sight.fleet.node_mut(node).retired |= retired;
        self.desks[node.at()].retiring = !retired;
        self.fleet_shrinks();
    }

    /// A retired node has come to rest, managed: no maintenance is done on it any more.
    pub fn retired_rests(&mut self, node: NodeId, agenda: &mut Agenda<Event>) {
        for window in self.desks[node.at()].windows.clone() {
            self.proceed(window, agenda);
        }
    }
}
