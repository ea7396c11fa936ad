//! `plan`: the inverse question.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::OnceLock;

use super::args::PlanArgs;
use super::failure::Failure;
use super::run::{counted, now, seconds, target};
use super::source::{self, ScenarioText};
use super::{broken, interrupt, limits, print, progress};
use crate::cells::engine::Progress;
use crate::cells::job::CellJob;
use crate::cells::memory::Retention;
use crate::experiment::find::find;
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
struct Asked<'a> {
    args: &'a PlanArgs,
    source: ScenarioText,
    scenario: Scenario,
    key: String,
    values: Vec<String>,
    quest: Quest,
}

/// Searches, writes what was found, and says it in a sentence.
pub fn plan(args: &PlanArgs) -> Result<(), Failure> {
    let asked = Asked::of(args)?;
    let scenario = &asked.scenario;
    let out = target(args.out.as_ref(), &scenario.name, "-plan")?;
    let target = folder::open(&out, args.work.replace)?;
    asked.check()?;
    let threads = args.work.threads.map(NonZeroUsize::get);
    limits::fits(&args.scenario.limits, scenario, threads, Retention::Nothing)?;
    interrupt::watch()?;
    let note = |text: String| {
        if !args.work.quiet {
            print::note(&text);
        }
    };
    target.notes().iter().for_each(|said| note(said.clone()));
    let (values, strategies) = (asked.values.len(), scenario.variants.len());
    note(format!(
        "planning {}: {} among {}, {}, seed {}",
        scenario.name,
        asked.key,
        counted(values, "value", "values"),
        counted(strategies, "strategy", "strategies"),
        scenario.seed
    ));
    let begun = now();
    let answers = asked.search()?;
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
        quest: asked.quest.clone(),
        answers,
        assumptions: assumptions::of_plan(scenario, &asked.quest),
    };
    let files = print::or_answer(written(&planned, target), || report::answer(&planned))?;
    note(format!(
        "wrote {} files to {} in {}",
        files.len(),
        out.display(),
        seconds(begun.elapsed())
    ));
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
    fn of(args: &'a PlanArgs) -> Result<Asked<'a>, Failure> {
        let source = ScenarioText {
            asked: args.slo.names(),
            ..ScenarioText::of(&args.scenario)?
        };
        let scenario = source.load(&source::overrides(&args.scenario), &args.scenario.strategies)?;
        if !args.work.quiet {
            source::warn(&scenario);
        }
        let values = args.range.values();
        let quest = Quest {
            values: values.len(),
            strategies: scenario.variants.len(),
            largest: args.largest,
            slo: args.slo.clone(),
            confidence: args.confidence,
            first: scenario.replications,
            most: args.max_replications,
            by_seed: args.seeds,
        };
        Ok(Asked {
            args,
            source,
            scenario,
            key: full_key(&args.find),
            values,
            quest,
        })
    }

    /// What is set to get the scenario of a value, `seeds` further than the master seed.
    fn settings(&self, value: usize, seeds: u64) -> Vec<(String, String)> {
        let mut settings = source::overrides(&self.args.scenario);
        if self.quest.by_seed {
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

    fn search(&self) -> Result<Vec<crate::judge::quest::Answer>, Failure> {
        let bar = progress::bar(self.args.work.quiet);
        let shown = |now: Progress| progress::show(&bar, now);
        // A value is looked at more than once, and under many seeds: its warm-up is found once, under the first.
        let warm_ups: Vec<OnceLock<Result<WarmUpRule, String>>> = self.values.iter().map(|_| OnceLock::new()).collect();
        let load = |point: usize| {
            let (value, seeds) = self.quest.scenario_of(point);
            let load = |seeds| self.load(value, seeds).map_err(|failure| failure.to_string());
            let mut scenario = load(seeds)?;
            let find = || {
                let at = format!("{} = {}", self.key, self.values[value]);
                Ok(source::settled(load(0)?, &at, self.args.work.quiet)?.reporting.warm_up)
            };
            scenario.reporting.warm_up = warm_ups[value].get_or_init(find).clone()?;
            Ok(scenario)
        };
        let engine = interrupt::engine(self.args.work.threads);
        let found = find(&self.quest, &load, engine, &shown);
        bar.finish_and_clear();
        found.map_err(|error| broken::of_search(error, |job, message| self.broken(job, message)))
    }

    /// A cell that broke an invariant, and the line that shows it again.
    fn broken(&self, job: CellJob, message: &str) -> Failure {
        let label = &self.scenario.variants[job.variant].label;
        let (value, seeds) = self.quest.scenario_of(job.point);
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
