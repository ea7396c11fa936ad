//! Marks: what a strategy puts on a node so that schedulers see it another way.

/// A mark that a strategy puts on a node so that schedulers see it another way. What each means
/// to a request is in `scheduler::render`; through which channel it reaches the view is
/// `Mark::by_api`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Mark {
    /// Member of an aggregate with `trait:CUSTOM_MAINTENANCE=required` (isolate_aggregates).
    IsolatedAggregate = 0,
    /// Carries the trait `CUSTOM_MAINTENANCE`.
    MaintenanceTrait = 1,
    /// Published under its class's maintenance class.
    MaintenanceClass = 2,
    /// Carries the capability that ordinary flavors refuse by an inverse requirement.
    InverseSpec = 3,
    /// Carries a mark that only a filter after the candidate cap looks at.
    PostFilter = 4,
    /// Carries an extra spec that nothing looks at.
    SpecOnly = 5,
    /// Member of an aggregate with `trait:CUSTOM_OPERATORS=required`.
    OperatorsAggregate = 6,
    /// Carries the trait `CUSTOM_OPERATORS`, which only the operators' private flavor asks for.
    OperatorsTrait = 7,
    /// Member of the operators' tenant aggregate (require_tenant_aggregate).
    TenantAggregate = 8,
    /// Owned or leased by the operators in Ironic.
    OperatorsOwner = 9,
    /// In an operators' Blazar lease.
    OperatorsLease = 10,
    /// Makes its whole compute service the operators' (AggregateMultiTenancyIsolation).
    ServiceTenancy = 11,
}

impl Mark {
    /// Whether the mark travels through an API and is seen at once; the others wait for the
    /// compute service's loop.
    #[must_use]
    pub fn by_api(self) -> bool {
        match self {
            Mark::IsolatedAggregate
            | Mark::OperatorsAggregate
            | Mark::TenantAggregate
            | Mark::OperatorsOwner
            | Mark::OperatorsLease
            | Mark::ServiceTenancy => true,
            Mark::MaintenanceTrait
            | Mark::MaintenanceClass
            | Mark::InverseSpec
            | Mark::PostFilter
            | Mark::SpecOnly
            | Mark::OperatorsTrait => false,
        }
    }
}

/// A set of marks, one bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Marks(pub u16);

impl Marks {
    /// The bits of all marks that are seen at once.
    pub const BY_API: Marks = Marks(0b1111_0100_0001);

    /// The set with `mark` added.
    #[must_use]
    pub fn with(self, mark: Mark) -> Marks {
        Marks(self.0 | (1 << mark as u16))
    }

    /// The set with `mark` taken out.
    #[must_use]
    pub fn without(self, mark: Mark) -> Marks {
        Marks(self.0 & !(1 << mark as u16))
    }

    /// Whether `mark` is in the set.
    #[must_use]
    pub fn has(self, mark: Mark) -> bool {
        self.0 & (1 << mark as u16) != 0
    }

    /// Whether the set is empty.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The part that travels through an API.
    #[must_use]
    pub fn api(self) -> Marks {
        Marks(self.0 & Self::BY_API.0)
    }

    /// The part that waits for the loop.
    #[must_use]
    pub fn looped(self) -> Marks {
        Marks(self.0 & !Self::BY_API.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_channels_part_all_marks() {
        let all = [
            Mark::IsolatedAggregate,
            Mark::MaintenanceTrait,
            Mark::MaintenanceClass,
            Mark::InverseSpec,
            Mark::PostFilter,
            Mark::SpecOnly,
            Mark::OperatorsAggregate,
            Mark::OperatorsTrait,
            Mark::TenantAggregate,
            Mark::OperatorsOwner,
            Mark::OperatorsLease,
            Mark::ServiceTenancy,
        ];
        for mark in all {
            let one = Marks::default().with(mark);
            assert_eq!(!one.api().is_empty(), mark.by_api(), "{mark:?}");
            assert_eq!(!one.looped().is_empty(), !mark.by_api(), "{mark:?}");
        }
    }
}
