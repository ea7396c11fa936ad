//! What operators meet: windows, technicians, errands, steps and slips.

use super::crew::Crews;
use super::split::{Split, SplitPart};
use super::sums::{Sampled, Total, count, quantile_in, share};
use crate::cells::columns::{Dimension, Metric};
use crate::fleet::{NodeId, WindowId};
use crate::kernel::time::HOUR_MS;
use crate::kernel::{Span, Time};
use crate::scenario::Scenario;
use crate::stats::pooled::NEVER_MS;
use crate::workload::{ErrandId, JobId, Origin};
use crate::world::{CampaignEnd, Deed, ErrandEnd, Fact, Sight};

/// No window, at the end of a list of them; no campaign.
const NONE: WindowId = WindowId(u32::MAX);
const NO_CAMPAIGN: u16 = u16::MAX;

/// The parts that a window belongs to: the class and rack of its node, and its campaign.
type Parts = [(Dimension, u16); 3];

/// A window's course so far.
#[derive(Clone, Copy, Debug)]
struct Window {
    opened: Time,
    /// It opened since the warm-up.
    counted: bool,
    class: u16,
    rack: u16,
    campaign: u16,
    /// The next window of the same node that is closed while the node is not back yet.
    next: WindowId,
    /// The errand that was last needed, and since when: a window's errands come one by one.
    errand: Option<(ErrandId, Time)>,
    errand_counted: bool,
    /// Its image has not run yet, and the time counts.
    waiting: bool,
}

const UNSEEN: Window = Window {
    opened: Time::NEVER,
    counted: false,
    class: u16::MAX,
    rack: u16::MAX,
    campaign: NO_CAMPAIGN,
    next: NONE,
    errand: None,
    errand_counted: false,
    waiting: false,
};

impl Window {
    fn parts(&self) -> Parts {
        [
            (Dimension::Class, self.class),
            (Dimension::Rack, self.rack),
            (Dimension::Campaign, self.campaign),
        ]
    }
}

/// Counts and sums of spans.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    windows: u64,
    /// By kind of deed.
    actions: [u64; 4],
    boots_failed: u64,
    slips: u64,
    slips_found: u64,
    errands: u64,
    done: u64,
    failed: u64,
    mistargeted: u64,
    refusals: u64,
    /// What errands waited, ms.
    waited: u64,
    maintenance: Total,
    away: Total,
    technician: Total,
}

/// What happened to leases.
#[derive(Clone, Copy, Debug, Default)]
struct Leases {
    healed: u64,
    degraded: u64,
    expired: u64,
}

#[derive(Debug)]
pub struct Upkeep {
    windows: Vec<Window>,
    /// Per node: the last of its windows that are closed while the node is not back yet.
    closed: Vec<WindowId>,
    counts: Split<Counts>,
    leases: Leases,
    crews: Crews,
    errand_waits: Vec<u64>,
    /// The class and rack of each of these waits.
    waited: Vec<(u16, u16)>,
    lease_waits: Vec<u64>,
}

/// The parts that a node belongs to.
fn parts_of(node: NodeId, sight: &Sight<'_>) -> [(Dimension, u16); 2] {
    [
        (Dimension::Class, sight.fleet.node(node).class.0),
        (Dimension::Rack, sight.fleet.kind(node).rack.0),
    ]
}

impl Upkeep {
    pub fn new(scenario: &Scenario, warm_up: Time) -> Upkeep {
        let names = &scenario.fleet.names;
        let sizes = [
            (Dimension::Class, names.classes.len()),
            (Dimension::Rack, names.racks.len()),
            (Dimension::Campaign, scenario.maintenance.campaigns.len()),
        ];
        Upkeep {
            windows: Vec::new(),
            closed: vec![NONE; scenario.fleet.nodes.len()],
            counts: Split::new(&sizes),
            leases: Leases::default(),
            crews: Crews::new(scenario, warm_up),
            errand_waits: Vec::new(),
            waited: Vec::new(),
            lease_waits: Vec::new(),
        }
    }

    pub fn told(&mut self, at: Time, fact: &Fact, counts: bool, sight: &Sight<'_>) {
        match *fact {
            Fact::WindowOpened { window, node, job } => self.window_opened(at, (window, node, job), counts, sight),
            Fact::WindowClosed { window, node } => self.window_closed(at, window, node),
            Fact::Returned { node } => self.returned(at, node),
            Fact::HandsAwaited { waited, .. } => self.crews.waited(at, waited),
            Fact::WorkBegan { window, waited, .. } => self.work_began(at, window, waited, counts),
            Fact::WorkDone { window, .. } | Fact::WorkCut { window, .. } => self.crews.ended(at, window),
            Fact::ErrandNeeded { window, errand, .. } => self.errand_needed(at, window, errand, counts),
            Fact::ErrandRuns { window, errand, .. } => self.errand_runs(at, window, errand),
            Fact::ErrandEnded { window, end, .. } => {
                self.waited_enough(at, window);
                self.errand_ended(window, end);
            }
            _ if counts => self.counted(fact, sight),
            _ => {}
        }
    }

    /// What is only counted.
    fn counted(&mut self, fact: &Fact, sight: &Sight<'_>) {
        let mut book = |node: NodeId, book: fn(&mut Counts)| self.counts.book(&parts_of(node, sight), book);
        match *fact {
            Fact::Action {
                human: true,
                deed,
                node,
            } => book(
                node,
                match deed {
                    Deed::Entry => |it| it.actions[Deed::Entry as usize] += 1,
                    Deed::Return => |it| it.actions[Deed::Return as usize] += 1,
                    Deed::Boot => |it| it.actions[Deed::Boot as usize] += 1,
                    Deed::ByHand => |it| it.actions[Deed::ByHand as usize] += 1,
                },
            ),
            Fact::BootFailed { node, .. } => book(node, |it| it.boots_failed += 1),
            Fact::Slipped { node } => book(node, |it| it.slips += 1),
            Fact::Audited { node } => book(node, |it| it.slips_found += 1),
            Fact::ErrandRefused { node, .. } => book(node, |it| it.refusals += 1),
            Fact::Mistargeted { node, .. } => book(node, |it| it.mistargeted += 1),
            Fact::LeaseBegan { waited, .. } => self.lease_waits.push(waited.0),
            Fact::LeaseHealed { .. } => self.leases.healed += 1,
            Fact::LeaseDegraded { .. } => self.leases.degraded += 1,
            Fact::LeaseExpired { .. } => self.leases.expired += 1,
            _ => {}
        }
    }

    /// The window of this number; windows are numbered as they come, so the list grows seldom.
    fn window(&mut self, window: WindowId) -> &mut Window {
        let at = window.at();
        if at >= self.windows.len() {
            self.windows.resize(at + 1, UNSEEN);
        }
        &mut self.windows[at]
    }

    fn window_opened(
        &mut self,
        at: Time,
        (window, node, job): (WindowId, NodeId, JobId),
        counts: bool,
        sight: &Sight<'_>,
    ) {
        // Jobs of failed cleans are not on the tape.
        let campaign = sight.tape.jobs.get(job.at()).and_then(|job| match job.origin {
            Origin::Campaign(round) => sight.tape.campaigns.get(round as usize).map(|round| round.plan),
            _ => None,
        });
        let [(_, class), (_, rack)] = parts_of(node, sight);
        let fresh = Window {
            opened: at,
            counted: counts,
            class,
            rack,
            campaign: campaign.unwrap_or(NO_CAMPAIGN),
            ..UNSEEN
        };
        *self.window(window) = fresh;
        if counts {
            self.counts.book(&fresh.parts(), |it| it.windows += 1);
        }
    }

    fn window_closed(&mut self, at: Time, window: WindowId, node: NodeId) {
        let next = self.closed[node.at()];
        let it = *self.window(window);
        if it.counted {
            self.counts.book(&it.parts(), |own| own.maintenance.add(at - it.opened));
        }
        self.crews.closed(at, it.campaign);
        self.window(window).next = next;
        self.closed[node.at()] = window;
    }

    fn returned(&mut self, at: Time, node: NodeId) {
        let mut window = std::mem::replace(&mut self.closed[node.at()], NONE);
        while window != NONE {
            let it = self.windows[window.at()];
            if it.counted {
                self.counts.book(&it.parts(), |own| own.away.add(at - it.opened));
            }
            window = it.next;
        }
    }

    fn work_began(&mut self, at: Time, window: WindowId, waited: Span, counts: bool) {
        let it = *self.window(window);
        if counts {
            self.counts.book(&it.parts(), |own| own.technician.add(waited));
        }
        self.crews.began(at, (window, it.campaign));
    }

    /// An errand that a lost lease interrupted is needed anew; it counts, and waits, from the first time.
    fn errand_needed(&mut self, at: Time, window: WindowId, errand: ErrandId, counts: bool) {
        let it = self.window(window);
        if it.errand.is_none_or(|(number, _)| number != errand) {
            (it.errand, it.errand_counted, it.waiting) = (Some((errand, at)), counts, counts);
            let parts = it.parts();
            if counts {
                self.counts.book(&parts, |own| own.errands += 1);
            }
        }
    }

    fn errand_runs(&mut self, at: Time, window: WindowId, errand: ErrandId) {
        self.waited_enough(at, window);
        let it = *self.window(window);
        if let Some((number, since)) = it.errand
            && it.errand_counted
            && number == errand
        {
            self.errand_waits.push((at - since).0);
            self.waited.push((it.class, it.rack));
        }
    }

    /// The errand of a window waits no longer, if it did.
    fn waited_enough(&mut self, at: Time, window: WindowId) {
        let it = *self.window(window);
        if let Some((_, since)) = it.errand.filter(|_| it.waiting) {
            self.window(window).waiting = false;
            self.counts.book(&it.parts(), |own| own.waited += (at - since).0);
        }
    }

    fn errand_ended(&mut self, window: WindowId, end: ErrandEnd) {
        let it = *self.window(window);
        if it.errand_counted {
            self.counts.book(&it.parts(), |own| match end {
                ErrandEnd::Done => own.done += 1,
                ErrandEnd::Unserved | ErrandEnd::Cut => own.failed += 1,
            });
            // Who gives up has waited longer than anybody who was served.
            if end == ErrandEnd::Unserved {
                self.errand_waits.push(NEVER_MS);
                self.waited.push((it.class, it.rack));
            }
        }
    }

    /// How far campaigns have come, as the world says at the end.
    pub fn know(&mut self, ends: &[CampaignEnd]) {
        self.crews.know(ends);
    }

    /// The run is over. `lease_wanted` is since when each lease is wanted that has not begun.
    pub fn end(&mut self, at: Time, lease_wanted: impl Iterator<Item = Time>) {
        self.lease_waits.extend(lease_wanted.map(|since| (at - since).0));
        for number in 0..self.windows.len() {
            self.waited_enough(at, WindowId(number as u32));
        }
        self.crews.end(at);
    }

    /// The waits of errands and of leases, which are given away.
    pub fn samples(&mut self) -> [Sampled; 2] {
        let errands = std::mem::take(&mut self.errand_waits);
        let leases = std::mem::take(&mut self.lease_waits);
        [
            (
                &[(Metric::ErrandWaitP50, 0.5), (Metric::ErrandWaitP95, 0.95)],
                HOUR_MS,
                errands,
            ),
            (&[(Metric::LeaseWaitP95, 0.95)], HOUR_MS, leases),
        ]
    }

    fn errand_wait(&self, part: SplitPart, p: f64) -> Option<f64> {
        let is = |(class, rack): (u16, u16)| match part {
            None => true,
            Some((Dimension::Class, own)) => class == own,
            Some((_, own)) => rack == own,
        };
        let waits = self.errand_waits.iter().zip(&self.waited);
        let mut waits: Vec<u64> = waits.filter(|(_, of)| is(**of)).map(|(ms, _)| *ms).collect();
        let wait = quantile_in(&mut waits, p, HOUR_MS)?;
        (wait < NEVER_MS as f64 / HOUR_MS as f64).then_some(wait)
    }

    pub fn figure(&mut self, metric: Metric, part: SplitPart) -> Option<Option<f64>> {
        if let Some(figure) = self.crews.figure(metric, part) {
            return Some(figure);
        }
        let counts = self.counts.of(part).copied().unwrap_or_default();
        let actions: u64 = counts.actions.iter().sum();
        Some(match metric {
            Metric::Errands => count(counts.errands),
            Metric::ErrandsDone => count(counts.done),
            Metric::ErrandsFailed => count(counts.failed),
            Metric::ErrandWaitP50 => self.errand_wait(part, 0.5),
            Metric::ErrandWaitP95 => self.errand_wait(part, 0.95),
            Metric::ErrandWaitHours => Some(counts.waited as f64 / HOUR_MS as f64),
            Metric::Mistargeted => count(counts.mistargeted),
            Metric::ErrandRefusals => count(counts.refusals),
            Metric::RefusalsPerErrand => share(counts.refusals, counts.errands),
            Metric::Actions => count(actions),
            Metric::ActionsEntry => count(counts.actions[Deed::Entry as usize]),
            Metric::ActionsReturn => count(counts.actions[Deed::Return as usize]),
            Metric::ActionsBoots => count(counts.actions[Deed::Boot as usize]),
            Metric::ActionsByHand => count(counts.actions[Deed::ByHand as usize]),
            Metric::ActionsPerWindow => share(actions, counts.windows),
            Metric::BootsFailed => count(counts.boots_failed),
            Metric::Slips => count(counts.slips),
            Metric::SlipsFound => count(counts.slips_found),
            Metric::SlipsPerWindow => share(counts.slips, counts.windows),
            Metric::LeaseWaitP95 => quantile_in(&mut self.lease_waits, 0.95, HOUR_MS),
            Metric::LeasesHealed => count(self.leases.healed),
            Metric::LeasesDegraded => count(self.leases.degraded),
            Metric::LeasesExpired => count(self.leases.expired),
            Metric::Windows => count(counts.windows),
            Metric::WindowsOpen => count(counts.windows - counts.maintenance.n),
            Metric::MaintenanceTimeMean => counts.maintenance.mean_in(HOUR_MS),
            Metric::AwayTimeMean => counts.away.mean_in(HOUR_MS),
            Metric::TechnicianWaitMean => counts.technician.mean_in(HOUR_MS),
            _ => return None,
        })
    }
}
