//! The words by which workloads, flavors, requests, faults and campaigns are known to the streams of luck:
//! of their names where they have any, else made from what they say. Only those that say the very same are
//! numbered, in an order that does not hang on where they stand in the file.

use std::sync::Arc;

use crate::fleet::{ClassId, Names, TraitSet};
use crate::kernel::streams::{word_of, word_of_all};
use crate::workload::laws::Stock;
use crate::workload::{Campaign, FaultLaw, FlavorLaw, Poisson, Source, Trace, says};

/// What a thing is known by, and all that it says, which tells apart those that are known by the same.
struct Known {
    by: u64,
    says: String,
}

/// A word for each: of those that are known by the same, the second one and later have their numbers in it,
/// by what they say.
fn words(known: &[Known]) -> Vec<u64> {
    let mut order: Vec<usize> = (0..known.len()).collect();
    order.sort_by_key(|&at| (known[at].by, &known[at].says, at));
    let mut words = vec![0; known.len()];
    let (mut before, mut ordinal) = (None, 0);
    for at in order {
        ordinal = if before == Some(known[at].by) { ordinal + 1 } else { 0 };
        before = Some(known[at].by);
        words[at] = word_of_all(&[known[at].by, ordinal]);
    }
    words
}

fn classes(names: &Names, ids: &[ClassId]) -> Vec<String> {
    let mut classes: Vec<String> = ids.iter().map(|id| names.classes.name(id.0).to_owned()).collect();
    classes.sort_unstable();
    classes
}

fn traits(names: &Names, set: TraitSet) -> Vec<String> {
    let mut traits: Vec<String> = names.traits_of(set).map(str::to_owned).collect();
    traits.sort_unstable();
    traits
}

/// Gives the workloads, their flavors and their given requests their words. `named` says which workloads
/// and which of their flavors have names of their own.
pub fn of_demand(sources: &mut [Source], extras: &[crate::workload::Extras], named: &[Given], names: &Names) {
    let mut known = Vec::new();
    for (source, given) in sources.iter_mut().zip(named) {
        source.word = word_of(if given.workload { &source.name } else { "" });
        let Stock::Poisson(poisson) = &source.stock else {
            continue;
        };
        let whole = says_workload(source, poisson);
        for (flavor, name) in poisson.flavors.iter().zip(&given.flavors) {
            let says = says_flavor(flavor, extras, names);
            let own = word_of(name.as_ref().unwrap_or(&says));
            let by = if given.workload {
                own
            } else {
                word_of_all(&[word_of(&whole), own])
            };
            known.push(Known {
                by: word_of_all(&[source.word, u64::from(name.is_some()), by]),
                says: format!(
                    "{says} {whole} ({:?}, {})",
                    source.scale,
                    says::patience(source.patience)
                ),
            });
        }
    }
    let mut words = words(&known).into_iter();
    for source in sources.iter_mut() {
        if let Stock::Poisson(poisson) = &mut source.stock {
            let flavors = &mut Arc::make_mut(poisson).flavors;
            flavors
                .iter_mut()
                .for_each(|flavor| flavor.word = words.next().unwrap_or(0));
        }
    }
    of_requests(sources, names);
}

/// Which names of a workload the file gives.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// Whether the workload has one.
    pub workload: bool,
    /// The flavors' names.
    pub flavors: Vec<Option<String>>,
}

/// What tells a workload without a name from others: when and for whom it asks, not how much.
fn says_workload(source: &Source, poisson: &Poisson) -> String {
    let shares: Vec<f64> = poisson.tenants.iter().map(|(_, share)| *share).collect();
    let rescue = source.rescue.as_ref();
    let rescue = says::maybe(rescue.map(|(share, length)| format!("({share:?}, {})", says::law(length))));
    let (kind, owner) = (says::kind(source.kind), source.names_owner);
    let mut said = format!("({kind}, {shares:?}, {owner:?}, {rescue}) {:?}", poisson.hours_of_week);
    if let Some(trend) = &poisson.trend {
        said += &format!(" {} {:?}", says::span(trend.every), trend.rates);
    }
    said
}

fn says_flavor(flavor: &FlavorLaw, extras: &[crate::workload::Extras], names: &Names) -> String {
    let nodes = (
        names.classes.name(flavor.class.0),
        traits(names, flavor.required),
        traits(names, flavor.forbidden),
    );
    let (sizes, hold) = (says::sizes(&flavor.sizes), says::law(&flavor.hold));
    let extras = says::maybe(extras.get(usize::from(flavor.extras)).map(says::extras));
    let mut said = format!("{nodes:?} ({:?}, {sizes}, {hold}) {extras}", flavor.per_day);
    if let Some(lead) = &flavor.lead {
        said += &format!(" lead {}", says::law(lead));
    }
    if let Some(least) = flavor.min_count {
        said += &format!(" least {least}");
    }
    said
}

/// Where requests of workloads without names are called the same, or have no name, more than the name is
/// needed to know them.
fn of_requests(sources: &mut [Source], names: &Names) {
    let mut pools: Vec<Vec<usize>> = Vec::new();
    let mut unnamed = Vec::new();
    for (at, source) in sources.iter().enumerate() {
        match &source.stock {
            Stock::Given(_) if source.word == word_of("") => unnamed.push(at),
            Stock::Given(_) => pools.push(vec![at]),
            Stock::Poisson(_) => {}
        }
    }
    pools.push(unnamed);
    for pool in pools {
        let nameless = |trace: &Trace| (0..trace.len() as u32).any(|row| trace.name(row).is_empty());
        let given = |at: usize| match &sources[at].stock {
            Stock::Given(trace) => Some(trace),
            Stock::Poisson(_) => None,
        };
        if pool.len() < 2 && !pool.iter().filter_map(|&at| given(at)).any(|trace| nameless(trace)) {
            continue;
        }
        let (mut known, mut rows) = (Vec::new(), Vec::new());
        for &at in &pool {
            for row in given(at).map_or(0..0, |trace| 0..trace.len() as u32) {
                let says = given(at).map_or_else(String::new, |trace| says::given(trace, row, names));
                let name = given(at).map_or("", |trace| trace.name(row));
                let by = word_of(if name.is_empty() { &says } else { name });
                known.push(Known { by, says });
                rows.push((at, row));
            }
        }
        for ((at, row), (word, known)) in rows.into_iter().zip(words(&known).into_iter().zip(&known)) {
            // A name that nobody else has is enough, however many traces there are.
            let plain = word_of_all(&[known.by, 0]);
            if let Stock::Given(trace) = &mut sources[at].stock
                && (word != plain || trace.name(row).is_empty())
            {
                let word = if word == plain { known.by } else { word };
                Arc::make_mut(trace).call(row, word);
            }
        }
    }
}

/// Gives the laws of faults their words; names where the file gives them.
pub fn of_faults(laws: &mut [FaultLaw], given: &[Option<String>], names: &Names) {
    let known = |(law, name): (&FaultLaw, &Option<String>)| {
        let classes = classes(names, &law.classes);
        let kinds = says::list(law.kinds.iter().map(says::fault_kind));
        let (between, errands) = (says::law(&law.between), says::errands(&law.errands));
        let says = format!("{classes:?} ({between}, {kinds}, {errands})");
        Known {
            by: word_of_all(&[u64::from(name.is_some()), word_of(name.as_ref().unwrap_or(&says))]),
            says: format!("{says} ({}, {})", says::drain(law.drain), says::age(law.age)),
        }
    };
    let known: Vec<Known> = laws.iter().zip(given).map(known).collect();
    for (law, word) in laws.iter_mut().zip(words(&known)) {
        law.word = word;
    }
}

/// Gives the campaigns their words: of their names where the file gives them.
pub fn of_campaigns(campaigns: &mut [Campaign], named: &[bool], names: &Names) {
    let known = |(campaign, named): (&Campaign, &bool)| {
        let classes = classes(names, &campaign.classes);
        let (work, errands) = (says::law(&campaign.work), says::errands(&campaign.errands));
        let every = says::maybe(campaign.every.map(says::span));
        let says = format!("{classes:?} ({work}, {errands}, {every})");
        let by = if *named { &campaign.name } else { &says };
        Known {
            by: word_of_all(&[u64::from(*named), word_of(by)]),
            says: format!("{says} ({}, {:?})", says::time(campaign.start), campaign.share),
        }
    };
    let known: Vec<Known> = campaigns.iter().zip(named).map(known).collect();
    for (campaign, word) in campaigns.iter_mut().zip(words(&known)) {
        campaign.word = word;
    }
}
