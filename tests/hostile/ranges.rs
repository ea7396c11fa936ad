//! The table of ranges is what the reader refuses, and what the manual prints.

use std::path::Path;

use sickbay::scenario::keys::ranges::{KeyRange, LONGEST_MS, RANGES, manual};
use sickbay::scenario::keys::{FILE, Preset, TableShape};
use sickbay::scenario::{Problem, load};

/// A scenario with every table.
const WHOLE: &str = include_str!("whole.toml");

/// Where a table stands in it.
fn place(table: &str) -> &str {
    match table {
        "fleet.group" => "fleet.group.0",
        "workload" => "workload.0",
        "workload.flavor" => "workload.0.flavor.0",
        "workload.request" => "workload.1.request.0",
        "rescue" => "workload.0.rescue",
        "errands" => "maintenance.errands",
        "maintenance.faults" => "maintenance.faults.0",
        "maintenance.faults.kind" => "maintenance.faults.0.kind.0",
        "maintenance.campaign" => "maintenance.campaign.0",
        "budget" => "maintenance.campaign.1.budget",
        "maintenance.spell" => "maintenance.spell.0",
        "precision" | "best" => "report",
        "expect" => "expect.0",
        "crew" => "operators.crew.0",
        other => other,
    }
}

/// The settings that give a key a value.
fn setting(table: &str, key: &str, value: &str) -> (String, String) {
    let at = place(table);
    match (table, key) {
        ("precision", _) => {
            let goal = format!("{{ metric = \"acceptance\", half_width = \"1pp\", {key} = {value} }}");
            let goal = if key == "half_width" {
                format!("{{ metric = \"acceptance\", half_width = {value} }}")
            } else {
                goal
            };
            ("report.precision".to_owned(), goal)
        }
        ("best", "indifference") => (
            "report.best".to_owned(),
            format!("{{ metric = \"acceptance\", indifference = {value} }}"),
        ),
        ("best", _) => (
            "report.best".to_owned(),
            format!("{{ metric = \"acceptance\", indifference = \"1pp\", {key} = {value} }}"),
        ),
        ("workload.request.group", _) => (
            "workload.1.request.0.group".to_owned(),
            format!("{{ name = \"g\", policy = \"anti-affinity\", {key} = {value} }}"),
        ),
        ("control_plane.tenant_quota", _) => (
            "control_plane.tenant_quota".to_owned(),
            format!("[{{ tenant = \"t\", {key} = {value} }}]"),
        ),
        ("budget", "share") => (
            "maintenance.campaign.1.budget".to_owned(),
            format!("{{ share = {value} }}"),
        ),
        ("workload", "hours_of_week") => (format!("{at}.{key}"), format!("[{}]", vec![value; 168].join(","))),
        ("workload.trend", _) => (
            "workload.0.trend".to_owned(),
            if key == "rates" {
                format!("{{ rates = [{value}, 1.0] }}")
            } else {
                format!("{{ rates = [1.0], {key} = {value} }}")
            },
        ),
        ("workload", "tenants.share") => (
            format!("{at}.tenants"),
            format!("[{{ name = \"t\", share = {value} }}]"),
        ),
        ("workload", "on_refusal.backoff") => (
            format!("{at}.on_refusal"),
            format!("{{ retry = 1, backoff = {value} }}"),
        ),
        ("expect", "longer_than") => (
            at.to_owned(),
            format!("{{ never = \"stranded node\", longer_than = {value} }}"),
        ),
        (_, deep) if deep.contains('.') => {
            let (key, inner) = deep.split_once('.').expect("a dot");
            (format!("{at}.{key}"), format!("{{ {inner} = {value} }}"))
        }
        _ => (format!("{at}.{key}"), value.to_owned()),
    }
}

fn problems(table: &str, key: &str, value: &str) -> Vec<Problem> {
    let set = setting(table, key, value);
    let loaded = load(WHOLE, "whole.toml", Path::new(""), std::slice::from_ref(&set));
    let all = loaded.err().unwrap_or_default();
    all.into_iter().filter(|problem| problem.file == "--set").collect()
}

/// Values within a range at its ends, and values outside.
fn ends(range: KeyRange) -> (Vec<String>, Vec<String>) {
    let text = |n: &dyn std::fmt::Display| n.to_string();
    let time = |ms: u64| format!("\"{}d {}ms\"", ms / 86_400_000, ms % 86_400_000);
    match range {
        KeyRange::Whole(least, most) => {
            let beyond = most.checked_add(1).map(|n| text(&n));
            let outside = [
                Some(text(&(least - 1))),
                beyond,
                Some("1.5".to_owned()),
                Some("-9223372036854775808".to_owned()),
            ];
            (vec![text(&least), text(&most)], outside.into_iter().flatten().collect())
        }
        KeyRange::Number(least, most) if least == f64::MIN => (vec![format!("{most:e}")], vec!["\"x\"".to_owned()]),
        KeyRange::Number(least, most) => (
            vec![format!("{least:?}"), format!("{most:?}")],
            vec![
                format!("{:?}", least - 0.1),
                format!("{:?}", most + most * 1e-6),
                "1e308".to_owned(),
                "nan".to_owned(),
            ],
        ),
        KeyRange::Above(least, most) => {
            let beyond = if most.is_finite() {
                format!("{:?}", most * 1.001)
            } else {
                "inf".to_owned()
            };
            let top = if most.is_finite() { most } else { 1e9 };
            (
                vec![format!("{:?}", least + 0.001), format!("{top:?}")],
                vec![format!("{least:?}"), beyond, "-1.0".to_owned()],
            )
        }
        KeyRange::Share => (
            vec!["0.0".to_owned(), "1.0".to_owned()],
            vec!["-0.001".to_owned(), "1.001".to_owned(), "inf".to_owned()],
        ),
        KeyRange::Time(least, most) => {
            let mut outside = vec![time(most + 1), "\"-1s\"".to_owned(), "5".to_owned()];
            outside.extend((least > 0).then(|| time(least - 1)));
            (vec![time(least), time(most)], outside)
        }
        KeyRange::Law => (
            vec![
                "\"0s\"".to_owned(),
                "{ lognormal = { median = \"1h\", sigma = 10.0 } }".to_owned(),
                time(LONGEST_MS),
            ],
            vec![
                time(LONGEST_MS + 1),
                "\"-1s\"".to_owned(),
                "{ lognormal = { median = \"1h\", sigma = 10.1 } }".to_owned(),
                "{ weibull = { scale = \"1h\", shape = 0.01 } }".to_owned(),
                "{ pareto = { least = \"1h\", index = 1e-300 } }".to_owned(),
            ],
        ),
        KeyRange::Sizes(least, most) => {
            let mut outside = vec![
                (u32::from(most) + 1).to_string(),
                "-1".to_owned(),
                format!("[[{least}, 1e300]]"),
            ];
            outside.extend((least > 0).then(|| (least - 1).to_string()));
            (vec![least.to_string(), most.to_string()], outside)
        }
    }
}

#[test]
fn every_row_is_what_the_reader_takes_and_refuses() {
    let mut slips = Vec::new();
    for row in RANGES {
        let (inside, outside) = ends(row.range);
        for value in inside {
            // Two million nodes are read elsewhere; here they would take most of the time.
            if value == "2000000" {
                continue;
            }
            let told = problems(row.table, row.key, &value);
            // A value in its range may still not suit the others: more machines than there are, an end before a start.
            let of_range = |problem: &&Problem| {
                ["takes", "outside of", "is more than 100", "is 0"]
                    .iter()
                    .any(|word| problem.message.contains(word))
            };
            let asks = |problem: &Problem| problem.message.contains("machines are asked for");
            if let Some(problem) = told.iter().filter(of_range).find(|problem| !asks(problem)) {
                slips.push(format!("{}.{} refuses {value}: {problem}", row.table, row.key));
            }
        }
        for value in outside {
            if problems(row.table, row.key, &value).is_empty() {
                slips.push(format!("{}.{} takes {value}", row.table, row.key));
            }
        }
    }
    assert!(slips.is_empty(), "\n{}", slips.join("\n"));
}

/// Whether an example in TOML is a number, a time or a law of times.
fn is_number(example: &str) -> bool {
    let time = |text: &str| sickbay::scenario::values::duration(text.trim_matches('"')).is_ok();
    example.parse::<f64>().is_ok()
        || time(example)
        || ["exponential", "lognormal"].iter().any(|law| example.contains(law)) && example.starts_with('{')
}

fn missing(shape: &'static TableShape, out: &mut Vec<String>) {
    for key in shape.keys {
        let example = match key.preset {
            Preset::Must(example) | Preset::Is(example, _) => example,
            Preset::Absent => "",
        };
        let known = RANGES.iter().any(|row| row.table == shape.name && row.key == key.name);
        if is_number(example) && !known && key.opens.is_none() {
            out.push(format!("{}.{}", shape.name, key.name));
        }
        if let Some(below) = key.opens {
            missing(below, out);
        }
    }
}

#[test]
fn every_key_with_a_number_has_a_row() {
    let mut without = Vec::new();
    missing(&FILE, &mut without);
    assert!(
        without.is_empty(),
        "add rows to src/scenario/keys/ranges.rs for {}",
        without.join(", ")
    );
    for row in RANGES {
        let twice = RANGES
            .iter()
            .filter(|other| (other.table, other.key) == (row.table, row.key))
            .count();
        assert_eq!(twice, 1, "{}.{}", row.table, row.key);
    }
}

#[test]
fn the_manual_has_the_table() {
    let text = include_str!("../../MANUAL.md");
    assert!(text.contains(&manual()), "MANUAL.md should hold:\n{}", manual());
}

#[test]
fn levels_at_the_ends_give_finite_intervals() {
    for level in ["0.5", "0.999999"] {
        let scenario = load(
            WHOLE,
            "whole.toml",
            Path::new(""),
            &[("report.confidence".to_owned(), level.to_owned())],
        );
        let level = scenario.expect("it loads").reporting.confidence;
        let quantile = sickbay::stats::estimate::t_quantile(level, 1);
        assert!(quantile.is_finite() && quantile > 0.0, "{quantile}");
    }
}
