//! Ironic's notifications as JSON lines: exact spells, exact requests.
//!
//! Who sets maintenance sends `maintenance_set`; the conductor that sets it by itself does not, so that it shows in the next
//! notification of the node. `.start` carries the new values already, so only what ends something counts.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::node::IronicNode;
use crate::import::foreign::docs::{self, Form};
use crate::import::foreign::draft::{Draft, DraftNode, DraftSpell, Seat};
use crate::import::foreign::item::Item;
use crate::import::foreign::tally::Account;
use crate::import::foreign::wrong::{Faults, ForeignError};

/// What one notification says.
struct Said {
    at: i64,
    /// `maintenance_set`, `provision_set`, …
    what: String,
    node: IronicNode,
}

/// What is known of a node so far.
#[derive(Default)]
struct Course {
    /// The name under which it is written.
    id: String,
    node: DraftNode,
    spell: Option<DraftSpell>,
    instance: Option<(String, Seat)>,
    deploying: Option<i64>,
    /// Whether it was ever in a state in which tenants may have it.
    offered: bool,
    deleted: bool,
}

/// Reads the files and adds what they tell.
pub(crate) fn import(paths: &[&Path], draft: &mut Draft<'_>) -> Result<(), ForeignError> {
    let mut account = Account::of("notifications read");
    let rack_from = super::snapshots::pattern(draft.options.naming.rack_from.as_deref(), "--rack-from")?;
    let mut said = Vec::new();
    for path in paths {
        read(path, rack_from.as_ref(), &mut said, &mut account)?;
    }
    said.sort_by_key(|said| said.at);
    let mut courses: BTreeMap<String, Course> = BTreeMap::new();
    for said in &said {
        draft.extent.see(said.at);
        let course = courses.entry(said.node.uuid.clone()).or_default();
        follow(course, said, draft, &mut account);
    }
    draft.accounts.push(account);
    let mut nodes = Account::of("nodes in notifications");
    for (uuid, course) in courses {
        finish(uuid, course, draft, &mut nodes);
    }
    draft.accounts.push(nodes);
    draft.remark(
        "Maintenance that the conductor sets by itself sends no notification: its begin is that of the node's next one.",
    );
    Ok(())
}

fn read(
    path: &Path,
    rack_from: Option<&regex_lite::Regex>,
    said: &mut Vec<Said>,
    account: &mut Account,
) -> Result<(), ForeignError> {
    let file = path.display().to_string();
    let mut faults = Faults::of(&file);
    docs::each(path, Form::Json, &["", "[]"], &mut |found| {
        if faults.is_full() {
            return Ok(());
        }
        let messages = match found.value {
            Value::Array(items) => items,
            one => vec![one],
        };
        for message in &messages {
            match one(message, rack_from) {
                Ok(Ok(one)) => {
                    account.one("of nodes", "");
                    said.push(one);
                }
                Ok(Err((part, why))) => account.one(part, why),
                Err((column, message)) => {
                    faults.note(
                        found.line,
                        column,
                        message,
                        "give the messages as Ironic sent them, one a line",
                    );
                }
            }
        }
        Ok(())
    })?;
    faults.end()
}

/// Why a message is not used: the part of the account, and the reason.
type Skipped = (&'static str, &'static str);

/// Reads one message, in oslo's envelope or without.
fn one(
    message: &Value,
    rack_from: Option<&regex_lite::Regex>,
) -> Result<Result<Said, Skipped>, (&'static str, String)> {
    let envelope = Item::of(message).ok_or(("", "this is no message".to_owned()))?;
    let inner: Option<Value> = match envelope.get(&["oslo.message"]) {
        Some(Value::String(text)) => Some(
            serde_json::from_str(text)
                .map_err(|error| ("oslo.message", format!("the text in it is no JSON: {error}")))?,
        ),
        other => other.cloned(),
    };
    let message = inner.as_ref().and_then(Item::of).unwrap_or(envelope);
    let Some(kind) = message.text(&["event_type"]) else {
        return Err(("event_type", "the message has none".to_owned()));
    };
    let Some(rest) = kind.strip_prefix("baremetal.node.") else {
        return Ok(Err(("skipped: not of a node", "")));
    };
    let (what, phase) = rest.rsplit_once('.').unwrap_or((rest, ""));
    // A deploy begins with its start; of everything else the start tells what is yet to come.
    if phase == "start" && what != "provision_set" {
        return Ok(Err((
            "skipped: of the start of something",
            "they carry values that are not yet so",
        )));
    }
    let at = message.time(&["timestamp"]).map_err(|message| ("timestamp", message))?;
    let at = at.ok_or(("timestamp", "the message has none".to_owned()))?;
    let payload = message
        .within(&["payload"])
        .ok_or(("payload", "the message has none".to_owned()))?;
    let data = payload.within(&["ironic_object.data"]).unwrap_or(payload);
    let node = IronicNode::read(data, rack_from)?;
    Ok(Ok(Said {
        at,
        what: what.to_owned(),
        node,
    }))
}

/// Takes a notification into a node's course.
fn follow(course: &mut Course, said: &Said, draft: &mut Draft<'_>, account: &mut Account) {
    let (at, node) = (said.at, &said.node);
    let naming = &draft.options.naming;
    let id = node.id(naming.by_uuid).to_owned();
    let default_class = naming.default_class.as_deref();
    let class = node
        .class
        .clone()
        .or(default_class.map(str::to_owned))
        .unwrap_or_default();
    if said.what == "create" {
        course.node.from = Some(at);
    }
    if said.what == "delete" {
        course.node.until = Some(at);
        course.deleted = true;
    }
    if node.offered(default_class, naming.all_states) == super::node::Offered::Yes && !course.offered {
        course.offered = true;
        // It came to tenants then, not when it was enrolled.
        course.node.from = course.node.from.map(|_| at);
    }
    if course.node.class.is_empty() {
        course.node.class.clone_from(&class);
    } else if course
        .node
        .class_changes
        .last()
        .map_or(&course.node.class, |(_, last)| last)
        != &class
        && !class.is_empty()
    {
        course.node.class_changes.push((at, class.clone()));
    }
    course.id.clone_from(&id);
    course.node.traits.clone_from(&node.traits);
    course.node.rack.clone_from(&node.rack);
    course.node.conductor_group.clone_from(&node.group);
    course.node.owner.clone_from(&node.owner);
    maintenance(course, said, &id, draft, account);
    tenancy(course, said, (&id, &class), draft, account);
}

fn maintenance(course: &mut Course, said: &Said, id: &str, draft: &mut Draft<'_>, account: &mut Account) {
    let (at, node) = (said.at, &said.node);
    let told = said.what == "maintenance_set";
    match (node.maintenance, course.spell.take()) {
        (true, None) => {
            account.note(1, "that begin maintenance", "");
            account.note(
                u64::from(!told),
                "that show maintenance set by the conductor",
                "it sends no notification of its own",
            );
            let kind = node
                .kind_text()
                .map_or_else(|| "fault".to_owned(), |text| draft.kinds.of(text));
            course.spell = Some(DraftSpell {
                node: id.to_owned(),
                start: Some(at),
                end: None,
                kind,
                campaign: None,
            });
        }
        (false, Some(spell)) => {
            account.note(1, "that end maintenance", "");
            draft.spells.push(DraftSpell { end: Some(at), ..spell });
        }
        (true, open @ Some(_)) => {
            account.note(
                u64::from(told),
                "that give another reason within maintenance",
                "the first one counts",
            );
            course.spell = open;
        }
        (false, None) => {}
    }
    if course.deleted
        && let Some(spell) = course.spell.take()
    {
        draft.spells.push(DraftSpell { end: Some(at), ..spell });
    }
}

/// Follows deploys and deletions: a request lasts from `deploying` to the end of `active`.
fn tenancy(course: &mut Course, said: &Said, (id, class): (&str, &str), draft: &mut Draft<'_>, account: &mut Account) {
    let (at, node) = (said.at, &said.node);
    match node.state.as_str() {
        "deploying" | "wait call-back" | "deploy hold" => course.deploying = course.deploying.or(Some(at)),
        "active" | "rescue" | "rescuing" | "rescue wait" | "unrescuing" => {
            let deploying = course.deploying.take();
            if course.instance.is_none() {
                let name = node.instance.clone().unwrap_or_else(|| format!("{id}@{at}"));
                let seat = Seat {
                    node: id.to_owned(),
                    class: class.to_owned(),
                    tenant: node.tenant.clone(),
                    arrival: deploying,
                    start: deploying.map(|_| at),
                    end: None,
                    timed: true,
                };
                course.instance = Some((name, seat));
            }
        }
        _ => {
            if let Some((name, mut seat)) = course.instance.take() {
                seat.end = Some(at);
                draft.seats.insert(name, seat);
            }
            if course.deploying.take().is_some() {
                account.note(
                    1,
                    "that end a deploy without an instance",
                    "deploys that failed are no requests",
                );
            }
        }
    }
}

fn finish(uuid: String, course: Course, draft: &mut Draft<'_>, account: &mut Account) {
    account.note(u64::from(course.deleted), "deleted", "they leave the fleet then");
    if !course.offered {
        account.one(
            "skipped: never offered to tenants",
            "enrolled, manageable, retired or without a class",
        );
        return;
    }
    if let Some((name, seat)) = course.instance {
        draft.seats.insert(name, seat);
    }
    draft.spells.extend(course.spell);
    draft.aliases.insert(uuid, course.id.clone());
    match draft.nodes.get_mut(&course.id) {
        None => {
            account.one("kept", "");
            draft.nodes.insert(course.id, course.node);
        }
        Some(earlier) => {
            account.one(
                "enrolled again under a name that came before",
                "taken as the same machine",
            );
            earlier.from = earlier.from.zip(course.node.from).map(|(one, other)| one.min(other));
            earlier.until = earlier.until.zip(course.node.until).map(|(one, other)| one.max(other));
        }
    }
}
