//! Ctrl-C in the middle of a run.
#![cfg(unix)]

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

use super::{files_below, tiny};

/// Many more replications than can be run before the signal is there.
const LONG: [&str; 6] = ["run", "tiny.toml", "--replications", "200000", "--threads", "2"];

#[test]
fn ctrl_c_leaves_finished_replications_marked_partial_or_nothing() {
    let folder = tiny();
    let mut child = Command::new(env!("CARGO_BIN_EXE_sickbay"))
        .args(LONG)
        .current_dir(folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program can be started");
    let mut errors = BufReader::new(child.stderr.take().expect("stderr is a pipe"));
    // The opening line says that Ctrl-C is listened for.
    let mut told = String::new();
    errors.read_line(&mut told).expect("stderr can be read");
    assert!(told.starts_with("running tiny"), "{told}");
    let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(kill.expect("there is a kill").success());
    errors.read_to_string(&mut told).expect("stderr is UTF-8");
    let status = child.wait().expect("the program ends");
    assert_eq!(status.code(), Some(130), "{told}");

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
