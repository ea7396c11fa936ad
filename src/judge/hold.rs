//! Holds a fresh recording against a golden, a gate and the scenario's expectations, and says what
//! was found.

use super::drift::{Drift, Spot, drifts};
use super::expect::verify;
use super::finding::{Checked, Finding, Judgement, Side};
use super::gate::{FailOn, Gate, Row};
use super::golden::{Golden, Record, StrategyRuns};
use crate::cells::columns::{Column, Metric};
use crate::cells::keeper::Day;
use crate::cells::selector::Columns;
use crate::cells::table::matters;
use crate::cells::tell::{Told, brief, tell_decision, tell_hour};
use crate::scenario::Scenario;

/// The finding about where and when things were placed.
const PLACEMENTS: &str = "placements";

/// Kinds of facts told of a difference at most.
const KINDS: usize = 12;

/// What a recording is held against.
#[derive(Clone, Copy, Debug)]
pub struct Against<'a> {
    /// The golden, if there is one, and its name.
    pub golden: Option<(&'a Golden, &'a str)>,
    /// How metrics are judged, and what fails.
    pub gate: &'a Gate,
    /// Whether any difference fails: events that left no trace, a scenario that says something else.
    pub strict: bool,
    /// Whether strategies of the golden that were not run are passed over.
    pub part: bool,
}

/// Holds a recording of `scenario` against all of it; `file` is what annotations point at.
///
/// # Panics
/// When running a day again breaks an invariant.
#[must_use]
pub fn hold(scenario: &Scenario, file: &str, record: &Record, against: Against<'_>) -> Checked {
    let new = &record.golden;
    let mut checked = Checked {
        scenario: scenario.name.clone(),
        file: file.to_owned(),
        old: None,
        new: side(new, "this run"),
        notes: Vec::new(),
        findings: Vec::new(),
    };
    if let Some((old, name)) = against.golden {
        checked.old = Some(side(old, name));
        checked.notes = notes(old, new);
        if against.strict && !said_differently(old, new).is_empty() {
            checked.findings.push(other_scenario(old, new));
        }
        placements(scenario, old, new, against, &mut checked.findings);
        let found = metrics(scenario, old, record, against.gate);
        checked.notes.extend(against.gate.together(&found));
        checked.findings.extend(found);
    }
    checked.notes.extend(record.warm_up.warning());
    checked.findings.extend(verify(scenario, record));
    // Stable: what was found of a strategy stays in order.
    let place = |finding: &Finding| new.courses.iter().position(|course| course.label == finding.strategy);
    checked.findings.sort_by_key(place);
    checked
}

fn side(golden: &Golden, name: &str) -> Side {
    Side {
        name: name.to_owned(),
        version: golden.version.clone(),
        digest: golden.digest.clone(),
        seed: golden.seed,
        replications: golden.replications,
    }
}

/// The tables of the scenario that say something else.
fn said_differently(old: &Golden, new: &Golden) -> Vec<String> {
    let mut tables: Vec<&String> = old.says.keys().chain(new.says.keys()).collect();
    tables.sort_unstable();
    tables.dedup();
    let differ = tables
        .into_iter()
        .filter(|table| old.says.get(*table) != new.says.get(*table));
    let mut tables: Vec<String> = differ.map(|table| format!("[{table}]")).collect();
    if tables.is_empty() && old.digest != new.digest {
        tables.push("the files that it reads".to_owned());
    }
    tables
}

/// What has to be known before the findings are read.
fn notes(old: &Golden, new: &Golden) -> Vec<String> {
    let mut notes = Vec::new();
    if old.version != new.version {
        notes.push(format!(
            "the golden was recorded by sickbay {}, this is {}: CHANGELOG.md says under \"Results change\" what was changed on purpose",
            old.version, new.version
        ));
    }
    let tables = said_differently(old, new);
    if !tables.is_empty() {
        notes.push(format!(
            "the scenario is not the one that was recorded: it differs in {}",
            tables.join(", ")
        ));
    }
    if old.seed != new.seed {
        notes.push(format!("the golden's seed is {}, this run's {}", old.seed, new.seed));
    }
    if old.horizon != new.horizon {
        notes.push(format!(
            "the golden's horizon is {}, this run's {}",
            old.horizon, new.horizon
        ));
    }
    if old.replications != new.replications {
        notes.push(format!(
            "the golden has {} replications, this run {}: those that both have are compared",
            old.replications, new.replications
        ));
    }
    notes
}

/// Under `strict`: the golden is of another scenario.
fn other_scenario(old: &Golden, new: &Golden) -> Finding {
    Finding {
        strategy: "(scenario)".to_owned(),
        what: "scenario".to_owned(),
        verdict: Judgement::Changed,
        fails: true,
        said: format!("it differs in {}", said_differently(old, new).join(", ")),
        lines: vec![format!("digest {} -> {}", old.digest, new.digest)],
        figures: None,
        place: None,
    }
}

fn placements(scenario: &Scenario, old: &Golden, new: &Golden, against: Against<'_>, findings: &mut Vec<Finding>) {
    let fails = against.gate.fail_on.contains(&FailOn::Placements);
    let mut one_sided = |label: &str, said: &str| {
        findings.push(Finding {
            strategy: label.to_owned(),
            what: PLACEMENTS.to_owned(),
            verdict: Judgement::Changed,
            fails,
            said: said.to_owned(),
            lines: Vec::new(),
            figures: None,
            place: None,
        });
    };
    let has = |golden: &Golden, label: &str| golden.courses.iter().any(|course| course.label == label);
    for course in old.courses.iter().filter(|course| !has(new, &course.label)) {
        if !against.part {
            one_sided(&course.label, "the golden has this strategy, the scenario has not");
        }
    }
    for course in new.courses.iter().filter(|course| !has(old, &course.label)) {
        one_sided(&course.label, "the scenario has this strategy, the golden has not");
    }
    for drift in drifts(old, new) {
        let of = |golden: &'_ Golden| golden.courses.iter().position(|course| course.label == drift.strategy);
        if let (Some(before), Some(now)) = (of(old), of(new)) {
            let sides = (&old.courses[before], &new.courses[now]);
            findings.push(placement(scenario, &drift, sides, fails, against.strict));
        }
    }
}

/// A strategy as the golden has it and as this run has it.
type Sides<'a> = (&'a StrategyRuns, &'a StrategyRuns);

fn placement(scenario: &Scenario, drift: &Drift, sides: Sides<'_>, fails: bool, strict: bool) -> Finding {
    let days = sides.0.days.len();
    let (verdict, fails, said, lines) = if !drift.is_none() {
        let said = format!("changed in {}{}", replications(&drift.facts), of_days(drift, days));
        (Judgement::Changed, fails, said, told(scenario, drift, sides))
    } else if drift.trajectories.is_empty() {
        let said = format!("unchanged: every fact of {days} days is the golden's");
        (Judgement::Unchanged, false, said, Vec::new())
    } else {
        let said = format!(
            "unchanged: every fact is the golden's, though the events behind them differ in {}",
            replications(&drift.trajectories)
        );
        let verdict = if strict {
            Judgement::Changed
        } else {
            Judgement::Unchanged
        };
        (verdict, strict, said, Vec::new())
    };
    Finding {
        strategy: drift.strategy.clone(),
        what: PLACEMENTS.to_owned(),
        verdict,
        fails,
        said,
        lines,
        figures: None,
        place: None,
    }
}

fn replications(which: &[u32]) -> String {
    let list: Vec<String> = which.iter().map(u32::to_string).collect();
    let plural = if list.len() == 1 { "" } else { "s" };
    format!("replication{plural} {}", list.join(", "))
}

fn of_days(drift: &Drift, days: usize) -> String {
    match drift.hour {
        Some((day, hour)) => format!(
            ", first on day {} between {hour:02}:00 and {:02}:00 ({} of {days} days differ)",
            day + 1,
            hour + 1,
            drift.days
        ),
        None => ", and not in replication 0, of which alone the days are kept".to_owned(),
    }
}

/// The first differing decision as this run took it, the golden's summary of that day, and the
/// facts whose number moved.
fn told(scenario: &Scenario, drift: &Drift, sides: Sides<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    let variant = scenario
        .variants
        .iter()
        .position(|variant| variant.label == drift.strategy);
    if let (Some(variant), Some(hour)) = (variant, drift.hour) {
        match drift.spot {
            Some(spot) => of_spot(scenario, variant, &spot, sides, &mut lines),
            None => lines.push("every decision of replication 0 is the golden's; what comes of them is not".to_owned()),
        }
        let earlier = drift.spot.is_none_or(|spot| spot.day > hour.0);
        if earlier {
            lines.push(format!("this run, on day {} from {:02}:00:", hour.0 + 1, hour.1));
            indented(&tell_hour(scenario, variant, 0, hour), &mut lines);
        }
    }
    if !drift.counts.is_empty() {
        let shown = drift.counts.iter().take(KINDS);
        let counts: Vec<String> = shown.map(|(kind, old, new)| format!("{kind} {old} -> {new}")).collect();
        let more = if drift.counts.len() > KINDS { ", …" } else { "" };
        lines.push(format!("facts: {}{more}", counts.join(", ")));
    }
    lines
}

fn of_spot(scenario: &Scenario, variant: usize, spot: &Spot, sides: Sides<'_>, lines: &mut Vec<String>) {
    let Spot {
        day,
        first,
        last,
        old: before,
        ..
    } = *spot;
    let which = if first == last {
        format!("decision {first}")
    } else {
        format!("one of the decisions {first} to {last}")
    };
    lines.push(format!(
        "the first differing decision is {which} of day {} of replication 0; this run:",
        day + 1
    ));
    let told = tell_decision(scenario, variant, 0, day, first..=last);
    if told.is_empty() {
        lines.push("  no such decision: the golden has one more".to_owned());
    }
    indented(&told, lines);
    // One decision is explained; of several it is not known which of them differs.
    if let [Told { request: Some(id), .. }] = told.as_slice() {
        lines.extend(
            brief(scenario, variant, 0, id)
                .into_iter()
                .map(|line| format!("  {line}")),
        );
    }
    if first > before {
        lines.push("golden: no such decision".to_owned());
    }
    let now = sides.1.days.get(day as usize);
    if let Some(day) = sides.0.days.get(day as usize) {
        let Day { claims, refused, .. } = day;
        lines.push(format!(
            "golden: {before} decisions on that day, {claims} claims, {refused} refused{}",
            now.map_or_else(String::new, |now| format!(
                " (this run {}, {}, {})",
                now.decisions, now.claims, now.refused
            ))
        ));
    }
}

fn indented(told: &[Told], lines: &mut Vec<String>) {
    for told in told {
        for (nth, line) in told.lines.iter().enumerate() {
            let at = if nth == 0 {
                format!("{}  ", told.at)
            } else {
                " ".repeat(told.at.to_string().chars().count() + 2)
            };
            lines.push(format!("  {at}{line}"));
        }
    }
}

/// The metrics that the golden keeps, and those that a tolerance names.
fn metrics(scenario: &Scenario, old: &Golden, record: &Record, gate: &Gate) -> Vec<Finding> {
    let new = &record.golden;
    let both = old.replications.min(new.replications) as usize;
    let all = Columns::of(scenario);
    let baseline = Some(scenario.baseline).filter(|baseline| record.variants.contains(baseline));
    let baseline = baseline.or_else(|| record.variants.first().copied());
    let baseline: Vec<&[Option<f64>]> = baseline.map_or_else(Vec::new, |variant| {
        record
            .table
            .of(0, variant)
            .map(|seen| seen.outcome.values.as_slice())
            .collect()
    });
    let widths = matters(&scenario.reporting.matters, &all, &baseline);
    let mut rows = Vec::new();
    for course in &new.courses {
        let Some(before) = old.courses.iter().find(|old| old.label == course.label) else {
            continue;
        };
        let of = |course: &'_ StrategyRuns, name: &str| -> Option<Vec<Option<f64>>> {
            let kept = course.metrics.iter().find(|(kept, _)| kept == name);
            kept.map(|(_, values)| values[..both.min(values.len())].to_vec())
        };
        let kept = before.metrics.iter().map(|(name, _)| name);
        for column in Columns::naming(kept.chain(gate.tolerances.keys())).iter() {
            let named = gate.tolerances.contains_key(column.name);
            let (kept, now) = (of(before, column.name), of(course, column.name));
            if named || kept.is_some() && now.is_some() {
                let sides = [kept.unwrap_or_default(), now.unwrap_or_default()];
                rows.push(Row {
                    strategy: course.label.clone(),
                    column,
                    cut: [cut(column, &sides[0], old), cut(column, &sides[1], new)],
                    sides,
                    paired: old.seed == new.seed,
                    matters: all.placed(column.name).map_or(0.0, |(at, _)| widths[at]),
                });
            }
        }
    }
    gate.findings(rows)
}

/// How many ends of a campaign are the horizon's: beyond it a golden keeps no date.
fn cut(column: &Column, values: &[Option<f64>], golden: &Golden) -> usize {
    let horizon = golden.horizon.0 as f64 / 3_600_000.0;
    let beyond = |value: &&f64| column.metric == Metric::CampaignEnd && **value >= horizon - 1e-5;
    values.iter().flatten().filter(beyond).count()
}
