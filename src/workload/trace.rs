//! Given requests: a trace or a list, held once and shared read-only by all replications. Columns
//! rather than rows: 20 bytes a request, 4 for a name beside its text, and 8 each where requests
//! are asked for in advance or say another time than they hold.

use std::collections::BTreeMap;

use super::luck::{self, chance};
use super::request::{BEYOND, Kind, Multi, Request};
use crate::fleet::{ClassId, TenantId, TraitSet};
use crate::kernel::streams::{mix, word_of};
use crate::kernel::{Law, Span, Time};

/// All that requests say beside times; many say the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct What {
    tenant: TenantId,
    class: ClassId,
    required: TraitSet,
    forbidden: TraitSet,
    extras: u16,
    count: u16,
    min_count: u16,
    multi: Multi,
    kind: Kind,
}

/// Given requests, in the order in which they were given.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    start: Vec<Time>,
    hold: Vec<Span>,
    /// How long before its start each was asked for; empty: none was.
    ahead: Vec<Span>,
    /// How long each said it would hold; empty: as long as it does.
    planned: Vec<Span>,
    /// Whether each said how long it would hold; empty: none did.
    plans: Vec<bool>,
    /// By its index in `whats`.
    what: Vec<u32>,
    whats: Vec<What>,
    /// Places in `whats` by the hash of what is there, while the trace is being put together.
    slots: Vec<u32>,
    names: Names,
    /// What those are known by whose name is not enough.
    words: BTreeMap<u32, u64>,
    /// Places by (start, arrival, place); empty: as they are.
    order: Vec<u32>,
    /// Those that run at the begin, and where.
    seats: Vec<TraceSeat>,
    /// Those whose end is not known: what was seen of their hold, and how long they had run before.
    open: BTreeMap<u32, (Span, Span)>,
}

/// A request of a trace that runs at the begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceSeat {
    /// Its place in the trace.
    pub row: u32,
    /// Its line in the file, counted from 1.
    pub line: u64,
    /// The name of the node that it is on.
    pub node: String,
}

/// Names, one after another in one text.
#[derive(Clone, Debug, Default)]
struct Names {
    text: String,
    /// Where each ends, its lower half.
    ends: Vec<u32>,
    /// The names that are the first beyond another 4 GiB of text.
    wraps: Vec<u32>,
}

impl Names {
    fn push(&mut self, name: &str) {
        let before = self.text.len() >> 32;
        self.text.push_str(name);
        for _ in before..self.text.len() >> 32 {
            self.wraps.push(self.ends.len() as u32);
        }
        self.ends.push(self.text.len() as u32);
    }

    fn end(&self, index: u32) -> usize {
        let wraps = self.wraps.partition_point(|&first| first <= index);
        wraps << 32 | self.ends[index as usize] as usize
    }

    fn get(&self, index: u32) -> &str {
        if index as usize >= self.ends.len() {
            return "";
        }
        let from = index.checked_sub(1).map_or(0, |before| self.end(before));
        &self.text[from..self.end(index)]
    }
}

const NO_SLOT: u32 = u32::MAX;

impl Trace {
    /// A trace of these requests with their names, of which there may be none.
    #[must_use]
    pub fn of<'n>(requests: &[Request], names: impl IntoIterator<Item = &'n str>) -> Trace {
        let (mut trace, mut names) = (Trace::default(), names.into_iter());
        for request in requests {
            trace.push(request, names.next().unwrap_or_default());
        }
        trace.finish();
        trace
    }

    /// Adds a request; its source and luck are not the trace's.
    pub fn push(&mut self, request: &Request, name: &str) {
        let index = self.start.len();
        let ahead = request.start - request.arrival;
        if ahead != Span::ZERO && self.ahead.is_empty() {
            self.ahead.resize(index, Span::ZERO);
        }
        if ahead != Span::ZERO || !self.ahead.is_empty() {
            self.ahead.push(ahead);
        }
        if request.planned != request.hold && self.planned.is_empty() {
            self.planned.extend_from_slice(&self.hold);
        }
        if request.planned != request.hold || !self.planned.is_empty() {
            self.planned.push(request.planned);
        }
        if request.plans && self.plans.is_empty() {
            self.plans.resize(index, false);
        }
        if request.plans || !self.plans.is_empty() {
            self.plans.push(request.plans);
        }
        if !name.is_empty() || !self.names.ends.is_empty() {
            while self.names.ends.len() < index {
                self.names.push("");
            }
            self.names.push(name);
        }
        let what = self.enter(What {
            tenant: request.tenant,
            class: request.class,
            required: request.required,
            forbidden: request.forbidden,
            extras: request.extras,
            count: request.count,
            min_count: request.min_count,
            multi: request.multi,
            kind: request.kind,
        });
        self.what.push(what);
        self.start.push(request.start);
        self.hold.push(request.hold);
    }

    /// The place of a `What`, old or new.
    fn enter(&mut self, what: What) -> u32 {
        if (self.whats.len() + 1) * 2 > self.slots.len() {
            self.slots = vec![NO_SLOT; (self.slots.len() * 2).max(64)];
            for index in 0..self.whats.len() {
                let slot = self.slot(&self.whats[index]);
                self.slots[slot] = index as u32;
            }
        }
        let slot = self.slot(&what);
        if self.slots[slot] == NO_SLOT {
            self.slots[slot] = self.whats.len() as u32;
            self.whats.push(what);
        }
        self.slots[slot]
    }

    /// The slot of a `What`, or the free one where it belongs.
    fn slot(&self, what: &What) -> usize {
        let small = u64::from(what.tenant.0) << 48 | u64::from(what.class.0) << 32 | u64::from(what.extras) << 16;
        let counts =
            u64::from(what.count) << 32 | u64::from(what.min_count) << 16 | (what.multi as u64) << 8 | what.kind as u64;
        let traits = what.required.0.rotate_left(1) ^ what.forbidden.0.rotate_left(33);
        let mut slot = mix(small ^ mix(counts ^ mix(traits))) as usize & (self.slots.len() - 1);
        while self.slots[slot] != NO_SLOT && self.whats[self.slots[slot] as usize] != *what {
            slot = (slot + 1) & (self.slots.len() - 1);
        }
        slot
    }

    /// The request that was added last runs at the begin, on the node of this name.
    pub fn sits(&mut self, line: u64, node: &str) {
        let (row, node) = (self.last(), node.to_owned());
        self.seats.push(TraceSeat { row, line, node });
    }

    /// The end of the request that was added last is not known: so much of its hold was seen, and it had run so long before.
    pub fn is_open(&mut self, seen: Span, age: Span) {
        self.open.insert(self.last(), (seen, age));
    }

    fn last(&self) -> u32 {
        self.start.len().saturating_sub(1) as u32
    }

    /// Those that run at the begin, by their places.
    #[must_use]
    pub fn seats(&self) -> &[TraceSeat] {
        &self.seats
    }

    /// How many have an end that is not known.
    #[must_use]
    pub fn open(&self) -> usize {
        self.open.len()
    }

    /// No more is added: the order is found and room given back.
    pub fn finish(&mut self) {
        self.slots = Vec::new();
        let key = |index: usize| (self.start[index], self.arrival(index as u32));
        if !(1..self.len()).all(|index| key(index - 1) <= key(index)) {
            let mut order: Vec<u32> = (0..self.len() as u32).collect();
            order.sort_by_key(|&index| key(index as usize));
            self.order = order;
        }
        for times in [&mut self.hold, &mut self.ahead, &mut self.planned] {
            times.shrink_to_fit();
        }
        self.start.shrink_to_fit();
        self.what.shrink_to_fit();
        self.names.ends.shrink_to_fit();
        self.names.text.shrink_to_fit();
    }

    /// How many requests there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.start.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.start.is_empty()
    }

    /// How many of them start before `horizon`.
    #[must_use]
    pub fn before(&self, horizon: Time) -> usize {
        self.start.iter().filter(|&&start| start < horizon).count()
    }

    /// Whether some were asked for before they start.
    #[must_use]
    pub fn looks_ahead(&self) -> bool {
        !self.ahead.is_empty()
    }

    /// The place of the nth request by (start, arrival, place).
    pub(super) fn nth(&self, n: usize) -> u32 {
        self.order.get(n).copied().unwrap_or(n as u32)
    }

    pub(super) fn start(&self, index: u32) -> Time {
        self.start[index as usize]
    }

    pub(super) fn arrival(&self, index: u32) -> Time {
        let ahead = self.ahead.get(index as usize).copied().unwrap_or_default();
        Time(self.start[index as usize].0 - ahead.0)
    }

    pub(super) fn hold(&self, index: u32) -> Span {
        self.hold[index as usize]
    }

    /// The hold of a request of this luck, where ends that are not known are drawn given how long it has run.
    pub(super) fn held(&self, index: u32, running: Option<&Law>, luck: u64) -> Span {
        match running.and_then(|law| Some((law, self.open.get(&index)?))) {
            None => self.hold(index),
            Some((law, &(seen, age))) => {
                let left = law.left(age + seen, chance(luck, luck::RUNNING));
                left.map_or(BEYOND, |left| (seen + left).min(BEYOND))
            }
        }
    }

    /// A request's name; empty where it has none.
    #[must_use]
    pub fn name(&self, index: u32) -> &str {
        self.names.get(index)
    }

    /// What a request is known by to the streams: the word of its name, unless it was given another.
    #[must_use]
    #[inline]
    pub fn word(&self, index: u32) -> u64 {
        match self.words.is_empty() {
            true => word_of(self.name(index)),
            false => self
                .words
                .get(&index)
                .copied()
                .unwrap_or_else(|| word_of(self.name(index))),
        }
    }

    /// Gives a request a word of its own.
    pub fn call(&mut self, index: u32, word: u64) {
        self.words.insert(index, word);
    }

    /// What the trace says at a place, over what is known of the request already: start, hold, source, luck.
    #[inline(always)]
    pub(super) fn spelt(&self, index: u32, known: Request) -> Request {
        let row = index as usize;
        let Some(what) = self.what.get(row).and_then(|&what| self.whats.get(what as usize)) else {
            return known;
        };
        let ahead = self.ahead.get(row).map_or(0, |ahead| ahead.0);
        Request {
            arrival: Time(known.start.0.wrapping_sub(ahead)),
            planned: self.planned.get(row).copied().unwrap_or(known.hold),
            plans: self.plans.get(row).copied().unwrap_or(false),
            tenant: what.tenant,
            class: what.class,
            required: what.required,
            forbidden: what.forbidden,
            extras: what.extras,
            count: what.count,
            min_count: what.min_count,
            multi: what.multi,
            kind: what.kind,
            ..known
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::streams::Seed;

    #[test]
    fn requests_come_back_as_they_were_given() {
        let mut stream = Seed {
            master: 9,
            replication: 0,
        }
        .stream(1, 1);
        for (ahead, named) in [(false, false), (true, true), (false, true)] {
            let requests: Vec<Request> = (0..500)
                .map(|_| {
                    let start = Time(stream.below(50) * 1000);
                    let hold = Span(stream.below(3));
                    let early = if ahead && stream.below(3) == 0 { 7 } else { 0 };
                    Request {
                        arrival: Time(start.0.saturating_sub(early)),
                        start,
                        hold,
                        planned: Span(hold.0 + early),
                        plans: early > 0,
                        tenant: TenantId(stream.below(300) as u16),
                        class: ClassId(stream.below(3) as u16),
                        required: TraitSet(stream.below(4)),
                        forbidden: TraitSet(stream.below(2)),
                        extras: 1,
                        count: stream.below(4) as u16,
                        min_count: 1,
                        multi: if stream.below(2) == 0 {
                            Multi::Nova
                        } else {
                            Multi::Blazar
                        },
                        kind: Kind::Monitoring,
                        source: 4,
                        luck: 77,
                    }
                })
                .collect();
            let name = |at: usize| {
                if named && at % 3 == 1 {
                    format!("näme-{at}")
                } else {
                    String::new()
                }
            };
            let names: Vec<String> = (0..requests.len()).map(name).collect();
            let trace = Trace::of(&requests, names.iter().map(String::as_str));
            assert_eq!((trace.len(), trace.looks_ahead()), (requests.len(), ahead));
            let mut sorted: Vec<usize> = (0..requests.len()).collect();
            sorted.sort_by_key(|&at| (requests[at].start, requests[at].arrival));
            for (n, &at) in sorted.iter().enumerate() {
                assert_eq!(trace.nth(n) as usize, at);
                let known = Request {
                    start: trace.start(at as u32),
                    hold: trace.hold(at as u32),
                    source: 4,
                    luck: 77,
                    ..requests[0]
                };
                let back = trace.spelt(at as u32, known);
                assert_eq!(format!("{back:?}"), format!("{:?}", requests[at]));
                assert_eq!(trace.name(at as u32), names[at]);
            }
        }
    }
}
