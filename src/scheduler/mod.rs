//! The scheduler: request filters, Placement's query, filters and weighers, in Nova's order.
//! Pure: it reads the view and answers; it has no state and no random stream of its own (ties
//! are drawn from a key that the request carries).

pub mod choose;
pub mod nova;
pub mod plain;
pub mod policy;
pub mod stages;
#[cfg(test)]
mod tests;
mod walk;

pub use choose::{Choice, Denial, Stage, choose};
pub use policy::{CapOrder, Filter, Pick, Policy};
pub use stages::{Ask, Fell, Target};
