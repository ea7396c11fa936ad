//! The laws from which a tape is drawn: what a scenario says of demand and maintenance.

use std::sync::Arc;

use super::request::Kind;
use super::shares::walk;
use super::trace::Trace;
use crate::fleet::{ClassId, Hold, NodeId, TenantId, TraitSet};
use crate::kernel::samplers::growth_passed;
use crate::kernel::time::DAY_MS;
use crate::kernel::{Clock, Hours, Law, Span, Time};

/// What a refused requester does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Patience {
    /// Gives up at once: a loss system.
    #[default]
    GiveUp,
    /// Asks again up to `times` times, `backoff` later, the pause doubling each time.
    Retry {
        /// How often at most.
        times: u16,
        /// The first pause.
        backoff: Span,
    },
    /// Waits in line for its class, first in first out, up to this long.
    Wait {
        /// How long at most.
        patience: Span,
    },
}

/// Who may pass whom in a class's line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Line {
    /// Whoever fits is served, in order of arrival.
    #[default]
    Open,
    /// Who waits holds back everybody who came later.
    Strict,
}

/// How many machines a request wants: (count, probability), summing to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Sizes(pub Vec<(u16, f64)>);

/// One kind of request within a Poisson workload.
#[derive(Clone, Debug)]
pub struct FlavorLaw {
    /// What it is known by to the streams: a word of its name, or of what it says.
    pub word: u64,
    /// The resource class.
    pub class: ClassId,
    /// Its arrivals per day.
    pub per_day: f64,
    /// Required traits.
    pub required: TraitSet,
    /// Forbidden traits.
    pub forbidden: TraitSet,
    /// Extra specs, hint and availability zone, by their index in `Demand::extras`.
    pub extras: u16,
    /// How many machines.
    pub sizes: Sizes,
    /// How long they are held.
    pub hold: Law,
}

/// A Poisson workload: independent Poisson processes, one per flavor.
#[derive(Clone, Debug)]
pub struct Poisson {
    /// Its kinds of requests.
    pub flavors: Vec<FlavorLaw>,
    /// Relative intensity of each hour of the week (Monday 0h first, by the clock), mean 1; none: constant.
    pub hours_of_week: Option<Vec<f64>>,
    /// The clocks of the scenario's time zone.
    pub clock: Clock,
    /// Tenants with their shares of the requests, summing to 1.
    pub tenants: Vec<(TenantId, f64)>,
    /// By which share the rates grow in a year, from time 0 on.
    pub growth: f64,
}

/// Where requests come from.
#[derive(Clone, Debug)]
pub enum Stock {
    /// Given ones: a trace or a list.
    Given(Arc<Trace>),
    /// Drawn ones.
    Poisson(Arc<Poisson>),
}

/// One workload of a scenario.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its name.
    pub name: String,
    /// What it is known by to the streams: a word of its name, if the file gives it one.
    pub word: u64,
    /// People, robots or operators, for drawn requests; a trace says it per row.
    pub kind: Kind,
    /// Where its requests come from.
    pub stock: Stock,
    /// The load factor: a Poisson rate is multiplied by it; of a trace each request is kept with
    /// this probability if it is below 1, and repeated with its own luck if above.
    pub scale: f64,
    /// What a refused requester does.
    pub patience: Patience,
    /// Whether who waits may be passed.
    pub line: Line,
    /// The share of instances that need a rescue, and how long it lasts.
    pub rescue: Option<(f64, Law)>,
    /// The share of requests that name their owner to Ironic's allocation API.
    pub names_owner: f64,
    /// Whether holds contain the deploy: a recorded lease runs from its start, whatever the machine does meanwhile.
    pub leases: bool,
    /// The law of holds whose ends are not known, from which the rest is drawn given how long they have run; none: they end
    /// beyond the run.
    pub running: Option<Law>,
}

/// A request that runs at the begin, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seated {
    /// Its workload.
    pub source: u16,
    /// Its place in that workload's trace.
    pub row: u32,
    /// The node.
    pub node: NodeId,
}

/// The demand of a scenario.
#[derive(Clone, Debug, Default)]
pub struct Demand {
    /// Its workloads.
    pub sources: Vec<Source>,
    /// What requests may say beside class and traits; number 0 is nothing.
    pub extras: Vec<super::Extras>,
    /// The requests that run at the begin on nodes that are known, in order.
    pub seats: Vec<Seated>,
}

/// The operators' boots on a node in maintenance.
#[derive(Clone, Debug)]
pub struct ErrandLaw {
    /// How many: (count, probability), summing to 1. Count 0 is allowed.
    pub counts: Sizes,
    /// How long each runs.
    pub duration: Law,
}

/// A recorded spell, times since the epoch.
#[derive(Clone, Debug)]
pub struct Spell {
    /// The node.
    pub node: NodeId,
    /// When the node went into maintenance.
    pub start: Time,
    /// When it came back; none: never.
    pub end: Option<Time>,
    /// The reason.
    pub hold: Hold,
}

/// How a recorded spell is used under another strategy than the one that was in force.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SpellUse {
    /// It ends when the trace says.
    #[default]
    AsRecorded,
    /// Its length less this much per errand (the errand's route under the recorded practice) and
    /// less the errands themselves is hands-on work; the strategy adds its own route.
    AsWork {
        /// The time that one errand's route took under the recorded practice.
        route: Span,
    },
}

/// What a kind of fault does.
#[derive(Clone, Debug)]
pub struct FaultKind {
    /// Its name.
    pub name: String,
    /// Its share among the law's faults; shares sum to 1.
    pub share: f64,
    /// Whether it ends the instance under which it strikes.
    pub interrupts: bool,
    /// The probability that a deploy onto the broken node fails; else it succeeds and fails its tenant.
    pub deploy_fails: f64,
    /// Whether Ironic's own power sync notices it and sets flag and hold.
    pub power: bool,
    /// How long it takes the operators to notice.
    pub detection: Law,
    /// Hands-on work to repair it.
    pub work: Law,
}

/// How old the hardware is of nodes that are there at the begin. One that joins later is new.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Age {
    /// As it would be after any length of time: some are about to break, and some are broken.
    #[default]
    Stationary,
    /// New: each has the whole time to its first fault before it.
    New,
}

/// Faults of the nodes of some classes. Fault times are a renewal process in calendar time; a
/// fault that strikes a broken node changes nothing.
#[derive(Clone, Debug)]
pub struct FaultLaw {
    /// What it is known by to the streams: a word of its name, or of what it says.
    pub word: u64,
    /// The classes; empty: all.
    pub classes: Vec<ClassId>,
    /// Time from fault to fault.
    pub between: Law,
    /// How old the nodes' hardware is when they are first seen.
    pub age: Age,
    /// The kinds of fault.
    pub kinds: Vec<FaultKind>,
    /// What becomes of an instance on the node when its window opens.
    pub drain: Drain,
    /// The operators' boots.
    pub errands: ErrandLaw,
}

/// What becomes of an instance on a node whose maintenance begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Drain {
    /// It is evicted.
    AtOnce,
    /// The work waits until the tenant leaves.
    #[default]
    TenantLeaves,
    /// The work waits this long, then it is evicted.
    Deadline(Span),
}

/// What a disruption budget is counted over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The whole fleet.
    Fleet,
    /// Each rack.
    Rack,
    /// Each class.
    Class,
}

/// Which nodes a disruption budget counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Counts {
    /// Every node of the scope that is away, for whatever reason.
    #[default]
    All,
    /// Those that the campaign has out.
    Campaign,
}

/// How many nodes may be away at once for a campaign to take another one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Budget {
    /// Over what it counts.
    pub scope: Scope,
    /// The number of nodes, or
    pub nodes: Option<u32>,
    /// the share of the nodes of the scope that are in the fleet, at least one.
    pub share: Option<f64>,
    /// Which nodes it counts.
    pub counts: Counts,
}

/// Planned maintenance over a selection of nodes.
#[derive(Clone, Debug)]
pub struct Campaign {
    /// Its name.
    pub name: String,
    /// What it is known by to the streams: a word of its name, or of what it says.
    pub word: u64,
    /// When it begins.
    pub start: Time,
    /// How often it comes again; none: once.
    pub every: Option<Span>,
    /// The classes; empty: all.
    pub classes: Vec<ClassId>,
    /// The share of the selected nodes that it touches.
    pub share: f64,
    /// How many at once.
    pub budget: Budget,
    /// Waves: the next set of nodes begins only when the whole wave is back (true), or as each
    /// node comes back (false).
    pub waves: bool,
    /// Nodes are taken and hands-on work begins only within these hours.
    pub hours: Option<Hours>,
    /// Nothing is begun that cannot be finished within the hours.
    pub inside: bool,
    /// How long before it begins its nodes are known.
    pub announce: Span,
    /// What becomes of an instance on the node.
    pub drain: Drain,
    /// Hands-on work per node.
    pub work: Law,
    /// The operators' boots.
    pub errands: ErrandLaw,
}

/// All maintenance of a scenario.
#[derive(Clone, Debug)]
pub struct MaintenancePlan {
    /// Recorded spells by (start, node).
    pub spells: Arc<Vec<Spell>>,
    /// How they are used.
    pub spell_use: SpellUse,
    /// The operators' boots in recorded spells.
    pub spell_errands: ErrandLaw,
    /// What becomes of an instance on the node of a recorded spell.
    pub spell_drain: Drain,
    /// Faults.
    pub faults: Vec<FaultLaw>,
    /// Campaigns.
    pub campaigns: Vec<Campaign>,
    /// Hands-on work after a failed automated clean.
    pub clean_work: Law,
}

impl Demand {
    /// How many requests are expected before `horizon`.
    #[must_use]
    pub fn expected(&self, horizon: Time) -> f64 {
        let days = horizon.0 as f64 / DAY_MS as f64;
        let of = |source: &Source| match &source.stock {
            Stock::Given(trace) => source.scale * trace.before(horizon) as f64,
            Stock::Poisson(poisson) => {
                let per_day: f64 = poisson.flavors.iter().map(|flavor| flavor.per_day).sum();
                let grown = growth_passed(horizon, poisson.growth) / (horizon.0.max(1)) as f64;
                source.scale * per_day * days * grown
            }
        };
        self.sources.iter().map(of).sum()
    }
}

/// Whether a list of classes names one; an empty list names all.
fn among(classes: &[ClassId], class: ClassId) -> bool {
    classes.is_empty() || classes.contains(&class)
}

impl FaultLaw {
    /// Whether it strikes nodes of this class.
    #[must_use]
    pub fn strikes(&self, class: ClassId) -> bool {
        among(&self.classes, class)
    }
}

impl Campaign {
    /// Whether it touches nodes of this class.
    #[must_use]
    pub fn touches(&self, class: ClassId) -> bool {
        among(&self.classes, class)
    }
}

impl Sizes {
    /// Always `n`.
    #[must_use]
    pub fn always(n: u16) -> Sizes {
        Sizes(vec![(n, 1.0)])
    }

    /// The count at probability `u`.
    #[must_use]
    pub fn at(&self, u: f64) -> u16 {
        let index = walk(self.0.iter().map(|size| size.1), u);
        let found = index.map_or(self.0.last(), |index| self.0.get(index));
        found.map_or(0, |size| size.0)
    }

    /// The mean count.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.0
            .iter()
            .map(|(count, probability)| f64::from(*count) * probability)
            .sum()
    }
}

#[cfg(test)]
impl MaintenancePlan {
    /// Nothing to maintain.
    pub fn bare() -> Self {
        let none = ErrandLaw {
            counts: Sizes::always(0),
            duration: Law::Fixed(Span::ZERO),
        };
        MaintenancePlan {
            spells: Arc::new(Vec::new()),
            spell_use: SpellUse::AsRecorded,
            spell_errands: none,
            spell_drain: Drain::TenantLeaves,
            faults: Vec::new(),
            campaigns: Vec::new(),
            clean_work: Law::Fixed(Span::hours(1)),
        }
    }
}
