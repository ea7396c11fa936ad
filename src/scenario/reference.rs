//! The reference of every key: what it takes, its default and where that comes from, an example, and the metrics that it moves.
//! `REFERENCE.md` and `sickbay help KEY` are printed from it.

use std::collections::BTreeSet;
use std::fmt::Write;

use serde_json::Value;

use super::forms::{is_list, schema, told};
use super::keys::{FILE, Key, Preset, TableShape};

/// The metrics that the keys of a table move most, by the table's name.
pub const MOVES: &[(&str, &[&str])] = &[
    ("scenario", &["acceptance", "errand_wait_p95", "misplacements"]),
    ("fleet", &["acceptance", "refused", "schedulable"]),
    ("fleet.owners", &["acceptance", "misplacements"]),
    ("fleet.aggregate", &["acceptance", "refused"]),
    ("fleet.group", &["acceptance", "refused", "schedulable"]),
    ("workload", &["acceptance", "refused"]),
    ("rescue", &["rescues_refused"]),
    ("workload.flavor", &["acceptance", "refused"]),
    ("workload.request.group", &["acceptance", "refused"]),
    ("workload.request", &["acceptance", "refused"]),
    ("maintenance", &["schedulable", "errand_wait_p95", "evictions"]),
    ("errands", &["errand_wait_p50", "errand_wait_p95", "actions"]),
    ("maintenance.faults", &["schedulable", "acceptance", "breaches"]),
    (
        "maintenance.faults.kind",
        &["schedulable", "breaches", "maintenance_time_mean"],
    ),
    ("maintenance.campaign", &["schedulable", "acceptance", "evictions"]),
    ("budget", &["schedulable", "acceptance"]),
    ("maintenance.spell", &["schedulable", "acceptance"]),
    ("operators", &["errand_wait_p95", "actions", "maintenance_time_mean"]),
    ("crew", &["maintenance_time_mean", "schedulable"]),
    ("control_plane", &["acceptance", "refused", "misplacements"]),
    ("control_plane.loop", &["misplacements", "errand_wait_p95"]),
    ("control_plane.tenant_quota", &["acceptance", "refused"]),
    ("ironic", &["acceptance", "errand_wait_p95", "schedulable"]),
];

/// A key at its place in a file.
#[derive(Clone, Debug)]
pub struct KeyEntry {
    /// Its path, such as `maintenance.campaign.budget.share`.
    pub path: String,
    table: &'static TableShape,
    key: &'static Key,
    /// How the table that it is in is written: `[fleet]`, `[[fleet.group]]`.
    head: String,
}

/// Every key, in the order of the file; a table that several others open comes with each of them.
#[must_use]
pub fn entries() -> Vec<KeyEntry> {
    let mut entries = Vec::new();
    below(&FILE, "", "", &mut entries);
    entries
}

fn below(table: &'static TableShape, path: &str, head: &str, entries: &mut Vec<KeyEntry>) {
    let joined = |name: &str| {
        if path.is_empty() {
            name.to_owned()
        } else {
            format!("{path}.{name}")
        }
    };
    for key in table.keys {
        entries.push(KeyEntry {
            path: joined(key.name),
            table,
            key,
            head: head.to_owned(),
        });
    }
    for key in table.keys {
        if let Some(opened) = key.opens {
            let path = joined(key.name);
            let head = if is_list(opened) {
                format!("[[{path}]]")
            } else {
                format!("[{path}]")
            };
            below(opened, &path, &head, entries);
        }
    }
}

impl KeyEntry {
    fn schema(&self) -> Value {
        schema(self.table, self.key)
    }

    /// The name of the table that it is in.
    #[must_use]
    pub fn table(&self) -> &'static str {
        self.table.name
    }

    /// What it takes, in words.
    #[must_use]
    pub fn takes(&self) -> String {
        told(&self.schema())
    }

    /// Its default and where that comes from.
    #[must_use]
    pub fn default(&self) -> String {
        match self.key.preset {
            Preset::Must(_) => "none: it must be there".to_owned(),
            Preset::Absent => "none".to_owned(),
            Preset::Is(text, source) => format!("`{text}` ({source})"),
        }
    }

    /// A line that sets it.
    #[must_use]
    pub fn example(&self) -> String {
        let value = match self.key.preset {
            Preset::Must(text) if text.contains('…') => return String::new(),
            Preset::Must(text) => text.to_owned(),
            Preset::Is(text, _) if !matches!(text, "{}" | "[]") => text.to_owned(),
            _ if self.key.opens.is_some() => return String::new(),
            _ => match in_doc(self.key.doc) {
                Some(value) => value,
                None => sample(&self.schema()),
            },
        };
        format!("{} = {value}", self.key.name)
    }

    /// What it means.
    #[must_use]
    pub fn doc(&self) -> &'static str {
        self.key.doc
    }

    /// The metrics that it moves most.
    #[must_use]
    pub fn moves(&self) -> &'static [&'static str] {
        let found = MOVES.iter().find(|(table, _)| *table == self.table.name);
        found.map_or(&[], |(_, metrics)| metrics)
    }

    /// The entry as `sickbay help KEY` prints it.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!("{}\n{}.\n", self.path, capital(self.doc()));
        let mut line = |what: &str, said: &str| {
            if !said.is_empty() {
                writeln!(text, "  {what:8} {said}").ok();
            }
        };
        line(
            "stands",
            &format!("in {}", if self.head.is_empty() { "the file" } else { &self.head }),
        );
        line("takes", &self.takes());
        line("default", &self.default().replace('`', ""));
        line("example", &self.example());
        line("moves", &self.moves().join(", "));
        text
    }
}

/// A value in TOML that the doc gives as an example.
fn in_doc(doc: &str) -> Option<String> {
    let (_, rest) = doc.split_once("such as ")?;
    let rest = rest.trim_start_matches('`');
    let first = rest.chars().next()?;
    let close = match first {
        '"' => '"',
        '[' => ']',
        '{' => '}',
        '\'' => '\'',
        _ => return None,
    };
    let end = rest
        .char_indices()
        .skip(1)
        .find(|(_, c)| *c == close)
        .map(|(at, _)| at)?;
    Some(rest[..=end].to_owned())
}

/// Some value that a schema takes, in TOML.
fn sample(schema: &Value) -> String {
    if let Some(forms) = schema.get("anyOf").and_then(Value::as_array) {
        return forms.first().map(sample).unwrap_or_default();
    }
    if let Some(words) = schema.get("enum").and_then(Value::as_array) {
        return words.first().map(ToString::to_string).unwrap_or_default();
    }
    let said = schema.get("description").and_then(Value::as_str).unwrap_or_default();
    match schema.get("type").and_then(Value::as_str) {
        Some("integer") => schema
            .get("minimum")
            .map_or("1".to_owned(), |least| match least.as_i64() {
                Some(0) | None => "1".to_owned(),
                Some(least) => least.to_string(),
            }),
        Some("number") => "0.5".to_owned(),
        Some("boolean") => "true".to_owned(),
        Some("array") => {
            let item = schema.get("items").map(sample).unwrap_or_default();
            format!("[{item}]")
        }
        Some("object") => "{}".to_owned(),
        _ if said.starts_with("a time") || schema.get("$ref").is_some() => "\"2d\"".to_owned(),
        _ => "\"name\"".to_owned(),
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters
        .next()
        .map(|first| first.to_uppercase().to_string())
        .unwrap_or_default();
    first + letters.as_str()
}

/// The keys that a word means: a whole path, its end, or the name of a key.
#[must_use]
pub fn find(asked: &str) -> Vec<KeyEntry> {
    // In settings, entries of lists have numbers.
    let steps = asked.split('.').filter(|step| step.parse::<u32>().is_err());
    let asked = steps.collect::<Vec<&str>>().join(".");
    let all = entries();
    let exact: Vec<KeyEntry> = all.iter().filter(|entry| entry.path == asked).cloned().collect();
    if !exact.is_empty() {
        return exact;
    }
    let end = format!(".{asked}");
    all.into_iter().filter(|entry| entry.path.ends_with(&end)).collect()
}

/// `REFERENCE.md`.
#[must_use]
pub fn markdown() -> String {
    let mut text = "# Reference of scenario files\n\n\
        Printed from the table of keys (`sickbay help KEY` prints one). A scenario is one TOML file. Times are texts with their unit,\n\
        such as `\"90s\"`, `\"36h\"` or `\"45d\"`; paths are relative to the file. A law of times is a time, or a table with one of\n\
        `exponential`, `weibull`, `lognormal`, `pareto`, `uniform` and `quantiles`. Any key is set from the command line with\n\
        `--set KEY=VALUE`, where entries of lists have numbers from 0: `--set fleet.group.0.nodes=80`.\n\n\
        For editors, `sickbay schema > sickbay.schema.json` writes a JSON Schema (draft-07). With taplo or Even Better TOML a scenario\n\
        names it in its first line: `#:schema ./sickbay.schema.json`.\n"
        .to_owned();
    let all = entries();
    let mut seen = BTreeSet::new();
    for entry in &all {
        if !seen.insert(entry.table.name) {
            continue;
        }
        let heads: Vec<&str> = all
            .iter()
            .filter(|other| std::ptr::eq(other.table, entry.table) || other.table.name == entry.table.name)
            .map(|other| other.head.as_str())
            .collect::<BTreeSet<&str>>()
            .into_iter()
            .collect();
        let title = match heads[..] {
            [""] => "The file".to_owned(),
            _ => heads
                .iter()
                .map(|head| format!("`{head}`"))
                .collect::<Vec<_>>()
                .join(", "),
        };
        write!(text, "\n## {title}\n\n").ok();
        if !entry.moves().is_empty() {
            let moves: Vec<String> = entry.moves().iter().map(|metric| format!("`{metric}`")).collect();
            write!(text, "Moves {} most.\n\n", moves.join(", ")).ok();
        }
        text.push_str("| key | takes | default | example | what it means |\n|---|---|---|---|---|\n");
        let own = all
            .iter()
            .filter(|other| other.head == entry.head && other.table.name == entry.table.name);
        for key in own {
            let name = key.key.name;
            let example = key.example();
            let example = if example.is_empty() {
                String::new()
            } else {
                format!("`{example}`")
            };
            let cells = [
                format!("`{name}`"),
                key.takes(),
                key.default(),
                example,
                key.doc().to_owned(),
            ];
            let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
            writeln!(text, "| {} |", cells.join(" | ")).ok();
        }
    }
    text
}
