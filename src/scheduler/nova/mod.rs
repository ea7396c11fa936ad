//! The rules of Nova 34.0 and Placement 16.0 in their own terms, on text: what an extra spec, a
//! hint, an aggregate or a trait does to a host. Nothing here knows of a simulation; the
//! simulator's requests and nodes are put into these terms by `scheduler::render`, and the
//! recorded answers of the real code are held against these functions (`cargo test oracle`).
//!
//! Paths in the documentation are relative to the `nova` and `placement` packages of those
//! versions.

pub mod extra_specs;
pub mod filter;
pub mod filters;
pub mod placement;
pub mod python;
pub mod request_filters;
pub mod resource_request;
pub mod rounds;
pub mod settings;
pub mod terms;
pub mod weighers;

pub use filter::Filter;
pub use filters::{FILTERS, NOVA_DEFAULT};
pub use placement::{Inventory, Miss, Provider, Query};
pub use request_filters::{Located, Options, Refused, locate, query_for};
pub use settings::FilterSettings;
pub use terms::{Aggregate, Destination, Flavor, Host, Image, InstanceGroup, No, RequestSpec, Service};
pub use weighers::{Multipliers, weigh};

use std::collections::BTreeSet;

/// Why a host is not among those that a pass of the filters leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exclusion {
    /// Not the requested destination.
    Destination,
    /// One of the hosts to ignore.
    Ignored,
    /// Not one of the forced hosts or nodes.
    NotForced,
}

/// What stands before the filters (`scheduler/host_manager.py:498-620`): the requested
/// destination, the hosts to ignore, the forced hosts (whatever their case) and nodes (exactly).
///
/// # Errors
/// Which of them keeps the host off.
pub fn gate(host: &Host, request: &RequestSpec) -> Result<(), Exclusion> {
    if let Some(to) = &request.destination
        && let Some(wanted) = &to.host
        && (host.host != *wanted || to.node.as_ref().is_some_and(|node| host.node != *node))
    {
        return Err(Exclusion::Destination);
    }
    let lower = |names: &[String]| names.iter().map(|name| name.to_lowercase()).collect::<BTreeSet<_>>();
    if lower(&request.ignore_hosts).contains(&host.host.to_lowercase()) {
        return Err(Exclusion::Ignored);
    }
    let hosts_ok = request.force_hosts.is_empty() || lower(&request.force_hosts).contains(&host.host.to_lowercase());
    let nodes_ok = request.force_nodes.is_empty() || request.force_nodes.contains(&host.node);
    if hosts_ok && nodes_ok {
        Ok(())
    } else {
        Err(Exclusion::NotForced)
    }
}

/// The hosts (by their places) that the gate and `filters`, in their order, leave. A forced host
/// or node skips every filter.
///
/// # Errors
/// A filter raised: Nova then fails the whole request.
pub fn filtered(
    hosts: &[Host],
    request: &RequestSpec,
    filters: &[&Filter],
    settings: &FilterSettings,
) -> Result<Vec<usize>, No> {
    pass(hosts, (0..hosts.len()).collect(), request, (filters, settings), true)
}

/// The same of those hosts that are left, for the first machine of a request or for a later one.
///
/// # Errors
/// A filter raised: Nova then fails the whole request.
pub fn pass(
    hosts: &[Host],
    mut left: Vec<usize>,
    request: &RequestSpec,
    (filters, settings): (&[&Filter], &FilterSettings),
    first: bool,
) -> Result<Vec<usize>, No> {
    left.retain(|&at| gate(&hosts[at], request).is_ok());
    if request.is_forced() {
        return Ok(left);
    }
    for filter in filters.iter().filter(|filter| first || !filter.once) {
        let mut kept = Vec::with_capacity(left.len());
        for at in left {
            match (filter.run)(&hosts[at], request, settings) {
                Ok(()) => kept.push(at),
                Err(No::Because(_)) => {}
                Err(raised @ No::Raised(_)) => return Err(raised),
            }
        }
        left = kept;
        if left.is_empty() {
            break;
        }
    }
    Ok(left)
}
