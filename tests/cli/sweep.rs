//! Sweeps: the same bytes in one go, after a kill, and in parts; and what they refuse.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::{files_below, sickbay, stderr, stdout, tiny};

/// 10 points, 2 strategies and 10 replications: 200 cells.
const POINTS: &str =
    "tiny.toml --vary fleet.group.0.nodes=3..7 --vary operators.slip=0,0.2 --replications 10 --set horizon=20d";

/// Tables and figures: what must not depend on how the cells were run.
fn outcome(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let merged = |name: &String| ["sweep.csv", "summary.csv"].contains(&name.as_str()) || name.starts_with("plots/");
    let files: BTreeMap<_, _> = files_below(folder)
        .into_iter()
        .filter(|(name, _)| merged(name))
        .collect();
    assert_eq!(files.len(), 8, "{:?}", files.keys());
    files
}

fn same(a: &BTreeMap<String, Vec<u8>>, b: &BTreeMap<String, Vec<u8>>, what: &str) {
    assert!(a.keys().eq(b.keys()), "{what}");
    for (name, bytes) in a {
        assert!(b[name] == *bytes, "{what}: {name} differs");
    }
}

#[test]
fn killed_and_resumed_and_in_five_shards_give_the_bytes_of_one_run() {
    let folder = tiny();
    let at = |name: &str| folder.path().join(name);
    let said = stdout(
        &sickbay(&folder, &format!("sweep {POINTS} --quiet --threads 2 --out whole"))
            .assert()
            .code(0),
    );
    assert!(
        said.starts_with("10 points of fleet.group.0.nodes, operators.slip in 10 replications"),
        "{said}"
    );
    let whole = outcome(&at("whole"));

    // Killed in the middle, without any chance to tidy up.
    let journal = at("killed/shards/.1-of-1.0.part");
    let mut child = Command::new(env!("CARGO_BIN_EXE_sickbay"))
        .args(format!("sweep {POINTS} --quiet --threads 1 --out killed").split_whitespace())
        .current_dir(folder.path())
        .stdout(Stdio::null())
        .spawn()
        .expect("the program can be started");
    let blocks = || fs::read_to_string(&journal).map_or(0, |text| text.matches("\n# cell ").count());
    while blocks() < 20 && child.try_wait().expect("it can be asked").is_none() {
        std::thread::sleep(Duration::from_millis(1));
    }
    child.kill().expect("it can be killed");
    child.wait().expect("it ends");
    let kept = blocks();
    assert!((20..200).contains(&kept), "killed after {kept} of 200 cells");
    assert!(!at("killed/sweep.csv").exists());
    let again = sickbay(&folder, &format!("sweep {POINTS} --threads 2 --out killed"))
        .assert()
        .code(0);
    let told = stderr(&again);
    assert!(told.contains(&format!("{kept} of 200 cells are there")), "{told}");
    assert!(told.contains(&format!("ran {} cells", 200 - kept)), "{told}");
    assert_eq!(stdout(&again), said);
    same(&whole, &outcome(&at("killed")), "resumed");

    sickbay(&folder, &format!("sweep plan {POINTS} --shards 5 --out parts"))
        .assert()
        .code(0);
    let missing = || stdout(&sickbay(&folder, "sweep missing parts").assert().code(0));
    assert_eq!(missing(), "1-5\n");
    for shard in [4, 1, 5] {
        sickbay(&folder, &format!("sweep run parts --shard {shard} --quiet"))
            .assert()
            .code(0);
    }
    assert_eq!(missing(), "2-3\n");
    let early = sickbay(&folder, "sweep merge parts").assert().code(2);
    assert!(
        stderr(&early).contains("2 of 5 shards are missing, the first is 2"),
        "{}",
        stderr(&early)
    );
    for shard in [2, 3] {
        sickbay(&folder, &format!("sweep run parts --shard {shard} --quiet"))
            .assert()
            .code(0);
    }
    let twice = stdout(&sickbay(&folder, "sweep run parts --shard 3").assert().code(0));
    assert_eq!(twice, "shard 3 of 5: already done\n");
    assert_eq!(missing(), "");
    assert_eq!(
        stdout(&sickbay(&folder, "sweep merge parts --quiet").assert().code(0)),
        said
    );
    same(&whole, &outcome(&at("parts")), "in five shards");
}

#[test]
fn a_point_of_a_sweep_is_a_run_of_its_scenario() {
    let folder = tiny();
    sickbay(
        &folder,
        "sweep tiny.toml --quiet --vary fleet.group.0.nodes=3,6 --replications 3 --out s",
    )
    .assert()
    .code(0);
    sickbay(
        &folder,
        "run tiny.toml --quiet --set fleet.group.0.nodes=6 --replications 3 --out r",
    )
    .assert()
    .code(0);
    let rows = |file: &str| -> Vec<String> {
        let text = fs::read_to_string(folder.path().join(file)).expect("a table");
        text.lines()
            .filter(|line| !line.starts_with('#'))
            .map(str::to_owned)
            .collect()
    };
    let swept: Vec<String> = rows("s/sweep.csv")
        .iter()
        .filter_map(|row| row.strip_prefix("1,6,")?.strip_suffix(',').map(str::to_owned))
        .collect();
    // A run's table has the metrics per class and tenant as well; their names have braces.
    let run: Vec<String> = rows("r/metrics.csv")
        .into_iter()
        .skip(1)
        .filter(|row| !row.contains('{'))
        .collect();
    assert!(swept.len() > 100);
    assert_eq!(swept, run);
}

#[test]
fn an_error_at_one_point_names_it_and_nothing_is_written() {
    let folder = tiny();
    for (vary, told) in [
        ("operators.slip=0,0.1,7", "at point 2 (operators.slip=7)"),
        ("operators.silp=0,0.1", "unknown key `operators.silp`"),
        ("scenario.replications=1,2", "the number of replications differs"),
        ("fleet.scale=0.5..1", "has no step"),
        ("fleet.group=1,2 --vary fleet.group.0.nodes=1,2", "varied at once"),
    ] {
        for command in ["sweep tiny.toml", "sweep plan tiny.toml --shards 2 --out x"] {
            let ended = sickbay(&folder, &format!("{command} --vary {vary}")).assert().code(2);
            assert!(stderr(&ended).contains(told), "{}", stderr(&ended));
            assert_eq!(files_below(folder.path()).len(), 1, "nothing may be written");
        }
    }
}

#[test]
fn another_sweep_or_version_or_machine_is_refused() {
    let folder = tiny();
    let sweep = "sweep tiny.toml --quiet --out s --vary operators.slip=0,0.1";
    sickbay(&folder, sweep).assert().code(0);
    let before = files_below(folder.path());
    sickbay(&folder, sweep).assert().code(0);
    let other = sickbay(&folder, &format!("{sweep},0.2")).assert().code(2);
    assert!(
        stderr(&other).contains("holds another sweep: `vary`"),
        "{}",
        stderr(&other)
    );
    assert!(
        files_below(folder.path()) == before,
        "a second start or a refusal changed something"
    );

    let manifest = folder.path().join("s/manifest.json");
    let text = fs::read_to_string(&manifest).expect("a manifest");
    let version = format!("\"sickbay\": \"{}\"", env!("CARGO_PKG_VERSION"));
    let print = text.find("\"fingerprint\": \"").expect("a fingerprint") + 16;
    let elsewhere = format!("{}0000{}", &text[..print], &text[print + 4..]);
    for (changed, told) in [
        (
            text.replace(&version, "\"sickbay\": \"0.0.1\""),
            "planned by sickbay 0.0.1",
        ),
        (elsewhere, "computes differently"),
    ] {
        fs::write(&manifest, changed).expect("written");
        let ended = sickbay(&folder, "sweep run s --shard 1").assert().code(4);
        assert!(stderr(&ended).contains(told), "{}", stderr(&ended));
        sickbay(&folder, "sweep merge s").assert().code(4);
        sickbay(&folder, sweep).assert().code(4);
    }
    fs::write(&manifest, text.replace("\"shards\": 1", "\"shards\": one")).expect("written");
    let ended = sickbay(&folder, "sweep run s --shard 1").assert().code(2);
    assert!(stderr(&ended).contains("manifest.json:"), "{}", stderr(&ended));
    fs::write(&manifest, text).expect("written");
    fs::write(folder.path().join("s/scenario.toml"), "# Another?").expect("written");
    let ended = sickbay(&folder, "sweep run s --shard 1").assert().code(2);
    assert!(stderr(&ended).contains("changed since"), "{}", stderr(&ended));
    let ended = sickbay(&folder, "sweep run s --shard 2").assert().code(2);
    assert!(stderr(&ended).starts_with("error: "), "{}", stderr(&ended));
}

#[test]
fn a_sweep_can_be_moved_with_its_inputs_and_notices_when_they_change() {
    let folder = tiny();
    let nodes = "node_id,resource_class,traits,rack,conductor_group,owner,available_from_s,available_until_s,class_changes\n\
        compute-1,compute,,r1,,,,,\ncompute-2,compute,,r1,,,,,\n";
    let home = folder.path().join("home");
    fs::create_dir(&home).expect("made");
    fs::write(home.join("nodes.csv"), nodes).expect("written");
    let scenario = super::TINY.replace("group = [{ class = \"compute\", nodes = 4 }]", "source = \"nodes.csv\"");
    fs::write(home.join("moved.toml"), scenario).expect("written");
    sickbay(
        &folder,
        "sweep plan home/moved.toml --vary operators.slip=0,0.1 --shards 2 --out home/s",
    )
    .assert()
    .code(0);
    fs::rename(&home, folder.path().join("away")).expect("moved");
    sickbay(&folder, "sweep run away/s --shard 1").assert().code(0);
    fs::write(
        folder.path().join("away/nodes.csv"),
        format!("{nodes}compute-3,compute,,r1,,,,,\n"),
    )
    .expect("written");
    let ended = sickbay(&folder, "sweep run away/s --shard 2").assert().code(2);
    assert!(stderr(&ended).contains("nodes.csv has changed"), "{}", stderr(&ended));
}

#[test]
fn one_key_at_a_time_and_a_hypercube_say_what_they_are() {
    let folder = tiny();
    let keys = "--vary fleet.group.0.nodes=3..5:2 --vary operators.slip=0.0..0.5:0.25 --replications 3 --quiet";
    sickbay(
        &folder,
        &format!("sweep tiny.toml {keys} --one-at-a-time --out each --metric refused"),
    )
    .assert()
    .code(0);
    let files = files_below(&folder.path().join("each"));
    assert!(files.contains_key("plots/tornado-refused.png"), "{:?}", files.keys());
    let summary = String::from_utf8_lossy(&files["summary.csv"]).into_owned();
    assert!(
        summary.contains(",effect,effect_lo,effect_hi,effect_n,effect_verdict\n"),
        "{summary}"
    );
    // The scenario's own values are the first point.
    assert!(
        summary.contains("\n0,4,0.02,") || summary.contains("\n0,4,"),
        "{summary}"
    );
    let cube = |out: &str, seed: u32| {
        let command = format!("sweep tiny.toml {keys} --samples 6 --seed {seed} --out {out}");
        sickbay(&folder, &command).assert().code(0);
        files_below(&folder.path().join(out))
            .remove("sweep.csv")
            .expect("a table")
    };
    let points = |table: &[u8]| -> Vec<String> {
        let text = String::from_utf8_lossy(table).into_owned();
        let mut points: Vec<String> = text
            .lines()
            .skip(2)
            .map(|row| row.split(',').take(3).collect::<Vec<_>>().join(","))
            .collect();
        points.dedup();
        points
    };
    let (once, other) = (cube("a", 1), cube("b", 2));
    assert!(once == cube("c", 1));
    assert_eq!(points(&once).len(), 6);
    assert_ne!(points(&once), points(&other));
}
