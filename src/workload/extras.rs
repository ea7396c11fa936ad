//! What a request may say beside class and traits.

/// Extra specs, a hint, an availability zone.
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
    /// The availability zone.
    pub availability_zone: Option<String>,
}
