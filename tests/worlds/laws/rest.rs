//! What holds whenever an event is over.

use super::*;
use sickbay::fleet::RequestId;

impl Laws<'_> {
    pub(super) fn requests_at_rest(&mut self, at: u64, sight: &Sight<'_>) {
        let mut open = 0;
        let all: Vec<RequestId> = self
            .books
            .alive()
            .filter(|(_, asked)| asked.fate == Fate::Open)
            .map(|(request, _)| request)
            .collect();
        for request in all {
            open += 1;
            let asked = self.books.asked[&request].clone();
            let alive = asked.in_line || asked.retry_at.is_some() || !asked.instances.is_empty() || asked.ghosts > 0;
            if !alive {
                self.pending.push(("nobody is forgotten", self.who(request)));
            }
            if let (true, Patience::Wait { patience }) = (asked.in_line, asked.patience) {
                if at > asked.it.start.0 + patience.0 {
                    self.broken("nobody waits longer than its patience", at, self.who(request));
                }
                // Whose builds failed in no time pauses for a second, and twice as long each time, up to 64.
                let pause = SECOND << asked.times_at_once.saturating_sub(1).min(6);
                let pauses = asked.failed_at_once.is_some_and(|failed| at < failed + pause);
                if !pauses && !self.held_back(request, &asked) && self.fits(request, sight) {
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

    pub(super) fn quotas_at_rest(&mut self, at: u64) {
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
            let (id, of) = (sickbay::fleet::TenantId(tenant), sickbay::fleet::ClassId(class));
            let (used, used_of_class) = self.books.in_use(id, of);
            // Who had more when the run began gets no more until enough of it has gone.
            let (had, had_of_class) = self.books.seats(id, of);
            if machines.is_some_and(|most| used > most.max(had))
                || of_class.is_some_and(|most| used_of_class > most.max(had_of_class))
            {
                let tenant = self.books.names.tenants.name(tenant).to_owned();
                self.broken(
                    "a quota is never exceeded",
                    at,
                    format!("tenant {tenant} uses {used}, {used_of_class} of the class"),
                );
            }
        }
    }

    pub(super) fn nodes_at_rest(&mut self, at: u64, sight: &Sight<'_>) {
        for node in sight.fleet.ids() {
            let it = sight.fleet.node(node);
            let name = Self::name(sight, node);
            let tenants = self.books.on(node);
            let there: Vec<RequestId> = match it.party() {
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
            if it.in_maintenance() != (self.books.windows_on(node) > 0) {
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

    pub(super) fn standing_at_rest(&mut self, at: u64, node: NodeId, sight: &Sight<'_>) {
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

    pub(super) fn stay_at_rest(&mut self, at: u64, node: NodeId, sight: &Sight<'_>) {
        let name = Self::name(sight, node);
        let Some((from, until)) = self.plan.stay(&name) else {
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
        // Behind a loop Placement lists what it last read until the next pass.
        let offered = stands.is(Standing::OFFERED) && self.plan.instant;
        if until.is_some_and(|until| at > until) && (idle || offered) {
            self.broken(
                "a node is in the fleet in its time",
                at,
                format!("{name} is idle in it after it left: {:?}", it.provision),
            );
        }
    }

    /// A campaign with a free place and a node for it takes it.
    pub(super) fn campaigns_at_rest(&mut self, at: u64, sight: &Sight<'_>) {
        (0..self.plan.campaigns.len()).for_each(|place| self.campaign_at_rest(at, place, sight));
    }

    fn campaign_at_rest(&mut self, at: u64, place: usize, sight: &Sight<'_>) {
        let campaign = &self.plan.campaigns[place];
        // Its nodes are known when it is announced.
        if at <= campaign.start.saturating_sub(campaign.announce) {
            let names = &self.books.names;
            let takes = |&node: &NodeId| {
                sight.fleet.node(node).installed()
                    && campaign.takes_class(names.classes.name(sight.fleet.node(node).class.0))
            };
            self.touched[place] = sight.fleet.ids().filter(takes).collect();
        }
        let open = campaign.window.as_ref().is_none_or(|hours| self.plan.within(hours, at));
        let plain = campaign.every.is_none() && campaign.whole && !campaign.waves && !campaign.inside;
        if at < campaign.start || !open || !plain {
            return;
        }
        let left = self.touched[place].difference(&self.taken[place]).copied();
        let left: Vec<NodeId> = left
            .filter(|&node| sight.fleet.node(node).installed() && !self.goes(at, node, sight))
            .collect();
        for node in left {
            let (others, allowed) = self.budget(place, node, sight);
            // A node on its way back holds its place though hold, flag and mark are gone from it.
            let returning = |&other: &NodeId| {
                self.books.under_way.contains(&other)
                    && !self.books.away(sight, other)
                    && self.in_scope(campaign, node, other, sight)
            };
            let others = others + sight.fleet.ids().filter(returning).count();
            if (self.books.away(sight, node) && !campaign.own_only) || others < allowed {
                self.pending.push((
                    "a campaign does not leave a place of its budget idle",
                    format!("{}: {others} of {allowed} are away", Self::name(sight, node)),
                ));
                return;
            }
        }
    }
}
