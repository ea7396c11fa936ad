//! A scenario: everything that a run depends on, validated.
//!
//! - [`mod@load`] makes a scenario of a text, with what a [`Library`] has; [`whole`] is what comes out;
//! - [`tree`] is the file as it was typed, every key and value with its place;
//! - [`keys`] says which keys there are, with their defaults and where those come from;
//! - [`read`] holds a table of the file against its keys, [`values`] knows times, laws and sizes;
//! - `resolve` makes the [`Scenario`] of it, one file per table;
//! - [`diagnose`] tells all that is wrong at once, each with place and fix;
//! - [`mod@effective`] prints the file with its defaults filled in;
//! - [`forms`] says what each key takes, as a JSON Schema; [`mod@reference`] is the manual of the keys;
//! - [`mod@costs`] is what things cost;
//! - [`morning`] makes a scenario of a cloud as it is at an instant;
//! - [`expect`] is what a scenario expects of its runs, [`assume`] what it takes for granted without data.

pub mod assume;
pub mod costs;
pub mod diagnose;
pub mod effective;
pub mod expect;
pub mod forms;
pub mod goals;
pub mod keys;
pub mod library;
pub mod load;
pub mod morning;
mod names;
pub mod read;
pub mod reference;
mod resolve;
pub mod tree;
pub mod values;
pub mod whole;
mod zone;

#[cfg(test)]
mod tests;

pub use assume::{Plausible, PlausibleRange};
pub use costs::{Costs, Price};
pub use diagnose::{Problem, Unsupported};
pub use expect::Expectation;
pub use goals::{BestGoal, MOST_LOOKED_AT, Matters, PrecisionGoal};
pub use keys::full_key;
pub use library::Library;
pub use load::{EMBEDDED, asked, base_of, embedded, load, load_file, read_text, value_in};
pub(crate) use resolve::bounds;
pub use whole::{Reporting, Scenario, Variant, WarmUpRule};
