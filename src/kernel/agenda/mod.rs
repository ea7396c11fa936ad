//! The agenda: pending events in the order (time, rank, sequence).
//!
//! A key is two words: the time, then 8 bits of rank and 56 of sequence number, so that one
//! comparison of 128 bits orders all three and no two keys are equal.
//!
//! It is a ladder queue (Tang, Goh and Thng, "Ladder queue: an O(1) priority queue structure for
//! large-scale discrete event simulation", ACM TOMACS 15(3), 2005). Far events lie unsorted in
//! `top`; when the nearer ones are used up, they are dealt into the buckets of a *rung*, whose width
//! follows from how many there are and how far they reach; a bucket that holds too many is dealt
//! into a finer rung; one that holds few is sorted into `near`, from whose end events are taken.
//! What is pushed before the end of `near`'s bucket goes into the small heap `late`.
//!
//! One event may be *held* beside the queue, as the next of a source that has one pending at a time:
//! it takes its number and its turn like any other.

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

/// An event with its key.
#[derive(Clone, Copy, Debug)]
struct Entry<E> {
    time: u64,
    /// Rank and sequence number.
    order: u64,
    event: E,
}

impl<E> Entry<E> {
    #[inline]
    fn key(&self) -> u128 {
        u128::from(self.time) << 64 | u128::from(self.order)
    }
}

/// Where the earliest event is.
enum From {
    Near,
    Late,
    Held,
}

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
    held: Option<Entry<E>>,
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
            held: None,
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
        self.pending + usize::from(self.held.is_some())
    }

    /// Whether nothing is pending.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of events ever scheduled.
    #[must_use]
    pub fn scheduled(&self) -> u64 {
        self.scheduled
    }

    /// The instant of the earliest pending event.
    #[must_use]
    #[inline]
    pub fn next_time(&self) -> Option<Time> {
        let near = self.near.last().map(|entry| entry.time);
        let others = [self.late.first(), self.held.as_ref()];
        let others = others.into_iter().flatten().map(|entry| entry.time);
        near.into_iter().chain(others).min().map(Time)
    }

    #[inline]
    fn entry(&mut self, at: Time, event: E) -> Entry<E> {
        let order = u64::from(event.rank()) << 56 | self.scheduled;
        self.scheduled += 1;
        Entry {
            time: at.0,
            order,
            event,
        }
    }

    /// Schedules `event` at `at`.
    #[inline]
    pub fn push(&mut self, at: Time, event: E) {
        let entry = self.entry(at, event);
        self.enter(entry);
    }

    /// Schedules `event` at `at` as the next of a source that has one event pending at a time.
    #[inline]
    pub fn hold(&mut self, at: Time, event: E) {
        let entry = self.entry(at, event);
        if self.held.is_none() {
            self.held = Some(entry);
        } else {
            self.enter(entry);
        }
    }

    fn enter(&mut self, entry: Entry<E>) {
        self.pending += 1;
        if self.pending == 1 {
            // Nothing else is pending: a fresh start, whatever the ladder's bounds were.
            self.ladder.clear();
            self.top_from = entry.time.saturating_add(1);
            self.near.push(entry);
        } else if entry.time >= self.top_from {
            self.top.push(entry);
        } else if !self.ladder.push(entry) {
            self.late.push(entry);
            if self.late.len() > LATE {
                self.spread_late();
            }
        }
    }

    /// Takes the earliest event.
    #[inline]
    pub fn pop(&mut self) -> Option<(Time, E)> {
        self.pop_before(None)
    }

    /// Takes the earliest event if it is before `end`, where there is one.
    #[inline]
    pub fn pop_before(&mut self, end: Option<Time>) -> Option<(Time, E)> {
        let mut first = self.near.last().map_or(u128::MAX, Entry::key);
        let mut from = From::Near;
        if let Some(late) = self.late.first()
            && late.key() < first
        {
            (first, from) = (late.key(), From::Late);
        }
        if let Some(held) = &self.held
            && held.key() < first
        {
            (first, from) = (held.key(), From::Held);
        }
        let time = (first >> 64) as u64;
        if end.is_some_and(|end| time >= end.0) {
            return None;
        }
        let entry = match from {
            From::Held => return self.held.take().map(|entry| (Time(time), entry.event)),
            From::Near => self.near.pop()?,
            From::Late => self.late.pop()?,
        };
        self.pending -= 1;
        if self.near.is_empty() && self.late.len() == 0 && self.pending > 0 {
            self.refill();
        }
        Some((Time(time), entry.event))
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
            self.near.sort_unstable_by_key(|entry| std::cmp::Reverse(entry.key()));
            self.top_from = self.near[0].time.saturating_add(1);
            return;
        }
    }

    /// Deals late events, if they are many and not all of one instant, into a rung of their own.
    fn spread_late(&mut self) {
        let times = || self.late.iter().map(|entry| entry.time);
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
