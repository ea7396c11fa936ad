//! `check`: goldens, what moves them, what a scenario expects, and the formats.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::{TINY, files_below, sickbay, stderr, stdout, tiny};

/// `tiny.toml` with its golden, of two replications over two days.
fn blessed() -> TempDir {
    let folder = tiny();
    sickbay(&folder, "check tiny.toml --bless --quiet").assert().code(0);
    folder
}

fn golden(folder: &TempDir) -> String {
    fs::read_to_string(folder.path().join("tiny.golden")).expect("there is a golden")
}

fn write(folder: &TempDir, name: &str, text: &str) {
    fs::write(folder.path().join(name), text).expect("a file can be written");
}

/// The answer of a check that exits with `code`.
fn answer(folder: &TempDir, arguments: &str, code: i32) -> String {
    stdout(&sickbay(folder, arguments).assert().code(code))
}

#[test]
fn without_a_golden_there_is_nothing_to_hold_it_against() {
    let folder = tiny();
    let told = stderr(&sickbay(&folder, "check tiny.toml").assert().code(2));
    assert!(
        told.contains("there is no tiny.golden") && told.contains("sickbay check tiny.toml --bless"),
        "{told}"
    );
    assert_eq!(files_below(folder.path()).len(), 1, "nothing may be written");
}

#[test]
fn what_was_blessed_is_unchanged_twice_at_any_thread_count_and_blessed_to_the_same_bytes() {
    let folder = blessed();
    let first = golden(&folder);
    let said = answer(&folder, "check tiny.toml --strict", 0);
    assert!(said.starts_with("tiny: unchanged against tiny.golden"), "{said}");
    assert_eq!(answer(&folder, "check tiny.toml --strict --threads 3", 0), said);
    assert_eq!(
        answer(&folder, "check tiny.golden --strict", 0),
        said,
        "a golden names its scenario"
    );
    sickbay(&folder, "check tiny.toml --bless").assert().code(0);
    assert_eq!(golden(&folder), first);
    assert_eq!(files_below(folder.path()).len(), 2, "nothing else is written");
}

#[test]
fn a_changed_setting_is_caught_and_the_first_differing_decision_named() {
    let folder = blessed();
    for setting in [
        "control_plane.pick=lowest",
        "ironic.deploy=1h",
        "ironic.build_failure=0.9",
        "workload.0.scale=1.5",
    ] {
        let said = answer(&folder, &format!("check tiny.toml --set {setting}"), 1);
        assert!(
            said.contains("FAIL placements: changed in replication"),
            "{setting}: {said}"
        );
        assert!(said.contains("first on day "), "{setting}: {said}");
        assert!(
            said.contains("the first differing decision is decision "),
            "{setting}: {said}"
        );
        assert!(
            said.contains("request r") && said.contains("golden: "),
            "{setting}: {said}"
        );
        assert!(
            said.contains("facts: ") || setting.contains("pick"),
            "{setting}: {said}"
        );
    }
}

#[test]
fn where_decisions_are_the_same_the_first_differing_hour_is_told() {
    // By this seed a view that is never behind changes what comes of the decisions, and none of replication 0.
    let folder = tiny();
    sickbay(&folder, "check tiny.toml --bless --seed 5 --quiet")
        .assert()
        .success();
    let said = answer(
        &folder,
        "check tiny.toml --set control_plane.loop=instant --strategy naive",
        1,
    );
    assert!(said.contains("first on day 1 between 00:00 and 01:00"), "{said}");
    assert!(
        said.contains("every decision of replication 0 is the golden's"),
        "{said}"
    );
    assert!(
        said.contains("this run, on day 1 from 00:00:\n           34m 6s"),
        "{said}"
    );
}

/// With ties to the lowest number, the first request gets the first node, and the golden is of a
/// run that gave it another.
#[test]
fn the_decision_named_is_the_first_that_differs() {
    let folder = tiny();
    sickbay(
        &folder,
        "check tiny.toml --bless --quiet --set control_plane.pick=lowest",
    )
    .assert()
    .code(0);
    let said = answer(
        &folder,
        "check tiny.toml --set control_plane.pick=random --strategy withdraw",
        1,
    );
    let told: Vec<&str> = said
        .lines()
        .skip_while(|line| !line.contains("first differing"))
        .collect();
    assert!(told[1].contains("asks for 1 node of class compute"), "{said}");
    assert!(told[2].contains("claims node compute-"), "{said}");
    let place: u32 = told[0]
        .split("decision is decision ")
        .nth(1)
        .and_then(|rest| rest.split(' ').next())
        .and_then(|place| place.parse().ok())
        .unwrap_or_else(|| panic!("{said}"));
    // Every decision before it claimed what `lowest` claims: the check by hand is a run of both.
    let nodes = |pick: &str| {
        let out = folder.path().join(pick);
        let run = format!("run tiny.toml --quiet --strategy withdraw --set control_plane.pick={pick} --out {pick}");
        sickbay(&folder, &run).assert().code(0);
        let rows = fs::read_to_string(out.join("withdraw/requests.csv")).expect("requests");
        let rows = rows
            .lines()
            .skip(2)
            .map(|row| row.rsplit(',').next().unwrap_or_default().to_owned());
        rows.collect::<Vec<String>>()
    };
    let (lowest, random) = (nodes("lowest"), nodes("random"));
    let first = lowest
        .iter()
        .zip(&random)
        .position(|(a, b)| a != b)
        .expect("they differ");
    assert_eq!(place as usize, first + 1, "{said}\n{lowest:?}\n{random:?}");
}

#[test]
fn settings_replications_and_seed_of_a_bless_are_reused() {
    let folder = tiny();
    let bless = "check tiny.toml --bless --quiet --replications 3 --seed 9 --set fleet.scale=2";
    sickbay(&folder, bless).assert().code(0);
    let kept = golden(&folder);
    for line in [
        "set fleet.scale=2",
        "set scenario.seed=9",
        "set scenario.replications=3",
        "replications 3",
    ] {
        assert!(kept.lines().any(|kept| kept == line), "{line} is not in\n{kept}");
    }
    answer(&folder, "check tiny.toml --strict", 0);
    // A later bless keeps them, and takes the place of what it names.
    sickbay(&folder, "check tiny.toml --bless --quiet --seed 8")
        .assert()
        .code(0);
    let kept = golden(&folder);
    assert!(kept.contains("set scenario.seed=8\n") && !kept.contains("seed=9") && kept.contains("set fleet.scale=2\n"));
}

#[test]
fn reasons_make_the_history() {
    let folder = blessed();
    sickbay(
        &folder,
        "check tiny.toml --bless --quiet --set ironic.deploy=1h --reason slow-images",
    )
    .assert()
    .code(0);
    let kept = golden(&folder);
    let history: Vec<&str> = kept.lines().filter(|line| line.starts_with("history")).collect();
    assert_eq!(history, ["history first recorded", "history slow-images"]);
    sickbay(&folder, "check tiny.toml --reason why").assert().code(2);
}

#[test]
fn a_golden_of_another_format_or_version_says_so() {
    let folder = blessed();
    let kept = golden(&folder);
    write(&folder, "tiny.golden", &kept.replacen("golden 2", "golden 7", 1));
    let told = stderr(&sickbay(&folder, "check tiny.toml").assert().code(2));
    assert!(
        told.contains("tiny.golden:1: this golden has format 7, and this sickbay reads format 2"),
        "{told}"
    );
    // Recorded anew it keeps its history.
    sickbay(&folder, "check tiny.toml --bless --quiet --reason again")
        .assert()
        .code(0);
    assert!(golden(&folder).contains("history first recorded\nhistory again\n"));
    let other = kept.replace("recorded-by 0.", "recorded-by 77.");
    let (body, _) = other.split_once("\nend lines ").expect("a last line");
    let body = format!("{body}\n");
    let sum = sickbay::store::disk::manifest::hex(body.as_bytes());
    let signed = format!("{body}end lines {} sha256 {sum}\n", body.lines().count());
    write(&folder, "tiny.golden", &signed);
    let said = answer(&folder, "check tiny.toml", 0);
    assert!(said.contains("note: the golden was recorded by sickbay 77."), "{said}");
    write(&folder, "tiny.golden", "years of work\n");
    let told = stderr(&sickbay(&folder, "check tiny.toml --bless").assert().code(2));
    assert!(told.contains("tiny.golden:1: not a golden"), "{told}");
    assert_eq!(
        golden(&folder),
        "years of work\n",
        "what is no golden is not overwritten"
    );
}

#[test]
fn a_scenario_that_says_something_else_is_noted_and_fails_when_strict() {
    let folder = blessed();
    // Two filters that no node of this scenario meets: their order places nothing otherwise.
    let swapped = "[control_plane]\nfilters = [\"MaintenanceFilter\", \"AggregateMultiTenancyIsolation\"]\n";
    write(&folder, "tiny.toml", &format!("{TINY}\n{swapped}"));
    let said = answer(&folder, "check tiny.toml", 0);
    assert!(said.contains("note: the scenario is not the one that was recorded: it differs in [control_plane]"));
    let said = answer(&folder, "check tiny.toml --strict", 1);
    assert!(said.contains("FAIL scenario: it differs in [control_plane]"), "{said}");
    // A comment is nothing.
    write(&folder, "tiny.toml", &format!("{TINY}\n# Nothing.\n"));
    assert!(!answer(&folder, "check tiny.toml --strict", 0).contains("note"));
}

#[test]
fn a_strategy_more_or_fewer_is_a_change() {
    let folder = blessed();
    let said = answer(
        &folder,
        "check tiny.toml --set 'scenario.strategies=[\"withdraw\"]'"
            .replace('\'', "")
            .as_str(),
        1,
    );
    assert!(
        said.contains("the golden has this strategy, the scenario has not"),
        "{said}"
    );
    let more = r#"check tiny.toml --set scenario.strategies=["naive","withdraw","tenant-reservation"]"#;
    let said = answer(&folder, more, 1);
    assert!(
        said.contains("the scenario has this strategy, the golden has not"),
        "{said}"
    );
    // Part of them, as asked for, is no change.
    answer(&folder, "check tiny.toml --strategy withdraw", 0);
}

#[test]
fn tolerances_decide_when_they_are_given() {
    let folder = tiny();
    sickbay(&folder, "check tiny.toml --bless --quiet --replications 8")
        .assert()
        .code(0);
    let slower = "check tiny.toml --set ironic.cleaning=5h --strategy naive";
    let said = answer(&folder, slower, 1);
    assert!(said.contains("FAIL placements"), "{said}");
    let said = answer(&folder, &format!("{slower} --tolerance all=0"), 1);
    assert!(
        said.contains("FAIL acceptance: regressed") && !said.contains("FAIL placements"),
        "{said}"
    );
    assert!(said.contains(" 8 pairs (more is better"), "{said}");
    let lenient = format!("{slower} --tolerance all=100000 --tolerance acceptance=1");
    let said = answer(&folder, &lenient, 0);
    assert!(said.contains("tiny: passed") && !said.contains("regressed"), "{said}");
    for (on, code) in [
        ("improved", 1),
        ("not-decided,improved", 1),
        ("changed", 1),
        ("placements", 1),
    ] {
        let fail_on = format!("{slower} --tolerance misplacements=0 --fail-on {on}");
        sickbay(&folder, &fail_on).assert().code(code);
    }
}

#[test]
fn wrong_options_are_named() {
    let folder = blessed();
    for (options, told) in [
        ("--tolerance aceptance=1%", "is it meant as `acceptance`?"),
        ("--tolerance acceptance", "METRIC=AMOUNT"),
        ("--tolerance acceptance=-1", "0 or more"),
        ("--fail-on worse", "give one of placements, regressed"),
        ("--format yaml", "give one of text, json, junit, markdown, github"),
        ("--confidence 95", "a share from 0.5 to 0.999999"),
        ("tiny.toml --golden x.golden", "--golden goes with one scenario"),
        ("--golden x.golden", "there is no x.golden"),
        ("--bless --strategy naive", "cannot be used with"),
    ] {
        let ended = sickbay(&folder, &format!("check tiny.toml {options}")).assert().code(2);
        assert!(stderr(&ended).contains(told), "{options}: {}", stderr(&ended));
    }
}

const EXPECTS: &str = r#"
[[expect]]
never = "automatic placement on a node in maintenance"
strategy = "naive"
why = "to see it broken"

[[expect]]
metric = "installed"
relation = "=="
value = 4

[[expect]]
metric = "acceptance"
relation = ">="
value = 0.0
of = "mean"
"#;

#[test]
fn what_a_scenario_expects_is_verified_with_and_without_a_golden() {
    let folder = tiny();
    write(&folder, "tiny.toml", &format!("{TINY}{EXPECTS}"));
    let said = answer(&folder, "check tiny.toml", 1);
    assert!(said.contains("note: there is no tiny.golden"), "{said}");
    assert!(
        said.contains("FAIL never automatic placement on a node in maintenance: ")
            && said.contains("was sent to node compute-")
            && said.contains("to see it broken")
            && said.contains("expected in tiny.toml:22"),
        "{said}"
    );
    let github = answer(&folder, "check tiny.toml --format github", 1);
    assert!(github.contains("::error file=tiny.toml,line=22,"), "{github}");
    assert!(said.contains("4 expectations hold, 1 expectations broken"), "{said}");
    write(
        &folder,
        "tiny.toml",
        &format!("{TINY}{}", EXPECTS.replace("naive", "withdraw")),
    );
    sickbay(&folder, "check tiny.toml").assert().code(0);
    // They change no run: neither the digest nor a golden knows of them.
    sickbay(&folder, "check tiny.toml --bless --quiet").assert().code(0);
    write(&folder, "tiny.toml", TINY);
    assert!(!answer(&folder, "check tiny.toml --strict", 0).contains("note"));
}

#[test]
fn wrong_expectations_are_problems_of_the_file() {
    let folder = tiny();
    for (expect, told) in [
        (
            "metric = \"aceptance\"\nrelation = \">=\"\nvalue = 1",
            "is it meant as `acceptance`?",
        ),
        ("metric = \"acceptance\"", "lacks its `relation`"),
        (
            "metric = \"acceptance\"\nrelation = \"=>\"\nvalue = 1",
            "which is none of >=, <=",
        ),
        ("never = \"breech\"", "is it meant as `breach`?"),
        ("never = \"breach\"\nvalue = 1", "`value` is for a metric"),
        ("never = \"breach\"\nlonger_than = \"1h\"", "does not last"),
        ("never = \"breach\"\nmetric = \"refused\"", "not both"),
        ("strategy = \"naive\"", "expects nothing"),
        ("never = \"breach\"\nstrategy = \"nave\"", "is it meant as `naive`?"),
    ] {
        write(&folder, "tiny.toml", &format!("{TINY}\n[[expect]]\n{expect}\n"));
        for command in ["check", "validate"] {
            let ended = sickbay(&folder, &format!("{command} tiny.toml")).assert().code(2);
            let said = stderr(&ended);
            assert!(said.contains(told) && said.contains("tiny.toml:"), "{expect}: {said}");
        }
    }
}

#[test]
fn out_has_every_format_and_github_gets_annotations() {
    let folder = blessed();
    let command = "check tiny.toml --set control_plane.pick=lowest --out found --format json";
    let ended = sickbay(&folder, command).env("GITHUB_ACTIONS", "true").assert().code(1);
    let files = files_below(&folder.path().join("found"));
    let names: Vec<&String> = files.keys().collect();
    assert_eq!(
        names,
        ["check.json", "check.md", "check.txt", "check.xml", "manifest.txt"]
    );
    assert_eq!(
        stdout(&ended).as_bytes(),
        files["check.json"],
        "the format is left undisturbed"
    );
    let told = stderr(&ended);
    let line = told
        .lines()
        .find(|line| line.starts_with("::error "))
        .unwrap_or_else(|| panic!("{told}"));
    assert!(
        line.starts_with("::error file=tiny.toml,line=1,title=placements of tiny under naive::changed"),
        "{line}"
    );
    assert!(
        line.contains("%0A") && told.contains("::notice title=sickbay check::failed: "),
        "{told}"
    );
    assert!(!stderr(&sickbay(&folder, command).assert().code(1)).contains("::error"));
}

/// Every shipped scenario is held to a golden but the one whose inputs are not in the repository.
#[test]
fn every_shipped_scenario_has_a_golden_and_is_unchanged() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let scenarios = fs::read_dir(folder.join("scenarios")).expect("the scenarios' folder");
    let paths: Vec<_> = scenarios.map(|entry| entry.expect("an entry").path()).collect();
    let scenarios = paths
        .iter()
        .filter(|path| path.extension().is_some_and(|ending| ending == "toml"));
    let without: Vec<String> = scenarios
        .filter(|path| !path.with_extension("golden").exists())
        .map(|path| path.file_stem().unwrap_or_default().to_string_lossy().into_owned())
        .collect();
    assert_eq!(without, ["chameleon-tacc"]);
    let goldens = paths
        .iter()
        .filter(|path| path.extension().is_some_and(|ending| ending == "golden"));
    let ended = std::process::Command::new(env!("CARGO_BIN_EXE_sickbay"))
        .current_dir(folder)
        .args(["check", "--strict", "--quiet"])
        .args(goldens)
        .output()
        .expect("the program runs");
    let said = String::from_utf8_lossy(&ended.stdout);
    assert!(
        ended.status.success(),
        "{said}\nif that is on purpose: sickbay check --bless --reason \"…\" scenarios/*.golden, and CHANGELOG.md says why"
    );
}
