//! The Failure Trace Archive: when the nodes of a platform were down.
//!
//! An event is a line of nine fields parted by blanks or tabs: event, component, node, platform, node's name, type (0: down, 1:
//! up), begin and end in Unix seconds, and why it ended. Rows go by node and not by time, names of nodes may look like numbers,
//! and ids of nodes repeat from platform to platform. A header may be missing.

use std::collections::BTreeMap;
use std::path::Path;

use super::foreign::draft::{Draft, DraftNode, DraftSpell};
use super::foreign::moment::epoch_seconds;
use super::foreign::names::word;
use super::foreign::open::Lines;
use super::foreign::tally::Account;
use super::foreign::wrong::{Faults, ForeignError};
use crate::kernel::text::quoted;

/// Fields of an event.
const EVENT: usize = 9;

/// Shorter spells are mostly reboots by users' deployments (Grid'5000: 80 % of the downs, 0.1 % of the time), ms.
const MIN_SPELL: i64 = 30 * 60_000;

/// The class of nodes whose location is not told.
const CLASS: &str = "node";

/// What is known of a node.
#[derive(Default)]
struct Seen {
    name: String,
    platform: String,
    /// Begin and end of each row, and whether it is a down.
    rows: Vec<(i64, i64, bool)>,
}

/// Reads the events, and the file of nodes for their locations.
pub(crate) fn import(events: &[&Path], nodes: &[&Path], draft: &mut Draft<'_>) -> Result<(), ForeignError> {
    let mut locations = BTreeMap::new();
    for path in nodes {
        read_nodes(path, &mut locations)?;
    }
    let mut account = Account::of("FTA events read");
    let mut seen: BTreeMap<(String, String), Seen> = BTreeMap::new();
    for path in events {
        read_events(path, &mut seen, &mut account)?;
    }
    if seen.is_empty() && events.is_empty() {
        return Err(ForeignError::Use(
            "the Failure Trace Archive's events are missing: give event_trace.tab, or the folder that has it"
                .to_owned(),
        ));
    }
    // Nodes of different platforms may have one name.
    let mut names: BTreeMap<&str, u32> = BTreeMap::new();
    seen.values()
        .for_each(|node| *names.entry(node.name.as_str()).or_default() += 1);
    let several: BTreeMap<String, u32> = names
        .into_iter()
        .map(|(name, count)| (name.to_owned(), count))
        .collect();
    let mut unborn = 0;
    for ((platform, number), mut node) in seen {
        let id = match several.get(&node.name) {
            Some(1) => node.name.clone(),
            _ => format!("{}/{}", node.platform, node.name),
        };
        let location = locations.get(&(platform, number)).cloned().unwrap_or_default();
        unborn += u64::from(one(&id, &location, &mut node.rows, draft));
    }
    draft.accounts.push(account);
    draft.min_spell = MIN_SPELL;
    if unborn > 0 {
        draft.remark(format!(
            "{unborn} nodes begin with a down: they are taken as not there before its end, since such downs last for days."
        ));
    }
    draft.remark(
        "Most downs of a testbed are reboots by its users' deployments: spells under 30 min are left out (--min-spell). Why a node \
         was down is not recorded: every spell is a fault.",
    );
    Ok(())
}

/// Adds a node with its spells; whether it began with a down.
fn one(id: &str, location: &str, rows: &mut [(i64, i64, bool)], draft: &mut Draft<'_>) -> bool {
    rows.sort_unstable();
    let Some(&(begin, first_end, first_down)) = rows.first() else {
        return false;
    };
    let from = if first_down { first_end } else { begin };
    let last = rows.iter().map(|(_, end, _)| *end).max().unwrap_or(begin);
    draft.extent.see(begin);
    draft.extent.see(last);
    let class = if location.is_empty() {
        CLASS.to_owned()
    } else {
        word(location)
    };
    draft.nodes.insert(
        id.to_owned(),
        DraftNode {
            class,
            rack: location.to_owned(),
            from: Some(from),
            until: Some(last),
            ..DraftNode::default()
        },
    );
    let downs = rows.iter().skip(usize::from(first_down)).filter(|(_, _, down)| *down);
    draft.spells.extend(downs.map(|(start, end, _)| DraftSpell {
        node: id.to_owned(),
        start: Some(*start),
        // A down that reaches to the end of the node's record was not seen to end.
        end: (*end < last).then_some(*end),
        kind: "fault".to_owned(),
        campaign: None,
    }));
    first_down
}

fn read_events(
    path: &Path,
    seen: &mut BTreeMap<(String, String), Seen>,
    account: &mut Account,
) -> Result<(), ForeignError> {
    let mut lines = Lines::open(path)?;
    let mut faults = Faults::of(&lines.file.clone());
    while let Some(text) = lines.next()?.map(str::to_owned) {
        let line = lines.line;
        if faults.is_full() {
            break;
        }
        if text.trim().is_empty() {
            continue;
        }
        if text.trim_start().starts_with('#') {
            account.one("skipped: remarks", "");
            continue;
        }
        let fields: Vec<&str> = text.split_whitespace().collect();
        if fields.len() < EVENT {
            let mend = if lines.ended {
                "give the rows as they were published"
            } else {
                "fetch it again: it is cut short"
            };
            faults.note(
                line,
                "",
                format!("{} fields where an event has {EVENT}", fields.len()),
                mend,
            );
            continue;
        }
        let mut time = |at: usize, name: &str| {
            let read = epoch_seconds(fields[at]);
            if read.is_none() {
                faults.note(
                    line,
                    name,
                    format!("{} is no time in Unix seconds", quoted(fields[at])),
                    "give the rows as they were published",
                );
            }
            read
        };
        let (Some(start), Some(end)) = (time(6, "event_start_time"), time(7, "event_stop_time")) else {
            continue;
        };
        let down = match fields[5] {
            "0" => true,
            "1" => false,
            other => {
                faults.note(
                    line,
                    "event_type",
                    format!("{} is neither 0 (down) nor 1 (up)", quoted(other)),
                    "give the rows as they were published",
                );
                continue;
            }
        };
        account.one(if down { "downs" } else { "ups" }, "");
        let node = seen.entry((fields[3].to_owned(), fields[2].to_owned())).or_default();
        fields[4].clone_into(&mut node.name);
        fields[3].clone_into(&mut node.platform);
        node.rows.push((start, end, down));
    }
    faults.end()
}

/// Locations by platform and node.
fn read_nodes(path: &Path, locations: &mut BTreeMap<(String, String), String>) -> Result<(), ForeignError> {
    let mut lines = Lines::open(path)?;
    while let Some(text) = lines.next()? {
        if text.trim_start().starts_with('#') {
            continue;
        }
        let fields: Vec<&str> = text.split_whitespace().collect();
        if let [node, platform, _, _, location, ..] = fields[..]
            && location != "NULL"
        {
            locations.insert((platform.to_owned(), node.to_owned()), location.to_owned());
        }
    }
    Ok(())
}
