//! AggregateMultiTenancyIsolation
//! (`scheduler/filters/aggregate_multitenancy_isolation.py:33-63`): the union of all values
//! (split at commas) of all keys that begin with `filter_tenant_id`, over all aggregates of the
//! host; if there are any, only those tenants enter. They are not confined: they also use hosts
//! that nobody restricts. Aggregates hold compute services, so all nodes of a service are in or
//! out together.

use super::{Filter, never};
use crate::scheduler::nova::terms::No;

/// The list's line.
pub const ENTRY: Filter = Filter {
    name: "AggregateMultiTenancyIsolation",
    summary: "hosts of aggregates with `filter_tenant_id*` are for those tenants alone; per compute service",
    run: |host, request, _| {
        let merged = host.merged_metadata();
        let named = merged.iter().filter(|(key, _)| key.starts_with("filter_tenant_id"));
        let tenants: Vec<&str> = named.flat_map(|(_, values)| values.iter().copied()).collect();
        if tenants.is_empty() || tenants.contains(&request.project_id.as_str()) {
            Ok(())
        } else {
            Err(No::because(format!("its service is kept for {}", tenants.join(", "))))
        }
    },
    may_raise: never,
    once: true,
};
