//! `plot`: the figures of a results folder again.

use std::path::Path;

use super::failure::Failure;
use super::print;
use crate::report::plots;
use crate::store::disk::target::finish;
use crate::store::run::read::read;
use crate::store::run::redraw;

/// Draws the figures from what the folder holds and prints their paths.
pub fn plot(folder: &Path, replace: bool) -> Result<(), Failure> {
    // This command writes there, so that it finishes what a killed one has begun.
    for said in finish(folder)? {
        print::note(&said);
    }
    let results = read(folder)?;
    let files = redraw(&results, plots::render(&results)?, folder, replace)?;
    let lines: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    print::answer(&lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::sample::{SampleWish, results};
    use crate::store::run::{as_read, open, write};

    #[test]
    fn figures_of_a_run_and_of_its_folder_are_the_same_bytes() {
        for eventful in [true, false] {
            let sample = results(SampleWish {
                arms: 4,
                replications: 3,
                eventful,
            });
            let folder = tempfile::tempdir().expect("tempdir").path().join("r");
            let figures = plots::render(&as_read(&sample)).expect("drawn");
            let mark = crate::judge::results::provenance(&sample);
            assert!(
                figures
                    .iter()
                    .filter(|(name, _)| name.ends_with(".svg"))
                    .all(|(_, bytes)| { String::from_utf8_lossy(bytes).contains(&mark) })
            );
            let target = open(&folder, false).expect("a folder");
            write(&sample, figures.clone(), target).expect("written");
            let again = plots::render(&read(&folder).expect("read")).expect("drawn again");
            assert!(figures == again, "eventful: {eventful}");
        }
    }
}
