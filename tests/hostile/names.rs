//! Names that act upon whoever shows them.

use std::fs;
use std::path::Path;

use sickbay::scenario::load;

use super::{small, with};
use crate::cli::{files_below, sickbay, stderr, stdout};

/// Texts that no key takes.
const ACTING: [&str; 9] = [
    "a\\u001b[31mb",
    "a\\nb",
    "a\\u0000b",
    "a\\u007fb",
    "a\\u202eb",
    "a\\u2066b",
    "a\\ufeffb",
    "a\\uffffb",
    "::error::a",
];

#[test]
fn names_that_act_are_refused_under_every_key() {
    for name in ACTING {
        for (key, value) in [
            ("scenario.name", format!("\"{name}\"")),
            (
                "scenario.strategies",
                format!("[{{ name = \"naive\", label = \"{name}\" }}]"),
            ),
            ("fleet.group.0.class", format!("\"{name}\"")),
            ("fleet.group.0.rack", format!("\"{name}\"")),
            ("fleet.group.0.traits", format!("[\"{name}\"]")),
            ("fleet.group.0.capabilities", format!("{{ \"{name}\" = \"x\" }}")),
            ("workload", format!("[{{ name = \"{name}\", flavor = [] }}]")),
            ("fleet.owners.tenants", format!("[\"{name}\"]")),
            (
                "maintenance.campaign",
                format!("[{{ name = \"{name}\", start = \"1h\", work = \"1h\" }}]"),
            ),
        ] {
            let set = [(key.to_owned(), value)];
            let problems = load(&small(""), "a.toml", Path::new(""), &set).expect_err(name);
            assert!(
                problems.iter().any(|one| one.message.contains("this text")),
                "{key} = {name}: {problems:?}"
            );
        }
    }
}

#[test]
fn an_opening_comment_that_turns_the_writing_is_refused() {
    let text = format!("# Is it \u{202e}right?\n{}", small(""));
    assert!(load(&text, "a.toml", Path::new(""), &[]).is_err());
}

#[test]
fn names_and_labels_stay_in_the_results() {
    let refused = |key: &str, value: &str| {
        load(
            &small(""),
            "a.toml",
            Path::new(""),
            &[(key.to_owned(), value.to_owned())],
        )
        .is_err()
    };
    for name in ["-rf", ".git", "..", ".", "+x", "_x", " x", "a/b", "a\\\\b", "x ", ""] {
        assert!(refused("scenario.name", &format!("\"{name}\"")), "{name}");
    }
    assert!(!refused("scenario.name", "\"a-b_c.d+e f\""));
    for label in [
        "..",
        ".",
        ".git",
        "-rf",
        "a/b",
        "a\\\\b",
        "plots",
        "Plots",
        "metrics.csv",
        "summary.json",
        "=1+1",
        "@x",
        "x.",
    ] {
        assert!(
            refused(
                "scenario.strategies",
                &format!("[{{ name = \"naive\", label = \"{label}\" }}]")
            ),
            "{label}"
        );
    }
    let long = "x".repeat(101);
    assert!(refused(
        "scenario.strategies",
        &format!("[{{ name = \"naive\", label = \"{long}\" }}]")
    ));
    // Two that one folder would hold on some file systems.
    assert!(refused(
        "scenario.strategies",
        "[\"naive\", { name = \"withdraw\", label = \"Naive\" }]"
    ));
    assert!(!refused(
        "scenario.strategies",
        "[{ name = \"naive\", label = \"tenants, unnamed (50 %)\" }]"
    ));
}

#[test]
fn names_that_a_spreadsheet_would_compute_are_written_as_text_and_read_back() {
    let folder = with(&small("").replace(
        "group = [{ class = \"compute\", nodes = 4 }]",
        "source = \"n.csv\"\n[[workload]]\ntrace = \"r.csv\"\n",
    ));
    fs::write(
        folder.path().join("n.csv"),
        "node_id,resource_class\n=1+1,compute\n@a,compute\n'=b,compute\n",
    )
    .expect("written");
    fs::write(
        folder.path().join("r.csv"),
        "request_id,arrival_s,start_s,hold_s,tenant,resource_class,count\n-rm,0,0,3600,+t,compute,1\nx,0,0,60,=t,compute,1\n",
    )
    .expect("written");
    sickbay(&folder, "run a.toml --quiet --out o").assert().success();
    for (path, bytes) in files_below(&folder.path().join("o")) {
        if !path.ends_with(".csv") {
            continue;
        }
        let text = String::from_utf8(bytes).expect("text");
        for field in text.lines().skip(1).flat_map(|line| line.split(',')) {
            let computes = field.starts_with(['=', '+', '-', '@']) && field.parse::<f64>().is_err();
            assert!(!computes, "{path}: {field}");
        }
    }
    let requests = fs::read_to_string(folder.path().join("o/naive/requests.csv")).expect("a file");
    assert!(
        requests.contains("\n'-rm,0,'+t,") && requests.contains(",'=t,"),
        "{requests}"
    );
    sickbay(&folder, "plot o").assert().success();
    // A reader of the neutral files takes off what a writer put before: both ways name the same nodes.
    let quoted = "node_id,resource_class\n'=1+1,compute\n'@a,compute\n";
    let read = sickbay::import::neutral::read_nodes(quoted.as_bytes(), "n.csv").expect("read");
    let names: Vec<&str> = read.records.iter().map(|node| node.node_id.as_str()).collect();
    assert_eq!(names, ["=1+1", "@a"]);
    let again = sickbay::import::neutral::write_nodes(&read.records);
    assert!(String::from_utf8(again).expect("text").contains("\n'=1+1,"));
}

#[test]
fn foreign_text_is_shown_and_does_nothing() {
    let folder = with(&small("[[workload]]\ntrace = \"r.csv\"\n"));
    fs::write(
        folder.path().join("r.csv"),
        "request_id,arrival_s,start_s,hold_s,tenant,resource_class,count\n\"a\u{1b}[2J\",0,0,1,t,compute,1\nb,\"1\n::error::x\",0,1,t,compute,1\n",
    )
    .expect("written");
    for command in ["validate a.toml", "run a.toml"] {
        let ended = sickbay(&folder, command).assert().code(2);
        let told = stderr(&ended) + &stdout(&ended);
        assert!(told.contains("r.csv:2") && !told.contains('\u{1b}'), "{told}");
        assert!(!told.lines().any(|line| line.trim_start().starts_with("::")), "{told}");
    }
}
