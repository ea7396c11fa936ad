//! Input that is meant badly, or goes wrong at the limits: numbers beyond their ranges, times that stand still, files that
//! are none, names that act upon whoever reads them. The program says no, in its own words, and does nothing else.

mod files;
mod imports;
mod names;
mod ranges;

use std::fs;

use tempfile::TempDir;

use crate::cli::{sickbay, stderr, tiny};

/// A folder with a scenario in it.
fn with(scenario: &str) -> TempDir {
    let folder = TempDir::new().expect("a temporary folder can be made");
    fs::write(folder.path().join("a.toml"), scenario).expect("written");
    folder
}

/// Four nodes in a day; what is given is added.
fn small(more: &str) -> String {
    format!(
        "[scenario]\nname = \"a\"\nhorizon = \"1d\"\nreplications = 1\nstrategies = [\"naive\"]\n\
         [report]\nwarm_up = \"none\"\n[fleet]\ngroup = [{{ class = \"compute\", nodes = 4 }}]\n{more}"
    )
}

/// The failing times of all builds, of requests that wait for their turn.
const CIRCLE: &str = "[[workload]]\non_refusal = { wait = \"6h\" }\n\
    flavor = [{ class = \"compute\", per_day = 24.0, hold = \"2h\" }]\n\
    [ironic]\nbuild_failure = 1.0\nbuild_failure_time = \"0s\"\n";

/// Where the odds are below 1 the luck of a request may still be bad on all nodes: it asks again a moment later.
const BAD_LUCK: &str = "[[workload]]\non_refusal = { wait = \"6h\" }\n\
    flavor = [{ class = \"compute\", per_day = 24.0, hold = \"2h\" }]\n\
    [ironic]\nbuild_failure = 0.999\nbuild_failure_time = \"0s\"\n";

#[test]
fn a_chain_without_end_is_refused_where_it_is_known_and_names_its_keys() {
    let folder = with(&small(CIRCLE));
    let told = stderr(&sickbay(&folder, "run a.toml --quiet").assert().code(2));
    for key in ["on_refusal", "ironic.build_failure_time", "ironic.build_failure"] {
        assert!(told.contains(key), "{told}");
    }
}

#[test]
fn builds_that_fail_in_no_time_do_not_stop_the_clock() {
    let folder = with(&small(BAD_LUCK));
    sickbay(&folder, "run a.toml --quiet").assert().success();
}

#[test]
fn a_hundred_thousand_requests_at_one_instant_are_no_chain_without_end() {
    let mut rows = "request_id,arrival_s,start_s,hold_s,tenant,resource_class,count\n".to_owned();
    for n in 0..100_000 {
        rows.push_str(&format!("r{n},3600,3600,0,t,compute,1\n"));
    }
    let folder = with(&small(
        "[[workload]]\ntrace = \"r.csv\"\n[ironic]\ndeploy = \"0s\"\ncleaning = \"0s\"\nbuild_failure_time = \"0s\"\n\
         build_failure = 0.5\n",
    ));
    fs::write(folder.path().join("r.csv"), rows).expect("written");
    sickbay(&folder, "run a.toml --quiet").assert().success();
}

#[test]
fn a_manifest_changed_by_hand_is_refused() {
    let folder = tiny();
    let plan = "sweep plan tiny.toml --vary fleet.scale=1,2 --shards 2 --out s --quiet";
    sickbay(&folder, plan).assert().success();
    let path = folder.path().join("s/manifest.json");
    let right = fs::read_to_string(&path).expect("a manifest");
    for (from, to, says) in [
        ("\"withdraw\"\n  ]", "\"naive\"\n  ]", "strategies"),
        ("\"shards\": 2", "\"shards\": 4294967295", "shards"),
        ("\"shards\": 2", "\"shards\": 99999", "shards"),
        ("\"replications\": 2", "\"replications\": 4294967295", "replications"),
        ("\"replications\": 2", "\"replications\": 3", "replications"),
        (
            "\"confidence\": 0.95",
            "\"confidence\": 0.9999999999999999",
            "confidence",
        ),
        ("\"baseline\": \"withdraw\"", "\"baseline\": \"nobody\"", "baseline"),
        ("\"scenario\": \"tiny\"", "\"scenario\": \"a\\u001b[2J\"", "scenario"),
    ] {
        assert!(right.contains(from), "{from} is not in {right}");
        fs::write(&path, right.replace(from, to)).expect("written");
        let told = stderr(&sickbay(&folder, "sweep run s --shard 1 --quiet").assert().code(2));
        assert!(told.contains(says), "{to}: {told}");
        assert!(!told.contains('\u{1b}'));
    }
}

#[test]
fn what_needs_more_memory_than_there_is_is_refused_with_the_key_to_change() {
    let folder = tiny();
    for (options, key) in [
        ("--replications 1000000 --max-memory 1GB", "scenario.replications"),
        (
            "--set fleet.group.0.nodes=2000000 --max-memory 512MiB",
            "fleet.group.nodes",
        ),
        (
            "--set maintenance.campaign=[{start=\"0s\",every=\"60s\",work=\"1m\",errands={counts=1000}}] --max-memory 10MB",
            "maintenance.campaign.every",
        ),
        (
            "--set workload.0.flavor.0.per_day=100000 --set report.log_requests=true --max-memory 64MB",
            "report.log_requests",
        ),
    ] {
        let told = stderr(
            &sickbay(&folder, &format!("run tiny.toml --quiet --threads 1 {options}"))
                .assert()
                .code(2),
        );
        assert!(told.contains(key) && told.contains("--max-memory"), "{options}: {told}");
    }
    assert!(!folder.path().join("results").exists());
    for command in [
        "check tiny.toml --bless --replications 1000000 --max-memory 1GB --quiet",
        "plan tiny.toml --find fleet.scale --range 1..2:1 --slo acceptance>=0.5 --max-memory 1KB --quiet",
        "sweep tiny.toml --vary fleet.scale=1,2 --max-memory 1KB --quiet",
    ] {
        let told = stderr(&sickbay(&folder, command).assert().code(2));
        assert!(told.contains("--max-memory"), "{command}: {told}");
    }
}

#[test]
fn what_is_drawn_before_a_run_is_bounded_before_it_is_drawn() {
    let folder = tiny();
    for (option, key) in [
        (
            "maintenance.campaign=[{start=\"0s\",every=\"60s\",work=\"0s\"}]",
            "maintenance.campaign.every",
        ),
        (
            "maintenance.faults=[{between={weibull={scale=\"1ms\",shape=100.0}},kind=[{work=\"0s\"}]}]",
            "between",
        ),
        ("workload.0.flavor.0.sizes=[[1,1e308],[2,1e308]]", "weight"),
        (
            "workload.0.flavor.0.hold={lognormal={median=\"1h\",sigma=1e300}}",
            "sigma",
        ),
    ] {
        let long = "--set scenario.horizon=\"36000d\"";
        let told = stderr(
            &sickbay(&folder, &format!("validate tiny.toml {long} --set {option}"))
                .assert()
                .code(2),
        );
        assert!(told.contains(key), "{option}: {told}");
    }
}

#[test]
fn threads_are_bounded_by_the_cells() {
    let folder = tiny();
    sickbay(&folder, "run tiny.toml --quiet --threads 20000")
        .assert()
        .success();
    sickbay(&folder, "run tiny.toml --quiet --threads 4294967295")
        .assert()
        .success();
}

#[test]
fn thousands_of_steps_in_a_key_are_refused() {
    let folder = tiny();
    let key = vec!["a"; 20_000].join(".");
    let told = stderr(
        &sickbay(&folder, &format!("validate tiny.toml --set {key}=1"))
            .assert()
            .code(2),
    );
    assert!(
        told.contains("no dotted key") || told.contains("is not a dotted key"),
        "{}",
        &told[told.len() - 200..]
    );
}
