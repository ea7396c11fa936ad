//! Recorded cases in the terms of `scheduler::nova`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use sickbay::scheduler::nova::{
    Aggregate, Destination, FilterSettings, Flavor, Host, Image, InstanceGroup, Inventory, Multipliers, Provider,
    RequestSpec, Service,
};

pub fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

pub fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(list) => list.iter().map(text).collect(),
        Value::Null => Vec::new(),
        one => vec![text(one)],
    }
}

pub fn rows(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

pub fn map(value: &Value) -> BTreeMap<String, String> {
    value
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, value)| (key.clone(), text(value)))
        .collect()
}

fn number(value: &Value, key: &str, otherwise: i64) -> i64 {
    value.get(key).and_then(Value::as_i64).unwrap_or(otherwise)
}

fn flag(value: &Value, key: &str, otherwise: bool) -> bool {
    value.get(key).and_then(Value::as_bool).unwrap_or(otherwise)
}

pub fn aggregates(case: &Value) -> Vec<Aggregate> {
    let one = |row: &Value| Aggregate {
        name: text(&row["name"]),
        metadata: map(&row["metadata"]),
    };
    rows(&case["aggregates"]).iter().map(one).collect()
}

/// A host; `of_host` says whether the aggregates that it names itself count.
pub fn host(row: &Value, case: &Value, of_host: bool) -> Host {
    let name = text(&row["host"]);
    let own = if of_host { texts(&row["aggregates"]) } else { Vec::new() };
    let is_in =
        |aggregate: &Value| own.contains(&text(&aggregate["name"])) || texts(&aggregate["hosts"]).contains(&name);
    let places = rows(&case["aggregates"]).iter().zip(aggregates(case));
    let mut stats = map(&row["stats"]);
    for (key, stat) in [
        ("num_instances", "num_instances"),
        ("num_io_ops", "io_workload"),
        ("failed_builds", "failed_builds"),
    ] {
        if let Some(count) = row.get(key) {
            stats.insert(stat.to_owned(), text(count));
        }
    }
    Host {
        host: name.clone(),
        node: text(&row["node"]),
        service: Service {
            up: flag(&row["service"], "up", true),
            disabled: flag(&row["service"], "disabled", false),
            forced_down: flag(&row["service"], "forced_down", false),
        },
        stats,
        aggregates: places
            .filter(|(row, _)| is_in(row))
            .map(|(_, aggregate)| aggregate)
            .collect(),
        instances: texts(&row["instances"]).into_iter().collect(),
        num_instances: number(row, "num_instances", 0),
        num_io_ops: number(row, "num_io_ops", 0),
        failed_builds: number(row, "failed_builds", 0),
        hypervisor_version: number(row, "hypervisor_version", 1),
        memory_mb: number(row, "memory_mb", 0),
        memory_mb_used: number(row, "memory_mb_used", 0),
        local_gb: number(row, "local_gb", 0),
        local_gb_used: number(row, "local_gb_used", 0),
        vcpus: number(row, "vcpus", 0),
        vcpus_used: number(row, "vcpus_used", 0),
        supported: supported(row),
        cpu_allocation_ratio: row.get("cpu_allocation_ratio").and_then(Value::as_f64).unwrap_or(1.0),
    }
}

/// What a host says it can run; where a case says nothing, the recorder's hosts are of x86_64.
fn supported(row: &Value) -> Vec<[String; 3]> {
    let Some(specs) = row.get("supported_hv_specs") else {
        return vec![["x86_64", "baremetal", "hvm"].map(str::to_owned)];
    };
    let three = |spec: &Value| [0, 1, 2].map(|at| text(&spec[at]));
    rows(specs).iter().map(three).collect()
}

/// `[filter_scheduler]`, as far as single filters read it.
pub fn settings(case: &Value) -> FilterSettings {
    let said = &case["config"]["filter_scheduler"];
    let otherwise = FilterSettings::default();
    FilterSettings {
        max_instances_per_host: number(said, "max_instances_per_host", otherwise.max_instances_per_host),
        max_io_ops_per_host: number(said, "max_io_ops_per_host", otherwise.max_io_ops_per_host),
        isolated_hosts: texts(&said["isolated_hosts"]),
        isolated_images: texts(&said["isolated_images"]),
        restrict_isolated_hosts: flag(said, "restrict_isolated_hosts_to_isolated_images", true),
        default_architecture: None,
    }
}

fn named(value: &Value) -> Option<String> {
    value.as_str().filter(|name| !name.is_empty()).map(str::to_owned)
}

pub fn request(row: &Value) -> RequestSpec {
    let or = |value: &Value, otherwise: &str| named(value).unwrap_or_else(|| otherwise.to_owned());
    let specs = row["flavor"]["extra_specs"].as_object();
    let destination = |to: &Value| Destination {
        host: named(&to["host"]),
        node: named(&to["node"]),
    };
    let group = |group: &Value| InstanceGroup {
        policy: text(&group["policy"]),
        members: texts(&group["members"]).into_iter().collect(),
        hosts: texts(&group["hosts"]).into_iter().collect(),
        most_per_host: group
            .get("max_server_per_host")
            .and_then(Value::as_u64)
            .map(|n| n as usize),
    };
    let image = |image: &Value| Image {
        id: text(&image["id"]),
        properties: map(&image["properties"]),
    };
    RequestSpec {
        project_id: or(&row["project_id"], "project"),
        instance: or(&row["instance"], "instance"),
        num_instances: number(row, "num_instances", 1) as usize,
        flavor: Flavor {
            name: or(&row["flavor"]["name"], "flavor"),
            extra_specs: specs
                .into_iter()
                .flatten()
                .map(|(key, value)| (key.clone(), text(value)))
                .collect(),
            // What the recorder's flavors have where a case says nothing.
            vcpus: number(&row["flavor"], "vcpus", 1),
            memory_mb: number(&row["flavor"], "memory_mb", 1),
            root_gb: number(&row["flavor"], "root_gb", 0),
        },
        hints: row["scheduler_hints"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(k, v)| (k.clone(), texts(v)))
            .collect(),
        availability_zone: named(&row["availability_zone"]),
        ignore_hosts: texts(&row["ignore_hosts"]),
        force_hosts: texts(&row["force_hosts"]),
        force_nodes: texts(&row["force_nodes"]),
        destination: row
            .get("requested_destination")
            .filter(|to| !to.is_null())
            .map(destination),
        group: row.get("group").filter(|group| !group.is_null()).map(group),
        image: row.get("image").filter(|image| !image.is_null()).map(image),
    }
}

pub fn inventory(row: &Value) -> Inventory {
    let otherwise = Inventory::default();
    Inventory {
        total: number(row, "total", 0),
        reserved: number(row, "reserved", otherwise.reserved),
        min_unit: number(row, "min_unit", otherwise.min_unit),
        max_unit: number(row, "max_unit", otherwise.max_unit),
        step_size: number(row, "step_size", otherwise.step_size),
        allocation_ratio: row.get("allocation_ratio").and_then(Value::as_f64).unwrap_or(1.0),
    }
}

/// What is allocated, by provider and class.
pub fn allocated(case: &Value) -> BTreeMap<String, BTreeMap<String, i64>> {
    let mut used: BTreeMap<String, BTreeMap<String, i64>> = BTreeMap::new();
    for (provider, classes) in rows(&case["allocations"])
        .iter()
        .filter_map(|a| a["allocations"].as_object())
        .flatten()
    {
        for (class, amount) in classes.as_object().into_iter().flatten() {
            *used
                .entry(provider.clone())
                .or_default()
                .entry(class.clone())
                .or_default() += amount.as_i64().unwrap_or(0);
        }
    }
    used
}

pub fn provider(row: &Value, id: String, case: &Value) -> Provider {
    let inventories = row["inventories"].as_object().into_iter().flatten();
    Provider {
        used: allocated(case).remove(&id).unwrap_or_default(),
        id,
        parent: named(&row["parent"]),
        inventories: inventories
            .map(|(class, row)| (class.clone(), inventory(row)))
            .collect(),
        traits: texts(&row["traits"]).into_iter().collect(),
        aggregates: texts(&row["aggregates"]).into_iter().collect(),
    }
}

pub fn set(value: &Value) -> BTreeSet<String> {
    texts(value).into_iter().collect()
}

pub fn multipliers(case: &Value) -> Multipliers {
    let options = case["config"]["filter_scheduler"].as_object().into_iter().flatten();
    options
        .filter_map(|(key, value)| Some((key.clone(), value.as_f64()?)))
        .collect()
}
