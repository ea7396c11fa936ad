//! Sorting a bucket downwards.

use std::cmp::Reverse;

use super::entry::{Entry, NONE};

/// So many events can be dealt by a digit of their time.
pub(super) const FEW: usize = 255;
/// Values of that digit: about as many as there are events in a bucket.
const DIGITS: usize = 128;
/// So few are put in order one after the other.
const HANDFUL: usize = 12;
/// So many of one digit, and the others of it are not a handful.
const CROWD: u8 = 16;

/// Appends events, all of times from `least` to `most`, to `sorted`, which is empty.
///
/// They are dealt by their times first, so that hardly one is out of place when each is put in order:
/// sorting by comparisons alone guesses wrong at every other branch.
pub(super) fn sort_into(sorted: &mut Vec<Entry>, events: &[Entry], least: u64, most: u64) {
    if !(HANDFUL..=FEW).contains(&events.len()) {
        sorted.extend_from_slice(events);
        return sort(sorted);
    }
    let shift = (u64::BITS - (most - least).leading_zeros()).saturating_sub(DIGITS.ilog2());
    let digit = |entry: &Entry| ((most - entry.time) >> shift) as usize % DIGITS;
    let mut indexes = [0_u8; DIGITS];
    for event in events {
        indexes[digit(event)] += 1;
    }
    let (mut before, mut crowd) = (0, 0);
    for index in &mut indexes {
        let count = std::mem::replace(index, before);
        before += count;
        crowd |= count;
    }
    if crowd >= CROWD {
        sorted.extend_from_slice(events);
        return sort(sorted);
    }
    sorted.resize(events.len(), NONE);
    for event in events {
        let index = &mut indexes[digit(event)];
        sorted[*index as usize] = *event;
        *index += 1;
    }
    insert_each(sorted);
}

/// Sorts by comparisons.
pub(super) fn sort(events: &mut [Entry]) {
    if events.len() > HANDFUL {
        events.sort_unstable_by_key(|event| Reverse(event.key()));
    } else {
        insert_each(events);
    }
}

fn insert_each(events: &mut [Entry]) {
    for next in 1..events.len() {
        let moving = events[next];
        let mut at = next;
        while at > 0 && events[at - 1].key() < moving.key() {
            events[at] = events[at - 1];
            at -= 1;
        }
        if at < next {
            events[at] = moving;
        }
    }
}
