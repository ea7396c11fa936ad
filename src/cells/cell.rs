//! A cell: one strategy in one replication, a pure function. It is the unit of tests, of
//! parallelism, of distribution and of caching.

use super::audit::Audit;
use super::job::CellJob;
use super::log::Logbook;
use super::metrics::Metrics;
use super::outcome::Outcome;
use crate::kernel::streams::Seed;
use crate::kernel::{Digest, Stop, Time};
use crate::scenario::Scenario;
use crate::workload::{Tape, draw};
use crate::world::{self, Ended, Inputs, Observer};

/// The tape of one replication: the same for every strategy.
#[must_use]
pub fn tape_of(scenario: &Scenario, replication: u32) -> Tape {
    let seed = Seed {
        master: scenario.seed,
        replication: u64::from(replication),
    };
    draw(
        &scenario.demand,
        &scenario.maintenance,
        &scenario.fleet,
        scenario.horizon,
        seed,
    )
}

/// Runs one cell. `halt` is asked now and then; where it says so the outcome's `stop` is
/// `Stop::Halted` and its figures are worth nothing.
///
/// # Panics
/// When the run breaks a conservation law, or when the scenario has no such variant.
#[must_use]
pub fn run_cell(scenario: &Scenario, variant: usize, replication: u32, halt: &dyn Fn() -> bool) -> Outcome {
    run_cell_watched(scenario, variant, replication, (), halt).0
}

/// The same with a further observer, which is given back. It is told what the others are told and
/// changes nothing.
///
/// # Panics
/// As `run_cell`.
#[must_use]
pub fn run_cell_watched<O: Observer>(
    scenario: &Scenario,
    variant: usize,
    replication: u32,
    watcher: O,
    halt: &dyn Fn() -> bool,
) -> (Outcome, O) {
    let tape = tape_of(scenario, replication);
    let audit = Audit::new(scenario);
    let logbook = is_logged(scenario, replication).then(|| Logbook::new(scenario, &tape));
    let (mut outcome, watcher, mut metrics) =
        run_audited(scenario, variant, replication, &tape, (audit, logbook, watcher), halt);
    outcome.samples = metrics.samples();
    (outcome, watcher)
}

/// Whether a replication is written down.
fn is_logged(scenario: &Scenario, replication: u32) -> bool {
    scenario.reporting.log_replications.contains(&replication)
}

/// Plays the begin of a cell, up to `until`, for one observer alone.
///
/// # Panics
/// When the scenario has no such variant, or the world breaks one of its own invariants.
#[must_use]
pub fn play_until<O: Observer>(scenario: &Scenario, variant: usize, replication: u32, until: Time, watcher: O) -> O {
    let tape = tape_of(scenario, replication);
    let inputs = Inputs {
        horizon: until.min(scenario.horizon),
        ..inputs_of(scenario, variant, &tape)
    };
    world::run(inputs, watcher, &|| false).observers
}

/// The same without a log and samples, for those who want the figures of many cells.
///
/// # Panics
/// As `run_cell`.
#[must_use]
pub fn measure_cell(scenario: &Scenario, variant: usize, replication: u32, halt: &dyn Fn() -> bool) -> Outcome {
    let tape = tape_of(scenario, replication);
    let audit = Audit::new(scenario);
    run_audited(scenario, variant, replication, &tape, (audit, None, ()), halt).0
}

/// The values of a job, in the order of `columns::COLUMNS`; none when it was halted.
///
/// # Panics
/// As `run_cell`.
#[must_use]
pub fn values_of(scenario: &Scenario, job: CellJob, halt: &dyn Fn() -> bool) -> Option<Vec<Option<f64>>> {
    let outcome = measure_cell(scenario, job.variant, job.replication, halt);
    (outcome.stop != Stop::Halted).then_some(outcome.values)
}

/// The same with the audit's recount after every event: slow, for tests.
///
/// # Panics
/// As `run_cell`.
#[must_use]
pub fn run_cell_strictly(scenario: &Scenario, variant: usize, replication: u32) -> Outcome {
    let tape = tape_of(scenario, replication);
    let audit = Audit::new(scenario).strict();
    let logbook = is_logged(scenario, replication).then(|| Logbook::new(scenario, &tape));
    run_audited(scenario, variant, replication, &tape, (audit, logbook, ()), &|| false).0
}

/// What the world is given for a cell.
pub(super) fn inputs_of<'a>(scenario: &'a Scenario, variant: usize, tape: &'a Tape) -> Inputs<'a> {
    Inputs {
        fleet: &scenario.fleet,
        tape,
        demand: &scenario.demand,
        maintenance: &scenario.maintenance,
        strategy: scenario.variants[variant].strategy.as_ref(),
        policy: &scenario.policy,
        settings: &scenario.settings,
        horizon: scenario.horizon,
    }
}

/// The outcome, its samples still with the metrics.
fn run_audited<O: Observer>(
    scenario: &Scenario,
    variant: usize,
    replication: u32,
    tape: &Tape,
    (audit, logbook, watcher): (Audit, Option<Logbook>, O),
    halt: &dyn Fn() -> bool,
) -> (Outcome, O, Metrics) {
    let inputs = inputs_of(scenario, variant, tape);
    // The audit comes first: a broken law is named before any figure trips over it.
    let observers = (Digest::default(), ((audit, watcher), (Metrics::new(scenario), logbook)));
    let Ended {
        observers,
        campaigns,
        requests_digest,
        events_digest,
        stop,
        events,
    } = world::run(inputs, observers, halt);
    let (facts_digest, ((_, watcher), (mut metrics, logbook))) = observers;
    if matches!(stop, Stop::Drained | Stop::Horizon) {
        assert!(
            metrics.ended() == Some(scenario.horizon),
            "broken law `a run ends at its horizon`: it ended at {:?}, not at {}",
            metrics.ended(),
            scenario.horizon
        );
    }
    let outcome = Outcome {
        variant,
        replication,
        digest: folded([events_digest, facts_digest]).hex(),
        tape_digest: tape.digest_with(requests_digest).hex(),
        stop,
        events,
        values: metrics.values(&campaigns),
        campaigns,
        samples: Vec::new(),
        log: logbook.map(Logbook::finish),
    };
    (outcome, watcher, metrics)
}

/// Several digests as one, their order included.
fn folded(digests: impl IntoIterator<Item = Digest>) -> Digest {
    digests.into_iter().fold(Digest::default(), |mut all, digest| {
        let value = digest.value();
        all.word((value >> 64) as u64);
        all.word(value as u64);
        all
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cells::columns::Metric;
    use crate::cells::testing::busy;
    use crate::world::{BuildError, Fact, Sight};
    use std::collections::{BTreeMap, BTreeSet};

    /// Reasons to keep a request, by the facts.
    #[derive(Default)]
    struct Live {
        reasons: BTreeMap<crate::fleet::RequestId, u32>,
        arrived: u32,
        most: usize,
    }

    impl Observer for Live {
        fn told(&mut self, _at: Time, fact: &Fact, sight: &Sight<'_>) {
            match *fact {
                Fact::Arrived { request } => {
                    self.arrived += 1;
                    self.reasons.insert(request, 1);
                    let (pages, size) = sight.requests.pages();
                    let needed: BTreeSet<u32> = self.reasons.keys().map(|request| request.0 / size as u32).collect();
                    // One for the request to come, and those that ran empty since the last page was begun.
                    assert!(
                        pages <= needed.len() + 1 + size,
                        "{pages} pages, {} needed",
                        needed.len()
                    );
                    self.most = self.most.max(pages * size);
                }
                Fact::Claimed { request, .. } => _ = self.reasons.entry(request).and_modify(|reasons| *reasons += 1),
                Fact::BuildFailed {
                    error: BuildError::Unavailable,
                    ..
                } => {}
                Fact::Accepted { request }
                | Fact::Refused { request, .. }
                | Fact::Conflict { request, .. }
                | Fact::BuildFailed { request, .. }
                | Fact::Released { request, .. }
                | Fact::Evicted { request, .. }
                | Fact::Interrupted { request, .. } => {
                    let reasons = self.reasons.get_mut(&request).expect("a request with a reason");
                    *reasons -= 1;
                    if *reasons == 0 {
                        self.reasons.remove(&request);
                    }
                }
                _ => {}
            }
            let forgotten = self
                .reasons
                .keys()
                .find(|&&request| sight.requests.find(request).is_none());
            assert_eq!(forgotten, None, "at {fact:?}");
        }
    }

    #[test]
    fn requests_are_at_hand_while_they_matter_and_no_longer() {
        let mut scenario = busy();
        scenario.horizon = Time(scenario.horizon.0 * 4);
        for variant in 0..scenario.variants.len() {
            let tape = tape_of(&scenario, 1);
            let inputs = inputs_of(&scenario, variant, &tape);
            let live = world::run(inputs, Live::default(), &|| false).observers;
            assert!(
                live.arrived > 600 && live.most < 450,
                "{} of {}",
                live.most,
                live.arrived
            );
        }
    }

    #[test]
    fn every_strategy_keeps_the_laws_at_every_fact() {
        let scenario = busy();
        for variant in 0..scenario.variants.len() {
            let outcome = run_cell_strictly(&scenario, variant, 0);
            let figure = |metric: Metric| outcome.values[metric.at()].unwrap();
            let label = &scenario.variants[variant].label;
            assert_eq!(figure(Metric::LittleGap), 0.0, "{label}");
            assert_eq!(figure(Metric::InstalledNodeHours), 12.0 * 720.0, "{label}");
            // The case is worth nothing if nothing happens in it.
            for metric in [
                Metric::Accepted,
                Metric::Refused,
                Metric::FailedBuilds,
                Metric::Windows,
                Metric::ErrandsDone,
                Metric::Slips,
            ] {
                assert!(
                    figure(metric) > 0.0 || (metric == Metric::Slips && label == "naive"),
                    "{label}: no {metric:?}"
                );
            }
        }
    }

    #[test]
    fn the_tape_is_the_same_for_every_strategy_and_a_cell_repeats_itself() {
        let scenario = busy();
        let outcomes: Vec<Outcome> = (0..scenario.variants.len())
            .map(|v| run_cell(&scenario, v, 1, &|| false))
            .collect();
        assert!(
            outcomes
                .iter()
                .all(|outcome| outcome.tape_digest == outcomes[0].tape_digest)
        );
        assert!(outcomes[1..].iter().all(|outcome| outcome.digest != outcomes[0].digest));
        assert_eq!(
            format!("{:?}", run_cell(&scenario, 2, 1, &|| false)),
            format!("{:?}", outcomes[2])
        );
        assert!(outcomes[0].log.is_none() && run_cell(&scenario, 0, 0, &|| false).log.is_some());
    }
}
