//! A scenario, validated: nothing is optional any more, and no default is chosen further down.

use std::sync::Arc;

use super::assume::Plausible;
use super::costs::Costs;
use super::diagnose::{Problem, Unsupported};
use super::expect::Expectation;
use super::goals::{BestGoal, Matters, PrecisionGoal};
use crate::fleet::{Fleet, Node};
use crate::kernel::{Span, Time};
use crate::scheduler::Policy;
use crate::strategy::{Route, Strategy};
use crate::workload::{Demand, MaintenancePlan};
use crate::world::Settings;

/// A strategy with its parameters, under the label that results carry.
#[derive(Clone, Debug)]
pub struct Variant {
    /// The label: the strategy's name unless the scenario gives another.
    pub label: String,
    /// The roster's name.
    pub name: &'static str,
    /// The parameters as text, for `validate --effective` and reports: (key, value).
    pub params: Vec<(String, String)>,
    /// The strategy.
    pub strategy: Arc<dyn Strategy>,
}

impl Variant {
    /// Whether operators deploy by hand on a node that it hides.
    #[must_use]
    pub fn deploys_by_hand(&self, node: &Node) -> bool {
        matches!(self.strategy.route(node), Route::OutOfBand { .. })
    }
}

/// How the warm-up is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WarmUpRule {
    /// This much is cut.
    Fixed(Span),
    /// A pilot says how much, by MSER-5. Until it has, nothing is cut.
    Mser5,
}

impl WarmUpRule {
    /// What is cut.
    #[must_use]
    pub fn cut(self) -> Span {
        match self {
            WarmUpRule::Fixed(cut) => cut,
            WarmUpRule::Mser5 => Span::ZERO,
        }
    }
}

/// What a report of this scenario shows.
#[derive(Clone, Debug)]
pub struct Reporting {
    /// Metrics in the printed table, by their names in the column table; empty: the default set.
    pub metrics: Vec<String>,
    /// Metrics that whoever runs the scenario asks for by name, beside those that it names itself: of a part, they get
    /// columns of their own.
    pub asked: Vec<String>,
    /// The level of all intervals, 0.95 by default.
    pub confidence: f64,
    /// What is cut from the start of each replication before anything is measured.
    pub warm_up: WarmUpRule,
    /// Tell replication 0 event by event (for small scenarios).
    pub story: bool,
    /// Write every request of replication 0 down.
    pub log_requests: bool,
    /// Write so many nodes' courses down at most.
    pub log_nodes: usize,
    /// The replications that are written down, rising: 0, and those that are asked for.
    pub log_replications: Vec<u32>,
    /// Replications are added until this is reached.
    pub precision: Option<PrecisionGoal>,
    /// Replications are added until this is decided.
    pub best: Option<BestGoal>,
    /// The metrics that the first sentence is about, by their names in the column table.
    pub headline: Vec<String>,
    /// How large a difference has to be to matter.
    pub matters: Matters,
    /// The events after which a run until all is decided takes no further look.
    pub max_events: u64,
    /// Where `headline` stands, as `metrics_place`.
    pub headline_place: Problem,
    /// Where `metrics` stands: a problem without its message, for what only a higher floor can know.
    pub metrics_place: Problem,
}

/// A scenario, validated.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Its name, and that of its results folder.
    pub name: String,
    /// The question that it answers: the file's opening comment.
    pub question: String,
    /// The instant of time 0, RFC 3339 in UTC.
    pub epoch: String,
    /// When a run ends.
    pub horizon: Time,
    /// The master seed.
    pub seed: u64,
    /// How many replications; where a run goes on until all is decided, how many other commands take.
    pub replications: u32,
    /// Whether a run goes on until the claims of its headline are decided.
    pub until_decided: bool,
    /// Which variant the others are compared with, by its place.
    pub baseline: usize,
    /// The strategies to compare.
    pub variants: Vec<Variant>,
    /// The fleet at time 0.
    pub fleet: Fleet,
    /// Demand.
    pub demand: Demand,
    /// Maintenance.
    pub maintenance: MaintenancePlan,
    /// The scheduler.
    pub policy: Policy,
    /// The rest of the control plane, Ironic and the operators.
    pub settings: Settings,
    /// What the report shows.
    pub reporting: Reporting,
    /// What things cost; none: nothing is priced.
    pub costs: Option<Costs>,
    /// What `sickbay check` verifies of a run.
    pub expectations: Vec<Expectation>,
    /// The plausible ranges of values that no data supports, from `[[assume]]`: of those that are in force.
    pub plausible: Vec<Plausible>,
    /// Defaults in force that no data supports.
    pub unsupported: Vec<Unsupported>,
    /// SHA-256 of the effective scenario less its expectations and assumed ranges, which change no run, and of every
    /// input file that it reads, in hexadecimal.
    pub digest: String,
    /// The input files that it reads, by their paths as typed (of an absolute one the file's name), each with its
    /// SHA-256 in hexadecimal, sorted.
    pub inputs: Vec<(String, String)>,
    /// The scenario with every default filled in and without its expectations and assumed ranges, as TOML without comments.
    pub effective: String,
    /// The whole scenario with every default filled in, and with the sources of the defaults as comments: TOML that loads
    /// to the same scenario.
    pub annotated: String,
    /// What was drawn rather than recorded, scaled, or assumed: sentences for the report.
    pub assumptions: Vec<String>,
    /// Warnings from reading (extra columns and the like).
    pub warnings: Vec<String>,
}
