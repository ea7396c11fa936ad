//! ComputeCapabilitiesFilter (`scheduler/filters/compute_capabilities_filter.py:68-114`): the
//! host's capabilities satisfy the flavor's extra specs.
//!
//! One way only: a host with a capability that nobody asks for passes, so an extra spec on a node
//! hides it from nobody. An unscoped key that the host neither has as an attribute nor publishes
//! is ignored, which makes `m=false` the exact inverse requirement: hosts without `m` pass, hosts
//! with `m=true` do not.

use serde_json::Value;

use super::Filter;
use crate::scheduler::nova::FilterSettings;
use crate::scheduler::nova::extra_specs::matches;
use crate::scheduler::nova::python::{self, is_object, object};
use crate::scheduler::nova::terms::{Attribute, FilterAnswer, Host, No, RequestSpec};

/// The list's line.
pub const ENTRY: Filter = Filter {
    name: "ComputeCapabilitiesFilter",
    summary: "the host's capabilities satisfy the flavor's unscoped and `capabilities:` extra specs",
    run,
    may_raise,
    once: true,
};

/// An extra spec that is a capability by another name.
const PHYSICAL_BITS: &str = "hw:maxphysaddr_bits";

fn run(host: &Host, request: &RequestSpec, _: &FilterSettings) -> FilterAnswer {
    for (key, want) in &request.flavor.extra_specs {
        if key == PHYSICAL_BITS {
            continue;
        }
        let Some(path) = demanded(host, key) else {
            continue;
        };
        let Some(have) = capability(host, &path) else {
            return Err(No::because(format!("no capability {}", path.join(":"))));
        };
        match matches(&have, want) {
            Ok(true) => {}
            Ok(false) => {
                return Err(No::because(format!(
                    "capability {} is {have:?}, the flavor wants {want:?}",
                    path.join(":")
                )));
            }
            Err(raised) => return Err(No::Raised(raised)),
        }
    }
    // Nova turns it into a demand on `cpu_info`, of which Ironic's driver says nothing.
    if request.flavor.spec(PHYSICAL_BITS).is_some() {
        return Err(No::because("no capability cpu_info"));
    }
    Ok(())
}

/// Each extra spec for itself: a node that one of them turns away is asked no other, and which one
/// does hangs on the node.
fn may_raise(host: &Host, request: &RequestSpec, _: &FilterSettings) -> bool {
    request.flavor.extra_specs.iter().any(|(key, want)| {
        let Some(path) = demanded(host, key) else {
            return false;
        };
        let have = match path.first().and_then(|first| host.attribute(first)) {
            // Names differ, and on the empty text every requirement raises that ever does.
            Some(Attribute::Text(_)) => Some(String::new()),
            _ => capability(host, &path),
        };
        have.is_some_and(|have| matches(&have, want).is_err())
    })
}

/// The path into the host's state that a key demands something of; none where the key is ignored.
fn demanded<'a>(host: &Host, key: &'a str) -> Option<Vec<&'a str>> {
    let scope: Vec<&str> = key.split(':').collect();
    match scope.as_slice() {
        [bare] if host.attribute(bare).is_none() && !host.stats.contains_key(*bare) => None,
        [_] => Some(scope),
        ["capabilities", path @ ..] => Some(path.to_vec()),
        _ => None,
    }
}

/// What the path leads to: an attribute of the host first, then its stats; further steps go into
/// a dictionary, or into text that is JSON. Anything else is asked for an attribute of that name, and
/// Nova gives up where it has none; only numbers have some of interest.
fn capability(host: &Host, path: &[&str]) -> Option<String> {
    let (first, rest) = path.split_first()?;
    let stat = || host.stats.get(*first).map(|text| Value::from(text.as_str()));
    let mut at = match host.attribute(first) {
        Some(Attribute::Text(text)) => Value::from(text),
        Some(Attribute::Number(number)) => Value::from(number),
        Some(Attribute::Stats(stats)) => serde_json::to_value(stats).ok()?,
        Some(Attribute::Value(value)) => value,
        // It has entries, and no attributes of their names.
        Some(Attribute::Record(_)) => object(true),
        Some(Attribute::Object(truth)) => object(truth),
        Some(Attribute::Nothing) | None => stat()?,
    };
    for step in rest {
        if let Value::String(text) = &at {
            at = serde_json::from_str(text).ok()?;
        }
        at = match (&at, *step) {
            (Value::Number(_), "real" | "numerator") => at,
            (Value::Number(_), "imag") => Value::from(0),
            (Value::Number(number), "denominator") if number.is_i64() => Value::from(1),
            (Value::Object(map), step) if !is_object(&at) => map.get(step)?.clone(),
            _ => return None,
        };
    }
    (!at.is_null()).then(|| python::text(&at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scheduler::nova::terms::Flavor;

    fn host(node: &str, stats: &[(&str, &str)]) -> Host {
        Host {
            node: node.to_owned(),
            stats: stats.iter().map(|&(k, v)| (k.to_owned(), v.to_owned())).collect(),
            ..Host::default()
        }
    }

    fn request(specs: &[(&str, &str)]) -> RequestSpec {
        let extra_specs = specs.iter().map(|&(k, v)| (k.to_owned(), v.to_owned())).collect();
        RequestSpec {
            flavor: Flavor {
                extra_specs,
                ..Flavor::default()
            },
            ..RequestSpec::default()
        }
    }

    fn ask(stats: &[(&str, &str)], key: &str, want: &str) -> FilterAnswer {
        run(&host("n1", stats), &request(&[(key, want)]), &FilterSettings::default())
    }

    #[test]
    fn an_unscoped_inverse_is_exact_and_a_scoped_one_is_not() {
        assert_eq!(ask(&[], "m", "false"), Ok(()), "a host without the key passes");
        assert_eq!(ask(&[("m", "false")], "m", "false"), Ok(()));
        assert!(ask(&[("m", "true")], "m", "false").is_err());
        assert!(
            ask(&[], "capabilities:m", "s!= true").is_err(),
            "it loses hosts without the key"
        );
        assert_eq!(
            ask(&[("m", "true")], "capabilities:m", "!= true"),
            Err(No::Raised("ValueError"))
        );
    }

    #[test]
    fn a_flavor_can_name_a_machine_and_other_namespaces_are_ignored() {
        assert_eq!(ask(&[], "capabilities:nodename", "n1"), Ok(()));
        assert!(ask(&[], "nodename", "n2").is_err());
        assert_eq!(ask(&[], "hw:m", "x"), Ok(()));
        assert_eq!(
            ask(&[("gpu", "{\"model\": \"p100\"}")], "capabilities:gpu:model", "p100"),
            Ok(())
        );
    }

    #[test]
    fn what_may_raise_is_asked_of_hosts_of_other_names_too() {
        let host = host("7", &[("boot_mode", "uefi")]);
        let may = |specs: &[(&str, &str)]| may_raise(&host, &request(specs), &FilterSettings::default());
        assert!(may(&[("nodename", "== 7")]), "a name that is no number raises");
        assert!(may(&[("capabilities:nodename", "<or> n1"), ("boot_mode", "== 4")]));
        assert!(may(&[("boot_mode", "<or>")]));
        assert!(!may(&[("nodename", "<or> n1")]));
        assert!(!may(&[("failed_builds", "<= 1")]), "that is a number on every host");
        assert!(!may(&[("memory", "== 4")]), "nobody has it: ignored");
    }
}
