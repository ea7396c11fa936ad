//! The filters, under Nova's own names. A filter looks at one host and one request and answers
//! yes, no with a reason, or a Python exception. To add one: its file with an `ENTRY`, its `mod`,
//! and one line in `FILTERS`.

mod aggregate_instance_extra_specs;
mod aggregate_multi_tenancy_isolation;
mod aggregate_type_affinity;
mod blazar;
mod compute;
mod compute_capabilities;
mod counts;
mod image;
mod json;
mod maintenance;
mod same_host;
mod server_group;

pub use super::filter::Filter;
use super::filter::never;
pub use aggregate_instance_extra_specs::depends_on_set_order;
pub use blazar::RESERVATION;
pub use maintenance::{HOLD as MAINTENANCE_HOLD, REACH as MAINTENANCE_REACH};

/// Every filter.
pub const FILTERS: [&Filter; 21] = [
    &compute::ENTRY,
    &compute_capabilities::ENTRY,
    &image::PROPERTIES,
    &server_group::ANTI_AFFINITY,
    &server_group::AFFINITY,
    &aggregate_instance_extra_specs::ENTRY,
    &aggregate_multi_tenancy_isolation::ENTRY,
    &aggregate_type_affinity::ENTRY,
    &json::ENTRY,
    &same_host::SAME,
    &same_host::DIFFERENT,
    &counts::NUM_INSTANCES,
    &counts::IO_OPS,
    &ALL_HOSTS,
    &blazar::ENTRY,
    &maintenance::ENTRY,
    &AVAILABILITY_ZONE,
    &image::AGGREGATE,
    &image::ISOLATED,
    &counts::AGGREGATE_NUM_INSTANCES,
    &counts::AGGREGATE_IO_OPS,
];

/// Nova's default list (`conf/scheduler.py:323`).
pub const NOVA_DEFAULT: [&str; 5] = [
    "ComputeFilter",
    "ComputeCapabilitiesFilter",
    "ImagePropertiesFilter",
    "ServerGroupAntiAffinityFilter",
    "ServerGroupAffinityFilter",
];

/// The filter of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Filter> {
    FILTERS.into_iter().find(|filter| filter.name == name)
}

const ALL_HOSTS: Filter = Filter {
    name: "AllHostsFilter",
    summary: "lets every host through",
    run: |_, _, _| Ok(()),
    may_raise: never,
    once: true,
};

/// Nova 34.0 has no such filter any more: `map_az_to_placement_aggregate` does its work before
/// Placement is asked. Older deployments name it still; it asks the same question of the host.
const AVAILABILITY_ZONE: Filter = Filter {
    name: "AvailabilityZoneFilter",
    summary: "only hosts in an aggregate whose metadata name the zone (removed from Nova in 2023; a request filter today)",
    run: |host, request, _| {
        let Some(zone) = &request.availability_zone else {
            return Ok(());
        };
        let merged = host.merged_metadata();
        let zones = merged.get("availability_zone");
        // Nova's own default zone is `nova`, for hosts that are in none (conf/availability_zone.py).
        let there = zones.map_or(zone == "nova", |zones| zones.contains(zone.as_str()));
        if there {
            Ok(())
        } else {
            Err(super::No::because(format!("not in availability zone {zone}")))
        }
    },
    may_raise: never,
    once: true,
};
