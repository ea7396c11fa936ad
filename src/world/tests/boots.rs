//! The operators' boots and deploys by hand.

use super::*;
use crate::kernel::Hours;
use crate::world::settings::Crew;

fn deeds(told: &Told) -> [usize; 4] {
    let count = |wanted: Deed| {
        let of = told.facts.iter().filter(|(_, fact)| match fact {
            Fact::Action { human: true, deed, .. } => *deed == wanted,
            _ => false,
        });
        of.count()
    };
    [Deed::Entry, Deed::Return, Deed::Boot, Deed::ByHand].map(count)
}

fn ended(told: &Told) -> Vec<ErrandEnd> {
    let ends = told.facts.iter().filter_map(|(_, fact)| match fact {
        Fact::ErrandEnded { end, .. } => Some(*end),
        _ => None,
    });
    ends.collect()
}

/// The same work under every strategy is counted in the same kinds: steps in, steps out, boots, deploys by hand.
#[test]
fn what_humans_do_is_counted_in_the_same_kinds_for_every_strategy() {
    let lab = || Lab::new(1).campaign(2);
    for (name, params, expected) in [
        ("naive", &[][..], [0, 0, 2, 0]),
        ("withdraw", &[], [1, 1, 0, 2]),
        // Cleared for each boot and set after it.
        ("withdraw", &[("route", "expose")], [3, 3, 2, 0]),
        ("hidden-via-extra-spec", &[], [1, 1, 2, 0]),
        ("tenant-reservation", &[], [2, 2, 2, 0]),
    ] {
        assert_eq!(deeds(&lab().under(name, params)), expected, "{name} {params:?}");
    }
}

/// A boot fails as a tenant's build does. Three tries, and the errand is given up; the work is done all the same.
#[test]
fn operators_boots_fail_by_chance_and_are_given_up_after_as_many_tries_as_a_build_has() {
    let mut lab = Lab::new(1).campaign(1);
    lab.settings.ironic.build_failure = 1.0;
    for name in ["naive", "hidden-via-extra-spec", "tenant-reservation"] {
        let told = lab.under(name, &[]);
        let failed = |fact: &Fact| matches!(fact, Fact::BootFailed { .. });
        assert_eq!(told.count(failed), 3, "{name}");
        assert_eq!(
            (ended(&told), deeds(&told)[2]),
            (vec![ErrandEnd::Unserved], 3),
            "{name}"
        );
        assert_eq!(
            told.count(|fact| matches!(fact, Fact::WindowClosed { .. })),
            1,
            "{name}"
        );
    }
    lab.settings.ironic.build_failure = 0.0;
    assert_eq!(ended(&lab.under("naive", &[])), [ErrandEnd::Done]);
}

/// Machines that are added, and moved in the fleet, leave the others' boots as they were.
#[test]
fn what_becomes_of_a_boot_hangs_on_its_machines_name_and_not_on_its_place() {
    let failed = |names: &[&str]| {
        let mut lab = Lab::new(0).campaign(3);
        for name in names {
            lab.fleet.enter(&spec((*name).to_owned()));
        }
        lab.settings.ironic.build_failure = 0.5;
        let told = lab.under("hidden-via-extra-spec", &[]);
        let of = |name: &&str| {
            let mine = |fact: &&(Time, Fact)| match fact.1 {
                Fact::BootFailed { node, .. } => names[node.at()] == *name,
                _ => false,
            };
            told.facts.iter().filter(mine).map(|(at, _)| *at).collect::<Vec<Time>>()
        };
        ["a", "b", "c", "d", "e"].map(|name| of(&name))
    };
    let before = failed(&["a", "b", "c", "d", "e"]);
    assert!(before.iter().flatten().count() > 5, "{before:?}");
    assert_eq!(failed(&["x", "e", "d", "y", "c", "b", "a"]), before);
}

/// Broken hardware fails the operators' diagnosis too; after it has been repaired their boots go well.
#[test]
fn a_boot_on_broken_hardware_fails_until_it_is_repaired() {
    let mut lab = Lab::new(1).breaks(0);
    lab.plan.faults[0].kinds[0].detection = Law::Fixed(Span::hours(1));
    lab.plan.faults[0].errands = ErrandLaw {
        counts: Sizes::always(2),
        duration: Law::Fixed(Span::hours(1)),
    };
    lab.plan.faults[0].between = Law::Fixed(Span::hours(200));
    lab.fleet.boundaries.clear();
    for name in ["naive", "hidden-via-extra-spec", "tenant-reservation"] {
        let told = lab.under(name, &[]);
        assert_eq!(ended(&told), [ErrandEnd::Unserved, ErrandEnd::Done], "{name}");
        let broken = |fact: &Fact| matches!(fact, Fact::BootFailed { error, .. } if *error == BuildError::Broken);
        assert_eq!(told.count(broken), 3, "{name}");
    }
}

/// The boots that failed, and why.
fn boots_failed(told: &Told) -> Vec<(Time, BuildError)> {
    let failed = told.facts.iter().filter_map(|(at, fact)| match fact {
        Fact::BootFailed { error, .. } => Some((*at, *error)),
        _ => None,
    });
    failed.collect()
}

const MINUTE: u64 = 60_000;

/// Hardware that breaks in mid-deploy fails the operators' boot as it fails a tenant's build, and so does dead power: it
/// is told, and the next boot is another one.
#[test]
fn a_boot_fails_when_its_hardware_breaks_or_loses_its_power_in_mid_deploy() {
    for power in [false, true] {
        let mut lab = Lab::new(1).campaign(1).breaks(0);
        lab.fleet.boundaries.clear();
        lab.plan.faults[0].between = Law::Fixed(Span::secs(4500));
        let kind = &mut lab.plan.faults[0].kinds[0];
        (kind.interrupts, kind.power, kind.deploy_fails) = (true, power, 0.0);
        lab.settings.ironic.deploy = Law::Fixed(Span::secs(1800));
        lab.horizon = Time(4 * H);
        for name in ["naive", "hidden-via-extra-spec", "tenant-reservation"] {
            let told = lab.under(name, &[]);
            let broken = (Time(75 * MINUTE), BuildError::Broken);
            assert_eq!(boots_failed(&told)[..1], [broken], "{name}, power {power}");
            let needed = told.count(|fact| matches!(fact, Fact::ErrandNeeded { .. }));
            assert_eq!((needed, deeds(&told)[2]), (1, 2), "{name}, power {power}");
        }
    }
}

/// The flag is taken off by mistake, and is to be set again for other work while an image is being deployed: that waits until
/// the image is gone, or the image would never run. An audit that comes by then waits as well.
#[test]
fn no_flag_is_set_under_the_operators_own_boot() {
    for (allowed, audit) in [(true, None), (false, None), (true, Some(Span::secs(16_200)))] {
        let mut lab = Lab::new(1).campaign(1).spell(0, 0.5, 3.0).spell(0, 4.0, 300.0);
        lab.settings.ironic.allow_provisioning_in_maintenance = allowed;
        lab.settings.ironic.agent = true;
        lab.settings.ironic.deploy = Law::Fixed(Span::hours(4));
        lab.settings.operators.slip_flag = 1.0;
        lab.settings.operators.audit = audit;
        lab.horizon = Time(400 * H);
        let told = lab.under("withdraw", &[("route", "expose")]);
        assert_eq!(boots_failed(&told), [], "{allowed}, {audit:?}");
        let ran = told
            .first(|fact| matches!(fact, Fact::ErrandRuns { .. }))
            .expect("it runs");
        let sets = |fact: &Fact| matches!(fact, Fact::Action { deed: Deed::Entry, .. });
        let set: Vec<Time> = told
            .facts
            .iter()
            .filter(|(_, fact)| sets(fact))
            .map(|(at, _)| *at)
            .collect();
        assert!(
            set.iter().all(|&at| at < Time(4 * H) || at > ran),
            "{allowed}, {audit:?}: {set:?}, {ran:?}"
        );
        assert_eq!(
            told.count(|fact| matches!(fact, Fact::WindowClosed { .. })),
            3,
            "{allowed}, {audit:?}"
        );
    }
}

/// Case 16 for the operators' boots: alternates whose class has changed since the decision are not claimed.
#[test]
fn a_boot_does_not_go_on_to_an_alternate_of_another_class() {
    let mut lab = Lab::new(3).campaign(1);
    (0..3).for_each(|node| lab = std::mem::replace(&mut lab, Lab::new(0)).spell(node, 0.5, 40.0));
    lab.plan.campaigns[0].share = 0.34;
    let other = crate::fleet::ClassId(lab.fleet.names.classes.enter("other"));
    lab.fleet.boundaries = (0..3)
        .map(|node| crate::fleet::Boundary {
            at: Time(80 * MINUTE),
            node: NodeId(node),
            change: crate::fleet::Change::Class(other),
        })
        .collect();
    lab.settings.ironic.build_failure = 1.0;
    lab.settings.ironic.build_failure_time = Law::Fixed(Span::secs(2400));
    lab.settings.operators.retry = Span::secs(420);
    let told = lab.under("tenant-reservation", &[("route", "any")]);
    let failed: Vec<u64> = boots_failed(&told).iter().map(|(at, _)| at.0 / MINUTE).collect();
    assert_eq!(failed[..2], [100, 147], "{failed:?}");
}

/// What was deployed by hand leaves something to clean; under the flag the clean waits until the node is back.
#[test]
fn a_deploy_by_hand_leaves_something_to_clean() {
    for (automated, cleaned) in [(true, Span::secs(1800)), (false, Span::ZERO)] {
        let mut lab = Lab::new(1).campaign(1);
        lab.settings.ironic.cleaning = Law::Fixed(Span::secs(1800));
        lab.settings.ironic.automated_clean = automated;
        let told = lab.under("withdraw", &[]);
        let closed = told
            .first(|fact| matches!(fact, Fact::WindowClosed { .. }))
            .expect("closed");
        let last = told.facts.iter().rev().find_map(|(at, fact)| match fact {
            Fact::Stood { to, .. } if to.is(Standing::OFFERED) => Some(*at),
            _ => None,
        });
        assert_eq!(last.expect("offered again") - closed, cleaned, "{automated}");
    }
}

/// A class that is dictated while an image deployed by hand is on the node is its class as soon as the image is gone,
/// whether or not Ironic cleans.
#[test]
fn a_class_that_changes_under_a_deploy_by_hand_is_the_nodes_when_the_image_is_gone() {
    for automated in [true, false] {
        let mut lab = Lab::new(1).campaign(1);
        lab.settings.ironic.automated_clean = automated;
        let runs = |fact: &Fact| matches!(fact, Fact::ErrandRuns { .. });
        let at = lab.under("withdraw", &[]).first(runs).expect("it runs") + Span::secs(60);
        let other = lab.fleet.names.classes.enter("other");
        lab.fleet.boundaries.push(crate::fleet::Boundary {
            at,
            node: NodeId(0),
            change: crate::fleet::Change::Class(crate::fleet::ClassId(other)),
        });
        let told = lab.under("withdraw", &[]);
        let over = told
            .first(|fact| matches!(fact, Fact::ErrandEnded { .. }))
            .expect("it is over");
        let changed = told.facts.iter().find_map(|(at, fact)| match fact {
            Fact::Stood { to, .. } if to.class() == other => Some(*at),
            _ => None,
        });
        // Under the flag a clean waits until the node is back.
        let back = told.first(|fact| matches!(fact, Fact::Returned { .. }));
        assert_eq!(changed, if automated { back } else { Some(over) }, "{automated}");
    }
}

/// Two nodes of a campaign and one with a broken disk. The campaign's crew comes at 08:00 and is one; the other repairs
/// disks at any hour, and does not wait behind the campaign's work.
#[test]
fn crews_have_hours_and_skills_of_their_own() {
    let crew = |skill: &str, hours| Crew {
        technicians: 1,
        hours,
        racks: Vec::new(),
        skills: vec![skill.to_owned()],
    };
    let mut lab = Lab::new(2).campaign(0);
    lab.fleet.enter(&spec("n2".to_owned()));
    let mut lab = lab.breaks(2);
    lab.fleet.boundaries.clear();
    lab.plan.campaigns[0].classes = vec![crate::fleet::ClassId(0)];
    lab.plan.faults[0].kinds[0].detection = Law::Fixed(Span::hours(1));
    lab.plan.faults[0].between = Law::Fixed(Span::hours(200));
    lab.horizon = Time(210 * H);
    let day = Hours::daily(Span::hours(8), Span::hours(16));
    lab.settings.operators.crews = vec![crew("campaign", Some(day)), crew("disk", None)];
    let begun = |lab: &Lab| {
        let begun = |(at, fact): &(Time, Fact)| match fact {
            Fact::WorkBegan { node, .. } => Some((node.0, *at)),
            _ => None,
        };
        lab.under("naive", &[])
            .facts
            .iter()
            .filter_map(begun)
            .collect::<Vec<_>>()
    };
    let mine = begun(&lab);
    assert_eq!(mine[..2], [(0, Time(8 * H)), (1, Time(9 * H))]);
    assert_eq!((mine.len(), mine[2].0), (3, 2));
    // On Tuesdays only: the epoch is a Monday.
    lab.settings.operators.crews[0].hours = Some(Hours { days: 2, ..day });
    assert_eq!(begun(&lab)[..2], [(0, Time(32 * H)), (1, Time(33 * H))]);
}

/// One node on which work of an hour and two boots wait for other work of three hours; its operator takes the flag off by
/// mistake, and a tenant comes when nothing else is on the node.
fn bared(holds: f64) -> Lab {
    let mut lab = Lab::new(1).campaign(0).campaign(2).asks(5.1, 1, 1, holds);
    lab.plan.campaigns[0].work = Law::Fixed(Span::hours(3));
    lab.plan.campaigns[1].word = 2;
    lab.settings.operators.slip_flag = 1.0;
    lab.settings.ironic.deploy = Law::Fixed(Span::hours(2));
    lab.horizon = Time(30 * H);
    lab
}

const BY_HAND: &[(&str, &str)] = &[("out_of_band", "0h")];

/// An audit sets the flag again under the tenant's build, which hangs from then on: it is taken down for the boot that is
/// still to be done, and does not wait for it for good.
#[test]
fn a_build_that_hangs_under_a_flag_set_anew_is_taken_down_for_boots() {
    let mut lab = bared(10.0);
    lab.settings.operators.audit = Some(Span::secs(6 * 3600 + 1800));
    let told = lab.under("withdraw", BY_HAND);
    let failed = told.first(|fact| matches!(fact, Fact::BuildFailed { error, .. } if *error == BuildError::Withdrawn));
    assert_eq!(failed, Some(Time(71 * H / 10)));
    assert_eq!(ended(&told), [ErrandEnd::Done, ErrandEnd::Done]);
    assert_eq!(told.count(|fact| matches!(fact, Fact::WindowClosed { .. })), 2);
    // Without boots to do the build waits, and goes on with the flag.
    lab.plan.campaigns[1].errands.counts = Sizes::always(0);
    lab.plan.campaigns[1].work = Law::Fixed(Span::hours(9));
    let told = lab.under("withdraw", BY_HAND);
    assert_eq!(told.count(|fact| matches!(fact, Fact::BuildFailed { .. })), 0);
    assert_eq!(told.count(|fact| matches!(fact, Fact::Accepted { .. })), 1);
}

/// Who evicts whoever has taken the node does so for a deploy by hand as for a boot.
#[test]
fn a_tenant_who_has_taken_the_node_is_evicted_for_a_deploy_by_hand_too() {
    for (taken, evicted, done) in [("wait", 0, 1), ("evict", 1, 2)] {
        let mut lab = bared(100.0);
        lab.settings.ironic.deploy = Law::Fixed(Span::secs(600));
        let told = lab.under("withdraw", &[BY_HAND, &[("taken", taken)]].concat());
        let evictions = told.count(|fact| matches!(fact, Fact::Evicted { .. }));
        assert_eq!((evictions, ended(&told).len()), (evicted, done), "{taken}");
    }
}

/// A tenant takes the node while a technician is at it, for whom a boot waits: whoever evicts does so when the work is done.
#[test]
fn a_tenant_who_comes_while_a_boot_waits_for_a_technician_is_evicted() {
    for (taken, evicted) in [("wait", None), ("evict", Some(Time(4 * H)))] {
        let mut lab = Lab::new(1).campaign(0).campaign(1).asks(2.0, 1, 1, 100.0);
        lab.plan.campaigns[0].work = Law::Fixed(Span::hours(3));
        lab.plan.campaigns[1].word = 2;
        let told = lab.under("naive", &[("taken", taken)]);
        assert_eq!(
            told.first(|fact| matches!(fact, Fact::Evicted { .. })),
            evicted,
            "{taken}"
        );
    }
}

/// The power goes while an image is being deployed by hand, after the work: the operator sees it, and deploys again when it
/// is back. Nothing runs on a machine without power.
#[test]
fn no_image_is_deployed_by_hand_without_power() {
    let mut lab = Lab::new(1).campaign(2).breaks(0);
    lab.fleet.boundaries.clear();
    let runs = |fact: &Fact| {
        matches!(
            fact,
            Fact::ErrandRuns {
                errand: crate::workload::ErrandId(1),
                ..
            }
        )
    };
    lab.plan.faults[0].between = Law::Fixed(Span::hours(1000));
    let params = [("out_of_band", "40h")];
    let before = lab.under("withdraw", &params);
    let worked = before
        .first(|fact| matches!(fact, Fact::WorkDone { .. }))
        .expect("worked");
    let ran = before.first(runs).expect("it runs");
    let breaks = Span((worked.0 + ran.0) / 2);
    lab.plan.faults[0].between = Law::Fixed(breaks);
    (lab.plan.faults[0].kinds[0].power, lab.horizon) = (true, Time(2 * breaks.0 - 1));
    let told = lab.under("withdraw", &params);
    let mended = told.facts.iter().filter_map(|(at, fact)| match fact {
        Fact::WorkDone { .. } => Some(*at),
        _ => None,
    });
    let mended: Vec<Time> = mended.collect();
    assert_eq!(mended, [worked, Time(breaks.0 + 2 * H)], "mended at once");
    assert!(
        told.first(runs).is_none_or(|at| at >= mended[1]),
        "{:?}",
        told.first(runs)
    );
}

/// Two windows with one boot each, and boots that name no machine. Each image is on the other's node; nothing is cleaned,
/// so that a node is free the instant that its image is deleted. Whoever deletes his boots again first, and both end.
#[test]
fn images_on_each_others_nodes_do_not_change_places_for_ever() {
    for (pick, seconds) in [
        (Pick::Lowest, 0),
        (Pick::Lowest, 60),
        (Pick::Random, 0),
        (Pick::Random, 60),
    ] {
        for seed in 0..20 {
            let mut lab = Lab::new(2).spell(0, 10.0, 20.0).spell(1, 10.0, 20.0).errands(1, 1);
            lab = if seconds > 0 { lab.looped(seconds) } else { lab };
            lab.policy.pick = pick;
            lab.seed = seed;
            lab.plan.spell_use = crate::workload::SpellUse::AsWork { route: Span::ZERO };
            lab.settings.ironic.deploy = Law::Fixed(Span::secs(600));
            lab.settings.ironic.automated_clean = false;
            let told = lab.under("tenant-reservation", &[("route", "any")]);
            let closed = told.count(|fact| matches!(fact, Fact::WindowClosed { .. }));
            let astray = told.count(|fact| matches!(fact, Fact::Mistargeted { .. }));
            assert!(closed == 2 && astray < 20, "{pick:?} {seconds} {seed}: {astray} astray");
        }
    }
}
