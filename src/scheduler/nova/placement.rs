//! Placement's `GET /allocation_candidates` for one request group, as Nova asks it
//! (microversion 1.36): inventories, traits, aggregates, provider trees
//! (`placement/objects/research_context.py`, `allocation_candidate.py`).

use std::collections::{BTreeMap, BTreeSet};

use super::resource_request::RequestGroup;

/// One class of a provider's inventory.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Inventory {
    /// How many there are.
    pub total: i64,
    /// How many of them are held back; all of them may be.
    pub reserved: i64,
    /// The least that may be asked for.
    pub min_unit: i64,
    /// The most that may be asked for.
    pub max_unit: i64,
    /// Amounts go by multiples of this.
    pub step_size: i64,
    /// How often each may be promised.
    pub allocation_ratio: f64,
}

impl Default for Inventory {
    /// Placement's defaults for what is left out.
    fn default() -> Self {
        Inventory {
            total: 0,
            reserved: 0,
            min_unit: 1,
            max_unit: 2_147_483_647,
            step_size: 1,
            allocation_ratio: 1.0,
        }
    }
}

impl Inventory {
    /// One whole machine, as Ironic's driver publishes it.
    #[must_use]
    pub fn machine(reserved: bool) -> Inventory {
        Inventory {
            total: 1,
            reserved: i64::from(reserved),
            max_unit: 1,
            ..Inventory::default()
        }
    }

    /// Whether `amount` more can be had while `used` are.
    #[must_use]
    pub fn fits(&self, used: i64, amount: i64) -> bool {
        self.min_unit <= amount
            && amount <= self.max_unit
            && amount % self.step_size.max(1) == 0
            && self.holds(used + amount)
    }

    /// Whether so much in all can be promised.
    fn holds(&self, amount: i64) -> bool {
        amount as f64 <= (self.total - self.reserved) as f64 * self.allocation_ratio
    }
}

/// A resource provider.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Provider {
    /// Its UUID, or a name that stands for it.
    pub id: String,
    /// Its parent, by its id.
    pub parent: Option<String>,
    /// What it has, by resource class.
    pub inventories: BTreeMap<String, Inventory>,
    /// What of that is allocated, by resource class.
    pub used: BTreeMap<String, i64>,
    /// Its traits.
    pub traits: BTreeSet<String>,
    /// Its aggregates.
    pub aggregates: BTreeSet<String>,
}

/// A query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Amounts by resource class.
    pub resources: BTreeMap<String, i64>,
    /// Each needs at least one of its traits.
    pub required: Vec<BTreeSet<String>>,
    /// None of these traits.
    pub forbidden: BTreeSet<String>,
    /// Traits that the root provider must have.
    pub root_required: BTreeSet<String>,
    /// Traits that the root provider must not have.
    pub root_forbidden: BTreeSet<String>,
    /// Each needs membership of at least one of its aggregates.
    pub member_of: Vec<BTreeSet<String>>,
    /// Membership of none of these.
    pub forbidden_aggregates: BTreeSet<String>,
    /// Only the tree of this provider.
    pub in_tree: Option<String>,
    /// At most so many candidates; which ones is not defined.
    pub limit: Option<usize>,
    /// Granular groups by their suffix (`resources1`, `required1`).
    pub granular: BTreeMap<String, RequestGroup>,
    /// `group_policy`: `none`, or `isolate` for a provider of its own per granular group.
    pub group_policy: Option<String>,
}

impl Query {
    /// Whether Placement answers the query at all. Nova then finds no valid host, whoever asks.
    ///
    /// # Errors
    /// A group that asks for traits, aggregates or a tree and for no resources; nothing asked for at all;
    /// several granular groups without a policy; traits both required and forbidden; a class or trait that
    /// Placement has never heard of.
    pub fn sound(&self, class: impl Fn(&str) -> bool, known: impl Fn(&str) -> bool) -> Result<(), BadQuery> {
        let bad = |why: String| Err(BadQuery(why));
        let bare = !self.required.is_empty()
            || !self.forbidden.is_empty()
            || !self.member_of.is_empty()
            || !self.forbidden_aggregates.is_empty()
            || self.in_tree.is_some();
        let empty = self.resources.is_empty() && (bare || self.granular.is_empty());
        if empty || self.granular.values().any(|group| group.resources.is_empty()) {
            return bad("a request group asks for no resources".to_owned());
        }
        if self.granular.len() > 1 && self.group_policy.is_none() {
            return bad("several request groups and no group_policy".to_owned());
        }
        let groups = self.granular.values();
        let conflict = self.required.iter().any(|any| any.is_subset(&self.forbidden));
        if conflict
            || groups
                .clone()
                .any(|group| !group.required.is_disjoint(&group.forbidden))
        {
            return bad("traits both required and forbidden".to_owned());
        }
        let of_groups = groups
            .clone()
            .flat_map(|group| group.required.iter().chain(&group.forbidden));
        let mut traits = self.required.iter().flatten().chain(&self.forbidden).chain(of_groups);
        if let Some(name) = traits.find(|name| !known(name)) {
            return bad(format!("no such trait: {name}"));
        }
        let mut classes = self
            .resources
            .keys()
            .chain(groups.flat_map(|group| group.resources.keys()));
        match classes.find(|name| !class(name)) {
            Some(name) => bad(format!("no such resource class: {name}")),
            None => Ok(()),
        }
    }
}

/// Why a provider without relatives is no candidate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Miss {
    /// It has no inventory of this class.
    Class(String),
    /// It is reserved: the driver holds the machine back.
    Reserved,
    /// It is allocated.
    Used,
    /// It has the class, but not so much of it.
    Amount(String),
    /// It is one provider, and each of several groups wants one of its own.
    Alone,
    /// It is another than the one that is named.
    OtherTree,
    /// It has none of these traits.
    MissingTrait(String),
    /// It has this forbidden trait.
    ForbiddenTrait(String),
    /// It is in none of these aggregates.
    NotMember(String),
    /// It is in this forbidden aggregate.
    ForbiddenAggregate(String),
}

impl std::fmt::Display for Miss {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Miss::Class(class) => write!(f, "no inventory of {class}"),
            Miss::Reserved => write!(f, "reserved"),
            Miss::Used => write!(f, "allocated"),
            Miss::Amount(class) => write!(f, "too little {class}"),
            Miss::Alone => write!(f, "a single provider, where each group wants its own"),
            Miss::OtherTree => write!(f, "not the named node"),
            Miss::MissingTrait(name) => write!(f, "lacks trait {name}"),
            Miss::ForbiddenTrait(name) => write!(f, "forbidden trait {name}"),
            Miss::NotMember(names) => write!(f, "not in aggregate {names}"),
            Miss::ForbiddenAggregate(name) => write!(f, "in isolated aggregate {name}"),
        }
    }
}

fn listed(names: &BTreeSet<String>) -> String {
    names.iter().map(String::as_str).collect::<Vec<_>>().join(" or ")
}

impl Provider {
    /// Whether the provider, without relatives, is a candidate.
    ///
    /// # Errors
    /// The first reason against it: class, amount, tree, traits, aggregates.
    pub fn meets(&self, query: &Query) -> Result<(), Miss> {
        self.claim(&query.resources)?;
        self.gives_all(query)?;
        if query.in_tree.as_ref().is_some_and(|id| *id != self.id) {
            return Err(Miss::OtherTree);
        }
        if let Some(any) = query.required.iter().find(|any| self.traits.is_disjoint(any)) {
            return Err(Miss::MissingTrait(listed(any)));
        }
        if let Some(name) = query.root_required.iter().find(|name| !self.traits.contains(*name)) {
            return Err(Miss::MissingTrait(name.clone()));
        }
        if let Some(bad) = query
            .forbidden
            .iter()
            .chain(&query.root_forbidden)
            .find(|t| self.traits.contains(*t))
        {
            return Err(Miss::ForbiddenTrait(bad.clone()));
        }
        if let Some(any) = query.member_of.iter().find(|any| self.aggregates.is_disjoint(any)) {
            return Err(Miss::NotMember(listed(any)));
        }
        if let Some(bad) = query.forbidden_aggregates.iter().find(|a| self.aggregates.contains(*a)) {
            return Err(Miss::ForbiddenAggregate(bad.clone()));
        }
        Ok(())
    }
}

impl Provider {
    /// Whether these amounts can be claimed (`PUT /allocations`): inventory and usage are looked at again, traits
    /// and aggregates are not.
    ///
    /// # Errors
    /// The class that it lacks or has too little of.
    pub fn claim(&self, resources: &BTreeMap<String, i64>) -> Result<(), Miss> {
        for (class, &amount) in resources {
            let Some(inventory) = self.inventories.get(class) else {
                return Err(Miss::Class(class.clone()));
            };
            let used = self.used.get(class).copied().unwrap_or(0);
            if !inventory.fits(used, amount) {
                return Err(match inventory {
                    // The driver reserves a machine that is in use, too: the allocation is the reason.
                    _ if used > 0 && inventory.total <= used => Miss::Used,
                    _ if inventory.reserved >= inventory.total => Miss::Reserved,
                    _ => Miss::Amount(class.clone()),
                });
            }
        }
        Ok(())
    }

    /// Whether it, alone in its tree, can give what the granular groups ask for, and that together with the
    /// rest.
    fn gives_all(&self, query: &Query) -> Result<(), Miss> {
        if query.granular.is_empty() {
            return Ok(());
        }
        let mut all = query.resources.clone();
        for group in query.granular.values() {
            self.claim(&group.resources)?;
            for (class, amount) in &group.resources {
                *all.entry(class.clone()).or_default() += amount;
            }
        }
        for (class, amount) in all {
            let used = self.used.get(&class).copied().unwrap_or(0);
            if !self.inventories.get(&class).is_some_and(|has| has.holds(used + amount)) {
                return Err(Miss::Amount(class));
            }
        }
        if query.granular.len() > 1 && query.group_policy.as_deref() == Some("isolate") {
            return Err(Miss::Alone);
        }
        for group in query.granular.values() {
            if let Some(name) = group.required.iter().find(|name| !self.traits.contains(*name)) {
                return Err(Miss::MissingTrait(name.clone()));
            }
            if let Some(name) = group.forbidden.iter().find(|name| self.traits.contains(*name)) {
                return Err(Miss::ForbiddenTrait(name.clone()));
            }
        }
        Ok(())
    }
}

/// One class of a candidate, and who gives it.
type Part<'a> = (&'a Provider, &'a String, i64);

/// A candidate: which provider gives how much of which class, sorted.
pub type Candidate = Vec<(String, String, i64)>;

/// Placement refuses the query (HTTP 400); Nova then finds no valid host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadQuery(pub String);

/// What Placement knows.
#[derive(Clone, Debug, Default)]
pub struct Inventories {
    /// The providers.
    pub providers: Vec<Provider>,
    /// Every resource class that it has heard of.
    pub classes: BTreeSet<String>,
    /// Every trait that it has heard of.
    pub traits: BTreeSet<String>,
}

impl Inventories {
    /// All candidates, sorted, whatever the limit.
    ///
    /// # Errors
    /// A conflict of traits, or a trait or class that Placement has never heard of; unless an
    /// empty answer was found before it was looked at (the order is Placement's).
    pub fn candidates(&self, query: &Query) -> Result<Vec<Candidate>, BadQuery> {
        if !self.sane(query)? {
            return Ok(Vec::new());
        }
        let mut found: Vec<Candidate> = self
            .trees()
            .into_iter()
            .filter(|(root, _)| self.anchors(root, query))
            .flat_map(|(root, members)| self.of_tree(root, &members, query))
            .collect();
        found.sort();
        Ok(found)
    }

    /// Placement's checks in Placement's order: refusals, and early empty answers.
    fn sane(&self, query: &Query) -> Result<bool, BadQuery> {
        let conflict = query.required.iter().any(|any| any.is_subset(&query.forbidden));
        if conflict || !query.root_required.is_disjoint(&query.root_forbidden) {
            return Err(BadQuery("traits both required and forbidden".to_owned()));
        }
        let unknown = |mut names: Box<dyn Iterator<Item = &String> + '_>| {
            names.find(|name| !self.traits.contains(*name)).cloned()
        };
        let no_trait = |name: String| BadQuery(format!("no such trait: {name}"));
        if let Some(name) = unknown(Box::new(query.root_required.iter().chain(&query.root_forbidden))) {
            return Err(no_trait(name));
        }
        let mut roots = self.providers.iter().filter(|p| p.parent.is_none());
        let anchored = !query.root_required.is_empty() || !query.root_forbidden.is_empty();
        if anchored && !roots.any(|p| p.root_traits_meet(query)) {
            return Ok(false);
        }
        if let Some(class) = query.resources.keys().find(|class| !self.classes.contains(*class)) {
            return Err(BadQuery(format!("no such resource class: {class}")));
        }
        if !query.member_of.is_empty() && !self.providers.iter().any(|p| p.is_member(query)) {
            return Ok(false);
        }
        if let Some(name) = unknown(Box::new(query.required.iter().flatten().chain(&query.forbidden))) {
            return Err(no_trait(name));
        }
        Ok(query
            .in_tree
            .as_ref()
            .is_none_or(|id| self.providers.iter().any(|p| p.id == *id)))
    }

    fn find(&self, id: &str) -> Option<&Provider> {
        self.providers.iter().find(|p| p.id == id)
    }

    fn root_of<'a>(&'a self, provider: &'a Provider) -> &'a Provider {
        let mut at = provider;
        while let Some(parent) = at.parent.as_deref().and_then(|id| self.find(id)) {
            at = parent;
        }
        at
    }

    /// Every tree: its root and all its members, the root among them.
    fn trees(&self) -> Vec<(&Provider, Vec<&Provider>)> {
        let roots = self.providers.iter().filter(|p| p.parent.is_none());
        let members = |root: &Provider| {
            self.providers
                .iter()
                .filter(|p| self.root_of(p).id == root.id)
                .collect()
        };
        roots.map(|root| (root, members(root))).collect()
    }

    /// Whether a tree's root may anchor a candidate.
    fn anchors(&self, root: &Provider, query: &Query) -> bool {
        let named = query.in_tree.as_deref().and_then(|id| self.find(id));
        root.root_traits_meet(query) && named.is_none_or(|named| self.root_of(named).id == root.id)
    }

    /// The candidates within one tree: every choice of a member for each class. Membership of an
    /// aggregate counts for a member if the member or its root has it; traits are required of the
    /// chosen members together and forbidden to each of them.
    fn of_tree(&self, root: &Provider, members: &[&Provider], query: &Query) -> Vec<Candidate> {
        let may = |p: &&Provider, class: &String, amount: i64| {
            let used = p.used.get(class).copied().unwrap_or(0);
            p.inventories
                .get(class)
                .is_some_and(|inventory| inventory.fits(used, amount))
                && (query.member_of.is_empty() || p.is_member(query) || root.is_member(query))
                && p.aggregates.is_disjoint(&query.forbidden_aggregates)
                && root.aggregates.is_disjoint(&query.forbidden_aggregates)
        };
        let mut chosen: Vec<Vec<Part<'_>>> = vec![Vec::new()];
        for (class, &amount) in &query.resources {
            let able: Vec<&Provider> = members.iter().copied().filter(|p| may(p, class, amount)).collect();
            let mut next = Vec::new();
            for so_far in &chosen {
                for &provider in &able {
                    next.push([so_far.as_slice(), &[(provider, class, amount)]].concat());
                }
            }
            chosen = next;
        }
        let traits_meet = |choice: &[Part<'_>]| {
            let together = |any: &BTreeSet<String>| choice.iter().any(|(p, ..)| !p.traits.is_disjoint(any));
            query.required.iter().all(together) && choice.iter().all(|(p, ..)| p.traits.is_disjoint(&query.forbidden))
        };
        let as_candidate = |choice: &Vec<Part<'_>>| {
            let mut parts: Candidate = choice
                .iter()
                .map(|&(p, class, n)| (p.id.clone(), class.clone(), n))
                .collect();
            parts.sort();
            parts
        };
        chosen
            .iter()
            .filter(|choice| traits_meet(choice))
            .map(as_candidate)
            .collect()
    }
}

impl Provider {
    fn root_traits_meet(&self, query: &Query) -> bool {
        query.root_required.is_subset(&self.traits) && self.traits.is_disjoint(&query.root_forbidden)
    }

    fn is_member(&self, query: &Query) -> bool {
        query.member_of.iter().all(|any| !self.aggregates.is_disjoint(any))
    }
}
