//! The requests of one replication, made as they fall due.
//!
//! Each given source and each flavor of a Poisson workload is a feed: requests in order of time,
//! drawn from a stream of its own that nothing else touches. The feeds are merged by (start, arrival,
//! source, order in the source); a request's number is its place in that order. One that has been
//! made is kept (in 32 bytes) while it has a reason: it is not decided yet, or a claim of it is open.
//! Then it is forgotten; of one still to come only its trace's row exists, if it has one.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::feeds::{Clock, Drawn, Feed, PackedRequest, Said, Stocked, copies, given, lucky, sitting};
use super::laws::{Demand, Seated, Stock};
use super::luck::{self, Purpose};
use super::luck::{chance, span_by};
use super::merge::{Due, Merge};
use super::pages::{self, Pages};
use super::request::{Request, RescueNeed};
use super::shares::Shares;
use crate::fleet::{NodeId, RequestId, TenantId};
use crate::kernel::streams::{Seed, mix, word_of_all};
use crate::kernel::time::DAY_MS;
use crate::kernel::{Digest, Law, Span, Time};

/// The requests of one replication.
#[derive(Clone, Debug)]
pub struct Requests {
    feeds: Arc<[Feed]>,
    /// Those that run at the begin on their nodes: the first to be made.
    seats: Arc<[(PackedRequest, NodeId)]>,
    /// Whether some have needs of rescue.
    rescues: bool,
    horizon: Time,
    clocks: Vec<Clock>,
    /// The next request of each feed, and which feed's comes next.
    heads: Vec<PackedRequest>,
    due: Merge,
    made: Pages<PackedRequest>,
    /// The request that the run is about, spelt out, so that it need not be put together for each who asks.
    at_hand: (RequestId, Request),
    /// All are made and none is forgotten.
    whole: bool,
    /// So many have been given out, where all are made.
    given: u32,
    digest: Digest,
}

/// No request: there are fewer than this.
const NONE: RequestId = RequestId(u32::MAX);

impl Default for Requests {
    fn default() -> Requests {
        Requests {
            feeds: Arc::default(),
            seats: Arc::default(),
            rescues: false,
            horizon: Time::ZERO,
            clocks: Vec::new(),
            heads: Vec::new(),
            due: Merge::default(),
            made: Pages::default(),
            at_hand: (NONE, Request::default()),
            whole: false,
            given: 0,
            digest: Digest::default(),
        }
    }
}

impl Requests {
    /// The requests of a replication, none of them made yet.
    #[must_use]
    pub fn new(demand: &Demand, horizon: Time, seed: Seed) -> Requests {
        let (mut feeds, mut clocks) = (Vec::new(), Vec::new());
        for (number, source) in demand.sources.iter().enumerate() {
            let feed = |said, stock| Feed {
                source: number as u16,
                kind: source.kind,
                rescue: source.rescue.clone(),
                scale: source.scale,
                said,
                stock,
                seated: rows_of(demand, number),
                running: source.running.clone(),
            };
            match &source.stock {
                Stock::Given(trace) => {
                    let word = seed.stream(Purpose::Given as u64, source.word).word();
                    feeds.push(feed(Said::default(), Stocked::Given(Arc::clone(trace), word)));
                    clocks.push(Clock::Given { n: 0, copy: 0 });
                }
                Stock::Poisson(poisson) => {
                    let hours = poisson.hours_of_week.iter().flatten();
                    let peak = hours.copied().reduce(f64::max).map_or(1.0, |most| most.max(0.0));
                    let tenants = Arc::new(Shares::new(&poisson.tenants));
                    for flavor in &poisson.flavors {
                        let per_day = flavor.per_day * source.scale * peak;
                        // A feed that never comes has no clock: its gaps would be without end.
                        if per_day <= 0.0 {
                            continue;
                        }
                        // By names, so that one flavor more leaves the others' requests as they are.
                        let stream = seed.stream(Purpose::Demand as u64, word_of_all(&[source.word, flavor.word]));
                        // Gaps are drawn at the peak of the week and thinned to the hour's intensity (Lewis and Shedler
                        // 1979): a request then hangs on no hour but its own.
                        let stock = Stocked::Drawn(Box::new(Drawn {
                            gap: Law::Exponential(Span((DAY_MS as f64 / per_day) as u64)),
                            hold: flavor.hold.clone(),
                            sizes: Shares::new(&flavor.sizes.0),
                            tenants: Arc::clone(&tenants),
                            poisson: Arc::clone(poisson),
                            peak,
                        }));
                        feeds.push(feed(Said::of(flavor), stock));
                        clocks.push(Clock::Drawn {
                            stream: Box::new(stream),
                            at: Time::ZERO,
                        });
                    }
                }
            }
        }
        let seats = seats(demand, &feeds);
        let mut requests = Requests {
            seats: seats.into(),
            heads: (0..feeds.len() as u32).map(PackedRequest::of).collect(),
            rescues: feeds.iter().any(|feed| feed.rescue.is_some()),
            feeds: feeds.into(),
            horizon,
            clocks,
            ..Requests::default()
        };
        let dues: Vec<Due> = (0..requests.clocks.len()).map(|feed| requests.draw(feed)).collect();
        requests.due = Merge::new(&dues);
        requests
    }

    /// Exactly these requests, all made: numbers are places, luck is as it stands.
    #[cfg(test)]
    pub fn of(requests: &[Request]) -> Requests {
        let first = requests.first();
        let feed = Feed {
            source: first.map_or(0, |request| request.source),
            kind: super::request::Kind::People,
            rescue: None,
            scale: 1.0,
            seated: Vec::new(),
            running: None,
            said: Said::default(),
            stock: Stocked::Given(Arc::new(super::trace::Trace::of(requests, [])), 0),
        };
        let mut all = Requests {
            feeds: Arc::new([feed]),
            horizon: Time::NEVER,
            whole: true,
            ..Requests::default()
        };
        for (row, request) in requests.iter().enumerate() {
            all.made.push(PackedRequest {
                start: request.start,
                hold: request.hold,
                luck: request.luck,
                what: row as u32,
                feed: 0,
            });
        }
        all
    }

    /// The next request is at hand from now on: its number, and when it starts.
    pub fn advance(&mut self) -> Option<(RequestId, Time)> {
        if !self.whole {
            return self.make();
        }
        let start = self.made.get(self.given)?.start;
        if start >= self.horizon {
            return None;
        }
        self.given += 1;
        Some((RequestId(self.given - 1), start))
    }

    fn make(&mut self) -> Option<(RequestId, Time)> {
        if let Some(&(packed, node)) = self.seats.get(self.made.next() as usize) {
            return Some(self.make_seated(packed, node));
        }
        let Due { start, feed, .. } = self.due.first()?;
        let packed = self.heads[feed as usize];
        // The feed's next request is drawn at once: the merge has to know when each feed is due.
        let next = self.draw(feed as usize);
        self.due.replace_first(next);
        self.digest.stamp(start, packed.hold.0, packed.luck);
        self.digest.word(u64::from(feed) << 32 | u64::from(packed.what));
        Some((RequestId(self.made.push(packed)), start))
    }

    #[cold]
    fn make_seated(&mut self, packed: PackedRequest, node: NodeId) -> (RequestId, Time) {
        self.digest.stamp(packed.start, packed.hold.0, packed.luck);
        self.digest
            .stamp(packed.start, u64::from(packed.what), u64::from(node.0));
        (RequestId(self.made.push(packed)), packed.start)
    }

    /// How many run at the begin on their nodes: the first ones that [`Requests::advance`] gives.
    #[must_use]
    pub fn seated(&self) -> usize {
        self.seats.len()
    }

    /// The node on which a request runs at the begin, if it does.
    #[must_use]
    pub fn seat(&self, request: RequestId) -> Option<NodeId> {
        self.seats.get(request.at()).map(|&(_, node)| node)
    }

    /// Draws the head of a feed anew; when it is due.
    #[inline]
    fn draw(&mut self, feed: usize) -> Due {
        let (it, head) = (&self.feeds[feed], &mut self.heads[feed]);
        let arrival = match (&it.stock, &mut self.clocks[feed]) {
            (Stocked::Drawn(drawn), Clock::Drawn { stream, at }) => drawn.next(stream, at, self.horizon, head),
            (Stocked::Given(trace, word), Clock::Given { n, copy }) => {
                given(it, (trace, *word), (n, copy), self.horizon, head)
            }
            _ => None,
        };
        let feed = feed as u32;
        arrival.map_or(Due::never(feed), |arrival| Due {
            start: head.start,
            arrival,
            feed,
        })
    }

    /// How many have been made so far.
    #[must_use]
    pub fn made(&self) -> u32 {
        self.made.next()
    }

    /// A request that has been made and is not over.
    ///
    /// # Panics
    /// When it is over, or still to come.
    #[inline(always)]
    #[must_use]
    pub fn request(&self, request: RequestId) -> Request {
        if self.at_hand.0 == request {
            return self.at_hand.1;
        }
        match self.made.get(request.0) {
            Some(packed) => self.spelt(packed),
            None => forgotten(request),
        }
    }

    /// The run is about this request now: most questions until the next one arrives are about it.
    #[inline]
    pub fn take_up(&mut self, request: RequestId) {
        if let Some(packed) = self.made.get(request.0) {
            self.at_hand = (request, self.spelt(packed));
        }
    }

    /// The same, if there is one.
    #[inline(always)]
    #[must_use]
    pub fn find(&self, request: RequestId) -> Option<Request> {
        if self.at_hand.0 == request {
            return Some(self.at_hand.1);
        }
        self.made.get(request.0).map(|packed| self.spelt(packed))
    }

    /// Most who ask want one field or two. Nothing in here can panic, so that where this is compiled
    /// in all that is not wanted falls away: whole, it would cost a thousand instructions a request.
    #[inline(always)]
    fn spelt(&self, packed: &PackedRequest) -> Request {
        let count = packed.what as u16;
        let drawn = Request {
            arrival: packed.start,
            start: packed.start,
            hold: packed.hold,
            planned: packed.hold,
            plans: false,
            tenant: TenantId((packed.what >> 16) as u16),
            count,
            min_count: count,
            luck: packed.luck,
            ..Request::default()
        };
        let Some(feed) = self.feeds.get(packed.feed as usize) else {
            return drawn;
        };
        let request = Request {
            class: feed.said.class,
            required: feed.said.required,
            forbidden: feed.said.forbidden,
            extras: feed.said.extras,
            kind: feed.kind,
            source: feed.source,
            ..drawn
        };
        match &feed.stock {
            Stocked::Given(trace, _) => trace.spelt(packed.what, request),
            Stocked::Drawn(_) => request,
        }
    }

    /// The name of a request: the trace's, or its number.
    #[must_use]
    pub fn name(&self, request: RequestId) -> String {
        let named = self.made.get(request.0).and_then(|packed| self.named(packed));
        named.unwrap_or_else(|| format!("r{request}"))
    }

    fn named(&self, packed: &PackedRequest) -> Option<String> {
        let feed = &self.feeds[packed.feed as usize];
        let Stocked::Given(trace, word) = &feed.stock else {
            return None;
        };
        let name = trace.name(packed.what);
        if name.is_empty() {
            return None;
        }
        let luck = mix(word ^ trace.word(packed.what));
        let copy = (1..copies(feed.scale, luck)).find(|&copy| lucky(luck, copy) == packed.luck);
        Some(copy.map_or_else(|| name.to_owned(), |copy| format!("{name}+{copy}")))
    }

    /// Whether the tenant needs a rescue during the instance's life, when, and for how long.
    #[must_use]
    #[inline]
    pub fn rescue(&self, request: RequestId) -> Option<RescueNeed> {
        if self.rescues { self.needed(request) } else { None }
    }

    fn needed(&self, request: RequestId) -> Option<RescueNeed> {
        let packed = self.made.get(request.0)?;
        let (share, length) = self.feeds[packed.feed as usize].rescue.as_ref()?;
        (chance(packed.luck, luck::RESCUE) < *share).then(|| RescueNeed {
            after: Span((chance(packed.luck, luck::RESCUE_AT) * packed.hold.0 as f64) as u64),
            length: span_by(length, packed.luck, luck::RESCUE_LENGTH),
        })
    }

    /// The feed of a request that was drawn and not given by a trace, and is not over: all of one feed and
    /// tenant want the same.
    #[must_use]
    #[inline]
    pub fn drawn_by(&self, request: RequestId) -> Option<u32> {
        let feed = self.made.get(request.0)?.feed;
        let drawn = matches!(self.feeds.get(feed as usize)?.stock, Stocked::Drawn(_));
        drawn.then_some(feed)
    }

    /// A claim of the request is open.
    #[inline]
    pub fn keep(&mut self, request: RequestId) {
        if !self.whole {
            self.made.keep(request.0);
        }
    }

    /// The request is decided, or a claim of it has ended.
    #[inline]
    pub fn release(&mut self, request: RequestId) {
        if !self.whole {
            self.made.release(request.0);
        }
    }

    /// All requests at hand at once and none forgotten, for those who look ahead.
    #[must_use]
    pub fn whole(&self) -> Requests {
        let mut all = self.clone();
        while all.make().is_some() {}
        all.whole = true;
        all
    }

    /// The same with those that are asked for before the horizon and begin after it: they never arrive, and are numbered
    /// behind all that do.
    #[must_use]
    pub fn with_those_ahead(&self) -> Requests {
        let mut all = self.whole();
        // A drawn request is asked for when it starts, so only given ones can be ahead.
        let mut ahead: Vec<(Due, PackedRequest)> = Vec::new();
        for (number, (feed, clock)) in all.feeds.iter().zip(&mut all.clocks).enumerate() {
            let (Stocked::Given(trace, word), Clock::Given { n, copy }) = (&feed.stock, clock) else {
                continue;
            };
            let mut packed = PackedRequest::of(number as u32);
            while let Some(arrival) = given(feed, (trace, *word), (&mut *n, &mut *copy), Time::NEVER, &mut packed) {
                let (start, feed) = (packed.start, packed.feed);
                ahead.push((Due { start, arrival, feed }, packed));
            }
        }
        ahead.retain(|(due, _)| due.arrival < all.horizon);
        ahead.sort_by_key(|(due, _)| *due);
        for (_, packed) in ahead {
            all.made.push(packed);
        }
        all
    }

    /// Whether all are at hand from the beginning.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.whole
    }

    /// Whether some are asked for before they start.
    #[must_use]
    pub fn looks_ahead(&self) -> bool {
        self.feeds
            .iter()
            .any(|feed| matches!(&feed.stock, Stocked::Given(trace, _) if trace.looks_ahead()))
    }

    /// A digest of the requests that have been made, of all that is drawn of them.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// On how many pages of how many requests those that have been made are kept.
    #[must_use]
    pub fn pages(&self) -> (usize, usize) {
        (self.made.in_memory().0, pages::SIZE)
    }
}

/// The rows of a workload that run at the begin.
fn rows_of(demand: &Demand, source: usize) -> Vec<u32> {
    let mut rows: Vec<u32> = demand
        .seats
        .iter()
        .filter(|seat| usize::from(seat.source) == source)
        .map(|seat| seat.row)
        .collect();
    rows.sort_unstable();
    rows
}

/// Those that run at the begin, workload by workload and row by row.
fn seats(demand: &Demand, feeds: &[Feed]) -> Vec<(PackedRequest, NodeId)> {
    let of = |seat: &Seated| ((seat.source, seat.row), seat.node);
    let nodes: BTreeMap<(u16, u32), NodeId> = demand.seats.iter().map(of).collect();
    let mut seats = Vec::with_capacity(nodes.len());
    for (number, feed) in feeds.iter().enumerate() {
        let sitting = sitting(feed, number as u32).into_iter();
        seats.extend(sitting.filter_map(|(row, packed)| Some((packed, *nodes.get(&(feed.source, row))?))));
    }
    seats
}

#[cold]
fn forgotten(request: RequestId) -> ! {
    panic!("request r{request} is over, or still to come")
}
