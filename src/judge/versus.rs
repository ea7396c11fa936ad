//! Two finished experiments of any age, against each other.

use std::collections::BTreeMap;

use super::finding::{Checked, Finding, Side, Verdict};
use super::gate::{FailOn, Gate, Values};
use crate::cells::columns::{COLUMNS, Column};
use crate::scenario::effective::flat;

/// A finished experiment, as its results folder holds it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Finished {
    /// Whose it is.
    pub side: Side,
    /// The scenario's name.
    pub scenario: String,
    /// Whether it was interrupted.
    pub partial: bool,
    /// The effective scenario; none in folders of versions that did not write it.
    pub effective: Option<String>,
    /// The metrics that its report shows beyond the default ones.
    pub shown: Vec<String>,
    /// The strategies, in its order.
    pub arms: Vec<FinishedArm>,
}

/// A strategy of a finished experiment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FinishedArm {
    /// Its label.
    pub label: String,
    /// The digest over its replications.
    pub digest: String,
    /// Values by metric and replication; a metric may be one that this version does not have.
    pub values: BTreeMap<String, Vec<Option<f64>>>,
}

/// In which a scenario may differ from the other: any key.
pub const ANY: &str = "all";

/// In which a scenario may differ from the other: the files that it reads.
pub const INPUTS: &str = "files";

/// Why two experiments are not compared.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VersusError {
    /// They are of different scenarios.
    #[error("the scenarios differ where nothing allows it:\n{}\nTo compare all the same: {}", .0.join("\n"), .1.join(" "))]
    Differ(Vec<String>, Vec<String>),
    /// They are of different scenarios, and one of them does not say what its scenario was.
    #[error(
        "the scenarios differ, and {0} does not say in what (it has no scenario.toml); to compare all the same: --allow {ANY}"
    )]
    Unsaid(String),
    /// They have no strategy in common.
    #[error("the two have no strategy in common: {0} against {1}")]
    Strangers(String, String),
}

/// Compares two finished experiments. `allowed` are keys of the scenario (or tables) that may
/// differ; `every` compares every metric and not only those that reports show.
///
/// # Errors
/// When the scenarios differ in a key that is not allowed, or no strategy is in both.
pub fn versus(
    old: &Finished,
    new: &Finished,
    allowed: &[String],
    gate: &Gate,
    every: bool,
) -> Result<Checked, VersusError> {
    let mut checked = Checked {
        scenario: new.scenario.clone(),
        file: new.side.name.clone(),
        old: Some(old.side.clone()),
        new: new.side.clone(),
        notes: differences(old, new, allowed)?,
        findings: Vec::new(),
    };
    checked.notes.extend(notes(old, new));
    let pairs: Vec<(&FinishedArm, &FinishedArm)> = new
        .arms
        .iter()
        .filter_map(|arm| Some((old.arms.iter().find(|old| old.label == arm.label)?, arm)))
        .collect();
    if pairs.is_empty() {
        return Err(VersusError::Strangers(labels(old), labels(new)));
    }
    for (arm, other) in [(old, new), (new, old)].into_iter().flat_map(|(side, other)| {
        let lone = side
            .arms
            .iter()
            .filter(|arm| other.arms.iter().all(|it| it.label != arm.label));
        lone.map(move |arm| (arm, other))
    }) {
        let note = format!(
            "{} has no strategy `{}`: it is not compared",
            other.side.name, arm.label
        );
        checked.notes.push(note);
    }
    let gone = old
        .arms
        .iter()
        .filter(|arm| new.arms.iter().all(|it| it.label != arm.label));
    checked
        .findings
        .extend(gone.map(|arm| gone_strategy(&arm.label, new, gate)));
    let columns = columns(new, gate, every);
    for (before, now) in pairs {
        if old.side.replications == new.side.replications && old.side.seed == new.side.seed {
            checked.findings.push(placements(before, now, gate));
        }
        for column in &columns {
            checked.findings.extend(metric(column, (old, before), (new, now), gate));
        }
    }
    Ok(checked)
}

fn labels(side: &Finished) -> String {
    let labels: Vec<&str> = side.arms.iter().map(|arm| arm.label.as_str()).collect();
    labels.join(", ")
}

/// In what the scenarios differ, as notes, if all of it is allowed.
fn differences(old: &Finished, new: &Finished, allowed: &[String]) -> Result<Vec<String>, VersusError> {
    if old.side.digest == new.side.digest {
        return Ok(Vec::new());
    }
    let may = |key: &str| {
        allowed.iter().any(|allowed| {
            allowed == ANY
                || key == allowed
                || key
                    .strip_prefix(allowed.as_str())
                    .is_some_and(|rest| rest.starts_with('.'))
        })
    };
    let [before, now] = match [old, new].map(|side| side.effective.as_deref().map(flat)) {
        [Some(before), Some(now)] => [before, now],
        _ if may(ANY) => return Ok(vec!["the scenarios differ, nobody says in what".to_owned()]),
        [None, _] => return Err(VersusError::Unsaid(old.side.name.clone())),
        _ => return Err(VersusError::Unsaid(new.side.name.clone())),
    };
    let mut keys: Vec<&String> = before.keys().chain(now.keys()).collect();
    keys.sort_unstable();
    keys.dedup();
    let say = |value: Option<&String>| value.map_or("nothing", String::as_str).to_owned();
    let mut differ: Vec<(String, String)> = keys
        .into_iter()
        .filter(|key| before.get(*key) != now.get(*key))
        .map(|key| {
            (
                key.clone(),
                format!("{key}: {} -> {}", say(before.get(key)), say(now.get(key))),
            )
        })
        .collect();
    if differ.is_empty() {
        differ.push((INPUTS.to_owned(), "the files that the scenario reads".to_owned()));
    }
    let (allowed, wrong): (Vec<_>, Vec<_>) = differ.into_iter().partition(|(key, _)| may(key));
    if wrong.is_empty() {
        return Ok(allowed
            .into_iter()
            .map(|(_, said)| format!("allowed to differ: {said}"))
            .collect());
    }
    // Where a value became a table, allowing the value allows the table.
    let beneath = |key: &str| {
        let above = |(other, _): &(String, String)| {
            key.strip_prefix(other.as_str())
                .is_some_and(|rest| rest.starts_with('.'))
        };
        wrong.iter().any(above)
    };
    let keys = wrong.iter().map(|(key, _)| key).filter(|key| !beneath(key));
    let keys = keys.map(|key| format!("--allow {key}")).collect();
    let said = wrong.iter().map(|(_, said)| format!("  {said}")).collect();
    Err(VersusError::Differ(said, keys))
}

fn notes(old: &Finished, new: &Finished) -> Vec<String> {
    let mut notes = Vec::new();
    if old.side.version != new.side.version {
        let (before, now) = (&old.side.version, &new.side.version);
        notes.push(format!("sickbay {before} made the old side, {now} the new one"));
    }
    for side in [old, new].into_iter().filter(|side| side.partial) {
        notes.push(format!("{} is partial: it was interrupted", side.side.name));
    }
    if old.side.seed != new.side.seed {
        notes.push(format!(
            "the seeds differ ({} and {}): replications are compared as independent and not in pairs",
            old.side.seed, new.side.seed
        ));
    } else if old.side.replications != new.side.replications {
        notes.push(format!(
            "{} replications against {}: those that both have are paired",
            old.side.replications, new.side.replications
        ));
    }
    notes
}

/// A strategy that is no longer there cannot be judged, so it does not pass where something is to be.
fn gone_strategy(label: &str, new: &Finished, gate: &Gate) -> Finding {
    Finding {
        strategy: label.to_owned(),
        what: "strategy".to_owned(),
        verdict: Verdict::NoValue,
        fails: !gate.fail_on.is_empty() || !gate.tolerances.is_empty(),
        said: format!("no value: {} has no such strategy", new.side.name),
        lines: Vec::new(),
        figures: None,
        place: None,
    }
}

fn placements(old: &FinishedArm, new: &FinishedArm, gate: &Gate) -> Finding {
    let same = old.digest == new.digest;
    Finding {
        strategy: new.label.clone(),
        what: "placements".to_owned(),
        verdict: if same { Verdict::Unchanged } else { Verdict::Changed },
        fails: !same && gate.fail_on.contains(&FailOn::Placements),
        said: if same {
            "unchanged: the trajectories of all replications are the same".to_owned()
        } else {
            "changed: the trajectories differ (`sickbay check` says where)".to_owned()
        },
        lines: Vec::new(),
        figures: None,
        place: None,
    }
}

/// The columns to compare: those that reports show, those that a tolerance names, or every one.
fn columns(new: &Finished, gate: &Gate, every: bool) -> Vec<&'static Column> {
    let asked = |column: &Column| {
        let named = new.shown.iter().any(|shown| shown == column.name);
        every || column.shown || named || gate.tolerances.contains_key(column.name)
    };
    COLUMNS.iter().filter(|column| asked(column)).collect()
}

fn metric(
    column: &'static Column,
    (old, before): (&Finished, &FinishedArm),
    (new, now): (&Finished, &FinishedArm),
    gate: &Gate,
) -> Option<Finding> {
    let label = &now.label;
    let (before, now) = (before.values.get(column.name), now.values.get(column.name));
    if before.is_none() && now.is_none() && !gate.tolerances.contains_key(column.name) {
        return None;
    }
    let of = |values: Option<&Vec<Option<f64>>>, side: &Finished| {
        let mut values = values.cloned().unwrap_or_default();
        values.resize(side.side.replications as usize, None);
        values
    };
    let paired = old.side.seed == new.side.seed;
    let (mut before, mut now) = (of(before, old), of(now, new));
    if paired {
        let both = before.len().min(now.len());
        before.truncate(both);
        now.truncate(both);
    }
    let values = Values {
        old: &before,
        new: &now,
        paired,
    };
    Some(gate.finding(label, column, values))
}
