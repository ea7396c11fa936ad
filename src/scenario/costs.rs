//! What things cost: the prices of `[costs]`, and which of them pay for one thing twice.

use crate::stats::width::Width;

/// Makes [`Price`], its words and what each is a price of.
macro_rules! prices {
    ($($price:ident = $word:literal, $of:literal;)+) => {
        /// Something that may have a price.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Price {
            $(#[doc = $of] $price,)+
        }

        impl Price {
            /// All of them, in the order of all tables.
            pub const ALL: &'static [Price] = &[$(Price::$price,)+];

            /// Its key in `[costs]`.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Price::$price => $word,)+ }
            }

            /// What it is a price of, in the singular.
            #[must_use]
            pub fn of(self) -> &'static str {
                match self { $(Price::$price => $of,)+ }
            }
        }
    };
}

prices! {
    RefusedRequest = "refused_request", "a refused request";
    RefusedNodeHour = "refused_node_hour", "a refused node-hour";
    Breach = "breach", "a breach";
    Interruption = "interruption", "an interruption";
    Eviction = "eviction", "an eviction";
    FailedBuild = "failed_build", "a failed build";
    StrandedNodeHour = "stranded_node_hour", "a stranded node-hour";
    OperatorAction = "operator_action", "an operator's action";
    ErrandWaitHour = "errand_wait_hour", "an hour that an errand waits";
    TechnicianHour = "technician_hour", "a technician's hour";
    NodeMonth = "node_month", "a node's month";
}

/// Prices in one unit of money.
#[derive(Clone, Debug, PartialEq)]
pub struct Costs {
    /// The unit, such as EUR.
    pub unit: String,
    /// How large a difference of costs has to be to matter: in the unit, or a part of the baseline's cost.
    pub matters: Width,
    /// Each price with its amount in the unit, at least 0; in the order of [`Price::ALL`], each once.
    pub prices: Vec<(Price, f64)>,
}

/// Two prices that may pay for one thing twice.
struct Doubled {
    prices: (Price, Price),
    why: &'static str,
}

const fn doubled(one: Price, other: Price, why: &'static str) -> Doubled {
    Doubled {
        prices: (one, other),
        why,
    }
}

/// The pairs that overlap in the model. Others do not: an instance ends once, by an eviction or by an interruption.
const DOUBLED: [Doubled; 8] = [
    doubled(
        Price::RefusedRequest,
        Price::RefusedNodeHour,
        "a refused request is paid for as a request and by the hours that it asked for",
    ),
    doubled(
        Price::RefusedRequest,
        Price::FailedBuild,
        "a request that is refused because its builds failed is paid for with each of them",
    ),
    doubled(
        Price::RefusedNodeHour,
        Price::FailedBuild,
        "a request that is refused because its builds failed is paid for with each of them",
    ),
    doubled(
        Price::Breach,
        Price::Interruption,
        "a tenant who comes onto a broken node is a breach, and an interruption when it fails him",
    ),
    doubled(
        Price::StrandedNodeHour,
        Price::RefusedRequest,
        "a stranded node costs because requests are refused that it could serve",
    ),
    doubled(
        Price::StrandedNodeHour,
        Price::RefusedNodeHour,
        "a stranded node costs because requests are refused that it could serve",
    ),
    doubled(
        Price::NodeMonth,
        Price::StrandedNodeHour,
        "a stranded node is paid for by the month already",
    ),
    doubled(
        Price::TechnicianHour,
        Price::OperatorAction,
        "who acts on a paid shift is paid for already, if the same people do both",
    ),
];

impl Costs {
    /// The amount of a price; none where it is not priced.
    #[must_use]
    pub fn amount(&self, price: Price) -> Option<f64> {
        let found = self.prices.iter().find(|(known, _)| *known == price);
        found.map(|(_, amount)| *amount)
    }

    /// What is paid for twice, a sentence a pair: of prices above 0 alone.
    #[must_use]
    pub fn doubled(&self) -> Vec<String> {
        let priced = |price: Price| self.amount(price).is_some_and(|amount| amount > 0.0);
        let pairs = DOUBLED.iter();
        let pairs = pairs.filter(|pair| priced(pair.prices.0) && priced(pair.prices.1));
        pairs
            .map(|pair| {
                let (one, other) = pair.prices;
                format!(
                    "`costs.{}` and `costs.{}` may pay for one thing twice: {}; price one of them, or each for its own part",
                    one.word(),
                    other.word(),
                    pair.why
                )
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn costs(prices: &[(Price, f64)]) -> Costs {
        Costs {
            unit: "EUR".to_owned(),
            matters: Width::Relative(0.01),
            prices: prices.to_vec(),
        }
    }

    #[test]
    fn what_is_paid_for_twice_is_said_once_and_with_its_reason() {
        let both = costs(&[(Price::RefusedRequest, 5.0), (Price::RefusedNodeHour, 1.0)]);
        let said = both.doubled();
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(
            said[0].starts_with("`costs.refused_request` and `costs.refused_node_hour`"),
            "{said:?}"
        );
        // What costs nothing is not paid for twice, and an instance ends once.
        for fine in [
            &[(Price::RefusedRequest, 5.0), (Price::RefusedNodeHour, 0.0)][..],
            &[(Price::Interruption, 5.0), (Price::Eviction, 1.0)],
            &[(Price::Breach, 5.0)],
            &[],
        ] {
            assert_eq!(costs(fine).doubled(), Vec::<String>::new());
        }
    }

    #[test]
    fn every_rule_is_about_two_prices_and_no_pair_stands_twice() {
        let mut seen = Vec::new();
        for rule in &DOUBLED {
            let (one, other) = rule.prices;
            assert_ne!(one, other);
            let pair = (one.min(other), one.max(other));
            assert!(!seen.contains(&pair), "{pair:?}");
            seen.push(pair);
            assert_eq!(costs(&[(one, 1.0), (other, 1.0)]).doubled().len(), 1, "{pair:?}");
        }
    }
}
