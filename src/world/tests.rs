//! Small worlds worked out by hand: the strategies part for the reasons that the model names.

use std::sync::Arc;

use super::*;
use crate::fleet::{Fleet, NodeId, NodeSpec, TenantId, TraitSet};
use crate::kernel::streams::Seed;
use crate::kernel::{Digest, Law, Span};
use crate::scheduler::{CapOrder, Pick, Policy};
use crate::strategy::{Strategy, find, testing};
use crate::workload::{
    BEYOND, Campaign, Demand, Drain, ErrandLaw, Kind, Line, MaintenancePlan, Patience, Request, Scope, Seated, Sizes,
    Source, Spell, Stock, Trace,
};
use crate::workload::{Budget, Counts, draw};

mod boots;
mod campaigns;
mod demand;
mod ironic;
mod leases;
mod plane;
mod retired;
mod seats;

const H: u64 = 3_600_000;

/// Writes every fact down.
#[derive(Default)]
struct Scribe(Vec<(Time, Fact)>);

impl Observer for Scribe {
    fn told(&mut self, at: Time, fact: &Fact, _sight: &Sight<'_>) {
        self.0.push((at, *fact));
    }
}

/// A world under construction: one class, nodes n0, n1, …, tenants t1 and t2.
struct Lab {
    fleet: Fleet,
    requests: Vec<Request>,
    plan: MaintenancePlan,
    spells: Vec<Spell>,
    policy: Policy,
    settings: Settings,
    patience: Patience,
    line: Line,
    rescue: Option<(f64, Law)>,
    names_owner: f64,
    leases: bool,
    seats: Vec<Seated>,
    running: Option<Law>,
    /// What was seen of the first requests' holds, and how long they had run before.
    open: Vec<(Span, Span)>,
    horizon: Time,
    seed: u64,
}

/// What a run told.
struct Told {
    facts: Vec<(Time, Fact)>,
    digest: (u128, u128),
    events: u64,
}

impl Told {
    fn count(&self, wanted: fn(&Fact) -> bool) -> usize {
        self.facts.iter().filter(|(_, fact)| wanted(fact)).count()
    }

    fn first(&self, wanted: fn(&Fact) -> bool) -> Option<Time> {
        self.facts.iter().find(|(_, fact)| wanted(fact)).map(|(at, _)| *at)
    }

    fn misplaced(&self) -> usize {
        self.count(|fact| matches!(fact, Fact::Misplaced { .. }))
    }

    fn breaches(&self) -> usize {
        self.count(|fact| matches!(fact, Fact::Breach { .. }))
    }

    fn refused(&self) -> Vec<Cause> {
        let causes = self.facts.iter().filter_map(|(_, fact)| match fact {
            Fact::Refused { cause, .. } => Some(*cause),
            _ => None,
        });
        causes.collect()
    }
}

fn spec(name: String) -> NodeSpec {
    NodeSpec {
        name,
        class: crate::fleet::ClassId(0),
        traits: TraitSet::default(),
        model: 0,
        rack: crate::fleet::RackId(0),
        group: crate::fleet::GroupId(0),
        owner: None,
        lessee: None,
    }
}

impl Lab {
    fn new(nodes: u32) -> Lab {
        let mut fleet = Fleet::default();
        fleet.names.classes.enter("metal");
        fleet.names.tenants.enter("t1");
        fleet.names.tenants.enter("t2");
        fleet.names.racks.enter("r0");
        fleet.names.groups.enter("g0");
        (0..nodes).for_each(|n| _ = fleet.enter(&spec(format!("n{n}"))));
        Lab {
            fleet,
            requests: Vec::new(),
            plan: MaintenancePlan::bare(),
            spells: Vec::new(),
            policy: Policy {
                pick: Pick::Lowest,
                cap_order: CapOrder::Lowest,
                ..Policy::bare()
            },
            settings: Settings::bare(),
            patience: Patience::GiveUp,
            line: Line::Open,
            rescue: None,
            names_owner: 1.0,
            leases: false,
            seats: Vec::new(),
            running: None,
            open: Vec::new(),
            horizon: Time(240 * H),
            seed: 1,
        }
    }

    /// Tenant `t` asks at `at` hours for `count` machines for `hold` hours.
    fn asks(mut self, at: f64, t: u16, count: u16, hold: f64) -> Lab {
        let (at, hold) = (Time((at * H as f64) as u64), Span((hold * H as f64) as u64));
        self.requests.push(Request {
            arrival: at,
            start: at,
            hold,
            planned: hold,
            plans: true,
            tenant: TenantId(t),
            class: crate::fleet::ClassId(0),
            required: TraitSet::default(),
            forbidden: TraitSet::default(),
            extras: 0,
            count,
            min_count: count,
            multi: crate::workload::Multi::Nova,
            kind: Kind::People,
            source: 0,
            luck: 0,
        });
        self
    }

    /// Node `node` is in maintenance between these hours.
    fn spell(mut self, node: u32, from: f64, to: f64) -> Lab {
        let time = |hours: f64| Time((hours * H as f64) as u64);
        self.spells.push(Spell {
            node: NodeId(node),
            start: time(from),
            end: Some(time(to)),
            hold: crate::fleet::Hold::Operator,
        });
        self
    }

    fn errands(mut self, count: u16, hours: u64) -> Lab {
        self.plan.spell_errands = ErrandLaw {
            counts: Sizes::always(count),
            duration: Law::Fixed(Span::hours(hours)),
        };
        self
    }

    /// A pass every `seconds`, no time per node.
    fn looped(mut self, seconds: u64) -> Lab {
        self.settings.sync = Some(Loop {
            period: Span::secs(seconds),
            per_node: Span::ZERO,
            jitter: 0,
            workers: 1,
        });
        self
    }

    /// One campaign over all nodes, all at once, at hour 1, each with an hour of work.
    fn campaign(mut self, errands: u16) -> Lab {
        self.plan.campaigns.push(Campaign {
            word: 1,
            name: "firmware".to_owned(),
            start: Time(H),
            every: None,
            classes: Vec::new(),
            share: 1.0,
            budget: Budget {
                scope: Scope::Fleet,
                nodes: Some(1000),
                share: None,
                counts: Counts::All,
            },
            waves: false,
            hours: None,
            inside: false,
            announce: Span::ZERO,
            drain: Drain::TenantLeaves,
            work: Law::Fixed(Span::hours(1)),
            errands: ErrandLaw {
                counts: Sizes::always(errands),
                duration: Law::Fixed(Span::hours(1)),
            },
        });
        self
    }

    fn demand(&self) -> Demand {
        let mut trace = Trace::default();
        for (row, request) in self.requests.iter().enumerate() {
            let open = self.open.get(row);
            let hold = open.map_or(request.hold, |_| BEYOND);
            trace.push(&Request { hold, ..*request }, "");
            if let Some(&(seen, age)) = open {
                trace.is_open(seen, age);
            }
        }
        trace.finish();
        let stock = Stock::Given(Arc::new(trace));
        let (patience, rescue) = (self.patience, self.rescue.clone());
        let names_owner = self.names_owner;
        let name = "people".to_owned();
        Demand {
            extras: Vec::new(),
            seats: self.seats.clone(),
            sources: vec![Source {
                name,
                word: 1,
                kind: Kind::People,
                stock,
                scale: 1.0,
                patience,
                line: self.line,
                rescue,
                names_owner,
                leases: self.leases,
                running: self.running.clone(),
            }],
        }
    }

    fn run(&self, strategy: &dyn Strategy) -> Told {
        self.observed(strategy, ()).0
    }

    /// Runs it under another pair of eyes.
    fn observed<W: Observer>(&self, strategy: &dyn Strategy, watch: W) -> (Told, W) {
        let demand = self.demand();
        let maintenance = MaintenancePlan {
            spells: Arc::new(self.spells.clone()),
            ..self.plan.clone()
        };
        let tape = draw(
            &demand,
            &maintenance,
            &self.fleet,
            self.horizon,
            Seed {
                master: self.seed,
                replication: 0,
            },
        );
        let inputs = Inputs {
            fleet: &self.fleet,
            tape: &tape,
            demand: &demand,
            maintenance: &maintenance,
            strategy,
            policy: &self.policy,
            settings: &self.settings,
            horizon: self.horizon,
        };
        let ended = run(inputs, ((Scribe::default(), Digest::default()), watch), &|| false);
        let ((scribe, facts), watch) = ended.observers;
        let told = Told {
            facts: scribe.0,
            digest: (ended.events_digest.value(), facts.value()),
            events: ended.events,
        };
        (told, watch)
    }

    fn under(&self, name: &str, params: &[(&str, &str)]) -> Told {
        self.run(&*strategy(name, params))
    }
}

fn strategy(name: &str, settings: &[(&str, &str)]) -> Arc<dyn Strategy> {
    let entry = find(name).expect("a strategy of the roster");
    testing::with(entry, settings)
}

/// Every strategy with every word of its parameters, less those under whose flag Ironic refuses all errands.
fn everything() -> Vec<(String, Arc<dyn Strategy>)> {
    let mut all = testing::everything();
    all.retain(|(name, _)| !(name.starts_with("hidden") && name.contains("flag")));
    all
}

#[test]
fn without_maintenance_all_strategies_have_the_same_digest() {
    let mut lab = Lab::new(3).looped(60);
    for hour in 0..60 {
        lab = lab.asks(f64::from(hour) * 1.5, 1 + hour as u16 % 2, 1 + hour as u16 % 3, 4.0);
    }
    let digests: Vec<_> = everything()
        .into_iter()
        .map(|(name, s)| (name, lab.run(&*s).digest))
        .collect();
    for (name, digest) in &digests {
        assert_eq!(*digest, digests[0].1, "{name}");
    }
}

#[test]
fn every_mechanism_and_route_ends_with_the_node_back_in_service() {
    for (name, strategy) in everything() {
        let told = Lab::new(3).looped(60).campaign(2).run(&*strategy);
        let closed = told.count(|fact| matches!(fact, Fact::WindowClosed { .. }));
        let returned = told.count(|fact| matches!(fact, Fact::Returned { .. }));
        assert_eq!((closed, returned), (3, 3), "{name}");
        let done = told.count(|fact| {
            matches!(
                fact,
                Fact::ErrandEnded {
                    end: ErrandEnd::Done,
                    ..
                }
            )
        });
        assert_eq!(done, 6, "{name}");
    }
}

fn stale_lab() -> Lab {
    let mut lab = Lab::new(3).looped(3600).spell(0, 2.0, 9.0).spell(1, 2.0, 9.0);
    // Short, so that the loop does not pass between two attempts.
    lab.settings.driver_refusal = Law::Fixed(Span::secs(1));
    lab.asks(2.0003, 1, 1, 1.0)
}

/// n0 and n1 go into maintenance at 2 h; the loop next passes within the hour; a tenant asks a
/// second later. Under a mark that waits for the loop the tenant is sent to n0.
#[test]
fn a_stale_window_misplaces_under_slow_marks_only() {
    let lab = stale_lab;
    for (name, params, misplaced, breaches) in [
        // Every attempt goes by the same stale view: n0, n1, then n2, which is free in truth.
        ("withdraw", &[][..], 2, 0),
        ("hidden-via-extra-spec", &[("mechanism", "flavor-spec")][..], 1, 1),
        (
            "hidden-via-extra-spec",
            &[("mechanism", "isolated-aggregate")][..],
            0,
            0,
        ),
        ("tenant-reservation", &[("mechanism", "isolated-aggregate")][..], 0, 0),
        ("naive", &[][..], 1, 1),
    ] {
        let told = lab().under(name, params);
        assert_eq!(
            (told.misplaced(), told.breaches()),
            (misplaced, breaches),
            "{name} {params:?}"
        );
        assert!(told.refused().is_empty(), "{name} {params:?}");
    }
}

/// One node, one hour of hands-on work, two errands of an hour; a deploy by hand takes its own
/// time, a boot through Nova takes none here but waits for the mark to be seen.
#[test]
fn the_errands_route_changes_the_time_away() {
    let away = |name: &str, params: &[(&str, &str)]| {
        let told = Lab::new(1).campaign(2).under(name, params);
        told.first(|fact| matches!(fact, Fact::WindowClosed { .. }))
            .expect("it closed")
            - Time(H)
    };
    assert_eq!(away("hidden-via-extra-spec", &[]), Span::hours(3));
    assert_eq!(away("tenant-reservation", &[]), Span::hours(3));
    assert!(away("withdraw", &[]) > Span::hours(3));
    let looped = Lab::new(1).looped(3600).campaign(2).under("hidden-via-extra-spec", &[]);
    let ran = looped
        .first(|fact| matches!(fact, Fact::ErrandRuns { .. }))
        .expect("it ran");
    assert!(
        ran > Time(H) && ran <= Time(2 * H) + Span::secs(60),
        "reachable once the trait has travelled: {ran}"
    );
}

#[test]
fn unnamed_boots_in_the_operators_tenant_land_on_wrong_nodes() {
    let lab = || Lab::new(4).spell(1, 1.0, 100.0).spell(3, 5.0, 100.0).errands(1, 2);
    let any = lab().under("tenant-reservation", &[("route", "any")]);
    let named = lab().under("tenant-reservation", &[("route", "named")]);
    let mistargeted = |told: &Told| told.count(|fact| matches!(fact, Fact::Mistargeted { .. }));
    assert!(mistargeted(&any) > 0);
    assert_eq!(mistargeted(&named), 0);
}

#[test]
fn a_slip_strands_the_node_until_the_next_audit() {
    let mut lab = Lab::new(1)
        .spell(0, 1.0, 5.0)
        .asks(10.0, 1, 1, 1.0)
        .asks(30.0, 1, 1, 1.0);
    lab.settings.operators.slip = 1.0;
    lab.settings.operators.audit = Some(Span::days(1));
    for (name, steps) in [("withdraw", 1), ("hidden-via-extra-spec", 1), ("tenant-reservation", 2)] {
        let told = lab.under(name, &[]);
        assert_eq!(told.count(|fact| matches!(fact, Fact::Slipped { .. })), steps, "{name}");
        assert_eq!(
            told.first(|fact| matches!(fact, Fact::Audited { .. })),
            Some(Time(24 * H)),
            "{name}"
        );
        let stood = told.facts.iter().filter_map(|(at, fact)| match fact {
            Fact::Stood { from, to, .. } if from.stranded() != to.stranded() => Some((*at, to.stranded())),
            _ => None,
        });
        assert_eq!(
            stood.collect::<Vec<_>>(),
            [(Time(5 * H), true), (Time(24 * H), false)],
            "{name}"
        );
        assert_eq!(
            told.refused(),
            [Cause::OnlyHidden],
            "{name}: refused at 10 h, served at 30 h"
        );
    }
}

#[test]
fn a_spec_that_nothing_asks_about_hides_from_nobody() {
    let lab = || Lab::new(1).spell(0, 1.0, 50.0).asks(2.0, 1, 1, 1.0);
    for (params, leaks) in [
        (&[("mechanism", "spec-only")][..], true),
        (&[("mechanism", "flavor-spec"), ("coverage", "0")][..], true),
        (&[("mechanism", "flavor-spec"), ("coverage", "1")][..], false),
        (&[("mechanism", "flavor-spec"), ("form", "trait")][..], false),
        (&[("mechanism", "resource-class")][..], false),
        (&[("mechanism", "isolated-aggregate")][..], false),
    ] {
        let told = lab().under("hidden-via-extra-spec", params);
        assert_eq!(told.breaches() > 0, leaks, "{params:?}");
        assert_eq!(told.refused().is_empty(), leaks, "{params:?}");
    }
}

/// Three of four nodes are hidden and the cap lets three candidates through, the lowest first: a
/// filter after the cap finds none, though n3 is free.
#[test]
fn hidden_nodes_eat_the_cap_when_the_filter_comes_after_it() {
    let mut lab = Lab::new(4).asks(2.0, 1, 1, 1.0);
    for node in 0..3 {
        lab = lab.spell(node, 1.0, 50.0);
    }
    lab.policy.cap = Some(3);
    let post = lab.under("hidden-via-extra-spec", &[("mechanism", "post-filter")]);
    assert_eq!(post.refused(), [Cause::CandidateCap]);
    let aggregate = lab.under("hidden-via-extra-spec", &[]);
    assert!(aggregate.refused().is_empty());
}

#[test]
fn the_flag_refuses_a_tenants_rescue_and_a_mark_does_not() {
    let mut lab = Lab::new(1).asks(1.0, 1, 1, 20.0).spell(0, 1.5, 60.0);
    lab.rescue = Some((1.0, Law::Fixed(Span::hours(1))));
    let rescues = |told: &Told| {
        (
            told.count(|fact| matches!(fact, Fact::RescueBegan { .. })),
            told.count(|fact| matches!(fact, Fact::RescueRefused { .. })),
        )
    };
    assert_eq!(rescues(&lab.under("withdraw", &[])), (0, 1));
    let errored = |told: &Told| told.count(|fact| matches!(fact, Fact::RescueErrored { .. }));
    assert_eq!(errored(&lab.under("withdraw", &[])), 1);
    assert_eq!(errored(&lab.under("naive", &[])), 0);
    assert_eq!(rescues(&lab.under("tenant-reservation", &[("flag", "true")])), (0, 1));
    assert_eq!(rescues(&lab.under("tenant-reservation", &[])), (1, 0));
    assert_eq!(rescues(&lab.under("hidden-via-extra-spec", &[])), (1, 0));
    lab.settings.ironic.deploy_in_maintenance = true;
    assert_eq!(
        rescues(&lab.under("hidden-via-extra-spec", &[("flag", "true")])),
        (1, 0),
        "the patched Ironic"
    );
}

#[test]
fn the_multi_tenancy_filter_moves_a_whole_service() {
    let lab = || Lab::new(4).spell(0, 1.0, 50.0).asks(2.0, 1, 1, 1.0);
    let service = lab().under("tenant-reservation", &[("mechanism", "multi-tenancy-filter")]);
    assert_eq!(service.refused().len(), 1, "three nodes are free and none is to be had");
    let mut parted = Lab::new(3).spell(0, 1.0, 50.0).asks(2.0, 1, 1, 1.0);
    parted.fleet.names.groups.enter("g1");
    parted.fleet.enter(&NodeSpec {
        group: crate::fleet::GroupId(1),
        ..spec("n3".to_owned())
    });
    let service = parted.under("tenant-reservation", &[("mechanism", "multi-tenancy-filter")]);
    assert!(service.refused().is_empty(), "the other service goes on");
}

#[test]
fn a_tenant_aggregate_keeps_others_out_only_when_every_tenant_has_one() {
    let lab = || Lab::new(1).spell(0, 1.0, 50.0).asks(2.0, 1, 1, 1.0);
    let open = lab().under("tenant-reservation", &[("mechanism", "tenant-aggregate")]);
    let closed = lab().under(
        "tenant-reservation",
        &[("mechanism", "tenant-aggregate"), ("closed", "true")],
    );
    assert_eq!((open.breaches(), closed.breaches()), (1, 0));
}

#[test]
fn a_request_without_an_owner_still_takes_owned_nodes() {
    let mut lab = Lab::new(1).spell(0, 1.0, 50.0).asks(2.0, 1, 1, 1.0);
    let owner = &[("mechanism", "ironic-owner")][..];
    assert_eq!(lab.under("tenant-reservation", owner).breaches(), 0);
    lab.names_owner = 0.0;
    assert_eq!(lab.under("tenant-reservation", owner).breaches(), 1);
}

#[test]
fn owned_pools_lose_what_a_shared_pool_would_lend() {
    let mut lab = Lab::new(2).asks(1.0, 1, 1, 10.0).asks(2.0, 1, 1, 10.0);
    assert!(lab.under("naive", &[]).refused().is_empty());
    lab.fleet.nodes[0].give_to(Some(TenantId(1)));
    lab.fleet.nodes[1].give_to(Some(TenantId(2)));
    assert_eq!(lab.under("naive", &[]).refused(), [Cause::OtherTenants]);
}

/// The only node is in maintenance, whosever it is: that is why it is not to be had, by whatever mark and in whatever pool.
/// Beside it stands another tenant's: then that is why.
#[test]
fn a_node_that_the_operators_have_taken_over_is_hidden_and_no_other_tenants() {
    let mechanisms = [
        "isolated-aggregate",
        "multi-tenancy-filter",
        "ironic-owner",
        "blazar-lease",
    ];
    let pools = |mechanism| ["shared", "owned"].map(|pool| vec![("mechanism", mechanism), ("pool", pool)]);
    let taken = mechanisms.into_iter().flat_map(pools);
    let taken = taken.chain([vec![("mechanism", "tenant-aggregate"), ("pool", "owned")]]);
    let taken = taken.map(|params| ("tenant-reservation", params));
    let hidden = [("withdraw", vec![]), ("hidden-via-extra-spec", vec![])];
    for (name, params) in taken.chain(hidden) {
        for owner in [None, Some(TenantId(1))] {
            let mut lab = Lab::new(1).spell(0, 1.0, 50.0).asks(2.0, 1, 1, 1.0);
            lab.fleet.nodes[0].give_to(owner);
            let told = lab.under(name, &params);
            assert_eq!(told.refused(), [Cause::OnlyHidden], "{name} {params:?} {owner:?}");
            // Behind a compute service of its own: the aggregate of a filter would hide it, too.
            let group = crate::fleet::GroupId(lab.fleet.names.groups.enter("g1"));
            let owner = Some(TenantId(2));
            _ = lab.fleet.enter(&NodeSpec {
                group,
                owner,
                ..spec("n1".to_owned())
            });
            let told = lab.under(name, &params);
            assert_eq!(told.refused(), [Cause::OtherTenants], "{name} {params:?}");
        }
        // Another's node in maintenance is no free one of his; n1, which the tenant might have, is taken.
        let mut lab = Lab::new(2)
            .spell(0, 1.0, 50.0)
            .asks(0.5, 1, 1, 100.0)
            .asks(2.0, 1, 1, 1.0);
        lab.fleet.nodes[0].give_to(Some(TenantId(2)));
        assert_eq!(
            lab.under(name, &params).refused(),
            [Cause::OnlyHidden],
            "{name} {params:?}"
        );
    }
}

#[test]
fn a_lease_begins_when_the_occupants_planned_time_is_over_and_ends_with_the_work_undone() {
    let lease = &[("mechanism", "blazar-lease"), ("lease", "5h")][..];
    let mut lab = Lab::new(1).asks(0.5, 1, 1, 8.0).campaign(0);
    lab.plan.campaigns[0].work = Law::Fixed(Span::hours(20));
    let told = lab.under("tenant-reservation", lease);
    assert_eq!(
        told.first(|fact| matches!(fact, Fact::Hidden { .. })),
        Some(Time(17 * H / 2))
    );
    assert_eq!(
        told.first(|fact| matches!(fact, Fact::LeaseExpired { .. })),
        Some(Time(27 * H / 2))
    );
}

#[test]
fn drain_rules_evict_wait_or_set_a_deadline() {
    let in_hand = |drain: Drain| {
        let mut lab = Lab::new(1).asks(0.5, 1, 1, 20.0).campaign(0);
        lab.plan.campaigns[0].drain = drain;
        let told = lab.under("withdraw", &[]);
        let evicted = told.count(|fact| matches!(fact, Fact::Evicted { .. }));
        (
            told.first(|fact| matches!(fact, Fact::InHand { .. })).expect("in hand"),
            evicted,
        )
    };
    assert_eq!(in_hand(Drain::AtOnce), (Time(H), 1));
    assert_eq!(in_hand(Drain::TenantLeaves), (Time(41 * H / 2), 0));
    assert_eq!(in_hand(Drain::Deadline(Span::hours(3))), (Time(4 * H), 1));
}

#[test]
fn technicians_are_a_queue_and_a_budget_limits_what_is_out() {
    let mut lab = Lab::new(4).campaign(0);
    lab.settings.operators.technicians = Some(1);
    let began = |told: &Told| {
        let began = told
            .facts
            .iter()
            .filter(|(_, fact)| matches!(fact, Fact::WorkBegan { .. }));
        began.map(|(at, _)| at.0 / H).collect::<Vec<_>>()
    };
    let opened = |told: &Told| {
        let opened = told
            .facts
            .iter()
            .filter(|(_, fact)| matches!(fact, Fact::WindowOpened { .. }));
        opened.map(|(at, _)| at.0 / H).collect::<Vec<_>>()
    };
    let told = lab.under("withdraw", &[]);
    assert_eq!((began(&told), opened(&told)), (vec![1, 2, 3, 4], vec![1, 1, 1, 1]));
    lab.settings.operators.technicians = None;
    lab.plan.campaigns[0].budget.nodes = Some(2);
    let told = lab.under("withdraw", &[]);
    assert_eq!((began(&told), opened(&told)), (vec![1, 1, 2, 2], vec![1, 1, 2, 2]));
}

#[test]
fn a_node_with_two_holds_comes_back_when_the_last_is_released() {
    let told = Lab::new(1).spell(0, 1.0, 5.0).spell(0, 3.0, 9.0).under("withdraw", &[]);
    let returned = told
        .facts
        .iter()
        .filter(|(_, fact)| matches!(fact, Fact::Returned { .. }));
    assert_eq!(returned.map(|(at, _)| at.0 / H).collect::<Vec<_>>(), [9]);
}

#[test]
fn waiting_requests_are_served_in_their_order() {
    let mut lab = Lab::new(1)
        .asks(1.0, 1, 1, 3.0)
        .asks(2.0, 1, 1, 1.0)
        .asks(2.5, 2, 1, 1.0);
    lab.patience = Patience::Wait {
        patience: Span::hours(2),
    };
    let told = lab.under("naive", &[]);
    let active = told.facts.iter().filter_map(|(at, fact)| match fact {
        Fact::Active { request, .. } => Some((request.0, at.0 / H)),
        _ => None,
    });
    assert_eq!(active.collect::<Vec<_>>(), [(0, 1), (1, 4)]);
    assert_eq!(told.refused(), [Cause::ClassFull], "the third gives up at 4.5 h");
}
