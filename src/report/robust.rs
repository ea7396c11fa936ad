//! The answer of `robust` in words.

use super::number::{decimals, rounded, signed};
use super::plots::{percent, words};
use super::roster::broken;
use super::{factor, points_or_unit};
use crate::cells::columns::COLUMNS;
use crate::judge::robust::{ClaimState, ClaimTried, KeyTried, Robustness};
use crate::scenario::Plausible;
use crate::stats::compare::Verdict;

/// The widest line.
const WIDE: usize = 140;
/// So many of the keys that decide are named.
const NAMED: usize = 3;

/// A key as it is told: a strategy's parameter without the table that all of them stand in.
#[must_use]
pub fn short(key: &str) -> &str {
    key.strip_prefix("scenario.strategies.").unwrap_or(key)
}

/// The answer as text: a sentence for each claim, the ranges with what they do, and what to know when reading it.
#[must_use]
pub fn answer(robust: &Robustness) -> String {
    let mut out = sentences(robust)
        .iter()
        .flat_map(|text| broken(text, WIDE))
        .collect::<Vec<_>>()
        .join("\n");
    out.push_str("\n\n");
    out.push_str(&table(robust));
    out.push('\n');
    for line in robust.assumptions.iter().flat_map(|text| broken(text, WIDE)) {
        out.push_str(&(line + "\n"));
    }
    out
}

/// What is claimed, where each claim turns, and what most hangs on.
pub(super) fn sentences(robust: &Robustness) -> Vec<String> {
    let mut said = vec![head(robust)];
    said.extend(robust.claims.iter().map(|claim| sentence(robust, claim)));
    said.extend(carried(robust));
    said
}

fn head(robust: &Robustness) -> String {
    let quest = &robust.quest;
    let (ranges, claims) = (quest.ranges.len(), robust.claims.len());
    let baseline = &quest.strategies[quest.baseline];
    let level = percent(quest.confidence);
    if claims == 0 {
        return format!(
            "Nothing is claimed: over {} replications no strategy can be told apart from {baseline} ({level} %), so there is nothing \
             that another value could turn round.",
            quest.replications
        );
    }
    format!(
        "{claims} {} against {baseline} ({} replications, {level} %) over {ranges} {} that no data supports:",
        if claims == 1 { "claim" } else { "claims" },
        quest.replications,
        if ranges == 1 { "value" } else { "values" },
    )
}

/// A claim in words: `hidden is better in errand wait p50 (-1.6 h)`.
fn claim_words(robust: &Robustness, claim: &ClaimTried) -> String {
    let column = &COLUMNS[claim.column];
    let (factor, unit) = (factor(column), points_or_unit(column));
    let (mean, half) = (claim.own.diff * factor, (claim.own.hi - claim.own.lo) / 2.0 * factor);
    let figure = signed(mean, decimals(&[mean], &[half]));
    let word = if claim.own.verdict == Verdict::Better {
        "better"
    } else {
        "worse"
    };
    let (label, metric) = (&robust.quest.strategies[claim.strategy], words(column.name));
    format!("{label} is {word} in {metric} ({figure} {unit})")
}

/// Where a claim turns along a range: `withdraw.out_of_band > 29.2 min [28.5 min, 29.9 min]`.
fn turn(range: &Plausible, tried: &KeyTried) -> Option<String> {
    let even = tried.break_even?;
    let side = if tried.above { ">" } else { "<" };
    let [at, lo, hi] = [even.at, even.lo, even.hi].map(|part| range.range.rounded(part));
    Some(format!("{} {side} {at} [{lo}, {hi}]", short(&range.key)))
}

fn sentence(robust: &Robustness, claim: &ClaimTried) -> String {
    let ranges = &robust.quest.ranges;
    let pairs = || ranges.iter().zip(&claim.keys);
    let mut said = claim_words(robust, claim);
    let turns: Vec<String> = pairs().filter_map(|(range, tried)| turn(range, tried)).collect();
    if !turns.is_empty() {
        said += &format!(" while {}", turns.join(" and "));
    }
    let near: Vec<&str> = pairs()
        .filter(|(_, tried)| tried.crosses && tried.break_even.is_none())
        .map(|(range, _)| short(&range.key))
        .collect();
    if !near.is_empty() {
        said += &format!(
            "; near an end of {} it is nearly 0, and no break-even can be told",
            near.join(", ")
        );
    }
    if turns.is_empty() && near.is_empty() {
        said += "; no range alone has a break-even";
    }
    let opened: Vec<&str> = pairs()
        .filter(|(_, tried)| {
            !tried.crosses && {
                let (low, high) = tried.ends(claim.own.verdict);
                low == ClaimState::Open || high == ClaimState::Open
            }
        })
        .map(|(range, _)| short(&range.key))
        .collect();
    if !opened.is_empty() {
        said += &format!("; open at an end of {}", opened.join(", "));
    }
    let share = |state| rounded(claim.in_box.share(state) * 100.0, 0);
    if claim.in_box.share(ClaimState::Held) >= 1.0 {
        said += ". It holds in all of what is plausible";
        if claim.in_box.decides().is_some() {
            said += &decides(robust, claim);
        }
    } else if !claim.in_box.states.is_empty() {
        said += &format!(
            ". It holds in {} % of what is plausible, is open in {} %, reversed in {} %",
            share(ClaimState::Held),
            share(ClaimState::Open),
            share(ClaimState::Reversed)
        );
        said += &decides(robust, claim);
    }
    said + "."
}

/// Which keys decide in the box.
fn decides(robust: &Robustness, claim: &ClaimTried) -> String {
    let Some(parts) = claim.in_box.decides() else {
        return claim.in_box.regression.as_ref().map_or_else(String::new, |it| {
            format!(
                "; which key decides is not monotone enough to tell (R² {})",
                rounded(it.r2, 2)
            )
        });
    };
    let mut order: Vec<(usize, f64)> = parts.into_iter().enumerate().collect();
    order.sort_by(|a, b| b.1.total_cmp(&a.1));
    let named = order.iter().take(NAMED).filter(|(_, part)| *part >= 0.05);
    let named: Vec<String> = named
        .map(|(key, part)| {
            format!(
                "{} decides {} %",
                short(&robust.quest.ranges[*key].key),
                rounded(part * 100.0, 0)
            )
        })
        .collect();
    let r2 = claim.in_box.regression.as_ref().map_or(0.0, |it| it.r2);
    format!("; {} (R² {})", named.join(", "), rounded(r2, 2))
}

/// The one assumption that most of this hangs on, in a sentence; none where nothing hangs on any.
#[must_use]
pub fn carried(robust: &Robustness) -> Option<String> {
    let key = robust.carries()?;
    let range = &robust.quest.ranges[key];
    let turned = |state| {
        let ends = robust.claims.iter().filter(|claim| {
            let (low, high) = claim.keys[key].ends(claim.own.verdict);
            low == state || (high == state)
        });
        ends.count()
    };
    let (reversed, claims) = (turned(ClaimState::Reversed), robust.claims.len());
    let what = if reversed > 0 {
        format!("turns {reversed} of {claims} round")
    } else {
        format!("leaves {} of {claims} open", turned(ClaimState::Open))
    };
    let own = range.own.trim_matches('"');
    let (name, plausible) = (short(&range.key), range.range);
    let most = format!(
        "Most hangs on {name} = {own}, which no data supports: an end of what is plausible ({plausible}) {what}"
    );
    // The claim that turns nearest to the scenario's own value says where.
    let own = range.range.part(&range.own);
    let turns = robust
        .claims
        .iter()
        .filter_map(|claim| Some((claim, claim.keys[key].break_even?)));
    let nearest = turns.min_by(|a, b| {
        let far = |even: f64| own.map_or(even, |own| (even - own).abs());
        far(a.1.at).total_cmp(&far(b.1.at))
    });
    let Some((claim, _)) = nearest else {
        return Some(most + ".");
    };
    let turn = turn(range, &claim.keys[key]).unwrap_or_default();
    Some(format!("{most}; {} while {turn}.", claim_words(robust, claim)))
}

/// The ranges, each with how the claims stand at its ends and where it comes from.
fn table(robust: &Robustness) -> String {
    let count = |key: usize, state: ClaimState| {
        let ends = robust
            .claims
            .iter()
            .map(|claim| claim.keys[key].ends(claim.own.verdict));
        ends.filter(|(low, high)| *low == state || *high == state).count()
    };
    let mut rows = vec![["value", "own", "plausible", "reverses", "leaves open", "source"].map(str::to_owned)];
    for (key, range) in robust.quest.ranges.iter().enumerate() {
        rows.push([
            short(&range.key).to_owned(),
            range.own.trim_matches('"').to_owned(),
            range.range.to_string(),
            count(key, ClaimState::Reversed).to_string(),
            count(key, ClaimState::Open).to_string(),
            range.source.clone(),
        ]);
    }
    let wide = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let wide: Vec<usize> = (0..5).map(wide).collect();
    let mut out = String::new();
    for row in &rows {
        let cells = row.iter().zip(&wide).map(|(cell, wide)| format!("{cell:<wide$}"));
        let start = cells.collect::<Vec<_>>().join("  ");
        let room = WIDE.saturating_sub(start.chars().count() + 2).max(20);
        for (at, part) in broken(&row[5], room).iter().enumerate() {
            let indent = " ".repeat(start.chars().count());
            let begin = if at == 0 { &start } else { &indent };
            out.push_str(format!("{begin}  {part}").trim_end());
            out.push('\n');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::robust::sample;

    #[test]
    fn a_claim_says_where_it_turns_how_far_it_holds_and_what_decides() {
        let text = answer(&sample::robustness()).replace('\n', " ");
        let first = "hidden is better in errand wait p50 (-1.505 h) while withdraw.out_of_band > 29.2 min [28.5 min, 29.9 min]. It holds in 75 % of \
                     what is plausible, is open in 0 %, reversed in 25 %; withdraw.out_of_band decides 90 %, operators.slip decides 10 % (R² 0.95).";
        assert!(text.contains(first), "{text}");
        let carried = "Most hangs on withdraw.out_of_band = 2h, which no data supports: an end of what is plausible (10m to 8h) turns 1 of 1 round";
        assert!(text.contains(carried), "{text}");
    }
}
