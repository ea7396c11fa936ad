//! The scenario's time zone, from the data bundled in the program: never the system's, and no variable's.

use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};

use crate::kernel::time::DAY_MS;
use crate::kernel::{Clock, Time};

/// The zone of an IANA name, and the name as IANA spells it.
pub fn find(name: &str) -> Option<(TimeZone, String)> {
    let zone = TimeZoneDatabase::bundled().get(name).ok()?;
    let name = zone.iana_name()?.to_owned();
    Some((zone, name))
}

/// The names of all zones.
pub fn names() -> Vec<String> {
    let all = TimeZoneDatabase::bundled();
    all.available().map(|name| name.as_str().to_owned()).collect()
}

/// What the clocks of a zone show from the epoch to the horizon, and for two weeks more.
pub fn clock(zone: &TimeZone, epoch: Timestamp, horizon: Time) -> Clock {
    let offset = |at: Timestamp| i64::from(zone.to_offset(at).seconds()) * 1000;
    let first = offset(epoch);
    // 1970-01-05 was a Monday.
    let week = 7 * DAY_MS as i64;
    let at_epoch = (epoch.as_millisecond() - 4 * DAY_MS as i64 + first).rem_euclid(week);
    let last = horizon + crate::kernel::Span::days(14);
    let changes = zone.following(epoch).map_while(|change| {
        let since = change.timestamp().as_millisecond() - epoch.as_millisecond();
        let at = Time(u64::try_from(since).ok()?);
        (at < last).then(|| (at, offset(change.timestamp()) - first))
    });
    Clock::new(at_epoch as u64, changes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Span;
    use crate::kernel::time::HOUR_MS;

    fn berlin() -> Clock {
        let (zone, name) = find("europe/berlin").expect("a zone");
        assert_eq!(name, "Europe/Berlin");
        let epoch: Timestamp = "2024-03-30T00:00:00Z".parse().expect("an instant");
        clock(&zone, epoch, Time(300 * DAY_MS))
    }

    #[test]
    fn summer_time_comes_and_goes_when_it_did() {
        let clock = berlin();
        // Saturday, 01:00 local; the clocks go forward on Sunday, 2024-03-31, 01:00 UTC.
        assert_eq!(clock.hour_of_week(Time::ZERO), 5 * 24 + 1);
        assert_eq!(clock.hour_of_week(Time(25 * HOUR_MS - 1)), 6 * 24 + 1);
        assert_eq!(clock.hour_of_week(Time(25 * HOUR_MS)), 6 * 24 + 3);
        // And back on 2024-10-27, 01:00 UTC: that Sunday has 25 hours.
        let sunday = Time((211 * 24 - 2) * HOUR_MS);
        assert_eq!(clock.local(sunday) % (7 * DAY_MS), 6 * DAY_MS);
        let monday = sunday + Span::hours(25);
        assert_eq!(clock.local(monday) % (7 * DAY_MS), 0);
        let hours: std::collections::BTreeSet<usize> = (0..25)
            .map(|hour| clock.hour_of_week(sunday + Span::hours(hour)))
            .collect();
        assert_eq!(hours.len(), 24, "one of them comes twice");
    }

    #[test]
    fn a_zone_that_is_not_in_the_data_is_not_found() {
        for name in ["", "Mars/Olympus", "/etc/localtime", ":Europe/Berlin", "CET-1CEST"] {
            assert!(find(name).is_none(), "{name}");
        }
        assert!(names().len() > 400 && find("UTC").is_some());
    }
}
