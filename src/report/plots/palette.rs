//! The looks of strategies: each name has its colour and its dashes, the same in every figure and on the page.

use super::canvas::Ink;
use crate::strategy::ROSTER;

/// How a strategy is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StrategyLook {
    /// Its place among the looks, 0 to 11: the page's classes `k0` to `k11`.
    pub slot: usize,
    /// Its colour.
    pub ink: Ink,
    /// Its dashes, in units of the page: drawn and left out in turn; none for a whole line.
    pub dashes: &'static [f64],
}

/// The looks. Colours are told apart with the common colour blindnesses and have a contrast of 3 with the paper at
/// least; no two have the same dashes, so that they are told apart in grey.
const INKS: [Ink; 12] = [
    Ink(0x00, 0x72, 0xb2),
    Ink(0xb8, 0x78, 0x00),
    Ink(0x00, 0x79, 0x5a),
    Ink(0xa8, 0x48, 0x7e),
    Ink(0xc0, 0x4f, 0x00),
    Ink(0x2f, 0x86, 0xb8),
    Ink(0x11, 0x4b, 0x5f),
    Ink(0x6f, 0x6f, 0x6f),
    Ink(0x6b, 0x7d, 0x00),
    Ink(0x8a, 0x4b, 0x2a),
    Ink(0x5b, 0x4f, 0xc4),
    Ink(0xb3, 0x12, 0x3f),
];

/// Dashes by look.
const DASHES: [&[f64]; 12] = [
    &[],
    &[9.0, 4.0],
    &[3.0, 3.0],
    &[12.0, 3.0, 3.0, 3.0],
    &[2.0, 6.0],
    &[24.0, 4.0],
    &[9.0, 3.0, 2.0, 3.0, 2.0, 3.0],
    &[6.0, 8.0],
    &[18.0, 3.0, 6.0, 3.0],
    &[3.0, 3.0, 3.0, 9.0],
    &[14.0, 9.0],
    &[18.0, 3.0, 2.0, 3.0, 2.0, 3.0, 2.0, 3.0],
];

/// With this the labels of the shipped scenarios have looks of their own in each of them.
const SALT: u32 = 137;

/// The looks of the strategies of a figure by their labels.
///
/// The four strategies of the roster have the first four looks, whatever else is compared. Any other label has the look
/// that its letters give (FNV-1a, 32 bits). Only where two labels of one figure would share a look, the later one in the
/// order of the alphabet takes the next that is free; beyond twelve strategies looks repeat.
#[must_use]
pub fn looks<'a>(labels: impl IntoIterator<Item = &'a str>) -> Vec<StrategyLook> {
    let labels: Vec<&str> = labels.into_iter().collect();
    let mut slots: Vec<Option<usize>> = labels.iter().map(|label| of_roster(label)).collect();
    let mut others: Vec<usize> = (0..labels.len()).filter(|at| slots[*at].is_none()).collect();
    others.sort_by_key(|at| labels[*at]);
    for at in others {
        let wish = of_letters(labels[at]);
        let next = (0..INKS.len()).map(|step| (wish + step) % INKS.len());
        let own = ROSTER.len()..INKS.len();
        let free = |slot: &usize| !slots.contains(&Some(*slot));
        // A look of the roster only where there is no other left.
        let slot = next.clone().filter(|slot| own.contains(slot)).find(free);
        slots[at] = Some(slot.or_else(|| next.clone().find(free)).unwrap_or(wish));
    }
    slots.into_iter().map(|slot| look(slot.unwrap_or(0))).collect()
}

fn look(slot: usize) -> StrategyLook {
    StrategyLook {
        slot,
        ink: INKS[slot],
        dashes: DASHES[slot],
    }
}

fn of_roster(label: &str) -> Option<usize> {
    ROSTER.iter().position(|entry| entry.name == label)
}

fn of_letters(label: &str) -> usize {
    let mixed = label.bytes().fold(0x811c_9dc5 ^ SALT, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    let others = INKS.len() - ROSTER.len();
    ROSTER.len() + (mixed ^ (mixed >> 15)) as usize % others
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const LEAKY: [&str; 7] = [
        "withdraw",
        "spec-only",
        "flavor-spec-70",
        "flavor-spec-100",
        "post-filter",
        "resource-class",
        "isolated-aggregate",
    ];

    #[test]
    fn a_name_has_one_look_wherever_it_stands_and_whatever_stands_beside_it() {
        let all = looks(LEAKY);
        for (label, look) in LEAKY.into_iter().zip(&all) {
            assert_eq!(looks([label])[0], *look, "{label}");
        }
        let mut turned = LEAKY;
        turned.reverse();
        assert_eq!(looks(turned), all.iter().rev().copied().collect::<Vec<_>>());
        let roster = looks(ROSTER.map(|entry| entry.name));
        assert_eq!(roster.iter().map(|look| look.slot).collect::<Vec<_>>(), [0, 1, 2, 3]);
        assert_eq!(looks(["tenant-reservation"])[0], roster[3]);
    }

    #[test]
    fn no_two_of_twelve_look_alike() {
        let labels: Vec<String> = (0..12).map(|at| format!("strategy {at}")).collect();
        let slots: BTreeSet<usize> = looks(labels.iter().map(String::as_str))
            .iter()
            .map(|look| look.slot)
            .collect();
        assert_eq!(slots.len(), 12);
        for kinds in [
            INKS.map(|ink| format!("{ink:?}")),
            DASHES.map(|dashes| format!("{dashes:?}")),
        ] {
            assert_eq!(kinds.iter().collect::<BTreeSet<_>>().len(), 12);
        }
    }
}
