//! The one table of metrics: name, unit, good side and definition. The CSV header, the JSON
//! keys, the printed table and the manual come from it.

/// Which side of a metric is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Good {
    /// More is better.
    High,
    /// Less is better.
    Low,
    /// Neither.
    Neither,
}

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

const fn column(name: &'static str, unit: &'static str, good: Good, shown: bool, definition: &'static str) -> Column {
    Column { name, unit, good, shown, definition }
}

/// Every metric.
pub const COLUMNS: &[Column] = &[
    column("acceptance", "share", Good::High, true, "accepted / decided automatic requests of people"),
    column("refused", "requests", Good::Low, true, "automatic requests of people refused for good"),
    column("refused_class_full", "requests", Good::Low, false, "refused: too few machines of the class were free"),
    column("refused_only_hidden", "requests", Good::Low, false, "refused: only hidden nodes were left"),
    column("refused_other_tenants", "requests", Good::Low, false, "refused: other tenants' nodes were free"),
    column("refused_candidate_cap", "requests", Good::Low, false, "refused: the candidate cap cut the rest off"),
    column("refused_quota", "requests", Good::Low, false, "refused: quota"),
    column("refused_stale_view", "requests", Good::Low, false, "refused: the view was stale"),
    column("refused_builds_failed", "requests", Good::Low, false, "refused: every build failed"),
    column("misplacements", "claims", Good::Low, true, "automatic claims sent to a node in maintenance"),
    column("breaches", "instances", Good::Low, true, "tenants that became active on a node in maintenance"),
    column("errand_wait_p50", "h", Good::Low, true, "need to image running on the right node, median"),
    column("errand_wait_p95", "h", Good::Low, true, "need to image running on the right node, 95th percentile"),
    column("mistargeted", "boots", Good::Low, false, "operators' images on a wrong node"),
    column("stranded_node_hours", "node-h", Good::Low, true, "healthy, nothing to be done, not offered"),
    column("exposed_node_hours", "node-h", Good::Low, true, "broken or in maintenance, and offered"),
    column("actions", "actions", Good::Low, true, "operators' human actions"),
    column("installed", "nodes", Good::Neither, true, "mean nodes in the fleet"),
    column("schedulable", "nodes", Good::High, true, "mean nodes that ordinary requests could use"),
];
