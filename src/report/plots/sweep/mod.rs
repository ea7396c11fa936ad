//! The figures of a sweep, one for each metric that is drawn: lines over one key, heat maps over two, tornadoes where
//! one key at a time is varied, and clouds of points over any other design.

mod cloud;
mod drawn;
mod heat;
mod lines;
mod tornado;

use super::canvas::Sheet;
use super::page::PlotFile;
use super::{Askable, PlotWish, files};
use crate::cells::points::design::DesignKind;
use crate::judge::point::Point;
use crate::judge::sweep::SweepManifest;
use crate::report::error::DrawError;
pub use drawn::Drawn;
use drawn::DrawnMetric;
pub(crate) use drawn::KeyAxis;

/// Draws every figure of a sweep, as SVG and as PNG.
///
/// # Errors
/// When plotters or the PNG encoder fails.
pub fn render(drawn: &Drawn<'_>, mark: &str, wish: &PlotWish) -> Result<Vec<PlotFile>, DrawError> {
    let (manifest, points) = narrowed(drawn, wish);
    let narrowed = Drawn {
        manifest: &manifest,
        points: &points,
        ..*drawn
    };
    files(
        sheets(&narrowed, wish),
        (&manifest.scenario, &manifest.version),
        mark,
        wish,
    )
}

/// What the figures of a sweep can be asked for.
#[must_use]
pub fn askable(drawn: &Drawn<'_>) -> Askable {
    let manifest = drawn.manifest;
    let columns = manifest.columns();
    let metrics = manifest.places().into_iter().map(|at| columns.at(at).name.to_owned());
    let metrics: Vec<String> = metrics.collect();
    let kind = kind(manifest).0;
    Askable {
        figures: metrics.iter().map(|metric| format!("{kind}-{metric}")).collect(),
        metrics,
        strategies: manifest.strategies.clone(),
    }
}

/// How a sweep's figures are called and drawn.
type Kind = (&'static str, fn(&Drawn<'_>, DrawnMetric) -> Sheet);

fn kind(manifest: &SweepManifest) -> Kind {
    let design = &manifest.design;
    match (design.kind, design.axes.len()) {
        (DesignKind::OneAtATime, _) => ("tornado", tornado::draw),
        (_, 1) => ("lines", lines::draw),
        (DesignKind::Grid, 2) => ("heat", heat::draw),
        _ => ("cloud", cloud::draw),
    }
}

/// What is drawn of the strategies that are asked for alone.
fn narrowed(drawn: &Drawn<'_>, wish: &PlotWish) -> (SweepManifest, Vec<Point>) {
    let (mut manifest, mut points) = (drawn.manifest.clone(), drawn.points.to_vec());
    let kept: Vec<bool> = manifest
        .strategies
        .iter()
        .map(|label| wish.of_strategy(label))
        .collect();
    manifest.strategies.retain(|label| wish.of_strategy(label));
    for point in &mut points {
        let mut kept = kept.iter();
        point.values.retain(|_| kept.next().copied().unwrap_or(true));
    }
    (manifest, points)
}

/// The figures by name.
fn sheets(drawn: &Drawn<'_>, wish: &PlotWish) -> Vec<(String, Sheet)> {
    let (kind, draw) = kind(drawn.manifest);
    let columns = drawn.manifest.columns();
    let metrics = drawn.manifest.places().into_iter().map(|at| (at, columns.at(at)));
    let asked = |name: &str| wish.metrics.is_empty() || wish.metrics.iter().any(|asked| asked == name);
    metrics
        .enumerate()
        .filter(|(_, (_, column))| asked(column.name))
        .map(|(at, (_, column))| {
            let sheet = draw(drawn, DrawnMetric { at, column });
            (format!("{kind}-{}", column.name), sheet)
        })
        .collect()
}

#[cfg(test)]
pub(crate) mod tests;
