//! What a scenario assumes: ranges, defaults without a source, and that neither changes a run.

use super::{SMALL, Scenario, load, shown};
use std::path::Path;

fn with(more: &str, settings: &[(&str, &str)]) -> Result<Scenario, String> {
    let settings: Vec<(String, String)> = settings
        .iter()
        .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
        .collect();
    let loaded = load(&format!("{SMALL}\n{more}"), "small.toml", Path::new(""), &settings);
    loaded.map_err(|problems| shown(&problems))
}

fn range(key: &str, low: &str, high: &str) -> String {
    format!("[[assume]]\nkey = \"{key}\"\nlow = {low}\nhigh = {high}\n")
}

#[test]
fn a_range_changes_no_digest_and_knows_its_own_value() {
    let plain = with("", &[]).unwrap_or_else(|told| panic!("{told}"));
    let text = range("operators.slip", "0.003", "0.05") + &range("ironic.deploy.lognormal.median", "\"5m\"", "\"30m\"");
    let ranged = with(&text, &[]).unwrap_or_else(|told| panic!("{told}"));
    assert_eq!(ranged.digest, plain.digest);
    assert_eq!(ranged.effective, plain.effective);
    assert!(ranged.annotated.contains("[[assume]]"));
    let own: Vec<&str> = ranged.plausible.iter().map(|one| one.own.as_str()).collect();
    assert_eq!(own, ["0.02", "\"12m\""]);
    assert_eq!(ranged.warnings, plain.warnings);
    // A default that has a range is told with it, and not among the others.
    let names = |scenario: &Scenario, key: &str| scenario.unsupported.iter().any(|one| one.key == key);
    assert!(names(&plain, "operators.slip") && names(&plain, "ironic.deploy"));
    assert!(!names(&ranged, "operators.slip") && !names(&ranged, "ironic.deploy"));
}

#[test]
fn defaults_without_a_source_are_told_and_typed_or_sourced_ones_are_not() {
    let told = |settings: &[(&str, &str)]| {
        let scenario = with("", settings).unwrap_or_else(|told| panic!("{told}"));
        let pairs = scenario.unsupported.into_iter().map(|one| (one.key, one.value));
        pairs.collect::<Vec<_>>()
    };
    let has = |all: &[(String, String)], key: &str| all.iter().any(|(known, _)| known == key);
    let all = told(&[]);
    assert!(all.contains(&(
        "scenario.strategies.withdraw.out_of_band".to_owned(),
        "\"2h\"".to_owned()
    )));
    assert!(
        has(&all, "operators.audit") && !has(&all, "control_plane.attempts") && !has(&all, "ironic.power_recovery")
    );
    let typed = told(&[
        ("operators.audit", "3d"),
        ("scenario.strategies.withdraw.out_of_band", "1h"),
    ]);
    assert!(!has(&typed, "operators.audit") && !has(&typed, "scenario.strategies.withdraw.out_of_band"));
    // By the other route nothing is deployed by hand.
    let exposed = told(&[("scenario.strategies.withdraw.route", "expose")]);
    assert!(!has(&exposed, "scenario.strategies.withdraw.out_of_band"));
}

#[test]
fn a_wrong_range_is_told_and_one_that_is_not_in_force_is_left_out() {
    for (text, told) in [
        (
            range("operators.slips", "0.1", "0.2"),
            "there is no key `operators.slips`",
        ),
        (
            range("scenario.strategies.withdraw.oob", "0.1", "0.2"),
            "there is no key",
        ),
        (range("operators.slip", "0.2", "0.1"), "is empty"),
        (
            range("operators.audit", "1", "\"2d\""),
            "no range of numbers or of times",
        ),
        (
            range("operators.slip", "0.1", "0.2") + &range("operators.slip", "0.1", "0.3"),
            "has two ranges",
        ),
    ] {
        let problems = with(&text, &[]).err().unwrap_or_default();
        assert!(problems.contains(told), "{text}: {problems}");
    }
    let text = range("control_plane.loop.per_node", "\"1s\"", "\"5s\"");
    assert_eq!(with(&text, &[]).map(|scenario| scenario.plausible.len()), Ok(1));
    let instant = with(&text, &[("control_plane.loop", "instant")]);
    assert_eq!(instant.map(|scenario| scenario.plausible.len()), Ok(0));
    let outside = with(&range("operators.slip", "0.1", "0.2"), &[]).map(|scenario| scenario.warnings);
    assert!(outside.is_ok_and(|warnings| {
        warnings
            .iter()
            .any(|said| said.contains("operators.slip = 0.02 lies outside"))
    }));
}
