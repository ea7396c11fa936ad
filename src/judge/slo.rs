//! Service-level objectives as they are typed: `acceptance >= 0.995 and errand_wait_p95 <= 4h`.

use crate::cells::columns::{Column, Metric};
use crate::cells::selector::{Columns, Selector};
use crate::cells::table::{ERRAND_WAITS, endless_wait};

/// Which side of its bound a metric's mean must be on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BoundSide {
    /// At or above it.
    AtLeast,
    /// At or below it.
    AtMost,
}

/// One demand: the mean of a metric over replications against a bound.
#[derive(Clone, Debug, PartialEq)]
pub struct Clause {
    /// The metric, by its place among the columns of a scenario that is asked for [`Slo::names`].
    pub column: usize,
    /// Of a campaign's end that is to come by a bound: the place of what says that it did not come within the horizon.
    pub unfinished: Option<usize>,
    /// What the table says of it.
    pub metric: &'static Column,
    /// The side.
    pub side: BoundSide,
    /// The bound in the metric's unit.
    pub bound: f64,
    /// The bound as typed.
    pub typed: String,
}

/// Demands that must all hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Slo {
    /// At least one.
    pub clauses: Vec<Clause>,
}

impl Slo {
    /// Reads an objective.
    ///
    /// # Errors
    /// When it is none: says what to write instead.
    pub fn parse(text: &str) -> Result<Slo, String> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let parts = words.split(|word| word.eq_ignore_ascii_case("and"));
        let clauses = parts
            .map(|part| Clause::parse(&part.join(" ")))
            .collect::<Result<Vec<_>, _>>()?;
        let mut slo = Slo { clauses };
        let columns = Columns::naming(&slo.names());
        for clause in &mut slo.clauses {
            clause.column = columns.placed(clause.metric.name).map_or(clause.column, |(at, _)| at);
            clause.unfinished = (clause.metric.metric == Metric::CampaignEnd && clause.side == BoundSide::AtMost)
                .then(|| columns.beside(clause.column, Metric::CampaignUnfinished))
                .flatten();
        }
        Ok(slo)
    }

    /// Whether a replication leaves open what is asked: a campaign that is to end by a bound is not done at the horizon, or
    /// waits that are to be short have no quantile, since too many errands were given up.
    #[must_use]
    pub fn is_open(&self, row: &[Option<f64>]) -> bool {
        let some = |at: usize| row.get(at).copied().flatten().is_some_and(|many| many > 0.0);
        self.clauses.iter().any(|clause| {
            let short = clause.side == BoundSide::AtMost && ERRAND_WAITS.contains(&clause.metric.metric);
            clause.unfinished.is_some_and(some) || short && endless_wait(row, clause.column)
        })
    }

    /// The metrics that it names.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.clauses
            .iter()
            .map(|clause| clause.metric.name.to_owned())
            .collect()
    }
}

impl std::fmt::Display for Slo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let clauses: Vec<String> = self.clauses.iter().map(Clause::to_string).collect();
        f.write_str(&clauses.join(" and "))
    }
}

impl std::fmt::Display for Clause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {}", self.metric.name, self.side, self.typed)
    }
}

impl std::fmt::Display for BoundSide {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            BoundSide::AtLeast => ">=",
            BoundSide::AtMost => "<=",
        })
    }
}

impl Clause {
    fn parse(text: &str) -> Result<Clause, String> {
        let example = "such as \"acceptance >= 0.995 and errand_wait_p95 <= 4h\"";
        let (at, side) = [(">=", BoundSide::AtLeast), ("<=", BoundSide::AtMost)]
            .into_iter()
            .find_map(|(sign, side)| Some((text.find(sign)?, side)))
            .ok_or_else(|| format!("`{text}` has neither >= nor <=: write METRIC >= BOUND, {example}"))?;
        let (name, typed) = (text[..at].trim(), text[at + 2..].trim());
        let selector = Selector::parse(name).map_err(|why| why.to_string())?;
        let metric = selector.column();
        let bound = bound(typed, metric.unit).map_err(|why| format!("`{text}`: {why}"))?;
        Ok(Clause {
            column: metric.metric.at(),
            unfinished: None,
            metric,
            side,
            bound,
            typed: typed.to_owned(),
        })
    }
}

/// A bound in the metric's unit.
fn bound(typed: &str, unit: &str) -> Result<f64, String> {
    let end = typed
        .find(|c: char| !(c.is_ascii_digit() || ".-+".contains(c)))
        .unwrap_or(typed.len());
    let (number, own) = (&typed[..end], typed[end..].trim());
    let value: f64 = number.parse().map_err(|_| format!("`{typed}` is no number"))?;
    let seconds = match own {
        "s" => Some(1.0),
        "m" | "min" => Some(60.0),
        "h" => Some(3600.0),
        "d" => Some(86_400.0),
        "w" => Some(604_800.0),
        _ => None,
    };
    match (unit, own, seconds) {
        ("share", "", _) if (0.0..=1.0).contains(&value) => Ok(value),
        ("share", "%", _) if (0.0..=100.0).contains(&value) => Ok(value / 100.0),
        ("share", ..) => Err("a share lies between 0 and 1, or 0% and 100%".to_owned()),
        ("h", _, Some(seconds)) => Ok(value * seconds / 3600.0),
        ("s", _, Some(seconds)) => Ok(value * seconds),
        ("h" | "s", ..) => Err("a time needs its unit, one of s, m, h, d, w".to_owned()),
        (_, "", _) => Ok(value),
        _ if own == unit => Ok(value),
        _ => Err(format!("the unit is `{unit}` and not `{own}`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objectives_are_read_in_the_metrics_units() {
        let slo = Slo::parse("acceptance >= 99.5% AND errand_wait_p95 <= 90m and wait_p95<=4h and refused <= 12")
            .expect("read");
        let bounds: Vec<f64> = slo.clauses.iter().map(|clause| clause.bound).collect();
        assert_eq!(bounds, [0.995, 1.5, 14_400.0, 12.0]);
        assert_eq!(slo.clauses[0].side, BoundSide::AtLeast);
        assert_eq!(slo.clauses[1].side, BoundSide::AtMost);
        assert_eq!(
            slo.to_string(),
            "acceptance >= 99.5% and errand_wait_p95 <= 90m and wait_p95 <= 4h and refused <= 12"
        );
        assert_eq!(Slo::parse(&slo.to_string()), Ok(slo));
        assert_eq!(
            Slo::parse("stranded_node_hours <= 5 node-h").expect("read").clauses[0].bound,
            5.0
        );
    }

    #[test]
    fn a_wait_without_a_quantile_meets_no_bound() {
        let slo = Slo::parse("errand_wait_p95 <= 4h and acceptance >= 0.5").expect("read");
        let row = |wait: Option<f64>, failed: f64| {
            let mut row = Columns::naming(&slo.names()).empty_row();
            row[slo.clauses[0].column] = wait;
            row[Metric::ErrandsFailed.at()] = Some(failed);
            slo.is_open(&row)
        };
        assert!(row(None, 3.0));
        assert!(
            !row(Some(2.0), 3.0) && !row(None, 0.0),
            "it has one; there was no errand"
        );
    }

    #[test]
    fn mistakes_are_named_with_their_fix() {
        for (wrong, told) in [
            ("", "neither"),
            ("acceptance > 0.9", "neither"),
            ("acceptance >= 0.9 and", "neither"),
            ("aceptance >= 0.9", "`acceptance`"),
            ("acceptance >= 99", "between 0 and 1"),
            ("errand_wait_p95 <= 4", "needs its unit"),
            ("errand_wait_p95 <= 4 kg", "needs its unit"),
            ("refused <= many", "no number"),
            ("refused <= 3h", "the unit is `count`"),
        ] {
            let why = Slo::parse(wrong).expect_err(wrong);
            assert!(why.contains(told), "{wrong}: {why}");
        }
    }
}
