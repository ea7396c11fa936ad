//! What an experiment gives: estimates per strategy, paired differences, and the logs of
//! replication 0. The report draws this and computes nothing.

use super::claims::Claims;
use super::compared::ComparedLine;
use super::costs::Priced;
use crate::cells::columns::{Column, Metric};
use crate::cells::outcome::Log;
use crate::cells::selector::Columns;
use crate::cells::warmup::WarmUp;
use crate::kernel::{Span, Time};
use crate::stats::best::BestChosen;
use crate::stats::compare::{Pair, Paired, Verdict};
use crate::stats::estimate::{Estimate, Interval};
use crate::stats::pooled::Pooled;
use crate::stats::precision::PrecisionReached;

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

/// How long errands waited until their image ran on the right node, over all replications together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ErrandWaits {
    /// Errands that were needed since the warm-up.
    pub errands: u64,
    /// Those of them whose image ran.
    pub served: u64,
    /// The distribution function: waits, each with the share of all errands that were served within it; at most
    /// [`MOST_STEPS`] of them.
    pub steps: Vec<(Span, f64)>,
}

/// So many steps of a distribution function are kept.
pub const MOST_STEPS: usize = 400;

/// One strategy's results.
#[derive(Clone, Debug)]
pub struct Arm {
    /// Its label.
    pub label: String,
    /// The trajectory digests of its replications folded into one, 32 hexadecimal digits.
    pub digest: String,
    /// Estimates in the order of the columns; none where no replication had a value.
    pub estimates: Vec<Option<Estimate>>,
    /// Paired differences against the baseline, in the same order; all none for the baseline.
    pub paired: Vec<Option<Paired>>,
    /// Values per replication, in the same order: `values[replication][column]`.
    pub values: Vec<Vec<Option<f64>>>,
    /// The quantiles of waits over all replications together.
    pub pooled: Vec<Pooled>,
    /// What happened in some replications and not in others.
    pub happened: Vec<Happened>,
    /// The waits of errands; none where a replication had too many to keep.
    pub errand_waits: Option<ErrandWaits>,
    /// The log of replication 0.
    pub log: Log,
    /// The logs of other replications that are asked for, rising.
    pub more_logs: Vec<(u32, Log)>,
}

/// A campaign that did not open, or was not done at the horizon, under some strategy in some replication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UndoneCampaign {
    /// Its name.
    pub campaign: String,
    /// Under which strategies, in how many replications, with what left: a sentence.
    pub said: String,
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
    /// By column and strategy: strategies that share a letter are not decided (`compare::letters`). Empty as `pairs`.
    pub letters: Vec<Vec<String>>,
    /// What became of the precision that the scenario asks for.
    pub precision: Option<PrecisionReached>,
    /// What became of the choice of the best strategy that the scenario asks for.
    pub best: Option<BestChosen>,
    /// What became of the claims of the headline.
    pub claims: Claims,
    /// What prices say; none where nothing is priced.
    pub priced: Option<Priced>,
    /// The columns of all tables: of the whole, and of the parts that are told apart.
    pub columns: Columns,
    /// Metrics to print, by name; empty: the default set.
    pub shown: Vec<String>,
    /// What is compared, in a few lines; empty in folders that were written without them.
    pub compared: Vec<ComparedLine>,
    /// What was drawn, scaled or assumed.
    pub assumptions: Vec<String>,
    /// Campaigns that did not open, or were not done at the horizon.
    pub undone: Vec<UndoneCampaign>,
    /// What was cut from the start of each replication; none in folders that were written without it.
    pub warm_up: Option<WarmUp>,
}

impl Results {
    /// The strategies that are held against the baseline, in the scenario's order.
    pub fn others(&self) -> impl Iterator<Item = &Arm> {
        let all = self.arms.iter().enumerate();
        all.filter(|(at, _)| *at != self.baseline).map(|(_, arm)| arm)
    }

    /// What one strategy's difference from another says of the column at a place.
    #[must_use]
    pub fn word(&self, one: usize, other: usize, at: usize) -> Verdict {
        if one == other {
            return Verdict::Same;
        }
        let of_arm = |arm: usize| self.arms[arm].paired.get(at).copied().flatten();
        let paired = match (one == self.baseline, other == self.baseline) {
            (_, true) => of_arm(one),
            (true, _) => of_arm(other).map(Paired::turned),
            _ => {
                let pair = |one, other| self.pairs.iter().find(|pair| (pair.one, pair.other) == (one, other));
                let found = |pair: &Pair| pair.differences.get(at).copied().flatten();
                let turned = || pair(other, one).and_then(found).map(Paired::turned);
                pair(one, other).and_then(found).or_else(turned)
            }
        };
        paired.map_or(Verdict::NotDecided, |paired| paired.verdict)
    }

    /// The baseline's label; empty where there is no strategy.
    #[must_use]
    pub fn baseline_label(&self) -> &str {
        self.arms.get(self.baseline).map_or("", |arm| arm.label.as_str())
    }
}

/// The columns to show: those that the scenario names, or the default set.
#[must_use]
pub fn shown(results: &Results) -> Vec<(usize, &'static Column)> {
    let cost = results.priced.as_ref().map(|_| Metric::Cost.name());
    let named = results.shown.iter().map(String::as_str);
    let named =
        named.chain(cost.filter(|cost| !results.shown.is_empty() && results.shown.iter().all(|name| name != cost)));
    let named: Vec<_> = named.filter_map(|name| results.columns.placed(name)).collect();
    if named.is_empty() {
        results
            .columns
            .iter()
            .enumerate()
            .filter(|(_, column)| column.shown)
            .collect()
    } else {
        named
    }
}

/// What made the results, as every file says it.
#[must_use]
pub fn provenance(results: &Results) -> String {
    let clean = |text: &str| text.replace(|c: char| c.is_control(), " ");
    format!(
        "sickbay {} scenario {} digest {} seed {}",
        clean(&results.version),
        clean(&results.scenario),
        clean(&results.scenario_digest),
        results.seed
    )
}
