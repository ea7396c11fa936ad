//! What is said of campaigns: those that take much, and those that did not open or were not done.

use std::fs;

use super::{sickbay, stderr, stdout, tiny};

/// A campaign over 30 nodes, one at a time, 50 minutes each.
const CAMPAIGN: &str = r#"
[scenario]
name = "window"
horizon = "12d"
replications = 2
strategies = ["withdraw", "naive"]
[[fleet.group]]
class = "c"
nodes = 30
[[maintenance.campaign]]
start = "0s"
budget = { nodes = 1 }
window = ["02:00", "04:00"]
work = "50m"
[operators]
action = "0s"
slip = 0.0
technicians = 1
[control_plane]
loop = "instant"
[report]
warm_up = "none"
"#;

/// What `command` says of the campaign with these changes: standard output, and standard error.
fn said(command: &str, changes: &str) -> (String, String) {
    let folder = tiny();
    fs::write(folder.path().join("c.toml"), CAMPAIGN).expect("the scenario can be written");
    let ended = sickbay(&folder, &format!("{command} c.toml {changes}"))
        .assert()
        .code(0);
    (stdout(&ended).replace('\n', " "), stderr(&ended))
}

#[test]
fn a_campaign_that_is_done_is_not_spoken_of() {
    let (said, _) = said("run", "--out done");
    assert!(!said.contains("Campaign `"), "{said}");
}

#[test]
fn the_answer_names_campaigns_that_did_not_open_or_were_not_finished() {
    // Three nodes a night: 15 of 30 in five nights, 14 when the horizon cuts the last one's work off.
    let (open, _) = said("run", "--details --out open --set scenario.horizon=\"5d\"");
    for label in ["withdraw", "naive"] {
        let wanted = format!(
            "under {label} it was NOT finished at the horizon in 2 of 2 replications, with 15.0 of 30.0 nodes left"
        );
        assert!(open.contains(&wanted), "{open}");
    }
    let (shut, _) = said("run", "--details --out shut --set maintenance.campaign.0.start=\"40d\"");
    for label in ["withdraw", "naive"] {
        let wanted = format!("under {label} it did NOT open in 2 of 2 replications");
        assert!(shut.contains(&wanted), "{shut}");
    }
}

#[test]
fn a_campaign_that_may_take_more_than_a_third_of_a_class_is_warned_of() {
    let (out, err) = said("validate", "--set maintenance.campaign.0.budget.nodes=11");
    assert!(
        format!("{out}{err}").contains("may take more than a third of a class at once: 11 of 30 `c`"),
        "{out}{err}"
    );
    let (out, err) = said("validate", "--set maintenance.campaign.0.budget.nodes=10");
    assert!(!format!("{out}{err}").contains("third"), "{out}{err}");
}

/// What ends behind the horizon has no end that a bound could hold: 30 nodes take ten nights at three a night.
#[test]
fn a_campaign_that_is_not_done_at_the_horizon_keeps_no_bound() {
    let folder = tiny();
    fs::write(folder.path().join("c.toml"), CAMPAIGN).expect("the scenario can be written");
    let plan = |horizon: &str, bound: &str, code: i32| {
        let line = format!(
            "plan c.toml --find maintenance.campaign.0.budget.nodes --range 1..3 --quiet --out p{horizon}{bound}"
        );
        let slo = format!("campaign_end <= {bound}");
        let set = format!("scenario.horizon=\"{horizon}\"");
        let ended = sickbay(&folder, &line)
            .args(["--slo", &slo, "--set", &set, "--replace"])
            .assert()
            .code(code);
        stdout(&ended).replace('\n', " ")
    };
    // Five nights are not enough, whatever the bound is.
    for bound in ["4d", "200d"] {
        let said = plan("5d", bound, 1);
        assert!(
            said.contains("not done within the horizon, which no bound allows"),
            "{said}"
        );
        assert!(!said.contains("meet"), "{said}");
    }
    // Twelve nights are, and a bound behind the horizon is kept in truth.
    assert!(plan("12d", "200d", 0).contains("meet"));
    let expects = format!("{CAMPAIGN}[[expect]]\nmetric = \"campaign_end\"\nrelation = \"<=\"\nvalue = 4800\n");
    fs::write(folder.path().join("e.toml"), expects).expect("the scenario can be written");
    let said = stdout(
        &sickbay(&folder, "check e.toml --set scenario.horizon=\"5d\"")
            .assert()
            .code(1),
    );
    assert!(
        said.contains("not done within the horizon in 2 of 2 replications"),
        "{said}"
    );
    sickbay(&folder, "check e.toml").assert().code(0);
}
