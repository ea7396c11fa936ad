//! From Nova's servers to requests: which class a flavor is, and which servers are one request.

use std::collections::BTreeMap;

use crate::import::foreign::asks::{Ask, Who};
use crate::import::foreign::draft::Draft;
use crate::import::foreign::names::{placement, word};
use crate::import::foreign::tally::Account;

/// Servers of one tenant and flavor that start so close to each other may be one request, ms.
const TOGETHER: i64 = 10_000;

/// An instance of Nova's.
#[derive(Clone, Debug, Default)]
pub(super) struct Instance {
    pub id: String,
    pub name: String,
    pub tenant: String,
    pub user: String,
    pub flavor: String,
    /// What a multi-create has in common.
    pub reservation: Option<String>,
    /// The node's UUID or name, where it is known.
    pub node: Option<String>,
    pub created: Option<i64>,
    pub start: i64,
    pub end: Option<i64>,
}

/// Adds the instances as requests; counts them.
pub(super) fn add(mut instances: Vec<Instance>, draft: &mut Draft<'_>, account: &mut Account) {
    instances.sort_by(|a, b| (a.created.unwrap_or(a.start), &a.id).cmp(&(b.created.unwrap_or(b.start), &b.id)));
    let learned = learn(&instances, draft);
    let classes: BTreeMap<String, String> = draft
        .nodes
        .values()
        .flat_map(|node| node.class_changes.iter().map(|(_, class)| class).chain([&node.class]))
        .map(|class| (placement(class), class.clone()))
        .collect();
    let mut groups: Vec<(Instance, Who, u16)> = Vec::new();
    let mut open: BTreeMap<String, usize> = BTreeMap::new();
    for instance in instances {
        let Some((class, traits)) = class_of(&instance, &learned, draft) else {
            account.one(
                "skipped: of virtual machines",
                "their flavor asks for no resource class of bare metal",
            );
            continue;
        };
        // Placement's form of a class is taken back to Ironic's.
        let class = classes.get(&placement(&class)).cloned().unwrap_or(class);
        draft.told.insert(instance.id.clone());
        let who = Who {
            tenant: draft.people.tenant(&instance.tenant),
            user: draft.people.user(&instance.user),
            class: word(&class),
            traits: traits.iter().map(|name| word(name)).collect(),
            ..Who::default()
        };
        let key = together(&instance, &who, draft.options.demand.group_creates);
        let at = key.as_ref().and_then(|key| open.get(key)).copied();
        if let Some((first, _, count)) = at.map(|at| &mut groups[at])
            && (instance.reservation.is_some() || instance.start - first.start <= TOGETHER)
            && *count < u16::MAX
        {
            *count += 1;
            // The request holds its machines until the last one goes.
            first.end = first.end.zip(instance.end).map(|(one, other)| one.max(other));
            account.one(
                "joined to the request that they were created with",
                "--group-creates: it holds all until the last one ends",
            );
            continue;
        }
        if let Some(key) = key {
            open.insert(key, groups.len());
        }
        account.one("requests", "");
        groups.push((instance, who, 1));
    }
    for (instance, who, count) in groups {
        push(instance, &who, count, draft, account);
    }
}

fn push(instance: Instance, who: &Who, count: u16, draft: &mut Draft<'_>, account: &mut Account) {
    let who = draft.asks.who(who);
    let arrival = instance.created.unwrap_or(instance.start);
    account.note(u64::from(instance.end.is_none()), "still running", "");
    account.note(u64::from(count > 1), "of several servers", "");
    if let Some(node) = instance.node.as_ref().and_then(|node| draft.aliases.get(node)) {
        let seat = draft.seats.entry(instance.id.clone()).or_default();
        seat.node.clone_from(node);
    }
    for at in [Some(arrival), Some(instance.start), instance.end]
        .into_iter()
        .flatten()
    {
        draft.extent.see(at);
    }
    let pushed = draft.asks.push(&Ask {
        id: instance.id,
        arrival: arrival.min(instance.start),
        start: instance.start,
        end: instance.end,
        planned: None,
        who,
        count,
        queued: true,
    });
    account.note(
        u64::from(pushed.is_err()),
        "at no time of this program, and left out",
        "",
    );
}

/// What servers that were created together have in common; none where they are to stay apart.
fn together(instance: &Instance, who: &Who, group: bool) -> Option<String> {
    if !group {
        return None;
    }
    if let Some(reservation) = &instance.reservation {
        return Some(format!("{} {} {reservation}", who.tenant, who.class));
    }
    // Nova names the servers of a multi-create NAME-1, NAME-2, …
    let stem = instance
        .name
        .rsplit_once('-')
        .filter(|(_, number)| number.bytes().all(|byte| byte.is_ascii_digit()));
    let stem = stem.map_or(instance.name.as_str(), |(stem, _)| stem);
    (!stem.is_empty()).then(|| format!("{} {} {} {stem}", who.tenant, who.class, instance.flavor))
}

/// The classes of flavors, learned from servers whose node is known.
fn learn(instances: &[Instance], draft: &Draft<'_>) -> BTreeMap<String, String> {
    let mut votes: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for instance in instances {
        let by_node = instance.node.as_ref().and_then(|node| {
            let name = draft.aliases.get(node).unwrap_or(node);
            draft.nodes.get(name).map(|node| node.class.as_str())
        });
        let by_seat = || {
            draft
                .seats
                .get(&instance.id)
                .map(|seat| seat.class.as_str())
                .filter(|class| !class.is_empty())
        };
        if let Some(class) = by_node.or_else(by_seat) {
            *votes.entry((instance.flavor.as_str(), class)).or_default() += 1;
        }
    }
    let mut learned: BTreeMap<String, (u64, String)> = BTreeMap::new();
    for ((flavor, class), count) in votes {
        let best = learned.entry(flavor.to_owned()).or_default();
        if count > best.0 {
            *best = (count, class.to_owned());
        }
    }
    learned
        .into_iter()
        .map(|(flavor, (_, class))| (flavor, class))
        .collect()
}

/// The class and the traits that an instance asks for; none for a virtual machine.
fn class_of(
    instance: &Instance,
    learned: &BTreeMap<String, String>,
    draft: &Draft<'_>,
) -> Option<(String, Vec<String>)> {
    // Where no flavor asks for a class, none tells bare metal from virtual machines.
    let telling = draft.flavors.values().any(Option::is_some);
    if let Some(known) = draft.flavors.get(&instance.flavor).filter(|_| telling) {
        return known.clone();
    }
    if let Some(class) = learned.get(&instance.flavor) {
        return Some((class.clone(), Vec::new()));
    }
    let flavor = if instance.flavor.is_empty() {
        "gone-flavor"
    } else {
        &instance.flavor
    };
    Some((flavor.to_owned(), Vec::new()))
}
