//! Small clouds written as scenarios: what `explain` says of the request `it` against what the real code answered on
//! the same cloud, recorded beside it.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;
use sickbay::cells::explain::{Explanation, explain};
use sickbay::scenario::load;

use super::terms::{rows, text};
use super::{Tally, near, packed};

fn told(line: &Value) -> Explanation {
    let (id, scenario) = (text(&line["case"]["id"]), text(&line["scenario"]));
    let scenario = load(&scenario, &id, Path::new(""), &[]).unwrap_or_else(|problems| panic!("{id}: {}", problems[0]));
    explain(&scenario, 0, 0, "it").unwrap_or_else(|error| panic!("{id}: {error}"))
}

#[test]
fn oracle_explain_agrees_with_the_real_code_on_whole_clouds() {
    let mut tally = Tally::of("end to end");
    for line in packed::lines("e2e.cloud") {
        tally.case();
        let (id, real) = (text(&line["case"]["id"]), &line["answer"]);
        let told = told(&line);
        let first = &told.decisions[0];
        tally.compare(
            || format!("{id} Placement is asked"),
            &!first.query.is_empty(),
            &!rows(&real["query"]).is_empty(),
        );
        let ours: BTreeSet<String> = first.weights.iter().map(|(node, _)| node.clone()).collect();
        let theirs: BTreeSet<String> = rows(&real["eligible"]).iter().map(|row| text(&row[0])).collect();
        tally.compare(|| format!("{id} eligible"), &ours, &theirs);
        for row in rows(&real["eligible"]) {
            let weight = first.weights.iter().find(|(node, _)| *node == text(&row[0]));
            let same = weight.is_some_and(|(_, weight)| row[1].as_f64().is_some_and(|real| near(*weight, real)));
            tally.compare(|| format!("{id} weight of {}", row[0]), &same, &true);
        }
        let placed = first.denied_by.is_none();
        tally.compare(|| format!("{id} placed"), &Value::Bool(placed), &real["ok"]);
        if real["ok"] == true {
            let (picks, alternates) = (first.picks.len(), first.alternates.len());
            let others = rows(&real["hosts"][0]).len() - 1;
            tally.compare(
                || format!("{id} machines and alternates"),
                &(picks, alternates),
                &(rows(&real["hosts"]).len(), others),
            );
        }
    }
    tally.finish();
}
