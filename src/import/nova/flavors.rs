//! Nova's flavors: `resources:CUSTOM_X` is the class, `trait:T` a trait.

use std::path::Path;

use serde_json::Value;

use crate::import::foreign::docs::{self, Form};
use crate::import::foreign::draft::Draft;
use crate::import::foreign::item::Item;
use crate::import::foreign::tally::Account;
use crate::import::foreign::wrong::ForeignError;

/// Names of the extra specs, of the client and of REST.
const SPECS: &[&str] = &[
    "extra_specs",
    "Properties",
    "properties",
    "OS-FLV-WITH-EXT-SPECS:extra_specs",
];

/// Reads a list of flavors.
pub(crate) fn import(path: &Path, form: Form, draft: &mut Draft<'_>) -> Result<(), ForeignError> {
    let mut account = Account::of("Nova flavors read");
    let file = path.display().to_string();
    docs::each(path, form, &["[]", ".flavors[]"], &mut |found| {
        let Some(item) = Item::of(&found.value) else {
            return Err(ForeignError::at(
                &file,
                found.line,
                "",
                "this is no flavor",
                "give a list of flavors",
            ));
        };
        let Some(name) = item.text(&["name", "Name"]) else {
            return Err(ForeignError::at(
                &file,
                found.line,
                "name",
                "the flavor has no name",
                "list with `openstack flavor list --all --long -f json`",
            ));
        };
        if !item.has(SPECS) {
            return Err(ForeignError::at(
                &file,
                found.line,
                "Properties",
                "the flavor's extra specs are not in the list",
                "list with `openstack flavor list --all --long -f json`, or by REST at 2.61 or later",
            ));
        }
        let asked = asked(item);
        match asked {
            Some(_) => account.one("of bare metal", ""),
            None => account.one("of virtual machines", "they ask for no `resources:CUSTOM_…`"),
        }
        if let Some(id) = item.text(&["id", "ID"]) {
            draft.flavors.entry(id.into_owned()).or_insert_with(|| asked.clone());
        }
        draft.flavors.insert(name.into_owned(), asked);
        Ok(())
    })?;
    draft.accounts.push(account);
    Ok(())
}

/// The class and the traits that a flavor asks for.
pub(super) fn asked(flavor: Item<'_>) -> Option<(String, Vec<String>)> {
    let specs: Vec<(String, String)> = match flavor.get(SPECS)? {
        Value::Object(map) => {
            let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            map.iter().map(|(key, value)| (key.clone(), text(value))).collect()
        }
        // As tables print it: a='1', b='2'.
        Value::String(text) => text
            .split(", ")
            .filter_map(|pair| pair.split_once('='))
            .map(|(key, value)| (key.trim().to_owned(), value.trim_matches(['\'', '"']).to_owned()))
            .collect(),
        _ => return None,
    };
    let class = specs.iter().find_map(|(key, value)| {
        let class = key.strip_prefix("resources:")?;
        (class.starts_with("CUSTOM_") && value != "0").then(|| class.to_owned())
    })?;
    let traits = specs.iter().filter_map(|(key, value)| {
        let name = key.strip_prefix("trait:")?;
        (value == "required").then(|| name.to_owned())
    });
    Some((class, traits.collect()))
}
