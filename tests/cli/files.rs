//! What the program writes: the results folder, its bytes, and what it leaves alone.

use std::fs;

use super::{files_below, sickbay, stderr, stdout, tiny};

#[test]
fn a_run_writes_its_folder_and_prints_the_comparison() {
    let folder = tiny();
    let ended = sickbay(&folder, "run tiny.toml").assert().code(0);
    let said = stdout(&ended);
    for label in ["naive", "withdraw", "served well"] {
        assert!(said.contains(label), "{label} is not in:\n{said}");
    }
    let told = stderr(&ended);
    assert!(told.contains("results/tiny") && told.contains("summary.json"), "{told}");
    let files = files_below(&folder.path().join("results/tiny"));
    for name in [
        "summary.json",
        "metrics.csv",
        "naive/requests.csv",
        "naive/errands.csv",
        "withdraw/windows.csv",
        "withdraw/timeline.csv",
    ] {
        assert!(files.contains_key(name), "{name} is not among {:?}", files.keys());
    }
    for kind in [".svg", ".png"] {
        let plots = files
            .keys()
            .filter(|name| name.starts_with("plots/") && name.ends_with(kind))
            .count();
        assert!(plots >= 5, "{plots} plots as {kind}");
    }
    let beside: Vec<_> = fs::read_dir(folder.path().join("results"))
        .expect("a folder can be listed")
        .collect();
    assert_eq!(beside.len(), 1, "something temporary was left: {beside:?}");
}

#[test]
fn quiet_says_nothing_but_the_answer() {
    let ended = sickbay(&tiny(), "run tiny.toml --quiet").assert().code(0);
    assert_eq!(stderr(&ended), "");
    assert_ne!(stdout(&ended), "");
}

#[test]
fn the_bytes_do_not_depend_on_threads_or_the_hour() {
    let folder = tiny();
    let run = |out: &str, threads: u32| {
        let command = format!("run tiny.toml --quiet --replications 5 --threads {threads} --out {out}");
        let said = stdout(&sickbay(&folder, &command).assert().code(0));
        (said, files_below(&folder.path().join(out)))
    };
    let once = run("a", 1);
    for (out, threads) in [("b", 1), ("c", 2), ("d", 7)] {
        let again = run(out, threads);
        assert_eq!(again.0, once.0, "stdout at {threads} threads");
        assert!(again.1.keys().eq(once.1.keys()), "other files at {threads} threads");
        for (name, bytes) in &once.1 {
            assert!(again.1[name] == *bytes, "{name} differs at {threads} threads");
        }
    }
}

#[test]
fn seed_and_replications_are_overrides() {
    let folder = tiny();
    sickbay(&folder, "run tiny.toml --quiet --seed 5 --replications 3 --out a")
        .assert()
        .code(0);
    let set = "run tiny.toml --quiet --set scenario.seed=5 --set scenario.replications=3 --out b";
    sickbay(&folder, set).assert().code(0);
    let (a, b) = (
        files_below(&folder.path().join("a")),
        files_below(&folder.path().join("b")),
    );
    assert!(a == b, "an option and the key that it stands for differ");
    let summary = String::from_utf8_lossy(&a["summary.json"]).into_owned();
    assert!(
        summary.contains("\"seed\": 5") && summary.contains("\"replications\": 3"),
        "{summary}"
    );
}

#[test]
fn one_strategy_alone_can_be_run() {
    let folder = tiny();
    sickbay(&folder, "run tiny.toml --quiet --strategy withdraw")
        .assert()
        .code(0);
    let files = files_below(&folder.path().join("results/tiny"));
    assert!(files.contains_key("withdraw/requests.csv"));
    assert!(!files.keys().any(|name| name.starts_with("naive/")));
}

#[test]
fn results_are_replaced_and_wrong_input_leaves_them_untouched() {
    let folder = tiny();
    let out = folder.path().join("results/tiny");
    sickbay(&folder, "run tiny.toml --quiet").assert().code(0);
    let before = files_below(&out);
    for wrong in ["--set fleet.scael=1", "--strategy nobody", "--set scenario.horizon=-1d"] {
        sickbay(&folder, &format!("run tiny.toml --quiet {wrong}"))
            .assert()
            .code(2);
        assert!(files_below(&out) == before, "{wrong} touched the results");
    }
    sickbay(&folder, "run tiny.toml --quiet --seed 77").assert().code(0);
    assert!(files_below(&out) != before, "the results were not replaced");
}

#[test]
fn a_folder_that_is_not_ours_is_refused_before_anything_runs() {
    let folder = tiny();
    let taken = folder.path().join("taken");
    fs::create_dir(&taken).expect("a folder can be made");
    fs::write(taken.join("thesis.txt"), "years of work").expect("a file can be written");
    for out in ["taken", "tiny.toml"] {
        let ended = sickbay(&folder, &format!("run tiny.toml --out {out}")).assert().code(2);
        let told = stderr(&ended);
        assert!(told.contains(out) && !told.contains("running"), "{told}");
    }
    assert_eq!(files_below(folder.path()).len(), 2, "something was written or lost");
}

#[test]
fn plot_draws_the_same_figures_again() {
    let folder = tiny();
    sickbay(&folder, "run tiny.toml --quiet").assert().code(0);
    let out = folder.path().join("results/tiny");
    let before = files_below(&out);
    for entry in fs::read_dir(out.join("plots")).expect("there are plots") {
        fs::write(entry.expect("there are plots").path(), "smudged").expect("a file can be written");
    }
    let told = stderr(&sickbay(&folder, "plot results/tiny").assert().code(2));
    assert!(told.contains("edited") && told.contains("plots/"), "{told}");
    let said = stdout(&sickbay(&folder, "plot results/tiny --replace").assert().code(0));
    assert!(said.contains(".svg") && said.contains(".png"), "{said}");
    for (name, bytes) in files_below(&out) {
        assert!(before.get(&name) == Some(&bytes), "{name} differs");
    }
}

#[test]
fn plot_refuses_what_is_no_results_folder() {
    let folder = tiny();
    for wrong in ["nowhere", "tiny.toml", "."] {
        let ended = sickbay(&folder, &format!("plot {wrong}")).assert().code(2);
        assert!(stderr(&ended).starts_with("error: "), "{}", stderr(&ended));
    }
    assert_eq!(files_below(folder.path()).len(), 1, "nothing may be written");
}
