//! What each key takes, as a JSON Schema and in words: of the table of ranges where it has numbers, times and laws, of its
//! default where that says it, and of the list here where a key takes several forms.

use serde_json::{Map, Value, json};

use super::keys::ranges::{KeyRange, RANGES, range};
use super::keys::{Key, Preset, TableShape};
use super::tree;
use super::values::LAWS;

/// Tables of which a file may have several, `[[…]]`.
const LISTS: [&str; 13] = [
    "workload",
    "expect",
    "assume",
    "fleet.aggregate",
    "fleet.group",
    "workload.flavor",
    "workload.request",
    "maintenance.faults",
    "maintenance.faults.kind",
    "maintenance.campaign",
    "maintenance.spell",
    "crew",
    "control_plane.tenant_quota",
];

/// Days of the week.
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// Whether a file may have several of a table.
#[must_use]
pub fn is_list(table: &TableShape) -> bool {
    LISTS.contains(&table.name)
}

/// The schema of a key's value; tables are named by `$ref`.
#[must_use]
pub fn schema(table: &TableShape, key: &Key) -> Value {
    let own = several(table.name, key).unwrap_or_else(|| single(table, key));
    match key.opens {
        None => own,
        Some(opened) => {
            let link = json!({ "$ref": format!("#/definitions/{}", opened.name) });
            let tables = if is_list(opened) {
                json!({ "type": "array", "items": link, "description": format!("tables `[[{}]]`", opened.name) })
            } else {
                link
            };
            match own {
                Value::Null => tables,
                other => any([tables, other]),
            }
        }
    }
}

/// The forms of a key that takes one kind of value; nothing where a table says it.
fn single(table: &TableShape, key: &Key) -> Value {
    if let Some(range) = range(table.name, key.name) {
        return of_range(range);
    }
    if key.opens.is_some() {
        return Value::Null;
    }
    let text = match key.preset {
        Preset::Must(text) | Preset::Is(text, _) => text,
        Preset::Absent => return text_of("a text"),
    };
    match tree::parse_value(text, 0, 0).map(|item| item.value) {
        Ok(tree::Value::Flag(_)) => json!({ "type": "boolean", "description": "true or false" }),
        Ok(tree::Value::List(_)) => texts("a list of names"),
        Ok(tree::Value::Table(_)) => table_of(text_of("a text"), "a table of texts"),
        _ => text_of("a text"),
    }
}

/// The forms of a key that takes several, or words.
fn several(table: &str, key: &Key) -> Option<Value> {
    let ranged = || range(table, key.name).map_or(Value::Null, of_range);
    let or = |words: &[&str]| Some(any([ranged(), of_words(words)]));
    let words = |words: &[&str]| Some(of_words(words));
    match (table, key.name) {
        ("scenario", "epoch") => Some(text_of("an instant such as \"2024-01-01T00:00:00Z\"")),
        ("scenario", "horizon")
        | ("fleet.group", "retired_at" | "from" | "until")
        | ("workload.request", "at" | "start")
        | ("maintenance.campaign", "start")
        | ("maintenance.spell", "start" | "end") => {
            Some(any([ranged(), text_of("an instant such as \"2024-01-01T00:00:00Z\"")]))
        }
        ("scenario", "strategies") => {
            let named = json!({ "type": "object", "required": ["name"], "description": "a table with `name`, perhaps `label`, and the \
                strategy's parameters (`sickbay strategies`)", "properties": { "name": { "type": "string" }, "label": { "type": "string" } } });
            Some(list(
                any([text_of("a strategy's name"), named]),
                "a list of names or tables",
            ))
        }
        ("fleet.aggregate", "metadata") | ("fleet.group", "capabilities") | (_, "extra_specs" | "image_properties") => {
            Some(table_of(text_of("a text"), "a table of texts"))
        }
        ("control_plane", "class_quota") | ("control_plane.tenant_quota", "classes") => Some(table_of(
            json!({ "type": "integer", "minimum": 0 }),
            "a table of whole numbers by class",
        )),
        ("workload", "kind") => words(&["people", "monitoring", "operator"]),
        ("workload", "line") => words(&["open", "strict"]),
        ("workload", "multi") => words(&["nova", "blazar"]),
        ("workload", "on_refusal") => {
            let backoff = json!({ "type": "object", "additionalProperties": false, "properties": { "retry": { "type": "integer" },
                "backoff": { "type": "string" } }, "description": "{ retry = 3, backoff = \"10m\" }" });
            let wait = json!({ "type": "object", "additionalProperties": false, "required": ["wait"], "properties": { "wait": { "type": "string" } },
                "description": "{ wait = \"6h\" }" });
            Some(any([of_words(&["give-up"]), backoff, wait]))
        }
        ("workload", "hours_of_week") => Some(list(ranged(), "a list of 168 numbers")),
        ("workload.trend", "rates") => Some(list(ranged(), "a list of numbers")),
        ("workload", "tenants") => {
            let share = json!({ "type": "object", "required": ["name"], "additionalProperties": false,
                "properties": { "name": { "type": "string" }, "share": { "type": "number" } }, "description": "{ name, share }" });
            Some(any([
                ranged(),
                list(
                    any([text_of("a name"), share]),
                    "a list of names, or of { name, share }",
                ),
            ]))
        }
        ("workload.request.group", "policy") => {
            words(&["affinity", "anti-affinity", "soft-affinity", "soft-anti-affinity"])
        }
        ("maintenance", "spells") => words(&["as-recorded", "as-work"]),
        ("maintenance" | "maintenance.faults" | "maintenance.campaign", "drain") => {
            let deadline = json!({ "type": "object", "additionalProperties": false, "required": ["deadline"],
                "properties": { "deadline": { "type": "string" } }, "description": "{ deadline = \"48h\" }" });
            Some(any([of_words(&["at-once", "tenant-leaves"]), deadline]))
        }
        ("maintenance.faults", "age") => words(&["stationary", "new"]),
        ("maintenance.campaign", "every") => or(&["once"]),
        ("maintenance.campaign", "window") | ("operators" | "crew", "shift") => Some(list(
            text_of("an hour of the day"),
            "two hours of the day, such as [\"22:00\", \"06:00\"]",
        )),
        ("maintenance.campaign" | "crew", "days") => Some(list(
            of_words(&DAYS),
            "a list of days: mon, tue, wed, thu, fri, sat, sun",
        )),
        ("maintenance.campaign", "finish") => words(&["begun", "inside"]),
        ("budget", "scope") => words(&["fleet", "rack", "class"]),
        ("budget", "counts") => words(&["all", "campaign"]),
        ("scenario", "replications") => or(&["until-decided"]),
        ("operators", "technicians") => or(&["enough"]),
        ("operators", "audit") => or(&["never"]),
        ("crew", "racks" | "skills") => Some(texts("a list of names")),
        ("control_plane", "loop") => words(&["instant"]),
        ("control_plane", "cap" | "quota") | ("control_plane.tenant_quota", "machines") => or(&["none"]),
        ("control_plane", "cap_order") => words(&["random", "lowest"]),
        ("control_plane", "pick") => words(&["random", "lowest", "least-recent"]),
        ("control_plane", "tenant_aggregates") => words(&["off", "limit", "required"]),
        ("ironic", "power_detection") => or(&["drawn"]),
        ("ironic", "holds") => words(&["boolean", "typed"]),
        ("report", "warm_up") => or(&["mser-5", "none"]),
        ("report", "log_replications") => Some(json!({
            "type": "array",
            "items": { "type": "integer", "minimum": 0 },
            "description": "a list of at most 100 whole numbers, counted from 0",
        })),
        ("report", "log_requests") => Some(json!({ "type": "boolean", "description": "true or false" })),
        ("precision", "half_width") | ("best", "indifference") => Some(any([
            ranged(),
            text_of("points of a share (\"0.2pp\") or a share of the mean (\"5%\")"),
        ])),
        ("costs", "matters") => Some(any([ranged(), text_of("a part of the baseline's cost (\"1%\")")])),
        ("precision", "of") => words(&["mean", "difference"]),
        ("expect", "relation") => words(&[">=", "<=", ">", "<", "==", "!="]),
        ("expect", "of") => words(&["every", "mean"]),
        ("assume", "low" | "high") => Some(any([
            json!({ "type": "number", "description": "a number" }),
            text_of("a time with its unit, such as \"10m\""),
        ])),
        ("workload", "hold_from") => words(&["active", "start"]),
        _ => None,
    }
}

/// The schema of a range.
fn of_range(range: KeyRange) -> Value {
    let told = match range {
        KeyRange::Number(least, _) if least == f64::MIN => "a number".to_owned(),
        range => range.to_string(),
    };
    let number = |kind: &str, least: Value, most: Value| json!({ "type": kind, "minimum": least, "maximum": most, "description": told });
    match range {
        KeyRange::Whole(least, most) => number("integer", json!(least), json!(most)),
        KeyRange::Number(least, _) if least == f64::MIN => json!({ "type": "number", "description": told }),
        KeyRange::Number(least, most) => number("number", json!(least), json!(most)),
        KeyRange::Above(least, most) if most.is_finite() => {
            json!({ "type": "number", "exclusiveMinimum": least, "maximum": most, "description": told })
        }
        KeyRange::Above(least, _) => json!({ "type": "number", "exclusiveMinimum": least, "description": told }),
        KeyRange::Share => number("number", json!(0.0), json!(1.0)),
        KeyRange::Time(..) => text_of(&format!("{told}, such as \"90s\", \"36h\" or \"45d\"")),
        KeyRange::Law => json!({ "$ref": "#/definitions/law", "description": told }),
        KeyRange::Sizes(least, most) => {
            let pair = list(json!({ "type": "number" }), "[count, weight]");
            let whole = number("integer", json!(least), json!(most));
            any([whole, list(pair, "a list of [count, weight]")])
        }
    }
}

/// A law of time: a length, or a table with one law.
fn law() -> Value {
    let laws = LAWS
        .iter()
        .map(|name| ((*name).to_owned(), json!({})))
        .collect::<Map<String, Value>>();
    let table = json!({ "type": "object", "additionalProperties": false, "minProperties": 1, "maxProperties": 1, "properties": laws });
    any([text_of("a time such as \"2h\""), table])
}

/// The schema of a whole file, JSON Schema draft-07.
#[must_use]
pub fn file_schema(file: &'static TableShape) -> Value {
    let mut definitions = Map::new();
    define(file, &mut definitions);
    definitions.insert("law".to_owned(), law());
    let root = definitions.remove(file.name).unwrap_or_default();
    let mut schema = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A scenario of sickbay",
    });
    if let (Some(schema), Value::Object(root)) = (schema.as_object_mut(), root) {
        schema.extend(root);
        schema.insert("definitions".to_owned(), Value::Object(definitions));
    }
    schema
}

fn define(table: &'static TableShape, definitions: &mut Map<String, Value>) {
    if definitions.contains_key(table.name) {
        return;
    }
    definitions.insert(table.name.to_owned(), Value::Null);
    let properties: Map<String, Value> = table
        .keys
        .iter()
        .map(|key| {
            // In draft-07 nothing counts beside a `$ref`, so that what is said of it stands around it.
            let mut own = match schema(table, key) {
                Value::Object(map) if map.contains_key("$ref") => json!({ "allOf": [Value::Object(map)] }),
                other => other,
            };
            if let Some(own) = own.as_object_mut() {
                own.insert("description".to_owned(), json!(key.doc));
                if let Preset::Is(text, _) = key.preset
                    && let Ok(item) = tree::parse_value(text, 0, 0)
                    && let Some(default) = plain(&item.value)
                {
                    own.insert("default".to_owned(), default);
                }
            }
            (key.name.to_owned(), own)
        })
        .collect();
    let required: Vec<&str> = table
        .keys
        .iter()
        // A fleet may be a file or groups, and tables that must be there are told by the reader.
        .filter(|key| matches!(key.preset, Preset::Must(_)))
        .map(|key| key.name)
        .collect();
    let own =
        json!({ "type": "object", "additionalProperties": false, "required": required, "properties": properties });
    definitions.insert(table.name.to_owned(), own);
    table
        .keys
        .iter()
        .filter_map(|key| key.opens)
        .for_each(|opened| define(opened, definitions));
}

/// A default as JSON, if it is a plain value.
fn plain(value: &tree::Value) -> Option<Value> {
    match value {
        tree::Value::Text(text) => Some(json!(text)),
        tree::Value::Flag(yes) => Some(json!(yes)),
        tree::Value::Whole(number) => Some(json!(number)),
        tree::Value::Number(number) => Some(json!(number)),
        _ => None,
    }
}

/// What a schema takes, in words.
#[must_use]
pub fn told(schema: &Value) -> String {
    if let Some(forms) = schema.get("anyOf").and_then(Value::as_array) {
        let forms: Vec<String> = forms.iter().map(told).filter(|form| !form.is_empty()).collect();
        return forms.join(", or ");
    }
    if let Some(link) = schema
        .get("$ref")
        .and_then(Value::as_str)
        .filter(|link| !link.ends_with("/law"))
    {
        return format!("the table `[{}]`", link.trim_start_matches("#/definitions/"));
    }
    schema
        .get("description")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

/// How many ranges stand in the table, each of which belongs to a key: for a test that none is forgotten.
#[must_use]
pub fn ranges() -> usize {
    RANGES.len()
}

fn text_of(told: &str) -> Value {
    json!({ "type": "string", "description": told })
}

fn of_words(words: &[&str]) -> Value {
    let list: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
    json!({ "enum": words, "description": list.join(" or ") })
}

fn texts(told: &str) -> Value {
    list(json!({ "type": "string" }), told)
}

fn list(items: Value, told: &str) -> Value {
    json!({ "type": "array", "items": items, "description": told })
}

fn table_of(values: Value, told: &str) -> Value {
    json!({ "type": "object", "additionalProperties": values, "description": told })
}

fn any<const N: usize>(forms: [Value; N]) -> Value {
    let forms: Vec<Value> = forms.into_iter().filter(|form| !form.is_null()).collect();
    json!({ "anyOf": forms })
}
