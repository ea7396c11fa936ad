//! The program is killed at each system call that changes a folder, one after the other, and the disk is full or fails at
//! each of them. After each: the old results are whole or the new ones are, the user's files are as they were, and the
//! next run works and leaves nothing behind.
//!
//! `cargo test` takes some points of some families. All of them, with their number:
//!
//! ```sh
//! cargo test crash -- --include-ignored --nocapture
//! ```
//!
//! It needs strace; without it the tests say `skipped: no strace`. `SICKBAY_CRASH_BINARY` names another program to try,
//! `SICKBAY_CRASH_MOST` bounds the points of a family, and `SICKBAY_CRASH_COUNT` counts findings instead of failing.
#![cfg(target_os = "linux")]

mod strace;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use strace::{Fault, Point, points, strike};

use super::cli::{TINY, files_below};

/// A command that writes, and what it finds.
struct Family {
    name: &'static str,
    /// What was done before: commands (`rm FILE` and `edit FILE` among them), and files of the user's.
    before: &'static [&'static str],
    users: &'static [&'static str],
    /// The command that is struck.
    command: &'static str,
    /// The folder or file that it writes.
    out: &'static str,
    /// A command that finishes what was begun, after which the old or the new must be whole; none where that must be so at once.
    reader: Option<&'static str>,
    /// Whether it writes single files: each is old, new or not there.
    single: bool,
}

const USERS: &[&str] = &[".env", "notes.txt", "plots/mine.svg", "naive/.git/config"];

const FAMILIES: [Family; 10] = [
    Family {
        name: "run, first",
        before: &[],
        users: &[],
        command: "run tiny.toml --quiet --strategy naive --replications 1 --out deep/out",
        out: "deep/out",
        reader: None,
        single: false,
    },
    Family {
        name: "run, again",
        before: &["run tiny.toml --quiet --strategy withdraw --replications 1 --out out"],
        users: &[],
        command: "run tiny.toml --quiet --strategy naive --replications 1 --out out",
        out: "out",
        reader: None,
        single: false,
    },
    Family {
        name: "run, around the user's files",
        before: &["run tiny.toml --quiet --strategy naive --replications 1 --seed 3 --out out"],
        users: USERS,
        command: "run tiny.toml --quiet --strategy naive --replications 1 --out out --replace",
        out: "out",
        reader: Some("plot out"),
        single: false,
    },
    Family {
        name: "run, over the user's own results, again",
        before: &[
            "run tiny.toml --quiet --strategy naive --replications 1 --seed 3 --out out",
            "edit out/notes.txt",
            "run tiny.toml --quiet --strategy naive --replications 1 --seed 4 --out out --replace",
            "edit out/metrics.csv",
            "edit out/naive/windows.csv",
        ],
        users: USERS,
        command: "run tiny.toml --quiet --strategy naive --replications 1 --out out --replace",
        out: "out",
        reader: Some("plot out"),
        single: false,
    },
    Family {
        name: "plot",
        before: &[
            "run tiny.toml --quiet --strategy naive --replications 1 --out out",
            "rm out/plots/nodes.png",
        ],
        users: USERS,
        command: "plot out",
        out: "out",
        reader: Some("plot out"),
        single: true,
    },
    Family {
        name: "plan",
        before: &[
            "plan tiny.toml --quiet --strategy naive --find operators.technicians --range 1..2 --slo refused<=1 --max-replications 5 --out out || true",
        ],
        users: &[],
        command: "plan tiny.toml --quiet --strategy naive --find operators.technicians --range 1..2 --slo refused<=1000 --max-replications 5 --out out",
        out: "out",
        reader: None,
        single: false,
    },
    Family {
        name: "sweep",
        before: &[],
        users: &[],
        command: "sweep tiny.toml --quiet --strategy naive --replications 1 --vary operators.slip=0,0.2 --threads 1 --out out",
        out: "out",
        reader: None,
        single: true,
    },
    Family {
        name: "bless",
        before: &["check tiny.toml --bless --quiet"],
        users: &[],
        command: "check tiny.toml --bless --quiet --seed 7",
        out: "tiny.golden",
        reader: None,
        single: true,
    },
    Family {
        name: "findings",
        before: &["check tiny.toml --bless --quiet --out out"],
        users: &["notes.txt"],
        command: "check tiny.toml --quiet --out out",
        out: "out",
        reader: None,
        single: true,
    },
    Family {
        name: "import",
        before: &["import chameleon source --from 2020-01-01 --to 2020-02-01 --quiet --out out"],
        users: &[],
        command: "import chameleon source --from 2020-01-01 --to 2020-03-01 --quiet --out out",
        out: "out",
        reader: None,
        single: false,
    },
];

type Files = BTreeMap<String, Vec<u8>>;

/// A family with its folder as it is before, and what the command makes of it.
struct Bench {
    family: &'static Family,
    binary: PathBuf,
    command: String,
    template: tempfile::TempDir,
    old: Files,
    new: Files,
    points: Vec<Point>,
}

impl Bench {
    fn of(family: &'static Family) -> Bench {
        let binary = std::env::var_os("SICKBAY_CRASH_BINARY");
        let binary = binary.map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_sickbay")), PathBuf::from);
        let template = tempfile::tempdir().expect("a temporary folder");
        source(template.path());
        for command in family.before {
            if let Some(file) = command.strip_prefix("rm ") {
                fs::remove_file(template.path().join(file)).expect("it is there");
                continue;
            }
            if let Some(file) = command.strip_prefix("edit ") {
                let file = template.path().join(file);
                let mut text = fs::read(&file).unwrap_or_default();
                text.extend_from_slice(b"edited\n");
                fs::write(file, text).expect("written");
                continue;
            }
            let command = command
                .strip_suffix(" || true")
                .map_or((*command, false), |command| (command, true));
            let ended = run(&binary, command.0, template.path());
            assert!(ended.status.success() || command.1, "{}: {}", command.0, said(&ended));
        }
        for name in family.users {
            let file = template.path().join(family.out).join(name);
            fs::create_dir_all(file.parent().expect("a parent")).expect("made");
            fs::write(file, "mine").expect("written");
        }
        // Programs of before had no such option.
        let knows = String::from_utf8_lossy(&run(&binary, "run --help", template.path()).stdout).contains("--replace");
        let command = if knows {
            family.command.to_owned()
        } else {
            family.command.replace(" --replace", "")
        };
        let reference = copy(template.path());
        let ended = run(&binary, &command, reference.path());
        assert!(ended.status.success(), "{command}: {}", said(&ended));
        let traced = copy(template.path());
        let points = points(&binary, &command, traced.path());
        let bench = Bench {
            family,
            binary,
            command,
            old: written(&template.path().join(family.out)),
            new: written(&reference.path().join(family.out)),
            template,
            points,
        };
        assert!(bench.old != bench.new, "{}: nothing changes", family.name);
        bench
    }

    /// What is wrong after a fault at a point.
    fn strike(&self, point: &Point, fault: Fault) -> Option<String> {
        let folder = copy(self.template.path());
        let (ended, hit) = strike(&self.binary, &self.command, folder.path(), point, fault);
        if !hit {
            return Some("the point was not reached".to_owned());
        }
        let code = ended.status.code();
        if fault != Fault::Kill && !matches!(code, Some(0 | 75)) {
            return Some(format!("exit code {code:?}: {}", said(&ended)));
        }
        let out = folder.path().join(self.family.out);
        if let Some(lost) = self.users_lost(&out) {
            return Some(lost);
        }
        if let Some(reader) = self.family.reader {
            run(&self.binary, reader, folder.path());
        }
        let found = self.mine(written(&out));
        if let Some(wrong) = self.torn(&found, fault == Fault::Kill || code == Some(75)) {
            return Some(wrong);
        }
        let next = run(&self.binary, &self.command, folder.path());
        if !next.status.success() {
            return Some(format!("the next run fails: {}", said(&next)));
        }
        if self.mine(written(&out)) != self.mine(self.new.clone()) {
            return Some("the next run writes something else".to_owned());
        }
        let left = self.left(folder.path());
        if !left.is_empty() {
            return Some(format!("something is left: {}", left.join(", ")));
        }
        self.users_lost(&out)
    }

    fn users_lost(&self, out: &Path) -> Option<String> {
        let lost = self
            .family
            .users
            .iter()
            .find(|name| fs::read(out.join(name)).ok().as_deref() != Some(b"mine"));
        lost.map(|name| format!("the user's {name} is lost"))
    }

    /// Without the user's files, which were looked at.
    fn mine(&self, mut files: Files) -> Files {
        files.retain(|name, _| !self.family.users.contains(&name.as_str()));
        files
    }

    /// Whether what is there is neither the old nor the new.
    fn torn(&self, found: &Files, may_be_old: bool) -> Option<String> {
        let (old, new) = (self.mine(self.old.clone()), self.mine(self.new.clone()));
        if self.family.single {
            let whole = |(name, bytes): &(&String, &Vec<u8>)| {
                let journal = name.ends_with(".part") || name.contains(".sickbay-");
                journal || old.get(*name) == Some(*bytes) || new.get(*name) == Some(*bytes)
            };
            let torn = found.iter().find(|file| !whole(file));
            return torn.map(|(name, _)| format!("{name} is neither old nor new"));
        }
        let right = *found == new || may_be_old && *found == old;
        (!right).then(|| {
            let names = |files: &Files| files.keys().cloned().collect::<Vec<_>>().join(" ");
            format!("neither old nor new, but {} files: {}", found.len(), names(found))
        })
    }

    /// Hidden names that were not there before.
    fn left(&self, folder: &Path) -> Vec<String> {
        let known = files_below(self.template.path());
        let mut names: Vec<String> = files_below(folder).into_keys().collect();
        names.extend(
            fs::read_dir(folder)
                .into_iter()
                .flatten()
                .flatten()
                .map(|it| it.file_name().to_string_lossy().into_owned()),
        );
        names.retain(|name| name.split('/').any(|part| part.starts_with('.')) && !known.contains_key(name));
        names
    }
}

/// The files of a folder, without those that are on their way; or the one file.
fn written(out: &Path) -> Files {
    if out.is_file() {
        return Files::from([(String::new(), fs::read(out).expect("readable"))]);
    }
    if !out.is_dir() {
        return Files::new();
    }
    let mut files = files_below(out);
    files.retain(|name, _| !name.starts_with(".sickbay-"));
    files
}

fn run(binary: &Path, command: &str, folder: &Path) -> Output {
    Command::new(binary)
        .args(command.split(' '))
        .current_dir(folder)
        .output()
        .expect("the program can be started")
}

fn said(ended: &Output) -> String {
    String::from_utf8_lossy(&ended.stderr)
        .lines()
        .take(3)
        .collect::<Vec<_>>()
        .join(" | ")
}

fn copy(from: &Path) -> tempfile::TempDir {
    let to = tempfile::tempdir().expect("a temporary folder");
    for (name, bytes) in files_below(from) {
        let file = to.path().join(name);
        fs::create_dir_all(file.parent().expect("a parent")).expect("made");
        fs::write(file, bytes).expect("written");
    }
    to
}

/// A scenario, and a trace of one machine.
fn source(folder: &Path) {
    fs::write(folder.join("tiny.toml"), TINY).expect("written");
    super::cli::safety::write_source(folder);
}

/// Strikes at these points; panics with what was found.
fn strike_all(family: &'static Family, faults: &[Fault], most: Option<usize>) {
    if !strace::is_there() {
        println!("skipped: no strace");
        return;
    }
    let bench = Bench::of(family);
    let all = bench.points.len();
    assert!(all > 5, "{}: {all} points", family.name);
    let most = std::env::var("SICKBAY_CRASH_MOST").map_or(most, |most| most.parse().ok());
    for &fault in faults {
        // A full or failing disk takes as long as a kill and finds less: of a whole run, a quarter of the points.
        let most = most.or((fault != Fault::Kill).then_some(all / 4));
        let every = most.map_or(1, |most| all.div_ceil(most.max(1)));
        let chosen = || bench.points.iter().step_by(every);
        let found: Vec<String> = chosen()
            .filter_map(|point| Some(format!("{point}: {}", bench.strike(point, fault)?)))
            .collect();
        println!(
            "crash: {} | {fault} | {} of {all} points | {} findings",
            family.name,
            chosen().count(),
            found.len()
        );
        assert!(
            found.is_empty() || std::env::var_os("SICKBAY_CRASH_COUNT").is_some(),
            "{} | {fault}:\n{}",
            family.name,
            found.join("\n")
        );
        found.iter().take(3).for_each(|found| println!("  {found}"));
    }
}

/// Some points of some families, in `cargo test`.
#[test]
fn crash_at_some_points() {
    for (family, most) in [(1, 4), (2, 4), (3, 4), (7, 4), (9, 4)] {
        strike_all(&FAMILIES[family], &[Fault::Kill], Some(most));
    }
}

#[test]
#[ignore = "minutes: all points; cargo test crash -- --include-ignored"]
fn crash_of_run_at_every_point() {
    strike_all(&FAMILIES[0], &Fault::ALL, None);
    strike_all(&FAMILIES[1], &Fault::ALL, None);
}

#[test]
#[ignore = "minutes: all points; cargo test crash -- --include-ignored"]
fn crash_around_the_users_files_at_every_point() {
    strike_all(&FAMILIES[2], &Fault::ALL, None);
    strike_all(&FAMILIES[3], &Fault::ALL, None);
    strike_all(&FAMILIES[4], &Fault::ALL, None);
}

#[test]
#[ignore = "minutes: all points; cargo test crash -- --include-ignored"]
fn crash_of_plan_and_sweep_at_every_point() {
    strike_all(&FAMILIES[5], &Fault::ALL, None);
    strike_all(&FAMILIES[6], &Fault::ALL, None);
}

#[test]
#[ignore = "minutes: all points; cargo test crash -- --include-ignored"]
fn crash_of_bless_findings_and_import_at_every_point() {
    strike_all(&FAMILIES[7], &Fault::ALL, None);
    strike_all(&FAMILIES[8], &Fault::ALL, None);
    strike_all(&FAMILIES[9], &Fault::ALL, None);
}
