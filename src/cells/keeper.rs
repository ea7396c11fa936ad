//! The observer that keeps what a golden needs of a run, and no event: digests per day of
//! simulated time, checkpoints over the day's hours and over its decisions, and the number of
//! facts of each kind.
//!
//! A day's digests begin anew each day, so that a golden differs only where its runs do.

use std::collections::BTreeMap;

use crate::fleet::RequestId;
use crate::kernel::time::{DAY_MS, HOUR_MS};
use crate::kernel::{Digest, Time};
use crate::world::{Fact, Observer, Sight};

/// Checkpoints over a day's decisions at most: beyond that, one stands for several.
pub const MARKS: usize = 192;

/// Hours of a day.
const HOURS: usize = (DAY_MS / HOUR_MS) as usize;

/// The digits of checkpoints, six bits each.
const DIGITS: &[u8; 64] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";

/// Characters of a checkpoint: of 4096 differences one is seen a checkpoint late.
pub const MARK_CHARS: usize = 2;

/// One day as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    /// The digest of the day's facts, 16 hexadecimal digits.
    pub facts: String,
    /// A checkpoint over the day's facts at the end of each hour.
    pub hours: String,
    /// How many decisions the day had.
    pub decisions: u32,
    /// How many nodes were claimed.
    pub claims: u32,
    /// How many requests were refused for good.
    pub refused: u32,
    /// Checkpoints over the day's decisions, each after [`stride`] of them, the last at the end.
    pub marks: String,
}

/// After how many decisions a checkpoint stands, in a day of so many.
#[must_use]
pub fn stride(decisions: u32) -> u32 {
    decisions.div_ceil(MARKS as u32).max(1)
}

/// The facts that make up decisions: what was decided for whom, where a build went next, and which
/// boots of the operators were refused or went astray. When a deploy ends is no decision.
/// A new decision begins where `opens` says so, or with another subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// The request, or window and errand; their numbers do not meet.
    subject: u64,
    opens: bool,
}

/// Whether the fact is part of a decision.
pub(super) fn part(fact: &Fact) -> Option<Part> {
    let of = |request: RequestId, opens: bool| Part {
        subject: u64::from(request.0),
        opens,
    };
    Some(match *fact {
        Fact::Decided { request, .. } => of(request, true),
        Fact::Claimed { request, attempt, .. } => of(request, attempt > 1),
        Fact::Conflict { request, .. }
        | Fact::Misplaced { request, .. }
        | Fact::Waits { request, .. }
        | Fact::SiblingLost { request }
        | Fact::Refused { request, .. } => of(request, false),
        Fact::ErrandRefused { window, errand, .. } | Fact::Mistargeted { window, errand, .. } => Part {
            subject: 1 << 63 | u64::from(window.0) << 16 | u64::from(errand.0),
            opens: true,
        },
        _ => return None,
    })
}

/// Counts decisions as facts go by.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counter {
    /// The day that it counts in.
    pub day: u64,
    /// Decisions of the day that have begun.
    pub begun: u32,
    /// The last one's subject and instant.
    last: Option<(u64, Time)>,
}

impl Counter {
    /// Whether this fact begins a decision; none when it is not part of any.
    pub fn step(&mut self, at: Time, fact: &Fact) -> Option<bool> {
        let Part { subject, opens } = part(fact)?;
        let begins = opens || self.last != Some((subject, at));
        self.last = Some((subject, at));
        self.begun += u32::from(begins);
        Some(begins)
    }

    /// A new day has begun.
    pub fn turn(&mut self, day: u64) {
        *self = Counter {
            day,
            ..Counter::default()
        };
    }
}

/// The observer.
#[derive(Debug)]
pub struct Keeper {
    /// The last day of the run: what is told at the horizon itself belongs to it.
    last_day: u64,
    /// Whether days are kept, or the totals alone.
    keeps_days: bool,
    all: Digest,
    /// By tag of the fact: its kind and count.
    counts: BTreeMap<u64, (String, u64)>,
    days: Vec<Day>,
    counter: Counter,
    claims: u32,
    refused: u32,
    facts: Digest,
    hours: Vec<u16>,
    chain: Digest,
    marks: Vec<u16>,
}

/// What a keeper has kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// The digest of all facts, 32 hexadecimal digits.
    pub facts: String,
    /// The number of facts of each kind, by name.
    pub counts: BTreeMap<String, u64>,
    /// The days, where they are kept.
    pub days: Vec<Day>,
}

impl Keeper {
    /// A keeper of a run that ends at `horizon`.
    #[must_use]
    pub fn new(horizon: Time, keeps_days: bool) -> Keeper {
        Keeper {
            last_day: horizon.0.saturating_sub(1) / DAY_MS,
            keeps_days,
            all: Digest::default(),
            counts: BTreeMap::new(),
            days: Vec::new(),
            counter: Counter::default(),
            claims: 0,
            refused: 0,
            facts: Digest::default(),
            hours: Vec::new(),
            chain: Digest::default(),
            marks: Vec::new(),
        }
    }

    /// What was kept.
    #[must_use]
    pub fn finish(mut self) -> Kept {
        if self.keeps_days {
            self.turn(self.last_day + 1);
        }
        Kept {
            facts: self.all.hex(),
            counts: self.counts.into_values().collect(),
            days: self.days,
        }
    }

    /// Closes every day before `day`.
    fn turn(&mut self, day: u64) {
        while self.counter.day < day {
            self.fill_hours(HOURS);
            if self.counter.begun > 0 {
                self.marks.push(mark(self.chain));
            }
            let decisions = self.counter.begun;
            self.days.push(Day {
                facts: self.facts.hex()[..16].to_owned(),
                hours: text(self.hours.drain(..)),
                decisions,
                claims: std::mem::take(&mut self.claims),
                refused: std::mem::take(&mut self.refused),
                marks: thinned(&self.marks, stride(decisions)),
            });
            self.marks.clear();
            (self.facts, self.chain) = (Digest::default(), Digest::default());
            self.counter.turn(self.counter.day + 1);
        }
    }

    /// Checkpoints for the hours before this one.
    fn fill_hours(&mut self, hour: usize) {
        while self.hours.len() < hour {
            self.hours.push(mark(self.facts));
        }
    }

    fn keep_day(&mut self, at: Time, fact: &Fact) {
        let day = (at.0 / DAY_MS).min(self.last_day);
        self.turn(day);
        self.fill_hours((((at.0 - day * DAY_MS) / HOUR_MS) as usize).min(HOURS - 1));
        let (a, b) = fact.words();
        self.facts.stamp(at, a, b);
        self.claims += u32::from(matches!(fact, Fact::Claimed { .. }));
        self.refused += u32::from(matches!(fact, Fact::Refused { .. }));
        let before = self.counter.begun;
        if let Some(begins) = self.counter.step(at, fact) {
            if begins && before > 0 {
                self.marks.push(mark(self.chain));
            }
            // How many candidates were looked at is no outcome of a decision; the day's facts hold it.
            let (a, b) = match *fact {
                Fact::Decided { request, .. } => (2, u64::from(request.0)),
                _ => (a, b),
            };
            self.chain.stamp(at, a, b);
        }
    }
}

impl Observer for Keeper {
    fn told(&mut self, at: Time, fact: &Fact, _sight: &Sight<'_>) {
        let (a, b) = fact.words();
        self.all.stamp(at, a, b);
        // The low byte of a fact's first word is its kind's own.
        let kind = self.counts.entry(a & 0xff).or_insert_with(|| (kind(fact), 0));
        kind.1 += 1;
        if self.keeps_days {
            self.keep_day(at, fact);
        }
    }
}

/// The kind of a fact: its variant's name in small letters, `build-failed`.
fn kind(fact: &Fact) -> String {
    let shown = format!("{fact:?}");
    let name = shown.split([' ', '{']).next().unwrap_or_default();
    let mut out = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !out.is_empty() {
            out.push('-');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// Twelve bits of a digest so far.
fn mark(digest: Digest) -> u16 {
    (digest.value() & 0xfff) as u16
}

/// Every `stride`th mark, and the last.
fn thinned(marks: &[u16], stride: u32) -> String {
    let whole = marks.chunks(stride as usize);
    text(whole.filter_map(|chunk| chunk.last().copied()))
}

fn text(marks: impl Iterator<Item = u16>) -> String {
    marks
        .flat_map(|mark| [mark >> 6, mark & 63])
        .map(|digit| char::from(DIGITS[usize::from(digit)]))
        .collect()
}

/// Whether a text is checkpoints.
#[must_use]
pub fn are_marks(text: &str) -> bool {
    text.len().is_multiple_of(MARK_CHARS) && text.bytes().all(|byte| DIGITS.contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cells::cell::run_cell_watched;
    use crate::cells::testing::busy;

    fn kept(variant: usize, replication: u32) -> Kept {
        let scenario = busy();
        let keeper = Keeper::new(scenario.horizon, true);
        run_cell_watched(&scenario, variant, replication, keeper, &|| false)
            .1
            .finish()
    }

    #[test]
    fn a_run_is_kept_the_same_twice_and_otherwise_than_another() {
        assert_eq!(kept(0, 0), kept(0, 0));
        assert_ne!(kept(0, 0), kept(1, 0));
        assert_ne!(kept(0, 0).facts, kept(0, 1).facts);
    }

    #[test]
    fn a_day_has_its_hours_and_its_decisions() {
        let kept = kept(1, 0);
        assert_eq!(kept.days.len(), 30);
        for day in &kept.days {
            assert_eq!(day.hours.len(), HOURS * MARK_CHARS);
            let marks = day.decisions.div_ceil(stride(day.decisions)) as usize;
            assert_eq!(day.marks.len(), marks * MARK_CHARS, "{day:?}");
            assert!(are_marks(&day.hours) && are_marks(&day.marks));
        }
        let decided = kept.counts["decided"];
        let decisions: u64 = kept.days.iter().map(|day| u64::from(day.decisions)).sum();
        assert!(decided > 50 && decisions >= decided, "{decisions} of {decided}");
        let sum = |of: fn(&Day) -> u32| kept.days.iter().map(|day| u64::from(of(day))).sum::<u64>();
        assert_eq!(sum(|day| day.claims), kept.counts["claimed"]);
        assert_eq!(sum(|day| day.refused), kept.counts["refused"]);
        assert_eq!(kept.counts["ended"], 1);
    }

    #[test]
    fn watching_changes_nothing() {
        let scenario = busy();
        let plain = crate::cells::cell::run_cell(&scenario, 2, 0, &|| false);
        let watched = run_cell_watched(&scenario, 2, 0, Keeper::new(scenario.horizon, true), &|| false).0;
        assert_eq!(format!("{plain:?}"), format!("{watched:?}"));
    }

    #[test]
    fn many_decisions_share_checkpoints() {
        assert_eq!((stride(0), stride(192), stride(193), stride(900)), (1, 1, 2, 5));
        let marks: Vec<u16> = (0..7).collect();
        assert_eq!(thinned(&marks, 3), "020506");
    }
}
