//! Wrong input: every case names the file, the line, the key and the fix, and nothing is run.

mod idle;
mod one;

use std::path::Path;

use sickbay::scenario::{Problem, load, load_file};

/// A scenario that is right; each case spoils it.
const RIGHT: &str = r#"# Is it right?

[scenario]
name = "right"
epoch = "2024-01-01T00:00:00Z"
horizon = "30d"
strategies = ["withdraw", "naive"]
baseline = "withdraw"

[[fleet.group]]
class = "compute"
nodes = 4
traits = ["GPU"]

[[workload]]
name = "people"

[[workload.flavor]]
class = "compute"
per_day = 2.0
hold = { exponential = "8h" }

[[workload]]
name = "listed"

[[workload.request]]
at = "2h"
class = "compute"
count = 2
hold = "4h"

[maintenance]
drain = "tenant-leaves"

[[maintenance.spell]]
node = "compute-1"
start = "2d"
end = "3d"

[operators]
slip = 0.1
"#;

/// One spoiled scenario.
struct Case {
    /// What is replaced in the right scenario; it must occur there.
    from: &'static str,
    /// By what.
    to: &'static str,
    /// The line on which the problem is told.
    line: usize,
    /// Words of the message: the key or value.
    says: &'static str,
    /// Words of the fix.
    fix: &'static str,
}

const fn case(from: &'static str, to: &'static str, line: usize, says: &'static str, fix: &'static str) -> Case {
    Case {
        from,
        to,
        line,
        says,
        fix,
    }
}

/// Spoiled keys and values of the file itself.
const CASES: &[Case] = &[
    Case {
        from: "name = \"people\"\n",
        to: "name = \"people\"\ntrend = { every = \"7d\", rates = [0.0] }\n",
        line: 17,
        says: "trend.rates",
        fix: "one number for each stretch",
    },
    Case {
        from: "name = \"people\"\n",
        to: "name = \"people\"\ntrend = { every = \"7d\", rate = [1.0] }\n",
        line: 17,
        says: "trend.rate",
        fix: "rates",
    },
    Case {
        from: "name = \"listed\"\n",
        to: "name = \"listed\"\ntrend = { rates = [1.0] }\n",
        line: 25,
        says: "trend",
        fix: "workload.flavor",
    },
    Case {
        from: "per_day = 2.0\n",
        to: "per_day = 2.0\nmin_count = 9\nsizes = 9\n",
        line: 22,
        says: "9 machines are asked for",
        fix: "at most 4",
    },
    Case {
        from: "per_day = 2.0\n",
        to: "per_day = 2.0\nlead = { exponential = \"0s\" }\n",
        line: 21,
        says: "lead.exponential",
        fix: "above 0",
    },
    // Lines, gangs and quotas.
    case(
        "name = \"listed\"",
        "name = \"listed\"\nline = \"fifo\"",
        25,
        "workload.1.line",
        "open",
    ),
    case(
        "name = \"listed\"",
        "name = \"listed\"\nmulti = \"novae\"",
        25,
        "novae",
        "nova",
    ),
    case(
        "slip = 0.1",
        "slip = 0.1\n[control_plane]\nquota = 0",
        43,
        "control_plane.quota",
        "whole number",
    ),
    case(
        "slip = 0.1",
        "slip = 0.1\n[control_plane]\nclass_quota = { comput = 2 }",
        43,
        "no node has the class `comput`",
        "compute",
    ),
    case(
        "slip = 0.1",
        "slip = 0.1\n[control_plane]\nclass_quota = { compute = \"two\" }",
        43,
        "control_plane.class_quota.compute",
        "{ gpu = 2 }",
    ),
    case(
        "slip = 0.1",
        "slip = 0.1\n[[control_plane.tenant_quota]]\ntenant = \"peeple\"",
        43,
        "no workload has the tenant `peeple`",
        "people",
    ),
    case(
        "slip = 0.1",
        "slip = 0.1\n[[control_plane.tenant_quota]]\ntenant = \"people\"\n[[control_plane.tenant_quota]]\ntenant = \"people\"",
        42,
        "two of `tenant_quota`",
        "keep one",
    ),
    // Lengths of time.
    case("hold = \"4h\"", "hold = \"36,000s\"", 30, "has a comma", "36000s"),
    case("hold = \"4h\"", "hold = \"1,5h\"", 30, "has a comma", "1.5h"),
    case(
        "hold = \"4h\"",
        "hold = \"0.0001s\"",
        30,
        "finer than a millisecond",
        "36h",
    ),
    // Names that carry luck.
    case(
        "per_day = 2.0\nhold = { exponential = \"8h\" }",
        "per_day = 2.0\nhold = \"8h\"\nname = \"f\"\n[[workload.flavor]]\nclass = \"compute\"\nper_day = 2.0\nhold = \"8h\"\nname = \"f\"",
        27,
        "two flavors of this workload are called `f`",
        "another `name`",
    ),
    case(
        "drain = \"tenant-leaves\"",
        "faults = [{ name = \"f\", between = \"9d\", kind = [{ work = \"1h\" }] }, { name = \"f\", between = \"9d\", kind = [{ work = \"1h\" }] }]",
        33,
        "two laws of faults are called `f`",
        "another `name`",
    ),
    case(
        "drain = \"tenant-leaves\"",
        "faults = [{ between = { pareto = { least = \"9d\", index = 1.0 } }, kind = [{ work = \"1h\" }] }]",
        33,
        "has no mean",
        "age = \"new\"",
    ),
    // Not TOML, or not the right keys.
    case("[operators]", "[operators", 40, "not TOML", "correct the spelling"),
    case("slip = 0.1", "slip = = 0.1", 41, "not TOML", "correct the spelling"),
    case(
        "traits = [\"GPU\"]",
        "capabilities = \"uefi\"",
        13,
        "a table of texts",
        "boot_mode",
    ),
    case(
        "traits = [\"GPU\"]",
        "aggregates = [\"az1\"]",
        13,
        "no aggregate `az1`",
        "[[fleet.aggregate]]",
    ),
    case(
        "traits = [\"GPU\"]",
        "[[fleet.aggregate]]\nname = \"az1\"\nconductor_groups = [\"defualt\"]",
        15,
        "conductor group `defualt`",
        "`default`",
    ),
    case(
        "per_day = 2.0",
        "per_day = 2.0\ngroup = { name = \"db\", policy = \"apart\" }",
        21,
        "apart",
        "anti-affinity",
    ),
    case(
        "hold = \"4h\"",
        "hold = \"4h\"\ngroup = { name = \"db\", policy = \"affinity\" }\n[[workload.request]]\nat = \"3h\"\nclass = \"compute\"\n\
         hold = \"4h\"\ngroup = { name = \"db\", policy = \"anti-affinity\" }",
        36,
        "another policy elsewhere",
        "another name",
    ),
    case(
        "slip = 0.1",
        "[control_plane]\ntraits_created = \"no\"",
        42,
        "traits_created",
        "true",
    ),
    case(
        "per_day = 2.0",
        "per_day = 2.0\nimage_properties = [\"a\"]",
        21,
        "a table of texts",
        "",
    ),
    case(
        "per_day = 2.0",
        "per_day = 2.0\nquery = \"gpu-3\"",
        21,
        "no JSON list",
        "hypervisor_hostname",
    ),
    case(
        "per_day = 2.0",
        "per_day = 2.0\nextra_specs = [\"a\"]",
        21,
        "a table of texts",
        "extra specs",
    ),
    case(
        "name = \"right\"",
        "name = \"right\"\nname = \"twice\"",
        5,
        "not TOML",
        "correct the spelling",
    ),
    case(
        "horizon = \"30d\"",
        "horizn = \"30d\"",
        6,
        "unknown key `scenario.horizn`",
        "`horizon`",
    ),
    case(
        "horizon = \"30d\"",
        "# no horizon",
        3,
        "lacks `horizon`",
        "add `horizon = \"90d\"`",
    ),
    case(
        "[operators]\nslip",
        "[operator]\nslip",
        40,
        "unknown key `operator`",
        "`operators`",
    ),
    case(
        "slip = 0.1",
        "period = \"60s\"",
        41,
        "unknown key `operators.period`",
        "`[control_plane.loop]`",
    ),
    case(
        "per_day = 2.0",
        "per_dya = 2.0",
        20,
        "unknown key `workload.0.flavor.0.per_dya`",
        "`per_day`",
    ),
    // Times.
    case("horizon = \"30d\"", "horizon = 30", 6, "no unit", "\"90s\""),
    case(
        "horizon = \"30d\"",
        "horizon = \"30\"",
        6,
        "`30` has no unit",
        "\"90s\"",
    ),
    case("horizon = \"30d\"", "horizon = \"3 months\"", 6, "months", "\"365d\""),
    case("horizon = \"30d\"", "horizon = \"1y\"", 6, "years", "days or weeks"),
    case(
        "horizon = \"30d\"",
        "horizon = \"soon\"",
        6,
        "`soon` is not a length of time",
        "with its unit",
    ),
    case(
        "horizon = \"30d\"",
        "horizon = \"0s\"",
        6,
        "`scenario.horizon` is \"0s\"",
        "a time from 1ms",
    ),
    case(
        "horizon = \"30d\"",
        "horizon = \"2023-06-01T00:00:00Z\"",
        6,
        "before the epoch",
        "later instant",
    ),
    case(
        "epoch = \"2024-01-01T00:00:00Z\"",
        "epoch = \"2024-01-01\"",
        5,
        "RFC 3339",
        "offset",
    ),
    case("hold = \"4h\"", "hold = \"-4h\"", 30, "negative", "with its unit"),
    case(
        "hold = \"4h\"",
        "hold = \"1us\"",
        30,
        "finer than a millisecond",
        "with its unit",
    ),
    case(
        "end = \"3d\"",
        "end = \"1d\"",
        38,
        "`end` is not after `start`",
        "after its start",
    ),
    // Laws, shares and counts.
    case(
        "{ exponential = \"8h\" }",
        "{ exponental = \"8h\" }",
        21,
        "`exponental` is no law",
        "`exponential`",
    ),
    case(
        "{ exponential = \"8h\" }",
        "{ exponential = \"0s\" }",
        21,
        "is 0",
        "above 0",
    ),
    case(
        "{ exponential = \"8h\" }",
        "{ weibull = { scale = \"8h\" } }",
        21,
        "lacks `shape`",
        "shape = 1.5",
    ),
    case(
        "{ exponential = \"8h\" }",
        "{ quantiles = [[0, \"2h\"], [1, \"1h\"]] }",
        21,
        "never fall",
        "rising times",
    ),
    case(
        "{ exponential = \"8h\" }",
        "{ quantiles = [[0, \"1h\"], [0.9, \"2h\"]] }",
        21,
        "probability 0 to",
        "from 0 to 1",
    ),
    case(
        "per_day = 2.0",
        "per_day = 2.0\nsizes = [[1, 0], [2, 0.0]]",
        21,
        "weights sum to 0",
        "above 0",
    ),
    case(
        "per_day = 2.0",
        "per_day = -1",
        20,
        "`workload.0.flavor.0.per_day` is -1",
        "from 0",
    ),
    case(
        "slip = 0.1",
        "slip = 1.5",
        41,
        "`operators.slip` is 1.5",
        "a share from 0 to 1",
    ),
    case(
        "slip = 0.1",
        "slip = \"often\"",
        41,
        "`operators.slip` takes",
        "slip = 0.02",
    ),
    case("nodes = 4", "nodes = 0", 12, "`fleet.group.0.nodes` is 0", "from 1"),
    // Names.
    case("\"naive\"]", "\"nave\"]", 7, "no strategy `nave`", "`naive`"),
    case(
        "\"naive\"]",
        "{ name = \"naive\", takn = \"wait\" }]",
        7,
        "no parameter `takn`",
        "`taken`",
    ),
    case(
        "\"naive\"]",
        "{ name = \"naive\", taken = \"push\" }]",
        7,
        "`taken` of `naive`",
        "wait",
    ),
    case(
        "\"naive\"]",
        "\"withdraw\"]",
        7,
        "two strategies are labelled `withdraw`",
        "label = ",
    ),
    case(
        "baseline = \"withdraw\"",
        "baseline = \"withdrawn\"",
        8,
        "baseline `withdrawn`",
        "`withdraw`",
    ),
    case(
        "class = \"compute\"\ncount",
        "class = \"comptue\"\ncount",
        28,
        "no node has the class `comptue`",
        "`compute`",
    ),
    case(
        "per_day = 2.0",
        "per_day = 2.0\ntraits = [\"GPUS\"]",
        21,
        "no node has the trait `GPUS`",
        "`GPU`",
    ),
    case("count = 2", "count = 9", 29, "9 machines are asked for", "at most 4"),
    case(
        "node = \"compute-1\"",
        "node = \"compute-9\"",
        36,
        "no node `compute-9`",
        "`compute-",
    ),
    case(
        "name = \"listed\"",
        "name = \"people\"",
        24,
        "two workloads are called `people`",
        "another `name`",
    ),
    case(
        "name = \"right\"",
        "name = \"../right\"",
        4,
        "cannot name a results folder",
        "letters, digits",
    ),
    case(
        "drain = \"tenant-leaves\"",
        "drain = \"never\"",
        33,
        "`drain` is \"never\"",
        "at-once",
    ),
    case(
        "name = \"listed\"",
        "name = \"listed\"\ntenants = 3",
        25,
        "`tenants` belongs to flavors",
        "remove it",
    ),
    case(
        "end = \"3d\"",
        "end = \"3d\"\n[[maintenance.spell]]\nnode = \"compute-1\"\nstart = \"60h\"",
        41,
        "of one kind overlap",
        "make them one",
    ),
    case(
        "end = \"3d\"",
        "end = \"3d\"\n[[maintenance.campaign]]\nstart = \"2d\"\nwork = \"2h\"\nwindow = [\"22:00\", \"22:00\"]",
        42,
        "begins and ends at the same hour",
        "leave the key out",
    ),
    case(
        "end = \"3d\"",
        "end = \"3d\"\n[[maintenance.campaign]]\nstart = \"2d\"\nwork = \"2h\"\ndays = [\"sat\", \"sunday\"]",
        42,
        "no day `sunday`",
        "`sun`",
    ),
    case(
        "end = \"3d\"",
        "end = \"3d\"\n[[maintenance.campaign]]\nstart = \"2d\"\nwork = \"2h\"\nwindow = [\"08:00\", \"09:00\"]\nfinish = \"inside\"",
        42,
        "work of 2h never fits",
        "a longer window",
    ),
    case(
        "end = \"3d\"",
        "end = \"3d\"\n[[maintenance.campaign]]\nstart = \"2d\"\nwork = \"2h\"\nannounce = \"soon\"",
        42,
        "announce",
        "write a time",
    ),
    case(
        "horizon = \"30d\"",
        "horizon = \"30d\"\ntime_zone = \"Europe/Berln\"",
        7,
        "there is no time zone `Europe/Berln`",
        "`Europe/Berlin`",
    ),
    case(
        "[operators]",
        "[[maintenance.campaign]]\nstart = \"2d\"\nwork = \"2h\"\nwindow = [\"22:00\", \"06:00\"]\n[operators]\n\
         shift = [\"08:00\", \"16:00\"]",
        43,
        "never meet the technicians' shift",
        "overlap",
    ),
    case(
        "[operators]",
        "[[maintenance.campaign]]\nstart = \"29d\"\nwork = \"2h\"\ndays = [\"sun\"]\n[operators]",
        43,
        "do not come between its start and the horizon",
        "an earlier start",
    ),
    // Files.
    case(
        "[[fleet.group]]\nclass = \"compute\"\nnodes = 4\ntraits = [\"GPU\"]",
        "[fleet]\nsource = \"none.csv\"",
        11,
        "no such file",
        "sickbay import",
    ),
    case(
        "[[fleet.group]]\nclass = \"compute\"\nnodes = 4\ntraits = [\"GPU\"]",
        "[fleet]",
        10,
        "the fleet has no nodes",
        "nodes.csv",
    ),
    case(
        "drain = \"tenant-leaves\"",
        "trace = \".\"",
        33,
        "directory",
        "CSV file",
    ),
];

fn told(problems: &[Problem]) -> String {
    problems.iter().map(|problem| format!("{problem}\n\n")).collect()
}

fn load_wrong(text: &str, overrides: &[(&str, &str)]) -> Vec<Problem> {
    let overrides: Vec<(String, String)> = overrides
        .iter()
        .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
        .collect();
    match load(text, "wrong.toml", Path::new(""), &overrides) {
        Ok(_) => panic!("this loads, and should not:\n{text}\n{overrides:?}"),
        Err(problems) => problems,
    }
}

fn assert_told(problems: &[Problem], file: &str, line: usize, says: &str, fix: &str) {
    let fits =
        |p: &&Problem| p.file.ends_with(file) && p.line == line && p.message.contains(says) && p.fix.contains(fix);
    let Some(problem) = problems.iter().find(fits) else {
        panic!(
            "no problem at {file}:{line} says `{says}` with the fix `{fix}`, but:\n{}",
            told(problems)
        );
    };
    let text = problem.to_string();
    let first = text.lines().next().unwrap_or_default();
    assert!(
        first.starts_with(&format!("{}:{line}:{}: ", problem.file, problem.column)),
        "{first}"
    );
}

#[test]
fn the_right_scenario_loads() {
    if let Err(problems) = load(RIGHT, "right.toml", Path::new(""), &[]) {
        panic!("{}", told(&problems));
    }
}

#[test]
fn every_wrong_key_and_value_is_told_with_its_place_and_fix() {
    for case in CASES {
        assert!(RIGHT.contains(case.from), "{}", case.from);
        let problems = load_wrong(&RIGHT.replacen(case.from, case.to, 1), &[]);
        assert_told(&problems, "wrong.toml", case.line, case.says, case.fix);
    }
}

#[test]
fn all_problems_of_a_file_are_told_at_once_and_in_order() {
    let spoiled = RIGHT
        .replace("slip = 0.1", "slip = 2\nslipp = 1")
        .replace("\"naive\"", "\"nave\"")
        .replace("hold = \"4h\"", "hold = 4");
    let problems = load_wrong(&spoiled, &[("fleet.scal", "1")]);
    let places: Vec<(&str, usize)> = problems.iter().map(|p| (p.file.as_str(), p.line)).collect();
    assert_eq!(
        places,
        [
            ("wrong.toml", 7),
            ("wrong.toml", 30),
            ("wrong.toml", 41),
            ("wrong.toml", 42),
            ("--set", 1)
        ],
        "{}",
        told(&problems)
    );
}

#[test]
fn the_offending_text_is_underlined() {
    let problems = load_wrong(&RIGHT.replace("horizon =", "horizn ="), &[]);
    assert!(
        problems
            .iter()
            .any(|p| p.snippet.contains("horizn = \"30d\"") && p.snippet.contains("^^^^^^")),
        "{}",
        told(&problems)
    );
}

#[test]
fn wrong_overrides_are_told_as_of_the_command_line() {
    for (key, value, says, fix) in [
        ("fleet.scal", "0.5", "unknown key `fleet.scal`", "`scale`"),
        ("fleet.scale", "0", "`fleet.scale` is 0", "above 0"),
        ("fleet.scale", "much", "`fleet.scale` takes a number", "scale"),
        ("workload.5.scale", "2", "`workload` is a list of 2", "by its number"),
        (
            "fleet.group.gpu.nodes",
            "2",
            "or by their names compute, and",
            "by its name",
        ),
        ("workload.peopel.scale", "2", "by their names", "`workload.people`"),
        ("workload.0.flavor.none.per_day", "2", "`none` is none", "by its name"),
        ("strategies", "[\"withdraw\"", "not TOML", "quote"),
        ("strategies", "withdrawal", "no strategy `withdrawal`", "`withdraw`"),
        ("control_plane.loop.period", "60", "no unit", "\"60s\""),
        ("control_plane.loop", "never", "neither instant", "\"instant\""),
        (
            "control_plane.tenant_aggregates",
            "maybe",
            "none of off, limit, required",
            "off",
        ),
        (
            "control_plane.filters",
            "[\"JsonFliter\"]",
            "no filter `JsonFliter`",
            "`JsonFilter`",
        ),
        ("control_plane.cap", "0", "`control_plane.cap` is 0", "from 1"),
        (
            "report.precision",
            "{ metric = \"refused\", half_width = \"2\" }",
            "`2` is no width",
            "\"0.2pp\"",
        ),
        ("report.precision", "{ half_width = 2 }", "lacks `metric`", "acceptance"),
        ("report.warm_up", "mser", "`mser`: neither", "\"mser-5\""),
        (
            "maintenance.campaign",
            "[{ name = \"k\", start = \"1d\", budget = { nodes = 1 }, work = \"1h\" }, \
              { name = \"k\", start = \"2d\", budget = { nodes = 1 }, work = \"1h\" }]",
            "two campaigns are called `k`",
            "another `name`",
        ),
        ("report.warm_up", "14", "a bare number has no unit", "\"14h\""),
        ("report.warm_up", "900d", "nothing is left", "cut less"),
        ("report.log_replications", "3", "takes a list", "such as [0, 3]"),
        (
            "report.log_replications",
            "[-1]",
            "-1 is no replication",
            "counted from 0",
        ),
        (
            "report.log_replications",
            "[\"0\"]",
            "is no replication",
            "counted from 0",
        ),
        (
            "report.best",
            "{ metric = \"refused\", indifference = \"5%\" }",
            "would move with what is compared",
            "\"0.5pp\"",
        ),
        ("costs", "{ breach = 5 }", "lacks `unit`", "EUR"),
        ("costs", "{ unit = \"EUR\" }", "has no price", "breach"),
        ("costs", "{ unit = \"EUR\", breech = 5 }", "breech", "`breach`"),
        (
            "costs",
            "{ unit = \"EUR\", breach = -5 }",
            "`costs.breach` is -5",
            "at least 0",
        ),
        (
            "costs",
            "{ unit = \"EUR\", breach = \"much\" }",
            "costs.breach",
            "at least 0",
        ),
        ("costs", "{ unit = \"a b\", breach = 5 }", "no unit of money", "\"EUR\""),
        (
            "costs",
            "{ unit = \"EUR\", breach = 5, matters = \"2pp\" }",
            "money is no share",
            "\"1%\"",
        ),
        ("costs", "3", "costs", "table"),
        ("..", "1", "not a dotted key", "--set fleet.scale"),
    ] {
        assert_told(&load_wrong(RIGHT, &[(key, value)]), "--set", 1, says, fix);
    }
}

const NODES: &str = "node_id,resource_class\nn1,compute\nn2,compute\n";
const REQUESTS: &str = "request_id,arrival_s,start_s,hold_s,tenant,resource_class,count\nr1,0,0,3600,a,compute,1\nr2,5,5,3600,a,compute,2\n";
const ASKS: &str = "[[workload]]\nname = \"all\"\ntenants = 2\n\
                    [[workload.flavor]]\nclass = \"compute\"\nper_day = 1\nsizes = 1\nhold = \"1h\"\n";
const SPELLS: &str = "node_id,start_s,end_s\nn1,100,200\nn2,100,\n";

/// A scenario over three files, one of which is given; the others are right.
fn load_files(file: &str, bytes: &[u8]) -> Result<(), Vec<Problem>> {
    let folder = tempfile::tempdir().map_err(|_| Vec::new())?;
    let scenario = "[scenario]\nname = \"files\"\nhorizon = \"9d\"\n[fleet]\nsource = \"nodes.csv\"\n\
                    [[workload]]\ntrace = \"requests.csv\"\n[maintenance]\ntrace = \"maintenance.csv\"\n";
    let all = [
        ("nodes.csv", NODES),
        ("requests.csv", REQUESTS),
        ("maintenance.csv", SPELLS),
        ("scenario.toml", scenario),
    ];
    for (name, text) in all {
        let bytes = if name == file { bytes } else { text.as_bytes() };
        std::fs::write(folder.path().join(name), bytes).map_err(|_| Vec::new())?;
    }
    load_file(&folder.path().join("scenario.toml"), &[]).map(|_| ())
}

#[test]
fn right_files_load() {
    if let Err(problems) = load_files("", b"") {
        panic!("{}", told(&problems));
    }
}

#[test]
fn wrong_files_are_told_with_their_own_lines() {
    let cases: &[(&str, &[u8], usize, &str, &str)] = &[
        ("scenario.toml", b"", 1, "the scenario is empty", "[scenario]"),
        ("scenario.toml", b"[scenario]\nname = \"\xff\"\n", 2, "not UTF-8", "UTF-8"),
        ("nodes.csv", b"", 1, "empty", "header"),
        ("nodes.csv", b"node_id,resource_class\n", 1, "no node", "at least one node"),
        ("nodes.csv", b"node,resource_class\nn1,compute\n", 1, "column `node_id`", "add it"),
        ("nodes.csv", b"node_id,resource_class\nn1,compute\nn1,compute\n", 3, "n1", ""),
        ("nodes.csv", b"node_id,resource_class\nn1,comp\xff\n", 2, "UTF-8", "UTF-8"),
        ("nodes.csv", b"node_id,resource_class\nn1,compute\nn2,compute\nn3", 4, "fields", "cut short"),
        (
            "requests.csv",
            b"request_id,arrival_s,start_s,hold_s,tenant,resource_class,count\nr1,0,0,-5,a,compute,1\n",
            2,
            "`-5` is negative",
            "seconds",
        ),
        (
            "requests.csv",
            b"request_id,arrival_s,start_s,hold_s,tenant,resource_class,count\nr1,0,0,5,a,computer,1\n",
            2,
            "no node has the class `computer`",
            "`compute`",
        ),
        (
            "requests.csv",
            b"request_id,arrival_s,start_s,hold_s,tenant,resource_class,count\nr1,0,0,5,a,compute,1\nr1,0,0,5,a,compute,1\n",
            3,
            "r1",
            "",
        ),
        (
            "requests.csv",
            b"request_id,arrival_s,start_s,hold_s,tenant,resource_class,count\nr1,0,0,5,a,compute,99999\n",
            2,
            "`99999` machines are too many",
            "at most",
        ),
        (
            "requests.csv",
            b"request_id,arrival_s,start_s,hold_s,tenant,resource_class,count,node_id\nr1,0,0,5,a,compute,1,n3\n",
            2,
            "column `node_id`: there is no node `n3`",
            "known are `n1`, `n2`",
        ),
        (
            "requests.csv",
            b"request_id,arrival_s,start_s,hold_s,tenant,resource_class,count,node_id\nr1,0,0,5,a,compute,1,n2\nr2,0,0,9,a,compute,1,n2\n",
            3,
            "`r1` runs on `n2` at the begin, too",
            "one machine runs one instance",
        ),
        (
            "requests.csv",
            b"request_id,arrival_s,start_s,hold_s,tenant,resource_class,count,node_id\nr1,0,0,5,a,compute,2,n2\n",
            2,
            "2 machines cannot run on one node",
            "a row for each machine",
        ),
        (
            "requests.csv",
            b"request_id,arrival_s,start_s,hold_s,tenant,resource_class,count,end_known\nr1,0,0,5,a,compute,1,perhaps\n",
            2,
            "`perhaps` is neither yes nor no",
            "`true` or `false`",
        ),
        (
            "requests.csv",
            b"request_id,arrival_s,start_s,hold_s,tenant,resource_class,count,age_s\nr1,0,0,5,a,compute,1,-3\n",
            2,
            "column `age_s`: `-3` is negative",
            "seconds",
        ),
        ("maintenance.csv", b"node_id,start_s,end_s\nn9,100,200\n", 2, "no node `n9`", "n1"),
        ("maintenance.csv", b"node_id,start_s,end_s\nn1,100,200\nn1,150,250\n", 3, "n1", ""),
        ("maintenance.csv", b"node_id,start_s,end_s\nn1,300,200\n", 2, "column `end_s`", "after its start"),
    ];
    for (file, bytes, line, says, fix) in cases {
        match load_files(file, bytes) {
            Ok(()) => panic!("this loads, and should not: {file}\n{}", String::from_utf8_lossy(bytes)),
            Err(problems) => assert_told(&problems, file, *line, says, fix),
        }
    }
}

/// A node that joins later, and one that another workload's trace has a request on.
#[test]
fn seats_that_nobody_can_have_are_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let put = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("a file");
    put(
        "nodes.csv",
        "node_id,resource_class,available_from_s\nn1,compute,0\nn2,compute,60\n",
    );
    let header = "request_id,arrival_s,start_s,hold_s,tenant,resource_class,count,node_id\n";
    put("later.csv", &format!("{header}r1,0,0,5,a,compute,1,n2\n"));
    put("one.csv", &format!("{header}r1,0,0,5,a,compute,1,n1\n"));
    put(
        "two.csv",
        &format!("{header}r7,0,0,5,a,compute,1,n1\nr8,5,5,5,a,compute,1,n1\n"),
    );
    let wrong = |traces: &[&str]| {
        let workloads: String = traces
            .iter()
            .map(|file| format!("[[workload]]\ntrace = \"{file}\"\n"))
            .collect();
        let text =
            format!("[scenario]\nname = \"seats\"\nhorizon = \"9d\"\n[fleet]\nsource = \"nodes.csv\"\n{workloads}");
        load(&text, "seats.toml", folder.path(), &[]).err().unwrap_or_default()
    };
    let later = wrong(&["later.csv"]);
    assert_told(
        &later,
        "later.csv",
        2,
        "`n2` joins the fleet later",
        "be there from the begin",
    );
    assert_eq!(later.len(), 1, "{}", told(&later));
    let two = wrong(&["one.csv", "two.csv"]);
    assert_told(
        &two,
        "two.csv",
        2,
        "`r1` runs on `n1` at the begin, too of `",
        "one machine",
    );
    // Later rows are placed by the run, wherever they were.
    assert_eq!(two.len(), 1, "{}", told(&two));
    assert!(wrong(&["two.csv"]).is_empty());
}

#[test]
fn a_copy_that_takes_another_nodes_name_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let nodes = "node_id,resource_class\nn1,compute\nn1-x2,compute\n";
    std::fs::write(folder.path().join("nodes.csv"), nodes).expect("nodes");
    let text = |scale: u32| {
        format!(
            "[scenario]\nname = \"twice\"\nhorizon = \"9d\"\n[fleet]\nsource = \"nodes.csv\"\nscale = {scale}\n{ASKS}"
        )
    };
    let loaded = |scale| load(&text(scale), "twice.toml", folder.path(), &[]);
    assert!(loaded(1).is_ok(), "{}", told(&loaded(1).err().unwrap_or_default()));
    let problems = loaded(2).err().unwrap_or_default();
    assert_told(
        &problems,
        "twice.toml",
        4,
        "two nodes are called `n1-x2`",
        "another `name`",
    );
    assert_eq!(problems.len(), 1, "{}", told(&problems));
}

#[test]
fn a_missing_scenario_and_a_directory_are_told() {
    for (path, says, fix) in [("no/such.toml", "no such file", ".toml"), (".", "directory", "inside")] {
        match load_file(Path::new(path), &[]) {
            Ok(_) => panic!("{path} loads, and should not"),
            Err(problems) => assert_told(&problems, path, 1, says, fix),
        }
    }
}

#[test]
fn metrics_that_goals_cannot_have_are_told() {
    for (key, value, says, fix) in [
        ("report.metrics", "[\"refusd\"]", "no metric `refusd`", "`refused`"),
        (
            "report.metrics",
            "[\"cost{part=breach}\"]",
            "no part `breach`",
            "`[costs]`",
        ),
        (
            "report.precision",
            "{ metric = \"refused\", half_width = \"2pp\" }",
            "`refused` is no share",
            "(count)",
        ),
        (
            "report.best",
            "{ metric = \"requests\", indifference = 2 }",
            "`requests` has no good side",
            "`acceptance`",
        ),
    ] {
        let overrides = [(key.to_owned(), value.to_owned())];
        let loaded = load(RIGHT, "wrong.toml", Path::new("."), &overrides);
        let scenario = loaded.unwrap_or_else(|problems| panic!("{}", told(&problems)));
        assert_told(&sickbay::judge::named::problems(&scenario), "--set", 1, says, fix);
    }
}
