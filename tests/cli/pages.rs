//! `report`: the page of every kind of folder again, and folders that hold no results.

use std::fs;
use std::path::Path;

use super::{sickbay, stderr, stdout, tiny};

/// Removes a page, makes it again and holds it against the first.
fn again(folder: &tempfile::TempDir, name: &str, page: &str) -> String {
    let path = folder.path().join(name).join(page);
    let first = fs::read(&path).unwrap_or_else(|why| panic!("{name}: {why}"));
    fs::remove_file(&path).expect("removed");
    let told = stdout(&sickbay(folder, &format!("report {name}")).assert().code(0));
    assert!(told.contains(page), "{told}");
    assert!(fs::read(&path).expect("made again") == first, "{name}");
    String::from_utf8(first).expect("text")
}

#[test]
fn every_folder_has_a_page_that_is_made_again_to_the_same_bytes() {
    let folder = tiny();
    let work = "--quiet --replications 3";
    for command in [
        "run tiny.toml --out run",
        "run tiny.toml --out other --set operators.slip=0.5",
        "sweep tiny.toml --vary operators.technicians=1,2 --vary operators.slip=0,0.1 --out sweep",
        "robust tiny.toml --samples 2 --assume operators.slip=0.01..0.5 --metric schedulable --out robust",
    ] {
        sickbay(&folder, &format!("{command} {work}")).assert().code(0);
    }
    let plan = "plan tiny.toml --find operators.technicians --range 1..3 --slo refused<=100000 --out plan";
    sickbay(&folder, &format!("{plan} {work} --max-replications 5"))
        .assert()
        .code(0);
    sickbay(&folder, "compare run other --allow operators --out compare")
        .assert()
        .code(0);
    for (name, shows) in [
        ("run", "What happens on the nodes"),
        ("sweep", "operators.slip (across)"),
        ("plan", "Every value that was looked at"),
        ("robust", "Where claims hold"),
        ("compare", "Differences, new minus old"),
    ] {
        let page = again(&folder, name, "report.html");
        assert!(page.contains(shows), "{name}: {shows}");
    }
    // Beside another command's results a comparison leaves that one's page alone.
    sickbay(&folder, "compare run other --allow operators --out other")
        .assert()
        .code(0);
    let page = again(&folder, "other", "compare.html");
    assert!(page.contains("Differences, new minus old"));
    assert!(again(&folder, "other", "report.html").contains("What happens on the nodes"));
}

#[test]
fn a_folder_that_holds_no_results_is_told_with_the_mend() {
    let folder = tiny();
    let old = folder.path().join("old");
    fs::create_dir(&old).expect("made");
    fs::write(old.join("summary.json"), "{}").expect("written");
    for (command, said) in [
        (
            "report none",
            "none: there is no such folder; name one that `sickbay run`",
        ),
        (
            "compare none old",
            "none: there is no such folder; name one that `sickbay run`",
        ),
        ("report tiny.toml", "tiny.toml: this is no folder"),
        ("report .", "it has no manifest.txt"),
        ("report old", "make them again with `sickbay run`"),
        ("compare old old", "run the scenario again"),
    ] {
        let told = stderr(&sickbay(&folder, command).assert().code(2));
        assert!(told.contains(said), "{command}: {told}");
    }
    assert!(Path::new(&old).join("summary.json").is_file(), "nothing is touched");
}

#[test]
fn results_of_another_version_are_told_with_the_mend() {
    let folder = tiny();
    sickbay(&folder, "run tiny.toml --quiet --replications 2 --out run")
        .assert()
        .code(0);
    let file = folder.path().join("run/summary.json");
    let text = fs::read_to_string(&file)
        .expect("a summary")
        .replace("\"epoch\"", "\"era\"");
    fs::write(&file, text).expect("written");
    super::seal(&folder.path().join("run"));
    let told = stderr(&sickbay(&folder, "report run").assert().code(2));
    assert!(
        told.contains("epoch") && told.contains("make it again with `sickbay run`"),
        "{told}"
    );
}

#[test]
fn further_replications_have_logs_of_their_own_and_the_first_is_as_ever() {
    let folder = tiny();
    let run = "run tiny.toml --quiet --replications 3 --set report.log_requests=true";
    sickbay(&folder, &format!("{run} --out plain")).assert().code(0);
    sickbay(
        &folder,
        &format!("{run} --set report.log_replications=[2,7] --out more"),
    )
    .assert()
    .code(0);
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap_or_else(|why| panic!("{name}: {why}"));
    let body = |text: String| text.split_once('\n').map(|(_, rest)| rest.to_owned());
    for table in ["requests", "errands", "windows", "timeline", "states", "decisions"] {
        let name = format!("naive/{table}.csv");
        // The first lines name other digests: the scenario says more.
        assert_eq!(
            body(read(&format!("plain/{name}"))),
            body(read(&format!("more/{name}"))),
            "{table}"
        );
        let second = read(&format!("more/naive/replication-2/{table}.csv"));
        assert!(
            second
                .lines()
                .next()
                .is_some_and(|line| line.ends_with(" replication 2")),
            "{second}"
        );
    }
    assert_ne!(
        body(read("more/naive/requests.csv")),
        body(read("more/naive/replication-2/requests.csv"))
    );
    assert!(read("more/summary.json").contains("7 was not run"));
    assert!(!folder.path().join("plain/naive/replication-2").exists());
    again(&folder, "more", "report.html");
}
