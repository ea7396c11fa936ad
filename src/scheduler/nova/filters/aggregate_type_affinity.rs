//! AggregateTypeAffinityFilter (`scheduler/filters/type_filter.py:33-42`): an aggregate's
//! `instance_type` keeps other flavors out; a flavor that is named there is not confined.

use super::{Filter, never};
use crate::scheduler::nova::terms::No;

/// The list's line.
pub const ENTRY: Filter = Filter {
    name: "AggregateTypeAffinityFilter",
    summary: "an aggregate's `instance_type` keeps other flavors out",
    run: |host, request, _| {
        let lists: Vec<&String> = host
            .aggregates
            .iter()
            .filter_map(|a| a.metadata.get("instance_type"))
            .collect();
        let name = request.flavor.name.as_str();
        if lists.is_empty() || lists.iter().any(|list| list.split(',').any(|one| one.trim() == name)) {
            Ok(())
        } else {
            Err(No::because(format!("its aggregates are for other flavors than {name}")))
        }
    },
    may_raise: never,
    once: true,
};
