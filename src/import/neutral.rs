//! The neutral CSVs: nodes, requests and spells of maintenance.
//!
//! - `nodes.csv`: node_id, resource_class; optional (default): traits (none), rack (empty),
//!   conductor_group (empty), owner (none), available_from_s (0), available_until_s (never),
//!   class_changes (none), group_changes (none).
//! - `requests.csv`: request_id, arrival_s, start_s, hold_s, tenant, resource_class, count;
//!   optional: planned_hold_s (none), user (empty), traits (none), min_count (count),
//!   kind (people), multi (what the workload says: nova or blazar), node_id (where it runs; none),
//!   end_known (true; false where only a part of the hold was seen, `hold_s`), age_s (how long it had run before `start_s`; 0).
//! - `maintenance.csv`: node_id, start_s, end_s; optional: kind (fault), campaign (none).
//!
//! An optional column may be missing or its field empty. Times are seconds since the scenario's
//! epoch with at most three decimals and become exact milliseconds. `traits` are separated by
//! blanks; `class_changes` reads `seconds:class|seconds:class`, in order of time, and `group_changes` names
//! conductor groups so. An empty `end_s`
//! reaches to the horizon. Reading is strict and tells all errors of a file (up to 20) at once;
//! an unknown column is kept out with a warning. Whether a class or a node that a row names exists
//! in another file is not checked here.

mod read;
mod swift;
mod write;

#[cfg(test)]
mod tests;

use std::fmt;

pub use super::table::CsvError;
pub use read::{read_nodes, read_requests, read_spells, resembles};
pub use swift::{ToldRow, TraceRow, each_request};
pub use write::{RequestsWriter, write_nodes, write_requests, write_spells};

/// One machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeRecord {
    /// Unique name of the machine.
    pub node_id: String,
    /// Resource class at the beginning (before the first of `class_changes`).
    pub resource_class: String,
    /// Traits, in the file's order.
    pub traits: Vec<String>,
    /// Rack; empty when unknown.
    pub rack: String,
    /// Conductor group; empty when there is none.
    pub conductor_group: String,
    /// Tenant that owns the machine.
    pub owner: Option<String>,
    /// When the machine joins the fleet, ms since the epoch.
    pub available_from_ms: u64,
    /// When it leaves the fleet, ms since the epoch; `None`: never.
    pub available_until_ms: Option<u64>,
    /// Later classes: (ms since the epoch, class), times strictly rising.
    pub class_changes: Vec<(u64, String)>,
    /// Later conductor groups: (ms since the epoch, group), times strictly rising.
    pub group_changes: Vec<(u64, String)>,
}

/// One request for machines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestRecord {
    /// Unique name of the request.
    pub request_id: String,
    /// When it is asked, ms since the epoch.
    pub arrival_ms: u64,
    /// When the machines are wanted, ms since the epoch; at or after the arrival.
    pub start_ms: u64,
    /// How long they are held once granted, ms.
    pub hold_ms: u64,
    /// How long they were asked for, ms, where that is known and may differ.
    pub planned_hold_ms: Option<u64>,
    /// Tenant (project).
    pub tenant: String,
    /// User; empty when unknown.
    pub user: String,
    /// Resource class wanted.
    pub resource_class: String,
    /// Required traits, in the file's order.
    pub traits: Vec<String>,
    /// Machines wanted, at least 1.
    pub count: u32,
    /// Fewest machines that will do, at most `count`.
    pub min_count: u32,
    /// Who asks.
    pub kind: RequestKind,
    /// How it is met if it is for several machines; none: as the workload says.
    pub multi: Option<RequestMulti>,
    /// The machine on which it runs, where that is known. At the begin of a run those that start then sit there.
    pub node_id: Option<String>,
    /// Whether the hold ended; else the data ended before it did, and `hold_ms` is what was seen of it.
    pub end_known: bool,
    /// How long it had run before its start, ms: the data began later than it did.
    pub age_ms: u64,
}

/// How a request for several machines is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RequestMulti {
    /// As Nova does: lowered only by the quota, else all or nothing.
    Nova,
    /// As Blazar does: what there is between the fewest and the most.
    Blazar,
}

impl RequestMulti {
    /// Both, in the order of the documentation.
    pub const ALL: [Self; 2] = [Self::Nova, Self::Blazar];

    /// The word in the CSV.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nova => "nova",
            Self::Blazar => "blazar",
        }
    }
}

/// Who asks for machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RequestKind {
    /// A person's work.
    People,
    /// A robot's health check, reported apart.
    Monitoring,
    /// The operators' own work.
    Operator,
}

impl RequestKind {
    /// Every kind, in the order of the documentation.
    pub const ALL: [Self; 3] = [Self::People, Self::Monitoring, Self::Operator];

    /// The word in the CSV.
    pub fn name(self) -> &'static str {
        match self {
            Self::People => "people",
            Self::Monitoring => "monitoring",
            Self::Operator => "operator",
        }
    }
}

impl fmt::Display for RequestKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One spell of maintenance of one machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpellRecord {
    /// The machine.
    pub node_id: String,
    /// Begin, ms since the epoch.
    pub start_ms: u64,
    /// End, ms since the epoch; `None`: to the horizon.
    pub end_ms: Option<u64>,
    /// Why: `fault`, `planned`, `hardware-failure`, `operator-hold`, or a word of the site's own.
    pub kind: String,
    /// Campaign that the spell belongs to.
    pub campaign: Option<String>,
}

/// What a file held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read<T> {
    /// The records, in the file's order.
    pub records: Vec<T>,
    /// Source line of each record, counted from 1.
    pub lines: Vec<u64>,
    /// What was odd without being wrong.
    pub warnings: Vec<String>,
}
