//! The fleet: nodes and the facts about them. A node's facts are independent of each other, as
//! Ironic keeps them. What the scheduler believes of a node is elsewhere (`view`).

pub mod ids;
pub mod ironic;
pub mod marks;
pub mod names;
pub mod node;
pub mod provision;
pub mod roll;
pub mod seats;

pub use ids::{RequestId, WindowId};
pub use ironic::{Fault, Power};
pub use marks::{Mark, Marks};
pub use names::{AggregateSpec, ClassId, GroupId, Model, Names, RackId, Register, TenantId, TraitId, TraitSet};
pub use node::{Health, Hold, Holds, Node, NodeId, Occupant, Party};
pub use provision::Provision;
pub use roll::{Boundary, Change, Fleet, Kind, Spec};
pub use seats::Seats;
