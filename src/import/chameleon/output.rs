//! An import as files.

use super::Imported;
use crate::import::neutral::{write_nodes, write_requests, write_spells};

/// The files of an import, each with its text: `nodes.csv`, `requests.csv`, `maintenance.csv` and `report.txt`.
#[must_use]
pub fn files(imported: &Imported) -> [(&'static str, Vec<u8>); 4] {
    [
        ("nodes.csv", write_nodes(&imported.nodes)),
        ("requests.csv", write_requests(&imported.requests)),
        ("maintenance.csv", write_spells(&imported.spells)),
        ("report.txt", imported.report.to_string().into_bytes()),
    ]
}
