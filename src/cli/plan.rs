//! `plan`: the inverse question.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Instant;

use super::args::PlanArgs;
use super::failure::Failure;
use super::run::{counted, now, seconds, target};
use super::source::{self, ScenarioText};
use super::{broken, interrupt, limits, minimise, print, progress};
use crate::cells::engine::{Engine, Loader, Progress};
use crate::cells::job::CellJob;
use crate::cells::memory::Retention;
use crate::experiment::find::{SearchError, find};
use crate::judge::assumptions;
use crate::judge::planned::{Planned, provenance};
use crate::judge::quest::Quest;
use crate::judge::sweep::Common;
use crate::report::{page, plan as report, plots};
use crate::scenario::{Scenario, WarmUpRule, full_key};
use crate::store::again::DrawnFiles;
use crate::store::disk::target::Target;
use crate::store::plan as folder;

/// More values than this are not all checked before anything runs.
const CHECKED: usize = 1_000;

/// What is asked, with where its scenarios come from.
pub(super) struct Asked<'a> {
    pub args: &'a PlanArgs,
    source: ScenarioText,
    pub scenario: Scenario,
    pub key: String,
    pub values: Vec<String>,
}

/// Searches, writes what was found, and says it in a sentence.
pub fn plan(args: &PlanArgs) -> Result<(), Failure> {
    let Some(slo) = &args.slo else {
        return minimise::minimise(args);
    };
    let asked = Asked::of(args, slo.names())?;
    let scenario = &asked.scenario;
    let quest = Quest {
        values: asked.values.len(),
        strategies: scenario.variants.len(),
        largest: args.largest,
        slo: slo.clone(),
        confidence: args.confidence,
        first: scenario.replications,
        most: args.max_replications,
        by_seed: args.seeds,
    };
    let (out, target) = asked.begin()?;
    let begun = now();
    let answers = asked.search(
        |load, engine, shown| find(&quest, load, engine, shown),
        |point| quest.scenario_of(point),
    )?;
    let planned = Planned {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        scenario: scenario.name.clone(),
        question: scenario.question.clone(),
        digest: scenario.digest.clone(),
        effective: scenario.effective.clone(),
        seed: scenario.seed,
        key: asked.key.clone(),
        range: args.range.to_string(),
        values: asked.values.clone(),
        strategies: Common::of(scenario).strategies,
        answers,
        assumptions: assumptions::of_plan(scenario, &quest),
        quest,
    };
    let files = print::or_answer(written(&planned, target), || report::answer(&planned))?;
    asked.wrote(&files, &out, begun);
    print::answer(&report::answer(&planned))?;
    match planned.unanswered() {
        none if none.is_empty() => Ok(()),
        without => Err(Failure::Unreachable(format!("no answer under {}", without.join(", ")))),
    }
}

/// Draws figures and page and writes the folder; gives the files.
fn written(planned: &Planned, target: Target) -> Result<Vec<PathBuf>, Failure> {
    let drawn = DrawnFiles {
        figures: plots::plan::render(planned, &provenance(planned), &plots::PlotWish::default())?,
        page: page::plan(&folder::as_read(planned)?)?,
    };
    Ok(folder::write(planned, drawn, target)?)
}

impl<'a> Asked<'a> {
    /// The scenario with the columns of these metrics, and the values.
    pub fn of(args: &'a PlanArgs, metrics: Vec<String>) -> Result<Asked<'a>, Failure> {
        let source = ScenarioText {
            asked: metrics,
            ..ScenarioText::of(&args.scenario)?
        };
        let scenario = source.load(&source::overrides(&args.scenario), &args.scenario.strategies)?;
        source::warn(&scenario);
        let key = full_key(&args.find);
        if key.starts_with("costs.") {
            return Err(Failure::Use(format!(
                "--find {key}: a price is not a thing to choose; `run` tells at which price the cheapest strategy changes, and \
                 `sweep --vary {key}={}` what each costs at these prices",
                args.range
            )));
        }
        Ok(Asked {
            args,
            source,
            scenario,
            key,
            values: args.range.values(),
        })
    }

    /// Opens the folder and checks all that can be refused before anything runs; gives the folder.
    pub fn begin(&self) -> Result<(PathBuf, Target), Failure> {
        let (args, scenario) = (self.args, &self.scenario);
        let out = target(args.out.as_ref(), &scenario.name, "-plan")?;
        let target = folder::open(&out, args.work.replace)?;
        self.check()?;
        let threads = args.work.threads.map(NonZeroUsize::get);
        limits::fits(&args.scenario.limits, scenario, threads, Retention::Nothing)?;
        interrupt::watch()?;
        target.notes().iter().for_each(|said| self.note(said));
        self.note(&format!(
            "planning {}: {} among {}, {}, seed {}",
            scenario.name,
            self.key,
            counted(self.values.len(), "value", "values"),
            counted(scenario.variants.len(), "strategy", "strategies"),
            scenario.seed
        ));
        Ok((out, target))
    }

    fn note(&self, text: &str) {
        if !self.args.work.quiet {
            print::note(text);
        }
    }

    /// Says what was written.
    pub fn wrote(&self, files: &[PathBuf], out: &Path, begun: Instant) {
        let (many, took) = (files.len(), seconds(begun.elapsed()));
        self.note(&format!("wrote {many} files to {} in {took}", out.display()));
    }

    /// What is set to get the scenario of a value, `seeds` further than the master seed.
    fn settings(&self, value: usize, seeds: u64) -> Vec<(String, String)> {
        let mut settings = source::overrides(&self.args.scenario);
        if self.args.seeds {
            // Seeds end where TOML's integers do.
            let seed = self.scenario.seed.saturating_add(seeds).min(i64::MAX as u64);
            settings.push(("scenario.seed".to_owned(), seed.to_string()));
        }
        settings.push((self.key.clone(), self.values[value].clone()));
        settings
    }

    fn load(&self, value: usize, seeds: u64) -> Result<Scenario, Failure> {
        let loaded = self
            .source
            .load(&self.settings(value, seeds), &self.args.scenario.strategies)?;
        match Common::of(&self.scenario).differs(&Common::of(&loaded)) {
            Some(what) if what != "the number of replications" => Err(Failure::Use(format!(
                "{what} differs from the scenario's; it must be the same at all values"
            ))),
            _ => Ok(loaded),
        }
    }

    /// Loads the values' scenarios, so that an error is told before anything has run.
    fn check(&self) -> Result<(), Failure> {
        let last = self.values.len() - 1;
        let all = 0..=last;
        for value in all.filter(|&value| last < CHECKED || value == 0 || value == last) {
            self.load(value, 0)
                .map_err(|failure| failure.at(&format!("{} = {}", self.key, self.values[value])))?;
        }
        Ok(())
    }

    /// Runs a search; `of` says of which value a point is, and how many seeds further.
    pub fn search<T>(
        &self,
        search: impl FnOnce(Loader<'_>, Engine<'_>, &(dyn Fn(Progress) + Sync)) -> Result<T, SearchError>,
        of: impl Fn(usize) -> (usize, u64) + Sync,
    ) -> Result<T, Failure> {
        let bar = progress::bar(self.args.work.quiet);
        let shown = |now: Progress| progress::show(&bar, now);
        // A value is looked at more than once, and under many seeds: its warm-up is found once, under the first.
        let warm_ups: Vec<OnceLock<Result<WarmUpRule, String>>> = self.values.iter().map(|_| OnceLock::new()).collect();
        let load = |point: usize| {
            let (value, seeds) = of(point);
            let load = |seeds| self.load(value, seeds).map_err(|failure| failure.to_string());
            let mut scenario = load(seeds)?;
            let find = || {
                let at = format!("{} = {}", self.key, self.values[value]);
                Ok(source::settled(load(0)?, &at)?.reporting.warm_up)
            };
            scenario.reporting.warm_up = warm_ups[value].get_or_init(find).clone()?;
            Ok(scenario)
        };
        let engine = interrupt::engine(self.args.work.threads);
        let found = search(&load, engine, &shown);
        bar.finish_and_clear();
        found.map_err(|error| broken::of_search(error, |job, message| self.broken(job, of(job.point), message)))
    }

    /// A cell that broke an invariant, and the line that shows it again.
    fn broken(&self, job: CellJob, (value, seeds): (usize, u64), message: &str) -> Failure {
        let label = &self.scenario.variants[job.variant].label;
        let replication = u64::from(job.replication) + seeds;
        let args = self.args.scenario.with(self.settings(value, seeds));
        let what = format!(
            "{} = {}, strategy {label}, replication {replication}: {message}",
            self.key, self.values[value]
        );
        let again = broken::again(&args, self.scenario.seed.saturating_add(seeds), label, job.replication);
        Failure::Broken { what, again }
    }
}
