//! Nodes that are to be retired and those that are: what is still done with them, and what is not.

use super::*;
use crate::fleet::{Boundary, Change, Provision};
use crate::workload::{Age, FaultKind, FaultLaw};

impl Lab {
    /// The operators want these nodes retired at so many hours.
    fn retires(mut self, at: u64, nodes: &[u32]) -> Lab {
        self.fleet.boundaries.extend(nodes.iter().map(|&node| Boundary {
            at: Time(at * H),
            node: NodeId(node),
            change: Change::Retires,
        }));
        self
    }
}

/// Nodes on which windows opened.
fn opened(told: &Told) -> Vec<u32> {
    let opened = told.facts.iter().filter_map(|(_, fact)| match fact {
        Fact::WindowOpened { node, .. } => Some(node.0),
        _ => None,
    });
    opened.collect()
}

fn needed(told: &Told) -> (usize, usize) {
    (
        told.count(|fact| matches!(fact, Fact::ErrandNeeded { .. })),
        told.count(|fact| matches!(fact, Fact::ErrandEnded { .. })),
    )
}

/// n0 stands available when it is to be retired, which Ironic refuses; the tenant who comes at 6 h is its last one. Who
/// asks for a node after that is told at once, and who has waited for two is told when he comes.
#[test]
fn who_waits_for_a_node_that_has_its_last_tenant_is_told_when_that_comes() {
    let refused = |lab: &Lab| {
        let told = lab.under("withdraw", &[]);
        let refused = told.facts.iter().filter_map(|(at, fact)| match fact {
            Fact::Refused { cause, .. } => Some((at.0 / H, *cause)),
            _ => None,
        });
        refused.collect::<Vec<_>>()
    };
    let patient = |lab: Lab| Lab {
        patience: Patience::Wait {
            patience: Span::hours(72),
        },
        ..lab
    };
    let last = || Lab::new(2).asks(1.0, 1, 1, 50.0).retires(5, &[1]);
    let behind = patient(last().asks(6.0, 1, 1, 20.0).asks(7.0, 2, 1, 1.0));
    assert!(refused(&behind).is_empty(), "n0 is another's by then, and comes back");
    let one = patient(Lab::new(1).asks(6.0, 1, 1, 20.0).asks(7.0, 2, 1, 1.0).retires(5, &[0]));
    assert_eq!(refused(&one), [(7, Cause::NeverFits)]);
    let for_two = patient(last().asks(4.0, 2, 2, 1.0).asks(6.0, 1, 1, 20.0));
    assert_eq!(refused(&for_two), [(6, Cause::NeverFits)]);
}

/// Two of three nodes are retired for good before the campaign begins: it is about the third, whatever its shares.
#[test]
fn a_campaign_leaves_out_nodes_that_are_retired_for_good() {
    for (name, strategy) in everything() {
        let mut lab = Lab::new(3).campaign(2).asks(0.1, 1, 2, 2.0).retires(1, &[0, 1]);
        lab.plan.campaigns[0].start = Time(5 * H);
        let told = lab.run(&*strategy);
        assert_eq!((opened(&told), needed(&told)), (vec![2], (2, 2)), "{name}");
        // Four tenths of the one that there is are none; of three they would have been one.
        lab.plan.campaigns[0].share = 0.4;
        assert!(opened(&lab.run(&*strategy)).is_empty(), "{name}");
        // Nor is anything done on them where the round's nodes were known before.
        (lab.plan.campaigns[0].share, lab.plan.campaigns[0].announce) = (1.0, Span::hours(4) + Span::secs(1800));
        lab.plan.campaigns[0].budget.nodes = Some(1);
        let told = lab.run(&*strategy);
        assert_eq!((opened(&told), needed(&told)), (vec![2], (2, 2)), "{name}");
    }
}

/// Power that fails on a retired node is nobody's to restore: no window opens, and a campaign's only place is not lost.
#[test]
fn faults_and_spells_open_no_window_on_a_node_that_is_retired_for_good() {
    let fault = |power| FaultLaw {
        word: 1,
        age: Age::New,
        classes: Vec::new(),
        between: Law::Fixed(Span::hours(20)),
        kinds: vec![FaultKind {
            name: "fault".to_owned(),
            share: 1.0,
            interrupts: false,
            deploy_fails: 0.0,
            power,
            detection: Law::Fixed(Span::hours(1)),
            work: Law::Fixed(Span::hours(2)),
        }],
        drain: Drain::TenantLeaves,
        errands: ErrandLaw {
            counts: Sizes::always(1),
            duration: Law::Fixed(Span::hours(1)),
        },
    };
    for (name, strategy) in everything() {
        for power in [false, true] {
            let mut lab = Lab::new(2)
                .asks(0.5, 1, 1, 3.0)
                .retires(1, &[0])
                .spell(0, 30.0, 40.0)
                .errands(2, 1)
                .campaign(1);
            lab.plan.faults = vec![fault(power)];
            lab.plan.campaigns[0].start = Time(50 * H);
            lab.plan.campaigns[0].budget.nodes = Some(1);
            lab.horizon = Time(100 * H);
            let told = lab.run(&*strategy);
            assert!(!opened(&told).contains(&0), "{name}: {:?}", opened(&told));
            let jobs = opened(&told).len();
            assert!(jobs >= 2, "{name}: n1 has its fault and its campaign");
        }
    }
}

/// The node is retired while a window waits for its tenant to leave: nothing was begun, so no boot was needed.
#[test]
fn boots_that_nobody_has_begun_with_are_not_needed_on_a_retired_node() {
    let lab = Lab::new(1).asks(0.5, 1, 1, 9.5).retires(5, &[0]).campaign(2);
    for (name, strategy) in everything() {
        let told = lab.run(&*strategy);
        assert_eq!((opened(&told), needed(&told)), (vec![0], (0, 0)), "{name}");
    }
}

/// The node is retired when an image deployed by hand leaves it, and its recorded window stays open: what the node has become
/// is told, as of any other.
#[test]
fn a_node_that_is_retired_as_an_image_leaves_is_told_to_stand_so() {
    let mut lab = Lab::new(1).spell(0, 1.0, 300.0).errands(1, 3).retires(2, &[0]);
    lab.horizon = Time(100 * H);
    let told = lab.under("withdraw", &[("out_of_band", "0h")]);
    let last = told.facts.iter().rev().find_map(|(_, fact)| match fact {
        Fact::Stood { to, .. } => Some(*to),
        _ => None,
    });
    assert_eq!(last.map(Standing::provision), Some(Provision::Manageable));
}

/// A boot by hand has left something to clean, which waits under the flag until the spell ends, when the node is retired:
/// nothing comes any more that would tell. The campaign that was announced before opens no window on it.
#[test]
fn a_node_that_is_retired_while_its_clean_waits_takes_no_window() {
    let lab = |retired: &[u32]| {
        let mut lab = Lab::new(1)
            .spell(0, 0.1, 40.0)
            .errands(1, 1)
            .campaign(0)
            .retires(6, retired);
        lab.settings.ironic.allow_provisioning_in_maintenance = false;
        lab.settings.ironic.cleaning = Law::Fixed(Span::secs(600));
        (lab.plan.campaigns[0].start, lab.plan.campaigns[0].announce) = (Time(6 * H), Span::secs(60));
        lab.under("withdraw", &[])
    };
    assert_eq!(opened(&lab(&[])), [0, 0], "the spell's and the campaign's");
    assert_eq!(opened(&lab(&[0])), [0], "the spell's");
}
