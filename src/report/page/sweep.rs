//! The page of a sweep: what each strategy does as the varied keys move.

use super::super::error::DrawError;
use super::super::plots::sweep::Drawn;
use super::super::plots::{counted, percent};
use super::super::sweep::sentences;
use super::forest;
use super::tables::{Grid, Line, known};
use super::varied::{self, SweptMetric};
use super::view::{Block, Key};
use super::{Frame, Part, answered, assumed, blocks, curves, facts, made_by, written};
use crate::cells::points::design::DesignKind;
use crate::judge::sweep::SweepManifest;

/// More points than this are left to the files.
const MOST_ROWS: usize = 200;

/// A sweep as its page shows it.
#[derive(Clone, Copy, Debug)]
pub struct SweepSeen<'a> {
    /// Its points.
    pub drawn: Drawn<'a>,
    /// What made its files.
    pub mark: &'a str,
    /// How many cells broke an invariant.
    pub broken: usize,
    /// The scenario's text.
    pub scenario: &'a str,
}

/// The page of a sweep.
///
/// # Errors
/// When a template fails.
pub fn sweep(seen: &SweepSeen<'_>) -> Result<Vec<u8>, DrawError> {
    let (drawn, manifest) = (seen.drawn, seen.drawn.manifest);
    let mut said = sentences(manifest, drawn.points);
    if seen.broken > 0 {
        said.push(format!(
            "{} broke an invariant and is in no figure: see the column `error` of sweep.csv.",
            counted(seen.broken as u32, "cell")
        ));
    }
    let metrics = varied::metrics(&drawn);
    let parts = vec![
        answered(said, false),
        facts("compared", "What was varied", asked(manifest)),
        blocks(
            "figures",
            "Over the varied keys",
            keys(&drawn),
            metrics.iter().map(|it| figures(&drawn, *it)).collect(),
        ),
        blocks(
            "points",
            "Point by point",
            Vec::new(),
            metrics.iter().map(|it| rows(&drawn, *it)).collect(),
        ),
        assumed(&manifest.assumptions),
        provided(seen),
    ];
    let frame = Frame::of(
        (&manifest.scenario, &manifest.question),
        &manifest.version,
        seen.mark,
        parts,
    );
    written(&frame, "null")
}

fn asked(manifest: &SweepManifest) -> Vec<(String, String)> {
    let fact = |name: &str, text: String| (name.to_owned(), text);
    let design = match manifest.design.kind {
        DesignKind::Grid => "a grid: every value of one key with every value of the others".to_owned(),
        DesignKind::Latin(samples) => format!("a Latin hypercube of {samples} points: all keys vary at once"),
        DesignKind::OneAtATime => "one key at a time, the others at the scenario's own values".to_owned(),
    };
    let mut facts = vec![fact("design", design)];
    facts.extend(manifest.design.axes.iter().map(|axis| {
        let text = axis.to_string();
        let values = text
            .split_once('=')
            .map_or_else(|| text.clone(), |(_, values)| values.to_owned());
        (axis.key.clone(), values)
    }));
    let labels = manifest.strategies.iter();
    let labels: Vec<String> = labels
        .map(
            |label| match *label == manifest.baseline && manifest.strategies.len() > 1 {
                true => format!("{label} (baseline)"),
                false => label.clone(),
            },
        )
        .collect();
    facts.extend([
        fact("strategies", labels.join(", ")),
        fact(
            "replications",
            format!(
                "{} at each point, paired across strategies and points",
                manifest.replications
            ),
        ),
    ]);
    facts
}

/// The legend of all figures of a sweep.
fn keys(drawn: &Drawn<'_>) -> Vec<Key> {
    match drawn.manifest.design.kind {
        DesignKind::OneAtATime => forest::keys(varied::has_matters(drawn), drawn.manifest.confidence),
        _ => curves::keys(&drawn.manifest.strategies),
    }
}

fn figures(drawn: &Drawn<'_>, metric: SweptMetric) -> Block {
    let manifest = drawn.manifest;
    let level = percent(manifest.confidence);
    let (figures, begins) = varied::figures(drawn, metric);
    let note = match (manifest.replications, manifest.design.kind) {
        (0 | 1, _) => "1 replication: there are no intervals, and nothing can be told apart.".to_owned(),
        (_, DesignKind::OneAtATime) => format!(
            "Paired differences of each value against the same strategy at the scenario's own values, with {level} % t-intervals."
        ),
        (_, kind) => {
            let beside = match kind {
                DesignKind::Latin(_) => " All other keys vary at once, so that the spread at one place is theirs.",
                _ => "",
            };
            format!(
                "Means with {level} % t-intervals over replications. Intervals of two strategies that overlap say nothing about \
                 their paired difference, which is in the tables.{begins}{beside}"
            )
        }
    };
    Block {
        title: metric.title(),
        wide: manifest.design.axes.len() == 1 && manifest.design.kind != DesignKind::OneAtATime,
        note,
        grids: varied::maps(drawn, metric),
        figures,
    }
}

/// A metric at every point: a row for each, the difference from the baseline below each mean.
fn rows(drawn: &Drawn<'_>, metric: SweptMetric) -> Block {
    let manifest = drawn.manifest;
    let points = drawn.points.iter().zip(manifest.points()).take(MOST_ROWS);
    let rows = points.map(|(point, set)| {
        let cell = |strategy: usize| {
            let figure = varied::figure(point, strategy, metric).unwrap_or_default();
            known(figure.estimate, figure.paired)
        };
        Line {
            head: match manifest.design.kind {
                DesignKind::OneAtATime => manifest.words(&set),
                _ => point.coordinates.join(", "),
            },
            cells: (0..manifest.strategies.len()).map(cell).collect(),
            ..Line::default()
        }
    });
    let more = match drawn.points.len().saturating_sub(MOST_ROWS) {
        0 => String::new(),
        more => format!("; {more} more points are in summary.csv"),
    };
    let keys: Vec<&str> = manifest.design.axes.iter().map(|axis| axis.key.as_str()).collect();
    let column = metric.column;
    let beside = match manifest.strategies.len() {
        0 | 1 => String::new(),
        _ => format!(", below it the paired difference from {}", manifest.baseline),
    };
    Block {
        grids: vec![Grid {
            caption: format!("{} ({}): mean{beside}{more}", metric.name(), column.unit),
            corner: match manifest.design.kind {
                DesignKind::OneAtATime => "what differs".to_owned(),
                _ => keys.join(", "),
            },
            columns: manifest.strategies.clone(),
            rows: rows.collect(),
        }],
        ..Block::default()
    }
}

fn provided(seen: &SweepSeen<'_>) -> Part {
    let manifest = seen.drawn.manifest;
    let fact = |name: &str, text: String| (name.to_owned(), text);
    let mut facts = vec![
        fact("sickbay", manifest.version.clone()),
        fact("scenario", manifest.scenario.clone()),
        fact("digest", seen.drawn.digest.to_owned()),
        fact("seed", manifest.seed.to_string()),
        fact("replications", manifest.replications.to_string()),
        fact("points", seen.drawn.points.len().to_string()),
    ];
    facts.extend(
        manifest
            .settings
            .iter()
            .map(|(key, value)| (format!("set: {key}"), value.clone())),
    );
    made_by(facts, "The scenario, as it was typed", seen.scenario)
}
