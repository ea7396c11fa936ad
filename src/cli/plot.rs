//! `plot`: the figures of a results folder again.

use std::path::Path;

use super::failure::Failure;
use super::print;
use crate::{report, store};

/// Draws the figures from what the folder holds and prints their paths.
pub fn plot(folder: &Path, replace: bool) -> Result<(), Failure> {
    // This command writes there, so that it finishes what a killed one has begun.
    for said in store::finish(folder)? {
        print::note(&said);
    }
    let results = report::read(folder)?;
    let files = report::redraw(&results, folder, replace)?;
    let lines: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    print::answer(&lines.join("\n"))
}
