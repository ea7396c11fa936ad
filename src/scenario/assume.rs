//! What a scenario takes for granted without data: the plausible ranges of such values, in `[[assume]]`, and the defaults in
//! force that have no source. `sickbay robust` goes over the ranges; no run depends on them.

use std::fmt;

use super::diagnose::Problem;
use super::tree::Value;
use super::values::duration;
use crate::kernel::Span;

/// A range whose ends are further apart than this factor is gone over by the logarithm.
const WIDE: f64 = 10.0;

/// The plausible range of a value that no data supports.
#[derive(Clone, Debug)]
pub struct Plausible {
    /// The key, in full.
    pub key: String,
    /// The scenario's own value, in TOML.
    pub own: String,
    /// The range.
    pub range: PlausibleRange,
    /// Where the range comes from.
    pub source: String,
    /// Where it stands: a problem without its message.
    pub place: Problem,
}

/// A range of numbers or of times.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PlausibleRange {
    /// Whole numbers.
    Whole(i64, i64),
    /// Numbers.
    Number(f64, f64),
    /// Times.
    Time(Span, Span),
}

impl PlausibleRange {
    /// The range between two values as they are typed.
    ///
    /// # Errors
    /// When they are no two numbers or times of which the first is the smaller: says what is wrong.
    pub fn of(low: &Value, high: &Value) -> Result<PlausibleRange, String> {
        let range = match (low, high) {
            (Value::Whole(low), Value::Whole(high)) => PlausibleRange::Whole(*low, *high),
            (Value::Text(low), Value::Text(high)) => PlausibleRange::Time(duration(low)?, duration(high)?),
            _ => match (low.number(), high.number()) {
                (Some(low), Some(high)) => PlausibleRange::Number(low, high),
                _ => {
                    let (low, high) = (low.inline(), high.inline());
                    return Err(format!("{low} to {high} is no range of numbers or of times"));
                }
            },
        };
        let (low, high) = range.ends();
        if low < high {
            Ok(range)
        } else {
            Err(format!("{range} is empty: the lower end must be the smaller one"))
        }
    }

    /// Reads `LOW..HIGH`, as it is typed on a command line.
    ///
    /// # Errors
    /// As [`PlausibleRange::of`], and when it is no `LOW..HIGH`.
    pub fn parse(text: &str) -> Result<PlausibleRange, String> {
        let (low, high) = text
            .split_once("..")
            .ok_or_else(|| format!("`{text}` is no range: write LOW..HIGH, such as 0.003..0.05 or 10m..8h"))?;
        let value = |text: &str| {
            let text = text.trim();
            let whole = text.parse().map(Value::Whole);
            let number = || text.parse().ok().filter(|n: &f64| n.is_finite()).map(Value::Number);
            whole
                .ok()
                .or_else(number)
                .unwrap_or_else(|| Value::Text(text.to_owned()))
        };
        PlausibleRange::of(&value(low), &value(high))
    }

    /// Both ends as numbers; times in milliseconds.
    fn ends(self) -> (f64, f64) {
        match self {
            PlausibleRange::Whole(low, high) => (low as f64, high as f64),
            PlausibleRange::Number(low, high) => (low, high),
            PlausibleRange::Time(low, high) => (low.0 as f64, high.0 as f64),
        }
    }

    /// Whether equal parts of the range are equal factors.
    #[must_use]
    pub fn by_logarithm(self) -> bool {
        let (low, high) = self.ends();
        low > 0.0 && high > WIDE * low
    }

    /// The value at a part of the range from 0 to 1, in TOML: whole numbers and milliseconds are rounded, other numbers have
    /// six digits.
    #[must_use]
    pub fn at(self, part: f64) -> String {
        let (low, high) = self.ends();
        let part = part.clamp(0.0, 1.0);
        let value = if self.by_logarithm() {
            low * libm::pow(high / low, part)
        } else {
            low + (high - low) * part
        };
        self.text(value.clamp(low, high))
    }

    fn text(self, value: f64) -> String {
        match self {
            PlausibleRange::Whole(..) => (value.round() as i64).to_string(),
            PlausibleRange::Number(..) => {
                let short: f64 = format!("{value:.5e}").parse().unwrap_or(value);
                Value::Number(short).inline()
            }
            PlausibleRange::Time(..) => format!("\"{}\"", Span(value.round() as u64)),
        }
    }

    /// The lower and the upper end, in words.
    #[must_use]
    pub fn words(self) -> (String, String) {
        let (low, high) = self.ends();
        let word = |value| self.text(value).trim_matches('"').to_owned();
        (word(low), word(high))
    }

    /// The value at a part of the range in words, to about three digits.
    #[must_use]
    pub fn rounded(self, part: f64) -> String {
        let text = self.at(part);
        let three = |value: f64| -> f64 { format!("{value:.2e}").parse().unwrap_or(value) };
        match (self, duration(text.trim_matches('"'))) {
            (PlausibleRange::Time(..), Ok(span)) => {
                let ms = span.0 as f64;
                let (unit, name) = [
                    (86_400_000.0, "d"),
                    (3_600_000.0, "h"),
                    (60_000.0, "min"),
                    (1000.0, "s"),
                ]
                .into_iter()
                .find(|(unit, _)| ms >= 3.0 * unit)
                .unwrap_or((1.0, "ms"));
                format!("{} {name}", three(ms / unit))
            }
            (PlausibleRange::Number(..), _) => three(text.parse().unwrap_or(0.0)).to_string(),
            _ => text,
        }
    }

    /// Where a value in TOML lies in the range, as a part of it: below 0 or above 1 outside; none where it is no number or
    /// time of this range's kind, as a law or a list.
    #[must_use]
    pub fn part(self, value: &str) -> Option<f64> {
        let value = match self {
            PlausibleRange::Time(..) => duration(value.trim_matches('"')).ok()?.0 as f64,
            _ => value.parse().ok()?,
        };
        let (low, high) = self.ends();
        if !self.by_logarithm() {
            return Some((value - low) / (high - low));
        }
        if value > 0.0 {
            Some(libm::log(value / low) / libm::log(high / low))
        } else {
            Some(f64::NEG_INFINITY)
        }
    }
}

impl fmt::Display for PlausibleRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (low, high) = self.words();
        write!(f, "{low} to {high}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(text: &str) -> PlausibleRange {
        PlausibleRange::parse(text).unwrap_or_else(|why| panic!("{why}"))
    }

    #[test]
    fn a_wide_range_is_gone_over_by_the_logarithm_and_a_narrow_one_is_not() {
        assert_eq!(range("0.001..0.1").at(0.5), "0.01");
        assert_eq!(range("1m..16m").at(0.5), "\"4m\"");
        assert_eq!(range("1m..10m").at(0.5), "\"5m 30s\"");
        assert_eq!(range("0..100").at(0.25), "25");
        assert_eq!(range("1..3").at(0.5), "2");
        assert_eq!(range("0.5..2").at(1.0), "2.0");
    }

    #[test]
    fn a_value_lies_at_its_part_of_the_range() {
        for (text, value, part) in [
            ("10m..8h", "\"8h\"", 1.0),
            ("0.001..0.1", "0.01", 0.5),
            ("2..4", "5", 1.5),
        ] {
            let found = range(text).part(value).unwrap_or_else(|| panic!("{text}"));
            assert!((found - part).abs() < 1e-9, "{text}: {found}");
        }
        assert_eq!(range("10m..8h").part("{ exponential = \"2h\" }"), None);
        assert_eq!(range("0.001..0.1").part("0"), Some(f64::NEG_INFINITY));
    }

    #[test]
    fn values_are_told_to_three_digits() {
        assert_eq!(range("1m..8h").rounded(1.0), "8 h");
        assert_eq!(range("1..2").rounded(0.0), "1");
        assert_eq!(range("0.12345..1.5").rounded(0.0), "0.123");
        assert_eq!(range("1m..2m 17s").rounded(1.0), "137 s");
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for wrong in ["1", "2..1", "1..1", "1..8h", "x..y", "8h..10m", "nan..1", "1..inf"] {
            assert!(PlausibleRange::parse(wrong).is_err(), "{wrong}");
        }
    }
}
