//! The packed recordings, family by family: what the first generators do not reach.

use std::collections::BTreeMap;

use serde_json::Value;
use sickbay::scheduler::nova::FILTERS;

use super::{Tally, cloud, filters, packed, placement};

/// The family of a case: its id without the number.
fn family(case: &Value) -> String {
    let id = case["id"].as_str().unwrap_or("");
    let bare = id.rsplit_once('-').map_or(id, |(family, _)| family);
    bare.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned()
}

/// Judges a recording family by family; prints the counts, and fails if anything differs.
fn by_family(name: &str, judge: impl Fn(&mut Tally, &Value, &Value)) {
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    for (case, real) in packed::cases(name) {
        let family = family(&case);
        let tally = tallies
            .entry(family)
            .or_insert_with_key(|family| Tally::of(&format!("{name} {family}")));
        judge(tally, &case, &real);
    }
    Tally::finish_all(tallies.into_values());
}

#[test]
fn oracle_more_filters_are_those_of_nova() {
    for name in ["hard.filters", "s77.filters", "unmodelled.filters"] {
        by_family(name, |tally, case, real| filters::judge(tally, &FILTERS, case, real));
    }
}

#[test]
fn oracle_more_candidates_are_those_of_placement() {
    for name in ["hard.placement", "s77.placement"] {
        by_family(name, placement::judge);
    }
}

#[test]
fn oracle_more_decisions_are_those_of_nova() {
    for name in ["hard.cloud", "s77.cloud", "flav.cloud", "e2e.cloud"] {
        by_family(name, cloud::judge);
    }
}
