//! Upkeep: windows of maintenance, the sheet of each node on the operators' desk, technicians, campaigns, and what
//! has been forgotten. It acts on the control plane alone, and returns what follows for tenants.
//!
//! - `desk`: the sheets and windows, and their state machines
//! - `boots`: the operators' boots for errands, through Nova or by hand
//! - `cleaning`: a node between two occupants
//! - `hands`: the technicians' queue
//! - `campaigns`: whose turn it is in planned maintenance, `absences` what their budgets count
//! - `power`: when Ironic looks at a node's power

mod absences;
mod boots;
mod campaigns;
mod cleaning;
mod desk;
mod hands;

mod power;

use std::ops::{Index, IndexMut};

use super::inputs::Inputs;
use super::plane::Plane;
use super::{ErrandEnd, Event, Fact, Observer};
use crate::fleet::{Fault, Health, NodeId, Party, Power, Provision, WindowId};
use crate::kernel::{Span, Time};
use crate::strategy::Act;
use crate::workload::draw::luck;
use crate::workload::tape::span_by;
use crate::workload::{ErrandId, Job, JobId, Origin};
pub(super) use boots::{AfterTry, Failed};
pub use campaigns::CampaignEnd;
use campaigns::Campaigns;
pub(super) use cleaning::{Then, idle};
use desk::{Bench, Desks};
pub(super) use desk::{Course, ErrandStage, Hands, Phase, RescueStage, Window};

/// The jobs of a run: those of the tape, and those made during the run, for failed cleans.
pub(super) struct Jobs<'a> {
    tape: &'a [Job],
    made: Vec<Job>,
}

impl Jobs<'_> {
    /// A job is made; its number.
    pub fn make(&mut self, job: Job) -> JobId {
        self.made.push(job);
        JobId((self.tape.len() + self.made.len()) as u32 - 1)
    }
}

impl Index<JobId> for Jobs<'_> {
    type Output = Job;

    #[inline]
    fn index(&self, job: JobId) -> &Job {
        let job = job.at();
        self.tape.get(job).unwrap_or_else(|| &self.made[job - self.tape.len()])
    }
}

/// The windows of a run, in the order in which they opened.
#[derive(Default)]
pub(super) struct Windows(Vec<Window>);

impl Windows {
    /// A window opens; its number.
    pub fn open(&mut self, window: Window) -> WindowId {
        self.0.push(window);
        WindowId(self.0.len() as u32 - 1)
    }
}

impl Index<WindowId> for Windows {
    type Output = Window;

    #[inline]
    fn index(&self, window: WindowId) -> &Window {
        &self.0[window.at()]
    }
}

impl IndexMut<WindowId> for Windows {
    #[inline]
    fn index_mut(&mut self, window: WindowId) -> &mut Window {
        &mut self.0[window.at()]
    }
}

/// Nodes on which a human has forgotten something.
#[derive(Default)]
pub(super) struct Slips {
    nodes: Vec<NodeId>,
    audit_pending: bool,
}

impl Slips {
    /// Something was forgotten on a node; the next audit is put onto the agenda.
    pub fn note<O: Observer>(&mut self, plane: &mut Plane<'_, O>, node: NodeId) {
        self.nodes.push(node);
        if let Some(period) = plane.inputs.settings.operators.audit
            && !self.audit_pending
        {
            // Audits keep to their calendar, whatever happens between them.
            let next = (plane.now.0 / period.0.max(1) + 1) * period.0.max(1);
            self.audit_pending = true;
            plane.at(Time(next), Event::Audit);
        }
    }

    /// An audit looks at all of them.
    pub fn audit(&mut self) -> Vec<NodeId> {
        self.audit_pending = false;
        std::mem::take(&mut self.nodes)
    }
}

/// The upkeep of a run.
pub(super) struct Upkeep<'a> {
    pub desks: Desks,
    pub windows: Windows,
    pub jobs: Jobs<'a>,
    pub campaigns: Campaigns,
    pub slips: Slips,
    bench: Bench,
    /// By node: the luck of whoever was on it last; nothing where no clean hangs on luck.
    left_by: Vec<u64>,
}

impl<'a> Upkeep<'a> {
    /// No window is open yet.
    pub fn new(inputs: &Inputs<'a>) -> Upkeep<'a> {
        let nodes = inputs.fleet.nodes.len();
        Upkeep {
            desks: Desks::new(nodes),
            windows: Windows::default(),
            jobs: Jobs {
                tape: &inputs.tape.jobs,
                made: Vec::new(),
            },
            campaigns: Campaigns::default(),
            slips: Slips::default(),
            bench: Bench {
                busy: vec![0; inputs.settings.operators.crews.len().max(1)],
                ..Bench::default()
            },
            left_by: vec![0; if inputs.cleans_vary() { nodes } else { 0 }],
        }
    }

    /// After a node has changed: what the control plane does then, and what budgets count.
    #[inline(always)]
    pub fn settle<O: Observer>(&mut self, plane: &mut Plane<'_, O>, node: NodeId) {
        plane.settle(node);
        if self.campaigns.count() {
            let under_way = self.desks[node].is_under_way();
            self.campaigns.recount(plane, node, under_way);
        }
    }

    pub fn later<O: Observer>(&mut self, plane: &mut Plane<'_, O>, window: WindowId, stage: ErrandStage, after: Span) {
        let turn = self.windows[window].stage(stage);
        plane.after(after, Event::Errand { window, turn });
    }

    pub fn latency<O: Observer>(&self, plane: &Plane<'_, O>, window: WindowId, step: u64) -> Span {
        let it = &self.windows[window];
        let word = self.jobs[it.job].luck ^ u64::from(it.errand.0) << 24;
        span_by(&plane.inputs.settings.operators.action, word, luck::STEP | step)
    }

    /// Whether nobody is on the node and its cleaning waits for the flag to be cleared: its agent is
    /// not heard, or the cleaning was refused.
    pub fn waits_in_clean<O: Observer>(&self, plane: &Plane<'_, O>, node: NodeId) -> bool {
        let cleans = matches!(plane.node(node).provision, Provision::Cleaning | Provision::Manageable);
        cleans && self.desks[node].stalled
    }

    /// Whether a node rests, empty and retired: nothing is to be done on it any more.
    pub fn is_retired_for_good<O: Observer>(&self, plane: &Plane<'_, O>, node: NodeId) -> bool {
        let it = plane.node(node);
        it.retired && it.is_empty() && (it.provision == Provision::Manageable || self.waits_in_clean(plane, node))
    }

    /// Whether a build on the node waits for the flag to be cleared.
    pub fn build_hangs<O: Observer>(&self, plane: &Plane<'_, O>, node: NodeId) -> bool {
        plane.node(node).provision == Provision::Deploying && self.desks[node].stalled
    }

    /// The errands of a closed window that never ran. Those that nobody has begun with are not needed on a node that leaves
    /// the fleet, or is retired for good.
    pub fn drop_errands<O: Observer>(&mut self, plane: &mut Plane<'_, O>, window: WindowId) {
        let (node, job, next) = {
            let it = &self.windows[window];
            (it.node, it.job, it.errand)
        };
        let end = ErrandId(self.jobs[job].errands.len() as u16);
        let goes = plane.dictated(node).leaving || self.is_retired_for_good(plane, node);
        for errand in (next.0..end.0).map(ErrandId) {
            if errand > next || !self.windows[window].needed {
                if goes {
                    break;
                }
                plane.tell(Fact::ErrandNeeded { window, errand, node });
            }
            plane.tell(Fact::ErrandEnded {
                window,
                errand,
                node,
                end: ErrandEnd::Unserved,
            });
        }
        self.windows[window].errand = end;
    }

    /// A window lets go of its node: its errands that never ran, its hold, its work.
    pub fn let_go<O: Observer>(&mut self, plane: &mut Plane<'_, O>, window: WindowId) {
        self.step_out(plane, window);
        self.drop_errands(plane, window);
        let it = &mut self.windows[window];
        if it.hands != Hands::Working {
            // Nor does its work wait for hours to come.
            it.hands = Hands::Idle;
        }
        it.phase(Phase::Closed);
        let (node, job, hold) = (it.node, it.job, it.hold);
        plane.node_mut(node).holds.release(hold);
        self.desks[node].windows.retain(|&other| other != window);
        plane.tell(Fact::WindowClosed { window, node });
        let announced = matches!(self.jobs[job].origin, Origin::Campaign(_));
        plane.work_is_over(node, announced.then_some(job));
    }

    /// A window is closed: its campaign goes on, if it has one.
    pub fn campaign_is_told<O: Observer>(&mut self, plane: &mut Plane<'_, O>, window: WindowId) {
        let it = &self.windows[window];
        if let Some(round) = it.campaign {
            self.campaigns.window_closed(plane, round, (it.node, it.work_done));
        }
    }

    /// Whether a human must clear what Ironic set for a failed clean, beside the steps of the return.
    pub fn must_clear_flag<O: Observer>(&self, plane: &Plane<'_, O>, window: WindowId) -> bool {
        let it = &self.windows[window];
        let node = plane.node(it.node);
        let typed = plane.inputs.settings.ironic.typed_holds;
        let in_return = || {
            let steps = plane.inputs.strategy.back(node);
            steps.iter().any(|step| step.acts.contains(&Act::ClearFlag))
        };
        let of_clean = self.jobs[it.job].origin == Origin::Clean && node.fault() == Some(Fault::CleanFailure);
        of_clean && (typed || !in_return())
    }

    /// The node's hardware is repaired; whether its power is back, Ironic finds out by itself.
    pub fn repair<O: Observer>(&mut self, plane: &mut Plane<'_, O>, node: NodeId) {
        if plane.node(node).power == Power::Unknown {
            self.await_recovery(plane, node);
        }
        plane.node_mut(node).set_health(Health::Healthy);
        let desk = &mut self.desks[node];
        (desk.fault, desk.noticed) = (None, false);
    }

    /// Keeps the luck of whoever leaves the node, on which its clean hangs: a count of those who were on it before
    /// would let one request more change the cleans of all that follow.
    pub fn note_who_leaves<O: Observer>(&mut self, plane: &Plane<'_, O>, node: NodeId) {
        if self.left_by.is_empty() {
            return;
        }
        let luck = match plane.node(node).party() {
            Some(Party::Tenant(request)) => plane.truth.find(request).map_or(0, |it| it.luck),
            Some(Party::Errand(window)) => {
                let it = &self.windows[window];
                self.jobs[it.job].luck ^ u64::from(it.errand.0)
            }
            None => 0,
        };
        self.left_by[node.at()] = luck;
    }
}
