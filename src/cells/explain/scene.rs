//! What the nodes of a class were doing when a request for it was decided, in truth and not as
//! the scheduler saw them.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::fleet::{Hold, NodeId, Party, Provision};
use crate::kernel::Time;
use crate::scheduler::plain::DecisionTrace;
use crate::scheduler::{Ask, Rules, ShapeVerdict};
use crate::world::Sight;

/// So many nodes are named in each stage.
pub(super) const NAMED: usize = 10;

/// What a node was doing. The order is that in which they are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Doing {
    /// Free, and a candidate.
    Free,
    /// A tenant's instance runs.
    Tenant,
    /// An image is being written for a tenant.
    Deploying,
    /// An operators' image is on it.
    Errand,
    /// Idle, and in maintenance or hidden.
    Hidden,
    /// Idle and hidden, though nothing is to be done on it any more.
    Stranded,
    /// Being torn down or cleaned.
    Cleaning,
    /// Free, and another tenant's.
    OtherTenant,
    /// Free now, and leased to somebody else within the time that the request plans.
    Leased,
    /// Free, and it lacks what the request asks for.
    Unfit,
    /// Free, and the scheduler did not know it yet.
    Unseen,
    /// In another state of Ironic's.
    Away,
}

/// Nodes that were doing the same.
#[derive(Clone, Debug, Serialize)]
pub struct Group {
    /// What.
    pub doing: Doing,
    /// How many.
    pub count: usize,
    /// Up to ten of them.
    pub nodes: Vec<String>,
}

/// The nodes of a class at the moment of a decision.
#[derive(Clone, Debug)]
pub struct Scene {
    /// When.
    pub at: Time,
    /// What each node was doing.
    pub doing: BTreeMap<NodeId, Doing>,
    /// Their names.
    pub names: BTreeMap<NodeId, String>,
    /// Whose the nodes of others are, and whether some are nobody's: their tenant is confined to its own.
    pub owners: Vec<String>,
    pub ownerless: bool,
    /// Why free nodes do not fit, with how many.
    pub unfit: BTreeMap<String, usize>,
}

/// What a node that is not simply free is about, in words; none for a free one.
pub(super) fn truth(sight: &Sight<'_>, id: NodeId) -> Option<String> {
    let node = sight.fleet.node(id);
    let held: Vec<&str> = [
        (Hold::Fault, "fault"),
        (Hold::HardwareFailure, "hardware failure"),
        (Hold::Operator, "operator's hold"),
        (Hold::Planned, "planned"),
    ]
    .into_iter()
    .filter(|(hold, _)| node.holds.has(*hold))
    .map(|(_, word)| word)
    .collect();
    let mut said = Vec::new();
    match node.party() {
        Some(Party::Tenant(request)) => {
            let it = sight.request(request);
            let tenant = sight.fleet.names.tenants.name(it.tenant.0);
            said.push(format!("{} of tenant {tenant}", sight.request_name(request)));
        }
        Some(Party::Errand(_)) => said.push("an operators' image is on it".to_owned()),
        None => {}
    }
    if !held.is_empty() {
        said.push(format!("in maintenance ({})", held.join(", ")));
    }
    if node.flag() {
        said.push("Ironic's flag is set".to_owned());
    }
    if !matches!(node.provision, Provision::Available | Provision::Active) {
        said.push(node.provision.name().to_owned());
    }
    (!said.is_empty()).then(|| said.join(", "))
}

impl Scene {
    /// Looks at the nodes of the ask's class; `hides` says whether anything is done to hide nodes in maintenance, `leased`
    /// which of them others have leased.
    pub fn of(
        at: Time,
        sight: &Sight<'_>,
        ask: &Ask,
        trace: &DecisionTrace,
        (rules, hides): (&Rules, bool),
        leased: &dyn Fn(NodeId) -> Option<String>,
    ) -> Scene {
        let fell: BTreeMap<NodeId, (ShapeVerdict, &str)> = trace
            .stages
            .iter()
            .flat_map(|stage| &stage.fell)
            .map(|(node, verdict, reason)| (*node, (*verdict, reason.as_str())))
            .collect();
        let mut rules = rules.clone();
        let mut scene = Scene {
            at,
            doing: BTreeMap::new(),
            names: BTreeMap::new(),
            owners: Vec::new(),
            ownerless: false,
            unfit: BTreeMap::new(),
        };
        for id in sight.fleet.ids() {
            let node = sight.fleet.node(id);
            if node.class != ask.spec.class || !node.installed() {
                continue;
            }
            let verdict = fell.get(&id).copied();
            let doing = match doing(sight, id, verdict.map(|(verdict, _)| verdict), (&mut rules, hides)) {
                Doing::Free if leased(id).is_some() => Doing::Leased,
                doing => doing,
            };
            match (doing, verdict) {
                (Doing::OtherTenant, _) => {
                    let owner = node.owner().or(sight.fleet.kind(id).lessee);
                    let owner = owner.map(|owner| sight.fleet.names.tenants.name(owner.0).to_owned());
                    scene.ownerless |= owner.is_none();
                    scene.owners.extend(owner.filter(|owner| !scene.owners.contains(owner)));
                }
                (Doing::Unfit, Some((_, reason))) => *scene.unfit.entry(reason.to_owned()).or_default() += 1,
                _ => {}
            }
            scene.doing.insert(id, doing);
            scene.names.insert(id, sight.fleet.name(id).to_owned());
        }
        scene
    }

    /// How many nodes were doing this.
    pub fn count(&self, doing: Doing) -> usize {
        self.doing.values().filter(|&&other| other == doing).count()
    }

    /// The nodes that were not to be had.
    pub fn out_of_reach(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.doing
            .iter()
            .filter(|(_, doing)| **doing != Doing::Free)
            .map(|(node, _)| *node)
    }

    /// The groups, for the reader.
    pub fn groups(self) -> Vec<Group> {
        let mut groups: BTreeMap<Doing, Vec<&str>> = BTreeMap::new();
        for (node, doing) in &self.doing {
            groups.entry(*doing).or_default().push(&self.names[node]);
        }
        let group = |(doing, nodes): (Doing, Vec<&str>)| Group {
            doing,
            count: nodes.len(),
            nodes: nodes.into_iter().take(NAMED).map(str::to_owned).collect(),
        };
        groups.into_iter().map(group).collect()
    }
}

fn doing(sight: &Sight<'_>, id: NodeId, fell: Option<ShapeVerdict>, (rules, hides): (&mut Rules, bool)) -> Doing {
    let node = sight.fleet.node(id);
    match node.party() {
        Some(Party::Tenant(_)) if node.provision == Provision::Deploying => return Doing::Deploying,
        Some(Party::Tenant(_)) => return Doing::Tenant,
        Some(Party::Errand(_)) => return Doing::Errand,
        None => {}
    }
    let marked = node.flag() || rules.hides(&sight.view, sight.view.shape_id_of(id));
    // Where nobody hides anything, it is free or being cleaned as it ever is.
    let moves = matches!(
        node.provision,
        Provision::Available | Provision::Deleting | Provision::Cleaning
    );
    if node.in_maintenance() && (hides || marked || !moves) {
        return Doing::Hidden;
    }
    match node.provision {
        Provision::Available if marked => Doing::Stranded,
        Provision::Available => match fell {
            Some(ShapeVerdict::Owner) if !node.marks.is_empty() => Doing::Stranded,
            Some(ShapeVerdict::Owner) => Doing::OtherTenant,
            Some(ShapeVerdict::Announced) => Doing::Hidden,
            Some(ShapeVerdict::Class) => Doing::Unseen,
            Some(ShapeVerdict::Passes) | None if sight.view.free(id) => Doing::Free,
            Some(ShapeVerdict::Passes) | None => Doing::Unseen,
            Some(_) => Doing::Unfit,
        },
        Provision::Cleaning | Provision::Deleting => Doing::Cleaning,
        _ => Doing::Away,
    }
}
