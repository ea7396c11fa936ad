use super::*;
use crate::cells::columns::column;
use crate::cells::testing::{H, free, request, scenario, stood, story, taken, tape, tell};
use crate::fleet::{NodeId, RequestId, WindowId};
use crate::kernel::Span;
use crate::scenario::WarmUpRule;
use crate::workload::{ErrandId, JobId, Kind};
use crate::world::{BuildError, ErrandEnd, Standing};

/// The figures of the hand-made story after this warm-up.
fn figures(warm_up: u64) -> Vec<Option<f64>> {
    let (mut scenario, tape, facts) = story();
    scenario.reporting.warm_up = WarmUpRule::Fixed(Span(warm_up));
    let mut metrics = Metrics::new(&scenario);
    tell(&mut metrics, &scenario.fleet, &tape, &facts);
    metrics.values()
}

fn expect(figures: &[Option<f64>], expected: &[(&str, Option<f64>)]) {
    for &(name, value) in expected {
        assert_eq!(figures[column(name).unwrap()], value, "{name}");
    }
}

#[test]
fn integrals_and_averages_agree_with_the_hand() {
    expect(
        &figures(0),
        &[
            ("installed", Some(2.0)),
            ("installed_node_hours", Some(20.0)),
            ("schedulable", Some(1.5)),
            ("in_maintenance", Some(0.5)),
            ("occupied", Some(0.6)),
            ("stranded_node_hours", Some(1.0)),
            ("exposed_node_hours", Some(1.0)),
            ("utilisation_installed", Some(0.3)),
            ("utilisation_schedulable", Some(0.4)),
            ("largest_fit", Some(0.9)),
            ("node_hours_available_in", Some(4.0)),
            ("node_hours_active_in", Some(1.0)),
            ("node_hours_active_out", Some(5.0)),
            ("node_hours_deploying_out", Some(1.0)),
            ("node_hours_available_out", Some(9.0)),
            ("node_hours_enroll_out", Some(0.0)),
            ("little_gap", Some(0.0)),
        ],
    );
}

#[test]
fn counts_and_waits_agree_with_the_hand() {
    expect(
        &figures(0),
        &[
            ("acceptance", Some(0.5)),
            ("acceptance_monitoring", Some(0.0)),
            ("requests", Some(2.0)),
            ("accepted", Some(1.0)),
            ("refused", Some(1.0)),
            ("waiting", Some(0.0)),
            ("refused_only_hidden", Some(1.0)),
            ("refused_class_full", Some(0.0)),
            ("wait_p50", Some(3600.0)),
            ("wait_p95", Some(3600.0)),
            ("errands", Some(1.0)),
            ("errands_done", Some(1.0)),
            ("errands_failed", Some(0.0)),
            ("errand_refusals", Some(1.0)),
            ("errand_wait_p50", Some(1.0)),
            ("actions", Some(1.0)),
            ("windows", Some(1.0)),
            ("maintenance_time_mean", Some(5.0)),
            ("away_time_mean", Some(6.0)),
            ("technician_wait_mean", Some(0.5)),
            ("candidates_mean", Some(1.0)),
            ("cap_hits", Some(1.0)),
            ("retries", Some(0.0)),
            ("view_age_mean", Some(30.0)),
            ("view_age_max", Some(30.0)),
        ],
    );
}

#[test]
fn a_warm_up_cuts_integrals_and_forgets_what_came_before() {
    expect(
        &figures(5 * H),
        &[
            ("installed_node_hours", Some(10.0)),
            ("occupied", Some(0.4)),
            ("stranded_node_hours", Some(1.0)),
            ("exposed_node_hours", Some(0.0)),
            ("largest_fit", Some(0.8)),
            ("acceptance", None),
            ("requests", Some(0.0)),
            ("wait_p50", None),
            ("errands", Some(1.0)),
            ("errand_wait_p95", Some(1.0)),
            ("windows", Some(0.0)),
            ("away_time_mean", None),
            ("candidates_mean", None),
            ("little_gap", Some(0.0)),
        ],
    );
    // A warm-up as long as the run leaves nothing to average.
    expect(
        &figures(10 * H),
        &[
            ("installed", None),
            ("installed_node_hours", Some(0.0)),
            ("little_gap", Some(0.0)),
        ],
    );
}

#[test]
fn a_sojourn_that_the_standings_do_not_show_opens_the_gap() {
    let (scenario, tape) = (scenario(1, 10), tape(vec![request(0, Kind::People)]));
    let mut metrics = Metrics::new(&scenario);
    let facts = [
        (0, stood(0, free())),
        (0, Fact::Arrived { request: RequestId(0) }),
        (
            0,
            Fact::Claimed {
                request: RequestId(0),
                node: NodeId(0),
                attempt: 2,
            },
        ),
        (2, stood(0, taken())),
        (10, Fact::Ended),
    ];
    tell(&mut metrics, &scenario.fleet, &tape, &facts);
    // 8 ms in the standings, 10 ms by the claim, which is still open at the end.
    expect(
        &metrics.values(),
        &[
            ("little_gap", Some(0.25)),
            ("waiting", Some(1.0)),
            ("retries", Some(1.0)),
        ],
    );
}

#[test]
fn operators_requests_are_in_no_tenants_figure() {
    let kinds = [Kind::People, Kind::Monitoring, Kind::Operator];
    let (scenario, tape) = (scenario(3, 10), tape(kinds.map(|kind| request(0, kind)).to_vec()));
    let mut metrics = Metrics::new(&scenario);
    let mut facts = vec![];
    for r in 0..3 {
        let node = NodeId(r);
        facts.extend([
            (0, Fact::Arrived { request: RequestId(r) }),
            (
                0,
                Fact::Claimed {
                    request: RequestId(r),
                    node,
                    attempt: 1,
                },
            ),
            (
                0,
                Fact::Misplaced {
                    request: RequestId(r),
                    node,
                },
            ),
            (
                1,
                Fact::BuildFailed {
                    request: RequestId(r),
                    node,
                    error: BuildError::Broken,
                },
            ),
            (
                2,
                Fact::Claimed {
                    request: RequestId(r),
                    node,
                    attempt: 2,
                },
            ),
            (
                3,
                Fact::Breach {
                    request: RequestId(r),
                    node,
                },
            ),
            (
                3,
                Fact::RescueRefused {
                    request: RequestId(r),
                    node,
                },
            ),
            (
                3,
                Fact::RescueErrored {
                    request: RequestId(r),
                    node,
                },
            ),
            (
                4,
                Fact::Evicted {
                    request: RequestId(r),
                    node,
                },
            ),
        ]);
    }
    facts.push((10, Fact::Ended));
    tell(&mut metrics, &scenario.fleet, &tape, &facts);
    let names = [
        "misplacements",
        "failed_builds",
        "breaches",
        "rescues_refused",
        "rescues_errored",
        "evictions",
    ];
    expect(&metrics.values(), &names.map(|name| (name, Some(2.0))));
    expect(
        &metrics.values(),
        &[
            ("interruptions", Some(0.0)),
            ("waiting", Some(1.0)),
            ("acceptance", None),
        ],
    );
}

#[test]
fn classes_and_few_tenants_have_figures_of_their_own() {
    let (mut scenario, tape, facts) = story();
    let details = |scenario: &Scenario| {
        let mut metrics = Metrics::new(scenario);
        tell(&mut metrics, &scenario.fleet, &tape, &facts);
        metrics
            .details()
            .into_iter()
            .map(|detail| (detail.name, detail.value))
            .collect::<Vec<_>>()
    };
    let rows = |what: &[(&str, f64)]| {
        what.iter()
            .map(|&(name, value)| (name.to_owned(), value))
            .collect::<Vec<_>>()
    };
    let classes = [("acceptance.class.c0", 0.5), ("refused.class.c0", 1.0)];
    let tenants = [("acceptance.tenant.t1", 0.5), ("refused.tenant.t1", 1.0)];
    assert_eq!(details(&scenario), rows(&[classes, tenants].concat()));
    for tenant in 0..20 {
        scenario.fleet.names.tenants.enter(&format!("more{tenant}"));
    }
    assert_eq!(details(&scenario), rows(&classes));
}

#[test]
fn a_nodes_return_ends_every_window_that_was_closed_on_it() {
    let (scenario, tape) = (scenario(2, 10 * H), tape(vec![]));
    let mut metrics = Metrics::new(&scenario);
    let node = NodeId(0);
    let facts = [
        (
            0,
            Fact::WindowOpened {
                window: WindowId(0),
                node,
                job: JobId(0),
            },
        ),
        (
            0,
            Fact::WindowOpened {
                window: WindowId(2),
                node: NodeId(1),
                job: JobId(2),
            },
        ),
        (
            H,
            Fact::WindowOpened {
                window: WindowId(1),
                node,
                job: JobId(1),
            },
        ),
        (
            H,
            Fact::ErrandNeeded {
                window: WindowId(1),
                errand: ErrandId(0),
                node,
            },
        ),
        (
            2 * H,
            Fact::WindowClosed {
                window: WindowId(0),
                node,
            },
        ),
        (
            3 * H,
            Fact::ErrandEnded {
                window: WindowId(1),
                errand: ErrandId(0),
                node,
                end: ErrandEnd::Unserved,
            },
        ),
        (
            3 * H,
            Fact::WindowClosed {
                window: WindowId(1),
                node,
            },
        ),
        (5 * H, Fact::Returned { node }),
        (6 * H, Fact::Returned { node }),
        (10 * H, Fact::Ended),
    ];
    tell(&mut metrics, &scenario.fleet, &tape, &facts);
    let figures = metrics.values();
    expect(
        &figures,
        &[
            ("maintenance_time_mean", Some(2.0)),
            ("away_time_mean", Some(4.5)),
            ("windows", Some(3.0)),
        ],
    );
    expect(&figures, &[("errands_failed", Some(1.0)), ("errand_wait_p50", None)]);
}

#[test]
fn a_run_that_did_not_end_has_no_figures() {
    let (scenario, tape, _) = story();
    let mut metrics = Metrics::new(&scenario);
    tell(
        &mut metrics,
        &scenario.fleet,
        &tape,
        &[(0, stood(0, Standing::default()))],
    );
    assert!(metrics.values().iter().all(Option::is_none));
}
