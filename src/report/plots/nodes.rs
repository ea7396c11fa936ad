//! The courses of up to 40 nodes that had windows: who or what was on each, over time, a panel
//! per strategy with the nodes in the same order.

use std::collections::BTreeSet;

use indexmap::IndexMap;

use super::axis::{Scale, bottom, calendar, since, ticks};
use super::canvas::{
    Anchor, BLUE, DARK, FAINT, Frame, GREEN, GREY, Ink, ORANGE, PAPER, PURPLE, SKY, Sheet, VERMILLION,
};
use super::labels;
use super::page::{MARGIN, Page, Swatch, arm_labels, cell, legend_rows};
use crate::cells::rows::{NodeState, StateRow};
use crate::judge::results::Results;

/// States, their colours and what the legend calls them, the most telling first.
pub const STATES: [(NodeState, Ink, &str); 9] = [
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
    (NodeState::Free, Ink(0xec, 0xec, 0xec), "free"),
    (NodeState::Absent, PAPER, "not in the fleet"),
];
/// States that are drawn wherever they occur, be it ever so short.
const NEVER_LOST: usize = 2;
const MOST: usize = 40;
const FREE: usize = 7;

/// Draws the figure.
#[must_use]
pub fn draw(results: &Results) -> Sheet {
    let nodes = nodes(results);
    let present = |state: NodeState| {
        results
            .arms
            .iter()
            .any(|arm| arm.log.states.iter().any(|row| row.state == state))
    };
    let legend: Vec<(&str, Swatch)> = STATES
        .iter()
        .filter(|(state, _, _)| present(*state))
        .map(|(_, ink, text)| (*text, Swatch::Box(*ink)))
        .collect();
    let arms = results.arms.len();
    let columns = arms.clamp(1, 4);
    let rows = arms.div_ceil(columns).max(1);
    let pitch = (260.0 / nodes.len().max(1) as f64).clamp(if arms > 4 { 8.0 } else { 9.5 }, 22.0);
    let panel = 24.0 + (nodes.len() as f64 * pitch).max(60.0) + 40.0;
    let legend_high = if legend.is_empty() {
        0.0
    } else {
        legend_rows(MARGIN, &legend) * 18.0 + 10.0
    };
    let high = legend_high + rows as f64 * panel;
    let notes = [note(results, nodes.len())];
    let mut page = Page::new(
        results,
        "What happens on the nodes that go into maintenance",
        &results.question,
        &notes,
        high,
    );
    if nodes.is_empty() {
        let frame = page.body;
        page.sheet.outline(frame, FAINT);
        page.nothing(frame, "no node went into maintenance");
        return page.sheet;
    }
    page.legend((MARGIN, page.body.y0 + 8.0), &legend);
    let gutter = 84.0;
    let grid = Frame {
        x0: page.body.x0 + gutter,
        y0: page.body.y0 + legend_high,
        ..page.body
    };
    for (i, arm) in results.arms.iter().enumerate() {
        let frame = cell(grid, (i % columns, columns), (i / columns, rows), (16.0, 0.0));
        let inner = Frame {
            y0: frame.y0 + 24.0,
            y1: frame.y0 + 24.0 + nodes.len() as f64 * pitch,
            ..frame
        };
        let titles = arm_labels(&results.arms, 11.0, inner.x1 - inner.x0, 1);
        page.sheet
            .lines((inner.x0, inner.y0 - 10.0), &titles[i], 11.0, Anchor::Start, DARK);
        if i % columns == 0 {
            names(&mut page.sheet, &nodes, inner, pitch);
        }
        courses(&mut page.sheet, results, &arm.log.states, &nodes, inner, pitch);
    }
    page.sheet
}

/// The nodes that had windows, in the order in which they are first named.
fn nodes(results: &Results) -> IndexMap<String, usize> {
    let windows = results.arms.iter().flat_map(|arm| &arm.log.windows);
    let had: BTreeSet<&str> = windows.map(|window| window.node.as_str()).collect();
    let mut nodes = IndexMap::new();
    for row in results.arms.iter().flat_map(|arm| arm.log.states.iter()) {
        let next = nodes.len();
        if had.contains(row.node.as_str()) && (next < MOST || nodes.contains_key(&row.node)) {
            nodes.entry(row.node.clone()).or_insert(next);
        }
    }
    nodes
}

fn note(results: &Results, shown: usize) -> String {
    let mut windows: Vec<&str> = results
        .arms
        .iter()
        .flat_map(|arm| arm.log.windows.iter().map(|w| w.node.as_str()))
        .collect();
    windows.sort_unstable();
    windows.dedup();
    let of = if windows.len() > shown {
        format!(" of {}", windows.len())
    } else {
        String::new()
    };
    format!(
        "Replication 0, {shown}{of} nodes that had windows. Exposed stretches and operators' images are drawn at least one pixel wide, however short."
    )
}

/// Names at the left, as many as fit without touching.
fn names(sheet: &mut Sheet, nodes: &IndexMap<String, usize>, frame: Frame, pitch: f64) {
    let em = 9.0;
    let step = (em * 1.25 / pitch).ceil().max(1.0) as usize;
    let all: Vec<&str> = nodes.keys().map(String::as_str).collect();
    let shown = labels::telling(&all, em, 78.0, 1);
    for (place, name) in nodes.values().zip(&shown).filter(|(place, _)| **place % step == 0) {
        let y = frame.y0 + (*place as f64 + 0.5) * pitch;
        sheet.lines((frame.x0 - 6.0, y), name, em, Anchor::End, GREY);
    }
}

fn courses(
    sheet: &mut Sheet,
    results: &Results,
    states: &[StateRow],
    nodes: &IndexMap<String, usize>,
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
        let (Some(node), Some(state)) = (nodes.get(&row.node), STATES.iter().position(|s| s.0 == row.state)) else {
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
                sheet.rect(
                    Frame {
                        x0: x(begin),
                        y0,
                        x1: x(end),
                        y1,
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
