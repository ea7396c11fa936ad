//! What all requests ask for: a class, so many of its nodes, for a tenant.

use super::super::fleet::Yard;
use crate::fleet::{ClassId, TenantId};
use crate::scenario::read::Section;

/// Enters a tenant and returns its number.
pub fn tenant(yard: &mut Yard, name: &str) -> TenantId {
    TenantId(yard.fleet.names.tenants.enter(name))
}

/// The class that a table names.
pub fn class(t: &mut Section<'_>, yard: &Yard) -> Option<ClassId> {
    let name = t.text("class")?;
    yard.class(t, &name, &t.place("class"))
}

/// Notes a request that its whole class could not hold. The fleet as written counts: on a scaled
/// one such a request is refused in the run.
pub fn fits(t: &Section<'_>, key: &str, count: u16, class: Option<ClassId>, yard: &Yard) {
    let Some(class) = class else { return };
    let capacity = yard.capacity.get(class.at()).copied().unwrap_or(0);
    if usize::from(count) > capacity && !yard.unsure {
        let name = yard.fleet.names.classes.name(class.0);
        t.wrong(
            key,
            format!("{count} machines are asked for, and the class `{name}` has {capacity}"),
            format!("ask for at most {capacity}"),
        );
    }
}
