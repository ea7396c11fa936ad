//! How many machines a tenant may have at once, in all and per class: both limits hold.

use std::collections::BTreeMap;

use crate::fleet::{ClassId, TenantId};

/// No limit.
const UNLIMITED: u32 = u32::MAX;

/// What the file says of one tenant, over what holds for all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Own {
    /// Machines in all; none: as for all.
    pub machines: Option<u32>,
    /// Machines of a class; classes that are not named: as for all.
    pub classes: BTreeMap<ClassId, u32>,
}

/// The limits of all tenants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quota {
    /// Machines in all (Nova's `instances`); none: no limit.
    pub machines: Option<u32>,
    /// Machines of a class; classes that are not named have no limit.
    pub classes: BTreeMap<ClassId, u32>,
    /// By tenant.
    pub tenants: BTreeMap<TenantId, Own>,
}

impl Quota {
    /// Whether nobody is limited.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.machines.is_none() && self.classes.is_empty() && self.tenants.is_empty()
    }

    /// The most machines that a tenant may have at once.
    #[must_use]
    pub fn machines(&self, tenant: TenantId) -> u32 {
        let own = self.tenants.get(&tenant).and_then(|own| own.machines);
        own.or(self.machines).unwrap_or(UNLIMITED)
    }

    /// The most machines of a class that a tenant may have at once.
    #[must_use]
    pub fn of_class(&self, tenant: TenantId, class: ClassId) -> u32 {
        let own = self.tenants.get(&tenant).and_then(|own| own.classes.get(&class));
        own.or_else(|| self.classes.get(&class)).copied().unwrap_or(UNLIMITED)
    }

    /// The most machines of a class that a tenant could ever have.
    #[must_use]
    pub fn most(&self, tenant: TenantId, class: ClassId) -> u32 {
        self.machines(tenant).min(self.of_class(tenant, class))
    }

    /// Whether a tenant is limited at all in what it may have of a class.
    #[must_use]
    pub fn limits(&self, tenant: TenantId, class: ClassId) -> bool {
        self.most(tenant, class) < UNLIMITED
    }
}

/// The machines that tenants have, where there is a quota: what is being built counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    machines: BTreeMap<TenantId, u32>,
    classes: BTreeMap<(TenantId, ClassId), u32>,
}

impl Usage {
    /// A tenant has so many more machines of a class.
    pub fn add(&mut self, tenant: TenantId, class: ClassId, machines: u32) {
        *self.machines.entry(tenant).or_default() += machines;
        *self.classes.entry((tenant, class)).or_default() += machines;
    }

    /// A tenant has so many less.
    pub fn less(&mut self, tenant: TenantId, class: ClassId, machines: u32) {
        for used in [self.machines.get_mut(&tenant), self.classes.get_mut(&(tenant, class))]
            .into_iter()
            .flatten()
        {
            *used = used.saturating_sub(machines);
        }
    }

    /// How many machines a tenant has, in all and of a class.
    #[must_use]
    pub fn of(&self, tenant: TenantId, class: ClassId) -> (u32, u32) {
        let all = self.machines.get(&tenant).copied().unwrap_or(0);
        let of_class = self.classes.get(&(tenant, class)).copied().unwrap_or(0);
        (all, of_class)
    }

    /// How many more machines of a class a tenant may have.
    #[must_use]
    pub fn left(&self, quota: &Quota, tenant: TenantId, class: ClassId) -> u32 {
        let (all, of_class) = self.of(tenant, class);
        let in_all = quota.machines(tenant).saturating_sub(all);
        in_all.min(quota.of_class(tenant, class).saturating_sub(of_class))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_limits_hold_and_a_tenants_own_come_first() {
        let (gpu, metal) = (ClassId(0), ClassId(1));
        let (small, large) = (TenantId(1), TenantId(2));
        let own = Own {
            machines: Some(9),
            classes: [(gpu, 4)].into(),
        };
        let quota = Quota {
            machines: Some(3),
            classes: [(gpu, 2)].into(),
            tenants: [(large, own)].into(),
        };
        let mut usage = Usage::default();
        assert_eq!(usage.left(&quota, small, gpu), 2);
        assert_eq!(usage.left(&quota, small, metal), 3);
        assert_eq!((quota.most(large, gpu), quota.most(large, metal)), (4, 9));
        usage.add(small, metal, 2);
        assert_eq!(
            usage.left(&quota, small, gpu),
            1,
            "the limit in all holds in every class"
        );
        usage.add(large, gpu, 4);
        assert_eq!(
            (usage.left(&quota, large, gpu), usage.left(&quota, large, metal)),
            (0, 5)
        );
        usage.less(large, gpu, 1);
        assert_eq!(usage.left(&quota, large, gpu), 1);
        assert!(Quota::default().is_empty() && !quota.is_empty());
        assert_eq!(Usage::default().left(&Quota::default(), small, gpu), u32::MAX);
    }
}
