//! `plot` and `report`: the figures and the page of a results folder again.

use std::path::{Path, PathBuf};

use super::failure::Failure;
use super::print;
use super::seen::seen;
use crate::judge::results::provenance;
use crate::judge::{planned, robust};
use crate::report::plots::{Form, PlotWish};
use crate::report::{page, plots};
use crate::store::again::{FigureFile, redraw, rewrite};
use crate::store::disk::target::finish;
use crate::store::kind::{FolderKind, kind};
use crate::store::run::read::read;
use crate::store::{findings, plan, robust as tried, sweep};

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
    finished(folder)?;
    let (kind, wish) = (kind(folder)?, args.wish());
    let (mark, figures) = figures(folder, kind, &wish)?;
    if figures.is_empty() {
        let folder = folder.display();
        return Err(Failure::Use(format!(
            "{folder} has no figure of what is asked for: ask for other metrics or strategies"
        )));
    }
    told(&redraw((kind, &mark), figures, folder, replace)?)
}

/// What made the files of a folder, and the figures that are asked for.
fn figures(folder: &Path, kind: FolderKind, wish: &PlotWish) -> Result<(String, Vec<FigureFile>), Failure> {
    Ok(match kind {
        FolderKind::Run => {
            let results = read(folder)?;
            plots::check(&results, wish).map_err(Failure::Use)?;
            (provenance(&results), plots::wished(&results, wish)?)
        }
        FolderKind::Sweep => {
            let sweep = sweep::open(folder)?;
            let points = sweep::merged(&sweep)?;
            let drawn = seen(&sweep, &points).drawn;
            plots::sweep::askable(&drawn).check(wish).map_err(Failure::Use)?;
            let figures = plots::sweep::render(&drawn, &points.mark, wish)?;
            (points.mark, figures)
        }
        FolderKind::Plan => {
            let plan = plan::read(folder)?;
            let mark = planned::provenance(&plan);
            plots::plan::askable(&plan).check(wish).map_err(Failure::Use)?;
            let figures = plots::plan::render(&plan, &mark, wish)?;
            (mark, figures)
        }
        FolderKind::Robust => {
            let found = tried::read(folder)?;
            let mark = robust::provenance(&found);
            plots::robust::askable(&found).check(wish).map_err(Failure::Use)?;
            let figures = plots::robust::render(&found, &mark, wish)?;
            (mark, figures)
        }
        FolderKind::Compare => {
            return Err(Failure::Use(
                "what compare found has no figures beside its page: `sickbay report` makes that again".to_owned(),
            ));
        }
    })
}

/// Makes the page from what the folder holds and prints its path.
pub fn report(folder: &Path, replace: bool) -> Result<(), Failure> {
    finished(folder)?;
    let kind = kind(folder)?;
    let (mark, page) = made(folder, kind)?;
    let mut files = match kind {
        FolderKind::Compare => Vec::new(),
        _ => rewrite((kind, &mark), page, folder, replace)?,
    };
    // Findings may lie beside another command's results.
    if findings::is_there(folder) {
        let page = page::compare(&findings::read(folder)?)?;
        files.extend(findings::rewrite(page, folder, replace)?);
    }
    told(&files)
}

/// What made the files of a folder, and its page.
fn made(folder: &Path, kind: FolderKind) -> Result<(String, Vec<u8>), Failure> {
    Ok(match kind {
        FolderKind::Run => {
            let results = read(folder)?;
            (provenance(&results), page::page(&results)?)
        }
        FolderKind::Sweep => {
            let sweep = sweep::open(folder)?;
            let points = sweep::merged(&sweep)?;
            (points.mark.clone(), page::sweep(&seen(&sweep, &points))?)
        }
        FolderKind::Plan => {
            let plan = plan::read(folder)?;
            (planned::provenance(&plan), page::plan(&plan)?)
        }
        FolderKind::Robust => {
            let found = tried::read(folder)?;
            (robust::provenance(&found), page::robust(&found)?)
        }
        FolderKind::Compare => (String::new(), Vec::new()),
    })
}

/// These commands write to the folder, so that they finish what a killed one has begun.
fn finished(folder: &Path) -> Result<(), Failure> {
    for said in finish(folder)? {
        print::note(&said);
    }
    Ok(())
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

    /// Whether a folder's page is that of its results.
    fn again(folder: &Path, wanted: FolderKind, first: &[u8]) {
        assert_eq!(kind(folder).expect("results"), wanted);
        let written = std::fs::read(folder.join("report.html")).expect("a page");
        assert!(first == written, "{wanted:?}");
        report(folder, false).expect("made again");
        let again = std::fs::read(folder.join("report.html")).expect("a page");
        assert!(first == again, "{wanted:?}");
    }

    #[test]
    fn pages_of_a_plan_and_of_what_is_robust_are_those_of_their_folders() {
        use crate::judge::planned::tests::planned;
        use crate::judge::robust::sample::robustness;
        let temp = tempfile::tempdir().expect("a folder");
        let drawn = |page: &[u8]| crate::store::again::DrawnFiles {
            figures: Vec::new(),
            page: page.to_vec(),
        };
        let (given, folder) = (planned(false), temp.path().join("plan"));
        let first = page::plan(&plan::as_read(&given).expect("as read")).expect("a page");
        plan::write(&given, drawn(&first), plan::open(&folder, false).expect("opened")).expect("written");
        again(&folder, FolderKind::Plan, &first);
        let (given, folder) = (robustness(), temp.path().join("robust"));
        let first = page::robust(&tried::as_read(&given).expect("as read")).expect("a page");
        tried::write(
            &given,
            None,
            drawn(&first),
            tried::open(&folder, false).expect("opened"),
        )
        .expect("written");
        again(&folder, FolderKind::Robust, &first);
    }

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
