//! Small scenarios in which two features meet, each reckoned by hand: what the metrics must be.

use sickbay::cells::cell::run_cell;
use sickbay::cells::columns::Metric;

/// What all of them share: no chance, and no time but what is said.
const REST: &str = r#"
control_plane = { loop = "instant", pick = "lowest" QUOTA }
ironic = { deploy = "10m", cleaning = "10m", build_failure = 0.0, clean_failure = 0.0 }
report = { warm_up = "none" }
"#;

/// Why the metrics are what they are, the scenario, and the metrics.
type Case = (&'static str, &'static str, &'static [(Metric, f64)]);

const CASES: &[Case] = &[
    (
        "who still waits for hands at the end has waited, too: c-2 10 h and c-3 12 h of 12",
        r#"scenario = { name = "small", horizon = "12h", strategies = ["withdraw"] }
fleet = { group = [{ class = "c", nodes = 3 }] }
maintenance = { campaign = [{ start = "0s", budget = { nodes = 3 }, work = "10h" }] }
operators = { action = "0s", slip = 0.0, slip_flag = 0.0, technicians = 1 }
"#,
        &[(Metric::TechnicianQueue, 22.0 / 12.0)],
    ),
    (
        "a campaign's hours and a tenant are waited for, and hands stand idle",
        r#"scenario = { name = "small", horizon = "4d", strategies = ["withdraw"] }
fleet = { group = [{ class = "c", nodes = 2 }] }
workload = [{ request = [{ name = "a", at = "0s", class = "c", count = 2, hold = "35h50m" }] }]
maintenance = { campaign = [{ start = "1h", budget = { nodes = 2 }, window = ["00:00", "06:00"], work = "90m" }] }
operators = { action = "0s", slip = 0.0, slip_flag = 0.0, technicians = 2 }
"#,
        &[(Metric::TechnicianQueue, 0.0), (Metric::TechnicianWaitMean, 0.0)],
    ),
    (
        "z2 is refused for the node that z1 has by then, and not for the window of two hours before",
        r#"scenario = { name = "small", horizon = "1d", strategies = ["withdraw"] }
fleet = { group = [{ class = "c", nodes = 1 }] }
workload = [{ on_refusal = { wait = "3h" }, request = [{ name = "z1", at = "80m", tenant = "A", class = "c", hold = "8h" },
    { name = "z2", at = "90m", tenant = "B", class = "c", hold = "1h" }] }]
maintenance = { spell = [{ node = "c-1", start = "1h", end = "2h" }] }
operators = { action = "0s", slip = 0.0, slip_flag = 0.0 }
"#,
        &[(Metric::RefusedClassFull, 1.0), (Metric::RefusedOnlyHidden, 0.0)],
    ),
    (
        "A's quota has long been free when z gives up: B has the node",
        r#"scenario = { name = "small", horizon = "1d", strategies = ["naive"] }
fleet = { group = [{ class = "c", nodes = 1 }, { class = "d", nodes = 1 }] }
workload = [{ on_refusal = { wait = "3h" }, request = [{ name = "x", at = "1h", tenant = "A", class = "d", hold = "1h" },
    { name = "y", at = "70m", tenant = "B", class = "c", hold = "10h" },
    { name = "z", at = "80m", tenant = "A", class = "c", hold = "1h" }] }]
operators = { action = "0s", slip = 0.0, slip_flag = 0.0 }
QUOTA
"#,
        &[(Metric::RefusedClassFull, 1.0), (Metric::RefusedQuota, 0.0)],
    ),
    (
        "x-1 is given back to Y's pool by a slip: who comes to it from there is on X's node",
        r#"scenario = { name = "small", horizon = "1d", strategies = [{ name = "tenant-reservation", pool = "owned" }] }
fleet = { group = [{ class = "c", name = "x", nodes = 1, owner = "X" }, { class = "c", name = "y", nodes = 1, owner = "Y" }] }
workload = [{ on_refusal = { wait = "12h" }, request = [{ name = "y1", at = "3h", tenant = "Y", class = "c", hold = "10h" },
    { name = "y2", at = "5h", tenant = "Y", class = "c", hold = "4h" },
    { name = "x1", at = "330m", tenant = "X", class = "c", hold = "1h" }] }]
maintenance = { spell = [{ node = "x-1", start = "2h", end = "4h" }] }
operators = { action = "0s", slip = 1.0, wrong_pool = 1.0, audit = "6h" }
"#,
        &[(Metric::Breaches, 1.0), (Metric::SlipsFound, 2.0)],
    ),
    (
        "a boot after a wrong one is one more: x-1's, y-1's wrong one, and its right one",
        r#"scenario = { name = "small", horizon = "1d", strategies = [{ name = "tenant-reservation", route = "any" }] }
fleet = { group = [{ class = "c", name = "x", nodes = 1 }, { class = "c", name = "y", nodes = 1 }] }
maintenance = { spells = "as-work", practice_route = "0s", errands = { counts = 1, duration = "30m" }, spell = [
    { node = "x-1", start = "2h", end = "8h" }, { node = "y-1", start = "5h", end = "7h" }] }
operators = { action = "0s", slip = 0.0, slip_flag = 0.0 }
"#,
        &[(Metric::ActionsBoots, 3.0), (Metric::Errands, 2.0)],
    ),
    (
        "an audit does each step that was forgotten: hold and aggregate",
        r#"scenario = { name = "small", horizon = "1d", strategies = ["tenant-reservation"] }
fleet = { group = [{ class = "c", nodes = 1 }] }
maintenance = { campaign = [{ start = "1h", budget = { nodes = 1 }, work = "1h" }] }
operators = { action = "10m", slip = 1.0, audit = "6h" }
"#,
        &[(Metric::Slips, 2.0), (Metric::SlipsFound, 2.0)],
    ),
    (
        "no boot is needed on a node that leaves before anybody has begun, nor on one that is retired; neither is the campaign's",
        r#"scenario = { name = "small", horizon = "1d", strategies = ["hidden-via-extra-spec"] }
fleet = { group = [{ class = "c", name = "r", nodes = 1, retired_at = "3h" }, { class = "c", name = "s", nodes = 1, until = "5h" }] }
workload = [{ request = [{ name = "a", at = "1h", class = "c", hold = "5h", count = 2 }] }]
maintenance = { campaign = [{ start = "2h", budget = { nodes = 2 }, work = "1h", errands = { counts = 2, duration = "30m" } }] }
operators = { action = "0s", slip = 0.0, slip_flag = 0.0 }
"#,
        &[
            (Metric::Errands, 0.0),
            (Metric::ErrandsFailed, 0.0),
            (Metric::CampaignNodes, 0.0),
            (Metric::CampaignNodesDone, 0.0),
        ],
    ),
    (
        "a crew for the campaign's racks is enough",
        r#"scenario = { name = "small", horizon = "2d", strategies = ["withdraw"] }
fleet = { group = [{ class = "c", nodes = 1, rack = "r1" }, { class = "d", nodes = 1, rack = "r2" }] }
maintenance = { campaign = [{ start = "6h", classes = ["c"], budget = { nodes = 1 }, work = "3h" }] }
operators = { action = "0s", crew = [{ technicians = 1, racks = ["r1"] }] }
"#,
        &[(Metric::CampaignNodesDone, 1.0)],
    ),
    (
        "the operators' lease begins after one that was granted before: until then they have only asked",
        r#"scenario = { name = "small", horizon = "1d", strategies = [{ name = "tenant-reservation", mechanism = "blazar-lease" }] }
fleet = { group = [{ class = "c", nodes = 1 }] }
workload = [{ request = [{ name = "d", at = "1h", start = "5h", class = "c", hold = "1h" }] }]
maintenance = { campaign = [{ start = "90m", budget = { nodes = 1 }, work = "1h" }] }
operators = { action = "0s", slip = 0.0, slip_flag = 0.0 }
"#,
        &[
            (Metric::Misplacements, 0.0),
            (Metric::Breaches, 0.0),
            (Metric::ServedWell, 1.0),
        ],
    ),
    (
        "c-1 is retired when its last tenant comes, and breaks later: nobody works on it, and it is not hidden for maintenance",
        r#"scenario = { name = "small", horizon = "1d", strategies = ["withdraw"] }
fleet = { group = [{ class = "c", name = "r", nodes = 1, retired_at = "30m" }, { class = "c", name = "s", nodes = 1 }] }
workload = [{ request = [
    { at = "1h", tenant = "A", class = "c", hold = "1h" },
    { at = "70m", tenant = "B", class = "c", hold = "20h" },
    { at = "8h", tenant = "C", class = "c", hold = "1h" },
] }]
operators = { action = "0s", slip = 0.0, slip_flag = 0.0 }
maintenance = { faults = [{ between = "6h", age = "new", errands = { counts = 0 }, kind = [
    { name = "psu", power = true, interrupts = false, work = "1h", detection = "10m" },
] }] }
"#,
        &[(Metric::RefusedClassFull, 1.0), (Metric::RefusedOnlyHidden, 0.0)],
    ),
    (
        "what takes no time needs nobody's hands: d's two nodes are done while the only technician is at c's",
        r#"scenario = { name = "small", horizon = "8h", strategies = ["withdraw"] }
fleet = { group = [{ class = "c", nodes = 1 }, { class = "d", nodes = 2 }] }
maintenance = { campaign = [{ name = "long", start = "0s", classes = ["c"], budget = { nodes = 1 }, work = "10h" },
    { name = "short", start = "1h", classes = ["d"], budget = { nodes = 3 }, work = "0s", errands = { counts = 0 } }] }
operators = { action = "0s", slip = 0.0, slip_flag = 0.0, technicians = 1 }
"#,
        &[
            (Metric::CampaignNodesDone, 2.0),
            (Metric::CampaignNodesLeft, 1.0),
            (Metric::TechnicianQueue, 0.0),
        ],
    ),
    (
        "a lease that the operators want from 1 h on has not begun after 8 h: they have waited 7 h for it",
        r#"scenario = { name = "small", horizon = "8h", strategies = [{ name = "tenant-reservation", mechanism = "blazar-lease" }] }
fleet = { group = [{ class = "c", nodes = 1 }] }
workload = [{ request = [{ at = "0s", class = "c", hold = "10h" }] }]
maintenance = { spell = [{ node = "c-1", start = "1h", end = "20h" }] }
operators = { action = "0s", slip = 0.0, slip_flag = 0.0 }
"#,
        &[(Metric::LeaseWaitP95, 7.0)],
    ),
    (
        "r serves its tenant until it is given back, but nobody after him: it is schedulable for the first 6 h of 12",
        r#"scenario = { name = "small", horizon = "12h", strategies = ["withdraw"] }
fleet = { group = [{ class = "c", name = "r", nodes = 1, retired_at = "6h" }, { class = "d", nodes = 1 }] }
workload = [{ request = [{ at = "0s", class = "c", hold = "9h" }] }]
operators = { action = "0s", slip = 0.0, slip_flag = 0.0 }
"#,
        &[(Metric::Schedulable, 1.5), (Metric::Installed, 2.0)],
    ),
];

#[test]
fn what_is_reckoned_by_hand_is_what_is_told() {
    for (why, text, wanted) in CASES {
        let quota = if text.contains("QUOTA") { ", quota = 1" } else { "" };
        let text = text.replace("QUOTA", "") + &REST.replace("QUOTA", quota);
        let scenario = super::scenario(&text);
        let outcome = run_cell(&scenario, 0, 0, &|| false);
        for &(metric, value) in *wanted {
            let told = outcome.values[metric.at()];
            assert!(
                told.is_some_and(|told| (told - value).abs() < 1e-6),
                "{why}: {metric:?} is {told:?} and not {value}\n{text}"
            );
        }
    }
}
