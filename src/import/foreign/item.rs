//! The fields of one thing out of a document, under any of the names that versions of a client give them.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::moment;
use crate::kernel::text::quoted;

/// An object of a document.
#[derive(Clone, Copy)]
pub(crate) struct Item<'v> {
    map: &'v Map<String, Value>,
}

impl<'v> Item<'v> {
    /// The value as an object.
    pub(crate) fn of(value: &'v Value) -> Option<Item<'v>> {
        value.as_object().map(|map| Item { map })
    }

    /// Whether there is a field of one of these names, whatever its value.
    pub(crate) fn has(self, names: &[&str]) -> bool {
        names.iter().any(|name| self.map.contains_key(*name))
    }

    /// The first of these fields that has a value.
    pub(crate) fn get(self, names: &[&str]) -> Option<&'v Value> {
        let values = names.iter().filter_map(|name| self.map.get(*name));
        values.into_iter().find(|value| !is_empty(value))
    }

    /// Text, or a number as text.
    pub(crate) fn text(self, names: &[&str]) -> Option<Cow<'v, str>> {
        match self.get(names)? {
            Value::String(text) => Some(Cow::Borrowed(text.trim())),
            Value::Number(number) => Some(Cow::Owned(number.to_string())),
            Value::Bool(yes) => Some(Cow::Borrowed(if *yes { "True" } else { "False" })),
            _ => None,
        }
    }

    /// Yes or no; text counts as clients print it.
    pub(crate) fn flag(self, names: &[&str]) -> Result<bool, String> {
        let Some(value) = self.get(names) else { return Ok(false) };
        let text = self.text(names).unwrap_or_else(|| Cow::Owned(value.to_string()));
        match value {
            Value::Bool(yes) => Ok(*yes),
            _ if text.eq_ignore_ascii_case("true") || text == "1" => Ok(true),
            _ if text.eq_ignore_ascii_case("false") || text == "0" => Ok(false),
            _ => Err(format!("{} is neither yes nor no", quoted(&text))),
        }
    }

    /// A time in UTC unless it says otherwise; none where the field has no value.
    pub(crate) fn time(self, names: &[&str]) -> Result<Option<i64>, String> {
        let Some(text) = self.text(names) else { return Ok(None) };
        let read = moment::utc(&text);
        read.map(Some).ok_or_else(|| format!("{} is no time", quoted(&text)))
    }

    /// A number; text counts as one.
    pub(crate) fn number(self, names: &[&str]) -> Option<f64> {
        match self.get(names)? {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.trim().parse().ok().filter(|number: &f64| number.is_finite()),
            _ => None,
        }
    }

    /// An object within.
    pub(crate) fn within(self, names: &[&str]) -> Option<Item<'v>> {
        self.get(names).and_then(Item::of)
    }

    /// The texts of a list within; of a text, its words and what commas part.
    pub(crate) fn words(self, names: &[&str]) -> Vec<&'v str> {
        match self.get(names) {
            Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
            Some(Value::String(text)) => {
                let parts = text.split(|c: char| c == ',' || c.is_whitespace());
                parts.filter(|part| !part.is_empty()).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// Null, and what clients print for it.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => matches!(text.trim(), "" | "None" | "null"),
        _ => false,
    }
}
