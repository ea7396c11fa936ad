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

/// Broken hardware fails the operators' diagnosis too; after it has been mended their boots go well.
#[test]
fn a_boot_on_broken_hardware_fails_until_it_is_mended() {
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

/// Two nodes of a campaign and one with a broken disk. The campaign's crew comes at 08:00 and is one; the other mends
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
