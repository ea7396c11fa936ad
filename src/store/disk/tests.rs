use super::{hidden, journal};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::error::StoreError;
use super::manifest::MANIFEST;
use super::sealed::verify;
use super::slot::put;
use super::target::{FolderScope, Target, Wish, finish};

fn texts(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(&next).expect("listed").flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if !path.ends_with(MANIFEST) {
                let name = path.strip_prefix(folder).expect("below").display().to_string();
                found.insert(name, fs::read_to_string(&path).expect("text"));
            }
        }
    }
    found
}

fn write(out: &Path, wish: Wish, files: &[(&str, &str)]) -> Result<Vec<PathBuf>, StoreError> {
    let mut target = Target::open(out, wish)?;
    for (path, text) in files {
        target.add(Path::new(path), text.as_bytes())?;
    }
    target.commit("of a test")
}

fn owned(files: &[(&str, &str)]) -> BTreeMap<String, String> {
    files.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
}

const OLD: [(&str, &str); 3] = [("a.csv", "1"), ("plots/x.svg", "2"), ("naive/r.csv", "3")];
const NEW: [(&str, &str); 2] = [("a.csv", "4"), ("plots/y.svg", "5")];

fn whole() -> Wish {
    Wish::whole("run", false)
}

fn replacing() -> Wish {
    Wish::whole("run", true)
}

#[test]
fn new_files_take_the_place_of_the_old_and_nothing_else_is_left() {
    let temp = tempfile::tempdir().expect("tempdir");
    let out = temp.path().join("deep/results");
    write(&out, whole(), &OLD).expect("written");
    assert_eq!(texts(&out), owned(&OLD));
    let files = write(&out, whole(), &NEW).expect("replaced");
    assert!(files.ends_with(&[out.join(MANIFEST)]), "{files:?}");
    assert_eq!(texts(&out), owned(&NEW));
    assert!(!out.join("naive").exists());
    let beside = fs::read_dir(temp.path().join("deep")).expect("listed").count();
    assert_eq!(beside, 1);
}

#[test]
fn a_target_that_is_dropped_leaves_everything_as_it_was() {
    let temp = tempfile::tempdir().expect("tempdir");
    let out = temp.path().join("deep/results");
    let mut target = Target::open(&out, whole()).expect("open");
    target.add(Path::new("a.csv"), b"1").expect("added");
    drop(target);
    assert_eq!(fs::read_dir(temp.path()).expect("listed").count(), 0);
    write(&out, whole(), &OLD).expect("written");
    let mut target = Target::open(&out, whole()).expect("open");
    target.add(Path::new("a.csv"), b"9").expect("added");
    drop(target);
    assert_eq!(texts(temp.path()).len(), 3);
}

/// The user's files of every kind: hidden, in our folders, in folders of their own, links.
#[test]
fn what_we_did_not_write_is_named_and_stays_whatever_happens() {
    for name in [
        ".env",
        ".git/config",
        "plots/mine.svg",
        "naive/notes/n.txt",
        "thesis.tex",
    ] {
        let temp = tempfile::tempdir().expect("tempdir");
        let out = temp.path().join("results");
        write(&out, whole(), &OLD).expect("written");
        let file = out.join(name);
        fs::create_dir_all(file.parent().expect("a parent")).expect("made");
        fs::write(&file, "mine").expect("written");
        let error = write(&out, whole(), &NEW).expect_err("refused").to_string();
        let top = name.split('/').next().expect("a part");
        assert!(error.contains(top) && error.contains("--replace"), "{name}: {error}");
        let mut wanted = owned(&OLD);
        wanted.insert(name.to_owned(), "mine".to_owned());
        assert_eq!(texts(&out), wanted);
        // Those who want it can write around it.
        write(&out, replacing(), &NEW).expect("written around");
        let mut wanted = owned(&NEW);
        wanted.insert(name.to_owned(), "mine".to_owned());
        assert_eq!(texts(&out), wanted, "{name}");
        let hidden = fs::read_dir(&out).expect("listed").flatten();
        assert!(
            !hidden
                .map(|it| it.file_name())
                .any(|it| it.to_string_lossy().starts_with(".sickbay-"))
        );
    }
}

#[test]
fn a_file_of_ours_that_was_edited_is_the_users() {
    let temp = tempfile::tempdir().expect("tempdir");
    let out = temp.path().join("results");
    write(&out, whole(), &OLD).expect("written");
    fs::write(out.join("naive/r.csv"), "4").expect("edited to the same length");
    fs::write(out.join("a.csv"), "my notes").expect("edited");
    let error = write(&out, whole(), &NEW).expect_err("refused").to_string();
    assert!(
        error.contains("`a.csv` and 1 more") && error.contains("edited"),
        "{error}"
    );
    write(&out, replacing(), &NEW).expect("replaced");
    // The one that is in no name's way stays, edits and all.
    let mut wanted = owned(&NEW);
    wanted.insert("naive/r.csv".to_owned(), "4".to_owned());
    assert_eq!(texts(&out), wanted);
}

#[test]
fn without_a_manifest_everything_is_the_users() {
    let temp = tempfile::tempdir().expect("tempdir");
    let out = temp.path().join("results");
    for break_it in [
        (|file: &Path| fs::remove_file(file).expect("removed")) as fn(&Path),
        |file: &Path| fs::write(file, "sickbay files 1\n").expect("cut short"),
        |file: &Path| fs::write(file, [0xff, 0xfe]).expect("no text"),
    ] {
        write(&out, replacing(), &OLD).expect("written");
        break_it(&out.join(MANIFEST));
        let error = write(&out, whole(), &NEW).expect_err("refused").to_string();
        assert!(error.contains("manifest.txt") && error.contains("--replace"), "{error}");
        write(&out, replacing(), &NEW).expect("written over");
        let left = texts(&out);
        assert_eq!((left["a.csv"].as_str(), left["naive/r.csv"].as_str()), ("4", "3"));
        fs::remove_dir_all(&out).expect("removed");
    }
}

#[test]
#[cfg(unix)]
fn links_are_followed_to_the_folder_and_never_inside_it() {
    use std::os::unix::fs::symlink;
    let temp = tempfile::tempdir().expect("tempdir");
    let (out, link) = (temp.path().join("real/results"), temp.path().join("link"));
    symlink(&out, &link).expect("a link to nothing yet");
    fs::create_dir(temp.path().join("real")).expect("made");
    for files in [&OLD[..], &NEW[..]] {
        write(&link, whole(), files).expect("written");
        assert_eq!(texts(&out), owned(files));
        assert!(fs::symlink_metadata(&link).expect("there").is_symlink());
    }
    let elsewhere = temp.path().join("elsewhere");
    fs::create_dir(&elsewhere).expect("made");
    fs::remove_dir_all(out.join("plots")).expect("removed");
    symlink(&elsewhere, out.join("plots")).expect("linked");
    for wish in [whole(), replacing()] {
        assert!(write(&link, wish, &NEW).is_err());
        assert_eq!(fs::read_dir(&elsewhere).expect("listed").count(), 0);
    }
    let file = temp.path().join("golden-link");
    symlink("real/x.golden", &file).expect("linked");
    put(&file, b"text").expect("written");
    assert!(fs::symlink_metadata(&file).expect("there").is_symlink());
    assert_eq!(fs::read(temp.path().join("real/x.golden")).expect("there"), b"text");
}

#[test]
fn two_that_write_one_folder_are_told_apart() {
    let temp = tempfile::tempdir().expect("tempdir");
    let out = temp.path().join("results");
    let first = Target::open(&out, whole()).expect("open");
    let second = Target::open(&out, whole()).expect_err("refused");
    assert!(second.may_pass() && second.to_string().contains("results"), "{second}");
    drop(first);
    write(&out, whole(), &OLD).expect("written");
}

#[test]
fn what_comes_while_we_work_is_never_lost() {
    let temp = tempfile::tempdir().expect("tempdir");
    let out = temp.path().join("results");
    write(&out, whole(), &OLD).expect("written");
    let mut target = Target::open(&out, whole()).expect("open");
    target.add(Path::new("a.csv"), b"4").expect("added");
    fs::write(out.join("a.csv"), "my notes").expect("edited meanwhile");
    let error = target.commit("late").expect_err("refused").to_string();
    let kept = temp.path().join("results.kept");
    assert!(error.contains("edited") && error.contains("results.kept"), "{error}");
    assert_eq!(fs::read_to_string(out.join("a.csv")).expect("there"), "my notes");
    assert_eq!(fs::read_to_string(kept.join("a.csv")).expect("kept"), "4");
}

#[test]
fn names_that_lead_out_are_refused() {
    let temp = tempfile::tempdir().expect("tempdir");
    let mut target = Target::open(&temp.path().join("results"), whole()).expect("open");
    for path in ["../x", "/x", "a/../../x", "", "manifest.txt", ".sickbay-a/b"] {
        assert!(target.add(Path::new(path), b"x").is_err(), "{path}");
    }
}

#[test]
fn only_named_files_are_looked_at_where_the_folder_is_not_ours() {
    let temp = tempfile::tempdir().expect("tempdir");
    let wish = |replace| Wish {
        writer: "check",
        scope: FolderScope::Names(vec!["check.txt".to_owned()]),
        replace,
        wait: false,
    };
    fs::write(temp.path().join("thesis.tex"), "mine").expect("written");
    write(temp.path(), wish(false), &[("check.txt", "1")]).expect("written");
    write(temp.path(), wish(false), &[("check.txt", "2")]).expect("replaced");
    fs::write(temp.path().join("check.txt"), "mine").expect("edited");
    write(temp.path(), wish(false), &[("check.txt", "3")]).expect_err("refused");
    write(temp.path(), wish(true), &[("check.txt", "3")]).expect("replaced");
    assert_eq!(texts(temp.path()), owned(&[("check.txt", "3"), ("thesis.tex", "mine")]));
}

#[test]
fn a_reader_finds_every_loss() {
    let temp = tempfile::tempdir().expect("tempdir");
    let out = temp.path().join("results");
    write(&out, whole(), &OLD).expect("written");
    let sound = || verify(&out, "run", "a.csv", |_| true);
    assert_eq!(sound().expect("whole").files.len(), 3);
    for (file, text) in [
        ("a.csv", "2"),
        ("a.csv", ""),
        ("naive/r.csv", "33"),
        ("manifest.txt", "x"),
    ] {
        let path = out.join(file);
        let before = fs::read(&path).expect("read");
        fs::write(&path, text).expect("damaged");
        let error = sound().expect_err("found").to_string();
        assert!(error.contains(file), "{error}");
        fs::remove_file(&path).expect("removed");
        assert!(sound().is_err(), "{file} is missing");
        fs::write(&path, before).expect("put right");
    }
    assert!(verify(&out, "plan", "a.csv", |_| true).is_err());
    sound().expect("whole again");
}

/// A hidden folder as a killed process leaves it, with a journal that is right.
#[cfg(unix)]
fn planted(out: &Path, put: &str, text: &str) -> PathBuf {
    let root = out.join(".sickbay-abcdefghijkl");
    let file = root.join("new").join(put);
    fs::create_dir_all(file.parent().expect("a parent")).expect("made");
    fs::write(&file, text).expect("written");
    fs::write(root.join(hidden::MARK), hidden::MARKED).expect("written");
    let journal = journal::Journal {
        put: [put.to_owned()].into(),
        ..journal::Journal::default()
    };
    journal.write(&root).expect("written");
    root
}

#[test]
#[cfg(unix)]
fn a_planted_journal_leads_nowhere_and_a_reader_finishes_none() {
    use std::os::unix::fs::symlink;
    let temp = tempfile::tempdir().expect("tempdir");
    let (out, elsewhere) = (temp.path().join("results"), temp.path().join("elsewhere"));
    fs::create_dir(&elsewhere).expect("made");
    fs::write(elsewhere.join("secret"), "mine").expect("written");
    write(&out, whole(), &OLD).expect("written");
    let reader = || verify(&out, "run", "a.csv", |_| true);
    // One that is right is finished by who writes, and by nobody else.
    let root = planted(&out, "plots/x.svg", "9");
    let error = reader().expect_err("refused").to_string();
    assert!(error.contains("sickbay plot"), "{error}");
    assert_eq!(fs::read(out.join("plots/x.svg")).expect("there"), b"2");
    assert_eq!(finish(&out).expect("finished").len(), 1);
    assert!(!root.exists() && out.join("plots/x.svg").exists());

    // A link on the way of a file.
    fs::remove_dir_all(out.join("plots")).expect("removed");
    symlink(&elsewhere, out.join("plots")).expect("linked");
    planted(&out, "plots/x.svg", "9");
    assert!(reader().is_err() && finish(&out).is_err());
    assert!(Target::open(&out, replacing()).is_err());
    assert_eq!(fs::read_dir(&elsewhere).expect("listed").count(), 1);

    // A link to where the new files are taken from.
    fs::remove_file(out.join("plots")).expect("removed");
    fs::remove_dir_all(&root).expect("removed");
    planted(&out, "secret", "9");
    fs::remove_dir_all(root.join("new")).expect("removed");
    symlink(&elsewhere, root.join("new")).expect("linked");
    assert!(finish(&out).is_err() && Target::open(&out, replacing()).is_err());
    assert_eq!(fs::read(elsewhere.join("secret")).expect("there"), b"mine");
}

/// The name of a hidden folder is anybody's: ours carries a mark.
#[test]
fn a_folder_that_is_called_like_ours_and_has_no_mark_stays() {
    let temp = tempfile::tempdir().expect("tempdir");
    let out = temp.path().join("results");
    write(&out, whole(), &OLD).expect("written");
    let theirs = [
        out.join(".sickbay-abcdefghijkl/notes.txt"),
        temp.path().join(".results.sickbay-abcdefghijkl/notes.txt"),
        temp.path().join(".results.sickbay-abcdefghijkm/mark"),
    ];
    for file in &theirs {
        fs::create_dir_all(file.parent().expect("a parent")).expect("made");
        fs::write(file, "mine").expect("written");
    }
    let error = write(&out, whole(), &NEW).expect_err("refused").to_string();
    assert!(error.contains(".sickbay-abcdefghijkl"), "{error}");
    write(&out, replacing(), &NEW).expect("written");
    for file in &theirs {
        assert_eq!(fs::read_to_string(file).expect("there"), "mine");
    }
    // One that its maker could not finish to mark is ours, as long as nothing else is in it.
    for mark in [None, Some(""), Some(&hidden::MARKED[..9])] {
        let root = temp.path().join(".other.sickbay-abcdefghijkl");
        fs::create_dir(&root).expect("made");
        if let Some(mark) = mark {
            fs::write(root.join(hidden::MARK), mark).expect("written");
        }
        write(&temp.path().join("other"), whole(), &NEW).expect("written");
        assert!(!root.exists(), "{mark:?}");
    }
}

/// Whatever has the name of a hidden folder or file of ours is looked at and not waited for.
#[test]
#[cfg(unix)]
fn pipes_that_are_called_like_ours_are_not_opened() {
    let temp = tempfile::tempdir().expect("tempdir");
    let out = temp.path().join("results");
    write(&out, whole(), &OLD).expect("written");
    for pipe in [
        out.join(".sickbay-abcdefghijkl"),
        temp.path().join(".results.sickbay-abcdefghijkl"),
        temp.path().join(".x.golden.sickbay-abcdefghijkl"),
    ] {
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.expect("mkfifo runs").success());
    }
    verify(&out, "run", "a.csv", |_| true).expect("whole");
    write(&out, whole(), &NEW).expect_err("a pipe is not ours");
    write(&out, replacing(), &NEW).expect("written around it");
    put(&temp.path().join("x.golden"), b"1").expect("written");
}

#[test]
#[cfg(unix)]
fn modes_stay_as_they_were_in_both_ways() {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
    let set = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("set");
    for users in [false, true] {
        let temp = tempfile::tempdir().expect("tempdir");
        let out = temp.path().join("results");
        write(&out, whole(), &OLD).expect("written");
        if users {
            fs::write(out.join("mine"), "mine").expect("written");
        }
        for (path, mode) in [("a.csv", 0o600), ("plots", 0o700), ("", 0o750)] {
            set(&out.join(path), mode);
        }
        write(&out, replacing(), &NEW).expect("replaced");
        let modes = ["a.csv", "plots", ""].map(|path| mode(&out.join(path)));
        assert_eq!(modes, [0o600, 0o700, 0o750], "{users}");
    }
}

fn owned_bytes(files: &[(&str, &str)]) -> Vec<(PathBuf, Vec<u8>)> {
    let bytes = |(path, text): &(&str, &str)| (PathBuf::from(path), text.as_bytes().to_vec());
    files.iter().map(bytes).collect()
}

/// A folder that is moved, removed or taken while the work is going on: what was computed is there at the end.
#[test]
fn what_was_computed_outlives_the_folder() {
    let files = owned_bytes(&NEW);
    for how in ["moved", "removed", "parent moved", "parent removed", "taken"] {
        for users in [false, true] {
            let temp = tempfile::tempdir().expect("tempdir");
            let (parent, out) = (temp.path().join("deep"), temp.path().join("deep/results"));
            write(&out, whole(), &OLD).expect("written");
            if users {
                fs::write(out.join("mine"), "mine").expect("written");
            }
            let target = Target::open(&out, replacing()).expect("open");
            match how {
                "moved" => fs::rename(&out, parent.join("old")),
                "removed" => fs::remove_dir_all(&out),
                "parent moved" => fs::rename(&parent, temp.path().join("old")),
                "parent removed" => fs::remove_dir_all(&parent),
                _ => fs::rename(&out, parent.join("old"))
                    .and_then(|()| fs::create_dir(&out))
                    .and_then(|()| fs::write(out.join("theirs"), "1")),
            }
            .expect(how);
            target.write(&files, "late").expect(how);
            let mut found = texts(&out);
            assert_eq!(found.remove("theirs").is_some(), how == "taken");
            assert_eq!(found, owned(&NEW), "{how}");
        }
    }
    // Where it was taken and may not be written around, it is kept beside.
    let temp = tempfile::tempdir().expect("tempdir");
    let out = temp.path().join("results");
    let target = Target::open(&out, whole()).expect("open");
    fs::remove_dir(&out).expect("removed");
    fs::create_dir(&out).expect("made");
    fs::write(out.join("theirs"), "1").expect("written");
    let error = target.write(&files, "late").expect_err("taken");
    assert!(error.to_string().contains("results.kept"), "{error}");
    assert_eq!(texts(&temp.path().join("results.kept")), owned(&NEW));
}

/// What is finished when something fails is kept, and can be read.
#[test]
fn what_was_finished_before_a_failure_is_kept() {
    let temp = tempfile::tempdir().expect("tempdir");
    let out = temp.path().join("results");
    write(&out, whole(), &OLD).expect("written");
    // The last one cannot be written: a file has its folder's name.
    let files = owned_bytes(&[("a.csv", "4"), ("plots", "5"), ("plots/y.svg", "6")]);
    let target = Target::open(&out, whole()).expect("open");
    let error = target.write(&files, "late").expect_err("refused").to_string();
    let kept = temp.path().join("results.kept");
    assert!(error.contains("results.kept"), "{error}");
    assert_eq!(texts(&kept), owned(&[("a.csv", "4"), ("plots", "5")]));
    verify(&kept, "run", "a.csv", |_| true).expect("it is whole as far as it goes");
    assert_eq!(texts(&out), owned(&OLD));
}
