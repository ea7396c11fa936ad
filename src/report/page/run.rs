//! The page of a run: its parts in their order, one function each.

use minijinja::context;

use super::super::conclusion::sentences;
use super::super::costs::turns;
use super::super::error::DrawError;
use super::super::plots::percent;
use super::super::table::goals;
use super::{Frame, Part, capacity, forest, tables, timeline, value, waits, written};
use crate::judge::compared::ComparedLine;
use crate::judge::results::{Results, provenance};

/// The page of a run: everything that its results say.
///
/// # Errors
/// When a template or an encoder fails.
pub fn page(results: &Results) -> Result<Vec<u8>, DrawError> {
    let courses = timeline::timeline(results)?;
    let unit = courses.as_ref().map(|courses| courses.unit);
    let parts = [
        Some(answer(results)),
        compared(results),
        Some(comparison(results)),
        differences(results),
        groups(results),
        capacity(results),
        errand_waits(results),
        nodes(results, unit),
        Some(assumptions(results)),
        Some(made_by(results)),
    ];
    let question = results.question.split("\n\n").filter(|text| !text.is_empty());
    let frame = Frame {
        heading: results.scenario.clone(),
        question: question.map(str::to_owned).collect(),
        version: results.version.clone(),
        mark: provenance(results),
        parts: parts.into_iter().flatten().collect(),
    };
    let data = serde_json::to_string(&courses).map_err(|error| DrawError {
        figure: "report.html".to_owned(),
        what: error.to_string(),
    })?;
    written(&frame, &data)
}

/// The answer, and what became of the goals.
fn answer(results: &Results) -> Part {
    Part::new(
        "answer",
        "Answer",
        "answer",
        context! { said => [sentences(results), turns(results), goals(results)].concat(), partial => results.partial },
    )
}

fn compared(results: &Results) -> Option<Part> {
    if results.compared.is_empty() {
        return None;
    }
    let fact = |line: &ComparedLine| context! { name => line.about.clone(), text => line.text.clone() };
    let facts: Vec<_> = results.compared.iter().map(fact).collect();
    Some(Part::new("compared", "What was compared", "facts", context! { facts }))
}

fn comparison(results: &Results) -> Part {
    let grids: Vec<_> = [
        Some(tables::comparison(results)),
        tables::causes(results),
        tables::costs(results),
    ]
    .into_iter()
    .flatten()
    .collect();
    Part::new(
        "comparison",
        "Comparison",
        "comparison",
        context! { grids => value(grids) },
    )
}

fn differences(results: &Results) -> Option<Part> {
    let baseline = results.arms.get(results.baseline)?;
    let figures = forest::forests(results);
    if figures.is_empty() {
        return None;
    }
    let level = percent(results.confidence);
    let note = match (results.replications, results.arms.len()) {
        (0 | 1, _) => "One replication: there are no intervals, and nothing can be told apart.".to_owned(),
        (_, 0..=2) => {
            format!("Whiskers: {level} % t-intervals of the paired difference. Each metric has its own axis.")
        }
        _ => format!(
            "Thin whiskers: the intervals that the words rest on, which hold together at {level} %; thick ones hold each by \
             itself. Each metric has its own axis."
        ),
    };
    let title = format!("Differences from {}", baseline.label);
    Some(Part::new(
        "differences",
        title,
        "forest",
        context! { figures, note, keys => value(forest::keys()) },
    ))
}

fn groups(results: &Results) -> Option<Part> {
    let grids = tables::grouped(results);
    if grids.is_empty() {
        return None;
    }
    Some(Part::new(
        "groups",
        "By class and tenant",
        "groups",
        context! { grids => value(grids) },
    ))
}

fn capacity(results: &Results) -> Option<Part> {
    let figures = capacity::panels(results);
    if figures.is_empty() {
        return None;
    }
    Some(Part::new(
        "capacity",
        "Capacity",
        "figures",
        context! { figures, wide => false, keys => value(capacity::keys(results)), note => capacity::note(results) },
    ))
}

fn errand_waits(results: &Results) -> Option<Part> {
    let figure = waits::figure(results)?;
    let note = "All replications together, since the warm-up. A curve that ends below 100 % leaves errands unserved; waits \
                run from the need to the image on the right node.";
    Some(Part::new(
        "waits",
        "How long errands wait",
        "figures",
        context! { figures => [figure], wide => true, keys => value(waits::keys(results)), note },
    ))
}

fn nodes(results: &Results, unit: Option<u64>) -> Option<Part> {
    let unit = unit?;
    let shown = timeline::nodes(results);
    Some(Part::new(
        "nodes",
        "What happens on the nodes",
        "nodes",
        context! { shown, unit, keys => value(timeline::keys(results)) },
    ))
}

fn assumptions(results: &Results) -> Part {
    Part::new(
        "assumptions",
        "What to know when reading this",
        "list",
        context! { items => value(&results.assumptions) },
    )
}

fn made_by(results: &Results) -> Part {
    let fact = |name: &str, text: String| context! { name, text };
    let mut facts = vec![
        fact("sickbay", results.version.clone()),
        fact("scenario", results.scenario.clone()),
        fact("digest", results.scenario_digest.clone()),
        fact("seed", results.seed.to_string()),
        fact("replications", results.replications.to_string()),
        fact("epoch", results.epoch.clone()),
        fact("horizon", results.horizon.to_string()),
    ];
    let arms = results.arms.iter();
    facts.extend(arms.map(|arm| fact(&format!("trajectories under {}", arm.label), arm.digest.clone())));
    Part::new(
        "provenance",
        "What made this",
        "provenance",
        context! { facts, scenario => results.effective.clone() },
    )
}
