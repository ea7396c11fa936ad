//! The laws of the model, checked at every fact and after every event of a world. A law has a name and says what broke
//! it; only its first breach in a run is kept, and the run goes on, so that one world may show several.

use std::collections::{BTreeMap, BTreeSet};

use sickbay::fleet::{NodeId, Party, Provision};
use sickbay::kernel::Time;
use sickbay::scenario::{Scenario, Variant};
use sickbay::scheduler::{Ask, Rules, plain};
use sickbay::workload::{Kind, Patience, Tape};
use sickbay::world::{Cause, Clerk, Fact, Inputs, Observer, Sight, Standing};

use super::books::{Asked, Books, Fate, away, left_on};
use super::deeds::Deeds;
use super::draft::HOUR;
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
    /// By campaign: the nodes that it touches, as of its start, and those that it has opened windows on.
    touched: Vec<BTreeSet<NodeId>>,
    taken: Vec<BTreeSet<NodeId>>,
    /// The decision under way: its request, with how many its quota allowed.
    decided: Option<(u32, Option<i64>)>,
    /// Nodes that waited for the operators' lease, and the claims since by those who asked later.
    leased: BTreeMap<NodeId, Vec<(u64, u32)>>,
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
            decided: None,
            leased: BTreeMap::new(),
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

    /// Whether the strategy's mechanism keeps everybody off once the view knows.
    fn tight(&self) -> bool {
        let param = |name: &str| {
            let found = self.variant.params.iter().find(|(key, _)| key == name);
            found.map_or(String::new(), |(_, value)| value.trim_matches('"').to_owned())
        };
        let all_name_owner = self
            .scenario
            .demand
            .sources
            .iter()
            .all(|source| source.names_owner >= 1.0);
        match self.variant.name {
            "withdraw" => param("route") != "expose" && !self.plan.power,
            "hidden-via-extra-spec" => {
                param("mechanism") != "spec-only" && (param("mechanism") != "flavor-spec" || param("coverage") == "1")
            }
            "tenant-reservation" => match param("mechanism").as_str() {
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

    fn who(&self, request: u32) -> String {
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
    fn fits(&self, request: u32, sight: &Sight<'_>) -> bool {
        let asked = &self.books.asked[&request];
        let least = i64::from(asked.it.min_count.min(asked.it.count).max(1));
        let count = self.allowed(asked).map_or(i64::from(asked.it.count), |allowed| {
            allowed.min(i64::from(asked.it.count))
        });
        if count < least || self.leases() || self.plan.keep_clear {
            return false;
        }
        let ask = Ask {
            count: count as u16,
            min_count: count as u16,
            ..self.clerk.ask(&asked.it)
        };
        plain::decide(&sight.view, &self.rules, &ask, &|node| {
            sight.fleet.name(node).to_owned()
        })
        .is_ok()
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
        let least = usize::from(asked.it.min_count.min(asked.it.count).max(1));
        let names = &self.books.names;
        let (machines, of_class) = self.plan.quotas.of(
            names.tenants.name(asked.it.tenant.0),
            names.classes.name(asked.it.class.0),
        );
        let quota = [machines, of_class].into_iter().flatten().min();
        fleet.ids().filter(fits).count() < least || quota.is_some_and(|quota| quota < least as i64)
    }

    // Requests.

    fn of_requests(&mut self, at: u64, fact: &Fact, sight: &Sight<'_>) {
        let Some(request) = fact.request() else { return };
        if let Fact::Arrived { .. } = fact {
            if self.books.asked.contains_key(&request) {
                self.broken("a request arrives once", at, format!("request {request}"));
            }
            return;
        }
        let Some(asked) = self.books.asked.get(&request).cloned() else {
            self.broken(
                "a request is told of after it arrived",
                at,
                format!("request {request}: {fact:?}"),
            );
            return;
        };
        match *fact {
            Fact::Decided { .. } => {
                if asked.retry_at.is_some_and(|due| due != at) {
                    self.broken(
                        "a refused request asks again when its pause is over",
                        at,
                        self.who(request),
                    );
                }
                self.decided = Some((request, self.allowed(&asked)));
            }
            Fact::Waits { .. } if self.never_fits(&asked) => {
                self.broken("what never fits does not wait", at, self.who(request));
            }
            Fact::Refused { cause, .. } => self.refused(at, request, &asked, cause, sight),
            Fact::Accepted { .. } if asked.fate != Fate::Open => {
                self.broken("a request is decided once", at, self.who(request));
            }
            Fact::Claimed { node, attempt, .. } => self.claimed(at, request, &asked, node, attempt, sight),
            Fact::Active { node, .. } if !asked.instances.contains_key(&node) => {
                self.broken(
                    "no instance is active without a claim",
                    at,
                    format!("{} on {}", self.who(request), Self::name(sight, node)),
                );
            }
            Fact::Released { node, .. } => self.released(at, request, &asked, node, sight),
            Fact::Evicted { node, .. } | Fact::Interrupted { node, .. } if !asked.instances.contains_key(&node) => {
                self.broken(
                    "every claim has one end",
                    at,
                    format!("{} on {}: {fact:?}", self.who(request), Self::name(sight, node)),
                );
            }
            _ => {}
        }
    }

    fn refused(&mut self, at: u64, request: u32, asked: &Asked, cause: Cause, sight: &Sight<'_>) {
        if asked.fate != Fate::Open {
            self.broken("a request is decided once", at, self.who(request));
        }
        // What was decided and failed in its builds is refused for those.
        if asked.picks > 0 || self.strict(asked) {
            return;
        }
        if cause == Cause::Quota {
            let least = i64::from(asked.it.min_count.min(asked.it.count).max(1));
            if asked.in_line.is_none() && self.allowed(asked).is_none_or(|allowed| allowed >= least) {
                self.broken("a quota refuses what exceeds it", at, self.who(request));
            }
        } else if self.fits(request, sight) {
            self.broken(
                "nobody is refused beside free machines that fit",
                at,
                format!("{}: {cause:?}", self.who(request)),
            );
        }
    }

    fn strict(&self, asked: &Asked) -> bool {
        self.plan
            .strict
            .get(usize::from(asked.it.source))
            .copied()
            .unwrap_or(false)
    }

    fn claimed(&mut self, at: u64, request: u32, asked: &Asked, node: NodeId, attempt: u8, sight: &Sight<'_>) {
        let what = format!("{} claims {}", self.who(request), Self::name(sight, node));
        if asked.fate == Fate::Refused {
            self.broken("who is refused claims nothing", at, what.clone());
        }
        if u32::from(attempt) > u32::from(self.scenario.policy.attempts) {
            self.broken("a build has so many attempts and no more", at, what.clone());
        }
        let name = Self::name(sight, node);
        if let Some(&(from, until)) = self.plan.stays.get(&name)
            && (at < from || until.is_some_and(|until| at >= until))
        {
            self.broken("nobody is sent to a node that is not in the fleet", at, what.clone());
        }
        let operators = asked.it.kind == Kind::Operator || asked.it.tenant == sickbay::fleet::TenantId::OPERATORS;
        if attempt <= 1 && !operators && self.plan.instant && self.tight() && self.books.hidden.contains(&node) {
            self.broken("no automatic claim on a node that is hidden", at, what.clone());
        }
        if let Some(claims) = self.leased.get_mut(&node) {
            claims.push((at, request));
        }
    }

    fn released(&mut self, at: u64, request: u32, asked: &Asked, node: NodeId, sight: &Sight<'_>) {
        let what = format!("{} on {}", self.who(request), Self::name(sight, node));
        match asked.instances.get(&node) {
            None => self.broken("every claim has one end", at, what),
            Some(instance) => match instance.active {
                Some(since) if since + asked.it.hold.0 == at => {}
                Some(_) => self.broken("an active machine is kept until its hold is over", at, what),
                None => self.broken("a sibling's failure takes no build away", at, what),
            },
        }
    }

    /// What a decision took: all that was asked for, or what the quota allowed of it.
    fn decision_over(&mut self, at: u64) {
        let Some((request, allowed)) = self.decided.take() else {
            return;
        };
        let asked = &self.books.asked[&request];
        let blazar = self
            .plan
            .blazar
            .get(usize::from(asked.it.source))
            .copied()
            .unwrap_or(false);
        let full = i64::from(asked.it.count);
        let wanted = allowed.map_or(full, |allowed| allowed.min(full));
        // A trace says by row whose way it is: what it says is not in the request.
        let traced = self.scenario.demand.sources[usize::from(asked.it.source)].name == "traced"
            && super::features::known("workload.multi");
        if asked.picks > 0 && i64::from(asked.picks) != wanted && !blazar && !traced && !self.leases() {
            let what = format!("{}: {} of {wanted}", self.who(request), asked.picks);
            self.broken("a multi-create is all or nothing but for the quota", at, what);
        }
    }

    // Nodes and windows.

    fn of_windows(&mut self, at: u64, fact: &Fact, sight: &Sight<'_>) {
        match *fact {
            Fact::WindowOpened { window, node } => self.opened(at, window, node, sight),
            Fact::WorkBegan { window, node, .. } => self.work_began(at, window, node, sight),
            Fact::WorkDone { window, node } => {
                let page = self.books.windows.get(&window).cloned();
                let began = page.as_ref().and_then(|page| page.working);
                let Some((page, began)) = page.zip(began) else {
                    self.broken(
                        "work is done that has begun",
                        at,
                        format!("window {window} on {}", Self::name(sight, node)),
                    );
                    return;
                };
                let inside = |campaign: &Campaign| match &campaign.window {
                    Some(hours) if campaign.inside => (began..at.max(began + 1))
                        .step_by(60_000)
                        .chain([at.max(began + 1) - 1])
                        .all(|t| self.plan.within(hours, t)),
                    _ => true,
                };
                if !page.campaigns.is_empty()
                    && !page.campaigns.iter().any(|&place| inside(&self.plan.campaigns[place]))
                {
                    self.broken(
                        "work that is to be finished inside the window is",
                        at,
                        format!("window {window} on {}", Self::name(sight, node)),
                    );
                }
            }
            Fact::WindowClosed { window, node } => {
                let open = self
                    .books
                    .windows
                    .get(&window)
                    .is_some_and(|page| page.closed.is_none());
                if !open {
                    self.broken(
                        "a window that is open closes once",
                        at,
                        format!("window {window} on {}", Self::name(sight, node)),
                    );
                }
            }
            Fact::ErrandRuns { window, node, .. } => {
                let works = self
                    .books
                    .windows
                    .iter()
                    .any(|(&other, page)| other != window && page.node == node && page.working.is_some());
                if works {
                    self.broken(
                        "hands-on work and another window's boot do not overlap",
                        at,
                        format!("window {window} on {}", Self::name(sight, node)),
                    );
                }
            }
            Fact::LeaseBegan { node, waited } => self.lease_began(at, node, waited.0, sight),
            _ => {}
        }
    }

    fn opened(&mut self, at: u64, window: u32, node: NodeId, sight: &Sight<'_>) {
        let campaigns = self.books.windows[&window].campaigns.clone();
        let what = format!("window {window} on {}", Self::name(sight, node));
        if let Some(until) = self.plan.stays.get(&Self::name(sight, node)).and_then(|stay| stay.1)
            && !campaigns.is_empty()
            && at >= until
        {
            self.broken(
                "a campaign takes no node whose time in the fleet is over",
                at,
                what.clone(),
            );
        }
        if campaigns.is_empty() {
            return;
        }
        let opens = |campaign: &Campaign| campaign.window.as_ref().is_none_or(|hours| self.plan.within(hours, at));
        if !campaigns.iter().any(|&place| opens(&self.plan.campaigns[place])) {
            self.broken("a campaign takes nodes in its hours alone", at, what.clone());
        }
        let said: Vec<String> = campaigns
            .iter()
            .filter_map(|&place| self.over_budget(place, window, node, sight))
            .collect();
        if said.len() == campaigns.len() {
            self.broken("a disruption budget holds", at, format!("{what}: {}", said.join("; ")));
        }
        if let [place] = campaigns[..] {
            let open = self.books.open.get(&node).into_iter().flatten();
            let others = open
                .filter(|&&other| other != window && self.books.windows[&other].campaigns == [place])
                .count();
            if others > 0 {
                self.broken("a node has one window of a campaign at a time", at, what);
            }
            self.taken[place].insert(node);
        }
    }

    fn in_scope(&self, campaign: &Campaign, node: NodeId, other: NodeId, sight: &Sight<'_>) -> bool {
        let fleet = &sight.fleet;
        fleet.node(other).installed()
            && match campaign.scope {
                Scope::Fleet => true,
                Scope::Class => fleet.node(other).class == fleet.node(node).class,
                Scope::Rack => fleet.kind(other).rack == fleet.kind(node).rack,
            }
    }

    /// The others of a node's scope that are away, and how many may be.
    fn budget(&self, place: usize, node: NodeId, sight: &Sight<'_>) -> (usize, usize) {
        let campaign = &self.plan.campaigns[place];
        let members: Vec<NodeId> = sight
            .fleet
            .ids()
            .filter(|&other| self.in_scope(campaign, node, other, sight))
            .collect();
        let counts = |&&other: &&NodeId| {
            let own = || {
                let open = self.books.open.get(&other).into_iter().flatten();
                open.clone()
                    .any(|window| self.books.windows[window].campaigns == [place])
            };
            other != node && if campaign.own_only { own() } else { away(sight, other) }
        };
        (members.iter().filter(counts).count(), campaign.allows(members.len()))
    }

    fn over_budget(&self, place: usize, window: u32, node: NodeId, sight: &Sight<'_>) -> Option<String> {
        let open = self.books.open.get(&node).into_iter().flatten();
        let held_before = open.filter(|&&other| other != window).count() > 0;
        if held_before || left_on(sight, node) {
            return None;
        }
        let (others, allowed) = self.budget(place, node, sight);
        (others + 1 > allowed).then(|| {
            format!(
                "{others} others of its scope are away, {} allows {allowed}",
                self.plan.campaigns[place].name
            )
        })
    }

    fn work_began(&mut self, at: u64, window: u32, node: NodeId, sight: &Sight<'_>) {
        let what = format!("window {window} on {}", Self::name(sight, node));
        if self
            .plan
            .shift
            .as_ref()
            .is_some_and(|shift| !self.plan.within(shift, at))
        {
            self.broken("technicians begin work in their shift", at, what.clone());
        }
        let Some(page) = self.books.windows.get(&window).cloned() else {
            return;
        };
        let begins = |&place: &usize| {
            self.plan.campaigns[place]
                .window
                .as_ref()
                .is_none_or(|hours| self.plan.within(hours, at))
        };
        if !page.campaigns.is_empty() && !page.campaigns.iter().any(begins) {
            self.broken("a campaign's work begins in its hours alone", at, what.clone());
        }
        let working = self
            .books
            .windows
            .values()
            .filter(|page| page.working.is_some())
            .count() as i64;
        if self.plan.technicians.is_some_and(|most| working + 1 > most) {
            self.broken("no more work goes on than there are technicians", at, what.clone());
        }
        if self.books.booted.get(&node).is_some_and(|&other| other != window) {
            self.broken(
                "hands-on work and another window's boot do not overlap",
                at,
                what.clone(),
            );
        }
        if page.closed.is_some() || !page.in_hand {
            self.broken("work begins on a node that is in hand", at, what.clone());
        }
        if let Some(Party::Tenant(request)) = sight.fleet.node(node).party() {
            self.broken(
                "no work goes on under a tenant",
                at,
                format!("{what}, request {request}"),
            );
        }
    }

    fn lease_began(&mut self, at: u64, node: NodeId, waited: u64, sight: &Sight<'_>) {
        let wanted = at - waited;
        for (when, request) in self.leased.remove(&node).unwrap_or_default() {
            let it = &self.books.asked[&request].it;
            if it.arrival.0 > wanted && when >= wanted && when + it.planned.0 > at {
                self.broken(
                    "who asks later does not take the gap of the operators' lease",
                    at,
                    format!("{} on {}", self.who(request), Self::name(sight, node)),
                );
            }
        }
    }

    // What holds whenever an event is over.

    fn requests_at_rest(&mut self, at: u64, sight: &Sight<'_>) {
        let mut open = 0;
        let all: Vec<u32> = self
            .books
            .alive()
            .filter(|(_, asked)| asked.fate == Fate::Open)
            .map(|(request, _)| request)
            .collect();
        for request in all {
            open += 1;
            let asked = self.books.asked[&request].clone();
            let alive =
                asked.in_line.is_some() || asked.retry_at.is_some() || !asked.instances.is_empty() || asked.ghosts > 0;
            if !alive {
                self.pending.push(("nobody is forgotten", self.who(request)));
            }
            if let (Some(_), Patience::Wait { patience }) = (asked.in_line, asked.patience) {
                if at > asked.it.start.0 + patience.0 {
                    self.broken("nobody waits longer than its patience", at, self.who(request));
                }
                let head = || {
                    let before = |other: &Asked| {
                        other.it.class == asked.it.class && other.in_line.is_some() && other.in_line < asked.in_line
                    };
                    !self.books.alive().any(|(_, other)| before(other))
                };
                if (!self.strict(&asked) || head()) && self.fits(request, sight) {
                    self.pending
                        .push(("nobody waits while something that fits is free", self.who(request)));
                }
            }
            if asked.retry_at.is_some_and(|due| due < at) {
                self.broken(
                    "a refused request asks again when its pause is over",
                    at,
                    self.who(request),
                );
            }
        }
        let arrived = self.books.asked.len() as u64;
        if arrived != self.books.accepted + self.books.refused + open {
            self.broken(
                "arrived = accepted + refused + waiting",
                at,
                format!("{arrived} arrived, {open} open"),
            );
        }
        self.quotas_at_rest(at);
    }

    fn quotas_at_rest(&mut self, at: u64) {
        if !self.plan.quotas.any() {
            return;
        }
        let pairs: BTreeSet<(u16, u16)> = self
            .books
            .alive()
            .map(|(_, asked)| (asked.it.tenant.0, asked.it.class.0))
            .collect();
        for (tenant, class) in pairs {
            let (machines, of_class) = self.plan.quotas.of(
                self.books.names.tenants.name(tenant),
                self.books.names.classes.name(class),
            );
            let (used, used_of_class) = self
                .books
                .in_use(sickbay::fleet::TenantId(tenant), sickbay::fleet::ClassId(class));
            if machines.is_some_and(|most| used > most) || of_class.is_some_and(|most| used_of_class > most) {
                let tenant = self.books.names.tenants.name(tenant).to_owned();
                self.broken(
                    "a quota is never exceeded",
                    at,
                    format!("tenant {tenant} uses {used}, {used_of_class} of the class"),
                );
            }
        }
    }

    fn nodes_at_rest(&mut self, at: u64, sight: &Sight<'_>) {
        for node in sight.fleet.ids() {
            let it = sight.fleet.node(node);
            let name = Self::name(sight, node);
            let tenants = self.books.on(node);
            let there: Vec<u32> = match it.party() {
                Some(Party::Tenant(request)) => vec![request],
                _ => Vec::new(),
            };
            if tenants != there {
                self.broken(
                    "one occupant a node, who has claimed it",
                    at,
                    format!("{name} holds {there:?}, claims {tenants:?}"),
                );
            }
            if it.in_maintenance() != (self.books.windows_on(node) > 0) && self.scenario_holds_are_windows() {
                self.broken(
                    "a node is held while a window is open on it",
                    at,
                    format!("{name}: {:?}, {} windows", it.holds, self.books.windows_on(node)),
                );
            }
            self.standing_at_rest(at, node, sight);
            self.stay_at_rest(at, node, sight);
        }
    }

    /// With one flag for all reasons, automation may clear what an operator has set.
    fn scenario_holds_are_windows(&self) -> bool {
        true
    }

    fn standing_at_rest(&mut self, at: u64, node: NodeId, sight: &Sight<'_>) {
        let it = sight.fleet.node(node);
        let stands = self.books.standing.get(&node).copied().unwrap_or_default();
        let party = it.party();
        let same = stands.provision() == it.provision
            && (stands.class() == it.class.0 || !it.installed())
            && stands.is(Standing::HELD) == it.in_maintenance()
            && stands.is(Standing::TENANT) == matches!(party, Some(Party::Tenant(_)))
            && stands.is(Standing::ERRAND) == matches!(party, Some(Party::Errand(_)))
            && stands.is(Standing::BROKEN) == (it.health() != sickbay::fleet::Health::Healthy)
            && (!stands.is(Standing::OFFERED) || (it.installed() && sight.view.free(node)));
        if !same {
            self.broken(
                "a node stands as it was told",
                at,
                format!("{} stands {stands:?}, is {it:?}", Self::name(sight, node)),
            );
        }
    }

    fn stay_at_rest(&mut self, at: u64, node: NodeId, sight: &Sight<'_>) {
        let name = Self::name(sight, node);
        let Some(&(from, until)) = self.plan.stays.get(&name) else {
            return;
        };
        let it = sight.fleet.node(node);
        if at < from && it.installed() {
            self.broken(
                "a node is in the fleet in its time",
                at,
                format!("{name} is there before it joins"),
            );
        }
        let idle = it.is_empty()
            && matches!(
                it.provision,
                Provision::Available | Provision::CleanFailed | Provision::Manageable
            );
        let stands = self.books.standing.get(&node).copied().unwrap_or_default();
        if until.is_some_and(|until| at > until) && (idle || stands.is(Standing::OFFERED)) {
            self.broken(
                "a node is in the fleet in its time",
                at,
                format!("{name} is idle in it after it left: {:?}", it.provision),
            );
        }
    }

    /// A campaign with a free place and a node for it takes it.
    fn campaigns_at_rest(&mut self, at: u64, sight: &Sight<'_>) {
        let alone = self.plan.campaigns.len() == 1 && self.plan.spells.iter().all(|spell| spell.2 != "planned");
        let Some(campaign) = self.plan.campaigns.first() else {
            return;
        };
        if at <= campaign.start {
            let names = &self.books.names;
            let takes = |&node: &NodeId| {
                sight.fleet.node(node).installed()
                    && campaign.takes_class(names.classes.name(sight.fleet.node(node).class.0))
            };
            self.touched[0] = sight.fleet.ids().filter(takes).collect();
            if at < campaign.start {
                return;
            }
        }
        let open = campaign.window.as_ref().is_none_or(|hours| self.plan.within(hours, at));
        if !alone || !open || campaign.every.is_some() || !campaign.whole || campaign.waves || campaign.inside {
            return;
        }
        let leaves = |node: NodeId| {
            let stay = self.plan.stays.get(sight.fleet.name(node));
            stay.and_then(|stay| stay.1).is_some_and(|until| at >= until)
        };
        let left: Vec<NodeId> = self.touched[0].difference(&self.taken[0]).copied().collect();
        for node in left
            .into_iter()
            .filter(|&node| sight.fleet.node(node).installed() && !sight.fleet.node(node).retired && !leaves(node))
        {
            let (others, allowed) = self.budget(0, node, sight);
            if (away(sight, node) && !campaign.own_only) || others < allowed {
                self.pending.push((
                    "a campaign does not leave a place of its budget idle",
                    format!("{}: {others} of {allowed} are away", Self::name(sight, node)),
                ));
                return;
            }
        }
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
        if let Fact::LeaseBegan { .. } = fact {
            self.of_windows(at, fact, sight);
        }
        if !matches!(fact, Fact::WindowOpened { .. } | Fact::LeaseBegan { .. }) {
            self.of_requests(at, fact, sight);
            self.of_windows(at, fact, sight);
        }
        self.books.enter(at, fact, sight, self.plan);
        if let Fact::WindowOpened { node, .. } = *fact {
            self.of_windows(at, fact, sight);
            if self.leases() {
                self.leased.entry(node).or_default();
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
        self.decision_over(at);
        self.requests_at_rest(at, sight);
        self.nodes_at_rest(at, sight);
        self.campaigns_at_rest(at, sight);
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
