//! Nobody's files are touched, nothing is half written, and what cannot be written is told before anything runs.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::{files_below, sickbay, stderr, stdout, tiny};

/// Commands that write the folder `out`, and a file of theirs in it.
const WRITERS: [(&str, &str); 4] = [
    ("run tiny.toml --out out", "metrics.csv"),
    (
        "plan tiny.toml --find operators.technicians --range 1..2 --slo refused<=1000000 --out out",
        "plan.csv",
    ),
    ("sweep tiny.toml --vary operators.slip=0,0.2 --out out", "summary.csv"),
    (
        "import chameleon source --from 2020-01-01 --to 2020-02-01 --out out",
        "nodes.csv",
    ),
];

/// `tiny.toml`, and a trace of one machine.
fn folder() -> TempDir {
    let folder = tiny();
    write_source(folder.path());
    folder
}

/// The trace, in a folder `source` of this one.
pub(crate) fn write_source(folder: &Path) {
    for (name, text) in SOURCE {
        let file = folder.join("source").join(name);
        fs::create_dir_all(file.parent().expect("a parent")).expect("a folder can be made");
        fs::write(file, text).expect("a file can be written");
    }
}

const LEASES: &str = "lease_id,project_id,user_id,created_at,deleted_at,start_on,end_on,status,node_cnt,\
                      reserve_conditions,reserve_count_range,node_type\n";

const SOURCE: [(&str, &str); 3] = [
    (
        "machine_events.csv",
        "EVENT_TIME,EVENT_TIME_SEC,HOST_NAME (PHYSICAL),EVENT,PROPERTIES\n\
         2020-01-01T00:00:00,1.0,h,CREATE,\"{'node_type': 'big', 'placement.rack': 3}\"\n",
    ),
    ("on_demand/big.csv", LEASES),
    ("in_advance/big.csv", LEASES),
];

#[test]
fn every_command_leaves_the_users_files_and_says_so_before_it_begins() {
    for (command, own) in WRITERS {
        let folder = folder();
        let out = folder.path().join("out");
        sickbay(&folder, command).assert().code(0);
        sickbay(&folder, command).assert().code(0);
        for name in ["plots/mine.svg", ".env", "notes/a.txt", own] {
            let file = out.join(name);
            fs::create_dir_all(file.parent().expect("a parent")).expect("a folder can be made");
            let before = fs::read(&file).ok();
            fs::write(&file, "mine").expect("a file can be written");
            let kept = files_below(&out);
            let told = stderr(&sickbay(&folder, command).assert().code(2));
            let shown = name.split('/').next().expect("a part");
            assert!(told.contains(shown), "{command}: {told}");
            assert!(
                told.contains("--replace") && !told.contains("running"),
                "{command}: {told}"
            );
            assert!(files_below(&out) == kept, "{command} touched something");
            match before {
                Some(before) => fs::write(&file, before).expect("restored"),
                None => fs::remove_file(&file).expect("removed"),
            }
            fs::remove_dir(out.join("notes")).ok();
            if command.starts_with("import") {
                fs::remove_dir(out.join("plots")).ok();
            }
            sickbay(&folder, command).assert().code(0);
        }
        // Asked to, it writes around what is not in its way and over what is.
        fs::write(out.join(".env"), "mine").expect("a file can be written");
        fs::write(out.join(own), "mine").expect("a file can be written");
        sickbay(&folder, &format!("{command} --replace")).assert().code(0);
        assert_eq!(fs::read(out.join(".env")).expect("it stays"), b"mine", "{command}");
        assert_ne!(fs::read(out.join(own)).expect("it is there"), b"mine", "{command}");
    }
}

#[test]
fn results_without_a_manifest_are_refused_with_the_fix() {
    let folder = tiny();
    sickbay(&folder, "run tiny.toml --quiet").assert().code(0);
    fs::remove_file(folder.path().join("results/tiny/manifest.txt")).expect("there is one");
    let told = stderr(&sickbay(&folder, "run tiny.toml").assert().code(2));
    assert!(
        told.contains("older sickbay") && told.contains("--replace") && !told.contains("running"),
        "{told}"
    );
    sickbay(&folder, "run tiny.toml --quiet --replace").assert().code(0);
    sickbay(&folder, "run tiny.toml --quiet").assert().code(0);
}

#[test]
fn findings_are_written_beside_anything_and_over_nothing() {
    let folder = tiny();
    sickbay(&folder, "check tiny.toml --bless --quiet --out .")
        .assert()
        .code(0);
    sickbay(&folder, "check tiny.toml --out .").assert().code(0);
    fs::write(folder.path().join("check.md"), "mine").expect("a file can be written");
    let told = stderr(&sickbay(&folder, "check tiny.toml --out .").assert().code(2));
    assert!(told.contains("check.md") && told.contains("edited"), "{told}");
    sickbay(&folder, "check tiny.toml --out . --replace").assert().code(0);
}

/// In its own folder nothing is in the way of a sweep but another's scenario.
#[test]
fn a_sweep_never_takes_a_scenario_for_its_own() {
    let folder = tiny();
    fs::rename(folder.path().join("tiny.toml"), folder.path().join("scenario.toml")).expect("renamed");
    fs::create_dir(folder.path().join("s")).expect("made");
    fs::write(folder.path().join("s/scenario.toml"), "# mine\n").expect("written");
    let command = "sweep scenario.toml --vary operators.slip=0,0.2 --quiet --out s";
    let told = stderr(&sickbay(&folder, command).assert().code(2));
    assert!(told.contains("holds `scenario.toml`"), "{told}");
    let kept = fs::read(folder.path().join("s/scenario.toml")).expect("it is there");
    assert_eq!(kept, b"# mine\n");
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_stdout_is_an_error() {
    let folder = tiny();
    for arguments in [
        "run tiny.toml --quiet",
        "strategies",
        "--help",
        "--version",
        "check tiny.toml --bless",
    ] {
        let full = fs::OpenOptions::new()
            .write(true)
            .open("/dev/full")
            .expect("Linux has it");
        let ended = Command::new(env!("CARGO_BIN_EXE_sickbay"))
            .args(arguments.split(' '))
            .current_dir(folder.path())
            .stdout(full)
            .stderr(Stdio::null())
            .status();
        assert_eq!(ended.expect("it ends").code(), Some(75), "{arguments}");
    }
    assert!(
        folder.path().join("results/tiny/summary.json").exists(),
        "what is finished is kept"
    );
}

#[test]
#[cfg(unix)]
fn the_umask_is_respected() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    for (umask, mode, out) in [("027", 0o640, "a"), ("002", 0o664, "b")] {
        let commands = WRITERS
            .map(|(command, _)| format!("sickbay {}", command.replace("--out out", &format!("--out {out}/out"))));
        let bless = format!("sickbay check tiny.toml --bless --golden {out}/x.golden --out {out}/found");
        for (at, command) in commands.iter().chain([&bless]).enumerate() {
            let command = command.replace("/out", &format!("/o{at}")).replace("<=", "\"<=\"");
            let script = format!(
                "umask {umask}; {}",
                command.replacen("sickbay", env!("CARGO_BIN_EXE_sickbay"), 1)
            );
            let ended = Command::new("sh")
                .args(["-c", &script])
                .current_dir(folder.path())
                .output()
                .expect("a shell");
            assert!(
                ended.status.success(),
                "{command}: {}",
                String::from_utf8_lossy(&ended.stderr)
            );
        }
        let files = files_below(&folder.path().join(out));
        assert!(files.len() > 40, "{:?}", files.keys());
        for name in files.keys() {
            let metadata = fs::metadata(folder.path().join(out).join(name)).expect("it is there");
            assert_eq!(metadata.permissions().mode() & 0o777, mode, "{name} under {umask}");
        }
    }
}

#[test]
#[cfg(unix)]
fn links_to_folders_and_goldens_are_followed() {
    use std::os::unix::fs::symlink;
    let folder = tiny();
    fs::create_dir(folder.path().join("real")).expect("made");
    symlink("real/results", folder.path().join("link")).expect("linked");
    symlink("real/x.golden", folder.path().join("tiny.golden")).expect("linked");
    for command in ["run tiny.toml --quiet --out link", "check tiny.toml --bless --quiet"] {
        sickbay(&folder, command).assert().code(0);
        sickbay(&folder, command).assert().code(0);
    }
    for link in ["link", "tiny.golden"] {
        let metadata = fs::symlink_metadata(folder.path().join(link)).expect("it is there");
        assert!(metadata.is_symlink(), "{link}");
    }
    assert!(folder.path().join("real/results/summary.json").is_file());
    assert!(folder.path().join("real/x.golden").is_file());
}

#[test]
#[cfg(unix)]
fn the_second_of_two_that_write_one_folder_is_told_so() {
    let folder = tiny();
    sickbay(&folder, "run tiny.toml --quiet").assert().code(0);
    let mut first = Command::new(env!("CARGO_BIN_EXE_sickbay"))
        .args(["run", "tiny.toml", "--replications", "200000", "--threads", "1"])
        .current_dir(folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program can be started");
    wait_for_words(&mut first);
    for command in ["run tiny.toml", "plot results/tiny"] {
        let told = stderr(&sickbay(&folder, command).assert().code(75));
        assert!(
            told.contains("another sickbay is writing") && told.contains("results/tiny"),
            "{told}"
        );
    }
    // Those who read are not held up.
    sickbay(&folder, "compare results/tiny results/tiny").assert().code(0);
    first.kill().expect("it can be killed");
    first.wait().expect("it ends");
    let told = stderr(&sickbay(&folder, "run tiny.toml").assert().code(0));
    assert!(told.contains("an earlier run that was cut short"), "{told}");
    let left = fs::read_dir(folder.path().join("results")).expect("listed").count();
    assert_eq!(left, 1, "what the killed one left is gone");
}

#[cfg(unix)]
fn wait_for_words(child: &mut std::process::Child) {
    use std::io::{BufRead, BufReader};
    let mut said = String::new();
    let errors = child.stderr.take().expect("stderr is a pipe");
    BufReader::new(errors).read_line(&mut said).expect("it says something");
    assert!(said.starts_with("running"), "{said}");
}

/// A folder that is a mount point cannot be renamed, and one on a full disk cannot be written.
#[test]
#[cfg(target_os = "linux")]
fn a_mount_point_is_written_in_place_and_a_full_disk_is_told() {
    let folder = tiny();
    fs::create_dir(folder.path().join("mnt")).expect("made");
    let script = |size: &str, then: &str| {
        let sickbay = env!("CARGO_BIN_EXE_sickbay");
        let script = format!("mount -t tmpfs -o size={size} none mnt || exit 99; S={sickbay}; {then}");
        let mut command = Command::new("unshare");
        command
            .args(["--mount", "sh", "-c", &script])
            .current_dir(folder.path());
        command.output().ok().filter(|ended| ended.status.code() != Some(99))
    };
    let twice =
        "$S run tiny.toml --quiet --out mnt && $S run tiny.toml --quiet --seed 4 --out mnt && $S plot mnt && ls -A mnt";
    let Some(ended) = script("50m", twice) else {
        println!("skipped: no mounts here");
        return;
    };
    let said = String::from_utf8_lossy(&ended.stdout).into_owned();
    if said.is_empty() && String::from_utf8_lossy(&ended.stderr).contains("unshare") {
        println!("skipped: no mounts here");
        return;
    }
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    assert!(said.contains("summary.json") && !said.contains(".sickbay"), "{said}");
    let full = "$S run tiny.toml --quiet --out mnt >one; cp -r mnt before; dd if=/dev/zero of=mnt/fill bs=1k 2>dd; \
                $S run tiny.toml --quiet --seed 4 --out mnt --replace; code=$?; rm mnt/fill; \
                diff -r -x '*.kept' mnt before && $S plot mnt >two && exit $code";
    let told = |ended: &std::process::Output| String::from_utf8_lossy(&ended.stderr).into_owned();
    let ended = script("1500k", full).expect("mounts work here");
    assert_eq!(ended.status.code(), Some(75), "{}", told(&ended));
    // Full at the figures: what they are drawn from is kept and told, and they can be drawn from it.
    let figures = "dd if=/dev/zero of=mnt/hole bs=1k count=200 2>dd; dd if=/dev/zero of=mnt/fill bs=1k 2>dd; rm mnt/hole; \
                   $S run tiny.toml --quiet --out mnt/out >answer; code=$?; rm mnt/fill; grep -q 'served well' answer && \
                   $S compare mnt/out.kept mnt/out.kept >one && $S plot mnt/out.kept >two && exit $code";
    let ended = script("3m", figures).expect("mounts work here");
    assert_eq!(ended.status.code(), Some(75), "{}", told(&ended));
    assert!(told(&ended).contains("mnt/out.kept"), "{}", told(&ended));
}

/// Somebody who may not write beside the folder, but may write in it.
#[test]
#[cfg(unix)]
fn an_unwritable_parent_is_worked_around_or_told_before_the_run() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tiny();
    let run = |out: &str| {
        let script = format!("exec {} run tiny.toml --out {out}", env!("CARGO_BIN_EXE_sickbay"));
        // Root may write anywhere.
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "sh", "-c", &script]);
            command
        } else {
            let mut command = Command::new("sh");
            command.args(["-c", &script]);
            command
        };
        command.current_dir(folder.path()).output()
    };
    let mode = |path: &str, mode: u32| {
        fs::set_permissions(folder.path().join(path), fs::Permissions::from_mode(mode)).expect("it can be set");
    };
    fs::create_dir_all(folder.path().join("locked/mine")).expect("made");
    mode("locked/mine", 0o777);
    mode("locked", 0o555);
    mode("", 0o755);
    let Ok(first) = run("locked/mine") else {
        println!("skipped: no setpriv");
        return;
    };
    if !first.status.success() && !String::from_utf8_lossy(&first.stderr).contains("error: ") {
        println!("skipped: {}", String::from_utf8_lossy(&first.stderr));
        return;
    }
    assert!(first.status.success(), "{}", String::from_utf8_lossy(&first.stderr));
    assert!(run("locked/mine").expect("it ends").status.success(), "a second time");
    let refused = run("locked/other").expect("it ends");
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(2), "{told}");
    assert!(told.contains("locked/other") && !told.contains("running"), "{told}");
    mode("locked", 0o755);
}

#[cfg(unix)]
fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|id| id.stdout == b"0\n")
}

#[test]
fn a_damaged_golden_is_refused_and_never_passes() {
    let folder = tiny();
    sickbay(&folder, "check tiny.toml --bless --quiet").assert().code(0);
    let path = folder.path().join("tiny.golden");
    let whole = fs::read_to_string(&path).expect("a golden");
    let metric = whole
        .lines()
        .find(|line| line.starts_with("metric acceptance "))
        .expect("a metric");
    let damaged = [
        whole.replacen(metric, "metric acceptance NaN inf", 1),
        whole.replacen(&format!("{metric}\n"), "", 1),
        whole[..whole.len() / 2].to_owned(),
        whole.split("strategy withdraw").next().expect("a part").to_owned(),
        String::new(),
    ];
    for text in damaged {
        fs::write(&path, &text).expect("written");
        for gate in ["", " --tolerance all=5%", " --strict"] {
            let ended = sickbay(&folder, &format!("check tiny.toml{gate}")).assert().code(2);
            assert!(stderr(&ended).contains("tiny.golden"), "{}", stderr(&ended));
            assert_eq!(stdout(&ended), "");
        }
    }
}

/// No label leaves the results, or takes a name that is ours.
#[test]
fn names_never_lead_out_of_the_folder() {
    let folder = tiny();
    let scenario = fs::read_to_string(folder.path().join("tiny.toml")).expect("there");
    let labelled = scenario.replace(
        "strategies = [\"naive\", \"withdraw\"]",
        "strategies = [{ name = \"naive\", label = \"..\" }, { name = \"withdraw\", label = \"manifest.txt\" }]",
    );
    assert_ne!(labelled, scenario);
    fs::write(folder.path().join("tiny.toml"), labelled).expect("written");
    sickbay(&folder, "run tiny.toml --quiet --out deep/er/out")
        .assert()
        .code(2);
    let files = files_below(folder.path());
    assert!(files.keys().all(|name| name == "tiny.toml"), "{:?}", files.keys());
}

/// A pipe in place of a golden or of a file of results is refused, and not waited for.
#[cfg(unix)]
#[test]
fn pipes_are_no_goldens_and_no_results() {
    let folder = tiny();
    let pipe = |name: &str| {
        let made = std::process::Command::new("mkfifo")
            .arg(folder.path().join(name))
            .status();
        assert!(made.expect("mkfifo").success());
    };
    pipe("tiny.golden");
    sickbay(&folder, "check tiny.toml --quiet").assert().code(2);
    sickbay(&folder, "run tiny.toml --quiet --out a").assert().code(0);
    fs::remove_file(folder.path().join("a/manifest.txt")).expect("there");
    pipe("a/manifest.txt");
    sickbay(&folder, "compare a a").assert().code(2);
    sickbay(&folder, "run tiny.toml --quiet --out a").assert().code(2);
    sickbay(&folder, "run tiny.toml --quiet --out b").assert().code(0);
    fs::remove_file(folder.path().join("b/summary.json")).expect("there");
    pipe("b/summary.json");
    sickbay(&folder, "compare b b").assert().code(2);
    sickbay(
        &folder,
        "sweep plan tiny.toml --vary fleet.scale=1,2 --shards 1 --out s --quiet",
    )
    .assert()
    .code(0);
    let shards = folder.path().join("s/shards");
    fs::create_dir_all(&shards).expect("made");
    pipe("s/shards/1-of-1.csv");
    sickbay(&folder, "sweep missing s").assert().code(2);
}

/// A golden that is not there, or is another scenario's, passes no gate that compares with it.
#[test]
fn a_golden_that_is_gone_or_of_another_scenario_is_no_pass() {
    let folder = tiny();
    let path = |name: &str| folder.path().join(name);
    let expects = "\n[[expect]]\nmetric = \"installed\"\nrelation = \"==\"\nvalue = 4\n";
    let scenario = fs::read_to_string(path("tiny.toml")).expect("there");
    fs::write(path("tiny.toml"), scenario.clone() + expects).expect("written");
    sickbay(&folder, "check tiny.toml --quiet").assert().code(0);
    for gate in [
        "tiny.toml --strict",
        "tiny.toml --fail-on placements",
        "tiny.toml --tolerance all=5%",
        "tiny.golden",
        "tiny.toml --golden x.golden",
    ] {
        let ended = sickbay(&folder, &format!("check {gate} --quiet")).assert().code(2);
        assert!(stderr(&ended).contains("there is no "), "{gate}: {}", stderr(&ended));
        assert_eq!(stdout(&ended), "");
    }
    let other = scenario.replacen("name = \"tiny\"", "name = \"other\"", 1);
    assert_ne!(other, scenario);
    fs::write(path("other.toml"), other).expect("written");
    sickbay(&folder, "check other.toml --bless --quiet").assert().code(0);
    fs::rename(path("other.golden"), path("tiny.golden")).expect("renamed");
    for gate in ["", " --tolerance all=5%"] {
        let ended = sickbay(&folder, &format!("check tiny.toml --quiet{gate}"))
            .assert()
            .code(2);
        assert!(
            stderr(&ended).contains("is of the scenario `other`"),
            "{}",
            stderr(&ended)
        );
    }
}

/// A golden is read where it was named, below the scenario's folder, or below `--inputs`: a link may lead anywhere.
#[cfg(unix)]
#[test]
fn a_golden_that_is_a_link_to_elsewhere_is_read_only_where_that_is_allowed() {
    let (folder, elsewhere) = (tiny(), tempfile::tempdir().expect("a folder"));
    let (golden, there) = (folder.path().join("tiny.golden"), elsewhere.path().join("x.golden"));
    sickbay(&folder, "check tiny.toml --bless --quiet").assert().code(0);
    fs::rename(&golden, &there).expect("moved");
    std::os::unix::fs::symlink(&there, &golden).expect("linked");
    let ended = sickbay(&folder, "check tiny.toml --quiet").assert().code(2);
    assert!(stderr(&ended).contains("--inputs"), "{}", stderr(&ended));
    let inputs = format!("check tiny.toml --quiet --inputs {}", elsewhere.path().display());
    sickbay(&folder, &inputs).assert().code(0);
    let named = format!("check tiny.toml --quiet --golden {}", there.display());
    sickbay(&folder, &named).assert().code(0);
}

/// What marks a hidden folder as one of ours.
#[cfg(unix)]
const MARKED: &str =
    "A sickbay that writes results works here. Its next start removes what it has left in this folder.\n";

/// What a pull request puts into a results folder makes no reader write, neither there nor elsewhere.
#[cfg(unix)]
#[test]
fn a_journal_that_somebody_planted_writes_nothing_elsewhere() {
    let (folder, elsewhere) = (tiny(), tempfile::tempdir().expect("a folder"));
    sickbay(&folder, "run tiny.toml --quiet --out out").assert().code(0);
    let out = folder.path().join("out");
    fs::remove_dir_all(out.join("plots")).expect("removed");
    std::os::unix::fs::symlink(elsewhere.path(), out.join("plots")).expect("linked");
    let root = out.join(".sickbay-abcdefghijkl");
    fs::create_dir_all(root.join("new/plots")).expect("made");
    fs::write(root.join("new/plots/x.svg"), "x").expect("written");
    let text = "sickbay journal 1\nput plots/x.svg\n";
    let sum = sickbay::store::disk::manifest::hex(text.as_bytes());
    fs::write(root.join("journal"), format!("{text}end {sum}\n")).expect("written");
    let empty = || fs::read_dir(elsewhere.path()).expect("listed").count() == 0;
    // Without a mark it is nobody's journal, and figures are none of what is compared.
    sickbay(&folder, "compare out out").assert().success();
    for mark in [None, Some(MARKED)] {
        if let Some(mark) = mark {
            fs::write(root.join("mark"), mark).expect("written");
            sickbay(&folder, "compare out out").assert().failure();
        }
        for command in ["plot out", "run tiny.toml --quiet --out out --replace"] {
            sickbay(&folder, command).assert().failure();
        }
        assert!(empty() && root.join("new/plots/x.svg").exists());
    }
}
