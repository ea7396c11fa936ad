//! BlazarFilter (blazar-nova 10.0, `blazarnova/scheduler/filters/blazar_filter.py`). A pool is an
//! aggregate whose availability zone begins with `blazar_` or `blazar:`, or that is named
//! `freepool`. A request without the `reservation` hint lands on no host in a pool, not even its
//! owner's; with it, only on hosts of that pool, if its metadata name the tenant. Aggregates are of
//! compute services: every node of a service is in or out together.
//!
//! Chameleon's fork works per node. Here a node with the capability `reservation` is held by the
//! reservation of that name, whatever its service; that much is not the recorded filter's.

use super::{Filter, never};
use crate::scheduler::nova::FilterSettings;
use crate::scheduler::nova::terms::{Aggregate, FilterAnswer, Host, No, RequestSpec};

/// The capability that names the reservation, and the hint.
pub const RESERVATION: &str = "reservation";
/// The aggregate of all hosts that may be reserved; preemptible instances may run there, where they
/// are allowed (by default they are not).
const FREE_POOL: &str = "freepool";
/// The metadata key that names a pool's owner.
const OWNER: &str = "blazar:owner";
/// A flavor with this extra spec is an instance reservation's: other filters see to it.
const FLAVOR_OF_RESERVATION: &str = "aggregate_instance_extra_specs:reservation";

/// The list's line.
pub const ENTRY: Filter = Filter {
    name: "BlazarFilter",
    summary: "reserved machines are for requests with that reservation's hint alone (aggregates per compute service, the capability `reservation` per node)",
    run,
    may_raise: never,
    once: true,
};

fn is_pool(aggregate: &Aggregate) -> bool {
    let zone = aggregate.metadata.get("availability_zone");
    let of_blazar = zone.is_some_and(|zone| zone.starts_with("blazar_") || zone.starts_with("blazar:"));
    of_blazar || aggregate.name == FREE_POOL
}

fn run(host: &Host, request: &RequestSpec, _: &FilterSettings) -> FilterAnswer {
    let asked = request.hinted(RESERVATION);
    if let Some(held) = host.stats.get(RESERVATION) {
        return if asked.contains(held) {
            Ok(())
        } else {
            Err(No::because(format!("in the reservation {held}")))
        };
    }
    let mut pools = host.aggregates.iter().filter(|aggregate| is_pool(aggregate));
    if !asked.is_empty() {
        let Some(pool) = pools.find(|pool| asked.contains(&pool.name)) else {
            return Err(No::because(format!("not in the reservation {}", asked.join(", "))));
        };
        // The first of the pools that are asked for decides.
        let says = |key: &str| pool.metadata.get(key);
        let tenant = request.project_id.as_str();
        let theirs = says(tenant).is_some_and(|value| !value.is_empty()) || says(OWNER).is_some_and(|o| o == tenant);
        return if theirs {
            Ok(())
        } else {
            Err(No::because(format!(
                "the reservation {} is another tenant's",
                pool.name
            )))
        };
    }
    match pools.next() {
        Some(pool) if request.flavor.spec(FLAVOR_OF_RESERVATION).is_none() => {
            Err(No::because(format!("in Blazar's pool {}", pool.name)))
        }
        _ => Ok(()),
    }
}
