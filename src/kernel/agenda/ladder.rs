//! The rungs: buckets of equal width, each rung finer than the one above it.
//!
//! A bucket is a list of chunks. What is pushed goes into the bucket's last chunk, so that as many
//! cache lines are written to as there are buckets, not as there are events; and a bucket that is
//! taken is read chunk by chunk.

use super::Entry;

/// A bucket of at most so many events is sorted; a fuller one is dealt into a finer rung.
pub(super) const FEW: usize = 96;
/// A rung has about one bucket for so many events.
const EVENTS_A_BUCKET: usize = 16;
/// No more rungs than this; below the last, buckets are sorted however full they are.
const RUNGS: usize = 10;
/// Events in a chunk.
const CHUNK: usize = 8;
/// The end of a bucket's list.
const NONE: u32 = u32::MAX;

/// A rung.
#[derive(Clone, Debug)]
struct Rung {
    /// Where its first bucket begins.
    start: u64,
    /// Buckets are `1 << shift` milliseconds wide.
    shift: u32,
    /// The first bucket that has not been taken.
    at: usize,
    /// The first instant of the buckets that are left.
    from: u64,
    /// Where its last bucket ends, which reaches up to what is coarser.
    limit: u64,
    /// Per bucket: its last chunk, and how many events are in that.
    heads: Vec<(u32, u32)>,
    /// Events left in it.
    count: usize,
}

impl Rung {
    /// The first instant of the buckets that are left.
    fn first(&self) -> u64 {
        if self.at == self.heads.len() {
            return self.limit;
        }
        // Times may reach up to the end of the clock.
        let from = u128::from(self.start) + ((self.at as u128) << self.shift);
        from.min(u128::from(self.limit)) as u64
    }

    /// The bucket of an instant that is not before the first that is left.
    #[inline]
    fn bucket(&self, at: u64) -> usize {
        (((at - self.start) >> self.shift) as usize).min(self.heads.len() - 1)
    }
}

/// Events of one bucket, and the chunk before.
#[derive(Clone, Copy, Debug)]
struct Chunk {
    events: [Entry; CHUNK],
    before: u32,
}

/// The rungs, the finest last, and the events in them.
#[derive(Clone, Debug)]
pub(super) struct Ladder {
    rungs: Vec<Rung>,
    chunks: Vec<Chunk>,
    /// The first of the chunks that are not in use.
    free: u32,
    /// Lists of heads to be used again.
    spare: Vec<Vec<(u32, u32)>>,
    /// A bucket on its way into a finer rung.
    hand: Vec<Entry>,
}

impl Ladder {
    pub fn new() -> Ladder {
        Ladder {
            rungs: Vec::new(),
            chunks: Vec::new(),
            free: NONE,
            spare: Vec::new(),
            hand: Vec::new(),
        }
    }

    /// Forgets all rungs; they must be empty.
    pub fn clear(&mut self) {
        debug_assert!(self.rungs.iter().all(|rung| rung.count == 0), "nothing is lost");
        while let Some(rung) = self.rungs.pop() {
            self.put_by(rung);
        }
    }

    /// The first instant that belongs into a rung, if there is one.
    pub fn from(&self) -> Option<u64> {
        self.rungs.last().map(|rung| rung.from)
    }

    /// Takes an event that is not before the finest rung's first bucket; false: it is.
    #[inline]
    pub fn push(&mut self, entry: Entry) -> bool {
        let at = entry.time;
        let place = self.rungs.iter().rposition(|rung| at >= rung.from && at < rung.limit);
        if let Some(place) = place {
            self.insert(place, entry);
        }
        place.is_some()
    }

    #[inline]
    fn insert(&mut self, place: usize, entry: Entry) {
        let rung = &mut self.rungs[place];
        rung.count += 1;
        let bucket = rung.bucket(entry.time);
        let (chunk, held) = &mut rung.heads[bucket];
        if *chunk != NONE && (*held as usize) < CHUNK {
            self.chunks[*chunk as usize].events[*held as usize] = entry;
            *held += 1;
            return;
        }
        let before = *chunk;
        *held = 1;
        if self.free == NONE {
            *chunk = self.chunks.len() as u32;
            self.chunks.push(Chunk {
                events: [entry; CHUNK],
                before,
            });
        } else {
            *chunk = self.free;
            let reused = &mut self.chunks[self.free as usize];
            self.free = reused.before;
            reused.before = before;
            reused.events[0] = entry;
        }
    }

    /// Deals events into a new finest rung, which reaches up to `limit`, or else just over the last
    /// of them; where it ends.
    pub fn deal(&mut self, events: &mut Vec<Entry>, limit: Option<u64>) -> u64 {
        let times = || events.iter().map(|entry| entry.time);
        let (least, most) = (times().min().unwrap_or(0), times().max().unwrap_or(0));
        let wanted = (events.len() / EVENTS_A_BUCKET).max(1) as u64;
        // The least power of two with which so many buckets reach the last event.
        let width = ((most - least) / wanted).saturating_add(1).checked_next_power_of_two();
        let shift = width.map_or(63, u64::trailing_zeros);
        let buckets = ((most - least) >> shift) as usize + 1;
        let mut heads = self.spare.pop().unwrap_or_default();
        heads.clear();
        heads.resize(buckets, (NONE, 0));
        let end = u128::from(least) + ((buckets as u128) << shift);
        let limit = limit.unwrap_or_else(|| u64::try_from(end).unwrap_or(u64::MAX));
        self.rungs.push(Rung {
            start: least,
            shift,
            limit,
            at: 0,
            from: least.min(limit),
            heads,
            count: 0,
        });
        let place = self.rungs.len() - 1;
        for entry in events.drain(..) {
            self.insert(place, entry);
        }
        limit
    }

    /// Takes the next bucket, sorted downwards, into `near`, which is empty; false: the rungs are empty.
    pub fn next(&mut self, near: &mut Vec<Entry>) -> bool {
        loop {
            let Some(rung) = self.rungs.last_mut() else {
                return false;
            };
            if rung.count == 0 {
                if let Some(rung) = self.rungs.pop() {
                    self.put_by(rung);
                }
                continue;
            }
            while rung.heads[rung.at].0 == NONE {
                rung.at += 1;
            }
            let (mut chunk, mut held) = std::mem::replace(&mut rung.heads[rung.at], (NONE, 0));
            rung.at += 1;
            rung.from = rung.first();
            let shift = rung.shift;
            while chunk != NONE {
                let taken = &mut self.chunks[chunk as usize];
                near.extend_from_slice(&taken.events[..held as usize]);
                held = CHUNK as u32;
                let before = std::mem::replace(&mut taken.before, self.free);
                self.free = chunk;
                chunk = before;
            }
            rung.count -= near.len();
            if near.len() > FEW && shift > 0 && self.rungs.len() < RUNGS {
                std::mem::swap(near, &mut self.hand);
                let (mut hand, limit) = (std::mem::take(&mut self.hand), self.from());
                self.deal(&mut hand, limit);
                self.hand = hand;
                continue;
            }
            near.sort_unstable_by_key(|entry| std::cmp::Reverse(entry.key()));
            return true;
        }
    }

    fn put_by(&mut self, rung: Rung) {
        if self.spare.len() < RUNGS {
            self.spare.push(rung.heads);
        }
    }
}
