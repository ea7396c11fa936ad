//! How much memory an experiment will take, estimated before it starts, so that it is refused and not killed.
//!
//! The figures per thing are measured and rounded up. They need not be right to more than a factor of two: what is refused
//! is what is far beyond the machine.

use super::engine::workers;
use super::log::ROWS_EACH;
use crate::scenario::{MOST_LOOKED_AT, Scenario};
use crate::workload::MaintenancePlan;

/// Bytes of a node in a cell under way: the fleet, the view, the desks, the metrics.
const NODE: u64 = 600;
/// Bytes of a job on the tape, with its window and its rows of a log.
const JOB: u64 = 500;
/// Bytes of a boot on the tape.
const BOOT: u64 = 8;
/// Bytes of a request in a cell under way, beyond its pages: its waits, kept by value.
const REQUEST: u64 = 24;
/// Bytes of a row of the log, with the file's text.
const ROW: u64 = 750;
/// Bytes of a stretch of a node's course in the log, with the file's text and the page's data.
const STRETCH: u64 = 400;
/// Bytes of what a cell leaves behind until the end.
const OUTCOME: u64 = 16_000;
/// Bytes of two strategies' comparison.
const PAIR: u64 = 24_000;

/// What is kept of a cell that has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retention {
    /// All of it, until the results are written.
    Outcomes,
    /// Its figures go to disk.
    Nothing,
}

/// Bytes, for what, and the keys to change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemoryPart {
    /// Bytes.
    pub bytes: u64,
    /// What takes them.
    pub what: &'static str,
    /// What to do about it.
    pub fix: &'static str,
}

/// The parts of what an experiment needs, the largest first.
#[must_use]
pub fn parts(scenario: &Scenario, threads: Option<usize>, kept: Retention) -> Vec<MemoryPart> {
    let strategies = scenario.variants.len() as u64;
    let goals = [
        scenario.reporting.precision.as_ref().map(|goal| goal.max_replications),
        scenario.reporting.best.as_ref().map(|goal| goal.max_replications),
        scenario.until_decided.then_some(MOST_LOOKED_AT),
    ];
    let replications = goals.into_iter().flatten().fold(scenario.replications, u32::max);
    let cells = strategies.saturating_mul(u64::from(replications));
    let flying = workers(threads, usize::try_from(cells).unwrap_or(usize::MAX)) as u64;
    let (jobs, boots) = tape(&scenario.maintenance, scenario);
    let requests = whole(scenario.demand.expected(scenario.horizon));
    let all = |each: u64, count: u64| each.saturating_mul(count);
    let mut parts = vec![
        MemoryPart {
            bytes: all(flying, all(NODE, scenario.fleet.nodes.len() as u64)),
            what: "nodes in the cells under way",
            fix: "lower `fleet.scale` or `fleet.group.nodes`, or give fewer `--threads`",
        },
        MemoryPart {
            bytes: all(flying, all(JOB, jobs).saturating_add(all(BOOT, boots))),
            what: "faults, campaigns and spells in the cells under way",
            fix: "let `maintenance.faults.between` or `maintenance.campaign.every` be longer, `errands.counts` lower, or \
                   give fewer `--threads`",
        },
        MemoryPart {
            bytes: all(flying, all(REQUEST, requests)),
            what: "requests in the cells under way",
            fix: "lower `workload.scale`, let the `horizon` be nearer, or give fewer `--threads`",
        },
    ];
    if kept == Retention::Outcomes {
        parts.push(MemoryPart {
            bytes: all(OUTCOME, cells),
            what: "what is kept of each replication",
            fix: "lower `scenario.replications` (of a goal, `max_replications`), or use `sickbay sweep`, which keeps it on disk",
        });
        let logged = all(strategies, scenario.reporting.log_replications.len() as u64);
        parts.push(MemoryPart {
            bytes: if scenario.reporting.log_requests {
                all(logged, all(ROW, requests))
            } else {
                0
            },
            what: "the logs of replications",
            fix: "set `report.log_requests = false`, or name fewer `report.log_replications`",
        });
        // A request takes a node through three states or so, a maintenance through six.
        let watched = scenario.reporting.log_nodes.min(scenario.fleet.nodes.len()) as u64;
        let stretches = all(3, requests).saturating_add(all(6, jobs)).saturating_add(watched);
        parts.push(MemoryPart {
            bytes: all(logged, all(STRETCH, stretches.min(all(ROWS_EACH as u64, watched)))),
            what: "the courses of nodes in the logs of replications",
            fix: "lower `report.log_nodes`, or name fewer `report.log_replications`",
        });
        parts.push(MemoryPart {
            bytes: all(PAIR, strategies * strategies.saturating_sub(1) / 2),
            what: "comparisons of strategies, pair by pair",
            fix: "name fewer `scenario.strategies`",
        });
    }
    parts.sort_by_key(|part| std::cmp::Reverse(part.bytes));
    parts
}

/// The jobs on the tape of a replication and their boots, as far as the laws say.
fn tape(plan: &MaintenancePlan, scenario: &Scenario) -> (u64, u64) {
    use crate::scenario::bounds::{faults, jobs};
    let (fleet, horizon) = (&scenario.fleet, scenario.horizon);
    let laws = plan
        .faults
        .iter()
        .map(|law| (faults(law, fleet, horizon), law.errands.counts.mean()));
    let campaigns = plan
        .campaigns
        .iter()
        .map(|one| (jobs(one, fleet, horizon), one.errands.counts.mean()));
    let spells = (plan.spells.len() as f64, plan.spell_errands.counts.mean());
    let all = laws.chain(campaigns).chain([spells]);
    let (jobs, boots) = all.fold((0.0, 0.0), |(jobs, boots), (n, each)| (jobs + n, boots + n * each));
    (whole(jobs), whole(boots))
}

/// A count from a figure; what is too large for one is the largest.
fn whole(figure: f64) -> u64 {
    figure.max(0.0) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cells::testing::busy;

    fn most(scenario: &Scenario, threads: usize, kept: Retention) -> (u64, &'static str) {
        let parts = parts(scenario, Some(threads), kept);
        let sum = parts.iter().map(|part| part.bytes).sum();
        (sum, parts[0].what)
    }

    #[test]
    fn the_estimate_grows_with_what_it_is_of_and_names_the_largest_part() {
        let small = busy();
        let (bytes, _) = most(&small, 1, Retention::Outcomes);
        assert!(bytes < 10_000_000, "{bytes}");
        let mut many = busy();
        many.replications = 1_000_000;
        let (bytes, what) = most(&many, 1, Retention::Outcomes);
        assert!(bytes > 10_000_000_000, "{bytes}");
        assert_eq!(what, "what is kept of each replication");
        assert!(most(&many, 1, Retention::Nothing).0 < 10_000_000);
        assert!(most(&many, 8, Retention::Nothing).0 > most(&many, 1, Retention::Nothing).0);
    }
}
