//! ComputeFilter (`scheduler/filters/compute_filter.py`): the compute service is enabled and up.

use super::{Filter, never};
use crate::scheduler::nova::terms::No;

/// The list's line.
pub const ENTRY: Filter = Filter {
    name: "ComputeFilter",
    summary: "the compute service is enabled, up and not forced down",
    run: |host, _, _| {
        let service = host.service;
        if service.disabled {
            Err(No::because(format!("compute service {} is disabled", host.host)))
        } else if service.forced_down || !service.up {
            Err(No::because(format!("compute service {} is down", host.host)))
        } else {
            Ok(())
        }
    },
    may_raise: never,
    once: true,
};
