//! What the parts of a page have in common.

use serde::Serialize;

use super::tables::Grid;

/// An entry of a legend: a drawn sample, its name, and a remark.
#[derive(Debug, Serialize)]
pub(super) struct Key {
    pub(super) sample: String,
    pub(super) text: String,
    pub(super) more: String,
}

impl Key {
    pub(super) fn of(sample: String, text: &str) -> Key {
        Key {
            sample,
            text: text.to_owned(),
            more: String::new(),
        }
    }
}

/// A heading with figures and tables below it.
#[derive(Debug, Default, Serialize)]
pub(super) struct Block {
    pub(super) title: String,
    pub(super) figures: Vec<String>,
    /// Whether a figure takes the whole width.
    pub(super) wide: bool,
    pub(super) note: String,
    pub(super) grids: Vec<Grid>,
}
