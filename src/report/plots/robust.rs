//! Where claims hold along each range: for each metric a figure, in it a panel for each strategy of which something is
//! claimed, in it a bar for each key: held, open, reversed, with a tick at the break-even and a dot at the scenario's own value.

use super::canvas::{Anchor, DARK, FAINT, Frame, GREEN, GREY, Ink, PAPER, Sheet, VERMILLION, wrap};
use super::page::{BODY, MARGIN, Page, PlotFile, Swatch, first_paragraph, percent, words};
use super::told::sentence;
use super::{Askable, PlotWish, files};
use crate::cells::columns::COLUMNS;
use crate::judge::robust::{ClaimState, ClaimTried, KeyTried, Robustness};
use crate::report::error::DrawError;
use crate::report::number::rounded;
use crate::report::robust::short;
use crate::scenario::Plausible;

const ROW: f64 = 30.0;
/// Room for the names of the keys.
const GUTTER: f64 = 270.0;
/// Room for the break-evens' values.
const VALUES: f64 = 150.0;
const TEXT: f64 = 9.0;
/// How wide the bar of what is reversed is split.
const SPLIT: f64 = 3.0;
/// Colour of what is open: darker than the paper, so that a bar can be seen.
const OPEN: Ink = Ink(0xc8, 0xc8, 0xc8);

/// Draws a figure for each metric of which something is claimed, as SVG and as PNG.
///
/// # Errors
/// When plotters or the PNG encoder fails.
pub fn render(robust: &Robustness, stamp: &str, wish: &PlotWish) -> Result<Vec<PlotFile>, DrawError> {
    let mut sheets = Vec::new();
    for &column in &robust.quest.columns {
        let label = |claim: &ClaimTried| robust.quest.strategies[claim.strategy].as_str();
        let of = |claim: &&ClaimTried| claim.column == column && wish.of_strategy(label(claim));
        let claims: Vec<&ClaimTried> = robust.claims.iter().filter(of).collect();
        if !wish.metrics.is_empty() && !wish.metrics.iter().any(|name| name == COLUMNS[column].name) {
            continue;
        }
        if claims.is_empty() {
            continue;
        }
        let name = format!("robust-{}", COLUMNS[column].name);
        sheets.push((name, draw(robust, column, &claims)));
    }
    files(sheets, (&robust.scenario, &robust.version), stamp, wish)
}

/// What the figures can be asked for.
#[must_use]
pub fn askable(robust: &Robustness) -> Askable {
    let claimed = |column: &&usize| robust.claims.iter().any(|claim| claim.column == **column);
    let columns = robust.quest.columns.iter().filter(claimed);
    let metrics: Vec<String> = columns.map(|column| COLUMNS[*column].name.to_owned()).collect();
    Askable {
        figures: metrics.iter().map(|metric| format!("robust-{metric}")).collect(),
        metrics,
        strategies: robust.quest.strategies.clone(),
    }
}

fn draw(robust: &Robustness, column: usize, claims: &[&ClaimTried]) -> Sheet {
    let quest = &robust.quest;
    let baseline = &quest.strategies[quest.baseline];
    let heading = format!(
        "Where what is claimed of {} against {baseline} holds",
        words(COLUMNS[column].name)
    );
    let note = format!(
        "bars: each range alone, from its lower end to its upper (wide ones by the logarithm), {} replications at each place looked at, \
         paired, {} %; between two places the bar changes at the break-even or half-way; robust.csv has all places",
        quest.replications,
        percent(quest.confidence)
    );
    let digest: String = robust.digest.chars().take(16).collect();
    let foot = format!(
        "robust of scenario {} · digest {digest} · seed {} · {} ranges · sickbay {}",
        robust.scenario,
        quest.seed,
        quest.ranges.len(),
        robust.version
    );
    let panel = 34.0 + quest.ranges.len() as f64 * ROW;
    let mut page = Page::with(
        (&heading, first_paragraph(&robust.question)),
        &[note],
        &foot,
        30.0 + claims.len() as f64 * panel,
    );
    let legend = [
        ("held", Swatch::Box(GREEN)),
        ("open", Swatch::Box(OPEN)),
        ("reversed", Swatch::Split(VERMILLION, SPLIT)),
        ("break-even", Swatch::Line(DARK, 2.0)),
    ];
    page.legend((MARGIN, page.body.y0 + 8.0), &legend);
    let body = page.body;
    for (at, claim) in claims.iter().enumerate() {
        let y0 = body.y0 + 30.0 + at as f64 * panel;
        let frame = Frame {
            y0,
            y1: y0 + panel,
            ..body
        };
        panel_of(&mut page.sheet, robust, claim, frame);
    }
    page.sheet.tell(sentence(
        claims.iter().map(|claim| told(robust, claim)),
        "nothing is claimed",
    ));
    page.sheet
}

/// A claim along all ranges in words.
fn told(robust: &Robustness, claim: &ClaimTried) -> String {
    let ranges = robust.quest.ranges.iter().zip(&claim.keys);
    let turns: Vec<String> = ranges
        .filter_map(|(range, tried)| {
            let even = tried.break_even?;
            let side = if tried.above { "above" } else { "below" };
            Some(format!(
                "{} holds {side} {}",
                short(&range.key),
                range.range.rounded(even.at)
            ))
        })
        .collect();
    let label = &robust.quest.strategies[claim.strategy];
    let turns = match turns.is_empty() {
        true => "no break-even in any range".to_owned(),
        false => turns.join(", "),
    };
    format!("{label} {}: {turns}", claim.own.verdict.word())
}

fn panel_of(sheet: &mut Sheet, robust: &Robustness, claim: &ClaimTried, frame: Frame) {
    let label = &robust.quest.strategies[claim.strategy];
    let share = |state| rounded(claim.in_box.share(state) * 100.0, 0);
    let mut title = format!("{label}: {}", claim.own.verdict.word());
    if !claim.in_box.states.is_empty() {
        title += &format!(
            "; of the box {} % held, {} % open, {} % reversed",
            share(ClaimState::Held),
            share(ClaimState::Open),
            share(ClaimState::Reversed)
        );
    }
    let title = wrap(&title, BODY, frame.x1 - frame.x0, 1);
    sheet.lines((frame.x0, frame.y0 + 10.0), &title, BODY, Anchor::Start, DARK);
    for (row, (range, tried)) in robust.quest.ranges.iter().zip(&claim.keys).enumerate() {
        let y = frame.y0 + 34.0 + row as f64 * ROW;
        let bar = Frame {
            x0: frame.x0 + GUTTER,
            y0: y - 7.0,
            x1: frame.x1 - VALUES,
            y1: y + 7.0,
        };
        names(sheet, range, (bar.x0 - 10.0, y));
        bar_of(sheet, (range, tried, claim), bar);
        values(sheet, range, tried, (bar.x1 + 10.0, y));
    }
}

fn names(sheet: &mut Sheet, range: &Plausible, (x, y): (f64, f64)) {
    let name = wrap(short(&range.key), TEXT, GUTTER - 14.0, 1);
    sheet.lines((x, y - 5.5), &name, TEXT, Anchor::End, DARK);
    let own = range.own.trim_matches('"');
    let plausible = wrap(&format!("{}, own: {own}", range.range), 8.0, GUTTER - 14.0, 1);
    sheet.lines((x, y + 6.0), &plausible, 8.0, Anchor::End, GREY);
}

fn values(sheet: &mut Sheet, range: &Plausible, tried: &KeyTried, (x, y): (f64, f64)) {
    let Some(even) = tried.break_even else {
        return;
    };
    let [at, lo, hi] = [even.at, even.lo, even.hi].map(|part| range.range.rounded(part));
    let side = if tried.above { ">" } else { "<" };
    let first = wrap(&format!("holds {side} {at}"), TEXT, VALUES - 12.0, 1);
    sheet.lines((x, y - 5.5), &first, TEXT, Anchor::Start, DARK);
    let second = wrap(&format!("{lo} to {hi}"), 8.0, VALUES - 12.0, 1);
    sheet.lines((x, y + 6.0), &second, 8.0, Anchor::Start, GREY);
}

/// How a claim stands along a range: stretches between the middles of neighbouring places, or up to the break-even, as parts of
/// the range from and to.
pub(crate) fn stretches(range: &Plausible, tried: &KeyTried, claim: &ClaimTried) -> Vec<(f64, f64, ClaimState)> {
    let state = |found| ClaimState::of(claim.own.verdict, found);
    let mut places: Vec<(f64, ClaimState)> = tried.looks.iter().map(|(part, found)| (*part, state(*found))).collect();
    let own = range.range.part(&range.own).filter(|part| (0.0..=1.0).contains(part));
    places.extend(own.map(|part| (part, ClaimState::Held)));
    places.sort_by(|a, b| a.0.total_cmp(&b.0));
    let even = tried.break_even.map(|even| even.at);
    let mut from = 0.0;
    let mut stretches: Vec<(f64, f64, ClaimState)> = Vec::new();
    for (at, (part, state)) in places.iter().enumerate() {
        let to = match places.get(at + 1) {
            None => 1.0,
            Some((next, other)) => {
                let turn = even.filter(|even| part < even && even < next && state != other);
                turn.unwrap_or((part + next) / 2.0)
            }
        };
        // Two of the same are one, or a hair shows between them.
        match stretches.last_mut() {
            Some(last) if last.2 == *state => last.1 = to,
            _ => stretches.push((from, to, *state)),
        }
        from = to;
    }
    stretches
}

/// The bar of a key.
fn bar_of(sheet: &mut Sheet, (range, tried, claim): (&Plausible, &KeyTried, &ClaimTried), bar: Frame) {
    let x = |part: f64| bar.x0 + part * (bar.x1 - bar.x0);
    let middle = (bar.y0 + bar.y1) / 2.0;
    for (from, to, state) in stretches(range, tried, claim) {
        let (ink, half) = match state {
            ClaimState::Held => (GREEN, 7.0),
            ClaimState::Open => (OPEN, 3.5),
            ClaimState::Reversed => (VERMILLION, 7.0),
        };
        let stretch = Frame {
            x0: x(from),
            y0: middle - half,
            x1: x(to),
            y1: middle + half,
        };
        sheet.rect(stretch, ink);
        if matches!(state, ClaimState::Reversed) {
            // Split, for in grey it has the lightness of what held.
            sheet.line((stretch.x0, middle), (stretch.x1, middle), SPLIT, PAPER);
        }
    }
    sheet.line((bar.x0, bar.y1 + 3.0), (bar.x1, bar.y1 + 3.0), 0.5, FAINT);
    if let Some(even) = tried.break_even {
        sheet.line((x(even.at), bar.y0 - 4.0), (x(even.at), bar.y1 + 4.0), 2.0, DARK);
    }
    if let Some(own) = range.range.part(&range.own).filter(|part| (0.0..=1.0).contains(part)) {
        sheet.dot((x(own), middle), 3.5, DARK);
        sheet.dot((x(own), middle), 2.0, PAPER);
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::judge::robust::sample::robustness;

    /// Draws the sample into the folder that `SICKBAY_PLOTS` names, for eyes to judge.
    #[test]
    fn the_bars_can_be_drawn_and_no_text_leaves_the_page_or_lies_on_another() {
        let robust = robustness();
        let claims: Vec<&ClaimTried> = robust.claims.iter().collect();
        let sheet = draw(&robust, robust.claims[0].column, &claims);
        assert_eq!((sheet.outside(), sheet.collisions()), (Vec::new(), Vec::new()));
        let texts = sheet.texts();
        assert!(texts.iter().any(|text| text == "holds > 29.2 min"), "{texts:?}");
        let files = render(&robust, "sickbay", &PlotWish::default()).expect("drawn");
        assert_eq!(files.len(), 2);
        for (folder, (file, bytes)) in std::env::var_os("SICKBAY_PLOTS")
            .iter()
            .flat_map(|folder| files.iter().map(move |f| (folder, f)))
        {
            fs::write(Path::new(folder).join(file), bytes).expect("written");
        }
    }
}
