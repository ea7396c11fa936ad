//! Ironic's lifecycle against the recordings of ironic 39.0 and nova 34.0's driver.

use serde_json::{Value, json};
use sickbay::fleet::ironic::machine::{EVENTS, MachineEvent, STATES, State, TRANSITIONS};
use sickbay::fleet::ironic::verbs::{self, After, Facts, Operation};
use sickbay::fleet::ironic::{Condition, FailedWork, Fault, Power, PowerSync, Provisioned, allocation};

use super::{conclude, recording};

/// Notes a case whose recorded answer is not ours.
fn hold(differences: &mut Vec<String>, case: &str, recorded: &Value, ours: &Value) {
    if recorded != ours {
        differences.push(format!("{case}: recorded {recorded}, here {ours}"));
    }
}

fn text<'a>(row: &'a Value, key: &str) -> &'a str {
    row[key].as_str().unwrap_or_else(|| panic!("{key} of {row}"))
}

fn flag(row: &Value, key: &str) -> bool {
    row[key].as_bool().unwrap_or_else(|| panic!("{key} of {row}"))
}

fn state(name: &str) -> State {
    State::named(name).unwrap_or_else(|| panic!("no state `{name}`"))
}

#[test]
fn the_state_machine() {
    let machine = recording("ironic.tables.json")["state_machine"].take();
    let (mut differences, mut cases) = (Vec::new(), 0);
    let rows = machine["transitions"].as_array().expect("a list of transitions");
    // Every pair of a state and an event, those that lead nowhere too.
    for from in STATES {
        for event in EVENTS {
            cases += 1;
            let row = rows.iter().find(|row| row[0] == from.name() && row[1] == event.name());
            let recorded = row.map_or(Value::Null, |row| row[2].clone());
            let ours = json!(from.after(event).map(State::name));
            let case = format!("{} by {}", from.name(), event.name());
            hold(&mut differences, &case, &recorded, &ours);
        }
    }
    let all = json!(TRANSITIONS.len());
    hold(&mut differences, "transitions", &json!(rows.len()), &all);
    let states = machine["states"].as_object().expect("a table of states");
    hold(&mut differences, "states", &json!(states.len()), &json!(STATES.len()));
    for (name, recorded) in states {
        cases += 1;
        let it = state(name);
        let ours = json!({ "stable": it.stable(), "target": it.target().map(State::name) });
        hold(&mut differences, name, recorded, &ours);
    }
    let destroyed = verbs::MAY_BE_DESTROYED.map(State::name);
    let mut recorded: Vec<&str> = machine["delete_allowed"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    let mut ours = destroyed.to_vec();
    recorded.sort_unstable();
    ours.sort_unstable();
    hold(
        &mut differences,
        "states whose record may be deleted",
        &json!(recorded),
        &json!(ours),
    );
    conclude("ironic state machine", cases, &differences);
}

#[test]
fn what_nova_reports() {
    let rows = recording("ironic.tables.json")["reported"].take();
    let rows = rows.as_array().expect("a list of rows");
    let mut differences = Vec::new();
    for row in rows {
        let power = match row["power"].as_str() {
            Some("power on") => Power::On,
            Some("power off") => Power::Off,
            Some("error") => Power::Error,
            Some(other) => panic!("no power state `{other}`"),
            None => Power::Unknown,
        };
        let condition = Condition {
            provision: match row["provision"].as_str() {
                None => Provisioned::None,
                Some("deleted" | "deploy complete") => Provisioned::Outside,
                Some(name) => Provisioned::In(state(name)),
            },
            power,
            maintenance: flag(row, "maintenance"),
            instance: flag(row, "instance"),
            skip_reserve_in_use: flag(row, "skip_reserve_in_use"),
        };
        let ours = condition.reported();
        let recorded = json!([
            row["unavailable"],
            row["used"],
            row["reserved"],
            row["total"],
            row["accepts_spawn"]
        ]);
        let ours = json!([
            ours.unavailable,
            ours.used,
            ours.reserved,
            ours.total,
            ours.accepts_spawn
        ]);
        hold(&mut differences, &format!("{condition:?}"), &recorded, &ours);
    }
    conclude("ironic reported to placement", rows.len(), &differences);
}

/// The verb of a recorded operation, and the state it was asked in.
fn operation(name: &str) -> Operation {
    match name {
        "deploy" => Operation::Deploy,
        "rebuild" => Operation::Rebuild,
        "delete (unprovision)" | "delete from deploy failed" | "delete from rescue" => Operation::Delete,
        "rescue" => Operation::Rescue,
        "unrescue" => Operation::Unrescue,
        "manual clean" => Operation::ManualClean,
        "provide" => Operation::Provide,
        "manage from available" | "manage from enroll" | "manage from clean failed" => Operation::Manage,
        "adopt" => Operation::Adopt,
        "abort rescue wait" | "abort clean wait" => Operation::Abort,
        "inspect" => Operation::Inspect,
        "service" => Operation::Service,
        "power off" => Operation::PowerOff,
        "power on" => Operation::PowerOn,
        "reboot" => Operation::Reboot,
        "delete the node record" => Operation::Destroy,
        other => panic!("no operation `{other}`"),
    }
}

/// The answer to a verb, and the state afterwards, in the recording's words.
fn answer(operation: Operation, facts: Facts) -> [Value; 2] {
    match verbs::ask(operation, facts) {
        Ok(After::In(state)) => [json!("accepted"), json!(state.name())],
        Ok(After::Gone) => [json!("accepted"), json!("(gone)")],
        Err(refusal) => [json!(refusal.to_string()), json!(facts.state.name())],
    }
}

#[test]
fn operations_in_maintenance_and_out_of_it() {
    let rows = recording("ironic.conductor.json")["operations"].take();
    let rows = rows.as_array().expect("a list of rows");
    let (mut differences, mut cases) = (Vec::new(), 0);
    for row in rows {
        for (maintenance, key) in [(false, "normally"), (true, "in maintenance")] {
            cases += 1;
            let facts = Facts {
                maintenance,
                allow_provisioning_in_maintenance: flag(row, "allow_provisioning_in_maintenance"),
                ..Facts::of(state(text(row, "from")))
            };
            let [verdict, after] = answer(operation(text(row, "operation")), facts);
            let recorded = json!([row[key], row[format!("{key}, state after")]]);
            let case = format!("{} {key}, {facts:?}", text(row, "operation"));
            hold(&mut differences, &case, &recorded, &json!([verdict, after]));
        }
    }
    conclude("ironic operations", cases, &differences);
}

#[test]
fn heartbeats_in_maintenance() {
    let rows = recording("ironic.conductor.json")["heartbeat"].take();
    let rows = rows.as_array().expect("a list of rows");
    let mut differences = Vec::new();
    for row in rows {
        let (before, allow) = (text(row, "state"), flag(row, "allow_provisioning_in_maintenance"));
        let ours = verbs::heartbeat_in_maintenance(state(before), allow);
        let recorded = &row["state after a heartbeat in maintenance"];
        hold(
            &mut differences,
            &format!("{before}, allow {allow}"),
            recorded,
            &json!(ours.name()),
        );
    }
    conclude("ironic heartbeats", rows.len(), &differences);
}

#[test]
fn the_power_sync() {
    let recorded = recording("ironic.conductor.json")["power_sync"].take();
    let mut sync = PowerSync::new();
    let failed = 1 + std::iter::repeat_with(|| sync.fails())
        .take_while(|gave_up| !gave_up)
        .count();
    let clears = |fault| PowerSync::recovery_clears(true, fault);
    let ours = json!({
        "failed syncs until maintenance": failed,
        "interval": PowerSync::INTERVAL.0 / 1000,
        "recovery_interval": PowerSync::RECOVERY.0 / 1000,
        "fault": PowerSync::gives_up(false).map(Fault::name),
        "fault when already in maintenance": PowerSync::gives_up(true).map(Fault::name),
        "power_state": null,
        "provision_state": "active",
        "recovered from power failure": clears(Some(Fault::PowerFailure)),
        "recovered from clean failure": clears(Some(Fault::CleanFailure)),
        "recovered from an operator's flag": clears(None),
    });
    let mut differences = Vec::new();
    let rows = recorded.as_object().expect("a table");
    for (key, value) in rows {
        hold(&mut differences, key, value, &ours[key]);
    }
    conclude("ironic power sync", rows.len(), &differences);
}

/// A failure in a node out of maintenance, as (state, flag, fault) afterwards.
fn failed(failure: FailedWork) -> Value {
    let fault = failure.fault();
    json!([failure.state().name(), fault.is_some(), fault.map(Fault::name)])
}

#[test]
fn automatic_maintenance() {
    let recorded = recording("ironic.conductor.json")["automatic_maintenance"].take();
    let begins = |allow| json!([verbs::cleaning_begins_in_maintenance(allow).name(), true, null]);
    let mut differences = Vec::new();
    let rows = recorded.as_object().expect("a table");
    for (case, recorded) in rows {
        let ours = match case.as_str() {
            "automated cleaning begins in maintenance, allow_provisioning_in_maintenance=True" => begins(true),
            "automated cleaning begins in maintenance, allow_provisioning_in_maintenance=False" => begins(false),
            "cleaning fails before any clean step" => failed(FailedWork::CleanBeforeSteps),
            "cleaning fails during a clean step" => failed(FailedWork::CleanStep),
            "deploy fails" => failed(FailedWork::Deploy),
            "rescue abort clean-up fails" => failed(FailedWork::RescueAbort),
            "rescue itself fails" => failed(FailedWork::Rescue),
            other => panic!("no case `{other}`"),
        };
        hold(&mut differences, case, recorded, &ours);
    }
    // Where each failure leads must be where the table leads on `fail`.
    for (from, failure) in [
        (State::Cleaning, FailedWork::CleanStep),
        (State::CleanWait, FailedWork::CleanBeforeSteps),
        (State::Deploying, FailedWork::Deploy),
        (State::Rescuing, FailedWork::Rescue),
    ] {
        assert_eq!(from.after(MachineEvent::Fail), Some(failure.state()));
    }
    conclude("ironic automatic maintenance", rows.len(), &differences);
}

/// Ours for a line of `retired_and_updates`, which is worded as a sentence.
fn retired_and_updates(case: &str) -> Value {
    let facts = |state, maintenance, retired| Facts {
        maintenance,
        retired,
        ..Facts::of(state)
    };
    let verdict = |operation, facts| answer(operation, facts)[0].clone();
    if let Some(rest) = case.strip_prefix("change resource_class in ") {
        let (name, maintenance) = rest.split_once(", maintenance=").expect("a state and a flag");
        return verdict(Operation::ChangeClass, facts(state(name), maintenance == "True", false));
    }
    if let Some(name) = case.strip_prefix("set retired on ") {
        return verdict(Operation::Retire, facts(state(name), false, false));
    }
    let retired = case.ends_with("retired=True");
    if case.starts_with("automated cleaning ends") {
        return json!(verbs::after_cleaning(retired, true).name());
    }
    if case.starts_with("automated_clean off") {
        return json!(verbs::after_cleaning(retired, false).name());
    }
    match case {
        "provide a retired node" => verdict(Operation::Provide, facts(State::Manageable, false, true)),
        "clearing maintenance clears reason and fault" => {
            let mut fleet = sickbay::fleet::Fleet::default();
            let id = fleet.enter(&spec());
            let node = fleet.node_mut(id);
            node.raise_flag(Some(Fault::CleanFailure));
            node.clear_flag();
            json!(!node.flag() && node.fault().is_none())
        }
        other => panic!("no case `{other}`"),
    }
}

pub fn spec() -> sickbay::fleet::NodeSpec {
    use sickbay::fleet::{ClassId, GroupId, NodeSpec, RackId, TraitSet};
    NodeSpec {
        name: "n0".into(),
        class: ClassId(0),
        traits: TraitSet::default(),
        model: 0,
        rack: RackId(0),
        group: GroupId(0),
        owner: None,
        lessee: None,
    }
}

#[test]
fn retired_nodes_and_updates() {
    let recorded = recording("ironic.conductor.json")["retired_and_updates"].take();
    let mut differences = Vec::new();
    let rows = recorded.as_object().expect("a table");
    for (case, recorded) in rows {
        hold(&mut differences, case, recorded, &retired_and_updates(case));
    }
    conclude("ironic retired nodes and updates", rows.len(), &differences);
}

/// The nodes of the recording: one of each kind.
fn kinds() -> Vec<allocation::AllocationNode<'static>> {
    let plain = allocation::AllocationNode {
        name: "plain",
        class: "x",
        state: State::Available,
        associated: false,
        power: Power::Off,
        maintenance: false,
        owner: None,
        lessee: None,
    };
    vec![
        plain,
        allocation::AllocationNode {
            name: "maintenance",
            maintenance: true,
            ..plain
        },
        allocation::AllocationNode {
            name: "no power state",
            power: Power::Unknown,
            ..plain
        },
        allocation::AllocationNode {
            name: "manageable",
            state: State::Manageable,
            ..plain
        },
        allocation::AllocationNode {
            name: "associated",
            associated: true,
            ..plain
        },
        allocation::AllocationNode {
            name: "other class",
            class: "y",
            ..plain
        },
        allocation::AllocationNode {
            name: "owned by p1",
            owner: Some("p1"),
            ..plain
        },
        allocation::AllocationNode {
            name: "leased to p1",
            lessee: Some("p1"),
            ..plain
        },
        allocation::AllocationNode {
            name: "owned by p2",
            owner: Some("p2"),
            ..plain
        },
    ]
}

#[test]
fn allocation_candidates() {
    let recorded = recording("ironic.conductor.json")["allocation_candidates"].take();
    let mut differences = Vec::new();
    let rows = recorded.as_object().expect("a table");
    let nodes = kinds();
    for (case, recorded) in rows {
        let allocation = allocation::Allocation {
            class: "x",
            owner: case.starts_with("owner=p1").then_some("p1"),
            candidates: case.contains("candidate_nodes").then_some(&["maintenance", "plain"]),
        };
        let mut names: Vec<&str> = nodes
            .iter()
            .filter(|node| allocation.takes(node))
            .map(|node| node.name)
            .collect();
        names.sort_unstable();
        let ours = if names.is_empty() {
            json!("AllocationFailed")
        } else {
            json!(names)
        };
        hold(&mut differences, case, recorded, &ours);
    }
    conclude("ironic allocation candidates", rows.len(), &differences);
}
