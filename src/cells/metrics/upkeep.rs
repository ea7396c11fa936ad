//! What operators meet: windows, technicians, errands, steps and slips.

use super::sums::{Sampled, Total, count, quantile_in};
use crate::cells::columns::Metric;
use crate::fleet::{NodeId, WindowId};
use crate::kernel::Time;
use crate::kernel::time::HOUR_MS;
use crate::workload::ErrandId;
use crate::world::{Deed, ErrandEnd, Fact};

/// No window, at the end of a list of them.
const NONE: WindowId = WindowId(u32::MAX);

/// A window's course so far.
#[derive(Clone, Copy, Debug)]
struct Window {
    opened: Time,
    /// It opened since the warm-up.
    counted: bool,
    /// The next window of the same node that is closed while the node is not back yet.
    next: WindowId,
    /// The errand that was last needed, and since when: a window's errands come one by one.
    errand: Option<(ErrandId, Time)>,
    errand_counted: bool,
}

const UNSEEN: Window = Window {
    opened: Time::NEVER,
    counted: false,
    next: NONE,
    errand: None,
    errand_counted: false,
};

/// Plain counts.
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
    leases_healed: u64,
    leases_degraded: u64,
    leases_expired: u64,
}

#[derive(Debug)]
pub struct Upkeep {
    windows: Vec<Window>,
    /// Per node: the last of its windows that are closed while the node is not back yet.
    closed: Vec<WindowId>,
    counts: Counts,
    errand_waits: Vec<u64>,
    lease_waits: Vec<u64>,
    maintenance: Total,
    away: Total,
    technician: Total,
}

impl Upkeep {
    pub fn new(nodes: usize) -> Upkeep {
        Upkeep {
            windows: Vec::new(),
            closed: vec![NONE; nodes],
            counts: Counts::default(),
            errand_waits: Vec::new(),
            lease_waits: Vec::new(),
            maintenance: Total::default(),
            away: Total::default(),
            technician: Total::default(),
        }
    }

    pub fn told(&mut self, at: Time, fact: &Fact, counts: bool) {
        let one = u64::from(counts);
        match *fact {
            Fact::WindowOpened { window, .. } => {
                self.counts.windows += one;
                *self.window(window) = Window {
                    opened: at,
                    counted: counts,
                    ..UNSEEN
                };
            }
            Fact::WindowClosed { window, node } => self.window_closed(at, window, node),
            Fact::Returned { node } => self.returned(at, node),
            Fact::WorkBegan { waited, .. } if counts => self.technician.add(waited),
            Fact::Action { human: true, deed, .. } => self.counts.actions[deed as usize] += one,
            Fact::BootFailed { .. } => self.counts.boots_failed += one,
            Fact::Slipped { .. } => self.counts.slips += one,
            Fact::Audited { .. } => self.counts.slips_found += one,
            Fact::ErrandNeeded { window, errand, .. } => self.errand_needed(at, window, errand, counts),
            Fact::ErrandRefused { .. } => self.counts.refusals += one,
            Fact::Mistargeted { .. } => self.counts.mistargeted += one,
            Fact::ErrandRuns { window, errand, .. } => self.errand_runs(at, window, errand),
            Fact::ErrandEnded { window, end, .. } => self.errand_ended(window, end),
            Fact::LeaseBegan { waited, .. } if counts => self.lease_waits.push(waited.0),
            Fact::LeaseHealed { .. } => self.counts.leases_healed += one,
            Fact::LeaseDegraded { .. } => self.counts.leases_degraded += one,
            Fact::LeaseExpired { .. } => self.counts.leases_expired += one,
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

    fn window_closed(&mut self, at: Time, window: WindowId, node: NodeId) {
        let next = self.closed[node.at()];
        let Window { opened, counted, .. } = *self.window(window);
        if counted {
            self.maintenance.add(at - opened);
        }
        self.window(window).next = next;
        self.closed[node.at()] = window;
    }

    fn returned(&mut self, at: Time, node: NodeId) {
        let mut window = std::mem::replace(&mut self.closed[node.at()], NONE);
        while window != NONE {
            let Window {
                opened, counted, next, ..
            } = self.windows[window.at()];
            if counted {
                self.away.add(at - opened);
            }
            window = next;
        }
    }

    /// An errand that a lost lease interrupted is needed anew; it counts, and waits, from the first time.
    fn errand_needed(&mut self, at: Time, window: WindowId, errand: ErrandId, counts: bool) {
        let window = self.window(window);
        if window.errand.is_none_or(|(number, _)| number != errand) {
            (window.errand, window.errand_counted) = (Some((errand, at)), counts);
            self.counts.errands += u64::from(counts);
        }
    }

    fn errand_runs(&mut self, at: Time, window: WindowId, errand: ErrandId) {
        let Window {
            errand: needed,
            errand_counted,
            ..
        } = *self.window(window);
        if let Some((number, since)) = needed
            && errand_counted
            && number == errand
        {
            self.errand_waits.push((at - since).0);
        }
    }

    fn errand_ended(&mut self, window: WindowId, end: ErrandEnd) {
        if self.window(window).errand_counted {
            match end {
                ErrandEnd::Done => self.counts.done += 1,
                ErrandEnd::Unserved | ErrandEnd::Cut => self.counts.failed += 1,
            }
        }
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

    pub fn figure(&mut self, metric: Metric) -> Option<Option<f64>> {
        let counts = &self.counts;
        Some(match metric {
            Metric::Errands => count(counts.errands),
            Metric::ErrandsDone => count(counts.done),
            Metric::ErrandsFailed => count(counts.failed),
            Metric::ErrandWaitP50 => quantile_in(&mut self.errand_waits, 0.5, HOUR_MS),
            Metric::ErrandWaitP95 => quantile_in(&mut self.errand_waits, 0.95, HOUR_MS),
            Metric::Mistargeted => count(counts.mistargeted),
            Metric::ErrandRefusals => count(counts.refusals),
            Metric::Actions => count(counts.actions.iter().sum()),
            Metric::ActionsEntry => count(counts.actions[Deed::Entry as usize]),
            Metric::ActionsReturn => count(counts.actions[Deed::Return as usize]),
            Metric::ActionsBoots => count(counts.actions[Deed::Boot as usize]),
            Metric::ActionsByHand => count(counts.actions[Deed::ByHand as usize]),
            Metric::BootsFailed => count(counts.boots_failed),
            Metric::Slips => count(counts.slips),
            Metric::SlipsFound => count(counts.slips_found),
            Metric::LeaseWaitP95 => quantile_in(&mut self.lease_waits, 0.95, HOUR_MS),
            Metric::LeasesHealed => count(counts.leases_healed),
            Metric::LeasesDegraded => count(counts.leases_degraded),
            Metric::LeasesExpired => count(counts.leases_expired),
            Metric::Windows => count(counts.windows),
            Metric::WindowsOpen => count(counts.windows - self.maintenance.n),
            Metric::MaintenanceTimeMean => self.maintenance.mean_in(HOUR_MS),
            Metric::AwayTimeMean => self.away.mean_in(HOUR_MS),
            Metric::TechnicianWaitMean => self.technician.mean_in(HOUR_MS),
            _ => return None,
        })
    }
}
