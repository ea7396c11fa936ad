//! `run`: every strategy in every replication, the results folder, and the comparison.

use std::fmt::Write;
use std::num::NonZeroUsize;
use std::path::{Component, Path, PathBuf};
use std::time::{Duration, Instant};

use super::args::RunArgs;
use super::failure::Failure;
use super::source::ScenarioText;
use super::{broken, carries, interrupt, limits, print, progress, robust, source};
use crate::cells::engine::Progress;
use crate::cells::memory::Retention;
use crate::cells::warmup::WarmUp;
use crate::experiment::{self, ExperimentError, RunOptions};
use crate::judge::bottlenecks::{Bottleneck, bottleneck};
use crate::judge::results::Results;
use crate::report::{conclusion, page, plots, table};
use crate::scenario::Scenario;
use crate::store::again::DrawnFiles;
use crate::store::disk::target::Target;
use crate::store::run as folder;

/// Where results go by default, in a folder of the scenario's name.
const RESULTS: &str = "results";

/// Runs the scenario, writes the results and prints the comparison.
pub fn run(args: &RunArgs) -> Result<(), Failure> {
    let scenario = source::load(&args.scenario)?;
    let out = target(args.out.as_ref(), &scenario.name, "")?;
    // Before the run and not after it: an hour's work must not be refused for its folder.
    let target = folder::open(&out, args.work.replace)?;
    let threads = args.work.threads.map(NonZeroUsize::get);
    limits::fits(&args.scenario.limits, &scenario, threads, Retention::Outcomes)?;
    interrupt::watch()?;
    let note = |text: String| {
        if !args.work.quiet {
            print::note(&text);
        }
    };
    target.notes().iter().for_each(|said| note(said.clone()));
    note(opening(&scenario));
    let begun = now();
    let results = simulate(args, &scenario)?;
    let answer = || answer(&scenario, &results, args.details);
    let files = print::or_answer(written(&results, target), answer)?;
    note(format!(
        "wrote {} files to {} in {}",
        files.len(),
        out.display(),
        seconds(begun.elapsed())
    ));
    note(format!("  {}", listing(&files, &out)));
    if let Some(warning) = results.warm_up.as_ref().and_then(WarmUp::warning) {
        print::note(&format!("warning: {warning}"));
    }
    print::verdicts(&answer())?;
    // What `robust` left of this very scenario, else a quick look.
    let carried = robust::carried(&scenario).or_else(|| carries::said(args, &scenario, &results));
    if let Some(carried) = carried {
        print::answer(&carried)?;
    }
    if args.what_helps {
        print::answer(&what_helps(args, &results)?)?;
    }
    if results.partial {
        let done = counted(results.replications as usize, "replication is", "replications are");
        return Err(Failure::Interrupted(format!(
            "{done} in {}, marked partial",
            out.display()
        )));
    }
    Ok(())
}

/// What one technician more would change, by a run of as many replications.
fn what_helps(args: &RunArgs, results: &Results) -> Result<String, Failure> {
    let number = match bottleneck(results) {
        Some(Bottleneck::Technicians { number, .. }) => number,
        _ => return Ok("No technicians are overloaded: one more would help little.".to_owned()),
    };
    let Some(number) = number else {
        return Ok("Technicians work in crews: which one is to be larger, --set can say.".to_owned());
    };
    let mut settings = source::overrides(&args.scenario);
    settings.push(("operators.technicians".to_owned(), (number + 1).to_string()));
    let mut more = ScenarioText::of(&args.scenario)?.load(&settings, &args.scenario.strategies)?;
    (more.until_decided, more.replications) = (false, results.replications);
    let helped = simulate(args, &more)?;
    Ok(conclusion::helped(results, &helped).unwrap_or_else(|| "No work waited for a technician.".to_owned()))
}

/// Draws the figures of what the files will hold, and writes the folder; gives the files.
fn written(results: &Results, target: Target) -> Result<Vec<PathBuf>, Failure> {
    Ok(folder::write(results, drawn(&folder::as_read(results))?, target)?)
}

/// The figures and the page of results as their files hold them.
pub fn drawn(results: &Results) -> Result<DrawnFiles, Failure> {
    Ok(DrawnFiles {
        figures: plots::render(results)?,
        page: page::page(results)?,
    })
}

/// The folder to write: as asked for, or of the scenario's name with `ending`.
pub fn target(out: Option<&PathBuf>, scenario: &str, ending: &str) -> Result<PathBuf, Failure> {
    if let Some(out) = out {
        return Ok(out.clone());
    }
    // A name that is a path would lead out of the results.
    let mut parts = Path::new(scenario).components();
    match (parts.next(), parts.next()) {
        (Some(Component::Normal(_)), None) => Ok(Path::new(RESULTS).join(format!("{scenario}{ending}"))),
        _ => Err(Failure::Use(format!(
            "the scenario's name `{scenario}` is no folder's name; give --out"
        ))),
    }
}

fn opening(scenario: &Scenario) -> String {
    let strategies = counted(scenario.variants.len(), "strategy", "strategies");
    let replications = if scenario.until_decided {
        "as many replications as decide".to_owned()
    } else {
        counted(scenario.replications as usize, "replication", "replications")
    };
    format!(
        "running {}: {strategies} in {replications}, seed {}",
        scenario.name, scenario.seed
    )
}

fn simulate(args: &RunArgs, scenario: &Scenario) -> Result<Results, Failure> {
    let bar = progress::bar(args.work.quiet);
    let options = RunOptions {
        threads: args.work.threads.map(NonZeroUsize::get),
        variants: None,
    };
    let shown = |now: Progress| progress::show(&bar, now);
    let ran = experiment::run(scenario, &options, &shown, &interrupt::asked);
    bar.finish_and_clear();
    ran.map_err(|error| {
        let interrupted = format!("{}, nothing written", ExperimentError::Interrupted);
        broken::failure(&error, &args.scenario, interrupted)
    })
}

/// The stories, if the scenario asks for them, and what it comes to; with all tables if asked for.
fn answer(scenario: &Scenario, results: &Results, details: bool) -> String {
    let mut text = String::new();
    for arm in results.arms.iter().filter(|_| scenario.reporting.story) {
        writeln!(text, "{}", arm.label).ok();
        for (at, line) in &arm.log.story {
            writeln!(text, "  {at}  {line}").ok();
        }
        text.push('\n');
    }
    if details {
        text + &table::comparison(results, print::width().unwrap_or(table::WIDE))
    } else {
        let conclusion = conclusion(results);
        let told = conclusion.contains("--details");
        text + &conclusion + if told { "" } else { "The tables behind it: --details.\n" }
    }
}

/// The files at the top by name, folders with the number of their files.
fn listing(files: &[PathBuf], out: &Path) -> String {
    let mut entries: Vec<(String, usize)> = Vec::new();
    for file in files {
        let inside = file.strip_prefix(out).unwrap_or(file);
        let folder = inside.parent().filter(|parent| !parent.as_os_str().is_empty());
        let name = folder.map_or_else(
            || inside.display().to_string(),
            |folder| format!("{}/", folder.display()),
        );
        match entries.iter_mut().find(|(known, _)| *known == name) {
            Some((_, count)) => *count += 1,
            None => entries.push((name, 1)),
        }
    }
    let shown: Vec<String> = entries
        .into_iter()
        .map(|(name, count)| {
            if name.ends_with('/') {
                format!("{name} ({count})")
            } else {
                name
            }
        })
        .collect();
    shown.join(", ")
}

/// A count with its noun.
pub fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// The instant that it is.
#[expect(
    clippy::disallowed_methods,
    reason = "how long a run took is told on stderr and in no file"
)]
pub fn now() -> Instant {
    Instant::now()
}

/// A time as it is told.
pub fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::listing;

    #[test]
    fn the_listing_counts_what_is_in_folders() {
        let out = Path::new("r");
        let files: Vec<PathBuf> = ["summary.json", "plots/a.svg", "plots/a.png", "naive/requests.csv"]
            .iter()
            .map(|file| out.join(file))
            .collect();
        assert_eq!(listing(&files, out), "summary.json, plots/ (2), naive/ (1)");
    }
}
