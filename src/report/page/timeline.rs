//! The data of the node timeline: every node's course under every strategy, packed for the page's script.
//!
//! Times are counted in a unit, the smallest of which the run has no more than [`TICKS`] and that keeps all strategies together
//! within [`ROOM`]; what is exact is in states.csv. Each strategy has columns of its own, every one a sequence of LEB128 numbers, deflated and in base 64: how
//! many stretches each node has; then of every stretch its length, its state, and whose it is, one above its place among
//! `words` and 0 for nobody's. Columns deflate better than rows.

use std::collections::BTreeMap;
use std::io::Write;

use flate2::Compression;
use flate2::write::DeflateEncoder;
use indexmap::{IndexMap, IndexSet};
use serde::Serialize;

use super::super::error::DrawError;
use super::super::plots::canvas;
use super::super::plots::nodes::{STATES, fleet};
use super::json::base64;
use super::svg::{Stroke, box_sample, hex, line_sample};
use super::view::Key;
use crate::cells::rows::StateRow;
use crate::judge::results::Results;
use crate::kernel::text::one_line;

/// The room that the packed courses may take in the page, in bytes.
const ROOM: usize = 700_000;

/// So finely need a run's time be told: more than a picture shows, however far one zooms in.
const TICKS: u64 = 200_000;

/// The units of time to choose from, in seconds.
const UNITS: [u64; 6] = [1, 10, 60, 300, 1_800, 7_200];

/// States that must be seen wherever they occur, be it ever so short: the first so many.
const NEVER_LOST: usize = 2;

/// What the script is given.
#[derive(Debug, Serialize)]
pub(super) struct Timeline {
    states: Vec<State>,
    nodes: Vec<String>,
    /// By node: the place of its class among `classes`.
    class: Vec<usize>,
    classes: Vec<String>,
    words: Vec<String>,
    /// Seconds in a unit of time.
    pub(super) unit: u64,
    /// The end of the run, in units.
    horizon: u64,
    /// The end of the warm-up, in units.
    warm: u64,
    /// How many nodes the fleet has, with those that have no course.
    fleet: usize,
    arms: Vec<Packed>,
}

#[derive(Debug, Serialize)]
struct State {
    name: &'static str,
    text: &'static str,
    ink: String,
}

#[derive(Debug, Serialize)]
struct Packed {
    label: String,
    counts: String,
    lengths: String,
    states: String,
    whose: String,
}

/// The name of a state as classes and variables of the stylesheet have it.
fn name(at: usize) -> &'static str {
    [
        "exposed",
        "errand",
        "stranded",
        "maintenance",
        "broken",
        "tenant",
        "busy",
        "free",
        "retired",
        "absent",
    ][at]
}

/// The states that occur.
pub(super) fn keys(results: &Results) -> Vec<Key> {
    let occurs = |at: usize| rows(results).any(|row| row.state == STATES[at].0);
    let all = (0..STATES.len()).filter(|at| occurs(*at));
    let mut keys: Vec<Key> = all
        .map(|at| Key::of(box_sample(&format!("s-{}", name(at)), STATES[at].1), STATES[at].2))
        .collect();
    if results.warm_up.as_ref().is_some_and(|it| it.cut.0 > 0) {
        let bar = Stroke::plain("open", canvas::GREY, 4.0);
        keys.push(Key::of(
            line_sample(bar),
            "warm-up, which no metric counts: a bar below the rows",
        ));
    }
    keys
}

/// A node's place in the timeline, and that of its class among the classes.
#[derive(Clone, Copy)]
struct Place {
    row: usize,
    class: usize,
}

fn rows(results: &Results) -> impl Iterator<Item = &StateRow> {
    results.arms.iter().flat_map(|arm| &arm.log.states)
}

/// The nodes, class by class, in the order of their names with numbers as numbers; and the classes.
fn numbered(results: &Results) -> (IndexMap<&str, Place>, IndexSet<&str>) {
    let classes: BTreeMap<&str, &str> = rows(results)
        .map(|row| (row.node.as_str(), row.class.as_str()))
        .collect();
    let mut nodes: Vec<(&str, &str)> = classes.into_iter().collect();
    nodes.sort_by_cached_key(|(node, class)| (*class, natural(node)));
    let classes: IndexSet<&str> = nodes.iter().map(|(_, class)| *class).collect();
    let nodes = nodes.into_iter().enumerate();
    let placed = nodes.map(|(row, (node, class))| {
        let class = classes.get_index_of(class).unwrap_or(0);
        (node, Place { row, class })
    });
    (placed.collect(), classes)
}

/// A name as a list of texts and numbers, which sorts `node-2` before `node-10`.
fn natural(name: &str) -> Vec<(String, u64)> {
    let mut parts: Vec<(String, u64)> = vec![(String::new(), 0)];
    let mut within = false;
    for c in name.chars() {
        let digit = c.to_digit(10).map(u64::from);
        if digit.is_none() && within {
            parts.push((String::new(), 0));
        }
        within = digit.is_some();
        if let Some((text, number)) = parts.last_mut() {
            match digit {
                Some(digit) => *number = number.saturating_mul(10).saturating_add(digit),
                None => text.push(c),
            }
        }
    }
    parts
}

/// Whose stretches are, nobody first.
fn words(results: &Results) -> IndexSet<&str> {
    let mut words = IndexSet::from([""]);
    words.extend(rows(results).map(|row| row.whose.as_str()));
    words
}

/// The packed courses; none where no node has one.
///
/// # Errors
/// When the encoder fails.
pub(super) fn timeline(results: &Results) -> Result<Option<Timeline>, DrawError> {
    let (nodes, classes) = numbered(results);
    let words = words(results);
    if nodes.is_empty() {
        return Ok(None);
    }
    let mut packed = Vec::new();
    let mut unit = UNITS[UNITS.len() - 1];
    let fine = UNITS
        .into_iter()
        .filter(|unit| results.horizon.0 / (unit * 1000) <= TICKS);
    for candidate in fine.chain([unit]) {
        unit = candidate;
        packed = results
            .arms
            .iter()
            .map(|arm| pack(&arm.label, &arm.log.states, (&nodes, &words), candidate))
            .collect::<Result<Vec<_>, _>>()?;
        if packed.iter().map(Packed::size).sum::<usize>() <= ROOM {
            break;
        }
    }
    let states = (0..STATES.len()).map(|at| State {
        name: name(at),
        text: STATES[at].2,
        ink: hex(STATES[at].1),
    });
    Ok(Some(Timeline {
        states: states.collect(),
        class: nodes.values().map(|node| node.class).collect(),
        nodes: nodes.keys().map(|node| one_line(node).into_owned()).collect(),
        classes: classes.iter().map(|class| one_line(class).into_owned()).collect(),
        words: words.iter().skip(1).map(|word| one_line(word).into_owned()).collect(),
        unit,
        horizon: results.horizon.0.div_ceil(unit * 1000),
        warm: results.warm_up.as_ref().map_or(0, |it| it.cut.0 / (unit * 1000)),
        fleet: fleet(results).1,
        arms: packed,
    }))
}

impl Packed {
    fn size(&self) -> usize {
        [&self.counts, &self.lengths, &self.states, &self.whose]
            .iter()
            .map(|text| text.len())
            .sum()
    }
}

fn pack(
    label: &str,
    rows: &[StateRow],
    (nodes, words): (&IndexMap<&str, Place>, &IndexSet<&str>),
    unit: u64,
) -> Result<Packed, DrawError> {
    let mut courses: Vec<Vec<&StateRow>> = vec![Vec::new(); nodes.len()];
    for row in rows {
        courses[nodes[row.node.as_str()].row].push(row);
    }
    let [mut counts, mut lengths, mut states, mut whose] = [const { Vec::new() }; 4];
    for course in courses {
        let before = states.len();
        let mut end = 0;
        for row in course {
            let state = STATES
                .iter()
                .position(|state| state.0 == row.state)
                .unwrap_or(STATES.len() - 1);
            let least = end + u64::from(state < NEVER_LOST);
            let to = ((row.to.0 + unit * 500) / (unit * 1000)).max(least);
            if to > end {
                leb128(&mut lengths, to - end);
                leb128(&mut states, state as u64);
                leb128(&mut whose, words.get_index_of(row.whose.as_str()).unwrap_or(0) as u64);
                end = to;
            }
        }
        // A state takes one byte.
        leb128(&mut counts, (states.len() - before) as u64);
    }
    Ok(Packed {
        label: one_line(label).into_owned(),
        counts: deflated(&counts)?,
        lengths: deflated(&lengths)?,
        states: deflated(&states)?,
        whose: deflated(&whose)?,
    })
}

fn leb128(bytes: &mut Vec<u8>, mut value: u64) {
    while value > 127 {
        bytes.push((value & 127) as u8 | 128);
        value >>= 7;
    }
    bytes.push(value as u8);
}

fn deflated(bytes: &[u8]) -> Result<String, DrawError> {
    let wrong = |e: std::io::Error| DrawError {
        figure: "timeline".to_owned(),
        what: e.to_string(),
    };
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).map_err(wrong)?;
    Ok(base64(&encoder.finish().map_err(wrong)?))
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;
    use crate::cells::rows::NodeState;
    use crate::judge::sample::{SampleWish, results};
    use crate::kernel::Time;

    /// What the script does.
    fn numbers(text: &str) -> Vec<u64> {
        let digit = |b: u8| match b {
            b'A'..=b'Z' => b - b'A',
            b'a'..=b'z' => b - b'a' + 26,
            b'0'..=b'9' => b - b'0' + 52,
            b'+' => 62,
            _ => 63,
        };
        let mut bytes = Vec::new();
        for four in text.as_bytes().chunks(4) {
            let word = four.iter().fold(0_u32, |word, b| {
                word << 6 | u32::from(if *b == b'=' { 0 } else { digit(*b) })
            });
            let some = four.iter().filter(|b| **b != b'=').count() - 1;
            bytes.extend_from_slice(&word.to_be_bytes()[1..=some]);
        }
        let mut inflated = Vec::new();
        flate2::read::DeflateDecoder::new(&bytes[..])
            .read_to_end(&mut inflated)
            .expect("deflated");
        let (mut all, mut value, mut shift) = (Vec::new(), 0, 0);
        for byte in inflated {
            value |= u64::from(byte & 127) << shift;
            shift += 7;
            if byte < 128 {
                all.push(value);
                (value, shift) = (0, 0);
            }
        }
        all
    }

    #[test]
    fn what_is_packed_is_what_was_logged() {
        let sample = results(SampleWish {
            arms: 2,
            replications: 2,
            eventful: true,
        });
        let timeline = timeline(&sample).expect("packed").expect("courses");
        assert_eq!((timeline.unit, timeline.nodes.len()), (60, 40));
        for (arm, packed) in sample.arms.iter().zip(&timeline.arms) {
            let [counts, lengths, states, whose] =
                [&packed.counts, &packed.lengths, &packed.states, &packed.whose].map(|text| numbers(text));
            let mut at = 0;
            for (node, count) in timeline.nodes.iter().zip(counts) {
                let course: Vec<&StateRow> = arm.log.states.iter().filter(|row| row.node == *node).collect();
                let mut end = 0;
                let mut read = Vec::new();
                for k in at..at + count as usize {
                    end += lengths[k];
                    let word = (whose[k] as usize)
                        .checked_sub(1)
                        .map_or("", |at| timeline.words[at].as_str());
                    read.push((end, STATES[states[k] as usize].0, word));
                }
                let logged: Vec<_> = course
                    .iter()
                    .map(|row| ((row.to.0 + 30_000) / 60_000, row.state, row.whose.as_str()))
                    .collect();
                assert_eq!(read, logged, "{node}");
                at += count as usize;
            }
        }
    }

    #[test]
    fn names_sort_by_their_numbers() {
        let mut names = ["gpu-10", "gpu-2", "a", "gpu-2b", "gpu"];
        names.sort_by_cached_key(|name| natural(name));
        assert_eq!(names, ["a", "gpu", "gpu-2", "gpu-2b", "gpu-10"]);
    }

    #[test]
    fn what_is_exposed_is_never_lost() {
        let row = |from, to, state| StateRow {
            node: "n".to_owned(),
            class: String::new(),
            whose: String::new(),
            from: Time(from),
            to: Time(to),
            state,
        };
        let rows = [
            row(0, 60_000, NodeState::Free),
            row(60_000, 60_001, NodeState::Exposed),
            row(60_001, 60_002, NodeState::Busy),
            row(60_002, 180_000, NodeState::Free),
        ];
        let nodes = IndexMap::from([("n", Place { row: 0, class: 0 })]);
        let packed = pack("a", &rows, (&nodes, &IndexSet::from([""])), 60).expect("packed");
        assert_eq!(numbers(&packed.lengths), [1, 1, 1]);
        assert_eq!(numbers(&packed.states), [7, 0, 7]);
    }
}
