//! The window that is cut out of foreign data, and what becomes of a request in it.

use super::asks::Ask;
use super::draft::Draft;
use super::moment::{DAY, told};
use super::tally::Account;
use super::wrong::ForeignError;

/// Windows that are found and not given begin and end at whole minutes.
const MINUTE: i64 = 60_000;

/// How long a run is where the files tell of one instant alone.
const WEEK: i64 = 7 * DAY;

/// The window, ms since 1970.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    pub from: i64,
    pub to: i64,
}

impl Window {
    /// The window of a draft: what was asked for, else what the data reach over.
    pub(crate) fn of(draft: &mut Draft<'_>) -> Result<Window, ForeignError> {
        let (asked_from, asked_to) = (draft.options.from, draft.options.to);
        let snapshot = draft.snapshot;
        // What was asked of the source counts before what was found.
        let (period, extent, aside) = (draft.period, draft.extent, draft.aside);
        let first = period
            .first
            .or(extent.first)
            .or(aside.first)
            .or(snapshot)
            .map(|at| at - at.rem_euclid(MINUTE));
        let last = period
            .last
            .or(extent.last)
            .or(aside.last)
            .map(|at| at + (-at).rem_euclid(MINUTE));
        let Some(from) = asked_from.or(first) else {
            return Err(ForeignError::Use(
                "no file tells a time: give --from, and --to where it ends".to_owned(),
            ));
        };
        let to = asked_to.or(last.filter(|last| *last > from)).unwrap_or_else(|| {
            draft.remark(
                "The files tell of one instant alone: a week from then on is simulated. Give --to for another length.",
            );
            from + WEEK
        });
        if from >= to {
            return Err(ForeignError::Use(format!(
                "the window begins at {} and ends at {}; the files tell of {} to {}: let --from be before --to, within that",
                told(from),
                told(to),
                first.map_or("nothing".to_owned(), told),
                last.map_or("nothing".to_owned(), told),
            )));
        }
        if let (Some(first), Some(last)) = (first, last)
            && (to < first || from > last && last > first)
        {
            return Err(ForeignError::Use(format!(
                "the window from {} to {} has nothing of the files in it, which tell of {} to {}: let --from and --to lie within that",
                told(from),
                told(to),
                told(first),
                told(last),
            )));
        }
        if asked_from.is_none() || asked_to.is_none() {
            draft.remark(format!(
                "The window is {} to {}: {} not given, so that it is what the files reach over. What was asked of the \
                 source is better: give --from and --to.",
                told(from),
                told(to),
                match (asked_from, asked_to) {
                    (None, None) => "--from and --to were",
                    (None, Some(_)) => "--from was",
                    _ => "--to was",
                }
            ));
        }
        Ok(Window { from, to })
    }

    /// Ms since the window's begin; 0 for what is earlier.
    pub(crate) fn since(self, at: i64) -> u64 {
        u64::try_from(at.saturating_sub(self.from)).unwrap_or(0)
    }
}

/// A request in the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cut {
    /// When it is asked for, ms since the begin.
    pub arrival: u64,
    /// When it is wanted.
    pub start: u64,
    /// How long it is held.
    pub hold: u64,
    /// How long it was asked for.
    pub planned: Option<u64>,
    /// Whether it runs at the begin.
    pub runs: bool,
    /// Whether its end is known.
    pub end_known: bool,
    /// How long it had run before the begin.
    pub age: u64,
}

/// Why a request is not in the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outside {
    /// It was over before.
    Before,
    /// It came after.
    After,
    /// It took no time.
    NoLength,
    /// It ended before it began.
    Inverted,
}

impl Outside {
    /// Counts one.
    pub(crate) fn count(self, account: &mut Account) {
        let (part, why) = match self {
            Outside::Before => ("skipped: over before the window", ""),
            Outside::After => ("skipped: after the window", ""),
            Outside::NoLength => ("skipped: of no length", "they held nothing"),
            Outside::Inverted => ("skipped: end before they begin", "the times are not to be trusted"),
        };
        account.one(part, why);
    }
}

impl Window {
    /// What a request is in the window. One that is queued is wanted when it is asked for: how long it waits is found by
    /// the simulation.
    pub(crate) fn cut(self, ask: &Ask) -> Result<Cut, Outside> {
        let end = ask.end.unwrap_or(self.to.max(ask.start));
        match end - ask.start {
            0 if ask.end.is_none() => return Err(Outside::After),
            0 => return Err(Outside::NoLength),
            length if length < 0 => return Err(Outside::Inverted),
            _ => {}
        }
        if end <= self.from {
            return Err(Outside::Before);
        }
        let arrival = ask.arrival.min(ask.start);
        let wanted = if ask.queued { arrival } else { ask.start };
        if wanted >= self.to {
            return Err(Outside::After);
        }
        let runs = ask.start < self.from;
        let begun = ask.start.max(self.from);
        let passed = self.since(self.from) + u64::try_from(begun - ask.start).unwrap_or(0);
        Ok(Cut {
            arrival: self.since(arrival),
            start: self.since(wanted),
            hold: u64::try_from(end - begun).unwrap_or(0),
            planned: ask
                .planned
                .map(|planned| planned.saturating_sub(passed))
                .filter(|planned| *planned > 0),
            runs,
            end_known: ask.end.is_some(),
            // One whose begin nobody knows was put a millisecond before the window.
            age: if runs && passed > 1 { passed } else { 0 },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(arrival: i64, start: i64, end: Option<i64>, queued: bool) -> Ask {
        Ask {
            id: "1".to_owned(),
            arrival,
            start,
            end,
            planned: Some(500),
            who: 0,
            count: 1,
            queued,
        }
    }

    #[test]
    fn requests_are_cut_to_the_window() {
        let window = Window { from: 1000, to: 2000 };
        let cut = |ask: Ask| window.cut(&ask);
        let told = |cut: Cut| (cut.arrival, cut.start, cut.hold, cut.planned, cut.runs);
        assert_eq!(cut(ask(800, 900, Some(1300), true)).map(|cut| cut.age), Ok(100));
        assert_eq!(cut(ask(800, 1200, Some(1300), true)).map(|cut| cut.age), Ok(0));
        // Inside, queued and not.
        assert_eq!(
            cut(ask(1100, 1200, Some(1300), true)).map(told),
            Ok((100, 100, 100, Some(500), false))
        );
        assert_eq!(
            cut(ask(1100, 1200, Some(1300), false)).map(told),
            Ok((100, 200, 100, Some(500), false))
        );
        // Running at the begin: the rest of its time. Waiting then: asked at 0.
        assert_eq!(
            cut(ask(800, 900, Some(1300), true)).map(told),
            Ok((0, 0, 300, Some(400), true))
        );
        assert_eq!(
            cut(ask(800, 1200, Some(1300), true)).map(told),
            Ok((0, 0, 100, Some(500), false))
        );
        // A hold is not cut at the end; one that is open reaches to it.
        assert_eq!(
            cut(ask(1900, 1900, Some(9000), true)).map(told),
            Ok((900, 900, 7100, Some(500), false))
        );
        let open = cut(ask(1900, 1900, None, true)).expect("inside");
        assert_eq!((open.hold, open.end_known), (100, false));
        for (outside, why) in [
            (ask(1, 2, Some(1000), true), Outside::Before),
            (ask(2000, 2000, Some(2100), true), Outside::After),
            (ask(1900, 2000, Some(2100), false), Outside::After),
            (ask(2000, 2100, None, false), Outside::After),
            (ask(1100, 1200, Some(1200), true), Outside::NoLength),
            (ask(1100, 1200, Some(1100), true), Outside::Inverted),
        ] {
            assert_eq!(cut(outside), Err(why));
        }
        // It began after the window and was asked for within: it waits.
        assert_eq!(
            cut(ask(1900, 2100, Some(2200), true)).map(told),
            Ok((900, 900, 100, Some(500), false))
        );
    }
}
