//! The figures of a sweep, one for each metric that is drawn: lines over one key, heat maps over two, tornadoes where
//! one key at a time is varied, and clouds of points over any other design.

mod cloud;
mod drawn;
mod heat;
mod lines;
mod tornado;

use super::canvas::Sheet;
use super::files;
use super::page::PlotFile;
use crate::cells::points::design::DesignKind;
use crate::report::error::DrawError;
pub use drawn::Drawn;
use drawn::DrawnMetric;
pub(crate) use drawn::KeyAxis;

/// Draws every figure of a sweep, as SVG and as PNG.
///
/// # Errors
/// When plotters or the PNG encoder fails.
pub fn render(drawn: &Drawn<'_>, mark: &str) -> Result<Vec<PlotFile>, DrawError> {
    let manifest = drawn.manifest;
    files(sheets(drawn), (&manifest.scenario, &manifest.version), mark)
}

/// The figures by name.
fn sheets(drawn: &Drawn<'_>) -> Vec<(String, Sheet)> {
    let design = &drawn.manifest.design;
    let (kind, draw): (&str, fn(&Drawn<'_>, DrawnMetric) -> Sheet) = match (design.kind, design.axes.len()) {
        (DesignKind::OneAtATime, _) => ("tornado", tornado::draw),
        (_, 1) => ("lines", lines::draw),
        (DesignKind::Grid, 2) => ("heat", heat::draw),
        _ => ("cloud", cloud::draw),
    };
    let columns = drawn.manifest.columns();
    let metrics = drawn.manifest.places().into_iter().map(|at| (at, columns.at(at)));
    metrics
        .enumerate()
        .map(|(at, (_, column))| {
            let sheet = draw(drawn, DrawnMetric { at, column });
            (format!("{kind}-{}", column.name), sheet)
        })
        .collect()
}

#[cfg(test)]
pub(crate) mod tests;
