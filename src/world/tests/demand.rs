//! Lines, quotas, gangs and what can never be served, worked out by hand; and the laws of a line over
//! small worlds that are drawn at random.

use super::*;
use crate::fleet::{Boundary, Change, ClassId, RequestId};
use crate::kernel::streams::{Stream, mix};
use crate::scheduler::{Own, Quota};
use crate::workload::Multi;
use std::collections::BTreeMap;

impl Lab {
    fn waits(mut self, hours: u64) -> Lab {
        self.patience = Patience::Wait {
            patience: Span::hours(hours),
        };
        self
    }

    /// The last request is changed.
    fn with(mut self, change: impl FnOnce(&mut Request)) -> Lab {
        if let Some(last) = self.requests.last_mut() {
            change(last);
        }
        self
    }

    /// So many nodes more, of class 1.
    fn and_gpus(mut self, nodes: u32) -> Lab {
        let class = ClassId(self.fleet.names.classes.enter("gpu"));
        (0..nodes).for_each(|n| {
            _ = self.fleet.enter(&NodeSpec {
                class,
                ..spec(format!("g{n}"))
            })
        });
        self
    }

    fn quota(mut self, machines: Option<u32>, gpus: Option<u32>) -> Lab {
        self.policy.quota = Some(Box::new(Quota {
            machines,
            classes: gpus.map(|gpus| (ClassId(1), gpus)).into_iter().collect(),
            ..Quota::default()
        }));
        self
    }

    fn boundary(mut self, at: u64, node: u32, change: Change) -> Lab {
        let node = NodeId(node);
        self.fleet.boundaries.push(Boundary {
            at: Time(at * H),
            node,
            change,
        });
        self
    }
}

/// What became of each request: the hour at which it was accepted, or why and when it was refused.
fn ends(told: &Told) -> Vec<(u64, Option<Cause>)> {
    let mut ends = BTreeMap::new();
    for (at, fact) in &told.facts {
        match fact {
            Fact::Accepted { request } => _ = ends.insert(*request, (at.0 / H, None)),
            Fact::Refused { request, cause } => _ = ends.insert(*request, (at.0 / H, Some(*cause))),
            _ => {}
        }
    }
    ends.into_values().collect()
}

fn gpu(request: &mut Request) {
    request.class = ClassId(1);
}

/// Two nodes. Both are taken until 10 h; two want both, and then one wants one: at 5 h one comes free.
#[test]
fn whoever_fits_passes_who_does_not_and_nobody_passes_a_strict_line() {
    let lab = || {
        Lab::new(2)
            .waits(20)
            .asks(0.0, 1, 1, 5.0)
            .asks(0.0, 1, 1, 10.0)
            .asks(1.0, 1, 2, 4.0)
            .asks(2.0, 2, 1, 3.0)
    };
    let open = ends(&lab().under("naive", &[]));
    assert_eq!(open, [(0, None), (0, None), (10, None), (5, None)]);
    let strict = Lab {
        line: Line::Strict,
        ..lab()
    };
    assert_eq!(
        ends(&strict.under("naive", &[])),
        [(0, None), (0, None), (10, None), (14, None)]
    );
}

/// The head of a strict line gives up at 6 h: who stands behind it is served then, and who asked and
/// did not wait was refused for the line.
#[test]
fn who_stands_behind_a_head_that_gives_up_is_served_then() {
    let lab = Lab::new(2)
        .waits(5)
        .asks(0.0, 1, 1, 40.0)
        .asks(1.0, 1, 2, 4.0)
        .asks(2.0, 2, 1, 1.0);
    let strict = Lab {
        line: Line::Strict,
        ..lab
    };
    let told = strict.under("naive", &[]);
    assert_eq!(ends(&told), [(0, None), (6, Some(Cause::ClassFull)), (6, None)]);
    let short = Lab {
        requests: strict.requests.clone(),
        ..Lab::new(2).waits(3)
    };
    let told = Lab {
        line: Line::Strict,
        ..short
    }
    .under("naive", &[]);
    assert_eq!(ends(&told)[2], (4, None));
    let hasty = Lab {
        requests: strict.requests.clone(),
        line: Line::Strict,
        ..Lab::new(2)
    };
    let refused = ends(&hasty.under("naive", &[]));
    assert_eq!(
        refused[1],
        (1, Some(Cause::ClassFull)),
        "nobody waits, so there is no line"
    );
    assert_eq!(refused[2], (2, None));
}

/// A quota that comes free in one class wakes who waits for another; both limits hold.
#[test]
fn quota_that_comes_free_wakes_who_waits_in_any_class() {
    let lab = || Lab::new(2).and_gpus(3).waits(20).asks(1.0, 1, 1, 2.0);
    let other = lab().asks(2.0, 1, 1, 2.0).with(gpu).asks(2.5, 2, 1, 1.0).with(gpu);
    let told = other.quota(Some(1), None).under("withdraw", &[]);
    assert_eq!(ends(&told), [(1, None), (3, None), (2, None)]);
    // One GPU each, and three machines in all: the second GPU waits, a plain machine does not.
    let two = lab()
        .asks(2.0, 1, 1, 5.0)
        .with(gpu)
        .asks(3.0, 1, 1, 1.0)
        .with(gpu)
        .asks(3.5, 1, 1, 1.0);
    let told = two.quota(Some(3), Some(1)).under("withdraw", &[]);
    assert_eq!(ends(&told), [(1, None), (2, None), (7, None), (3, None)]);
}

/// What the file says of a tenant goes before what it says of all.
#[test]
fn a_tenants_own_quota_goes_first() {
    let lab = Lab::new(5).asks(0.0, 1, 3, 5.0).asks(1.0, 2, 3, 5.0);
    let mut lab = lab.quota(Some(2), None);
    let own = Own {
        machines: Some(3),
        ..Own::default()
    };
    let quota = lab.policy.quota.as_mut().expect("there is one");
    quota.tenants.insert(TenantId(1), own);
    assert_eq!(
        ends(&lab.under("withdraw", &[])),
        [(0, None), (1, Some(Cause::NeverFits))]
    );
}

/// Nova lowers a count to the quota and to nothing else; Blazar takes what there is.
#[test]
fn nova_lowers_a_count_only_to_the_quota() {
    let lab = |multi: Multi| {
        Lab::new(3).asks(0.0, 2, 1, 50.0).asks(1.0, 1, 3, 5.0).with(|last| {
            (last.min_count, last.multi) = (1, multi);
        })
    };
    let machines = |told: &Told| {
        told.count(|fact| {
            matches!(
                fact,
                Fact::Claimed {
                    request: RequestId(1),
                    ..
                }
            )
        })
    };
    let nova = lab(Multi::Nova).under("withdraw", &[]);
    assert_eq!(ends(&nova)[1], (1, Some(Cause::ClassFull)));
    let blazar = lab(Multi::Blazar).under("withdraw", &[]);
    assert_eq!((ends(&blazar)[1], machines(&blazar)), ((1, None), 2));
    let lowered = lab(Multi::Nova).quota(Some(2), None).under("withdraw", &[]);
    assert_eq!((ends(&lowered)[1], machines(&lowered)), ((1, None), 2));
    // By his own quota, and by nobody else's: two at most are in the fleet, and three are asked for.
    let mut other = lab(Multi::Nova).waits(40).quota(None, None);
    other.fleet.nodes.truncate(2);
    let own = Own {
        machines: Some(0),
        ..Own::default()
    };
    let quota = other.policy.quota.as_mut().expect("there is one");
    quota.tenants.insert(TenantId(2), own);
    assert_eq!(ends(&other.under("withdraw", &[]))[1], (1, Some(Cause::NeverFits)));
    // Not below the least.
    let most = lab(Multi::Nova).with(|last| last.min_count = 3).quota(Some(2), None);
    assert_eq!(ends(&most.under("withdraw", &[]))[1], (1, Some(Cause::NeverFits)));
    // All of what the quota leaves, or nothing.
    let full = lab(Multi::Nova).asks(0.0, 2, 1, 50.0).quota(Some(2), None);
    assert_eq!(ends(&full.under("withdraw", &[]))[2], (1, Some(Cause::ClassFull)));
}

/// Four machines; the builds on some nodes fail. Siblings stay, every one has the same alternates, and
/// the machine that has none left is lost alone.
#[test]
fn a_failed_build_takes_nothing_from_its_siblings() {
    let mut partly = 0;
    for seed in 0..40 {
        let mut lab = Lab {
            seed,
            ..Lab::new(4).asks(1.0, 1, 4, 5.0)
        };
        lab.settings.ironic.build_failure = 0.45;
        let told = lab.under("withdraw", &[]);
        let failed = told.count(|fact| matches!(fact, Fact::BuildFailed { .. }));
        let active = told.count(|fact| matches!(fact, Fact::Active { .. }));
        let lost = told.count(|fact| matches!(fact, Fact::SiblingLost { .. }));
        assert_eq!(
            (active + lost, failed),
            (4, lost),
            "there are no alternates in a fleet of four"
        );
        let stayed = told
            .facts
            .iter()
            .filter(|(_, fact)| matches!(fact, Fact::Released { .. }));
        assert!(
            stayed.clone().all(|(at, _)| at.0 == 6 * H),
            "{seed}: nobody leaves before his time"
        );
        match active {
            0 => assert_eq!(told.refused(), [Cause::BuildChance]),
            _ => assert_eq!(ends(&told).last().and_then(|end| end.1), None),
        }
        partly += usize::from((1..4).contains(&active));
    }
    assert!(partly > 10, "{partly}");
}

/// Deploys take half an hour. A lease of two hours ends two hours after its start, a hold half an hour later; a lease that is
/// over before its machine is active ends with the deploy.
#[test]
fn a_lease_contains_its_deploy_and_a_hold_does_not() {
    let ends = |leases, hold| {
        let mut lab = Lab {
            leases,
            ..Lab::new(1).asks(1.0, 1, 1, hold)
        };
        lab.settings.ironic.deploy = Law::Fixed(Span::secs(1800));
        let told = lab.under("withdraw", &[]);
        let at = told.first(|fact| matches!(fact, Fact::Released { .. }));
        at.map(|at| at.0 as f64 / H as f64)
    };
    assert_eq!((ends(true, 2.0), ends(false, 2.0)), (Some(3.0), Some(3.5)));
    assert_eq!((ends(true, 0.25), ends(false, 0.25)), (Some(1.5), Some(1.75)));
}

/// Six nodes, two machines on n0 and n1, whose builds fail; the alternates of both are n2 and n3. The
/// one that fails first takes n2, and the other finds it taken and takes n3.
#[test]
fn siblings_share_one_list_of_alternates() {
    let both = (0..100).filter(|&seed| {
        let mut lab = Lab {
            seed,
            ..Lab::new(6).asks(1.0, 1, 2, 5.0)
        };
        lab.settings.ironic.build_failure = 0.5;
        let told = lab.under("withdraw", &[]);
        let claims: Vec<(u32, u8)> = told
            .facts
            .iter()
            .filter_map(|(_, fact)| match fact {
                Fact::Claimed { node, attempt, .. } => Some((node.0, *attempt)),
                _ => None,
            })
            .collect();
        assert!(
            claims.iter().all(|&(node, _)| node < 4),
            "two machines and two alternates: {claims:?}"
        );
        claims.starts_with(&[(0, 1), (1, 1), (2, 2), (3, 2)])
    });
    assert!(both.count() > 10, "both fail at first in a quarter");
}

/// Chance, broken hardware and the driver's refusal have causes of their own.
#[test]
fn refusals_after_failed_builds_say_why_they_failed() {
    let mut chance = Lab::new(3).asks(1.0, 1, 1, 5.0);
    chance.settings.ironic.build_failure = 1.0;
    assert_eq!(chance.under("naive", &[]).refused(), [Cause::BuildChance]);
    // The view still offers what is in maintenance, and the driver does not take it.
    let stale = Lab::new(1).looped(86_400).spell(0, 30.0, 60.0).asks(30.01, 1, 1, 1.0);
    assert_eq!(stale.under("withdraw", &[]).refused(), [Cause::DriverRefused]);
}

/// The only node of a class is to leave when its tenant does, or is to be of another class then: who waits for it is told at
/// once, and not when something else happens.
#[test]
fn who_waits_for_a_node_that_is_lost_to_him_is_told_when_that_is_known() {
    let other = crate::fleet::ClassId(1);
    for change in [Change::Leaves, Change::Class(other)] {
        let mut lab = Lab::new(1).asks(0.0, 1, 1, 20.0).asks(5.0, 2, 1, 1.0).waits(100);
        lab.fleet.names.classes.enter("other");
        lab.fleet.boundaries = vec![Boundary {
            at: Time(10 * H),
            node: NodeId(0),
            change,
        }];
        let told = lab.under("naive", &[]);
        let refused = told.first(|fact| matches!(fact, Fact::Refused { .. }));
        assert_eq!(refused, Some(Time(10 * H)), "{change:?}");
    }
}

/// "Never" counts nodes that are to join and classes that are to change, and not those that are gone.
#[test]
fn what_can_never_be_served_is_refused_at_once_and_nothing_else_is() {
    let two = |lab: Lab| lab.waits(100).asks(1.0, 1, 2, 1.0);
    assert_eq!(
        ends(&two(Lab::new(1)).under("naive", &[])),
        [(1, Some(Cause::NeverFits))]
    );
    let joins = two(Lab::new(2)).boundary(20, 1, Change::Joins);
    assert_eq!(ends(&joins.under("naive", &[])), [(20, None)]);
    let changes = two(Lab::new(1).and_gpus(1)).boundary(30, 1, Change::Class(ClassId(0)));
    assert_eq!(ends(&changes.under("naive", &[])), [(30, None)]);
    // One leaves before the other comes: there are never two at once.
    let apart = two(Lab::new(2))
        .boundary(10, 0, Change::Leaves)
        .boundary(20, 1, Change::Joins);
    assert_eq!(ends(&apart.under("naive", &[])), [(1, Some(Cause::NeverFits))]);
    // Who waits is told when the last chance goes.
    let leaves = two(Lab::new(2)).asks(0.0, 2, 1, 50.0).boundary(10, 1, Change::Leaves);
    assert_eq!(ends(&leaves.under("naive", &[]))[1], (10, Some(Cause::NeverFits)));
    let retry = Lab {
        patience: Patience::Retry {
            times: 5,
            backoff: Span::hours(1),
        },
        ..Lab::new(1)
    };
    assert_eq!(
        ends(&retry.asks(1.0, 1, 2, 1.0).under("naive", &[])),
        [(1, Some(Cause::NeverFits))]
    );
}

/// Builds that fail in no time, on a node that the view offers until the next pass: there is no chain
/// of events at one instant without end.
#[test]
fn builds_that_fail_in_no_time_do_not_stop_the_clock() {
    let mut lab = Lab::new(1)
        .looped(600)
        .waits(2)
        .asks(30.01, 1, 1, 1.0)
        .spell(0, 30.0, 60.0);
    lab.settings.ironic.build_failure_time = Law::Fixed(Span::ZERO);
    assert_eq!(lab.under("withdraw", &[]).refused().len(), 1);
}

/// Every build on the only node fails in no time, for ten days: who waits asks after 1, 3, 7, 15, 31, 63 and 127 s, and then
/// each 64 s, and not each second.
#[test]
fn who_fails_in_no_time_again_and_again_asks_ever_more_seldom() {
    let mut lab = Lab::new(1).waits(10 * 24).asks(0.0, 1, 1, 1.0);
    lab.settings.ironic.build_failure = 1.0;
    lab.settings.ironic.build_failure_time = Law::Fixed(Span::ZERO);
    lab.policy.attempts = 1;
    let told = lab.under("naive", &[]);
    let claims = told
        .facts
        .iter()
        .filter(|(_, fact)| matches!(fact, Fact::Claimed { .. }));
    let claims: Vec<u64> = claims.map(|(at, _)| at.0 / 1000).collect();
    assert_eq!(claims[..9], [0, 1, 3, 7, 15, 31, 63, 127, 191]);
    assert_eq!(claims.len() as u64, 7 + (10 * 24 * 3600 - 63) / 64);
}

/// Every other build fails on the only node. Whoever asks ten times more is served in the end: the same build does not
/// fail again for sure.
#[test]
fn who_asks_again_after_failed_builds_has_new_luck() {
    for luck in 0..20_u64 {
        let mut lab = Lab::new(1).asks(1.0, 1, 1, 1.0).with(|it| it.luck = mix(luck));
        lab.settings.ironic.build_failure = 0.5;
        lab.patience = Patience::Retry {
            times: 10,
            backoff: Span::secs(1),
        };
        assert_eq!(lab.under("naive", &[]).refused(), [], "luck {luck}");
    }
}

/// Two nodes, one attempt: a build fails after its time on the one, and the other is free all the while.
#[test]
fn who_comes_back_to_the_line_is_served_by_what_is_free_already() {
    let mut lab = Lab::new(2).asks(1.0, 1, 1, 1.0);
    lab.settings.ironic.build_failure = 1.0;
    lab.settings.ironic.build_failure_time = Law::Fixed(Span::hours(1));
    lab.policy.attempts = 1;
    lab.patience = Patience::Wait {
        patience: Span::days(1),
    };
    let told = lab.under("naive", &[]);
    let claims = told
        .facts
        .iter()
        .filter(|(_, fact)| matches!(fact, Fact::Claimed { .. }));
    let claims: Vec<u64> = claims.map(|(at, _)| at.0 / H).take(3).collect();
    assert_eq!(claims, [1, 2, 3]);
}

/// One node, taken until 30 h, with work on it from 50 h on. Two wait for it who are alike but for this: the first has
/// planned no end, and the second plans to be gone by then.
#[test]
fn who_plans_to_be_gone_before_announced_work_passes_one_who_has_planned_no_end() {
    let mut lab = Lab::new(1)
        .waits(100)
        .asks(0.0, 1, 1, 30.0)
        .asks(25.0, 2, 1, 10.0)
        .with(|unplanned| unplanned.plans = false)
        .asks(26.0, 2, 1, 10.0)
        .campaign(0);
    let campaign = &mut lab.plan.campaigns[0];
    (campaign.start, campaign.announce) = (Time(50 * H), Span::hours(30));
    lab.policy.keep_clear = true;
    let ends = ends(&lab.under("withdraw", &[]));
    assert_eq!(ends, [(0, None), (51, None), (30, None)]);
}

/// Watches that nobody waits while something that fits by the view is free, and that no quota is
/// exceeded.
struct Warden {
    quota: Option<Box<Quota>>,
    waiting: BTreeMap<RequestId, Request>,
    since: Time,
    waited: usize,
    /// What was told last.
    last: Vec<(Time, Fact)>,
}

impl Warden {
    fn look(&self, at: Time, sight: &Sight<'_>) {
        let view = &sight.view;
        for (request, it) in &self.waiting {
            let shapes = view.shapes_of(it.class).iter();
            let fitting = shapes.filter(|&&shape| view.shape(shape).marks.is_empty());
            let free: u32 = fitting.map(|&shape| view.shelf(shape).len()).sum();
            let left = self
                .quota
                .as_ref()
                .map_or(u32::MAX, |quota| sight.usage.left(quota, it.tenant, it.class));
            let quota = self.quota.is_some();
            let most = u32::from(it.count).min(left);
            let needed = if it.multi == Multi::Nova {
                most
            } else {
                u32::from(it.min_count)
            };
            let fits = left >= u32::from(it.least(quota)) && free >= needed;
            assert!(
                !fits,
                "r{request} ({it:?}) waits at {at}, and {free} are free: {:?}",
                self.last
            );
        }
    }
}

impl Observer for Warden {
    fn told(&mut self, at: Time, fact: &Fact, sight: &Sight<'_>) {
        if at > self.since {
            self.since = at;
            self.last.clear();
        }
        self.last.push((at, *fact));
        match *fact {
            Fact::Waits { request, .. } => {
                self.waiting.insert(request, sight.request(request));
                self.waited += 1;
            }
            Fact::Accepted { request } | Fact::Refused { request, .. } | Fact::Claimed { request, .. } => {
                self.waiting.remove(&request);
            }
            _ => {}
        }
        if let Some(quota) = &self.quota {
            let over = |it: &Request| {
                let (all, of_class) = sight.usage.of(it.tenant, it.class);
                all > quota.machines(it.tenant) || of_class > quota.of_class(it.tenant, it.class)
            };
            let asks = fact.request().and_then(|request| sight.find(request));
            assert!(
                !asks.is_some_and(|it| over(&it)),
                "a quota is exceeded at {at}: {fact:?}"
            );
        }
    }
}

/// Holds a `Warden` to every instant: it looks when the next one begins, as the view was left.
struct Instants(Warden, Option<(Time, crate::view::View, crate::scheduler::Usage)>);

impl Observer for Instants {
    fn told(&mut self, at: Time, fact: &Fact, sight: &Sight<'_>) {
        if let Some((then, view, usage)) = self.1.take_if(|(then, _, _)| *then < at) {
            let left = Truth {
                errand: None,
                fleet: sight.fleet.clone(),
                view,
                tape: sight.tape,
                requests: sight.requests.clone(),
                usage,
                calendar: sight.calendar.clone(),
            };
            self.0.look(then, &Sight::of(&left));
        }
        self.0.told(at, fact, sight);
        self.1 = Some((at, sight.view.clone(), sight.usage.clone()));
    }
}

/// A small world of waiting requests: two classes, a trait, quotas, gangs, maintenance.
fn drawn(stream: &mut Stream) -> Lab {
    let mut lab = Lab::new(2 + stream.below(3) as u32)
        .and_gpus(stream.below(3) as u32)
        .waits(30);
    for _ in 0..6 + stream.below(14) {
        let (at, hold) = (stream.below(400) as f64 / 10.0, 0.5 + stream.below(60) as f64 / 10.0);
        let count = 1 + stream.below(3) as u16;
        lab = lab.asks(at, 1 + stream.below(2) as u16, count, hold);
        let (least, blazar, gpus) = (
            1 + stream.below(u64::from(count)) as u16,
            stream.below(3),
            stream.below(3),
        );
        lab = lab.with(|last| {
            last.min_count = least;
            last.multi = if blazar == 0 { Multi::Blazar } else { Multi::Nova };
            last.class = ClassId(u16::from(gpus == 0));
        });
    }
    lab.requests.sort_by_key(|request| request.start);
    if stream.below(2) == 0 {
        lab = lab.quota(Some(1 + stream.below(4) as u32), (stream.below(2) == 0).then_some(1));
    }
    for _ in 0..stream.below(4) {
        let (node, from) = (stream.below(2) as u32, stream.below(300) as f64 / 10.0);
        lab = lab.spell(node, from, from + 3.0);
    }
    lab.spells.sort_by_key(|spell| (spell.node, spell.start));
    lab.spells.dedup_by_key(|spell| spell.node);
    lab.spells.sort_by_key(|spell| (spell.start, spell.node));
    if stream.below(2) == 0 {
        lab.settings.ironic.build_failure = 0.2;
    }
    if stream.below(2) == 0 {
        lab = lab.looped(600);
    }
    lab.settings.ironic.cleaning = Law::Fixed(Span::secs(900 * stream.below(2)));
    lab.settings.ironic.deploy = Law::Fixed(Span::secs(600 * stream.below(2)));
    lab
}

#[test]
fn nobody_waits_while_something_that_fits_is_free() {
    let mut stream = Seed {
        master: 21,
        replication: 0,
    }
    .stream(1, 1);
    let (mut waited, mut refused) = (0, 0);
    for _ in 0..150 {
        let lab = drawn(&mut stream);
        for name in ["naive", "withdraw", "hidden-via-extra-spec"] {
            let quota = lab.policy.quota.clone();
            let warden = Warden {
                quota,
                waiting: BTreeMap::new(),
                since: Time::ZERO,
                waited: 0,
                last: Vec::new(),
            };
            let (told, watch) = lab.observed(&*strategy(name, &[]), Instants(warden, None));
            waited += watch.0.waited;
            refused += told.refused().len();
        }
    }
    assert!(waited > 500 && refused > 100, "{waited} waited, {refused} were refused");
}
