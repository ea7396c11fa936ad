//! `explain`: the account agrees with the run, and reads as an operator wants it.

mod relation;

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;
use sickbay::cells::cell::{run_cell, tape_of};
use sickbay::cells::explain::{Explanation, Happening, errands, explain, refused};
use sickbay::fleet::RequestId;
use sickbay::scenario::{Scenario, embedded, load, load_file};
use tempfile::TempDir;

use crate::cli::{sickbay, stderr, stdout, tiny};

fn quickstart() -> Scenario {
    load(
        embedded("quickstart").expect("it is built in"),
        "quickstart",
        Path::new(""),
        &[],
    )
    .unwrap_or_else(|problems| panic!("{}", problems[0]))
}

/// Each stage begins with what the one before it left, and the class's nodes are all accounted for.
fn is_consistent(told: &Explanation, nodes_of_class: usize) {
    for decision in &told.decisions {
        let mut left = decision.known;
        for stage in &decision.stages {
            assert_eq!(stage.left + stage.fell, left, "{}: {}", told.request.id, stage.stage);
            assert_eq!(stage.fell, stage.reasons.iter().map(|(_, n)| n).sum::<usize>());
            assert_eq!(stage.nodes.len(), stage.fell.min(10));
            left = stage.left;
        }
    }
    let doing: usize = told.nodes.iter().map(|group| group.count).sum();
    assert_eq!(doing, nodes_of_class, "{}", told.request.id);
}

#[test]
fn every_refusal_of_quickstart_is_explained_by_its_own_cause() {
    let scenario = quickstart();
    for variant in [1, 2] {
        let list = refused(&scenario, variant, 0);
        assert!(list.len() > 5, "something is refused");
        let outcome = run_cell(&scenario, variant, 0, &|| false);
        let log = outcome.log.expect("replication 0 has a log");
        assert_eq!(
            list.len(),
            log.requests.iter().filter(|row| row.cause.is_some()).count()
        );
        for one in &list {
            let told = explain(&scenario, variant, 0, &one.id).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!((told.outcome, told.cause), ("refused", Some(one.cause)), "{}", one.id);
            assert!(
                told.answer.starts_with(&format!("{} (tenant {}", one.id, one.tenant)),
                "{}",
                told.answer
            );
            assert!(told.answer.contains(&format!(
                "Of {} node",
                told.nodes.iter().map(|g| g.count).sum::<usize>()
            )));
            let class = scenario.fleet.names.classes.find(&one.class).expect("a class");
            let of_class = scenario.fleet.nodes.iter().filter(|node| node.class.0 == class).count();
            is_consistent(&told, of_class);
            let denied = told.decisions.last().and_then(|decision| decision.denied_by);
            let late = [
                "stale-view",
                "build-chance",
                "broken-hardware",
                "driver-refused",
                "quota",
            ]
            .contains(&one.cause);
            assert!(denied.is_some() || late, "{}: {:?}", one.id, told.decisions);
        }
    }
}

/// A node that an eviction takes under its build is no fault of the view, and no shorter loop would help.
#[test]
fn a_node_that_was_taken_under_its_build_is_told_as_such() {
    let folder = tempfile::TempDir::new().expect("a temporary folder can be made");
    let text = r#"# Who gets a node that maintenance takes under his build?
[scenario]
name = "taken"
horizon = "1d"
strategies = ["withdraw"]
[operators]
action = "0s"
[control_plane]
attempts = 1
[ironic]
deploy = "1h"
[fleet]
group = [{ class = "a", nodes = 1, name = "n" }]
[[workload]]
request = [{ at = "1h", hold = "2h", class = "a" }]
[maintenance]
drain = "at-once"
spell = [{ node = "n-1", start = "90m", end = "10h" }]
"#;
    std::fs::write(folder.path().join("taken.toml"), text).expect("a file can be written");
    let told = crate::cli::sickbay(&folder, "explain taken.toml --request r0")
        .output()
        .expect("it runs");
    let told = String::from_utf8_lossy(&told.stdout).replace('\n', " ");
    assert!(
        told.contains("the last node was taken out of service, or failed, under it"),
        "{told}"
    );
    assert!(
        told.contains("Suggested fix: more attempts, or maintenance that lets builds end"),
        "{told}"
    );
}

#[test]
fn an_accepted_request_claims_what_its_explanation_picked() {
    let scenario = quickstart();
    let requests = tape_of(&scenario, 0).requests.whole();
    let mut accepted = 0;
    for request in (0..requests.made()).step_by(97) {
        let id = requests.name(RequestId(request));
        let told = explain(&scenario, 1, 0, &id).unwrap_or_else(|error| panic!("{error}"));
        if told.outcome != "accepted" {
            continue;
        }
        accepted += 1;
        let decision = told.decisions.last().expect("a decision");
        let claimed: BTreeSet<&str> = told
            .events
            .iter()
            .filter(|event| event.at == decision.at && !event.what.contains("attempt"))
            .filter_map(|event| event.what.split(" claims node ").nth(1))
            .collect();
        assert_eq!(
            claimed,
            decision.picks.iter().map(String::as_str).collect::<BTreeSet<_>>(),
            "{id}"
        );
        let best = decision.weights.first().map(|(_, weight)| *weight);
        assert!(
            decision.weights.iter().all(|(_, weight)| Some(*weight) <= best),
            "{id}: best first"
        );
    }
    assert!(accepted > 5, "{accepted}");
}

/// A small scenario under one strategy.
fn small(strategy: &str, rest: &str) -> Scenario {
    let text = format!(
        "# Why?\n[scenario]\nname = \"small\"\nhorizon = \"1d\"\nstrategies = [{strategy}]\n[[fleet.group]]\nclass = \"c\"\nnodes = 1\n\
         [operators]\naction = \"0s\"\nslip = 0.0\nslip_flag = 0.0\n[control_plane]\nloop = \"instant\"\n{rest}"
    );
    load(&text, "small.toml", Path::new("."), &[]).unwrap_or_else(|problems| panic!("{}", problems[0]))
}

/// Boots whose builds fail are told as such, not as decisions without a consequence.
#[test]
fn failed_builds_of_the_operators_boots_are_told() {
    let rest = "[ironic]\nbuild_failure = 1.0\n[[maintenance.campaign]]\nstart = \"1h\"\n\
                budget = { nodes = 1, scope = \"fleet\" }\nwork = \"1h\"\nerrands = { counts = 1, duration = \"30m\" }\n";
    for strategy in ["\"naive\"", "{ name = \"tenant-reservation\", route = \"any\" }"] {
        let told = errands(&small(strategy, rest), 0, 0, "c-1").unwrap_or_else(|error| panic!("{error}"));
        assert!(told.answer.contains("and 3 builds failed"), "{}", told.answer);
        let fails = |event: &&Happening| event.what.contains("fails on node c-1: by chance");
        assert_eq!(told.events.iter().filter(fails).count(), 3, "{strategy}");
        let last = told.events.last().map(|event| event.what.as_str());
        assert_eq!(last, Some("errand 0 on node c-1 was never served"), "{strategy}");
    }
}

/// Where nothing is hidden, a node that is being cleaned is being cleaned, whether or not it waits for maintenance.
#[test]
fn naive_hides_no_node_in_maintenance() {
    let ask = |name: &str, at: u32| {
        format!("[[workload.request]]\nname = \"{name}\"\nat = \"{at}m\"\nclass = \"c\"\nhold = \"1h\"\n")
    };
    for start in ["10m", "11h"] {
        let rest = format!(
            "[ironic]\ndeploy = \"10m\"\ncleaning = \"10m\"\nbuild_failure = 0.0\n[[maintenance.campaign]]\nstart = \"{start}\"\n\
             budget = {{ nodes = 1, scope = \"fleet\" }}\nwork = \"1h\"\n[[workload]]\n{}{}",
            ask("t", 0),
            ask("u", 75)
        );
        let cause = |strategy: &str| {
            let told = explain(&small(strategy, &rest), 0, 0, "u").unwrap_or_else(|error| panic!("{error}"));
            (told.cause, told.answer)
        };
        let (naive, answer) = cause("\"naive\"");
        assert_eq!(naive, Some("class-full"), "{start}: {answer}");
        assert!(answer.contains("1 was being cleaned"), "{start}: {answer}");
        let hidden = if start == "10m" { "only-hidden" } else { "class-full" };
        assert_eq!(cause("\"withdraw\"").0, Some(hidden), "{start}");
    }
}

/// The only free node is the operators' for its maintenance, or nobody's where a tenant may have its own alone.
#[test]
fn free_nodes_are_said_to_belong_to_whom_they_belong() {
    let ask = "[[workload]]\n[[workload.request]]\nname = \"q\"\ntenant = \"alpha\"\nat = \"15h\"\nclass = \"c\"\nhold = \"1h\"\n";
    let spell = "[maintenance]\n[[maintenance.spell]]\nnode = \"c-1\"\nstart = \"10h\"\nend = \"20h\"\n";
    let answer = |strategy: &str, rest: &str| {
        let told = explain(&small(strategy, rest), 0, 0, "q").unwrap_or_else(|error| panic!("{error}"));
        (told.cause, told.answer)
    };
    for mechanism in [
        "blazar-lease",
        "multi-tenancy-filter",
        "tenant-aggregate",
        "ironic-owner",
    ] {
        let strategy = format!("{{ name = \"tenant-reservation\", mechanism = \"{mechanism}\", pool = \"owned\" }}");
        let (cause, answer) = answer(&strategy, &format!("{ask}{spell}"));
        assert_eq!(cause, Some("only-hidden"), "{mechanism}: {answer}");
        assert!(
            answer.contains("1 was hidden for maintenance") && !answer.contains("belong"),
            "{answer}"
        );
    }
    let own = "[fleet.owners]\noverflow = false\n[[fleet.group]]\nname = \"own\"\nclass = \"c\"\nnodes = 1\nowner = \"alpha\"\n";
    let before = "[[workload.request]]\ntenant = \"alpha\"\nat = \"14h\"\nclass = \"c\"\nhold = \"5h\"\n";
    let (cause, answer) = answer("\"naive\"", &format!("{own}{ask}{before}"));
    assert_eq!(cause, Some("other-tenants"), "{answer}");
    assert!(answer.contains("are none of the tenant's own"), "{answer}");
}

#[test]
fn the_candidate_cap_is_named_with_its_fix() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/candidate-cap.toml");
    let settings = [("scenario.horizon".to_owned(), "196h".to_owned())];
    let scenario = load_file(&file, &settings).unwrap_or_else(|problems| panic!("{}", problems[0]));
    let trap = scenario
        .variants
        .iter()
        .position(|v| v.label == "post-filter")
        .expect("the trap");
    let list = refused(&scenario, trap, 0);
    let one = list
        .iter()
        .find(|one| one.cause == "candidate-cap")
        .expect("the trap snaps");
    let told = explain(&scenario, trap, 0, &one.id).unwrap_or_else(|error| panic!("{error}"));
    let stages: Vec<&str> = told.decisions[0]
        .stages
        .iter()
        .map(|stage| stage.stage.as_str())
        .collect();
    assert!(
        stages.contains(&"candidate cap") && stages.ends_with(&["MaintenanceFilter"]),
        "{stages:?}"
    );
    for words in [
        "the candidate cap of 1000",
        "were hidden for maintenance",
        "were free",
        "raise control_plane.cap",
    ] {
        assert!(told.answer.contains(words), "{words}: {}", told.answer);
    }
}

#[test]
fn the_command_lists_and_explains_as_text_and_as_json() {
    let folder = TempDir::new().expect("a folder");
    let list = stdout(
        &sickbay(&folder, "explain quickstart --strategy withdraw")
            .assert()
            .success(),
    );
    assert!(
        list.contains("requests were refused under withdraw in replication 0"),
        "{list}"
    );
    let id = list
        .lines()
        .find(|line| line.ends_with("only-hidden"))
        .and_then(|line| line.split_whitespace().next());
    let id = id.expect("somebody finds only hidden nodes");
    let asked = format!("explain quickstart --strategy withdraw --request {id}");
    let text = stdout(&sickbay(&folder, &asked).assert().success());
    for words in [
        "was refused:",
        "hidden for maintenance",
        "GET /allocation_candidates  resources=CUSTOM_",
        "stage",
        "free and not reserved",
        "reserved: in maintenance",
        "No valid host was found: Placement left too few.",
        "What happened",
    ] {
        assert!(text.contains(words), "{words}:\n{text}");
    }
    let json = stdout(&sickbay(&folder, &format!("{asked} --format json")).assert().success());
    let told: Value = serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {json}"));
    assert_eq!(
        (&told["outcome"], &told["cause"]),
        (&Value::from("refused"), &Value::from("only-hidden"))
    );
    assert_eq!(told["decisions"][0]["denied_by"], "Placement");
    assert_eq!(told["request"]["id"], id);
    let json = stdout(
        &sickbay(&folder, "explain quickstart --strategy withdraw --format json")
            .assert()
            .success(),
    );
    let list: Value = serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {json}"));
    assert!(
        list["refused"]
            .as_array()
            .is_some_and(|rows| rows.iter().any(|row| row["id"] == id))
    );
}

#[test]
fn what_cannot_be_explained_says_so() {
    let folder = tiny();
    for (arguments, words) in [
        ("explain tiny.toml --request r999999", "has no request `r999999`"),
        ("explain tiny.toml --replication 99", "there is no replication 99"),
        (
            "explain tiny.toml --request r0 --strategy nobody",
            "no strategy is called `nobody`",
        ),
        ("explain nowhere", "no scenario is called `nowhere`"),
        ("explain tiny.toml --format xml", "invalid value 'xml'"),
    ] {
        let ended = sickbay(&folder, arguments).assert().code(2);
        assert!(stderr(&ended).contains(words), "{arguments}: {}", stderr(&ended));
        assert!(stdout(&ended).is_empty(), "{arguments}");
    }
}
