use super::*;
use crate::cells::rows::{ErrandOutcome, NodeState, RequestOutcome, TimelineRow};
use crate::cells::testing::{H, free, scenario, stood, story, tape, tell};
use crate::fleet::Provision;
use crate::kernel::Span;
use crate::workload::Kind;
use crate::world::Cause;

fn logged() -> Log {
    let (scenario, tape, facts) = story();
    let mut logbook = Logbook::new(&scenario, &tape);
    tell(&mut logbook, &scenario.fleet, &tape, &facts);
    logbook.finish()
}

#[test]
fn requests_errands_and_windows_have_their_rows() {
    let log = logged();
    let [first, second, third] = &log.requests[..] else {
        panic!("{:?}", log.requests)
    };
    assert_eq!(
        (first.outcome, first.wait, &first.nodes[..]),
        (RequestOutcome::Accepted, Some(Span(H)), &["n0".to_owned()][..])
    );
    assert_eq!(
        (first.request.as_str(), first.tenant.as_str(), first.class.as_str()),
        ("r0", "t1", "c0")
    );
    assert_eq!(
        (second.outcome, second.cause, second.wait),
        (RequestOutcome::Refused, Some(Cause::OnlyHidden), None)
    );
    assert_eq!((third.kind, third.cause), (Kind::Monitoring, Some(Cause::ClassFull)));
    let [errand] = &log.errands[..] else {
        panic!("{:?}", log.errands)
    };
    assert_eq!(
        (errand.node.as_str(), errand.needed, errand.running),
        ("n1", Time(5 * H), Some(Time(6 * H)))
    );
    assert_eq!(
        (errand.ended, errand.refused, errand.outcome),
        (Some(Time(7 * H)), 1, ErrandOutcome::Done)
    );
    let [window] = &log.windows[..] else {
        panic!("{:?}", log.windows)
    };
    assert_eq!(
        (window.opened, window.in_hand, window.occupied),
        (Time(3 * H), Some(Time(3 * H)), false)
    );
    assert_eq!((window.closed, window.returned), (Some(Time(8 * H)), Some(Time(9 * H))));
}

#[test]
fn requests_may_be_left_out_and_nothing_else_changes() {
    let (mut scenario, tape, facts) = story();
    scenario.reporting.log_requests = false;
    let mut logbook = Logbook::new(&scenario, &tape);
    tell(&mut logbook, &scenario.fleet, &tape, &facts);
    let (without, with) = (logbook.finish(), logged());
    assert!(without.requests.is_empty() && with.requests.len() == 3);
    let rest = |log: &Log| {
        format!(
            "{:?}",
            (&log.errands, &log.windows, &log.timeline, &log.states, &log.story)
        )
    };
    assert_eq!(rest(&without), rest(&with));
}

#[test]
fn the_timelines_bins_sum_to_the_integrals() {
    let rows = logged().timeline;
    assert_eq!(rows.len(), 400);
    let width = 10.0 / 400.0;
    let sum = |of: fn(&TimelineRow) -> f64| rows.iter().map(of).sum::<f64>() * width;
    let sums = [
        sum(|row| row.installed),
        sum(|row| row.schedulable),
        sum(|row| row.in_maintenance),
        sum(|row| row.occupied),
        sum(|row| row.exposed),
        sum(|row| row.stranded),
    ];
    for (sum, expected) in sums.into_iter().zip([20.0, 15.0, 5.0, 6.0, 1.0, 1.0]) {
        assert!((sum - expected).abs() < 1e-9, "{sums:?}");
    }
    assert_eq!(
        (rows[119].in_maintenance, rows[120].in_maintenance, rows[320].stranded),
        (0.0, 1.0, 1.0)
    );
}

#[test]
fn a_short_last_bin_and_a_stretch_inside_one_bin_are_exact() {
    // 401 ms in bins of 2 ms: the last of 201 has 1 ms.
    let (scenario, tape) = (scenario(1, 401), tape(vec![]));
    let mut logbook = Logbook::new(&scenario, &tape);
    let held = free().with(Standing::HELD);
    let facts = [
        (0, stood(0, free())),
        (3, stood(0, held)),
        (4, stood(0, free())),
        (400, stood(0, held)),
        (401, Fact::Ended),
    ];
    tell(&mut logbook, &scenario.fleet, &tape, &facts);
    let rows = logbook.finish().timeline;
    assert_eq!(rows.len(), 201);
    let held: Vec<f64> = [0, 1, 2, 199, 200].map(|bin: usize| rows[bin].in_maintenance).to_vec();
    assert_eq!(held, [0.0, 0.5, 0.0, 0.0, 1.0]);
    assert!(rows.iter().all(|row| row.installed == 1.0));
}

#[test]
fn a_nodes_course_is_told_in_stretches() {
    let stretches: Vec<_> = logged()
        .states
        .into_iter()
        .map(|row| {
            (
                format!("{} {} {}", row.node, row.class, row.whose),
                row.from.0 / H,
                row.to.0 / H,
                row.state,
            )
        })
        .collect();
    // The node whose maintenance is due comes first.
    let expected = [
        ("n1 c0 ", 0, 3, NodeState::Free),
        ("n1 c0 spell", 3, 4, NodeState::Exposed),
        ("n1 c0 spell", 4, 6, NodeState::Maintenance),
        ("n1 c0 spell", 6, 7, NodeState::Errand),
        ("n1 c0 spell", 7, 8, NodeState::Maintenance),
        ("n1 c0 spell", 8, 9, NodeState::Stranded),
        ("n1 c0 ", 9, 10, NodeState::Free),
        ("n0 c0 ", 0, 1, NodeState::Free),
        ("n0 c0 t1", 1, 7, NodeState::Tenant),
        ("n0 c0 ", 7, 10, NodeState::Free),
    ];
    let expected = expected.map(|(whose, from, to, state)| (whose.to_owned(), from, to, state));
    assert_eq!(stretches, expected);
}

#[test]
fn a_stretch_has_the_class_that_the_node_has_then() {
    let (scenario, tape) = (scenario(1, 40), tape(vec![]));
    let mut logbook = Logbook::new(&scenario, &tape);
    let of = |class| Standing::new(Provision::Available, class).with(Standing::OFFERED);
    let taken = Standing::new(Provision::Active, 1).with(Standing::TENANT);
    let facts = [
        (0, stood(0, of(0))),
        (10, stood(0, of(1))),
        (20, stood(0, taken)),
        (30, stood(0, of(0))),
        (40, Fact::Ended),
    ];
    tell(&mut logbook, &scenario.fleet, &tape, &facts);
    let rows = logbook.finish().states;
    let rows: Vec<_> = rows
        .iter()
        .map(|row| (row.from.0, row.class.as_str(), row.state))
        .collect();
    let expected = [
        (0, "c0", NodeState::Free),
        (10, "c1", NodeState::Free),
        (20, "c1", NodeState::Tenant),
        (30, "c0", NodeState::Free),
    ];
    assert_eq!(rows, expected);
}

#[test]
fn nodes_that_are_not_watched_or_take_too_many_rows_are_counted() {
    let with = |most| {
        let (mut scenario, tape, facts) = story();
        scenario.reporting.log_nodes = most;
        let mut logbook = Logbook::new(&scenario, &tape);
        tell(&mut logbook, &scenario.fleet, &tape, &facts);
        let log = logbook.finish();
        let nodes: std::collections::BTreeSet<String> = log.states.into_iter().map(|row| row.node).collect();
        (nodes.into_iter().collect::<Vec<_>>().join(" "), log.nodes_left_out)
    };
    assert_eq!(
        [with(0), with(1), with(2)],
        [(String::new(), 2), ("n1".to_owned(), 1), ("n0 n1".to_owned(), 0)]
    );
    // Two nodes, of which the second changes 300 times: both together may have 200 rows.
    let (mut scenario, tape) = (scenario(2, 1_000), tape(vec![]));
    scenario.reporting.log_nodes = 2;
    let mut logbook = Logbook::new(&scenario, &tape);
    let changes = (0..300).map(|at| {
        (
            at,
            stood(
                1,
                if at % 2 == 0 {
                    free()
                } else {
                    free().with(Standing::HELD)
                },
            ),
        )
    });
    let facts: Vec<_> = [(0, stood(0, free()))]
        .into_iter()
        .chain(changes)
        .chain([(1_000, Fact::Ended)])
        .collect();
    tell(&mut logbook, &scenario.fleet, &tape, &facts);
    let log = logbook.finish();
    assert_eq!((log.states.len(), log.nodes_left_out), (1, 1));
}

#[test]
fn the_story_is_plain_english_and_only_told_when_asked_for() {
    let story_of = |log: Log| {
        log.story
            .into_iter()
            .map(|(at, line)| format!("{at}: {line}"))
            .collect::<Vec<_>>()
    };
    let told = story_of(logged());
    for line in [
        "1h: request r0 of tenant t1 asks for 1 node of class c0",
        "1h: request r0 of tenant t1 claims node n0",
        "3h: node n1 goes into maintenance (window 0)",
        "4h: request r1 of tenant t1 is refused: the free nodes of its class are in maintenance",
        "6h: the operators' image runs on node n1 (errand 0)",
        "7h: a technician begins work on node n1, 30m after being asked for",
        "9h: the operators are done with node n1",
    ] {
        assert!(told.iter().any(|told| told == line), "{line} is not in {told:#?}");
    }
    let (mut scenario, tape, facts) = story();
    scenario.reporting.story = false;
    let mut logbook = Logbook::new(&scenario, &tape);
    tell(&mut logbook, &scenario.fleet, &tape, &facts);
    assert!(logbook.finish().story.is_empty());
}
