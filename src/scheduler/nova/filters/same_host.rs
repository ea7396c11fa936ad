//! SameHostFilter and DifferentHostFilter (`scheduler/filters/affinity_filter.py`). Instances are
//! looked up per compute service (`scheduler/host_manager.py:879`): on Ironic `same_host` means
//! any node of that service.

use super::{Filter, never};
use crate::scheduler::nova::terms::{Host, No, RequestSpec};

/// The list's line of SameHostFilter.
pub const SAME: Filter = Filter {
    name: "SameHostFilter",
    summary: "the `same_host` hint: on the compute service of one of these instances",
    run: |host, request, _| {
        if request.hinted("same_host").is_empty() || overlap(host, request, "same_host") {
            Ok(())
        } else {
            Err(No::because("none of the instances of same_host is on its service"))
        }
    },
    may_raise: never,
    once: true,
};

/// The list's line of DifferentHostFilter.
pub const DIFFERENT: Filter = Filter {
    name: "DifferentHostFilter",
    summary: "the `different_host` hint: not on the compute service of any of these instances",
    run: |host, request, _| {
        if overlap(host, request, "different_host") {
            Err(No::because("an instance of different_host is on its service"))
        } else {
            Ok(())
        }
    },
    may_raise: never,
    once: true,
};

fn overlap(host: &Host, request: &RequestSpec, hint: &str) -> bool {
    request
        .hinted(hint)
        .iter()
        .any(|instance| host.instances.contains(instance))
}
