//! Claims over what is plausible, as a user asks.

use super::{files_below, sickbay, stderr, stdout, tiny};

/// Errands by hand against errands by Nova, whose deploys take twelve minutes.
const ROUTES: [&str; 2] = ["--set", "scenario.strategies=[\"withdraw\", \"hidden-via-extra-spec\"]"];

const ASKED: &str = "robust tiny.toml --assume withdraw.out_of_band=2m..8h --metric errand_wait_p50 \
                     --replications 30 --samples 12 --quiet";

#[test]
fn a_break_even_is_said_written_the_same_on_any_number_of_threads_and_told_by_run() {
    let folder = tiny();
    let ask = |more: &str| {
        let ended = sickbay(&folder, &format!("{ASKED} {more}"))
            .args(ROUTES)
            .assert()
            .code(0);
        stdout(&ended)
    };
    let said = ask("--threads 1 --out a");
    let first = said.replace('\n', " ");
    assert!(
        first.contains("hidden-via-extra-spec is better in errand wait p50 (")
            && first.contains(" while withdraw.out_of_band > "),
        "{said}"
    );
    let files = files_below(&folder.path().join("a"));
    for name in ["robust.json", "robust.csv", "plots/robust-errand_wait_p50.svg"] {
        assert!(files.contains_key(name), "{name} is not among {:?}", files.keys());
    }
    let json: serde_json::Value = serde_json::from_slice(&files["robust.json"]).expect("JSON");
    let key = &json["claims"][0]["keys"]["scenario.strategies.withdraw.out_of_band"];
    assert_eq!(key["low"], "reversed", "{json}");
    assert_eq!(key["high"], "held", "{json}");
    assert!(key["break_even"].is_string(), "{json}");
    assert_eq!(ask("--threads 3 --out b"), said);
    assert!(
        files_below(&folder.path().join("b")) == files,
        "other bytes on other threads"
    );
    // Where it lies in its own place, `run` of the same scenario tells what most hangs on.
    ask("--threads 2");
    let run = |seed: u32| {
        let line = format!("run tiny.toml --replications 30 --quiet --seed {seed}");
        stdout(&sickbay(&folder, &line).args(ROUTES).assert().code(0))
    };
    let told = "Most hangs on withdraw.out_of_band = 2h, which no data supports";
    assert!(run(9).contains(told), "{}", run(9));
    assert!(!run(8).contains(told), "another seed is another scenario");
}

#[test]
fn what_cannot_be_asked_is_refused_before_anything_runs() {
    let folder = tiny();
    for (line, told) in [
        ("robust tiny.toml", "says of no value what is plausible"),
        (
            "robust tiny.toml --assume operators.slips=0..1",
            "has no value in this scenario",
        ),
        ("robust tiny.toml --assume operators.slip=0.1", "is no range"),
        (
            "robust tiny.toml --assume operators.slip=0.5..2",
            "at operators.slip = 2",
        ),
        (
            "robust tiny.toml --strategy naive --assume operators.slip=0..1",
            "there is one strategy",
        ),
        (
            "robust tiny.toml --metric acceptanc --assume operators.slip=0..1",
            "is it meant as `acceptance`",
        ),
    ] {
        let ended = sickbay(&folder, line).assert().code(2);
        assert!(stderr(&ended).contains(told), "{line}: {}", stderr(&ended));
    }
    assert!(!folder.path().join("results").exists());
}
