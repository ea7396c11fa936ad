//! Integer time: whole milliseconds since the scenario's epoch. There is no floating-point clock.

use std::fmt;
use std::ops::{Add, AddAssign, Sub};

/// Milliseconds in an hour.
pub const HOUR_MS: u64 = 3_600_000;
/// Milliseconds in a day of 24 hours.
pub const DAY_MS: u64 = 24 * HOUR_MS;

/// An instant: milliseconds since the scenario's epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub u64);

/// A length of time in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(pub u64);

impl Time {
    /// The scenario's epoch.
    pub const ZERO: Time = Time(0);
    /// An instant that no run reaches.
    pub const NEVER: Time = Time(u64::MAX);

    /// The time since `earlier`, zero if `earlier` lies ahead.
    #[must_use]
    pub fn since(self, earlier: Time) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Span = Span(0);

    /// A span of whole seconds.
    #[must_use]
    pub const fn secs(seconds: u64) -> Span {
        Span(seconds * 1000)
    }

    /// A span of whole hours.
    #[must_use]
    pub const fn hours(hours: u64) -> Span {
        Span(hours * HOUR_MS)
    }

    /// A span of whole days.
    #[must_use]
    pub const fn days(days: u64) -> Span {
        Span(days * DAY_MS)
    }

    /// The span in hours, for reporting only.
    #[must_use]
    pub fn as_hours(self) -> f64 {
        self.0 as f64 / HOUR_MS as f64
    }

    /// The span in seconds, for reporting only.
    #[must_use]
    pub fn as_secs(self) -> f64 {
        self.0 as f64 / 1000.0
    }

    /// The part that is left after `other`, zero when `other` is longer.
    #[must_use]
    pub fn less(self, other: Span) -> Span {
        Span(self.0.saturating_sub(other.0))
    }
}

impl Add<Span> for Time {
    type Output = Time;
    fn add(self, span: Span) -> Time {
        Time(self.0.saturating_add(span.0))
    }
}

impl AddAssign<Span> for Time {
    fn add_assign(&mut self, span: Span) {
        *self = *self + span;
    }
}

impl Sub<Time> for Time {
    type Output = Span;
    fn sub(self, earlier: Time) -> Span {
        self.since(earlier)
    }
}

impl Add for Span {
    type Output = Span;
    fn add(self, other: Span) -> Span {
        Span(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Span {
    fn add_assign(&mut self, other: Span) {
        *self = *self + other;
    }
}

impl fmt::Display for Span {
    /// Days, hours, minutes, seconds and milliseconds, zero parts left out: `1d 2h 30m`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("0s");
        }
        let mut rest = self.0;
        let mut first = true;
        for (unit, ms) in [("d", DAY_MS), ("h", HOUR_MS), ("m", 60_000), ("s", 1000), ("ms", 1)] {
            let whole = rest / ms;
            rest %= ms;
            if whole > 0 {
                write!(f, "{}{whole}{unit}", if first { "" } else { " " })?;
                first = false;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Time {
    /// The time since the epoch, as a span.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Span(self.0).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_read_as_people_write_them() {
        assert_eq!(Span(0).to_string(), "0s");
        assert_eq!(
            (Span::days(1) + Span::hours(2) + Span::secs(90)).to_string(),
            "1d 2h 1m 30s"
        );
        assert_eq!(Span(1_005).to_string(), "1s 5ms");
    }

    #[test]
    fn time_never_wraps() {
        assert_eq!(Time(u64::MAX - 1) + Span::hours(1), Time::NEVER);
        assert_eq!(Time(5) - Time(9), Span::ZERO);
    }
}
