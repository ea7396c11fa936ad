//! A node as Ironic's interfaces and clients list it, under the names of any version.

use std::borrow::Cow;

use regex_lite::Regex;

use crate::import::foreign::item::Item;

/// States in which a node is no candidate for tenants: it is being enrolled.
const ENROLLING: [&str; 2] = ["enroll", "verifying"];

/// The same: it is kept back by its operators, who are inspecting or adopting it.
const KEPT_BACK: [&str; 6] = [
    "manageable",
    "inspecting",
    "inspect wait",
    "inspect failed",
    "adopting",
    "adopt failed",
];

/// States out of which a node comes by its operators alone.
const STUCK: [&str; 3] = ["clean failed", "deploy failed", "error"];

/// Fields under the name of the field and the label of clients before 6.0.
const UUID: &[&str] = &["uuid", "UUID"];
const NAME: &[&str] = &["name", "Name"];
pub(super) const CLASS: &[&str] = &["resource_class", "Resource Class"];
pub(super) const STATE: &[&str] = &["provision_state", "Provisioning State", "Provision State"];
pub(super) const MAINTENANCE: &[&str] = &["maintenance", "Maintenance"];
const REASON: &[&str] = &["maintenance_reason", "Maintenance Reason"];
const FAULT: &[&str] = &["fault", "Fault"];
const TIMES: [&[&str]; 3] = [
    &["updated_at", "Updated At"],
    &["provision_updated_at", "Provision Updated At"],
    &["created_at", "Created At"],
];

/// What an importer needs of a node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct IronicNode {
    pub uuid: String,
    pub name: String,
    pub class: Option<String>,
    pub traits: Vec<String>,
    pub group: String,
    pub owner: Option<String>,
    pub state: String,
    pub maintenance: bool,
    pub reason: String,
    pub fault: bool,
    pub retired: bool,
    pub instance: Option<String>,
    pub tenant: String,
    pub rack: String,
    /// The latest of its times, ms since 1970.
    pub updated: Option<i64>,
}

/// Whether a node is one that tenants may get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Offered {
    Yes,
    Enrolling,
    KeptBack,
    Retired,
    NoClass,
}

impl IronicNode {
    /// Reads one; or the field that is wrong, and what is wrong with it.
    pub(super) fn read(item: Item<'_>, rack_from: Option<&Regex>) -> Result<IronicNode, (&'static str, String)> {
        let text = |names: &[&str]| item.text(names).map(Cow::into_owned);
        let uuid = text(UUID).ok_or(("uuid", "the node has none".to_owned()))?;
        let name = text(NAME).unwrap_or_default();
        let mut updated = None;
        for names in TIMES {
            let at = item.time(names).map_err(|message| (names[0], message))?;
            updated = updated.max(at);
        }
        let info = item.within(&["instance_info", "Instance Info"]);
        let project = info.and_then(|info| info.text(&["project_id"]).map(Cow::into_owned));
        let traits: Vec<String> = item
            .words(&["traits", "Traits"])
            .into_iter()
            .map(str::to_owned)
            .collect();
        let shown = if name.is_empty() { &uuid } else { &name };
        let rack = rack(item, shown, &traits, rack_from);
        Ok(IronicNode {
            class: text(CLASS),
            group: text(&["conductor_group", "Conductor Group"]).unwrap_or_default(),
            owner: text(&["owner", "Owner"]),
            // Old servers print nothing for available.
            state: text(STATE).unwrap_or_else(|| "available".to_owned()),
            maintenance: item.flag(MAINTENANCE).map_err(|message| ("maintenance", message))?,
            reason: text(REASON).unwrap_or_default(),
            fault: text(FAULT).is_some(),
            retired: item
                .flag(&["retired", "Retired"])
                .map_err(|message| ("retired", message))?,
            instance: text(&["instance_uuid", "Instance UUID"]),
            tenant: text(&["lessee", "Lessee"]).or(project).unwrap_or_default(),
            rack,
            uuid,
            name,
            traits,
            updated,
        })
    }

    /// The name under which it is written.
    pub(super) fn id(&self, by_uuid: bool) -> &str {
        if by_uuid || self.name.is_empty() {
            &self.uuid
        } else {
            &self.name
        }
    }

    /// Whether tenants may get it.
    pub(super) fn offered(&self, default_class: Option<&str>, all_states: bool) -> Offered {
        if ENROLLING.contains(&self.state.as_str()) {
            Offered::Enrolling
        } else if !all_states && KEPT_BACK.contains(&self.state.as_str()) {
            Offered::KeptBack
        } else if self.retired && !all_states {
            Offered::Retired
        } else if self.class.is_none() && default_class.is_none() {
            Offered::NoClass
        } else {
            Offered::Yes
        }
    }

    /// Whether it came to rest where only its operators take it out, without maintenance.
    pub(super) fn is_stuck(&self) -> bool {
        !self.maintenance && STUCK.contains(&self.state.as_str())
    }

    /// What tells of the kind of its maintenance.
    pub(super) fn kind_text(&self) -> Option<&str> {
        (!self.fault && !self.is_stuck()).then_some(self.reason.as_str())
    }
}

/// The rack: by a pattern on the name, from `extra`, from a trait; else empty.
fn rack(item: Item<'_>, name: &str, traits: &[String], rack_from: Option<&Regex>) -> String {
    if let Some(regex) = rack_from {
        let found = regex.captures(name);
        let part = found.and_then(|found| found.get(1).or_else(|| found.get(0)));
        return part.map(|part| part.as_str().to_owned()).unwrap_or_default();
    }
    let extra = item.within(&["extra", "Extra"]);
    let told = extra.and_then(|extra| extra.text(&["rack", "Rack", "rack_name", "rack_id"]));
    let by_trait = || {
        let rack = traits.iter().find_map(|name| name.strip_prefix("CUSTOM_RACK_"))?;
        Some(rack.to_lowercase())
    };
    told.map(Cow::into_owned).or_else(by_trait).unwrap_or_default()
}
