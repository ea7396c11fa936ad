//! Two finished experiments of any age, against each other.

use std::collections::BTreeMap;

use super::finding::{Checked, Finding, Judgement, Side};
use super::gate::{FailOn, Gate, Row};
use crate::cells::columns::{Column, Metric};
use crate::cells::job::CellJob;
use crate::cells::selector::Columns;
use crate::cells::table::{CellRow, CellTable};
use crate::scenario::effective::flat;
use crate::stats::estimate::Sample;

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
    /// How large a difference of a metric has to be to matter, as its summary says; none where it compares nothing.
    pub matters: BTreeMap<String, f64>,
    /// The strategies, in its order.
    pub strategies: Vec<StrategyMark>,
    /// The columns of its table.
    pub columns: Columns,
    /// The table of its cells: one point, and the strategies by their places here.
    pub table: CellTable<CellRow>,
}

/// A strategy of a finished experiment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StrategyMark {
    /// Its label.
    pub label: String,
    /// The digest over its replications.
    pub digest: String,
}

impl Finished {
    fn place(&self, label: &str) -> Option<usize> {
        self.strategies.iter().position(|it| it.label == label)
    }

    /// In how many of the first replications the end of a campaign lies beyond the horizon, and its value is the horizon.
    fn cut(&self, variant: usize, column: &Column, replications: usize) -> usize {
        let place = self
            .columns
            .placed(column.name)
            .filter(|_| column.metric == Metric::CampaignEnd);
        let unfinished = place.and_then(|(at, _)| self.columns.beside(at, Metric::CampaignUnfinished));
        let open = |replication: &usize| {
            let job = CellJob::of_one(variant, *replication as u32);
            unfinished
                .and_then(|at| self.table.value(job, at))
                .is_some_and(|many| many > 0.0)
        };
        (0..replications).filter(open).count()
    }

    /// The values of a strategy's metric by replication; none where no replication has one.
    fn values(&self, variant: usize, metric: &Column) -> Option<Sample> {
        let (column, _) = self.columns.placed(metric.name)?;
        let value = |replication| self.table.value(CellJob::of_one(variant, replication), column);
        let values: Sample = (0..self.side.replications).map(value).collect();
        values.iter().any(Option::is_some).then_some(values)
    }
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
    let pairs: Vec<(usize, usize)> = (0..new.strategies.len())
        .filter_map(|now| Some((old.place(&new.strategies[now].label)?, now)))
        .collect();
    if pairs.is_empty() {
        return Err(VersusError::Strangers(labels(old), labels(new)));
    }
    for (side, other) in [(old, new), (new, old)] {
        checked.notes.extend(
            lone(side, other).map(|label| format!("{} has no strategy `{label}`: it is not compared", other.side.name)),
        );
    }
    checked
        .findings
        .extend(lone(old, new).map(|label| gone_strategy(label, new, gate)));
    let columns = columns(old, new, gate, every);
    let mut rows = Vec::new();
    for &(before, now) in &pairs {
        let of = |column: &&'static Column| row(column, (old, before), (new, now), gate);
        rows.push(columns.iter().filter_map(of).collect::<Vec<Row>>());
    }
    let counts: Vec<usize> = rows.iter().map(Vec::len).collect();
    // All rows are told beside each other, and share the allowed error.
    let found = gate.findings(rows.into_iter().flatten().collect());
    checked.notes.extend(gate.together(&found));
    let mut found = found.into_iter();
    for (&(before, now), count) in pairs.iter().zip(counts) {
        if old.side.replications == new.side.replications && old.side.seed == new.side.seed {
            let moved = placements(&old.strategies[before], &new.strategies[now], gate);
            checked.findings.push(moved);
        }
        checked.findings.extend(found.by_ref().take(count));
    }
    Ok(checked)
}

/// The labels that only one side has.
fn lone<'a>(side: &'a Finished, other: &Finished) -> impl Iterator<Item = &'a str> {
    let labels = side.strategies.iter().map(|it| it.label.as_str());
    labels.filter(|label| other.place(label).is_none())
}

fn labels(side: &Finished) -> String {
    let labels: Vec<&str> = side.strategies.iter().map(|it| it.label.as_str()).collect();
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
        verdict: Judgement::NoValue,
        fails: !gate.fail_on.is_empty() || !gate.tolerances.is_empty(),
        said: format!("no value: {} has no such strategy", new.side.name),
        lines: Vec::new(),
        figures: None,
        place: None,
    }
}

fn placements(old: &StrategyMark, new: &StrategyMark, gate: &Gate) -> Finding {
    let same = old.digest == new.digest;
    Finding {
        strategy: new.label.clone(),
        what: "placements".to_owned(),
        verdict: if same { Judgement::Unchanged } else { Judgement::Changed },
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
fn columns(old: &Finished, new: &Finished, gate: &Gate, every: bool) -> Vec<&'static Column> {
    let named = new.shown.iter().chain(gate.tolerances.keys());
    let mut all: Vec<&'static Column> = Columns::naming(named).iter().collect();
    for column in new.columns.iter().chain(old.columns.iter()) {
        if every && !all.iter().any(|known| known.name == column.name) {
            all.push(column);
        }
    }
    all.retain(|column| {
        let named = new.shown.iter().any(|shown| shown == column.name);
        every || column.shown || named || gate.tolerances.contains_key(column.name)
    });
    all
}

fn row(
    column: &'static Column,
    (old, before): (&Finished, usize),
    (new, now): (&Finished, usize),
    gate: &Gate,
) -> Option<Row> {
    let values = (old.values(before, column), new.values(now, column));
    if values.0.is_none() && values.1.is_none() && !gate.tolerances.contains_key(column.name) {
        return None;
    }
    let of =
        |values: Option<Sample>, side: &Finished| values.unwrap_or_else(|| vec![None; side.side.replications as usize]);
    let paired = old.side.seed == new.side.seed;
    let mut sides = [of(values.0, old), of(values.1, new)];
    if paired {
        let both = sides[0].len().min(sides[1].len());
        sides.iter_mut().for_each(|side| side.truncate(both));
    }
    let matters = [new, old].into_iter().find_map(|side| side.matters.get(column.name));
    Some(Row {
        strategy: new.strategies[now].label.clone(),
        column,
        cut: [
            old.cut(before, column, sides[0].len()),
            new.cut(now, column, sides[1].len()),
        ],
        sides,
        paired,
        matters: matters.copied().unwrap_or(0.0),
    })
}
