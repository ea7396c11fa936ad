//! Our decisions against recorded answers of the real Nova 34.0, Placement 16.0 and Ironic 39.0,
//! case by case. The recordings lie in `tests/fixtures/oracle`; `SICKBAY_ORACLE` names another
//! folder with files of the same names, such as recordings with other seeds.
//!
//! `cargo test oracle -- --nocapture` prints cases and differences per stage.

mod cloud;
mod end_to_end;
mod filters;
mod ironic;
mod ironic_more;
mod more;
pub mod packed;
mod placement;
mod planted;
mod probes;
mod terms;

use std::path::PathBuf;

use serde_json::Value;

/// The folder of the recordings.
pub fn folder() -> PathBuf {
    match std::env::var_os("SICKBAY_ORACLE") {
        Some(folder) => PathBuf::from(folder),
        None => PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/oracle"),
    }
}

/// A recording.
pub fn recording(name: &str) -> Value {
    let path = folder().join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Prints one stage's cases and differences, and fails if there is one.
pub fn conclude(stage: &str, cases: usize, differences: &[String]) {
    println!("oracle {stage:<10} {cases:>5} cases, {:>3} differ", differences.len());
    let shown: Vec<&str> = differences.iter().take(10).map(String::as_str).collect();
    assert!(cases > 0, "{stage}: the recording holds no case");
    assert!(differences.is_empty(), "{stage}:\n{}", shown.join("\n"));
}

/// The cases of a kind with their answers.
pub fn cases(kind: &str) -> Vec<(Value, Value)> {
    let array = |value: Value| match value {
        Value::Array(list) => list,
        other => panic!("a list, not {other}"),
    };
    let cases = array(recording(&format!("{kind}.cases.json")));
    let answers = array(recording(&format!("{kind}.answers.json"))["answers"].take());
    assert_eq!(cases.len(), answers.len(), "{kind}: as many answers as cases");
    let pairs: Vec<(Value, Value)> = cases.into_iter().zip(answers).collect();
    assert!(
        pairs.iter().all(|(case, answer)| case["id"] == answer["id"]),
        "{kind}: the ids agree"
    );
    pairs
}

/// How many answers of a stage were compared, and which differ.
#[derive(Default)]
pub struct Tally {
    stage: String,
    cases: usize,
    answers: usize,
    undecided: usize,
    differ: Vec<String>,
}

impl Tally {
    pub fn of(stage: &str) -> Tally {
        Tally {
            stage: stage.to_owned(),
            ..Tally::default()
        }
    }

    pub fn case(&mut self) {
        self.cases += 1;
    }

    /// The real code's answer hangs on something that it leaves open (the order of a set).
    pub fn undecided(&mut self) {
        self.undecided += 1;
    }

    pub fn compare<T: PartialEq + std::fmt::Debug>(&mut self, what: impl Fn() -> String, ours: &T, real: &T) {
        self.answers += 1;
        if ours != real {
            self.differ.push(format!("{}: ours {ours:?}, real {real:?}", what()));
        }
    }

    /// Whether anything differs.
    pub fn differs(&self) -> bool {
        !self.differ.is_empty()
    }

    /// Prints the counts; fails if anything differs or there was nothing to compare.
    pub fn finish(self) {
        Tally::finish_all([self]);
    }

    /// The same of several, when all are counted.
    pub fn finish_all(tallies: impl IntoIterator<Item = Tally>) {
        let mut differ = Vec::new();
        for mut tally in tallies {
            println!(
                "oracle {:<28} {:>5} cases, {:>6} answers, {:>3} undecided by set order, {:>3} differ",
                tally.stage,
                tally.cases,
                tally.answers,
                tally.undecided,
                tally.differ.len()
            );
            assert!(tally.answers > 0, "{}: nothing was compared", tally.stage);
            tally.differ.truncate(10);
            differ.extend(tally.differ.into_iter().map(|what| format!("{}: {what}", tally.stage)));
        }
        assert!(differ.is_empty(), "\n{}", differ.join("\n"));
    }
}

/// Whether two weights are equal but for rounding.
pub fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * 1.0_f64.max(a.abs()).max(b.abs())
}
