//! JSON as it is written: keys in our order, numbers in our form (serde_json would write exponents).

use serde::Serialize;
use serde_json::Value;

use crate::kernel::number::fixed;

/// The document, indented by two. A figure that is no number becomes null: a reader that needs it says that it is missing.
///
/// # Panics
/// Where a map of the content has keys that are no text.
#[must_use]
pub(crate) fn document(content: &impl Serialize) -> String {
    let value = serde_json::to_value(content).expect("keys are texts");
    let mut out = String::new();
    write(&value, &mut out, 0);
    out.push('\n');
    out
}

fn write(value: &Value, out: &mut String, depth: usize) {
    match value {
        Value::Number(number) => match number.as_f64() {
            Some(figure) if number.is_f64() => out.push_str(&fixed(figure)),
            _ => out.push_str(&number.to_string()),
        },
        Value::Array(items) => {
            let items = items.iter().map(|item| (String::new(), item));
            enclosed(out, depth, ('[', ']'), items);
        }
        Value::Object(pairs) if depth > 1 && pairs.values().all(|value| value.is_number() || value.is_string()) => {
            // A metric's few numbers stay on one line.
            let mut before = '{';
            for (key, value) in pairs {
                out.push(before);
                out.push_str(if before == ',' { " " } else { "" });
                out.push_str(&format!("{}: ", quoted(key)));
                write(value, out, depth);
                before = ',';
            }
            out.push_str(if pairs.is_empty() { "{}" } else { "}" });
        }
        Value::Object(pairs) => {
            let pairs = pairs.iter().map(|(key, value)| (format!("{}: ", quoted(key)), value));
            enclosed(out, depth, ('{', '}'), pairs);
        }
        other => out.push_str(&other.to_string()),
    }
}

fn enclosed<'a>(
    out: &mut String,
    depth: usize,
    (open, close): (char, char),
    items: impl Iterator<Item = (String, &'a Value)>,
) {
    out.push(open);
    let mut any = false;
    for (key, value) in items {
        out.push_str(if any { ",\n" } else { "\n" });
        out.push_str(&"  ".repeat(depth + 1));
        out.push_str(&key);
        write(value, out, depth + 1);
        any = true;
    }
    if any {
        out.push('\n');
        out.push_str(&"  ".repeat(depth));
    }
    out.push(close);
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn whatever_the_figures_are_it_is_json() {
        let figures = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300, -1e-300, 0.5];
        let text = document(&json!({ "a\u{1}\u{202e}\"": figures }));
        let read: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        let list = read.as_object().and_then(|object| object.values().next());
        let list = list.and_then(Value::as_array).expect("a list");
        assert_eq!(list.iter().filter(|item| item.is_null()).count(), 3, "{text}");
    }

    #[test]
    fn the_few_figures_of_a_metric_stand_on_one_line_and_have_no_exponent() {
        let figures = json!({ "mean": 2e21, "lo": -1e-9, "n": 40, "unit": "h" });
        let text = document(&json!({ "a": { "b": { "x": figures, "y": {} }, "c": [] } }));
        let line = r#""x": {"mean": 2000000000000000000000, "lo": 0, "n": 40, "unit": "h"},"#;
        assert!(text.contains(&format!("\n      {line}\n")), "{text}");
        assert!(
            text.contains("\n      \"y\": {}\n") && text.contains("\n    \"c\": []\n"),
            "{text}"
        );
    }
}
