//! An experiment: cells (strategy and replication) in parallel, collected in order and folded in
//! order, so that the number of threads cannot change a byte.

use crate::cells::cell::run_cell;
use crate::cells::engine::{CellsError, Engine, Progress, Scenarios};
use crate::cells::explain::short;
use crate::cells::job::CellJob;
use crate::cells::outcome::Outcome;
use crate::cells::table::CellTable;
use crate::cells::warmup::settle;
use crate::judge::results::Results;
use crate::judge::stopping::{Next, Stopping, UnknownMetric};
use crate::judge::summary::summarise;
use crate::kernel::Stop;
use crate::scenario::Scenario;

/// How to run an experiment. None of it changes a figure, except that only the strategies named
/// are run.
#[derive(Clone, Debug, Default)]
pub struct RunOptions {
    /// Threads; none: as many as there are processors.
    pub threads: Option<usize>,
    /// The strategies to run, by label or by name; none: all of the scenario's.
    pub variants: Option<Vec<String>>,
}

impl RunOptions {
    /// The engine that these options ask for.
    pub(super) fn engine<'a>(&self, halt: &'a (dyn Fn() -> bool + Sync)) -> Engine<'a> {
        Engine::on(self.threads, halt)
    }
}

/// Why an experiment gave no results.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExperimentError {
    /// A name that no strategy of the scenario has.
    #[error("the scenario has no strategy `{name}`; it has {known}")]
    UnknownStrategy {
        /// The name.
        name: String,
        /// The labels that there are, separated by commas.
        known: String,
    },
    /// A metric that there is not.
    #[error(transparent)]
    UnknownMetric(#[from] UnknownMetric),
    /// Nothing to run.
    #[error("the scenario has no {0} to run")]
    Nothing(&'static str),
    /// It was interrupted before there was anything to keep.
    #[error("interrupted before every strategy had finished one replication")]
    Interrupted,
    /// Cells could not be run.
    #[error(transparent)]
    Cells(CellsError),
    /// A cell broke an invariant: a bug of the model.
    #[error("strategy {variant}, replication {replication}, seed {seed}: {message}")]
    Broken {
        /// The strategy's label.
        variant: String,
        /// The replication, from 0.
        replication: u32,
        /// The scenario's seed.
        seed: u64,
        /// What was broken, where and when.
        message: String,
    },
}

impl ExperimentError {
    /// An error of cells as one of an experiment with this scenario.
    #[must_use]
    pub fn of(error: CellsError, scenario: &Scenario) -> ExperimentError {
        match error {
            CellsError::Broken { job, message } => ExperimentError::Broken {
                variant: scenario.variants[job.variant].label.clone(),
                replication: job.replication,
                seed: scenario.seed,
                message,
            },
            CellsError::Interrupted => ExperimentError::Interrupted,
            other => ExperimentError::Cells(other),
        }
    }
}

/// Runs a scenario's strategies over its replications, and over more where the scenario has goals for them.
///
/// `progress` is told after each cell; `halt` is asked between cells and now and then inside
/// them. What every strategy has finished when it says so is kept and marked partial.
///
/// # Errors
/// When a strategy or a goal's metric is unknown, nothing is to be run, it was interrupted too early, the threads
/// cannot be started, or a cell breaks an invariant (the first in order is named).
pub fn run(
    scenario: &Scenario,
    options: &RunOptions,
    progress: &(dyn Fn(Progress) + Sync),
    halt: &(dyn Fn() -> bool + Sync),
) -> Result<Results, ExperimentError> {
    let variants = chosen(scenario, options)?;
    let stopping = Stopping::new(scenario, &variants)?;
    let engine = options.engine(halt);
    let of = |error: CellsError| ExperimentError::of(error, scenario);
    let settled = settle(scenario, &variants, engine, progress).map_err(of)?;
    let scenario = settled.scenario.as_ref();
    let play = |scenario: &Scenario, job: CellJob| {
        let mut outcome = run_cell(scenario, job.variant, job.replication, halt);
        // A trace that is too long for its log is too long to be played once more for what is said of a few requests.
        if let Some(log) = outcome.log.as_mut().filter(|_| scenario.reporting.log_requests) {
            short::fill(scenario, (job.variant, job.replication), log, halt);
        }
        (outcome.stop != Stop::Halted).then_some(outcome)
    };
    let mut planned = 0;
    let next = |table: &CellTable<Outcome>| {
        let have = planned;
        planned = match have {
            0 => stopping.first(),
            _ => match stopping.next(table, have) {
                Next::End(n) | Next::More(n) => n,
            },
        };
        // Replication by replication, so that an interrupt leaves whole replications behind.
        let of = |replication| {
            variants
                .iter()
                .map(move |&variant| CellJob::of_one(variant, replication))
        };
        (have..planned).flat_map(of).collect()
    };
    let (table, _) = engine
        .grow(Scenarios::One(scenario), progress, &play, next)
        .map_err(of)?;
    let mut results = summarise(scenario, &variants, table, planned, &stopping);
    results.assumptions.extend(settled.warm_up.sentence());
    results.warm_up = Some(settled.warm_up);
    if results.replications == 0 {
        Err(ExperimentError::Interrupted)
    } else {
        Ok(results)
    }
}

/// The places of the strategies to run, in the scenario's order.
pub(super) fn chosen(scenario: &Scenario, options: &RunOptions) -> Result<Vec<usize>, ExperimentError> {
    if scenario.replications == 0 {
        return Err(ExperimentError::Nothing("replications"));
    }
    if scenario.variants.is_empty() {
        return Err(ExperimentError::Nothing("strategies"));
    }
    let Some(wanted) = &options.variants else {
        return Ok((0..scenario.variants.len()).collect());
    };
    let is = |at: usize, name: &String| scenario.variants[at].label == *name || scenario.variants[at].name == name;
    let all = 0..scenario.variants.len();
    if let Some(name) = wanted.iter().find(|name| !all.clone().any(|at| is(at, name))) {
        let labels: Vec<&str> = scenario.variants.iter().map(|variant| variant.label.as_str()).collect();
        return Err(ExperimentError::UnknownStrategy {
            name: name.clone(),
            known: labels.join(", "),
        });
    }
    Ok(all.filter(|&at| wanted.iter().any(|name| is(at, name))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cells::testing::{busy, scenario};
    use crate::scenario::{PrecisionGoal, Problem, WarmUpRule};
    use crate::stats::width::{GoalOf, Width};
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn named(names: &[&str]) -> RunOptions {
        RunOptions {
            threads: Some(1),
            variants: Some(names.iter().map(|&name| name.to_owned()).collect()),
        }
    }

    #[test]
    fn strategies_are_chosen_by_label_or_name_in_the_scenarios_order() {
        let mut scenario = scenario(1, 10);
        scenario.variants[1].label = "flagged".to_owned();
        assert_eq!(chosen(&scenario, &RunOptions::default()), Ok(vec![0, 1]));
        assert_eq!(chosen(&scenario, &named(&["flagged", "naive"])), Ok(vec![0, 1]));
        assert_eq!(chosen(&scenario, &named(&["withdraw"])), Ok(vec![1]));
        let unknown = chosen(&scenario, &named(&["naiv"])).unwrap_err();
        assert_eq!(
            unknown.to_string(),
            "the scenario has no strategy `naiv`; it has naive, flagged"
        );
    }

    #[test]
    fn nothing_to_run_and_an_early_interrupt_are_errors() {
        let mut scenario = scenario(1, 10);
        let halted = run(&scenario, &named(&["naive"]), &|_| {}, &|| true);
        assert_eq!(halted.unwrap_err(), ExperimentError::Interrupted);
        scenario.replications = 0;
        let none = run(&scenario, &RunOptions::default(), &|_| {}, &|| false);
        assert_eq!(none.unwrap_err(), ExperimentError::Nothing("replications"));
    }

    #[test]
    fn the_number_of_threads_changes_nothing() {
        let (scenario, told) = (busy(), AtomicUsize::new(0));
        let with = |threads| {
            let options = RunOptions {
                threads: Some(threads),
                variants: None,
            };
            format!(
                "{:?}",
                run(
                    &scenario,
                    &options,
                    &|_| _ = told.fetch_add(1, Ordering::Relaxed),
                    &|| false
                )
            )
        };
        let one = with(1);
        assert!(one.starts_with("Ok(") && one == with(3));
        assert_eq!(told.into_inner(), 2 * 2 * scenario.variants.len());
    }

    #[test]
    fn goals_add_the_same_replications_on_any_number_of_threads() {
        let mut scenario = busy();
        let goal = |half_width| PrecisionGoal {
            metric: "acceptance".to_owned(),
            of: GoalOf::Mean,
            half_width: Width::Points(half_width),
            confidence: 0.95,
            max_replications: 24,
            place: Problem::default(),
        };
        let with = |scenario: &Scenario, threads| {
            let options = RunOptions {
                threads: Some(threads),
                variants: None,
            };
            run(scenario, &options, &|_| {}, &|| false).unwrap()
        };
        scenario.reporting.precision = Some(goal(0.08));
        let one = with(&scenario, 1);
        assert_eq!(format!("{one:?}"), format!("{:?}", with(&scenario, 3)));
        let reached = one
            .precision
            .as_ref()
            .and_then(|precision| precision.at)
            .expect("it is reached");
        assert!(
            one.replications >= reached + 5 && one.replications <= 24 && !one.partial,
            "{reached}"
        );
        // What was run is what a fixed number of replications gives.
        scenario.reporting.precision = None;
        scenario.replications = one.replications;
        let fixed = with(&scenario, 2);
        let digests = |results: &Results| results.arms.iter().map(|arm| arm.digest.clone()).collect::<Vec<_>>();
        assert_eq!(digests(&one), digests(&fixed));
        scenario.replications = 2;
        scenario.reporting.precision = Some(goal(0.000_1));
        let spent = with(&scenario, 2);
        assert_eq!((spent.replications, spent.precision.and_then(|p| p.at)), (24, None));
    }

    #[test]
    fn an_interrupt_keeps_what_every_strategy_has_finished() {
        let (scenario, done) = (busy(), AtomicUsize::new(0));
        let cells = scenario.variants.len();
        let count = |progress: Progress| done.store(progress.finished, Ordering::Relaxed);
        let options = RunOptions {
            threads: Some(1),
            variants: None,
        };
        let results = run(&scenario, &options, &count, &|| done.load(Ordering::Relaxed) > cells).unwrap();
        assert_eq!((results.replications, results.partial), (1, true));
    }

    #[test]
    fn a_run_owns_up_to_what_was_drawn_cut_off_and_how_it_was_judged() {
        let results = run(&busy(), &RunOptions::default(), &|_| {}, &|| false).expect("a run");
        let about = |what: &str| results.assumptions.iter().filter(|said| said.starts_with(what)).count();
        for what in ["Drawn", "Cut off", "Replications", "Intervals", "Comparisons"] {
            assert_eq!(about(what), 1, "{what}: {:#?}", results.assumptions);
        }
        let cut = results
            .assumptions
            .iter()
            .find(|said| said.starts_with("Cut off"))
            .expect("said");
        assert!(results.arms.iter().all(|arm| cut.contains(&arm.label)), "{cut}");
    }

    #[test]
    fn a_run_cuts_what_its_pilot_found_and_says_so() {
        let mut free = busy();
        free.reporting.warm_up = WarmUpRule::Mser5;
        let variants: Vec<usize> = (0..free.variants.len()).collect();
        let settled = settle(&free, &variants, Engine::on(Some(1), &|| false), &|_| ()).expect("a warm-up");
        let (cut, warm_up) = (settled.scenario.reporting.warm_up.cut(), settled.warm_up);
        let mut fixed = busy();
        fixed.reporting.warm_up = WarmUpRule::Fixed(cut);
        let run = |scenario: &Scenario| run(scenario, &RunOptions::default(), &|_| (), &|| false).expect("results");
        let (found, typed) = (run(&free), run(&fixed));
        for (a, b) in found.arms.iter().zip(&typed.arms) {
            assert_eq!((&a.values, &a.digest), (&b.values, &b.digest), "{}", a.label);
        }
        assert_eq!(found.warm_up.as_ref(), Some(&warm_up));
        let said = warm_up.sentence().expect("a sentence");
        assert!(said.contains(&cut.to_string()) && said.contains("MSER-5"), "{said}");
        assert!(found.assumptions.contains(&said) && !typed.assumptions.contains(&said));
    }
}
