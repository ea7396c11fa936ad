//! JsonFilter (`scheduler/filters/json_filter.py:31-150`): the `query` hint. Anyone may give it;
//! it can only narrow; where the filter is not enabled, which is the default, the hint is silently
//! ignored. It sees what Placement's limit has left.
//!
//! `$name` is an attribute of the host, `$stats.key` a capability; a variable that is missing is
//! dropped from the arguments, and with fewer than two a comparison is false. `not` yields a
//! list, which is true when it is not empty: a nested `not` is always true.

use serde_json::Value;

use super::Filter;
use crate::scheduler::nova::FilterSettings;
use crate::scheduler::nova::python::{is_object, object, truthy};
use crate::scheduler::nova::terms::{Attribute, FilterAnswer, Host, No, RequestSpec};

/// The list's line.
pub const ENTRY: Filter = Filter {
    name: "JsonFilter",
    summary: "the `query` hint; without this filter the hint is silently ignored",
    run,
    // It raises by the types of what it compares, and those are the same whatever the name.
    may_raise: |host, request, settings| matches!(run(host, request, settings), Err(No::Raised(_))),
    once: false,
};

fn run(host: &Host, request: &RequestSpec, _: &FilterSettings) -> FilterAnswer {
    let query = match request.hinted("query") {
        [] => return Ok(()),
        [query] if query.is_empty() => return Ok(()),
        [query] => query,
        // Nova hands on a list of several, which is no text.
        _ => return Err(No::Raised("TypeError")),
    };
    let parsed: Value = match serde_json::from_str(query) {
        Ok(parsed) => parsed,
        // Python reads these as numbers, and cannot index them.
        Err(_) if ["NaN", "Infinity", "-Infinity"].contains(&query.trim()) => return Err(No::Raised("TypeError")),
        Err(_) => return Err(No::Raised("JSONDecodeError")),
    };
    let answer = process(&parsed, host).map_err(No::Raised)?;
    let passes = match &answer {
        Value::Array(list) => list.iter().any(truthy),
        other => truthy(other),
    };
    if passes {
        Ok(())
    } else {
        Err(No::because(format!("the hint asks for {query}")))
    }
}

fn process(query: &Value, host: &Host) -> Result<Value, &'static str> {
    if !truthy(query) {
        return Ok(Value::Bool(true));
    }
    let letters;
    let list = match query {
        Value::Array(list) => list,
        // Python takes the first letter of a text for the command and the others for its arguments.
        Value::String(text) => {
            letters = text.chars().map(|c| Value::from(c.to_string())).collect();
            &letters
        }
        Value::Object(_) => return Err("KeyError"),
        // It cannot index a number.
        _ => return Err("TypeError"),
    };
    let Some((Value::String(command), terms)) = list.split_first() else {
        return Err(if matches!(list[0], Value::Array(_) | Value::Object(_)) {
            "TypeError"
        } else {
            "KeyError"
        });
    };
    let known = ["=", "<", ">", "in", "<=", ">=", "not", "or", "and"];
    if !known.contains(&command.as_str()) {
        return Err("KeyError");
    }
    let mut args = Vec::with_capacity(terms.len());
    for term in terms {
        let arg = match term {
            Value::Array(_) => Some(process(term, host)?),
            Value::String(text) => variable(text, host)?,
            Value::Null => None,
            other => Some(other.clone()),
        };
        args.extend(arg);
    }
    Ok(match command.as_str() {
        "not" => Value::Array(args.iter().map(|arg| Value::Bool(!truthy(arg))).collect()),
        "or" => Value::Bool(args.iter().any(truthy)),
        "and" => Value::Bool(args.iter().all(truthy)),
        comparison => Value::Bool(compare(comparison, &args)?),
    })
}

/// A text, or what a variable stands for; none where it is missing.
fn variable(text: &str, host: &Host) -> Result<Option<Value>, &'static str> {
    if text.is_empty() {
        return Ok(None);
    }
    let Some(path) = text.strip_prefix('$') else {
        return Ok(Some(Value::from(text)));
    };
    let mut steps = path.split('.');
    let Some(found) = host.attribute(steps.next().unwrap_or("")) else {
        return Ok(None);
    };
    let mut at = match found {
        Attribute::Nothing => return Ok(None),
        Attribute::Text(text) => Value::from(text),
        Attribute::Number(number) => Value::from(number),
        Attribute::Stats(stats) => serde_json::to_value(stats).map_err(|_| "TypeError")?,
        Attribute::Value(value) | Attribute::Record(value) => value,
        Attribute::Object(truth) => object(truth),
    };
    for step in steps {
        if is_object(&at) {
            return Err("AttributeError");
        }
        match at.as_object_mut().ok_or("AttributeError")?.remove(step) {
            None | Some(Value::Null) => return Ok(None),
            Some(value) => at = value,
        }
    }
    Ok(Some(at))
}

fn compare(operator: &str, args: &[Value]) -> Result<bool, &'static str> {
    let Some((first, rest)) = args.split_first().filter(|(_, rest)| !rest.is_empty()) else {
        return Ok(false);
    };
    if operator == "in" {
        return Ok(rest.iter().any(|other| equal(first, other)));
    }
    let mut all = true;
    for other in rest {
        all &= match operator {
            "=" => equal(first, other),
            "<" => less(first, other)?,
            ">" => less(other, first)?,
            "<=" => less(first, other)? || equal(first, other),
            _ => less(other, first)? || equal(first, other),
        };
    }
    Ok(all)
}

fn as_number(value: &Value) -> Option<f64> {
    match value {
        Value::Bool(truth) => Some(f64::from(u8::from(*truth))),
        other => other.as_f64(),
    }
}

fn equal(a: &Value, b: &Value) -> bool {
    match (as_number(a), as_number(b)) {
        (Some(a), Some(b)) => a == b,
        _ => a == b,
    }
}

fn less(a: &Value, b: &Value) -> Result<bool, &'static str> {
    match (a, b) {
        (Value::String(a), Value::String(b)) => Ok(a < b),
        (Value::Array(a), Value::Array(b)) => match a.iter().zip(b).find(|(a, b)| !equal(a, b)) {
            Some((a, b)) => less(a, b),
            None => Ok(a.len() < b.len()),
        },
        _ => match (as_number(a), as_number(b)) {
            (Some(a), Some(b)) => Ok(a < b),
            _ => Err("TypeError"),
        },
    }
}
