//! A recording's time table in the simulator, in variants.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use sickbay::experiment::{RequestOutcome, run_cell};
use sickbay::scenario::{Scenario, load};

use super::tape::{Recording, boot_on};

/// What became of a request, or of the operators' boots in a spell.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Account {
    served: bool,
    machines: usize,
    /// Where, in the order of names; nothing where it is luck, which of equal nodes is taken.
    nodes: Vec<String>,
}

impl Account {
    pub fn is_served(&self) -> bool {
        self.served
    }

    /// Of what was served, the nodes count; of what was not, there are none.
    pub fn new(served: bool, nodes: &[&str]) -> Account {
        let mut nodes: Vec<String> = if served {
            nodes.iter().map(|&n| n.to_owned()).collect()
        } else {
            Vec::new()
        };
        nodes.sort();
        Account {
            served,
            machines: nodes.len(),
            nodes,
        }
    }

    /// The same without the names of nodes.
    pub fn wherever(self) -> Account {
        Account {
            nodes: Vec::new(),
            ..self
        }
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.served {
            write!(f, "served {} machines on {}", self.machines, self.nodes.join(" and "))
        } else {
            write!(f, "refused")
        }
    }
}

/// Seconds of a deploy and of a clean, more or less than the scenario says: what the cloud took lay between.
pub const SPANS: [(i64, i64); 4] = [(-2, -2), (0, 0), (2, 2), (1, -1)];
const SEEDS: u64 = 12;

/// The scenario with some seconds more or less and another seed.
pub fn variant(recording: &Recording, (deploy, clean): (i64, i64), seed: u64) -> Scenario {
    let table: toml::Value = toml::from_str(&recording.text).unwrap_or_else(|e| panic!("{e}"));
    let of = |key: &str, more: i64| {
        let typed = table["ironic"][key]
            .as_str()
            .and_then(|s| s.strip_suffix('s')?.parse::<i64>().ok());
        let typed = typed.unwrap_or_else(|| panic!("{}: ironic.{key} in seconds", recording.name));
        (format!("ironic.{key}"), format!("\"{}s\"", typed + more))
    };
    let settings = [
        of("deploy", deploy),
        of("cleaning", clean),
        ("scenario.seed".to_owned(), seed.to_string()),
    ];
    read(&recording.text, &recording.name, &settings)
}

fn read(text: &str, name: &str, settings: &[(String, String)]) -> Scenario {
    load(text, name, Path::new("."), settings).unwrap_or_else(|problems| panic!("{name}: {}", problems[0]))
}

/// What the variants say of each request, and of the boots of each spell, under a strategy.
pub fn accounts(recording: &Recording, label: &str) -> BTreeMap<String, Vec<Account>> {
    let mut said: BTreeMap<String, Vec<Account>> = BTreeMap::new();
    for spans in SPANS {
        for seed in 1..=SEEDS {
            let scenario = variant(recording, spans, seed);
            let place = scenario.variants.iter().position(|one| one.label == label);
            let place = place.unwrap_or_else(|| panic!("{}: no strategy `{label}`", recording.name));
            let log = run_cell(&scenario, place, 0, &|| false).log.unwrap_or_default();
            for row in &log.requests {
                let nodes: Vec<&str> = row.nodes.iter().map(String::as_str).collect();
                let account = Account::new(row.outcome == RequestOutcome::Accepted, &nodes);
                said.entry(row.request.clone()).or_default().push(account);
            }
            for row in &log.windows {
                let errands = log.errands.iter().filter(|errand| errand.window == row.window);
                let ran = errands.filter(|errand| errand.running.is_some()).count() > 0;
                let account = Account::new(ran, &[&row.node]);
                said.entry(boot_on(&row.node, row.opened.0 / 1000))
                    .or_default()
                    .push(account);
            }
        }
    }
    said
}
