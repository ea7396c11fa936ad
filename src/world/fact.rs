//! What has happened: past-tense facts, told to observers as they occur.

use std::ops::Deref;

use super::plane::calendar::Calendar;
use super::standing::Standing;
use crate::fleet::{Fleet, NodeId, RequestId, WindowId};
use crate::kernel::{Digest, Span, Time};
use crate::scheduler::{Ask, Usage};
use crate::view::View;
use crate::workload::{ErrandId, JobId, Request, Requests, Tape};

/// Why a request was refused for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Cause {
    /// Too few machines of the class were free, even with those in maintenance and other tenants'.
    ClassFull = 0,
    /// Enough were free, counting those that were idle in maintenance.
    OnlyHidden = 1,
    /// Enough were free, but they were other tenants'.
    OtherTenants = 2,
    /// Enough were free, but too few of them survived the candidate cap.
    CandidateCap = 3,
    /// The tenant's quota.
    Quota = 4,
    /// Free nodes were not yet seen as free, or the last build's node was taken out of service under it.
    StaleView = 5,
    /// No build succeeded, and the last one failed by chance, on sound hardware.
    BuildChance = 6,
    /// Enough were free, but they lack what the request asks for: traits, capabilities, a zone.
    NoMatch = 7,
    /// No build succeeded, and the last one failed on broken hardware.
    BrokenHardware = 8,
    /// No build succeeded, and the driver refused the last one: the node was not what the view said.
    DriverRefused = 9,
    /// No fleet to come could hold the request, nor could the tenant's quota.
    NeverFits = 10,
    /// Somebody who came earlier waits in a strict line.
    Line = 11,
}

/// All causes, in the order of their numbers, with their names in output files.
pub const CAUSES: [(Cause, &str); 12] = [
    (Cause::ClassFull, "class-full"),
    (Cause::OnlyHidden, "only-hidden"),
    (Cause::OtherTenants, "other-tenants"),
    (Cause::CandidateCap, "candidate-cap"),
    (Cause::Quota, "quota"),
    (Cause::StaleView, "stale-view"),
    (Cause::BuildChance, "build-chance"),
    (Cause::NoMatch, "no-match"),
    (Cause::BrokenHardware, "broken-hardware"),
    (Cause::DriverRefused, "driver-refused"),
    (Cause::NeverFits, "never-fits"),
    (Cause::Line, "line"),
];

impl Cause {
    /// Whether a decision was made and its builds failed.
    #[must_use]
    pub fn is_of_builds(self) -> bool {
        matches!(self, Cause::BuildChance | Cause::BrokenHardware | Cause::DriverRefused)
    }
}

/// Why a build failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum BuildError {
    /// The driver re-read the node and found it unavailable: the view was stale.
    Unavailable = 0,
    /// The hardware was broken.
    Broken = 1,
    /// A build failed on healthy hardware.
    Chance = 2,
    /// The node was withdrawn or failed during the deploy.
    Withdrawn = 3,
    /// nova-compute looked once more, and others of the request's server group were where they keep it off.
    GroupPolicy = 4,
}

impl BuildError {
    /// Whether the claim is lost at once, before anything is done to the node.
    #[must_use]
    #[inline]
    pub fn loses_claim(self) -> bool {
        matches!(self, BuildError::Unavailable | BuildError::GroupPolicy)
    }
}

/// What was done for a maintenance: the same kinds under every strategy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Deed {
    /// A step on entry: flag, mark, move.
    Entry = 0,
    /// A step on return.
    Return = 1,
    /// A boot through Nova, again and again where it is refused.
    Boot = 2,
    /// A deploy by hand.
    ByHand = 3,
}

/// How an errand ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ErrandEnd {
    /// The image ran for its time on the right node.
    Done = 0,
    /// Its window ended before it had run.
    Unserved = 1,
    /// It was cut off by the end of its window.
    Cut = 2,
}

/// Something that has happened. Requests, windows and errands are named by their places on the
/// tape or among the run's windows.
#[expect(missing_docs, reason = "the fields are the ids that the variant's own line names")]
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fact {
    /// A request was asked for (and is decided now).
    Arrived { request: RequestId },
    /// A decision was made: so many candidates were looked at, and whether the cap cut some off.
    Decided {
        request: RequestId,
        examined: u32,
        capped: bool,
    },
    /// A refused request stays in line, or will ask again.
    Waits { request: RequestId, cause: Cause },
    /// The request is refused for good.
    Refused { request: RequestId, cause: Cause },
    /// A node was claimed for an automatic request.
    Claimed {
        request: RequestId,
        node: NodeId,
        attempt: u8,
    },
    /// A claim was lost: the node, or the server group on its service, was not what the view said.
    Conflict { request: RequestId, node: NodeId },
    /// A build failed.
    BuildFailed {
        request: RequestId,
        node: NodeId,
        error: BuildError,
    },
    /// An instance became active.
    Active { request: RequestId, node: NodeId },
    /// A machine of a request for several was decided and no attempt of its build is left.
    SiblingLost { request: RequestId },
    /// The request was decided, its builds are over, and at least one instance became active.
    Accepted { request: RequestId },
    /// An instance left its node by its own will.
    Released { request: RequestId, node: NodeId },
    /// An operator evicted an instance.
    Evicted { request: RequestId, node: NodeId },
    /// A fault ended an instance, or a broken node failed its tenant.
    Interrupted { request: RequestId, node: NodeId },
    /// A tenant became active on a node in maintenance, or on another tenant's.
    Breach { request: RequestId, node: NodeId },
    /// An automatic claim was sent to a node in maintenance.
    Misplaced { request: RequestId, node: NodeId },
    /// A tenant's rescue began.
    RescueBegan { request: RequestId, node: NodeId },
    /// A tenant's rescue (or the boot back from it) was refused under Ironic's flag.
    RescueRefused { request: RequestId, node: NodeId },
    /// A tenant's rescue (or the boot back from it) was refused after Nova had agreed to it: the instance stands in ERROR
    /// until its tenant reboots it.
    RescueErrored { request: RequestId, node: NodeId },
    /// A tenant's rescue ended.
    RescueEnded { request: RequestId, node: NodeId },
    /// A node's standing changed.
    Stood { node: NodeId, from: Standing, to: Standing },
    /// Hardware broke.
    Broke { node: NodeId, kind: u16 },
    /// A window opened: somebody wants the node for maintenance. Its job is told by its index on the tape; the jobs of
    /// failed cleans, made during the run, come after all of those.
    WindowOpened { window: WindowId, node: NodeId, job: JobId },
    /// All steps of the entry are done.
    Hidden { node: NodeId },
    /// No tenant is on the node any more: work may begin.
    InHand { window: WindowId, node: NodeId },
    /// A stretch of waiting for a technician's hands is over: one has come, or the work waits for something else now.
    HandsAwaited {
        window: WindowId,
        node: NodeId,
        waited: Span,
    },
    /// A technician began hands-on work, after having been waited for so long in all.
    WorkBegan {
        window: WindowId,
        node: NodeId,
        waited: Span,
    },
    /// Hands-on work is done.
    WorkDone { window: WindowId, node: NodeId },
    /// Hands-on work ends undone: the node leaves the fleet.
    WorkCut { window: WindowId, node: NodeId },
    /// The window is over: its hold is released.
    WindowClosed { window: WindowId, node: NodeId },
    /// All steps of the return are done: the node is back.
    Returned { node: NodeId },
    /// Something was done for a maintenance.
    Action { node: NodeId, human: bool, deed: Deed },
    /// A human forgot a step of a return.
    Slipped { node: NodeId },
    /// An audit found a forgotten step and did it.
    Audited { node: NodeId },
    /// An errand is needed.
    ErrandNeeded {
        window: WindowId,
        errand: ErrandId,
        node: NodeId,
    },
    /// The scheduler is asked to boot its image: `Sight::errand` has the ask.
    ErrandAsked {
        window: WindowId,
        errand: ErrandId,
        node: NodeId,
    },
    /// Its boot was refused; it is tried again.
    ErrandRefused {
        window: WindowId,
        errand: ErrandId,
        node: NodeId,
    },
    /// Its boot's build failed.
    BootFailed {
        window: WindowId,
        errand: ErrandId,
        node: NodeId,
        error: BuildError,
    },
    /// Its image was deployed onto the wrong node.
    Mistargeted {
        window: WindowId,
        errand: ErrandId,
        node: NodeId,
    },
    /// Its image runs on the right node.
    ErrandRuns {
        window: WindowId,
        errand: ErrandId,
        node: NodeId,
    },
    /// It ended.
    ErrandEnded {
        window: WindowId,
        errand: ErrandId,
        node: NodeId,
        end: ErrandEnd,
    },
    /// The compute service's loop brought a node's facts to the view, so old.
    Published { node: NodeId, age: Span },
    /// The operators' lease ended before the work was done.
    LeaseExpired { window: WindowId, node: NodeId },
    /// The operators' lease of a node began, so long after it was wanted.
    LeaseBegan { node: NodeId, waited: Span },
    /// A lease to come was moved to this node, out of the way of the operators'.
    LeaseHealed { request: RequestId, node: NodeId },
    /// A lease to come lost this node to the operators', and no other was free.
    LeaseDegraded { request: RequestId, node: NodeId },
    /// The run is over.
    Ended,
}

/// What is true in a run, as far as observers are concerned: the control plane owns it and changes it.
#[derive(Debug)]
pub struct Truth<'a> {
    /// The fleet.
    pub fleet: Fleet,
    /// The scheduler's view of it.
    pub view: View,
    /// The tape.
    pub tape: &'a Tape,
    /// The requests that have arrived and are not over.
    pub requests: Requests,
    /// The machines that tenants have, where there is a quota.
    pub usage: Usage,
    /// Who has leased which node when, where leases are kept.
    pub calendar: Calendar,
    /// What the scheduler was last asked on an errand's behalf.
    pub errand: Option<Ask>,
}

impl Truth<'_> {
    /// A request that has arrived and is not over: a fact may speak of it.
    ///
    /// # Panics
    /// When there is none.
    #[inline(always)]
    #[must_use]
    pub fn request(&self, request: RequestId) -> Request {
        self.requests.request(request)
    }

    /// The same, if there is one.
    #[inline(always)]
    #[must_use]
    pub fn find(&self, request: RequestId) -> Option<Request> {
        self.requests.find(request)
    }

    /// The request's name.
    #[must_use]
    pub fn request_name(&self, request: RequestId) -> String {
        self.requests.name(request)
    }
}

/// What observers may look at: all that is true, to read.
#[derive(Clone, Copy, Debug)]
pub struct Sight<'a>(&'a Truth<'a>);

impl<'a> Sight<'a> {
    /// The sight of what is true.
    #[inline(always)]
    #[must_use]
    pub fn of(truth: &'a Truth<'a>) -> Sight<'a> {
        Sight(truth)
    }
}

impl<'a> Deref for Sight<'a> {
    type Target = Truth<'a>;

    #[inline(always)]
    fn deref(&self) -> &Truth<'a> {
        self.0
    }
}

/// Somebody who is told every fact. Tuples of observers are observers.
pub trait Observer {
    /// Is told one fact. The world may be halfway through an event.
    fn told(&mut self, at: Time, fact: &Fact, sight: &Sight<'_>);

    /// An event is over: what is in sight is whole.
    #[inline(always)]
    fn rested(&mut self, _at: Time, _sight: &Sight<'_>) {}
}

impl Observer for () {
    #[inline(always)]
    fn told(&mut self, _at: Time, _fact: &Fact, _sight: &Sight<'_>) {}
}

impl<A: Observer, B: Observer> Observer for (A, B) {
    #[inline(always)]
    fn told(&mut self, at: Time, fact: &Fact, sight: &Sight<'_>) {
        self.0.told(at, fact, sight);
        self.1.told(at, fact, sight);
    }

    #[inline(always)]
    fn rested(&mut self, at: Time, sight: &Sight<'_>) {
        self.0.rested(at, sight);
        self.1.rested(at, sight);
    }
}

impl<A: Observer> Observer for Option<A> {
    #[inline(always)]
    fn told(&mut self, at: Time, fact: &Fact, sight: &Sight<'_>) {
        if let Some(observer) = self {
            // A copy: a fact whose address goes nowhere stays in registers for the other observers.
            let fact = *fact;
            observer.told(at, &fact, sight);
        }
    }

    #[inline(always)]
    fn rested(&mut self, at: Time, sight: &Sight<'_>) {
        if let Some(observer) = self {
            observer.rested(at, sight);
        }
    }
}

/// The facts' half of the trajectory digest.
impl Observer for Digest {
    #[inline(always)]
    fn told(&mut self, at: Time, fact: &Fact, _sight: &Sight<'_>) {
        let (a, b) = fact.words();
        self.stamp(at, a, b);
    }
}

impl Fact {
    /// The request that the fact is about, if it is about one.
    #[must_use]
    pub fn request(&self) -> Option<RequestId> {
        match *self {
            Fact::Arrived { request }
            | Fact::Decided { request, .. }
            | Fact::Waits { request, .. }
            | Fact::SiblingLost { request }
            | Fact::Refused { request, .. }
            | Fact::Claimed { request, .. }
            | Fact::Conflict { request, .. }
            | Fact::BuildFailed { request, .. }
            | Fact::Active { request, .. }
            | Fact::Accepted { request }
            | Fact::Released { request, .. }
            | Fact::Evicted { request, .. }
            | Fact::Interrupted { request, .. }
            | Fact::Breach { request, .. }
            | Fact::Misplaced { request, .. }
            | Fact::RescueBegan { request, .. }
            | Fact::RescueRefused { request, .. }
            | Fact::RescueErrored { request, .. }
            | Fact::RescueEnded { request, .. } => Some(request),
            _ => None,
        }
    }

    /// Two words that identify the fact in the trajectory digest.
    #[must_use]
    #[inline(always)]
    pub fn words(&self) -> (u64, u64) {
        let pair = |tag: u64, a: u32, b: NodeId| (tag, u64::from(a) << 32 | u64::from(b.0));
        let errand = |tag: u64, window: WindowId, errand: ErrandId, node: NodeId| {
            (
                tag | u64::from(errand.0) << 8,
                u64::from(window.0) << 32 | u64::from(node.0),
            )
        };
        match *self {
            Fact::Arrived { request } => (1, u64::from(request.0)),
            Fact::Decided {
                request,
                examined,
                capped,
            } => (
                2 | u64::from(capped) << 8,
                u64::from(request.0) << 32 | u64::from(examined),
            ),
            Fact::Waits { request, cause } => (3 | (cause as u64) << 8, u64::from(request.0)),
            Fact::Refused { request, cause } => (4 | (cause as u64) << 8, u64::from(request.0)),
            Fact::Claimed { request, node, attempt } => pair(5 | u64::from(attempt) << 8, request.0, node),
            Fact::Conflict { request, node } => pair(6, request.0, node),
            Fact::BuildFailed { request, node, error } => pair(7 | (error as u64) << 8, request.0, node),
            Fact::Active { request, node } => pair(8, request.0, node),
            Fact::Accepted { request } => (9, u64::from(request.0)),
            Fact::Released { request, node } => pair(10, request.0, node),
            Fact::Evicted { request, node } => pair(11, request.0, node),
            Fact::Interrupted { request, node } => pair(12, request.0, node),
            Fact::Breach { request, node } => pair(13, request.0, node),
            Fact::Misplaced { request, node } => pair(14, request.0, node),
            Fact::RescueBegan { request, node } => pair(15, request.0, node),
            Fact::RescueRefused { request, node } => pair(16, request.0, node),
            Fact::RescueErrored { request, node } => pair(45, request.0, node),
            Fact::RescueEnded { request, node } => pair(17, request.0, node),
            Fact::Stood { node, to, .. } => (18 | u64::from(to.word()) << 8, u64::from(node.0)),
            Fact::Broke { node, kind } => pair(19, u32::from(kind), node),
            Fact::WindowOpened { window, node, .. } => pair(20, window.0, node),
            Fact::Hidden { node } => (21, u64::from(node.0)),
            Fact::InHand { window, node } => pair(22, window.0, node),
            Fact::WorkBegan { window, node, waited } => {
                let (tag, both) = pair(23, window.0, node);
                (tag | waited.0 << 8, both)
            }
            Fact::HandsAwaited { window, node, waited } => {
                let (tag, both) = pair(46, window.0, node);
                (tag | waited.0 << 8, both)
            }
            Fact::WorkDone { window, node } => pair(24, window.0, node),
            Fact::WindowClosed { window, node } => pair(25, window.0, node),
            Fact::Returned { node } => (26, u64::from(node.0)),
            Fact::Action { node, human, deed } => pair(27, u32::from(human) | (deed as u32) << 1, node),
            Fact::Slipped { node } => (28, u64::from(node.0)),
            Fact::Audited { node } => (29, u64::from(node.0)),
            Fact::ErrandNeeded {
                window,
                errand: e,
                node,
            } => errand(30, window, e, node),
            Fact::ErrandRefused {
                window,
                errand: e,
                node,
            } => errand(31, window, e, node),
            Fact::Mistargeted {
                window,
                errand: e,
                node,
            } => errand(32, window, e, node),
            Fact::ErrandRuns {
                window,
                errand: e,
                node,
            } => errand(33, window, e, node),
            Fact::ErrandEnded {
                window,
                errand: e,
                node,
                end,
            } => {
                let (tag, both) = errand(34, window, e, node);
                (tag | (end as u64) << 24, both)
            }
            Fact::ErrandAsked {
                window,
                errand: e,
                node,
            } => errand(44, window, e, node),
            Fact::Published { node, age } => (35 | age.0 << 8, u64::from(node.0)),
            Fact::LeaseExpired { window, node } => pair(36, window.0, node),
            Fact::Ended => (37, 0),
            Fact::LeaseBegan { node, waited } => (38 | waited.0 << 8, u64::from(node.0)),
            Fact::LeaseHealed { request, node } => pair(39, request.0, node),
            Fact::LeaseDegraded { request, node } => pair(40, request.0, node),
            Fact::SiblingLost { request } => (41, u64::from(request.0)),
            Fact::WorkCut { window, node } => pair(42, window.0, node),
            Fact::BootFailed {
                window,
                errand: e,
                node,
                error,
            } => {
                let (tag, both) = pair(43, window.0, node);
                (tag | u64::from(e.0) << 8 | (error as u64) << 24, both)
            }
        }
    }
}
