use std::fs;

use super::read::{parse, read};
use super::*;
use crate::judge::sample::{SampleWish, results};
use crate::store::again::{FigureFile, redraw};

fn sample(eventful: bool) -> Results {
    results(SampleWish {
        arms: 4,
        replications: 3,
        eventful,
    })
}

fn write(results: &Results, out: &Path) -> Result<Vec<PathBuf>, FolderError> {
    let drawn = DrawnFiles {
        figures: figures(results),
        page: provenance(results).into_bytes(),
    };
    super::write(results, drawn, open(out, false)?)
}

/// A figure made up of what was read.
fn figures(results: &Results) -> Vec<FigureFile> {
    let text = format!("{}\n{:?}", provenance(results), as_read(results).arms[0].estimates);
    vec![("acceptance.svg".to_owned(), text.into_bytes())]
}

fn bytes(folder: &Path, files: &[PathBuf]) -> Vec<(PathBuf, Vec<u8>)> {
    let inside = |f: &PathBuf| f.strip_prefix(folder).expect("inside").to_path_buf();
    files.iter().map(|f| (inside(f), fs::read(f).expect("read"))).collect()
}

#[test]
fn what_is_written_can_be_read_and_redrawn_to_the_same_bytes() {
    for eventful in [true, false] {
        let temp = tempfile::tempdir().expect("tempdir");
        let (first, second) = (temp.path().join("a"), temp.path().join("deep/b"));
        let written = write(&sample(eventful), &first).expect("written");
        let back = read(&first).expect("read");
        let again = write(&back, &second).expect("written again");
        let plain = |files: Vec<(PathBuf, Vec<u8>)>| -> Vec<_> {
            // The story is not read back.
            let other = ["story.txt", MANIFEST];
            files
                .into_iter()
                .filter(|(f, _)| !other.iter().any(|other| f.ends_with(other)))
                .collect()
        };
        assert!(
            plain(bytes(&first, &written)) == plain(bytes(&second, &again)),
            "eventful: {eventful}"
        );
        let before = bytes(&first, &written);
        redraw((FolderKind::Run, &provenance(&back)), figures(&back), &first, false).expect("redrawn");
        assert!(before == bytes(&first, &written));
    }
}

#[test]
fn every_text_says_what_made_it() {
    let temp = tempfile::tempdir().expect("tempdir");
    let out = temp.path().join("quickstart");
    for file in write(&sample(true), &out).expect("written") {
        let text = String::from_utf8_lossy(&fs::read(&file).expect("read")).into_owned();
        assert!(text.contains("5f0c9b1e7a3d42688d1c0e2f4b6a7980"), "{}", file.display());
        assert!(text.contains("2014") && text.contains("0.1.0"), "{}", file.display());
    }
}

#[test]
fn only_results_are_replaced() {
    let temp = tempfile::tempdir().expect("tempdir");
    let out = temp.path().join("mine");
    fs::create_dir(&out).expect("made");
    write(&sample(false), &out).expect("an empty folder will do");
    write(&sample(true), &out).expect("so will results");
    let left: Vec<_> = fs::read_dir(temp.path()).expect("listed").collect();
    assert_eq!(left.len(), 1, "nothing is left beside it");
    fs::write(out.join("thesis.tex"), "years of work").expect("written");
    let error = write(&sample(true), &out).expect_err("refused").to_string();
    assert!(error.contains("thesis.tex"), "{error}");
    assert!(out.join("thesis.tex").exists());
    let error = write(&sample(true), Path::new("/")).expect_err("refused").to_string();
    assert!(error.contains("cannot be replaced"), "{error}");
}

#[test]
fn labels_become_folders_that_differ() {
    let mut arms = sample(false).arms;
    for (arm, label) in arms.iter_mut().zip(["a/b", "A b", "plots", "..", "x"]) {
        arm.label = label.to_owned();
    }
    assert_eq!(folders(&arms).expect("named"), ["a-b", "A-b-2", "plots-2", "strategy"]);
    arms[1].label = "a/b".to_owned();
    assert!(folders(&arms).is_err());
}

#[test]
fn damage_is_named_with_its_file_and_place() {
    let temp = tempfile::tempdir().expect("tempdir");
    let out = temp.path().join("r");
    write(&sample(true), &out).expect("written");
    let damage = |file: &str, from: &str, to: &str| {
        let path = out.join(file);
        let text = fs::read_to_string(&path).expect("read");
        assert!(text.contains(from), "{file} has {from}");
        fs::write(&path, text.replacen(from, to, 1)).expect("damaged");
        let error = parse(&out).expect_err("refused").to_string();
        let sealed = read(&out).expect_err("refused").to_string();
        assert!(
            sealed.contains(file) && sealed.contains("is not as it was written"),
            "{sealed}"
        );
        fs::write(&path, text).expect("put right");
        error
    };
    for (file, from, to, place, what) in [
        (
            "summary.json",
            "\"seed\": 2014",
            "\"seed\": \"x\"",
            "summary.json:8",
            "expected u64",
        ),
        ("summary.json", "{", "", "summary.json:", ""),
        ("metrics.csv", "withdraw,0,", "witdraw,0,", "metrics.csv:3", "witdraw"),
        ("naive/errands.csv", "# sickbay", "#", "errands.csv:1", "which sickbay"),
        ("naive/errands.csv", "needed_s", "needed", "errands.csv:2", "header"),
        (
            "naive/states.csv",
            ",free",
            ",fee",
            "states.csv:3",
            "unknown variant `fee`, expected one of",
        ),
        (
            "naive/timeline.csv",
            "0,112,",
            "0,a lot,",
            "timeline.csv:3",
            "`a lot` is no number",
        ),
        (
            "naive/requests.csv",
            "1.234",
            "-1.234",
            "requests.csv:3",
            "`-1.234` is no number of seconds",
        ),
    ] {
        let error = damage(file, from, to);
        assert!(
            error.contains(place) && error.contains(what),
            "wanted {place}: {what}, got {error}"
        );
    }
}
