//! The warm-up where it is known how the system fills.

use sickbay::cells::cell::measure_cell;
use sickbay::cells::columns::Metric;
use sickbay::cells::engine::Engine;
use sickbay::cells::warmup::settle;
use sickbay::kernel::Span;
use sickbay::scenario::{Scenario, WarmUpRule};

use super::pure;

/// So many nodes that nobody is refused: M/M/∞, 200 Erlang of holds of ten hours, from empty. After `t` it is full to
/// 1 - exp(-t / 10 h).
fn filling(horizon: &str) -> Scenario {
    let rest = "[[workload]]\nname = \"all\"\ntenants = 1\n[[workload.flavor]]\nclass = \"metal\"\nper_day = 480\nsizes = 1\n\
                hold = { exponential = \"10h\" }\n";
    let mut scenario = pure(400, horizon, "0s", rest);
    scenario.reporting.warm_up = WarmUpRule::Mser5;
    scenario
}

/// The mean of `occupied` over two replications.
fn occupied(scenario: &Scenario) -> f64 {
    let at = Metric::Occupied.at();
    let value = |replication| measure_cell(scenario, 0, replication, &|| false).values[at].expect("a value");
    (value(0) + value(1)) / 2.0
}

#[test]
fn an_exponential_filling_is_cut_after_a_few_of_its_time_constants() {
    let scenario = filling("20d");
    let settled = settle(&scenario, &[0], Engine::here(&|| false), &|_| ()).expect("a warm-up");
    let cut = settled.warm_up.cut;
    // After two time constants 13.5 % are missing, which is twice the noise of 14 nodes in 200; after eight, nothing.
    assert!(cut >= Span::hours(20) && cut <= Span::hours(80), "{cut}");
    assert!(!settled.warm_up.too_much());
    assert_eq!((settled.warm_up.pilots, settled.warm_up.series.len()), (5, 1));
    // Uncut, the mean lacks 200 * 10 h / 480 h = 4.2 nodes. Cut, it is the truth but for noise.
    let (raw, cut) = (occupied(&scenario), occupied(&settled.scenario));
    assert!(cut > raw + 2.0 && (cut - 200.0).abs() < 4.0, "{raw}, {cut}");
}

#[test]
fn a_run_that_ends_before_the_fleet_is_full_is_warned_of() {
    // A time constant and a half: the fleet still fills at the end.
    let scenario = filling("15h");
    let warm_up = settle(&scenario, &[0], Engine::here(&|| false), &|_| ())
        .expect("a warm-up")
        .warm_up;
    assert!(warm_up.too_much() && warm_up.cut <= Span::hours(8), "{warm_up:?}");
    let warning = warm_up.warning().expect("a warning");
    assert!(warning.contains("occupied under naive has not settled"), "{warning}");
}
