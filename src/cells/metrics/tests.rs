use super::*;
use crate::cells::cell::run_cell;
use crate::cells::columns::{COLUMNS, Column, Dimension, Metric};
use crate::cells::selector::{Columns, Selector};
use crate::cells::testing::{H, busy, free, request, scenario, stood, story, taken, tape, tell};
use crate::fleet::{NodeId, RequestId, WindowId};
use crate::kernel::Span;
use crate::scenario::WarmUpRule;
use crate::workload::{ErrandId, JobId, Kind, Request};
use crate::world::{BuildError, Cause, ErrandEnd, Standing};

/// The figures of the hand-made story after this warm-up.
fn figures(warm_up: u64) -> Vec<Option<f64>> {
    let (mut scenario, tape, facts) = story();
    scenario.reporting.warm_up = WarmUpRule::Fixed(Span(warm_up));
    let mut metrics = Metrics::new(&scenario);
    tell(&mut metrics, &scenario.fleet, &tape, &facts);
    metrics.values(&[])
}

fn expect(figures: &[Option<f64>], expected: &[(Metric, Option<f64>)]) {
    for &(metric, value) in expected {
        assert_eq!(figures[metric.at()], value, "{metric:?}");
    }
}

#[test]
fn integrals_and_averages_agree_with_the_hand() {
    expect(
        &figures(0),
        &[
            (Metric::Installed, Some(2.0)),
            (Metric::InstalledNodeHours, Some(20.0)),
            (Metric::Schedulable, Some(1.5)),
            (Metric::InMaintenance, Some(0.5)),
            (Metric::Occupied, Some(0.6)),
            (Metric::StrandedNodeHours, Some(1.0)),
            (Metric::ExposedNodeHours, Some(1.0)),
            (Metric::UtilisationInstalled, Some(0.3)),
            (Metric::UtilisationSchedulable, Some(0.4)),
            (Metric::LargestFit, Some(0.9)),
            (Metric::NodeHoursAvailableIn, Some(4.0)),
            (Metric::NodeHoursActiveIn, Some(1.0)),
            (Metric::NodeHoursActiveOut, Some(5.0)),
            (Metric::NodeHoursDeployingOut, Some(1.0)),
            (Metric::NodeHoursAvailableOut, Some(9.0)),
            (Metric::NodeHoursEnrollOut, Some(0.0)),
            (Metric::LittleGap, Some(0.0)),
        ],
    );
}

#[test]
fn counts_and_waits_agree_with_the_hand() {
    expect(
        &figures(0),
        &[
            (Metric::Acceptance, Some(0.5)),
            (Metric::AcceptanceMonitoring, Some(0.0)),
            (Metric::Requests, Some(2.0)),
            (Metric::Accepted, Some(1.0)),
            (Metric::Refused, Some(1.0)),
            (Metric::Waiting, Some(0.0)),
            (Metric::RefusedOnlyHidden, Some(1.0)),
            (Metric::RefusedClassFull, Some(0.0)),
            (Metric::WaitP50, Some(3600.0)),
            (Metric::WaitP95, Some(3600.0)),
            (Metric::Errands, Some(1.0)),
            (Metric::ErrandsDone, Some(1.0)),
            (Metric::ErrandsFailed, Some(0.0)),
            (Metric::ErrandRefusals, Some(1.0)),
            (Metric::ErrandWaitP50, Some(1.0)),
            (Metric::Actions, Some(1.0)),
            (Metric::Windows, Some(1.0)),
            (Metric::MaintenanceTimeMean, Some(5.0)),
            (Metric::AwayTimeMean, Some(6.0)),
            (Metric::TechnicianWaitMean, Some(0.5)),
            (Metric::CandidatesMean, Some(1.0)),
            (Metric::CapHits, Some(1.0)),
            (Metric::Retries, Some(0.0)),
            (Metric::ViewAgeMean, Some(30.0)),
            (Metric::ViewAgeMax, Some(30.0)),
        ],
    );
}

#[test]
fn a_warm_up_cuts_integrals_and_forgets_what_came_before() {
    expect(
        &figures(5 * H),
        &[
            (Metric::InstalledNodeHours, Some(10.0)),
            (Metric::Occupied, Some(0.4)),
            (Metric::StrandedNodeHours, Some(1.0)),
            (Metric::ExposedNodeHours, Some(0.0)),
            (Metric::LargestFit, Some(0.8)),
            (Metric::Acceptance, None),
            (Metric::Requests, Some(0.0)),
            (Metric::WaitP50, None),
            (Metric::Errands, Some(1.0)),
            (Metric::ErrandWaitP95, Some(1.0)),
            (Metric::Windows, Some(0.0)),
            (Metric::AwayTimeMean, None),
            (Metric::CandidatesMean, None),
            (Metric::LittleGap, Some(0.0)),
        ],
    );
    // A warm-up as long as the run leaves nothing to average.
    expect(
        &figures(10 * H),
        &[
            (Metric::Installed, None),
            (Metric::InstalledNodeHours, Some(0.0)),
            (Metric::LittleGap, Some(0.0)),
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
        &metrics.values(&[]),
        &[
            (Metric::LittleGap, Some(0.25)),
            (Metric::Waiting, Some(1.0)),
            (Metric::Retries, Some(1.0)),
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
    let metrics_told = [
        Metric::Misplacements,
        Metric::FailedBuilds,
        Metric::Breaches,
        Metric::RescuesRefused,
        Metric::RescuesErrored,
        Metric::Evictions,
    ];
    expect(&metrics.values(&[]), &metrics_told.map(|metric| (metric, Some(2.0))));
    expect(
        &metrics.values(&[]),
        &[
            (Metric::Interruptions, Some(0.0)),
            (Metric::Waiting, Some(1.0)),
            (Metric::Acceptance, None),
        ],
    );
}

#[test]
fn classes_and_few_tenants_have_figures_of_their_own() {
    let (mut scenario, tape, facts) = story();
    let parts = |scenario: &Scenario, names: &[&str]| -> Vec<Option<f64>> {
        let mut metrics = Metrics::new(scenario);
        tell(&mut metrics, &scenario.fleet, &tape, &facts);
        let (columns, values) = (Columns::of(scenario), metrics.values(&[]));
        let value = |name: &&str| columns.placed(name).and_then(|(at, _)| values[at]);
        names.iter().map(value).collect()
    };
    let classes = ["acceptance{class=c0}", "refused{class=c0}", "served_well{class=c0}"];
    let tenants = ["acceptance{tenant=t1}", "refused{tenant=t1}", "served_well{tenant=t1}"];
    let due = [Some(0.5), Some(1.0), Some(0.5)];
    assert_eq!(parts(&scenario, &classes), due);
    assert_eq!(parts(&scenario, &tenants), due);
    let hours: Vec<String> = (0..24).map(|hour| format!("refused{{hour={hour}}}")).collect();
    let hours: Vec<&str> = hours.iter().map(String::as_str).collect();
    assert_eq!(parts(&scenario, &hours).iter().flatten().sum::<f64>(), 1.0);
    for tenant in 0..20 {
        scenario.fleet.names.tenants.enter(&format!("more{tenant}"));
    }
    assert_eq!(parts(&scenario, &tenants), [None; 3]);
    // Whoever asks for one of many has it.
    scenario.reporting.asked = vec!["acceptance{tenant=t1}".to_owned(), "refused{tenant=more3}".to_owned()];
    assert_eq!(parts(&scenario, &tenants[..2]), due[..2]);
    assert_eq!(parts(&scenario, &["refused{tenant=more3}"]), [Some(0.0)]);
}

#[test]
fn the_parts_of_what_can_be_added_up_sum_to_the_whole() {
    let mut scenario = busy();
    let names = |register: &crate::fleet::Register| -> Vec<String> { register.iter().map(str::to_owned).collect() };
    let known = &scenario.fleet.names;
    let parts = [
        (Dimension::Class, names(&known.classes)),
        (Dimension::Tenant, names(&known.tenants)),
        (Dimension::Rack, names(&known.racks)),
        (
            Dimension::Workload,
            scenario.demand.sources.iter().map(|it| it.name.clone()).collect(),
        ),
    ];
    let adds_up = |column: &&Column| matches!(column.unit, "count" | "node-h") || column.metric == Metric::Schedulable;
    let parts: Vec<_> = parts.into_iter().filter(|(_, names)| !names.is_empty()).collect();
    for (dimension, names) in &parts {
        for column in COLUMNS.iter().filter(adds_up) {
            if column.dimensions.contains(dimension) {
                let part = |name: &String| Selector::part(column.metric, *dimension, name).to_string();
                scenario.reporting.asked.extend(names.iter().map(part));
            }
        }
    }
    let (mut sums, columns) = (0, Columns::of(&scenario));
    for variant in 0..scenario.variants.len() {
        let values = run_cell(&scenario, variant, 0, &|| false).values;
        for (dimension, names) in &parts {
            for column in COLUMNS
                .iter()
                .filter(adds_up)
                .filter(|it| it.dimensions.contains(dimension))
            {
                let part = |name: &String| columns.placed(&Selector::part(column.metric, *dimension, name).to_string());
                let of_parts = names
                    .iter()
                    .map(|name| part(name).and_then(|(at, _)| values[at]).unwrap_or(f64::NAN));
                let (sum, whole) = (of_parts.sum::<f64>(), values[column.metric.at()].unwrap_or(f64::NAN));
                assert!(
                    (sum - whole).abs() <= 1e-6 * whole.max(1.0),
                    "{} by {dimension:?}: {sum}, {whole}",
                    column.name
                );
                sums += u32::from(whole > 0.0);
            }
        }
    }
    // The case is worth nothing if there is nothing to add up.
    assert!(sums > 100, "{sums}");
}

#[test]
fn a_request_is_served_well_while_nothing_befalls_it() {
    let asked = |count: u16| Request {
        count,
        ..request(0, Kind::People)
    };
    let scenario = scenario(3, 10);
    let tape = tape([1, 1, 1, 2, 2, 2].map(asked).to_vec());
    let node = NodeId(0);
    let r = RequestId;
    let arrived = (0..6).map(|it| (0, Fact::Arrived { request: r(it) }));
    let mut facts: Vec<(u64, Fact)> = arrived.collect();
    let accepted = |it: u32| Fact::Accepted { request: r(it) };
    facts.extend([
        // Nothing happens to 0; 1 begins on a node in maintenance and is evicted on top of it; a fault ends 2.
        (1, accepted(0)),
        (1, Fact::Breach { request: r(1), node }),
        (1, accepted(1)),
        (2, accepted(2)),
        (3, Fact::Evicted { request: r(1), node }),
        (3, Fact::Interrupted { request: r(2), node }),
        // One of the machines of 3 is lost; one of 4 is ended before the other is there; 5 has better luck the second time.
        (4, Fact::SiblingLost { request: r(3) }),
        (4, accepted(3)),
        (4, Fact::Evicted { request: r(4), node }),
        (5, accepted(4)),
        (5, Fact::SiblingLost { request: r(5) }),
        (
            5,
            Fact::Waits {
                request: r(5),
                cause: Cause::BuildChance,
            },
        ),
        (
            6,
            Fact::Claimed {
                request: r(5),
                node,
                attempt: 1,
            },
        ),
        (6, accepted(5)),
        (10, Fact::Ended),
    ]);
    let mut metrics = Metrics::new(&scenario);
    tell(&mut metrics, &scenario.fleet, &tape, &facts);
    let figures = metrics.values(&[]);
    expect(
        &figures,
        &[
            (Metric::Acceptance, Some(1.0)),
            (Metric::Breaches, Some(1.0)),
            (Metric::SiblingsLost, Some(1.0)),
        ],
    );
    let well = figures[Metric::ServedWell.at()].expect("requests were decided");
    assert!((well - 2.0 / 6.0).abs() < 1e-9, "{well}");
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
    let figures = metrics.values(&[]);
    expect(
        &figures,
        &[
            (Metric::MaintenanceTimeMean, Some(2.0)),
            (Metric::AwayTimeMean, Some(4.5)),
            (Metric::Windows, Some(3.0)),
        ],
    );
    expect(
        &figures,
        &[(Metric::ErrandsFailed, Some(1.0)), (Metric::ErrandWaitP50, None)],
    );
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
    assert!(metrics.values(&[]).iter().all(Option::is_none));
}
