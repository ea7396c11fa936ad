//! The laws of the model, checked at every fact and after every event of a world. A law has a name and says what broke
//! it; only its first breach in a run is kept, and the run goes on, so that one world may show several.

mod answers;
mod plane;
mod requests;
mod rest;
mod windows;

use std::collections::{BTreeMap, BTreeSet};

use sickbay::fleet::{NodeId, Party, Provision, RequestId};
use sickbay::kernel::Time;
use sickbay::scenario::{Scenario, Variant};
use sickbay::scheduler::{Ask, Rules, plain};
use sickbay::workload::{Kind, Patience, Tape};
use sickbay::world::{Cause, Clerk, Fact, Inputs, Observer, Sight, Standing};

use super::books::{Asked, Books, Fate};
use super::deeds::Deeds;
use super::draft::{HOUR, SECOND};
use super::plan::{Campaign, Plan, Scope};
use super::recount::Recount;

/// A broken law: the first time that it broke in a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    pub law: String,
    pub at: u64,
    pub what: String,
}

/// More events than this at one instant are a chain without end.
const MOST_AT_ONCE: u32 = 5_000;

/// The observer that holds a run to the laws.
pub struct Laws<'a> {
    plan: &'a Plan,
    scenario: &'a Scenario,
    variant: &'a Variant,
    clerk: Clerk,
    rules: Rules,
    pub books: Books,
    pub recount: Recount,
    pub deeds: Deeds,
    pub breaches: Vec<Breach>,
    pub facts: u64,
    now: u64,
    events_now: u32,
    /// What will be a breach if it is still so when the instant is over.
    pending: Vec<(&'static str, String)>,
    /// By campaign: the nodes that it touches, as of when they are known, those that it has opened windows on, and those
    /// that have a place of its budget, with the classes in which they took it.
    touched: Vec<BTreeSet<NodeId>>,
    taken: Vec<BTreeSet<NodeId>>,
    out: Vec<BTreeMap<NodeId, sickbay::fleet::ClassId>>,
    /// The decision under way: its request, with how many its quota allowed.
    decided: Option<(RequestId, Option<i64>)>,
    /// Nodes that wait for the operators' lease: when it was asked for, and from when on it is booked.
    booked: BTreeMap<NodeId, (u64, u64)>,
    /// How often each boot has come to a wrong node, by window and number.
    astray: BTreeMap<(sickbay::fleet::WindowId, u16), u32>,
    plane: plane::Plane,
    /// Where requests are kept off announced work: who was sent to which node, and when.
    sent: BTreeMap<NodeId, Vec<(u64, RequestId)>>,
}

pub fn inputs<'a>(scenario: &'a Scenario, variant: &'a Variant, tape: &'a Tape) -> Inputs<'a> {
    Inputs {
        fleet: &scenario.fleet,
        tape,
        demand: &scenario.demand,
        maintenance: &scenario.maintenance,
        strategy: variant.strategy.as_ref(),
        policy: &scenario.policy,
        settings: &scenario.settings,
        horizon: scenario.horizon,
    }
}

impl<'a> Laws<'a> {
    pub fn new(plan: &'a Plan, scenario: &'a Scenario, variant: usize, tape: &'a Tape) -> Laws<'a> {
        let variant = &scenario.variants[variant];
        let inputs = inputs(scenario, variant, tape);
        let clerk = Clerk::new(&inputs);
        Laws {
            plan,
            scenario,
            variant,
            rules: clerk.rules(&inputs),
            clerk,
            books: Books::new(scenario),
            recount: Recount::new(scenario),
            deeds: Deeds::default(),
            breaches: Vec::new(),
            facts: 0,
            now: 0,
            events_now: 0,
            pending: Vec::new(),
            touched: vec![BTreeSet::new(); plan.campaigns.len()],
            taken: vec![BTreeSet::new(); plan.campaigns.len()],
            out: vec![BTreeMap::new(); plan.campaigns.len()],
            decided: None,
            booked: BTreeMap::new(),
            astray: BTreeMap::new(),
            plane: plane::Plane::default(),
            sent: BTreeMap::new(),
        }
    }

    fn broken(&mut self, law: &str, at: u64, what: String) {
        if self.breaches.iter().all(|breach| breach.law != law) {
            self.breaches.push(Breach {
                law: law.to_owned(),
                at,
                what,
            });
        }
    }

    fn leases(&self) -> bool {
        self.variant.strategy.terms().lease.is_some()
    }

    /// What the strategy's parameter says; nothing where it has none of the name.
    fn param(&self, name: &str) -> &str {
        let found = self.variant.params.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value.trim_matches('"'))
    }

    /// Whether the strategy's mechanism keeps everybody off once the view knows.
    fn tight(&self) -> bool {
        let all_name_owner = self
            .scenario
            .demand
            .sources
            .iter()
            .all(|source| source.names_owner >= 1.0);
        match self.variant.name {
            "withdraw" => self.param("route") != "expose" && !self.plan.power,
            "hidden-via-extra-spec" => {
                let mechanism = self.param("mechanism");
                mechanism != "spec-only" && (mechanism != "flavor-spec" || self.param("coverage") == "1")
            }
            "tenant-reservation" => match self.param("mechanism") {
                "tenant-aggregate" => false,
                "ironic-owner" => all_name_owner,
                _ => true,
            },
            _ => false,
        }
    }

    fn name(sight: &Sight<'_>, node: NodeId) -> String {
        sight.fleet.name(node).to_owned()
    }

    fn who(&self, request: RequestId) -> String {
        let it = &self.books.asked[&request].it;
        let names = &self.books.names;
        format!(
            "request {request} ({} {} of {}, tenant {}, workload {}, start {})",
            it.count,
            names.classes.name(it.class.0),
            it.min_count,
            names.tenants.name(it.tenant.0),
            it.source,
            it.start
        )
    }

    /// How many machines more a request's quotas allow; none: as many as it likes.
    fn allowed(&self, asked: &Asked) -> Option<i64> {
        if !self.plan.quotas.any() {
            return None;
        }
        let names = &self.books.names;
        let (machines, of_class) = self.plan.quotas.of(
            names.tenants.name(asked.it.tenant.0),
            names.classes.name(asked.it.class.0),
        );
        let (used, used_of_class) = self.books.in_use(asked.it.tenant, asked.it.class);
        let all = machines.map(|machines| machines - used);
        let class = of_class.map(|most| most - used_of_class);
        [all, class].into_iter().flatten().min()
    }

    /// Whether the scheduler would place a request now, by the plain definition of a decision.
    fn fits(&self, request: RequestId, sight: &Sight<'_>) -> bool {
        let asked = &self.books.asked[&request];
        let least = i64::from(asked.it.min_count.min(asked.it.count).max(1));
        let count = self.allowed(asked).map_or(i64::from(asked.it.count), |allowed| {
            allowed.min(i64::from(asked.it.count))
        });
        if count < least {
            return false;
        }
        let ask = Ask {
            count: count as u16,
            min_count: if self.takes_less(asked) { least } else { count } as u16,
            ..self.clerk.ask(&asked.it, Time(self.now))
        };
        if self.leases() {
            return self.fits_the_calendar(request, &ask, sight);
        }
        plain::decide(&sight.view, self.rules.judge(), &ask, &|node| {
            sight.fleet.name(node).to_owned()
        })
        .is_ok()
    }

    /// The same where leases are kept: enough nodes pass for which nobody else has a lease in the time that it plans. (A cap
    /// and a server group choose among them, of which nothing is said here.)
    fn fits_the_calendar(&self, request: RequestId, ask: &Ask, sight: &Sight<'_>) -> bool {
        let it = &self.books.asked[&request].it;
        let grouped = self.scenario.demand.extras.get(usize::from(it.extras));
        if self.scenario.policy.cap.is_some() || grouped.is_some_and(|extras| extras.group.is_some()) {
            return false;
        }
        let passes = |&node: &NodeId| {
            let alone = Ask {
                count: 1,
                min_count: 1,
                target: sickbay::scheduler::AskedNode::Named(node),
                ..*ask
            };
            let name = |node: NodeId| sight.fleet.name(node).to_owned();
            sight.view.free(node)
                && sight.keeper_now(node, request, it, Time(self.now)).is_none()
                && plain::decide(&sight.view, self.rules.judge(), &alone, &name).is_ok()
        };
        sight.fleet.ids().filter(passes).count() >= ask.least()
    }

    /// Whether a node is retired for good: managed, with nobody on it.
    fn is_retired_for_good(sight: &Sight<'_>, node: NodeId) -> bool {
        let it = sight.fleet.node(node);
        it.retired && it.is_empty() && it.provision == Provision::Manageable
    }

    /// Whether no node that is or will be in the fleet could ever serve a request.
    fn never_fits(&self, asked: &Asked) -> bool {
        let fleet = &self.scenario.fleet;
        let of_class = |node: NodeId| {
            let later = fleet.boundaries.iter().filter(|boundary| boundary.node == node);
            let mut later = later.filter_map(|boundary| match boundary.change {
                sickbay::fleet::Change::Class(class) => Some(class),
                _ => None,
            });
            fleet.node(node).class == asked.it.class || later.any(|class| class == asked.it.class)
        };
        let fits = |&node: &NodeId| {
            let traits = fleet.kind(node).traits;
            of_class(node) && traits.covers(asked.it.required) && !traits.meets(asked.it.forbidden)
        };
        let names = &self.books.names;
        let (machines, of_class) = self.plan.quotas.of(
            names.tenants.name(asked.it.tenant.0),
            names.classes.name(asked.it.class.0),
        );
        let quota = [machines, of_class].into_iter().flatten().min();
        let fewer = quota.is_some() || self.takes_less(asked);
        let least = usize::from(
            if fewer {
                asked.it.min_count.min(asked.it.count)
            } else {
                asked.it.count
            }
            .max(1),
        );
        fleet.ids().filter(fits).count() < least || quota.is_some_and(|quota| quota < least as i64)
    }

    fn instant_over(&mut self) {
        let at = self.now;
        for (law, what) in std::mem::take(&mut self.pending) {
            self.broken(law, at, what);
        }
    }

    fn moves_on(&mut self, at: u64) {
        if at > self.now {
            self.instant_over();
            (self.now, self.events_now) = (at, 0);
        }
    }
}

impl Laws<'_> {
    pub fn told(&mut self, at: Time, fact: &Fact, sight: &Sight<'_>) {
        let at = at.0;
        if at < self.now {
            self.broken(
                "time does not run backwards",
                at,
                format!("{fact:?} after {}", self.now),
            );
        }
        self.moves_on(at);
        self.facts += 1;
        self.recount.told(at, fact, sight);
        self.of_plane(at, fact, sight);
        if !matches!(fact, Fact::WindowOpened { .. }) {
            self.of_requests(at, fact, sight);
            self.of_windows(at, fact, sight);
        }
        self.books.enter(at, fact, sight);
        if let Fact::WindowOpened { window, node, .. } = *fact {
            self.of_windows(at, fact, sight);
            if self.leases() && !self.books.windows[&window].before_return {
                self.lease_wanted(at, node, sight);
            }
        }
        self.deeds.told(at, fact, sight, &self.books, self.plan);
    }

    pub fn rested(&mut self, at: Time, sight: &Sight<'_>) {
        let at = at.0;
        self.moves_on(at);
        self.events_now += 1;
        assert!(
            self.events_now < MOST_AT_ONCE,
            "broken law `no chain of events at one instant is without end`: {MOST_AT_ONCE} events at {at} ms"
        );
        self.pending.clear();
        self.books.rest(sight);
        let books = &self.books;
        let stays = |&node: &NodeId| books.away(sight, node) || books.on_the_way.contains(&node);
        self.out.iter_mut().for_each(|out| out.retain(|node, _| stays(node)));
        self.decision_over(at);
        self.requests_at_rest(at, sight);
        self.nodes_at_rest(at, sight);
        self.campaigns_at_rest(at, sight);
        self.plane_at_rest(at, sight);
    }
}

/// Laws that outlive a panic of the world.
pub struct Watch<'a, 'b>(pub &'b std::cell::RefCell<Laws<'a>>);

impl Observer for Watch<'_, '_> {
    fn told(&mut self, at: Time, fact: &Fact, sight: &Sight<'_>) {
        self.0.borrow_mut().told(at, fact, sight);
    }

    fn rested(&mut self, at: Time, sight: &Sight<'_>) {
        self.0.borrow_mut().rested(at, sight);
    }
}

/// The hour in which something was, for messages.
pub fn hour(at: u64) -> String {
    format!("{:.3} h", at as f64 / HOUR as f64)
}
