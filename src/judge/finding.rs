//! What a check or a comparison has found: one finding per strategy and matter. The report prints
//! them in its formats and adds nothing.

use crate::stats::compare::Good;

/// What is said of a matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Judgement {
    /// The same; of a metric: the whole interval of the difference lies within the tolerance.
    Unchanged,
    /// Otherwise than before, and neither better nor worse.
    Changed,
    /// The interval of the difference lies beyond the tolerance on the good side.
    Improved,
    /// It lies beyond the tolerance on the bad side.
    Regressed,
    /// None of these can be told from so many replications.
    NotDecided,
    /// Of a metric: it has a value on one side alone, or on none, so that nothing can be judged.
    NoValue,
    /// An expectation holds.
    Holds,
    /// An expectation does not hold.
    Broken,
}

impl Judgement {
    /// All of them.
    pub const ALL: [Judgement; 8] = [
        Judgement::Unchanged,
        Judgement::Changed,
        Judgement::Improved,
        Judgement::Regressed,
        Judgement::NotDecided,
        Judgement::NoValue,
        Judgement::Holds,
        Judgement::Broken,
    ];

    /// The verdict's word in all formats.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Judgement::Unchanged => "unchanged",
            Judgement::Changed => "changed",
            Judgement::Improved => "improved",
            Judgement::Regressed => "regressed",
            Judgement::NotDecided => "not decided",
            Judgement::NoValue => "no value",
            Judgement::Holds => "holds",
            Judgement::Broken => "broken",
        }
    }
}

/// The figures of a metric on both sides, and of their difference: new minus old.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figures {
    /// The metric's unit.
    pub unit: &'static str,
    /// Its good side.
    pub good: Good,
    /// The mean on the old side.
    pub old: Option<f64>,
    /// The mean on the new side.
    pub new: Option<f64>,
    /// The mean difference and its interval, where there are values on both sides.
    pub diff: Option<Difference>,
    /// What is tolerated on either side of 0, in the metric's unit.
    pub tolerance: f64,
}

/// A difference with its interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// The mean.
    pub mean: f64,
    /// The interval's lower end.
    pub lo: f64,
    /// The interval's upper end.
    pub hi: f64,
    /// Pairs, or the replications of the smaller side.
    pub n: u32,
    /// Whether replications were paired.
    pub paired: bool,
}

/// One finding.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The strategy's label.
    pub strategy: String,
    /// What it is about: `placements`, a metric, or an expectation in words.
    pub what: String,
    /// What is said of it.
    pub verdict: Judgement,
    /// Whether it fails the check.
    pub fails: bool,
    /// The verdict in a sentence.
    pub said: String,
    /// What there is to tell beyond it, line by line.
    pub lines: Vec<String>,
    /// Of a metric: its figures.
    pub figures: Option<Figures>,
    /// Of an expectation: where the scenario says it.
    pub place: Option<(String, usize)>,
}

/// One side of a comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Side {
    /// What the side is: a golden's or a folder's path, or `this run`.
    pub name: String,
    /// The version of sickbay.
    pub version: String,
    /// The scenario's digest.
    pub digest: String,
    /// The master seed.
    pub seed: u64,
    /// Replications.
    pub replications: u32,
}

/// All that was found of one scenario.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Checked {
    /// The scenario's name.
    pub scenario: String,
    /// The file that annotations point at.
    pub file: String,
    /// The old side; none when there is nothing to compare with.
    pub old: Option<Side>,
    /// The new side.
    pub new: Side,
    /// What has to be known besides, in sentences.
    pub notes: Vec<String>,
    /// The findings, by strategy.
    pub findings: Vec<Finding>,
}

impl Checked {
    /// Whether anything fails.
    #[must_use]
    pub fn fails(&self) -> bool {
        self.findings.iter().any(|finding| finding.fails)
    }
}
