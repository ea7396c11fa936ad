//! A scenario: everything that a run depends on, validated. The file as it is typed is `raw`,
//! the way from one to the other `resolve`, and what is wrong with a file `diagnose`.

use std::sync::Arc;

use crate::fleet::Fleet;
use crate::kernel::{Span, Time};
use crate::scheduler::Policy;
use crate::strategy::Strategy;
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

/// What a report of this scenario shows.
#[derive(Clone, Debug)]
pub struct Reporting {
    /// Metrics in the printed table, by their names in the column table; empty: the default set.
    pub metrics: Vec<String>,
    /// The level of all intervals, 0.95 by default.
    pub confidence: f64,
    /// What is cut from the start of each replication before anything is measured.
    pub warm_up: Span,
    /// Tell replication 0 event by event (for small scenarios).
    pub story: bool,
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
    /// How many replications.
    pub replications: u32,
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
    /// SHA-256 of the effective scenario and of every input file that it reads, in hexadecimal.
    pub digest: String,
    /// What was drawn rather than recorded, scaled, or assumed: sentences for the report.
    pub assumptions: Vec<String>,
    /// Warnings from reading (extra columns and the like).
    pub warnings: Vec<String>,
}
