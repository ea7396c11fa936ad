//! Maintenance: faults (and single spells of other kinds) by class, how long each kind lasts, and campaigns by size.
//!
//! A spell that runs when the trace begins is left out: when it began is not told. One that is open at the end counts as
//! a length that was cut. A node that joins later is new; the others stood in the midst of an interval between
//! faults (see [`crate::stats::renewal`]).

use std::collections::{BTreeMap, BTreeSet};

use super::bench::{Bench, DAY_MS, FitInput};
use super::inventory::{FleetPart, capacity, stays};
use super::tried::{LawTried, POOLED, WrittenLaw, try_laws};
use super::waiting::{Tenancy, WaitPart};
use crate::import::chameleon::{BATCH_GAP_MS, BATCH_MIN};
use crate::import::neutral::SpellRecord;
use crate::stats::estimate::mean;
use crate::stats::lifelaw::{FoundLaw, LifeLaw, gamma_interval};
use crate::stats::lifetimes::Lifetime;
use crate::stats::renewal::{Watched, between, goodness};

/// A class with fewer faults shares a law with others.
const CLASS_LEAST: usize = 10;
/// Campaigns are told in so many sizes at most.
const STRATA: usize = 4;
/// Samples of the bootstrap of a Weibull law: each takes a search.
const SEARCHES: usize = 39;

/// Faults of the nodes of some classes.
#[derive(Clone, Debug)]
pub struct FaultPart {
    /// Its name.
    pub name: String,
    /// The classes, as the profile calls them.
    pub classes: Vec<String>,
    /// How many were seen.
    pub seen: u64,
    /// The time from fault to fault of one node.
    pub between: FoundLaw,
    /// Whether nodes begin whole: the trace has fewer broken ones at its begin than such laws would leave.
    pub whole: bool,
    /// How much of that is work.
    pub wait: WaitPart,
    /// The kinds: name, how often each was seen, and how long it lasts.
    pub kinds: Vec<(String, u64, WrittenLaw)>,
}

/// Campaigns of about one size.
#[derive(Clone, Debug)]
pub struct CampaignPart {
    /// Its name.
    pub name: String,
    /// How many were seen, and how many nodes each took on average.
    pub seen: (u64, f64),
    /// The fewest and the most nodes.
    pub nodes: (u64, u64),
    /// When the first one begins, and after how long the next, days.
    pub times: (f64, f64),
    /// The part of the fleet that it takes.
    pub share: f64,
    /// How long a node is away.
    pub away: WrittenLaw,
    /// How much of that is work.
    pub wait: WaitPart,
}

/// All maintenance.
#[derive(Clone, Debug, Default)]
pub(crate) struct UpkeepParts {
    pub faults: Vec<FaultPart>,
    pub campaigns: Vec<CampaignPart>,
    pub unbroken: Vec<(String, f64)>,
}

/// The maintenance of a trace.
pub(crate) fn upkeep(
    input: &FitInput<'_>,
    (fleet, names): (&[FleetPart], &BTreeMap<String, String>),
    bench: &mut Bench,
) -> UpkeepParts {
    let known: BTreeSet<&str> = input.nodes.iter().map(|node| node.node_id.as_str()).collect();
    let (mut running, mut late, mut strange) = (0, 0, 0);
    let mut spells: Vec<&SpellRecord> = Vec::new();
    for spell in input.spells {
        if !known.contains(spell.node_id.as_str()) {
            strange += 1;
        } else if spell.start_ms == 0 {
            running += 1;
        } else if spell.start_ms >= input.horizon.0 {
            late += 1;
        } else {
            spells.push(spell);
        }
    }
    bench.leave_out(
        running,
        "spells run when the trace begins: what is left of one is no length",
    );
    bench.leave_out(late, "spells begin after the trace's end");
    bench.leave_out(strange, "spells are of nodes that nodes.csv has not");
    spells.sort_by(|a, b| (a.start_ms, &a.node_id).cmp(&(b.start_ms, &b.node_id)));
    let batches = batches(&spells);
    let old: BTreeSet<&str> = input
        .spells
        .iter()
        .filter(|spell| spell.start_ms == 0 && spell.campaign.is_none())
        .map(|spell| spell.node_id.as_str())
        .collect();
    let single: Vec<&SpellRecord> = spells
        .iter()
        .enumerate()
        .filter(|(at, _)| !batches.iter().any(|batch| batch.contains(at)))
        .map(|(_, spell)| *spell)
        .collect();
    let (faults, unbroken) = faults(input, (&single, &old), (fleet, names), bench);
    let campaigns: Vec<Vec<&SpellRecord>> = batches
        .iter()
        .map(|batch| batch.iter().map(|&at| spells[at]).collect())
        .collect();
    UpkeepParts {
        campaigns: self::campaigns(input, &campaigns, (fleet, names), bench),
        faults,
        unbroken,
    }
}

/// The spells of each campaign, by their places: those that name it, and planned ones that begin together.
fn batches(spells: &[&SpellRecord]) -> Vec<BTreeSet<usize>> {
    let mut named: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    let mut planned: Vec<usize> = Vec::new();
    for (at, spell) in spells.iter().enumerate() {
        match &spell.campaign {
            Some(name) => _ = named.entry(name).or_default().insert(at),
            None if spell.kind == "planned" => planned.push(at),
            None => {}
        }
    }
    let near = |a: &usize, b: &usize| (spells[*b].start_ms - spells[*a].start_ms) as i64 <= BATCH_GAP_MS;
    let together = planned.chunk_by(near).filter(|batch| batch.len() >= BATCH_MIN);
    let together = together.map(|batch| batch.iter().copied().collect());
    named.into_values().chain(together).collect()
}

/// How long a spell lasted, seconds.
fn length(spell: &SpellRecord, horizon: u64) -> Lifetime {
    let end = spell.end_ms.unwrap_or(u64::MAX);
    Lifetime {
        time: (end.min(horizon).saturating_sub(spell.start_ms)) as f64 / 1000.0,
        ended: end < horizon,
    }
}

fn faults(
    input: &FitInput<'_>,
    (single, old): (&[&SpellRecord], &BTreeSet<&str>),
    (fleet, names): (&[FleetPart], &BTreeMap<String, String>),
    bench: &mut Bench,
) -> (Vec<FaultPart>, Vec<(String, f64)>) {
    let watched = watched(input, single);
    // By class: its watches, and which spells are of it.
    let mut classes: BTreeMap<&str, (Vec<&Watched>, Vec<&SpellRecord>)> = BTreeMap::new();
    for stay in &watched {
        let class = names.get(stay.class).map_or("", String::as_str);
        if capacity(fleet, class) > 0 {
            let part = classes.entry(class).or_default();
            part.0.push(&stay.watched);
            part.1.extend(&stay.spells);
        }
    }
    let (large, small): (Vec<_>, Vec<_>) = classes
        .into_iter()
        .partition(|(_, (_, spells))| spells.len() >= CLASS_LEAST);
    let mut parts: Vec<Together<'_>> = Vec::new();
    let owned = |watched: Vec<&Watched>| watched.into_iter().cloned().collect::<Vec<Watched>>();
    for (class, (watched, spells)) in large {
        parts.push(Together {
            name: format!("faults-{class}"),
            classes: vec![class],
            watched: owned(watched),
            spells,
        });
    }
    let mut unbroken = Vec::new();
    if !small.is_empty() {
        let broken = small.iter().any(|(_, (_, spells))| !spells.is_empty());
        let names: Vec<&str> = small.iter().map(|(class, _)| *class).collect();
        for (class, (watched, _)) in small.iter().filter(|(_, (_, spells))| spells.is_empty()) {
            let years: f64 = watched.iter().map(|one| one.length()).sum::<f64>() / (365.25 * 86_400.0);
            unbroken.push((
                (*class).to_owned(),
                gamma_interval(0, bench.wish.confidence).hi / years.max(1e-9),
            ));
        }
        if broken {
            let watched = small.iter().flat_map(|(_, (watched, _))| watched.iter().copied());
            let spells = small.iter().flat_map(|(_, (_, spells))| spells.iter().copied());
            let name = if parts.is_empty() { "faults" } else { "faults-others" };
            parts.push(Together {
                name: name.to_owned(),
                classes: names,
                watched: watched.cloned().collect(),
                spells: spells.collect(),
            });
        }
    }
    let laws = parts.into_iter().filter_map(|part| {
        let Together {
            name,
            classes,
            watched,
            spells,
        } = part;
        let law = law(&name, &watched, bench)?;
        let kinds = kinds(&name, (&spells, single), input.horizon.0, bench);
        let begins = input.nodes.iter().filter(|node| {
            let class = names.get(&node.resource_class);
            node.available_from_ms == 0 && class.is_some_and(|class| classes.contains(&class.as_str()))
        });
        let (broken, there) = begins.fold((0, 0), |(broken, there), node| {
            (broken + u64::from(old.contains(node.node_id.as_str())), there + 1)
        });
        let all: u64 = kinds.iter().map(|kind| kind.1).sum();
        let lasts: f64 = kinds
            .iter()
            .map(|kind| kind.1 as f64 / all.max(1) as f64 * kind.2.mean())
            .sum();
        let expected = f64::from(there) * lasts / law.law.mean();
        Some(FaultPart {
            seen: spells.len() as u64,
            // Laws without a mean leave all of them broken.
            whole: !expected.is_finite() || expected > gamma_interval(broken, bench.wish.confidence).hi,
            wait: Tenancy::of(input, names, &classes).part(lasts, input.longest_wait),
            classes: classes.into_iter().map(str::to_owned).collect(),
            kinds,
            between: law,
            name,
        })
    });
    (laws.collect(), unbroken)
}

/// The law of the time between faults, which is noted with its goodness.
fn law(name: &str, watched: &[Watched], bench: &mut Bench) -> Option<FoundLaw> {
    let found = between(watched, bench.wish.confidence)?;
    let of = format!("between {name}");
    let events: usize = watched.iter().map(Watched::events).sum();
    let samples = match found.law {
        LifeLaw::Exponential(_) => bench.wish.samples,
        _ => bench.wish.samples.min(SEARCHES),
    };
    let fits = (events >= 10).then(|| goodness(watched, found.law, samples, &mut bench.stream(&of)));
    bench.laws.push(LawTried {
        of,
        counts: (watched.iter().map(Watched::intervals).sum(), events),
        goodness: fits,
        written: WrittenLaw::Life(found.law),
        quantiles: Vec::new(),
        why: match found.law {
            LifeLaw::Exponential(_) => "Weibull's law is not likelier",
            _ => "Weibull's law is likelier than the exponential",
        },
        found: Some(found.clone()),
    });
    Some(found)
}

/// The kinds of spells, each with how long it lasts.
///
/// One with too few rows lasts as all kinds of these classes do, or as all of the fleet.
fn kinds(
    name: &str,
    (spells, single): (&[&SpellRecord], &[&SpellRecord]),
    horizon: u64,
    bench: &mut Bench,
) -> Vec<(String, u64, WrittenLaw)> {
    let lengths = |spells: &[&SpellRecord]| spells.iter().map(|spell| length(spell, horizon)).collect();
    let mut kinds: BTreeMap<&str, Vec<Lifetime>> = BTreeMap::new();
    for spell in spells {
        kinds.entry(&spell.kind).or_default().push(length(spell, horizon));
    }
    let wider: [Vec<Lifetime>; 2] = [lengths(spells), lengths(single)];
    let mut few = 0;
    let tried = kinds.into_iter().map(|(kind, lengths)| {
        let seen = lengths.len() as u64;
        let enough = std::iter::once(&lengths).chain(&wider).find(|it| it.len() >= POOLED);
        let basis = enough.unwrap_or(&wider[1]);
        few += if lengths.len() < POOLED { seen } else { 0 };
        (
            kind.to_owned(),
            seen,
            try_laws(&format!("{kind} of {name}"), basis, bench),
        )
    });
    let tried = tried.collect();
    bench.leave_out(
        few,
        &format!("spells are of kinds with fewer than {POOLED} in their classes: they last as others there, or as all"),
    );
    tried
}

/// Classes that share a law of faults.
struct Together<'a> {
    name: String,
    classes: Vec<&'a str>,
    watched: Vec<Watched>,
    spells: Vec<&'a SpellRecord>,
}

/// A node while it is of one class.
struct Stay<'a> {
    class: &'a str,
    watched: Watched,
    spells: Vec<&'a SpellRecord>,
}

fn watched<'a>(input: &FitInput<'a>, spells: &[&'a SpellRecord]) -> Vec<Stay<'a>> {
    let mut by_node: BTreeMap<&str, Vec<&SpellRecord>> = BTreeMap::new();
    spells
        .iter()
        .for_each(|spell| by_node.entry(&spell.node_id).or_default().push(spell));
    // A spell that is none of these hides faults all the same.
    let mut all: BTreeMap<&str, Vec<&SpellRecord>> = BTreeMap::new();
    input
        .spells
        .iter()
        .for_each(|spell| all.entry(&spell.node_id).or_default().push(spell));
    let mut stays = Vec::new();
    for node in input.nodes {
        let own = by_node.get(node.node_id.as_str()).map_or(&[][..], Vec::as_slice);
        let hiding = all.get(node.node_id.as_str()).map_or(&[][..], Vec::as_slice);
        for (class, from, to) in self::stays(node, input.horizon.0) {
            let within: Vec<&SpellRecord> = own
                .iter()
                .copied()
                .filter(|spell| (from..to).contains(&spell.start_ms))
                .collect();
            let seconds = |ms: u64| ms as f64 / 1000.0;
            let events: Vec<f64> = within.iter().map(|spell| seconds(spell.start_ms - from)).collect();
            let fresh = from > 0 && from == node.available_from_ms;
            let hidden = union(hiding, from, to);
            stays.push(Stay {
                class,
                watched: Watched::of(&events, seconds(to - from), fresh).hidden(seconds(hidden)),
                spells: within,
            });
        }
    }
    stays
}

/// How long a node was in maintenance between two instants.
fn union(spells: &[&SpellRecord], from: u64, to: u64) -> u64 {
    let mut parts: Vec<(u64, u64)> = spells
        .iter()
        .map(|spell| (spell.start_ms.max(from), spell.end_ms.unwrap_or(u64::MAX).min(to)))
        .filter(|(begin, end)| begin < end)
        .collect();
    parts.sort_unstable();
    let (mut sum, mut until) = (0, from);
    for (begin, end) in parts {
        sum += end.saturating_sub(begin.max(until));
        until = until.max(end);
    }
    sum
}

/// Campaigns, told in a few sizes: each comes again as often as its share of those that were seen.
fn campaigns(
    input: &FitInput<'_>,
    campaigns: &[Vec<&SpellRecord>],
    (fleet, names): (&[FleetPart], &BTreeMap<String, String>),
    bench: &mut Bench,
) -> Vec<CampaignPart> {
    if campaigns.is_empty() {
        return Vec::new();
    }
    let nodes: u64 = fleet.iter().map(|part| part.nodes).sum();
    let lengths: Vec<Lifetime> = campaigns
        .iter()
        .flatten()
        .map(|spell| length(spell, input.horizon.0))
        .collect();
    let away = try_laws("time away in campaigns", &lengths, bench);
    let all: Vec<&str> = fleet.iter().map(|part| part.class.as_str()).collect();
    let wait = Tenancy::of(input, names, &all).part(away.mean(), input.longest_wait);
    let mut sizes: Vec<u64> = campaigns.iter().map(|batch| batch.len() as u64).collect();
    sizes.sort_unstable();
    let strata = sizes.len().min(STRATA);
    let days = input.horizon.0 as f64 / DAY_MS;
    let stratum = |at: usize| {
        let own = &sizes[at * sizes.len() / strata..(at + 1) * sizes.len() / strata];
        let size = mean(&own.iter().map(|&size| size as f64).collect::<Vec<f64>>());
        let every = days / own.len() as f64;
        CampaignPart {
            name: format!("campaign-{}", at + 1),
            seen: (own.len() as u64, size),
            nodes: (own[0], own[own.len() - 1]),
            // Apart from each other, and none at the begin.
            times: (every * (at as f64 + 0.5) / strata as f64, every),
            // The share is rounded down to whole nodes.
            share: ((size.round() + 0.5) / nodes.max(1) as f64).min(1.0),
            away: away.clone(),
            wait,
        }
    };
    (0..strata).map(stratum).collect()
}
