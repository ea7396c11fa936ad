//! What prices come to: which strategy is the cheapest, and at which price that would turn round.
//!
//! The difference of two strategies' costs is a straight line in each price: what all other prices come to, plus the price
//! times the difference in what it is paid for. Its root is the break-even price, the ratio of two means over the same
//! replications, with the set of Fieller ([`crate::stats::fieller`]).

use super::results::{Arm, Results};
use crate::cells::columns::{Dimension, Metric};
use crate::cells::money::quantity;
use crate::cells::selector::Columns;
use crate::cells::table::column_of;
use crate::scenario::{Costs, Price};
use crate::stats::compare::{Paired, Verdict};
use crate::stats::fieller::{RatioSet, ratio};

/// What prices say of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Priced {
    /// Each price with its amount, in the unit of the columns of costs.
    pub prices: Vec<(Price, f64)>,
    /// By strategy beside the baseline and price, where the two differ in what it is paid for.
    pub turns: Vec<PriceTurn>,
}

/// Where a price turns the difference of a strategy's costs from the baseline's round.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PriceTurn {
    /// The strategy, by its place among the arms.
    pub arm: usize,
    /// The price.
    pub price: Price,
    /// Where.
    pub at: BreakEvenPrice,
}

/// A break-even price.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum BreakEvenPrice {
    /// At this price both cost the same.
    At {
        /// The price; none where the means turn below 0, and so at no price.
        price: Option<f64>,
        /// The lower end of its set; none where it is below 0, so that no price may turn them either.
        lo: Option<f64>,
        /// The upper end.
        hi: f64,
        /// Whether the strategy is cheaper above it, and not below.
        above: bool,
    },
    /// At no price above 0: the sign is the same at all of them.
    Never {
        /// Whether the strategy is the cheaper one.
        cheaper: bool,
    },
    /// No price decides: the set has no end, or reaches from below 0 to beyond any price.
    Undecided,
}

/// What the prices of a scenario say of these arms; `columns` are those of the arms' values.
#[must_use]
pub fn priced(costs: &Costs, columns: &Columns, arms: &[Arm], baseline: usize, confidence: f64) -> Priced {
    let others = (0..arms.len()).filter(|&arm| arm != baseline);
    let pairs = others.flat_map(|arm| costs.prices.iter().map(move |&price| (arm, price)));
    let turn = |(arm, (price, amount)): (usize, (Price, f64))| {
        let pair = (&arms[arm], &arms[baseline]);
        let at = turns(pair, columns, (price, amount), confidence)?;
        Some(PriceTurn { arm, price, at })
    };
    Priced {
        prices: costs.prices.clone(),
        turns: pairs.filter_map(turn).collect(),
    }
}

/// Where a price turns the difference of two arms; none where they do not differ in what it is paid for, or have fewer than
/// two replications.
fn turns(pair: (&Arm, &Arm), columns: &Columns, (price, now): (Price, f64), confidence: f64) -> Option<BreakEvenPrice> {
    let (metric, each) = quantity(price);
    let (quantity, cost) = (columns.beside(metric.at(), metric)?, Metric::Cost.at());
    let differences = |at: usize| {
        let (own, base) = (column_of(&pair.0.values, at), column_of(&pair.1.values, at));
        own.into_iter()
            .zip(base)
            .map(|(own, base)| Some(own? - base?))
            .collect::<Vec<Option<f64>>>()
    };
    let both = differences(cost).into_iter().zip(differences(quantity));
    let both = both.filter_map(|(cost, of)| Some((cost?, of? / each)));
    let (rest, of): (Vec<f64>, Vec<f64>) = both.map(|(cost, of)| (now * of - cost, of)).unzip();
    let (at, set) = ratio(&rest, &of, confidence)?;
    let above = of.iter().sum::<f64>() < 0.0;
    Some(match set {
        RatioSet::All | RatioSet::Outside(..) => BreakEvenPrice::Undecided,
        // Every price lies above the whole set.
        RatioSet::Between(_, hi) if hi <= 0.0 => BreakEvenPrice::Never { cheaper: above },
        RatioSet::Between(lo, hi) => BreakEvenPrice::At {
            price: Some(at).filter(|&price| price >= 0.0),
            lo: Some(lo).filter(|&price| price >= 0.0),
            hi,
            above,
        },
    })
}

/// The cheapest strategy by its mean, and those that were not told apart from it, by their places among the arms; none where
/// nothing is priced.
#[must_use]
pub fn cheapest(results: &Results) -> Option<(usize, Vec<usize>)> {
    results.priced.as_ref()?;
    let at = Metric::Cost.at();
    let mean = |arm: &Arm| arm.estimates.get(at).copied().flatten().map(|e| e.mean);
    let known = results.arms.iter().enumerate();
    let known = known.filter_map(|(arm, it)| Some((arm, mean(it)?)));
    let (best, _) = known.reduce(|best, it| if it.1 < best.1 { it } else { best })?;
    let apart = |arm: usize| results.word(best, arm, at) == Verdict::Better;
    let near = (0..results.arms.len()).filter(|&arm| arm != best && mean(&results.arms[arm]).is_some() && !apart(arm));
    Some((best, near.collect()))
}

/// The places of the columns of costs: the sum, and the parts in the order of the prices.
#[must_use]
pub fn places(columns: &Columns) -> (usize, Vec<usize>) {
    let parts = columns.iter().enumerate();
    let parts = parts.filter(|(_, column)| matches!(column.of, Some((Dimension::Part, _))));
    (Metric::Cost.at(), parts.map(|(at, _)| at).collect())
}

/// The difference of one arm's cost from the baseline's.
#[must_use]
pub fn against_baseline(results: &Results, arm: usize) -> Option<Paired> {
    results.arms.get(arm)?.paired.get(Metric::Cost.at()).copied().flatten()
}

#[cfg(test)]
mod tests;
