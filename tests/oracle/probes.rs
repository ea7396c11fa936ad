//! Probes of single questions: what a claim notices of a mark that is set after the decision.

use serde_json::Value;
use sickbay::scheduler::nova::{Inventory, Provider};

use super::{Tally, packed};

/// A free node, and the same after the mark: the probe's way of marking it.
fn marked(how: &str) -> Provider {
    let mut node = Provider {
        id: "n0".to_owned(),
        inventories: [("CUSTOM_BM".to_owned(), Inventory::machine(false))].into(),
        ..Provider::default()
    };
    match how {
        "none" => {}
        "aggregate" => drop(node.aggregates.insert("maintenance".to_owned())),
        "trait" => drop(node.traits.insert("CUSTOM_MAINTENANCE".to_owned())),
        "disabled" => drop(node.traits.insert("COMPUTE_STATUS_DISABLED".to_owned())),
        "class" => node.inventories = [("CUSTOM_OTHER".to_owned(), Inventory::machine(false))].into(),
        "reserved" => node.inventories = [("CUSTOM_BM".to_owned(), Inventory::machine(true))].into(),
        other => panic!("the probe marks by {other}"),
    }
    node
}

#[test]
fn oracle_a_claim_notices_class_and_reserved_and_no_other_mark() {
    let probe: Value = serde_json::from_str(&packed::plain("claim_probe.json")).expect("it is JSON");
    let mut tally = Tally::of("claims");
    for (question, answer) in probe.as_object().into_iter().flatten() {
        tally.case();
        let how = question.split(['(', ')']).nth(1).unwrap_or("");
        let claims = marked(how).claim(&[("CUSTOM_BM".to_owned(), 1)].into()).is_ok();
        // The conductor's claim of an alternate says it; the scheduler's own takes the next in its list.
        let real = answer.as_bool().unwrap_or_else(|| answer[0][0][1] == "n0");
        tally.compare(|| question.clone(), &claims, &real);
    }
    tally.finish();
}
