//! What a flavor and an image ask of Placement (`scheduler/utils.py`, `ResourceRequest`): the group
//! without a suffix and the granular ones (`resources1:`, `trait1:`), with Nova's odd corners.

use std::collections::{BTreeMap, BTreeSet};

use super::python;
use super::terms::RequestSpec;

/// What one group of a request asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestGroup {
    /// Amounts by resource class.
    pub resources: BTreeMap<String, i64>,
    /// Traits that the provider must have.
    pub required: BTreeSet<String>,
    /// Traits that it must not have.
    pub forbidden: BTreeSet<String>,
}

impl RequestGroup {
    fn is_empty(&self) -> bool {
        self.resources.is_empty() && self.required.is_empty() && self.forbidden.is_empty()
    }
}

/// All groups by their suffix, the one without under the empty text, and the group policy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Groups {
    /// The groups.
    pub by_suffix: BTreeMap<String, RequestGroup>,
    /// `group_policy`: `none` or `isolate`.
    pub policy: Option<String>,
}

/// The resource classes that every Placement knows (os-resource-classes 1.1.0).
pub const STANDARD_CLASSES: [&str; 21] = [
    "VCPU",
    "MEMORY_MB",
    "DISK_GB",
    "PCI_DEVICE",
    "SRIOV_NET_VF",
    "NUMA_SOCKET",
    "NUMA_CORE",
    "NUMA_THREAD",
    "NUMA_MEMORY_MB",
    "IPV4_ADDRESS",
    "VGPU",
    "VGPU_DISPLAY_HEAD",
    "NET_BW_EGR_KILOBIT_PER_SEC",
    "NET_BW_IGR_KILOBIT_PER_SEC",
    "PCPU",
    "MEM_ENCRYPTION_CONTEXT",
    "FPGA",
    "PGPU",
    "NET_PACKET_RATE_KILOPACKET_PER_SEC",
    "NET_PACKET_RATE_EGR_KILOPACKET_PER_SEC",
    "NET_PACKET_RATE_IGR_KILOPACKET_PER_SEC",
];

/// Whether every Placement knows the trait: the namespaces of os-traits, not its list.
#[must_use]
pub fn is_standard_trait(name: &str) -> bool {
    ["COMPUTE_", "HW_", "STORAGE_", "OWNER_", "MISC_"]
        .iter()
        .any(|space| name.starts_with(space))
}

/// The word, suffix and name of `resources1:CUSTOM_X` or `trait:X`; none of another key.
fn parts(key: &str) -> Option<(&'static str, &str, &str)> {
    let (head, name) = key.split_once(':')?;
    let word = ["resources", "trait"].into_iter().find(|word| head.starts_with(word))?;
    let suffix = &head[word.len()..];
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    (suffix.len() <= 64 && suffix.chars().all(plain)).then_some((word, suffix, name))
}

/// The groups of a request. Resource classes that are neither standard nor `CUSTOM_`, and amounts
/// that are no whole numbers from 0 on, are dropped with a warning in a log; amounts of 0 go at the
/// end. VCPU, MEMORY_MB and DISK_GB come from the flavor's own fields where no extra spec names
/// them: a bare-metal flavor that does not set them to 0 fits no Ironic node.
#[must_use]
pub fn groups_of(request: &RequestSpec) -> Groups {
    let mut groups = Groups::default();
    for (key, value) in &request.flavor.extra_specs {
        if key == "group_policy" {
            if ["none", "isolate"].contains(&value.as_str()) {
                groups.policy = Some(value.clone());
            }
            continue;
        }
        let Some((word, suffix, name)) = parts(key) else {
            continue;
        };
        let group = groups.by_suffix.entry(suffix.to_owned()).or_default();
        match (word, value.as_str()) {
            ("resources", amount) => {
                let known = name.starts_with("CUSTOM_") || STANDARD_CLASSES.contains(&name);
                if let Some(amount) = python::int(amount).filter(|&n| known && n >= 0) {
                    group.resources.insert(name.to_owned(), amount);
                }
            }
            (_, "required") => drop(group.required.insert(name.to_owned())),
            (_, "forbidden") => drop(group.forbidden.insert(name.to_owned())),
            _ => {}
        }
    }
    let bare = groups.by_suffix.entry(String::new()).or_default();
    bare.required.extend(request.image_traits().map(str::to_owned));
    own_fields(request, &mut groups);
    for group in groups.by_suffix.values_mut() {
        group.resources.retain(|_, amount| *amount != 0);
    }
    groups.by_suffix.retain(|_, group| !group.is_empty());
    groups
}

/// What the flavor's own fields ask for, where no extra spec has named the class.
fn own_fields(request: &RequestSpec, groups: &mut Groups) {
    let flavor = &request.flavor;
    let named = |groups: &Groups, class: &str| groups.by_suffix.values().any(|g| g.resources.contains_key(class));
    let vcpus = if named(groups, "PCPU") { 0 } else { flavor.vcpus };
    for (class, amount) in [
        ("VCPU", vcpus),
        ("MEMORY_MB", flavor.memory_mb),
        ("DISK_GB", flavor.root_gb),
    ] {
        if !named(groups, class) {
            let bare = groups.by_suffix.entry(String::new()).or_default();
            bare.resources.insert(class.to_owned(), amount);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scheduler::nova::terms::Flavor;

    fn groups(specs: &[(&str, &str)], vcpus: i64) -> Groups {
        let extra_specs = specs.iter().map(|&(k, v)| (k.to_owned(), v.to_owned())).collect();
        let flavor = Flavor {
            extra_specs,
            vcpus,
            ..Flavor::default()
        };
        groups_of(&RequestSpec {
            flavor,
            ..RequestSpec::default()
        })
    }

    fn resources(groups: &Groups, suffix: &str) -> Vec<(String, i64)> {
        let group = groups.by_suffix.get(suffix).cloned().unwrap_or_default();
        group.resources.into_iter().collect()
    }

    #[test]
    fn what_nova_drops_is_dropped() {
        let odd = groups(
            &[
                ("resources:METAL", "1"),
                ("resources:CUSTOM_A", "1"),
                ("resources:CUSTOM_B", "0"),
                ("resources:CUSTOM_C", "1.0"),
                ("resources:CUSTOM_D", "-1"),
                ("trait:CUSTOM_X", "wanted"),
            ],
            0,
        );
        assert_eq!(resources(&odd, ""), [("CUSTOM_A".to_owned(), 1)]);
        assert!(groups(&[("resources:CUSTOM_B", "0")], 0).by_suffix.is_empty());
    }

    #[test]
    fn a_flavors_own_processors_count_unless_they_are_named() {
        assert_eq!(resources(&groups(&[], 2), ""), [("VCPU".to_owned(), 2)]);
        assert!(groups(&[("resources:VCPU", "0")], 2).by_suffix.is_empty());
        assert!(
            groups(&[("resources1:VCPU", "0")], 2).by_suffix.is_empty(),
            "in any group"
        );
    }

    #[test]
    fn suffixes_make_groups_of_their_own() {
        let two = groups(&[("resources1:CUSTOM_A", "1"), ("traits:CUSTOM_X", "required")], 0);
        assert_eq!(
            two.by_suffix.keys().collect::<Vec<_>>(),
            ["1", "s"],
            "`traits:` has the suffix s"
        );
    }
}
