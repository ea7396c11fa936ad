//! What prices say, in words: the cheapest strategy, and where a price turns that round.

use super::estimate;
use super::number::{decimals, differed, estimated, rounded};
use crate::cells::columns::Metric;
use crate::judge::costs::{BreakEvenPrice, PriceTurn, against_baseline, cheapest};
use crate::judge::results::Results;
use crate::stats::compare::Paired;

/// Which strategy is the cheapest; none where nothing is priced.
#[must_use]
pub fn answer(results: &Results) -> Option<String> {
    let (best, near) = cheapest(results)?;
    let (arm, unit) = (&results.arms[best], results.columns.money());
    let label = |at: usize| results.arms[at].label.as_str();
    let near: Vec<&str> = near.into_iter().map(label).collect();
    if !near.is_empty() {
        let near = near.join(", ");
        return Some(format!(
            "Cheapest by its mean: {}; not told apart from it: {near}.",
            arm.label
        ));
    }
    let against = Some(best)
        .filter(|&best| best != results.baseline)
        .and_then(|best| against_baseline(results, best));
    let what = match against {
        Some(p) => format!("by {} against {}", amount(p.turned(), unit), label(results.baseline)),
        None => format!("{} {unit}", estimated(estimate(arm, Metric::Cost.at())?)),
    };
    Some(match results.arms.len() {
        1 => format!("Cost of a replication: {what}."),
        _ => format!("Cheapest: {}, {what}.", arm.label),
    })
}

/// A saving with its interval: the signs are left out, for "by" and "against" say which way.
fn amount(p: Paired, unit: &str) -> String {
    let text = differed(p).replace('+', "");
    match text.split_once(' ') {
        Some((mean, interval)) => format!("{mean} {unit} {interval}"),
        None => format!("{text} {unit}"),
    }
}

/// Where each price turns a difference round, a sentence each; first those with a break-even, then those that decide
/// nothing, which are told together.
#[must_use]
pub fn turns(results: &Results) -> Vec<String> {
    let Some(priced) = &results.priced else {
        return Vec::new();
    };
    let mut said: Vec<String> = priced.turns.iter().filter_map(|turn| turned(results, turn)).collect();
    for (arm, it) in results.arms.iter().enumerate() {
        let of = |wanted: BreakEvenPrice| {
            let own = priced
                .turns
                .iter()
                .filter(move |turn| turn.arm == arm && turn.at == wanted);
            own.map(|turn| turn.price.of()).collect::<Vec<_>>().join(", ")
        };
        let baseline = results.baseline_label();
        for (cheaper, less) in [(true, "less"), (false, "more")] {
            let never = of(BreakEvenPrice::Never { cheaper });
            if !never.is_empty() {
                said.push(format!(
                    "{} costs {less} than {baseline} whatever the price of: {never}.",
                    it.label
                ));
            }
        }
        let undecided = of(BreakEvenPrice::Undecided);
        if !undecided.is_empty() {
            said.push(format!(
                "No price decides between {} and {baseline}: {undecided}.",
                it.label
            ));
        }
    }
    said
}

/// `naive costs less than withdraw only if an operator's action costs more than 134 EUR [129, 140] (20 now).`
fn turned(results: &Results, turn: &PriceTurn) -> Option<String> {
    let BreakEvenPrice::At { price, lo, hi, above } = turn.at else {
        return None;
    };
    let priced = results.priced.as_ref()?;
    let now = priced.prices.iter().find(|(known, _)| *known == turn.price)?.1;
    let places = decimals(&[price], &[(hi - lo) / 2.0]);
    let [at, lo, hi] = [price, lo, hi].map(|figure| rounded(figure, places));
    Some(format!(
        "{} costs less than {} only if {} costs {} than {at} {} [{lo}, {hi}] ({} now).",
        results.arms.get(turn.arm)?.label,
        results.baseline_label(),
        turn.price.of(),
        if above { "more" } else { "less" },
        results.columns.money(),
        rounded(now, decimals(&[now], &[])),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::costs::Priced;
    use crate::judge::sample::{SampleWish, results};
    use crate::scenario::Price;
    use crate::stats::compare::{Good, paired};
    use crate::stats::estimate::Estimate;

    fn sample(arms: usize, turns: Vec<(Price, BreakEvenPrice)>) -> Results {
        let mut sample = results(SampleWish {
            arms,
            replications: 20,
            eventful: true,
        });
        sample.columns = sample.columns.in_unit("EUR");
        let at = Metric::Cost.at();
        for (nth, arm) in sample.arms.iter_mut().enumerate() {
            let mean = 1000.0 - 100.0 * nth as f64;
            arm.estimates[at] = Some(Estimate {
                mean,
                lo: mean - 20.0,
                hi: mean + 20.0,
                n: 20,
            });
        }
        let base: Vec<Option<f64>> = (0..20).map(|k| Some(1000.0 + f64::from(k % 4))).collect();
        let own: Vec<Option<f64>> = (0..20).map(|k| Some(900.0 + f64::from(k % 3))).collect();
        if arms > 1 {
            sample.arms[1].paired[at] = paired(&own, &base, Good::Low, 1.0, 0.95);
        }
        sample.priced = Some(Priced {
            prices: vec![(Price::Breach, 100.0), (Price::OperatorAction, 20.0)],
            turns: turns
                .into_iter()
                .map(|(price, at)| PriceTurn { arm: 1, price, at })
                .collect(),
        });
        sample
    }

    #[test]
    fn the_cheapest_is_named_with_its_interval() {
        let said = |arms| answer(&sample(arms, Vec::new())).expect("priced");
        assert_eq!(said(1), "Cost of a replication: 1000 [980, 1020] EUR.");
        let two = said(2);
        assert!(
            two.starts_with("Cheapest: naive, by 100.")
                && two.ends_with("] against withdraw.")
                && two.contains(" EUR ["),
            "{two}"
        );
        let mut unpriced = sample(2, Vec::new());
        unpriced.priced = None;
        assert_eq!((answer(&unpriced), turns(&unpriced)), (None, Vec::new()));
    }

    #[test]
    fn break_even_prices_are_sentences() {
        let at = |above| BreakEvenPrice::At {
            price: 134.4,
            lo: 129.1,
            hi: 140.2,
            above,
        };
        let all = [
            (Price::OperatorAction, at(true)),
            (Price::Breach, BreakEvenPrice::Undecided),
            (Price::Eviction, BreakEvenPrice::Never { cheaper: true }),
        ];
        assert_eq!(
            turns(&sample(2, all.to_vec())),
            [
                "naive costs less than withdraw only if an operator's action costs more than 134.4 EUR [129.1, 140.2] (20 now).",
                "naive costs less than withdraw whatever the price of: an eviction.",
                "No price decides between naive and withdraw: a breach.",
            ]
        );
        let below = turns(&sample(2, vec![(Price::Breach, at(false))]));
        assert!(
            below[0].contains("only if a breach costs less than 134.4 EUR"),
            "{below:?}"
        );
    }
}
