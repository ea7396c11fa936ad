//! The oracle sees a wrong filter: each filter in turn is replaced by one that answers the
//! opposite, and the recordings must tell.

use sickbay::scheduler::nova::filters::Filter;
use sickbay::scheduler::nova::{FILTERS, FilterSettings, Host, No, RequestSpec};

use super::filters::hold;

/// A filter that answers yes to everything, and one that answers no.
fn yes(_: &Host, _: &RequestSpec, _: &FilterSettings) -> Result<(), No> {
    Ok(())
}

fn no(_: &Host, _: &RequestSpec, _: &FilterSettings) -> Result<(), No> {
    Err(No::because("planted"))
}

#[test]
fn oracle_tells_a_planted_wrong_filter() {
    // Filters that the recordings never ask: they are no filters of Nova 34's, or ask nothing.
    let unasked = ["AllHostsFilter", "MaintenanceFilter", "AvailabilityZoneFilter"];
    for (at, filter) in FILTERS.iter().enumerate() {
        if unasked.contains(&filter.name) {
            continue;
        }
        for (word, run) in [
            ("yes", yes as fn(&Host, &RequestSpec, &FilterSettings) -> Result<(), No>),
            ("no", no),
        ] {
            let planted = Filter { run, ..**filter };
            let mut list = FILTERS.to_vec();
            list[at] = &planted;
            assert!(
                hold(&list).differs(),
                "a {} that always says {word} is not told",
                filter.name
            );
        }
    }
}
