//! The table of pairs: how often two things have both acted in one run of one world.

use std::collections::BTreeMap;

use super::deeds::DEEDS;

/// Pairs that never act together, and why. A part of a name stands for all that contain it.
const APART: &[(&str, &str, &str)] = &[
    (
        "lease heals",
        "lease expires",
        "a lease that expires has a length, and begins at a gap that holds it: no other falls into it",
    ),
    ("lease degrades", "lease expires", "as for a lease that is healed"),
];

/// How often each pair has acted.
pub type Pairs = BTreeMap<(&'static str, &'static str), u64>;

/// How often two have acted together, or, for one and itself, at all.
pub fn count(pairs: &Pairs, one: &'static str, two: &'static str) -> u64 {
    let (first, second) = (one.min(two), one.max(two));
    pairs.get(&(first, second)).copied().unwrap_or(0)
}

/// The pairs that have never acted together and have no reason for it.
pub fn missing(pairs: &Pairs) -> Vec<String> {
    let mut missing = Vec::new();
    for (at, one) in DEEDS.iter().enumerate() {
        for two in &DEEDS[at..] {
            let excused = |(a, b, _): &&(&str, &str, &str)| {
                (one.contains(a) && two.contains(b)) || (one.contains(b) && two.contains(a))
            };
            if count(pairs, one, two) == 0 && !APART.iter().any(|apart| excused(&apart)) {
                missing.push(format!("{one} and {two}"));
            }
        }
    }
    missing
}

/// The table: a row for each that acts, numbered, with how often it acted with each of the others.
pub fn table(pairs: &Pairs) -> String {
    let mut text = String::new();
    for (at, one) in DEEDS.iter().enumerate() {
        let counts: Vec<String> = DEEDS[..=at]
            .iter()
            .map(|two| format!("{:>5}", count(pairs, one, two)))
            .collect();
        text += &format!("{:>2} {one:<30} {}\n", at + 1, counts.join(" "));
    }
    text
}

#[test]
fn a_pair_is_counted_whichever_comes_first() {
    let pairs: Pairs = [(("fault", "wait in line"), 3)].into_iter().collect();
    assert_eq!(
        (count(&pairs, "wait in line", "fault"), count(&pairs, "fault", "cap")),
        (3, 0)
    );
    let missing = missing(&pairs);
    assert!(missing.contains(&"fault and fault".to_owned()));
    assert!(!missing.contains(&"fault and wait in line".to_owned()));
}
