//! The request filters (`scheduler/request_filter.py`, in their order) and the Placement query
//! that they and the flavor make (`scheduler/utils.py`, `ResourceRequest`).

use std::collections::BTreeSet;

use super::placement::Query;
use super::resource_request::{Groups, groups_of};
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

/// Where a request's named machine is, if it names one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Located {
    /// It names none.
    #[default]
    Anywhere,
    /// On this node: Placement is asked for its tree.
    Node(String),
    /// On one of several nodes of a service: Placement is asked without a limit.
    Several,
}

/// Gives the compute nodes, each its service and its name, of a service, of a node's name, or of both.
pub type Find<'a> = &'a dyn Fn(Option<&str>, Option<&str>) -> Vec<(String, String)>;

/// Looks up the compute nodes that a request names (`scheduler/utils.py:757-801`). A requested
/// destination is completed where there is one node.
///
/// # Errors
/// There is no such node: Placement is not asked.
pub fn locate(request: &mut RequestSpec, find: Find<'_>) -> Result<Located, Refused> {
    let to = request.destination.as_ref();
    let named = |to: Option<&String>, forced: &[String]| {
        let said = to.or(forced.first()).filter(|name| !name.is_empty());
        said.cloned()
    };
    let host = named(to.and_then(|to| to.host.as_ref()), &request.force_hosts);
    let node = named(to.and_then(|to| to.node.as_ref()), &request.force_nodes);
    if host.is_none() && node.is_none() {
        return Ok(Located::Anywhere);
    }
    let mut found = find(host.as_deref(), node.as_deref());
    match (found.pop(), found.is_empty()) {
        (None, _) => {
            let said = |name: Option<String>| name.unwrap_or_else(|| "None".to_owned());
            let (host, node) = (said(host), said(node));
            Err(Refused(format!("No such host - host: {host} node: {node}")))
        }
        (Some((host, node)), true) => {
            if let Some(to) = &mut request.destination {
                (to.host, to.node) = (Some(host), Some(node.clone()));
            }
            Ok(Located::Node(node))
        }
        (Some(_), false) => Ok(Located::Several),
    }
}

/// The query that a request becomes. `aggregates` are all that Nova knows; their names stand for
/// their UUIDs.
///
/// # Errors
/// A request filter refuses the request: the tenant has no aggregate and must have one.
pub fn query_for<'a>(
    request: &RequestSpec,
    aggregates: impl IntoIterator<Item = &'a Aggregate> + Clone,
    located: &Located,
    options: &Options,
) -> Result<Query, Refused> {
    let Groups { mut by_suffix, policy } = groups_of(request);
    let bare = by_suffix.remove("").unwrap_or_default();
    let mut query = Query {
        resources: bare.resources,
        required: bare.required.into_iter().map(|name| BTreeSet::from([name])).collect(),
        forbidden: bare.forbidden,
        granular: by_suffix,
        group_policy: policy,
        root_forbidden: BTreeSet::from([DISABLED.to_owned()]),
        limit: options.limit,
        ..Query::default()
    };
    if options.owner_trait {
        query.root_required.insert(OWNER_NOVA.to_owned());
    }
    tenant_aggregate(request, aggregates.clone(), options, &mut query)?;
    availability_zone(request, aggregates.clone(), &mut query);
    isolate_aggregates(aggregates, options, &mut query);
    // A named node becomes `in_tree`: the limit cannot hurt it.
    if let Located::Node(node) = located {
        query.in_tree = Some(node.clone());
    }
    // Instances are looked up after the query, so these hints drop the limit; so does a host of several
    // nodes (scheduler/utils.py:796-807).
    let counts = ["group", "same_host", "different_host"]
        .iter()
        .any(|hint| request.hints.contains_key(*hint));
    if counts || *located == Located::Several {
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
/// require X, in flavor or image.
fn isolate_aggregates<'a>(aggregates: impl IntoIterator<Item = &'a Aggregate>, options: &Options, query: &mut Query) {
    if !options.isolate_aggregates {
        return;
    }
    let granular = query.granular.values().flat_map(|group| &group.required);
    let wanted: BTreeSet<&String> = query.required.iter().flatten().chain(granular).collect();
    let isolated = |a: &Aggregate| {
        let traits = a.metadata.iter().filter(|(_, value)| *value == "required");
        traits
            .filter_map(|(key, _)| key.strip_prefix("trait:"))
            .any(|name| !wanted.iter().any(|wanted| *wanted == name))
    };
    let closed: BTreeSet<String> = aggregates
        .into_iter()
        .filter(|a| isolated(a))
        .map(|a| a.name.clone())
        .collect();
    query.forbidden_aggregates.extend(closed);
}
