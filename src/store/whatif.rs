//! The folder of `whatif`: the scenario with its files, which `run` takes, and the answer as `whatif.json`.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::disk::target::{Target, Wish};
use super::error::FolderError;
use super::json;
use crate::judge::whatif::{TakenArm, TakenFigure, TakenOut, free_nodes, leaves};
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

/// The answer as JSON. Without a source of future demand there is no `strategies`.
#[must_use]
pub fn document(morning: &Morning, found: Option<&TakenOut>) -> String {
    let (free_at, free_end) = free_nodes(morning);
    let mut document = json!({
        "sickbay": env!("CARGO_PKG_VERSION"),
        "now": morning.now,
        "take": morning.what,
        "at": morning.at.0,
        "end": morning.end.0,
        "until": morning.until.0,
        "nodes": morning.taken,
        "free_at": free_at,
        "free_end": free_end,
    });
    document["occupants"] = morning.on_nodes.iter().map(|on| occupant(morning, on)).collect();
    if let Some(from) = &morning.demand {
        document["demand"] = json!(from);
    }
    if let Some(found) = found {
        document["scenario_digest"] = json!(found.digest);
        document["seed"] = json!(found.seed);
        document["replications"] = json!(found.replications);
        document["confidence"] = json!(found.confidence);
        if let Some(long) = found.long {
            document["long_wait_s"] = json!(long.as_secs());
        }
        document["baseline"] = json!(found.baseline);
        let arms = found.arms.iter().map(|of| (of.label.clone(), arm(of)));
        document["strategies"] = Value::Object(arms.collect());
    }
    document["remarks"] = json!(morning.remarks);
    json::document(&document)
}

fn occupant(morning: &Morning, on: &OnNode) -> Value {
    let mut of = json!({
        "node": on.node,
        "request": on.request,
        "tenant": on.tenant,
        "class": on.class,
        "age_s": on.age.as_secs(),
    });
    if let Some(leaves) = leaves(morning, on) {
        of["gone_at"] = json!(leaves.by_at);
        of["gone_end"] = json!(leaves.by_end);
        of["gone_until"] = json!(leaves.by_until);
        if let Some(half) = leaves.half {
            of["half_gone_s"] = json!(half.as_secs());
        }
    }
    of
}

fn arm(arm: &TakenArm) -> Value {
    let figures = |all: &[TakenFigure]| -> Map<String, Value> {
        all.iter().map(|it| (it.metric.to_owned(), figure(it))).collect()
    };
    json!({ "metrics": figures(&arm.figures), "parts": figures(&arm.parts) })
}

fn figure(figure: &TakenFigure) -> Value {
    let estimate = |it: Estimate| json!({ "mean": it.mean, "lo": it.lo, "hi": it.hi, "n": it.n });
    let difference =
        |it: Paired| json!({ "diff": it.diff, "lo": it.lo, "hi": it.hi, "n": it.n, "verdict": it.verdict.word() });
    let mut of = json!({ "unit": figure.unit });
    let parts = [
        ("without", figure.without.map(estimate)),
        ("with", figure.with.map(estimate)),
        ("effect", figure.effect.map(difference)),
        ("against_baseline", figure.against.map(difference)),
    ];
    for (name, part) in parts {
        if let Some(part) = part {
            of[name] = part;
        }
    }
    of
}
