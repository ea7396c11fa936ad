//! The part of a summary that tells the prices, and where each would turn a difference of costs round. The costs themselves
//! are metrics.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::judge::costs::{BreakEvenPrice, PriceTurn, Priced};
use crate::judge::results::{Arm, Results};
use crate::scenario::Price;

#[derive(Serialize, Deserialize)]
pub(super) struct CostsPart {
    pub(super) unit: String,
    prices: IndexMap<String, f64>,
    break_even: Vec<TurnPart>,
}

/// Without `cheaper` no price decides; without `break_even` the means turn at no price, and without `lo` maybe at none.
#[derive(Serialize, Deserialize)]
struct TurnPart {
    strategy: String,
    price: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    cheaper: Option<Cheaper>,
    #[serde(skip_serializing_if = "Option::is_none")]
    break_even: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lo: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hi: Option<f64>,
}

/// On which side of the break-even price a strategy is the cheaper one; or at every price, or at none.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Cheaper {
    Above,
    Below,
    Always,
    Never,
}

fn named(word: &str) -> Result<Price, String> {
    let price = Price::ALL.iter().copied().find(|price| price.word() == word);
    price.ok_or_else(|| format!("`{word}` is not a price of this version"))
}

impl CostsPart {
    pub(super) fn of(results: &Results, it: &Priced) -> CostsPart {
        let turn = |turn: &PriceTurn| TurnPart::of(results, turn);
        let prices = it.prices.iter();
        CostsPart {
            unit: results.columns.money().to_owned(),
            prices: prices
                .map(|(price, amount)| (price.word().to_owned(), *amount))
                .collect(),
            break_even: it.turns.iter().map(turn).collect(),
        }
    }

    pub(super) fn read(&self, arms: &[Arm]) -> Result<Priced, String> {
        let prices = self.prices.iter();
        let prices = prices.map(|(word, amount)| Ok((named(word)?, *amount)));
        let turns = self.break_even.iter().map(|turn| turn.read(arms));
        Ok(Priced {
            prices: prices.collect::<Result<_, String>>()?,
            turns: turns.collect::<Result<_, String>>()?,
        })
    }
}

impl TurnPart {
    fn of(results: &Results, turn: &PriceTurn) -> TurnPart {
        let none = TurnPart {
            strategy: results
                .arms
                .get(turn.arm)
                .map_or_else(String::new, |arm| arm.label.clone()),
            price: turn.price.word().to_owned(),
            cheaper: None,
            break_even: None,
            lo: None,
            hi: None,
        };
        match turn.at {
            BreakEvenPrice::Undecided => none,
            BreakEvenPrice::Never { cheaper } => TurnPart {
                cheaper: Some(if cheaper { Cheaper::Always } else { Cheaper::Never }),
                ..none
            },
            BreakEvenPrice::At { price, lo, hi, above } => TurnPart {
                cheaper: Some(if above { Cheaper::Above } else { Cheaper::Below }),
                break_even: price,
                lo,
                hi: Some(hi),
                ..none
            },
        }
    }

    fn read(&self, arms: &[Arm]) -> Result<PriceTurn, String> {
        let missing = || format!("`costs.break_even` of {} lacks its figures", self.price);
        let at = match self.cheaper {
            None => BreakEvenPrice::Undecided,
            Some(Cheaper::Always) => BreakEvenPrice::Never { cheaper: true },
            Some(Cheaper::Never) => BreakEvenPrice::Never { cheaper: false },
            Some(side) => BreakEvenPrice::At {
                price: self.break_even,
                lo: self.lo,
                hi: self.hi.ok_or_else(missing)?,
                above: matches!(side, Cheaper::Above),
            },
        };
        let arm = arms.iter().position(|arm| arm.label == self.strategy);
        Ok(PriceTurn {
            arm: arm.ok_or_else(|| {
                format!(
                    "`costs.break_even` names `{}`, which is no strategy here",
                    self.strategy
                )
            })?,
            price: named(&self.price)?,
            at,
        })
    }
}
