//! One varied key: `KEY=V1,V2,…` or `KEY=A..B:STEP`.

use super::range::{MOST_VALUES, Range};
use crate::scenario::full_key;

/// A varied key and its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Axis {
    /// The scenario's key, in full.
    pub key: String,
    /// Its values.
    pub values: AxisValues,
}

/// The values of a varied key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AxisValues {
    /// One by one, as `--set` takes them.
    List(Vec<String>),
    /// A range.
    Range(Range),
}

impl Axis {
    /// Reads what was given to `--vary`.
    ///
    /// # Errors
    /// When it is not `KEY=VALUES`, or the values are none: says what to write instead.
    pub fn parse(text: &str) -> Result<Axis, String> {
        let (key, values) = text
            .split_once('=')
            .map(|(key, values)| (key.trim(), values.trim()))
            .filter(|(key, _)| !key.is_empty())
            .ok_or_else(|| "give KEY=V1,V2,… or KEY=A..B:STEP, such as fleet.scale=0.25..1:0.25".to_owned())?;
        let key = full_key(key);
        if let Some(range) = Range::parse(values) {
            let values = AxisValues::Range(range.map_err(|why| format!("`{key}`: {why}"))?);
            return Ok(Axis { key, values });
        }
        let list = split(values);
        if list.iter().any(String::is_empty) {
            return Err(format!("`{key}` has an empty value; write it as \"\" if that is meant"));
        }
        if list.len() as u64 > MOST_VALUES {
            return Err(format!("`{key}` has more than {MOST_VALUES} values"));
        }
        if let Some(twice) = list.iter().enumerate().find(|(at, value)| list[..*at].contains(value)) {
            return Err(format!("`{key}` has the value `{}` twice", twice.1));
        }
        Ok(Axis {
            key,
            values: AxisValues::List(list),
        })
    }

    /// All its values, where a range steps.
    ///
    /// # Errors
    /// When a range has no step and its ends are not whole numbers.
    pub fn all(&self) -> Result<Vec<String>, String> {
        match &self.values {
            AxisValues::List(list) => Ok(list.clone()),
            AxisValues::Range(range) => {
                let stepped = range.clone().stepped();
                Ok(stepped.map_err(|why| format!("`{}`: {why}", self.key))?.values())
            }
        }
    }

    /// The value at a share from 0 to 1 of the axis.
    #[must_use]
    pub fn at(&self, share: f64) -> String {
        match &self.values {
            AxisValues::Range(range) => range.at(share),
            AxisValues::List(list) => {
                let index = (share.clamp(0.0, 1.0) * list.len() as f64) as usize;
                list.get(index.min(list.len() - 1)).cloned().unwrap_or_default()
            }
        }
    }
}

impl std::fmt::Display for Axis {
    /// In one form, however it was typed.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.values {
            AxisValues::List(list) => write!(f, "{}={}", self.key, list.join(",")),
            AxisValues::Range(range) => write!(f, "{}={range}", self.key),
        }
    }
}

/// Splits at the commas outside of lists, tables and quotes.
fn split(text: &str) -> Vec<String> {
    let (mut parts, mut depth, mut quote) = (vec![String::new()], 0_i32, None);
    for c in text.chars() {
        match (quote, c) {
            (Some(q), _) if q == c => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '[' | '{') => depth += 1,
            (None, ']' | '}') => depth -= 1,
            (None, ',') if depth <= 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(part) = parts.last_mut() {
            part.push(c);
        }
    }
    parts.iter().map(|part| part.trim().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_split_outside_of_brackets_and_quotes() {
        let axis =
            Axis::parse("workload.0.flavor.0.hold={ uniform = [\"1h\", \"2h\"] }, \"3,5h\" ,4h").expect("an axis");
        let all = axis.all().expect("a list");
        assert_eq!(all, ["{ uniform = [\"1h\", \"2h\"] }", "\"3,5h\"", "4h"]);
        assert_eq!(Axis::parse(&axis.to_string()), Ok(axis));
    }

    #[test]
    fn keys_are_full_and_mistakes_are_named() {
        assert_eq!(Axis::parse("horizon=1d,2d").expect("an axis").key, "scenario.horizon");
        for wrong in ["fleet.scale", "=1", "a.b=1,,2", "a.b=", "a.b=1,1", "a.b=2..1"] {
            assert!(Axis::parse(wrong).is_err(), "{wrong}");
        }
        assert!(Axis::parse("a.b=0.1..0.9").expect("an axis").all().is_err());
    }
}
