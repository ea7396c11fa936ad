//! Nova: usage (what was granted, and when), servers in detail, and the flavors that say which class a request asks for.

pub(crate) mod demand;
pub(crate) mod flavors;
pub(crate) mod servers;
pub(crate) mod usage;
