//! Sweeps made up for tests: of a realistic shape, and of no meaning.

use sha2::{Digest as _, Sha256};

use super::sweep::SweepManifest;
use crate::cells::columns::{COLUMNS, Metric};
use crate::cells::engine::CellEnd;
use crate::cells::points::axis::Axis;
use crate::cells::points::design::{Design, DesignKind};
use crate::kernel::streams::{mix, unit};
use crate::scenario::Matters;

/// A sweep over these axes.
pub fn manifest(axes: &[&str], kind: DesignKind) -> SweepManifest {
    let axes: Vec<Axis> = axes.iter().map(|text| Axis::parse(text).expect("an axis")).collect();
    let own = axes.iter().map(|axis| Some(axis.at(0.4))).collect();
    SweepManifest {
        version: "0.1.0".to_owned(),
        fingerprint: "0123".to_owned(),
        scenario: "sample".to_owned(),
        question: "Which of these is it?".to_owned(),
        text: sum(b"# Is it?"),
        inputs: vec![("nodes.csv".to_owned(), sum(b"nodes"))],
        settings: vec![("scenario.seed".to_owned(), "7".to_owned())],
        strategies: ["withdraw", "naive", "hidden-via-extra-spec", "tenant-reservation"]
            .map(str::to_owned)
            .to_vec(),
        baseline: "withdraw".to_owned(),
        design: Design::new(axes, kind).expect("a design"),
        own,
        replications: 5,
        seed: 7,
        confidence: 0.95,
        metrics: vec!["acceptance".to_owned(), "errand_wait_p95".to_owned()],
        matters: Matters::bare(),
        money: None,
        shards: 1,
        assumptions: vec!["Drawn, not recorded: everything.".to_owned()],
    }
}

/// A cell's values, as they are after they have been written.
pub fn course(manifest: &SweepManifest, cell: usize) -> CellEnd {
    let job = manifest.job(cell);
    let coordinates = manifest.coordinates(&manifest.points()[job.point]);
    let place = coordinates.iter().enumerate().map(|(at, text)| {
        let number = crate::cells::points::range::number(text).map_or(text.len() as f64, |(number, _)| number);
        number / (1.0 + at as f64) / 10.0
    });
    let (level, arm) = (place.sum::<f64>(), job.variant as f64);
    let noise = |column: usize| unit(mix(mix(cell as u64) ^ column as u64)) - 0.5;
    let value = |(at, metric): (usize, Metric)| match metric {
        Metric::Acceptance => Some(0.98 - 0.02 * level + 0.004 * arm * level + 0.01 * noise(at)),
        Metric::ErrandWaitP95 if job.variant != 1 => Some(4.0 / (1.0 + arm) + 2.0 * level + noise(at)),
        Metric::Requests => Some(1000.0),
        _ => None,
    };
    let values = COLUMNS.iter().map(|column| column.metric).enumerate().map(value);
    CellEnd::Values(
        values
            .map(|value| value.map(crate::kernel::number::as_written))
            .collect(),
    )
}

/// SHA-256, 64 hexadecimal digits.
fn sum(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
