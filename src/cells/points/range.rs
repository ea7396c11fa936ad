//! Ranges of values as they are typed, `A..B` or `A..B:STEP`, in exact decimals: 0.1 to 0.5 in steps of 0.1 is five
//! values, and each is written as it would be typed.

use std::fmt;

/// More values than this in one range are a slip of the finger.
pub const MOST_VALUES: u64 = 100_000;
/// More digits than this do not fit exact arithmetic.
const MOST_DIGITS: usize = 15;

/// A range of numbers with a unit, `30s..120s:30s`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    /// The ends and the step in units of the last decimal.
    lo: i64,
    hi: i64,
    step: Option<i64>,
    decimals: u32,
    unit: String,
}

/// A number as typed: its digits as a whole number, how many of them are decimals, and what follows.
struct Typed<'a> {
    digits: i64,
    decimals: u32,
    unit: &'a str,
}

impl Range {
    /// Reads a range; none where the text is not meant as one.
    ///
    /// # Errors
    /// When it is meant as a range and is none: says what to write instead.
    pub fn parse(text: &str) -> Option<Result<Range, String>> {
        let (lo, rest) = text.split_once("..")?;
        let lo = typed(lo)?;
        let (hi, step) = match rest.split_once(':') {
            Some((hi, step)) => (hi, Some(step)),
            None => (rest, None),
        };
        Some(Range::of(text, &lo, hi, step))
    }

    fn of(text: &str, lo: &Typed<'_>, hi: &str, step: Option<&str>) -> Result<Range, String> {
        let wrong = |part: &str| format!("`{part}` in `{text}` is not a number");
        let hi = typed(hi).ok_or_else(|| wrong(hi))?;
        let step = step.map(|step| typed(step).ok_or_else(|| wrong(step))).transpose()?;
        let all = [Some(lo), Some(&hi), step.as_ref()];
        if all.iter().flatten().any(|one| one.unit != lo.unit) {
            return Err(format!("`{text}` mixes units: write both ends and the step in one"));
        }
        let decimals = all.iter().flatten().map(|one| one.decimals).max().unwrap_or(0);
        let scaled = |one: &Typed<'_>| {
            let factor = 10_i64.checked_pow(decimals - one.decimals);
            let value = factor.and_then(|factor| one.digits.checked_mul(factor));
            let value = value.filter(|value| value.unsigned_abs() < 10_u64.pow(MOST_DIGITS as u32));
            value.ok_or_else(|| format!("`{text}` has more digits than {MOST_DIGITS}"))
        };
        let range = Range {
            lo: scaled(lo)?,
            hi: scaled(&hi)?,
            step: step.as_ref().map(scaled).transpose()?,
            decimals,
            unit: lo.unit.to_owned(),
        };
        if range.lo >= range.hi {
            return Err(format!("`{text}` is empty: the first end must be the smaller one"));
        }
        if range.step.is_some_and(|step| step <= 0) {
            return Err(format!("`{text}` has a step that leads nowhere: it must be above 0"));
        }
        if range.step.is_some() && range.count() > MOST_VALUES {
            return Err(format!("`{text}` has more than {MOST_VALUES} values"));
        }
        Ok(range)
    }

    /// The same range with a step: its own, or 1 where both ends are whole numbers.
    ///
    /// # Errors
    /// When it has no step and its ends are not whole.
    pub fn stepped(mut self) -> Result<Range, String> {
        if self.step.is_none() && self.decimals == 0 {
            self.step = Some(1);
        }
        if self.step.is_none() {
            return Err(format!("`{self}` has no step: write `{self}:STEP`"));
        }
        if self.count() > MOST_VALUES {
            return Err(format!("`{self}` has more than {MOST_VALUES} values"));
        }
        Ok(self)
    }

    fn count(&self) -> u64 {
        let span = self.hi.abs_diff(self.lo);
        self.step.map_or(0, |step| span / step.unsigned_abs().max(1)) + 1
    }

    /// Its values from the lower end on, each as text; one step beyond the last would leave the range. Without a step
    /// the ends alone.
    #[must_use]
    pub fn values(&self) -> Vec<String> {
        match self.step {
            Some(step) => {
                let at = |k: u64| {
                    self.lo
                        .saturating_add(step.saturating_mul(i64::try_from(k).unwrap_or(i64::MAX)))
                };
                (0..self.count()).map(|k| self.text(at(k))).collect()
            }
            None => vec![self.text(self.lo), self.text(self.hi)],
        }
    }

    /// The value at a share from 0 to 1 of the range: on a step where there are steps, else to a thousandth of the
    /// range; a whole number where the range is written in whole numbers.
    #[must_use]
    pub fn at(&self, share: f64) -> String {
        let share = share.clamp(0.0, 1.0);
        if let Some(step) = self.step {
            let count = self.count();
            let index = ((share * count as f64) as u64).min(count - 1);
            return self.text(self.lo + step * i64::try_from(index).unwrap_or(0));
        }
        if self.decimals == 0 {
            let count = self.hi.abs_diff(self.lo) + 1;
            let index = ((share * count as f64) as u64).min(count - 1);
            return self.text(self.lo + i64::try_from(index).unwrap_or(0));
        }
        let finer = Range {
            lo: self.lo * 1_000,
            hi: self.hi * 1_000,
            decimals: self.decimals + 3,
            ..self.clone()
        };
        let index = share * finer.hi.abs_diff(finer.lo) as f64;
        finer.text(finer.lo + index as i64)
    }

    /// A value as it would be typed.
    fn text(&self, value: i64) -> String {
        let unit = &self.unit;
        if self.decimals == 0 {
            return format!("{value}{unit}");
        }
        let scale = 10_u64.pow(self.decimals);
        let (whole, part) = (value.unsigned_abs() / scale, value.unsigned_abs() % scale);
        let sign = if value < 0 { "-" } else { "" };
        let part = format!("{part:0width$}", width = self.decimals as usize);
        // Without steps the decimals say that the range is not one of whole numbers.
        let part = if self.step.is_some() || value != self.lo && value != self.hi {
            part.trim_end_matches('0')
        } else {
            &part
        };
        let point = if part.is_empty() { "" } else { "." };
        format!("{sign}{whole}{point}{part}{unit}")
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.text(self.lo), self.text(self.hi))?;
        match self.step {
            Some(step) => write!(f, ":{}", self.text(step)),
            None => Ok(()),
        }
    }
}

fn typed(text: &str) -> Option<Typed<'_>> {
    let text = text.trim();
    let (sign, bare) = match text.strip_prefix('-') {
        Some(bare) => (-1, bare),
        None => (1, text),
    };
    let end = bare
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(bare.len());
    let (number, unit) = bare.split_at(end);
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let digits = format!("{whole}{part}");
    let fine = !whole.is_empty()
        && digits.len() <= MOST_DIGITS
        && digits.bytes().all(|b| b.is_ascii_digit())
        && unit.chars().all(|c| c.is_ascii_alphabetic() || c == '%');
    let digits: i64 = digits.parse().ok().filter(|_| fine)?;
    Some(Typed {
        digits: sign * digits,
        decimals: u32::try_from(part.len()).ok()?,
        unit,
    })
}

/// The number of a value as typed and its unit, for axes of plots; none where it is no number.
#[must_use]
pub fn number(text: &str) -> Option<(f64, &str)> {
    let Typed { digits, decimals, unit } = typed(text)?;
    let scale = 10_i64.checked_pow(decimals)?;
    Some((digits as f64 / scale as f64, unit))
}

/// The seconds of a value that is a time as typed, `10m`; none where it is none.
#[must_use]
pub fn time(text: &str) -> Option<f64> {
    let (value, unit) = number(text)?;
    let seconds = match unit {
        "ms" => 0.001,
        "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        "d" => 86_400.0,
        "w" => 604_800.0,
        _ => return None,
    };
    Some(value * seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(text: &str) -> Range {
        Range::parse(text).expect("a range").expect("a good one")
    }

    #[test]
    fn steps_are_exact_and_written_as_typed() {
        assert_eq!(range("0.1..0.5:0.1").values(), ["0.1", "0.2", "0.3", "0.4", "0.5"]);
        assert_eq!(range("1..10:4").values(), ["1", "5", "9"]);
        assert_eq!(range("30s..32.5s:1s").values(), ["30s", "31s", "32s"]);
        assert_eq!(range("-1..1:0.5").values(), ["-1", "-0.5", "0", "0.5", "1"]);
        assert_eq!(range("3..5").stepped().expect("whole").values(), ["3", "4", "5"]);
        for text in ["0.25..1:0.25", "0.0..1.0", "0..1", "5m..60m:5m"] {
            assert_eq!(range(text).to_string(), text);
        }
    }

    #[test]
    fn what_is_no_range_is_told_apart_from_a_wrong_one() {
        for list in ["1,2", "a..b", "\"x..y\"", "instant", "..", "../data/a.csv"] {
            assert_eq!(Range::parse(list), None, "{list}");
        }
        for (wrong, says) in [
            ("5..1", "empty"),
            ("1..5:0", "leads nowhere"),
            ("1s..5m", "units"),
            ("1..x", "not a number"),
            ("0..1000000:1", "more than"),
        ] {
            let told = Range::parse(wrong).expect("meant as a range").expect_err("wrong");
            assert!(told.contains(says), "{wrong}: {told}");
        }
        assert!(range("0.5..1").stepped().is_err());
    }

    #[test]
    fn shares_of_a_range_are_whole_on_a_step_or_fine() {
        assert_eq!(
            (range("2..4").at(0.0), range("2..4").at(0.99)),
            ("2".to_owned(), "4".to_owned())
        );
        assert_eq!(range("0..1:0.25").at(0.5), "0.5");
        assert_eq!(range("0.0..1.0").at(0.5), "0.5");
        assert_eq!(range("0.0..1.0").at(0.12345), "0.1234");
    }

    #[test]
    fn numbers_of_axes_keep_their_unit() {
        assert_eq!(number("2.5h"), Some((2.5, "h")));
        assert_eq!(number("-3"), Some((-3.0, "")));
        assert_eq!(number("instant"), None);
        assert_eq!((time("1.5h"), time("3"), time("2kg")), (Some(5400.0), None, None));
    }
}
