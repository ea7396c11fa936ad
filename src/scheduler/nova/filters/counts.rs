//! NumInstancesFilter and IoOpsFilter, with Nova's default limits.

use super::{Filter, never};
use crate::scheduler::nova::terms::No;

/// `[filter_scheduler] max_instances_per_host`.
const MAX_INSTANCES: i64 = 50;
/// `[filter_scheduler] max_io_ops_per_host`.
const MAX_IO_OPS: i64 = 8;

/// The list's line of NumInstancesFilter.
pub const NUM_INSTANCES: Filter = Filter {
    name: "NumInstancesFilter",
    summary: "fewer than 50 instances on the host",
    run: |host, _| {
        if host.num_instances < MAX_INSTANCES {
            Ok(())
        } else {
            Err(No::because(format!("{} instances are on it", host.num_instances)))
        }
    },
    may_raise: never,
};

/// The list's line of IoOpsFilter.
pub const IO_OPS: Filter = Filter {
    name: "IoOpsFilter",
    summary: "fewer than 8 instances on the host are being built or moved",
    run: |host, _| {
        if host.num_io_ops < MAX_IO_OPS {
            Ok(())
        } else {
            Err(No::because(format!(
                "{} operations are under way on it",
                host.num_io_ops
            )))
        }
    },
    may_raise: never,
};
