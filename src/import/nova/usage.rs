//! Nova's usage: every server that ran in a period, of the client or of REST.

use std::path::Path;

use serde_json::Value;

use super::demand::{Instance, add};
use crate::import::foreign::docs::{self, Form};
use crate::import::foreign::draft::Draft;
use crate::import::foreign::item::Item;
use crate::import::foreign::names::shown;
use crate::import::foreign::tally::Account;
use crate::import::foreign::wrong::{Faults, ForeignError};

/// Where servers stand: of the client, of REST by tenant, of REST for one tenant.
const SERVERS: [&str; 3] = [
    "[].Servers[]",
    ".tenant_usages[].server_usages[]",
    ".tenant_usage.server_usages[]",
];

/// The tenants that they are of, told before or after, and what a table prints instead of servers.
const TENANTS: [&str; 4] = ["[].Project", "[].Project ID", "[].project_id", "[].Servers"];

/// The period that was asked for.
const PERIOD: [&str; 4] = [
    ".tenant_usages[].start",
    ".tenant_usages[].stop",
    ".tenant_usage.start",
    ".tenant_usage.stop",
];

/// Reads the files and adds what they tell.
pub(crate) fn import(paths: &[(&Path, Form)], draft: &mut Draft<'_>) -> Result<(), ForeignError> {
    let mut account = Account::of("Nova servers read from usage");
    let mut instances = Vec::new();
    for (path, form) in paths {
        read(path, *form, &mut instances, draft)?;
    }
    add(instances, draft, &mut account);
    draft.accounts.push(account);
    draft.provisioned = true;
    draft.remark(
        "Nova's usage has what was granted: who was refused is not in it, nor servers that never launched, nor rows that \
         `nova-manage db archive_deleted_rows` has moved. A request is asked for when its server launched, which is after the \
         deploy.",
    );
    Ok(())
}

fn read(path: &Path, form: Form, instances: &mut Vec<Instance>, draft: &mut Draft<'_>) -> Result<(), ForeignError> {
    let file = path.display().to_string();
    let mut faults = Faults::of(&file);
    let mut tenant = String::new();
    let (mut servers, mut count_only, mut more) = (0_u64, false, false);
    // A list of servers is told server by server; where a table prints their number, that is told instead.
    let wanted: Vec<&str> = SERVERS
        .iter()
        .chain(&TENANTS[..3])
        .chain(&PERIOD)
        .copied()
        .chain([".tenant_usages_links"])
        .collect();
    docs::each(path, form, &wanted, &mut |found| {
        if faults.is_full() {
            return Ok(());
        }
        let text = found.value.as_str().unwrap_or_default();
        if PERIOD.contains(&found.path) {
            if let Some(at) = crate::import::foreign::moment::utc(text) {
                draft.period.see(at);
            }
        } else if found.path == ".tenant_usages_links" {
            more = found.value.as_array().is_some_and(|links| !links.is_empty());
        } else if TENANTS.contains(&found.path) {
            text.clone_into(&mut tenant);
        } else {
            servers += 1;
            more = false;
            let read = Item::of(&found.value).ok_or(("", "this is no server".to_owned()));
            match read.and_then(|item| server(item, &tenant)) {
                Ok((instance, seen)) => {
                    if let Some(seen) = seen {
                        draft.extent.see(seen);
                    }
                    instances.push(instance);
                }
                Err((column, message)) => {
                    faults.note(
                        found.line,
                        column,
                        format!("server {servers}: {message}"),
                        "give what the client or REST printed, unchanged",
                    );
                }
            }
        }
        Ok(())
    })?;
    faults.end()?;
    if servers == 0 {
        docs::each(path, form, &["[].Servers"], &mut |found| {
            count_only |=
                matches!(&found.value, Value::Number(_)) || found.value.as_str().is_some_and(|text| !text.is_empty());
            Ok(())
        })?;
        if count_only {
            return Err(ForeignError::at(
                &file,
                1,
                "Servers",
                "the column holds the number of servers and not the servers",
                "list with `openstack usage list --start … --end … -f json`",
            ));
        }
        draft.remark(format!(
            "{} has no server: list as an administrator, with --start and --end.",
            shown(path)
        ));
    }
    if more {
        draft.remark(format!("{} names a next page of usage: give all pages.", shown(path)));
    }
    Ok(())
}

/// A server, and until when it was seen if it still runs.
fn server(item: Item<'_>, tenant: &str) -> Result<(Instance, Option<i64>), (&'static str, String)> {
    let time = |name: &'static str| item.time(&[name]).map_err(|message| (name, message));
    let start = time("started_at")?.ok_or(("started_at", "the server has none".to_owned()))?;
    let end = time("ended_at")?;
    let id = item
        .text(&["instance_id"])
        .ok_or(("instance_id", "the server has none".to_owned()))?;
    let own = item.text(&["tenant_id", "project_id"]);
    let seen = item.number(&["uptime"]).filter(|uptime| (0.0..1e12).contains(uptime));
    let seen = seen
        .filter(|_| end.is_none())
        .map(|uptime| start + (uptime * 1000.0) as i64);
    let instance = Instance {
        id: id.into_owned(),
        name: item.text(&["name"]).unwrap_or_default().into_owned(),
        tenant: own.map_or_else(|| tenant.to_owned(), |own| own.into_owned()),
        flavor: item.text(&["flavor"]).unwrap_or_default().into_owned(),
        start,
        end,
        ..Instance::default()
    };
    Ok((instance, seen))
}
