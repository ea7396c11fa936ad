//! The audit: conservation laws over facts. A broken law is a bug of the model, never of its
//! input, so it panics with the law, the simulated time and the names.
//!
//! Its books are kept from facts alone. The laws that cost a constant time are checked at every
//! fact of every run; the recount of the whole fleet against the books at the end of every run,
//! and at every fact where the audit is strict.

mod broken;

use broken::{
    backwards, broken, broken_by, node_name, not_from_there, not_its_claim, request_name, too_few, two_on_one,
};

use crate::fleet::{Health, NodeId, Party, Provision, RequestId, TenantId};
use crate::kernel::Time;
use crate::scenario::Scenario;
use crate::view::View;
use crate::workload::{Kind, Pages};
use crate::world::{Fact, Observer, PROVISIONS, Sight, Standing};

/// A request's state in the books.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Not asked yet.
    Fresh,
    /// Asked, neither accepted nor refused.
    Open,
    Accepted,
    Refused,
}

/// A request's entry in the books, while it is open or has a claim.
#[derive(Clone, Copy, Debug)]
struct Entry {
    state: State,
    /// Instances that became active.
    active: u32,
    /// Claims that were lost at once and whose builds are still to fail.
    lost: u32,
}

/// A node's page in the books.
#[derive(Clone, Copy, Debug)]
struct Page {
    /// Since when it stands as it does; `Time::NEVER`: it has not stood yet.
    since: Time,
    /// The request that has an open claim on it, or nobody.
    claimed: RequestId,
    standing: Standing,
}

const NOBODY: RequestId = RequestId(u32::MAX);

impl Page {
    /// The request that has an open claim on the node.
    fn claim(&self) -> Option<RequestId> {
        (self.claimed != NOBODY).then_some(self.claimed)
    }

    /// Whether it has stood at least once.
    fn told(&self) -> bool {
        self.since != Time::NEVER
    }

    /// Since when its time is not booked.
    fn booked(&self) -> Time {
        if self.told() { self.since } else { Time::ZERO }
    }
}

/// Requests by state and claims by end.
#[derive(Clone, Copy, Debug, Default)]
struct Totals {
    arrived: u64,
    accepted: u64,
    refused: u64,
    claims: u64,
    ends: u64,
}

/// The observer that holds a run to the conservation laws.
#[derive(Debug)]
pub struct Audit {
    strict: bool,
    requests: Pages<Entry>,
    pages: Vec<Page>,
    /// A claim on a node that has another one: the driver has to refuse it at once.
    contested: Option<(RequestId, NodeId)>,
    node_ms: [u64; PROVISIONS],
    totals: Totals,
    now: Time,
}

impl Audit {
    /// The audit of one run: the laws of constant cost at every fact, the recount at the end.
    #[must_use]
    pub fn new(scenario: &Scenario) -> Audit {
        Audit {
            strict: false,
            contested: None,
            requests: Pages::default(),
            pages: vec![
                Page {
                    standing: Standing::default(),
                    since: Time::NEVER,
                    claimed: NOBODY,
                };
                scenario.fleet.nodes.len()
            ],
            node_ms: [0; PROVISIONS],
            totals: Totals::default(),
            now: Time::ZERO,
        }
    }

    /// The same with the recount after every event.
    #[must_use]
    pub fn strict(self) -> Audit {
        Audit { strict: true, ..self }
    }

    /// A request's state. One that has no entry any more is decided and keeps no machine.
    #[inline]
    fn state(&self, request: RequestId) -> State {
        match self.requests.get(request.0) {
            Some(entry) => entry.state,
            None if request.0 < self.requests.next() => State::Refused,
            None => State::Fresh,
        }
    }

    #[inline(always)]
    fn arrived(&mut self, at: Time, request: RequestId, sight: &Sight<'_>) {
        // They arrive in the order of their numbers.
        if request.0 != self.requests.next() {
            broken_by(sight, "a request arrives once", at, (request, None));
        }
        self.requests.push(Entry {
            state: State::Open,
            active: 0,
            lost: 0,
        });
        self.totals.arrived += 1;
    }

    /// The request has the machines that it needs.
    #[inline(always)]
    fn accepted(&mut self, at: Time, request: RequestId, sight: &Sight<'_>) {
        let active = self.closed(at, request, State::Accepted, sight);
        self.totals.accepted += 1;
        // Siblings whose builds failed are lost alone.
        if active == 0 {
            too_few(sight, at, request, (active, 1));
        }
    }

    /// The request is decided for good; how many of its instances became active.
    #[inline(always)]
    fn closed(&mut self, at: Time, request: RequestId, to: State, sight: &Sight<'_>) -> u32 {
        let mut active = None;
        if let Some(entry) = self.requests.get_mut(request.0)
            && entry.state == State::Open
        {
            entry.state = to;
            active = Some(entry.active);
        }
        self.requests.release(request.0);
        active.unwrap_or_else(|| self.closed_before(at, request, to, sight))
    }

    #[cold]
    fn closed_before(&self, at: Time, request: RequestId, to: State, sight: &Sight<'_>) -> ! {
        let (who, from) = (request_name(sight, request), self.state(request));
        broken(
            "a request is accepted or refused once, after it arrived",
            at,
            &format!("{who} is {to:?} though it was {from:?}"),
        );
    }

    #[inline(always)]
    fn claimed(&mut self, at: Time, request: RequestId, node: NodeId, attempt: u8, sight: &Sight<'_>) {
        let both = (request, Some(node));
        if matches!(self.state(request), State::Fresh | State::Refused) {
            let law = "only a request that arrived and is not refused claims";
            broken_by(sight, law, at, both);
        }
        let page = &mut self.pages[node.at()];
        // Alternates were fixed at the decision: the view may have learnt more since.
        let first = attempt <= 1;
        if first
            && page.standing.is(Standing::HIDDEN)
            && !operators(sight, request)
            && !is_kept_for_it(sight, request, node)
        {
            broken_by(sight, "no automatic claim on a node that the view hides", at, both);
        }
        self.totals.claims += 1;
        self.requests.keep(request.0);
        if page.claimed == NOBODY {
            page.claimed = request;
        } else {
            self.contested = Some((request, node));
        }
    }

    /// The driver found the node to be other than the view said: the claim takes nothing.
    fn lost(&mut self, at: Time, request: RequestId, node: NodeId, sight: &Sight<'_>) {
        self.totals.ends += 1;
        if let Some(entry) = self.requests.get_mut(request.0) {
            entry.lost += 1;
        }
        self.requests.release(request.0);
        let page = &mut self.pages[node.at()];
        if self.contested == Some((request, node)) {
            self.contested = None;
        } else if page.claimed == request {
            page.claimed = NOBODY;
        } else {
            let what = format!("{} loses {}", request_name(sight, request), node_name(sight, node));
            broken("only a claim is lost", at, &what);
        }
    }

    /// A build failed: on its node, or that of a claim that was lost at once.
    fn build_failed(&mut self, at: Time, request: RequestId, node: NodeId, sight: &Sight<'_>) {
        let entry = self.requests.get_mut(request.0).filter(|entry| entry.lost > 0);
        match entry {
            Some(entry) if self.pages[node.at()].claimed != request => entry.lost -= 1,
            _ => self.ended(at, request, node, sight),
        }
    }

    /// A contested claim has to be lost before anything else happens.
    fn contest_is_over(&mut self, at: Time, fact: Fact, sight: &Sight<'_>) {
        if let Some((request, node)) = self.contested
            && !matches!(fact, Fact::Conflict { .. } | Fact::Misplaced { .. })
        {
            self.still_contested(at, request, node, sight);
        }
    }

    #[cold]
    fn still_contested(&self, at: Time, request: RequestId, node: NodeId, sight: &Sight<'_>) {
        let other = self.pages[node.at()].claim().unwrap_or(request);
        let (other, who) = (request_name(sight, other), request_name(sight, request));
        broken(
            "one occupant a node",
            at,
            &format!("{who} is on {}, where {other} is", node_name(sight, node)),
        );
    }

    #[inline(always)]
    fn activated(&mut self, at: Time, request: RequestId, node: NodeId, sight: &Sight<'_>) {
        if self.pages[node.at()].claimed != request {
            let law = "no instance is active without a claim";
            broken_by(sight, law, at, (request, Some(node)));
        }
        if let Some(entry) = self.requests.get_mut(request.0) {
            entry.active += 1;
        }
    }

    /// A claim ended, in one of its four ways.
    #[inline(always)]
    fn ended(&mut self, at: Time, request: RequestId, node: NodeId, sight: &Sight<'_>) {
        let page = &mut self.pages[node.at()];
        if page.claimed != request {
            not_its_claim(sight, at, (request, node), page.claim());
        }
        page.claimed = NOBODY;
        self.totals.ends += 1;
        self.requests.release(request.0);
    }

    #[inline(always)]
    fn stood(&mut self, at: Time, node: NodeId, from: Standing, to: Standing, sight: &Sight<'_>) {
        let page = &mut self.pages[node.at()];
        // The first standing comes from nowhere; only its class may be more than a default.
        let known = if page.told() {
            page.standing
        } else {
            Standing::new(Provision::Enroll, from.class())
        };
        if from != known {
            not_from_there(sight, at, node, (known, from));
        }
        if to.is(Standing::TENANT) && to.is(Standing::ERRAND) {
            two_on_one(sight, at, node);
        }
        self.node_ms[page.standing.state()] += (at - page.booked()).0;
        (page.standing, page.since) = (to, at);
    }

    /// The end of the run: everything is recounted.
    fn settle(&mut self, at: Time, sight: &Sight<'_>) {
        for page in &mut self.pages {
            self.node_ms[page.standing.state()] += (at - page.booked()).0;
            if page.told() {
                page.since = at;
            }
        }
        let total: u64 = self.node_ms.iter().sum();
        let due = self.pages.len() as u64 * at.0;
        if total != due {
            broken(
                "node-hours sum to nodes times time",
                at,
                &format!("{total} ms, not {due} ms"),
            );
        }
        let entries = self.requests.iter();
        let waiting = entries.filter(|(_, entry)| entry.state == State::Open).count() as u64;
        let Totals {
            arrived,
            accepted,
            refused,
            claims,
            ends,
        } = self.totals;
        if arrived != accepted + refused + waiting {
            let what = format!("{arrived} arrived, {accepted} accepted, {refused} refused, {waiting} waiting");
            broken("arrived = accepted + refused + waiting", at, &what);
        }
        let open = self.pages.iter().filter(|page| page.claim().is_some()).count() as u64;
        if claims != ends + open {
            broken(
                "every claim has one end",
                at,
                &format!("{claims} claims, {ends} ends, {open} open"),
            );
        }
        for node in (0..self.pages.len()).map(|node| NodeId(node as u32)) {
            let page = &self.pages[node.at()];
            if let Some(request) = page.claim().filter(|&request| self.state(request) == State::Refused) {
                let what = format!("{} on {}", request_name(sight, request), node_name(sight, node));
                broken("a refused request keeps no machine", at, &what);
            }
        }
        self.recount(at, sight);
    }

    /// The whole fleet against the books.
    fn recount(&self, at: Time, sight: &Sight<'_>) {
        for node in (0..self.pages.len()).map(|node| NodeId(node as u32)) {
            if let Some(what) = difference(&self.pages[node.at()], node, sight) {
                broken("the books agree with the fleet", at, &what);
            }
        }
    }
}

impl Observer for Audit {
    #[inline(always)]
    fn told(&mut self, at: Time, fact: &Fact, sight: &Sight<'_>) {
        if at < self.now {
            backwards(at, *fact, self.now);
        }
        self.now = at;
        if self.contested.is_some() {
            self.contest_is_over(at, *fact, sight);
        }
        match *fact {
            Fact::Stood { node, from, to } => self.stood(at, node, from, to, sight),
            Fact::Arrived { request } => self.arrived(at, request, sight),
            Fact::Accepted { request } => self.accepted(at, request, sight),
            Fact::Refused { request, .. } => {
                self.closed(at, request, State::Refused, sight);
                self.totals.refused += 1;
            }
            Fact::Claimed { request, node, attempt } => self.claimed(at, request, node, attempt, sight),
            Fact::Active { request, node } => self.activated(at, request, node, sight),
            Fact::Released { request, node }
            | Fact::Evicted { request, node }
            | Fact::Interrupted { request, node } => self.ended(at, request, node, sight),
            Fact::BuildFailed { request, node, .. } => self.build_failed(at, request, node, sight),
            Fact::Conflict { request, node } => self.lost(at, request, node, sight),
            Fact::Ended => self.settle(at, sight),
            _ => {}
        }
    }

    /// Within an event the world may be halfway when it tells a fact: only afterwards must all agree.
    #[inline(always)]
    fn rested(&mut self, at: Time, sight: &Sight<'_>) {
        if self.strict {
            self.recount(at, sight);
        }
    }
}

/// Whether the request is the operators' own, for whom hidden nodes are not hidden.
fn operators(sight: &Sight<'_>, request: RequestId) -> bool {
    sight
        .find(request)
        .is_some_and(|asked| asked.tenant == TenantId::OPERATORS || asked.kind == Kind::Operator)
}

/// Whether an aggregate of the scenario's keeps the node or its compute service for the request's tenant, among others: to
/// `AggregateMultiTenancyIsolation` that holds whatever other aggregate the operators put it into.
#[cold]
fn is_kept_for_it(sight: &Sight<'_>, request: RequestId, node: NodeId) -> bool {
    let (names, kind) = (&sight.fleet.names, sight.fleet.kind(node));
    let Some(asked) = sight.find(request) else { return false };
    let tenant = names.tenants.name(asked.tenant.0);
    let model = names.models.get(usize::from(kind.model));
    let has = |name: &String| model.is_some_and(|model| model.aggregates.contains(name));
    let of_node = names
        .aggregates
        .iter()
        .filter(|one| one.groups.contains(&kind.group) || has(&one.name));
    let mut kept_for = of_node
        .flat_map(|one| &one.metadata)
        .filter(|(key, _)| key.starts_with("filter_tenant_id"))
        .flat_map(|(_, tenants)| tenants.split(','));
    kept_for.any(|name| name.trim() == tenant)
}

/// In what the fleet, or the view's offer, differs from a node's page.
fn difference(page: &Page, id: NodeId, sight: &Sight<'_>) -> Option<String> {
    let node = sight.fleet.node(id);
    let tenant = match node.party() {
        Some(Party::Tenant(request)) => Some(request),
        _ => None,
    };
    let stands = page.standing;
    let free = offered(&sight.view, id).map_or(stands.is(Standing::OFFERED), |free| {
        free && node.installed() && !stands.is(Standing::HIDDEN)
    });
    let real = Standing::new(node.provision, node.class.0)
        .when(stands.is(Standing::HIDDEN), Standing::HIDDEN)
        .when(node.retired && node.installed(), Standing::RETIRED)
        .when(node.in_maintenance(), Standing::HELD)
        .when(node.health() != Health::Healthy, Standing::BROKEN)
        .when(tenant.is_some(), Standing::TENANT)
        .when(matches!(node.party(), Some(Party::Errand(_))), Standing::ERRAND)
        .when(free, Standing::OFFERED);
    // A node that never stood is not in the fleet and has no page to differ from.
    if real != stands && (page.told() || node.installed()) {
        let name = sight.fleet.name(id);
        return Some(format!("node {name} stands {real:?}, in the books {stands:?}"));
    }
    (tenant != page.claim()).then(|| {
        format!(
            "node {} holds {tenant:?}, in the books {:?}",
            sight.fleet.name(id),
            page.claim()
        )
    })
}

/// Whether the view counts the node as free, if it has a row for it at all.
fn offered(view: &View, node: NodeId) -> Option<bool> {
    (node.at() < view.len()).then(|| view.free(node))
}

#[cfg(test)]
mod tests;
