//! The loop closed: a trace and the profile that was fitted to it, run side by side, and where their metrics differ.
//!
//! The two have nothing in common that could be paired: a profile draws demand of its own in each replication, and a trace
//! has one. So the difference of the means has Welch's interval, and beside it stands how far single runs of the
//! profile lie apart, for the trace is one run of a cloud that might have gone otherwise.

use super::finding::Difference;
use super::gate::independent;
use crate::cells::columns::{Column, Metric};
use crate::cells::selector::Columns;
use crate::cells::table::{CellRow, CellTable, column_of, estimate_of};
use crate::scenario::Scenario;
use crate::stats::estimate::{Estimate, Interval, deviation, t_quantile, tidy};

/// What is compared: acceptance, waits, utilisation, and what they come from.
pub const COMPARED: [Metric; 13] = [
    Metric::Acceptance,
    Metric::ServedWell,
    Metric::Requests,
    Metric::Refused,
    Metric::RefusedClassFull,
    Metric::RefusedOnlyHidden,
    Metric::RefusedNeverFits,
    Metric::WaitP50,
    Metric::WaitP95,
    Metric::UtilisationInstalled,
    Metric::UtilisationSchedulable,
    Metric::OfferedLoad,
    Metric::InMaintenance,
];

/// A metric of trace and profile under a strategy.
#[derive(Clone, Debug)]
pub struct ClosedRow {
    /// The strategy's label.
    pub strategy: String,
    /// The metric.
    pub column: &'static Column,
    /// Of the trace.
    pub trace: Estimate,
    /// Of the profile.
    pub profile: Estimate,
    /// Profile less trace.
    pub difference: Difference,
    /// Where a single run of the profile lies.
    pub single: Interval,
}

impl ClosedRow {
    /// Whether the means were told apart.
    #[must_use]
    pub fn differs(&self) -> bool {
        self.difference.lo > 0.0 || self.difference.hi < 0.0
    }

    /// Whether the trace lies where single runs of the profile lie.
    #[must_use]
    pub fn is_like_a_run(&self) -> bool {
        (self.single.lo..=self.single.hi).contains(&self.trace.mean)
    }

    /// What is to be said, in a word or a few.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match (self.differs(), self.is_like_a_run()) {
            (false, _) => "not told apart",
            (true, true) => "differs, as single runs do",
            (true, false) => "differs",
        }
    }
}

/// A loop that was closed.
#[derive(Clone, Debug)]
pub struct ClosedLoop {
    /// Replications of each.
    pub replications: u32,
    /// The level of the intervals, each by itself.
    pub confidence: f64,
    /// What was cut from the begin of both, as text.
    pub warm_up: String,
    /// What was set in both.
    pub settings: Vec<(String, String)>,
    /// The metrics, strategy by strategy.
    pub rows: Vec<ClosedRow>,
}

/// Compares the two tables of cells, which have the strategies of the two scenarios; those that both have are compared.
#[must_use]
pub fn closed(
    (trace, of_trace): (&Scenario, &CellTable<CellRow>),
    (profile, of_profile): (&Scenario, &CellTable<CellRow>),
) -> Vec<ClosedRow> {
    let confidence = trace.reporting.confidence;
    let columns = Columns::default();
    let mut rows = Vec::new();
    for (at, variant) in trace.variants.iter().enumerate() {
        let Some(other) = profile.variants.iter().position(|it| it.label == variant.label) else {
            continue;
        };
        let (old, new) = (of_trace.rows(0, at), of_profile.rows(0, other));
        for metric in COMPARED {
            let column = metric.at();
            let known =
                |rows: &[&[Option<f64>]]| -> Vec<f64> { column_of(rows, column).into_iter().flatten().collect() };
            let (before, now) = (known(&old), known(&new));
            let estimates = (
                estimate_of(&old, &columns, column, confidence),
                estimate_of(&new, &columns, column, confidence),
            );
            let (Some(trace), Some(profile)) = estimates else {
                continue;
            };
            let Some(difference) = independent(&before, &now, confidence) else {
                continue;
            };
            rows.push(ClosedRow {
                strategy: variant.label.clone(),
                column: metric.column(),
                trace,
                profile,
                difference,
                single: single(&now, profile.mean, confidence),
            });
        }
    }
    rows
}

/// Where one more run lies, by those that there are (the prediction interval of a normal sample).
fn single(values: &[f64], mean: f64, confidence: f64) -> Interval {
    let n = values.len() as f64;
    let half = if values.len() > 1 {
        t_quantile(confidence, values.len() as u32 - 1) * deviation(values) * (1.0 + 1.0 / n).sqrt()
    } else {
        0.0
    };
    Interval {
        lo: tidy(mean - half),
        hi: tidy(mean + half),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cells::columns::COLUMNS;
    use crate::cells::job::CellJob;
    use crate::cells::testing::busy;

    fn table(scenario: &Scenario, acceptance: &[f64]) -> CellTable<CellRow> {
        let mut table = CellTable::default();
        for variant in 0..scenario.variants.len() {
            for (replication, value) in acceptance.iter().enumerate() {
                let mut row = vec![None; COLUMNS.len()];
                row[Metric::Acceptance.at()] = Some(*value);
                table.enter(CellJob::of_one(variant, replication as u32), row);
            }
        }
        table
    }

    #[test]
    fn differences_are_told_with_their_intervals_and_beside_the_spread_of_single_runs() {
        let scenario = busy();
        let wide = table(&scenario, &[0.90, 0.94, 0.92, 0.96]);
        let narrow = table(&scenario, &[0.900, 0.901, 0.902, 0.901]);
        let far = table(&scenario, &[0.5, 0.51, 0.52, 0.51]);
        let rows = closed((&scenario, &narrow), (&scenario, &wide));
        assert_eq!(
            rows.len(),
            scenario.variants.len(),
            "metrics without values are left out"
        );
        assert!((rows[0].difference.mean - 0.029).abs() < 1e-9 && rows[0].is_like_a_run());
        let same = closed((&scenario, &wide), (&scenario, &wide));
        assert_eq!((same[0].difference.mean, same[0].word()), (0.0, "not told apart"));
        let off = closed((&scenario, &far), (&scenario, &narrow));
        assert_eq!((off[0].word(), off[0].is_like_a_run()), ("differs", false));
        assert!(off[0].difference.lo < 0.391 && 0.391 < off[0].difference.hi);
    }
}
