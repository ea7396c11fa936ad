//! A request for several machines is decided machine by machine (`scheduler/manager.py`,
//! `_schedule`): filter, weigh, take the first that can be claimed, count it as taken, and again for
//! the next machine among those that the filters have left.

use super::terms::{Host, RequestSpec};

/// Whose instances a taken host's new one is seen among.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tracking {
    /// Those of every node of its compute service: Nova keeps one list per service, where the
    /// services report their instances (`track_instance_changes`, the default).
    ByService,
    /// Its own alone: the lists come from the database.
    ByNode,
}

/// Counts a machine of the request as placed on `hosts[at]` (`_consume_selected_host`): its usage, and
/// for a server group its service and its instance.
pub fn consume(hosts: &mut [Host], at: usize, request: &mut RequestSpec, instance: &str, seen: Tracking) {
    let service = hosts[at].host.clone();
    let taken = &mut hosts[at];
    taken.num_instances += 1;
    taken.num_io_ops += 1;
    taken.vcpus_used += request.flavor.vcpus;
    taken.memory_mb_used += request.flavor.memory_mb;
    taken.local_gb_used += request.flavor.root_gb;
    let Some(group) = &mut request.group else { return };
    group.hosts.insert(service.clone());
    for (index, host) in hosts.iter_mut().enumerate() {
        if index == at || (seen == Tracking::ByService && host.host == service) {
            host.instances.insert(instance.to_owned());
        }
    }
}
