//! The inverse question as a user asks it.

use super::{files_below, sickbay, stderr, stdout, tiny};

const ASKED: &str = "plan tiny.toml --find fleet.group.0.nodes --range 2..14 --max-replications 80 --quiet";

#[test]
fn an_answer_is_said_written_and_the_same_on_any_number_of_threads() {
    let folder = tiny();
    let slo = ["--slo", "acceptance >= 95% and refused <= 9"];
    let ask = |out: &str, threads: &str| {
        let rest = format!("{ASKED} --threads {threads} --out {out}");
        let said = stdout(&sickbay(&folder, &rest).args(slo).assert().code(0));
        (said, files_below(&folder.path().join(out)))
    };
    let (said, files) = ask("a", "1");
    assert!(
        said.contains("acceptance >= 95% and refused <= 9 with fleet.group.0.nodes = "),
        "{said}"
    );
    assert!(
        said.contains("naive ") && said.contains("withdraw ") && said.contains(" looked at in "),
        "{said}"
    );
    for name in [
        "plan.json",
        "plan.csv",
        "plots/plan-acceptance.svg",
        "plots/plan-refused.png",
    ] {
        assert!(files.contains_key(name), "{name} is not among {:?}", files.keys());
    }
    let again = ask("b", "3");
    assert_eq!(again.0, said);
    assert!(again.1 == files, "other bytes on other threads");
    // With maintenance hidden there is less to place on: it cannot need fewer nodes.
    let json: serde_json::Value = serde_json::from_slice(&files["plan.json"]).expect("JSON");
    let answer = |label: &str| -> u32 {
        let text = json["answers"][label]["answer"].as_str().expect("an answer");
        text.parse().expect("a number")
    };
    assert!(answer("naive") <= answer("withdraw"), "{json}");
    assert!((5..14).contains(&answer("naive")), "{json}");
}

#[test]
fn what_cannot_be_reached_is_said_with_exit_code_1() {
    let folder = tiny();
    let ended = sickbay(&folder, ASKED)
        .args(["--slo", "refused <= -1"])
        .assert()
        .code(1);
    let said = stdout(&ended);
    assert!(
        said.contains("naive and withdraw do not reach refused <= -1 anywhere in fleet.group.0.nodes = 2..14"),
        "{said}"
    );
    assert_eq!(stderr(&ended), "no answer under naive, withdraw\n");
    // More nodes are worse for this one.
    let ended = sickbay(&folder, ASKED)
        .args(["--slo", "schedulable <= 6"])
        .assert()
        .code(1);
    assert!(stdout(&ended).contains("is not monotone"), "{}", stdout(&ended));
    let ended = sickbay(&folder, ASKED)
        .args(["--largest", "--slo", "schedulable <= 6"])
        .assert()
        .code(0);
    let said = stdout(&ended);
    assert!(
        said.contains("schedulable <= 6 up to fleet.group.0.nodes = 6"),
        "{said}"
    );
}
