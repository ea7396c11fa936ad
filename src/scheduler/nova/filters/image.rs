//! ImagePropertiesFilter, AggregateImagePropertiesIsolation and IsolatedHostsFilter
//! (`scheduler/filters/image_props_filter.py`, `aggregate_image_properties_isolation.py`,
//! `isolated_hosts_filter.py`).

use std::collections::BTreeMap;

use super::{Filter, never};
use crate::scheduler::nova::FilterSettings;
use crate::scheduler::nova::python;
use crate::scheduler::nova::terms::{FilterAnswer, Host, Image, No, RequestSpec};

/// The list's line of ImagePropertiesFilter.
pub const PROPERTIES: Filter = Filter {
    name: "ImagePropertiesFilter",
    summary: "the host supports the image's hw_architecture, img_hv_type, hw_vm_mode and img_hv_requested_version",
    run: properties,
    may_raise: |host, request, settings| matches!(properties(host, request, settings), Err(No::Raised(_))),
    once: true,
};

/// The list's line of AggregateImagePropertiesIsolation.
pub const AGGREGATE: Filter = Filter {
    name: "AggregateImagePropertiesIsolation",
    summary: "an image with a property that the host's aggregates name has one of the values that they give",
    run: aggregate,
    may_raise: never,
    once: true,
};

/// The list's line of IsolatedHostsFilter.
pub const ISOLATED: Filter = Filter {
    name: "IsolatedHostsFilter",
    summary: "isolated images run on isolated compute services alone, and, if so set, nothing else runs there",
    run: isolated,
    may_raise: never,
    once: true,
};

/// Old names of properties (`objects/image_meta.py`), as far as filters read the new ones.
const OLD_NAMES: [(&str, &str); 5] = [
    ("architecture", "hw_architecture"),
    ("vmware_ostype", "os_distro"),
    ("vm_mode", "hw_vm_mode"),
    ("hypervisor_version_requires", "img_hv_requested_version"),
    ("hypervisor_type", "img_hv_type"),
];

/// The properties under the names that Nova has for them; it knows none that does not begin with
/// `hw_`, `img_` or `os_`.
fn known(request: &RequestSpec) -> BTreeMap<&str, String> {
    let Some(Image { properties, .. }) = &request.image else {
        return BTreeMap::new();
    };
    let old = OLD_NAMES
        .iter()
        .filter_map(|(old, new)| Some((*new, properties.get(*old)?)));
    let spaces = ["hw_", "img_", "os_"];
    let new = properties
        .iter()
        .filter(|(key, _)| spaces.iter().any(|space| key.starts_with(space)));
    let all = old.chain(new.map(|(key, value)| (key.as_str(), value)));
    all.map(|(key, value)| (key, canonical(key, value))).collect()
}

/// A value in the one spelling that Nova keeps.
fn canonical(key: &str, value: &str) -> String {
    let lower = value.to_lowercase();
    match (key, lower.as_str()) {
        ("hw_architecture", "i386" | "i486" | "i586" | "x86_32" | "x86_32p") => "i686".to_owned(),
        ("hw_architecture", "amd64") => "x86_64".to_owned(),
        ("img_hv_type", "xapi") | ("hw_vm_mode", "pv") => "xen".to_owned(),
        ("hw_vm_mode", "hv" | "baremetal") => "hvm".to_owned(),
        ("hw_architecture" | "img_hv_type" | "hw_vm_mode" | "os_type", _) => lower,
        _ => value.to_owned(),
    }
}

fn properties(host: &Host, request: &RequestSpec, settings: &FilterSettings) -> FilterAnswer {
    let image = known(request);
    let architecture = image
        .get("hw_architecture")
        .cloned()
        .or_else(|| Some(canonical("hw_architecture", settings.default_architecture.as_ref()?)));
    let others = ["img_hv_type", "hw_vm_mode"].map(|key| image.get(key).cloned());
    let asked: Vec<String> = architecture.into_iter().chain(others.into_iter().flatten()).collect();
    if asked.iter().all(String::is_empty) {
        return Ok(());
    }
    let supports = |one: &[String; 3]| asked.iter().all(|word| word.is_empty() || one.contains(word));
    if !host.supported.iter().any(supports) {
        return Err(No::because(format!("does not run images for {}", asked.join(", "))));
    }
    if let Some(wanted) = image.get("img_hv_requested_version")
        && host.hypervisor_version != 0
        && !wanted.is_empty()
        && !versions(host.hypervisor_version, wanted).map_err(No::Raised)?
    {
        return Err(No::because(format!(
            "its hypervisor's version is {}, the image wants {wanted}",
            host.hypervisor_version
        )));
    }
    // Ironic's driver says nothing of its processors (`cpu_info` is None), and Nova asks all the same.
    match image.get("hw_maxphysaddr_bits").and_then(|bits| python::int(bits)) {
        Some(bits) if bits != 0 => Err(No::Raised("AttributeError")),
        _ => Ok(()),
    }
}

/// Whether a version, 1002003 for 1.2.3, satisfies a list such as `>=1.0,<2` (oslo_utils,
/// `VersionPredicate`).
fn versions(have: i64, wanted: &str) -> Result<bool, &'static str> {
    let mut parts = Vec::new();
    let mut rest = have;
    while rest != 0 {
        parts.insert(0, rest.rem_euclid(1000));
        rest = rest.div_euclid(1000);
    }
    let mut all = true;
    for term in wanted.split(',') {
        let term = term.trim();
        let operator = ["<=", ">=", "<", ">", "!=", "=="]
            .into_iter()
            .find(|operator| term.starts_with(operator))
            .ok_or("ValueError")?;
        let version = term[operator.len()..].trim();
        let read: Option<Vec<i64>> = version.split('.').map(|part| part.parse().ok()).collect();
        let order = compare(&parts, &read.ok_or("InvalidVersion")?);
        all &= match operator {
            "<" => order.is_lt(),
            "<=" => order.is_le(),
            ">" => order.is_gt(),
            ">=" => order.is_ge(),
            "==" => order.is_eq(),
            _ => order.is_ne(),
        };
    }
    Ok(all)
}

/// Compares versions: parts that are missing count as 0.
fn compare(a: &[i64], b: &[i64]) -> std::cmp::Ordering {
    let part = |of: &[i64], at: usize| of.get(at).copied().unwrap_or(0);
    (0..a.len().max(b.len()))
        .map(|at| part(a, at).cmp(&part(b, at)))
        .find(|order| order.is_ne())
        .unwrap_or(std::cmp::Ordering::Equal)
}

fn aggregate(host: &Host, request: &RequestSpec, _: &FilterSettings) -> FilterAnswer {
    let image = known(request);
    for (key, options) in host.merged_metadata() {
        if let Some(value) = image.get(key)
            && !value.is_empty()
            && !options.contains(value.as_str())
        {
            return Err(No::because(format!(
                "its aggregates want another {key} than the image's {value}"
            )));
        }
    }
    Ok(())
}

fn isolated(host: &Host, request: &RequestSpec, settings: &FilterSettings) -> FilterAnswer {
    let host_isolated = settings.isolated_hosts.contains(&host.host);
    let image = request.image.as_ref().map(|image| &image.id);
    let image_isolated = image.is_some_and(|id| settings.isolated_images.contains(id));
    let restricted = settings.restrict_isolated_hosts;
    let passes = match (settings.isolated_images.is_empty(), restricted) {
        (true, _) => !restricted || !host_isolated,
        (false, true) => image_isolated == host_isolated,
        (false, false) => !image_isolated || host_isolated,
    };
    match (passes, host_isolated) {
        (true, _) => Ok(()),
        (false, true) => Err(No::because("its compute service is for isolated images")),
        (false, false) => Err(No::because("the image is for isolated compute services")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(properties: &[(&str, &str)]) -> RequestSpec {
        let properties = properties.iter().map(|&(k, v)| (k.to_owned(), v.to_owned())).collect();
        RequestSpec {
            image: Some(Image {
                id: "i".to_owned(),
                properties,
            }),
            ..RequestSpec::default()
        }
    }

    fn host(architectures: &[&str]) -> Host {
        let supported = architectures
            .iter()
            .map(|arch| [(*arch).to_owned(), "baremetal".to_owned(), "hvm".to_owned()]);
        Host {
            supported: supported.collect(),
            hypervisor_version: 1,
            ..Host::default()
        }
    }

    #[test]
    fn spellings_and_versions_are_read_as_nova_reads_them() {
        let ask = |image: &[(&str, &str)]| properties(&host(&["x86_64"]), &request(image), &FilterSettings::default());
        assert_eq!(ask(&[("hw_architecture", "AMD64"), ("vm_mode", "hv")]), Ok(()));
        assert!(ask(&[("hw_architecture", "aarch64")]).is_err());
        assert!(
            ask(&[("img_hv_type", "ironic")]).is_err(),
            "a bare machine is `baremetal`"
        );
        let version = |wanted| ask(&[("hw_vm_mode", "hvm"), ("img_hv_requested_version", wanted)]);
        assert_eq!(version(">=1.0, <2"), Ok(()));
        assert!(version(">1").is_err());
        assert_eq!(version("about 1"), Err(No::Raised("ValueError")));
        let bits = [("hw_vm_mode", "hvm"), ("hw_maxphysaddr_bits", "40")];
        assert_eq!(ask(&bits), Err(No::Raised("AttributeError")));
        assert_eq!(
            properties(&host(&[]), &request(&[]), &FilterSettings::default()),
            Ok(())
        );
    }
}
