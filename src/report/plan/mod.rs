//! What `plan` writes and says: the answer in a sentence, `plan.json`, `plan.csv` with every value that was looked at,
//! and a curve for each metric of the objective.

mod answer;

use std::path::{Path, PathBuf};

pub use answer::answer;

use serde::Serialize;

use super::json::Json;
use super::{ReportError, folder, logs, plots};
use crate::cells::columns::COLUMNS;
use crate::judge::quest::{Answer, Look, Quest};
use crate::judge::search::{Finding, Ruling};
use crate::kernel::number::fixed;
use crate::kernel::text::to_cell;
use crate::store::{Target, Wish};

const JSON: &str = "plan.json";
const CSV: &str = "plan.csv";
const PLOTS: &str = "plots";

/// A plan that has been found.
#[derive(Clone, Debug)]
pub struct Planned {
    /// The program's version.
    pub version: String,
    /// The scenario's name.
    pub scenario: String,
    /// Its question.
    pub question: String,
    /// Its digest, at its own value of the key.
    pub digest: String,
    /// The master seed.
    pub seed: u64,
    /// The key that was looked for.
    pub key: String,
    /// Its range, as typed.
    pub range: String,
    /// The range's values, rising.
    pub values: Vec<String>,
    /// The strategies' labels.
    pub strategies: Vec<String>,
    /// What was asked.
    pub quest: Quest,
    /// The answers, by strategy.
    pub answers: Vec<Answer>,
    /// What to know when reading them: sentences.
    pub assumptions: Vec<String>,
}

impl Planned {
    /// The value that answers for a strategy; none where there is no answer.
    #[must_use]
    pub fn value(&self, answer: &Answer) -> Option<&str> {
        let place = match answer.finding {
            Finding::Border { holds, .. } => holds,
            Finding::Everywhere if self.quest.largest => self.values.len().checked_sub(1)?,
            Finding::Everywhere => 0,
            Finding::Nowhere | Finding::NotMonotone { .. } => return None,
        };
        self.values.get(place).map(String::as_str)
    }

    /// The strategies without an answer.
    #[must_use]
    pub fn unanswered(&self) -> Vec<&str> {
        let pairs = self.strategies.iter().zip(&self.answers);
        let without = pairs.filter(|(_, answer)| self.value(answer).is_none());
        without.map(|(label, _)| label.as_str()).collect()
    }

    /// `smallest` or `largest`.
    fn which(&self) -> &'static str {
        if self.quest.largest { "largest" } else { "smallest" }
    }

    /// The place of the value at which the objective is easiest to meet.
    fn easiest(&self) -> usize {
        if self.quest.largest {
            0
        } else {
            self.values.len().saturating_sub(1)
        }
    }

    fn at(&self, place: usize) -> &str {
        self.values.get(place).map_or("", String::as_str)
    }
}

/// A ruling's word in files.
#[must_use]
pub fn ruling_word(ruling: Ruling) -> &'static str {
    match ruling {
        Ruling::Holds => "holds",
        Ruling::Fails => "fails",
        Ruling::Open => "open",
    }
}

/// What made the files.
pub(super) fn provenance(planned: &Planned) -> String {
    let clean = |text: &str| text.replace(|c: char| c.is_control(), " ");
    format!(
        "sickbay {} plan of scenario {} digest {} seed {}",
        clean(&planned.version),
        clean(&planned.scenario),
        planned.digest,
        planned.seed
    )
}

/// The name under which a folder's manifest lists the files of a plan.
const WRITER: &str = "plan";

/// Opens the folder `out` for a plan, so that it can be asked before anything runs.
///
/// # Errors
/// When the folder may not be written, holds what no plan wrote, or is being written.
pub fn open(out: &Path, replace: bool) -> Result<Target, ReportError> {
    Ok(Target::open(out, Wish::whole(WRITER, replace))?)
}

/// Writes the folder, an earlier plan there is replaced as a whole; gives the files.
///
/// # Errors
/// When a figure cannot be drawn, or the file system refuses.
pub fn write(planned: &Planned, target: Target) -> Result<Vec<PathBuf>, ReportError> {
    let mark = provenance(planned);
    let mut files = vec![
        (PathBuf::from(JSON), document(planned).document().into_bytes()),
        (PathBuf::from(CSV), table(planned, &mark)?),
    ];
    let drawn = plots::plan::render(planned, &mark)?;
    files.extend(
        drawn
            .into_iter()
            .map(|(name, bytes)| (Path::new(PLOTS).join(name), bytes)),
    );
    folder::fill(target, &files, &mark)
}

fn document(planned: &Planned) -> Json {
    let text = |t: &str| Json::Text(t.to_owned());
    let quest = &planned.quest;
    let place = |place: Option<usize>| place.map_or(text(""), |place| text(planned.at(place)));
    let one = |(label, answer): (&String, &Answer)| {
        let (word, fails) = match answer.finding {
            Finding::Border { fails, .. } => ("found", fails),
            Finding::Everywhere => ("everywhere", None),
            Finding::Nowhere => ("nowhere", None),
            Finding::NotMonotone { fails, .. } => ("not monotone", Some(fails)),
        };
        let replications: u32 = answer.probes.iter().map(|probe| probe.replications).sum();
        let probes = answer.probes.len();
        let fields = Json::object([
            ("finding", text(word)),
            ("answer", text(planned.value(answer).unwrap_or_default())),
            ("fails_at", place(fails)),
            ("values_looked_at", Json::Number(probes.to_string())),
            ("replications", Json::Number(replications.to_string())),
        ]);
        (label.clone(), fields)
    };
    let looks = quest.looks().iter().map(|n| Json::Number(n.to_string())).collect();
    Json::object([
        ("sickbay", text(&planned.version)),
        ("scenario", text(&planned.scenario)),
        ("scenario_digest", text(&planned.digest)),
        ("seed", Json::Number(planned.seed.to_string())),
        ("find", text(&planned.key)),
        ("range", text(&planned.range)),
        ("which", text(planned.which())),
        ("slo", text(&quest.slo.to_string())),
        ("confidence", Json::Number(fixed(quest.confidence))),
        ("looks", Json::List(looks)),
        (
            "replicated_by",
            text(if quest.by_seed { "seed" } else { "replication" }),
        ),
        (
            "assumptions",
            Json::List(planned.assumptions.iter().map(|said| text(said)).collect()),
        ),
        (
            "answers",
            Json::Object(planned.strategies.iter().zip(&planned.answers).map(one).collect()),
        ),
    ])
}

/// Every value that was looked at, a line for each metric of the objective.
fn table(planned: &Planned, mark: &str) -> Result<Vec<u8>, ReportError> {
    let mut rows = Vec::new();
    for (label, answer) in planned.strategies.iter().zip(&planned.answers) {
        for probe in &answer.probes {
            for (clause, look) in planned.quest.slo.clauses.iter().zip(&probe.clauses) {
                let column = &COLUMNS[clause.column];
                let of = |figure: fn(&Look) -> f64| look.as_ref().map(figure).map_or_else(String::new, fixed);
                rows.push(Row {
                    strategy: to_cell(label).into_owned(),
                    value: to_cell(planned.at(probe.value)).into_owned(),
                    ruling: ruling_word(probe.ruling),
                    replications: probe.replications,
                    metric: column.name,
                    unit: column.unit,
                    bound: format!("{} {}", clause.side, fixed(clause.bound)),
                    mean: of(|look| look.mean),
                    lo: of(|look| look.lo),
                    hi: of(|look| look.hi),
                    n: look.map_or(0, |look| look.n),
                });
            }
        }
    }
    logs::table(mark, rows)
}

/// A line of plan.csv: a clause of the objective at a value that was looked at.
#[derive(Default, Serialize)]
struct Row {
    strategy: String,
    value: String,
    ruling: &'static str,
    replications: u32,
    metric: &'static str,
    unit: &'static str,
    bound: String,
    mean: String,
    lo: String,
    hi: String,
    n: u32,
}

#[cfg(test)]
pub(crate) mod tests;
