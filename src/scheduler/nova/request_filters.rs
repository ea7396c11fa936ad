//! The request filters (`scheduler/request_filter.py`, in their order) and the Placement query
//! that they and the flavor make (`scheduler/utils.py`, `ResourceRequest`).

use std::collections::BTreeSet;

use super::placement::Query;
use super::terms::{Aggregate, RequestSpec};

/// Nova's options that the request filters read, all off or as Nova's defaults have them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// `[scheduler] enable_isolated_aggregate_filtering`.
    pub isolate_aggregates: bool,
    /// `[scheduler] limit_tenants_to_placement_aggregate`.
    pub limit_tenants: bool,
    /// `[scheduler] placement_aggregate_required_for_tenants`.
    pub tenants_need_aggregate: bool,
    /// Whether every compute service is new enough for the trait OWNER_NOVA to be required.
    pub owner_trait: bool,
    /// `[scheduler] max_placement_results`; none: no limit.
    pub limit: Option<usize>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            isolate_aggregates: false,
            limit_tenants: false,
            tenants_need_aggregate: false,
            owner_trait: true,
            limit: Some(1000),
        }
    }
}

/// The trait of nodes whose compute service is disabled: no request may have it.
pub const DISABLED: &str = "COMPUTE_STATUS_DISABLED";
/// The trait of nodes that Nova manages.
pub const OWNER_NOVA: &str = "OWNER_NOVA";

/// A request filter refused the request before Placement was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused(pub String);

/// The query that a request becomes. `aggregates` are all that Nova knows; their names stand for
/// their UUIDs; `computes` are its compute services with their nodes, of which only those that the
/// request may name are needed.
///
/// # Errors
/// A request filter refuses the request: the tenant has no aggregate and must have one.
pub fn query_for<'a>(
    request: &RequestSpec,
    aggregates: impl IntoIterator<Item = &'a Aggregate> + Clone,
    computes: &[(&str, &str)],
    options: &Options,
) -> Result<Query, Refused> {
    let mut query = Query {
        resources: request
            .flavor
            .resources()
            .map(|(class, n)| (class.to_owned(), n))
            .collect(),
        forbidden: request.flavor.traits("forbidden").map(str::to_owned).collect(),
        root_forbidden: BTreeSet::from([DISABLED.to_owned()]),
        limit: options.limit,
        ..Query::default()
    };
    query.required = request
        .flavor
        .traits("required")
        .map(|name| BTreeSet::from([name.to_owned()]))
        .collect();
    if options.owner_trait {
        query.root_required.insert(OWNER_NOVA.to_owned());
    }
    tenant_aggregate(request, aggregates.clone(), options, &mut query)?;
    availability_zone(request, aggregates.clone(), &mut query);
    isolate_aggregates(request, aggregates, options, &mut query);
    // A forced or requested node becomes `in_tree`, and so does the one node of a host that is named
    // alone (scheduler/utils.py:765-801): the limit cannot hurt it.
    let to = request.destination.as_ref();
    let named_host = request.force_hosts.first().or(to.and_then(|to| to.host.as_ref()));
    let named_node = request.force_nodes.first().or(to.and_then(|to| to.node.as_ref()));
    let mut only = computes
        .iter()
        .filter(|(host, _)| Some(*host) == named_host.map(String::as_str));
    query.in_tree = match (named_node, only.next(), only.next()) {
        (Some(node), ..) => Some(node.clone()),
        (None, Some((_, node)), None) => Some((*node).to_owned()),
        _ => None,
    };
    // Instances are looked up after the query, so these hints drop the limit; so does a host that
    // is named without its node (scheduler/utils.py:796-807).
    let counts = ["group", "same_host", "different_host"]
        .iter()
        .any(|hint| request.hints.contains_key(*hint));
    if counts || (named_host.is_some() && query.in_tree.is_none()) {
        query.limit = None;
    }
    Ok(query)
}

/// `require_tenant_aggregate`: only aggregates with a key that begins with `filter_tenant_id` and
/// a value that *equals* the tenant; commas are not split.
fn tenant_aggregate<'a>(
    request: &RequestSpec,
    aggregates: impl IntoIterator<Item = &'a Aggregate>,
    options: &Options,
    query: &mut Query,
) -> Result<(), Refused> {
    if !options.limit_tenants {
        return Ok(());
    }
    let is_for = |a: &Aggregate| {
        let mut keys = a.metadata.iter();
        keys.any(|(key, value)| key.starts_with("filter_tenant_id") && *value == request.project_id)
    };
    let own: BTreeSet<String> = aggregates
        .into_iter()
        .filter(|a| is_for(a))
        .map(|a| a.name.clone())
        .collect();
    if !own.is_empty() {
        query.member_of.push(own);
    } else if options.tenants_need_aggregate {
        return Err(Refused(format!(
            "tenant {} has no aggregate and must have one",
            request.project_id
        )));
    }
    Ok(())
}

/// `map_az_to_placement_aggregate`: the aggregates of the availability zone, if there are any.
fn availability_zone<'a>(
    request: &RequestSpec,
    aggregates: impl IntoIterator<Item = &'a Aggregate>,
    query: &mut Query,
) {
    let Some(zone) = &request.availability_zone else { return };
    let is_zone = |a: &&Aggregate| a.metadata.get("availability_zone") == Some(zone);
    let zone: BTreeSet<String> = aggregates.into_iter().filter(is_zone).map(|a| a.name.clone()).collect();
    if !zone.is_empty() {
        query.member_of.push(zone);
    }
}

/// `isolate_aggregates`: an aggregate with `trait:X=required` is closed to whoever does not
/// require X.
fn isolate_aggregates<'a>(
    request: &RequestSpec,
    aggregates: impl IntoIterator<Item = &'a Aggregate>,
    options: &Options,
    query: &mut Query,
) {
    if !options.isolate_aggregates {
        return;
    }
    let wanted: BTreeSet<&str> = request.flavor.traits("required").collect();
    let isolated = |a: &Aggregate| {
        let traits = a.metadata.iter().filter(|(_, value)| *value == "required");
        traits
            .filter_map(|(key, _)| key.strip_prefix("trait:"))
            .any(|name| !wanted.contains(name))
    };
    let closed = aggregates.into_iter().filter(|a| isolated(a)).map(|a| a.name.clone());
    query.forbidden_aggregates.extend(closed);
}
