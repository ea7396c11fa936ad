//! Whether a difference matters: metrics of two sides, judged by the interval of their difference
//! against a tolerance, or against 0 and what matters. Replications of one seed are paired, others are
//! compared as independent. All rows of one comparison share the allowed error, as those of a run do
//! (`stats::compare::together`).

use std::collections::{BTreeMap, BTreeSet};

use super::finding::{Difference, Figures, Finding, Judgement};
use crate::cells::columns::Column;
use crate::stats::compare::{Good, step_down};
use crate::stats::estimate::{Interval, deviation, mean, six, t_quantile, tail, tidy};

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
    /// What is tolerated of the metrics that are not named; none: a difference is told where it is not 0, and is none where
    /// it is smaller than what matters.
    pub otherwise: Option<Tolerance>,
    /// What fails.
    pub fail_on: BTreeSet<FailOn>,
    /// The level of the intervals.
    pub confidence: f64,
}

/// A metric of a strategy with its values on both sides, by replication.
#[derive(Clone, Debug)]
pub struct Row {
    /// The strategy's label.
    pub strategy: String,
    /// The metric.
    pub column: &'static Column,
    /// Its values on the old side and on the new one.
    pub sides: [Vec<Option<f64>>; 2],
    /// Whether both sides met the same demand in each replication.
    pub paired: bool,
    /// How large a difference has to be to matter, in the metric's unit.
    pub matters: f64,
    /// In how many replications of each side the value is the horizon because the end lies beyond it.
    pub cut: [usize; 2],
}

/// A row with what can be said of it without the others.
struct Draft {
    row: Row,
    figures: Figures,
    spread: Option<Spread>,
    /// How far the difference has to be from 0 to be told.
    beyond: f64,
    settled: Option<Judgement>,
}

impl Gate {
    /// Whether a metric's verdict fails; `later` says whether the new side was cut at the horizon more often.
    fn fails(&self, name: &str, verdict: Judgement, figures: &Figures, later: bool) -> bool {
        let on = |it: FailOn| self.fail_on.contains(&it);
        match verdict {
            Judgement::Regressed => on(FailOn::Regressed) || on(FailOn::Changed),
            Judgement::Improved => on(FailOn::Improved) || on(FailOn::Changed),
            Judgement::Changed => on(FailOn::Changed),
            Judgement::NotDecided => on(FailOn::NotDecided),
            // What is to be judged and cannot be is not passed. One that is new has nothing to be worse than.
            Judgement::NoValue => {
                let lost = (figures.new.is_none() || later) && on(FailOn::Regressed);
                lost || on(FailOn::Changed) || on(FailOn::NotDecided) || self.tolerances.contains_key(name)
            }
            Judgement::Broken => true,
            Judgement::Unchanged | Judgement::Holds => false,
        }
    }

    /// Judges metrics of strategies that are told beside each other: with the probability of the gate's level none of their
    /// words that something moved is false (Holm 1979), and none of their *unchanged* (Bonferroni).
    #[must_use]
    pub fn findings(&self, rows: Vec<Row>) -> Vec<Finding> {
        let mut drafts: Vec<Draft> = rows.into_iter().map(|row| self.draft(row)).collect();
        let error = 1.0 - self.confidence;
        let same = error / drafts.len() as f64;
        let p_values: Vec<f64> = drafts.iter().map(Draft::p_value).collect();
        step_down(&p_values, error, |at, level| drafts[at].rule(level, same));
        drafts.into_iter().map(|draft| self.finding(draft)).collect()
    }

    /// What findings hold together, as a note; none where nothing differs.
    #[must_use]
    pub fn together(&self, findings: &[Finding]) -> Option<String> {
        let differences = findings.iter().filter_map(|finding| finding.figures.as_ref()?.diff);
        let (judged, moved) = differences.fold((0, false), |(judged, moved), it| {
            (judged + 1, moved || it.lo != 0.0 || it.hi != 0.0)
        });
        moved.then(|| {
            format!(
                "the intervals and words of all {judged} metrics hold together at {} % (Holm 1979)",
                six(self.confidence * 100.0)
            )
        })
    }

    fn finding(&self, draft: Draft) -> Finding {
        let Draft {
            row, figures, settled, ..
        } = draft;
        let verdict = settled.unwrap_or(Judgement::NotDecided);
        let later = row.cut[1] > row.cut[0];
        let said = if row.cut == [0, 0] || verdict != Judgement::NoValue {
            sentence(row.column, verdict, &figures, draft.beyond)
        } else {
            let of = |side: usize| format!("{} of {}", row.cut[side], row.sides[side].len());
            format!(
                "{}: not done within the horizon in {} replications before and {} now, so that there is no date to judge",
                verdict.word(),
                of(0),
                of(1)
            )
        };
        Finding {
            fails: self.fails(row.column.name, verdict, &figures, later),
            strategy: row.strategy,
            what: row.column.name.to_owned(),
            verdict,
            said,
            lines: Vec::new(),
            figures: Some(figures),
            place: None,
        }
    }

    fn draft(&self, row: Row) -> Draft {
        let column = row.column;
        let [old, new] = [&row.sides[0], &row.sides[1]].map(|side| known(side));
        let middle = |side: &[f64]| (!side.is_empty()).then(|| tidy(mean(side)));
        let named = self.tolerances.get(column.name);
        let tolerance = named.copied().or(self.otherwise);
        let beyond = tolerance.map_or(0.0, |it| it.width(middle(&old)));
        let figures = Figures {
            unit: column.unit,
            good: column.good,
            old: middle(&old),
            new: middle(&new),
            diff: None,
            tolerance: if tolerance.is_some() { beyond } else { row.matters },
        };
        let lost = old.is_empty() != new.is_empty() || named.is_some() && old.is_empty();
        let same = row.paired && row.sides[0] == row.sides[1];
        let (spread, settled) = if lost || row.cut != [0, 0] && !(same && named.is_none()) {
            (None, Some(Judgement::NoValue))
        } else if same {
            // Whatever the level: what is the same, value by value, is unchanged.
            let none = Spread::paired(&row.sides[0], &row.sides[0]);
            (none, Some(Judgement::Unchanged))
        } else if row.paired {
            (Spread::paired(&row.sides[0], &row.sides[1]), None)
        } else {
            (Spread::independent(&old, &new), None)
        };
        Draft {
            row,
            figures,
            spread,
            beyond,
            settled,
        }
    }
}

impl Draft {
    /// How likely so large a difference is where there is none beyond what is tolerated; 1 where nothing is to be judged.
    fn p_value(&self) -> f64 {
        let of = |spread: &Spread| spread.p_value(self.beyond);
        self.spread.as_ref().filter(|_| self.settled.is_none()).map_or(1.0, of)
    }

    /// Rules on the difference by an interval that misses it with the probability `differs`, and one for *unchanged* that
    /// does with twice `same`; gives whether it was told apart.
    fn rule(&mut self, differs: f64, same: f64) -> bool {
        let Some(spread) = &self.spread else {
            self.settled.get_or_insert(Judgement::NotDecided);
            return false;
        };
        let Interval { lo, hi } = spread.interval(differs);
        let (n, mean, paired) = (spread.n, spread.mean, spread.paired);
        self.figures.diff = Some(Difference {
            mean,
            lo,
            hi,
            n,
            paired,
        });
        if self.settled.is_some() {
            return false;
        }
        let within = spread.interval((2.0 * same).min(0.5));
        let verdict = verdict((n, Interval { lo, hi }, within), self.beyond, &self.figures);
        self.settled = Some(verdict);
        n > 1 && (lo > self.beyond || hi < -self.beyond)
    }
}

fn known(values: &[Option<f64>]) -> Vec<f64> {
    values.iter().copied().flatten().collect()
}

/// A mean difference and the spread of such means.
struct Spread {
    mean: f64,
    deviation: f64,
    freedom: u32,
    n: u32,
    paired: bool,
}

impl Spread {
    /// Over the replications in which both sides have a value.
    fn paired(old: &[Option<f64>], new: &[Option<f64>]) -> Option<Spread> {
        let pairs = new.iter().zip(old);
        let differences: Vec<f64> = pairs.filter_map(|(&new, &old)| Some(tidy(new? - old?))).collect();
        let n = u32::try_from(differences.len()).ok().filter(|&n| n > 0)?;
        // Equal values have no spread, whatever the last bit of their mean says.
        let equal = differences.iter().all(|value| *value == differences[0]);
        Some(Spread {
            mean: tidy(mean(&differences)),
            deviation: if equal {
                0.0
            } else {
                deviation(&differences) / f64::from(n).sqrt()
            },
            freedom: n - 1,
            n,
            paired: true,
        })
    }

    /// Of independent samples, after Welch (1947); the degrees of freedom are rounded down.
    fn independent(old: &[f64], new: &[f64]) -> Option<Spread> {
        if old.is_empty() || new.is_empty() {
            return None;
        }
        let [a, b] = [old, new].map(|side| {
            let n = side.len() as f64;
            (deviation(side) * deviation(side) / n, n - 1.0)
        });
        let variance = a.0 + b.0;
        let known = variance > 0.0 && a.1 > 0.0 && b.1 > 0.0;
        let freedom = variance * variance / (a.0 * a.0 / a.1 + b.0 * b.0 / b.1);
        Some(Spread {
            mean: tidy(mean(new) - mean(old)),
            deviation: if known { variance.sqrt() } else { 0.0 },
            freedom: if known { (freedom as u32).max(1) } else { 0 },
            n: old.len().min(new.len()) as u32,
            paired: false,
        })
    }

    fn interval(&self, error: f64) -> Interval {
        let half = if self.freedom == 0 || self.deviation == 0.0 {
            0.0
        } else {
            t_quantile(1.0 - error, self.freedom) * self.deviation
        };
        Interval {
            lo: tidy(self.mean - half),
            hi: tidy(self.mean + half),
        }
    }

    fn p_value(&self, beyond: f64) -> f64 {
        let room = self.mean.abs() - beyond;
        match (self.n < 2 || room <= 0.0, self.freedom == 0 || self.deviation == 0.0) {
            (true, _) => 1.0,
            (false, true) => 0.0,
            (false, false) => 2.0 * tail(room / self.deviation, self.freedom),
        }
    }
}

/// The difference of means of independent samples, with the interval of its own.
pub(super) fn independent(old: &[f64], new: &[f64], confidence: f64) -> Option<Difference> {
    let spread = Spread::independent(old, new)?;
    let Interval { lo, hi } = spread.interval(1.0 - confidence);
    Some(Difference {
        mean: spread.mean,
        lo,
        hi,
        n: spread.n,
        paired: false,
    })
}

/// What intervals say: within what is tolerated or does not matter, which goes first; beyond what is told; or neither. One
/// replication has no interval and separates nothing.
fn verdict((n, told, within): (u32, Interval, Interval), beyond: f64, figures: &Figures) -> Judgement {
    let (up, down) = match figures.good {
        Good::High => (Judgement::Improved, Judgement::Regressed),
        Good::Low => (Judgement::Regressed, Judgement::Improved),
        Good::Neither => (Judgement::Changed, Judgement::Changed),
    };
    let width = figures.tolerance;
    if ![told.lo, told.hi, width].iter().all(|figure| figure.is_finite()) {
        // Every comparison with NaN is false: it would slip through as not decided.
        Judgement::Broken
    } else if n < 2 {
        Judgement::NotDecided
    } else if within.lo >= -width && within.hi <= width {
        Judgement::Unchanged
    } else if told.lo > beyond {
        up
    } else if told.hi < -beyond {
        down
    } else {
        Judgement::NotDecided
    }
}

fn sentence(column: &Column, verdict: Judgement, figures: &Figures, beyond: f64) -> String {
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
        let word = if figures.tolerance == beyond {
            "tolerance"
        } else {
            "matters from"
        };
        format!(", {word} {}", six(figures.tolerance))
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
            otherwise: Some(tolerance),
            fail_on: [FailOn::Regressed].into(),
            confidence: 0.95,
        }
    }

    fn column(name: &str) -> &'static Column {
        COLUMNS.iter().find(|column| column.name == name).unwrap()
    }

    fn row(metric: &str, old: Vec<Option<f64>>, new: Vec<Option<f64>>, paired: bool) -> Row {
        Row {
            strategy: "naive".to_owned(),
            column: column(metric),
            sides: [old, new],
            paired,
            matters: 0.0,
            cut: [0, 0],
        }
    }

    fn judged(metric: &str, old: &[f64], new: &[f64], tolerance: Tolerance, paired: bool) -> Finding {
        let row = row(metric, some(old), some(new), paired);
        gate(tolerance).findings(vec![row]).remove(0)
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
            let row = row("errand_wait_p50", old.to_vec(), new.to_vec(), true);
            let tolerances = named.then(|| ("errand_wait_p50".to_owned(), NONE));
            let gate = Gate {
                fail_on: fail_on.iter().copied().collect(),
                tolerances: tolerances.into_iter().collect(),
                ..gate(NONE)
            };
            let finding = gate.findings(vec![row]).remove(0);
            assert!(finding.said.contains("none"), "{}", finding.said);
            finding.fails
        };
        assert!(fails(&some, &none, &[FailOn::Regressed], false) && fails(&some, &none, &[], true));
        assert!(fails(&none, &some, &[], true) && fails(&none, &none, &[], true));
        assert!(!fails(&none, &some, &[FailOn::Regressed], false) && !fails(&some, &none, &[], false));
        assert!(!fails(&some, &none, &[FailOn::Placements], false));
    }

    fn some(values: &[f64]) -> Vec<Option<f64>> {
        values.iter().copied().map(Some).collect()
    }

    /// Without a tolerance the words are those of a run: too small to matter goes first, else what is not 0 is told.
    #[test]
    fn without_a_tolerance_what_matters_decides() {
        let gate = Gate {
            otherwise: None,
            ..gate(NONE)
        };
        // The interval of the differences is about [0.75, 1.25].
        let of = |matters: f64| {
            let row = Row {
                matters,
                ..row(
                    "refused",
                    some(&[100.0, 101.0, 102.0]),
                    some(&[101.0, 101.9, 103.1]),
                    true,
                )
            };
            gate.findings(vec![row]).remove(0)
        };
        assert_eq!(of(2.0).verdict, Judgement::Unchanged);
        let told = of(0.5);
        assert_eq!((told.verdict, told.fails), (Judgement::Regressed, true));
        assert!(
            told.said.ends_with("(less is better, matters from 0.5)"),
            "{}",
            told.said
        );
        // Neither known to be too small nor known to be too large: it is not 0 all the same.
        assert_eq!(of(1.1).verdict, Judgement::Regressed);
    }

    /// What one row alone would say is not said where twenty are asked, and the widths are those of `together`.
    #[test]
    fn rows_share_the_allowed_error() {
        let (old, new) = ([0.0, 0.0, 0.0, 0.0], [1.0, 2.0, 0.5, 1.5]);
        let rows = |many: usize| {
            (0..many)
                .map(|_| row("refused", some(&old), some(&new), true))
                .collect()
        };
        let one = gate(NONE).findings(rows(1));
        assert_eq!(one[0].verdict, Judgement::Regressed);
        let twenty = gate(NONE).findings(rows(20));
        assert!(
            twenty.iter().all(|it| it.verdict == Judgement::NotDecided),
            "{twenty:?}"
        );
        let mut own: Vec<_> = (0..20)
            .filter_map(|_| crate::stats::compare::paired(&some(&new), &some(&old), Good::Low, 0.0, 0.95))
            .collect();
        crate::stats::compare::together(own.iter_mut().map(|it| (it, Good::Low)).collect(), 0.95);
        for (finding, own) in twenty.iter().zip(&own) {
            let diff = finding.figures.as_ref().and_then(|it| it.diff).expect("a difference");
            assert_eq!((diff.lo, diff.hi), (own.lo, own.hi));
        }
    }

    /// Where an end lies beyond the horizon its value is the horizon, and two of these look alike.
    #[test]
    fn an_end_beyond_the_horizon_is_no_date_and_passes_no_tolerance() {
        let of = |cut: [usize; 2], named: bool| {
            let gate = Gate {
                tolerances: named.then(|| ("campaign_end".to_owned(), NONE)).into_iter().collect(),
                ..gate(NONE)
            };
            let row = Row {
                cut,
                ..row("campaign_end", some(&[9.0, 10.0]), some(&[9.0, 10.0]), true)
            };
            gate.findings(vec![row]).remove(0)
        };
        assert_eq!(
            (of([0, 0], true).verdict, of([0, 0], true).fails),
            (Judgement::Unchanged, false)
        );
        let cut = of([1, 1], true);
        assert_eq!((cut.verdict, cut.fails), (Judgement::NoValue, true));
        assert!(
            cut.said
                .contains("not done within the horizon in 1 of 2 replications before and 1 of 2 now"),
            "{}",
            cut.said
        );
        // Nobody asked for it, and nothing moved.
        assert_eq!(of([1, 1], false).verdict, Judgement::Unchanged);
    }
}
