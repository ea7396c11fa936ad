//! Small scenarios and hand-made facts for the unit tests of this floor.

use std::sync::Arc;

use super::columns::{COLUMNS, Metric};
use crate::fleet::names::Names;
use crate::fleet::node::NodeId;
use crate::fleet::{
    ClassId, Fleet, GroupId, Hold, NodeSpec, Provision, RackId, RequestId, TenantId, TraitSet, WindowId,
};
use crate::kernel::{Law, Span, Time};
use crate::scenario::{Matters, Problem, Reporting, Scenario, Variant, WarmUpRule};
use crate::scheduler::Policy;
use crate::strategy;
use crate::view::View;
use crate::workload::laws::Stock;
use crate::workload::{
    Age, Demand, Drain, ErrandId, ErrandLaw, FaultKind, FaultLaw, FlavorLaw, Job, JobId, Kind, MaintenancePlan, Origin,
    Patience, Poisson, Request, Requests, Sizes, Source, SpellTape, Tape,
};
use crate::world::{Cause, Deed, ErrandEnd, Fact, Ironic, Loop, Observer, Operators, Settings, Sight, Standing, Truth};

/// Nodes n0, n1, … of class c0 and tenants t1 and t2, measured over `horizon` milliseconds.
pub fn scenario(nodes: usize, horizon: u64) -> Scenario {
    let mut names = Names::default();
    names.classes.enter("c0");
    names.classes.enter("c1");
    names.tenants.enter("t1");
    names.tenants.enter("t2");
    let node = |n: usize| {
        let (class, rack, group) = (ClassId(0), RackId(0), GroupId(0));
        NodeSpec {
            name: format!("n{n}"),
            class,
            traits: TraitSet::default(),
            model: 0,
            rack,
            group,
            owner: None,
            lessee: None,
        }
    };
    let mut fleet = Fleet::default();
    fleet.names = names;
    (0..nodes).for_each(|n| _ = fleet.enter(&node(n)));
    let reporting = Reporting {
        metrics: Vec::new(),
        confidence: 0.95,
        warm_up: WarmUpRule::Fixed(Span::ZERO),
        story: true,
        log_requests: true,
        log_nodes: 2_000,
        log_replications: vec![0],
        precision: None,
        best: None,
        asked: Vec::new(),
        metrics_place: Problem::default(),
        headline: Vec::new(),
        headline_place: Problem::default(),
        matters: Matters::bare(),
        max_events: 1_000_000_000,
    };
    Scenario {
        name: "hand-made".to_owned(),
        question: "Do the books balance?".to_owned(),
        epoch: "2014-03-01T00:00:00Z".to_owned(),
        horizon: Time(horizon),
        seed: 1,
        replications: 2,
        until_decided: false,
        baseline: 0,
        variants: ["naive", "withdraw"].map(variant).to_vec(),
        fleet,
        demand: Demand::default(),
        maintenance: MaintenancePlan::bare(),
        policy: Policy::bare(),
        settings: Settings::bare(),
        reporting,
        costs: None,
        expectations: Vec::new(),
        plausible: Vec::new(),
        unsupported: Vec::new(),
        digest: String::new(),
        inputs: Vec::new(),
        effective: String::new(),
        annotated: String::new(),
        assumptions: Vec::new(),
        warnings: Vec::new(),
    }
}

fn variant(name: &'static str) -> Variant {
    let entry = strategy::find(name).unwrap();
    Variant {
        label: name.to_owned(),
        name,
        params: Vec::new(),
        strategy: (entry.plain)().into(),
    }
}

/// A request of one machine of class c0 by tenant t1 that starts at `start`.
pub fn request(start: u64, kind: Kind) -> Request {
    Request {
        arrival: Time(start),
        start: Time(start),
        hold: Span(1000),
        planned: Span(1000),
        plans: false,
        tenant: TenantId(1),
        class: ClassId(0),
        required: TraitSet::default(),
        forbidden: TraitSet::default(),
        extras: 0,
        count: 1,
        min_count: 1,
        multi: crate::workload::Multi::Nova,
        kind,
        source: 0,
        luck: 0,
    }
}

/// A tape of these requests.
pub fn tape(requests: Vec<Request>) -> Tape {
    Tape {
        requests: Requests::of(&requests),
        ..Tape::default()
    }
}

/// A free, offered node of class c0.
pub fn free() -> Standing {
    Standing::new(Provision::Available, 0).with(Standing::OFFERED)
}

/// A tenant's node.
pub fn taken() -> Standing {
    Standing::new(Provision::Active, 0).with(Standing::TENANT)
}

/// A node in maintenance, hidden.
pub fn hidden() -> Standing {
    Standing::new(Provision::Available, 0).with(Standing::HELD | Standing::HIDDEN)
}

/// Tells facts in order, with `fleet` in sight throughout. Of `Stood` facts the `from` is filled
/// in from the node's last standing.
pub fn tell(observer: &mut impl Observer, fleet: &Fleet, tape: &Tape, facts: &[(u64, Fact)]) {
    let sight = sight_of(fleet, tape);
    let mut last = vec![Standing::default(); fleet.nodes.len()];
    for &(at, fact) in facts {
        let fact = match fact {
            Fact::Stood { node, to, .. } => Fact::Stood {
                node,
                from: std::mem::replace(&mut last[node.at()], to),
                to,
            },
            other => other,
        };
        observer.told(Time(at), &fact, &Sight::of(&sight));
    }
}

/// What is in sight of hand-made facts. The view has no rows: the audit then leaves it out of its recount.
pub fn sight_of<'a>(fleet: &Fleet, tape: &'a Tape) -> Truth<'a> {
    Truth {
        errand: None,
        fleet: fleet.clone(),
        view: View::default(),
        tape,
        requests: tape.requests.clone(),
        usage: crate::scheduler::Usage::default(),
        calendar: crate::world::leases::Calendar::default(),
    }
}

/// A `Stood` fact for `tell`.
pub fn stood(node: u32, to: Standing) -> Fact {
    Fact::Stood {
        node: NodeId(node),
        from: Standing::default(),
        to,
    }
}

/// An hour.
pub const H: u64 = crate::kernel::time::HOUR_MS;

/// Two nodes over ten hours. People's r0 holds n0 from 1 h to 7 h, active from 2 h; n1 is in
/// maintenance from 3 h to 8 h, exposed until 4 h and stranded until 9 h, with one errand that is
/// needed at 5 h and runs from 6 h to 7 h; people's r1 and robots' r2 are refused at 4 h.
pub fn story() -> (Scenario, Tape, Vec<(u64, Fact)>) {
    let (n0, n1) = (NodeId(0), NodeId(1));
    let held = free().with(Standing::HELD);
    let errand = Standing::new(Provision::Active, 0).with(Standing::ERRAND | Standing::HELD | Standing::HIDDEN);
    let deploying = Standing::new(Provision::Deploying, 0).with(Standing::TENANT);
    let facts = vec![
        (0, stood(0, free())),
        (0, stood(1, free())),
        (H, Fact::Arrived { request: RequestId(0) }),
        (
            H,
            Fact::Decided {
                request: RequestId(0),
                examined: 2,
                capped: false,
            },
        ),
        (
            H,
            Fact::Claimed {
                request: RequestId(0),
                node: n0,
                attempt: 1,
            },
        ),
        (H, stood(0, deploying)),
        (
            2 * H,
            Fact::Active {
                request: RequestId(0),
                node: n0,
            },
        ),
        (2 * H, stood(0, taken())),
        (2 * H, Fact::Accepted { request: RequestId(0) }),
        (
            3 * H,
            Fact::WindowOpened {
                window: WindowId(0),
                node: n1,
                job: JobId(0),
            },
        ),
        (3 * H, stood(1, held)),
        (
            3 * H,
            Fact::InHand {
                window: WindowId(0),
                node: n1,
            },
        ),
        (4 * H, stood(1, hidden())),
        (
            4 * H,
            Fact::Action {
                node: n1,
                human: true,
                deed: Deed::Entry,
            },
        ),
        (4 * H, Fact::Hidden { node: n1 }),
        (4 * H, Fact::Arrived { request: RequestId(1) }),
        (
            4 * H,
            Fact::Decided {
                request: RequestId(1),
                examined: 0,
                capped: true,
            },
        ),
        (
            4 * H,
            Fact::Refused {
                request: RequestId(1),
                cause: Cause::OnlyHidden,
            },
        ),
        (4 * H, Fact::Arrived { request: RequestId(2) }),
        (
            4 * H,
            Fact::Refused {
                request: RequestId(2),
                cause: Cause::ClassFull,
            },
        ),
        (
            5 * H,
            Fact::ErrandNeeded {
                window: WindowId(0),
                errand: ErrandId(0),
                node: n1,
            },
        ),
        (
            5 * H,
            Fact::ErrandRefused {
                window: WindowId(0),
                errand: ErrandId(0),
                node: n1,
            },
        ),
        (
            6 * H,
            Fact::ErrandRuns {
                window: WindowId(0),
                errand: ErrandId(0),
                node: n1,
            },
        ),
        (6 * H, stood(1, errand)),
        (
            7 * H,
            Fact::ErrandEnded {
                window: WindowId(0),
                errand: ErrandId(0),
                node: n1,
                end: ErrandEnd::Done,
            },
        ),
        (7 * H, stood(1, hidden())),
        (
            7 * H,
            Fact::Released {
                request: RequestId(0),
                node: n0,
            },
        ),
        (7 * H, stood(0, free())),
        (
            7 * H,
            Fact::Published {
                node: n0,
                age: Span(30_000),
            },
        ),
        (
            7 * H,
            Fact::WorkBegan {
                window: WindowId(0),
                node: n1,
                waited: Span(H / 2),
            },
        ),
        (
            8 * H,
            Fact::WindowClosed {
                window: WindowId(0),
                node: n1,
            },
        ),
        (
            8 * H,
            stood(1, Standing::new(Provision::Available, 0).with(Standing::HIDDEN)),
        ),
        (9 * H, stood(1, free())),
        (9 * H, Fact::Returned { node: n1 }),
        (10 * H, Fact::Ended),
    ];
    let requests = vec![
        request(H, Kind::People),
        request(4 * H, Kind::People),
        request(4 * H, Kind::Monitoring),
    ];
    let job = Job {
        node: n1,
        origin: Origin::Spell(0),
        work: Span(H),
        errands: vec![Span(H)],
        luck: 0,
    };
    let spell = SpellTape {
        job: JobId(0),
        start: Time(3 * H),
        end: Some(Time(8 * H)),
        hold: Hold::Planned,
    };
    let tape = Tape {
        jobs: vec![job],
        spells: vec![spell],
        ..tape(requests)
    };
    (scenario(2, 10 * H), tape, facts)
}

/// Twelve contended nodes that break often, under every strategy of the roster, with stale views,
/// failing builds and cleans, slips, rescues and gangs: thirty days of as much as possible at once.
pub fn busy() -> Scenario {
    let base = scenario(12, 720 * H);
    let flavor = FlavorLaw {
        word: 1,
        class: ClassId(0),
        per_day: 6.0,
        required: TraitSet::default(),
        forbidden: TraitSet::default(),
        extras: 0,
        sizes: Sizes(vec![(1, 0.7), (3, 0.3)]),
        hold: Law::Exponential(Span::hours(30)),
        lead: None,
        min_count: None,
    };
    let tenants = vec![(TenantId(1), 0.5), (TenantId(2), 0.5)];
    let poisson = Poisson {
        growth: 0.0,
        flavors: vec![flavor],
        hours_of_week: None,
        trend: None,
        multi: crate::workload::Multi::Nova,
        clock: crate::kernel::Clock::default(),
        tenants,
    };
    let source = |name: &str, kind, patience| Source {
        name: name.to_owned(),
        word: crate::kernel::streams::word_of(name),
        kind,
        stock: Stock::Poisson(Arc::new(poisson.clone())),
        scale: 0.5,
        patience,
        line: crate::workload::Line::Open,
        rescue: Some((0.3, Law::Exponential(Span::hours(2)))),
        names_owner: 1.0,
        leases: false,
        running: None,
    };
    let sources = vec![
        source(
            "people",
            Kind::People,
            Patience::Wait {
                patience: Span::hours(3),
            },
        ),
        source(
            "robots",
            Kind::Monitoring,
            Patience::Retry {
                times: 2,
                backoff: Span(600_000),
            },
        ),
    ];
    let variant_of = |entry: &&'static strategy::RosterEntry| variant(entry.name);
    let settings = Settings {
        sync: Some(Loop {
            period: Span(60_000),
            per_node: Span(30_000),
            jitter: 50_000,
            workers: 1,
        }),
        ironic: Ironic {
            deploy: Law::Exponential(Span(900_000)),
            cleaning: Law::Fixed(Span(1_800_000)),
            build_failure: 0.1,
            clean_failure: 0.1,
            ..Ironic::bare()
        },
        operators: Operators {
            technicians: Some(1),
            action: Law::Exponential(Span(1_200_000)),
            slip: 0.2,
            audit: Some(Span::hours(24)),
            ..Operators::bare()
        },
        ..Settings::bare()
    };
    let maintenance = MaintenancePlan {
        faults: vec![faults()],
        ..MaintenancePlan::bare()
    };
    let variants = strategy::ROSTER.iter().map(variant_of).collect();
    Scenario {
        variants,
        demand: Demand {
            sources,
            extras: Vec::new(),
            seats: Vec::new(),
        },
        maintenance,
        settings,
        ..base
    }
}

fn faults() -> FaultLaw {
    let kind = |name: &str, power, deploy_fails| FaultKind {
        name: name.to_owned(),
        share: 0.5,
        interrupts: power,
        deploy_fails,
        power,
        detection: Law::Exponential(Span::hours(12)),
        work: Law::Exponential(Span::hours(4)),
    };
    FaultLaw {
        word: 1,
        age: Age::default(),
        classes: Vec::new(),
        between: Law::Exponential(Span::days(10)),
        kinds: vec![kind("power", true, 1.0), kind("disk", false, 0.5)],
        drain: Drain::Deadline(Span::hours(12)),
        errands: ErrandLaw {
            counts: Sizes(vec![(1, 0.5), (2, 0.5)]),
            duration: Law::Exponential(Span::hours(1)),
        },
    }
}

/// Replications in which a metric has these values and nothing else has one.
pub fn replications(metric: Metric, values: &[f64]) -> Vec<Vec<Option<f64>>> {
    let row = |value: &f64| {
        let mut row = vec![None; COLUMNS.len()];
        row[metric.at()] = Some(*value);
        row
    };
    values.iter().map(row).collect()
}
