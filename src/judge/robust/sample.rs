//! A finding for the tests of those that draw and store one.

use super::*;
use crate::cells::columns::column;
use crate::scenario::Plausible;
use crate::scenario::{PlausibleRange, Problem};
use crate::stats::breakeven::BreakEven;
use crate::stats::compare::{Good, Paired, paired};
use crate::stats::ranks::RankRegression;

/// A strategy that waits so much less than the baseline, give or take.
fn look(diff: f64) -> Paired {
    let own: Vec<Option<f64>> = (0..10).map(|k| Some(5.0 + diff + 0.05 * f64::from(k % 3))).collect();
    paired(&own, &[Some(5.05); 10], Good::Low, 0.0, 0.95).expect("pairs")
}

/// One claim over two ranges, of which the first turns it round.
pub(crate) fn robustness() -> Robustness {
    let range = |key: &str, text: &str, own: &str| Plausible {
        key: key.to_owned(),
        own: own.to_owned(),
        range: PlausibleRange::parse(text).expect("a range"),
        source: "none found".to_owned(),
        place: Problem::default(),
    };
    let out_of_band = range("scenario.strategies.withdraw.out_of_band", "10m..8h", "\"2h\"");
    let part = |minutes: &str| out_of_band.range.part(minutes).expect("a time");
    let even = BreakEven {
        at: part("\"29m 12s\""),
        lo: part("\"28m 30s\""),
        hi: part("\"29m 54s\""),
        without: 0.0,
    };
    let ranges = vec![out_of_band.clone(), range("operators.slip", "0.003..0.05", "0.03")];
    let sizes = RobustSizes {
        replications: 40,
        samples: 8,
        box_replications: 10,
    };
    let strategies = ["withdraw", "hidden"].map(str::to_owned).to_vec();
    let columns = vec![column("errand_wait_p50").expect("a metric")];
    let states = [
        ClaimState::Held,
        ClaimState::Held,
        ClaimState::Held,
        ClaimState::Reversed,
    ];
    let claim = ClaimTried {
        column: columns[0],
        strategy: 1,
        own: look(-1.5),
        keys: vec![
            KeyTried {
                looks: vec![(0.0, Some(look(0.4))), (0.25, Some(look(0.0))), (1.0, Some(look(-7.0)))],
                crosses: true,
                break_even: Some(even),
                above: true,
            },
            KeyTried {
                looks: vec![(0.0, Some(look(-1.4))), (1.0, Some(look(-1.6)))],
                crosses: false,
                break_even: None,
                above: false,
            },
        ],
        in_box: BoxTried {
            states: [states, states].concat(),
            regression: Some(RankRegression {
                r2: 0.95,
                coefficients: vec![-0.9, 0.3],
            }),
        },
    };
    Robustness {
        version: "0.1.0".to_owned(),
        scenario: "made-up".to_owned(),
        question: "Which way is best?".to_owned(),
        digest: "d".repeat(64),
        effective: "[scenario]\nname = \"made-up\"\n".to_owned(),
        quest: RobustQuest::new(ranges, columns, (strategies, 0), sizes, (0.95, 1)),
        claims: vec![claim],
        assumptions: vec!["Drawn, not recorded: all of it.".to_owned()],
    }
}
