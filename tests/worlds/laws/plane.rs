//! Laws of the control plane: server groups, images and reservations, crews, cleans, and flags that are left on.

use sickbay::fleet::{Mark, RequestId, WindowId};
use sickbay::workload::GroupPolicy;

use super::*;
use crate::worlds::plan::Crew;

/// What these laws keep beside the books.
#[derive(Debug, Default)]
pub struct Plane {
    /// Nodes that a tenant has left and that have not been through with that, and whether their class had changed under
    /// the tenant.
    left: BTreeMap<NodeId, bool>,
    /// Nodes whose entry is done and whose return has not begun.
    covered: BTreeSet<NodeId>,
    /// Windows at work, with the crews that may have begun it.
    hands: BTreeMap<WindowId, Vec<usize>>,
}

impl Laws<'_> {
    pub(super) fn of_plane(&mut self, at: u64, fact: &Fact, sight: &Sight<'_>) {
        match *fact {
            Fact::Claimed { request, node, .. } => self.lets_through(at, request, node, sight),
            Fact::Released { node, .. } | Fact::Evicted { node, .. } | Fact::Interrupted { node, .. } => {
                self.plane.left.insert(node, Self::reclassed(node, sight));
            }
            Fact::Hidden { node } => _ = self.plane.covered.insert(node),
            Fact::WindowOpened { node, .. } if self.books.windows_on(node) == 0 => {
                self.plane.covered.remove(&node);
            }
            Fact::Returned { node } | Fact::Slipped { node } | Fact::LeaseExpired { node, .. } => {
                self.plane.covered.remove(&node);
            }
            Fact::WorkBegan { window, node, .. } => self.crew_begins(at, window, node, sight),
            Fact::WorkDone { window, .. } | Fact::WorkCut { window, .. } => _ = self.plane.hands.remove(&window),
            _ => {}
        }
    }

    pub(super) fn plane_at_rest(&mut self, at: u64, sight: &Sight<'_>) {
        self.cleans_at_rest(at, sight);
        self.covers_at_rest(at, sight);
        self.groups_at_rest(at, sight);
    }

    /// Filters that are enabled hold for alternates too, since nothing that they look at changes here.
    fn lets_through(&mut self, at: u64, request: RequestId, node: NodeId, sight: &Sight<'_>) {
        let (policy, demand) = (&self.scenario.policy, &self.scenario.demand);
        let Some(asked) = self.books.asked.get(&request).filter(|asked| !asked.seated) else {
            return;
        };
        let Some(extras) = demand.extras.get(usize::from(asked.it.extras)) else {
            return;
        };
        let kind = sight.fleet.kind(node);
        let names = &self.books.names;
        let asks = extras.image_properties.get("hw_architecture");
        let wanted = asks.or(policy.settings.default_architecture.as_ref());
        let model = names.models.get(usize::from(kind.model));
        let has = model.and_then(|model| model.capabilities.get("cpu_arch"));
        let mut broken = Vec::new();
        if policy.enables("ImagePropertiesFilter") && wanted.is_some() && has != wanted {
            broken.push("no image runs on another architecture");
        }
        let pooled = names
            .aggregates
            .iter()
            .any(|one| one.name == "pool" && one.groups.contains(&kind.group));
        if policy.enables("BlazarFilter")
            && !self.plan.regroups
            && pooled != extras.reservation.iter().any(|name| name == "pool")
        {
            broken.push("a reservation's nodes are for those who have it");
        }
        for law in broken {
            let what = format!("{} on {}", self.who(request), Self::name(sight, node));
            self.broken(law, at, what);
        }
    }

    /// After a delete the node is not offered while it is cleaned. (A class, or the mark that is one, which has changed
    /// under the tenant keeps the driver from writing at the delete: Placement refuses it, InventoryInUse.)
    fn cleans_at_rest(&mut self, at: u64, sight: &Sight<'_>) {
        for (node, was_reclassed) in self.plane.left.clone() {
            if !matches!(
                sight.fleet.node(node).provision,
                Provision::Cleaning | Provision::Deleting
            ) {
                self.plane.left.remove(&node);
            } else if sight.view.free(node) && !was_reclassed && !Self::reclassed(node, sight) {
                self.broken("a node is not offered while it is cleaned", at, Self::name(sight, node));
            }
        }
    }

    fn reclassed(node: NodeId, sight: &Sight<'_>) -> bool {
        let (seen, is) = (sight.view.listing(node), sight.fleet.node(node));
        let marked = |marks: sickbay::fleet::Marks| marks.has(Mark::MaintenanceClass);
        seen.class != is.class || marked(seen.marks) != marked(is.marks)
    }

    /// Where nobody slips, who ends his own work leaves flag or mark on for the others.
    fn covers_at_rest(&mut self, at: u64, sight: &Sight<'_>) {
        // Who lifts the flag for a boot sets it again; and what the power check clears, no human has.
        let bare = match self.variant.name {
            "naive" => true,
            "withdraw" => self.param("route") == "expose" || self.plan.power,
            _ => false,
        };
        if bare || self.plan.slip_flag > 0.0 {
            return;
        }
        let open = |node: &&NodeId| self.books.windows_on(**node) > 0;
        let covered: Vec<NodeId> = self.plane.covered.iter().filter(open).copied().collect();
        for node in covered {
            let it = sight.fleet.node(node);
            if !it.flag() && it.marks.is_empty() && it.owner() != Some(sickbay::fleet::TenantId::OPERATORS) {
                let what = format!("{}: {} windows", Self::name(sight, node), self.books.windows_on(node));
                self.broken("who ends his work leaves flag and mark on for the others", at, what);
            }
        }
    }

    /// Every machine of a server group that runs is where the group's policy lets it be.
    fn groups_at_rest(&mut self, at: u64, sight: &Sight<'_>) {
        if self.plan.regroups {
            return;
        }
        let mut there: BTreeMap<&str, BTreeMap<sickbay::fleet::GroupId, u32>> = BTreeMap::new();
        let mut groups = BTreeMap::new();
        for (_, asked) in self.books.alive() {
            let extras = self.scenario.demand.extras.get(usize::from(asked.it.extras));
            let Some(group) = extras.and_then(|extras| extras.group.as_ref()) else {
                continue;
            };
            groups.insert(group.name.as_str(), group);
            for (&node, _) in asked.instances.iter().filter(|(_, instance)| instance.active.is_some()) {
                let services = there.entry(group.name.as_str()).or_default();
                *services.entry(sight.fleet.kind(node).group).or_default() += 1;
            }
        }
        let breaks = |name: &str| {
            let (group, services) = (groups.get(name)?, there.get(name)?);
            let breaks = match group.policy {
                GroupPolicy::Affinity => services.len() > 1,
                GroupPolicy::AntiAffinity => services.values().any(|&n| n > group.most_per_host.unwrap_or(1)),
                GroupPolicy::SoftAffinity | GroupPolicy::SoftAntiAffinity => false,
            };
            breaks.then(|| format!("{name}: {services:?}"))
        };
        if let Some(what) = there.keys().find_map(|name| breaks(name)) {
            self.broken("a server group's policy holds for what runs", at, what);
        }
    }

    /// Work is begun by a crew on shift that may do it, and has somebody free.
    fn crew_begins(&mut self, at: u64, window: WindowId, node: NodeId, sight: &Sight<'_>) {
        if self.plan.crews.is_empty() {
            return;
        }
        let rack = self.books.names.racks.name(sight.fleet.kind(node).rack.0).to_owned();
        let page = self.books.windows.get(&window);
        let of_campaign = page.is_some_and(|page| page.campaign.is_some());
        let may = |crew: &Crew| {
            let skilled =
                crew.skills.is_empty() || crew.skills.iter().any(|skill| (skill == "campaign") == of_campaign);
            let on = crew.shift.as_ref().is_none_or(|hours| self.plan.within(hours, at));
            skilled && on && (crew.racks.is_empty() || crew.racks.contains(&rack))
        };
        let crews = &self.plan.crews;
        let able: Vec<usize> = (0..crews.len()).filter(|&place| may(&crews[place])).collect();
        let what = format!("window {window} on {}", Self::name(sight, node));
        if able.is_empty() {
            self.broken("work is begun by a crew that may do it, in its shift", at, what.clone());
        }
        self.plane.hands.insert(window, able);
        // Hall: whatever crews are picked, those whom only they can have begun are no more than their hands.
        for picked in 1_u32..1 << crews.len() {
            let is = |place: usize| picked & 1 << place != 0;
            let most: i64 = (0..crews.len())
                .filter(|&place| is(place))
                .map(|place| crews[place].technicians)
                .sum();
            let hands = self.plane.hands.values();
            let theirs = hands.filter(|able| able.iter().all(|&place| is(place))).count() as i64;
            if theirs > most {
                self.broken("no crew is at more work than it has hands", at, what);
                return;
            }
        }
    }
}
