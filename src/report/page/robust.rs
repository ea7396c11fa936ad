//! The page of `robust`: which claims hold over what is plausible, and where they turn.

use super::super::error::DrawError;
use super::super::plots::{percent, words};
use super::super::robust::{sentences, short};
use super::tables::{Cell, Grid, Line, known_difference};
use super::view::Block;
use super::{EFFECTIVE, Frame, Part, answered, assumed, bars, blocks, facts, made_by, written};
use crate::cells::columns::COLUMNS;
use crate::judge::robust::{ClaimState, ClaimTried, KeyTried, Robustness, provenance};
use crate::report::number::rounded;
use crate::scenario::Plausible;

/// The page of `robust`.
///
/// # Errors
/// When a template fails.
pub fn robust(found: &Robustness) -> Result<Vec<u8>, DrawError> {
    let quest = &found.quest;
    let claims = found.claims.iter();
    let tables = quest
        .ranges
        .iter()
        .enumerate()
        .map(|(key, range)| by_key(found, key, range));
    let mut parts = vec![
        answered(sentences(found), false),
        facts("compared", "What was asked", asked(found)),
    ];
    if !found.claims.is_empty() {
        parts.push(blocks("bars", "Where claims hold", bars::keys(), figures(found)));
        let grids = vec![all_at_once(found, claims.collect())];
        let together = Block {
            title: "All ranges at once".to_owned(),
            grids,
            ..Block::default()
        };
        let alone = Block {
            title: "Each range alone".to_owned(),
            grids: tables.collect(),
            ..Block::default()
        };
        parts.push(blocks("claims", "Claim by claim", Vec::new(), vec![together, alone]));
    }
    parts.extend([assumed(&found.assumptions), provided(found)]);
    let mark = provenance(found);
    let frame = Frame::of((&found.scenario, &found.question), &found.version, &mark, parts);
    written(&frame, "null")
}

fn asked(found: &Robustness) -> Vec<(String, String)> {
    let quest = &found.quest;
    let fact = |name: &str, text: String| (name.to_owned(), text);
    let metrics: Vec<String> = quest.columns.iter().map(|&at| words(COLUMNS[at].name)).collect();
    let labels = quest.strategies.iter().enumerate();
    let others = labels.filter(|(at, _)| *at != quest.baseline);
    let others: Vec<&str> = others.map(|(_, label)| label.as_str()).collect();
    let mut facts = vec![
        fact(
            "claims",
            format!(
                "verdicts of {} against {}",
                others.join(", "),
                quest.strategies[quest.baseline]
            ),
        ),
        fact("metrics", metrics.join(", ")),
        fact(
            "replications",
            format!(
                "{} at each place of a range, {} at each of {} points of all ranges at once",
                quest.replications, quest.box_replications, quest.samples
            ),
        ),
        fact("confidence", format!("{} %", percent(quest.confidence))),
    ];
    facts.extend(quest.ranges.iter().map(|range| {
        let own = range.own.trim_matches('"');
        (
            short(&range.key).to_owned(),
            format!("{}, own: {own}; {}", range.range, range.source),
        )
    }));
    facts
}

/// For each metric a figure for each strategy of which something is claimed.
fn figures(found: &Robustness) -> Vec<Block> {
    let of = |&column: &usize| {
        let claims = found
            .claims
            .iter()
            .enumerate()
            .filter(|(_, claim)| claim.column == column);
        let figures: Vec<String> = claims.map(|(at, claim)| bars::figure(found, at, claim)).collect();
        let baseline = &found.quest.strategies[found.quest.baseline];
        (!figures.is_empty()).then(|| Block {
            title: format!("{} against {baseline}", words(COLUMNS[column].name)),
            figures,
            wide: true,
            note: "Each range alone, from its lower end to its upper; wide ones by the logarithm. Between two places that were \
                   looked at, the bar changes at the break-even or half-way."
                .to_owned(),
            grids: Vec::new(),
        })
    };
    found.quest.columns.iter().filter_map(of).collect()
}

fn claim_name(found: &Robustness, claim: &ClaimTried) -> String {
    format!(
        "{}: {}",
        found.quest.strategies[claim.strategy],
        words(COLUMNS[claim.column].name)
    )
}

/// The claims with the share of what is plausible in which each stands how.
fn all_at_once(found: &Robustness, claims: Vec<&ClaimTried>) -> Grid {
    let keys = &found.quest.ranges;
    let share = |claim: &ClaimTried, state| match claim.in_box.states.is_empty() {
        true => Cell::of("none"),
        false => Cell::of(format!("{} %", rounded(claim.in_box.share(state) * 100.0, 0))),
    };
    let row = |claim: &&ClaimTried| {
        let states = [ClaimState::Held, ClaimState::Open, ClaimState::Reversed];
        let states = states.map(|state| share(claim, state));
        let decides = match claim.in_box.decides() {
            None => vec![Cell::of("not told"); keys.len()],
            Some(parts) => parts
                .iter()
                .map(|part| Cell::of(format!("{} %", rounded(part * 100.0, 0))))
                .collect(),
        };
        let cells = [known_difference(claim.own)].into_iter().chain(states).chain(decides);
        Line {
            head: claim_name(found, claim),
            unit: COLUMNS[claim.column].unit.to_owned(),
            meaning: COLUMNS[claim.column].definition.to_owned(),
            cells: cells.collect(),
        }
    };
    let heads = ["difference at the scenario's own values", "held", "open", "reversed"].map(str::to_owned);
    let deciding = keys.iter().map(|range| format!("decided by {}", short(&range.key)));
    Grid {
        caption: format!("Shares of {} points of all ranges at once", found.quest.samples),
        corner: "claim".to_owned(),
        columns: heads.into_iter().chain(deciding).collect(),
        rows: claims.iter().map(row).collect(),
    }
}

/// What becomes of each claim along a range.
fn by_key(found: &Robustness, key: usize, range: &Plausible) -> Grid {
    let row = |claim: &ClaimTried| {
        let tried = &claim.keys[key];
        let (low, high) = tried.ends(claim.own.verdict);
        Line {
            head: claim_name(found, claim),
            cells: vec![state(low), state(high), turn(range, tried)],
            ..Line::default()
        }
    };
    let (low, high) = range.range.words();
    Grid {
        caption: format!(
            "{}, plausible from {low} to {high}, own: {}",
            range.key,
            range.own.trim_matches('"')
        ),
        corner: "claim".to_owned(),
        columns: vec![format!("at {low}"), format!("at {high}"), "break-even".to_owned()],
        rows: found.claims.iter().map(row).collect(),
    }
}

fn state(state: ClaimState) -> Cell {
    let (sign, class) = match state {
        ClaimState::Held => ("▲ ", "better"),
        ClaimState::Open => ("? ", ""),
        ClaimState::Reversed => ("▼ ", "worse"),
    };
    Cell {
        verdict: format!("{sign}{}", state.word()),
        class: class.to_owned(),
        ..Cell::default()
    }
}

fn turn(range: &Plausible, tried: &KeyTried) -> Cell {
    let Some(even) = tried.break_even else {
        return Cell::of(if tried.crosses { "near an end, not told" } else { "none" });
    };
    let [at, lo, hi] = [even.at, even.lo, even.hi].map(|part| range.range.rounded(part));
    Cell {
        value: format!("holds {} {at}", if tried.above { "above" } else { "below" }),
        interval: format!("[{lo}, {hi}]"),
        ..Cell::default()
    }
}

fn provided(found: &Robustness) -> Part {
    let fact = |name: &str, text: String| (name.to_owned(), text);
    let facts = vec![
        fact("sickbay", found.version.clone()),
        fact("scenario", found.scenario.clone()),
        fact("digest", found.digest.clone()),
        fact("seed", found.quest.seed.to_string()),
        fact("replications", found.quest.replications.to_string()),
    ];
    made_by(facts, EFFECTIVE, &found.effective)
}
