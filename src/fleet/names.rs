//! Names and the small numbers that stand for them inside a run.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexSet;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u16);

        impl $name {
            /// The number as an index.
            #[must_use]
            pub fn at(self) -> usize {
                usize::from(self.0)
            }
        }
    };
}

id!(
    /// A resource class, by its index in `Names::classes`.
    ClassId
);
id!(
    /// A tenant, by its index in `Names::tenants`; the operators' tenant is always number 0.
    TenantId
);
id!(
    /// A rack, by its index in `Names::racks`.
    RackId
);
id!(
    /// A conductor group (one compute service), by its index in `Names::groups`.
    GroupId
);
id!(
    /// A trait, by its index in `Names::traits`; at most 64 of them.
    TraitId
);

impl TenantId {
    /// The operators' tenant.
    pub const OPERATORS: TenantId = TenantId(0);
}

/// A set of traits, one bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TraitSet(pub u64);

impl TraitSet {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The set with `t` added.
    #[must_use]
    pub fn with(self, t: TraitId) -> TraitSet {
        TraitSet(self.0 | (1 << t.0))
    }

    /// Whether every trait of `other` is in this set.
    #[must_use]
    pub fn covers(self, other: TraitSet) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether the two have a trait in common.
    #[must_use]
    pub fn meets(self, other: TraitSet) -> bool {
        self.0 & other.0 != 0
    }
}

/// Names in the order of their first appearance; a name's number is its place.
#[derive(Clone, Debug, Default)]
pub struct Register(IndexSet<String>);

impl Register {
    /// The number of `name`, which is entered if it is new. Saturates at the last number that 16 bits hold.
    pub fn enter(&mut self, name: &str) -> u16 {
        if let Some(at) = self.0.get_index_of(name) {
            return at as u16;
        }
        self.0.insert(name.to_owned());
        u16::try_from(self.0.len() - 1).unwrap_or(u16::MAX)
    }

    /// The number of `name`, if it has one.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<u16> {
        self.0.get_index_of(name).map(|at| at as u16)
    }

    /// The name of number `at`, or `?`.
    #[must_use]
    pub fn name(&self, at: u16) -> &str {
        self.0.get_index(usize::from(at)).map_or("?", String::as_str)
    }

    /// How many names there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The names in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

/// What nodes have beside class and traits.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Model {
    /// Capabilities, as Ironic publishes them (`properties/capabilities`).
    pub capabilities: BTreeMap<String, String>,
    /// The aggregates that they are in, in Placement.
    pub aggregates: BTreeSet<String>,
}

/// A host aggregate of the scenario's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AggregateSpec {
    /// Its name.
    pub name: String,
    /// Its metadata.
    pub metadata: BTreeMap<String, String>,
    /// The compute services in it, in Nova: every node of them is in, to the filters.
    pub groups: Vec<GroupId>,
}

/// Every name that a run uses.
#[derive(Clone, Debug)]
pub struct Names {
    /// Resource classes.
    pub classes: Register,
    /// Tenants; number 0 is the operators' tenant.
    pub tenants: Register,
    /// Racks.
    pub racks: Register,
    /// Conductor groups.
    pub groups: Register,
    /// Traits, at most 64.
    pub traits: Register,
    /// What nodes have beside class and traits; number 0 is nothing.
    pub models: Vec<Model>,
    /// Host aggregates.
    pub aggregates: Vec<AggregateSpec>,
}

impl Names {
    /// The names of a set of traits.
    pub fn traits_of(&self, set: TraitSet) -> impl Iterator<Item = &str> {
        (0..64)
            .filter(move |at| set.0 & (1 << at) != 0)
            .map(|at| self.traits.name(at))
    }

    /// The number of a model, which is entered if it is new.
    pub fn enter_model(&mut self, model: &Model) -> u16 {
        let found = self.models.iter().position(|known| known == model);
        let index = found.unwrap_or_else(|| {
            self.models.push(model.clone());
            self.models.len() - 1
        });
        u16::try_from(index).unwrap_or(u16::MAX)
    }
}

impl Default for Names {
    fn default() -> Self {
        let mut tenants = Register::default();
        tenants.enter("operators");
        let (classes, racks) = (Register::default(), Register::default());
        Names {
            classes,
            tenants,
            racks,
            groups: Register::default(),
            traits: Register::default(),
            models: vec![Model::default()],
            aggregates: Vec::new(),
        }
    }
}
