//! The simulator's shapes and specs in Nova's and Placement's terms. What a mark *is* is written
//! here and nowhere else; what follows from it is decided by the rules in `nova`.
//!
//! | mark | on the node | on requests |
//! |---|---|---|
//! | isolated-aggregate | in the aggregate `maintenance` with `trait:CUSTOM_MAINTENANCE=required` | |
//! | maintenance trait | trait `CUSTOM_MAINTENANCE` | asks: `trait:CUSTOM_MAINTENANCE=required`; refuses: `=forbidden` |
//! | maintenance class | inventory of `CUSTOM_<CLASS>_MAINTENANCE` instead of `CUSTOM_<CLASS>` | asks: that class |
//! | inverse spec | capability `maintenance=true` | refuses: the unscoped extra spec `maintenance=false` |
//! | post-filter | capability `maintenance_hold=true` | asks: extra spec `maintenance:reach=true` |
//! | spec-only | capability `suspect=true` | nothing looks at it |
//! | operators' aggregate | in the aggregate `operators` with `trait:CUSTOM_OPERATORS=required` | |
//! | operators' trait | trait `CUSTOM_OPERATORS` | asks: `trait:CUSTOM_OPERATORS=required` |
//! | tenant aggregate | in the aggregate `operators-tenant` with `filter_tenant_id=operators`, and no more in `tenants` | the project `operators` |
//! | operators' owner | owned or leased by the operators in Ironic | see `judge::owned_away` |
//! | operators' lease | capability `reservation=operators` | asks: the hint `reservation=operators` |
//! | service tenancy | its compute service in an aggregate with `filter_tenant_id=operators` | the project `operators` |

use std::collections::{BTreeMap, BTreeSet};

use super::ask::Spec;
use super::nova::filters::{MAINTENANCE_HOLD, MAINTENANCE_REACH, RESERVATION};
use super::nova::request_filters::OWNER_NOVA;
use super::nova::{Aggregate, Destination, Flavor, Host, Image, InstanceGroup, Inventory, Provider, RequestSpec};
use super::policy::Policy;
use crate::fleet::{ClassId, GroupId, Mark, Marks, Model, Names, TenantId, TraitId, TraitSet};
use crate::view::{Shape, View};
use crate::workload::{Extras, ServerGroup};

const MAINTENANCE: &str = "maintenance";
const OPERATORS: &str = "operators";
const OPERATORS_TENANT: &str = "operators-tenant";
const TENANTS: &str = "tenants";
const MAINTENANCE_TRAIT: &str = "CUSTOM_MAINTENANCE";
const OPERATORS_TRAIT: &str = "CUSTOM_OPERATORS";
const TENANT_KEY: &str = "filter_tenant_id";
/// A tenant that nobody is: how an ordinary stranger would be served.
pub const STRANGER: TenantId = TenantId(u16::MAX);

/// How a request names its machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// `--hypervisor-hostname`.
    Destination,
    /// `--availability-zone az:host:node`.
    Force,
    /// JsonFilter's `query` hint.
    Hint,
}

/// The words for the numbers that shapes and specs hold.
#[derive(Clone, Debug)]
pub struct Glossary {
    names: Names,
    extras: Vec<Extras>,
    aggregates: Vec<Aggregate>,
    tenants_have_aggregates: bool,
}

fn pairs<const N: usize>(pairs: [(&str, &str); N]) -> BTreeMap<String, String> {
    pairs
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

/// A class or trait as Placement wants it: capitals, digits and underscores after `CUSTOM_`.
#[must_use]
pub fn custom(name: &str) -> String {
    if let Some(rest) = name.strip_prefix("CUSTOM_")
        && rest
            .chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
    {
        return name.to_owned();
    }
    let letters = name.chars().map(|c| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_uppercase()
        } else {
            '_'
        }
    });
    format!("CUSTOM_{}", letters.collect::<String>())
}

impl Glossary {
    /// The glossary of a run.
    #[must_use]
    pub fn new(names: &Names, extras: &[Extras], tenants_have_aggregates: bool) -> Glossary {
        let mut aggregates = vec![
            aggregate(MAINTENANCE, pairs([("trait:CUSTOM_MAINTENANCE", "required")])),
            aggregate(OPERATORS, pairs([("trait:CUSTOM_OPERATORS", "required")])),
            aggregate(OPERATORS_TENANT, pairs([(TENANT_KEY, OPERATORS)])),
        ];
        if tenants_have_aggregates {
            let ordinary = names.tenants.iter().skip(1).chain(std::iter::once("a stranger"));
            let keys = ordinary
                .enumerate()
                .map(|(at, name)| (format!("{TENANT_KEY}_{at}"), name.to_owned()));
            aggregates.push(aggregate(TENANTS, keys.collect()));
        }
        let own = names
            .aggregates
            .iter()
            .map(|own| aggregate(&own.name, own.metadata.clone()));
        aggregates.extend(own);
        Glossary {
            names: names.clone(),
            extras: if extras.is_empty() {
                vec![Extras::default()]
            } else {
                extras.to_vec()
            },
            aggregates,
            tenants_have_aggregates,
        }
    }

    /// Every aggregate that Nova knows.
    #[must_use]
    pub fn aggregates(&self) -> &[Aggregate] {
        &self.aggregates
    }

    /// The names.
    #[must_use]
    pub fn names(&self) -> &Names {
        &self.names
    }

    fn tenant(&self, tenant: TenantId) -> &str {
        match tenant {
            STRANGER => "a stranger",
            known => self.names.tenants.name(known.0),
        }
    }

    fn class(&self, class: ClassId, maintenance: bool) -> String {
        let name = custom(self.names.classes.name(class.0));
        if maintenance {
            format!("{name}_MAINTENANCE")
        } else {
            name
        }
    }

    fn model(&self, shape: &Shape) -> Option<&Model> {
        self.names.models.get(usize::from(shape.model))
    }

    /// Whether a spec's hints make Nova look instances up, so that Placement is asked without a limit.
    #[must_use]
    pub fn drops_cap(&self, spec: &Spec) -> bool {
        let extras = self.extras(spec);
        extras.group.is_some() || !extras.same_host.is_empty() || !extras.different_host.is_empty()
    }

    /// The server group of a spec.
    #[must_use]
    pub fn group(&self, spec: &Spec) -> Option<&ServerGroup> {
        self.extras(spec).group.as_ref()
    }

    fn extras(&self, spec: &Spec) -> &Extras {
        &self.extras[usize::from(spec.extras).min(self.extras.len() - 1)]
    }

    /// The hint or extra specs of a spec that look at the single node, and not at its shape alone.
    #[must_use]
    pub fn looks_at_nodes(&self, spec: &Spec, policy: &Policy) -> bool {
        let extras = self.extras(spec);
        let probe = Host::default();
        let of_node = |(key, _): &(String, String)| {
            let bare = key.strip_prefix("capabilities:").unwrap_or(key);
            probe.attribute(bare.split(':').next().unwrap_or("")).is_some() || bare == "failed_builds"
        };
        (extras.query.is_some() && policy.enables("JsonFilter"))
            || (!extras.same_host.is_empty() && policy.enables("SameHostFilter"))
            || (!extras.different_host.is_empty() && policy.enables("DifferentHostFilter"))
            || extras.extra_specs.iter().any(of_node)
    }

    /// The request of a spec; `named` is the machine's name and compute service, and the way in
    /// which it is named.
    #[must_use]
    pub fn request(&self, spec: &Spec, count: u16, named: Option<(By, &str, &str)>) -> RequestSpec {
        let extras = self.extras(spec);
        let mut request = RequestSpec {
            project_id: self.tenant(spec.tenant).to_owned(),
            instance: instance(0),
            num_instances: usize::from(count),
            flavor: Flavor {
                name: self.names.classes.name(spec.class.0).to_owned(),
                extra_specs: self.extra_specs(spec),
                // A bare-metal flavor as it should be: nothing but its class.
                ..Flavor::default()
            },
            availability_zone: extras.availability_zone.clone(),
            ..RequestSpec::default()
        };
        for (name, instances) in [
            ("same_host", &extras.same_host),
            ("different_host", &extras.different_host),
            (RESERVATION, &extras.reservation),
        ] {
            if !instances.is_empty() {
                request.hints.insert(name.to_owned(), instances.clone());
            }
        }
        if extras.image.is_some() || !extras.image_properties.is_empty() {
            request.image = Some(Image {
                id: extras.image.clone().unwrap_or_default(),
                properties: extras.image_properties.clone(),
            });
        }
        let mut hint = |name: &str, value: String| request.hints.insert(name.to_owned(), vec![value]);
        if let Some(group) = &extras.group {
            hint("group", group.name.clone());
        }
        if spec.asks.has(Mark::OperatorsLease) {
            hint(RESERVATION, OPERATORS.to_owned());
        }
        if let Some(query) = &extras.query {
            hint("query", query.clone());
        }
        match named {
            Some((By::Hint, node, _)) => {
                let query = serde_json::json!(["=", "$hypervisor_hostname", node]);
                hint("query", query.to_string());
            }
            Some((By::Force, node, _)) => request.force_nodes = vec![node.to_owned()],
            Some((By::Destination, node, host)) => {
                request.destination = Some(Destination {
                    host: Some(host.to_owned()),
                    node: Some(node.to_owned()),
                });
            }
            None => {}
        }
        request
    }

    fn extra_specs(&self, spec: &Spec) -> Vec<(String, String)> {
        let class = self.class(spec.class, spec.asks.has(Mark::MaintenanceClass));
        let mut specs = vec![(format!("resources:{class}"), "1".to_owned())];
        let mut say = |key: String, value: &str| specs.push((key, value.to_owned()));
        for (traits, word) in [(spec.required, "required"), (spec.forbidden, "forbidden")] {
            for name in self.names.traits_of(traits) {
                say(format!("trait:{}", custom(name)), word);
            }
        }
        if spec.asks.has(Mark::MaintenanceTrait) {
            say(format!("trait:{MAINTENANCE_TRAIT}"), "required");
        } else if spec.refuses.has(Mark::MaintenanceTrait) {
            say(format!("trait:{MAINTENANCE_TRAIT}"), "forbidden");
        }
        if spec.asks.has(Mark::OperatorsTrait) {
            say(format!("trait:{OPERATORS_TRAIT}"), "required");
        }
        if spec.refuses.has(Mark::InverseSpec) {
            say(MAINTENANCE.to_owned(), "false");
        }
        if spec.asks.has(Mark::PostFilter) {
            say(MAINTENANCE_REACH.to_owned(), "true");
        }
        // A flavor has one value of a key: what it says itself counts.
        for (key, value) in &self.extras(spec).extra_specs {
            match specs.iter_mut().find(|(known, _)| known == key) {
                Some((_, old)) => old.clone_from(value),
                None => specs.push((key.clone(), value.clone())),
            }
        }
        specs
    }

    /// Traits and marks of this simulation that a trait's name in Placement stands for.
    #[must_use]
    pub fn means(&self, name: &str) -> (TraitSet, Marks) {
        let mut means = (TraitSet::default(), Marks::default());
        for (number, word) in self.names.traits.iter().enumerate().take(64) {
            if custom(word) == name {
                means.0 = means.0.with(TraitId(number as u16));
            }
        }
        for (mark, word) in [
            (Mark::MaintenanceTrait, MAINTENANCE_TRAIT),
            (Mark::OperatorsTrait, OPERATORS_TRAIT),
        ] {
            if word == name {
                means.1 = means.1.with(mark);
            }
        }
        means
    }

    /// A server group as the filters know it: its machines by compute service, and `count` new ones,
    /// which the API has made members already.
    #[must_use]
    pub fn server_group(&self, view: &View, group: &ServerGroup, count: u16) -> InstanceGroup {
        let services = || view.members(group.id);
        let name = |service: GroupId| self.names.groups.name(service.0).to_owned();
        let there = services().flat_map(|(service, n)| (0..n).map(move |k| member(group.id, service, k)));
        InstanceGroup {
            policy: group.policy.word().to_owned(),
            members: there.chain((0..count).map(instance)).collect(),
            hosts: services().map(|(service, _)| name(service)).collect(),
            most_per_host: group.most_per_host.map(|n| n as usize),
        }
    }

    /// A node of this shape as Placement knows it.
    #[must_use]
    pub fn provider(&self, node: &str, shape: &Shape, reserved: bool, used: bool) -> Provider {
        let marks = shape.marks;
        let class = self.class(shape.class, marks.has(Mark::MaintenanceClass));
        let mut traits: BTreeSet<String> = self.names.traits_of(shape.traits).map(custom).collect();
        traits.extend(["COMPUTE_NODE".to_owned(), OWNER_NOVA.to_owned()]);
        let mut aggregates = self
            .model(shape)
            .map_or_else(BTreeSet::new, |model| model.aggregates.clone());
        for (mark, name) in [
            (Mark::MaintenanceTrait, MAINTENANCE_TRAIT),
            (Mark::OperatorsTrait, OPERATORS_TRAIT),
        ] {
            if marks.has(mark) {
                traits.insert(name.to_owned());
            }
        }
        for (mark, name) in [
            (Mark::IsolatedAggregate, MAINTENANCE),
            (Mark::OperatorsAggregate, OPERATORS),
            (Mark::TenantAggregate, OPERATORS_TENANT),
        ] {
            if marks.has(mark) {
                aggregates.insert(name.to_owned());
            }
        }
        if self.tenants_have_aggregates && !marks.has(Mark::TenantAggregate) {
            aggregates.insert(TENANTS.to_owned());
        }
        Provider {
            id: node.to_owned(),
            parent: None,
            used: if used {
                BTreeMap::from([(class.clone(), 1)])
            } else {
                BTreeMap::new()
            },
            inventories: BTreeMap::from([(class, Inventory::machine(reserved))]),
            traits,
            aggregates,
        }
    }

    /// A node of this shape as the filters know it; `closed` says whether its whole compute
    /// service is the operators'.
    #[must_use]
    pub fn host(&self, node: &str, shape: &Shape, closed: bool, failed_builds: u16) -> Host {
        let mut stats = self
            .model(shape)
            .map_or_else(BTreeMap::new, |model| model.capabilities.clone());
        for (mark, key, value) in [
            (Mark::InverseSpec, MAINTENANCE, "true"),
            (Mark::PostFilter, MAINTENANCE_HOLD, "true"),
            (Mark::SpecOnly, "suspect", "true"),
            (Mark::OperatorsLease, RESERVATION, OPERATORS),
        ] {
            if shape.marks.has(mark) {
                stats.insert(key.to_owned(), value.to_owned());
            }
        }
        let architecture = stats.get("cpu_arch").filter(|arch| !arch.is_empty());
        let supported = architecture.map(|arch| [arch.clone(), "baremetal".to_owned(), "hvm".to_owned()]);
        stats.insert("failed_builds".to_owned(), failed_builds.to_string());
        let of_service = |own: &&crate::fleet::AggregateSpec| own.groups.contains(&shape.group);
        let own = self.names.aggregates.iter().filter(of_service);
        let mut aggregates: Vec<Aggregate> = own.map(|own| aggregate(&own.name, own.metadata.clone())).collect();
        if closed {
            aggregates.push(aggregate("operators-service", pairs([(TENANT_KEY, OPERATORS)])));
        }
        Host {
            host: self.names.groups.name(shape.group.0).to_owned(),
            node: node.to_owned(),
            stats,
            aggregates,
            failed_builds: i64::from(failed_builds),
            supported: supported.into_iter().collect(),
            hypervisor_version: 1,
            cpu_allocation_ratio: 1.0,
            ..Host::default()
        }
    }
}

/// The name of a server group's machine on a compute service: one of so many, it does not matter which.
#[must_use]
pub fn member(server_group: u16, service: GroupId, which: u32) -> String {
    format!("group {server_group} on {} #{which}", service.0)
}

/// The name of a request's machine that is being placed.
#[must_use]
pub fn instance(which: u16) -> String {
    format!("instance-{which}")
}

fn aggregate(name: &str, metadata: BTreeMap<String, String>) -> Aggregate {
    Aggregate {
        name: name.to_owned(),
        metadata,
    }
}
