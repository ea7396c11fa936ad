//! The courses of up to 40 nodes that had windows: who or what was on each, over time, a panel
//! per strategy with the nodes in the same order.

use std::collections::BTreeSet;

use indexmap::IndexMap;

use super::axis::{Scale, bottom, calendar, since, ticks};
use super::canvas::{
    Anchor, BLUE, DARK, FAINT, Frame, GREEN, GREY, Ink, ORANGE, PAPER, PURPLE, SKY, Sheet, VERMILLION, width,
};
use super::labels;
use super::page::{BARE, MARGIN, Page, Swatch, arm_labels, cell, counted, legend_rows};
use super::told::sentence;
use super::wish::PlotWish;
use crate::cells::rows::{NodeState, StateRow};
use crate::judge::results::{Arm, Results};

/// States, their colours and what the legend calls them, the most telling first.
pub const STATES: [(NodeState, Ink, &str); 10] = [
    (
        NodeState::Exposed,
        VERMILLION,
        "exposed: in maintenance or broken, and offered",
    ),
    (NodeState::Errand, GREEN, "operators' image"),
    (NodeState::Stranded, PURPLE, "stranded: healthy, not offered"),
    (NodeState::Maintenance, ORANGE, "in maintenance"),
    (NodeState::Broken, Ink(0, 0, 0), "broken"),
    (NodeState::Tenant, SKY, "tenant"),
    (NodeState::Busy, BLUE, "deploying or cleaning"),
    (NodeState::Free, BARE, "free"),
    (NodeState::Retired, Ink(0x9a, 0x9a, 0x9a), "retired"),
    (NodeState::Absent, PAPER, "not in the fleet"),
];
/// States that are drawn wherever they occur, be it ever so short.
const NEVER_LOST: usize = 2;
const MOST: usize = 40;
const FREE: usize = 7;
/// The size of nodes' names.
const EM: f64 = 8.5;
/// How thick the bar of the warm-up is.
const WARM: f64 = 3.0;

/// Which part of a row a state fills, from above: with its lightness it tells the states apart in grey.
fn part(state: NodeState) -> (f64, f64) {
    match state {
        NodeState::Tenant | NodeState::Busy => (0.3, 0.7),
        NodeState::Errand => (0.5, 1.0),
        NodeState::Stranded => (0.0, 0.5),
        NodeState::Retired => (0.8, 1.0),
        NodeState::Exposed | NodeState::Maintenance | NodeState::Broken | NodeState::Free | NodeState::Absent => {
            (0.0, 1.0)
        }
    }
}

/// The nodes that are drawn, row by row, and of how many.
struct Chosen<'a> {
    nodes: IndexMap<&'a str, usize>,
    of: usize,
}

/// Draws the figure.
#[must_use]
pub fn draw(results: &Results, wish: &PlotWish) -> Sheet {
    let chosen = chosen(results, wish);
    let nodes = &chosen.nodes;
    let present = |state: NodeState| {
        let mut states = results.arms.iter().flat_map(|arm| &arm.log.states);
        states.any(|row| row.state == state && nodes.contains_key(row.node.as_str()))
    };
    let mut legend: Vec<(&str, Swatch)> = STATES
        .iter()
        .filter(|(state, _, _)| present(*state))
        .map(|(state, ink, text)| {
            let (from, to) = part(*state);
            (*text, Swatch::Part(*ink, from, to))
        })
        .collect();
    if warm_up(results) > 0 {
        legend.push(("warm-up, which no metric counts", Swatch::Line(GREY, WARM)));
    }
    let arms = results.arms.len();
    let columns = arms.clamp(1, 4);
    let rows = arms.div_ceil(columns).max(1);
    let pitch = (300.0 / nodes.len().max(1) as f64).clamp(EM * 1.25, 22.0);
    let panel = 24.0 + (nodes.len() as f64 * pitch).max(60.0) + 40.0;
    let legend_high = if legend.is_empty() {
        0.0
    } else {
        legend_rows(MARGIN, &legend) * 18.0 + 10.0
    };
    let high = legend_high + rows as f64 * panel;
    let of = wish
        .class
        .as_ref()
        .map_or_else(String::new, |class| format!(" (class {class})"));
    let heading = format!("What happens on the nodes that go into maintenance{of}");
    let mut page = Page::new(results, &heading, &[note(results, &chosen)], high);
    page.sheet.tell(told(results, &chosen));
    if nodes.is_empty() {
        let frame = page.body;
        page.sheet.outline(frame, FAINT);
        page.nothing(frame, "no node went into maintenance");
        return page.sheet;
    }
    page.legend((MARGIN, page.body.y0 + 8.0), &legend);
    let widest = nodes.keys().map(|node| width(node, EM)).fold(0.0, f64::max);
    let gutter = (widest + 10.0).clamp(40.0, 140.0);
    let grid = Frame {
        x0: page.body.x0 + gutter,
        y0: page.body.y0 + legend_high,
        ..page.body
    };
    for (i, arm) in results.arms.iter().enumerate() {
        let frame = cell(grid, (i % columns, columns), (i / columns, rows), (14.0, 0.0));
        let inner = Frame {
            y0: frame.y0 + 24.0,
            y1: frame.y0 + 24.0 + nodes.len() as f64 * pitch,
            ..frame
        };
        let titles = arm_labels(&results.arms, 11.0, inner.x1 - inner.x0, 1);
        page.sheet
            .lines((inner.x0, inner.y0 - 10.0), &titles[i], 11.0, Anchor::Start, DARK);
        if i % columns == 0 {
            names(&mut page.sheet, nodes, inner, (pitch, gutter - 8.0));
        }
        courses(&mut page.sheet, results, &arm.log.states, nodes, inner, pitch);
    }
    page.sheet
}

/// Of the nodes that had windows, those that were in maintenance, exposed or stranded for longest, over all strategies
/// together; in the order of their classes and names.
fn chosen<'a>(results: &'a Results, wish: &PlotWish) -> Chosen<'a> {
    let windows = results.arms.iter().flat_map(|arm| &arm.log.windows);
    let had: BTreeSet<&str> = windows.map(|window| window.node.as_str()).collect();
    let mut away: IndexMap<&str, (&str, u64)> = IndexMap::new();
    let of_class = |row: &&StateRow| wish.class.as_ref().is_none_or(|class| row.class == *class);
    let states = results.arms.iter().flat_map(|arm| &arm.log.states);
    for row in states.filter(of_class).filter(|row| had.contains(row.node.as_str())) {
        let long = match row.state {
            NodeState::Maintenance | NodeState::Exposed | NodeState::Stranded | NodeState::Errand => {
                (row.to - row.from).0
            }
            _ => 0,
        };
        away.entry(&row.node).or_insert((&row.class, 0)).1 += long;
    }
    let of = away.len();
    let mut longest: Vec<(&str, (&str, u64))> = away.into_iter().collect();
    longest.sort_by(|a, b| b.1.1.cmp(&a.1.1).then(natural(a.0).cmp(&natural(b.0))));
    longest.truncate(MOST);
    longest.sort_by(|a, b| a.1.0.cmp(b.1.0).then(natural(a.0).cmp(&natural(b.0))));
    let nodes = longest.iter().enumerate().map(|(place, (node, _))| (*node, place));
    Chosen {
        nodes: nodes.collect(),
        of,
    }
}

/// A name in the order of people: its digits at the end are a number.
fn natural(name: &str) -> (&str, usize, &str) {
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
    (stem, name.len() - stem.len(), &name[stem.len()..])
}

fn note(results: &Results, chosen: &Chosen<'_>) -> String {
    let (shown, of) = (chosen.nodes.len(), chosen.of);
    let (recorded, all) = fleet(results);
    let which = match shown < of {
        true => format!(
            "{shown} of the {of} nodes that had windows: those in maintenance, exposed or stranded for longest, over all strategies"
        ),
        false => format!("{} that had windows", counted(of as u32, "node")),
    };
    let of_fleet = match recorded < all {
        true => format!("; of the fleet's {all} nodes {recorded} were recorded"),
        false => format!("; the fleet has {}", counted(all as u32, "node")),
    };
    format!(
        "Replication 0, {which}{of_fleet}. Exposed stretches and operators' images are drawn at least one pixel wide, however short."
    )
}

/// Of how many nodes there is a course, and how many nodes the fleet has at most.
pub(crate) fn fleet(results: &Results) -> (usize, usize) {
    let logs = || results.arms.iter().map(|arm| &arm.log);
    let recorded: BTreeSet<&str> = logs()
        .flat_map(|log| &log.states)
        .map(|row| row.node.as_str())
        .collect();
    let installed = logs().flat_map(|log| &log.timeline).map(|row| row.installed);
    let installed = installed.fold(0.0_f64, f64::max).ceil() as usize;
    (recorded.len(), recorded.len().max(installed))
}

fn warm_up(results: &Results) -> u64 {
    results.warm_up.as_ref().map_or(0, |it| it.cut.0)
}

/// For how long each strategy's nodes were exposed, stranded and in maintenance.
fn told(results: &Results, chosen: &Chosen<'_>) -> String {
    let one = |arm: &Arm| {
        let hours = |state: NodeState| {
            let rows = arm.log.states.iter().filter(|row| row.state == state);
            let rows = rows.filter(|row| chosen.nodes.contains_key(row.node.as_str()));
            let long: u64 = rows.map(|row| (row.to - row.from).0).sum();
            format!("{:.0}", long as f64 / 3_600_000.0)
        };
        format!(
            "{}: {} node-hours in maintenance, {} exposed, {} stranded",
            arm.label,
            hours(NodeState::Maintenance),
            hours(NodeState::Exposed),
            hours(NodeState::Stranded)
        )
    };
    format!(
        "Courses of {} nodes in replication 0. {}",
        chosen.nodes.len(),
        sentence(results.arms.iter().map(one), "no strategy was run")
    )
}

/// Names at the left, one for each row.
fn names(sheet: &mut Sheet, nodes: &IndexMap<&str, usize>, frame: Frame, (pitch, room): (f64, f64)) {
    let all: Vec<&str> = nodes.keys().copied().collect();
    let shown = labels::telling(&all, EM, room, 1);
    for (place, name) in nodes.values().zip(&shown) {
        let y = frame.y0 + (*place as f64 + 0.5) * pitch;
        sheet.lines((frame.x0 - 6.0, y), name, EM, Anchor::End, GREY);
    }
}

fn courses(
    sheet: &mut Sheet,
    results: &Results,
    states: &[StateRow],
    nodes: &IndexMap<&str, usize>,
    frame: Frame,
    pitch: f64,
) {
    let (ms, unit) = calendar(results.horizon);
    let horizon = results.horizon.0.max(1) as f64;
    let scale = Scale {
        lo: 0.0,
        hi: horizon / ms,
        from: frame.x0,
        to: frame.x1,
    };
    sheet.rect(frame, STATES[FREE].1);
    let cells = (frame.x1 - frame.x0).floor().max(1.0) as usize;
    let mut time = vec![vec![[0.0_f64; STATES.len()]; cells]; nodes.len()];
    for row in states {
        let (Some(node), Some(state)) = (
            nodes.get(row.node.as_str()),
            STATES.iter().position(|s| s.0 == row.state),
        ) else {
            continue;
        };
        let (from, to) = (
            row.from.0 as f64 / horizon * cells as f64,
            row.to.0 as f64 / horizon * cells as f64,
        );
        let last = (libm::ceil(to) as usize).min(cells);
        for (at, sums) in time[*node].iter_mut().enumerate().take(last).skip(from as usize) {
            sums[state] += (to.min(at as f64 + 1.0) - from.max(at as f64)).max(0.0);
        }
    }
    for (place, course) in time.iter().enumerate() {
        let (y0, y1) = (
            frame.y0 + place as f64 * pitch,
            frame.y0 + (place as f64 + 1.0) * pitch - 1.0,
        );
        let mut begin = 0;
        for end in 1..=cells {
            let state = telling(&course[begin]);
            if end < cells && telling(&course[end]) == state {
                continue;
            }
            if state != FREE {
                let x = |c: usize| frame.x0 + c as f64 / cells as f64 * (frame.x1 - frame.x0);
                let (from, to) = part(STATES[state].0);
                let whole = Frame {
                    x0: x(begin),
                    y0,
                    x1: x(end),
                    y1,
                };
                // Beside its part there is paper: what is free is grey from above to below.
                sheet.rect(whole, PAPER);
                sheet.rect(
                    Frame {
                        y0: y0 + from * (y1 - y0),
                        y1: y0 + to * (y1 - y0),
                        ..whole
                    },
                    STATES[state].1,
                );
            }
            begin = end;
        }
        sheet.rect(
            Frame {
                y0: y1,
                y1: y1 + 1.0,
                ..frame
            },
            PAPER,
        );
    }
    let cut = scale.at(warm_up(results) as f64 / ms);
    if cut > frame.x0 {
        let y = frame.y0 - WARM / 2.0 - 0.5;
        sheet.line((frame.x0, y), (cut, y), WARM, GREY);
        sheet.line((cut, frame.y0 - WARM - 0.5), (cut, frame.y1), 0.75, GREY);
    }
    let plain = Frame { y0: frame.y1, ..frame };
    bottom(
        sheet,
        plain,
        scale,
        &ticks(scale.lo, scale.hi, 5),
        &since(unit, &results.epoch),
    );
}

/// The state to draw in a cell: one that must not be lost, or the one with the most time.
fn telling(sums: &[f64; STATES.len()]) -> usize {
    if let Some(state) = (0..NEVER_LOST).find(|s| sums[*s] > 0.0) {
        return state;
    }
    let mut best = FREE;
    for (state, sum) in sums.iter().enumerate() {
        if *sum > sums[best] {
            best = state;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lightness as a grey copy has it, 0 to 255.
    fn grey(ink: Ink) -> f64 {
        0.299 * f64::from(ink.0) + 0.587 * f64::from(ink.1) + 0.114 * f64::from(ink.2)
    }

    #[test]
    fn states_differ_in_grey_by_their_lightness_or_by_their_part_of_the_row() {
        for (i, (state, ink, _)) in STATES.iter().enumerate() {
            for (other, other_ink, _) in &STATES[i + 1..] {
                let apart = (grey(*ink) - grey(*other_ink)).abs();
                let bare = [NodeState::Free, NodeState::Absent];
                let both_bare = bare.contains(state) && bare.contains(other);
                assert!(
                    part(*state) != part(*other) || apart > 30.0 || both_bare,
                    "{state:?} and {other:?}: {apart}"
                );
            }
        }
    }

    fn sample() -> Results {
        crate::judge::sample::results(crate::judge::sample::SampleWish {
            arms: 2,
            replications: 2,
            eventful: true,
        })
    }

    #[test]
    fn what_is_free_is_seen_nowhere_but_where_a_node_is() {
        let sheet = draw(&sample(), &PlotWish::default());
        let boxes: Vec<(Frame, Ink)> = sheet
            .ops
            .iter()
            .filter_map(|op| match op {
                super::super::canvas::Op::Rect(frame, ink) => Some((*frame, *ink)),
                _ => None,
            })
            .collect();
        let partial = boxes
            .windows(2)
            .filter(|two| two[1].1 == GREEN && two[1].0.x1 > two[1].0.x0);
        let partial: Vec<_> = partial.filter(|two| two[0].0.y1 - two[0].0.y0 < EM * 3.0).collect();
        assert!(!partial.is_empty());
        for two in partial {
            assert!(two[0].1 == PAPER && two[0].0.x0 == two[1].0.x0, "{two:?}");
        }
    }

    #[test]
    fn the_fleet_is_counted_where_courses_were_not_recorded() {
        let mut sample = sample();
        let (recorded, all) = fleet(&sample);
        assert!(recorded > 0 && recorded <= all);
        sample.arms[0].log.timeline[0].installed = 4_000.0;
        assert_eq!(fleet(&sample), (recorded, 4_000));
        let texts = draw(&sample, &PlotWish::default()).texts().join("\n");
        let said = format!("of the fleet's 4000 nodes {recorded} were recorded");
        assert!(texts.replace('\n', " ").contains(&said), "{texts}");
        assert!(texts.contains("warm-up"), "{texts}");
    }

    #[test]
    fn names_are_ordered_as_people_do() {
        let mut names = ["gpu-10", "gpu-2", "gpu-1", "a"];
        names.sort_by(|a, b| natural(a).cmp(&natural(b)));
        assert_eq!(names, ["a", "gpu-1", "gpu-2", "gpu-10"]);
    }
}
