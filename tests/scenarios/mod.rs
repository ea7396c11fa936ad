//! Every shipped scenario runs over a short horizon, under the strict audit, the same twice.

mod comments;
mod keys;
mod reference;
mod tacc;

use std::path::{Path, PathBuf};

use sickbay::cells::cell::{run_cell, run_cell_strictly, tape_of};
use sickbay::cells::columns::Metric;
use sickbay::fleet::{NodeId, Spec};
use sickbay::scenario::{Scenario, load_file};
use sickbay::world::CAUSES;

fn shipped() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let entries = std::fs::read_dir(folder).expect("the scenarios' folder");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    files
}

fn short(file: &Path, horizon: &str) -> Scenario {
    let settings = [("scenario.horizon", horizon), ("report.warm_up", "0s")];
    let settings: Vec<(String, String)> = settings.map(|(k, v)| (k.to_owned(), v.to_owned())).to_vec();
    load_file(file, &settings).unwrap_or_else(|problems| {
        let text: Vec<String> = problems.iter().map(ToString::to_string).collect();
        panic!("{}", text.join("\n\n"))
    })
}

#[test]
fn every_shipped_scenario_runs_under_the_strict_audit_and_repeats() {
    for file in shipped() {
        let name = file
            .file_stem()
            .map(|stem| stem.to_string_lossy().into_owned())
            .unwrap_or_default();
        if name == "chameleon-tacc" {
            continue; // needs an import; see `tacc`
        }
        let big = matches!(name.as_str(), "candidate-cap" | "loop-staleness");
        let scenario = short(&file, if big { "6h" } else { "4d" });
        let tape = tape_of(&scenario, 0).digest();
        for variant in 0..scenario.variants.len() {
            let label = &scenario.variants[variant].label;
            let once = if big {
                run_cell(&scenario, variant, 0, &|| false)
            } else {
                run_cell_strictly(&scenario, variant, 0)
            };
            let again = run_cell(&scenario, variant, 0, &|| false);
            assert_eq!(once.digest, again.digest, "{name}, {label}");
            assert_eq!(once.values, again.values, "{name}, {label}");
            let value = |metric: Metric| once.values[metric.at()].unwrap_or(0.0);
            let causes = CAUSES.iter().map(|(cause, _)| value(Metric::refused_for(*cause)));
            assert_eq!(
                causes.sum::<f64>(),
                value(Metric::Refused),
                "{name}, {label}: the causes add up"
            );
            assert_eq!(
                once.tape_digest,
                tape.hex(),
                "{name}, {label}: the tape does not depend on the strategy"
            );
        }
    }
}

#[test]
fn adding_a_node_does_not_change_another_nodes_faults() {
    let file = shipped()
        .into_iter()
        .find(|file| file.ends_with("loop-staleness.toml"))
        .expect("loop-staleness");
    let scenario = short(&file, "30d");
    let mut larger = scenario.clone();
    let first = NodeId(0);
    let (kind, node) = (*larger.fleet.kind(first), larger.fleet.node(first).clone());
    let extra = Spec {
        name: format!("{}-extra", larger.fleet.name(first)),
        class: node.class,
        traits: kind.traits,
        model: kind.model,
        rack: kind.rack,
        group: kind.group,
        owner: node.owner(),
        lessee: kind.lessee,
    };
    larger.fleet.enter(&extra);
    let faults = |scenario: &Scenario| {
        let tape = tape_of(scenario, 0);
        let of = |fault: &sickbay::workload::FaultTape| {
            let job = &tape.jobs[fault.job.at()];
            (fault.at, fault.kind, fault.detection, job.node, job.work, job.luck)
        };
        tape.faults
            .iter()
            .map(of)
            .filter(|fault| fault.3.at() < scenario.fleet.nodes.len().min(4000))
            .collect::<Vec<_>>()
    };
    let (before, after) = (faults(&scenario), faults(&larger));
    assert!(before.len() > 100);
    assert_eq!(before, after);
}
