//! What is on disk, each written and read by one piece of code: a run's results folder ([`run`]), a sweep with its shards and
//! journals ([`sweep`]), a plan ([`plan`]), goldens ([`golden`]). CSV is [`tables`]', JSON [`json`]'s, and how folders change
//! whole or not at all is [`disk`]'s, which knows nothing of what is in them.

pub mod disk;
pub mod error;
pub mod golden;
pub mod json;
pub mod plan;
pub mod run;
pub mod sweep;
pub mod tables;

pub use disk::error::{StoreError, may_pass};
pub use disk::manifest::{Entry, MANIFEST, Manifest, Part, hex};
pub use disk::os::read_text;
pub use disk::sealed::verify;
pub use disk::slot::{Slot, may_put_within, put};
pub use disk::target::{Claim, Filling, Scope, Target, Wish, finish};
pub use error::FolderError;
