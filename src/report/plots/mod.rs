//! The figures. Each is a file of its own with a `draw` that makes a [`Sheet`] from results, and
//! a line in [`FIGURES`].

pub mod acceptance;
pub mod axis;
pub mod canvas;
pub mod capacity;
pub mod errand_wait;
pub mod forest;
mod labels;
mod letters;
pub mod nodes;
mod page;
mod paint;
pub mod palette;
pub mod plan;
pub mod qq;
mod raster;
pub mod robust;
pub mod sweep;
mod told;
pub mod wish;

use super::error::DrawError;
use crate::judge::results::{Results, provenance};
use canvas::Sheet;
pub(super) use labels::telling;
pub use page::PlotFile;
pub(super) use page::{arm_labels, counted, mark, percent, words};
use paint::Said;
pub(super) use told::{capacity as told_capacity, waits as told_waits};
use wish::known;
pub use wish::{Askable, Form, PlotWish};

/// A figure: its name in files and how it is drawn.
pub struct Figure {
    /// The name of its files.
    pub name: &'static str,
    /// Draws it.
    pub draw: fn(&Results, &PlotWish) -> Sheet,
    /// Whether it can show one class alone.
    pub by_class: bool,
    /// Whether it shows the metrics that are asked for.
    pub by_metric: bool,
}

impl Figure {
    /// Whether a wish asks for it.
    fn wanted(&self, wish: &PlotWish) -> bool {
        wish.wants(self.name) && (self.by_class || wish.class.is_none()) && (self.by_metric || wish.metrics.is_empty())
    }
}

/// All figures.
pub const FIGURES: [Figure; 5] = [
    Figure {
        name: "acceptance",
        draw: acceptance::draw,
        by_class: true,
        by_metric: false,
    },
    Figure {
        name: "paired",
        draw: forest::draw,
        by_class: true,
        by_metric: true,
    },
    Figure {
        name: "errand_wait",
        draw: errand_wait::draw,
        by_class: false,
        by_metric: false,
    },
    Figure {
        name: "capacity",
        draw: capacity::draw,
        by_class: false,
        by_metric: false,
    },
    Figure {
        name: "nodes",
        draw: nodes::draw,
        by_class: true,
        by_metric: false,
    },
];

/// Draws every figure, as SVG and as PNG.
///
/// # Errors
/// When plotters or the PNG encoder fails.
pub fn render(results: &Results) -> Result<Vec<PlotFile>, DrawError> {
    wished(results, &PlotWish::default())
}

/// Draws the figures that are asked for. The wish has been checked ([`check`]): what it names and the results
/// do not have is left out.
///
/// # Errors
/// When plotters or the PNG encoder fails.
pub fn wished(results: &Results, wish: &PlotWish) -> Result<Vec<PlotFile>, DrawError> {
    let [chosen, with_baseline] = [false, true].map(|kept| wish.only(results, kept));
    let figures = FIGURES.iter().filter(|figure| figure.wanted(wish));
    let sheets = figures.map(|figure| {
        // A difference needs what it is from.
        let of = match figure.name {
            "paired" | "acceptance" => &with_baseline,
            _ => &chosen,
        };
        (figure.name.to_owned(), (figure.draw)(of, wish))
    });
    files(
        sheets,
        (&results.scenario, &results.version),
        &provenance(results),
        wish,
    )
}

/// Whether the results have what a wish names.
///
/// # Errors
/// What they do not have, in words for who typed it, with what there is.
pub fn check(results: &Results, wish: &PlotWish) -> Result<(), String> {
    known(&wish.figures, "figure", FIGURES.iter().map(|figure| figure.name))?;
    let unable = FIGURES
        .iter()
        .find(|figure| wish.figures.iter().any(|name| name == figure.name) && !figure.wanted(wish));
    if let Some(figure) = unable {
        let what = if figure.by_class || wish.class.is_none() {
            "metric"
        } else {
            "class"
        };
        return Err(format!(
            "the figure `{}` is not drawn by {what}: leave out --{what}",
            figure.name
        ));
    }
    known(
        &wish.strategies,
        "strategy",
        results.arms.iter().map(|arm| arm.label.as_str()),
    )?;
    let states = results.arms.iter().flat_map(|arm| &arm.log.states);
    let mut classes: Vec<&str> = states.map(|row| row.class.as_str()).collect();
    classes.sort_unstable();
    classes.dedup();
    known(wish.class.as_slice(), "class", classes)?;
    for name in &wish.metrics {
        if wish.column(results, name).is_none() {
            return Err(no_metric(results, wish, name));
        }
    }
    Ok(())
}

fn no_metric(results: &Results, wish: &PlotWish, name: &str) -> String {
    match &wish.class {
        Some(class) if results.columns.placed(name).is_some() => format!(
            "these results do not tell `{name}` apart by class: ask for `{name}{{class={class}}}` in report.metrics of the \
             scenario and run it again"
        ),
        _ => format!("there is no metric `{name}` in these results: `sickbay metrics` lists them"),
    }
}

/// Each figure in the forms that are asked for.
fn files(
    figures: impl IntoIterator<Item = (String, Sheet)>,
    (scenario, version): (&str, &str),
    mark: &str,
    wish: &PlotWish,
) -> Result<Vec<PlotFile>, DrawError> {
    let mut files = Vec::new();
    for (name, mut sheet) in figures.into_iter().filter(|(name, _)| wish.wants(name)) {
        if let Some(heading) = &wish.title {
            sheet.retitle(heading);
        }
        let title = format!("{scenario}: {name}");
        let said = Said {
            title: &title,
            version,
            provenance: mark,
            wide: wish.wide,
        };
        if wish.has(Form::Svg) {
            files.push((format!("{name}.svg"), sheet.svg(said)?));
        }
        if wish.has(Form::Png) {
            files.push((format!("{name}.png"), sheet.png(said)?));
        }
    }
    Ok(files)
}

#[cfg(test)]
mod alike;
#[cfg(test)]
mod tests;
