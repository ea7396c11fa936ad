//! Ironic's provision states, as far as a fleet's life needs them, and the legal edges.

/// A provision state of Ironic 39.0. The waiting states (`wait call-back`, `clean wait`,
/// `rescue wait`) are part of the state that they wait in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Provision {
    /// Known by name only: not yet in the fleet, or left it.
    #[default]
    Enroll,
    /// Managed, not offered: retired nodes end here.
    Manageable,
    /// Free to be deployed.
    Available,
    /// An image is being written.
    Deploying,
    /// An instance runs.
    Active,
    /// A rescue image is being booted.
    Rescuing,
    /// A tenant works in the rescue image.
    Rescue,
    /// The instance is being booted again.
    Unrescuing,
    /// The instance is being torn down.
    Deleting,
    /// Automated cleaning.
    Cleaning,
    /// Cleaning failed; only a human clears it.
    CleanFailed,
    /// A deploy failed.
    DeployFailed,
    /// A deletion failed.
    Error,
}

use Provision::{
    Active, Available, CleanFailed, Cleaning, Deleting, DeployFailed, Deploying, Enroll, Error, Manageable, Rescue,
    Rescuing, Unrescuing,
};

/// All states, in the order of their numbers.
pub const STATES: [Provision; 13] = [
    Enroll,
    Manageable,
    Available,
    Deploying,
    Active,
    Rescuing,
    Rescue,
    Unrescuing,
    Deleting,
    Cleaning,
    CleanFailed,
    DeployFailed,
    Error,
];

/// The edges of Ironic 39.0's state machine between these states (recorded from
/// `ironic.common.states`), with `verifying` folded into enroll → manageable and a
/// node's removal (`manageable` → deleted) written as manageable → enroll.
pub const EDGES: [(Provision, Provision); 26] = [
    (Enroll, Manageable),
    (Manageable, Enroll),
    (Manageable, Cleaning),
    (Available, Manageable),
    (Available, Deploying),
    (Deploying, Active),
    (Deploying, DeployFailed),
    (Deploying, Deleting),
    (DeployFailed, Deploying),
    (DeployFailed, Deleting),
    (Active, Deploying),
    (Active, Rescuing),
    (Active, Deleting),
    (Rescuing, Rescue),
    (Rescuing, Deleting),
    (Rescue, Rescuing),
    (Rescue, Unrescuing),
    (Rescue, Deleting),
    (Unrescuing, Active),
    (Deleting, Cleaning),
    (Deleting, Error),
    (Cleaning, Available),
    (Cleaning, CleanFailed),
    (Cleaning, Manageable),
    (CleanFailed, Manageable),
    (Error, Deleting),
];

impl Provision {
    /// Whether Ironic's machine has this edge.
    #[must_use]
    pub fn may_become(self, next: Provision) -> bool {
        EDGES.contains(&(self, next))
    }

    /// Ironic's own word for the state.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Enroll => "enroll",
            Manageable => "manageable",
            Available => "available",
            Deploying => "deploying",
            Active => "active",
            Rescuing => "rescuing",
            Rescue => "rescue",
            Unrescuing => "unrescuing",
            Deleting => "deleting",
            Cleaning => "cleaning",
            CleanFailed => "clean failed",
            DeployFailed => "deploy failed",
            Error => "error",
        }
    }
}
