//! Laws of when requests come, of what is said of those that are refused, and of what keeps them off a node.

use sickbay::fleet::{Health, RequestId};
use sickbay::workload::Multi;
use sickbay::world::BuildError;

use super::*;

impl Laws<'_> {
    /// Whether a decision takes what there is between the least and the count: Blazar's way.
    pub(super) fn takes_less(&self, asked: &Asked) -> bool {
        // A trace says by row whose way it is; of the others the scenario does.
        let source = usize::from(asked.it.source);
        if self.scenario.demand.sources[source].name == "traced" {
            return asked.it.multi == Multi::Blazar;
        }
        self.plan.blazar.get(source).copied().unwrap_or(false)
    }

    pub(super) fn comes_in_its_hours(&mut self, at: u64, request: RequestId, sight: &Sight<'_>) {
        let source = usize::from(sight.request(request).source);
        let Some(Some(week)) = self.plan.weeks.get(source) else {
            return;
        };
        let hour = self.plan.hour_of_week(at);
        if week.get(hour) == Some(&0) {
            let what = format!("request {request} in hour {hour} of the week");
            self.broken("nobody comes in an hour in which nobody does", at, what);
        }
    }

    pub(super) fn build_failed(
        &mut self,
        at: u64,
        request: RequestId,
        node: NodeId,
        error: BuildError,
        sight: &Sight<'_>,
    ) {
        let broken = sight.fleet.node(node).health() != Health::Healthy;
        let truly = match error {
            BuildError::Broken => broken,
            BuildError::Chance => self.scenario.settings.ironic.build_failure > 0.0,
            BuildError::Unavailable | BuildError::Withdrawn | BuildError::GroupPolicy => true,
        };
        // The build may have been doomed by hardware that was repaired meanwhile.
        let repaired = !self.scenario.maintenance.faults.is_empty();
        if !truly && !repaired {
            let what = format!("{} on {}: {error:?}", self.who(request), Self::name(sight, node));
            self.broken("a build fails for what it is said to fail for", at, what);
        }
    }

    /// Whether a node of its class goes out of the fleet, or has gone: one that is retired is offered until its tenant
    /// leaves it, and one that has gone is listed until the next pass of the loop. One whose class changes now may have
    /// become free at this very instant.
    pub(super) fn one_goes(&self, at: u64, asked: &Asked, sight: &Sight<'_>) -> bool {
        let of_class = |node: &NodeId| sight.view.listing(*node).class == asked.it.class;
        let mut nodes = sight.fleet.ids().filter(of_class);
        nodes.any(|node| self.goes(at, node, sight) || self.class_of(at, node, sight) != asked.it.class)
    }

    /// Whether a node leaves, or is retired.
    pub(super) fn goes(&self, at: u64, node: NodeId, sight: &Sight<'_>) -> bool {
        let stay = self.plan.stay(sight.fleet.name(node));
        sight.fleet.node(node).retired || stay.and_then(|stay| stay.1).is_some_and(|until| at >= until)
    }

    /// Whether a request that asks for a class and traits alone could be served now, or in time to come, by nodes that
    /// are in the fleet now, or are to join it, and stay as they are.
    pub(super) fn could_be_served(&self, at: u64, asked: &Asked, sight: &Sight<'_>) -> bool {
        let fleet = &sight.fleet;
        let owned = self.scenario.fleet.ids().any(|node| {
            self.scenario.fleet.node(node).owner().is_some() || self.scenario.fleet.kind(node).lessee.is_some()
        });
        let plain = asked.it.extras == 0 && !owned && !self.plan.filters && self.variant.name == "naive";
        let fits = |node: NodeId, then: u64| {
            let traits = fleet.kind(node).traits;
            !self.goes(at, node, sight)
                && self.class_of(then, node, sight) == asked.it.class
                && traits.covers(asked.it.required)
                && !traits.meets(asked.it.forbidden)
        };
        let stay = |node: NodeId| self.plan.stay(fleet.name(node)).unwrap_or((0, None));
        let joins = fleet.ids().map(|node| stay(node).0).filter(|&from| from > at);
        // How many there are at once, now or when one has joined.
        let there = |then: u64| {
            let is_there = |&node: &NodeId| {
                let is_or_joins = fleet.node(node).installed() || self.is_to_join(at, node, sight);
                let (from, until) = stay(node);
                fits(node, then) && is_or_joins && from <= then && until.is_none_or(|until| until > then)
            };
            fleet.ids().filter(is_there).count()
        };
        let most = [at].into_iter().chain(joins).map(there).max().unwrap_or(0);
        let names = &self.books.names;
        let (machines, of_class) = self.plan.quotas.of(
            names.tenants.name(asked.it.tenant.0),
            names.classes.name(asked.it.class.0),
        );
        let quota = [machines, of_class].into_iter().flatten().min();
        // Nova lowers the count only where there is a quota.
        let least = usize::from(asked.it.count);
        plain && most >= least && quota.is_none_or(|quota| quota >= least as i64)
    }

    /// Whether a node will be in the fleet, of the class that it has now.
    fn is_to_join(&self, at: u64, node: NodeId, sight: &Sight<'_>) -> bool {
        let joins = self
            .plan
            .stay(sight.fleet.name(node))
            .is_some_and(|(from, _)| from > at);
        let changes = |boundary: &&sickbay::fleet::Boundary| {
            boundary.node == node && matches!(boundary.change, sickbay::fleet::Change::Class(_))
        };
        joins && !self.scenario.fleet.boundaries.iter().any(|boundary| changes(&boundary))
    }

    /// A node's class, or the one that it gets as soon as nobody is on it.
    fn class_of(&self, at: u64, node: NodeId, sight: &Sight<'_>) -> sickbay::fleet::ClassId {
        let due = self.scenario.fleet.boundaries.iter();
        let due = due.filter(|boundary| boundary.node == node && boundary.at.0 <= at);
        let mut all = due.filter_map(|boundary| match boundary.change {
            sickbay::fleet::Change::Class(class) => Some(class),
            _ => None,
        });
        all.next_back().unwrap_or(sight.fleet.node(node).class)
    }

    /// A campaign that was announced takes a node: nobody was sent there since whose planned end runs into its work.
    pub(super) fn kept_clear(&mut self, at: u64, place: usize, node: NodeId, sight: &Sight<'_>) {
        let campaign = &self.plan.campaigns[place];
        if !self.plan.keep_clear || campaign.every.is_some() || self.leases() {
            return;
        }
        let known = campaign.start.saturating_sub(campaign.announce);
        let work = self.plan.opens(campaign.window.as_ref(), campaign.start);
        let runs_into = |&&(when, request): &&(u64, RequestId)| {
            let it = &self.books.asked[&request].it;
            let ends = if it.plans { when + it.planned.0 } else { u64::MAX };
            known < when && when < at && ends > work && it.kind != Kind::Operator
        };
        let sent = self.sent.get(&node).into_iter().flatten().find(runs_into).copied();
        if let Some((when, request)) = sent {
            let what = format!(
                "{} was sent to {} at {}",
                self.who(request),
                Self::name(sight, node),
                hour(when)
            );
            self.broken("who runs into announced work is kept off its node", at, what);
        }
    }
}
