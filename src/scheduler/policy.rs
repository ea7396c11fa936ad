//! What a scenario says of its scheduler.

use super::nova::filters::find;
use super::nova::{Filter, FilterSettings, Options};
use super::quota::Quota;

/// Which of equally weighed candidates is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pick {
    /// A seeded draw, keyed by the request (real Nova's choice among ties is arbitrary).
    #[default]
    Random,
    /// The lowest node number.
    Lowest,
    /// The one that has been free for longest.
    LeastRecent,
}

/// Which candidates survive the cap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CapOrder {
    /// A seeded draw, keyed by the request.
    #[default]
    Random,
    /// Those with the lowest numbers.
    Lowest,
}

/// The scheduler's settings.
#[derive(Clone, Debug)]
pub struct Policy {
    /// At most this many candidates leave Placement (Nova's `max_placement_results`); none: no cap.
    pub cap: Option<u32>,
    /// Which survive the cap.
    pub cap_order: CapOrder,
    /// Which of equals is taken.
    pub pick: Pick,
    /// The filters after the cap, in order.
    pub filters: Vec<&'static Filter>,
    /// What single filters are set to.
    pub settings: FilterSettings,
    /// What the request filters are set to.
    pub options: Options,
    /// Whether the traits by which marks work exist in Placement from the beginning; else each from
    /// when a node has first reported it.
    pub traits_created: bool,
    /// Whether every tenant has an aggregate of its own that holds the nodes which the operators
    /// have not taken out (so that `limit_tenants` keeps tenants off theirs).
    pub tenants_have_aggregates: bool,
    /// Whether failed builds weigh a node down (BuildFailureWeigher).
    pub weigh_failed_builds: bool,
    /// How many attempts a build has (Nova's `max_attempts`); alternates are one fewer.
    pub attempts: u8,
    /// At most so many machines per tenant at once; none: no quota.
    pub quota: Option<Box<Quota>>,
    /// Whether a tenant that owns nodes may use the common ones too.
    pub owners_overflow: bool,
    /// Whether requests whose planned end runs into announced work are kept off the node.
    pub keep_clear: bool,
}

/// What a way of hiding nodes needs of the control plane, beside what the scenario says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Filters that are to be enabled; those that the scenario lacks come last.
    pub filters: &'static [&'static str],
    /// `enable_isolated_aggregate_filtering`.
    pub isolate_aggregates: bool,
    /// `limit_tenants_to_placement_aggregate`.
    pub limit_tenants: bool,
    /// Every tenant has an aggregate, and must have one.
    pub tenants_have_aggregates: bool,
}

#[cfg(test)]
impl Policy {
    /// Nova 34.0's defaults (conf/scheduler.py).
    pub fn bare() -> Self {
        Policy {
            cap: Some(1000),
            cap_order: CapOrder::Random,
            pick: Pick::Random,
            filters: super::nova::NOVA_DEFAULT.iter().filter_map(|name| find(name)).collect(),
            settings: FilterSettings::default(),
            options: Options::default(),
            traits_created: true,
            tenants_have_aggregates: false,
            weigh_failed_builds: true,
            attempts: 3,
            quota: None,
            owners_overflow: true,
            keep_clear: false,
        }
    }
}

impl Policy {
    /// The policy with what a strategy needs.
    #[must_use]
    pub fn with(&self, needs: Needs) -> Policy {
        let mut policy = self.clone();
        for filter in needs.filters.iter().filter_map(|name| find(name)) {
            if !policy.enables(filter.name) {
                policy.filters.push(filter);
            }
        }
        policy.options.isolate_aggregates |= needs.isolate_aggregates;
        policy.options.limit_tenants |= needs.limit_tenants;
        policy.options.tenants_need_aggregate |= needs.tenants_have_aggregates;
        policy.tenants_have_aggregates |= needs.tenants_have_aggregates;
        policy
    }

    /// Whether a filter is enabled.
    #[must_use]
    pub fn enables(&self, filter: &str) -> bool {
        self.filters.iter().any(|enabled| enabled.name == filter)
    }

    /// How many alternates a decision keeps.
    #[must_use]
    pub fn alternates(&self) -> usize {
        usize::from(self.attempts.saturating_sub(1))
    }
}
