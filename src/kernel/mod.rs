//! The kernel: integer time, the agenda, the event loop, random streams, samplers and digests.
//!
//! `text` is what every floor needs to show foreign text. It knows nothing of fleets: no node, tenant, request or strategy is named here, and it does
//! no I/O and cannot fail.

pub mod agenda;
pub mod clock;
pub mod digest;
pub mod few;
pub mod number;
pub mod part;
pub mod permute;
pub mod run;
pub mod samplers;
pub mod streams;
pub mod text;
pub mod time;

pub use agenda::{Agenda, Packed, Ranked};
pub use clock::{Clock, Hours};
pub use digest::Digest;
pub use few::Few;
pub use part::part_of;
pub use permute::Permutation;
pub use run::{Limits, Simulation, Stop, run};
pub use samplers::Law;
pub use streams::Stream;
pub use time::{Span, Time};
