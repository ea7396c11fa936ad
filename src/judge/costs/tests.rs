//! Break-even prices by hand, and which strategy is the cheapest.

use super::*;
use crate::judge::sample::{SampleWish, results};
use crate::stats::compare::{Good, paired};
use crate::stats::estimate::estimate;
use crate::stats::width::Width;

/// Two arms with these actions and breaches by replication, an action at 10 and a breach at 100.
fn arms(own: &[(f64, f64)], base: &[(f64, f64)]) -> (Results, Costs) {
    let mut sample = results(SampleWish {
        arms: 2,
        replications: own.len() as u32,
        eventful: true,
    });
    let costs = Costs {
        unit: "EUR".to_owned(),
        matters: Width::Relative(0.01),
        prices: vec![(Price::Breach, 100.0), (Price::OperatorAction, 10.0)],
    };
    sample.columns = sample.columns.in_unit("EUR");
    for (arm, values) in sample.arms.iter_mut().zip([base, own]) {
        arm.values = values
            .iter()
            .map(|&(actions, breaches)| {
                let mut row = sample.columns.empty_row();
                row[Metric::Actions.at()] = Some(actions);
                row[Metric::Breaches.at()] = Some(breaches);
                row[Metric::Cost.at()] = Some(10.0 * actions + 100.0 * breaches);
                row
            })
            .collect();
        let known: Vec<f64> = column_of(&arm.values, Metric::Cost.at())
            .into_iter()
            .flatten()
            .collect();
        arm.estimates[Metric::Cost.at()] = estimate(&known, 0.95);
    }
    let [base, own] = [0, 1].map(|arm: usize| column_of(&sample.arms[arm].values, Metric::Cost.at()));
    sample.arms[1].paired[Metric::Cost.at()] = paired(&own, &base, Good::Low, 1.0, 0.95);
    (sample, costs)
}

fn found(own: &[(f64, f64)], base: &[(f64, f64)]) -> Vec<(Price, BreakEvenPrice)> {
    let (sample, costs) = arms(own, base);
    let priced = priced(&costs, &sample.columns, &sample.arms, 0, 0.95);
    priced.turns.iter().map(|turn| (turn.price, turn.at)).collect()
}

#[test]
fn prices_without_spread_turn_where_the_hand_says() {
    // 20 actions fewer and 3 breaches more: 300 = 20 a.
    let own = [(10.0, 4.0), (12.0, 5.0), (11.0, 3.0)];
    let base = [(30.0, 1.0), (32.0, 2.0), (31.0, 0.0)];
    let expected = |price: f64, above| BreakEvenPrice::At {
        price: Some(price),
        lo: Some(price),
        hi: price,
        above,
    };
    let [(_, breach), (_, action)] = found(&own, &base)[..] else {
        panic!("two prices")
    };
    // It is cheaper while an action costs more than 15, or a breach less than 200 / 3.
    assert_eq!(action, expected(15.0, true));
    let BreakEvenPrice::At {
        price: Some(price),
        above: false,
        ..
    } = breach
    else {
        panic!("{breach:?}")
    };
    assert!((price - 200.0 / 3.0).abs() < 1e-6, "{price}");
}

#[test]
fn more_of_everything_is_dearer_at_every_price() {
    let own = [(30.0, 4.0), (32.0, 5.0), (31.0, 3.0)];
    let base = [(10.0, 1.0), (12.0, 2.0), (11.0, 0.0)];
    let never = BreakEvenPrice::Never { cheaper: false };
    assert!(found(&own, &base).iter().all(|(_, at)| *at == never));
    let never = BreakEvenPrice::Never { cheaper: true };
    assert!(found(&base, &own).iter().all(|(_, at)| *at == never));
}

#[test]
fn no_price_decides_what_is_not_told_apart_and_what_does_not_differ_is_not_told() {
    // Breaches hardly differ, actions do not at all.
    let own = [(10.0, 1.0), (10.0, 0.0), (10.0, 2.0), (10.0, 1.0)];
    let base = [(10.0, 0.0), (10.0, 1.0), (10.0, 1.0), (10.0, 1.0)];
    assert_eq!(found(&own, &base), [(Price::Breach, BreakEvenPrice::Undecided)]);
}

#[test]
fn the_cheapest_is_told_with_those_that_are_not_told_apart() {
    let dear = [(30.0, 4.0), (32.0, 5.0), (31.0, 4.0)];
    let base = [(10.0, 1.0), (12.0, 2.0), (11.0, 0.0)];
    let (mut sample, costs) = arms(&dear, &base);
    assert_eq!(cheapest(&sample), None);
    sample.priced = Some(priced(&costs, &sample.columns, &sample.arms, 0, 0.95));
    assert_eq!(cheapest(&sample), Some((0, Vec::new())));
    let near = [(10.0, 2.0), (12.0, 1.0), (11.0, 0.0)];
    let (mut sample, costs) = arms(&near, &base);
    sample.priced = Some(priced(&costs, &sample.columns, &sample.arms, 0, 0.95));
    assert_eq!(cheapest(&sample), Some((0, vec![1])));
}
