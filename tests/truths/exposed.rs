//! Small courses with times reckoned by hand: nodes on which several windows of maintenance are open at once, under
//! strategies that take flag or mark off for a boot, too early, or by a slip.

use sickbay::cells::cell::run_cell;
use sickbay::cells::columns::Metric;
use sickbay::cells::outcome::Log;

/// One node of class c; no chance, no slips but what `more` says.
const HEAD: &str = r#"
[scenario]
name = "exposed"
horizon = "60d"
seed = 1
replications = 1
strategies = [STRATEGY]
[[fleet.group]]
class = "c"
nodes = 1
[control_plane]
loop = "instant"
[ironic]
deploy = "10m"
cleaning = "15m"
build_failure = 0.0
clean_failure = 0.0
HOLDS
[operators]
action = "ACTION"
slip = 0.0
slip_flag = 0.0
[report]
warm_up = "none"
log_nodes = 10
"#;

struct Course {
    strategy: &'static str,
    action: &'static str,
    /// Pairs of what of the head is to be said otherwise, and how.
    but: &'static [(&'static str, &'static str)],
    maintenance: &'static str,
    /// Requests for one machine: when, and for how long.
    requests: &'static [(&'static str, &'static str)],
}

impl Course {
    /// The log of its run, its breaches, and whether each request was accepted.
    fn run(&self) -> (Log, f64, Vec<bool>) {
        let mut text = HEAD.replace("STRATEGY", self.strategy).replace("ACTION", self.action);
        for (said, otherwise) in self.but {
            assert!(text.contains(said), "{said}");
            text = text.replace(said, otherwise);
        }
        text = text.replace("HOLDS\n", "");
        text.push_str(self.maintenance);
        if !self.requests.is_empty() {
            text.push_str("[[workload]]\nname = \"people\"\n");
        }
        for (place, (at, hold)) in self.requests.iter().enumerate() {
            text.push_str(&format!(
                "[[workload.request]]\nname = \"r{place}\"\nat = \"{at}\"\nclass = \"c\"\nhold = \"{hold}\"\n"
            ));
        }
        let outcome = run_cell(&super::scenario(&text), 0, 0, &|| false);
        let breaches = outcome.values[Metric::Breaches.at()].expect("a count");
        let log = outcome.log.expect("the log of replication 0");
        let accepted = log
            .requests
            .iter()
            .map(|row| format!("{:?}", row.outcome) == "Accepted")
            .collect();
        (log, breaches, accepted)
    }
}

/// When each window closed, in hours; none: it never did.
fn closed(log: &Log) -> Vec<Option<f64>> {
    log.windows
        .iter()
        .map(|row| row.closed.map(|at| at.0 as f64 / 3.6e6))
        .collect()
}

const SPELL: &str = "[[maintenance.spell]]\nnode = \"c-1\"\n";

/// The flag was lifted for a boot, and a tenant won the race for the node: the flag is set again under him, so that nobody
/// comes after him. (An hour's boot from 14 h; clean at 15 h 25; the tenant at 16 h; the flag at 17 h 25.)
#[test]
fn a_tenant_who_wins_the_race_is_the_only_one() {
    let course = Course {
        strategy: "{ name = \"withdraw\", route = \"expose\" }",
        action: "2h",
        but: &[],
        maintenance: "[maintenance]\nspells = \"as-work\"\npractice_route = \"0s\"\nerrands = { counts = 1, duration = \"1h\" }\n\
                      [[maintenance.spell]]\nnode = \"c-1\"\nstart = \"10h\"\nend = \"31h\"\n",
        requests: &[("16h", "2h"), ("20h", "2h"), ("26h", "2h")],
    };
    let (_, breaches, accepted) = course.run();
    assert_eq!(accepted, [true, false, false]);
    assert_eq!(breaches, 1.0, "who won the race is on a node in maintenance");
}

/// A recorded spell ends under its boot, for which the flag was lifted; a campaign's technician begins on the node. Nobody
/// comes on it while he works.
#[test]
fn a_boot_that_is_cut_off_leaves_no_node_on_offer_under_another_windows_work() {
    let course = Course {
        strategy: "{ name = \"withdraw\", route = \"expose\" }",
        action: "10m",
        but: &[],
        maintenance: "[maintenance]\nerrands = { counts = 1, duration = \"6h\" }\n\
                      [[maintenance.spell]]\nnode = \"c-1\"\nstart = \"10h\"\nend = \"14h\"\n\
                      [[maintenance.campaign]]\nname = \"fw\"\nstart = \"11h\"\nwork = \"20h\"\nerrands = { counts = 0 }\n",
        requests: &[("15h", "1h"), ("20h", "2h")],
    };
    let (log, breaches, accepted) = course.run();
    assert_eq!(accepted, [false, false]);
    assert_eq!(breaches, 0.0);
    // Clean at 14 h 15, twenty hours of work.
    assert_eq!(closed(&log), [Some(14.0), Some(34.25)]);
}

/// The flag is not lifted for a boot that cannot begin: another window's technician is at work on the node.
#[test]
fn no_flag_is_lifted_for_a_boot_that_waits_for_a_technician() {
    let course = Course {
        strategy: "{ name = \"withdraw\", route = \"expose\" }",
        action: "10m",
        but: &[],
        maintenance: "[maintenance]\nspells = \"as-work\"\npractice_route = \"0s\"\n\
                      [[maintenance.spell]]\nnode = \"c-1\"\nstart = \"10h\"\nend = \"30h\"\n\
                      [[maintenance.campaign]]\nname = \"fw\"\nstart = \"11h\"\nwork = \"1h\"\nerrands = { counts = 1, duration = \"1h\" }\n",
        requests: &[("15h", "2h"), ("20h", "2h")],
    };
    let (log, breaches, accepted) = course.run();
    assert_eq!((accepted, breaches), (vec![false, false], 0.0));
    assert!(closed(&log).iter().all(Option::is_some), "{:?}", closed(&log));
}

/// Each time the work of one window ends, its operator takes the flag off by a slip. Whoever opens a window then hides the
/// node anew, and not under a boot that is under way: every window closes, and without waiting for the audit of a year.
#[test]
fn windows_that_open_on_a_bared_node_close_all() {
    for strategy in [
        "{ name = \"withdraw\", route = \"expose\" }",
        "{ name = \"tenant-reservation\", flag = true }",
    ] {
        let text = [
            ("10h", "20h", "planned"),
            ("11h", "27h", "hardware-failure"),
            ("35h", "45h", "operator-hold"),
        ]
        .map(|(start, end, kind)| format!("{SPELL}start = \"{start}\"\nend = \"{end}\"\nkind = \"{kind}\"\n"));
        let maintenance = format!(
            "[maintenance]\nspells = \"as-work\"\npractice_route = \"0s\"\nerrands = {{ counts = 2, duration = \"1h\" }}\n{}",
            text.concat()
        );
        let course = Course {
            strategy,
            action: "10m",
            but: &[
                ("slip_flag = 0.0", "slip_flag = 1.0\naudit = \"365d\""),
                ("deploy = \"10m\"", "deploy = \"2h\""),
            ],
            maintenance: maintenance.leak(),
            requests: &[],
        };
        let (log, ..) = course.run();
        assert_eq!(log.windows.len(), 3);
        assert!(
            closed(&log).iter().all(|at| at.is_some_and(|at| at < 72.0)),
            "{strategy}: {:?}",
            closed(&log)
        );
    }
}

/// An audit comes between the two steps of a return, of which the first was forgotten: it loses nothing, and the next audit
/// does both.
#[test]
fn an_audit_in_the_middle_of_a_return_loses_nothing() {
    let course = Course {
        strategy: "{ name = \"tenant-reservation\", flag = true }",
        action: "2h",
        but: &[("slip = 0.0", "slip = 1.0\naudit = \"1d\"")],
        maintenance: "[maintenance]\nspells = \"as-work\"\n\
                      [[maintenance.spell]]\nnode = \"c-1\"\nstart = \"0h\"\nend = \"1h\"\n\
                      [[maintenance.spell]]\nnode = \"c-1\"\nstart = \"16h\"\nend = \"17h\"\n",
        requests: &[("50d", "2h")],
    };
    assert_eq!(course.run().2, [true]);
}

/// Where each reason is a hold of its own, a slip drops the mark and leaves the operators' flag, which the last one to go
/// takes off.
#[test]
fn a_typed_flag_that_outlasts_a_slip_is_taken_off_in_the_end() {
    let course = Course {
        strategy: "{ name = \"tenant-reservation\", flag = true }",
        action: "10m",
        but: &[
            ("slip_flag = 0.0", "slip_flag = 1.0\naudit = \"1d\""),
            ("HOLDS", "holds = \"typed\""),
        ],
        maintenance: "[maintenance]\nspells = \"as-work\"\n\
                      [[maintenance.spell]]\nnode = \"c-1\"\nstart = \"10h\"\nend = \"14h\"\n\
                      [[maintenance.spell]]\nnode = \"c-1\"\nstart = \"11h\"\nend = \"20h\"\nkind = \"hardware-failure\"\n",
        requests: &[("15h", "2h"), ("50d", "2h")],
    };
    assert_eq!(course.run().2, [false, true]);
}

/// Who ends his work last brings the node back, in his time: a human's step takes two hours, and what was recorded takes none.
#[test]
fn a_return_takes_the_time_of_whoever_ends_last() {
    let course = |spell: (&str, &str)| Course {
        strategy: "\"withdraw\"",
        action: "2h",
        but: &[],
        maintenance: format!(
            "[maintenance]\n{SPELL}start = \"{}\"\nend = \"{}\"\n\
             [[maintenance.campaign]]\nname = \"fw\"\nstart = \"11h\"\nwork = \"6h\"\nerrands = {{ counts = 0 }}\n",
            spell.0, spell.1
        )
        .leak(),
        requests: &[],
    };
    let returned = |course: Course| {
        let (log, ..) = course.run();
        log.windows
            .iter()
            .map(|row| row.returned.map(|at| at.0 / 3_600_000))
            .collect::<Vec<_>>()
    };
    // Work from 11 h to 17 h on a node that is hidden already; back at 19 h.
    assert_eq!(returned(course(("10h", "14h"))), [Some(19); 2]);
    // Hidden at 13 h, worked on till 19 h; the spell ends at 20 h.
    assert_eq!(returned(course(("12h", "20h"))), [Some(20); 2]);
}

/// A slip bares a node on which a fault waits for the boot of another window to be over: its repair begins then, and does not
/// wait for an audit that never comes.
#[test]
fn who_comes_to_begin_on_a_bared_node_hides_it() {
    let course = Course {
        strategy: "\"tenant-reservation\"",
        action: "10m",
        but: &[("slip_flag = 0.0", "slip_flag = 1.0\naudit = \"never\"")],
        maintenance: "[maintenance]\nspells = \"as-work\"\npractice_route = \"0s\"\nerrands = { counts = 1, duration = \"9h\" }\n\
                      [[maintenance.spell]]\nnode = \"c-1\"\nstart = \"10h\"\nend = \"11h\"\n\
                      [[maintenance.spell]]\nnode = \"c-1\"\nstart = \"14h\"\nend = \"16h\"\nkind = \"hardware-failure\"\n",
        requests: &[],
    };
    let (log, ..) = course.run();
    assert!(closed(&log).iter().all(Option::is_some), "{:?}", closed(&log));
}
