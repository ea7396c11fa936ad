//! Those who run at the begin sit on their nodes, and ends that are not known; worked out by hand.

use super::*;
use crate::fleet::{Party, RequestId};
use crate::scheduler::Quota;
use crate::world::Sight;

impl Lab {
    /// The request at this place runs at the begin, on this node.
    fn sits(mut self, row: u32, node: u32) -> Lab {
        self.seats.push(Seated {
            source: 0,
            row,
            node: NodeId(node),
        });
        self
    }
}

/// Where and when instances became active.
fn active(told: &Told) -> Vec<(u64, u32, u32)> {
    let facts = told.facts.iter().filter_map(|(at, fact)| match fact {
        Fact::Active { request, node } => Some((at.0 / H, request.0, node.0)),
        _ => None,
    });
    facts.collect()
}

#[test]
fn who_runs_at_the_begin_is_on_its_node_before_anybody_asks() {
    // Four nodes, lowest first: without a seat request 0 would be on node 0. The one that asks at 0 is before it in the file.
    let lab = Lab::new(4).asks(0.0, 0, 1, 5.0).asks(0.0, 1, 1, 3.0).sits(1, 2);
    for name in ["naive", "withdraw", "hidden-via-extra-spec", "tenant-reservation"] {
        let told = lab.run(&*strategy(name, &[]));
        assert_eq!(active(&told), [(0, 0, 2), (0, 1, 0)], "{name}");
        let of_seated: Vec<&Fact> = told
            .facts
            .iter()
            .filter(|(_, fact)| fact.request() == Some(RequestId(0)))
            .map(|(_, fact)| fact)
            .collect();
        assert!(
            matches!(
                of_seated[..],
                [
                    Fact::Arrived { .. },
                    Fact::Claimed { .. },
                    Fact::Active { .. },
                    Fact::Accepted { .. },
                    Fact::Released { .. }
                ]
            ),
            "{name}: {of_seated:?}"
        );
    }
}

#[test]
fn a_seated_instance_holds_its_node_and_counts_for_the_quota() {
    // Two nodes, one of them taken for 3 h: who asks for two at 1 h is refused, and at 3 h is not.
    let asks = |at| Lab::new(2).asks(0.0, 0, 1, 3.0).sits(0, 1).asks(at, 1, 2, 1.0);
    let naive = &*strategy("naive", &[]);
    assert_eq!(asks(1.0).run(naive).refused(), [Cause::ClassFull]);
    assert!(asks(3.0).run(naive).refused().is_empty());
    // A tenant with a quota of one machine has it already.
    let mut lab = Lab::new(4).asks(0.0, 0, 1, 3.0).sits(0, 1).asks(1.0, 0, 1, 1.0);
    lab.policy.quota = Some(Box::new(Quota {
        machines: Some(1),
        ..Quota::default()
    }));
    assert_eq!(lab.run(naive).refused(), [Cause::Quota]);
}

/// Maintenance that begins at time 0 finds who is on the node, and waits for the tenant.
#[test]
fn maintenance_at_the_begin_finds_the_tenant_on_the_node() {
    let spell = Spell {
        node: NodeId(1),
        start: Time::ZERO,
        end: Some(Time(9 * H)),
        hold: crate::fleet::Hold::Planned,
    };
    let mut lab = Lab::new(2).asks(0.0, 0, 1, 4.0).sits(0, 1);
    lab.spells.push(spell);
    for name in ["withdraw", "hidden-via-extra-spec", "tenant-reservation"] {
        let told = lab.run(&*strategy(name, &[]));
        assert_eq!(told.breaches() + told.misplaced(), 0, "{name}");
        let in_hand = told.first(|fact| matches!(fact, Fact::InHand { .. }));
        assert_eq!(in_hand.map(|at| at.0 / H), Some(4), "{name}");
    }
}

/// Watches that node 1 has the same tenant whenever an event is over.
#[derive(Default)]
struct Watch(Vec<Option<u32>>);

impl Observer for Watch {
    fn told(&mut self, _: Time, _: &Fact, _: &Sight<'_>) {}

    fn rested(&mut self, _: Time, sight: &Sight<'_>) {
        self.0.push(match sight.fleet.node(NodeId(1)).party() {
            Some(Party::Tenant(request)) => Some(request.0),
            _ => None,
        });
    }
}

#[test]
fn an_end_that_is_not_known_is_beyond_the_run_or_drawn_given_the_age() {
    let naive = &*strategy("naive", &[]);
    let open = |running: Option<Law>| {
        let mut lab = Lab::new(2).asks(0.0, 0, 1, 4.0).asks(5.0, 1, 1, 1.0).sits(0, 1);
        lab.running = running;
        lab.open = vec![(Span::hours(4), Span::hours(16))];
        lab
    };
    let (told, watch) = open(None).observed(naive, Watch::default());
    assert_eq!(told.count(|fact| matches!(fact, Fact::Released { .. })), 1);
    assert!(watch.0.iter().all(|tenant| *tenant == Some(0)));
    // A fixed law of 30 h: 16 h had passed before the begin, so it ends at 14 h.
    let ends = |law| {
        let told = open(Some(law)).run(naive);
        let seated = |(_, fact): &&(Time, Fact)| matches!(fact, Fact::Released { node: NodeId(1), .. });
        told.facts.iter().find(seated).map(|(at, _)| at.0 / H)
    };
    assert_eq!(ends(Law::Fixed(Span::hours(30))), Some(14));
    // Longer than any span of the law has lasted: nobody knows when it ends.
    assert_eq!(ends(Law::Fixed(Span::hours(20))), None);
    // What was seen is not drawn again: it lasts 4 h at least.
    for seed in 1..50 {
        let mut lab = open(Some(Law::Exponential(Span::hours(1))));
        lab.seed = seed;
        let told = lab.run(naive);
        let released = |fact: &Fact| matches!(fact, Fact::Released { node: NodeId(1), .. });
        assert!(told.first(released).is_some_and(|at| at >= Time(4 * H)), "{seed}");
    }
}
