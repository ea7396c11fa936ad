//! Nova's weighers: raw value, clamped to a lower bound, normalised over the candidates, times a
//! multiplier that an aggregate may override, summed (`weights.py:30, 130, 172`).

use std::collections::{BTreeMap, BTreeSet};

use super::extra_specs::number;
use super::terms::{Host, RequestSpec};

/// Multipliers that differ from Nova's defaults, by option (`ram_weight_multiplier`, …).
pub type Multipliers = BTreeMap<String, f64>;

/// A weigher: its option, Nova's default for it, its lower bound, the sign that Nova gives it.
struct Weigher {
    option: &'static str,
    default: f64,
    floor: Option<f64>,
    sign: f64,
    raw: fn(&Host, &RequestSpec) -> f64,
}

/// The weighers that bare metal meets; the others weigh 0 there.
const WEIGHERS: [Weigher; 9] = [
    plain("ram_weight_multiplier", 1.0, Some(0.0), |host, _| {
        host.free_ram_mb() as f64
    }),
    plain("cpu_weight_multiplier", 1.0, Some(0.0), |host, _| {
        host.vcpus as f64 * host.cpu_allocation_ratio - host.vcpus_used as f64
    }),
    plain("disk_weight_multiplier", 1.0, Some(0.0), |host, _| {
        host.free_disk_mb() as f64
    }),
    plain("io_ops_weight_multiplier", -1.0, Some(0.0), |host, _| {
        host.num_io_ops as f64
    }),
    Weigher {
        // Applied negative (`weights/compute.py`): the more failures, the worse.
        sign: -1.0,
        ..plain("build_failure_weight_multiplier", 1_000_000.0, None, |host, _| {
            host.failed_builds as f64
        })
    },
    plain("num_instances_weight_multiplier", 0.0, None, |host, _| {
        host.num_instances as f64
    }),
    plain("hypervisor_version_weight_multiplier", 1.0, None, |host, _| {
        host.hypervisor_version as f64
    }),
    plain("soft_affinity_weight_multiplier", 1.0, None, |host, request| {
        members(host, request, "soft-affinity")
    }),
    plain("soft_anti_affinity_weight_multiplier", 1.0, None, |host, request| {
        -members(host, request, "soft-anti-affinity")
    }),
];

const fn plain(option: &'static str, default: f64, floor: Option<f64>, raw: fn(&Host, &RequestSpec) -> f64) -> Weigher {
    Weigher {
        option,
        default,
        floor,
        sign: 1.0,
        raw,
    }
}

fn members(host: &Host, request: &RequestSpec, policy: &str) -> f64 {
    match &request.group {
        Some(group) if group.policy == policy => host.instances.intersection(&group.members).count() as f64,
        _ => 0.0,
    }
}

/// The options of all weighers, with Nova's defaults.
pub fn options() -> impl Iterator<Item = (&'static str, f64)> {
    WEIGHERS.iter().map(|weigher| (weigher.option, weigher.default))
}

impl Weigher {
    /// The multiplier for a host: the least that its aggregates say, or the option. Metadata that
    /// are no number leave the option (`scheduler/utils.py`, `get_weight_multiplier`).
    fn multiplier(&self, host: &Host, set: &Multipliers) -> f64 {
        let option = set.get(self.option).copied().unwrap_or(self.default);
        let said: BTreeSet<&str> = host
            .aggregates
            .iter()
            .filter_map(|aggregate| aggregate.metadata.get(self.option).map(String::as_str))
            .collect();
        let read: Result<Vec<f64>, _> = said.iter().map(|text| number(text)).collect();
        match read {
            Ok(values) if !values.is_empty() => values.into_iter().fold(f64::INFINITY, f64::min),
            _ => option,
        }
    }
}

/// The weight of each host, in their order. A single candidate is not weighed and has 0.
#[must_use]
pub fn weigh(hosts: &[&Host], request: &RequestSpec, set: &Multipliers) -> Vec<f64> {
    let mut total = vec![0.0; hosts.len()];
    if hosts.len() < 2 {
        return total;
    }
    for weigher in &WEIGHERS {
        let bound = |value: f64| weigher.floor.map_or(value, |floor| value.max(floor));
        let raw: Vec<f64> = hosts.iter().map(|host| bound((weigher.raw)(host, request))).collect();
        let least = weigher
            .floor
            .unwrap_or_else(|| raw.iter().copied().fold(f64::INFINITY, f64::min));
        let most = raw.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if least == most {
            continue;
        }
        for ((sum, value), host) in total.iter_mut().zip(&raw).zip(hosts) {
            *sum += weigher.sign * weigher.multiplier(host, set) * ((value - least) / (most - least));
        }
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(builds: i64) -> Host {
        Host {
            failed_builds: builds,
            ..Host::default()
        }
    }

    #[test]
    fn failed_builds_weigh_as_recorded() {
        let hosts = [failed(1), failed(0), failed(3)];
        let weights = weigh(
            &hosts.iter().collect::<Vec<_>>(),
            &RequestSpec::default(),
            &Multipliers::new(),
        );
        assert_eq!(weights, [-1e6 / 3.0, 0.0, -1e6], "as probes.json has it");
        assert_eq!(
            weigh(&[&failed(2)], &RequestSpec::default(), &Multipliers::new()),
            [0.0]
        );
    }

    #[test]
    fn an_unreadable_override_leaves_the_option() {
        let mut host = failed(1);
        let metadata = [("build_failure_weight_multiplier".to_owned(), "much".to_owned())];
        host.aggregates = vec![super::super::Aggregate {
            name: "a".to_owned(),
            metadata: metadata.into(),
        }];
        let weights = weigh(&[&host, &failed(0)], &RequestSpec::default(), &Multipliers::new());
        assert_eq!(weights, [-1e6, 0.0]);
    }
}
