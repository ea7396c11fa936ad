//! The cells of many scenarios in parallel: the engine of `sweep` and of `plan`. A scenario is loaded when its first
//! cell begins and let go when its last one has ended, so that few are held at once.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::experiment::cell::measure_cell;
use crate::experiment::run::{ExperimentError, message};
use crate::experiment::threads::pool;
use crate::kernel::Stop;
use crate::scenario::Scenario;

/// A cell among many scenarios.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Job {
    /// The scenario, by a number that its loader knows.
    pub point: usize,
    /// The strategy, by its place.
    pub variant: usize,
    /// The replication, from 0.
    pub replication: u32,
}

/// What became of a cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Course {
    /// Its values in the order of `columns::COLUMNS`.
    Values(Vec<Option<f64>>),
    /// It broke an invariant: what the panic said.
    Broken(String),
}

/// Why cells were not all run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CellsError {
    /// The threads could not be started.
    #[error("{0}")]
    Threads(ExperimentError),
    /// A scenario could not be loaded.
    #[error("{0}")]
    Load(String),
}

/// Makes a point's scenario.
pub type Loader<'a> = &'a (dyn Fn(usize) -> Result<Scenario, String> + Sync);
/// Is told what became of the job at a place, in whatever order jobs end; a break ends the work early.
pub type Teller<'a> = &'a (dyn Fn(usize, Course) -> ControlFlow<()> + Sync);

/// A scenario while it is held, and how many of its cells have not ended.
type Held = (Option<Arc<Scenario>>, usize);

/// Shared by the workers.
struct Bench<'a> {
    jobs: &'a [Job],
    load: Loader<'a>,
    tell: Teller<'a>,
    halt: &'a (dyn Fn() -> bool + Sync),
    next: AtomicUsize,
    over: AtomicBool,
    /// By point.
    held: BTreeMap<usize, Mutex<Held>>,
    failed: Mutex<Option<(usize, String)>>,
}

/// Runs jobs on so many threads (0: one per processor) and tells what became of each. Jobs that `halt` cuts short are
/// not told of.
///
/// # Errors
/// When the threads cannot be started or a scenario cannot be loaded (the first in order is named).
pub fn run_cells(
    jobs: &[Job],
    load: Loader<'_>,
    threads: usize,
    tell: Teller<'_>,
    halt: &(dyn Fn() -> bool + Sync),
) -> Result<(), CellsError> {
    let pool = pool(Some(threads), jobs.len()).map_err(CellsError::Threads)?;
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    jobs.iter().for_each(|job| *counts.entry(job.point).or_default() += 1);
    let bench = Bench {
        jobs,
        load,
        tell,
        halt,
        next: AtomicUsize::new(0),
        over: AtomicBool::new(false),
        held: counts
            .into_iter()
            .map(|(point, count)| (point, Mutex::new((None, count))))
            .collect(),
        failed: Mutex::new(None),
    };
    pool.scope(|scope| {
        for _ in 0..pool.current_num_threads() {
            scope.spawn(|_| bench.work());
        }
    });
    let failed = bench.failed.into_inner().unwrap_or_else(PoisonError::into_inner);
    failed.map_or(Ok(()), |(_, why)| Err(CellsError::Load(why)))
}

impl Bench<'_> {
    /// Takes jobs in order until there are none.
    fn work(&self) {
        while !self.over.load(Ordering::Acquire) && !(self.halt)() {
            let at = self.next.fetch_add(1, Ordering::AcqRel);
            let Some(job) = self.jobs.get(at) else { return };
            let scenario = match self.take(job.point) {
                Ok(scenario) => scenario,
                // A loader that plays a pilot is interrupted like a cell.
                Err(_) if (self.halt)() => return,
                Err(why) => {
                    self.over.store(true, Ordering::Release);
                    let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
                    if failed.as_ref().is_none_or(|(first, _)| at < *first) {
                        *failed = Some((at, why));
                    }
                    return;
                }
            };
            let cell = AssertUnwindSafe(|| measure_cell(&scenario, job.variant, job.replication, self.halt));
            let course = match catch_unwind(cell) {
                Ok(outcome) if outcome.stop == Stop::Halted => return,
                Ok(outcome) => Course::Values(outcome.values),
                Err(panic) => Course::Broken(message(panic.as_ref())),
            };
            self.let_go(job.point);
            if (self.tell)(at, course).is_break() {
                self.over.store(true, Ordering::Release);
            }
        }
    }

    fn take(&self, point: usize) -> Result<Arc<Scenario>, String> {
        let mut held = self.held[&point].lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(scenario) = &held.0 {
            return Ok(Arc::clone(scenario));
        }
        let scenario = Arc::new((self.load)(point)?);
        held.0 = Some(Arc::clone(&scenario));
        Ok(scenario)
    }

    fn let_go(&self, point: usize) {
        let mut held = self.held[&point].lock().unwrap_or_else(PoisonError::into_inner);
        held.1 -= 1;
        if held.1 == 0 {
            held.0 = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::run_cell;
    use crate::experiment::testing::busy;

    fn told(jobs: &[Job], threads: usize, load: Loader<'_>) -> (Vec<Option<Course>>, Result<(), CellsError>) {
        let courses = Mutex::new(vec![None; jobs.len()]);
        let tell = |at: usize, course| {
            courses.lock().expect("no panic")[at] = Some(course);
            ControlFlow::Continue(())
        };
        let ended = run_cells(jobs, load, threads, &tell, &|| false);
        (courses.into_inner().expect("no panic"), ended)
    }

    fn job(point: usize, variant: usize, replication: u32) -> Job {
        Job {
            point,
            variant,
            replication,
        }
    }

    #[test]
    fn cells_give_what_they_give_alone_on_any_number_of_threads() {
        let jobs = [job(0, 0, 0), job(0, 2, 1), job(2, 0, 0)];
        let load = |point: usize| {
            let mut scenario = busy();
            scenario.seed += point as u64;
            Ok(scenario)
        };
        let (once, ended) = told(&jobs, 1, &load);
        assert_eq!(ended, Ok(()));
        for (job, course) in jobs.iter().zip(&once) {
            let scenario = load(job.point).expect("a scenario");
            let alone = run_cell(&scenario, job.variant, job.replication, &|| false).values;
            assert_eq!(*course, Some(Course::Values(alone)));
        }
        assert_eq!(told(&jobs, 3, &load).0, once);
    }

    #[test]
    fn a_broken_cell_is_told_and_the_others_go_on() {
        // There is no such strategy: the cell panics.
        let (courses, ended) = told(&[job(0, 99, 0), job(0, 0, 0)], 1, &|_| Ok(busy()));
        assert_eq!(ended, Ok(()));
        assert!(matches!(courses[0], Some(Course::Broken(_))), "{courses:?}");
        assert!(matches!(courses[1], Some(Course::Values(_))));
    }

    #[test]
    fn a_scenario_that_cannot_be_loaded_ends_it() {
        let load = |point: usize| if point == 1 { Err("gone".to_owned()) } else { Ok(busy()) };
        let (_, ended) = told(&[job(0, 0, 0), job(1, 0, 0)], 1, &load);
        assert_eq!(ended, Err(CellsError::Load("gone".to_owned())));
    }
}
