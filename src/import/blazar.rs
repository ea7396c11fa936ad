//! Blazar: leases of hosts, the hosts, and which host a reservation got.
//!
//! Leases are told by REST alone; the client's list of them does not say what is reserved. Leases that were deleted are not
//! listed: the history is one of survivors.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use regex_lite::Regex;
use serde_json::Value;

use super::foreign::asks::{Ask, Who};
use super::foreign::docs::{self, Form};
use super::foreign::draft::{Draft, DraftNode, DraftSpell};
use super::foreign::item::Item;
use super::foreign::names::{placement, word};
use super::foreign::tally::Account;
use super::foreign::wrong::{Faults, ForeignError};
use super::ironic::snapshots::pattern;

/// The name that Chameleon's operators give to a lease for maintenance; a blank in the reason is a `_`.
const MAINTENANCE: &str = "^maint-of-(?P<node>.+?)-by-(?P<login>[^-]+)-for-(?P<reason>.+)$";

/// Properties of hosts that name what kind of machine they are.
const KINDS: [&str; 5] = ["node_type", "resource_class", "node_class", "class", "flavor"];

/// The class where nothing names one.
const CLASS: &str = "host";

/// What is known beside the leases.
struct Known {
    /// The hosts of each reservation, by their ids in Blazar.
    allocated: BTreeMap<String, Vec<String>>,
    /// The node of each host.
    nodes: BTreeMap<String, String>,
    maintenance: Regex,
}

/// Reads hosts, then allocations, then leases.
pub(crate) fn import(
    leases: &[&Path],
    allocations: &[&Path],
    hosts: &[&Path],
    draft: &mut Draft<'_>,
) -> Result<(), ForeignError> {
    let asked = draft.options.demand.maintenance_name.as_deref().unwrap_or(MAINTENANCE);
    let Some(maintenance) = pattern(Some(asked), "--maintenance-name")? else {
        return Ok(());
    };
    let mut known = Known {
        allocated: BTreeMap::new(),
        nodes: BTreeMap::new(),
        maintenance,
    };
    for path in hosts {
        read_hosts(path, &mut known, draft)?;
    }
    for path in allocations {
        read_allocations(path, &mut known)?;
    }
    let mut account = Account::of("Blazar reservations read");
    for path in leases {
        read_leases(path, &known, draft, &mut account)?;
    }
    draft.accounts.push(account);
    draft.remark(
        "Blazar lists no deleted lease: the history is one of those that were kept. Who was refused is not in it. Leases contain deploy \
         and cleaning, so that both take no time here.",
    );
    Ok(())
}

fn text(item: Item<'_>, names: &[&str]) -> String {
    item.text(names).map(Cow::into_owned).unwrap_or_default()
}

fn read_hosts(path: &Path, known: &mut Known, draft: &mut Draft<'_>) -> Result<(), ForeignError> {
    let mut account = Account::of("Blazar hosts read");
    docs::each(path, Form::Json, &["[]", ".hosts[]", ".host"], &mut |found| {
        let Some(item) = Item::of(&found.value) else {
            return Ok(());
        };
        let (id, name) = (text(item, &["id"]), text(item, &["hypervisor_hostname"]));
        if id.is_empty() || name.is_empty() {
            account.one("skipped: without an id or a hypervisor's name", "");
            return Ok(());
        }
        // Beside Ironic's own list a host is one of its nodes.
        let node = draft.aliases.get(&name).cloned();
        if node.is_none() && !draft.nodes.contains_key(&name) && draft.aliases.is_empty() {
            let class = item
                .text(&KINDS)
                .map_or_else(|| default_class(draft), |class| word(&class));
            let rack = item
                .text(&["rack", "placement.rack"])
                .map(Cow::into_owned)
                .unwrap_or_default();
            let node = DraftNode {
                class,
                rack,
                ..DraftNode::default()
            };
            draft.nodes.insert(name.clone(), node);
        }
        account.one("hosts", "");
        known.nodes.insert(id, node.unwrap_or(name));
        Ok(())
    })?;
    draft.accounts.push(account);
    Ok(())
}

fn default_class(draft: &Draft<'_>) -> String {
    draft
        .options
        .naming
        .default_class
        .clone()
        .unwrap_or_else(|| CLASS.to_owned())
}

fn read_allocations(path: &Path, known: &mut Known) -> Result<(), ForeignError> {
    docs::each(
        path,
        Form::Json,
        &["[]", ".allocations[]", ".allocation"],
        &mut |found| {
            let Some(item) = Item::of(&found.value) else {
                return Ok(());
            };
            let host = text(item, &["resource_id"]);
            for reservation in within(item, "reservations") {
                let id = Item::of(&reservation)
                    .map(|item| text(item, &["id"]))
                    .unwrap_or_default();
                known.allocated.entry(id).or_default().push(host.clone());
            }
            Ok(())
        },
    )
}

/// The objects of a list within; of a text, the objects that it has one behind the other, as the client prints them.
fn within(item: Item<'_>, name: &str) -> Vec<Value> {
    match item.get(&[name]) {
        Some(Value::Array(items)) => items.clone(),
        Some(Value::String(text)) => serde_json::Deserializer::from_str(text)
            .into_iter()
            .map_while(Result::ok)
            .collect(),
        _ => Vec::new(),
    }
}

fn read_leases(path: &Path, known: &Known, draft: &mut Draft<'_>, account: &mut Account) -> Result<(), ForeignError> {
    let file = path.display().to_string();
    let mut faults = Faults::of(&file);
    let mut leases = 0_u64;
    // `lease show` prints one lease, not in a list.
    for wanted in [&["[]", ".leases[]", ".lease"][..], &[""]] {
        if leases > 0 {
            break;
        }
        docs::each(path, Form::Json, wanted, &mut |found| {
            let item = Item::of(&found.value).filter(|item| item.has(&["start_date"]));
            if let Some(item) = item.filter(|_| !faults.is_full()) {
                leases += 1;
                if let Err((column, message)) = lease(item, known, draft, account) {
                    let message = format!("lease {leases}: {message}");
                    faults.note(found.line, column, message, "give what REST answers on /v1/leases");
                }
            }
            Ok(())
        })?;
    }
    faults.end()
}

fn lease(
    item: Item<'_>,
    known: &Known,
    draft: &mut Draft<'_>,
    account: &mut Account,
) -> Result<(), (&'static str, String)> {
    let time = |item: Item<'_>, name: &'static str| item.time(&[name]).map_err(|message| (name, message));
    let start = time(item, "start_date")?.ok_or(("start_date", "it has none".to_owned()))?;
    let end = time(item, "end_date")?.ok_or(("end_date", "it has none".to_owned()))?;
    let created = time(item, "created_at")?;
    let mut ended = end;
    for event in within(item, "events") {
        if let Some(event) = Item::of(&event).filter(|event| text(*event, &["event_type"]) == "end_lease")
            && let Some(at) = time(event, "time")?
        {
            ended = ended.min(at);
        }
    }
    let (name, project) = (text(item, &["name"]), text(item, &["project_id"]));
    let by_project = draft.options.demand.maintenance_project.as_ref() == Some(&project);
    let by_name = known.maintenance.captures(&name);
    for reservation in within(item, "reservations") {
        let Some(reservation) = Item::of(&reservation) else {
            continue;
        };
        if text(reservation, &["resource_type"]) != "physical:host" {
            account.one("skipped: not of hosts", "virtual machines and addresses");
            continue;
        }
        if text(item, &["status"]) == "ERROR" {
            account.one("skipped: of leases in ERROR", "they did not become what was asked for");
            continue;
        }
        let hosts = known
            .allocated
            .get(&text(reservation, &["id"]))
            .cloned()
            .unwrap_or_default();
        let nodes: Vec<String> = hosts.iter().filter_map(|host| known.nodes.get(host).cloned()).collect();
        draft.extent.see(start);
        draft.extent.see(ended);
        if by_project || by_name.is_some() {
            let group = |name: &str| {
                by_name
                    .as_ref()
                    .and_then(|found| found.name(name))
                    .map(|part| part.as_str().to_owned())
            };
            let named = group("node").map(|node| draft.aliases.get(&node).cloned().unwrap_or(node));
            let reason = group("reason").unwrap_or_default().replace('_', " ");
            spells((start, ended), named, nodes, &reason, draft);
            account.one("of maintenance", "spells, told by the lease's name or project");
            continue;
        }
        let class = class(reservation, &nodes, draft);
        let number = |names: &[&str]| {
            reservation
                .number(names)
                .filter(|n| (1.0..=65_535.0).contains(n))
                .map(|n| n as u16)
        };
        let most = number(&["max", "max_count"])
            .or(number(&["min", "min_count"]))
            .unwrap_or(1);
        let least = number(&["min", "min_count"]).unwrap_or(most).min(most);
        let who = draft.asks.who(&Who {
            tenant: draft.people.tenant(&project),
            user: draft.people.user(&text(item, &["user_id"])),
            class,
            min_count: least,
            blazar: true,
            ..Who::default()
        });
        let pushed = draft.asks.push(&Ask {
            id: text(reservation, &["id"]),
            arrival: created.unwrap_or(start).min(start),
            start,
            end: Some(ended),
            planned: u64::try_from(end - start).ok(),
            who,
            count: most,
            queued: false,
        });
        pushed.map_err(|message| ("start_date", message))?;
        account.one("requests", "");
        account.note(u64::from(ended < end), "that ended early", "");
        account.note(
            u64::from(created.is_none_or(|at| at > start)),
            "created after their start",
            "asked for at their start",
        );
    }
    Ok(())
}

fn spells((start, end): (i64, i64), named: Option<String>, nodes: Vec<String>, reason: &str, draft: &mut Draft<'_>) {
    let kind = draft.kinds.of(reason);
    let nodes = named.map_or(nodes, |node| vec![node]);
    draft.spells.extend(nodes.into_iter().map(|node| DraftSpell {
        node,
        start: Some(start),
        end: Some(end),
        kind: kind.clone(),
        campaign: None,
    }));
}

/// The class that a reservation asks for: what its properties name, else that of the hosts that it got.
fn class(reservation: Item<'_>, nodes: &[String], draft: &Draft<'_>) -> String {
    let of_node = |name: &str| {
        let name = draft.aliases.get(name).map_or(name, String::as_str);
        draft.nodes.get(name).map(|node| node.class.clone())
    };
    let mut asked = None;
    for names in ["resource_properties", "hypervisor_properties"] {
        let query: Option<Value> = reservation
            .text(&[names])
            .and_then(|text| serde_json::from_str(&text).ok());
        if let Some(query) = query {
            clauses(&query, 16, &mut |key, value| {
                if KINDS.contains(&key) {
                    asked = Some(value.to_owned());
                } else if key == "hypervisor_hostname" && asked.is_none() {
                    asked = of_node(value);
                }
            });
        }
    }
    if let Some(asked) = asked {
        let known = draft
            .nodes
            .values()
            .find(|node| placement(&node.class) == placement(&asked));
        return word(known.map_or(asked.as_str(), |node| node.class.as_str()));
    }
    let mut classes = draft.nodes.values().map(|node| node.class.as_str());
    let only = classes.next().filter(|first| classes.all(|other| other == *first));
    let got = nodes.iter().find_map(|node| of_node(node));
    word(&got.or(only.map(str::to_owned)).unwrap_or_else(|| default_class(draft)))
}

/// Tells the `=` clauses of a query such as `["and", ["=", "$node_type", "gpu"], …]`.
fn clauses(query: &Value, deep: usize, tell: &mut impl FnMut(&str, &str)) {
    let (Some(parts), Some(deep)) = (query.as_array(), deep.checked_sub(1)) else {
        return;
    };
    if let [Value::String(sign), Value::String(key), Value::String(value)] = &parts[..]
        && matches!(sign.as_str(), "=" | "==")
    {
        return tell(key.trim_start_matches('$'), value);
    }
    parts.iter().for_each(|part| clauses(part, deep, tell));
}
