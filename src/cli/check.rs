//! `check`: placements against goldens, metrics against tolerances, and what scenarios expect.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use super::args::{CheckArgs, LimitArgs, ScenarioArgs};
use super::failure::Failure;
use super::{broken, gate, interrupt, limits, print, progress, source};
use crate::cells::engine::Progress;
use crate::cells::memory;
use crate::experiment::RunOptions;
use crate::experiment::record::record;
use crate::import::files::{FileError, Reading};
use crate::judge::finding::Checked;
use crate::judge::gate::{FailOn, Gate};
use crate::judge::golden::{Golden, Record};
use crate::judge::hold;
use crate::judge::hold::Against;
use crate::scenario::{self, Scenario};
use crate::store::disk::slot::Slot;
use crate::store::golden;

/// How a golden's name ends.
const ENDING: &str = "golden";

/// A scenario to check, and where its golden is.
struct Subject {
    /// The scenario as it is loaded.
    typed: String,
    /// Its file, for annotations.
    file: PathBuf,
    /// Its golden's file.
    golden: PathBuf,
    /// Whether something is to be compared with it: then it must be there.
    wanted: bool,
}

/// Checks every scenario that was named, or records their goldens.
pub fn check(args: &CheckArgs) -> Result<(), Failure> {
    if args.golden.is_some() && args.scenarios.len() > 1 {
        return Err(Failure::Use("--golden goes with one scenario".to_owned()));
    }
    let subjects: Vec<Subject> = args
        .scenarios
        .iter()
        .map(|typed| subject(typed, args))
        .collect::<Result<_, _>>()?;
    let otherwise = match (args.bless, args.gate.tolerances.is_empty()) {
        (true, _) => &[][..],
        (false, true) => &[FailOn::Placements],
        (false, false) => &[FailOn::Regressed],
    };
    let gate = gate::gate(&args.gate, otherwise);
    let target = gate::target(&args.gate, "check")?;
    let slots = slots(args, &subjects)?;
    interrupt::watch()?;
    let mut checked = Vec::new();
    let mut recorded = Vec::new();
    for subject in &subjects {
        let (one, fresh) = check_one(args, subject, &gate)?;
        checked.push(one);
        recorded.push((&subject.golden, fresh));
    }
    // Only when all went well: nothing is recorded of a call that was wrong.
    if args.bless {
        for ((path, text), slot) in recorded.iter().zip(slots) {
            slot.put(text.as_bytes())?;
            if !args.quiet {
                print::note(&format!("recorded {}", path.display()));
            }
        }
    }
    gate::give_out(&args.gate, "check", &checked, target)
}

/// The places of the goldens that are going to be recorded: a folder that may not be written is told now.
fn slots(args: &CheckArgs, subjects: &[Subject]) -> Result<Vec<Slot>, Failure> {
    let recorded = subjects.iter().filter(|_| args.bless);
    let slots = recorded.map(|subject| Slot::open(&subject.golden).map_err(Failure::from));
    slots.collect()
}

fn subject(typed: &str, args: &CheckArgs) -> Result<Subject, Failure> {
    let path = Path::new(typed);
    let named = path.extension().is_some_and(|ending| ending == ENDING);
    let typed = if named {
        path.with_extension("toml").display().to_string()
    } else {
        typed.to_owned()
    };
    let file = source::file(&typed, &limits_of(args))?;
    let golden = args
        .golden
        .as_deref()
        .map_or_else(|| file.with_extension(ENDING), Path::to_owned);
    let of_gate = args.strict || !args.gate.fail_on.is_empty() || !args.gate.tolerances.is_empty();
    Ok(Subject {
        wanted: named || of_gate || args.golden.is_some(),
        typed,
        file,
        golden,
    })
}

/// A scenario that is checked may come from somebody else: it reads its own folder and what was named.
fn limits_of(args: &CheckArgs) -> LimitArgs {
    LimitArgs {
        restrict_inputs: true,
        inputs: args.inputs.clone(),
        max_memory: args.max_memory,
    }
}

/// What was found of a scenario, and the golden's text as it would be recorded now.
fn check_one(args: &CheckArgs, subject: &Subject, gate: &Gate) -> Result<(Checked, String), Failure> {
    let kept = kept(subject, args)?;
    let (settings, history) = kept
        .as_ref()
        .map_or_else(Default::default, |kept| (kept.settings(), kept.history()));
    let scenario_args = ScenarioArgs {
        scenario: subject.typed.clone(),
        seed: args.seed,
        replications: args.replications,
        strategies: args.strategies.clone(),
        settings: settings.iter().chain(&args.settings).cloned().collect(),
        limits: limits_of(args),
    };
    let scenario = source::load(&scenario_args)?;
    let old = match kept {
        Some(Kept::Whole(golden)) => Some(*golden),
        _ => None,
    };
    if old.is_none() && !args.bless && (scenario.expectations.is_empty() || subject.wanted) {
        return Err(missing(subject, &scenario));
    }
    if let Some(other) = old.as_ref().filter(|old| old.scenario != scenario.name && !args.bless) {
        return Err(Failure::Use(format!(
            "{} is of the scenario `{}`, and {} is `{}`: give the golden that was recorded of it",
            subject.golden.display(),
            other.scenario,
            subject.file.display(),
            scenario.name
        )));
    }
    limits::fits(
        &scenario_args.limits,
        &scenario,
        args.threads.map(NonZeroUsize::get),
        memory::Retention::Outcomes,
    )?;
    let fresh = run(args, &scenario_args, &scenario)?;
    let name = subject.golden.display().to_string();
    let against = Against {
        golden: old.as_ref().map(|old| (old, name.as_str())),
        gate,
        strict: args.strict && !args.bless,
        part: !args.strategies.is_empty(),
    };
    let mut checked = hold::hold(&scenario, &subject.file.display().to_string(), &fresh, against);
    if old.is_none() && !args.bless {
        let note = format!("there is no {name}: what the scenario expects is verified, and nothing is compared");
        checked.notes.push(note);
    }
    let text = golden::write(&Golden {
        settings: merged(settings, source::overrides(&scenario_args), &args.settings),
        history: lengthened(history, args.reason.as_deref()),
        ..fresh.golden
    });
    Ok((checked, text))
}

/// What there is of a golden.
enum Kept {
    /// All of it.
    Whole(Box<Golden>),
    /// What can be kept of one of another format: settings and history.
    Part(Vec<(String, String)>, Vec<String>),
}

impl Kept {
    fn settings(&self) -> Vec<(String, String)> {
        match self {
            Kept::Whole(golden) => golden.settings.clone(),
            Kept::Part(settings, _) => settings.clone(),
        }
    }

    fn history(&self) -> Vec<String> {
        match self {
            Kept::Whole(golden) => golden.history.clone(),
            Kept::Part(_, history) => history.clone(),
        }
    }
}

/// Where a golden may lie: in the folder that was named, below the scenario's and below those of `--inputs`, links
/// resolved. A link in a pull request may lead anywhere.
fn golden_reading(subject: &Subject, args: &CheckArgs) -> Result<Reading, Failure> {
    let mut limits = limits_of(args);
    limits.inputs.push(scenario::base_of(&subject.golden).to_owned());
    limits
        .inputs
        .retain(|folder| folder.as_os_str().is_empty() || folder.is_dir());
    let base = scenario::base_of(&subject.file);
    if !base.as_os_str().is_empty() && !base.is_dir() {
        // A scenario of the program has no folder.
        return limits::reading(&limits, scenario::base_of(&subject.golden));
    }
    limits::reading(&limits, base)
}

/// The golden as it is; none when there is no such file.
fn kept(subject: &Subject, args: &CheckArgs) -> Result<Option<Kept>, Failure> {
    let name = subject.golden.display().to_string();
    let cannot = |what: &dyn std::fmt::Display| Failure::Use(format!("cannot read {name}: {what}"));
    let bytes = match golden_reading(subject, args)?.read(&subject.golden) {
        Ok(bytes) => bytes,
        Err(error) if error.is_missing() => return Ok(None),
        Err(FileError::System(error)) => return Err(Failure::of_file(&format!("cannot read {name}"), &error)),
        Err(error @ FileError::Outside) => return Err(cannot(&format!("{error}; {}", error.mend("", "")))),
        Err(error) => return Err(cannot(&error)),
    };
    let text = String::from_utf8(bytes).map_err(|_| cannot(&"it is no text"))?;
    match golden::read(&text, &name) {
        Ok(golden) => Ok(Some(Kept::Whole(Box::new(golden)))),
        Err(golden::GoldenError::Version { .. }) if args.bless => {
            let (settings, history) = golden::salvage(&text);
            Ok(Some(Kept::Part(settings, history)))
        }
        Err(error) => Err(Failure::Use(error.to_string())),
    }
}

fn missing(subject: &Subject, scenario: &Scenario) -> Failure {
    let why = if scenario.expectations.is_empty() {
        format!("{} expects nothing", subject.file.display())
    } else {
        "something is to be compared with it".to_owned()
    };
    Failure::Use(format!(
        "there is no {}, and {why}: record what it does now with\n  sickbay check {} --bless",
        subject.golden.display(),
        subject.typed
    ))
}

fn run(args: &CheckArgs, scenario_args: &ScenarioArgs, scenario: &Scenario) -> Result<Record, Failure> {
    let bar = progress::bar(args.quiet);
    let options = RunOptions {
        threads: args.threads.map(NonZeroUsize::get),
        variants: None,
    };
    let shown = |now: Progress| progress::show(&bar, now);
    let recorded = record(scenario, &options, &shown, &interrupt::asked);
    bar.finish_and_clear();
    recorded.map_err(|error| {
        let interrupted = "nothing was compared and nothing recorded".to_owned();
        broken::failure(&error, scenario_args, interrupted)
    })
}

/// The golden's settings with what was typed now: a key is set once.
fn merged(
    mut settings: Vec<(String, String)>,
    all: Vec<(String, String)>,
    typed: &[(String, String)],
) -> Vec<(String, String)> {
    let known = settings.len() + typed.len();
    // Behind the settings come the seed and the replications, under their keys.
    let named = all.into_iter().skip(known);
    for (key, value) in typed.iter().cloned().chain(named) {
        settings.retain(|(other, _)| *other != key);
        settings.push((key, value));
    }
    settings
}

fn lengthened(mut history: Vec<String>, reason: Option<&str>) -> Vec<String> {
    let first = history.is_empty().then_some("first recorded");
    history.extend(reason.or(first).map(str::to_owned));
    history
}

#[cfg(test)]
mod tests {
    use super::{lengthened, merged};

    fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn what_is_typed_takes_the_place_of_what_was_set() {
        let (kept, typed) = (pairs(&[("a", "1"), ("scenario.seed", "2")]), pairs(&[("a", "3")]));
        let all = pairs(&[("a", "1"), ("scenario.seed", "2"), ("a", "3"), ("scenario.seed", "4")]);
        assert_eq!(merged(kept, all, &typed), pairs(&[("a", "3"), ("scenario.seed", "4")]));
    }

    #[test]
    fn a_history_begins_by_itself_and_grows_by_reasons() {
        assert_eq!(lengthened(Vec::new(), None), ["first recorded"]);
        assert_eq!(lengthened(Vec::new(), Some("a")), ["a"]);
        assert_eq!(lengthened(vec!["a".to_owned()], None), ["a"]);
        assert_eq!(lengthened(vec!["a".to_owned()], Some("b")), ["a", "b"]);
    }
}
