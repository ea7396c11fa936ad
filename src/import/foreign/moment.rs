//! Times as foreign files write them, in ms since 1970.

use jiff::civil;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone, TimeZoneDatabase};

/// A day, ms.
pub(crate) const DAY: i64 = 86_400_000;

/// Later than this is surely a slip (the year 9999), ms since 1970.
const LAST: i64 = 253_402_300_799_000;

/// What local times without a zone mean, and what was odd about them.
#[derive(Debug)]
pub(crate) struct Zone {
    zone: TimeZone,
    /// Times that came twice because the clocks went back; the earlier one is taken.
    pub folds: u64,
    /// Times that did not come because the clocks went forward; the later one is taken.
    pub gaps: u64,
    /// The last date and hour, and their offset, ms: rows come in order of time, more or less.
    last: Option<(i64, i64)>,
}

impl Zone {
    /// UTC.
    pub(crate) fn utc() -> Zone {
        Zone::new(TimeZone::UTC)
    }

    /// The zone of an IANA name in the bundled data, or of an offset such as `+01:00`.
    pub(crate) fn find(name: &str) -> Option<Zone> {
        if let Some(ms) = offset(name) {
            let seconds = i32::try_from(ms / 1000).ok()?;
            return Some(Zone::new(TimeZone::fixed(Offset::from_seconds(seconds).ok()?)));
        }
        TimeZoneDatabase::bundled().get(name).ok().map(Zone::new)
    }

    fn new(zone: TimeZone) -> Zone {
        Zone {
            zone,
            folds: 0,
            gaps: 0,
            last: None,
        }
    }

    /// The instant of a local time, given as ms since 1970 of a clock that shows it.
    fn instant(&mut self, shown: i64) -> i64 {
        if self.zone == TimeZone::UTC {
            return shown;
        }
        const QUARTER: i64 = 900_000;
        let quarter = shown.div_euclid(QUARTER);
        if let Some((at, offset)) = self.last
            && at == quarter
        {
            return shown - offset;
        }
        let Some(local) = civil_of(shown) else { return shown };
        let offset = match self.zone.to_ambiguous_timestamp(local).offset() {
            AmbiguousOffset::Unambiguous { offset } => {
                let ms = i64::from(offset.seconds()) * 1000;
                self.last = Some((quarter, ms));
                return shown - ms;
            }
            // The offset before a change is the larger one where clocks go back: the earlier instant.
            AmbiguousOffset::Fold { before, .. } => {
                self.folds += 1;
                before
            }
            AmbiguousOffset::Gap { before, .. } => {
                self.gaps += 1;
                before
            }
        };
        shown - i64::from(offset.seconds()) * 1000
    }
}

fn civil_of(shown: i64) -> Option<civil::DateTime> {
    let stamp = jiff::Timestamp::from_millisecond(shown).ok()?;
    Some(TimeZone::UTC.to_datetime(stamp))
}

/// A time as `YYYY-MM-DD`, a blank or `T`, and `HH:MM[:SS[.fraction]]`, with an offset, `Z` or (in the `zone`) nothing behind it.
pub(crate) fn read(text: &str, zone: &mut Zone) -> Option<i64> {
    let (shown, rest) = shown(text.as_bytes())?;
    if rest.is_empty() {
        return Some(zone.instant(shown));
    }
    Some(shown - offset(std::str::from_utf8(rest).ok()?.trim_start())?)
}

/// A time in UTC unless it says otherwise.
pub(crate) fn utc(text: &str) -> Option<i64> {
    read(text.trim(), &mut Zone::utc())
}

/// Seconds since 1970, with decimals perhaps.
pub(crate) fn epoch_seconds(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !plain(whole) || !plain(fraction) {
        return None;
    }
    let seconds: i64 = whole.parse().ok()?;
    let ms: i64 = format!("{:0<3}", fraction.get(..fraction.len().min(3))?).parse().ok()?;
    seconds
        .checked_mul(1000)
        .map(|whole| whole + ms)
        .filter(|at| *at <= LAST)
}

/// `Z`, `UTC`, `+HH:MM`, `+HHMM` or `+HH`, ms.
fn offset(text: &str) -> Option<i64> {
    if matches!(text, "Z" | "z" | "UTC") {
        return Some(0);
    }
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let digits: String = text[1..].chars().filter(|c| *c != ':').collect();
    if !matches!(digits.len(), 2 | 4 | 6) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |at: usize| digits.get(at..at + 2).map_or(Some(0), |two| two.parse::<i64>().ok());
    let (hours, minutes, seconds) = (part(0)?, part(2)?, part(4)?);
    (hours < 24 && minutes < 60 && seconds < 60).then_some(sign * ((hours * 60 + minutes) * 60 + seconds) * 1000)
}

/// What a clock shows, ms since 1970 of it, and what follows.
fn shown(text: &[u8]) -> Option<(i64, &[u8])> {
    let number = |from: usize, to: usize| {
        let part = text.get(from..to)?;
        part.iter().try_fold(0_i64, |sum, byte| {
            let digit = byte.wrapping_sub(b'0');
            (digit < 10).then(|| sum * 10 + i64::from(digit))
        })
    };
    let is = |at: usize, byte: u8| text.get(at) == Some(&byte);
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute) = (number(11, 13)?, number(14, 16)?);
    let shaped = is(4, b'-') && is(7, b'-') && (is(10, b'T') || is(10, b' ')) && is(13, b':');
    let (second, mut at) = if is(16, b':') { (number(17, 19)?, 19) } else { (0, 16) };
    let mut ms = 0;
    if is(at, b'.') || is(at, b',') {
        let digits = text[at + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let first = digits.min(3);
        ms = number(at + 1, at + 1 + first)? * [0, 100, 10, 1][first];
        if digits == 0 {
            return None;
        }
        at += 1 + digits;
    }
    let right = shaped && year >= 1970 && (1..=12).contains(&month) && (1..=days_of(year, month)).contains(&day);
    if !right || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let of_day = ((hour * 60 + minute) * 60 + second) * 1000 + ms;
    Some((days(year, month, day) * DAY + of_day, &text[at..]))
}

fn days_of(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 (Howard Hinnant, "chrono-compatible low-level date algorithms").
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// An instant as RFC 3339 writes it.
pub(crate) fn told(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).map_or_else(|_| format!("{ms} ms"), |at| at.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_time_is_read() {
        let want = 1_795_646_250_020;
        for text in [
            "2026-11-25T22:37:30.020427+00:00",
            "2026-11-25 22:37:30.020",
            "2026-11-25T22:37:30.02Z",
            "2026-11-25T23:37:30.020+01:00",
            "2026-11-26T09:48:30.020427+11:11",
            "2026-11-25T17:37:30.020-0500",
        ] {
            assert_eq!(utc(text), Some(want), "{text}");
        }
        assert_eq!(utc("2012-02-29T00:00"), Some(1_330_473_600_000));
        for text in [
            "14:24:22",
            "Unknown",
            "",
            "2026-02-29T00:00:00",
            "2026-11-25T24:00:00",
            "2026-11-25",
            "2026-11-25T22:37:30.",
            "2026-11-25T22:37:30+1",
            "2026-11-25T22:37:30 x",
            "ää26-11-25T22:37:30",
        ] {
            assert_eq!(utc(text), None, "{text}");
        }
        assert_eq!(epoch_seconds("1795646250"), Some(1_795_646_250_000));
        assert_eq!(epoch_seconds("12.5"), Some(12_500));
        assert_eq!(epoch_seconds("-1"), None);
        assert_eq!(epoch_seconds("99999999999999999999"), None);
    }

    #[test]
    fn local_times_are_those_of_the_zone_and_of_a_fold_the_earlier() {
        let mut zone = Zone::find("Europe/Berlin").expect("a zone");
        let mut at = |text: &str| read(text, &mut zone).map(told).expect("a time");
        assert_eq!(at("2024-07-01T12:00:00"), "2024-07-01T10:00:00Z");
        assert_eq!(at("2024-10-27T01:59:59"), "2024-10-26T23:59:59Z");
        assert_eq!(at("2024-10-27T02:30:00"), "2024-10-27T00:30:00Z");
        assert_eq!(at("2024-10-27T03:00:00"), "2024-10-27T02:00:00Z");
        assert_eq!(at("2024-03-31T02:30:00"), "2024-03-31T01:30:00Z");
        assert_eq!((zone.folds, zone.gaps), (1, 1));
        assert!(Zone::find("Mars/Olympus").is_none() && Zone::find("+05:30").is_some());
    }

    #[test]
    fn days_are_those_of_the_calendar() {
        let utc = TimeZone::UTC;
        for day in (0..200_000).step_by(37) {
            let date = utc.to_datetime(jiff::Timestamp::from_second(day * 86_400).expect("a time"));
            let own = days(date.year().into(), date.month().into(), date.day().into());
            assert_eq!(own, day);
        }
    }
}
