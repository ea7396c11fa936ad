//! What Ironic does to the maintenance flag by itself: the power sync and its recovery, and
//! failures of what was under way (ironic 39.0 `conductor/manager.py:1710, 1861, 4524-4680`).

use super::machine::State;
use crate::kernel::{Span, Time};

/// Why Ironic itself set the maintenance flag. Whoever clears the flag clears the fault with it; an
/// operator who sets a flag that is set already leaves the fault as it is, and what fails under an operator's flag
/// sets its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Fault {
    /// The power sync gave up.
    PowerFailure,
    /// A step of cleaning failed.
    CleanFailure,
    /// After an aborted rescue the network could not be put back.
    RescueAbortFailure,
    /// A step of servicing failed.
    ServiceFailure,
}

/// What failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailedWork {
    /// Cleaning, while a step was being run.
    CleanStep,
    /// Cleaning, before its first step.
    CleanBeforeSteps,
    /// A deploy.
    Deploy,
    /// A rescue.
    Rescue,
    /// The cleaning up after a rescue that was aborted.
    RescueAbort,
    /// Servicing, while a step was being run.
    ServiceStep,
    /// Servicing, before its first step.
    ServiceBeforeSteps,
}

impl Fault {
    /// All, in the order of their numbers.
    pub const ALL: [Fault; 4] = [
        Fault::PowerFailure,
        Fault::CleanFailure,
        Fault::RescueAbortFailure,
        Fault::ServiceFailure,
    ];

    /// Ironic's own word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Fault::PowerFailure => "power failure",
            Fault::CleanFailure => "clean failure",
            Fault::RescueAbortFailure => "rescue abort failure",
            Fault::ServiceFailure => "service failure",
        }
    }

    /// Whether Ironic clears it by itself once the cause is gone.
    #[must_use]
    pub const fn recovers(self) -> bool {
        matches!(self, Fault::PowerFailure)
    }
}

impl FailedWork {
    /// The state that it leaves the node in.
    #[must_use]
    pub const fn state(self) -> State {
        match self {
            FailedWork::CleanStep | FailedWork::CleanBeforeSteps => State::CleanFailed,
            FailedWork::Deploy => State::DeployFailed,
            FailedWork::Rescue | FailedWork::RescueAbort => State::RescueFailed,
            FailedWork::ServiceStep | FailedWork::ServiceBeforeSteps => State::ServiceFailed,
        }
    }

    /// The fault for which it sets the maintenance flag, if it sets it.
    #[must_use]
    pub const fn fault(self) -> Option<Fault> {
        match self {
            FailedWork::CleanStep => Some(Fault::CleanFailure),
            FailedWork::RescueAbort => Some(Fault::RescueAbortFailure),
            FailedWork::ServiceStep => Some(Fault::ServiceFailure),
            FailedWork::CleanBeforeSteps | FailedWork::ServiceBeforeSteps | FailedWork::Deploy | FailedWork::Rescue => {
                None
            }
        }
    }
}

/// The loop that compares the power state that Ironic holds with the machine's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PowerSync {
    /// Failed syncs in a row so far.
    failed: u8,
}

impl PowerSync {
    /// `[conductor] sync_power_state_interval`.
    pub const INTERVAL: Span = Span::secs(120);
    /// `[conductor] power_state_sync_max_retries`; one failure more gives up.
    pub const MAX_RETRIES: u8 = 3;
    /// `[conductor] power_failure_recovery_interval`.
    pub const RECOVERY: Span = Span::secs(300);

    /// Before the first failure.
    #[must_use]
    pub const fn new() -> PowerSync {
        PowerSync { failed: 0 }
    }

    /// Whether nodes in this state are synced: not those that wait for an agent to deploy or to clean, nor those
    /// that Ironic does not manage yet.
    #[must_use]
    pub const fn looks_at(state: State) -> bool {
        !matches!(
            state,
            State::Enroll | State::AdoptFailed | State::DeployWait | State::CleanWait
        )
    }

    /// Another sync has failed; true when the conductor gives up.
    pub fn fails(&mut self) -> bool {
        self.failed = self.failed.saturating_add(1);
        self.failed > Self::MAX_RETRIES
    }

    /// The fault for which the conductor sets the flag when it gives up; none when somebody else's
    /// flag is on the node already, which is not taken over (nodes in maintenance are not synced).
    /// The power state is unknown from then on, the provision state stays.
    #[must_use]
    pub const fn gives_up(maintenance: bool) -> Option<Fault> {
        if maintenance { None } else { Some(Fault::PowerFailure) }
    }

    /// Whether the recovery check clears the flag of a node whose power is back.
    #[must_use]
    pub fn recovery_clears(maintenance: bool, fault: Option<Fault>) -> bool {
        maintenance && fault.is_some_and(Fault::recovers)
    }

    /// The first tick after `now` of a loop that ticks every `interval` from `phase` on.
    #[must_use]
    pub fn next_tick(now: Time, phase: Time, interval: Span) -> Time {
        let interval = interval.0.max(1);
        let phase = phase.0 % interval;
        let past = (now.0 + interval - phase) % interval;
        Time(now.0 + interval - past)
    }
}

impl Default for PowerSync {
    fn default() -> Self {
        PowerSync::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the failure to the flag: the next tick and three more, so 360 to 480 s.
    #[test]
    fn the_sync_gives_up_between_360_and_480_seconds_after_the_power_has_gone() {
        let mut spans = Vec::new();
        for phase in [0, 1, 60_000, 119_999] {
            for dead_at in [0, 1, 59_999, 119_999, 120_000, 1_000_003] {
                let (mut sync, mut now) = (PowerSync::new(), Time(dead_at));
                loop {
                    now = PowerSync::next_tick(now, Time(phase), PowerSync::INTERVAL);
                    assert_eq!(now.0 % 120_000, phase % 120_000);
                    if sync.fails() {
                        break;
                    }
                }
                spans.push(now.0 - dead_at);
            }
        }
        assert!(spans.iter().all(|span| (360_001..=480_000).contains(span)), "{spans:?}");
        assert!(spans.contains(&480_000) && spans.contains(&360_001));
    }

    #[test]
    fn only_a_power_failure_recovers() {
        for (maintenance, fault, clears) in [
            (true, Some(Fault::PowerFailure), true),
            (true, Some(Fault::CleanFailure), false),
            (true, Some(Fault::RescueAbortFailure), false),
            (true, Some(Fault::ServiceFailure), false),
            (true, None, false),
            (false, None, false),
        ] {
            assert_eq!(PowerSync::recovery_clears(maintenance, fault), clears);
        }
    }
}
