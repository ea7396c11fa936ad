//! What the imports of operators' exports have in common: files packed or plain, times, documents, names, kinds, and the cut to
//! a window.

pub mod options;
pub mod tally;
pub mod wrong;

pub(crate) mod asks;
pub(crate) mod docs;
pub(crate) mod draft;
pub mod finish;
pub(crate) mod fleet;
pub(crate) mod item;
pub(crate) mod kinds;
pub(crate) mod literal;
pub(crate) mod moment;
pub(crate) mod names;
pub(crate) mod open;
pub(crate) mod scenario;
pub(crate) mod shape;
pub(crate) mod spells;
pub(crate) mod window;
pub(crate) mod yaml;

pub use finish::ForeignImport;
pub use options::{DemandOptions, ForeignOptions, NamingOptions};
pub use tally::{Account, ForeignReport};
pub use wrong::ForeignError;
