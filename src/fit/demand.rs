//! Demand: a workload for each class, kind of requester and group of tenants, and in it a flavor for each range of sizes, as
//! large requests are held otherwise than small ones.
//!
//! Requests that run when the trace begins are left out: when they were asked for is not told, and what is left of a
//! hold is no hold. A tenant who makes a fifth of a class's requests, and a hundred of them, is one of its large ones.
//! Robots are those that the trace marks, and users who ask as the Chameleon importer's rule says.

use std::collections::{BTreeMap, BTreeSet};

use super::bench::{Bench, FitInput};
use super::inventory::{FleetPart, came, capacity};
use super::rates::{FoundRate, rate};
use super::tried::{POOLED, WrittenLaw, try_laws};
use crate::import::neutral::{RequestKind, RequestMulti, RequestRecord};
use crate::import::robots::Habits;
use crate::stats::estimate::{Interval, wilson};
use crate::stats::lifetimes::Lifetime;
use crate::stats::zipf::{FoundSkew, skew};

/// Ranges of sizes, each up to this.
const RANGES: [u32; 4] = [1, 4, 16, u32::MAX];
/// A range with fewer requests is taken together with the one below.
const RANGE_LEAST: usize = 30;
/// So many requests of a workload that are content with fewer machines are flavors of their own.
const FLEXIBLE_LEAST: usize = 10;
/// A size that is rarer stands for all rare ones near it.
const RARE: u64 = 3;
/// What a large tenant has at least: a part of the requests,
const LARGE_PART: f64 = 0.2;
/// and so many.
const LARGE_LEAST: u64 = 100;
/// Shares are listed for so many tenants at most; the others share alike.
const LISTED: usize = 20;

/// A workload.
#[derive(Clone, Debug)]
pub struct DemandPart {
    /// Its name.
    pub name: String,
    /// Who asks.
    pub kind: RequestKind,
    /// The class, as the profile calls it.
    pub class: String,
    /// Whether requests for several machines are met as Blazar does.
    pub blazar: bool,
    /// How often requests begin.
    pub rate: FoundRate,
    /// How many tenants ask.
    pub tenants: usize,
    /// How unequally; none where one asks.
    pub skew: Option<FoundSkew>,
    /// The shares of the tenants by falling size, where no skew fits.
    pub shares: Option<Vec<f64>>,
    /// Its flavors.
    pub flavors: Vec<FlavorPart>,
}

/// A flavor.
#[derive(Clone, Debug)]
pub struct FlavorPart {
    /// Its name.
    pub name: String,
    /// The traits that it asks for.
    pub traits: Vec<String>,
    /// How many requests were seen.
    pub seen: u64,
    /// Its part of the workload's requests, with the interval.
    pub part: (f64, Interval),
    /// Requests a day.
    pub per_day: f64,
    /// How many machines: (count, how often).
    pub sizes: Vec<(u32, u64)>,
    /// With how few a request is content.
    pub min_count: Option<u32>,
    /// How long they are held.
    pub hold: WrittenLaw,
    /// How long before its start a request is asked for; none where it never is.
    pub lead: Option<WrittenLaw>,
}

/// Which workload a request belongs to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Group {
    class: String,
    kind: RequestKind,
    large: bool,
}

/// Which flavor a request belongs to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Kin {
    traits: Vec<String>,
    range: usize,
    flexible: bool,
}

/// The demand of a trace.
pub(crate) fn demand(
    input: &FitInput<'_>,
    (fleet, names): (&[FleetPart], &BTreeMap<String, String>),
    bench: &mut Bench,
) -> Vec<DemandPart> {
    let robots = robots(input.requests);
    let kept = kept(input, (fleet, names), bench);
    let kind = |request: &RequestRecord| {
        let robot = request.kind == RequestKind::People && robots.contains(request.user.as_str());
        if robot { RequestKind::Monitoring } else { request.kind }
    };
    let by_rule = kept.iter().filter(|request| kind(request) != request.kind).count() as u64;
    bench.leave_out(by_rule, "requests of people were a robot's by the rule, and are apart");
    let mut tenants: BTreeMap<(&str, RequestKind), BTreeMap<&str, u64>> = BTreeMap::new();
    for request in &kept {
        let counts = tenants.entry((&request.resource_class, kind(request))).or_default();
        *counts.entry(&request.tenant).or_default() += 1;
    }
    let is_large = |request: &RequestRecord| {
        let counts = &tenants[&(request.resource_class.as_str(), kind(request))];
        let (all, own): (u64, u64) = (counts.values().sum(), counts[request.tenant.as_str()]);
        let large = own >= LARGE_LEAST && own as f64 >= LARGE_PART * all as f64;
        // Where all are large, none is.
        large && counts.len() > 1 && all - own >= LARGE_LEAST
    };
    let mut groups: BTreeMap<Group, Vec<&RequestRecord>> = BTreeMap::new();
    for &request in &kept {
        let group = Group {
            class: names.get(&request.resource_class).cloned().unwrap_or_default(),
            kind: kind(request),
            large: request.kind == RequestKind::People && is_large(request),
        };
        groups.entry(group).or_default().push(request);
    }
    let groups: Vec<_> = groups.into_iter().collect();
    let of_kind = |wanted: RequestKind| {
        let alike = kept.iter().copied().filter(|request| kind(request) == wanted);
        alike.collect::<Vec<&RequestRecord>>()
    };
    groups
        .into_iter()
        .map(|(group, requests)| {
            let wider = [of_kind(group.kind), kept.clone()];
            workload(input, (&group, &requests, &wider), fleet, bench)
        })
        .collect()
}

/// The requests that are fitted, by start.
fn kept<'a>(
    input: &FitInput<'a>,
    (fleet, names): (&[FleetPart], &BTreeMap<String, String>),
    bench: &mut Bench,
) -> Vec<&'a RequestRecord> {
    let (mut running, mut late, mut strange, mut large) = (0, 0, 0, 0);
    let mut kept = Vec::with_capacity(input.requests.len());
    for request in input.requests {
        let nodes = names
            .get(&request.resource_class)
            .map_or(0, |class| capacity(fleet, class));
        if request.start_ms >= input.horizon.0 {
            late += 1;
        } else if request.start_ms == 0 {
            running += 1;
        } else if nodes == 0 {
            strange += 1;
        } else {
            large += u64::from(u64::from(request.count) > nodes);
            kept.push(request);
        }
    }
    bench.leave_out(
        running,
        "requests run when the trace begins: what is left of a hold is no hold",
    );
    bench.leave_out(late, "requests start after the trace's end");
    bench.leave_out(strange, "requests ask for a class that the profile's fleet has not");
    bench.leave_out(
        large,
        "requests are for more machines than the class has on average: they ask for all",
    );
    kept.sort_by_key(|request| (request.start_ms, request.arrival_ms));
    kept
}

/// Users who ask as robots do.
fn robots(requests: &[RequestRecord]) -> BTreeSet<&str> {
    let mut users: BTreeMap<&str, Habits> = BTreeMap::new();
    for request in requests
        .iter()
        .filter(|it| it.kind == RequestKind::People && !it.user.is_empty())
    {
        let habits = users.entry(&request.user).or_default();
        habits.add(request.arrival_ms as i64, request.hold_ms as i64);
    }
    let robots = users.into_iter().filter(|(_, habits)| habits.are_a_robots());
    robots.map(|(user, _)| user).collect()
}

fn workload(
    input: &FitInput<'_>,
    (group, requests, wider): (&Group, &[&RequestRecord], &[Vec<&RequestRecord>]),
    fleet: &[FleetPart],
    bench: &mut Bench,
) -> DemandPart {
    let who = match group.kind {
        RequestKind::People => "people",
        RequestKind::Monitoring => "robots",
        RequestKind::Operator => "operators",
    };
    let name = format!("{who}-{}{}", group.class, if group.large { "-large" } else { "" });
    let begins: Vec<u64> = requests.iter().map(|request| request.start_ms).collect();
    let came = came(fleet, &group.class);
    let rate = rate(
        &begins,
        (came, input.horizon),
        input.clock,
        bench,
        &format!("begins of {name}"),
    );
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    requests
        .iter()
        .for_each(|request| *counts.entry(&request.tenant).or_default() += 1);
    let counts: Vec<u64> = counts.into_values().collect();
    let mut stream = bench.stream(&format!("tenants of {name}"));
    let skew = skew(&counts, bench.wish.confidence, bench.wish.samples, &mut stream);
    let unlike = skew.is_some_and(|found| found.goodness.p < super::tried::REJECTED);
    let several = || requests.iter().filter(|request| request.count > 1);
    let blazar = several()
        .filter(|request| request.multi == Some(RequestMulti::Blazar))
        .count();
    let most = u32::try_from(capacity(fleet, &group.class)).unwrap_or(u32::MAX);
    let flavors = kin(requests);
    let flavors = flavors.into_iter().map(|(kin, own)| {
        let wider = wider.iter().map(Vec::as_slice);
        let mut bases = [&own[..], requests].into_iter().chain(wider);
        let basis = bases.find(|it| it.len() >= POOLED).unwrap_or(requests);
        if own.len() < POOLED {
            let few = format!(
                "requests are fewer than {POOLED} of their flavor: sizes, holds and leads are told as those of their class, or of all"
            );
            bench.leave_out(own.len() as u64, &few);
        }
        flavor(&name, (&kin, &own, basis), (&rate, requests.len(), most), bench)
    });
    let flavors = flavors.collect();
    DemandPart {
        kind: group.kind,
        class: group.class.clone(),
        blazar: 2 * blazar > several().count(),
        rate,
        tenants: counts.len(),
        skew,
        shares: unlike.then(|| shares(counts)),
        flavors,
        name,
    }
}

/// Tenants' shares by falling size.
fn shares(mut counts: Vec<u64>) -> Vec<f64> {
    counts.sort_unstable_by(|a, b| b.cmp(a));
    let n: u64 = counts.iter().sum();
    let tail = &counts[counts.len().min(LISTED)..];
    let mean = tail.iter().sum::<u64>() as f64 / tail.len().max(1) as f64;
    let of = |(at, count): (usize, &u64)| if at < LISTED { *count as f64 } else { mean } / n as f64;
    counts.iter().enumerate().map(of).collect()
}

/// The requests by flavor; what is too rare for one of its own is with its neighbour.
fn kin<'a>(requests: &[&'a RequestRecord]) -> Vec<(Kin, Vec<&'a RequestRecord>)> {
    let range = |request: &RequestRecord| RANGES.iter().position(|most| request.count <= *most).unwrap_or(0);
    let mut by: BTreeMap<(Vec<String>, usize), Vec<&RequestRecord>> = BTreeMap::new();
    for &request in requests {
        let mut traits = request.traits.clone();
        traits.sort();
        traits.dedup();
        by.entry((traits, range(request))).or_default().push(request);
    }
    let mut merged: Vec<(Kin, Vec<&RequestRecord>)> = Vec::new();
    let apart = requests
        .iter()
        .filter(|request| request.min_count < request.count)
        .count()
        >= FLEXIBLE_LEAST;
    for ((traits, range), own) in by {
        let (flexible, firm): (Vec<&RequestRecord>, Vec<&RequestRecord>) =
            own.into_iter().partition(|request| request.min_count < request.count);
        let parts = if apart {
            vec![(true, flexible), (false, firm)]
        } else {
            vec![(false, firm.into_iter().chain(flexible).collect())]
        };
        for (flexible, own) in parts.into_iter().filter(|(_, own)| !own.is_empty()) {
            let like = merged
                .iter()
                .rposition(|(kin, _)| kin.traits == traits && kin.flexible == flexible);
            match like.filter(|&at| own.len() < RANGE_LEAST || merged[at].1.len() < RANGE_LEAST) {
                Some(at) => {
                    merged[at].1.extend(own);
                    merged[at].0.range = range;
                }
                None => merged.push((
                    Kin {
                        traits: traits.clone(),
                        range,
                        flexible,
                    },
                    own,
                )),
            }
        }
    }
    merged
}

fn flavor(
    workload: &str,
    (kin, requests, basis): (&Kin, &[&RequestRecord], &[&RequestRecord]),
    (rate, all, most): (&FoundRate, usize, u32),
    bench: &mut Bench,
) -> FlavorPart {
    let counts = || requests.iter().map(|request| request.count);
    let (least, largest) = (counts().min().unwrap_or(1), counts().max().unwrap_or(1));
    // A rare size is nobody's: ranges are told by their bounds.
    let low = RANGES
        .iter()
        .rev()
        .find(|bound| **bound < least)
        .map_or(1, |bound| bound + 1);
    let high = RANGES[RANGES.iter().position(|bound| largest <= *bound).unwrap_or(0)];
    let range = match high {
        u32::MAX => format!("{low}+"),
        high if high == low => format!("{low}"),
        high => format!("{low}-{high}"),
    };
    let mut name = range;
    if kin.flexible {
        name += "-flexible";
    }
    if !kin.traits.is_empty() {
        name = format!("{name}-{}", kin.traits.join("-").to_lowercase());
    }
    let of = format!("{workload}/{name}");
    let holds: Vec<Lifetime> = basis
        .iter()
        .map(|request| Lifetime {
            time: request.hold_ms as f64 / 1000.0,
            ended: request.end_known,
        })
        .collect();
    let hold = try_laws(&format!("hold of {of}"), &holds, bench);
    let leads: Vec<Lifetime> = basis
        .iter()
        .map(|request| Lifetime::ended((request.start_ms - request.arrival_ms) as f64 / 1000.0))
        .collect();
    let early = leads.iter().filter(|lead| lead.time > 0.0).count();
    let lead = (early > 0).then(|| try_laws(&format!("lead of {of}"), &leads, bench));
    let (seen, part) = (requests.len(), requests.len() as f64 / all as f64);
    let (lo, hi) = wilson(seen as u64, all as u64, bench.wish.confidence);
    let mut fewest: Vec<u32> = requests.iter().map(|request| request.min_count).collect();
    fewest.sort_unstable();
    FlavorPart {
        traits: kin.traits.clone(),
        seen: seen as u64,
        part: (part, Interval { lo, hi }),
        per_day: rate.per_day * part,
        sizes: sizes(basis, most),
        min_count: kin.flexible.then(|| fewest[seen / 2].min(most)),
        hold,
        lead,
        name,
    }
}

/// The sizes with how often each is asked for. Rare ones near each other are told as one, at their mean.
fn sizes(requests: &[&RequestRecord], most: u32) -> Vec<(u32, u64)> {
    let mut counts: BTreeMap<u32, u64> = BTreeMap::new();
    requests
        .iter()
        .for_each(|request| *counts.entry(request.count.min(most)).or_default() += 1);
    let (mut told, mut rare): (BTreeMap<u32, u64>, Vec<(u32, u64)>) = (BTreeMap::new(), Vec::new());
    let flush = |rare: &mut Vec<(u32, u64)>, told: &mut BTreeMap<u32, u64>| {
        let n: u64 = rare.iter().map(|one| one.1).sum();
        let machines: u64 = rare.iter().map(|one| u64::from(one.0) * one.1).sum();
        if n > 0 {
            *told.entry(((machines + n / 2) / n) as u32).or_default() += n;
        }
        rare.clear();
    };
    for (size, seen) in counts {
        if seen >= RARE {
            told.insert(size, seen);
            continue;
        }
        let enough = rare.iter().map(|one| one.1).sum::<u64>() >= RARE;
        if enough && rare.first().is_some_and(|first| 2 * size >= 3 * first.0) {
            flush(&mut rare, &mut told);
        }
        rare.push((size, seen));
    }
    flush(&mut rare, &mut told);
    told.into_iter().collect()
}
