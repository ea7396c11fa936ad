//! Ironic's provision state machine as data: 30 states, 18 events, 93 transitions, as
//! `ironic.common.state_machine` of ironic 39.0 has them (recorded by executing each).

/// A provision state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum State {
    /// Known by name and driver only.
    Enroll,
    /// Its management access is being checked.
    Verifying,
    /// Managed, not offered to anybody.
    Manageable,
    /// Its hardware is being looked at.
    Inspecting,
    /// The inspection waits for the ramdisk.
    InspectWait,
    /// The inspection failed.
    InspectFailed,
    /// A running machine is being taken over as it is.
    Adopting,
    /// That failed.
    AdoptFailed,
    /// Free to be deployed.
    Available,
    /// An image is being written.
    Deploying,
    /// The deploy waits for the agent (`DEPLOYWAIT` in the code).
    DeployWait,
    /// The deploy stands still at a step `hold`.
    DeployHold,
    /// The deploy failed.
    DeployFailed,
    /// An instance runs.
    Active,
    /// The rescue image is being booted.
    Rescuing,
    /// The rescue waits for the agent.
    RescueWait,
    /// A tenant works in the rescue image.
    Rescue,
    /// The rescue failed.
    RescueFailed,
    /// The instance is being booted again.
    Unrescuing,
    /// That failed.
    UnrescueFailed,
    /// Steps are being run under a running instance.
    Servicing,
    /// The servicing waits for the agent.
    ServiceWait,
    /// The servicing stands still at a step `hold`.
    ServiceHold,
    /// The servicing failed.
    ServiceFailed,
    /// The instance is being torn down.
    Deleting,
    /// Steps of cleaning are being run.
    Cleaning,
    /// The cleaning waits for the agent.
    CleanWait,
    /// The cleaning stands still at a step `hold`.
    CleanHold,
    /// The cleaning failed; only a human goes on from here.
    CleanFailed,
    /// The tearing down failed.
    Error,
}

/// What moves a node from one state to another: an operator's verb, or what comes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum MachineEvent {
    /// An operator ends a wait.
    Abort,
    /// Take over a running machine.
    Adopt,
    /// Clean: by hand from `manageable`, or after a deletion.
    Clean,
    /// Tear the instance down.
    Delete,
    /// Deploy an instance.
    Deploy,
    /// What was under way is done.
    Done,
    /// What was under way failed.
    Fail,
    /// A step `hold` was reached.
    Hold,
    /// Look at the hardware.
    Inspect,
    /// Manage the node.
    Manage,
    /// Clean it and make it available.
    Provide,
    /// Deploy the instance anew.
    Rebuild,
    /// Boot the rescue image.
    Rescue,
    /// The agent has called back.
    Resume,
    /// Run steps under the running instance.
    Service,
    /// Go on from a hold.
    Unhold,
    /// Boot the instance again.
    Unrescue,
    /// Wait for the agent.
    Wait,
}

use MachineEvent as E;
use State as S;

/// All states, in the order of their numbers.
pub const STATES: [State; 30] = [
    S::Enroll,
    S::Verifying,
    S::Manageable,
    S::Inspecting,
    S::InspectWait,
    S::InspectFailed,
    S::Adopting,
    S::AdoptFailed,
    S::Available,
    S::Deploying,
    S::DeployWait,
    S::DeployHold,
    S::DeployFailed,
    S::Active,
    S::Rescuing,
    S::RescueWait,
    S::Rescue,
    S::RescueFailed,
    S::Unrescuing,
    S::UnrescueFailed,
    S::Servicing,
    S::ServiceWait,
    S::ServiceHold,
    S::ServiceFailed,
    S::Deleting,
    S::Cleaning,
    S::CleanWait,
    S::CleanHold,
    S::CleanFailed,
    S::Error,
];

/// All events, in the order of their numbers.
pub const EVENTS: [MachineEvent; 18] = [
    E::Abort,
    E::Adopt,
    E::Clean,
    E::Delete,
    E::Deploy,
    E::Done,
    E::Fail,
    E::Hold,
    E::Inspect,
    E::Manage,
    E::Provide,
    E::Rebuild,
    E::Rescue,
    E::Resume,
    E::Service,
    E::Unhold,
    E::Unrescue,
    E::Wait,
];

/// Every transition: from a state, by an event, to a state.
pub const TRANSITIONS: [(State, MachineEvent, State); 93] = [
    (S::Enroll, E::Manage, S::Verifying),
    (S::Verifying, E::Done, S::Manageable),
    (S::Verifying, E::Fail, S::Enroll),
    (S::Manageable, E::Adopt, S::Adopting),
    (S::Manageable, E::Clean, S::Cleaning),
    (S::Manageable, E::Inspect, S::Inspecting),
    (S::Manageable, E::Provide, S::Cleaning),
    (S::Inspecting, E::Done, S::Manageable),
    (S::Inspecting, E::Fail, S::InspectFailed),
    (S::Inspecting, E::Wait, S::InspectWait),
    (S::InspectWait, E::Abort, S::InspectFailed),
    (S::InspectWait, E::Done, S::Manageable),
    (S::InspectWait, E::Fail, S::InspectFailed),
    (S::InspectWait, E::Resume, S::Inspecting),
    (S::InspectFailed, E::Inspect, S::Inspecting),
    (S::InspectFailed, E::Manage, S::Manageable),
    (S::Adopting, E::Done, S::Active),
    (S::Adopting, E::Fail, S::AdoptFailed),
    (S::AdoptFailed, E::Adopt, S::Adopting),
    (S::AdoptFailed, E::Manage, S::Manageable),
    (S::Available, E::Deploy, S::Deploying),
    (S::Available, E::Manage, S::Manageable),
    (S::Deploying, E::Done, S::Active),
    (S::Deploying, E::Fail, S::DeployFailed),
    (S::Deploying, E::Hold, S::DeployHold),
    (S::Deploying, E::Wait, S::DeployWait),
    (S::DeployWait, E::Abort, S::DeployFailed),
    (S::DeployWait, E::Delete, S::Deleting),
    (S::DeployWait, E::Fail, S::DeployFailed),
    (S::DeployWait, E::Hold, S::DeployHold),
    (S::DeployWait, E::Resume, S::Deploying),
    (S::DeployHold, E::Abort, S::DeployFailed),
    (S::DeployHold, E::Unhold, S::DeployWait),
    (S::DeployFailed, E::Delete, S::Deleting),
    (S::DeployFailed, E::Deploy, S::Deploying),
    (S::DeployFailed, E::Rebuild, S::Deploying),
    (S::Active, E::Delete, S::Deleting),
    (S::Active, E::Rebuild, S::Deploying),
    (S::Active, E::Rescue, S::Rescuing),
    (S::Active, E::Service, S::Servicing),
    (S::Rescuing, E::Done, S::Rescue),
    (S::Rescuing, E::Fail, S::RescueFailed),
    (S::Rescuing, E::Wait, S::RescueWait),
    (S::RescueWait, E::Abort, S::RescueFailed),
    (S::RescueWait, E::Delete, S::Deleting),
    (S::RescueWait, E::Fail, S::RescueFailed),
    (S::RescueWait, E::Resume, S::Rescuing),
    (S::Rescue, E::Delete, S::Deleting),
    (S::Rescue, E::Rescue, S::Rescuing),
    (S::Rescue, E::Unrescue, S::Unrescuing),
    (S::RescueFailed, E::Delete, S::Deleting),
    (S::RescueFailed, E::Rescue, S::Rescuing),
    (S::RescueFailed, E::Unrescue, S::Unrescuing),
    (S::Unrescuing, E::Done, S::Active),
    (S::Unrescuing, E::Fail, S::UnrescueFailed),
    (S::UnrescueFailed, E::Delete, S::Deleting),
    (S::UnrescueFailed, E::Rescue, S::Rescuing),
    (S::UnrescueFailed, E::Unrescue, S::Unrescuing),
    (S::Servicing, E::Done, S::Active),
    (S::Servicing, E::Fail, S::ServiceFailed),
    (S::Servicing, E::Hold, S::ServiceHold),
    (S::Servicing, E::Wait, S::ServiceWait),
    (S::ServiceWait, E::Abort, S::ServiceFailed),
    (S::ServiceWait, E::Delete, S::Deleting),
    (S::ServiceWait, E::Fail, S::ServiceFailed),
    (S::ServiceWait, E::Hold, S::ServiceHold),
    (S::ServiceWait, E::Resume, S::Servicing),
    (S::ServiceHold, E::Abort, S::ServiceFailed),
    (S::ServiceHold, E::Fail, S::ServiceFailed),
    (S::ServiceHold, E::Service, S::Servicing),
    (S::ServiceHold, E::Unhold, S::ServiceWait),
    (S::ServiceFailed, E::Abort, S::Active),
    (S::ServiceFailed, E::Delete, S::Deleting),
    (S::ServiceFailed, E::Hold, S::ServiceHold),
    (S::ServiceFailed, E::Rescue, S::Rescuing),
    (S::ServiceFailed, E::Service, S::Servicing),
    (S::ServiceFailed, E::Wait, S::ServiceWait),
    (S::Deleting, E::Clean, S::Cleaning),
    (S::Deleting, E::Fail, S::Error),
    (S::Cleaning, E::Done, S::Available),
    (S::Cleaning, E::Fail, S::CleanFailed),
    (S::Cleaning, E::Hold, S::CleanHold),
    (S::Cleaning, E::Manage, S::Manageable),
    (S::Cleaning, E::Wait, S::CleanWait),
    (S::CleanWait, E::Abort, S::CleanFailed),
    (S::CleanWait, E::Fail, S::CleanFailed),
    (S::CleanWait, E::Hold, S::CleanHold),
    (S::CleanWait, E::Resume, S::Cleaning),
    (S::CleanHold, E::Abort, S::CleanFailed),
    (S::CleanHold, E::Unhold, S::CleanWait),
    (S::CleanFailed, E::Manage, S::Manageable),
    (S::Error, E::Delete, S::Deleting),
    (S::Error, E::Rebuild, S::Deploying),
];

impl State {
    /// The state that `event` leads to; none when the machine has no such transition.
    #[must_use]
    pub fn after(self, event: MachineEvent) -> Option<State> {
        let row = TRANSITIONS.iter().find(|(from, by, _)| (*from, *by) == (self, event));
        row.map(|&(_, _, to)| to)
    }

    /// Whether a node may rest here: nothing is under way and nothing has failed half-way.
    #[must_use]
    pub fn stable(self) -> bool {
        self.target().is_none()
    }

    /// Where a node that is here is meant to arrive; none where it may rest.
    #[must_use]
    pub fn target(self) -> Option<State> {
        match self {
            S::Enroll | S::Manageable | S::Available | S::Active | S::Rescue | S::Error => None,
            S::Verifying | S::Inspecting | S::InspectWait | S::InspectFailed => Some(S::Manageable),
            S::Adopting
            | S::AdoptFailed
            | S::Deploying
            | S::DeployWait
            | S::DeployHold
            | S::DeployFailed
            | S::Unrescuing
            | S::UnrescueFailed
            | S::Servicing
            | S::ServiceWait
            | S::ServiceHold
            | S::ServiceFailed => Some(S::Active),
            S::Rescuing | S::RescueWait | S::RescueFailed => Some(S::Rescue),
            S::Deleting | S::Cleaning | S::CleanWait | S::CleanHold | S::CleanFailed => Some(S::Available),
        }
    }

    /// Ironic's own word for the state.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            S::Enroll => "enroll",
            S::Verifying => "verifying",
            S::Manageable => "manageable",
            S::Inspecting => "inspecting",
            S::InspectWait => "inspect wait",
            S::InspectFailed => "inspect failed",
            S::Adopting => "adopting",
            S::AdoptFailed => "adopt failed",
            S::Available => "available",
            S::Deploying => "deploying",
            S::DeployWait => "wait call-back",
            S::DeployHold => "deploy hold",
            S::DeployFailed => "deploy failed",
            S::Active => "active",
            S::Rescuing => "rescuing",
            S::RescueWait => "rescue wait",
            S::Rescue => "rescue",
            S::RescueFailed => "rescue failed",
            S::Unrescuing => "unrescuing",
            S::UnrescueFailed => "unrescue failed",
            S::Servicing => "servicing",
            S::ServiceWait => "service wait",
            S::ServiceHold => "service hold",
            S::ServiceFailed => "service failed",
            S::Deleting => "deleting",
            S::Cleaning => "cleaning",
            S::CleanWait => "clean wait",
            S::CleanHold => "clean hold",
            S::CleanFailed => "clean failed",
            S::Error => "error",
        }
    }

    /// The state of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<State> {
        STATES.into_iter().find(|state| state.name() == name)
    }
}

impl MachineEvent {
    /// Ironic's own word for the event.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            E::Abort => "abort",
            E::Adopt => "adopt",
            E::Clean => "clean",
            E::Delete => "delete",
            E::Deploy => "deploy",
            E::Done => "done",
            E::Fail => "fail",
            E::Hold => "hold",
            E::Inspect => "inspect",
            E::Manage => "manage",
            E::Provide => "provide",
            E::Rebuild => "rebuild",
            E::Rescue => "rescue",
            E::Resume => "resume",
            E::Service => "service",
            E::Unhold => "unhold",
            E::Unrescue => "unrescue",
            E::Wait => "wait",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_list_every_state_and_event_once_and_no_transition_twice() {
        for (at, state) in STATES.iter().enumerate() {
            assert_eq!((*state as usize, State::named(state.name())), (at, Some(*state)));
        }
        for (at, event) in EVENTS.iter().enumerate() {
            assert_eq!(*event as usize, at);
        }
        for (at, (from, by, _)) in TRANSITIONS.iter().enumerate() {
            let again = TRANSITIONS[..at].iter().any(|(f, b, _)| (f, b) == (from, by));
            assert!(!again, "{} by {} twice", from.name(), by.name());
        }
    }

    #[test]
    fn a_rescue_and_its_return_run_along_the_table() {
        let course = [E::Rescue, E::Wait, E::Resume, E::Done, E::Unrescue, E::Done];
        let mut at = S::Active;
        for event in course {
            at = at.after(event).expect("a transition of the table");
        }
        assert_eq!(at, S::Active);
        assert_eq!(S::Available.after(E::Rescue), None);
    }
}
