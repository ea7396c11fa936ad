//! Python's literals, as the OpenStack clients print nested values in CSV.

use serde_json::{Map, Number, Value};

/// So deep may lists and dictionaries be nested.
const DEEP: usize = 32;

/// The value of a cell: a literal if it reads as one, `True` and `False`, else text.
pub(crate) fn value(cell: &str) -> Value {
    match cell {
        "True" | "true" => return Value::Bool(true),
        "False" | "false" => return Value::Bool(false),
        "" | "None" => return Value::Null,
        _ => {}
    }
    if cell.starts_with(['{', '[']) {
        let mut reader = Reader { rest: cell };
        if let Some(value) = reader.value(DEEP)
            && reader.blank().rest.is_empty()
        {
            return value;
        }
    }
    Value::String(cell.to_owned())
}

struct Reader<'t> {
    rest: &'t str,
}

impl Reader<'_> {
    fn blank(&mut self) -> &mut Self {
        self.rest = self.rest.trim_start();
        self
    }

    fn take(&mut self, word: &str) -> bool {
        match self.blank().rest.strip_prefix(word) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn value(&mut self, deep: usize) -> Option<Value> {
        let deep = deep.checked_sub(1)?;
        for (word, value) in [
            ("None", Value::Null),
            ("null", Value::Null),
            ("True", Value::Bool(true)),
            ("true", Value::Bool(true)),
            ("False", Value::Bool(false)),
            ("false", Value::Bool(false)),
        ] {
            if self.take(word) {
                return Some(value);
            }
        }
        match self.blank().rest.chars().next()? {
            '{' => self.dictionary(deep),
            '[' => self.list(deep, "[", "]"),
            '(' => self.list(deep, "(", ")"),
            '\'' | '"' => self.text().map(Value::String),
            _ => self.number(),
        }
    }

    fn dictionary(&mut self, deep: usize) -> Option<Value> {
        let mut map = Map::new();
        self.take("{");
        while !self.take("}") {
            let key = match self.value(deep)? {
                Value::String(key) => key,
                other => other.to_string(),
            };
            if !self.take(":") {
                return None;
            }
            map.insert(key, self.value(deep)?);
            if !self.take(",") {
                return self.take("}").then_some(Value::Object(map));
            }
        }
        Some(Value::Object(map))
    }

    fn list(&mut self, deep: usize, open: &str, close: &str) -> Option<Value> {
        let mut items = Vec::new();
        self.take(open);
        while !self.take(close) {
            items.push(self.value(deep)?);
            if !self.take(",") {
                return self.take(close).then_some(Value::Array(items));
            }
        }
        Some(Value::Array(items))
    }

    fn text(&mut self) -> Option<String> {
        let mut letters = self.rest.char_indices();
        let (_, mark) = letters.next()?;
        let mut text = String::new();
        while let Some((at, letter)) = letters.next() {
            if letter == mark {
                self.rest = &self.rest[at + letter.len_utf8()..];
                return Some(text);
            }
            if letter != '\\' {
                text.push(letter);
                continue;
            }
            let (_, escaped) = letters.next()?;
            let digits = match escaped {
                'x' => 2,
                'u' => 4,
                'U' => 8,
                _ => 0,
            };
            if digits > 0 {
                let number: String = (0..digits)
                    .map_while(|_| letters.next())
                    .map(|(_, digit)| digit)
                    .collect();
                text.push(char::from_u32(u32::from_str_radix(&number, 16).ok()?)?);
                continue;
            }
            text.push(match escaped {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                other => other,
            });
        }
        None
    }

    fn number(&mut self) -> Option<Value> {
        let end = self
            .rest
            .find(|c: char| !c.is_ascii_alphanumeric() && !"+-._".contains(c));
        let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        let number: Number = serde_json::from_str(word).ok()?;
        self.rest = rest;
        Some(Value::Number(number))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn literals_of_clients_are_read() {
        for (cell, want) in [
            ("{'rack': 'r1', 'u': 1}", json!({"rack": "r1", "u": 1})),
            ("['CUSTOM_A', 'CUSTOM_B']", json!(["CUSTOM_A", "CUSTOM_B"])),
            (
                "{'a': None, 'b': [True, (1.5, -2)], }",
                json!({"a": null, "b": [true, [1.5, -2]]}),
            ),
            (r#"{"it's": 'a\'b\\\n\x41\u00e4'}"#, json!({"it's": "a'b\\\nAä"})),
            ("[]", json!([])),
            ("True", json!(true)),
            ("", json!(null)),
            ("[not closed", json!("[not closed")),
            ("{1", json!("{1")),
            ("plain", json!("plain")),
        ] {
            assert_eq!(value(cell), want, "{cell}");
        }
        let deep = "[".repeat(100_000);
        assert_eq!(value(&deep), Value::String(deep.clone()));
    }
}
