//! What a scenario says of its scheduler.

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

/// A filter that runs after the candidate cap, under Nova's own name where it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    /// AggregateMultiTenancyIsolation: a service that belongs to some tenants refuses the others.
    AggregateMultiTenancyIsolation,
    /// The maintenance mark looked at after the cap (the trap).
    MaintenanceFilter,
    /// JsonFilter: makes the `query` hint work; without it a hint is silently ignored. Here the
    /// operators' boots name their node by `--hypervisor-hostname`, which needs no filter.
    JsonFilter,
}

impl Filter {
    /// All filters, by name.
    pub const ALL: [(&'static str, Filter); 3] = [
        ("AggregateMultiTenancyIsolation", Filter::AggregateMultiTenancyIsolation),
        ("MaintenanceFilter", Filter::MaintenanceFilter),
        ("JsonFilter", Filter::JsonFilter),
    ];
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
    pub filters: Vec<Filter>,
    /// Whether failed builds weigh a node down (BuildFailureWeigher).
    pub weigh_failed_builds: bool,
    /// How many attempts a build has (Nova's `max_attempts`); alternates are one fewer.
    pub attempts: u8,
    /// At most this many machines per tenant at once; none: no quota.
    pub quota: Option<u32>,
    /// Whether a tenant that owns nodes may use the common ones too.
    pub owners_overflow: bool,
}

impl Default for Policy {
    /// Nova 34.0's defaults (conf/scheduler.py).
    fn default() -> Self {
        Policy {
            cap: Some(1000),
            cap_order: CapOrder::Random,
            pick: Pick::Random,
            filters: vec![Filter::AggregateMultiTenancyIsolation, Filter::MaintenanceFilter],
            weigh_failed_builds: true,
            attempts: 3,
            quota: None,
            owners_overflow: true,
        }
    }
}
