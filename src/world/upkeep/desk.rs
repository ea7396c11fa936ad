//! What the operators keep on paper: per node its course, per window its progress. These are the state machines of a node
//! under maintenance; which state leads to which stands at each of them (`leads_to`) and is held in every debug build.
//!
//! ```text
//! Course, a node's     Open ─ a window opens ─► Entering(step) ─ last step ─► Hidden ─ last window ─► Returning(step) ─► Open
//!                        ▲                         ▲   │                        │      closes              │
//!                        │                         └───┼── a window opens ──────┼──────────────────────────┘
//!                        └──── its lease never began ──┴── flag or mark is taken off too early (bared), or the node leaves
//!
//! Phase, a window's    Draining ─ hidden, nobody on it ─► InHand ─ no task is left ─► Done ─► Closed
//!                         └──────── the node is retired ─────────────────────────────▲
//!
//! Hands, of a window   Idle ─ due ─► Queued ─ a technician ─► Working ─► Idle
//!                                     │  ▲
//!                                     ▼  └── the hours have come, the node is free
//!                                    Shut, Blocked
//!
//! ErrandStage          Idle ─ boot ─► Trying ─ accepted ─► Deploying ─ active ─► Running ─ time is up ─► Leaving ─► Idle
//!                       │              │ ▲ │                │    └─ on a wrong node, seen ─► Trying       ▲   │       ▲
//!                       │              │ │ └─ refused ─► Trying                                           │   ▼       │
//!                       │              │ │                  ▼ bound to fail                               │ Flagging ─┘
//!                       │     Blocked ◄┘ └─ again ────── Failing ─ given up ──────────────────────────────┘
//!                       │     Lifting (a human clears the flag) ─► Blocked ─ idle again ─► Trying, ByHand
//!                       ├─ by hand ─► ByHand ─ deployed ─► Running
//!                       └─ all is done ─► Clearing (a human clears what Ironic set for a failed clean) ─► Idle
//!
//! RescueStage          Ahead ─► Booting ─► Working ─► Back ─► Ahead
//! ```

use crate::fleet::ironic::PowerSync;
use crate::fleet::{Hold, Mark, NodeId, WindowId};
use crate::kernel::{Span, Time};
use crate::scheduler::Spec;
use crate::strategy::{Act, Step};
use crate::workload::{Drain, ErrandId, JobId};
use std::collections::BTreeMap;
use std::ops::{Index, IndexMut};

/// Where a node is on its way out of service and back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Course {
    /// In service.
    #[default]
    Open,
    /// The steps of the entry are being done; this one is next.
    Entering(usize),
    /// All steps of the entry are done.
    Hidden,
    /// The steps of the return are being done; this one is next.
    Returning(usize),
}

/// A node's sheet on the operators' desk.
#[derive(Clone, Debug, Default)]
pub struct Desk {
    /// Where it is.
    pub course: Course,
    /// The steps of the entry or return under way.
    pub steps: Vec<Step>,
    /// Voids steps that were scheduled for an earlier course.
    pub turn: u32,
    /// Windows open on it.
    pub windows: Vec<WindowId>,
    /// Luck and latency of the steps come from this job.
    pub job: JobId,
    /// Whether the steps cost no time: the recorded spell says when they were done.
    pub recorded: bool,
    /// Whether those of the entry cost none for another reason: the operators are at it already.
    pub at_once: bool,
    /// Whether the entry waits for the operators' lease to begin.
    pub lease_waits: bool,
    /// Whether the step that is next waits for Ironic's lock.
    pub locked: bool,
    /// Steps of the last return that a human forgot.
    pub forgotten: Vec<Step>,
    /// The fault that broke it, by its index on the tape.
    pub fault: Option<u32>,
    /// Whether the fault has been noticed.
    pub noticed: bool,
    /// Ironic's power sync, if it has found the power gone or is to look for it.
    pub sync: Option<PowerSync>,
    /// A deploy, a rescue, a return from one, a clean or a provide waits for the flag to be cleared.
    pub stalled: bool,
    /// A build that is bound to fail and waits for the flag to be cleared first (its index among those).
    pub doom: Option<u32>,
    /// Whether flag or mark was taken off while others were still at the node. Its course is `Open` until it is hidden
    /// anew.
    pub bared: bool,
    /// What is left of a clean that waits for the flag to be cleared.
    pub clean_left: Span,
    /// The clean under way is the one after a human has looked at a failed one.
    pub cleaned_by_hand: bool,
    /// How far a rescue has come.
    pub rescue: RescueStage,
}

impl Course {
    /// Whether a node on this course may be on that one next.
    fn leads_to(&self, to: &Course) -> bool {
        use Course::{Entering, Hidden, Open, Returning};
        match (self, to) {
            (Open | Returning(_), Entering(0)) | (Entering(_), Hidden) | (Hidden, Returning(0)) => true,
            // The next lease never began, and what came with the last one is still on.
            (Entering(0), Returning(0)) => true,
            (Entering(at), Entering(next)) | (Returning(at), Returning(next)) => at + 1 == *next,
            // Back; or in service early: the lease never began, flag or mark is off too early, the node leaves.
            (_, Open) => true,
            _ => false,
        }
    }
}

impl Desk {
    /// The node goes on to another course.
    fn goes(&mut self, to: Course) {
        debug_assert!(self.course.leads_to(&to), "{:?} does not lead to {to:?}", self.course);
        self.course = to;
    }

    /// The steps of the entry begin, for this job.
    pub fn enter(&mut self, steps: Vec<Step>, job: JobId, recorded: bool) {
        self.goes(Course::Entering(0));
        (self.steps, self.job, self.recorded, self.at_once) = (steps, job, recorded, false);
        self.forgotten.clear();
        (self.locked, self.bared) = (false, false);
        self.turn += 1;
    }

    /// A step is done.
    pub fn step_on(&mut self) {
        match self.course {
            Course::Entering(at) => self.goes(Course::Entering(at + 1)),
            Course::Returning(at) => self.goes(Course::Returning(at + 1)),
            Course::Open | Course::Hidden => {}
        }
    }

    /// All steps of the entry are done.
    pub fn hidden(&mut self) {
        self.goes(Course::Hidden);
    }

    /// The steps of the return begin.
    pub fn come_back(&mut self, steps: Vec<Step>) {
        self.goes(Course::Returning(0));
        self.steps = steps;
        self.turn += 1;
    }

    /// All steps of the return are done.
    pub fn back(&mut self) {
        self.goes(Course::Open);
    }

    /// What is under way is called off: the lease has never begun, or there is nothing left to hide.
    pub fn call_off(&mut self) {
        self.goes(Course::Open);
        self.turn += 1;
    }

    /// Flag or mark is off too early: others are still at the node.
    pub fn bare(&mut self) {
        self.call_off();
        self.bared = true;
    }

    /// Nothing that the operators had on the node is left: whether anything was, and the windows that were open.
    pub fn clear(&mut self) -> (bool, Vec<WindowId>) {
        let windows = std::mem::take(&mut self.windows);
        let was_out = !windows.is_empty() || self.course != Course::Open || !self.forgotten.is_empty();
        self.call_off();
        self.steps.clear();
        self.forgotten.clear();
        (self.lease_waits, self.locked, self.bared) = (false, false, false);
        (self.fault, self.sync) = (None, None);
        (was_out, windows)
    }

    /// The operators' lease has ended by itself: nobody ends it any more, nor has anybody forgotten to. Whether that was all.
    pub fn lease_is_over(&mut self) -> bool {
        let rest = match self.course {
            Course::Returning(at) => at.min(self.steps.len()),
            Course::Open => self.steps.len(),
            Course::Entering(_) | Course::Hidden => return false,
        };
        let left = !self.forgotten.is_empty() || self.course != Course::Open;
        let steps = self.steps[rest..].iter_mut();
        for step in steps.chain(&mut self.forgotten) {
            step.acts.retain(|act| *act != Act::Drop(Mark::OperatorsLease));
        }
        self.forgotten.retain(|step| !step.acts.is_empty());
        let is_all = self.forgotten.is_empty() && self.steps[rest..].iter().all(|step| step.acts.is_empty());
        if is_all && self.course != Course::Open {
            self.call_off();
        }
        left && is_all
    }

    /// How far the rescue is next.
    pub fn rescue_goes(&mut self, to: RescueStage) {
        debug_assert!(self.rescue.leads_to(to), "{:?} does not lead to {to:?}", self.rescue);
        self.rescue = to;
    }

    /// Whether the node is on its way out of service or back.
    pub fn is_under_way(&self) -> bool {
        self.course != Course::Open
    }
}

/// The sheets of the nodes. Most nodes never need one in a run: theirs is the blank one, and what is
/// written first brings a node its own.
#[derive(Debug, Default)]
pub struct Desks {
    /// By node: one more than the index of its sheet; 0 for the blank one.
    indexes: Vec<u32>,
    sheets: Vec<Desk>,
    blank: Desk,
}

impl Desks {
    /// Blank sheets for so many nodes.
    pub fn new(nodes: usize) -> Desks {
        Desks {
            indexes: vec![0; nodes],
            ..Desks::default()
        }
    }

    /// The sheet of a node, to change it, where something is on it.
    #[inline]
    pub fn written(&mut self, node: NodeId) -> Option<&mut Desk> {
        match self.indexes[node.at()] {
            0 => None,
            index => self.sheets.get_mut(index as usize - 1),
        }
    }
}

impl Index<NodeId> for Desks {
    type Output = Desk;

    #[inline]
    fn index(&self, node: NodeId) -> &Desk {
        match self.indexes[node.at()] {
            0 => &self.blank,
            index => &self.sheets[index as usize - 1],
        }
    }
}

impl IndexMut<NodeId> for Desks {
    fn index_mut(&mut self, node: NodeId) -> &mut Desk {
        let index = &mut self.indexes[node.at()];
        if *index == 0 {
            self.sheets.push(Desk::default());
            *index = self.sheets.len() as u32;
        }
        &mut self.sheets[*index as usize - 1]
    }
}

/// How far a tenant's rescue has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RescueStage {
    /// Not yet asked for.
    #[default]
    Ahead,
    /// The rescue image is being booted.
    Booting,
    /// The tenant works in it.
    Working,
    /// The instance is being booted again.
    Back,
}

impl RescueStage {
    /// Whether a rescue may be there next. Whoever leaves his node leaves his rescue.
    fn leads_to(self, to: RescueStage) -> bool {
        use RescueStage::{Ahead, Back, Booting, Working};
        matches!(
            (self, to),
            (Ahead, Booting) | (Booting, Working) | (Working, Back) | (_, Ahead)
        )
    }
}

/// How far a window has come: it never goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// The node is being hidden, or a tenant is still on it.
    Draining,
    /// Work goes on.
    InHand,
    /// All is done; a recorded window waits for its end.
    Done,
    /// Its hold is released.
    Closed,
}

/// How far an errand has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrandStage {
    /// None is under way.
    Idle,
    /// A human clears the flag.
    Lifting,
    /// A boot is tried, again and again.
    Trying,
    /// Waits until a tenant or an earlier image has left the node.
    Blocked,
    /// The image is being deployed.
    Deploying,
    /// The image is being deployed, and that will fail.
    Failing,
    /// A deploy by hand.
    ByHand,
    /// The image runs.
    Running,
    /// The image has been deleted; the node is being cleaned.
    Leaving,
    /// A human sets the flag again.
    Flagging,
    /// All is done, and a human clears the flag that Ironic set for a failed clean.
    Clearing,
}

impl ErrandStage {
    /// Whether an errand may be there next. Every errand may be cut off, given up or over.
    fn leads_to(self, to: ErrandStage) -> bool {
        use ErrandStage::{
            Blocked, ByHand, Clearing, Deploying, Failing, Flagging, Idle, Leaving, Lifting, Running, Trying,
        };
        match to {
            Idle => true,
            Lifting => matches!(self, Idle | Trying),
            Trying => matches!(self, Idle | Trying | Blocked | Deploying | Failing),
            Blocked => matches!(self, Idle | Trying | Blocked | Lifting),
            Deploying => matches!(self, Trying | Deploying),
            Failing => self == Deploying,
            ByHand => matches!(self, Idle | Blocked),
            Running => matches!(self, Deploying | ByHand),
            Leaving => matches!(self, Running | Deploying | Failing),
            Flagging => matches!(self, Leaving | Flagging),
            Clearing => self == Idle,
        }
    }
}

/// A window: one reason for which one node is out of service.
#[derive(Clone, Debug)]
pub struct Window {
    pub job: JobId,
    pub node: NodeId,
    pub hold: Hold,
    pub drain: Drain,
    pub recorded: bool,
    /// The campaign's round that it belongs to.
    pub campaign: Option<u32>,
    pub phase: Phase,
    /// The errand that is under way or next.
    pub errand: ErrandId,
    pub stage: ErrandStage,
    /// The crew at work.
    pub crew: u16,
    /// The machines that its boot may still go to, and how many it has tried.
    pub targets: Vec<NodeId>,
    pub attempt: u8,
    /// What the boot under way has asked for.
    pub wants: Spec,
    /// Boots of the errand that have failed, and why the one under way will.
    pub failed: u8,
    /// The errand and the number of its failed boots for which an operator has asked.
    pub asked: Option<(ErrandId, u8)>,
    pub error: crate::world::BuildError,
    /// Whether the errand under way has been announced.
    pub needed: bool,
    /// Voids errand events of an earlier move.
    pub turn: u32,
    /// Where the errand's image is being deployed.
    pub target: NodeId,
    pub work_done: bool,
    /// Since when it waits for a technician, for how long it did before, and its index among all that did.
    pub queued: Time,
    pub waited: Span,
    pub ticket: u64,
    pub hands: Hands,
}

/// How far a window's hands-on work has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Hands {
    /// It is not its turn, or done.
    #[default]
    Idle,
    /// It waits for a technician.
    Queued,
    /// It waits for its campaign's hours.
    Shut,
    /// It waits until somebody has left the node.
    Blocked,
    /// A technician is at it.
    Working,
}

impl Window {
    /// The errand's next stage; the turn by which its event is told from earlier ones.
    pub fn stage(&mut self, stage: ErrandStage) -> u32 {
        debug_assert!(
            self.stage.leads_to(stage),
            "{:?} does not lead to {stage:?}",
            self.stage
        );
        self.stage = stage;
        self.turn += 1;
        self.turn
    }

    /// The window's next phase.
    pub fn phase(&mut self, phase: Phase) {
        debug_assert!(self.phase <= phase, "{:?} does not lead to {phase:?}", self.phase);
        self.phase = phase;
    }

    /// The errand is over, whatever has become of it.
    pub fn finish_errand(&mut self) {
        self.errand = self.errand.next();
        self.failed = 0;
        self.stage(ErrandStage::Idle);
    }

    /// A window that has just opened.
    pub fn open(job: JobId, node: NodeId, hold: Hold, drain: Drain) -> Window {
        Window {
            job,
            node,
            hold,
            drain,
            recorded: false,
            campaign: None,
            phase: Phase::Draining,
            errand: ErrandId(0),
            stage: ErrandStage::Idle,
            crew: 0,
            targets: Vec::new(),
            attempt: 0,
            wants: Spec::default(),
            failed: 0,
            asked: None,
            error: crate::world::BuildError::Chance,
            needed: false,
            turn: 0,
            target: node,
            work_done: false,
            queued: Time::ZERO,
            waited: Span::ZERO,
            ticket: 0,
            hands: Hands::Idle,
        }
    }
}

/// The technicians: a queue with a number of servers.
#[derive(Clone, Debug, Default)]
pub struct Bench {
    /// How many are at work, by crew; where there are no crews, of all.
    pub busy: Vec<u32>,
    /// Windows that wait, by their tickets: what could not be begun in its turn comes back to its place.
    pub queue: BTreeMap<u64, WindowId>,
    /// Tickets that have been given.
    pub tickets: u64,
}
