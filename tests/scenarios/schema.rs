//! The schema and the reference of scenario files: they come from the table of keys, and the shipped scenarios keep to them.

use std::fs;
use std::path::Path;

use serde_json::Value;
use sickbay::cells::columns::column;
use sickbay::scenario::keys::FILE;
use sickbay::scenario::reference::{MOVES, entries, find, markdown};
use sickbay::scenario::{EMBEDDED, forms};

use super::shipped;

/// What is wrong with a value by the part of JSON Schema draft-07 that our schema uses; another keyword is an error itself.
fn wrong(value: &Value, schema: &Value, root: &Value, at: &str) -> Vec<String> {
    let Some(rules) = schema.as_object() else {
        return vec![format!("{at}: the schema is no object")];
    };
    let mut errors = Vec::new();
    for (keyword, rule) in rules {
        let holds = match keyword.as_str() {
            "$schema" | "title" | "description" | "default" | "definitions" => true,
            "$ref" => {
                let name = rule
                    .as_str()
                    .and_then(|link| link.strip_prefix("#/definitions/"))
                    .expect("a link");
                let target = root["definitions"]
                    .get(name)
                    .unwrap_or_else(|| panic!("{name} is not defined"));
                errors.extend(wrong(value, target, root, at));
                true
            }
            "allOf" => {
                for each in rule.as_array().expect("a list") {
                    errors.extend(wrong(value, each, root, at));
                }
                true
            }
            "anyOf" => {
                let forms = rule.as_array().expect("a list");
                forms.iter().any(|form| wrong(value, form, root, at).is_empty())
            }
            "enum" => rule.as_array().expect("a list").contains(value),
            "type" => match rule.as_str().expect("a type") {
                "object" => value.is_object(),
                "array" => value.is_array(),
                "string" => value.is_string(),
                "boolean" => value.is_boolean(),
                "integer" => value.is_i64() || value.is_u64(),
                "number" => value.is_number(),
                other => panic!("no type `{other}` is used"),
            },
            "minimum" => value.as_f64().is_none_or(|n| n >= rule.as_f64().expect("a number")),
            "maximum" => value.as_f64().is_none_or(|n| n <= rule.as_f64().expect("a number")),
            "exclusiveMinimum" => value.as_f64().is_none_or(|n| n > rule.as_f64().expect("a number")),
            "minProperties" => value
                .as_object()
                .is_none_or(|map| map.len() as u64 >= rule.as_u64().expect("a number")),
            "maxProperties" => value
                .as_object()
                .is_none_or(|map| map.len() as u64 <= rule.as_u64().expect("a number")),
            "required" => value.as_object().is_none_or(|map| {
                rule.as_array()
                    .expect("a list")
                    .iter()
                    .all(|name| map.contains_key(name.as_str().expect("a name")))
            }),
            "items" => {
                for (number, item) in value.as_array().into_iter().flatten().enumerate() {
                    errors.extend(wrong(item, rule, root, &format!("{at}.{number}")));
                }
                true
            }
            "properties" => {
                for (name, item) in value.as_object().into_iter().flatten() {
                    if let Some(rule) = rule.get(name) {
                        errors.extend(wrong(item, rule, root, &format!("{at}.{name}")));
                    }
                }
                true
            }
            "additionalProperties" => {
                let known = rules.get("properties").and_then(Value::as_object);
                let others = value.as_object().into_iter().flatten();
                let others: Vec<_> = others
                    .filter(|(name, _)| known.is_none_or(|known| !known.contains_key(*name)))
                    .collect();
                if rule != &Value::Bool(false) {
                    for (name, item) in &others {
                        errors.extend(wrong(item, rule, root, &format!("{at}.{name}")));
                    }
                }
                others.is_empty() || rule != &Value::Bool(false)
            }
            other => panic!("no keyword `{other}` is used"),
        };
        if !holds {
            errors.push(format!("{at}: {value} does not keep to {keyword} {rule}"));
        }
    }
    errors
}

/// A text of TOML as JSON; dates become texts.
fn json(text: &str) -> Value {
    fn of(value: toml::Value) -> Value {
        match value {
            toml::Value::Table(table) => {
                Value::Object(table.into_iter().map(|(key, value)| (key, of(value))).collect())
            }
            toml::Value::Array(items) => Value::Array(items.into_iter().map(of).collect()),
            toml::Value::Datetime(at) => Value::String(at.to_string()),
            other => serde_json::to_value(other).expect("JSON"),
        }
    }
    of(toml::Value::Table(toml::from_str(text).expect("TOML")))
}

#[test]
fn every_shipped_scenario_keeps_to_the_schema() {
    let schema = forms::file_schema(&FILE);
    for file in shipped() {
        let text = fs::read_to_string(&file).expect("read");
        let errors = wrong(&json(&text), &schema, &schema, "");
        assert!(errors.is_empty(), "{}: {errors:#?}", file.display());
    }
}

#[test]
fn what_is_wrong_does_not_keep_to_it() {
    let schema = forms::file_schema(&FILE);
    let good = "[scenario]\nname = \"a\"\nhorizon = \"1d\"\n[fleet]\nscale = 1.0\n";
    assert_eq!(wrong(&json(good), &schema, &schema, ""), [""; 0]);
    for bad in [
        "[fleet]\nscale = 1.0\n",
        "[scenario]\nname = \"a\"\nhorizon = 3\n[fleet]\n",
        "[scenario]\nname = \"a\"\nhorizon = \"1d\"\nsed = 3\n[fleet]\n",
        "[scenario]\nname = \"a\"\nhorizon = \"1d\"\n[fleet]\nscale = 0\n",
        "[scenario]\nname = \"a\"\nhorizon = \"1d\"\n[fleet]\n[operators]\nslip = 1.5\n",
        "[scenario]\nname = \"a\"\nhorizon = \"1d\"\n[fleet]\n[control_plane]\npick = \"first\"\n",
        "[scenario]\nname = \"a\"\nhorizon = \"1d\"\n[fleet]\n[ironic]\ndeploy = { normal = \"1h\" }\n",
    ] {
        assert!(!wrong(&json(bad), &schema, &schema, "").is_empty(), "{bad}");
    }
}

#[test]
fn every_key_has_a_form_and_an_example_that_keeps_to_it() {
    let schema = forms::file_schema(&FILE);
    let all = entries();
    assert!(all.len() > 150, "{}", all.len());
    for entry in &all {
        assert!(!entry.takes().is_empty(), "{} takes nothing", entry.path);
        let example = entry.example();
        let Some((_, table)) = schema["definitions"]
            .as_object()
            .and_then(|all| all.iter().find(|(name, _)| **name == entry.table()))
        else {
            continue;
        };
        let name = entry.path.rsplit('.').next().expect("a name");
        if !example.is_empty() {
            let value = json(&example);
            let errors = wrong(&value[name], &table["properties"][name], &schema, &entry.path);
            assert!(errors.is_empty(), "{example}: {errors:#?}");
        }
    }
}

#[test]
fn the_reference_is_what_the_program_prints() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("REFERENCE.md");
    let held = fs::read_to_string(file).expect("REFERENCE.md is there");
    assert!(
        held == markdown(),
        "REFERENCE.md is old: cargo run -- help reference > REFERENCE.md"
    );
}

#[test]
fn metrics_that_keys_move_are_metrics_of_tables_that_are_there() {
    let tables: Vec<String> = entries().iter().map(|entry| entry.table().to_owned()).collect();
    for (table, metrics) in MOVES {
        assert!(tables.iter().any(|known| known == table), "{table}");
        assert!(
            metrics.iter().all(|name| column(name).is_some()),
            "{table}: {metrics:?}"
        );
    }
}

#[test]
fn keys_are_found_by_path_by_end_and_with_the_numbers_of_settings() {
    let paths = |asked: &str| find(asked).into_iter().map(|entry| entry.path).collect::<Vec<_>>();
    assert_eq!(paths("fleet.group.0.nodes"), ["fleet.group.nodes"]);
    assert_eq!(paths("budget.share"), ["maintenance.campaign.budget.share"]);
    assert!(paths("confidence").len() > 2);
    assert!(paths("nonsense").is_empty());
}

#[test]
fn all_shipped_scenarios_but_the_trace_are_in_the_program() {
    let mut names: Vec<String> = EMBEDDED.iter().map(|(name, _)| (*name).to_owned()).collect();
    names.push("chameleon-tacc".to_owned());
    names.sort();
    let shipped: Vec<String> = shipped()
        .iter()
        .map(|file| file.file_stem().expect("a name").to_string_lossy().into_owned())
        .collect();
    let mut shipped = shipped;
    shipped.sort();
    assert_eq!(names, shipped);
}
