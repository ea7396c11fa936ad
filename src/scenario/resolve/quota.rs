//! The quotas of `[control_plane]`.

use std::collections::BTreeMap;

use super::fleet::Yard;
use crate::fleet::{ClassId, TenantId};
use crate::scenario::diagnose::fix_word;
use crate::scenario::read::Section;
use crate::scenario::tree::Value;
use crate::scheduler::{Own, Quota};

const MOST: i64 = u32::MAX as i64;

/// The quotas; none where nobody is limited.
pub fn read(t: &mut Section<'_>, yard: &Yard) -> Option<Box<Quota>> {
    let machines = t.whole_or("quota", "none").map(|n| n as u32);
    let classes = classes(t, "class_quota", yard);
    let mut tenants: BTreeMap<TenantId, Own> = BTreeMap::new();
    for (tenant, own) in t.every("tenant_quota", |one, _| own(one, yard)).into_iter().flatten() {
        if tenants.insert(tenant, own).is_some() {
            let name = yard.fleet.names.tenants.name(tenant.0);
            let message = format!("two of `tenant_quota` are for tenant `{name}`");
            t.wrong("tenant_quota", message, "keep one of them");
        }
    }
    let quota = Quota {
        machines,
        classes,
        tenants,
    };
    (!quota.is_empty()).then(|| Box::new(quota))
}

fn own(t: &mut Section<'_>, yard: &Yard) -> Option<(TenantId, Own)> {
    let name = t.text("tenant").unwrap_or_default();
    let names = &yard.fleet.names.tenants;
    let tenant = names.find(&name).map(TenantId);
    if tenant.is_none() {
        let known: Vec<&str> = names.iter().collect();
        let message = format!("no workload has the tenant `{name}`");
        t.wrong("tenant", message, fix_word(&name, known.iter().copied()));
    }
    let unlimited = matches!(t.peek("machines").map(|item| item.value), Some(Value::Text(_)));
    let machines = t.whole_or("machines", "none").map(|n| n as u32);
    let own = Own {
        machines: if unlimited { Some(u32::MAX) } else { machines },
        classes: classes(t, "classes", yard),
    };
    Some((tenant?, own))
}

/// Machines by class, as in `{ gpu = 2 }`.
fn classes(t: &mut Section<'_>, key: &str, yard: &Yard) -> BTreeMap<ClassId, u32> {
    let fix = "write machines by class, such as { gpu = 2 }";
    let Some(item) = t.take(key) else {
        return BTreeMap::new();
    };
    let Value::Table(branch) = &item.value else {
        let message = format!("`{}` takes machines by class", t.full(key));
        t.ledger.wrong(&item.place, message, fix);
        return BTreeMap::new();
    };
    let mut limits = BTreeMap::new();
    for (name, (place, entry)) in branch {
        let class = yard.class(t, name, place);
        let Value::Whole(most @ 0..=MOST) = entry.value else {
            let message = format!("`{}.{name}` takes a whole number of machines", t.full(key));
            t.ledger.wrong(&entry.place, message, fix);
            continue;
        };
        limits.extend(class.map(|class| (class, most as u32)));
    }
    limits
}
