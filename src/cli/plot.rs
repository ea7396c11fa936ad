//! `plot` and `report`: the figures and the page of a results folder again.

use std::path::{Path, PathBuf};

use super::failure::Failure;
use super::print;
use crate::judge::results::Results;
use crate::report::plots::{Form, PlotWish};
use crate::report::{page, plots};
use crate::store::disk::target::finish;
use crate::store::run::read::read;
use crate::store::run::{redraw, rewrite};

/// What is drawn, and how; the folder's other figures stay as they are.
#[derive(Debug, clap::Args)]
pub struct PlotArgs {
    /// Only this figure, such as acceptance (repeatable)
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    figure: Vec<String>,
    /// Only this metric (repeatable)
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    metric: Vec<String>,
    /// Only this strategy, by its label (repeatable); a difference keeps the baseline
    #[arg(long, value_name = "LABEL")]
    strategy: Vec<String>,
    /// Only the nodes, or the requests, of this class
    #[arg(long, value_name = "CLASS")]
    class: Option<String>,
    /// Another heading
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    /// How wide, in pixels; the height follows
    #[arg(long, value_name = "PIXELS", value_parser = clap::value_parser!(u32).range(320..=8000))]
    size: Option<u32>,
    /// Only in these forms: svg, png
    #[arg(long, value_name = "FORM", value_delimiter = ',', value_parser = form)]
    format: Vec<Form>,
}

fn form(word: &str) -> Result<Form, String> {
    match word {
        "svg" => Ok(Form::Svg),
        "png" => Ok(Form::Png),
        _ => Err("it takes svg, png or both: svg,png".to_owned()),
    }
}

impl PlotArgs {
    fn wish(&self) -> PlotWish {
        PlotWish {
            figures: self.figure.clone(),
            metrics: self.metric.clone(),
            strategies: self.strategy.clone(),
            class: self.class.clone(),
            title: self.title.clone(),
            wide: self.size,
            forms: self.format.clone(),
        }
    }
}

/// Draws the figures from what the folder holds and prints their paths.
pub fn plot(folder: &Path, args: &PlotArgs, replace: bool) -> Result<(), Failure> {
    let (results, wish) = (whole(folder)?, args.wish());
    plots::check(&results, &wish).map_err(Failure::Use)?;
    told(&redraw(&results, plots::wished(&results, &wish)?, folder, replace)?)
}

/// Makes the page from what the folder holds and prints its path.
pub fn report(folder: &Path, replace: bool) -> Result<(), Failure> {
    let results = whole(folder)?;
    told(&rewrite(&results, page::page(&results)?, folder, replace)?)
}

/// What the folder holds. These commands write there, so that they finish what a killed one has begun.
fn whole(folder: &Path) -> Result<Results, Failure> {
    for said in finish(folder)? {
        print::note(&said);
    }
    Ok(read(folder)?)
}

fn told(files: &[PathBuf]) -> Result<(), Failure> {
    let lines: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    print::answer(&lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::run::drawn;
    use crate::judge::sample::{SampleWish, results};
    use crate::store::run::{as_read, open, write};

    #[test]
    fn figures_and_page_of_a_run_and_of_its_folder_are_the_same_bytes() {
        for eventful in [true, false] {
            let sample = results(SampleWish {
                arms: 4,
                replications: 3,
                eventful,
            });
            let folder = tempfile::tempdir().expect("tempdir").path().join("r");
            let first = drawn(&as_read(&sample)).expect("drawn");
            let mark = crate::judge::results::provenance(&sample);
            assert!(
                first
                    .figures
                    .iter()
                    .filter(|(name, _)| name.ends_with(".svg"))
                    .all(|(_, bytes)| { String::from_utf8_lossy(bytes).contains(&mark) })
            );
            let target = open(&folder, false).expect("a folder");
            write(&sample, first.clone(), target).expect("written");
            let again = drawn(&read(&folder).expect("read")).expect("drawn again");
            assert!(first.figures == again.figures, "eventful: {eventful}");
            let [first, again] = [first.page, again.page].map(|page| String::from_utf8(page).expect("text"));
            let differs = first.lines().zip(again.lines()).find(|(a, b)| a != b);
            assert!(first == again, "eventful: {eventful}, {differs:?}");
        }
    }
}
