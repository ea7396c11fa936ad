//! Fault injection by strace: which calls of a command change a folder, and the command with a fault at one of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Calls that change what a folder holds, or make it last.
const CALLS: &str = "?open,openat,?creat,?mkdir,mkdirat,?rename,renameat,renameat2,?unlink,unlinkat,?rmdir,?link,linkat,?symlink,symlinkat,\
                     write,pwrite64,writev,ftruncate,fsync,fdatasync,?chmod,fchmod,fchmodat,copy_file_range";

/// What happens at a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The process is killed.
    Kill,
    /// The disk is full.
    Full,
    /// The disk fails.
    Failing,
}

impl Fault {
    pub(super) const ALL: [Fault; 3] = [Fault::Kill, Fault::Full, Fault::Failing];

    fn injected(self) -> &'static str {
        match self {
            Fault::Kill => "signal=KILL",
            Fault::Full => "error=ENOSPC",
            Fault::Failing => "error=EIO",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Fault::Kill => "kill",
            Fault::Full => "full disk",
            Fault::Failing => "failing disk",
        })
    }
}

/// The nth of a thread's calls of a name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Point {
    call: String,
    nth: u32,
    shown: String,
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ({})", self.call, self.nth, self.shown)
    }
}

pub(super) fn is_there() -> bool {
    let tried = Command::new("strace")
        .args(["-o", "/dev/null", "true"])
        .stderr(Stdio::null())
        .status();
    tried.is_ok_and(|status| status.success())
}

fn strace(binary: &Path, command: &str, folder: &Path, log: &Path, options: &[&str]) -> Output {
    Command::new("strace")
        .args(["-f", "-y", "-s", "0", "-o"])
        .arg(log)
        .args(options)
        .arg(binary)
        .args(command.split(' '))
        .current_dir(folder)
        .output()
        .expect("strace can be started")
}

/// Every point at which the command changes something below the folder, in the order of its calls.
pub(super) fn points(binary: &Path, command: &str, folder: &Path) -> Vec<Point> {
    let log = tempfile::NamedTempFile::new().expect("a temporary file");
    strace(binary, command, folder, log.path(), &["-e", &format!("trace={CALLS}")]);
    let text = fs::read_to_string(log.path()).expect("a trace");
    let here = folder.canonicalize().expect("a folder").display().to_string();
    let mut counts: BTreeMap<(&str, &str), u32> = BTreeMap::new();
    let (mut found, mut known) = (Vec::new(), BTreeSet::new());
    for line in text.lines() {
        let Some((thread, rest)) = line.split_once(' ') else {
            continue;
        };
        let Some((call, arguments)) = rest.trim_start().split_once('(') else {
            continue;
        };
        if !call.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
            continue;
        }
        let count = counts.entry((thread, call)).or_default();
        *count += 1;
        if changes(call, arguments, &here) && known.insert((call.to_owned(), *count)) {
            found.push(Point {
                call: call.to_owned(),
                nth: *count,
                shown: arguments.replace(&here, "").chars().take(90).collect(),
            });
        }
    }
    found
}

/// Whether a call changes something below the folder; files elsewhere are libraries and the terminal.
fn changes(call: &str, arguments: &str, here: &str) -> bool {
    match call {
        "open" | "openat" => arguments.contains("O_CREAT"),
        "write" | "pwrite64" | "writev" | "ftruncate" | "fsync" | "fdatasync" | "fchmod" | "copy_file_range" => {
            arguments.contains(here)
        }
        _ => true,
    }
}

/// Runs the command with a fault at a point; whether the point was reached.
pub(super) fn strike(binary: &Path, command: &str, folder: &Path, point: &Point, fault: Fault) -> (Output, bool) {
    let log = tempfile::NamedTempFile::new().expect("a temporary file");
    let (call, nth) = (&point.call, point.nth);
    let trace = format!("trace={call}");
    let inject = format!("inject={call}:{}:when={nth}", fault.injected());
    let ended = strace(binary, command, folder, log.path(), &["-e", &trace, "-e", &inject]);
    let text = fs::read_to_string(log.path()).expect("a trace");
    let hit = text.contains("(INJECTED)") || text.contains("killed by SIGKILL");
    (ended, hit)
}
