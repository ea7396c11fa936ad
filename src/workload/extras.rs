//! What a request may say beside class and traits.

use std::collections::BTreeMap;

/// Extra specs, hints, an image, an availability zone.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Extras {
    /// The flavor's extra specs, in the order in which they are applied.
    pub extra_specs: Vec<(String, String)>,
    /// JsonFilter's `query` hint.
    pub query: Option<String>,
    /// SameHostFilter's hint: requests of which one is to have an instance on the compute service.
    pub same_host: Vec<String>,
    /// DifferentHostFilter's hint: requests of which none is to have one there.
    pub different_host: Vec<String>,
    /// BlazarFilter's hint: reservations.
    pub reservation: Vec<String>,
    /// The server group that its machines belong to.
    pub group: Option<ServerGroup>,
    /// The image's id.
    pub image: Option<String>,
    /// The image's properties.
    pub image_properties: BTreeMap<String, String>,
    /// The availability zone.
    pub availability_zone: Option<String>,
}

/// A server group.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct ServerGroup {
    /// Its number.
    pub id: u16,
    /// Its name.
    pub name: String,
    /// What it wants of its machines.
    pub policy: GroupPolicy,
    /// `max_server_per_host`, of anti-affinity.
    pub most_per_host: Option<u32>,
}

/// What a server group wants of its machines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum GroupPolicy {
    /// All on one compute service.
    #[default]
    Affinity,
    /// Each on another, or `max_server_per_host` on each.
    AntiAffinity,
    /// Rather together.
    SoftAffinity,
    /// Rather apart.
    SoftAntiAffinity,
}

impl GroupPolicy {
    /// Nova's word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            GroupPolicy::Affinity => "affinity",
            GroupPolicy::AntiAffinity => "anti-affinity",
            GroupPolicy::SoftAffinity => "soft-affinity",
            GroupPolicy::SoftAntiAffinity => "soft-anti-affinity",
        }
    }
}
