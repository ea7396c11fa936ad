//! The manifest as a file: canonical JSON, so that its SHA-256 names the sweep.

use serde::Deserialize;
use serde_json::json;

use crate::cells::points::axis::Axis;
use crate::cells::points::design::{Design, DesignKind};
use crate::cells::selector::Selector;
use crate::judge::sweep::SweepManifest;
use crate::kernel::Span;
use crate::kernel::text::acts;
use crate::scenario::Matters;
use crate::scenario::keys::ranges::{LEVEL, REPLICATIONS, SHARDS, STRATEGIES};
use crate::stats::width::Width;
use crate::store::disk::manifest::hex;
use crate::store::json;

/// The words of a design's kind.
const GRID: &str = "grid";
const LATIN: &str = "latin hypercube";
const ONE: &str = "one at a time";

/// The manifest's text.
#[must_use]
pub fn document(manifest: &SweepManifest) -> String {
    let (kind, samples) = match manifest.design.kind {
        DesignKind::Grid => (GRID, 0),
        DesignKind::Latin(samples) => (LATIN, samples),
        DesignKind::OneAtATime => (ONE, 0),
    };
    let axes: Vec<String> = manifest.design.axes.iter().map(Axis::to_string).collect();
    let matters = &manifest.matters;
    let mut sizes = json!({
        "shares": matters.shares,
        "waits_ms": matters.waits.0,
        "counts": matters.counts,
        "misplaced": matters.misplaced,
        "node_hours": matters.node_hours,
    });
    match matters.costs {
        None => {}
        Some(Width::Relative(part)) => sizes["costs_part"] = json!(part),
        Some(Width::Absolute(amount) | Width::Points(amount)) => sizes["costs"] = json!(amount),
    }
    let mut all = json!({
        "sickbay": manifest.version,
        "fingerprint": manifest.fingerprint,
        "scenario": manifest.scenario,
        "question": manifest.question,
        "scenario_sha256": manifest.text,
        "inputs": manifest.inputs,
        "settings": manifest.settings,
        "strategies": manifest.strategies,
        "baseline": manifest.baseline,
        "design": kind,
        "samples": samples,
        "vary": axes,
        // A value that the scenario has not is an empty list.
        "own": manifest.own.iter().map(|own| own.as_slice()).collect::<Vec<_>>(),
        "replications": manifest.replications,
        "seed": manifest.seed,
        "confidence": manifest.confidence,
        "metrics": manifest.metrics,
        "matters": sizes,
        "assumptions": manifest.assumptions,
        "shards": manifest.shards,
    });
    if let Some(unit) = &manifest.money {
        all["money"] = json!(unit);
    }
    json::document(&all)
}

/// The sweep's id: SHA-256 of its manifest.
#[must_use]
pub fn id(manifest: &SweepManifest) -> String {
    hex(document(manifest).as_bytes())
}

/// What is computed, however it is cut into shards: SHA-256 of the manifest of one shard.
#[must_use]
pub fn design_digest(manifest: &SweepManifest) -> String {
    id(&SweepManifest {
        shards: 1,
        ..manifest.clone()
    })
}

/// The file as it is read.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    sickbay: String,
    fingerprint: String,
    scenario: String,
    question: String,
    scenario_sha256: String,
    inputs: Vec<(String, String)>,
    settings: Vec<(String, String)>,
    strategies: Vec<String>,
    baseline: String,
    design: String,
    samples: u32,
    vary: Vec<String>,
    own: Vec<Vec<String>>,
    replications: u32,
    seed: u64,
    confidence: f64,
    metrics: Vec<String>,
    matters: MattersText,
    assumptions: Vec<String>,
    shards: u32,
    money: Option<String>,
}

/// How large a difference has to be to matter, as it is read.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MattersText {
    shares: f64,
    waits_ms: u64,
    counts: f64,
    misplaced: f64,
    node_hours: f64,
    costs: Option<f64>,
    costs_part: Option<f64>,
}

/// Reads a manifest's text.
///
/// # Errors
/// What is wrong with it, and the line where that is known.
pub fn parse(text: &str) -> Result<SweepManifest, (u64, String)> {
    let written: Written =
        serde_json::from_str(text).map_err(|error| (error.line() as u64, format!("not as it was written: {error}")))?;
    let whole = |what: String| (1, what);
    let axes = written
        .vary
        .iter()
        .map(|axis| Axis::parse(axis))
        .collect::<Result<_, _>>();
    let kind = match written.design.as_str() {
        GRID => DesignKind::Grid,
        LATIN => DesignKind::Latin(written.samples),
        ONE => DesignKind::OneAtATime,
        other => return Err(whole(format!("`design` is `{other}`"))),
    };
    let design = axes.and_then(|axes| Design::new(axes, kind)).map_err(whole)?;
    let changed = |key: &str| {
        Err(whole(format!(
            "`{key}` is not as a plan has it: it has been changed by hand"
        )))
    };
    if let Some(key) = insane(&written, design.axes.len()) {
        return changed(key);
    }
    let cells =
        design.points(written.seed).len() as u64 * written.strategies.len() as u64 * u64::from(written.replications);
    if cells < u64::from(written.shards) {
        return changed("shards");
    }
    Ok(SweepManifest {
        version: written.sickbay,
        fingerprint: written.fingerprint,
        scenario: written.scenario,
        question: written.question,
        text: written.scenario_sha256,
        inputs: written.inputs,
        settings: written.settings,
        strategies: written.strategies,
        baseline: written.baseline,
        own: written.own.into_iter().map(|own| own.into_iter().next()).collect(),
        design,
        replications: written.replications,
        seed: written.seed,
        confidence: written.confidence,
        metrics: written.metrics,
        matters: Matters {
            shares: written.matters.shares,
            waits: Span(written.matters.waits_ms),
            counts: written.matters.counts,
            misplaced: written.matters.misplaced,
            node_hours: written.matters.node_hours,
            costs: match (written.matters.costs, written.matters.costs_part) {
                (Some(amount), _) => Some(Width::Absolute(amount)),
                (None, part) => part.map(Width::Relative),
            },
        },
        money: written.money,
        assumptions: written.assumptions,
        shards: written.shards,
    })
}

/// The key whose value no plan would have; none where all are in order.
fn insane(written: &Written, axes: usize) -> Option<&'static str> {
    let mut labels = written.strategies.clone();
    labels.sort();
    labels.dedup();
    let all = written.strategies.len();
    let texts = written.strategies.iter().chain([&written.scenario, &written.baseline]);
    let texts = texts.chain(&written.money);
    let rules = [
        ("own", written.own.len() == axes),
        ("strategies", (1..=STRATEGIES).contains(&all) && labels.len() == all),
        ("baseline", labels.contains(&written.baseline)),
        (
            "replications",
            (1..=REPLICATIONS).contains(&i64::from(written.replications)),
        ),
        ("seed", i64::try_from(written.seed).is_ok()),
        ("shards", (1..=SHARDS).contains(&written.shards)),
        ("confidence", (LEVEL.0..=LEVEL.1).contains(&written.confidence)),
        ("matters", {
            let it = &written.matters;
            let parts = [it.shares, it.counts, it.misplaced, it.node_hours].into_iter();
            let mut parts = parts.chain(it.costs).chain(it.costs_part);
            parts.all(|part| part.is_finite() && part >= 0.0)
        }),
        (
            "metrics",
            written.metrics.iter().all(|metric| Selector::parse(metric).is_ok()),
        ),
        (
            "scenario",
            !texts.clone().any(|text| text.is_empty() || text.chars().any(acts)),
        ),
    ];
    rules.into_iter().find_map(|(key, right)| (!right).then_some(key))
}

/// The first key in which two manifests differ, with both values on a line each.
#[must_use]
pub fn difference(ours: &SweepManifest, theirs: &SweepManifest) -> Option<String> {
    let keys = |manifest: &SweepManifest| serde_json::from_str::<serde_json::Value>(&document(manifest)).ok();
    let (ours, theirs) = (keys(ours)?, keys(theirs)?);
    let (ours, theirs) = (ours.as_object()?, theirs.as_object()?);
    let (key, value) = ours.iter().find(|(key, value)| theirs.get(*key) != Some(value))?;
    let there = theirs.get(key).map(ToString::to_string).unwrap_or_default();
    Some(format!("`{key}` is {there} there and {value} here"))
}

#[cfg(test)]
mod tests {
    use crate::judge::sweeps::manifest;
    use crate::store::sweep::manifest::*;

    #[test]
    fn a_manifest_reads_as_it_was_written() {
        for kind in [DesignKind::Grid, DesignKind::Latin(12), DesignKind::OneAtATime] {
            let manifest = manifest(&["fleet.scale=0.5..1:0.25", "operators.technicians=1,2"], kind);
            let text = document(&manifest);
            assert_eq!(parse(&text).as_ref(), Ok(&manifest), "{text}");
            for width in [Width::Relative(0.02), Width::Absolute(250.0)] {
                let mut priced = manifest.clone();
                priced.money = Some("EUR".to_owned());
                priced.matters.costs = Some(width);
                assert_eq!(parse(&document(&priced)).as_ref(), Ok(&priced));
            }
        }
    }

    #[test]
    fn shards_change_the_id_and_not_what_is_computed() {
        let one = manifest(&["fleet.scale=1,2"], DesignKind::Grid);
        let five = SweepManifest {
            shards: 5,
            ..one.clone()
        };
        assert_ne!(id(&one), id(&five));
        assert_eq!(design_digest(&one), design_digest(&five));
        assert_eq!(difference(&one, &one), None);
        assert_eq!(
            difference(&one, &five).as_deref(),
            Some("`shards` is 5 there and 1 here")
        );
    }

    #[test]
    fn a_file_that_is_no_manifest_is_told_with_its_line() {
        let text = document(&manifest(&["fleet.scale=1,2"], DesignKind::Grid));
        assert!(parse("{").is_err() && parse("[]").is_err());
        assert!(parse(&text.replace("\"grid\"", "\"maze\"")).is_err());
        assert!(parse(&text.replace("\"shards\": 1", "\"shards\": 0")).is_err());
        assert!(parse(&text.replace("\"shards\"", "\"shreds\"")).is_err());
    }
}
