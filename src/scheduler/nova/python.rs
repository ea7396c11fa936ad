//! Values as Python has them, where Nova's answers hang on it: truth, text, whole numbers.

use serde_json::Value;

/// The key by which a value stands for an object that nothing is known of but its truth.
const OBJECT: &str = "<object>";

/// An object that compares with nothing, of this truth.
#[must_use]
pub fn object(truth: bool) -> Value {
    serde_json::json!({ OBJECT: truth })
}

/// Whether a value is such an object.
#[must_use]
pub fn is_object(value: &Value) -> bool {
    value.get(OBJECT).is_some()
}

/// Python's truth of a value.
#[must_use]
pub fn truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(truth) => *truth,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(list) => !list.is_empty(),
        Value::Object(map) => map.get(OBJECT).map_or(!map.is_empty(), |truth| *truth == true),
    }
}

/// `str(value)`.
#[must_use]
pub fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => repr(other),
    }
}

/// `repr(value)`.
fn repr(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) if text.contains('\'') && !text.contains('"') => format!("\"{text}\""),
        Value::String(text) => format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'")),
        Value::Array(list) => format!("[{}]", list.iter().map(repr).collect::<Vec<_>>().join(", ")),
        Value::Object(_) if is_object(value) => OBJECT.to_owned(),
        Value::Object(map) => {
            let pair = |(key, value): (&String, &Value)| format!("{}: {}", repr(&key.as_str().into()), repr(value));
            format!("{{{}}}", map.iter().map(pair).collect::<Vec<_>>().join(", "))
        }
    }
}

/// `int(text)`; none where Python raises ValueError, or where the number is beyond any amount.
#[must_use]
pub fn int(text: &str) -> Option<i64> {
    let bare = text.trim();
    let digits = bare.strip_prefix(['+', '-']).unwrap_or(bare);
    let lone = digits.starts_with('_') || digits.ends_with('_') || digits.contains("__");
    if lone || digits.is_empty() || !digits.bytes().all(|c| c.is_ascii_digit() || c == b'_') {
        return None;
    }
    bare.replace('_', "").parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_read_as_python_reads_them() {
        assert_eq!(
            text(&json!({"a": [1, null, true, "it's"]})),
            "{'a': [1, None, True, \"it's\"]}"
        );
        assert_eq!(text(&json!("plain")), "plain");
        assert!(!truthy(&object(false)) && truthy(&object(true)) && !truthy(&json!({})));
        let read = [" 1_0 ", "+3", "-2", "1.0", "_1", "1__0", ""].map(int);
        assert_eq!(read, [Some(10), Some(3), Some(-2), None, None, None, None]);
    }
}
