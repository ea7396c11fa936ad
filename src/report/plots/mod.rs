//! The figures. Each is a file of its own with a `draw` that makes a [`Sheet`] from results, and
//! a line in [`FIGURES`].

pub mod acceptance;
pub mod axis;
pub mod canvas;
pub mod capacity;
pub mod errand_wait;
mod labels;
mod letters;
pub mod nodes;
mod page;
mod paint;
pub mod paired;
pub mod palette;
pub mod plan;
mod raster;
pub mod robust;
pub mod sweep;

use super::error::DrawError;
use crate::cells::columns::Metric;
use crate::judge::results::{Results, provenance};
use canvas::Sheet;
pub(super) use labels::telling;
pub use page::PlotFile;
pub(super) use page::{arm_labels, counted, ink as page_ink, percent, words};
use paint::Said;

/// A figure: its name in files and how it is drawn.
pub struct Figure {
    /// The name of its files.
    pub name: &'static str,
    /// Draws it.
    pub draw: fn(&Results) -> Sheet,
}

/// All figures.
pub const FIGURES: [Figure; 5] = [
    Figure {
        name: "acceptance",
        draw: acceptance::draw,
    },
    Figure {
        name: "paired",
        draw: paired::draw,
    },
    Figure {
        name: "errand_wait",
        draw: errand_wait::draw,
    },
    Figure {
        name: "capacity",
        draw: capacity::draw,
    },
    Figure {
        name: "nodes",
        draw: nodes::draw,
    },
];

/// The metrics whose paired differences are drawn, as far as they have values.
pub(super) fn paired_metrics() -> &'static [Metric] {
    &paired::METRICS
}

/// Draws every figure, as SVG and as PNG.
///
/// # Errors
/// When plotters or the PNG encoder fails.
pub fn render(results: &Results) -> Result<Vec<PlotFile>, DrawError> {
    let figures = FIGURES
        .iter()
        .map(|figure| (figure.name.to_owned(), (figure.draw)(results)));
    files(figures, (&results.scenario, &results.version), &provenance(results))
}

/// Each figure as SVG and as PNG.
fn files(
    figures: impl IntoIterator<Item = (String, Sheet)>,
    (scenario, version): (&str, &str),
    mark: &str,
) -> Result<Vec<PlotFile>, DrawError> {
    let mut files = Vec::new();
    for (name, sheet) in figures {
        let title = format!("{scenario}: {name}");
        let said = Said {
            title: &title,
            version,
            provenance: mark,
            wide: None,
        };
        files.push((format!("{name}.svg"), sheet.svg(said)?));
        files.push((format!("{name}.png"), sheet.png(said)?));
    }
    Ok(files)
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod alike;
