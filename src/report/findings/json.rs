//! The findings for programs.

use serde_json::{Value, json};

use crate::judge::finding::{Checked, Figures, Finding, Side};
use crate::store::json;

/// The format's version: it grows when a key is renamed or dropped, not when one is added.
const FORMAT: u32 = 1;

/// The document.
pub(super) fn render(command: &str, checked: &[Checked], passed: bool) -> String {
    let scenarios: Vec<Value> = checked.iter().map(scenario).collect();
    json::document(&json!({
        "sickbay": env!("CARGO_PKG_VERSION"),
        "format": FORMAT,
        "command": command,
        "passed": passed,
        "scenarios": scenarios,
    }))
}

fn scenario(one: &Checked) -> Value {
    let mut document = json!({ "scenario": one.scenario, "file": one.file, "passed": !one.fails() });
    if let Some(old) = &one.old {
        document["old"] = side(old);
    }
    document["new"] = side(&one.new);
    document["notes"] = json!(one.notes);
    document["findings"] = one.findings.iter().map(finding).collect();
    document
}

fn side(side: &Side) -> Value {
    json!({
        "name": side.name,
        "version": side.version,
        "scenario_digest": side.digest,
        "seed": side.seed,
        "replications": side.replications,
    })
}

fn finding(finding: &Finding) -> Value {
    let mut document = json!({
        "strategy": finding.strategy,
        "what": finding.what,
        "verdict": finding.verdict.word(),
        "fails": finding.fails,
        "said": finding.said,
    });
    if !finding.lines.is_empty() {
        document["lines"] = json!(finding.lines);
    }
    if let Some(figures) = &finding.figures {
        of_figures(figures, &mut document);
    }
    document
}

fn of_figures(figures: &Figures, document: &mut Value) {
    document["unit"] = figures.unit.into();
    for (key, value) in [("old", figures.old), ("new", figures.new)] {
        if let Some(value) = value {
            document[key] = value.into();
        }
    }
    if let Some(diff) = figures.diff {
        document["diff"] = diff.mean.into();
        document["lo"] = diff.lo.into();
        document["hi"] = diff.hi.into();
        document["n"] = diff.n.into();
        document["paired"] = diff.paired.into();
    }
    document["tolerance"] = figures.tolerance.into();
}
