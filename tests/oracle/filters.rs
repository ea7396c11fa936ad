//! (a) Filters and weighers over host states: every filter by itself on every host, then the
//! chain with what stands before it, then the weights.

use serde_json::Value;
use sickbay::scheduler::nova::filters::{self, Filter, depends_on_set_order};
use sickbay::scheduler::nova::{self, FILTERS, FilterSettings, Host, NOVA_DEFAULT, No, RequestSpec};

use super::terms::{host, multipliers, request, rows, settings, texts};
use super::{Tally, cases, near, packed};

/// What Nova's filter answered: true, false, or the name of an exception.
fn answer(filter: &Filter, host: &Host, request: &RequestSpec, settings: &FilterSettings) -> Value {
    match (filter.run)(host, request, settings) {
        Ok(()) => Value::Bool(true),
        Err(No::Because(reason)) => {
            assert!(!reason.is_empty(), "{}: a refusal has a reason", filter.name);
            Value::Bool(false)
        }
        Err(No::Raised(exception)) => Value::from(exception),
    }
}

fn open(name: &str, host: &Host, request: &RequestSpec) -> bool {
    name == "AggregateInstanceExtraSpecsFilter" && depends_on_set_order(host, request)
}

/// Holds a list of filters against the recordings.
pub fn hold(list: &[&Filter]) -> Tally {
    let mut tally = Tally::of("filters");
    for (case, real) in cases("filters").into_iter().chain(packed::cases("unmodelled.filters")) {
        judge(&mut tally, list, &case, &real);
    }
    tally
}

/// Holds a list of filters against one recorded case.
pub fn judge(tally: &mut Tally, list: &[&Filter], case: &Value, real: &Value) {
    let find = |name: &str| list.iter().find(|filter| filter.name == name).copied();
    {
        tally.case();
        let hosts: Vec<Host> = rows(&case["hosts"]).iter().map(|row| host(row, case, true)).collect();
        let asked = request(&case["request"]);
        for (name, verdicts) in real["each"].as_object().into_iter().flatten() {
            let filter = find(name).unwrap_or_else(|| panic!("no filter {name}"));
            for (at, (host, verdict)) in hosts.iter().zip(rows(verdicts)).enumerate() {
                if open(name, host, &asked) {
                    tally.undecided();
                } else {
                    tally.compare(
                        || format!("{} {name} host {at}", case["id"]),
                        &answer(filter, host, &asked, &settings(case)),
                        verdict,
                    );
                }
            }
        }
        let enabled = match case.get("enabled_filters") {
            Some(names) => texts(names),
            None => NOVA_DEFAULT.iter().map(|&name| name.to_owned()).collect(),
        };
        if enabled
            .iter()
            .any(|name| hosts.iter().any(|host| open(name, host, &asked)))
        {
            tally.undecided();
            return;
        }
        let chain: Vec<&Filter> = enabled.iter().filter_map(|name| find(name)).collect();
        assert_eq!(chain.len(), enabled.len(), "{}: an unknown filter", case["id"]);
        compare_chain(tally, case, real, &hosts, &asked, &chain);
    }
}

fn compare_chain(
    tally: &mut Tally,
    case: &Value,
    real: &Value,
    hosts: &[Host],
    asked: &RequestSpec,
    chain: &[&Filter],
) {
    let left = match nova::filtered(hosts, asked, chain, &settings(case)) {
        Ok(left) => left,
        Err(raised) => {
            let ours = match raised {
                No::Raised(name) => Value::from(name),
                No::Because(reason) => Value::from(reason),
            };
            tally.compare(|| format!("{} chain", case["id"]), &ours, &real["chain_error"]);
            return;
        }
    };
    let chain_of_real: Vec<usize> = rows(&real["chain"])
        .iter()
        .filter_map(Value::as_u64)
        .map(|n| n as usize)
        .collect();
    tally.compare(|| format!("{} chain", case["id"]), &left, &chain_of_real);
    let kept: Vec<&Host> = left.iter().map(|&at| &hosts[at]).collect();
    let weights = nova::weigh(&kept, asked, &multipliers(case));
    for (place, weight) in rows(&real["order"]).iter().zip(rows(&real["weights"])) {
        let (place, weight) = (
            place.as_u64().unwrap_or(0) as usize,
            weight.as_f64().unwrap_or(f64::NAN),
        );
        let ours = left
            .iter()
            .position(|&at| at == place)
            .map_or(f64::NAN, |at| weights[at]);
        tally.compare(
            || format!("{} weight of {place}: {ours} and {weight}", case["id"]),
            &near(ours, weight),
            &true,
        );
    }
}

#[test]
fn oracle_filters_and_weights_are_those_of_nova() {
    hold(&FILTERS).finish();
}

#[test]
fn oracle_every_recorded_filter_is_in_the_list() {
    for name in NOVA_DEFAULT {
        assert!(filters::find(name).is_some(), "{name}");
    }
    let mut names: Vec<&str> = FILTERS.iter().map(|filter| filter.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), FILTERS.len(), "no name twice");
}
