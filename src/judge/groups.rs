//! The metrics that a run tells of parts, by dimension: of each class, tenant, campaign and so on.

use super::results::Results;
use crate::cells::columns::{Column, Dimension};
use crate::stats::compare::Good;
use crate::stats::estimate::Estimate;

/// One metric over the parts of one dimension.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupTable {
    /// The metric.
    pub metric: String,
    /// The dimension: class, tenant.
    pub dimension: String,
    /// The metric's unit.
    pub unit: String,
    /// Its good side.
    pub good: Good,
    /// By part: its place among the columns, and an estimate for each strategy, none where no replication had a value.
    pub rows: Vec<(String, usize, Vec<Option<Estimate>>)>,
}

/// The tables, in the order of the columns; parts of which nothing is known are left out.
#[must_use]
pub fn groups(results: &Results) -> Vec<GroupTable> {
    let mut tables: Vec<((&'static Column, Dimension), GroupTable)> = Vec::new();
    for (place, column) in results.columns.iter().enumerate() {
        let Some((dimension, part)) = column.of else { continue };
        let estimate = |arm: &super::results::Arm| arm.estimates.get(place).copied().flatten();
        let row: Vec<Option<Estimate>> = results.arms.iter().map(estimate).collect();
        if row.iter().all(Option::is_none) {
            continue;
        }
        let key = (column.metric.column(), dimension);
        let at = tables.iter().position(|(known, _)| *known == key).unwrap_or_else(|| {
            let table = GroupTable {
                metric: key.0.name.to_owned(),
                dimension: dimension.word().to_owned(),
                unit: column.unit.to_owned(),
                good: column.good,
                rows: Vec::new(),
            };
            tables.push((key, table));
            tables.len() - 1
        });
        tables[at].1.rows.push((part.to_owned(), place, row));
    }
    tables.into_iter().map(|(_, table)| table).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cells::columns::Metric;
    use crate::cells::selector::Selector;
    use crate::judge::sample::{SampleWish, results};

    #[test]
    fn parts_are_gathered_by_dimension() {
        let mut sample = results(SampleWish {
            arms: 2,
            replications: 2,
            eventful: true,
        });
        let part = |dimension, name: &str| Selector::part(Metric::Requests, dimension, name);
        let asked = [
            part(Dimension::Class, "a.b"),
            part(Dimension::Tenant, "t"),
            part(Dimension::Class, "c"),
            part(Dimension::Class, "nobody"),
        ];
        sample.columns = sample.columns.with(asked);
        let estimate = |mean| {
            Some(Estimate {
                mean,
                lo: mean,
                hi: mean,
                n: 2,
            })
        };
        sample.arms[0]
            .estimates
            .extend([estimate(0.6), estimate(1.0), None, None]);
        sample.arms[1].estimates.extend([None, None, estimate(0.1), None]);
        let tables = groups(&sample);
        let [class, tenant] = &tables[..] else {
            panic!("{tables:?}")
        };
        assert_eq!((class.dimension.as_str(), class.metric.as_str()), ("class", "requests"));
        let means: Vec<_> = class
            .rows
            .iter()
            .map(|(name, _, all)| (name.as_str(), [0, 1].map(|at: usize| all[at].map(|e| e.mean))))
            .collect();
        assert_eq!(means, [("a.b", [Some(0.6), None]), ("c", [None, Some(0.1)])]);
        assert_eq!(tenant.rows.len(), 1);
    }
}
