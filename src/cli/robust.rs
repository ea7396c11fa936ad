//! `robust`: which claims hold over what is plausible.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use super::args::RobustArgs;
use super::failure::Failure;
use super::run::{counted, now, seconds, target};
use super::source::{self, ScenarioText};
use super::{broken, interrupt, limits, print, progress};
use crate::cells::columns::column;
use crate::cells::engine::Progress;
use crate::cells::job::CellJob;
use crate::cells::memory::Retention;
use crate::experiment::robust::robust as tried;
use crate::judge::assumptions;
use crate::judge::robust::{ClaimTried, RobustQuest, RobustSizes, Robustness, provenance};
use crate::judge::sweep::Common;
use crate::report::{page, plots, robust as report};
use crate::scenario::{Plausible, Problem, Scenario, WarmUpRule, value_in};
use crate::store::again::DrawnFiles;
use crate::store::disk::target::Target;
use crate::store::robust as folder;

/// Replications at the scenario's own values and along each range, unless they are given.
const REPLICATIONS: u32 = 40;

/// At each point of the box it is one in so many of them.
const BOX_PART: u32 = 3;

/// What the folder of the results is called behind the scenario's name.
const ENDING: &str = "-robust";

/// What most hangs on, if `robust` was run for this very scenario and its results lie where it puts them.
#[must_use]
pub fn carried(scenario: &Scenario) -> Option<String> {
    let out = target(None, &scenario.name, ENDING).ok()?;
    folder::carried(&out, &scenario.digest)
}

/// What is asked, with where its scenarios come from.
struct Asked<'a> {
    args: &'a RobustArgs,
    source: ScenarioText,
    scenario: Scenario,
    quest: RobustQuest,
}

/// Tries every claim, writes what was found, and says it.
pub fn robust(args: &RobustArgs) -> Result<(), Failure> {
    let asked = Asked::of(args)?;
    let (scenario, quest) = (&asked.scenario, &asked.quest);
    let out = target(args.out.as_ref(), &scenario.name, ENDING)?;
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
    note(format!(
        "trying {}: {} over {}, {} each and {} at {} of the box, seed {}",
        scenario.name,
        counted(quest.columns.len() * (quest.strategies.len() - 1), "claim", "claims"),
        counted(quest.ranges.len(), "range", "ranges"),
        counted(quest.replications as usize, "replication", "replications"),
        quest.box_replications,
        counted(quest.samples as usize, "point", "points"),
        quest.seed
    ));
    let begun = now();
    let claims = asked.search()?;
    let found = Robustness {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        scenario: scenario.name.clone(),
        question: scenario.question.clone(),
        digest: scenario.digest.clone(),
        effective: scenario.effective.clone(),
        quest: quest.clone(),
        claims,
        assumptions: assumptions::of_robust(scenario, quest),
    };
    let files = print::or_answer(written(&found, target), || report::answer(&found))?;
    note(format!(
        "wrote {} files to {} in {}",
        files.len(),
        out.display(),
        seconds(begun.elapsed())
    ));
    print::answer(&report::answer(&found))
}

/// Draws figures and page and writes the folder; gives the files.
fn written(found: &Robustness, target: Target) -> Result<Vec<PathBuf>, Failure> {
    let drawn = DrawnFiles {
        figures: plots::robust::render(found, &provenance(found), &plots::PlotWish::default())?,
        page: page::robust(&folder::as_read(found)?)?,
    };
    let carried = report::carried(found);
    Ok(folder::write(found, carried.as_deref(), drawn, target)?)
}

impl<'a> Asked<'a> {
    fn of(args: &'a RobustArgs) -> Result<Asked<'a>, Failure> {
        let source = ScenarioText::of(&args.scenario)?;
        let scenario = source.load(&source::overrides(&args.scenario), &args.scenario.strategies)?;
        source::warn(&scenario);
        if scenario.variants.len() < 2 {
            return Err(Failure::Use(
                "there is one strategy, and so nothing is claimed against a baseline: name two or more".to_owned(),
            ));
        }
        let names = if args.metrics.is_empty() {
            scenario.reporting.headline.clone()
        } else {
            args.metrics.clone()
        };
        let replications = args.scenario.replications.unwrap_or(REPLICATIONS).max(2);
        let sizes = RobustSizes {
            replications,
            samples: args.samples,
            box_replications: (replications / BOX_PART).max(2),
        };
        let labels = Common::of(&scenario).strategies;
        let quest = RobustQuest::new(
            ranges(args, &scenario)?,
            names.iter().filter_map(|name| column(name)).collect(),
            (labels, scenario.baseline),
            sizes,
            (scenario.reporting.confidence, scenario.seed),
        );
        Ok(Asked {
            args,
            source,
            scenario,
            quest,
        })
    }

    fn load(&self, point: usize) -> Result<Scenario, Failure> {
        let mut settings = source::overrides(&self.args.scenario);
        settings.extend(self.quest.settings(point));
        let loaded = self.source.load(&settings, &self.args.scenario.strategies)?;
        match Common::of(&self.scenario).differs(&Common::of(&loaded)) {
            Some(what) => Err(Failure::Use(format!(
                "{what} differs from the scenario's; it must be the same over all ranges"
            ))),
            None => Ok(loaded),
        }
    }

    /// Loads the scenarios at the ends of the ranges, so that an error is told before anything has run.
    fn check(&self) -> Result<(), Failure> {
        for point in self.quest.ends() {
            self.load(point)
                .map_err(|failure| failure.at(&self.quest.words(point)))?;
        }
        Ok(())
    }

    fn search(&self) -> Result<Vec<ClaimTried>, Failure> {
        let bar = progress::bar(self.args.work.quiet);
        let shown = |now: Progress| progress::show(&bar, now);
        // All points are cut alike, so that they are pairs.
        let settled = source::settled(self.scenario.clone(), "the scenario's own values");
        let cut: WarmUpRule = settled.map_err(Failure::Use)?.reporting.warm_up;
        let load = |point: usize| {
            let mut scenario = self
                .load(point)
                .map_err(|failure| format!("at {}: {failure}", self.quest.words(point)))?;
            scenario.reporting.warm_up = cut;
            Ok(scenario)
        };
        let engine = interrupt::engine(self.args.work.threads);
        let found = tried(&self.quest, &load, engine, &shown);
        bar.finish_and_clear();
        found.map_err(|error| broken::of_search(error, |job, message| self.broken(job, message)))
    }

    /// A cell that broke an invariant, and the line that shows it again.
    fn broken(&self, job: CellJob, message: &str) -> Failure {
        let label = &self.scenario.variants[job.variant].label;
        let mut settings = source::overrides(&self.args.scenario);
        settings.extend(self.quest.settings(job.point));
        let args = self.args.scenario.with(settings);
        let what = format!(
            "{}, strategy {label}, replication {}: {message}",
            self.quest.words(job.point),
            job.replication
        );
        let again = broken::again(&args, self.scenario.seed, label, job.replication);
        Failure::Broken { what, again }
    }
}

/// The scenario's ranges, and those of the command line in their place or behind them.
fn ranges(args: &RobustArgs, scenario: &Scenario) -> Result<Vec<Plausible>, Failure> {
    let mut ranges = scenario.plausible.clone();
    for (key, range) in &args.assumed {
        if let Some(known) = ranges.iter_mut().find(|known| known.key == *key) {
            (known.range, known.source) = (*range, "--assume".to_owned());
            continue;
        }
        let own = value_in(&scenario.annotated, key).ok_or_else(|| {
            Failure::Use(format!(
                "--assume: `{key}` has no value in this scenario (`sickbay validate --effective` prints all that have one)"
            ))
        })?;
        ranges.push(Plausible {
            key: key.clone(),
            own,
            range: *range,
            source: "--assume".to_owned(),
            place: Problem::default(),
        });
    }
    if ranges.is_empty() {
        return Err(Failure::Use(format!(
            "{} says of no value what is plausible: add `[[assume]]` with `key`, `low`, `high` and `source`, or give \
             --assume KEY=LOW..HIGH",
            scenario.name
        )));
    }
    Ok(ranges)
}
