//! What comes out: a cloud at an instant, and why there is none.

use crate::kernel::{Law, Span};
use crate::scenario::diagnose::Problem;

/// Why there is no scenario.
#[derive(Debug)]
pub enum MorningError {
    /// What is wrong with the files.
    Problems(Vec<Problem>),
    /// What is wrong with what was asked.
    Use(String),
}

/// Who is on one of the nodes that are taken.
#[derive(Clone, Debug, PartialEq)]
pub struct OnNode {
    /// The node.
    pub node: String,
    /// The request.
    pub request: String,
    /// Whose it is.
    pub tenant: String,
    /// The class that was asked for.
    pub class: String,
    /// How long it has run, at least.
    pub age: Span,
    /// How long it still runs, where the data say so.
    pub known: Option<Span>,
    /// The law of its whole hold, where that is not known: by its place among `Morning::laws`.
    pub law: Option<usize>,
}

/// How long something of a class is held.
#[derive(Clone, Debug, PartialEq)]
pub struct HoldFound {
    /// Of what.
    pub of: String,
    /// The law of whole holds.
    pub law: Law,
    /// What it rests on, in words.
    pub from: String,
}

/// A cloud at an instant, as a scenario in which some nodes are taken out.
#[derive(Clone, Debug)]
pub struct Morning {
    /// The scenario: its file is `scenario.toml`.
    pub scenario: String,
    /// The files beside it.
    pub files: Vec<(String, Vec<u8>)>,
    /// The instant, RFC 3339 with the offset of its time zone.
    pub now: String,
    /// When the nodes are taken out, as text and as the time from then.
    pub at: (String, Span),
    /// When they are given back.
    pub end: (String, Span),
    /// When the run ends.
    pub until: (String, Span),
    /// What is taken, in words.
    pub what: String,
    /// The nodes that are taken, by name.
    pub taken: Vec<String>,
    /// Who is on them.
    pub on_nodes: Vec<OnNode>,
    /// The laws of holds that were found.
    pub laws: Vec<HoldFound>,
    /// Where future demand is from, in words; none: nobody said.
    pub demand: Option<String>,
    /// Tenants and classes that ask from then on, by their names.
    pub askers: (Vec<String>, Vec<String>),
    /// What to know.
    pub remarks: Vec<String>,
}

/// The file of spells in which nothing is taken out.
pub const UNTAKEN: &str = "maintenance.csv";
/// The file of spells in which the nodes are taken out.
pub const TAKEN: &str = "taken.csv";
/// The scenario's file.
pub const SCENARIO: &str = "scenario.toml";

/// Requests a day for a class.
#[derive(Clone, Debug, PartialEq)]
pub struct Rate {
    /// The class.
    pub class: String,
    /// Requests a day.
    pub per_day: f64,
}
