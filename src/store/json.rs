//! JSON as it is written: keys in our order, numbers in our form (serde_json would write
//! exponents).

/// A value to write.
#[derive(Clone, Debug)]
pub(crate) enum Json {
    /// A number, already in its form.
    Number(String),
    Text(String),
    /// Yes or no.
    Flag(bool),
    List(Vec<Json>),
    /// Keys and values, in this order.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// An object of these keys.
    pub(crate) fn object<'a>(pairs: impl IntoIterator<Item = (&'a str, Json)>) -> Json {
        Json::Object(pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    }

    /// The document, indented by two.
    pub(crate) fn document(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, 0);
        out.push('\n');
        out
    }

    fn write(&self, out: &mut String, depth: usize) {
        match self {
            // What is no number has no place in JSON: a reader that needs it says that it is missing.
            Json::Number(text) if text.bytes().any(|b| b.is_ascii_alphabetic()) => out.push_str("null"),
            Json::Number(text) => out.push_str(text),
            Json::Text(text) => out.push_str(&quoted(text)),
            Json::Flag(flag) => out.push_str(if *flag { "true" } else { "false" }),
            Json::List(items) => {
                let items = items.iter().map(|item| (String::new(), item));
                enclosed(out, depth, ('[', ']'), items);
            }
            Json::Object(pairs)
                if pairs.iter().all(|(_, v)| matches!(v, Json::Number(_) | Json::Text(_))) && depth > 1 =>
            {
                // A metric's few numbers stay on one line.
                let body: Vec<String> = pairs
                    .iter()
                    .map(|(key, value)| format!("{}: {}", quoted(key), value.inline()))
                    .collect();
                out.push_str(&format!("{{{}}}", body.join(", ")));
            }
            Json::Object(pairs) => {
                let pairs = pairs.iter().map(|(key, value)| (format!("{}: ", quoted(key)), value));
                enclosed(out, depth, ('{', '}'), pairs);
            }
        }
    }

    fn inline(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, 0);
        out
    }
}

fn enclosed<'a>(
    out: &mut String,
    depth: usize,
    (open, close): (char, char),
    items: impl Iterator<Item = (String, &'a Json)>,
) {
    out.push(open);
    let mut any = false;
    for (key, value) in items {
        out.push_str(if any { ",\n" } else { "\n" });
        out.push_str(&"  ".repeat(depth + 1));
        out.push_str(&key);
        value.write(out, depth + 1);
        any = true;
    }
    if any {
        out.push('\n');
        out.push_str(&"  ".repeat(depth));
    }
    out.push(close);
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use crate::kernel::number::fixed;
    use crate::store::json::*;

    #[test]
    fn whatever_the_figures_are_it_is_json() {
        let figures = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300, -1e-300, 0.5];
        let items: Vec<Json> = figures.map(|figure| Json::Number(fixed(figure))).into();
        let text = Json::object([("a\u{1}\u{202e}\"", Json::List(items))]).document();
        let read: serde_json::Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        let list = read
            .as_object()
            .and_then(|object| object.values().next())
            .and_then(|list| list.as_array());
        let nulls = list.expect("a list").iter().filter(|item| item.is_null()).count();
        assert_eq!(nulls, 3, "{text}");
    }
}
