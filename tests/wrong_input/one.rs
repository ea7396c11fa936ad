//! One mistake, one diagnostic, and no false advice: what newcomers type, each against a scenario that is right otherwise. The
//! neighbours of a mistake (what hangs on the value that is wrong) say nothing.

use std::path::Path;

use sickbay::scenario::load;

use super::told;

const DRAFT: &str = r#"[scenario]
name = "draft"
horizon = "30d"
strategies = ["withdraw", "naive"]

[[fleet.group]]
class = "compute"
nodes = 30

[[workload]]
name = "people"
tenants = 3

[[workload.flavor]]
class = "compute"
per_day = 12
sizes = [[1, 0.7], [2, 0.3]]
hold = { exponential = "24h" }

[[workload]]
name = "listed"

[[workload.request]]
at = "2h"
class = "compute"
count = 4
hold = "4h"

[maintenance]
errands = { counts = [[1, 1]], duration = "2h" }

[[maintenance.spell]]
node = "compute-20"
start = "2d"
end = "3d"

[[maintenance.faults]]
between = { exponential = "200d" }
kind = [{ name = "disk", work = { lognormal = { median = "2h", sigma = 0.5 } } }]

[[maintenance.campaign]]
name = "fw"
start = "10d"
work = "45m"
budget = { nodes = 3 }
window = ["22:00", "06:00"]

[operators]
technicians = 2
slip = 0.02
"#;

const BETWEEN: &str = "between = { exponential = \"200d\" }";
const HOLD: &str = "hold = { exponential = \"24h\" }";
const NODES: &str = "nodes = 30";
const SIZES: &str = "sizes = [[1, 0.7], [2, 0.3]]";
const KIND: &str = "kind = [{ name = \"disk\", work = { lognormal = { median = \"2h\", sigma = 0.5 } } }]";
const BUDGET: &str = "budget = { nodes = 3 }";
const ERRANDS: &str = "errands = { counts = [[1, 1]], duration = \"2h\" }";

/// What is typed, in place of what, the line of the one diagnostic, and words of it and of its fix.
const MISTAKES: &[(&str, &str, usize, &str, &str)] = &[
    // Laws.
    (
        BETWEEN,
        "between = { exponental = \"200d\" }",
        38,
        "`exponental` is no law",
        "`exponential`",
    ),
    (
        BETWEEN,
        "between = { exponential = 200 }",
        38,
        "has no unit",
        "\"200h\"",
    ),
    (
        BETWEEN,
        "between = { exponential = \"200 d ays\" }",
        38,
        "not a length of time",
        "\"45d\"",
    ),
    (
        BETWEEN,
        "betwen = { exponential = \"200d\" }",
        38,
        "unknown key `maintenance.faults.0.betwen`",
        "`between`",
    ),
    (
        BETWEEN,
        "between = \"exponential\"",
        38,
        "not a length of time",
        "\"45d\"",
    ),
    (
        BETWEEN,
        "between = { weibull = { scale = \"200d\" } }",
        38,
        "lacks `shape`",
        "shape = 1.5",
    ),
    (
        BETWEEN,
        "between = { weibull = { scal = \"200d\", shape = 1.2 } }",
        38,
        "weibull.scal`",
        "`scale`",
    ),
    (
        BETWEEN,
        "between = { weibull = \"200d\" }",
        38,
        "takes a table",
        "shape = 1.5",
    ),
    (
        BETWEEN,
        "between = { exponential = { mean = \"200d\" } }",
        38,
        "takes a length of time",
        "\"45d\"",
    ),
    (BETWEEN, "", 37, "lacks `between`", "between = "),
    (HOLD, "hold = 24", 18, "has no unit", "\"24h\""),
    (HOLD, "hold = \"24\"", 18, "", "\"36h\""),
    (
        HOLD,
        "hold = { exponential = \"1,000h\" }",
        18,
        "has a comma",
        "without a mark",
    ),
    (
        HOLD,
        "hold = { mean = \"24h\" }",
        18,
        "`mean` is no law",
        "`exponential`",
    ),
    (HOLD, "hold = exponential(24h)", 18, "not TOML", "spelling"),
    (
        HOLD,
        "hold = { lognormal = { mean = \"24h\", sigma = 1 } }",
        18,
        "unknown key",
        "`median`",
    ),
    (
        HOLD,
        "hold = { exponential = \"24h\", lognormal = { median = \"1h\", sigma = 1 } }",
        18,
        "takes one law",
        "keep one",
    ),
    // The fleet, on which much hangs.
    (NODES, "nodes = -30", 8, "is -30, outside of 1", "whole number"),
    (NODES, "nodes = \"30\"", 8, "not text", "nodes = 30"),
    (NODES, "nodes = 0", 8, "is 0, outside of 1", "whole number"),
    (NODES, "nodes = 30.5", 8, "whole number", ""),
    (NODES, "nodes = 3,000", 8, "not TOML", "`nodes = 3000`"),
    (NODES, "node = 30", 8, "unknown key `fleet.group.0.node`", "`nodes`"),
    (NODES, "", 6, "lacks `nodes`", "nodes = 16"),
    (
        "class = \"compute\"\nnodes",
        "clas = \"compute\"\nnodes",
        7,
        "unknown key `fleet.group.0.clas`",
        "`class`",
    ),
    ("class = \"compute\"\nnodes", "nodes", 6, "lacks `class`", "class = "),
    (
        "class = \"compute\"\nper_day",
        "class = \"computer\"\nper_day",
        15,
        "no node has the class `computer`",
        "`compute`",
    ),
    // Brackets, and tables that stand elsewhere.
    (
        "[[workload]]\nname = \"people\"",
        "[workload]\nname = \"people\"",
        0,
        "",
        "",
    ),
    (
        "[[fleet.group]]",
        "[fleet.group]",
        6,
        "takes a list of tables",
        "`[[fleet.group]]`",
    ),
    (
        "[[fleet.group]]",
        "[fleet]",
        7,
        "unknown keys `fleet.class`, `fleet.nodes`",
        "`[fleet.group]`",
    ),
    ("[[fleet.group]]", "[[group]]", 6, "unknown key `group`", "`[fleet]`"),
    (
        "[[fleet.group]]",
        "[[fleet.groups]]",
        6,
        "unknown key `fleet.groups`",
        "`group`",
    ),
    (
        "[[workload.flavor]]",
        "[workload.flavor]",
        14,
        "`workload.flavor` takes a list of tables",
        "`[[workload.flavor]]`",
    ),
    (
        "[[workload.flavor]]",
        "[[workload.flavour]]",
        14,
        "unknown key `workload.0.flavour`",
        "`flavor`",
    ),
    (
        "[[maintenance.faults]]",
        "[maintenance.faults]",
        37,
        "takes a list of tables",
        "`[[maintenance.faults]]`",
    ),
    (
        "[[maintenance.faults]]",
        "[[maintenance.fault]]",
        37,
        "unknown key `maintenance.fault`",
        "`faults`",
    ),
    (
        "[[maintenance.faults]]",
        "[[faults]]",
        37,
        "unknown key `faults`",
        "`[maintenance]`",
    ),
    (
        "[[maintenance.campaign]]",
        "[[maintenance.campaigns]]",
        41,
        "unknown key",
        "`campaign`",
    ),
    ("[scenario]", "[scenarios]", 1, "unknown key `scenarios`", "`scenario`"),
    ("[operators]", "[operator]", 48, "unknown key `operator`", "`operators`"),
    // Numbers.
    ("per_day = 12", "per_day = \"12\"", 16, "not text", "per_day = 12"),
    ("per_day = 12", "per_day = 1,200", 16, "not TOML", "`per_day = 1200`"),
    ("per_day = 12", "per_day = \"1,200\"", 16, "not text", "per_day = 1200"),
    ("per_day = 12", "per_day = -12", 16, "is -12", "from 0"),
    ("per_day = 12", "perday = 12", 16, "unknown key", "`per_day`"),
    ("slip = 0.02", "slip = 0,02", 50, "not TOML", "`slip = 0.02`"),
    ("slip = 0.02", "slip = \"2%\"", 50, "not text", "slip = 0.02"),
    ("slip = 0.02", "slip = 2", 50, "is 2, and takes a share", "2 % is 0.02"),
    (
        "technicians = 2",
        "technicians = \"two\"",
        49,
        "not text",
        "technicians",
    ),
    ("technicians = 2", "technician = 2", 49, "unknown key", "`technicians`"),
    (SIZES, "sizes = [1, 2]", 17, "an entry is [count, weight]", "[1, 0.7]"),
    (
        SIZES,
        "sizes = [[1, 0.7], [2, 0,3]]",
        17,
        "an entry is [count, weight]",
        "with a point",
    ),
    (
        SIZES,
        "sizes = [[1, 0.7], [40, 0.3]]",
        17,
        "40 machines are asked for",
        "at most 30",
    ),
    // Budgets.
    (
        BUDGET,
        "budget = { share = 10 }",
        45,
        "is 10, and takes a share",
        "10 % is 0.1",
    ),
    (
        BUDGET,
        "budget.share = 10",
        45,
        "is 10, and takes a share",
        "10 % is 0.1",
    ),
    (BUDGET, "budget = { share = \"10%\" }", 45, "not text", "share = 0.1"),
    (BUDGET, "budget = 3", 45, "takes a table", "budget = "),
    (BUDGET, "budget = { node = 3 }", 45, "unknown key", "`nodes`"),
    (BUDGET, "budget = { nodes = -3 }", 45, "is -3", "whole number"),
    (BUDGET, "budget = { nodes = 3, share = 0.1 }", 45, "either", ""),
    // Kinds of faults, and what faults and campaigns inherit.
    (
        KIND,
        "kind = { name = \"disk\", work = \"2h\" }",
        39,
        "takes a list of tables",
        "kind = [{ … }]",
    ),
    (
        KIND,
        "kind = [\"disk\"]",
        39,
        "takes a list of tables, not text",
        "work",
    ),
    (
        KIND,
        "kind = [{ name = \"disk\", worl = \"2h\" }]",
        39,
        "unknown key",
        "`work`",
    ),
    (KIND, "kind = []", 39, "sum to 0", "share above 0"),
    (
        ERRANDS,
        "errands = { count = [[1, 1]], duration = \"2h\" }",
        30,
        "unknown key `maintenance.errands.count`",
        "`counts`",
    ),
    (ERRANDS, "errands = 2", 30, "takes a table", "errands = {}"),
    (
        ERRANDS,
        "errands = { counts = [[1, 1]], duration = 2 }",
        30,
        "has no unit",
        "\"2h\"",
    ),
    // What there is to choose from.
    (
        "\"withdraw\", \"naive\"",
        "\"widraw\", \"naive\"",
        4,
        "widraw",
        "withdraw",
    ),
    (
        "horizon = \"30d\"",
        "horizont = \"30d\"",
        3,
        "unknown key `scenario.horizont`",
        "`horizon`",
    ),
    ("horizon = \"30d\"", "horizon = 30", 3, "has no unit", "\"30h\""),
    ("horizon = \"30d\"", "", 1, "lacks `horizon`", "horizon = "),
    (
        "node = \"compute-20\"",
        "node = \"compute-31\"",
        33,
        "no node `compute-31`",
        "compute-3",
    ),
    (
        "tenants = 3",
        "tenants = \"3\"",
        12,
        "`tenants` is not understood",
        "a number",
    ),
    // Keys that came later.
    (
        "tenants = 3",
        "tenants = 3\ngrowth_a_year = -1",
        13,
        "is -1, and takes a number from -0.99",
        "from -0.99 to 100",
    ),
    (
        "name = \"listed\"",
        "name = \"listed\"\ngrowth_a_year = 0.2",
        22,
        "`growth_a_year` belongs to flavors",
        "remove it",
    ),
    (
        "name = \"listed\"",
        "name = \"listed\"\nrunning_hold = \"3d\"",
        22,
        "`running_hold` belongs to a trace",
        "`end_known`",
    ),
    (
        NODES,
        "nodes = 30\nfrom = \"soon\"",
        9,
        "not a length of time",
        "\"45d\"",
    ),
    (
        NODES,
        "nodes = 30\nfrom = \"2024-02-01\"\nuntil = \"2024-01-15\"",
        10,
        "leave before they have come",
        "after `from`",
    ),
];

#[test]
fn one_mistake_is_one_diagnostic() {
    let right = load(DRAFT, "draft.toml", Path::new("."), &[]);
    assert!(right.is_ok(), "{}", told(&right.err().unwrap_or_default()));
    let mut wrong = Vec::new();
    for (from, to, line, says, fix) in MISTAKES {
        assert!(DRAFT.contains(from), "{from}");
        let text = DRAFT.replacen(from, to, 1);
        let problems = load(&text, "draft.toml", Path::new("."), &[]).err().unwrap_or_default();
        let fits = match &problems[..] {
            [one] => (one.line == *line || *line == 0) && one.message.contains(says) && one.fix.contains(fix),
            _ => false,
        };
        if !fits {
            wrong.push(format!("{to}: {} diagnostics\n{}", problems.len(), told(&problems)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Two mistakes that have nothing to do with each other are both told.
#[test]
fn several_mistakes_are_told_each_once() {
    let text = DRAFT
        .replacen(BETWEEN, "between = { exponental = \"200d\" }", 1)
        .replacen(BUDGET, "budget = { share = 10 }", 1)
        .replacen("slip = 0.02", "slip = 2", 1)
        .replacen("per_day = 12", "perday = \"12\"", 1)
        .replacen(ERRANDS, "errands = 2", 1);
    let problems = load(&text, "draft.toml", Path::new("."), &[]).err().unwrap_or_default();
    // The key and its value are both wrong in `perday = "12"`.
    assert_eq!(problems.len(), 6, "{}", told(&problems));
}
