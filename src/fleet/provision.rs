//! Ironic's provision states, folded to those that a fleet's life needs; the legal edges are read
//! off the full table of `ironic::machine`.

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

use super::ironic::State;
use super::ironic::machine;
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

/// The state that each of Ironic's is folded into, in the order of their numbers; none where no
/// node of a simulated fleet ever is. A failed rescue is folded into the rescue: the same verbs
/// lead out of both.
const FOLDS: [Option<Provision>; 30] = {
    let mut folds = [None; 30];
    let mut at = 0;
    while at < 30 {
        folds[at] = fold(machine::STATES[at]);
        at += 1;
    }
    folds
};

const fn fold(state: State) -> Option<Provision> {
    match state {
        State::Enroll | State::Verifying => Some(Enroll),
        State::Manageable => Some(Manageable),
        State::Available => Some(Available),
        State::Deploying | State::DeployWait | State::DeployHold => Some(Deploying),
        State::Active => Some(Active),
        State::Rescuing | State::RescueWait => Some(Rescuing),
        State::Rescue | State::RescueFailed => Some(Rescue),
        State::Unrescuing => Some(Unrescuing),
        State::Deleting => Some(Deleting),
        State::Cleaning | State::CleanWait | State::CleanHold => Some(Cleaning),
        State::CleanFailed => Some(CleanFailed),
        State::DeployFailed => Some(DeployFailed),
        State::Error => Some(Error),
        State::Inspecting
        | State::InspectWait
        | State::InspectFailed
        | State::Adopting
        | State::AdoptFailed
        | State::UnrescueFailed
        | State::Servicing
        | State::ServiceWait
        | State::ServiceHold
        | State::ServiceFailed => None,
    }
}

/// Per state, one bit for each state that Ironic's table leads to from it or from a state that is
/// folded into it. A node's removal, which deletes its record and is no transition, is written as
/// manageable -> enroll (`verbs::MAY_BE_DESTROYED`).
const EDGES: [u16; 13] = {
    let mut edges = [0; 13];
    let mut at = 0;
    while at < machine::TRANSITIONS.len() {
        let (from, _, to) = machine::TRANSITIONS[at];
        if let (Some(from), Some(to)) = (FOLDS[from as usize], FOLDS[to as usize]) {
            edges[from as usize] |= 1 << to as u16;
        }
        at += 1;
    }
    edges[Manageable as usize] |= 1 << Enroll as u16;
    edges
};

impl Provision {
    /// Whether Ironic's table leads from this state to that one, with nothing between them but
    /// states that are folded into one of the two.
    #[must_use]
    pub const fn may_become(self, next: Provision) -> bool {
        self as usize != next as usize && EDGES[self as usize] & 1 << next as u16 != 0
    }

    /// The state that one of Ironic's is folded into; none where no simulated node ever is.
    #[must_use]
    pub const fn of(state: State) -> Option<Provision> {
        FOLDS[state as usize]
    }

    /// The state of Ironic's that gives this one its name.
    #[must_use]
    pub const fn ironic(self) -> State {
        match self {
            Enroll => State::Enroll,
            Manageable => State::Manageable,
            Available => State::Available,
            Deploying => State::Deploying,
            Active => State::Active,
            Rescuing => State::Rescuing,
            Rescue => State::Rescue,
            Unrescuing => State::Unrescuing,
            Deleting => State::Deleting,
            Cleaning => State::Cleaning,
            CleanFailed => State::CleanFailed,
            DeployFailed => State::DeployFailed,
            Error => State::Error,
        }
    }

    /// Ironic's own word for the state.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.ironic().name()
    }
}

#[cfg(test)]
mod tests {
    use super::super::ironic::verbs::{self, After, Facts, Operation};
    use super::*;

    /// Whether Ironic's table leads from `at` to `end` through states that rest nowhere: every one
    /// between is folded into one of the two ends and is not an end itself.
    fn walks(at: State, end: State, ends: [Provision; 2], seen: &mut Vec<State>) -> bool {
        seen.push(at);
        machine::TRANSITIONS.iter().any(|&(from, _, to)| {
            let between = Provision::of(to).is_some_and(|folded| ends.contains(&folded)) && !to.stable();
            from == at && (to == end || (between && !seen.contains(&to) && walks(to, end, ends, seen)))
        })
    }

    #[test]
    fn every_edge_is_a_path_of_the_full_table_with_only_waiting_states_between() {
        let mut edges = 0;
        for from in STATES {
            for to in STATES.into_iter().filter(|&to| from.may_become(to)) {
                edges += 1;
                if (from, to) == (Manageable, Enroll) {
                    let facts = Facts::of(State::Manageable);
                    assert_eq!(verbs::ask(Operation::Destroy, facts), Ok(After::Gone));
                    continue;
                }
                let path = walks(from.ironic(), to.ironic(), [from, to], &mut Vec::new());
                assert!(path, "{} -> {}", from.name(), to.name());
            }
        }
        assert_eq!(edges, 27);
    }

    #[test]
    fn what_the_table_does_not_lead_to_is_no_edge() {
        for (from, to) in [
            (Available, Active),
            (Available, Cleaning),
            (Active, Available),
            (CleanFailed, Available),
            (Unrescuing, Deleting),
            (Enroll, Available),
            (Active, Active),
        ] {
            assert!(!from.may_become(to), "{} -> {}", from.name(), to.name());
        }
    }

    #[test]
    fn a_state_is_folded_into_the_one_that_it_is_named_after() {
        for (at, state) in STATES.into_iter().enumerate() {
            assert_eq!((state as usize, Provision::of(state.ironic())), (at, Some(state)));
        }
    }
}
