//! Keys that are set from the command line.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sickbay::kernel::Time;
use sickbay::kernel::samplers::growth_reached;
use sickbay::kernel::streams::Seed;
use sickbay::scenario::{Library, Scenario, load, load_file};
use sickbay::workload::laws::Stock;
use sickbay::workload::{Requests, Trace};
use toml::Value;

use super::shipped;

/// Every key path of a document with its value in TOML: tables, lists, and what is in them down to each entry of a list.
fn paths(value: &Value, path: &str, all: &mut Vec<(String, String)>) {
    let below = |step: &str| {
        if path.is_empty() {
            step.to_owned()
        } else {
            format!("{path}.{step}")
        }
    };
    if !path.is_empty() {
        all.push((path.to_owned(), value.to_string()));
    }
    match value {
        Value::Table(table) => table.iter().for_each(|(key, value)| paths(value, &below(key), all)),
        // Of a list of plain values the ends stand for the others: 168 hours of the week are read alike.
        Value::Array(items) => {
            let plain = !items.iter().any(|item| item.is_table() || item.is_array());
            let inner = |at: usize| plain && at > 0 && at + 1 < items.len();
            for (at, value) in items.iter().enumerate().filter(|(at, _)| !inner(*at)) {
                paths(value, &below(&at.to_string()), all);
            }
        }
        _ => {}
    }
}

/// The scenarios with what is in their files, and where the inputs lie that are no part of this repository: a few rows
/// stand in for them.
fn texts(inputs: &Path) -> Vec<(PathBuf, String)> {
    let files = [
        ("nodes.csv", "node_id,resource_class\nn-1,compute\nn-2,compute\n"),
        (
            "requests.csv",
            "request_id,arrival_s,start_s,hold_s,tenant,resource_class,count\nr1,0,0,3600,anna,compute,1\n",
        ),
        (
            "maintenance.csv",
            "node_id,start_s,end_s,kind\nn-1,86400,172800,fault\n",
        ),
    ];
    for (name, text) in files {
        fs::write(inputs.join(name), text).expect("a file can be written");
    }
    let read = |file: PathBuf| {
        let text = fs::read_to_string(&file).expect("a scenario");
        (file, text.replace("../data/chameleon-tacc/", ""))
    };
    shipped().into_iter().map(read).collect()
}

#[test]
fn a_key_that_is_set_to_its_own_value_changes_nothing() {
    let inputs = tempfile::tempdir().expect("a folder");
    let library = Library::default();
    let mut tried = 0;
    for (file, text) in texts(inputs.path()) {
        let name = file.display().to_string();
        let with = |settings: &[(String, String)]| {
            let loaded = library.load(&text, &name, inputs.path(), settings);
            loaded.unwrap_or_else(|problems| panic!("{settings:?}: {}", problems[0]))
        };
        let own = with(&[]);
        let document: Value = toml::from_str(&own.annotated).expect("TOML");
        let mut all = Vec::new();
        paths(&document, "", &mut all);
        for set in all {
            let same = with(std::slice::from_ref(&set));
            assert_eq!(same.effective, own.effective, "{name}: {set:?}");
            assert_eq!(same.digest, own.digest, "{name}: {set:?}");
            tried += 1;
        }
    }
    assert!(tried > 2000, "{tried}");
}

#[test]
fn a_key_below_an_inherited_table_leaves_its_siblings() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/quickstart.toml");
    let said = |key: &str, value: &str| {
        let set = [(key.to_owned(), value.to_owned())];
        load_file(&file, &set)
            .unwrap_or_else(|problems| panic!("{}", problems[0]))
            .annotated
    };
    // Faults and campaigns have the errands of [maintenance].
    for list in ["faults", "campaign"] {
        let text = said(&format!("maintenance.{list}.0.errands.duration"), "8h");
        let document: Value = toml::from_str(&text).expect("TOML");
        let maintenance = &document["maintenance"];
        let errands = &maintenance[list][0]["errands"];
        assert_eq!(errands["counts"], maintenance["errands"]["counts"], "{list}");
        assert_eq!(errands["duration"].as_str(), Some("8h"), "{list}");
    }
    // A strategy that is only named becomes a table with that name.
    for entry in ["1", "withdraw"] {
        let text = said(&format!("scenario.strategies.{entry}.out_of_band"), "20m");
        let document: Value = toml::from_str(&text).expect("TOML");
        let strategies = &document["scenario"]["strategies"];
        assert_eq!(strategies[1]["name"].as_str(), Some("withdraw"));
        assert_eq!(strategies[1]["out_of_band"].as_str(), Some("20m"));
        assert_eq!(strategies.as_array().map(Vec::len), Some(4));
    }
}

fn trace_of(scenario: &Scenario) -> &Arc<Trace> {
    match &scenario.demand.sources[0].stock {
        Stock::Given(trace) => trace,
        Stock::Poisson(_) => panic!("the workload is a trace"),
    }
}

#[test]
fn scenarios_that_read_the_same_trace_share_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let requests = folder.path().join("requests.csv");
    let row = "request_id,arrival_s,start_s,hold_s,tenant,resource_class,count\nr1,0,0,3600,anna,compute,1\n";
    fs::write(&requests, row).expect("a file");
    let text = "[scenario]\nname = \"shared\"\nhorizon = \"1d\"\n[[fleet.group]]\nclass = \"compute\"\nnodes = 2\n\
                [[workload]]\ntrace = \"requests.csv\"\n";
    let library = Library::default();
    let with = |key: &str, value: &str| {
        let set = [(key.to_owned(), value.to_owned())];
        library
            .load(text, "shared.toml", folder.path(), &set)
            .unwrap_or_else(|problems| panic!("{}", problems[0]))
    };
    let first = with("seed", "1");
    let larger = with("fleet.group.compute.nodes", "3");
    assert!(Arc::ptr_eq(trace_of(&first), trace_of(&larger)));
    assert_eq!(
        larger.fleet.names.tenants.find("anna"),
        first.fleet.names.tenants.find("anna")
    );
    // What its requests depend on, and what the file says, make another.
    for (key, value) in [("fleet.group.compute.owner", "olga"), ("workload.0.multi", "blazar")] {
        assert!(!Arc::ptr_eq(trace_of(&first), trace_of(&with(key, value))), "{key}");
    }
    fs::write(&requests, row.replace("3600", "7200")).expect("a file");
    let changed = with("seed", "1");
    assert!(!Arc::ptr_eq(trace_of(&first), trace_of(&changed)) && first.digest != changed.digest);
}

/// The requests of a Poisson workload with more lines in its table: when each starts, and how long it holds.
fn drawn(more: &str) -> Vec<(u64, u64)> {
    let text = format!(
        "[scenario]\nname = \"grown\"\nhorizon = \"730d\"\n[[fleet.group]]\nclass = \"compute\"\nnodes = 2\n\
         [[workload]]\nname = \"asked\"\n{more}\n[[workload.flavor]]\nname = \"f\"\nclass = \"compute\"\nper_day = 4\n\
         hold = {{ exponential = \"5h\" }}\n"
    );
    let scenario = load(&text, "grown.toml", Path::new(""), &[]).unwrap_or_else(|problems| panic!("{}", problems[0]));
    let seed = Seed {
        master: 1,
        replication: 0,
    };
    let mut requests = Requests::new(&scenario.demand, scenario.horizon, seed);
    let mut all = Vec::new();
    while let Some((request, start)) = requests.advance() {
        all.push((start.0, requests.request(request).hold.0));
    }
    // What is expected is what comes, within four deviations.
    let expected = scenario.demand.expected(scenario.horizon);
    assert!(
        (all.len() as f64 - expected).abs() < 4.0 * expected.sqrt(),
        "{more}: {} of {expected}",
        all.len()
    );
    all
}

/// Growth is a change of time: the same requests come, the later ones the closer together, whatever the horizon.
#[test]
fn demand_that_grows_asks_for_the_same_only_sooner() {
    let plain = drawn("");
    assert_eq!(drawn("growth_a_year = 0.0"), plain);
    for (more, growth) in [("growth_a_year = 1.0", 1.0), ("growth_a_year = -0.5", -0.5)] {
        let grown = drawn(more);
        let pairs = plain.iter().zip(&grown);
        let (mut told, mut later) = (0, 0);
        for (was, is) in pairs {
            assert_eq!(was.1, is.1, "{more}");
            assert_eq!(is.0, growth_reached(Time(was.0), growth).0, "{more}");
            (told, later) = (told + 1, later + usize::from(is.0 > was.0));
        }
        assert!(told > 1000 && (later == 0) == (growth > 0.0), "{more}: {told} {later}");
    }
    // Doubling in a year: the second year has twice the first's.
    let year = 365 * 86_400_000;
    let grown = drawn("growth_a_year = 1.0");
    let first = grown.iter().filter(|(start, _)| *start < year).count() as f64;
    let ratio = (grown.len() as f64 - first) / first;
    assert!((ratio - 2.0).abs() < 0.2, "{ratio}");
    // By the hours of the week it is thinned at the instant at which it comes.
    let night = format!("hours_of_week = [{}]\ngrowth_a_year = 1.0", ["1"; 168].join(", "));
    assert_eq!(drawn(&night), grown);
}

#[test]
fn nodes_come_and_go_on_a_date_by_the_clocks_of_the_time_zone() {
    let text = |from: &str, until: &str| {
        format!(
            "[scenario]\nname = \"dated\"\nepoch = \"2024-01-01T00:00:00Z\"\ntime_zone = \"Europe/Berlin\"\nhorizon = \"60d\"\n\
             [[fleet.group]]\nclass = \"compute\"\nnodes = 2\n[[fleet.group]]\nclass = \"later\"\nnodes = 1\n\
             from = {from}\nuntil = {until}\n[[workload]]\n[[workload.flavor]]\nclass = \"later\"\nper_day = 4\nhold = \"5h\"\n"
        )
    };
    let changes = |from: &str, until: &str| {
        let text = text(from, until);
        let scenario =
            load(&text, "dated.toml", Path::new(""), &[]).unwrap_or_else(|problems| panic!("{}", problems[0]));
        let told = scenario
            .fleet
            .boundaries
            .iter()
            .map(|it| (it.at.0 / 3_600_000, format!("{:?}", it.change)));
        told.collect::<Vec<_>>()
    };
    let both = |from: u64, until: u64| vec![(from, "Joins".to_owned()), (until, "Leaves".to_owned())];
    assert_eq!(changes("\"2024-01-11\"", "\"2024-02-01\""), both(239, 743));
    assert_eq!(changes("2024-01-11", "\"31d\""), both(239, 744));
    assert_eq!(changes("\"10d\"", "\"2024-02-01T00:00:00Z\""), both(240, 744));
    // What came before the epoch is there from the begin.
    assert_eq!(changes("\"2019-05-01\"", "\"31d\""), [(744, "Leaves".to_owned())]);
}
