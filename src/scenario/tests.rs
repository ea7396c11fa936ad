//! Scenario files load, print and load again.

use std::path::Path;

use super::{effective, load};

const SMALL: &str = r#"# Is it small?
# It is.

[scenario]
name = "small"
horizon = "30d"

[[fleet.group]]
class = "compute"
nodes = 10
racks = 2
traits = ["GPU"]

[[workload]]
name = "people"
tenants = 3
rescue = { share = 0.1 }
on_refusal = { wait = "6h" }

[[workload.flavor]]
class = "compute"
per_day = 4
sizes = [[1, 3], [2, 1]]
hold = { quantiles = [[0, "30s"], [0.5, "8h"], [1, "60d"]] }
traits = ["GPU"]

[[workload]]
name = "gangs"
[[workload.request]]
at = "2h"
class = "compute"
count = 3
hold = "1d"
name = "gang"

[maintenance]
errands = { counts = 2 }

[[maintenance.faults]]
between = { weibull = { scale = "60d", shape = 1.5 } }
[[maintenance.faults.kind]]
work = "4h"

[[maintenance.campaign]]
start = "7d"
work = "30m"
window = ["22:00", "06:00"]
budget = { scope = "rack", nodes = 2 }

[[maintenance.spell]]
node = "compute-3"
start = "2d"
end = "2024-01-05T00:00:00Z"
"#;

fn shown(problems: &[super::Problem]) -> String {
    problems.iter().map(|p| format!("{p}\n")).collect()
}

#[test]
fn the_effective_file_loads_to_the_same_scenario() {
    let base = Path::new("");
    let first = load(SMALL, "small.toml", base, &[]).unwrap_or_else(|p| panic!("{}", shown(&p)));
    let printed = effective(SMALL, "small.toml", base, &[]).unwrap_or_else(|p| panic!("{}", shown(&p)));
    let second = load(&printed, "effective.toml", base, &[]).unwrap_or_else(|p| panic!("{printed}\n{}", shown(&p)));
    assert_eq!(first.digest, second.digest, "{printed}");
    assert_eq!(first.question, "Is it small?\nIt is.");
    assert_eq!(first.question, second.question);
}
