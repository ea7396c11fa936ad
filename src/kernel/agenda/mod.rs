//! The agenda: pending events in the order (time, rank, sequence).
//!
//! A key is two words: the time, then 8 bits of rank, 48 of sequence number and 8 for the kind of event,
//! which never decides, since no two sequence numbers are equal. One comparison of 128 bits orders by
//! all three, and with the word that the event says an entry takes 24 bytes. 2^48 events are nine years
//! of a million a second; beyond them ranks would be wrong.
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

use std::marker::PhantomData;

use super::time::Time;
use heap::Heap;
use ladder::{FEW, Ladder};

/// An event that knows its place among simultaneous ones, and fits into nine bytes.
pub trait Ranked: Copy {
    /// The rank of this event among those of the same instant: the lower goes first, and equal ranks
    /// go in the order in which they were scheduled.
    fn rank(&self) -> u8;

    /// The event as the agenda keeps it.
    fn pack(&self) -> Packed;

    /// The event that was packed like this.
    fn unpack(packed: Packed) -> Self;
}

/// An event in nine bytes; all that tells it from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packed {
    /// Which kind of event.
    pub kind: u8,
    /// What it says.
    pub word: u64,
}

/// An event with its key.
#[derive(Clone, Copy, Debug)]
struct Entry {
    time: u64,
    /// Rank, sequence number and kind.
    order: u64,
    word: u64,
}

impl Entry {
    #[inline]
    fn key(&self) -> u128 {
        u128::from(self.time) << 64 | u128::from(self.order)
    }

    #[inline]
    fn event(&self) -> (Time, Packed) {
        let kind = self.order as u8;
        (Time(self.time), Packed { kind, word: self.word })
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
    near: Vec<Entry>,
    /// Events pushed before the end of that bucket.
    late: Heap,
    ladder: Ladder,
    /// Events from here on, unsorted.
    top: Vec<Entry>,
    /// The first instant that belongs into `top`.
    top_from: u64,
    held: Option<Entry>,
    scheduled: u64,
    pending: usize,
    events: PhantomData<E>,
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
            events: PhantomData,
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
    fn entry(&mut self, at: Time, event: E) -> Entry {
        let Packed { kind, word } = event.pack();
        let order = u64::from(event.rank()) << 56 | self.scheduled << 8 | u64::from(kind);
        self.scheduled += 1;
        Entry {
            time: at.0,
            order,
            word,
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

    fn enter(&mut self, entry: Entry) {
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
        self.take(None).map(|(at, packed)| (at, E::unpack(packed)))
    }

    /// Takes the earliest event, packed, if it is before `end`.
    #[inline]
    pub fn pop_before(&mut self, end: Time) -> Option<(Time, Packed)> {
        self.take(Some(end))
    }

    #[inline]
    fn take(&mut self, end: Option<Time>) -> Option<(Time, Packed)> {
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
            From::Held => return self.held.take().map(|entry| entry.event()),
            From::Near => self.near.pop()?,
            From::Late => self.late.pop()?,
        };
        self.pending -= 1;
        if self.near.is_empty() && self.late.len() == 0 && self.pending > 0 {
            self.refill();
        }
        Some(entry.event())
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
        let mut all: Vec<Entry> = self.late.drain().chain(self.near.drain(..)).collect();
        let limit = self.ladder.from().unwrap_or(self.top_from);
        self.ladder.deal(&mut all, Some(limit));
        self.refill();
    }
}
