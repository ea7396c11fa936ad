//! Campaigns by hand: their hours, their budgets, and nodes that leave.

use super::*;
use crate::fleet::{Boundary, Change, ClassId};
use crate::kernel::Hours;

/// When the windows opened, in hours, with their nodes.
fn opened(told: &Told) -> Vec<(f64, u32)> {
    let opened = told.facts.iter().filter_map(|(at, fact)| match fact {
        Fact::WindowOpened { node, .. } => Some((at.0 as f64 / H as f64, node.0)),
        _ => None,
    });
    opened.collect()
}

/// When hands-on work began, in hours.
fn begun(told: &Told) -> Vec<f64> {
    let begun = told
        .facts
        .iter()
        .filter(|(_, fact)| matches!(fact, Fact::WorkBegan { .. }));
    begun.map(|(at, _)| at.0 as f64 / H as f64).collect()
}

fn minutes(minutes: u64) -> Law {
    Law::Fixed(Span::secs(minutes * 60))
}

/// A campaign from the epoch on over so many nodes, one at a time, with so many minutes of work.
fn one_by_one(nodes: u32, work: u64) -> Lab {
    let mut lab = Lab::new(nodes).campaign(0);
    let campaign = &mut lab.plan.campaigns[0];
    (campaign.start, campaign.work) = (Time::ZERO, minutes(work));
    campaign.budget.nodes = Some(1);
    lab
}

fn hours(from: u64, to: u64) -> Option<Hours> {
    Some(Hours::daily(Span::hours(from), Span::hours(to)))
}

#[test]
fn nodes_are_taken_between_from_and_to_and_at_no_other_hour() {
    for (from, to, a_night) in [(2, 4, 3), (22, 2, 5), (8, 16, 10), (23, 24, 2)] {
        let mut lab = one_by_one(20, 50);
        lab.plan.campaigns[0].hours = hours(from, to);
        let told = lab.under("withdraw", &[]);
        let of_day: Vec<f64> = opened(&told).iter().map(|(at, _)| at % 24.0).collect();
        let within = |at: f64| (at - from as f64).rem_euclid(24.0) < (to as f64 - from as f64).rem_euclid(24.0);
        assert!(of_day.iter().all(|&at| within(at)), "{from} to {to}: {of_day:?}");
        assert_eq!(of_day.len(), 20, "{from} to {to}");
        // On the second day: the first one of 22 to 2 is half a night.
        let second = opened(&told)
            .iter()
            .filter(|(at, _)| (at - from as f64).div_euclid(24.0) == 1.0)
            .count();
        assert_eq!(
            second,
            a_night.min(20 - if from == 8 { 10 } else { 0 }),
            "{from} to {to}"
        );
    }
}

#[test]
fn work_begins_within_the_hours_and_what_has_begun_is_finished_or_is_not_begun() {
    // Tenants leave at noon of the second day; one technician.
    let mut lab = Lab::new(2).asks(0.0, 1, 2, 36.0).campaign(0);
    lab.settings.operators.technicians = Some(1);
    let campaign = &mut lab.plan.campaigns[0];
    (campaign.hours, campaign.work) = (hours(0, 6), minutes(90));
    assert_eq!(begun(&lab.under("withdraw", &[])), [48.0, 49.5]);
    // Four hours each: the second ends at 8 of the clock, or waits for the next night.
    lab.plan.campaigns[0].work = minutes(240);
    assert_eq!(begun(&lab.under("withdraw", &[])), [48.0, 52.0]);
    lab.plan.campaigns[0].inside = true;
    assert_eq!(begun(&lab.under("withdraw", &[])), [48.0, 72.0]);
}

/// One node at a time, with one to seven hours of work, in nights of six that work may not outlast: when a place is
/// free, any node whose work still fits is begun with, whoever does not fit.
#[test]
fn what_does_not_fit_into_these_hours_keeps_no_other_node_from_them() {
    let mut lab = one_by_one(10, 0);
    let campaign = &mut lab.plan.campaigns[0];
    (campaign.inside, campaign.hours) = (true, hours(0, 6));
    campaign.work = Law::Uniform(Span::hours(1), Span::hours(7));
    let mut followed = 0;
    for seed in 1..10 {
        lab.seed = seed;
        let told = lab.under("withdraw", &[]);
        let done: Vec<u64> = told
            .facts
            .iter()
            .filter_map(|(at, fact)| matches!(fact, Fact::WorkDone { .. }).then_some(at.0))
            .collect();
        let begun: Vec<u64> = begun(&told)
            .into_iter()
            .map(|at| (at * H as f64).round() as u64)
            .collect();
        for (index, &end) in done.iter().enumerate() {
            let left = (6 * H).saturating_sub(end % (24 * H));
            let later = begun.iter().zip(&done).skip(index + 1);
            let fits = later.into_iter().any(|(from, to)| to - from <= left);
            let at_once = begun.get(index + 1) == Some(&end);
            assert_eq!(fits, at_once, "seed {seed}: {begun:?} to {done:?}");
            followed += usize::from(fits);
        }
    }
    assert!(followed > 10, "{followed}");
}

#[test]
fn work_that_waits_for_its_hours_blocks_nobody() {
    // The campaign's job is asked for first and its window is shut; the spell's work goes on.
    let mut lab = Lab::new(2).asks(0.0, 1, 1, 12.0).spell(1, 13.0, 20.0).campaign(0);
    lab.plan.spell_use = crate::workload::SpellUse::AsWork { route: Span::ZERO };
    lab.settings.operators.technicians = Some(1);
    let campaign = &mut lab.plan.campaigns[0];
    (campaign.hours, campaign.budget.nodes) = (hours(0, 6), Some(1));
    let told = lab.under("withdraw", &[]);
    // n0 from 0 h on is occupied until 12 h and waits for midnight; n1's spell begins at 13 h; n1's turn comes after.
    assert_eq!(begun(&told), [13.0, 24.0, 25.0]);
}

#[test]
fn days_are_those_on_which_the_hours_begin() {
    let mut lab = one_by_one(4, 180);
    // The epoch is a Monday: from Saturday, 22:00, on.
    lab.plan.campaigns[0].hours = hours(22, 6).map(|hours| Hours { days: 1 << 5, ..hours });
    let told = lab.under("withdraw", &[]);
    assert_eq!(opened(&told), [(142.0, 0), (145.0, 1), (148.0, 2)]);
}

#[test]
fn shifts_and_windows_go_by_the_clocks_on_the_wall() {
    // At 26 h clocks go from 02:00 to 03:00.
    let mut lab = one_by_one(3, 90);
    lab.settings.clock = crate::kernel::Clock::new(0, [(Time(26 * H), H as i64)]);
    lab.plan.campaigns[0].hours = hours(1, 4);
    lab.settings.operators.technicians = Some(1);
    lab.settings.operators.shift = hours(3, 20);
    // 3:00 on the first day is 3 h, on the second, which has 23 hours, 26 h.
    let told = lab.under("withdraw", &[]);
    assert_eq!(begun(&told), [3.0, 26.0, 50.0]);
}

#[test]
fn a_place_is_given_back_when_the_node_is_back_and_not_when_its_window_closes() {
    let mut lab = one_by_one(2, 60);
    lab.plan.campaigns[0].start = Time(H);
    lab.settings.operators.action = minutes(30);
    let told = lab.under("withdraw", &[]);
    assert_eq!(opened(&told), [(1.0, 0), (3.0, 1)]);
    // A slip leaves it away until the audit finds it.
    lab.settings.operators.slip = 1.0;
    lab.settings.operators.audit = Some(Span::hours(100));
    assert_eq!(opened(&lab.under("withdraw", &[])), [(1.0, 0), (100.0, 1)]);
}

#[test]
fn nodes_that_are_away_count_are_taken_first_and_cost_no_second_place() {
    let lab = |counts: Counts| {
        // n2 is held from 0.5 h to 10 h; the campaign starts at 1 h.
        let mut lab = one_by_one(3, 60).spell(2, 0.5, 10.0);
        lab.plan.campaigns[0].start = Time(H);
        lab.plan.campaigns[0].budget.counts = counts;
        opened(&lab.under("withdraw", &[]))
    };
    assert_eq!(lab(Counts::All), [(0.5, 2), (1.0, 2), (10.0, 0), (11.0, 1)]);
    // Of the campaign's own, n2 is out until its spell ends.
    assert_eq!(lab(Counts::Campaign), [(0.5, 2), (1.0, 2), (10.0, 0), (11.0, 1)]);
    let mut lab = one_by_one(3, 60).spell(2, 0.5, 10.0);
    lab.plan.campaigns[0].start = Time(H);
    lab.plan.campaigns[0].budget.nodes = Some(2);
    assert_eq!(
        opened(&lab.under("withdraw", &[])),
        [(0.5, 2), (1.0, 2), (1.0, 0), (2.0, 1)]
    );
}

#[test]
fn rounds_that_overlap_share_a_budget_and_open_one_window_a_node() {
    for every in [48, 24, 12, 6] {
        for (name, strategy) in everything() {
            let mut lab = one_by_one(4, 4 * 24 * 60 / 4);
            lab.plan.campaigns[0].every = Some(Span::hours(every));
            let told = lab.run(&*strategy);
            let (mut open, mut most) = (0i32, 0);
            for (_, fact) in &told.facts {
                open += match fact {
                    Fact::WindowOpened { .. } => 1,
                    Fact::WindowClosed { .. } => -1,
                    _ => 0,
                };
                most = most.max(open);
            }
            assert_eq!(most, 1, "every {every} h, {name}");
            assert_eq!(opened(&told).len(), 10, "every {every} h, {name}: no gap");
        }
    }
}

/// Ten days of rounds that none of the one before is done for: an hour of work on each of twenty nodes, one at a time.
/// However many wait, the work that is done is the same, and so are the events but for a beginning of each round.
#[test]
fn rounds_that_wait_cost_no_events() {
    let told = |every: u64, strategy: &dyn Strategy, hours: Option<Hours>| {
        let mut lab = one_by_one(20, 60);
        let campaign = &mut lab.plan.campaigns[0];
        (campaign.every, campaign.hours) = (Some(Span::secs(every * 60)), hours);
        lab.policy.keep_clear = true;
        lab.run(strategy)
    };
    for (name, strategy) in everything() {
        for of_day in [None, hours(22, 4)] {
            let (few, many) = (told(478, &*strategy, of_day), told(16, &*strategy, of_day));
            assert_eq!(opened(&few).len(), opened(&many).len(), "{name}, {of_day:?}");
            let rounds = 10 * 24 * 60 / 16;
            let (least, most) = (few.events, few.events + rounds + rounds / 4);
            assert!(
                (least..most).contains(&many.events),
                "{name}, {of_day:?}: {} of {least} to {most}",
                many.events
            );
        }
    }
}

/// The first of a node's jobs does not fit into the hours that are left, and the one of a later round does: the node is
/// taken for that one at once, and for the other when new hours come.
#[test]
fn a_job_that_does_not_fit_lets_the_next_round_have_its_node() {
    let lengths = |lab: &Lab| {
        let told = lab.under("withdraw", &[]);
        let (mut began, mut lengths) = (Time::ZERO, Vec::new());
        for (at, fact) in &told.facts {
            match fact {
                Fact::WorkBegan { .. } => began = *at,
                Fact::WorkDone { .. } => lengths.push(at.0 - began.0),
                _ => {}
            }
        }
        lengths
    };
    let mut passed = 0;
    for seed in 1..20 {
        let mut lab = one_by_one(1, 0);
        lab.seed = seed;
        let campaign = &mut lab.plan.campaigns[0];
        campaign.work = Law::Uniform(Span::hours(1), Span::hours(5));
        campaign.every = Some(Span::hours(2));
        lab.horizon = Time(1000 * H);
        let by_round = lengths(&lab);
        lab.horizon = Time(240 * H);
        let campaign = &mut lab.plan.campaigns[0];
        (campaign.inside, campaign.hours) = (true, hours(0, 6));
        let told = lengths(&lab);
        let rounds: Vec<usize> = told
            .iter()
            .map(|length| {
                by_round
                    .iter()
                    .position(|other| other == length)
                    .expect("a job of a round")
            })
            .collect();
        let mut each = rounds.clone();
        each.sort_unstable();
        each.dedup();
        assert_eq!(each.len(), rounds.len(), "seed {seed}: each once");
        passed += usize::from(each != rounds);
        // Whoever was passed is not forgotten: the first ones are all done.
        assert!((0..3).all(|round| rounds.contains(&round)), "seed {seed}: {rounds:?}");
    }
    assert!(passed > 5, "{passed}");
}

#[test]
fn a_change_of_class_while_a_node_is_away_takes_nobodys_place() {
    let mut lab = Lab::new(4).campaign(0);
    lab.fleet.names.classes.enter("other");
    for node in [2, 3] {
        lab.fleet.node_mut(NodeId(node)).class = ClassId(1);
    }
    lab.plan.campaigns[0].budget.scope = Scope::Class;
    lab.plan.campaigns[0].budget.nodes = Some(1);
    lab.plan.campaigns[0].work = Law::Fixed(Span::hours(2));
    // n0 is taken at 1 h as one of its old class and comes back as one of the other.
    lab.fleet.boundaries.push(Boundary {
        at: Time(2 * H),
        node: NodeId(0),
        change: Change::Class(ClassId(1)),
    });
    for (name, strategy) in everything() {
        let told = opened(&lab.run(&*strategy));
        let last = told.iter().map(|(at, _)| *at).fold(0.0, f64::max);
        assert!((3.0..3.5).contains(&last) && told.len() == 4, "{name}: {told:?}");
    }
}

#[test]
fn classes_and_shares_are_those_of_then() {
    // n2 changes at 100 h, n3 leaves at 100 h; rounds at 50 h and 150 h over class 0, half of it at once.
    let mut lab = Lab::new(4).campaign(0);
    lab.fleet.names.classes.enter("other");
    let due = |node, change| Boundary {
        at: Time(100 * H),
        node: NodeId(node),
        change,
    };
    lab.fleet.boundaries = vec![due(2, Change::Class(ClassId(1))), due(3, Change::Leaves)];
    let campaign = &mut lab.plan.campaigns[0];
    (campaign.start, campaign.every) = (Time(50 * H), Some(Span::hours(100)));
    campaign.classes = vec![ClassId(0)];
    campaign.budget = Budget {
        scope: Scope::Class,
        nodes: None,
        share: Some(0.5),
        counts: Counts::All,
    };
    let told = opened(&lab.under("withdraw", &[]));
    assert_eq!(
        told,
        [(50.0, 0), (50.0, 1), (51.0, 2), (51.0, 3), (150.0, 0), (151.0, 1)]
    );
}

#[test]
fn a_node_leaves_the_fleet_in_maintenance_too_and_nothing_stays_of_it() {
    for (name, strategy) in everything() {
        for (action, errands) in [(0, 0), (0, 2), (20, 1)] {
            let mut lab = Lab::new(3).looped(60).asks(40.0, 1, 3, 1.0).campaign(errands);
            lab.settings.operators.action = minutes(action);
            lab.settings.operators.technicians = Some(1);
            lab.settings.ironic.cleaning = minutes(10);
            lab.plan.campaigns[0].work = Law::Fixed(Span::hours(100));
            lab.plan.campaigns[0].budget.nodes = Some(1);
            lab.fleet.boundaries.push(Boundary {
                at: Time(10 * H),
                node: NodeId(0),
                change: Change::Leaves,
            });
            let told = lab.run(&*strategy);
            let gone = told.facts.iter().find_map(|(at, fact)| match fact {
                Fact::Stood {
                    node: NodeId(0), to, ..
                } if !to.installed() => Some(at.0),
                _ => None,
            });
            let case = format!("{name}, {action} min, {errands} errands");
            assert!(gone.is_some_and(|at| at <= 10 * H + H / 4), "{case}: {gone:?}");
            // The technician and the budget's place are free for the next node.
            let next = opened(&told).iter().find(|(_, node)| *node == 1).map(|(at, _)| *at);
            assert!(next.is_some_and(|at| (10.0..10.5).contains(&at)), "{case}: {next:?}");
            let after = told.facts.iter().filter(|(at, _)| at.0 > 11 * H);
            let touched = after.filter(|(_, fact)| matches!(fact, Fact::Claimed { node: NodeId(0), .. }));
            assert_eq!(touched.count(), 0, "{case}");
            assert_eq!(told.refused().len(), 1, "{case}: two nodes are left");
        }
    }
}

/// The tenant leaves half an hour after the campaign's hours; the work waits for those of the next day, and the node leaves
/// before they come. Nobody begins then.
#[test]
fn no_work_begins_in_the_next_hours_on_a_node_that_has_left() {
    let lab = |leaves: &[u64]| {
        let mut lab = Lab::new(1).asks(0.0, 1, 1, 6.5).campaign(0);
        (lab.plan.campaigns[0].start, lab.plan.campaigns[0].hours) = (Time(5 * H), hours(0, 6));
        lab.fleet.boundaries.extend(leaves.iter().map(|at| Boundary {
            at: Time(at * H),
            node: NodeId(0),
            change: Change::Leaves,
        }));
        let told = lab.under("withdraw", &[]);
        told.count(|fact| matches!(fact, Fact::WorkBegan { .. }))
    };
    assert_eq!((lab(&[]), lab(&[10])), (1, 0));
}

/// Rounds every two hours, one node at a time, an hour each: at 3 h the first round's third node is due, and the second round
/// begins. The older one goes first, at that instant, too.
#[test]
fn a_round_that_begins_does_not_overtake_an_older_one() {
    let mut lab = Lab::new(3).campaign(0);
    let campaign = &mut lab.plan.campaigns[0];
    (campaign.every, campaign.work) = (Some(Span::hours(2)), Law::Fixed(Span::hours(1)));
    campaign.budget.nodes = Some(1);
    lab.horizon = Time(8 * H);
    for seed in 1..10 {
        lab.seed = seed;
        let told = lab.under("withdraw", &[]);
        let nodes: Vec<u32> = opened(&told).iter().map(|&(_, node)| node).collect();
        for round in nodes.chunks_exact(3) {
            let mut round = round.to_vec();
            round.sort_unstable();
            assert_eq!(round, [0, 1, 2], "seed {seed}: {nodes:?}");
        }
    }
}

/// Two windows of one node, and one technician, who is at the first: when the node leaves he does not begin with the second.
#[test]
fn no_work_begins_on_a_node_that_leaves() {
    for (name, strategy) in everything() {
        let mut lab = Lab::new(1).campaign(0);
        lab.settings.operators.technicians = Some(1);
        lab.plan.campaigns[0].work = Law::Fixed(Span::hours(100));
        let again = lab.plan.campaigns[0].clone();
        lab.plan.campaigns.push(again);
        lab.fleet.boundaries.push(Boundary {
            at: Time(10 * H),
            node: NodeId(0),
            change: Change::Leaves,
        });
        let told = lab.run(&*strategy);
        let counts = [
            told.count(|fact| matches!(fact, Fact::WindowOpened { .. })),
            told.count(|fact| matches!(fact, Fact::WorkBegan { .. })),
            told.count(|fact| matches!(fact, Fact::WorkCut { .. })),
        ];
        assert_eq!(counts, [2, 1, 1], "{name}");
    }
}

#[test]
fn a_node_whose_availability_has_ended_is_not_taken() {
    // A tenant keeps n0 in the fleet until 30 h; it was to leave at 10 h, and the campaign begins at 20 h.
    let mut lab = Lab::new(2).asks(1.0, 1, 1, 29.0).campaign(0);
    lab.plan.campaigns[0].start = Time(20 * H);
    lab.fleet.boundaries.push(Boundary {
        at: Time(10 * H),
        node: NodeId(0),
        change: Change::Leaves,
    });
    assert_eq!(opened(&lab.under("withdraw", &[])), [(20.0, 1)]);
    // And neither is one whose turn has not come when it leaves.
    lab.plan.campaigns[0].start = Time(5 * H);
    lab.plan.campaigns[0].budget.nodes = Some(1);
    lab.plan.campaigns[0].work = Law::Fixed(Span::hours(20));
    lab.requests.clear();
    lab.fleet.boundaries[0].node = NodeId(1);
    assert_eq!(opened(&lab.under("withdraw", &[])), [(5.0, 0)]);
}

#[test]
fn an_open_spell_stays_open_as_work() {
    let mut lab = Lab::new(1).spell(0, 10.0, 20.0).errands(2, 1);
    lab.spells[0].end = None;
    lab.plan.spell_use = crate::workload::SpellUse::AsWork { route: Span::ZERO };
    for (name, strategy) in everything() {
        let told = lab.run(&*strategy);
        assert_eq!(
            told.count(|fact| matches!(fact, Fact::WindowClosed { .. })),
            0,
            "{name}"
        );
        // Hands are on it after the first boot, and are never done: the other boot would come after them.
        let (began, done) = (
            told.count(|fact| matches!(fact, Fact::WorkBegan { .. })),
            told.count(|fact| matches!(fact, Fact::WorkDone { .. })),
        );
        assert_eq!((began, done), (1, 0), "{name}");
        let ran = told.count(|fact| {
            matches!(
                fact,
                Fact::ErrandEnded {
                    end: ErrandEnd::Done,
                    ..
                }
            )
        });
        assert_eq!(ran, 1, "{name}");
    }
}

#[test]
fn hands_on_work_and_another_windows_boot_do_not_meet_and_a_finished_window_closes() {
    for (name, strategy) in everything() {
        // A campaign's window with an hour of work and two boots, beside a spell as work with two boots of four hours.
        let mut lab = Lab::new(1).spell(0, 0.5, 20.0).errands(2, 4).campaign(2);
        lab.plan.spell_use = crate::workload::SpellUse::AsWork { route: Span::ZERO };
        lab.settings.ironic.cleaning = minutes(10);
        let told = lab.run(&*strategy);
        let (mut hands, mut boots) = (0i32, 0i32);
        for (at, fact) in &told.facts {
            match fact {
                Fact::WorkBegan { .. } => hands += 1,
                Fact::WorkDone { .. } => hands -= 1,
                Fact::ErrandRuns { .. } => boots += 1,
                Fact::ErrandEnded {
                    end: ErrandEnd::Done | ErrandEnd::Cut,
                    ..
                } => boots -= 1,
                _ => {}
            }
            assert!(hands == 0 || boots == 0, "{name}: both at {at:?}");
        }
        assert_eq!(
            told.count(|fact| matches!(fact, Fact::WindowClosed { .. })),
            2,
            "{name}"
        );
        assert_eq!(told.count(|fact| matches!(fact, Fact::Returned { .. })), 1, "{name}");
    }
}

#[test]
fn requests_are_kept_clear_of_announced_work_by_their_planned_ends() {
    // Work on n0 and n1 from 50 h on, known from 20 h on.
    let lab = |keep_clear, at, hold: f64| {
        let mut lab = Lab::new(2).asks(at, 1, 1, hold).campaign(0);
        let campaign = &mut lab.plan.campaigns[0];
        (campaign.start, campaign.announce) = (Time(50 * H), Span::hours(30));
        lab.policy.keep_clear = keep_clear;
        lab
    };
    let refused = |lab: Lab| lab.under("withdraw", &[]).refused();
    assert_eq!(refused(lab(true, 30.0, 20.0)), [], "gone when work begins");
    assert_eq!(refused(lab(true, 30.0, 20.5)), [Cause::OnlyHidden]);
    assert_eq!(refused(lab(false, 30.0, 20.5)), []);
    assert_eq!(refused(lab(true, 19.0, 100.0)), [], "before it is known");
    assert_eq!(refused(lab(true, 51.5, 100.0)), [], "when it is done");
    // What counts is the plan: none is without bound, and one that is kept or not kept is a plan.
    let mut unplanned = lab(true, 30.0, 1.0);
    unplanned.requests[0].plans = false;
    assert_eq!(refused(unplanned), [Cause::OnlyHidden]);
    let mut early = lab(true, 30.0, 100.0);
    early.requests[0].planned = Span::hours(10);
    assert_eq!(refused(early), []);
}

/// A node that is retired while work on it is under way never comes back to be booted on: what is left of its windows is
/// dropped, and the next node has its place.
#[test]
fn nothing_more_is_done_on_a_node_that_is_retired_in_mid_work() {
    for (name, strategy) in everything() {
        let mut lab = Lab::new(2).looped(60).campaign(3);
        lab.plan.campaigns[0].budget.nodes = Some(1);
        lab.settings.ironic.deploy = minutes(10);
        lab.settings.ironic.cleaning = minutes(10);
        let runs = |fact: &Fact| matches!(fact, Fact::ErrandRuns { .. });
        let at = lab.run(&*strategy).first(runs).expect("an image") + Span::secs(60);
        lab.fleet.boundaries = vec![Boundary {
            at,
            node: NodeId(0),
            change: Change::Retires,
        }];
        let told = lab.run(&*strategy);
        let closed = told.count(|fact| matches!(fact, Fact::WindowClosed { .. }));
        let returned = told.count(|fact| matches!(fact, Fact::Returned { .. }));
        assert_eq!((closed, returned), (2, 2), "{name}");
    }
}
