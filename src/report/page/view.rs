//! What the parts of a page have in common.

use serde::Serialize;

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
