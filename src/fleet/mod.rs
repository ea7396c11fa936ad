//! The fleet: nodes and the facts about them. A node's facts are independent of each other, as
//! Ironic keeps them. What the scheduler believes of a node is elsewhere (`view`).

pub mod ironic;
pub mod names;
pub mod node;
pub mod provision;

pub use ironic::{Fault, Power};
pub use names::{AggregateSpec, ClassId, GroupId, Model, Names, RackId, Register, TenantId, TraitId, TraitSet};
pub use node::{Boundary, Change, Fleet, Health, Hold, Holds, Mark, Marks, Node, NodeId, Occupant, Party, Spec};
pub use provision::Provision;
