//! Keys that are set from the command line.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use sickbay::scenario::{Library, Scenario, load_file};
use sickbay::workload::Trace;
use sickbay::workload::laws::Stock;
use toml::Value;

use super::shipped;

/// Every key path of a document with its value in TOML: tables and lists of tables are walked, all else is a value.
fn paths(value: &Value, path: &str, all: &mut Vec<(String, String)>) {
    let below = |step: &str| {
        if path.is_empty() {
            step.to_owned()
        } else {
            format!("{path}.{step}")
        }
    };
    match value {
        Value::Table(table) => table.iter().for_each(|(key, value)| paths(value, &below(key), all)),
        Value::Array(items) if items.iter().any(Value::is_table) => {
            let entries = items.iter().enumerate();
            entries.for_each(|(at, value)| paths(value, &below(&at.to_string()), all));
        }
        value => all.push((path.to_owned(), value.to_string())),
    }
}

fn digest(file: &Path, settings: &[(String, String)]) -> String {
    let scenario = load_file(file, settings).unwrap_or_else(|problems| panic!("{settings:?}: {}", problems[0]));
    scenario.digest
}

#[test]
fn a_key_that_is_set_to_its_own_value_changes_nothing() {
    let mut tried = 0;
    for file in shipped() {
        if file.ends_with("chameleon-tacc.toml") {
            continue; // needs an import; see `tacc`
        }
        let own = digest(&file, &[]);
        let effective = load_file(&file, &[]).expect("a scenario").annotated;
        let document: Value = toml::from_str(&effective).expect("TOML");
        let mut all = Vec::new();
        paths(&document, "", &mut all);
        for set in all {
            assert_eq!(
                digest(&file, std::slice::from_ref(&set)),
                own,
                "{}: {set:?}",
                file.display()
            );
            tried += 1;
        }
    }
    assert!(tried > 1000, "{tried}");
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
    let text = said("scenario.strategies.0.label", "renamed");
    let document: Value = toml::from_str(&text).expect("TOML");
    assert_eq!(document["scenario"]["strategies"][0]["label"].as_str(), Some("renamed"));
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
