//! Ctrl-C and SIGTERM in the middle of a run.
#![cfg(unix)]

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use super::{files_below, sickbay, tiny};

/// Many more replications than can be run before the signal is there.
const LONG: [&str; 6] = ["run", "tiny.toml", "--replications", "200000", "--threads", "2"];

#[test]
fn ctrl_c_and_sigterm_leave_finished_replications_marked_partial_or_nothing() {
    for signal in ["-INT", "-TERM"] {
        let folder = tiny();
        let (status, told) = interrupted(&folder, &[signal]);
        assert_eq!(status.code(), Some(130), "{signal}: {told}");
        let files = files_below(folder.path());
        match files.get("results/tiny/summary.json") {
            Some(summary) => {
                assert!(String::from_utf8_lossy(summary).contains("\"partial\": true"));
                assert!(told.contains("marked partial"), "{told}");
            }
            None => {
                assert_eq!(files.len(), 1, "{:?}", files.keys());
                assert!(told.contains("nothing written"), "{told}");
            }
        }
    }
}

/// The second one does not wait for what has begun; what it leaves is whole or nothing, and the next run works.
#[test]
fn a_second_signal_stops_at_once() {
    let folder = tiny();
    let (status, told) = interrupted(&folder, &["-TERM", "-TERM"]);
    assert_eq!(status.code(), Some(130), "{told}");
    sickbay(&folder, "run tiny.toml --quiet").assert().code(0);
    sickbay(&folder, "plot results/tiny").assert().code(0);
}

/// How a long run ends after these signals, and what it said.
fn interrupted(folder: &TempDir, signals: &[&str]) -> (ExitStatus, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_sickbay"))
        .args(LONG)
        .current_dir(folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program can be started");
    let mut errors = BufReader::new(child.stderr.take().expect("stderr is a pipe"));
    // The opening line says that signals are listened for.
    let mut told = String::new();
    errors.read_line(&mut told).expect("stderr can be read");
    assert!(told.starts_with("running tiny"), "{told}");
    for signal in signals {
        let kill = Command::new("kill")
            .args([signal, child.id().to_string().as_str()])
            .status();
        assert!(kill.is_ok(), "there is a kill");
        // Two that come before the first was taken are one.
        std::thread::sleep(Duration::from_millis(20));
    }
    errors.read_to_string(&mut told).expect("stderr is UTF-8");
    (child.wait().expect("the program ends"), told)
}
