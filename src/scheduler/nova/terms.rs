//! What Nova's scheduler reads: a host's state, its aggregates, a request.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::python::object;

/// Why a filter does not let a host through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum No {
    /// It says so, for this reason.
    Because(String),
    /// It raised this Python exception, and the whole request fails.
    Raised(&'static str),
}

impl No {
    /// A refusal with its reason.
    pub fn because(reason: impl Into<String>) -> No {
        No::Because(reason.into())
    }
}

/// What a filter answers.
pub type FilterAnswer = Result<(), No>;

/// A host aggregate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Aggregate {
    /// Its name (in Placement its UUID).
    pub name: String,
    /// Its metadata.
    pub metadata: BTreeMap<String, String>,
}

/// A compute service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Service {
    /// Whether it reports.
    pub up: bool,
    /// Whether an operator has disabled it.
    pub disabled: bool,
    /// Whether an operator has forced it down.
    pub forced_down: bool,
}

impl Default for Service {
    fn default() -> Self {
        Service {
            up: true,
            disabled: false,
            forced_down: false,
        }
    }
}

/// A host as the filters see it: one Ironic node of one compute service. Ironic's nodes report no
/// memory, disk or processors; virtual hosts do.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Host {
    /// The compute service.
    pub host: String,
    /// The node (`nodename`, `hypervisor_hostname`).
    pub node: String,
    /// The service's state.
    pub service: Service,
    /// Capabilities, and the counts that Nova keeps beside them.
    pub stats: BTreeMap<String, String>,
    /// The aggregates of the *service*: every node of it has them.
    pub aggregates: Vec<Aggregate>,
    /// The instances on the service's nodes.
    pub instances: BTreeSet<String>,
    /// Instances that the host counts.
    pub num_instances: i64,
    /// Instances that are being built, moved or the like.
    pub num_io_ops: i64,
    /// Builds that failed since the last success.
    pub failed_builds: i64,
    /// The hypervisor's version.
    pub hypervisor_version: i64,
    /// Memory, in MiB.
    pub memory_mb: i64,
    /// Memory in use, in MiB.
    pub memory_mb_used: i64,
    /// Disk, in GiB.
    pub local_gb: i64,
    /// Disk in use, in GiB.
    pub local_gb_used: i64,
    /// Processors.
    pub vcpus: i64,
    /// Processors in use.
    pub vcpus_used: i64,
    /// How far processors may be promised more than once.
    pub cpu_allocation_ratio: f64,
    /// The images that it can run: architecture, type of hypervisor, mode. Ironic's driver says
    /// `(cpu_arch, baremetal, hvm)` of a node that has a `cpu_arch`, and nothing of others.
    pub supported: Vec<[String; 3]>,
}

/// An attribute of a host's state.
#[derive(Clone, Debug, PartialEq)]
pub enum Attribute<'a> {
    /// Text.
    Text(&'a str),
    /// A whole number.
    Number(i64),
    /// The capabilities.
    Stats(&'a BTreeMap<String, String>),
    /// A list, a dictionary or a fraction.
    Value(Value),
    /// It is there, and is None.
    Nothing,
    /// It reads like a dictionary and is none: the service.
    Record(Value),
    /// An object, of this truth.
    Object(bool),
}

/// Attributes that are the same on every Ironic node.
fn attribute_of_all(name: &str) -> Option<Attribute<'static>> {
    Some(match name {
        "hypervisor_type" => Attribute::Text("ironic"),
        "host_ip" => Attribute::Text("127.0.0.1"),
        "cell_uuid" => Attribute::Text("00000000-0000-0000-0000-00000000ce11"),
        "ram_allocation_ratio" | "disk_allocation_ratio" => Attribute::Value(1.0.into()),
        "limits" => Attribute::Value(json!({})),
        "allocation_candidates" => Attribute::Value(json!([])),
        "cpu_info" | "numa_topology" | "updated" => Attribute::Nothing,
        "metrics" => Attribute::Object(false),
        "pci_stats" | "update" | "consume_from_request" => Attribute::Object(true),
        _ => return None,
    })
}

impl Host {
    /// Free memory, in MiB.
    #[must_use]
    pub fn free_ram_mb(&self) -> i64 {
        self.memory_mb - self.memory_mb_used
    }

    /// Free disk, in MiB.
    #[must_use]
    pub fn free_disk_mb(&self) -> i64 {
        (self.local_gb - self.local_gb_used) * 1024
    }

    /// An attribute of `HostState` by its Python name (`scheduler/host_manager.py:99-180`).
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<Attribute<'_>> {
        Some(match name {
            "host" => Attribute::Text(&self.host),
            "nodename" | "hypervisor_hostname" | "uuid" => Attribute::Text(&self.node),
            "free_ram_mb" => Attribute::Number(self.free_ram_mb()),
            "free_disk_mb" => Attribute::Number(self.free_disk_mb()),
            "total_usable_ram_mb" => Attribute::Number(self.memory_mb),
            "total_usable_disk_gb" => Attribute::Number(self.local_gb),
            "disk_mb_used" => Attribute::Number(self.local_gb_used * 1024),
            "vcpus_total" => Attribute::Number(self.vcpus),
            "vcpus_used" => Attribute::Number(self.vcpus_used),
            "num_instances" => Attribute::Number(self.num_instances),
            "num_io_ops" => Attribute::Number(self.num_io_ops),
            "failed_builds" => Attribute::Number(self.failed_builds),
            "hypervisor_version" => Attribute::Number(self.hypervisor_version),
            "stats" => Attribute::Stats(&self.stats),
            _ => return attribute_of_all(name).or_else(|| self.odd_attribute(name)),
        })
    }

    /// Attributes that nobody has asked for yet but a fuzzer.
    fn odd_attribute(&self, name: &str) -> Option<Attribute<'_>> {
        Some(match name {
            "cpu_allocation_ratio" => Attribute::Value(self.cpu_allocation_ratio.into()),
            "supported_instances" => Attribute::Value(json!(self.supported)),
            "aggregates" => Attribute::Value(vec![object(true); self.aggregates.len()].into()),
            "instances" => {
                let all = self.instances.iter().map(|name| (name.clone(), object(true)));
                Attribute::Value(Value::Object(all.collect()))
            }
            "service" => Attribute::Record(json!({
                "host": self.host,
                "binary": "nova-compute",
                "topic": "compute",
                "disabled": self.service.disabled,
                "forced_down": self.service.forced_down,
                "report_count": 1,
            })),
            _ => return None,
        })
    }

    /// The metadata of all its aggregates, each value split at commas
    /// (`scheduler/filters/utils.py`, `aggregate_metadata_get_by_host`).
    #[must_use]
    pub fn merged_metadata(&self) -> BTreeMap<&str, BTreeSet<&str>> {
        let mut merged: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (key, value) in self.aggregates.iter().flat_map(|aggregate| &aggregate.metadata) {
            merged.entry(key).or_default().extend(value.split(',').map(str::trim));
        }
        merged
    }
}

/// A flavor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flavor {
    /// Its name.
    pub name: String,
    /// Its extra specs, in the order in which they are applied.
    pub extra_specs: Vec<(String, String)>,
    /// Its processors, asked of Placement as VCPU unless an extra spec says otherwise.
    pub vcpus: i64,
    /// Its memory, in MiB.
    pub memory_mb: i64,
    /// Its disk, in GiB.
    pub root_gb: i64,
}

/// The image that an instance boots.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Image {
    /// Its id.
    pub id: String,
    /// Its properties.
    pub properties: BTreeMap<String, String>,
}

impl Flavor {
    /// The value of an extra spec.
    #[must_use]
    pub fn spec(&self, key: &str) -> Option<&str> {
        let found = self.extra_specs.iter().find(|(name, _)| name == key);
        found.map(|(_, value)| value.as_str())
    }
}

/// `requested_destination`: the host that `--host` or `--hypervisor-hostname` names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Destination {
    /// The compute service; none: no destination after all.
    pub host: Option<String>,
    /// The node; none: any of the service.
    pub node: Option<String>,
}

/// The server group that a request belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InstanceGroup {
    /// affinity, anti-affinity, soft-affinity or soft-anti-affinity.
    pub policy: String,
    /// Its instances.
    pub members: BTreeSet<String>,
    /// The services that they are on.
    pub hosts: BTreeSet<String>,
    /// `max_server_per_host`, for anti-affinity; 1 where it is not said.
    pub most_per_host: Option<usize>,
}

/// A request, as the scheduler gets it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestSpec {
    /// The tenant.
    pub project_id: String,
    /// The (first) instance.
    pub instance: String,
    /// How many instances, all or nothing.
    pub num_instances: usize,
    /// The flavor.
    pub flavor: Flavor,
    /// The scheduler hints; Nova keeps each as a list.
    pub hints: BTreeMap<String, Vec<String>>,
    /// The availability zone.
    pub availability_zone: Option<String>,
    /// Hosts to leave out.
    pub ignore_hosts: Vec<String>,
    /// `--availability-zone az:host`: skips every filter.
    pub force_hosts: Vec<String>,
    /// `--availability-zone az::node`: skips every filter.
    pub force_nodes: Vec<String>,
    /// `--host`, `--hypervisor-hostname`.
    pub destination: Option<Destination>,
    /// The server group.
    pub group: Option<InstanceGroup>,
    /// The image.
    pub image: Option<Image>,
}

impl RequestSpec {
    /// Whether a host or node is forced, so that filters are skipped.
    #[must_use]
    pub fn is_forced(&self) -> bool {
        !self.force_hosts.is_empty() || !self.force_nodes.is_empty()
    }

    /// The traits that the image requires (`trait:X=required` among its properties).
    pub fn image_traits(&self) -> impl Iterator<Item = &str> {
        let all = self.image.iter().flat_map(|image| &image.properties);
        all.filter(|(_, value)| *value == "required")
            .filter_map(|(key, _)| key.strip_prefix("trait:"))
    }

    /// All values of a hint.
    #[must_use]
    pub fn hinted(&self, name: &str) -> &[String] {
        self.hints.get(name).map_or(&[], Vec::as_slice)
    }
}
