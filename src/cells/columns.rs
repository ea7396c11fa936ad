//! The one table of metrics: name, unit, good side and definition. The CSV header, the JSON
//! keys, the printed table and the manual come from it.
//!
//! Unless a definition says otherwise: counts are of facts since the warm-up, requests count when
//! they arrived since the warm-up, and integrals and averages run from the warm-up to the end.

use crate::stats::compare::Good::{self, High, Low, Neither};

/// A metric.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its name, as in `summary.json` and `metrics.csv`.
    pub name: &'static str,
    /// Its unit.
    pub unit: &'static str,
    /// Its good side.
    pub good: Good,
    /// Whether it is in the default printed table.
    pub shown: bool,
    /// What it is, exactly.
    pub definition: &'static str,
}

const fn shown(name: &'static str, unit: &'static str, good: Good, definition: &'static str) -> Column {
    Column {
        name,
        unit,
        good,
        shown: true,
        definition,
    }
}

const fn quiet(name: &'static str, unit: &'static str, good: Good, definition: &'static str) -> Column {
    Column {
        name,
        unit,
        good,
        shown: false,
        definition,
    }
}

macro_rules! node_hours {
    ($state:literal, in) => {
        quiet(
            concat!("node_hours_", $state, "_in"),
            "node-h",
            Neither,
            concat!(
                "Integral of the nodes in provision state ",
                $state,
                " with at least one hold"
            ),
        )
    };
    ($state:literal, out) => {
        quiet(
            concat!("node_hours_", $state, "_out"),
            "node-h",
            Neither,
            concat!("Integral of the nodes in provision state ", $state, " without a hold"),
        )
    };
}

/// Every metric, in the order of all tables.
pub const COLUMNS: &[Column] = &[
    shown(
        "acceptance",
        "share",
        High,
        "Accepted people's requests / (accepted + refused)",
    ),
    quiet(
        "acceptance_monitoring",
        "share",
        High,
        "The same for monitoring robots' requests",
    ),
    quiet(
        "requests",
        "count",
        Neither,
        "People's requests that were decided at least once",
    ),
    quiet(
        "accepted",
        "count",
        High,
        "People's requests that were decided and of whose machines at least one became active; one of several \
         machines counts as a whole, and those of its machines that were lost are in `siblings_lost`",
    ),
    quiet(
        "siblings_lost",
        "count",
        Low,
        "Machines of people's and robots' requests for several that were decided and never became active: no \
         attempt of their build was left",
    ),
    shown("refused", "count", Low, "People's requests that were refused for good"),
    quiet(
        "waiting",
        "count",
        Low,
        "People's requests that were neither accepted nor refused at the end",
    ),
    shown(
        "refused_class_full",
        "count",
        Low,
        "Of `refused`: too few machines of the class were free, even counting those in maintenance and other \
         tenants'",
    ),
    shown(
        "refused_only_hidden",
        "count",
        Low,
        "Of `refused`: enough were free, counting those that stood idle in maintenance",
    ),
    shown(
        "refused_other_tenants",
        "count",
        Low,
        "Of `refused`: enough were free, but they were other tenants'",
    ),
    shown(
        "refused_candidate_cap",
        "count",
        Low,
        "Of `refused`: enough were free, but too few of them survived the candidate cap",
    ),
    shown(
        "refused_quota",
        "count",
        Low,
        "Of `refused`: the tenant's quota was used up",
    ),
    shown(
        "refused_stale_view",
        "count",
        Low,
        "Of `refused`: free machines were not yet seen as free, or the last build's machine was taken out of \
         service under it",
    ),
    shown(
        "refused_build_chance",
        "count",
        Low,
        "Of `refused`: no build succeeded, and the last one failed by chance, on sound hardware",
    ),
    shown(
        "refused_broken_hardware",
        "count",
        Low,
        "Of `refused`: no build succeeded, and the last one failed on broken hardware",
    ),
    shown(
        "refused_driver_refused",
        "count",
        Low,
        "Of `refused`: no build succeeded, and the driver refused the last node, which was not what the view said",
    ),
    shown(
        "refused_never_fits",
        "count",
        Low,
        "Of `refused`: too few nodes will ever fit it (those that are still to join and classes that are still to \
         change counted), or the tenant's quota could never hold it",
    ),
    shown(
        "refused_line",
        "count",
        Low,
        "Of `refused`: somebody who came earlier waited in a strict line",
    ),
    shown(
        "refused_no_match",
        "count",
        Low,
        "Of `refused`: enough were free, but they lack what the request asks for: traits, capabilities, a zone",
    ),
    quiet(
        "wait_p50",
        "s",
        Low,
        "Median time from the start of an accepted people's request until its last machine is active or lost; \
         the replication's exact quantile by nearest rank, and the estimate is the mean of it over \
         replications",
    ),
    quiet(
        "wait_p95",
        "s",
        Low,
        "95 % quantile of the time from the start of an accepted people's request until its last \
         machine is active or lost; the replication's exact quantile by nearest rank, and the estimate is the mean of \
         it over replications",
    ),
    quiet(
        "longest_wait",
        "h",
        Low,
        "Longest time that a people's request which was refused at first waited: from its start until it was \
         accepted or refused for good, or until the end; large requests can starve where others may pass them \
         (`longest_wait.size.N` among the details tells them apart)",
    ),
    quiet(
        "longest_wait_several",
        "h",
        Low,
        "The same for requests of several machines",
    ),
    shown(
        "misplacements",
        "count",
        Low,
        "Claims of people's and robots' requests that were sent to a node in maintenance",
    ),
    quiet(
        "failed_builds",
        "count",
        Low,
        "Builds of people's and robots' requests that failed, for whatever reason",
    ),
    shown(
        "breaches",
        "count",
        Low,
        "Times that a tenant became active on a node in maintenance or on another tenant's node",
    ),
    quiet("evictions", "count", Low, "Instances that an operator evicted"),
    quiet(
        "interruptions",
        "count",
        Low,
        "Instances that a fault ended, or that a broken node failed",
    ),
    quiet("rescues", "count", Neither, "Tenants' rescues that began"),
    quiet(
        "rescues_refused",
        "count",
        Low,
        "Tenants' rescues, and boots back from one, that Ironic's maintenance flag refused",
    ),
    quiet(
        "rescues_errored",
        "count",
        Low,
        "Times that a rescue, or the boot back, which the flag refused left an instance in ERROR until its tenant reboots it",
    ),
    quiet(
        "errands",
        "count",
        Neither,
        "Operators' boots on nodes in maintenance that were needed",
    ),
    quiet(
        "errands_done",
        "count",
        High,
        "Errands needed since the warm-up whose image ran for its time on the right node",
    ),
    quiet(
        "errands_failed",
        "count",
        Low,
        "Errands needed since the warm-up whose window ended before the image had run for its time",
    ),
    shown(
        "errand_wait_p50",
        "h",
        Low,
        "Median time from an errand's need until its image runs on the right node; errands whose image never \
         ran have none; the replication's exact quantile by nearest rank, and the estimate is the mean of it \
         over replications",
    ),
    shown(
        "errand_wait_p95",
        "h",
        Low,
        "95 % quantile of the time from an errand's need until its image runs on the right node; errands \
         whose image never ran have none; the replication's exact quantile by nearest rank, and the estimate \
         is the mean of it over replications",
    ),
    quiet(
        "lease_wait_p95",
        "h",
        Low,
        "95 % quantile of the time from the operators' wanting a lease of a node until it begins, under \
         blazar-lease; the replication's exact quantile by nearest rank, and the estimate is the mean of it \
         over replications",
    ),
    quiet(
        "leases_healed",
        "count",
        Low,
        "Leases to come that were moved to another node, out of the way of the operators'",
    ),
    quiet(
        "leases_degraded",
        "count",
        Low,
        "Leases to come that lost a node to the operators' and found no other",
    ),
    quiet(
        "leases_expired",
        "count",
        Low,
        "Operators' leases that ended before the work was done",
    ),
    quiet(
        "mistargeted",
        "count",
        Low,
        "Errands' images that were deployed onto a wrong node",
    ),
    quiet(
        "errand_refusals",
        "count",
        Low,
        "Errands' boots that were refused and had to be tried again",
    ),
    quiet("boots_failed", "count", Low, "Builds of errands' boots that failed"),
    shown(
        "actions",
        "count",
        Low,
        "What humans did for maintenances: steps of entries and returns, boots, deploys by hand",
    ),
    quiet("actions_entry", "count", Low, "Steps of entries that a human did"),
    quiet("actions_return", "count", Low, "Steps of returns that a human did"),
    quiet(
        "actions_boots",
        "count",
        Low,
        "Boots that an operator asked for; asking again what was refused is none",
    ),
    quiet("actions_by_hand", "count", Low, "Deploys by hand, outside Nova"),
    quiet("slips", "count", Low, "Steps of returns that a human forgot"),
    quiet(
        "slips_found",
        "count",
        Neither,
        "Forgotten steps that an audit found and mended",
    ),
    quiet("windows", "count", Neither, "Maintenance windows that opened"),
    quiet(
        "windows_open",
        "count",
        Neither,
        "Of `windows`: those whose hold was not released before the end",
    ),
    quiet(
        "maintenance_time_mean",
        "h",
        Low,
        "Mean time from a window's opening to its close (its hold released), over windows that opened since \
         the warm-up and closed before the end",
    ),
    quiet(
        "away_time_mean",
        "h",
        Low,
        "Mean time from a window's opening until its node is back (all steps of the return done), over \
         windows that opened since the warm-up and whose node came back before the end",
    ),
    quiet(
        "technician_wait_mean",
        "h",
        Low,
        "Mean time that work, when a technician began it, had waited for one",
    ),
    quiet(
        "installed",
        "nodes",
        Neither,
        "Time average of the nodes in the fleet (not enroll)",
    ),
    shown(
        "schedulable",
        "nodes",
        High,
        "Time average of the nodes that ordinary requests could use now or when their tenant leaves: in the \
         fleet, not hidden in the view, and not clean failed, manageable or error",
    ),
    quiet(
        "in_maintenance",
        "nodes",
        Low,
        "Time average of the nodes in the fleet with at least one hold",
    ),
    quiet(
        "occupied",
        "nodes",
        Neither,
        "Time average of the nodes with a tenant's instance on them, from claim to release",
    ),
    quiet(
        "installed_node_hours",
        "node-h",
        Neither,
        "Integral of the nodes in the fleet",
    ),
    shown(
        "stranded_node_hours",
        "node-h",
        Low,
        "Integral of the nodes in the fleet that are hidden in the view although they are healthy, have no \
         hold and nobody is on them",
    ),
    shown(
        "exposed_node_hours",
        "node-h",
        Low,
        "Integral of the nodes that are broken or in maintenance and that the view offers to ordinary requests",
    ),
    quiet(
        "utilisation_installed",
        "share",
        Neither,
        "Node-hours with a tenant on the node / node-hours in the fleet",
    ),
    quiet(
        "utilisation_schedulable",
        "share",
        Neither,
        "Schedulable node-hours with a tenant on the node / schedulable node-hours",
    ),
    quiet(
        "largest_fit",
        "nodes",
        High,
        "Time average of the largest number of nodes of one class that the view offers at once: the largest \
         request without traits that would fit now",
    ),
    quiet(
        "candidates_mean",
        "nodes",
        Neither,
        "Mean number of candidates looked at per decision",
    ),
    quiet(
        "cap_hits",
        "count",
        Low,
        "Decisions whose candidates were cut off by the cap",
    ),
    quiet(
        "conflicts",
        "count",
        Low,
        "Claims that were lost because the node was not what the view said",
    ),
    quiet("retries", "count", Low, "Claims beyond a build's first attempt"),
    quiet(
        "view_age_mean",
        "s",
        Low,
        "Mean age of a node's facts when the loop brought them to the view",
    ),
    quiet(
        "view_age_max",
        "s",
        Low,
        "Greatest age of a node's facts when the loop brought them to the view",
    ),
    quiet(
        "instances_open",
        "count",
        Neither,
        "Tenants' instances and builds that had not ended at the end: the horizon cuts them off",
    ),
    quiet(
        "little_gap",
        "share",
        Neither,
        "|L - lambda W| / L over tenants' instances: the integral of occupied nodes against the sum of the \
         sojourns (claim to release) clipped to the measured time; 0 unless the model is broken",
    ),
    node_hours!("enroll", in),
    node_hours!("enroll", out),
    node_hours!("manageable", in),
    node_hours!("manageable", out),
    node_hours!("available", in),
    node_hours!("available", out),
    node_hours!("deploying", in),
    node_hours!("deploying", out),
    node_hours!("active", in),
    node_hours!("active", out),
    node_hours!("rescuing", in),
    node_hours!("rescuing", out),
    node_hours!("rescue", in),
    node_hours!("rescue", out),
    node_hours!("unrescuing", in),
    node_hours!("unrescuing", out),
    node_hours!("deleting", in),
    node_hours!("deleting", out),
    node_hours!("cleaning", in),
    node_hours!("cleaning", out),
    node_hours!("clean_failed", in),
    node_hours!("clean_failed", out),
    node_hours!("deploy_failed", in),
    node_hours!("deploy_failed", out),
    node_hours!("error", in),
    node_hours!("error", out),
];

/// The first of the columns of node-hours per provision state: they end the table, two for each
/// state in the order of the states' numbers, in maintenance and out of it.
pub(super) const NODE_HOURS: usize = COLUMNS.len() - 2 * crate::world::PROVISIONS;

/// The place of the metric of this name.
#[must_use]
pub fn column(name: &str) -> Option<usize> {
    COLUMNS.iter().position(|column| column.name == name)
}

/// The metric whose name is most like `name`, for error messages; none when nothing is like it.
#[must_use]
pub fn nearest(name: &str) -> Option<&'static str> {
    let likeness = |column: &Column| strsim::jaro_winkler(column.name, name);
    // Of equals the first: `max_by` takes the last.
    let best = COLUMNS
        .iter()
        .rev()
        .max_by(|a, b| likeness(a).total_cmp(&likeness(b)))?;
    (likeness(best) > 0.7).then_some(best.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::provision::STATES;

    #[test]
    fn names_are_apart_and_every_column_says_what_it_is() {
        for (at, row) in COLUMNS.iter().enumerate() {
            assert_eq!(column(row.name), Some(at));
            assert!(row.definition.len() > 20 && !row.unit.is_empty(), "{}", row.name);
        }
    }

    #[test]
    fn node_hours_end_the_table_in_the_order_of_the_states() {
        for (at, state) in STATES.iter().enumerate() {
            let name = state.name().replace(' ', "_");
            assert_eq!(COLUMNS[NODE_HOURS + 2 * at].name, format!("node_hours_{name}_in"));
            assert_eq!(COLUMNS[NODE_HOURS + 2 * at + 1].name, format!("node_hours_{name}_out"));
        }
    }

    #[test]
    fn a_misspelt_metric_finds_its_neighbour() {
        assert_eq!(nearest("aceptance"), Some("acceptance"));
        assert_eq!(nearest("mistargetted"), Some("mistargeted"));
        assert_eq!(nearest("zzz"), None);
    }
}
