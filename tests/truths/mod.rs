//! Truths that the simulator must meet: models with known answers.

mod claims;
mod coverage;
mod exposed;
pub mod fit;
mod fresh;
mod luck;
mod plan;
mod small;
mod staleness;
mod warmup;

use std::path::Path;

use sickbay::cells::cell::run_cell;
use sickbay::cells::columns::Metric;
use sickbay::scenario::{Scenario, load};

fn scenario(text: &str) -> Scenario {
    load(text, "truth.toml", Path::new("."), &[]).unwrap_or_else(|problems| {
        let text: Vec<String> = problems.iter().map(ToString::to_string).collect();
        panic!("{}", text.join("\n\n"))
    })
}

/// The value of a metric in each replication under the first strategy; Little's law on every run.
fn values(scenario: &Scenario, metric: Metric) -> Vec<f64> {
    let gap = Metric::LittleGap.at();
    let value = |replication| {
        let outcome = run_cell(scenario, 0, replication, &|| false);
        assert!(outcome.values[gap].is_none_or(|gap| gap.abs() < 1e-9), "Little's law");
        outcome.values[metric.at()].expect("a value")
    };
    (0..scenario.replications).map(value).collect()
}

/// Holds a known truth against the 99.9 % t-interval of the replications.
fn covers(values: &[f64], truth: f64, what: &str) {
    let interval = sickbay::stats::estimate::estimate(values, 0.999).expect("replications");
    assert!(
        interval.lo <= truth && truth <= interval.hi,
        "{what}: {truth} is not in [{}, {}]",
        interval.lo,
        interval.hi
    );
    assert!(
        interval.hi - interval.lo < 0.3 * truth,
        "{what}: the interval is too wide to say anything"
    );
}

/// Erlang's loss formula by its recursion (Erlang 1917): blocking of `load` Erlang on `servers`.
pub(crate) fn erlang_b(servers: u32, load: f64) -> f64 {
    (1..=servers).fold(1.0, |blocking, n| load * blocking / (f64::from(n) + load * blocking))
}

const PURE: &str = r#"
strategies = ["naive"]
[control_plane]
loop = "instant"
cap = "none"
pick = "least-recent"
[ironic]
deploy = "0s"
cleaning = "0s"
build_failure = 0
clean_failure = 0
"#;

/// A scenario without maintenance, deploy times or a stale view: `rest` is appended.
fn pure(nodes: u32, horizon: &str, warm_up: &str, rest: &str) -> Scenario {
    let (strategies, tables) = PURE.split_once("\n[").expect("tables");
    scenario(&format!(
        "# Does it hold?\n[scenario]\nname = \"truth\"\nepoch = \"2026-01-01T00:00:00Z\"\nhorizon = \"{horizon}\"\nseed = 7\n\
         replications = 6\nbaseline = \"naive\"\n{strategies}\n[{tables}\n[[fleet.group]]\nclass = \"metal\"\nnodes = {nodes}\n\
         [report]\nwarm_up = \"{warm_up}\"\n{rest}"
    ))
}

#[test]
fn erlang_b_holds_for_three_laws_of_the_hold_time_at_three_loads() {
    for law in [
        "{ exponential = \"10h\" }",
        "\"10h\"",
        // The mean of a lognormal is median × exp(sigma² / 2): 10 h = median × 1.6487 at sigma 1.
        "{ lognormal = { median = \"21835s\", sigma = 1.0 } }",
    ] {
        for load in [14.0, 20.0, 26.0] {
            let per_day = load * 2.4;
            let rest = format!(
                "[[workload]]\nname = \"all\"\ntenants = 1\n[[workload.flavor]]\nclass = \"metal\"\nper_day = {per_day}\nsizes = 1\nhold = {law}\n"
            );
            let scenario = pure(20, "1000d", "10d", &rest);
            covers(
                &values(&scenario, Metric::Acceptance),
                1.0 - erlang_b(20, load),
                &format!("{law} at {load}"),
            );
        }
    }
}

fn faulty(nodes: u32, technicians: u32) -> Scenario {
    let rest = format!(
        "[operators]\ntechnicians = {technicians}\naction = \"0s\"\nslip = 0\n\
         [[maintenance.faults]]\nbetween = {{ exponential = \"100h\" }}\nerrands = {{ counts = [[0, 1]], duration = \"1h\" }}\n\
         [[maintenance.faults.kind]]\nname = \"any\"\nshare = 1\ninterrupts = true\ndeploy_fails = 1\ndetection = \"0s\"\n\
         work = {{ exponential = \"20h\" }}\n"
    );
    pure(nodes, "1000d", "20d", &rest)
}

#[test]
fn a_two_state_node_is_available_mtbf_over_mtbf_plus_mttr() {
    let scenario = faulty(20, 1000);
    let out = values(&scenario, Metric::InMaintenance);
    covers(&out, 20.0 * 20.0 / 120.0, "nodes away");
}

/// The finite-source queue M/M/c//N: the mean number of failed machines by its balance equations
/// (Kleinrock 1975, section 3.8).
#[test]
fn machine_repair_with_few_technicians_queues_as_the_formula_says() {
    let (machines, technicians, ratio) = (20_u32, 2_u32, 0.2_f64);
    let mut weights = vec![1.0];
    for n in 0..machines {
        let up = f64::from(machines - n) * ratio;
        let down = f64::from((n + 1).min(technicians));
        weights.push(weights[n as usize] * up / down);
    }
    let total: f64 = weights.iter().sum();
    let failed: f64 = weights.iter().enumerate().map(|(n, w)| n as f64 * w).sum::<f64>() / total;
    covers(
        &values(&faulty(machines, technicians), Metric::InMaintenance),
        failed,
        "machines failed",
    );
}
