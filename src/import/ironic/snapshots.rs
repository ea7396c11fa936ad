//! Lists of nodes: one snapshot, or several over time.
//!
//! Ironic stores in no field when maintenance began. Of one snapshot a spell begins with the window, and nobody knows its
//! end; of several it lasts from the first snapshot with maintenance to the first without, and is wrong by up to the time
//! between two.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use regex_lite::Regex;

use super::node::{CLASS, IronicNode, MAINTENANCE, Offered, STATE};
use crate::import::foreign::docs::{self, Form};
use crate::import::foreign::draft::{Draft, DraftNode, DraftSpell, Seat};
use crate::import::foreign::item::Item;
use crate::import::foreign::moment::{self, told};
use crate::import::foreign::names::shown;
use crate::import::foreign::tally::Account;
use crate::import::foreign::wrong::{Faults, ForeignError};
use crate::kernel::text::quoted;

/// So many nodes are a page, and the client stops there unless it is told otherwise.
const PAGE: usize = 1000;

/// A list of nodes in a file.
pub(crate) struct NodeList {
    /// The file.
    pub path: PathBuf,
    /// How it is written.
    pub form: Form,
}

/// The nodes at one time.
#[derive(Debug)]
struct Snapshot {
    at: i64,
    nodes: BTreeMap<String, IronicNode>,
}

/// Reads the lists and adds what they tell.
pub(crate) fn import(lists: &[NodeList], draft: &mut Draft<'_>) -> Result<(), ForeignError> {
    let mut account = Account::of("Ironic nodes read");
    let rack_from = pattern(draft.options.naming.rack_from.as_deref(), "--rack-from")?;
    let (mut read, mut open) = (Vec::new(), 0);
    for list in lists {
        let (nodes, more) = nodes(list, rack_from.as_ref(), draft)?;
        open += usize::from(more);
        read.push((list.path.as_path(), nodes));
    }
    if open == lists.len() {
        draft.remark(
            "The lists of nodes name a next page: give all pages, or the list of `openstack baremetal node list --long --limit 0`.",
        );
    }
    let snapshots = in_time(read, draft)?;
    draft.remark(
        "Ironic stores in no field when maintenance began, nor who was refused: begins are those of snapshots or \
         notifications.",
    );
    fleet(&snapshots, draft, &mut account);
    draft.accounts.push(account);
    Ok(())
}

/// A regular expression that the user gave.
pub(crate) fn pattern(text: Option<&str>, option: &str) -> Result<Option<Regex>, ForeignError> {
    let made = text.map(Regex::new).transpose();
    made.map_err(|error| {
        ForeignError::Use(format!(
            "{option} {}: {error}; give a regular expression such as '^(r[0-9]+)-'",
            quoted(text.unwrap_or_default())
        ))
    })
}

/// The nodes of a file, and whether it names a page that follows.
fn nodes(
    list: &NodeList,
    rack_from: Option<&Regex>,
    draft: &mut Draft<'_>,
) -> Result<(Vec<IronicNode>, bool), ForeignError> {
    let file = list.path.display().to_string();
    let mut faults = Faults::of(&file);
    let mut nodes = Vec::new();
    let wanted = ["[]", ".nodes[]", ".next"];
    let (mut pages, mut more) = (0, false);
    docs::each(&list.path, list.form, &wanted, &mut |found| {
        if found.path == ".next" {
            more = !found.value.is_null();
            pages += 1;
            return Ok(());
        }
        // Nodes that follow on the mark of a next page are that page.
        more = false;
        match Item::of(&found.value) {
            Some(item) => one(found.line, item, rack_from, (&mut nodes, &mut faults)),
            None => Err(ForeignError::at(
                &file,
                found.line,
                "",
                "this is no node",
                "give a list of nodes",
            )),
        }
    })?;
    if nodes.is_empty() && pages == 0 {
        // `node show` prints one node, not in a list.
        docs::each(
            &list.path,
            list.form,
            &[""],
            &mut |found| match Item::of(&found.value) {
                Some(item) if !item.has(&["nodes"]) => one(found.line, item, rack_from, (&mut nodes, &mut faults)),
                _ => Ok(()),
            },
        )?;
    }
    faults.end()?;
    if nodes.is_empty() {
        return Err(ForeignError::at(
            &file,
            1,
            "",
            "the list has no node",
            "list as an administrator: openstack baremetal node list --long --limit 0 -f json",
        ));
    }
    if !more && nodes.len() == PAGE {
        draft.remark(format!(
            "{} has exactly {PAGE} nodes, which is where Ironic and its client stop: list with --limit 0.",
            shown(&list.path)
        ));
    }
    Ok((nodes, more))
}

/// Takes in one node of a list.
fn one(
    line: u64,
    item: Item<'_>,
    rack_from: Option<&Regex>,
    (nodes, faults): (&mut Vec<IronicNode>, &mut Faults),
) -> Result<(), ForeignError> {
    if faults.is_full() {
        return Ok(());
    }
    if !item.has(CLASS) {
        return Err(too_old(&faults.file, line, item));
    }
    match IronicNode::read(item, rack_from) {
        Ok(node) => nodes.push(node),
        Err((column, message)) => {
            let message = format!("node {}: {message}", nodes.len() + 1);
            faults.note(
                line,
                column,
                message,
                "give what the client or the REST interface printed, unchanged",
            );
        }
    }
    Ok(())
}

/// Why a list of nodes without classes is of no use.
fn too_old(file: &str, line: u64, item: Item<'_>) -> ForeignError {
    let (what, mend) = if item.has(&["links"]) {
        (
            "the nodes have no resource_class: the request named no API version, or no details",
            "ask with -H 'X-OpenStack-Ironic-API-Version: 1.72' for /v1/nodes/detail",
        )
    } else if item.has(STATE) || item.has(MAINTENANCE) {
        (
            "the nodes have no resource class: the list is short",
            "list with `openstack baremetal node list --long -f json`",
        )
    } else {
        (
            "this is no list of Ironic's nodes",
            "give `openstack baremetal node list --long -f json`",
        )
    };
    ForeignError::at(file, line, "resource_class", what, mend)
}

/// The lists in order of time; files of one time are pages of one snapshot.
fn in_time(read: Vec<(&Path, Vec<IronicNode>)>, draft: &mut Draft<'_>) -> Result<Vec<Snapshot>, ForeignError> {
    let alone = read.len() == 1;
    let mut seen = BTreeSet::new();
    let pages = read
        .iter()
        .flat_map(|(_, nodes)| nodes)
        .all(|node| seen.insert(node.uuid.clone()));
    let dated: Vec<Option<i64>> = read.iter().map(|(path, _)| date_in(path)).collect();
    let newest = read
        .iter()
        .flat_map(|(_, nodes)| nodes)
        .filter_map(|node| node.updated)
        .max();
    let mut snapshots: BTreeMap<i64, BTreeMap<String, IronicNode>> = BTreeMap::new();
    let one_time = alone || pages && dated.iter().all(|date| date.is_none() || *date == dated[0]);
    for ((path, nodes), date) in read.into_iter().zip(dated) {
        let asked = draft.options.at.filter(|_| one_time);
        let known = asked.or(date);
        let at = match known.or(newest.filter(|_| one_time)) {
            Some(at) => {
                if known.is_none() {
                    draft.remark(format!(
                        "When the snapshot was taken is not known (no --at, no date in the file's name): {}, the newest time in \
                         it, is taken.",
                        told(at)
                    ));
                }
                at
            }
            None => {
                let at = modified(path)?;
                draft.remark(format!(
                    "{} tells no time: {}, when the file was last written, is taken. Put the date into the file's name.",
                    shown(path),
                    told(at)
                ));
                at
            }
        };
        let there = snapshots.entry(at).or_default();
        for node in nodes {
            if let Some(twice) = there.insert(node.uuid.clone(), node) {
                return Err(ForeignError::Use(format!(
                    "{}: node {} is in two lists of one time ({}); put each snapshot's date and hour into its file's name, such \
                     as nodes-2026-11-25T2200.json",
                    path.display(),
                    quoted(&twice.uuid),
                    told(at)
                )));
            }
        }
    }
    Ok(snapshots
        .into_iter()
        .map(|(at, nodes)| Snapshot { at, nodes })
        .collect())
}

/// A date, and perhaps an hour, in a file's name.
fn date_in(path: &Path) -> Option<i64> {
    let name = path.file_name()?.to_string_lossy();
    let regex = Regex::new(
        r"(?:^|[^0-9])(20[0-9]{2})[-_.]?([01][0-9])[-_.]?([0-3][0-9])(?:[-_.T ]?([0-2][0-9])[-_.:h]?([0-5][0-9])(?:[-_.:m]?([0-5][0-9]))?)?Z?(?:[^0-9]|$)",
    );
    let found = regex.ok()?.captures(&name)?;
    let part = |at: usize| found.get(at).map_or("00", |part| part.as_str());
    let text = format!(
        "{}-{}-{}T{}:{}:{}",
        part(1),
        part(2),
        part(3),
        part(4),
        part(5),
        part(6)
    );
    moment::utc(&text)
}

fn modified(path: &Path) -> Result<i64, ForeignError> {
    let failed = |source| ForeignError::Io {
        path: path.to_owned(),
        source,
    };
    let at = std::fs::metadata(path)
        .and_then(|found| found.modified())
        .map_err(failed)?;
    let since = at.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Ok(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// Adds the nodes, their spells and their instances.
fn fleet(snapshots: &[Snapshot], draft: &mut Draft<'_>, account: &mut Account) {
    let last = snapshots.last().map_or(0, |snapshot| snapshot.at);
    draft.snapshot = draft.snapshot.max(Some(last));
    let several = snapshots.len() > 1;
    if several {
        snapshots.iter().for_each(|snapshot| draft.extent.see(snapshot.at));
        let gaps = snapshots.windows(2).map(|pair| pair[1].at - pair[0].at);
        draft.remark(format!(
            "{} snapshots: begins and ends of spells and instances are wrong by up to the time between two, at most {} min. What \
             began and ended between two was not seen.",
            snapshots.len(),
            gaps.max().unwrap_or(0) / 60_000
        ));
    }
    let uuids: BTreeSet<&String> = snapshots.iter().flat_map(|snapshot| snapshot.nodes.keys()).collect();
    for uuid in uuids {
        let course: Vec<(i64, Option<&IronicNode>)> = snapshots
            .iter()
            .map(|snapshot| (snapshot.at, snapshot.nodes.get(uuid)))
            .collect();
        one_node(&course, draft, account);
    }
    let counts = snapshots
        .iter()
        .map(|snapshot| snapshot.nodes.len() as u64)
        .sum::<u64>();
    // The parts are of nodes; how often each was listed is a note.
    account.note(counts, "times listed", "over all snapshots");
}

/// Adds what the snapshots tell of one node.
fn one_node(course: &[(i64, Option<&IronicNode>)], draft: &mut Draft<'_>, account: &mut Account) {
    let naming = &draft.options.naming;
    let (default_class, by_uuid) = (naming.default_class.as_deref(), naming.by_uuid);
    let offered = |node: &IronicNode| node.offered(default_class, naming.all_states);
    let Some(newest) = course.iter().rev().find_map(|(_, node)| *node) else {
        return;
    };
    let there: Vec<(i64, Option<&IronicNode>)> = course
        .iter()
        .map(|(at, node)| (*at, node.filter(|node| offered(node) == Offered::Yes)))
        .collect();
    let Some(first) = there.iter().position(|(_, node)| node.is_some()) else {
        let (part, why) = match offered(newest) {
            Offered::Enrolling => ("skipped: being enrolled", "no tenant gets them"),
            Offered::Retired => (
                "skipped: retired",
                "they leave when they are free; --all-states keeps them",
            ),
            Offered::NoClass => (
                "skipped: without a resource class",
                "Nova never takes them; --default-class gives them one",
            ),
            _ => (
                "skipped: manageable, inspected or adopted",
                "no tenant gets them; --all-states keeps them",
            ),
        };
        account.one(part, why);
        return;
    };
    let final_place = there.iter().rposition(|(_, node)| node.is_some()).unwrap_or(first);
    let Some(node) = there[final_place].1 else { return };
    let id = node.id(by_uuid).to_owned();
    if draft.nodes.contains_key(&id) && draft.aliases.get(&node.uuid) != Some(&id) {
        account.one(
            "skipped: of a name that another node has",
            "names are unique in Ironic: is one of them of another site?",
        );
        return;
    }
    account.one("kept", "");
    let class_of = |node: &IronicNode| {
        node.class
            .clone()
            .or(default_class.map(str::to_owned))
            .unwrap_or_default()
    };
    let told_of = draft.nodes.contains_key(&id);
    let mut made = DraftNode {
        traits: node.traits.clone(),
        rack: node.rack.clone(),
        owner: node.owner.clone(),
        from: (first > 0).then(|| there[first].0),
        until: there.get(final_place + 1).map(|(at, _)| *at),
        ..DraftNode::default()
    };
    let mut missing = 0;
    let (mut class, mut group) = (String::new(), String::new());
    for (at, node) in &there[first..=final_place] {
        let Some(node) = node else {
            missing += 1;
            continue;
        };
        note_change(
            &mut class,
            class_of(node),
            *at,
            (&mut made.class, &mut made.class_changes),
        );
        note_change(
            &mut group,
            node.group.clone(),
            *at,
            (&mut made.conductor_group, &mut made.group_changes),
        );
    }
    account.note(
        u64::from(missing > 0),
        "missing from some snapshots between two that have them",
        "they stay",
    );
    draft.aliases.insert(node.uuid.clone(), id.clone());
    if !told_of {
        // Where notifications tell of the node, they know its spells and instances better.
        spells_of(&id, &there[first..], draft, account);
        seats_of(&id, &there[first..], &class_of, draft);
    }
    draft.nodes.insert(id, made);
}

fn note_change(now: &mut String, next: String, at: i64, (first, changes): (&mut String, &mut Vec<(i64, String)>)) {
    if now.is_empty() && changes.is_empty() && first.is_empty() {
        first.clone_from(&next);
    } else if *now != next {
        changes.push((at, next.clone()));
    }
    *now = next;
}

/// The spells of a node: from the first snapshot with maintenance to the first without.
fn spells_of(id: &str, course: &[(i64, Option<&IronicNode>)], draft: &mut Draft<'_>, account: &mut Account) {
    let mut open: Option<DraftSpell> = None;
    for (place, (at, node)) in course.iter().enumerate() {
        let away = node.filter(|node| node.maintenance || node.is_stuck());
        match (away, open.take()) {
            (Some(node), None) => {
                account.note(u64::from(node.maintenance), "in maintenance", "");
                account.note(
                    u64::from(node.is_stuck()),
                    "in `clean failed`, `deploy failed` or `error` without maintenance",
                    "no tenant gets them: spells of kind fault",
                );
                let kind = node
                    .kind_text()
                    .map_or_else(|| "fault".to_owned(), |text| draft.kinds.of(text));
                open = Some(DraftSpell {
                    node: id.to_owned(),
                    start: (place > 0).then_some(*at),
                    end: None,
                    kind,
                    campaign: None,
                });
            }
            (None, Some(spell)) => draft.spells.push(DraftSpell {
                end: Some(*at),
                ..spell
            }),
            (_, same) => open = same,
        }
    }
    draft.spells.extend(open);
}

/// The instances of a node: one in consecutive snapshots is one request.
fn seats_of(
    id: &str,
    course: &[(i64, Option<&IronicNode>)],
    class_of: &impl Fn(&IronicNode) -> String,
    draft: &mut Draft<'_>,
) {
    let several = course.len() > 1;
    let mut open: Option<(String, Seat)> = None;
    for (place, (at, node)) in course.iter().enumerate() {
        let now = node.and_then(|node| node.instance.clone());
        if open.as_ref().map(|(instance, _)| instance) == now.as_ref() {
            continue;
        }
        if let Some((instance, mut seat)) = open.take() {
            seat.end = Some(*at);
            draft.seats.insert(instance, seat);
        }
        if let (Some(instance), Some(node)) = (now, node) {
            let begun = (place > 0).then_some(*at);
            let seat = Seat {
                node: id.to_owned(),
                class: class_of(node),
                tenant: node.tenant.clone(),
                arrival: begun,
                start: begun,
                end: None,
                timed: several,
            };
            open = Some((instance, seat));
        }
    }
    if let Some((instance, seat)) = open {
        draft.seats.insert(instance, seat);
    }
}
