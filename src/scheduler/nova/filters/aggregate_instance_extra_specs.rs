//! AggregateInstanceExtraSpecsFilter
//! (`scheduler/filters/aggregate_instance_extra_specs.py:38-78`): what the flavor asks of an
//! aggregate, some aggregate of the host says. One way only: a flavor without extra specs enters
//! every aggregate. Unscoped keys are demanded too, and so clash with the unscoped trick of
//! ComputeCapabilitiesFilter.

use super::Filter;
use crate::scheduler::nova::FilterSettings;
use crate::scheduler::nova::extra_specs::matches;
use crate::scheduler::nova::terms::{FilterAnswer, Host, No, RequestSpec};

/// The list's line.
pub const ENTRY: Filter = Filter {
    name: "AggregateInstanceExtraSpecsFilter",
    summary: "the metadata of the host's aggregates satisfy the flavor's unscoped and `aggregate_instance_extra_specs:` keys",
    run,
    may_raise,
    once: true,
};

const SCOPE: &str = "aggregate_instance_extra_specs";

/// The keys that the filter demands, with their requirements.
fn demanded(request: &RequestSpec) -> impl Iterator<Item = (&str, &str)> {
    request
        .flavor
        .extra_specs
        .iter()
        .filter_map(|(key, want)| match key.split_once(':') {
            Some((SCOPE, rest)) => Some((rest, want.as_str())),
            Some(_) => None,
            None => Some((key.as_str(), want.as_str())),
        })
}

fn run(host: &Host, request: &RequestSpec, _: &FilterSettings) -> FilterAnswer {
    let metadata = host.merged_metadata();
    for (key, want) in demanded(request) {
        let Some(values) = metadata.get(key) else {
            return Err(No::because(format!("no aggregate of it says {key}")));
        };
        let answers: Vec<_> = values.iter().map(|value| matches(value, want)).collect();
        if answers.contains(&Ok(true)) {
            continue;
        }
        if let Some(Err(raised)) = answers.iter().find(|answer| answer.is_err()) {
            return Err(No::Raised(raised));
        }
        return Err(No::because(format!(
            "no aggregate of it has {key} that satisfies {want:?}"
        )));
    }
    Ok(())
}

fn may_raise(host: &Host, request: &RequestSpec, _: &FilterSettings) -> bool {
    let metadata = host.merged_metadata();
    demanded(request).any(|(key, want)| {
        let mut values = metadata.get(key).into_iter().flatten();
        values.any(|value| matches(value, want).is_err())
    })
}

/// Whether real Nova's answer hangs on the order in which Python walks a set: one value of a key
/// satisfies the requirement and another raises. Here a value that satisfies it wins.
#[must_use]
pub fn depends_on_set_order(host: &Host, request: &RequestSpec) -> bool {
    let metadata = host.merged_metadata();
    demanded(request).any(|(key, want)| {
        let answers: Vec<_> = metadata
            .get(key)
            .into_iter()
            .flatten()
            .map(|value| matches(value, want))
            .collect();
        answers.contains(&Ok(true)) && answers.iter().any(Result::is_err)
    })
}
