//! Local time: what the clocks on the wall show in the scenario's time zone, and hours of the day by them.
//!
//! The world knows no time zones: it is given the zone's offsets over the span of a run.

use super::time::{DAY_MS, HOUR_MS, Span, Time};

const WEEK_MS: u64 = 7 * DAY_MS;

/// The clocks of a time zone, from the epoch on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clock {
    /// From when on which time is to be added to an instant to get the time since a Monday, 0h, that lies at
    /// least a week before the epoch. The first is from the epoch on.
    offsets: Vec<(Time, u64)>,
}

impl Default for Clock {
    /// One that shows Monday, 0h, at the epoch, and is never put forward or back.
    fn default() -> Self {
        Clock::new(0, [])
    }
}

impl Clock {
    /// Clocks that show `at_epoch` ms after a Monday, 0h, at the epoch, and by `changes` from then on so many ms
    /// more than they would have without any change. Changes are in the order of time.
    #[must_use]
    pub fn new(at_epoch: u64, changes: impl IntoIterator<Item = (Time, i64)>) -> Clock {
        let first = WEEK_MS + at_epoch % WEEK_MS;
        let mut offsets = vec![(Time::ZERO, first)];
        for (at, more) in changes {
            let offset = first.saturating_add_signed(more);
            if offsets.last().is_some_and(|&(_, last)| last != offset) {
                offsets.push((at, offset));
            }
        }
        Clock { offsets }
    }

    /// The stretch of constant offset that an instant lies in.
    fn stretch(&self, at: Time) -> usize {
        self.offsets.partition_point(|&(from, _)| from <= at).max(1) - 1
    }

    /// What the clocks show, as ms since a Monday, 0h.
    #[must_use]
    pub fn local(&self, at: Time) -> u64 {
        at.0.saturating_add(self.offsets[self.stretch(at)].1)
    }

    /// The hour of the week that the clocks show; Monday, 0h, is 0.
    #[must_use]
    pub fn hour_of_week(&self, at: Time) -> usize {
        ((self.local(at) / HOUR_MS) % 168) as usize
    }

    /// `at`, or the end of a stretch if that comes before.
    fn cut(&self, stretch: usize, at: Time) -> Time {
        self.offsets.get(stretch + 1).map_or(at, |&(end, _)| end.min(at))
    }
}

/// Hours of the day, [from, to), on some days of the week. They may pass midnight, and belong to the day
/// on which they begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hours {
    /// When they begin, after midnight; before 24h.
    pub from: Span,
    /// When they end, after midnight; not `from`.
    pub to: Span,
    /// One bit for each day of the week on which they begin, Monday the lowest.
    pub days: u8,
}

/// All days of the week.
pub const EVERY_DAY: u8 = 0x7f;

impl Hours {
    /// These hours, every day.
    #[must_use]
    pub fn daily(from: Span, to: Span) -> Hours {
        Hours {
            from,
            to,
            days: EVERY_DAY,
        }
    }

    /// Whether it is one of these hours when the clocks show `local`.
    fn shows(self, local: u64) -> bool {
        let (day, now) = (local / DAY_MS, Span(local % DAY_MS));
        let on = |day: u64| self.days >> (day % 7) & 1 == 1;
        if self.from < self.to {
            on(day) && self.from <= now && now < self.to
        } else {
            (on(day) && now >= self.from) || (on(day + 6) && now < self.to)
        }
    }

    /// Whether it is one of these hours.
    #[must_use]
    pub fn has(self, clock: &Clock, at: Time) -> bool {
        self.shows(clock.local(at))
    }

    /// The first instant, `at` or later, at which it is one of these hours (`open`) or is not.
    fn turns(self, clock: &Clock, at: Time, open: bool) -> Time {
        let (mut stretch, mut at) = (clock.stretch(at), at);
        loop {
            // Within a stretch nothing new comes after the eighth day; all that can turn it is looked at.
            let mut last = at + Span(9 * DAY_MS);
            while at < last {
                let local = at.0 + clock.offsets[stretch].1;
                if self.shows(local) == open {
                    return at;
                }
                let until = |of_day: Span| (of_day.0 + DAY_MS - local % DAY_MS - 1) % DAY_MS + 1;
                let next = at + Span(until(self.from).min(until(self.to)).min(until(Span::ZERO)));
                at = clock.cut(stretch, next);
                if clock.offsets.get(stretch + 1).is_some_and(|&(from, _)| from <= at) {
                    (stretch, last) = (stretch + 1, at + Span(9 * DAY_MS));
                }
            }
            let Some(&(next, _)) = clock.offsets.get(stretch + 1) else {
                return Time::NEVER;
            };
            (stretch, at) = (stretch + 1, next);
        }
    }

    /// The first instant, `at` or later, at which it is one of these hours; never, where no day has them.
    #[must_use]
    pub fn opens(self, clock: &Clock, at: Time) -> Time {
        self.turns(clock, at, true)
    }

    /// When they next open after the hours that it is now, if it is one of them.
    #[must_use]
    pub fn opens_next(self, clock: &Clock, at: Time) -> Time {
        self.opens(clock, self.closes(clock, at))
    }

    /// The first instant, `at` or later, at which it is none of these hours; never, where they are all hours.
    #[must_use]
    pub fn closes(self, clock: &Clock, at: Time) -> Time {
        self.turns(clock, at, false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const H: u64 = HOUR_MS;

    fn hours(from: u64, to: u64) -> Hours {
        Hours::daily(Span::hours(from), Span::hours(to))
    }

    /// When it opens and closes, in hours, up to a limit.
    fn openings(hours: Hours, clock: &Clock, until: u64) -> Vec<(f64, f64)> {
        let (mut at, mut found) = (Time::ZERO, Vec::new());
        loop {
            let open = hours.opens(clock, at);
            if open.0 > until * H {
                return found;
            }
            at = hours.closes(clock, open);
            found.push((Span(open.0).as_hours(), Span(at.0).as_hours()));
        }
    }

    #[test]
    fn hours_of_the_day_are_from_and_to_and_may_pass_midnight() {
        // The epoch is a Tuesday, 18:30.
        let clock = Clock::new(24 * H + 18 * H + H / 2, []);
        assert_eq!(openings(hours(8, 16), &clock, 48), [(13.5, 21.5), (37.5, 45.5)]);
        assert_eq!(openings(hours(22, 6), &clock, 36), [(3.5, 11.5), (27.5, 35.5)]);
        assert_eq!(
            openings(hours(18, 19), &clock, 24),
            [(0.0, 0.5), (23.5, 24.5)].map(|(a, b)| (a, b))
        );
        assert_eq!(hours(0, 24).closes(&clock, Time::ZERO), Time::NEVER);
        assert_eq!(openings(hours(22, 24), &clock, 24), [(3.5, 5.5)]);
    }

    #[test]
    fn days_are_those_on_which_the_hours_begin() {
        let clock = Clock::default();
        let night = Hours {
            days: 1 << 5,
            ..hours(22, 6)
        };
        // Saturday 22:00 to Sunday 06:00.
        assert_eq!(openings(night, &clock, 200), [(142.0, 150.0)]);
        let weekend = Hours {
            days: 3 << 5,
            ..hours(0, 24)
        };
        assert_eq!(openings(weekend, &clock, 160), [(120.0, 168.0)]);
        let never = Hours { days: 0, ..night };
        assert_eq!(never.opens(&clock, Time::ZERO), Time::NEVER);
    }

    #[test]
    fn a_day_has_23_hours_when_clocks_are_put_forward_and_25_when_they_are_put_back() {
        // Day 0 is plain; at 26 h, 02:00 of day 1, clocks go to 03:00; at 26 + 23 h, 02:00 of day 2, back to 01:00.
        let clock = Clock::new(0, [(Time(26 * H), H as i64), (Time(49 * H), 0)]);
        let show = |at: u64| (clock.local(Time(at)) % DAY_MS) as f64 / H as f64;
        assert_eq!(
            [26 * H - 1, 26 * H, 47 * H, 49 * H - 1, 49 * H].map(|at| (show(at) * 1e3).round() / 1e3),
            [2.0, 3.0, 0.0, 2.0, 1.0]
        );
        // 22:00 to 06:00: seven hours in the first of these nights, nine in the second.
        assert_eq!(
            openings(hours(22, 6), &clock, 72),
            [(0.0, 6.0), (22.0, 29.0), (45.0, 54.0), (70.0, 78.0)]
        );
        // 02:00 to 03:00 is not on the first of them; 01:00 to 02:00 is twice on the second.
        assert_eq!(openings(hours(2, 3), &clock, 60), [(2.0, 3.0), (50.0, 51.0)]);
        assert_eq!(
            openings(hours(1, 2), &clock, 60),
            [(1.0, 2.0), (25.0, 26.0), (48.0, 50.0)]
        );
        assert_eq!(
            openings(hours(2, 4), &clock, 50),
            [(2.0, 4.0), (26.0, 27.0), (50.0, 52.0)]
        );
        assert_eq!(
            (clock.hour_of_week(Time(48 * H)), clock.hour_of_week(Time(49 * H))),
            (49, 49)
        );
    }
}
