//! `whatif`: an imported cloud from its state on, with some nodes taken out.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use super::args::{ScenarioArgs, Wording};
use super::failure::Failure;
use super::run::{counted, now, seconds, target};
use super::source::{self, ScenarioText};
use super::taking::WhatifArgs;
use super::{broken, interrupt, limits, print, progress};
use crate::cells::engine::Progress;
use crate::cells::memory::Retention;
use crate::experiment::whatif::whatif as played;
use crate::judge::whatif::{TakenOut, UNTAKEN_POINT, parts};
use crate::report::whatif as report;
use crate::scenario::morning::{Morning, MorningAsk, MorningError, SCENARIO, UNTAKEN};
use crate::scenario::{Library, Scenario};
use crate::store::whatif as folder;

/// Says what the nodes' absence costs, or who is on them.
pub fn whatif(args: &WhatifArgs) -> Result<(), Failure> {
    let reading = limits::reading(&args.limits, &args.folder)?;
    let morning = Morning::of(&asked(args), &reading).map_err(failure)?;
    let source = source_of(&morning, args)?;
    let scenario = source.load(&[], &args.strategies)?;
    if args.effective {
        return print::answer(&scenario.annotated);
    }
    let note = |text: String| {
        if !args.work.quiet {
            print::note(&text);
        }
    };
    source::warn(&scenario);
    let out = args.out.as_ref().map(|out| target(Some(out), "", "")).transpose()?;
    let target = out
        .as_ref()
        .map(|out| folder::open(out, args.work.replace))
        .transpose()?;
    let found = match morning.demand {
        Some(_) => Some(simulated(args, &source, &scenario, &note)?),
        None => None,
    };
    if let Some(target) = target {
        for file in folder::write(&morning, found.as_ref(), target)? {
            note(format!("wrote {}", file.display()));
        }
    }
    match args.format {
        Wording::Text => print::answer(&report::answer(&morning, found.as_ref())),
        Wording::Json => print::answer(&folder::document(&morning, found.as_ref())),
    }
}

fn asked(args: &WhatifArgs) -> MorningAsk<'_> {
    MorningAsk {
        folder: &args.folder,
        now: args.now.as_deref(),
        takes: &args.takes,
        at: &args.at,
        long: args.long,
        until: args.until.as_deref(),
        drain: args.drain.as_deref(),
        profile: args.demand.as_deref(),
        rates: &args.rates,
        replications: args.replications,
        seed: args.seed,
    }
}

fn failure(error: MorningError) -> Failure {
    match error {
        MorningError::Problems(problems) => Failure::of_problems(&problems),
        MorningError::Use(what) => Failure::Use(what),
    }
}

/// The scenario, whose files are in memory.
fn source_of(morning: &Morning, args: &WhatifArgs) -> Result<ScenarioText, Failure> {
    let mut reading = limits::reading(&args.limits, &args.folder)?;
    let files = morning
        .files
        .iter()
        .map(|(name, bytes)| (PathBuf::from(name), bytes.clone()));
    reading.made = files.collect();
    Ok(ScenarioText {
        text: morning.scenario.clone(),
        file: SCENARIO.to_owned(),
        base: PathBuf::new(),
        library: Library::new(reading),
        asked: parts(morning),
    })
}

fn simulated(
    args: &WhatifArgs,
    source: &ScenarioText,
    scenario: &Scenario,
    note: &dyn Fn(String),
) -> Result<TakenOut, Failure> {
    let threads = args.work.threads.map(NonZeroUsize::get);
    limits::fits(&args.limits, scenario, threads, Retention::Nothing)?;
    interrupt::watch()?;
    note(format!(
        "drawing {} {}, with the nodes taken out and without: {}, seed {}",
        scenario.replications,
        if scenario.replications == 1 { "time" } else { "times" },
        counted(scenario.variants.len(), "strategy", "strategies"),
        scenario.seed
    ));
    let begun = now();
    let load = |point: usize| {
        let untaken = ("maintenance.trace".to_owned(), format!("\"{UNTAKEN}\""));
        let settings = if point == UNTAKEN_POINT {
            vec![untaken]
        } else {
            Vec::new()
        };
        source
            .load(&settings, &args.strategies)
            .map_err(|failure| failure.to_string())
    };
    let bar = progress::bar(args.work.quiet);
    let shown = |now: Progress| progress::show(&bar, now);
    let found = played(scenario, &load, interrupt::engine(args.work.threads), &shown);
    bar.finish_and_clear();
    let found = found.map_err(|error| {
        broken::of_search(error, |job, message| {
            let label = &scenario.variants[job.variant].label;
            let what = format!("strategy {label}, replication {}: {message}", job.replication);
            let file = args.out.as_deref().unwrap_or(Path::new("DIR")).join(SCENARIO);
            let again = ScenarioArgs::of(&file.display().to_string(), Vec::new());
            let again = broken::again(&again, scenario.seed, label, job.replication);
            Failure::Broken { what, again }
        })
    })?;
    note(format!("drew in {}", seconds(begun.elapsed())));
    Ok(found)
}
