//! Ironic's flag, faults and retirement in the running world, worked out by hand.

use super::*;
use crate::fleet::{Boundary, Change, Fault, Power, Provision};
use crate::workload::{Age, FaultKind, FaultLaw};

/// Node 0 as Ironic has it, whenever it has changed since the last fact.
#[derive(Default)]
struct Watch(Vec<(Time, bool, Option<Fault>, Power, Provision)>);

impl Observer for Watch {
    fn told(&mut self, at: Time, _fact: &Fact, sight: &Sight<'_>) {
        let it = &sight.fleet.nodes[0];
        let now = (it.flag(), it.fault(), it.power, it.provision);
        if self
            .0
            .last()
            .is_none_or(|&(_, flag, fault, power, provision)| (flag, fault, power, provision) != now)
        {
            self.0.push((at, now.0, now.1, now.2, now.3));
        }
    }
}

impl Lab {
    /// Power failures every `hours`, each with 2 h of hands-on work.
    fn power_fails(mut self, hours: u64) -> Lab {
        self.plan.faults = vec![FaultLaw {
            word: 1,
            age: Age::New,
            classes: Vec::new(),
            between: Law::Fixed(Span::hours(hours)),
            kinds: vec![FaultKind {
                name: "power".to_owned(),
                share: 1.0,
                interrupts: true,
                deploy_fails: 1.0,
                power: true,
                detection: Law::Fixed(Span::days(7)),
                work: Law::Fixed(Span::hours(2)),
            }],
            drain: Drain::AtOnce,
            errands: ErrandLaw {
                counts: Sizes::always(0),
                duration: Law::Fixed(Span::ZERO),
            },
        }];
        self
    }

    fn watched(&self, name: &str, params: &[(&str, &str)]) -> (Told, Watch) {
        self.observed(&*strategy(name, params), Watch::default())
    }
}

/// How the flag and its fault changed: (ms, flag, fault).
fn flags(watch: &Watch) -> Vec<(u64, bool, Option<Fault>)> {
    let mut flags: Vec<(u64, bool, Option<Fault>)> = watch.0.iter().map(|row| (row.0.0, row.1, row.2)).collect();
    flags.dedup_by_key(|&mut (_, flag, fault)| (flag, fault));
    flags
}

#[test]
fn a_power_failure_sets_the_flag_by_the_loop_and_recovers_by_itself() {
    let mut lab = Lab::new(1).power_fails(100);
    lab.horizon = Time(150 * H);
    for name in ["naive", "hidden-via-extra-spec", "tenant-reservation"] {
        let (told, watch) = lab.watched(name, &[]);
        let [
            (_, false, None),
            (set, true, Some(Fault::PowerFailure)),
            (cleared, false, None),
        ] = flags(&watch)[..]
        else {
            panic!("{name}: {:?}", watch.0);
        };
        let after = set - 100 * H;
        assert!((360_000..=480_000).contains(&after), "{name}: flagged after {after} ms");
        let repaired = told
            .first(|fact| matches!(fact, Fact::WorkDone { .. }))
            .expect("repaired")
            .0;
        assert_eq!(repaired, set + 2 * H, "{name}: the window opens with the flag");
        assert!(
            cleared > repaired && cleared <= repaired + 300_000,
            "{name}: {}",
            cleared - repaired
        );
        assert!(watch.0.iter().all(|row| (row.3 == Power::Unknown) == row.1), "{name}");
    }
    lab.settings.ironic.power_detection = Some(Span::secs(7));
    assert_eq!(flags(&lab.watched("naive", &[]).1)[1].0, 100 * H + 7000);
}

/// The node is in an operator's maintenance while its power goes: no sync looks at it. It begins
/// when the flag is cleared, and then takes the node by itself.
#[test]
fn an_operators_flag_is_not_taken_over() {
    let mut lab = Lab::new(1).power_fails(100).spell(0, 90.0, 120.0);
    lab.horizon = Time(121 * H);
    let flags = flags(&lab.watched("withdraw", &[]).1);
    let fixed = [(0, false, None), (90 * H, true, None), (120 * H, false, None)];
    assert_eq!(flags[..3], fixed);
    let (at, flag, fault) = flags[3];
    assert!((360_000..=480_000).contains(&(at - 120 * H)), "{at}");
    assert_eq!((flag, fault, flags.len()), (true, Some(Fault::PowerFailure), 4));
}

/// An operator who sets a flag that Ironic has set already does not make it his own: the recovery
/// still clears it, although the window is not over.
#[test]
fn a_flag_set_twice_keeps_its_fault() {
    let mut lab = Lab::new(1).power_fails(100).errands(0, 0);
    lab.horizon = Time(150 * H);
    lab.settings.operators.action = Law::Fixed(Span::hours(4));
    let (told, watch) = lab.watched("withdraw", &[]);
    let cleared = flags(&watch)[2];
    assert_eq!((cleared.1, cleared.2), (false, None), "{:?}", watch.0);
    let returned = told
        .first(|fact| matches!(fact, Fact::Returned { .. }))
        .expect("returned");
    assert!(cleared.0 < returned.0);
}

/// A failed clean is flagged with a fault that stays until a human clears it: a step of the return
/// where the strategy has one, a step of its own where it has none.
#[test]
fn a_failed_cleans_flag_is_cleared_by_a_human() {
    let mut lab = Lab::new(1).asks(1.0, 1, 1, 2.0);
    lab.settings.ironic.clean_failure = 1.0;
    lab.settings.operators.action = Law::Fixed(Span::secs(1800));
    lab.plan.clean_work = Law::Fixed(Span::hours(5));
    for (name, cleared, actions) in [
        // Failed at 3 h, worked on for 5 h, and the human's half hour.
        ("naive", 8 * H + H / 2, 1),
        // Half an hour before the work, and half an hour after it.
        ("withdraw", 9 * H, 2),
        ("hidden-via-extra-spec", 9 * H, 3),
    ] {
        let (told, watch) = lab.watched(name, &[]);
        let fault = Some(Fault::CleanFailure);
        let expected = [(0, false, None), (3 * H, true, fault), (cleared, false, None)];
        assert_eq!(flags(&watch), expected, "{name}");
        let by_hand = told.count(|fact| matches!(fact, Fact::Action { human: true, .. }));
        assert_eq!(by_hand, actions, "{name}");
        let last = watch.0.last().expect("a row");
        assert_eq!((last.0, last.4), (Time(cleared), Provision::Available), "{name}");
    }
}

/// A tenant leaves under the flag: the node is torn down, its cleaning waits for the flag to be
/// cleared, and hands-on work does not wait for the cleaning.
#[test]
fn cleaning_that_begins_under_the_flag_waits_for_it() {
    let mut lab = Lab::new(1).asks(0.5, 1, 1, 4.5).spell(0, 1.0, 20.0);
    lab.settings.ironic.cleaning = Law::Fixed(Span::secs(1800));
    let in_hand = |told: &Told| told.first(|fact| matches!(fact, Fact::InHand { .. }));
    let (told, watch) = lab.watched("withdraw", &[]);
    assert_eq!(in_hand(&told), Some(Time(5 * H)));
    let last = watch.0.last().expect("a row");
    assert_eq!((last.0, last.4), (Time(20 * H + H / 2), Provision::Available));
    let (told, watch) = lab.watched("hidden-via-extra-spec", &[]);
    assert_eq!(
        in_hand(&told),
        Some(Time(11 * H / 2)),
        "without the flag it is cleaned first"
    );
    assert_eq!(watch.0.last().map(|row| row.0), Some(Time(11 * H / 2)));
    lab.settings.ironic.allow_provisioning_in_maintenance = false;
    let (_, watch) = lab.watched("withdraw", &[]);
    let row = watch.0.iter().find(|row| row.0 == Time(5 * H)).expect("a row");
    assert_eq!((row.4, row.1, row.2), (Provision::CleanFailed, true, None));
}

/// Without an agent Ironic holds its lock as long as a step takes: an operator's flag is tried until the deploy is over, and
/// whoever leaves under the flag has the node cleaned before hands are on it. What goes by Placement's API waits for nothing.
#[test]
fn without_an_agent_flags_and_traits_wait_for_ironics_lock() {
    let half_hours = |told: &Told, wanted: fn(&Fact) -> bool| told.first(wanted).map(|at| at.0 * 2 / H);
    for (agent, hidden, active, in_hand) in [(true, 2, 20, 2), (false, 5, 5, 10)] {
        let mut lab = Lab::new(1).asks(0.5, 1, 1, 2.0).spell(0, 1.0, 10.0);
        lab.settings.ironic.deploy = Law::Fixed(Span::hours(2));
        lab.settings.ironic.cleaning = Law::Fixed(Span::secs(1800));
        lab.settings.ironic.agent = agent;
        let told = lab.under("withdraw", &[]);
        let at = |wanted| half_hours(&told, wanted);
        assert_eq!(
            at(|fact| matches!(fact, Fact::Hidden { .. })),
            Some(hidden),
            "agent {agent}"
        );
        assert_eq!(
            at(|fact| matches!(fact, Fact::Active { .. })),
            Some(active),
            "agent {agent}"
        );
        let took = at(|fact| matches!(fact, Fact::InHand { .. }));
        assert_eq!(took, (!agent).then_some(in_hand), "agent {agent}");
    }
    // The aggregate hides at once; the trait, by which operators reach the node, comes when the clean is over.
    for (agent, hidden) in [(true, 2), (false, 3)] {
        let mut lab = Lab::new(1)
            .asks(0.0, 1, 1, 0.5)
            .asks(1.25, 1, 1, 1.0)
            .spell(0, 1.0, 10.0);
        lab.settings.ironic.cleaning = Law::Fixed(Span::hours(1));
        lab.settings.ironic.agent = agent;
        let told = lab.under("hidden-via-extra-spec", &[]);
        let took = half_hours(&told, |fact| matches!(fact, Fact::Hidden { .. }));
        assert_eq!(took, Some(hidden), "agent {agent}");
        assert_eq!(told.refused(), [Cause::OnlyHidden], "agent {agent}");
    }
}

/// A deploy whose agent calls back under the flag is not heard: it waits until the flag goes, and hands-on work does
/// not wait for it. Where the window needs boots they would wait for each other: the operators take the build down.
#[test]
fn a_deploy_that_hangs_under_the_flag_does_not_hold_up_its_window() {
    let first = |told: &Told, wanted: fn(&Fact) -> bool| told.first(wanted).map(|at| at.0 * 2 / H);
    let failed = |told: &Told| first(told, |fact| matches!(fact, Fact::BuildFailed { .. }));
    let in_hand = |told: &Told| first(told, |fact| matches!(fact, Fact::InHand { .. }));
    let active = |told: &Told| first(told, |fact| matches!(fact, Fact::Active { .. }));
    let lab = |allow, errands| {
        let mut lab = Lab::new(1).asks(0.5, 1, 1, 4.0).campaign(errands);
        lab.settings.ironic.deploy = Law::Fixed(Span::hours(2));
        lab.settings.ironic.allow_provisioning_in_maintenance = allow;
        lab.under("withdraw", &[])
    };
    // The agent calls at 2.5 h, an hour of work is done, the flag goes.
    let told = lab(true, 0);
    assert_eq!((failed(&told), in_hand(&told), active(&told)), (None, Some(5), Some(7)));
    assert_eq!((told.refused().len(), told.breaches()), (0, 0));
    for (allow, errands) in [(true, 1), (false, 0), (false, 1)] {
        let told = lab(allow, errands);
        assert_eq!((failed(&told), in_hand(&told), active(&told)), (Some(5), Some(5), None));
        assert_eq!(told.refused().len(), 1);
    }
    let mut lab = Lab::new(1).asks(0.5, 1, 1, 4.0).campaign(0);
    lab.settings.ironic.deploy = Law::Fixed(Span::hours(2));
    let told = lab.under("hidden-via-extra-spec", &[]);
    assert_eq!(
        told.refused(),
        [],
        "without the flag it becomes active, and leaves in its time"
    );
}

/// A build begins ten minutes before the flag is set and would be done ten minutes after. It waits for as long as a
/// recorded spell lasts, or fails at its agent's next call; so does one that is bound to fail.
#[test]
fn a_build_under_way_waits_until_the_flag_goes_or_fails() {
    for (failing, allow) in [(false, true), (false, false), (true, true), (true, false)] {
        let mut lab = Lab::new(1).asks(4.95, 1, 1, 3.0).spell(0, 5.0, 20.0);
        lab.settings.ironic.deploy = Law::Fixed(Span::secs(600));
        lab.settings.ironic.build_failure_time = Law::Fixed(Span::secs(1800));
        lab.settings.ironic.build_failure = if failing { 1.0 } else { 0.0 };
        lab.settings.ironic.allow_provisioning_in_maintenance = allow;
        let told = lab.under("withdraw", &[]);
        let at = |wanted: fn(&Fact) -> bool| told.first(wanted).map(|at| at.0 / H);
        let active = at(|fact| matches!(fact, Fact::Active { .. }));
        let failed = at(|fact| matches!(fact, Fact::BuildFailed { .. }));
        let expected = match (failing, allow) {
            (false, true) => (Some(20), None),
            (true, true) => (None, Some(20)),
            (_, false) => (None, Some(5)),
        };
        assert_eq!((active, failed), expected, "failing {failing}, allow {allow}");
    }
}

/// A dead power supply under a clean: the agent never calls, and nodes that wait for one are not synced. The clean
/// is given up, the sync finds the power gone 6 to 8 minutes later, and the repaired node is cleaned again.
#[test]
fn a_clean_without_power_fails_and_the_sync_looks_only_after_it() {
    let mut lab = Lab::new(1).asks(0.5, 1, 1, 20.0).power_fails(2);
    lab.plan.faults[0].between = Law::Fixed(Span::hours(200));
    lab.horizon = Time(230 * H);
    let lab = lab.asks(190.0, 1, 1, 20.0);
    let mut lab = lab;
    lab.settings.ironic.cleaning = Law::Fixed(Span::hours(1));
    let (told, watch) = lab.watched("naive", &[]);
    let broke = told.first(|fact| matches!(fact, Fact::Broke { .. })).expect("it broke");
    let course: Vec<(u64, bool, Provision)> = watch
        .0
        .iter()
        .filter(|row| row.0 > broke)
        .map(|row| ((row.0.0 - broke.0) / 60_000, row.1, row.4))
        .collect();
    assert_eq!(course[0], (60, false, Provision::CleanFailed), "{course:?}");
    let (minute, flag, provision) = course[1];
    assert!(
        (66..=68).contains(&minute) && flag && provision == Provision::CleanFailed,
        "{course:?}"
    );
    let last = course.last().expect("rows");
    assert_eq!((last.1, last.2), (false, Provision::Available), "{course:?}");
}

/// A step that fails under an operator's flag writes its fault there; a clean that is refused before it begins does not.
#[test]
fn a_clean_that_fails_under_an_operators_flag_sets_its_fault() {
    let mut lab = Lab::new(1).asks(0.5, 1, 1, 4.0).spell(0, 4.6, 20.0);
    lab.settings.ironic.cleaning = Law::Fixed(Span::secs(1800));
    lab.settings.ironic.allow_provisioning_in_maintenance = false;
    let (_, watch) = lab.watched("withdraw", &[]);
    let row = watch
        .0
        .iter()
        .find(|row| row.4 == Provision::CleanFailed)
        .expect("it failed");
    assert_eq!((row.0, row.1), (Time(5 * H), true));
    let last = flags(&watch).into_iter().find(|row| row.2.is_some()).expect("a fault");
    assert_eq!(last, (5 * H, true, Some(Fault::CleanFailure)));
}

/// Where nodes are not cleaned, no clean takes time or fails, and a retired node is available again.
#[test]
fn without_automated_cleaning_none_fails() {
    let mut lab = Lab::new(1).asks(0.5, 1, 1, 4.0).asks(4.6, 1, 1, 1.0);
    lab.settings.ironic.clean_failure = 1.0;
    lab.settings.ironic.cleaning = Law::Fixed(Span::hours(1));
    lab.settings.ironic.automated_clean = false;
    lab.fleet.boundaries.push(Boundary {
        at: Time(H),
        node: NodeId(0),
        change: Change::Retires,
    });
    let (told, watch) = lab.watched("naive", &[]);
    assert_eq!((told.refused().len(), flags(&watch).len()), (0, 1));
    assert_eq!(told.count(|fact| matches!(fact, Fact::Active { .. })), 2);
}

/// The BMC answers again while a planned window of 30 hours is open: with one flag, the recovery clears the
/// operator's with it; where each reason is a hold of its own, the operator's stays.
#[test]
fn the_recovery_of_a_power_failure_clears_the_one_flag_and_not_a_typed_hold() {
    for (typed, cleared) in [(false, true), (true, false)] {
        let mut lab = Lab::new(1).power_fails(100).spell(0, 99.0, 150.0);
        lab.horizon = Time(149 * H);
        lab.settings.ironic.typed_holds = typed;
        // The operator's step comes after the power has failed, which Ironic has seen by then.
        lab.settings.operators.action = Law::Fixed(Span::ZERO);
        lab.spells[0].start = Time(101 * H);
        let (_, watch) = lab.watched("withdraw", &[]);
        let flags = flags(&watch);
        let last = *flags.last().expect("rows");
        assert_eq!(!last.1, cleared, "typed {typed}: {flags:?}");
        assert_eq!(last.2, None);
        // What stays as it was is not told: the fault's end is seen with the next fact.
        assert!(typed || (102 * H..103 * H).contains(&last.0), "{flags:?}");
    }
}

/// The audit that finds slips finds this, too: the node stands bare for hours and not until its window closes.
#[test]
fn an_audit_raises_a_flag_that_ironic_has_cleared_under_open_work() {
    for (audit, last) in [(None, (false, 102)), (Some(Span::hours(10)), (true, 110))] {
        let mut lab = Lab::new(1).power_fails(100).spell(0, 101.0, 150.0);
        lab.horizon = Time(149 * H);
        lab.settings.operators.action = Law::Fixed(Span::ZERO);
        lab.settings.operators.audit = audit;
        let (_, watch) = lab.watched("withdraw", &[]);
        let (at, flag, fault) = *flags(&watch).last().expect("rows");
        assert_eq!(((flag, at / H), fault), (last, None));
    }
}

/// Two windows on one node. Whoever is done first leaves the flag, or the mark, on for the other; who slips takes it
/// off, and an audit puts it back. One rule for all marks.
#[test]
fn a_human_leaves_the_flag_or_the_mark_on_for_others_but_for_a_slip() {
    for name in ["withdraw", "hidden-via-extra-spec", "tenant-reservation"] {
        for (slip, claims) in [(0.0, 0), (1.0, 1)] {
            let mut lab = Lab::new(1).spell(0, 1.0, 3.0).spell(0, 2.0, 30.0);
            lab = lab.asks(5.0, 1, 1, 2.0).asks(12.0, 1, 1, 1.0);
            lab.settings.operators.slip_flag = slip;
            lab.settings.operators.audit = Some(Span::hours(10));
            let told = lab.under(name, &[]);
            assert_eq!(
                told.count(|fact| matches!(fact, Fact::Claimed { .. })),
                claims,
                "{name}"
            );
            assert_eq!(told.refused().len(), 2 - claims, "{name}");
            assert_eq!(
                told.count(|fact| matches!(fact, Fact::Slipped { .. })),
                claims,
                "{name}"
            );
            assert_eq!(told.count(|fact| matches!(fact, Fact::Returned { .. })), 1, "{name}");
            let audited = told.first(|fact| matches!(fact, Fact::Audited { .. }));
            assert_eq!(audited, (claims == 1).then_some(Time(10 * H)), "{name}");
        }
    }
}

/// The flag is lifted for a boot, a slip bares the node, and the flag is due again after the boot: whoever sets it hides the
/// node with all that belongs to it, and so somebody takes it off. An audit that finds the node bare under the operators'
/// own boot lets that go on.
#[test]
fn a_flag_that_is_set_again_after_a_boot_comes_off_with_the_last_window() {
    for audit in [None, Some(Span::secs(1800)), Some(Span::hours(24))] {
        let mut lab = Lab::new(1).spell(0, 1.0, 3.0).campaign(2);
        lab.plan.campaigns[0].start = Time(2 * H);
        lab.horizon = Time(200 * H);
        lab.settings.operators.action = Law::Fixed(Span::secs(600));
        lab.settings.operators.slip_flag = 1.0;
        lab.settings.operators.audit = audit;
        lab.settings.ironic.deploy = Law::Fixed(Span::hours(2));
        let (told, watch) = lab.watched("withdraw", &[("route", "expose")]);
        assert_eq!(
            told.count(|fact| matches!(fact, Fact::WindowClosed { .. })),
            2,
            "{audit:?}"
        );
        let last = *flags(&watch).last().expect("rows");
        assert!(!last.1, "{audit:?}: {last:?}");
    }
}

/// With typed holds who ends his work releases his own hold, and nobody can slip with the flag of the others.
#[test]
fn nobody_slips_with_a_typed_hold_of_others() {
    let mut lab = Lab::new(1).spell(0, 1.0, 3.0).spell(0, 2.0, 30.0);
    lab.settings.operators.slip_flag = 1.0;
    lab.settings.ironic.typed_holds = true;
    assert_eq!(
        lab.under("withdraw", &[])
            .count(|fact| matches!(fact, Fact::Slipped { .. })),
        0
    );
}

#[test]
fn an_errand_under_a_flag_that_refuses_it_is_given_up_at_once() {
    let mut lab = Lab::new(1).spell(0, 1.0, 50.0).errands(3, 2);
    let flagged = &[("flag", "true")][..];
    let ended = |told: &Told, wanted: ErrandEnd| {
        let ends = told
            .facts
            .iter()
            .filter(|(_, fact)| matches!(fact, Fact::ErrandEnded { end, .. } if *end == wanted));
        ends.count()
    };
    let told = lab.under("hidden-via-extra-spec", flagged);
    assert_eq!(told.count(|fact| matches!(fact, Fact::ErrandRefused { .. })), 3);
    assert_eq!(
        (ended(&told, ErrandEnd::Unserved), ended(&told, ErrandEnd::Done)),
        (3, 0)
    );
    lab.settings.ironic.deploy_in_maintenance = true;
    let told = lab.under("hidden-via-extra-spec", flagged);
    assert_eq!(
        (ended(&told, ErrandEnd::Unserved), ended(&told, ErrandEnd::Done)),
        (0, 3)
    );
}

/// Retired at 10 h: n0 is occupied then and never comes back; n1 stands available, where Ironic
/// refuses it, and has one tenant more.
#[test]
fn a_retired_node_is_not_available_again_after_its_tenant() {
    let mut lab = Lab::new(2)
        .asks(1.0, 1, 1, 19.0)
        .asks(15.0, 1, 1, 5.0)
        .asks(30.0, 1, 1, 1.0);
    for node in 0..2 {
        lab.fleet.boundaries.push(Boundary {
            at: Time(10 * H),
            node: NodeId(node),
            change: Change::Retires,
        });
    }
    let told = lab.under("naive", &[]);
    let active = told.facts.iter().filter_map(|(at, fact)| match fact {
        Fact::Active { node, .. } => Some((at.0 / H, node.0)),
        _ => None,
    });
    assert_eq!(active.collect::<Vec<_>>(), [(1, 0), (15, 1)]);
    assert_eq!(told.refused(), [Cause::NeverFits], "both are gone for good");
    let managed = told.facts.iter().filter_map(|(at, fact)| match fact {
        Fact::Stood { node, to, .. } if to.provision() == Provision::Manageable => Some((at.0 / H, node.0)),
        _ => None,
    });
    assert_eq!(managed.collect::<Vec<_>>(), [(20, 0), (20, 1)]);
}

/// A retired node's window is over when the node comes to rest: nothing is to be done on it.
#[test]
fn nothing_is_done_on_a_retired_node() {
    let mut lab = Lab::new(1).asks(0.5, 1, 1, 4.5).campaign(2);
    lab.fleet.boundaries.push(Boundary {
        at: Time(H),
        node: NodeId(0),
        change: Change::Retires,
    });
    for name in ["naive", "withdraw", "hidden-via-extra-spec", "tenant-reservation"] {
        let told = lab.under(name, &[]);
        assert_eq!(told.count(|fact| matches!(fact, Fact::WorkBegan { .. })), 0, "{name}");
        assert_eq!(
            told.count(|fact| matches!(fact, Fact::WindowClosed { .. })),
            1,
            "{name}"
        );
    }
}

/// Dead power supplies, failed cleans, hanging deploys, campaigns and errands all at once, under
/// every mechanism and route: nothing waits for a thing that never comes. Every window that opened
/// well before the end has closed by then.
#[test]
fn no_window_waits_for_ever() {
    let flagged = ["hidden-via-extra-spec", "tenant-reservation"];
    let flagged = flagged.map(|name| (format!("{name} with the flag"), strategy(name, &[("flag", "true")])));
    for (name, strategy) in everything().into_iter().chain(flagged) {
        for (allow, looped) in [(true, false), (true, true), (false, true)] {
            let mut lab = Lab::new(6).power_fails(90).campaign(3);
            lab.plan.faults[0].between = Law::Exponential(Span::hours(60));
            lab.plan.faults[0].drain = Drain::TenantLeaves;
            lab.plan.faults[0].errands.counts = Sizes::always(2);
            lab.plan.faults[0].errands.duration = Law::Fixed(Span::hours(1));
            lab.plan.campaigns[0].every = Some(Span::hours(70));
            lab.plan.campaigns[0].budget.nodes = Some(3);
            lab.settings.ironic.allow_provisioning_in_maintenance = allow;
            lab.settings.ironic.clean_failure = 0.2;
            lab.settings.ironic.cleaning = Law::Fixed(Span::secs(1200));
            lab.settings.ironic.deploy = Law::Fixed(Span::secs(900));
            lab.settings.operators.action = Law::Exponential(Span::secs(900));
            lab.settings.operators.technicians = Some(2);
            lab.rescue = Some((0.5, Law::Fixed(Span::hours(1))));
            lab.horizon = Time(2000 * H);
            if looped {
                lab = lab.looped(300);
            }
            for n in 0..300 {
                lab = lab.asks(
                    f64::from(n) * 6.0,
                    1 + (n % 2) as u16,
                    1 + (n % 3) as u16,
                    f64::from(n % 5) * 5.0 + 1.0,
                );
            }
            let told = lab.run(&*strategy);
            let mut open = std::collections::BTreeMap::new();
            for (at, fact) in &told.facts {
                match fact {
                    Fact::WindowOpened { window, node, .. } => {
                        open.insert(*window, (at.0 / H, node.0));
                    }
                    Fact::WindowClosed { window, .. } => {
                        open.remove(window);
                    }
                    _ => {}
                }
            }
            open.retain(|_, (at, _)| *at < 1800);
            assert!(open.is_empty(), "{name}, allow {allow}, looped {looped}: {open:?}");
            assert!(
                told.count(|fact| matches!(fact, Fact::WindowClosed { .. })) > 150,
                "{name}"
            );
        }
    }
}
