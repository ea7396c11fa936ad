//! How old a fact is when the scheduler sees it: from a change at any time to the next pass, and until the pass
//! has come to the node. The passes are the real service's (`tests/fixtures/oracle/more/periodic_probe.txt`).

use super::{PURE, scenario, values};
use sickbay::cells::columns::Metric;

/// The mean age of what passes write, in s: `nodes` in one compute service, `per_node` ms each.
fn mean_age(nodes: u32, per_node: u32, hold: &str, per_day: f64, workers: u32) -> f64 {
    let plane = PURE.replace(
        "loop = \"instant\"",
        &format!(
            "loop = {{ period = \"60s\", per_node = \"{per_node}ms\" }}\nupdate_resources_max_workers = {workers}"
        ),
    );
    let (strategies, tables) = plane.split_once("\n[").expect("tables");
    let text = format!(
        "# How old?\n[scenario]\nname = \"staleness\"\nhorizon = \"2000d\"\nseed = 7\nreplications = 4\n{strategies}\n[{tables}\n\
         [[fleet.group]]\nclass = \"metal\"\nnodes = {nodes}\n[report]\nwarm_up = \"1d\"\n\
         [[workload]]\nname = \"all\"\ntenants = 1\n[[workload.flavor]]\nclass = \"metal\"\nper_day = {per_day}\nsizes = 1\n\
         hold = {{ exponential = \"{hold}\" }}\n"
    );
    let ages = values(&scenario(&text), Metric::ViewAgeMean);
    ages.iter().sum::<f64>() / ages.len() as f64
}

/// Changes come at any time, so that a gap is met as often as it is long; half of it is to wait (renewal theory:
/// E[G²] / 2 E[G], and the recorded gaps of these passes hardly vary). Every place in the pass is as likely.
#[test]
fn a_facts_age_is_half_a_gap_of_the_real_service_and_the_way_to_its_place() {
    for (nodes, per_node, hold, gap, workers) in [
        // A pass of 10 s begins every 61.0 s, one of 900 s every 956.9 s, one of an hour every 3,658 s.
        (20, 500, "30h", 61.0, 1),
        (20, 45_000, "200h", 956.9, 1),
        (36, 100_000, "900h", 3_658.2, 1),
        // Four at a time: the pass of an hour takes a quarter of it, and begins as one of 900 s does.
        (36, 100_000, "900h", 956.9, 4),
    ] {
        let way = (1..=nodes).map(|place: u32| f64::from(place.div_ceil(workers) * per_node) / 1e3);
        let truth = gap / 2.0 + way.sum::<f64>() / f64::from(nodes);
        let hours: f64 = hold.trim_end_matches('h').parse().expect("hours");
        let ours = mean_age(nodes, per_node, hold, f64::from(nodes) * 0.6 * 24.0 / hours, workers);
        assert!(
            (ours / truth - 1.0).abs() < 0.03,
            "{nodes} {per_node}: {ours}, not {truth}"
        );
    }
}
