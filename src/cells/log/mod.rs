//! What is written down of replication 0: every request, errand and window, the fleet over time,
//! the courses of nodes, and the story where the scenario asks for it.

mod decisions;
mod reasons;
mod states;
pub(crate) mod story;
mod timeline;

use super::outcome::Log;
use super::rows::{ErrandOutcome, ErrandRow, RequestOutcome, RequestRow, WindowRow};
use crate::fleet::{NodeId, RequestId, WindowId};
use crate::kernel::Time;
use crate::scenario::Scenario;
use crate::workload::{ErrandId, Tape};
use crate::world::{ErrandEnd, Fact, Observer, Sight, Standing};

use decisions::Decisions;
use reasons::{Reason, Reasons};
use states::Courses;
pub(super) use states::ROWS_EACH;
use timeline::Timeline;

/// No row.
const NONE: u32 = u32::MAX;

/// The observer that fills a `Log`.
#[derive(Debug)]
pub struct Logbook {
    log: Log,
    /// By window: its row and those of its errands.
    windows: Vec<(u32, Vec<u32>)>,
    /// By node: the rows of windows that are closed while the node is not back yet.
    closed: Vec<Vec<u32>>,
    /// By node: how it stands.
    standings: Vec<Standing>,
    timeline: Timeline,
    courses: Courses,
    reasons: Reasons,
    decisions: Decisions,
    writes_requests: bool,
    tells_story: bool,
}

impl Logbook {
    /// An empty logbook for a run of `scenario` over `tape`.
    #[must_use]
    pub fn new(scenario: &Scenario, tape: &Tape) -> Logbook {
        let nodes = scenario.fleet.nodes.len();
        Logbook {
            log: Log::default(),
            windows: Vec::new(),
            closed: vec![Vec::new(); nodes],
            standings: vec![Standing::default(); nodes],
            timeline: Timeline::new(nodes, scenario.horizon),
            courses: Courses::new(nodes, tape, scenario.reporting.log_nodes),
            reasons: Reasons::new(scenario),
            decisions: Decisions::default(),
            writes_requests: scenario.reporting.log_requests,
            tells_story: scenario.reporting.story,
        }
    }

    /// The log.
    #[must_use]
    pub fn finish(self) -> Log {
        let (states, nodes_left_out) = self.courses.rows();
        let (decisions, decisions_left) = self.decisions.rows();
        Log {
            timeline: self.timeline.rows(),
            states,
            nodes_left_out,
            decisions,
            decisions_left,
            ..self.log
        }
    }

    fn arrived(&mut self, request: RequestId, sight: &Sight<'_>) {
        let asked = sight.request(request);
        let names = &sight.fleet.names;
        self.log.requests.push(RequestRow {
            request: sight.request_name(request),
            arrival: asked.arrival,
            tenant: names.tenants.name(asked.tenant.0).to_owned(),
            class: names.classes.name(asked.class.0).to_owned(),
            count: asked.count,
            kind: asked.kind,
            ..RequestRow::default()
        });
    }

    /// The row of a request: they arrive in the order of their numbers.
    fn request(&mut self, request: RequestId) -> Option<&mut RequestRow> {
        self.log.requests.get_mut(request.at())
    }

    /// What befalls a request that has a row.
    fn on_request(&mut self, at: Time, fact: &Fact, sight: &Sight<'_>) {
        match *fact {
            Fact::Accepted { request } => {
                let start = sight.request(request).start;
                if let Some(row) = self.request(request) {
                    (row.outcome, row.wait) = (RequestOutcome::Accepted, Some(at - start));
                }
            }
            Fact::Refused { request, cause } => {
                if let Some(row) = self.request(request) {
                    (row.outcome, row.cause) = (RequestOutcome::Refused, Some(cause));
                }
            }
            Fact::BuildFailed { request, .. } => {
                if let Some(row) = self.request(request) {
                    row.failed_builds = row.failed_builds.saturating_add(1);
                }
            }
            Fact::Active { request, node } => {
                let name = node_name(sight, node);
                if let Some(row) = self.request(request) {
                    row.nodes.push(name);
                }
            }
            _ => {}
        }
    }

    fn window_opened(&mut self, at: Time, window: WindowId, node: NodeId, reason: Reason, sight: &Sight<'_>) {
        let index = window.at();
        if index >= self.windows.len() {
            self.windows.resize(index + 1, (NONE, Vec::new()));
        }
        self.windows[index].0 = self.log.windows.len() as u32;
        let occupied = self.standings[node.at()].is(Standing::TENANT);
        let node = node_name(sight, node);
        self.log.windows.push(WindowRow {
            window,
            node,
            opened: at,
            in_hand: None,
            closed: None,
            returned: None,
            occupied,
            cause: reason.cause,
            campaign: reason.campaign,
        });
    }

    fn window(&mut self, window: WindowId) -> Option<&mut WindowRow> {
        let row = self.windows.get(window.at())?.0;
        self.log.windows.get_mut(row as usize)
    }

    fn on_window(&mut self, at: Time, fact: &Fact, sight: &Sight<'_>) {
        match *fact {
            Fact::WindowOpened { window, node, job } => {
                let reason = self.reasons.of(job, sight);
                self.courses.reason(at, node, &reason.words());
                self.window_opened(at, window, node, reason, sight);
            }
            Fact::InHand { window, .. } => {
                if let Some(row) = self.window(window) {
                    row.in_hand = row.in_hand.or(Some(at));
                }
            }
            Fact::WindowClosed { window, node } => {
                if let Some(row) = self.window(window) {
                    row.closed = Some(at);
                    let index = self.windows[window.at()].0;
                    self.closed[node.at()].push(index);
                }
            }
            Fact::Returned { node } => {
                for row in self.closed[node.at()].drain(..) {
                    self.log.windows[row as usize].returned = Some(at);
                }
            }
            _ => {}
        }
    }

    fn errand_needed(&mut self, at: Time, window: WindowId, errand: ErrandId, node: NodeId, sight: &Sight<'_>) {
        // An errand that a lost lease interrupted is needed anew.
        if self.errand(window, errand).is_some() {
            return;
        }
        let row = self.log.errands.len() as u32;
        if let Some((_, errands)) = self.windows.get_mut(window.at()) {
            errands.push(row);
        }
        self.log.errands.push(ErrandRow {
            window,
            errand,
            node: node_name(sight, node),
            needed: at,
            ..ErrandRow::default()
        });
    }

    /// The row of an errand, once it was needed.
    fn errand(&mut self, window: WindowId, errand: ErrandId) -> Option<&mut ErrandRow> {
        let rows = &self.windows.get(window.at())?.1;
        let errands = &mut self.log.errands;
        let row = *rows.iter().find(|&&row| errands[row as usize].errand == errand)?;
        errands.get_mut(row as usize)
    }

    fn on_errand(&mut self, at: Time, fact: &Fact, sight: &Sight<'_>) {
        match *fact {
            Fact::ErrandNeeded { window, errand, node } => self.errand_needed(at, window, errand, node, sight),
            Fact::ErrandRefused { window, errand, .. } => {
                if let Some(row) = self.errand(window, errand) {
                    row.refused = row.refused.saturating_add(1);
                }
            }
            Fact::Mistargeted { window, errand, .. } => {
                if let Some(row) = self.errand(window, errand) {
                    row.mistargeted = row.mistargeted.saturating_add(1);
                }
            }
            Fact::ErrandRuns { window, errand, .. } => {
                if let Some(row) = self.errand(window, errand) {
                    row.running = row.running.or(Some(at));
                }
            }
            Fact::ErrandEnded {
                window, errand, end, ..
            } => {
                if let Some(row) = self.errand(window, errand) {
                    row.ended = Some(at);
                    row.outcome = match end {
                        ErrandEnd::Done => ErrandOutcome::Done,
                        ErrandEnd::Unserved => ErrandOutcome::Unserved,
                        ErrandEnd::Cut => ErrandOutcome::Cut,
                    };
                }
            }
            _ => {}
        }
    }
}

impl Observer for Logbook {
    fn told(&mut self, at: Time, fact: &Fact, sight: &Sight<'_>) {
        match *fact {
            Fact::Published { .. } | Fact::Decided { .. } => {}
            Fact::Stood { node, to, .. } => {
                self.standings[node.at()] = to;
                self.timeline.stood(at, node, to);
                self.courses.stood(at, node, to);
            }
            Fact::Claimed { request, node, .. } | Fact::Active { request, node } => {
                let tenant = sight.request(request).tenant;
                self.courses.tenant(at, node, sight.fleet.names.tenants.name(tenant.0));
                if self.writes_requests {
                    self.on_request(at, fact, sight);
                }
            }
            Fact::Broke { node, kind } => {
                let reason = self.reasons.of_fault(kind);
                self.courses.reason(at, node, &reason.words());
            }
            Fact::Arrived { request } if self.writes_requests => self.arrived(request, sight),
            Fact::Arrived { .. } => {}
            Fact::Accepted { .. } | Fact::Refused { .. } | Fact::BuildFailed { .. } => {
                if self.writes_requests {
                    self.on_request(at, fact, sight);
                }
            }
            Fact::WindowOpened { .. } | Fact::InHand { .. } | Fact::WindowClosed { .. } | Fact::Returned { .. } => {
                self.on_window(at, fact, sight);
            }
            Fact::Ended => {
                self.timeline.end(at);
                self.courses.end(at, sight);
            }
            _ => self.on_errand(at, fact, sight),
        }
        self.decisions.told(at, fact, sight);
        if self.tells_story
            && let Some(line) = story::sentence(fact, sight)
        {
            self.log.story.push((at, line));
        }
    }
}

fn node_name(sight: &Sight<'_>, node: NodeId) -> String {
    sight.fleet.name(node).to_owned()
}

#[cfg(test)]
mod tests;
