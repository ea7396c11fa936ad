//! A request for machines.

use crate::fleet::{ClassId, TenantId, TraitSet};
use crate::kernel::time::DAY_MS;
use crate::kernel::{Span, Time};

/// How a request for several machines is met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Multi {
    /// As Nova does: lowered only by the quota, else all or nothing.
    #[default]
    Nova,
    /// As Blazar does: what there is between the least and the most.
    Blazar,
}

/// Who asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum Kind {
    /// People.
    #[default]
    People = 0,
    /// A monitoring robot; reported apart.
    Monitoring = 1,
    /// Operators; not part of any acceptance figure.
    Operator = 2,
}

/// A hold that ends beyond every run, where its end is not known: longer than the longest horizon.
pub const BEYOND: Span = Span(36_526 * DAY_MS);

/// A request for whole machines.
#[derive(Clone, Copy, Debug, Default)]
pub struct Request {
    /// When it was asked for.
    pub arrival: Time,
    /// When it is to begin, and is decided; equals `arrival` unless it was asked in advance.
    pub start: Time,
    /// How long it holds its machines, from their becoming active.
    pub hold: Span,
    /// How long it said it would, or as long as it does where it said nothing.
    pub planned: Span,
    /// Whether it said so.
    pub plans: bool,
    /// Who asks.
    pub tenant: TenantId,
    /// The resource class.
    pub class: ClassId,
    /// Traits that a machine must have.
    pub required: TraitSet,
    /// Traits that it must not have.
    pub forbidden: TraitSet,
    /// Extra specs, hint and availability zone, by their index in `Demand::extras`.
    pub extras: u16,
    /// How many machines.
    pub count: u16,
    /// With how few it is content.
    pub min_count: u16,
    /// Who may lower the count to that.
    pub multi: Multi,
    /// People, robots or operators.
    pub kind: Kind,
    /// Which workload of the scenario it belongs to.
    pub source: u16,
    /// Seeds what happens to it: deploy times, failures of builds, tie-breaks.
    pub luck: u64,
}

impl Request {
    /// The least number of machines with which it can be served. Nova lowers the count only where
    /// there is a quota, Blazar always.
    #[must_use]
    #[inline]
    pub fn least(&self, quota: bool) -> u16 {
        if quota || self.multi == Multi::Blazar {
            self.min_count.min(self.count).max(1)
        } else {
            self.count.max(1)
        }
    }
}

/// A tenant's need for Ironic's rescue during the life of its first instance (Case A).
#[derive(Clone, Copy, Debug)]
pub struct RescueNeed {
    /// How long after the instance became active.
    pub after: Span,
    /// How long the tenant works in the rescue image.
    pub length: Span,
}
