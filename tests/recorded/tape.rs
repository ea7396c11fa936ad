//! Recordings as `validation/stack/pack.py` packs them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::moments::{Moments, seconds};
use super::replay::Account;
use crate::oracle::packed::unpacked;

/// A recording of one time table under some strategies.
pub struct Recording {
    pub name: String,
    /// The scenario, as it is written and as it is read.
    pub text: String,
    pub scenario: toml::Value,
    pub strategies: BTreeMap<String, Played>,
    families: BTreeMap<String, &'static str>,
    /// By request: how many machines it wants, and how many nodes its class has.
    choices: BTreeMap<String, (u64, u64)>,
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
    /// When each request was asked for and decided, and how long a pass of the loop took.
    pub moments: Moments,
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

fn read(path: &Path, name: String) -> Recording {
    let whole: Value = serde_json::from_str(&unpacked(path)).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let text = whole["scenario"].as_str().unwrap_or_default().to_owned();
    let scenario = toml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let ends = ends(&scenario);
    let strategies = object(&whole["strategies"]).map(|(label, it)| (label.clone(), played(it, &ends)));
    Recording {
        strategies: strategies.collect(),
        families: families(&scenario),
        choices: choices(&scenario),
        picks_by_luck: !text.contains("pick = \"lowest\""),
        name,
        text,
        scenario,
    }
}

fn object(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

/// When each spell was to end, by node and the second in which it began.
type Ends = BTreeMap<String, f64>;

fn ends(scenario: &toml::Value) -> Ends {
    let spells = scenario["maintenance"]["spell"].as_array().into_iter().flatten();
    let end = |spell: &toml::Value| {
        let start = seconds(&spell["start"])?;
        Some((boot_on(spell["node"].as_str()?, start as u64), seconds(&spell["end"])?))
    };
    spells.filter_map(end).collect()
}

/// When the operators' image ran, if the spell still lasted: a boot that is under way when it ends is taken down in the
/// simulator, and was waited for by the operators of the recordings.
fn in_time(spell: &Value, ends: &Ends) -> Option<f64> {
    let ran = spell["ran"].as_f64()?;
    let name = boot_on(spell["node"].as_str()?, spell["opened"].as_f64()? as u64);
    ends.get(&name).is_none_or(|&end| ran <= end).then_some(ran)
}

fn played(it: &Value, ends: &Ends) -> Played {
    let requests = object(&it["requests"]).map(|(name, row)| {
        let nodes = row["nodes"].as_array().into_iter().flatten();
        let nodes: Vec<&str> = nodes.filter_map(Value::as_str).collect();
        (name.clone(), Account::new(row["outcome"] == "accepted", &nodes))
    });
    let booted = |row: &&Value| row["boots"].as_u64().unwrap_or(0) > 0;
    let spells = it["spells"].as_array().into_iter().flatten().filter(booted).map(|row| {
        let node = row["node"].as_str().unwrap_or_default();
        let opened = row["opened"].as_f64().unwrap_or(0.0) as u64;
        (
            boot_on(node, opened),
            Account::new(in_time(row, ends).is_some(), &[node]),
        )
    });
    let tries = |row: &Value| {
        let list = row["tries"].as_array().into_iter().flatten();
        list.filter_map(Value::as_u64).sum::<u64>()
    };
    let served = |row: &Value| row["nodes"].as_array().map_or(0, |nodes| nodes.len() as u64);
    let failed = |row: &Value| tries(row).saturating_sub(served(row));
    let all = || object(&it["requests"]).map(|(_, row)| row);
    let wait = |row: &Value| Some(in_time(row, ends)? - row["opened"].as_f64()?);
    Played {
        failed_builds: all().map(failed).sum(),
        refused_after_builds: all().filter(|row| served(row) == 0 && failed(row) > 0).count() as u64,
        waits: it["spells"].as_array().into_iter().flatten().filter_map(wait).collect(),
        accounts: requests.chain(spells).collect(),
        moments: Moments::read(it),
    }
}

/// What the operators' boots of a spell are called.
pub fn boot_on(node: &str, opened_s: u64) -> String {
    format!("boot {node} {opened_s}")
}

/// The scenario's requests, each with its load.
fn requests(scenario: &toml::Value) -> impl Iterator<Item = (&toml::Value, &toml::Value)> {
    let loads = scenario["workload"].as_array().into_iter().flatten();
    loads.flat_map(|load| {
        let requests = load.get("request").and_then(toml::Value::as_array);
        requests.into_iter().flatten().map(move |request| (load, request))
    })
}

fn choices(scenario: &toml::Value) -> BTreeMap<String, (u64, u64)> {
    let number = |it: &toml::Value, key: &str| it.get(key).and_then(toml::Value::as_integer).unwrap_or(1) as u64;
    let nodes = |class: &toml::Value| {
        let groups = scenario["fleet"]["group"].as_array().into_iter().flatten();
        groups
            .filter(|group| group["class"] == *class)
            .map(|group| number(group, "nodes"))
            .sum()
    };
    let named = requests(scenario).map(|(_, it)| {
        let name = it["name"].as_str().unwrap_or_default().to_owned();
        (name, (number(it, "count"), nodes(&it["class"])))
    });
    named.collect()
}

/// The families of the scenario's requests: several machines, rescued, one machine.
fn families(scenario: &toml::Value) -> BTreeMap<String, &'static str> {
    let named = requests(scenario).map(|(load, request)| {
        let family = match (request.get("count"), load.get("rescue")) {
            (Some(_), _) => "several",
            (None, Some(_)) => "rescued",
            (None, None) => "one",
        };
        (request["name"].as_str().unwrap_or_default().to_owned(), family)
    });
    named.collect()
}

impl Recording {
    /// An account without what is luck.
    pub fn compared(&self, account: Account) -> Account {
        if self.picks_by_luck {
            account.wherever()
        } else {
            account
        }
    }

    /// How many accounts a request or the boots of a spell could have: refused, or any nodes of its class.
    pub fn conceivable(&self, what: &str) -> f64 {
        let Some(&(machines, nodes)) = self.choices.get(what) else {
            return 2.0;
        };
        if self.picks_by_luck {
            return 2.0;
        }
        let ways = (0..machines)
            .map(|k| (nodes - k) as f64 / (k + 1) as f64)
            .product::<f64>();
        1.0 + ways
    }

    /// The family of a request or spell.
    pub fn family(&self, what: &str) -> &'static str {
        self.families.get(what).copied().unwrap_or("boots")
    }
}
