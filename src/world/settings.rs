//! What a scenario says of the control plane's loop, of Ironic and of the operators.

use crate::fleet::RackId;
use crate::kernel::{Clock, Hours, Law, Span};

/// How a node's facts reach the scheduler's view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loop {
    /// The spacing of the compute service's passes.
    pub period: Span,
    /// The time that a pass spends on each node.
    pub per_node: Span,
    /// How much later than its boundary a pass may be due, in millionths of the spacing.
    pub jitter: u32,
    /// How many nodes a pass works on at a time.
    pub workers: u32,
}

/// Ironic's times and odds.
#[derive(Clone, Debug)]
pub struct Ironic {
    /// From claim to active.
    pub deploy: Law,
    /// Automated cleaning.
    pub cleaning: Law,
    /// Booting the rescue image, and booting back.
    pub rescue: Law,
    /// How long a build takes to fail.
    pub build_failure_time: Law,
    /// The probability that a build fails on a healthy node.
    pub build_failure: f64,
    /// The probability that a clean fails.
    pub clean_failure: f64,
    /// How long from a power failure until Ironic sets flag and fault; none: until its loop has
    /// failed 4 times, 120 s apart.
    pub power_detection: Option<Span>,
    /// The period of the check that clears the flag of a node whose power is back.
    pub power_recovery: Span,
    /// Whether what waits for an agent goes on waiting in maintenance; else it fails there.
    pub allow_provisioning_in_maintenance: bool,
    /// The patched Ironic in which deploy and rescue work under the flag.
    pub deploy_in_maintenance: bool,
    /// Whether deploys, cleans and rescues wait for an agent; else Ironic holds its lock throughout.
    pub agent: bool,
    /// `[conductor] automated_clean`: whether a node is cleaned after its tenant.
    pub automated_clean: bool,
    /// Whether each reason for maintenance is a hold of its own; else there is one flag.
    pub typed_holds: bool,
}

/// Skills that are no kinds of fault: what else needs hands.
pub const OTHER_SKILLS: [&str; 3] = ["spell", "campaign", "clean"];

/// Technicians with hours, racks and skills of their own.
#[derive(Clone, Debug, PartialEq)]
pub struct Crew {
    /// How many they are.
    pub technicians: u32,
    /// When they begin work; none: at any hour. Begun work is finished.
    pub hours: Option<Hours>,
    /// The racks that are theirs; empty: all.
    pub racks: Vec<RackId>,
    /// The kinds of fault that they can repair, and `spell`, `campaign`, `clean`; empty: everything.
    pub skills: Vec<String>,
}

impl Crew {
    /// Whether work of this kind in this rack is theirs.
    #[must_use]
    pub fn may(&self, rack: RackId, skill: &str) -> bool {
        (self.racks.is_empty() || self.racks.contains(&rack))
            && (self.skills.is_empty() || self.skills.iter().any(|known| known == skill))
    }
}

/// The operators.
#[derive(Clone, Debug)]
pub struct Operators {
    /// Technicians in crews; where there are any, `technicians` and `shift` are not looked at.
    pub crews: Vec<Crew>,
    /// How many technicians; none: always one free.
    pub technicians: Option<u32>,
    /// When technicians begin work; none: at any hour. Begun work is finished.
    pub shift: Option<Hours>,
    /// The time until a human has done one step.
    pub action: Law,
    /// The probability that a human forgets a step of a return.
    pub slip: f64,
    /// The probability that a human who has ended his work takes flag or mark off although others are still at the
    /// node.
    pub slip_flag: f64,
    /// Of forgotten returns of an owned node, the share that goes to the wrong pool.
    pub wrong_pool: f64,
    /// How often an audit finds what was forgotten; none: never.
    pub audit: Option<Span>,
    /// How long an operator waits before a refused boot is tried again.
    pub retry: Span,
    /// How long after the boot of a wrong machine the operator sees that it is wrong.
    pub notice_wrong: Span,
}

/// Everything that the world needs to know beside fleet, tape, strategy and scheduler.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The compute services' loop; none: the view is never stale.
    pub sync: Option<Loop>,
    /// How long a driver needs to refuse a node right after its claim.
    pub driver_refusal: Law,
    /// Ironic.
    pub ironic: Ironic,
    /// The operators.
    pub operators: Operators,
    /// The clocks of the scenario's time zone.
    pub clock: Clock,
}

#[cfg(test)]
impl Ironic {
    /// Of no effect, as far as that can be.
    pub fn bare() -> Self {
        Ironic {
            deploy: Law::Fixed(Span::ZERO),
            cleaning: Law::Fixed(Span::ZERO),
            rescue: Law::Fixed(Span::secs(300)),
            build_failure_time: Law::Fixed(Span::secs(300)),
            build_failure: 0.0,
            clean_failure: 0.0,
            power_detection: None,
            power_recovery: crate::fleet::ironic::PowerSync::RECOVERY,
            allow_provisioning_in_maintenance: true,
            deploy_in_maintenance: false,
            agent: true,
            automated_clean: true,
            typed_holds: false,
        }
    }
}

#[cfg(test)]
impl Operators {
    /// Of no effect, as far as that can be.
    pub fn bare() -> Self {
        Operators {
            crews: Vec::new(),
            technicians: None,
            shift: None,
            action: Law::Fixed(Span::ZERO),
            slip: 0.0,
            slip_flag: 0.0,
            wrong_pool: 0.0,
            audit: None,
            retry: Span::secs(60),
            notice_wrong: Span::secs(300),
        }
    }
}

#[cfg(test)]
impl Settings {
    /// Of no effect, as far as that can be.
    pub fn bare() -> Self {
        Settings {
            sync: None,
            driver_refusal: Law::Fixed(Span(600)),
            ironic: Ironic::bare(),
            operators: Operators::bare(),
            clock: Clock::default(),
        }
    }
}
