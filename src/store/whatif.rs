//! The folder of `whatif`: the scenario with its files, which `run` takes, and the answer as `whatif.json`.

use std::path::{Path, PathBuf};

use super::disk::target::{Target, Wish};
use super::error::FolderError;
use super::json::Json;
use crate::judge::whatif::{TakenArm, TakenFigure, TakenOut, free_nodes, leaves};
use crate::kernel::Span;
use crate::kernel::number::fixed;
use crate::scenario::morning::{Morning, OnNode, SCENARIO};
use crate::stats::compare::Paired;
use crate::stats::estimate::Estimate;

const JSON: &str = "whatif.json";

/// The name under which a folder's manifest lists the files of `whatif`.
const WRITER: &str = "whatif";

/// Opens the folder `out`, so that it can be asked before anything runs.
///
/// # Errors
/// When the folder may not be written, holds what `whatif` did not write, or is being written.
pub fn open(out: &Path, replace: bool) -> Result<Target, FolderError> {
    Ok(Target::open(out, Wish::whole(WRITER, replace))?)
}

/// Writes the folder; gives the files.
///
/// # Errors
/// When the file system refuses.
pub fn write(morning: &Morning, found: Option<&TakenOut>, target: Target) -> Result<Vec<PathBuf>, FolderError> {
    let mut files = vec![(PathBuf::from(SCENARIO), morning.scenario.clone().into_bytes())];
    files.extend(
        morning
            .files
            .iter()
            .map(|(name, bytes)| (PathBuf::from(name), bytes.clone())),
    );
    files.push((PathBuf::from(JSON), document(morning, found).into_bytes()));
    Ok(target.write(&files, &format!("sickbay {} whatif", env!("CARGO_PKG_VERSION")))?)
}

fn text(text: &str) -> Json {
    Json::Text(text.to_owned())
}

fn number(value: f64) -> Json {
    Json::Number(fixed(value))
}

fn seconds(span: Span) -> Json {
    number(span.as_secs())
}

fn list(all: &[String]) -> Json {
    Json::List(all.iter().map(|it| text(it)).collect())
}

/// The answer as JSON. Without a source of future demand there is no `strategies`.
#[must_use]
pub fn document(morning: &Morning, found: Option<&TakenOut>) -> String {
    let (free_at, free_end) = free_nodes(morning);
    let mut pairs = vec![
        ("sickbay", text(env!("CARGO_PKG_VERSION"))),
        ("now", text(&morning.now)),
        ("take", text(&morning.what)),
        ("at", text(&morning.at.0)),
        ("end", text(&morning.end.0)),
        ("until", text(&morning.until.0)),
        ("nodes", list(&morning.taken)),
        ("free_at", number(free_at)),
        ("free_end", number(free_end)),
        (
            "occupants",
            Json::List(morning.on_nodes.iter().map(|on| occupant(morning, on)).collect()),
        ),
    ];
    pairs.extend(morning.demand.as_ref().map(|from| ("demand", text(from))));
    if let Some(found) = found {
        pairs.extend([
            ("scenario_digest", text(&found.digest)),
            ("seed", Json::Number(found.seed.to_string())),
            ("replications", Json::Number(found.replications.to_string())),
            ("confidence", number(found.confidence)),
            ("baseline", text(&found.baseline)),
            ("strategies", Json::Object(found.arms.iter().map(arm).collect())),
        ]);
    }
    pairs.push(("remarks", list(&morning.remarks)));
    Json::object(pairs).document()
}

fn occupant(morning: &Morning, on: &OnNode) -> Json {
    let mut pairs = vec![
        ("node", text(&on.node)),
        ("request", text(&on.request)),
        ("tenant", text(&on.tenant)),
        ("class", text(&on.class)),
        ("age_s", seconds(on.age)),
    ];
    if let Some(leaves) = leaves(morning, on) {
        pairs.extend([
            ("gone_at", number(leaves.by_at)),
            ("gone_end", number(leaves.by_end)),
            ("gone_until", number(leaves.by_until)),
        ]);
        pairs.extend(leaves.half.map(|half| ("half_gone_s", seconds(half))));
    }
    Json::object(pairs)
}

fn arm(arm: &TakenArm) -> (String, Json) {
    let figures = |all: &[TakenFigure]| {
        let pairs = all.iter().map(|it| (it.metric.to_owned(), figure(it)));
        Json::Object(pairs.collect())
    };
    let pairs = [("metrics", figures(&arm.figures)), ("parts", figures(&arm.parts))];
    (arm.label.clone(), Json::object(pairs))
}

fn figure(figure: &TakenFigure) -> Json {
    let estimate = |it: Estimate| {
        Json::object([
            ("mean", number(it.mean)),
            ("lo", number(it.lo)),
            ("hi", number(it.hi)),
            ("n", Json::Number(it.n.to_string())),
        ])
    };
    let difference = |it: Paired| {
        Json::object([
            ("diff", number(it.diff)),
            ("lo", number(it.lo)),
            ("hi", number(it.hi)),
            ("n", Json::Number(it.n.to_string())),
            ("verdict", text(it.verdict.word())),
        ])
    };
    let mut pairs = vec![("unit", text(figure.unit))];
    pairs.extend(figure.without.map(|it| ("without", estimate(it))));
    pairs.extend(figure.with.map(|it| ("with", estimate(it))));
    pairs.extend(figure.effect.map(|it| ("effect", difference(it))));
    pairs.extend(figure.against.map(|it| ("against_baseline", difference(it))));
    Json::object(pairs)
}
