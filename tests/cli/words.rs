//! What the program says: help, version, lists, and what is wrong with what it was told.

use std::io::Read;
use std::process::{Command, Stdio};

use super::{files_below, sickbay, stderr, stdout, tiny};

const COMMANDS: [&str; 17] = [
    "init",
    "scenarios",
    "schema",
    "run",
    "explain",
    "sweep",
    "check",
    "compare",
    "plan",
    "whatif",
    "validate",
    "strategies",
    "metrics",
    "help",
    "import",
    "plot",
    "completions",
];

#[test]
fn help_shows_every_command_and_an_example() {
    let folder = tiny();
    let help = stdout(&sickbay(&folder, "--help").assert().code(0));
    assert!(help.contains("sickbay run quickstart"), "{help}");
    for command in COMMANDS {
        assert!(help.contains(&format!("\n  {command}")), "{command} is not in:\n{help}");
        let page = stdout(&sickbay(&folder, &format!("{command} --help")).assert().code(0));
        assert!(
            page.contains(&format!("  sickbay {command}")),
            "{command} has no example:\n{page}"
        );
    }
    let page = stdout(&sickbay(&folder, "import chameleon --help").assert().code(0));
    assert!(page.contains("  sickbay import chameleon"), "{page}");
}

/// The program is used where no checkout is: an example names no file of the repository's, but goldens, which the example before
/// it records there.
#[test]
fn examples_need_no_checkout() {
    let folder = tiny();
    for command in COMMANDS {
        let page = stdout(&sickbay(&folder, &format!("{command} --help")).assert().code(0));
        for line in page.lines().filter(|line| line.trim_start().starts_with("sickbay ")) {
            let theirs = line.contains("scenarios/") && !line.contains("scenarios/*.golden");
            assert!(!theirs && !line.contains("target/"), "{command}: {line}");
        }
    }
    // What an example asks for by name is there.
    for (example, code) in [
        ("validate quickstart", 0),
        ("explain candidate-cap --request r7 --format json", 0),
        ("scenarios", 0),
        ("help maintenance.campaign.budget.share", 0),
        ("init --classes general=300,gpu=24 cloud.toml", 0),
        ("validate cloud.toml", 0),
    ] {
        sickbay(&folder, example).assert().code(code);
    }
}

#[test]
fn help_says_what_a_term_means() {
    let folder = tiny();
    let said = stdout(&sickbay(&folder, "help case a").assert().code(0));
    assert!(said.starts_with("Case A\n") && said.contains("rescue"), "{said}");
    let all = stdout(&sickbay(&folder, "help").assert().code(0));
    assert!(
        all.contains("misplacement,\noffered") || all.contains("misplacement, offered"),
        "{all}"
    );
    let unknown = stderr(&sickbay(&folder, "help misplacment").assert().code(2));
    assert!(unknown.contains("did you mean `misplacement`?"), "{unknown}");
}

#[test]
fn the_version_is_the_package_s() {
    let ended = sickbay(&tiny(), "--version").assert().code(0);
    assert_eq!(stdout(&ended), format!("sickbay {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn wrong_use_is_told_on_stderr_and_exits_with_2() {
    let folder = tiny();
    for (arguments, told) in [
        ("", "Usage:"),
        ("valdate tiny.toml", "'validate'"),
        ("run", "<SCENARIO>"),
        ("run tiny.toml --seed minus", "--seed"),
        ("run tiny.toml --seed 9223372036854775808", "--seed"),
        ("run tiny.toml --replications 0", "--replications"),
        ("run tiny.toml --threads 0", "--threads"),
        ("run tiny.toml --set fleet.scale", "KEY=VALUE"),
        ("sweep tiny.toml", "--vary"),
        ("sweep tiny.toml --vary fleet.scale=2..1", "empty"),
        (
            "sweep tiny.toml --vary fleet.scale=1,2 --metric aceptance",
            "`acceptance`",
        ),
        (
            "sweep tiny.toml --vary fleet.scale=1,2 --samples 3 --one-at-a-time",
            "--samples",
        ),
        (
            "sweep plan tiny.toml --vary fleet.scale=1,2 --shards 0 --out x",
            "--shards",
        ),
        ("sweep run nowhere --shard 1", "holds no sweep"),
        ("sweep missing .", "holds no sweep"),
        ("plan tiny.toml", "--slo"),
        (
            "plan tiny.toml --find fleet.scale --range 1..2 --slo acceptance>0.9",
            ">=",
        ),
        (
            "plan tiny.toml --find fleet.scale --range 0.1..0.9 --slo acceptance>=0.9",
            "has no step",
        ),
        (
            "plan tiny.toml --find fleet.scale --range 1,2 --slo acceptance>=0.9",
            "A..B",
        ),
        (
            "plan tiny.toml --find fleet.scale --range 1..2 --slo aceptance>=0.9",
            "`acceptance`",
        ),
        (
            "plan tiny.toml --find fleet.scale --range 1..2 --slo acceptance>=0.9 --confidence 95",
            "0.95",
        ),
        (
            "plan tiny.toml --find fleet.scael --range 1..2 --slo acceptance>=0.9",
            "unknown key",
        ),
        (
            "plan tiny.toml --find operators.technicians --range 0..2 --slo acceptance>=0.9",
            "at operators.technicians = 0",
        ),
        ("import", "chameleon"),
        ("import ironik=a --out x", "ironic"),
        (
            "import chameleon . --from 2018-03-15 --to yesterday --out x",
            "2018-03-15",
        ),
        ("completions tcsh", "tcsh"),
    ] {
        let ended = sickbay(&folder, arguments).assert().code(2);
        assert_eq!(stdout(&ended), "", "{arguments}");
        assert!(stderr(&ended).contains(told), "{arguments}: {}", stderr(&ended));
    }
    assert_eq!(files_below(folder.path()).len(), 1, "nothing may be written");
}

#[test]
fn an_unknown_scenario_gives_the_nearest_and_the_list() {
    let folder = tiny();
    let ended = sickbay(&folder, "validate quikstart").assert().code(2);
    let told = stderr(&ended);
    assert!(
        told.contains("did you mean `quickstart`?") && told.contains("There are: candidate-cap, erlang-b"),
        "{told}"
    );
}

#[test]
fn a_scenario_is_found_by_its_name_in_the_folder_of_scenarios() {
    let folder = tiny();
    let scenarios = folder.path().join("scenarios");
    std::fs::create_dir(&scenarios).expect("a folder can be made");
    std::fs::rename(folder.path().join("tiny.toml"), scenarios.join("tiny.toml")).expect("a file can be moved");
    sickbay(&folder, "validate tiny").assert().code(0);
    let told = stderr(&sickbay(&folder, "validate tyni").assert().code(2));
    assert!(
        told.contains("did you mean `tiny`?") && told.contains("seed-2014, tiny, tripleo"),
        "{told}"
    );
}

#[test]
fn an_unknown_strategy_gives_the_nearest() {
    let folder = tiny();
    for (typed, told) in [
        ("widthraw", "did you mean `withdraw`?"),
        ("hidden-via-extra-spec", "is not in this scenario"),
    ] {
        let ended = sickbay(&folder, &format!("run tiny.toml --strategy {typed}"))
            .assert()
            .code(2);
        assert!(stderr(&ended).contains(told), "{}", stderr(&ended));
    }
    assert_eq!(files_below(folder.path()).len(), 1, "nothing may be written");
}

#[test]
fn validate_says_what_a_scenario_is() {
    let ended = sickbay(&tiny(), "validate tiny.toml").assert().code(0);
    let said = stdout(&ended);
    assert!(
        said.starts_with("tiny is valid: 4 nodes") && said.contains("naive, withdraw"),
        "{said}"
    );
    assert_eq!(stderr(&ended), "");
}

#[test]
fn the_effective_scenario_is_valid_and_has_the_same_effect() {
    let folder = tiny();
    let effective = stdout(
        &sickbay(&folder, "validate tiny.toml --effective --seed 99")
            .assert()
            .code(0),
    );
    assert!(effective.contains("seed = 99"), "{effective}");
    std::fs::write(folder.path().join("whole.toml"), &effective).expect("a file can be written");
    let again = stdout(&sickbay(&folder, "validate whole.toml --effective").assert().code(0));
    assert_eq!(values(&effective), values(&again));
}

/// The lines of a scenario without comments: what is a default in one file is typed in the other.
fn values(toml: &str) -> Vec<&str> {
    let lines = toml.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| line.split_once("  # default").map_or(line, |(value, _)| value))
        .collect()
}

#[test]
fn all_problems_of_a_scenario_are_told_with_their_count() {
    let folder = tiny();
    let wrong = super::TINY
        .replace("replications", "replicatons")
        .replace("seed = 9", "seed = -1");
    std::fs::write(folder.path().join("wrong.toml"), wrong).expect("a file can be written");
    let ended = sickbay(&folder, "validate wrong.toml").assert().code(2);
    let told = stderr(&ended);
    assert!(told.contains("wrong.toml:") && told.contains("replications"), "{told}");
    assert!(told.ends_with("\n2 errors, nothing written\n"), "{told}");
    assert_eq!(stdout(&ended), "");
}

#[test]
fn a_setting_that_is_wrong_is_a_problem_like_those_of_the_file() {
    let folder = tiny();
    for setting in ["fleet.scael=1", "scenario.seed=x", "scenario.horizon=2"] {
        let told = stderr(
            &sickbay(&folder, &format!("validate tiny.toml --set {setting}"))
                .assert()
                .code(2),
        );
        assert!(told.ends_with("1 error, nothing written\n"), "{setting}: {told}");
    }
}

#[test]
fn strategies_and_metrics_are_printed_whole() {
    let folder = tiny();
    let roster = stdout(&sickbay(&folder, "strategies").assert().code(0));
    for name in [
        "naive",
        "withdraw",
        "hidden-via-extra-spec",
        "tenant-reservation",
        "mechanism",
        "coverage",
    ] {
        assert!(roster.contains(name), "{name} is not in:\n{roster}");
    }
    let metrics = format!("\n{}", stdout(&sickbay(&folder, "metrics").assert().code(0)));
    for column in sickbay::cells::columns::COLUMNS {
        assert!(
            metrics.contains(&format!("\n{}", column.name)),
            "{} is not in:\n{metrics}",
            column.name
        );
    }
}

#[test]
fn completions_are_printed_for_the_shells() {
    let folder = tiny();
    for shell in ["bash", "zsh", "fish"] {
        let script = stdout(&sickbay(&folder, &format!("completions {shell}")).assert().code(0));
        assert!(script.contains("strategies"), "{shell}");
    }
}

#[test]
fn every_command_has_a_manual_page() {
    let folder = tiny();
    let list = stdout(&sickbay(&folder, "man --list").assert().code(0));
    for command in ["run", "sweep", "sweep plan", "import chameleon"] {
        assert!(list.lines().any(|line| line == command), "{command} is not in:\n{list}");
    }
    for path in list.lines().chain([""]) {
        let page = stdout(&sickbay(&folder, &format!("man {path}")).assert().code(0));
        let name = format!("sickbay {path}").trim().replace(' ', "-");
        assert!(page.contains(&format!(".TH {name} ")), "{page}");
        let usage = format!("sickbay {path}").trim().replace('-', "\\-");
        assert!(page.contains(&format!("\\fB{usage}\\fR")), "{page}");
    }
    let wrong = sickbay(&folder, "man man").assert().code(2);
    assert!(String::from_utf8_lossy(&wrong.get_output().stderr).contains("man --list"));
}

#[test]
fn a_pipe_that_is_closed_early_is_no_failure() {
    let folder = tiny();
    for arguments in [
        "metrics",
        "strategies",
        "--help",
        "completions bash",
        "run tiny.toml --quiet",
    ] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_sickbay"))
            .args(arguments.split_whitespace())
            .current_dir(folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program can be started");
        drop(child.stdout.take());
        let mut told = String::new();
        let errors = child.stderr.as_mut().expect("stderr is a pipe");
        errors.read_to_string(&mut told).expect("stderr is UTF-8");
        let status = child.wait().expect("the program ends");
        assert_eq!((status.code(), told.as_str()), (Some(0), ""), "{arguments}");
    }
}

/// Answers call a strategy's parameter by strategy and name, and every command takes it so.
#[test]
fn a_key_is_taken_as_answers_call_it() {
    let folder = tiny();
    let effective = |sets: &[&str]| {
        let mut command = sickbay(&folder, "validate tiny.toml --effective");
        for set in sets {
            command = command.args(["--set", set]);
        }
        stdout(&command.assert().code(0))
    };
    let typed = effective(&["scenario.strategies.withdraw.out_of_band=37m"]);
    assert!(typed.contains("\"37m\""), "{typed}");
    assert_eq!(effective(&["withdraw.out_of_band=37m"]), typed);
    // Under a label of one's own too, and not where two are meant.
    let labelled = "strategies=[\"naive\", { name = \"withdraw\", label = \"slow\" }, { name = \"withdraw\", label = \"slower\" }]";
    assert!(effective(&[labelled, "slow.out_of_band=37m"]).contains("\"37m\""));
    let both = sickbay(&folder, "validate tiny.toml")
        .args(["--set", labelled, "--set", "withdraw.out_of_band=37m"])
        .assert()
        .code(2);
    let said = stderr(&both);
    assert!(said.contains("slow") && said.contains("slower"), "{said}");
    for line in [
        "sweep tiny.toml --vary withdraw.out_of_band=10m,2h --replications 1 --quiet --out swept",
        "plan tiny.toml --find withdraw.out_of_band --range 10m..20m:10m --slo refused<=1000 --quiet --out planned",
        "help withdraw.out_of_band",
    ] {
        sickbay(&folder, line).assert().code(0);
    }
    let swept = files_below(&folder.path().join("swept"));
    let csv = String::from_utf8_lossy(&swept["sweep.csv"]).into_owned();
    assert!(csv.contains("scenario.strategies.withdraw.out_of_band"), "{csv}");
}
