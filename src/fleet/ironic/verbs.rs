//! What an operator's verb does: accepted, with the state that follows, or refused with a reason.
//! Recorded from ironic 39.0's conductor (`conductor/manager.py`, `conductor/deployments.py`), in
//! maintenance and out of it.

use super::machine::{MachineEvent, State};

/// An operator's verb.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operation {
    /// Deploy an instance (`active`).
    Deploy,
    /// Deploy it anew.
    Rebuild,
    /// Tear it down (`deleted`).
    Delete,
    /// Boot the rescue image.
    Rescue,
    /// Boot the instance again.
    Unrescue,
    /// Clean by hand, with steps given.
    ManualClean,
    /// Clean, then make available.
    Provide,
    /// Manage.
    Manage,
    /// Take over a running machine.
    Adopt,
    /// End a wait or a hold.
    Abort,
    /// Go on from a hold.
    Unhold,
    /// The bare event `clean`, which is no verb of a user's.
    Clean,
    /// Look at the hardware.
    Inspect,
    /// Run steps under the running instance.
    Service,
    /// Power off.
    PowerOff,
    /// Power on.
    PowerOn,
    /// Power off and on.
    Reboot,
    /// Delete the node's record.
    Destroy,
    /// Set `retired`.
    Retire,
    /// Change the resource class.
    ChangeClass,
    /// Change a hardware interface.
    ChangeInterface,
    /// Set `protected`.
    Protect,
}

/// What the conductor looks at before it accepts a verb.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The provision state.
    pub state: State,
    /// The maintenance flag.
    pub maintenance: bool,
    /// Whether the node is retired.
    pub retired: bool,
    /// Whether it is protected: its instance is neither torn down nor built anew.
    pub protected: bool,
    /// Whether an instance is on it.
    pub associated: bool,
    /// Whether another task holds its lock.
    pub locked: bool,
    /// `[conductor] allow_provisioning_in_maintenance`.
    pub allow_provisioning_in_maintenance: bool,
}

/// What becomes of the node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// It is in this state now.
    In(State),
    /// Its record is gone.
    Gone,
}

/// Why a verb was refused: the exception's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The node is in maintenance.
    #[error("NodeInMaintenance")]
    NodeInMaintenance,
    /// The node is retired.
    #[error("NodeIsRetired")]
    NodeIsRetired,
    /// The node is protected.
    #[error("NodeProtected")]
    NodeProtected,
    /// An instance is on the node.
    #[error("NodeAssociated")]
    NodeAssociated,
    /// Another task is at the node.
    #[error("NodeLocked")]
    NodeLocked,
    /// The change is not for this state.
    #[error("InvalidState")]
    InvalidState,
    /// The state machine has no such transition.
    #[error("InvalidStateRequested")]
    InvalidStateRequested,
}

impl Facts {
    /// A node in this state about which nothing else is to be said.
    #[must_use]
    pub const fn of(state: State) -> Facts {
        Facts {
            state,
            maintenance: false,
            retired: false,
            protected: false,
            associated: false,
            locked: false,
            allow_provisioning_in_maintenance: true,
        }
    }
}

/// States in which a node's resource class may change, in maintenance or out of it
/// (`conductor/manager.py`, `update_node`).
const CLASS_MAY_CHANGE: [State; 5] = [
    State::Enroll,
    State::Inspecting,
    State::InspectWait,
    State::Manageable,
    State::Available,
];

/// States in which a node's record may be deleted without maintenance (`DELETE_ALLOWED_STATES`).
pub const MAY_BE_DESTROYED: [State; 3] = [State::Enroll, State::Manageable, State::AdoptFailed];

impl Operation {
    /// The state machine's event; none for a verb that leaves the provision state alone.
    #[must_use]
    pub fn event(self) -> Option<MachineEvent> {
        match self {
            Operation::Deploy => Some(MachineEvent::Deploy),
            Operation::Rebuild => Some(MachineEvent::Rebuild),
            Operation::Delete => Some(MachineEvent::Delete),
            Operation::Rescue => Some(MachineEvent::Rescue),
            Operation::Unrescue => Some(MachineEvent::Unrescue),
            Operation::ManualClean => Some(MachineEvent::Clean),
            Operation::Provide => Some(MachineEvent::Provide),
            Operation::Manage => Some(MachineEvent::Manage),
            Operation::Adopt => Some(MachineEvent::Adopt),
            Operation::Abort => Some(MachineEvent::Abort),
            Operation::Unhold => Some(MachineEvent::Unhold),
            Operation::Clean => Some(MachineEvent::Clean),
            Operation::Inspect => Some(MachineEvent::Inspect),
            Operation::Service => Some(MachineEvent::Service),
            Operation::PowerOff
            | Operation::PowerOn
            | Operation::Reboot
            | Operation::Destroy
            | Operation::Retire
            | Operation::ChangeClass
            | Operation::ChangeInterface
            | Operation::Protect => None,
        }
    }

    /// Whether the maintenance flag refuses the verb.
    #[must_use]
    pub fn refused_in_maintenance(self, allow_provisioning_in_maintenance: bool) -> bool {
        match self {
            Operation::Deploy
            | Operation::Rebuild
            | Operation::Rescue
            | Operation::Unrescue
            | Operation::ManualClean
            | Operation::Service => true,
            Operation::Provide => !allow_provisioning_in_maintenance,
            Operation::Delete
            | Operation::Manage
            | Operation::Adopt
            | Operation::Abort
            | Operation::Unhold
            | Operation::Clean
            | Operation::Inspect
            | Operation::PowerOff
            | Operation::PowerOn
            | Operation::Reboot
            | Operation::Destroy
            | Operation::Retire
            | Operation::ChangeClass
            | Operation::ChangeInterface
            | Operation::Protect => false,
        }
    }
}

/// Asks the conductor for a verb.
///
/// # Errors
/// The refusal, with which the node stays as it is.
pub fn ask(operation: Operation, facts: Facts) -> Result<After, Refusal> {
    let Facts { state, maintenance, .. } = facts;
    if maintenance && operation.refused_in_maintenance(facts.allow_provisioning_in_maintenance) {
        return Err(Refusal::NodeInMaintenance);
    }
    let tears_down = matches!(operation, Operation::Delete | Operation::Rebuild | Operation::Destroy);
    if facts.protected && tears_down {
        return Err(Refusal::NodeProtected);
    }
    if operation == Operation::Provide && facts.retired {
        return Err(Refusal::NodeIsRetired);
    }
    if facts.locked {
        return Err(Refusal::NodeLocked);
    }
    let allowed = match operation {
        // In maintenance a node is forgotten in any state; otherwise only where nothing is on it.
        Operation::Destroy if !maintenance && facts.associated => return Err(Refusal::NodeAssociated),
        Operation::Destroy if maintenance || MAY_BE_DESTROYED.contains(&state) => return Ok(After::Gone),
        Operation::Destroy => false,
        Operation::Retire => state != State::Available,
        Operation::Protect => matches!(state, State::Active | State::Rescue),
        Operation::ChangeClass => CLASS_MAY_CHANGE.contains(&state),
        Operation::ChangeInterface => maintenance || CLASS_MAY_CHANGE.contains(&state),
        Operation::PowerOff | Operation::PowerOn | Operation::Reboot => true,
        // The abort of a service is followed by another, out of the failure that the first one is.
        Operation::Abort if matches!(state, State::ServiceWait | State::ServiceHold) => {
            return Ok(After::In(State::Active));
        }
        _ => {
            let next = operation.event().and_then(|event| state.after(event));
            return next.map(After::In).ok_or(Refusal::InvalidStateRequested);
        }
    };
    if allowed {
        Ok(After::In(state))
    } else {
        Err(Refusal::InvalidState)
    }
}

/// The state after a wait has lasted too long (`_check_deploy_timeouts` and its like): it has failed, unless the
/// node is in maintenance. A hold lasts as long as it lasts.
#[must_use]
pub fn timed_out(state: State, maintenance: bool) -> State {
    let waits = matches!(
        state,
        State::DeployWait | State::CleanWait | State::RescueWait | State::InspectWait | State::ServiceWait
    );
    if maintenance || !waits {
        return state;
    }
    state.after(MachineEvent::Fail).unwrap_or(state)
}

/// The state after an agent's heartbeat in maintenance (`drivers/modules/agent_base.py:497`): the
/// node waits until the flag is cleared, and its timeouts do not fire; where
/// `allow_provisioning_in_maintenance` is off, what it was doing fails.
#[must_use]
pub fn heartbeat_in_maintenance(state: State, allow_provisioning_in_maintenance: bool) -> State {
    let waits = matches!(
        state,
        State::DeployWait | State::CleanWait | State::RescueWait | State::ServiceWait
    );
    if allow_provisioning_in_maintenance || !waits {
        return state;
    }
    state.after(MachineEvent::Fail).unwrap_or(state)
}

/// The state in which automated cleaning that begins in maintenance comes to rest
/// (`conductor/cleaning.py`).
#[must_use]
pub fn cleaning_begins_in_maintenance(allow_provisioning_in_maintenance: bool) -> State {
    if allow_provisioning_in_maintenance {
        State::CleanWait
    } else {
        State::CleanFailed
    }
}

/// The state after automated cleaning. A retired node is managed instead of offered, but with
/// `[conductor] automated_clean` off nothing looks at that (`conductor/cleaning.py:99-112`).
#[must_use]
pub fn after_cleaning(retired: bool, automated_clean: bool) -> State {
    if retired && automated_clean {
        State::Manageable
    } else {
        State::Available
    }
}
