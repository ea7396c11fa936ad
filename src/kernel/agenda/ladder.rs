//! The rungs: buckets of equal width, each rung finer than the one above it.
//!
//! What is pushed goes to the end of a bucket's list, so that as many cache lines are written to as
//! there are buckets, not as there are events.

use super::chunks::{Chunks, List};
use super::entry::Entry;
use super::sort::{FEW, sort_into};

/// A rung has about so many buckets, where these hold neither fewer events than `LEAST` nor more
/// than `MOST`, of which hardly a bucket holds more than can be sorted at once.
const BUCKETS: usize = 128;
const LEAST: usize = 24;
const MOST: usize = 96;
/// No more rungs than this; below the last, buckets are sorted however full they are.
const RUNGS: usize = 10;
/// Of so many events it is seen how they lie.
const SAMPLE: usize = 64;

/// A rung.
#[derive(Clone, Debug)]
struct Rung {
    /// Where its first bucket begins.
    start: u64,
    /// Buckets are `1 << shift` milliseconds wide.
    shift: u32,
    /// The first bucket that has not been taken. There is one: of a rung that is used up nothing is kept.
    at: usize,
    /// The first instant of that bucket.
    from: u64,
    /// The last instant of its last bucket, which reaches up to what is coarser.
    last: u64,
    buckets: Vec<List>,
}

impl Rung {
    /// The bucket of an instant that is not before the first that is left.
    #[inline]
    fn bucket(&mut self, at: u64) -> &mut List {
        let index = ((at - self.start) >> self.shift) as usize;
        let last = self.buckets.len() - 1;
        &mut self.buckets[index.min(last)]
    }
}

/// The rungs, the finest last, and the events in them.
#[derive(Clone, Debug, Default)]
pub(super) struct Ladder {
    rungs: Vec<Rung>,
    chunks: Chunks,
    /// Lists of buckets to be used again.
    spare: Vec<Vec<List>>,
    /// A bucket on its way into a finer rung or into order.
    hand: Vec<Entry>,
}

impl Ladder {
    /// The first instant that belongs into a rung, if there is one.
    pub fn from(&self) -> Option<u64> {
        self.rungs.last().map(|rung| rung.from)
    }

    /// Takes an event that is not before the finest rung's first bucket; false: it is.
    #[inline]
    pub fn push(&mut self, entry: Entry) -> bool {
        // Each rung ends where the one above it begins.
        let rung = self.rungs.iter_mut().find(|rung| entry.time >= rung.from);
        let there = rung.is_some();
        if let Some(rung) = rung {
            self.chunks.push(rung.bucket(entry.time), entry);
        }
        there
    }

    /// Deals the nearer ones of events, of which there are more than a few, into a rung; the last
    /// instant of it.
    pub fn deal_nearer(&mut self, events: &mut Vec<Entry>) -> u64 {
        let (least, most) = bounds(events);
        let a_bucket = (events.len() / BUCKETS).clamp(LEAST, MOST);
        let wanted = events.len() / a_bucket;
        // The nearest quarter says how dense they lie where they are needed next. A few that are far
        // away do not make all buckets wide: they wait.
        let mut sample: Vec<u64> = events
            .iter()
            .step_by(events.len() / SAMPLE)
            .map(|entry| entry.time - least)
            .collect();
        let middle = sample.len() / 4;
        let quarter = sample.select_nth_unstable(middle).1.saturating_mul(4) / wanted as u64;
        let width = if quarter > 0 {
            quarter
        } else {
            (most - least) / wanted as u64
        };
        let shift = nearest_power(width);
        let buckets = ((most - least) >> shift).min(4 * wanted as u64) + 1;
        let end = u128::from(least) + (u128::from(buckets) << shift);
        let last = u64::try_from(end - 1).unwrap_or(u64::MAX);
        let mut rung = self.begin(least, shift, buckets as usize, last);
        events.retain(|&entry| {
            let nearer = entry.time <= last;
            if nearer {
                self.chunks.push(rung.bucket(entry.time), entry);
            }
            !nearer
        });
        self.rungs.push(rung);
        last
    }

    /// Deals events into a new finest rung, which reaches up to `last`.
    pub fn deal(&mut self, events: &mut Vec<Entry>, last: u64) {
        let (least, most) = bounds(events);
        let a_bucket = (events.len() / BUCKETS).clamp(LEAST, MOST);
        let shift = nearest_power((most - least) / (events.len() / a_bucket).max(1) as u64);
        let buckets = (most - least) >> shift;
        let mut rung = self.begin(least, shift, buckets as usize + 1, last);
        for entry in events.drain(..) {
            self.chunks.push(rung.bucket(entry.time), entry);
        }
        self.rungs.push(rung);
    }

    fn begin(&mut self, start: u64, shift: u32, count: usize, last: u64) -> Rung {
        let mut buckets = self.spare.pop().unwrap_or_default();
        buckets.clear();
        buckets.resize(count, 0);
        Rung {
            start,
            shift,
            at: 0,
            from: start,
            last,
            buckets,
        }
    }

    /// Takes the next bucket, sorted downwards, into `near`, which is empty; false: the rungs are empty.
    pub fn next(&mut self, near: &mut Vec<Entry>) -> bool {
        loop {
            let Some(rung) = self.rungs.last_mut() else {
                return false;
            };
            let Some(ahead) = rung.buckets[rung.at..].iter().position(|&list| list != 0) else {
                self.drop_rung();
                continue;
            };
            let (at, shift) = (rung.at + ahead, rung.shift);
            self.chunks.take(rung.buckets[at], &mut self.hand);
            let first = rung.start + ((at as u64) << shift);
            let mut last = rung.last;
            if at + 1 == rung.buckets.len() {
                self.drop_rung();
            } else {
                rung.at = at + 1;
                rung.from = first + (1 << shift);
                last = rung.from - 1;
            }
            let mut hand = std::mem::take(&mut self.hand);
            let full = hand.len() > FEW && shift > 0 && self.rungs.len() < RUNGS;
            if full {
                self.deal(&mut hand, last);
            } else {
                sort_into(near, &hand, first, last);
                hand.clear();
            }
            self.hand = hand;
            if !full {
                return true;
            }
        }
    }

    fn drop_rung(&mut self) {
        if let Some(rung) = self.rungs.pop() {
            self.spare.push(rung.buckets);
        }
    }
}

/// The first and the last instant of events.
pub(super) fn bounds(events: &[Entry]) -> (u64, u64) {
    let bounds = |(least, most): (u64, u64), entry: &Entry| (least.min(entry.time), most.max(entry.time));
    events.iter().fold((u64::MAX, 0), bounds)
}

/// The power of two that is nearest to a width.
fn nearest_power(width: u64) -> u32 {
    width.saturating_add(width / 2).max(1).ilog2()
}
