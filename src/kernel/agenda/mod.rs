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
//! follows from how dense the nearest of them lie; a bucket that holds too many is dealt into a finer
//! rung; one that holds few is sorted into `near`, from whose end events are taken. What is pushed
//! before the end of `near`'s bucket is put into its place there or, if that is far from the end, goes
//! into the small heap `late`.
//!
//! One event may be *held* beside the queue, as the next of a source that has one pending at a time:
//! it takes its number and its turn like any other.

mod chunks;
mod entry;
mod heap;
mod ladder;
mod sort;
#[cfg(test)]
mod tests;

use std::marker::PhantomData;

use super::time::Time;
use entry::{Entry, NONE};
pub use entry::{Packed, Ranked};
use heap::Heap;
use ladder::{Ladder, bounds};
use sort::{FEW, sort, sort_into};

/// An event that is so near to the earliest one is put where it belongs in `near`, a later one into `late`.
const CLOSE: usize = 24;

/// So many late pushes are dealt into a rung of their own, if they are not all at once.
const LATE: usize = 512;

/// Pending events, popped in the order (time, rank, sequence).
#[derive(Clone, Debug)]
pub struct Agenda<E> {
    /// The nearest bucket, sorted downwards: the earliest event is the last. While it is empty nothing
    /// is pending but what is held.
    near: Vec<Entry>,
    /// Events pushed before the end of that bucket and far from the earliest.
    late: Heap,
    ladder: Ladder,
    /// Events after the instant `top_after`, unsorted.
    top: Vec<Entry>,
    top_after: u64,
    /// `NONE` where none is.
    held: Entry,
    scheduled: u64,
    events: PhantomData<E>,
}

impl<E: Ranked> Default for Agenda<E> {
    fn default() -> Self {
        Agenda {
            near: Vec::new(),
            late: Heap::new(),
            ladder: Ladder::default(),
            top: Vec::new(),
            top_after: 0,
            held: NONE,
            scheduled: 0,
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

    /// Whether nothing is pending.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.next_time().is_none()
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
        let near = self.near.last().unwrap_or(&NONE).key();
        let late = self.late.first().unwrap_or(&NONE).key();
        let first = near.min(late).min(self.held.key());
        (first != NONE.key()).then_some(Time((first >> 64) as u64))
    }

    #[inline(always)]
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

    /// Schedules `event` at `at`. Compiled into the place that schedules, where the kind of event is known.
    #[inline(always)]
    pub fn push(&mut self, at: Time, event: E) {
        let entry = self.entry(at, event);
        self.enter(entry.time, entry.order, entry.word);
    }

    /// Schedules `event` at `at` as the next of a source that has one event pending at a time.
    #[inline(always)]
    pub fn hold(&mut self, at: Time, event: E) {
        let entry = self.entry(at, event);
        if self.held.order == NONE.order {
            self.held = entry;
        } else {
            self.enter(entry.time, entry.order, entry.word);
        }
    }

    /// Three words in registers: an entry in memory would be read before it is quite written.
    #[inline(never)]
    fn enter(&mut self, time: u64, order: u64, word: u64) {
        let entry = Entry { time, order, word };
        if entry.time > self.top_after && !self.near.is_empty() {
            self.top.push(entry);
        } else if !self.ladder.push(entry) {
            self.enter_near(time, order, word);
        }
    }

    /// An event that is before all rungs.
    #[inline(never)]
    fn enter_near(&mut self, time: u64, order: u64, word: u64) {
        let entry = Entry { time, order, word };
        if self.near.is_empty() {
            self.top_after = entry.time;
        }
        let from = self.near.len().saturating_sub(CLOSE);
        let later = self.near[from..]
            .iter()
            .rev()
            .take_while(|near| near.key() < entry.key())
            .count();
        if later < CLOSE {
            self.near.insert(self.near.len() - later, entry);
            return;
        }
        self.late.push(entry);
        if self.late.len() > LATE {
            self.spread_late();
        }
    }

    /// Takes the earliest event.
    #[inline]
    pub fn pop(&mut self) -> Option<(Time, E)> {
        self.take(u64::MAX).map(|(at, packed)| (at, E::unpack(packed)))
    }

    /// Takes the earliest event, packed, if it is before `end`.
    #[inline]
    pub fn pop_before(&mut self, end: Time) -> Option<(Time, Packed)> {
        self.take(end.0.checked_sub(1)?)
    }

    /// Takes the earliest event if it is not after `last`.
    #[inline(always)]
    fn take(&mut self, last: u64) -> Option<(Time, Packed)> {
        let near = *self.near.last().unwrap_or(&NONE);
        if let Some(late) = self.late.first()
            && late.key() < near.key().min(self.held.key())
        {
            return self.take_late(last);
        }
        if self.held.key() < near.key() {
            let held = self.held;
            if held.time > last {
                return None;
            }
            self.held = NONE;
            return Some(held.event());
        }
        if near.time > last {
            return None;
        }
        self.near.pop()?;
        if self.near.is_empty() {
            self.refill();
        }
        Some(near.event())
    }

    #[cold]
    #[inline(never)]
    fn take_late(&mut self, last: u64) -> Option<(Time, Packed)> {
        self.late.first().filter(|late| late.time <= last)?;
        self.late.pop().map(|late| late.event())
    }

    /// Brings the next bucket near.
    #[inline(never)]
    fn refill(&mut self) {
        if self.late.len() > 0 {
            self.near.extend(self.late.drain());
            sort(&mut self.near);
            return;
        }
        while !self.ladder.next(&mut self.near) && !self.top.is_empty() {
            if self.top.len() > FEW {
                self.top_after = self.ladder.deal_nearer(&mut self.top);
                continue;
            }
            let (least, most) = bounds(&self.top);
            sort_into(&mut self.near, &self.top, least, most);
            self.top.clear();
            self.top_after = most;
            return;
        }
    }

    /// Deals late events, if they are many and not all of one instant, into a rung of their own.
    fn spread_late(&mut self) {
        let (least, most) = bounds(self.late.entries());
        if most - least < 64 {
            return;
        }
        // All that is near goes with them: the rung begins before the earliest of it.
        let mut all: Vec<Entry> = self.late.drain().chain(self.near.drain(..)).collect();
        let last = self.ladder.from().map_or(self.top_after, |from| from.saturating_sub(1));
        self.ladder.deal(&mut all, last);
        self.refill();
    }
}
