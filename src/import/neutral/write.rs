//! Writing the neutral CSVs: one fixed column order, LF line ends, the same records always the
//! same bytes. What is written reads back as it was, provided that the records are ones that the
//! reader could have given (no blank within a trait, no `|` or `:` within a class).

use super::{NodeRecord, RequestRecord, SpellRecord};
use crate::import::table::{ms_to_seconds, push_row};

/// Columns of `nodes.csv`, in order.
pub(super) const NODE_COLUMNS: &[&str] = &[
    "node_id",
    "resource_class",
    "traits",
    "rack",
    "conductor_group",
    "owner",
    "available_from_s",
    "available_until_s",
    "class_changes",
    "group_changes",
];

/// Columns of `requests.csv`, in order.
pub(super) const REQUEST_COLUMNS: &[&str] = &[
    "request_id",
    "arrival_s",
    "start_s",
    "hold_s",
    "planned_hold_s",
    "tenant",
    "user",
    "resource_class",
    "traits",
    "count",
    "min_count",
    "kind",
    "multi",
    "node_id",
    "end_known",
    "age_s",
];

/// The last columns of `requests.csv`, which are there where some request says something in them.
const REQUEST_SELDOM: usize = 3;

/// Columns of `maintenance.csv`, in order.
pub(super) const SPELL_COLUMNS: &[&str] = &["node_id", "start_s", "end_s", "kind", "campaign"];

/// The text of `nodes.csv`. The last column is there where a node has something in it.
pub fn write_nodes(nodes: &[NodeRecord]) -> Vec<u8> {
    let mut out = Vec::new();
    let regrouped = nodes.iter().any(|node| !node.group_changes.is_empty());
    let columns = NODE_COLUMNS.len() - usize::from(!regrouped);
    push_row(&mut out, NODE_COLUMNS[..columns].iter().copied());
    for node in nodes {
        let changes = |changes: &[(u64, String)]| {
            let told = changes
                .iter()
                .map(|(at_ms, name)| format!("{}:{name}", ms_to_seconds(*at_ms)));
            told.collect::<Vec<String>>().join("|")
        };
        let fields = [
            node.node_id.as_str(),
            &node.resource_class,
            &node.traits.join(" "),
            &node.rack,
            &node.conductor_group,
            node.owner.as_deref().unwrap_or_default(),
            &ms_to_seconds(node.available_from_ms),
            &optional_seconds(node.available_until_ms),
            &changes(&node.class_changes),
            &changes(&node.group_changes),
        ];
        push_row(&mut out, fields[..columns].iter().copied());
    }
    out
}

/// The text of `requests.csv`.
pub fn write_requests(requests: &[RequestRecord]) -> Vec<u8> {
    let seldom = requests
        .iter()
        .any(|request| request.node_id.is_some() || !request.end_known || request.age_ms > 0);
    let mut out = Vec::new();
    let writer = RequestsWriter::new(seldom, &mut out);
    requests.iter().for_each(|request| writer.push(request, &mut out));
    out
}

/// Writes `requests.csv` row by row.
#[derive(Clone, Copy, Debug)]
pub struct RequestsWriter {
    columns: usize,
}

impl RequestsWriter {
    /// Appends the header; with the columns that are seldom needed, or without.
    pub fn new(seldom: bool, out: &mut Vec<u8>) -> RequestsWriter {
        let columns = REQUEST_COLUMNS.len() - if seldom { 0 } else { REQUEST_SELDOM };
        push_row(out, REQUEST_COLUMNS[..columns].iter().copied());
        RequestsWriter { columns }
    }

    /// Appends a row.
    pub fn push(self, request: &RequestRecord, out: &mut Vec<u8>) {
        let fields = [
            request.request_id.as_str(),
            &ms_to_seconds(request.arrival_ms),
            &ms_to_seconds(request.start_ms),
            &ms_to_seconds(request.hold_ms),
            &optional_seconds(request.planned_hold_ms),
            &request.tenant,
            &request.user,
            &request.resource_class,
            &request.traits.join(" "),
            &request.count.to_string(),
            &request.min_count.to_string(),
            request.kind.name(),
            request.multi.map_or("", super::RequestMulti::name),
            request.node_id.as_deref().unwrap_or_default(),
            if request.end_known { "" } else { "false" },
            &optional_seconds(Some(request.age_ms).filter(|age| *age > 0)),
        ];
        push_row(out, fields[..self.columns].iter().copied());
    }
}

/// The text of `maintenance.csv`.
pub fn write_spells(spells: &[SpellRecord]) -> Vec<u8> {
    let mut out = Vec::new();
    push_row(&mut out, SPELL_COLUMNS.iter().copied());
    for spell in spells {
        push_row(
            &mut out,
            [
                spell.node_id.as_str(),
                &ms_to_seconds(spell.start_ms),
                &optional_seconds(spell.end_ms),
                &spell.kind,
                spell.campaign.as_deref().unwrap_or_default(),
            ],
        );
    }
    out
}

fn optional_seconds(ms: Option<u64>) -> String {
    ms.map_or_else(String::new, ms_to_seconds)
}
