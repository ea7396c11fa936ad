//! Whether a difference matters: metrics of two sides, judged by the interval of their difference
//! against a tolerance. Replications of one seed are paired, others are compared as independent.

use std::collections::{BTreeMap, BTreeSet};

use super::finding::{Difference, Figures, Finding, Judgement};
use crate::cells::columns::Column;
use crate::stats::compare::Good;
use crate::stats::estimate::{deviation, estimate, mean, six, t_quantile, tidy};

/// How much of a difference is tolerated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Tolerance {
    /// So much, in the metric's unit.
    Absolute(f64),
    /// This share of the old mean.
    Share(f64),
}

impl Tolerance {
    /// In the metric's unit.
    fn width(self, old: Option<f64>) -> f64 {
        match self {
            Tolerance::Absolute(width) => width,
            Tolerance::Share(share) => tidy(share * old.unwrap_or(0.0).abs()),
        }
    }
}

/// What makes a check fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FailOn {
    /// Placements that are not those of the golden.
    Placements,
    /// A metric that has regressed.
    Regressed,
    /// A metric that has improved.
    Improved,
    /// A metric that has regressed, improved or changed.
    Changed,
    /// A metric of which nothing can be said.
    NotDecided,
}

impl FailOn {
    /// All of them, as they are typed.
    pub const ALL: [(&'static str, FailOn); 5] = [
        ("placements", FailOn::Placements),
        ("regressed", FailOn::Regressed),
        ("improved", FailOn::Improved),
        ("changed", FailOn::Changed),
        ("not-decided", FailOn::NotDecided),
    ];
}

/// How metrics are judged.
#[derive(Clone, Debug)]
pub struct Gate {
    /// What is tolerated, by metric.
    pub tolerances: BTreeMap<String, Tolerance>,
    /// What is tolerated of the metrics that are not named.
    pub otherwise: Tolerance,
    /// What fails.
    pub fail_on: BTreeSet<FailOn>,
    /// The level of the intervals.
    pub confidence: f64,
}

/// The values of a metric on both sides, by replication.
#[derive(Clone, Copy, Debug)]
pub struct Values<'a> {
    /// The old side.
    pub old: &'a [Option<f64>],
    /// The new side.
    pub new: &'a [Option<f64>],
    /// Whether both sides met the same demand in each replication.
    pub paired: bool,
}

impl Gate {
    /// Whether a metric's verdict fails.
    fn fails(&self, name: &str, verdict: Judgement, figures: &Figures) -> bool {
        let on = |it: FailOn| self.fail_on.contains(&it);
        match verdict {
            Judgement::Regressed => on(FailOn::Regressed) || on(FailOn::Changed),
            Judgement::Improved => on(FailOn::Improved) || on(FailOn::Changed),
            Judgement::Changed => on(FailOn::Changed),
            Judgement::NotDecided => on(FailOn::NotDecided),
            // What is to be judged and cannot be is not passed. One that is new has nothing to be worse than.
            Judgement::NoValue => {
                let lost = figures.new.is_none() && on(FailOn::Regressed);
                lost || on(FailOn::Changed) || on(FailOn::NotDecided) || self.tolerances.contains_key(name)
            }
            Judgement::Broken => true,
            Judgement::Unchanged | Judgement::Holds => false,
        }
    }

    /// Judges a metric of a strategy.
    #[must_use]
    pub fn finding(&self, strategy: &str, column: &'static Column, values: Values<'_>) -> Finding {
        let (verdict, figures) = self.judge(column, values);
        Finding {
            strategy: strategy.to_owned(),
            what: column.name.to_owned(),
            verdict,
            fails: self.fails(column.name, verdict, &figures),
            said: sentence(column, verdict, &figures),
            lines: Vec::new(),
            figures: Some(figures),
            place: None,
        }
    }

    fn judge(&self, column: &Column, values: Values<'_>) -> (Judgement, Figures) {
        let [old, new] = [values.old, values.new].map(known);
        let middle = |side: &[f64]| (!side.is_empty()).then(|| tidy(mean(side)));
        let tolerance = self.tolerances.get(column.name).copied().unwrap_or(self.otherwise);
        let mut figures = Figures {
            unit: column.unit,
            good: column.good,
            old: middle(&old),
            new: middle(&new),
            diff: None,
            tolerance: tolerance.width(middle(&old)),
        };
        let named = self.tolerances.contains_key(column.name);
        if old.is_empty() != new.is_empty() || named && old.is_empty() {
            return (Judgement::NoValue, figures);
        }
        // Whatever the level: what is the same, value by value, is unchanged.
        if values.paired && values.old == values.new {
            figures.diff = (!old.is_empty()).then_some(Difference {
                mean: 0.0,
                lo: 0.0,
                hi: 0.0,
                n: old.len() as u32,
                paired: true,
            });
            return (Judgement::Unchanged, figures);
        }
        figures.diff = if values.paired {
            paired(values.old, values.new, self.confidence)
        } else {
            independent(&old, &new, self.confidence)
        };
        let verdict = figures.diff.map_or(Judgement::NotDecided, |diff| {
            verdict(diff, figures.tolerance, column.good)
        });
        (verdict, figures)
    }
}

fn known(values: &[Option<f64>]) -> Vec<f64> {
    values.iter().copied().flatten().collect()
}

/// The mean difference over the replications in which both sides have a value.
fn paired(old: &[Option<f64>], new: &[Option<f64>], confidence: f64) -> Option<Difference> {
    let pairs = new.iter().zip(old);
    let differences: Vec<f64> = pairs.filter_map(|(&new, &old)| Some(tidy(new? - old?))).collect();
    let it = estimate(&differences, confidence)?;
    Some(Difference {
        mean: it.mean,
        lo: it.lo,
        hi: it.hi,
        n: it.n,
        paired: true,
    })
}

/// The difference of means of independent samples, with the interval of Welch (1947); its degrees
/// of freedom are rounded down.
pub(super) fn independent(old: &[f64], new: &[f64], confidence: f64) -> Option<Difference> {
    if old.is_empty() || new.is_empty() {
        return None;
    }
    let diff = mean(new) - mean(old);
    let [a, b] = [old, new].map(|side| {
        let n = side.len() as f64;
        (deviation(side) * deviation(side) / n, n - 1.0)
    });
    let variance = a.0 + b.0;
    let half = if variance > 0.0 && a.1 > 0.0 && b.1 > 0.0 {
        let freedom = variance * variance / (a.0 * a.0 / a.1 + b.0 * b.0 / b.1);
        t_quantile(confidence, (freedom as u32).max(1)) * variance.sqrt()
    } else {
        0.0
    };
    Some(Difference {
        mean: tidy(diff),
        lo: tidy(diff - half),
        hi: tidy(diff + half),
        n: old.len().min(new.len()) as u32,
        paired: false,
    })
}

/// What an interval says of a tolerance. One replication has no interval and separates nothing.
fn verdict(diff: Difference, tolerance: f64, good: Good) -> Judgement {
    let (up, down) = match good {
        Good::High => (Judgement::Improved, Judgement::Regressed),
        Good::Low => (Judgement::Regressed, Judgement::Improved),
        Good::Neither => (Judgement::Changed, Judgement::Changed),
    };
    if ![diff.mean, diff.lo, diff.hi, tolerance]
        .iter()
        .all(|figure| figure.is_finite())
    {
        // Every comparison with NaN is false: it would slip through as not decided.
        Judgement::Broken
    } else if diff.n < 2 {
        Judgement::NotDecided
    } else if diff.lo > tolerance {
        up
    } else if diff.hi < -tolerance {
        down
    } else if diff.lo >= -tolerance && diff.hi <= tolerance {
        Judgement::Unchanged
    } else {
        Judgement::NotDecided
    }
}

fn sentence(column: &Column, verdict: Judgement, figures: &Figures) -> String {
    let good = match column.good {
        Good::High => "more is better",
        Good::Low => "less is better",
        Good::Neither => "neither side is good",
    };
    let show = |value: Option<f64>| value.map_or_else(|| "none".to_owned(), |value| six(value).to_string());
    let (old, new, unit) = (show(figures.old), show(figures.new), column.unit);
    let word = verdict.word();
    if verdict == Judgement::NoValue {
        return format!("{word}: {old} -> {new} {unit}, so that it cannot be judged");
    }
    let Some(diff) = figures.diff else {
        return format!("{word}: {old} -> {new} {unit} ({good})");
    };
    if diff.lo == 0.0 && diff.hi == 0.0 && diff.mean == 0.0 {
        return format!("{word}: {new} {unit}");
    }
    let ([mean, lo, hi], n) = ([diff.mean, diff.lo, diff.hi].map(six), diff.n);
    let how = if diff.paired {
        "pairs"
    } else {
        "independent replications"
    };
    let interval = if n < 2 {
        "one replication has no interval".to_owned()
    } else {
        format!("[{lo:+}, {hi:+}], {n} {how}")
    };
    let tolerated = if figures.tolerance > 0.0 {
        format!(", tolerance {}", six(figures.tolerance))
    } else {
        String::new()
    };
    format!("{word}: {old} -> {new} {unit}, {mean:+} {interval} ({good}{tolerated})")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cells::columns::COLUMNS;

    fn gate(tolerance: Tolerance) -> Gate {
        Gate {
            tolerances: BTreeMap::new(),
            otherwise: tolerance,
            fail_on: [FailOn::Regressed].into(),
            confidence: 0.95,
        }
    }

    fn column(name: &str) -> &'static Column {
        COLUMNS.iter().find(|column| column.name == name).unwrap()
    }

    fn judged(metric: &str, old: &[f64], new: &[f64], tolerance: Tolerance, paired: bool) -> Finding {
        let some = |values: &[f64]| values.iter().map(|&value| Some(value)).collect::<Vec<_>>();
        let (old, new) = (some(old), some(new));
        let values = Values {
            old: &old,
            new: &new,
            paired,
        };
        gate(tolerance).finding("withdraw", column(metric), values)
    }

    const NONE: Tolerance = Tolerance::Absolute(0.0);

    #[test]
    fn the_good_side_of_the_table_decides() {
        let (old, new) = ([0.90, 0.91, 0.92], [0.95, 0.96, 0.97]);
        let better = judged("acceptance", &old, &new, NONE, true);
        assert_eq!((better.verdict, better.fails), (Judgement::Improved, false));
        let worse = judged("acceptance", &new, &old, NONE, true);
        assert_eq!((worse.verdict, worse.fails), (Judgement::Regressed, true));
        assert_eq!(
            judged("stranded_node_hours", &old, &new, NONE, true).verdict,
            Judgement::Regressed
        );
        assert_eq!(judged("windows", &old, &new, NONE, true).verdict, Judgement::Changed);
    }

    #[test]
    fn within_the_tolerance_is_unchanged_and_across_it_not_separable() {
        let (old, new) = ([100.0, 101.0, 102.0], [101.0, 101.9, 103.1]);
        // Differences 1.0, 0.9, 1.1: the interval is about [0.75, 1.25].
        let with = |tolerance| judged("refused", &old, &new, tolerance, true).verdict;
        assert_eq!(with(NONE), Judgement::Regressed);
        assert_eq!(with(Tolerance::Absolute(0.5)), Judgement::Regressed);
        assert_eq!(with(Tolerance::Absolute(1.0)), Judgement::NotDecided);
        assert_eq!(with(Tolerance::Absolute(2.0)), Judgement::Unchanged);
        assert_eq!(with(Tolerance::Share(0.02)), Judgement::Unchanged);
        assert_eq!(with(Tolerance::Share(0.005)), Judgement::Regressed);
    }

    #[test]
    fn one_replication_separates_nothing_but_the_same_is_the_same() {
        assert_eq!(
            judged("refused", &[1.0], &[2.0], NONE, true).verdict,
            Judgement::NotDecided
        );
        assert_eq!(
            judged("refused", &[1.0], &[1.0], NONE, true).verdict,
            Judgement::Unchanged
        );
        // Other seeds: equal means prove nothing.
        let apart = judged("refused", &[1.0, 3.0], &[3.0, 1.0], NONE, false);
        assert_eq!(apart.verdict, Judgement::NotDecided);
    }

    #[test]
    fn independent_samples_have_the_interval_of_welch() {
        // By hand: means 2 and 5, variances 1 and 4, n 3 and 4: s^2 = 1/3 + 1 = 4/3;
        // freedom = (16/9) / ((1/9)/2 + 1/3) = 4.57, rounded down to 4; t = 2.776445.
        let diff = independent(&[1.0, 2.0, 3.0], &[3.0, 4.0, 5.0, 8.0], 0.95).unwrap();
        assert_eq!(diff.mean, 3.0);
        let spread = deviation(&[3.0, 4.0, 5.0, 8.0]);
        let variance = 1.0 / 3.0 + spread * spread / 4.0;
        let freedom = variance * variance / (1.0 / 18.0 + (spread * spread / 4.0) * (spread * spread / 4.0) / 3.0);
        let half = t_quantile(0.95, freedom as u32) * variance.sqrt();
        assert!(
            (diff.hi - 3.0 - half).abs() < 1e-6 && (3.0 - diff.lo - half).abs() < 1e-6,
            "{diff:?}"
        );
        assert!(independent(&[], &[1.0], 0.95).is_none());
    }

    /// A metric that cannot be judged does not pass a gate that is to judge it.
    #[test]
    fn a_value_on_one_side_alone_is_told_and_passes_no_gate_that_asks_for_it() {
        let (none, some) = ([None, None], [Some(1.0), Some(2.0)]);
        let fails = |old: &[_], new: &[_], fail_on: &[FailOn], named: bool| {
            let values = Values { old, new, paired: true };
            let tolerances = named.then(|| ("errand_wait_p50".to_owned(), NONE));
            let gate = Gate {
                fail_on: fail_on.iter().copied().collect(),
                tolerances: tolerances.into_iter().collect(),
                ..gate(NONE)
            };
            let finding = gate.finding("naive", column("errand_wait_p50"), values);
            assert!(finding.said.contains("none"), "{}", finding.said);
            finding.fails
        };
        assert!(fails(&some, &none, &[FailOn::Regressed], false) && fails(&some, &none, &[], true));
        assert!(fails(&none, &some, &[], true) && fails(&none, &none, &[], true));
        assert!(!fails(&none, &some, &[FailOn::Regressed], false) && !fails(&some, &none, &[], false));
        assert!(!fails(&some, &none, &[FailOn::Placements], false));
    }
}
