//! `compare`: two results folders.

use std::fs;

use tempfile::TempDir;

use super::{seal, sickbay, stderr, stdout, tiny};

/// A folder with the results `a` and, run with other options, `b`.
fn two(options: &str) -> TempDir {
    let folder = tiny();
    let run = "run tiny.toml --quiet --replications 6";
    sickbay(&folder, &format!("{run} --out a")).assert().code(0);
    sickbay(&folder, &format!("{run} --out b {options}")).assert().code(0);
    folder
}

#[test]
fn the_same_is_unchanged() {
    let folder = two("");
    let said = stdout(
        &sickbay(&folder, "compare a b --every --fail-on placements,changed,not-decided")
            .assert()
            .code(0),
    );
    assert!(said.starts_with("tiny: unchanged against a"), "{said}");
}

#[test]
fn other_scenarios_are_refused_unless_their_keys_are_allowed() {
    let folder = two("--set ironic.cleaning=5h --set operators.slip=0.5");
    let told = stderr(&sickbay(&folder, "compare a b").assert().code(2));
    assert!(
        told.contains("  ironic.cleaning: ") && told.contains("--allow ironic.cleaning --allow operators.slip"),
        "{told}"
    );
    let told = stderr(&sickbay(&folder, "compare a b --allow ironic").assert().code(2));
    assert!(
        !told.contains("ironic") && told.contains("operators.slip: 0.02 -> 0.5"),
        "{told}"
    );
    // A key is no prefix of another's name.
    sickbay(&folder, "compare a b --allow iron --allow operators")
        .assert()
        .code(2);
    let said = stdout(
        &sickbay(&folder, "compare a b --allow ironic.cleaning --allow operators")
            .assert()
            .code(0),
    );
    assert!(
        said.contains("note: allowed to differ: operators.slip: 0.02 -> 0.5"),
        "{said}"
    );
    assert!(
        said.contains(": regressed: ") && said.contains("6 pairs (more is better, matters from 0.002)"),
        "{said}"
    );
    let gate = "compare a b --allow all --fail-on regressed";
    sickbay(&folder, gate).assert().code(1);
    sickbay(&folder, &format!("{gate} --tolerance all=1000000"))
        .assert()
        .code(0);
}

#[test]
fn other_seeds_are_not_paired() {
    let folder = two("--seed 5");
    let said = stdout(&sickbay(&folder, "compare a b --allow scenario.seed").assert().code(0));
    assert!(
        said.contains("the seeds differ (9 and 5)") && said.contains("6 independent replications"),
        "{said}"
    );
    assert!(!said.contains(" placements: "), "{said}");
}

#[test]
fn folders_of_other_versions_are_read() {
    let folder = two("--set operators.slip=0.5");
    let old = folder.path().join("a");
    fs::remove_file(old.join("scenario.toml")).expect("there is one");
    let edit = |file: &str, from: &str, to: &str| {
        let text = fs::read_to_string(old.join(file)).expect("a file");
        assert!(text.contains(from), "{file}");
        fs::write(old.join(file), text.replace(from, to)).expect("written");
    };
    edit("summary.json", "\"sickbay\": \"0.", "\"sickbay\": \"99.");
    edit("metrics.csv", ",acceptance,", ",a_metric_of_tomorrow,");
    edit("summary.json", "\"acceptance\": ", "\"a_metric_of_tomorrow\": ");
    seal(&old);
    let told = stderr(&sickbay(&folder, "compare a b --allow operators").assert().code(2));
    assert!(
        told.contains("a does not say in what (it has no scenario.toml)"),
        "{told}"
    );
    let said = stdout(&sickbay(&folder, "compare a b --allow all").assert().code(0));
    assert!(said.contains("note: sickbay 99."), "{said}");
    assert!(said.contains("acceptance: no value: none -> "), "{said}");
    // A metric that is to be judged and is not there passes no gate, whichever side lacks it.
    for sides in ["a b", "b a"] {
        let named = format!("compare {sides} --allow all --tolerance acceptance=0.01");
        let said = stdout(&sickbay(&folder, &named).assert().code(1));
        assert!(said.contains("FAIL acceptance: no value"), "{said}");
    }
    let lost = "compare b a --allow all --fail-on regressed --tolerance all=1";
    sickbay(&folder, lost).assert().code(1);
}

#[test]
fn what_is_no_results_folder_is_refused() {
    let folder = two("");
    for wrong in ["compare a nowhere", "compare tiny.toml b"] {
        let told = stderr(&sickbay(&folder, wrong).assert().code(2));
        assert!(
            told.starts_with("error: ") && told.contains("name one that `sickbay run`"),
            "{told}"
        );
    }
    let metrics = folder.path().join("b/metrics.csv");
    let text = fs::read_to_string(&metrics).expect("metrics");
    fs::write(&metrics, text.replacen("naive,0,", "naive,60,", 1)).expect("written");
    seal(&folder.path().join("b"));
    let told = stderr(&sickbay(&folder, "compare a b").assert().code(2));
    assert!(told.contains("metrics.csv:3: `60` is no replication"), "{told}");
}

/// Damage that the folder's manifest shows, and damage that it was made to sign.
#[test]
fn results_that_lost_something_are_refused_and_never_pass() {
    let folder = two("");
    let b = folder.path().join("b");
    let gate = "compare a b --fail-on placements,changed";
    sickbay(&folder, gate).assert().code(0);
    let rows = |text: &str, keep: &dyn Fn(usize, &str) -> bool| {
        let kept = text.lines().enumerate().filter(|(at, line)| keep(*at, line));
        kept.map(|(_, line)| format!("{line}\n")).collect::<String>()
    };
    let text = fs::read_to_string(b.join("metrics.csv")).expect("metrics");
    let shorter = rows(&text, &|at, _| at < 40);
    let gone = rows(&text, &|_, line| !line.contains(",acceptance,"));
    let twice = text.replacen("naive,1,acceptance,", "naive,0,acceptance,", 1);
    let value = text
        .lines()
        .find(|line| line.starts_with("naive,0,acceptance,"))
        .expect("a row");
    let nan = text.replacen(value, "naive,0,acceptance,NaN,share", 1);
    let infinite = text.replacen(value, "naive,0,acceptance,inf,share", 1);
    for (what, damaged) in [shorter, gone, twice, nan, infinite].iter().enumerate() {
        assert_ne!(*damaged, text);
        fs::write(b.join("metrics.csv"), damaged).expect("written");
        let told = stderr(&sickbay(&folder, gate).assert().code(2));
        assert!(told.contains("metrics.csv: is not as it was written"), "{what}: {told}");
        let manifest = fs::read(b.join("manifest.txt")).expect("a manifest");
        seal(&b);
        let told = stderr(&sickbay(&folder, gate).assert().code(2));
        assert!(told.contains("metrics.csv"), "{what}: {told}");
        fs::write(b.join("manifest.txt"), manifest).expect("restored");
    }
    fs::write(b.join("metrics.csv"), &text).expect("restored");
    sickbay(&folder, gate).assert().code(0);
    let timeline = b.join("naive/timeline.csv");
    let whole = fs::read_to_string(&timeline).expect("a timeline");
    fs::write(&timeline, rows(&whole, &|at, _| at < 20)).expect("cut");
    for command in [gate, "plot b"] {
        let told = stderr(&sickbay(&folder, command).assert().code(2));
        assert!(told.contains("timeline.csv: is not as it was written"), "{told}");
    }
    fs::write(&timeline, whole).expect("restored");
    fs::remove_file(b.join("manifest.txt")).expect("removed");
    for command in [gate, "plot b"] {
        let told = stderr(&sickbay(&folder, command).assert().code(2));
        assert!(told.contains("manifest.txt"), "{told}");
    }
}
