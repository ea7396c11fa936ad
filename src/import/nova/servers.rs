//! Nova's servers in detail: when each was created, launched and terminated, on which node, together with which others; and
//! those that were refused.

use std::path::Path;

use super::demand::{Instance, add};
use super::flavors;
use crate::import::foreign::docs::{self, Form};
use crate::import::foreign::draft::Draft;
use crate::import::foreign::item::Item;
use crate::import::foreign::names::shown;
use crate::import::foreign::tally::Account;
use crate::import::foreign::wrong::{Faults, ForeignError};

/// What is read of a server.
enum Server {
    Ran(Instance),
    Refused(Instance),
    NeverLaunched,
}

/// Reads the files and adds what they tell.
pub(crate) fn import(paths: &[&Path], draft: &mut Draft<'_>) -> Result<(), ForeignError> {
    let mut account = Account::of("Nova servers read in detail");
    let mut instances = Vec::new();
    for path in paths {
        read(path, &mut instances, draft, &mut account)?;
    }
    add(instances, draft, &mut account);
    draft.accounts.push(account);
    draft.provisioned = true;
    draft.remark(
        "Nova's servers: a request is asked for when its server was created and held from its launch; deploys are the \
         simulation's. Deleted servers are there only where they were asked for (deleted=true) and not yet archived.",
    );
    Ok(())
}

fn read(
    path: &Path,
    instances: &mut Vec<Instance>,
    draft: &mut Draft<'_>,
    account: &mut Account,
) -> Result<(), ForeignError> {
    let file = path.display().to_string();
    let mut faults = Faults::of(&file);
    let mut more = false;
    docs::each(
        path,
        Form::Json,
        &["[]", ".servers[]", ".server", ".servers_links"],
        &mut |found| {
            if faults.is_full() {
                return Ok(());
            }
            if found.path == ".servers_links" {
                more = found.value.as_array().is_some_and(|links| !links.is_empty());
                return Ok(());
            }
            more = false;
            let item = Item::of(&found.value).ok_or(("", "this is no server".to_owned()));
            match item.and_then(|item| server(item, draft)) {
                Ok(Server::Ran(instance)) => instances.push(instance),
                Ok(Server::Refused(mut instance)) => match draft.options.demand.refused {
                    Some(hold) => {
                        account.note(1, "refused: no valid host was found", "");
                        instance.end = Some(instance.start + hold);
                        instances.push(instance);
                    }
                    None => account.one(
                        "skipped: refused (no valid host)",
                        "--refused says how long they would have been held",
                    ),
                },
                Ok(Server::NeverLaunched) => {
                    account.one("skipped: never launched", "errors, and deletions before the launch")
                }
                Err((column, message)) => {
                    faults.note(
                        found.line,
                        column,
                        message,
                        "ask REST for /servers/detail?all_tenants=1 as an administrator",
                    );
                }
            }
            Ok(())
        },
    )?;
    faults.end()?;
    if more {
        draft.remark(format!("{} names a next page of servers: give all pages.", shown(path)));
    }
    Ok(())
}

fn server(item: Item<'_>, draft: &mut Draft<'_>) -> Result<Server, (&'static str, String)> {
    const LAUNCHED: &str = "OS-SRV-USG:launched_at";
    let time = |name: &'static str| item.time(&[name]).map_err(|message| (name, message));
    let id = item.text(&["id"]).ok_or(("id", "the server has none".to_owned()))?;
    if !item.has(&[LAUNCHED]) {
        return Err((LAUNCHED, format!("server {id} tells no times")));
    }
    let created = time("created")?.ok_or(("created", format!("server {id} has none")))?;
    let launched = time(LAUNCHED)?;
    let terminated = time("OS-SRV-USG:terminated_at")?;
    if let Some(updated) = time("updated")? {
        draft.extent.see(updated);
    }
    let text = |name: &str| item.text(&[name]).map(|text| text.into_owned());
    let mut flavor = String::new();
    if let Some(of) = item.within(&["flavor"]) {
        flavor = of
            .text(&["original_name", "name", "id"])
            .unwrap_or_default()
            .into_owned();
        // From 2.61 on a server carries its flavor's extra specs, as they were at its boot.
        if of.has(&["extra_specs"]) {
            draft
                .flavors
                .entry(flavor.clone())
                .or_insert_with(|| flavors::asked(of));
        }
    }
    let mut instance = Instance {
        id: id.into_owned(),
        name: text("name").unwrap_or_default(),
        tenant: text("tenant_id").or_else(|| text("project_id")).unwrap_or_default(),
        user: text("user_id").unwrap_or_default(),
        flavor,
        reservation: text("OS-EXT-SRV-ATTR:reservation_id"),
        node: text("OS-EXT-SRV-ATTR:hypervisor_hostname"),
        created: Some(created),
        start: launched.unwrap_or(created),
        end: terminated,
    };
    let deleted = item
        .text(&["status"])
        .is_some_and(|status| matches!(status.as_ref(), "DELETED" | "SOFT_DELETED"));
    if launched.is_some() {
        if deleted && instance.end.is_none() {
            instance.end = time("updated")?;
        }
        return Ok(Server::Ran(instance));
    }
    let fault = item.within(&["fault"]).and_then(|fault| fault.text(&["message"]));
    let refused = fault.is_some_and(|message| message.to_lowercase().contains("no valid host"));
    Ok(if refused {
        Server::Refused(instance)
    } else {
        Server::NeverLaunched
    })
}
