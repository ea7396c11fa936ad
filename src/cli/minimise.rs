//! `plan --minimise`: the value of a key at which a metric is smallest.

use std::path::PathBuf;

use super::args::PlanArgs;
use super::failure::Failure;
use super::plan::Asked;
use super::print;
use super::run::now;
use crate::cells::columns::Metric;
use crate::cells::selector::Columns;
use crate::experiment::find::cheapest;
use crate::judge::assumptions;
use crate::judge::minimise::{MOST_VALUES, MinimiseQuest, Minimised};
use crate::judge::sweep::Common;
use crate::report::minimise as report;
use crate::scenario::Scenario;
use crate::stats::compare::Good;
use crate::store::disk::target::Target;
use crate::store::minimise as folder;

/// Searches, writes what was found, and says it in a sentence a strategy.
pub fn minimise(args: &PlanArgs) -> Result<(), Failure> {
    let name = args.minimise.clone().unwrap_or_default();
    let asked = Asked::of(args, vec![name.clone()])?;
    let quest = quest(args, &asked.scenario, (&name, asked.values.len()))?;
    let (out, target) = asked.begin()?;
    let begun = now();
    let answers = asked.search(
        |load, engine, shown| cheapest(&quest, load, engine, shown),
        |point| (point, 0),
    )?;
    let scenario = &asked.scenario;
    let found = Minimised {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        scenario: scenario.name.clone(),
        digest: scenario.digest.clone(),
        seed: scenario.seed,
        key: asked.key.clone(),
        range: args.range.to_string(),
        values: asked.values.clone(),
        strategies: Common::of(scenario).strategies,
        assumptions: assumptions::of_minimise(scenario, &quest),
        quest,
        answers,
    };
    let files = print::or_answer(written(&found, target), || report::answer(&found))?;
    asked.wrote(&files, &out, begun);
    print::answer(&report::answer(&found))?;
    let pairs = found.strategies.iter().zip(&found.answers);
    let without: Vec<&str> = pairs
        .filter(|(_, answer)| answer.is_none())
        .map(|(label, _)| label.as_str())
        .collect();
    if without.is_empty() {
        Ok(())
    } else {
        Err(Failure::Unreachable(format!("no answer under {}", without.join(", "))))
    }
}

fn written(found: &Minimised, target: Target) -> Result<Vec<PathBuf>, Failure> {
    Ok(folder::write(found, target)?)
}

/// What is asked; a metric of which less is not better has no cheapest value.
fn quest(args: &PlanArgs, scenario: &Scenario, (name, values): (&str, usize)) -> Result<MinimiseQuest, Failure> {
    let columns = Columns::of(scenario);
    let wrong = |what: String| Err(Failure::Use(format!("--minimise {name}: {what}")));
    let Some((column, metric)) = columns.placed(name) else {
        return wrong("there is no such metric; `sickbay metrics` lists them".to_owned());
    };
    if metric.good != Good::Low {
        return wrong(
            "less of it is not better; name a metric of which less is, such as cost, or give --slo".to_owned(),
        );
    }
    if metric.metric == Metric::Cost && scenario.costs.is_none() {
        return wrong(
            "nothing has a price; give the scenario a table `[costs]`, or set costs.unit and a price".to_owned(),
        );
    }
    if values > MOST_VALUES {
        return wrong(format!(
            "{} has {values} values, and each of at most {MOST_VALUES} is looked at; give a larger step, such as {}..{}:STEP",
            args.range,
            args.range.values().first().map_or("", String::as_str),
            args.range.values().last().map_or("", String::as_str)
        ));
    }
    Ok(MinimiseQuest {
        values,
        strategies: scenario.variants.len(),
        columns,
        column,
        matters: scenario.reporting.matters,
        confidence: args.confidence,
        first: scenario.replications,
        most: args.max_replications,
    })
}
