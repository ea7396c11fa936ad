//! From the SCENARIO of a command line to a scenario: the file, what the options change, which strategies are asked for.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::args::{LimitArgs, ScenarioArgs};
use super::failure::Failure;
use super::nearest::guess;
use super::{interrupt, limits, print};
use crate::cells::engine::Engine;
use crate::cells::warmup::settle;
use crate::import::files::Reading;
use crate::judge::named;
use crate::scenario::{self, EMBEDDED, Library, Scenario};
use crate::strategy;

/// Where scenarios are looked for by name before those in the program.
const FOLDER: &str = "scenarios";

/// A scenario's text, before anything is set in it.
#[derive(Debug)]
pub struct ScenarioText {
    pub text: String,
    /// The name that problems carry.
    pub file: String,
    /// The folder that its paths are relative to.
    pub base: PathBuf,
    /// What loads it.
    pub library: Library,
    /// The metrics that the command asks for beside those that the scenario names.
    pub asked: Vec<String>,
}

impl ScenarioText {
    /// The scenario that a command line means.
    pub fn of(args: &ScenarioArgs) -> Result<ScenarioText, Failure> {
        find(&args.scenario, &args.limits)
    }

    fn in_file(path: &Path, limits: &LimitArgs) -> Result<ScenarioText, Failure> {
        let base = scenario::base_of(path);
        // A folder that is not there is told as the file that is not there.
        let reading = if base.as_os_str().is_empty() || base.is_dir() {
            limits::reading(limits, base)?
        } else {
            Reading::default()
        };
        Ok(ScenarioText {
            text: scenario::read_text(path, &reading).map_err(|problems| Failure::of_problems(&problems))?,
            file: path.display().to_string(),
            base: base.to_owned(),
            library: Library::new(reading),
            asked: Vec::new(),
        })
    }

    /// The scenario with these keys set, and of its strategies only those asked for (all, if none is).
    pub fn load(&self, overrides: &[(String, String)], strategies: &[String]) -> Result<Scenario, Failure> {
        let loaded = self.library.load(&self.text, &self.file, &self.base, overrides);
        let mut scenario = loaded.map_err(|problems| Failure::of_problems(&problems))?;
        let problems = named::problems(&scenario);
        if !problems.is_empty() {
            return Err(Failure::of_problems(&problems));
        }
        scenario.reporting.asked.clone_from(&self.asked);
        for name in &self.asked {
            named::known(name, &scenario).map_err(|why| Failure::Use(why.to_string()))?;
        }
        if !strategies.is_empty() {
            select(&mut scenario, strategies)?;
        }
        Ok(scenario)
    }
}

/// Finds and reads the scenario and applies the options; warnings go to stderr.
pub fn load(args: &ScenarioArgs) -> Result<Scenario, Failure> {
    let scenario = ScenarioText::of(args)?.load(&overrides(args), &args.strategies)?;
    warn(&scenario);
    Ok(scenario)
}

/// The file that a scenario is read from, or would be if it were not in the program.
pub fn file(typed: &str, limits: &LimitArgs) -> Result<PathBuf, Failure> {
    let source = find(typed, limits)?;
    let embedded = EMBEDDED.iter().any(|(name, _)| *name == source.file);
    Ok(if embedded {
        Path::new(FOLDER).join(format!("{}.toml", source.file))
    } else {
        PathBuf::from(source.file)
    })
}

/// Passes the scenario's warnings on to stderr, also where it is to be quiet: whoever reads the answer alone would miss them.
pub fn warn(scenario: &Scenario) {
    for warning in &scenario.warnings {
        print::note(&format!("warning: {warning}"));
    }
}

/// The scenario with its warm-up fixed; `at` says which of many it is in the warning, if there is one.
pub fn settled(scenario: Scenario, at: &str) -> Result<Scenario, String> {
    let engine = Engine::here(&interrupt::asked);
    let all: Vec<usize> = (0..scenario.variants.len()).collect();
    let settled = settle(&scenario, &all, engine, &|_| ()).map_err(|error| format!("at {at}: {error}"))?;
    if let Some(warning) = settled.warm_up.warning() {
        print::note(&format!("warning: at {at}: {warning}"));
    }
    Ok(settled.scenario.into_owned())
}

/// The file, or the text in the program, that `typed` means.
fn find(typed: &str, limits: &LimitArgs) -> Result<ScenarioText, Failure> {
    let path = Path::new(typed);
    if path.components().count() > 1 || typed.ends_with(".toml") {
        return ScenarioText::in_file(path, limits);
    }
    let named = Path::new(FOLDER).join(format!("{typed}.toml"));
    // Who has changed a shipped scenario means his own.
    if named.is_file() {
        return ScenarioText::in_file(&named, limits);
    }
    if let Some(embedded) = EMBEDDED.iter().find(|(name, _)| *name == typed) {
        return Ok(ScenarioText {
            text: embedded.1.to_owned(),
            file: embedded.0.to_owned(),
            base: PathBuf::new(),
            library: Library::new(limits::reading(limits, Path::new(""))?),
            asked: Vec::new(),
        });
    }
    match path.is_file() {
        true => ScenarioText::in_file(path, limits),
        false => {
            let known = names();
            let guess = guess(typed, known.iter().map(String::as_str));
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            let list = known.join(", ");
            Err(Failure::Use(format!(
                "no scenario is called `{typed}`{guess}\nThere are: {list}; or give a file's path."
            )))
        }
    }
}

/// The scenarios that can be had by name, in order.
fn names() -> BTreeSet<String> {
    let embedded = EMBEDDED.iter().map(|(name, _)| (*name).to_owned());
    let entries = std::fs::read_dir(FOLDER).into_iter().flatten().flatten();
    let files = entries.filter_map(|entry| {
        let path = entry.path();
        let toml = path.extension().is_some_and(|extension| extension == "toml");
        toml.then(|| path.file_stem().map(|stem| stem.to_string_lossy().into_owned()))
            .flatten()
    });
    embedded.chain(files).collect()
}

/// The options as overrides of the scenario's keys; the ones with a name of their own come last and win.
pub fn overrides(args: &ScenarioArgs) -> Vec<(String, String)> {
    let mut all = args.settings.clone();
    let named = [
        ("scenario.seed", args.seed.map(|n| n.to_string())),
        ("scenario.replications", args.replications.map(|n| n.to_string())),
    ];
    all.extend(
        named
            .into_iter()
            .filter_map(|(key, value)| value.map(|value| (key.to_owned(), value))),
    );
    all
}

/// Leaves the strategies that are asked for, in the scenario's order. A label names one, a name all that bear it.
fn select(scenario: &mut Scenario, wanted: &[String]) -> Result<(), Failure> {
    let mut kept = BTreeSet::new();
    for typed in wanted {
        let by_label = scenario.variants.iter().position(|variant| variant.label == *typed);
        let by_name = || (0..scenario.variants.len()).filter(|&at| scenario.variants[at].name == typed);
        let found: Vec<usize> = by_label.map_or_else(|| by_name().collect(), |at| vec![at]);
        if found.is_empty() {
            return Err(unlisted(scenario, typed));
        }
        kept.extend(found);
    }
    // The others are compared with the first if the scenario's baseline is not asked for.
    scenario.baseline = kept.iter().position(|&at| at == scenario.baseline).unwrap_or(0);
    let mut at = 0..;
    scenario
        .variants
        .retain(|_| at.next().is_some_and(|at| kept.contains(&at)));
    Ok(())
}

fn unlisted(scenario: &Scenario, typed: &str) -> Failure {
    let labels: Vec<&str> = scenario.variants.iter().map(|variant| variant.label.as_str()).collect();
    let list = format!("`{}` has: {}", scenario.name, labels.join(", "));
    Failure::Use(if strategy::find(typed).is_some() {
        format!("strategy `{typed}` is not in this scenario\n{list}. Add it to scenario.strategies.")
    } else {
        let names = strategy::ROSTER.iter().map(|entry| entry.name);
        let guess = guess(typed, labels.iter().copied().chain(names));
        format!("no strategy is called `{typed}`{guess}\n{list}.")
    })
}
