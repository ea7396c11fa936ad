//! The assumption that most carries what a run says, in its cheap form.

use super::args::RunArgs;
use super::source::{self, ScenarioText};
use super::{interrupt, progress};
use crate::cells::engine::Progress;
use crate::experiment::robust::carries;
use crate::judge::carries::{TooFew, asked};
use crate::judge::results::Results;
use crate::report::conclusion;
use crate::scenario::{Scenario, WarmUpRule};

/// What the cheap form finds; none where nothing is claimed, or no range is plausible.
pub fn said(args: &RunArgs, scenario: &Scenario, results: &Results) -> Option<String> {
    let thorough = format!(
        "`sickbay robust {}` says which assumptions carry this.",
        args.scenario.scenario
    );
    let quest = match asked(scenario, results)? {
        Ok(quest) => quest,
        Err(TooFew) => return Some(thorough),
    };
    // What cannot be found here is no error of the run, whose results are written: the thorough form says why.
    let found = (|| {
        let source = ScenarioText::of(&args.scenario).ok()?;
        let cut = WarmUpRule::Fixed(results.warm_up.as_ref()?.cut);
        let load = |point: usize| {
            let mut settings = source::overrides(&args.scenario);
            settings.extend(quest.settings(point));
            let loaded = source.load(&settings, &args.scenario.strategies);
            let mut scenario = loaded.map_err(|failure| format!("at {}: {failure}", quest.words(point)))?;
            // All are cut alike, so that they are pairs.
            scenario.reporting.warm_up = cut;
            Ok(scenario)
        };
        let bar = progress::bar(args.work.quiet);
        let shown = |now: Progress| progress::show(&bar, now);
        let found = carries(&quest, &load, interrupt::engine(args.work.threads), &shown);
        bar.finish_and_clear();
        found.ok()?
    })();
    Some(found.map_or(thorough, |it| conclusion::carried(results, &it)))
}
