//! What prices say, in words: the cheapest strategy, and where a price turns that round.

use super::estimate;
use super::number::{decimals, differed, estimated, rounded};
use crate::cells::columns::Metric;
use crate::judge::costs::{BreakEvenPrice, PriceTurn, against_baseline, cheapest};
use crate::judge::results::Results;
use crate::stats::compare::{Paired, Verdict};

/// Which strategy is the cheapest; none where nothing is priced.
#[must_use]
pub fn answer(results: &Results) -> Option<String> {
    let (best, near) = cheapest(results)?;
    let (arm, unit) = (&results.arms[best], results.columns.money());
    let label = |at: usize| results.arms[at].label.as_str();
    if !near.is_empty() {
        return Some(alike(results, best, &near));
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

/// The cheapest by its mean together with those that it was not told apart from: there is no order among them.
fn alike(results: &Results, best: usize, near: &[usize]) -> String {
    let (at, unit) = (Metric::Cost.at(), results.columns.money());
    let arms = (0..results.arms.len()).filter(|arm| *arm == best || near.contains(arm));
    let labels: Vec<&str> = arms.map(|arm| results.arms[arm].label.as_str()).collect();
    let matters = results
        .arms
        .iter()
        .find_map(|arm| arm.paired.get(at).copied().flatten())
        .map(|p| rounded(p.matters, decimals(&[p.matters], &[])));
    let same = near.iter().all(|&other| results.word(best, other, at) == Verdict::Same);
    let matters = matters.filter(|_| same);
    if labels.len() == results.arms.len() {
        let how = matters.map_or_else(
            || "their costs are not told apart".to_owned(),
            |width| format!("all cost the same, within {width} {unit}"),
        );
        return format!("No strategy is the cheapest: {how}.");
    }
    let how = matters.map_or_else(
        || "not told apart".to_owned(),
        |width| format!("the same within {width} {unit}"),
    );
    format!("Cheapest, and {how}: {}.", labels.join(", "))
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
                "At what price {} and {baseline} would change places is not decided, by too small a difference, of: {undecided}.",
                it.label
            ));
        }
    }
    said
}

/// `naive costs less than withdraw only if an operator's action costs more than 134 EUR [129, 140] (20 now).` What lies
/// below 0 is no price, and is said in words.
fn turned(results: &Results, turn: &PriceTurn) -> Option<String> {
    let BreakEvenPrice::At { price, lo, hi, above } = turn.at else {
        return None;
    };
    let priced = results.priced.as_ref()?;
    let now = priced.prices.iter().find(|(known, _)| *known == turn.price)?.1;
    let from = lo.unwrap_or(0.0);
    let places = decimals(&[price.unwrap_or(hi)], &[(hi - from) / 2.0]);
    let show = |figure: f64| rounded(figure, places);
    let (label, unit, of) = (
        &results.arms.get(turn.arm)?.label,
        results.columns.money(),
        turn.price.of(),
    );
    let baseline = results.baseline_label();
    let now = rounded(now, decimals(&[now], &[]));
    let Some(price) = price else {
        let more = if above { "less" } else { "more" };
        return Some(format!(
            "{label} costs {more} than {baseline} by its mean whatever {of} costs, and is told apart only where it costs more than {} \
             {unit} ({now} now).",
            show(hi)
        ));
    };
    let side = if above { "more" } else { "less" };
    let set = match lo {
        Some(lo) => format!("[{}, {}]", show(lo), show(hi)),
        None => format!("[at most {}, maybe at no price]", show(hi)),
    };
    Some(format!(
        "{label} costs less than {baseline} only if {of} costs {side} than {} {unit} {set} ({now} now).",
        show(price)
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
    fn what_is_not_told_apart_has_no_order() {
        let mut sample = sample(3, Vec::new());
        let at = Metric::Cost.at();
        let mut set = |words: [Verdict; 2], between: Verdict| {
            for (arm, word) in (1..).zip(words) {
                let base = [Some(1000.0), Some(1001.0)];
                let mut p = paired(&base, &base, Good::Low, 10.0, 0.95).expect("pairs");
                p.verdict = word;
                sample.arms[arm].paired[at] = Some(p);
            }
            for pair in sample.pairs.iter_mut().filter(|pair| pair.one > 0) {
                let mut p = sample.arms[1].paired[at].expect("pairs");
                p.verdict = between;
                pair.differences[at] = Some(p);
            }
            answer(&sample).expect("priced")
        };
        use Verdict::{Better, NotDecided, Same};
        assert_eq!(
            set([Same, Same], Same),
            "No strategy is the cheapest: all cost the same, within 10 EUR."
        );
        assert_eq!(
            set([Same, NotDecided], Same),
            "No strategy is the cheapest: their costs are not told apart."
        );
        let mut two = |between| set([Better, Better], between);
        assert_eq!(
            two(Same),
            "Cheapest, and the same within 10 EUR: naive, hidden-via-extra-spec."
        );
        assert_eq!(
            two(NotDecided),
            "Cheapest, and not told apart: naive, hidden-via-extra-spec."
        );
    }

    #[test]
    fn what_lies_below_nothing_is_no_price() {
        let at = |price, lo, above| BreakEvenPrice::At {
            price,
            lo,
            hi: 3.7,
            above,
        };
        let said = |it| turns(&sample(2, vec![(Price::Breach, it)])).join("\n");
        assert_eq!(
            said(at(Some(0.8), None, false)),
            "naive costs less than withdraw only if a breach costs less than 0.8 EUR [at most 3.7, maybe at no price] (100 now)."
        );
        assert_eq!(
            said(at(None, None, false)),
            "naive costs more than withdraw by its mean whatever a breach costs, and is told apart only where it costs more than 3.7 \
             EUR (100 now)."
        );
        assert!(said(at(None, None, true)).starts_with("naive costs less than withdraw by its mean"));
    }

    #[test]
    fn break_even_prices_are_sentences() {
        let at = |above| BreakEvenPrice::At {
            price: Some(134.4),
            lo: Some(129.1),
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
                "At what price naive and withdraw would change places is not decided, by too small a difference, of: a breach.",
            ]
        );
        let below = turns(&sample(2, vec![(Price::Breach, at(false))]));
        assert!(
            below[0].contains("only if a breach costs less than 134.4 EUR"),
            "{below:?}"
        );
    }
}
