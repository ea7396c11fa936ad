//! An imported folder: its scenario, and the rows of its files.

use std::path::Path;

use super::told::{MorningError, SCENARIO};
use crate::import::files::Reading;
use crate::import::neutral::{
    CsvError, NodeRecord, Read, RequestRecord, SpellRecord, read_nodes, read_requests, read_spells,
};
use crate::scenario::diagnose::Problem;
use crate::scenario::library::Library;
use crate::scenario::load::read_text;
use crate::scenario::tree::{self, Branch, Item, Value};
use crate::scenario::whole::Scenario;
use crate::scenario::zone;

/// An imported folder, read.
pub(super) struct Folder {
    pub scenario: Scenario,
    pub root: Branch,
    pub nodes: Vec<NodeRecord>,
    pub requests: Vec<RequestRecord>,
    pub spells: Vec<SpellRecord>,
}

impl Folder {
    pub fn read(folder: &Path, reading: &Reading) -> Result<Folder, MorningError> {
        let file = folder.join(SCENARIO);
        let shown = file.display().to_string();
        imported(folder).map_err(MorningError::Use)?;
        let text = read_text(&file, reading).map_err(MorningError::Problems)?;
        let library = Library::new(reading.clone());
        let scenario = library
            .load(&text, &shown, folder, &[])
            .map_err(MorningError::Problems)?;
        let root = tree::parse(&text).map_err(|slips| {
            let problem = |(message, bytes)| Problem::at(&shown, &text, bytes, message, String::new());
            MorningError::Problems(slips.into_iter().map(problem).collect())
        })?;
        let Some(nodes) = file_of(&root, &["fleet", "source"]) else {
            let fix = "sickbay whatif takes a folder of `sickbay import`, whose [fleet] has `source = \"nodes.csv\"`";
            return Err(MorningError::Problems(vec![Problem::of_file(
                &shown,
                "the fleet is no nodes.csv",
                fix,
            )]));
        };
        let traces = match root.get("workload").map(|(_, item)| &item.value) {
            Some(Value::List(all)) => all.iter().filter_map(|item| within(item, "trace")).collect(),
            _ => Vec::new(),
        };
        let mut requests = Vec::new();
        for trace in traces {
            requests.extend(rows(&folder.join(trace), reading, read_requests)?);
        }
        let spells = match file_of(&root, &["maintenance", "trace"]) {
            Some(name) => rows(&folder.join(name), reading, read_spells)?,
            None => Vec::new(),
        };
        Ok(Folder {
            nodes: rows(&folder.join(nodes), reading, read_nodes)?,
            scenario,
            root,
            requests,
            spells,
        })
    }

    /// The time zone of the scenario.
    pub fn zone(&self) -> jiff::tz::TimeZone {
        let name = tree::value_at(&self.root, &["scenario", "time_zone"]);
        let named = match name {
            Some(Value::Text(name)) => zone::find(name),
            _ => None,
        };
        named.map_or(jiff::tz::TimeZone::UTC, |(zone, _)| zone)
    }
}

/// Whether a path is a folder that an import may have written.
///
/// # Errors
/// What it is instead, and what to give.
pub fn imported(folder: &Path) -> Result<(), String> {
    let what = match (folder.is_dir(), folder.exists()) {
        (true, _) if folder.join(SCENARIO).exists() => return Ok(()),
        (true, _) => "there is no scenario.toml in it",
        (false, true) => "this is a file and no folder",
        (false, false) => "there is no such folder",
    };
    Err(format!(
        "{}: {what}; give a folder that `sickbay import … --out DIR` has written",
        folder.display()
    ))
}

/// A file that a key of the scenario names.
fn file_of(root: &Branch, path: &[&str]) -> Option<String> {
    match tree::value_at(root, path)? {
        Value::Text(name) => Some(name.clone()),
        _ => None,
    }
}

fn within<'i>(item: &'i Item, key: &str) -> Option<&'i str> {
    let Value::Table(branch) = &item.value else { return None };
    match &branch.get(key)?.1.value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

type Reader<T> = fn(&[u8], &str) -> Result<Read<T>, Vec<CsvError>>;

fn rows<T>(path: &Path, reading: &Reading, read: Reader<T>) -> Result<Vec<T>, MorningError> {
    let file = path.display().to_string();
    let told = |message: String, fix: &str| MorningError::Problems(vec![Problem::of_file(&file, &message, fix)]);
    let bytes = reading
        .read(path)
        .map_err(|error| told(format!("cannot read it: {error}"), "import the folder again"))?;
    let read = read(&bytes, &file).map_err(|errors| {
        let all: Vec<String> = errors.iter().map(ToString::to_string).collect();
        MorningError::Use(all.join("\n"))
    })?;
    Ok(read.records)
}

impl Folder {
    /// What the folder's replayed workload says of these keys, in TOML.
    pub fn of_trace<'k>(&self, keys: &[&'k str]) -> Vec<(&'k str, String)> {
        let Some(Value::List(all)) = self.root.get("workload").map(|(_, item)| &item.value) else {
            return Vec::new();
        };
        let replayed = all.iter().find_map(|item| match &item.value {
            Value::Table(branch) if branch.contains_key("trace") => Some(branch),
            _ => None,
        });
        let said = keys
            .iter()
            .filter_map(|key| Some((*key, replayed?.get(*key)?.1.value.inline())));
        said.collect()
    }
}

impl Folder {
    /// Whether the files tell of one instant alone, the begin: a snapshot.
    pub fn is_one_instant(&self) -> bool {
        let asked_later = self.requests.iter().any(|request| request.start_ms > 0);
        !asked_later && self.spells.iter().all(|spell| spell.start_ms == 0)
    }
}
