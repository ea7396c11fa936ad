//! The range of every key that takes a number, a time or a law: what the reader refuses, and what the manual prints.
//!
//! A row names the table as its shape does (`TableShape::name`) and the key as it stands there; what lies deeper, in a value
//! with a grammar of its own, follows behind a dot. Times in milliseconds.

use std::fmt;

use crate::kernel::Span;
use crate::kernel::time::DAY_MS;

/// About 20,000 years, the longest time that can be typed: no sum of two comes near the end of the clock.
pub const LONGEST_MS: u64 = 7_300_000 * DAY_MS;
/// The longest horizon: 100 years.
pub const HORIZON_MS: u64 = 36_525 * DAY_MS;
/// Levels of confidence. Nearer to 1 the quantile is infinite in double precision; below a half nothing is said.
pub const LEVEL: (f64, f64) = (0.5, 0.999_999);
/// Standard deviations of a logarithm.
pub const SIGMA: (f64, f64) = (0.000_001, 10.0);
/// Shapes of Weibull's law.
pub const SHAPE: (f64, f64) = (0.05, 100.0);
/// Tail indices of Pareto's law.
pub const INDEX: (f64, f64) = (0.05, 1000.0);
/// The most strategies: they are compared pair by pair.
pub const STRATEGIES: usize = 64;
/// The most entries of any list of tables.
pub const ENTRIES: usize = 10_000;
/// The most nodes of a fleet.
pub const NODES: usize = 2_000_000;
/// The most replications.
pub const REPLICATIONS: i64 = 1_000_000;
/// The most shards of a sweep.
pub const SHARDS: u32 = 100_000;

/// What a key takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum KeyRange {
    /// A whole number.
    Whole(i64, i64),
    /// A number.
    Number(f64, f64),
    /// A number above the first.
    Above(f64, f64),
    /// A share.
    Share,
    /// A time.
    Time(u64, u64),
    /// A law of time.
    Law,
    /// Whole numbers, or a list of them with weights.
    Sizes(u16, u16),
}

impl KeyRange {
    /// Whether a number lies in it.
    #[must_use]
    pub fn holds(self, n: f64) -> bool {
        match self {
            KeyRange::Number(least, most) => (least..=most).contains(&n),
            KeyRange::Above(least, most) => n > least && n <= most,
            KeyRange::Share => (0.0..=1.0).contains(&n),
            KeyRange::Whole(..) | KeyRange::Time(..) | KeyRange::Law | KeyRange::Sizes(..) => false,
        }
    }
}

impl fmt::Display for KeyRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeyRange::Whole(least, most) => write!(f, "a whole number from {least} to {most}"),
            KeyRange::Number(least, most) => write!(f, "a number from {least} to {most}"),
            KeyRange::Above(least, most) if most.is_finite() => write!(f, "a number above {least}, at most {most}"),
            KeyRange::Above(least, _) => write!(f, "a number above {least}"),
            KeyRange::Share => f.write_str("a share from 0 to 1"),
            KeyRange::Time(least, most) => write!(f, "a time from {} to {}", Span(*least), long(*most)),
            KeyRange::Law => write!(f, "a law of times from 0s to {}", long(LONGEST_MS)),
            KeyRange::Sizes(least, most) => write!(f, "a whole number from {least} to {most}, or several with weights"),
        }
    }
}

/// A long time in whole days, as it can be typed.
fn long(ms: u64) -> String {
    format!("{}d", ms / DAY_MS)
}

/// Amounts of money: their sums stay exact to a part of a unit.
const PRICE: KeyRange = KeyRange::Number(0.0, 1e9);

const ANY_TIME: KeyRange = KeyRange::Time(0, LONGEST_MS);

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct RangeRow {
    /// The table.
    pub table: &'static str,
    /// The key.
    pub key: &'static str,
    /// What it takes.
    pub range: KeyRange,
}

const fn row(table: &'static str, key: &'static str, range: KeyRange) -> RangeRow {
    RangeRow { table, key, range }
}

/// All ranges, in the order of the keys' tables.
pub const RANGES: &[RangeRow] = &[
    row("scenario", "horizon", KeyRange::Time(1, HORIZON_MS)),
    row("scenario", "seed", KeyRange::Whole(0, i64::MAX)),
    row("scenario", "replications", KeyRange::Whole(1, REPLICATIONS)),
    row("fleet", "scale", KeyRange::Above(0.0, 1000.0)),
    row("fleet", "conductor_groups", KeyRange::Whole(1, 10_000)),
    row("fleet.owners", "share", KeyRange::Share),
    row("fleet.group", "nodes", KeyRange::Whole(1, NODES as i64)),
    row("fleet.group", "racks", KeyRange::Whole(1, 10_000)),
    row("fleet.group", "from", ANY_TIME),
    row("fleet.group", "until", ANY_TIME),
    row("fleet.group", "retired_at", ANY_TIME),
    row("workload", "scale", KeyRange::Number(0.0, 1000.0)),
    row("workload", "on_refusal.retry", KeyRange::Whole(1, 1000)),
    row("workload", "on_refusal.backoff", KeyRange::Time(1, LONGEST_MS)),
    row("workload", "on_refusal.wait", ANY_TIME),
    row("workload", "running_hold", KeyRange::Law),
    row("workload", "names_owner", KeyRange::Share),
    row("workload", "hours_of_week", KeyRange::Number(0.0, 1e9)),
    row("workload", "tenants", KeyRange::Whole(1, 50_000)),
    row("workload", "tenants.share", KeyRange::Number(0.0, 1e9)),
    row("workload", "skew", KeyRange::Number(0.0, 10.0)),
    row("workload", "growth_a_year", KeyRange::Number(-0.99, 100.0)),
    row("rescue", "share", KeyRange::Share),
    row("rescue", "length", KeyRange::Law),
    row("workload.flavor", "per_day", KeyRange::Number(0.0, 1e6)),
    row("workload.flavor", "sizes", KeyRange::Sizes(1, u16::MAX)),
    row("workload.flavor", "hold", KeyRange::Law),
    row("workload.request", "at", ANY_TIME),
    row("workload.request", "start", ANY_TIME),
    row("workload.request", "count", KeyRange::Whole(1, u16::MAX as i64)),
    row("workload.request", "min_count", KeyRange::Whole(1, u16::MAX as i64)),
    row("workload.request", "hold", ANY_TIME),
    row("workload.request", "planned", ANY_TIME),
    row(
        "workload.request.group",
        "max_server_per_host",
        KeyRange::Whole(1, 1_000_000),
    ),
    row("maintenance", "practice_route", ANY_TIME),
    row("maintenance", "drain.deadline", ANY_TIME),
    row("maintenance", "clean_work", KeyRange::Law),
    row("errands", "counts", KeyRange::Sizes(0, 1000)),
    row("errands", "duration", KeyRange::Law),
    row("maintenance.faults", "between", KeyRange::Law),
    row("maintenance.faults.kind", "share", KeyRange::Number(0.0, 1e9)),
    row("maintenance.faults.kind", "deploy_fails", KeyRange::Share),
    row("maintenance.faults.kind", "detection", KeyRange::Law),
    row("maintenance.faults.kind", "work", KeyRange::Law),
    row("maintenance.campaign", "start", ANY_TIME),
    row("maintenance.campaign", "every", KeyRange::Time(60_000, LONGEST_MS)),
    row("maintenance.campaign", "share", KeyRange::Share),
    row("maintenance.campaign", "announce", ANY_TIME),
    row("maintenance.campaign", "work", KeyRange::Law),
    row("budget", "nodes", KeyRange::Whole(1, u32::MAX as i64)),
    row("budget", "share", KeyRange::Above(0.0, 1.0)),
    row("maintenance.spell", "start", ANY_TIME),
    row("maintenance.spell", "end", ANY_TIME),
    row("operators", "technicians", KeyRange::Whole(1, 1_000_000)),
    row("crew", "technicians", KeyRange::Whole(1, 1_000_000)),
    row("operators", "action", KeyRange::Law),
    row("operators", "slip", KeyRange::Share),
    row("operators", "slip_flag", KeyRange::Share),
    row("operators", "wrong_pool", KeyRange::Share),
    row("operators", "audit", KeyRange::Time(60_000, LONGEST_MS)),
    row("operators", "retry", KeyRange::Time(1000, LONGEST_MS)),
    row("operators", "notice_wrong", ANY_TIME),
    row("control_plane", "cap", KeyRange::Whole(1, u32::MAX as i64)),
    row("control_plane", "attempts", KeyRange::Whole(1, 255)),
    row("control_plane", "quota", KeyRange::Whole(1, u32::MAX as i64)),
    row(
        "control_plane",
        "update_resources_max_workers",
        KeyRange::Whole(1, 1024),
    ),
    row("control_plane", "driver_refusal", KeyRange::Law),
    row(
        "control_plane.tenant_quota",
        "machines",
        KeyRange::Whole(0, u32::MAX as i64),
    ),
    row("control_plane.loop", "period", ANY_TIME),
    row("control_plane.loop", "per_node", ANY_TIME),
    row("control_plane.loop", "jitter", KeyRange::Share),
    row("ironic", "deploy", KeyRange::Law),
    row("ironic", "cleaning", KeyRange::Law),
    row("ironic", "rescue", KeyRange::Law),
    row("ironic", "build_failure", KeyRange::Share),
    row("ironic", "build_failure_time", KeyRange::Law),
    row("ironic", "clean_failure", KeyRange::Share),
    row("ironic", "power_detection", ANY_TIME),
    row("ironic", "power_recovery", KeyRange::Time(1000, LONGEST_MS)),
    row("report", "log_nodes", KeyRange::Whole(0, NODES as i64)),
    row("report", "confidence", KeyRange::Number(LEVEL.0, LEVEL.1)),
    row("report", "warm_up", ANY_TIME),
    row("report", "max_events", KeyRange::Whole(1, i64::MAX)),
    row("report.matters", "waits", KeyRange::Time(1, LONGEST_MS)),
    row("costs", "matters", KeyRange::Above(0.0, f64::INFINITY)),
    row("costs", "refused_request", PRICE),
    row("costs", "refused_node_hour", PRICE),
    row("costs", "breach", PRICE),
    row("costs", "interruption", PRICE),
    row("costs", "eviction", PRICE),
    row("costs", "failed_build", PRICE),
    row("costs", "stranded_node_hour", PRICE),
    row("costs", "operator_action", PRICE),
    row("costs", "errand_wait_hour", PRICE),
    row("costs", "technician_hour", PRICE),
    row("costs", "node_month", PRICE),
    row("precision", "half_width", KeyRange::Above(0.0, f64::INFINITY)),
    row("precision", "confidence", KeyRange::Number(LEVEL.0, LEVEL.1)),
    row("precision", "max_replications", KeyRange::Whole(2, REPLICATIONS)),
    row("best", "indifference", KeyRange::Above(0.0, f64::INFINITY)),
    row("best", "confidence", KeyRange::Number(LEVEL.0, LEVEL.1)),
    row("best", "max_replications", KeyRange::Whole(2, REPLICATIONS)),
    row("expect", "value", KeyRange::Number(f64::MIN, f64::MAX)),
    row("expect", "longer_than", ANY_TIME),
];

/// The range of a key, if it takes numbers or times.
#[must_use]
pub fn range(table: &str, key: &str) -> Option<KeyRange> {
    let found = RANGES.iter().find(|row| row.table == table && row.key == key);
    found.map(|row| row.range)
}

/// The table as Markdown, for the manual.
#[must_use]
pub fn manual() -> String {
    let mut text = "| table | key | takes |\n|---|---|---|\n".to_owned();
    for row in RANGES {
        let takes = match row.range {
            KeyRange::Number(least, most) if least == f64::MIN && most == f64::MAX => "a number".to_owned(),
            range => range.to_string(),
        };
        text.push_str(&format!("| `{}` | `{}` | {takes} |\n", row.table, row.key));
    }
    text
}
