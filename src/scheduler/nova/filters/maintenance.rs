//! MaintenanceFilter: no filter of Nova's but the obvious one to write, and the trap of
//! nova-specs' "pre-filter disabled computes": a mark that only a filter after the candidate cap
//! looks at, so that hidden nodes eat the cap.

use super::{Filter, never};
use crate::scheduler::nova::terms::No;

/// The capability that marks a node.
pub const HOLD: &str = "maintenance_hold";
/// The extra spec of the operators' flavor that reaches a marked node.
pub const REACH: &str = "maintenance:reach";

/// The list's line.
pub const ENTRY: Filter = Filter {
    name: "MaintenanceFilter",
    summary: "a maintenance mark looked at after the candidate cap (not Nova's: the trap, for `mechanism = \"post-filter\"`)",
    run: |host, request, _| {
        if host.stats.contains_key(HOLD) && request.flavor.spec(REACH).is_none() {
            Err(No::because("marked for maintenance"))
        } else {
            Ok(())
        }
    },
    may_raise: never,
    once: true,
};
