//! The page of a run: its parts in their order, one function each.

use minijinja::context;

use super::super::conclusion::sentences;
use super::super::costs::turns;
use super::super::error::DrawError;
use super::super::plots::forest::rule;
use super::super::plots::nodes::fleet;
use super::super::table::goals;
use super::{
    EFFECTIVE, Frame, Part, answered, assumed, campaigns, capacity, curves, decisions, facts, forest, made_by, tables,
    timeline, value, waits, written,
};
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
        Some(answered(
            [sentences(results), turns(results), goals(results)].concat(),
            results.partial,
        )),
        compared(results),
        Some(comparison(results)),
        differences(results),
        groups(results),
        capacity(results),
        errand_waits(results),
        campaigns(results),
        nodes(results, unit),
        decisions(results),
        Some(assumed(&results.assumptions)),
        Some(provided(results)),
    ];
    let frame = Frame::of(
        (&results.scenario, &results.question),
        &results.version,
        &provenance(results),
        parts.into_iter().flatten().collect(),
    );
    let data = serde_json::to_string(&courses).map_err(|error| DrawError {
        figure: "report.html".to_owned(),
        what: error.to_string(),
    })?;
    written(&frame, &data)
}

fn compared(results: &Results) -> Option<Part> {
    if results.compared.is_empty() {
        return None;
    }
    let fact = |line: &ComparedLine| (line.about.clone(), line.text.clone());
    let lines = results.compared.iter().map(fact).collect();
    Some(facts("compared", "What was compared", lines))
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
    let note = format!("{} Each metric has its own axis.", rule(results));
    let title = format!("Differences from {}", baseline.label);
    Some(Part::new(
        "differences",
        title,
        "forest",
        context! { figures, note, keys => value(forest::keys(forest::has_matters(results), results.confidence)) },
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
        context! { grids => value(grids), note => tables::grouped_note(results) },
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

fn campaigns(results: &Results) -> Option<Part> {
    let figures = campaigns::panels(results);
    if figures.is_empty() {
        return None;
    }
    let note = "Replication 0. A node is done when its window is closed; where a campaign has rounds, each counts.";
    let labels: Vec<String> = results.arms.iter().map(|arm| arm.label.clone()).collect();
    Some(Part::new(
        "campaigns",
        "How campaigns come along",
        "figures",
        context! { figures, wide => false, keys => value(curves::keys(&labels)), note },
    ))
}

fn decisions(results: &Results) -> Option<Part> {
    let arms = decisions::decided(results);
    if arms.is_empty() {
        return None;
    }
    Some(Part::new(
        "decisions",
        "Refusals and misplacements",
        "decisions",
        context! { arms => value(arms) },
    ))
}

fn nodes(results: &Results, unit: Option<u64>) -> Option<Part> {
    let unit = unit?;
    let shown = match fleet(results) {
        (recorded, all) if recorded < all => {
            format!("{recorded} of the fleet's {all} nodes, the others were not recorded")
        }
        (_, all) => format!("all {all} nodes"),
    };
    Some(Part::new(
        "nodes",
        "What happens on the nodes",
        "nodes",
        context! { shown, unit, keys => value(timeline::keys(results)) },
    ))
}

fn provided(results: &Results) -> Part {
    let fact = |name: &str, text: String| (name.to_owned(), text);
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
    made_by(facts, EFFECTIVE, &results.effective)
}
