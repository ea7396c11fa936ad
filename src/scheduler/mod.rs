//! The scheduler.
pub mod policy;
pub use policy::{CapOrder, Filter, Pick, Policy};
