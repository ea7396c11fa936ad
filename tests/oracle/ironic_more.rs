//! Holds, servicing, protection, timeouts, the power sync by state and two causes on one flag, against further
//! recordings of ironic 39.0 (`ironic.extra.json`); and what a claim and a delete publish.

use serde_json::{Value, json};
use sickbay::fleet::ironic::verbs::{self, After, Facts, Operation};
use sickbay::fleet::ironic::{FailedWork, Fault, PowerSync, State};
use sickbay::fleet::{Fleet, Node};

use super::{conclude, packed};

fn extra(part: &str) -> Value {
    let text = packed::plain("ironic.extra.json");
    serde_json::from_str::<Value>(&text).expect("JSON")[part].take()
}

fn state(name: &Value) -> State {
    let name = name.as_str().expect("a name");
    State::named(name).unwrap_or_else(|| panic!("no state `{name}`"))
}

fn hold(differences: &mut Vec<String>, case: &str, recorded: &Value, ours: &Value) {
    if recorded != ours {
        differences.push(format!("{case}: recorded {recorded}, here {ours}"));
    }
}

/// The verb of a recorded operation, and what the node is beside its state.
fn asked(name: &str, facts: Facts) -> (Operation, Facts) {
    let protected = Facts {
        protected: true,
        associated: true,
        ..facts
    };
    let associated = Facts {
        associated: true,
        ..facts
    };
    match name {
        "deploy" => (Operation::Deploy, facts),
        "rebuild" => (Operation::Rebuild, facts),
        "delete (unprovision)" => (Operation::Delete, facts),
        "rescue" => (Operation::Rescue, facts),
        "unrescue" => (Operation::Unrescue, facts),
        "manual clean" => (Operation::ManualClean, facts),
        "clean (verb)" => (Operation::Clean, facts),
        "provide" => (Operation::Provide, facts),
        "manage" => (Operation::Manage, facts),
        "adopt" => (Operation::Adopt, facts),
        "abort" => (Operation::Abort, facts),
        "unhold" => (Operation::Unhold, facts),
        "inspect" => (Operation::Inspect, facts),
        "service" => (Operation::Service, facts),
        "delete the node record" => (Operation::Destroy, facts),
        "delete (unprovision) of a protected node" => (Operation::Delete, protected),
        "rebuild of a protected node" => (Operation::Rebuild, protected),
        "delete the record of a protected node" => (Operation::Destroy, protected),
        "delete the record of a node with an instance" => (Operation::Destroy, associated),
        "power off with disable_power_off" => (Operation::PowerOff, facts),
        "reboot with disable_power_off" => (Operation::Reboot, facts),
        "power off while reserved" => (Operation::PowerOff, Facts { locked: true, ..facts }),
        "deploy of a retired node" => (Operation::Deploy, Facts { retired: true, ..facts }),
        other => panic!("no operation `{other}`"),
    }
}

#[test]
fn oracle_holds_servicing_and_protection() {
    let rows = extra("operations");
    let rows = rows.as_array().expect("rows");
    let (mut differences, mut cases, mut left) = (Vec::new(), 0, 0);
    for row in rows {
        for (maintenance, key) in [(false, "normally"), (true, "in maintenance")] {
            // The fake driver cannot abort an inspection; that is no rule of the conductor's.
            if row[key] == "UnsupportedDriverExtension" {
                left += 1;
                continue;
            }
            cases += 1;
            let name = row["operation"].as_str().expect("a name");
            let facts = Facts {
                maintenance,
                ..Facts::of(state(&row["from"]))
            };
            let (operation, facts) = asked(name, facts);
            let ours = match verbs::ask(operation, facts) {
                Ok(After::In(state)) => json!(["accepted", state.name()]),
                Ok(After::Gone) => json!(["accepted", "(gone)"]),
                Err(refusal) => json!([refusal.to_string(), facts.state.name()]),
            };
            let recorded = json!([row[key], row[format!("{key}, state after")]]);
            hold(
                &mut differences,
                &format!("{name} from {} {key}", row["from"]),
                &recorded,
                &ours,
            );
        }
    }
    assert_eq!(left, 2, "what is left out");
    conclude("ironic holds, services, protection", cases, &differences);
}

#[test]
fn oracle_heartbeats_and_timeouts_of_every_wait_and_hold() {
    let (mut differences, mut cases) = (Vec::new(), 0);
    for row in extra("heartbeat").as_array().expect("rows") {
        cases += 1;
        let allow = row["allow_provisioning_in_maintenance"].as_bool().expect("a flag");
        let ours = verbs::heartbeat_in_maintenance(state(&row["state"]), allow);
        let recorded = &row["state after a heartbeat in maintenance"];
        hold(&mut differences, &row.to_string(), recorded, &json!(ours.name()));
    }
    for row in extra("timeouts").as_array().expect("rows") {
        cases += 1;
        let maintenance = row["maintenance"].as_bool().expect("a flag");
        let ours = verbs::timed_out(state(&row["state"]), maintenance);
        hold(&mut differences, &row.to_string(), &row["after"], &json!(ours.name()));
    }
    conclude("ironic waits", cases, &differences);
}

#[test]
fn oracle_the_power_sync_by_state() {
    let rows = extra("power_sync_by_state");
    let rows = rows.as_object().expect("a table");
    let mut differences = Vec::new();
    for (name, recorded) in rows {
        let state = state(&json!(name));
        let fault = PowerSync::looks_at(state).then(|| PowerSync::gives_up(false)).flatten();
        let power = if fault.is_some() {
            Value::Null
        } else {
            json!("power on")
        };
        let ours = json!([fault.is_some(), fault.map(Fault::name), power, name]);
        hold(&mut differences, name, recorded, &ours);
    }
    conclude("ironic power sync by state", rows.len(), &differences);
}

#[test]
fn oracle_what_fails_in_a_service() {
    let rows = extra("automatic_maintenance");
    let rows = rows.as_object().expect("a table");
    let mut differences = Vec::new();
    for (case, recorded) in rows {
        let failure = match case.as_str() {
            "servicing fails before any service step" => FailedWork::ServiceBeforeSteps,
            "servicing fails during a service step" => FailedWork::ServiceStep,
            other => panic!("no case `{other}`"),
        };
        let fault = failure.fault();
        let ours = json!([failure.state().name(), fault.is_some(), fault.map(Fault::name)]);
        hold(&mut differences, case, recorded, &ours);
    }
    conclude("ironic services that fail", rows.len(), &differences);
}

/// A node of a fleet of its own.
fn with_node(change: impl FnOnce(&mut Node)) -> Value {
    let mut fleet = Fleet::default();
    let id = fleet.enter(&super::ironic::spec());
    let node = fleet.node_mut(id);
    change(node);
    json!([node.flag(), node.fault().map(Fault::name)])
}

/// Flag and fault as recorded; the reason's text is not kept.
#[test]
fn oracle_two_causes_on_one_flag() {
    let rows = extra("two_causes_one_flag");
    let rows = rows.as_object().expect("a table");
    let mut differences = Vec::new();
    let power_failed = |node: &mut Node| {
        node.raise_flag(PowerSync::gives_up(node.flag()));
        node.raise_flag(None);
    };
    for (case, recorded) in rows {
        let (ours, fault) = match case.as_str() {
            "operator sets the flag on a power-failed node" => (with_node(power_failed), 2),
            "... then the BMC answers again" => {
                let recovers = |node: &mut Node| {
                    power_failed(node);
                    if PowerSync::recovery_clears(node.flag(), node.fault()) {
                        node.clear_flag();
                    }
                };
                (with_node(recovers), 2)
            }
            "a clean step fails under the operator's flag" => {
                let fails = |node: &mut Node| {
                    node.raise_flag(None);
                    node.raise_flag(FailedWork::CleanStep.fault());
                };
                (with_node(fails), 2)
            }
            "a second party clears the flag of the first"
            | "operator sets and clears the flag on a clean-failed node" => {
                let clears = |node: &mut Node| {
                    node.raise_flag(FailedWork::CleanStep.fault());
                    node.raise_flag(None);
                    node.clear_flag();
                };
                (with_node(clears), 1)
            }
            other => panic!("no case `{other}`"),
        };
        hold(&mut differences, case, &json!([recorded[0], recorded[fault]]), &ours);
    }
    conclude("ironic two causes on one flag", rows.len(), &differences);
}

#[test]
fn oracle_what_may_be_changed_in_maintenance() {
    let rows = extra("updates");
    let rows = rows.as_object().expect("a table");
    let mut differences = Vec::new();
    for (case, recorded) in rows {
        let (what, maintenance) = case.split_once(", maintenance=").expect("a flag");
        let (operation, name) = match what.split_once(" in ") {
            Some(("change power_interface", name)) => (Operation::ChangeInterface, name),
            _ => (
                Operation::Protect,
                what.strip_prefix("set protected on ").expect("a known change"),
            ),
        };
        let facts = Facts {
            maintenance: maintenance == "True",
            ..Facts::of(state(&json!(name)))
        };
        let ours = match verbs::ask(operation, facts) {
            Ok(_) => json!("accepted"),
            Err(refusal) => json!(refusal.to_string()),
        };
        hold(&mut differences, case, recorded, &ours);
    }
    conclude("ironic updates", rows.len(), &differences);
}
