//! `fit`: a profile out of a folder of neutral files, as a scenario that runs, with a report on how well it fits.

use std::num::NonZeroUsize;
use std::path::Path;

use super::args::{LimitArgs, ScenarioArgs};
use super::failure::Failure;
use super::source::{self, ScenarioText};
use super::typed::FitArgs;
use super::{interrupt, limits, print, progress};
use crate::cells::engine::{Engine, Progress};
use crate::cells::memory::Retention;
use crate::experiment::{self, ExperimentError};
use crate::fit::written::{CarriedOver, scenario};
use crate::fit::{CloudProfile, FitError, FitInput, FitWish, fit};
use crate::import::files::Reading;
use crate::import::neutral::{
    CsvError, NodeRecord, Read, RequestRecord, SpellRecord, read_nodes, read_requests, read_spells,
};
use crate::judge::closed::ClosedLoop;
use crate::kernel::Span;
use crate::report::fitted::{FittedReport, report, summary};
use crate::report::plots::qq;
use crate::scenario::morning::{SCENARIO, imported};
use crate::scenario::{Library, Scenario, base_of};
use crate::store::disk::manifest::hex;
use crate::store::disk::slot::Slot;
use crate::store::fitted as folder;
use crate::workload::Drain;

/// Replications of trace and profile.
const LOOPS: u32 = 10;

/// The rows of a trace.
struct TraceRows {
    nodes: Vec<NodeRecord>,
    requests: Vec<RequestRecord>,
    spells: Vec<SpellRecord>,
}

/// Fits the profile, writes it, runs it beside the trace, and prints what it comes to.
pub fn fitted(args: &FitArgs) -> Result<(), Failure> {
    let shown = args.out.display().to_string();
    let stem = args.out.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    if args.out.extension().is_none_or(|extension| extension != "toml") || stem.is_empty() {
        return Err(Failure::Use(format!("{shown}: scenarios end in .toml; name it so")));
    }
    if args.out.exists() && !args.replace {
        return Err(Failure::Use(format!(
            "{shown} is there already; give another name, or --replace"
        )));
    }
    let beside = args
        .report
        .clone()
        .unwrap_or_else(|| args.out.with_file_name(format!("{stem}-fit")));
    let (text, trace, rows) = opened(args)?;
    let slot = Slot::open(&args.out)?;
    let target = folder::open(&beside, args.replace)?;
    interrupt::watch()?;
    let wish = FitWish {
        seed: args.seed,
        confidence: trace.reporting.confidence,
        rename_classes: args.rename_classes,
        ..FitWish::default()
    };
    let profile = profile(args, &trace, &rows, wish)?;
    let carried = CarriedOver::of(&text.text).unwrap_or_default();
    let written = scenario(&profile, &carried, &stem);
    let written = ScenarioText {
        text: written,
        file: shown.clone(),
        base: base_of(&args.out).to_owned(),
        library: Library::new(limits::reading(&LimitArgs::default(), base_of(&args.out))?),
        asked: Vec::new(),
    };
    // What is written is read as `run` would, before anything is put in its place.
    written.load(&[], &[])?;
    let closed = if args.no_loop {
        None
    } else {
        Some(close(args, &text, &written)?)
    };
    let mark = format!(
        "sickbay {} fit of {} requests, {} spells and {} nodes, seed {}",
        env!("CARGO_PKG_VERSION"),
        rows.requests.len(),
        rows.spells.len(),
        rows.nodes.len(),
        args.seed
    );
    let said = FittedReport {
        name: &stem,
        mark: &mark,
        profile: &profile,
        closed: closed.as_ref(),
        confidence: wish.confidence,
        samples: wish.samples,
    };
    let figures = qq::render(&profile.laws, &stem, &mark, env!("CARGO_PKG_VERSION"))?;
    slot.put(written.text.as_bytes())?;
    let files = folder::write((&profile, closed.as_ref()), (report(&said), figures), &mark, target)?;
    print::answer(&summary(&said))?;
    if !args.quiet {
        print::note(&format!("wrote {shown}"));
        files
            .iter()
            .for_each(|file| print::note(&format!("wrote {}", file.display())));
        print::note(&format!("next: sickbay run {shown}"));
    }
    Ok(())
}

/// The scenario that plays the trace, loaded, and the trace's rows.
fn opened(args: &FitArgs) -> Result<(ScenarioText, Scenario, TraceRows), Failure> {
    let folder = &args.folder;
    // Another scenario may play the trace.
    if !folder.is_dir() || args.scenario.is_none() {
        imported(folder).map_err(|what| match folder.is_dir() {
            true => Failure::Use(format!(
                "{what}, or the scenario that plays the trace, --scenario SCENARIO"
            )),
            false => Failure::Use(what),
        })?;
    }
    let reading = limits::reading(&LimitArgs::default(), folder)?;
    let nodes = read(&reading, folder, "nodes.csv", read_nodes)?;
    let requests = read(&reading, folder, "requests.csv", read_requests)?;
    let spells = read(&reading, folder, "maintenance.csv", read_spells)?;
    let typed = match &args.scenario {
        Some(typed) => typed.clone(),
        None => folder.join(SCENARIO).display().to_string(),
    };
    let found = ScenarioText::of(&ScenarioArgs::of(&typed, Vec::new()))?;
    let scenario = found.load(&[], &[])?;
    let plays = |name: &str, digest: &str| {
        scenario
            .inputs
            .iter()
            .any(|(path, its)| path.ends_with(name) && its == digest)
    };
    if !plays("requests.csv", &requests.digest) {
        return Err(Failure::Use(format!(
            "{}: this scenario does not play {}; name it in a [[workload]] as its `trace`, or give another --scenario",
            found.file,
            folder.join("requests.csv").display()
        )));
    }
    source::warn(&scenario);
    let rows = TraceRows {
        nodes: nodes.records,
        requests: requests.records,
        spells: spells.records,
    };
    Ok((found, scenario, rows))
}

/// What reads the rows of a file.
type Parser<T> = fn(&[u8], &str) -> Result<Read<T>, Vec<CsvError>>;

/// The rows of a file, and its digest.
struct Rows<T> {
    records: Vec<T>,
    digest: String,
}

fn read<T>(reading: &Reading, folder: &Path, name: &str, parse: Parser<T>) -> Result<Rows<T>, Failure> {
    let path = folder.join(name);
    let bytes = reading.read(&path).map_err(|error| {
        let mend = error.mend(
            "give a folder that `sickbay import … --out DIR` has written",
            "name the folder above it",
        );
        Failure::Use(format!("{}: {error}; {mend}", path.display()))
    })?;
    let read = parse(&bytes, &path.display().to_string()).map_err(|errors| {
        let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
        Failure::Use(lines.join("\n"))
    })?;
    Ok(Rows {
        records: read.records,
        digest: hex(&bytes),
    })
}

fn profile(args: &FitArgs, trace: &Scenario, rows: &TraceRows, wish: FitWish) -> Result<CloudProfile, Failure> {
    let input = FitInput {
        nodes: &rows.nodes,
        requests: &rows.requests,
        spells: &rows.spells,
        longest_wait: match trace.maintenance.spell_drain {
            Drain::AtOnce => Some(Span::ZERO),
            Drain::TenantLeaves => None,
            Drain::Deadline(most) => Some(most),
        },
        horizon: trace.horizon,
        clock: &trace.settings.clock,
    };
    fit(input, wish).map_err(|error| match error {
        FitError::Empty(file) => Failure::Use(format!(
            "{}:1: there is no row below the header, and a profile is made of rows; name a folder that `sickbay import … --out DIR` has \
             written",
            args.folder.join(file).display()
        )),
        other => Failure::Use(format!(
            "{}: {other}; look whether the scenario's epoch and horizon are those of the trace",
            args.folder.join("requests.csv").display()
        )),
    })
}

/// Runs trace and profile side by side.
fn close(args: &FitArgs, trace: &ScenarioText, profile: &ScenarioText) -> Result<ClosedLoop, Failure> {
    let horizon = trace.load(&[], &[])?.horizon;
    // A profile begins empty and a trace with what ran then: both are looked at when that is over.
    let cut = Span((horizon.0 / 10).min(28 * 86_400_000) / 60_000 * 60_000);
    let mut settings = vec![("report.warm_up".to_owned(), format!("\"{cut}\""))];
    settings.extend(args.settings.iter().cloned());
    let strategies = |named: &Scenario| -> Vec<String> {
        let labels = named.variants.iter().map(|variant| variant.label.clone());
        labels.collect()
    };
    let trace = trace.load(&settings, &args.strategies)?;
    // Counts are of the same time: a profile's horizon is in whole days.
    let long = ("scenario.horizon".to_owned(), format!("\"{}\"", Span(trace.horizon.0)));
    settings.insert(0, long);
    let profile = profile.load(&settings, &strategies(&trace))?;
    let threads = args.threads.map(NonZeroUsize::get);
    for scenario in [&trace, &profile] {
        limits::fits(&LimitArgs::default(), scenario, threads, Retention::Nothing)?;
    }
    let replications = args.replications.unwrap_or(LOOPS);
    let bar = progress::bar(args.quiet);
    let shown = |now: Progress| progress::show(&bar, now);
    let engine = Engine::on(threads, &interrupt::asked);
    let rows = experiment::close((&trace, &profile), replications, engine, &shown);
    bar.finish_and_clear();
    let rows = rows.map_err(|error| match error {
        ExperimentError::Interrupted => Failure::Interrupted("nothing written".to_owned()),
        ExperimentError::Broken { .. } => Failure::Broken {
            what: error.to_string(),
            again: format!("sickbay fit {} --out {}", args.folder.display(), args.out.display()),
        },
        other => Failure::Use(other.to_string()),
    })?;
    Ok(ClosedLoop {
        replications,
        confidence: trace.reporting.confidence,
        warm_up: cut.to_string(),
        settings: args.settings.clone(),
        rows,
    })
}
