//! The agenda: pending events in the order (time, rank, sequence).
//!
//! Keys are 128 bits: time in the upper 64, then 8 of rank, then 56 of sequence number, so that one
//! comparison orders all three and no two keys are equal.
//!
//! It is a ladder queue (Tang, Goh and Thng, "Ladder queue: an O(1) priority queue structure for
//! large-scale discrete event simulation", ACM TOMACS 15(3), 2005). Far events lie unsorted in
//! `top`; when the nearer ones are used up, they are dealt into the buckets of a *rung*, whose width
//! follows from how many there are and how far they reach; a bucket that holds too many is dealt
//! into a finer rung; one that holds few is sorted into `near`, from whose end events are taken.
//! What is pushed before the end of `near`'s bucket goes into the small heap `late`.

mod heap;
mod ladder;
#[cfg(test)]
mod tests;

use super::time::Time;
use heap::Heap;
use ladder::{FEW, Ladder};

/// An event that knows its place among simultaneous ones: the lower rank goes first, and equal
/// ranks go in the order in which they were scheduled.
pub trait Ranked: Copy {
    /// The rank of this event among those of the same instant.
    fn rank(&self) -> u8;
}

/// A key and its event.
type Entry<E> = (u128, E);

/// So many late pushes are dealt into a rung of their own, if they are not all at once.
const LATE: usize = 512;

/// Pending events, popped in the order (time, rank, sequence).
#[derive(Clone, Debug)]
pub struct Agenda<E> {
    /// The nearest bucket, sorted downwards: the earliest event is the last.
    near: Vec<Entry<E>>,
    /// Events pushed before the end of that bucket.
    late: Heap<E>,
    ladder: Ladder<E>,
    /// Events from here on, unsorted.
    top: Vec<Entry<E>>,
    /// The first instant that belongs into `top`.
    top_from: u64,
    scheduled: u64,
    pending: usize,
}

impl<E: Ranked> Default for Agenda<E> {
    fn default() -> Self {
        Agenda {
            near: Vec::new(),
            late: Heap::new(),
            ladder: Ladder::new(),
            top: Vec::new(),
            top_from: 0,
            scheduled: 0,
            pending: 0,
        }
    }
}

impl<E: Ranked> Agenda<E> {
    /// An empty agenda.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The number of pending events.
    #[must_use]
    pub fn len(&self) -> usize {
        self.pending
    }

    /// Whether nothing is pending.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pending == 0
    }

    /// The number of events ever scheduled.
    #[must_use]
    pub fn scheduled(&self) -> u64 {
        self.scheduled
    }

    /// The instant of the earliest pending event.
    #[must_use]
    pub fn next_time(&self) -> Option<Time> {
        let near = self.near.last().map(|(key, _)| *key);
        let late = self.late.first().map(|(key, _)| *key);
        let key = match (near, late) {
            (Some(near), Some(late)) => near.min(late),
            (near, late) => near.or(late)?,
        };
        Some(Time(time_of(key)))
    }

    /// Schedules `event` at `at`.
    pub fn push(&mut self, at: Time, event: E) {
        let key = (u128::from(at.0) << 64) | (u128::from(event.rank()) << 56) | u128::from(self.scheduled);
        self.scheduled += 1;
        self.pending += 1;
        if self.pending == 1 {
            // Nothing else is pending: a fresh start, whatever the ladder's bounds were.
            self.ladder.clear();
            self.top_from = at.0.saturating_add(1);
            self.near.push((key, event));
        } else if at.0 >= self.top_from {
            self.top.push((key, event));
        } else if !self.ladder.push((key, event)) {
            self.late.push((key, event));
            if self.late.len() > LATE {
                self.spread_late();
            }
        }
    }

    /// Takes the earliest event.
    pub fn pop(&mut self) -> Option<(Time, E)> {
        let near_first = match (self.near.last(), self.late.first()) {
            (Some(near), Some(late)) => near.0 < late.0,
            (near, _) => near.is_some(),
        };
        let (key, event) = if near_first { self.near.pop()? } else { self.late.pop()? };
        self.pending -= 1;
        if self.near.is_empty() && self.late.len() == 0 && self.pending > 0 {
            self.refill();
        }
        Some((Time(time_of(key)), event))
    }

    /// Brings the next bucket near.
    fn refill(&mut self) {
        while !self.ladder.next(&mut self.near) {
            debug_assert!(!self.top.is_empty(), "pending events are somewhere");
            if self.top.len() > FEW {
                self.top_from = self.ladder.deal(&mut self.top, None);
                continue;
            }
            self.near.append(&mut self.top);
            self.near.sort_unstable_by_key(|entry| std::cmp::Reverse(entry.0));
            self.top_from = time_of(self.near[0].0).saturating_add(1);
            return;
        }
    }

    /// Deals late events, if they are many and not all of one instant, into a rung of their own.
    fn spread_late(&mut self) {
        let times = || self.late.iter().map(|(key, _)| time_of(*key));
        let (least, most) = (times().min().unwrap_or(0), times().max().unwrap_or(0));
        if most - least < 64 {
            return;
        }
        // All that is near goes with them: the rung begins before the earliest of it.
        let mut all: Vec<Entry<E>> = self.late.drain().chain(self.near.drain(..)).collect();
        let limit = self.ladder.from().unwrap_or(self.top_from);
        self.ladder.deal(&mut all, Some(limit));
        self.refill();
    }
}

fn time_of(key: u128) -> u64 {
    (key >> 64) as u64
}
