//! The requests of one replication, made as they fall due.
//!
//! Each given source and each flavor of a Poisson workload is a feed: requests in order of time,
//! drawn from a stream of its own that nothing else touches. The feeds are merged by (start, arrival,
//! source, order in the source); a request's number is its place in that order. One that has been
//! made is kept (in 32 bytes) while it has a reason: it is not decided yet, or a claim of it is open.
//! Then it is forgotten; of one still to come only its trace's row exists, if it has one.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::sync::Arc;

use super::draw::{Purpose, luck};
use super::laws::{Demand, Poisson, Stock};
use super::pages::{self, Pages};
use super::tape::{Kind, Request, RescueNeed, chance, span_by};
use super::trace::Trace;
use super::weighted::Weighted;
use crate::fleet::{ClassId, TenantId, TraitSet};
use crate::kernel::samplers::exponential;
use crate::kernel::streams::{Seed, Stream, mix, unit};
use crate::kernel::time::{DAY_MS, HOUR_MS};
use crate::kernel::{Digest, Law, Span, Time};

/// What is fixed of a feed.
#[derive(Clone, Debug)]
struct Feed {
    source: u16,
    kind: Kind,
    /// The share of instances that need a rescue, and how long it lasts.
    rescue: Option<(f64, Law)>,
    scale: f64,
    /// What all requests of a flavor say; of a trace each says its own.
    said: Said,
    stock: Stocked,
}

#[derive(Clone, Copy, Debug, Default)]
struct Said {
    class: ClassId,
    required: TraitSet,
    forbidden: TraitSet,
    extras: u16,
}

#[derive(Clone, Debug)]
enum Stocked {
    /// A trace, with the word that seeds its requests' luck.
    Given(Arc<Trace>, u64),
    /// A flavor of a Poisson workload, by its place there; the mean gap in milliseconds between its
    /// arrivals at the week's peak, so many times the mean intensity; who asks, and for how many.
    Drawn {
        poisson: Arc<Poisson>,
        flavor: usize,
        gap: f64,
        peak: f64,
        tenants: Arc<Weighted>,
        sizes: Weighted,
    },
}

/// How far a feed is.
#[derive(Clone, Debug)]
enum Clock {
    /// The nth row's next copy.
    Given { n: usize, copy: u64 },
    /// The last arrival.
    Drawn { stream: Box<Stream>, at: Time },
}

/// A request that has been made: what its feed does not say.
#[derive(Clone, Copy, Debug, Default)]
struct Slip {
    start: Time,
    hold: Span,
    luck: u64,
    /// The row of a trace; the tenant and the count of a drawn one.
    what: u32,
    feed: u32,
}

/// The requests of one replication.
#[derive(Clone, Debug)]
pub struct Requests {
    feeds: Arc<Vec<Feed>>,
    horizon: Time,
    clocks: Vec<Clock>,
    /// The next request of each feed, and the feeds that have one, by (start, arrival, feed).
    heads: Vec<Slip>,
    due: BinaryHeap<Reverse<(Time, Time, u32)>>,
    made: Pages<Slip>,
    /// The request that the run is about, spelt out, so that it need not be put together for each who asks.
    at_hand: (u32, Request),
    /// All are made and none is forgotten.
    whole: bool,
    /// So many have been given out, where all are made.
    given: u32,
    digest: Digest,
}

/// No request: there are fewer than this.
const NONE: u32 = u32::MAX;

impl Default for Requests {
    fn default() -> Requests {
        Requests {
            feeds: Arc::default(),
            horizon: Time::ZERO,
            clocks: Vec::new(),
            heads: Vec::new(),
            due: BinaryHeap::new(),
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
            };
            match &source.stock {
                Stock::Given(trace) => {
                    let word = seed.stream(Purpose::Given as u64, number as u64).word();
                    feeds.push(feed(Said::default(), Stocked::Given(Arc::clone(trace), word)));
                    clocks.push(Clock::Given { n: 0, copy: 0 });
                }
                Stock::Poisson(poisson) => {
                    let hours = poisson.hours_of_week.iter().flatten();
                    let tenants = poisson.tenants.iter().map(|&(_, share)| share);
                    let tenants = Arc::new(Weighted::new(tenants));
                    let peak = hours.copied().reduce(f64::max).map_or(1.0, |most| most.max(0.0));
                    for (place, flavor) in poisson.flavors.iter().enumerate() {
                        let per_day = flavor.per_day * source.scale * peak;
                        if per_day <= 0.0 {
                            continue;
                        }
                        let stream = seed.stream(Purpose::Demand as u64, (number as u64) << 32 | place as u64);
                        let said = Said {
                            class: flavor.class,
                            required: flavor.required,
                            forbidden: flavor.forbidden,
                            extras: flavor.extras,
                        };
                        let stock = Stocked::Drawn {
                            poisson: Arc::clone(poisson),
                            flavor: place,
                            // Whole milliseconds, as the laws of a scenario.
                            gap: (DAY_MS as f64 / per_day) as u64 as f64,
                            peak,
                            tenants: Arc::clone(&tenants),
                            sizes: Weighted::new(flavor.sizes.0.iter().map(|&(_, share)| share)),
                        };
                        feeds.push(feed(said, stock));
                        clocks.push(Clock::Drawn {
                            stream: Box::new(stream),
                            at: Time::ZERO,
                        });
                    }
                }
            }
        }
        let mut requests = Requests {
            heads: vec![Slip::default(); feeds.len()],
            feeds: Arc::new(feeds),
            horizon,
            clocks,
            ..Requests::default()
        };
        for feed in 0..requests.feeds.len() {
            if let Some((slip, arrival)) = requests.draw(feed) {
                requests.heads[feed] = slip;
                requests.due.push(Reverse((slip.start, arrival, feed as u32)));
            }
        }
        requests
    }

    /// Exactly these requests, all made: numbers are places, luck is as it stands.
    #[cfg(test)]
    pub fn of(requests: &[Request]) -> Requests {
        let first = requests.first();
        let feed = Feed {
            source: first.map_or(0, |request| request.source),
            kind: Kind::People,
            rescue: None,
            scale: 1.0,
            said: Said::default(),
            stock: Stocked::Given(Arc::new(Trace::of(requests, [])), 0),
        };
        let mut all = Requests {
            feeds: Arc::new(vec![feed]),
            whole: true,
            ..Requests::default()
        };
        for (row, request) in requests.iter().enumerate() {
            all.made.push(Slip {
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
    pub fn advance(&mut self) -> Option<(u32, Time)> {
        if !self.whole {
            return self.make();
        }
        let start = self.made.get(self.given)?.start;
        self.given += 1;
        Some((self.given - 1, start))
    }

    fn make(&mut self) -> Option<(u32, Time)> {
        let Reverse((start, _, number)) = *self.due.peek()?;
        let feed = number as usize;
        let slip = self.heads[feed];
        match self.draw(feed) {
            Some((next, arrives)) => {
                self.heads[feed] = next;
                if let Some(mut top) = self.due.peek_mut() {
                    *top = Reverse((next.start, arrives, number));
                }
            }
            None => _ = self.due.peek_mut().map(PeekMut::pop),
        }
        self.digest.stamp(start, slip.hold.0, slip.luck);
        self.digest.word(u64::from(number) << 32 | u64::from(slip.what));
        Some((self.made.push(slip), start))
    }

    /// The next request of a feed, and when it is asked for.
    fn draw(&mut self, feed: usize) -> Option<(Slip, Time)> {
        let it = &self.feeds[feed];
        match (&it.stock, &mut self.clocks[feed]) {
            (Stocked::Given(trace, word), Clock::Given { n, copy }) => {
                while *n < trace.len() {
                    let row = trace.nth(*n);
                    let start = trace.start(row);
                    if start >= self.horizon {
                        break;
                    }
                    let luck = mix(word ^ mix(u64::from(row)));
                    if *copy < copies(it.scale, luck) {
                        let slip = Slip {
                            start,
                            hold: trace.hold(row),
                            luck: lucky(luck, *copy),
                            what: row,
                            feed: feed as u32,
                        };
                        *copy += 1;
                        return Some((slip, trace.arrival(row)));
                    }
                    (*n, *copy) = (*n + 1, 0);
                }
                None
            }
            (
                Stocked::Drawn {
                    poisson,
                    flavor,
                    gap,
                    peak,
                    tenants,
                    sizes,
                },
                Clock::Drawn { stream, at },
            ) => {
                let flavor = &poisson.flavors[*flavor];
                loop {
                    // Two words for each span, whatever its law.
                    let [after, _, keep, who, size, hold, hold_too, luck] = stream.eight();
                    *at += exponential(unit(after), *gap);
                    if *at >= self.horizon {
                        return None;
                    }
                    if let Some(hours) = &poisson.hours_of_week {
                        let hour = (at.0 / HOUR_MS + u64::from(poisson.epoch_hour)) % hours.len() as u64;
                        if unit(keep) * peak >= hours[hour as usize] {
                            continue;
                        }
                    }
                    let tenant = poisson
                        .tenants
                        .get(tenants.pick(who))
                        .map_or(0, |&(tenant, _)| tenant.0);
                    let count = flavor
                        .sizes
                        .0
                        .get(sizes.pick(size))
                        .map_or(0, |&(count, _)| count)
                        .max(1);
                    let slip = Slip {
                        start: *at,
                        hold: flavor.hold.at(unit(hold), unit(hold_too)),
                        luck,
                        what: u32::from(tenant) << 16 | u32::from(count),
                        feed: feed as u32,
                    };
                    return Some((slip, *at));
                }
            }
            _ => None,
        }
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
    pub fn request(&self, request: u32) -> Request {
        if self.at_hand.0 == request {
            return self.at_hand.1;
        }
        match self.made.get(request) {
            Some(slip) => self.spelt(slip),
            None => forgotten(request),
        }
    }

    /// The run is about this request now: most questions until the next one arrives are about it.
    #[inline]
    pub fn take_up(&mut self, request: u32) {
        if let Some(slip) = self.made.get(request) {
            self.at_hand = (request, self.spelt(slip));
        }
    }

    /// The same, if there is one.
    #[must_use]
    #[inline(always)]
    pub fn find(&self, request: u32) -> Option<Request> {
        if self.at_hand.0 == request {
            return Some(self.at_hand.1);
        }
        self.made.get(request).map(|slip| self.spelt(slip))
    }

    /// Most who ask want one field or two. Nothing in here can panic, so that where this is compiled
    /// in all that is not wanted falls away: whole, it would cost a thousand instructions a request.
    #[inline(always)]
    fn spelt(&self, slip: &Slip) -> Request {
        let count = slip.what as u16;
        let drawn = Request {
            arrival: slip.start,
            start: slip.start,
            hold: slip.hold,
            planned: slip.hold,
            tenant: TenantId((slip.what >> 16) as u16),
            count,
            min_count: count,
            luck: slip.luck,
            ..Request::default()
        };
        let Some(feed) = self.feeds.get(slip.feed as usize) else {
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
            Stocked::Given(trace, _) => trace.spelt(slip.what, request),
            Stocked::Drawn { .. } => request,
        }
    }

    /// The name of a request: the trace's, or its number.
    #[must_use]
    pub fn name(&self, request: u32) -> String {
        let named = self.made.get(request).and_then(|slip| self.named(slip));
        named.unwrap_or_else(|| format!("r{request}"))
    }

    fn named(&self, slip: &Slip) -> Option<String> {
        let feed = &self.feeds[slip.feed as usize];
        let Stocked::Given(trace, word) = &feed.stock else {
            return None;
        };
        let name = trace.name(slip.what);
        if name.is_empty() {
            return None;
        }
        let luck = mix(word ^ mix(u64::from(slip.what)));
        let copy = (1..copies(feed.scale, luck)).find(|&copy| lucky(luck, copy) == slip.luck);
        Some(copy.map_or_else(|| name.to_owned(), |copy| format!("{name}+{copy}")))
    }

    /// Whether the tenant needs a rescue during the instance's life, when, and for how long.
    #[must_use]
    pub fn rescue(&self, request: u32) -> Option<RescueNeed> {
        let slip = self.made.get(request)?;
        let (share, length) = self.feeds[slip.feed as usize].rescue.as_ref()?;
        (chance(slip.luck, luck::RESCUE) < *share).then(|| RescueNeed {
            after: Span((chance(slip.luck, luck::RESCUE_AT) * slip.hold.0 as f64) as u64),
            length: span_by(length, slip.luck, luck::RESCUE_LENGTH),
        })
    }

    /// The feed of a request that was drawn and not given by a trace, and is not over: all of one feed and
    /// tenant want the same.
    #[must_use]
    #[inline]
    pub fn drawn_by(&self, request: u32) -> Option<u32> {
        let feed = self.made.get(request)?.feed;
        let drawn = matches!(self.feeds.get(feed as usize)?.stock, Stocked::Drawn { .. });
        drawn.then_some(feed)
    }

    /// A claim of the request is open.
    pub fn keep(&mut self, request: u32) {
        if !self.whole {
            self.made.keep(request);
        }
    }

    /// The request is decided, or a claim of it has ended.
    pub fn release(&mut self, request: u32) {
        if !self.whole {
            self.made.release(request);
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

/// How often a request of a trace is asked for at this scale.
fn copies(scale: f64, luck: u64) -> u64 {
    let whole = scale as u64;
    whole + u64::from(chance(luck, u64::MAX) < scale - whole as f64)
}

/// The luck of a copy of a request of a trace.
fn lucky(luck: u64, copy: u64) -> u64 {
    if copy == 0 { luck } else { mix(luck ^ copy) }
}

#[cold]
fn forgotten(request: u32) -> ! {
    panic!("request r{request} is over, or still to come")
}
