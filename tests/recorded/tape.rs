//! Recordings as `validation/stack/pack.py` packs them.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::PathBuf;

use serde_json::Value;

use super::replay::Account;

/// A recording of one time table under some strategies.
pub struct Recording {
    pub name: String,
    /// The scenario.
    pub text: String,
    pub strategies: BTreeMap<String, Played>,
    families: BTreeMap<String, &'static str>,
    /// Whether it is luck which of equal nodes is taken.
    pub picks_by_luck: bool,
}

/// What was recorded of a strategy.
pub struct Played {
    /// By request, and by spell (`boot NODE SECOND`) where the operators booted.
    pub accounts: BTreeMap<String, Account>,
    /// How many builds failed, and how many requests were refused after one had.
    pub failed_builds: u64,
    pub refused_after_builds: u64,
    /// From the opening of a spell to the operators' image running, in seconds, where it ran.
    pub waits: Vec<f64>,
}

/// Whether the recordings are those of the repository.
pub fn is_ours() -> bool {
    std::env::var_os("SICKBAY_RECORDED").is_none()
}

fn folder() -> PathBuf {
    match std::env::var_os("SICKBAY_RECORDED") {
        Some(folder) => PathBuf::from(folder),
        None => PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/recorded"),
    }
}

/// The recordings of single plays (of ""), or of all plays of one time table (its name), in the order of names.
pub fn of(table: &str) -> Vec<Recording> {
    let folder = folder();
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    let of_name = |path: &PathBuf| {
        let name = path.file_name()?.to_str()?.strip_suffix(".json.gz")?.to_owned();
        // One of several plays has a number behind the name.
        let of = name.split_once('.').map_or("", |(of, _)| of);
        (of == table).then(|| read(path, name.clone()))
    };
    paths.iter().filter_map(of_name).collect()
}

fn read(path: &PathBuf, name: String) -> Recording {
    let packed = std::fs::File::open(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut text = String::new();
    let unpacked = flate2::read::GzDecoder::new(packed).read_to_string(&mut text);
    unpacked.unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let whole: Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let text = whole["scenario"].as_str().unwrap_or_default().to_owned();
    let strategies = object(&whole["strategies"]).map(|(label, it)| (label.clone(), played(it)));
    Recording {
        strategies: strategies.collect(),
        families: families(&text),
        picks_by_luck: !text.contains("pick = \"lowest\""),
        name,
        text,
    }
}

fn object(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn played(it: &Value) -> Played {
    let requests = object(&it["requests"]).map(|(name, row)| {
        let nodes = row["nodes"].as_array().into_iter().flatten();
        let nodes: Vec<&str> = nodes.filter_map(Value::as_str).collect();
        (name.clone(), Account::new(row["outcome"] == "accepted", &nodes))
    });
    let booted = |row: &&Value| row["boots"].as_u64().unwrap_or(0) > 0;
    let spells = it["spells"].as_array().into_iter().flatten().filter(booted).map(|row| {
        let node = row["node"].as_str().unwrap_or_default();
        let opened = row["opened"].as_f64().unwrap_or(0.0) as u64;
        (boot_on(node, opened), Account::new(!row["ran"].is_null(), &[node]))
    });
    let tries = |row: &Value| {
        let list = row["tries"].as_array().into_iter().flatten();
        list.filter_map(Value::as_u64).sum::<u64>()
    };
    let served = |row: &Value| row["nodes"].as_array().map_or(0, |nodes| nodes.len() as u64);
    let failed = |row: &Value| tries(row).saturating_sub(served(row));
    let all = || object(&it["requests"]).map(|(_, row)| row);
    let wait = |row: &Value| Some(row["ran"].as_f64()? - row["opened"].as_f64()?);
    Played {
        failed_builds: all().map(failed).sum(),
        refused_after_builds: all().filter(|row| served(row) == 0 && failed(row) > 0).count() as u64,
        waits: it["spells"].as_array().into_iter().flatten().filter_map(wait).collect(),
        accounts: requests.chain(spells).collect(),
    }
}

/// What the operators' boots of a spell are called.
pub fn boot_on(node: &str, opened_s: u64) -> String {
    format!("boot {node} {opened_s}")
}

/// The families of the scenario's requests: several machines, rescued, one machine.
fn families(text: &str) -> BTreeMap<String, &'static str> {
    let scenario: toml::Value = toml::from_str(text).unwrap_or_else(|e| panic!("{e}"));
    let loads = scenario["workload"].as_array().into_iter().flatten();
    let mut families = BTreeMap::new();
    for load in loads {
        for request in load
            .get("request")
            .and_then(toml::Value::as_array)
            .into_iter()
            .flatten()
        {
            let family = match (request.get("count"), load.get("rescue")) {
                (Some(_), _) => "several",
                (None, Some(_)) => "rescued",
                (None, None) => "one",
            };
            families.insert(request["name"].as_str().unwrap_or_default().to_owned(), family);
        }
    }
    families
}

impl Recording {
    /// The family of a request or spell.
    pub fn family(&self, what: &str) -> &'static str {
        self.families.get(what).copied().unwrap_or("boots")
    }
}
