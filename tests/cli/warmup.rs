//! The warm-up as a user meets it: the same bytes however it is run, and a warning where too much is cut.

use std::fs;

use super::{files_below, sickbay, stderr, stdout, tiny};

/// Twenty days of drawn requests on the four nodes, begun empty; MSER-5 finds what to cut.
const FOUND: &str = "tiny.toml --set report.warm_up=mser-5 --set horizon=20d --set report.confidence=0.9";

#[test]
fn a_found_warm_up_is_said_and_the_same_on_any_number_of_threads() {
    let folder = tiny();
    let run = |out: &str, threads: u32| {
        let rest = format!("run {FOUND} --replications 3 --threads {threads} --details --out {out}");
        let ended = sickbay(&folder, &rest).assert().code(0);
        (stdout(&ended), files_below(&folder.path().join(out)))
    };
    let (said, files) = run("a", 1);
    let again = run("b", 3);
    assert!(again.0 == said && again.1 == files, "other bytes on other threads");
    assert!(said.contains("\nWarm-up: ") && said.contains("MSER-5"), "{said}");
    let json: serde_json::Value = serde_json::from_slice(&files["summary.json"]).expect("JSON");
    let warm_up = &json["warm_up"];
    assert_eq!(
        (&warm_up["method"], &warm_up["pilot_replications"]),
        (&"mser-5".into(), &3.into())
    );
    let cuts: Vec<f64> = warm_up["series"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|series| series["cut_s"].as_f64())
        .collect();
    assert_eq!(cuts.len(), json["strategies"].as_object().expect("strategies").len());
    assert_eq!(cuts.into_iter().reduce(f64::max), warm_up["cut_s"].as_f64());
    // The cut, typed, gives the figures of the cut that was found.
    let typed = format!(
        "run {FOUND} --replications 3 --quiet --out c --set report.warm_up={}s",
        warm_up["cut_s"]
    );
    sickbay(&folder, &typed).assert().code(0);
    let figures = |bytes: &[u8]| -> Vec<String> {
        // The first line has the scenario's digest.
        String::from_utf8_lossy(bytes)
            .lines()
            .skip(1)
            .map(str::to_owned)
            .collect()
    };
    let metrics = fs::read(folder.path().join("c/metrics.csv")).expect("metrics");
    assert_eq!(figures(&metrics), figures(&files["metrics.csv"]));
}

#[test]
fn shards_find_the_warm_ups_that_one_run_finds() {
    let folder = tiny();
    let grid = format!("{FOUND} --vary fleet.group.0.nodes=4,6 --replications 3");
    sickbay(&folder, &format!("sweep {grid} --quiet --out whole"))
        .assert()
        .code(0);
    sickbay(&folder, &format!("sweep plan {grid} --shards 3 --out parts"))
        .assert()
        .code(0);
    for shard in 1..=3 {
        sickbay(&folder, &format!("sweep run parts --shard {shard} --quiet"))
            .assert()
            .code(0);
    }
    sickbay(&folder, "sweep merge parts --quiet").assert().code(0);
    let rows = |out: &str| fs::read_to_string(folder.path().join(out).join("sweep.csv")).expect("rows");
    let below = |text: String| text.split_once('\n').map(|(_, rows)| rows.to_owned());
    assert_eq!(below(rows("whole")), below(rows("parts")));
    // It is another sweep than one that cuts nothing.
    let uncut = grid.replace("=mser-5", "=none");
    sickbay(&folder, &format!("sweep {uncut} --quiet --out uncut"))
        .assert()
        .code(0);
    assert_ne!(below(rows("whole")), below(rows("uncut")));
}

#[test]
fn cutting_more_than_half_is_warned_of() {
    let folder = tiny();
    let run = |warm_up: &str, quiet: &str| {
        let rest = format!("run tiny.toml --set report.warm_up={warm_up} {quiet} --details --out out");
        let ended = sickbay(&folder, &rest).assert().code(0);
        (stdout(&ended), stderr(&ended))
    };
    let (said, warned) = run("25h", "");
    let warning = "the warm-up cuts 1d 1h of 2d, more than half";
    assert!(warned.contains(&format!("warning: {warning}")), "{warned}");
    assert!(said.contains(warning), "{said}");
    assert!(
        run("25h", "--quiet").1.contains(warning),
        "quiet says no less of what is wrong"
    );
    assert!(!run("24h", "").1.contains("warning"));
}
