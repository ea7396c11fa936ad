//! What is asked: which nodes are taken out, from when to when.

use std::collections::BTreeSet;
use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::folder::Folder;
use super::told::{MorningError, Rate};
use crate::import::neutral::NodeRecord;
use crate::kernel::Span;
use crate::scenario::diagnose::fix_word;
use crate::scenario::values;

/// By what nodes are selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TakeBy {
    /// By their rack.
    Rack,
    /// By their resource class.
    Class,
    /// By their names.
    Node,
    /// By their conductor group.
    Group,
}

impl TakeBy {
    /// All of them, as they are typed.
    pub const ALL: [(&'static str, TakeBy); 4] = [
        ("rack", TakeBy::Rack),
        ("class", TakeBy::Class),
        ("node", TakeBy::Node),
        ("group", TakeBy::Group),
    ];

    /// As it is typed.
    #[must_use]
    pub fn word(self) -> &'static str {
        TakeBy::ALL[self as usize].0
    }

    fn of(self, node: &NodeRecord) -> &str {
        match self {
            TakeBy::Rack => &node.rack,
            TakeBy::Class => &node.resource_class,
            TakeBy::Node => &node.node_id,
            TakeBy::Group => &node.conductor_group,
        }
    }
}

/// What is asked of a cloud.
#[derive(Clone, Debug)]
pub struct MorningAsk<'a> {
    /// The folder of the import.
    pub folder: &'a Path,
    /// The instant whose state counts; none: the end of the data.
    pub now: Option<&'a str>,
    /// Which nodes are taken: all that one of these selects.
    pub takes: &'a [(TakeBy, Vec<String>)],
    /// From when.
    pub at: &'a str,
    /// For how long.
    pub long: Span,
    /// Until when refusals count; none: three days after the nodes are back.
    pub until: Option<&'a str>,
    /// What becomes of who is on them, in TOML; none: as the folder's scenario says.
    pub drain: Option<&'a str>,
    /// A scenario with the demand from then on.
    pub profile: Option<&'a Path>,
    /// Requests a day, by class.
    pub rates: &'a [Rate],
    /// How many draws.
    pub replications: u32,
    /// The master seed.
    pub seed: u64,
}

impl MorningAsk<'_> {
    /// The nodes that are taken, and what they are in words.
    pub(super) fn taken(&self, nodes: &[NodeRecord]) -> Result<(BTreeSet<String>, String), MorningError> {
        let (mut taken, mut words) = (BTreeSet::new(), Vec::new());
        for (by, names) in self.takes {
            for name in names {
                let those: Vec<&NodeRecord> = nodes.iter().filter(|node| by.of(node) == name).collect();
                if those.is_empty() {
                    let known: BTreeSet<&str> = nodes
                        .iter()
                        .map(|node| by.of(node))
                        .filter(|it| !it.is_empty())
                        .collect();
                    let all: Vec<&str> = known.into_iter().collect();
                    return Err(MorningError::Use(format!(
                        "--take {}={name}: no node of the fleet at that instant has it; {}",
                        by.word(),
                        fix_word(name, all.iter().copied())
                    )));
                }
                taken.extend(those.iter().map(|node| node.node_id.clone()));
                words.push(format!("{} {name}", by.word()));
            }
        }
        Ok((taken, words.join(", ")))
    }
}

/// The instants, and how they are told.
pub(super) struct When {
    /// The instant whose state counts, ms since the epoch of the folder's scenario.
    pub now_ms: u64,
    pub now: Timestamp,
    pub at: Timestamp,
    pub end: Timestamp,
    pub until: Timestamp,
    zone: TimeZone,
}

/// How long refusals count after the nodes are back, unless it is said.
const AFTER: Span = Span::days(3);

impl When {
    pub(super) fn of(ask: &MorningAsk<'_>, folder: &Folder) -> Result<When, MorningError> {
        let zone = folder.zone();
        let epoch: Timestamp = folder.scenario.epoch.parse().unwrap_or_default();
        let wrong = |option: &str, text: &str, why: &str| MorningError::Use(format!("{option} {text}: {why}"));
        let horizon = later(epoch, Span(folder.scenario.horizon.0)).unwrap_or(epoch);
        let now = match ask.now {
            None if folder.is_one_instant() => epoch,
            None => horizon,
            Some(text) => instant(text, epoch, &zone).ok_or_else(|| wrong("--now", text, WORDS))?,
        };
        // A scenario's epoch is in whole seconds.
        let now = Timestamp::from_second(now.as_second()).unwrap_or(now);
        if now < epoch || now > horizon {
            let why = format!("the data reach from {epoch} to {horizon}; give an instant of theirs");
            return Err(wrong("--now", ask.now.unwrap_or_default(), &why));
        }
        let at = instant(ask.at, now, &zone).ok_or_else(|| wrong("--at", ask.at, WORDS))?;
        if at < now {
            let why = format!(
                "that is before the instant whose state counts, {now}; give a later one, such as 22:00 or 36h, or an earlier --now"
            );
            return Err(wrong("--at", ask.at, &why));
        }
        if ask.long == Span::ZERO {
            return Err(wrong("--for", "0s", "give a time above 0, such as 8h"));
        }
        let beyond = || wrong("--for", &ask.long.to_string(), "that is beyond the calendar");
        let end = later(at, ask.long).ok_or_else(beyond)?;
        let until = match ask.until {
            None => later(end, AFTER).ok_or_else(beyond)?,
            Some(text) => instant(text, now, &zone).ok_or_else(|| wrong("--until", text, WORDS))?,
        };
        if until <= at {
            let why = "the nodes are not taken by then; give a later instant";
            return Err(wrong("--until", ask.until.unwrap_or_default(), why));
        }
        let now_ms = u64::try_from(now.as_millisecond() - epoch.as_millisecond()).unwrap_or(0);
        Ok(When {
            now_ms,
            now,
            at,
            end,
            until,
            zone,
        })
    }

    /// How long an instant is after the one whose state counts.
    pub(super) fn since(&self, at: Timestamp) -> Span {
        Span(u64::try_from(at.as_millisecond() - self.now.as_millisecond()).unwrap_or(0))
    }

    /// An instant by the clocks of the time zone: `Fri 2026-11-27 22:00 +01:00`.
    pub(super) fn told(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone())
            .strftime("%a %Y-%m-%d %H:%M %:z")
            .to_string()
    }
}

const WORDS: &str = "give an hour of the day (22:00), a date (2026-11-27), a time from then on (36h) or an instant \
                     (2026-11-27T22:00:00Z)";

/// An instant as it is typed: by the clocks of the zone, and from `now` on.
fn instant(text: &str, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    let text = text.trim();
    if text == "now" {
        return Some(now);
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    if let Some(hour) = values::hour(text) {
        let today = now.to_zoned(zone.clone()).date();
        let on = |date: jiff::civil::Date| {
            let midnight = date.to_zoned(zone.clone()).ok()?;
            let (hours, minutes) = (hour.0 / 3_600_000, hour.0 / 60_000 % 60);
            let clock = date.at(i8::try_from(hours).ok()?.min(23), minutes as i8, 0, 0);
            let at = clock.to_zoned(zone.clone()).ok()?.timestamp();
            Some(if hours == 24 {
                later(midnight.timestamp(), Span::days(1))?
            } else {
                at
            })
        };
        return on(today).filter(|at| *at >= now).or_else(|| on(today.tomorrow().ok()?));
    }
    // A date alone is its midnight.
    if let Ok(clock) = text.parse::<jiff::civil::DateTime>() {
        return Some(clock.to_zoned(zone.clone()).ok()?.timestamp());
    }
    later(now, values::duration(text).ok()?)
}

fn later(at: Timestamp, span: Span) -> Option<Timestamp> {
    let ms = at.as_millisecond().checked_add(i64::try_from(span.0).ok()?)?;
    Timestamp::from_millisecond(ms).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_by_the_clocks_of_the_zone_and_lie_ahead() {
        let zone = crate::scenario::zone::find("Europe/Berlin").expect("a zone").0;
        let now: Timestamp = "2026-11-27T05:30:00Z".parse().expect("an instant");
        for (text, at) in [
            ("now", "2026-11-27T05:30:00Z"),
            ("22:00", "2026-11-27T21:00:00Z"),
            ("06:00", "2026-11-28T05:00:00Z"),
            ("06:30", "2026-11-27T05:30:00Z"),
            ("24:00", "2026-11-27T23:00:00Z"),
            ("2026-12-01", "2026-11-30T23:00:00Z"),
            ("2026-12-01T22:00", "2026-12-01T21:00:00Z"),
            ("2026-12-01 22:00:30", "2026-12-01T21:00:30Z"),
            ("36h", "2026-11-28T17:30:00Z"),
            ("2026-11-27T22:00:00Z", "2026-11-27T22:00:00Z"),
            ("2026-11-27T22:00:00+01:00", "2026-11-27T21:00:00Z"),
        ] {
            let at: Timestamp = at.parse().expect("an instant");
            assert_eq!(instant(text, now, &zone), Some(at), "{text}");
        }
        for text in ["", "tonight", "25:00", "22", "2026-13-01", "-3h"] {
            assert_eq!(instant(text, now, &zone), None, "{text}");
        }
    }
}
