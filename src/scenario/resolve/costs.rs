//! `[costs]`.

use super::report::width;
use crate::kernel::text::acts;
use crate::scenario::costs::{Costs, Price};
use crate::scenario::read::Section;
use crate::stats::width::Width;

/// The longest unit.
const LONGEST: usize = 12;

/// Reads the table; none where it lacks its unit or has no price.
pub fn read(t: &mut Section<'_>) -> Option<Costs> {
    let unit = unit(t);
    let matters = match width(t, "matters", true) {
        Some(Width::Points(_)) => {
            let message = "`costs.matters` is in points, and money is no share";
            t.wrong(
                "matters",
                message,
                "write a part of the baseline's cost (\"1%\") or a number in the unit",
            );
            None
        }
        other => other,
    };
    let wants = "an amount of at least 0 in the unit of money";
    let mut prices = Vec::new();
    for &price in Price::ALL {
        if t.has(price.word()) {
            prices.push((price, t.number(price.word(), wants).unwrap_or(0.0)));
        }
    }
    if prices.is_empty() {
        let words: Vec<&str> = Price::ALL.iter().map(|price| price.word()).collect();
        let fix = format!("price at least one of {}, or leave the table out", words.join(", "));
        t.wrong("unit", "`[costs]` has no price: everything would cost nothing", fix);
    }
    let costs = Costs {
        unit: unit?,
        matters: matters?,
        prices,
    };
    for said in costs.doubled() {
        t.ledger.warn(said);
    }
    Some(costs)
}

/// The unit of money: it stands in tables, headings and files.
fn unit(t: &mut Section<'_>) -> Option<String> {
    let unit = t.text("unit")?;
    let fits = |c: char| !acts(c) && !c.is_whitespace() && !"\"'`{}|<>,;".contains(c);
    let long = unit.chars().count();
    if !(1..=LONGEST).contains(&long) || !unit.chars().all(fits) || unit.starts_with(|c: char| c.is_ascii_digit()) {
        let message = format!(
            "`costs.unit` is {}, which is no unit of money",
            crate::kernel::text::quoted(&unit)
        );
        t.wrong(
            "unit",
            message,
            format!("write up to {LONGEST} letters or signs, such as \"EUR\""),
        );
        return None;
    }
    Some(unit)
}
