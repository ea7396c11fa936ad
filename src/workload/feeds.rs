//! Feeds: where requests come from, one by one in the order of time. A trace is one feed, each flavor of a
//! Poisson workload another.

use std::sync::Arc;

use super::laws::{FlavorLaw, Poisson};
use super::luck::chance;
use super::request::Kind;
use super::shares::Shares;
use super::trace::Trace;
use crate::fleet::{ClassId, TenantId, TraitSet};
use crate::kernel::samplers::growth_reached;
use crate::kernel::streams::{Stream, mix, unit};
use crate::kernel::{Law, Span, Time};

/// What is fixed of a feed.
#[derive(Clone, Debug)]
pub(super) struct Feed {
    pub source: u16,
    pub kind: Kind,
    /// The share of instances that need a rescue, and how long it lasts.
    pub rescue: Option<(f64, Law)>,
    pub scale: f64,
    /// What all requests of a flavor say; of a trace each says its own.
    pub said: Said,
    pub stock: Stocked,
    /// Rows of a trace that run at the begin on their nodes, rising: they ask nobody.
    pub seated: Vec<u32>,
    /// The law of holds whose ends are not known.
    pub running: Option<Law>,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Said {
    pub class: ClassId,
    pub required: TraitSet,
    pub forbidden: TraitSet,
    pub extras: u16,
}

impl Said {
    pub fn of(flavor: &FlavorLaw) -> Said {
        Said {
            class: flavor.class,
            required: flavor.required,
            forbidden: flavor.forbidden,
            extras: flavor.extras,
        }
    }
}

#[derive(Clone, Debug)]
pub(super) enum Stocked {
    /// A trace, with the word that seeds its requests' luck.
    Given(Arc<Trace>, u64),
    /// A flavor of a Poisson workload.
    Drawn(Box<Drawn>),
}

/// What requests of a flavor are drawn from.
#[derive(Clone, Debug)]
pub(super) struct Drawn {
    /// The time between arrivals at the week's peak.
    pub gap: Law,
    pub hold: Law,
    pub sizes: Shares<u16>,
    pub tenants: Arc<Shares<TenantId>>,
    pub poisson: Arc<Poisson>,
    /// How many times the mean intensity the peak is.
    pub peak: f64,
}

impl Drawn {
    /// Writes the flavor's next request after `at`, which moves on, and says when it is asked for; none
    /// before `horizon`.
    #[inline]
    pub fn next(&self, stream: &mut Stream, at: &mut Time, horizon: Time, head: &mut PackedRequest) -> Option<Time> {
        loop {
            let [after, apart, keep, who, size, length, spread, luck] = stream.words();
            *at += self.gap.at(unit(after), unit(apart));
            // The clock of arrivals runs at the rate of time 0; where that grows, an instant of it comes the sooner.
            let now = match self.poisson.growth {
                0.0 => *at,
                growth => growth_reached(*at, growth),
            };
            if now >= horizon {
                return None;
            }
            if let Some(hours) = &self.poisson.hours_of_week
                && unit(keep) * self.peak >= hours[self.poisson.clock.hour_of_week(now)]
            {
                continue;
            }
            let tenant = self.tenants.at(who).unwrap_or(TenantId::OPERATORS);
            let count = self.sizes.at(size).map_or(1, |count| count.max(1));
            head.start = now;
            head.hold = self.hold.at(unit(length), unit(spread));
            head.luck = luck;
            head.what = u32::from(tenant.0) << 16 | u32::from(count);
            return Some(now);
        }
    }
}

/// How far a feed is.
#[derive(Clone, Debug)]
pub(super) enum Clock {
    /// The nth row's next copy.
    Given { n: usize, copy: u64 },
    /// The last arrival.
    Drawn { stream: Box<Stream>, at: Time },
}

/// A request that has been made: what its feed does not say.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct PackedRequest {
    pub start: Time,
    pub hold: Span,
    pub luck: u64,
    /// The row of a trace; the tenant and the count of a drawn one.
    pub what: u32,
    pub feed: u32,
}

impl PackedRequest {
    /// What a feed's next request is written into.
    pub fn of(feed: u32) -> PackedRequest {
        PackedRequest {
            feed,
            ..PackedRequest::default()
        }
    }
}

/// How often a request of a trace is asked for at this scale.
pub(super) fn copies(scale: f64, luck: u64) -> u64 {
    let whole = scale as u64;
    whole + u64::from(chance(luck, u64::MAX) < scale - whole as f64)
}

/// The luck of a copy of a request of a trace.
pub(super) fn lucky(luck: u64, copy: u64) -> u64 {
    if copy == 0 { luck } else { mix(luck ^ copy) }
}

/// The requests of a trace that run at the begin, those that the scale leaves, with their rows.
pub(super) fn sitting(feed: &Feed, number: u32) -> Vec<(u32, PackedRequest)> {
    let Stocked::Given(trace, word) = &feed.stock else {
        return Vec::new();
    };
    let lucks = feed.seated.iter().map(|&row| (row, mix(word ^ trace.word(row))));
    lucks
        .filter(|&(_, luck)| copies(feed.scale, luck) > 0)
        .map(|(row, luck)| {
            let packed = PackedRequest {
                start: trace.start(row),
                hold: trace.held(row, feed.running.as_ref(), luck),
                luck,
                what: row,
                feed: number,
            };
            (row, packed)
        })
        .collect()
}

/// Writes the next request of a trace, and says when it is asked for; none before `horizon`.
pub(super) fn given(
    feed: &Feed,
    (trace, word): (&Trace, u64),
    (n, copy): (&mut usize, &mut u64),
    horizon: Time,
    head: &mut PackedRequest,
) -> Option<Time> {
    while *n < trace.len() {
        let row = trace.nth(*n);
        let start = trace.start(row);
        if start >= horizon {
            break;
        }
        let luck = mix(word ^ trace.word(row));
        if *copy == 0 && feed.seated.binary_search(&row).is_ok() {
            *copy = 1;
        }
        if *copy < copies(feed.scale, luck) {
            head.start = start;
            head.luck = lucky(luck, *copy);
            head.hold = trace.held(row, feed.running.as_ref(), head.luck);
            head.what = row;
            *copy += 1;
            return Some(trace.arrival(row));
        }
        (*n, *copy) = (*n + 1, 0);
    }
    None
}
