//! An explanation as an operator would want "No valid host was found" to look.

use std::fmt::Write;

use super::roster::broken;
use crate::cells::explain::errands::Errands;
use crate::cells::explain::{DecisionStage, Explanation, Happening, Pass, RefusedRequest};

/// The widest line.
const WIDE: usize = 120;
/// So many reasons of a stage are named.
const REASONS: usize = 4;

/// The explanation as text: the answer first, then the decision stage by stage.
#[must_use]
pub fn text(told: &Explanation) -> String {
    let mut out = broken(&told.answer, WIDE).join("\n");
    let asked = &told.request;
    writeln!(out, "\n").ok();
    let machines = if asked.min_count < asked.count {
        format!("{} to {}", asked.min_count, asked.count)
    } else {
        asked.count.to_string()
    };
    let mut line = |what: &str, value: &str| {
        if !value.is_empty() {
            writeln!(out, "  {what:<12} {value}").ok();
        }
    };
    let specs: Vec<String> = asked
        .extra_specs
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    let hints: Vec<String> = asked
        .hints
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    line(
        "request",
        &format!(
            "{} of tenant {}, asked {}, starts {}",
            asked.id, asked.tenant, asked.arrival, asked.start
        ),
    );
    line(
        "machines",
        &format!("{machines} of class {}, for {}", asked.class, hours(asked.hold_s)),
    );
    line("flavor", &specs.join("  "));
    line("hints", &hints.join("  "));
    line("zone", asked.availability_zone.as_deref().unwrap_or(""));
    line(
        "strategy",
        &format!(
            "{}, replication {}, seed {}",
            told.strategy, told.replication, told.seed
        ),
    );
    course(&mut out, &told.decisions, told.decisions_left_out, &told.events);
    out
}

/// The operators' boots onto a node as text.
#[must_use]
pub fn errands_text(told: &Errands) -> String {
    let mut out = broken(&told.answer, WIDE).join("\n");
    writeln!(out, "\n").ok();
    let run = format!(
        "{}, replication {}, seed {}",
        told.strategy, told.replication, told.seed
    );
    writeln!(out, "  {:<12} {}", "node", told.node).ok();
    writeln!(out, "  {:<12} {run}", "strategy").ok();
    course(&mut out, &told.decisions, told.decisions_left_out, &told.events);
    out
}

/// The same as JSON.
#[must_use]
pub fn errands_json(told: &Errands) -> String {
    serde_json::to_string_pretty(told).unwrap_or_default() + "\n"
}

/// The decisions, and what happened.
fn course(out: &mut String, decisions: &[Pass], left_out: usize, events: &[Happening]) {
    for (at, pass) in decisions.iter().enumerate() {
        if left_out > 0 && at + 1 == decisions.len() {
            writeln!(out, "\n… {left_out} more decisions on it, alike …").ok();
        }
        decision(out, at + 1, pass);
    }
    if !events.is_empty() {
        writeln!(out, "\nWhat happened").ok();
        for event in events {
            writeln!(out, "  {}  {}", event.at, event.what).ok();
        }
    }
}

fn hours(seconds: f64) -> String {
    let hours = seconds / 3600.0;
    if hours < 48.0 {
        format!("{hours:.1} h")
    } else {
        format!("{:.1} d", hours / 24.0)
    }
}

fn decision(out: &mut String, number: usize, pass: &Pass) {
    writeln!(out, "\nDecision {number}, {}", pass.at).ok();
    for (key, value) in &pass.query {
        writeln!(out, "  GET /allocation_candidates  {key}={value}").ok();
    }
    let widest = pass
        .stages
        .iter()
        .map(|stage| stage.stage.len())
        .max()
        .unwrap_or(0)
        .max("stage".len());
    writeln!(out, "\n  {:<widest$}  {:>6}  {:>6}", "stage", "left", "fell").ok();
    writeln!(out, "  {:<widest$}  {:>6}", "nodes known", pass.known).ok();
    for stage in &pass.stages {
        let fell = if stage.fell == 0 {
            String::new()
        } else {
            stage.fell.to_string()
        };
        let line = format!("  {:<widest$}  {:>6}  {fell:>6}", stage.stage, stage.left);
        writeln!(out, "{}", line.trim_end()).ok();
        if stage.left == 0 {
            break;
        }
    }
    for stage in pass
        .stages
        .iter()
        .filter(|stage| stage.fell > 0 && stage.stage != "resource class")
    {
        fallen(out, stage);
    }
    if !pass.weights.is_empty() {
        survivors(out, pass);
    }
    let said = match pass.denied_by {
        Some(stage) => format!("No valid host was found: {stage} left too few."),
        None if pass.alternates.is_empty() => format!("picked {}", pass.picks.join(", ")),
        None => format!(
            "picked {}; alternates {}",
            pass.picks.join(", "),
            pass.alternates.join(", ")
        ),
    };
    if pass.denied_by.is_some() {
        writeln!(out).ok();
    }
    for line in broken(&said, WIDE - 2) {
        writeln!(out, "  {line}").ok();
    }
}

/// Who fell in a stage, and why.
fn fallen(out: &mut String, stage: &DecisionStage) {
    let reasons: Vec<String> = stage
        .reasons
        .iter()
        .take(REASONS)
        .map(|(reason, n)| format!("{n} {reason}"))
        .collect();
    let more = stage.reasons.len().saturating_sub(REASONS);
    let more = if more > 0 {
        format!("; {more} more reasons")
    } else {
        String::new()
    };
    writeln!(out, "\n  {}: {}{more}", stage.stage, reasons.join("; ")).ok();
    let widest = stage.nodes.iter().map(|(node, _)| node.len()).max().unwrap_or(0);
    for (node, reason) in &stage.nodes {
        writeln!(out, "    {node:<widest$}  {reason}").ok();
    }
    let unnamed = stage.fell - stage.nodes.len();
    if unnamed > 0 {
        writeln!(out, "    … and {unnamed} more").ok();
    }
}

fn survivors(out: &mut String, pass: &Pass) {
    let listed: Vec<String> = pass
        .weights
        .iter()
        .map(|(node, weight)| {
            if pass.tied {
                node.clone()
            } else {
                format!("{node} ({weight})")
            }
        })
        .collect();
    let left = pass.stages.last().map_or(0, |stage| stage.left);
    let more = left.saturating_sub(listed.len());
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    let tie = if pass.tied && left > 1 {
        ", all of equal weight: the pick among them is a draw"
    } else {
        ""
    };
    let line = format!("survivors{tie}: {}{more}", listed.join(", "));
    writeln!(out).ok();
    for line in broken(&line, WIDE - 2) {
        writeln!(out, "  {line}").ok();
    }
}

/// The explanation as JSON.
#[must_use]
pub fn json(told: &Explanation) -> String {
    serde_json::to_string_pretty(told).unwrap_or_default() + "\n"
}

/// The refused requests, a line each.
#[must_use]
pub fn list_text(refused: &[RefusedRequest], strategy: &str, replication: u32) -> String {
    if refused.is_empty() {
        return format!("No request was refused under {strategy} in replication {replication}.\n");
    }
    let mut out = format!(
        "{} requests were refused under {strategy} in replication {replication}; --request ID explains one:\n\n",
        refused.len()
    );
    let width =
        |of: &dyn Fn(&RefusedRequest) -> usize, least: usize| refused.iter().map(of).max().unwrap_or(0).max(least);
    let (id, at) = (width(&|r| r.id.len(), 7), width(&|r| r.at.len(), 7));
    let (tenant, class) = (width(&|r| r.tenant.len(), 6), width(&|r| r.class.len(), 5));
    writeln!(
        out,
        "  {:<id$}  {:<at$}  {:<tenant$}  {:<class$}  count  cause",
        "request", "refused", "tenant", "class"
    )
    .ok();
    for r in refused {
        let (who, what) = (&r.tenant, &r.class);
        writeln!(
            out,
            "  {:<id$}  {:<at$}  {who:<tenant$}  {what:<class$}  {:>5}  {}",
            r.id, r.at, r.count, r.cause
        )
        .ok();
    }
    out
}

/// The same as JSON.
#[must_use]
pub fn list_json(refused: &[RefusedRequest], strategy: &str, replication: u32) -> String {
    let list = serde_json::json!({ "strategy": strategy, "replication": replication, "refused": refused });
    serde_json::to_string_pretty(&list).unwrap_or_default() + "\n"
}
