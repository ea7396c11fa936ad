//! What is set and does nothing is warned of, and what does something is not.

use std::path::Path;

use sickbay::scenario::load;

const BASE: &str = r#"
[scenario]
name = "idle"
horizon = "30d"
strategies = [{ name = "tenant-reservation", MECHANISM lease = "5h" }]
[[fleet.group]]
class = "c"
nodes = 3
UNTIL
retired_at = "9d"
[[workload]]
name = "w"
line = "strict"
WAIT
[[workload.flavor]]
class = "c"
per_day = 1.0
hold = "1h"
sizes = 2
LEAST
[[maintenance.campaign]]
name = "k"
start = "START"
budget = { nodes = 1 }
work = "1h"
ANNOUNCE
[control_plane]
CLEAR
"#;

/// The blanks of the base: with these everything acts.
const ACTS: [(&str, &str); 7] = [
    ("MECHANISM", "mechanism = \"blazar-lease\","),
    ("UNTIL", "until = \"2014-01-20T00:00:00Z\""),
    ("WAIT", "on_refusal = { wait = \"2h\" }"),
    ("LEAST", "min_count = 2"),
    ("START", "3d"),
    ("ANNOUNCE", "announce = \"2d\""),
    ("CLEAR", "keep_clear = true"),
];

/// The warnings, or what is wrong, with some blanks filled otherwise.
fn told(spoilt: &[(&str, &str)]) -> Vec<String> {
    let text = spoilt.iter().chain(&ACTS).fold(
        BASE.replace("[scenario]", "[scenario]\nepoch = \"2014-01-01T00:00:00Z\""),
        |text, (blank, filled)| text.replace(blank, filled),
    );
    match load(&text, "idle.toml", Path::new("."), &[]) {
        Ok(scenario) => scenario.warnings,
        Err(problems) => problems.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn what_is_set_and_does_nothing_is_warned_of() {
    assert_eq!(told(&[]), Vec::<String>::new());
    let cases: [(&[(&str, &str)], &str); 7] = [
        (
            &[("MECHANISM", "")],
            "`lease` of strategy `tenant-reservation` does nothing",
        ),
        (
            &[("UNTIL", "until = \"2014-01-05T00:00:00Z\"")],
            "`retired_at` of 3 nodes, such as `c-1`, does nothing",
        ),
        (&[("WAIT", "")], "`line = \"strict\"` of workload `w` does nothing"),
        (&[("LEAST", "min_count = 3")], "more than the largest of `sizes`, 2"),
        (
            &[("START", "30d")],
            "campaign `k` does nothing: it starts after the horizon",
        ),
        (&[("ANNOUNCE", "")], "`control_plane.keep_clear` does nothing"),
        (&[("CLEAR", "")], "`announce` of campaign `k` does nothing"),
    ];
    for (spoilt, wanted) in cases {
        let told = told(spoilt);
        assert!(told.len() == 1 && told[0].contains(wanted), "{spoilt:?}: {told:#?}");
    }
}
