//! The engine: cells in parallel, of one scenario or of many. Nothing else in this package uses threads.
//!
//! Cells are begun in their order, one at a time, so that an interrupt leaves whole replications behind. After a cell
//! that ends the work no further one is begun, and begun ones are finished: which cell is named as the first one does
//! not depend on the number of threads.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use rayon::iter::{ParallelBridge, ParallelIterator};

use super::job::CellJob;
use super::table::{CellRow, CellTable, Valued};
use crate::scenario::Scenario;

/// How far an experiment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Cells that are done.
    pub finished: usize,
    /// All cells.
    pub total: usize,
}

impl Progress {
    /// The same after so many cells of earlier rounds.
    #[must_use]
    pub fn after(self, before: usize) -> Progress {
        Progress {
            finished: before + self.finished,
            total: before + self.total,
        }
    }
}

/// More threads than this help nobody.
const MOST: usize = 512;

/// What became of a cell.
#[derive(Clone, Debug, PartialEq)]
pub enum CellEnd<T = CellRow> {
    /// What it gave; by default its values in the order of `columns::COLUMNS`.
    Values(T),
    /// It broke an invariant: what the panic said.
    Broken(String),
}

/// Why cells gave nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CellsError {
    /// The threads could not be started.
    #[error("cannot start {threads} threads: {message}")]
    Threads {
        /// How many.
        threads: usize,
        /// What the system says.
        message: String,
    },
    /// A scenario could not be loaded.
    #[error("{0}")]
    Load(String),
    /// A cell broke an invariant.
    #[error("{message}")]
    Broken {
        /// Which.
        job: CellJob,
        /// What was broken, where and when.
        message: String,
    },
    /// It was interrupted before there was anything to keep.
    #[error("interrupted before every strategy had finished one replication")]
    Interrupted,
}

impl Valued for CellEnd {
    fn values(&self) -> &[Option<f64>] {
        match self {
            CellEnd::Values(values) => values,
            CellEnd::Broken(_) => &[],
        }
    }
}

/// Makes a point's scenario.
pub type Loader<'a> = &'a (dyn Fn(usize) -> Result<Scenario, String> + Sync);
/// Plays a cell; nothing when it was halted.
pub type Player<'a, T> = &'a (dyn Fn(&Scenario, CellJob) -> Option<T> + Sync);
/// Is told what became of the job at a place, in whatever order jobs end; a break ends the work early.
pub type Teller<'a, T> = &'a (dyn Fn(usize, CellEnd<T>) -> ControlFlow<()> + Sync);

/// Where cells get their scenario from.
#[derive(Clone, Copy)]
pub enum Scenarios<'a> {
    /// All have this one.
    One(&'a Scenario),
    /// Each point has its own, which is loaded when its first cell begins and let go when its last one has ended, so
    /// that few are held at once.
    Each(Loader<'a>),
}

/// How cells are run. None of it changes a figure.
#[derive(Clone, Copy)]
pub struct Engine<'a> {
    threads: Threads,
    /// Asked between cells, and by players inside them.
    pub halt: &'a (dyn Fn() -> bool + Sync),
}

#[derive(Clone, Copy)]
enum Threads {
    /// So many of their own; none or 0: one per processor.
    Own(Option<usize>),
    /// The one that calls.
    This,
}

impl<'a> Engine<'a> {
    /// On so many threads; none or 0: one per processor.
    #[must_use]
    pub fn on(threads: Option<usize>, halt: &'a (dyn Fn() -> bool + Sync)) -> Engine<'a> {
        Engine {
            threads: Threads::Own(threads),
            halt,
        }
    }

    /// On the thread that calls, for work inside a cell's thread: a pool within a pool would wait for itself.
    #[must_use]
    pub fn here(halt: &'a (dyn Fn() -> bool + Sync)) -> Engine<'a> {
        Engine {
            threads: Threads::This,
            halt,
        }
    }

    /// Runs jobs and tells what became of each. Jobs that `halt` cuts short are not told of.
    ///
    /// # Errors
    /// When the threads cannot be started or a scenario cannot be loaded (the first in order is named).
    pub fn run<T: Send>(
        &self,
        jobs: &[CellJob],
        scenarios: Scenarios<'_>,
        play: Player<'_, T>,
        tell: Teller<'_, T>,
    ) -> Result<(), CellsError> {
        let points = Points::new(jobs, scenarios);
        let failed: Mutex<Option<Failed>> = Mutex::new(None);
        let one = |(at, job): (usize, &CellJob)| {
            if (self.halt)() {
                return Err(());
            }
            let caught = |scenario: &Scenario| catch_unwind(AssertUnwindSafe(|| play(scenario, *job)));
            let course = match points.with(job.point, caught) {
                Ok(Ok(Some(given))) => CellEnd::Values(given),
                Ok(Ok(None)) => return Err(()),
                Ok(Err(panic)) => CellEnd::Broken(message(panic.as_ref())),
                // A loader that plays a pilot is interrupted like a cell.
                Err(_) if (self.halt)() => return Err(()),
                Err(why) => {
                    let mut failed = failed.lock().unwrap_or_else(PoisonError::into_inner);
                    if failed.as_ref().is_none_or(|(first, _)| at < *first) {
                        *failed = Some((at, why));
                    }
                    return Err(());
                }
            };
            match tell(at, course) {
                ControlFlow::Continue(()) => Ok(()),
                ControlFlow::Break(()) => Err(()),
            }
        };
        // An early end is no failure of this function: what ended it has been told or is in `failed`.
        let mut each = jobs.iter().enumerate();
        _ = match self.threads {
            Threads::This => each.try_for_each(one),
            Threads::Own(asked) => pool(asked, jobs.len())?.install(|| each.par_bridge().try_for_each(one)),
        };
        let failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
        failed.map_or(Ok(()), |(_, why)| Err(CellsError::Load(why)))
    }

    /// Runs jobs and gives the table of the finished ones: fewer than there are jobs only where `halt` said so.
    /// `progress` is told after each.
    ///
    /// # Errors
    /// As [`Engine::run`], and when a cell breaks an invariant (the first in order is named).
    pub fn collect<T: Send>(
        &self,
        jobs: &[CellJob],
        scenarios: Scenarios<'_>,
        progress: &(dyn Fn(Progress) + Sync),
        play: Player<'_, T>,
    ) -> Result<CellTable<T>, CellsError> {
        let told: Mutex<(CellTable<T>, Option<Failed>)> = Mutex::default();
        let tell = |at: usize, course: CellEnd<T>| {
            let finished = {
                let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
                match course {
                    CellEnd::Values(cell) => told.0.enter(jobs[at], cell),
                    CellEnd::Broken(message) => {
                        if told.1.as_ref().is_none_or(|(first, _)| at < *first) {
                            told.1 = Some((at, message));
                        }
                        return ControlFlow::Break(());
                    }
                }
                told.0.len()
            };
            let total = jobs.len();
            progress(Progress { finished, total });
            ControlFlow::Continue(())
        };
        self.run(jobs, scenarios, play, &tell)?;
        let (table, broken) = told.into_inner().unwrap_or_else(PoisonError::into_inner);
        broken.map_or(Ok(table), |(at, message)| {
            Err(CellsError::Broken { job: jobs[at], message })
        })
    }

    /// Runs the cells that `next` asks for, round by round, until it asks for none. Gives the table, and whether the last
    /// round is whole: it is not where `halt` said so.
    ///
    /// # Errors
    /// As [`Engine::collect`].
    pub fn grow<T: Send>(
        &self,
        scenarios: Scenarios<'_>,
        progress: &(dyn Fn(Progress) + Sync),
        play: Player<'_, T>,
        mut next: impl FnMut(&CellTable<T>) -> Vec<CellJob>,
    ) -> Result<(CellTable<T>, bool), CellsError> {
        let mut table = CellTable::default();
        loop {
            let jobs = next(&table);
            if jobs.is_empty() {
                return Ok((table, true));
            }
            let before = table.len();
            let shown = |now: Progress| progress(now.after(before));
            let round = self.collect(&jobs, scenarios, &shown, play)?;
            let whole = round.len() == jobs.len();
            table.extend(round);
            if !whole {
                return Ok((table, false));
            }
        }
    }
}

/// The place of a job that failed, and why.
type Failed = (usize, String);

/// The scenarios of jobs while they are held.
struct Points<'a> {
    scenarios: Scenarios<'a>,
    /// By point; empty where all have one scenario.
    held: BTreeMap<usize, Mutex<Held>>,
}

/// A scenario while it is held, and how many of its cells have not ended.
type Held = (Option<Arc<Scenario>>, usize);

impl<'a> Points<'a> {
    fn new(jobs: &[CellJob], scenarios: Scenarios<'a>) -> Points<'a> {
        let mut held: BTreeMap<usize, Mutex<Held>> = BTreeMap::new();
        if let Scenarios::Each(_) = scenarios {
            for job in jobs {
                let held = held.entry(job.point).or_default();
                held.get_mut().unwrap_or_else(PoisonError::into_inner).1 += 1;
            }
        }
        Points { scenarios, held }
    }

    /// What `play`, which does not panic, gives for the point's scenario.
    fn with<T>(&self, point: usize, play: impl FnOnce(&Scenario) -> T) -> Result<T, String> {
        let load = match self.scenarios {
            Scenarios::One(scenario) => return Ok(play(scenario)),
            Scenarios::Each(load) => load,
        };
        let lock = || self.held[&point].lock().unwrap_or_else(PoisonError::into_inner);
        let scenario = {
            let mut held = lock();
            match &held.0 {
                Some(scenario) => Arc::clone(scenario),
                None => Arc::clone(held.0.insert(Arc::new(load(point)?))),
            }
        };
        let given = play(&scenario);
        let mut held = lock();
        held.1 -= 1;
        if held.1 == 0 {
            held.0 = None;
        }
        Ok(given)
    }
}

/// The threads for so many cells: as asked for, else one per processor, and never more than there are cells.
#[must_use]
pub fn workers(asked: Option<usize>, cells: usize) -> usize {
    let processors = || std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get);
    asked
        .filter(|&asked| asked > 0)
        .unwrap_or_else(processors)
        .min(cells)
        .clamp(1, MOST)
}

fn pool(asked: Option<usize>, cells: usize) -> Result<rayon::ThreadPool, CellsError> {
    let threads = workers(asked, cells);
    let built = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    built.map_err(|error| CellsError::Threads {
        threads,
        message: error.to_string(),
    })
}

/// What a panic said.
fn message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without a message")
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cells::cell::{run_cell, values_of};
    use crate::cells::testing::{busy, scenario};

    fn job(point: usize, variant: usize, replication: u32) -> CellJob {
        CellJob {
            point,
            variant,
            replication,
        }
    }

    fn values(scenario: &Scenario, job: CellJob) -> Option<Vec<Option<f64>>> {
        values_of(scenario, job, &|| false)
    }

    fn told(jobs: &[CellJob], threads: usize, load: Loader<'_>) -> (Vec<Option<CellEnd>>, Result<(), CellsError>) {
        let courses = Mutex::new(vec![None; jobs.len()]);
        let tell = |at: usize, course| {
            courses.lock().expect("no panic")[at] = Some(course);
            ControlFlow::Continue(())
        };
        let engine = Engine::on(Some(threads), &|| false);
        let ended = engine.run(jobs, Scenarios::Each(load), &values, &tell);
        (courses.into_inner().expect("no panic"), ended)
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
            assert_eq!(*course, Some(CellEnd::Values(alone)));
        }
        assert_eq!(told(&jobs, 3, &load).0, once);
        let here = Engine::here(&|| false).collect(&jobs, Scenarios::Each(&load), &|_| (), &values);
        let here = here.expect("values").into_cells();
        let here: Vec<_> = here.map(|(_, row)| Some(CellEnd::Values(row))).collect();
        assert_eq!(here, once);
    }

    #[test]
    fn a_broken_cell_is_told_and_the_others_go_on() {
        // There is no such strategy: the cell panics.
        let (courses, ended) = told(&[job(0, 99, 0), job(0, 0, 0)], 1, &|_| Ok(busy()));
        assert_eq!(ended, Ok(()));
        assert!(matches!(courses[0], Some(CellEnd::Broken(_))), "{courses:?}");
        assert!(matches!(courses[1], Some(CellEnd::Values(_))));
    }

    #[test]
    fn of_broken_cells_the_first_in_order_is_named_whichever_ends_first() {
        let scenario = scenario(1, 10);
        let jobs = CellJob::all(&[0, 1], 3);
        let play = |_: &Scenario, job: CellJob| {
            if job.replication > 0 {
                // The earlier one takes longer.
                std::thread::sleep(std::time::Duration::from_millis(if job == jobs[1] { 50 } else { 0 }));
                panic!("said {}", job.replication);
            }
            Some(())
        };
        for threads in [1, 3] {
            let engine = Engine::on(Some(threads), &|| false);
            let error = engine.collect(&jobs, Scenarios::One(&scenario), &|_| (), &play);
            let first = CellsError::Broken {
                job: CellJob::of_one(0, 1),
                message: "said 1".to_owned(),
            };
            assert_eq!(error.expect_err("cells broke"), first);
        }
    }

    #[test]
    fn a_halt_leaves_the_first_cells() {
        let (scenario, begun) = (scenario(1, 10), std::sync::atomic::AtomicU32::new(0));
        let count = || begun.load(std::sync::atomic::Ordering::Relaxed);
        let halt = || count() >= 4;
        let jobs = CellJob::all(&[0], 9);
        let play = |_: &Scenario, job: CellJob| {
            begun.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            Some(job)
        };
        let engine = Engine::on(Some(1), &halt);
        let done = engine.collect(&jobs, Scenarios::One(&scenario), &|_| (), &play);
        let done: Vec<CellJob> = done.expect("a table").into_cells().map(|(job, _)| job).collect();
        assert_eq!(done, jobs[..4]);
    }

    #[test]
    fn a_scenario_that_cannot_be_loaded_ends_it() {
        let load = |point: usize| if point == 1 { Err("gone".to_owned()) } else { Ok(busy()) };
        let (_, ended) = told(&[job(0, 0, 0), job(1, 0, 0)], 1, &load);
        assert_eq!(ended, Err(CellsError::Load("gone".to_owned())));
    }

    #[test]
    fn threads_are_bounded_by_the_cells() {
        assert_eq!(workers(Some(20_000), 4), 4);
        assert_eq!(workers(Some(3), 400), 3);
        assert_eq!(workers(Some(usize::MAX), usize::MAX), 512);
        assert_eq!((workers(Some(0), 1), workers(None, 0)), (1, 1));
    }
}
