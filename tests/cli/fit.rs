//! `fit`: from an import's folder to a profile that runs, with its report.

use std::fs;

use sickbay::import::neutral::{write_nodes, write_requests, write_spells};
use tempfile::TempDir;

use super::{sickbay, stderr, stdout};
use crate::truths::fit::{Drawn, drawn};

/// The scenario that plays the trace.
const PLAYS: &str = "# Is it like that?\n[scenario]\nname = \"secret-cloud\"\nepoch = \"2031-07-05T00:00:00Z\"\nhorizon = \"90d\"\n\
    strategies = [\"withdraw\", \"naive\"]\n[fleet]\nsource = \"nodes.csv\"\n[[workload]]\ntrace = \"requests.csv\"\n\
    [maintenance]\ntrace = \"maintenance.csv\"\n[control_plane]\nloop = \"instant\"\n[ironic]\ndeploy = \"5m\"\ncleaning = \"5m\"\n";

/// What the trace is drawn from.
const KNOWN: &str = "[scenario]\nname = \"known\"\nhorizon = \"90d\"\nstrategies = [\"naive\"]\n\
    [[fleet.group]]\nclass = \"plain\"\nnodes = 12\n\
    [[workload]]\ntenants = 12\n[[workload.flavor]]\nclass = \"plain\"\nper_day = 6.0\nsizes = [[1, 0.8], [3, 0.2]]\n\
    hold = { exponential = \"20h\" }\nlead = { uniform = [\"1m\", \"5h\"] }\n\
    [[maintenance.faults]]\nbetween = { exponential = \"50d\" }\nkind = [{ work = { exponential = \"20h\" } }]\n";

/// A folder with an import in it.
fn imported() -> TempDir {
    let folder = TempDir::new().expect("a folder");
    let known = sickbay::scenario::load(KNOWN, "known.toml", std::path::Path::new(""), &[]).expect("a scenario");
    let Drawn {
        nodes,
        requests,
        spells,
    } = drawn(&known, 0);
    let put = |name: &str, bytes: Vec<u8>| fs::write(folder.path().join("data").join(name), bytes).expect("written");
    fs::create_dir(folder.path().join("data")).expect("made");
    put("nodes.csv", write_nodes(&nodes));
    put("requests.csv", write_requests(&requests));
    put("maintenance.csv", write_spells(&spells));
    put("scenario.toml", PLAYS.as_bytes().to_vec());
    folder
}

#[test]
fn a_profile_is_written_that_runs_and_scales_beside_a_report_that_closes_the_loop() {
    let folder = imported();
    let said = stdout(
        &sickbay(&folder, "fit data --out ours.toml --replications 4")
            .assert()
            .code(0),
    );
    assert!(
        said.contains("| withdraw | acceptance (%) |") && said.contains("| naive | wait_p95 (s) |"),
        "{said}"
    );
    let text = fs::read_to_string(folder.path().join("ours.toml")).expect("read");
    assert!(!text.contains("secret") && !text.contains("2031"), "{text}");
    let report = fs::read_to_string(folder.path().join("ours-fit/report.md")).expect("read");
    for part in [
        "## Rates and tenants",
        "## Laws of times",
        "| hold of people-plain/1 |",
        "## The loop closed",
        "Refused demand",
        "Errands",
    ] {
        assert!(report.contains(part), "{part}: {report}");
    }
    for file in ["laws.csv", "loop.csv", "plots/qq.svg", "plots/qq.png", "manifest.txt"] {
        assert!(folder.path().join("ours-fit").join(file).is_file(), "{file}");
    }
    let run = "run ours.toml --replications 2 --set scenario.horizon=20d --set workload.0.scale=3 --set fleet.scale=0.5 --out ran";
    let ran = stdout(&sickbay(&folder, run).assert().code(0));
    assert!(!ran.is_empty());
    // The same files give the same bytes, on any number of threads.
    let again = "fit data --out again/ours.toml --replications 4 --threads 1";
    sickbay(&folder, again).assert().code(0);
    for file in [
        "ours.toml",
        "ours-fit/report.md",
        "ours-fit/loop.csv",
        "ours-fit/plots/qq.svg",
    ] {
        let bytes = |base: &str| fs::read(folder.path().join(base).join(file)).expect("read");
        assert!(bytes("") == bytes("again"), "{file}");
    }
}

/// In the profile work waits for tenants, as the trace's spells did within their lengths: nodes are away for as long.
#[test]
fn a_profiles_maintenance_is_the_traces_where_work_waits_for_tenants() {
    let folder = imported();
    let busy = KNOWN
        .replace("nodes = 12", "nodes = 60")
        .replace("per_day = 6.0", "per_day = 36.0");
    let known = sickbay::scenario::load(&busy, "known.toml", std::path::Path::new(""), &[]).expect("a scenario");
    let trace = drawn(&known, 0);
    let put = |name: &str, bytes: Vec<u8>| fs::write(folder.path().join("data").join(name), bytes).expect("written");
    put("nodes.csv", write_nodes(&trace.nodes));
    put("requests.csv", write_requests(&trace.requests));
    put("maintenance.csv", write_spells(&trace.spells));
    let plays = PLAYS.replace("horizon = \"90d\"", "horizon = \"89.5d\"");
    put("scenario.toml", plays.into_bytes());
    sickbay(
        &folder,
        "fit data --out ours.toml --replications 6 --strategy withdraw -q",
    )
    .assert()
    .code(0);
    let table = fs::read_to_string(folder.path().join("ours-fit/loop.csv")).expect("read");
    let ratio = |metric: &str| {
        let row = table
            .lines()
            .find(|line| line.starts_with(&format!("withdraw,{metric},")));
        let figures: Vec<f64> = row
            .expect("a row")
            .split(',')
            .skip(3)
            .take(2)
            .map(|it| it.parse().expect("a number"))
            .collect();
        figures[1] / figures[0]
    };
    // Without the wait taken out it would be 1.5.
    let away = ratio("in_maintenance");
    assert!((0.85..1.15).contains(&away), "{away}\n{table}");
    assert!((0.95..1.05).contains(&ratio("requests")), "{table}");
}

#[test]
fn wrong_and_empty_folders_are_refused_with_file_line_and_mend() {
    let folder = imported();
    let at = |name: &str| folder.path().join("data").join(name);
    let told = |arguments: &str| stderr(&sickbay(&folder, arguments).assert().code(2));
    for (arguments, said) in [
        (
            "fit nowhere --out o.toml",
            "nowhere: there is no such folder; give a folder that `sickbay import",
        ),
        ("fit data --out o", "scenarios end in .toml"),
        ("fit data --out data/scenario.toml", "--replace"),
        ("fit data --out o.toml --scenario quickstart", "does not play"),
        ("fit data --out o.toml --set fleet.scael=1", "is it meant as `scale`"),
    ] {
        let told = told(arguments);
        assert!(told.contains(said), "{arguments}: {told}");
        assert!(!folder.path().join("o.toml").exists() && !folder.path().join("o-fit").exists());
    }
    let whole = fs::read_to_string(at("requests.csv")).expect("read");
    let header = whole.lines().next().expect("a header");
    let second = whole.lines().nth(1).expect("a row");
    for (rows, said) in [
        (String::new(), "requests.csv"),
        (format!("{header}\n"), "requests.csv:1: there is no row"),
        (format!("{header}\n{second}\n{second}\n"), "requests.csv:3"),
        (
            format!("{header}\n{}\n", second.replacen("plain", "", 1)),
            "requests.csv:2",
        ),
        (format!("{header}\n{}", &second[..second.len() / 2]), "requests.csv:2"),
    ] {
        fs::write(at("requests.csv"), rows).expect("written");
        let told = told("fit data --out o.toml --no-loop");
        assert!(told.contains(said), "{said}: {told}");
        assert!(!folder.path().join("o.toml").exists());
    }
    fs::write(at("requests.csv"), whole).expect("written");
    fs::remove_file(at("nodes.csv")).expect("removed");
    assert!(told("fit data --out o.toml").contains("nodes.csv: there is no such file"));
    fs::remove_file(at("scenario.toml")).expect("removed");
    assert!(told("fit data --out o.toml").contains("--scenario SCENARIO"));
}
