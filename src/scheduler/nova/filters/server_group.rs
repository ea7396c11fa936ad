//! ServerGroupAffinityFilter and ServerGroupAntiAffinityFilter
//! (`scheduler/filters/affinity_filter.py`), per compute service as all that counts instances.

use super::{Filter, never};
use crate::scheduler::nova::terms::No;

/// The list's line of ServerGroupAffinityFilter.
pub const AFFINITY: Filter = Filter {
    name: "ServerGroupAffinityFilter",
    summary: "an affinity group stays on the compute services that it is on",
    run: |host, request, _| match &request.group {
        Some(group) if group.policy == "affinity" && !group.hosts.is_empty() && !group.hosts.contains(&host.host) => {
            Err(No::because("its server group is on other services"))
        }
        _ => Ok(()),
    },
    may_raise: never,
    once: false,
};

/// The list's line of ServerGroupAntiAffinityFilter.
pub const ANTI_AFFINITY: Filter = Filter {
    name: "ServerGroupAntiAffinityFilter",
    summary: "an anti-affinity group has one instance per compute service, or max_server_per_host of them",
    run: |host, request, _| match &request.group {
        Some(group)
            if group.policy == "anti-affinity"
                && !host.instances.contains(&request.instance)
                && host.instances.intersection(&group.members).count() >= group.most_per_host.unwrap_or(1) =>
        {
            Err(No::because("as many of its server group as may be are on the service"))
        }
        _ => Ok(()),
    },
    may_raise: never,
    once: false,
};
