use std::panic::{AssertUnwindSafe, catch_unwind};

use super::*;
use crate::cells::testing::{free, hidden, request, scenario, sight_of, stood, story, taken, tape, tell};
use crate::fleet::{Hold, RequestId};
use crate::workload::Kind;
use crate::world::{BuildError, Cause};

const NODE: NodeId = NodeId(0);
const ARRIVED: Fact = Fact::Arrived { request: RequestId(0) };
const CLAIMED: Fact = Fact::Claimed {
    request: RequestId(0),
    node: NODE,
    attempt: 1,
};
const ACTIVE: Fact = Fact::Active {
    request: RequestId(0),
    node: NODE,
};
const ACCEPTED: Fact = Fact::Accepted { request: RequestId(0) };
const REFUSED: Fact = Fact::Refused {
    request: RequestId(0),
    cause: Cause::ClassFull,
};
const RELEASED: Fact = Fact::Released {
    request: RequestId(0),
    node: NODE,
};

/// What the audit says of these facts, one a millisecond, after one free node stood; empty when
/// it finds nothing.
fn verdict(facts: &[Fact]) -> String {
    let facts: Vec<(u64, Fact)> = [stood(0, free())]
        .iter()
        .chain(facts)
        .copied()
        .zip(0..)
        .map(|(f, at)| (at, f))
        .collect();
    let tape = tape(vec![request(0, Kind::People), request(0, Kind::People)]);
    let scenario = scenario(1, 100);
    let mut audit = Audit::new(&scenario);
    let told = catch_unwind(AssertUnwindSafe(|| tell(&mut audit, &scenario.fleet, &tape, &facts)));
    told.map_or_else(
        |panic| panic.downcast_ref::<String>().cloned().unwrap_or_default(),
        |()| String::new(),
    )
}

#[test]
fn a_sound_course_passes() {
    assert_eq!(
        verdict(&[ARRIVED, CLAIMED, ACTIVE, ACCEPTED, RELEASED, Fact::Ended]),
        ""
    );
    assert_eq!(verdict(&[ARRIVED, REFUSED, Fact::Ended]), "");
    assert_eq!(verdict(&[ARRIVED, Fact::Ended]), "");
    let (scenario, tape, facts) = story();
    tell(&mut Audit::new(&scenario), &scenario.fleet, &tape, &facts);
}

#[test]
fn every_law_that_is_broken_is_named_with_its_time_and_names() {
    let other = Fact::Claimed {
        request: RequestId(1),
        node: NODE,
        attempt: 1,
    };
    let cases: [(&[Fact], &str); 14] = [
        (&[ARRIVED, ARRIVED], "a request arrives once"),
        (&[CLAIMED], "only a request that arrived and is not refused claims"),
        (
            &[ARRIVED, REFUSED, CLAIMED],
            "only a request that arrived and is not refused claims",
        ),
        (
            &[
                ARRIVED,
                CLAIMED,
                Fact::Arrived { request: RequestId(1) },
                other,
                Fact::Ended,
            ],
            "one occupant a node",
        ),
        (&[stood(0, taken().with(Standing::ERRAND))], "one occupant a node"),
        (&[ARRIVED, ACTIVE], "no instance is active without a claim"),
        (&[ARRIVED, CLAIMED, RELEASED, RELEASED], "every claim has one end"),
        (
            &[ARRIVED, CLAIMED, ACCEPTED],
            "an accepted request has the machines that it needs, active",
        ),
        (
            &[ARRIVED, CLAIMED, ACTIVE, ACCEPTED, ACCEPTED],
            "a request is accepted or refused once, after it arrived",
        ),
        (
            &[ARRIVED, CLAIMED, ACTIVE, ACCEPTED, REFUSED],
            "a request is accepted or refused once, after it arrived",
        ),
        (
            &[ARRIVED, CLAIMED, ACTIVE, REFUSED, ACCEPTED],
            "a request is accepted or refused once, after it arrived",
        ),
        (
            &[ARRIVED, stood(0, hidden()), CLAIMED],
            "no automatic claim on a node that the view hides",
        ),
        (&[stood(0, taken()), Fact::Ended], "the books agree with the fleet"),
        (
            &[ARRIVED, CLAIMED, REFUSED, Fact::Ended],
            "a refused request keeps no machine",
        ),
    ];
    for (facts, law) in cases {
        let said = verdict(facts);
        assert!(
            said.starts_with(&format!("broken law `{law}` at ")),
            "{facts:?}: {said}"
        );
        let (request, node) = (said.contains("request r"), said.contains("node n0"));
        assert!(request || node, "names nobody: {said}");
    }
}

#[test]
fn an_alternate_may_be_claimed_though_it_is_hidden_by_now() {
    let again = Fact::Claimed {
        request: RequestId(0),
        node: NODE,
        attempt: 2,
    };
    assert_eq!(verdict(&[ARRIVED, stood(0, hidden()), again]), "");
}

#[test]
fn a_claim_that_the_driver_refuses_takes_nothing() {
    let lost = |request| Fact::Conflict { request, node: NODE };
    let failed = |request| Fact::BuildFailed {
        request,
        node: NODE,
        error: BuildError::Unavailable,
    };
    let (second, claims) = (
        Fact::Arrived { request: RequestId(1) },
        Fact::Claimed {
            request: RequestId(1),
            node: NODE,
            attempt: 1,
        },
    );
    assert_eq!(
        verdict(&[
            ARRIVED,
            CLAIMED,
            lost(RequestId(0)),
            failed(RequestId(0)),
            REFUSED,
            Fact::Ended
        ]),
        ""
    );
    // The view was stale: the node has a tenant, who stays.
    let course = [
        ARRIVED,
        CLAIMED,
        ACTIVE,
        ACCEPTED,
        second,
        claims,
        lost(RequestId(1)),
        failed(RequestId(1)),
        RELEASED,
        Fact::Ended,
    ];
    assert_eq!(verdict(&course), "");
    assert!(
        verdict(&[
            ARRIVED,
            CLAIMED,
            lost(RequestId(0)),
            failed(RequestId(0)),
            failed(RequestId(0))
        ])
        .contains("every claim has one end")
    );
    assert!(verdict(&[ARRIVED, lost(RequestId(0))]).contains("only a claim is lost"));
}

#[test]
fn a_standing_must_begin_where_the_last_one_ended() {
    let (scenario, tape) = (scenario(1, 100), tape(vec![]));
    let sight = sight_of(&scenario.fleet, &tape);
    let mut audit = Audit::new(&scenario);
    audit.told(
        Time(0),
        &Fact::Stood {
            node: NODE,
            from: Standing::new(Provision::Enroll, 1),
            to: free(),
        },
        &Sight::of(&sight),
    );
    let skipped = Fact::Stood {
        node: NODE,
        from: hidden(),
        to: free(),
    };
    let told = catch_unwind(AssertUnwindSafe(|| audit.told(Time(5), &skipped, &Sight::of(&sight))));
    let said = told.unwrap_err().downcast_ref::<String>().cloned().unwrap_or_default();
    assert!(
        said.contains("a node's standing begins where its last one ended` at 5ms (5 ms): node n0"),
        "{said}"
    );
}

#[test]
fn a_strict_audit_lets_the_fleet_run_ahead_within_an_event_only() {
    let (mut scenario, tape) = (scenario(1, 100), tape(vec![request(0, Kind::People)]));
    let mut audit = Audit::new(&scenario).strict();
    tell(&mut audit, &scenario.fleet, &tape, &[(0, stood(0, free()))]);
    audit.rested(Time(0), &Sight::of(&sight_of(&scenario.fleet, &tape)));
    // A difference that has gone by the event's end is none, however long nothing is told after it.
    scenario.fleet.nodes[0].holds.add(Hold::Planned);
    tell(&mut audit, &scenario.fleet, &tape, &[(1, ARRIVED)]);
    scenario.fleet.nodes[0].holds.release(Hold::Planned);
    audit.rested(Time(1), &Sight::of(&sight_of(&scenario.fleet, &tape)));
    scenario.fleet.nodes[0].holds.add(Hold::Planned);
    tell(&mut audit, &scenario.fleet, &tape, &[(9, REFUSED)]);
    let sight = sight_of(&scenario.fleet, &tape);
    let rests = catch_unwind(AssertUnwindSafe(|| audit.rested(Time(9), &Sight::of(&sight))));
    let said = rests.unwrap_err().downcast_ref::<String>().cloned().unwrap_or_default();
    assert!(said.contains("`the books agree with the fleet` at 9ms"), "{said}");
}
