//! Which strategy stands out, by the claims of a run: one that is better in something and worse in nothing puts the other
//! one out. Whoever is left alone stands out; where several are left, they are as good or pay for one thing with another.

use super::results::Results;
use crate::stats::compare::Verdict;

/// What the claims come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Advice {
    /// There is nothing to choose from: no claims.
    Nothing,
    /// One strategy puts out all others.
    StandsOut(Contender),
    /// Several are left.
    Left(Vec<Contender>),
}

/// A strategy that is left, with what speaks for it and against it, against the baseline; metrics by their places among the
/// columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contender {
    /// The strategy, by its place among the arms.
    pub arm: usize,
    /// In what it is better.
    pub better: Vec<usize>,
    /// In what it is worse.
    pub worse: Vec<usize>,
}

/// What a run's claims come to.
#[must_use]
pub fn advice(results: &Results) -> Advice {
    let columns = headline(results);
    if columns.is_empty() {
        return Advice::Nothing;
    }
    let arms = 0..results.arms.len();
    let puts_out = |one: usize, other: usize| {
        let words: Vec<Verdict> = columns.iter().map(|&at| results.word(one, other, at)).collect();
        words.contains(&Verdict::Better) && !words.contains(&Verdict::Worse)
    };
    let left = arms
        .clone()
        .filter(|&arm| !arms.clone().any(|other| puts_out(other, arm)));
    let reasons = |arm: usize| {
        let of = |wanted: Verdict| {
            let own = columns.iter().copied();
            own.filter(|&at| results.word(arm, results.baseline, at) == wanted)
                .collect()
        };
        Contender {
            arm,
            better: of(Verdict::Better),
            worse: of(Verdict::Worse),
        }
    };
    let mut left: Vec<Contender> = left.map(reasons).collect();
    if left.len() == 1 {
        Advice::StandsOut(left.remove(0))
    } else {
        Advice::Left(left)
    }
}

/// The metrics that are claimed, by their places among the columns, each once.
#[must_use]
pub fn headline(results: &Results) -> Vec<usize> {
    let mut columns: Vec<usize> = results.claims.all.iter().map(|claim| claim.column).collect();
    columns.dedup();
    columns
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::sample::{SampleWish, results};

    /// The sample's results with these words of its claims against the baseline, one list for each other strategy, and these
    /// between the others.
    fn with(words: &[&[Verdict]], between: Verdict) -> Advice {
        let mut results = results(SampleWish {
            arms: words.len() + 1,
            replications: 20,
            eventful: true,
        });
        let columns = headline(&results);
        for (arm, words) in (1..).zip(words) {
            for (&at, &verdict) in columns.iter().zip(*words) {
                if let Some(paired) = &mut results.arms[arm].paired[at] {
                    paired.verdict = verdict;
                }
            }
            for &at in &columns[words.len()..] {
                if let Some(paired) = &mut results.arms[arm].paired[at] {
                    paired.verdict = Verdict::Same;
                }
            }
        }
        for pair in results.pairs.iter_mut().filter(|pair| pair.one > 0) {
            for &at in &columns {
                if let Some(paired) = &mut pair.differences[at] {
                    paired.verdict = between;
                }
            }
        }
        advice(&results)
    }

    use Verdict::{Better, NotDecided, Same, Worse};

    #[test]
    fn who_is_better_in_something_and_worse_in_nothing_stands_out() {
        let Advice::StandsOut(reasons) = with(&[&[Better, Same], &[Worse, Same]], Better) else {
            panic!("one stands out");
        };
        assert_eq!((reasons.arm, reasons.better.len(), reasons.worse.len()), (1, 1, 0));
        // The baseline itself.
        let Advice::StandsOut(reasons) = with(&[&[Worse, Same], &[Worse, NotDecided]], Same) else {
            panic!("the baseline stands out");
        };
        assert_eq!((reasons.arm, reasons.better.len()), (0, 0));
    }

    #[test]
    fn where_several_are_left_none_stands_out() {
        // It pays for one thing with another.
        let Advice::Left(left) = with(&[&[Better, Worse]], Same) else {
            panic!("both are left");
        };
        assert_eq!(left.iter().map(|it| it.arm).collect::<Vec<_>>(), [0, 1]);
        // Two are as good as each other.
        let Advice::Left(left) = with(&[&[Better, Same], &[Better, Same]], Same) else {
            panic!("two are left");
        };
        assert_eq!(left.iter().map(|it| it.arm).collect::<Vec<_>>(), [1, 2]);
        // Nothing is decided.
        assert!(matches!(with(&[&[NotDecided, NotDecided]], NotDecided), Advice::Left(left) if left.len() == 2));
    }
}
