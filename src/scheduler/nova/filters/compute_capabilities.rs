//! ComputeCapabilitiesFilter (`scheduler/filters/compute_capabilities_filter.py:68-114`): the
//! host's capabilities satisfy the flavor's extra specs.
//!
//! One way only: a host with a capability that nobody asks for passes, so an extra spec on a node
//! hides it from nobody. An unscoped key that the host neither has as an attribute nor publishes
//! is ignored, which makes `m=false` the exact inverse requirement: hosts without `m` pass, hosts
//! with `m=true` do not.

use super::Filter;
use crate::scheduler::nova::extra_specs::matches;
use crate::scheduler::nova::terms::{Attribute, Host, No, RequestSpec, Verdict};

/// The list's line.
pub const ENTRY: Filter = Filter {
    name: "ComputeCapabilitiesFilter",
    summary: "the host's capabilities satisfy the flavor's unscoped and `capabilities:` extra specs",
    run,
};

fn run(host: &Host, request: &RequestSpec) -> Verdict {
    for (key, want) in &request.flavor.extra_specs {
        let scope: Vec<&str> = key.split(':').collect();
        let path = match scope.as_slice() {
            [bare] if host.attribute(bare).is_none() && !host.stats.contains_key(*bare) => continue,
            [_] => scope.as_slice(),
            ["capabilities", path @ ..] => path,
            _ => continue,
        };
        let Some(have) = capability(host, path) else {
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
    Ok(())
}

/// What the path leads to: an attribute of the host first, then its stats; further steps go into
/// a dictionary, or into text that is JSON.
fn capability(host: &Host, path: &[&str]) -> Option<String> {
    let (first, rest) = path.split_first()?;
    let found = match host.attribute(first) {
        Some(Attribute::Text(text)) => serde_json::Value::from(text),
        Some(Attribute::Number(number)) => serde_json::Value::from(number),
        Some(Attribute::Stats(stats)) => serde_json::to_value(stats).ok()?,
        None => serde_json::Value::from(host.stats.get(*first)?.as_str()),
    };
    let mut at = found;
    for step in rest {
        if let serde_json::Value::String(text) = &at {
            at = serde_json::from_str(text).ok()?;
        }
        // Python asks anything but a dictionary for an attribute, finds none, and gives up.
        at = at.as_object()?.get(*step)?.clone();
    }
    Some(match at {
        serde_json::Value::String(text) => text,
        serde_json::Value::Null => return None,
        serde_json::Value::Bool(true) => "True".to_owned(),
        serde_json::Value::Bool(false) => "False".to_owned(),
        other => other.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scheduler::nova::terms::Flavor;

    fn ask(host: &[(&str, &str)], key: &str, want: &str) -> Verdict {
        let host = Host {
            node: "n1".to_owned(),
            stats: host.iter().map(|&(k, v)| (k.to_owned(), v.to_owned())).collect(),
            ..Host::default()
        };
        let flavor = Flavor {
            extra_specs: vec![(key.to_owned(), want.to_owned())],
            ..Flavor::default()
        };
        run(
            &host,
            &RequestSpec {
                flavor,
                ..RequestSpec::default()
            },
        )
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
}
