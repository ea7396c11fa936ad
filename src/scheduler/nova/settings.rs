//! `[filter_scheduler]` as far as single filters read it.

/// The options, with Nova's defaults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterSettings {
    /// `max_instances_per_host`.
    pub max_instances_per_host: i64,
    /// `max_io_ops_per_host`.
    pub max_io_ops_per_host: i64,
    /// `isolated_hosts`: compute services.
    pub isolated_hosts: Vec<String>,
    /// `isolated_images`.
    pub isolated_images: Vec<String>,
    /// `restrict_isolated_hosts_to_isolated_images`.
    pub restrict_isolated_hosts: bool,
    /// `image_properties_default_architecture`.
    pub default_architecture: Option<String>,
}

impl Default for FilterSettings {
    fn default() -> Self {
        FilterSettings {
            max_instances_per_host: 50,
            max_io_ops_per_host: 8,
            isolated_hosts: Vec::new(),
            isolated_images: Vec::new(),
            restrict_isolated_hosts: true,
            default_architecture: None,
        }
    }
}
