//! `sweep`: a scenario at many points, in one go or in parts.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::args::{GridArgs, LimitArgs, ScenarioArgs, SweepArgs, SweepPart, WholeSweep};
use super::failure::Failure;
use super::run::{counted, now, seconds, target};
use super::seen::seen;
use super::source::{self, ScenarioText};
use super::{broken, interrupt, limits, print, progress};
use crate::cells::cell::values_of;
use crate::cells::engine::{Progress, Scenarios};
use crate::cells::fingerprint;
use crate::cells::job::CellJob;
use crate::cells::memory::Retention;
use crate::cells::points::design::{Design, DesignKind, Setting};
use crate::judge::sweep::{Common, SweepManifest};
use crate::report::{page, plots, sweep as report};
use crate::scenario::{Library, Scenario};
use crate::store::again::DrawnFiles;
use crate::store::disk::manifest::hex;
use crate::store::error::FolderError;
use crate::store::sweep as folder;
use crate::store::sweep::merge::{Merged, SweepPoints};
use crate::store::sweep::shards::{Begun, Work};
use crate::store::sweep::{Opened, Sweep};

/// Does the whole, or the part that was asked for.
pub fn sweep(args: &SweepArgs) -> Result<(), Failure> {
    match (&args.part, &args.whole) {
        (
            Some(SweepPart::Plan {
                grid,
                shards,
                out,
                quiet,
            }),
            _,
        ) => plan(grid, *shards, out, *quiet),
        (
            Some(SweepPart::Run {
                folder,
                shard,
                replace,
                threads,
                limits,
                quiet,
            }),
            _,
        ) => run((folder, *shard, *replace), limits, *threads, *quiet),
        (Some(SweepPart::Missing { folder }), _) => missing(folder),
        (Some(SweepPart::Merge { folder, replace, quiet }), _) => {
            let sweep = folder::open(folder)?;
            same_machine(&sweep.manifest)?;
            let typed = sweep.folder.join("scenario.toml").display().to_string();
            merge(&sweep, &typed, *replace, *quiet)
        }
        (None, Some(args)) => whole(args),
        (None, None) => Err(Failure::Use(
            "give a scenario, or one of plan, run, missing, merge".to_owned(),
        )),
    }
}

/// All parts, one after the other, in one shard.
fn whole(args: &WholeSweep) -> Result<(), Failure> {
    let (source, manifest) = planned(&args.grid, 1, args.work.quiet)?;
    let out = target(args.out.as_ref(), &manifest.scenario, "-sweep")?;
    let sweep = match folder::create(&out, manifest, &source.text, &source.base)? {
        Opened::Fresh(sweep) | Opened::Same(sweep) => sweep,
    };
    // Before the sweep and not after it: an hour's work must not be refused for its folder.
    for said in folder::check(&sweep, args.work.replace)? {
        if !args.work.quiet {
            print::note(&said);
        }
    }
    interrupt::watch()?;
    shard(
        (&sweep, 1, args.work.replace),
        &args.grid.scenario.limits,
        args.work.threads,
        args.work.quiet,
    )?;
    merge(&sweep, &args.grid.scenario.scenario, args.work.replace, args.work.quiet)
}

fn plan(grid: &GridArgs, shards: u32, out: &Path, quiet: bool) -> Result<(), Failure> {
    let (source, manifest) = planned(grid, shards, quiet)?;
    let cells = manifest.points().len() * manifest.cells_of_a_point();
    if cells < shards as usize {
        return Err(Failure::Use(format!(
            "{cells} cells cannot be cut into {shards} shards"
        )));
    }
    let (sweep, word) = match folder::create(out, manifest, &source.text, &source.base)? {
        Opened::Fresh(sweep) => (sweep, "planned"),
        Opened::Same(sweep) => (sweep, "already planned"),
    };
    print::answer(&format!(
        "{word}: {} in {shards} shards, sweep {}",
        size(&sweep.manifest),
        sweep.id
    ))
}

fn run(
    (path, number, replace): (&Path, u32, bool),
    limits: &LimitArgs,
    threads: Option<NonZeroUsize>,
    quiet: bool,
) -> Result<(), Failure> {
    let sweep = folder::open(path)?;
    let shards = sweep.manifest.shards;
    if number > shards {
        return Err(Failure::Use(format!(
            "there is no shard {number}: the sweep was planned in {shards}"
        )));
    }
    same_machine(&sweep.manifest)?;
    interrupt::watch()?;
    let done = match shard((&sweep, number, replace), limits, threads, quiet)? {
        Some(cells) => counted(cells, "cell", "cells"),
        None => "already done".to_owned(),
    };
    print::answer(&format!("shard {number} of {shards}: {done}"))?;
    let typed = sweep.folder.join("scenario.toml").display().to_string();
    none_broken(&sweep, &typed, &folder::broken(&sweep, number)?, "the shard")
}

fn missing(path: &Path) -> Result<(), Failure> {
    let missing = folder::missing(&folder::open(path)?)?;
    if missing.is_empty() {
        print::note("no shard is missing");
        return Ok(());
    }
    print::answer(&listed(&missing))
}

/// Numbers in order as job arrays take them: `2,5-7`.
fn listed(numbers: &[u32]) -> String {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for &number in numbers {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => runs.push((number, number)),
        }
    }
    let run = |(first, last): (u32, u32)| {
        if first == last {
            first.to_string()
        } else {
            format!("{first}-{last}")
        }
    };
    runs.into_iter().map(run).collect::<Vec<_>>().join(",")
}

/// The tables and figures, and what they say.
fn merge(sweep: &Sweep, typed: &str, replace: bool, quiet: bool) -> Result<(), Failure> {
    let Merged { files, points } = folder::merge(sweep, replace, |points| drawn(sweep, points))?;
    if !quiet {
        print::note(&format!("wrote {} files to {}", files.len(), sweep.folder.display()));
    }
    print::answer(&report::answer(&sweep.manifest, &points.points, &points.steps))?;
    none_broken(sweep, typed, &points.broken, "sweep.csv")
}

/// The figures and the page of a sweep.
fn drawn(sweep: &Sweep, points: &SweepPoints) -> Result<DrawnFiles, Failure> {
    let seen = seen(sweep, points);
    Ok(DrawnFiles {
        figures: plots::sweep::render(&seen.drawn, &points.mark, &plots::PlotWish::default())?,
        page: page::sweep(&seen)?,
    })
}

/// Fails if cells broke an invariant: their rows are no figures. `table` has them all.
fn none_broken(sweep: &Sweep, typed: &str, broken: &[(usize, String)], table: &str) -> Result<(), Failure> {
    let Some((cell, what)) = broken.first() else {
        return Ok(());
    };
    let (
        manifest,
        CellJob {
            point,
            variant,
            replication,
        },
    ) = (&sweep.manifest, sweep.manifest.job(*cell));
    let (points, label) = (manifest.points(), &manifest.strategies[variant]);
    let point = points.get(point).map_or(&[][..], Vec::as_slice).to_vec();
    let args = ScenarioArgs::of(typed, manifest.overrides(&point));
    let others = match broken.len() - 1 {
        0 => String::new(),
        more => format!(" ({more} more cells broke, see the column `error` of {table})"),
    };
    Err(Failure::Broken {
        what: format!(
            "{}, strategy {label}, replication {replication}: {what}{others}",
            manifest.words(&point)
        ),
        again: broken::again(&args, seed_at(manifest, &point), label, replication),
    })
}

/// The seed of a point: it may be a varied key itself.
fn seed_at(manifest: &SweepManifest, point: &Setting) -> u64 {
    let varied = manifest
        .design
        .axes
        .iter()
        .zip(point)
        .find(|(axis, _)| axis.key == "scenario.seed");
    let varied = varied.and_then(|(_, value)| value.as_ref()?.parse().ok());
    varied.unwrap_or(manifest.seed)
}

/// Reads the scenario, checks every point, and says what the sweep is.
fn planned(grid: &GridArgs, shards: u32, quiet: bool) -> Result<(ScenarioText, SweepManifest), Failure> {
    let kind = match (grid.samples, grid.one_at_a_time) {
        (Some(samples), _) => DesignKind::Latin(samples),
        (None, true) => DesignKind::OneAtATime,
        (None, false) => DesignKind::Grid,
    };
    let design = Design::new(grid.axes.clone(), kind).map_err(|why| Failure::Use(format!("--vary: {why}")))?;
    let mut source = ScenarioText::of(&grid.scenario)?;
    source.asked.clone_from(&grid.metrics);
    let settings = source::overrides(&grid.scenario);
    let scenario = source.load(&settings, &grid.scenario.strategies)?;
    let mut manifest = SweepManifest::new(&scenario, &scenario.annotated, hex(source.text.as_bytes()), design);
    manifest.settings = settings;
    manifest.shards = shards;
    if !grid.metrics.is_empty() {
        manifest.metrics.clone_from(&grid.metrics);
    }
    source.asked.clone_from(&manifest.metrics);
    source::warn(&scenario);
    if !quiet {
        let times = size(&manifest);
        print::note(&format!(
            "sweeping {}: {times}, seed {}",
            manifest.scenario, manifest.seed
        ));
    }
    check_points(&source, &scenario, &mut manifest)?;
    Ok((source, manifest))
}

fn size(manifest: &SweepManifest) -> String {
    let points = counted(manifest.points().len(), "point", "points");
    let strategies = counted(manifest.strategies.len(), "strategy", "strategies");
    let replications = counted(manifest.replications as usize, "replication", "replications");
    format!("{points}, {strategies}, {replications}")
}

/// Loads every point's scenario, so that an error is told before anything has run; enters their input files.
fn check_points(source: &ScenarioText, scenario: &Scenario, manifest: &mut SweepManifest) -> Result<(), Failure> {
    let common = Common::of(scenario);
    let (mut first, mut wrong) = (None, 0_usize);
    let points = manifest.points();
    for (at, point) in points.iter().enumerate() {
        let differs = |what: &str| {
            Failure::Use(format!(
                "{what} differs from the scenario's; it must be the same at all points"
            ))
        };
        let loaded = source.load(&manifest.overrides(point), &manifest.strategies);
        let loaded = loaded.and_then(|loaded| match common.differs(&Common::of(&loaded)) {
            Some(what) => Err(differs(what)),
            None => Ok(loaded),
        });
        match loaded {
            Ok(loaded) => manifest.inputs.extend(loaded.inputs),
            Err(failure) => {
                wrong += 1;
                first.get_or_insert((at, manifest.words(point), failure));
            }
        }
    }
    manifest.inputs.sort();
    manifest.inputs.dedup();
    let Some((at, words, failure)) = first else {
        return Ok(());
    };
    let more = match wrong - 1 {
        0 => String::new(),
        more => format!(", and {more} more of {} points are wrong", points.len()),
    };
    Err(Failure::Scenario(match failure {
        Failure::Scenario(problems) => {
            let head = format!("at point {at} ({words}){more}:");
            problems
                .into_iter()
                .map(|problem| format!("{head}\n{problem}"))
                .collect()
        }
        other => vec![format!("at point {at} ({words}){more}: {other}")],
    }))
}

/// A sweep's figures are those of one version on machines that compute alike.
fn same_machine(manifest: &SweepManifest) -> Result<(), Failure> {
    let version = env!("CARGO_PKG_VERSION");
    if manifest.version != version {
        let planned = &manifest.version;
        return Err(Failure::Differs(format!(
            "the sweep was planned by sickbay {planned} and this is {version}: run it with {planned}, or plan it anew"
        )));
    }
    let own = fingerprint::of_this_machine();
    if manifest.fingerprint != own {
        let planned = &manifest.fingerprint;
        return Err(Failure::Differs(format!(
            "this machine computes differently from the one that planned the sweep (fingerprint {own}, planned {planned})"
        )));
    }
    Ok(())
}

/// Runs a shard, or what is left of it; how many cells were run, none if it was whole already.
fn shard(
    (sweep, number, replace): (&Sweep, u32, bool),
    limits: &LimitArgs,
    threads: Option<NonZeroUsize>,
    quiet: bool,
) -> Result<Option<usize>, Failure> {
    let begun = now();
    let work = match folder::begin(sweep, number, replace)? {
        Begun::Done => return Ok(None),
        Begun::Open(work) => work,
    };
    let (open, kept) = (work.open_cells(), work.kept());
    let note = |text: String| {
        if !quiet {
            print::note(&text);
        }
    };
    if kept > 0 {
        note(format!(
            "{kept} of {} cells are there from an earlier start",
            kept + open.len()
        ));
    }
    let work = run_open(sweep, &open, (work, kept), limits, (threads, quiet))?;
    let left = work.open_cells().len();
    if left > 0 {
        return Err(Failure::Interrupted(format!(
            "{} of {} cells are kept in {}; the same command goes on from there",
            kept + open.len() - left,
            kept + open.len(),
            sweep.folder.display()
        )));
    }
    work.finish()?;
    note(format!(
        "ran {} in {}",
        counted(open.len(), "cell", "cells"),
        seconds(begun.elapsed())
    ));
    Ok(Some(open.len()))
}

/// Runs cells and writes each down as it ends.
fn run_open<'a>(
    sweep: &Sweep,
    open: &[usize],
    (work, kept): (Work<'a>, usize),
    limits: &LimitArgs,
    (threads, quiet): (Option<NonZeroUsize>, bool),
) -> Result<Work<'a>, Failure> {
    let manifest = &sweep.manifest;
    let source = ScenarioText {
        asked: sweep.manifest.metrics.clone(),
        text: sweep.text.clone(),
        file: sweep.folder.join("scenario.toml").display().to_string(),
        base: sweep.base.clone(),
        library: Library::new(limits::reading(limits, &sweep.base)?),
    };
    let points = manifest.points();
    let load = |point: usize| {
        let scenario = at_point(&source, manifest, &points[point])?;
        limits::fits(limits, &scenario, threads.map(NonZeroUsize::get), Retention::Nothing)
            .map_err(|failure| failure.to_string().trim_start_matches("error: ").to_owned())?;
        source::settled(scenario, &manifest.words(&points[point]))
    };
    let jobs: Vec<CellJob> = open.iter().map(|&cell| manifest.job(cell)).collect();
    let bar = progress::bar(quiet);
    let shared: Mutex<(Work<'a>, Option<FolderError>)> = Mutex::new((work, None));
    let tell = |at: usize, course| {
        let mut shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = shared.0.append(open[at], &course) {
            shared.1.get_or_insert(error);
            return ControlFlow::Break(());
        }
        let total = kept + open.len();
        let finished = shared.0.kept();
        progress::show(&bar, Progress { finished, total });
        ControlFlow::Continue(())
    };
    let play = |scenario: &Scenario, job: CellJob| values_of(scenario, job, &interrupt::asked);
    let ended = interrupt::engine(threads).run(&jobs, Scenarios::Each(&load), &play, &tell);
    bar.finish_and_clear();
    let (work, refused) = shared.into_inner().unwrap_or_else(PoisonError::into_inner);
    if let Some(error) = refused {
        return Err(error.into());
    }
    ended.map_err(|error| Failure::Use(error.to_string()))?;
    Ok(work)
}

/// A point's scenario, made from the very files that the sweep was planned with.
fn at_point(source: &ScenarioText, manifest: &SweepManifest, point: &Setting) -> Result<Scenario, String> {
    let loaded = source.load(&manifest.overrides(point), &manifest.strategies);
    let scenario = loaded.map_err(|failure| format!("at {}: {failure}", manifest.words(point)))?;
    if let Some(what) = manifest.common().differs(&Common::of(&scenario)) {
        return Err(format!("{what} has changed since the sweep was planned; plan it anew"));
    }
    let changed = scenario.inputs.iter().find(|input| !manifest.inputs.contains(input));
    match changed {
        Some((file, _)) => Err(format!("{file} has changed since the sweep was planned; plan it anew")),
        None => Ok(scenario),
    }
}

#[cfg(test)]
mod tests {
    use super::listed;

    #[test]
    fn missing_shards_are_listed_as_job_arrays_take_them() {
        assert_eq!(listed(&[1]), "1");
        assert_eq!(listed(&[1, 2, 3, 5, 7, 8]), "1-3,5,7-8");
    }
}
