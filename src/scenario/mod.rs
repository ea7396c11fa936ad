//! A scenario: everything that a run depends on, validated.
//!
//! - [`tree`] is the file as it was typed, every key and value with its place;
//! - [`keys`] says which keys there are, with their defaults and where those come from;
//! - [`read`] holds a table of the file against its keys, [`values`] knows times, laws and sizes;
//! - `resolve` makes the [`Scenario`] of it, one file per table;
//! - [`diagnose`] tells all that is wrong at once, each with place and mend;
//! - [`mod@effective`] prints the file with its defaults filled in;
//! - [`expect`] is what a scenario expects of its runs.

pub mod diagnose;
pub mod effective;
pub mod expect;
pub mod goals;
pub mod keys;
mod library;
mod names;
pub mod read;
mod resolve;
pub mod tree;
pub mod values;
mod zone;

#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;

pub use diagnose::Problem;
pub use expect::Expectation;
pub use goals::{BestGoal, PrecisionGoal};
pub use library::Library;
pub(crate) use resolve::bounds;

use crate::fleet::Fleet;
use crate::import::files::Reading;
use crate::kernel::{Span, Time};
use crate::scheduler::Policy;
use crate::strategy::Strategy;
use crate::workload::{Demand, MaintenancePlan};
use crate::world::Settings;

/// A strategy with its parameters, under the label that results carry.
#[derive(Clone, Debug)]
pub struct Variant {
    /// The label: the strategy's name unless the scenario gives another.
    pub label: String,
    /// The roster's name.
    pub name: &'static str,
    /// The parameters as text, for `validate --effective` and reports: (key, value).
    pub params: Vec<(String, String)>,
    /// The strategy.
    pub strategy: Arc<dyn Strategy>,
}

/// How the warm-up is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WarmUpRule {
    /// This much is cut.
    Fixed(Span),
    /// A pilot says how much, by MSER-5. Until it has, nothing is cut.
    Mser5,
}

impl WarmUpRule {
    /// What is cut.
    #[must_use]
    pub fn cut(self) -> Span {
        match self {
            WarmUpRule::Fixed(cut) => cut,
            WarmUpRule::Mser5 => Span::ZERO,
        }
    }
}

/// What a report of this scenario shows.
#[derive(Clone, Debug)]
pub struct Reporting {
    /// Metrics in the printed table, by their names in the column table; empty: the default set.
    pub metrics: Vec<String>,
    /// The level of all intervals, 0.95 by default.
    pub confidence: f64,
    /// What is cut from the start of each replication before anything is measured.
    pub warm_up: WarmUpRule,
    /// Tell replication 0 event by event (for small scenarios).
    pub story: bool,
    /// Write every request of replication 0 down.
    pub log_requests: bool,
    /// Replications are added until this is reached.
    pub precision: Option<PrecisionGoal>,
    /// Replications are added until this is decided.
    pub best: Option<BestGoal>,
    /// Where `metrics` stands: a problem without its message, for what only a higher floor can know.
    pub metrics_place: Problem,
}

/// A scenario, validated.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Its name, and that of its results folder.
    pub name: String,
    /// The question that it answers: the file's opening comment.
    pub question: String,
    /// The instant of time 0, RFC 3339 in UTC.
    pub epoch: String,
    /// When a run ends.
    pub horizon: Time,
    /// The master seed.
    pub seed: u64,
    /// How many replications.
    pub replications: u32,
    /// Which variant the others are compared with, by its place.
    pub baseline: usize,
    /// The strategies to compare.
    pub variants: Vec<Variant>,
    /// The fleet at time 0.
    pub fleet: Fleet,
    /// Demand.
    pub demand: Demand,
    /// Maintenance.
    pub maintenance: MaintenancePlan,
    /// The scheduler.
    pub policy: Policy,
    /// The rest of the control plane, Ironic and the operators.
    pub settings: Settings,
    /// What the report shows.
    pub reporting: Reporting,
    /// What `sickbay check` verifies of a run.
    pub expectations: Vec<Expectation>,
    /// SHA-256 of the effective scenario less its expectations, which change no run, and of every
    /// input file that it reads, in hexadecimal.
    pub digest: String,
    /// The input files that it reads, by their paths as typed (of an absolute one the file's name), each with its
    /// SHA-256 in hexadecimal, sorted.
    pub inputs: Vec<(String, String)>,
    /// The scenario with every default filled in and without its expectations, as TOML without comments.
    pub effective: String,
    /// The whole scenario with every default filled in, and with the sources of the defaults as comments: TOML that loads
    /// to the same scenario.
    pub annotated: String,
    /// What was drawn rather than recorded, scaled, or assumed: sentences for the report.
    pub assumptions: Vec<String>,
    /// Warnings from reading (extra columns and the like).
    pub warnings: Vec<String>,
}

/// Reads a scenario from its text. `file` is the name that problems carry, `base` the directory
/// that its paths are relative to, `overrides` the `--set` options as (key, value).
///
/// # Errors
/// All that is wrong with the file, the overrides and the files that it reads.
pub fn load(text: &str, file: &str, base: &Path, overrides: &[(String, String)]) -> Result<Scenario, Vec<Problem>> {
    Library::default().load(text, file, base, overrides)
}

/// The same of a file.
///
/// # Errors
/// As [`load`]; and when the file cannot be read, is empty or is not UTF-8.
pub fn load_file(path: &Path, overrides: &[(String, String)]) -> Result<Scenario, Vec<Problem>> {
    let text = read_text(path, &Reading::default())?;
    load(&text, &path.display().to_string(), base_of(path), overrides)
}

/// The scenarios that are built into the program, by name.
#[must_use]
pub fn embedded(name: &str) -> Option<&'static str> {
    match name {
        "quickstart" => Some(include_str!("../../scenarios/quickstart.toml")),
        _ => None,
    }
}

/// The directory that a file's paths are relative to.
#[must_use]
pub fn base_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}

/// The text of a scenario file.
///
/// # Errors
/// When the file cannot be read or is not UTF-8.
pub fn read_text(path: &Path, reading: &Reading) -> Result<String, Vec<Problem>> {
    let file = path.display().to_string();
    let bytes = reading.read(path).map_err(|error| {
        let mend = error.mend(
            "check the name; scenarios end in .toml",
            "name the scenario file inside of this directory",
        );
        vec![Problem::of_file(
            &file,
            &format!("cannot read this scenario: {error}"),
            mend,
        )]
    })?;
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(error.as_bytes());
        // Up to the first bad byte the lossy text has the same bytes.
        vec![Problem::at(
            &file,
            &text,
            good..good + 1,
            "the file is not UTF-8 text".to_owned(),
            "save it as UTF-8".to_owned(),
        )]
    })
}

/// The file's opening comment: the question that the scenario answers.
fn question(text: &str) -> String {
    let lines = text
        .trim_start_matches('\u{feff}')
        .lines()
        .take_while(|line| line.starts_with('#'));
    let bare: Vec<&str> = lines.map(|line| line.trim_start_matches('#').trim()).collect();
    bare.join("\n")
}

/// A key of `--set` in full: one of `[scenario]` may leave the table's name out.
#[must_use]
pub fn full_key(key: &str) -> String {
    let first = key.split('.').next().unwrap_or_default();
    let own = keys::FILE.key("scenario").and_then(|key| key.opens);
    if keys::FILE.key(first).is_none() && own.is_some_and(|own| own.key(first).is_some()) {
        format!("scenario.{key}")
    } else {
        key.to_owned()
    }
}

/// The value of a key in a scenario that is printed whole ([`Scenario::annotated`]), as `--set` takes it; none where the key has none
/// or leads nowhere.
#[must_use]
pub fn value_in(effective: &str, key: &str) -> Option<String> {
    let full = full_key(key);
    let (first, rest) = full.split_once('.')?;
    let root = tree::parse(effective).ok()?;
    let mut at = &root.get(first)?.1.value;
    for step in rest.split('.') {
        at = match at {
            tree::Value::Table(branch) => &branch.get(step)?.1.value,
            tree::Value::List(items) => &items[tree::entry_at(items, step)?].value,
            _ => return None,
        };
    }
    Some(match at {
        tree::Value::Text(text) => text.clone(),
        other => other.inline(),
    })
}

/// Puts one `--set KEY=VALUE` into the tree.
fn override_key(root: &mut tree::Branch, ledger: &mut diagnose::Ledger, key: &str, value: &str) {
    let number = ledger.enter("--set", &format!("{key}={value}"));
    let place = tree::Place {
        text: number,
        bytes: 0..key.len(),
    };
    let full = full_key(key);
    let path: Vec<&str> = full.split('.').collect();
    // No key lies deeper; a path of thousands of steps would be walked step by step.
    if path.len() > 16 || path.iter().any(|step| step.is_empty()) {
        ledger.wrong(
            &place,
            format!("`{key}` is not a dotted key"),
            "such as `--set fleet.scale=0.5`",
        );
        return;
    }
    let item = match tree::parse_value(value, number, key.len() + 1) {
        Ok(item) => item,
        Err((message, bytes)) => {
            ledger.wrong(
                &tree::Place { text: number, bytes },
                format!("not TOML: {message}"),
                "quote the value for the shell: --set 'KEY=[\"a\"]'",
            );
            return;
        }
    };
    let typed = root.clone();
    let put = tree::Put {
        path: &path,
        place: &place,
        inherited: &|path| keys::inherited(&typed, path),
    };
    if let Err((message, mend)) = put.into(root, item) {
        ledger.wrong(&place, message, mend);
    }
}
