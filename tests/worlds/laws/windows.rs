//! Laws of windows, budgets, hands-on work and leases, at the facts about them.

use sickbay::fleet::{ClassId, RequestId, WindowId};
use sickbay::scenario::values::duration;

use super::*;

/// More often than this no boot comes to a wrong node by chance.
const MOST_ASTRAY: u32 = 300;

impl Laws<'_> {
    pub(super) fn of_windows(&mut self, at: u64, fact: &Fact, sight: &Sight<'_>) {
        match *fact {
            Fact::WindowOpened { window, node, .. } => self.opened(at, window, node, sight),
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
                if page.campaign.is_some_and(|place| !inside(&self.plan.campaigns[place])) {
                    self.broken(
                        "work that is to be finished inside the window is",
                        at,
                        format!("window {window} on {}", Self::name(sight, node)),
                    );
                }
            }
            Fact::WindowClosed { window, node } => {
                let page = self.books.windows.get(&window);
                let open = page.is_some_and(|page| page.closed.is_none());
                if page.is_some_and(|page| page.endless) && !self.goes(at, node, sight) {
                    let what = format!("window {window} on {}", Self::name(sight, node));
                    self.broken("a spell without an end stays open", at, what);
                }
                if self.books.windows_on(node) <= 1 {
                    self.booked.remove(&node);
                }
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
            // A lease of minutes ends in step with the tries, each of which comes before its node is leased anew.
            Fact::Mistargeted { .. } if duration(self.param("lease")).is_ok_and(|lease| lease.0 < HOUR) => {}
            // A hint is not looked at before the filters, which may keep a boot off its node for good.
            Fact::Mistargeted { .. } if self.plan.filters => {}
            Fact::Mistargeted { window, errand, .. } => {
                let times = self.astray.entry((window, errand.0)).or_default();
                *times += 1;
                if *times > MOST_ASTRAY {
                    let what = format!("boot {} of window {window}", errand.0);
                    self.broken("a boot comes to its node in the end", at, what);
                }
            }
            Fact::LeaseBegan { node, .. } | Fact::Returned { node } => _ = self.booked.remove(&node),
            _ => {}
        }
    }

    pub(super) fn opened(&mut self, at: u64, window: WindowId, node: NodeId, sight: &Sight<'_>) {
        if Self::is_retired_for_good(sight, node) {
            let what = format!("window {window} on {}", Self::name(sight, node));
            self.broken("no window opens on a node that is retired for good", at, what);
        }
        let Some(place) = self.books.windows[&window].campaign else {
            return;
        };
        let campaign = &self.plan.campaigns[place];
        let what = format!("window {window} on {}", Self::name(sight, node));
        if let Some(until) = self.plan.stay(sight.fleet.name(node)).and_then(|stay| stay.1)
            && at >= until
        {
            let law = "a campaign takes no node whose time in the fleet is over";
            self.broken(law, at, what.clone());
        }
        if campaign
            .window
            .as_ref()
            .is_some_and(|hours| !self.plan.within(hours, at))
        {
            self.broken("a campaign takes nodes in its hours alone", at, what.clone());
        }
        if let Some(said) = self.over_budget(place, window, node, sight) {
            self.broken("a disruption budget holds", at, format!("{what}: {said}"));
        }
        self.kept_clear(at, place, node, sight);
        let open = self.books.open.get(&node).into_iter().flatten();
        let others = open
            .filter(|&&other| other != window && self.books.windows[&other].campaign == Some(place))
            .count();
        if others > 0 {
            self.broken("a node has one window of a campaign at a time", at, what);
        }
        self.taken[place].insert(node);
        // A window on a node that has its place still takes no second one.
        let class = self.books.windows[&window].class;
        self.out[place].entry(node).or_insert(class);
    }

    pub(super) fn in_scope(&self, campaign: &Campaign, node: NodeId, other: NodeId, sight: &Sight<'_>) -> bool {
        let it = sight.fleet.node(other);
        it.installed()
            && !Self::is_retired_for_good(sight, other)
            && Self::shares_scope(campaign, node, (other, it.class), sight)
    }

    /// Whether another node, as of a class, is in the place of a campaign's scope in which the node is.
    fn shares_scope(campaign: &Campaign, node: NodeId, (other, class): (NodeId, ClassId), sight: &Sight<'_>) -> bool {
        let fleet = &sight.fleet;
        match campaign.scope {
            Scope::Fleet => true,
            Scope::Class => class == fleet.node(node).class,
            Scope::Rack => fleet.kind(other).rack == fleet.kind(node).rack,
        }
    }

    /// The others of a node's scope that are away, and how many may be.
    pub(super) fn budget(&self, place: usize, node: NodeId, sight: &Sight<'_>) -> (usize, usize) {
        let campaign = &self.plan.campaigns[place];
        let members = sight
            .fleet
            .ids()
            .filter(|&other| self.in_scope(campaign, node, other, sight));
        let others = |&other: &NodeId| {
            other != node
                && if campaign.own_only {
                    self.takes_place(place, node, other, sight)
                } else {
                    self.books.away(sight, other) && self.in_scope(campaign, node, other, sight)
                }
        };
        let allowed = campaign.allows(members.count());
        (sight.fleet.ids().filter(others).count(), allowed)
    }

    /// Whether a node has a place of a campaign that counts its own alone: from its window's opening until it is back
    /// on offer, in the scope in which it was when it was taken.
    fn takes_place(&self, place: usize, node: NodeId, other: NodeId, sight: &Sight<'_>) -> bool {
        let is_out = self.books.away(sight, other) && !Self::is_retired_for_good(sight, other);
        let taken_in = self.out[place].get(&other).filter(|_| is_out);
        taken_in.is_some_and(|&class| Self::shares_scope(&self.plan.campaigns[place], node, (other, class), sight))
    }

    pub(super) fn over_budget(
        &self,
        place: usize,
        window: WindowId,
        node: NodeId,
        sight: &Sight<'_>,
    ) -> Option<String> {
        let open = self.books.open.get(&node).into_iter().flatten();
        let held_before = open.filter(|&&other| other != window).count() > 0;
        if held_before || self.books.left_behind(sight, node) || self.books.windows[&window].before_return {
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

    pub(super) fn work_began(&mut self, at: u64, window: WindowId, node: NodeId, sight: &Sight<'_>) {
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
        let hours = page
            .campaign
            .and_then(|place| self.plan.campaigns[place].window.as_ref());
        if hours.is_some_and(|hours| !self.plan.within(hours, at)) {
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
        // A boot may lift the flag, and whoever begins work sets it again; a slip or Ironic's power check takes it off.
        let flags = self.variant.name == "withdraw" && self.plan.slip_flag == 0.0 && !self.plan.power;
        // Who holds Ironic's lock keeps everybody from setting it; a node that is being cleaned is on offer to nobody.
        let there = sight.fleet.node(node);
        let locked = there.provision.name() == "cleaning" && !self.scenario.settings.ironic.agent;
        if flags && !there.flag() && !locked {
            self.broken("hands-on work begins under the flag", at, what.clone());
        }
        // A build that hangs under Ironic's flag waits for the work to be done, and is no tenant at work.
        let hangs = sight.fleet.node(node).provision == sickbay::fleet::Provision::Deploying;
        if let Some(Party::Tenant(request)) = sight.fleet.node(node).party()
            && !hangs
        {
            self.broken(
                "no work goes on under a tenant",
                at,
                format!("{what}, request {request}"),
            );
        }
    }

    /// The operators have asked for a lease of a node: it is booked from when the node's occupant planned to leave, or,
    /// with a length, at the first gap that holds it after the leases of those who asked before.
    pub(super) fn lease_wanted(&mut self, at: u64, node: NodeId, sight: &Sight<'_>) {
        let length = duration(self.param("lease")).ok();
        let occupant = self.books.on(node).first().map(|request| &self.books.asked[request]);
        let leaves = occupant.map_or(at, |asked| asked.decided + asked.it.planned.0);
        let mut from = leaves.max(at);
        if let Some(length) = length {
            let waiting = (0..sight.requests.made())
                .map(RequestId)
                .filter(|&request| sight.calendar.nodes_of(request).contains(&node));
            let leases = waiting.filter_map(|request| sight.find(request));
            let mut others: Vec<(u64, u64)> = leases.map(|it| (it.start.0, it.start.0 + it.planned.0)).collect();
            others.sort_unstable();
            for (start, end) in others {
                if start < from + length.0 && from < end {
                    from = end;
                }
            }
        }
        self.booked.insert(node, (at, from));
    }

    /// Nobody who asks later gets a node for longer than until the operators' lease of it begins.
    pub(super) fn keeps_off_the_lease(&mut self, at: u64, request: RequestId, node: NodeId, sight: &Sight<'_>) {
        let Some(&(wanted, from)) = self.booked.get(&node) else {
            return;
        };
        let it = &self.books.asked[&request].it;
        if it.arrival.0 > wanted && at + it.planned.0 > from {
            let what = format!(
                "{} on {}, booked from {}",
                self.who(request),
                Self::name(sight, node),
                hour(from)
            );
            self.broken("who asks later does not take the gap of the operators' lease", at, what);
        }
    }
}
