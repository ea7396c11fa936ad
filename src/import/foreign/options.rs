//! What may be asked of an import of foreign files.

use std::path::PathBuf;

/// The options; each source takes those that it understands.
#[derive(Clone, Debug, Default)]
pub struct ForeignOptions {
    /// Begin of the window, ms since 1970; else the first time in the files.
    pub from: Option<i64>,
    /// End of the window; else the last time in the files.
    pub to: Option<i64>,
    /// What local times without a zone mean.
    pub zone: Option<String>,
    /// When a snapshot was taken, ms since 1970.
    pub at: Option<i64>,
    /// How long a spell lasts whose end is not known, ms; else to the horizon.
    pub open_spell: Option<i64>,
    /// Shorter spells are left out, ms.
    pub min_spell: Option<i64>,
    /// A site's table of kinds.
    pub kinds: Option<PathBuf>,
    /// Names of people and projects stay as they are.
    pub keep_names: bool,
    /// How long an instance is held whose begin and end are not known, ms.
    pub hold: Option<i64>,
    /// How nodes and classes are found.
    pub naming: NamingOptions,
    /// How demand is read.
    pub demand: DemandOptions,
}

/// How nodes and classes are found.
#[derive(Clone, Debug, Default)]
pub struct NamingOptions {
    /// Ironic's nodes go by their UUID.
    pub by_uuid: bool,
    /// A regular expression on a node's name whose first group (or whole match) is the rack.
    pub rack_from: Option<String>,
    /// Where a Slurm node's class is from: `partition`, `features`, or a regular expression on features; of SWF `partition` or `queue`.
    pub class_from: Option<String>,
    /// The class of nodes that have none.
    pub default_class: Option<String>,
    /// Ironic's nodes that are manageable or retired count too.
    pub all_states: bool,
}

/// How demand is read.
#[derive(Clone, Debug, Default)]
pub struct DemandOptions {
    /// Requests that Nova refused are written with this hold, ms.
    pub refused: Option<i64>,
    /// Servers that were created together are one request.
    pub group_creates: bool,
    /// Slurm's jobs start when they did and not when they were submitted.
    pub as_scheduled: bool,
    /// Slurm's jobs count whether or not they have their nodes to themselves.
    pub shared: bool,
    /// Processors of a node in SWF.
    pub procs_per_node: Option<u32>,
    /// SWF's jobs that want less than a node take one, instead of being left out.
    pub round_small: bool,
    /// A regular expression on a lease's name that makes it maintenance: group `node`, group `reason`.
    pub maintenance_name: Option<String>,
    /// The project whose leases are maintenance.
    pub maintenance_project: Option<String>,
}
