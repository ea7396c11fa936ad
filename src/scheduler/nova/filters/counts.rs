//! NumInstancesFilter and IoOpsFilter, and the same with a limit that an aggregate says
//! (`scheduler/filters/num_instances_filter.py`, `io_ops_filter.py`). Nova counts per node on
//! Ironic, so that a free node has none of either.

use super::{Filter, never};
use crate::scheduler::nova::python;
use crate::scheduler::nova::terms::{FilterAnswer, Host, No};

const MAX_INSTANCES: &str = "max_instances_per_host";
const MAX_IO_OPS: &str = "max_io_ops_per_host";

fn instances(host: &Host, most: i64) -> FilterAnswer {
    if host.num_instances < most {
        Ok(())
    } else {
        Err(No::because(format!("{} instances are on it", host.num_instances)))
    }
}

fn operations(host: &Host, most: i64) -> FilterAnswer {
    if host.num_io_ops < most {
        Ok(())
    } else {
        Err(No::because(format!(
            "{} operations are under way on it",
            host.num_io_ops
        )))
    }
}

/// The least that the host's aggregates say of a key; the option where one of them is no number.
fn least_said(host: &Host, key: &str, option: i64) -> i64 {
    let said = host
        .aggregates
        .iter()
        .filter_map(|aggregate| aggregate.metadata.get(key));
    let read: Option<Vec<i64>> = said.map(|text| python::int(text)).collect();
    read.and_then(|values| values.into_iter().min()).unwrap_or(option)
}

/// The list's line of NumInstancesFilter.
pub const NUM_INSTANCES: Filter = Filter {
    name: "NumInstancesFilter",
    summary: "fewer than max_instances_per_host (50) instances on the host",
    run: |host, _, settings| instances(host, settings.max_instances_per_host),
    may_raise: never,
    once: false,
};

/// The list's line of IoOpsFilter.
pub const IO_OPS: Filter = Filter {
    name: "IoOpsFilter",
    summary: "fewer than max_io_ops_per_host (8) instances on the host are being built or moved",
    run: |host, _, settings| operations(host, settings.max_io_ops_per_host),
    may_raise: never,
    once: false,
};

/// The list's line of AggregateNumInstancesFilter.
pub const AGGREGATE_NUM_INSTANCES: Filter = Filter {
    name: "AggregateNumInstancesFilter",
    summary: "the same with the least max_instances_per_host of the host's aggregates",
    run: |host, _, settings| instances(host, least_said(host, MAX_INSTANCES, settings.max_instances_per_host)),
    may_raise: never,
    once: false,
};

/// The list's line of AggregateIoOpsFilter.
pub const AGGREGATE_IO_OPS: Filter = Filter {
    name: "AggregateIoOpsFilter",
    summary: "the same with the least max_io_ops_per_host of the host's aggregates",
    run: |host, _, settings| operations(host, least_said(host, MAX_IO_OPS, settings.max_io_ops_per_host)),
    may_raise: never,
    once: false,
};
