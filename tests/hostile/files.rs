//! Files that are none, files of others, and what an error quotes of them.

use std::fs;

use tempfile::TempDir;

use super::{small, with};
use crate::cli::{sickbay, stderr};

fn reads(path: &str) -> TempDir {
    with(&small(&format!("[[workload]]\ntrace = \"{path}\"\n")))
}

#[test]
#[cfg(target_os = "linux")]
fn devices_pipes_and_the_systems_own_files_are_refused() {
    for path in [
        "/dev/zero",
        "/dev/stdin",
        "/proc/self/environ",
        "/proc/self/status",
        "/sys/kernel/notes",
        "pipe",
    ] {
        let folder = reads(path);
        let made = std::process::Command::new("mkfifo")
            .arg(folder.path().join("pipe"))
            .status();
        assert!(made.expect("mkfifo runs").success());
        let told = stderr(
            &sickbay(&folder, "validate a.toml")
                .env("SECRET", "hunter2")
                .assert()
                .code(2),
        );
        assert!(
            ["no regular file", "permission", "no such file"]
                .iter()
                .any(|word| told.contains(word)),
            "{path}: {told}"
        );
        assert!(!told.contains("hunter2"), "{told}");
    }
}

#[test]
#[cfg(unix)]
fn a_check_reads_its_own_folder_and_what_was_named() {
    let other = TempDir::new().expect("a folder");
    let rows = "request_id,arrival_s,start_s,hold_s,tenant,resource_class,count\nr,0,0,60,t,compute,1\n";
    fs::write(other.path().join("r.csv"), rows).expect("written");
    let expects = "[[expect]]\nmetric = \"acceptance\"\nrelation = \">=\"\nvalue = 0.0\n";
    for link in [false, true] {
        let folder = reads("r.csv");
        let there = other.path().join("r.csv").display().to_string();
        let scenario = small(&format!(
            "[[workload]]\ntrace = \"{}\"\n{expects}",
            if link { "r.csv" } else { &there }
        ));
        fs::write(folder.path().join("a.toml"), scenario).expect("written");
        if link {
            std::os::unix::fs::symlink(&there, folder.path().join("r.csv")).expect("a link");
        }
        let told = stderr(&sickbay(&folder, "check a.toml --quiet").assert().code(2));
        assert!(
            told.contains("outside of the folders") && told.contains("--inputs"),
            "{told}"
        );
        let inputs = format!("--inputs {}", other.path().display());
        sickbay(&folder, &format!("check a.toml --quiet {inputs}"))
            .assert()
            .success();
        // The others read what they are told to, unless they are told not to.
        sickbay(&folder, "run a.toml --quiet").assert().success();
        sickbay(&folder, "run a.toml --quiet --restrict-inputs")
            .assert()
            .code(2);
        sickbay(&folder, &format!("run a.toml --quiet --restrict-inputs {inputs}"))
            .assert()
            .success();
    }
}

#[test]
#[cfg(unix)]
fn a_scenario_that_is_a_link_to_elsewhere_is_not_checked() {
    let (folder, other) = (TempDir::new().expect("a folder"), TempDir::new().expect("a folder"));
    fs::write(other.path().join("secret"), "password = hunter2\n").expect("written");
    std::os::unix::fs::symlink(other.path().join("secret"), folder.path().join("a.toml")).expect("a link");
    let told = stderr(&sickbay(&folder, "check a.toml --quiet").assert().code(2));
    assert!(
        told.contains("outside of the folders") && !told.contains("hunter2"),
        "{told}"
    );
}

#[test]
fn of_what_is_no_csv_an_error_quotes_the_first_bytes_alone() {
    let secret = "-----BEGIN KEY-----\nhunter2hunter2hunter2\n";
    for (text, shown) in [
        (secret.as_bytes().to_vec(), "-----BEGIN KEY-----\\nhun"),
        (
            b"root:x:0:0:root:/root:/bin/sh,a,\"open\nhunter2\n".to_vec(),
            "root:x:0:0:root:/root:/b",
        ),
        (
            b"\x7fELF\x00\x1b[2J\xff hunter2, and hunter2 again".to_vec(),
            "\\x7fELF\\x00\\x1b[2J\\xff",
        ),
    ] {
        let folder = reads("x.csv");
        fs::write(folder.path().join("x.csv"), text).expect("written");
        for table in [
            "[[workload]]\ntrace = \"x.csv\"\n",
            "[maintenance]\ntrace = \"x.csv\"\n",
        ] {
            fs::write(folder.path().join("a.toml"), small(table)).expect("written");
            let told = stderr(&sickbay(&folder, "validate a.toml").assert().code(2));
            assert!(
                told.contains(shown) && !told.contains("hunter2hunter2") && !told.contains("hunter2 again"),
                "{told}"
            );
            assert!(!told.contains('\u{1b}'), "{told}");
        }
    }
}
