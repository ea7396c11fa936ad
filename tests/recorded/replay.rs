//! A recording's time table in the simulator, in variants.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use sickbay::cells::cell::run_cell;
use sickbay::cells::rows::RequestOutcome;
use sickbay::scenario::{Scenario, load};

use super::moments::{self, Failed};
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
/// How many replays with a recording's own moments are looked through for an account.
const MOST_SEEDS: u64 = 600;

/// The scenario with some seconds more or less and another seed.
pub fn variant(recording: &Recording, (deploy, clean): (i64, i64), seed: u64) -> Scenario {
    let table = &recording.scenario;
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

/// The scenario with the recording's moments.
pub fn by_moments(recording: &Recording, label: &str, seed: u64) -> Scenario {
    let failed = [Failed::AsDecided, Failed::AsSaid, Failed::ByTheMark][(seed % 3) as usize];
    let deploy = recording.strategies[label].moments.deploy(0.5).unwrap_or_default() + 2.0 * (seed / 3 % 3) as f64;
    let mut settings = clock(recording, label, seed);
    settings.push(("ironic.deploy".to_owned(), format!("\"{}\"", moments::typed(deploy))));
    let text = moments::table(recording, label, deploy, failed);
    read(&text, &recording.name, &settings)
}

/// The scenario with the recording's clock: passes, deploys, cleans and answers take what they took.
pub fn by_clock(recording: &Recording, label: &str, seed: u64) -> Scenario {
    read(&recording.text, &recording.name, &clock(recording, label, seed))
}

/// Cleans are spread as the recorded deploys are, for they go through the same driver.
fn clock(recording: &Recording, label: &str, seed: u64) -> Vec<(String, String)> {
    let cleaning = moments::seconds(&recording.scenario["ironic"]["cleaning"]).unwrap_or_default();
    let played = &recording.strategies[label].moments;
    let took = |share: f64| played.deploy(share).unwrap_or_default();
    let (least, usual, most) = (took(0.1), took(0.5), took(0.9));
    let law = |of: f64| {
        let [least, most] = [least, most].map(|one| moments::typed(one / usual * of));
        format!("{{ uniform = [\"{least}\", \"{most}\"] }}")
    };
    let mut settings = moments::clock(recording, label);
    settings.extend([
        ("ironic.deploy".to_owned(), law(usual)),
        ("ironic.cleaning".to_owned(), law(cleaning)),
        ("scenario.seed".to_owned(), seed.to_string()),
    ]);
    settings
}

fn read(text: &str, name: &str, settings: &[(String, String)]) -> Scenario {
    load(text, name, Path::new("."), settings).unwrap_or_else(|problems| panic!("{name}: {}", problems[0]))
}

/// What is said of each request, and of the boots of each spell.
pub type Accounts = BTreeMap<String, Account>;

/// What the variants say under a strategy.
pub fn accounts(recording: &Recording, label: &str) -> BTreeMap<String, Vec<Account>> {
    let mut said: BTreeMap<String, Vec<Account>> = BTreeMap::new();
    for (seed, spans) in (1..=SEEDS).flat_map(|seed| SPANS.map(|spans| (seed, spans))) {
        for (what, account) in of(recording, label, &variant(recording, spans, seed)) {
            said.entry(what).or_default().push(account);
        }
    }
    said
}

/// What one scenario says of them.
pub fn of(recording: &Recording, label: &str, scenario: &Scenario) -> Accounts {
    let place = scenario.variants.iter().position(|one| one.label == label);
    let place = place.unwrap_or_else(|| panic!("{}: no strategy `{label}`", recording.name));
    let log = run_cell(scenario, place, 0, &|| false).log.unwrap_or_default();
    let requests = log.requests.iter().map(|row| {
        let nodes: Vec<&str> = row.nodes.iter().map(String::as_str).collect();
        let account = Account::new(row.outcome == RequestOutcome::Accepted, &nodes);
        (row.request.clone(), account)
    });
    let boots = log.windows.iter().map(|row| {
        let errands = log.errands.iter().filter(|errand| errand.window == row.window);
        let ran = errands.filter(|errand| errand.running.is_some()).count() > 0;
        (boot_on(&row.node, row.opened.0 / 1000), Account::new(ran, &[&row.node]))
    });
    requests
        .chain(boots)
        .map(|(what, account)| (what, recording.compared(account)))
        .collect()
}

/// Which of these accounts no replay with the recording's own moments gives.
pub fn not_by_moments(recording: &Recording, label: &str, mut wanted: Accounts) -> Vec<String> {
    for seed in 1..=MOST_SEEDS {
        if wanted.is_empty() {
            break;
        }
        let said = of(recording, label, &by_moments(recording, label, seed));
        wanted.retain(|what, account| said.get(what) != Some(account));
    }
    wanted.into_keys().collect()
}
