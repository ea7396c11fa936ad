//! What an experiment gives: estimates per strategy, paired differences, and the logs of
//! replication 0. The report draws this and computes nothing.

use super::outcome::{Detail, Log};
use super::warmup::WarmUp;
use crate::kernel::Time;

/// A mean over replications with its confidence interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The mean.
    pub mean: f64,
    /// The interval's lower end; equals the mean when `n` is 1 (no interval can be given).
    pub lo: f64,
    /// The interval's upper end.
    pub hi: f64,
    /// Replications with a value.
    pub n: u32,
}

/// What a paired comparison says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The interval of the difference lies on the good side of 0.
    Better,
    /// It lies on the bad side.
    Worse,
    /// It covers 0, or there is no interval.
    NotSeparable,
    /// The metric has no good side.
    None,
}

/// A paired difference against the baseline: this strategy minus the baseline, per replication.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Paired {
    /// The mean difference.
    pub diff: f64,
    /// Its interval's lower end.
    pub lo: f64,
    /// Its interval's upper end.
    pub hi: f64,
    /// Pairs.
    pub n: u32,
    /// What it says.
    pub verdict: Verdict,
}

/// One strategy's results.
#[derive(Clone, Debug)]
pub struct Arm {
    /// Its label.
    pub label: String,
    /// The trajectory digests of its replications folded into one, 32 hexadecimal digits.
    pub digest: String,
    /// Estimates in the order of `columns::COLUMNS`; none where no replication had a value.
    pub estimates: Vec<Option<Estimate>>,
    /// Paired differences against the baseline, in the same order; all none for the baseline.
    pub paired: Vec<Option<Paired>>,
    /// Values per replication, in the same order: `values[replication][column]`.
    pub values: Vec<Vec<Option<f64>>>,
    /// Values per replication of the metrics per class and tenant.
    pub details: Vec<Vec<Detail>>,
    /// The log of replication 0.
    pub log: Log,
}

/// An experiment's results.
#[derive(Clone, Debug)]
pub struct Results {
    /// The program's version.
    pub version: String,
    /// The scenario's name.
    pub scenario: String,
    /// Its question.
    pub question: String,
    /// Its digest.
    pub scenario_digest: String,
    /// The effective scenario, as TOML; empty in folders that were written without it.
    pub effective: String,
    /// The epoch, RFC 3339.
    pub epoch: String,
    /// The horizon.
    pub horizon: Time,
    /// The master seed.
    pub seed: u64,
    /// Replications that every strategy finished.
    pub replications: u32,
    /// Whether the experiment was interrupted.
    pub partial: bool,
    /// The level of the intervals.
    pub confidence: f64,
    /// The baseline, by its place among the arms.
    pub baseline: usize,
    /// The strategies, in the scenario's order.
    pub arms: Vec<Arm>,
    /// Metrics to print, by name; empty: the default set.
    pub shown: Vec<String>,
    /// What was drawn, scaled or assumed.
    pub assumptions: Vec<String>,
    /// What was cut from the start of each replication; none in folders that were written without it.
    pub warm_up: Option<WarmUp>,
}
