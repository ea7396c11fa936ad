//! What an experiment gives: estimates per strategy, paired differences, and the logs of
//! replication 0. The report draws this and computes nothing.

use super::best::BestChosen;
use super::outcome::{Detail, Log};
use super::precision::PrecisionReached;
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

/// An interval.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Interval {
    /// The lower end.
    pub lo: f64,
    /// The upper end.
    pub hi: f64,
}

/// A paired difference of two strategies, per replication: the one less the other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Paired {
    /// The mean difference.
    pub diff: f64,
    /// The lower end of its interval, which holds for all comparisons of the metric that are made at once.
    pub lo: f64,
    /// The upper end.
    pub hi: f64,
    /// Pairs.
    pub n: u32,
    /// What that interval says.
    pub verdict: Verdict,
    /// The t-interval of this difference by itself.
    pub alone: Interval,
    /// 1 - the variance of the differences / the sum of both variances: what pairing saved. None without variance.
    pub variance_reduction: Option<f64>,
}

/// Two strategies, by their places, and the first one's differences from the second, by column.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// The one.
    pub one: usize,
    /// The other.
    pub other: usize,
    /// The differences, each interval holding for all pairs of its metric at once.
    pub differences: Vec<Option<Paired>>,
}

/// A quantile of all samples of all replications together, with its order-statistic interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pooled {
    /// The metric, by its place among the columns.
    pub column: usize,
    /// The quantile, in the metric's unit.
    pub value: f64,
    /// The interval's lower end; equals the value where fewer than two replications have samples.
    pub lo: f64,
    /// The interval's upper end.
    pub hi: f64,
    /// Replications with samples.
    pub n: u32,
    /// Samples.
    pub samples: u64,
}

/// In how many replications something rare happened at all.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Happened {
    /// The metric, a count, by its place among the columns.
    pub column: usize,
    /// Replications in which it was above 0.
    pub hits: u32,
    /// Replications.
    pub n: u32,
    /// Wilson's interval of the share of replications.
    pub share: Interval,
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
    /// The quantiles of waits over all replications together.
    pub pooled: Vec<Pooled>,
    /// What happened in some replications and not in others.
    pub happened: Vec<Happened>,
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
    /// All pairs of strategies; empty where there are fewer than three, and in results that were read back.
    pub pairs: Vec<Pair>,
    /// By column and strategy: strategies that share a letter are not separable (`compare::letters`). Empty as `pairs`.
    pub letters: Vec<Vec<String>>,
    /// What became of the precision that the scenario asks for.
    pub precision: Option<PrecisionReached>,
    /// What became of the choice of the best strategy that the scenario asks for.
    pub best: Option<BestChosen>,
    /// Metrics to print, by name; empty: the default set.
    pub shown: Vec<String>,
    /// What was drawn, scaled or assumed.
    pub assumptions: Vec<String>,
    /// What was cut from the start of each replication; none in folders that were written without it.
    pub warm_up: Option<WarmUp>,
}
