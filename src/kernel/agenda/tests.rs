//! The agenda against a `BTreeMap` shadow.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{Agenda, Packed, Ranked};
use crate::kernel::Time;
use crate::kernel::streams::Seed;

#[derive(Clone, Copy, Debug, PartialEq)]
struct Tagged(u8, u32);

impl Ranked for Tagged {
    fn rank(&self) -> u8 {
        self.0
    }
    fn pack(&self) -> Packed {
        Packed {
            // Any kind: it must not decide.
            kind: !self.1 as u8,
            word: u64::from(self.0) << 32 | u64::from(self.1),
        }
    }
    fn unpack(packed: Packed) -> Tagged {
        let tagged = Tagged((packed.word >> 32) as u8, packed.word as u32);
        assert_eq!(tagged.pack(), packed);
        tagged
    }
}

/// The agenda and its shadow, told the same.
#[derive(Default)]
struct Pair {
    agenda: Agenda<Tagged>,
    shadow: BTreeMap<(u64, u8, u64), Tagged>,
}

impl Pair {
    fn push(&mut self, at: u64, rank: u8) {
        let event = Tagged(rank, self.agenda.scheduled() as u32);
        self.shadow.insert((at, rank, self.agenda.scheduled()), event);
        // Every third as the next of a source: beside the queue, if that place is free.
        if self.agenda.scheduled().is_multiple_of(3) {
            self.agenda.hold(Time(at), event);
        } else {
            self.agenda.push(Time(at), event);
        }
    }

    /// Pops both; when, or none where both are empty.
    fn pop(&mut self) -> Option<u64> {
        let expected = self.shadow.pop_first().map(|((at, _, _), event)| (Time(at), event));
        if let Some((at, _)) = expected {
            assert_eq!(self.agenda.pop_before(at), None, "before {at} there is nothing");
        }
        assert_eq!(self.agenda.pop(), expected);
        assert_eq!(self.agenda.is_empty(), self.shadow.is_empty());
        let next = self.shadow.first_key_value().map(|((at, _, _), _)| Time(*at));
        assert_eq!(self.agenda.next_time(), next);
        expected.map(|(at, _)| at.0)
    }
}

proptest! {
    /// Random pushes and pops in any order, earlier than what was popped too, with many ties.
    #[test]
    fn agrees_with_a_sorted_shadow(
        steps in prop::collection::vec((0u64..50, 0u8..4, prop::bool::weighted(0.6), 0u32..40), 1..800)
    ) {
        let mut pair = Pair::default();
        for (at, rank, push, stretch) in steps {
            // Stretched by powers of two, up to the end of the clock: heavy tails.
            let at = at.checked_shl(stretch + 20).filter(|_| stretch > 30).unwrap_or(at);
            if push {
                pair.push(at, rank);
            } else {
                pair.pop();
            }
        }
        while pair.pop().is_some() {}
    }
}

/// A simulation's pattern: each popped event schedules others, some at once, some far away.
fn simulated(operations: u64, seed: u64, tail: u32) {
    let mut stream = Seed {
        master: seed,
        replication: 0,
    }
    .stream(1, 1);
    let mut pair = Pair::default();
    let (mut now, mut done) = (0, 0);
    while done < operations {
        let burst = match stream.below(1000) {
            0 => 2000,
            1..=480 => 1,
            481..=520 => 5,
            _ => 0,
        };
        for _ in 0..burst {
            let reach = 1 << stream.below(u64::from(tail));
            let after = if stream.below(4) == 0 { 0 } else { stream.below(reach) };
            pair.push(now + after, stream.below(5) as u8);
        }
        done += burst + 1;
        match pair.pop() {
            Some(at) => now = now.max(at),
            None => pair.push(now, 0),
        }
    }
    while pair.pop().is_some() {}
}

#[test]
fn agrees_with_the_shadow_over_a_simulation() {
    for (seed, tail) in [(1, 4), (2, 12), (3, 24), (4, 40)] {
        simulated(40_000, seed, tail);
    }
}

#[test]
#[ignore = "ten million operations: minutes"]
fn agrees_with_the_shadow_over_ten_million_operations() {
    for (seed, tail) in [(5, 3), (6, 10), (7, 20), (8, 30), (9, 44)] {
        simulated(2_000_000, seed, tail);
    }
}

#[test]
fn the_end_of_the_clock_is_a_time_too() {
    let mut pair = Pair::default();
    for at in [u64::MAX, 0, u64::MAX - 1, 1, u64::MAX, 7] {
        (0..100).for_each(|n| pair.push(at.saturating_sub(n * 3), (n % 3) as u8));
    }
    while pair.pop().is_some() {}
}
