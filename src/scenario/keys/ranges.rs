//! The range of every key that takes a number, a time or a law: what the reader refuses, and what the manual prints.
//!
//! A row names the table as its shape does (`Shape::name`) and the key as it stands there; what lies deeper, in a value
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
pub enum Range {
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

impl Range {
    /// Whether a number lies in it.
    #[must_use]
    pub fn holds(self, n: f64) -> bool {
        match self {
            Range::Number(least, most) => (least..=most).contains(&n),
            Range::Above(least, most) => n > least && n <= most,
            Range::Share => (0.0..=1.0).contains(&n),
            Range::Whole(..) | Range::Time(..) | Range::Law | Range::Sizes(..) => false,
        }
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Range::Whole(least, most) => write!(f, "a whole number from {least} to {most}"),
            Range::Number(least, most) => write!(f, "a number from {least} to {most}"),
            Range::Above(least, most) if most.is_finite() => write!(f, "a number above {least}, at most {most}"),
            Range::Above(least, _) => write!(f, "a number above {least}"),
            Range::Share => f.write_str("a share from 0 to 1"),
            Range::Time(least, most) => write!(f, "a time from {} to {}", Span(*least), long(*most)),
            Range::Law => write!(f, "a law of times from 0s to {}", long(LONGEST_MS)),
            Range::Sizes(least, most) => write!(f, "a whole number from {least} to {most}, or several with weights"),
        }
    }
}

/// A long time in whole days, as it can be typed.
fn long(ms: u64) -> String {
    format!("{}d", ms / DAY_MS)
}

const ANY_TIME: Range = Range::Time(0, LONGEST_MS);

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The table.
    pub table: &'static str,
    /// The key.
    pub key: &'static str,
    /// What it takes.
    pub range: Range,
}

const fn row(table: &'static str, key: &'static str, range: Range) -> Row {
    Row { table, key, range }
}

/// All ranges, in the order of the keys' tables.
pub const RANGES: &[Row] = &[
    row("scenario", "horizon", Range::Time(1, HORIZON_MS)),
    row("scenario", "seed", Range::Whole(0, i64::MAX)),
    row("scenario", "replications", Range::Whole(1, REPLICATIONS)),
    row("fleet", "scale", Range::Above(0.0, 1000.0)),
    row("fleet", "conductor_groups", Range::Whole(1, 10_000)),
    row("fleet.owners", "share", Range::Share),
    row("fleet.group", "nodes", Range::Whole(1, NODES as i64)),
    row("fleet.group", "racks", Range::Whole(1, 10_000)),
    row("fleet.group", "retired_at", ANY_TIME),
    row("workload", "scale", Range::Number(0.0, 1000.0)),
    row("workload", "on_refusal.retry", Range::Whole(1, 1000)),
    row("workload", "on_refusal.backoff", Range::Time(1, LONGEST_MS)),
    row("workload", "on_refusal.wait", ANY_TIME),
    row("workload", "names_owner", Range::Share),
    row("workload", "hours_of_week", Range::Number(0.0, 1e9)),
    row("workload", "tenants", Range::Whole(1, 50_000)),
    row("workload", "tenants.share", Range::Number(0.0, 1e9)),
    row("workload", "skew", Range::Number(0.0, 10.0)),
    row("rescue", "share", Range::Share),
    row("rescue", "length", Range::Law),
    row("workload.flavor", "per_day", Range::Number(0.0, 1e6)),
    row("workload.flavor", "sizes", Range::Sizes(1, u16::MAX)),
    row("workload.flavor", "hold", Range::Law),
    row("workload.request", "at", ANY_TIME),
    row("workload.request", "start", ANY_TIME),
    row("workload.request", "count", Range::Whole(1, u16::MAX as i64)),
    row("workload.request", "min_count", Range::Whole(1, u16::MAX as i64)),
    row("workload.request", "hold", ANY_TIME),
    row("workload.request", "planned", ANY_TIME),
    row(
        "workload.request.group",
        "max_server_per_host",
        Range::Whole(1, 1_000_000),
    ),
    row("maintenance", "practice_route", ANY_TIME),
    row("maintenance", "drain.deadline", ANY_TIME),
    row("maintenance", "clean_work", Range::Law),
    row("errands", "counts", Range::Sizes(0, 1000)),
    row("errands", "duration", Range::Law),
    row("maintenance.faults", "between", Range::Law),
    row("maintenance.faults.kind", "share", Range::Number(0.0, 1e9)),
    row("maintenance.faults.kind", "deploy_fails", Range::Share),
    row("maintenance.faults.kind", "detection", Range::Law),
    row("maintenance.faults.kind", "work", Range::Law),
    row("maintenance.campaign", "start", ANY_TIME),
    row("maintenance.campaign", "every", Range::Time(60_000, LONGEST_MS)),
    row("maintenance.campaign", "share", Range::Share),
    row("maintenance.campaign", "announce", ANY_TIME),
    row("maintenance.campaign", "work", Range::Law),
    row("budget", "nodes", Range::Whole(1, u32::MAX as i64)),
    row("budget", "share", Range::Above(0.0, 1.0)),
    row("maintenance.spell", "start", ANY_TIME),
    row("maintenance.spell", "end", ANY_TIME),
    row("operators", "technicians", Range::Whole(1, 1_000_000)),
    row("crew", "technicians", Range::Whole(1, 1_000_000)),
    row("operators", "action", Range::Law),
    row("operators", "slip", Range::Share),
    row("operators", "slip_flag", Range::Share),
    row("operators", "wrong_pool", Range::Share),
    row("operators", "audit", Range::Time(60_000, LONGEST_MS)),
    row("operators", "retry", Range::Time(1000, LONGEST_MS)),
    row("operators", "notice_wrong", ANY_TIME),
    row("control_plane", "cap", Range::Whole(1, u32::MAX as i64)),
    row("control_plane", "attempts", Range::Whole(1, 255)),
    row("control_plane", "quota", Range::Whole(1, u32::MAX as i64)),
    row("control_plane", "update_resources_max_workers", Range::Whole(1, 1024)),
    row("control_plane", "driver_refusal", Range::Law),
    row(
        "control_plane.tenant_quota",
        "machines",
        Range::Whole(0, u32::MAX as i64),
    ),
    row("control_plane.loop", "period", ANY_TIME),
    row("control_plane.loop", "per_node", ANY_TIME),
    row("control_plane.loop", "jitter", Range::Share),
    row("ironic", "deploy", Range::Law),
    row("ironic", "cleaning", Range::Law),
    row("ironic", "rescue", Range::Law),
    row("ironic", "build_failure", Range::Share),
    row("ironic", "build_failure_time", Range::Law),
    row("ironic", "clean_failure", Range::Share),
    row("ironic", "power_detection", ANY_TIME),
    row("ironic", "power_recovery", Range::Time(1000, LONGEST_MS)),
    row("report", "confidence", Range::Number(LEVEL.0, LEVEL.1)),
    row("report", "warm_up", ANY_TIME),
    row("precision", "half_width", Range::Above(0.0, f64::INFINITY)),
    row("precision", "confidence", Range::Number(LEVEL.0, LEVEL.1)),
    row("precision", "max_replications", Range::Whole(2, REPLICATIONS)),
    row("best", "indifference", Range::Above(0.0, f64::INFINITY)),
    row("best", "confidence", Range::Number(LEVEL.0, LEVEL.1)),
    row("best", "max_replications", Range::Whole(2, REPLICATIONS)),
    row("expect", "value", Range::Number(f64::MIN, f64::MAX)),
    row("expect", "longer_than", ANY_TIME),
];

/// The range of a key, if it takes numbers or times.
#[must_use]
pub fn range(table: &str, key: &str) -> Option<Range> {
    let found = RANGES.iter().find(|row| row.table == table && row.key == key);
    found.map(|row| row.range)
}

/// The table as Markdown, for the manual.
#[must_use]
pub fn manual() -> String {
    let mut text = "| table | key | takes |\n|---|---|---|\n".to_owned();
    for row in RANGES {
        let takes = match row.range {
            Range::Number(least, most) if least == f64::MIN && most == f64::MAX => "a number".to_owned(),
            range => range.to_string(),
        };
        text.push_str(&format!("| `{}` | `{}` | {takes} |\n", row.table, row.key));
    }
    text
}
