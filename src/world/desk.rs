//! What the operators keep on paper: per node its course, per window its progress.

use std::collections::BTreeMap;
use std::ops::{Index, IndexMut};

use super::standing::Standing;
use crate::fleet::ironic::PowerSync;
use crate::fleet::{Hold, NodeId};
use crate::kernel::{Few, Span, Time};
use crate::strategy::Step;
use crate::workload::Drain;

/// Where a node is on its way out of service and back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Course {
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
pub(super) struct Desk {
    /// Where it is.
    pub course: Course,
    /// The steps of the entry or return under way.
    pub steps: Vec<Step>,
    /// Voids steps that were scheduled for an earlier course.
    pub turn: u32,
    /// Windows open on it.
    pub windows: Vec<u32>,
    /// Luck and latency of the steps come from this job.
    pub job: u32,
    /// Whether the steps cost no time: the recorded spell says when they were done.
    pub recorded: bool,
    /// Whether the entry waits for the operators' lease to begin.
    pub lease_waits: bool,
    /// Whether the step that is next waits for Ironic's lock.
    pub locked: bool,
    /// Steps of the last return that a human forgot.
    pub forgotten: Vec<Step>,
    /// The fault that broke it, by its place on the tape.
    pub fault: Option<u32>,
    /// Whether the fault has been noticed.
    pub noticed: bool,
    /// Ironic's power sync, if it has found the power gone or is to look for it.
    pub sync: Option<PowerSync>,
    /// A deploy, a rescue, a return from one, a clean or a provide waits for the flag to be cleared.
    pub stalled: bool,
    /// A build that is bound to fail and waits for the flag to be cleared first (its place among those).
    pub doom: Option<u32>,
    /// Whether flag or mark was taken off while others were still at the node.
    pub bared: bool,
    /// What is left of a clean that waits for the flag to be cleared.
    pub clean_left: Span,
    /// The clean under way is the one after a human has looked at a failed one.
    pub cleaned_by_hand: bool,
    /// The node is to be retired as soon as Ironic allows it.
    pub retiring: bool,
    /// The node is to leave the fleet as soon as no tenant is on it.
    pub leaving: bool,
    /// It has left.
    pub gone: bool,
    /// The class that it is to have.
    pub next_class: Option<crate::fleet::ClassId>,
    /// How far a rescue has come.
    pub rescue: RescueStage,
}

impl Desk {
    /// Whether the node is on its way out of service or back.
    pub fn is_under_way(&self) -> bool {
        self.course != Course::Open
    }
}

/// The sheets of the nodes. Most nodes never need one in a run: theirs is the blank one, and what is
/// written first brings a node its own.
#[derive(Debug, Default)]
pub(super) struct Desks {
    /// By node: how it stands, and one more than the place of its sheet; 0 for the blank one.
    tops: Vec<(Standing, u32)>,
    sheets: Vec<Desk>,
    blank: Desk,
}

impl Desks {
    /// Blank sheets for so many nodes.
    pub fn new(nodes: usize) -> Desks {
        Desks {
            tops: vec![(Standing::default(), 0); nodes],
            ..Desks::default()
        }
    }

    /// Notes how a node stands; how it stood before.
    #[inline]
    pub fn note(&mut self, node: NodeId, standing: Standing) -> Standing {
        std::mem::replace(&mut self.tops[node.at()].0, standing)
    }

    /// The sheet of a node, to change it, where something is on it.
    #[inline]
    pub fn written(&mut self, node: NodeId) -> Option<&mut Desk> {
        match self.tops[node.at()].1 {
            0 => None,
            place => self.sheets.get_mut(place as usize - 1),
        }
    }
}

impl Index<usize> for Desks {
    type Output = Desk;

    #[inline]
    fn index(&self, node: usize) -> &Desk {
        match self.tops[node].1 {
            0 => &self.blank,
            place => &self.sheets[place as usize - 1],
        }
    }
}

impl IndexMut<usize> for Desks {
    fn index_mut(&mut self, node: usize) -> &mut Desk {
        let place = &mut self.tops[node].1;
        if *place == 0 {
            self.sheets.push(Desk::default());
            *place = self.sheets.len() as u32;
        }
        &mut self.sheets[*place as usize - 1]
    }
}

/// How far a tenant's rescue has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum RescueStage {
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

/// How far a window has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
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
pub(super) enum ErrandStage {
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

/// A window: one reason for which one node is out of service.
#[derive(Clone, Debug)]
pub(super) struct Window {
    pub job: u32,
    pub node: NodeId,
    pub hold: Hold,
    pub drain: Drain,
    pub recorded: bool,
    /// The campaign's round that it belongs to.
    pub campaign: Option<u32>,
    pub phase: Phase,
    /// The errand that is under way or next.
    pub errand: u16,
    pub stage: ErrandStage,
    /// The crew at work.
    pub crew: u16,
    /// The machines that its boot may still go to, and how many it has tried.
    pub targets: Vec<NodeId>,
    pub attempt: u8,
    /// Boots of the errand that have failed, and why the one under way will.
    pub failed: u8,
    /// The errand and the number of its failed boots for which an operator has asked.
    pub asked: Option<(u16, u8)>,
    pub error: super::BuildError,
    /// Whether the errand under way has been announced.
    pub needed: bool,
    /// Voids errand events of an earlier move.
    pub turn: u32,
    /// Where the errand's image is being deployed.
    pub target: NodeId,
    pub work_done: bool,
    /// When it began to wait for a technician, and its place among all that did.
    pub queued: Time,
    pub ticket: u64,
    pub hands: Hands,
}

/// How far a window's hands-on work has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Hands {
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
    /// A window that has just opened.
    pub fn open(job: u32, node: NodeId, hold: Hold, drain: Drain) -> Window {
        Window {
            job,
            node,
            hold,
            drain,
            recorded: false,
            campaign: None,
            phase: Phase::Draining,
            errand: 0,
            stage: ErrandStage::Idle,
            crew: 0,
            targets: Vec::new(),
            attempt: 0,
            failed: 0,
            asked: None,
            error: super::BuildError::Chance,
            needed: false,
            turn: 0,
            target: node,
            work_done: false,
            queued: Time::ZERO,
            ticket: 0,
            hands: Hands::Idle,
        }
    }
}

/// A build that is bound to fail.
#[derive(Clone, Copy, Debug)]
pub(super) struct Doomed {
    pub request: u32,
    pub node: NodeId,
    /// The node's epoch, if the build occupies it.
    pub epoch: Option<u32>,
    pub attempt: u8,
    pub error: super::BuildError,
}

/// A request whose machines are being built. After the decision each builds by itself.
#[derive(Clone, Debug, Default)]
pub(super) struct Gang {
    /// When the decision was made.
    pub decided: Time,
    /// Machines that were decided.
    pub wanted: u16,
    /// Those of them that became active.
    pub ready: u16,
    /// Those for which no attempt is left.
    pub lost: u16,
    /// Where a build that fails may go next: every machine of the request has the same list.
    pub alternates: Few<NodeId, 2>,
    /// How far builds that have moved on are in that list, by the node that they are on.
    tried: Few<(NodeId, u8), 2>,
}

impl Gang {
    /// Whether all its builds are over.
    pub fn is_over(&self) -> bool {
        self.ready + self.lost == self.wanted
    }

    /// How many alternates the build that was on this node has tried; it leaves the node.
    pub fn leaves(&mut self, node: NodeId) -> u8 {
        match self.tried.iter().position(|&(on, _)| on == node) {
            Some(place) => {
                let (_, tried) = self.tried[place];
                self.tried.swap_remove(place);
                tried
            }
            None => 0,
        }
    }

    /// A build moves on to this node, the last of so many alternates that it has tried.
    pub fn moves_to(&mut self, node: NodeId, tried: u8) {
        self.tried.push((node, tried));
    }
}

/// The requests whose machines are being built. The one that was decided last lies at hand: where a
/// deploy takes no time, it is gone before the next one comes.
#[derive(Debug, Default)]
pub(super) struct Gangs {
    last: Option<(u32, Gang)>,
    others: BTreeMap<u32, Gang>,
}

impl Gangs {
    /// The gang of a request.
    #[inline]
    pub fn get(&self, request: u32) -> Option<&Gang> {
        match &self.last {
            Some((last, gang)) if *last == request => Some(gang),
            _ if self.others.is_empty() => None,
            _ => self.others.get(&request),
        }
    }

    /// The gang of a request, to change it.
    #[inline]
    pub fn get_mut(&mut self, request: u32) -> Option<&mut Gang> {
        match &mut self.last {
            Some((last, gang)) if *last == request => Some(gang),
            _ if self.others.is_empty() => None,
            _ => self.others.get_mut(&request),
        }
    }

    /// A request gets its gang, an empty one.
    #[inline(always)]
    pub fn begin(&mut self, request: u32) -> &mut Gang {
        if !self.others.is_empty() {
            self.others.remove(&request);
        }
        if let Some((other, gang)) = self.last.take()
            && other != request
        {
            self.others.insert(other, gang);
        }
        &mut self.last.insert((request, Gang::default())).1
    }

    /// The builds of a request are over: nobody looks at its gang any more.
    #[inline]
    pub fn forget(&mut self, request: u32) {
        match &self.last {
            Some((last, _)) if *last == request => self.last = None,
            _ => {
                self.others.remove(&request);
            }
        }
    }
}

/// A request that was refused and has not given up.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hope {
    /// Why it was refused last.
    pub cause: super::Cause,
    pub tries: u16,
    pub in_line: bool,
    /// How often it was decided on and all its builds failed.
    pub rounds: u32,
    /// When they did so last in no time: it does not ask again at the same instant.
    pub failed: Option<Time>,
}

/// The technicians: a queue with a number of servers.
#[derive(Clone, Debug, Default)]
pub(super) struct Bench {
    /// How many are at work, by crew; where there are no crews, of all.
    pub busy: Vec<u32>,
    /// Windows that wait, by their tickets: what could not be begun in its turn comes back to its place.
    pub queue: BTreeMap<u64, u32>,
    /// Tickets that have been given.
    pub tickets: u64,
}
