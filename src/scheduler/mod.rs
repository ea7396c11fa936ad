//! The scheduler: request filters, Placement's query, filters and weighers, in Nova's order.
//! Pure: it reads the view and answers; it has no random stream of its own (ties are drawn from a
//! key that the request carries), and all that it keeps is a memo of verdicts.
//!
//! - `nova`: the rules of Nova and Placement in their own terms, held against the real code
//! - `render`: shapes and specs in those terms: what a mark is
//! - `judge`: the rules of a run, with nothing remembered; `rules`: verdicts, each found once, and asks compiled by them
//! - `known`: traits that Placement has heard of
//! - `grouped`: a decision on a server group's machines
//! - `choice`: what is answered
//! - `choose`: a decision by the index; `plain`: its definition, with all reasons

pub mod ask;
mod best;
pub mod choice;
pub mod choose;
mod grouped;
pub mod judge;
mod known;
mod memo;
pub mod nova;
pub mod plain;
pub mod policy;
pub mod quota;
pub mod render;
pub mod rules;
mod seated;
#[cfg(test)]
mod tests;
mod walk;

pub use ask::{Ask, AskedNode, Spec};
pub use choice::{Choice, Denial, Name, Stage};
pub use choose::choose;
pub use grouped::Spread;
pub use judge::{Judge, ShapeVerdict};
pub use policy::{CapOrder, Needs, Pick, Policy};
pub use quota::{Own, Quota, Usage};
pub use rules::Rules;
