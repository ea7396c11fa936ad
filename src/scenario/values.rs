//! Values with a grammar of their own: lengths of time, instants, hours of the day, laws, sizes.

use super::diagnose::{Ledger, fix_word, nearest};
use super::keys::ranges::{INDEX, LONGEST_MS, SHAPE, SIGMA};
use super::tree::{Branch, Item, Value};
use crate::kernel::samplers::{QuantileTable, TableError};
use crate::kernel::time::{DAY_MS, HOUR_MS};
use crate::kernel::{Law, Span};
use crate::workload::Sizes;

const UNITS: &str = "write a time as text with its unit, such as \"90s\", \"36h\", \"45d\" or \"2w\"";
/// The laws of time, by name.
pub const LAWS: [&str; 6] = ["exponential", "weibull", "lognormal", "pareto", "uniform", "quantiles"];

/// The units of a length of time that a fraction may have, and their milliseconds.
const FRACTIONS: [(&[&str], u128); 6] = [
    (&["w", "wk", "wks", "week", "weeks"], 7 * DAY_MS as u128),
    (&["d", "day", "days"], DAY_MS as u128),
    (&["h", "hr", "hrs", "hour", "hours"], HOUR_MS as u128),
    (&["m", "min", "mins", "minute", "minutes"], 60_000),
    (&["s", "sec", "secs", "second", "seconds"], 1_000),
    (
        &["ms", "msec", "msecs", "milli", "millis", "millisecond", "milliseconds"],
        1,
    ),
];

/// Takes the fraction off the last number of a length of time, whatever its unit: the length without it, and
/// its milliseconds; none where there is none.
fn last_fraction(text: &str) -> Option<Result<(String, u64), String>> {
    let unit_at = text.trim_end_matches(|c: char| c.is_ascii_alphabetic()).len();
    let unit = text[unit_at..].to_ascii_lowercase();
    let (before, part) = text[..unit_at].trim_end().rsplit_once('.')?;
    let &(_, ms) = FRACTIONS.iter().find(|(names, _)| names.contains(&unit.as_str()))?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(part) || before.contains('.') || !before.ends_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let Some(part_of) = part.parse::<u64>().ok().filter(|_| part.len() <= 18) else {
        return Some(Err(format!("`{text}` has too many digits")));
    };
    let (share, of) = (u128::from(part_of) * ms, 10_u128.pow(part.len() as u32));
    if !share.is_multiple_of(of) {
        return Some(Err(format!("`{text}` is finer than a millisecond")));
    }
    Some(Ok((format!("{before}{}", &text[unit_at..]), (share / of) as u64)))
}

/// A length of time from its text: weeks (7 days), days (24 hours) and smaller units; the last of them may
/// have a fraction, which comes out in whole milliseconds.
///
/// # Errors
/// When the text is no length of time, has a comma, months or years, is negative, or finer than a millisecond.
pub fn duration(text: &str) -> Result<Span, String> {
    let text = text.trim();
    if text.contains(',') {
        return Err(format!(
            "`{text}` has a comma, which could mean thousands or a fraction"
        ));
    }
    let Some(fraction) = last_fraction(text) else {
        return whole(text);
    };
    let (before, ms) = fraction?;
    // What is wrong is said of the text as it was typed.
    let before = whole(&before).map_err(|message| message.replacen(&before, text, 1))?;
    Ok(before + Span(ms))
}

/// A length of time without a fraction.
fn whole(text: &str) -> Result<Span, String> {
    if text.parse::<f64>().is_ok() {
        return Err(format!("`{text}` has no unit"));
    }
    let span: jiff::Span = text.parse().map_err(|_| format!("`{text}` is not a length of time"))?;
    if span.get_years() != 0 || span.get_months() != 0 {
        return Err(format!("`{text}` has months or years, which are not all of one length"));
    }
    if span.is_negative() {
        return Err(format!("`{text}` is negative"));
    }
    let hours = i128::from(span.get_weeks()) * 168 + i128::from(span.get_days()) * 24 + i128::from(span.get_hours());
    let seconds = hours * 3600 + i128::from(span.get_minutes()) * 60 + i128::from(span.get_seconds());
    let micros = i128::from(span.get_microseconds()) * 1000 + i128::from(span.get_nanoseconds());
    if micros % 1_000_000 != 0 {
        return Err(format!("`{text}` is finer than a millisecond"));
    }
    let ms = seconds * 1000 + i128::from(span.get_milliseconds()) + micros / 1_000_000;
    match u64::try_from(ms) {
        Ok(ms) if ms <= LONGEST_MS => Ok(Span(ms)),
        _ => Err(format!("`{text}` is too long")),
    }
}

/// A length of time.
pub fn span(ledger: &Ledger, key: &str, item: &Item) -> Option<Span> {
    let problem = match &item.value {
        Value::Text(text) => match duration(text) {
            Ok(span) => return Some(span),
            Err(message) => format!("`{key}`: {message}"),
        },
        Value::Whole(_) | Value::Number(_) => format!("`{key}`: a bare number has no unit"),
        other => format!("`{key}` takes a length of time, not {}", other.kind()),
    };
    let fix = match &item.value {
        Value::Whole(n) => format!("{UNITS}; here perhaps \"{n}s\" or \"{n}h\""),
        _ if problem.contains("comma") => {
            "write thousands without a mark and fractions with a point: \"36000s\", \"1.5h\"".to_owned()
        }
        _ if problem.contains("months") => "count in days or weeks: \"30d\", \"365d\"".to_owned(),
        _ => UNITS.to_owned(),
    };
    ledger.wrong(&item.place, problem, fix);
    None
}

/// A length of time above zero.
fn positive(ledger: &Ledger, key: &str, item: &Item) -> Option<Span> {
    let span = span(ledger, key, item)?;
    if span == Span::ZERO {
        ledger.wrong(&item.place, format!("`{key}` is 0"), "give a time above 0");
        return None;
    }
    Some(span)
}

/// An instant, as the time since the epoch: a length of time, or an RFC 3339 instant.
pub fn instant(ledger: &Ledger, key: &str, item: &Item, epoch: jiff::Timestamp) -> Option<Span> {
    let (Value::Text(text) | Value::Moment(text)) = &item.value else {
        return span(ledger, key, item);
    };
    let Ok(at) = text.parse::<jiff::Timestamp>() else {
        if text.len() > 4 && text.as_bytes()[4] == b'-' {
            let fix = "write date, time and offset, such as \"2020-03-15T00:00:00Z\"";
            ledger.wrong(
                &item.place,
                format!("`{key}`: `{text}` is not an RFC 3339 instant"),
                fix,
            );
            return None;
        }
        return span(ledger, key, item);
    };
    let Ok(ms) = u64::try_from(at.as_millisecond() - epoch.as_millisecond()) else {
        let message = format!("`{key}`: {text} is before the epoch, {epoch}");
        ledger.wrong(&item.place, message, "give a later instant, or move `scenario.epoch`");
        return None;
    };
    Some(Span(ms))
}

/// The same, where a date stands for its midnight by the clocks of a time zone, and what is before the epoch for the epoch.
pub fn date(
    ledger: &Ledger,
    key: &str,
    item: &Item,
    epoch: jiff::Timestamp,
    zone: &jiff::tz::TimeZone,
) -> Option<Span> {
    let (Value::Text(text) | Value::Moment(text)) = &item.value else {
        return span(ledger, key, item);
    };
    let midnight = || text.parse::<jiff::civil::Date>().ok()?.to_zoned(zone.clone()).ok();
    let at = match text.parse::<jiff::Timestamp>() {
        Ok(at) => at,
        // What has a time of day is no date alone.
        Err(_) => match midnight().filter(|_| text.len() == 10) {
            Some(midnight) => midnight.timestamp(),
            None => return instant(ledger, key, item, epoch),
        },
    };
    let since = at.as_millisecond() - epoch.as_millisecond();
    Some(Span(u64::try_from(since).unwrap_or(0)))
}

/// The epoch.
pub fn epoch(ledger: &Ledger, key: &str, item: &Item) -> Option<jiff::Timestamp> {
    if let Value::Text(text) | Value::Moment(text) = &item.value
        && let Ok(at) = text.parse::<jiff::Timestamp>()
        && at.as_millisecond().rem_euclid(1000) == 0
    {
        return Some(at);
    }
    let fix = "write date, time and offset in whole seconds, such as \"2020-03-15T00:00:00Z\"";
    ledger.wrong(&item.place, format!("`{key}` is not an RFC 3339 instant"), fix);
    None
}

/// Two hours of the day, `["22:00", "06:00"]`, as time after midnight.
pub fn hours(ledger: &Ledger, key: &str, item: &Item) -> Option<(Span, Span)> {
    let fix = "write two hours of the day, such as [\"08:00\", \"18:00\"]";
    let Value::List(items) = &item.value else {
        ledger.wrong(
            &item.place,
            format!("`{key}` takes a list of two hours, not {}", item.value.kind()),
            fix,
        );
        return None;
    };
    let [from, to] = &items[..] else {
        ledger.wrong(
            &item.place,
            format!("`{key}` takes two hours, not {}", items.len()),
            fix,
        );
        return None;
    };
    let read = |item: &Item| {
        let found = match &item.value {
            Value::Text(text) | Value::Moment(text) => hour(text),
            _ => None,
        };
        if found.is_none() {
            ledger.wrong(
                &item.place,
                format!("`{key}`: {} is not an hour of the day", item.value.inline()),
                fix,
            );
        }
        found
    };
    let (from, to) = (read(from), read(to));
    let (from, to) = (from?, to?);
    if from == to || from.0 >= DAY_MS {
        ledger.wrong(
            &item.place,
            format!("`{key}` begins and ends at the same hour"),
            "leave the key out for the whole day",
        );
        return None;
    }
    Some((from, to))
}

/// An hour of the day, `22:00`, as time after midnight.
pub(super) fn hour(text: &str) -> Option<Span> {
    let mut parts = text.split(':');
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit()) && part.len() == 2;
    let (h, m, s) = (parts.next()?, parts.next()?, parts.next().unwrap_or("00"));
    if parts.next().is_some() || ![h, m, s].into_iter().all(digits) {
        return None;
    }
    let (h, m, s): (u64, u64, u64) = (h.parse().ok()?, m.parse().ok()?, s.parse().ok()?);
    let seconds = h * 3600 + m * 60 + s;
    (m < 60 && s < 60 && seconds <= 86_400).then(|| Span::secs(seconds))
}

/// A law of time: a length, or a table with one law.
pub fn law(ledger: &Ledger, key: &str, item: &Item) -> Option<Law> {
    let Value::Table(branch) = &item.value else {
        return span(ledger, key, item).map(Law::Fixed);
    };
    for (name, (place, _)) in branch {
        if !LAWS.contains(&name.as_str()) {
            ledger.wrong(
                place,
                format!("`{key}`: `{name}` is no law of time"),
                fix_word(name, LAWS),
            );
            return None;
        }
    }
    let mut entries = branch.iter();
    let (Some((name, (_, body))), None) = (entries.next(), entries.next()) else {
        let message = format!("`{key}` takes one law, not {}", branch.len());
        ledger.wrong(&item.place, message, format!("keep one of {}", LAWS.join(", ")));
        return None;
    };
    let key = format!("{key}.{name}");
    match name.as_str() {
        "exponential" => positive(ledger, &key, body).map(Law::Exponential),
        "uniform" => uniform(ledger, &key, body),
        "quantiles" => quantiles(ledger, &key, body),
        "weibull" => {
            pair(ledger, &key, body, "scale", ("shape", SHAPE)).map(|(scale, shape)| Law::Weibull { scale, shape })
        }
        "lognormal" => {
            pair(ledger, &key, body, "median", ("sigma", SIGMA)).map(|(median, sigma)| Law::Lognormal { median, sigma })
        }
        _ => pair(ledger, &key, body, "least", ("index", INDEX)).map(|(least, index)| Law::Pareto { least, index }),
    }
}

/// The two parameters of a law: a time above 0 and a number within bounds.
fn pair(
    ledger: &Ledger,
    key: &str,
    item: &Item,
    time: &str,
    (number, (least, most)): (&str, (f64, f64)),
) -> Option<(Span, f64)> {
    let fix = format!("write `{{ {time} = \"2h\", {number} = 1.5 }}`");
    let Value::Table(branch) = &item.value else {
        ledger.wrong(
            &item.place,
            format!("`{key}` takes a table, not {}", item.value.kind()),
            fix,
        );
        return None;
    };
    let mut meant: Vec<(&str, &Item)> = Vec::new();
    for (name, (place, item)) in branch {
        if name != time && name != number {
            ledger.wrong(
                place,
                format!("unknown key `{key}.{name}`"),
                fix_word(name, [time, number]),
            );
            // It is read as the one that it is taken for, or as the one that is not there.
            let absent = [time, number].into_iter().find(|known| !branch.contains_key(*known));
            meant.extend(nearest(name, [time, number]).or(absent).map(|known| (known, item)));
        }
    }
    let lacks = |branch: &Branch, name: &str| {
        let misspelt = || {
            meant
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, item)| (*item).clone())
        };
        let found = branch.get(name).map(|(_, item)| item.clone()).or_else(misspelt);
        if found.is_none() {
            ledger.wrong(&item.place, format!("`{key}` lacks `{name}`"), fix.clone());
        }
        found
    };
    let (a, b) = (lacks(branch, time), lacks(branch, number));
    let (a, b) = (a?, b?);
    let first = positive(ledger, &format!("{key}.{time}"), &a);
    let second = b.value.number().filter(|n| (least..=most).contains(n));
    if second.is_none() {
        let message = format!("`{key}.{number}` takes a number from {least} to {most}");
        ledger.wrong(&b.place, message, fix);
    }
    Some((first?, second?))
}

fn uniform(ledger: &Ledger, key: &str, item: &Item) -> Option<Law> {
    let fix = "write [\"1h\", \"2h\"]: the least and the most";
    let Value::List(items) = &item.value else {
        ledger.wrong(&item.place, format!("`{key}` takes a list of two times"), fix);
        return None;
    };
    let [least, most] = &items[..] else {
        ledger.wrong(
            &item.place,
            format!("`{key}` takes two times, not {}", items.len()),
            fix,
        );
        return None;
    };
    let (least, most) = (span(ledger, key, least), span(ledger, key, most));
    let (least, most) = (least?, most?);
    if least > most {
        ledger.wrong(&item.place, format!("`{key}`: {least} is more than {most}"), fix);
        return None;
    }
    Some(Law::Uniform(least, most))
}

/// The entries of a list of two.
fn two(item: &Item) -> Option<&[Item; 2]> {
    match &item.value {
        Value::List(items) => items.as_slice().try_into().ok(),
        _ => None,
    }
}

fn quantiles(ledger: &Ledger, key: &str, item: &Item) -> Option<Law> {
    let fix = "write [[0, \"30s\"], [0.5, \"8h\"], [1, \"60d\"]]: probabilities from 0 to 1 and rising times";
    let Value::List(items) = &item.value else {
        ledger.wrong(&item.place, format!("`{key}` takes a list of [probability, time]"), fix);
        return None;
    };
    let mut points = Vec::new();
    for entry in items {
        let Some([p, time]) = two(entry) else {
            ledger.wrong(&entry.place, format!("`{key}`: a point is [probability, time]"), fix);
            return None;
        };
        let Some(p) = p.value.number().filter(|p| (0.0..=1.0).contains(p)) else {
            ledger.wrong(&p.place, format!("`{key}`: a probability is a number from 0 to 1"), fix);
            return None;
        };
        let time = span(ledger, key, time)?;
        if points
            .last()
            .is_some_and(|&(before, longest)| p <= before || (time.0 as f64) < longest)
        {
            ledger.wrong(&entry.place, format!("`{key}`: {}", TableError::Order), fix);
            return None;
        }
        points.push((p, time.0 as f64));
    }
    match QuantileTable::new(points) {
        Ok(table) => Some(Law::Table(table)),
        Err(error) => {
            ledger.wrong(&item.place, format!("`{key}`: {error}"), fix);
            None
        }
    }
}

/// How many machines: a number, or a list of counts with weights.
pub fn sizes(ledger: &Ledger, key: &str, item: &Item, (least, most): (u16, u16)) -> Option<Sizes> {
    let fix = "write a number, or counts with weights such as [[1, 0.7], [2, 0.3]]";
    let count = |item: &Item| {
        let Value::Whole(n) = item.value else {
            ledger.wrong(
                &item.place,
                format!("`{key}`: a count is a whole number, not {}", item.value.kind()),
                fix,
            );
            return None;
        };
        let found = u16::try_from(n).ok().filter(|n| (least..=most).contains(n));
        if found.is_none() {
            ledger.wrong(
                &item.place,
                format!("`{key}`: {n} is outside of {least} to {most}"),
                fix,
            );
        }
        found
    };
    let Value::List(items) = &item.value else {
        return count(item).map(Sizes::always);
    };
    let mut parts = Vec::new();
    for entry in items {
        let Some([n, weight]) = two(entry) else {
            let three = matches!(&entry.value, Value::List(items) if items.len() == 3);
            let fix = if three {
                "write a fraction with a point: [2, 0.3] and not [2, 0,3]"
            } else {
                fix
            };
            ledger.wrong(&entry.place, format!("`{key}`: an entry is [count, weight]"), fix);
            return None;
        };
        let Some(weight) = weight.value.number().filter(|w| (0.0..=1e9).contains(w)) else {
            ledger.wrong(
                &weight.place,
                format!("`{key}`: a weight is a number from 0 to 1000000000"),
                fix,
            );
            return None;
        };
        parts.push((count(n)?, weight));
    }
    let sum: f64 = parts.iter().map(|(_, weight)| weight).sum();
    if sum <= 0.0 {
        ledger.wrong(
            &item.place,
            format!("`{key}`: the weights sum to 0"),
            "give at least one weight above 0",
        );
        return None;
    }
    Some(Sizes(parts.into_iter().map(|(n, weight)| (n, weight / sum)).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_take_units_and_refuse_the_rest() {
        for (text, ms) in [
            ("0s", 0),
            ("90s", 90_000),
            ("1d12h", 129_600_000),
            ("2w", 1_209_600_000),
            ("P1D", 86_400_000),
            ("1s 5ms", 1005),
            ("1.5d", 129_600_000),
            ("0.5w", 302_400_000),
            ("1.5h", 5_400_000),
            ("2.25 minutes", 135_000),
            ("0.001s", 1),
            ("1w 2.5d", 820_800_000),
            ("1d1.5h", 91_800_000),
            ("P1.5D", 129_600_000),
            ("P0.5W", 302_400_000),
            ("PT1.5H", 5_400_000),
            ("1.000ms", 1),
        ] {
            assert_eq!(duration(text), Ok(Span(ms)), "{text}");
        }
        for text in [
            "",
            "12",
            "1.5",
            "3mo",
            "1y",
            "-2h",
            "soon",
            "1us",
            "36,000s",
            "1,5h",
            "1 day, 2 hours",
            "1.5d 2h",
            "1.5.2h",
            ".5h",
            "1.h",
            "-1.5d",
            "1.5",
            "0.0001s",
            "0.3333333333333d",
            "1.5ms",
            "1.5y",
            "99999999999999999999.5h",
            "9999999999999.5w",
            "1h 1.5d",
            "99999w999999h99999999999999s",
        ] {
            assert!(duration(text).is_err(), "{text}");
        }
        let long = Span::days(45) + Span::hours(3) + Span(1_005);
        assert_eq!(duration(&long.to_string()), Ok(long));
    }
}
