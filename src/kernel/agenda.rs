//! The agenda: pending events in the order (time, rank, sequence).
//!
//! A 4-ary heap over 128-bit keys: time in the upper 64 bits, then 8 bits of rank, then 56 bits
//! of sequence number, so that one comparison orders all three and no two keys are equal.

use super::time::Time;

/// An event that knows its place among simultaneous ones: the lower rank goes first, and equal
/// ranks go in the order in which they were scheduled.
pub trait Ranked: Copy {
    /// The rank of this event among those of the same instant.
    fn rank(&self) -> u8;
}

/// Pending events, popped in the order (time, rank, sequence).
#[derive(Clone, Debug)]
pub struct Agenda<E> {
    heap: Vec<(u128, E)>,
    scheduled: u64,
}

const ARITY: usize = 4;

impl<E: Ranked> Default for Agenda<E> {
    fn default() -> Self {
        Agenda {
            heap: Vec::new(),
            scheduled: 0,
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
        self.heap.len()
    }

    /// Whether nothing is pending.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }

    /// The number of events ever scheduled.
    #[must_use]
    pub fn scheduled(&self) -> u64 {
        self.scheduled
    }

    /// The instant of the earliest pending event.
    #[must_use]
    pub fn next_time(&self) -> Option<Time> {
        self.heap.first().map(|(key, _)| time_of(*key))
    }

    /// Schedules `event` at `at`.
    pub fn push(&mut self, at: Time, event: E) {
        let key = (u128::from(at.0) << 64) | (u128::from(event.rank()) << 56) | u128::from(self.scheduled);
        self.scheduled += 1;
        self.heap.push((key, event));
        self.sift_up(self.heap.len() - 1);
    }

    /// Takes the earliest event.
    pub fn pop(&mut self) -> Option<(Time, E)> {
        let last = self.heap.pop()?;
        let Some(top) = self.heap.first_mut() else {
            return Some((time_of(last.0), last.1));
        };
        let (key, event) = std::mem::replace(top, last);
        self.sift_down();
        Some((time_of(key), event))
    }

    fn sift_up(&mut self, mut at: usize) {
        let moving = self.heap[at];
        while at > 0 {
            let parent = (at - 1) / ARITY;
            if self.heap[parent].0 <= moving.0 {
                break;
            }
            self.heap[at] = self.heap[parent];
            at = parent;
        }
        self.heap[at] = moving;
    }

    fn sift_down(&mut self) {
        let len = self.heap.len();
        let moving = self.heap[0];
        let mut at = 0;
        loop {
            let first = at * ARITY + 1;
            if first >= len {
                break;
            }
            let children = &self.heap[first..len.min(first + ARITY)];
            let mut least = 0;
            for (i, child) in children.iter().enumerate().skip(1) {
                if child.0 < children[least].0 {
                    least = i;
                }
            }
            if moving.0 <= children[least].0 {
                break;
            }
            self.heap[at] = self.heap[first + least];
            at = first + least;
        }
        self.heap[at] = moving;
    }
}

fn time_of(key: u128) -> Time {
    Time((key >> 64) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    #[derive(Clone, Copy, Debug, PartialEq)]
    struct Tagged(u8, u32);
    impl Ranked for Tagged {
        fn rank(&self) -> u8 {
            self.0
        }
    }

    proptest! {
        /// The agenda against a `BTreeMap` shadow: random pushes and pops, many ties.
        #[test]
        fn agrees_with_a_sorted_shadow(steps in prop::collection::vec((0u64..50, 0u8..4, prop::bool::weighted(0.6)), 1..400)) {
            let mut agenda = Agenda::new();
            let mut shadow: BTreeMap<(u64, u8, u64), Tagged> = BTreeMap::new();
            for (seq, (at, rank, push)) in steps.iter().enumerate() {
                if *push {
                    let event = Tagged(*rank, seq as u32);
                    shadow.insert((*at, *rank, agenda.scheduled()), event);
                    agenda.push(Time(*at), event);
                } else {
                    let expected = shadow.pop_first().map(|((at, _, _), event)| (Time(at), event));
                    prop_assert_eq!(agenda.pop(), expected);
                }
                prop_assert_eq!(agenda.len(), shadow.len());
                prop_assert_eq!(agenda.next_time(), shadow.first_key_value().map(|((at, _, _), _)| Time(*at)));
            }
            while let Some(((at, _, _), event)) = shadow.pop_first() {
                prop_assert_eq!(agenda.pop(), Some((Time(at), event)));
            }
            prop_assert!(agenda.pop().is_none());
        }
    }
}
