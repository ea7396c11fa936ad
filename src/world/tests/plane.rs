//! What the compute service's loop carries, and what its other writes do, worked out by hand.

use super::*;
use crate::fleet::{Boundary, Change, ClassId, GroupId, RequestId};
use crate::workload::{FaultKind, FaultLaw};

impl Lab {
    /// A pass in ten thousand hours: none falls into those that these tests are about.
    fn rarely(self) -> Lab {
        self.looped(36_000_000)
    }

    /// Node `node` has hardware since hour 1 on which no build succeeds, and nobody has noticed.
    pub(super) fn breaks(mut self, node: u32) -> Lab {
        let frail = ClassId(self.fleet.names.classes.enter("frail"));
        self.plan.faults = vec![FaultLaw {
            word: 0,
            age: crate::workload::Age::New,
            classes: vec![frail],
            between: Law::Fixed(Span::hours(1)),
            kinds: vec![FaultKind {
                name: "disk".to_owned(),
                share: 1.0,
                interrupts: false,
                deploy_fails: 1.0,
                power: false,
                detection: Law::Fixed(Span::days(30)),
                work: Law::Fixed(Span::hours(2)),
            }],
            drain: Drain::TenantLeaves,
            errands: ErrandLaw {
                counts: Sizes::always(0),
                duration: Law::Fixed(Span::ZERO),
            },
        }];
        self.fleet.node_mut(NodeId(node)).class = frail;
        self.fleet.boundaries.push(Boundary {
            at: Time(H + H / 2),
            node: NodeId(node),
            change: Change::Class(ClassId(0)),
        });
        self
    }

    fn claims(told: &Told) -> Vec<(Time, RequestId, NodeId)> {
        let claims = told.facts.iter().filter_map(|&(at, ref fact)| match *fact {
            Fact::Claimed { request, node, .. } => Some((at, request, node)),
            _ => None,
        });
        claims.collect()
    }
}

/// n0 is flagged, which no pass has told yet. The first build is refused there and counted by its service, who
/// writes the count with the next claim of the node, so that the third request is sent elsewhere.
#[test]
fn a_failed_build_travels_with_the_next_claim_of_its_node_and_not_before() {
    let mut lab = Lab::new(2).rarely().spell(0, 2.0, 40.0);
    lab.policy.attempts = 1;
    let lab = lab.asks(2.001, 1, 1, 1.0).asks(2.01, 1, 1, 1.0).asks(2.02, 1, 1, 1.0);
    let told = lab.under("withdraw", &[]);
    let nodes: Vec<u32> = Lab::claims(&told).iter().map(|claim| claim.2.0).collect();
    assert_eq!(nodes, [0, 0, 1]);
}

/// After a delete the node is not on offer, neither while it is cleaned nor until a pass has found it free.
#[test]
fn after_a_delete_the_node_is_not_offered_until_a_pass_has_found_it_clean() {
    for hold in [1.0, 0.1] {
        let mut lab = Lab::new(2).rarely();
        lab.settings.ironic.cleaning = Law::Fixed(Span::secs(1800));
        let lab = lab
            .asks(2.0, 1, 1, hold)
            .asks(2.2 + hold, 1, 1, 1.0)
            .asks(3.0 + hold, 1, 1, 1.0);
        let told = lab.under("naive", &[]);
        let nodes: Vec<u32> = Lab::claims(&told).iter().map(|claim| claim.2.0).collect();
        assert_eq!(nodes, [0, 1], "n0 is cleaned at first and then not yet seen");
        assert_eq!(told.count(|fact| matches!(fact, Fact::Conflict { .. })), 0);
        assert_eq!(told.refused(), [Cause::StaleView]);
    }
}

/// A class is not changed in Placement while the old one is allocated (InventoryInUse at every pass), so that the
/// delete of the tenant puts the node on offer as what it was, until a pass has come by.
#[test]
fn a_node_hidden_by_its_class_under_a_tenant_is_offered_as_the_old_class_after_the_delete() {
    let class = [("mechanism", "resource-class")];
    let lab = |lab: Lab| lab.asks(9.9, 1, 1, 1.1).spell(0, 10.0, 60.0).asks(11.0003, 2, 1, 1.0);
    let told = lab(Lab::new(1).rarely()).under("hidden-via-extra-spec", &class);
    assert_eq!((told.misplaced(), told.refused().len()), (1, 0));
    // A pass that has found the tenant has reserved the node, and that stays.
    let told = lab(Lab::new(1).looped(60)).under("hidden-via-extra-spec", &class);
    assert_eq!((told.misplaced(), told.refused()), (0, vec![Cause::OnlyHidden]));
}

/// How old the fact is that n0's flag is set when it reaches the view.
fn age_of_the_flag(lab: Lab) -> Span {
    let told = lab.spell(0, 10.0, 20.0).under("withdraw", &[]);
    let ages = told.facts.iter().find_map(|(_, fact)| match *fact {
        Fact::Published { node: NodeId(0), age } => Some(age),
        _ => None,
    });
    ages.expect("a pass has come by")
}

fn slow(nodes: u32) -> Lab {
    let mut lab = Lab::new(nodes).looped(60);
    lab.settings.sync = lab.settings.sync.map(|sync| Loop {
        per_node: Span::secs(60),
        ..sync
    });
    lab.fleet.names.groups.enter("g1");
    // n0 is the last of its pass.
    let regroup = |at: u64, node: u32, group: u16| Boundary {
        at: Time(at),
        node: NodeId(node),
        change: Change::Group(GroupId(group)),
    };
    lab.fleet.boundaries = vec![regroup(1, 0, 1), regroup(2, 0, 0)];
    lab
}

#[test]
fn a_node_that_changes_its_conductor_group_is_published_by_another_service() {
    let stays = age_of_the_flag(slow(60));
    assert!(stays > Span::hours(1), "an hour for the pass: {stays}");
    let mut lab = slow(60);
    lab.fleet.boundaries.pop();
    let goes = age_of_the_flag(lab);
    assert!(goes <= Span::secs(4 * 60), "alone behind a service: {goes}");
}

/// The old service may not have read the flag yet, or have read it and not written it: from the move on the new one reads
/// and writes the node, at its own next pass, and the old one does not.
#[test]
fn a_node_that_moves_with_a_change_unpublished_does_not_wait_for_its_old_service() {
    for minutes in (1..60).step_by(3) {
        let mut lab = slow(60);
        let moved = Time(2 * H + minutes * 60_000);
        lab.fleet.boundaries = lab.fleet.boundaries[..1].to_vec();
        lab.fleet.boundaries[0].at = Time(1);
        lab.fleet.boundaries.push(Boundary {
            at: Time(2),
            node: NodeId(0),
            change: Change::Group(GroupId(0)),
        });
        lab.fleet.boundaries.push(Boundary {
            at: moved,
            node: NodeId(0),
            change: Change::Group(GroupId(1)),
        });
        let told = lab.spell(0, 2.0, 300.0).under("withdraw", &[]);
        let published: Vec<(Time, Span)> = told
            .facts
            .iter()
            .filter_map(|(at, fact)| match *fact {
                Fact::Published { node: NodeId(0), age } => Some((*at, age)),
                _ => None,
            })
            .collect();
        let [(at, age)] = published[..] else {
            panic!("{minutes} min: {published:?}");
        };
        assert!(at >= moved && at - moved <= Span::secs(4 * 60), "{minutes} min: {at}");
        assert_eq!(age, at - Time(2 * H), "since the flag was set");
    }
}

#[test]
fn workers_share_a_pass() {
    let mut lab = slow(60);
    lab.settings.sync = lab.settings.sync.map(|sync| Loop { workers: 60, ..sync });
    let age = age_of_the_flag(lab);
    assert!(age <= Span::secs(4 * 60), "{age}");
}

/// The whole service is the operators' for as long as a node of theirs is in it; the mark goes along with the node.
#[test]
fn a_services_tenancy_goes_along_with_the_node_that_carries_it() {
    let mut lab = Lab::new(3)
        .spell(0, 1.0, 100.0)
        .asks(5.0, 1, 1, 1.0)
        .asks(20.0, 1, 1, 1.0);
    lab.fleet.names.groups.enter("g1");
    lab.fleet.boundaries = vec![Boundary {
        at: Time(10 * H),
        node: NodeId(0),
        change: Change::Group(GroupId(1)),
    }];
    let told = lab.under("tenant-reservation", &[("mechanism", "multi-tenancy-filter")]);
    assert_eq!(told.refused().len(), 1, "n1 and n2 are behind the operators' service");
    let claims = Lab::claims(&told);
    assert_eq!((claims.len(), claims[0].0), (1, Time(20 * H)));
}

/// A driver that refuses right after the claim has deployed nothing: seconds, and the next alternate.
#[test]
fn a_drivers_refusal_costs_seconds_and_not_a_failed_deploy() {
    let mut lab = stale_lab();
    lab.settings.ironic.build_failure_time = Law::Fixed(Span::hours(30));
    lab.settings.driver_refusal = Law::Fixed(Span(600));
    let told = lab.under("withdraw", &[]);
    let arrived = told
        .first(|fact| matches!(fact, Fact::Arrived { .. }))
        .expect("it asked");
    let active = told.first(|fact| matches!(fact, Fact::Active { .. })).expect("it runs");
    assert_eq!(active - arrived, Span(1_200), "two refusals, then n2");
    let refusals = |fact: &Fact| matches!(fact, Fact::BuildFailed { error, .. } if *error == BuildError::Unavailable);
    assert_eq!(told.count(refusals), 2);
}

/// The alternates were fixed with the decision. n0's build fails half an hour later; n1 has been marked meanwhile.
/// A claim finds a changed class and `reserved` in Placement, and no mark of another kind.
#[test]
fn the_claim_of_an_alternate_notices_a_changed_class_and_reserved_and_nothing_else() {
    let hidden = "hidden-via-extra-spec";
    for (name, mechanism, lands) in [
        ("withdraw", "", 2),
        (hidden, "resource-class", 2),
        (hidden, "isolated-aggregate", 1),
        (hidden, "flavor-spec", 1),
        (hidden, "post-filter", 1),
        ("tenant-reservation", "isolated-aggregate", 1),
        ("tenant-reservation", "tenant-aggregate", 1),
        ("tenant-reservation", "multi-tenancy-filter", 1),
    ] {
        let mut lab = Lab::new(3).spell(1, 2.1, 40.0).asks(2.0, 1, 1, 5.0);
        lab.settings.ironic.build_failure_time = Law::Fixed(Span::hours(1));
        lab = lab.breaks(0);
        let params = [("mechanism", mechanism)];
        let told = lab.under(name, if mechanism.is_empty() { &[] } else { &params });
        let last = Lab::claims(&told).pop().expect("claims");
        assert_eq!((last.2.0, told.refused().len()), (lands, 0), "{name} {mechanism}");
        assert_eq!(told.breaches(), usize::from(lands == 1), "{name} {mechanism}");
    }
    let mut lab = Lab::new(3).asks(2.0, 1, 1, 5.0).breaks(0);
    lab.settings.ironic.build_failure_time = Law::Fixed(Span::hours(1));
    lab.fleet.boundaries.push(Boundary {
        at: Time(2 * H + 1),
        node: NodeId(1),
        change: Change::Class(ClassId(1)),
    });
    let told = lab.under("naive", &[]);
    assert_eq!(Lab::claims(&told).pop().expect("claims").2, NodeId(2));
}
