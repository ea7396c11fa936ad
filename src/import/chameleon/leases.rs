//! The leases, and the requests of a window.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::{ImportError, Item, Tally, Window, ms_between};
use crate::import::neutral::{RequestKind, RequestMulti, RequestRecord};
use crate::import::table::{self, Bad, Row};
use crate::kernel::text::quoted;

const FOLDERS: [&str; 2] = ["on_demand", "in_advance"];
const REQUIRED: &[&str] = &[
    "lease_id",
    "project_id",
    "user_id",
    "created_at",
    "deleted_at",
    "start_on",
    "end_on",
    "node_cnt",
    "reserve_conditions",
    "reserve_count_range",
    "node_type",
];

/// One lease of the trace; times in ms since 1970.
#[derive(Debug, Clone)]
pub(super) struct Lease {
    id: String,
    project: String,
    pub(super) user: String,
    pub(super) created: i64,
    deleted: Option<i64>,
    start_on: i64,
    end_on: i64,
    nodes: u32,
    fewest: u32,
    most: u32,
    class: String,
    /// Whether the conditions ask for the class and nothing else.
    plain: bool,
    /// Class that the file is named after.
    filed_under: String,
    in_advance: bool,
}

impl Lease {
    /// Where the user deletes and asks again within a minute, `start_on` alone (floored to the
    /// minute) would make the two overlap.
    pub(super) fn start(&self) -> i64 {
        self.start_on.max(self.created)
    }

    pub(super) fn end(&self) -> i64 {
        self.deleted.map_or(self.end_on, |deleted| deleted.min(self.end_on))
    }
}

/// Reads every `*.csv` of the two folders, by folder and name.
pub(super) fn read(source: &Path, tally: &mut Tally) -> Result<Vec<Lease>, ImportError> {
    let mut leases = Vec::new();
    for folder in FOLDERS {
        for path in csv_files(&source.join(folder))? {
            let from = leases.len();
            read_file(&path, &mut leases)?;
            tally.add(Item::LeaseRows, leases.len() - from);
            for lease in leases.iter_mut().skip(from) {
                lease.in_advance = folder == "in_advance";
            }
        }
    }
    Ok(leases)
}

fn csv_files(folder: &Path) -> Result<Vec<PathBuf>, ImportError> {
    if !folder.is_dir() {
        return Err(ImportError::Missing {
            path: folder.to_owned(),
            what: "folder",
        });
    }
    let unreadable = |source| ImportError::Io {
        path: folder.to_owned(),
        verb: "read",
        source,
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|extension| extension == "csv") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn read_file(path: &Path, leases: &mut Vec<Lease>) -> Result<(), ImportError> {
    let sheet = super::open(path, REQUIRED)?;
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let stem = stem.unwrap_or_default();
    let mut errors = Vec::new();
    for mut row in sheet.rows() {
        if let Ok(lease) = lease(&mut row, &stem) {
            leases.push(lease);
        }
        errors.append(&mut row.errors);
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(ImportError::Csv(table::in_order(errors)))
    }
}

fn lease(row: &mut Row<'_>, filed_under: &str) -> Result<Lease, Bad> {
    let id = row.text("lease_id");
    let project = row.text("project_id");
    let user = row.text("user_id");
    let created = super::time(row, "created_at", ' ');
    let deleted = if row.raw("deleted_at").is_empty() {
        Ok(None)
    } else {
        super::time(row, "deleted_at", ' ').map(Some)
    };
    let start_on = super::time(row, "start_on", ' ');
    let end_on = super::time(row, "end_on", ' ');
    let nodes = row.machines("node_cnt");
    let range = range(row);
    let class = row.text("node_type");
    let (fewest, most) = range?;
    let class = class?;
    Ok(Lease {
        id: id?,
        project: project?,
        user: user?,
        created: created?,
        deleted: deleted?,
        start_on: start_on?,
        end_on: end_on?,
        nodes: nodes?,
        fewest,
        most,
        plain: asks_for_class_alone(row.raw("reserve_conditions"), &class),
        class,
        filed_under: filed_under.to_owned(),
        in_advance: false,
    })
}

/// `min-max` as asked.
fn range(row: &mut Row<'_>) -> Result<(u32, u32), Bad> {
    let text = row.raw("reserve_count_range");
    if let Some((fewest, most)) = text.split_once('-')
        && let (Ok(fewest), Ok(most)) = (fewest.parse(), most.parse())
    {
        return Ok((fewest, most));
    }
    Err(row.fail(
        "reserve_count_range",
        format!("{} is not a range", quoted(text)),
        "give `min-max`",
    ))
}

/// Whether `conditions` is empty or `["=", "$node_type", "CLASS"]`, with one or two `=`.
fn asks_for_class_alone(conditions: &str, class: &str) -> bool {
    let bare: String = conditions
        .chars()
        .filter(|letter| !letter.is_whitespace() && !matches!(letter, '"' | '[' | ']'))
        .collect();
    let Some(asked) = bare.trim_start_matches('=').strip_prefix(",$node_type,") else {
        return bare.is_empty();
    };
    asked == class
}

/// The requests of the window: leases that start in it or run when it begins.
pub(super) fn requests(
    leases: Vec<Lease>,
    (classes, robots): (&BTreeSet<&str>, &BTreeSet<String>),
    window: Window,
    tally: &mut Tally,
) -> Vec<RequestRecord> {
    let mut seen = BTreeSet::new();
    let mut requests = Vec::new();
    for lease in leases {
        if let Some(item) = reason_to_skip(&lease, classes, window) {
            tally.one(item);
        } else if seen.insert(lease.id.clone()) {
            requests.push(request(lease, robots, window, tally));
        } else {
            tally.one(Item::Repeated);
        }
    }
    requests.sort_by(|a, b| {
        let key = |request: &RequestRecord| (request.arrival_ms, request.start_ms);
        key(a).cmp(&key(b)).then_with(|| a.request_id.cmp(&b.request_id))
    });
    requests
}

/// Why a lease is left out, if it is; the first reason that holds.
fn reason_to_skip(lease: &Lease, classes: &BTreeSet<&str>, window: Window) -> Option<Item> {
    let (start, end) = (lease.start(), lease.end());
    if end < start {
        Some(Item::Inverted)
    } else if end == start {
        Some(Item::ZeroLength)
    } else if end <= window.from {
        Some(Item::EndedBefore)
    } else if start >= window.to {
        Some(Item::StartsAfter)
    } else if lease.nodes == 0 {
        Some(Item::NoNodes)
    } else if !classes.contains(lease.class.as_str()) {
        Some(Item::UnknownClass)
    } else {
        None
    }
}

fn request(lease: Lease, robots: &BTreeSet<String>, window: Window, tally: &mut Tally) -> RequestRecord {
    let start = lease.start().max(window.from);
    let running = lease.start() < window.from;
    let kind = if robots.contains(&lease.user) {
        RequestKind::Monitoring
    } else {
        RequestKind::People
    };
    count(&lease, running, kind, window, tally);
    RequestRecord {
        arrival_ms: if running { 0 } else { window.since(lease.created) },
        start_ms: window.since(start),
        hold_ms: ms_between(start, lease.end()),
        planned_hold_ms: Some(ms_between(start, lease.end_on)),
        request_id: lease.id,
        tenant: lease.project,
        user: lease.user,
        resource_class: lease.class,
        traits: Vec::new(),
        count: lease.nodes,
        min_count: lease.fewest.clamp(1, lease.nodes.max(1)),
        kind,
        multi: Some(RequestMulti::Blazar),
        node_id: None,
        end_known: true,
        age_ms: 0,
    }
}

/// Counts a kept lease under everything that holds for it.
fn count(lease: &Lease, running: bool, kind: RequestKind, window: Window, tally: &mut Tally) {
    if running {
        tally.one(Item::Running);
    } else {
        tally.one(Item::Requests);
        let monitoring = kind == RequestKind::Monitoring;
        tally.one(if monitoring { Item::Monitoring } else { Item::People });
        tally.one_if(lease.in_advance, Item::InAdvance);
        tally.one_if(lease.created < window.from, Item::AskedBefore);
    }
    tally.one_if(lease.end() > window.to, Item::BeyondEnd);
    tally.one_if(lease.created > lease.start_on, Item::LateStarts);
    tally.one_if(lease.deleted.is_none(), Item::NeverDeleted);
    let asked = lease.fewest..=lease.most;
    tally.one_if(!asked.contains(&lease.nodes), Item::OutsideRange);
    tally.one_if(!lease.plain, Item::OtherConditions);
    tally.one_if(lease.class != lease.filed_under, Item::OtherClass);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_that_ask_for_the_class_alone_are_known() {
        for conditions in ["", r#"["=", "$node_type", "a_b"]"#, r#"["==","$node_type","a_b"]"#] {
            assert!(asks_for_class_alone(conditions, "a_b"), "{conditions}");
        }
        for conditions in [
            r#"["=", "$node_type", "other"]"#,
            r#"["=", "$uid", "a_b"]"#,
            r#"["and", ["=", "$node_type", "a_b"], ["=", "$gpu.gpu", "True"]]"#,
        ] {
            assert!(!asks_for_class_alone(conditions, "a_b"), "{conditions}");
        }
    }
}
