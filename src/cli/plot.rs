//! `plot`: the figures of a results folder again.

use std::path::Path;

use super::failure::Failure;
use super::print;
use crate::report;

/// Draws the figures from what the folder holds and prints their paths.
pub fn plot(folder: &Path, replace: bool) -> Result<(), Failure> {
    let results = report::read(folder)?;
    let files = report::redraw(&results, folder, replace)?;
    let lines: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    print::answer(&lines.join("\n"))
}
